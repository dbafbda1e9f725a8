"""Bytes by digest in a local folder: ``sha256/ab/abcdef…`` (docs/adr/0005)."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from faldone.domain.digest import Digest
from faldone.errors import DigestMismatchError, NotFoundError

_BLOCK_BYTES = 1 << 20


class LocalStore:
    """A folder of write-once files. A temporary name, an fsync and a rename make each put all or nothing."""

    def __init__(self, root: Path) -> None:
        self._objects = root / "sha256"
        self._incoming = root / "incoming"
        self._objects.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(parents=True, exist_ok=True)

    def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
        """See :meth:`Store.put`."""
        sha256, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(handle, "wb") as target:
                while block := stream.read(_BLOCK_BYTES):
                    sha256.update(block)
                    size += len(block)
                    target.write(block)
                target.flush()
                os.fsync(target.fileno())
            if agreed is not None:
                agreed(size)
            digest = Digest(sha256.hexdigest())
            self._settle(Path(name), digest)
        finally:
            with suppress(FileNotFoundError):
                Path(name).unlink()
        return digest, size

    def _settle(self, incoming: Path, digest: Digest) -> None:
        final = self._place(digest)
        if not final.parent.is_dir():
            final.parent.mkdir(parents=True, exist_ok=True)
            _sync_folder(self._objects)
        if not final.exists():
            incoming.chmod(0o440)
            incoming.rename(final)
        # Also when the bytes were there already: the earlier writer may have died before its own sync.
        _sync_folder(final.parent)

    @contextmanager
    def path(self, digest: Digest) -> Iterator[Path]:
        """See :meth:`Store.path`."""
        place = self._place(digest)
        if not place.is_file():
            raise _missing(digest)
        yield place

    def verify(self, digest: Digest) -> None:
        """See :meth:`Store.verify`."""
        try:
            with self._place(digest).open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except FileNotFoundError as error:
            raise _missing(digest) from error
        if found != digest.hex:
            raise DigestMismatchError(
                f"I byte conservati sono cambiati: attesi {digest}, trovati sha256:{found}. / "
                f"The stored bytes have changed: expected {digest}, found sha256:{found}."
            )

    def digests(self) -> Iterator[Digest]:
        """See :meth:`Store.digests`."""
        for entry in self._objects.glob("*/*"):
            yield Digest(entry.name)

    def _place(self, digest: Digest) -> Path:
        return self._objects / digest.hex[:2] / digest.hex


def _missing(digest: Digest) -> NotFoundError:
    return NotFoundError(
        f"Nell'archivio dei byte manca {digest}. / {digest} is missing from the store.",
        hint="Ripristinarlo da una copia di sicurezza. / Restore it from a backup.",
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
