"""Port: counts for statistics; see :mod:`faldone.catalog.catalog`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Protocol

from faldone.domain.events import EventType
from faldone.domain.verdict import Verdict


class CountsRead(Protocol):
    """What the catalog counts without reading what it counts."""

    def events_a_day(
        self, types: Collection[EventType], since: dt.datetime
    ) -> Mapping[EventType, Mapping[dt.date, int]]:
        """How many events of each type there were on each day (UTC) since a moment; days without any are left out."""
        ...

    def pages_by_verdict(self) -> Mapping[Verdict | None, int]:
        """How many pages the first look found good, doubtful or bad; under None those it has not seen yet."""
        ...
