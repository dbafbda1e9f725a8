"""What is sent, and when it is sent again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from faldone.catalog.records import Unfinished, Unit
from faldone.ocr.fake import FakeEngine
from faldone.workers.dispatch import Dispatcher, Outstanding, by_file, together


def ids(units: object) -> list[str]:
    return [unit.id for unit in units]  # type: ignore[attr-defined]


def test_each_try_is_sent_once() -> None:
    outstanding = Outstanding(length=10, lease_s=60)
    assert ids(outstanding.due([Unit("a", 0), Unit("b", 0)], 0.0)) == ["a", "b"]
    assert ids(outstanding.due([Unit("a", 0), Unit("b", 0)], 1.0)) == []


def test_a_try_that_failed_comes_back_as_another_and_is_sent_at_once() -> None:
    outstanding = Outstanding(length=10, lease_s=60)
    list(outstanding.due([Unit("a", 0)], 0.0))
    assert ids(outstanding.due([Unit("a", 1)], 1.0)) == ["a"]


def test_a_lost_message_is_sent_again_after_the_lease() -> None:
    outstanding = Outstanding(length=10, lease_s=60)
    list(outstanding.due([Unit("a", 0)], 0.0))
    assert ids(outstanding.due([Unit("a", 0)], 59.0)) == []
    assert ids(outstanding.due([Unit("a", 0)], 61.0)) == ["a"]


def test_the_queue_holds_no_more_than_its_length() -> None:
    outstanding = Outstanding(length=2, lease_s=60)
    units = [Unit(str(number), 0) for number in range(5)]
    assert ids(outstanding.due(units, 0.0)) == ["0", "1"]
    assert ids(outstanding.due(units[1:], 1.0)) == ["2"]  # the first was begun


def sizes(pages: list[Unit], unfinished: int) -> list[int]:
    groups = list(together(pages, unfinished, 4))
    assert [page for group in groups for page in group] == pages
    return [len(group) for group in groups]


def test_pages_share_a_start_of_the_engine_while_there_are_many() -> None:
    pages = [Unit(str(number), 0) for number in range(10)]
    assert sizes(pages, 64) == [4, 4, 2]
    assert sizes(pages, 16) == [2] * 5
    assert sizes(pages, 10) == [1] * 10
    assert sizes([], 0) == []


def test_a_page_that_was_begun_before_goes_alone() -> None:
    assert sizes([Unit("a", 1), Unit("b", 0), Unit("c", 0)], 64) == [1, 2]


@pytest.mark.parametrize("step", ["open", "look", "recognise"])
def test_nothing_is_read_again_while_something_waits_to_be_read(step: str) -> None:
    nothing: dict[str, tuple[Unit, ...]] = {"open": (), "look": (), "recognise": (), "attribute": ()}
    due = nothing | {"reread": (Unit("c-1/p-1", 0),)}
    sent: list[str] = []

    def actor(name: str) -> SimpleNamespace:
        return SimpleNamespace(send=lambda *_: sent.append(name))

    names = ("open_source", "look", "recognise", "attribute", "index", "reread")
    actors = SimpleNamespace(**{name: actor(name) for name in names})
    catalog = SimpleNamespace(unfinished=lambda *_: Unfinished(**due, index=0))
    ports = SimpleNamespace(
        engine=FakeEngine(),
        options=SimpleNamespace(copies=None),
        catalog=catalog,
        clock=lambda: dt.datetime.now(dt.UTC),
    )
    dispatcher = Dispatcher(ports, actors, length=8, lease_s=60)  # type: ignore[arg-type]
    due[step] = (Unit("p-x-0", 0),)
    dispatcher.tick()
    assert "reread" not in sent
    due[step] = ()
    dispatcher.tick()
    assert sent[-1] == "reread"


@pytest.mark.parametrize(("looked_at", "lease_s"), [((Unit("p-1", 1),), 10.0), ((), 0.5)], ids=["busy", "quiet"])
def test_a_file_that_is_sent_back_between_two_ticks_waits_seconds_and_no_longer_than_it_must(
    monkeypatch: pytest.MonkeyPatch, looked_at: tuple[Unit, ...], lease_s: float
) -> None:
    sent: list[str] = []
    nothing: dict[str, tuple[Unit, ...]] = {"open": (), "look": looked_at, "recognise": (), "reread": ()}
    names = ("open_source", "look", "recognise", "attribute", "index", "reread")
    actors = SimpleNamespace(**{name: SimpleNamespace(send=sent.append) for name in names})
    ports = SimpleNamespace(
        engine=FakeEngine(),
        options=SimpleNamespace(copies=None),
        catalog=SimpleNamespace(unfinished=lambda *_: Unfinished(**nothing, attribute=(Unit("a", 0),), index=0)),
        clock=lambda: dt.datetime.now(dt.UTC),
    )
    now = 100.0
    monkeypatch.setattr("faldone.workers.dispatch.time.monotonic", lambda: now)
    dispatcher = Dispatcher(ports, actors, length=8, lease_s=300)  # type: ignore[arg-type]
    dispatcher.tick()
    now += lease_s - 0.1
    dispatcher.tick()
    assert sent.count("a") == 1
    now += 0.2
    dispatcher.tick()
    assert sent.count("a") == 2


def test_pages_are_looked_at_a_file_at_a_time_in_the_order_of_the_file() -> None:
    pages = [Unit("p-b-10", 0), Unit("p-b-9", 0), Unit("p-a-1", 0), Unit("p-b-8", 1)]
    assert list(by_file(pages)) == [["p-b-9", "p-b-10"], ["p-a-1"], ["p-b-8"]]


def what_is_sent(
    unfinished: Unfinished, monkeypatch: pytest.MonkeyPatch, **options: int
) -> Callable[[float], list[str]]:
    """Names of the messages of a tick at a moment, of a dispatcher to whom the catalog always says the same."""
    sent: list[str] = []

    def actor(name: str) -> SimpleNamespace:
        return SimpleNamespace(send=lambda *_: sent.append(name))

    names = ("open_source", "look", "recognise", "attribute", "index")
    actors = SimpleNamespace(**{name: actor(name) for name in names})
    ports = SimpleNamespace(
        engine=FakeEngine(),
        options=SimpleNamespace(copies=None),
        catalog=SimpleNamespace(unfinished=lambda *_: unfinished),
        clock=lambda: dt.datetime.now(dt.UTC),
    )
    dispatcher = Dispatcher(ports, actors, length=8, lease_s=300, **options)  # type: ignore[arg-type]

    def at(now: float) -> list[str]:
        sent.clear()
        monkeypatch.setattr("faldone.workers.dispatch.time.monotonic", lambda: now)
        dispatcher.tick()
        return list(sent)

    return at


def waiting(*, files: int = 0, look: int = 0, recognise: int = 0, index: int = 0) -> Unfinished:
    sealed = tuple(Unit(f"sha256:{number}", 0) for number in range(files))
    new = tuple(Unit(f"p-a-{number}", 0) for number in range(look))
    seen = tuple(Unit(f"p-b-{number}", 0) for number in range(recognise))
    return Unfinished(open=sealed, look=new, recognise=seen, attribute=(), reread=(), index=index)


def test_no_page_is_looked_at_while_so_many_wait_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "look" not in what_is_sent(waiting(look=1, recognise=2), monkeypatch, ahead=2)(0.0)
    assert "look" in what_is_sent(waiting(look=1, recognise=1), monkeypatch, ahead=2)(0.0)


def test_of_a_heap_of_files_the_first_is_read_before_the_last_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    assert what_is_sent(waiting(files=9), monkeypatch, ahead=2)(0.0) == ["open_source"] * 4
    assert "open_source" not in what_is_sent(waiting(files=9, look=1, recognise=1), monkeypatch, ahead=2)(0.0)
    assert "open_source" in what_is_sent(waiting(files=9, look=1, recognise=2), monkeypatch, ahead=2)(0.0)
    assert "open_source" in what_is_sent(waiting(files=9, recognise=1), monkeypatch, ahead=2)(0.0)


def test_where_a_verdict_is_waited_for_files_are_opened_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert what_is_sent(waiting(files=8, look=1), monkeypatch)(0.0).count("open_source") == 8


def test_where_a_verdict_is_waited_for_all_pages_are_looked_at_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "look" in what_is_sent(waiting(look=1, recognise=99), monkeypatch)(0.0)


def test_the_last_document_does_not_wait_for_others_to_be_indexed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    among_others = what_is_sent(waiting(recognise=1, index=1), monkeypatch)
    alone = what_is_sent(waiting(index=1), monkeypatch)
    assert "index" in among_others(100.0)
    assert "index" in alone(100.0)
    assert "index" not in among_others(100.5)
    assert "index" in alone(100.1)
