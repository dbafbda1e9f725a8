"""How a page looks, and whether the ink of two pages is the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from faldone.domain.likeness import Look
from faldone.ocr.fingerprint import fingerprint, look, same_ink
from faldone.ocr.image import Gray
from faldone.ocr.prepare import statistics
from tests.papers import page

LINES = tuple(f"riga {number} del foglio con parole che si leggono bene e altre" for number in range(20))
AS_IT_LIES = (1.0, 0.0, 0.0, 0.0)


def pixels(*lines: str) -> Gray:
    return np.array(page(*lines))


def with_line(text: str) -> Gray:
    return pixels(*LINES[:9], text, *LINES[9:])


def askew(image: Gray, degrees: float, right: float, down: float) -> tuple[Gray, tuple[float, float, float, float]]:
    """The page turned and moved (px at 150 dpi), and how the first lies on it in millimetres."""
    height, width = image.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    matrix[:, 2] += (right, down)
    turned = cv2.warpAffine(image, matrix, (width, height), borderValue=255)
    mm = 25.4 / 150
    return np.asarray(turned), (matrix[0, 0], matrix[1, 0], matrix[0, 2] * mm, matrix[1, 2] * mm)


def test_equal_pixels_have_one_fingerprint_and_one_speck_changes_it() -> None:
    one, other = pixels(*LINES), pixels(*LINES)
    assert fingerprint(one) == fingerprint(other)
    other[0, 0] = 254
    assert fingerprint(one) != fingerprint(other)


def test_the_look_survives_another_compression_and_size() -> None:
    one = with_line("12/03/1931")
    smaller = cv2.resize(one, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    again = cv2.imdecode(cv2.imencode(".jpg", smaller, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 0)
    assert look(statistics(one, 150)).distance(look(statistics(np.asarray(again), 120))) <= 12


def test_the_look_of_a_page_upside_down_is_near() -> None:
    one = with_line("FERRARI Giovanna")
    assert look(statistics(one, 150)).distance(look(statistics(np.ascontiguousarray(one[::-1, ::-1]), 150))) <= 6


def test_the_look_of_another_page_is_far() -> None:
    one, other = pixels(*LINES), pixels("", "", *(line[: 3 * number + 4] for number, line in enumerate(LINES[:12])))
    assert look(statistics(one, 150)).distance(look(statistics(other, 150))) > 40


def test_a_blank_page_has_no_look() -> None:
    assert look(statistics(pixels(), 150)) == Look(0)


def test_a_page_scanned_askew_has_the_same_ink() -> None:
    one = with_line("nata il 12/03/1931 a Crema")
    other, placing = askew(one, 1.2, 9, -14)
    assert same_ink(one, 150, other, 150, placing)


def test_a_page_scanned_coarser_has_the_same_ink() -> None:
    one = with_line("nata il 12/03/1931 a Crema")
    other = np.asarray(cv2.resize(one, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA))
    assert same_ink(one, 150, other, 120, AS_IT_LIES)


def test_another_date_is_other_ink() -> None:
    one, other = with_line("nata il 12/03/1931 a Crema"), with_line("nata il 28/10/1957 a Crema")
    assert not same_ink(one, 150, other, 150, AS_IT_LIES)


def test_another_signature_on_the_same_form_is_other_ink() -> None:
    one, other = with_line(""), with_line("")
    for image, seed in ((one, 1), (other, 2)):
        points = np.random.default_rng(seed).integers((300, 505), (520, 540), (14, 2)).astype(np.int32)
        cv2.polylines(image, [points], False, 20, 2, cv2.LINE_AA)
    assert not same_ink(one, 150, other, 150, AS_IT_LIES)


def test_a_stamp_on_blank_paper_leaves_the_ink_the_same() -> None:
    one, other = with_line(""), with_line("")
    cv2.putText(other, "ARRIVATO", (150, 1150), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 30, 3)
    assert same_ink(one, 150, other, 150, AS_IT_LIES)


@pytest.mark.parametrize("lines", [(), ("una sola parola",)])
def test_too_little_ink_proves_nothing(lines: tuple[str, ...]) -> None:
    one = pixels(*lines)
    assert not same_ink(one, 150, one, 150, AS_IT_LIES)
