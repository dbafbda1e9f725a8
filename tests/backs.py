"""A printed sheet and its blank back, as a duplex scanner gives them: what is printed shows through."""

from __future__ import annotations

import random
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from faldone.ocr.image import PageImage

A4, DPI = (1240, 1754), 150
PROSE = (
    "il servizio sociale professionale relaziona quanto segue sulla situazione della famiglia e del minore che vive "
    "con la madre in un alloggio di edilizia popolare della città"
)


@cache
def front(seed: int = 1) -> PageImage:
    """A page of prose with paragraphs of unlike lengths."""
    rng = random.Random(seed)
    image = Image.new("L", A4, 245)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(23)
    for number in range(34):
        draw.text(
            (140, 160 + number * 40), " ".join(rng.choice(PROSE.split()) for _ in range(rng.randrange(3, 9))), 25, font
        )
    return PageImage.of(np.asarray(image), DPI)


def note(text: str, at: tuple[int, int], tone: int) -> np.ndarray:
    image = Image.new("L", A4, 255)
    ImageDraw.Draw(image).text(at, text, tone, ImageFont.load_default(22))
    return np.asarray(image)


def back(strength: float, *, written: np.ndarray | None = None, noise: float = 4.0, degrees: float = 0.8) -> np.ndarray:
    """The other side of that sheet, askew by another angle, its print showing through."""
    through = cv2.GaussianBlur(front().pixels[:, ::-1].astype(np.float32), (0, 0), 1.6)
    pixels = 255 - (255 - through) * strength
    if written is not None:
        pixels = np.minimum(pixels, written)
    turn = cv2.getRotationMatrix2D((A4[0] / 2 + 5, A4[1] / 2), degrees, 1.0)
    pixels = cv2.warpAffine(pixels, turn, A4, borderValue=245)
    pixels += np.random.default_rng(3).normal(0, noise, pixels.shape)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def black_and_white(pixels: np.ndarray, level: int = 190) -> np.ndarray:
    """Scanned at 300 dpi, where noise makes dust of what is about as dark as the scanner's threshold."""
    large = cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    large += np.random.default_rng(4).normal(0, 12, large.shape)
    return np.where(large < level, 0, 255).astype(np.uint8)
