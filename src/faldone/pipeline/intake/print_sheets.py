"""Cover and separator sheets to lay between the papers: registered first, printed then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Final

from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.ids import BatchId, PersonId
from faldone.domain.person import Person
from faldone.domain.sheet import Sheet, SheetKind, make_sheets
from faldone.errors import ConfigError
from faldone.pipeline.ports import Ports
from faldone.sheets.code import qr_payload
from faldone.sheets.print import SheetLabel, print_sheets

MOST_SHEETS: Final = 500
"""Most sheets of one run: a ream, and a mistyped number is told before it is on record."""


def print_covers(
    persons: Sequence[Person],
    service: str | None,
    batch: BatchId | None,
    target: BinaryIO,
    ports: Ports,
    agent: str = AGENT,
) -> tuple[Sheet, ...]:
    """One cover a person, for the dossier of the person at the service.

    Raises:
        ConfigError: there is nobody to print for, or there are too many, or no such service.
    """
    if not persons:
        raise ConfigError(
            "Nessuna persona di quelle richieste è in anagrafe. / None of those persons is in the register.",
            hint="faldone persons import FILE.csv",
        )
    if service is not None and service not in ports.lexicon.services:
        raise ConfigError(
            f"Nessun servizio ha il codice «{service}». / No service has the code “{service}”.",
            hint="faldone services list",
        )
    _refuse_too_many(len(persons))
    known: dict[PersonId, Person] = {person.id: person for person in persons}
    sheets = make_sheets(SheetKind.COVER, [(person.id, service) for person in persons])
    name = ports.lexicon.services[service].name if service is not None else ""
    labels = [_label(known[sheet.person], name) for sheet in sheets if sheet.person is not None]
    _print(sheets, labels, batch, target, ports, agent)
    return sheets


def print_separators(
    count: int, batch: BatchId | None, target: BinaryIO, ports: Ports, agent: str = AGENT
) -> tuple[Sheet, ...]:
    """So many sheets, behind each of which a document starts.

    Raises:
        ConfigError: they are too many.
    """
    _refuse_too_many(count)
    sheets = make_sheets(SheetKind.SEPARATOR, [(None, None)] * count)
    _print(sheets, [SheetLabel()] * count, batch, target, ports, agent)
    return sheets


def _refuse_too_many(count: int) -> None:
    if count > MOST_SHEETS:
        raise ConfigError(
            f"Si stampano al massimo {MOST_SHEETS} fogli alla volta, non {count}. / "
            f"{MOST_SHEETS} sheets are printed at a time at most, not {count}."
        )


def _label(person: Person, service: str) -> SheetLabel:
    return SheetLabel(person.display_name, birth_date=person.birth_date, service=service)


def _print(
    sheets: Sequence[Sheet],
    labels: Sequence[SheetLabel],
    batch: BatchId | None,
    target: BinaryIO,
    ports: Ports,
    agent: str,
) -> None:
    for sheet in sheets:
        qr_payload(sheet)  # raises for what no code can hold, before anything is on record
    # On record before there is paper: a sheet that nobody registered would be a doubt in every batch.
    with ports.catalog.begin() as work:
        digest = work.add_sheets(sheets, batch, ports.clock())
        work.record(
            Event(
                type=EventType.SHEETS_PRINTED,
                subject=sheets[0].run,
                at=ports.clock(),
                agent=agent,
                detail={"sheets": str(digest), "count": len(sheets), "kind": sheets[0].kind.value, "batch": batch},
            )
        )
    print_sheets(sheets, labels, target)
