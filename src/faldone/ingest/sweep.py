"""The full look at an inbox, which is the truth about what has arrived."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate
from operator import attrgetter
from pathlib import Path

from faldone.ingest.settle import Stamp


def sweep(inbox: Path, ignore: Sequence[str]) -> Iterator[tuple[str, Stamp]]:
    """Every file below ``inbox``, in order of name, whatever its age. Paths are text: there may be many thousands.

    Entries whose name fits a pattern of ``ignore`` are passed over, folders with all that is in them. Links and
    devices are yielded like files, and so is a folder that may not be entered or lies too deep for the system: taking
    them in refuses them, with a reason that a person sees. What vanishes meanwhile is not there in this look.

    Raises:
        OSError: the inbox itself cannot be listed: a share that went away.
    """
    ignored = re.compile("|".join(map(translate, ignore)) or r"(?!)").match
    waiting = _listed(os.fspath(inbox), ignored)
    while waiting:
        entry = waiting.pop()
        try:
            if entry.is_dir(follow_symlinks=False):
                waiting += _listed(entry.path, ignored)
                continue
            status = entry.stat(follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            yield entry.path, Stamp(0, 0, entry.inode(), 0)
        else:
            yield entry.path, Stamp(status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)


def _listed(folder: str, ignored: Callable[[str], object]) -> list[os.DirEntry[str]]:
    """What is in a folder, last name first."""
    with os.scandir(folder) as entries:
        kept = [entry for entry in entries if not ignored(entry.name)]
    return sorted(kept, key=attrgetter("name"), reverse=True)
