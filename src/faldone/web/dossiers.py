"""A dossier as a caller opens it: what the pages and the API do alike, and what of it goes on record."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from faldone.classify.normalise import name_words
from faldone.domain.access import Access, Sensitivity
from faldone.domain.account import GivenReason
from faldone.domain.events import EventType, Outcome
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.errors import NotFoundError
from faldone.pipeline.accounts.access_reasons import in_force
from faldone.pipeline.papers.dossier_export import export_dossier
from faldone.pipeline.papers.dossier_papers import Paper, pages_of, permitted_papers
from faldone.pipeline.search.dossier import has_papers
from faldone.web.caller import NOT_FOUND, Caller, ReasonNeededError
from faldone.web.jobs import Desk, Job, Jobs, JobState, Made
from faldone.web.site import Site

EXPORT: Final = "dossier-export"
"""The kind of the jobs that make a PDF of a dossier."""

_ID = re.compile(r"u-[0-9a-f]{12}", re.ASCII)
_OTHERS: Final = 20
"""So many namesakes are looked at: more are a name that tells nothing."""


@dataclass(frozen=True, slots=True)
class OpenDossier:
    """A dossier that its caller may see, all papers of it; ``reason`` is why, where one was given."""

    person: Person
    papers: tuple[Paper, ...]
    reason: GivenReason | None

    @property
    def services(self) -> tuple[tuple[str | None, int], ...]:
        """The services that have papers in it, those with the most first; None where none is known."""
        return tuple(Counter(paper.shown.service for paper in self.papers).most_common())

    def narrowed(self, service: str | None, year: int | None = None, kind: str | None = None) -> tuple[Paper, ...]:
        """The papers of a service, a year and a type, where these are given."""
        return tuple(
            paper
            for paper in self.papers
            if (service is None or paper.shown.service == service)
            and (year is None or paper.year == year)
            and (kind is None or paper.shown.type == kind)
        )


@dataclass(frozen=True, slots=True)
class Copied:
    """What the job of an export leaves: the papers that are in the file, and counts."""

    papers: frozenset[DocumentId]
    documents: int
    pages: int
    missing: int
    copy: str


def open_dossier(caller: Caller, person: str) -> OpenDossier:
    """The dossier of a person, nothing of which is shown before a reason is given where one is owed.

    One paper of reinforced sensitivity makes a reinforced dossier: a count, or the name of a service, tells already.

    Raises:
        NotFoundError: nobody has this id, or nothing of the dossier may be seen: which of the two is not told.
        ReasonNeededError: somebody has to say first why it is opened.
    """
    if not _ID.fullmatch(person):
        raise NotFoundError(NOT_FOUND)  # it is no id, and may be a name: it goes on no record
    record = caller.person(PersonId(person))
    papers = permitted_papers(record, caller.access_to(record.id), caller.site.ports)
    if not papers:
        caller.record(EventType.ACCESS_REFUSED, record.id, outcome=Outcome.FAILURE, rule="person")
        raise NotFoundError(NOT_FOUND)
    reason = in_force(caller.reasons, (record.id, *record.absorbed))
    if reason is None and any(paper.reinforced for paper in papers):
        caller.record(EventType.ACCESS_REFUSED, record.id, outcome=Outcome.WARNING, rule="reason")
        raise ReasonNeededError(record.id)
    if caller.pinned is not None:
        # Who sits there is shown nothing that may be somebody else's.
        papers = tuple(paper for paper in papers if not paper.doubted)
    return OpenDossier(record, papers, reason)


def note_view(caller: Caller, dossier: OpenDossier, service: str | None, shown: int) -> None:
    """Puts on record that the dossier is opened, before it is shown; a service that it has not goes on no record."""
    reason = dossier.reason
    known = service if service in dict(dossier.services) else None
    caller.record(
        EventType.DOSSIER_VIEWED,
        dossier.person.id,
        service=known,
        shown=shown,
        reason=reason.id if reason is not None else None,
        purpose=reason.purpose.value if reason is not None else None,
        counter=caller.pinned,
    )


def may_name(caller: Caller, person: PersonId) -> bool:
    """Whether a person may be named in passing: the caller could open the dossier as things stand."""
    access = caller.access_to(person)
    if in_force(caller.reasons, (person,)) is None:
        access = _reserved(access)
    return has_papers(person, access, caller.site.ports)


def co_named(caller: Caller, dossier: OpenDossier, papers: tuple[Paper, ...]) -> dict[DocumentId, tuple[Person, ...]]:
    """For the papers that are in somebody else's dossier too, those of these persons whom the caller may be told of."""
    others = {paper.document.id: paper.co_holders(dossier.person) for paper in papers}
    named = {person for persons in others.values() for person in persons if _named(caller, person)}
    records = caller.site.ports.catalog.persons_with(named)
    return {
        document: tuple(records[person] for person in persons if person in records)
        for document, persons in others.items()
        if persons
    }


def namesakes(caller: Caller, person: Person) -> tuple[Person, ...]:
    """Others of the same name whose dossier the caller may open; nobody at the counter."""
    if caller.pinned is not None:
        return ()
    match = caller.site.ports.register().by_name(name_words(f"{person.surname} {person.name}"))
    if match.partial:
        return ()
    own = {person.id, *person.absorbed}
    return tuple(one for one in match.persons[:_OTHERS] if one.id not in own and may_name(caller, one.id))


def jobs_of(site: Site) -> Jobs:
    """The jobs of a running site."""
    return site.part(Jobs, lambda made: Jobs(made.options.home / "work-web" / "jobs", made.ports.clock))


def start_export(caller: Caller, dossier: OpenDossier, service: str | None) -> Job:
    """Begins to make a PDF of the dossier, or of the papers of a service, for the caller alone.

    Raises:
        NotFoundError: there is no such paper.
        UnavailableError: too many jobs wait.
    """
    papers = dossier.narrowed(service)
    if not papers:
        raise NotFoundError(NOT_FOUND)
    work = partial(
        _export,
        person=dossier.person,
        papers=papers,
        account=caller.account.name,
        service=service,
        purpose=dossier.reason.purpose.value if dossier.reason is not None else None,
        site=caller.site,
    )
    return jobs_of(caller.site).start(caller.account.name, EXPORT, _subject(dossier.person, service), work)


def export_job(caller: Caller, person: str, job: str) -> Job:
    """An export of this person's dossier that the caller asked for: counts alone, to be asked every second.

    Raises:
        NotFoundError: there is none with this id.
    """
    found = jobs_of(caller.site).get(job, caller.account.name, EXPORT)
    if found.subject.partition(":")[0] != person or caller.pinned not in (None, person):
        raise NotFoundError(NOT_FOUND)
    return found


def exported_file(caller: Caller, dossier: OpenDossier, job: str) -> tuple[Path, str]:
    """The file of an export and the name that it is delivered by; that it is fetched is on record before it is.

    Raises:
        NotFoundError: it is not ready, or holds a paper that the caller may not see any more.
    """
    made = export_job(caller, dossier.person.id, job).made
    now = {paper.document.id for paper in dossier.papers}
    if made is None or made.file is None or not isinstance(made.value, Copied) or not made.value.papers <= now:
        raise NotFoundError(NOT_FOUND)
    caller.record(
        EventType.DOCUMENT_DOWNLOADED,
        dossier.person.id,
        form="dossier-pdf",
        copy=made.value.copy,
        documents=made.value.documents,
    )
    return made.file, made.file_name


def is_ready(job: Job) -> bool:
    """Whether there is a file to be fetched."""
    return job.state is JobState.DONE


def _export(
    desk: Desk,
    *,
    person: Person,
    papers: tuple[Paper, ...],
    account: str,
    service: str | None,
    purpose: str | None,
    site: Site,
) -> Made:
    target = desk.folder / "dossier.pdf"
    made = export_dossier(
        person, papers, target, account, site.ports, service=service, purpose=purpose, progress=desk.progress
    )
    ids = frozenset(paper.document.id for paper in papers)
    said = Copied(ids, made.documents, pages_of(papers), made.missing, str(made.digest))
    return Made(target, f"fascicolo-{person.id}.pdf", "application/pdf", said)


def _named(caller: Caller, person: PersonId) -> bool:
    return caller.pinned is None and may_name(caller, person)


def _reserved(access: Access) -> Access:
    """The access without what is opened with a reason alone."""
    return replace(access, sensitivity=min(access.sensitivity, Sensitivity.GIUDIZIARI))


def _subject(person: Person, service: str | None) -> str:
    return f"{person.id}:{service or ''}"
