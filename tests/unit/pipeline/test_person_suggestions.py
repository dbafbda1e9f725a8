"""Everybody on record by the beginnings of what is typed, while the register grows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from faldone.pipeline.search import person_suggestions
from faldone.pipeline.search.person_suggestions import PersonBook, suggest_persons
from tests.twins import Archive

OLDER = Person(PersonId("u-00000000000a"), "Rossi", "Mario", "RSSMRA50A01D142X", dt.date(1950, 1, 1))
YOUNGER = Person(PersonId("u-00000000000b"), "Rossi", "Mario", "RSSMRA80A01D142R", dt.date(1980, 1, 1))
GIVEN = Person(PersonId("u-00000000000c"), "Bianchi", "Rossana", birth_date=dt.date(1980, 5, 6))
ANGELO = Person(PersonId("u-00000000000d"), "D'Angelo", "Anna", aliases=("VERDI ANNA",))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    with made.catalog.begin() as work:
        work.save_persons([OLDER, YOUNGER, GIVEN, ANGELO])
    yield made
    made.close()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ros", [OLDER, YOUNGER, GIVEN]),
        ("mar ros", [OLDER, YOUNGER]),
        ("Rossi 1980", [YOUNGER]),
        ("ross 06/05/1980", [GIVEN]),
        ("rossi 01/1950", [OLDER]),
        ("rssmra80", [YOUNGER]),
        ("dangelo", [ANGELO]),
        ("d'ang ann", [ANGELO]),
        ("verdi", [ANGELO]),
        ("ro", []),
        ("1980", []),
        ("rossi 1970", []),
        ("rossi zzz", []),
        ("***", []),
        ("", []),
    ],
)
def test_all_that_is_typed_must_fit_and_surnames_come_first(archive: Archive, typed: str, found: list[Person]) -> None:
    book = PersonBook(archive.catalog)
    assert [one.person.id for one in suggest_persons(typed, book, archive.ports)] == [one.id for one in found]


def test_a_misspelt_name_finds_those_that_sound_like_it_and_nonsense_nobody(archive: Archive) -> None:
    book = PersonBook(archive.catalog)
    for typed, found in (("biankhi", [GIVEN]), ("rosy mario", [OLDER, YOUNGER]), ("zzzz", [])):
        assert [one.person.id for one in suggest_persons(typed, book, archive.ports)] == [one.id for one in found], (
            typed
        )


def test_namesakes_are_told_apart(archive: Archive) -> None:
    told = suggest_persons("rossi", PersonBook(archive.catalog), archive.ports)
    assert [one.namesake for one in told] == [True, True]


def test_one_person_alone_may_be_suggested(archive: Archive) -> None:
    book = PersonBook(archive.catalog)
    assert [one.person.id for one in suggest_persons("ros", book, archive.ports, only=GIVEN.id)] == [GIVEN.id]
    assert suggest_persons("ros", book, archive.ports, only=ANGELO.id) == ()


@pytest.mark.parametrize("overlay", [0, 100])
def test_who_comes_on_record_or_changes_is_found_at_once(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, overlay: int
) -> None:
    monkeypatch.setattr(person_suggestions, "_MOST_OVERLAY", overlay)
    book = PersonBook(archive.catalog)
    book.read()
    later = Person(PersonId("u-00000000000e"), "Rossini", "Ugo", "RSSGUO80A01D142R")
    married = Person(GIVEN.id, "Bianchi", "Rossana", birth_date=GIVEN.birth_date, aliases=("NERI ROSSANA",))
    with archive.catalog.begin() as work:
        work.save_persons([later, married])
    assert book.begin("rossin", 5) == (later.id,)
    assert book.begin("neri", 5) == (GIVEN.id,)
    assert book.begin("rossana", 5) == (GIVEN.id,)
    assert "rossini" in book.alike("rosini")


def test_of_merged_persons_the_one_who_stands_for_all_is_suggested_once(archive: Archive) -> None:
    book = PersonBook(archive.catalog)
    book.read()
    with archive.catalog.begin() as work:
        work.merge_persons(OLDER.id, YOUNGER.id, "same", archive.clock(), "user:test")
    assert [one.person.id for one in suggest_persons("rossi mar", book, archive.ports)] == [OLDER.id]
    assert [one.person.id for one in suggest_persons("rssmra80", book, archive.ports)] == [OLDER.id]
