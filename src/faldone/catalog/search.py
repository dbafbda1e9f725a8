"""Port: what searching and its index ask of the record of truth; see :mod:`faldone.catalog.catalog`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from faldone.catalog.records import Batch, Document, IndexLag, Intake, SavedSearch
from faldone.domain.digest import Digest
from faldone.domain.ids import DocumentId, PersonId


class SearchWork(Protocol):
    """What one transaction can do for the index and for the searches that people keep."""

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


class SearchRead(Protocol):
    """What the catalog tells to those who search and index."""

    def documents_with(self, documents: Collection[DocumentId]) -> Mapping[DocumentId, Document]:
        """Those of these documents that are on record, retired ones included."""
        ...

    def first_arrivals(self, sources: Collection[Digest]) -> Mapping[Digest, tuple[Intake, Batch]]:
        """For each of these files its first arrival, and the batch that it came in."""
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
