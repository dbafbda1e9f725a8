"""Between the rows of the catalog's tables and the values that it speaks in."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, TypeAlias

import sqlalchemy as sa

from faldone.catalog.codec import decode_facts, decode_grade, decode_proposal, decode_signature
from faldone.catalog.records import (
    BAND_STATES,
    Batch,
    Document,
    FileState,
    Intake,
    IntakeState,
    Link,
    Page,
    PageState,
    PrintedSheet,
    Rereading,
    Source,
    SourceState,
)
from faldone.catalog.sql import tables as t
from faldone.domain.attribution import Band
from faldone.domain.campaign import CampaignId, RereadingId, RereadState
from faldone.domain.digest import Digest
from faldone.domain.ids import BatchId, DocumentId, IntakeId, PageId, PersonId
from faldone.domain.look import Mark, Separator
from faldone.domain.person import Origin, Person
from faldone.domain.reasons import Reason
from faldone.domain.sheet import Sheet, SheetKind
from faldone.domain.verdict import Verdict
from faldone.provenance.canonical import Record
from faldone.provenance.chain import LedgerEntry

Row: TypeAlias = Any
"""A SQLAlchemy row: its columns are known to the tables, not to the type checker."""


_SAID_OF_PERSON = ("id", "surname", "name", "cf", "birth_date", "birth_place", "residence", "aliases", "extra")


def in_force() -> sa.ColumnElement[bool]:
    """The proposal of a document that counts now."""
    return sa.and_(t.proposals.c.document == t.documents.c.id, t.proposals.c.version == t.documents.c.version)


def register_digest(connection: sa.Connection) -> Digest:
    """The digest over every person of the imported register, as it was imported."""
    p = t.persons.c
    said = (p[name] for name in _SAID_OF_PERSON)
    rows = connection.execute(sa.select(*said).where(p.origin == Origin.REGISTER).order_by(p.id))
    sha256 = hashlib.sha256()
    for row in rows:
        sha256.update(_line(row) + b"\n")
    return Digest(sha256.hexdigest())


def person_digest(row: Row) -> Digest:
    """The digest over one person as it is stored, and how it came on record."""
    return Digest.of(_line([*(row._mapping[name] for name in _SAID_OF_PERSON), row.origin, row.salt]))


def _line(said: Iterable[object]) -> bytes:
    return json.dumps(list(said), ensure_ascii=False).encode()


def free(table: sa.Table, moment: str) -> sa.ColumnElement[bool]:
    """Whether nobody keeps the row to himself at ``moment``."""
    return sa.or_(table.c.claimed_until.is_(None), table.c.claimed_until < moment)


def behind_index() -> sa.ColumnElement[bool]:
    """Whether the projection of a document is older than the document."""
    d = t.documents.c
    return sa.and_(d.version > d.indexed_version, d.index_error.is_(None))


def count(connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    """How many rows there are."""
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


def file_state(intake: Intake, source: Source | None, doubt: int | None) -> FileState:
    """What a person is told of an arrival; ``doubt`` is the rank of the band of its most doubtful document."""
    if source is None or source.state is SourceState.QUARANTINED:
        return FileState.QUARANTINED
    if intake.state is IntakeState.DUPLICATE:
        return FileState.DUPLICATE
    if source.state in (SourceState.UNPACKED, SourceState.NOTED):
        return FileState.FILED  # its parts have states of their own; a sidecar is no paper
    if source.state is not SourceState.PROPOSED:
        return FileState.PROCESSING
    if doubt is None:
        return FileState.FILED  # separators alone make no document
    return BAND_STATES[(Band.AUTO, Band.REVIEW, Band.HOLD)[doubt]]


def time_text(moment: dt.datetime) -> str:
    """A time as the tables hold it."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def source_row(connection: sa.Connection, digest: Digest) -> Source | None:
    """A sealed file, if it is on record."""
    row = connection.execute(sa.select(t.sources).where(t.sources.c.digest == str(digest))).first()
    return to_source(row) if row is not None else None


def to_source(row: Row) -> Source:
    """A sealed file from its row."""
    return Source(
        digest=Digest.parse(row.digest),
        size=row.size,
        media_type=row.media_type,
        pages=row.pages,
        state=SourceState(row.state),
        reason=Reason(row.reason) if row.reason else None,
        attempts=row.attempts,
        sealed_at=dt.datetime.fromisoformat(row.sealed_at),
        signature=decode_signature(row.signature) if row.signature else None,
    )


def to_intake(row: Row) -> Intake:
    """An arrival from its row."""
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
        stamp=row.stamp,
        container=Digest.parse(row.container) if row.container else None,
    )


def from_intake(intake: Intake) -> dict[str, object]:
    """The columns of an arrival."""
    return {
        "id": intake.id,
        "batch": intake.batch,
        "path": intake.path,
        "raw_path": intake.raw_path,
        "source": str(intake.source) if intake.source is not None else None,
        "size": intake.size,
        "arrived_at": time_text(intake.arrived_at),
        "state": intake.state,
        "reason": intake.reason,
        "released": intake.released,
        "stamp": intake.stamp,
        "container": str(intake.container) if intake.container is not None else None,
    }


def to_batch(row: Row) -> Batch:
    """A batch from its row."""
    return Batch(
        id=BatchId(row.id),
        code=row.code,
        inbox=row.inbox,
        by_hand=row.by_hand,
        opened_at=dt.datetime.fromisoformat(row.opened_at),
        closed_at=dt.datetime.fromisoformat(row.closed_at) if row.closed_at else None,
        facts=decode_facts(row.facts),
    )


def to_link(row: Row) -> Link:
    """A link between two pages from its row."""
    return Link(PageId(row.page), PageId(row.earlier), row.kind, row.score)


def to_sheet(row: Row) -> PrintedSheet:
    """A printed sheet from its row."""
    person = PersonId(row.person) if row.person else None
    return PrintedSheet(
        sheet=Sheet(row.token, SheetKind(row.kind), row.number, row.of, row.run, person, row.service),
        batch=BatchId(row.batch) if row.batch else None,
        printed_at=dt.datetime.fromisoformat(row.printed_at),
        page=PageId(row.page) if row.page else None,
    )


def sheets_digest(sheets: Iterable[Sheet]) -> Digest:
    """The digest of the sheets of one print run, which says what each of them stands for."""
    said = sorted((sheet.number, sheet.token, sheet.kind.value, sheet.person, sheet.service) for sheet in sheets)
    return Digest.of(json.dumps(said).encode())


def to_page(row: Row) -> Page:
    """A page from its row."""
    return Page(
        id=PageId(row.id),
        source=Digest.parse(row.source),
        index=row._mapping["index"],  # `row.index` is a tuple's method
        state=PageState(row.state),
        reason=Reason(row.reason) if row.reason else None,
        attempts=row.attempts,
        text=Digest.parse(row.text) if row.text else None,
        verdict=Verdict(row.verdict) if row.verdict else None,
        mark=Mark(Separator(row.separator), row.token) if row.separator else None,
    )


def to_rereading(row: Row) -> Rereading:
    """A page of a campaign from its row."""
    return Rereading(
        id=RereadingId(row.id),
        campaign=CampaignId(row.campaign),
        page=PageId(row.page),
        state=RereadState(row.state),
        attempts=row.attempts,
        reason=Reason(row.reason) if row.reason else None,
        old=Digest.parse(row.old) if row.old else None,
        new=Digest.parse(row.new) if row.new else None,
        before=decode_grade(row.before),
        after=decode_grade(row.after),
    )


def to_document(row: Row) -> Document:
    """A document from its row and that of its proposal in force."""
    return Document(
        id=DocumentId(row.id),
        source=Digest.parse(row.source),
        version=row.version,
        indexed_version=row.indexed_version,
        retired=row.retired,
        proposal=decode_proposal(row.body),
        refused=row.index_error is not None,
    )


def to_person(row: Row) -> Person:
    """A person from the row."""
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
        origin=Origin(row.origin),
    )


def from_person(person: Person) -> dict[str, object]:
    """The columns of a person; what was merged into it stays in rows of its own."""
    columns = {name: value for name, value in asdict(person).items() if name not in ("other_codes", "absorbed")}
    return columns | {
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "aliases": json.dumps(person.aliases, ensure_ascii=False),
        "extra": json.dumps(person.extra, ensure_ascii=False),
    }


def to_entry(row: Row) -> LedgerEntry:
    """An entry of the ledger from its row."""
    record = Record(row.type, row.subject, row.at, row.agent, row.outcome, row.detail)
    return LedgerEntry(row.sequence, record, row.previous, row.hash)


def from_entry(entry: LedgerEntry) -> dict[str, object]:
    """The columns of an entry of the ledger."""
    columns = {"sequence": entry.sequence, "previous": entry.previous, "hash": entry.hash}
    return columns | asdict(entry.record)
