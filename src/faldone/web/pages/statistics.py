"""Statistiche: the office in figures, none of which points at anybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BeforeValidator, Field

from faldone.domain.account import Ability
from faldone.domain.events import EventType
from faldone.domain.statistics import TOTAL, CountTable
from faldone.pipeline.audit.notices import notices
from faldone.pipeline.office.statistics import NOT_SAID, Narrowed, Theme, documents_by, rightness, work
from faldone.pipeline.office.tables import as_csv, as_ods
from faldone.web.caller import Caller
from faldone.web.downloads import Kind, download
from faldone.web.lanes import AtLength
from faldone.web.render import page
from faldone.web.rules import Requires

router = APIRouter(route_class=AtLength)

_Reader = Annotated[Caller, Depends(Requires(Ability.STATISTICS))]
_Year = Annotated[Annotated[int, Field(ge=1850, le=2200)] | None, BeforeValidator(lambda typed: typed or None), Query()]
"""A year, or a field that was left empty."""
_Code = Annotated[str | None, Query(max_length=40)]


@router.get("/statistiche")
def overview(
    request: Request,
    caller: _Reader,
    rows: Theme = Theme.SERVICE,
    columns: Theme = Theme.YEAR,
    service: _Code = None,
    first: _Year = None,
    last: _Year = None,
) -> HTMLResponse:
    """The work first, then the archive by two things at choice, then how right the machine is."""
    chosen = _narrowed(service, first, last, caller)
    return page(
        request,
        caller,
        "statistics/overview.html",
        work=work(caller.site.ports),
        table=_table(rows, columns, chosen, caller),
        rows=rows,
        columns=columns,
        chosen=chosen,
        themes=tuple(Theme),
        not_said=NOT_SAID,
        total=TOTAL,
        rightness=rightness(caller.site.ports),
        notices=notices(caller.account, caller.site.ports),
    )


@router.get("/statistiche/tabella.{kind}")
def export(
    caller: _Reader,
    kind: Kind,
    rows: Theme = Theme.SERVICE,
    columns: Theme = Theme.YEAR,
    service: _Code = None,
    first: _Year = None,
    last: _Year = None,
) -> Response:
    """The table of documents, as it is shown: what is withheld on the screen is withheld here."""
    table = _table(rows, columns, _narrowed(service, first, last, caller), caller)
    caller.record(EventType.STATISTICS_EXPORTED, f"statistics:{rows.value}:{columns.value}", kind=kind.value)
    head = [rows.value, *table.columns]
    lines = [[name, *cells] for name, cells in zip(table.rows, table.cells, strict=True)]
    body = as_ods("documenti", head, lines) if kind is Kind.ODS else as_csv(head, lines)
    return download(body, kind, f"documenti-{rows.value}-{columns.value}")


def _narrowed(service: str | None, first: int | None, last: int | None, caller: Caller) -> Narrowed:
    known = service if service in caller.site.ports.lexicon.services else None
    if first is not None and last is not None and first > last:
        first, last = last, first
    return Narrowed(known, first, last)


def _table(rows: Theme, columns: Theme, chosen: Narrowed, caller: Caller) -> CountTable:
    return documents_by(rows, columns, chosen, caller.site.options.sub_ambiti, caller.site.ports)
