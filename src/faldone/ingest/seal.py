"""From a file in an inbox to sealed bytes, and the original out of the way."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from faldone.domain.digest import Digest
from faldone.errors import NotPermittedError, UnsafePathError
from faldone.storage.store import Store


class StillGrowingError(Exception):
    """The file changed while it was copied: it is looked at again later."""


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
        except FileNotFoundError:
            return False
        return (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns) == self.file


def seal(path: Path, store: Store) -> Sealed:
    """Copies an ordinary file into the store in one read.

    Raises:
        FileNotFoundError: the file is gone.
        UnsafePathError: it is a link, a FIFO, a socket or a device.
        NotPermittedError: it may not be read.
        StillGrowingError: somebody has it open for writing, or it changed meanwhile; what was copied counts for
            nothing.
    """
    with _open_ordinary(path) as stream:
        if _is_written_elsewhere(stream.fileno()):
            raise StillGrowingError(path)
        before = os.fstat(stream.fileno())

        def unchanged(size: int) -> None:
            after = os.fstat(stream.fileno())
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != after.st_size:
                raise StillGrowingError(path)

        digest, size = store.put(stream, unchanged)
    return Sealed(digest, size, (before.st_dev, before.st_ino, before.st_size, before.st_mtime_ns))


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
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENODEV):
            raise UnsafePathError("Non è un file normale. / Not an ordinary file.") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnsafePathError("Non è un file normale. / Not an ordinary file.")
    return os.fdopen(descriptor, "rb")


def move_away(path: Path, target: Path, digest: Digest) -> None:
    """Moves a sealed original to ``target``; a file that stands there already is kept beside it.

    Raises:
        FileNotFoundError: the original is gone already.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target = target.with_name(f"{digest.hex[:12]}-{os.urandom(2).hex()}-{target.name}")
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # Another file system: the bytes are sealed already, so this copy need not be durable before the unlink.
        shutil.copy2(path, target)
        path.unlink()
