"""Whether anything is on a page but dirt: the question that decides between blank and unread. Pure, like `prepare`.

A page with text called blank is a page lost, a blank page called unread costs a look by a person: so only a page on
which everything is explained is blank, and every rule here explains one kind of dirt.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from faldone.ocr.image import Gray
from faldone.ocr.prepare import FAINT_INK, INK, LOOK_DPI, PageStatistics, components, resized

_DARK_SHEET = 125
"""A page whose paper is darker than this is a dark sheet, a negative or a photograph: never blank."""

_BED, _BED_INCHES, _FRAME_INCHES = 140, 0.65, 0.02
"""Darker than this, paper being 255, is the scanner's bed where it is reached from the picture's border within this
distance: a sheet that lies askew by 4° shows 0.4 in of it."""

_HOLE, _HOLE_INCHES, _HOLE_BORDER_INCHES = 185, (0.16, 0.30), 0.8
"""Punch holes are 5–7 mm wide and their centres 12 mm from a border."""

_STAPLE_INCHES, _STAPLE_BORDER_INCHES, _STAPLES = (0.26, 0.5), 1.0, 2

_MARK_INCHES, _PALE_MARK_INCHES = 0.04, 0.06
"""What is smaller is a speck: a digit of 6 points is 0.06 in tall, dirt of a photocopier 0.01–0.02."""

_BLACK = 100

_DUST_PER_INCH, _STROKE_SPECKS = 5.0, 8
"""A square inch with more specks is dusty, and specks lie close together by chance; with fewer, a pencil's label of two
lines left 27 in a group of 65 on the page. Of 50 backs with such groups all but one had over 2 200 on the page."""

_GAP_INCHES = 0.033
"""In black and white, pieces of a stroke that are nearer than this are one: as specks «./.» and a pale «segue» went
unseen."""

_STEEP, _STEEP_NOISE, _STEEP_SHARE = 8.0, 3.4, 0.34
"""Pale marks are sharp when brightness changes by this much a pixel, by this many times the noise, and by this share of
their depth. Seven pencil lines had 0.38–0.50 at their steepest. With 11, 4 and 0.36 two of 74 pale pages under strong
noise went unseen; as set 4 of 174 blank backs of medium and hard damage are taken for marked, with those none."""

_DUST_INCHES, _SOFT_INCHES, _SOFT_STEEP_SHARE = 0.006, 0.012, 0.16
"""In black and white, what is soft shows as dust: smoothed over this it is grey again. At its steepest the print of
twenty pages changed by 0.20–0.30 of its depth a pixel."""

_PIECE_INCHES = 0.25
"""A piece of a large mark: large enough for a letter."""

_CLUMP_STEEP_SHARE, _CLUMP_INCHES, _DUSTY = 0.25, 0.1, 0.06
"""A clump of dust is as small as a letter; around it this share of the paper is black, around print on paper that is
peppered 0.002."""


def has_marks(pixels: Gray, dpi: int, found: PageStatistics) -> bool:
    """Whether anything but dirt is on the page, margins included. Takes about twice as long as :func:`statistics`.

    The scanner's bed, punch holes, staples, specks and what has soft edges (show-through, stains) are set aside. What
    is left counts, down to a digit: only a page on which everything is explained is blank.

    Args:
        pixels: the page.
        dpi: its resolution.
        found: its statistics.
    """
    height, width = found.look.shape
    inch = dpi * found.scale
    small = resized(pixels, (width, height), cv2.INTER_AREA)
    bilevel = not cv2.inRange(np.ascontiguousarray(pixels[::3, ::3]), 9, 246).any()
    return _is_marked(small, found.look, inch, bilevel=bilevel)


def _is_marked(small: Gray, look: Gray, inch: float, *, bilevel: bool) -> bool:
    """Whether marks are on the page; ``look`` is ``small`` divided by its background."""
    unit = inch / LOOK_DPI
    paper = float(np.percentile(small[::4, ::4], 75))
    if paper < _DARK_SHEET:
        return True
    level = np.asarray(cv2.convertScaleAbs(small, alpha=255 / paper), np.uint8)
    aside = _bed(_blurred(level, 1.5 * unit) < _BED, inch)
    _set_holes_aside(aside, _blurred(look, 1.5 * unit) < _HOLE, inch)
    if bilevel:
        level, look = _blurred(level, _DUST_INCHES * inch), _blurred(look, _DUST_INCHES * inch)
    dark = np.logical_or(look < INK, level < _BLACK).astype(np.uint8)
    dark[aside > 0] = 0
    marks = _marks(dark, aside, inch)
    if bilevel:
        closed = _closed(dark, _GAP_INCHES * inch)
        marks += _marks(closed, aside, inch)  # as well: joined, a number may pass for a staple
        soft = _blurred(small, _SOFT_INCHES * inch)
        explained = all(_is_soft(soft, small, mark, inch) or _is_blot(dark, mark, inch) for mark in marks)
        return not explained or _has_broken_strokes(small, aside, inch)
    return bool(marks) or _has_pale_marks(look, aside, inch)


def _blurred(pixels: Gray, sigma: float) -> Gray:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(0.3, sigma)), dtype=np.uint8)


def _closed(mask: npt.NDArray[np.uint8], gap: float) -> npt.NDArray[np.uint8]:
    """The 0/1 mask with gaps of up to this many pixels filled."""
    square = np.ones((round(gap) | 1, round(gap) | 1), np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, square), dtype=np.uint8)


def _bed(dark: npt.NDArray[np.bool_], inch: float) -> npt.NDArray[np.uint8]:
    """What of the dark is reached from the picture's border, as a 0/1 mask, with a seam around it.

    From each border inwards, as far as it is dark without a break; a run that goes on too far is a band, not the bed.
    Where two dark borders meet each hides the other's end: there all that touches the border is taken.
    """
    height, width = dark.shape
    reach = min(round(_BED_INCHES * inch), height // 3, width // 3)
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


def _set_holes_aside(aside: npt.NDArray[np.uint8], dark: npt.NDArray[np.bool_], inch: float) -> None:
    """Adds the punch holes among the dark to the mask ``aside``, in place."""
    height, width = dark.shape
    low, high = (size * inch for size in _HOLE_INCHES)
    border = _HOLE_BORDER_INCHES * inch
    for x, y, wide, tall, area in components(np.logical_and(dark, aside == 0).astype(np.uint8)):
        round_ = low <= min(wide, tall) and max(wide, tall) <= min(high, 1.4 * min(wide, tall))
        near = min(x + wide / 2, y + tall / 2, width - x - wide / 2, height - y - tall / 2) < border
        if round_ and near and area > 0.68 * wide * tall:
            aside[max(0, y - 5) : y + tall + 5, max(0, x - 5) : x + wide + 5] = 1


def _marks(dark: npt.NDArray[np.uint8], aside: npt.NDArray[np.uint8], inch: float) -> list[tuple[int, int, int, int]]:
    """Boxes (x, y, width, height) of the dark components that are neither specks nor staples.

    The staples are added to the mask ``aside``, in place.
    """
    height, width = dark.shape
    shortest, longest = (length * inch for length in _STAPLE_INCHES)
    corner = _STAPLE_BORDER_INCHES * inch
    marks, staples = [], 0
    for x, y, wide, tall, area in components(dark).tolist():
        if max(wide, tall) < _MARK_INCHES * inch:
            continue
        length = math.hypot(wide, tall)
        near = slice(max(0, y - 2), y + tall + 2), slice(max(0, x - 2), x + wide + 2)
        cut = aside[near].any()  # part of it is set aside already
        thin = area < 0.05 * inch * length and min(wide, tall) < 0.6 * max(wide, tall)
        in_corner = min(x, width - x - wide) < corner and min(y, height - y - tall) < corner
        if thin and in_corner and (cut or shortest <= length) and length <= longest and staples < _STAPLES:
            staples += 1
            aside[max(0, y - 5) : y + tall + 5, max(0, x - 5) : x + wide + 5] = 1
        else:
            marks.append((x, y, wide, tall))
    return marks


def _slopes(pixels: Gray) -> npt.NDArray[np.float32]:
    """How much brightness changes a pixel, in its steepest direction."""
    across, down = cv2.Sobel(pixels, cv2.CV_32F, 1, 0, ksize=1), cv2.Sobel(pixels, cv2.CV_32F, 0, 1, ksize=1)
    return np.asarray(cv2.magnitude(across, down) / 2, dtype=np.float32)


def _steepest_share(soft: Gray, mark: tuple[int, int, int, int], inch: float) -> float:
    """The steepest slope in and around a mark, as a share of its depth.

    A large mark is looked at piece by piece: in the whole box of a drawing its few lines would not count.
    """
    x, y, wide, tall = mark
    piece = round(_PIECE_INCHES * inch)
    if max(wide, tall) > piece:
        deepest = 255 - float(soft[y : y + tall, x : x + wide].min())
        tops, lefts = range(y, y + tall, piece), range(x, x + wide, piece)
        pieces = [
            (left, top, min(piece, x + wide - left), min(piece, y + tall - top)) for top in tops for left in lefts
        ]
        deep = [one for one in pieces if _depth(_around(soft, one)) > 0.5 * deepest]
        return max((_steepest_share(soft, one, inch) for one in deep), default=0.0)
    around = _around(soft, mark)
    return float(np.percentile(_slopes(around), 98)) / max(1.0, _depth(around))


def _around(soft: Gray, mark: tuple[int, int, int, int]) -> Gray:
    x, y, wide, tall = mark
    return np.ascontiguousarray(soft[max(0, y - 4) : y + tall + 4, max(0, x - 4) : x + wide + 4])


def _depth(around: Gray) -> float:
    return float(around.max()) - float(around.min())


def _is_soft(soft: Gray, small: Gray, mark: tuple[int, int, int, int], inch: float) -> bool:
    """Whether a black mark was soft on paper; ``soft`` is ``small`` smoothed.

    A small clump of dust amid dust may be as steep as print by chance.
    """
    share = _steepest_share(soft, mark, inch)
    if share < _SOFT_STEEP_SHARE or share >= _CLUMP_STEEP_SHARE or max(mark[2:]) > _CLUMP_INCHES * inch:
        return share < _SOFT_STEEP_SHARE
    x, y, wide, tall = mark
    near, far = round(0.02 * inch), round(0.08 * inch)
    outer = small[max(0, y - far) : y + tall + far, max(0, x - far) : x + wide + far]
    inner = small[max(0, y - near) : y + tall + near, max(0, x - near) : x + wide + near]
    dust = (float((255 - outer).sum()) - float((255 - inner).sum())) / 255 / max(1, outer.size - inner.size)
    return dust > _DUSTY


def _is_blot(dark: npt.NDArray[np.uint8], mark: tuple[int, int, int, int], inch: float) -> bool:
    """Whether a mark is a full ellipse of over half an inch: a stain that a scanner made black."""
    x, y, wide, tall = mark
    if min(wide, tall) < 0.5 * inch:
        return False
    inside = np.pad(dark[y : y + tall, x : x + wide], ((tall // 4,), (wide // 4,)))  # a box's ellipse is larger than it
    contours, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(contours, key=len)
    if len(outline) < 5:  # of specks that are a mark only together; an ellipse takes five points
        return False
    drawn = np.zeros_like(inside)
    cv2.ellipse(drawn, cv2.fitEllipse(outline), (1, 0, 0), -1)
    either = np.count_nonzero(np.logical_or(drawn, inside))
    return bool(np.count_nonzero(np.logical_and(drawn, inside)) > 0.93 * either)


def _has_broken_strokes(small: Gray, aside: npt.NDArray[np.uint8], inch: float) -> bool:
    """Whether specks lie close together on a sheet that is else clean: what black and white leaves of a pencil."""
    specks = np.logical_and(small < FAINT_INK, aside == 0).astype(np.uint8)
    found = components(specks)
    height, width = small.shape
    if len(found) > _DUST_PER_INCH * (height / inch) * (width / inch):
        return False
    near = np.ones((round(0.06 * inch) | 1, round(0.08 * inch) | 1), np.uint8)  # the gaps between letters
    _, groups = cv2.connectedComponents(np.asarray(cv2.dilate(specks, near), np.uint8))
    middle = found[:, :2] + found[:, 2:4] // 2
    counts = np.bincount(groups[middle[:, 1], middle[:, 0]], minlength=1)
    return bool(counts[1:].max(initial=0) >= _STROKE_SPECKS)


def _has_pale_marks(look: Gray, aside: npt.NDArray[np.uint8], inch: float) -> bool:
    """Whether something pale has sharp edges: a pencil's line, the print of a worn ribbon."""
    unit = inch / LOOK_DPI
    clean, ground = look.copy(), cv2.medianBlur(look, 2 * round(8 * unit) + 1)
    specks = components((look < FAINT_INK).astype(np.uint8))
    for x, y, wide, tall, _ in specks[specks[:, 2:4].max(axis=1, initial=0) < _MARK_INCHES * inch].tolist():
        here = slice(max(0, y - 1), y + tall + 1), slice(max(0, x - 1), x + wide + 1)
        clean[here] = ground[here]
    soft = _blurred(clean, 0.8 * unit)
    slopes = _slopes(soft)
    noise = 1.48 * float(np.median(slopes[::4, ::4]))
    slopes[cv2.dilate(aside, np.ones((7, 7), np.uint8)) > 0] = 0
    steep = (slopes > max(_STEEP, _STEEP_NOISE * noise)).astype(np.uint8)
    height, width = look.shape
    reach = _BED_INCHES * inch
    for x, y, wide, tall, area in components(steep).tolist():
        if max(wide, tall) < _PALE_MARK_INCHES * inch or area < 12 * unit * unit:
            continue
        if min(wide, tall) <= 3 * unit and min(x, y, width - x - wide, height - y - tall) < reach:
            continue  # a piece of the sheet's own edge
        here = slice(max(0, y - 3), y + tall + 3), slice(max(0, x - 3), x + wide + 3)
        if float(slopes[here].max()) - noise >= _STEEP_SHARE * (255 - float(soft[here].min())):
            return True
    return False
