"""The catalog on SQL: SQLite beside the files, or a server. This package alone knows SQLAlchemy."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from faldone.catalog.codec import SAYS_PERSON_CODES, decode_declared, decode_look
from faldone.catalog.records import (
    Batch,
    Document,
    FileReport,
    FileState,
    Intake,
    IntakeState,
    Link,
    Page,
    PageState,
    PrintedSheet,
    Progress,
    Source,
    SourceState,
    Unfinished,
    Unit,
)
from faldone.catalog.sql import tables as t
from faldone.catalog.sql.accounts import AccountsRead
from faldone.catalog.sql.base import at_once
from faldone.catalog.sql.board import BoardRead
from faldone.catalog.sql.counts import CountsRead
from faldone.catalog.sql.ledger import LedgerRead
from faldone.catalog.sql.recognition import RecognitionRead
from faldone.catalog.sql.register import RegisterRead
from faldone.catalog.sql.review import ReviewRead
from faldone.catalog.sql.rows import (
    behind_index,
    count,
    file_state,
    free,
    in_force,
    sheets_digest,
    source_row,
    time_text,
    to_batch,
    to_document,
    to_intake,
    to_link,
    to_page,
    to_sheet,
    to_source,
)
from faldone.catalog.sql.search import SearchRead
from faldone.catalog.sql.work import SqlWork
from faldone.domain.attribution import Band
from faldone.domain.campaign import RereadState
from faldone.domain.declared import Declared, names_of
from faldone.domain.digest import Digest
from faldone.domain.ids import BatchId, DocumentId, PageId
from faldone.domain.look import Mark, PageLook, Separator
from faldone.domain.reasons import Reason
from faldone.domain.sheet import SheetKind
from faldone.domain.verdict import Verdict
from faldone.errors import CatalogUnavailableError, DocumentNotFoundError, NotFoundError, PageNotFoundError
from faldone.provenance.chain import GENESIS

_BUSY_TIMEOUT_MS = 30_000
_DECODED_TEXTS = 64

_COMMON_KEY = 20
"""A key that so many earlier pages have is that of a letterhead or a form, and tells nothing."""


class SqlCatalog(
    RecognitionRead, ReviewRead, RegisterRead, SearchRead, AccountsRead, BoardRead, LedgerRead, CountsRead
):
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
        # What a key stands for never changes, and whoever turns pages or follows hits asks for the same ones.
        self._decoded = lru_cache(_DECODED_TEXTS)(self._decode)

    def migrate(self) -> None:
        """Brings the tables to the newest form, from nothing or from any earlier one."""
        if self._is_current():
            return
        # Imported when there is something to do: every command opens the catalog, and waits for its imports.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", "faldone.catalog.sql:migrations")
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
        moment = time_text(now)
        source_free = free(t.sources, moment)
        waiting = t.pages.c.state.in_([PageState.PENDING, PageState.CHECKED])
        waiting_page = sa.exists().where(t.pages.c.source == t.sources.c.digest, waiting)
        sources = sa.select(t.sources.c.digest, t.sources.c.attempts).order_by(t.sources.c.number).limit(limit)
        pages = sa.select(t.pages.c.id, t.pages.c.attempts).order_by(t.pages.c.number).limit(limit)
        newest = sa.select(t.pages.c.id, t.pages.c.attempts).order_by(t.pages.c.number.desc()).limit(limit)
        page_free = free(t.pages, moment)
        r = t.rereadings.c
        rereadings = (
            sa.select(r.id, r.attempts)
            .join(t.pages, t.pages.c.id == r.page)
            .join(t.sources, t.sources.c.digest == t.pages.c.source)
            .where(r.state == RereadState.DUE, free(t.rereadings, moment))
            .where(t.sources.c.state == SourceState.PROPOSED)
        )
        with self._engine.connect() as connection:

            def units(query: sa.Select[Any]) -> tuple[Unit, ...]:
                return tuple(Unit(*row) for row in connection.execute(query))

            return Unfinished(
                open=units(sources.where(t.sources.c.state == SourceState.SEALED, source_free)),
                look=units(newest.where(t.pages.c.state == PageState.PENDING, page_free)),
                recognise=units(pages.where(t.pages.c.state == PageState.CHECKED, page_free)),
                attribute=units(sources.where(t.sources.c.state == SourceState.OPENED, source_free, ~waiting_page)),
                reread=units(rereadings.order_by(r.number).limit(limit)),
                index=count(connection, t.documents, behind_index()),
            )

    def progress(self) -> Progress:
        """See :meth:`Catalog.progress`."""
        with self._engine.connect() as connection:
            return Progress(
                files=count(connection, t.intakes),
                pages=count(connection, t.pages),
                pages_done=count(
                    connection, t.pages, t.pages.c.state.in_([PageState.RECOGNISED, PageState.QUARANTINED])
                ),
                documents=count(connection, t.documents, ~t.documents.c.retired),
                unfinished=count(
                    connection, t.sources, t.sources.c.state.in_([SourceState.SEALED, SourceState.OPENED])
                ),
                behind_index=count(connection, t.documents, behind_index()),
            )

    # ---- files and pages

    def source(self, digest: Digest) -> Source:
        """See :meth:`Catalog.source`."""
        with self._engine.connect() as connection:
            found = source_row(connection, digest)
        if found is None:
            raise NotFoundError(f"Nessun file con impronta {digest}. / No file with digest {digest}.")
        return found

    def sources(self) -> Iterator[Source]:
        """See :meth:`Catalog.sources`."""
        yield from map(to_source, self._stream(sa.select(t.sources).order_by(t.sources.c.number)))

    def page(self, page: PageId) -> Page:
        """See :meth:`Catalog.page`."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(t.pages).where(t.pages.c.id == page)).first()
        if row is None:
            raise PageNotFoundError(f"Nessuna pagina {page}. / No page {page}.")
        return to_page(row)

    def pages(self, source: Digest, span: range | None = None) -> tuple[Page, ...]:
        """See :meth:`Catalog.pages`."""
        query = sa.select(t.pages).where(t.pages.c.source == str(source)).order_by(t.pages.c.index)
        if span is not None:
            query = query.where(t.pages.c.index.between(span.start, span.stop - 1))
        with self._engine.connect() as connection:
            return tuple(map(to_page, connection.execute(query)))

    def waiting(self, source: Digest) -> bool:
        """See :meth:`Catalog.waiting`."""
        undone = t.pages.c.state.in_([PageState.PENDING, PageState.CHECKED])
        query = sa.select(t.pages.c.id).where(t.pages.c.source == str(source), undone).limit(1)
        with self._engine.connect() as connection:
            return connection.scalar(query) is not None

    def look(self, page: PageId) -> PageLook | None:
        """See :meth:`Catalog.look`."""
        with self._engine.connect() as connection:
            body = connection.scalar(sa.select(t.looks.c.body).where(t.looks.c.page == page))
        return decode_look(body) if body is not None else None

    def marks(self, source: Digest) -> Mapping[int, Mark]:
        """See :meth:`Catalog.marks`."""
        p = t.pages.c
        query = sa.select(p.index, p.separator, p.token).where(p.source == str(source), p.separator.is_not(None))
        with self._engine.connect() as connection:
            return {
                index: Mark(Separator(separator), token)
                for index, separator, token in connection.execute(query.order_by(p.index))
            }

    def person_codes(self, source: Digest) -> Mapping[int, tuple[str, ...]]:
        """See :meth:`Catalog.person_codes`."""
        query = (
            sa.select(t.pages.c.index, t.looks.c.body)
            .join(t.looks, t.looks.c.page == t.pages.c.id)
            .where(t.pages.c.source == str(source), t.looks.c.body.contains(SAYS_PERSON_CODES, autoescape=True))
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(t.pages.c.index))
            return {index: decode_look(body).person_codes for index, body in rows}

    def blank_pages(self, source: Digest) -> frozenset[int]:
        """See :meth:`Catalog.blank_pages`."""
        query = sa.select(t.pages.c.index).where(t.pages.c.source == str(source), t.pages.c.blank)
        with self._engine.connect() as connection:
            return frozenset(connection.scalars(query))

    def bad_pages(self, source: Digest) -> frozenset[int]:
        """See :meth:`Catalog.bad_pages`."""
        red = (t.pages.c.source == str(source)) & (t.pages.c.verdict == Verdict.BAD)
        with self._engine.connect() as connection:
            return frozenset(connection.scalars(sa.select(t.pages.c.index).where(red)))

    def alike(self, page: PageId) -> tuple[PageId, ...]:
        """See :meth:`Catalog.alike`."""
        own = sa.select(t.keys.c.key).where(t.keys.c.page == page)
        with self._engine.connect() as connection:
            number = connection.scalar(sa.select(t.pages.c.number).where(t.pages.c.id == page))
            found: dict[PageId, None] = {}
            query = (  # made once: for each of some twenty keys that takes longer than the answer
                sa.select(t.keys.c.page)
                .join(t.pages, t.pages.c.id == t.keys.c.page)
                .where(t.keys.c.key == sa.bindparam("key"), t.pages.c.number < number)
                .limit(_COMMON_KEY)
            )
            for key in connection.scalars(own).all():
                sharing = connection.scalars(query, {"key": key}).all()
                if len(sharing) < _COMMON_KEY:
                    found |= dict.fromkeys(map(PageId, sharing))
        return tuple(found)

    def links(self, pages: Sequence[PageId]) -> tuple[Link, ...]:
        """See :meth:`Catalog.links`."""
        c = t.links.c
        found: dict[tuple[str, str], Link] = {}
        for some in at_once(pages):
            query = sa.select(t.links).where(c.page.in_(some) | c.earlier.in_(some)).order_by(c.page, c.earlier)
            found |= {(row.page, row.earlier): to_link(row) for row in self._stream(query)}
        return tuple(found.values())

    # ---- batches and sheets

    def batches(self) -> tuple[Batch, ...]:
        """See :meth:`Catalog.batches`."""
        with self._engine.connect() as connection:
            query = sa.select(t.batches).order_by(t.batches.c.opened_at, t.batches.c.code)
            return tuple(map(to_batch, connection.execute(query)))

    def batch(self, name: str) -> Batch:
        """See :meth:`Catalog.batch`."""
        with self._engine.connect() as connection:
            query = sa.select(t.batches).where(sa.or_(t.batches.c.code == name, t.batches.c.id == name))
            # The id first: any folder may be called as another batch's id.
            row = connection.execute(query.order_by((t.batches.c.id == name).desc())).first()
        if row is None:
            raise NotFoundError(f"Nessun lotto «{name}». / No batch “{name}”.", hint="faldone batch list")
        return to_batch(row)

    def batch_files(self, batch: BatchId) -> Iterator[FileReport]:
        """See :meth:`Catalog.batch_files`."""
        return self._reports(None, t.intakes.c.batch == batch)

    def sheet(self, token: str) -> PrintedSheet | None:
        """See :meth:`Catalog.sheet`."""
        found = self._sheets(t.sheets.c.token == token)
        return found[0] if found else None

    def sheets(self, runs: Collection[str] | None = None) -> tuple[PrintedSheet, ...]:
        """See :meth:`Catalog.sheets`."""
        return self._sheets(sa.true() if runs is None else t.sheets.c.run.in_(list(runs)))

    def batch_sheets(self, batch: BatchId) -> tuple[PrintedSheet, ...]:
        """See :meth:`Catalog.batch_sheets`."""
        came = (
            sa.select(t.sheets.c.run)
            .join(t.pages, t.pages.c.token == t.sheets.c.token)
            .join(t.intakes, t.intakes.c.source == t.pages.c.source)
            .where(t.intakes.c.batch == batch)
        )
        return self._sheets(sa.or_(t.sheets.c.batch == batch, t.sheets.c.run.in_(came)))

    def _sheets(self, wanted: sa.ColumnElement[bool]) -> tuple[PrintedSheet, ...]:
        query = sa.select(t.sheets).where(wanted)
        with self._engine.connect() as connection:
            found = map(to_sheet, connection.execute(query))
            return tuple(sorted(found, key=lambda one: (one.printed_at, one.sheet.run, one.sheet.number)))

    def sheet_digests(self) -> Iterator[tuple[str, Digest]]:
        """See :meth:`Catalog.sheet_digests`."""
        runs: dict[str, list[PrintedSheet]] = {}
        for printed in self.sheets():
            runs.setdefault(printed.sheet.run, []).append(printed)
        for run, printed_in_it in runs.items():
            yield run, sheets_digest(one.sheet for one in printed_in_it)

    def declared(self, intake: Intake) -> tuple[Declared, ...]:
        """See :meth:`Catalog.declared`."""
        c = t.sidecars.c
        query = sa.select(c.target, c.body).where(c.batch == intake.batch).order_by(c.number.desc())
        with self._engine.connect() as connection:
            found = [(target, decode_declared(body)) for target, body in connection.execute(query)]
        names = set(names_of(intake.path))
        of_file = [said for target, said in found if target and target in names]
        return tuple(of_file + [said for target, said in found if not target])

    def declared_files(self, batch: BatchId) -> tuple[tuple[Digest, str], ...]:
        """See :meth:`Catalog.declared_files`."""
        c = t.sidecars.c
        query = sa.select(c.source, c.target).where(c.batch == batch, c.target != "").order_by(c.number)
        with self._engine.connect() as connection:
            return tuple((Digest.parse(source), target) for source, target in connection.execute(query))

    def earlier_cover(self, source: Digest) -> PrintedSheet | None:
        """See :meth:`Catalog.earlier_cover`."""
        own = sa.select(t.intakes).where(t.intakes.c.source == str(source)).order_by(t.intakes.c.number).limit(1)
        with self._engine.connect() as connection:
            intake = connection.execute(own).one()
            name = sa.select(t.batches.c.name).where(t.batches.c.id == intake.batch)
            if connection.scalar(name) == intake.arrived_at[:10]:
                return None  # the loose files of a day have nothing to do with each other
            cover = sa.select(t.sheets.c.token).where(t.sheets.c.kind == SheetKind.COVER).limit(1)
            if connection.scalar(cover) is None:
                return None  # where covers are not in use, no batch is looked through for one
            query = (
                sa.select(t.sheets)
                .join(t.pages, t.pages.c.token == t.sheets.c.token)
                .join(t.intakes, t.intakes.c.source == t.pages.c.source)
                .where(
                    t.sheets.c.kind == SheetKind.COVER,
                    t.intakes.c.batch == intake.batch,
                    t.intakes.c.number < intake.number,
                )
                .order_by(t.intakes.c.number.desc(), t.pages.c.index.desc())
                .limit(1)
            )
            row = connection.execute(query).first()
        return to_sheet(row) if row is not None else None

    def page_turns(self, source: Digest) -> Mapping[int, int]:
        """See :meth:`Catalog.page_turns`."""
        p = t.pages.c
        query = sa.select(p.index, t.page_turns.c.turn).join(t.page_turns, t.page_turns.c.page == p.id)
        with self._engine.connect() as connection:
            return {index: turn for index, turn in connection.execute(query.where(p.source == str(source)))}

    def page_places(self, source: Digest) -> Mapping[int, int]:
        """See :meth:`Catalog.page_places`."""
        p = t.pages.c
        query = sa.select(p.index, t.page_places.c.place).join(t.page_places, t.page_places.c.page == p.id)
        with self._engine.connect() as connection:
            return {index: place for index, place in connection.execute(query.where(p.source == str(source)))}

    def boundaries(self, source: Digest) -> Mapping[int, bool]:
        """See :meth:`Catalog.boundaries`."""
        b = t.boundaries.c
        query = sa.select(b.page, b.starts).where(b.source == str(source), ~b.undone).order_by(b.number)
        with self._engine.connect() as connection:
            return {page: starts for page, starts in connection.execute(query)}

    def intakes(self, source: Digest) -> tuple[Intake, ...]:
        """See :meth:`Catalog.intakes`."""
        query = sa.select(t.intakes).where(t.intakes.c.source == str(source)).order_by(t.intakes.c.number)
        with self._engine.connect() as connection:
            return tuple(map(to_intake, connection.execute(query)))

    def refused_intakes(self) -> tuple[Intake, ...]:
        """See :meth:`Catalog.refused_intakes`."""
        i = t.intakes.c
        query = sa.select(t.intakes).where(i.state == IntakeState.REFUSED, ~i.released).order_by(i.number)
        with self._engine.connect() as connection:
            return tuple(map(to_intake, connection.execute(query)))

    def files(self, states: frozenset[FileState] | None = None) -> Iterator[FileReport]:
        """See :meth:`Catalog.files`."""
        return self._reports(states)

    def _reports(self, states: frozenset[FileState] | None, *where: sa.ColumnElement[bool]) -> Iterator[FileReport]:
        worst = sa.case((t.documents.c.band == Band.HOLD, 2), (t.documents.c.band == Band.REVIEW, 1), else_=0)
        doubt = (
            sa.select(t.documents.c.source, sa.func.max(worst).label("doubt"))
            .where(~t.documents.c.retired)
            .group_by(t.documents.c.source)
            .subquery()
        )
        scans = (
            sa.select(
                t.pages.c.source,
                sa.func.sum(sa.case((t.pages.c.verdict == Verdict.DOUBTFUL, 1), else_=0)).label("amber"),
                sa.func.sum(sa.case((t.pages.c.verdict == Verdict.BAD, 1), else_=0)).label("red"),
            )
            .where(t.pages.c.verdict.in_([Verdict.DOUBTFUL, Verdict.BAD]))
            .group_by(t.pages.c.source)
            .subquery()
        )
        query = (
            sa.select(t.intakes, doubt.c.doubt, scans.c.amber, scans.c.red)
            .outerjoin(doubt, t.intakes.c.source == doubt.c.source)
            .outerjoin(scans, t.intakes.c.source == scans.c.source)
            .where(sa.or_(t.intakes.c.state != IntakeState.REFUSED, ~t.intakes.c.released), *where)
            .order_by(t.intakes.c.number)
        )
        wanted = sa.select(t.sources)
        if where:
            wanted = wanted.where(t.sources.c.digest.in_(sa.select(t.intakes.c.source).where(*where)))
        with self._engine.connect() as connection:
            sources = {row.digest: to_source(row) for row in connection.execute(wanted)}
        for row in self._stream(query):
            intake = to_intake(row)
            source = sources.get(row.source)
            state = file_state(intake, source, row.doubt)
            if states is None or state in states:
                reasons = self._reasons(intake, source, state)
                yield FileReport(intake, source, state, reasons, row.amber or 0, row.red or 0)

    def _reasons(self, intake: Intake, source: Source | None, state: FileState) -> tuple[Reason, ...]:
        if source is not None and source.reason is not None:
            return (source.reason,)
        if intake.reason is not None:
            return (intake.reason,)
        if source is None or state in (FileState.FILED, FileState.PROCESSING):
            return ()
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

    def behind_copies(self, limit: int, attempts: int) -> tuple[Unit, ...]:
        """See :meth:`Catalog.behind_copies`."""
        d = t.documents.c
        wanted = (d.version > d.copied_version) & (~d.retired | (d.copied_version > 0)) & (d.copy_attempts < attempts)
        query = sa.select(d.id, d.copy_attempts).where(wanted).order_by(d.number).limit(limit)
        with self._engine.connect() as connection:
            return tuple(Unit(*row) for row in connection.execute(query))

    def behind_index(self, limit: int) -> tuple[Document, ...]:
        """See :meth:`Catalog.behind_index`."""
        return self._documents(behind_index(), limit=limit)

    def _documents(self, *where: sa.ColumnElement[bool], limit: int | None = None) -> tuple[Document, ...]:
        query = (
            sa.select(t.documents, t.proposals.c.body)
            .join(t.proposals, in_force())
            .where(*where)
            .order_by(t.documents.c.source, t.documents.c.first_page)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return tuple(map(to_document, connection.execute(query)))

    def close(self) -> None:
        """See :meth:`Catalog.close`."""
        self._engine.dispose()


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
