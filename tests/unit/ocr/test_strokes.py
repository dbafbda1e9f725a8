"""Strokes cut to dust, and the dust of what is soft."""

from __future__ import annotations

import cv2
import numpy as np

from faldone.ocr.strokes import has_stroke

BOX = (150, 150, 100, 60)
EVERYWHERE = np.ones((400, 400), np.bool_)


def dust(share: np.ndarray) -> np.ndarray:
    """A sheet at 150 dpi, scanned at 300 dpi in black and white, of which this share is black."""
    fine = cv2.resize(share.astype(np.float32), (800, 800), interpolation=cv2.INTER_LINEAR)
    scanned = np.where(np.random.default_rng(1).random(fine.shape) < fine, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(scanned, (400, 400), interpolation=cv2.INTER_AREA), np.uint8)


def written(text: str) -> np.ndarray:
    """1 where the strokes of the text are."""
    page = np.zeros((400, 400), np.uint8)
    cv2.putText(page, text, (155, 200), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2, cv2.LINE_AA)
    return np.asarray(page / np.float32(255), np.float32)


def stroked(share: np.ndarray, behind: np.ndarray | None = None) -> bool:
    return has_stroke(dust(share), EVERYWHERE, 150.0, 4.0, BOX, behind)


def test_what_is_soft_has_no_stroke_however_black_it_is():
    disc = cv2.circle(np.zeros((400, 400), np.float32), (200, 180), 30, 1, -1)
    for most in (0.1, 0.5, 1.0):
        assert not stroked(0.002 + (most - 0.002) * cv2.GaussianBlur(disc, (0, 0), 6))


def test_ink_broader_than_a_stroke_counts_as_one_unless_it_is_the_other_sides():
    bar = cv2.line(np.zeros((400, 400), np.uint8), (120, 200), (280, 175), 1, 22)
    page = np.asarray(255 * (1 - bar), np.uint8)
    assert has_stroke(page, EVERYWHERE, 150.0, 1.0, BOX)
    assert not has_stroke(page, EVERYWHERE, 150.0, 1.0, BOX, np.asarray(bar, np.float32))


def test_a_word_of_which_a_third_is_left_has_strokes_on_paper_and_in_the_dust_of_a_stain():
    assert stroked(0.002 + 0.3 * written("visto"))
    assert stroked(np.maximum(0.1, 0.5 * written("visto")))


def test_letters_of_the_other_side_are_none_even_where_they_turn_black_in_a_stain_only():
    behind = written("atto")
    shown = cv2.GaussianBlur(behind, (0, 0), 1.6)
    stained = np.where(np.arange(400) < 190, 0.35, 0.02) * shown + 0.01
    assert stroked(stained)
    assert not stroked(stained, behind)
    assert stroked(np.maximum(stained, 0.5 * written("ok")), behind)


def test_what_is_not_paper_has_none():
    page = dust(0.002 + 0.5 * written("visto"))
    assert not has_stroke(page, ~EVERYWHERE, 150.0, 4.0, BOX)
