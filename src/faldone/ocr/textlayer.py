"""The text that a born-digital PDF page carries, when it can be trusted to be all that a person sees.

A text layer lies in many ways: fonts without a Unicode table give ``(cid:12)`` or private-use glyphs, obfuscated
fonts give letters of another alphabet, a scanner's own recognition is laid invisibly over the picture, words stand
white on white or under a picture, and what was typed into a form field, stamped by the protocol office, drawn as
curves or pasted as a scan is no part of it. In each of these cases the page is read from its image like any other, so
that a page of text and picture loses the words of neither; :class:`LayerDoubt` says why.

pdfium reads the layer; pdfplumber, fifty times slower, is asked where pdfium leaves doubt: characters without a map
to letters, and texts to be read in place of others. The page is looked at as it is drawn in both cases.
"""

from __future__ import annotations

import io
import logging
import math
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
import pypdfium2
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import PdfminerException

from faldone.domain.digest import Digest
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.errors import UnreadableFileError
from faldone.ocr import pdf, quality, sight, tables
from faldone.ocr.engine import ReadWord
from faldone.ocr.fasttext import FastText, LayerWord, fast_text, overlapping, seen
from faldone.ocr.image import Gray
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

_MIN_LETTERS_TO_COUNT = 150
_MIN_ALIKE = 0.90
"""Cosine of the page's letters with those of Italian. Of 190 made-up pages none is below 0.95; when vowels are swapped
for vowels and consonants for consonants, which keeps the shape of words, 95 of 100 are below 0.894."""

_ITALIAN = dict(
    zip(
        "eaionlrtscdupmvghfbqz",
        (11.8, 11.7, 11.3, 9.8, 6.9, 6.5, 6.4, 5.6, 5.0, 4.5, 3.7, 3.0, 3.1, 2.5, 2.1, 1.6, 1.5, 1.0, 0.9, 0.5, 0.5),
        strict=True,
    )
)
"""Letters per hundred of Italian prose."""

_MAX_SLOPING = 0.25
"""A protocol up the margin or a word across the page is less; a page scanned or printed sideways is all."""

_MAX_LOOSE_LETTERS = 20
"""Letters that are drawn and in no layer: ticks, devices and signatures of 202 made-up pages count for 18 at most."""

_MAX_PICTURE_LETTERS = 10
"""A device or a photograph has a few; a pasted stamp with a date has more."""

_MAX_CHARACTERS = 60_000
_MAX_OBJECTS = 60_000
"""A page of the smallest print has 20 000 characters. What has more is no page to read, and pdfplumber would take
minutes and gigabytes over it."""

_MAX_SINGLE_PAGE_BYTES = 50_000_000
_MAX_SIDE_POINTS = 3400
"""A little more than A0, for which the small drawing has 8 megapixels."""

_RECIPE = "text layer 2: flow order, ruled tables by cells, rows, gap 0.15 em, seen at 72 dpi"

_LIGATURES = {ord(character): unicodedata.normalize("NFKC", character) for character in "ﬀﬁﬂﬃﬄﬅﬆ"} | {
    0xAD: "-",
    0xA0: " ",
}

_PARSER_ERRORS = (
    PdfminerException, PDFException, PSException, ValueError, TypeError, LookupError, AttributeError, AssertionError,
    ArithmeticError, RecursionError, NotImplementedError, MemoryError, struct.error, zlib.error,
)  # fmt: skip
"""What pdfminer raises on PDFs that pdfium opens."""


class LayerDoubt(StrEnum):
    """Why a page is read from its image and not from its text layer; the first that was found."""

    NO_TEXT = "no-text"
    HIDDEN_TEXT = "hidden-text"
    PICTURES = "pictures"
    MARKS = "marks"
    TOO_LARGE = "too-large"
    UNPARSABLE = "unparsable"
    TOO_LITTLE = "too-little"
    BAD_GLYPHS = "bad-glyphs"
    NOT_ITALIAN = "not-italian"
    WORDS_ON_PICTURE = "words-on-picture"
    OVERLAPPING = "overlapping"
    SLOPING = "sloping"
    UNSEEN_WORDS = "unseen-words"
    LOOSE_LETTERS = "loose-letters"


SENTENCES: dict[LayerDoubt, tuple[str, str]] = {
    LayerDoubt.NO_TEXT: ("La pagina non ha testo proprio", "The page has no text of its own"),
    LayerDoubt.HIDDEN_TEXT: (
        "Il testo è invisibile: il riconoscimento di uno scanner",
        "The text is invisible: a scanner's own recognition",
    ),
    LayerDoubt.PICTURES: ("Le immagini coprono gran parte della pagina", "Pictures cover much of the page"),
    LayerDoubt.MARKS: (
        "Ci sono timbri, note o campi compilati che il testo non contiene",
        "There are stamps, notes or filled fields that are not in the text",
    ),
    LayerDoubt.TOO_LARGE: (
        "La pagina è fuori misura o ha troppi oggetti",
        "The page is oversized or has too many objects",
    ),
    LayerDoubt.UNPARSABLE: ("Il testo della pagina non si lascia leggere", "The page's text cannot be parsed"),
    LayerDoubt.TOO_LITTLE: ("Il testo è troppo poco per fidarsene", "There is too little text to trust it"),
    LayerDoubt.BAD_GLYPHS: ("I caratteri non corrispondono a lettere", "The characters do not map to letters"),
    LayerDoubt.NOT_ITALIAN: ("Le parole non sono italiano", "The words are not Italian"),
    LayerDoubt.WORDS_ON_PICTURE: ("Ci sono parole sopra o sotto un'immagine", "Words lie over or under a picture"),
    LayerDoubt.OVERLAPPING: ("Ci sono parole una sopra l'altra", "Words lie over each other"),
    LayerDoubt.SLOPING: ("Il testo corre di traverso", "The text does not run across the page"),
    LayerDoubt.UNSEEN_WORDS: ("Il testo contiene parole che non si vedono", "The text has words that nobody sees"),
    LayerDoubt.LOOSE_LETTERS: (
        "Sulla pagina si vedono scritte che il testo non contiene",
        "The page shows print that is not in the text",
    ),
}
"""What a person is told, in Italian and in English."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The words of an honest text layer, or the doubt for which there are none."""

    text: PageText | None
    doubt: LayerDoubt | None


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What pdfium says of a page: words and rules in points from the corner as shown, and the page drawn small."""

    fast: FastText
    width: float
    height: float
    pictures: tuple[pdf.Bounds, ...]
    rules: tuple[tables.Line, ...]
    drawing: Gray
    alone: bytes | None


def read(path: Path, index: int, passwords: Sequence[str] = ()) -> PageText | None:
    """The words of the page at the 0-based ``index``, or ``None`` when the page must be read from its image.

    Args:
        path: a PDF.
        index: of the page.
        passwords: tried in turn when the PDF wants one.

    Raises:
        UnreadableFileError: there is no such page or it is damaged.
        EncryptedFileError: the PDF wants a password, and none of these.
    """
    with pdf.opened(path, passwords) as document:
        return layer(document, index).text


def layer(document: Any, index: int) -> Layer:
    """The text layer of a page of an open document, or why there is none to trust.

    Raises:
        UnreadableFileError: there is no such page or it is damaged.
    """
    with LOCK, pdf.page_of(document, index) as page:
        look = _look(document, index, page)
    found = look if isinstance(look, LayerDoubt) else _believed(look)
    if isinstance(found, LayerDoubt):
        log.debug("text layer of page %d not trusted, it is read from its image: %s", index, found)
        return Layer(None, found)
    return Layer(found, None)


def second_reading(document: Any, index: int) -> PageText | None:
    """The page as pdfplumber reads it, in the same form and judged by nobody: what :func:`layer` is measured against.

    Raises:
        UnreadableFileError: there is no such page or it is damaged.
    """
    with LOCK, pdf.page_of(document, index) as page:
        look = _look(document, index, page)
        alone = pdf.single_page(document, index)
    words = None if isinstance(look, LayerDoubt) else _plumbed(alone)
    if words is None or isinstance(look, LayerDoubt):
        return None
    return _page_text(_shown(words, look.width, look.height), look, stamp("pdfplumber"))


def why_not(found: pdf.Contents) -> LayerDoubt | None:
    """Why a page cannot have been written by a program alone, from what stands on it; ``None`` when it can. Pure."""
    if found.visible_texts == 0:
        return LayerDoubt.HIDDEN_TEXT if found.hidden_texts else LayerDoubt.NO_TEXT
    if found.hidden_texts:
        return LayerDoubt.HIDDEN_TEXT
    if found.image_cover > _MAX_IMAGE_COVER:
        return LayerDoubt.PICTURES
    return LayerDoubt.MARKS if found.marks else None


def worth_reading(found: pdf.Contents) -> bool:
    """Whether a page's text was written by a program, and is not what a scanner's own recognition hid behind it."""
    return why_not(found) is None


def dishonesty(words: Sequence[str]) -> LayerDoubt | None:
    """Why ``words`` are not what a person would read: too few letters, no real glyphs, no Italian. Pure."""
    text = " ".join(words)
    count = Counter(text)
    if sum(number for character, number in count.items() if character.isalpha()) < _MIN_LETTERS:
        return LayerDoubt.TOO_LITTLE
    bad = 5 * text.count("(cid:") + sum(
        number
        for character, number in count.items()
        if character == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(character) in ("Co", "Cn", "Cc")
    )
    if bad > _MAX_BAD_GLYPHS * len(text):
        return LayerDoubt.BAD_GLYPHS
    speaks = quality.function_word_share(text) >= _MIN_FUNCTION_WORDS or quality.plausible_share(text) >= _MIN_PLAUSIBLE
    return None if speaks and letters_alike(words) >= _MIN_ALIKE else LayerDoubt.NOT_ITALIAN


def letters_alike(words: Sequence[str]) -> float:
    """How far letters are as frequent as in Italian, 0.0–1.0; 1.0 when there are too few to tell. Pure.

    A font whose map swaps letters for others may well give words of Italian shape, but an «e» is rarely a «z». Each
    word counts once: a name that stands in every row of a list says nothing of the language.
    """
    count: Counter[str] = Counter()
    for character, number in Counter("".join({word.lower() for word in words})).items():
        if character.isalpha():
            count[unicodedata.normalize("NFD", character)[0]] += number
    if count.total() < _MIN_LETTERS_TO_COUNT:
        return 1.0
    dot = sum(share * count[letter] for letter, share in _ITALIAN.items())
    return dot / math.hypot(*_ITALIAN.values()) / math.hypot(*count.values())


@cache  # a package's metadata is a file that is parsed, 2 ms
def stamp(reader: str = "pypdfium2") -> EngineStamp:
    """Who read a text layer: ``pypdfium2``, or ``pdfplumber`` where that left doubt."""
    return EngineStamp(reader, version(reader), str(Digest.of(_RECIPE.encode())))


# --- pdfium ------------------------------------------------------------------------------------------------------


def _look(document: Any, index: int, page: Any) -> _Look | LayerDoubt:
    """The caller holds the lock."""
    found = pdf.contents(page)
    doubt = why_not(found)
    if doubt is not None:
        return doubt
    width, height = page.get_size()
    bbox, rotation = page.get_bbox(), page.get_rotation()
    sides = (bbox[2] - bbox[0], bbox[3] - bbox[1])
    if max(width, height) > _MAX_SIDE_POINTS or found.visible_texts + found.drawings > _MAX_OBJECTS:
        return LayerDoubt.TOO_LARGE
    if any(
        abs(have - want) > 1 for have, want in zip((width, height), sides[:: -1 if rotation % 180 else 1], strict=True)
    ):
        return LayerDoubt.TOO_LARGE  # a page in units of its own
    try:
        fast = fast_text(page, _MAX_CHARACTERS)
        alone = None
        if fast is not None and (fast.unmapped or found.respoken):
            alone = pdf.single_page(document, index)
    except (pypdfium2.PdfiumError, UnreadableFileError):
        return LayerDoubt.UNPARSABLE
    if fast is None or len(alone or b"") > _MAX_SINGLE_PAGE_BYTES:
        return LayerDoubt.TOO_LARGE
    bitmap = page.render(scale=sight.LOOK_DPI / pdf.POINTS_PER_INCH, grayscale=True)
    try:
        drawing = np.array(bitmap.to_numpy(), dtype=np.uint8)
    finally:
        bitmap.close()
    return _Look(
        fast=fast,
        width=width,
        height=height,
        pictures=_seen(found.pictures, bbox, rotation),
        rules=_seen(pdf.rulings(page), bbox, rotation) if found.drawings else (),
        drawing=drawing,
        alone=alone,
    )


def _seen(bounds: Sequence[pdf.Bounds], bbox: pdf.Bounds, rotation: int) -> tuple[pdf.Bounds, ...]:
    if not bounds:
        return ()
    return tuple((x0, top, x1, bottom) for x0, top, x1, bottom in seen(np.array(bounds), bbox, rotation).tolist())


# --- what is seen ------------------------------------------------------------------------------------------------


def _believed(look: _Look) -> PageText | LayerDoubt:
    if look.alone is None:
        reader, written = "pypdfium2", look.fast.words
    else:
        second = _plumbed(look.alone)
        if second is None:
            return LayerDoubt.UNPARSABLE
        reader, written = "pdfplumber", second
    words = _shown(written, look.width, look.height)
    doubt = dishonesty([word.text for word in words]) or _unlike_the_drawing(words, look)
    return _page_text(words, look, stamp(reader)) if doubt is None else doubt


def _shown(written: Sequence[LayerWord], width: float, height: float) -> tuple[LayerWord, ...]:
    """The words whose middle is on the page, spelled in letters."""
    words = []
    for word in written:
        text = word.text.translate(_LIGATURES).strip()
        x, y = word.centre
        if text and 0 <= x <= width and 0 <= y <= height:
            words.append(word if text == word.text else replace(word, text=text))
    return tuple(words)


def _unlike_the_drawing(words: Sequence[LayerWord], look: _Look) -> LayerDoubt | None:
    boxes = np.array([(word.x0, word.top, word.x1, word.bottom) for word in words])
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    for x0, top, x1, bottom in look.pictures:
        if ((x0 < x) & (x < x1) & (top < y) & (y < bottom)).any():
            return LayerDoubt.WORDS_ON_PICTURE
    if overlapping(words):
        return LayerDoubt.OVERLAPPING
    if sum(not word.level for word in words) > _MAX_SLOPING * len(words):
        return LayerDoubt.SLOPING
    scale = sight.LOOK_DPI / pdf.POINTS_PER_INCH
    boxes *= scale
    covers = np.concatenate((boxes, scale * np.array(look.rules))) if look.rules else boxes
    telling = np.array([any(map(str.isalnum, word.text)) for word in words])
    dark = sight.strokes(look.drawing)
    if sight.unseen(look.drawing, dark, boxes[telling]):
        return LayerDoubt.UNSEEN_WORDS
    if sight.loose_letters(dark, covers) > _MAX_LOOSE_LETTERS:
        return LayerDoubt.LOOSE_LETTERS
    for x0, top, x1, bottom in look.pictures:
        picture = (scale * x0, scale * top, scale * x1, scale * bottom)
        if sight.letters_in_picture(look.drawing, picture) > _MAX_PICTURE_LETTERS:
            return LayerDoubt.LOOSE_LETTERS
    return None


def _page_text(found: Sequence[LayerWord], look: _Look, engine: EngineStamp) -> PageText:
    scale = DPI / pdf.POINTS_PER_INCH
    width, height = math.ceil(look.width * scale), math.ceil(look.height * scale)
    words: list[ReadWord] = []
    before: LayerWord | None = None
    line = block = 0
    for word in found:
        if before is not None and not _continues(before, word):
            line += 1
            block += not _is_next_line(before, word)
        before = word
        x0, y0 = max(0, round(word.x0 * scale)), max(0, round(word.top * scale))
        x1, y1 = min(width, round(word.x1 * scale)), min(height, round(word.bottom * scale))
        words.append(ReadWord(word.text, Box(x0, y0, max(0, x1 - x0), max(0, y1 - y0)), 1.0, block, line))
    level = [word for word, written in zip(words, found, strict=True) if written.level]
    sloping = [word for word, written in zip(words, found, strict=True) if not written.level]
    rules = [(x0 * scale, top * scale, x1 * scale, bottom * scale) for x0, top, x1, bottom in look.rules]
    ordered = in_rows(tables.in_cells(level, tables.tables(rules, level)))
    last = ordered[-1].line + 1 if ordered else 0  # what runs up the margin or across the page is read after it
    return PageText(
        words=(
            *(Word(word.text, word.box, word.confidence, word.line) for word in ordered),
            *(Word(word.text, word.box, word.confidence, last + word.line) for word in sloping),
        ),
        width=width,
        height=height,
        dpi=DPI,
        rotation=0,
        source=TextSource.TEXT_LAYER,
        engine=engine,
    )


def _continues(before: LayerWord, word: LayerWord) -> bool:
    if not (before.level and word.level):
        return before.level == word.level and _touches(before, word)
    overlap = min(before.bottom, word.bottom) - max(before.top, word.top)
    lower = min(before.height, word.height)
    return overlap > 0.5 * lower and word.x0 >= before.x1 - 0.5 * lower


def _touches(before: LayerWord, word: LayerWord) -> bool:
    """Whether two sloping words lie as near each other as words of one line."""
    reach = 0.5 * min(before.height, before.x1 - before.x0)
    return (
        max(before.x0, word.x0) - min(before.x1, word.x1) < reach
        and max(before.top, word.top) - min(before.bottom, word.bottom) < reach
    )


def _is_next_line(before: LayerWord, word: LayerWord) -> bool:
    return 0 < word.top - before.top < 3 * before.height


# --- pdfplumber --------------------------------------------------------------------------------------------------


def _plumbed(data: bytes) -> tuple[LayerWord, ...] | None:
    """The words of a PDF of one page as pdfplumber reads them; ``None`` when it cannot."""
    try:
        with pdfplumber.open(io.BytesIO(data)) as plumbed:
            return _plumbed_words(plumbed.pages[0])
    except _PARSER_ERRORS:
        return None


def _plumbed_words(page: Any) -> tuple[LayerWord, ...] | None:
    if page.rotation and page.cropbox != page.mediabox:  # pdfplumber turns the two boxes differently
        return None
    crop, media = page.cropbox, page.mediabox  # what is shown is crop box within media box, as pdfium has it
    left, top = max(crop[0], media[0]), max(crop[1], media[1])
    return tuple(
        LayerWord(
            str(found["text"]),
            found["x0"] - left,
            found["top"] - top,
            found["x1"] - left,
            found["bottom"] - top,
            bool(found["upright"]),
        )
        for found in page.dedupe_chars().extract_words(use_text_flow=True, x_tolerance_ratio=0.15)
    )
