"""The register of persons from a CSV file: repeatable, and every line is accounted for."""

from __future__ import annotations

import csv
import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TextIO

from faldone.catalog.catalog import Work
from faldone.catalog.records import Change, ImportReport, PersonChange
from faldone.classify.codice_fiscale import birth_dates, fits_name, is_valid
from faldone.classify.normalise import name_words
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.ids import PersonId, new_person_id
from faldone.domain.person import Person
from faldone.errors import UnreadableFileError
from faldone.pipeline.ports import Ports

_REQUIRED = ("cognome", "nome")
_KNOWN = (
    *_REQUIRED,
    "codice_fiscale",
    "data_nascita",
    "luogo_nascita",
    "comune_residenza",
    "cognome_coniugale",
    "alias",
)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line of the file (1-based, the header is line 1) that was left out, and why."""

    line: int
    italian: str
    english: str


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
    """What an import did; ``reconsidered`` files go through attribution again with the new register."""

    report: ImportReport
    rejected: int
    reconsidered: int


def import_persons(
    stream: TextIO,
    ports: Ports,
    *,
    agent: str = AGENT,
    dry_run: bool = False,
    tell: Callable[[Told], None] = lambda _: None,
) -> PersonsImport:
    """Adds and updates persons from ``codice_fiscale,cognome,nome,data_nascita,luogo_nascita,comune_residenza``.

    Only ``cognome`` and ``nome`` must be filled in; ``alias`` holds further full names between semicolons,
    ``cognome_coniugale`` a married surname; other columns are kept. The separator may be a comma, a semicolon or a
    tab. Dates are ISO or ``gg/mm/aaaa``.

    Args:
        stream: the file, read line by line.
        ports: the archive.
        agent: who does it, as the ledger names them.
        dry_run: tells what would change, and changes nothing.
        tell: told what becomes of every line, while nothing is settled yet.

    Raises:
        UnreadableFileError: the file has no header with the required columns.
    """
    try:
        with ports.catalog.begin() as work:
            done = _import(stream, work, ports, agent, tell)
            if dry_run:
                raise _OnlyTriedError(done)
    except _OnlyTriedError as tried:
        return tried.done
    return done


class _OnlyTriedError(Exception):
    """Rolls back what was only tried."""

    def __init__(self, done: PersonsImport) -> None:
        self.done = done


def _import(stream: TextIO, work: Work, ports: Ports, agent: str, tell: Callable[[Told], None]) -> PersonsImport:
    lines: deque[int] = deque()
    rejected = 0

    def reject(refused: Rejected) -> None:
        nonlocal rejected
        rejected += 1
        tell(Told(refused.line, None, "rejected", after=f"{refused.italian} / {refused.english}"))

    def persons() -> Iterator[Person]:
        for line, row in _rows(stream):
            found = _person(line, row)
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
    return PersonsImport(report, rejected, reconsidered)


def _rows(stream: TextIO) -> Iterator[tuple[int, dict[str, str]]]:
    header = stream.readline()
    delimiter = max(",;\t", key=header.count)
    names = [name.strip().lower().lstrip("\ufeff") for name in next(csv.reader([header], delimiter=delimiter), [])]
    if not set(_REQUIRED) <= set(names):
        raise UnreadableFileError(
            "Il file delle persone non ha le colonne «cognome» e «nome». / "
            "The file of persons lacks the columns “cognome” and “nome”.",
            hint=",".join(("codice_fiscale", *_REQUIRED, "data_nascita", "luogo_nascita", "comune_residenza")),
        )
    reader = csv.reader(stream, delimiter=delimiter)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
            yield reader.line_num + 1, row


def _person(line: int, row: dict[str, str]) -> Person | Rejected:
    surname, name = row.get("cognome", ""), row.get("nome", "")
    if not surname and not name:
        return Rejected(line, "mancano cognome e nome", "surname and name are missing")
    cf = row.get("codice_fiscale", "").upper().replace(" ", "") or None
    if cf is not None and not is_valid(cf):
        return Rejected(line, "il codice fiscale non è valido", "the codice fiscale is not valid")
    try:
        birth_date = _date(row.get("data_nascita", ""))
    except ValueError:
        return Rejected(line, "la data di nascita non si capisce", "the date of birth cannot be understood")
    if cf is not None and birth_date is not None and _is_somebody_else(cf, surname, name, birth_date):
        return Rejected(
            line, "nome e nascita non sono quelli del codice fiscale", "name and birth are not those of the code"
        )
    aliases = [alias.strip() for alias in row.get("alias", "").split(";") if alias.strip()]
    if row.get("cognome_coniugale"):
        aliases.append(f"{row['cognome_coniugale']} {name}".strip())
    return Person(
        id=new_person_id(),
        surname=surname,
        name=name,
        cf=cf,
        birth_date=birth_date,
        birth_place=row.get("luogo_nascita") or None,
        residence=row.get("comune_residenza") or None,
        aliases=tuple(dict.fromkeys(aliases)),
        extra=tuple((column, value) for column, value in row.items() if column not in _KNOWN and value),
    )


def _is_somebody_else(cf: str, surname: str, name: str, birth_date: dt.date) -> bool:
    """Whether a code says neither the name nor the day of birth beside it: a line slipped, or a code of another.

    One of them alone may be a birth that was corrected later, or a name as the family writes it.
    """
    words = (*name_words(surname), *name_words(name))
    return birth_date not in birth_dates(cf) and not fits_name(cf, words)


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    if "/" in text:
        day, month, year = (int(part) for part in text.split("/"))
        return dt.date(year, month, day)
    return dt.date.fromisoformat(text)
