"""Bytes by digest in a local folder: ``sha256/ab/abcdef…`` (docs/adr/0005)."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import BinaryIO, TypeVar

from faldone.domain.digest import Digest
from faldone.errors import DigestMismatchError, NotFoundError

_BLOCK_BYTES = 1 << 20
_SYNCS = 8

_Item = TypeVar("_Item")


class LocalStore:
    """A folder of write-once files. A temporary name, an fsync and a rename make each put all or nothing."""

    def __init__(self, root: Path) -> None:
        self._objects = root / "sha256"
        self._incoming = root / "incoming"
        self._objects.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._own: Path | None = None
        self._opening = threading.Lock()
        self._durable_folders: set[str] = set()

    @contextmanager
    def batch(self) -> Iterator[LocalCopies]:
        """See :meth:`Store.batch`."""
        copies = LocalCopies(self, self._own_folder())
        try:
            yield copies
        finally:
            copies.drop()

    def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
        """See :meth:`Store.put`."""
        with self.batch() as copies:
            digest, size = copies.put(stream, agreed)
            copies.keep([digest])
        return digest, size

    def move_in(self, copies: Collection[tuple[Digest, str]]) -> None:
        """Gives synced copies the names under which they count, and makes the names durable."""
        places = [(copy, self._place(digest)) for digest, copy in copies]
        folders = sorted({str(place.parent) for _, place in places})
        new = [folder for folder in folders if folder not in self._durable_folders]
        for folder in new:
            Path(folder).mkdir(exist_ok=True)
        if new:
            # Also those that were there: whoever made them may have died before its own sync.
            _sync_folder(self._objects)
            self._durable_folders.update(new)
        for copy, place in places:
            if place.exists():
                os.unlink(copy)  # noqa: PTH108 - thousands in a row: text is enough
            else:
                os.chmod(copy, 0o440)  # noqa: PTH101
                os.rename(copy, place)  # noqa: PTH104
        _all_at_once(_sync_folder, folders)  # for bytes that were there already too, as above

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

    def free_bytes(self) -> int:
        """See :meth:`Store.free_bytes`."""
        return shutil.disk_usage(self._objects).free

    def _place(self, digest: Digest) -> Path:
        return self._objects / digest.hex[:2] / digest.hex

    def _own_folder(self) -> Path:
        """Where this process copies to. A lock on it says that the process lives: what dead ones left is removed."""
        with self._opening:
            while self._own is None:
                folder = Path(tempfile.mkdtemp(dir=self._incoming))
                lock = _lock(folder)
                if lock is not None and folder.exists():  # nobody took it for abandoned in between
                    weakref.finalize(self, os.close, lock)
                    self._own = folder
                    self._remove_abandoned()
            return self._own

    def _remove_abandoned(self) -> None:
        for left in self._incoming.iterdir():
            if not left.is_dir():
                left.unlink(missing_ok=True)
            elif (lock := _lock(left)) is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(lock)


class LocalCopies:
    """Files of the incoming folder; see :class:`faldone.storage.store.Copies`."""

    def __init__(self, store: LocalStore, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._copies: dict[Digest, str] = {}
        self._unsynced: list[FileIO] = []

    def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
        """See :meth:`Copies.put`."""
        handle, name = tempfile.mkstemp(dir=self._folder)
        target = FileIO(handle, "wb")
        try:
            digest, size = _copy(stream, target)
            if agreed is not None:
                agreed(size)
        except BaseException:
            target.close()
            os.unlink(name)  # noqa: PTH108
            raise
        if digest in self._copies:
            target.close()
            os.unlink(name)  # noqa: PTH108
        else:
            self._copies[digest] = name
            self._unsynced.append(target)
        return digest, size

    def sync(self) -> None:
        """See :meth:`Copies.sync`."""
        _all_at_once(_sync_file, self._unsynced)
        self._close()

    def keep(self, digests: Collection[Digest]) -> None:
        """See :meth:`Copies.keep`."""
        self.sync()
        self._store.move_in([(digest, self._copies[digest]) for digest in digests])
        for digest in digests:
            del self._copies[digest]

    def drop(self) -> None:
        """Removes what was not kept."""
        self._close()
        for copy in self._copies.values():
            Path(copy).unlink(missing_ok=True)
        self._copies.clear()

    def _close(self) -> None:
        for file in self._unsynced:
            file.close()
        self._unsynced.clear()


def _all_at_once(sync: Callable[[_Item], None], items: Collection[_Item]) -> None:
    """Syncs that wait together share commits of the file system's journal (on a busy ext4: a quarter of the time)."""
    if len(items) <= 1:
        for item in items:
            sync(item)
        return
    with ThreadPoolExecutor(min(len(items), _SYNCS)) as pool:
        for _ in pool.map(sync, items):
            pass


def _copy(stream: BinaryIO, target: FileIO) -> tuple[Digest, int]:
    sha256, size = hashlib.sha256(), 0
    while block := stream.read(_BLOCK_BYTES):
        sha256.update(block)
        size += len(block)
        rest = memoryview(block)
        while rest:  # a disk that fills up takes a part
            rest = rest[target.write(rest) :]
    return Digest(sha256.hexdigest()), size


def _missing(digest: Digest) -> NotFoundError:
    return NotFoundError(
        f"Nell'archivio dei byte manca {digest}. / {digest} is missing from the store.",
        hint="Ripristinarlo da una copia di sicurezza. / Restore it from a backup.",
    )


def _lock(folder: Path) -> int | None:
    """Locks a folder to this process until the descriptor is closed; None when another one holds it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _sync_file(file: FileIO) -> None:
    os.fsync(file.fileno())


def _sync_folder(folder: Path | str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
