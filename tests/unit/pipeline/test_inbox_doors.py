"""Whether inboxes answer: a share that is gone, one that comes back, and one that never says a word."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

from faldone.domain.inbox import Inbox
from faldone.domain.reasons import Reason
from faldone.pipeline.intake.inbox_doors import InboxDoors, answers
from faldone.pipeline.intake.suspects import Suspect

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


def suspect(inbox: Inbox, until_s: float) -> Suspect:
    return Suspect(inbox, "a.pdf", Reason.UNREADABLE, BEGAN + dt.timedelta(seconds=until_s))


def test_what_waits_in_an_inbox_is_told_until_it_is_due(tmp_path: Path) -> None:
    time, inbox = Time(), Inbox(tmp_path)
    doors = InboxDoors([inbox], time.clock, answers, time.monotonic, lambda one: (suspect(one, 30),))
    asked(doors)
    assert doors.suspects() == (suspect(inbox, 30),)
    time.seconds = 31.0
    assert doors.suspects() == ()


def test_a_slow_look_into_an_inbox_makes_it_neither_silent_nor_looked_at_twice_at_once(tmp_path: Path) -> None:
    time, release, looks = Time(), threading.Event(), []

    def look(inbox: Inbox) -> tuple[Suspect, ...]:
        looks.append(inbox)
        release.wait(WAIT_S)
        return ()

    doors = InboxDoors([Inbox(tmp_path)], time.clock, answers, time.monotonic, look)
    doors.away(0.5)
    for time.seconds in (10.0, 20.0):
        assert doors.away() == ()
    assert len(looks) == 1
    release.set()
    for thread in threads():
        thread.join(WAIT_S)
    time.seconds = 30.0  # it took twenty seconds: it rests twenty times as long
    asked(doors)
    assert len(looks) == 1
    time.seconds = 500.0
    asked(doors)
    assert len(looks) == 2


def test_a_look_into_an_inbox_that_fails_is_done_again(tmp_path: Path) -> None:
    time, looks = Time(), []

    def look(inbox: Inbox) -> tuple[Suspect, ...]:
        looks.append(inbox)
        raise OSError

    doors = InboxDoors([Inbox(tmp_path)], time.clock, answers, time.monotonic, look)
    for time.seconds in (0.0, 10.0):
        asked(doors)
    assert (len(looks), doors.suspects()) == (2, ())


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "inbox-door"]


def asked(doors: InboxDoors) -> None:
    """Asks the inboxes, and waits until they were also looked into."""
    doors.away(WAIT_S)
    for thread in threads():
        thread.join(WAIT_S)
