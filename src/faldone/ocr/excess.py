"""By how much a place on a sheet in black and white is blacker than paper is around it. Pure.

Scanning in black and white cuts what is about as dark as its threshold to dust: stains, shade, print that shows
through. Such dust changes slowly over the sheet, or as the ink behind it does; a stroke of a pen stands out of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from faldone.ocr.image import Gray
from faldone.ocr.strokes import Tone

_DEPTHS = (0.03, 0.12, 0.25, 0.4, 0.6, 0.8)
"""Between these depths of the other side's ink, as many pixels are black as on average around."""

_FAR_AROUND_INCHES, _FAR_WEIGHT = 3.0, 200.0
"""The wider neighbourhood, which counts where the nearer one has few pixels (at 150 dpi)."""

_BLACKNESS = (255 - np.arange(256, dtype=np.float32)) / np.float32(255)
"""Of each level, from 0 (paper) to 1."""

_LEAST_VARIANCE = np.float32(0.0005)

_WINDOWS = ((0.2, 0.12), (0.1, 0.1), (0.06, 0.06))
"""Of a word, a letter or two, a stroke."""


def excess(
    small: Gray, free: npt.NDArray[np.bool_], inch: float, around_inches: float, behind: Tone | None = None
) -> Tone:
    """By how many deviations the page is blacker around each pixel than paper with as much ink behind it is near there.

    Args:
        small: the page at about 150 dpi.
        free: where it is paper.
        inch: its pixels an inch.
        around_inches: how large a neighbourhood is.
        behind: the ink of the other side where it lies on the page, from 0 to 1; none when it is not known.
    """
    paper = free.astype(np.float32)
    black = np.asarray(cv2.LUT(small, _BLACKNESS), np.float32) * paper
    height, width = black.shape
    expected = np.zeros_like(black)
    scale = 0.25
    for here in _by_depth(paper, behind, inch):
        size = round(width * scale), round(height * scale)
        area, dark = (
            np.asarray(cv2.resize(one, size, interpolation=cv2.INTER_AREA), np.float32) for one in (here, black * here)
        )
        near, far = (
            tuple(_summed(one, inches * inch * scale) / (scale * scale) for one in (area, dark))
            for inches in (around_inches, _FAR_AROUND_INCHES)
        )
        share = (near[1] + _FAR_WEIGHT * far[1] / (far[0] + 1)) / (near[0] + _FAR_WEIGHT)
        expected += here * cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR)
    np.clip(expected, 0, 1, out=expected)
    more = black - expected
    variance = np.maximum(expected * (1 - expected), _LEAST_VARIANCE) * paper
    most = np.zeros_like(black)
    for across, down in _WINDOWS:
        wide, tall = round(across * inch) | 1, round(down * inch) | 1
        for size in {(wide, tall), (tall, wide)}:
            deviation = np.asarray(cv2.boxFilter(variance, -1, size, normalize=False))
            deviation += 1
            np.sqrt(deviation, out=deviation)
            np.maximum(most, cv2.boxFilter(more, -1, size, normalize=False) / deviation, out=most)
    return most


def may_reach(small: Gray, free: npt.NDArray[np.bool_], inch: float, deviations: float) -> bool:
    """Whether there is ink enough on the page for an :func:`excess` of so many deviations anywhere; seldom on a blank.

    A deviation is one black pixel at least, so it takes as many of them in a window; the largest hold the others.
    """
    ink = cv2.subtract(np.uint8(255) * free.astype(np.uint8), small)
    wide, tall = (round(edge * inch) | 1 for edge in _WINDOWS[0])
    within = (cv2.boxFilter(ink, cv2.CV_32F, size, normalize=False) for size in ((wide, tall), (tall, wide)))
    return any(float(sums.max()) > 255 * deviations for sums in within)


def _by_depth(paper: Tone, behind: Tone | None, inch: float) -> Iterator[Tone]:
    """The paper in maps of 0 and 1, one for each depth of the ink ``behind`` it; all of it when that is not known."""
    if behind is None:
        yield paper
        return
    depth = np.digitize(cv2.GaussianBlur(behind, (0, 0), max(0.3, 0.006 * inch)), _DEPTHS)
    for number in np.unique(depth).tolist():
        yield (depth == number) * paper


def _summed(tone: Tone, side: float) -> Tone:
    size = (round(side) | 1,) * 2
    return np.asarray(cv2.boxFilter(tone, -1, size, normalize=False), np.float32)
