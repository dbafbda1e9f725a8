"""Pictures in a PDF that cannot be decoded to their end, which a viewer shows as white paper or as nothing at all.

A scan of which the disk or the scanner lost a part would else be taken for a blank page, and its paper put away.
pdfium fills up what is missing and says nothing, so the data are held against what the picture says of itself.
"""

from __future__ import annotations

import contextlib
import io
import math
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium_c
from PIL import Image

from faldone.errors import DECODING_ERRORS
from faldone.ocr.image import Gray

_LEAST_COVERED = 0.02
"""A picture that covers less of its page than this is an ornament or a logo: the paper can be read without it."""

_END = 0.01
"""This last part of a picture's rows is looked at, for what is missing is filled up with one tone."""

_PADDING = 0.98
"""Some programs leave the last byte of rows, or the last row, out."""

_JPEG_END = b"\xff\xd9"

_PLAIN_JBIG2 = 500
"""More bytes than a page of one tone takes: its coder spends next to nothing where nothing changes."""


def has_broken_picture(page: Any) -> bool:
    """Whether a picture that matters on ``page`` is not there as a whole. The caller holds pdfium's lock."""
    left, bottom, right, top = page.get_bbox()
    least = _LEAST_COVERED * (right - left) * (top - bottom)
    return any(
        _covered(item, (left, bottom, right, top)) >= least and not _decodes(item)
        for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE])
    )


def is_cut_short(image: Any, pixels: Gray) -> bool:
    """Whether the data of a picture that gave these ``pixels`` end before its last row. The caller holds the lock.

    Cheap where the last rows hold anything: then they were decoded.
    """
    return _ends_plain(pixels) and _holds_too_little(image, pixels)


def _ends_plain(pixels: Gray) -> bool:
    end = pixels[-max(1, round(_END * len(pixels))) :]
    return bool(np.all(end == end[0, 0]))


def _covered(item: Any, page: tuple[float, float, float, float]) -> float:
    """The area of the page, in square points, that a picture covers; one inside a form covers that at the most."""
    while item.container is not None:
        item = item.container
    left, bottom, right, top = item.get_bounds()
    wide = min(right, page[2]) - max(left, page[0])
    return float(max(0.0, wide) * max(0.0, min(top, page[3]) - max(bottom, page[1])))


def _decodes(image: Any) -> bool:
    try:
        bitmap = image.get_bitmap()
    except pypdfium2.PdfiumError:
        return False
    try:
        return not _holds_too_little(image, np.asarray(bitmap.to_numpy()))
    finally:
        bitmap.warn_on_close = False
        bitmap.close()


def _holds_too_little(image: Any, pixels: Gray) -> bool:
    """Whether data and ``pixels`` do not go together, as far as the picture's way of coding tells."""
    filters = image.get_filters()
    if filters and filters[-1] == "DCTDecode":
        return _is_cut_jpeg(bytes(image.get_data(decode_simple=True)))
    width, height = image.get_px_size()
    if filters and filters[-1] == "CCITTFaxDecode":
        # A row that is like the one above takes one bit, and no row less; that bit is a 1 (ITU-T T.6, mode V0).
        data = bytes(image.get_data(decode_simple=True))
        return len(data) * 8 < height or not any(data)
    if filters and filters[-1] == "JBIG2Decode":
        return len(image.get_data(decode_simple=True)) > _PLAIN_JBIG2 and bool(np.all(pixels == pixels[0, 0]))
    if filters and filters[-1] == "JPXDecode":
        return False  # pdfium decodes it whole or not at all
    held = len(image.get_data(decode_simple=True))
    # pdfium tells 8 bits of pictures that have 2 or 4, and 24 of grey ones of 16.
    told = image.get_metadata().bits_per_pixel
    sizes = {bits: math.ceil(width * bits / 8) * height for bits in (told, 2, 4, 16)}
    return held < _PADDING * sizes[told] and all(
        not _PADDING * size <= held <= size / _PADDING for size in sizes.values()
    )


def _is_cut_jpeg(data: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]):
            pass
    except DECODING_ERRORS:  # pdfium is more patient with odd JPEGs, and decoded it
        return False
    with contextlib.suppress(*DECODING_ERRORS):
        _decoded(data)
        return False
    # Nothing but the mark of its end may be missing: then the last rows are there.
    with contextlib.suppress(*DECODING_ERRORS):
        return _ends_plain(_decoded(data + _JPEG_END))
    return True


def _decoded(jpeg: bytes) -> Gray:
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        picture.draft("L", picture.size)
        return np.asarray(picture.convert("L"), dtype=np.uint8)
