"""Da rivedere: one doubt after another, each with its proof beside it, each answer one key and undone by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from faldone.catalog.records import Document
from faldone.domain.attribution import Band
from faldone.domain.decision import Settled
from faldone.domain.ids import BatchId, DocumentId
from faldone.errors import NotFoundError, StaleError, UndecidableError
from faldone.pipeline.filing.attribute import is_under_way
from faldone.pipeline.review.bench import Draft, bench_of, shown_name
from faldone.pipeline.review.desk import Aside, Deed, Way
from faldone.pipeline.review.group import group_of, may_group, model_of
from faldone.pipeline.review.queue import Order
from faldone.pipeline.review.settle import assign
from faldone.pipeline.review.stale import demand_current, demand_own_loan
from faldone.pipeline.review.undo import stroke_of, take_back
from faldone.pipeline.review.whereabouts import Whereabouts, whereabouts
from faldone.pipeline.search.person_suggestions import suggest_persons
from faldone.web.caller import Caller
from faldone.web.lanes import at_length
from faldone.web.pages import review_recheck, review_sheets
from faldone.web.render import is_htmx, page, spoken
from faldone.web.review_form import Answer, answered, draft_of, fields_of, versions_of
from faldone.web.review_showing import (
    DocumentPath,
    PageNumber,
    Reviewer,
    Words,
    address_of,
    counted,
    document_at,
    sheet_view,
    show_bench,
    show_empty,
    show_if_seen,
    show_next,
    tell_named,
    tell_stale,
    type_name,
    waiting_of,
)
from faldone.web.reviewing import ReviewRoom, demand_nobody_beside, room_of, take_next, who
from faldone.web.sending import page_of, tell_delivered, tell_names, tell_opened, was_opened

router = APIRouter(prefix="/revisione")
for part in (review_recheck.router, review_sheets.router):
    router.include_router(part)

# ---- looking


@router.get("")
def enter_queue(request: Request, caller: Reviewer) -> Response:
    """The next item, at its own address."""
    demand_nobody_beside(caller)
    room = room_of(caller.site)
    item, waiting = take_next(caller, room)
    if item is None:
        return show_empty(request, caller, room, waiting)
    return RedirectResponse(address_of(item), 303)


@router.get("/sospesi")
def suspended(request: Request, caller: Reviewer) -> Response:
    """What the caller put aside in this session, with the notes."""
    demand_nobody_beside(caller)
    room = room_of(caller.site)
    aside = room.desk.aside(who(caller))
    found = caller.site.ports.catalog.documents_with(list(aside))
    shown = caller.documents([one for one in found.values() if one.proposal.band is not Band.AUTO])
    rows = [(document, aside[document.id]) for document in shown]
    return page(request, caller, "review/aside.html", rows=rows)


@router.post("/ordine")
def set_order(
    request: Request,
    caller: Reviewer,
    ordine: Annotated[Order, Form()] = Order.USEFUL,
    lotto: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """From now on items come in this order, of this batch alone."""
    room_of(caller.site).desk.go(Way(ordine, BatchId(lotto) if lotto else None), who(caller), caller.site.ports.clock())
    return RedirectResponse("/revisione", 303)


@router.get("/{document}")
def show_item(
    request: Request,
    caller: Reviewer,
    document: DocumentPath,
    p: PageNumber = None,
) -> Response:
    """One item, whether it waits or was decided."""
    demand_nobody_beside(caller)
    room = room_of(caller.site)
    found = caller.document(DocumentId(document))
    return show_bench(request, caller, room, found, Draft(), number=p, opened=True)


@router.get("/{document}/foglio")
def show_sheet(
    request: Request, caller: Reviewer, document: DocumentPath, p: PageNumber = None, cieco: bool = False
) -> Response:
    """Another page of the item; ``cieco``, without what is proposed."""
    demand_nobody_beside(caller)
    found = caller.document(DocumentId(document))
    if not is_htmx(request):
        place = f"/revisione/{found.id}" + ("/ricontrollo" if cieco else "")
        return RedirectResponse(place + (f"?p={p}" if p is not None else ""), 303)
    sheet = sheet_view(found, p, None if cieco else bench_of(found, Draft(), caller.site.ports), caller)
    # Its text goes out, before its picture is asked for.
    tell_delivered(caller, found, page_of(found, sheet.number, caller.site.ports), sheet.number)
    return page(request, caller, "review/_sheet.html", document=found, sheet=sheet)


# ---- answering


@router.post("/annulla")
@at_length
def undo_last(request: Request, caller: Reviewer) -> Response:
    """Takes the last stroke of the session back, and opens its item again."""
    demand_nobody_beside(caller)
    room, me = room_of(caller.site), who(caller)
    stroke = room.desk.last(me)
    if stroke is None:
        return show_next(request, caller, room, said=("Non c'è niente da annullare.", "There is nothing to undo."))
    ports = caller.site.ports
    documents: tuple[DocumentId, ...] = (stroke.document,)
    try:
        # Whoever did something takes it back, also where the paper went out of their sight by it.
        if stroke.deed in (Deed.DECIDED, Deed.BOUNDARIES):
            documents = take_back(stroke, caller.account.name, ports)
        there = document_at(stroke.source, stroke.page, ports) if stroke.source is not None else None
        found = there or ports.catalog.document(stroke.document)
    except (StaleError, NotFoundError):
        # It can be undone no more, by anybody's key: the one before it is next.
        room.desk.taken_back(stroke, me)
        raise
    room.desk.taken_back(stroke, me)
    room.queue.forget()
    others = whereabouts([one for one in documents if one != stroke.document], ports)
    return show_if_seen(request, caller, room, found, _undone(found, others, caller))


def _undone(found: Document, others: Whereabouts, caller: Caller) -> Words:
    """Where a document is after a stroke on it was taken back, and the others that it was about."""
    ports = caller.site.ports
    # Of what may not be seen nothing is said, not even what it is.
    seen = bool(caller.documents([found]))
    name = type_name(found, caller) if seen else "Documento"
    said = (f"Annullato: «{name}» è tornato da rivedere.", f"Undone: “{name}” waits again.")
    if found.proposal.band is Band.AUTO:
        register = ports.register()
        whose = ", ".join(shown_name(one.value, register) for one in found.proposal.holders) if seen else ""
        into = (f", fascicolo di {whose}", f", dossier of {whose}") if whose else ("", "")
        said = (
            f"Annullato: «{name}» non torna da rivedere: è archiviato{into[0]}.",
            f"Undone: “{name}” does not wait: it is filed{into[1]}.",
        )
    count, filed = len(others.waiting) + len(others.filed), len(others.filed)
    if not count:
        return said
    away = ("", "")
    if filed:
        one = filed == 1
        away = (
            f" {filed} di questi non {'torna: è archiviato' if one else 'tornano: sono archiviati'}.",
            f" {filed} of these {'does' if one else 'do'} not wait: filed.",
        )
    return (
        f"{said[0]} {counted(count, 'documento simile compreso', 'documenti simili compresi')}.{away[0]}",
        f"{said[1]} {counted(count, 'similar document', 'similar documents')} too.{away[1]}",
    )


@router.post("/{document}/decidi")
def decide(request: Request, caller: Reviewer, document: DocumentPath, form: Annotated[Answer, Form()]) -> Response:
    """One answer: the next doubt of the same document, or its decision and the next item."""
    demand_nobody_beside(caller)
    ports, room = caller.site.ports, room_of(caller.site)
    found = caller.document(DocumentId(document))
    try:
        demand_current(found, form.version, ports)
        if not form.insieme:
            demand_own_loan(room.desk.taken_by_other(found.id, who(caller), ports.clock()), ports)
        bench = bench_of(found, draft_of(form, ports), ports)
        try:
            draft = answered(form, bench, caller.account.name, ports)
        except (NotFoundError, UndecidableError) as error:
            if form.persona and is_htmx(request):
                return _nobody(request, caller, form.persona, error)
            raise
        if bench_of(found, draft, ports).doubts:
            return show_bench(request, caller, room, found, draft)
        return _decided(request, caller, room, found, draft.settled, form.version)
    except StaleError as error:
        return tell_stale(request, caller, found.id, error)


@router.post("/{document}/poi")
def put_off(request: Request, caller: Reviewer, document: DocumentPath) -> Response:
    """The item comes again when nothing else waits."""
    return _put_aside(request, caller, document, Aside(later=True), ("Rimandato.", "Put off."))


@router.post("/{document}/sospendi")
def suspend(
    request: Request, caller: Reviewer, document: DocumentPath, nota: Annotated[str, Form(max_length=300)] = ""
) -> Response:
    """The item stays out of the caller's queue for this session, with a note."""
    return _put_aside(request, caller, document, Aside(later=False, note=nota.strip()), ("Sospeso.", "Suspended."))


@router.post("/{document}/riprendi")
def take_up(request: Request, caller: Reviewer, document: DocumentPath) -> Response:
    """What was suspended waits again."""
    found = caller.document(DocumentId(document))
    room_of(caller.site).desk.bring_back(who(caller), found.id)
    return RedirectResponse(f"/revisione/{found.id}", 303)


# ---- groups


@router.get("/{document}/gruppo")
def show_group(
    request: Request, caller: Reviewer, document: DocumentPath, form: Annotated[Answer, Query()]
) -> Response:
    """The documents that the same answer settles, with their proofs."""
    demand_nobody_beside(caller)
    ports, room = caller.site.ports, room_of(caller.site)
    found = caller.document(DocumentId(document))
    waiting = waiting_of(caller, room)
    item = waiting.item(found.id)
    draft = draft_of(form, ports)
    tell_named(caller, found, draft)
    bench = bench_of(found, draft, ports)
    members = group_of(bench, item, waiting.items, ports) if item is not None else ()
    if not members:
        return RedirectResponse(f"/revisione/{found.id}", 303)
    answers = bench.options
    # Their proofs are words of them.
    tell_opened(caller, *(one.document for one in members if not was_opened(caller, one.document)))
    key = form.option if form.option in {one.key for one in answers} else answers[bench.selected or 0].key
    context: dict[str, Any] = {"document": found, "bench": bench, "members": members, "answers": answers, "key": key}
    context |= {"told": form.insieme, "model": model_of(bench, ports)}
    template = "review/_group.html" if is_htmx(request) else "review/group.html"
    return page(request, caller, template, fields=fields_of(bench.draft), **context)


@router.post("/{document}/gruppo")
@at_length
def decide_group(
    request: Request,
    caller: Reviewer,
    document: DocumentPath,
    form: Annotated[Answer, Form()],
    con: Annotated[list[str], Form(max_length=50)] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """One answer for the documents that are ticked, and one undo for all of them."""
    demand_nobody_beside(caller)
    ports, room = caller.site.ports, room_of(caller.site)
    found = caller.document(DocumentId(document))
    waiting = waiting_of(caller, room)
    item = waiting.item(found.id)
    try:
        demand_current(found, form.version, ports)
        if not form.insieme:
            demand_own_loan(room.desk.taken_by_other(found.id, who(caller), ports.clock()), ports)
        bench = bench_of(found, draft_of(form, ports), ports)
        draft = answered(form, bench, caller.account.name, ports)
        if not may_group(bench, item) or bench_of(found, draft, ports).doubts:
            return show_bench(request, caller, room, found, draft)
        # What was shown, no more: members that came since are not settled unseen.
        among = versions_of(con)
        members = group_of(bench, item, waiting.items, ports) if item is not None else ()
        seen = {one.document.id for one in members}
        gone = len(set(con)) - len(seen & among.keys())
        among = {one: version for one, version in among.items() if one in seen}
        return _decided(request, caller, room, found, draft.settled, form.version, among=among, gone=gone)
    except StaleError as error:
        return tell_stale(request, caller, found.id, error)


def _decided(
    request: Request,
    caller: Caller,
    room: ReviewRoom,
    found: Document,
    settled: Settled,
    version: int,
    among: Mapping[DocumentId, int] | None = None,
    gone: int = 0,
) -> Response:
    """Puts a decision on record, remembers how to undo it, and goes on.

    ``among`` are the others that it goes for, with the versions that were looked at; ``gone`` how many more were meant.
    """
    ports, me = caller.site.ports, who(caller)
    item = waiting_of(caller, room).item(found.id)
    together = bool(among)
    done = assign(found.id, settled, caller.account.name, ports, together=together, among=among, version=version)
    # While another has the file its documents are still as they were before the decision.
    later = is_under_way(found.source, ports)
    after = ports.catalog.document(found.id)
    now = ports.clock()
    room.queue.settled(done.documents)
    room.desk.done(stroke_of(after, len(done.documents) - 1, ports), me, now)
    register = ports.register()
    names = "" if later else ", ".join(shown_name(holder.value, register) for holder in after.proposal.holders)
    kind = type_name(after, caller)
    also = len(done.documents) - 1
    missed, again = len(among or ()) + gone - also, done.reconsidered
    said = (
        f"{kind}: "
        + (_LATER[0] if later else f"assegnato a {names}." if names else "archiviato.")
        + (f" E altri {also} simili." if also else "")
        + (f" {missed} no: nel frattempo sono cambiati, riguardali." if missed else "")
        + (f" {counted(again, *_AGAIN[0])}" if again else ""),
        f"{kind}: "
        + (_LATER[1] if later else f"assigned to {names}." if names else "filed.")
        + (f" And {also} like it." if also else "")
        + (f" {missed} not: they have changed since, look again." if missed else "")
        + (f" {counted(again, *_AGAIN[1])}" if again else ""),
    )
    return show_next(request, caller, room, said=said, after=item.question if item is not None else None)


def _put_aside(request: Request, caller: Caller, document: str, aside: Aside, said: Words) -> Response:
    demand_nobody_beside(caller)
    room = room_of(caller.site)
    found = caller.document(DocumentId(document))
    waiting, me, now = waiting_of(caller, room), who(caller), caller.site.ports.clock()
    item = waiting.item(found.id)
    if aside.later:
        away = {one for one, why in room.desk.aside(me).items() if not why.later} | room.desk.lent_to_others(me, now)
        if all(one.document == found.id or one.document in away for one in waiting.items):
            said = _LAST if not waiting.closed else _LAST_OPEN
    room.desk.put_aside(found.id, me, aside, now)
    return show_next(request, caller, room, said=said, after=item.question if item is not None else None)


def _nobody(request: Request, caller: Caller, typed: str, error: NotFoundError | UndecidableError) -> Response:
    """What was typed is nobody's name, or that of several: who may be meant, to be picked where it was typed."""
    found = suggest_persons(typed, caller.site.book, caller.site.ports, only=caller.pinned)
    tell_names(caller, "review", len(found))
    status = 404 if isinstance(error, NotFoundError) else 409
    said = {"message": spoken(request, error.message), "found": found}
    answer = page(request, caller, "review/_nobody.html", status=status, **said)
    answer.headers.update({"HX-Retarget": "#d-persona .refusal", "HX-Reswap": "innerHTML"})
    return answer


_LAST: Words = (
    "Rimandato, ma è l'ultimo: torna subito.",
    "Put off, but it is the last one: it comes back at once.",
)
_LAST_OPEN: Words = (
    "Rimandato, ma è l'ultimo che si apre senza motivo: torna subito. Gli altri chiedono il motivo.",
    "Put off, but it is the last that opens without a reason: it comes back at once. The others ask for a reason.",
)

_LATER: Words = (
    "deciso. Il suo file è in lavorazione: si archivia appena è finita.",
    "decided. Its file is being worked on: it is filed as soon as that is done.",
)

_AGAIN: tuple[Words, Words] = (
    (
        "file che nomina la persona si riesamina: se ora è chiaro si archivia da solo.",
        "file che nominano la persona si riesaminano: quelli ora chiari si archiviano da soli.",
    ),
    (
        "file that names the person is looked at again: if it is clear now it files itself.",
        "files that name the person are looked at again: those that are clear now file themselves.",
    ),
)
"""Of one file, and of several, in either language."""
