"""From one page of a picture file to the stream of a PDF: the bytes as they are, where PDF reads them.

JPEG goes into PDF unchanged, and so do G4 and the data of a plain PNG. What PDF cannot read is coded anew without loss
(bilevel as G4, the rest as PNG's deflate), and what PDF/A has no colours for (CMYK, Lab) is turned into sRGB.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import pi_heif
from PIL import Image, ImageCms, ImageOps

from faldone.errors import DECODING_ERRORS, ImageTooLargeError, UnreadableFileError
from faldone.searchable import jpeg, profile

HEIC: Final = "image/heic"


class Kept(StrEnum):
    """What became of a page's looks."""

    AS_IS = "as-is"
    """The scan's own coded bytes, or the PDF page's own contents."""
    SAME_PIXELS = "same-pixels"
    """The same pixels, coded anew without loss."""
    RECODED = "recoded"
    """Other pixels: colours turned into sRGB, transparency laid on white, or a coding that PDF does not know."""
    DRAWN = "drawn"
    """A picture of a PDF page that could not be made PDF/A."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page's picture, ready for a PDF.

    Attributes:
        data: the coded bytes.
        filter: PDF's name of the coding.
        parameters: of the coding, as PDF is written; empty for none.
        colors: the colour space as PDF is written, when there is no ``icc``.
        bits: per component.
        width: in pixels, as coded.
        height: in pixels, as coded.
        orientation: Exif's 1–8, how the picture is to be turned and mirrored to stand as it was meant.
        dpi: across and down, in the frame as coded; ``None`` when the file does not say.
        kept: what became of the scan's bytes.
        icc: the colour profile; ``None`` for sRGB or its grey.
    """

    data: bytes = field(repr=False)
    filter: str
    parameters: str
    colors: str
    bits: int
    width: int
    height: int
    orientation: int
    dpi: tuple[float, float] | None
    kept: Kept
    icc: bytes | None = field(default=None, repr=False)


_FORMATS = {
    "image/tiff": ("TIFF",),
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/avif": ("AVIF",),
}
_DEFLATE_LEVEL: Final = 6
"""Of zlib: 9 takes four times as long for one percent less, measured on a grey page at 300 dpi."""
_QUALITIES: Final = (92, 85, 75)
"""Of JPEGs that have to be coded anew: the first that is not larger than the scan, else the last, which still shows
letters without rings."""
_DEEP = ("I;16", "I;16L", "I;16B", "I;16N")
_INVERSE_GRAY: Final = f"[/Indexed /DeviceGray 255 <{bytes(range(255, -1, -1)).hex()}>]"
_G4, _TIFF_JPEG = 4, 7
_WHITE_IS_ZERO = 0


def picture(path: Path, media_type: str, index: int, max_pixels: int) -> Picture:
    """The page at the 0-based ``index`` of a picture file.

    Raises:
        UnreadableFileError: there is no such page or it is damaged.
        ImageTooLargeError: it has more pixels than ``max_pixels``.
    """
    try:
        if media_type == HEIC:
            return _heic(path, index, max_pixels)
        # Pillow's own guard warns through the warnings module, which is process-wide; ours is asked before decoding
        Image.MAX_IMAGE_PIXELS = None
        with path.open("rb") as stream, Image.open(stream, formats=_FORMATS[media_type]) as image:
            if index:
                image.seek(index)
            check_pixels(*image.size, max_pixels)
            return _KINDS.get(media_type, _lossy)(path, image)
    except DECODING_ERRORS as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's fault, not the page's: it may go through later
        raise UnreadableFileError(
            f"La pagina {index + 1} dell'immagine è danneggiata o manca / "
            f"Page {index + 1} of the image is damaged or missing",
            hint="scansionare di nuovo quella pagina / scan that page again",
        ) from error


def check_pixels(width: int, height: int, max_pixels: int) -> None:
    """Refuses a page that is too large.

    Raises:
        ImageTooLargeError: it has more pixels than ``max_pixels``.
    """
    if width * height > max_pixels:
        raise ImageTooLargeError(
            f"La pagina ha {width}×{height} pixel, il limite è {max_pixels} / "
            f"The page has {width}×{height} pixels, the limit is {max_pixels}"
        )


def drawn(image: Image.Image, dpi: float) -> Picture:
    """A page that was drawn for want of better, in whichever of deflate and JPEG is smaller."""
    plain = _deflated(image)
    if len(plain.data) > image.width * image.height // 20:  # pages of text stay far below; then JPEG is not tried
        photograph = _jpeg_coded(image, 85)
        plain = min(plain, photograph, key=lambda made: len(made.data))
    return replace(plain, dpi=(dpi, dpi), kept=Kept.DRAWN)


def _jpeg(path: Path, image: Image.Image) -> Picture:
    try:
        found = jpeg.frame(path.read_bytes(), getattr(image, "offset", 0) if image.format == "MPO" else 0)
    except jpeg.NotPlainError:
        return _lossy(path, image)
    if found.components not in (1, 3):
        return _lossy(path, image)
    icc = _profile_of(image, found.components)
    return Picture(
        found.data,
        "/DCTDecode",
        "",
        _device(found.components),
        8,
        found.width,
        found.height,
        _exif_orientation(image),
        _declared_dpi(image),
        Kept.AS_IS,
        icc,
    )


def _png(path: Path, image: Image.Image) -> Picture:
    chunks = _chunks(path.read_bytes())
    width, height, bits, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if interlaced or b"tRNS" in chunks or kind not in (0, 2, 3):
        return _decoded(image, Kept.RECODED if _is_transparent(image) else Kept.SAME_PIXELS)
    components = 3 if kind == 2 else 1
    colors = _palette(chunks[b"PLTE"]) if kind == 3 else _device(components)
    return Picture(
        chunks[b"IDAT"],
        "/FlateDecode",
        _predictor(components, bits, width),
        colors,
        bits,
        width,
        height,
        _exif_orientation(image),
        _declared_dpi(image),
        Kept.AS_IS,
        None if kind == 3 else _profile_of(image, components),
    )


def _tiff(path: Path, image: Image.Image) -> Picture:
    tags: Any = image.tag_v2  # type: ignore[attr-defined]
    as_is = None
    if 273 in tags and tags.get(279):
        if tags.get(259) == _G4:
            as_is = _g4_as_is(path, tags, image)
        elif tags.get(259) == _TIFF_JPEG:
            as_is = _jpeg_of_tiff(path, tags, image)
    if as_is is not None:
        return as_is
    share = sum(tags.get(279) or tags.get(325) or ())
    if image.mode == "1":
        return _bilevel(image)
    if image.mode in ("L", "P", *_DEEP) or (image.mode == "RGB" and max(tags.get(258, (8,))) == 8):
        if tags.get(259) in (6, _TIFF_JPEG):
            return _recoded(image, share)
        return _decoded(image, Kept.RECODED if _is_transparent(image) else Kept.SAME_PIXELS)
    return _recoded(image, share)


def _lossy(path: Path, image: Image.Image) -> Picture:
    return _recoded(image, path.stat().st_size)


_KINDS: dict[str, Callable[[Path, Image.Image], Picture]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/tiff": _tiff,
}


def _heic(path: Path, index: int, max_pixels: int) -> Picture:
    """Decoded by libheif, which obeys the picture's own turns; see ``faldone.ocr.source``."""
    found = pi_heif.open_heif(path)[index]
    width, height = found.size
    check_pixels(width, height, max_pixels)
    return _recoded(found.to_pillow(), path.stat().st_size)


# --- as it is ----------------------------------------------------------------------------------------------------


def _g4_as_is(path: Path, tags: Any, image: Image.Image) -> Picture | None:
    if len(tags[273]) != 1 or image.mode != "1" or tags.get(266, 1) != 1:
        return None
    return replace(_fax(_strips(path, tags)[0], tags), dpi=_declared_dpi(image), kept=Kept.AS_IS)


def _fax(data: bytes, tags: Any) -> Picture:
    width, height = tags[256], tags[257]
    # G4 codes runs of «white» and «black»; a TIFF whose zeros are black calls its black pixels white
    inverse = "" if tags[262] == _WHITE_IS_ZERO else " /BlackIs1 true"
    parameters = f"<< /K -1 /Columns {width} /Rows {height}{inverse} >>"
    orientation = tags.get(274, 1)
    return Picture(
        data,
        "/CCITTFaxDecode",
        parameters,
        "/DeviceGray",
        1,
        width,
        height,
        orientation if orientation in range(1, 9) else 1,
        None,
        Kept.SAME_PIXELS,
    )


def _jpeg_of_tiff(path: Path, tags: Any, image: Image.Image) -> Picture | None:
    photometric, samples = tags.get(262), tags.get(277, 1)
    if (photometric, samples) not in ((0, 1), (1, 1), (2, 3), (6, 3)) or tags.get(284, 1) != 1:
        return None
    orientation = tags.get(274, 1)
    width, height = tags[256], tags[257]
    try:
        found = jpeg.joined(tags.get(347, b""), _strips(path, tags), width, height)
    except jpeg.NotPlainError:
        return None
    if found.components != samples:
        return None
    return Picture(
        found.data,
        "/DCTDecode",
        "<< /ColorTransform 0 >>" if photometric == 2 else "",
        _INVERSE_GRAY if photometric == 0 else _device(samples),
        8,
        width,
        height,
        orientation if orientation in range(1, 9) else 1,
        _declared_dpi(image),
        Kept.AS_IS,
        None if photometric == 0 else _profile_of(image, samples),
    )


def _strips(path: Path, tags: Any) -> list[bytes]:
    strips = []
    with path.open("rb") as stream:
        for offset, size in zip(tags[273], tags[279], strict=True):
            stream.seek(offset)
            strip = stream.read(size)
            if len(strip) != size:
                raise ValueError("a strip ends after the file")
            strips.append(strip)
    return strips


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks of a PNG by their names, those of the same name joined.

    Raises:
        ValueError: it ends too soon.
    """
    found: dict[bytes, list[bytes]] = {}
    at = 8
    while data[at + 4 : at + 8] != b"IEND":
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + length > len(data):
            raise ValueError("the PNG ends too soon")
        found.setdefault(data[at + 4 : at + 8], []).append(data[at + 8 : at + 8 + length])
        at += 12 + length
    return {name: b"".join(parts) for name, parts in found.items()}


# --- coded anew --------------------------------------------------------------------------------------------------


def _decoded(image: Image.Image, kept: Kept) -> Picture:
    upright, dpi = _upright(image)
    if _is_transparent(upright):
        upright = _on_white(upright)
    if upright.mode == "1":
        return replace(_bilevel_of(upright), dpi=dpi, kept=kept)
    return replace(_deflated(upright), dpi=dpi, kept=kept)


def _bilevel(image: Image.Image) -> Picture:
    return _decoded(image, Kept.SAME_PIXELS)


def _bilevel_of(image: Image.Image) -> Picture:
    """G4, or deflate where dots of a photograph make G4 the larger."""
    target = io.BytesIO()
    image.save(target, "TIFF", compression="group4", strip_size=image.width * image.height + 1024)
    with Image.open(target) as coded:
        tags: Any = coded.tag_v2  # type: ignore[attr-defined]
        (start,), (size,) = tags[273], tags[279]
        fax = _fax(target.getvalue()[start : start + size], tags)
    plain = _deflated(image)
    return min(fax, plain, key=lambda made: len(made.data))


def _deflated(image: Image.Image) -> Picture:
    """PNG's own coding: a predictor for each row, then deflate."""
    target = io.BytesIO()
    image.save(target, "PNG", compress_level=_DEFLATE_LEVEL)
    chunks = _chunks(target.getvalue())
    width, height, bits, kind, *_ = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    components = 3 if kind == 2 else 1
    return Picture(
        chunks[b"IDAT"],
        "/FlateDecode",
        _predictor(components, bits, width),
        _palette(chunks[b"PLTE"]) if kind == 3 else _device(components),
        bits,
        width,
        height,
        1,
        None,
        Kept.SAME_PIXELS,
        None if kind == 3 else _profile_of(image, components),
    )


def _recoded(image: Image.Image, share: int) -> Picture:
    """Turned into sRGB or grey and coded anew: without loss where that is not larger than the scan, else as JPEG."""
    upright, dpi = _upright(image)
    if _is_transparent(upright):
        upright = _on_white(upright)
    shown = _shown(upright)
    # deflate halves a scan at best: it is not tried on what was coded tighter
    made = _deflated(shown) if share >= shown.width * shown.height // 2 else None
    for quality in _QUALITIES:
        if made is not None and len(made.data) <= share:
            break
        made = _jpeg_coded(shown, quality)
    assert made is not None
    return replace(made, dpi=dpi, kept=Kept.RECODED)


def _jpeg_coded(image: Image.Image, quality: int) -> Picture:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=quality, optimize=True)
    components = 1 if image.mode == "L" else 3
    return Picture(
        target.getvalue(),
        "/DCTDecode",
        "",
        _device(components),
        8,
        *image.size,
        1,
        None,
        Kept.RECODED,
        _profile_of(image, components),
    )


def _shown(image: Image.Image) -> Image.Image:
    """The picture in sRGB or grey, eight bits a component."""
    if image.mode in (*_DEEP, "I", "F"):
        deep = np.asarray(image, dtype=np.float32)
        if image.mode.startswith("I;16") or deep.max(initial=0.0) > 255:
            deep = deep / 257.0
        return Image.fromarray(np.clip(np.rint(deep), 0, 255).astype(np.uint8))
    if image.mode in ("L", "RGB"):
        return image
    if image.mode == "1":
        return image.convert("L")
    colors = image.info.get("icc_profile")
    if colors and image.mode in ("CMYK", "LAB"):
        try:
            there = ImageCms.ImageCmsProfile(io.BytesIO(profile.srgb()))
            here = ImageCms.ImageCmsProfile(io.BytesIO(colors))
            turned = ImageCms.profileToProfile(image, here, there, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            turned = None  # a broken profile: the plain conversion is what viewers would show
        if turned is not None:
            turned.info.pop("icc_profile", None)
            return turned
    plain = image.convert("RGB")
    plain.info.pop("icc_profile", None)
    return plain


def _upright(image: Image.Image) -> tuple[Image.Image, tuple[float, float] | None]:
    """The decoded picture with its orientation tag obeyed, and its resolution in that frame."""
    orientation = image.tag_v2.get(274, 1) if image.format == "TIFF" else _exif_orientation(image)  # type: ignore[attr-defined]
    dpi = _declared_dpi(image)
    image.load()  # a TIFF is turned here, and its tag taken away
    upright = ImageOps.exif_transpose(image)
    if dpi is not None and orientation in (5, 6, 7, 8):
        dpi = (dpi[1], dpi[0])
    return upright, dpi


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info


def _on_white(image: Image.Image) -> Image.Image:
    layer = image.convert("RGBA")
    paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    laid = Image.alpha_composite(paper, layer).convert("L" if image.mode in ("L", "LA", "La", "1") else "RGB")
    if icc := image.info.get("icc_profile"):
        laid.info["icc_profile"] = icc
    return laid


# --- all ---------------------------------------------------------------------------------------------------------


def _device(components: int) -> str:
    return "/DeviceGray" if components == 1 else "/DeviceRGB"


def _palette(colors: bytes) -> str:
    return f"[/Indexed /DeviceRGB {len(colors) // 3 - 1} <{colors.hex()}>]"


def _predictor(components: int, bits: int, width: int) -> str:
    return f"<< /Predictor 15 /Colors {components} /BitsPerComponent {bits} /Columns {width} >>"


def _profile_of(image: Image.Image, components: int) -> bytes | None:
    icc = image.info.get("icc_profile")
    return icc if icc and profile.channels(icc) == components else None


def _exif_orientation(image: Image.Image) -> int:
    orientation = image.getexif().get(274, 1)
    return orientation if orientation in range(1, 9) else 1


def _declared_dpi(image: Image.Image) -> tuple[float, float] | None:
    declared: Any = image.info.get("dpi")
    try:
        x, y = (float(value) for value in declared)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (x, y) if math.isfinite(x) and math.isfinite(y) and x > 0 and y > 0 else None
