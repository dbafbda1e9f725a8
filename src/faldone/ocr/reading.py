"""What the engine read on one prepared page, and whether it is to be believed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from faldone.ocr.engine import ReadWord
from faldone.ocr.image import PreparedPage
from faldone.ocr.options import OcrOptions
from faldone.ocr.prepare import PageStatistics

_SURE_LETTERS_SHARE = 0.25
"""A reading with fewer sure letters than this share of the page's letter-like components is poor, whatever its mean
confidence: on a sideways page the engine may find one word and be sure of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A prepared page, the statistics of the upright page it was made from, and its words, boxes on the former."""

    page: PreparedPage
    found: PageStatistics
    words: tuple[ReadWord, ...]

    @property
    def confidence(self) -> float:
        """What the engine says of a word on the whole (0–1); 0 without words."""
        return fmean(word.confidence for word in self.words) if self.words else 0.0

    def sure_characters(self, options: OcrOptions) -> int:
        """How many characters the words have that are surely read."""
        return sum(len(word.text) for word in self.words if word.confidence >= options.sure_confidence)

    def is_noise(self, options: OcrOptions) -> bool:
        """Whether next to nothing of it is print."""
        return self.confidence < options.blank_confidence or self.sure_characters(options) < options.min_characters

    def is_poor(self, letters: int, options: OcrOptions) -> bool:
        """Whether it is so bad for a page with so many letters that the page may lie otherwise than was thought."""
        return (
            self.confidence < options.retry_confidence or self.sure_characters(options) < _SURE_LETTERS_SHARE * letters
        )
