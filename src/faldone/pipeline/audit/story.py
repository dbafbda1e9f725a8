"""The ledger told to people: each entry as a sentence with its number, and what happened to a thing as their sequence.

There are four doors: a document, a batch, a person, an account. A story holds ids, never names: whoever shows it adds
the names that its reader may see. As what a document is filed (its holder, type and service) is told to those alone who
may open it; that something was filed, when, by whom and under which hash is told to every reader.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from faldone.catalog.catalog import Catalog
from faldone.catalog.records import Batch
from faldone.classify.lexicon import Lexicon
from faldone.domain.events import EventType, user_agent
from faldone.domain.ids import DocumentId, PersonId
from faldone.pipeline.audit.audit import trail
from faldone.pipeline.audit.sentences import sentence
from faldone.pipeline.audit.shown import Seen, Shown, time_of
from faldone.pipeline.audit.telling.documents import WITHHELD
from faldone.pipeline.audit.telling.words import Detail, Pair, agent_words, digest_of, named
from faldone.pipeline.ports import Ports
from faldone.provenance.canonical import SALT
from faldone.provenance.chain import LedgerEntry

READING: Final = frozenset(
    {
        EventType.ACCESS_REFUSED,
        EventType.REASON_GIVEN,
        EventType.GLASS_BROKEN,
        EventType.REGISTER_READ,
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

OF_ACCOUNTS: Final = frozenset(
    {
        EventType.ACCOUNT_CHANGED,
        EventType.CREDENTIALS_CHANGED,
        EventType.SESSION_OPENED,
        EventType.SESSION_REFUSED,
        EventType.SESSION_CLOSED,
    }
)
"""The events of an account itself, whoever did them: who was refused at the door did nothing by that account."""

Tells = Callable[[Collection[DocumentId]], Collection[DocumentId]]
"""Of which of these documents the reader is told as what they are filed."""

MOST_LINES: Final = 500
"""Beyond so many, the events of a batch's files are counted by type."""

_READING_CODES = frozenset(kind.value for kind in READING)
_AUDITING_CODES = frozenset(kind.value for kind in AUDITING)
_WITHHELD_CODES = frozenset(kind.value for kind in WITHHELD)
_FILED_CODES = frozenset(
    kind.value for kind in (EventType.DOCUMENT_PROPOSED, EventType.DOCUMENT_DECIDED, EventType.DOCUMENT_RETIRED)
)


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the ledger as a sentence.

    ``at`` is aware UTC, None when the stored time was altered into none; ``digest`` is what the entry vouches for,
    ``hash`` the entry's own. ``withheld`` says that the entry holds more than the sentence tells this reader, and there
    is then no digest: what it was made of could be guessed. ``shown`` says whether a page that was delivered came
    before somebody's eyes.
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
    withheld: bool = False
    shown: Shown | None = None

    @property
    def proof(self) -> str | None:
        """What can be held against the archive later: the digest, or the hash of an entry that is withheld."""
        return f"sha256:{self.hash}" if self.withheld else self.digest

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

    @property
    def withheld(self) -> bool:
        """Whether anything is kept from this reader."""
        return any(line.withheld for line in self.lines)


def story(entries: Iterable[LedgerEntry], lexicon: Lexicon | None = None) -> tuple[Line, ...]:
    """Every entry as a sentence, in the order they are given."""
    return tuple(to_line(entry, lexicon) for entry in entries)


def tell_all(documents: Collection[DocumentId]) -> Collection[DocumentId]:
    """Tells of all documents as what they are filed."""
    return documents


def to_line(entry: LedgerEntry, lexicon: Lexicon | None = None, *, withheld: bool = False) -> Line:
    """One entry as a sentence; one that was altered, too.

    Args:
        entry: the entry.
        lexicon: what types and services are called; without it they are told by their codes.
        withheld: keep back as what a document is filed.
    """
    record = entry.record
    detail = detail_of(entry)
    words = named(detail, lexicon) if lexicon is not None else detail
    return Line(
        sequence=entry.sequence,
        at=time_of(entry),
        type=record.type,
        subject=record.subject,
        account=account_of(record.agent),
        agent=agent_words(record.agent),
        outcome=record.outcome,
        sentence=sentence(record.type, record.subject, words, withheld=withheld),
        digest=None if withheld else digest_of(record.subject, detail),
        hash=entry.hash,
        withheld=withheld,
    )


def detail_of(entry: LedgerEntry) -> Detail:
    """The details of an entry, but for its salt; none when they were altered into something that is no flat object."""
    try:
        detail = json.loads(entry.record.detail)
    except ValueError:
        return {}
    if not isinstance(detail, dict):
        return {}
    detail.pop(SALT, None)
    return {name: value for name, value in detail.items() if value is None or isinstance(value, str | int | float)}


def account_of(agent: str) -> str | None:
    """The name of the account that did it; None when a program did."""
    prefix = user_agent("")
    return agent.removeprefix(prefix) if agent.startswith(prefix) else None


def document_story(document: DocumentId, ports: Ports, tells: Tells = tell_all) -> Story:
    """What happened to a document, its file and its pages, and who looked at them.

    Raises:
        DocumentNotFoundError: there is no such document.
    """
    return _told(trail(document, ports), ports, tells)


def batch_story(batch: Batch, ports: Ports) -> Story:
    """What happened to a batch and the files that came in it; counted by type when those are many."""
    catalog = ports.catalog
    own = _in_order((*catalog.events([batch.id]), *_said_of(batch, {EventType.PAGE_JUDGED, *_EXCLUDED}, catalog)))
    # What was refused once and is not any more is no file of the batch, but part of its story.
    subjects = [entry.record.subject for entry in _said_of(batch, {EventType.REFUSAL_LIFTED}, catalog)]
    for report in catalog.batch_files(batch.id):
        subjects.append(report.intake.id)
        if report.source is not None:
            subjects.append(str(report.source.digest))
    of_files = catalog.events(subjects)
    if len(of_files) > MOST_LINES:
        counts = Counter(entry.record.type for entry in of_files)
        counted = tuple(Counted(kind, count) for kind, count in sorted(counts.items()))
        told = _told(own, ports)
        return Story(told.lines, told.readings, counted)
    return _told(_in_order((*own, *of_files)), ports)


_EXCLUDED: Final = frozenset({EventType.PAGE_EXCLUDED, EventType.FILE_EXCLUDED})


def _said_of(batch: Batch, kinds: Collection[EventType], catalog: Catalog) -> Iterator[LedgerEntry]:
    """The entries of these kinds that name the batch."""
    after = 0
    while some := catalog.events_of(kinds, since=batch.opened_at, after=after):
        yield from (entry for entry in some if detail_of(entry).get("batch") == batch.id)
        after = some[-1].sequence


def person_story(person: PersonId, ports: Ports, tells: Tells = tell_all) -> Story:
    """What happened to a person's record, what was filed under it, and who looked at the dossier.

    Of the documents, those that stand in the dossier now and the events that name the person.
    """
    catalog = ports.catalog
    records = one_and_absorbed(person, catalog)
    documents = [document.id for one in records for document in catalog.documents_of(one)]
    filed = [entry for entry in catalog.events(documents) if _files_under(entry, records)]
    return _told(_in_order((*catalog.events(sorted(records)), *filed)), ports, tells)


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
    tells: Tells = tell_all,
) -> Story:
    """What an account did and what was done to it, oldest first, from ``since`` to before ``until``.

    The first ``limit`` lines after the entry of the number ``after``.
    """
    catalog = ports.catalog
    by_it = catalog.events_by(user_agent(name), since, until, limit, after)
    about = catalog.events_of(OF_ACCOUNTS, subjects={name}, since=since, until=until, limit=limit, after=after)
    return Story(tuple(_lines(_in_order((*by_it, *about))[:limit], ports, tells)))


def last_verification(catalog: Catalog) -> Line | None:
    """When the archive was last verified, and what came of it; None when it never was."""
    entries = catalog.last_events(EventType.ARCHIVE_VERIFIED, 1)
    return to_line(entries[0]) if entries else None


def _lines(entries: Collection[LedgerEntry], ports: Ports, tells: Tells) -> Iterable[Line]:
    """The entries as sentences, as one reader is told them, with what became of the pages that were delivered."""
    filed = {DocumentId(one.record.subject) for one in entries if one.record.type in _WITHHELD_CODES}
    open_to_them = frozenset(tells(filed)) if filed else frozenset()
    seen = Seen.around(entries, ports.catalog)
    for entry in entries:
        withheld = entry.record.type in _WITHHELD_CODES and entry.record.subject not in open_to_them
        yield replace(to_line(entry, ports.lexicon, withheld=withheld), shown=seen.shown(entry))


def _told(entries: Collection[LedgerEntry], ports: Ports, tells: Tells = tell_all) -> Story:
    done: list[Line] = []
    looked: list[Line] = []
    for line in _lines(entries, ports, tells):
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
