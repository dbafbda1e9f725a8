"""Port: the record of truth, and the values it speaks in.

The queue is a hint and the index a projection; what is here is what happened. Every change goes through
:meth:`Catalog.begin`, so that a row and the event that tells of it are one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from faldone.catalog.accounts import AccountsRead, AccountsWork
from faldone.catalog.board import BoardRead, BoardWork
from faldone.catalog.counts import CountsRead
from faldone.catalog.ledger_reads import LedgerReads
from faldone.domain.attribution import Band, DocumentProposal
from faldone.domain.batch import BatchFacts
from faldone.domain.campaign import CampaignId, Grade, RereadingId, RereadState
from faldone.domain.decision import Asked, Decision
from faldone.domain.declared import Declared
from faldone.domain.digest import Digest
from faldone.domain.discovery import Found
from faldone.domain.events import AGENT, Event
from faldone.domain.ids import BatchId, DocumentId, IntakeId, PageId, PersonId
from faldone.domain.inbox import Inbox
from faldone.domain.look import Mark, PageLook
from faldone.domain.page import PageText
from faldone.domain.page_view import PageView
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.domain.sheet import Sheet
from faldone.domain.signature import SignatureFacts
from faldone.domain.verdict import Verdict
from faldone.provenance.chain import LedgerEntry


class IntakeState(StrEnum):
    """What became of one arrival of a file."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class SourceState(StrEnum):
    """How far the bytes of a sealed file have come.

    An UNPACKED file is a container whose parts are files of their own; a NOTED one says something about others.
    """

    SEALED = "sealed"
    OPENED = "opened"
    PROPOSED = "proposed"
    UNPACKED = "unpacked"
    NOTED = "noted"
    QUARANTINED = "quarantined"


class PageState(StrEnum):
    """How far a page has come: PENDING waits for the first look, CHECKED for its text to be read."""

    PENDING = "pending"
    CHECKED = "checked"
    RECOGNISED = "recognised"
    QUARANTINED = "quarantined"


class FileState(StrEnum):
    """What a person is told of a file: the one word of `status` and of the exported results."""

    PROCESSING = "processing"
    FILED = "filed"
    REVIEW = "review"
    HELD = "held"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Batch:
    """Papers scanned together. ``code`` is what people call it, unique; closed when ``closed_at`` is set.

    ``inbox`` is the folder that its files come through, empty for any; ``by_hand`` tells one that somebody opened from
    one that a folder or a day opened by itself.
    """

    id: BatchId
    code: str
    inbox: str
    by_hand: bool
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    facts: BatchFacts

    @property
    def digest(self) -> Digest:
        """Over everything that is on record of it."""
        said = [self.id, self.code, self.inbox, str(self.by_hand), self.opened_at.isoformat(), str(self.closed_at)]
        return Digest.of("\0".join([*said, repr(self.facts)]).encode())


@dataclass(frozen=True, slots=True)
class Intake:
    """One arrival of a file. ``path`` is for people (odd bytes escaped), ``raw_path`` is the name to the byte.

    ``stamp`` is inode, size and time of change of the original, to know it again where it stays in the inbox.
    ``container`` is the file that it came in, for the parts of mails, archives and signed envelopes.
    """

    id: IntakeId
    batch: BatchId
    path: str
    raw_path: bytes
    source: Digest | None
    size: int
    arrived_at: dt.datetime
    state: IntakeState
    reason: Reason | None
    released: bool
    stamp: str = ""
    container: Digest | None = None

    @property
    def digest(self) -> Digest:
        """Over all that will not change: name to the byte, batch, bytes, time, state, reason and container."""
        said = [self.id, self.batch, self.raw_path.hex(), str(self.source), self.arrived_at.isoformat(), self.path]
        if self.container is not None:
            said.append(str(self.container))
        return Digest.of("\0".join([*said, str(self.size), self.state, str(self.reason)]).encode())


@dataclass(frozen=True, slots=True)
class Source:
    """The sealed bytes of a file. ``pages`` is unknown until the file was opened."""

    digest: Digest
    size: int
    media_type: str | None
    pages: int | None
    state: SourceState
    reason: Reason | None
    attempts: int
    sealed_at: dt.datetime
    signature: SignatureFacts | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page image of a sealed file; ``text`` names its recognition once there is one.

    ``verdict`` and ``mark`` are what the first look said; words read later may still tell a separator.
    """

    id: PageId
    source: Digest
    index: int
    state: PageState
    reason: Reason | None
    attempts: int
    text: Digest | None
    verdict: Verdict | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Two pages that are the same sheet; ``earlier`` came first. ``kind`` is that of :mod:`faldone.domain.likeness`."""

    page: PageId
    earlier: PageId
    kind: str
    score: float


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """A sheet that faldone printed: for which batch, if that was said, and the page on which it came back."""

    sheet: Sheet
    batch: BatchId | None
    printed_at: dt.datetime
    page: PageId | None


@dataclass(frozen=True, slots=True)
class Boundary:
    """What a person said of the 0-based page of a file: that a document starts there, or that none does."""

    number: int
    page: int
    starts: bool


@dataclass(frozen=True, slots=True)
class Campaign:
    """Pages that are read again: ``where`` says which, as it was typed; ``pages`` counts them by what came of them."""

    id: CampaignId
    where: str
    opened_at: dt.datetime
    pages: Mapping[RereadState, int]

    @property
    def due(self) -> int:
        """How many pages are still to be read again."""
        return self.pages.get(RereadState.DUE, 0)


@dataclass(frozen=True, slots=True)
class Rereading:
    """A page of a campaign.

    ``old`` and ``new`` are recognition keys, ``before`` and ``after`` the grades of their texts: what is not known
    (yet) is None.
    """

    id: RereadingId
    campaign: CampaignId
    page: PageId
    state: RereadState
    attempts: int
    reason: Reason | None = None
    old: Digest | None = None
    new: Digest | None = None
    before: Grade | None = None
    after: Grade | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A range of pages with the proposal in force; ``retired`` when a later proposal no longer has it.

    ``refused`` says that the index did not take it as it is.
    """

    id: DocumentId
    source: Digest
    version: int
    indexed_version: int
    retired: bool
    proposal: DocumentProposal
    refused: bool = False

    @property
    def span(self) -> range:
        """Its 0-based page indices in the file."""
        return self.proposal.span


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that waits for a person; ``together`` counts the documents that the same answer settles."""

    document: Document
    question: str
    together: int


@dataclass(frozen=True, slots=True)
class WaitingKey:
    """What tells that a document waits, without what is proposed for it: thousands of them are looked through at once.

    ``number`` rises in the order in which documents came to be; ``held`` is whether nothing could be read on it.
    """

    document: DocumentId
    number: int
    version: int
    held: bool
    question: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A document and where its paper lies: its batch, and the place of its file among all that came."""

    document: Document
    batch: BatchId
    file: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of unfinished work. ``attempts`` were begun so far, so (id, attempts) names one try of it."""

    id: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is to be done next, by step; ``index`` counts documents whose projection is behind.

    ``reread`` names re-readings of files that are attributed; nobody waits for them, so they come last.
    """

    open: tuple[Unit, ...]
    look: tuple[Unit, ...]
    recognise: tuple[Unit, ...]
    attribute: tuple[Unit, ...]
    reread: tuple[Unit, ...]
    index: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How much is in the archive and how much of it is done.

    ``files`` counts arrivals, duplicates included; ``unfinished`` counts sealed files on their way; ``behind_index``
    counts documents that the index does not hold as they are.
    """

    files: int
    pages: int
    pages_done: int
    documents: int
    unfinished: int
    behind_index: int

    @property
    def at_rest(self) -> bool:
        """Nothing is left to do but what waits for a person."""
        return not self.unfinished and not self.behind_index


@dataclass(frozen=True, slots=True)
class IndexLag:
    """How far the index is behind: how many documents, and since when the oldest of them is as it is now.

    ``refused`` counts documents that the index did not take; they wait for a change or a rebuild.
    """

    documents: int
    since: dt.datetime | None
    refused: int


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that somebody keeps: ``text`` as it is typed, ``by`` the account; a name is unique among one's own."""

    id: str
    name: str
    by: str
    text: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class FileReport:
    """One arrival as people are told of it; ``doubtful`` and ``bad`` count its pages with an amber or a red scan."""

    intake: Intake
    source: Source | None
    state: FileState
    reasons: tuple[Reason, ...]
    doubtful: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class LedgerTail:
    """The number of entries ever written and the hash of the last one."""

    length: int
    hash: str


@dataclass(frozen=True, slots=True)
class SavedProposal:
    """A proposal that changed what is said of a document; ``digest`` is that of its stored form."""

    document: DocumentId
    proposal: DocumentProposal
    digest: Digest
    retired: bool


class Change(StrEnum):
    """What an import made of a person; REFUSED when two on record are alike and nothing tells which one is meant."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a record before and after, empty where there was or is nothing; no name stands for the whole."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What an import made of one person."""

    person: PersonId
    what: Change
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import of persons changed, and the digest of the register after it.

    ``adopted`` are those who were known from papers only, and are in the register from now on.
    """

    added: int
    changed: int
    unchanged: int
    register: Digest
    refused: int = 0
    adopted: tuple[PersonId, ...] = ()


class Work(AccountsWork, BoardWork, Protocol):
    """One transaction. It is rolled back unless :meth:`Catalog.begin` ends without an exception."""

    def record(self, event: Event) -> None:
        """Appends an event to the ledger, chained and committed with everything else of this transaction."""
        ...

    def arrival_batch(self, inbox: Inbox, folder: str | None, at: dt.datetime) -> BatchId:
        """The open batch that an arrival belongs to, opened now if there is none.

        Args:
            inbox: where it arrived; what is known of the inbox goes on record with a new batch.
            folder: the first folder below the inbox, which names the batch; None for a loose file, which goes to the
                batch that somebody opened by hand for this inbox last, or else to the batch of the day.
            at: now.
        """
        ...

    def open_batch(self, code: str, inbox: str, facts: BatchFacts, at: dt.datetime) -> Batch:
        """Opens a batch by hand. Raises ConfigError when an open or closed one has this code already."""
        ...

    def describe_batch(self, batch: BatchId, facts: BatchFacts) -> Batch:
        """Puts what is said of a batch in the place of what was said before."""
        ...

    def close_batch(self, batch: BatchId, at: dt.datetime | None) -> Batch:
        """Closes a batch, or opens it again; what arrives for a closed one opens another."""
        ...

    def known_sources(self, digests: Collection[Digest]) -> frozenset[Digest]:
        """Which of these bytes came before."""
        ...

    def unreleased_intakes(self, raw_paths: Collection[bytes]) -> tuple[Intake, ...]:
        """The arrivals under these names whose originals were not yet taken out of the inbox."""
        ...

    def refused_intakes(self, raw_paths: Collection[bytes]) -> tuple[Intake, ...]:
        """The refusals of these names that stand."""
        ...

    def stayed(self, raw_path: bytes, stamp: str) -> bool:
        """Whether just this file, which stays where it is, was taken from there before."""
        ...

    def add_sources(self, sources: Collection[tuple[Digest, int]], sealed_at: dt.datetime) -> None:
        """Registers sealed bytes by digest and size; their pages come with :meth:`open_source`."""
        ...

    def add_intakes(self, intakes: Collection[Intake]) -> None:
        """Registers arrivals."""
        ...

    def release_intakes(self, intakes: Collection[IntakeId]) -> None:
        """Notes that originals left the inbox or are to stay there, or that refusals no longer stand."""
        ...

    def claim_source(self, digest: Digest, now: dt.datetime, until: dt.datetime) -> Source | None:
        """Counts an attempt and keeps the source to the caller until then; None when it is not to be had."""
        ...

    def claim_page(self, page: PageId, now: dt.datetime, until: dt.datetime) -> Page | None:
        """Counts an attempt and keeps the pending page to the caller until then; None when it is not to be had."""
        ...

    def free_source(self, digest: Digest) -> None:
        """Gives a claimed source back for another attempt."""
        ...

    def free_page(self, page: PageId) -> None:
        """Gives a claimed page back for another attempt."""
        ...

    def open_source(self, digest: Digest, media_type: str, pages: int) -> None:
        """Notes what the file is and adds its pages, all pending."""
        ...

    def unpack_source(self, digest: Digest, media_type: str, signature: SignatureFacts | None) -> None:
        """Notes that the file is a container and that its parts are on record."""
        ...

    def note_source(self, digest: Digest, media_type: str, said: Mapping[str, Declared]) -> None:
        """Keeps what a sidecar says of files of its batches by name (of the whole batch: the empty name).

        The files it speaks of are sent through attribution again.
        """
        ...

    def quarantine_source(self, digest: Digest, reason: Reason) -> None:
        """Takes the file out of the flow with its reason."""
        ...

    def quarantine_page(self, page: PageId, reason: Reason) -> None:
        """Takes a page out of the flow with its reason; its document goes on with a gap."""
        ...

    def retry_sources(self, reason: Reason | None, without: Collection[str] = ()) -> tuple[Digest, ...]:
        """Sends quarantined files, those with this reason or all, on their way again as if they had just come.

        But for those of which an arrival is among ``without``.
        """
        ...

    def retry_pages(self, reason: Reason | None, without: Collection[str] = ()) -> tuple[PageId, ...]:
        """Sends quarantined pages, those with this reason or all, to be looked at and read again.

        But for those that are among ``without``.
        """
        ...

    def save_look(self, page: PageId, look: PageLook) -> Digest:
        """Keeps what the first look at a page told, which is now to be read; returns the digest of what was kept.

        When it is a cover, what came behind it in its batch is attributed again.
        """
        ...

    def mark_page(self, page: PageId, mark: Mark) -> None:
        """Notes that a page is a separator after all: its words say so."""
        ...

    def save_keys(self, page: PageId, keys: Collection[str]) -> None:
        """Keeps the keys under which another scan of the page's sheet is to find it."""
        ...

    def add_links(self, links: Collection[Link]) -> tuple[Link, ...]:
        """Links pages; returns the links that are new."""
        ...

    def add_sheets(self, sheets: Collection[Sheet], batch: BatchId | None, at: dt.datetime) -> Digest:
        """Registers the sheets of one print run; returns the digest of what was kept."""
        ...

    def see_sheet(self, token: str, page: PageId) -> PrintedSheet | None:
        """Notes on which page a printed sheet came back; None when it was seen before or never printed here."""
        ...

    def decide_boundary(self, source: Digest, page: int, starts: bool, at: dt.datetime) -> None:
        """Keeps a person's word on a page, and sends the file through attribution again."""
        ...

    def turn_page(self, page: PageId, turn: int, by: str, at: dt.datetime) -> None:
        """Notes how a page stands upright: turned clockwise so far (0, 90, 180, 270) from how it lies in its file."""
        ...

    def place_pages(self, document: DocumentId, places: Mapping[int, int], by: str, at: dt.datetime) -> None:
        """Notes at which places of the file its pages are read (both 0-based); the document gets a new version."""
        ...

    def undo_boundary(self, source: Digest) -> Boundary | None:
        """Takes the last word of a person on the file back; None when there is none."""
        ...

    def save_text(self, page: PageId, key: Digest, text: PageText) -> Digest:
        """Keeps a page's text under its recognition key; returns the digest of what was kept."""
        ...

    def open_campaign(self, where: str, pages: Collection[PageId], at: dt.datetime) -> CampaignId:
        """Registers pages to be read again."""
        ...

    def claim_rereading(self, rereading: RereadingId, now: dt.datetime, until: dt.datetime) -> Rereading | None:
        """Counts an attempt and keeps the re-reading to the caller until then; None when it is not to be had."""
        ...

    def free_rereading(self, rereading: RereadingId) -> None:
        """Gives a claimed re-reading back for another attempt."""
        ...

    def save_reading(self, key: Digest, text: PageText) -> Digest:
        """Keeps a text under its recognition key, in force on no page; returns the digest of what was kept."""
        ...

    def promote_text(self, page: PageId, old: Digest, new: Digest) -> bool:
        """Puts the text kept under ``new``, which is not blank, in the place of the one kept under ``old``.

        The document that holds the page is written to the index again. Returns whether it was done: not when another
        text is in force by now, nor while the file is being attributed.
        """
        ...

    def end_rereading(self, rereading: Rereading) -> None:
        """Notes what came of it. The file's last one sends it through attribution again if a text was promoted."""
        ...

    def decide(self, decision: Decision) -> Digest:
        """Puts a person's word on record; the document's file is attributed again. The digest of what is stored."""
        ...

    def undo_decision(self, document: DocumentId) -> Decision | None:
        """Takes the last decision on a document back; None when there is none."""
        ...

    def reconsider_named(self, keys: Collection[str]) -> int:
        """Sends the files of waiting documents that name somebody by one of the keys to attribution; how many."""
        ...

    def attribute_again(self, documents: Collection[DocumentId]) -> int:
        """Sends the files of these documents to attribution again; how many there were at rest."""
        ...

    def save_proposals(
        self,
        source: Digest,
        proposals: Sequence[DocumentProposal],
        at: dt.datetime,
        asked: Mapping[int, Asked] | None = None,
    ) -> tuple[SavedProposal, ...]:
        """Supersedes the documents of a file: same first page is the same document, others retire.

        Returns what is new or differs from what was in force.
        """
        ...

    def begin_copy(self, document: DocumentId) -> None:
        """Counts a try to make a copy of a document."""
        ...

    def mark_copied(self, document: DocumentId, version: int) -> None:
        """Notes of which version of a document there is a copy."""
        ...

    def mark_indexed(self, written: Mapping[DocumentId, int], failed: Mapping[DocumentId, str]) -> None:
        """Notes which version of which document the index now holds, and what it refused."""
        ...

    def save_persons(
        self, persons: Iterable[Person], on_change: Callable[[PersonChange], None] = lambda _: None
    ) -> ImportReport:
        """Adds or updates persons of the register. Nobody is ever removed by an import.

        A person is the one on record with the same codice fiscale or, where one of the two has none, the same
        surname, name and date of birth; that one keeps its id, code and date of birth, and is of the register from
        now on. Anybody else is added under the id given.

        Args:
            persons: read a thousand at a time, so that a long list does not fill the memory.
            on_change: told what became of each, in the order given.
        """
        ...

    def find_or_add(self, found: Found, at: dt.datetime, agent: str = AGENT) -> tuple[Person, bool] | None:
        """The person on record whom a paper names, added now if there is none; and whether that is news.

        News are one who was added and one whom the paper completed, each with its event. Nobody is ever added twice,
        also when two papers name somebody at once. ``None`` when two on record are alike.
        The rule is :func:`faldone.domain.discovery.on_record`.
        """
        ...

    def confirm_person(self, person: PersonId, at: dt.datetime, agent: str) -> Person:
        """Notes that somebody found on papers is who the papers say, with its event.

        Raises NotFoundError, and UndecidableError when there is nothing to confirm.
        """
        ...

    def doubt_person(self, person: PersonId, at: dt.datetime, agent: str) -> None:
        """Takes the confirmation of a person back, with its event: found on papers again. Nothing for one imported."""
        ...

    def merge_persons(self, keep: PersonId, gone: PersonId, because: str, at: dt.datetime, agent: str) -> None:
        """Puts one person in the place of two, with its event. Both records stay as they are.

        Raises NotFoundError, and UndecidableError when one of them is merged into somebody already.
        """
        ...

    def unmerge_person(self, gone: PersonId, at: dt.datetime, agent: str) -> PersonId:
        """Takes a merge back, with its event; who stood for the person. Raises NotFoundError and UndecidableError."""
        ...

    def reconsider_persons(self, persons: Collection[PersonId]) -> int:
        """Sends the files of documents that name one of these ids through attribution again; counts them."""
        ...

    def reconsider(self) -> int:
        """Sends every file with a document that nobody is sure of through attribution again; counts them."""
        ...

    def index_again(self, documents: Collection[DocumentId]) -> None:
        """Forgets that these documents were indexed, so that they are written again."""
        ...

    def index_persons_again(self, persons: Collection[PersonId]) -> None:
        """The same for the documents that name one of these persons: the index holds names, aliases and comuni."""
        ...

    def forget_refusals(self) -> None:
        """Forgets which documents the index refused, so that it is offered them again."""
        ...

    def save_search(self, search: SavedSearch) -> SavedSearch:
        """Keeps a search; it takes the place, and the id, of one of the same name and account."""
        ...

    def delete_search(self, search: str) -> None:
        """Keeps the search with this id no longer."""
        ...

    def reset_claims(self) -> None:
        """Frees all claims: only for the one process that owns an embedded home, when it starts."""
        ...


class Catalog(AccountsRead, CountsRead, BoardRead, LedgerReads, Protocol):
    """The record of truth. Reads see committed rows only."""

    def begin(self) -> AbstractContextManager[Work]:
        """A transaction: commits at the end of the block, rolls back on any exception."""
        ...

    def unfinished(self, now: dt.datetime, limit: int) -> Unfinished:
        """What can be worked on at ``now`` (claims of others excluded), at most ``limit`` a step.

        Oldest first, but for the pages to be looked at: the paper of the newest is still on the scanner's table.
        """
        ...

    def progress(self) -> Progress:
        """Counts for a progress bar: cheap enough to be asked a few times a second."""
        ...

    def source(self, digest: Digest) -> Source:
        """A sealed file. Raises NotFoundError."""
        ...

    def sources(self) -> Iterator[Source]:
        """All sealed files, oldest first."""
        ...

    def page(self, page: PageId) -> Page:
        """A page. Raises PageNotFoundError."""
        ...

    def pages(self, source: Digest, span: range | None = None) -> tuple[Page, ...]:
        """The pages of a sealed file in order: all, or those of a stretch of it."""
        ...

    def waiting(self, source: Digest) -> bool:
        """Whether a page of the file is not yet done."""
        ...

    def look(self, page: PageId) -> PageLook | None:
        """What the first look at a page told, if there was one."""
        ...

    def marks(self, source: Digest) -> Mapping[int, Mark]:
        """The pages of a file, by 0-based index, that are separators or may be."""
        ...

    def person_codes(self, source: Digest) -> Mapping[int, tuple[str, ...]]:
        """The codici fiscali in bar codes on a file's pages, by 0-based index; pages without any are left out."""
        ...

    def blank_pages(self, source: Digest) -> frozenset[int]:
        """The 0-based indices of a file's pages that have nothing on them."""
        ...

    def bad_pages(self, source: Digest) -> frozenset[int]:
        """The 0-based indices of a file's pages whose scan is red."""
        ...

    def alike(self, page: PageId) -> tuple[PageId, ...]:
        """Earlier pages that share a key with this one, but for keys that many pages have."""
        ...

    def links(self, pages: Sequence[PageId]) -> tuple[Link, ...]:
        """The links of these pages to others, earlier and later."""
        ...

    def batches(self) -> tuple[Batch, ...]:
        """All batches, oldest first."""
        ...

    def batch(self, name: str) -> Batch:
        """The batch with this code or id. Raises NotFoundError."""
        ...

    def batch_files(self, batch: BatchId) -> Iterator[FileReport]:
        """The arrivals of a batch, oldest first."""
        ...

    def sheet(self, token: str) -> PrintedSheet | None:
        """The printed sheet with this token."""
        ...

    def sheets(self, runs: Collection[str] | None = None) -> tuple[PrintedSheet, ...]:
        """The sheets of these print runs, or all of them, in the order of printing."""
        ...

    def batch_sheets(self, batch: BatchId) -> tuple[PrintedSheet, ...]:
        """The sheets printed for a batch, and those of every run of which one came back in it."""
        ...

    def sheet_digests(self) -> Iterator[tuple[str, Digest]]:
        """For every print run the digest of its sheets as they are stored now."""
        ...

    def declared(self, intake: Intake) -> tuple[Declared, ...]:
        """What sidecars say of an arrival: of the file itself first, then of its whole batch."""
        ...

    def earlier_cover(self, source: Digest) -> PrintedSheet | None:
        """The last printed cover that came before a file in the batch of a folder, if there was one."""
        ...

    def boundaries(self, source: Digest) -> Mapping[int, bool]:
        """What people said of the pages of a file: by 0-based index whether a document starts there."""
        ...

    def page_turns(self, source: Digest) -> Mapping[int, int]:
        """How people said that pages of a file stand upright: by 0-based index how far they are turned clockwise."""
        ...

    def page_places(self, source: Digest) -> Mapping[int, int]:
        """Where people said that pages of a file are read: by 0-based index the place, from 0, that each takes."""
        ...

    def recognition(self, key: Digest) -> PageText | None:
        """What was read before under this recognition key."""
        ...

    def page_texts(self, source: Digest, span: range | None = None) -> Mapping[int, PageText]:
        """The texts of a file's recognised pages by 0-based index: all, or those of a stretch of it."""
        ...

    def page_views(self, spans: Sequence[tuple[Digest, range]]) -> list[Mapping[int, PageView]]:
        """The words of these stretches of files by columns, in their order: what an answer needs to show its hits."""
        ...

    def read_pages(self) -> Iterator[tuple[Page, PageText]]:
        """All recognised pages that are not surely separators, in the order of arrival, each with its text."""
        ...

    def campaigns(self) -> tuple[Campaign, ...]:
        """All campaigns of re-reading, oldest first."""
        ...

    def campaign(self, campaign: CampaignId) -> Campaign:
        """A campaign. Raises NotFoundError."""
        ...

    def rereadings(self, campaign: CampaignId) -> Iterator[Rereading]:
        """The pages of a campaign in order."""
        ...

    def document(self, document: DocumentId) -> Document:
        """A document. Raises DocumentNotFoundError."""
        ...

    def documents(self, source: Digest) -> tuple[Document, ...]:
        """The documents in force of a file, in order of pages."""
        ...

    def behind_copies(self, limit: int, attempts: int) -> tuple[Unit, ...]:
        """Documents without a copy of what they are now, tried less than so often; retired ones with a copy too."""
        ...

    def documents_with(self, documents: Collection[DocumentId]) -> Mapping[DocumentId, Document]:
        """Those of these documents that are on record, retired ones included."""
        ...

    def documents_by_id(self, after: DocumentId | None = None) -> Iterator[Document]:
        """Every document, retired ones included, in the order of the ids; those after ``after`` when it is given."""
        ...

    def changed_since(self, sequence: int) -> Iterator[DocumentId]:
        """The documents that were proposed, retired or indexed after this entry of the ledger."""
        ...

    def index_lag(self) -> IndexLag:
        """How far the index is behind the catalog."""
        ...

    def saved_searches(self, by: str) -> tuple[SavedSearch, ...]:
        """The searches that an account keeps, by name."""
        ...

    def behind_index(self, limit: int) -> tuple[Document, ...]:
        """Documents whose projection is older than they are, retired ones included."""
        ...

    def intakes(self, source: Digest) -> tuple[Intake, ...]:
        """The arrivals of a file, oldest first."""
        ...

    def first_arrivals(self, sources: Collection[Digest]) -> Mapping[Digest, tuple[Intake, Batch]]:
        """For each of these files its first arrival, and the batch that it came in."""
        ...

    def files(self, states: frozenset[FileState] | None = None) -> Iterator[FileReport]:
        """All arrivals with what people are told of them, oldest first."""
        ...

    def waiting_documents(
        self, limit: int, offset: int = 0, question: str | None = None, document: DocumentId | None = None
    ) -> tuple[Waiting, ...]:
        """What waits for a person, the most valuable first: an answer that settles many comes before one for one.

        Only those that ask ``question``, or only ``document``, when these are given.
        """
        ...

    def waiting_keys(self) -> tuple[WaitingKey, ...]:
        """All that waits, whoever may see it, in no order."""
        ...

    def recheck_keys(self, one_in: int) -> tuple[WaitingKey, ...]:
        """One in so many of the documents that were filed by themselves, drawn by their ids, that nobody settled."""
        ...

    def placed(self, documents: Collection[DocumentId]) -> Mapping[DocumentId, Placed]:
        """Those of these documents that are on record, each with where its paper lies."""
        ...

    def count_waiting(self) -> int:
        """How many documents wait for a person."""
        ...

    def decisions(self, source: Digest) -> Mapping[DocumentId, Decision]:
        """The decisions in force on the documents of a file."""
        ...

    def standing_decisions(self, together: str | None = None) -> Iterator[Decision]:
        """Every decision in force, or those that were made at one stroke: the last word on each document."""
        ...

    def decided(self) -> Iterator[tuple[Decision, DocumentProposal]]:
        """Every decision in force with the proposal that it judged: the office's own confirmed sample."""
        ...

    def decision_digests(self) -> Iterator[tuple[DocumentId, Digest]]:
        """For every document with a decision in force the digest of it, to be held against the ledger."""
        ...

    def persons(self, since: int | None = None) -> Iterator[Person]:
        """Everybody on record, or those whom the register's versions after ``since`` touched, in the order of ids.

        Of merged persons the one who stands for all is told, with the names, codes and ids of the others.
        """
        ...

    def person(self, name: str) -> Person:
        """The person with this id or codice fiscale; of a merged one who stands for it. Raises NotFoundError."""
        ...

    def own_record(self, person: PersonId) -> Person:
        """The record with this id by itself, whatever was merged. Raises NotFoundError."""
        ...

    def documents_of(self, person: PersonId) -> Iterator[Document]:
        """The documents in force whose holder has this id."""
        ...

    def persons_with(self, persons: Collection[PersonId]) -> Mapping[PersonId, Person]:
        """Those of these ids that are on record, by id; a merged one leads to who stands for it."""
        ...

    def register_version(self) -> int:
        """A number that grows with every change of the register."""
        ...

    def events(self, subjects: Sequence[str]) -> tuple[LedgerEntry, ...]:
        """The ledger entries about these subjects, in order."""
        ...

    def ledger(self) -> Iterator[LedgerEntry]:
        """The whole ledger in order."""
        ...

    def ledger_tail(self) -> LedgerTail:
        """Where the ledger ends, by the catalog's own record of it."""
        ...

    def standings(self) -> Iterator[tuple[str, str]]:
        """For every file, page, document, arrival and batch its state in one word, to be held against the ledger.

        Files: sealed, opened, unpacked, noted or quarantined; pages: pending, checked, recognised or quarantined;
        documents: the band, or retired; arrivals and batches: the digest of everything said of them.
        """
        ...

    def proposal_digests(self) -> Iterator[tuple[DocumentId, Digest]]:
        """For every document the digest of the proposal in force as it is stored now."""
        ...

    def look_digests(self) -> Iterator[tuple[PageId, Digest]]:
        """For every page that was looked at the digest of what was kept, to be held against the ledger."""
        ...

    def scan_standings(self) -> Iterator[tuple[PageId, str]]:
        """For every page that was looked at its verdict, separator and sheet, to be held against the ledger."""
        ...

    def boundary_standings(self) -> Iterator[tuple[PageId, bool]]:
        """For every page that people spoke of whether a document starts there, to be held against the ledger."""
        ...

    def turn_standings(self) -> Iterator[tuple[PageId, int]]:
        """For every page that people turned how far it is turned, to be held against the ledger."""
        ...

    def place_standings(self) -> Iterator[tuple[PageId, int]]:
        """For every page of documents that people put in order its place, to be held against the ledger."""
        ...

    def register_digest(self) -> Digest:
        """The digest of the whole register as it is now."""
        ...

    def person_digests(self) -> Iterator[tuple[PersonId, Digest]]:
        """For everybody who is on record from papers the digest of the record, to be held against the ledger."""
        ...

    def merge_standings(self) -> Iterator[tuple[PersonId, PersonId]]:
        """For everybody who was merged into another that other one, to be held against the ledger."""
        ...

    def text_digests(self) -> Iterator[tuple[PageId, Digest]]:
        """For every recognised page the digest of its stored text as it is now, to be held against the ledger."""
        ...

    def reading_digests(self, keys: Collection[Digest]) -> Iterator[tuple[Digest, Digest]]:
        """For each of these recognition keys that has a text the digest of it as it is stored now."""
        ...

    def rereading_standings(self) -> Iterator[tuple[RereadingId, RereadState]]:
        """What came of every re-reading that is done, to be held against the ledger."""
        ...

    def close(self) -> None:
        """Lets go of the database."""
        ...


BAND_STATES: Mapping[Band, FileState] = {
    Band.AUTO: FileState.FILED,
    Band.REVIEW: FileState.REVIEW,
    Band.HOLD: FileState.HELD,
}
"""What a document's band makes of its file; the most doubtful document decides."""
