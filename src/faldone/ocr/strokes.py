"""Strokes, as a pen or a pencil leaves them, and as nothing leaves them that is soft on paper. Pure.

A stroke is darker than what lies beside it, all along, within a hundredth of an inch. What shows through, a stain, the
ring of a cup and shade change over three times that and more, and stay so when a scan cuts them to dust.
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from faldone.ocr.image import Gray

Tone = npt.NDArray[np.float32]
"""A map of darkness, from 0 to 1 or to 255."""

_BROAD_INCHES, _WAYS = 0.0084, 8
"""How broad a stroke is (a deviation), and in how many directions strokes are looked for."""

_LETTER_INCHES = 0.05
"""As much of a stroke is straight in a letter of 2 mm: over 0.08 in «visto» hardly stood out of the dust of stains."""

_AROUND_INCHES, _LEAST_BLACK, _ROUGH = 0.05, 0.004, 0.004
"""The neighbourhood (a deviation) whose share of black tells how much dust varies; where there is next to none that
share counts for this, and the deviation of a dot is never less."""

_SIGMAS, _NEAR_INCHES, _TILE_INCHES, _MARGIN_INCHES = 5.5, 0.03, 0.5, 0.3
"""The dust of stains and rings had 5.4 at most on five backs, the palest two of some 200 notes with hard damage 7.3. A
large mark is looked at tile by tile."""

_SOLID_INCHES, _SOLID, _ITS_OWN, _BESIDE_INCHES, _BESIDE = 0.04, 64, 0.5, 0.03, 0.35
"""Where a square of this side is black all over, and no pixel of it by half the other side's ink, there is ink that is
broader than a stroke, a large letter or a bar, if less than this share of what lies so near around it is black: what is
soft ends over three times that."""

_DIFFUSION_INCHES, _LEAST_VARIES, _STRONGEST = 0.006, 0.002, 3.0
"""The other side's ink is spread so far by the paper, and shows as strongly as it does around: in a stain it turns
black, and beside it not. Where there is next to none nothing is taken off."""


@lru_cache(maxsize=4)
def stroke_kernels(inch: float, inches: float) -> tuple[Tone, ...]:
    """Lines of this length, in all directions; what lies beside them counts against them."""
    half = inches * inch / 2
    reach = round(half) + 3
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    kernels = []
    for way in range(_WAYS):
        angle = math.pi * way / _WAYS
        along, off = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
        core, beside = (
            (np.abs(along) <= half) * np.exp(-((off / (times * _BROAD_INCHES * inch)) ** 2) / 2) for times in (1.0, 3.0)
        )
        kernel = core / core.sum() - beside / beside.sum()
        kernels.append((kernel / np.linalg.norm(kernel)).astype(np.float32))
    return tuple(kernels)


def stroked(tone: Tone, inch: float, inches: float) -> Tone:
    """How much darker a stroke of this length is than what lies beside it, in its clearest direction at each pixel."""
    kernels = stroke_kernels(inch, inches)
    return np.asarray(np.max([cv2.filter2D(tone, -1, kernel) for kernel in kernels], axis=0), np.float32)


def has_stroke(
    small: Gray,
    free: npt.NDArray[np.bool_],
    inch: float,
    dots: float,
    box: tuple[int, int, int, int],
    behind: Tone | None = None,
) -> bool:
    """Whether there is a stroke, or something broad and black all over, in a box on a page in black and white.

    A stroke is more than dust makes by chance.

    Args:
        small: the page.
        free: where it is paper.
        inch: its pixels an inch.
        dots: how many dots of the scan are in a pixel.
        box: x, y, width, height.
        behind: the ink of the other side where it lies on the page: strokes that are its own count for nothing.
    """
    x, y, wide, tall = box
    if _is_solid(small, free, inch, box, behind):
        return True
    near, tile, margin = (round(inches * inch) for inches in (_NEAR_INCHES, _TILE_INCHES, _MARGIN_INCHES))
    for top in range(max(0, y - near), y + tall + near, tile):
        for left in range(max(0, x - near), x + wide + near, tile):
            bottom, right = min(top + tile, y + tall + near), min(left + tile, x + wide + near)
            above, before = max(0, top - margin), max(0, left - margin)
            here = slice(above, bottom + margin), slice(before, right + margin)
            over = _over_dust(small[here], free[here], inch, dots, None if behind is None else behind[here])
            if over[top - above : bottom - above, left - before : right - before].max(initial=0.0) > _SIGMAS:
                return True
    return False


def _is_solid(
    small: Gray, free: npt.NDArray[np.bool_], inch: float, box: tuple[int, int, int, int], behind: Tone | None
) -> bool:
    """Whether there is something black all over in a box, broader than a stroke, that ends as sharply as ink does."""
    x, y, wide, tall = box
    margin = round(2 * _BESIDE_INCHES * inch)
    here = slice(max(0, y - margin), y + tall + margin), slice(max(0, x - margin), x + wide + margin)
    black = np.logical_and(small[here] < _SOLID, free[here])
    if behind is not None:
        black &= behind[here] < _ITS_OWN
    square = np.ones((round(_SOLID_INCHES * inch),) * 2, np.uint8)
    mask = cv2.copyMakeBorder(black.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    solid = cv2.morphologyEx(mask, cv2.MORPH_OPEN, square)[1:-1, 1:-1]
    if not solid.any():
        return False
    around = cv2.dilate(solid, np.ones((2 * (margin // 2) + 1,) * 2, np.uint8)) > cv2.dilate(
        solid, np.ones((3, 3), np.uint8)
    )
    beside = small[here][np.logical_and(around, free[here])]
    return bool(beside.size) and float(255 - beside.mean()) < 255 * _BESIDE


def _over_dust(small: Gray, free: npt.NDArray[np.bool_], inch: float, dots: float, behind: Tone | None) -> Tone:
    """By how many deviations of dust as dense as around there is a stroke through each pixel."""
    paper = free.astype(np.float32)
    black = np.asarray(paper * (255 - small) / np.float32(255), np.float32)
    whole = _around(paper, inch) + np.float32(1e-3)
    dust = _around(black, inch) / whole
    share = np.clip(dust, _LEAST_BLACK, 1 - _LEAST_BLACK)
    if behind is not None:
        ink = paper * cv2.GaussianBlur(behind, (0, 0), _DIFFUSION_INCHES * inch)
        mean = _around(ink, inch) / whole
        together, varies = (_around(ink * one, inch) / whole - mean * of for one, of in ((black, dust), (ink, mean)))
        black = black - np.clip(together / (varies + _LEAST_VARIES), 0, _STRONGEST) * (ink - mean) * paper
    return np.asarray(stroked(black, inch, _LETTER_INCHES) / np.sqrt((share * (1 - share) + _ROUGH) / dots), np.float32)


def _around(tone: Tone, inch: float) -> Tone:
    return np.asarray(cv2.GaussianBlur(tone, (0, 0), _AROUND_INCHES * inch), np.float32)
