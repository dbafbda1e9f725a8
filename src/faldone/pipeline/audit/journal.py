"""The ledger for reads: what somebody is shown is on record before it is shown, however many look at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from faldone.catalog.catalog import Catalog
from faldone.domain.events import Event


@dataclass(slots=True)
class _Slip:
    """Events of one caller; ``written`` once they are committed."""

    events: tuple[Event, ...]
    written: bool = False


@dataclass(slots=True)
class Journal:
    """Writes events of reading. Those that arrive while others are being written share the next transaction.

    A transaction waits for the disk, and there is one writer at a time: with fifty readers, one each would queue.
    """

    catalog: Catalog
    _waiting: list[_Slip] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def record(self, *events: Event) -> None:
        """Appends events to the ledger; returns when they are committed.

        Raises:
            CatalogUnavailableError: the catalog does not answer, and nothing may be shown.
        """
        if not events:
            return
        slip = _Slip(events)
        with self._guard:
            self._waiting.append(slip)
        with self._writing:
            if slip.written:
                return
            with self._guard:
                together, self._waiting = self._waiting, []
            try:
                with self.catalog.begin() as work:
                    for one in together:
                        for event in one.events:
                            work.record(event)
            except BaseException:
                # Everybody else tries again by themselves: only this caller is told of the failure.
                with self._guard:
                    self._waiting = [one for one in together if one is not slip] + self._waiting
                raise
            for one in together:
                one.written = True
