"""Dossiers as JSON: a person, the papers, the reason for opening them, and the whole as a PDF."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from faldone.domain.account import Ability, Purpose
from faldone.pipeline.accounts.access_reasons import LONGEST_NOTE
from faldone.pipeline.papers.dossier_papers import Paper, date_words, pages_of
from faldone.web.caller import Caller
from faldone.web.dossiers import (
    co_named,
    export_job,
    exported_file,
    note_view,
    open_dossier,
    start_export,
)
from faldone.web.downloads import disposition
from faldone.web.jobs import Job, JobState
from faldone.web.reasons import give_reason
from faldone.web.rules import Requires

router = APIRouter(tags=["dossiers"])

_Reader = Annotated[Caller, Depends(Requires(Ability.SEARCH))]
_Exporter = Annotated[Caller, Depends(Requires(Ability.EXPORT))]
_PersonId = Annotated[str, Path(max_length=40, description="id of the person: u- and 12 hex digits")]
_JobId = Annotated[str, Path(max_length=40)]
_Service = Annotated[str | None, Query(max_length=40, description="code of the service")]


class ServiceCount(BaseModel):
    """A service and how many documents of the dossier are its own."""

    code: str | None = Field(description="null where no service is known")
    documents: int


class PersonSaid(BaseModel):
    """A person and what of the dossier the caller may see."""

    id: str
    surname: str
    name: str
    cf: str | None
    birth_date: dt.date | None
    birth_place: str | None
    comune: str | None
    aliases: list[str]
    documents: int
    pages: int
    services: list[ServiceCount]


class PlaceSaid(BaseModel):
    """Where the paper lies."""

    place: str | None
    shelf: str | None
    box: str | None
    folder: str | None


class PaperSaid(BaseModel):
    """A document of the dossier."""

    id: str
    date: dt.date | None = Field(description="null when the day is not known")
    date_words: str = Field(description="the date in Italian words, which say what is not known")
    year: int | None = Field(description="of the date or, failing that, of the protocol")
    type: str | None
    type_name: str | None
    service: str | None
    protocol: str | None
    pages: int
    place: PlaceSaid
    in_other_dossiers: int = Field(description="how many other persons' dossiers it is in")
    others: list[str] = Field(description="ids of those of them whom the caller may be told of")


class PapersSaid(BaseModel):
    """A stretch of the documents, the oldest first, those without any year last."""

    total: int
    documents: list[PaperSaid]


class ReasonAsked(BaseModel):
    """Why a document or a person's papers are opened."""

    subject: str = Field(max_length=40, description="id of the document or the person")
    purpose: Purpose
    note: str = Field(default="", max_length=LONGEST_NOTE, description="stays in the catalog; the ledger has a digest")


class ReasonSaid(BaseModel):
    """A reason that holds now."""

    id: str
    subject: str
    purpose: Purpose
    until: dt.datetime


class JobSaid(BaseModel):
    """An export as it stands."""

    id: str
    state: JobState
    done: int = Field(description="documents copied")
    total: int = Field(description="documents in all; 0 before the work begins")
    error: str | None


@router.get("/persons/{person}")
def person(caller: _Reader, person: _PersonId) -> PersonSaid:
    """A person, with counts of what the caller may see. It is on record as an opening of the dossier."""
    opened = open_dossier(caller, person)
    note_view(caller, opened, None, 0)
    who = opened.person
    return PersonSaid(
        id=who.id,
        surname=who.surname,
        name=who.name,
        cf=who.cf,
        birth_date=who.birth_date,
        birth_place=who.birth_place,
        comune=who.residence,
        aliases=list(who.aliases),
        documents=len(opened.papers),
        pages=pages_of(opened.papers),
        services=[ServiceCount(code=code, documents=count) for code, count in opened.services],
    )


@router.get("/persons/{person}/documents")
def documents(
    caller: _Reader,
    person: _PersonId,
    service: _Service = None,
    year: Annotated[int | None, Query(ge=1, le=9999)] = None,
    type: Annotated[str | None, Query(max_length=60, description="code of the type")] = None,  # noqa: A002  the API's word
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> PapersSaid:
    """The documents of a person. It is on record as an opening of the dossier."""
    opened = open_dossier(caller, person)
    papers = opened.narrowed(service, year, type)
    shown = papers[offset : offset + limit]
    note_view(caller, opened, service, len(shown))
    named = co_named(caller, opened, shown)
    said = [
        _paper(paper, len(paper.co_holders(opened.person)), [one.id for one in named.get(paper.document.id, ())])
        for paper in shown
    ]
    return PapersSaid(total=len(papers), documents=said)


@router.post("/reasons", status_code=201)
def reason(caller: _Reader, asked: ReasonAsked) -> ReasonSaid:
    """Says why a document or a person's papers of reinforced sensitivity are opened; it holds for eight hours."""
    given = give_reason(caller, asked.subject, asked.purpose, asked.note)
    return ReasonSaid(id=given.id, subject=given.subject, purpose=given.purpose, until=given.until)


@router.post("/persons/{person}/export", status_code=202)
def export(caller: _Exporter, person: _PersonId, service: _Service = None) -> JobSaid:
    """Begins to make one PDF of the dossier, or of the papers of a service."""
    return _job(start_export(caller, open_dossier(caller, person), service))


@router.get("/persons/{person}/export/{job}")
def progress(caller: _Exporter, person: _PersonId, job: _JobId) -> JobSaid:
    """How far an export is."""
    return _job(export_job(caller, person, job))


@router.get("/persons/{person}/export/{job}/result", response_class=FileResponse)
def result(caller: _Exporter, person: _PersonId, job: _JobId) -> FileResponse:
    """The PDF, for an hour after it is done."""
    path, name = exported_file(caller, open_dossier(caller, person), job)
    return FileResponse(path, media_type="application/pdf", headers={"Content-Disposition": disposition(name)})


def _paper(paper: Paper, others: int, named: list[str]) -> PaperSaid:
    shown, place = paper.shown, paper.place
    return PaperSaid(
        id=paper.document.id,
        date=shown.date,
        date_words=date_words(paper)[0],
        year=paper.year,
        type=shown.type,
        type_name=shown.type_name,
        service=shown.service,
        protocol=shown.protocol_number,
        pages=paper.pages,
        place=PlaceSaid(place=place.place, shelf=place.shelf, box=place.box, folder=place.folder),
        in_other_dossiers=others,
        others=named,
    )


def _job(job: Job) -> JobSaid:
    error = job.error.message if job.error is not None else None
    return JobSaid(id=job.id, state=job.state, done=job.done, total=job.total, error=error)
