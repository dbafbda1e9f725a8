"""The ledger told to people: each entry as a sentence with its number, and what happened to a thing as their sequence.

There are four doors: a document, a batch, a person, an account. A story holds ids, never names: whoever shows it adds
the names that its reader may see.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from faldone.catalog.catalog import Batch, Catalog
from faldone.domain.events import EventType, user_agent
from faldone.domain.ids import DocumentId, PersonId
from faldone.pipeline.audit import trail
from faldone.pipeline.ports import Ports
from faldone.pipeline.sentences import Detail, Pair, agent_words, digest_of, sentence
from faldone.provenance.chain import LedgerEntry

READING: Final = frozenset(
    {
        EventType.ACCESS_REFUSED,
        EventType.REASON_GIVEN,
        EventType.GLASS_BROKEN,
        EventType.SEARCH_RUN,
        EventType.SEARCH_SAVED,
        EventType.SEARCH_DELETED,
        EventType.SEARCH_EXPORTED,
        EventType.DOSSIER_VIEWED,
        EventType.DOSSIER_EXPORTED,
        EventType.DOCUMENT_VIEWED,
        EventType.DOCUMENT_DOWNLOADED,
        EventType.PAGE_DELIVERED,
        EventType.PAGE_SEEN,
    }
)
"""The events of somebody looking; all others are of something being done."""

AUDITING: Final = frozenset({EventType.LEDGER_READ, EventType.REPORT_EXPORTED, EventType.ARCHIVE_VERIFIED})
"""The events of somebody looking into the ledger itself."""

MOST_LINES: Final = 500
"""Beyond so many, the events of a batch's files are counted by type."""

_READING_CODES = frozenset(kind.value for kind in READING)
_AUDITING_CODES = frozenset(kind.value for kind in AUDITING)
_FILED_CODES = frozenset(
    kind.value for kind in (EventType.DOCUMENT_PROPOSED, EventType.DOCUMENT_DECIDED, EventType.DOCUMENT_RETIRED)
)


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the ledger as a sentence.

    ``at`` is aware UTC, None when the stored time was altered into none; ``digest`` is what the entry vouches for,
    ``hash`` the entry's own.
    """

    sequence: int
    at: dt.datetime | None
    type: str
    subject: str
    account: str | None
    agent: Pair
    outcome: str
    sentence: Pair
    digest: str | None
    hash: str

    @property
    def italian(self) -> str:
        """The sentence in Italian."""
        return self.sentence.italian

    @property
    def english(self) -> str:
        """The sentence in English."""
        return self.sentence.english


@dataclass(frozen=True, slots=True)
class Counted:
    """How many events of a type there are, where there are too many to tell each."""

    type: str
    count: int


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to a thing, and who looked at it; ``counted`` stands for lines that would be too many."""

    lines: tuple[Line, ...]
    readings: tuple[Line, ...] = ()
    counted: tuple[Counted, ...] = ()


def story(entries: Iterable[LedgerEntry]) -> tuple[Line, ...]:
    """Every entry as a sentence, in the order they are given."""
    return tuple(map(to_line, entries))


def to_line(entry: LedgerEntry) -> Line:
    """One entry as a sentence; one that was altered, too."""
    record = entry.record
    detail = detail_of(entry)
    return Line(
        sequence=entry.sequence,
        at=time_of(entry),
        type=record.type,
        subject=record.subject,
        account=account_of(record.agent),
        agent=agent_words(record.agent),
        outcome=record.outcome,
        sentence=sentence(record.type, record.subject, detail),
        digest=digest_of(record.subject, detail),
        hash=entry.hash,
    )


def detail_of(entry: LedgerEntry) -> Detail:
    """The details of an entry; none when they were altered into something that is no flat object."""
    try:
        detail = json.loads(entry.record.detail)
    except ValueError:
        return {}
    if not isinstance(detail, dict):
        return {}
    return {name: value for name, value in detail.items() if value is None or isinstance(value, str | int | float)}


def time_of(entry: LedgerEntry) -> dt.datetime | None:
    """When it was, aware; None when the stored time is none any more."""
    try:
        at = dt.datetime.fromisoformat(entry.record.at)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def account_of(agent: str) -> str | None:
    """The name of the account that did it; None when a program did."""
    prefix = user_agent("")
    return agent.removeprefix(prefix) if agent.startswith(prefix) else None


def document_story(document: DocumentId, ports: Ports) -> Story:
    """What happened to a document, its file and its pages, and who looked at them.

    Raises:
        DocumentNotFoundError: there is no such document.
    """
    return _told(trail(document, ports))


def batch_story(batch: Batch, ports: Ports) -> Story:
    """What happened to a batch and the files that came in it; counted by type when those are many."""
    catalog = ports.catalog
    own = catalog.events([batch.id])
    subjects: list[str] = []
    for report in catalog.batch_files(batch.id):
        subjects.append(report.intake.id)
        if report.source is not None:
            subjects.append(str(report.source.digest))
    of_files = catalog.events(subjects)
    if len(of_files) > MOST_LINES:
        counts = Counter(entry.record.type for entry in of_files)
        counted = tuple(Counted(kind, count) for kind, count in sorted(counts.items()))
        return Story(_told(own).lines, _told(own).readings, counted)
    return _told(_in_order((*own, *of_files)))


def person_story(person: PersonId, ports: Ports) -> Story:
    """What happened to a person's record, what was filed under it, and who looked at the dossier.

    Of the documents, those that stand in the dossier now and the events that name the person.
    """
    catalog = ports.catalog
    records = one_and_absorbed(person, catalog)
    documents = [document.id for one in records for document in catalog.documents_of(one)]
    filed = [entry for entry in catalog.events(documents) if _files_under(entry, records)]
    return _told(_in_order((*catalog.events(sorted(records)), *filed)))


def one_and_absorbed(person: PersonId, catalog: Catalog) -> frozenset[PersonId]:
    """The ids under which the ledger knows a person: the record's, and those that were merged into it."""
    record = catalog.persons_with([person]).get(person)
    return frozenset({person}) if record is None else frozenset({person, record.id, *record.absorbed})


def account_story(
    name: str,
    ports: Ports,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    after: int = 0,
    limit: int = MOST_LINES,
) -> Story:
    """What an account did, oldest first, from ``since`` to before ``until``, after an entry's number."""
    return Story(story(ports.catalog.events_by(user_agent(name), since, until, limit, after)))


def last_verification(catalog: Catalog) -> Line | None:
    """When the archive was last verified, and what came of it; None when it never was."""
    entries = catalog.last_events(EventType.ARCHIVE_VERIFIED, 1)
    return to_line(entries[0]) if entries else None


def _told(entries: Iterable[LedgerEntry]) -> Story:
    done: list[Line] = []
    looked: list[Line] = []
    for line in map(to_line, entries):
        if line.type in _READING_CODES:
            looked.append(line)
        elif line.type not in _AUDITING_CODES:
            done.append(line)
    return Story(tuple(done), tuple(looked))


def _in_order(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    return sorted({entry.sequence: entry for entry in entries}.values(), key=lambda entry: entry.sequence)


def _files_under(entry: LedgerEntry, persons: frozenset[PersonId]) -> bool:
    if entry.record.type not in _FILED_CODES:
        return False
    holders = detail_of(entry).get("holders")
    return isinstance(holders, str) and not persons.isdisjoint(holders.split())
