"""Amministrazione: the health of the archive, its taxonomies and inboxes, and the register of persons."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from faldone.classify.alike import alike
from faldone.domain.account import Ability
from faldone.domain.events import EventType, user_agent
from faldone.domain.ids import PersonId
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.filing.import_persons import Told, import_persons
from faldone.pipeline.filing.persons import compare, confirm, documents_by_service, merge, unmerge
from faldone.pipeline.office.health import health
from faldone.pipeline.search.person_suggestions import suggest_persons
from faldone.web.caller import Caller, ForbiddenError
from faldone.web.lanes import Lane, at_length, run_in
from faldone.web.render import go, is_htmx, page
from faldone.web.rules import Requires

router = APIRouter()

_Keeper = Annotated[Caller, Depends(Requires(Ability.HEALTH))]
_Registrar = Annotated[Caller, Depends(Requires(Ability.PERSONS))]
_Id = Annotated[str, Path(pattern=r"^u-[0-9a-f]{12}$")]
_Text = Annotated[str, Form(max_length=200)]

_SHOWN = 50
_CHANGES_SHOWN = 200
_MOST_FIELDS = 10


@router.get("/amministrazione")
def state(request: Request, caller: _Keeper) -> HTMLResponse:
    """Every part of the archive in one line, with what mends it."""
    parts = health(caller.site.options.inboxes, caller.site.ports)
    return page(request, caller, "administration/health.html", parts=parts)


@router.get("/amministrazione/servizi")
def taxonomies(request: Request, caller: _Keeper) -> HTMLResponse:
    """The services and the types of paper that the archive knows."""
    lexicon = caller.site.ports.lexicon
    return page(
        request,
        caller,
        "administration/taxonomies.html",
        services=sorted(lexicon.services.values(), key=lambda service: service.code),
        types=sorted(lexicon.types.values(), key=lambda kind: kind.name),
    )


@router.get("/amministrazione/caselle")
def inboxes(request: Request, caller: _Keeper) -> HTMLResponse:
    """The folders that papers come through, with their rules."""
    return page(request, caller, "administration/inboxes.html", inboxes=caller.site.options.inboxes)


@router.get("/amministrazione/persone")
def persons(request: Request, caller: _Registrar) -> HTMLResponse:
    """The register: a box to find somebody in, and who may be recorded twice."""
    return page(request, caller, "administration/persons.html", found=None, typed="", pairs=())


@router.post("/amministrazione/persone")
@at_length
def find_persons(request: Request, caller: _Registrar, q: _Text = "") -> HTMLResponse:
    """Who answers to what was typed: posted, so that no name is in an address."""
    _not_at_the_counter(caller)
    found = suggest_persons(q, caller.site.book, caller.site.ports, limit=_SHOWN) if q.strip() else ()
    _on_record(caller, "find", len(found))
    return page(request, caller, "administration/persons.html", found=found, typed=q, pairs=())


@router.get("/amministrazione/persone/doppie")
@at_length
def twice(request: Request, caller: _Registrar) -> HTMLResponse:
    """Persons found on papers who may be somebody on record already."""
    _not_at_the_counter(caller)
    pairs = alike(caller.site.ports.catalog.persons())[:_SHOWN]
    _on_record(caller, "alike", len({one.id for pair in pairs for one in (pair.found, pair.other)}))
    return page(request, caller, "administration/persons.html", found=None, typed="", pairs=pairs)


@router.post("/amministrazione/persone/importa")
async def bring_in(request: Request, caller: _Registrar) -> HTMLResponse:
    """A list of persons: first what it would change, then, asked again, the change itself."""
    _not_at_the_counter(caller)
    # The form is read here: FastAPI would take in the whole of it before it looks who sends it.
    try:
        async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise UndecidableError("Manca il file. / There is no file.")
            return await run_in(Lane.LONG, _bring_in, request, caller, file, form.get("apply") == "true")
    except ClientDisconnect as error:
        raise UndecidableError("Il file è troppo grande. / The file is too large.") from error


def _bring_in(request: Request, caller: Caller, file: UploadFile, apply: bool) -> HTMLResponse:
    told: list[Told] = []

    def tell(one: Told) -> None:
        if one.what != "unchanged" and len(told) < _CHANGES_SHOWN:
            told.append(one)

    agent = user_agent(caller.account.name)
    done = import_persons(file.file.read(), caller.site.ports, agent=agent, dry_run=not apply, tell=tell)
    if not apply:  # the change itself has its own event
        _on_record(caller, "import", len({one.person for one in told if one.what == "changed"}))
    template = "administration/_import.html" if is_htmx(request) else "administration/persons.html"
    return page(request, caller, template, found=None, typed="", pairs=(), done=done, told=told, applied=apply)


@router.get("/amministrazione/persone/{person}")
def person(request: Request, caller: _Registrar, person: _Id) -> HTMLResponse:
    """One record, and how many documents are in its dossier."""
    _not_at_the_counter(caller)
    record = caller.site.ports.catalog.person(person)
    _on_record(caller, "record", 1 + len(record.absorbed), record.id)
    return page(
        request,
        caller,
        "administration/person.html",
        person=record,
        absorbed=[caller.site.ports.catalog.own_record(gone) for gone in record.absorbed],
        counts=documents_by_service(record, caller.site.ports, caller.documents),
    )


@router.post("/amministrazione/persone/{person}/conferma")
def confirm_person(caller: _Registrar, person: _Id) -> Response:
    """Who was found on papers is who they say."""
    confirm(person, caller.account.name, caller.site.ports)
    return RedirectResponse(f"/amministrazione/persone/{person}", 303)


@router.post("/amministrazione/persone/{person}/unisci")
def merge_person(
    request: Request,
    caller: _Registrar,
    person: _Id,
    other: Annotated[str, Form(pattern=r"^u-[0-9a-f]{12}$")],
    because: _Text = "",
    apply: Annotated[bool, Form()] = False,
) -> Response:
    """One person in the place of two: first what would move, then the merge itself, which can be taken back."""
    _not_at_the_counter(caller)
    ports = caller.site.ports
    if not apply:
        merged = compare(person, other, ports, caller.documents)
        _on_record(caller, "merge", 2, merged.keep.id, merged.gone.id)
        return page(request, caller, "administration/_merge.html", merged=merged, typed=because)
    if not because.strip():
        raise UndecidableError("Scrivi perché sono la stessa persona. / Say why they are one person.")
    merge(person, other, because, caller.account.name, ports)
    return go(request, f"/amministrazione/persone/{person}")


@router.post("/amministrazione/persone/{person}/dividi")
def unmerge_person(caller: _Registrar, person: _Id) -> Response:
    """Takes a merge back: the record with this id stands for itself again."""
    ports = caller.site.ports
    if PersonId(person) not in ports.catalog.persons_with([PersonId(person)]):
        raise NotFoundError("Nessuna persona con questo codice. / Nobody with this id.")
    unmerge(person, caller.account.name, ports)
    return RedirectResponse(f"/amministrazione/persone/{person}", 303)


def _on_record(caller: Caller, door: str, shown: int, subject: str = "register", other: str | None = None) -> None:
    """Puts on record that names are shown, before they are."""
    if shown:
        caller.record(EventType.REGISTER_READ, subject, door=door, shown=shown, other=other)


def _not_at_the_counter(caller: Caller) -> None:
    """Keeps the register closed while somebody looks on. Raises ForbiddenError."""
    if caller.pinned is not None:
        raise ForbiddenError(
            "Allo sportello l'anagrafe resta chiusa: rilascia prima la persona. / "
            "At the counter the register stays closed: release the person first."
        )
