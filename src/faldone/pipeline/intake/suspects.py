"""Files of an inbox that are not taken yet because they look cut short or damaged, so that nobody wonders at them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from faldone.domain.inbox import Inbox
from faldone.domain.names import shown
from faldone.domain.reasons import Reason
from faldone.ingest.settle import Stamp
from faldone.ingest.sweep import sweep
from faldone.pipeline.intake.take_in import why_it_waits
from faldone.pipeline.ports import Options

_ARRIVING_S: Final = 5.0
"""A file that changed so lately is just being written: nobody suspects it."""

_MOST: Final = 100
"""So many files are looked into at a time."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A file that waits. ``name`` is below the inbox and may hold a person's name; ``until`` is when it is taken."""

    inbox: Inbox
    name: str
    reason: Reason
    until: dt.datetime


@dataclass(slots=True)
class Suspicion:
    """Looks for such files, into each once as long as it stays the same.

    Args:
        options: how long a file may grow.
        ignore: patterns of names that are passed over.
    """

    options: Options
    ignore: Sequence[str]
    _known: dict[tuple[str, Stamp], Reason | None] = field(default_factory=dict)

    def look(self, inbox: Inbox) -> tuple[Suspect, ...]:
        """The files of an inbox that wait now. Raises OSError when it does not answer."""
        now_s, patience_s = time.time(), self.options.patience_s
        young = [
            (path, stamp)
            for path, stamp in sweep(inbox.path, self.ignore)
            if _ARRIVING_S < now_s - stamp.mtime_ns / 1e9 <= patience_s
        ][:_MOST]
        found = []
        known: dict[tuple[str, Stamp], Reason | None] = {}
        for path, stamp in young:
            changed_at = stamp.mtime_ns / 1e9
            before = (path, stamp) in self._known
            reason = self._known[path, stamp] if before else why_it_waits(Path(path), changed_at, self.options)
            known[path, stamp] = reason
            if reason is not None:
                until = dt.datetime.fromtimestamp(changed_at + patience_s, dt.UTC)
                found.append(Suspect(inbox, shown(path.removeprefix(f"{inbox.path}/")), reason, until))
        self._known = {key: one for key, one in self._known.items() if not key[0].startswith(f"{inbox.path}/")} | known
        return tuple(found)
