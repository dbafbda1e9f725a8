"""The operator's question: which documents, and where on their pages; of what the asker may see alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from faldone.catalog.records import Document
from faldone.domain.access import Access
from faldone.domain.ids import DocumentId
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.projection import permitted, permitted_document, project_all
from faldone.search import analysis
from faldone.search.document import SearchDocument
from faldone.search.index import Bucket, Facet, Hits
from faldone.search.marking import PageHit, mark
from faldone.search.query import SHORTEST_BEGINNING, Query
from faldone.search.understand import Names, Suggestion, suggest, understand

PAGES_SHOWN = 3
"""So many pages of a document are shown; :func:`all_hits` shows all."""

_THIN = 3
"""An answer of fewer documents may be one to a word that was typed wrongly."""

_LONGER = 3
"""So many more or fewer characters has what is offered for a word: two letters, and what stands around it on paper."""

_LOOKED_THROUGH = 30
"""Documents whose words are offered in the place of a word that none has."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document that answers a query, with its best pages first; ``score`` compares within one answer only.

    ``record`` is what the index holds of it, without the words of its pages; ``sizes`` are width and height in pixels
    of the pages by index: what the boxes of the hits are relative to.
    """

    document: Document
    record: SearchDocument
    score: float
    pages: tuple[PageHit, ...]
    sizes: Mapping[int, tuple[int, int]]

    @property
    def file(self) -> str:
        """The name of the file that it is in."""
        return self.record.file


@dataclass(frozen=True, slots=True)
class Answer:
    """The documents found, best first; ``total`` counts those beyond the limit too.

    ``relaxed``, ``facets`` and ``after`` are those of :class:`faldone.search.index.Hits`.
    """

    total: int
    found: tuple[Found, ...]
    relaxed: bool = False
    facets: Mapping[Facet, tuple[Bucket, ...]] = field(default_factory=dict)
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A document of an answer that may be seen, with what the index holds of it (no words of pages) and its score."""

    document: Document
    record: SearchDocument
    score: float

    @property
    def file(self) -> str:
        """The name of the file that it is in."""
        return self.record.file


def ask(query: Query, ports: Ports, names: Names | None = None) -> Query:
    """A typed query as the index is asked: its words understood, its batch by id.

    ``names`` are the words of names that are known, where misspelt ones are to be found too.
    """
    understood = understand(query, names)
    if query.batch is None:
        return understood
    named = [batch.id for batch in ports.catalog.batches() if query.batch in (batch.code, batch.id)]
    return replace(understood, batch=named[0] if named else query.batch)


def find(query: Query, access: Access, ports: Ports, facets: Sequence[Facet] = ()) -> Answer:
    """Asks the index which documents, and the catalog's words where on the page.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    hits = ports.index.search(query, access, facets)
    visible = seen(hits, access, ports)
    return Answer(
        total=hits.total - (len(hits.hits) - len(visible)),
        found=_marked(visible, query, ports, PAGES_SHOWN),
        relaxed=hits.relaxed,
        facets=hits.facets,
        after=hits.after,
    )


def all_hits(document: DocumentId, query: Query, access: Access, ports: Ports) -> Found:
    """Everywhere that a query stands in one document, page after page.

    Raises:
        DocumentNotFoundError: there is no such document, or it may not be seen.
    """
    shown = permitted_document(document, access, ports)
    (found,) = _marked([Seen(shown, project_all([shown], ports, texts=False)[0], 0.0)], query, ports)
    marked = sorted((page for page in found.pages if page.boxes), key=lambda page: page.index)
    return replace(found, pages=tuple(marked))


def suggestions(query: Query, answer: Answer, access: Access, ports: Ports) -> tuple[Suggestion, ...]:
    """What may have been meant where an answer is thin: words of documents that may be seen, and of the taxonomies.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    typed = [*query.words, *(query.person or "").split()]
    if not typed or (answer.total >= _THIN and not answer.relaxed):
        return ()
    documents = {one.document.id: one.document for one in answer.found}
    lengths = range(min(map(len, typed)) - _LONGER, max(map(len, typed)) + _LONGER + 1)
    words = Counter(text for text in _words(list(documents.values()), ports) if len(text) in lengths)
    for word in query.words:
        beginning = analysis.fold(word)[:SHORTEST_BEGINNING]
        if beginning.isalpha() and len(beginning) == SHORTEST_BEGINNING:
            near = ports.index.search(Query(prefixes=(beginning,), limit=_LOOKED_THROUGH, only=query.only), access)
            fresh = [one.document for one in seen(near, access, ports) if one.document.id not in documents]
            documents |= {one.id: one for one in fresh}
            said = _words(fresh, ports)
            words.update(text for text in said if len(text) in lengths and _may_begin(text, beginning))
    counts: Counter[str] = Counter()
    for known in (ports.lexicon.services, ports.lexicon.types):
        counts.update({token.term for item in known.values() for token in analysis.spell(item.name)})
    for document in project_all(list(documents.values()), ports, texts=False):
        words.update(name for person in document.persons for name in (person.name, *person.aliases))
    for text, times in words.items():
        for token in analysis.spell(text):
            counts[token.term] += times
    return suggest(query, counts)


def _words(documents: Sequence[Document], ports: Ports) -> Iterator[str]:
    """The words of all pages of the documents as read, each once a page."""
    for views in ports.catalog.page_views([(document.source, document.span) for document in documents]):
        for view in views.values():
            yield from set(view.texts)


def _may_begin(text: str, beginning: str) -> bool:
    """Whether a word may begin so, told cheaply: thousands are asked that do not."""
    start = text[: len(beginning)].lower()
    return start == beginning or not start.isascii() or not start.isalpha()


def seen(hits: Hits, access: Access, ports: Ports) -> list[Seen]:
    """The documents of an answer that may be seen by what the catalog says now, in their order."""
    known = ports.catalog.documents_with([hit.id for hit in hits.hits])
    ordered = [known[hit.id] for hit in hits.hits if hit.id in known]  # the index may be a moment behind the catalog
    scores = {hit.id: hit.score for hit in hits.hits}
    return [Seen(one, shown, scores[one.id]) for one, shown in permitted(ordered, access, ports)]


def _marked(visible: Sequence[Seen], query: Query, ports: Ports, most: int | None = None) -> tuple[Found, ...]:
    """The documents with their pages marked, all of them read from the catalog at once."""
    sought = replace(query, words=query.like, like=()) if query.like else query
    pages = ports.catalog.page_views([(one.document.source, one.document.span) for one in visible])
    return tuple(
        Found(
            one.document,
            one.record,
            one.score,
            tuple(mark(sought, views, most)),
            {index: (view.width, view.height) for index, view in views.items()},
        )
        for one, views in zip(visible, pages, strict=True)
    )
