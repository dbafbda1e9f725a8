"""Verifica: one box with four doors, the story behind each in sentences, and what the archive is worth today."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from faldone.domain.account import Ability
from faldone.domain.events import EventType, Outcome
from faldone.domain.ids import DocumentId
from faldone.pipeline.audit.doors import LONGEST, Door, DoorKind, doors
from faldone.pipeline.audit.event_names import event_name
from faldone.pipeline.audit.notices import notices
from faldone.pipeline.audit.reports import MOST_ROWS, Tongue, batch_report, story_report
from faldone.pipeline.audit.shown import SHOWN
from faldone.pipeline.audit.story import (
    READING,
    Story,
    account_of,
    batch_story,
    document_story,
    last_verification,
    person_story,
)
from faldone.pipeline.audit.telling.words import Pair
from faldone.pipeline.audit.verification import ARCHIVE
from faldone.pipeline.intake.batches import count_batch
from faldone.pipeline.intake.rights import sees
from faldone.pipeline.intake.words import FATES
from faldone.web import auditing as the
from faldone.web.caller import Caller
from faldone.web.lanes import AtLength
from faldone.web.pages import audit_access, audit_runs
from faldone.web.render import language, page

router = APIRouter(route_class=AtLength)
for part in (audit_access.router, audit_runs.router):
    router.include_router(part)

_PATHS: Final = {
    DoorKind.DOCUMENT: "/verifica/documenti/",
    DoorKind.BATCH: "/verifica/lotti/",
    DoorKind.PERSON: "/verifica/persone/",
    DoorKind.ACCOUNT: "/verifica/utenti/",
}
_KINDS: Final = {
    DoorKind.DOCUMENT: Pair("documento", "document"),
    DoorKind.BATCH: Pair("lotto", "batch"),
    DoorKind.PERSON: Pair("persona", "person"),
    DoorKind.ACCOUNT: Pair("operatore", "operator"),
}
_LINES: Final = 200
"""Lines of an account's story on one page."""


@dataclass(frozen=True, slots=True)
class Looks:
    """How often an account looked at what today: pairs of a kind in words and a count."""

    account: str
    counts: tuple[tuple[Pair, int], ...]


@router.get("/verifica")
def home(request: Request, caller: the.Auditor) -> HTMLResponse:
    """Whether the ledger was found whole, what was opened today, and the box."""
    return _home(request, caller)


@router.post("/verifica")
def enter(request: Request, caller: the.Auditor, q: Annotated[str, Form(max_length=LONGEST)] = "") -> Response:
    """Goes to the story of what was typed, or shows which stories it may mean. What was typed is in no address."""
    found = doors(q, caller.site.ports)
    if len(found) == 1:
        return RedirectResponse(_path(found[0]), 303)
    if q.strip() and not found:
        caller.record(EventType.LEDGER_READ, ARCHIVE, outcome=Outcome.WARNING, found=0)
    meant = [(_path(one), _KINDS[one.kind], one.label) for one in found]
    return _home(request, caller, typed=q, meant=meant, status=200 if found else 404)


def _home(
    request: Request,
    caller: Caller,
    *,
    typed: str = "",
    meant: list[tuple[str, Pair, str]] | None = None,
    status: int = 200,
) -> HTMLResponse:
    catalog = caller.site.ports.catalog
    caller.record(EventType.LEDGER_READ, ARCHIVE)
    return page(
        request,
        caller,
        "audit/home.html",
        status=status,
        typed=typed,
        meant=meant,
        tail=catalog.ledger_tail(),
        last=last_verification(catalog),
        today=_today(caller),
        notices=notices(caller.account, caller.site.ports),
        running=[proof for proof in the.verifications(caller) if not proof.ended],
    )


def _today(caller: Caller) -> list[Looks]:
    """What every account looked at since midnight."""
    ports = caller.site.ports
    midnight = the.start_of(ports.clock().astimezone().date())
    by_account: defaultdict[str, list[tuple[Pair, int]]] = defaultdict(list)
    for (agent, kind), count in sorted(ports.catalog.count_events(READING, midnight).items()):
        by_account[account_of(agent) or agent].append((event_name(kind), count))
    return [Looks(account, tuple(counts)) for account, counts in by_account.items()]


def _path(door: Door) -> str:
    return _PATHS[door.kind] + quote(door.id, safe="")


# ---- the four stories


@router.get("/verifica/documenti/{document_id}")
def document(request: Request, caller: the.Auditor, document_id: the.Id) -> HTMLResponse:
    """What happened to a document, and who looked at it."""
    told = document_story(DocumentId(document_id), caller.site.ports, the.openable(caller))
    caller.record(EventType.LEDGER_READ, document_id)
    name = the.document_title(DocumentId(document_id), caller)
    path, accesses = f"/verifica/documenti/{document_id}", f"documento={document_id}"
    view = _view(Pair("Documento", "Document"), document_id, told, path, name=name, accesses=accesses)
    return page(request, caller, "audit/story.html", **view)


@router.get("/verifica/documenti/{document_id}/rapporto")
def document_file(request: Request, caller: the.Auditor, document_id: the.Id, forma: the.Form = "pdf") -> Response:
    """The same as a file."""
    told = document_story(DocumentId(document_id), caller.site.ports, the.openable(caller))
    return _story_file(request, caller, "documento", document_id, told, forma)


@router.get("/verifica/lotti/{code}")
def batch(request: Request, caller: the.Auditor, code: the.Code) -> HTMLResponse:
    """What happened to a batch and its files, and whether it adds up."""
    ports = caller.site.ports
    found = ports.catalog.batch(code)
    told = batch_story(found, ports)
    counted = count_batch(found, ports)
    caller.record(EventType.LEDGER_READ, found.id)
    fates = [(words, counted.account.count(fate)) for fate, words in FATES.items()]
    path, gaps = f"/verifica/lotti/{quote(found.id, safe='')}", len(counted.shortfalls)
    view = _view(Pair("Lotto", "Batch"), found.code, told, path, fates=fates, gaps=gaps, batch=found)
    return page(request, caller, "audit/story.html", **view)


@router.get("/verifica/lotti/{code}/rapporto")
def batch_file(request: Request, caller: the.Auditor, code: the.Code, forma: the.Form = "pdf") -> Response:
    """The batch counted, as a file."""
    ports = caller.site.ports
    found = ports.catalog.batch(code)
    places = caller.may(Ability.INTAKE) and sees(found, caller.access)
    report = batch_report(count_batch(found, ports), tongue(request), places=places)
    return the.delivered(report, forma, found.id, caller)


@router.get("/verifica/persone/{person_id}")
def person(request: Request, caller: the.Auditor, person_id: the.Id) -> HTMLResponse:
    """What happened to a person's record, what was filed under it, and who looked; named to who may see a paper."""
    known = the.known_person(person_id, caller)
    told = person_story(known, caller.site.ports, the.openable(caller))
    caller.record(EventType.LEDGER_READ, known)
    name = the.person_name(known, caller)
    words = None if name is not None else Pair("la persona cercata", "the person asked for")
    path, accesses = f"/verifica/persone/{known}", f"persona={known}"
    view = _view(Pair("Persona", "Person"), known, told, path, name=name, words=words, accesses=accesses)
    return page(request, caller, "audit/story.html", **view)


@router.get("/verifica/persone/{person_id}/rapporto")
def person_file(request: Request, caller: the.Auditor, person_id: the.Id, forma: the.Form = "pdf") -> Response:
    """The same as a file."""
    known = the.known_person(person_id, caller)
    told = person_story(known, caller.site.ports, the.openable(caller))
    return _story_file(request, caller, "persona", known, told, forma)


@router.get("/verifica/utenti/{name}")
def account(
    request: Request, caller: the.Auditor, name: the.Name, dal: the.Day = None, al: the.Day = None, dopo: the.After = 0
) -> HTMLResponse:
    """What an account did, page by page."""
    told = the.story_of_account(name, caller, the.start_of(dal), the.end_of(al), dopo, _LINES)
    caller.record(EventType.LEDGER_READ, name)
    lines = told.lines[:_LINES]
    path = f"/verifica/utenti/{quote(name, safe='')}"
    period = "".join(f"&{key}={day.isoformat()}" for key, day in (("dal", dal), ("al", al)) if day is not None)
    more = f"{path}?dopo={lines[-1].sequence}{period}" if len(told.lines) > _LINES else None
    filled = {"accesses": f"operatore={quote(name, safe='')}", "period": (dal, al), "query": period, "more": more}
    view = _view(Pair("Operatore", "Operator"), name, Story(lines), path, **filled)
    return page(request, caller, "audit/story.html", **view)


@router.get("/verifica/utenti/{name}/rapporto")
def account_file(
    request: Request,
    caller: the.Auditor,
    name: the.Name,
    dal: the.Day = None,
    al: the.Day = None,
    forma: the.Form = "pdf",
) -> Response:
    """The same as a file, whole."""
    told = the.story_of_account(name, caller, the.start_of(dal), the.end_of(al), 0, MOST_ROWS)
    the.demand_few(len(told.lines))
    return _story_file(request, caller, "operatore", name, told, forma)


def tongue(request: Request) -> Tongue:
    """The language that the visitor reads."""
    return Tongue(language(request) == "en")


def _view(kind: Pair, id_: str, told: Story, path: str, **filled: Any) -> dict[str, Any]:
    """What the page of a story needs, with nothing in the places that only some of them fill."""
    counted = [(event_name(one.type), one.count) for one in told.counted]
    return {
        "kind": kind,
        "id": id_,
        "told": told,
        "shown": SHOWN,
        "counted": counted,
        "path_of": path,
        "name": None,
        "words": None,
        "accesses": None,
        "fates": None,
        "gaps": 0,
        "batch": None,
        "period": None,
        "query": "",
        "more": None,
    } | filled


def _story_file(request: Request, caller: Caller, kind: str, id_: str, told: Story, form: the.Form) -> Response:
    lines = sorted((*told.lines, *told.readings), key=lambda line: line.sequence)
    the.demand_few(len(lines))
    name = f"{kind}-{the.file_part(id_)}"
    report = story_report(name, f"{kind.capitalize()} {id_}", lines, tongue(request))
    return the.delivered(report, form, id_, caller)
