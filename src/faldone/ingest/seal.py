"""From a file in an inbox to sealed bytes, and the original out of the way."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from faldone.domain.digest import Digest
from faldone.errors import NotPermittedError, UnsafePathError

_NAME_BYTES = 255
_PATH_BYTES = 4095
"""The longest name and the longest path that Linux takes."""

_MOVING = threading.Lock()
"""Two originals of the same name must not both find their place in the done folder free."""


class StillGrowingError(Exception):
    """The file changed while it was copied: it is looked at again later."""


class Copier(Protocol):
    """Where bytes are copied to: a store, or the copies of one of its batches."""

    def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
        """See :meth:`faldone.storage.store.Copies.put`."""
        ...


@dataclass(frozen=True, slots=True)
class Sealed:
    """The bytes that a file held when it was sealed; ``file`` is its device, inode, size and time of change then."""

    digest: Digest
    size: int
    file: tuple[int, int, int, int]

    def is_still_at(self, path: Path) -> bool:
        """Whether the very file that was sealed still lies there, unchanged."""
        try:
            now = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        return _identity(now) == self.file

    @property
    def stamp(self) -> str:
        """See :func:`stamp`."""
        return _stamp(self.file)


def stamp(path: Path) -> str:
    """What tells a file that stays in the inbox from what may come under its name: inode, size and time of change.

    The device does not count: it has another number whenever a share is mounted.

    Raises:
        OSError: the file cannot be looked at.
    """
    return _stamp(_identity(path.lstat()))


def _stamp(file: tuple[int, int, int, int]) -> str:
    _, inode, size, changed_ns = file
    return f"{inode}:{size}:{changed_ns}"


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def seal(path: Path, copies: Copier) -> Sealed:
    """Copies an ordinary file in one read.

    Raises:
        FileNotFoundError: the file is gone.
        UnsafePathError: it is a link, a folder, a FIFO, a socket or a device, or its path is longer than the system
            opens.
        NotPermittedError: it may not be read.
        StillGrowingError: somebody has it open for writing, or it changed meanwhile; what was copied counts for
            nothing.
        OSError: it could not be read, or the copy not be written.
    """
    with _open_ordinary(path) as stream:
        if _is_written_elsewhere(stream.fileno()):
            raise StillGrowingError(path)
        before = os.fstat(stream.fileno())

        def unchanged(size: int) -> None:
            after = os.fstat(stream.fileno())
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != after.st_size:
                raise StillGrowingError(path)

        digest, size = copies.put(stream, unchanged)
    return Sealed(digest, size, _identity(before))


def _is_written_elsewhere(descriptor: int) -> bool:
    """Whether any process has the file open for writing: a slow scanner may pause longer than any quiet time.

    A read lease is granted only when nobody has (fcntl(2)). Where leases are not to be had (network shares, files of
    others) nothing is known. Whoever runs this must ignore SIGIO, which the kernel sends when a lease is broken.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _open_ordinary(path: Path) -> BinaryIO:
    try:
        # Without following a link, and without waiting for a FIFO's other end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError as error:
        raise NotPermittedError("Il file non si può leggere. / The file may not be read.") from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.ENAMETOOLONG):
            raise _not_ordinary() from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_ordinary()
    return os.fdopen(descriptor, "rb", buffering=0)


def _not_ordinary() -> UnsafePathError:
    return UnsafePathError("Non è un file normale. / Not an ordinary file.")


def move_away(path: Path, target: Path, digest: Digest, *, again: bool = False) -> None:
    """Moves a sealed original to ``target``; a file that stands there already is kept beside it.

    Args:
        path: the original.
        target: where it goes.
        digest: what it holds.
        again: an earlier move may have died half-way: what it copied to the target is the original, and stays alone.

    Raises:
        FileNotFoundError: the original is gone already.
        OSError: it could not be moved and is where it was.
    """
    with _MOVING:
        try:
            taken = _stands(target)
            if not taken:
                _make_folders(target.parent)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            # Deeper than the system goes from here: as deep as it goes, under a name that says what it holds.
            target, taken = _highest(target), True
        if taken and again and _holds(target, digest):
            path.unlink()
            return
        if taken:
            target = target.with_name(_beside(target.name, digest))
        try:
            path.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _carry(path, target, digest)


def _carry(path: Path, target: Path, digest: Digest) -> None:
    """A move to another file system. The bytes are sealed, so the copy need not be durable before the unlink."""
    half = target.with_name(f".{digest.hex}.part")  # one name a content: what a killed copy left is overwritten
    try:
        shutil.copy2(path, half)
        half.rename(target)
    except OSError:
        half.unlink(missing_ok=True)
        raise
    path.unlink()


def _holds(path: Path, digest: Digest) -> bool:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == digest.hex
    except OSError:
        return False


def _beside(name: str, digest: Digest) -> str:
    """Another name for a file whose own is taken: as much of the end of it as fits, never half a character."""
    prefix = f"{digest.hex[:12]}-{os.urandom(2).hex()}-"
    while len(os.fsencode(name)) > _NAME_BYTES - len(prefix):
        name = name[1:]
    return prefix + name


def _stands(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _make_folders(folder: Path) -> None:
    missing = []
    while not folder.is_dir():  # not by recursion: a path may be two thousand folders deep
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)


def _highest(target: Path) -> Path:
    """The same name in the nearest folder that is there and leaves room for a name."""
    return next(
        folder / target.name
        for folder in target.parents
        if len(os.fsencode(folder)) < _PATH_BYTES - _NAME_BYTES - 1 and folder.is_dir()
    )
