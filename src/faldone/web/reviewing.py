"""What pages and API of the review share: the queue as the caller may see it, and who has what before them."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from faldone.domain.access import Access, Sensitivity
from faldone.domain.account import Ability
from faldone.domain.ids import BatchId, DocumentId
from faldone.errors import UndecidableError
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.desk import Deed, Pace, ReviewDesk, Stroke
from faldone.pipeline.review.queue import Item, Order, ReviewQueue, next_item
from faldone.pipeline.review.recheck import BETWEEN
from faldone.web.caller import Caller
from faldone.web.site import Site

_AHEAD: Final = 3
_RECOUNT_AFTER: Final = dt.timedelta(seconds=15)
_TOLD_FOR: Final = dt.timedelta(minutes=5)


class WaitingCounts:
    """How much waits under the rights of somebody, as the menu tells it on every page: no page ever waits for it.

    It is counted beside, one count at a time, and is as old as :data:`_RECOUNT_AFTER` before it is counted again.
    """

    def __init__(self, queue: ReviewQueue) -> None:
        self._queue = queue
        self._known: dict[Access, tuple[int, dt.datetime]] = {}
        self._guard = threading.Lock()
        self._counting: threading.Thread | None = None

    def of(self, access: Access, ports: Ports) -> int | None:
        """What is known now; None until it was counted first, and when that was too long ago."""
        now = ports.clock()
        with self._guard:
            count, at = self._known.get(access, (None, now))
            fresh = count is not None and at <= now < at + _RECOUNT_AFTER
            if not fresh and (self._counting is None or not self._counting.is_alive()):
                self._counting = threading.Thread(
                    target=self._count, args=(access, ports), name="waiting-count", daemon=True
                )
                self._counting.start()
        return count if at + _TOLD_FOR > now else None

    def close(self) -> None:
        """Waits for what is being counted."""
        counting = self._counting
        if counting is not None:
            counting.join()

    def note(self, access: Access, count: int, at: dt.datetime) -> None:
        """Takes over what somebody counted anyhow."""
        with self._guard:
            self._known = {one: known for one, known in self._known.items() if known[1] + _TOLD_FOR > at}
            self._known[access] = (count, at)

    def _count(self, access: Access, ports: Ports) -> None:
        self.note(access, len(self._queue.waiting(access, Order.USEFUL, ports).plain), ports.clock())


@dataclass(frozen=True, slots=True)
class ReviewRoom:
    """The queue, the desks and the counts of one running site."""

    queue: ReviewQueue
    desk: ReviewDesk
    counts: WaitingCounts

    @classmethod
    def empty(cls) -> ReviewRoom:
        """A room that nobody has entered yet."""
        queue = ReviewQueue()
        return cls(queue, ReviewDesk(), WaitingCounts(queue))

    def close(self) -> None:
        """Ends with the site."""
        self.counts.close()
        self.queue.close()


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for a caller.

    ``items`` can be opened at once, ``closed`` only after a reason was given; ``batches`` are those of either.
    ``rechecks`` wait for nothing, and are asked again blind.
    """

    items: Sequence[Item]
    closed: Sequence[Item]
    rechecks: Sequence[Item]
    batches: frozenset[BatchId]

    def item(self, document: DocumentId) -> Item | None:
        """The document's place in the queue, if it waits."""
        return next((item for item in (*self.items, *self.closed) if item.document == document), None)


def room_of(site: Site) -> ReviewRoom:
    """The room of a running site."""
    return site.part(ReviewRoom, lambda _: ReviewRoom.empty())


def count_for_menu(caller: Caller) -> int | None:
    """How much waits for who asks, for the word in the menu; None where it is not told or not known yet."""
    if caller.pinned is not None or not caller.may(Ability.REVIEW):
        return None
    return room_of(caller.site).counts.of(caller.access, caller.site.ports)


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
    rechecks: Sequence[Item] = waiting.rechecks
    if batch is not None:
        rechecks = [item for item in rechecks if item.batch == batch]
        items = [item for item in items if item.batch == batch]
        closed = [item for item in closed if item.batch == batch]
    return Backlog(items, closed, rechecks, waiting.batches)


def take_next(caller: Caller, room: ReviewRoom, after: str | None = None) -> tuple[Item | None, Backlog]:
    """The next item, lent to the caller, and all that waits; what was left for later comes when nothing else does."""
    me, ports = who(caller), caller.site.ports
    way = room.desk.way(me)
    waiting = backlog(caller, room, way.order, way.batch)
    if _is_time_for_recheck(room.desk.last(me), room.desk.pace(me, ports.clock())):
        again = take_recheck(caller, room, waiting)
        if again is not None:
            return again, waiting
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
        elif room.desk.lend(item.document, me, ports.clock(), caller.account.name):
            return item, waiting


def take_recheck(caller: Caller, room: ReviewRoom, waiting: Backlog) -> Item | None:
    """The next document that is asked again, lent to the caller; None when there is none."""
    me, ports = who(caller), caller.site.ports
    away = room.desk.lent_to_others(me, ports.clock()) | room.desk.aside(me).keys()
    for item in waiting.rechecks:
        if item.document in away or not room.queue.still_waits(item, ports):
            continue
        if room.desk.lend(item.document, me, ports.clock(), caller.account.name):
            return item
    return None


def _is_time_for_recheck(last: Stroke | None, pace: Pace) -> bool:
    """Whether enough was decided since the last one; who put one off is not given the next."""
    return last is not None and last.deed is Deed.DECIDED and pace.done % (BETWEEN + 1) == BETWEEN


def ahead(caller: Caller, room: ReviewRoom, waiting: Backlog, shown: DocumentId, after: str | None) -> list[Item]:
    """The items that will come after the one that is shown, for their images to be fetched before; lent to nobody.

    ``after`` is the question that it asks, if others ask it too. Nothing of a reinforced dossier is fetched ahead.
    """
    me = who(caller)
    away = room.desk.lent_to_others(me, caller.site.ports.clock()) | room.desk.aside(me).keys() | {shown}
    same: list[Item] = []
    others: list[Item] = []
    for item in waiting.items:
        if item.document in away or item.sensitivity >= Sensitivity.RAFFORZATA:
            continue
        if item.question == after:
            same.append(item)
        elif len(others) < _AHEAD:
            others.append(item)
        if len(same) == _AHEAD or (after is None and len(others) == _AHEAD):
            break
    return [*same, *others][:_AHEAD]
