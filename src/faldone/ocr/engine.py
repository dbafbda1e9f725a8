"""Port: an engine that reads the words of a prepared page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from faldone.domain.page import Box, EngineStamp
from faldone.ocr.image import PreparedPage
from faldone.ocr.options import OcrOptions


@dataclass(frozen=True, slots=True)
class ReadWord:
    """One word as the engine gives it: ``box`` in pixels of the prepared page, ``confidence`` 0.0–1.0.

    ``block`` and ``line`` count the engine's own blocks and lines of the page from 0, in its reading order.
    """

    text: str
    box: Box
    confidence: float
    block: int
    line: int


class OcrEngine(Protocol):
    """Reads prepared pages.

    The contract, which ``tests/contract/test_ocr_engine.py`` holds every engine to:

    - it is called from worker threads, several at once on one engine, and uses **one** thread for a page:
      how many pages are read at a time is the caller's decision;
    - it ends within ``options.timeout_s`` a page (and a breath) and leaves no process, zombie or file behind;
    - a failure is an error, never an empty result: an empty result means that the engine saw no word;
    - it does not log or keep what it reads.

    Attributes:
        pages_a_start: how many pages are worth waiting for, to be read together; 1 where each costs the same alone.
    """

    @property
    def pages_a_start(self) -> int:
        """See the class."""
        ...

    def stamp(self, options: OcrOptions) -> EngineStamp:
        """Who would read with these options; equal stamps on equal pixels give equal words.

        Raises:
            DependencyError: the engine or the language is not installed.
        """
        ...

    def read(self, pages: Sequence[PreparedPage], options: OcrOptions) -> tuple[tuple[ReadWord, ...], ...]:
        """The words of each page in the engine's reading order, from one run over all of them.

        One start of the engine serves several pages. When one of them is at fault, all fail: whoever asked reads
        them one by one.

        Raises:
            OcrTimeoutError: the pages took longer than ``options.timeout_s`` each; the engine was killed.
            OcrCrashedError: the engine died on a signal or ended with an error.
            OcrOutputError: the engine ended well but what it wrote cannot be read.
            DependencyError: the engine or the language is not installed.
        """
        ...

    def orientation(self, page: PreparedPage, options: OcrOptions) -> int | None:
        """How many degrees clockwise ``page`` must be turned to stand upright; ``None`` when the engine cannot tell.

        Raises:
            OcrTimeoutError: as for :meth:`read`.
            OcrCrashedError: as for :meth:`read`.
            DependencyError: the engine or its orientation data are not installed.
        """
        ...

    def start(self, pages_at_a_time: int, options: OcrOptions) -> None:
        """Starts what it keeps running to read so many pages at a time, and does not wait for it.

        What goes wrong is told by the first page that is read.
        """
        ...

    def close(self) -> None:
        """Ends what the engine keeps running. A page in hand is read to its end."""
        ...
