"""Port: the record of truth: files, pages, batches and documents here, what else there is by theme beside it.

The queue is a hint and the index a projection; what is here is what happened. Every change goes through
:meth:`Catalog.begin`, so that a row and the event that tells of it are one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from faldone.catalog.accounts import AccountsRead, AccountsWork
from faldone.catalog.board import BoardRead, BoardWork
from faldone.catalog.counts import CountsRead
from faldone.catalog.ledger_reads import LedgerReads
from faldone.catalog.recognition import RecognitionRead, RecognitionWork
from faldone.catalog.records import (
    Batch,
    Boundary,
    Document,
    FileReport,
    FileState,
    Intake,
    Link,
    Page,
    PrintedSheet,
    Progress,
    SavedProposal,
    Source,
    Unfinished,
    Unit,
)
from faldone.catalog.register import RegisterRead, RegisterWork
from faldone.catalog.review import ReviewRead, ReviewWork
from faldone.catalog.search import SearchRead, SearchWork
from faldone.domain.attribution import DocumentProposal
from faldone.domain.batch import BatchFacts
from faldone.domain.decision import Asked
from faldone.domain.declared import Declared
from faldone.domain.digest import Digest
from faldone.domain.events import Event
from faldone.domain.ids import BatchId, DocumentId, IntakeId, PageId
from faldone.domain.inbox import Inbox
from faldone.domain.look import Mark, PageLook
from faldone.domain.reasons import Reason
from faldone.domain.sheet import Sheet
from faldone.domain.signature import SignatureFacts


class Work(RecognitionWork, ReviewWork, RegisterWork, SearchWork, AccountsWork, BoardWork, Protocol):
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

    def free_source(self, digest: Digest, until: dt.datetime | None = None) -> None:
        """Gives a claimed source back for another attempt, at once or not before ``until``."""
        ...

    def free_page(self, page: PageId, until: dt.datetime | None = None) -> None:
        """Gives a claimed page back for another attempt, at once or not before ``until``."""
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

    def save_proposals(
        self,
        source: Digest,
        proposals: Sequence[DocumentProposal],
        at: dt.datetime,
        asked: Mapping[int, Asked] | None = None,
    ) -> tuple[SavedProposal, ...]:
        """Supersedes the documents of a file: same first page is the same document, others retire.

        The file is at rest then, unless its attribution was asked for again since it was claimed: what is saved may
        not know of that, and the file stays due. Returns what is new or differs from what was in force.
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

    def reconsider(self) -> int:
        """Sends every file with a document that nobody is sure of through attribution again; counts them."""
        ...

    def reset_claims(self) -> None:
        """Frees all claims: only for the one process that owns an embedded home, when it starts."""
        ...


class Catalog(
    RecognitionRead, ReviewRead, RegisterRead, SearchRead, AccountsRead, BoardRead, CountsRead, LedgerReads, Protocol
):
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

    def declared_files(self, batch: BatchId) -> tuple[tuple[Digest, str], ...]:
        """Every file of which the sidecars of a batch speak: the sidecar and the name that it calls the file."""
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

    def document(self, document: DocumentId) -> Document:
        """A document. Raises DocumentNotFoundError."""
        ...

    def documents(self, source: Digest) -> tuple[Document, ...]:
        """The documents in force of a file, in order of pages."""
        ...

    def behind_copies(self, limit: int, attempts: int) -> tuple[Unit, ...]:
        """Documents without a copy of what they are now, tried less than so often; retired ones with a copy too."""
        ...

    def behind_index(self, limit: int) -> tuple[Document, ...]:
        """Documents whose projection is older than they are, retired ones included."""
        ...

    def intakes(self, source: Digest) -> tuple[Intake, ...]:
        """The arrivals of a file, oldest first."""
        ...

    def refused_intakes(self) -> tuple[Intake, ...]:
        """The refusals that stand, of all inboxes, oldest first."""
        ...

    def files(self, states: frozenset[FileState] | None = None) -> Iterator[FileReport]:
        """All arrivals with what people are told of them, oldest first."""
        ...

    def close(self) -> None:
        """Lets go of the database."""
        ...
