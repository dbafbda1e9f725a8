"""Whether inboxes answer: a share that is gone, one that comes back, and one that never says a word."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

from faldone.domain.inbox import Inbox
from faldone.pipeline.intake.inbox_doors import InboxDoors, answers

BEGAN = dt.datetime(2026, 3, 12, 10, 42, tzinfo=dt.UTC)
WAIT_S = 5.0


class Time:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def clock(self) -> dt.datetime:
        return BEGAN + dt.timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


def test_an_inbox_that_is_gone_is_away_since_it_was_missed_and_comes_back(tmp_path: Path) -> None:
    time, inbox = Time(), Inbox(tmp_path / "Scanner")
    inbox.path.mkdir()
    doors = InboxDoors([inbox], time.clock, answers, time.monotonic)
    assert doors.away(WAIT_S) == ()

    inbox.path.rmdir()
    time.seconds = 1.0
    assert doors.away(WAIT_S) == ()  # it was asked a moment ago
    time.seconds = 10.0
    (away,) = doors.away(WAIT_S)
    time.seconds = 20.0
    (still,) = doors.away(WAIT_S)
    assert away == still
    assert (away.inbox, away.since) == (inbox, BEGAN + dt.timedelta(seconds=10))

    inbox.path.mkdir()
    time.seconds = 30.0
    assert doors.away(WAIT_S) == ()


def test_an_inbox_that_never_answers_holds_nobody_up_and_is_asked_no_more_meanwhile(tmp_path: Path) -> None:
    time, release, asked = Time(), threading.Event(), []

    def ask(path: Path) -> None:
        asked.append(path)
        release.wait(WAIT_S)

    doors = InboxDoors([Inbox(tmp_path)], time.clock, ask, time.monotonic)
    assert doors.away() == ()
    time.seconds = 4.0
    (away,) = doors.away()
    assert away.since == BEGAN
    time.seconds = 60.0
    assert [one.since for one in doors.away()] == [BEGAN]
    assert len(asked) == 1
    release.set()
