"""The other side of the sheet: what of a page is only its print, showing through the paper. Pure.

That two pages are one sheet is never taken from their order: the mirrored ink of the one must lie on what is dark on
the other, far better than moved a little, and than by chance. Then its print is taken off, and what remains is judged.
"""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from faldone.ocr.excess import excess
from faldone.ocr.image import Gray, PageImage
from faldone.ocr.marks import Surface, set_aside, unexplained
from faldone.ocr.prepare import FAINT_INK, INK, LOOK_DPI, components, labelled, statistics
from faldone.ocr.strokes import Tone, has_stroke, stroked

_DPI, _COARSE_DPI, _NEAR_DPI, _NEARER_DPI = 100.0, 25.0, 50.0, 75.0
"""At which ink is kept and compared, the place is looked for, and then found exactly."""

_BORDER_INCHES = 0.15
_INK_FROM = 0.35
"""Ink begins at this share of the darkest: what shows through on the front itself is none."""

_LEAST_INK = 0.0005
"""A page with less ink, as a share of it, shows nothing on its back."""

_TONE = 90
"""What is darker on a page than show-through can be counts no more than this."""

_BAND_INCHES, _REACH_INCHES, _ANGLES_DEG = 0.5, 1.0, np.arange(-7, 7.01, 0.5)
"""Wider tones are stains and shade; how far, and by how much, the two sides of a sheet lie apart on a scanner."""

_CHANCES, _CHANCES_SURE, _AGREES, _AGREES_WELL = 5.0, 7.0, 0.05, 0.3
"""How many deviations of chance the agreement must be, and from how many on less agreement will do on pages in black
and white, where little is left of what shows through (pages in regular lines agree with themselves a line farther on,
which makes chance large)."""

_LETTER_INCHES, _MOVED_INCHES, _OVER_MOVED = 0.15, 0.1, 1.3
"""Without what is broader than letters, the agreement is so many times what it is with the ink moved by so much and up
to the reach: lines of print and stains agree nearly as well elsewhere, letters only where they are. On 65 pages that
show their own front it was 1.36 and more, 113 laid on another front had 1.30, 1.27, and else 1.15 at most."""

_PLACE_INCHES, _PLACE_SHARE = (1.5, 0.5), 0.7
"""No place of this size, lying or standing, may hold more of the agreement: on a clean sheet a note alone agrees with
the letters on which it happens to be laid best. Of 21 such notes one place held 0.86 or more, of 35 pages with marks on
which the other side did show through 0.59 at most."""


def has_more(page: Surface, other: PageImage) -> bool | None:
    """Whether there is anything on the page but dirt and the other side, showing through.

    Args:
        page: the page.
        other: a page that may be its other side.

    Returns:
        ``None`` when it is not proven to be that.
    """
    ink = _ink(other)
    if ink is None or page.is_dark:
        return None
    aside = set_aside(page)
    behind = _laid_on(page, aside, ink)
    if behind is None:
        return None
    free = cv2.dilate(aside, np.ones((9, 9), np.uint8)) == 0
    return _has_more_black(page, behind, free) if page.bilevel else _has_more_grey(page, behind, free)


# --- where the other side lies


def _ink(image: PageImage) -> Tone | None:
    """Where there is ink on a page, from 0 to 1, at 100 dpi; ``None`` when there is next to none."""
    found = statistics(image.pixels, image.dpi)
    page = Surface.of(image.pixels, image.dpi, found)
    deepest = max(60.0, 255 - found.ink)
    depth = (255.0 - page.look) / deepest
    ink = np.clip((depth - _INK_FROM) / (1 - _INK_FROM), 0, 1).astype(np.float32)
    ink[_outside(page.bed(), page.inch)] = 0
    small = _scaled(ink, _DPI / page.inch)
    return small if float(small.mean()) > _LEAST_INK else None


def _outside(aside: npt.NDArray[np.uint8], inch: float) -> npt.NDArray[np.bool_]:
    """What is no paper, with the sheet's borders."""
    outside = aside > 0
    border = round(_BORDER_INCHES * inch)
    outside[:border] = outside[-border:] = outside[:, :border] = outside[:, -border:] = True
    return outside


def _scaled(tone: Tone, scale: float) -> Tone:
    height, width = tone.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(tone, size, interpolation=cv2.INTER_AREA), np.float32)


def _smooth(tone: Tone, sigma: float) -> Tone:
    return np.asarray(cv2.GaussianBlur(tone, (0, 0), max(0.3, sigma)), np.float32)


def _band(tone: Tone, dpi: float, inches: float = _BAND_INCHES) -> Tone:
    """The map without what is broader than print."""
    side = round(inches * dpi) | 1
    return np.asarray(tone - cv2.blur(tone, (side, side)), np.float32)


def _laid_on(page: Surface, aside: npt.NDArray[np.uint8], ink: Tone) -> Tone | None:
    """The mirrored ink where it lies on the page, from 0 to 1; ``None`` unless it is proven to be its other side."""
    dark = np.minimum(255 - page.look, _TONE).astype(np.float32)
    dark[_outside(aside, page.inch)] = 0
    tone = _scaled(dark, _DPI / page.inch)
    place = _place(tone, ink)
    if place is None:
        return None
    mirrored, to_page, chances = place
    laid = _warped(mirrored, to_page, tone.shape)
    for dpi, rounds in ((_NEAR_DPI, 20), (_NEARER_DPI, 10)):
        try:
            nearer = _nearer(tone, mirrored, to_page, dpi, rounds)
        except cv2.error:  # it does not converge
            break
        finer = _warped(mirrored, nearer, tone.shape)
        if _agreement(tone, finer) > _agreement(tone, laid):  # in dust it may go astray
            to_page, laid = nearer, finer
    if not _agree(tone, laid, _AGREES if page.bilevel and chances >= _CHANCES_SURE else _AGREES_WELL):
        return None
    height, width = page.small.shape
    return np.asarray(cv2.resize(laid, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _place(tone: Tone, ink: Tone) -> tuple[Tone, npt.NDArray[np.float64], float] | None:
    """The ink mirrored, how it is laid on the page to a hundredth of its height, and how far beyond chance it agrees.

    ``None`` when that is not far enough.
    """
    scale = _COARSE_DPI / _DPI
    page, small = _band(_scaled(tone, scale), _COARSE_DPI), _scaled(ink, scale)
    reach = round(_REACH_INCHES * _COARSE_DPI)
    padded = _padded(page, small.shape, reach)
    height, width = padded.shape
    spectrum = cv2.dft(padded)
    best, agreed, deviation = None, 0.0, 1.0
    for flip in (1, 0):  # a sheet is turned over by its long side or by its short one
        mirrored = _band(np.asarray(cv2.flip(small, flip), np.float32), _COARSE_DPI)
        for angle in _ANGLES_DEG:
            turn = cv2.getRotationMatrix2D((mirrored.shape[1] / 2, mirrored.shape[0] / 2), float(angle), 1.0)
            turn[:, 2] += (page.shape[1] - mirrored.shape[1]) / 2, (page.shape[0] - mirrored.shape[0]) / 2
            laid = cv2.warpAffine(mirrored, turn, (width, height))
            product = cv2.mulSpectrums(spectrum, cv2.dft(laid), 0, conjB=True)
            unscaled = np.asarray(cv2.idft(product, flags=cv2.DFT_SCALE), np.float32)
            together = unscaled / max(1e-6, float(np.linalg.norm(laid)))
            near = _near(together, reach)
            if float(near.max()) > agreed:
                agreed, deviation = float(near.max()), float(together.std())
                down, across = divmod(int(near.argmax()), near.shape[1])
                best = flip, turn + np.array([[0, 0, across - reach], [0, 0, down - reach]])
    if best is None or agreed < _CHANCES * deviation:
        return None
    flip, to_page = best
    to_page[:, 2] /= scale
    return np.asarray(cv2.flip(ink, flip), np.float32), to_page, agreed / deviation


def _padded(tone: Tone, other: tuple[int, ...], reach: int) -> Tone:
    """The map with room to move another of this shape about it, and of a size that is quickly transformed."""
    height, width = (cv2.getOptimalDFTSize(max(tone.shape[axis], other[axis]) + reach) for axis in (0, 1))
    padded = np.zeros((height, width), np.float32)
    padded[: tone.shape[0], : tone.shape[1]] = tone
    return padded


def _near(together: Tone, reach: int) -> Tone:
    """Of a correlation, what belongs to moves of up to so many pixels; none is in the middle."""
    return np.asarray(np.roll(together, (reach, reach), (0, 1))[: 2 * reach + 1, : 2 * reach + 1], np.float32)


def _nearer(
    tone: Tone, mirrored: Tone, to_page: npt.NDArray[np.float64], dpi: float, rounds: int
) -> npt.NDArray[np.float64]:
    """How the ink is laid on the page, more exactly. Raises cv2.error when there is nothing to hold on to."""
    scale = dpi / _DPI
    page, ink = (_band(_smooth(_scaled(one, scale), 0.012 * dpi), dpi) for one in (tone, mirrored))
    start = cv2.invertAffineTransform(to_page).astype(np.float32)
    start[:, 2] *= scale
    everywhere = np.ones(page.shape, np.uint8)
    until = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, rounds, 1e-4)
    _, found = cv2.findTransformECC(page, ink, start, cv2.MOTION_EUCLIDEAN, until, everywhere, 3)
    back = np.asarray(found, np.float64)
    back[:, 2] /= scale
    return np.asarray(cv2.invertAffineTransform(back), np.float64)


def _warped(ink: Tone, to_page: npt.NDArray[np.float64], shape: tuple[int, ...]) -> Tone:
    return np.asarray(cv2.warpAffine(ink, to_page, shape[::-1]), np.float32)


def _agreement(tone: Tone, laid: Tone) -> float:
    """How well the ink explains what is dark, 1 being wholly."""
    page, ink = (_band(_smooth(one, 1.5), _DPI) for one in (tone, laid))
    return float(np.vdot(page, ink)) / (float(np.linalg.norm(page) * np.linalg.norm(ink)) + 1e-9)


def _agree(tone: Tone, laid: Tone, least: float) -> bool:
    """Whether the ink explains what is dark, not in one place alone, and much better than moved a little."""
    page, ink = (_band(_smooth(one, 1.5), _DPI) for one in (tone, laid))
    norm = float(np.linalg.norm(page) * np.linalg.norm(ink)) + 1e-9
    here = float(np.vdot(page, ink)) / norm
    if here < least or _most(page * ink, _PLACE_INCHES, _DPI) > _PLACE_SHARE * here * norm:
        return False
    return _fits_nowhere_else(tone, laid)


def _fits_nowhere_else(tone: Tone, laid: Tone) -> bool:
    """Whether the letters of the ink agree much better with what is dark than moved, whichever way."""
    page, ink = (_band(_smooth(one, 1.0), _DPI, _LETTER_INCHES) for one in (tone, laid))
    reach = round(_REACH_INCHES * _DPI)
    spectrum, other = (cv2.dft(_padded(one, page.shape, reach)) for one in (page, ink))
    product = cv2.mulSpectrums(spectrum, other, 0, conjB=True)
    together = np.asarray(cv2.idft(product, flags=cv2.DFT_SCALE), np.float32)
    near = _near(together, reach)
    here = float(near[reach, reach])
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return here >= _OVER_MOVED * float(near[np.hypot(down, across) >= _MOVED_INCHES * _DPI].max())


# --- what remains of greys

_CLEAR_INCHES, _STRONGER, _DIFFUSION_INCHES = 1.0, 1.3, (0.004, 0.009, 0.013, 0.018)
"""The strength of show-through is that of its neighbourhood, and not much more than on the whole page: a pencilled
number on the last line of a letter was taken for strong show-through. How far light spreads in paper is tried."""

_DARK_DEPTH, _SPECK_INCHES, _SPECK_STEEP = 60.0, 0.045, (4.0, 10.0)
"""What is darker against its ground counts no more than this; what is as dark as ink was judged before. A speck stands
out of the noise by the first of the two, somewhere by the second, and is smaller at half its depth. Where noise is
stronger a stroke falls to such pieces too."""

_STROKE_INCHES, _STROKE_SIGMAS, _STROKE_MOST = 0.05, 4.0, 4.0
"""A stroke of a letter of 2 mm stands out by more deviations of what chance draws around than the first, and counts by
as many as it has more, up to the second."""

_NOISE_INCHES, _LEAST_NOISE, _NOISE_MOST = 1.0, 2.5, 30.0
"""Noise is that of the neighbourhood, in levels, where strokes of a note count no more than this."""

_CHANCE_INCHES, _CHANCE_NEAR_INCHES, _CHANCE_MOST, _CHANCE_NEAR_MOST = 0.6, 0.2, 4.0, 2.0
_CHANCE_WHOLE, _LEAST_CHANCE = 0.05, 0.8
"""The neighbourhood in which chance draws strokes: of a picture that was saved, or has few greys, it draws others than
of noise. Where noise is stronger in a nearer one, as in shade, in a ring, where few greys begin to tell, they are by as
much stronger there. Strokes count up to so many times the noise, steps of tone near by up to so many times; the whole
page counts for this share of a neighbourhood that is all paper; a deviation has so many levels at least."""

_CLEAR_OF_INCHES, _CLEAR_OF, _MISFIT = 0.012, 0.15, 0.12
"""Where more of the other side's ink is near, what remains may be its own: headings show through more than prose. A
deviation is this share of the depth of the show-through around at least."""

_NOTE_INCHES, _NOTE, _NOTE_FINE, _FINE_DOTS, _EDGE_INCHES = (0.25, 0.15), 54.0, 130.0, 1.5, 0.35
"""A note holds more in a window of this size (deviations, summed over the pixels at 150 dpi); nearer to the border are
edges. The rules of dirt left nine of some 150 notes in grey at 150 dpi with medium and hard damage to this: they had 57
and more. With so many dots of a scan in a pixel noise is weaker and strokes are clearer: there the rules of dirt left
two of some 200 notes, with 160 and with over 250, and pale specks under noise, on blank backs, had up to 125."""


def _has_more_grey(page: Surface, behind: Tone, free: npt.NDArray[np.bool_]) -> bool:
    through = _through(page, behind)
    small = np.clip(page.small + through * (page.paper / 255), 0, 255).astype(np.uint8)
    look = np.clip(page.look + through, 0, 255).astype(np.uint8)
    if unexplained(replace(page, small=small, look=look)):
        return True
    least = _NOTE_FINE if page.dots > _FINE_DOTS else _NOTE
    return _note(page, look, through, behind, free) > least


def _through(page: Surface, behind: Tone) -> Tone:
    """How much darker the other side makes each pixel of the page, in levels."""
    depth = (255 - page.look).astype(np.float32)
    pale = (depth < _TONE + 20).astype(np.float32)
    side = (round(_CLEAR_INCHES * page.inch) | 1,) * 2
    best, left = np.zeros_like(depth), math.inf
    for inches in _DIFFUSION_INCHES:
        spread = _smooth(behind, inches * page.inch)
        weighted = spread * pale
        strength = cv2.blur(depth * weighted, side) / (cv2.blur(spread * weighted, side) + 1e-4)
        overall = float(np.vdot(depth, weighted)) / (float(np.vdot(spread, weighted)) + 1e-4)
        strength = np.minimum(strength, _STRONGER * overall)
        through = np.asarray(strength * spread, np.float32)
        rest = (depth - through) * pale
        squares = float(np.vdot(rest, rest))
        if squares < left:
            best, left = through, squares
    return best


def _note(page: Surface, look: Gray, through: Tone, behind: Tone, free: npt.NDArray[np.bool_]) -> float:
    """How much stands out on strokes, where that is most, seen through a window as large as a word.

    A word has many strokes, chance has few, and each of them weak.
    """
    inch = page.inch
    unit = inch / LOOK_DPI
    ground = cv2.medianBlur(look, 2 * round(8 * unit) + 1)
    rest = ground.astype(np.float32) - look
    noise = np.maximum(_LEAST_NOISE, _noise(rest, free, inch))
    _take_specks_off(rest, look, noise, inch)
    rest = np.clip(rest, -_DARK_DEPTH, _DARK_DEPTH)
    rest[~free] = 0
    clear = _inner(free, inch) & (_smooth(behind, _CLEAR_OF_INCHES * inch) < _CLEAR_OF)
    strokes = stroked(rest, inch, _STROKE_INCHES)
    stronger = _stronger_near(rest, noise, free, inch)
    mean, deviation = _by_chance(np.minimum(strokes, _CHANCE_MOST * noise), clear, inch)
    misfit = _MISFIT * cv2.blur(through, (round(0.1 * inch) | 1,) * 2)
    over = (strokes - mean * stronger) / np.sqrt((deviation * stronger) ** 2 + misfit**2) - _STROKE_SIGMAS
    standing_out = np.clip(np.where(clear, over, 0), 0, _STROKE_MOST).astype(np.float32)
    return _most(standing_out, _NOTE_INCHES, inch) / (unit * unit)


def _take_specks_off(rest: Tone, look: Gray, noise: Tone, inch: float) -> None:
    """Takes specks, and what is as dark as ink, off what ``rest`` shows darker than its ground, in place."""
    least, dark = _SPECK_STEEP
    for x, y, wide, tall, _ in components((rest > least * noise).astype(np.uint8)).tolist():
        here = slice(max(0, y - 2), y + tall + 2), slice(max(0, x - 2), x + wide + 2)
        depths = rest[y : y + tall, x : x + wide]
        deepest = float(depths.max())
        if look[here].min() < INK:
            rest[here] = 0
        elif deepest >= dark * noise[y + tall // 2, x + wide // 2]:
            left, top, broad, high = cv2.boundingRect((depths > deepest / 2).astype(np.uint8))
            if max(broad, high) < _SPECK_INCHES * inch:
                left, top = x + left, y + top
                rest[max(0, top - 3) : top + high + 3, max(0, left - 3) : left + broad + 3] = 0


def _inner(free: npt.NDArray[np.bool_], inch: float) -> npt.NDArray[np.bool_]:
    """Where there is paper, and no edge near."""
    inner = cv2.erode(free.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    border = round(_EDGE_INCHES * inch)
    inner[:border] = inner[-border:] = inner[:, :border] = inner[:, -border:] = False
    return np.asarray(inner, np.bool_)


def _stronger_near(rest: Tone, noise: Tone, free: npt.NDArray[np.bool_], inch: float) -> Tone:
    """How many times stronger noise is close around each pixel than around it, 1 where it is not."""
    paper = free.astype(np.float32)
    steps = np.minimum(np.abs(rest), _CHANCE_NEAR_MOST * noise) * paper
    close, around = (
        1.25 * cv2.blur(steps, side) / (cv2.blur(paper, side) + 1e-3)
        for side in ((round(inches * inch) | 1,) * 2 for inches in (_CHANCE_NEAR_INCHES, _CHANCE_INCHES))
    )
    return np.asarray(np.maximum(1, close / np.maximum(0.5, around)), np.float32)


def _by_chance(strokes: Tone, clear: npt.NDArray[np.bool_], inch: float) -> tuple[Tone, Tone]:
    """The mean and the deviation of strokes in the neighbourhood, where it is clear."""
    counted = clear.astype(np.float32)
    side = (round(_CHANCE_INCHES * inch) | 1,) * 2
    share = cv2.blur(counted, side) + _CHANCE_WHOLE
    whole = max(1.0, float(counted.sum()))
    mean, squares = (
        (cv2.blur(one * counted, side) + _CHANCE_WHOLE * float(np.vdot(one, counted)) / whole) / share
        for one in (strokes, strokes * strokes)
    )
    deviation = np.sqrt(np.maximum(squares - mean * mean, _LEAST_CHANCE**2))
    return np.asarray(mean, np.float32), np.asarray(deviation, np.float32)


def _noise(rest: Tone, free: npt.NDArray[np.bool_], inch: float) -> Tone:
    """The deviation of noise around each pixel: where a sheet is in shade the division by its background drowns it."""
    side = (round(_NOISE_INCHES * inch) | 1,) * 2
    paper = free.astype(np.float32)
    steps = np.minimum(np.abs(rest), _NOISE_MOST) * paper
    return np.asarray(1.25 * cv2.blur(steps, side) / (cv2.blur(paper, side) + 1e-3), np.float32)


def _most(tone: Tone, window: tuple[float, float], inch: float) -> float:
    """The largest sum in a window that lies or stands."""
    wide, tall = (round(size * inch) | 1 for size in window)
    return max(float(cv2.boxFilter(tone, -1, size, normalize=False).max()) for size in ((wide, tall), (tall, wide)))


# --- what remains of black and white

_AROUND_INCHES, _EXCESS, _EVEN = 1.0, 9.0, 6.0
"""The neighbourhood of an excess; by how many deviations a note stands out; and up to how many nothing does, whatever
the rules of dirt say."""

_UNDER, _UNDER_SHARE = 0.25, 0.9


def _has_more_black(page: Surface, behind: Tone, free: npt.NDArray[np.bool_]) -> bool:
    more = excess(page.small, free, page.inch, _AROUND_INCHES, behind)
    most = float(more.max())
    if most <= _EVEN or (most <= _EXCESS and not unexplained(_without(page, behind))):
        return False
    standing_out = [
        (x, y, wide, tall) for x, y, wide, tall, _ in components((more > _EXCESS).astype(np.uint8)).tolist()
    ]
    places = unexplained(page) + standing_out
    return any(has_stroke(page.small, free, page.inch, page.dots, place, behind) for place in places)


def _without(page: Surface, behind: Tone) -> Surface:
    """The page without the specks and strokes that lie on the other side's ink with nine tenths of their pixels."""
    labels, found, _ = labelled((page.small < FAINT_INK).astype(np.uint8))
    under = cv2.dilate((behind > _UNDER).astype(np.uint8), np.ones((3, 3), np.uint8))
    share = np.bincount(labels.ravel(), weights=under.ravel(), minlength=len(found)) / np.maximum(1, found[:, 4])
    gone = share >= _UNDER_SHARE
    gone[0] = False
    clean = gone[labels]
    small, look = (np.where(clean, 255, one).astype(np.uint8) for one in (page.small, page.look))
    return replace(page, small=small, look=look)
