"""The codes on a scanned page: sheets of ours, plain patch sheets, codes that leave a doubt, and codici fiscali.

Every page of the archive comes through here, so a page is first tried once, as it is. Only a page that bears something
as dense as our codes are, and gave nothing, is tried harder: softened against grain, reduced, and its bars
straightened and drawn along themselves, which heals what dirt and worn toner took from single rows.

A health card's bars are too fine to be read at the look's resolution: where a strip of bars lies that nothing
explains, it is cut out, enlarged and read for itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from faldone.domain.codice_fiscale import is_code
from faldone.domain.ids import PersonId
from faldone.domain.sheet import SheetKind
from faldone.sheets.code import QR_MM, SMALL_QR_MM, Damaged, Decoded, Witness, bears_tag, decode, mend

Gray: TypeAlias = npt.NDArray[np.uint8]
"""A gray page, shape (height, width), 0 black to 255 white."""

_FORMATS = zxingcpp.barcode_formats_from_str("QRCode,Code128,Code39")
_OURS = zxingcpp.barcode_formats_from_str("QRCode,Code128")
_LINE = zxingcpp.barcode_formats_from_str("Code128")
_STRIP = zxingcpp.barcode_formats_from_str("Code128,Code39")
_LOCAL, _GLOBAL = zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram

_MM_PER_INCH = 25.4
_LOOK_DPI = 75
_CELL_MM = 2.7
_STEEP, _COVERED = 2.2, 0.4
"""What our codes have in a cell at 75 dpi, per unit of contrast: mean steepness (Sobel) and share of ink."""

_DENSE: Final = 0.7
"""Least density, 1 being our codes, of 16 by 16 mm: in 120 bad scans of sheets the densest spot had 0.81 to 1.05, in
150 ordinary pages 0.18 to 0.81 but for codes and photographs; 95 of 100 had less than 0.76 with those. Where a spot is
dense costs time, and no more."""

_DENSE_AROUND: Final = 0.5
"""What else belongs to a dense spot: where toner is faint and grainy, parts of a code are less dense than others."""

_REACH_CELLS = 6
_LEAST_CONTRAST = 30.0
"""Grey levels between paper and ink; the grain of empty paper has less, and is not to look dense."""
_OUR_BARS_MM: Final = 28.0
"""Bars of ours are 40 mm high, and a piece of them this long is told from those of forms, letters and parcels, which
are no higher than 20 mm."""
_OUR_COHERENCE: Final = 0.85
"""Ours have 0.95 and more in bad scans, 0.83 in the grainiest one seen."""
_LONG_BARS_MM, _GRAINY_COHERENCE = 60.0, 0.6
"""So much is enough in a piece this long: on 400 ordinary pages with photographs nothing so high and long had more
than 0.28, and nothing shorter more than 0.43."""
_RIM_MM, _QR_MM_AND_RIM = 12.0, 50.0
_FOREIGN_RIM_MM = 3.0
_QR_SIZE_SLACK = 0.12
"""Of the side: scanners stretch, and a QR whose corners are dirty is measured amiss."""
_COHERENT: Final = 0.5
"""Of 1: how far the edges in a spot all run one way."""

_STRIP_CELL_MM = 1.35
_STRIP_CELLS = (3, 12)
"""Height and length in cells of the pieces that a strip of bars is put together of, so that it may lie askew."""
_STRIP_STEEP, _STRIP_ONE_WAY = 22.0, 1.7
"""Mean step between neighbouring pixels across the bars, in grey levels, and how much more that is than along them: 39
and more, and 2.5 times, in 16 cards badly scanned; most ruled and hatched parts of 60 other pages had less than 22."""
_STRIP_LONG_MM, _STRIP_HIGH_MM = 35.0, 25.0
"""A health card's bars are some 65 mm long and 8 mm high. Shorter ones hold no sixteen characters at this resolution,
higher ones are ruled or hatched."""
_STRIP_ROWS = 4
"""Every fourth row is enough to see where bars are."""
_STRIP_DPI = 600
"""What a strip is enlarged to: at 150 dpi the narrow bars of a health card are hardly two pixels wide."""
_STRIP_RIM_MM, _STRIP_ENDS_MM, _STRIP_SMEAR_MM, _MOST_STRIPS = 7.0, 20.0, 1.0, 4
"""What is cut out with a strip: its ends may have been too faint to be seen as bars."""

_TOKEN = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{16}(?![A-Z0-9])")


class Doubt(StrEnum):
    """Why a person has to look at a page: it may be a sheet.

    ``DAMAGED``: a code bears our tag and not its right seal. ``UNREADABLE``: a code of our sheets' size and form does
    not read. ``CONTRADICTORY``: the page bears two sheets' codes, or a sheet's and a patch.
    """

    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    CONTRADICTORY = "contradictory"


@dataclass(frozen=True, slots=True)
class FoundSheet:
    """A sheet of ours on a page. All but kind and token are only known when its large QR code was read."""

    kind: SheetKind
    token: str
    witnesses: frozenset[Witness]
    number: int | None = None
    of: int | None = None
    run: str | None = None
    person: PersonId | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class PageCodes:
    """What the codes on a page say.

    ``patch``: one of them says what a plain patch sheet says. ``persons``: the codici fiscali in the others, as issued
    and each once; a page with a code of ours has none.
    """

    sheets: tuple[FoundSheet, ...] = ()
    patch: bool = False
    doubts: frozenset[Doubt] = frozenset()
    persons: tuple[str, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether a person has to look at the page."""
        return bool(self.doubts)


def normal_patch(text: str) -> str:
    """A patch sheet's text as it is compared: capitals and digits alone, so that ``Patch-T`` is ``PATCHT``."""
    return "".join(char for char in text.upper() if char.isalnum())


def codici_fiscali(text: str) -> tuple[str, ...]:
    """The codici fiscali in what a code says: all of it, start and stop signs and blanks aside, or words of it."""
    whole = "".join(text.upper().strip("* ").split())
    return (whole,) if is_code(whole) else tuple(word for word in _TOKEN.findall(text.upper()) if is_code(word))


def read_codes(pixels: Gray, dpi: int, *, patch_texts: frozenset[str] = frozenset()) -> PageCodes:
    """Reads the codes on a page, however it is turned.

    Args:
        pixels: the page, gray, shape (height, width).
        dpi: its resolution; 150 to 200 is enough.
        patch_texts: what the codes of plain patch sheets say.

    Returns:
        the sheets found, each once, and the codici fiscali that other people's codes hold; what else these say is
        passed over in silence.
    """
    pixels = np.ascontiguousarray(pixels)
    page = _Findings(frozenset(normal_patch(text) for text in patch_texts))
    page.add(_read(pixels, _FORMATS, _LOCAL), dpi)
    if page.settled():
        return page.told()
    spots = [spot for spot in _dense_spots(pixels, dpi) if not page.explains(spot)]
    for image, image_dpi, formats, binarizer in _harder(pixels, dpi, spots):
        page.add(_read(image, formats, binarizer), image_dpi)
        if page.settled():
            return page.told()
    page.unreadable |= any(spot.is_like_our_bars for spot in spots)
    if not page.unreadable:
        for strip in _strips(pixels, dpi):
            if not page.explains(strip):
                page.persons.update(dict.fromkeys(_persons_on(pixels, dpi, strip)))
    return page.told()


def _read(pixels: Gray, formats: zxingcpp.BarcodeFormats, binarizer: zxingcpp.Binarizer) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(pixels, formats=formats, binarizer=binarizer, try_invert=False, return_errors=True)


class _Findings:
    """What several looks at one page gave, put together."""

    def __init__(self, patches: frozenset[str]) -> None:
        self.patches = patches
        self.sheets: dict[tuple[SheetKind, str], FoundSheet] = {}
        self.patch = False
        self.damaged: list[Damaged] = []
        self.unreadable = False
        self.foreign: list[npt.NDArray[np.float32]] = []
        self.persons: dict[str, None] = {}

    def settled(self) -> bool:
        return bool(self.sheets) or self.patch

    def add(self, codes: Iterable[zxingcpp.Barcode], dpi: float) -> None:
        for code in codes:
            said = decode(code.text) if code.valid else mend(code.text)
            if isinstance(said, Decoded):
                key = (said.kind, said.token)
                self.sheets[key] = _joined(self.sheets.get(key), said)
            elif isinstance(said, Damaged):
                self.damaged.append(said)
            elif not code.valid:
                self.unreadable |= bears_tag(code.text) or _is_like_our_qr(code, dpi)
            elif normal_patch(code.text) in self.patches:
                self.patch = True
            else:
                self.foreign.append(_corners(code) * (_MM_PER_INCH / dpi))
                self.persons.update(dict.fromkeys(codici_fiscali(code.text)))

    def explains(self, spot: _Spot | _Strip) -> bool:
        """Whether a code that is not ours was read there."""
        return any(cv2.pointPolygonTest(corners, spot.centre_mm, True) > -_FOREIGN_RIM_MM for corners in self.foreign)

    def told(self) -> PageCodes:
        tokens = [token for _, token in self.sheets]
        doubts = set()
        if any(not any(code.may_be_of(token) for token in tokens) for code in self.damaged):
            doubts.add(Doubt.DAMAGED)
        if self.unreadable and not self.settled():  # else it is another code of the sheet that was read
            doubts.add(Doubt.UNREADABLE)
        if len(self.sheets) + self.patch > 1:
            doubts.add(Doubt.CONTRADICTORY)
        ours = self.settled() or bool(self.damaged)
        return PageCodes(
            tuple(self.sheets.values()), self.patch, frozenset(doubts), () if ours else tuple(self.persons)
        )


def _joined(known: FoundSheet | None, said: Decoded) -> FoundSheet:
    witnesses = frozenset({said.witness}) | (known.witnesses if known else frozenset())
    if known is not None and said.witness is not Witness.QR:
        return replace(known, witnesses=witnesses)
    return FoundSheet(said.kind, said.token, witnesses, said.number, said.of, said.run, said.person, said.service)


def _corners(code: zxingcpp.Barcode) -> npt.NDArray[np.float32]:
    at = code.position
    return np.array(
        [(point.x, point.y) for point in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)], np.float32
    )


def _is_like_our_qr(code: zxingcpp.Barcode, dpi: float) -> bool:
    """Whether a code that did not decode has the form and the size of a sheet's QR codes."""
    if code.format != zxingcpp.BarcodeFormat.QRCode:
        return False
    corners = _corners(code)
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1) * (_MM_PER_INCH / dpi)
    return any(bool(np.all(np.abs(sides / ours - 1) < _QR_SIZE_SLACK)) for ours in (QR_MM, SMALL_QR_MM))


# --- harder tries ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Spot:
    """A spot as dense as our codes.

    Attributes:
        centre_mm: its centre on the page.
        box: what of the page it takes (x, y, width, height), in pixels.
        along_deg: the direction across its bars, clockwise from the horizontal.
        coherence: 0 to 1: how far its edges run one way, as bars do.
        size_mm: length across its bars, and height of the bars.
    """

    centre_mm: tuple[float, float]
    box: tuple[int, int, int, int]
    along_deg: float
    coherence: float
    size_mm: tuple[float, float]

    @property
    def barred(self) -> bool:
        """Whether it may be a line code."""
        return self.coherence >= _COHERENT

    @property
    def is_like_our_bars(self) -> bool:
        """Whether it is a line code, or a piece of one, that is higher than any but ours."""
        coherent = _GRAINY_COHERENCE if max(self.size_mm) >= _LONG_BARS_MM else _OUR_COHERENCE
        return self.coherence >= coherent and min(self.size_mm) >= _OUR_BARS_MM


def _dense_spots(pixels: Gray, dpi: int) -> list[_Spot]:
    """The spots that are as full of steep edges as our codes, whatever their contrast."""
    step = max(1, round(dpi / _LOOK_DPI))
    cell = max(2, round(_CELL_MM * dpi / step / _MM_PER_INCH))
    rows, columns = (edge // (step * cell) for edge in pixels.shape)
    if rows < _REACH_CELLS or columns < _REACH_CELLS:
        return []
    used = pixels[: rows * cell * step, : columns * cell * step]
    look = _gray(cv2.resize(used, (columns * cell, rows * cell), interpolation=cv2.INTER_AREA))

    def per_cell(values: npt.NDArray[np.float32] | Gray) -> npt.NDArray[np.float32]:
        return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)

    across, down = (np.asarray(cv2.Sobel(look, cv2.CV_32F, *way), np.float32) for way in ((1, 0), (0, 1)))
    soft, window = cv2.blur(look, (3, 3)), np.ones((cell, cell), np.uint8)
    middle = slice(cell // 2, None, cell)
    near = np.ones((_REACH_CELLS + 1, _REACH_CELLS + 1), np.uint8)
    paper = cv2.dilate(cv2.dilate(soft, window)[middle, middle], near).astype(np.float32)
    ink = cv2.erode(cv2.erode(soft, window)[middle, middle], near).astype(np.float32)
    contrast = np.maximum(paper - ink, _LEAST_CONTRAST)
    steep = per_cell(np.asarray(cv2.magnitude(across, down), np.float32)) / (contrast * _STEEP)
    covered = (paper - per_cell(look)) / (contrast * _COVERED)
    density = np.minimum(cv2.blur(steep, (3, 3)), cv2.blur(covered, (3, 3)))
    reach = np.ones((_REACH_CELLS, _REACH_CELLS), np.uint8)
    dense = cv2.morphologyEx((density >= _DENSE).astype(np.uint8), cv2.MORPH_OPEN, reach)
    if not dense.any():
        return []
    around = cv2.morphologyEx((density >= _DENSE_AROUND).astype(np.uint8), cv2.MORPH_OPEN, reach)
    _, labels = cv2.connectedComponents(around)
    seeds = [int(label) for label in np.unique(labels[dense > 0])]
    tensor = (per_cell(across * across), per_cell(down * down), per_cell(across * down))
    return [_spot(labels == label, tensor, cell * step, dpi) for label in seeds]


def _spot(where: npt.NDArray[np.bool_], tensor: tuple[npt.NDArray[np.float32], ...], cell_px: int, dpi: int) -> _Spot:
    across, down, mixed = (float(part[where].sum()) for part in tensor)
    angle = 0.5 * math.atan2(2 * mixed, across - down)
    coherence = math.hypot(across - down, 2 * mixed) / max(1.0, across + down)
    ys, xs = np.nonzero(where)
    cell_mm = cell_px * _MM_PER_INCH / dpi
    along, aside = xs * math.cos(angle) + ys * math.sin(angle), ys * math.cos(angle) - xs * math.sin(angle)
    left, top = int(xs.min()) * cell_px, int(ys.min()) * cell_px
    return _Spot(
        centre_mm=((float(xs.mean()) + 0.5) * cell_mm, (float(ys.mean()) + 0.5) * cell_mm),
        box=(left, top, (int(xs.max()) + 1) * cell_px - left, (int(ys.max()) + 1) * cell_px - top),
        along_deg=math.degrees(angle),
        coherence=coherence,
        size_mm=((float(np.ptp(along)) + 1) * cell_mm, (float(np.ptp(aside)) + 1) * cell_mm),
    )


_Try: TypeAlias = tuple[Gray, float, zxingcpp.BarcodeFormats, zxingcpp.Binarizer]
"""An image, its resolution, what to look for in it and how to tell ink from paper."""


def _harder(pixels: Gray, dpi: int, spots: list[_Spot]) -> Iterator[_Try]:
    """Other images of the page, the likeliest to help first; none when nothing on it is as dense as our codes."""
    if not spots:
        return
    unit = dpi / _MM_PER_INCH
    # the QR codes stand far from the bars, and shade or grain may have hidden them from the look
    whole = any(spot.is_like_our_bars for spot in spots)
    part = pixels if whole else _cut(pixels, spots, _QR_MM_AND_RIM * unit)
    yield _softened(part, 0.2 * unit), dpi, _OURS, _GLOBAL
    barred = max((spot for spot in spots if spot.barred), key=lambda spot: spot.size_mm[0], default=None)
    if barred is not None:
        bars = _upright(_cut(pixels, [spot for spot in spots if spot.barred], _RIM_MM * unit), barred.along_deg)
        for smear_mm, stretch in ((1.5, 1.0), (0.5, 1.5), (5.0, 1.0), (1.5, 1.5)):
            drawn = _gray(cv2.blur(bars, (1, max(1, round(smear_mm * unit)))))
            drawn = _gray(cv2.resize(drawn, None, fx=stretch, fy=1.0, interpolation=cv2.INTER_CUBIC))
            yield drawn, dpi, _LINE, _LOCAL
    yield _gray(cv2.erode(part, np.ones((2, 2), np.uint8))), dpi, _OURS, _LOCAL
    yield _softened(part, 0.3 * unit), dpi, _OURS, _LOCAL
    yield _resized(part, 2 / 3), dpi * 2 / 3, _OURS, _GLOBAL
    yield part, dpi, _OURS, _GLOBAL
    yield _softened(_evened(part, unit), 0.45 * unit), dpi, _OURS, _GLOBAL


def _evened(pixels: Gray, unit: float) -> Gray:
    """The image divided by its paper, so that shade on it is gone."""
    height, width = pixels.shape
    small = cv2.resize(
        pixels, (max(1, round(width / unit)), max(1, round(height / unit))), interpolation=cv2.INTER_AREA
    )
    paper = cv2.blur(cv2.dilate(small, np.ones((9, 9), np.uint8)), (15, 15))
    return _gray(cv2.divide(pixels, cv2.resize(paper, (width, height)), scale=255))


def _softened(pixels: Gray, sigma_px: float) -> Gray:
    return _gray(cv2.GaussianBlur(pixels, (0, 0), sigma_px))


def _resized(pixels: Gray, factor: float) -> Gray:
    return _gray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))


def _cut(pixels: Gray, spots: list[_Spot], rim_px: float) -> Gray:
    """The part of the page that holds the spots, with room around it."""
    left = min(spot.box[0] for spot in spots) - rim_px
    top = min(spot.box[1] for spot in spots) - rim_px
    right = max(spot.box[0] + spot.box[2] for spot in spots) + rim_px
    low = max(spot.box[1] + spot.box[3] for spot in spots) + rim_px
    return np.ascontiguousarray(pixels[max(0, round(top)) : round(low), max(0, round(left)) : round(right)])


def _upright(cut: Gray, along_deg: float) -> Gray:
    """The image turned so that bars stand upright, on a canvas that holds all of it."""
    tall, wide = cut.shape
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), along_deg, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    out_w, out_h = round(tall * sin + wide * cos), round(tall * cos + wide * sin)
    turn[:, 2] += [(out_w - wide) / 2, (out_h - tall) / 2]
    return _gray(cv2.warpAffine(cut, turn, (out_w, out_h), flags=cv2.INTER_LINEAR, borderValue=255))


def _gray(value: npt.NDArray[np.generic]) -> Gray:
    """What OpenCV gave back, as bytes."""
    return np.ascontiguousarray(value, dtype=np.uint8)


# --- strips of fine bars -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Strip:
    """A strip of bars. ``box`` (x, y, width, height) in pixels; ``turned``: its bars lie along the page's lines."""

    centre_mm: tuple[float, float]
    box: tuple[int, int, int, int]
    turned: bool


def _strips(pixels: Gray, dpi: int) -> list[_Strip]:
    """The strips of bars on the page, the longest first, and no more than a card or a form has."""
    # Whole pixels and rows to a cell: OpenCV sums those five times as fast as broken ones.
    cell = _STRIP_ROWS * max(1, round(_STRIP_CELL_MM * dpi / _MM_PER_INCH / _STRIP_ROWS))
    rows, columns = ((edge - 1) // cell for edge in pixels.shape)
    if min(rows, columns) < _STRIP_CELLS[1]:
        return []
    low, right = rows * cell, columns * cell
    upper, lower = pixels[:low:_STRIP_ROWS, : right + 1], pixels[1 : low + 1 : _STRIP_ROWS, :right]
    steps = (cv2.absdiff(upper[:, 1:], upper[:, :-1]), cv2.absdiff(upper[:, :-1], lower))
    across, down = (cv2.blur(cv2.resize(step, (columns, rows), interpolation=cv2.INTER_AREA), (3, 3)) for step in steps)
    cell_mm = cell * _MM_PER_INCH / dpi
    found = []
    for turned, (steep, flat) in ((False, (across, down)), (True, (down, across))):
        barred = ((steep > _STRIP_STEEP) & (steep > _STRIP_ONE_WAY * flat)).astype(np.uint8)
        if np.count_nonzero(barred) < math.prod(_STRIP_CELLS):
            continue
        kernel = np.ones(_STRIP_CELLS[::-1] if turned else _STRIP_CELLS, np.uint8)
        _, _, parts, centres = cv2.connectedComponentsWithStats(cv2.morphologyEx(barred, cv2.MORPH_OPEN, kernel))
        for part, (x, y) in zip(parts[1:, :4].tolist(), centres[1:].tolist(), strict=True):
            left, top, wide, tall = (edge * cell for edge in part)
            if max(part[2:]) * cell_mm >= _STRIP_LONG_MM and min(part[2:]) * cell_mm <= _STRIP_HIGH_MM:
                found.append(_Strip(((x + 0.5) * cell_mm, (y + 0.5) * cell_mm), (left, top, wide, tall), turned))
    return sorted(found, key=lambda strip: -max(strip.box[2:]))[:_MOST_STRIPS]


def _persons_on(pixels: Gray, dpi: int, strip: _Strip) -> tuple[str, ...]:
    """The codici fiscali that a strip of bars holds."""
    aside, along = (round(rim * dpi / _MM_PER_INCH) for rim in (_STRIP_RIM_MM, _STRIP_ENDS_MM))
    across, down = (aside, along) if strip.turned else (along, aside)
    left, top, wide, tall = strip.box
    cut = pixels[max(0, top - down) : top + tall + down, max(0, left - across) : left + wide + across]
    cut = np.ascontiguousarray(np.rot90(cut) if strip.turned else cut)
    smeared = _gray(cv2.blur(cut, (1, max(1, round(_STRIP_SMEAR_MM * dpi / _MM_PER_INCH)))))
    for image, way in (
        (cut, cv2.INTER_LINEAR),
        (cut, cv2.INTER_CUBIC),
        (smeared, cv2.INTER_LINEAR),
        (smeared, cv2.INTER_CUBIC),
    ):
        factor = max(1.0, _STRIP_DPI / dpi)
        large = _gray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=way))
        codes = [code for code in _read(large, _STRIP, _LOCAL) if code.valid]
        if codes:
            return tuple(person for code in codes for person in codici_fiscali(code.text))
    return ()
