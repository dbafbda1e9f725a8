"""The codes on a scanned page: sheets of ours, plain patch sheets, and codes that leave a doubt.

Every page of the archive comes through here, so a page is first tried once, as it is. Only a page that bears something
as dense as our codes are, and gave nothing, is tried harder: softened against grain, reduced, and its bars
straightened and drawn along themselves, which heals what dirt and worn toner took from single rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import zxingcpp

from faldone.domain.ids import PersonId
from faldone.domain.sheet import SheetKind
from faldone.sheets.code import QR_MM, SMALL_QR_MM, Damaged, Decoded, Witness, bears_tag, decode, mend

Gray: TypeAlias = npt.NDArray[np.uint8]
"""A gray page, shape (height, width), 0 black to 255 white."""

_FORMATS = zxingcpp.barcode_formats_from_str("QRCode,Code128,Code39")
_OURS = zxingcpp.barcode_formats_from_str("QRCode,Code128")
_LINE = zxingcpp.barcode_formats_from_str("Code128")
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
    """What the codes on a page say. ``patch``: one of them says what a plain patch sheet says."""

    sheets: tuple[FoundSheet, ...] = ()
    patch: bool = False
    doubts: frozenset[Doubt] = frozenset()

    @property
    def doubtful(self) -> bool:
        """Whether a person has to look at the page."""
        return bool(self.doubts)


def normal_patch(text: str) -> str:
    """A patch sheet's text as it is compared: capitals and digits alone, so that ``Patch-T`` is ``PATCHT``."""
    return "".join(char for char in text.upper() if char.isalnum())


def read_codes(pixels: Gray, dpi: int, *, patch_texts: frozenset[str] = frozenset()) -> PageCodes:
    """Reads the codes on a page, however it is turned.

    Args:
        pixels: the page, gray, shape (height, width).
        dpi: its resolution; 150 to 200 is enough.
        patch_texts: what the codes of plain patch sheets say.

    Returns:
        the sheets found, each once; other people's codes are passed over in silence.
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

    def explains(self, spot: _Spot) -> bool:
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
        return PageCodes(tuple(self.sheets.values()), self.patch, frozenset(doubts))


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
