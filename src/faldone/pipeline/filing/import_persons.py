"""The register of persons from the office's file: repeatable, and every line is accounted for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from faldone.catalog.catalog import Work
from faldone.catalog.records import Change, ImportReport, PersonChange
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from faldone.pipeline.filing.register_file import RegisterFile, Rejected, read_register
from faldone.pipeline.ports import Ports


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one line: of a person on record one of these for each field that changed.

    ``what`` is a :class:`Change` or ``rejected``; ``after`` is then the reason why.
    """

    line: int
    person: PersonId | None
    what: str
    field: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class PersonsImport:
    """What an import did; ``reconsidered`` files go through attribution again with the new register.

    ``understood`` are the columns that were taken for ours, ``kept`` those that are kept as they are.
    """

    understood: tuple[str, ...]
    kept: tuple[str, ...]
    report: ImportReport
    rejected: int
    reconsidered: int


def import_persons(
    data: bytes,
    ports: Ports,
    *,
    agent: str = AGENT,
    dry_run: bool = False,
    tell: Callable[[Told], None] = lambda _: None,
) -> PersonsImport:
    """Adds and updates the persons of a file that :func:`read_register` reads.

    Args:
        data: the bytes of the file.
        ports: the archive.
        agent: who does it, as the ledger names them.
        dry_run: tells what would change, and changes nothing.
        tell: told what becomes of every line, while nothing is settled yet.

    Raises:
        UnreadableFileError: the file is no table of text, or has no header with the required columns.
    """
    file = read_register(data)
    try:
        with ports.catalog.begin() as work:
            done = _import(file, work, ports, agent, tell)
            if dry_run:
                raise _OnlyTriedError(done)
    except _OnlyTriedError as tried:
        return tried.done
    return done


class _OnlyTriedError(Exception):
    """Rolls back what was only tried."""

    def __init__(self, done: PersonsImport) -> None:
        self.done = done


def _import(file: RegisterFile, work: Work, ports: Ports, agent: str, tell: Callable[[Told], None]) -> PersonsImport:
    lines: deque[int] = deque()
    rejected = 0

    def reject(refused: Rejected) -> None:
        nonlocal rejected
        rejected += 1
        tell(Told(refused.line, None, "rejected", after=f"{refused.italian} / {refused.english}"))

    def persons() -> Iterator[Person]:
        for line, found in file.persons:
            if isinstance(found, Rejected):
                reject(found)
            else:
                lines.append(line)
                yield found

    renewed: set[PersonId] = set()

    def on_change(change: PersonChange) -> None:
        line = lines.popleft()
        if change.fields:
            renewed.add(change.person)
        if change.what is Change.REFUSED:
            reject(
                Rejected(
                    line,
                    "più persone in anagrafe hanno questo nome e questa data di nascita, e manca il codice fiscale",
                    "several persons on record have this name and date of birth, and there is no code",
                )
            )
        elif change.fields:
            for field in change.fields:
                tell(Told(line, change.person, change.what.value, field.name, field.before, field.after))
        else:
            tell(Told(line, change.person, change.what.value))

    report = work.save_persons(persons(), on_change)
    reconsidered = work.reconsider() if report.added or report.changed else 0
    work.index_persons_again(renewed)
    for person in report.adopted:
        work.record(Event(EventType.PERSON_ADOPTED, person, ports.clock(), agent))
    work.record(
        Event(
            type=EventType.PERSONS_IMPORTED,
            subject="register",
            at=ports.clock(),
            agent=agent,
            detail={
                "added": report.added,
                "changed": report.changed,
                "unchanged": report.unchanged,
                "rejected": rejected,
                "register": str(report.register),
            },
        )
    )
    return PersonsImport(file.understood, file.kept, report, rejected, reconsidered)
