"""Names that other words hide, and the words that say whose a paper is where others stand between."""

from __future__ import annotations

import datetime as dt

import pytest

from faldone.domain.attribution import Band
from tests.unit.classify.pages import code, holder_names, person, proposal
from tests.unit.classify.test_holder_proofs import CROWD, REGISTER
from tests.unit.classify.test_persons import filed, report

MAGGIO = code("DI MAGGIO", "CATERINA", dt.date(1927, 11, 2), female=True)


@pytest.mark.parametrize(
    "name", ["DI MAGGIO CATERINA", "Caterina DI MAGGIO", "Caterina Di Maggio", "Di Maggio Caterina"]
)
def test_a_month_behind_the_particle_of_a_surname_is_a_surname(name: str) -> None:
    paper = proposal(REGISTER, report(f"Utente: {name}, nata a Crema il 02/11/1927, C.F. {MAGGIO}"))
    assert paper.band is Band.AUTO
    assert paper.holders[0].value.cf == MAGGIO
    assert sorted(paper.holders[0].value.name.upper().split()) == ["CATERINA", "DI", "MAGGIO"]


def test_a_month_is_no_name() -> None:
    for date in ("nel mese DI MAGGIO ELENA scrive", "il 3 DI MAGGIO ELENA scrive", "DI MAGGIO 2012 ELENA scrive"):
        assert holder_names(proposal(REGISTER, report(date))) == [], date


def test_more_given_names_than_the_register_s_are_those_of_somebody_else() -> None:
    longer = code("BIANCHI", "ALDO MARIA", dt.date(1934, 7, 17))
    for name in ("BIANCHI Aldo Maria", "Aldo Maria BIANCHI"):
        paper = proposal(REGISTER, report(f"Utente: {name}, nato a Crema il 17/07/1934, C.F. {longer}"))
        assert sorted(paper.holders[0].value.name.upper().split()) == ["ALDO", "BIANCHI", "MARIA"]
        assert (paper.holders[0].value.person, paper.band) == (None, Band.AUTO), "a code and a name prove a stranger"
    bare = proposal(REGISTER, report("Utente: BIANCHI Aldo Maria"))
    assert bare.band is Band.REVIEW


def test_more_given_names_beside_the_code_of_the_register_are_the_same_person_s() -> None:
    aldo = CROWD[0]
    paper = proposal(REGISTER, report(f"Utente: BIANCHI Aldo Maria, C.F. {aldo.cf}"))
    assert filed(paper, aldo)
    assert paper.band is Band.AUTO


def test_the_given_name_of_the_next_person_is_left_to_them() -> None:
    paper = proposal(REGISTER, report(f"Utente: BIANCHI ALDO CARLA FERRARI, C.F. {CROWD[0].cf}"))
    assert "BIANCHI ALDO" in holder_names(paper)


@pytest.mark.parametrize("read", ["CEDEFIO", "CEDENIO", "CEDETIO", "Cedefìo", "CEDENO"])
def test_a_letter_that_the_engine_does_not_know_is_read_as_two(read: str) -> None:
    kimberly = person("CEDEÑO LOOR", "KIMBERLY", "1996-09-13", female=True)
    paper = proposal((*REGISTER, kimberly), report(f"Minore: {read} LOOR Kimberly, nata a Lodi il 13/09/1996"))
    assert filed(paper, kimberly)
    assert paper.holders[0].method == "person-name-birth"
