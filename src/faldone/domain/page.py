"""What is read on one page: words with boxes, and the stamp of who read them.

Coordinates are pixels of the master image turned by the page's ``rotation`` (a multiple of 90°), origin
top left. Deskewing is undone before boxes are stored, so a box can be drawn on the image a person sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from statistics import fmean


class TextSource(StrEnum):
    """Where a page's words come from."""

    OCR = "ocr"
    TEXT_LAYER = "text-layer"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, origin top left."""

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 0 or self.height < 0:
            raise ValueError(f"a box cannot be negative: {self}")

    @property
    def right(self) -> int:
        """First pixel column right of the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First pixel row below the box."""
        return self.y + self.height

    def union(self, other: Box) -> Box:
        """The smallest box that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)


@dataclass(frozen=True, slots=True)
class Word:
    """One word as read: ``confidence`` is 0.0–1.0; ``line`` counts the lines of the page from 0 in reading order."""

    text: str
    box: Box
    confidence: float
    line: int


@dataclass(frozen=True, slots=True)
class EngineStamp:
    """Which engine read a page: name, version, and the digest of everything that steered it."""

    name: str
    version: str
    settings: str


BY_PERSON = "person"
"""The engine that readings name of which a person said what is on the page."""

TRANSCRIBED = EngineStamp(BY_PERSON, "1", "transcription")
"""The stamp of readings whose words a person typed."""


@dataclass(frozen=True, slots=True)
class PageText:
    """The words of one page in reading order.

    ``width`` and ``height`` are those of the turned master image, in pixels; ``rotation`` is how far the master
    was turned clockwise to stand upright (0, 90, 180 or 270); ``blank`` says that nothing is on the page.
    """

    words: tuple[Word, ...]
    width: int
    height: int
    dpi: int
    rotation: int
    source: TextSource
    engine: EngineStamp
    blank: bool = False
    steps: tuple[str, ...] = ()

    @property
    def transcribed(self) -> bool:
        """Whether a person typed the words: their boxes are an order then, and no place on the page."""
        return self.engine == TRANSCRIBED

    @property
    def text(self) -> str:
        """The page as plain text, a line a line."""
        return "\n".join(" ".join(word.text for word in line) for line in self.lines())

    @property
    def confidence(self) -> float:
        """Mean confidence of the words, weighted by nothing; 0.0 when there is none."""
        return fmean(word.confidence for word in self.words) if self.words else 0.0

    def lines(self) -> Iterator[tuple[Word, ...]]:
        """The words grouped by line, in reading order."""
        for _, words in groupby(self.words, key=lambda word: word.line):
            yield tuple(words)
