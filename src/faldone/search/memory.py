"""The index in memory: the twin of the engines, for tests. It carries out the plan word for word and forgets all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import OSA

from faldone.domain.access import Access
from faldone.domain.ids import DocumentId
from faldone.errors import IndexUnavailableError
from faldone.search import analysis, cursor
from faldone.search.document import (
    SPELLED,
    STANDING,
    STEMMED,
    Field,
    SearchDocument,
    day,
    dossier,
    fields,
    fingerprint,
    standing,
)
from faldone.search.index import FACET_VALUES, Bucket, Facet, Held, Hit, Hits, IndexHealth, IndexWriter
from faldone.search.plan import (
    All,
    Best,
    Dates,
    Everything,
    Fixed,
    Fuzzy,
    Node,
    Phrase,
    Prefix,
    Some,
    Term,
    doubted,
    plan,
)
from faldone.search.query import Query, Sort

_K1 = 1.2
_LAST = chr(0x10FFFF)


@dataclass(frozen=True, slots=True)
class _Entry:
    version: int
    digest: str
    date: int | None
    factor: float
    dossier: str | None
    values: dict[Field, tuple[tuple[str, ...], ...]]
    counts: dict[Field, Counter[str]]


class MemoryIndex:
    """A :class:`faldone.search.index.SearchIndex` that lives as long as the object."""

    name = "memory"

    def __init__(self) -> None:
        self._entries: dict[DocumentId, _Entry] = {}
        self._having: dict[tuple[Field, str], int] = {}
        self._rebuilding = False

    def upsert(self, documents: Sequence[SearchDocument]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.upsert`."""
        self._having.clear()
        for document in documents:
            known = self._entries.get(document.id)
            if known is None or known.version <= document.version:
                self._entries[document.id] = _entry(document)

    def delete(self, ids: Iterable[DocumentId]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.delete`."""
        self._having.clear()
        for document_id in ids:
            self._entries.pop(document_id, None)

    def search(self, query: Query, access: Access, facets: Sequence[Facet] = ()) -> Hits:
        """See :meth:`faldone.search.index.SearchIndex.search`."""
        steps = plan(query, access, self.frequencies(doubted(query)))
        found, relaxed = self._run(steps.strict), False
        if not found and steps.relaxed is not None:
            found = self._run(steps.relaxed)
            relaxed = bool(found)
        sort = Sort.NEWEST if steps.by_date and query.sort is Sort.RELEVANCE else query.sort
        places: dict[Sort, Callable[[DocumentId], tuple[Any, ...]]] = {
            Sort.RELEVANCE: lambda key: (-found[key],),
            Sort.NEWEST: lambda key: (),
            Sort.OLDEST: lambda key: (self._entries[key].date or math.inf,),
            Sort.DOSSIER: lambda key: (self._entries[key].dossier or _LAST,),
        }
        ranked = sorted(found, key=lambda key: (*places[sort](key), -(self._entries[key].date or 0), key))
        start = query.offset if query.after is None else cursor.decode(query.after, sort)[1]
        end = start + query.limit
        scored = sort is Sort.RELEVANCE
        return Hits(
            len(ranked),
            tuple(Hit(key, found[key] if scored else 0.0) for key in ranked[start:end]),
            relaxed,
            {facet: self._buckets(facet, ranked) for facet in facets},
            cursor.encode(sort, "", end) if query.limit and end < len(ranked) else None,
        )

    def held(self) -> Iterator[Held]:
        """See :meth:`faldone.search.index.SearchIndex.held`."""
        for key, entry in sorted(self._entries.items()):
            yield Held(key, entry.version, entry.digest)

    @contextmanager
    def rebuilding(self) -> Iterator[IndexWriter]:
        """See :meth:`faldone.search.index.SearchIndex.rebuilding`."""
        if self._rebuilding:
            raise IndexUnavailableError("L'indice viene già ricostruito / the index is being rebuilt already")
        self._rebuilding, fresh = True, MemoryIndex()
        try:
            yield fresh
        finally:
            self._rebuilding = False
        self._entries = fresh._entries
        self._having.clear()

    def frequencies(self, words: Sequence[str]) -> Mapping[str, int]:
        """See :meth:`faldone.search.index.SearchIndex.frequencies`."""
        return {word: self._documents_with(Field.WORDS, word) for word in words}

    def count(self) -> int:
        """See :meth:`faldone.search.index.SearchIndex.count`."""
        return len(self._entries)

    def reset(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.reset`."""
        self._entries.clear()
        self._having.clear()

    def health(self) -> IndexHealth:
        """See :meth:`faldone.search.index.SearchIndex.health`."""
        return IndexHealth(self.name, ready=True, documents=len(self._entries), detail="memory")

    def close(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.close`."""

    def _buckets(self, facet: Facet, found: Sequence[DocumentId]) -> tuple[Bucket, ...]:
        counted = Counter(value for key in found for value in self._entries[key].counts[Field(facet.value)])
        ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
        return tuple(Bucket(value, count) for value, count in ordered[:FACET_VALUES])

    def _run(self, node: Node) -> dict[DocumentId, float]:
        scored = ((key, entry.factor, self._score(node, entry)) for key, entry in self._entries.items())
        return {key: factor * score for key, factor, score in scored if score is not None}

    def _score(self, node: Node, entry: _Entry) -> float | None:
        """The score of a document, ``None`` when the node does not find it."""
        match node:
            case Term(field, value):
                return self._weight(entry.counts[field][value], field, value)
            case Phrase(field, terms):
                return self._weight(_occurrences(entry.values[field], terms), field, terms[0])
            case Fuzzy(field, value):
                near = any(OSA.distance(value, term, score_cutoff=1) <= 1 for term in entry.counts[field])
                return 1.0 if near else None
            case Prefix(field, value):
                return 1.0 if any(term.startswith(value) for term in entry.counts[field]) else None
            case Dates(first, last):
                return 1.0 if entry.date is not None and first <= entry.date <= last else None
            case Everything():
                return 1.0
            case Fixed(of, score):
                return None if self._score(of, entry) is None else score
            case Best(of):
                return max((score for score in (self._score(n, entry) for n in of) if score is not None), default=None)
            case Some(of, minimum):
                scores = [score for score in (self._score(n, entry) for n in of) if score is not None]
                return sum(scores) if len(scores) >= minimum else None
            case All(must, filters, without, bonus):
                if any(self._score(n, entry) is not None for n in without):
                    return None
                if any(self._score(n, entry) is None for n in filters):
                    return None
                parts = [self._score(n, entry) for n in must]
                if None in parts:
                    return None
                return sum(score or 0.0 for score in (*parts, *(self._score(n, entry) for n in bonus)))

    def _weight(self, occurrences: int, field: Field, term: str) -> float | None:
        if not occurrences:
            return None
        total, having = len(self._entries), self._documents_with(field, term)
        rarity = math.log(1 + (total - having + 0.5) / (having + 0.5))
        return rarity * occurrences * (_K1 + 1) / (occurrences + _K1)

    def _documents_with(self, field: Field, term: str) -> int:
        if (field, term) not in self._having:
            self._having[field, term] = sum(1 for entry in self._entries.values() if entry.counts[field][term])
        return self._having[field, term]


def _entry(document: SearchDocument) -> _Entry:
    values = {field: tuple(_terms(field, value) for value in texts) for field, texts in fields(document).items()}
    counts = {field: Counter(term for terms in texts for term in terms) for field, texts in values.items()}
    return _Entry(
        document.version,
        fingerprint(document),
        None if document.date is None else day(document.date),
        1 + STANDING * standing(document),
        dossier(document),
        values,
        counts,
    )


def _terms(field: Field, value: str) -> tuple[str, ...]:
    if field in SPELLED:
        return tuple(token.term for token in analysis.spell(value))
    if field in STEMMED:
        return tuple(token.term for token in analysis.analyse(value))
    return (value,)


def _occurrences(values: tuple[tuple[str, ...], ...], terms: tuple[str, ...]) -> int:
    wide = len(terms)
    return sum(value[at : at + wide] == terms for value in values for at in range(len(value) - wide + 1))
