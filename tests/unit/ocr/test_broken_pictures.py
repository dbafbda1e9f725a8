"""A picture in a PDF that is not there as a whole is damage, and never white paper."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from faldone.errors import UnreadableFileError
from faldone.ocr.source import PDF, page_image
from tests.papers import page

GRAY = page("Relazione sociale sulla famiglia", "e sui minori presenti in casa").convert("L")
WIDTH, HEIGHT = GRAY.size
PLAIN = Image.new("L", GRAY.size, 255)


def encoded(picture: Image.Image, kind: str) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind)
    return target.getvalue()


def group4(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.convert("1").save(target, "TIFF", compression="group4", strip_size=10**9)
    with Image.open(io.BytesIO(target.getvalue())) as tiff:
        tags = tiff.tag_v2  # type: ignore[attr-defined]
        return target.getvalue()[tags[273][0] :][: tags[279][0]]


JPEG, JPEG2000 = encoded(GRAY, "JPEG"), encoded(GRAY, "JPEG2000")
FLATE, FAX = zlib.compress(GRAY.tobytes()), group4(GRAY)
TO_THE_END = encoded(Image.effect_noise(GRAY.size, 60), "JPEG")


def pdf(folder: Path, data: bytes, filter_: str | None, *, bits: int = 8, share: float = 1.0, **more: object) -> Path:
    """A page with one picture, whose data are ``data``, on this share of its sides."""
    made = pikepdf.new()
    made.add_blank_page(page_size=(WIDTH * 0.48, HEIGHT * 0.48))
    picture = pikepdf.Stream(made, data)
    facts = {"Type": pikepdf.Name.XObject, "Subtype": pikepdf.Name.Image, "Width": WIDTH, "Height": HEIGHT}
    facts |= {"BitsPerComponent": bits, "ColorSpace": pikepdf.Name.DeviceGray}
    if filter_ is not None:
        facts["Filter"] = pikepdf.Name(f"/{filter_}")
    if filter_ == "CCITTFaxDecode":
        facts["DecodeParms"] = pikepdf.Dictionary(K=-1, Columns=WIDTH, Rows=HEIGHT)
    for name, value in (facts | more).items():
        picture[f"/{name}"] = value
    sheet = made.pages[0]
    sheet.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=made.make_indirect(picture)))
    across, up = WIDTH * 0.48 * share, HEIGHT * 0.48 * share
    sheet.Contents = pikepdf.Stream(made, f"q {across} 0 0 {up} 0 0 cm /Im0 Do Q".encode())
    made.save(folder / "a.pdf")
    return folder / "a.pdf"


CUT = {
    "a JPEG of which half is there": (JPEG[: len(JPEG) // 2], "DCTDecode", 8),
    "a JPEG of zeros": (bytes(len(JPEG)), "DCTDecode", 8),
    "a JPEG 2000 of which the beginning is there": (JPEG2000[:2000], "JPXDecode", 8),
    "a JBIG2 that is none": (b"\x93\x1c" * 900, "JBIG2Decode", 1),
    "a fax page of which the beginning is there": (FAX[:20], "CCITTFaxDecode", 1),
    "a fax page of zeros": (bytes(len(FAX)), "CCITTFaxDecode", 1),
    "a picture of which half is there": (FLATE[: len(FLATE) // 2], "FlateDecode", 8),
    "a picture of zeros": (bytes(900), "FlateDecode", 8),
}


@pytest.mark.parametrize("share", [1.0, 0.6], ids=["the whole page", "a part of the page"])
@pytest.mark.parametrize("kind", CUT)
def test_a_page_whose_picture_is_cut_short_is_damaged_and_not_blank(kind: str, share: float, tmp_path: Path) -> None:
    data, filter_, bits = CUT[kind]
    with pytest.raises(UnreadableFileError):
        page_image(pdf(tmp_path, data, filter_, bits=bits, share=share), PDF, 0)


def palette(bits: int) -> pikepdf.Array:
    return pikepdf.Array(
        [pikepdf.Name.Indexed, pikepdf.Name.DeviceRGB, 2**bits - 1, pikepdf.String(bytes(range(256)) * 3)]
    )


def rows(bits: int) -> bytes:
    return bytes(-(-WIDTH * bits // 8) * HEIGHT)


WHOLE = {
    "a JPEG": (JPEG, "DCTDecode", 8, {}),
    "a JPEG without the mark of its end": (TO_THE_END[:-2], "DCTDecode", 8, {}),
    "a JPEG of white paper": (encoded(PLAIN, "JPEG"), "DCTDecode", 8, {}),
    "a JPEG 2000": (JPEG2000, "JPXDecode", 8, {}),
    "a fax page": (FAX, "CCITTFaxDecode", 1, {}),
    "a fax page of white paper": (group4(PLAIN), "CCITTFaxDecode", 1, {}),
    "greys": (FLATE, "FlateDecode", 8, {}),
    "greys as they are": (GRAY.tobytes(), None, 8, {}),
    "white paper": (zlib.compress(PLAIN.tobytes()), "FlateDecode", 8, {}),
    "16 bits": (zlib.compress(rows(16)), "FlateDecode", 16, {}),
    "4 bits": (zlib.compress(rows(4)), "FlateDecode", 4, {}),
    "2 bits of a palette": (zlib.compress(rows(2)), "FlateDecode", 2, {"ColorSpace": palette(2)}),
    "8 bits of a palette": (zlib.compress(rows(8)), "FlateDecode", 8, {"ColorSpace": palette(8)}),
    "colours": (zlib.compress(rows(24)), "FlateDecode", 8, {"ColorSpace": pikepdf.Name.DeviceRGB}),
}


@pytest.mark.parametrize("share", [1.0, 0.6], ids=["the whole page", "a part of the page"])
@pytest.mark.parametrize("kind", WHOLE)
def test_a_page_whose_picture_is_whole_is_shown_however_it_is_coded(kind: str, share: float, tmp_path: Path) -> None:
    data, filter_, bits, more = WHOLE[kind]
    assert page_image(pdf(tmp_path, data, filter_, bits=bits, share=share, **more), PDF, 0).pixels.size


def test_a_broken_ornament_does_not_take_the_page_away(tmp_path: Path) -> None:
    shown = page_image(pdf(tmp_path, b"\x93\x1c" * 900, "JBIG2Decode", bits=1, share=0.1), PDF, 0)
    assert np.all(shown.pixels == 255)
