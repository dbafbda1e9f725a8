"""«Annulla ultima»: takes a stroke back if it still is the last word, and never somebody else's."""

from __future__ import annotations

from faldone.catalog.catalog import Document
from faldone.domain.digest import Digest
from faldone.domain.events import EventType, user_agent
from faldone.domain.ids import page_id
from faldone.errors import StaleError
from faldone.pipeline.boundaries import undo_boundary
from faldone.pipeline.ports import Ports
from faldone.pipeline.review import undo
from faldone.pipeline.review_desk import Deed, Stroke
from faldone.pipeline.stale import short_name


def stroke_of(document: Document, others: int, ports: Ports) -> Stroke:
    """The decision that was just made on a document, as it is taken back."""
    standing = ports.catalog.decisions(document.source)[document.id]
    return Stroke(Deed.DECIDED, document.id, standing.at, others=others)


def take_back(stroke: Stroke, by: str, ports: Ports) -> int:
    """Undoes a stroke on record; how many documents it was about.

    Raises:
        StaleError: somebody spoke of the same document, or file, since.
    """
    if stroke.deed is Deed.BOUNDARIES:
        assert stroke.source is not None
        for _ in range(stroke.times):
            _demand_own_boundary(stroke.source, by, ports)
            undo_boundary(stroke.source, by, ports)
        return 1
    found = ports.catalog.document(stroke.document)
    standing = ports.catalog.decisions(found.source).get(stroke.document)
    if standing is None or standing.by != by or standing.at != stroke.at:
        raise _overtaken(standing.by if standing is not None else None, ports)
    return len(undo(stroke.document, by, ports, together=stroke.others > 0).documents)


def _demand_own_boundary(source: Digest, by: str, ports: Ports) -> None:
    pages = ports.catalog.source(source).pages or 0
    events = ports.catalog.events([page_id(source, page) for page in range(pages)])
    decided = [entry for entry in events if entry.record.type == EventType.BOUNDARY_DECIDED.value]
    # Undoing is itself an event: what counts is whose words are among the last ones.
    last = max(decided, key=lambda entry: entry.sequence, default=None)
    if last is None or last.record.agent != user_agent(by):
        raise _overtaken(last.record.agent.removeprefix("user:") if last is not None else None, ports)


def _overtaken(by: str | None, ports: Ports) -> StaleError:
    who = short_name(by, ports) if by is not None else "Qualcuno / somebody"
    return StaleError(
        f"Non annullato: nel frattempo ha deciso {who}. Riapri il documento per cambiarlo. / "
        f"Not undone: {who} has decided since. Open the document to change it."
    )
