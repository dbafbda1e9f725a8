"""Dirt that looks like a mark, and marks that look like dirt."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from faldone.ocr.dirt import are_chance_pairs, is_sheet_edge
from faldone.ocr.excess import excess, may_reach
from faldone.ocr.marks import has_marks
from faldone.ocr.prepare import statistics

HEIGHT, WIDTH = 1754, 1240  # A4 at 150 dpi


def marked(pixels: np.ndarray, dpi: int = 150) -> bool:
    return has_marks(pixels, dpi, statistics(pixels, dpi))


def noisy(pixels: np.ndarray, sigma: float) -> np.ndarray:
    noise = np.random.default_rng(11).normal(0, sigma, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def peppered(share: float = 0.001) -> np.ndarray:
    """An A4 sheet at 300 dpi in black and white with single black pixels all over."""
    pixels = np.full((2 * HEIGHT, 2 * WIDTH), 255, np.uint8)
    pixels[np.random.default_rng(5).random(pixels.shape) < share] = 0
    return pixels


def test_pepper_in_black_and_white_is_no_mark():
    assert not marked(peppered(), 300)


@pytest.mark.parametrize("text", ["visto", "Prot. n. 4805"])
def test_a_word_that_black_and_white_cut_to_dust_is_a_mark_amid_pepper(text):
    word = np.full((2 * HEIGHT, 2 * WIDTH), 255, np.uint8)
    cv2.putText(word, text, (900, 1500), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 2)
    left = np.random.default_rng(3).random(word.shape) < 0.3
    assert marked(np.minimum(peppered(), np.where(left, word, 255).astype(np.uint8)), 300)


def test_a_black_band_across_the_page_is_a_mark_in_black_and_white():
    pixels = peppered()
    band = np.array([(0, 600), (2418, 474), (2418, 610), (0, 736)])
    cv2.fillPoly(pixels, [band], 0)
    assert marked(pixels, 300)


def test_a_pencil_under_strong_noise_is_a_mark_and_the_noise_is_none():
    sheet = np.full((HEIGHT, WIDTH), 190, np.uint8)
    written = sheet.copy()
    cv2.putText(written, "omissis", (500, 900), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 145, 1, cv2.LINE_AA)
    blurred = cv2.GaussianBlur(written, (0, 0), 0.5)
    assert marked(noisy(blurred, 7))
    assert not marked(noisy(sheet, 7))


def askew() -> np.ndarray:
    """A dark sheet that lies askew on a white bed, with little of it to be seen."""
    pixels = np.full((HEIGHT, WIDTH), 235, np.uint8)
    sheet = np.array([(30, 14), (WIDTH - 8, 24), (WIDTH - 28, HEIGHT - 10), (10, HEIGHT - 22)])
    return cv2.fillPoly(pixels, [sheet], 150, cv2.LINE_AA)


def test_the_edge_of_a_sheet_on_a_pale_bed_is_no_mark():
    assert not marked(noisy(askew(), 6))


def test_the_edge_of_a_sheet_in_shade_on_a_bright_bed_is_no_mark():
    pixels = np.full((HEIGHT, WIDTH), 205, np.float32)
    pixels[: HEIGHT // 2] -= 65 * np.linspace(1, 0, HEIGHT // 2, dtype=np.float32)[:, None]
    bed = cv2.fillPoly(np.zeros((HEIGHT, WIDTH), np.uint8), [np.array([(1190, 0), (1240, 0), (1240, 900)])], 1)
    assert not marked(noisy(cv2.GaussianBlur(np.where(bed, 224, pixels).astype(np.uint8), (0, 0), 0.7), 5))


def test_a_digit_beside_that_edge_is_a_mark():
    pixels = askew()
    cv2.putText(pixels, "7", (42, 900), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 80, 1, cv2.LINE_AA)
    assert marked(noisy(pixels, 3))


def test_across_a_stroke_the_tone_does_not_step():
    pixels = np.full((HEIGHT, WIDTH), 240, np.uint8)
    pixels[400:440, 60:63] = 170
    assert not is_sheet_edge(pixels, (58, 400, 6, 40), 150.0)
    pixels[:, :60] = 170
    assert is_sheet_edge(pixels, (58, 450, 6, 40), 150.0)
    assert not is_sheet_edge(np.roll(pixels, 500, axis=1), (558, 450, 6, 40), 150.0)  # far from a border


def test_a_pale_hole_on_a_dark_sheet_and_one_that_touches_the_bed_are_no_marks():
    pixels = np.full((HEIGHT, WIDTH), 150, np.uint8)
    cv2.circle(pixels, (63, 640), 17, 118, -1, cv2.LINE_AA)
    assert not marked(noisy(pixels, 5))
    pixels = np.full((HEIGHT, WIDTH), 245, np.uint8)
    pixels[:, :22] = 15
    cv2.circle(pixels, (37, 1565), 17, 15, -1, cv2.LINE_AA)
    assert not marked(noisy(pixels, 3))
    assert not marked(np.where(pixels < 140, 0, 255).astype(np.uint8))


def test_a_stain_at_the_edge_does_not_hide_the_bed():
    pixels = np.full((HEIGHT, WIDTH), 240, np.float32)
    cv2.ellipse(pixels, (60, 500), (160, 190), 0, 0, 360, 125, -1)
    pixels = cv2.GaussianBlur(pixels, (0, 0), 14).astype(np.uint8)
    pixels[:, :24] = 20
    assert not marked(noisy(pixels, 5))


def bilevel_sheet(draw) -> np.ndarray:
    """A dusty A4 sheet at 300 dpi in black and white with what ``draw`` puts on it."""
    pixels = peppered()
    draw(pixels)
    return pixels


def test_the_ring_of_a_cup_in_black_and_white_is_no_mark_and_a_thin_ring_and_an_o_are():
    def ring(line: int):
        return lambda pixels: cv2.ellipse(pixels, (1200, 1500), (300, 260), 20, 0, 360, 0, line)

    assert not marked(bilevel_sheet(ring(24)), 300)
    assert not marked(bilevel_sheet(lambda pixels: cv2.circle(pixels, (1200, 0), 300, 0, 24)), 300)
    assert marked(bilevel_sheet(ring(4)), 300)
    assert marked(bilevel_sheet(ring(80)), 300)


def test_what_stands_in_the_ring_of_a_cup_is_a_mark():
    def draw(pixels: np.ndarray) -> None:
        cv2.ellipse(pixels, (1200, 1500), (300, 260), 20, 0, 360, 0, 24)
        cv2.putText(pixels, "visto", (1120, 1500), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)

    assert marked(bilevel_sheet(draw), 300)


@pytest.mark.parametrize("text", ["./.", "p.c.c."])
def test_a_short_note_in_strokes_of_one_pixel_is_a_mark_on_a_clean_sheet(text):
    pixels = np.full((2 * HEIGHT, 2 * WIDTH), 255, np.uint8)
    cv2.putText(pixels, text, (900, 1500), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 1)
    assert marked(pixels, 300)


@pytest.mark.parametrize("text", ["ok", "no!"])
def test_a_short_word_in_thin_strokes_is_a_mark_amid_dust(text):
    pixels = peppered()
    cv2.putText(pixels, text, (900, 1500), 0, cv2.FontFace("italic"), 32, 300)
    assert marked(np.where(pixels < 90, 0, 255).astype(np.uint8), 300)


@pytest.mark.parametrize(("text", "size", "tone"), [("no!", 24, 150), ("no!", 30, 165)])
def test_a_pencil_stroke_so_thin_that_it_falls_to_specks_is_a_mark_in_greys(text, size, tone):
    pixels = np.full((2 * HEIGHT, 2 * WIDTH), 246, np.uint8)
    cv2.putText(pixels, text, (900, 1500), tone, cv2.FontFace("italic"), size, 300)
    assert marked(noisy(cv2.GaussianBlur(pixels, (0, 0), 0.8), 1.5), 300)


def test_the_dust_of_a_stain_is_no_crowd():
    rows, columns = np.mgrid[: 2 * HEIGHT, : 2 * WIDTH]
    stain = np.exp(-(((rows - 1600) / 350) ** 2 + ((columns - 1200) / 350) ** 2))
    pixels = np.where(np.random.default_rng(7).random(stain.shape) < 0.002 + 0.01 * stain, 0, 255).astype(np.uint8)
    assert not marked(pixels, 300)


def test_clumps_in_a_stain_that_black_and_white_cut_to_dust_are_no_marks_and_a_word_on_it_is():
    rows, columns = np.mgrid[: 2 * HEIGHT, : 2 * WIDTH].astype(np.float32)
    disc = ((rows - 1600) / 300) ** 2 + ((columns - 1200) / 230) ** 2 < 1
    stain = cv2.GaussianBlur(disc.astype(np.float32), (0, 0), 13)
    pixels = np.where(np.random.default_rng(2).random(stain.shape) < 0.001 + 0.3 * stain, 0, 255).astype(np.uint8)
    assert not marked(pixels, 300)
    cv2.putText(pixels, "visto", (1120, 1600), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)
    assert marked(pixels, 300)


def test_a_black_stain_that_the_border_cuts_is_no_mark_and_a_black_box_there_is():
    pixels = np.full((2 * HEIGHT, 2 * WIDTH), 255, np.uint8)
    stained = cv2.ellipse(pixels.copy(), (1500, 250), (330, 420), 20, 0, 360, 0, -1)
    assert not marked(stained, 300)
    assert marked(cv2.rectangle(pixels.copy(), (1200, 0), (1800, 600), 0, -1), 300)


def test_pieces_of_one_ring_that_lie_apart_are_no_marks_and_strokes_that_lie_on_no_ring_are():
    def drawn(arcs: list[tuple[int, int]]) -> np.ndarray:
        pixels = np.full((2 * HEIGHT, 2 * WIDTH), 255, np.uint8)
        for start, end in arcs:
            cv2.ellipse(pixels, (1200, 1500), (300, 260), 20, start, end, 0, 14)
        return pixels

    assert not marked(drawn([(0, 70), (140, 160), (230, 250)]), 300)
    straight = cv2.line(drawn([(0, 70)]), (700, 1200), (900, 1900), 0, 14)
    assert marked(straight, 300)


def test_two_specks_together_are_chance_on_a_dusty_sheet_only():
    dusty = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x, y in np.random.default_rng(2).integers(20, 1200, (300, 2)):
        dusty[y : y + 2, x : x + 2] = 1
    clean = np.zeros_like(dusty)
    for sheet in (dusty, clean):
        sheet[1500:1502, 600:602] = sheet[1504:1506, 600:602] = 1
    pair = (600, 1500, 2, 6)
    assert are_chance_pairs(dusty, [pair], 150.0)
    assert not are_chance_pairs(clean, [pair], 150.0)
    dusty[1500:1506, 600:602] = 1  # one stroke
    assert not are_chance_pairs(dusty, [pair], 150.0)
    assert not are_chance_pairs(dusty, [pair] * 20, 150.0)


@pytest.mark.parametrize("dusty", [0.0, 0.005, 0.02, 0.05, 0.2])
def test_a_page_with_too_little_ink_to_stand_out_is_told_without_its_neighbourhood(dusty):
    rng = np.random.default_rng(8)
    reached = set()
    for side in (0, 3, 5, 6, 8, 12, 18):
        small = np.where(rng.random((300, 400)) < dusty, 0, 255).astype(np.uint8)
        x, y = rng.integers(20, 280, 2).tolist()
        small[y : y + side, x : x + side] = 0
        free = np.ones(small.shape, np.bool_)
        free[:20] = False
        for deviations in (5.0, 20.0):
            reaches = float(excess(small, free, 150.0, 1.0).max()) > deviations
            assert may_reach(small, free, 150.0, deviations) or not reaches
            reached.add(may_reach(small, free, 150.0, deviations))
    assert True in reached
    assert dusty > 0.01 or False in reached


def test_two_specks_that_touch_are_chance_on_a_dusty_sheet_too_and_a_larger_blot_is_not():
    dusty = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x, y in np.random.default_rng(2).integers(20, 1200, (300, 2)):
        dusty[y : y + 2, x : x + 2] = 1
    dusty[1500:1503, 600:603] = dusty[1501:1504, 603:606] = 1
    assert are_chance_pairs(dusty, [(600, 1500, 6, 4)], 150.0)
    dusty[1500:1508, 600:612] = 1
    assert not are_chance_pairs(dusty, [(600, 1500, 12, 8)], 150.0)
