"""Has a file stopped growing? A pure rule over what was seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Stamp(NamedTuple):
    """What a look at a file tells without reading it: size in bytes, times of change and inode.

    ``changed_ns`` is also that of a change of its rights alone: what was not permitted may be so now.
    """

    size: int
    mtime_ns: int
    inode: int
    changed_ns: int


@dataclass(slots=True)
class Settling:
    """Remembers since when each file looks the same.

    A file is settled when its stamp did not change for ``quiet_s``. The clock is ours (monotonic), not the file's
    time of change: a share's clock may be wrong, and a moved file is old from the start.
    """

    quiet_s: float
    _since: dict[str, tuple[Stamp, float]] = field(default_factory=dict)

    def settled(self, seen: Mapping[str, Stamp], now_s: float) -> list[str]:
        """The files of one full look that are settled, in the order seen; those that are gone are forgotten."""
        since: dict[str, tuple[Stamp, float]] = {}
        for path, stamp in seen.items():
            before = self._since.get(path)
            since[path] = before if before is not None and before[0] == stamp else (stamp, now_s)
        self._since = since
        return [path for path, (_, start_s) in since.items() if now_s - start_s >= self.quiet_s]
