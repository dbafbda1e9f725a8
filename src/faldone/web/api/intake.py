"""The API of what comes in: batches, quarantine, files handed in, sheets to print."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, SecretStr

from faldone.catalog.records import Batch
from faldone.domain.account import Ability
from faldone.domain.batch import BatchFacts, Despite, Exclusion, Gap, PageFate
from faldone.domain.digest import Digest
from faldone.domain.ids import PageId
from faldone.domain.reasons import Reason
from faldone.pipeline.intake.batch_view import left_out
from faldone.pipeline.intake.batches import BatchReport, Judgement, count_batch
from faldone.pipeline.intake.print_sheets import MOST_SHEETS
from faldone.pipeline.intake.quarantine import quarantine, retry_class, retry_own
from faldone.pipeline.intake.rights import seen_batch, sees
from faldone.pipeline.intake.unlock import unlock
from faldone.web.caller import Caller
from faldone.web.intake_seen import (
    access_of,
    agent_of,
    close_own,
    describe_own,
    exclude_own,
    judge_own,
    open_own,
)
from faldone.web.lanes import at_length
from faldone.web.pages.intake_desk import sheets
from faldone.web.rules import Requires
from faldone.web.uploading import inboxes_of, receive

router = APIRouter(tags=["intake"])

Taker = Annotated[Caller, Depends(Requires(Ability.INTAKE))]
Code = Annotated[str, Path(min_length=1, max_length=200, description="the batch's code or id")]
Scan = Annotated[str, Path(pattern=r"^p-[0-9a-f]{16}-[0-9]{1,6}$", description="id of a page that came in")]
Text = Annotated[str | None, Field(max_length=200)]

_PAGES: Final = 1_000


class Facts(BaseModel):
    """What people say of a batch."""

    service: Text = Field(default=None, description="the service that all papers belong to, by its code")
    comune: Text = Field(default=None, description="the comune whose office scans")
    box: Text = None
    folder: Text = None
    shelf: Text = None
    place: Text = Field(default=None, description="where the paper stands")
    operator: Text = Field(default=None, description="who scans")
    scanner: Text = None
    settings: Text = Field(default=None, description="settings of the scanner")
    sheets: int | None = Field(default=None, ge=1, le=999_999, description="sheets of paper that were fed")
    sides: int | None = Field(default=None, ge=1, le=2, description="sides of each that are scanned")


class NewBatch(BaseModel):
    """A batch to be opened."""

    code: str = Field(min_length=1, max_length=100, description="what people call it; no slash, no dot in front")
    inbox: int | None = Field(default=None, ge=0, le=999, description="number of the inbox; none: any")
    facts: Facts = Facts()


class Closing(BaseModel):
    """How a batch is closed."""

    despite: Despite | None = Field(default=None, description="why it is closed although something does not add up")


class BatchSaid(BaseModel):
    """A batch."""

    id: str
    code: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    facts: Facts


class ShortfallSaid(BaseModel):
    """One thing that stands against closing."""

    gap: Gap
    where: str
    it: str
    en: str


class LeftOutSaid(BaseModel):
    """A file or a page that did not come in."""

    id: str
    where: str
    reason: Reason | None = Field(description="why it did not come in")
    because: Exclusion | None = Field(description="why it never will; null: nobody said so, and it is a gap")


class BatchCounted(BatchSaid):
    """A batch, counted to the unit."""

    pages: dict[PageFate, int] = Field(description="pages that came, by what became of them")
    pages_in: int = Field(description="how many pages came: the sum of `pages`")
    judged: dict[Judgement, int] = Field(
        description="bad scans of which a person said that they will do, or came again"
    )
    left_out: list[LeftOutSaid] = Field(description="files and pages that did not come in")
    complete: bool
    shortfalls: list[ShortfallSaid]
    despite: Despite | None = Field(description="why it was closed although something did not add up")


class Judging(BaseModel):
    """What is said of a bad scan."""

    judgement: Judgement | None = Field(description="it will do, or its sheet was fed again; null takes it back")


class Excluding(BaseModel):
    """What is said of a page or a file that did not come in."""

    what: str = Field(
        pattern=r"^(p-[0-9a-f]{16}-[0-9]{1,6}|i-[0-9a-f]{12})$", description="an id of `left_out`, or of a page"
    )
    because: Exclusion | None = Field(description="why it never comes in; null takes it back")


class StoppedSaid(BaseModel):
    """A file, or a page of it, in quarantine."""

    file: str
    batch: str = Field(description="id of the batch")
    source: str | None = Field(description="digest of the file; none: it was refused and is still in its inbox")
    page: str | None = Field(description="id of the page; none: the whole file")
    index: int | None = Field(description="0-based place of the page in the file")


class StoppedClassSaid(BaseModel):
    """What is in quarantine for one reason."""

    reason: Reason
    it: str
    en: str
    count: int
    some: list[StoppedSaid] = Field(description="the newest of them")


class Retry(BaseModel):
    """What is to be tried again: a class, or one file or page."""

    reason: Reason | None = None
    source: str | None = Field(default=None, pattern=r"^sha256:[0-9a-f]{64}$")
    page: str | None = Field(default=None, pattern=r"^p-[0-9a-f]{16}-[0-9]{1,6}$")
    otherwise: bool = Field(default=False, description="Pages with the other settings of recognition alone")


class Retried(BaseModel):
    """How many files and pages are on their way again."""

    count: int


class Unlocking(BaseModel):
    """A PDF in quarantine, and the password that opens it."""

    source: str = Field(pattern=r"^sha256:[0-9a-f]{64}$", description="digest of the file")
    password: SecretStr = Field(min_length=1, max_length=200, description="kept nowhere")


class HandedInSaid(BaseModel):
    """A file that was handed in."""

    name: str
    stored: str | None = Field(description="its name in the inbox; none: it was refused")
    size: int
    it: str | None = Field(description="why it was refused")
    en: str | None = None


class SheetsWanted(BaseModel):
    """Sheets to print: covers for persons, or so many separators."""

    persons: list[Annotated[str, Field(max_length=50)]] = Field(
        default=[], max_length=MOST_SHEETS, description="ids of persons, or codici fiscali"
    )
    service: Annotated[str | None, Field(max_length=50)] = Field(
        default=None, description="code of the dossier's service"
    )
    separators: int = Field(default=0, ge=0, le=MOST_SHEETS)
    batch: Annotated[str | None, Field(max_length=200)] = Field(default=None, description="where they must come back")


@router.get("/batches")
def list_batches(
    caller: Taker,
    limit: Annotated[int, Query(ge=1, le=_PAGES)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> list[BatchSaid]:
    """Batches, the last opened first; those that may not be seen are left out of each ``limit``."""
    access = access_of(caller)
    found = caller.site.ports.catalog.newest_batches(limit, offset)
    return [_said(batch) for batch in found if sees(batch, access)]


@router.get("/batches/{code}")
def show_batch(caller: Taker, code: Code) -> BatchCounted:
    """A batch, counted to the unit, with what stands against closing it."""
    batch = seen_batch(code, access_of(caller), caller.site.ports)
    return _counted(count_batch(batch, caller.site.ports), caller)


@router.post("/batches", status_code=201)
def open_batch(caller: Taker, new: NewBatch) -> BatchSaid:
    """Opens a batch: until it is closed, loose files of the inbox belong to it."""
    return _said(open_own(new.code, new.inbox, _facts(new.facts), caller))


@router.put("/batches/{code}/facts")
def describe_batch(caller: Taker, code: Code, facts: Facts) -> BatchSaid:
    """Puts what is said of a batch in the place of what was said before."""
    batch = seen_batch(code, access_of(caller), caller.site.ports)
    return _said(describe_own(batch, _facts(facts), caller))


@router.post("/batches/{code}/close")
def close_batch(caller: Taker, code: Code, closing: Closing) -> BatchCounted:
    """Closes a batch that adds up, or one that does not for a reason that goes on record (409 without)."""
    batch = seen_batch(code, access_of(caller), caller.site.ports)
    return _counted(close_own(batch, closing.despite, caller), caller)


@router.post("/scans/{page}/judgement")
def judge(caller: Taker, page: Scan, said: Judging) -> BatchCounted:
    """Says of a bad scan that it will do, or that its sheet was fed again; its batch, counted anew."""
    return _counted(count_batch(judge_own(PageId(page), said.judgement, caller), caller.site.ports), caller)


@router.post("/batches/{code}/exclusions")
def exclude(caller: Taker, code: Code, said: Excluding) -> BatchCounted:
    """Says of a page or a file that it never comes in; the batch, counted anew. 409: it came in, or is under way."""
    batch = seen_batch(code, access_of(caller), caller.site.ports)
    exclude_own(batch, said.what, said.because, caller)
    return _counted(count_batch(batch, caller.site.ports), caller)


@router.get("/quarantine")
def list_quarantine(
    caller: Taker,
    limit: Annotated[int, Query(ge=1, le=_PAGES)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> list[StoppedClassSaid]:
    """What was taken out of the flow, by reason; of each reason ``limit`` things from the ``offset``-th on."""
    return [
        StoppedClassSaid(
            reason=one.reason,
            it=one.reason.italian,
            en=one.reason.english,
            count=one.count,
            some=[
                StoppedSaid(
                    file=thing.path,
                    batch=thing.batch,
                    source=str(thing.source) if thing.source is not None else None,
                    page=thing.page,
                    index=thing.index,
                )
                for thing in one.some
            ],
        )
        for one in quarantine(access_of(caller), caller.site.ports, limit, offset)
    ]


@router.post("/quarantine/retry")
@at_length
def retry(caller: Taker, what: Retry) -> Retried:
    """Sends what is in quarantine on its way again."""
    access, ports, agent = access_of(caller), caller.site.ports, agent_of(caller)
    count = 0
    if what.reason is not None:
        count += retry_class(what.reason, access, ports, agent, otherwise=what.otherwise)
    if what.source is not None:
        count += retry_own(Digest.parse(what.source), access, ports, agent)
    if what.page is not None:
        count += retry_own(PageId(what.page), access, ports, agent, otherwise=what.otherwise)
    return Retried(count=count)


@router.post("/quarantine/unlock")
@at_length
def unlock_file(caller: Taker, said: Unlocking) -> Retried:
    """Opens a PDF that wants a password: what it holds is taken in, the file stays sealed as it came."""
    password = said.password.get_secret_value()
    unlock(Digest.parse(said.source), password, access_of(caller), caller.site.ports, agent_of(caller))
    return Retried(count=1)


@router.post(
    "/upload",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "inbox": {"type": "string", "description": "number of the inbox; stands before the files"},
                            "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        },
                        "required": ["file"],
                    }
                }
            },
        }
    },
)
async def upload(request: Request, caller: Taker) -> list[HandedInSaid]:
    """Takes files into an inbox, each written as it comes; a refused one says why, the others arrive."""
    site = caller.site
    inboxes = inboxes_of(site.options.inboxes, access_of(caller))
    handed = await receive(request, inboxes, caller.account.name, site.ports)
    return [
        HandedInSaid(
            name=one.name,
            stored=one.stored,
            size=one.size,
            it=one.why[0] if one.why is not None else None,
            en=one.why[1] if one.why is not None else None,
        )
        for one in handed
    ]


@router.post("/sheets", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
@at_length
def print_sheets(caller: Taker, wanted: SheetsWanted) -> Response:
    """Covers or separators as a PDF to print; each is on record before it is on paper."""
    ids = [one for one in wanted.persons if one.startswith("u-")]
    codes = [one for one in wanted.persons if not one.startswith("u-")]
    return sheets(ids, codes, wanted.service, wanted.separators, wanted.batch or "", caller)


def _facts(said: Facts) -> BatchFacts:
    return BatchFacts(**said.model_dump())


def _said(batch: Batch) -> BatchSaid:
    return BatchSaid(
        id=batch.id,
        code=batch.code,
        opened_at=batch.opened_at,
        closed_at=batch.closed_at,
        facts=Facts.model_construct(
            **{name: getattr(batch.facts, name) for name in Facts.model_fields},
        ),
    )


def _counted(report: BatchReport, caller: Caller) -> BatchCounted:
    account = report.account
    return BatchCounted(
        **_said(report.batch).model_dump(),
        pages={fate: account.count(fate) for fate in PageFate},
        pages_in=len(account.pages),
        judged={one: report.count_judged(one) for one in Judgement},
        left_out=[
            LeftOutSaid(id=one.id, where=one.where, reason=one.reason, because=one.because)
            for one in left_out(report, caller.site.ports.catalog.batch_contents(report.batch.id))
        ],
        despite=report.despite,
        complete=not report.shortfalls,
        shortfalls=[
            ShortfallSaid(gap=one.gap, where=one.where, it=one.gap.italian, en=one.gap.english)
            for one in report.shortfalls
        ],
    )
