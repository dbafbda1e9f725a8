"""What a file really is, decided from its bytes before anything is copied or decoded.

The extension is never believed. The checks read headers and directory chains only, so a decompression bomb or a
file of a million pages is refused at the price of a look. What they look for, format by format:

- **PDF**: the header, and an end. A PDF that was cut short has lost its trailer; pdfium would rebuild a part of it
  and the pages behind the cut would be gone without a word, so it is refused. A PDF with an end but a wrong cross
  reference table (a common fault of old scanner firmware) is repaired by pdfium and then every page is loaded once.
- **TIFF**: the chain of directories is walked. A page whose data lie behind the end of the file is still counted,
  and so is one that the chain points to without it being there: each of them fails later, on its own, by name.
- **JPEG**: the segments are walked to the end-of-image marker. **PNG**: the chunks and their checksums.
- **WEBP**, **HEIC**, **AVIF**: the chunks or boxes, each of which must end within the file.

A container (zip, signed envelope, mail message, text document) has no pages of its own: ``unpack`` takes it apart, and
its parts become files in their turn. Here it is only named, and looked over for an end and for a password.
"""

from __future__ import annotations

import mmap
import os
import re
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pi_heif
import pypdfium2
import pypdfium2.raw as pdfium_c

from faldone.errors import (
    EmptyFileError,
    EncryptedFileError,
    ImageTooLargeError,
    UnreadableFileError,
    UnsafePathError,
    UnsupportedFormatError,
)
from faldone.ingest import archive, compound, mail, photo, signature
from faldone.ingest.limits import Deadline
from faldone.ingest.limits import Limits as Limits
from faldone.ingest.media import AVIF, DOC, EML, HEIC, JPEG, P7M, PDF, PNG, RTF, TIFF, WEBP, is_container
from faldone.pdfium import LOCK, close, forget_error

_RENDER_DPI = 300
"""The resolution at which a PDF page without an image of its own will be drawn (see ``ocr.source``)."""

_POINTS_PER_INCH = 72

_RESCAN_HINT = "rifare la scansione o la copia del file / scan the sheets or copy the file again"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file is: ``media_type`` by its bytes, number of ``pages`` (images), ``size`` in bytes.

    Not ``complete`` when some pages, not all, lie behind the end of the file: it was cut short, or still grows.
    """

    media_type: str
    pages: int
    size: int
    complete: bool = True

    @property
    def is_container(self) -> bool:
        """Whether it has no pages of its own (``pages`` is 0) but parts: see ``faldone.ingest.unpack``."""
        return is_container(self.media_type)


def inspect(path: Path, limits: Limits | None = None) -> Inspection:
    """Says what the file at ``path`` is, or refuses it by name.

    Raises:
        EmptyFileError: zero bytes.
        UnsupportedFormatError: nothing that faldone opens, whatever the name says; an ``ExportNeededError`` when it is
            a spreadsheet or slides.
        EncryptedFileError: it wants a password that is not among ``limits.pdf_passwords``, or another's key.
        DetachedSignatureError: a signature without its document.
        UnreadableFileError: damaged or cut short.
        ImageTooLargeError: more bytes, pages or pixels than ``limits``.
        TooExpandedError: an archive with far too many members.
        OpenTimeoutError: it took too long.
        UnsafePathError: not an ordinary file.
        OSError: the file cannot be read at all (gone, no permission).
    """
    limits = limits or Limits()
    deadline = Deadline(limits.open_timeout_s)
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):  # asked before opening: opening a FIFO would wait for ever
        raise UnsafePathError("Non è un file ordinario (collegamento o dispositivo) / Not an ordinary file")
    with path.open("rb", buffering=0) as stream:
        size, complete = os.fstat(stream.fileno()).st_size, True
        if size == 0:
            raise EmptyFileError("Il file è vuoto (zero byte) / The file is empty (zero bytes)", hint=_RESCAN_HINT)
        if size > limits.max_bytes:
            raise ImageTooLargeError(
                f"Il file ha {size} byte, il limite è {limits.max_bytes} / The file has {size} bytes, "
                f"the limit is {limits.max_bytes}"
            )
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            media_type = _sniff(data, path)
            if media_type == PDF:
                repaired = _check_pdf_end(data)
                pages = _count_pdf(path, limits, deadline, load_each=repaired)
            elif media_type == TIFF:
                pages, complete = _count_tiff(data, limits, deadline)
            elif media_type == HEIC:
                pages = _count_heic(data, path, limits)
            elif is_container(media_type):
                _check_end(data, path, media_type)
                pages = 0
            else:
                _check_pixels(_SIZES[media_type](data), limits)
                pages = 1
    return Inspection(media_type, pages, size, complete)


# --- which format ----------------------------------------------------------------------------------------------

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),  # BigTIFF
    (b"MM\0+", TIFF),
    (b"{\\rtf", RTF),
)

_STRANGERS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "immagine GIF / GIF image"),
    (b"BM", "immagine BMP / BMP image"),
    (b"\0\0\0\x0cjP  ", "immagine JPEG 2000 / JPEG 2000 image"),
    (b"7z\xbc\xaf", "archivio 7z / 7z archive"),
    (b"Rar!", "archivio RAR / RAR archive"),
    (b"\x1f\x8b", "archivio gzip / gzip archive"),
    (b"PK\x07\x08", "archivio zip in più volumi / zip archive in several volumes"),
    (b"\x78\x9f\x3e\x22", "allegato winmail.dat di Outlook / Outlook's winmail.dat"),
    (b"%!PS", "PostScript"),
    (b"MZ", "programma Windows / Windows program"),
)

_HEAD_BYTES = 256 * 1024
"""Looked at for the headers of a mail message, which grow with each server that it passes."""


def _sniff(data: mmap.mmap, path: Path) -> str:
    """The media type by the first bytes; a ``%PDF-`` may stand anywhere in the first KiB (ISO 32000-1, annex H)."""
    head = data[:1024]
    for mark, media_type in _SIGNATURES:
        if head.startswith(mark):
            return media_type
    if head.startswith(archive.SIGNATURES):
        return archive.kind(path)
    if head.startswith(compound.SIGNATURE):
        return _compound_kind(data)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP" and not photo.is_animated_webp(head):
        return WEBP
    brands = photo.brands(head)
    if photo.is_heic(brands):
        return HEIC
    if photo.is_avif(brands):
        return AVIF
    if signature.is_envelope(head):
        return P7M
    kind = "formato sconosciuto / unknown format"
    for mark, name in _STRANGERS:
        if head.startswith(mark):
            kind = name
            break
    else:
        if mail.is_message(data[:_HEAD_BYTES]):
            return EML
        if brands or head.startswith(b"RIFF"):
            kind = "filmato o immagine animata / film or animated image"
        elif b"%PDF-" in head:
            return PDF
    raise UnsupportedFormatError(
        f"Il file non è di un formato che faldone apre: {kind} / faldone does not open this format",
        hint="convertirlo in PDF o TIFF, o scansionarlo / convert it to PDF or TIFF, or scan it",
    )


def _compound_kind(data: mmap.mmap) -> str:
    """Word 97–2003 is opened; what else has this shell is refused by its name."""
    streams = compound.root_streams(data)
    if streams is None:
        raise _unreadable("Il documento Office è danneggiato o incompleto", "The Office document is damaged or cut")
    if "EncryptedPackage" in streams:
        raise _password_wanted("Il documento è protetto da password", "The document is protected by a password")
    if "WordDocument" in streams:
        if compound.is_encrypted_word(data, streams["WordDocument"]):
            raise _password_wanted("Il documento è protetto da password", "The document is protected by a password")
        return DOC
    if not streams.keys().isdisjoint({"Workbook", "Book"}):
        raise archive.export_needed("un foglio di calcolo (xls)", "a spreadsheet (xls)")
    if "PowerPoint Document" in streams:
        raise archive.export_needed("una presentazione (ppt)", "a set of slides (ppt)")
    if "__properties_version1.0" in streams:
        raise UnsupportedFormatError(
            "È un messaggio di Outlook (msg) / This is an Outlook message (msg)",
            hint="salvarlo in formato eml o stamparlo in PDF / save it as eml or print it to PDF",
        )
    raise UnsupportedFormatError("È un documento Office che faldone non apre / faldone does not open this Office file")


def _check_end(data: mmap.mmap, path: Path, media_type: str) -> None:
    """Refuses a container that was cut short, or is locked; zip and Word were looked over when they were named."""
    if media_type == P7M:
        signature.check(path)
    elif media_type == EML:
        mail.check(path)
    elif media_type == RTF and not data[max(0, len(data) - 4096) :].rstrip(b"\0 \t\r\n").endswith(b"}"):
        raise _unreadable("L'RTF è incompleto: manca la fine del file", "The RTF is cut short: its end is gone")


def _password_wanted(italian: str, english: str) -> EncryptedFileError:
    return EncryptedFileError(
        f"{italian} / {english}", hint="chiedere una copia senza password / ask for a copy without a password"
    )


def _check_pixels(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width * height > limits.max_pixels:
        raise ImageTooLargeError(
            f"Una pagina ha {width}×{height} pixel, il limite è {limits.max_pixels} / "
            f"A page has {width}×{height} pixels, the limit is {limits.max_pixels}"
        )


def _check_pages(pages: int, limits: Limits) -> None:
    if pages > limits.max_pages:
        raise ImageTooLargeError(
            f"Il file ha {pages} pagine o più, il limite è {limits.max_pages} / "
            f"The file has {pages} pages or more, the limit is {limits.max_pages}"
        )


def _unreadable(italian: str, english: str) -> UnreadableFileError:
    return UnreadableFileError(f"{italian} / {english}", hint=_RESCAN_HINT)


# --- PDF ---------------------------------------------------------------------------------------------------------

_LINEARIZED_LENGTH = re.compile(rb"/Linearized\b[^>]*?/L\s+(\d+)", re.DOTALL)
_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")
_STARTXREF = re.compile(rb"startxref\s+(\d+)\s*\Z")


def _check_pdf_end(data: mmap.mmap) -> bool:
    """Refuses a PDF that was cut short; says whether its cross reference must be repaired.

    The end counts only when no object follows it: a file cut in the middle of an incremental update, or of a
    linearized file, still holds the ``%%EOF`` of an earlier part.
    """
    cut = _unreadable(
        "Il PDF è incompleto: manca la fine del file", "The PDF is cut short: the end of the file is gone"
    )
    end = data.rfind(b"%%EOF")
    if end < 0 or _OBJECT.search(data, end):
        raise cut
    linearized = _LINEARIZED_LENGTH.search(data, 0, min(len(data), 2048))
    if linearized and int(linearized[1]) > len(data):
        raise cut
    pointer = _STARTXREF.search(data[max(0, end - 64) : end])
    if pointer is None:
        raise cut
    # offsets count from the header, which may stand behind a few foreign bytes
    offset = max(0, data.find(b"%PDF-", 0, 1024)) + int(pointer[1])
    target = data[offset : offset + 32].lstrip()
    return not (target.startswith(b"xref") or _OBJECT.match(target))


def _opened(path: Path, passwords: Sequence[str]) -> Any:
    """The document, opened with the first password that opens it; the caller holds the lock."""
    wanted: pypdfium2.PdfiumError | None = None
    for password in (None, *passwords):
        forget_error()
        try:
            return pypdfium2.PdfDocument(path, password=password)
        except pypdfium2.PdfiumError as error:
            if error.err_code not in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
                raise _unreadable(
                    "Il PDF è danneggiato e non si apre", "The PDF is damaged and does not open"
                ) from error
            wanted = error
    raise _password_wanted("Il PDF è protetto da password", "The PDF is protected by a password") from wanted


def _count_pdf(path: Path, limits: Limits, deadline: Deadline, *, load_each: bool) -> int:
    damaged = _unreadable("Il PDF è danneggiato e non si apre", "The PDF is damaged and does not open")
    with LOCK:
        document = _opened(path, limits.pdf_passwords)
        try:
            pages = len(document)
            _check_pages(pages, limits)
            readable = 0
            for index in range(pages):
                deadline.check()
                readable += _page_opens(document, index, limits, load=load_each)
            if readable == 0 or (load_each and readable < pages):
                raise damaged
            return pages
        finally:
            close(document)


def _page_opens(document: Any, index: int, limits: Limits, *, load: bool) -> bool:
    """Whether the page is there; loading parses its content and is paid for in repaired files only."""
    try:
        width, height = document.get_page_size(index)
        if load:
            document[index].close()
    except pypdfium2.PdfiumError:
        return False
    scale = _RENDER_DPI / _POINTS_PER_INCH
    _check_pixels((round(width * scale), round(height * scale)), limits)
    return True


# --- TIFF --------------------------------------------------------------------------------------------------------

_TAG_WIDTH, _TAG_HEIGHT = 256, 257
_TAGS_OFFSETS, _TAGS_COUNTS = (273, 324), (279, 325)
_TIFF_TYPES = {1: "B", 3: "H", 4: "I", 16: "Q"}


@dataclass(frozen=True, slots=True)
class _Directory:
    width: int
    height: int
    data_end: int
    """First byte behind the page's compressed data."""


def _count_tiff(data: mmap.mmap, limits: Limits, deadline: Deadline) -> tuple[int, bool]:
    """How many pages there are, and whether all of them are whole."""
    pages = whole = 0
    for directory in _tiff_directories(data):
        deadline.check()
        pages += 1
        _check_pages(pages, limits)
        if directory is None:
            continue
        _check_pixels((directory.width, directory.height), limits)
        whole += directory.width > 0 and directory.height > 0 and directory.data_end <= len(data)
    if whole == 0:
        raise _unreadable(
            "Il TIFF è danneggiato o incompleto: nessuna pagina è intera",
            "The TIFF is damaged or cut short: no page is whole",
        )
    return pages, whole == pages


def _tiff_directories(data: mmap.mmap) -> Iterator[_Directory | None]:
    """Walks the directory chain (TIFF 6.0, section 2; BigTIFF). ``None`` is a page that is pointed to but not there."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    count_format, entry_format, pointer_format = (
        (f"{order}Q", f"{order}HHQ8s", f"{order}Q") if big else (f"{order}H", f"{order}HHI4s", f"{order}I")
    )
    entry_size, pointer_size = struct.calcsize(entry_format), struct.calcsize(pointer_format)
    try:
        (offset,) = struct.unpack_from(pointer_format, data, 8 if big else 4)
    except struct.error:
        return
    seen: set[int] = set()
    while offset:
        if offset in seen:  # a chain that bites its own tail: what should have followed is lost
            yield None
            return
        seen.add(offset)
        try:
            (entries,) = struct.unpack_from(count_format, data, offset)
            start = offset + struct.calcsize(count_format)
            tags: dict[int, tuple[int, int, bytes]] = {}
            for position in range(start, start + entries * entry_size, entry_size):
                tag, kind, count, value = struct.unpack_from(entry_format, data, position)
                tags[tag] = (kind, count, value)
            (offset,) = struct.unpack_from(pointer_format, data, start + entries * entry_size)
        except struct.error:
            yield None
            return
        yield _read_directory(data, tags, order, pointer_size)


def _read_directory(
    data: mmap.mmap, tags: dict[int, tuple[int, int, bytes]], order: str, pointer_size: int
) -> _Directory | None:
    def values(tag: int) -> tuple[int, ...]:
        kind, count, value = tags.get(tag, (0, 0, b""))
        if kind not in _TIFF_TYPES or not count:
            return ()
        form = f"{order}{count}{_TIFF_TYPES[kind]}"
        size = struct.calcsize(form)
        if size <= pointer_size:
            return struct.unpack_from(form, value)
        (where,) = struct.unpack(f"{order}{'Q' if pointer_size == 8 else 'I'}", value)
        return struct.unpack_from(form, data, where)

    try:
        width, height = values(_TAG_WIDTH), values(_TAG_HEIGHT)
        offsets = next((found for tag in _TAGS_OFFSETS if (found := values(tag))), ())
        counts = next((found for tag in _TAGS_COUNTS if (found := values(tag))), ())
    except struct.error:
        return None
    if not (width and height and offsets):
        return None
    # a writer may leave the byte counts out for a single uncompressed strip
    ends = map(sum, zip(offsets, counts, strict=False)) if counts else iter(offsets)
    return _Directory(width[0], height[0], max(ends))


# --- pictures ----------------------------------------------------------------------------------------------------

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_NEXT_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
"""Inside coded data ``FF 00`` is a stuffed byte and ``FF D0``–``FF D7`` a restart (ITU-T T.81, B.1.1)."""


def _jpeg_size(data: mmap.mmap) -> tuple[int, int]:
    """Width and height; the walk must reach the end-of-image marker, or the lower part of the page would be grey."""
    cut = _unreadable("L'immagine JPEG è incompleta o danneggiata", "The JPEG image is cut short or damaged")
    size: tuple[int, int] | None = None
    position = 2
    while marker := _JPEG_NEXT_MARKER.search(data, position):
        code, position = marker[1][0], marker.end()
        if code == 0xD9:
            if size is None or 0 in size:
                raise cut
            return size
        if code in (0x01, 0xD8):
            continue
        if position + 2 > len(data):
            break
        (length,) = struct.unpack_from(">H", data, position)
        if code in _JPEG_FRAMES and position + 7 <= len(data):
            height, width = struct.unpack_from(">HH", data, position + 3)
            size = (width, height)
        position += length
    raise cut


def _png_size(data: mmap.mmap) -> tuple[int, int]:
    """Width and height; every chunk must be whole and match its checksum, down to IEND."""
    cut = _unreadable("L'immagine PNG è incompleta o danneggiata", "The PNG image is cut short or damaged")
    size: tuple[int, int] | None = None
    position = 8
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        if end + 4 > len(data):
            break
        (checksum,) = struct.unpack_from(">I", data, end)
        if zlib.crc32(data[position + 4 : end]) != checksum:
            break
        if kind == b"IHDR" and length >= 8:
            width, height = struct.unpack_from(">II", data, position + 8)
            size = (width, height)
        if kind == b"IEND":
            if size is None or 0 in size:
                raise cut
            return size
        position = end + 4
    raise cut


def _webp_size(data: mmap.mmap) -> tuple[int, int]:
    size = photo.webp_size(data)
    if size is None:
        raise _unreadable("L'immagine WEBP è incompleta o danneggiata", "The WEBP image is cut short or damaged")
    return size


def _boxes_size(data: mmap.mmap) -> tuple[int, int]:
    size = photo.boxes_size(data)
    if size is None:
        raise _unreadable("L'immagine è incompleta o danneggiata", "The image is cut short or damaged")
    return size


_SIZES = {JPEG: _jpeg_size, PNG: _png_size, WEBP: _webp_size, AVIF: _boxes_size}


def _count_heic(data: mmap.mmap, path: Path, limits: Limits) -> int:
    """A HEIC may hold several pictures; their sizes are asked for without decoding them."""
    _check_pixels(_boxes_size(data), limits)
    try:
        pictures = list(pi_heif.open_heif(path))
    except (ValueError, EOFError, SyntaxError, RuntimeError) as error:
        raise _unreadable(
            "L'immagine HEIC è incompleta o danneggiata", "The HEIC image is cut short or damaged"
        ) from error
    for picture in pictures:
        _check_pixels(picture.size, limits)
    _check_pages(len(pictures), limits)
    return len(pictures)
