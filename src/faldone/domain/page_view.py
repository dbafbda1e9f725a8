"""What is read on one page, by columns: enough to find words and show where they stand, without an object a word.

An answer shows ten documents of several pages of hundreds of words, of which a few are marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from faldone.domain.page import Box, PageText


class PageView(Protocol):
    """The words of one page in reading order: ``texts`` and ``line_numbers`` are theirs, one for each word.

    ``width`` and ``height`` are those of :class:`faldone.domain.page.PageText`.
    """

    @property
    def width(self) -> int:
        """Of the turned master image, in pixels."""
        ...

    @property
    def height(self) -> int:
        """Of the turned master image, in pixels."""
        ...

    @property
    def texts(self) -> Sequence[str]:
        """The words as read."""
        ...

    @property
    def line_numbers(self) -> Sequence[int]:
        """The line of each word."""
        ...

    def boxes(self, positions: Iterable[int]) -> list[Box]:
        """The boxes of the words at these 0-based positions."""
        ...


class WholePage:
    """A page that is at hand as a whole, seen by columns."""

    def __init__(self, page: PageText) -> None:
        self._words = page.words
        self.width, self.height = page.width, page.height
        self.texts: Sequence[str] = [word.text for word in page.words]
        self.line_numbers: Sequence[int] = [word.line for word in page.words]

    def boxes(self, positions: Iterable[int]) -> list[Box]:
        """See :meth:`PageView.boxes`."""
        return [self._words[position].box for position in positions]
