"""Sheets seen from the side: photographs, whose edges and lines of print run together. Pure.

A flat scan is never touched: its lines are as far apart on the left as on the right. Where they are not, the sheet's
four edges say how it lay before the camera, if they are seen all round against a darker table; failing that, the lines
themselves. Whatever was found is believed only when the letters of the straightened sheet stand better in rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from faldone.ocr.image import Gray, PageImage
from faldone.ocr.prepare import PageStatistics, feet_of, piled, statistics

Homography: TypeAlias = npt.NDArray[np.float64]
"""Shape (3, 3): maps (x, y, 1) to a multiple of (x', y', 1)."""

Corners: TypeAlias = npt.NDArray[np.float32]
"""Shape (4, 2): top left, top right, bottom right, bottom left of what is a rectangle on the sheet, in pixels."""

_LOOK_PIXELS = 300
"""The shorter edge of the picture in which the sheet is looked for."""

_SURROUND, _DARKER = 0.8, 0.8
"""Share of the picture's border that is no paper, and how bright that is at most, the paper being 1."""

_SHEET, _LEAST_FILL = (0.25, 0.93), 0.95
"""Share of the picture that a sheet takes up at least and at most (the black wedges around a copied sheet are narrower
than a table), and of the area between its four edges that it fills at least."""

_CONVERGES_DEG = 0.8
"""Edges or lines whose directions differ less are those of a flat scan."""

_LETTERS, _CLEARER = 120, 1.1
"""With fewer letters nothing proves that a change was for the better; how much better they must stand in rows when
nothing but their own lines says so."""

_STEEPEST_DEG, _STEP_DEG = 6.0, 0.4
"""How much lines at the head and at the foot may differ in direction, and in what steps that is looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Flattened:
    """A photograph as if it had been scanned.

    Attributes:
        image: the sheet.
        found: its statistics.
        to_picture: from its pixels to those of the picture.
    """

    image: PageImage
    found: PageStatistics
    to_picture: Homography


def flattened(image: PageImage, found: PageStatistics) -> Flattened | None:
    """The sheet on a picture taken from the side; ``None`` for every other.

    Args:
        image: the picture.
        found: its statistics.
    """
    if found.letters < _LETTERS:
        return None
    corners, seen = sheet_corners(image.pixels), "edges"
    if corners is None:
        corners, seen = line_corners(image.pixels, found), "lines"
    if corners is None or (degrees := _convergence(corners)) < _CONVERGES_DEG:
        return None
    flat = _warped(image, corners, f"perspective corrected by {seen} {degrees:.1f} deg")
    gain = _levelness(flat.found) / _levelness(found)
    return flat if gain > (1.0 if seen == "edges" else _CLEARER) else None


def mapped(matrix: Homography, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The points where the matrix puts them; shape (..., 2, n), x and y."""
    x, y = points[..., 0, :], points[..., 1, :]
    (a, b, c), (d, e, f), (g, h, i) = matrix
    depth = g * x + h * y + i
    return np.stack([(a * x + b * y + c) / depth, (d * x + e * y + f) / depth], axis=-2)


def turning(shape: tuple[int, ...], rotation: int) -> Homography:
    """From a picture of that shape (height, width) to the same turned clockwise by a multiple of 90 degrees."""
    height, width = shape
    return np.array(
        {
            0: ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
            90: ((0, -1, height), (1, 0, 0), (0, 0, 1)),
            180: ((-1, 0, width), (0, -1, height), (0, 0, 1)),
            270: ((0, 1, 0), (-1, 0, width), (0, 0, 1)),
        }[rotation % 360],
        np.float64,
    )


def sheet_corners(pixels: Gray) -> Corners | None:
    """The corners of a bright sheet with four straight edges that lies on a darker ground; ``None`` without one."""
    height, width = pixels.shape
    step = max(1, min(height, width) // _LOOK_PIXELS)
    small = np.asarray(cv2.medianBlur(np.ascontiguousarray(pixels[::step, ::step]), 5), np.uint8)
    paper = float(np.percentile(small[::4, ::4], 80))
    border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    if np.mean(border < _DARKER * paper) < _SURROUND:
        return None
    between = (float(np.median(border)) + paper) / 2
    bright = cv2.morphologyEx((small > between).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(contours, key=cv2.contourArea, default=None)
    if outline is None:
        return None
    hull = cv2.convexHull(outline)
    four = np.asarray(cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True), np.int32)
    four = four.reshape(-1, 2)
    if len(four) != 4 or not _SHEET[0] < cv2.contourArea(four) / small.size < _SHEET[1]:
        return None
    if cv2.contourArea(outline) < _LEAST_FILL * cv2.contourArea(four):
        return None
    line = np.asarray(outline, np.int32).reshape(-1, 2)
    edges = [_edge(line, four[side], four[side - 3]) for side in range(4)]
    corners = np.array([_crossing(edges[side - 1], edges[side]) for side in range(4)], np.float32)
    return _from_top_left(corners * np.float32(step))


def line_corners(pixels: Gray, found: PageStatistics) -> Corners | None:
    """Where the corners of the picture would be if its lines, which run together sideways, ran level."""
    if found.lies_sideways:
        return None
    x, y = feet_of(found)
    height, width = (edge * found.scale for edge in pixels.shape)
    x, down = x - width / 2, y / height - 0.5
    level = math.radians(found.skew_deg)

    def sharpness(spread: float, skew: float) -> float:
        return piled(y - x * np.tan(skew + math.radians(spread) * down))

    spreads = np.arange(-_STEEPEST_DEG, _STEEPEST_DEG + 0.01, _STEP_DEG)
    best = float(max(spreads, key=lambda spread: sharpness(spread, level)))
    if abs(best) < _CONVERGES_DEG or sharpness(best, level) < _CLEARER * sharpness(0.0, level):
        return None
    near = [
        (spread, level + math.radians(skew))
        for spread in np.arange(best - _STEP_DEG, best + _STEP_DEG + 0.01, _STEP_DEG / 4)
        for skew in np.arange(-0.6, 0.61, 0.1)
    ]
    best, level = max(near, key=lambda pair: sharpness(*pair))
    head, foot = (math.tan(level + math.radians(best) * end) for end in (-0.5, 0.5))
    across, height = pixels.shape[1] / 2, pixels.shape[0]
    return np.array(
        [
            (0, -across * head),
            (2 * across, across * head),
            (2 * across, height + across * foot),
            (0, height - across * foot),
        ],
        np.float32,
    )


def _edge(
    outline: npt.NDArray[np.int32], start: npt.NDArray[np.int32], end: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    """The line (a, b, c of a·x + b·y = c) along the outline between two corners, dog-ears and the corners left out."""
    along = (end - start).astype(np.float64)
    length = float(np.hypot(*along))
    along /= length
    apart = outline - start
    place, beside = apart @ along, apart @ np.array([-along[1], along[0]])
    on_it = (place > 0.12 * length) & (place < 0.88 * length) & (np.abs(beside) < 0.03 * length)
    points = outline[on_it] if np.count_nonzero(on_it) > 8 else np.array([start, end])
    dx, dy, x, y = cv2.fitLine(points.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
    return np.array([dy, -dx, dy * x - dx * y])


def _crossing(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.linalg.solve(np.array([one[:2], other[:2]]), np.array([one[2], other[2]]))


def _from_top_left(corners: Corners) -> Corners:
    """The corners clockwise, the one nearest to the picture's top left first."""
    middle = corners.mean(axis=0)
    clockwise = corners[np.argsort(np.arctan2(*(corners - middle).T[::-1]))]
    return np.roll(clockwise, -int(clockwise.sum(axis=1).argmin()), axis=0)


def _convergence(corners: Corners) -> float:
    """By how many degrees opposite edges differ in direction, those that differ more."""
    sides = np.roll(corners, -1, axis=0) - corners
    directions = np.degrees(np.arctan2(sides[:, 1], sides[:, 0]))
    apart = (directions[:2] - directions[2:]) % 180
    return float(np.minimum(apart, 180 - apart).max())


def _warped(image: PageImage, corners: Corners, step: str) -> Flattened:
    top, right, foot, left = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    width, height = round(float(top + foot) / 2), round(float(left + right) / 2)
    sheet = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    to_picture = np.asarray(cv2.getPerspectiveTransform(sheet, corners), np.float64)
    paper = int(np.percentile(image.pixels[::16, ::16], 75))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpPerspective(image.pixels, to_picture, (width, height), flags=flags, borderValue=paper)
    flat = replace(image, pixels=np.asarray(pixels, np.uint8), steps=(*image.steps, step))
    return Flattened(flat, statistics(flat.pixels, flat.dpi), to_picture)


def _levelness(found: PageStatistics) -> float:
    """How much the letters stand on few rows."""
    x, y = feet_of(found)
    return piled(y - x * math.tan(math.radians(found.skew_deg))) / max(1, found.letters) ** 2
