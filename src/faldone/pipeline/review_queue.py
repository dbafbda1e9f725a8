"""The queue of what waits for a person, as far as one account may see it: which item is next, and how many there are.

Rights are not in the catalog's question but asked of every item. What decides about them follows from a version of a
proposal that never changes, so it is worked out once a version and kept. The order is kept for a few seconds, and what
is decided meanwhile is taken out of it: one more key must not cost a look through ten thousand items. Whatever is then
shown is asked again of the catalog itself, and :meth:`ReviewQueue.still_waits` before it.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from faldone.catalog.catalog import Placed, WaitingKey
from faldone.classify.question import ABOUT_HOLDER
from faldone.domain.access import EVERYTHING, Access, Sensitivity
from faldone.domain.attribution import DocumentProposal
from faldone.domain.decision import ALONE
from faldone.domain.ids import BatchId, DocumentId, PersonId
from faldone.domain.reasons import Reason
from faldone.pipeline.ports import Ports
from faldone.pipeline.projection import comune_key
from faldone.search.document import project

_MINOR_YEARS = 18
_KEPT_FOR = dt.timedelta(seconds=5)
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


@dataclass(frozen=True, slots=True)
class _Kept:
    """The queue of some rights as it was a moment ago."""

    items: tuple[Item, ...]
    made_at: dt.datetime


class ReviewQueue:
    """The queue, and what is remembered of its items between two questions; shared by all who review."""

    def __init__(self) -> None:
        self._facts: dict[DocumentId, _Facts] = {}
        self._kept: dict[tuple[Access, Order], _Kept] = {}
        self._guard = threading.Lock()

    def items(self, access: Access, order: Order, ports: Ports) -> tuple[Item, ...]:
        """All that waits and may be seen under these rights, in the order of work.

        Documents that ask the same are neighbours. What nothing was read on comes last when the most useful is first.
        What others change may be missing for a few seconds; nobody's own decisions are.
        """
        now = ports.clock()
        with self._guard:
            kept = self._kept.get((access, order))
            if kept is None or not kept.made_at <= now < kept.made_at + _KEPT_FOR:
                kept = _Kept(tuple(self._made(access, order, ports)), now)
                fresh = {key: one for key, one in self._kept.items() if one.made_at + _KEPT_FOR > now}
                self._kept = {**fresh, (access, order): kept}
            return kept.items

    def settled(self, documents: Collection[DocumentId]) -> None:
        """Takes what was just decided out of the queue."""
        gone = frozenset(documents)
        with self._guard:
            self._kept = {key: _without(kept, gone) for key, kept in self._kept.items()}

    def forget(self) -> None:
        """Looks through all that waits again at the next question: something came back, or was cut or joined."""
        with self._guard:
            self._kept = {}

    def still_waits(self, item: Item, ports: Ports) -> bool:
        """Whether an item is as it was when the queue was looked through; if not, it is looked through again."""
        found = ports.catalog.documents_with([item.document]).get(item.document)
        if found is not None and not found.retired and found.version == item.version:
            return True
        self.forget()
        return False

    def _made(self, access: Access, order: Order, ports: Ports) -> list[Item]:
        keys = ports.catalog.waiting_keys()
        facts = self._known(keys, ports)
        seen = [(key, facts[key.document]) for key in keys if key.document in facts]
        if access != EVERYTHING:
            comuni = _Comuni(ports) if access.comuni is not None else None
            seen = [
                (key, fact)
                for key, fact in seen
                if access.permits(fact.service, comuni.of(fact) if comuni is not None else None, fact.sensitivity)
            ]
        together = Counter(key.question for key, _ in seen if not _is_alone(key.question))
        ordered = _in_boxes(seen) if order is Order.BOX else _most_useful(seen, together, ports.clock().date())
        return [
            Item(
                key.document,
                key.version,
                key.question,
                together.get(key.question, 1),
                key.held,
                fact.batch,
                fact.holders,
                fact.sensitivity,
            )
            for key, fact in ordered
        ]

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


def _without(kept: _Kept, gone: Collection[DocumentId]) -> _Kept:
    less = Counter(item.question for item in kept.items if item.document in gone)
    left = (item for item in kept.items if item.document not in gone)
    items = (
        replace(item, together=item.together - less[item.question])
        if item.together > 1 and item.question in less
        else item
        for item in left
    )
    return _Kept(tuple(items), kept.made_at)


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
