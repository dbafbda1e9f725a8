"""From the master image to one the engine reads well. Pure: numpy and OpenCV, no files, no engine.

Ruled lines are left alone and coarse pages are not enlarged: ruled tables and prose at 150 dpi read without an error
as they are. Everything is found at 150 dpi; full resolution is touched only where something was found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from faldone.ocr.image import IDENTITY, Affine, Gray, PageImage, PreparedPage

_LOOK_DPI = 150
"""The resolution at which a page is looked at."""

_INK = 150
"""Darker than this, paper being 255, is ink; the page is divided by its background first."""

_FAINT_INK = 205
"""The dots of a leader are smaller than a pixel at 150 dpi, and grey there."""

_FAINT_COMPONENTS, _FAINT_SHARP = 12, 200.0
"""With this many letters in pale but sharp ink the page is faint (a worn ribbon, a pencil), not blank: a faint page
had 2 696 of sharpness 269, a blank back with heavy show-through 25 of sharpness 86."""

_BLANK_COMPONENTS = 8
"""Fewer letter-like components: perhaps blank. Blank backs have 0–4, a page with one line of 29 letters 14 or more."""

_SPARSE_COMPONENTS = 40
"""Pages with fewer are looked at for marks before they are read; a page of a paper has hundreds."""

_DARK_SHEET = 100
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

_STEEP, _STEEP_NOISE, _STEEP_SHARE = 11.0, 4.0, 0.36
"""Pale marks are sharp when brightness changes by this much a pixel, by this many times the noise, and by this share of
their depth. Seven pencil lines had 0.38–0.50 at their steepest; blurred as the demo blurs it, show-through stays below
0.33 by calculation."""

_DUST_INCHES, _SOFT_INCHES, _SOFT_STEEP_SHARE = 0.006, 0.012, 0.16
"""In black and white, what is soft shows as dust: smoothed over this it is grey again. At its steepest the print of
twenty pages changed by 0.20–0.30 of its depth a pixel."""

_CLUMP_STEEP_SHARE, _CLUMP_INCHES, _DUSTY = 0.25, 0.1, 0.06
"""A clump of dust is as small as a letter; around it this share of the paper is black, around print on paper that is
peppered 0.002."""

_SHOW_THROUGH_PALE, _SHOW_THROUGH_SHARP = 0.02, 240.0
"""Share of pale pixels and sharpness of their edges: show-through has 56–223, faint print 269–363. From 0.01 on,
cleaning also took strokes from real typescripts (CER 5.2 and 8.6 instead of 4.2 and 6.7)."""

_MAX_SKEW_DEG = 5.0
_MIN_SKEW_DEG = 0.2
"""Tesseract follows baselines that slope less than this without loss."""

_SKEW_AGREES_DEG = 0.4

_COMB_BARS = 8
"""Fewer separators are a table's columns; a date has 8 boxes, a codice fiscale 16."""

_FEET_OVER_HEADS, _HEADS_OVER_FEET = 1.05, 0.95
"""Ratio of how feet and heads of letters pile up on rows. Of 177 pages of made-up dossiers of every damage the upright
ones had 1.11–2.12, the ones upside down 0.49–0.93, and those turned by a quarter the same but for one at 0.99."""

_SIDEWAYS_SHARE = 0.6
_SIDEWAYS_SAMPLE = 150


@dataclass(frozen=True, slots=True, eq=False)
class PageStatistics:
    """What a look at the page at 150 dpi tells.

    Attributes:
        letters: number of letter-like components.
        pale: share of pixels that are neither paper nor near ink: show-through, stains.
        sharp: how sharp the edges of what is pale are: faint print is sharp, show-through is not.
        sideways: share of letters whose nearest neighbour stands above or below them.
        skew_deg: how far lines fall to the right, in degrees; meaningful when not sideways.
        standing: how much more the feet of letters lie on rows than their heads, along the lines: above 1 where the
            lines stand as they are read, seen after a quarter turn clockwise when sideways.
        boxes: the letters' boxes (x, y, width, height) at ``scale``.
        look: the page at ``scale``, divided by its background.
        scale: pixels at 150 dpi per pixel of the master.
    """

    letters: int
    pale: float
    sharp: float
    sideways: float
    skew_deg: float
    standing: float
    boxes: npt.NDArray[np.int32]
    look: Gray
    scale: float

    @property
    def blank(self) -> bool:
        """Whether the page has no line of print; whether nothing at all is on it, :func:`has_marks` says."""
        return self.letters < _BLANK_COMPONENTS

    @property
    def sparse(self) -> bool:
        """Whether there is so little print that it pays to look for marks before the engine is asked."""
        return self.letters < _SPARSE_COMPONENTS

    @property
    def lies_sideways(self) -> bool:
        """Whether the lines run up or down the page: then it lies at 90° or 270°."""
        return not self.blank and self.sideways > _SIDEWAYS_SHARE

    @property
    def likely_rotation(self) -> int | None:
        """How far the page is to be turned clockwise; ``None`` when that is for the engine to say.

        A page of capitals has feet and heads alike: it is taken to stand upright unless it lies sideways.
        """
        if self.standing < _HEADS_OVER_FEET:
            return 270 if self.lies_sideways else 180
        if self.lies_sideways:
            return 90 if self.standing > _FEET_OVER_HEADS else None
        return 0

    @property
    def shows_through(self) -> bool:
        """Whether the other side of the sheet, or a stain, should be cleaned away."""
        return self.pale > _SHOW_THROUGH_PALE and self.sharp < _SHOW_THROUGH_SHARP


def stay_in_one_thread() -> None:
    """Keeps OpenCV from threads of its own: as many pages as cores are prepared at a time already."""
    cv2.setNumThreads(1)


def statistics(pixels: Gray, dpi: int) -> PageStatistics:
    """Looks at a page. About 0.05 s for an A4 page at 300 dpi."""
    scale = min(1.0, _LOOK_DPI / dpi)
    height, width = pixels.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = _resized(pixels, size, cv2.INTER_AREA)
    look = _without_background(small)
    look_dpi = dpi * scale
    side, end = max(1, round(size[0] * 0.05)), max(1, round(size[1] * 0.03))
    inner = look[end : size[1] - end, side : size[0] - side]
    if inner.size == 0:
        return PageStatistics(0, 0.0, 0.0, 0.0, 0.0, 1.0, np.zeros((0, 4), np.int32), look, scale)
    boxes = _letters(inner, look_dpi, _INK)
    pale, where = _pale(inner)
    sharp = _sharpness(inner, where) if pale > _SHOW_THROUGH_PALE or len(boxes) < _BLANK_COMPONENTS else 0.0
    if len(boxes) < _BLANK_COMPONENTS and sharp >= _FAINT_SHARP:
        faint = _letters(inner, look_dpi, _FAINT_INK)
        if len(faint) >= _FAINT_COMPONENTS:
            boxes = faint
    boxes += np.array([side, end, 0, 0], np.int32)
    sideways = _sideways(boxes)
    lines = boxes if sideways <= _SIDEWAYS_SHARE else _quarter_turned(boxes, size[1])
    skew_deg = _skew(lines)
    return PageStatistics(
        letters=len(boxes),
        pale=pale,
        sharp=sharp,
        sideways=sideways,
        skew_deg=skew_deg,
        standing=_standing(lines, skew_deg),
        boxes=boxes,
        look=look,
        scale=scale,
    )


def turn(pixels: Gray, rotation: int) -> Gray:
    """The page turned clockwise by ``rotation`` degrees, a multiple of 90."""
    return np.ascontiguousarray(np.rot90(pixels, -(rotation // 90) % 4))


def prepare(
    image: PageImage, rotation: int = 0, *, found: PageStatistics | None = None, clean: bool = True
) -> PreparedPage:
    """Turns, cleans and straightens the page.

    Args:
        image: the master image.
        rotation: degrees clockwise it is turned first.
        found: the statistics of the turned page, if they are known.
        clean: whether show-through is cleaned away when it is found; ``False`` for a second try.
    """
    pixels = turn(image.pixels, rotation)
    found = found or statistics(pixels, image.dpi)
    steps = [f"turned {rotation}"] if rotation else []
    if clean and found.shows_through:
        pixels = _cleaned(pixels, image.dpi)
        steps.append(f"show-through cleaned pale={found.pale:.3f} sharp={found.sharp:.0f}")
    look, to_master = found.look, IDENTITY
    if abs(found.skew_deg) >= _MIN_SKEW_DEG and not found.lies_sideways:
        pixels, to_master = _straightened(pixels, found.skew_deg)
        look, _ = _straightened(look, found.skew_deg)
        steps.append(f"deskewed {found.skew_deg:.2f} deg")
    leaders, combs = _leaders(look), _combs(look)  # rows of dots and boxes are only found when they are level
    if (leaders or combs) and np.shares_memory(pixels, image.pixels):
        pixels = pixels.copy()  # the master image stays as it is
    if leaders:
        _erase_leaders(pixels, leaders, found.scale, image.dpi)
        steps.append(f"leaders erased {len(leaders)}")
    if combs:
        _erase_combs(pixels, combs, found.scale)
        steps.append(f"combs erased {len(combs)}")
    return PreparedPage(pixels, image.dpi, image.digest, rotation, to_master, tuple(steps))


# --- looking -----------------------------------------------------------------------------------------------------


def _resized(pixels: Gray, size: tuple[int, int], interpolation: int) -> Gray:
    return np.asarray(cv2.resize(pixels, size, interpolation=interpolation), dtype=np.uint8)


def _background(pixels: Gray, scale: float) -> Gray:
    """The paper without its ink, at ``scale`` of ``pixels``: closing takes the ink away, the median the stains."""
    height, width = pixels.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = _resized(pixels, size, cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    return np.asarray(cv2.medianBlur(closed, 21), dtype=np.uint8)


def _divided(pixels: Gray, background: Gray) -> Gray:
    height, width = pixels.shape
    paper = _resized(background, (width, height), cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(pixels, paper, scale=255), dtype=np.uint8)


def _without_background(look: Gray) -> Gray:
    return _divided(look, _background(look, 0.25))


def _components(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """Connected components of a 0/1 mask as rows of x, y, width, height, area."""
    _, _, found, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    return np.asarray(found[1:], dtype=np.int32)


def _outlines(mask: npt.NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Boxes (x, y, width, height) of what a nearly empty 0/1 mask holds: cheaper than labelling every pixel."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        x, y, width, height = cv2.boundingRect(contour)
        found.append((int(x), int(y), int(width), int(height)))
    return found


def _opened(mask: npt.NDArray[np.uint8], width: int, height: int) -> npt.NDArray[np.uint8]:
    """What of a 0/1 mask holds a rectangle of this size."""
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((height, width), np.uint8)), dtype=np.uint8)


def _letters(look: Gray, dpi: float, below: int) -> npt.NDArray[np.int32]:
    """Boxes of what has the size of a letter, or of letters that touch."""
    unit = dpi / _LOOK_DPI
    found = _components((look < below).astype(np.uint8))
    width, height, area = found[:, 2], found[:, 3], found[:, 4]
    fits = (height >= 6 * unit) & (height <= 40 * unit) & (width >= 2 * unit) & (width <= 120 * unit)
    return found[fits & (area >= 8 * unit * unit), :4]


def _pale(look: Gray) -> tuple[float, npt.NDArray[np.bool_]]:
    """The share of pale pixels far from ink, and which they are."""
    near_ink = cv2.dilate((look < 130).astype(np.uint8), np.ones((9, 9), np.uint8))
    pale = np.logical_and(cv2.inRange(look, 110, 238), near_ink == 0)
    return float(np.count_nonzero(pale)) / pale.size, pale


def _sharpness(look: Gray, where: npt.NDArray[np.bool_]) -> float:
    """The 90th percentile of the steepness across the pixels ``where``."""
    if not where.any():
        return 0.0
    return float(np.percentile(np.abs(cv2.Sobel(look, cv2.CV_16S, 1, 0, ksize=3)[where]), 90))


def _sideways(boxes: npt.NDArray[np.int32]) -> float:
    """The share of letters whose nearest neighbour is above or below: letters stand closer than lines do."""
    if len(boxes) < 4 * _BLANK_COMPONENTS:
        return 0.0
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    sample = centres[np.linspace(0, len(centres) - 1, min(_SIDEWAYS_SAMPLE, len(centres))).astype(int)]
    apart = np.abs(sample[:, None, :] - centres[None, :, :]).astype(np.float32)
    distance = apart[..., 0] ** 2 + apart[..., 1] ** 2
    distance[distance == 0] = np.inf  # the letter itself
    nearest = distance.argmin(axis=1)
    across, down = np.moveaxis(apart[np.arange(len(sample)), nearest], -1, 0)
    return float((down > across).mean())


def _skew(boxes: npt.NDArray[np.int32]) -> float:
    """The slope of the lines: at the right angle the feet of the letters pile up on the fewest rows.

    The values of a form are often typed a little above their labels, and over the whole width that step looks like a
    slope. So each third of the page is asked on its own as well: it is less exact, but believed when the two disagree.
    """
    if len(boxes) < 4 * _BLANK_COMPONENTS:
        return 0.0
    x = boxes[:, 0] + boxes[:, 2] / 2
    x -= x.min()
    feet = (boxes[:, 1] + boxes[:, 3]).astype(np.float64)
    third = np.minimum(3 * x // max(1.0, x.max()), 2)
    apart = third * (feet.max() + 2 * x.max())  # farther than any slope moves a foot
    whole, thirds = _steepest_pile(x, feet), _steepest_pile(x, feet + apart)
    return thirds if abs(whole - thirds) > _SKEW_AGREES_DEG else whole


def _quarter_turned(boxes: npt.NDArray[np.int32], height: int) -> npt.NDArray[np.int32]:
    """The boxes on the page turned clockwise by a quarter; ``height`` is that of the page before."""
    x, y, width, tall = boxes.T
    return np.stack([height - y - tall, x, tall, width], axis=1)


def _standing(boxes: npt.NDArray[np.int32], skew_deg: float) -> float:
    """Most letters stand on their line, while capitals, b, d, h, k, l, t rise over the others: feet lie on rows."""
    if len(boxes) < 4 * _BLANK_COMPONENTS:
        return 1.0
    fall = (boxes[:, 0] + boxes[:, 2] / 2) * math.tan(math.radians(skew_deg))
    return _piled(boxes[:, 1] + boxes[:, 3] - fall) / _piled(boxes[:, 1] - fall)


def _piled(rows: npt.NDArray[np.float64]) -> float:
    """How much the values lie on few rows: the sum of the squares of their counts."""
    counts = np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64)
    pairs = counts[:-1] + counts[1:]  # a value may fall on either side of a row's edge
    return float((pairs * pairs).sum())


def _steepest_pile(x: npt.NDArray[np.float64], feet: npt.NDArray[np.float64]) -> float:
    def sharpness(angle: float) -> float:
        return _piled(feet - x * math.tan(math.radians(angle)))

    best = max(np.arange(-_MAX_SKEW_DEG, _MAX_SKEW_DEG + 0.01, 0.25), key=sharpness)
    best = max(np.arange(best - 0.25, best + 0.26, 0.05), key=sharpness)
    return float(best) if sharpness(best) > 1.05 * sharpness(0.0) else 0.0


# --- blank or not ------------------------------------------------------------------------------------------------


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
    unit = inch / _LOOK_DPI
    small = _resized(pixels, (width, height), cv2.INTER_AREA)
    paper = float(np.percentile(small[::4, ::4], 75))
    if paper < _DARK_SHEET:
        return True
    level, look = np.asarray(cv2.convertScaleAbs(small, alpha=255 / paper), np.uint8), found.look
    bilevel = not cv2.inRange(np.ascontiguousarray(pixels[::3, ::3]), 9, 246).any()
    aside = _bed(_blurred(level, 1.5 * unit) < _BED, inch)
    _set_holes_aside(aside, _blurred(look, 1.5 * unit) < _HOLE, inch)
    if bilevel:
        level, look = _blurred(level, _DUST_INCHES * inch), _blurred(look, _DUST_INCHES * inch)
    dark = np.logical_or(look < _INK, level < _BLACK).astype(np.uint8)
    dark[aside > 0] = 0
    marks = _marks(dark, aside, inch)
    if bilevel:
        soft = _blurred(small, _SOFT_INCHES * inch)
        return not all(_is_soft(soft, small, mark, inch) or _is_blot(dark, mark, inch) for mark in marks)
    return bool(marks) or _has_pale_marks(look, aside, inch)


def _blurred(pixels: Gray, sigma: float) -> Gray:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), max(0.3, sigma)), dtype=np.uint8)


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
    for x, y, wide, tall, area in _components(np.logical_and(dark, aside == 0).astype(np.uint8)):
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
    for x, y, wide, tall, area in _components(dark).tolist():
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


def _steepest_share(soft: Gray, mark: tuple[int, int, int, int]) -> float:
    """The steepest slope in and around a mark, as a share of its depth."""
    x, y, wide, tall = mark
    around = soft[max(0, y - 4) : y + tall + 4, max(0, x - 4) : x + wide + 4]
    depth = float(around.max()) - float(around.min())
    return float(np.percentile(_slopes(np.ascontiguousarray(around)), 98)) / max(1.0, depth)


def _is_soft(soft: Gray, small: Gray, mark: tuple[int, int, int, int], inch: float) -> bool:
    """Whether a black mark was soft on paper; ``soft`` is ``small`` smoothed.

    A small clump of dust amid dust may be as steep as print by chance.
    """
    share = _steepest_share(soft, mark)
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
    drawn = np.zeros_like(inside)
    cv2.ellipse(drawn, cv2.fitEllipse(outline), (1, 0, 0), -1)
    either = np.count_nonzero(np.logical_or(drawn, inside))
    return bool(np.count_nonzero(np.logical_and(drawn, inside)) > 0.93 * either)


def _has_pale_marks(look: Gray, aside: npt.NDArray[np.uint8], inch: float) -> bool:
    """Whether something pale has sharp edges: a pencil's line, the print of a worn ribbon."""
    unit = inch / _LOOK_DPI
    clean, ground = look.copy(), cv2.medianBlur(look, 2 * round(8 * unit) + 1)
    specks = _components((look < _FAINT_INK).astype(np.uint8))
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
    for x, y, wide, tall, area in _components(steep).tolist():
        if max(wide, tall) < _PALE_MARK_INCHES * inch or area < 12 * unit * unit:
            continue
        if min(wide, tall) <= 3 * unit and min(x, y, width - x - wide, height - y - tall) < reach:
            continue  # a piece of the sheet's own edge
        here = slice(max(0, y - 3), y + tall + 3), slice(max(0, x - 3), x + wide + 3)
        if float(slopes[here].max()) - noise >= _STEEP_SHARE * (255 - float(soft[here].min())):
            return True
    return False


# --- leaders and combs -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """A leader or comb, in pixels of the look; ``step`` is the distance between a comb's separators."""

    x: int
    y: int
    width: int
    height: int
    step: float = 0.0


def _leaders(look: Gray) -> list[_Found]:
    """Rows of dots or dashes on which a form is filled in: the engine reads them as letters, or drops the line."""
    dpi = _LOOK_DPI
    mask = (look < _FAINT_INK).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    thin = (stats[:, cv2.CC_STAT_HEIGHT] <= dpi / 30) & (stats[:, cv2.CC_STAT_WIDTH] <= dpi / 5)
    thin[0] = False
    if np.count_nonzero(thin) < 5:
        return []
    members = thin.astype(np.uint8)[labels]
    chained = cv2.morphologyEx(members, cv2.MORPH_CLOSE, np.ones((1, int(dpi * 0.10) | 1), np.uint8))
    chained = cv2.morphologyEx(chained, cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    # an apostrophe or full stop that touches the row from above would make it too tall
    chained = cv2.morphologyEx(chained, cv2.MORPH_OPEN, np.ones((1, int(dpi * 0.2)), np.uint8))
    x = stats[thin, cv2.CC_STAT_LEFT] + stats[thin, cv2.CC_STAT_WIDTH] // 2
    y = stats[thin, cv2.CC_STAT_TOP] + stats[thin, cv2.CC_STAT_HEIGHT] // 2
    found = []
    for left, top, width, height in _outlines(np.asarray(chained, dtype=np.uint8)):
        inside = (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
        if width >= dpi // 4 and height <= dpi / 20 and np.count_nonzero(inside) >= 5:
            found.append(_Found(left, top, width, height))
    return found


def _erase_leaders(pixels: Gray, leaders: list[_Found], scale: float, dpi: int) -> None:
    """Paints the members of each leader over, in place; what is taller than a dot is a letter and stays."""
    tall, margin = max(4, dpi // 36), max(2, dpi // 20)
    for leader in leaders:
        left, right = int(leader.x / scale) - 2, math.ceil((leader.x + leader.width) / scale) + 2
        top, bottom = int(leader.y / scale) - margin, math.ceil((leader.y + leader.height) / scale) + margin
        region = pixels[max(0, top) : bottom, max(0, left) : right]
        paper = int(np.percentile(region, 75))
        dark = (region < paper - 35).astype(np.uint8)
        _, labels, stats, centres = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
        lower, upper = leader.y / scale - max(0, top) - 2, (leader.y + leader.height) / scale - max(0, top) + 2
        member = (
            (stats[:, cv2.CC_STAT_HEIGHT] <= tall)
            & (stats[:, cv2.CC_STAT_WIDTH] <= dpi / 5)
            & (centres[:, 1] >= lower)
            & (centres[:, 1] <= upper)
        )
        member[0] = False
        mask = cv2.dilate(member.astype(np.uint8)[labels], np.ones((3, 3), np.uint8))
        region[mask > 0] = paper


def _combs(look: Gray) -> list[_Found]:
    """Rows of boxes for one letter each («caselle», of codici fiscali above all)."""
    dpi = _LOOK_DPI
    low, high = int(dpi * 0.12), int(dpi * 0.5)
    dark = (look < _FAINT_INK - 15).astype(np.uint8)
    bars = np.array(_outlines(_opened(dark, 1, low)), np.int32).reshape(-1, 4)
    bars = bars[(bars[:, 2] <= max(4, dpi * 0.03)) & (bars[:, 3] <= high)]
    combs: list[_Found] = []
    while len(bars) >= _COMB_BARS:
        like = (np.abs(bars[:, 1] - bars[0, 1]) <= 5) & (np.abs(bars[:, 3] - bars[0, 3]) <= 6)
        row, bars = bars[like], bars[~like]
        if len(row) < _COMB_BARS:
            continue
        x = np.sort(row[:, 0])
        steps = np.diff(x)
        step = float(np.median(steps))
        if not dpi * 0.1 <= step <= dpi * 0.5 or (np.abs(steps - step) <= 0.08 * step + 1).mean() <= 0.75:
            continue
        top, bottom = int(np.median(row[:, 1])), int(np.median(row[:, 1] + row[:, 3]))
        foot = dark[bottom - 4 : bottom + 5, int(x[0]) : int(x[-1])]
        if foot.max(axis=0, initial=0).mean() < 0.8:  # boxes stand on a line; a row of l and I does not
            continue
        combs.append(_Found(int(x[0]), top, int(x[-1] - x[0]) + 4, bottom - top, step))
    return combs


def _erase_combs(pixels: Gray, combs: list[_Found], scale: float) -> None:
    """Paints separators and frame of each comb over, in place."""
    for comb in combs:
        margin = 0.3 * comb.height
        left, right = int((comb.x - margin) / scale), math.ceil((comb.x + comb.width + margin) / scale)
        top, bottom = int((comb.y - margin) / scale), math.ceil((comb.y + comb.height + margin) / scale)
        region = pixels[max(0, top) : bottom, max(0, left) : right]
        paper = int(np.percentile(region, 75))
        dark = (region < paper - 35).astype(np.uint8)
        upright = _opened(dark, 1, max(3, int(0.75 * comb.height / scale)))
        level = _opened(dark, max(3, int(1.3 * comb.step / scale)), 1)
        bars = np.maximum(upright, level)
        region[cv2.dilate(bars, np.ones((3, 3), np.uint8)) > 0] = paper


# --- cleaning and straightening ----------------------------------------------------------------------------------


def _cleaned(pixels: Gray, dpi: int) -> Gray:
    """Divides by the background and sets the white point half-way between ink and paper."""
    flat = _divided(pixels, _background(pixels, min(1.0, 37.5 / dpi)))
    sample = flat[::4, ::4]
    ink = sample[sample < 130]
    darkness = min(110.0, float(np.percentile(ink, 30))) if ink.size else 110.0
    white = darkness + 0.5 * (255 - darkness)
    levels = (np.arange(256) - 0.6 * darkness) * 255 / (white - 0.6 * darkness)
    return np.asarray(cv2.LUT(flat, np.clip(levels, 0, 255).astype(np.uint8)), dtype=np.uint8)


def _straightened(pixels: Gray, skew_deg: float) -> tuple[Gray, Affine]:
    """Turns the page so that its lines are level, on a sheet large enough for its corners."""
    height, width = pixels.shape
    cosine, sine = math.cos(math.radians(skew_deg)), abs(math.sin(math.radians(skew_deg)))
    size = (math.ceil(width * cosine + height * sine), math.ceil(height * cosine + width * sine))
    forward = cv2.getRotationMatrix2D((width / 2, height / 2), skew_deg, 1.0)
    forward[:, 2] += ((size[0] - width) / 2, (size[1] - height) / 2)
    paper = int(np.percentile(pixels[::16, ::16], 75))
    level = cv2.warpAffine(pixels, forward, size, flags=cv2.INTER_LINEAR, borderValue=paper)
    a, b, c, d, e, f = (float(value) for value in cv2.invertAffineTransform(forward).ravel())
    return np.asarray(level, dtype=np.uint8), (a, b, c, d, e, f)
