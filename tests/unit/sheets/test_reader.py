"""Codes on page images: found, merged, doubted, and other people's passed over."""

from __future__ import annotations

import datetime as dt
import io
from functools import cache
from random import Random

import cv2
import numpy as np
import pypdfium2
import pytest
import zxingcpp

from faldone.domain.ids import PersonId
from faldone.domain.sheet import SheetKind, make_sheets
from faldone.sheets.code import Witness
from faldone.sheets.print import SheetLabel, print_sheets
from faldone.sheets.reader import Doubt, PageCodes, read_codes

DPI = 150
PATCHES = frozenset({"PATCH-T"})
SHEETS = make_sheets(SheetKind.COVER, [(PersonId("u-1a2b3c4d5e6f"), "TUM")], copies=2, draw=Random(5).randrange)
QR_AREA = (slice(190, 570), slice(670, 1060))
LINE_AREA = (slice(1240, 1540), slice(150, 1100))


@cache
def _clean(index: int) -> np.ndarray:
    out = io.BytesIO()
    print_sheets(SHEETS, [SheetLabel("ROSSI", "Maria", dt.date(1987, 3, 4), "Tutela minori")] * 2, out)
    document = pypdfium2.PdfDocument(out.getvalue())
    page = document[index]
    pixels = np.array(page.render(scale=DPI / 72, grayscale=True).to_numpy())
    page.close()
    document.close()
    return pixels


def sheet(index: int = 0) -> np.ndarray:
    return _clean(index).copy()


def code(text: str, form: zxingcpp.BarcodeFormat, scale: int = 3) -> np.ndarray:
    """A page with one code on it."""
    page = np.full((1754, 1240), 255, np.uint8)
    made = np.array(zxingcpp.create_barcode(text, form).to_image(scale=scale, add_quiet_zones=True))
    page[300 : 300 + made.shape[0], 200 : 200 + made.shape[1]] = made
    return page


def read(pixels: np.ndarray, dpi: int = DPI) -> PageCodes:
    return read_codes(pixels, dpi, patch_texts=PATCHES)


def test_two_codes_of_one_sheet_are_one_finding():
    (found,) = read(sheet()).sheets
    assert found.witnesses == frozenset(Witness)
    assert (found.kind, found.token, found.run) == (SheetKind.COVER, SHEETS[0].token, SHEETS[0].run)
    assert (found.number, found.of, found.person, found.service) == (1, 2, "u-1a2b3c4d5e6f", "TUM")


@pytest.mark.parametrize("hidden", [QR_AREA, LINE_AREA], ids=["qr", "code128"])
@pytest.mark.parametrize("tone", [255, 20], ids=["torn out", "covered"])
def test_one_code_is_enough(hidden, tone):
    page = sheet()
    page[hidden] = tone
    codes = read(page)
    assert [found.token for found in codes.sheets] == [SHEETS[0].token]
    assert len(codes.sheets[0].witnesses) == 1
    assert not codes.doubtful


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("hidden", [QR_AREA, LINE_AREA], ids=["qr", "code128"])
def test_sheets_are_read_however_they_lie(quarters, hidden):
    page = sheet()
    page[hidden] = 255
    assert read(np.rot90(page, quarters)).sheets[0].token == SHEETS[0].token


@pytest.mark.parametrize("steep", [-15, -8, 8, 15])
@pytest.mark.parametrize("hidden", [QR_AREA, LINE_AREA], ids=["qr", "code128"])
def test_sheets_are_read_askew(steep, hidden):
    page = sheet()
    page[hidden] = 255
    turn = cv2.getRotationMatrix2D((620, 877), steep, 1.0)
    page = np.asarray(cv2.warpAffine(page, turn, (1240, 1754), borderValue=30))
    assert read(page).sheets[0].token == SHEETS[0].token


def test_grain_that_breaks_every_row_of_the_bars_is_smoothed_along_them():
    page = sheet()
    page[QR_AREA] = 255
    specks = np.random.default_rng(1).random(page.shape)
    page[specks < 0.22] = 255
    assert read(page).sheets[0].token == SHEETS[0].token


def test_two_sheets_on_one_page_are_a_doubt():
    page = sheet(0)
    page[LINE_AREA] = sheet(1)[LINE_AREA]
    codes = read(page)
    assert {found.token for found in codes.sheets} == {one.token for one in SHEETS}
    assert codes.doubts == {Doubt.CONTRADICTORY}


def test_a_code_of_ours_with_a_wrong_seal_is_a_doubt():
    codes = read(code("FLD:1S0123456789ABCDEFWXYZ", zxingcpp.BarcodeFormat.Code128))
    assert codes.sheets == ()
    assert Doubt.DAMAGED in codes.doubts


def test_a_sheet_of_which_neither_code_reads_is_a_doubt():
    page = sheet()
    page[:, 700:1000] = 255
    codes = read(page)
    assert codes.sheets == ()
    assert codes.doubts == {Doubt.UNREADABLE}


@pytest.mark.parametrize("form", ["Code39", "Code128", "QRCode"])
@pytest.mark.parametrize("text", ["PATCH-T", "PATCHT"])
def test_a_patch_sheet_is_told(form, text):
    codes = read(code(text, getattr(zxingcpp.BarcodeFormat, form)))
    assert codes == PageCodes(patch=True)


def test_without_a_text_agreed_on_there_is_no_patch():
    assert read_codes(code("PATCH-T", zxingcpp.BarcodeFormat.Code39), DPI, patch_texts=frozenset()) == PageCodes()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("RSSMRA85T10A562S", "Code39"),
        ("RA123456785IT", "Code128"),
        ("PAGOPA|002|301000000000000123|00111110190|10050", "QRCode"),
        ("INPS.2019.123456", "DataMatrix"),
        ("F24 000123456", "PDF417"),
    ],
)
def test_other_peoples_codes_are_passed_over_in_silence(text, form):
    assert read(code(text, getattr(zxingcpp.BarcodeFormat, form))) == PageCodes()


def test_a_damaged_code_that_is_not_ours_is_no_doubt():
    page = code("PAGOPA|002|301000000000000123|00111110190|10050", zxingcpp.BarcodeFormat.QRCode, 5)
    page[340:440, 240:340] = 255
    assert read(page) == PageCodes()


@pytest.mark.parametrize("shape", [(1754, 1240), (40, 30), (1, 1), (300, 2)])
def test_an_empty_page_of_any_size_has_nothing(shape):
    assert read(np.full(shape, 255, np.uint8)) == PageCodes()


def test_noise_has_nothing():
    assert read(np.random.default_rng(1).integers(0, 256, (900, 700), dtype=np.uint8)) == PageCodes()
