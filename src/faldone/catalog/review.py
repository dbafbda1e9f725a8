"""Port: decisions, and the queue of what waits for one; see :mod:`faldone.catalog.catalog`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from faldone.catalog.records import Placed, Waiting, WaitingKey
from faldone.domain.attribution import DocumentProposal
from faldone.domain.decision import Decision
from faldone.domain.digest import Digest
from faldone.domain.ids import DocumentId


class ReviewWork(Protocol):
    """What one transaction can do about decisions."""

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
        """Sends the files of these documents to attribution again; how many there were at rest.

        One that is being attributed at this moment stays due when that is saved.
        """
        ...


class ReviewRead(Protocol):
    """What the catalog tells of decisions and of what waits for one."""

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
