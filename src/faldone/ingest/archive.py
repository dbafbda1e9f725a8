"""Zip files: what they really are, and their members, read as if somebody meant harm.

Nothing that the archive declares is believed: members may not overlap (the bomb that lets a thousand entries share one
stretch of data), bytes are counted as they come out, and a member that does not match its checksum refuses the whole
archive, for part of a delivery must not pass for all of it. Only plain and deflated members are opened: the others can
be unpacked by ``zipfile`` in one unbounded piece only.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from faldone.domain.reasons import Reason
from faldone.errors import (
    EncryptedFileError,
    ExportNeededError,
    TooExpandedError,
    UnreadableFileError,
    UnsupportedFormatError,
)
from faldone.ingest.limits import Budget
from faldone.ingest.media import DOCX, ODT, ZIP
from faldone.ingest.parts import Tray, is_system_file, safe_name

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")

_BLOCK = 1024**2
_MAX_DIRECTORY_BYTES = 16 * 1024**2
"""Of the central directory, which ``zipfile`` reads in one piece: a hundred thousand members."""

_MAX_MANIFEST_BYTES = 1024**2
_MAX_HELD_BYTES = 128 * 1024**2
_FLAG_ENCRYPTED, _FLAG_UTF8 = 0x1, 0x800

_EXPORT_HINT = "esportarlo in PDF e consegnare il PDF / export it to PDF and deliver the PDF"

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)
"""What ``zipfile`` raises on damaged archives."""


def kind(path: Path) -> str:
    """Whether the zip at ``path`` is an archive or a text document: its media type.

    Raises:
        ExportNeededError: a spreadsheet or slides.
        UnsupportedFormatError: another kind of document that is a zip, or an unusual compression.
        EncryptedFileError: it wants a password.
        UnreadableFileError: it is damaged or cut short.
        TooExpandedError: it has far too many members.
    """
    with _opened(path) as archive:
        names = {info.filename for info in archive.infolist()}
        if "[Content_Types].xml" in names:
            return _office_open_xml(names)
        if "mimetype" in names:
            declared = _start(archive, "mimetype").decode("ascii", "replace").strip()
            return _open_document(archive, names, declared)
        return ZIP


def export_needed(italian: str, english: str) -> ExportNeededError:
    """The refusal of a document that has no pages until its author gives it some."""
    return ExportNeededError(
        f"È {italian}: faldone non lo apre / This is {english}: faldone does not open it", hint=_EXPORT_HINT
    )


def _office_open_xml(names: set[str]) -> str:
    folders = {name.partition("/")[0] for name in names}
    if "word" in folders:
        return DOCX
    if "xl" in folders:
        raise export_needed("un foglio di calcolo (xlsx)", "a spreadsheet (xlsx)")
    if "ppt" in folders:
        raise export_needed("una presentazione (pptx)", "a set of slides (pptx)")
    raise UnsupportedFormatError(
        "È un documento Office che non è un testo / This is an Office document that is not a text", hint=_EXPORT_HINT
    )


def _open_document(archive: zipfile.ZipFile, names: set[str], declared: str) -> str:
    if "spreadsheet" in declared:
        raise export_needed("un foglio di calcolo (ods)", "a spreadsheet (ods)")
    if "presentation" in declared:
        raise export_needed("una presentazione (odp)", "a set of slides (odp)")
    if declared not in (ODT, f"{ODT}-template", f"{ODT}-master"):
        raise UnsupportedFormatError(
            f"È un documento di tipo {safe_name(declared)} / This is a document of that type", hint=_EXPORT_HINT
        )
    if "META-INF/manifest.xml" in names and b":encryption-data" in _start(archive, "META-INF/manifest.xml"):
        raise _encrypted()
    return ODT


def _start(archive: zipfile.ZipFile, name: str) -> bytes:
    with _damage_told(), archive.open(name) as member:
        return member.read(_MAX_MANIFEST_BYTES)


def unpack(path: Path, tray: Tray) -> None:
    """Lays every member of the zip at ``path`` on the tray.

    Raises:
        TooExpandedError: too many members, or too many bytes.
        OpenTimeoutError: it takes too long.
        EncryptedFileError: it wants a password.
        UnsupportedFormatError: an unusual compression.
        UnreadableFileError: it is damaged, or its members overlap.
    """
    with _opened(path) as archive:
        for info in archive.infolist():
            name = _name(info)
            if name.endswith(("/", "\\")) and not info.file_size:
                continue
            if is_system_file(safe_name(name)) or stat.S_ISLNK(info.external_attr >> 16):
                tray.ignore(name, Reason.SYSTEM_FILE)
            else:
                tray.add(name, _blocks(archive, info))


def rewrite(path: Path, target: Path, budget: Budget, change: Callable[[str, bytes], bytes], suffix: str) -> None:
    """Copies a zip member by member, within ``budget``; those whose name ends in ``suffix`` go through ``change``.

    Raises:
        TooExpandedError: too many bytes, or too many in a member that goes through ``change``, which is held in memory.
        OpenTimeoutError: it takes too long.
        EncryptedFileError: it wants a password.
        UnsupportedFormatError: an unusual compression.
        UnreadableFileError: it is damaged, or its members overlap.
    """
    with _opened(path) as archive, zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for info in archive.infolist():
            with copy.open(zipfile.ZipInfo(info.filename), "w", force_zip64=True) as member:
                held = bytearray()
                for block in _blocks(archive, info):
                    budget.take(len(block))
                    if not info.filename.endswith(suffix):
                        member.write(block)
                        continue
                    held += block
                    if len(held) > _MAX_HELD_BYTES:
                        raise TooExpandedError("Un testo del documento è troppo grande / A text is too large")
                if held:
                    member.write(change(info.filename, bytes(held)))


def _blocks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with _damage_told(), archive.open(info) as member:
        while block := member.read(_BLOCK):
            yield block  # what its taker raises is not raised here


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with path.open("rb") as stream:
        members = _check_directory(stream)
        with _damage_told():
            archive = zipfile.ZipFile(stream)
        infos = archive.infolist()
        if len(infos) & 0xFFFF != members:  # zipfile is content with fewer
            raise _damaged()
        if any(info.flag_bits & _FLAG_ENCRYPTED for info in infos):
            raise _encrypted()
        if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
            raise UnsupportedFormatError(
                "Lo zip usa una compressione insolita / The zip uses an unusual compression",
                hint="rifare lo zip con la compressione normale / make the zip again with ordinary compression",
            )
        _check_overlaps(stream, infos, archive.start_dir)
        with archive:
            yield archive


@contextlib.contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise _damaged() from error


def _damaged() -> UnreadableFileError:
    return UnreadableFileError(
        "Lo zip è danneggiato o incompleto / The zip is damaged or cut short",
        hint="farselo mandare di nuovo / have it sent again",
    )


def _encrypted() -> EncryptedFileError:
    return EncryptedFileError(
        "Il file è protetto da password / The file is protected by a password",
        hint="chiedere una copia senza password / ask for a copy without a password",
    )


def _check_directory(stream: BinaryIO) -> int:
    """How many members there are, modulo 2¹⁶; asked before ``zipfile`` reads the directory (APPNOTE 4.3.14–16)."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - 65_557 - 20))
    tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        raise _damaged()
    members, length = struct.unpack_from("<HI", tail, end + 10)
    if end >= 20 and tail[end - 20 : end - 16] == b"PK\x06\x07":  # ZIP64
        stream.seek(min(size, struct.unpack_from("<Q", tail, end - 12)[0]))
        record = stream.read(56)
        if record[:4] != b"PK\x06\x06" or len(record) < 56:
            raise _damaged()
        many, length = struct.unpack_from("<QQ", record, 32)
        members = many & 0xFFFF
    stream.seek(0)
    if length > _MAX_DIRECTORY_BYTES:
        raise TooExpandedError("L'archivio ha troppi elementi / The archive has far too many members")
    return int(members)


def _check_overlaps(stream: BinaryIO, infos: list[zipfile.ZipInfo], directory: int) -> None:
    ordered = sorted(infos, key=lambda info: info.header_offset)
    limits = [info.header_offset for info in ordered[1:]] + [directory]
    for info, limit in zip(ordered, limits, strict=False):
        if info.header_offset < 0:  # offsets count from where the archive seems to begin
            raise _damaged()
        stream.seek(info.header_offset)
        header = stream.read(30)
        if len(header) < 30:
            raise _damaged()
        name, extra = struct.unpack_from("<HH", header, 26)
        if info.header_offset + 30 + name + extra + info.compress_size > limit:
            raise _damaged()


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name. Many programs write UTF-8 without saying so, and ``zipfile`` takes it for code page 437."""
    if not info.flag_bits & _FLAG_UTF8:
        with contextlib.suppress(UnicodeError):
            return info.orig_filename.encode("cp437").decode("utf-8")
    return info.orig_filename
