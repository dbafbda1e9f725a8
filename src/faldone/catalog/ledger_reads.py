"""Port: questions to the ledger beside those about one subject; see :mod:`faldone.catalog.catalog`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Protocol

from faldone.domain.events import EventType
from faldone.provenance.chain import LedgerEntry


class LedgerReads(Protocol):
    """What the ledger tells by agent and by type. ``since`` belongs to a stretch of time, ``until`` does not."""

    def events_by(
        self,
        agent: str,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        limit: int = 1_000,
        after: int = 0,
    ) -> tuple[LedgerEntry, ...]:
        """What an agent did, in order of sequence, the first ``limit`` after the entry ``after``."""
        ...

    def events_of(
        self,
        types: Collection[EventType],
        *,
        agent: str | None = None,
        subjects: Collection[str] | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        limit: int = 1_000,
        after: int = 0,
    ) -> tuple[LedgerEntry, ...]:
        """Events of these types, by one agent and about these subjects where given, in order as :meth:`events_by`."""
        ...

    def last_events(self, type_: EventType, limit: int) -> tuple[LedgerEntry, ...]:
        """The last events of a type, the newest first."""
        ...

    def count_events(
        self, types: Collection[EventType], since: dt.datetime | None = None, until: dt.datetime | None = None
    ) -> Mapping[tuple[str, str], int]:
        """How many events of these types there are, by agent and type."""
        ...
