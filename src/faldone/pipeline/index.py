"""Step 6: the search index catches up with the catalog, whose projection it is."""

from __future__ import annotations

from faldone.catalog.catalog import Document
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import DocumentId
from faldone.errors import BulkRejectedError
from faldone.pipeline.ports import Ports
from faldone.search.document import SearchDocument, project

_BULK_DOCUMENTS = 200


def index_pending(ports: Ports) -> int:
    """Writes every document whose projection is behind and removes the retired ones; returns how many it did.

    Raises:
        IndexUnavailableError: the index is away; nothing is noted as written, so the next call does it.
    """
    done = 0
    while behind := ports.catalog.behind_index(_BULK_DOCUMENTS):
        failed: dict[DocumentId, str] = {}
        try:
            ports.index.upsert([_project(document, ports) for document in behind if not document.retired])
        except BulkRejectedError as error:
            failed = {DocumentId(document): reason for document, reason in error.items.items()}
        retired = [document.id for document in behind if document.retired]
        if retired:
            ports.index.delete(retired)
        _note(behind, failed, ports)
        done += len(behind)
    return done


def rebuild(ports: Ports) -> int:
    """Empties the index and writes it anew from the catalog alone; returns the number of documents."""
    ports.index.reset()
    with ports.catalog.begin() as work:
        work.reset_index_versions()
    return index_pending(ports)


def needs_rebuild(ports: Ports) -> bool:
    """Whether the index was lost, or written in a form that is no longer read."""
    health = ports.index.health()
    lost = health.documents == 0 and ports.catalog.progress().documents > len(ports.catalog.behind_index(1))
    return health.stale or lost


def _note(behind: tuple[Document, ...], failed: dict[DocumentId, str], ports: Ports) -> None:
    written = {document.id: document.version for document in behind if document.id not in failed}
    with ports.catalog.begin() as work:
        work.mark_indexed(written, failed)
        for document in behind:
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


def _project(document: Document, ports: Ports) -> SearchDocument:
    intake = ports.catalog.intakes(document.source)[0]
    proposal = document.proposal
    texts = ports.catalog.page_texts(document.source, document.span)
    return project(
        document_id=document.id,
        version=document.version,
        file=intake.path,
        batch=intake.batch,
        proposal=proposal,
        texts=[texts[i].text if i in texts else "" for i in document.span],
        lexicon=ports.lexicon,
        aliases=ports.catalog.aliases([person.value.person for person in proposal.persons if person.value.person]),
    )
