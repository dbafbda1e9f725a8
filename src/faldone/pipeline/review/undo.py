"""«Annulla ultima»: takes a stroke back if it still is the last word, and never somebody else's."""

from __future__ import annotations

from faldone.catalog.records import Document, SourceState
from faldone.domain.digest import Digest
from faldone.domain.ids import DocumentId
from faldone.errors import UndecidableError
from faldone.pipeline.papers.reading_order import reading_order
from faldone.pipeline.ports import Ports
from faldone.pipeline.recognition.turn_page import turn_page
from faldone.pipeline.review.blank_page import restore_reading
from faldone.pipeline.review.boundaries import demand_own_boundary, undo_boundary
from faldone.pipeline.review.desk import Deed, Stroke
from faldone.pipeline.review.order_pages import put_in_order
from faldone.pipeline.review.settle import undo
from faldone.pipeline.review.sheets import page_at
from faldone.pipeline.review.stale import overtaken


def stroke_of(document: Document, others: int, ports: Ports) -> Stroke:
    """The decision that was just made on a document, as it is taken back."""
    standing = ports.catalog.decisions(document.source)[document.id]
    return Stroke(Deed.DECIDED, document.id, standing.at, others=others)


def take_back(stroke: Stroke, by: str, ports: Ports) -> tuple[DocumentId, ...]:
    """Undoes a stroke on record; the documents that it was about.

    Raises:
        StaleError: somebody spoke of the same document, or file, since.
        UndecidableError: the file is being worked on at this moment; nothing was taken back.
    """
    if stroke.deed is Deed.BOUNDARIES:
        assert stroke.source is not None
        _put_sheets_back(stroke.source, stroke, by, ports)
        return (stroke.document,)
    found = ports.catalog.document(stroke.document)
    standing = ports.catalog.decisions(found.source).get(stroke.document)
    if standing is None or standing.by != by or standing.at != stroke.at:
        raise overtaken(
            standing.by if standing is not None else None, standing.at if standing is not None else None, ports
        )
    return undo(stroke.document, by, ports, together=stroke.others > 0).documents


def _put_sheets_back(source: Digest, stroke: Stroke, by: str, ports: Ports) -> None:
    """In the other direction: orders, readings, turns, then where documents start."""
    if stroke.readings and ports.catalog.source(source).state is not SourceState.PROPOSED:
        # What is undone is undone whole, and this can be in a moment: it is not stale.
        raise UndecidableError(
            "Il file si sta rileggendo in questo momento: riprova tra poco. Nulla è stato annullato. / "
            "The file is being worked on at this moment: try again shortly. Nothing was undone."
        )
    turns = ports.catalog.page_turns(source)
    pages = {page: page_at(source, page, ports) for page, _, _ in stroke.readings}
    if any(pages[page].text != since for page, _, since in stroke.readings) or any(
        turns.get(page) != since for page, _, since in stroke.turns
    ):
        raise overtaken(None, None, ports)
    read = {reading_order(one, ports): one for one in ports.catalog.documents(source)} if stroke.orders else {}
    if any(since not in read for _, since in stroke.orders):
        raise overtaken(None, None, ports)
    if stroke.times:
        # Before anything is put back: what is undone is undone whole.
        demand_own_boundary(source, by, ports)
    for order, since in stroke.orders:
        put_in_order(read[since], order, by, ports)
    for page, before, _ in reversed(stroke.readings):
        holder = next(one.id for one in ports.catalog.documents(source) if page in one.span)
        restore_reading(pages[page], before, holder, by, ports)
    for page, stood, _ in stroke.turns:
        turn_page(page_at(source, page, ports), stood, by, ports)
    for _ in range(stroke.times):
        undo_boundary(source, by, ports)
