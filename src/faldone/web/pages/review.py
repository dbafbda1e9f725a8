"""Da rivedere: one doubt after another, each with its proof beside it, each answer one key and undone by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from faldone.catalog.records import Document
from faldone.domain.account import Ability
from faldone.domain.attribution import Band
from faldone.domain.decision import Settled
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.ids import BatchId, DocumentId
from faldone.errors import DocumentNotFoundError, NotFoundError, StaleError, UndecidableError
from faldone.pipeline.papers.page_images import picture_key, stand
from faldone.pipeline.papers.reading_order import reading_order
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.bench import Bench, Doubt, Draft, Mark, bench_of, shown_name
from faldone.pipeline.review.desk import Aside, Deed, Stroke, Way
from faldone.pipeline.review.group import group_of, may_group, model_of
from faldone.pipeline.review.queue import Item, Order
from faldone.pipeline.review.recheck import Difference, differences, is_due, settle_recheck
from faldone.pipeline.review.settle import assign
from faldone.pipeline.review.sheets import Changed, Said, page_at, save_sheets, strip_of
from faldone.pipeline.review.stale import demand_current, demand_own_loan, short_name
from faldone.pipeline.review.undo import stroke_of, take_back
from faldone.pipeline.review.whereabouts import Whereabouts, whereabouts
from faldone.pipeline.search.person_suggestions import suggest_persons
from faldone.web.caller import NOT_FOUND, Caller
from faldone.web.lanes import at_length
from faldone.web.render import is_htmx, language, page, spoken
from faldone.web.review_form import Answer, Recheck, Sheets, answered, draft_of, fields_of, versions_of
from faldone.web.reviewing import (
    Backlog,
    ReviewRoom,
    ahead,
    backlog,
    demand_nobody_beside,
    room_of,
    take_next,
    take_recheck,
    who,
)
from faldone.web.rules import Requires
from faldone.web.sending import page_of, tell_delivered, tell_names, tell_opened, told, was_opened

router = APIRouter(prefix="/revisione")

Reviewer = Annotated[Caller, Depends(Requires(Ability.REVIEW))]
DocumentPath = Annotated[str, Path(max_length=40)]
PageNumber = Annotated[int | None, Query(alias="p", ge=1, le=100_000)]

Words = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SheetView:
    """One page as it is shown: its size, its picture and the marks on it.

    ``number`` is its own in the scan of the document, from 1; ``numbers`` are those of all pages, as they are read.
    ``moved`` is its number in the scanned file, where it is read elsewhere than it lies. ``transcribed`` says that a
    person typed its words, ``blind`` that nothing of what is proposed is shown.
    """

    number: int
    numbers: tuple[int, ...]
    moved: int | None
    width: int
    height: int
    image: str
    marks: tuple[Mark, ...]
    text: str
    transcribed: bool
    blind: bool

    @property
    def position(self) -> int:
        """Where it is read in the document, from 1."""
        return self.position_of(self.number)

    @property
    def before(self) -> int | None:
        """The number of the page that is read before it."""
        return self.numbers[self.position - 2] if self.position > 1 else None

    @property
    def behind(self) -> int | None:
        """The number of the page that is read behind it."""
        return self.numbers[self.position] if self.position < len(self.numbers) else None

    def position_of(self, number: int) -> int:
        """Where a page is read; of what is no page of the document the number itself."""
        return self.numbers.index(number) + 1 if number in self.numbers else number


# ---- looking


@router.get("")
def enter_queue(request: Request, caller: Reviewer) -> Response:
    """The next item, at its own address."""
    demand_nobody_beside(caller)
    room = room_of(caller.site)
    item, waiting = take_next(caller, room)
    if item is None:
        return _empty(request, caller, room, waiting)
    return RedirectResponse(_address(item), 303)


@router.get("/ricontrollo")
def enter_recheck(request: Request, caller: Reviewer) -> Response:
    """The next document that was filed by itself and is asked again, at its own address."""
    demand_nobody_beside(caller)
    room = room_of(caller.site)
    waiting = _waiting(caller, room)
    item = take_recheck(caller, room, waiting)
    if item is None:
        return _empty(request, caller, room, waiting)
    return RedirectResponse(_address(item), 303)


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
    return _show(request, caller, room, found, Draft(), number=p, opened=True)


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
    sheet = _sheet(found, p, None if cieco else bench_of(found, Draft(), caller.site.ports), caller)
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
        return _next(request, caller, room, said=("Non c'è niente da annullare.", "There is nothing to undo."))
    ports = caller.site.ports
    documents: tuple[DocumentId, ...] = (stroke.document,)
    try:
        # Whoever did something takes it back, also where the paper went out of their sight by it.
        if stroke.deed in (Deed.DECIDED, Deed.BOUNDARIES):
            documents = take_back(stroke, caller.account.name, ports)
        there = _document_at(stroke.source, stroke.page, ports) if stroke.source is not None else None
        found = there or ports.catalog.document(stroke.document)
    except (StaleError, NotFoundError):
        # It can be undone no more, by anybody's key: the one before it is next.
        room.desk.taken_back(stroke, me)
        raise
    room.desk.taken_back(stroke, me)
    room.queue.forget()
    others = whereabouts([one for one in documents if one != stroke.document], ports)
    return _show_if_seen(request, caller, room, found, _undone(found, others, caller))


def _undone(found: Document, others: Whereabouts, caller: Caller) -> Words:
    """Where a document is after a stroke on it was taken back, and the others that it was about."""
    ports = caller.site.ports
    # Of what may not be seen nothing is said, not even what it is.
    seen = bool(caller.documents([found]))
    name = _type_name(found, caller) if seen else "Documento"
    said = (f"Annullato: «{name}» è tornato da rivedere.", f"Undone: “{name}” waits again.")
    if found.proposal.band is Band.AUTO:
        register = ports.register()
        whose = ", ".join(shown_name(one.value, register) for one in found.proposal.holders) if seen else ""
        into = (f", fascicolo di {whose}", f", dossier of {whose}") if whose else ("", "")
        said = (
            f"Annullato: «{name}» non torna da rivedere: si archivia da solo{into[0]}.",
            f"Undone: “{name}” does not wait: it is filed by itself{into[1]}.",
        )
    count, filed = len(others.waiting) + len(others.filed), len(others.filed)
    if not count:
        return said
    away = ("", "")
    if filed:
        one = filed == 1
        away = (
            f" {filed} di questi non {'torna: si archivia da solo' if one else 'tornano: si archiviano da soli'}.",
            f" {filed} of these {'does' if one else 'do'} not wait: filed by {'itself' if one else 'themselves'}.",
        )
    return (
        f"{said[0]} {_many(count, 'documento simile compreso', 'documenti simili compresi')}.{away[0]}",
        f"{said[1]} {_many(count, 'similar document', 'similar documents')} too.{away[1]}",
    )


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


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
            return _show(request, caller, room, found, draft)
        return _decided(request, caller, room, found, draft.settled, form.version)
    except StaleError as error:
        return _stale(request, caller, found.id, error)


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


# ---- asked again, blind


@router.get("/{document}/ricontrollo")
def show_recheck(request: Request, caller: Reviewer, document: DocumentPath, p: PageNumber = None) -> Response:
    """A document that was filed by itself, without what the archive says of it."""
    demand_nobody_beside(caller)
    found = caller.document(DocumentId(document))
    if not is_due(found, caller.site.ports):
        return RedirectResponse(f"/revisione/{found.id}", 303)
    return _show_blind(request, caller, room_of(caller.site), found, number=p, opened=True)


@router.post("/{document}/ricontrollo")
def answer_recheck(
    request: Request, caller: Reviewer, document: DocumentPath, form: Annotated[Recheck, Form()]
) -> Response:
    """The answer: as the archive has it, or both beside each other, and then who is right."""
    demand_nobody_beside(caller)
    ports, room, me = caller.site.ports, room_of(caller.site), who(caller)
    found = caller.document(DocumentId(document))
    try:
        demand_current(found, form.version, ports)
        demand_own_loan(room.desk.taken_by_other(found.id, me, ports.clock()), ports)
        given = form.said(ports)
        differ = differences(found, given, ports)
        if any(one.doubt not in form.right for one in differ):
            return _show_blind(request, caller, room, found, given=given, differ=differ)
        mine = [one.doubt for one in differ if form.right[one.doubt]]
        settle_recheck(found, given, mine, caller.account.name, ports, form.version)
    except StaleError as error:
        return _stale(request, caller, found.id, error)
    room.queue.settled([found.id])
    room.desk.done(stroke_of(ports.catalog.document(found.id), 0, ports), me, ports.clock())
    return _next(request, caller, room, said=_RECHECKED[bool(differ), bool(mine)])


# ---- groups


@router.get("/{document}/gruppo")
def show_group(
    request: Request, caller: Reviewer, document: DocumentPath, form: Annotated[Answer, Query()]
) -> Response:
    """The documents that the same answer settles, with their proofs."""
    demand_nobody_beside(caller)
    ports, room = caller.site.ports, room_of(caller.site)
    found = caller.document(DocumentId(document))
    waiting = _waiting(caller, room)
    item = waiting.item(found.id)
    draft = draft_of(form, ports)
    _tell_named(caller, found, draft)
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
    waiting = _waiting(caller, room)
    item = waiting.item(found.id)
    try:
        demand_current(found, form.version, ports)
        if not form.insieme:
            demand_own_loan(room.desk.taken_by_other(found.id, who(caller), ports.clock()), ports)
        bench = bench_of(found, draft_of(form, ports), ports)
        draft = answered(form, bench, caller.account.name, ports)
        if not may_group(bench, item) or bench_of(found, draft, ports).doubts:
            return _show(request, caller, room, found, draft)
        # What was shown, no more: members that came since are not settled unseen.
        among = versions_of(con)
        members = group_of(bench, item, waiting.items, ports) if item is not None else ()
        seen = {one.document.id for one in members}
        gone = len(set(con)) - len(seen & among.keys())
        among = {one: version for one, version in among.items() if one in seen}
        return _decided(request, caller, room, found, draft.settled, form.version, among=among, gone=gone)
    except StaleError as error:
        return _stale(request, caller, found.id, error)


# ---- sheets


@router.get("/{document}/fogli")
def show_sheets(request: Request, caller: Reviewer, document: DocumentPath) -> Response:
    """The sheets of the document and of its neighbours, to be cut and joined."""
    demand_nobody_beside(caller)
    found = caller.document(DocumentId(document))
    return _show_strip(request, caller, found)


@router.post("/{document}/fogli")
@at_length
def set_sheets(request: Request, caller: Reviewer, document: DocumentPath, form: Annotated[Sheets, Form()]) -> Response:
    """Documents start on these sheets from now on, those are blank, those stand otherwise or are read elsewhere."""
    demand_nobody_beside(caller)
    ports, room = caller.site.ports, room_of(caller.site)
    found = caller.document(DocumentId(document))
    strip = strip_of(found, caller.documents, ports)
    said = Said(form.inizi, form.bianche, form.turns, form.moves)
    try:
        changed = save_sheets(strip, said, form.versions, caller.account.name, ports)
    except StaleError as error:
        return _stale(request, caller, found.id, error)
    now, page_shown = ports.clock(), found.span.start
    room.queue.forget()
    behind = _document_at(found.source, page_shown, ports) or ports.catalog.document(found.id)
    if changed.count:
        # Before it is asked whether what came of it may be seen: it is done, and must be there to be taken back.
        stroke = Stroke(
            Deed.BOUNDARIES,
            behind.id,
            now,
            source=found.source,
            times=changed.boundaries,
            page=page_shown,
            turns=changed.turns,
            readings=changed.readings,
            orders=changed.orders,
        )
        room.desk.done(stroke, who(caller), now)
    return _show_if_seen(request, caller, room, behind, _saved(changed))


def _saved(changed: Changed) -> Words:
    words = (
        f"Fogli salvati: {_many(changed.count, 'modifica', 'modifiche')}.",
        f"Sheets saved: {_many(changed.count, 'change', 'changes')}.",
    )
    if not changed.missed:
        return words
    return (
        f"{words[0]} {changed.missed} no: il file si stava rileggendo. Riprova.",
        f"{words[1]} {changed.missed} not: the file was being worked on. Try again.",
    )


# ---- answers in common


def _waiting(caller: Caller, room: ReviewRoom) -> Backlog:
    way = room.desk.way(who(caller))
    return backlog(caller, room, way.order, way.batch)


def _show(
    request: Request,
    caller: Caller,
    room: ReviewRoom,
    document: Document,
    draft: Draft,
    *,
    number: int | None = None,
    said: Words | None = None,
    opened: bool = False,
    push: bool = False,
    waiting: Backlog | None = None,
) -> Response:
    """The bench of a document.

    ``said`` tells what was done before; ``opened`` is whether the document was not before the caller until now, which
    is put on record, as it is of one that was never opened in this session; ``push`` gives
    the page its address. It lies before the caller from now on, unless a colleague has it: that is told.
    """
    ports, me = caller.site.ports, who(caller)
    if opened or not was_opened(caller, document):
        tell_opened(caller, document)
    room.desk.lend(document.id, me, ports.clock(), caller.account.name)
    loan = room.desk.taken_by_other(document.id, me, ports.clock())
    waiting = waiting or _waiting(caller, room)
    item = waiting.item(document.id)
    _tell_named(caller, document, draft)
    bench = bench_of(document, draft, ports)
    coming = ahead(caller, room, waiting, document.id, item.question if item and item.together > 1 else None)
    answer = page(
        request,
        caller,
        "review/_bench.html" if is_htmx(request) else "review/bench.html",
        document=document,
        bench=bench,
        sheet=_sheet(document, number, bench, caller),
        fields=fields_of(draft),
        item=item,
        grouped=may_group(bench, item) and bench.nothing is None,
        said=said,
        shared=(short_name(loan.by, ports), f"{loan.since.astimezone():%H:%M}") if loan is not None else None,
        asked=_ASKED,
        announce=_announce(bench, said, language(request) == "en"),
        coming=_images([one.document for one in coming], ports),
        undoable=room.desk.last(me),
        decision=ports.catalog.decisions(document.source).get(document.id),
        types=sorted(ports.lexicon.types.values(), key=lambda kind: kind.name),
        services=sorted(ports.lexicon.services.values(), key=lambda service: service.name),
        **_head(caller, room, waiting),
    )
    if push:
        answer.headers["HX-Push-Url"] = f"/revisione/{document.id}"
    return answer


def _show_blind(
    request: Request,
    caller: Caller,
    room: ReviewRoom,
    document: Document,
    *,
    number: int | None = None,
    given: Settled | None = None,
    differ: Sequence[Difference] = (),
    said: Words | None = None,
    opened: bool = False,
    push: bool = False,
    waiting: Backlog | None = None,
) -> Response:
    """A document that is asked again: the paper and a form, or what was ``given`` beside what the archive has.

    The rest as for :func:`_show`.
    """
    ports, me = caller.site.ports, who(caller)
    if opened or not was_opened(caller, document):
        tell_opened(caller, document)
    room.desk.lend(document.id, me, ports.clock(), caller.account.name)
    if given is not None:
        _tell_named(caller, document, Draft(given))
    asked, pick = _BOTH if differ else _BLIND, language(request) == "en"
    answer = page(
        request,
        caller,
        "review/_recheck.html" if is_htmx(request) else "review/recheck.html",
        document=document,
        sheet=_sheet(document, number, None, caller),
        given=given,
        differ=differ,
        said=said,
        asked=asked,
        announce=f"{said[pick]} {asked[pick]}" if said is not None else asked[pick],
        undoable=room.desk.last(me),
        types=sorted(ports.lexicon.types.values(), key=lambda kind: kind.name),
        services=sorted(ports.lexicon.services.values(), key=lambda service: service.name),
        **_head(caller, room, waiting or _waiting(caller, room)),
    )
    if push:
        answer.headers["HX-Push-Url"] = f"/revisione/{document.id}/ricontrollo"
    return answer


def _address(item: Item) -> str:
    return f"/revisione/{item.document}{'/ricontrollo' if item.is_recheck else ''}"


def _tell_named(caller: Caller, document: Document, draft: Draft) -> None:
    """Puts on record of whom an answer shows the name, where the paper does not name them: any code can be typed."""
    on_paper = {one.value.person for one in document.proposal.persons}
    for person in draft.settled.holders or ():
        if person not in on_paper:
            tell = partial(caller.record, EventType.REGISTER_READ, person, door="review", shown=1)
            told(caller.site).once((who(caller), document.id, person, "named"), tell)


def _show_if_seen(request: Request, caller: Caller, room: ReviewRoom, document: Document, said: Words) -> Response:
    """The bench of what was changed; the next item where it went out of the caller's sight by that, which is told."""
    if caller.documents([document]):
        return _show(request, caller, room, document, Draft(), said=said, opened=True, push=True)
    away = (f"{said[0]} {_AWAY[0]}", f"{said[1]} {_AWAY[1]}")
    return _next(request, caller, room, said=away)


def _images(documents: Sequence[DocumentId], ports: Ports) -> list[str]:
    """Where the pictures of these documents' first pages are, as the bench will ask for them."""
    found = ports.catalog.documents_with(documents)
    addresses = []
    for one in documents:
        if one in found:
            page, source = reading_order(found[one], ports)[0], found[one].source
            key = picture_key(page_at(source, page, ports), _turn(found[one], page, ports))
            addresses.append(_image(one, page - found[one].span.start + 1, key))
    return addresses


def _image(document: DocumentId, number: int, key: str) -> str:
    return f"/documenti/{document}/pagine/{number}/immagine?w=1240&k={key}"


def _turn(document: Document, index: int, ports: Ports) -> int | None:
    return ports.catalog.page_turns(document.source).get(index)


def _head(caller: Caller, room: ReviewRoom, waiting: Backlog) -> dict[str, Any]:
    """What stands above the bench."""
    ports, me = caller.site.ports, who(caller)
    if room.desk.way(me).batch is None:
        room.counts.note(caller.access, len(waiting.items), ports.clock())
    codes = {batch.id: batch.code for batch in ports.catalog.batches() if batch.id in waiting.batches}
    return {
        "count": len(waiting.items),
        "closed": waiting.closed,
        "rechecks": len(waiting.rechecks),
        "aside": sum(not one.later for one in room.desk.aside(me).values()),
        "pace": room.desk.pace(me, ports.clock()),
        "way": room.desk.way(me),
        "batches": sorted(codes.items(), key=lambda pair: pair[1]),
    }


def _next(request: Request, caller: Caller, room: ReviewRoom, *, said: Words, after: str | None = None) -> Response:
    """The next item as the answer to what was done."""
    item, waiting = take_next(caller, room, after)
    if not is_htmx(request):
        return RedirectResponse(_address(item) if item is not None else "/revisione", 303)
    if item is None:
        return _empty(request, caller, room, waiting, said=said)
    found = caller.document(item.document)
    if item.is_recheck:
        return _show_blind(request, caller, room, found, said=said, opened=True, push=True, waiting=waiting)
    return _show(request, caller, room, found, Draft(), said=said, opened=True, push=True, waiting=waiting)


def _empty(request: Request, caller: Caller, room: ReviewRoom, waiting: Backlog, said: Words | None = None) -> Response:
    template = "review/_empty.html" if is_htmx(request) else "review/empty.html"
    undoable = room.desk.last(who(caller))
    busy = len(room.desk.lent_to_others(who(caller), caller.site.ports.clock()))
    head = _head(caller, room, waiting)
    answer = page(request, caller, template, said=said, undoable=undoable, busy=busy, **head)
    answer.headers["HX-Push-Url"] = "/revisione"
    return answer


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
    item = _waiting(caller, room).item(found.id)
    together = bool(among)
    done = assign(found.id, settled, caller.account.name, ports, together=together, among=among, version=version)
    after = ports.catalog.document(found.id)
    now = ports.clock()
    room.queue.settled(done.documents)
    room.desk.done(stroke_of(after, len(done.documents) - 1, ports), me, now)
    register = ports.register()
    names = ", ".join(shown_name(holder.value, register) for holder in after.proposal.holders)
    kind = _type_name(after, caller)
    also = len(done.documents) - 1
    missed, again = len(among or ()) + gone - also, done.reconsidered
    said = (
        f"{kind}: "
        + (f"assegnato a {names}." if names else "archiviato.")
        + (f" E altri {also} simili." if also else "")
        + (f" {missed} no: nel frattempo sono cambiati, riguardali." if missed else "")
        + (f" {_many(again, *_AGAIN[0])}" if again else ""),
        f"{kind}: "
        + (f"assigned to {names}." if names else "filed.")
        + (f" And {also} like it." if also else "")
        + (f" {missed} not: they have changed since, look again." if missed else "")
        + (f" {_many(again, *_AGAIN[1])}" if again else ""),
    )
    return _next(request, caller, room, said=said, after=item.question if item is not None else None)


def _put_aside(request: Request, caller: Caller, document: str, aside: Aside, said: Words) -> Response:
    demand_nobody_beside(caller)
    room = room_of(caller.site)
    found = caller.document(DocumentId(document))
    waiting, me, now = _waiting(caller, room), who(caller), caller.site.ports.clock()
    item = waiting.item(found.id)
    if aside.later:
        away = {one for one, why in room.desk.aside(me).items() if not why.later} | room.desk.lent_to_others(me, now)
        if all(one.document == found.id or one.document in away for one in waiting.items):
            said = _LAST if not waiting.closed else _LAST_OPEN
    room.desk.put_aside(found.id, me, aside, now)
    return _next(request, caller, room, said=said, after=item.question if item is not None else None)


def _stale(request: Request, caller: Caller, document: DocumentId, error: StaleError) -> Response:
    """Message 18: whoever was first decided; the key that was pressed is applied to nothing."""
    if not is_htmx(request):
        raise error
    italian, _, english = error.message.partition(" / ")
    message = english if language(request) == "en" else italian
    answer = page(request, caller, "review/_stale.html", status=409, document=document, message=message)
    answer.headers.update({"HX-Retarget": "#messaggi", "HX-Reswap": "innerHTML"})
    return answer


def _nobody(request: Request, caller: Caller, typed: str, error: NotFoundError | UndecidableError) -> Response:
    """What was typed is nobody's name, or that of several: who may be meant, to be picked where it was typed."""
    found = suggest_persons(typed, caller.site.book, caller.site.ports, only=caller.pinned)
    tell_names(caller, "review", len(found))
    status = 404 if isinstance(error, NotFoundError) else 409
    said = {"message": spoken(request, error.message), "found": found}
    answer = page(request, caller, "review/_nobody.html", status=status, **said)
    answer.headers.update({"HX-Retarget": "#d-persona .refusal", "HX-Reswap": "innerHTML"})
    return answer


def _show_strip(request: Request, caller: Caller, found: Document) -> Response:
    tell_opened(caller, found)
    strip = strip_of(found, caller.documents, caller.site.ports)
    template = "review/_sheets.html" if is_htmx(request) else "review/sheets.html"
    return page(request, caller, template, document=found, strip=strip)


def _document_at(source: Digest, index: int, ports: Ports) -> Document | None:
    """The document on a page of the file, after its boundaries changed; None where none is any more."""
    return next((one for one in ports.catalog.documents(source) if index in one.span), None)


def _sheet(document: Document, number: int | None, bench: Bench | None, caller: Caller) -> SheetView:
    """A page of the document, blind where there is no bench; the first that is read when none is named."""
    span, ports = document.span, caller.site.ports
    numbers = tuple(index - span.start + 1 for index in reading_order(document, ports))
    number = number or numbers[0]
    if number > len(span):
        raise DocumentNotFoundError(NOT_FOUND)
    index = span[number - 1]
    text = ports.catalog.page_texts(document.source, range(index, index + 1)).get(index)
    # As its picture stands: somebody may have turned it since it was read.
    shown = page_of(document, number, ports)
    stands = stand(shown, ports)
    image = _image(document.id, number, picture_key(shown, _turn(document, index, ports)))
    marks = tuple(
        replace(mark, box=stands.place(mark.box))
        for mark in (bench.marks if bench is not None else ())
        if mark.page == index and mark.box is not None
    )
    return SheetView(
        number,
        numbers,
        index + 1 if numbers[number - 1] != number else None,
        stands.width,
        stands.height,
        image,
        marks if text is not None else (),
        text.text if text is not None else "",
        text is not None and text.transcribed,
        bench is None,
    )


def _type_name(document: Document, caller: Caller) -> str:
    kind = document.proposal.type
    types = caller.site.ports.lexicon.types
    return types[kind.value].name if kind is not None and kind.value in types else "Documento"


_AWAY: Words = (
    "Ora il documento si apre solo con un motivo, o da chi ne ha i permessi.",
    "The document opens with a reason only now, or to who has the rights.",
)

_LAST: Words = (
    "Rimandato, ma è l'ultimo: torna subito.",
    "Put off, but it is the last one: it comes back at once.",
)
_LAST_OPEN: Words = (
    "Rimandato, ma è l'ultimo che si apre senza motivo: torna subito. Gli altri chiedono il motivo.",
    "Put off, but it is the last that opens without a reason: it comes back at once. The others ask for a reason.",
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

_BLIND: Words = (
    "Ricontrollo: guarda il foglio e di' di chi è, che cos'è e di quale servizio.",
    "Checked again: look at the paper and say whose it is, what it is and of which service.",
)
_BOTH: Words = ("Tu e l'archivio non dite lo stesso: chi ha ragione?", "You and the archive differ: who is right?")

_RECHECKED: dict[tuple[bool, bool], Words] = {
    (False, False): ("Come l'archivio.", "As the archive has it."),
    (True, False): ("Ricontrollato: aveva ragione l'archivio.", "Checked again: the archive was right."),
    (True, True): ("Ricontrollato e corretto nell'archivio.", "Checked again, and corrected in the archive."),
}
"""What came of it: by whether there was a difference, and whether the archive was wrong in it."""

_ASKED: dict[Doubt, Words] = {
    Doubt.HOLDER: ("di chi è?", "whose is it?"),
    Doubt.TYPE: ("che tipo di documento è?", "which type of document is it?"),
    Doubt.SERVICE: ("di quale servizio?", "of which service?"),
    Doubt.DATE: ("la data è giusta?", "is the date right?"),
    Doubt.SHEETS: ("i fogli sono giusti?", "are the sheets right?"),
}


def _announce(bench: Bench, said: Words | None, english: bool) -> str:
    """What a screen reader says after a swap: what was done, and what is asked next."""
    pick = 1 if english else 0
    done = f"{said[pick]} " if said is not None else ""
    if bench.doubt is None:
        return f"{done}{('Archiviato.', 'Filed.')[pick]}"
    stop = f" {bench.why_not[pick]}" if bench.why_not is not None else ""
    return f"{done}{('Adesso:', 'Now:')[pick]} {_ASKED[bench.doubt][pick]}{stop}"
