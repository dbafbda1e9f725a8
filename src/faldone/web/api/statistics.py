"""Statistics as JSON: the same tables as the pages, withheld alike."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from faldone.domain.account import Ability
from faldone.pipeline.office.statistics import Narrowed, Theme, documents_by, rightness, work
from faldone.web.caller import Caller
from faldone.web.lanes import AtLength
from faldone.web.rules import Requires

router = APIRouter(tags=["statistics"], route_class=AtLength)

_Reader = Annotated[Caller, Depends(Requires(Ability.STATISTICS))]
_Year = Annotated[int | None, Query(ge=1850, le=2200)]


class DocumentTable(BaseModel):
    """Counts of documents; the last row and column are totals, and null is a count that is withheld."""

    rows: list[str]
    columns: list[str]
    cells: list[list[int | None]]


class Backlog(BaseModel):
    """How the work goes."""

    waiting: int = Field(description="documents that wait for a person")
    documents: int
    pages: int
    pages_done: int
    unfinished_files: int
    backlog_days: float | None = Field(description="working days at the pace of the last thirty; null without any")


class Right(BaseModel):
    """How often a field was right in a band, with its 95 % interval."""

    band: str
    blind: bool = Field(description="On blind re-checks alone: what holds for all that files itself")
    field: str
    right: int
    of: int
    low: float
    high: float


@router.get("/statistics/documents")
def documents(
    caller: _Reader,
    rows: Theme = Theme.SERVICE,
    columns: Theme = Theme.YEAR,
    service: Annotated[str | None, Query(max_length=40)] = None,
    first: _Year = None,
    last: _Year = None,
) -> DocumentTable:
    """How many documents there are, by two things."""
    if first is not None and last is not None and first > last:
        first, last = last, first
    known = service if service in caller.site.ports.lexicon.services else None
    narrowed = Narrowed(known, first, last)
    table = documents_by(rows, columns, narrowed, caller.site.options.sub_ambiti, caller.site.ports)
    return DocumentTable(rows=list(table.rows), columns=list(table.columns), cells=[list(row) for row in table.cells])


@router.get("/statistics/work")
def backlog(caller: _Reader) -> Backlog:
    """What waits, and how much is done."""
    now = work(caller.site.ports)
    return Backlog(
        waiting=now.waiting,
        documents=now.progress.documents,
        pages=now.progress.pages,
        pages_done=now.progress.pages_done,
        unfinished_files=now.progress.unfinished,
        backlog_days=now.backlog_days,
    )


@router.get("/statistics/rightness")
def right(caller: _Reader) -> list[Right]:
    """How right the machine was, on what people confirmed."""
    return [
        Right(
            band=one.band.value,
            blind=one.blind,
            field=name,
            right=share.hits,
            of=share.of,
            low=share.interval[0],
            high=share.interval[1],
        )
        for one in rightness(caller.site.ports)
        for name, share in one.fields.items()
    ]
