"""The text that a born-digital PDF page carries, when it can be trusted to be all that a person sees.

A text layer lies in many ways: fonts without a Unicode table give ``(cid:12)`` or private-use glyphs, obfuscated
fonts give letters of another alphabet, a scanner's own recognition is laid invisibly over the picture, and what was
typed into a form field or stamped by the protocol office is no part of it. In each of these cases the page is
read from its image like any other.
"""

from __future__ import annotations

import logging
import math
import struct
import unicodedata
import zlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import PdfminerException

from faldone.domain.digest import Digest
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.ocr import pdf, quality
from faldone.ocr.engine import ReadWord
from faldone.ocr.rows import in_rows
from faldone.pdfium import LOCK

log = logging.getLogger(__name__)

DPI = 300
"""Boxes are given in pixels of the page rendered at this resolution (see ``ocr.source``)."""

_MIN_LETTERS = 25
_MAX_IMAGE_COVER = 0.35
"""A page with more of it under pictures may hold text that is in no layer: a pasted scan, a letterhead as image."""

_MAX_BAD_GLYPHS = 0.01
_MIN_PLAUSIBLE = 0.60
_MIN_FUNCTION_WORDS = 0.12

_RECIPE = "text layer 1: flow order, rows, x tolerance 0.15 em"

_LIGATURES = {ord(character): unicodedata.normalize("NFKC", character) for character in "ﬀﬁﬂﬃﬄﬅﬆ"} | {
    0xAD: "-",
    0xA0: " ",
}

_PARSER_ERRORS = (
    PdfminerException, PDFException, PSException, ValueError, TypeError, LookupError, AttributeError, AssertionError,
    ArithmeticError, RecursionError, NotImplementedError, struct.error, zlib.error,
)  # fmt: skip
"""What pdfminer raises on PDFs that pdfium opens."""


def read(path: Path, index: int, found: pdf.Contents | None = None, passwords: Sequence[str] = ()) -> PageText | None:
    """The words of the page at the 0-based ``index``, or ``None`` when the page must be read from its image.

    Args:
        path: a PDF.
        index: of the page.
        found: what is on the page, if it is known; it spares scanned pages the price of pdfminer.
        passwords: tried in turn when the PDF wants one.

    Raises:
        UnreadableFileError: there is no such page or it is damaged.
        EncryptedFileError: the PDF wants a password, and none of these.
    """
    if found is None:
        with pdf.opened(path, passwords) as document, LOCK, pdf.page_of(document, index) as page:
            found = pdf.contents(page)
    if not worth_reading(found):
        return None
    for password in (None, *passwords):
        try:
            with pdfplumber.open(path, pages=[index + 1], password=password) as plumbed:
                return _page_text(plumbed.pages[0])
        except _PARSER_ERRORS as error:
            if not (error.args and isinstance(error.args[0], PDFPasswordIncorrect)):
                log.info("text layer of page %d given up, it is read from its image: %s", index, type(error).__name__)
                return None
    return None


def worth_reading(found: pdf.Contents) -> bool:
    """Whether a page's text was written by a program, and is not what a scanner's own recognition hid behind it."""
    return (
        found.visible_texts > 0
        and found.hidden_texts == 0
        and found.image_cover <= _MAX_IMAGE_COVER
        and found.marks == 0
    )


def is_honest(words: Sequence[str]) -> bool:
    """Whether ``words`` are what a person would read: enough letters, real glyphs, and Italian. Pure."""
    text = " ".join(words)
    letters = sum(character.isalpha() for character in text)
    if letters < _MIN_LETTERS:
        return False
    bad = 5 * text.count("(cid:") + sum(
        character == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(character) in ("Co", "Cn", "Cc")
        for character in text
    )
    if bad > _MAX_BAD_GLYPHS * len(text):
        return False
    return quality.plausible_share(text) >= _MIN_PLAUSIBLE or quality.function_word_share(text) >= _MIN_FUNCTION_WORDS


def _page_text(page: Any) -> PageText | None:
    left, top, right, bottom = _visible(page)
    if page.rotation and page.cropbox != page.mediabox:  # pdfplumber turns the two boxes differently
        return None
    scale = DPI / pdf.POINTS_PER_INCH
    width, height = math.ceil((right - left) * scale), math.ceil((bottom - top) * scale)
    words: list[ReadWord] = []
    before: dict[str, Any] | None = None
    line = block = 0
    for found in page.dedupe_chars().extract_words(use_text_flow=True, x_tolerance_ratio=0.15):
        text = str(found["text"]).translate(_LIGATURES).strip()
        centre = ((found["x0"] + found["x1"]) / 2, (found["top"] + found["bottom"]) / 2)
        if not text or not (left <= centre[0] <= right and top <= centre[1] <= bottom):
            continue
        if before is not None and not _continues(before, found):
            line += 1
            block += not _is_next_line(before, found)
        before = found
        x0, y0 = max(0, round((found["x0"] - left) * scale)), max(0, round((found["top"] - top) * scale))
        x1, y1 = min(width, round((found["x1"] - left) * scale)), min(height, round((found["bottom"] - top) * scale))
        words.append(ReadWord(text, Box(x0, y0, max(0, x1 - x0), max(0, y1 - y0)), 1.0, block, line))
    if not is_honest([word.text for word in words]):
        return None
    return PageText(
        words=tuple(Word(word.text, word.box, word.confidence, word.line) for word in in_rows(words)),
        width=width,
        height=height,
        dpi=DPI,
        rotation=0,
        source=TextSource.TEXT_LAYER,
        engine=stamp(),
    )


def stamp() -> EngineStamp:
    """Who reads text layers."""
    return EngineStamp("pdfplumber", version("pdfplumber"), str(Digest.of(_RECIPE.encode())))


def _visible(page: Any) -> tuple[float, float, float, float]:
    """The part of the page that is shown: crop box within media box, as pdfium has it."""
    crop, media = page.cropbox, page.mediabox
    return max(crop[0], media[0]), max(crop[1], media[1]), min(crop[2], media[2]), min(crop[3], media[3])


def _continues(before: dict[str, Any], word: dict[str, Any]) -> bool:
    overlap = min(before["bottom"], word["bottom"]) - max(before["top"], word["top"])
    lower = min(before["bottom"] - before["top"], word["bottom"] - word["top"])
    return bool(overlap > 0.5 * lower and word["x0"] >= before["x1"] - 0.5 * lower)


def _is_next_line(before: dict[str, Any], word: dict[str, Any]) -> bool:
    height = before["bottom"] - before["top"]
    return bool(0 < word["top"] - before["top"] < 3 * height)
