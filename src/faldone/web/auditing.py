"""What the auditor's pages and calls share: what they are asked by, what they may show, how a report is delivered."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from fastapi.responses import Response
from pydantic import BeforeValidator, Field, StringConstraints

from faldone.domain.account import Ability, Purpose
from faldone.domain.events import EventType, user_agent
from faldone.domain.ids import DocumentId, PersonId
from faldone.errors import FaldoneError, NotFoundError, UnavailableError, UndecidableError
from faldone.pipeline.audit.access_report import AccessQuestion
from faldone.pipeline.audit.report_files import Report, Seal, report_csv, report_pdf
from faldone.pipeline.audit.reports import MOST_ROWS
from faldone.pipeline.audit.story import Story, Tells, account_story
from faldone.pipeline.audit.verification import ARCHIVE, Progress, verify_archive
from faldone.pipeline.audit.verification_runs import Record, Run, Runs, demand_unfinished
from faldone.web.caller import NOT_FOUND, Caller
from faldone.web.dossiers import jobs_of, may_name
from faldone.web.jobs import Desk, Job, JobState, Made
from faldone.web.rules import Requires


def _nobody_beside(caller: Annotated[Caller, Depends(Requires(Ability.AUDIT))]) -> Caller:
    """Who asks, unless somebody sits at the counter: the ledger tells of others.

    Raises:
        UndecidableError: a person is pinned.
    """
    if caller.pinned is not None:
        raise UndecidableError(
            "In modalità sportello il registro è chiuso: parla anche di altre persone. / "
            "In counter mode the ledger is closed: it tells of other persons too.",
            hint="Rilascia la persona, poi riprova. / Release the person, then try again.",
        )
    return caller


Auditor = Annotated[Caller, Depends(_nobody_beside)]

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
    *,
    miniature: bool = False,
) -> AccessQuestion:
    """Which looks an address asks for; both days are included."""
    return AccessQuestion(
        person=PersonId(persona) if persona is not None else None,
        document=DocumentId(documento) if documento is not None else None,
        account=operatore,
        since=start_of(dal),
        until=end_of(al),
        purpose=motivo,
        thumbnails=miniature,
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


def openable(caller: Caller) -> Tells:
    """Of which documents the caller is told as what they are filed: those that they might open at this moment.

    Reading the ledger is no right to papers: the rule is that of the papers themselves, with the reason that some owe.
    """

    def tells(documents: Collection[DocumentId]) -> Collection[DocumentId]:
        if not caller.may(Ability.SEARCH):
            return ()
        found = caller.site.ports.catalog.documents_with(documents)
        return frozenset(one.id for one in caller.documents(list(found.values())))

    return tells


def story_of_account(
    name: str, caller: Caller, since: dt.datetime | None, until: dt.datetime | None, after: int, limit: int
) -> Story:
    """What an account did, one line more than ``limit`` when there is more.

    Raises:
        NotFoundError: there is no such account, and the ledger knows of none.
    """
    ports = caller.site.ports
    tells = openable(caller)
    told = account_story(name, ports, since=since, until=until, after=after, limit=limit + 1, tells=tells)
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


@dataclass(frozen=True, slots=True)
class Proof:
    """A verification as it stands: what was written of it, and the job under way, if there is one."""

    run: Run
    job: Job | None

    @property
    def id(self) -> str:
        """Its id."""
        return self.run.id

    @property
    def state(self) -> JobState:
        """How far it is; one that nothing works at any more, and that has no result, was broken off."""
        if self.run.result is not None:
            return JobState.DONE
        if self.job is None or self.job.state is JobState.DONE:
            return JobState.STOPPED
        return self.job.state

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it, unless it is resumed."""
        return self.state in (JobState.DONE, JobState.FAILED, JobState.STOPPED)

    @property
    def done(self) -> int:
        """Events and files that were read again."""
        return max(self.run.done, self.job.done) if self.job is not None else self.run.done

    @property
    def total(self) -> int:
        """Events and files in all; 0 if not known yet."""
        return max(self.run.total, self.job.total) if self.job is not None else self.run.total

    @property
    def error(self) -> FaldoneError | None:
        """Why it broke off, where that is known."""
        return self.job.error if self.job is not None else None


def start_verification(caller: Caller) -> Proof:
    """Begins to verify the archive, or gives the run that this account has under way.

    Raises:
        UnavailableError: too much is under way, or its state cannot be written.
    """
    for proof in verifications(caller):
        if not proof.ended:
            return proof
    runs = _runs(caller)
    run = runs.begin(caller.account.name, caller.site.ports.clock())
    try:
        return _work_at(run, caller, resumed=False)
    except UnavailableError:
        runs.forget(run)
        raise


def resume_verification(run: str, caller: Caller) -> Proof:
    """Goes on with a run that broke off, from what it had proved; one that is under way stays as it is.

    Raises:
        NotFoundError: this account has no such run.
        UndecidableError: it has ended.
        UnavailableError: too much is under way.
    """
    proof = verification(run, caller)
    demand_unfinished(proof.run)
    return proof if not proof.ended else _work_at(proof.run, caller, resumed=True)


def _work_at(run: Run, caller: Caller, *, resumed: bool) -> Proof:
    ports, agent, runs = caller.site.ports, user_agent(caller.account.name), _runs(caller)

    def work(desk: Desk) -> Made:
        record = Record(run, runs)

        def tell(progress: Progress) -> None:
            record.step(progress, ports.clock())
            desk.progress(progress.done, progress.total)

        try:
            since = run.proved if resumed else None
            record.end(verify_archive(agent, ports, tell, since=since, begun=run.begun_at))
        except BaseException:
            record.write()
            raise
        return Made()

    job = jobs_of(caller.site).start(run.account, VERIFICATION, ARCHIVE, work, run.id)
    if job.id != run.id and not resumed:
        runs.forget(run)  # another was begun at the same moment
    return verification(job.id, caller)


def verification(run: str, caller: Caller) -> Proof:
    """A run of this account. Raises NotFoundError."""
    job = _jobs(caller).get(run)  # first: what it writes when it ends is then not missed
    return Proof(_runs(caller).get(run, caller.account.name), job)


def verifications(caller: Caller) -> tuple[Proof, ...]:
    """The runs of this account that are kept, the newest first."""
    jobs = _jobs(caller)
    return tuple(Proof(run, jobs.get(run.id)) for run in _runs(caller).of(caller.account.name))


def stop_verification(run: str, caller: Caller) -> None:
    """Breaks a run off; what it has proved is kept. Raises NotFoundError."""
    if verification(run, caller).job is not None:
        jobs_of(caller.site).stop(run, caller.account.name)


def _jobs(caller: Caller) -> dict[str, Job]:
    return {job.id: job for job in jobs_of(caller.site).of(caller.account.name, VERIFICATION)}


def _runs(caller: Caller) -> Runs:
    return Runs(caller.site.options.home / "work-web" / "verifications")
