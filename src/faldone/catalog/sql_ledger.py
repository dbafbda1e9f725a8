"""Questions to the ledger by agent and by type, on the catalog's tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from faldone.catalog import tables as t
from faldone.catalog.rows import time_text, to_entry
from faldone.domain.events import EventType
from faldone.provenance.chain import LedgerEntry

_AT_ONCE = 500


class LedgerRead:
    """See :class:`faldone.catalog.ledger_reads.LedgerReads`."""

    _engine: sa.Engine

    def events_by(
        self,
        agent: str,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        limit: int = 1_000,
        after: int = 0,
    ) -> tuple[LedgerEntry, ...]:
        """See :meth:`LedgerReads.events_by`."""
        return self._in_order([t.ledger.c.agent == agent, *_between(since, until)], limit, after)

    def events_of(
        self,
        types: Collection[EventType],
        *,
        agent: str | None = None,
        subjects: Collection[str] | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        limit: int = 1_000,
        after: int = 0,
    ) -> tuple[LedgerEntry, ...]:
        """See :meth:`LedgerReads.events_of`."""
        where = [t.ledger.c.type.in_([kind.value for kind in types]), *_between(since, until)]
        if agent is not None:
            where.append(t.ledger.c.agent == agent)
        if subjects is None:
            return self._in_order(where, limit, after)
        # The first of each part together hold the first of all.
        wanted = sorted(subjects)
        found: list[LedgerEntry] = []
        for start in range(0, len(wanted), _AT_ONCE):
            some = t.ledger.c.subject.in_(wanted[start : start + _AT_ONCE])
            found += self._in_order([*where, some], limit, after)
        return tuple(sorted(found, key=lambda entry: entry.sequence)[:limit])

    def last_events(self, type_: EventType, limit: int) -> tuple[LedgerEntry, ...]:
        """See :meth:`LedgerReads.last_events`."""
        query = sa.select(t.ledger).where(t.ledger.c.type == type_.value).order_by(t.ledger.c.sequence.desc())
        with self._engine.connect() as connection:
            return tuple(map(to_entry, connection.execute(query.limit(limit))))

    def count_events(
        self, types: Collection[EventType], since: dt.datetime | None = None, until: dt.datetime | None = None
    ) -> Mapping[tuple[str, str], int]:
        """See :meth:`LedgerReads.count_events`."""
        agent, type_ = t.ledger.c.agent, t.ledger.c.type
        query = sa.select(agent, type_, sa.func.count()).where(type_.in_([kind.value for kind in types]))
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(*_between(since, until)).group_by(agent, type_))
            return {(row[0], row[1]): row[2] for row in rows}

    def _in_order(self, where: list[sa.ColumnElement[bool]], limit: int, after: int) -> tuple[LedgerEntry, ...]:
        query: sa.Select[Any] = sa.select(t.ledger).where(*where, t.ledger.c.sequence > after)
        with self._engine.connect() as connection:
            return tuple(map(to_entry, connection.execute(query.order_by(t.ledger.c.sequence).limit(limit))))


def _between(since: dt.datetime | None, until: dt.datetime | None) -> list[sa.ColumnElement[bool]]:
    """Times are stored as text of one form in UTC, whose order is that of time."""
    where: list[sa.ColumnElement[bool]] = []
    if since is not None:
        where.append(t.ledger.c.at >= time_text(since))
    if until is not None:
        where.append(t.ledger.c.at < time_text(until))
    return where
