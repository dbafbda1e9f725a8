"""What a person sees of a drawn page against what its text layer says. Pure: numpy and OpenCV.

A layer may say words that nobody sees (white on white, behind a picture, under a black bar), and a page may show
words that no layer says (letters drawn as curves, a pasted scan). Both show on a small drawing of the page: the words
of the layer lie on ink, and what ink is left over is no print.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from faldone.ocr.image import Gray

Boxes = npt.NDArray[np.float64]
"""(x0, top, x1, bottom) in pixels of the drawing, shape (n, 4)."""

LOOK_DPI = 72

_CONTRAST = 40
"""Grey levels between ink and what is around it, for the thinnest pale print at 72 dpi that a person still reads."""

_THICK_PX = 15
"""What is thicker is no stroke of a letter: larger than the height of a line of 12 points."""

_MOST_INK = 0.9
"""Letters leave at least this complement of their box white, or they are under a bar."""

_LETTER_HEIGHT_PX = (3, 24)
_LETTER_FILL = (0.12, 0.92)
_LETTER_WIDE = 25
"""At 72 dpi letters run together: a component may be a whole word, so many times as wide as high."""

_MOST_LETTERS = 5
"""A component counts for no more, be it a signature in one stroke."""


def unseen(drawing: Gray, dark: Gray, words: Boxes) -> int:
    """How many of the words show nothing on ``drawing``: one grey all over, or as good as.

    Args:
        drawing: the page at :data:`LOOK_DPI`.
        dark: its :func:`strokes`.
        words: where the words are.
    """
    height, width = drawing.shape
    total = cv2.integral(dark)
    x0, y0 = (np.clip(np.floor(words[:, side]), 0, limit).astype(int) for side, limit in ((0, width), (1, height)))
    x1, y1 = (np.clip(np.ceil(words[:, side]), 0, limit).astype(int) for side, limit in ((2, width), (3, height)))
    ink = total[y1, x1] - total[y0, x1] - total[y1, x0] + total[y0, x0]
    area = np.maximum(1, (x1 - x0) * (y1 - y0))
    doubtful = np.flatnonzero((ink == 0) | (ink > _MOST_INK * area))
    return sum(not _has_contrast(drawing[y0[at] : y1[at], x0[at] : x1[at]]) for at in doubtful.tolist())


def loose_letters(dark: Gray, covers: Boxes) -> int:
    """About how many letters the ``dark`` strokes make that none of the ``covers`` (words, ruled lines) explains."""
    left = dark.copy()
    for x0, y0, x1, y1 in (
        np.concatenate((np.floor(covers[:, :2]) - 1, np.ceil(covers[:, 2:]) + 1), axis=1).clip(0).astype(int).tolist()
    ):
        left[y0:y1, x0:x1] = 0
    return _letters(left)


def letters_in_picture(drawing: Gray, picture: tuple[float, float, float, float]) -> int:
    """About how many letters, dark on light or light on dark, are in a ``picture`` (x0, top, x1, bottom) of it."""
    x0, top, x1, bottom = (max(0, round(edge)) for edge in picture)
    region = np.ascontiguousarray(drawing[top:bottom, x0:x1])
    if region.size == 0:
        return 0
    return max(_letters(strokes(region)), _letters(strokes(255 - region)))


def strokes(drawing: Gray) -> Gray:
    """1 where something thin is darker than what is around it."""
    kernel = np.ones((_THICK_PX, _THICK_PX), np.uint8)
    return (cv2.morphologyEx(drawing, cv2.MORPH_BLACKHAT, kernel) > _CONTRAST).astype(np.uint8)


def _has_contrast(region: Gray) -> bool:
    inner = region[1:-1] if region.shape[0] > 4 else region  # a bar's own edges are not letters
    return bool(inner.size and int(inner.max()) - int(inner.min()) > _CONTRAST)


def _letters(left: Gray) -> int:
    if not cv2.hasNonZero(left):
        return 0
    x, y, width, height = cv2.boundingRect(left)
    count, _, stats, _ = cv2.connectedComponentsWithStats(left[y : y + height, x : x + width], connectivity=8)
    if count < 2:
        return 0
    boxes = stats[1:].astype(np.int64)
    wide, high, area = boxes[:, 2], boxes[:, 3], boxes[:, 4]
    fill = area / (wide * high)
    low, tall = _LETTER_HEIGHT_PX
    letter = (
        (high >= low) & (high <= tall) & (wide >= 2) & (wide <= _LETTER_WIDE * high)
        & (fill > _LETTER_FILL[0]) & (fill < _LETTER_FILL[1])
    )  # fmt: skip
    return int(np.clip(np.rint(wide[letter] / (0.6 * high[letter])), 1, _MOST_LETTERS).sum())
