"""Verifica: who saw what, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from faldone.domain.account import Purpose
from faldone.domain.events import EventType, Outcome
from faldone.pipeline.audit.access_report import AccessPage, access_page
from faldone.pipeline.audit.doors import LONGEST, DoorKind, doors
from faldone.pipeline.audit.event_names import event_name
from faldone.pipeline.audit.reports import MINIATURE, Tongue, access_report
from faldone.pipeline.audit.shown import SHOWN
from faldone.pipeline.audit.telling.looks import refusal_words
from faldone.pipeline.audit.telling.words import PURPOSES, Pair, purpose_words, subject_name
from faldone.pipeline.audit.verification import ARCHIVE
from faldone.web import auditing as the
from faldone.web.caller import Caller
from faldone.web.lanes import AtLength
from faldone.web.render import is_htmx, language, page

router = APIRouter(route_class=AtLength)

_ROWS: Final = 100
_FIELDS: Final = ("persona", "documento", "operatore", "dal", "al", "motivo", "miniature")

_DOORS: Final = {
    "persona": (
        DoorKind.PERSON,
        re.compile(r"u-[0-9a-f]+"),
        Pair("Nessuna persona ha questo identificativo o codice fiscale.", "Nobody has this id or tax code."),
    ),
    "documento": (
        DoorKind.DOCUMENT,
        re.compile(r"d-[0-9a-f]+"),
        Pair("Nessun documento ha questo codice.", "No document has this code."),
    ),
    "operatore": (
        DoorKind.ACCOUNT,
        re.compile(r"(?!)"),
        Pair("Nessun operatore ha questo nome.", "No account has this name."),
    ),
}
"""Of each field what it names, the form of an id of such, and what to say where nothing is meant."""

Typed = Annotated[str, Form(max_length=LONGEST)]


@router.get("/verifica/accessi")
def accesses(request: Request, caller: the.Auditor, question: the.AskedAccess, dopo: the.After = 0) -> Response:
    """The rows that the address asks for, page by page; the page, or the table alone."""
    asked = _asked(request)
    kept, wrong = _by_ids(asked, caller, ids_too=False)
    if wrong:
        return _refused(request, caller, asked, wrong)
    if kept != asked:
        return RedirectResponse(f"/verifica/accessi?{urlencode(kept)}", 303)
    found = access_page(question, caller.site.ports, after=dopo, limit=_ROWS)
    caller.record(EventType.LEDGER_READ, the.about(question, caller), rows=len(found.rows))
    template = "audit/_access_table.html" if is_htmx(request) else "audit/access.html"
    return _page(request, caller, template, asked, found=found, first=dopo == 0)


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
    """Goes to the rows that a form asks for, by ids alone: what was typed may be a tax code or a name."""
    values = (persona, documento, operatore, dal, al, motivo, miniature)
    typed = {key: text for key, text in zip(_FIELDS, values, strict=True) if text.strip()}
    kept, wrong = _by_ids(typed, caller)
    if wrong:
        return _refused(request, caller, typed, wrong)
    return RedirectResponse(f"/verifica/accessi?{urlencode(kept)}", 303)


@router.get("/verifica/accessi/rapporto")
def access_file(request: Request, caller: the.Auditor, question: the.AskedAccess, forma: the.Form = "pdf") -> Response:
    """All the rows as a file."""
    asked = _asked(request)
    kept, wrong = _by_ids(asked, caller, ids_too=False)
    if wrong:
        return _refused(request, caller, asked, wrong)
    if kept != asked:
        return RedirectResponse(f"/verifica/accessi/rapporto?{urlencode({**kept, 'forma': forma})}", 303)
    report = access_report(question, caller.site.ports, Tongue(language(request) == "en"))
    return the.delivered(report, forma, the.about(question, caller), caller)


def _asked(request: Request) -> dict[str, str]:
    return {key: value for key in _FIELDS if (value := request.query_params.get(key))}


def _by_ids(
    typed: Mapping[str, str], caller: Caller, *, ids_too: bool = True
) -> tuple[dict[str, str], dict[str, Pair]]:
    """What was typed with ids in the place of codes, and of each field that nothing is meant by what to say.

    ``ids_too`` says whether an id must be of something that is there: the ledger knows also of what is no more.
    """
    kept, wrong = dict(typed), dict[str, Pair]()
    for field, (kind, form, refusal) in _DOORS.items():
        if field not in typed or (not ids_too and form.fullmatch(typed[field])):
            continue
        found = [door for door in doors(typed[field], caller.site.ports) if door.kind is kind]
        if len(found) == 1:
            kept[field] = found[0].id
        else:
            wrong[field] = refusal
    return kept, wrong


def _refused(request: Request, caller: Caller, typed: Mapping[str, str], wrong: Mapping[str, Pair]) -> HTMLResponse:
    """The form as it was filled in, with what is wrong beside each field, and no rows."""
    caller.record(EventType.LEDGER_READ, ARCHIVE, outcome=Outcome.WARNING, found=0)
    return _page(request, caller, "audit/access.html", typed, status=404, wrong=wrong)


def _page(
    request: Request,
    caller: Caller,
    template: str,
    asked: Mapping[str, str],
    *,
    status: int = 200,
    found: AccessPage | None = None,
    first: bool = True,
    wrong: Mapping[str, Pair] | None = None,
) -> HTMLResponse:
    say = Tongue(language(request) == "en")
    told = {field: say(words) for field, words in (wrong or {}).items()}
    return page(
        request,
        caller,
        template,
        status=status,
        found=found,
        asked=asked,
        wrong=told,
        mistakes=[(f"f-{field}", words) for field, words in told.items()],
        query=urlencode(asked) if found is not None else "",
        with_thumbnails=urlencode({**asked, "miniature": "1"}),
        miniature=MINIATURE,
        first=first,
        purposes=[("", say(("qualsiasi", "any"))), *((one.value, say(PURPOSES[one.value])) for one in Purpose)],
        event_name=event_name,
        shown=SHOWN,
        purpose_words=purpose_words,
        refusal_words=refusal_words,
        subject_name=subject_name,
    )
