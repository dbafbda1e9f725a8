"""What a reader sees of a document: the page, what is said of it, its history and its versions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import Depends, Path, Request
from fastapi.responses import Response

from faldone.catalog.records import Document
from faldone.domain.access import Sensitivity
from faldone.domain.account import Ability
from faldone.domain.attribution import Direction
from faldone.domain.ids import DocumentId
from faldone.errors import IndexUnavailableError, NotFoundError, QuerySyntaxError
from faldone.pipeline.audit.at_counter import of_one
from faldone.pipeline.audit.story import Line, document_story
from faldone.pipeline.papers.open_document import Field as Said
from faldone.pipeline.papers.open_document import (
    Leaf,
    OpenDocument,
    OpenPage,
    Value,
    open_document,
    open_page,
    same_sheets,
)
from faldone.pipeline.review.stale import short_name
from faldone.pipeline.review.transcribe import MOST_CHARACTERS, is_transcribable, transcription_of
from faldone.pipeline.search.asking import Asker, Question, as_answered, asked_text, initials, query_of
from faldone.search.query import Query as Searched
from faldone.web.caller import Caller
from faldone.web.render import page
from faldone.web.result_place import place_of
from faldone.web.rules import Requires
from faldone.web.sending import tell_delivered

MOST_PAGES: Final = 100_000
Id = Annotated[str, Path(pattern=r"^d-[0-9a-f]{12}$")]
Number = Annotated[int, Path(ge=1, le=MOST_PAGES)]
Tab = Literal["dati", "tracciabilita", "versioni"]
Correctable = Literal["intestatario", "tipo", "data", "protocollo", "servizio"]
Reader = Annotated[Caller, Depends(Requires(Ability.SEARCH))]
Reviewer = Annotated[Caller, Depends(Requires(Ability.REVIEW))]
Taker = Annotated[Caller, Depends(Requires(Ability.EXPORT))]

CORRECTABLE: Final = {
    Said.HOLDER: "intestatario",
    Said.TYPE: "tipo",
    Said.DATE: "data",
    Said.PROTOCOL: "protocollo",
    Said.SERVICE: "servizio",
}

_VERSIONS: Final = frozenset(
    {
        "document:attribution:proposed",
        "document:attribution:retired",
        "document:attribution:decided",
        "document:boundary:decided",
        "document:pages:reordered",
        "page:text:recognised",
        "page:text:reread",
        "page:view:turned",
    }
)

_TEMPLATES: Final = {"pagina": "documents/_page.html", "scheda": "documents/_side.html"}


@dataclass(frozen=True, slots=True)
class At:
    """Where in a document its reader is, for the addresses of the page; ``list`` tells the results it is one of."""

    document: DocumentId
    number: int
    search: str | None
    hit: int | None
    tab: Tab
    list: str = ""

    def to(self, **changed: Any) -> str:
        """The address of another place in the document: ``p``, ``h``, ``tab``, ``modifica`` or ``trascrivi``."""
        given: dict[str, Any] = {"p": self.number, "r": self.search, "h": self.hit, "l": self.list or None}
        given |= {"tab": self.tab if self.tab != "dati" else None}
        if "p" in changed:
            given["h"] = None
        given |= changed
        said = urlencode({name: value for name, value in given.items() if value is not None})
        return f"/documenti/{self.document}?{said}"


def show_at(
    request: Request,
    caller: Caller,
    document: Document,
    wanted: At,
    *,
    form: str | None = None,
    typing: bool = False,
    part: str | None = None,
    said: str = "",
) -> Response:
    """The document where it is ``wanted``; page 0 is the first with a hit, or the first."""
    ports = caller.site.ports
    opened, lost = _opened(caller, document, wanted.search)
    hit = wanted.hit if wanted.hit is not None and 1 <= wanted.hit <= opened.hits else None
    if hit is None and opened.hits and not wanted.number:
        hit = 1
    number = opened.page_of_hit(hit) if hit is not None else wanted.number or opened.leaves[0].number
    shown = open_page(opened, number, ports)
    tell_delivered(caller, document, shown.leaf.page, number)
    at = replace(wanted, number=number, hit=hit)
    context: dict[str, Any] = {
        "opened": opened,
        "document": document,
        "shown": shown,
        "at": at,
        "view": _PageView.of(opened, shown, at),
        "typed": _Typed.of(shown, typing, caller),
        "lost": lost,
        "form": form if caller.may(Ability.REVIEW) and caller.pinned is None else None,
        "said": said,
        "name": _namer(caller),
        "headline": _headline(opened, caller),
        "title": _title(opened),
        "closely": opened.record.sensitivity >= Sensitivity.RAFFORZATA,
        "correctable": CORRECTABLE,
        "Said": Said,
        "most_characters": MOST_CHARACTERS,
    }
    if part is None:
        context["place"] = place_of(document, at.search, at.list, caller) if at.search and not lost else None
    if part != "pagina":
        context |= _side(caller, opened, at.tab)
    return page(request, caller, _TEMPLATES.get(part or "", "documents/page.html"), **context)


@dataclass(frozen=True, slots=True)
class _PageView:
    """What the template needs of a page beyond the page: the hit that is current, and where to go from here."""

    current: int
    previous_hit: str | None
    next_hit: str | None
    previous_page: str | None
    next_page: str | None
    beside: tuple[Leaf, ...]

    @classmethod
    def of(cls, opened: OpenDocument, shown: OpenPage, at: At) -> _PageView:
        """By the hit that is current, else by the page."""
        earlier, later = (opened.beside(shown.leaf, by) for by in (-1, 1))
        after = at.hit + 1 if at.hit is not None else opened.first_hit_of(shown.leaf)
        before = at.hit - 1 if at.hit is not None else shown.first_hit - 1
        return cls(
            current=at.hit or 0,
            previous_hit=at.to(h=before) if before >= 1 and opened.hits else None,
            next_hit=at.to(h=after) if 1 <= after <= opened.hits else None,
            previous_page=at.to(p=earlier.number) if earlier is not None else None,
            next_page=at.to(p=later.number) if later is not None else None,
            beside=tuple(leaf for leaf in (earlier, later) if leaf is not None),
        )


@dataclass(frozen=True, slots=True)
class _Typed:
    """What a template needs to know of a page's being typed by a person.

    Attributes:
        by: who typed the words in force; None where a machine read them.
        offered: whether the caller may type them.
        open: whether the form is to be shown.
    """

    by: str | None
    offered: bool
    open: bool

    @classmethod
    def of(cls, shown: OpenPage, wanted: bool, caller: Caller) -> _Typed:
        """By the reading that is in force, and what the caller may do."""
        text, ports = shown.text, caller.site.ports
        if text is None:
            return cls(None, offered=False, open=False)
        said = transcription_of(shown.leaf.page, ports) if text.transcribed else None
        offered = caller.may(Ability.REVIEW) and caller.pinned is None and is_transcribable(text)
        return cls(short_name(said.by, ports) if said is not None else None, offered, offered and wanted)


def _opened(caller: Caller, document: Document, search: str | None) -> tuple[OpenDocument, bool]:
    """The document, with the words of the search marked; and whether the search has run out."""
    ports = caller.site.ports
    if search is None:
        return open_document(document, ports), False
    asker = Asker.reserved(caller.access, caller.pinned)
    try:
        query: Searched = query_of(Question(asked_text(search, caller.account.name, asker, ports)), asker, ports)
    except (NotFoundError, QuerySyntaxError):
        return open_document(document, ports), True
    opened = open_document(document, ports, query)
    if opened.hits:
        return opened, False
    # What was typed stands nowhere: it may have found the document in another spelling, or begun a word of it.
    try:
        query = as_answered(query, asker, ports, lambda: caller.site.book)
    except IndexUnavailableError:
        return opened, False
    return open_document(document, ports, query), False


def _side(caller: Caller, opened: OpenDocument, tab: Tab) -> dict[str, Any]:
    ports = caller.site.ports
    if tab == "dati":
        links = same_sheets(opened, ports)
        open_to = {one.id for one in caller.documents(list({link.other.id: link.other for link in links}.values()))}
        return {
            "same": [link for link in links if link.other.id in open_to],
            "types": sorted(((code, one.name) for code, one in ports.lexicon.types.items()), key=lambda one: one[1]),
            "services": sorted(
                ((code, one.name) for code, one in ports.lexicon.services.items()), key=lambda one: one[1]
            ),
            "directions": [(one.value, one.value) for one in Direction],
        }
    story = document_story(opened.document.id, ports)
    tells_readers = caller.may(Ability.AUDIT) or caller.may(Ability.REVIEW)
    lines: tuple[Line, ...] = of_one(story.lines, caller.pinned)
    if tab == "versioni":
        lines = tuple(line for line in lines if line.type in _VERSIONS)
    readings = of_one(story.readings, caller.pinned) if tells_readers and tab == "tracciabilita" else ()
    return {"lines": lines, "readings": readings}


def _namer(caller: Caller) -> Callable[[Value], str]:
    """Names of others than the person at the counter are initials."""

    def name(value: Value) -> str:
        if caller.pinned is None or value.who is None or value.who.person == caller.pinned:
            return value.text
        return initials(value.text)

    return name


def _headline(opened: OpenDocument, caller: Caller) -> str:
    """What the document is, in a line: its type, whose it is, its date; empty when nothing is known."""
    name = _namer(caller)
    values = [next(iter(opened.of(field)), None) for field in (Said.TYPE, Said.HOLDER, Said.DATE)]
    known = [name(value) for value in values if value is not None and value.proven]
    return " · ".join(known)


def _title(opened: OpenDocument) -> str:
    """What the document is, for the title of a window that others may see: its type and date, and nobody's name."""
    if opened.record.sensitivity >= Sensitivity.RAFFORZATA:
        return ""
    values = [next(iter(opened.of(field)), None) for field in (Said.TYPE, Said.DATE)]
    return " · ".join(value.text for value in values if value is not None and value.proven)
