"""What is remembered of the frequencies of words, and when it is forgotten."""

from __future__ import annotations

import pytest

from faldone.search.elasticsearch.remembered import Remembered


def test_what_was_counted_is_known_until_something_is_written() -> None:
    remembered = Remembered()
    state, known = remembered.of(["relazione"])
    assert known == {}
    remembered.add({"relazione": 7, "minore": 0}, state)
    assert remembered.of(["minore", "relazione", "tribunale"]) == (state, {"minore": 0, "relazione": 7})
    with remembered.changing():
        pass
    assert remembered.of(["relazione"])[1] == {}


def test_what_was_asked_before_a_change_and_answered_after_it_is_not_remembered() -> None:
    remembered = Remembered()
    state, _ = remembered.of(["relazione"])
    with remembered.changing():
        pass
    remembered.add({"relazione": 7}, state)
    assert remembered.of(["relazione"])[1] == {}


def test_a_write_that_fails_is_forgotten_too_for_it_may_have_been_carried_out_in_part() -> None:
    remembered = Remembered()
    remembered.add({"relazione": 7}, remembered.of([])[0])
    with pytest.raises(OSError, match="away"), remembered.changing():
        raise OSError("away")
    assert remembered.of(["relazione"])[1] == {}


def test_no_more_words_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faldone.search.elasticsearch.remembered._WORDS", 2)
    remembered = Remembered()
    for word in ("relazione", "minore", "tribunale"):
        remembered.add({word: 1}, remembered.of([])[0])
    assert remembered.of(["relazione", "minore", "tribunale"])[1] == {"tribunale": 1}
