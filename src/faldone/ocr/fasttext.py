"""The words of a PDF page from pdfium's text page: the same as pdfplumber's, some fifty times as fast.

pdfium gives characters with boxes in the order in which they were written. Where words end is decided here, by
pdfplumber's rule and not by pdfium's guess: at a white space, at a gap of 0.15 em, at a step back or down.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2.raw as pdfium_c

from faldone.ocr.pdf import Bounds

Floats = npt.NDArray[np.float64]

_SPACES = np.array(
    [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x3000]
)
_GAP_EM = 0.15
"""Of the height of a character's box, which is 0.9 to 1.2 em as the font has it."""

_STEP_POINTS = 3.0
"""Characters that differ by more in height are no word: pdfplumber's own tolerance."""

_LEVEL_DEGREES = 2.0
"""Text that slopes less is read as level."""

_HYPHENS_AT_LINE_END = (0x02, 0xFFFE)
"""What pdfium makes of one: asked for a character, and for the text."""

_FIRST_SURROGATE, _LAST_SURROGATE = 0xD800, 0xDFFF

_TWIN_POINTS = 1.0
"""The same character again at less than this: fake bold. pdfplumber's own tolerance."""


@dataclass(frozen=True, slots=True)
class LayerWord:
    """A word as the layer has it, in points from the top left corner of the page as it is shown.

    ``level`` is whether it runs from left to right, as seen.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    level: bool = True

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the box."""
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class FastText:
    """The words in the order in which they were written, and how many begin or end without a map to letters."""

    words: tuple[LayerWord, ...]
    unmapped: int


def fast_text(page: Any, max_characters: int) -> FastText | None:
    """Reads the text page of ``page``; ``None`` when it has too many characters. The caller holds the lock.

    Raises:
        pypdfium2.PdfiumError: it cannot be loaded.
    """
    text_page = page.get_textpage()
    try:
        raw = text_page.raw  # asked for once: the wrapper's own property costs as much as a call
        count = max(0, pdfium_c.FPDFText_CountChars(raw))
        if count > max_characters:
            return None
        return _Characters(raw, count, page.get_bbox(), page.get_rotation()).words()
    finally:
        text_page.close()


def seen(boxes: Floats, bbox: Bounds, rotation: int) -> Floats:
    """Boxes (left, bottom, right, top) in PDF's points as (x0, top, x1, bottom) from the corner of the page as shown.

    Args:
        boxes: shape (n, 4).
        bbox: of the page.
        rotation: the page's own, 0, 90, 180 or 270 degrees clockwise.
    """
    left, bottom, right, top = bbox
    x0, y0, x1, y1 = boxes.T
    match rotation:
        case 90:
            turned = (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
        case 180:
            turned = (right - x1, y0 - bottom, right - x0, y1 - bottom)
        case 270:
            turned = (top - y1, right - x1, top - y0, right - x0)
        case _:
            turned = (x0 - left, top - y1, x1 - left, top - y0)
    return np.stack(turned, axis=1)


def _codes(text_page: Any, count: int) -> npt.NDArray[np.int64]:
    """The characters' Unicode points: in one call, or one by one where a character is none or takes two units."""
    units = np.zeros(count + 1, dtype=np.uint16)
    pointer = units.ctypes.data_as(ctypes.POINTER(ctypes.c_ushort))
    written = pdfium_c.FPDFText_GetText(text_page, 0, count, pointer)
    if written == count + 1 and not ((units >= _FIRST_SURROGATE) & (units <= _LAST_SURROGATE)).any():
        return units[:-1].astype(np.int64)
    return np.array([pdfium_c.FPDFText_GetUnicode(text_page, index) for index in range(count)], dtype=np.int64)


class _Characters:
    """The characters of one text page that are no white space, as columns."""

    def __init__(self, text_page: Any, count: int, bbox: Bounds, rotation: int) -> None:
        self._page, self._rotation = text_page, rotation
        codes, box_of = _codes(text_page, count), pdfium_c.FPDFText_GetLooseCharBox
        raw = np.zeros((count, 4), dtype=np.float32)  # left, top, right, bottom, as FS_RECTF has them
        if count:
            first, size = pdfium_c.FS_RECTF.from_buffer(raw), ctypes.sizeof(pdfium_c.FS_RECTF)
            for index in range(count):
                box_of(text_page, index, ctypes.byref(first, size * index))
        boxes = seen(raw[:, (0, 3, 2, 1)].astype(np.float64), bbox, rotation)
        inked = ~np.isin(codes, _SPACES) & np.isfinite(boxes).all(axis=1)
        self._index = np.flatnonzero(inked)
        self._codes, self._boxes = codes[inked], boxes[inked]

    def words(self) -> FastText:
        if not len(self._index):
            return FastText((), 0)
        after_space = np.diff(self._index, prepend=-2) > 1
        level = self._level(after_space)
        self._leave_out_twins(level)
        ends = self._ends()
        starts = np.flatnonzero(np.concatenate(([True], ends)))
        x0, top = (np.minimum.reduceat(self._boxes[:, side], starts) for side in (0, 1))
        x1, bottom = (np.maximum.reduceat(self._boxes[:, side], starts) for side in (2, 3))
        text = ["-" if code in _HYPHENS_AT_LINE_END else chr(code) for code in self._codes.tolist()]
        found = tuple(
            LayerWord("".join(text[begin:end]), box[0], box[1], box[2], box[3], is_level)
            for begin, end, box, is_level in zip(
                starts.tolist(),
                [*starts.tolist()[1:], len(text)],
                np.stack((x0, top, x1, bottom), axis=1).tolist(),
                self._is_level[starts].tolist(),
                strict=True,
            )
        )
        # a font has a map or has none: the ends of each word tell, at a third of the price
        ends_of_words = np.union1d(starts, np.append(starts[1:], len(self._index)) - 1)
        has_error, page = pdfium_c.FPDFText_HasUnicodeMapError, self._page
        unmapped = [has_error(page, index) for index in self._index[ends_of_words].tolist()].count(1)
        return FastText(found, unmapped)

    def _level(self, after_space: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Which characters stand level: asked of those after a space, and of all when one of them does not."""
        asked = np.flatnonzero(after_space)
        answers = self._angles(asked)
        if answers.all():
            return np.ones(len(self._index), dtype=bool)
        return self._angles(np.arange(len(self._index)))

    def _angles(self, which: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        angles = np.array([pdfium_c.FPDFText_GetCharAngle(self._page, index) for index in self._index[which].tolist()])
        # counted clockwise, from 0 to 2 pi, as the page's own rotation is
        degrees = (np.degrees(angles) + self._rotation) % 360
        return np.asarray(np.minimum(degrees, 360 - degrees) <= _LEVEL_DEGREES)

    def _leave_out_twins(self, level: npt.NDArray[np.bool_]) -> None:
        keep = np.ones(len(self._codes), dtype=bool)
        order = np.lexsort((self._boxes[:, 0], np.round(self._boxes[:, 1]), self._codes))
        codes, boxes = self._codes[order], self._boxes[order]
        near = (
            (codes[1:] == codes[:-1])
            & (np.abs(boxes[1:, 0] - boxes[:-1, 0]) < _TWIN_POINTS)
            & (np.abs(boxes[1:, 1] - boxes[:-1, 1]) < _TWIN_POINTS)
            & (boxes[1:, 2] - boxes[1:, 0] > _TWIN_POINTS)
        )
        keep[np.maximum(order[1:], order[:-1])[near]] = False
        self._index, self._codes, self._boxes = self._index[keep], self._codes[keep], self._boxes[keep]
        self._is_level = level[keep]

    def _ends(self) -> npt.NDArray[np.bool_]:
        """For each character but the last, whether a word ends with it."""
        x0, top, x1, bottom = self._boxes.T
        em = (bottom - top)[:-1]
        gap = x0[1:] - x1[:-1]
        apart = (gap > _GAP_EM * em) | (x0[1:] < x0[:-1]) | (np.abs(bottom[1:] - bottom[:-1]) > _STEP_POINTS)
        spaced = np.diff(self._index) > 1
        sloping = ~(self._is_level[1:] & self._is_level[:-1])
        ends = np.where(sloping, spaced | (self._is_level[1:] != self._is_level[:-1]), apart | spaced)
        for at in np.flatnonzero(spaced & ~apart & ~sloping).tolist():
            between = range(int(self._index[at]) + 1, int(self._index[at + 1]))
            if all(pdfium_c.FPDFText_IsGenerated(self._page, index) == 1 for index in between):
                ends[at] = False
        return np.asarray(ends)


def overlapping(words: Sequence[LayerWord]) -> int:
    """How many level words have the middle of another within their letters: text laid over text."""
    boxes = np.array([(w.x0, w.top, w.x1, w.bottom) for w in words if w.level and any(map(str.isalnum, w.text))])
    if len(boxes) < 2:
        return 0
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    slack = 0.25 * (boxes[:, 3] - boxes[:, 1])
    order = np.argsort(y)
    boxes, x, y, slack = boxes[order], x[order], y[order], slack[order]
    first = np.searchsorted(y, boxes[:, 1] + slack)
    last = np.searchsorted(y, boxes[:, 3] - slack)
    near = first[:, None] + np.arange((last - first).max(initial=0))
    within = near < last[:, None]
    middles = x[np.minimum(near, len(x) - 1)]
    inside = within & (boxes[:, :1] < middles) & (middles < boxes[:, 2:3])
    return int((inside.sum(axis=1) > 1).sum())  # each holds its own
