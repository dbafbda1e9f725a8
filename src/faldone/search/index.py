"""The port: what the rest of faldone asks of a search engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from faldone.domain.access import Access
from faldone.domain.ids import DocumentId
from faldone.search.document import SearchDocument
from faldone.search.query import Query


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that a query found. Scores are compared within one answer only; higher is better."""

    id: DocumentId
    score: float


class Facet(StrEnum):
    """By what the documents of an answer are counted; the values are those of the field of the same name."""

    PERSON = "person"
    SERVICE = "service"
    TYPE = "type"
    YEAR = "year"
    COMUNE = "comune"
    BATCH = "batch"
    BAND = "band"


FACET_VALUES = 100
"""How many values of a facet are told at most."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A value of a facet and how many documents of the whole answer have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Hits:
    """An answer: ``total`` counts all documents that match, ``hits`` are the wanted stretch of them, best first.

    ``relaxed`` says that no document has all the words and that these have most of them. ``facets`` are those that
    were asked for, each with its most frequent values first. ``after`` is the cursor behind the last hit, or None when
    there is nothing behind it or no hit was wanted.
    """

    total: int
    hits: tuple[Hit, ...] = ()
    relaxed: bool = False
    facets: Mapping[Facet, tuple[Bucket, ...]] = field(default_factory=dict)
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What an index holds of a document: enough to tell whether it is what the catalog would write now.

    ``digest`` is :func:`faldone.search.document.fingerprint` of what was written.
    """

    id: DocumentId
    version: int
    digest: str


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


class IndexWriter(Protocol):
    """Where documents are written: see :class:`SearchIndex`."""

    def upsert(self, documents: Sequence[SearchDocument]) -> None:
        """See :meth:`SearchIndex.upsert`."""
        ...


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

    def search(self, query: Query, access: Access, facets: Sequence[Facet] = ()) -> Hits:
        """Answers a query about what ``access`` permits: hits, counts and facets alike come from that alone.

        Equal scores come in an order that stays while the index is not written.

        Raises:
            IndexUnavailableError: the engine does not answer, or the index has to be rebuilt.
        """
        ...

    def held(self) -> Iterator[Held]:
        """Every document in the index, in the order of the ids.

        Raises:
            IndexUnavailableError: the engine does not answer, or the index has to be rebuilt.
        """
        ...

    def rebuilding(self) -> AbstractContextManager[IndexWriter]:
        """A fresh, empty index to be filled; at the end of the block it takes the place of this one in one step.

        Searches go on in the old one until then, and writes made here meanwhile stay in the old one alone: whoever
        rebuilds writes again what changed. A block that ends with an exception leaves everything as it was.

        Raises:
            IndexUnavailableError: the engine does not answer or is locked.
        """
        ...

    def frequencies(self, words: Sequence[str]) -> Mapping[str, int]:
        """In how many documents each of these spelled words stands; for ranking, never to be shown.

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
