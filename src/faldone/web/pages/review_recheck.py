"""Da rivedere, asked again: a paper that filed itself, without what the archive says of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from faldone.domain.ids import DocumentId
from faldone.errors import StaleError
from faldone.pipeline.review.recheck import differences, is_due, settle_recheck
from faldone.pipeline.review.stale import demand_current, demand_own_loan
from faldone.pipeline.review.undo import stroke_of
from faldone.web.review_form import Recheck
from faldone.web.review_showing import (
    DocumentPath,
    PageNumber,
    Reviewer,
    Words,
    address_of,
    show_blind,
    show_empty,
    show_next,
    tell_stale,
    waiting_of,
)
from faldone.web.reviewing import demand_nobody_beside, room_of, take_recheck, who

router = APIRouter()


@router.get("/ricontrollo")
def enter_recheck(request: Request, caller: Reviewer) -> Response:
    """The next document that was filed by itself and is asked again, at its own address."""
    demand_nobody_beside(caller)
    room = room_of(caller.site)
    waiting = waiting_of(caller, room)
    item = take_recheck(caller, room, waiting)
    if item is None:
        return show_empty(request, caller, room, waiting)
    return RedirectResponse(address_of(item), 303)


@router.get("/{document}/ricontrollo")
def show_recheck(request: Request, caller: Reviewer, document: DocumentPath, p: PageNumber = None) -> Response:
    """A document that was filed by itself, without what the archive says of it."""
    demand_nobody_beside(caller)
    found = caller.document(DocumentId(document))
    if not is_due(found, caller.site.ports):
        return RedirectResponse(f"/revisione/{found.id}", 303)
    return show_blind(request, caller, room_of(caller.site), found, number=p, opened=True)


@router.post("/{document}/ricontrollo")
def answer_recheck(
    request: Request, caller: Reviewer, document: DocumentPath, form: Annotated[Recheck, Form()]
) -> Response:
    """The answer: as the archive has it, or both beside each other, and then who is right."""
    demand_nobody_beside(caller)
    ports, room, me = caller.site.ports, room_of(caller.site), who(caller)
    found = caller.document(DocumentId(document))
    try:
        demand_current(found, form.version, ports)
        demand_own_loan(room.desk.taken_by_other(found.id, me, ports.clock()), ports)
        given = form.said(ports)
        differ = differences(found, given, ports)
        if any(one.doubt not in form.right for one in differ):
            return show_blind(request, caller, room, found, given=given, differ=differ)
        mine = [one.doubt for one in differ if form.right[one.doubt]]
        settle_recheck(found, given, mine, caller.account.name, ports, form.version)
    except StaleError as error:
        return tell_stale(request, caller, found.id, error)
    room.queue.settled([found.id])
    room.desk.done(stroke_of(ports.catalog.document(found.id), 0, ports), me, ports.clock())
    return show_next(request, caller, room, said=_RECHECKED[bool(differ), bool(mine)])


_RECHECKED: dict[tuple[bool, bool], Words] = {
    (False, False): ("Come l'archivio.", "As the archive has it."),
    (True, False): ("Ricontrollato: aveva ragione l'archivio.", "Checked again: the archive was right."),
    (True, True): ("Ricontrollato e corretto nell'archivio.", "Checked again, and corrected in the archive."),
}
"""What came of it: by whether there was a difference, and whether the archive was wrong in it."""
