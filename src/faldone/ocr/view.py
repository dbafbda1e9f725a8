"""A page as people see it on a screen: in its colours, no larger than asked for, coded for a browser.

What recognition works on is grey and as fine as the scan; this is decoded only as far as it is shown. Both show the
same frame, so a box of the one is drawn on the other by its share of width and height.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pypdfium2
from PIL import Image, ImageOps

from faldone.errors import DECODING_ERRORS, ImageTooLargeError, UnreadableFileError
from faldone.ocr import pdf
from faldone.ocr.source import PDF, RasterOptions, opened_picture
from faldone.pdfium import LOCK

Shares: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom of a part of a page, as shares (0.0-1.0) of its width and height."""

WHOLE: Final[Shares] = (0.0, 0.0, 1.0, 1.0)

_MOST_PIXELS = 40_000_000
_FITTED_PX = 4000
"""A picture of more pixels is shown with its long side so long; its parts can be asked for."""

_DRAWN_DPI = 300
_QUALITY = 80
_SLACK = 1.15
"""Dividing by a whole number is five times as fast as any other way, so a little more than asked for will do."""

_COLOURFUL, _COLOURED_SHARE = 32, 0.0002
"""The noise of a colour scanner on black and white spreads less; a stamp or a signature covers more."""

_TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
"""Pillow turns the other way round."""

_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
_CLEAR = ("RGBA", "LA", "PA", "RGBa", "La")


@dataclass(frozen=True, slots=True)
class Shown:
    """What is wanted of a page.

    Attributes:
        width: the pixels that it is to be wide, about; ``None`` is as fine as the scan. It is never made larger.
        part: which part of the page, as it lies in the file.
        turn: how far it is turned clockwise, after that (0, 90, 180 or 270).
        frame: width and height that recognition gave the page as it lies in the file: its proportions where pixels
            are not square, its fineness where it is drawn. ``None`` is as the file says.
        webp: coded as WebP: smaller and slower, for thumbnails.
    """

    width: int | None = None
    part: Shares = WHOLE
    turn: int = 0
    frame: tuple[int, int] | None = None
    webp: bool = False


def show(path: Path, media_type: str, index: int, shown: Shown, options: RasterOptions) -> bytes:
    """The page at the 0-based ``index`` of a file, coded.

    Raises:
        UnreadableFileError: there is no such page or it is damaged.
        EncryptedFileError: a PDF that wants a password which is not among the options.
        ImageTooLargeError: it has more pixels than the options allow.
    """
    if media_type == PDF:
        image = _drawn(path, index, shown, options)
    else:
        try:
            image = _decoded(path, media_type, index, shown, options)
        except DECODING_ERRORS as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk's fault, not the page's
            raise UnreadableFileError(
                f"La pagina {index + 1} dell'immagine è danneggiata o manca / "
                f"Page {index + 1} of the image is damaged or missing"
            ) from error
    if shown.turn:
        image = image.transpose(_TURNS[shown.turn])
    return _coded(image if _is_coloured(image) else image.convert("L"), webp=shown.webp)


def _decoded(path: Path, media_type: str, index: int, shown: Shown, options: RasterOptions) -> Image.Image:
    with opened_picture(path, media_type, index, options) as image:
        lies_aside = image.getexif().get(0x0112) in (5, 6, 7, 8)
        whole = (image.height, image.width) if lies_aside else image.size
        size = _size(whole, shown, stretched=True)
        if image.format in ("JPEG", "MPO"):
            image.draft(None, size[::-1] if lies_aside else size)  # decoded to a half, a quarter or an eighth
        picture = _plain(ImageOps.exif_transpose(image))
    if shown.part != WHOLE:
        left, top, right, bottom = shown.part
        width, height = picture.size
        box = (int(left * width), int(top * height), round(right * width), round(bottom * height))
        picture = picture.crop(_at_least_a_pixel(box, picture.size))
        size = (max(1, round(size[0] * (right - left))), max(1, round(size[1] * (bottom - top))))
    return _reduced(picture, size)


def _plain(image: Image.Image) -> Image.Image:
    """In grey or in colours, on white paper, 8 bits deep."""
    if image.mode in _DEEP:
        deep = np.asarray(image, dtype=np.float32)
        if image.mode.startswith("I;16") or deep.max(initial=0.0) > 255:
            deep = deep / 257.0
        return Image.fromarray(np.clip(np.rint(deep), 0, 255).astype(np.uint8))
    if image.mode in _CLEAR or "transparency" in image.info:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, (255, 255, 255, 255)), layer).convert("RGB")
    if image.mode in ("L", "RGB"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _size(whole: tuple[int, int], shown: Shown, *, stretched: bool) -> tuple[int, int]:
    """Width and height that the whole page is to be had in, before it is turned."""
    width, height = whole
    if stretched and shown.frame is not None:
        across, down = shown.frame
        ratio = (down / across) / (height / width)
        if not 0.98 <= ratio <= 1.02:  # fax: the coarser side is stretched
            width, height = (width, round(height * ratio)) if ratio > 1 else (round(width / ratio), height)
    left, top, right, bottom = shown.part
    part = (width * (right - left), height * (bottom - top))
    scale = min(1.0, _FITTED_PX / max(part)) if part[0] * part[1] > _MOST_PIXELS else 1.0
    if shown.width is not None:
        scale = min(scale, shown.width / (part[1] if shown.turn in _SIDEWAYS else part[0]))
    return max(1, round(width * scale)), max(1, round(height * scale))


_SIDEWAYS = (90, 270)


def _reduced(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    factors = (max(1, image.width // size[0]), max(1, image.height // size[1]))
    if factors != (1, 1):
        image = image.reduce(factors)
    if image.width > _SLACK * size[0] or image.height > _SLACK * size[1]:
        return image.resize(size, Image.Resampling.BOX)
    near = image.width * size[1] / (image.height * size[0])
    return image if 0.98 <= near <= 1.02 else image.resize(size, Image.Resampling.BILINEAR)


def _at_least_a_pixel(box: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top = min(box[0], size[0] - 1), min(box[1], size[1] - 1)
    return left, top, max(left + 1, box[2]), max(top + 1, box[3])


def _drawn(path: Path, index: int, shown: Shown, options: RasterOptions) -> Image.Image:
    with pdf.opened(path, options.pdf_passwords) as document, LOCK, pdf.page_of(document, index) as page:
        points = page.get_size()
        full = _DRAWN_DPI / pdf.POINTS_PER_INCH
        whole = shown.frame or (max(1, round(points[0] * full)), max(1, round(points[1] * full)))
        width, height = _size(whole, shown, stretched=False)
        left, top, right, bottom = shown.part
        if width * (right - left) * height * (bottom - top) > options.max_pixels:
            raise ImageTooLargeError("La pagina è troppo grande / The page is too large")
        scale = max(width / points[0], height / points[1])
        crop = (left * points[0], (1 - bottom) * points[1], (1 - right) * points[0], top * points[1])
        try:
            bitmap = page.render(scale=scale, crop=crop, rev_byteorder=True)
        except (pypdfium2.PdfiumError, ValueError) as error:
            raise UnreadableFileError(
                f"La pagina {index + 1} del PDF non si disegna / Page {index + 1} of the PDF cannot be drawn"
            ) from error
        try:
            copy: Image.Image = bitmap.to_pil().convert("RGB")  # the bitmap's memory is given back
            return copy
        finally:
            bitmap.warn_on_close = False
            bitmap.close()


def _is_coloured(image: Image.Image) -> bool:
    if image.mode == "L":
        return False
    pixels = np.asarray(image)[::3, ::3]
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    return float(np.mean(spread > _COLOURFUL)) > _COLOURED_SHARE


def _coded(image: Image.Image, *, webp: bool) -> bytes:
    stream = io.BytesIO()
    if webp:
        image.save(stream, "WEBP", quality=60, method=2)
    else:
        image.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
