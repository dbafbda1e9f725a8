"""Whether anything is on a page but dirt: the question that decides between blank and unread. Pure, like `prepare`.

A page with text called blank is a page lost, a blank page called unread costs a look by a person: so only a page on
which everything is explained is blank, and every rule here explains one kind of dirt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from faldone.ocr.dirt import (
    BED_INCHES,
    BEDS,
    HOLES,
    are_chance_pairs,
    bed,
    is_sheet_edge,
    set_cut_holes_aside,
    set_holes_aside,
)
from faldone.ocr.excess import excess, may_reach
from faldone.ocr.image import Gray
from faldone.ocr.prepare import FAINT_INK, INK, LOOK_DPI, PageStatistics, components, labelled, resized
from faldone.ocr.strokes import has_stroke

_DARK_SHEET = 125
"""A page whose paper is darker than this is a dark sheet, a negative or a photograph: never blank."""

_STAPLE_INCHES, _STAPLE_BORDER_INCHES, _STAPLES = (0.26, 0.5), 1.0, 2

_MARK_INCHES, _PALE_MARK_INCHES = 0.04, 0.06
"""What is smaller is a speck: a digit of 6 points is 0.06 in tall, dirt of a photocopier 0.01–0.02."""

_BLACK = 100

_DUST_PER_INCH, _STROKE_SPECKS, _CHANCE_GROUPS = 5.0, (4, 8), 0.002
"""A square inch with more specks is dusty, and specks lie close together by chance; with fewer, a pencil's label of two
lines left 27 in a group of 65 on the page, «p.c.c.» 7 of 24: as many are a stroke as lie together by chance on one page
in 500, within these limits. Of 50 backs with groups of 8 all but one had over 2 200 specks on the page."""

_LONE_INCHES, _LONE_DUST = (0.075, 0.25), 0.05
"""Around a stroke between these lengths less than this share of a dusty sheet is black: «ok» and «no!» went unseen."""

_CROWD_INCHES, _CROWD_SIGMAS, _CROWD_LENGTH = (0.2, 0.12), 9.0, 5.0
"""On a dusty sheet specks are a crowd where they are longer together, in the window of a word, than chance explains:
the mean, so many standard deviations, and a little for sheets with next to none. Eight faint pencil lines amid pepper
stood out by 10.8 to 49 deviations, 120 backs that show neither print nor stains by 6.9 at most."""

_CROWD_NEAR_INCHES, _CROWD_NEAR_SIGMAS = 0.9, 7.0
"""And than in their neighbourhood: nine pencil lines stood out of it by 8.1 deviations or more, the dust of stains on
five blank backs by 6.4 at most."""

_CROWD_CONTRAST, _CROWD_SOFT = 60.0, 0.62
"""Variance of a crowd's greys, and its correlation over three pixels as a share of that over one. Of nine such pencil
lines the first was 75 or more, the second 0.48 or less; stains have 0.8–1.0. Show-through that only just turns black
cannot be told from them: a blank back in eighty is taken for marked."""

_GAP_INCHES = 0.033
"""In black and white, pieces of a stroke that are nearer than this are one: as specks «./.» and a pale «segue» went
unseen."""

_STEEP, _STEEP_NOISE, _STEEP_SHARE = 8.0, 3.4, 0.34
"""Pale marks are sharp when brightness changes by this much a pixel, by this many times the noise, and by this share of
their depth. Seven pencil lines had 0.38–0.50 at their steepest. With 11, 4 and 0.36 two of 74 pale pages under strong
noise went unseen; as set 4 of 174 blank backs of medium and hard damage are taken for marked, with those none."""

_WEAK_STEEP, _WEAK_NOISE, _WEAK_SHARE, _WEAK_AREA, _WEAK_EDGES, _WEAK_BORDER_INCHES = 5.0, 3.0, 0.24, 50.0, 15, 0.2
"""Weaker edges count where there are no more than so many and one is this large (pixels at 150 dpi): show-through has
dozens, most of them small. A pencilled word under strong noise was one, of 355 pixels."""

_DUST_INCHES, _SOFT_INCHES, _SOFT_STEEP_SHARE = 0.006, 0.012, 0.16
"""In black and white, what is soft shows as dust: smoothed over this it is grey again. At its steepest the print of
twenty pages changed by 0.20–0.30 of its depth a pixel."""

_RING_INCHES, _RING_LINE, _RING_SLIM = (0.35, 1.6), (0.03, 0.18), 0.2
_RING_SEEN, _RING_GAP_INCHES, _RING_POINTS = 9, 0.2, 60
"""The half axes of a cup's ring, and how broad its line is, also as a share of the longer: the line of an O in print
has 0.25 or more, a pen's is thinner. So many of 36 parts of it must be seen."""

_BLOT_LONG = 5.0
"""How many times as long as it is broad a stain may be. Of an ellipse that is far longer than the page the page shows a
band: one with print in white was taken for a stain."""

_PIECE_INCHES = 0.25
"""A piece of a large mark: large enough for a letter."""

_EVEN_INCHES, _NEAR_INCHES, _EVEN = 0.3, 0.2, 5.0
"""What is nowhere, at a mark or this near to it, blacker than its neighbourhood by more deviations is dust."""

_STANDS_OUT_INCHES, _STANDS_OUT = 1.0, 11.5
"""Where no rule sees anything, what is blacker than a wider neighbourhood by more, and holds a stroke, is no dust: a
signature in pencil cut to dust had 28, «ok» 12.8; of 80 backs with hard damage one had 16.6, print that shows through
in a stain, the others 10.1 at most."""

_CLUMP_STEEP_SHARE, _CLUMP_INCHES, _DUSTY = 0.25, 0.1, 0.06
"""A clump of dust is as small as a letter; around it this share of the paper is black, around print on paper that is
peppered 0.002."""


Box = tuple[int, int, int, int]
"""x, y, width, height."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A page as marks are looked for on it.

    Attributes:
        small: the page at about 150 dpi.
        look: the same, divided by its background.
        inch: their pixels an inch.
        paper: the brightness of the paper in ``small``.
        bilevel: whether the page has black and white only.
        dots: how many dots of the scan are in one of their pixels.
    """

    small: Gray
    look: Gray
    inch: float
    paper: float
    bilevel: bool
    dots: float

    @classmethod
    def of(cls, pixels: Gray, dpi: int, found: PageStatistics) -> Surface:
        """That of a page with these statistics."""
        height, width = found.look.shape
        small = resized(pixels, (width, height), cv2.INTER_AREA)
        bilevel = not cv2.inRange(np.ascontiguousarray(pixels[::3, ::3]), 9, 246).any()
        look = np.where(np.logical_and(found.look == 0, small > 0), 255, found.look)  # divided by a bed of 0
        paper = float(np.percentile(small[::4, ::4], 75))
        return cls(small, np.asarray(look, np.uint8), dpi * found.scale, paper, bilevel, found.scale**-2)

    @property
    def is_dark(self) -> bool:
        """Whether it is a dark sheet, a negative or a photograph."""
        return self.paper < _DARK_SHEET

    @property
    def level(self) -> Gray:
        """The page with its paper at 255."""
        return np.asarray(cv2.convertScaleAbs(self.small, alpha=255 / self.paper), np.uint8)

    def bed(self) -> npt.NDArray[np.uint8]:
        """A 0/1 mask of the scanner's bed."""
        smooth = blurred(self.level, 1.5 * self.inch / LOOK_DPI)
        return np.asarray(np.maximum.reduce([bed(smooth < darkest, self.inch) for darkest in BEDS]), np.uint8)

    def aside(self) -> npt.NDArray[np.uint8]:
        """What is not paper: a 0/1 mask of the scanner's bed and of punch holes, with here and there a short word."""
        aside = self.bed()
        smooth = blurred(self.look, 1.5 * self.inch / LOOK_DPI)
        for darkest, full in HOLES:
            set_holes_aside(aside, smooth < darkest, full, self.inch)
        set_cut_holes_aside(aside, smooth < HOLES[0][0], self.inch)
        return aside


def has_marks(pixels: Gray, dpi: int, found: PageStatistics) -> bool:
    """Whether anything but dirt is on the page, margins included. Takes about twice as long as :func:`statistics`.

    The scanner's bed, punch holes, staples, specks and what has soft edges (show-through, stains) are set aside. What
    is left counts, down to a digit: only a page on which everything is explained is blank.

    Args:
        pixels: the page.
        dpi: its resolution.
        found: its statistics.
    """
    page = Surface.of(pixels, dpi, found)
    return page.is_dark or bool(unexplained(page))


def set_aside(page: Surface) -> npt.NDArray[np.uint8]:
    """What is not paper, as :meth:`Surface.aside` has it, and staples."""
    aside = page.aside()
    _marks(_dark(page, aside), aside, page.inch)
    return aside


def unexplained(page: Surface) -> list[Box]:
    """What no dirt explains on the page."""
    small, look, inch = page.small, page.look, page.inch
    aside = page.aside()
    dark = _dark(page, aside)
    marks = _marks(dark, aside, inch)
    if page.bilevel:
        closed = _closed(dark, _GAP_INCHES * inch)
        marks += _marks(closed, aside, inch)  # as well: joined, a number may pass for a staple
        soft = blurred(small, _SOFT_INCHES * inch)
        marks = [mark for mark in marks if not _is_soft(soft, small, mark, inch)]
        hard = _without_rings(dark, [mark for mark in marks if not _is_blot(dark, aside, mark, inch)], inch)
        specks = np.logical_and(small < FAINT_INK, aside == 0).astype(np.uint8)  # of a ring or a stain they may be left
        broken = _broken_strokes(small, aside, inch)
        free = cv2.dilate(aside, np.ones((9, 9), np.uint8)) == 0
        if not marks and not broken:  # no ring or stain either, which would stand out as well
            found = [mark for mark in _outstanding(small, free, inch) if not _is_soft(soft, small, mark, inch)]
        else:
            hard += [mark for mark in broken if not _is_blot(specks, aside, mark, inch)]
            found = _standing_out(_without_rings(specks, hard, inch), small, free, inch)
        strokes = [mark for mark in dict.fromkeys(found) if has_stroke(small, free, inch, page.dots, mark)]
        return [] if strokes and are_chance_pairs(dark, strokes, inch) else strokes
    marks = [mark for mark in marks if not is_sheet_edge(small, mark, inch)]  # of a sheet in shade on a pale bed
    return marks + _pale_marks(small, look, aside, inch)


def _dark(page: Surface, aside: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """What is black or as dark as ink, as a 0/1 mask."""
    look, level, inch = page.look, page.level, page.inch
    if page.bilevel:
        level, look = blurred(level, _DUST_INCHES * inch), blurred(look, _DUST_INCHES * inch)
    dark = np.logical_or(look < INK, level < _BLACK).astype(np.uint8)
    dark[aside > 0] = 0
    return dark


def _standing_out(marks: list[Box], small: Gray, free: npt.NDArray[np.bool_], inch: float) -> list[Box]:
    """The marks on a sheet in black and white that are blacker than what is close around, as no dust of stains is."""
    if not marks:
        return []
    more = excess(small, free, inch, _EVEN_INCHES)
    near = round(_NEAR_INCHES * inch)
    return [
        (x, y, wide, tall)
        for x, y, wide, tall in marks
        if more[max(0, y - near) : y + tall + near, max(0, x - near) : x + wide + near].max() > _EVEN
    ]


def _outstanding(small: Gray, free: npt.NDArray[np.bool_], inch: float) -> list[Box]:
    """The places on a sheet in black and white that are far blacker than paper is around them."""
    if not may_reach(small, free, inch, _STANDS_OUT):
        return []
    more = excess(small, free, inch, _STANDS_OUT_INCHES)
    return [_box(row) for row in components((more > _STANDS_OUT).astype(np.uint8))]


def blurred(pixels: Gray, sigma: float) -> Gray:
    """The page smoothed over so many pixels."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(0.3, sigma)), dtype=np.uint8)


def _closed(mask: npt.NDArray[np.uint8], gap: float) -> npt.NDArray[np.uint8]:
    """The 0/1 mask with gaps of up to this many pixels filled."""
    square = np.ones((round(gap) | 1, round(gap) | 1), np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, square), dtype=np.uint8)


def _marks(dark: npt.NDArray[np.uint8], aside: npt.NDArray[np.uint8], inch: float) -> list[Box]:
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


def _steepest_share(soft: Gray, mark: Box, inch: float) -> float:
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


def _around(soft: Gray, mark: Box) -> Gray:
    x, y, wide, tall = mark
    return np.ascontiguousarray(soft[max(0, y - 4) : y + tall + 4, max(0, x - 4) : x + wide + 4])


def _depth(around: Gray) -> float:
    return float(around.max()) - float(around.min())


def _is_soft(soft: Gray, small: Gray, mark: Box, inch: float) -> bool:
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


def _is_blot(dark: npt.NDArray[np.uint8], aside: npt.NDArray[np.uint8], mark: Box, inch: float) -> bool:
    """Whether a mark is a full ellipse of over half an inch, or what the bed left of one: a stain that became black."""
    x, y, wide, tall = mark
    if min(wide, tall) < 0.5 * inch:
        return False
    inside = np.zeros_like(dark)
    inside[y : y + tall, x : x + wide] = dark[y : y + tall, x : x + wide]
    contours, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(contours, key=len)[:, 0]
    cut = cv2.dilate(aside, np.ones((11, 11), np.uint8))[outline[:, 1], outline[:, 0]] > 0
    if np.count_nonzero(~cut) < max(5, len(outline) // 2):  # of specks that are a mark only together
        return False
    ellipse = cv2.fitEllipse(outline[~cut])
    if max(ellipse[1]) > _BLOT_LONG * min(ellipse[1]):
        return False
    drawn = np.zeros_like(inside)
    cv2.ellipse(drawn, ellipse, (1, 0, 0), -1)
    drawn[aside > 0] = 0
    either = np.count_nonzero(np.logical_or(drawn, inside))
    return bool(np.count_nonzero(np.logical_and(drawn, inside)) > 0.93 * either)


def _without_rings(dark: npt.NDArray[np.uint8], marks: list[Box], inch: float) -> list[Box]:
    """The marks without those that are, together, the ring that a wet cup leaves, or what is left of one."""
    if not marks:
        return []
    near, theirs = np.zeros_like(dark), np.zeros_like(dark)
    reach = round(_RING_GAP_INCHES * inch)
    for x, y, wide, tall in marks:
        near[max(0, y - reach) : y + tall + reach, max(0, x - reach) : x + wide + reach] = 1
        theirs[y : y + tall, x : x + wide] = dark[y : y + tall, x : x + wide]
    pieces = [_box(row) for row in components(near)]
    pieces.append(_box(np.array(cv2.boundingRect(near), np.int32)))
    rings = [box for box in pieces if _is_ring(theirs, box, inch)]
    return [(x, y, w, h) for x, y, w, h in marks if not any(_holds(ring, x + w // 2, y + h // 2) for ring in rings)]


def _holds(box: Box, x: int, y: int) -> bool:
    return box[0] <= x < box[0] + box[2] and box[1] <= y < box[1] + box[3]


def _is_ring(dark: npt.NDArray[np.uint8], box: Box, inch: float) -> bool:
    """Whether all that is dark in the box lies on a broad line around an ellipse, or a good part of one."""
    x, y, wide, tall = box
    if max(wide, tall) < 2 * _RING_INCHES[0] * inch:
        return False
    rows, columns = np.nonzero(dark[y : y + tall, x : x + wide])
    points = np.column_stack((columns, rows)).astype(np.float32)
    if len(points) < _RING_POINTS:
        return False
    (across, down), axes, degrees = cv2.fitEllipseDirect(np.ascontiguousarray(points[:: len(points) // _RING_POINTS]))
    half = np.asarray(axes) / 2
    if not _RING_INCHES[0] * inch <= half.min() <= half.max() <= min(_RING_INCHES[1] * inch, 1.6 * half.min()):
        return False
    turn = math.radians(degrees)
    shifted = points - np.array((across, down), np.float32)
    along = shifted @ np.array(((math.cos(turn), -math.sin(turn)), (math.sin(turn), math.cos(turn))), np.float32)
    scaled = along / half.astype(np.float32)
    off = (np.hypot(scaled[:, 0], scaled[:, 1]) - 1) * half.mean()
    seen = np.bincount(
        ((np.arctan2(scaled[:, 1], scaled[:, 0]) + math.pi) * 18 / math.pi).astype(int) % 36, minlength=36
    )
    inner, outer = np.percentile(off, (3, 97))
    broad = _RING_LINE[0] * inch <= outer - inner <= min(_RING_LINE[1] * inch, _RING_SLIM * half.max())
    return bool(broad and np.abs(off).max() <= _RING_LINE[1] * inch and np.count_nonzero(seen) >= _RING_SEEN)


def _broken_strokes(small: Gray, aside: npt.NDArray[np.uint8], inch: float) -> list[Box]:
    """Boxes of specks that lie close together on a sheet that is else clean: what is left of a pencil's strokes."""
    specks = np.logical_and(small < FAINT_INK, aside == 0).astype(np.uint8)
    found = components(specks)
    if _is_dusty(small, found, inch):
        return _lone_strokes(specks, found, inch) + _crowds(small, aside, inch)
    free = cv2.dilate(aside, np.ones((7, 7), np.uint8)) == 0  # of holes a rim may be left
    long = components(np.logical_and(specks, free).astype(np.uint8))
    strokes = [_box(row) for row in long if max(row[2:4]) >= _MARK_INCHES * inch]  # too thin to be dark, when smoothed
    _, boxes = _groups(specks, found, inch)
    return strokes + [_box(row) for row in boxes]


def _is_dusty(small: Gray, found: npt.NDArray[np.int32], inch: float) -> bool:
    return len(found) > _DUST_PER_INCH * small.size / inch**2


def _groups(
    specks: npt.NDArray[np.uint8], found: npt.NDArray[np.int32], inch: float
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int32]]:
    """Where more specks lie close together than chance explains: that, and its boxes.

    Args:
        specks: a 0/1 mask.
        found: its components.
        inch: pixels an inch.
    """
    near = np.ones((round(0.06 * inch) | 1, round(0.08 * inch) | 1), np.uint8)  # the gaps between letters
    groups, boxes, _ = labelled(np.asarray(cv2.dilate(specks, near), np.uint8))
    middle = found[:, :2] + found[:, 2:4] // 2
    counts = np.bincount(groups[middle[:, 1], middle[:, 0]], minlength=len(boxes))
    counts[0] = 0
    many = counts >= _group(len(found), near.size * 4 / specks.size)
    return many[groups], np.asarray(boxes[many], np.int32)


def _lone_strokes(specks: npt.NDArray[np.uint8], found: npt.NDArray[np.int32], inch: float) -> list[Box]:
    """Boxes of what is as long as a letter's stroke where next to no dust is around: too thin to be dark, smoothed."""
    near, far = round(0.03 * inch), round(0.15 * inch)
    strokes = []
    shortest, longest = (length * inch for length in _LONE_INCHES)
    long = found[:, 2:4].max(axis=1, initial=0)
    for x, y, wide, tall in map(_box, found[(long >= shortest) & (long <= longest)]):
        outer = specks[max(0, y - far) : y + tall + far, max(0, x - far) : x + wide + far]
        inner = specks[max(0, y - near) : y + tall + near, max(0, x - near) : x + wide + near]
        dust = (np.count_nonzero(outer) - np.count_nonzero(inner)) / max(1, outer.size - inner.size)
        if dust < _LONE_DUST:
            strokes.append((x, y, wide, tall))
    return strokes


def _group(specks: int, share: float) -> int:
    """How many of so many specks are a group that chance does not make, when ``share`` of the page is near a speck."""
    fewest, most = _STROKE_SPECKS
    for count in range(fewest, most):
        trees = count ** (count - 2) / math.factorial(count - 1)
        if specks * trees * (share * specks) ** (count - 1) < _CHANCE_GROUPS:
            return count
    return most


def _box(row: npt.NDArray[np.int32]) -> Box:
    x, y, wide, tall = row[:4].tolist()
    return x, y, wide, tall


def _crowds(small: Gray, aside: npt.NDArray[np.uint8], inch: float) -> list[Box]:
    """Boxes where specks crowd on a dusty sheet as chance does not, and are no soft tone: a pencil's broken strokes."""
    free = cv2.dilate(aside, np.ones((7, 7), np.uint8)) == 0
    found = components(np.logical_and(small < FAINT_INK, free).astype(np.uint8))
    found = found[found[:, 2:4].max(axis=1, initial=0) < _CROWD_INCHES[0] * inch]
    lengths = np.minimum(found[:, 2:4].max(axis=1, initial=0), _MARK_INCHES * inch)
    map_ = np.zeros(small.shape, np.float32)
    np.add.at(map_, (found[:, 1] + found[:, 3] // 2, found[:, 0] + found[:, 2] // 2), lengths)
    wide, tall = (round(size * inch) | 1 for size in _CROWD_INCHES)
    around = np.maximum(*(cv2.boxFilter(map_, -1, size, normalize=False) for size in ((wide, tall), (tall, wide))))
    share = wide * tall / small.size
    expected, deviation = share * float(lengths.sum()), math.sqrt(share * float((lengths * lengths).sum()))
    neighbourhood = (round(_CROWD_NEAR_INCHES * inch) | 1,) * 2
    near_share = wide * tall / neighbourhood[0] ** 2
    squares = cv2.boxFilter(map_ * map_, -1, neighbourhood, normalize=False)
    near_deviation = np.sqrt(np.maximum(near_share * squares, deviation * deviation))
    near = near_share * cv2.boxFilter(map_, -1, neighbourhood, normalize=False)
    crowds = (around >= expected + _CROWD_SIGMAS * deviation + _CROWD_LENGTH).astype(np.uint8)
    standing_out = around >= near + _CROWD_NEAR_SIGMAS * near_deviation
    grown = []
    for x, y, w, h, _ in components(np.asarray(cv2.dilate(crowds, np.ones((wide, wide), np.uint8)), np.uint8)).tolist():
        if not standing_out[y : y + h, x : x + w].any():
            continue
        ink = np.where(free, 255 - small, 0)[y : y + h, x : x + w].astype(np.float32)
        ink -= ink.mean()
        if float(np.square(ink).mean()) < _CROWD_CONTRAST:
            continue
        for strip in (ink, ink.T):
            one, three = (float((strip[lag:] * strip[:-lag]).mean()) for lag in (1, 3))
            if three < _CROWD_SOFT * one:
                grown.append((x, y, w, h))
                break
    return grown


def _pale_marks(small: Gray, look: Gray, aside: npt.NDArray[np.uint8], inch: float) -> list[Box]:
    """Boxes of what is pale and has sharp edges: a pencil's line, the print of a worn ribbon."""
    unit = inch / LOOK_DPI
    clean, ground = look.copy(), cv2.medianBlur(look, 2 * round(8 * unit) + 1)
    specks = np.logical_and(look < FAINT_INK, aside == 0).astype(np.uint8)
    found = components(specks)
    strokes = np.zeros(look.shape, np.bool_) if _is_dusty(look, found, inch) else _groups(specks, found, inch)[0]
    for x, y, wide, tall, _ in found[found[:, 2:4].max(axis=1, initial=0) < _MARK_INCHES * inch].tolist():
        if strokes[y, x]:
            continue  # a stroke so thin that it fell to pieces: «./.» in pencil went unseen
        here = slice(max(0, y - 1), y + tall + 1), slice(max(0, x - 1), x + wide + 1)
        clean[here] = ground[here]
    soft = blurred(clean, 0.8 * unit)
    slopes = _slopes(soft)
    noise = 1.48 * float(np.median(slopes[::4, ::4]))
    slopes[cv2.dilate(aside, np.ones((7, 7), np.uint8)) > 0] = 0
    weak = _weak_edges(small, soft, slopes, noise, inch)
    steep = (slopes > max(_STEEP, _STEEP_NOISE * noise)).astype(np.uint8)
    height, width = look.shape
    reach = BED_INCHES * inch
    marks = []
    for x, y, wide, tall, area in components(steep).tolist():
        if max(wide, tall) < _PALE_MARK_INCHES * inch or area < 12 * unit * unit:
            continue
        if min(wide, tall) <= 3 * unit and min(x, y, width - x - wide, height - y - tall) < reach:
            continue  # a piece of the sheet's own edge
        if is_sheet_edge(small, (x, y, wide, tall), inch):
            continue
        here = slice(max(0, y - 3), y + tall + 3), slice(max(0, x - 3), x + wide + 3)
        if float(slopes[here].max()) - noise >= _STEEP_SHARE * (255 - float(soft[here].min())):
            marks.append((x, y, wide, tall))
    marks += weak
    return [] if marks and are_chance_pairs((look < INK).astype(np.uint8), marks, inch) else marks


def _weak_edges(small: Gray, soft: Gray, slopes: npt.NDArray[np.float32], noise: float, inch: float) -> list[Box]:
    """Boxes of the few things that have edges at all, however weak, if one is sharp: a pencil under strong noise."""
    unit = inch / LOOK_DPI
    height, width = soft.shape
    edges, sharp, largest = 0, [], 0
    weak = (slopes > max(_WEAK_STEEP, _WEAK_NOISE * noise)).astype(np.uint8)
    for x, y, wide, tall, area in components(weak).tolist():
        if max(wide, tall) < _PALE_MARK_INCHES * inch or area < 12 * unit * unit:
            continue
        if min(x, y, width - x - wide, height - y - tall) < _WEAK_BORDER_INCHES * inch:
            continue  # the sheet's own edges and corners
        if is_sheet_edge(small, (x, y, wide, tall), inch):
            continue
        here = slice(max(0, y - 3), y + tall + 3), slice(max(0, x - 3), x + wide + 3)
        edges += 1
        if float(slopes[here].max()) - noise >= _WEAK_SHARE * (255 - float(soft[here].min())):
            sharp.append((x, y, wide, tall))
            largest = max(largest, area)
    return sharp if edges <= _WEAK_EDGES and largest >= _WEAK_AREA * unit * unit else []
