"""The index in memory: the twin of the engines, for tests. It carries out the plan word for word and forgets all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from faldone.domain.ids import DocumentId
from faldone.search import analysis
from faldone.search.document import SPELLED, STEMMED, Field, SearchDocument, day, fields
from faldone.search.index import Hit, Hits, IndexHealth
from faldone.search.plan import All, Best, Dates, Everything, Fixed, Fuzzy, Node, Phrase, Plan, Some, Term, plan
from faldone.search.query import Query

_K1 = 1.2


@dataclass(frozen=True, slots=True)
class _Entry:
    version: int
    date: int | None
    values: dict[Field, tuple[tuple[str, ...], ...]]
    counts: dict[Field, Counter[str]]


class MemoryIndex:
    """A :class:`faldone.search.index.SearchIndex` that lives as long as the object."""

    name = "memory"

    def __init__(self) -> None:
        self._entries: dict[DocumentId, _Entry] = {}

    def upsert(self, documents: Sequence[SearchDocument]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.upsert`."""
        for document in documents:
            known = self._entries.get(document.id)
            if known is None or known.version <= document.version:
                self._entries[document.id] = _entry(document)

    def delete(self, ids: Iterable[DocumentId]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.delete`."""
        for document_id in ids:
            self._entries.pop(document_id, None)

    def search(self, query: Query) -> Hits:
        """See :meth:`faldone.search.index.SearchIndex.search`."""
        steps: Plan = plan(query)
        found, relaxed = self._run(steps.strict), False
        if not found and steps.relaxed is not None:
            found = self._run(steps.relaxed)
            relaxed = bool(found)
        hits = [Hit(document_id, score) for document_id, score in found.items()]

        def place(hit: Hit) -> tuple[float, int, str]:
            return (0.0 if steps.by_date else -hit.score, -(self._entries[hit.id].date or 0), hit.id)

        hits.sort(key=place)
        return Hits(len(hits), tuple(hits[query.offset : query.offset + query.limit]), relaxed)

    def count(self) -> int:
        """See :meth:`faldone.search.index.SearchIndex.count`."""
        return len(self._entries)

    def reset(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.reset`."""
        self._entries.clear()

    def health(self) -> IndexHealth:
        """See :meth:`faldone.search.index.SearchIndex.health`."""
        return IndexHealth(self.name, ready=True, documents=len(self._entries), detail="memory")

    def close(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.close`."""

    def _run(self, node: Node) -> dict[DocumentId, float]:
        scored = ((document_id, self._score(node, entry)) for document_id, entry in self._entries.items())
        return {document_id: score for document_id, score in scored if score is not None}

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
        total = len(self._entries)
        having = sum(1 for entry in self._entries.values() if entry.counts[field][term])
        rarity = math.log(1 + (total - having + 0.5) / (having + 0.5))
        return rarity * occurrences * (_K1 + 1) / (occurrences + _K1)


def _entry(document: SearchDocument) -> _Entry:
    values = {field: tuple(_terms(field, value) for value in texts) for field, texts in fields(document).items()}
    counts = {field: Counter(term for terms in texts for term in terms) for field, texts in values.items()}
    return _Entry(document.version, None if document.date is None else day(document.date), values, counts)


def _terms(field: Field, value: str) -> tuple[str, ...]:
    if field in SPELLED:
        return tuple(token.term for token in analysis.spell(value))
    if field in STEMMED:
        return tuple(token.term for token in analysis.analyse(value))
    return (value,)


def _occurrences(values: tuple[tuple[str, ...], ...], terms: tuple[str, ...]) -> int:
    wide = len(terms)
    return sum(value[at : at + wide] == terms for value in values for at in range(len(value) - wide + 1))
