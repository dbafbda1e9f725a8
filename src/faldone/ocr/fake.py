"""The engine's twin for tests: canned text, and the failures of the real one on demand. Ships with the package."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from faldone.domain.digest import Digest
from faldone.domain.page import Box, EngineStamp
from faldone.errors import OcrCrashedError, OcrError, OcrOutputError, OcrTimeoutError
from faldone.ocr.engine import ReadWord
from faldone.ocr.image import PreparedPage
from faldone.ocr.options import OcrOptions


@dataclass(slots=True)
class FakeEngine:
    """Reads what it was told a page says, by the digest of the page's master image.

    Attributes:
        texts: what pages say, lines apart by line feeds. A page that is not there reads as ``default``.
        default: the text of unknown pages.
        upright_after: pages (by digest) that are legible only after a clockwise turn by this many degrees.
        failures: errors to raise, one a call, before anything is read: see :meth:`fail_next`.
        confidence: that of every word of an upright page (0.0–1.0).
        pages_a_start: see the port.
        reads: how often :meth:`read` was called, by digest.
    """

    texts: Mapping[Digest, str] = field(default_factory=dict)
    default: str = ""
    upright_after: Mapping[Digest, int] = field(default_factory=dict)
    failures: list[OcrError] = field(default_factory=list)
    confidence: float = 0.95
    pages_a_start: int = 4
    reads: dict[Digest, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def fail_next(self, kind: type[OcrError] = OcrCrashedError, times: int = 1) -> None:
        """Lets the next ``times`` calls fail: OcrCrashedError, OcrTimeoutError or OcrOutputError."""
        words = {
            OcrCrashedError: "Il motore si è interrotto / The engine died",
            OcrTimeoutError: "Il motore ha superato il tempo / The engine took too long",
            OcrOutputError: "L'uscita non si legge / The output cannot be read",
        }
        self.failures.extend(kind(words.get(kind, "Errore / Error")) for _ in range(times))

    def stamp(self, options: OcrOptions) -> EngineStamp:
        """See the port."""
        return EngineStamp("fake", "1", str(options.digest()))

    def read(self, pages: Sequence[PreparedPage], options: OcrOptions) -> tuple[tuple[ReadWord, ...], ...]:
        """See the port."""
        with self._lock:
            for page in pages:
                self.reads[page.master] = self.reads.get(page.master, 0) + 1
            if self.failures:
                raise self.failures.pop(0)
        return tuple(self._words(page) for page in pages)

    def start(self, pages_at_a_time: int, options: OcrOptions) -> None:
        """See the port."""

    def close(self) -> None:
        """See the port."""

    def _words(self, page: PreparedPage) -> tuple[ReadWord, ...]:
        upright = page.rotation == self.upright_after.get(page.master, 0)
        height, width = page.pixels.shape
        lines = [line.split() for line in self.texts.get(page.master, self.default).splitlines() if line.strip()]
        return tuple(
            ReadWord(
                text=word if upright else word[::-1],
                box=_cell(row, len(lines), column, len(words), width, height),
                confidence=self.confidence if upright else 0.2,
                block=0,
                line=row,
            )
            for row, words in enumerate(lines)
            for column, word in enumerate(words)
        )

    def orientation(self, page: PreparedPage, options: OcrOptions) -> int | None:
        """See the port."""
        with self._lock:
            if self.failures:
                raise self.failures.pop(0)
        if not self.texts.get(page.master, self.default).strip():
            return None
        return (self.upright_after.get(page.master, 0) - page.rotation) % 360


def _cell(row: int, rows: int, column: int, columns: int, width: int, height: int) -> Box:
    """The place of a word on an even grid: lines do not touch, and words do not overlap."""
    x, y = width * column // columns, height * row // rows
    return Box(x, y, max(1, width // columns * 9 // 10), max(1, height // rows // 2))
