"""The viewer: a document page by page, what is said of it, its history, and what may be taken or put right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Header, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from faldone.catalog.records import Document
from faldone.domain.access import Sensitivity
from faldone.domain.account import Ability
from faldone.domain.attribution import Direction
from faldone.domain.digest import Digest
from faldone.domain.events import user_agent
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.page import Box
from faldone.errors import IndexUnavailableError, NotFoundError, QuerySyntaxError, UndecidableError
from faldone.pipeline.audit.at_counter import of_one
from faldone.pipeline.audit.receipt import receipt
from faldone.pipeline.audit.reports import Tongue
from faldone.pipeline.audit.story import Line, document_story
from faldone.pipeline.intake.quarantine import retry_these
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
from faldone.pipeline.papers.page_images import View
from faldone.pipeline.recognition.turn_page import turn_page
from faldone.pipeline.review.correct import correction
from faldone.pipeline.review.disown import disown
from faldone.pipeline.review.settle import assign, undo
from faldone.pipeline.review.stale import short_name
from faldone.pipeline.review.transcribe import (
    MOST_CHARACTERS,
    is_transcribable,
    take_back_transcription,
    transcribe,
    transcription_of,
)
from faldone.pipeline.search.asking import Asker, Question, as_answered, asked_text, initials, query_of
from faldone.search.query import Query as Searched
from faldone.web.auditing import delivered
from faldone.web.caller import Caller, ForbiddenError
from faldone.web.lanes import at_length
from faldone.web.render import is_htmx, language, page, spoken
from faldone.web.result_place import LONGEST, place_of
from faldone.web.rules import Requires
from faldone.web.sending import (
    page_of,
    send_original,
    send_pdf,
    send_picture,
    tell_delivered,
    tell_opened,
    tell_seen,
    was_opened,
)

router = APIRouter()

_MOST_PAGES: Final = 100_000
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

READING: Final = r"^sha256:[0-9a-f]{64}$"
"""The key of a page's reading, which is what was looked at."""

_TEMPLATES: Final = {"pagina": "documents/_page.html", "scheda": "documents/_side.html"}

Id = Annotated[str, Path(pattern=r"^d-[0-9a-f]{12}$")]
Number = Annotated[int, Path(ge=1, le=_MOST_PAGES)]
Search = Annotated[str | None, Query(alias="r", pattern=r"^[\w-]{1,64}$")]
Results = Annotated[str, Query(alias="l", max_length=LONGEST)]
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


@dataclass(frozen=True, slots=True)
class Back:
    """Where somebody was in a document when they put something right."""

    number: int
    search: str | None
    hit: int | None
    list: str


def _back(
    p: Annotated[int, Form(ge=1, le=_MOST_PAGES)] = 1,
    r: Annotated[str, Form(pattern=r"^[\w-]{0,64}$")] = "",
    h: Annotated[int, Form(ge=0, le=1_000_000)] = 0,
    l: Annotated[str, Form(max_length=LONGEST)] = "",  # noqa: E741 - as addresses call it
) -> Back:
    """The place, as the forms carry it along."""
    return Back(p, r or None, h or None, l)


Place = Annotated[Back, Depends(_back)]


@dataclass(frozen=True, slots=True)
class _At:
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


@router.get("/documenti/spostato")
def moved(request: Request, caller: Reviewer) -> Response:
    """After a correction that put a document where its corrector does not see it."""
    return page(request, caller, "documents/moved.html")


@router.get("/documenti/{document_id}")
def show_document(
    request: Request,
    caller: Reader,
    document_id: Id,
    p: Annotated[int | None, Query(ge=1, le=_MOST_PAGES)] = None,
    search: Search = None,
    results: Results = "",
    h: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    tab: Tab = "dati",
    modifica: Correctable | None = None,
    trascrivi: bool = False,
    hx_target: Annotated[str | None, Header()] = None,
) -> Response:
    """The document at a page, or the part of it that htmx asks for."""
    document = caller.document(DocumentId(document_id))
    part = hx_target if is_htmx(request) and hx_target in ("pagina", "scheda") else None
    if part is None or not was_opened(caller, document):
        tell_opened(caller, document)
    at = _At(document.id, p or 0, search, h, tab, results)
    return _shown(request, caller, document, at, form=modifica, typing=trascrivi, part=part)


def _shown(
    request: Request,
    caller: Caller,
    document: Document,
    wanted: _At,
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
    def of(cls, opened: OpenDocument, shown: OpenPage, at: _At) -> _PageView:
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


# ---- what leaves


@router.get("/documenti/{document_id}/pagine/{number}/immagine")
def page_picture(
    request: Request,
    caller: Reader,
    document_id: Id,
    number: Number,
    w: Literal["200", "1240", "2480", "full"] = "1240",
    region: Annotated[str | None, Query(pattern=r"^\d{1,6}(,\d{1,6}){3}$")] = None,
    k: Annotated[str | None, Query(pattern=r"^[0-9a-f]{12}$")] = None,
) -> Response:
    """The picture of a page."""
    return send_picture(request, caller, caller.document(DocumentId(document_id)), number, view_of(w, region), k)


def view_of(width: str, region: str | None) -> View:
    """How a page is wanted, as an address says it.

    Raises:
        UndecidableError: the region is empty.
    """
    part = Box(*map(int, region.split(","))) if region is not None else None
    try:
        return View(None if width == "full" else int(width), part)
    except ValueError as error:
        raise UndecidableError("Il ritaglio è vuoto. / The region is empty.") from error


@router.post("/documenti/{document_id}/pagine/{number}/vista", status_code=204)
def page_seen(caller: Reader, document_id: Id, number: Number) -> Response:
    """The browser says that the page stood in view."""
    document = caller.document(DocumentId(document_id))
    tell_seen(caller, document, page_of(document, number, caller.site.ports), number)
    return Response(status_code=204)


@router.get("/documenti/{document_id}/originale")
def original(caller: Taker, document_id: Id) -> Response:
    """The file as it arrived."""
    return send_original(caller, caller.document(DocumentId(document_id)))


@router.get("/documenti/{document_id}/pdf")
@at_length
def searchable_pdf(caller: Taker, document_id: Id) -> Response:
    """The document as a searchable PDF/A."""
    return send_pdf(caller, caller.document(DocumentId(document_id)))


@router.get("/documenti/{document_id}/ricevuta")
@at_length
def take_receipt(
    request: Request, caller: Taker, document_id: Id, forma: Annotated[Literal["pdf", "csv"], Query()] = "pdf"
) -> Response:
    """What the ledger vouches for of the document."""
    document = caller.document(DocumentId(document_id))
    made = receipt(document, caller.site.ports, Tongue(language(request) == "en"), caller.pinned)
    return delivered(made, forma, document.id, caller)


# ---- what is put right


@router.post("/documenti/{document_id}/pagine/{number}/rotazione")
def save_turn(
    request: Request,
    caller: Reviewer,
    document_id: Id,
    number: Number,
    turn: Annotated[Literal["0", "90", "180", "270"], Form()],
    place: Place,
) -> Response:
    """Keeps how the page stands upright: turned so far from how it lies in its file."""
    document = caller.document(DocumentId(document_id))
    turn_page(page_of(document, number, caller.site.ports), int(turn), caller.account.name, caller.site.ports)
    at = _At(document.id, number, place.search, place.hit, "dati", place.list)
    return _shown(request, caller, document, at, part="pagina") if is_htmx(request) else _to(at.to())


@router.post("/documenti/{document_id}/pagine/{number}/riprova")
def try_again(
    request: Request,
    caller: Reviewer,
    document_id: Id,
    number: Number,
    place: Place,
    altre: Annotated[bool, Form()] = False,
) -> Response:
    """Sends a page that was put aside to be read again; ``altre``, with the other settings of recognition alone."""
    document = caller.document(DocumentId(document_id))
    ports = caller.site.ports
    agent = user_agent(caller.account.name)
    retry_these([page_of(document, number, ports).id], ports, agent, otherwise=altre)
    at = _At(document.id, number, place.search, place.hit, "dati", place.list)
    return _shown(request, caller, document, at, part="pagina") if is_htmx(request) else _to(at.to())


@router.post("/documenti/{document_id}/pagine/{number}/trascrizione")
def save_transcription(
    request: Request,
    caller: Reviewer,
    document_id: Id,
    number: Number,
    testo: Annotated[str, Form(max_length=2 * MOST_CHARACTERS)],
    lettura: Annotated[str, Form(pattern=READING)],
    place: Place,
) -> Response:
    """Puts what somebody typed in the place of what no machine reads."""
    document = caller.document(DocumentId(document_id))
    put_transcription(caller, document, number, testo, lettura)
    return _at_the_page(request, caller, document, document.span[number - 1], place)


@router.post("/documenti/{document_id}/pagine/{number}/trascrizione/annulla")
def drop_transcription(
    request: Request,
    caller: Reviewer,
    document_id: Id,
    number: Number,
    lettura: Annotated[str, Form(pattern=READING)],
    place: Place,
) -> Response:
    """Brings back the reading that a transcription took the place of."""
    document = caller.document(DocumentId(document_id))
    put_transcription(caller, document, number, None, lettura)
    return _at_the_page(request, caller, document, document.span[number - 1], place)


@router.post("/documenti/{document_id}/correggi")
def correct(
    request: Request,
    caller: Reviewer,
    document_id: Id,
    campo: Annotated[Correctable, Form()],
    versione: Annotated[int, Form(ge=1)],
    place: Place,
    valore: Annotated[str, Form(max_length=400)] = "",
    persona: Annotated[str, Form(max_length=40)] = "",
    direzione: Annotated[str, Form(max_length=20)] = "",
    invece: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Puts one value right; whoever does so has looked at the rest, which is confirmed by it."""
    document = caller.document(DocumentId(document_id))
    field = next(one for one, name in CORRECTABLE.items() if name == campo)
    put_right(
        caller,
        document,
        field,
        persona.strip() or valore.strip(),
        version=versione,
        direction=direzione,
        instead_of=PersonId(invece) if invece else None,
    )
    return _after(request, caller, document, place, ("Corretto e confermato.", "Corrected and confirmed."))


@router.post("/documenti/{document_id}/non-suo")
def not_of(
    request: Request,
    caller: Reviewer,
    document_id: Id,
    persona: Annotated[str, Form(max_length=40)],
    versione: Annotated[int, Form(ge=1)],
    place: Place,
) -> Response:
    """Takes the document out of a person's dossier at once."""
    document = caller.document(DocumentId(document_id))
    not_at_the_counter(caller)
    disown(document.id, PersonId(persona), caller.account.name, caller.site.ports, version=versione)
    return _after(
        request,
        caller,
        document,
        place,
        ("Tolto dal fascicolo: ora è da rivedere.", "Out of the dossier: it waits for review."),
        "tracciabilita",
    )


@router.post("/documenti/{document_id}/annulla")
def take_back(
    request: Request,
    caller: Reviewer,
    document_id: Id,
    versione: Annotated[int, Form(ge=1)],
    place: Place,
) -> Response:
    """Takes the last word on the document back."""
    document = caller.document(DocumentId(document_id))
    undo(document.id, caller.account.name, caller.site.ports, version=versione)
    return _after(
        request, caller, document, place, ("Annullata l'ultima decisione.", "The last decision is taken back.")
    )


def put_right(
    caller: Caller,
    document: Document,
    field: Said,
    value: str,
    *,
    version: int,
    direction: str = "",
    instead_of: PersonId | None = None,
) -> None:
    """Puts one value of a document right, for pages and programs alike.

    Raises:
        UndecidableError: it is no value of that field, or something else is missing.
        StaleError: the document is not the one that was looked at.
        ForbiddenError: somebody sits at the counter.
    """
    if field is Said.HOLDER:
        not_at_the_counter(caller)
    ports = caller.site.ports
    said = correction(document, field, value, ports, direction=direction, instead_of=instead_of)
    assign(document.id, said, caller.account.name, ports, version=version)


def put_transcription(caller: Caller, document: Document, number: int, typed: str | None, seen: str) -> None:
    """Puts on record what somebody typed of a page, or takes that back (None), for pages and programs alike.

    Raises:
        PageNotFoundError: the document has no such page.
        UndecidableError: nothing was typed, or too much, or it is not a page to be typed.
        StaleError: the page was read otherwise since ``seen``.
        ForbiddenError: somebody sits at the counter.
    """
    ports, by = caller.site.ports, caller.account.name
    leaf = page_of(document, number, ports)
    if caller.pinned is not None:
        raise ForbiddenError(
            "Allo sportello non si trascrive: rilascia prima la persona. / "
            "At the counter nothing is transcribed: release the person first."
        )
    if typed is None:
        take_back_transcription(leaf, Digest.parse(seen), document.id, by, ports)
    else:
        transcribe(leaf, typed, Digest.parse(seen), document.id, by, ports)


def not_at_the_counter(caller: Caller) -> None:
    """Refuses to change whose a paper is while somebody looks on. Raises ForbiddenError."""
    if caller.pinned is not None:
        raise ForbiddenError(
            "Allo sportello non si cambia l'intestatario: rilascia prima la persona. / "
            "At the counter no holder is changed: release the person first."
        )


def _after(
    request: Request,
    caller: Caller,
    document: Document,
    place: Back,
    said: tuple[str, str],
    tab: Tab = "dati",
) -> Response:
    """The document after a correction, as far as it may still be seen: a service may have been put right."""
    known = caller.site.ports.catalog.documents_with([document.id]).get(document.id)
    seen = caller.documents([known]) if known is not None and not known.retired else []
    if not seen:
        where = "/documenti/spostato"
        return Response(status_code=204, headers={"HX-Redirect": where}) if is_htmx(request) else _to(where)
    number = min(place.number, len(seen[0].span))
    at = _At(document.id, number, place.search, place.hit, tab, place.list)
    if not is_htmx(request):
        return _to(at.to())
    return _shown(request, caller, seen[0], at, part="scheda", said=spoken(request, " / ".join(said)))


def _at_the_page(request: Request, caller: Caller, document: Document, index: int, place: Back) -> Response:
    """The page anew, whole, in the document that it is of now: other words may be another document, or a hidden one."""
    there = caller.site.ports.catalog.documents(document.source)
    seen = caller.documents([one for one in there if index in one.span])
    where = "/documenti/spostato"
    if seen:
        # What was found may be found no more: its number among the hits is another one now.
        number = index - seen[0].span.start + 1
        where = _At(seen[0].id, number, place.search, None, "dati", place.list).to()
    return Response(status_code=204, headers={"HX-Redirect": where}) if is_htmx(request) else _to(where)


def _to(where: str) -> Response:
    return RedirectResponse(where, 303)
