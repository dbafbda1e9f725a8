"""Why somebody opens what is kept closely, the emergency that opens one person's papers, and who is told of it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from faldone.domain.account import Ability, Purpose
from faldone.errors import FaldoneError, UndecidableError
from faldone.pipeline.accounts.access_reasons import GLASS_TRIES, LONGEST_NOTE, Sought, TooManyTriesError, break_glass
from faldone.pipeline.audit.notices import acknowledge
from faldone.pipeline.audit.telling.words import PURPOSES
from faldone.web.caller import Caller, ForbiddenError
from faldone.web.paths import local_path
from faldone.web.reasons import give_reason, purposes_of
from faldone.web.render import is_htmx, page, spoken
from faldone.web.rules import Requires

router = APIRouter()

_LONGEST_PATH: Final = 2_000

Reader = Annotated[Caller, Depends(Requires(Ability.SEARCH))]
Breaker = Annotated[Caller, Depends(Requires(Ability.BREAK_GLASS))]
Auditor = Annotated[Caller, Depends(Requires(Ability.AUDIT))]
Typed = Annotated[str, Form(max_length=200)]
Next = Annotated[str, Form(alias="next", max_length=_LONGEST_PATH)]
Note = Annotated[str, Form(max_length=4 * LONGEST_NOTE)]


def ask_reason(request: Request, subject: str) -> Response:
    """The question why, in the place of what was asked for: a page, or a dialog over the one that is there."""
    caller: Caller = request.state.caller
    path, query = request.url.path, request.url.query
    if request.method != "GET" or len(path) + len(query) >= _LONGEST_PATH:
        return _question(request, caller, subject, _home_of(subject))
    return _question(request, caller, subject, f"{path}?{query}" if query else path)


def reason_form(caller: Caller, subject: str, back: str, *, unknown: bool = False) -> dict[str, Any]:
    """What ``reasons/_form.html`` needs to ask why; ``back`` is where one goes on.

    ``unknown`` says that it is closed because it is not known yet what it is.
    """
    return {
        "subject": subject,
        "next": back,
        "unknown": unknown,
        "purposes": [(one.value, tuple(PURPOSES[one.value])) for one in purposes_of(caller)],
        "purpose": "",
        "note": "",
        "error": "",
        "longest": LONGEST_NOTE,
        "dialog": False,
    }


@router.post("/motivo")
def give(
    request: Request,
    caller: Reader,
    subject: Annotated[str, Form(max_length=40)],
    next_: Next = "",
    purpose: Annotated[str, Form(max_length=40)] = "",
    note: Note = "",
) -> Response:
    """Puts the reason on record, and goes on to where it was asked for."""
    back = local_path(next_, _home_of(subject))
    if purpose not in PURPOSES:
        words = "Scegli un motivo dall'elenco. / Choose a reason from the list."
        return _question(request, caller, subject, back, status=422, note=note, error=spoken(request, words))
    try:
        give_reason(caller, subject, Purpose(purpose), note)
    except UndecidableError as error:
        said = spoken(request, error.message)
        return _question(request, caller, subject, back, status=422, purpose=purpose, note=note, error=said)
    return RedirectResponse(back, 303)


@router.get("/urgenza")
def emergency(request: Request, caller: Breaker) -> HTMLResponse:
    """Whom, and why: nothing is said of anybody here."""
    return _emergency(request, caller, Sought(), "", status=200)


@router.post("/urgenza")
def break_it(
    request: Request,
    caller: Breaker,
    cf: Typed = "",
    surname: Typed = "",
    name: Typed = "",
    birth_date: Annotated[str, Form(max_length=20)] = "",
    note: Note = "",
    confirmed: Annotated[str, Form(max_length=1)] = "",
) -> Response:
    """Asks once more, whoever is meant; when that is confirmed, opens the papers of the one person that is meant."""
    if caller.session is None:
        raise ForbiddenError("Un programma non apre d'urgenza. / A program opens nothing in an emergency.")
    sought = Sought(cf, surname, name, _day(birth_date))
    if caller.pinned is not None:
        return _emergency(request, caller, Sought(), "", status=409)
    if not confirmed:
        return page(request, caller, "reasons/confirm.html", sought=sought, note=note)
    try:
        reason = break_glass(caller.account.name, sought, note, caller.site.ports)
    except TooManyTriesError as error:
        return _emergency(request, caller, sought, note, status=429, error=error)
    except FaldoneError as error:
        if error.retryable:
            raise
        status = 409 if isinstance(error, UndecidableError) else 404
        return _emergency(request, caller, sought, note, status=status, error=error)
    return RedirectResponse(f"/fascicoli/{reason.subject}", 303)


@router.post("/urgenza/avvisi/{number}/visto")
def take_note(
    caller: Auditor,
    number: Annotated[int, Path(ge=1, le=1 << 53)],
    next_: Next = "",
) -> Response:
    """Puts on record that the caller knows of an emergency."""
    acknowledge(number, caller.account, caller.site.ports)
    return RedirectResponse(local_path(next_), 303)


def _question(
    request: Request,
    caller: Caller,
    subject: str,
    back: str,
    *,
    status: int = 403,
    purpose: str = "",
    note: str = "",
    error: str = "",
) -> Response:
    dialog = is_htmx(request)
    context = reason_form(caller, subject, back) | {"purpose": purpose, "note": note, "error": error, "dialog": dialog}
    answer = page(request, caller, "reasons/_dialog.html" if dialog else "reasons/ask.html", status=status, **context)
    if dialog:
        answer.headers.update({"HX-Retarget": "#messaggi", "HX-Reswap": "innerHTML"})
    return answer


def _emergency(
    request: Request, caller: Caller, sought: Sought, note: str, *, status: int, error: FaldoneError | None = None
) -> HTMLResponse:
    said = spoken(request, error.message) if error is not None else ""
    context = {"sought": sought, "note": note, "error": said, "tries": GLASS_TRIES, "longest": LONGEST_NOTE}
    return page(request, caller, "reasons/emergency.html", status=status, **context)


def _home_of(subject: str) -> str:
    return f"/fascicoli/{subject}" if subject.startswith("u-") else f"/documenti/{subject}"


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        return None
