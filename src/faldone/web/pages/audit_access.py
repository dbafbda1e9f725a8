"""Verifica: who saw what, and why."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from faldone.domain.account import Purpose
from faldone.domain.events import EventType
from faldone.errors import NotFoundError
from faldone.pipeline.audit.access_report import access_page
from faldone.pipeline.audit.doors import LONGEST, DoorKind, doors
from faldone.pipeline.audit.event_names import event_name
from faldone.pipeline.audit.reports import MINIATURE, Tongue, access_report
from faldone.pipeline.audit.shown import SHOWN
from faldone.pipeline.audit.telling.looks import refusal_words
from faldone.pipeline.audit.telling.words import PURPOSES, purpose_words
from faldone.web import auditing as the
from faldone.web.caller import Caller
from faldone.web.lanes import AtLength
from faldone.web.render import is_htmx, language, page

router = APIRouter(route_class=AtLength)

_ROWS: Final = 100
_FIELDS: Final = ("persona", "documento", "operatore", "dal", "al", "motivo", "miniature")

_DOORS: Final = {DoorKind.PERSON: "persona", DoorKind.DOCUMENT: "documento", DoorKind.ACCOUNT: "operatore"}

Typed = Annotated[str, Form(max_length=LONGEST)]


@router.get("/verifica/accessi")
def accesses(request: Request, caller: the.Auditor, question: the.AskedAccess, dopo: the.After = 0) -> HTMLResponse:
    """The rows that the address asks for, page by page; the page, or the table alone."""
    found = access_page(question, caller.site.ports, after=dopo, limit=_ROWS)
    caller.record(EventType.LEDGER_READ, the.about(question, caller), rows=len(found.rows))
    asked = {key: value for key in _FIELDS if (value := request.query_params.get(key))}
    say = Tongue(language(request) == "en")
    template = "audit/_access_table.html" if is_htmx(request) else "audit/access.html"
    return page(
        request,
        caller,
        template,
        found=found,
        asked=asked,
        query=urlencode(asked),
        with_thumbnails=urlencode({**asked, "miniature": "1"}),
        miniature=MINIATURE,
        first=dopo == 0,
        purposes=[("", say(("qualsiasi", "any"))), *((one.value, say(PURPOSES[one.value])) for one in Purpose)],
        event_name=event_name,
        shown=SHOWN,
        purpose_words=purpose_words,
        refusal_words=refusal_words,
    )


@router.post("/verifica/accessi")
def ask(
    request: Request,
    caller: the.Auditor,
    persona: Typed = "",
    documento: Typed = "",
    operatore: Typed = "",
    dal: Typed = "",
    al: Typed = "",
    motivo: Typed = "",
    miniature: Typed = "",
) -> Response:
    """Goes to the rows that a form asks for, by ids alone: what was typed may be a tax code or a name.

    Raises:
        NotFoundError: there is no such person, document or account.
    """
    kept = {}
    typed = {DoorKind.PERSON: persona, DoorKind.DOCUMENT: documento, DoorKind.ACCOUNT: operatore}
    for kind, text in typed.items():
        if text.strip():
            kept[_DOORS[kind]] = _known(text, kind, caller)
    others = {"dal": dal, "al": al, "motivo": motivo, "miniature": miniature}
    kept |= {key: text for key, text in others.items() if text.strip()}
    return RedirectResponse(f"/verifica/accessi?{urlencode(kept)}", 303)


def _known(text: str, kind: DoorKind, caller: Caller) -> str:
    found = [door for door in doors(text, caller.site.ports) if door.kind is kind]
    if len(found) != 1:
        raise NotFoundError(
            f"Campo «{_DOORS[kind]}»: non c'è nulla con questo codice. / Field “{_DOORS[kind]}”: nothing has this code."
        )
    return found[0].id


@router.get("/verifica/accessi/rapporto")
def access_file(request: Request, caller: the.Auditor, question: the.AskedAccess, forma: the.Form = "pdf") -> Response:
    """All the rows as a file."""
    report = access_report(question, caller.site.ports, Tongue(language(request) == "en"))
    return the.delivered(report, forma, the.about(question, caller), caller)
