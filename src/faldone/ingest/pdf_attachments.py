"""Files that are attached to a PDF: to the whole of it (as in portfolios), or pinned to a page like a note.

A reader shows them in a panel that nobody prints: whoever looks at the pages alone loses them. (ISO 32000-1: 7.11.4,
embedded file streams; 12.5.6.15, file attachment annotations.)
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from faldone.domain.reasons import Reason
from faldone.errors import EncryptedFileError, UnreadableFileError
from faldone.ingest.parts import Tray, is_system_file, safe_name

if TYPE_CHECKING:
    import pikepdf

_TOLD: Final = (b"/EmbeddedFile", b"/FileAttachment")
_HIDDEN: Final = b"/ObjStm"
"""Marks a stream of packed objects: what they say cannot be seen without unpacking them."""

_BLOCK: Final = 1024**2


def may_have(path: Path) -> bool:
    """Whether the PDF at ``path`` could have files attached, at the price of a look: scans never say so."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(mark) >= 0 for mark in (*_TOLD, _HIDDEN))


def unpack(path: Path, tray: Tray) -> None:
    """Lays what is attached to the PDF at ``path`` on the tray, each file once.

    Raises:
        UnreadableFileError: something is attached, and it is damaged.
        EncryptedFileError: the PDF wants a password that is not known.
        TooExpandedError: too many files, or too many bytes.
        OpenTimeoutError: it takes too long.
    """
    import pikepdf  # for the few PDFs that need it: every command imports this module

    try:
        with _opened(path, ("", *tray.budget.limits.pdf_passwords)) as document:
            for name, content in _attached(document, tray):
                if is_system_file(safe_name(name)):
                    tray.ignore(name, Reason.SYSTEM_FILE)
                else:
                    tray.add(name, _blocks(content))
    except (pikepdf.PdfError, zlib.error, UnicodeDecodeError) as error:
        # What pdfium mends and qpdf does not is read as before, unless it says that there is more than its pages.
        data = path.read_bytes()
        if any(mark in data for mark in _TOLD):
            raise UnreadableFileError(
                "Gli allegati del PDF sono danneggiati / The files attached to the PDF are damaged",
                hint="chiedere di nuovo il file a chi lo ha mandato / ask whoever sent it for the file again",
            ) from error


def _opened(path: Path, passwords: Sequence[str]) -> pikepdf.Pdf:
    import pikepdf

    for password in passwords:
        try:
            return pikepdf.open(path, password=password)
        except pikepdf.PasswordError:
            continue
    raise EncryptedFileError("Il PDF è protetto da password / The PDF is protected by a password")


def _attached(document: pikepdf.Pdf, tray: Tray) -> Iterator[tuple[str, Any]]:
    """The names and streams of all that is attached."""
    import pikepdf

    seen: set[tuple[int, int]] = set()
    names = _dictionary(_dictionary(document.Root.get("/Names")).get("/EmbeddedFiles"))
    listed = [(str(name), told) for name, told in pikepdf.NameTree(names).items()] if len(names) else []
    for name, told in (*listed, *_pinned(document, tray)):
        content = _content(told)
        if content is None or content.objgen in seen:
            continue
        seen.add(content.objgen)
        yield next((str(told[key]) for key in ("/UF", "/F") if key in told), name), content


def _pinned(document: pikepdf.Pdf, tray: Tray) -> Iterator[tuple[str, Any]]:
    import pikepdf

    for page in document.pages:
        tray.budget.deadline.check()
        notes = page.obj.get("/Annots")
        for note in map(_dictionary, notes if isinstance(notes, pikepdf.Array) else ()):
            if note.get("/Subtype") == "/FileAttachment":
                yield "allegato", note.get("/FS")


def _content(told: Any) -> Any:
    """The stream that a file specification points to; None where it names a file elsewhere."""
    import pikepdf

    held = _dictionary(_dictionary(told).get("/EF"))
    found = (held[key] for key in ("/UF", "/F", "/Unix", "/DOS", "/Mac") if key in held)
    return next((one for one in found if isinstance(one, pikepdf.Stream)), None)


def _dictionary(value: Any) -> Any:
    """The value, or an empty dictionary: in a damaged file anything stands anywhere."""
    import pikepdf

    return value if isinstance(value, pikepdf.Dictionary) else pikepdf.Dictionary()


def _blocks(content: Any) -> Iterator[bytes]:
    """What a stream holds, piece by piece: a small one may come out a thousand times its size."""
    import pikepdf

    flate = pikepdf.Name.FlateDecode
    if content.get("/Filter") in (flate, pikepdf.Array([flate])) and "/DecodeParms" not in content:
        opener, left = zlib.decompressobj(), bytes(content.read_raw_bytes())
        while left and not opener.eof:
            yield opener.decompress(left, _BLOCK)
            left = opener.unconsumed_tail
        if not opener.eof:
            raise zlib.error("cut short")
    else:
        yield bytes(content.read_bytes())
