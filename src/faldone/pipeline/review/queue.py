"""The queue of what waits for a person, as far as one account may see it: which item is next, and how many there are.

Rights are not in the catalog's question but asked of every item. What decides about them follows from a version of a
proposal that never changes, so it is worked out once a version and kept. The order is kept too, and what is decided
meanwhile is taken out of it: one more key must not cost a look through thirty thousand items. An order that is some
seconds old is still answered with while a new one is made beside. Whatever is then shown is asked again of the catalog
itself, and :meth:`ReviewQueue.still_waits` before it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache, partial

from faldone.catalog.records import Placed, WaitingKey
from faldone.classify.question import ABOUT_HOLDER
from faldone.domain.access import EVERYTHING, Access, Sensitivity
from faldone.domain.attribution import DocumentProposal
from faldone.domain.decision import ALONE, RECHECK
from faldone.domain.ids import BatchId, DocumentId, PersonId
from faldone.domain.reasons import Reason
from faldone.errors import UnavailableError
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.projection import comune_key
from faldone.search.document import project

_MINOR_YEARS = 18
_FRESH_FOR = dt.timedelta(seconds=15)
_KEPT_FOR = dt.timedelta(minutes=2)
_LEAST_CHANCE = 0.05
"""Even what nothing is proposed for is worth something: it is looked at in the end."""


class Order(StrEnum):
    """In which order items come."""

    USEFUL = "utili"  # what settles most, and is likeliest right, first
    BOX = "scatola"  # as the papers lie, for those who have them on the table


@dataclass(frozen=True, slots=True)
class Item:
    """One document that waits. ``together`` counts the documents one may see that ask the same, itself included."""

    document: DocumentId
    version: int
    question: str
    together: int
    held: bool
    batch: BatchId
    holders: tuple[PersonId, ...]
    sensitivity: Sensitivity

    @property
    def is_recheck(self) -> bool:
        """Whether it is filed already, and asked again without what is proposed."""
        return self.question == RECHECK


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a version of a proposal says of who may see it and of its place in the queue."""

    version: int
    service: str | None
    sensitivity: Sensitivity
    holders: tuple[PersonId, ...]
    main: PersonId | None
    born: dt.date | None
    chance: float
    batch: BatchId
    place: tuple[int, int]

    @property
    def is_plain(self) -> bool:
        """Whether it is opened without a reason."""
        return self.sensitivity < Sensitivity.RAFFORZATA


@dataclass(frozen=True, slots=True)
class QueueView:
    """All that waits and may be seen under some rights, in the order of work, as it was looked through at a moment.

    Attributes:
        items: the items in their order.
        plain: those of them that need no reason to be opened.
        reinforced: those that do.
        rechecks: documents that were filed by themselves and are asked again blind; not part of what waits.
        batches: the batches of all that waited then.
        at: when it was looked through.
    """

    items: tuple[Item, ...]
    plain: tuple[Item, ...]
    reinforced: tuple[Item, ...]
    rechecks: tuple[Item, ...]
    batches: frozenset[BatchId]
    at: dt.datetime

    @classmethod
    def of(cls, items: Iterable[Item], rechecks: Sequence[Item], at: dt.datetime) -> QueueView:
        """What waits, from its items in their order, and what is asked again."""
        whole = tuple(items)
        reinforced = tuple([item for item in whole if item.sensitivity >= Sensitivity.RAFFORZATA])
        plain = tuple([item for item in whole if item.sensitivity < Sensitivity.RAFFORZATA]) if reinforced else whole
        return cls(whole, plain, reinforced, tuple(rechecks), frozenset([item.batch for item in whole]), at)


class ReviewQueue:
    """The queue, and what is remembered of its items between two questions; shared by all who review."""

    def __init__(self) -> None:
        self._facts: dict[DocumentId, _Facts] = {}
        self._kept: dict[tuple[Access, Order], QueueView] = {}
        self._forgotten = 0
        self._settled: set[DocumentId] = set()
        self._guard = threading.Lock()
        self._making = threading.Lock()
        self._beside: threading.Thread | None = None

    def waiting(self, access: Access, order: Order, ports: Ports) -> QueueView:
        """All that waits and may be seen under these rights.

        Documents that ask the same are neighbours. What nothing was read on comes last when the most useful is first.
        What others change elsewhere may be missing for as long as it takes to look once more; what is settled here is
        not.
        """
        key, now = (access, order), ports.clock()
        with self._guard:
            kept = self._kept.get(key)
        if kept is None or not kept.at <= now < kept.at + _KEPT_FOR:
            return self._look(key, ports)
        if now >= kept.at + _FRESH_FOR:
            self._look_beside(key, ports)
        return kept

    def close(self) -> None:
        """Waits for what is looked through beside."""
        beside = self._beside
        if beside is not None:
            beside.join()

    def _look_beside(self, key: tuple[Access, Order], ports: Ports) -> None:
        with self._guard:
            if self._beside is None or not self._beside.is_alive():
                look = partial(self._try_to_look, key, ports)
                self._beside = threading.Thread(target=look, name="review-queue", daemon=True)
                self._beside.start()

    def _try_to_look(self, key: tuple[Access, Order], ports: Ports) -> None:
        # A catalog that does not answer is told to who asks when there is nothing left to answer with.
        with contextlib.suppress(UnavailableError):
            self._look(key, ports)

    def _look(self, key: tuple[Access, Order], ports: Ports) -> QueueView:
        """Looks through all that waits, one at a time."""
        with self._making:
            now = ports.clock()
            with self._guard:
                kept, before = self._kept.get(key), self._forgotten
                if kept is not None and kept.at <= now < kept.at + _FRESH_FOR:
                    return kept  # made while this one stood at the door
                self._settled.clear()
            made = QueueView.of(*self._made(*key, ports), now)
            with self._guard:
                if self._settled:  # while it was made, and perhaps after it was read
                    made = _without(made, self._settled)
                self._kept = {other: one for other, one in self._kept.items() if one.at + _KEPT_FOR > now}
                if self._forgotten == before:
                    self._kept[key] = made
            return made

    def settled(self, documents: Collection[DocumentId]) -> None:
        """Takes what was just decided out of the queue."""
        gone = frozenset(documents)
        with self._guard:
            self._settled |= gone
            self._kept = {key: _without(kept, gone) for key, kept in self._kept.items()}

    def forget(self) -> None:
        """Looks through all that waits again at the next question: something came back, or was cut or joined."""
        with self._guard:
            self._forgotten += 1
            self._kept = {}

    def still_waits(self, item: Item, ports: Ports) -> bool:
        """Whether an item is as it was when the queue was looked through; if not, it is looked through again."""
        found = ports.catalog.documents_with([item.document]).get(item.document)
        if found is not None and not found.retired and found.version == item.version:
            return True
        self.forget()
        return False

    def _made(self, access: Access, order: Order, ports: Ports) -> tuple[list[Item], list[Item]]:
        """What waits, in its order, and what is asked again."""
        keys, one_in = ports.catalog.waiting_keys(), ports.options.recheck_one_in
        sample = ports.catalog.recheck_keys(one_in) if one_in else ()
        facts = self._known([*keys, *sample], ports)
        seen = self._permitted(keys, facts, access, ports)
        together = Counter(key.question for key, _ in seen if not _is_alone(key.question))
        ordered = _in_boxes(seen) if order is Order.BOX else _most_useful(seen, together, ports.clock().date())
        # To be drawn by lot is no reason to open what needs one.
        again = [pair for pair in self._permitted(sample, facts, access, ports) if pair[1].is_plain]
        return [_item(*pair, together) for pair in ordered], [_item(*pair, together) for pair in again]

    def _permitted(
        self, keys: Sequence[WaitingKey], facts: Mapping[DocumentId, _Facts], access: Access, ports: Ports
    ) -> list[tuple[WaitingKey, _Facts]]:
        """Those of them that may be seen, with what is known of each."""
        seen = [(key, facts[key.document]) for key in keys if key.document in facts]
        if seen and access != EVERYTHING:
            comuni = _Comuni(ports) if access.comuni is not None else None
            # Of thirty thousand items a few dozen are different to the rules.
            permits = lru_cache(maxsize=None)(access.permits)
            seen = [
                (key, fact)
                for key, fact in seen
                if permits(fact.service, comuni.of(fact) if comuni is not None else None, fact.sensitivity)
            ]
        return seen

    def _known(self, keys: Collection[WaitingKey], ports: Ports) -> Mapping[DocumentId, _Facts]:
        held = self._facts
        new = [key.document for key in keys if (fact := held.get(key.document)) is None or fact.version != key.version]
        if new:
            made = {id_: _facts_of(placed, ports) for id_, placed in ports.catalog.placed(new).items()}
            waiting = {key.document for key in keys}
            self._facts = {id_: fact for id_, fact in held.items() if id_ in waiting} | made
        return self._facts


def next_item(items: Iterable[Item], *, after: str | None = None, without: Collection[DocumentId] = ()) -> Item | None:
    """What comes next.

    Args:
        items: the queue in its order.
        after: the question that was just answered: others that ask it come first, so that the context stays.
        without: what is put aside, or lies before somebody else.
    """
    first = None
    for item in items:
        if item.document in without:
            continue
        if after is None or _is_alone(after) or item.question == after:
            return item
        first = first or item
    return first


def _item(key: WaitingKey, fact: _Facts, together: Mapping[str, int]) -> Item:
    return Item(
        key.document,
        key.version,
        key.question,
        together.get(key.question, 1),
        key.held,
        fact.batch,
        fact.holders,
        fact.sensitivity,
    )


def _without(view: QueueView, gone: Collection[DocumentId]) -> QueueView:
    less = Counter(item.question for item in view.items if item.document in gone and item.together > 1)

    def left(items: tuple[Item, ...]) -> tuple[Item, ...]:
        stay = [item for item in items if item.document not in gone]
        if less:
            stay = [
                replace(item, together=item.together - less[item.question]) if item.question in less else item
                for item in stay
            ]
        return tuple(stay)

    items = left(view.items)
    plain = left(view.plain) if view.reinforced else items
    return QueueView(items, plain, left(view.reinforced), left(view.rechecks), view.batches, view.at)


def _is_alone(question: str) -> bool:
    return not question or question.endswith(f":{ALONE}")


def _most_useful(
    seen: list[tuple[WaitingKey, _Facts]], together: Mapping[str, int], today: dt.date
) -> list[tuple[WaitingKey, _Facts]]:
    chances: dict[str, float] = {}
    for key, fact in seen:
        chances[key.question] = max(chances.get(key.question, 0.0), fact.chance)
    minors_from = dt.date(today.year - _MINOR_YEARS, today.month, min(today.day, 28))

    def rank(pair: tuple[WaitingKey, _Facts]) -> tuple[object, ...]:
        key, fact = pair
        alone = _is_alone(key.question)
        worth = fact.chance if alone else together[key.question] * chances[key.question]
        minor = fact.born is not None and fact.born >= minors_from
        protected = minor or fact.sensitivity is Sensitivity.RAFFORZATA
        # Of a group what matters is the group's, or its members would not be neighbours.
        own = not protected if alone else False
        return key.held, -worth, own, key.question, fact.batch, not protected, key.number

    return sorted(seen, key=rank)


def _in_boxes(seen: list[tuple[WaitingKey, _Facts]]) -> list[tuple[WaitingKey, _Facts]]:
    """Batches in the order in which their first file came, files as they came, pages as they lie."""
    first: dict[BatchId, int] = {}
    for _, fact in seen:
        first[fact.batch] = min(first.get(fact.batch, fact.place[0]), fact.place[0])
    return sorted(seen, key=lambda pair: (first[pair[1].batch], pair[1].batch, pair[1].place))


def _facts_of(placed: Placed, ports: Ports) -> _Facts:
    document, proposal = placed.document, placed.document.proposal
    # Of the index's own making, so that both go by one rule.
    shown = project(
        document_id=document.id,
        version=document.version,
        file="",
        batch=None,
        proposal=proposal,
        texts=[],
        lexicon=ports.lexicon,
    )
    holders = [holder.value for holder in proposal.holders]
    return _Facts(
        document.version,
        shown.service,
        shown.sensitivity,
        tuple(holder.person for holder in holders if holder.person is not None),
        holders[0].person if holders else None,
        holders[0].birth_date if holders else None,
        _chance(proposal),
        placed.batch,
        (placed.file, proposal.first_page),
    )


def _chance(proposal: DocumentProposal) -> float:
    """How likely the first proposal is right, by what is in doubt on it."""
    reasons = set(proposal.reasons)
    doubted = [1.0]
    if reasons & ABOUT_HOLDER:
        doubted += [holder.confidence for holder in proposal.holders] or [0.0]
    for reason, value in ((Reason.TYPE_UNSURE, proposal.type), (Reason.SERVICE_UNSURE, proposal.service)):
        if reason in reasons:
            doubted.append(value.confidence if value is not None else 0.0)
    if Reason.BOUNDARY_UNSURE in reasons:
        doubted.append(proposal.boundary)
    return max(min(doubted), _LEAST_CHANCE)


class _Comuni:
    """The comune of each item as rules of access have it: that of its batch, else that of its main holder."""

    def __init__(self, ports: Ports) -> None:
        said = {batch.id: batch.facts.comune for batch in ports.catalog.batches()}
        self._of_batch = {batch: comune_key(comune) for batch, comune in said.items() if comune}
        self._register = ports.register()
        self._of_place: dict[str, str] = {}

    def of(self, fact: _Facts) -> str | None:
        """The comune, folded; None when nobody knows."""
        if fact.batch in self._of_batch:
            return self._of_batch[fact.batch]
        holder = self._register.by_id(fact.main) if fact.main is not None else None
        if holder is None or not holder.residence:
            return None
        if holder.residence not in self._of_place:
            self._of_place[holder.residence] = comune_key(holder.residence)
        return self._of_place[holder.residence]
