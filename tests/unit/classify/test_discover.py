"""Whom a paper proves by itself, and how the name on it is put in order."""

from __future__ import annotations

import datetime as dt

import pytest

from faldone.classify.discover import (
    CODE_AND_NAME,
    NAME_AND_BIRTH,
    FoundPersons,
    as_found,
    discoveries,
    found_of,
    split_name,
)
from faldone.domain.attribution import Attribution, Band, DocumentProposal, PersonMention, Role
from faldone.domain.discovery import Found
from faldone.domain.ids import PersonId
from tests.unit.classify.pages import code

BORN = dt.date(1950, 4, 3)
CODE = code("Rossi", "Mario", BORN)
YOUNG = code("Rossi", "Mario", dt.date(2010, 4, 3))


def holder(method: str, name: str = "ROSSI MARIO", **said: object) -> Attribution[PersonMention]:
    return Attribution(PersonMention(Role.HOLDER, name, **said), 0.9, method, "1")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "cf", "expected"),
    [
        ("ROSSI MARIO", None, ("ROSSI", "MARIO")),
        ("Mario Rossi", None, ("ROSSI", "MARIO")),
        ("Maria Grazia De Luca", None, ("DE LUCA", "MARIA GRAZIA")),
        ("DE LUCA MARIA GRAZIA", None, ("DE LUCA", "MARIA GRAZIA")),
        ("Della Torre Anna", None, ("DELLA TORRE", "ANNA")),
        ("ROSSI BIANCHI ANNA", None, ("ROSSI BIANCHI", "ANNA")),
        ("D'ANGELO NICOLÒ", None, ("D'ANGELO", "NICOLÒ")),
        ("MARTINO MARIO", None, ("MARTINO", "MARIO")),
        ("KOVAC ZDENKO", None, ("KOVAC", "ZDENKO")),
        ("MARIO MARTINO", code("Martino", "Mario", BORN), ("MARTINO", "MARIO")),
        ("Anna Maria Rossi Bianchi", code("Rossi Bianchi", "Anna Maria", BORN), ("ROSSI BIANCHI", "ANNA MARIA")),
        ("Zdenko Kovac", code("Kovac", "Zdenko", BORN), ("KOVAC", "ZDENKO")),
        ("Rossi", None, ("ROSSI", "")),
    ],
)
def test_surname_and_given_name_are_told_apart_in_either_order(
    name: str, cf: str | None, expected: tuple[str, str]
) -> None:
    assert split_name(name, cf) == expected


def test_a_code_as_read_that_fits_its_name_proves_a_person() -> None:
    said = holder(CODE_AND_NAME, "Mario Rossi", cf=CODE, cf_raw=f"{CODE[:6]} {CODE[6:]}".lower())
    assert found_of(said) == Found("ROSSI", "MARIO", CODE, BORN, (BORN,))


@pytest.mark.parametrize(
    "said",
    [
        holder("person-unknown"),
        holder("person-unknown", birth_date=BORN),
        holder("person-cf-repaired", cf=CODE, cf_raw=CODE),
        holder(CODE_AND_NAME, cf=CODE[:-1] + "0", cf_raw=CODE),
        holder(CODE_AND_NAME, cf=CODE, birth_date=dt.date(1950, 4, 4)),
        holder(NAME_AND_BIRTH, "ROSSI", birth_date=BORN),
        holder(NAME_AND_BIRTH),
        holder(CODE_AND_NAME, cf=CODE, person=PersonId("u-1")),
    ],
    ids=[
        "nothing",
        "birth read badly",
        "method",
        "invalid",
        "birth",
        "word",
        "no",
        "known",
    ],
)
def test_what_is_not_proven_finds_nobody(said: Attribution[PersonMention]) -> None:
    assert found_of(said) is None


def test_a_name_with_a_day_of_birth_that_was_not_surely_read_finds_nobody() -> None:
    assert found_of(holder(NAME_AND_BIRTH, birth_date=BORN), sure=False) is None


def test_a_code_made_whole_by_the_name_beside_it_finds_somebody_only_where_it_was_surely_read() -> None:
    rebuilt = holder(CODE_AND_NAME, cf=CODE, cf_raw=CODE[:8] + "O" + CODE[9:], birth_date=BORN)
    assert found_of(rebuilt, sure=False) is None
    assert found_of(rebuilt) == Found("ROSSI", "MARIO", CODE, BORN, (BORN,))
    assert found_of(holder(CODE_AND_NAME, cf=CODE, cf_raw=CODE), sure=False) is not None


def test_a_name_with_a_day_of_birth_is_somebody_without_a_code() -> None:
    assert found_of(holder(NAME_AND_BIRTH, birth_date=BORN)) == Found(
        "ROSSI", "MARIO", None, BORN, (BORN,), ("50D03", "50D43")
    )


def test_a_code_of_two_centuries_leaves_the_day_open() -> None:
    found = as_found(PersonMention(Role.HOLDER, "ROSSI MARIO", YOUNG))
    assert found is not None
    assert found.birth_date is None
    assert found.days == (dt.date(1910, 4, 3), dt.date(2010, 4, 3))


def test_the_same_person_on_two_documents_is_one_discovery() -> None:
    said = (holder(CODE_AND_NAME, cf=CODE, cf_raw=CODE),)
    found = [DocumentProposal(i, i, None, None, said, None, None, Band.REVIEW) for i in range(2)]
    assert len(discoveries(found)) == 1


def test_only_holders_are_discovered() -> None:
    said = PersonMention(Role.PARENT, "ROSSI MARIO", CODE, CODE)
    parent = Attribution(said, 0.9, CODE_AND_NAME, "1")
    assert discoveries([DocumentProposal(0, 0, None, None, (parent,), None, None, Band.REVIEW)]) == ()


class TestOnRecord:
    """The rule that the catalog and the simulation share."""

    def test_one_code_is_one_person_whatever_the_name(self) -> None:
        persons = FoundPersons()
        first = persons.find_or_add(Found("ROSSI", "MARIO", CODE, BORN, (BORN,)))
        assert persons.find_or_add(Found("ROSSI", "MAR1O", CODE, BORN, (BORN,))) == first
        assert len(persons.all()) == 1

    def test_name_and_day_without_a_code_are_completed_by_the_code(self) -> None:
        persons = FoundPersons()
        first = persons.find_or_add(Found("ROSSI", "MARIO", None, BORN, (BORN,)))
        second = persons.find_or_add(Found("MARIO", "ROSSI", CODE, BORN, (BORN,)))
        assert first is not None
        assert second is not None
        assert (second.id, second.cf) == (first.id, CODE)

    def test_two_codes_and_two_days_are_two_persons(self) -> None:
        persons = FoundPersons()
        later, other = BORN.replace(day=4), code("Rossi", "Mario", BORN, "A794")
        for found in (
            Found("ROSSI", "MARIO", CODE, BORN, (BORN,)),
            Found("ROSSI", "MARIO", other, BORN, (BORN,)),
            Found("ROSSI", "MARIO", None, later, (later,)),
        ):
            persons.find_or_add(found)
        assert len(persons.all()) == 3

    def test_between_two_who_are_alike_nobody_chooses_without_a_code(self) -> None:
        persons = FoundPersons()
        for cf in (CODE, code("Rossi", "Mario", BORN, "A794")):
            persons.find_or_add(Found("ROSSI", "MARIO", cf, BORN, (BORN,)))
        assert persons.find_or_add(Found("ROSSI", "MARIO", None, BORN, (BORN,))) is None
        assert len(persons.all()) == 2

    def test_names_in_letters_that_nobody_folds_are_not_all_the_same(self) -> None:
        persons = FoundPersons()
        for name in ("ЖУК", "ШИК"):
            persons.find_or_add(Found(name, "", None, BORN, (BORN,)))
        assert len(persons.all()) == 2
