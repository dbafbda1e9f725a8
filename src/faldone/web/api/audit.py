"""Verifica for programs: stories, who saw what, and verifications of the whole archive. Ids alone, never a name."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId
from faldone.pipeline.audit.access_report import AccessPage, access_page
from faldone.pipeline.audit.story import Line, Story, batch_story, document_story, person_story
from faldone.pipeline.audit.telling.words import Pair
from faldone.pipeline.audit.verification import Verification
from faldone.pipeline.intake.batches import count_batch
from faldone.pipeline.intake.words import FATES
from faldone.web import auditing as the
from faldone.web.lanes import AtLength

router = APIRouter(tags=["audit"], route_class=AtLength)

_MOST: Final = 1_000

Thumbnails = Annotated[bool, Query(description="anche le miniature mandate · the thumbnails that were sent, too")]
Limit = Annotated[int, Query(ge=1, le=_MOST, description="quante righe al più · how many rows at most")]


class Sentence(BaseModel):
    """The same in two languages."""

    it: str = Field(description="in italiano · in Italian")
    en: str = Field(description="in inglese · in English")


class StoryLine(BaseModel):
    """An entry of the ledger as a sentence."""

    sequence: int = Field(description="il suo numero nel registro · its number in the ledger")
    at: dt.datetime | None = Field(description="quando; null se l'ora è stata alterata · when; null if it was altered")
    type: str = Field(description="il tipo di evento · the type of event")
    subject: str = Field(description="che cosa riguarda · what it is about")
    account: str | None = Field(description="l'operatore, se è stato uno · the account, if one did it")
    agent: Sentence = Field(description="chi l'ha fatto · who did it")
    outcome: str = Field(description="success, warning, failure")
    sentence: Sentence = Field(description="che cosa è successo · what happened")
    digest: str | None = Field(description="l'impronta di cui risponde, se detta · the digest it vouches for, if told")
    hash: str = Field(description="l'impronta dell'evento stesso · the entry's own hash")
    withheld: bool = Field(description="se la frase tace intestatario, tipo e servizio · whether filing is withheld")
    shown: str | None = Field(description="di pagine: seen, o delivered se solo consegnata · of pages: delivered only")


class TypeCount(BaseModel):
    """Events of a type, counted where there are too many to tell."""

    type: str = Field(description="il tipo di evento · the type of event")
    count: int = Field(description="quanti · how many")


class StoryAnswer(BaseModel):
    """What happened to a thing, and who looked at it."""

    lines: list[StoryLine] = Field(description="che cosa è successo · what happened")
    readings: list[StoryLine] = Field(description="chi l'ha visto · who looked at it")
    counted: list[TypeCount] = Field(description="eventi solo contati · events that are only counted")


class BatchAnswer(StoryAnswer):
    """The same of a batch, with its count."""

    batch: str = Field(description="l'identificativo del lotto · the batch's id")
    closed: bool = Field(description="se è chiuso · whether it is closed")
    pages: dict[str, int] = Field(description="pagine per sorte · pages by fate")
    gaps: int = Field(description="cose che non tornano · things that do not add up")


class AccountAnswer(BaseModel):
    """What an account did."""

    lines: list[StoryLine] = Field(description="gli eventi in ordine · the events in order")
    after: int | None = Field(description="da dove continua; null alla fine · where it goes on; null at the end")


class AccessLine(BaseModel):
    """One look at something."""

    sequence: int = Field(description="il numero dell'evento · the number of the event")
    at: dt.datetime | None = Field(description="quando · when")
    account: str = Field(description="chi · who")
    type: str = Field(description="il tipo di evento · the type of event")
    subject: str = Field(description="l'oggetto dell'evento · the subject of the event")
    document: str | None = Field(description="il documento · the document")
    page: int | None = Field(description="la pagina del file, da 1 · the page of the file, from 1")
    person: str | None = Field(description="la persona · the person")
    shown: str | None = Field(description="seen, o delivered se solo consegnata · seen, or delivered only")
    purpose: str | None = Field(description="il motivo in vigore · the purpose in force")
    outcome: str = Field(description="success, warning, failure")
    rule: str | None = Field(description="che cosa si opponeva, se rifiutato · what stood against it, if refused")
    thumbnail: bool = Field(description="se è solo una miniatura mandata · whether only a thumbnail was sent")
    hash: str = Field(description="l'impronta dell'evento · the entry's hash")


class AccessAnswer(BaseModel):
    """Who saw what, and why."""

    rows: list[AccessLine] = Field(description="gli accessi in ordine · the accesses in order")
    after: int | None = Field(description="da dove continua; null alla fine · where it goes on; null at the end")
    left_out: int = Field(description="miniature lasciate fuori tra queste righe · thumbnails left out between them")


class FindingAnswer(BaseModel):
    """One thing that is not as it was."""

    object: str = Field(description="che cosa · which object")
    message: Sentence = Field(description="che cosa non torna · what is wrong with it")


class VerificationResult(BaseModel):
    """What a verification found."""

    holds: bool = Field(description="se nulla è cambiato · whether nothing has changed")
    sentence: Sentence = Field(description="l'esito in parole · the result in words")
    entries: int = Field(description="eventi riletti · entries read again")
    head: str = Field(description="la testa del registro · the head of the ledger")
    files: int = Field(description="file sigillati riletti · sealed files read again")
    findings: list[FindingAnswer] = Field(description="tutto quel che non torna · all that is wrong")
    recorded: bool = Field(description="se l'esito è nel registro · whether the result stands on the ledger")
    begun_at: dt.datetime = Field(description="quando è cominciata · when it was begun")
    ended_at: dt.datetime = Field(description="quando è finita · when it ended")


class VerificationAnswer(BaseModel):
    """A verification as it stands."""

    id: str = Field(description="l'identificativo · its id")
    state: str = Field(description="waiting, running, done, failed, stopped")
    done: int = Field(description="eventi e file riletti · events and files read again")
    total: int = Field(description="quanti in tutto; 0 se non si sa ancora · how many in all; 0 if not known yet")
    proved: int = Field(description="l'ultimo evento provato, come scritto di recente · the last event proved")
    result: VerificationResult | None = Field(description="l'esito, quando c'è · the result, when there is one")


@router.get("/audit/documents/{document_id}")
def document(caller: the.Auditor, document_id: the.Id) -> StoryAnswer:
    """La storia di un documento · the story of a document."""
    told = document_story(DocumentId(document_id), caller.site.ports, the.openable(caller))
    caller.record(EventType.LEDGER_READ, document_id)
    return _story(told)


@router.get("/audit/batches/{code}")
def batch(caller: the.Auditor, code: the.Code) -> BatchAnswer:
    """La storia di un lotto e il suo conto · the story of a batch, and its count."""
    ports = caller.site.ports
    found = ports.catalog.batch(code)
    told, counted = _story(batch_story(found, ports)), count_batch(found, ports)
    caller.record(EventType.LEDGER_READ, found.id)
    return BatchAnswer(
        lines=told.lines,
        readings=told.readings,
        counted=told.counted,
        batch=found.id,
        closed=found.closed_at is not None,
        pages={fate.value: counted.account.count(fate) for fate in FATES},
        gaps=len(counted.shortfalls),
    )


@router.get("/audit/persons/{person_id}")
def person(caller: the.Auditor, person_id: the.Id) -> StoryAnswer:
    """La storia di una persona, senza il nome · the story of a person, without the name."""
    known = the.known_person(person_id, caller)
    told = person_story(known, caller.site.ports, the.openable(caller))
    caller.record(EventType.LEDGER_READ, known)
    return _story(told)


@router.get("/audit/accounts/{name}")
def account(
    caller: the.Auditor,
    name: the.Name,
    since: the.Day = None,
    until: the.Day = None,
    after: the.After = 0,
    limit: Limit = 200,
) -> AccountAnswer:
    """Che cosa ha fatto un operatore · what an account did."""
    told = the.story_of_account(name, caller, the.start_of(since), the.end_of(until), after, limit)
    caller.record(EventType.LEDGER_READ, name)
    lines = [_line(line) for line in told.lines[:limit]]
    return AccountAnswer(lines=lines, after=lines[-1].sequence if len(told.lines) > limit else None)


@router.get("/audit/access")
def access(
    caller: the.Auditor,
    person: the.AnyId = None,
    document: the.AnyId = None,
    account: the.AnyName = None,
    since: the.Day = None,
    until: the.Day = None,
    purpose: the.AnyPurpose = None,
    *,
    thumbnails: Thumbnails = True,
    after: the.After = 0,
    limit: Limit = 200,
) -> AccessAnswer:
    """Chi ha visto che cosa, e perché · who saw what, and why."""
    question = the.access_question(person, document, account, since, until, purpose, miniature=thumbnails)
    found = access_page(question, caller.site.ports, after=after, limit=limit)
    caller.record(EventType.LEDGER_READ, the.about(question, caller), rows=len(found.rows))
    return _accesses(found)


@router.post("/audit/verifications", status_code=202)
def verify(caller: the.Auditor) -> VerificationAnswer:
    """Comincia una verifica, o dice quella in corso · begins a verification, or tells the one under way."""
    return _verification(the.start_verification(caller))


@router.get("/audit/verifications/{run}")
def verification(caller: the.Auditor, run: the.RunId) -> VerificationAnswer:
    """Una verifica di questo operatore · a verification of this account."""
    return _verification(the.verification(run, caller))


@router.post("/audit/verifications/{run}/resume", status_code=202)
def resume(caller: the.Auditor, run: the.RunId) -> VerificationAnswer:
    """Riprende una verifica interrotta · goes on with a verification that broke off."""
    return _verification(the.resume_verification(run, caller))


def _both(pair: Pair) -> Sentence:
    return Sentence(it=pair.italian, en=pair.english)


def _line(line: Line) -> StoryLine:
    return StoryLine(
        sequence=line.sequence,
        at=line.at,
        type=line.type,
        subject=line.subject,
        account=line.account,
        agent=_both(line.agent),
        outcome=line.outcome,
        sentence=_both(line.sentence),
        digest=line.digest,
        hash=line.hash,
        withheld=line.withheld,
        shown=line.shown.value if line.shown is not None else None,
    )


def _story(told: Story) -> StoryAnswer:
    return StoryAnswer(
        lines=[_line(line) for line in told.lines],
        readings=[_line(line) for line in told.readings],
        counted=[TypeCount(type=one.type, count=one.count) for one in told.counted],
    )


def _accesses(found: AccessPage) -> AccessAnswer:
    rows = [
        AccessLine(
            sequence=row.sequence,
            at=row.at,
            account=row.account,
            type=row.type,
            subject=row.subject,
            document=row.document,
            page=row.page,
            person=row.person,
            shown=row.shown.value if row.shown is not None else None,
            purpose=row.purpose,
            outcome=row.outcome,
            rule=row.rule,
            thumbnail=row.thumbnail,
            hash=row.hash,
        )
        for row in found.rows
    ]
    return AccessAnswer(rows=rows, after=found.after, left_out=found.left_out)


def _verification(proof: the.Proof) -> VerificationAnswer:
    made, proved = proof.run.result, proof.run.proved
    return VerificationAnswer(
        id=proof.id,
        state=proof.state.value,
        done=proof.done,
        total=proof.total,
        proved=proved.entries,
        result=_result(made) if made is not None else None,
    )


def _result(made: Verification) -> VerificationResult:
    report = made.report
    return VerificationResult(
        holds=made.holds,
        sentence=_both(made.sentence),
        entries=report.entries,
        head=report.head,
        files=report.files,
        findings=[
            FindingAnswer(object=one.object, message=Sentence(it=one.italian, en=one.english))
            for one in report.findings
        ],
        recorded=made.recorded,
        begun_at=made.begun_at,
        ended_at=made.ended_at,
    )
