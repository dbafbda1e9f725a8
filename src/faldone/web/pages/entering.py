"""The doors: password, code, the office's provider, links; and leaving."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from faldone.domain.account import InvitationKind
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.accounts.accounts import accept_invitation, invitation
from faldone.pipeline.accounts.entering import (
    CodeNeeded,
    Entry,
    NoAccountAtProviderError,
    NotRecognisedError,
    close_session,
    enter_with_code,
    enter_with_password,
    enter_with_subject,
    prove_by_subject,
)
from faldone.pipeline.accounts.factor_key import FactorUnreadableError
from faldone.pipeline.accounts.passwords import LONGEST, SHORTEST
from faldone.pipeline.tries import Tries
from faldone.web.caller import NOT_FOUND, Visitor
from faldone.web.lanes import at_provider
from faldone.web.oidc import Asked, Metadata, ProviderError, answered, ask
from faldone.web.pages import profile
from faldone.web.paths import local_path, with_next
from faldone.web.render import page, spoken
from faldone.web.rules import Anybody, cookie_name
from faldone.web.session_cookie import entered as let_in
from faldone.web.session_cookie import left, place, remember
from faldone.web.site import Provider, Site

router = APIRouter()
router.include_router(profile.router)

_TICKET = "faldone-ticket"
_TICKET_S = 300
_OIDC = "faldone-oidc"
_OIDC_S = 600
_BACK = "/accedi/oidc/ritorno"

Door = Annotated[Visitor, Depends(Anybody())]
Text = Annotated[str, Form(max_length=400)]
Secret = Annotated[str, Path(max_length=200)]
Next = Annotated[str, Form(alias="next", max_length=400)]
Onwards = Annotated[str, Query(alias="next", max_length=400)]


@router.get("/accedi")
def door(request: Request, visitor: Door, onwards: Onwards = "/") -> Response:
    """Name and password, or the provider's button."""
    if visitor.account is not None:
        return RedirectResponse(local_path(onwards), 303)
    return _door(request, visitor, onwards)


@router.post("/accedi")
def enter(
    request: Request,
    visitor: Door,
    name: Text = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next_: Next = "/",
) -> Response:
    """A try with name and password."""
    site, tries, now = visitor.site, _tries(request), visitor.site.ports.clock()
    where = place(request, name, visitor.address, site)
    if not tries.allows(name, where, now):
        return _door(request, visitor, next_, status=429, message=_TOO_MANY, name=name)
    cookie = request.cookies.get(cookie_name(site))
    try:
        entered = enter_with_password(name, password, site.ports, place=where, cookie=cookie)
    except NotRecognisedError as error:
        tries.failed(name, where, now)
        return _door(request, visitor, next_, status=401, message=error.message, name=name)
    if isinstance(entered, Entry):
        return remember(let_in(entered, local_path(next_), site), entered, site)
    return _to_code(site, entered, next_)


@router.get("/accedi/codice")
def code(request: Request, visitor: Door, onwards: Onwards = "/") -> Response:
    """The code of the second factor."""
    if _TICKET not in request.cookies:
        return RedirectResponse(with_next("/accedi", onwards), 303)
    return _code(request, visitor, onwards)


@router.post("/accedi/codice")
def enter_code(request: Request, visitor: Door, code: Text = "", next_: Next = "/") -> Response:
    """A try with the code."""
    site, tries, now = visitor.site, _tries(request), visitor.site.ports.clock()
    ticket = request.cookies.get(_TICKET, "")
    name = ticket.partition(":")[0]
    where = place(request, name, visitor.address, site)
    if not tries.allows(name, where, now):
        return _code(request, visitor, next_, status=429, message=_TOO_MANY)
    cookie = request.cookies.get(cookie_name(site))
    try:
        entered = enter_with_code(ticket, code, site.ports, place=where, cookie=cookie)
    except NotRecognisedError:
        tries.failed(name, where, now)
        return _code(request, visitor, next_, status=401, message=_WRONG_CODE)
    except FactorUnreadableError as error:
        return _code(request, visitor, next_, status=503, message=error.message)
    response = remember(let_in(entered, local_path(next_), site), entered, site)
    response.delete_cookie(_TICKET, path="/accedi")
    return response


@router.get("/accedi/oidc")
@at_provider
def to_provider(
    request: Request,
    visitor: Door,
    onwards: Onwards = "/",
    unlocks: Annotated[bool, Query(alias="sblocca")] = False,
) -> Response:
    """Sends somebody to the office's provider; the blank screen, for them to show there again who they are."""
    site = visitor.site
    now = site.ports.clock() if unlocks else None
    try:
        url, asked = ask(_provider(site), _metadata(site), site.options.url + _BACK, anew=now)
    except ProviderError as error:
        return _door(request, visitor, onwards, status=503, message=error.message)
    response = RedirectResponse(url, 303)
    since = int(asked.since.timestamp()) if asked.since is not None else None
    kept = json.dumps([asked.state, asked.nonce, asked.verifier, local_path(onwards), since]).encode()
    response.set_cookie(
        _OIDC,
        base64.urlsafe_b64encode(kept).decode(),
        max_age=_OIDC_S,
        httponly=True,
        secure=site.options.secure,
        samesite="lax",  # who comes back comes from another site
        path="/accedi/oidc",
    )
    return response


@router.get(_BACK)
@at_provider
def from_provider(request: Request, visitor: Door) -> Response:
    """Somebody comes back from the office's provider."""
    site, provider = visitor.site, _provider(visitor.site)
    asked, onwards = _kept(request.cookies.get(_OIDC, ""))
    try:
        if asked is None:
            raise ProviderError
        subject = answered(provider, _metadata(site), site.options.url + _BACK, asked, request.url.query)
        if asked.since is not None and visitor.account is not None and visitor.session is not None:
            prove_by_subject(visitor.account, subject, site.ports)
            return _forgotten(page(request, visitor, "entering/unlocked.html"))
        entered = enter_with_subject(subject, site.ports, cookie=request.cookies.get(cookie_name(site)))
    except NoAccountAtProviderError as error:
        response = _door(request, visitor, onwards, status=403, message=error.message, subject=error.subject)
    except (ProviderError, NotRecognisedError) as error:
        response = _door(request, visitor, onwards, status=403, message=error.message)
    else:
        response = let_in(entered, onwards, site)
    return _forgotten(response)


def _forgotten(response: Response) -> Response:
    response.delete_cookie(_OIDC, path="/accedi/oidc")
    return response


@router.post("/esci")
def leave(visitor: Door) -> Response:
    """Ends the session, and has the browser forget what it was shown."""
    if visitor.session is not None:
        close_session(visitor.session, visitor.site.ports)
    return left(visitor.site)


@router.get("/invito/{secret}")
def link(request: Request, visitor: Door, secret: Secret) -> Response:
    """A link to set a password with."""
    return _link(request, visitor, secret)


@router.post("/invito/{secret}")
def use_link(
    request: Request,
    visitor: Door,
    secret: Secret,
    password: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
    name: Text = "",
    full_name: Text = "",
) -> Response:
    """Sets the password; whoever did enters with it."""
    site = visitor.site
    try:
        if password != again:
            raise UndecidableError("Le due password sono diverse. / The two passwords differ.")
        account = accept_invitation(secret, password, site.ports, name=name, full_name=full_name)
    except UndecidableError as error:
        told = {"message": error.message, "hint": error.hint, "name": name, "full_name": full_name}
        return _link(request, visitor, secret, status=422, **told)
    return _door(request, visitor, "/", name=account.name, done=True)


_TOO_MANY = (
    "Troppi tentativi: non si ascolta più nulla per dieci minuti. / Too many tries: nothing is heard for ten minutes."
)
_WRONG_CODE = (
    "Codice non valido o già usato. Aspetta il prossimo, o ricomincia dal nome e dalla password. / "
    "The code is wrong or was used already. Wait for the next one, or begin again with name and password."
)


def _tries(request: Request) -> Tries:
    state = request.app.state
    if not hasattr(state, "tries"):
        state.tries = Tries()
    tries: Tries = state.tries
    return tries


def _door(
    request: Request,
    visitor: Visitor,
    onwards: str,
    *,
    status: int = 200,
    message: str = "",
    name: str = "",
    subject: str = "",
    done: bool = False,
) -> Response:
    provider = visitor.site.options.provider
    return page(
        request,
        visitor,
        "entering/door.html",
        status=status,
        next=local_path(onwards),
        message=spoken(request, message),
        name=name,
        subject=subject,
        done=done,
        provider=spoken(request, provider.label.replace(" · ", " / ")) if provider is not None else None,
        to_provider=with_next("/accedi/oidc", onwards),
        outside=visitor.account is None,
    )


def _to_code(site: Site, needed: CodeNeeded, onwards: str) -> Response:
    response = RedirectResponse(with_next("/accedi/codice", local_path(onwards)), 303)
    response.set_cookie(
        _TICKET,
        needed.ticket,
        max_age=_TICKET_S,
        httponly=True,
        secure=site.options.secure,
        samesite="strict",
        path="/accedi",
    )
    return response


def _code(request: Request, visitor: Visitor, onwards: str, *, status: int = 200, message: str = "") -> Response:
    told = {"next": local_path(onwards), "message": spoken(request, message), "again": with_next("/accedi", onwards)}
    return page(request, visitor, "entering/code.html", status=status, **told)


def _link(request: Request, visitor: Visitor, secret: str, *, status: int = 200, **told: str) -> Response:
    found = invitation(secret, visitor.site.ports)
    said = {"name": "", "full_name": ""} | told
    said |= {key: spoken(request, told.get(key, "")) for key in ("message", "hint")}
    return page(
        request,
        visitor,
        "entering/link.html",
        status=status,
        is_first=found.kind is InvitationKind.FIRST_ADMINISTRATOR,
        account=found.account,
        shortest=SHORTEST,
        longest=LONGEST,
        **said,
    )


def _provider(site: Site) -> Provider:
    if site.options.provider is None:
        raise NotFoundError(NOT_FOUND)
    return site.options.provider


def _metadata(site: Site) -> Metadata:
    return site.part(Metadata, lambda _: Metadata())


def _kept(cookie: str) -> tuple[Asked | None, str]:
    try:
        state, nonce, verifier, onwards, since = json.loads(base64.urlsafe_b64decode(cookie))
        moment = dt.datetime.fromtimestamp(int(since), dt.UTC) if since is not None else None
        return Asked(str(state), str(nonce), str(verifier), moment), local_path(str(onwards))
    except (ValueError, TypeError, OverflowError, OSError, binascii.Error):
        return None, "/"
