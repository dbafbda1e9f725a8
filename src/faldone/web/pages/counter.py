"""Modalità sportello: the person is sitting there and can see the screen, so nobody else may appear on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from faldone.domain.ids import PersonId
from faldone.web.asking import Searcher
from faldone.web.caller import Caller, ForbiddenError, NotEnteredError
from faldone.web.render import page

router = APIRouter()


@router.get("/sportello")
def explain(request: Request, caller: Searcher) -> HTMLResponse:
    """What the mode does, and how a person is pinned."""
    return page(request, caller, "search/counter.html")


@router.post("/sportello")
def pin(caller: Searcher, person: Annotated[str, Form(max_length=40)]) -> RedirectResponse:
    """Pins a person of whom something may be seen."""
    found = caller.person(PersonId(person))
    _put(caller, found.id)
    return RedirectResponse(f"/fascicoli/{found.id}", 303)


@router.post("/sportello/chiudi")
def release(caller: Searcher) -> RedirectResponse:
    """Releases the person."""
    _put(caller, None)
    return RedirectResponse("/ricerca", 303)


def _put(caller: Caller, person: PersonId | None) -> None:
    if caller.session is None:
        raise ForbiddenError(
            "La modalità sportello è di chi lavora allo schermo. / Counter mode is for people at a screen."
        )
    ports = caller.site.ports
    with ports.catalog.begin() as work:
        current = ports.catalog.session(caller.session.key, ports.clock())
        if current is None:  # it was ended meanwhile, and does not come back
            raise NotEnteredError("Sessione scaduta: entra di nuovo. / Your session has ended: enter again.")
        work.put_session(replace(current, pinned=person))
