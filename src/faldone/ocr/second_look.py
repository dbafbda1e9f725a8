"""A second look at what is doubtful on a page: cut out, enlarged where that helps, and read once more.

All strips of a few pages go to the engine in one run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from faldone.domain.page import Box
from faldone.ocr.codes import DoubtfulCode, agreed, doubtful_codes, settled, with_code
from faldone.ocr.columns import number_column, on_one_line, with_numbers
from faldone.ocr.debris import without_debris
from faldone.ocr.engine import OcrEngine, ReadWord
from faldone.ocr.image import PreparedPage
from faldone.ocr.options import OcrOptions
from faldone.ocr.prepare import is_filled_in, resized
from faldone.ocr.reading import Reading
from faldone.ocr.rows import in_rows
from faldone.ocr.typist import with_hyphens
from faldone.ocr.uncovered import uncovered_strips

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


@dataclass(frozen=True, slots=True)
class _Doubts:
    """What of a page is to be read again."""

    strips: tuple[Box, ...] = ()
    codes: tuple[DoubtfulCode, ...] = ()


def looked_at_again(readings: Sequence[Reading], engine: OcrEngine, options: OcrOptions) -> tuple[Reading, ...]:
    """The readings with what a second look at their doubtful strips found: one run of the engine over all of them.

    Only the running numbers of a list are read before, for with them words go that would seem doubtful.
    """
    readings = [one if one.is_noise(options) else _numbered(one, engine, options) for one in readings]
    readings = [one if one.is_noise(options) else _legible(one) for one in readings]
    doubts = [_Doubts() if one.is_noise(options) else _doubts(one) for one in readings]
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


def _numbered(reading: Reading, engine: OcrEngine, options: OcrOptions) -> Reading:
    """The reading with a list's running numbers, if they were lost."""
    page = reading.page
    column = number_column(reading.words, reading.found, page.to_master, page.dpi)
    if column is None:
        return reading
    pixels, ends = on_one_line(page.pixels, column.cells)
    (line,) = engine.read([replace(page, pixels=pixels)], replace(options, psm=_LINE_PSM))
    words, numbers = with_numbers(reading.words, column, ends, line)
    page = replace(page, steps=(*page.steps, f"numbers read {numbers} of {len(column.cells)}"))
    return replace(reading, page=page, words=words)


def _legible(reading: Reading) -> Reading:
    """The reading in rows, without what is no print."""
    page = reading.page
    words, illegible = without_debris(reading.words, reading.found, page.to_master, form=is_filled_in(page))
    if illegible:
        page = replace(page, steps=(*page.steps, f"not legible {illegible}"))
    return replace(reading, page=page, words=with_hyphens(in_rows(words), page.pixels))


def _doubts(reading: Reading) -> _Doubts:
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


def _with_codes(reading: Reading, codes: Sequence[DoubtfulCode], again: Sequence[Sequence[Sequence[str]]]) -> Reading:
    """Puts the codici fiscali that are sure now in the place of what was read; from the last on, for words go."""
    words, mended = reading.words, 0
    for doubt, texts in reversed(list(zip(codes, again, strict=True))):
        found = settled(doubt.text, texts)
        if found is not None:
            code, as_read = found
            words = with_code(words, doubt, code, _CODE_CONFIDENCE if as_read else _FORCED_CODE_CONFIDENCE)
            mended += 1
        elif (text := agreed(doubt.text, texts)) is not None:
            words = with_code(words, doubt, text, min(words[place].confidence for place in doubt.words))
    if not codes:
        return reading
    page = replace(reading.page, steps=(*reading.page.steps, f"codes read again {mended} of {len(codes)}"))
    return replace(reading, page=page, words=words)


def _with_strips(reading: Reading, boxes: Sequence[Box], lines: Sequence[Sequence[ReadWord]]) -> Reading:
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
