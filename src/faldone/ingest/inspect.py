"""What a file really is, decided from its bytes before anything is copied or decoded.

The extension is never believed. The checks read headers and directory chains only, so a decompression bomb or a
file of a million pages is refused at the price of a look. What they look for, format by format:

- **PDF**: the header, and an end. A PDF that was cut short has lost its trailer; pdfium would rebuild a part of it
  and the pages behind the cut would be gone without a word, so it is refused. A PDF with an end but a wrong cross
  reference table (a common fault of old scanner firmware) is repaired by pdfium and then every page is loaded once.
- **TIFF**: the chain of directories is walked. A page whose data lie behind the end of the file is still counted,
  and so is one that the chain points to without it being there: each of them fails later, on its own, by name.
- **JPEG**: the segments are walked to the end-of-image marker. **PNG**: the chunks and their checksums.
"""

from __future__ import annotations

import mmap
import os
import re
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from faldone.pdfium import LOCK

PDF, TIFF, JPEG, PNG = "application/pdf", "image/tiff", "image/jpeg", "image/png"

_RENDER_DPI = 300
"""The resolution at which a PDF page without an image of its own will be drawn (see ``ocr.source``)."""

_POINTS_PER_INCH = 72

_RESCAN_HINT = "rifare la scansione o la copia del file / scan the sheets or copy the file again"


@dataclass(frozen=True, slots=True)
class Limits:
    """What faldone agrees to open: bytes and pages of a file, pixels of any one page."""

    max_bytes: int = 4 * 1024**3
    max_pages: int = 20_000
    max_pixels: int = 200_000_000


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file is: ``media_type`` by its bytes, number of ``pages`` (images), ``size`` in bytes."""

    media_type: str
    pages: int
    size: int


def inspect(path: Path, limits: Limits | None = None) -> Inspection:
    """Says what the file at ``path`` is, or refuses it by name.

    Raises:
        EmptyFileError: zero bytes.
        UnsupportedFormatError: neither PDF, TIFF, JPEG nor PNG, whatever the name says.
        EncryptedFileError: a PDF that wants a password.
        UnreadableFileError: damaged or cut short.
        ImageTooLargeError: more bytes, pages or pixels than ``limits``.
        UnsafePathError: not an ordinary file.
        OSError: the file cannot be read at all (gone, no permission).
    """
    limits = limits or Limits()
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):  # asked before opening: opening a FIFO would wait for ever
        raise UnsafePathError("Non è un file ordinario (collegamento o dispositivo) / Not an ordinary file")
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size == 0:
            raise EmptyFileError("Il file è vuoto (zero byte) / The file is empty (zero bytes)", hint=_RESCAN_HINT)
        if size > limits.max_bytes:
            raise ImageTooLargeError(
                f"Il file ha {size} byte, il limite è {limits.max_bytes} / The file has {size} bytes, "
                f"the limit is {limits.max_bytes}"
            )
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            media_type = _sniff(data)
            if media_type == PDF:
                repaired = _check_pdf_end(data)
            elif media_type == TIFF:
                return Inspection(TIFF, _count_tiff(data, limits), size)
            else:
                _check_pixels((_jpeg_size if media_type == JPEG else _png_size)(data), limits)
                return Inspection(media_type, 1, size)
    return Inspection(PDF, _count_pdf(path, limits, load_each=repaired), size)


# --- which format ----------------------------------------------------------------------------------------------

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),  # BigTIFF
    (b"MM\0+", TIFF),
)

_STRANGERS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "archivio zip o documento Office (docx, xlsx, odt) / zip archive or Office document"),
    (b"PK\x05\x06", "archivio zip vuoto / empty zip archive"),
    (b"\xd0\xcf\x11\xe0", "documento Office 97–2003 (doc, xls, msg) / Office 97–2003 document"),
    (b"{\\rtf", "documento RTF / RTF document"),
    (b"GIF8", "immagine GIF / GIF image"),
    (b"BM", "immagine BMP / BMP image"),
    (b"\0\0\0\x0cjP  ", "immagine JPEG 2000 / JPEG 2000 image"),
    (b"7z\xbc\xaf", "archivio 7z / 7z archive"),
    (b"Rar!", "archivio RAR / RAR archive"),
    (b"\x1f\x8b", "archivio gzip / gzip archive"),
    (b"%!PS", "PostScript"),
    (b"MZ", "programma Windows / Windows program"),
)

_OID_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
"""1.2.840.113549.1.7.2: a CAdES envelope, the ``.p7m`` of Italian offices."""


def _sniff(data: mmap.mmap) -> str:
    """The media type by the first bytes; a ``%PDF-`` may stand anywhere in the first KiB (ISO 32000-1, annex H)."""
    head = data[:1024]
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    kind = "formato sconosciuto / unknown format"
    hint = "convertirlo in PDF o TIFF, o scansionarlo / convert it to PDF or TIFF, or scan it"
    for signature, name in _STRANGERS:
        if head.startswith(signature):
            kind = name
            break
    else:
        if head[:1] == b"\x30" and _OID_SIGNED_DATA in head[:64]:
            kind = "busta firmata p7m / signed p7m envelope"
            hint = "estrarre il PDF dalla busta / take the PDF out of the envelope"
        elif head[4:8] == b"ftyp":
            kind = "immagine HEIC o filmato / HEIC image or film"
        elif b"%PDF-" in head:
            return PDF
    raise UnsupportedFormatError(
        f"Il file non è PDF, TIFF, JPEG o PNG: {kind} / The file is not PDF, TIFF, JPEG or PNG", hint=hint
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


def _count_pdf(path: Path, limits: Limits, *, load_each: bool) -> int:
    damaged = _unreadable("Il PDF è danneggiato e non si apre", "The PDF is damaged and does not open")
    with LOCK:
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            if error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
                raise EncryptedFileError(
                    "Il PDF è protetto da password / The PDF is protected by a password",
                    hint="chiedere una copia senza password / ask for a copy without a password",
                ) from error
            raise damaged from error
        try:
            pages = len(document)
            _check_pages(pages, limits)
            readable = 0
            for index in range(pages):
                readable += _page_opens(document, index, limits, load=load_each)
            if readable == 0 or (load_each and readable < pages):
                raise damaged
            return pages
        finally:
            document.close()


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


def _count_tiff(data: mmap.mmap, limits: Limits) -> int:
    pages = whole = 0
    for directory in _tiff_directories(data):
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
    return pages


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


# --- JPEG and PNG ------------------------------------------------------------------------------------------------

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
