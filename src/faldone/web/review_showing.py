"""What a reviewer is shown: the bench of a document, the paper alone, the next item, and what went otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from faldone.catalog.records import Document
from faldone.domain.account import Ability
from faldone.domain.decision import Settled
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId
from faldone.errors import DocumentNotFoundError, StaleError
from faldone.pipeline.papers.page_images import picture_key, stand
from faldone.pipeline.papers.reading_order import reading_order
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.bench import Bench, Doubt, Draft, Mark, bench_of
from faldone.pipeline.review.group import may_group
from faldone.pipeline.review.queue import Item
from faldone.pipeline.review.recheck import Difference
from faldone.pipeline.review.sheets import page_at
from faldone.pipeline.review.stale import short_name
from faldone.web.caller import NOT_FOUND, Caller
from faldone.web.render import is_htmx, language, page
from faldone.web.review_form import fields_of
from faldone.web.reviewing import Backlog, ReviewRoom, ahead, backlog, take_next, who
from faldone.web.rules import Requires
from faldone.web.sending import page_of, tell_opened, told, was_opened

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


def waiting_of(caller: Caller, room: ReviewRoom) -> Backlog:
    """What waits for the caller, in the order and of the batch that they chose."""
    way = room.desk.way(who(caller))
    return backlog(caller, room, way.order, way.batch)


def show_bench(
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
    waiting = waiting or waiting_of(caller, room)
    item = waiting.item(document.id)
    tell_named(caller, document, draft)
    bench = bench_of(document, draft, ports)
    coming = ahead(caller, room, waiting, document.id, item.question if item and item.together > 1 else None)
    answer = page(
        request,
        caller,
        "review/_bench.html" if is_htmx(request) else "review/bench.html",
        document=document,
        bench=bench,
        sheet=sheet_view(document, number, bench, caller),
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


def show_blind(
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

    The rest as for :func:`show_bench`.
    """
    ports, me = caller.site.ports, who(caller)
    if opened or not was_opened(caller, document):
        tell_opened(caller, document)
    room.desk.lend(document.id, me, ports.clock(), caller.account.name)
    if given is not None:
        tell_named(caller, document, Draft(given))
    asked, pick = _BOTH if differ else _BLIND, language(request) == "en"
    answer = page(
        request,
        caller,
        "review/_recheck.html" if is_htmx(request) else "review/recheck.html",
        document=document,
        sheet=sheet_view(document, number, None, caller),
        given=given,
        differ=differ,
        said=said,
        asked=asked,
        announce=f"{said[pick]} {asked[pick]}" if said is not None else asked[pick],
        undoable=room.desk.last(me),
        types=sorted(ports.lexicon.types.values(), key=lambda kind: kind.name),
        services=sorted(ports.lexicon.services.values(), key=lambda service: service.name),
        **_head(caller, room, waiting or waiting_of(caller, room)),
    )
    if push:
        answer.headers["HX-Push-Url"] = f"/revisione/{document.id}/ricontrollo"
    return answer


def show_next(request: Request, caller: Caller, room: ReviewRoom, *, said: Words, after: str | None = None) -> Response:
    """The next item as the answer to what was done."""
    item, waiting = take_next(caller, room, after)
    if not is_htmx(request):
        return RedirectResponse(address_of(item) if item is not None else "/revisione", 303)
    if item is None:
        return show_empty(request, caller, room, waiting, said=said)
    found = caller.document(item.document)
    if item.is_recheck:
        return show_blind(request, caller, room, found, said=said, opened=True, push=True, waiting=waiting)
    return show_bench(request, caller, room, found, Draft(), said=said, opened=True, push=True, waiting=waiting)


def show_empty(
    request: Request, caller: Caller, room: ReviewRoom, waiting: Backlog, said: Words | None = None
) -> Response:
    """The bench with nothing on it: nothing waits, or only what colleagues have before them."""
    template = "review/_empty.html" if is_htmx(request) else "review/empty.html"
    undoable = room.desk.last(who(caller))
    busy = len(room.desk.lent_to_others(who(caller), caller.site.ports.clock()))
    head = _head(caller, room, waiting)
    answer = page(request, caller, template, said=said, undoable=undoable, busy=busy, **head)
    answer.headers["HX-Push-Url"] = "/revisione"
    return answer


def show_if_seen(request: Request, caller: Caller, room: ReviewRoom, document: Document, said: Words) -> Response:
    """The bench of what was changed; the next item where it went out of the caller's sight by that, which is told."""
    if caller.documents([document]):
        return show_bench(request, caller, room, document, Draft(), said=said, opened=True, push=True)
    away = (f"{said[0]} {_AWAY[0]}", f"{said[1]} {_AWAY[1]}")
    return show_next(request, caller, room, said=away)


def tell_stale(request: Request, caller: Caller, document: DocumentId, error: StaleError) -> Response:
    """Message 18: whoever was first decided; the key that was pressed is applied to nothing."""
    if not is_htmx(request):
        raise error
    italian, _, english = error.message.partition(" / ")
    message = english if language(request) == "en" else italian
    answer = page(request, caller, "review/_stale.html", status=409, document=document, message=message)
    answer.headers.update({"HX-Retarget": "#messaggi", "HX-Reswap": "innerHTML"})
    return answer


def address_of(item: Item) -> str:
    """Where an item is shown."""
    return f"/revisione/{item.document}{'/ricontrollo' if item.is_recheck else ''}"


def tell_named(caller: Caller, document: Document, draft: Draft) -> None:
    """Puts on record of whom an answer shows the name, where the paper does not name them: any code can be typed."""
    on_paper = {one.value.person for one in document.proposal.persons}
    for person in draft.settled.holders or ():
        if person not in on_paper:
            tell = partial(caller.record, EventType.REGISTER_READ, person, door="review", shown=1)
            told(caller.site).once((who(caller), document.id, person, "named"), tell)


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


def sheet_view(document: Document, number: int | None, bench: Bench | None, caller: Caller) -> SheetView:
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


def type_name(document: Document, caller: Caller) -> str:
    """What a document is, in a word."""
    kind = document.proposal.type
    types = caller.site.ports.lexicon.types
    return types[kind.value].name if kind is not None and kind.value in types else "Documento"


def document_at(source: Digest, index: int, ports: Ports) -> Document | None:
    """The document on a page of the file, after its boundaries changed; None where none is any more."""
    return next((one for one in ports.catalog.documents(source) if index in one.span), None)


def counted(count: int, one: str, several: str) -> str:
    """A number with its noun, of one or of several."""
    return f"{count} {one if count == 1 else several}"


def _announce(bench: Bench, said: Words | None, english: bool) -> str:
    """What a screen reader says after a swap: what was done, and what is asked next."""
    pick = 1 if english else 0
    done = f"{said[pick]} " if said is not None else ""
    if bench.doubt is None:
        return f"{done}{('Archiviato.', 'Filed.')[pick]}"
    stop = f" {bench.why_not[pick]}" if bench.why_not is not None else ""
    return f"{done}{('Adesso:', 'Now:')[pick]} {_ASKED[bench.doubt][pick]}{stop}"


_ASKED: dict[Doubt, Words] = {
    Doubt.HOLDER: ("di chi è?", "whose is it?"),
    Doubt.TYPE: ("che tipo di documento è?", "which type of document is it?"),
    Doubt.SERVICE: ("di quale servizio?", "of which service?"),
    Doubt.DATE: ("la data è giusta?", "is the date right?"),
    Doubt.SHEETS: ("i fogli sono giusti?", "are the sheets right?"),
}


_BLIND: Words = (
    "Ricontrollo: guarda il foglio e di' di chi è, che cos'è e di quale servizio.",
    "Checked again: look at the paper and say whose it is, what it is and of which service.",
)


_BOTH: Words = ("Tu e l'archivio non dite lo stesso: chi ha ragione?", "You and the archive differ: who is right?")


_AWAY: Words = (
    "Ora il documento si apre solo con un motivo, o da chi ne ha i permessi.",
    "The document opens with a reason only now, or to who has the rights.",
)
