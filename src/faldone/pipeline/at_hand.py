"""Pages that were just looked at, at hand for whoever reads them next in this process.

Reading needs the same pixels, and what the look found in them: a twentieth of the work on a page, which is not done
twice. It is a matter of speed alone: a page that is not at hand is decoded and looked at again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faldone.domain.ids import PageId

if TYPE_CHECKING:  # a search has these ports too, and does not wait for the imports of the OCR
    from faldone.ocr.image import PageImage
    from faldone.ocr.prepare import PageStatistics

_MOST_BYTES = 64 * 1024 * 1024
"""Six A4 pages at 300 dpi, a look at each included."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A page's image in full, and what a look at it found."""

    image: PageImage
    found: PageStatistics

    @property
    def size(self) -> int:
        """In bytes."""
        return self.image.pixels.nbytes + self.found.look.nbytes + self.found.boxes.nbytes


class AtHand:
    """The pages looked at last, each until it is taken. For all threads.

    Args:
        most_bytes: with more the oldest go, or the page itself when it alone is larger.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._pages: dict[PageId, Seen] = {}
        self._bytes = 0
        self._guard = threading.Lock()

    def lay(self, page: PageId, seen: Seen) -> None:
        """Lays a page ready."""
        with self._guard:
            self._drop(page)
            self._pages[page] = seen
            self._bytes += seen.size
            while self._bytes > self._most_bytes:
                self._drop(next(iter(self._pages)))

    def take(self, page: PageId) -> Seen | None:
        """A page that is at hand, which it then is no more: it is read once."""
        with self._guard:
            return self._drop(page)

    def _drop(self, page: PageId) -> Seen | None:
        seen = self._pages.pop(page, None)
        if seen is not None:
            self._bytes -= seen.size
        return seen
