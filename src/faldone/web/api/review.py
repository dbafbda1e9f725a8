"""The review over the API: what waits, what is asked of one document, and the decisions of `faldone review`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from faldone.catalog.records import Document
from faldone.domain.account import Ability
from faldone.domain.decision import Settled
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PersonId
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.bench import Bench, Draft, bench_of
from faldone.pipeline.review.boundaries import merge, split
from faldone.pipeline.review.group import MOST_TOGETHER, may_group
from faldone.pipeline.review.order_pages import order_pages
from faldone.pipeline.review.queue import Order
from faldone.pipeline.review.settle import assign, undo
from faldone.pipeline.review.typed import past_day
from faldone.pipeline.review.whereabouts import whereabouts
from faldone.web.caller import Caller
from faldone.web.lanes import at_length
from faldone.web.review_form import known_service, known_type, protocol
from faldone.web.reviewing import Backlog, backlog, demand_nobody_beside, room_of
from faldone.web.rules import Requires

router = APIRouter(prefix="/review", tags=["review"])

Reviewer = Annotated[Caller, Depends(Requires(Ability.REVIEW))]
DocumentPath = Annotated[str, Path(max_length=40, description="Id of the document")]

_Version = Annotated[
    int, Field(ge=1, le=1_000_000_000, description="Version of the proposal that was looked at; another refuses (409)")
]


class WaitingItem(BaseModel):
    """A document that waits."""

    id: str
    version: int
    question: str = Field(description="The same on all documents that one answer settles")
    together: int = Field(description="How many documents that you may see ask the same, this one included")
    held: bool = Field(description="Little or nothing could be read")


class WaitingList(BaseModel):
    """What waits, as far as you may see it."""

    count: int = Field(description="All that waits; not only what is listed here")
    reason_needed: int = Field(description="Reinforced documents that are opened with a reason only; part of no list")
    items: list[WaitingItem]


class OptionView(BaseModel):
    """One answer to what is asked."""

    key: str
    title: str
    facts: str
    why: str
    proofs: list[str] = Field(description="What the paper says, with the page")
    ready: bool


class ReviewItem(BaseModel):
    """What is asked of a document."""

    id: str
    version: int
    doubts: list[str] = Field(description="What is asked, in order; empty when the document is filed")
    options: list[OptionView] = Field(description="Answers to the first doubt, likeliest first")
    selected: str | None = Field(description="The answer to accept when nothing speaks against it")
    stop: str | None = Field(description="Why no answer may be taken for granted")
    notes: list[str]
    sure: dict[str, str] = Field(description="Values that nobody doubts")
    together: int


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: _Version


class AcceptBody(_Body):
    """All that is proposed is right."""

    together: bool = Field(False, description="The same answer for the others that ask the same, fifty at most")


class AssignBody(AcceptBody):
    """What is said is so, and the rest of the proposal is right."""

    holders: list[Annotated[str, Field(max_length=40)]] | None = Field(
        None, max_length=20, description="Ids of persons on record; an empty list: nobody's paper"
    )
    type: str | None = Field(None, max_length=80)
    service: str | None = Field(None, max_length=80)
    date: dt.date | None = None
    protocol: str | None = Field(None, max_length=60, description="1234, 1234/2014 or 1234/2014-03-12")


class SplitBody(_Body):
    """Another document starts on a page of this one."""

    page: int = Field(ge=2, le=100_000, description="Page of the document, from 1; the first cannot be meant")


class MergeBody(_Body):
    """The document goes with the one before it in its file."""


class OrderBody(_Body):
    """The pages are read in another order."""

    pages: list[Annotated[int, Field(ge=1, le=100_000)]] = Field(
        min_length=1,
        max_length=100_000,
        description="Every page of the document once, by its number in the scan, in the order in which they are read",
    )


class UndoBody(_Body):
    """The last word on the document is taken back."""

    together: bool = Field(False, description="Also what you decided at the same stroke")


class DoneView(BaseModel):
    """What came of a decision."""

    documents: list[str] = Field(description="The documents that it is about")
    reconsidered: int = Field(description="Files that are looked at again because of it")
    waiting: list[str] = Field(description="Those of them that wait for a person now")
    filed: list[str] = Field(description="Those of them that are filed now, by a decision or by themselves")


@router.get("", summary="What waits, most useful first")
def list_waiting(
    request: Request,
    caller: Reviewer,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(max_length=40, description="Id of the last document of the page before")] = None,
    order: Order = Order.USEFUL,
) -> WaitingList:
    """Documents that wait, of which you may see each."""
    waiting = _backlog(request, caller, order)
    start = 0
    if after is not None:
        start = next((place for place, item in enumerate(waiting.items, 1) if item.document == after), 0)
        if not start:
            raise NotFoundError("Nessun documento con questo id aspetta. / No document of this id waits.")
    items = [
        WaitingItem(
            id=item.document, version=item.version, question=item.question, together=item.together, held=item.held
        )
        for item in waiting.items[start : start + limit]
    ]
    return WaitingList(count=len(waiting.items), reason_needed=len(waiting.closed), items=items)


@router.get("/{document}", summary="What is asked of a document")
def show_waiting(request: Request, caller: Reviewer, document: DocumentPath) -> ReviewItem:
    """The first doubt with its answers, and what is sure."""
    demand_nobody_beside(caller)
    found = caller.document(DocumentId(document))
    caller.record(EventType.DOCUMENT_VIEWED, found.id)
    bench = bench_of(found, Draft(), caller.site.ports)
    item = _backlog(request, caller).item(found.id)
    return _view(bench, item.together if item is not None else 1)


@router.post("/{document}/accept", summary="All that is proposed is right")
@at_length
def accept_document(request: Request, caller: Reviewer, document: DocumentPath, body: AcceptBody) -> DoneView:
    """The document is filed as it is proposed, and never changes by itself again."""
    return _settle(request, caller, document, Settled(), body)


@router.post("/{document}/assign", summary="Correct, and file")
@at_length
def assign_document(request: Request, caller: Reviewer, document: DocumentPath, body: AssignBody) -> DoneView:
    """What is said replaces what is proposed; the rest is right."""
    ports = caller.site.ports
    holders = None
    if body.holders is not None:
        holders = tuple(dict.fromkeys(map(PersonId, body.holders)))
        if len(ports.catalog.persons_with(holders)) < len(holders):
            raise NotFoundError("La persona non è in archivio. / The person is not on record.")
    said = Settled(
        holders,
        known_type(body.type or "", ports),
        known_service(body.service or "", ports),
        past_day(body.date, ports.clock().astimezone().date()) if body.date is not None else None,
        protocol(body.protocol or ""),
    )
    return _settle(request, caller, document, said, body)


@router.post("/{document}/split", summary="Another document starts on this page")
def split_document(request: Request, caller: Reviewer, document: DocumentPath, body: SplitBody) -> DoneView:
    """The scan is not touched; both halves are proposed anew."""
    demand_nobody_beside(caller)
    found = caller.document(DocumentId(document))
    split(found.id, found.span.start + body.page - 1, caller.account.name, caller.site.ports, version=body.version)
    room_of(caller.site).queue.forget()
    return _now_in_file(found, caller)


@router.post("/{document}/merge", summary="Join the document to the one before")
def merge_document(request: Request, caller: Reviewer, document: DocumentPath, body: MergeBody) -> DoneView:
    """The pages go with the document before; its values are proposed anew."""
    demand_nobody_beside(caller)
    ports = caller.site.ports
    found = caller.document(DocumentId(document))
    before = [one for one in ports.catalog.documents(found.source) if one.span.start < found.span.start]
    if before:
        caller.document(before[-1].id)
    merge(found.id, caller.account.name, ports, version=body.version)
    room_of(caller.site).queue.forget()
    return _now_in_file(found, caller)


@router.post("/{document}/order", summary="Put the pages in order")
def order_document(request: Request, caller: Reviewer, document: DocumentPath, body: OrderBody) -> DoneView:
    """The scan is not touched, and its pages keep their numbers. Taken back by the order that was."""
    demand_nobody_beside(caller)
    found = caller.document(DocumentId(document))
    order_pages(found.id, body.pages, caller.account.name, caller.site.ports, version=body.version)
    room_of(caller.site).queue.forget()
    return _done([found.id], caller.site.ports)


@router.post("/{document}/undo", summary="Take the last word back")
@at_length
def undo_document(request: Request, caller: Reviewer, document: DocumentPath, body: UndoBody) -> DoneView:
    """The decision on the document, or else the last correction of boundaries in its file, if it is yours."""
    demand_nobody_beside(caller)
    ports = caller.site.ports
    found = caller.document(DocumentId(document))
    standing = ports.catalog.decisions(found.source).get(found.id)
    own = standing is not None and standing.by == caller.account.name
    if body.together and not own:
        raise UndecidableError(
            "Insieme si annulla solo quel che si è deciso da sé. / Only one's own decisions are taken back together."
        )
    done = undo(found.id, caller.account.name, ports, together=body.together, version=body.version)
    room_of(caller.site).queue.forget()
    return _done(done.documents, ports, done.reconsidered)


def _backlog(request: Request, caller: Caller, order: Order = Order.USEFUL) -> Backlog:
    demand_nobody_beside(caller)
    return backlog(caller, room_of(caller.site), order)


def _settle(request: Request, caller: Caller, document: str, said: Settled, body: AcceptBody) -> DoneView:
    demand_nobody_beside(caller)
    ports = caller.site.ports
    found = caller.document(DocumentId(document))
    among: dict[DocumentId, int] | None = None
    if body.together:
        waiting = _backlog(request, caller)
        item = waiting.item(found.id)
        if item is None or not may_group(bench_of(found, Draft(), ports), item):
            raise UndecidableError(
                "Questo documento si decide da solo: gli altri potrebbero essere di un'altra persona. / "
                "This document is decided by itself: the others may be somebody else's."
            )
        same = [one for one in waiting.items if one.question == item.question and not one.held]
        among = {one.document: one.version for one in same[:MOST_TOGETHER]}
    done = assign(
        found.id,
        said,
        caller.account.name,
        ports,
        together=body.together,
        among=among,
        version=body.version,
    )
    room_of(caller.site).queue.settled(done.documents)
    return _done(done.documents, ports, done.reconsidered)


def _done(documents: Sequence[DocumentId], ports: Ports, reconsidered: int = 0) -> DoneView:
    now = whereabouts(documents, ports)
    return DoneView(
        documents=list(documents),
        reconsidered=reconsidered,
        waiting=[one.id for one in now.waiting],
        filed=[one.id for one in now.filed],
    )


def _now_in_file(found: Document, caller: Caller) -> DoneView:
    """The documents on the pages that this one had, those of them that may be seen."""
    now = caller.site.ports.catalog.documents(found.source)
    touched = [one for one in now if set(one.span) & set(found.span)]
    return _done([one.id for one in caller.documents(touched)], caller.site.ports)


def _view(bench: Bench, together: int) -> ReviewItem:
    first = bench.document.span.start
    return ReviewItem(
        id=bench.document.id,
        version=bench.document.version,
        doubts=[doubt.value for doubt in bench.doubts],
        options=[
            OptionView(
                key=option.key,
                title=option.title[0],
                facts=option.facts,
                why=option.why[0],
                proofs=[f"p. {mark.page - first + 1} «{mark.quote}»" for mark in option.proofs],
                ready=option.ready,
            )
            for option in bench.options
        ],
        selected=bench.options[bench.selected].key if bench.selected is not None else None,
        stop=bench.why_not[0] if bench.why_not is not None else None,
        notes=[note[0] for note in bench.notes],
        sure={value.name[0]: value.value[0] for value in bench.sure},
        together=together,
    )
