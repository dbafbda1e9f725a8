"""Twin of the local store: files of a private temporary folder, for tests."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from faldone.domain.digest import Digest
from faldone.errors import DigestMismatchError, NotFoundError


class MemoryStore:
    """Bytes in a dictionary; :meth:`path` lends them as a temporary file."""

    def __init__(self) -> None:
        self.objects: dict[Digest, bytes] = {}

    def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
        """See :meth:`Store.put`."""
        data = stream.read()
        if agreed is not None:
            agreed(len(data))
        digest = Digest.of(data)
        self.objects.setdefault(digest, data)
        return digest, len(data)

    @contextmanager
    def path(self, digest: Digest) -> Iterator[Path]:
        """See :meth:`Store.path`."""
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder, digest.hex)
            place.write_bytes(self._bytes(digest))
            yield place

    def verify(self, digest: Digest) -> None:
        """See :meth:`Store.verify`."""
        if hashlib.sha256(self._bytes(digest)).hexdigest() != digest.hex:
            raise DigestMismatchError(
                f"I byte conservati non sono più {digest}. / The stored bytes are no longer {digest}."
            )

    def digests(self) -> Iterator[Digest]:
        """See :meth:`Store.digests`."""
        yield from list(self.objects)

    def _bytes(self, digest: Digest) -> bytes:
        try:
            return self.objects[digest]
        except KeyError as error:
            raise NotFoundError(f"Manca {digest}. / {digest} is missing.") from error
