"""The cookie of a session, given when somebody enters and taken when they leave; and the mark that outlasts it."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from fastapi.responses import RedirectResponse

from faldone.domain.digest import Digest
from faldone.pipeline.accounts.entering import Entry, new_mark, place_of
from faldone.pipeline.tries import Place
from faldone.web.rules import cookie_name
from faldone.web.site import Site


def entered(entry: Entry, onwards: str, site: Site) -> RedirectResponse:
    """Sends somebody onwards with the cookie of their session; the browser forgets it when it is closed."""
    response = RedirectResponse(onwards, 303)
    response.set_cookie(
        cookie_name(site), entry.secret, httponly=True, secure=site.options.secure, samesite="lax", path="/"
    )
    return response


_MARK_DAYS: Final = 180


def place(request: Request, name: str, address: str, site: Site) -> Place:
    """Where somebody tries from who says that they are this account."""
    return place_of(name, address, request.cookies.get(_mark_name(name), ""), site.ports)


def remember(response: RedirectResponse, entry: Entry, site: Site) -> RedirectResponse:
    """Marks the browser as one that the account has entered with: what strangers do at the door does not stop it."""
    mark = new_mark(entry.account, site.ports)
    if mark is not None:
        response.set_cookie(
            _mark_name(entry.account.name),
            mark,
            max_age=_MARK_DAYS * 24 * 3600,
            httponly=True,
            secure=site.options.secure,
            samesite="strict",
            path="/accedi",
        )
    return response


def _mark_name(name: str) -> str:
    # One for each account: a desk has several, and none of them is named.
    return f"faldone-mark-{Digest.of(name.strip().lower().encode('utf-8', 'surrogatepass')).hex[:12]}"


def left(site: Site) -> RedirectResponse:
    """Sends somebody to the door, and has the browser forget the cookie and what it was shown."""
    response = RedirectResponse("/accedi", 303, headers={"Clear-Site-Data": '"cache", "storage"'})
    response.delete_cookie(cookie_name(site), path="/", secure=site.options.secure, httponly=True, samesite="lax")
    return response
