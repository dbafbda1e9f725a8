"""What steers recognition."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from faldone.domain.digest import Digest

RECIPE = 8
"""Counts the changes of preparation and ordering that change results: a new number makes cached readings stale."""


_PSM, _OTHER_PSM = 3, 6


@dataclass(frozen=True, slots=True)
class OcrOptions:
    """The settings of one recognition.

    Attributes:
        language: tesseract's language, or several joined by ``+``.
        psm: tesseract's page segmentation mode. 3 (automatic) with our own rows reads forms as well as 4 and 6 do, and
            is the only one that does not mix the columns of prose.
        timeout_s: seconds after which the engine is killed on a page. It cannot change a result, only prevent one.
        retry_confidence: below this mean confidence (0–1) the orientation is asked for and the page read again.
        blank_confidence: below this mean confidence (0–1) after the retry, what was read is noise: the page is unread,
            or blank when no mark is on it.
        sure_confidence: confidence (0–1) from which a word counts as surely read.
        min_characters: fewer characters than this in surely read words, and the page is unread, or blank likewise.
    """

    language: str = "ita"
    psm: int = _PSM
    timeout_s: float = 120.0
    retry_confidence: float = 0.70
    blank_confidence: float = 0.50
    sure_confidence: float = 0.60
    min_characters: int = 12

    def otherwise(self) -> OcrOptions:
        """Other settings, for a page that failed with these or was read badly: one block of text, no layout."""
        return dataclasses.replace(self, psm=_PSM if self.psm == _OTHER_PSM else _OTHER_PSM)

    def digest(self) -> Digest:
        """The digest of all that can change a result, the recipe's number included."""
        settings = dataclasses.asdict(self) | {"recipe": RECIPE}
        del settings["timeout_s"]
        return Digest.of(json.dumps(settings, sort_keys=True, separators=(",", ":")).encode())
