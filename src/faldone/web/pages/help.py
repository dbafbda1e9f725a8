"""Pages that help, open to anybody: the keys, and how accessible the app is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from faldone.web.caller import Caller, Visitor, caller_of
from faldone.web.render import page
from faldone.web.rules import Anybody

router = APIRouter()


@router.get("/aiuto/tasti")
def keys(request: Request, visitor: Annotated[Visitor, Depends(Anybody())]) -> HTMLResponse:
    """Every key of every screen."""
    return page(request, _known(visitor), "help/keys.html")


@router.get("/accessibilita")
def accessibility(request: Request, visitor: Annotated[Visitor, Depends(Anybody())]) -> HTMLResponse:
    """What was done for everybody to be able to use the app, how it is checked, and what falls short."""
    return page(request, _known(visitor), "help/accessibility.html")


def _known(visitor: Visitor) -> Caller | Visitor:
    """Who has entered keeps their menu on pages that anybody may read."""
    if visitor.account is None:
        return visitor
    now = visitor.site.ports.clock()
    return caller_of(visitor.site, visitor.account, visitor.session, visitor.address, now)
