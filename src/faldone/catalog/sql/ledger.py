"""The ledger, and the standing of every row to be held against it, on the catalog's tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from faldone.catalog.records import LedgerTail, SourceState
from faldone.catalog.sql import tables as t
from faldone.catalog.sql.base import SqlRead, at_once
from faldone.catalog.sql.rows import in_force, time_text, to_batch, to_entry, to_intake
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PageId, page_id
from faldone.provenance.chain import GENESIS, LedgerEntry


class LedgerRead(SqlRead):
    """See :class:`faldone.catalog.ledger_reads.LedgerReads`."""

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
        for keys in at_once(wanted):
            some = t.ledger.c.subject.in_(keys)
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

    def events(self, subjects: Sequence[str]) -> tuple[LedgerEntry, ...]:
        """See :meth:`Catalog.events`."""
        found: dict[int, LedgerEntry] = {}
        for some in at_once(subjects):
            for row in self._stream(sa.select(t.ledger).where(t.ledger.c.subject.in_(some))):
                found[row.sequence] = to_entry(row)
        return tuple(found[sequence] for sequence in sorted(found))

    def ledger(self) -> Iterator[LedgerEntry]:
        """See :meth:`Catalog.ledger`."""
        yield from map(to_entry, self._stream(sa.select(t.ledger).order_by(t.ledger.c.sequence)))

    def ledger_tail(self) -> LedgerTail:
        """See :meth:`Catalog.ledger_tail`."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(t.state.c.ledger_length, t.state.c.ledger_hash)).first()
        # A catalog whose tail was removed ends where it began: a replay of the ledger says that it does not.
        return LedgerTail(*row) if row is not None else LedgerTail(0, GENESIS)

    def standings(self) -> Iterator[tuple[str, str]]:
        """See :meth:`Catalog.standings`."""
        for row in self._stream(sa.select(t.sources.c.digest, t.sources.c.state)):
            opened = row.state == SourceState.PROPOSED  # attribution is told of the documents, not of the file
            yield row.digest, SourceState.OPENED.value if opened else row.state
        yield from (tuple(row) for row in self._stream(sa.select(t.pages.c.id, t.pages.c.state)))
        for row in self._stream(sa.select(t.documents.c.id, t.documents.c.band, t.documents.c.retired)):
            yield row.id, "retired" if row.retired else row.band
        for row in self._stream(sa.select(t.intakes)):
            yield row.id, str(to_intake(row).digest)
        for row in self._stream(sa.select(t.batches)):
            yield row.id, str(to_batch(row).digest)

    def proposal_digests(self) -> Iterator[tuple[DocumentId, Digest]]:
        """See :meth:`Catalog.proposal_digests`."""
        query = (
            sa.select(t.documents.c.id, t.proposals.c.body).join(t.proposals, in_force()).order_by(t.documents.c.number)
        )
        for document, body in self._stream(query):
            yield DocumentId(document), Digest.of(body.encode())

    def look_digests(self) -> Iterator[tuple[PageId, Digest]]:
        """See :meth:`Catalog.look_digests`."""
        for page, body in self._stream(sa.select(t.looks)):
            yield PageId(page), Digest.of(body.encode())

    def scan_standings(self) -> Iterator[tuple[PageId, str]]:
        """See :meth:`Catalog.scan_standings`."""
        p = t.pages.c
        query = sa.select(p.id, p.verdict, p.separator, p.token).where(p.verdict.is_not(None))
        for page, verdict, separator, token in self._stream(query):
            yield PageId(page), f"{verdict} {separator} {token}"

    def boundary_standings(self) -> Iterator[tuple[PageId, bool]]:
        """See :meth:`Catalog.boundary_standings`."""
        b = t.boundaries.c
        for row in self._stream(sa.select(b.source, b.page, b.starts).where(~b.undone).order_by(b.number)):
            yield page_id(Digest.parse(row.source), row.page), row.starts

    def turn_standings(self) -> Iterator[tuple[PageId, int]]:
        """See :meth:`Catalog.turn_standings`."""
        for row in self._stream(sa.select(t.page_turns.c.page, t.page_turns.c.turn)):
            yield PageId(row.page), row.turn

    def place_standings(self) -> Iterator[tuple[PageId, int]]:
        """See :meth:`Catalog.place_standings`."""
        for row in self._stream(sa.select(t.page_places.c.page, t.page_places.c.place)):
            yield PageId(row.page), row.place


def _between(since: dt.datetime | None, until: dt.datetime | None) -> list[sa.ColumnElement[bool]]:
    """Times are stored as text of one form in UTC, whose order is that of time."""
    where: list[sa.ColumnElement[bool]] = []
    if since is not None:
        where.append(t.ledger.c.at >= time_text(since))
    if until is not None:
        where.append(t.ledger.c.at < time_text(until))
    return where
