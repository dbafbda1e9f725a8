"""Pages: templates with what every one of them needs, in the visitor's language."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from faldone import __version__
from faldone.domain.account import Ability
from faldone.web.caller import Caller, Visitor
from faldone.web.reviewing import count_for_menu

STATIC = Path(__file__).parent / "static"
LANGUAGE_COOKIE = "faldone-lang"
KEYS_COOKIE = "faldone-keys"


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the menu."""

    href: str
    label: tuple[str, str]
    ability: Ability


MENU = (
    MenuItem("/acquisizione", ("Acquisizione", "Intake"), Ability.INTAKE),
    MenuItem("/revisione", ("Da rivedere", "To review"), Ability.REVIEW),
    MenuItem("/ricerca", ("Ricerca", "Search"), Ability.SEARCH),
    MenuItem("/fascicoli", ("Fascicoli aperti", "Open dossiers"), Ability.SEARCH),
    MenuItem("/verifica", ("Verifica", "Audit"), Ability.AUDIT),
    MenuItem("/statistiche", ("Statistiche", "Statistics"), Ability.STATISTICS),
    MenuItem("/amministrazione", ("Amministrazione", "Administration"), Ability.HEALTH),
)


def page(
    request: Request, caller: Caller | Visitor | None, template: str, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """A whole page, or the fragment that ``template`` is."""
    words = _words(request)
    given = _frame(request, caller, words) | context
    made = _environment().get_template(template).render(given)
    return HTMLResponse(made, status, headers={"Vary": "HX-Request, Cookie"})


fragment = page
"""The same call: a template that extends no frame is a fragment."""


def is_htmx(request: Request) -> bool:
    """Whether a part of the page is wanted, not the whole: a page out of the browser's history is wanted whole."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"


def go(request: Request, path: str) -> Response:
    """Sends the visitor to another page, also where a part of this one was asked for."""
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


def language(request: Request) -> str:
    """``it``, or ``en`` for who chose so."""
    return "en" if request.cookies.get(LANGUAGE_COOKIE) == "en" else "it"


def spoken(request: Request, message: str) -> str:
    """The visitor's half of a sentence «italiano / English»."""
    italian, slash, english = message.partition(" / ")
    return english if slash and language(request) == "en" else italian


def _words(request: Request) -> Callable[[str, str], str]:
    english = language(request) == "en"
    return lambda it, en: en if english else it


def _frame(request: Request, caller: Caller | Visitor | None, t: Callable[[str, str], str]) -> dict[str, Any]:
    site = request.app.state.site
    inside = caller if isinstance(caller, Caller) else None
    path = request.url.path
    menu = [
        (
            item.href,
            t(*item.label),
            path == item.href or path.startswith(item.href + "/"),
            count_for_menu(inside) if item.ability is Ability.REVIEW else None,
        )
        for item in MENU
        if inside is not None and inside.may(item.ability)
    ]
    pinned = None
    if inside is not None and inside.pinned is not None:
        record = site.ports.catalog.persons_with([inside.pinned]).get(inside.pinned)
        pinned = record.display_name if record is not None else inside.pinned
    return {
        "t": t,
        "lang": language(request),
        "keys_off": request.cookies.get(KEYS_COOKIE) == "off",
        "caller": inside,
        "Ability": Ability,
        "menu": menu,
        "path": path,
        "static": static,
        "script": lambda name: static(f"js/{name}"),
        "office": site.options.office,
        "pinned": pinned,
        "version": __version__,
        "lexicon": site.ports.lexicon,
    }


@cache
def static(name: str) -> str:
    """The address of a file of the app, which changes when the file does: it may be kept for ever."""
    try:
        mark = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    except OSError:
        mark = __version__
    return f"/static/{name}?v={mark}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("faldone.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # nine files would be looked at for every page
    )
    environment.filters |= {"day": _day, "moment": _moment, "clock": _clock, "number": _number, "groups": _groups}
    return environment


def _day(value: dt.date | None) -> str:
    return f"{value:%d/%m/%Y}" if value is not None else ""


def _moment(value: dt.datetime | None) -> str:
    return f"{value.astimezone():%d/%m/%Y %H:%M}" if value is not None else ""


def _clock(value: dt.datetime | None) -> str:
    return f"{value.astimezone():%H:%M:%S}" if value is not None else ""


def _number(value: float) -> str:
    """As Italians write it: 1.234 and 0,5."""
    return f"{value:,}".translate(str.maketrans(",.", ".,"))


def _groups(digest: str) -> str:
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))
