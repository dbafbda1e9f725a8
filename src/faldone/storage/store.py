"""Port: bytes by digest, written once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from faldone.domain.digest import Digest


class Copies(Protocol):
    """Bytes that were copied and do not count yet."""

    def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
        """Copies ``stream`` in one read while hashing it.

        Args:
            stream: the bytes.
            agreed: told the number of bytes before they count; what it raises ends this put with nothing copied.

        Returns:
            The digest and the size in bytes.

        Raises:
            OSError: the bytes could not be read or written (full disk); nothing was copied.
        """
        ...

    def sync(self) -> None:
        """Makes the bytes of everything that was put durable. It is the slow part of keeping, to be had beforehand.

        Raises:
            OSError: they could not be written.
        """
        ...

    def keep(self, digests: Collection[Digest]) -> None:
        """Makes copies count: they are stored, durably, when it returns. Bytes that are stored already stay.

        Raises:
            KeyError: none of these bytes were put.
            OSError: the store could not be written (full disk).
        """
        ...


class Store(Protocol):
    """Content-addressed, write-once bytes. There is no delete: disposal is not the store's to decide."""

    def batch(self) -> AbstractContextManager[Copies]:
        """Several puts that become durable together; what was not kept by the end of the block is gone."""
        ...

    def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
        """Copies and keeps one stream (see :class:`Copies`); durable when it returns.

        Putting the same bytes again changes nothing. An interrupted put leaves nothing behind that counts.
        """
        ...

    def path(self, digest: Digest) -> AbstractContextManager[Path]:
        """The bytes as a local read-only file, for as long as the context lasts.

        Raises:
            NotFoundError: nothing is stored under this digest.
        """
        ...

    def verify(self, digest: Digest) -> None:
        """Hashes the stored bytes again.

        Raises:
            NotFoundError: nothing is stored under this digest.
            DigestMismatchError: the bytes are not those that were stored.
        """
        ...

    def digests(self) -> Iterator[Digest]:
        """Everything that is stored, in no promised order."""
        ...

    def free_bytes(self) -> int:
        """How much more can be stored, as far as the system says."""
        ...
