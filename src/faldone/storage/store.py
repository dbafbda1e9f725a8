"""Port: bytes by digest, written once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from faldone.domain.digest import Digest


class Store(Protocol):
    """Content-addressed, write-once bytes. There is no delete: disposal is not the store's to decide."""

    def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
        """Copies ``stream`` in one read while hashing it; durable when it returns.

        Putting the same bytes again changes nothing. An interrupted put leaves nothing behind that counts.

        Args:
            stream: the bytes.
            agreed: told the number of bytes before they count; what it raises ends the put with nothing stored.

        Returns:
            The digest and the size in bytes.

        Raises:
            OSError: the bytes could not be written (full disk); nothing was stored.
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
