"""What is offered while somebody types: by POST, so that no name reaches an address or the log of accesses."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from faldone.domain.account import Ability
from faldone.pipeline.search.person_suggestions import suggest_persons
from faldone.pipeline.search.type_ahead import type_ahead
from faldone.web.asking import Searcher, Typed, asker_of
from faldone.web.caller import Caller
from faldone.web.render import fragment
from faldone.web.rules import Requires
from faldone.web.sending import tell_names

router = APIRouter()


@router.post("/ricerca/suggerimenti")
def suggest(request: Request, caller: Searcher, q: Typed = "") -> HTMLResponse:
    """Who and what may be meant, of permitted documents alone: a fragment of options."""
    found = type_ahead(q, asker_of(caller), caller.site.ports)
    tell_names(caller, "search", len(found.cards), len(found.texts))
    return fragment(request, caller, "search/_suggestions.html", found=found)


@router.post("/persone/suggerimenti")
def suggest_on_record(
    request: Request, caller: Annotated[Caller, Depends(Requires(Ability.REVIEW))], q: Typed = ""
) -> HTMLResponse:
    """Persons on record to whom what is being typed may fit: a fragment of options."""
    found = suggest_persons(q, caller.site.book, caller.site.ports, only=caller.pinned)
    tell_names(caller, "review", len(found))
    return fragment(request, caller, "search/_persons.html", found=found)
