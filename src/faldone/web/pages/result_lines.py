"""Answers as the page of the search shows them: lines, values to narrow by, and addresses that hold codes alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import Request

from faldone.domain.attribution import Band, Role
from faldone.domain.ids import DocumentId
from faldone.pipeline.papers.reading_order import reading_order
from faldone.pipeline.search.asking import Question, Reply, facet_labels, initials, why
from faldone.pipeline.search.find import PAGES_SHOWN, Found
from faldone.search.document import SearchDocument
from faldone.search.index import Facet
from faldone.search.marking import PageHit
from faldone.search.query import Query, Sort
from faldone.web.asking import beyond, is_closed, place
from faldone.web.caller import Caller

FACETS: Final = {
    Facet.SERVICE: ("servizio", ("Servizio", "Service")),
    Facet.TYPE: ("tipo", ("Tipo", "Type")),
    Facet.YEAR: ("anno", ("Anno", "Year")),
    Facet.PERSON: ("persona", ("Persona", "Person")),
    Facet.COMUNE: ("comune", ("Comune", "Town")),
    Facet.BATCH: ("lotto", ("Lotto", "Batch")),
    Facet.BAND: ("stato", ("Stato", "State")),
}
"""What each facet is called in an address, and in front of people."""

SORTS: Final = {
    Sort.RELEVANCE: ("Pertinenza", "Relevance"),
    Sort.NEWEST: ("Più recenti prima", "Newest first"),
    Sort.OLDEST: ("Più vecchi prima", "Oldest first"),
    Sort.DOSSIER: ("Per fascicolo", "By dossier"),
}
_BANDS: Final = {
    Band.AUTO.value: ("Archiviato", "Filed"),
    Band.REVIEW.value: ("Da rivedere", "To review"),
    Band.HOLD.value: ("Trattenuto", "Held"),
}
_WHY: Final = {
    "name": ("nome", "name"),
    "code": ("codice fiscale", "tax code"),
    "protocol": ("protocollo", "protocol"),
    "type": ("tipo", "type"),
    "service": ("servizio", "service"),
    "date": ("data", "date"),
    "text": ("testo", "text"),
}
_PERSON_ID = re.compile(r"u-[0-9a-f]{12}")
_VALUE = re.compile(r"[\w.:' -]{1,80}")
_MOST_CHOSEN = 20
_AT_ONCE = 20
_SHOWN_VALUES = 12


@dataclass(frozen=True, slots=True)
class Snippet:
    """A page that answers: its number in the document, its text cut at the marks, and how many marks there are.

    ``position`` is where it is read in the document, from 1.
    """

    number: int
    position: int
    parts: tuple[tuple[str, bool], ...]
    marks: int


@dataclass(frozen=True, slots=True)
class Line:
    """A document of a list as it is shown; of a closed one there is nothing but its id."""

    id: DocumentId
    href: str
    closed: bool
    record: SearchDocument | None = None
    holders: tuple[str, ...] = ()
    snippets: tuple[Snippet, ...] = ()
    image: str = ""
    why: tuple[tuple[str, str], ...] = ()

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return self.record.last_page - self.record.first_page + 1 if self.record is not None else 0


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet; ``element`` is the id of its box, the same in every answer, so that it keeps the focus.

    ``without`` is the address of the answer that is not narrowed to it.
    """

    element: str
    value: str
    label: tuple[str, str]
    count: int
    chosen: bool
    without: str


@dataclass(frozen=True, slots=True)
class Group:
    """A facet with its values; ``more`` says that there are others."""

    name: str
    label: tuple[str, str]
    choices: tuple[Choice, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A search by its id, and how it is narrowed and put in order: what stands in its address."""

    id: str
    narrowed: dict[Facet, tuple[str, ...]]
    sort: Sort | None
    after: str

    @classmethod
    def of(cls, search: str, request: Request) -> Asked:
        """What the address says; values that no answer tells are passed over, a name is never one of them."""
        given = request.query_params
        narrowed = {
            facet: tuple(dict.fromkeys(value for value in given.getlist(name) if _is_told(facet, value)))[:_MOST_CHOSEN]
            for facet, (name, _) in FACETS.items()
        }
        sort = given.get("ordine", "")
        return cls(search, narrowed, Sort(sort) if sort in SORTS else None, given.get("dopo", "")[:200])

    @property
    def export_href(self) -> str:
        """The address of the whole list."""
        path, mark, pairs = self.href().partition("?")
        return f"{path}/elenco{mark}{pairs}"

    def href(self, *, after: str = "", without: tuple[Facet, str] | None = None, bare: bool = False) -> str:
        """The address: from a place on, or without one of the values, or without any."""
        pairs = [
            (FACETS[facet][0], value)
            for facet, values in self.narrowed.items()
            for value in values
            if not bare and (facet, value) != without
        ]
        pairs += [("ordine", self.sort.value)] if self.sort is not None else []
        pairs += [("dopo", after)] if after else []
        return f"/ricerca/{self.id}" + (f"?{urlencode(pairs)}" if pairs else "")

    def question(self, text: str) -> Question:
        """What is asked."""
        chosen = {facet: values for facet, values in self.narrowed.items() if values}
        after, offset = place(self.after)
        return Question(
            text,
            chosen,
            self.sort,
            after=after,
            limit=_AT_ONCE,
            offset=offset,
        )

    def beyond(self, told: Reply, caller: Caller) -> str:
        """The address of what follows; empty when there is nothing behind."""
        after = beyond(caller, told)
        return self.href(after=after) if after is not None else ""


def line_of(found: Found, query: Query | None, search: str, caller: Caller) -> Line:
    """A document as it is shown; ``query`` is None where none was typed."""
    document = found.document.id
    if is_closed(caller, found):
        return Line(document, _href(document, search), closed=True)
    order = reading_order(found.document, caller.site.ports) if found.pages else ()
    snippets = tuple(_snippet(one, found.record, order) for one in found.pages)
    number = snippets[0].number if snippets else 1
    # By its number a hit is found in the order of reading: only the first of all is known by it here.
    marked = [one.position for one in snippets if one.marks]
    all_known = len(snippets) < PAGES_SHOWN or 1 in marked
    first_hit = bool(marked) and all_known and snippets[0].position == min(marked)
    return Line(
        document,
        _href(document, search, p=str(number), h="1" if first_hit and search else ""),
        closed=False,
        record=found.record,
        holders=tuple(
            person.name if caller.pinned in (None, person.id) else initials(person.name)
            for person in found.record.persons
            if person.role is Role.HOLDER
        ),
        snippets=snippets,
        image=f"/documenti/{document}/pagine/{number}/immagine?w=200",
        why=tuple(_WHY[one] for one in why(query, found)) if query is not None else (),
    )


def facets_of(told: Reply, asked: Asked, caller: Caller) -> list[Group]:
    """The values to narrow by, those that are chosen among them, each with how many documents have it."""
    groups = []
    for facet, buckets in told.facets.items():
        labels = facet_labels(facet, [bucket.value for bucket in buckets], caller.site.ports)
        # Somebody who is not on record has a name alone, which no address may hold.
        told_of = [one for one in buckets if _is_told(facet, one.value)]
        chosen = asked.narrowed[facet]
        kept = [one for at, one in enumerate(told_of) if at < _SHOWN_VALUES or one.value in chosen]
        choices = tuple(_choice(facet, one.value, labels, one.count, asked) for one in kept)
        if choices:
            groups.append(Group(*FACETS[facet], choices, len(kept) < len(told_of)))
    return groups


def chips_of(told: Reply, asked: Asked, caller: Caller) -> list[Choice]:
    """What the answer is narrowed to; who is not told of in it has no name here: anybody can write an address."""
    chips = []
    for facet, values in asked.narrowed.items():
        known = {bucket.value for bucket in told.facets.get(facet, ())}
        labels = facet_labels(facet, [value for value in values if value in known], caller.site.ports)
        chips += [_choice(facet, value, labels, 0, asked) for value in values]
    return chips


def _choice(facet: Facet, value: str, labels: dict[str, str], count: int, asked: Asked) -> Choice:
    name = FACETS[facet][0]
    label = _BANDS.get(value) if facet is Facet.BAND else None
    said = labels.get(value, value.title() if facet is Facet.COMUNE else value)
    return Choice(
        element=f"f-{name}-{re.sub('[^a-z0-9]+', '-', value)}",
        value=value,
        label=label or (said, said),
        count=count,
        chosen=value in asked.narrowed[facet],
        without=asked.href(without=(facet, value)),
    )


def _snippet(page: PageHit, record: SearchDocument, order: Sequence[int]) -> Snippet:
    parts: list[tuple[str, bool]] = []
    for at, piece in enumerate(page.snippet.split("«")):
        marked, closing, plain = piece.partition("»") if at else ("", "", piece)
        parts += [(marked, True)] if closing else []
        parts.append((plain if closing or not at else marked, False))
    said = tuple(part for part in parts if part[0])
    return Snippet(page.index - record.first_page + 1, order.index(page.index) + 1, said, len(page.boxes))


def _href(document: DocumentId, search: str, **place: str) -> str:
    pairs = {**place, "r": search}
    given = {name: value for name, value in pairs.items() if value}
    return f"/documenti/{document}" + (f"?{urlencode(given)}" if given else "")


def _is_told(facet: Facet, value: str) -> bool:
    return bool((_PERSON_ID if facet is Facet.PERSON else _VALUE).fullmatch(value))
