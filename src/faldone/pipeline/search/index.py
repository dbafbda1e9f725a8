"""Step 6: the search index catches up with the catalog, whose projection it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from faldone.catalog.records import Document
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import DocumentId
from faldone.errors import BulkRejectedError
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.projection import project_all
from faldone.search.index import IndexWriter

T = TypeVar("T")

BULK_DOCUMENTS = 200

Progress = Callable[[int, int], None]
"""Told how many documents are done, of how many."""


def index_pending(ports: Ports) -> int:
    """Writes every document whose projection is behind and removes the retired ones; returns how many it did.

    Raises:
        IndexUnavailableError: the index is away; nothing is noted as written, so the next call does it.
    """
    done = 0
    while behind := ports.catalog.behind_index(BULK_DOCUMENTS):
        write(behind, ports)
        done += len(behind)
    return done


def write(documents: Sequence[Document], ports: Ports) -> None:
    """Puts the documents into the index as they are, takes the retired ones out, and notes it.

    Raises:
        IndexUnavailableError: the index is away; nothing is noted.
    """
    failed = _upsert(documents, ports.index, ports)
    retired = [document.id for document in documents if document.retired]
    if retired:
        ports.index.delete(retired)
    _note(documents, failed, ports)


def rebuild(ports: Ports, progress: Progress = lambda _done, _all: None) -> int:
    """Makes the index anew from the catalog alone; searches go on in the old one until the new one takes its place.

    What changed while the new one was written is written again, before it takes the old one's place and after. Returns
    the number of documents.

    Raises:
        IndexUnavailableError: the index is away; the old one stays as it was.
    """
    begun = ports.catalog.ledger_tail().length
    expected = ports.catalog.progress().documents
    done = 0
    refused: dict[DocumentId, str] = {}
    with ports.index.rebuilding() as fresh:
        for some in in_bulks(document for document in ports.catalog.documents_by_id() if not document.retired):
            refused |= _upsert(some, fresh, ports)
            done += len(some)
            progress(done, max(expected, done))
        for changed in in_bulks(ports.catalog.changed_since(begun)):
            refused |= _upsert(list(ports.catalog.documents_with(changed).values()), fresh, ports)
    with ports.catalog.begin() as work:
        work.forget_refusals()
        work.mark_indexed({}, refused)
        work.record(
            Event(
                type=EventType.INDEX_REBUILT,
                subject="index",
                at=ports.clock(),
                agent=AGENT,
                outcome=Outcome.WARNING if refused else Outcome.SUCCESS,
                detail={"index": ports.index.name, "documents": done, "refused": len(refused)},
            )
        )
    # Workers wrote into the old one until the last moment.
    for changed in in_bulks(ports.catalog.changed_since(begun)):
        write(list(ports.catalog.documents_with(changed).values()), ports)
    index_pending(ports)
    return done


def needs_rebuild(ports: Ports) -> bool:
    """Whether the index was lost, or written in a form that is no longer read."""
    health = ports.index.health()
    lost = health.documents == 0 and ports.catalog.progress().documents > len(ports.catalog.behind_index(1))
    return health.stale or lost


def in_bulks(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists of the size that is written at once."""
    coming = iter(items)
    while some := list(islice(coming, BULK_DOCUMENTS)):
        yield some


def _upsert(documents: Sequence[Document], index: IndexWriter, ports: Ports) -> dict[DocumentId, str]:
    """Writes those in force; what the index refuses is returned with its reason."""
    try:
        index.upsert(project_all([document for document in documents if not document.retired], ports))
    except BulkRejectedError as error:
        return {DocumentId(document): reason for document, reason in error.items.items()}
    return {}


def _note(documents: Sequence[Document], failed: dict[DocumentId, str], ports: Ports) -> None:
    written = {document.id: document.version for document in documents if document.id not in failed}
    with ports.catalog.begin() as work:
        work.mark_indexed(written, failed)
        for document in documents:
            work.record(
                Event(
                    type=EventType.DOCUMENT_INDEXED,
                    subject=document.id,
                    at=ports.clock(),
                    agent=AGENT,
                    outcome=Outcome.FAILURE if document.id in failed else Outcome.SUCCESS,
                    detail={"index": ports.index.name, "version": document.version, "retired": document.retired},
                )
            )
