"""The viewer, what is put right: how a page stands, what nobody could read, whose and what a document is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from faldone.catalog.records import Document
from faldone.domain.events import user_agent
from faldone.domain.ids import DocumentId, PersonId
from faldone.pipeline.intake.quarantine import retry_these
from faldone.pipeline.recognition.turn_page import turn_page
from faldone.pipeline.review.disown import disown
from faldone.pipeline.review.settle import undo
from faldone.pipeline.review.transcribe import MOST_CHARACTERS
from faldone.web.caller import Caller
from faldone.web.document_showing import CORRECTABLE, MOST_PAGES, At, Correctable, Id, Number, Reviewer, Tab, show_at
from faldone.web.mending import READING, not_at_the_counter, put_right, put_transcription
from faldone.web.render import is_htmx, spoken
from faldone.web.result_place import LONGEST
from faldone.web.sending import page_of

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Back:
    """Where somebody was in a document when they put something right."""

    number: int
    search: str | None
    hit: int | None
    list: str


def _back(
    p: Annotated[int, Form(ge=1, le=MOST_PAGES)] = 1,
    r: Annotated[str, Form(pattern=r"^[\w-]{0,64}$")] = "",
    h: Annotated[int, Form(ge=0, le=1_000_000)] = 0,
    l: Annotated[str, Form(max_length=LONGEST)] = "",  # noqa: E741 - as addresses call it
) -> Back:
    """The place, as the forms carry it along."""
    return Back(p, r or None, h or None, l)


Place = Annotated[Back, Depends(_back)]


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
    return _same_page(request, caller, document, number, place)


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
    return _same_page(request, caller, document, number, place)


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
    at = At(document.id, number, place.search, place.hit, tab, place.list)
    if not is_htmx(request):
        return _to(at.to())
    return show_at(request, caller, seen[0], at, part="scheda", said=spoken(request, " / ".join(said)))


def _same_page(request: Request, caller: Caller, document: Document, number: int, place: Back) -> Response:
    """The page that somebody turned or sent to be read again, where they were."""
    at = At(document.id, number, place.search, place.hit, "dati", place.list)
    return show_at(request, caller, document, at, part="pagina") if is_htmx(request) else _to(at.to())


def _at_the_page(request: Request, caller: Caller, document: Document, index: int, place: Back) -> Response:
    """The page anew, whole, in the document that it is of now: other words may be another document, or a hidden one."""
    there = caller.site.ports.catalog.documents(document.source)
    seen = caller.documents([one for one in there if index in one.span])
    where = "/documenti/spostato"
    if seen:
        # What was found may be found no more: its number among the hits is another one now.
        number = index - seen[0].span.start + 1
        where = At(seen[0].id, number, place.search, None, "dati", place.list).to()
    return Response(status_code=204, headers={"HX-Redirect": where}) if is_htmx(request) else _to(where)


def _to(where: str) -> Response:
    return RedirectResponse(where, 303)
