"""One batch: its pages, what does not add up, and its end; and one page of it as it was scanned."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from faldone.catalog.records import Batch
from faldone.domain.account import Ability
from faldone.domain.batch import BatchFacts, Despite, Exclusion, Gap, by_gap
from faldone.domain.ids import PageId
from faldone.errors import BatchGapsError, ConfigError, FaldoneError, UndecidableError
from faldone.pipeline.intake.batch_view import view_batch, view_page
from faldone.pipeline.intake.batches import Judgement
from faldone.pipeline.intake.rights import seen_batch, sees
from faldone.pipeline.intake.sidecars import sidecar_notes
from faldone.pipeline.intake.tiles import Light
from faldone.pipeline.intake.words import DESPITE, FATES
from faldone.web.caller import Caller
from faldone.web.intake_seen import (
    SMALL,
    WHOLE,
    access_of,
    batch_of_scan,
    close_own,
    closed_to,
    describe_own,
    exclude_own,
    feed_of,
    judge_own,
    open_own,
    send_scan,
)
from faldone.web.pages.reasons import reason_form
from faldone.web.render import is_htmx, page, spoken
from faldone.web.rules import Requires

router = APIRouter()

Taker = Annotated[Caller, Depends(Requires(Ability.INTAKE))]
Name = Annotated[str, Path(min_length=1, max_length=200)]
Scan = Annotated[str, Path(pattern=r"^p-[0-9a-f]{16}-[0-9]{1,6}$")]
Text = Annotated[str, Form(max_length=200)]

_AT_ONCE: Final = 120
_LAST: Final = 10_000

_STATES: Final = {
    Light.GREEN: "done",
    Light.AMBER: "review",
    Light.RED: "bad",
    Light.GREY: "blank",
    Light.WAITING: "reading",
}

_KINDS: Final = dict(
    zip(FATES, ("done", "review", "waiting", "reading", "blank", "blank", "blank", "bad", "blank", "bad"), strict=True)
)

DRAWING: Final[dict[str, Any]] = {"fates": FATES, "kinds": _KINDS, "states": _STATES}
"""How lights and fates are drawn and called."""

_RECOUNTED: Final = (Despite.COUNTED_WRONG, Despite.RESCANNED, Despite.PAPER_MISSING)
"""Why another number of sheets is declared than before."""


def facts_of(
    service: Text = "",
    comune: Text = "",
    box: Text = "",
    folder: Text = "",
    shelf: Text = "",
    place: Text = "",
    operator: Text = "",
    scanner: Text = "",
    settings: Text = "",
    sheets: Annotated[str, Form(pattern=r"^\s*(?:[1-9][0-9]{0,5})?\s*$")] = "",
    duplex: Annotated[str, Form(max_length=5)] = "",
) -> BatchFacts:
    """What a form says of a batch; an empty field says nothing."""
    count = int(sheets) if sheets.strip() else None
    return BatchFacts(
        service=_said(service),
        comune=_said(comune),
        box=_said(box),
        folder=_said(folder),
        shelf=_said(shelf),
        place=_said(place),
        operator=_said(operator),
        scanner=_said(scanner),
        settings=_said(settings),
        sheets=count,
        sides=2 if duplex else (1 if count is not None else None),
    )


def _said(text: str) -> str | None:
    return " ".join(text.split()) or None


@router.post("/acquisizione/lotti")
def open_one(
    request: Request,
    caller: Taker,
    facts: Annotated[BatchFacts, Depends(facts_of)],
    code: Annotated[str, Form(max_length=100)] = "",
    inbox: Annotated[str, Form(pattern=r"^[0-9]{0,3}$")] = "",
) -> Response:
    """Opens a batch by hand: loose files belong to it until it is closed."""
    batch = open_own(code, int(inbox) if inbox else None, facts, caller)
    return RedirectResponse(f"/acquisizione/lotti/{batch.id}", 303)


@router.get("/acquisizione/lotti/{name}")
def show_one(
    request: Request,
    caller: Taker,
    name: Name,
    pagina: Annotated[int, Query(ge=1, le=_LAST)] = 1,
    problemi: bool = False,
) -> Response:
    """A batch: the sum, what stands against closing it, its pages."""
    batch = seen_batch(name, access_of(caller), caller.site.ports)
    return _shown(request, caller, batch, pagina, problems=problemi)


def _shown(
    request: Request,
    caller: Caller,
    batch: Batch,
    number: int = 1,
    *,
    problems: bool = False,
    refused: bool = False,
    error: FaldoneError | None = None,
) -> Response:
    view = view_batch(batch, caller.site.ports, offset=(number - 1) * _AT_ONCE, limit=_AT_ONCE, problems=problems)
    shown = view.before + len(view.tiles) + view.behind
    told = DRAWING | {
        "batch": batch,
        "view": view,
        "row": view.row,
        "number": number,
        "numbers": max(1, -(-shown // _AT_ONCE)),
        "problems": problems,
        "refused": refused,
        "error": spoken(request, error.message) if error is not None else "",
        "despite": DESPITE,
        "gaps": by_gap(view.shortfalls),
        "exclusions": tuple(Exclusion),
        "recounted": {one: DESPITE[one] for one in _RECOUNTED},
        "doubles": [(one, sees(one.batch, access_of(caller))) for one in view.doubles],
        "differ": any(one.gap is Gap.SHEETS_DIFFER for one in view.shortfalls),
        "moving": any(one.gap is Gap.UNDERWAY for one in view.shortfalls),
    }
    part = is_htmx(request) and not (refused or error)
    template = "intake/_pages.html" if part else "intake/batch.html"
    if not part:
        notes = sidecar_notes(batch, caller.site.ports)
        told["notes"] = [(note.path, spoken(request, note.message)) for note in notes]
    return page(request, caller, template, status=409 if refused or error else 200, **told)


@router.post("/acquisizione/lotti/{name}/dati")
def describe_one(
    request: Request, caller: Taker, name: Name, facts: Annotated[BatchFacts, Depends(facts_of)]
) -> Response:
    """Puts what is said of a batch in the place of what was said before."""
    batch = seen_batch(name, access_of(caller), caller.site.ports)
    try:
        describe_own(batch, facts, caller)
    except (ConfigError, UndecidableError) as error:
        return _shown(request, caller, batch, error=error)
    return RedirectResponse(f"/acquisizione/lotti/{batch.id}", 303)


@router.post("/acquisizione/lotti/{name}/fogli")
def recount_one(
    request: Request,
    caller: Taker,
    name: Name,
    sheets: Annotated[int, Form(ge=1, le=999_999)],
    motivo: Annotated[Despite, Form()],
) -> Response:
    """Puts the number of declared sheets right; why is on record."""
    batch = seen_batch(name, access_of(caller), caller.site.ports)
    try:
        describe_own(batch, replace(batch.facts, sheets=sheets), caller, because=motivo)
    except (ConfigError, UndecidableError) as error:
        return _shown(request, caller, batch, error=error)
    return RedirectResponse(f"/acquisizione/lotti/{batch.id}", 303)


@router.post("/acquisizione/lotti/{name}/chiudi")
def close_one(
    request: Request,
    caller: Taker,
    name: Name,
    motivo: Annotated[Despite | None, Form()] = None,
) -> Response:
    """Closes a batch that adds up, or names what does not."""
    batch = seen_batch(name, access_of(caller), caller.site.ports)
    try:
        close_own(batch, motivo, caller)
    except BatchGapsError:
        return _shown(request, caller, batch, refused=True)
    except (ConfigError, UndecidableError) as error:
        return _shown(request, caller, batch, error=error)
    return RedirectResponse(f"/acquisizione/lotti/{batch.id}", 303)


@router.post("/acquisizione/lotti/{name}/esclusioni")
def exclude_one(
    request: Request,
    caller: Taker,
    name: Name,
    cosa: Annotated[str, Form(pattern=r"^(p-[0-9a-f]{16}-[0-9]{1,6}|i-[0-9a-f]{12})$")],
    perche: Annotated[Exclusion | Literal["annulla"], Form()],
    dove: Annotated[Literal["pagina", "lotto"], Form()] = "lotto",
) -> Response:
    """A person says of a page or a file that it never comes in; or takes it back."""
    batch = seen_batch(name, access_of(caller), caller.site.ports)
    try:
        exclude_own(batch, cosa, None if perche == "annulla" else perche, caller)
    except (ConfigError, UndecidableError) as error:
        return _shown(request, caller, batch, error=error)
    feed_of(caller.site).look()  # the board that comes now is not the one of a moment ago
    back = f"/acquisizione/pagine/{cosa}" if dove == "pagina" else f"/acquisizione/lotti/{batch.id}#non-entrati"
    return RedirectResponse(back, 303)


@router.get("/acquisizione/pagine/{scan}")
def show_page(request: Request, caller: Taker, scan: Scan) -> Response:
    """A page as it was scanned, with what is to be said of it."""
    batch = batch_of_scan(PageId(scan), caller)
    view = view_page(PageId(scan), caller.site.ports)
    closed = closed_to(PageId(scan), caller)
    told: dict[str, Any] = DRAWING | {"exclusions": tuple(Exclusion), "closed": closed}
    if closed is not None and closed.document is not None:
        told |= reason_form(caller, closed.document, f"/acquisizione/pagine/{scan}", unknown=closed.unknown)
    return page(request, caller, "intake/scan.html", batch=batch, view=view, tile=view.tile, **told)


@router.post("/acquisizione/pagine/{scan}/giudizio")
def judge_one(
    caller: Taker,
    scan: Scan,
    detto: Annotated[Judgement | Literal["annulla"], Form()],
    dove: Annotated[Literal["pagina", "tabellone"], Form()] = "pagina",
) -> Response:
    """A person says of a bad scan that it will do, or that its sheet was fed again; or takes it back."""
    judge_own(PageId(scan), None if detto == "annulla" else detto, caller)
    if dove == "pagina":
        return RedirectResponse(f"/acquisizione/pagine/{scan}", 303)
    feed_of(caller.site).look()  # the board that comes now is not the one of a moment ago
    return RedirectResponse("/acquisizione", 303)


@router.get("/acquisizione/pagine/{scan}/miniatura")
def show_thumbnail(request: Request, caller: Taker, scan: Scan) -> Response:
    """The small picture of a page that came in."""
    return send_scan(request, PageId(scan), SMALL, caller)


@router.get("/acquisizione/pagine/{scan}/immagine")
def show_picture(request: Request, caller: Taker, scan: Scan) -> Response:
    """The picture of a page that came in, to be looked at."""
    return send_scan(request, PageId(scan), WHOLE, caller)
