"""What is seen at the scanner: batches counted to the unit, their pages as they come, and which sheet to feed again.

A look at an archive that stands still costs two small questions; of one that moves, only the batches that changed are
counted anew.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from faldone.catalog.records import Batch
from faldone.domain.access import Access
from faldone.domain.ids import BatchId
from faldone.domain.reasons import Reason
from faldone.pipeline.intake.batches import said_to_be_out
from faldone.pipeline.intake.rights import sees
from faldone.pipeline.intake.take_in import has_room
from faldone.pipeline.intake.tiles import BatchRow, Counts
from faldone.pipeline.ports import Ports

_BATCHES = 30

_REST = 4.0
"""A batch that took long to count rests so many times as long before it is counted again."""

_SPACE_STEP = 1_000_000_000
"""Free space is told in steps of this, so that it is no news every second."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for the whole place: what is in quarantine, free space, and when a file came last."""

    stopped: tuple[tuple[Batch, Mapping[Reason, int]], ...]
    free_bytes: int
    has_room: bool
    last_arrival: dt.datetime | None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The board at one moment. ``version`` grows with every change, ``run`` tells the versions of two boards apart."""

    run: str
    version: int
    rows: tuple[BatchRow, ...]
    standing: Standing


@dataclass(slots=True)
class _Counted:
    """A row as it was counted last, what it cost, and when it may be counted again."""

    row: BatchRow
    due: bool
    not_before_s: float


@dataclass(slots=True)
class Board:
    """The board of an archive; asked by many at once, it looks once."""

    ports: Ports
    _run: str = field(default_factory=lambda: secrets.token_hex(4))
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _counted: dict[BatchId, _Counted] = field(default_factory=dict)
    _unsettled: Mapping[BatchId, str] = field(default_factory=dict)
    _length: int = -1
    _version: int = 0
    _standing: Standing | None = None

    def look(self) -> Snapshot:
        """How things stand now."""
        with self._guard:
            return self._look()

    def _look(self) -> Snapshot:
        catalog = self.ports.catalog
        length = catalog.ledger_tail().length
        batches = catalog.newest_batches(_BATCHES)
        moved = length != self._length
        unsettled = catalog.unsettled_batches([batch.id for batch in batches])
        touched = catalog.touched_batches(self._length) if moved and self._length >= 0 else frozenset()
        rows = tuple(self._row(batch, batch.id in touched, unsettled) for batch in batches)
        shown = {batch.id for batch in batches}
        self._counted = {id_: counted for id_, counted in self._counted.items() if id_ in shown}
        standing = self._stand(touched, moved=moved)
        self._length, self._unsettled = length, unsettled
        return Snapshot(self._run, self._version, rows, standing)

    def _row(self, batch: Batch, touched: bool, unsettled: Mapping[BatchId, str]) -> BatchRow:
        before = self._counted.get(batch.id)
        # Work may end without an event: a file is attributed again, and nothing changes.
        settled = unsettled.get(batch.id) != self._unsettled.get(batch.id)
        if before is not None:
            before.due = before.due or touched or settled or before.row.batch != batch
            if not before.due or time.monotonic() < before.not_before_s:
                return before.row
        began_s = time.monotonic()
        row = Counts.of(batch, self.ports).row(self.ports)
        if before is not None and replace(before.row, version=0, first_version=0) == row:
            row = before.row
        else:
            self._version += 1
            first = before.row.first_version if before is not None else self._version
            row = replace(row, version=self._version, first_version=first)
        now_s = time.monotonic()
        self._counted[batch.id] = _Counted(row, due=False, not_before_s=now_s + _REST * (now_s - began_s))
        return row

    def _stand(self, touched: frozenset[BatchId], *, moved: bool) -> Standing:
        catalog, before = self.ports.catalog, self._standing
        free = self.ports.store.free_bytes()
        now = Standing(
            stopped=self._stopped(touched) if moved or before is None else before.stopped,
            free_bytes=free - free % _SPACE_STEP,
            has_room=has_room(self.ports),
            last_arrival=catalog.last_arrival() if moved or before is None else before.last_arrival,
        )
        if before is None or replace(before, version=0) != now:
            self._version += 1
            self._standing = before = replace(now, version=self._version)
        return before

    def _stopped(self, touched: frozenset[BatchId]) -> tuple[tuple[Batch, Mapping[Reason, int]], ...]:
        catalog = self.ports.catalog
        known = {batch.id: batch for batch, _ in self._standing.stopped} if self._standing is not None else {}
        return tuple(
            (known[id_] if id_ in known and id_ not in touched else catalog.batch(id_), counts)
            for id_, counts in catalog.count_stopped(said_to_be_out(self.ports)).items()
        )


def seen_by(snapshot: Snapshot, access: Access) -> Snapshot:
    """The board as somebody may see it."""
    rows = tuple(row for row in snapshot.rows if sees(row.batch, access))
    return replace(snapshot, rows=rows)


def newest_row(snapshot: Snapshot) -> BatchRow | None:
    """The batch whose pages came last."""
    came = [(row.arrived_at, row) for row in snapshot.rows if row.arrived_at is not None]
    return max(came, key=lambda one: one[0])[1] if came else None


def first_alarm(snapshot: Snapshot) -> BatchRow | None:
    """The open batch with a sheet to be fed again, the one that came last first: its paper is still on the table."""
    red = [(row.arrived_at, row) for row in snapshot.rows if row.first_red is not None and row.arrived_at is not None]
    red = [one for one in red if one[1].batch.closed_at is None]
    return max(red, key=lambda one: one[0])[1] if red else None
