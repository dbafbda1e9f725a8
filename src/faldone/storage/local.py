"""Bytes by digest in a local folder: ``sha256/ab/abcdef…`` (docs/adr/0005)."""

from __future__ import annotations

import fcntl
import hashlib
import itertools
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
        self._numbers = itertools.count()
        self._opening = threading.Lock()
        self._durable_folders: set[str] = set()

    @contextmanager
    def batch(self) -> Iterator[LocalCopies]:
        """See :meth:`Store.batch`."""
        folder = self._own_folder()
        copies = LocalCopies(self, lambda: f"{folder}/{next(self._numbers)}")
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
        # Here and in the copies paths are text: thousands in a row, a Path costs more than what is done with it.
        places = [(copy, self._text_place(digest)) for digest, copy in copies]
        folders = sorted({os.path.dirname(place) for _, place in places})  # noqa: PTH120
        new = [folder for folder in folders if folder not in self._durable_folders]
        for folder in new:
            Path(folder).mkdir(exist_ok=True)
        if new:
            # Also those that were there: whoever made them may have died before its own sync.
            _sync_folder(self._objects)
            self._durable_folders.update(new)
        for copy, place in places:
            if os.path.exists(place):  # noqa: PTH110
                os.unlink(copy)  # noqa: PTH108
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
        return Path(self._text_place(digest))

    def _text_place(self, digest: Digest) -> str:
        return f"{self._objects}/{digest.hex[:2]}/{digest.hex}"

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

    def __init__(self, store: LocalStore, new_name: Callable[[], str]) -> None:
        self._store = store
        self._new_name = new_name
        self._copies: dict[Digest, str] = {}
        self._unsynced: list[FileIO] = []

    def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
        """See :meth:`Copies.put`."""
        name = self._new_name()
        target = FileIO(name, "xb")
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
    rest = iter(items)

    def take_turns() -> None:
        for item in rest:
            sync(item)

    threads = min(len(items), _SYNCS)
    if threads <= 1:
        take_turns()
        return
    with ThreadPoolExecutor(threads) as pool:
        for turns in [pool.submit(take_turns) for _ in range(threads)]:
            turns.result()


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
