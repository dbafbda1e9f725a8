"""Whether a page that went to a screen, possibly ahead of being looked at, came before somebody's eyes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from faldone.catalog.catalog import Catalog
from faldone.domain.events import EventType
from faldone.pipeline.audit.telling.words import Pair
from faldone.provenance.chain import LedgerEntry

_AT_ONCE: Final = 1_000
_SESSION: Final = dt.timedelta(hours=8)
"""How long somebody stays entered at most: within that time a page is told to be seen once, however often it is."""


class Shown(StrEnum):
    """Whether a page came before somebody's eyes."""

    SEEN = "seen"
    DELIVERED = "delivered"  # sent ahead, and not shown as far as is known


SHOWN: Final[Mapping[Shown, Pair]] = {
    Shown.SEEN: Pair("vista", "seen"),
    Shown.DELIVERED: Pair("solo consegnata", "delivered only"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """When each agent saw each of some pages, around the times at which these were delivered."""

    times: Mapping[tuple[str, str], Sequence[dt.datetime]]

    @classmethod
    def around(cls, entries: Collection[LedgerEntry], catalog: Catalog) -> Seen:
        """What the ledger says of the pages that these entries say were delivered."""
        delivered = [one for one in entries if one.record.type == EventType.PAGE_DELIVERED.value]
        pages = {one.record.subject for one in delivered}
        at = [moment for one in delivered if (moment := time_of(one)) is not None]
        times: dict[tuple[str, str], list[dt.datetime]] = {}
        if pages and at:
            for entry in entries_of({EventType.PAGE_SEEN}, pages, min(at) - _SESSION, max(at) + _SESSION, catalog):
                moment = time_of(entry)
                if moment is not None:
                    times.setdefault((entry.record.agent, entry.record.subject), []).append(moment)
        return cls(times)

    def shown(self, entry: LedgerEntry) -> Shown | None:
        """Whether the page of an entry was seen by whom it went to, in the same stretch of work; None of other types.

        That a page is seen is told once a session, not at each look.
        """
        if entry.record.type == EventType.PAGE_SEEN.value:
            return Shown.SEEN
        if entry.record.type != EventType.PAGE_DELIVERED.value:
            return None
        moment, times = time_of(entry), self.times.get((entry.record.agent, entry.record.subject), ())
        seen = moment is not None and any(abs(one - moment) <= _SESSION for one in times)
        return Shown.SEEN if seen else Shown.DELIVERED


def time_of(entry: LedgerEntry) -> dt.datetime | None:
    """When it was, aware; None when the stored time is none any more."""
    try:
        at = dt.datetime.fromisoformat(entry.record.at)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def entries_of(
    types: Collection[EventType], subjects: Collection[str], since: dt.datetime, until: dt.datetime, catalog: Catalog
) -> Iterator[LedgerEntry]:
    """All entries of these types about these subjects within a time, some hundreds fetched at a time."""
    after = 0
    while True:
        some = catalog.events_of(types, subjects=subjects, since=since, until=until, after=after, limit=_AT_ONCE)
        yield from some
        if len(some) < _AT_ONCE:
            return
        after = some[-1].sequence
