"""What shows through from the other side of a sheet, and what is written on it all the same."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from faldone.ocr import other_side
from faldone.ocr.fake import FakeEngine
from faldone.ocr.image import PageImage
from faldone.ocr.marks import Surface, has_marks
from faldone.ocr.options import OcrOptions
from faldone.ocr.other_side import has_more
from faldone.ocr.prepare import statistics
from faldone.ocr.recognise import Look, recognise
from tests.backs import A4, DPI, back, black_and_white, front, note

pytestmark = pytest.mark.slow


def judged(pixels: np.ndarray, dpi: int, other: PageImage) -> bool | None:
    return has_more(Surface.of(pixels, dpi, statistics(pixels, dpi)), other)


BLACKENED = 0.5
"""So strong that it is black in part."""


def test_a_back_in_black_and_white_that_is_marked_for_what_shows_through_is_explained_by_its_front():
    pixels = black_and_white(back(BLACKENED))
    assert has_marks(pixels, 300, statistics(pixels, 300))
    assert judged(pixels, 300, front()) is False


@pytest.mark.parametrize(("text", "at"), [("visto", (700, 586)), ("12/3", (700, 562)), ("ok", (900, 1600))])
def test_a_note_on_a_line_between_lines_and_elsewhere_remains_in_black_and_white(text, at):
    pixels = black_and_white(back(BLACKENED, written=note(text, at, 100)))
    assert judged(pixels, 300, front()) is True


def test_a_staple_on_such_a_back_is_no_note():
    pixels = black_and_white(back(BLACKENED))
    cv2.line(pixels, (110, 90), (200, 60), 0, 5)
    assert judged(pixels, 300, front()) is False


def test_where_finer_laying_goes_astray_the_ink_stays_where_it_agreed_better(monkeypatch):
    nearer, calls = other_side._nearer, []

    def astray(tone, mirrored, to_page, dpi, rounds):
        calls.append(dpi)
        if len(calls) == 1:
            return to_page + np.array([(0, 0, 40), (0, 0, 30)])
        return nearer(tone, mirrored, to_page, dpi, rounds)

    monkeypatch.setattr(other_side, "_nearer", astray)
    assert judged(black_and_white(back(BLACKENED)), 300, front()) is False


def test_where_finer_laying_does_not_converge_the_ink_stays_where_it_was_found(monkeypatch):
    def lost(*_):
        raise cv2.error("no convergence")

    monkeypatch.setattr(other_side, "_nearer", lost)
    assert judged(back(0.2), DPI, front()) is not None  # it is still the other side, if not laid exactly


def test_lines_that_agree_as_well_when_moved_are_not_proven_to_be_those_behind():
    lines = np.zeros((1100, 800), np.float32)
    lines[100:1000:20, 100:700] = 1
    assert not other_side._fits_nowhere_else(90 * lines, lines)
    letters = lines * (np.random.default_rng(4).random((1100, 800)) < 0.5)
    assert other_side._fits_nowhere_else(90 * letters, letters)


def test_one_word_that_lies_on_the_ink_proves_no_other_side():
    printed = front().pixels.copy()
    printed[400:] = 245
    pixels = np.full(A4[::-1], 245, np.uint8)
    pixels[230:280, 900:1110] = printed[230:280, ::-1][:, 900:1110]
    scanned = cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    assert judged(np.where(scanned < 128, 0, 255).astype(np.uint8), 300, PageImage.of(printed, DPI)) is None


def test_what_the_rules_of_dirt_mark_on_a_back_that_is_nowhere_blacker_than_its_print_behind_is_dust(monkeypatch):
    pixels = black_and_white(back(BLACKENED))
    monkeypatch.setattr(other_side, "unexplained", lambda page: [(700, 700, 5, 12)])
    assert judged(pixels, 300, front()) is False


def test_on_its_last_line_the_other_side_shows_through_no_more_than_on_the_whole_page():
    behind = np.zeros((1754, 1240), np.float32)
    for top in (*range(200, 1200, 30), 1500):
        behind[top : top + 6, 200 : 1000 if top < 1200 else 400] = 1
    look = (255 - 40 * behind).astype(np.uint8)
    look[1500:1506, 200:400] = 155  # written on
    page = Surface(look, look, 150.0, 255.0, False, 1.0)
    assert 30 < other_side._through(page, behind)[713, 600] < 45
    assert other_side._through(page, behind)[1503, 300] < 60


def test_a_grey_page_that_is_pale_in_places_is_compared_with_the_pages_beside_it_though_nothing_is_marked():
    asked = []
    look = Look.at(PageImage.of(np.full(A4[::-1], 245, np.uint8), DPI), lambda: asked.append("beside") or [])
    assert replace(look, found=replace(look.found, pale=0.007)).bare() == ""
    assert asked == ["beside"]


def test_noise_in_a_part_of_a_grey_back_is_no_note():
    pixels = back(0.2, noise=1).astype(np.float32)
    pixels[:, 760:] += np.random.default_rng(6).normal(0, 12, pixels[:, 760:].shape)
    assert judged(np.clip(pixels, 0, 255).astype(np.uint8), DPI, front()) is False


def test_a_grey_back_is_explained_and_a_pencil_that_the_print_behind_it_hides_remains():
    assert judged(back(0.2, noise=8), DPI, front()) is False
    for at in ((700, 586), (700, 562), (900, 1600)):
        assert judged(back(0.2, noise=8, written=note("visto", at, 185)), DPI, front()) is True


def test_a_sheet_turned_over_by_its_short_side_is_the_same_sheet():
    assert judged(np.ascontiguousarray(back(0.2)[::-1, ::-1]), DPI, front()) is False


@pytest.mark.parametrize("pixels", [back(0.2), black_and_white(back(BLACKENED))], ids=["grey", "black and white"])
def test_no_other_page_is_its_other_side(pixels):
    dpi = DPI if pixels.shape == A4[::-1] else 300
    mirrored = PageImage.of(np.ascontiguousarray(front().pixels[:, ::-1]), DPI)
    bare = PageImage.of(np.full(A4[::-1], 245, np.uint8), DPI)
    for other in (front(2), mirrored, bare):
        assert judged(pixels, dpi, other) is None


def test_the_front_beside_it_makes_such_a_back_blank_and_says_so():
    image = PageImage.of(black_and_white(back(BLACKENED)), 300)
    engine = FakeEngine(texts={image.digest: ". ,"}, confidence=0.2)
    (alone,) = recognise([image], engine, OcrOptions())
    (text,) = recognise([image], engine, OcrOptions(), [lambda: [("page before", front())]])
    assert not alone.blank
    assert text.blank
    assert text.steps[-1].endswith("page before shows through")


def test_a_stranger_beside_it_explains_nothing_and_the_next_one_is_asked():
    look = Look.at(PageImage.of(back(0.2, noise=8), DPI), lambda: [("page before", front(2)), ("page after", front())])
    assert look.bare() == " page after shows through"


def test_pages_beside_it_are_not_opened_for_a_clean_sheet():
    def never() -> list[tuple[str, PageImage]]:
        raise AssertionError("asked for")

    assert Look.at(PageImage.of(np.full(A4[::-1], 245, np.uint8), DPI), never).bare() == ""
