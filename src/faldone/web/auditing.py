"""What the auditor's pages and calls share: what they are asked by, what they may show, how a report is delivered."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from fastapi.responses import Response
from pydantic import BeforeValidator, Field, StringConstraints

from faldone.domain.account import Ability, Purpose
from faldone.domain.events import EventType, user_agent
from faldone.domain.ids import DocumentId, PersonId
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.access_report import AccessQuestion
from faldone.pipeline.audit_reports import MOST_ROWS
from faldone.pipeline.report_files import Report, Seal, report_csv, report_pdf
from faldone.pipeline.story import Story, account_story
from faldone.pipeline.verification import ARCHIVE, Verification, verify_archive
from faldone.web.caller import NOT_FOUND, Caller
from faldone.web.dossiers import jobs_of, may_name
from faldone.web.jobs import Desk, Job, Made
from faldone.web.rules import Requires

Auditor = Annotated[Caller, Depends(Requires(Ability.AUDIT))]

EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2199, 12, 31)


def _none_when_empty(value: object) -> object:
    return None if value == "" else value


_Empty = BeforeValidator(_none_when_empty)

Id = Annotated[str, Path(max_length=60, pattern=r"^[A-Za-z0-9-]+$", description="un identificativo · an id")]
Code = Annotated[str, Path(max_length=100, pattern=r"^[^\x00/]+$", description="codice o id · code or id")]
Name = Annotated[str, Path(max_length=100, pattern=r"^[^\x00/]+$", description="nome dell'account · account name")]
RunId = Annotated[str, Path(max_length=60, pattern=r"^[A-Za-z0-9_-]+$", description="una verifica · a run")]
After = Annotated[int, Query(ge=0, le=2**53, description="dopo l'evento · after this event")]
Form = Annotated[Literal["csv", "pdf"], Query(description="forma · form")]
Day = Annotated[Annotated[dt.date, Field(ge=EARLIEST, le=LATEST)] | None, _Empty, Query()]
AnyId = Annotated[Annotated[str, StringConstraints(max_length=60, pattern=r"^[A-Za-z0-9-]+$")] | None, _Empty, Query()]
AnyName = Annotated[Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]+$")] | None, _Empty, Query()]
AnyPurpose = Annotated[Purpose | None, _Empty, Query()]

VERIFICATION = "verification"
"""The kind of the jobs that verify."""


def start_of(day: dt.date | None) -> dt.datetime | None:
    """The midnight with which a day begins where the office is."""
    return dt.datetime.combine(day, dt.time.min).astimezone() if day is not None else None


def end_of(day: dt.date | None) -> dt.datetime | None:
    """The midnight with which a day ends where the office is."""
    return start_of(day + dt.timedelta(days=1)) if day is not None else None


def access_question(
    persona: AnyId = None,
    documento: AnyId = None,
    operatore: AnyName = None,
    dal: Day = None,
    al: Day = None,
    motivo: AnyPurpose = None,
) -> AccessQuestion:
    """Which looks an address asks for; both days are included."""
    return AccessQuestion(
        person=PersonId(persona) if persona is not None else None,
        document=DocumentId(documento) if documento is not None else None,
        account=operatore,
        since=start_of(dal),
        until=end_of(al),
        purpose=motivo,
    )


AskedAccess = Annotated[AccessQuestion, Depends(access_question)]


def about(question: AccessQuestion, caller: Caller) -> str:
    """What of the ledger is read, for the ledger: the person, document or account that is known, else all of it."""
    catalog = caller.site.ports.catalog
    if question.person is not None and question.person in catalog.persons_with([question.person]):
        return question.person
    if question.document is not None and question.document in catalog.documents_with([question.document]):
        return question.document
    if question.account is not None and catalog.events_by(user_agent(question.account), limit=1):
        return question.account
    return ARCHIVE  # what was typed may be a name, and the ledger holds none


def file_part(id_: str) -> str:
    """An id as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", id_)


def demand_few(rows: int) -> None:
    """Raises UndecidableError when there are more rows than one report holds."""
    if rows > MOST_ROWS:
        raise UndecidableError("Troppe righe: restringi il periodo. / Too many rows: narrow the period.")


def known_person(person: str, caller: Caller) -> PersonId:
    """The id of a person on record.

    Raises:
        NotFoundError: nobody has it.
    """
    record = caller.site.ports.catalog.persons_with([PersonId(person)]).get(PersonId(person))
    if record is None:
        raise NotFoundError(NOT_FOUND)
    return PersonId(person)


def story_of_account(
    name: str, caller: Caller, since: dt.datetime | None, until: dt.datetime | None, after: int, limit: int
) -> Story:
    """What an account did, one line more than ``limit`` when there is more.

    Raises:
        NotFoundError: there is no such account, and the ledger knows of none.
    """
    ports = caller.site.ports
    told = account_story(name, ports, since=since, until=until, after=after, limit=limit + 1)
    if not told.lines and not account_story(name, ports, limit=1).lines:
        ports.catalog.account(name)
    return told


def person_name(person: PersonId, caller: Caller) -> str | None:
    """What the person is called, for who could open the dossier as things stand; None for everybody else."""
    if not caller.may(Ability.SEARCH) or not may_name(caller, person):
        return None
    record = caller.site.ports.catalog.persons_with([person]).get(person)
    return record.display_name if record is not None else None


def document_title(document: DocumentId, caller: Caller) -> str | None:
    """Type and date of a document, for who may open it; None for everybody else."""
    if not caller.may(Ability.SEARCH):
        return None
    found = caller.site.ports.catalog.documents_with([document]).get(document)
    if found is None or not caller.documents([found]):
        return None
    types, proposal = caller.site.ports.lexicon.types, found.proposal
    code = proposal.type.value if proposal.type is not None else ""
    name = types[code].name if code in types else code
    date = f"{proposal.date.value:%d/%m/%Y}" if proposal.date is not None else ""
    return " · ".join(part for part in (name, date) if part) or None


def delivered(report: Report, form: Literal["csv", "pdf"], subject: str, caller: Caller) -> Response:
    """A report as a file; that it leaves is on record before it does."""
    ports = caller.site.ports
    seal = Seal(caller.account.name, ports.clock(), ports.catalog.ledger_tail())
    made = report_csv(report) if form == "csv" else report_pdf(report, seal)
    caller.record(EventType.REPORT_EXPORTED, subject, report=report.name, form=form, rows=len(report.rows))
    media = "text/csv; charset=utf-8" if form == "csv" else "application/pdf"
    disposition = f'attachment; filename="{report.name}.{form}"'
    return Response(made, media_type=media, headers={"Content-Disposition": disposition})


def start_verification(caller: Caller) -> Job:
    """Begins to verify the archive, or gives the run that this account has under way.

    Raises:
        BusyError: too much is under way.
    """
    ports, account = caller.site.ports, caller.account.name

    def work(desk: Desk) -> Made:
        return Made(value=verify_archive(account, ports, desk.progress))

    return jobs_of(caller.site).start(account, VERIFICATION, ARCHIVE, work)


def verification(run: str, caller: Caller) -> Job:
    """A run of this account. Raises NotFoundError."""
    return jobs_of(caller.site).get(run, caller.account.name, VERIFICATION)


def result_of(job: Job) -> Verification | None:
    """What a run found; None as long as it has found nothing yet, or when it broke off."""
    made = job.made.value if job.made is not None else None
    return made if isinstance(made, Verification) else None
