"""The register of persons from a CSV file: repeatable, and every line that cannot be used is named."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from faldone.catalog.catalog import ImportReport
from faldone.classify.codice_fiscale import is_valid
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.ids import new_person_id
from faldone.domain.person import Person
from faldone.errors import UnreadableFileError
from faldone.pipeline.ports import Ports

_REQUIRED = ("cognome", "nome")
_KNOWN = (*_REQUIRED, "codice_fiscale", "data_nascita", "luogo_nascita", "comune_residenza", "alias")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line of the file (1-based, the header is line 1) that was left out, and why."""

    line: int
    italian: str
    english: str


@dataclass(frozen=True, slots=True)
class PersonsImport:
    """What an import did; ``reconsidered`` files go through attribution again with the new register."""

    report: ImportReport
    rejected: tuple[Rejected, ...]
    reconsidered: int


def import_persons(stream: TextIO, ports: Ports) -> PersonsImport:
    """Adds and updates persons from ``codice_fiscale,cognome,nome,data_nascita,luogo_nascita,comune_residenza``.

    Only ``cognome`` and ``nome`` must be filled in; ``alias`` holds further full names between semicolons; other
    columns are kept. The separator may be a comma, a semicolon or a tab. Dates are ISO or ``gg/mm/aaaa``.

    Raises:
        UnreadableFileError: the file has no header with the required columns.
    """
    rejected: list[Rejected] = []
    persons: list[Person] = []
    for line, row in _rows(stream):
        found = _person(line, row)
        if isinstance(found, Rejected):
            rejected.append(found)
        else:
            persons.append(found)
    with ports.catalog.begin() as work:
        report = work.save_persons(persons)
        reconsidered = work.reconsider() if report.added or report.changed else 0
        work.record(
            Event(
                type=EventType.PERSONS_IMPORTED,
                subject="register",
                at=ports.clock(),
                agent=AGENT,
                detail={
                    "added": report.added,
                    "changed": report.changed,
                    "unchanged": report.unchanged,
                    "rejected": len(rejected),
                    "register": str(report.register),
                },
            )
        )
    return PersonsImport(report, tuple(rejected), reconsidered)


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
    return Person(
        id=new_person_id(),
        surname=surname,
        name=name,
        cf=cf,
        birth_date=birth_date,
        birth_place=row.get("luogo_nascita") or None,
        residence=row.get("comune_residenza") or None,
        aliases=tuple(alias.strip() for alias in row.get("alias", "").split(";") if alias.strip()),
        extra=tuple((column, value) for column, value in row.items() if column not in _KNOWN and value),
    )


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    if "/" in text:
        day, month, year = (int(part) for part in text.split("/"))
        return dt.date(year, month, day)
    return dt.date.fromisoformat(text)
