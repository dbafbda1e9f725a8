"""Somebody at the desk: a blank screen is opened again by the password, and a session that is in use goes on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import PlainTextResponse, Response

from faldone.pipeline.entering import NotRecognisedError, prove
from faldone.web.caller import Caller
from faldone.web.render import spoken
from faldone.web.rules import Entered

router = APIRouter()

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
        prove(caller.account, password, caller.site.ports)
    except NotRecognisedError:
        return PlainTextResponse(spoken(request, _WRONG), 403)
    return Response(status_code=204)


@router.post("/sessione")
def stay(caller: Annotated[Caller, Depends(Entered())]) -> Response:
    """«Resta collegato»: that it was asked is what keeps the session."""
    return Response(status_code=204)
