"""The first page: each role lands where its day begins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse

from faldone.domain.account import AccountRole
from faldone.web.caller import Caller
from faldone.web.rules import Entered

router = APIRouter()

_LANDING = {
    AccountRole.ARCHIVIST: "/acquisizione",
    AccountRole.OPERATOR: "/ricerca",
    AccountRole.AUDITOR: "/verifica",
    AccountRole.MANAGER: "/statistiche",
    AccountRole.ADMINISTRATOR: "/amministrazione",
}


@router.get("/")
def home(caller: Annotated[Caller, Depends(Entered())]) -> RedirectResponse:
    """Sends everybody where their work is."""
    return RedirectResponse(_LANDING[caller.account.role], 303)
