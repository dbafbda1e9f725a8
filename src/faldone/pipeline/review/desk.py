"""Who has what before them: items on loan, what was put aside, what was done and can be taken back.

All of it is of this process and of this session: losing it puts suspended items back into the queue and loses no
decision. That two people never decide over each other does not rest on a loan but on the version that every decision
names; a loan only keeps them from doing the same work twice.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from faldone.domain.digest import Digest
from faldone.domain.ids import BatchId, DocumentId
from faldone.pipeline.review.queue import Order

LOAN = dt.timedelta(minutes=5)
_FORGOTTEN_AFTER = dt.timedelta(hours=24)
_PACE_OVER = dt.timedelta(hours=1)
_LEAST_PACE = dt.timedelta(minutes=5)


class Deed(StrEnum):
    """What somebody did with an item."""

    DECIDED = "decided"
    BOUNDARIES = "boundaries"
    LATER = "later"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Stroke:
    """One thing that was done, as it is taken back.

    Attributes:
        deed: what was done.
        document: the item that it was done on, which is opened again.
        at: when; of a decision, what stands on record with it.
        others: how many further documents were decided with it.
        source: the file whose sheets were put right, and ``times`` how often where documents start in it.
        times: see ``source``.
        page: the 0-based page of that file that was before the reader.
        turns: of pages of that file (0-based) how they stood before, and since.
        readings: of pages of that file the keys of their readings, before and since.
        orders: of documents in that file their pages (0-based) as they were read before, and since.
    """

    deed: Deed
    document: DocumentId
    at: dt.datetime
    others: int = 0
    source: Digest | None = None
    times: int = 1
    page: int = 0
    turns: tuple[tuple[int, int, int], ...] = ()
    readings: tuple[tuple[int, Digest, Digest], ...] = ()
    orders: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Loan:
    """An item that lies before somebody: whose desk and account it is, since when, and until when it is theirs."""

    who: str
    by: str
    since: dt.datetime
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Aside:
    """An item that somebody put aside, with what they noted; one that is ``later`` comes again when nothing else is."""

    later: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many items were done in this session, and how many an hour at the pace of the last one; None: too early."""

    done: int
    an_hour: int | None


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody goes through the queue: in which order, and of which batch alone (None: all)."""

    order: Order = Order.USEFUL
    batch: BatchId | None = None


@dataclass(slots=True)
class _Place:
    """One session at work."""

    seen_at: dt.datetime
    way: Way = field(default_factory=Way)
    strokes: list[Stroke] = field(default_factory=list)
    aside: dict[DocumentId, Aside] = field(default_factory=dict)
    done: list[dt.datetime] = field(default_factory=list)


class ReviewDesk:
    """The desks of all who review. ``who`` is a session's key, or the account of a program."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._loans: dict[DocumentId, Loan] = {}
        self._places: dict[str, _Place] = {}

    def lend(self, document: DocumentId, who: str, now: dt.datetime, by: str = "") -> bool:
        """Gives an item to somebody, and takes back the one they had; False when somebody else has it.

        ``by`` is the account that is told to whoever comes too late.
        """
        with self._guard:
            loan = self._loans.get(document)
            if loan is not None and loan.who != who and loan.until > now:
                return False
            since = loan.since if loan is not None and loan.who == who else now
            self._loans = {one: loan for one, loan in self._loans.items() if loan.who != who and loan.until > now}
            self._loans[document] = Loan(who, by, since, now + LOAN)
            return True

    def taken_by_other(self, document: DocumentId, who: str, now: dt.datetime) -> Loan | None:
        """Before whom else an item lies now."""
        with self._guard:
            loan = self._loans.get(document)
            return loan if loan is not None and loan.who != who and loan.until > now else None

    def lent_to_others(self, who: str, now: dt.datetime) -> frozenset[DocumentId]:
        """What lies before somebody else."""
        with self._guard:
            return frozenset(one for one, loan in self._loans.items() if loan.who != who and loan.until > now)

    def aside(self, who: str) -> Mapping[DocumentId, Aside]:
        """What somebody put aside."""
        with self._guard:
            place = self._places.get(who)
            return dict(place.aside) if place is not None else {}

    def put_aside(self, document: DocumentId, who: str, aside: Aside, now: dt.datetime) -> None:
        """Puts an item aside; it can be taken back like any other stroke."""
        with self._guard:
            place = self._place(who, now)
            place.aside[document] = aside
            place.strokes.append(Stroke(Deed.LATER if aside.later else Deed.SUSPENDED, document, now))

    def bring_back(self, who: str, document: DocumentId | None = None) -> None:
        """Puts an item back into the queue, or everything that was put aside for later."""
        with self._guard:
            place = self._places.get(who)
            if place is not None:
                place.aside = {
                    one: aside
                    for one, aside in place.aside.items()
                    if (one != document if document is not None else not aside.later)
                }

    def done(self, stroke: Stroke, who: str, now: dt.datetime) -> None:
        """Notes what somebody did."""
        with self._guard:
            place = self._place(who, now)
            place.strokes.append(stroke)
            place.aside.pop(stroke.document, None)
            if stroke.deed is Deed.DECIDED:
                place.done.append(now)

    def last(self, who: str) -> Stroke | None:
        """What somebody did last."""
        with self._guard:
            place = self._places.get(who)
            return place.strokes[-1] if place is not None and place.strokes else None

    def taken_back(self, stroke: Stroke, who: str) -> None:
        """Notes that a stroke is undone, or can no longer be."""
        with self._guard:
            place = self._places.get(who)
            if place is not None and stroke in place.strokes:
                place.strokes.remove(stroke)
                place.aside.pop(stroke.document, None)
                if stroke.deed is Deed.DECIDED and place.done:
                    place.done.pop()

    def way(self, who: str) -> Way:
        """How somebody goes through the queue."""
        with self._guard:
            place = self._places.get(who)
            return place.way if place is not None else Way()

    def go(self, way: Way, who: str, now: dt.datetime) -> None:
        """From now on somebody goes through the queue this way."""
        with self._guard:
            self._place(who, now).way = way

    def pace(self, who: str, now: dt.datetime) -> Pace:
        """How somebody gets on: told to them alone."""
        with self._guard:
            place = self._places.get(who)
            done = list(place.done) if place is not None else []
        recent = [moment for moment in done if now - moment <= _PACE_OVER]
        if len(recent) < 2 or now - recent[0] < _LEAST_PACE:
            return Pace(len(done), None)
        return Pace(len(done), round(len(recent) * (_PACE_OVER / (now - recent[0]))))

    def _place(self, who: str, now: dt.datetime) -> _Place:
        self._places = {key: one for key, one in self._places.items() if now - one.seen_at < _FORGOTTEN_AFTER}
        place = self._places.setdefault(who, _Place(now))
        place.seen_at = now
        return place
