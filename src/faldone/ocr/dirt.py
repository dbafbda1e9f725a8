"""What dirt explains on a page: the scanner's bed, the sheet's own edge, punch holes, specks that touch. Pure.

Masks are 0/1 and as large as the page as it is looked at; ``inch`` is its pixels an inch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from faldone.ocr.image import Gray
from faldone.ocr.prepare import LOOK_DPI, components

BEDS, BED_INCHES, _FRAME_INCHES = (140, 90), 0.65, 0.02
"""Darker than these, paper being 255, is the scanner's bed where it is reached from the picture's border within this
distance: a sheet that lies askew by 4° shows 0.4 in of it. At the first a stain at the sheet's edge runs into it."""

_EDGE_WIDTH, _EDGE_SLOPE, _EDGE_STEP = 5.0, 0.09, 0.6
"""The sheet's own edge, where the bed is pale, is this many pixels wide at 150 dpi and at most 5° aslant; across it the
tone steps by this share of the contrast there. Strokes have paper on both sides: they do not step."""

HOLES, _HOLE_INCHES, _HOLE_BORDER_INCHES = ((185, 0.68), (220, 0.72)), (0.16, 0.30), 0.8
"""Punch holes are 5–7 mm wide and their centres 12 mm from a border. Darker than the first of a pair, they fill the
second of their box (a disc 0.79): where a sheet is dark they are hardly darker, and must be rounder."""

_PAIR_INCHES, _SPECK_INCHES, _PAIR_REACH_INCHES = 0.08, 0.03, 0.04
"""Two specks that touch, or nearly, look like one mark of this size."""


def bed(dark: npt.NDArray[np.bool_], inch: float) -> npt.NDArray[np.uint8]:
    """What of the dark is reached from the picture's border, as a 0/1 mask, with a seam around it.

    From each border inwards, as far as it is dark without a break; a run that goes on too far is a band, not the bed.
    Where two dark borders meet each hides the other's end: there all that touches the border is taken.
    """
    height, width = dark.shape
    reach = max(1, min(round(BED_INCHES * inch), height // 3, width // 3))
    mask = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)) > 0
    found = np.zeros(dark.shape, np.bool_)
    for turns in range(4):
        side, into = np.rot90(mask, turns)[:, : reach + 1], np.rot90(found, turns)
        runs = np.logical_and.accumulate(side, axis=1)
        runs[runs[:, -1]] = False
        into[:, : reach + 1] |= runs
        _, labels = cv2.connectedComponents(np.rot90(mask, turns)[:reach, :reach].astype(np.uint8))
        touching = np.union1d(labels[0], labels[:, 0])
        into[:reach, :reach] |= (labels > 0) & np.isin(labels, touching)
        into[:, : max(1, round(_FRAME_INCHES * inch))] = True
    return np.asarray(cv2.dilate(found.astype(np.uint8), np.ones((7, 7), np.uint8)), dtype=np.uint8)


def set_holes_aside(aside: npt.NDArray[np.uint8], dark: npt.NDArray[np.bool_], full: float, inch: float) -> None:
    """Adds the punch holes among the dark to the mask ``aside``, in place; they fill this share of their boxes."""
    height, width = dark.shape
    low, high = (size * inch for size in _HOLE_INCHES)
    border = _HOLE_BORDER_INCHES * inch
    for x, y, wide, tall, area in components(np.logical_and(dark, aside == 0).astype(np.uint8)):
        round_ = low <= min(wide, tall) and max(wide, tall) <= min(high, 1.4 * min(wide, tall))
        near = min(x + wide / 2, y + tall / 2, width - x - wide / 2, height - y - tall / 2) < border
        if round_ and near and area > full * wide * tall:
            aside[max(0, y - 5) : y + tall + 5, max(0, x - 5) : x + wide + 5] = 1


def set_cut_holes_aside(aside: npt.NDArray[np.uint8], dark: npt.NDArray[np.bool_], inch: float) -> None:
    """Adds what the bed left of holes that it touches to the mask ``aside``, in place: caps of a disc, no strokes."""
    height, width = dark.shape
    narrow, wide_ = (round(size * inch) for size in _HOLE_INCHES)
    border = _HOLE_BORDER_INCHES * inch
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (narrow, narrow))
    for x, y, wide, tall, area in components(np.logical_and(dark, aside == 0).astype(np.uint8)).tolist():
        near = min(x, y, width - x - wide, height - y - tall) < border
        here = slice(max(0, y - 5), y + tall + 5), slice(max(0, x - 5), x + wide + 5)
        if not near or not 0.1 * narrow <= max(wide, tall) <= wide_ or not aside[here].any():
            continue
        top, left = max(0, y - wide_), max(0, x - wide_)
        around = dark[top : y + tall + wide_, left : x + wide + wide_].astype(np.uint8)
        discs = cv2.morphologyEx(around, cv2.MORPH_OPEN, disc)[y - top :, x - left :][:tall, :wide]
        if np.count_nonzero(np.logical_and(discs, aside[y : y + tall, x : x + wide] == 0)) > 0.8 * area:
            aside[here] = 1


def is_sheet_edge(small: Gray, box: tuple[int, int, int, int], inch: float) -> bool:
    """Whether steep pixels in this box are a piece of the sheet's edge: straight, along a border, a step of tone."""
    x, y, wide, tall = box
    unit = inch / LOOK_DPI
    if wide > tall:
        return is_sheet_edge(small.T, (y, x, tall, wide), inch)
    if wide > _EDGE_WIDTH * unit + _EDGE_SLOPE * tall or min(x, small.shape[1] - x - wide) > BED_INCHES * inch:
        return False
    far = round(6 * unit)
    across = small[y : y + tall, max(0, x - far) : x + wide + far].astype(np.float32).mean(axis=0)
    left, right = float(across[: far // 2].mean()), float(across[-far // 2 :].mean())
    return abs(left - right) >= _EDGE_STEP * float(across.max() - across.min())


def are_chance_pairs(dark: npt.NDArray[np.uint8], marks: Sequence[tuple[int, int, int, int]], inch: float) -> bool:
    """Whether marks are all of two specks, and no more than the specks on the sheet make by chance.

    Args:
        dark: what is black, as a 0/1 mask.
        marks: boxes around some of it.
        inch: pixels an inch.
    """
    found = components(dark)
    specks = found[found[:, 2:4].max(axis=1, initial=0) <= _SPECK_INCHES * inch]
    area = dark.size / (inch * inch)
    chance = len(specks) ** 2 * math.pi * _PAIR_REACH_INCHES**2 / area / 2
    return len(marks) <= 2 * chance and all(_is_pair(specks, mark, inch) for mark in marks)


def _is_pair(specks: npt.NDArray[np.int32], mark: tuple[int, int, int, int], inch: float) -> bool:
    x, y, wide, tall = mark
    if max(wide, tall) > _PAIR_INCHES * inch:
        return False
    middle_x, middle_y = specks[:, 0] + specks[:, 2] // 2, specks[:, 1] + specks[:, 3] // 2
    inside = int(((middle_x >= x) & (middle_x < x + wide) & (middle_y >= y) & (middle_y < y + tall)).sum())
    long, broad = max(wide, tall), min(wide, tall)
    in_one_piece = long <= 2 * _SPECK_INCHES * inch and long <= 2 * broad + 1  # a stroke is slimmer
    return inside == 2 or (inside < 2 and in_one_piece)
