"""The catalog on SQL: SQLite beside the files, or a server. The only module that knows SQLAlchemy."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from faldone.catalog import tables as t
from faldone.catalog.catalog import (
    BAND_STATES,
    Document,
    FileReport,
    FileState,
    ImportReport,
    Intake,
    IntakeState,
    LedgerTail,
    Page,
    PageState,
    Progress,
    SavedProposal,
    Source,
    SourceState,
    Unfinished,
    Unit,
)
from faldone.catalog.codec import decode_proposal, decode_text, encode_proposal, encode_text
from faldone.domain.attribution import Band, DocumentProposal
from faldone.domain.digest import Digest
from faldone.domain.events import Event
from faldone.domain.ids import BatchId, DocumentId, IntakeId, PageId, PersonId, document_id, page_id
from faldone.domain.page import PageText
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.errors import CatalogUnavailableError, DocumentNotFoundError, NotFoundError, PageNotFoundError
from faldone.provenance.canonical import Record
from faldone.provenance.chain import GENESIS, LedgerEntry, link

_BUSY_TIMEOUT_MS = 30_000
_FETCH_ROWS = 1_000

_Row = Any  # a SQLAlchemy row: its columns are known to the tables, not to the type checker


class SqlCatalog:
    """The catalog in a SQL database; see :class:`faldone.catalog.catalog.Catalog` for what each call promises.

    Args:
        url: a SQLAlchemy address, ``sqlite:///…/catalog.sqlite`` by default.
    """

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)
        # One writer at a time within the process: cheaper than meeting SQLite's lock and waiting blindly.
        self._writing = threading.Lock()
        if self._engine.dialect.name == "sqlite":
            _tune_sqlite(self._engine)

    def migrate(self) -> None:
        """Brings the tables to the newest form, from nothing or from any earlier one."""
        if self._is_current():
            return
        # Imported when there is something to do: every command opens the catalog, and waits for its imports.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", "faldone.catalog:migrations")
        with self._writing, self._engine.execution_options(writes=True).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if connection.execute(sa.select(t.state.c.id)).first() is None:
                first = {"id": 1, "ledger_length": 0, "ledger_hash": GENESIS, "register_version": 0}
                connection.execute(sa.insert(t.state).values(first))

    def _is_current(self) -> bool:
        with self._engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return False
            found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return bool(found == t.REVISION)

    @contextmanager
    def begin(self) -> Iterator[SqlWork]:
        """See :meth:`Catalog.begin`."""
        try:
            with self._writing, self._engine.execution_options(writes=True).begin() as connection:
                work = SqlWork(connection)
                yield work
                work.seal()
        except sa.exc.OperationalError as error:
            raise CatalogUnavailableError(
                "Il catalogo non risponde: si riprova da soli. / The catalog does not answer: it is tried again."
            ) from error

    # ---- what is to be done

    def unfinished(self, now: dt.datetime, limit: int) -> Unfinished:
        """See :meth:`Catalog.unfinished`."""
        moment = _time(now)
        source_free = _free(t.sources, moment)
        waiting_page = sa.exists().where(t.pages.c.source == t.sources.c.digest, t.pages.c.state == PageState.PENDING)
        sources = sa.select(t.sources.c.digest, t.sources.c.attempts).order_by(t.sources.c.number).limit(limit)
        with self._engine.connect() as connection:

            def units(query: sa.Select[Any]) -> tuple[Unit, ...]:
                return tuple(Unit(*row) for row in connection.execute(query))

            return Unfinished(
                open=units(sources.where(t.sources.c.state == SourceState.SEALED, source_free)),
                recognise=units(
                    sa.select(t.pages.c.id, t.pages.c.attempts)
                    .where(t.pages.c.state == PageState.PENDING, _free(t.pages, moment))
                    .order_by(t.pages.c.number)
                    .limit(limit)
                ),
                attribute=units(sources.where(t.sources.c.state == SourceState.OPENED, source_free, ~waiting_page)),
                index=_count(connection, t.documents, _behind()),
            )

    def progress(self) -> Progress:
        """See :meth:`Catalog.progress`."""
        with self._engine.connect() as connection:
            return Progress(
                files=_count(connection, t.intakes),
                pages=_count(connection, t.pages),
                pages_done=_count(connection, t.pages, t.pages.c.state != PageState.PENDING),
                documents=_count(connection, t.documents, ~t.documents.c.retired),
                unfinished=_count(
                    connection, t.sources, t.sources.c.state.in_([SourceState.SEALED, SourceState.OPENED])
                ),
                behind_index=_count(connection, t.documents, _behind()),
            )

    # ---- files and pages

    def source(self, digest: Digest) -> Source:
        """See :meth:`Catalog.source`."""
        with self._engine.connect() as connection:
            found = _source(connection, digest)
        if found is None:
            raise NotFoundError(f"Nessun file con impronta {digest}. / No file with digest {digest}.")
        return found

    def sources(self) -> Iterator[Source]:
        """See :meth:`Catalog.sources`."""
        yield from map(_to_source, self._stream(sa.select(t.sources).order_by(t.sources.c.number)))

    def page(self, page: PageId) -> Page:
        """See :meth:`Catalog.page`."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(t.pages).where(t.pages.c.id == page)).first()
        if row is None:
            raise PageNotFoundError(f"Nessuna pagina {page}. / No page {page}.")
        return _to_page(row)

    def pages(self, source: Digest) -> tuple[Page, ...]:
        """See :meth:`Catalog.pages`."""
        query = sa.select(t.pages).where(t.pages.c.source == str(source)).order_by(t.pages.c.index)
        with self._engine.connect() as connection:
            return tuple(map(_to_page, connection.execute(query)))

    def recognition(self, key: Digest) -> PageText | None:
        """See :meth:`Catalog.recognition`."""
        with self._engine.connect() as connection:
            body = connection.scalar(sa.select(t.texts.c.body).where(t.texts.c.key == str(key)))
        return decode_text(body) if body is not None else None

    def page_texts(self, source: Digest, span: range | None = None) -> Mapping[int, PageText]:
        """See :meth:`Catalog.page_texts`."""
        query = (
            sa.select(t.pages.c.index, t.texts.c.body)
            .join(t.texts, t.pages.c.text == t.texts.c.key)
            .where(t.pages.c.source == str(source))
            .order_by(t.pages.c.index)
        )
        if span is not None:
            query = query.where(t.pages.c.index.between(span.start, span.stop - 1))
        with self._engine.connect() as connection:
            return {index: decode_text(body) for index, body in connection.execute(query)}

    def standings(self) -> Iterator[tuple[str, str]]:
        """See :meth:`Catalog.standings`."""
        for row in self._stream(sa.select(t.sources.c.digest, t.sources.c.state)):
            opened = row.state == SourceState.PROPOSED  # attribution is told of the documents, not of the file
            yield row.digest, SourceState.OPENED.value if opened else row.state
        yield from (tuple(row) for row in self._stream(sa.select(t.pages.c.id, t.pages.c.state)))
        for row in self._stream(sa.select(t.documents.c.id, t.documents.c.band, t.documents.c.retired)):
            yield row.id, "retired" if row.retired else row.band
        for row in self._stream(sa.select(t.intakes)):
            yield row.id, str(_to_intake(row).digest)

    def proposal_digests(self) -> Iterator[tuple[DocumentId, Digest]]:
        """See :meth:`Catalog.proposal_digests`."""
        query = (
            sa.select(t.documents.c.id, t.proposals.c.body)
            .join(t.proposals, _in_force())
            .order_by(t.documents.c.number)
        )
        for document, body in self._stream(query):
            yield DocumentId(document), Digest.of(body.encode())

    def register_digest(self) -> Digest:
        """See :meth:`Catalog.register_digest`."""
        with self._engine.connect() as connection:
            return _register_digest(connection)

    def text_digests(self) -> Iterator[tuple[PageId, Digest]]:
        """See :meth:`Catalog.text_digests`."""
        query = (
            sa.select(t.pages.c.id, t.texts.c.body)
            .join(t.texts, t.pages.c.text == t.texts.c.key)
            .order_by(t.pages.c.number)
        )
        for page, body in self._stream(query):
            yield PageId(page), Digest.of(body)

    def intakes(self, source: Digest) -> tuple[Intake, ...]:
        """See :meth:`Catalog.intakes`."""
        query = sa.select(t.intakes).where(t.intakes.c.source == str(source)).order_by(t.intakes.c.number)
        with self._engine.connect() as connection:
            return tuple(map(_to_intake, connection.execute(query)))

    def files(self, states: frozenset[FileState] | None = None) -> Iterator[FileReport]:
        """See :meth:`Catalog.files`."""
        worst = sa.case((t.documents.c.band == Band.HOLD, 2), (t.documents.c.band == Band.REVIEW, 1), else_=0)
        doubt = (
            sa.select(t.documents.c.source, sa.func.max(worst).label("doubt"))
            .where(~t.documents.c.retired)
            .group_by(t.documents.c.source)
            .subquery()
        )
        query = (
            sa.select(t.intakes, doubt.c.doubt)
            .outerjoin(doubt, t.intakes.c.source == doubt.c.source)
            .where(sa.or_(t.intakes.c.state != IntakeState.REFUSED, ~t.intakes.c.released))
            .order_by(t.intakes.c.number)
        )
        with self._engine.connect() as connection:
            sources = {row.digest: _to_source(row) for row in connection.execute(sa.select(t.sources))}
        for row in self._stream(query):
            intake = _to_intake(row)
            source = sources.get(row.source)
            state = _file_state(intake, source, row.doubt)
            if states is None or state in states:
                yield FileReport(intake, source, state, self._reasons(intake, source, state))

    def _reasons(self, intake: Intake, source: Source | None, state: FileState) -> tuple[Reason, ...]:
        if intake.reason is not None:
            return (intake.reason,)
        if source is None or state in (FileState.FILED, FileState.PROCESSING):
            return ()
        if source.reason is not None:
            return (source.reason,)
        said = [reason for document in self.documents(source.digest) for reason in document.proposal.reasons]
        said += [page.reason for page in self.pages(source.digest) if page.reason is not None]
        return tuple(dict.fromkeys(said))

    # ---- documents

    def document(self, document: DocumentId) -> Document:
        """See :meth:`Catalog.document`."""
        found = self._documents(t.documents.c.id == document)
        if not found:
            raise DocumentNotFoundError(
                f"Nessun documento {document}. / No document {document}.",
                hint="Gli identificativi si trovano con «faldone search». / «faldone search» shows the ids.",
            )
        return found[0]

    def documents(self, source: Digest) -> tuple[Document, ...]:
        """See :meth:`Catalog.documents`."""
        return self._documents(t.documents.c.source == str(source), ~t.documents.c.retired)

    def behind_index(self, limit: int) -> tuple[Document, ...]:
        """See :meth:`Catalog.behind_index`."""
        return self._documents(_behind(), limit=limit)

    def _documents(self, *where: sa.ColumnElement[bool], limit: int | None = None) -> tuple[Document, ...]:
        query = (
            sa.select(t.documents, t.proposals.c.body)
            .join(t.proposals, _in_force())
            .where(*where)
            .order_by(t.documents.c.source, t.documents.c.first_page)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return tuple(map(_to_document, connection.execute(query)))

    # ---- register

    def persons(self) -> Iterator[Person]:
        """See :meth:`Catalog.persons`."""
        yield from map(_to_person, self._stream(sa.select(t.persons).order_by(t.persons.c.id)))

    def aliases(self, persons: Sequence[PersonId]) -> Mapping[str, tuple[str, ...]]:
        """See :meth:`Catalog.aliases`."""
        query = sa.select(t.persons.c.id, t.persons.c.aliases).where(t.persons.c.id.in_(persons))
        with self._engine.connect() as connection:
            return {person: tuple(json.loads(aliases)) for person, aliases in connection.execute(query)}

    def register_version(self) -> int:
        """See :meth:`Catalog.register_version`."""
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(t.state.c.register_version)) or 0

    # ---- ledger

    def events(self, subjects: Sequence[str]) -> tuple[LedgerEntry, ...]:
        """See :meth:`Catalog.events`."""
        found: dict[int, LedgerEntry] = {}
        for start in range(0, len(subjects), _FETCH_ROWS):  # databases bound the number of parameters
            some = subjects[start : start + _FETCH_ROWS]
            for row in self._stream(sa.select(t.ledger).where(t.ledger.c.subject.in_(some))):
                found[row.sequence] = _to_entry(row)
        return tuple(found[sequence] for sequence in sorted(found))

    def ledger(self) -> Iterator[LedgerEntry]:
        """See :meth:`Catalog.ledger`."""
        yield from map(_to_entry, self._stream(sa.select(t.ledger).order_by(t.ledger.c.sequence)))

    def ledger_tail(self) -> LedgerTail:
        """See :meth:`Catalog.ledger_tail`."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(t.state.c.ledger_length, t.state.c.ledger_hash)).first()
        # A catalog whose tail was removed ends where it began: a replay of the ledger says that it does not.
        return LedgerTail(*row) if row is not None else LedgerTail(0, GENESIS)

    def close(self) -> None:
        """See :meth:`Catalog.close`."""
        self._engine.dispose()

    def _stream(self, query: sa.Select[Any]) -> Iterator[_Row]:
        with self._engine.connect().execution_options(yield_per=_FETCH_ROWS) as connection:
            yield from connection.execute(query)


class SqlWork:
    """One transaction on the catalog; see :class:`faldone.catalog.catalog.Work`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._events: list[Event] = []

    def record(self, event: Event) -> None:
        """See :meth:`Work.record`."""
        self._events.append(event)

    def seal(self) -> None:
        """Chains the recorded events to the tail. Done last, so that on a server the tail is locked but briefly."""
        if not self._events:
            return
        tail = self._connection.execute(sa.select(t.state).with_for_update()).one()
        sequence, head = tail.ledger_length, tail.ledger_hash
        rows = []
        for event in self._events:
            entry = link(sequence + 1, head, Record.of(event))
            sequence, head = entry.sequence, entry.hash
            rows.append(_from_entry(entry))
        self._connection.execute(sa.insert(t.ledger), rows)
        self._connection.execute(sa.update(t.state).values(ledger_length=sequence, ledger_hash=head))

    def batch(self, code: str, opened_at: dt.datetime) -> BatchId:
        """See :meth:`Work.batch`."""
        found = self._connection.scalar(sa.select(t.batches.c.id).where(t.batches.c.code == code))
        if found is None:
            found = f"b-{uuid.uuid4().hex[:12]}"
            self._connection.execute(sa.insert(t.batches).values(id=found, code=code, opened_at=_time(opened_at)))
        return BatchId(found)

    def source(self, digest: Digest) -> Source | None:
        """See :meth:`Work.source`."""
        return _source(self._connection, digest)

    def unreleased_intake(self, raw_path: bytes, source: Digest) -> Intake | None:
        """See :meth:`Work.unreleased_intake`."""
        return self._intake(t.intakes.c.raw_path == raw_path, t.intakes.c.source == str(source), ~t.intakes.c.released)

    def refused_intake(self, raw_path: bytes) -> Intake | None:
        """See :meth:`Work.refused_intake`."""
        return self._intake(
            t.intakes.c.raw_path == raw_path, t.intakes.c.state == IntakeState.REFUSED, ~t.intakes.c.released
        )

    def _intake(self, *where: sa.ColumnElement[bool]) -> Intake | None:
        row = self._connection.execute(sa.select(t.intakes).where(*where)).first()
        return _to_intake(row) if row is not None else None

    def add_source(self, digest: Digest, size: int, sealed_at: dt.datetime) -> None:
        """See :meth:`Work.add_source`."""
        self._connection.execute(
            sa.insert(t.sources).values(
                digest=str(digest), size=size, state=SourceState.SEALED, sealed_at=_time(sealed_at)
            )
        )

    def add_intake(self, intake: Intake) -> None:
        """See :meth:`Work.add_intake`."""
        self._connection.execute(
            sa.insert(t.intakes).values(
                id=intake.id,
                batch=intake.batch,
                path=intake.path,
                raw_path=intake.raw_path,
                source=str(intake.source) if intake.source is not None else None,
                size=intake.size,
                arrived_at=_time(intake.arrived_at),
                state=intake.state,
                reason=intake.reason,
                released=intake.released,
            )
        )

    def release_intake(self, intake: IntakeId) -> None:
        """See :meth:`Work.release_intake`."""
        self._connection.execute(sa.update(t.intakes).where(t.intakes.c.id == intake).values(released=True))

    def claim_source(self, digest: Digest, now: dt.datetime, until: dt.datetime) -> Source | None:
        """See :meth:`Work.claim_source`."""
        waiting = t.sources.c.state.in_([SourceState.SEALED, SourceState.OPENED])
        if self._claim(t.sources, (t.sources.c.digest == str(digest)) & waiting, now, until):
            return _source(self._connection, digest)
        return None

    def claim_page(self, page: PageId, now: dt.datetime, until: dt.datetime) -> Page | None:
        """See :meth:`Work.claim_page`."""
        wanted = (t.pages.c.id == page) & (t.pages.c.state == PageState.PENDING)
        if self._claim(t.pages, wanted, now, until):
            return _to_page(self._connection.execute(sa.select(t.pages).where(t.pages.c.id == page)).one())
        return None

    def _claim(self, table: sa.Table, wanted: sa.ColumnElement[bool], now: dt.datetime, until: dt.datetime) -> bool:
        statement = (
            sa.update(table)
            .where(wanted, _free(table, _time(now)))
            .values(attempts=table.c.attempts + 1, claimed_until=_time(until))
        )
        return self._connection.execute(statement).rowcount == 1

    def free_source(self, digest: Digest) -> None:
        """See :meth:`Work.free_source`."""
        self._update_source(digest, claimed_until=None)

    def free_page(self, page: PageId) -> None:
        """See :meth:`Work.free_page`."""
        self._update_page(page, claimed_until=None)

    def open_source(self, digest: Digest, media_type: str, pages: int) -> None:
        """See :meth:`Work.open_source`."""
        self._update_source(
            digest, media_type=media_type, pages=pages, state=SourceState.OPENED, attempts=0, claimed_until=None
        )
        self._connection.execute(
            sa.insert(t.pages),
            [
                {"id": page_id(digest, index), "source": str(digest), "index": index, "state": PageState.PENDING}
                for index in range(pages)
            ],
        )

    def quarantine_source(self, digest: Digest, reason: Reason) -> None:
        """See :meth:`Work.quarantine_source`."""
        self._update_source(digest, state=SourceState.QUARANTINED, reason=reason, claimed_until=None)

    def quarantine_page(self, page: PageId, reason: Reason) -> None:
        """See :meth:`Work.quarantine_page`."""
        self._update_page(page, state=PageState.QUARANTINED, reason=reason, claimed_until=None)

    def save_text(self, page: PageId, key: Digest, text: PageText) -> Digest:
        """See :meth:`Work.save_text`."""
        body = self._connection.scalar(sa.select(t.texts.c.body).where(t.texts.c.key == str(key)))
        if body is None:
            body = encode_text(text)
            self._connection.execute(sa.insert(t.texts).values(key=str(key), body=body))
        self._update_page(page, state=PageState.RECOGNISED, text=str(key), claimed_until=None)
        return Digest.of(body)

    def save_proposals(
        self, source: Digest, proposals: Sequence[DocumentProposal], at: dt.datetime
    ) -> tuple[SavedProposal, ...]:
        """See :meth:`Work.save_proposals`."""
        query = sa.select(t.documents, t.proposals.c.body).join(t.proposals, _in_force())
        rows = self._connection.execute(query.where(t.documents.c.source == str(source)))
        known = {row.id: row for row in rows}
        saved = []
        for proposal in proposals:
            document, body = document_id(source, proposal.first_page), encode_proposal(proposal)
            before = known.pop(document, None)
            if before is None or before.retired or before.body != body:
                self._save_proposal(source, document, proposal, body, before, at)
                saved.append(SavedProposal(document, proposal, Digest.of(body.encode()), retired=False))
        for document, before in known.items():
            if not before.retired:
                self._save_version(document, before.version + 1, before.body, at)
                self._update_document(document, version=before.version + 1, retired=True)
                proposal, digest = decode_proposal(before.body), Digest.of(before.body.encode())
                saved.append(SavedProposal(document, proposal, digest, retired=True))
        self._update_source(source, state=SourceState.PROPOSED, claimed_until=None)
        return tuple(saved)

    def _save_proposal(
        self,
        source: Digest,
        document: DocumentId,
        proposal: DocumentProposal,
        body: str,
        before: _Row | None,
        at: dt.datetime,
    ) -> None:
        version = 1 if before is None else before.version + 1
        if before is None:
            first = {"source": str(source), "first_page": proposal.first_page}
            values = {"id": document, "version": version, "band": proposal.band}
            self._connection.execute(sa.insert(t.documents).values(first | values))
        else:
            self._update_document(document, version=version, retired=False, band=proposal.band, index_error=None)
        self._save_version(document, version, body, at)

    def _save_version(self, document: DocumentId, version: int, body: str, at: dt.datetime) -> None:
        self._connection.execute(
            sa.insert(t.proposals).values(document=document, version=version, at=_time(at), body=body)
        )

    def mark_indexed(self, written: Mapping[DocumentId, int], failed: Mapping[DocumentId, str]) -> None:
        """See :meth:`Work.mark_indexed`."""
        for document, version in written.items():
            self._update_document(document, indexed_version=version, index_error=None)
        for document, error in failed.items():
            self._update_document(document, index_error=error)

    def save_persons(self, persons: Iterable[Person]) -> ImportReport:
        """See :meth:`Work.save_persons`."""
        known = _KnownPersons(map(_to_person, self._connection.execute(sa.select(t.persons))))
        added, changed, unchanged = 0, 0, 0
        for given in persons:
            before = known.same(given)
            person = given if before is None else replace(given, id=before.id, cf=given.cf or before.cf)
            known.add(person)
            if before is None:
                self._connection.execute(sa.insert(t.persons).values(**_from_person(person)))
                added += 1
            elif before != person:
                self._connection.execute(
                    sa.update(t.persons).where(t.persons.c.id == person.id).values(**_from_person(person))
                )
                changed += 1
            else:
                unchanged += 1
        if added or changed:
            self._connection.execute(sa.update(t.state).values(register_version=t.state.c.register_version + 1))
        return ImportReport(added, changed, unchanged, _register_digest(self._connection))

    def reconsider(self) -> int:
        """See :meth:`Work.reconsider`."""
        unsure = sa.select(t.documents.c.source).where(~t.documents.c.retired, t.documents.c.band != Band.AUTO)
        statement = (
            sa.update(t.sources)
            .where(t.sources.c.state == SourceState.PROPOSED, t.sources.c.digest.in_(unsure))
            .values(state=SourceState.OPENED, attempts=0, claimed_until=None)
        )
        return self._connection.execute(statement).rowcount

    def reset_index_versions(self) -> None:
        """See :meth:`Work.reset_index_versions`."""
        self._connection.execute(sa.update(t.documents).values(indexed_version=0, index_error=None))

    def reset_claims(self) -> None:
        """See :meth:`Work.reset_claims`."""
        for table in (t.sources, t.pages):
            self._connection.execute(
                sa.update(table).where(table.c.claimed_until.is_not(None)).values(claimed_until=None)
            )

    def _update_source(self, digest: Digest, **values: object) -> None:
        self._connection.execute(sa.update(t.sources).where(t.sources.c.digest == str(digest)).values(**values))

    def _update_page(self, page: PageId, **values: object) -> None:
        self._connection.execute(sa.update(t.pages).where(t.pages.c.id == page).values(**values))

    def _update_document(self, document: DocumentId, **values: object) -> None:
        self._connection.execute(sa.update(t.documents).where(t.documents.c.id == document).values(**values))


def _tune_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # BEGIN is ours to send, below
        for pragma in (
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            # The original leaves the inbox after the commit: a commit must survive a power cut.
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later cannot be upgraded once another has written.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class _KnownPersons:
    """The persons on record by what tells that a given one is the same."""

    def __init__(self, persons: Iterable[Person]) -> None:
        self._by_cf: dict[str, Person] = {}
        self._by_name: dict[tuple[str, str, dt.date | None], Person] = {}
        for person in persons:
            self.add(person)

    def add(self, person: Person) -> None:
        if person.cf is not None:
            self._by_cf[person.cf] = person
        self._by_name[self._name(person)] = person

    def same(self, given: Person) -> Person | None:
        if given.cf is not None and given.cf in self._by_cf:
            return self._by_cf[given.cf]
        namesake = self._by_name.get(self._name(given))
        if namesake is None or (given.cf is not None and namesake.cf is not None):
            return None  # two codes are two persons, whatever they are called
        return namesake

    @staticmethod
    def _name(person: Person) -> tuple[str, str, dt.date | None]:
        return person.surname.casefold(), person.name.casefold(), person.birth_date


def _in_force() -> sa.ColumnElement[bool]:
    """The proposal of a document that counts now."""
    return sa.and_(t.proposals.c.document == t.documents.c.id, t.proposals.c.version == t.documents.c.version)


def _register_digest(connection: sa.Connection) -> Digest:
    rows = connection.execute(sa.select(t.persons).order_by(t.persons.c.id))
    sha256 = hashlib.sha256()
    for row in rows:
        sha256.update(json.dumps(list(row), ensure_ascii=False).encode() + b"\n")
    return Digest(sha256.hexdigest())


def _free(table: sa.Table, moment: str) -> sa.ColumnElement[bool]:
    return sa.or_(table.c.claimed_until.is_(None), table.c.claimed_until < moment)


def _behind() -> sa.ColumnElement[bool]:
    d = t.documents.c
    return sa.and_(d.version > d.indexed_version, d.index_error.is_(None))


def _count(connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


def _file_state(intake: Intake, source: Source | None, doubt: int | None) -> FileState:
    if intake.state is IntakeState.DUPLICATE:
        return FileState.DUPLICATE
    if source is None or source.state is SourceState.QUARANTINED:
        return FileState.QUARANTINED
    if source.state is not SourceState.PROPOSED or doubt is None:
        return FileState.PROCESSING
    return BAND_STATES[(Band.AUTO, Band.REVIEW, Band.HOLD)[doubt]]


def _time(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _source(connection: sa.Connection, digest: Digest) -> Source | None:
    row = connection.execute(sa.select(t.sources).where(t.sources.c.digest == str(digest))).first()
    return _to_source(row) if row is not None else None


def _to_source(row: _Row) -> Source:
    return Source(
        digest=Digest.parse(row.digest),
        size=row.size,
        media_type=row.media_type,
        pages=row.pages,
        state=SourceState(row.state),
        reason=Reason(row.reason) if row.reason else None,
        attempts=row.attempts,
        sealed_at=dt.datetime.fromisoformat(row.sealed_at),
    )


def _to_intake(row: _Row) -> Intake:
    return Intake(
        id=IntakeId(row.id),
        batch=BatchId(row.batch),
        path=row.path,
        raw_path=row.raw_path,
        source=Digest.parse(row.source) if row.source else None,
        size=row.size,
        arrived_at=dt.datetime.fromisoformat(row.arrived_at),
        state=IntakeState(row.state),
        reason=Reason(row.reason) if row.reason else None,
        released=row.released,
    )


def _to_page(row: _Row) -> Page:
    return Page(
        id=PageId(row.id),
        source=Digest.parse(row.source),
        index=row._mapping["index"],  # `row.index` is a tuple's method
        state=PageState(row.state),
        reason=Reason(row.reason) if row.reason else None,
        attempts=row.attempts,
        text=Digest.parse(row.text) if row.text else None,
    )


def _to_document(row: _Row) -> Document:
    return Document(
        id=DocumentId(row.id),
        source=Digest.parse(row.source),
        version=row.version,
        indexed_version=row.indexed_version,
        retired=row.retired,
        proposal=decode_proposal(row.body),
    )


def _to_person(row: _Row) -> Person:
    return Person(
        id=PersonId(row.id),
        surname=row.surname,
        name=row.name,
        cf=row.cf,
        birth_date=dt.date.fromisoformat(row.birth_date) if row.birth_date else None,
        birth_place=row.birth_place,
        residence=row.residence,
        aliases=tuple(json.loads(row.aliases)),
        extra=tuple((name, value) for name, value in json.loads(row.extra)),
    )


def _from_person(person: Person) -> dict[str, object]:
    return asdict(person) | {
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "aliases": json.dumps(person.aliases, ensure_ascii=False),
        "extra": json.dumps(person.extra, ensure_ascii=False),
    }


def _to_entry(row: _Row) -> LedgerEntry:
    record = Record(row.type, row.subject, row.at, row.agent, row.outcome, row.detail)
    return LedgerEntry(row.sequence, record, row.previous, row.hash)


def _from_entry(entry: LedgerEntry) -> dict[str, object]:
    columns = {"sequence": entry.sequence, "previous": entry.previous, "hash": entry.hash}
    return columns | asdict(entry.record)
