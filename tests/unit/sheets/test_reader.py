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

from faldone.demo.damage import Damage, scan
from faldone.domain.ids import PersonId
from faldone.domain.sheet import SheetKind, make_sheets
from faldone.sheets.code import Witness
from faldone.sheets.print import SheetLabel, print_sheets
from faldone.sheets.reader import Doubt, PageCodes, codici_fiscali, read_codes

DPI = 150
PATCHES = frozenset({"PATCH-T"})
SHEETS = make_sheets(SheetKind.COVER, [(PersonId("u-1a2b3c4d5e6f"), "TUM")], copies=2, draw=Random(5).randrange)
QR_AREA = (slice(190, 570), slice(670, 1060))
SMALL_QR_AREA = (slice(875, 1160), slice(110, 410))
LINE_AREA = (slice(1240, 1540), slice(150, 1100))
CODES = {Witness.QR: QR_AREA, Witness.SMALL_QR: SMALL_QR_AREA, Witness.CODE128: LINE_AREA}


@cache
def _clean(index: int) -> np.ndarray:
    out = io.BytesIO()
    print_sheets(SHEETS, [SheetLabel("ROSSI MARIA", dt.date(1987, 3, 4), "Tutela minori")] * 2, out)
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


def only(kept: Witness, tone: int = 255) -> np.ndarray:
    """A sheet with one code left."""
    page = sheet()
    for witness, area in CODES.items():
        if witness is not kept:
            page[area] = tone
    return page


def test_three_codes_of_one_sheet_are_one_finding():
    (found,) = read(sheet()).sheets
    assert found.witnesses == frozenset(Witness)
    assert (found.kind, found.token, found.run) == (SheetKind.COVER, SHEETS[0].token, SHEETS[0].run)
    assert (found.number, found.of, found.person, found.service) == (1, 2, "u-1a2b3c4d5e6f", "TUM")


@pytest.mark.parametrize("kept", CODES)
@pytest.mark.parametrize("tone", [255, 20], ids=["torn out", "covered"])
def test_one_code_is_enough(kept, tone):
    codes = read(only(kept, tone))
    assert [(found.token, found.witnesses) for found in codes.sheets] == [(SHEETS[0].token, {kept})]
    assert not codes.doubtful


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("kept", CODES)
def test_sheets_are_read_however_they_lie(quarters, kept):
    assert read(np.rot90(only(kept), quarters)).sheets[0].token == SHEETS[0].token


@pytest.mark.parametrize("steep", [-15, -8, 8, 15])
@pytest.mark.parametrize("kept", CODES)
def test_sheets_are_read_askew(steep, kept):
    turn = cv2.getRotationMatrix2D((620, 877), steep, 1.0)
    page = np.asarray(cv2.warpAffine(only(kept), turn, (1240, 1754), borderValue=30))
    assert read(page).sheets[0].token == SHEETS[0].token


@pytest.mark.parametrize("share", [0.5, 1 / 3, 2 / 3])
@pytest.mark.parametrize("hidden", CODES)
def test_a_code_lost_and_the_sheet_folded_twice_leaves_one(hidden, share):
    page = sheet()
    page[CODES[hidden]] = 255
    across, down = round(share * page.shape[0]), round(share * page.shape[1])
    page[across - 4 : across + 4] = 255
    page[:, down - 4 : down + 4] = 255
    assert read(page).sheets[0].token == SHEETS[0].token


def grainy(worn: float) -> np.ndarray:
    """A sheet without its large QR code, a band of its bars gone and of the rest so much worn off in grains."""
    page = sheet()
    page[QR_AREA] = 255
    page[LINE_AREA][:, 300:320] = 255
    grains = cv2.GaussianBlur(np.random.default_rng(1).random(page.shape), (0, 0), 0.7)
    page[grains < np.quantile(grains, worn)] = 255
    return page


def test_grainy_bars_make_the_whole_page_be_tried_where_its_small_qr_is_read():
    assert [found.witnesses for found in read(grainy(0.25)).sheets] == [{Witness.SMALL_QR}]


def test_bars_of_ours_too_grainy_to_be_read_are_a_doubt():
    page = grainy(0.3)
    page[SMALL_QR_AREA] = 255
    assert read(page) == PageCodes(doubts=frozenset({Doubt.UNREADABLE}))


def test_grain_that_breaks_every_row_of_the_bars_is_smoothed_along_them():
    page = only(Witness.CODE128)
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


def test_a_sheet_of_which_no_code_reads_is_a_doubt():
    page = sheet()
    page[:, 700:1000] = 255
    page[:, 120:190] = 255
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
        ("80380001200123456789", "Code39"),
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


CF = "RSSMRA85T10A562S"
OTHER_CF = "FRNMRA60M64I827I"


@pytest.mark.parametrize("form", [zxingcpp.BarcodeFormat.Code39, zxingcpp.BarcodeFormat.Code128])
def test_a_codice_fiscale_alone_in_a_code_is_a_persons(form):
    assert read(code(CF, form)) == PageCodes(persons=(CF,))


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        (CF, (CF,)),
        (f"*{CF}*", (CF,)),
        (f" {CF[:6]} {CF[6:]} ", (CF,)),
        (f"DSU;{CF};2024;{OTHER_CF.lower()}", (CF, OTHER_CF)),
        ("RSSMRA85T10A562T", ()),  # the check letter
        ("FRNMRA60M84I827I", ()),  # no such day
        (f"{CF}7", ()),
        ("80380001200123456789", ()),
        ("PAGOPA|002|301000000000000000|01234567890|1000", ()),
    ],
)
def test_codici_fiscali_are_taken_whole_or_as_words(text, persons):
    assert codici_fiscali(text) == persons


def test_a_qr_code_that_holds_a_codice_fiscale_among_words_tells_it():
    page = code(f"ISEE 2024 {CF} Rossi Mario {CF}", zxingcpp.BarcodeFormat.QRCode)
    assert read(page).persons == (CF,)


def test_a_sheet_of_ours_yields_no_person():
    page = sheet()
    made = np.array(zxingcpp.create_barcode(CF, zxingcpp.BarcodeFormat.Code39).to_image(scale=2))
    page[20 : 20 + made.shape[0], 300 : 300 + made.shape[1]] = made
    assert read(page).persons == ()
    page[QR_AREA] = page[SMALL_QR_AREA] = page[LINE_AREA] = 255
    assert read(page).persons == (CF,)  # it does read


def card(seed: int) -> np.ndarray:
    """A page with the back of a health card, scanned gray and askew at 150 dpi: narrow bars are 1.6 pixels wide."""
    rng = Random(seed)
    unit = 300 / 25.4
    page = np.full((3508, 2480), 255, np.uint8)
    left, top = round(rng.uniform(20, 100) * unit), round(rng.uniform(20, 200) * unit)
    page[top : top + round(54 * unit), left : left + round(85.6 * unit)] = rng.randrange(215, 250)
    made = np.array(zxingcpp.create_barcode(CF, zxingcpp.BarcodeFormat.Code39).to_image(scale=8, add_quiet_zones=False))
    bars = cv2.resize(
        np.tile(made[len(made) // 2], (round(8 * unit), 1)), (round(65 * unit), round(8 * unit)),
        interpolation=cv2.INTER_AREA,
    )  # fmt: skip
    at = (top + round(6 * unit), left + round(10 * unit))
    page[at[0] - 12 : at[0] + len(bars) + 12, at[1] - 36 : at[1] + bars.shape[1] + 36] = 255
    page[at[0] : at[0] + len(bars), at[1] : at[1] + bars.shape[1]] = np.maximum(bars, 40)
    damage = Damage(
        "medium", skew=rng.uniform(-4, 4), turn=rng.choice((0, 90, 180, 270)), paper=235, shade=0.1,
        noise=6.0, blur=0.8, seed=seed,
    )  # fmt: skip
    scanned = scan(page, damage, 300)
    return cv2.resize(scanned, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


@pytest.mark.slow
def test_the_fine_bars_of_health_cards_are_read_from_gray_scans_askew():
    assert [read(card(seed)).persons for seed in range(8)] == [(CF,)] * 8
