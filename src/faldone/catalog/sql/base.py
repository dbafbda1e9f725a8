"""What every part of the catalog on SQL does with its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from faldone.catalog.records import SourceState
from faldone.catalog.sql import tables as t
from faldone.catalog.sql.rows import Row, free, time_text
from faldone.domain.digest import Digest
from faldone.domain.events import Event
from faldone.domain.ids import DocumentId, PageId

T = TypeVar("T")

FETCH_ROWS = 1_000
"""How many rows are fetched, or asked for by their keys, at once: databases bound the number of parameters."""


def at_once(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists of :data:`FETCH_ROWS` and fewer."""
    coming = iter(items)
    while some := list(islice(coming, FETCH_ROWS)):
        yield some


class SqlRead:
    """Reads of committed rows."""

    _engine: sa.Engine

    def _stream(self, query: sa.Select[Any]) -> Iterator[Row]:
        with self._engine.connect().execution_options(yield_per=FETCH_ROWS) as connection:
            yield from connection.execute(query)


class SqlWrite:
    """Writes within one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._events: list[Event] = []

    def record(self, event: Event) -> None:
        """See :meth:`Work.record`."""
        self._events.append(event)

    def attribute_again(self, documents: Collection[DocumentId]) -> int:
        """See :meth:`Work.attribute_again`."""
        again = 0
        for some in at_once(documents):
            sources = sa.select(t.documents.c.source).where(t.documents.c.id.in_(some))
            again += self._attribute_again(t.sources.c.digest.in_(sources))
        return again

    def _attribute_again(self, which: sa.ColumnElement[bool]) -> int:
        state = t.sources.c.state
        # A claim counts an attempt: none on a file that is claimed says that it was asked for since, and whoever has
        # it sees so when it saves what it made of the file as that was before.
        asked = sa.update(t.sources).where(state.in_([SourceState.OPENED, SourceState.PROPOSED]), which)
        self._connection.execute(asked.values(attempts=0))
        at_rest = sa.update(t.sources).where(state == SourceState.PROPOSED, which)
        return self._connection.execute(at_rest.values(state=SourceState.OPENED)).rowcount

    def _claim(self, table: sa.Table, wanted: sa.ColumnElement[bool], now: dt.datetime, until: dt.datetime) -> bool:
        statement = (
            sa.update(table)
            .where(wanted, free(table, time_text(now)))
            .values(attempts=table.c.attempts + 1, claimed_until=time_text(until))
        )
        return self._connection.execute(statement).rowcount == 1

    def _update_source(self, digest: Digest, **values: object) -> None:
        self._connection.execute(sa.update(t.sources).where(t.sources.c.digest == str(digest)).values(**values))

    def _update_page(self, page: PageId, **values: object) -> None:
        self._connection.execute(sa.update(t.pages).where(t.pages.c.id == page).values(**values))

    def _update_document(self, document: DocumentId, **values: object) -> None:
        self._connection.execute(sa.update(t.documents).where(t.documents.c.id == document).values(**values))
