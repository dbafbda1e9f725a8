"""Port: the record of truth, and the values it speaks in.

The queue is a hint and the index a projection; what is here is what happened. Every change goes through
:meth:`Catalog.begin`, so that a row and the event that tells of it are one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from faldone.domain.attribution import Band, DocumentProposal
from faldone.domain.digest import Digest
from faldone.domain.events import Event
from faldone.domain.ids import BatchId, DocumentId, IntakeId, PageId, PersonId
from faldone.domain.page import PageText
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.provenance.chain import LedgerEntry


class IntakeState(StrEnum):
    """What became of one arrival of a file."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class SourceState(StrEnum):
    """How far the bytes of a sealed file have come."""

    SEALED = "sealed"
    OPENED = "opened"
    PROPOSED = "proposed"
    QUARANTINED = "quarantined"


class PageState(StrEnum):
    """How far a page has come."""

    PENDING = "pending"
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
class Intake:
    """One arrival of a file. ``path`` is for people (odd bytes escaped), ``raw_path`` is the name to the byte."""

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

    @property
    def digest(self) -> Digest:
        """Over all that will not change: name to the byte, batch, bytes, time, state and reason."""
        said = [self.id, self.batch, self.raw_path.hex(), str(self.source), self.arrived_at.isoformat(), self.path]
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


@dataclass(frozen=True, slots=True)
class Page:
    """One page image of a sealed file; ``text`` names its recognition once there is one."""

    id: PageId
    source: Digest
    index: int
    state: PageState
    reason: Reason | None
    attempts: int
    text: Digest | None


@dataclass(frozen=True, slots=True)
class Document:
    """A range of pages with the proposal in force; ``retired`` when a later proposal no longer has it."""

    id: DocumentId
    source: Digest
    version: int
    indexed_version: int
    retired: bool
    proposal: DocumentProposal

    @property
    def span(self) -> range:
        """Its 0-based page indices in the file."""
        return range(self.proposal.first_page, self.proposal.last_page + 1)


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of unfinished work. ``attempts`` were begun so far, so (id, attempts) names one try of it."""

    id: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is to be done next, by step; ``index`` counts documents whose projection is behind."""

    open: tuple[Unit, ...]
    recognise: tuple[Unit, ...]
    attribute: tuple[Unit, ...]
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
class FileReport:
    """One arrival as people are told of it."""

    intake: Intake
    source: Source | None
    state: FileState
    reasons: tuple[Reason, ...]


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


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import of persons changed, and the digest of the register after it."""

    added: int
    changed: int
    unchanged: int
    register: Digest


class Work(Protocol):
    """One transaction. It is rolled back unless :meth:`Catalog.begin` ends without an exception."""

    def record(self, event: Event) -> None:
        """Appends an event to the ledger, chained and committed with everything else of this transaction."""
        ...

    def batch(self, code: str, opened_at: dt.datetime) -> BatchId:
        """The open batch with this code, opened now if there is none."""
        ...

    def source(self, digest: Digest) -> Source | None:
        """The sealed file with these bytes, if they came before."""
        ...

    def unreleased_intake(self, raw_path: bytes, source: Digest) -> Intake | None:
        """The arrival of these bytes under this name whose original was not yet taken out of the inbox."""
        ...

    def refused_intake(self, raw_path: bytes) -> Intake | None:
        """The refusal of this name that stands, if there is one."""
        ...

    def add_source(self, digest: Digest, size: int, sealed_at: dt.datetime) -> None:
        """Registers sealed bytes; their pages come with :meth:`open_source`."""
        ...

    def add_intake(self, intake: Intake) -> None:
        """Registers one arrival."""
        ...

    def release_intake(self, intake: IntakeId) -> None:
        """Notes that the original left the inbox, or that a refusal no longer stands."""
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

    def quarantine_source(self, digest: Digest, reason: Reason) -> None:
        """Takes the file out of the flow with its reason."""
        ...

    def quarantine_page(self, page: PageId, reason: Reason) -> None:
        """Takes a page out of the flow with its reason; its document goes on with a gap."""
        ...

    def save_text(self, page: PageId, key: Digest, text: PageText) -> Digest:
        """Keeps a page's text under its recognition key; returns the digest of what was kept."""
        ...

    def save_proposals(
        self, source: Digest, proposals: Sequence[DocumentProposal], at: dt.datetime
    ) -> tuple[SavedProposal, ...]:
        """Supersedes the documents of a file: same first page is the same document, others retire.

        Returns what is new or differs from what was in force.
        """
        ...

    def mark_indexed(self, written: Mapping[DocumentId, int], failed: Mapping[DocumentId, str]) -> None:
        """Notes which version of which document the index now holds, and what it refused."""
        ...

    def save_persons(self, persons: Iterable[Person]) -> ImportReport:
        """Adds or updates persons. Nobody is ever removed by an import.

        A person is the one on record with the same codice fiscale or, where one of the two has none, the same
        surname, name and date of birth; that one keeps its id. Anybody else is added under the id given.
        """
        ...

    def reconsider(self) -> int:
        """Sends every file with a document that nobody is sure of through attribution again; counts them."""
        ...

    def reset_index_versions(self) -> None:
        """Forgets what was indexed, so that everything is written again."""
        ...

    def reset_claims(self) -> None:
        """Frees all claims: only for the one process that owns an embedded home, when it starts."""
        ...


class Catalog(Protocol):
    """The record of truth. Reads see committed rows only."""

    def begin(self) -> AbstractContextManager[Work]:
        """A transaction: commits at the end of the block, rolls back on any exception."""
        ...

    def unfinished(self, now: dt.datetime, limit: int) -> Unfinished:
        """What can be worked on at ``now`` (claims of others excluded), at most ``limit`` a step, oldest first."""
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

    def pages(self, source: Digest) -> tuple[Page, ...]:
        """The pages of a sealed file in order."""
        ...

    def recognition(self, key: Digest) -> PageText | None:
        """What was read before under this recognition key."""
        ...

    def page_texts(self, source: Digest, span: range | None = None) -> Mapping[int, PageText]:
        """The texts of a file's recognised pages by 0-based index: all, or those of a stretch of it."""
        ...

    def document(self, document: DocumentId) -> Document:
        """A document. Raises DocumentNotFoundError."""
        ...

    def documents(self, source: Digest) -> tuple[Document, ...]:
        """The documents in force of a file, in order of pages."""
        ...

    def behind_index(self, limit: int) -> tuple[Document, ...]:
        """Documents whose projection is older than they are, retired ones included."""
        ...

    def intakes(self, source: Digest) -> tuple[Intake, ...]:
        """The arrivals of a file, oldest first."""
        ...

    def files(self, states: frozenset[FileState] | None = None) -> Iterator[FileReport]:
        """All arrivals with what people are told of them, oldest first."""
        ...

    def persons(self) -> Iterator[Person]:
        """The register."""
        ...

    def aliases(self, persons: Sequence[PersonId]) -> Mapping[str, tuple[str, ...]]:
        """The further names of these persons, by id."""
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
        """For every file, page, document and arrival its state in one word, to be held against the ledger.

        Files: sealed, opened or quarantined; pages: pending, recognised or quarantined; documents: the band, or
        retired; arrivals: the digest of name, batch, bytes and time.
        """
        ...

    def proposal_digests(self) -> Iterator[tuple[DocumentId, Digest]]:
        """For every document the digest of the proposal in force as it is stored now."""
        ...

    def register_digest(self) -> Digest:
        """The digest of the whole register as it is now."""
        ...

    def text_digests(self) -> Iterator[tuple[PageId, Digest]]:
        """For every recognised page the digest of its stored text as it is now, to be held against the ledger."""
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
