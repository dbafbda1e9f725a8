"""How a page looks, for finding the same page again: pure numpy and OpenCV.

The look is a few bits and proposes; whether the ink of two pages is the same is asked of their pixels, place by place.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from faldone.domain.digest import Digest
from faldone.domain.likeness import LOOK_SIDE, Look, Placing
from faldone.ocr.image import Gray, PageImage
from faldone.ocr.prepare import PageStatistics, turn

_MM_PER_INCH = 25.4

_INK = 150
"""As in preparation: darker than this on a page divided by its background is ink."""

_COARSE, _FINE = 256, 64
"""The page is straightened at the first of these sides and transformed at the second; its shape does not count."""

_SIDE_MARGIN, _END_MARGIN = 0.05, 0.03
"""Shares of width and height where the scanner's bed and punch holes show, as in preparation."""

_TILE_WIDTH, _TILE_HEIGHT, _REACH = 40, 22, 5
"""In pixels at 150 dpi: about a word, and how far it may lie from where the words of the page put it."""

_INKED = 0.10
"""With less of it under ink on either page, a tile is not compared: a stamp may have been added."""

_LEAST_TILES = 8

_SPOILT_INK, _SAME_INK = 0.40, 0.60
"""Lowest correlation of any tile, and of all but one, which a speck may have spoilt. On 168 papers scanned twice with
every damage the lowest was 0.44 to 0.99, and the next 0.61 or more; of 43 papers printed again with other dates half
had a tile below 0.46."""


def fingerprint(pixels: Gray) -> Digest:
    """The digest of a page's shape and pixels: equal for the same picture in another container."""
    return PageImage.of(pixels, 0).digest


def look(found: PageStatistics) -> Look:
    """How the ink lies on a page that was looked at, or ``Look(0)`` on a blank one. About 5 ms at 150 dpi.

    The page is straightened and its ink moved to the middle first. A page turned by half gives the look turned by
    half, which :meth:`~faldone.domain.likeness.Look.distance` allows for; one turned by a quarter stands up first.
    """
    if found.blank:
        return Look(0)
    pixels = turn(found.look, 90) if found.lies_sideways else found.look
    height, width = pixels.shape
    ink = np.zeros_like(pixels)
    side, end = round(width * _SIDE_MARGIN), round(height * _END_MARGIN)
    inner = (slice(end, height - end), slice(side, width - side))
    ink[inner] = cv2.inRange(np.ascontiguousarray(pixels[inner]), 0, _INK - 1)
    coarse = np.asarray(cv2.resize(ink, (_COARSE, _COARSE), interpolation=cv2.INTER_AREA))
    weight = cv2.moments(coarse)
    if weight["m00"] == 0:
        return Look(0)
    x, y = weight["m10"] / weight["m00"], weight["m01"] / weight["m00"]
    level = _levelled((x, y), found.skew_deg, height / width)
    coarse = np.asarray(cv2.warpAffine(coarse, level, (_COARSE, _COARSE), flags=cv2.INTER_LINEAR))
    fine = cv2.resize(coarse, (_FINE, _FINE), interpolation=cv2.INTER_AREA).astype(np.float32)
    signs = (cv2.dct(fine)[:LOOK_SIDE, :LOOK_SIDE] > 0).ravel()
    signs[0] = False  # the page's mean tells nothing and is always above 0
    return Look(int.from_bytes(np.packbits(signs, bitorder="little").tobytes(), "little"))


def _levelled(centre: tuple[float, float], skew_deg: float, shape: float) -> npt.NDArray[np.float64]:
    """Turns by the skew about the ink's centre and moves that to the middle, on a page squeezed into a square."""
    x, y = centre
    angle = np.radians(skew_deg)
    cosine, sine = np.cos(angle), np.sin(angle)
    linear = np.array([[cosine, sine * shape], [-sine / shape, cosine]])
    middle = (_COARSE - 1) / 2
    return np.hstack([linear, np.array([[middle], [middle]]) - linear @ np.array([[x], [y]])])


def same_ink(one: Gray, one_dpi: float, other: Gray, other_dpi: float, placing: Placing) -> bool:
    """Whether the ink of two pages is the same wherever both have some. About 0.05 s at 150 dpi.

    Handwriting, a date, a signature that differ are found, whether or not they can be read; a stamp that one page
    has on blank paper is let pass.

    Args:
        one: a page divided by its background, upright.
        one_dpi: its resolution; that of looks, 150 dpi, is enough.
        other: the other page, likewise.
        other_dpi: its resolution.
        placing: how the first lies on the second, as told by :func:`~faldone.domain.likeness.compare`.
    """
    found = sorted(_correlations(one, one_dpi, other, other_dpi, placing))
    return len(found) >= _LEAST_TILES and found[0] >= _SPOILT_INK and found[1] >= _SAME_INK


def _correlations(one: Gray, one_dpi: float, other: Gray, other_dpi: float, placing: Placing) -> list[float]:
    """How alike the pages are in each tile in which both have ink, −1 to 1."""
    a, b, c, d = placing
    scale, mm = other_dpi / one_dpi, other_dpi / _MM_PER_INCH
    forward = np.array([[a * scale, -b * scale, c * mm], [b * scale, a * scale, d * mm]])
    height, width = other.shape
    size = (width, height)
    laid = np.asarray(cv2.warpAffine(one, forward, size, flags=cv2.INTER_LINEAR, borderValue=255), dtype=np.uint8)
    mine, theirs = (np.asarray(cv2.GaussianBlur(page, (0, 0), 1.0)) for page in (laid, other))
    tiles = (width // _TILE_WIDTH, height // _TILE_HEIGHT)
    inked = np.minimum(_ink_in_tiles(laid, tiles), _ink_in_tiles(other, tiles)) >= _INKED
    side, end = round(width * _SIDE_MARGIN), round(height * _END_MARGIN)
    found = []
    for row, column in np.argwhere(inked).tolist():
        top, left = row * _TILE_HEIGHT, column * _TILE_WIDTH
        bottom, right = top + _TILE_HEIGHT, left + _TILE_WIDTH
        if top >= end and left >= side and bottom <= height - end and right <= width - side:
            window = theirs[top - _REACH : bottom + _REACH, left - _REACH : right + _REACH]
            alike = cv2.matchTemplate(window, mine[top:bottom, left:right], cv2.TM_CCOEFF_NORMED)
            found.append(float(alike.max()))
    return found


def _ink_in_tiles(page: Gray, tiles: tuple[int, int]) -> npt.NDArray[np.float32]:
    """The share of ink in each tile, shape (rows, columns)."""
    columns, rows = tiles
    ink = (page[: rows * _TILE_HEIGHT, : columns * _TILE_WIDTH] < _INK).astype(np.float32)
    return np.asarray(cv2.resize(ink, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.float32)
