"""A person's word on where documents start: on record, obeyed by every later proposal, and undone by another word."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable

from faldone.catalog.records import Document
from faldone.classify.stretches import is_certain
from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, user_agent
from faldone.domain.ids import DocumentId, page_id
from faldone.errors import NotFoundError, PageNotFoundError, UndecidableError
from faldone.pipeline.filing.attribute import attribute_at_once
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.stale import demand_current, overtaken


def split(document: DocumentId, page: int, by: str, ports: Ports, *, version: int | None = None) -> None:
    """A document starts on the 0-based ``page`` of the file, inside this one.

    Raises:
        PageNotFoundError: the page is not one of this document's, or it starts there already.
        UndecidableError: the document was confirmed as it is.
        StaleError: the document is not at the ``version`` that was looked at.
    """
    found = ports.catalog.document(document)
    if version is not None:
        demand_current(found, version, ports)
    if page not in found.span[1:]:
        raise PageNotFoundError(
            f"Il documento va da pagina {found.span.start + 1} a {found.span.stop} e non si può dividere lì. / "
            f"The document goes from page {found.span.start + 1} to {found.span.stop} and cannot be split there."
        )
    _demand_unconfirmed([found], ports)
    _decide(found.source, page, True, by, ports)


def merge(document: DocumentId, by: str, ports: Ports, *, version: int | None = None) -> None:
    """The pages of a document go with the document before it in the file.

    Raises:
        NotFoundError: there is none before it.
        UndecidableError: one of the two was confirmed as it is.
        StaleError: the document is not at the ``version`` that was looked at.
    """
    found = ports.catalog.document(document)
    if version is not None:
        demand_current(found, version, ports)
    before = [other for other in ports.catalog.documents(found.source) if other.span.start < found.span.start]
    if not before:
        raise NotFoundError("Non c'è un documento prima nel file. / There is no document before it in the file.")
    between = range(before[-1].span.stop, found.span.start)
    if any(page in between and is_certain(mark) for page, mark in ports.catalog.marks(found.source).items()):
        raise NotFoundError(
            "Tra i due documenti c'è un foglio separatore: non si uniscono. / "
            "There is a separator sheet between the two documents: they are not joined."
        )
    _demand_unconfirmed([before[-1], found], ports)
    _decide(found.source, found.span.start, False, by, ports)


def undo_boundary(source: Digest, by: str, ports: Ports) -> None:
    """Takes the last correction on a file back, if it is one's own.

    Raises:
        NotFoundError: nobody corrected anything on it.
        StaleError: it is somebody else's.
    """
    with ports.catalog.begin() as work:
        demand_own_boundary(source, by, ports)
        undone = work.undo_boundary(source)
        if undone is not None:
            work.record(_event(source, undone.page, undone.starts, True, by, ports))
    if undone is None:
        raise _nothing_to_undo()
    attribute_at_once([source], ports)


def demand_own_boundary(source: Digest, by: str, ports: Ports) -> None:
    """Refuses to take back what somebody else said last of where documents start in a file.

    Raises:
        NotFoundError: nobody said anything that still holds.
        StaleError: it was somebody else.
    """
    pages = ports.catalog.source(source).pages or 0
    events = ports.catalog.events([page_id(source, page) for page in range(pages)])
    standing: list[tuple[str, str]] = []
    for entry in sorted(events, key=lambda one: one.sequence):
        if entry.record.type != EventType.BOUNDARY_DECIDED.value:
            continue
        # Undoing is itself an event, and takes back the last word that still holds.
        if not json.loads(entry.record.detail)["undone"]:
            standing.append((entry.record.agent, entry.record.at))
        elif standing:
            standing.pop()
    if not standing:
        raise _nothing_to_undo()
    agent, at = standing[-1]
    if agent != user_agent(by):
        raise overtaken(agent.removeprefix("user:"), dt.datetime.fromisoformat(at), ports)


def _nothing_to_undo() -> NotFoundError:
    return NotFoundError("Nessuna decisione da annullare. / There is no decision to take back.")


def _decide(source: Digest, page: int, starts: bool, by: str, ports: Ports) -> None:
    with ports.catalog.begin() as work:
        work.decide_boundary(source, page, starts, ports.clock())
        work.record(_event(source, page, starts, False, by, ports))
    attribute_at_once([source], ports)


def _event(source: Digest, page: int, starts: bool, undone: bool, by: str, ports: Ports) -> Event:
    detail: dict[str, str | bool] = {"source": str(source), "starts": starts, "undone": undone}
    return Event(EventType.BOUNDARY_DECIDED, page_id(source, page), ports.clock(), user_agent(by), detail=detail)


def _demand_unconfirmed(documents: Iterable[Document], ports: Ports) -> None:
    for document in documents:
        standing = ports.catalog.decisions(document.source).get(document.id)
        if standing is not None and standing.whole is not None:
            raise UndecidableError(
                f"Il documento {document.id} è stato confermato così com'è. / "
                f"Document {document.id} was confirmed as it is.",
                hint=f"faldone review undo {document.id}",
            )
