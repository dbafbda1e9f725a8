"""The API of the search: the same answers as the page's, with pages, words in their place, and boxes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from faldone.catalog.records import SavedSearch
from faldone.domain.attribution import Role
from faldone.domain.ids import DocumentId, PersonId
from faldone.errors import NotFoundError
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.asking import LONGEST, Question, Reply, facet_labels, initials, kept_text, why
from faldone.pipeline.search.dossier import PersonCard
from faldone.pipeline.search.find import Found
from faldone.pipeline.search.searches import delete_search, save_search
from faldone.search.index import Facet
from faldone.search.query import Query, Sort, write
from faldone.web.asking import Searcher, ask_as, beyond, is_closed, kept_by, like_as, place
from faldone.web.caller import NOT_FOUND, Caller

router = APIRouter(tags=["search"])

Value = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
_MOST_SHOWN = 100
_ID = r"^[a-z]-[0-9a-f]{1,32}$"


class Search(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid")

    q: Text = Field(description="What is searched for, as it is typed into the box of the page.")
    filters: dict[Facet, Annotated[list[Value], Field(max_length=20)]] = Field(
        default_factory=dict,
        max_length=len(Facet),
        description="Values of facets; a document has one of those of each.",
    )
    sort: Sort | None = Field(None, description="The order; without it, that of the text, else by relevance.")
    after: Annotated[str, StringConstraints(max_length=500)] | None = Field(
        None, description="The cursor of an earlier answer to the same question: goes on behind it."
    )
    limit: int = Field(20, ge=1, le=_MOST_SHOWN, description="Documents at most.")


class FacetValue(BaseModel):
    """A value by which an answer can be narrowed."""

    value: str = Field(description="What goes into `filters`.")
    label: str = Field(description="What people call it.")
    count: int = Field(description="Documents that have it; reinforced ones are not counted before they are opened.")


class PersonFound(BaseModel):
    """A person whom the question may be about; all counts are of documents that may be seen."""

    id: str | None = Field(description="The id on record; none for somebody who stands on papers alone.")
    name: str
    cf: str | None
    birth_date: dt.date | None
    comune: str | None
    documents: int
    services: list[FacetValue]
    years: tuple[int, int] | None = Field(description="Of the first and the last document that have a date.")
    namesakes: bool = Field(description="Whether another person here has the same name.")


class PageFound(BaseModel):
    """A page on which the question stands."""

    page: int = Field(description="Its number in the document, from 1.")
    snippet: str = Field(description="A stretch of its text, matched words between « and ».")
    boxes: list[tuple[int, int, int, int]] = Field(description="Of the matched words: x, y, width, height in pixels.")
    width: int = Field(description="Of the page's image, in pixels: what the boxes are relative to.")
    height: int


class DocumentFound(BaseModel):
    """A document that answers. Of a closed one nothing is told before a reason is given for opening it."""

    id: str
    closed: bool
    pages: int | None = None
    type: str | None = None
    type_name: str | None = None
    service: str | None = None
    service_name: str | None = None
    date: dt.date | None = None
    protocol: str | None = None
    holders: list[str] = Field(default=[], description="Whose dossiers it is in.")
    comune: str | None = None
    box: str | None = Field(default=None, description="The box that the paper lies in.")
    band: str | None = None
    why: list[str] = Field(
        default=[], description="By what it answers: name, code, protocol, type, service, date, text."
    )
    hits: list[PageFound] = Field(default=[], description="The best pages, at most three.")


class ReadAsOther(BaseModel):
    """A word that was not found as typed."""

    typed: str
    found: list[str]


class SearchAnswer(BaseModel):
    """What a question finds, of what may be seen alone."""

    total: int = Field(description="Documents that match.")
    closed: int = Field(
        description="How many of them are reinforced: found by a name, a code or a protocol alone, behind all others, "
        "and not in the counts of `facets`."
    )
    relaxed: bool = Field(description="No document has all the words; these have most of them.")
    read_as: list[ReadAsOther]
    begun: list[str] = Field(description="Words that no document has: those that begin so were found.")
    suggestions: list[str] = Field(description="What may have been meant, to be asked again.")
    persons: list[PersonFound]
    documents: list[DocumentFound]
    facets: dict[Facet, list[FacetValue]]
    after: str | None = Field(description="The cursor behind the last document; none at the end.")
    text: str = Field(description="The question with its filters, as it can be kept or typed again.")


class Like(BaseModel):
    """Documents that are like another."""

    documents: list[DocumentFound]


class Kept(BaseModel):
    """A search that the account keeps."""

    id: str
    name: str
    text: str
    at: dt.datetime


class Keep(BaseModel):
    """A search to be kept; one of the same name is replaced."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    text: Text


@router.post("/search", summary="Searches persons and documents")
def search(caller: Searcher, asked: Search) -> SearchAnswer:
    """Finds documents and the persons they may be about; the question stays out of addresses and of the ledger."""
    after, offset = place(asked.after or "")
    question = Question(
        asked.q,
        {facet: tuple(values) for facet, values in asked.filters.items() if values},
        asked.sort,
        after=after,
        offset=offset,
        limit=asked.limit,
    )
    told = ask_as(caller, question, tuple(Facet), "search", aside=not asked.after)
    return _answer(told, question, caller)


@router.get("/documents/{document_id}/similar", summary="Documents like one")
def similar(caller: Searcher, document_id: Annotated[str, Path(pattern=_ID)]) -> Like:
    """The documents that share the rarest words with one; names do not count."""
    document = caller.document(DocumentId(document_id))
    return Like(documents=[_document(one, None, caller) for one in like_as(caller, document)])


@router.get("/searches", summary="Kept searches")
def kept(caller: Searcher) -> list[Kept]:
    """The searches that the account keeps."""
    return [_kept(one) for one in kept_by(caller)]


@router.post("/searches", status_code=201, summary="Keeps a search")
def keep(caller: Searcher, given: Keep) -> Kept:
    """Keeps a search under a name."""
    return _kept(save_search(given.name, given.text, caller.account.name, caller.site.ports))


@router.delete("/searches/{search_id}", status_code=204, summary="Keeps a search no longer")
def forget(caller: Searcher, search_id: Annotated[str, Path(pattern=_ID)]) -> None:
    """Deletes a kept search of the account."""
    for one in kept_by(caller):
        if one.id == search_id:
            delete_search(one.name, caller.account.name, caller.site.ports)
            return
    raise NotFoundError(NOT_FOUND)


def _answer(told: Reply, question: Question, caller: Caller) -> SearchAnswer:
    ports = caller.site.ports
    return SearchAnswer(
        total=told.answer.total,
        closed=told.closed,
        relaxed=told.answer.relaxed,
        read_as=[ReadAsOther(typed=one.typed, found=list(one.found)) for one in told.read_as],
        begun=list(told.query.begun),
        suggestions=[write(one.query) for one in told.meant],
        persons=[_person(card, ports) for card in told.cards],
        documents=[_document(one, told.query, caller) for one in told.answer.found],
        facets={
            facet: _values(facet, {one.value: one.count for one in all_}, ports) for facet, all_ in told.facets.items()
        },
        after=beyond(caller, told),
        text=kept_text(question, told.query),
    )


def _values(facet: Facet, counts: dict[str, int], ports: Ports) -> list[FacetValue]:
    labels = facet_labels(facet, list(counts), ports)
    return [FacetValue(value=one, label=labels.get(one, one), count=count) for one, count in counts.items()]


def _person(card: PersonCard, ports: Ports) -> PersonFound:
    return PersonFound(
        id=card.id,
        name=card.name,
        cf=card.cf,
        birth_date=card.birth_date,
        comune=card.comune,
        documents=card.documents,
        services=_values(Facet.SERVICE, {one.value: one.count for one in card.services}, ports),
        years=card.years,
        namesakes=card.namesakes,
    )


def _document(found: Found, query: Query | None, caller: Caller) -> DocumentFound:
    if is_closed(caller, found):
        return DocumentFound(id=found.document.id, closed=True)
    record = found.record
    return DocumentFound(
        id=found.document.id,
        closed=False,
        pages=record.last_page - record.first_page + 1,
        type=record.type,
        type_name=record.type_name,
        service=record.service,
        service_name=record.service_name,
        date=record.date,
        protocol=record.protocol_number,
        holders=[_named(one.name, PersonId(one.id or ""), caller) for one in record.persons if one.role is Role.HOLDER],
        comune=record.comune,
        box=record.box,
        band=record.band.value if record.band is not None else None,
        why=list(why(query, found)) if query is not None else [],
        hits=[
            PageFound(
                page=one.index - record.first_page + 1,
                snippet=one.snippet,
                boxes=[(box.x, box.y, box.width, box.height) for box in one.boxes],
                width=found.sizes[one.index][0],
                height=found.sizes[one.index][1],
            )
            for one in found.pages
        ],
    )


def _named(name: str, person: PersonId, caller: Caller) -> str:
    return name if caller.pinned in (None, person) else initials(name)


def _kept(search: SavedSearch) -> Kept:
    return Kept(id=search.id, name=search.name, text=search.text, at=search.at)
