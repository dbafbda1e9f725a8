"""The list of what a query found, row by row, to be taken elsewhere: however long, and of what may be seen alone."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, fields, replace
from typing import TextIO

from faldone.domain.access import Access
from faldone.domain.attribution import Role
from faldone.domain.events import Event, EventType, user_agent
from faldone.domain.ids import PersonId
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.find import Seen, seen
from faldone.search.query import Query

_AT_ONCE = 500
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """A document of a list; ``pages`` are those of the file, counted from 1; several holders have «; » between them."""

    id: str
    file: str
    pages: str
    holder: str
    cf: str
    type: str
    service: str
    date: dt.date | None
    protocol: str
    band: str
    score: float


def result_list(
    query: Query,
    access: Access,
    ports: Ports,
    told: Callable[[Seen], bool] = lambda _: True,
    of: PersonId | None = None,
) -> Iterator[Row]:
    """Every document that a query finds, in its order, whatever its limit; fetched some hundreds at a time.

    Args:
        query: what is asked.
        access: what may be seen.
        ports: what the step stands on.
        told: whether a document may be told of without being opened; the others are left out.
        of: the one person who may be named.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    wanted = replace(query, limit=_AT_ONCE)
    while True:
        hits = ports.index.search(wanted, access)
        yield from (_row(one, of) for one in seen(hits, access, ports) if told(one))
        if hits.after is None:
            return
        wanted = replace(wanted, after=hits.after, offset=0)


def write_csv(rows: Iterable[Row], target: TextIO) -> int:
    """Writes the rows with a line of names above them; returns how many there were.

    What a spreadsheet would take for a formula gets an apostrophe before it: names of files come from anywhere.
    """
    writer = csv.writer(target)
    writer.writerow(field.name for field in fields(Row))
    written = 0
    for row in rows:
        writer.writerow(_cell(value) for value in astuple(row))
        written += 1
    return written


def note_export(documents: int, form: str, by: str, ports: Ports) -> None:
    """Puts on the ledger that a list left the archive; not what was asked, which may hold names."""
    with ports.catalog.begin() as work:
        work.record(
            Event(
                type=EventType.SEARCH_EXPORTED,
                subject="search",
                at=ports.clock(),
                agent=user_agent(by),
                detail={"documents": documents, "form": form},
            )
        )


def _row(one: Seen, of: PersonId | None) -> Row:
    proposal = one.document.proposal
    named = (person for person in one.record.persons if person.role is Role.HOLDER)
    holders = [person for person in named if of is None or person.id == of]
    protocol = proposal.protocol.value if proposal.protocol else None
    year = protocol.year or (protocol.date.year if protocol.date else None) if protocol else None
    number = protocol.number if protocol else ""
    return Row(
        id=one.document.id,
        file=one.file,
        pages=f"{proposal.first_page + 1}-{proposal.last_page + 1}",
        holder="; ".join(holder.name for holder in holders),
        cf="; ".join(holder.cf for holder in holders if holder.cf),
        type=proposal.type.value if proposal.type else "",
        service=proposal.service.value if proposal.service else "",
        date=proposal.date.value if proposal.date else None,
        protocol=f"{number}/{year}" if number and year and "/" not in number else number,
        band=proposal.band.value,
        score=round(one.score, 4),
    )


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_STARTS_A_FORMULA) else text
