"""What the screen of intake asks the catalog's tables: a few bulk queries, because it asks every second."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from faldone.catalog.board import BatchFile, BatchPage, Stopped
from faldone.catalog.codec import decode_look
from faldone.catalog.records import Batch, IntakeState, PageState, SourceState
from faldone.catalog.sql import tables as t
from faldone.catalog.sql.base import SqlRead, SqlWrite, at_once
from faldone.catalog.sql.rows import Row, in_force, to_batch
from faldone.domain.attribution import Band
from faldone.domain.digest import Digest
from faldone.domain.ids import BatchId, IntakeId, PageId
from faldone.domain.look import Mark, Separator
from faldone.domain.reasons import Reason
from faldone.domain.verdict import Flaw, Verdict
from faldone.errors import PageNotFoundError

_UNDER_WAY = (SourceState.SEALED, SourceState.OPENED)


class BoardWork(SqlWrite):
    """The part of one transaction that is about single things in quarantine; see :mod:`faldone.catalog.board`."""

    def retry_source(self, digest: Digest) -> bool:
        """See :meth:`BoardWork.retry_source`."""
        s = t.sources.c
        stopped = (s.digest == str(digest)) & (s.state == SourceState.QUARANTINED)
        again = {"state": SourceState.SEALED, "reason": None, "attempts": 0, "claimed_until": None, "pages": None}
        return bool(self._connection.execute(sa.update(t.sources).where(stopped).values(**again)).rowcount)

    def retry_page(self, page: PageId) -> bool:
        """See :meth:`BoardWork.retry_page`."""
        p = t.pages.c
        stopped = (p.id == page) & (p.state == PageState.QUARANTINED)
        self._attribute_again(t.sources.c.digest.in_(sa.select(p.source).where(stopped)))
        again = {"state": PageState.PENDING, "reason": None, "attempts": 0, "claimed_until": None}
        return bool(self._connection.execute(sa.update(t.pages).where(stopped).values(**again)).rowcount)


class BoardRead(SqlRead):
    """What the catalog tells of batches in bulk; see :mod:`faldone.catalog.board`."""

    def newest_batches(self, limit: int, offset: int = 0) -> tuple[Batch, ...]:
        """See :meth:`BoardRead.newest_batches`."""
        b = t.batches.c
        query = sa.select(t.batches).order_by(b.opened_at.desc(), b.id).limit(limit).offset(offset)
        with self._engine.connect() as connection:
            return tuple(map(to_batch, connection.execute(query)))

    def touched_batches(self, since: int) -> frozenset[BatchId]:
        """See :meth:`BoardRead.touched_batches`."""
        c = t.ledger.c
        subjects = list({row.subject for row in self._stream(sa.select(c.subject).where(c.sequence > since))})
        found: set[str] = set()
        with self._engine.connect() as connection:
            for some in at_once(subjects):
                found.update(connection.scalars(_batches_of(some)))
        return frozenset(map(BatchId, found))

    def unsettled_batches(self, batches: Collection[BatchId]) -> Mapping[BatchId, str]:
        """See :meth:`BoardRead.unsettled_batches`."""
        i, s = t.intakes.c, t.sources.c
        query = (
            sa.select(i.batch, sa.func.count(), sa.func.sum(s.number), sa.func.sum(s.number * s.number))
            .join(t.sources, s.digest == i.source)
            .where(s.state.in_(_UNDER_WAY), i.batch.in_(list(batches)))
            .group_by(i.batch)
        )
        with self._engine.connect() as connection:
            return {BatchId(batch): f"{told}" for batch, *told in connection.execute(query)}

    def batch_contents(self, batch: BatchId) -> tuple[BatchFile, ...]:
        """See :meth:`BoardRead.batch_contents`."""
        i, s = t.intakes.c, t.sources.c
        files = (
            sa.select(t.intakes, s.state.label("held"), s.reason.label("because"), s.pages.label("counted"))
            .outerjoin(t.sources, s.digest == i.source)
            .where(i.batch == batch, sa.or_(i.state != IntakeState.REFUSED, ~i.released))
            .order_by(i.number)
        )
        first = sa.select(i.source).where(i.batch == batch, i.state == IntakeState.TAKEN)
        d = t.documents.c
        spans = sa.select(d.source, d.first_page, d.band, t.proposals.c.body).join(t.proposals, in_force())
        spans = spans.where(~d.retired, d.source.in_(first)).order_by(d.source, d.first_page)
        pages: dict[str, list[BatchPage]] = {}
        documents: dict[str, list[tuple[range, Band]]] = {}
        with self._engine.connect() as connection:
            # In this order: what was opened a moment ago is then under way, never a file without pages.
            arrivals = connection.execute(files).all()
            for row in connection.execute(_pages_of(first)):
                pages.setdefault(row.source, []).append(_page(row))
            for row in connection.execute(spans):
                last = json.loads(row.body)["last_page"]
                documents.setdefault(row.source, []).append((range(row.first_page, last + 1), Band(row.band)))
        found = []
        for row in arrivals:
            came_first = row.state == IntakeState.TAKEN
            reason = row.because or row.reason
            found.append(
                BatchFile(
                    intake=IntakeId(row.id),
                    path=row.path,
                    arrival=IntakeState(row.state),
                    source=Digest.parse(row.source) if row.source else None,
                    state=SourceState(row.held) if row.held else None,
                    reason=Reason(reason) if reason else None,
                    pages_in=row.counted,
                    arrived_at=dt.datetime.fromisoformat(row.arrived_at),
                    pages=tuple(pages.get(row.source, ())) if came_first else (),
                    documents=tuple(documents.get(row.source, ())) if came_first else (),
                )
            )
        return tuple(found)

    def scanned_again(self, batch: BatchId) -> frozenset[PageId]:
        """See :meth:`BoardRead.scanned_again`."""
        query = (
            sa.select(t.links.c.earlier)
            .join(t.pages, t.pages.c.id == t.links.c.earlier)
            .join(t.intakes, t.intakes.c.source == t.pages.c.source)
            .where(t.intakes.c.batch == batch)
        )
        with self._engine.connect() as connection:
            return frozenset(map(PageId, connection.scalars(query)))

    def flaws(self, pages: Collection[PageId]) -> Mapping[PageId, tuple[Flaw, ...]]:
        """See :meth:`BoardRead.flaws`."""
        wanted, found = list(pages), {}
        with self._engine.connect() as connection:
            for keys in at_once(wanted):
                some = t.looks.c.page.in_(keys)
                for page, body in connection.execute(sa.select(t.looks.c.page, t.looks.c.body).where(some)):
                    found[PageId(page)] = decode_look(body).flaws
        return found

    def last_arrival(self) -> dt.datetime | None:
        """See :meth:`BoardRead.last_arrival`."""
        query = sa.select(t.intakes.c.arrived_at).order_by(t.intakes.c.number.desc()).limit(1)
        with self._engine.connect() as connection:
            found = connection.scalar(query)
        return dt.datetime.fromisoformat(found) if found is not None else None

    def count_stopped(self, without: Collection[str] = ()) -> Mapping[BatchId, Mapping[Reason, int]]:
        """See :meth:`BoardRead.count_stopped`."""
        counts: dict[BatchId, dict[Reason, int]] = {}
        with self._engine.connect() as connection:
            for query in _all_stopped(without):
                stopped = query.subquery()
                grouped = sa.select(stopped.c.batch, stopped.c.reason, sa.func.count()).group_by(
                    stopped.c.batch, stopped.c.reason
                )
                for batch, reason, number in connection.execute(grouped):
                    of_batch = counts.setdefault(BatchId(batch), {})
                    of_batch[Reason(reason)] = of_batch.get(Reason(reason), 0) + number
        return counts

    def stopped(
        self, reason: Reason, batches: Collection[BatchId], limit: int, offset: int, without: Collection[str] = ()
    ) -> tuple[Stopped, ...]:
        """See :meth:`BoardRead.stopped`."""
        every = sa.union_all(*_all_stopped(without)).subquery()
        c = every.c
        query = (
            sa.select(every)
            .where(c.reason == reason, c.batch.in_(list(batches)))
            .order_by(c.number.desc(), c.place)
            .limit(limit)
            .offset(offset)
        )
        with self._engine.connect() as connection:
            return tuple(
                Stopped(
                    batch=BatchId(row.batch),
                    path=row.path,
                    reason=Reason(row.reason),
                    source=Digest.parse(row.source) if row.source else None,
                    page=PageId(row.page) if row.page else None,
                    index=row.place if row.page else None,
                    refused=row.source is None,
                    arrived_at=dt.datetime.fromisoformat(row.arrived_at),
                )
                for row in connection.execute(query)
            )

    def batch_of(self, page: PageId) -> Batch:
        """See :meth:`BoardRead.batch_of`."""
        query = (
            sa.select(t.batches)
            .join(t.intakes, t.intakes.c.batch == t.batches.c.id)
            .join(t.pages, t.pages.c.source == t.intakes.c.source)
            .where(t.pages.c.id == page)
            .order_by(t.intakes.c.number)
            .limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise PageNotFoundError(f"Nessuna pagina {page}. / No page {page}.")
        return to_batch(row)


def _batches_of(subjects: list[str]) -> sa.CompoundSelect[Any]:
    """The batches that these subjects of events are, or belong to."""
    b, i, p, d = t.batches.c, t.intakes.c, t.pages.c, t.documents.c
    return sa.union(
        sa.select(b.id).where(b.id.in_(subjects)),
        sa.select(i.batch).where(i.id.in_(subjects)),
        sa.select(i.batch).where(i.source.in_(subjects)),
        sa.select(i.batch).join(t.pages, p.source == i.source).where(p.id.in_(subjects)),
        sa.select(i.batch).join(t.documents, d.source == i.source).where(d.id.in_(subjects)),
    )


def _pages_of(sources: sa.Select[Any]) -> sa.Select[Any]:
    p = t.pages.c
    return (
        sa.select(
            p.source, p.id, p.index.label("place"), p.state, p.reason, p.verdict, p.separator, p.token, p.blank,
            t.sheets.c.batch.label("printed_for"),
        )
        .outerjoin(t.sheets, t.sheets.c.token == p.token)
        .where(p.source.in_(sources))
        .order_by(p.source, p.index)
    )  # fmt: skip


def _page(row: Row) -> BatchPage:
    return BatchPage(
        id=PageId(row.id),
        index=row.place,
        state=PageState(row.state),
        reason=Reason(row.reason) if row.reason else None,
        verdict=Verdict(row.verdict) if row.verdict else None,
        mark=Mark(Separator(row.separator), row.token) if row.separator else None,
        blank=bool(row.blank),
        printed_for=BatchId(row.printed_for) if row.printed_for else None,
    )


def _all_stopped(without: Collection[str]) -> tuple[sa.Select[Any], ...]:
    files, pages = (_refused(), _stopped_files()), _stopped_pages()
    if not without:
        return *files, pages
    left = list(without)
    return *(one.where(t.intakes.c.id.not_in(left)) for one in files), pages.where(t.pages.c.id.not_in(left))


def _refused() -> sa.Select[Any]:
    """What never left its inbox; the columns are those of :func:`_stopped_files` and :func:`_stopped_pages`."""
    i = t.intakes.c
    return _columns(i.reason, sa.null(), sa.null(), sa.literal(-1)).where(
        i.state == IntakeState.REFUSED, ~i.released, i.reason.is_not(None)
    )


def _stopped_files() -> sa.Select[Any]:
    i, s = t.intakes.c, t.sources.c
    return (
        _columns(s.reason, i.source, sa.null(), sa.literal(-1))
        .join(t.sources, s.digest == i.source)
        .where(s.state == SourceState.QUARANTINED, s.reason.is_not(None), i.state != IntakeState.REFUSED)
    )


def _stopped_pages() -> sa.Select[Any]:
    i, p = t.intakes.c, t.pages.c
    return (
        _columns(p.reason, i.source, p.id, p.index)
        .join(t.pages, p.source == i.source)
        .where(p.state == PageState.QUARANTINED, p.reason.is_not(None), i.state == IntakeState.TAKEN)
    )


def _columns(reason: sa.ColumnElement[Any], source: Any, page: Any, place: sa.ColumnElement[Any]) -> sa.Select[Any]:
    i = t.intakes.c
    told = (reason.label("reason"), sa.type_coerce(source, sa.String).label("source"))
    where = (sa.type_coerce(page, sa.String).label("page"), place.label("place"))
    return sa.select(i.batch, i.path, i.number, i.arrived_at, *told, *where).select_from(t.intakes)
