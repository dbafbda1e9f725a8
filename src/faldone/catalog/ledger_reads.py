"""Port: the ledger, and the standing of every row to be held against it; see :mod:`faldone.catalog.catalog`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from faldone.catalog.records import LedgerTail
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PageId
from faldone.provenance.chain import LedgerEntry


class LedgerReads(Protocol):
    """What the catalog tells of the ledger, and of itself to be held against it."""

    def events_by(
        self,
        agent: str,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        limit: int = 1_000,
        after: int = 0,
    ) -> tuple[LedgerEntry, ...]:
        """What an agent did, in order of sequence, the first ``limit`` after the entry ``after``."""
        ...

    def events_of(
        self,
        types: Collection[EventType],
        *,
        agent: str | None = None,
        subjects: Collection[str] | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        limit: int = 1_000,
        after: int = 0,
    ) -> tuple[LedgerEntry, ...]:
        """Events of these types, by one agent and about these subjects where given, in order as :meth:`events_by`."""
        ...

    def last_events(self, type_: EventType, limit: int) -> tuple[LedgerEntry, ...]:
        """The last events of a type, the newest first."""
        ...

    def count_events(
        self, types: Collection[EventType], since: dt.datetime | None = None, until: dt.datetime | None = None
    ) -> Mapping[tuple[str, str], int]:
        """How many events of these types there are, by agent and type."""
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
