"""The cookie of a session: given when somebody enters, taken when they leave."""

from __future__ import annotations

from fastapi.responses import RedirectResponse

from faldone.pipeline.entering import Entry
from faldone.web.rules import cookie_name
from faldone.web.site import Site


def entered(entry: Entry, onwards: str, site: Site) -> RedirectResponse:
    """Sends somebody onwards with the cookie of their session; the browser forgets it when it is closed."""
    response = RedirectResponse(onwards, 303)
    response.set_cookie(
        cookie_name(site), entry.secret, httponly=True, secure=site.options.secure, samesite="lax", path="/"
    )
    return response


def left(site: Site) -> RedirectResponse:
    """Sends somebody to the door, and has the browser forget the cookie and what it was shown."""
    response = RedirectResponse("/accedi", 303, headers={"Clear-Site-Data": '"cache", "storage"'})
    response.delete_cookie(cookie_name(site), path="/", secure=site.options.secure, httponly=True, samesite="lax")
    return response
