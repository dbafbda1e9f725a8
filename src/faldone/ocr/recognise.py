"""Pages, read once: look, prepare, read; and again only where the first reading says that it must be.

An ordinary page costs one run of the engine, whichever way up it was scanned: letters tell by their feet how it lies.
Only a page that does not tell, or whose reading is poor, is asked by the engine. A photograph is laid flat before it is
read, and a page in worn type is read three times. What is doubtful on the others (a codice fiscale that is none, a
form's line that was dropped) is cut out and read once more, all strips of a few pages in one run.

Blank is what is seen to be: nothing but dirt, however it reads. A page with marks that reads as nothing is unread,
unless a page beside it is proven to be the other side of its sheet and explains them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from faldone.domain.page import Box, PageText, TextSource, Word
from faldone.ocr.confidence import calibrated
from faldone.ocr.engine import OcrEngine, ReadWord
from faldone.ocr.image import PageImage, PreparedPage
from faldone.ocr.marks import Surface, unexplained
from faldone.ocr.options import OcrOptions
from faldone.ocr.other_side import has_more
from faldone.ocr.perspective import Homography, flattened, mapped, turning
from faldone.ocr.prepare import PageStatistics, prepare, statistics, turn
from faldone.ocr.reading import Reading
from faldone.ocr.rows import in_rows
from faldone.ocr.second_look import looked_at_again
from faldone.ocr.sized import read_sized, working_scale
from faldone.ocr.vote import voted_on

Beside = Callable[[], Iterable[tuple[str, PageImage]]]
"""The pages beside one in its file, each with what it is called in steps: asked for only where one of them may explain
what is on the page."""

_VEILED_PALE = 0.002
"""Share of a page that is pale from which on show-through may hide a note in pencil: eleven legible ones of some 300 on
grey backs were taken for blank, that share being 0.007 or more."""


def _no_pages() -> Iterable[tuple[str, PageImage]]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A picture, the sheet on it, and what a look at the sheet tells: with flat scans they are the same.

    ``to_picture`` maps points of the sheet onto the picture; ``beside`` gives the pages beside it.
    """

    picture: PageImage
    sheet: PageImage
    found: PageStatistics
    to_picture: Homography
    beside: Beside

    @classmethod
    def at(cls, image: PageImage, beside: Beside = _no_pages, found: PageStatistics | None = None) -> Look:
        """A look at an image, unless it was ``found`` before, and at the pages beside it when they are asked for."""
        found = found or statistics(image.pixels, image.dpi)
        flat = flattened(image, found)
        if flat is None:
            return cls(image, image, found, np.eye(3), beside)
        return cls(image, flat.image, flat.found, flat.to_picture, _no_pages)  # photographs have no other side

    def bare(self) -> str | None:
        """Why there is nothing on it but dirt, as the end of a step; ``None`` when there is something."""
        page = Surface.of(self.sheet.pixels, self.sheet.dpi, self.found)
        if page.is_dark:
            return None
        marked = bool(unexplained(page))
        if marked or (not page.bilevel and self.found.pale > _VEILED_PALE):
            for name, other in self.beside():
                more = has_more(page, other)
                if more is not None:
                    return None if more else f" {name} shows through"
        return None if marked else ""


def recognise(
    images: Sequence[PageImage],
    engine: OcrEngine,
    options: OcrOptions,
    beside: Sequence[Beside] = (),
    found: Sequence[PageStatistics | None] = (),
) -> tuple[PageText, ...]:
    """Reads pages, the ordinary ones in one run of the engine over all of them.

    Args:
        images: the pages.
        engine: what reads them.
        options: how.
        beside: for each page, the pages beside it in its file; none are known when it is empty.
        found: for each page, what an earlier look at it has found, if there was one.

    Returns:
        For each page its words in reading order, boxes in pixels of the turned master image. A page with nothing on
        it but dirt and the other side showing through is ``blank``. A page with marks of which next to nothing can
        be read as print (handwriting, a stamp, a photograph, a page number) is not blank: it comes back with the few
        words that are sure, or none, and the step ``unread``.

    Raises:
        OcrError: the engine failed on one of them; see :class:`~faldone.ocr.engine.OcrEngine`.
        DependencyError: the engine is not installed.
    """
    neighbours = beside or [_no_pages] * len(images)
    known = found or [None] * len(images)
    looks = [Look.at(*page) for page in zip(images, neighbours, known, strict=True)]
    sparse = {number: look.bare() for number, look in enumerate(looks) if look.found.sparse}
    blanks = {number: why for number, why in sparse.items() if why is not None}
    prepared = {
        number: _prepared(look.sheet, look.found.likely_rotation, look.found)
        for number, look in enumerate(looks)
        if number not in blanks and look.found.likely_rotation is not None
    }
    pages = [page for page, _ in prepared.values()]
    read = read_sized(pages, [working_scale(page) for page in pages], engine, options)
    firsts = {
        number: Reading(page, found, words)
        for (number, (page, found)), words in zip(prepared.items(), read, strict=True)
    }
    readings = {
        number: _settled(look, firsts.get(number), engine, options)
        for number, look in enumerate(looks)
        if number not in blanks
    }
    voted = voted_on(tuple(readings.values()), engine, options)
    readings = dict(zip(readings, looked_at_again(voted, engine, options), strict=True))
    return tuple(
        _blank(look.picture, engine, options, f"blank letters={look.found.letters}{blanks[number]}")
        if number in blanks
        else _finished(look, readings[number], engine, options)
        for number, look in enumerate(looks)
    )


def _settled(look: Look, first: Reading | None, engine: OcrEngine, options: OcrOptions) -> Reading:
    if first is None or first.is_poor(look.found.letters, options):
        return _read_again(look.sheet, look.found, first, engine, options)
    return first


def _finished(look: Look, reading: Reading, engine: OcrEngine, options: OcrOptions) -> PageText:
    if reading.is_noise(options):
        why = None if look.found.sparse else look.bare()
        if why is not None:  # dust over a stain, in black and white
            step = f"blank confidence={reading.confidence:.2f} sure={reading.sure_characters(options)}{why}"
            return _blank(look.picture, engine, options, step)
        # handwriting, a stamp, a photograph: something is on the page, and a person has to look at it
        words = tuple(word for word in reading.words if word.confidence >= options.sure_confidence)
        reading = replace(reading, page=replace(reading.page, steps=(*reading.page.steps, "unread")), words=words)
    return _page_text(look, reading, engine, options)


def _read_again(
    image: PageImage, found: PageStatistics, first: Reading | None, engine: OcrEngine, options: OcrOptions
) -> Reading:
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


def _read_alone(page: PreparedPage, found: PageStatistics, engine: OcrEngine, options: OcrOptions) -> Reading:
    (words,) = read_sized([page], [working_scale(page)], engine, options)
    return Reading(page, found, words)


def _page_text(look: Look, reading: Reading, engine: OcrEngine, options: OcrOptions) -> PageText:
    page, picture = reading.page, look.picture
    height, width = picture.pixels.shape
    turned = turning(picture.pixels.shape, page.rotation)
    upright = turning(look.sheet.pixels.shape, page.rotation)
    to_master = turned @ look.to_picture @ np.linalg.inv(upright) @ np.array([*page.to_master, 0, 0, 1]).reshape(3, 3)
    if page.rotation % 180:
        height, width = width, height
    return PageText(
        words=_on_master(in_rows(reading.words), to_master, width, height),
        width=width,
        height=height,
        dpi=picture.dpi,
        rotation=page.rotation,
        source=TextSource.OCR,
        engine=engine.stamp(options),
        steps=(*look.sheet.steps, *page.steps, f"psm {options.psm}"),
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


def _on_master(words: Sequence[ReadWord], to_master: Homography, width: int, height: int) -> tuple[Word, ...]:
    """Carries the words over: their middle lines, or the long words of a straightened page would grow tall."""
    if not words:
        return ()
    boxes = np.array([(word.box.x, word.box.y, word.box.width, word.box.height) for word in words], np.float64)
    x, y = boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3] / 2
    wide, tall = boxes[:, 2] / 2, boxes[:, 3] / 2
    ends = mapped(to_master, np.stack([(x - wide, y), (x + wide, y), (x, y - tall), (x, y + tall), (x, y)]))
    left, right, head, foot, middle = ends
    wide, tall = np.hypot(*(right - left)), np.hypot(*(foot - head))
    edges = np.stack([middle[0] - wide / 2, middle[1] - tall / 2, wide, tall], axis=1)
    carried: list[Word] = []
    for word, (left_x, top_y, w, h) in zip(words, np.rint(edges).astype(int).tolist(), strict=True):
        x0, y0 = min(max(0, left_x), width), min(max(0, top_y), height)
        x1, y1 = min(max(x0, left_x + w), width), min(max(y0, top_y + h), height)
        carried.append(Word(word.text, Box(x0, y0, x1 - x0, y1 - y0), calibrated(word.confidence), word.line))
    return tuple(carried)
