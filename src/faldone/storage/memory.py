"""Twin of the local store: files of a private temporary folder, for tests."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from faldone.domain.digest import Digest
from faldone.errors import DigestMismatchError, NotFoundError


class MemoryStore:
    """Bytes in a dictionary; :meth:`path` lends them as a temporary file."""

    def __init__(self) -> None:
        self.objects: dict[Digest, bytes] = {}

    @contextmanager
    def batch(self) -> Iterator[MemoryCopies]:
        """See :meth:`Store.batch`."""
        yield MemoryCopies(self)

    def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
        """See :meth:`Store.put`."""
        with self.batch() as copies:
            digest, size = copies.put(stream, agreed)
            copies.keep([digest])
        return digest, size

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

    def free_bytes(self) -> int:
        """See :meth:`Store.free_bytes`."""
        return sys.maxsize

    def _bytes(self, digest: Digest) -> bytes:
        try:
            return self.objects[digest]
        except KeyError as error:
            raise NotFoundError(f"Manca {digest}. / {digest} is missing.") from error


class MemoryCopies:
    """Copies that a memory store does not count yet; see :class:`faldone.storage.store.Copies`."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._copies: dict[Digest, bytes] = {}

    def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
        """See :meth:`Copies.put`."""
        data = stream.read()
        if agreed is not None:
            agreed(len(data))
        digest = Digest.of(data)
        self._copies[digest] = data
        return digest, len(data)

    def sync(self) -> None:
        """See :meth:`Copies.sync`."""

    def keep(self, digests: Collection[Digest]) -> None:
        """See :meth:`Copies.keep`."""
        for digest in digests:
            self._store.objects.setdefault(digest, self._copies[digest])
