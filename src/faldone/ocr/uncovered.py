"""Ink that a first reading left uncovered: lines of a form that the engine's layout dropped whole. Pure.

The engine reads a line well when it is given nothing else. So letters outside every word are gathered into strips,
each read on its own and kept only when it is surely read.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from faldone.domain.page import Box
from faldone.ocr.engine import ReadWord
from faldone.ocr.image import Affine
from faldone.ocr.prepare import PageStatistics, components

_SEEN = 0.20
"""A word less sure than this covers no ink: boxes as large as half the page are read as one letter."""

_LETTER_INCHES = (0.045, 0.25)
_GAP_INCHES, _LEAST_LETTERS = 0.3, 4
"""Letters of a strip stand no farther apart, and there are so many of them."""

_STRIP_INCHES = (0.06, 0.32)
_MARGIN_INCHES = 0.05

_MOST_STRIPS, _MOST_SHARE = 12, 0.4
"""With more left over it is no line that was dropped: a drawing, a picture, a page of handwriting."""


def uncovered_strips(words: Sequence[ReadWord], found: PageStatistics, to_master: Affine, dpi: int) -> tuple[Box, ...]:
    """Strips of the prepared page with letters that no word covers, top to bottom.

    Args:
        words: what was read, boxes in pixels of the prepared page.
        found: the statistics of the upright page.
        to_master: from the prepared page to the upright one.
        dpi: the resolution of both.
    """
    boxes = found.boxes
    inch = dpi * found.scale
    low, high = (size * inch for size in _LETTER_INCHES)
    boxes = boxes[(boxes[:, 3] >= low) & (boxes[:, 3] <= high)]
    if not len(boxes):
        return ()
    x, y = _centres_prepared(boxes, to_master, found.scale)
    covered = np.zeros(len(boxes), np.bool_)
    height, width = (int(edge) for edge in (y.max() + inch, x.max() + inch))
    mask = np.zeros((height, width), np.uint8)
    for word in words:
        if word.confidence >= _SEEN and word.box.height <= 2 * high / found.scale:
            box = word.box
            left, top = int(box.x * found.scale) - 2, int(box.y * found.scale) - 2
            right, bottom = int(box.right * found.scale) + 3, int(box.bottom * found.scale) + 3
            mask[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 1
    covered = mask[np.clip(y.astype(int), 0, height - 1), np.clip(x.astype(int), 0, width - 1)] > 0
    if not (~covered).any() or np.count_nonzero(~covered) > _MOST_SHARE * len(boxes):
        return ()
    return _strips(x[~covered], y[~covered], boxes[~covered], (height, width), inch, found.scale)


def letters_on_page(
    found: PageStatistics, to_master: Affine
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The centres (x, y) of the page's letters on the prepared page, at the scale of the look."""
    return _centres_prepared(found.boxes, to_master, found.scale)


def _centres_prepared(
    boxes: npt.NDArray[np.int32], to_master: Affine, scale: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Centres of boxes on the prepared page at the look's scale."""
    matrix = np.array([to_master[:3], to_master[3:]], np.float64)
    a, b, c, d, e, f = (float(value) for value in cv2.invertAffineTransform(matrix).ravel())
    x = (boxes[:, 0] + boxes[:, 2] / 2) / scale
    y = (boxes[:, 1] + boxes[:, 3] / 2) / scale
    return (a * x + b * y + c) * scale, (d * x + e * y + f) * scale


def _strips(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    boxes: npt.NDArray[np.int32],
    size: tuple[int, int],
    inch: float,
    scale: float,
) -> tuple[Box, ...]:
    mask = np.zeros(size, np.uint8)
    for at_x, at_y, wide, tall in zip(x, y, boxes[:, 2], boxes[:, 3], strict=True):
        left, top = max(0, int(at_x - wide / 2)), max(0, int(at_y - tall / 2))
        mask[top : int(at_y + tall / 2) + 1, left : int(at_x + wide / 2) + 1] = 1
    joined = np.asarray(cv2.dilate(mask, np.ones((1, round(_GAP_INCHES * inch) | 1), np.uint8)), np.uint8)
    lowest, highest = (edge * inch for edge in _STRIP_INCHES)
    reach, margin = _GAP_INCHES * inch / 2, _MARGIN_INCHES * inch
    strips = []
    for left, top, wide, tall, _ in components(joined).tolist():
        inside = (x >= left) & (x < left + wide) & (y >= top) & (y < top + tall)
        letters = np.count_nonzero(inside) + np.count_nonzero(boxes[inside, 2] > 1.5 * tall)  # some touch
        if letters < _LEAST_LETTERS or not lowest <= tall <= highest:
            continue
        x0, x1 = left + reach - margin, left + wide - reach + margin
        y0, y1 = top - margin, top + tall + margin
        x0, y0 = max(0.0, x0), max(0.0, y0)
        strips.append(Box(round(x0 / scale), round(y0 / scale), round((x1 - x0) / scale), round((y1 - y0) / scale)))
    return tuple(sorted(strips, key=lambda box: box.y)) if len(strips) <= _MOST_STRIPS else ()
