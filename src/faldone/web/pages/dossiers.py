"""Fascicolo: one person's papers by year or as a list, in all services or in one, and the whole as a PDF."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from faldone.domain.account import Ability
from faldone.domain.events import EventType, user_agent
from faldone.domain.ids import PersonId
from faldone.errors import NotFoundError
from faldone.pipeline.papers.dossier_papers import date_words, pages_of, place_words
from faldone.web.caller import NOT_FOUND, Caller
from faldone.web.dossiers import (
    OpenDossier,
    co_named,
    export_job,
    exported_file,
    is_ready,
    may_name,
    namesakes,
    note_view,
    open_dossier,
    start_export,
)
from faldone.web.downloads import disposition
from faldone.web.render import fragment, is_htmx, page
from faldone.web.rules import Requires

router = APIRouter()

Reader = Annotated[Caller, Depends(Requires(Ability.SEARCH))]
Exporter = Annotated[Caller, Depends(Requires(Ability.EXPORT))]
Code = Annotated[str, Form(max_length=40)]

AT_ONCE: Final = 100
"""So many papers are on a page; the others come on request."""

_LEDGER_AT_ONCE: Final = 1_000
_UNKNOWN: Final = "-"
"""The service of papers of which none is known, in an address."""


@router.get("/fascicoli")
def opened_today(request: Request, caller: Reader) -> HTMLResponse:
    """The dossiers that the account opened today, by its own entries in the ledger."""
    last = _opened_today(caller)
    records = caller.site.ports.catalog.persons_with([PersonId(one) for one in last])
    shown = [
        (records[PersonId(one)], at)
        for one, at in sorted(last.items(), key=lambda pair: pair[1], reverse=True)
        if PersonId(one) in records and may_name(caller, PersonId(one))
    ]
    return page(request, caller, "dossiers/opened.html", opened=shown)


@router.get("/fascicoli/{person}/esporta")
def ask_export(
    request: Request, caller: Exporter, person: str, servizio: Annotated[str, Query(max_length=40)] = ""
) -> HTMLResponse:
    """What would leave the archive, before it does."""
    dossier = open_dossier(caller, person)
    papers = dossier.narrowed(servizio or None)
    if not papers:
        raise NotFoundError(NOT_FOUND)
    note_view(caller, dossier, servizio or None, 0)
    context: dict[str, Any] = {
        "dossier": dossier,
        "papers": len(papers),
        "pages": pages_of(papers),
        "service": servizio,
    }
    return page(request, caller, "dossiers/export.html", job=None, **context)


@router.post("/fascicoli/{person}/esporta")
def export(request: Request, caller: Exporter, person: str, servizio: Code = "") -> Response:
    """Begins the export and goes to where its progress is."""
    dossier = open_dossier(caller, person)
    job = start_export(caller, dossier, servizio or None)
    return RedirectResponse(f"/fascicoli/{dossier.person.id}/esporta/{job.id}", 303)


@router.get("/fascicoli/{person}/esporta/{job}")
def export_progress(request: Request, caller: Exporter, person: str, job: str) -> HTMLResponse:
    """How far the export is; asked again by itself until it has ended."""
    found = export_job(caller, person, job)
    said: dict[str, Any] = {"job": found, "ready": is_ready(found), "person_id": person}
    if is_htmx(request):
        return fragment(request, caller, "dossiers/_export.html", **said)
    return page(request, caller, "dossiers/export.html", dossier=open_dossier(caller, person), **said)


@router.get("/fascicoli/{person}/esporta/{job}/file")
def export_file(caller: Exporter, person: str, job: str) -> FileResponse:
    """The PDF."""
    path, name = exported_file(caller, open_dossier(caller, person), job)
    headers = {"Content-Disposition": disposition(name)}
    return FileResponse(path, media_type="application/pdf", headers=headers)


@router.get("/fascicoli/{person}")
@router.get("/fascicoli/{person}/{service}")
def dossier(
    request: Request,
    caller: Reader,
    person: str,
    service: str = "",
    anno: Annotated[str, Query(max_length=4)] = "",
    tipo: Annotated[str, Query(max_length=60)] = "",
    vista: Annotated[str, Query(max_length=10)] = "",
    da: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> HTMLResponse:
    """The dossier: the whole page, or with ``da`` the papers from there on."""
    opened = open_dossier(caller, person)
    if service and service not in {_address(code) for code, _ in opened.services}:
        raise NotFoundError(NOT_FOUND)
    of_service = tuple(paper for paper in opened.papers if not service or _address(paper.shown.service) == service)
    year, kind = int(anno) if anno.isdecimal() else None, tipo or None
    papers = tuple(
        paper
        for paper in of_service
        if (year is None or paper.year == year) and (kind is None or paper.shown.type == kind)
    )
    shown = papers[da : da + AT_ONCE]
    note_view(caller, opened, None if service in ("", _UNKNOWN) else service, len(shown))
    given = {"anno": anno if year is not None else "", "tipo": tipo, "vista": "elenco" if vista == "elenco" else ""}
    context: dict[str, Any] = {
        "dossier": opened,
        "person": opened.person,
        "service": service,
        "total": len(papers),
        "groups": [(year, list(some)) for year, some in groupby(shown, key=lambda paper: paper.year)],
        "begins": da == 0,
        "goes_on": da > 0 and bool(shown) and papers[da - 1].year == shown[0].year,
        "more": _href(opened, service, given | {"da": str(da + AT_ONCE)}) if len(papers) > da + AT_ONCE else "",
        "left": len(papers) - da - len(shown),
        "as_list": vista == "elenco",
        "other_view": _href(opened, service, given | {"vista": "" if vista == "elenco" else "elenco"}),
        "others": co_named(caller, opened, shown),
        "date_words": date_words,
        "place_words": place_words,
    }
    if is_htmx(request) and da:
        return fragment(request, caller, "dossiers/_papers.html", **context)
    years = sorted({paper.year for paper in of_service if paper.year is not None}, reverse=True)
    kinds = {paper.shown.type: paper.shown.type_name or paper.shown.type for paper in of_service if paper.shown.type}
    context |= {
        "tabs": _tabs(opened, service),
        "years": [(str(year), str(year)) for year in years],
        "kinds": sorted(kinds.items(), key=lambda pair: pair[1]),
        "given": given,
        "namesakes": namesakes(caller, opened.person),
        "pages": pages_of(papers),
    }
    return page(request, caller, "dossiers/page.html", **context)


def _tabs(opened: OpenDossier, service: str) -> list[tuple[str, str | None, bool, int]]:
    """The services as tabs: address, name (None: not known), whether it is the one shown, how many papers."""
    base = f"/fascicoli/{opened.person.id}"
    names = {paper.shown.service: paper.shown.service_name or paper.shown.service for paper in opened.papers}
    every = (base, "", not service, len(opened.papers))
    return [
        every,
        *((f"{base}/{_address(code)}", names[code], _address(code) == service, n) for code, n in opened.services),
    ]


def _address(service: str | None) -> str:
    return service if service is not None else _UNKNOWN


def _href(opened: OpenDossier, service: str, given: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in given.items() if value})
    path = f"/fascicoli/{opened.person.id}" + (f"/{service}" if service else "")
    return f"{path}?{query}" if query else path


def _opened_today(caller: Caller) -> dict[str, dt.datetime]:
    """The persons whose dossiers the account opened since midnight, and when last."""
    ports, agent = caller.site.ports, user_agent(caller.account.name)
    midnight = ports.clock().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    last: dict[str, dt.datetime] = {}
    after = 0
    while True:
        some = ports.catalog.events_of(
            {EventType.DOSSIER_VIEWED}, agent=agent, since=midnight, limit=_LEDGER_AT_ONCE, after=after
        )
        for entry in some:
            last[entry.record.subject] = dt.datetime.fromisoformat(entry.record.at)
        if len(some) < _LEDGER_AT_ONCE:
            return last
        after = some[-1].sequence
