"""Small page images and files of them, for tests that need no more than that."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

A5_PX = (875, 1240)


def page(*lines: str, size: tuple[int, int] = A5_PX) -> Image.Image:
    """A page at 150 dpi with these lines."""
    made = Image.new("L", size, 255)
    draw = ImageDraw.Draw(made)
    font = ImageFont.load_default(26)
    for number, line in enumerate(lines):
        draw.text((80, 100 + 45 * number), line, font=font, fill=0)
    made.info["dpi"] = (150, 150)
    return made


def tiff(*pages: Image.Image) -> bytes:
    """A multi-page TIFF."""
    data = BytesIO()
    pages[0].save(data, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw", dpi=(150, 150))
    return data.getvalue()


def png(made: Image.Image) -> bytes:
    """A PNG."""
    data = BytesIO()
    made.save(data, "PNG", dpi=(150, 150))
    return data.getvalue()


def noise(seed: int) -> Image.Image:
    """A page with a dozen grey blots: not blank, and unlike any other seed's."""
    spots = np.random.default_rng(seed)
    made = page(*(f"parola numero {seed} riga {line} del foglio" for line in range(8)))
    draw = ImageDraw.Draw(made)
    for x, y in spots.integers(100, 800, (12, 2)):
        draw.ellipse((int(x), int(y) + 400, int(x) + 9, int(y) + 409), fill=90)
    return made
