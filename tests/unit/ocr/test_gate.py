"""The quality gate: one page a flaw, and pages that must pass."""

import random
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from faldone.domain.verdict import Finding, Flaw, PageMeasures, Severity, Verdict, findings, judge
from faldone.ocr.gate import is_bilevel, measure, reduced
from faldone.ocr.prepare import PageStatistics, in_full, statistics, turn

A4 = (1240, 1754)
TEXT = (
    "il servizio sociale professionale relaziona quanto segue sulla situazione della famiglia e del minore che vive "
    "con la madre in un alloggio di edilizia popolare della città"
)
WORDS = TEXT.split()


def sheet(lines: int = 34, *, ink: int = 25, paper: int = 240, size: tuple[int, int] = A4, seed: int = 1) -> np.ndarray:
    """A page of prose at 150 dpi, drawn."""
    rng = random.Random(seed)
    image = Image.new("L", size, paper)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(23)
    for number in range(lines):
        text = " ".join(rng.choice(WORDS) for _ in range(8))
        draw.text((150, 160 + number * 40), text, fill=ink, font=font)
    return grained(np.asarray(image, np.float64), seed)


def grained(pixels: np.ndarray, seed: int = 1, sigma: float = 2.0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, sigma, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def slanted(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """The page turned clockwise a little, and smaller so that its corners stay inside."""
    height, width = pixels.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 0.85)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), borderValue=240), np.uint8)


def looked_at(pixels: np.ndarray, dpi: int = 150, *, declared: bool = True) -> PageMeasures:
    small, small_dpi = reduced(pixels, dpi)
    found = statistics(small, small_dpi)
    return measure(small, small_dpi, found, scan_dpi=dpi, declared=declared, bilevel=is_bilevel(pixels))


def severity(page: PageMeasures, flaw: Flaw) -> Severity | None:
    return next((found.severity for found in findings(page) if found.flaw is flaw), None)


PROSE = sheet()
GOOD = looked_at(PROSE)


# --- pages that pass


def test_an_ordinary_page_is_good_and_has_no_flaw():
    assert judge(GOOD) == (Verdict.GOOD, ())


def test_one_line_is_not_blurred_for_having_little_ink():
    assert judge(looked_at(sheet(lines=1))) == (Verdict.GOOD, ())


def test_a_black_and_white_scan_is_good():
    pixels = np.where(PROSE < 150, 0, 255).astype(np.uint8)
    page = looked_at(pixels)
    assert page.bilevel
    assert judge(page) == (Verdict.GOOD, ())


def test_uneven_light_does_not_make_a_readable_page_bad():
    light = np.linspace(0.55, 1.0, A4[0])[None, :] * np.linspace(0.75, 1.0, A4[1])[:, None]
    page = looked_at(grained(PROSE * light), declared=False)
    assert judge(page)[0] is not Verdict.BAD


@pytest.mark.parametrize(("rotation", "flaw"), [(90, Flaw.SIDEWAYS), (180, Flaw.UPSIDE_DOWN), (270, Flaw.SIDEWAYS)])
def test_a_turned_page_is_good_and_said_to_be_turned(rotation, flaw):
    assert judge(looked_at(turn(PROSE, rotation))) == (Verdict.GOOD, (flaw,))


def back_of_a_sheet(strength: float) -> np.ndarray:
    """Ring holes, a black edge and the mirrored other side shining through."""
    other = cv2.GaussianBlur(PROSE[:, ::-1].astype(np.float32), (0, 0), 1.7)
    back = 240 - (240 - other) * strength
    back[:, -12:] = 10
    for y in (450, 1300):
        cv2.circle(back, (60, y), 18, 20, -1)
    return grained(back, 3)


@pytest.mark.parametrize("strength", [0.0, 0.05, 0.15, 0.3])
def test_a_blank_back_that_the_other_side_shines_through_is_good(strength):
    assert judge(looked_at(back_of_a_sheet(strength))) == (Verdict.GOOD, (Flaw.BLANK,))


# --- a flaw each


@pytest.mark.parametrize(
    ("degrees", "weight"), [(3.0, Severity.INFORMATION), (-8.0, Severity.DOUBTFUL), (17.0, Severity.BAD)]
)
def test_the_more_a_page_is_skewed_the_worse(degrees, weight):
    page = looked_at(slanted(PROSE, degrees))
    assert page.skew_deg == pytest.approx(degrees, abs=0.3)
    assert severity(page, Flaw.SKEWED) is weight


@pytest.mark.parametrize(("sigma", "weight"), [(0.3, None), (1.2, Severity.DOUBTFUL), (2.2, Severity.BAD)])
def test_the_more_a_page_is_blurred_the_worse(sigma, weight):
    page = looked_at(grained(cv2.GaussianBlur(PROSE, (0, 0), sigma)))
    assert severity(page, Flaw.BLURRED) is weight


@pytest.mark.parametrize("turn", [None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180])
@pytest.mark.parametrize("sigma", [3, 4.5, 6])
def test_a_page_blurred_until_no_letter_is_left_is_bad_and_not_blank_however_it_lies(sigma, turn):
    page = PROSE if turn is None else np.ascontiguousarray(cv2.rotate(PROSE, turn))
    found = findings(looked_at(np.asarray(cv2.GaussianBlur(page, (0, 0), sigma))))
    assert (found[0].flaw, found[0].severity) == (Flaw.BLURRED, Severity.BAD)
    assert Flaw.BLANK not in [one.flaw for one in found]


def test_a_blank_page_with_a_fold_a_stain_and_what_shows_through_is_not_blurred():
    behind = cv2.GaussianBlur(PROSE[:, ::-1], (0, 0), 1.5).astype(np.float32)
    back = 235 - 0.15 * (255 - behind)
    back[860:875] -= 60
    cv2.circle(back, (400, 500), 150, 190.0, -1)
    found = looked_at(np.clip(back, 0, 255).astype(np.uint8))
    assert found.blank
    assert severity(found, Flaw.BLURRED) is None


def test_a_sheet_that_moved_along_the_feed_is_blurred():
    assert severity(looked_at(np.asarray(cv2.blur(PROSE, (1, 7)))), Flaw.BLURRED) is not None


def test_blur_is_told_from_faint_print():
    faint = looked_at(sheet(ink=165))
    assert [found.flaw for found in findings(faint)] == [Flaw.FAINT]
    blurred = looked_at(np.asarray(cv2.GaussianBlur(PROSE, (0, 0), 1.5)))
    assert [found.flaw for found in findings(blurred)] == [Flaw.BLURRED]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_print_that_recognition_would_take_for_a_blank_page_is_bad(rotation):
    page = looked_at(turn(sheet(ink=215), rotation))
    assert page.blank
    assert judge(page) == (Verdict.BAD, (Flaw.FAINT,))


def test_marks_on_a_page_that_recognition_would_take_for_blank_are_doubtful():
    pixels = np.full(A4[::-1], 240.0)
    for number in range(12):
        cv2.line(pixels, (200 + 40 * number, 500), (215 + 40 * number, 520 + number), 165, 3)
    assert judge(looked_at(grained(pixels))) == (Verdict.DOUBTFUL, (Flaw.FAINT,))


def test_a_dark_image_is_doubtful_and_a_black_one_bad():
    assert judge(looked_at(grained(PROSE * 0.25))) == (Verdict.DOUBTFUL, (Flaw.DARK,))
    assert severity(looked_at(grained(PROSE * 0.05, sigma=1.0)), Flaw.DARK) is Severity.BAD


def test_a_large_black_patch_is_doubtful():
    pixels = PROSE.copy()
    pixels[900:1700] = 12
    assert severity(looked_at(pixels), Flaw.DARK) is Severity.DOUBTFUL


@pytest.mark.parametrize("declared", [True, False])
def test_a_coarse_scan_is_doubtful_whether_or_not_its_file_says_so(declared):
    pixels = np.asarray(cv2.resize(PROSE, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    assert judge(looked_at(pixels, 75, declared=declared)) == (Verdict.DOUBTFUL, (Flaw.LOW_RESOLUTION,))


@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("part", [np.s_[:, 230:], np.s_[:, :500], np.s_[490:], np.s_[:412]])
def test_text_that_an_edge_cuts_is_bad(part, rotation):
    assert severity(looked_at(turn(np.ascontiguousarray(PROSE[part]), rotation)), Flaw.CUT_EDGE) is Severity.BAD


def test_text_close_to_the_edge_is_doubtful():
    assert severity(looked_at(np.ascontiguousarray(PROSE[155:])), Flaw.CUT_EDGE) is Severity.DOUBTFUL


def test_the_edge_of_a_second_sheet_is_seen_and_a_printed_rule_is_not():
    two, ruled = PROSE.copy(), PROSE.copy()
    for column in range(A4[0]):
        two[900 + column // 120 :][:2, column] -= 22
    ruled[905:907, 100:1140] = 30
    assert judge(looked_at(two)) == (Verdict.DOUBTFUL, (Flaw.DOUBLE_FEED,))
    assert judge(looked_at(ruled)) == (Verdict.GOOD, ())


def test_the_end_of_a_short_sheet_on_a_dark_bed_is_not_a_second_sheet():
    pixels = PROSE.copy()
    pixels[1600:] = 20
    assert judge(looked_at(pixels)) == (Verdict.GOOD, ())


# --- pure rules


def test_a_page_longer_than_any_paper_of_its_width_may_be_two():
    assert judge(replace(GOOD, height_px=2300)) == (Verdict.DOUBTFUL, (Flaw.DOUBLE_FEED,))
    assert judge(replace(GOOD, height_px=2300, dpi_declared=False)) == (Verdict.GOOD, ())
    legal = replace(GOOD, width_px=1275, height_px=2100)
    assert judge(legal) == (Verdict.GOOD, ())


def test_a_sheet_fed_crosswise_is_not_longer_than_it_is_wide_unless_it_is_a3():
    crosswise = replace(GOOD, width_px=1754, height_px=1240)
    assert judge(crosswise)[0] is Verdict.GOOD
    assert judge(replace(crosswise, height_px=2480))[0] is Verdict.GOOD
    assert judge(replace(crosswise, height_px=2000)) == (Verdict.DOUBTFUL, (Flaw.DOUBLE_FEED,))


def test_a_page_much_longer_than_its_siblings_may_be_two():
    longer = replace(GOOD, height_px=2030)
    assert judge(longer) == (Verdict.GOOD, ())
    assert judge(longer, [GOOD] * 3) == (Verdict.DOUBTFUL, (Flaw.DOUBLE_FEED,))
    assert judge(replace(GOOD, height_px=2100), [GOOD] * 3) == (Verdict.GOOD, ())  # legal paper has a name


def test_large_print_bears_more_blur():
    assert severity(replace(GOOD, edge_px=3.4, letter_px=13.0), Flaw.BLURRED) is Severity.BAD
    assert severity(replace(GOOD, edge_px=3.4, letter_px=30.0), Flaw.BLURRED) is Severity.DOUBTFUL


def test_letters_of_a_black_and_white_scan_that_run_together_or_break_are_doubtful():
    assert findings(replace(GOOD, bilevel=True, fill=0.68)) == (Finding(Flaw.DARK, Severity.DOUBTFUL),)
    assert findings(replace(GOOD, bilevel=True, fill=0.3)) == (Finding(Flaw.FAINT, Severity.DOUBTFUL),)


def test_the_worst_flaw_comes_first_and_gives_the_verdict():
    page = replace(GOOD, skew_deg=3.0, paper=80.0, edge_px=4.0)
    assert judge(page) == (Verdict.BAD, (Flaw.BLURRED, Flaw.DARK, Flaw.SKEWED))


def test_every_flaw_and_verdict_has_its_sentences():
    for one in (*Flaw, *Verdict):
        assert one.italian
        assert one.english != one.italian


def test_an_image_of_a_few_pixels_is_measured_without_an_error():
    for size in ((1, 1), (3, 40), (40, 3), (60, 60)):
        assert judge(looked_at(np.full(size, 250, np.uint8)))[0] is Verdict.GOOD


@pytest.mark.parametrize("dpi", [120, 150, 170, 200, 230, 240, 300, 347])
def test_a_page_reduced_for_its_look_tells_of_it_what_the_page_in_full_would(dpi: int) -> None:
    page = cv2.resize(sheet(), None, fx=dpi / 150, fy=dpi / 150)
    whole, part = statistics(page, dpi), in_full(statistics(*reduced(page, dpi)), dpi)
    for name in PageStatistics.__slots__:
        assert np.array_equal(getattr(whole, name), getattr(part, name)), name
