"""What searching and its index ask of the catalog's tables, and the searches that people keep."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping

import sqlalchemy as sa

from faldone.catalog.records import Batch, Document, IndexLag, Intake, SavedSearch
from faldone.catalog.sql import tables as t
from faldone.catalog.sql.base import FETCH_ROWS, SqlRead, SqlWrite, at_once
from faldone.catalog.sql.rows import behind_index, in_force, time_text, to_batch, to_document, to_intake
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.ids import BatchId, DocumentId, PersonId

_PERSON = re.compile(r'"(u-[0-9a-f]{12})"')

_CHANGES = (EventType.DOCUMENT_PROPOSED, EventType.DOCUMENT_RETIRED, EventType.DOCUMENT_INDEXED)


class SearchWork(SqlWrite):
    """The part of one transaction that is about searching; see :class:`faldone.catalog.catalog.Work`."""

    def index_again(self, documents: Collection[DocumentId]) -> None:
        """See :meth:`Work.index_again`."""
        for some in at_once(documents):
            self._index_again(t.documents.c.id.in_(some))

    def index_persons_again(self, persons: Collection[PersonId]) -> None:
        """See :meth:`Work.index_persons_again`."""
        wanted = set(persons)
        if not wanted:
            return
        # One walk over the documents, however many persons changed: none of them is a key of the proposals.
        query = sa.select(t.documents.c.id, t.proposals.c.body).join(t.proposals, in_force())
        rows = self._connection.execution_options(yield_per=FETCH_ROWS).execute(query.where(~t.documents.c.retired))
        self.index_again([DocumentId(row.id) for row in rows if wanted.intersection(_PERSON.findall(row.body))])

    def index_batch_again(self, batch: BatchId) -> None:
        """Sends the documents of a batch to the index again: it holds what is said of the batch."""
        sources = sa.select(t.intakes.c.source).where(t.intakes.c.batch == batch)
        self._index_again(t.documents.c.source.in_(sources) & ~t.documents.c.retired)

    def _index_again(self, which: sa.ColumnElement[bool]) -> None:
        self._connection.execute(sa.update(t.documents).where(which).values(indexed_version=0, index_error=None))

    def forget_refusals(self) -> None:
        """See :meth:`Work.forget_refusals`."""
        self._index_again(t.documents.c.index_error.is_not(None))

    def save_search(self, search: SavedSearch) -> SavedSearch:
        """See :meth:`Work.save_search`."""
        s = t.searches.c
        same = (s.name == search.name) & (s.by == search.by)
        known = self._connection.scalar(sa.select(s.id).where(same))
        values = {"text": search.text, "at": time_text(search.at)}
        if known is not None:
            self._connection.execute(sa.update(t.searches).where(same).values(**values))
            return SavedSearch(known, search.name, search.by, search.text, search.at)
        row = {"id": search.id, "name": search.name, "by": search.by} | values
        self._connection.execute(sa.insert(t.searches).values(**row))
        return search

    def delete_search(self, search: str) -> None:
        """See :meth:`Work.delete_search`."""
        self._connection.execute(sa.delete(t.searches).where(t.searches.c.id == search))


class SearchRead(SqlRead):
    """What the catalog tells to those who search and index; see :class:`faldone.catalog.catalog.Catalog`."""

    def documents_with(self, documents: Collection[DocumentId]) -> Mapping[DocumentId, Document]:
        """See :meth:`Catalog.documents_with`."""
        found: dict[DocumentId, Document] = {}
        for keys in at_once(documents):
            some = t.documents.c.id.in_(keys)
            query = sa.select(t.documents, t.proposals.c.body).join(t.proposals, in_force()).where(some)
            with self._engine.connect() as connection:
                found |= {DocumentId(row.id): to_document(row) for row in connection.execute(query)}
        return found

    def first_arrivals(self, sources: Collection[Digest]) -> Mapping[Digest, tuple[Intake, Batch]]:
        """See :meth:`Catalog.first_arrivals`."""
        wanted = [str(source) for source in sources]
        first: dict[Digest, Intake] = {}
        batches: dict[BatchId, Batch] = {}
        with self._engine.connect() as connection:
            for keys in at_once(wanted):
                some = t.intakes.c.source.in_(keys)
                for row in connection.execute(sa.select(t.intakes).where(some).order_by(t.intakes.c.number)):
                    first.setdefault(Digest.parse(row.source), to_intake(row))
            named = sorted({intake.batch for intake in first.values()})
            for ids in at_once(named):
                query = sa.select(t.batches).where(t.batches.c.id.in_(ids))
                batches |= {BatchId(row.id): to_batch(row) for row in connection.execute(query)}
        return {source: (intake, batches[intake.batch]) for source, intake in first.items()}

    def documents_by_id(self, after: DocumentId | None = None) -> Iterator[Document]:
        """See :meth:`Catalog.documents_by_id`."""
        d = t.documents.c
        query = (
            sa.select(t.documents, t.proposals.c.body).join(t.proposals, in_force()).order_by(d.id).limit(FETCH_ROWS)
        )
        last = after or ""
        while True:  # a few at a time: a reader that stays for hours would keep SQLite's log from being emptied
            with self._engine.connect() as connection:
                rows = connection.execute(query.where(d.id > last)).all()
            yield from map(to_document, rows)
            if len(rows) < FETCH_ROWS:
                return
            last = rows[-1].id

    def changed_since(self, sequence: int) -> Iterator[DocumentId]:
        """See :meth:`Catalog.changed_since`."""
        e = t.ledger.c
        query = sa.select(e.subject).distinct().where(e.sequence > sequence, e.type.in_(_CHANGES))
        with self._engine.connect() as connection:
            yield from map(DocumentId, connection.scalars(query).all())

    def index_lag(self) -> IndexLag:
        """See :meth:`Catalog.index_lag`."""
        behind = (
            sa.select(sa.func.count(), sa.func.min(t.proposals.c.at))
            .select_from(t.documents)
            .join(t.proposals, in_force())
            .where(behind_index())
        )
        d = t.documents.c
        refused = sa.select(sa.func.count()).select_from(t.documents).where(~d.retired, d.index_error.is_not(None))
        with self._engine.connect() as connection:
            number, oldest = connection.execute(behind).one()
            return IndexLag(
                documents=number,
                since=dt.datetime.fromisoformat(oldest) if oldest else None,
                refused=connection.scalar(refused) or 0,
            )

    def saved_searches(self, by: str) -> tuple[SavedSearch, ...]:
        """See :meth:`Catalog.saved_searches`."""
        s = t.searches.c
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(t.searches).where(s.by == by).order_by(s.name))
            return tuple(
                SavedSearch(row.id, row.name, row.by, row.text, dt.datetime.fromisoformat(row.at)) for row in rows
            )
