"""The full look at an inbox, which is the truth about what has arrived."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from faldone.ingest.settle import Stamp


def sweep(inbox: Path, ignore: Sequence[str]) -> Iterator[tuple[Path, Stamp]]:
    """Every file below ``inbox``, in order of name, whatever its age.

    Entries whose name fits a pattern of ``ignore`` are passed over, folders with all that is in them. Links and
    devices are yielded like files: taking them in refuses them, with a reason that a person sees. A folder that
    vanishes meanwhile (a share that went away) is simply not there in this look.
    """
    try:
        entries = sorted(os.scandir(inbox), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if any(fnmatch(entry.name, pattern) for pattern in ignore):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from sweep(Path(entry.path), ignore)
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        yield Path(entry.path), Stamp(status.st_size, status.st_mtime_ns, status.st_ino)
