"""The port: what the rest of faldone asks of a search engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from faldone.domain.ids import DocumentId
from faldone.search.document import SearchDocument
from faldone.search.query import Query


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that a query found. Scores are compared within one answer only; higher is better."""

    id: DocumentId
    score: float


@dataclass(frozen=True, slots=True)
class Hits:
    """An answer: ``total`` counts all documents that match, ``hits`` are the wanted stretch of them, best first.

    ``relaxed`` says that no document has all the words and that these have most of them.
    """

    total: int
    hits: tuple[Hit, ...] = ()
    relaxed: bool = False


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """Whether an index can be used.

    ``documents`` is ``None`` when it cannot be told; ``stale`` says that the index was written with another schema
    or analysis and has to be rebuilt; ``detail`` is for a person (engine and version, or what is wrong).
    """

    name: str
    ready: bool
    documents: int | None
    stale: bool = False
    detail: str = ""


class SearchIndex(Protocol):
    """A search index over documents: a projection of the catalog that can be lost and made anew.

    **What matches.** All free words of a query must be found, each in any of: page texts, names and codici fiscali of
    persons, name and code of type and service, protocol, file name. Words match spelled, by stem, and, when they are
    of letters only and at least five of them, with one letter wrong, missing, too many or two swapped. When no
    document has all the words, those that have most of them (60 %, rounded up) are given, and ``Hits.relaxed`` is true.
    Phrases, exclusions and filters are never relaxed. A query with neither words nor phrases finds all documents that
    pass its filters, latest date first.

    **What comes first.** For each word: a holder's name or code, then another person's, the protocol, the word as
    spelled, its stem, a misspelling. A hit on a name outranks any mention in the text.

    The rules are those of :mod:`faldone.search.plan`, which every engine carries out. Instances may be shared between
    threads. Several processes may use the same index at once.
    """

    name: str
    """Of the engine: memory, tantivy or elasticsearch."""

    def upsert(self, documents: Sequence[SearchDocument]) -> None:
        """Writes documents by id: durable and found by searches when it returns.

        Writing the same again changes nothing; a document whose indexed version is higher is left as it is; of two
        with the same id in one call the higher version counts.

        Raises:
            IndexUnavailableError: the engine does not answer, is locked or is stale; the call may be made again.
            BulkRejectedError: the engine refused some of the documents and wrote the others.
        """
        ...

    def delete(self, ids: Iterable[DocumentId]) -> None:
        """Takes documents out; ids that are not there are passed over. Durable and visible when it returns.

        Raises:
            IndexUnavailableError: the engine does not answer or is locked.
        """
        ...

    def search(self, query: Query) -> Hits:
        """Answers a query. Equal scores come in an order that stays while the index is not written.

        Raises:
            IndexUnavailableError: the engine does not answer, or the index has to be rebuilt.
        """
        ...

    def count(self) -> int:
        """How many documents the index holds.

        Raises:
            IndexUnavailableError: the engine does not answer, or the index has to be rebuilt.
        """
        ...

    def reset(self) -> None:
        """Leaves an empty index of the current schema, whatever was there before.

        Raises:
            IndexUnavailableError: the engine does not answer or is locked.
        """
        ...

    def health(self) -> IndexHealth:
        """Whether the index can be used; never raises for an engine that is away."""
        ...

    def close(self) -> None:
        """Lets go of files and connections; nothing that was written is lost without it."""
        ...
