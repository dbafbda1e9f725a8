"""Pages, read once: look, prepare, read; and again only where the first reading says that it must be.

An ordinary page costs one run of the engine, whichever way up it was scanned: letters tell by their feet how it lies.
Only a page that does not tell, or whose reading is poor, is asked by the engine. What is doubtful on the others (a
codice fiscale that is none, a form's line that was dropped) is cut out and read once more, all strips of a few pages in
one run.

Blank is what is seen to be: nothing but dirt, however it reads. A page with marks that reads as nothing is unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import cv2
import numpy as np

from faldone.domain.page import Box, PageText, TextSource, Word
from faldone.ocr.codes import DoubtfulCode, doubtful_codes, settled, with_code
from faldone.ocr.confidence import calibrated
from faldone.ocr.debris import without_debris
from faldone.ocr.engine import OcrEngine, ReadWord
from faldone.ocr.image import Affine, PageImage, PreparedPage
from faldone.ocr.marks import has_marks
from faldone.ocr.options import OcrOptions
from faldone.ocr.prepare import PageStatistics, is_filled_in, prepare, resized, statistics, turn
from faldone.ocr.rows import in_rows
from faldone.ocr.uncovered import uncovered_strips

_SURE_LETTERS_SHARE = 0.25
"""A reading with fewer sure letters than this share of the page's letter-like components is poor, whatever its mean
confidence: on a sideways page the engine may find one word and be sure of it."""

_LINE_PSM = 7
"""Tesseract's mode for one line of text."""

_COARSE_DPI, _ENLARGED = 200, 1.5
"""Strips of scans up to this resolution are read enlarged."""

_CODE_SCALES = ((1.5, 1.0), (2.0, 1.5))
"""How much strips with a codice fiscale are enlarged, for two readings each; the latter for coarse scans."""

_CODE_READINGS = 3

_FEET = 0.16
"""Share of a word's height that a third reading cuts off below: dots of a leader that touch the capitals."""

_CODE_CONFIDENCE, _FORCED_CODE_CONFIDENCE = 0.97, 0.8
"""That of a code whose check character agrees: as read, or after its form alone put it right."""

_STRIP_CONFIDENCE, _STRIP_WORD_CONFIDENCE, _STRIP_CHARACTERS = 0.72, 0.45, 6
"""A strip is kept when its letters are this sure on the whole and it has so many; single words less sure go."""


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    page: PreparedPage
    found: PageStatistics
    words: tuple[ReadWord, ...]

    @property
    def confidence(self) -> float:
        return fmean(word.confidence for word in self.words) if self.words else 0.0

    def sure_characters(self, options: OcrOptions) -> int:
        return sum(len(word.text) for word in self.words if word.confidence >= options.sure_confidence)


def recognise(images: Sequence[PageImage], engine: OcrEngine, options: OcrOptions) -> tuple[PageText, ...]:
    """Reads pages, the ordinary ones in one run of the engine over all of them.

    Returns:
        For each page its words in reading order, boxes in pixels of the turned master image. A page with nothing on
        it but dirt and the other side showing through is ``blank``. A page with marks of which next to nothing can
        be read as print (handwriting, a stamp, a photograph, a page number) is not blank: it comes back with the few
        words that are sure, or none, and the step ``unread``.

    Raises:
        OcrError: the engine failed on one of them; see :class:`~faldone.ocr.engine.OcrEngine`.
        DependencyError: the engine is not installed.
    """
    looks = [statistics(image.pixels, image.dpi) for image in images]
    blanks = {
        number
        for number, (image, found) in enumerate(zip(images, looks, strict=True))
        if found.sparse and not has_marks(image.pixels, image.dpi, found)
    }
    prepared = {
        number: _prepared(image, found.likely_rotation, found)
        for number, (image, found) in enumerate(zip(images, looks, strict=True))
        if number not in blanks and found.likely_rotation is not None
    }
    read = engine.read(tuple(page for page, _ in prepared.values()), options) if prepared else ()
    firsts = {
        number: _Reading(page, found, words)
        for (number, (page, found)), words in zip(prepared.items(), read, strict=True)
    }
    readings = {
        number: _settled(image, found, firsts.get(number), engine, options)
        for number, (image, found) in enumerate(zip(images, looks, strict=True))
        if number not in blanks
    }
    readings = dict(zip(readings, _looked_at_again(tuple(readings.values()), engine, options), strict=True))
    return tuple(
        _blank(image, engine, options, f"blank letters={found.letters}")
        if number in blanks
        else _finished(image, found, readings[number], engine, options)
        for number, (image, found) in enumerate(zip(images, looks, strict=True))
    )


def _settled(
    image: PageImage, found: PageStatistics, first: _Reading | None, engine: OcrEngine, options: OcrOptions
) -> _Reading:
    if first is None or _poor(first, found, options):
        return _read_again(image, found, first, engine, options)
    return first


def _finished(
    image: PageImage, found: PageStatistics, reading: _Reading, engine: OcrEngine, options: OcrOptions
) -> PageText:
    if _is_noise(reading, options):
        if not found.sparse and not has_marks(image.pixels, image.dpi, found):  # dust over a stain, in black and white
            sure = reading.sure_characters(options)
            return _blank(image, engine, options, f"blank confidence={reading.confidence:.2f} sure={sure}")
        # handwriting, a stamp, a photograph: something is on the page, and a person has to look at it
        words = tuple(word for word in reading.words if word.confidence >= options.sure_confidence)
        reading = replace(reading, page=replace(reading.page, steps=(*reading.page.steps, "unread")), words=words)
    return _page_text(image, reading, engine, options)


def _is_noise(reading: _Reading, options: OcrOptions) -> bool:
    return reading.confidence < options.blank_confidence or reading.sure_characters(options) < options.min_characters


def _read_again(
    image: PageImage, found: PageStatistics, first: _Reading | None, engine: OcrEngine, options: OcrOptions
) -> _Reading:
    """The best of the first reading and those of the other ways up that are possible."""
    # asked of the untouched page: cleaning and straightening were made for lines that run across
    answer = engine.orientation(PreparedPage(image.pixels, image.dpi, image.digest), options)
    if answer is None:
        turns: tuple[int, ...] = (90, 270) if found.lies_sideways else (0,)
    else:
        turns = (answer,)
    likely = found.likely_rotation
    readings = [] if first is None else [first]
    readings += [_read_alone(*_prepared(image, way, found), engine, options) for way in turns if way != likely]
    if len(readings) == 1 and found.shows_through:
        # cleaning may have taken faint print for show-through
        upright = readings[0].found
        page = prepare(image, readings[0].page.rotation, found=upright, clean=False)
        readings.append(_read_alone(page, upright, engine, options))
    return max(readings, key=lambda reading: reading.sure_characters(options) * reading.confidence)


def _prepared(image: PageImage, rotation: int, found: PageStatistics) -> tuple[PreparedPage, PageStatistics]:
    upright = found if rotation == 0 else statistics(turn(image.pixels, rotation), image.dpi)
    return prepare(image, rotation, found=upright), upright


def _read_alone(page: PreparedPage, found: PageStatistics, engine: OcrEngine, options: OcrOptions) -> _Reading:
    (words,) = engine.read([page], options)
    return _Reading(page, found, words)


@dataclass(frozen=True, slots=True)
class _Doubts:
    """What of a page is to be read again."""

    strips: tuple[Box, ...] = ()
    codes: tuple[DoubtfulCode, ...] = ()


def _looked_at_again(readings: Sequence[_Reading], engine: OcrEngine, options: OcrOptions) -> tuple[_Reading, ...]:
    """The readings with what a second look at their doubtful strips found: one run of the engine over all of them."""
    readings = [one if _is_noise(one, options) else _legible(one) for one in readings]
    doubts = [_Doubts() if _is_noise(one, options) else _doubts(one) for one in readings]
    cuts: list[PreparedPage] = []
    for one, doubt in zip(readings, doubts, strict=True):
        cuts += [_cut(one.page, box, _enlarged(one.page)) for box in doubt.strips]
        cuts += [cut for code in doubt.codes for cut in _code_cuts(one.page, code)]
    if not cuts:
        return tuple(readings)
    lines = iter(engine.read(cuts, replace(options, psm=_LINE_PSM)))
    made = []
    for one, doubt in zip(readings, doubts, strict=True):
        strips = [next(lines) for _ in doubt.strips]
        again = [[[word.text for word in next(lines)] for _ in range(_CODE_READINGS)] for _ in doubt.codes]
        made.append(_with_strips(_with_codes(one, doubt.codes, again), doubt.strips, strips))
    return tuple(made)


def _legible(reading: _Reading) -> _Reading:
    """The reading in rows, without what is no print."""
    page = reading.page
    words, illegible = without_debris(reading.words, reading.found, page.to_master, form=is_filled_in(page))
    if illegible:
        page = replace(page, steps=(*page.steps, f"not legible {illegible}"))
    return replace(reading, page=page, words=in_rows(words))


def _doubts(reading: _Reading) -> _Doubts:
    page = reading.page
    height, width = page.pixels.shape
    strips: tuple[Box, ...] = ()
    if is_filled_in(page):  # real prose lost by it: CER of five pages 1.0–3.0 without, 1.4–5.2 with such strips
        strips = uncovered_strips(reading.words, reading.found, page.to_master, page.dpi)
    codes = doubtful_codes(reading.words, page.dpi)
    whole = Box(0, 0, width, height)
    return _Doubts(
        tuple(box for box in strips if _inside(box, whole)), tuple(code for code in codes if _inside(code.box, whole))
    )


def _inside(box: Box, whole: Box) -> bool:
    """Whether a part of the box that is worth reading lies on the page."""
    return min(box.right, whole.right) - box.x >= 8 and min(box.bottom, whole.bottom) - box.y >= 8


def _cut(page: PreparedPage, box: Box, factor: float) -> PreparedPage:
    """The strip of the page, enlarged."""
    pixels = page.pixels[box.y : box.bottom, box.x : box.right]
    if factor != 1:
        size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
        pixels = resized(pixels, size, cv2.INTER_CUBIC)
    return PreparedPage(np.ascontiguousarray(pixels), round(page.dpi * factor), page.master, page.rotation)


def _enlarged(page: PreparedPage) -> float:
    return _ENLARGED if page.dpi <= _COARSE_DPI else 1.0


def _code_cuts(page: PreparedPage, code: DoubtfulCode) -> list[PreparedPage]:
    """The strip of a code, larger and smaller, and without the feet of its letters."""
    scales = _CODE_SCALES[page.dpi <= _COARSE_DPI]
    box, feet = code.box, round(_FEET * code.tall)
    cut = _cut(page, Box(box.x, box.y, box.width, max(8, (box.height + code.tall) // 2 - feet)), scales[0])
    paper = int(np.percentile(cut.pixels, 75))
    apart = ((0, round(0.5 * code.tall * scales[0])), (0, 0))
    padded = np.pad(cut.pixels, apart, constant_values=paper)
    return [*(_cut(page, box, scale) for scale in scales), replace(cut, pixels=padded)]


def _with_codes(reading: _Reading, codes: Sequence[DoubtfulCode], again: Sequence[Sequence[Sequence[str]]]) -> _Reading:
    """Puts the codici fiscali that are sure now in the place of what was read; from the last on, for words go."""
    words, mended = reading.words, 0
    for doubt, texts in reversed(list(zip(codes, again, strict=True))):
        found = settled(doubt.text, texts)
        if found is not None:
            code, as_read = found
            words = with_code(words, doubt, code, _CODE_CONFIDENCE if as_read else _FORCED_CODE_CONFIDENCE)
            mended += 1
    if not codes:
        return reading
    page = replace(reading.page, steps=(*reading.page.steps, f"codes read again {mended} of {len(codes)}"))
    return replace(reading, page=page, words=words)


def _with_strips(reading: _Reading, boxes: Sequence[Box], lines: Sequence[Sequence[ReadWord]]) -> _Reading:
    """Adds what was surely read in strips, each a line and a block of its own."""
    words, factor = list(reading.words), 1 / _enlarged(reading.page)
    kept = 0
    for box, line in zip(boxes, lines, strict=True):
        weight = sum(len(word.text) for word in line)
        characters = sum(char.isalnum() for word in line for char in word.text)
        one_line = len({word.line for word in line}) == 1
        if characters < _STRIP_CHARACTERS or not one_line:
            continue
        if sum(word.confidence * len(word.text) for word in line) < _STRIP_CONFIDENCE * weight:
            continue
        block, number = max((word.block for word in words), default=-1), max((word.line for word in words), default=-1)
        words += [
            replace(word, box=_moved(word.box, box, factor), block=block + 1, line=number + 1)
            for word in line
            if word.confidence >= _STRIP_WORD_CONFIDENCE
        ]
        kept += 1
    if not boxes:
        return reading
    page = replace(reading.page, steps=(*reading.page.steps, f"uncovered strips read {kept} of {len(boxes)}"))
    return replace(reading, page=page, words=tuple(words))


def _moved(box: Box, strip: Box, factor: float) -> Box:
    x, y = strip.x + round(box.x * factor), strip.y + round(box.y * factor)
    return Box(x, y, round(box.width * factor), round(box.height * factor))


def _poor(reading: _Reading, found: PageStatistics, options: OcrOptions) -> bool:
    return (
        reading.confidence < options.retry_confidence
        or reading.sure_characters(options) < _SURE_LETTERS_SHARE * found.letters
    )


def _page_text(image: PageImage, reading: _Reading, engine: OcrEngine, options: OcrOptions) -> PageText:
    page = reading.page
    height, width = image.pixels.shape
    if page.rotation % 180:
        height, width = width, height
    return PageText(
        words=_on_master(in_rows(reading.words), page.to_master, width, height),
        width=width,
        height=height,
        dpi=image.dpi,
        rotation=page.rotation,
        source=TextSource.OCR,
        engine=engine.stamp(options),
        steps=(*image.steps, *page.steps, f"psm {options.psm}"),
    )


def _blank(image: PageImage, engine: OcrEngine, options: OcrOptions, step: str) -> PageText:
    height, width = image.pixels.shape
    return PageText(
        words=(),
        width=width,
        height=height,
        dpi=image.dpi,
        rotation=0,
        source=TextSource.OCR,
        engine=engine.stamp(options),
        blank=True,
        steps=(*image.steps, step),
    )


def _on_master(words: Sequence[ReadWord], to_master: Affine, width: int, height: int) -> tuple[Word, ...]:
    """Carries the words over. Centres move, sizes stay, or the long words of a straightened page would grow tall."""
    a, b, c, d, e, f = to_master
    carried: list[Word] = []
    for word in words:
        box = word.box
        x, y = box.x + box.width / 2, box.y + box.height / 2
        left, top = round(a * x + b * y + c - box.width / 2), round(d * x + e * y + f - box.height / 2)
        x0, y0 = min(max(0, left), width), min(max(0, top), height)
        x1, y1 = min(max(x0, left + box.width), width), min(max(y0, top + box.height), height)
        carried.append(Word(word.text, Box(x0, y0, x1 - x0, y1 - y0), calibrated(word.confidence), word.line))
    return tuple(carried)
