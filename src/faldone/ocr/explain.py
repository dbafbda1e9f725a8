"""One picture that shows a person what recognition made of a page: as it came, and as the engine saw it. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from faldone.domain.page import PageText, TextSource
from faldone.ocr.image import Gray, PageImage
from faldone.ocr.perspective import flattened
from faldone.ocr.prepare import prepare, statistics, turn

_PANEL_PX, _GAP_PX, _HEAD_PX = 1400, 24, 44
_SURE, _DOUBTFUL = 0.90, 0.60
_GREEN, _AMBER, _RED = (0, 130, 60), (230, 140, 0), (210, 30, 30)

Picture = npt.NDArray[np.uint8]
"""Shape (height, width, 3), RGB."""


def before_and_after(image: PageImage, text: PageText | None) -> Picture:
    """The master image, the page as the engine saw it, and the upright page with a frame around every word.

    A frame is green from a confidence of 0.90, amber from 0.60, red below. The second panel is left out when the
    engine saw nothing of the page (its text came with the PDF, or it is blank), the third when it was not read.
    """
    panels = [("Prima · before", _colour(image.pixels))]
    if text is not None and text.source is TextSource.OCR and not text.blank:
        panels.append(("Dopo · after", _colour(prepare(_sheet(image), text.rotation).pixels)))
    if text is not None:
        panels.append(("Letto · read", _framed(turn(image.pixels, text.rotation), text)))
    return _side_by_side(panels)


def _sheet(image: PageImage) -> PageImage:
    flat = flattened(image, statistics(image.pixels, image.dpi))
    return image if flat is None else flat.image


def _colour(pixels: Gray) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(pixels)).convert("RGB")


def _framed(pixels: Gray, text: PageText) -> Image.Image:
    picture = _colour(pixels)
    draw = ImageDraw.Draw(picture)
    across, down = picture.width / text.width, picture.height / text.height
    for word in text.words:
        box = word.box
        colour = _GREEN if word.confidence >= _SURE else _AMBER if word.confidence >= _DOUBTFUL else _RED
        frame = (box.x * across, box.y * down, box.right * across, box.bottom * down)
        draw.rectangle(frame, outline=colour, width=max(2, picture.height // 1000))
    return picture


def _side_by_side(panels: list[tuple[str, Image.Image]]) -> Picture:
    shrunk = [(title, _shrunk(picture)) for title, picture in panels]
    width = sum(picture.width for _, picture in shrunk) + _GAP_PX * (len(shrunk) + 1)
    height = max(picture.height for _, picture in shrunk) + _HEAD_PX + _GAP_PX
    sheet = Image.new("RGB", (width, height), (232, 234, 237))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(26)
    left = _GAP_PX
    for title, picture in shrunk:
        draw.text((left, 8), title, fill=(0, 0, 0), font=font)
        sheet.paste(picture, (left, _HEAD_PX))
        left += picture.width + _GAP_PX
    return np.asarray(sheet, dtype=np.uint8)


def _shrunk(picture: Image.Image) -> Image.Image:
    scale = min(1.0, _PANEL_PX / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)
