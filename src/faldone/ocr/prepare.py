"""From the master image to one the engine reads well. Pure: numpy and OpenCV, no files, no engine.

Ruled lines are left alone and coarse pages are not enlarged: ruled tables and prose at 150 dpi read without an error
as they are. Everything is found at 150 dpi; full resolution is touched only where something was found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

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

_FAINT, _UNEVEN, _EVEN = 90.0, 1.12, 9.0
"""From the first level of ink on (paper is 255, ordinary ink 20–70) print is faint; below the second evenness a page is
lit unevenly. On both the engine's one threshold for the page loses lines: of a sheet with a shadow along its side, at
0.90, it lost two thirds, of one at 1.03 four fifths. Sheets that read well as they are have 1.15 and more."""

_INK_SHARE, _NEAR_INK_SHARE = 0.49, 0.58
"""How far from paper to ink the thresholds lie: as INK and 130 do for ink of 40."""

_NEAR_SKEW_DEG, _FAR_SKEW_DEG, _FAR_CLEARER = 5.0, 16.0, 1.15
"""Sheets go askew by less than the first; farther out lines must be this much clearer to be believed."""

_MIN_SKEW_DEG = 0.2
"""Tesseract follows baselines that slope less than this without loss."""

_SKEW_AGREES_DEG = 0.4

_LEADER_MEMBERS = 5
"""Dots or dashes: fewer are a typist's."""

_FORM_LEADERS = 4
"""Fewer are contents, sums, a typist's row of dots."""

_COMB_BARS = 8
"""Fewer separators are a table's columns; a date has 8 boxes, a codice fiscale 16."""

_TICK_INCHES, _TICK_SIDE, _TICK_INSIDE, _TICK_CORNER, _TICK_FILL = (0.10, 0.24), 0.98, 0.5, 3, 0.7
_TICK_GAP, _CROSSED, _CROSSED_FILL = 4, 0.85, 0.85
"""Sizes of a tick box; how much of each side is drawn, and of the row within it; how many of nine pixels in each corner
(letters are round there: without that the O of bold capitals was erased); how full it is. A crossed box has ink along
both diagonals (M, N and R have 0.70–0.84 along one of them, and no ink along the foot)."""

_FEET_OVER_HEADS, _HEADS_OVER_FEET = 1.05, 0.95
"""Ratio of how feet and heads of letters pile up on rows. Of 177 pages of made-up dossiers of every damage the upright
ones had 1.11–2.12, the ones upside down 0.49–0.93, and those turned by a quarter the same but for one at 0.99."""

_WAYS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

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
        ink: how dark the ink is, 0 black to 255 paper.
        evenness: by how much a threshold between ink and paper parts the page better than one among tones of paper.
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
    ink: float = 40.0
    evenness: float = _EVEN

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

    @property
    def fades(self) -> bool:
        """Whether print is so faint, or light so uneven, that the page should be levelled."""
        return not self.sparse and (self.ink > _FAINT or self.evenness < _UNEVEN)


def is_filled_in(page: PreparedPage) -> bool:
    """Whether leaders or combs say that the page is a form that somebody filled in."""
    return any(
        step.startswith("combs erased")
        or (step.startswith("leaders erased") and int(step.split()[-1]) >= _FORM_LEADERS)
        for step in page.steps
    )


def stay_in_one_thread() -> None:
    """Keeps OpenCV from threads of its own: as many pages as cores are prepared at a time already."""
    cv2.setNumThreads(1)


def statistics(pixels: Gray, dpi: int) -> PageStatistics:
    """Looks at a page. About 0.05 s for an A4 page at 300 dpi."""
    scale = min(1.0, LOOK_DPI / dpi)
    height, width = pixels.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = resized(pixels, size, cv2.INTER_AREA)
    background = _background(small, 0.25)
    look = _divided(small, background)
    look_dpi = min(dpi, LOOK_DPI)
    side, end = max(1, round(size[0] * 0.05)), max(1, round(size[1] * 0.03))
    inner = look[end : size[1] - end, side : size[0] - side]
    if inner.size == 0:
        return PageStatistics(0, 0.0, 0.0, 0.0, 0.0, 1.0, np.zeros((0, 4), np.int32), look, scale)
    boxes = _letters(inner, look_dpi, INK)
    ink = _ink(look)
    if len(boxes) >= _SPARSE_COMPONENTS and ink > _FAINT:
        boxes = _letters(inner, look_dpi, _between(ink, _INK_SHARE))
    pale, where = _pale(inner, ink) if len(boxes) >= _SPARSE_COMPONENTS else _pale(inner, 0.0)
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
        ink=ink,
        evenness=_evenness(small, background),
    )


def in_full(found: PageStatistics, dpi: int) -> PageStatistics:
    """The statistics of a page at ``dpi``, from those of the page reduced to 150 dpi."""
    return replace(found, scale=min(1.0, LOOK_DPI / dpi))


def turn(pixels: Gray, rotation: int) -> Gray:
    """The page turned clockwise by ``rotation`` degrees, a multiple of 90."""
    way = _WAYS.get(rotation % 360)
    return np.ascontiguousarray(pixels) if way is None else np.asarray(cv2.rotate(pixels, way), dtype=np.uint8)


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
    look, to_master = found.look, IDENTITY
    steps = [f"turned {rotation}"] if rotation else []
    if clean and found.shows_through:
        white = _CLEANED_WHITE if found.ink <= _FAINT else _CLEANED_FAINT_WHITE
        pixels = _cleaned(pixels, image.dpi, found.ink, white)
        steps.append(f"show-through cleaned pale={found.pale:.3f} sharp={found.sharp:.0f} ink={found.ink:.0f}")
    elif clean and found.fades:
        pixels = _cleaned(pixels, image.dpi, found.ink, _LEVELLED_WHITE)
        # the frames and dots of a form are finer than its letters: on a faint page they are seen now, or never
        look = resized(pixels, (look.shape[1], look.shape[0]), cv2.INTER_AREA)
        steps.append(f"levelled ink={found.ink:.0f} evenness={found.evenness:.2f}")
    if abs(found.skew_deg) >= _MIN_SKEW_DEG and not found.lies_sideways:
        pixels, to_master = _straightened(pixels, found.skew_deg)
        look, _ = _straightened(look, found.skew_deg)
        steps.append(f"deskewed {found.skew_deg:.2f} deg")
    leaders, combs = _leaders(look), _combs(look)  # rows of dots and boxes are only found when they are level
    ticks = [tick for tick in _tick_boxes(look) if not any(comb.holds(tick) for comb in combs)]  # an X among letters
    if (leaders or combs or ticks) and np.shares_memory(pixels, image.pixels):
        pixels = pixels.copy()  # the master image stays as it is
    if leaders:
        _erase_leaders(pixels, leaders, found.scale, image.dpi)
        steps.append(f"leaders erased {len(leaders)}")
    if combs:
        _erase_combs(pixels, combs, found.scale)
        steps.append(f"combs erased {len(combs)}")
    if ticks:
        _erase_ticks(pixels, ticks, found.scale)
        steps.append(f"tick boxes erased {len(ticks)}")
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


def _evenness(small: Gray, background: Gray) -> float:
    """Otsu's measure, by which the engine chooses its threshold, at its best below the darkest paper and above it.

    Its choice itself tells less: where both are nearly as good, a little noise makes it the other one.
    """
    height, width = background.shape
    inner = background[height // 10 : height - height // 10, width // 10 : width - width // 10]
    if not inner.size:
        return _EVEN
    shares = cv2.calcHist([small], [0], None, [256], [0, 256]).ravel() / small.size
    below, mean = np.cumsum(shares), np.cumsum(shares * np.arange(256))
    apart = (mean[-1] * below - mean) ** 2 / np.maximum(below * (1 - below), 1e-6)
    darkest = max(1, int(np.percentile(inner, 2)))
    return float(min(_EVEN, apart[:darkest].max() / max(1.0, apart[darkest:].max())))


def _ink(look: Gray) -> float:
    """How dark the darkest thousandth is, away from the margins with their holes and staples."""
    height, width = look.shape
    inner = look[height // 16 : height - height // 16, width // 10 : width - width // 10]
    counts = np.cumsum(cv2.calcHist([np.ascontiguousarray(inner)], [0], None, [256], [0, 256]))
    return float(np.searchsorted(counts, 0.002 * inner.size, side="right")) if inner.size else 0.0


def _between(ink: float, share: float) -> int:
    """The level at this share of the way from paper to ink, not below what it is for ordinary ink."""
    return int(255 - share * (255 - max(40.0, ink)))


def components(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    """Connected components of a 0/1 mask as rows of x, y, width, height, area.

    Only where the mask holds anything: a tenth of the time where that is next to nothing.
    """
    left, top, width, height = cv2.boundingRect(mask)
    left, top = left - left % 2, top - top % 2  # components are found, and numbered, by squares of four pixels
    held = mask[top : top + height + 1, left : left + width + 1]
    found = labelled(held)[1][1:] if width else np.zeros((0, 5), np.int32)
    return np.asarray(found + np.array([left, top, 0, 0, 0], np.int32), dtype=np.int32)


def labelled(mask: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Any]:
    """The connected components of a 0/1 mask: labels, rows of x, y, width, height, area by label, and centres.

    By Grana's algorithm: OpenCV's default takes three times as long when asked for boxes (13 against 4.5 ms).
    """
    _, labels, stats, centres = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_GRANA)
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32), centres


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


def _pale(look: Gray, ink: float) -> tuple[float, npt.NDArray[np.bool_]]:
    """The share of pale pixels far from ink, and which they are; ``ink`` is 0 where there is hardly any print.

    There faint print itself is looked for among what is pale, grain and all.
    """
    dark = _between(ink, _NEAR_INK_SHARE)
    near_ink = cv2.dilate((look < dark).astype(np.uint8), np.ones((9, 9), np.uint8))
    smooth = cv2.GaussianBlur(look, (0, 0), 1.2) if ink else look  # grain is no show-through
    pale = np.logical_and(cv2.inRange(smooth, 110, 238), near_ink == 0)
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
    across, down = (np.subtract.outer(*way).astype(np.float32) for way in zip(sample.T, centres.T, strict=True))
    distance = across * across + down * down
    distance[distance == 0] = np.inf  # the letter itself
    nearest = np.arange(len(sample)), distance.argmin(axis=1)
    return float((np.abs(down[nearest]) > np.abs(across[nearest])).mean())


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
    return piled(boxes[:, 1] + boxes[:, 3] - fall) / piled(boxes[:, 1] - fall)


def feet_of(found: PageStatistics) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Along the lines and across them, where the page's letters stand, at the scale of the look."""
    boxes = _quarter_turned(found.boxes, found.look.shape[0]) if found.lies_sideways else found.boxes
    return boxes[:, 0] + boxes[:, 2] / 2, (boxes[:, 1] + boxes[:, 3]).astype(np.float64)


def piled(rows: npt.NDArray[np.float64]) -> float:
    """How much the values lie on few rows: the sum of the squares of their counts."""
    counts = np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64)
    pairs = counts[:-1] + counts[1:]  # a value may fall on either side of a row's edge
    return float((pairs * pairs).sum())


def _steepest_pile(x: npt.NDArray[np.float64], feet: npt.NDArray[np.float64]) -> float:
    def sharpness(angle: float) -> float:
        return piled(feet - x * math.tan(math.radians(angle)))

    near = np.arange(-_NEAR_SKEW_DEG, _NEAR_SKEW_DEG + 0.01, 0.25)
    best = max(near, key=sharpness)
    beyond = np.arange(_NEAR_SKEW_DEG + 0.5, _FAR_SKEW_DEG, 0.5)
    far = max((*-beyond, *beyond), key=sharpness)
    if sharpness(far) > _FAR_CLEARER * sharpness(best):
        best = max(np.arange(far - 0.25, far + 0.26, 0.25), key=sharpness)
    best = max(np.arange(best - 0.25, best + 0.26, 0.05), key=sharpness)
    return float(best) if sharpness(best) > 1.05 * sharpness(0.0) else 0.0


# --- leaders and combs -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    """A leader, comb or tick box, in pixels of the look; a comb has the places of its separators and their distance."""

    x: int
    y: int
    width: int
    height: int
    step: float = 0.0
    bars: tuple[int, ...] = ()

    def holds(self, other: _Found) -> bool:
        """Whether the middle of the other one lies in it."""
        x, y = other.x + other.width / 2, other.y + other.height / 2
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height


def _leaders(look: Gray) -> list[_Found]:
    """Rows of dots or dashes on which a form is filled in: the engine reads them as letters, or drops the line."""
    dpi = LOOK_DPI
    mask = (look < FAINT_INK).astype(np.uint8)
    labels, stats, _ = labelled(mask)
    thin = (stats[:, cv2.CC_STAT_HEIGHT] <= dpi / 30) & (stats[:, cv2.CC_STAT_WIDTH] <= dpi / 5)
    thin[0] = False
    gap = int(dpi * 0.10) | 1
    if not _are_in_a_row(stats[thin], gap, round(dpi / 20)):
        return []
    members = thin.astype(np.uint8).take(labels, mode="clip")  # unchecked: twice as fast as by index
    chained = cv2.morphologyEx(members, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    chained = cv2.morphologyEx(chained, cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    # an apostrophe or full stop that touches the row from above would make it too tall
    chained = cv2.morphologyEx(chained, cv2.MORPH_OPEN, np.ones((1, int(dpi * 0.2)), np.uint8))
    x = stats[thin, cv2.CC_STAT_LEFT] + stats[thin, cv2.CC_STAT_WIDTH] // 2
    y = stats[thin, cv2.CC_STAT_TOP] + stats[thin, cv2.CC_STAT_HEIGHT] // 2
    found = []
    for left, top, width, height in _outlines(np.asarray(chained, dtype=np.uint8)):
        inside = (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
        if width >= dpi // 4 and height <= dpi / 20 and np.count_nonzero(inside) >= _LEADER_MEMBERS:
            found.append(_Found(left, top, width, height))
    return found


def _are_in_a_row(parts: npt.NDArray[np.int32], gap: int, tall: int) -> bool:
    """Whether enough parts for a leader lie within ``tall`` rows, about, with gaps no wider than ``gap`` between them.

    Asked of their boxes, it spares most pages the look at every pixel. A band of rows may hold more than a leader, and
    never less: that only closes gaps.
    """
    if len(parts) < _LEADER_MEMBERS:
        return False
    left, top, wide, high = parts[:, :4].T
    row = int((left + wide).max()) + gap + 1  # bands one behind another, farther apart than a gap
    for start in range(3):  # so that one band of three holds any leader, and its dots that reach beyond it
        along = (top + high // 2 + start * tall) // (3 * tall) * row + left
        order = along.argsort()
        reached = np.maximum.accumulate((along + wide)[order])
        near = along[order][1:] - reached[:-1] <= gap
        if np.convolve(near, np.ones(_LEADER_MEMBERS - 1), "valid").max() == _LEADER_MEMBERS - 1:
            return True
    return False


def _erase_leaders(pixels: Gray, leaders: list[_Found], scale: float, dpi: int) -> None:
    """Paints the members of each leader over, in place; what is taller than a dot is a letter and stays."""
    tall, margin = max(4, dpi // 36), max(2, dpi // 20)
    for leader in leaders:
        left, right = int(leader.x / scale) - 2, math.ceil((leader.x + leader.width) / scale) + 2
        top, bottom = int(leader.y / scale) - margin, math.ceil((leader.y + leader.height) / scale) + margin
        region = pixels[max(0, top) : bottom, max(0, left) : right]
        paper = int(np.percentile(region, 75))
        dark = (region < paper - 35).astype(np.uint8)
        labels, stats, centres = labelled(dark)
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
        combs.append(_Found(int(x[0]), top, int(x[-1] - x[0]) + 4, bottom - top, step, tuple(x.tolist())))
    return combs


def _erase_combs(pixels: Gray, combs: list[_Found], scale: float) -> None:
    """Paints separators and frame of each comb over, in place, and sets its letters close.

    A word so wide apart is read as single letters, or its line is dropped as no text at all.
    """
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
        _set_close(region, [round((bar + 1) / scale) - max(0, left) for bar in comb.bars], paper)


def _set_close(region: Gray, bars: list[int], paper: int) -> None:
    """Moves the letters between ``bars`` together to the left, in place; an empty box between them is a space."""
    height, width = region.shape
    gap, space = max(2, round(0.07 * height)), round(0.3 * height)
    edges = [(max(0, one), min(width, other)) for one, other in pairwise(bars)]
    moved, at = np.full_like(region, paper), edges[0][0] + gap
    for left, right in edges:
        columns = np.flatnonzero((region[:, left:right] < paper - 35).sum(axis=0) > 1)
        if not len(columns):
            at += space
            continue
        letter = region[:, left + columns[0] : left + columns[-1] + 1]
        if at + letter.shape[1] > right:
            at = left + int(columns[0])
        moved[:, at : at + letter.shape[1]] = letter
        at += letter.shape[1] + gap
    region[:, edges[0][0] : edges[-1][1]] = moved[:, edges[0][0] : edges[-1][1]]


# --- tick boxes ---------------------------------------------------------------------------------------------------


def _tick_boxes(look: Gray) -> list[_Found]:
    """Small squares to be ticked, ticked or not: the engine reads them as K, D] and []."""
    low, high = (size * LOOK_DPI for size in _TICK_INCHES)
    dark = (look < FAINT_INK - 15).astype(np.uint8)
    found = components(dark)
    wide, tall = found[:, 2], found[:, 3]
    square = (wide >= low) & (wide <= high) & (np.abs(wide - tall) <= 0.2 * tall)
    return [
        _Found(x, y, width, height)
        for x, y, width, height, area in found[square].tolist()
        if _stands_alone(dark, x, y, width, height)
        and _is_tick_box(dark[y : y + height, x : x + width], area / (width * height))
    ]


def _stands_alone(dark: npt.NDArray[np.uint8], x: int, y: int, width: int, height: int) -> bool:
    """Whether there is a gap to the left and to the right, wider than between letters."""
    beside = dark[y : y + height, max(0, x - _TICK_GAP) : x], dark[y : y + height, x + width : x + width + _TICK_GAP]
    return not any(side.any() for side in beside)


def _is_tick_box(box: npt.NDArray[np.uint8], fill: float) -> bool:
    """Whether a straight stroke runs along each side of a square that is empty within, or crossed out."""
    hollow = fill < _TICK_FILL
    for turns in range(4):
        side = np.rot90(box, turns)
        rows = side[:8, 3:-3].mean(axis=1)
        edge = int(rows[:5].argmax())
        if rows[edge] < _TICK_SIDE or side[:3, :3].sum() < _TICK_CORNER:
            return False
        hollow = hollow and rows[edge + 3] <= _TICK_INSIDE
    return hollow or (fill < _CROSSED_FILL and _is_crossed(box))


def _is_crossed(box: npt.NDArray[np.uint8]) -> bool:
    """Whether ink lies along both diagonals."""
    height, width = box.shape
    along = np.arange(width)
    down = along * height // width
    return bool(min(box[down, along].mean(), box[down, width - 1 - along].mean()) > _CROSSED)


def _erase_ticks(pixels: Gray, ticks: list[_Found], scale: float) -> None:
    """Paints the boxes over, in place."""
    for tick in ticks:
        left, right = int((tick.x - 1) / scale), math.ceil((tick.x + tick.width + 1) / scale)
        top, bottom = int((tick.y - 1) / scale), math.ceil((tick.y + tick.height + 1) / scale)
        around = pixels[max(0, top - 4) : bottom + 4, max(0, left - 4) : right + 4]
        pixels[max(0, top) : bottom, max(0, left) : right] = int(np.percentile(around, 75))


# --- cleaning and straightening ----------------------------------------------------------------------------------


_CLEANED_WHITE, _CLEANED_FAINT_WHITE, _LEVELLED_WHITE = 0.5, 0.33, 0.25
"""Where white begins, as a share of the way from paper to ink."""

_BED, _BED_INCHES = 0.45, 0.65
"""Darker than this share of the paper is the scanner's bed where it is reached from the picture's border within this
distance. Levelled it would stay black, and the engine's one threshold would fall between it and faint print."""

_INK_WINDOW_INCHES, _INK_SPREAD = 1.0, 0.4
"""Faint print is not evenly so: how wide one looks for its darkness, and how much paler than on the whole it may be."""


def _cleaned(pixels: Gray, dpi: int, ink: float, white_share: float) -> Gray:
    """Divides by the background and stretches the levels between ink and white; the scanner's bed becomes paper."""
    flat = _divided(pixels, _background(pixels, min(1.0, 37.5 / dpi)))
    _set_bed_white(flat, pixels, dpi)
    if ink > _FAINT:
        return _stretched_locally(flat, dpi, ink, white_share)
    sample = flat[::4, ::4]
    dark = sample[sample < _between(ink, _NEAR_INK_SHARE)]
    darkness = min(110.0, float(np.percentile(dark, 30))) if dark.size else 110.0
    white, black = 255 - white_share * (255 - darkness), 0.6 * darkness
    levels = (np.arange(256) - black) * 255 / (white - black)
    return np.asarray(cv2.LUT(flat, np.clip(levels, 0, 255).astype(np.uint8)), dtype=np.uint8)


def _stretched_locally(flat: Gray, dpi: int, ink: float, white_share: float) -> Gray:
    """The levels stretched between paper and the ink of the neighbourhood."""
    height, width = flat.shape
    scale = min(1.0, LOOK_DPI / 2 / dpi)
    small = resized(flat, (max(1, round(width * scale)), max(1, round(height * scale))), cv2.INTER_AREA)
    window = np.ones((max(3, round(_INK_WINDOW_INCHES * dpi * scale)),) * 2, np.uint8)
    local = cv2.erode(cv2.GaussianBlur(small, (0, 0), 0.7), window)
    local = cv2.blur(local, window.shape).astype(np.float32)
    local = np.clip(local, ink, ink + _INK_SPREAD * (255 - ink))
    black = 0.6 * local
    gain = 255 / (255 - white_share * (255 - local) - black)
    lowered = cv2.subtract(flat, resized(black.astype(np.uint8), (width, height), cv2.INTER_LINEAR))
    raised = cv2.multiply(lowered, cv2.resize(gain, (width, height)), dtype=cv2.CV_8U)
    return np.asarray(raised, dtype=np.uint8)


def _set_bed_white(flat: Gray, pixels: Gray, dpi: int) -> None:
    """Paints what is dark from the picture's border inwards as paper, in place."""
    height, width = pixels.shape
    scale = min(1.0, LOOK_DPI / 2 / dpi)
    small = resized(pixels, (max(1, round(width * scale)), max(1, round(height * scale))), cv2.INTER_AREA)
    paper = float(np.percentile(small[::4, ::4], 75))
    dark = cv2.morphologyEx((small < _BED * paper).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)) > 0
    reach = min(round(_BED_INCHES * dpi * scale), *(edge // 3 for edge in small.shape))
    bed = np.zeros(small.shape, np.bool_)
    for turns in range(4):
        runs = np.logical_and.accumulate(np.rot90(dark, turns)[:, : reach + 1], axis=1)
        runs[runs[:, -1]] = False  # it goes on: a band across the page
        np.rot90(bed, turns)[:, : reach + 1] |= runs
    if bed.any():
        seam = cv2.dilate(bed.astype(np.uint8), np.ones((5, 5), np.uint8))
        flat[cv2.resize(seam, (width, height), interpolation=cv2.INTER_NEAREST) > 0] = 255


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
