"""Counts for statistics, on the catalog's tables."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from faldone.catalog.sql import tables as t
from faldone.catalog.sql.base import SqlRead
from faldone.catalog.sql.rows import time_text
from faldone.domain.events import EventType
from faldone.domain.verdict import Verdict

_DAY = len("2026-01-31")


class CountsRead(SqlRead):
    """See :class:`faldone.catalog.counts.CountsRead`."""

    def events_a_day(
        self, types: Collection[EventType], since: dt.datetime
    ) -> Mapping[EventType, Mapping[dt.date, int]]:
        """See :meth:`CountsRead.events_a_day`."""
        e = t.ledger.c
        day = sa.func.substr(e.at, 1, _DAY)
        wanted = e.type.in_([kind.value for kind in types])
        query = sa.select(e.type, day, sa.func.count()).where(wanted, e.at >= time_text(since)).group_by(e.type, day)
        found: defaultdict[EventType, dict[dt.date, int]] = defaultdict(dict)
        with self._engine.connect() as connection:
            for kind, on, count in connection.execute(query):
                found[EventType(kind)][dt.date.fromisoformat(on)] = count
        return found

    def pages_by_verdict(self) -> Mapping[Verdict | None, int]:
        """See :meth:`CountsRead.pages_by_verdict`."""
        query = sa.select(t.pages.c.verdict, sa.func.count()).group_by(t.pages.c.verdict)
        with self._engine.connect() as connection:
            return {Verdict(said) if said else None: count for said, count in connection.execute(query)}
