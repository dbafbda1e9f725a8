"""Takes a container apart: every part in a file of its own, what was left aside by name and reason."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from faldone.errors import EmptyContainerError
from faldone.ingest import archive, mail, office, pdf_attachments, signature
from faldone.ingest.limits import Budget, Limits, check_depth
from faldone.ingest.media import EML, OFFICE, P7M, PDF, ZIP
from faldone.ingest.parts import Tray, Unpacked, safe_name

_BLOCK = 1024**2


@contextmanager
def unpack(
    path: Path, media_type: str, limits: Limits, work_folder: Path, *, name: str = "", depth: int = 1
) -> Iterator[Unpacked]:
    """Takes apart the container at ``path``; its parts are there for as long as the context lasts.

    All of it or nothing: damage in one part refuses the container, for part of a delivery must not pass for all of it.
    The parts of a PDF are the files that are attached to it: often there are none.

    Args:
        path: the sealed container.
        media_type: what ``inspect`` found it to be.
        limits: how much may come out.
        work_folder: where the parts are laid out, in a folder of their own that is removed afterwards.
        name: under which the container is shown; an envelope's or document's one part is named after it.
        depth: 1 for a container that arrived by itself, and one more for each container around it.

    Raises:
        EmptyContainerError: nothing that could be used is inside.
        TooExpandedError: too much is inside.
        TooDeepError: it lies too deep in other containers.
        OpenTimeoutError: it takes too long.
        EncryptedFileError: it wants a password or another's key.
        DetachedSignatureError: an envelope without its document.
        ConverterMissingError: it needs LibreOffice, which is not installed.
        ConversionFailedError: LibreOffice could not make a PDF of it.
        UnsupportedFormatError: an unusual compression.
        UnreadableFileError: it is damaged or cut short.
        ValueError: ``media_type`` is not a container's, nor a PDF's.
    """
    if media_type not in OFFICE and media_type != PDF:  # a document that holds nothing else may lie at any depth
        check_depth(depth, limits)
    shown = PurePosixPath(safe_name(name, default="documento")).name
    work_folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="unpack-", dir=work_folder))
    try:
        tray = Tray(folder, Budget(limits, path.stat().st_size))
        if media_type == ZIP:
            archive.unpack(path, tray)
            unpacked = tray.unpacked()
        elif media_type == EML:
            facts = mail.unpack(path, tray)
            unpacked = tray.unpacked(facts)
        elif media_type == P7M:
            with signature.opened(path, folder / "decoded", tray.budget) as envelope:
                tray.add(_inner_name(shown), envelope.blocks())
                unpacked = tray.unpacked(envelope.facts)
        elif media_type == PDF:
            pdf_attachments.unpack(path, tray)
            unpacked = tray.unpacked()
            if unpacked.parts:
                check_depth(depth, limits)
        elif media_type in OFFICE:
            with office.rendition(path, media_type, folder, tray.budget).open("rb") as stream:
                tray.add(f"{PurePosixPath(shown).stem}.pdf", iter(lambda: stream.read(_BLOCK), b""))
            unpacked = tray.unpacked()
        else:
            raise ValueError(f"not a container: {media_type}")
        if not unpacked.parts and media_type != PDF:
            raise EmptyContainerError(
                "Non contiene nulla di utilizzabile / Nothing inside can be used",
                hint="controllare con chi lo ha mandato / check with whoever sent it",
            )
        yield unpacked
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _inner_name(name: str) -> str:
    """``atto.pdf`` for ``atto.pdf.p7m``. Pure."""
    inner = PurePosixPath(name)
    return inner.stem if inner.suffix.lower() in (".p7m", ".p7c", ".pem", ".b64", ".cms") else name
