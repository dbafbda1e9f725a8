"""Photographed sheets: found, laid flat, and their words back in their places; flat scans are left alone."""

import random

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from faldone.ocr.image import PageImage
from faldone.ocr.options import OcrOptions
from faldone.ocr.perspective import flattened, mapped, sheet_corners, turning
from faldone.ocr.prepare import statistics, turn
from faldone.ocr.recognise import recognise
from faldone.ocr.tesseract import TesseractEngine

DPI = 150
TEXT = (
    "il servizio sociale professionale relaziona quanto segue sulla situazione della famiglia e del minore che vive "
    "con la madre in un alloggio di edilizia popolare della città"
)
WORDS = TEXT.split()


def sheet(dpi: int = DPI) -> np.ndarray:
    rng = random.Random(5)
    image = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 235)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(round(12 * dpi / 72))
    for number in range(30):
        text = " ".join(rng.choice(WORDS) for _ in range(8))
        draw.text((dpi, dpi + number * round(0.28 * dpi)), text, fill=25, font=font)
    noise = np.random.default_rng(1).normal(0, 3, (image.height, image.width))
    return np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)


SHEET = sheet()


def seen(corners: list[tuple[float, float]], pixels: np.ndarray = SHEET, *, table: int = 70) -> np.ndarray:
    """The sheet with its corners (as shares of its size) there on a picture larger by a tenth on each side."""
    height, width = pixels.shape
    size = (round(1.2 * width), round(1.2 * height))
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    there = np.array([((x + 0.1) * width, (y + 0.1) * height) for x, y in corners], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, there)
    return np.asarray(cv2.warpPerspective(pixels, matrix, size, borderValue=table), np.uint8)


ASKEW = [(0.03, 0.04), (0.98, -0.03), (1.02, 0.97), (-0.04, 1.02)]
FLAT = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]


def page(pixels: np.ndarray, dpi: int = DPI) -> PageImage:
    return PageImage.of(pixels, dpi)


def test_the_corners_of_a_sheet_on_a_table_are_found():
    corners = sheet_corners(seen(ASKEW))
    height, width = SHEET.shape
    expected = [((x + 0.1) * width, (y + 0.1) * height) for x, y in ASKEW]
    assert corners is not None
    assert np.abs(corners - np.array(expected)).max() < 6


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_photographed_sheet_is_laid_flat_whichever_way_it_lies(rotation):
    picture = page(turn(seen(ASKEW), rotation))
    flat = flattened(picture, statistics(picture.pixels, DPI))
    assert flat is not None
    height, width = SHEET.shape if rotation % 180 == 0 else SHEET.shape[::-1]
    assert flat.image.pixels.shape == pytest.approx((height, width), rel=0.03)
    assert flat.found.skew_deg == pytest.approx(0, abs=0.2)
    assert flat.image.steps[-1].startswith("perspective corrected by edges")


def test_lines_that_run_together_are_enough_where_no_edge_is_seen():
    cropped = np.ascontiguousarray(seen(ASKEW)[300:-300, 240:-240])
    picture = page(cropped)
    found = statistics(cropped, DPI)
    flat = flattened(picture, found)
    assert sheet_corners(cropped) is None
    assert flat is not None
    assert flat.image.steps[-1].startswith("perspective corrected by lines")
    half = flat.image.pixels.shape[0] // 2
    head, foot = (statistics(np.ascontiguousarray(part), DPI) for part in np.split(flat.image.pixels[: 2 * half], 2))
    assert abs(head.skew_deg - foot.skew_deg) < 0.4


def scanned(pixels: np.ndarray, degrees: float, border: int) -> np.ndarray:
    height, width = pixels.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.94)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), borderValue=border), np.uint8)


@pytest.mark.parametrize("border", [20, 235])
@pytest.mark.parametrize("degrees", [-12.0, -3.0, 0.0, 0.7, 8.0])
def test_a_flat_scan_is_never_touched_however_it_lies_and_whatever_is_around_it(degrees, border):
    picture = page(scanned(SHEET, degrees, border))
    assert flattened(picture, statistics(picture.pixels, DPI)) is None


def test_a_sheet_seen_from_straight_above_is_left_to_the_straightening_of_scans():
    picture = page(seen(FLAT))
    assert flattened(picture, statistics(picture.pixels, DPI)) is None


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_points_turn_with_the_picture(rotation):
    spot = np.zeros((40, 70), np.uint8)
    spot[11, 23] = 1
    y, x = (int(place[0]) for place in np.nonzero(turn(spot, rotation)))
    (there,) = mapped(turning(spot.shape, rotation), np.array([[[23.5], [11.5]]]))
    assert there.ravel().tolist() == [x + 0.5, y + 0.5]


@pytest.mark.slow
@pytest.mark.parametrize("rotation", [0, 90])
def test_boxes_lie_on_the_words_of_the_photograph(rotation):
    photo = seen(ASKEW, sheet(200), table=60)
    (found,) = recognise([page(turn(photo, -rotation % 360), 200)], TesseractEngine(), OcrOptions())
    assert found.rotation == rotation
    assert (found.width, found.height) == photo.shape[::-1]
    ink = cv2.adaptiveThreshold(photo, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 41, 25)
    filled = [
        ink[word.box.y : word.box.bottom, word.box.x : word.box.right].mean()
        for word in found.words
        if len(word.text) > 3
    ]
    assert len(filled) > 100
    assert np.mean(np.array(filled) > 0.08) > 0.95
    assert sum(word.text in WORDS for word in found.words) > 0.9 * len(found.words)
