"""The viewer: a document page by page, and what may be taken of it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response

from faldone.domain.ids import DocumentId
from faldone.domain.page import Box
from faldone.errors import UndecidableError
from faldone.pipeline.audit.receipt import receipt
from faldone.pipeline.audit.reports import Tongue
from faldone.pipeline.papers.page_images import View
from faldone.web.auditing import delivered
from faldone.web.document_showing import MOST_PAGES, At, Correctable, Id, Number, Reader, Reviewer, Tab, Taker, show_at
from faldone.web.lanes import at_length
from faldone.web.pages import document_mending
from faldone.web.render import is_htmx, language, page
from faldone.web.result_place import LONGEST
from faldone.web.sending import page_of, send_original, send_pdf, send_picture, tell_opened, tell_seen, was_opened

router = APIRouter()
router.include_router(document_mending.router)
Search = Annotated[str | None, Query(alias="r", pattern=r"^[\w-]{1,64}$")]
Results = Annotated[str, Query(alias="l", max_length=LONGEST)]


@router.get("/documenti/spostato")
def moved(request: Request, caller: Reviewer) -> Response:
    """After a correction that put a document where its corrector does not see it."""
    return page(request, caller, "documents/moved.html")


@router.get("/documenti/{document_id}")
def show_document(
    request: Request,
    caller: Reader,
    document_id: Id,
    p: Annotated[int | None, Query(ge=1, le=MOST_PAGES)] = None,
    search: Search = None,
    results: Results = "",
    h: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    tab: Tab = "dati",
    modifica: Correctable | None = None,
    trascrivi: bool = False,
    hx_target: Annotated[str | None, Header()] = None,
) -> Response:
    """The document at a page, or the part of it that htmx asks for."""
    document = caller.document(DocumentId(document_id))
    part = hx_target if is_htmx(request) and hx_target in ("pagina", "scheda") else None
    if part is None or not was_opened(caller, document):
        tell_opened(caller, document)
    at = At(document.id, p or 0, search, h, tab, results)
    return show_at(request, caller, document, at, form=modifica, typing=trascrivi, part=part)


@router.get("/documenti/{document_id}/pagine/{number}/immagine")
def page_picture(
    request: Request,
    caller: Reader,
    document_id: Id,
    number: Number,
    w: Literal["200", "1240", "2480", "full"] = "1240",
    region: Annotated[str | None, Query(pattern=r"^\d{1,6}(,\d{1,6}){3}$")] = None,
    k: Annotated[str | None, Query(pattern=r"^[0-9a-f]{12}$")] = None,
) -> Response:
    """The picture of a page."""
    return send_picture(request, caller, caller.document(DocumentId(document_id)), number, view_of(w, region), k)


def view_of(width: str, region: str | None) -> View:
    """How a page is wanted, as an address says it.

    Raises:
        UndecidableError: the region is empty.
    """
    part = Box(*map(int, region.split(","))) if region is not None else None
    try:
        return View(None if width == "full" else int(width), part)
    except ValueError as error:
        raise UndecidableError("Il ritaglio è vuoto. / The region is empty.") from error


@router.post("/documenti/{document_id}/pagine/{number}/vista", status_code=204)
def page_seen(caller: Reader, document_id: Id, number: Number) -> Response:
    """The browser says that the page stood in view."""
    document = caller.document(DocumentId(document_id))
    tell_seen(caller, document, page_of(document, number, caller.site.ports), number)
    return Response(status_code=204)


@router.get("/documenti/{document_id}/originale")
def original(caller: Taker, document_id: Id) -> Response:
    """The file as it arrived."""
    return send_original(caller, caller.document(DocumentId(document_id)))


@router.get("/documenti/{document_id}/pdf")
@at_length
def searchable_pdf(caller: Taker, document_id: Id) -> Response:
    """The document as a searchable PDF/A."""
    return send_pdf(caller, caller.document(DocumentId(document_id)))


@router.get("/documenti/{document_id}/ricevuta")
@at_length
def take_receipt(
    request: Request, caller: Taker, document_id: Id, forma: Annotated[Literal["pdf", "csv"], Query()] = "pdf"
) -> Response:
    """What the ledger vouches for of the document."""
    document = caller.document(DocumentId(document_id))
    made = receipt(document, caller.site.ports, Tongue(language(request) == "en"), caller.pinned)
    return delivered(made, forma, document.id, caller)
