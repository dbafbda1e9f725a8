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

LOOK_DPI = 150
"""The resolution at which a page is looked at."""

INK = 150
"""Darker than this, paper being 255, is ink; the page is divided by its background first."""

FAINT_INK = 205
"""The dots of a leader are smaller than a pixel at 150 dpi, and grey there."""

_FAINT_COMPONENTS, _FAINT_SHARP = 12, 200.0
"""With this many letters in pale but sharp ink the page is faint (a worn ribbon, a pencil), not blank: a faint page
had 2 696 of sharpness 269, a blank back with heavy show-through 25 of sharpness 86."""

_BLANK_COMPONENTS = 8
"""Fewer letter-like components: perhaps blank. Blank backs have 0–4, a page with one line of 29 letters 14 or more."""

_SPARSE_COMPONENTS = 40
"""Pages with fewer are looked at for marks before they are read; a page of a paper has hundreds."""

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
        """Whether the page has no line of print; :func:`~faldone.ocr.marks.has_marks` says if nothing is on it."""
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
    scale = min(1.0, LOOK_DPI / dpi)
    height, width = pixels.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = resized(pixels, size, cv2.INTER_AREA)
    look = _without_background(small)
    look_dpi = dpi * scale
    side, end = max(1, round(size[0] * 0.05)), max(1, round(size[1] * 0.03))
    inner = look[end : size[1] - end, side : size[0] - side]
    if inner.size == 0:
        return PageStatistics(0, 0.0, 0.0, 0.0, 0.0, 1.0, np.zeros((0, 4), np.int32), look, scale)
    boxes = _letters(inner, look_dpi, INK)
    pale, where = _pale(inner)
    sharp = _sharpness(inner, where) if pale > _SHOW_THROUGH_PALE or len(boxes) < _BLANK_COMPONENTS else 0.0
    if len(boxes) < _BLANK_COMPONENTS and sharp >= _FAINT_SHARP:
        faint = _letters(inner, look_dpi, FAINT_INK)
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


def resized(pixels: Gray, size: tuple[int, int], interpolation: int) -> Gray:
    """The image at another size (width, height)."""
    return np.asarray(cv2.resize(pixels, size, interpolation=interpolation), dtype=np.uint8)


def _background(pixels: Gray, scale: float) -> Gray:
    """The paper without its ink, at ``scale`` of ``pixels``: closing takes the ink away, the median the stains."""
    height, width = pixels.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = resized(pixels, size, cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    return np.asarray(cv2.medianBlur(closed, 21), dtype=np.uint8)


def _divided(pixels: Gray, background: Gray) -> Gray:
    height, width = pixels.shape
    paper = resized(background, (width, height), cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(pixels, paper, scale=255), dtype=np.uint8)


def _without_background(look: Gray) -> Gray:
    return _divided(look, _background(look, 0.25))


def components(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
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
    unit = dpi / LOOK_DPI
    found = components((look < below).astype(np.uint8))
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
    dpi = LOOK_DPI
    mask = (look < FAINT_INK).astype(np.uint8)
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
    dpi = LOOK_DPI
    low, high = int(dpi * 0.12), int(dpi * 0.5)
    dark = (look < FAINT_INK - 15).astype(np.uint8)
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
