"""The searchable PDF/A-2b of a document: each page as it was scanned, and its words, not seen, over it.

Pictures go into the PDF as they are where PDF reads their coding (``pictures``), pages of a PDF as they are where
nothing on them is forbidden (``sound``); else a page is drawn, and the result says so. The words are laid over the
page in reading order (``layer``). The same inputs give the same bytes.

One page at a time is in memory: pictures and drawn pages go through an unnamed temporary file, pages of a PDF are
copied when the result is saved.
"""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c
from PIL import Image

from faldone.domain.page import PageText, TextSource
from faldone.errors import EncryptedFileError, UnreadableFileError
from faldone.pdfium import LOCK
from faldone.searchable import layer, metadata, pictures, profile, sound
from faldone.searchable.layer import Alphabet, Rectangle
from faldone.searchable.metadata import About
from faldone.searchable.pictures import Kept, Picture
from faldone.searchable.plain import SIDES_PT, PicturePdf

PDF: Final = "application/pdf"

_POINTS_PER_INCH: Final = 72.0
_A4_LONG_INCHES, _PLAUSIBLE_INCHES = 11.69, (4.0, 25.0)
"""As in ``faldone.ocr.source``: a declared resolution is believed when the sheet could lie on a scanner."""


@dataclass(frozen=True, slots=True)
class PageToWrite:
    """A page of the source and what was recognised on it.

    Attributes:
        index: 0-based in the source.
        text: its words; ``None`` when it was not recognised.
        rotation: how far to turn it clockwise to stand upright; that of ``text`` rules when there is one.
    """

    index: int
    text: PageText | None = None
    rotation: int = 0

    @property
    def turned(self) -> int:
        """How far the source's page is turned clockwise, in degrees from 0 to 270."""
        return (self.rotation if self.text is None else self.text.rotation) % 360


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Limits and means.

    Attributes:
        draw_dpi: resolution at which a page of a PDF is drawn that cannot be kept.
        max_pixels: pages with more pixels are refused before they are decoded.
        pdf_passwords: tried on PDFs that want one; never shown.
    """

    draw_dpi: int = 200
    max_pixels: int = 200_000_000
    pdf_passwords: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class WrittenPage:
    """What became of a page's looks, and why when it was drawn: a word for the record, empty else."""

    index: int
    kept: Kept
    why: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A PDF/A that was written: its pages in their order."""

    pages: tuple[WrittenPage, ...]


def write_pdf_a(
    source: Path,
    media_type: str,
    pages: Sequence[PageToWrite],
    target: BinaryIO,
    about: About,
    options: WriteOptions | None = None,
) -> Written:
    """Writes the searchable PDF/A-2b of some pages of one file.

    Args:
        source: the sealed file.
        media_type: as ``ingest.inspect`` found it.
        pages: in the order in which they are to stand.
        target: written to from its start, not closed. Worth nothing when this raises.
        about: what the PDF says about itself.
        options: limits and means.

    Raises:
        ValueError: no pages.
        UnreadableFileError: the file or one of the pages does not open.
        EncryptedFileError: a PDF that wants a password which is not among the options.
        ImageTooLargeError: a page has more pixels than the options allow.
        OSError: no room on the disk.
    """
    if not pages:
        raise ValueError("a PDF of no pages")
    options = options or WriteOptions()
    with ExitStack() as open_files:
        scratch = open_files.enter_context(tempfile.TemporaryFile(prefix="faldone-"))
        plain = PicturePdf(cast("BinaryIO", scratch))
        if media_type == PDF:
            laid = _pages_of_pdf(source, pages, plain, options, open_files)
        else:
            laid = [_page_of_picture(source, media_type, page, plain, options) for page in pages]
        plain.finish()
        scratch.seek(0)
        drawn = open_files.enter_context(pikepdf.open(scratch))
        made = open_files.enter_context(pikepdf.new())
        _assemble(made, laid, iter(drawn.pages), about)
        _save(made, target)
    return Written(tuple(item.written for item in laid))


@dataclass(frozen=True, slots=True)
class _Laid:
    """A page to be put into the result: somebody's own, or the next one of the pictures (``own`` is ``None``)."""

    page: PageToWrite
    written: WrittenPage
    shown: Rectangle
    turned: int
    own: pikepdf.Page | None = None
    unclosed: int = 0
    has_words: bool = True


# --- pictures ----------------------------------------------------------------------------------------------------


def _page_of_picture(
    source: Path, media_type: str, page: PageToWrite, plain: PicturePdf, options: WriteOptions
) -> _Laid:
    picture = pictures.picture(source, media_type, page.index, options.max_pixels)
    size = _size_pt(picture, page)
    plain.add(picture, size)
    return _Laid(page, WrittenPage(page.index, picture.kept), (0, 0, *size), page.turned)


def _size_pt(picture: Picture, page: PageToWrite) -> tuple[float, float]:
    """The sides of the sheet in points, before it is turned: those at which its words were read."""
    if page.text is not None:
        width, height = (side * _POINTS_PER_INCH / page.text.dpi for side in (page.text.width, page.text.height))
        if page.turned % 180:
            width, height = height, width
    else:
        width, height = _declared_size_pt(picture)
        if picture.orientation in (5, 6, 7, 8):
            width, height = height, width
    low, high = SIDES_PT
    factor = min(1.0, high / max(width, height))
    return max(low, width * factor), max(low, height * factor)


def _declared_size_pt(picture: Picture) -> tuple[float, float]:
    long_side = max(picture.width, picture.height)
    x, y = picture.dpi or (0.0, 0.0)
    finer = max(x, y)
    if not (finer and _PLAUSIBLE_INCHES[0] <= long_side / finer <= _PLAUSIBLE_INCHES[1]):
        x = y = max(1.0, long_side / _A4_LONG_INCHES)
    return picture.width * _POINTS_PER_INCH / x, picture.height * _POINTS_PER_INCH / y


# --- PDF ---------------------------------------------------------------------------------------------------------


def _pages_of_pdf(
    source: Path, pages: Sequence[PageToWrite], plain: PicturePdf, options: WriteOptions, open_files: ExitStack
) -> list[_Laid]:
    with _Drawer(source, options) as drawer:
        document = _opened(source, options.pdf_passwords)
        if document is not None:
            open_files.enter_context(document)
        bare = _without_appearance(document, pages) if document is not None else frozenset()
        if document is not None:
            with contextlib.suppress(pikepdf.PdfError, RuntimeError):  # then they are found on the page, which is drawn
                document.flatten_annotations("screen")
        laid = []
        for page in pages:
            try:
                if document is None or page.index >= len(document.pages):
                    raise sound.UnsoundError("broken")
                if page.index in bare:
                    raise sound.UnsoundError("annotations")
                laid.append(_kept_page(page, document))
            except sound.UnsoundError as error:
                picture, size = drawer.draw(page.index)
                plain.add(picture, size)
                laid.append(_Laid(page, WrittenPage(page.index, Kept.DRAWN, str(error)), (0, 0, *size), page.turned))
        return laid


def _kept_page(page: PageToWrite, document: pikepdf.Pdf) -> _Laid:
    own = document.pages[page.index]
    found = sound.made_sound(own, document)
    read_off = page.text is not None and page.text.source is TextSource.TEXT_LAYER
    return _Laid(
        page,
        WrittenPage(page.index, Kept.AS_IS),
        found.shown,
        (found.turned + page.turned) % 360,
        own,
        found.unclosed,
        # the page's own visible text is selectable as it is: its words a second time would be found twice
        has_words=not (read_off and found.has_text and not found.had_hidden_text),
    )


def _opened(source: Path, passwords: Sequence[str]) -> pikepdf.Pdf | None:
    """The PDF to copy pages from; ``None`` when only pdfium can make something of it."""
    for password in ("", *passwords):
        try:
            return pikepdf.open(source, password=password, suppress_warnings=True)
        except pikepdf.PasswordError:
            continue
        except pikepdf.PdfError:
            return None
    return None


def _without_appearance(document: pikepdf.Pdf, pages: Sequence[PageToWrite]) -> frozenset[int]:
    """Pages with annotations that a viewer has to draw of its own accord: what it draws is not in the file."""
    stale = bool(document.Root.get("/AcroForm", pikepdf.Dictionary()).get("/NeedAppearances", False))
    bare = set()
    for page in pages:
        if page.index < len(document.pages):
            notes: Any = document.pages[page.index].obj.get("/Annots", [])
            with contextlib.suppress(TypeError, AttributeError):  # no list of dictionaries: drawn later as broken
                if any(_is_bare(note, stale) for note in notes):
                    bare.add(page.index)
    return frozenset(bare)


def _is_bare(note: Any, stale: bool) -> bool:
    """Whether a viewer draws the annotation anew; ``stale``: the looks of fields are out of date."""
    kind = str(note.get("/Subtype"))
    if kind in ("/Link", "/Popup"):
        return False
    return "/N" not in note.get("/AP", pikepdf.Dictionary()) or (stale and kind == "/Widget")


class _Drawer:
    """pdfium, opened when the first page is to be drawn, and kept until the last."""

    def __init__(self, source: Path, options: WriteOptions) -> None:
        self._source, self._options = source, options
        self._document: Any = None

    def __enter__(self) -> _Drawer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._document is not None:
            with LOCK:
                self._document.close()

    def draw(self, index: int) -> tuple[Picture, tuple[float, float]]:
        """The page as a viewer shows it, and its sides in points."""
        with LOCK:
            if self._document is None:
                self._document = self._open()
            with self._page(index) as page:
                width, height = page.get_size()
                scale = self._options.draw_dpi / _POINTS_PER_INCH
                scale = min(scale, math.sqrt(self._options.max_pixels / max(1.0, width * height)))
                bitmap = page.render(scale=scale)
                try:
                    image = bitmap.to_pil().convert("RGB")
                finally:
                    bitmap.close()
        low, high = SIDES_PT
        size = (min(high, max(low, width)), min(high, max(low, height)))
        return pictures.drawn(_gray_if_it_is(image), scale * _POINTS_PER_INCH), size

    @contextmanager
    def _page(self, index: int) -> Iterator[Any]:
        try:
            page = self._document[index]
        except (pypdfium2.PdfiumError, IndexError) as error:
            raise UnreadableFileError(
                f"La pagina {index + 1} del PDF non si apre / Page {index + 1} of the PDF does not open"
            ) from error
        try:
            yield page
        finally:
            page.close()

    def _open(self) -> Any:
        wanted: pypdfium2.PdfiumError | None = None
        for password in (None, *self._options.pdf_passwords):
            try:
                document = pypdfium2.PdfDocument(self._source, password=password)
            except pypdfium2.PdfiumError as error:
                if error.err_code not in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
                    raise UnreadableFileError("Il PDF non si apre / The PDF does not open") from error
                wanted = error
            else:
                if document.get_formtype() == pdfium_c.FORMTYPE_ACRO_FORM:
                    document.init_forms()
                return document
        raise EncryptedFileError("Il PDF è protetto da password / The PDF wants a password") from wanted


def _gray_if_it_is(image: Image.Image) -> Image.Image:
    pixels = np.asarray(image)
    red = pixels[:, :, 0]
    if np.array_equal(red, pixels[:, :, 1]) and np.array_equal(red, pixels[:, :, 2]):
        return Image.fromarray(np.ascontiguousarray(red))
    return image


# --- the result --------------------------------------------------------------------------------------------------


def _assemble(made: pikepdf.Pdf, laid: Sequence[_Laid], drawn: Iterator[pikepdf.Page], about: About) -> None:
    alphabet = Alphabet()
    font = made.make_indirect(pikepdf.Dictionary())
    for item in laid:
        made.pages.append(item.own if item.own is not None else next(drawn))
        page = made.pages[-1]
        page.obj.Rotate = item.turned
        words = b""
        if item.page.text is not None and item.has_words:
            words = layer.content(item.page.text, item.shown, item.turned, alphabet)
        _write_over(made, page, item, words)
        if words:
            fonts = page.obj.Resources.get("/Font", pikepdf.Dictionary())
            fonts[f"/{layer.FONT_KEY}"] = font
            page.obj.Resources.Font = fonts
    _fill_font(made, font, alphabet)
    colors = made.make_stream(profile.srgb(), N=3)
    made.Root.OutputIntents = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.OutputIntent,
                S=pikepdf.Name.GTS_PDFA1,
                OutputConditionIdentifier="sRGB IEC61966-2-1",
                Info="sRGB IEC61966-2-1",
                DestOutputProfile=colors,
            )
        ]
    )
    made.Root.Metadata = made.make_stream(metadata.xmp(about), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
    made.Root.Lang = about.language
    if about.title:
        made.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)


def _write_over(made: pikepdf.Pdf, page: pikepdf.Page, item: _Laid, words: bytes) -> None:
    if item.own is None:  # ours, and balanced: one stream is the smallest
        page.obj.Contents = made.make_stream(page.obj.Contents.read_bytes() + words)
        return
    after = b"Q\n" * (item.unclosed + 1) + words
    page.obj.Contents = pikepdf.Array([made.make_stream(b"q\n"), page.obj.Contents, made.make_stream(b"\n" + after)])


def _fill_font(made: pikepdf.Pdf, font: Any, alphabet: Alphabet) -> None:
    program = layer.font_program()
    name = pikepdf.Name(f"/{layer.FONT_NAME}")
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=name,
        Flags=4,
        FontBBox=[0, 0, layer.ADVANCE, layer.EM],
        ItalicAngle=0,
        Ascent=layer.EM,
        Descent=0,
        CapHeight=layer.EM,
        StemV=80,
        FontFile2=made.make_stream(program, Length1=len(program)),
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        FontDescriptor=made.make_indirect(descriptor),
        DW=layer.ADVANCE,
        CIDToGIDMap=made.make_stream(alphabet.glyphs()),
    )
    values = {
        "/Type": pikepdf.Name.Font,
        "/Subtype": pikepdf.Name.Type0,
        "/BaseFont": name,
        "/Encoding": pikepdf.Name("/Identity-H"),
        "/DescendantFonts": pikepdf.Array([made.make_indirect(descendant)]),
        "/ToUnicode": made.make_stream(alphabet.to_unicode()),
    }
    for key, value in values.items():
        font[key] = value


def _save(made: pikepdf.Pdf, target: BinaryIO) -> None:
    made.save(
        target,
        deterministic_id=True,
        fix_metadata_version=False,
        min_version="1.7",
        compress_streams=True,
        # what PDF/A forbids (LZW) is decoded and deflated; what is deflated already stays as it is
        stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        recompress_flate=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
