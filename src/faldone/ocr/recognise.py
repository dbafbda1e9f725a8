"""Pages, read once: look, prepare, read; and again only where the first reading says that it must be.

An ordinary page costs one run of the engine, whichever way up it was scanned: letters tell by their feet how it lies.
Only a page that does not tell, or whose reading is poor, is asked by the engine.

Blank is what is seen to be: nothing but dirt, however it reads. A page with marks that reads as nothing is unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from faldone.domain.page import Box, PageText, TextSource, Word
from faldone.ocr.engine import OcrEngine, ReadWord
from faldone.ocr.image import Affine, PageImage, PreparedPage
from faldone.ocr.marks import has_marks
from faldone.ocr.options import OcrOptions
from faldone.ocr.prepare import PageStatistics, prepare, statistics, turn
from faldone.ocr.rows import in_rows

_SURE_LETTERS_SHARE = 0.25
"""A reading with fewer sure letters than this share of the page's letter-like components is poor, whatever its mean
confidence: on a sideways page the engine may find one word and be sure of it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    page: PreparedPage
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
    read = engine.read(tuple(prepared.values()), options) if prepared else ()
    firsts = {number: _Reading(page, words) for (number, page), words in zip(prepared.items(), read, strict=True)}
    return tuple(
        _blank(image, engine, options, f"blank letters={found.letters}")
        if number in blanks
        else _finished(image, found, firsts.get(number), engine, options)
        for number, (image, found) in enumerate(zip(images, looks, strict=True))
    )


def _finished(
    image: PageImage, found: PageStatistics, first: _Reading | None, engine: OcrEngine, options: OcrOptions
) -> PageText:
    reading = first
    if reading is None or _poor(reading, found, options):
        reading = _read_again(image, found, first, engine, options)
    sure = reading.sure_characters(options)
    if reading.confidence < options.blank_confidence or sure < options.min_characters:
        if not found.sparse and not has_marks(image.pixels, image.dpi, found):  # dust over a stain, in black and white
            return _blank(image, engine, options, f"blank confidence={reading.confidence:.2f} sure={sure}")
        # handwriting, a stamp, a photograph: something is on the page, and a person has to look at it
        words = tuple(word for word in reading.words if word.confidence >= options.sure_confidence)
        reading = _Reading(replace(reading.page, steps=(*reading.page.steps, "unread")), words)
    return _page_text(image, reading, engine, options)


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
    readings += [_read_alone(_prepared(image, way, found), engine, options) for way in turns if way != likely]
    if len(readings) == 1 and found.shows_through:
        # cleaning may have taken faint print for show-through
        page = prepare(image, readings[0].page.rotation, clean=False)
        readings.append(_read_alone(page, engine, options))
    return max(readings, key=lambda reading: reading.sure_characters(options) * reading.confidence)


def _prepared(image: PageImage, rotation: int, found: PageStatistics) -> PreparedPage:
    upright = found if rotation == 0 else statistics(turn(image.pixels, rotation), image.dpi)
    return prepare(image, rotation, found=upright)


def _read_alone(page: PreparedPage, engine: OcrEngine, options: OcrOptions) -> _Reading:
    (words,) = engine.read([page], options)
    return _Reading(page, words)


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
    """Carries the boxes over: centres move, sizes stay, or the long words of a straightened page would grow tall."""
    a, b, c, d, e, f = to_master
    carried: list[Word] = []
    for word in words:
        box = word.box
        x, y = box.x + box.width / 2, box.y + box.height / 2
        left, top = round(a * x + b * y + c - box.width / 2), round(d * x + e * y + f - box.height / 2)
        x0, y0 = min(max(0, left), width), min(max(0, top), height)
        x1, y1 = min(max(x0, left + box.width), width), min(max(y0, top + box.height), height)
        carried.append(Word(word.text, Box(x0, y0, x1 - x0, y1 - y0), word.confidence, word.line))
    return tuple(carried)
