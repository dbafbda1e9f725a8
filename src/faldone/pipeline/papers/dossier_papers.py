"""The papers of one person's dossier by the record of truth: every one that somebody may see, and where each lies.

The index answers faster, but may be a moment behind: a dossier that is shown or taken out as a whole must lack nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from faldone.catalog.records import Document
from faldone.classify.question import ABOUT_HOLDER
from faldone.domain.access import Access, Sensitivity
from faldone.domain.attribution import Band, Role
from faldone.domain.batch import BatchFacts
from faldone.domain.ids import BatchId, PersonId
from faldone.domain.person import Person
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.projection import permitted
from faldone.search.document import SearchDocument

MONTHS: Final = (
    ("gennaio", "January"),
    ("febbraio", "February"),
    ("marzo", "March"),
    ("aprile", "April"),
    ("maggio", "May"),
    ("giugno", "June"),
    ("luglio", "July"),
    ("agosto", "August"),
    ("settembre", "September"),
    ("ottobre", "October"),
    ("novembre", "November"),
    ("dicembre", "December"),
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of a dossier: ``shown`` is what people are told of it, ``place`` where the sheets of its batch lie."""

    document: Document
    shown: SearchDocument
    place: BatchFacts

    @property
    def pages(self) -> int:
        """How many it has."""
        return len(self.document.span)

    @property
    def year(self) -> int | None:
        """The year of its date, or failing that of its protocol."""
        if self.shown.date is not None:
            return self.shown.date.year
        protocol = self.document.proposal.protocol
        if protocol is None:
            return None
        return protocol.value.date.year if protocol.value.date is not None else protocol.value.year

    @property
    def waits(self) -> bool:
        """Whether somebody still has to look at it."""
        return self.document.proposal.band is not Band.AUTO

    @property
    def doubted(self) -> bool:
        """See :func:`is_doubted`."""
        return is_doubted(self.document)

    @property
    def reinforced(self) -> bool:
        """Whether a reason is owed for opening it."""
        return self.shown.sensitivity >= Sensitivity.RAFFORZATA

    def co_holders(self, person: Person) -> tuple[PersonId, ...]:
        """Who else's dossier it is in."""
        own = {person.id, *person.absorbed}
        holders = (PersonId(one.id) for one in self.shown.persons if one.role is Role.HOLDER and one.id is not None)
        return tuple(dict.fromkeys(holder for holder in holders if holder not in own))


def is_doubted(document: Document) -> bool:
    """Whether it is not sure whose a document is: it stands in a dossier to be settled, and leaves it for nobody."""
    proposal = document.proposal
    return proposal.band is not Band.AUTO and bool(ABOUT_HOLDER & frozenset(proposal.reasons))


def permitted_papers(person: Person, access: Access, ports: Ports, service: str | None = None) -> tuple[Paper, ...]:
    """The papers of a person (of one service) that somebody may see, oldest first, those without any year last."""
    documents = {
        document.id: document for one in (person.id, *person.absorbed) for document in ports.catalog.documents_of(one)
    }
    pairs = permitted(list(documents.values()), access, ports)
    places: dict[str, BatchFacts] = {}
    for _, shown in pairs:
        if shown.batch is not None and shown.batch not in places:
            places[shown.batch] = ports.catalog.batch(BatchId(shown.batch)).facts
    papers = [
        Paper(document, shown, places.get(shown.batch or "", BatchFacts()))
        for document, shown in pairs
        if service is None or shown.service == service
    ]
    return tuple(sorted(papers, key=_order))


def date_words(paper: Paper) -> tuple[str, str]:
    """When a paper was written, in words, Italian and English; what is not known is said."""
    date = paper.shown.date
    if date is not None:
        it, en = MONTHS[date.month - 1]
        day = "1º" if date.day == 1 else str(date.day)
        return f"{day} {it} {date.year}", f"{date.day} {en} {date.year}"
    if paper.year is not None:
        return f"{paper.year}, giorno non noto", f"{paper.year}, day not known"
    return "senza data", "no date"


def place_words(place: BatchFacts) -> tuple[str, str]:
    """Where a paper lies, in words, Italian and English; empty when nobody said."""
    parts = (
        (place.place, "", ""),
        (place.shelf, "scaffale ", "shelf "),
        (place.box, "scatola ", "box "),
        (place.folder, "cartella ", "folder "),
    )
    said = [(value, it, en) for value, it, en in parts if value]
    return ", ".join(it + value for value, it, _ in said), ", ".join(en + value for value, _, en in said)


def pages_of(papers: Sequence[Paper]) -> int:
    """How many pages the papers have together."""
    return sum(paper.pages for paper in papers)


def _order(paper: Paper) -> tuple[int, dt.date, str, int, str]:
    """By year, in it by day with those of unknown day last, then as they lie in the file."""
    year = paper.year if paper.year is not None else dt.MAXYEAR + 1
    date = paper.shown.date or dt.date.max
    return year, date, paper.shown.file, paper.document.proposal.first_page, paper.document.id
