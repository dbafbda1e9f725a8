"""Da rivedere, the sheets: cut, joined, turned, called blank and put in order."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from faldone.domain.ids import DocumentId
from faldone.errors import StaleError
from faldone.pipeline.review.desk import Deed, Stroke
from faldone.pipeline.review.sheets import Changed, Said, save_sheets, strip_of
from faldone.web.lanes import at_length
from faldone.web.render import is_htmx, page
from faldone.web.review_form import Sheets
from faldone.web.review_showing import DocumentPath, Reviewer, Words, counted, document_at, show_if_seen, tell_stale
from faldone.web.reviewing import demand_nobody_beside, room_of, who
from faldone.web.sending import tell_opened

router = APIRouter()


@router.get("/{document}/fogli")
def show_sheets(request: Request, caller: Reviewer, document: DocumentPath) -> Response:
    """The sheets of the document and of its neighbours, to be cut and joined."""
    demand_nobody_beside(caller)
    found = caller.document(DocumentId(document))
    tell_opened(caller, found)
    strip = strip_of(found, caller.documents, caller.site.ports)
    template = "review/_sheets.html" if is_htmx(request) else "review/sheets.html"
    return page(request, caller, template, document=found, strip=strip)


@router.post("/{document}/fogli")
@at_length
def set_sheets(request: Request, caller: Reviewer, document: DocumentPath, form: Annotated[Sheets, Form()]) -> Response:
    """Documents start on these sheets from now on, those are blank, those stand otherwise or are read elsewhere."""
    demand_nobody_beside(caller)
    ports, room = caller.site.ports, room_of(caller.site)
    found = caller.document(DocumentId(document))
    strip = strip_of(found, caller.documents, ports)
    said = Said(form.inizi, form.bianche, form.turns, form.moves)
    try:
        changed = save_sheets(strip, said, form.versions, caller.account.name, ports)
    except StaleError as error:
        return tell_stale(request, caller, found.id, error)
    now, page_shown = ports.clock(), found.span.start
    room.queue.forget()
    behind = document_at(found.source, page_shown, ports) or ports.catalog.document(found.id)
    if changed.count:
        # Before it is asked whether what came of it may be seen: it is done, and must be there to be taken back.
        stroke = Stroke(
            Deed.BOUNDARIES,
            behind.id,
            now,
            source=found.source,
            times=changed.boundaries,
            page=page_shown,
            turns=changed.turns,
            readings=changed.readings,
            orders=changed.orders,
        )
        room.desk.done(stroke, who(caller), now)
    return show_if_seen(request, caller, room, behind, _saved(changed))


def _saved(changed: Changed) -> Words:
    words = (
        f"Fogli salvati: {counted(changed.count, 'modifica', 'modifiche')}.",
        f"Sheets saved: {counted(changed.count, 'change', 'changes')}.",
    )
    if not changed.missed:
        return words
    return (
        f"{words[0]} {changed.missed} no: il file si stava rileggendo. Riprova.",
        f"{words[1]} {changed.missed} not: the file was being worked on. Try again.",
    )
