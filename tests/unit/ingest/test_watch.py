"""Watching inboxes: what is offered, when, and when again."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from faldone.domain.inbox import Inbox
from faldone.ingest import watch as watching
from faldone.ingest.watch import Watcher, WatchOptions


class Watched:
    """A watcher whose clock the test moves, and what it offered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *inboxes: Path, patience_s: float = 0.0) -> None:
        self.now_s = 1000.0
        self.room = True
        self.groups: list[list[str]] = []
        monkeypatch.setattr(watching.time, "monotonic", lambda: self.now_s)
        options = WatchOptions(quiet_s=2, sweep_s=10, ignore=(".*",), share_quiet_s=2, patience_s=patience_s)
        self.watcher = Watcher([Inbox(path) for path in inboxes], self._offer, options, lambda: self.room)

    def _offer(self, inbox: Inbox, paths: Sequence[Path]) -> None:
        self.groups.append([str(path.relative_to(inbox.path)) for path in paths])

    def look(self, seconds: float = 0) -> list[str]:
        """What is offered at a look so many seconds later."""
        self.now_s += seconds
        self.groups.clear()
        self.watcher.look()
        return [name for group in self.groups for name in group]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


@pytest.fixture
def watched(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch, inbox)


def test_a_file_is_offered_once_it_stood_still(watched: Watched, inbox: Path) -> None:
    (inbox / "a.pdf").write_bytes(b"x")
    assert watched.look() == []
    assert watched.look(2) == ["a.pdf"]
    assert watched.look(1) == []
    assert watched.watcher.waiting == 1


def test_files_are_offered_in_groups_of_so_many_and_so_many_bytes(watched: Watched, inbox: Path) -> None:
    for number in range(258):  # and three more files
        (inbox / f"{number:03d}.tif").write_bytes(b"x")
    for name in ("p.pdf", "q.pdf", "r.pdf"):
        with (inbox / name).open("wb") as file:
            file.truncate(40 << 20)
    watched.look()
    watched.look(2)
    assert [len(group) for group in watched.groups] == [256, 3, 1, 1]
    assert [name for group in watched.groups for name in group] == sorted(path.name for path in inbox.iterdir())


def test_what_stays_is_offered_again_after_growing_pauses(watched: Watched, inbox: Path) -> None:
    (inbox / "a.pdf").write_bytes(b"x")
    watched.look()
    offered = []
    for second in range(0, 4000, 5):
        if watched.look(5):
            offered.append(second)
    assert [later - earlier for earlier, later in itertools.pairwise(offered)] == [
        *(15, 30, 60, 120, 240, 480),
        *(600, 600, 600, 600, 600),
    ]


def test_a_change_ends_the_pause(watched: Watched, inbox: Path) -> None:
    (inbox / "a.pdf").write_bytes(b"x")
    for seconds in (0, 2, 15):
        watched.look(seconds)
    (inbox / "a.pdf").write_bytes(b"xy")
    assert watched.look(2) == []
    assert watched.look(2) == ["a.pdf"]
    assert watched.look(14) == []
    assert watched.look(1) == ["a.pdf"]


def test_without_space_nothing_is_offered_and_with_it_everything_at_once(
    watched: Watched, inbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    names = ["a.pdf", "b.pdf"]
    for name in names:
        (inbox / name).write_bytes(b"x")
    watched.look()
    assert watched.look(2) == names
    watched.room = False
    (inbox / "c.pdf").write_bytes(b"x")
    assert [watched.look(20) for _ in range(5)] == [[]] * 5
    watched.room = True
    assert watched.look(1) == [*names, "c.pdf"]
    assert sum("free space" in record.message and record.levelname == "ERROR" for record in caplog.records) == 1


def test_an_inbox_that_goes_away_is_told_and_nothing_is_taken_for_gone(watched: Watched, inbox: Path) -> None:
    (inbox / "a.pdf").write_bytes(b"x")
    watched.look()
    watched.look(2)
    away = inbox.with_name("staccata")
    inbox.rename(away)
    assert watched.look(1) == []
    assert watched.watcher.unreachable == (inbox,)
    assert watched.watcher.waiting == 1
    away.rename(inbox)
    assert watched.look(1) == ["a.pdf"]  # what was half taken is finished at once
    assert watched.watcher.unreachable == ()


def test_one_inbox_that_fails_does_not_stop_the_others(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(monkeypatch, tmp_path / "mai", inbox)
    (inbox / "a.pdf").write_bytes(b"x")
    watched.look()
    assert watched.look(2) == ["a.pdf"]
    assert watched.watcher.looked
    assert watched.watcher.unreachable == (tmp_path / "mai",)


class Running:
    """A watcher that runs, with its real clock and events."""

    def __init__(self, *inboxes: Inbox, sweep_s: float) -> None:
        self.offered: set[Path] = set()
        self.watcher = Watcher(inboxes, self._offer, WatchOptions(0.05, sweep_s, (".*",), 0.05))
        self._thread = threading.Thread(target=self.watcher.run)
        self._thread.start()

    def _offer(self, _: Inbox, paths: Sequence[Path]) -> None:
        self.offered.update(paths)

    def sees(self, *paths: Path) -> None:
        _until(lambda: set(paths) <= self.offered)

    def end(self) -> None:
        self.watcher.stop()
        self._thread.join()


def _until(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def run() -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(*inboxes: Inbox, sweep_s: float) -> Running:
        started.append(Running(*inboxes, sweep_s=sweep_s))
        return started[-1]

    yield start
    for one in started:
        one.end()


def test_events_make_the_look_come_at_once(run: Callable[..., Running], inbox: Path) -> None:
    running = run(Inbox(inbox), sweep_s=60)
    _until(lambda: running.watcher.looked)
    (inbox / "lotto").mkdir()
    (inbox / "lotto/a.pdf").write_bytes(b"x")
    running.sees(inbox / "lotto/a.pdf")


def test_events_of_a_burst_are_not_listened_to_and_what_comes_after_it_is_heard_again(
    run: Callable[..., Running], inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, close = threading.Event(), watching._Ear.close

    def closing(ear: watching._Ear) -> None:
        close(ear)
        if not closed.is_set():
            (inbox / "unheard.pdf").write_bytes(b"x")
            closed.set()

    monkeypatch.setattr(watching, "_STIR", 20)
    running = run(Inbox(inbox), sweep_s=60)
    _until(lambda: running.watcher.looked)
    monkeypatch.setattr(watching._Ear, "close", closing)
    burst = [inbox / f"{number}.pdf" for number in range(40)]
    for path in burst:
        path.write_bytes(b"x")
    running.sees(*burst, inbox / "unheard.pdf")
    assert closed.is_set()
    for turn in range(3):
        time.sleep(0.2)  # by now it waits for events, for a minute
        (inbox / f"later-{turn}.pdf").write_bytes(b"x")
        running.sees(inbox / f"later-{turn}.pdf")


def test_a_look_rests_little_before_files_are_offered_and_long_while_they_are_taken_in() -> None:
    rests = [watching._rest_factor(offered, 10_000) for offered in (0, 1, 5_000, 10_000)]
    assert rests == sorted(rests)
    assert rests[1] < 1.1
    assert rests[-1] >= 9
    assert watching._rest_factor(0, 0) < 1.1


def test_where_there_are_no_events_looking_is_enough(run: Callable[..., Running], inbox: Path) -> None:
    running = run(Inbox(inbox, polling=True), sweep_s=0.05)
    _until(lambda: running.watcher.looked)
    (inbox / "a.pdf").write_bytes(b"x")
    running.sees(inbox / "a.pdf")


def test_a_polled_inbox_asks_the_system_for_no_events(
    run: Callable[..., Running], inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchdog.observers.Observer", lambda: pytest.fail("events were asked for"))
    running = run(Inbox(inbox, polling=True), sweep_s=0.05)
    (inbox / "a.pdf").write_bytes(b"x")
    running.sees(inbox / "a.pdf")


def test_events_come_also_of_an_inbox_that_was_away_at_the_start(run: Callable[..., Running], inbox: Path) -> None:
    inbox.rmdir()
    running = run(Inbox(inbox), sweep_s=0.2)
    _until(lambda: running.watcher.unreachable == (inbox,))
    inbox.mkdir()
    (inbox / "a.pdf").write_bytes(b"x")
    running.sees(inbox / "a.pdf")


def test_events_come_again_of_an_inbox_that_was_replaced(run: Callable[..., Running], inbox: Path) -> None:
    running = run(Inbox(inbox), sweep_s=60)
    _until(lambda: running.watcher.looked)
    for turn in range(3):
        shutil.rmtree(inbox)  # the end of it is an event, too
        inbox.mkdir()
        time.sleep(0.2)
        running.watcher._posts[0]._ear.heard.set()  # type: ignore[union-attr] # what the next sweep would find
        time.sleep(0.2)
        (inbox / f"{turn}.pdf").write_bytes(b"x")
        running.sees(inbox / f"{turn}.pdf")


def test_an_inbox_that_hangs_hangs_alone(
    run: Callable[..., Running], inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share, answer = tmp_path / "share", threading.Event()
    share.mkdir()
    listed = os.scandir

    def hanging(path: str) -> object:
        if str(path).startswith(str(share)):
            answer.wait(20)
        return listed(path)

    monkeypatch.setattr(os, "scandir", hanging)
    monkeypatch.setattr(watching, "_HANGS_S", 0.1)
    running = run(Inbox(share, polling=True), Inbox(inbox, polling=True), sweep_s=0.05)
    (inbox / "a.pdf").write_bytes(b"x")
    running.sees(inbox / "a.pdf")
    _until(lambda: running.watcher.unreachable == (share,))
    answer.set()
    (share / "b.pdf").write_bytes(b"x")
    running.sees(share / "b.pdf")
    assert running.watcher.unreachable == ()


def test_what_goes_wrong_with_an_offer_does_not_end_the_watch(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def offer(_: Inbox, paths: Sequence[Path]) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the broker went away")

    watcher = Watcher([Inbox(inbox, polling=True)], offer, WatchOptions(0.01, 0.02, (), 0.01))
    thread = threading.Thread(target=watcher.run)
    thread.start()
    (inbox / "a.pdf").write_bytes(b"x")
    try:
        _until(lambda: len(calls) > 1)
    finally:
        watcher.stop()
        thread.join()


def test_a_file_that_looked_cut_short_is_offered_again_as_soon_as_it_had_its_time(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(monkeypatch, inbox, patience_s=60)
    (inbox / "a.pdf").write_bytes(b"x")
    changed = time.time() - 30
    os.utime(inbox / "a.pdf", (changed, changed))
    watched.look()
    assert [watched.look(seconds) for seconds in (2, 15, 5)] == [["a.pdf"], ["a.pdf"], []]
    monkeypatch.setattr(watching.time, "time", lambda: changed + 61)
    assert watched.look(5) == ["a.pdf"]  # long before the pause of half a minute is over
    assert watched.look(5) == []


def test_a_file_whose_rights_were_mended_is_offered_without_the_long_pause(watched: Watched, inbox: Path) -> None:
    path = inbox / "chiuso.tif"
    path.write_bytes(b"x")
    path.chmod(0)
    watched.look()
    assert watched.look(2) == ["chiuso.tif"]
    assert watched.look(2) == []
    path.chmod(0o644)
    assert watched.look(1) == []
    assert watched.look(2) == ["chiuso.tif"]
