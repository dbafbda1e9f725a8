"""Frames cut out and strips joined give the same pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from faldone.errors import UnreadableFileError
from faldone.searchable import jpeg


def picture(width: int = 200, height: int = 130) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)).resize(
        (width, height)
    )


def coded(image: Image.Image, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", **options)
    return target.getvalue()


def test_a_frame_ends_where_it_ends() -> None:
    data = coded(picture())
    assert jpeg.frame(b"??" + data + data, 2) == jpeg.Frame(data, 200, 130, 3)


def test_the_thumbnail_inside_is_not_taken_for_the_frame() -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 10
    data = coded(picture(), exif=exif.tobytes() + coded(picture(16, 16)))
    assert jpeg.frame(data).width == 200


@pytest.mark.parametrize("cut", [2, 100, -2])
def test_a_jpeg_that_ends_too_soon_is_refused(cut: int) -> None:
    with pytest.raises(UnreadableFileError):
        jpeg.frame(coded(picture())[:cut])


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_joined_strips_have_the_pixels_of_the_strips(mode: str, subsampling: int) -> None:
    whole = picture().convert(mode)
    strips = [
        coded(whole.crop((0, top, 200, min(top + 32, 130))), quality=70, subsampling=subsampling)
        for top in range(0, 130, 32)
    ]
    found = jpeg.joined(b"", strips, 200, 130)
    expected = np.vstack([np.asarray(Image.open(io.BytesIO(strip))) for strip in strips])
    with Image.open(io.BytesIO(found.data)) as image:
        taken = np.asarray(image)
    assert (found.width, found.height) == (200, 130)
    if mode == "RGB" and subsampling == 2:  # colours are smoothed across the seams, as they are within a strip
        assert np.abs(taken.astype(int) - expected).max(axis=(1, 2))[[5, 20, 40, 60]].max() <= 1
    else:
        assert np.array_equal(taken, expected)


def test_strips_of_different_tables_are_not_joined() -> None:
    strips = [coded(picture(200, 32), quality=quality) for quality in (50, 90)]
    with pytest.raises(jpeg.NotPlainError):
        jpeg.joined(b"", strips, 200, 64)
