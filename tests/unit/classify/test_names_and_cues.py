"""Names that other words hide, and the words that say whose a paper is where others stand between."""

from __future__ import annotations

import datetime as dt

import pytest

from faldone.domain.attribution import Band
from faldone.domain.reasons import Reason
from tests.unit.classify.pages import code, holder_names, person, proposal
from tests.unit.classify.test_holder_proofs import CROWD, REGISTER, ZUCCA
from tests.unit.classify.test_persons import determination, filed, report

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


@pytest.mark.parametrize(
    "opening",
    [
        "Riferita a {name}",
        "Riferita a: {name}, residente a Crema in via\nLeonardo da Vinci, 68",
        "Caso: {name} - assistenza domiciliare",
        "Per: {name}",
        "Alunno con disabilità: {name}",
        "Si attesta che il sig. {name}, risulta affetto da esiti di ictus.",
    ],
)
def test_what_says_whose_a_paper_is(opening: str) -> None:
    paper = proposal(REGISTER, report(opening.format(name="ZUCCA ORESTE") + "\nIl coordinatore\nUgo Verdi"))
    assert holder_names(paper) == ["ZUCCA ORESTE"]
    assert paper.holders[0].confidence >= 0.96, "the words say it, not the place alone"


def test_the_sig_ra_of_whom_somebody_is_the_husband_is_not_what_he_is() -> None:
    paper = proposal(REGISTER, report("Il marito della sig.ra ZUCCA ORESTE riferisce che va meglio."))
    assert all(holder.confidence < 0.96 for holder in paper.holders)


def test_who_was_not_there_is_no_rival_of_whom_minutes_are_about() -> None:
    there = "VERBALE DI ÉQUIPE\nPresenti: Ugo Verdi\nAssenti: Giulia Leone (giustificata)."
    assert holder_names(proposal(REGISTER, report(f"{there}\nCaso: ZUCCA ORESTE"))) == ["ZUCCA ORESTE"]


def test_a_service_for_minors_speaks_of_no_other_minors() -> None:
    child = person("CHAKIR", "SALMA", "2006-02-08", female=True)
    for service in ("collocamento in comunità educativa per minori", "Centro Diurno per minori"):
        said = determination("{}").replace("contributo economico straordinario - {}", "{}")
        paper = proposal((*REGISTER, child), said.format(f"{service} - CHAKIR Salma, nata a Brescia il 08/02/2006", ""))
        assert Reason.SEVERAL_HOLDERS not in paper.reasons, service
        assert filed(paper, child)


def test_a_plural_that_no_service_has_still_says_that_there_are_several() -> None:
    child = person("CHAKIR", "SALMA", "2006-02-08", female=True)
    paper = proposal((*REGISTER, child), determination("minori CHAKIR Salma, nata a Brescia il 08/02/2006"))
    assert Reason.SEVERAL_HOLDERS in paper.reasons


def test_a_heading_of_meetings_names_nobody() -> None:
    paper = proposal(REGISTER, report(f"Utente: ZUCCA ORESTE, C.F. {ZUCCA.cf}\nsegue: INCONTRI DI ÉQUIPE"))
    assert [person.value.name for person in paper.persons if "QUIPE" in person.value.name] == []
