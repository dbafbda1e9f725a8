"""Whether the inboxes answer, and what waits in them: a share may be gone, and then asking it may take for ever.

Each is asked in a thread of its own, and nobody waits for the answer: one that does not come in time is an answer too.
"""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from faldone.domain.inbox import Inbox
from faldone.pipeline.intake.suspects import Suspect

_EVERY_S: Final = 5.0
_PATIENCE_S: Final = 3.0
_REST: Final = 20.0
"""A look that took long rests so many times as long."""


@dataclass(frozen=True, slots=True)
class Away:
    """An inbox that does not answer, and since when."""

    inbox: Inbox
    since: dt.datetime


@dataclass(slots=True)
class _Door:
    """What is known of one inbox: when it was asked last, whether it is still silent, and since when it is away."""

    inbox: Inbox
    asked_at: dt.datetime
    asked_s: float = float("-inf")
    silent: bool = False
    away_since: dt.datetime | None = None
    looking: bool = False
    rests_s: float = 0.0
    suspects: tuple[Suspect, ...] = ()


def nothing(_: Inbox) -> tuple[Suspect, ...]:
    """Suspects no file."""
    return ()


def answers(path: Path) -> None:
    """Asks a folder for what lies in it. Raises OSError when it is not there."""
    with os.scandir(path) as entries:
        next(entries, None)


class InboxDoors:
    """Asks inboxes, every few seconds while somebody wants to know.

    Args:
        inboxes: which.
        clock: the time, for people.
        ask: how one is asked.
        monotonic: the time, for waiting.
        suspect: which files of an inbox wait because they look damaged.
    """

    def __init__(
        self,
        inboxes: Sequence[Inbox],
        clock: Callable[[], dt.datetime],
        ask: Callable[[Path], None] = answers,
        monotonic: Callable[[], float] = time.monotonic,
        suspect: Callable[[Inbox], tuple[Suspect, ...]] = nothing,
    ) -> None:
        self._clock, self._ask, self._monotonic, self._suspect = clock, ask, monotonic, suspect
        self._doors = [_Door(inbox, clock()) for inbox in inboxes]
        self._guard = threading.Lock()

    def away(self, wait_s: float = 0.0) -> tuple[Away, ...]:
        """The inboxes that do not answer now; answers that are due are waited for so long and no longer."""
        started = [thread for door in self._doors if (thread := self._start(door)) is not None]
        until = time.monotonic() + wait_s
        for thread in started:
            thread.join(max(0.0, until - time.monotonic()))
        with self._guard:
            return tuple(Away(door.inbox, since) for door in self._doors if (since := self._since(door)) is not None)

    def suspects(self) -> tuple[Suspect, ...]:
        """The files that were found waiting when the inboxes were last asked, but for those that are due by now."""
        now = self._clock()
        with self._guard:
            return tuple(one for door in self._doors for one in door.suspects if one.until > now)

    def _since(self, door: _Door) -> dt.datetime | None:
        if door.away_since is None and door.silent and self._monotonic() - door.asked_s > _PATIENCE_S:
            return door.asked_at
        return door.away_since

    def _start(self, door: _Door) -> threading.Thread | None:
        with self._guard:
            if door.silent or door.looking or self._monotonic() - door.asked_s < max(_EVERY_S, door.rests_s):
                return None
            door.silent, door.asked_s, door.asked_at = True, self._monotonic(), self._clock()
        thread = threading.Thread(target=self._look, args=(door,), name="inbox-door", daemon=True)
        thread.start()
        return thread

    def _look(self, door: _Door) -> None:
        there = True
        try:
            self._ask(door.inbox.path)
        except OSError:
            there = False
        with self._guard:
            door.silent, door.looking = False, there
            if there:
                door.away_since = None
            elif door.away_since is None:
                door.away_since = door.asked_at
        if there:
            self._look_inside(door)

    def _look_inside(self, door: _Door) -> None:
        began_s, found = self._monotonic(), door.suspects
        try:
            with suppress(OSError):  # it went away meanwhile: the next asking says so
                found = self._suspect(door.inbox)
        finally:
            with self._guard:
                door.looking, door.suspects = False, found
                door.rests_s = _REST * (self._monotonic() - began_s)
