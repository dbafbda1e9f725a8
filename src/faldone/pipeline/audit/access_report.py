"""Who saw what, and why: the ledger's events of looking, one row each, with the reason that was in force.

What was sent to a screen ahead of time and never shown is told apart from what was seen; what was sent is never left
out. A row holds ids alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from faldone.catalog.catalog import Catalog
from faldone.catalog.records import Document
from faldone.domain.account import Purpose
from faldone.domain.events import EventType, user_agent
from faldone.domain.ids import DocumentId, PageId, PersonId, page_id
from faldone.errors import NotFoundError
from faldone.pipeline.accounts.access_reasons import REASON_HOLDS
from faldone.pipeline.audit.shown import Seen, Shown, entries_of, time_of
from faldone.pipeline.audit.story import READING, account_of, detail_of, one_and_absorbed
from faldone.pipeline.audit.telling.words import page_number
from faldone.pipeline.ports import Ports
from faldone.provenance.chain import LedgerEntry

THUMBNAIL: Final = "thumbnail"
"""What a delivery calls the small picture of a page."""

_AT_ONCE: Final = 1_000
_REASONS: Final = frozenset({EventType.REASON_GIVEN, EventType.GLASS_BROKEN})


@dataclass(frozen=True, slots=True)
class AccessQuestion:
    """Which looks are asked for; what is None does not matter. ``since`` belongs to the time, ``until`` does not.

    Without ``thumbnails`` the small pictures that were sent are left out: a list sends many of them at a glance, and
    what somebody then opened and saw has rows of its own.
    """

    person: PersonId | None = None
    document: DocumentId | None = None
    account: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    purpose: Purpose | None = None
    thumbnails: bool = True


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One look. ``page`` counts from 1 within the file; ``purpose`` is the code of the reason in force, if any.

    ``rule`` is what stood against a look that was refused; ``thumbnail`` says that only a small picture was sent.
    """

    sequence: int
    at: dt.datetime | None
    account: str
    type: str
    subject: str
    document: DocumentId | None
    page: int | None
    person: PersonId | None
    shown: Shown | None
    purpose: str | None
    outcome: str
    hash: str
    rule: str | None = None
    thumbnail: bool = False


@dataclass(frozen=True, slots=True)
class AccessPage:
    """Rows in the order of the ledger; ``after`` is where the next ones begin, None at the end.

    ``left_out`` is how many thumbnails stand between them and are not among them.
    """

    rows: tuple[AccessRow, ...]
    after: int | None
    left_out: int = 0


def access_page(question: AccessQuestion, ports: Ports, *, after: int = 0, limit: int = 100) -> AccessPage:
    """The first ``limit`` rows after an entry of the ledger."""
    found: list[AccessRow] = []
    left_out = since_last = 0
    for row in _rows_after(question, after, min(limit + 1, _AT_ONCE), ports):
        if row.thumbnail and not question.thumbnails:
            since_last += 1
            continue
        if len(found) == limit:
            return AccessPage(tuple(found), found[-1].sequence, left_out)
        found.append(row)
        left_out, since_last = left_out + since_last, 0
    return AccessPage(tuple(found), None, left_out + since_last)


def access_rows(question: AccessQuestion, ports: Ports) -> Iterator[AccessRow]:
    """All rows, some hundreds fetched at a time."""
    for row in _rows_after(question, 0, _AT_ONCE, ports):
        if question.thumbnails or not row.thumbnail:
            yield row


def _rows_after(question: AccessQuestion, after: int, at_once: int, ports: Ports) -> Iterator[AccessRow]:
    scope = _Scope.of(question, ports.catalog)
    while True:
        entries = ports.catalog.events_of(
            READING,
            agent=user_agent(question.account) if question.account is not None else None,
            subjects=scope.subjects,
            since=question.since,
            until=question.until,
            limit=at_once,
            after=after,
        )
        for row in _rows(entries, scope, ports.catalog):
            if question.purpose is None or row.purpose == question.purpose.value:
                yield row
        if len(entries) < at_once:
            return
        after, at_once = entries[-1].sequence, _AT_ONCE


@dataclass(frozen=True, slots=True)
class _Scope:
    """The subjects that a question is about (None: all), and the documents of those of them that are pages."""

    subjects: frozenset[str] | None
    pages: Mapping[str, DocumentId]

    @classmethod
    def of(cls, question: AccessQuestion, catalog: Catalog) -> _Scope:
        if question.person is None and question.document is None:
            return cls(None, {})
        own: Collection[str]
        if question.person is None:
            own = {str(question.document)}
            documents = dict(catalog.documents_with([DocumentId(str(question.document))]))
        else:
            own = one_and_absorbed(question.person, catalog)
            documents = {one.id: one for person in sorted(own) for one in catalog.documents_of(PersonId(person))}
            if question.document is not None:  # one that is none of the person's has no rows
                own = ()
                documents = {key: one for key, one in documents.items() if key == question.document}
        pages = {str(page_id(one.source, index)): one.id for one in documents.values() for index in one.span}
        return cls(frozenset({*own, *documents, *pages}), pages)


def _rows(entries: Sequence[LedgerEntry], scope: _Scope, catalog: Catalog) -> Iterator[AccessRow]:
    if not entries:
        return
    looks = _with_documents([_look(entry, scope) for entry in entries], catalog)
    seen = Seen.around(entries, catalog)
    reasons = _Reasons.around(looks, catalog)
    for look in looks:
        yield AccessRow(
            sequence=look.sequence,
            at=look.at,
            account=look.account,
            type=look.type,
            subject=look.subject,
            document=look.document,
            page=look.page,
            person=look.person,
            shown=seen.shown(look.entry),
            purpose=look.purpose or reasons.purpose(look),
            outcome=look.entry.record.outcome,
            hash=look.entry.hash,
            rule=look.rule,
            thumbnail=look.thumbnail,
        )


@dataclass(frozen=True, slots=True)
class _Look:
    """An entry of looking, taken apart."""

    entry: LedgerEntry
    at: dt.datetime | None
    account: str
    document: DocumentId | None
    page: int | None
    person: PersonId | None
    purpose: str | None
    rule: str | None
    thumbnail: bool

    @property
    def sequence(self) -> int:
        return self.entry.sequence

    @property
    def type(self) -> str:
        return self.entry.record.type

    @property
    def subject(self) -> str:
        return self.entry.record.subject


def _look(entry: LedgerEntry, scope: _Scope) -> _Look:
    record, detail = entry.record, detail_of(entry)
    subject = record.subject
    said = detail.get("document")
    document = (
        subject if subject.startswith("d-") else scope.pages.get(subject, said if isinstance(said, str) else None)
    )
    page = page_number(subject)
    if page is None and isinstance(detail.get("page"), int):
        page = int(detail["page"] or 0)
    named = detail.get("person")
    person = subject if subject.startswith("u-") else named if isinstance(named, str) else None
    purpose = detail.get("purpose")
    return _Look(
        entry=entry,
        at=time_of(entry),
        account=account_of(record.agent) or record.agent,
        document=DocumentId(document) if document else None,
        page=page,
        person=PersonId(person) if person else None,
        purpose=purpose if isinstance(purpose, str) and purpose else None,
        rule=str(detail.get("rule")) if record.type == EventType.ACCESS_REFUSED.value else None,
        thumbnail=record.type == EventType.PAGE_DELIVERED.value and detail.get("size") == THUMBNAIL,
    )


def _with_documents(looks: Sequence[_Look], catalog: Catalog) -> list[_Look]:
    """The looks at pages of which no document is told, with the one that the page is in now."""
    files: dict[str, tuple[Document, ...]] = {}
    found = []
    for look in looks:
        file, _, index = look.subject.rpartition("-")
        if look.document is None and page_number(look.subject) is not None:
            if file not in files:
                files[file] = _documents_around(PageId(look.subject), catalog)
            around = (one.id for one in files[file] if int(index) in one.span)
            look = replace(look, document=next(around, None))
        found.append(look)
    return found


def _documents_around(page: PageId, catalog: Catalog) -> tuple[Document, ...]:
    try:
        return catalog.documents(catalog.page(page).source)
    except NotFoundError:  # an entry that was altered names any page
        return ()


@dataclass(frozen=True, slots=True)
class _Reasons:
    """The reasons that were in force while somebody looked, and who the holders of what they looked at are."""

    given: Mapping[tuple[str, str], tuple[tuple[dt.datetime, dt.datetime, str], ...]]
    holders: Mapping[DocumentId, frozenset[str]]

    @classmethod
    def around(cls, looks: Sequence[_Look], catalog: Catalog) -> _Reasons:
        times = [look.at for look in looks if look.at is not None]
        if not times:
            return cls({}, {})
        documents = {look.document for look in looks if look.document is not None}
        holders = {
            key: frozenset(one.value.person for one in found.proposal.holders if one.value.person is not None)
            for key, found in catalog.documents_with(documents).items()
        }
        subjects = {*documents, *(look.person for look in looks if look.person is not None)}
        subjects = subjects.union(*holders.values())
        found = entries_of(
            _REASONS, subjects, min(times) - REASON_HOLDS, max(times) + dt.timedelta(microseconds=1), catalog
        )
        given: dict[tuple[str, str], list[tuple[dt.datetime, dt.datetime, str]]] = {}
        for entry in found:
            account, at, detail = account_of(entry.record.agent), time_of(entry), detail_of(entry)
            until = _moment(detail.get("until"))
            if account is not None and at is not None and until is not None:
                spans = given.setdefault((account, entry.record.subject), [])
                spans.append((at, until, str(detail.get("purpose") or "")))
        return cls({key: tuple(spans) for key, spans in given.items()}, holders)

    def purpose(self, look: _Look) -> str | None:
        """The purpose of the last reason that held for what was looked at; None when none was given."""
        if look.at is None:
            return None
        about = {look.subject, look.document, look.person}
        if look.document is not None:
            about |= self.holders.get(look.document, frozenset())
        held = [
            span
            for subject in about
            if subject is not None
            for span in self.given.get((look.account, subject), ())
            if span[0] <= look.at <= span[1]
        ]
        return max(held)[2] or None if held else None


def _moment(value: object) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
