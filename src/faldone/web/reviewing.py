"""What pages and API of the review share: the queue as the caller may see it, and who has what before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from faldone.domain.access import Sensitivity
from faldone.domain.ids import BatchId, DocumentId
from faldone.errors import UndecidableError
from faldone.pipeline.review_desk import ReviewDesk
from faldone.pipeline.review_queue import Item, Order, ReviewQueue, next_item
from faldone.web.caller import Caller
from faldone.web.site import Site


@dataclass(frozen=True, slots=True)
class ReviewRoom:
    """The queue and the desks of one running site."""

    queue: ReviewQueue = field(default_factory=ReviewQueue)
    desk: ReviewDesk = field(default_factory=ReviewDesk)

    def close(self) -> None:
        """Ends with the site."""
        self.queue.close()


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for a caller.

    ``items`` can be opened at once, ``closed`` only after a reason was given; ``batches`` are those of either.
    """

    items: Sequence[Item]
    closed: Sequence[Item]
    batches: frozenset[BatchId]

    def item(self, document: DocumentId) -> Item | None:
        """The document's place in the queue, if it waits."""
        return next((item for item in (*self.items, *self.closed) if item.document == document), None)


def room_of(site: Site) -> ReviewRoom:
    """The room of a running site."""
    return site.part(ReviewRoom, lambda _: ReviewRoom())


def who(caller: Caller) -> str:
    """Whose desk it is: of a session, or of the account of a program."""
    return str(caller.session.key) if caller.session is not None else f"account:{caller.account.name}"


def demand_nobody_beside(caller: Caller) -> None:
    """Refuses the review while somebody sits at the counter: it shows the names of others.

    Raises:
        UndecidableError: a person is pinned.
    """
    if caller.pinned is not None:
        raise UndecidableError(
            "In modalità sportello non si rivede: si vedrebbero nomi di altre persone. / "
            "There is no review in counter mode: names of other persons would be seen.",
            hint="Rilascia la persona, poi riprova. / Release the person, then try again.",
        )


def backlog(caller: Caller, room: ReviewRoom, order: Order = Order.USEFUL, batch: BatchId | None = None) -> Backlog:
    """What waits for a caller, in an order; of one batch when it is given."""
    waiting = room.queue.waiting(caller.access, order, caller.site.ports)
    given = {reason.subject for reason in caller.reasons}
    opened = {item.document for item in waiting.reinforced if given & {item.document, *item.holders}}
    items: Sequence[Item] = waiting.plain
    if opened:
        items = [item for item in waiting.items if item.sensitivity < Sensitivity.RAFFORZATA or item.document in opened]
    closed: Sequence[Item] = [item for item in waiting.reinforced if item.document not in opened]
    if batch is not None:
        items = [item for item in items if item.batch == batch]
        closed = [item for item in closed if item.batch == batch]
    return Backlog(items, closed, waiting.batches)


def take_next(caller: Caller, room: ReviewRoom, after: str | None = None) -> tuple[Item | None, Backlog]:
    """The next item, lent to the caller, and all that waits; what was left for later comes when nothing else does."""
    me, ports = who(caller), caller.site.ports
    way = room.desk.way(me)
    waiting = backlog(caller, room, way.order, way.batch)
    tried: set[DocumentId] = set()
    while True:
        aside = room.desk.aside(me)
        without = room.desk.lent_to_others(me, ports.clock()) | aside.keys() | tried
        item = next_item(waiting.items, after=after, without=without)
        if item is None:
            if not any(one.later for one in aside.values()):
                return None, waiting
            room.desk.bring_back(me)
            after = None
            continue
        tried.add(item.document)
        if not room.queue.still_waits(item, ports):
            waiting = backlog(caller, room, way.order, way.batch)
            # Proposed anew it may wait again, under another version.
            tried.discard(item.document)
        elif room.desk.lend(item.document, me, ports.clock()):
            return item, waiting


def peek(caller: Caller, room: ReviewRoom, waiting: Backlog, shown: DocumentId, after: str | None) -> Item | None:
    """What will come after the item that is shown, for its image to be fetched before; lent to nobody."""
    me = who(caller)
    away = room.desk.lent_to_others(me, caller.site.ports.clock()) | room.desk.aside(me).keys() | {shown}
    item = next_item(waiting.items, after=after, without=away)
    return item if item is not None and item.sensitivity < Sensitivity.RAFFORZATA else None
