"""What shows through from the other side of a sheet, and what is written on it all the same."""

from __future__ import annotations

import numpy as np
import pytest

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
