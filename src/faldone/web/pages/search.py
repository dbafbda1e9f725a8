"""Ricerca: one box, the persons who may be meant, the documents at the page; every word of it stays on the page."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from faldone.domain.account import Ability
from faldone.domain.ids import DocumentId
from faldone.errors import DocumentNotFoundError, NotFoundError, QuerySyntaxError
from faldone.pipeline.intake.rights import seen_batch
from faldone.pipeline.search.asking import (
    Question,
    access_to_list,
    as_answered,
    asked_text,
    keep_asked,
    kept_text,
    only_as_typed,
    query_of,
)
from faldone.pipeline.search.codes import batch_meant, is_place, place_meant
from faldone.pipeline.search.result_list import note_export, result_list, write_csv
from faldone.search.query import FILTERS, write
from faldone.web.asking import Exporter, Searcher, Typed, ask_as, asker_of, is_closed, like_as
from faldone.web.caller import Caller, ReasonNeededError
from faldone.web.downloads import Kind, download
from faldone.web.intake_seen import access_of
from faldone.web.lanes import at_length
from faldone.web.pages import counter, saved_searches, suggesting
from faldone.web.pages.result_lines import FACETS, SORTS, Asked, chips_of, facets_of, line_of
from faldone.web.render import is_htmx, page
from faldone.web.result_place import in_list

router = APIRouter()
for part in (suggesting.router, saved_searches.router, counter.router):
    router.include_router(part)


@router.get("/ricerca")
def empty(request: Request, caller: Searcher) -> HTMLResponse:
    """The box alone: nothing personal before somebody asks."""
    return page(request, caller, "search/page.html", text="", error=None, asked=None)


@router.post("/ricerca")
def ask(request: Request, caller: Searcher, q: Typed = "") -> Response:
    """Keeps what was typed and goes to where its answer is."""
    if not q.strip():
        return RedirectResponse("/ricerca", 303)
    asker, ports = asker_of(caller), caller.site.ports
    address = _address_of_code(q, caller)
    if address is not None:
        return RedirectResponse(address, 303)
    batch = batch_meant(q)
    q = f"{FILTERS['batch'][0]}:{batch}" if batch is not None else q
    try:
        query_of(Question(q), asker, ports)
    except QuerySyntaxError as error:
        return page(request, caller, "search/page.html", status=400, text=q, error=error, asked=None)
    return RedirectResponse(f"/ricerca/{keep_asked(q, caller.account.name, asker, ports)}", 303)


@router.get("/ricerca/simili/{document_id}")
def alike(request: Request, caller: Searcher, document_id: str) -> HTMLResponse:
    """The documents most like one that may be opened."""
    document = caller.document(DocumentId(document_id))
    found = like_as(caller, document)
    lines = [line_of(one, None, "", caller) for one in found]
    return page(request, caller, "search/like.html", document=document.id, lines=lines)


@router.get("/ricerca/{search_id}")
def answer(request: Request, caller: Searcher, search_id: str) -> HTMLResponse:
    """The answer to a search, narrowed and ordered as the address says: the whole page, or the list alone."""
    asked = Asked.of(search_id, request)
    text = asked_text(search_id, caller.account.name, asker_of(caller), caller.site.ports)
    first, question = not asked.after, asked.question(text)
    try:
        told = ask_as(caller, question, tuple(FACETS), search_id, aside=first)
    except QuerySyntaxError as error:
        return page(request, caller, "search/page.html", status=400, text=text, error=error, asked=None)
    view: dict[str, Any] = {
        "asked": asked,
        "told": told,
        "first": first,
        "lines": in_list([line_of(one, told.query, search_id, caller) for one in told.answer.found], asked),
        "facets": facets_of(told, asked, caller),
        "chips": chips_of(told, asked, caller),
        "more": asked.beyond(told, caller),
        "sorts": SORTS,
        "meant": [write(replace(one.query, only=())) for one in told.meant],
        "kept": kept_text(question, told.query),
        "coded": is_place(text),
        "exact": [(one, only_as_typed(told.query, one.typed)) for one in told.read_as],
    }
    if is_htmx(request):
        return page(request, caller, "search/_results.html", **view)
    return page(request, caller, "search/page.html", text=text, error=None, **view)


@router.post("/ricerca/{search_id}/elenco")
@at_length
def export(request: Request, caller: Exporter, search_id: str) -> Response:
    """The whole list as a CSV, of what may be told of without a reason; that it left is on record before it does."""
    asked = replace(Asked.of(search_id, request), after="")
    asker, ports = asker_of(caller), caller.site.ports
    text = asked_text(search_id, caller.account.name, asker, ports)
    query = as_answered(query_of(asked.question(text), asker, ports), asker, ports, lambda: caller.site.book)
    target = StringIO(newline="")
    access = access_to_list(query, asker, ports)
    rows = result_list(query, access, ports, lambda one: not is_closed(caller, one), caller.pinned)
    note_export(write_csv(rows, target), "csv", caller.account.name, ports)
    # Spreadsheets take a text without the mark for one in the letters of their own country.
    return download(f"\ufeff{target.getvalue()}".encode(), Kind.CSV, f"elenco-{search_id}")


def _address_of_code(text: str, caller: Caller) -> str | None:
    """Where a code that was typed leads; None where it is none, or is of nothing that the caller may see."""
    place = place_meant(text, caller.site.ports)
    if place is not None:
        try:
            caller.document(place.document)
        except DocumentNotFoundError:
            return None
        except ReasonNeededError:
            pass  # it is asked for where the document is opened
        return f"/documenti/{place.document}?p={place.page}"
    batch = batch_meant(text)
    if batch is None or not caller.may(Ability.INTAKE):
        return None
    try:
        seen_batch(batch, access_of(caller), caller.site.ports)
    except NotFoundError:
        return None
    return f"/acquisizione/lotti/{batch}"
