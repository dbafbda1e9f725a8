"""Somebody at the desk: who they are opens a blank screen again, and a session that is in use goes on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel

from faldone.pipeline.accounts.entering import NotRecognisedError, prove
from faldone.web.caller import Caller
from faldone.web.render import spoken
from faldone.web.rules import Entered

router = APIRouter()


class Unlocking(BaseModel):
    """How the account that has entered opens its blank screen."""

    password: bool
    provider: str | None


@router.get("/sblocca")
def ways(request: Request, caller: Annotated[Caller, Depends(Entered())]) -> Unlocking:
    """What the blank screen asks for: a password is no use to who has none."""
    site = caller.site
    credentials, provider = site.ports.catalog.credentials(caller.account.name), site.options.provider
    label = provider.label.replace(" · ", " / ") if provider is not None and credentials.subject is not None else None
    return Unlocking(
        password=credentials.password is not None, provider=spoken(request, label) if label is not None else None
    )


_WRONG = (
    "Password non riconosciuta: riprova, oppure esci. Dopo cinque errori di fila bisogna aspettare. / "
    "The password was not recognised: try again, or leave. After five errors in a row you have to wait."
)


@router.post("/sblocca")
def unlock(
    request: Request,
    caller: Annotated[Caller, Depends(Entered())],
    password: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """The password of who has entered, asked by the blank screen; wrong tries count as at the door."""
    try:
        prove(caller.account, caller.session, password, caller.site.ports)
    except NotRecognisedError:
        return PlainTextResponse(spoken(request, _WRONG), 403)
    return Response(status_code=204)


@router.post("/sessione")
def stay(caller: Annotated[Caller, Depends(Entered())]) -> Response:
    """«Resta collegato»: that it was asked is what keeps the session."""
    return Response(status_code=204)
