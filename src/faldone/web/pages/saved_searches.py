"""Searches that an account keeps: asked again, forgotten, kept after all."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from faldone.catalog.records import SavedSearch
from faldone.errors import NotFoundError
from faldone.pipeline.search.asking import keep_asked
from faldone.pipeline.search.searches import delete_search, save_search
from faldone.web.asking import Searcher, asker_of, kept_by
from faldone.web.caller import NOT_FOUND, Caller
from faldone.web.render import page

router = APIRouter()


@router.get("/ricerca/salvate")
def saved(request: Request, caller: Searcher) -> HTMLResponse:
    """The searches that the account keeps."""
    return _page(request, caller)


@router.post("/ricerca/salvate")
def save(
    caller: Searcher,
    name: Annotated[str, Form(min_length=1, max_length=120)],
    text: Annotated[str, Form(min_length=1, max_length=1_000)],
) -> RedirectResponse:
    """Keeps a search as it is typed."""
    save_search(name, text, caller.account.name, caller.site.ports)
    return RedirectResponse("/ricerca/salvate", 303)


@router.post("/ricerca/salvate/{saved_id}/apri")
def open_saved(caller: Searcher, saved_id: str) -> RedirectResponse:
    """Asks a kept search again."""
    text = _own(caller, saved_id).text
    asked = keep_asked(text, caller.account.name, asker_of(caller), caller.site.ports)
    return RedirectResponse(f"/ricerca/{asked}", 303)


@router.post("/ricerca/salvate/{saved_id}/cancella")
def forget(request: Request, caller: Searcher, saved_id: str) -> HTMLResponse:
    """Keeps a search no longer, and offers to keep it after all."""
    gone = _own(caller, saved_id)
    delete_search(gone.name, caller.account.name, caller.site.ports)
    return _page(request, caller, gone)


def _page(request: Request, caller: Caller, gone: SavedSearch | None = None) -> HTMLResponse:
    # The page is that of the list, whatever led to it: who changes the language comes back to it.
    context: dict[str, Any] = {"searches": kept_by(caller), "gone": gone, "path": "/ricerca/salvate"}
    return page(request, caller, "search/saved.html", **context)


def _own(caller: Caller, saved_id: str) -> SavedSearch:
    for search in kept_by(caller):
        if search.id == saved_id:
            return search
    raise NotFoundError(NOT_FOUND)
