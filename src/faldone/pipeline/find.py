"""The operator's question: which documents, and where on their pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faldone.catalog.catalog import Document
from faldone.domain.ids import DocumentId
from faldone.pipeline.ports import Ports
from faldone.search.marking import PageHit, mark
from faldone.search.query import Query


@dataclass(frozen=True, slots=True)
class Found:
    """A document that answers a query, with its best pages first; ``score`` compares within one answer only.

    ``sizes`` are width and height in pixels of the pages by index: what the boxes of the hits are relative to.
    """

    document: Document
    file: str
    score: float
    pages: tuple[PageHit, ...]
    sizes: Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Answer:
    """The documents found, best first; ``total`` counts those beyond the limit too."""

    total: int
    found: tuple[Found, ...]


def find(query: Query, ports: Ports) -> Answer:
    """Asks the index which documents, and the catalog's words where on the page."""
    hits = ports.index.search(query)
    found = []
    for hit in hits.hits:
        document = ports.catalog.document(DocumentId(hit.id))
        if document.retired:
            continue  # the index is a moment behind the catalog
        texts = ports.catalog.page_texts(document.source, document.span)
        file = ports.catalog.intakes(document.source)[0].path
        sizes = {index: (text.width, text.height) for index, text in texts.items()}
        found.append(Found(document, file, hit.score, tuple(mark(query, texts)), sizes))
    return Answer(hits.total, tuple(found))
