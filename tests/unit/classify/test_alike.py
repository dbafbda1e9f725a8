"""Which persons may be one, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from faldone.classify.alike import Likeness, alike
from faldone.domain.ids import PersonId
from faldone.domain.person import Origin, Person
from tests.unit.classify.pages import code

BORN = dt.date(1950, 4, 3)
ADA = Person(PersonId("u-0"), "ROSSI", "ADALGISA", code("Rossi", "Adalgisa", BORN), BORN, origin=Origin.FOUND)


def why(other: Person) -> list[Likeness]:
    return [pair.why for pair in alike([ADA, other])]


def test_each_likeness_is_told_with_its_reason() -> None:
    other = replace(ADA, id=PersonId("u-1"), origin=Origin.REGISTER)
    assert why(replace(other, cf=code("Rossi", "Adalgisa", BORN, "A794"))) == [Likeness.OTHER_CODE]
    assert why(replace(other, cf=None, birth_date=None)) == [Likeness.NO_BIRTH]
    assert why(replace(other, cf=None, surname="ROSSL")) == [Likeness.ONE_LETTER]
    assert why(replace(other, cf=code("Rossi", "Eva", BORN), name="EVA")) == [Likeness.SAME_PLACE]


def test_unlike_persons_and_other_days_are_not_proposed() -> None:
    other = replace(ADA, id=PersonId("u-1"))
    assert why(replace(other, cf=None, birth_date=BORN.replace(day=4))) == []
    assert why(replace(other, cf=code("Verdi", "Eva", BORN), surname="VERDI", name="EVA")) == []
    assert why(replace(other, cf=code("Rossi", "Eva", BORN, "A794"), name="EVA")) == []


def test_two_of_the_register_are_never_proposed_and_a_pair_is_told_once() -> None:
    other = replace(ADA, id=PersonId("u-1"), cf=None)
    assert len(alike([ADA, other])) == 1
    assert alike([replace(ADA, origin=Origin.REGISTER), replace(other, origin=Origin.CONFIRMED)]) == ()
