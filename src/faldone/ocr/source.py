"""From a stored file to one page: its honest text layer, or its pixels.

A scanned PDF page is one picture on a sheet. Its pixels are taken as the scanner wrote them: rendering would
resample them (blur, four times the time). That is only sound when the picture is the whole page, so what was taken
is compared with a small rendering of the page; masks, inverted bilevel images, crops, decode arrays and clips, which
pdfium's interface does not show, all make the two differ, and then the page is rendered. The comparison costs more
than everything else, so it is made once for each kind of picture in a file, and wherever the paper is dark.

Memory is flat: one page at a time, decoded once, everything closed.
"""

from __future__ import annotations

import contextlib
import io
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import pi_heif
import pypdfium2
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageOps

from faldone.domain.page import PageText
from faldone.errors import DECODING_ERRORS, ImageTooLargeError, UnreadableFileError
from faldone.ocr import pdf, textlayer
from faldone.ocr.broken_pictures import has_broken_picture, is_cut_short
from faldone.ocr.image import Gray, PageImage
from faldone.ocr.prepare import turn
from faldone.pdfium import LOCK

PDF, WEBP, HEIC, AVIF = "application/pdf", "image/webp", "image/heic", "image/avif"

_A4_LONG_INCHES = 11.69
_PLAUSIBLE_INCHES = (4.0, 25.0)
"""The long side of a sheet: from a receipt or card to a little more than A2."""

_LEAST_PIXELS, _LONGEST = 32, 50
"""No side of a page is shorter, and none so many times longer than the other: a till receipt of a metre has 13. On less
no letter is legible, and the measures of a page have nothing to measure."""

_THUMBNAIL_DPI = 36
_SAME_PICTURE = 4.0
"""Mean grey levels between extracted and rendered page: 0.1–0.6 when they are the same picture, above 20 when it is
turned or mirrored, above 200 when inverted (measured on G4, grey and colour JPEG pages)."""

_RENDERED, _REDUCED = "rendered ", "reduced "
"""How the steps begin of pages whose resolution was for the options to say."""

LAYER_REFUSED = "text layer refused "
"""The step of a page whose text layer is not believed, before the code of the doubt."""

_DARK_PAPER = 110
_REMEMBERED_KINDS = 512


@dataclass(frozen=True, slots=True)
class RasterOptions:
    """How pages become pixels.

    Attributes:
        dpi: resolution at which a PDF page is drawn, and to which finer scans are reduced.
        reduce_above_dpi: scans finer than this are reduced.
        max_pixels: pages with more pixels are refused before they are decoded.
        pdf_passwords: tried on PDFs that want one; never shown.
    """

    dpi: int = 300
    reduce_above_dpi: int = 360
    max_pixels: int = 200_000_000
    pdf_passwords: tuple[str, ...] = field(default=(), repr=False)


class Source(Protocol):
    """An open file whose pages can be asked for, one at a time, in any order."""

    def text(self, index: int) -> PageText | None:
        """The text layer of the page at the 0-based ``index``, when it has an honest one.

        Raises:
            UnreadableFileError: there is no such page or it is damaged.
        """
        ...

    def is_drawn(self, index: int) -> bool:
        """Whether a program drew the page at the 0-based ``index``, so that it is no scan. Cheap: nothing is read.

        Raises:
            UnreadableFileError: there is no such page or it is damaged.
        """
        ...

    def image(self, index: int, seen: PageImage | None = None) -> PageImage:
        """The pixels of the page at the 0-based ``index``.

        Args:
            index: of the page.
            seen: what another opening of the file gave, which is not decoded again; see :func:`is_as_scanned`.

        Raises:
            UnreadableFileError: there is no such page or it is damaged.
            ImageTooLargeError: it has more pixels than the options allow.
        """
        ...


@contextmanager
def open_source(path: Path, media_type: str, options: RasterOptions | None = None) -> Iterator[Source]:
    """The file at ``path``, whose ``media_type`` was found by ``ingest.inspect``.

    Raises:
        UnreadableFileError: the file does not open.
        EncryptedFileError: a PDF that wants a password which is not among the options.
    """
    options = options or RasterOptions()
    if media_type == PDF:
        with pdf.opened(path, options.pdf_passwords) as document:
            yield _PdfSource(path, document, options)
    else:
        yield _ImageSource(path, media_type, options)


def is_as_scanned(image: PageImage) -> bool:
    """Whether a page has the pixels of its scan: it would be the same however the file had been opened."""
    return not any(step.startswith((_RENDERED, _REDUCED)) for step in image.steps)


def page_image(path: Path, media_type: str, index: int, options: RasterOptions | None = None) -> PageImage:
    """One page's pixels; see :meth:`Source.image`."""
    with open_source(path, media_type, options) as source:
        return source.image(index)


# --- PDF ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Embedded:
    """A page's one picture: coded JPEG or decoded pixels, and how to turn it.

    ``kind`` is what the program of a scanner writes alike on all pages of a file.
    """

    jpeg: bytes | None
    pixels: Gray | None
    turns: int
    mirrored: bool
    dpi: float
    kind: tuple[object, ...]


class _Kinds:
    """The kinds of pictures, by file, that were seen to be shown as they are; the latest ones, for all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[tuple[object, ...], None] = {}

    def __contains__(self, kind: tuple[object, ...]) -> bool:
        return kind in self._seen

    def add(self, kind: tuple[object, ...]) -> None:
        with self._lock:
            self._seen[kind] = None
            if len(self._seen) > _REMEMBERED_KINDS:
                del self._seen[next(iter(self._seen))]


_shown_plainly = _Kinds()


class _PdfSource:
    def __init__(self, path: Path, document: Any, options: RasterOptions) -> None:
        self._path, self._document, self._options = path, document, options
        self._refused: dict[int, textlayer.LayerDoubt] = {}

    def text(self, index: int) -> PageText | None:
        layer = textlayer.layer(self._document, index)
        if layer.doubt is not None and layer.doubt is not textlayer.LayerDoubt.NO_TEXT:
            self._refused[index] = layer.doubt
        return layer.text

    def is_drawn(self, index: int) -> bool:
        with LOCK, pdf.page_of(self._document, index) as page:
            return textlayer.worth_reading(pdf.contents(page))

    def image(self, index: int, seen: PageImage | None = None) -> PageImage:
        why = (f"{LAYER_REFUSED}{self._refused[index]}",) if index in self._refused else ()
        if seen is not None:
            return replace(seen, steps=(*why, *seen.steps))
        with LOCK, pdf.page_of(self._document, index) as page:
            embedded = _embedded(page, index, self._options)
        pixels = _upright(embedded) if embedded is not None else None
        if embedded is not None and pixels is not None and self._shows(pixels, embedded.kind, index):
            return _finished(pixels, embedded.dpi, (*why, "embedded"), self._options)
        with LOCK, pdf.page_of(self._document, index) as page:
            if has_broken_picture(page):
                raise _broken(index)
            pixels = _rendered(page, self._options)
        return PageImage.of(pixels, self._options.dpi, (*why, f"{_RENDERED}{self._options.dpi} dpi"))

    def _shows(self, pixels: Gray, kind: tuple[object, ...], index: int) -> bool:
        """Whether these pixels are what the page shows."""
        of_file = (self._path, *kind)
        if of_file in _shown_plainly and float(np.median(pixels[::16, ::16])) > _DARK_PAPER:
            return True
        with LOCK, pdf.page_of(self._document, index) as page:
            thumbnail = _draw(page, _THUMBNAIL_DPI / pdf.POINTS_PER_INCH)
        same = _same_picture(pixels, thumbnail)
        if same:
            _shown_plainly.add(of_file)
        return same


def _rendered(page: Any, options: RasterOptions) -> Gray:
    scale = options.dpi / pdf.POINTS_PER_INCH
    width, height = page.get_size()
    _check_pixels(math.ceil(width * scale), math.ceil(height * scale), options)
    return _draw(page, scale)


def _draw(page: Any, scale: float) -> Gray:
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        return np.array(bitmap.to_numpy(), dtype=np.uint8)
    finally:
        bitmap.close()


def _embedded(page: Any, index: int, options: RasterOptions) -> _Embedded | None:
    """The page's one picture, when it is the whole page; ``None`` in any doubt. The caller holds the lock.

    Raises:
        UnreadableFileError: the picture is not there as a whole.
    """
    found = pdf.contents(page)
    if found.images != 1 or found.visible_texts or found.drawings or found.marks:
        return None
    image = next(item for item in page.get_objects() if item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE)
    if image.level or pdfium_c.FPDFPageObj_HasTransparency(image):
        return None
    matrix = image.get_matrix()
    straight, crossed = (matrix.a, matrix.d), (matrix.b, matrix.c)
    tolerance = 0.001 * max(map(abs, (*straight, *crossed)))
    if max(map(abs, crossed)) <= tolerance:
        turned = False
    elif max(map(abs, straight)) <= tolerance:
        turned = True
    else:
        return None
    left, bottom, right, top = page.get_bbox()
    bounds = image.get_bounds()
    slack = 0.01 * max(right - left, top - bottom)
    if any(abs(have - want) > slack for have, want in zip(bounds, (left, bottom, right, top), strict=True)):
        return None
    width, height = image.get_px_size()
    _check_pixels(width, height, options)
    across, down = (matrix.b, matrix.c) if turned else (matrix.a, matrix.d)
    if not (across and down and width and height):
        return None
    dpi_x, dpi_y = (size * pdf.POINTS_PER_INCH / abs(points) for size, points in ((width, across), (height, down)))
    if abs(dpi_x - dpi_y) > 0.02 * dpi_x:  # fax: 204 × 98; square pixels are made by rendering
        return None
    turns, mirrored = _orientation(matrix, turned=turned, rotation=page.get_rotation())
    filters, metadata = image.get_filters(), image.get_metadata()
    kind = (*filters, metadata.bits_per_pixel, metadata.colorspace, turns, mirrored)
    if filters == ["DCTDecode"]:  # decoded outside the lock, luma only: half the time
        return _Embedded(bytes(image.get_data()), None, turns, mirrored, dpi_x, kind)
    try:
        bitmap = image.get_bitmap()
    except pypdfium2.PdfiumError as error:
        raise _broken(index) from error
    try:
        pixels = _gray_of_bitmap(bitmap)
    finally:
        bitmap.warn_on_close = False  # what was in it has been copied
        bitmap.close()
    if pixels is None:
        return None
    if is_cut_short(image, pixels):
        raise _broken(index)
    return _Embedded(None, pixels, turns, mirrored, dpi_x, kind)


def _broken(index: int) -> UnreadableFileError:
    return UnreadableFileError(
        f"L'immagine della pagina {index + 1} del PDF è danneggiata o incompleta / "
        f"The picture of page {index + 1} of the PDF is damaged or cut short",
        hint="scansionare di nuovo quella pagina / scan that page again",
    )


def _orientation(matrix: Any, *, turned: bool, rotation: int) -> tuple[int, bool]:
    """How the picture is laid on the page: mirrored first (left to right), then turned clockwise, in quarter turns.

    The matrix lays the picture's unit square, y upwards, on the page; ``rotation`` is the page's own /Rotate.
    """
    if turned:
        turns, mirrored = (1 if matrix.c > 0 else 3), matrix.b * matrix.c > 0
    else:
        turns, mirrored = (0 if matrix.d > 0 else 2), matrix.a * matrix.d < 0
    return (turns + rotation // 90) % 4, mirrored


def _upright(embedded: _Embedded) -> Gray | None:
    pixels = embedded.pixels
    if pixels is None:
        assert embedded.jpeg is not None
        try:
            with Image.open(io.BytesIO(embedded.jpeg)) as image:
                image.draft("L", image.size)
                pixels = _gray_of_pillow(image)
        except DECODING_ERRORS:  # pdfium is more patient with odd JPEGs; the rendering decides
            return None
    if embedded.mirrored:
        pixels = pixels[:, ::-1]
    return turn(pixels, 90 * embedded.turns)


def _gray_of_bitmap(bitmap: Any) -> Gray | None:
    pixels = bitmap.to_numpy()
    if pixels.ndim == 2:
        return np.array(pixels, dtype=np.uint8)
    if bitmap.format in (pdfium_c.FPDFBitmap_BGR, pdfium_c.FPDFBitmap_BGRx):
        code = cv2.COLOR_BGR2GRAY if bitmap.format == pdfium_c.FPDFBitmap_BGR else cv2.COLOR_BGRA2GRAY
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), code), dtype=np.uint8)
    return None


def _same_picture(pixels: Gray, thumbnail: Gray) -> bool:
    height, width = thumbnail.shape
    if (pixels.shape[0] > pixels.shape[1]) != (height > width):
        return False
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return float(cv2.absdiff(small, thumbnail).mean()) < _SAME_PICTURE


# --- pictures ----------------------------------------------------------------------------------------------------


class _ImageSource:
    def __init__(self, path: Path, media_type: str, options: RasterOptions) -> None:
        self._path, self._media_type, self._options = path, media_type, options

    def text(self, index: int) -> PageText | None:
        return None

    def is_drawn(self, index: int) -> bool:
        return False

    def image(self, index: int, seen: PageImage | None = None) -> PageImage:
        if seen is not None:
            return seen
        try:
            with opened_picture(self._path, self._media_type, index, self._options) as image:
                declared = _declared_dpi(image)
                pixels = _gray_of_pillow(image)
        except DECODING_ERRORS as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk's fault, not the page's: it may go through later
            raise UnreadableFileError(
                f"La pagina {index + 1} dell'immagine è danneggiata o manca / "
                f"Page {index + 1} of the image is damaged or missing",
                hint="scansionare di nuovo quella pagina / scan that page again",
            ) from error
        square, dpi = _square_pixels(pixels, declared)
        return _finished(square, dpi, ("decoded",), self._options)


_SCANS = ("TIFF", "JPEG", "PNG", "MPO")
_FORMATS = {WEBP: ("WEBP",), AVIF: ("AVIF",)}
"""Which of Pillow's plugins may open a file, by what it was found to be."""


@contextmanager
def opened_picture(path: Path, media_type: str, index: int, options: RasterOptions) -> Iterator[Image.Image]:
    """The page at the 0-based ``index`` of a picture, measured and not decoded yet; what it raises is Pillow's."""
    if media_type == HEIC:
        yield _heic(path, index, options)
        return
    # Pillow's own guard warns through the warnings module, which is process-wide; ours is asked before decoding
    Image.MAX_IMAGE_PIXELS = None
    # a stream, not the path: Pillow maps an uncompressed TIFF that it opened itself into memory with the sides of a
    # page lying on its side swapped, and the rows are scrambled (13.0)
    with path.open("rb") as stream, Image.open(stream, formats=_FORMATS.get(media_type, _SCANS)) as image:
        if index:
            image.seek(index)
        _check_pixels(*image.size, options)
        yield image


def _heic(path: Path, index: int, options: RasterOptions) -> Image.Image:
    """Decoded by libheif without Pillow's plugin, which would have to be registered for the whole process.

    The picture's own turns and mirrors are obeyed by libheif; the Exif orientation repeats them for old programs and
    says nothing more (ISO 23008-12, annex A), so pi_heif sets it to upright.
    """
    picture = pi_heif.open_heif(path)[index]
    width, height = picture.size
    _check_pixels(width, height, options)
    image: Image.Image = picture.to_pillow()
    return image


def _declared_dpi(image: Image.Image) -> tuple[float, float] | None:
    """The file's own (x, y) resolution, in the frame as stored; ``None`` when it has none."""
    declared = image.info.get("dpi")
    if not declared:
        return None
    with contextlib.suppress(TypeError, ValueError, ZeroDivisionError):
        x, y = (float(value) for value in declared)
        if math.isfinite(x) and math.isfinite(y) and x > 0 and y > 0:
            return x, y
    return None


def _gray_of_pillow(image: Image.Image) -> Gray:
    """Decodes ``image``: orientation tag obeyed, transparency on white paper, 16 bits to 8."""
    if image.mode in ("I;16", "I;16L", "I;16B", "I;16N", "I", "F"):
        deep = np.asarray(ImageOps.exif_transpose(image), dtype=np.float32)
        if image.mode.startswith("I;16") or deep.max(initial=0.0) > 255:
            deep = deep / 257.0
        return np.clip(np.rint(deep), 0, 255).astype(np.uint8)
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    upright = image
    if upright.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in upright.info:
        layer = upright.convert("RGBA")
        paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        upright = Image.alpha_composite(paper, layer)
    return np.asarray(upright if upright.mode == "L" else upright.convert("L"), dtype=np.uint8)


def _square_pixels(pixels: Gray, declared: tuple[float, float] | None) -> tuple[Gray, float | None]:
    """Fax pages have 204 × 98 or 204 × 196 dots to the inch: the coarser side is stretched to the finer one."""
    if declared is None:
        return pixels, None
    x, y = declared
    if abs(x - y) <= 0.02 * max(x, y) or max(x, y) > 4 * min(x, y):
        return pixels, max(x, y)
    height, width = pixels.shape
    finer = max(x, y)
    size = (round(width * finer / x), round(height * finer / y))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8), finer


# --- both --------------------------------------------------------------------------------------------------------


def _check_pixels(width: int, height: int, options: RasterOptions) -> None:
    if min(width, height) < _LEAST_PIXELS or max(width, height) > _LONGEST * min(width, height):
        raise UnreadableFileError(
            f"L'immagine ha {width}×{height} pixel: non può essere un foglio / "
            f"The picture has {width}×{height} pixels: it cannot be a sheet",
            hint="scansionare di nuovo quella pagina / scan that page again",
        )
    if width * height > options.max_pixels:
        raise ImageTooLargeError(
            f"La pagina ha {width}×{height} pixel, il limite è {options.max_pixels} / "
            f"The page has {width}×{height} pixels, the limit is {options.max_pixels}"
        )


def plausible_dpi(width: int, height: int, declared: float | None) -> tuple[int, bool]:
    """The resolution of a scan, and whether it had to be estimated.

    Phones and many programs write 72 or 96 into pictures of any size. A declared resolution is believed when the
    sheet it makes could lie on a scanner; else the long side is taken for that of an A4 sheet.
    """
    long_side = max(width, height)
    if declared is not None and _PLAUSIBLE_INCHES[0] <= long_side / declared <= _PLAUSIBLE_INCHES[1]:
        return round(declared), False
    return max(1, round(long_side / _A4_LONG_INCHES)), True


def _finished(pixels: Gray, declared: float | None, steps: tuple[str, ...], options: RasterOptions) -> PageImage:
    height, width = pixels.shape
    scan_dpi, estimated = plausible_dpi(width, height, declared)
    dpi = scan_dpi
    if estimated:
        steps = (*steps, f"dpi estimated {dpi}")
    if dpi > options.reduce_above_dpi:
        scale = options.dpi / dpi
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        steps = (*steps, f"{_REDUCED}{dpi} to {options.dpi} dpi")
        dpi = options.dpi
    return PageImage.of(pixels, dpi, steps, scan_dpi=scan_dpi, declared=not estimated)
