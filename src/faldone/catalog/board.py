"""Port: what the screen of intake asks the record of truth, every second; see :mod:`faldone.catalog.catalog`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from faldone.catalog.records import Batch, IntakeState, PageState, SourceState
from faldone.domain.attribution import Band
from faldone.domain.digest import Digest
from faldone.domain.ids import BatchId, IntakeId, PageId
from faldone.domain.look import Mark
from faldone.domain.reasons import Reason
from faldone.domain.verdict import Flaw, Verdict


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A page of a batch; ``printed_for`` is the batch that its sheet was printed for, when it is a printed sheet."""

    id: PageId
    index: int
    state: PageState
    reason: Reason | None
    verdict: Verdict | None
    mark: Mark | None
    blank: bool
    printed_for: BatchId | None


@dataclass(frozen=True, slots=True)
class BatchFile:
    """An arrival of a batch with its pages and the stretches of them that are documents in force.

    ``state`` and ``pages_in`` are those of the sealed bytes; ``pages`` are given where the file came first.
    """

    intake: IntakeId
    path: str
    arrival: IntakeState
    source: Digest | None
    state: SourceState | None
    reason: Reason | None
    pages_in: int | None
    arrived_at: dt.datetime
    pages: tuple[BatchPage, ...]
    documents: tuple[tuple[range, Band], ...]


@dataclass(frozen=True, slots=True)
class Stopped:
    """A file, or one page of it, in quarantine. ``id`` is that of the arrival or the page; a refused file has none.

    ``page`` is its 0-based index; a file that was ``refused`` at the door is still in its inbox.
    """

    batch: BatchId
    path: str
    reason: Reason
    source: Digest | None
    page: PageId | None
    index: int | None
    refused: bool
    arrived_at: dt.datetime


class BoardWork(Protocol):
    """The part of one transaction that is about single things in quarantine."""

    def retry_source(self, digest: Digest) -> bool:
        """Sends one quarantined file on its way again as if it had just come; whether it was in quarantine."""
        ...

    def retry_page(self, page: PageId) -> bool:
        """Sends one quarantined page to be looked at and read again; whether it was in quarantine."""
        ...


class BoardRead(Protocol):
    """What the catalog tells of batches in bulk."""

    def newest_batches(self, limit: int, offset: int = 0) -> tuple[Batch, ...]:
        """The batches that were opened last, newest first, but for the first ``offset``."""
        ...

    def touched_batches(self, since: int) -> frozenset[BatchId]:
        """The batches that the ledger's entries after this one speak of, by themselves, their files or pages."""
        ...

    def unsettled_batches(self, batches: Collection[BatchId]) -> Mapping[BatchId, str]:
        """For those of these batches with work under way a mark that changes when another file is under way."""
        ...

    def batch_contents(self, batch: BatchId) -> tuple[BatchFile, ...]:
        """The arrivals of a batch with their pages and documents, oldest first; refusals that stand are among them."""
        ...

    def scanned_again(self, batch: BatchId) -> frozenset[PageId]:
        """The pages of a batch whose sheet came again later."""
        ...

    def flaws(self, pages: Collection[PageId]) -> Mapping[PageId, tuple[Flaw, ...]]:
        """What the first look found wrong with these pages, the worst first."""
        ...

    def last_arrival(self) -> dt.datetime | None:
        """When the last file arrived."""
        ...

    def count_stopped(self, without: Collection[str] = ()) -> Mapping[BatchId, Mapping[Reason, int]]:
        """How many files and pages are in quarantine, by batch and reason; but for these arrivals and pages."""
        ...

    def stopped(
        self, reason: Reason, batches: Collection[BatchId], limit: int, offset: int, without: Collection[str] = ()
    ) -> tuple[Stopped, ...]:
        """What is in quarantine for a reason in these batches, the newest first; but for these arrivals and pages."""
        ...

    def batch_of(self, page: PageId) -> Batch:
        """The batch that a page came in. Raises PageNotFoundError."""
        ...
