"""What can be told of a scan within a fraction of a second, before any recognition. Pure: numpy and OpenCV.

All is measured on the page at 150 dpi, divided by its background so that uneven light does not count. What the numbers
mean for the operator is for `domain.verdict` to say.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from faldone.domain.verdict import PageMeasures
from faldone.ocr.image import Gray
from faldone.ocr.prepare import PageStatistics, components

LOOK_DPI = 150
"""The resolution at which a page is looked at."""

_INK = 150
"""Darker than this, paper being 255, is ink."""

_FEW_LETTERS, _LINE_OF_LETTERS, _ENOUGH_LETTERS = 8, 12, 32
"""Too few to tell a letter's size; what counts as a line of text; enough to tell how lines lie."""

_FAR_ANGLES_DEG = np.arange(-25, 25.1, 0.5)
_NEAR_DEG, _FAR_CLEARER = 4.5, 1.15
"""Up to this slope recognition measures itself; farther out lines must be this much clearer to be believed."""

_BED = 0.35
"""The scanner's bed seen past the sheet is darker than this share of the paper; divided by its background it is grain,
which would pass for letters."""

_LINES_PX = 6.0
"""At a quarter of 150 dpi lines of text are so far apart."""

_SEAM_STRIPS, _SEAM_MARGIN, _SEAM_DROP, _SEAM_SHRINK = 32, 2, 9, 4
_SEAM_SLOPES = np.arange(-0.02, 0.0201, 0.002)

Boxes = npt.NDArray[np.int32]
"""Rows of x, y, width, height."""


def reduced(pixels: Gray, dpi: int) -> tuple[Gray, int]:
    """The page at 150 dpi, and that resolution; a page that is no finer is given back as it is."""
    if dpi <= LOOK_DPI:
        return pixels, dpi
    return _scaled(pixels, LOOK_DPI / dpi), LOOK_DPI


def is_bilevel(pixels: Gray) -> bool:
    """Whether a scan has black and white only; to be asked before it is reduced."""
    rows = pixels[:: max(1, len(pixels) // 200)]
    return bool(((rows == 0) | (rows == 255)).all())


def measure(
    pixels: Gray, dpi: int, found: PageStatistics, *, scan_dpi: int, declared: bool, bilevel: bool = False
) -> PageMeasures:
    """Measures a page; about 0.02 s beside its statistics.

    Args:
        pixels: the page at about 150-200 dpi, or coarser when the scan is.
        dpi: resolution of ``pixels``.
        found: the statistics of ``pixels``.
        scan_dpi: resolution of the scan that they were reduced from.
        declared: whether the file says that resolution; ``False`` when it was guessed, as for a photograph.
        bilevel: whether the scan has black and white only.
    """
    look, look_dpi = found.look, dpi * found.scale
    height, width = pixels.shape
    lines = _level(found)
    boxes = found.boxes
    if found.blank:
        look = np.asarray(cv2.GaussianBlur(look, (0, 0), 0.8), dtype=np.uint8)  # grain would pass for sharp edges
        boxes = lines = _traces(look, look_dpi, _grain(found.look))
    ink, fill = _ink(look, boxes)
    paper, dark_share = _paper(pixels, dpi)
    dark = found.look < (ink + 255) / 2
    dark |= cv2.resize(pixels, (look.shape[1], look.shape[0])) < _BED * paper
    cut_ends, cut_lines, margin = (0, 0, math.inf) if found.blank else _cut(dark, lines, found.lies_sideways)
    return PageMeasures(
        width_px=round(width * scan_dpi / dpi),
        height_px=round(height * scan_dpi / dpi),
        dpi=scan_dpi,
        dpi_declared=declared,
        bilevel=bilevel,
        letters=found.letters,
        blank=found.blank,
        traces=len(boxes) if found.blank else 0,
        traces_lined=round(_lined(boxes), 2) if found.blank else 0.0,
        rotation=found.likely_rotation,
        skew_deg=round(_skew(found, lines), 2),
        letter_px=round(float(np.median(lines[:, 3])) * scan_dpi / look_dpi, 1) if len(lines) else 0.0,
        edge_px=round(_edge_width(look, 255 - ink), 2),
        paper=round(paper, 1),
        contrast=round(1 - ink / 255, 3),
        fill=round(fill, 3),
        dark_share=round(dark_share, 3),
        cut_ends=cut_ends,
        cut_lines=cut_lines,
        margin_mm=round(min(10.0, margin * 25.4 / look_dpi), 1),
        seam=round(_seam(pixels, dpi), 2),
        stripes=round(_stripes(pixels, dpi), 4) if found.blank else 0.0,
    )


def _scaled(pixels: Gray, scale: float) -> Gray:
    height, width = pixels.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _components(mask: npt.NDArray[np.uint8]) -> Boxes:
    """Boxes of the connected components of a 0/1 mask."""
    return components(np.ascontiguousarray(mask))[:, :4]


# --- tone --------------------------------------------------------------------------------------------------------


def _paper(pixels: Gray, dpi: int) -> tuple[float, float]:
    """How bright the paper is, and the share of the page, margins left out, where it is less than half as bright."""
    small = _scaled(pixels, LOOK_DPI / 4 / dpi)
    paper = float(np.percentile(small, 75))
    ground = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    height, width = small.shape
    side, end = round(width * 0.05), round(height * 0.03)
    inner = ground[end : height - end, side : width - side]
    return paper, float(np.count_nonzero(inner < 0.5 * paper)) / max(1, inner.size)


def _ink(look: Gray, boxes: Boxes) -> tuple[float, float]:
    """How bright letters are where they are dark (their 15th percentile), and how much of their boxes is ink."""
    if not len(boxes):
        return 255.0, 0.0
    some = boxes[np.linspace(0, len(boxes) - 1, min(200, len(boxes))).astype(int)]
    letters = [np.sort(look[y : y + tall, x : x + wide], axis=None) for x, y, wide, tall in some]
    ink = float(np.median([letter[len(letter) * 15 // 100] for letter in letters]))
    fill = float(np.median([np.searchsorted(letter, _INK) / len(letter) for letter in letters]))
    return ink, fill


def _grain(look: Gray) -> float:
    """The standard deviation of the paper, from the steps between neighbours; those across ink are left out."""
    rows = look[::4]
    steps = np.abs(np.diff(rows.astype(np.int16), axis=1))[rows[:, 1:] > 200]
    steps = steps[steps < 30]
    return float(steps.mean()) * math.sqrt(math.pi) / 2 if steps.size else 0.0


def _traces(smooth: Gray, dpi: float, grain: float) -> Boxes:
    """Boxes of what has the size of a letter but is too pale for recognition."""
    height, width = smooth.shape
    side, end = round(width * 0.05), round(height * 0.03)
    found = _components((smooth[end : height - end, side : width - side] < 255 - max(8.0, 2 * grain)).astype(np.uint8))
    unit = dpi / LOOK_DPI
    wide, tall = found[:, 2], found[:, 3]
    fits = (tall >= 6 * unit) & (tall <= 40 * unit) & (wide >= 3 * unit) & (wide <= 120 * unit)
    return found[fits] + np.array([side, end, 0, 0], np.int32)


# --- sharpness ---------------------------------------------------------------------------------------------------


def _edge_width(look: Gray, contrast: float) -> float:
    """The width of edges in pixels, in the worse of the two directions: a sheet that moved is blurred in one.

    The contrast of an edge over its steepest step depends neither on how dark the ink is nor on how much of it there
    is, as a variance of the Laplacian does.
    """
    if contrast < 8:
        return 0.0
    across, down = np.ascontiguousarray(look[::2]), np.ascontiguousarray(look[:, ::2].T)  # every second line will do
    return max(_edge_width_across(across, contrast), _edge_width_across(down, contrast))


def _edge_width_across(look: Gray, contrast: float) -> float:
    steps = cv2.absdiff(look[:, 1:], look[:, :-1])
    steepest = cv2.dilate(steps, np.ones((1, 5), np.uint8))
    span = cv2.morphologyEx(look, cv2.MORPH_GRADIENT, np.ones((1, 11), np.uint8))[:, 1:]
    edges = np.flatnonzero((steps == steepest) & (span > 0.5 * contrast) & (steps > 3))
    if len(edges) < 50:
        return 0.0
    edges = edges[:: max(1, len(edges) // 20_000)]
    return float(np.percentile(span.ravel()[edges].astype(np.float32) / steps.ravel()[edges], 30))


def _stripes(pixels: Gray, dpi: int) -> float:
    """How much lines of text that were blurred into bars stripe the page, one way or the other, as a share of paper.

    Each way is told by the middle one of four strips, so that a fold or a stain is none, and lines may lie askew.
    """
    small = _scaled(pixels, LOOK_DPI / 4 / dpi).astype(np.float32)
    height, width = small.shape
    side, end = round(width * 0.05), round(height * 0.03)
    small = small[end : height - end, side : width - side]
    if min(small.shape) < 4:
        return 0.0
    paper = max(1.0, float(np.percentile(small, 75)))
    return max(_striped(small), _striped(small.T)) / paper


def _striped(page: npt.NDArray[np.float32]) -> float:
    means = [strip.mean(axis=1) for strip in np.array_split(page, 4, axis=1)]
    waves = [mean - cv2.GaussianBlur(mean.reshape(-1, 1), (0, 0), _LINES_PX).ravel() for mean in means]
    return float(np.median([np.percentile(np.abs(wave), 75) for wave in waves]))


# --- how lines lie -----------------------------------------------------------------------------------------------


def _level(found: PageStatistics) -> Boxes:
    """The letters' boxes on the page turned, if it lies sideways, so that its lines run from left to right."""
    if not found.lies_sideways:
        return found.boxes
    x, y, wide, tall = found.boxes.T
    return np.stack([found.look.shape[0] - y - tall, x, tall, wide], axis=1)


def _piled(boxes: Boxes, angle_deg: float) -> float:
    """How much the feet of letters lie on few rows along this slope: the sum of the squares of the rows' counts."""
    feet = boxes[:, 1] + boxes[:, 3] - (boxes[:, 0] + boxes[:, 2] / 2) * math.tan(math.radians(angle_deg))
    counts = np.bincount((feet - feet.min()).astype(np.int64)).astype(np.float64)
    pairs = counts[:-1] + counts[1:]  # a foot may fall on either side of a row's edge
    return float((pairs * pairs).sum())


def _skew(found: PageStatistics, lines: Boxes) -> float:
    """As recognition found it, or farther out if lines are clearer there."""
    if found.blank or len(lines) < _ENOUGH_LETTERS:
        return found.skew_deg
    some = lines[:: max(1, len(lines) // 1000)]
    best = max(_FAR_ANGLES_DEG, key=lambda angle: _piled(some, angle))
    best = max(np.arange(best - 0.4, best + 0.41, 0.1), key=lambda angle: _piled(some, angle))
    clearer = _piled(some, best) >= _FAR_CLEARER * _piled(some, found.skew_deg)
    return float(best) if abs(best) >= _NEAR_DEG and clearer else found.skew_deg


def _lined(boxes: Boxes) -> float:
    """How much better boxes lie on lines, however the page is turned, than on slanting ones."""
    if len(boxes) < _ENOUGH_LETTERS:
        return 1.0
    x, y, wide, tall = boxes.T
    point = np.zeros_like(x)
    ways = [
        np.stack(way, axis=1)
        for way in ((x, y, wide, tall), (x, y, wide, point), (y, x, tall, wide), (y, x, tall, point))
    ]
    return max(
        max(_piled(way, angle) for angle in np.arange(-4, 4.1, 0.25))
        / float(np.median([_piled(way, angle) for angle in (-20, -15, -10, 10, 15, 20)]))
        for way in ways
    )


# --- edges -------------------------------------------------------------------------------------------------------


def _cut(ink: npt.NDArray[np.bool_], lines: Boxes, sideways: bool) -> tuple[int, int, float]:
    """Letters cut at the ends of lines, letters cut along lines, and the margin above or below in pixels."""
    if len(lines) < _FEW_LETTERS:
        return 0, 0, math.inf
    dark = (ink.T if sideways else ink).astype(np.uint8)
    broad, high = (float(np.median(lines[:, column])) for column in (2, 3))
    deep = round(6 * high)
    ends = [_cut_words(_components(edge), broad, high) for edge in (dark[:, :deep], dark[:, : -deep - 1 : -1])]
    along = [_cut_line(_components(edge), broad, high) for edge in (dark[:deep], dark[: -deep - 1 : -1])]
    return max(ends), max(cut for cut, _ in along), min(margin for _, margin in along)


def _cut_words(found: Boxes, broad: float, high: float) -> int:
    """How many letters touch the edge x = 0 and have another beside them: their word went on across it."""
    x, y, wide, tall = found.T
    letters = (tall >= 0.5 * high) & (tall <= 2 * high) & (wide >= 2) & (wide <= 6 * broad)
    count = 0
    for one in np.flatnonzero(letters & (x == 0)):
        level = np.minimum(y + tall, y[one] + tall[one]) - np.maximum(y, y[one]) > 0.4 * tall[one]
        count += bool((letters & level & (x > 0) & (x <= wide[one] + 1.5 * high)).any())
    return count


def _cut_line(found: Boxes, broad: float, high: float) -> tuple[int, float]:
    """How many letters touch the edge y = 0, and how far from it the first line of whole letters is."""
    _, y, wide, tall = found.T
    letters = (wide >= 0.4 * broad) & (wide <= 6 * broad) & (tall <= 2 * high)
    whole = np.sort(y[letters & (tall >= 0.6 * high)])
    margin = float(whole[_LINE_OF_LETTERS - 1]) if len(whole) >= _LINE_OF_LETTERS else math.inf
    return int(np.count_nonzero(letters & (y == 0) & (tall >= 2))), margin


def _seam(pixels: Gray, dpi: int) -> float:
    """The share of the width across which the best thin dark line runs, level or nearly so.

    Inside the page one bright side is enough, for the edge of the upper sheet may lie on letters of the lower one. In
    the margins both must be bright: there it is told from the end of a sheet that is shorter than the image. For that
    the page is taken as it is: dividing it by its background would put a bright side beyond that end.
    """
    height, width = pixels.shape
    pixels = np.asarray(cv2.resize(pixels, (max(1, width // _SEAM_SHRINK), height), interpolation=cv2.INTER_AREA))
    reach, margin = max(2, round(dpi / 30)), round(dpi / 2)
    rows = height - 2 * (reach + margin)
    if rows < 1:
        return 0.0
    above, line, below = pixels[: -2 * reach], pixels[reach:-reach], pixels[2 * reach :]
    inner, outer = (
        _seam_strips(np.asarray(cv2.subtract(beside(above, below), line), np.uint8)) for beside in (cv2.max, cv2.min)
    )
    strips = np.vstack([outer[:_SEAM_MARGIN], inner[_SEAM_MARGIN:-_SEAM_MARGIN], outer[-_SEAM_MARGIN:]])
    best = 0
    for slope in _SEAM_SLOPES:
        lit = np.zeros(rows, np.uint8)
        for number, strip in enumerate(strips):
            start = margin + round(slope * width * (number / _SEAM_STRIPS - 0.5))
            lit += strip[start : start + rows]
        best = max(best, int(lit.max()))
    return best / _SEAM_STRIPS


def _seam_strips(drop: Gray) -> npt.NDArray[np.bool_]:
    """Which rows of each upright strip are mostly darker than what is beside them."""
    dark = cv2.dilate((drop >= _SEAM_DROP).astype(np.uint8) * 255, np.ones((3, 1), np.uint8))
    shares = cv2.resize(dark, (_SEAM_STRIPS, len(dark)), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray((shares > 0.7 * 255).T)
