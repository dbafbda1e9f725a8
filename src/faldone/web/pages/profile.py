"""The profile: one's own data, password, second factor, sessions and tokens, language and keys."""

from __future__ import annotations

from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from faldone.domain.account import Session
from faldone.domain.digest import Digest
from faldone.errors import FaldoneError, NotFoundError, UndecidableError
from faldone.pipeline.accounts.credentials import (
    LONGEST_TOKEN_DAYS,
    change_password,
    drop_second_factor,
    drop_token,
    is_secret,
    leave_elsewhere,
    make_token,
    new_second_factor,
    second_factor_address,
    set_second_factor,
)
from faldone.pipeline.accounts.entering import close_session, open_sessions
from faldone.pipeline.accounts.factor_key import FactorUnreadableError
from faldone.pipeline.accounts.passwords import LONGEST, SHORTEST
from faldone.pipeline.accounts.say_rights import ABILITIES, ROLES, say_rights
from faldone.web.caller import NOT_FOUND, Caller, ForbiddenError, Visitor
from faldone.web.paths import local_path
from faldone.web.render import KEYS_COOKIE, LANGUAGE_COOKIE, page, spoken
from faldone.web.rules import Anybody, Entered
from faldone.web.session_cookie import entered, remember

router = APIRouter()

_YEAR_S = 365 * 24 * 3600

Inside = Annotated[Caller, Depends(Entered())]
Password = Annotated[str, Form(max_length=1000)]
Key = Annotated[str, Path(max_length=64)]


@router.get("/profilo")
def profile(request: Request, caller: Inside) -> Response:
    """The profile."""
    return _profile(request, caller)


@router.post("/profilo/password")
def new_password(
    request: Request, caller: Inside, old: Password = "", new: Password = "", again: Password = ""
) -> Response:
    """Changes the password; all other sessions and all tokens end."""
    own = _session(caller)
    try:
        if new != again:
            raise UndecidableError("Le due password nuove sono diverse. / The two new passwords differ.")
        entry = change_password(caller.account, own, old, new, caller.site.ports)
    except UndecidableError as error:
        return _profile(request, caller, problem=error, at="password")
    return remember(entered(entry, "/profilo?fatto=password", caller.site), entry, caller.site)


@router.get("/profilo/secondo-fattore")
def second_factor(request: Request, caller: Inside) -> Response:
    """A new second factor, to be read by the telephone."""
    _session(caller)
    return _second_factor(request, caller, new_second_factor())


@router.post("/profilo/secondo-fattore")
def add_second_factor(
    request: Request,
    caller: Inside,
    secret: Annotated[str, Form(max_length=64)] = "",
    code: Annotated[str, Form(max_length=20)] = "",
    password: Password = "",
) -> Response:
    """Sets the second factor, once the telephone shows the right code."""
    try:
        entry = set_second_factor(caller.account, _session(caller), secret, code, password, caller.site.ports)
    except (UndecidableError, FactorUnreadableError) as error:
        return _second_factor(request, caller, secret if is_secret(secret) else new_second_factor(), problem=error)
    return entered(entry, "/profilo?fatto=secondo-fattore", caller.site)


@router.post("/profilo/secondo-fattore/togli")
def remove_second_factor(request: Request, caller: Inside, password: Password = "") -> Response:
    """Removes the second factor."""
    try:
        entry = drop_second_factor(caller.account, _session(caller), password, caller.site.ports)
    except UndecidableError as error:
        return _profile(request, caller, problem=error, at="factor")
    return entered(entry, "/profilo?fatto=secondo-fattore-tolto", caller.site)


@router.post("/profilo/sessioni/{key}/chiudi")
def end_session(caller: Inside, key: Key) -> Response:
    """Ends one of one's own sessions."""
    own = _session(caller)
    for session in open_sessions(caller.account.name, caller.site.ports):
        if session.key.hex == key:
            close_session(session, caller.site.ports, why="ended")
            return RedirectResponse("/accedi" if session.key == own.key else "/profilo?fatto=sessione", 303)
    raise NotFoundError(NOT_FOUND)


@router.post("/profilo/sessioni/chiudi-altrove")
def end_all_sessions(caller: Inside) -> Response:
    """Ends all of one's own sessions but this one, and all tokens."""
    _session(caller)
    return entered(leave_elsewhere(caller.account, caller.site.ports), "/profilo?fatto=altrove", caller.site)


@router.post("/profilo/token")
def add_token(
    request: Request,
    caller: Inside,
    label: Annotated[str, Form(max_length=200)] = "",
    days: Annotated[int, Form(ge=0, le=100_000)] = 90,
    password: Password = "",
) -> Response:
    """Makes a token, and shows it this once."""
    try:
        secret = make_token(caller.account, _session(caller), label, days, password, caller.site.ports)
    except UndecidableError as error:
        return _profile(request, caller, problem=error, at="token", label=label, days=days)
    return _profile(request, caller, secret=secret)


@router.post("/profilo/token/{key}/togli")
def remove_token(caller: Inside, key: Key) -> Response:
    """Takes a token back."""
    _session(caller)
    try:
        drop_token(caller.account, Digest(key), caller.site.ports)
    except ValueError as error:
        raise NotFoundError(NOT_FOUND) from error
    return RedirectResponse("/profilo?fatto=token", 303)


@router.post("/profilo/tasti")
def single_keys(caller: Inside, on: Annotated[str, Form(max_length=3)] = "") -> Response:
    """Turns the keys of one letter on or off, in this browser."""
    response = RedirectResponse("/profilo", 303)
    _keep(response, caller.site.options.secure, KEYS_COOKIE, "on" if on == "on" else "off")
    return response


@router.post("/lingua")
def language(
    visitor: Annotated[Visitor, Depends(Anybody())],
    lingua: Annotated[str, Form(max_length=5)] = "it",
    next_: Annotated[str, Form(alias="next", max_length=400)] = "/",
) -> Response:
    """Chooses the language, in this browser."""
    response = RedirectResponse(local_path(next_), 303)
    _keep(response, visitor.site.options.secure, LANGUAGE_COOKIE, "en" if lingua == "en" else "it")
    return response


def _keep(response: Response, secure: bool, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=_YEAR_S, httponly=True, secure=secure, samesite="lax", path="/")


def _session(caller: Caller) -> Session:
    if caller.session is None:
        raise ForbiddenError("Con un token questo non si può fare. / A token does not let you do this.")
    return caller.session


_DONE = {
    "password": "Password cambiata; le altre sessioni sono chiuse e i token non valgono più. / "
    "Password changed; your other sessions and your tokens have ended.",
    "altrove": "Le altre sessioni sono chiuse e i token non valgono più. / Your other sessions and tokens have ended.",
    "secondo-fattore": "Da ora, per entrare, serve anche il codice del telefono; le altre sessioni sono chiuse "
    "e i token non valgono più. / From now on the code is needed too; your other sessions and your tokens have ended.",
    "secondo-fattore-tolto": "Il secondo fattore è tolto; le altre sessioni sono chiuse e i token non valgono più. / "
    "The second factor is removed; your other sessions and your tokens have ended.",
    "sessione": "Sessione chiusa. / Session ended.",
    "token": "Il token non vale più. / The token serves no more.",
}


def _profile(
    request: Request,
    caller: Caller,
    *,
    problem: FaldoneError | None = None,
    at: str = "",
    secret: str = "",
    label: str = "",
    days: int = 90,
) -> Response:
    ports, account = caller.site.ports, caller.account
    today = ports.clock().astimezone().date()
    credentials = ports.catalog.credentials(account.name)
    return page(
        request,
        caller,
        "entering/profile.html",
        status=422 if problem is not None else 200,
        account=account,
        role=ROLES[account.role],
        rights=say_rights(account, ports.lexicon, today),
        abilities=[ABILITIES[ability] for ability in ABILITIES if ability in account.abilities],
        has_password=credentials.password is not None,
        has_factor=credentials.totp is not None,
        sessions=open_sessions(account.name, ports),
        here=caller.session.key if caller.session is not None else None,
        tokens=ports.catalog.tokens(account.name),
        now=ports.clock(),
        done=spoken(request, _DONE.get(request.query_params.get("fatto", ""), "")),
        problem=spoken(request, problem.message) if problem is not None else "",
        at=at,
        secret=secret,
        label=label,
        days=days,
        most_days=LONGEST_TOKEN_DAYS,
        shortest=SHORTEST,
        longest=LONGEST,
    )


def _second_factor(request: Request, caller: Caller, secret: str, problem: FaldoneError | None = None) -> Response:
    address = second_factor_address(caller.account, secret)
    drawn = segno.make(address, micro=False).svg_inline(scale=5, border=4, light="#fff", lineclass=None, svgclass=None)
    return page(
        request,
        caller,
        "entering/second_factor.html",
        status=422 if problem is not None else 200,
        secret=secret,
        spelt=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        drawn=Markup(drawn),
        has_password=caller.site.ports.catalog.credentials(caller.account.name).password is not None,
        problem=spoken(request, problem.message) if problem is not None else "",
    )
