"""Whom an act means that gives a user's number or initials alone: what proposes somebody, and what bears it out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faldone.classify.register import MemoryPersonRegister
from faldone.domain.attribution import Band
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from tests.unit.classify.pages import holder_names, person, proposal
from tests.unit.classify.test_holder_proofs import CROWD, LUPI, PROVING, REGISTER, ZUCCA, filed

SMALL = "Trescore Cremasco"
ACT = """
{body}
DETERMINAZIONE N. 12 DEL 10/03/2012
OGGETTO: impegno di spesa per {service} - {who}
DETERMINA
di impegnare la somma di euro 300,00
"""
SAD = "servizio di assistenza domiciliare (SAD)"


def numbered(who: Person, number: str, residence: str | None = "Crema") -> Person:
    return replace(who, residence=residence, extra=(("numero_utente", number),))


def act(who: str, service: str = SAD, body: str = "COMUNITÀ SOCIALE CREMASCA") -> str:
    return ACT.format(body=body, service=service, who=who)


OURS = PROVING.replace("BIANCHI ALDO, nato a Crema il 10/01/1940", "ZUCCA ORESTE, nato a Crema il 09/04/1950")
"""A paper that proves ZUCCA ORESTE."""


def test_a_number_is_filed_where_the_act_s_comune_is_that_of_the_person_and_of_few() -> None:
    register = (*CROWD, LUPI, numbered(ZUCCA, "1408", SMALL))
    here = proposal(register, act("utente n. 1408", body=f"COMUNE DI {SMALL.upper()}"))
    assert (holder_names(here), here.band) == (["ZUCCA ORESTE"], Band.AUTO)
    elsewhere = proposal(register, act("utente n. 1408", body="COMUNE DI SONCINO"))
    assert (holder_names(elsewhere), elsewhere.reasons) == (["ZUCCA ORESTE"], (Reason.HOLDER_UNSURE,))
    everybody = (*CROWD, LUPI, numbered(ZUCCA, "1408", "Crema"))
    assert proposal(everybody, act("utente n. 1408", body="COMUNE DI CREMA")).band is Band.REVIEW, "most live there"


def test_a_number_is_not_borne_out_by_a_comune_where_the_service_is_for_others() -> None:
    old = numbered(ZUCCA, "1408", SMALL)
    child = numbered(person("ZUCCA", "ORESTE", "2003-04-09"), "1408", SMALL)
    minors = act("utente n. 1408", "servizio tutela minori e famiglia", f"COMUNE DI {SMALL.upper()}")
    assert proposal((*CROWD, child), minors).band is Band.AUTO
    assert proposal((*CROWD, old), minors).band is Band.REVIEW


def test_a_number_is_filed_beside_a_paper_that_proves_its_person_and_no_other() -> None:
    register = (*CROWD, LUPI, numbered(ZUCCA, "1408"))
    _, own = filed(register, OURS, act("utente n. 1408"))
    assert (holder_names(own), own.band) == (["ZUCCA ORESTE"], Band.AUTO)
    _, other = filed(register, PROVING, act("utente n. 1408"))
    assert (holder_names(other), other.band) == (["ZUCCA ORESTE"], Band.REVIEW)


def test_initials_are_filed_only_among_papers_of_their_person_alone_one_of_the_same_service() -> None:
    _, own = filed(REGISTER, OURS, act("sig. Z.O."))
    assert (holder_names(own), own.band) == (["ZUCCA ORESTE"], Band.AUTO)
    _, other_service = filed(REGISTER, OURS, act("sig. Z.O.", "Centro Diurno Integrato (CDI)"))
    assert (holder_names(other_service), other_service.reasons) == (["ZUCCA ORESTE"], (Reason.INITIALS_ALONE,))
    _, _, among_others = filed(REGISTER, OURS, PROVING, act("sig. Z.O."))
    assert (holder_names(among_others), among_others.reasons) == (["ZUCCA ORESTE"], (Reason.INITIALS_ALONE,))
    _, of_nobody = filed(REGISTER, PROVING, act("sig. Z.O."))
    assert of_nobody.band is Band.REVIEW


def test_who_lies_beside_is_not_meant_by_initials_on_a_paper_of_a_service_for_others() -> None:
    child = person("ZANI", "OLGA", "2004-09-02", female=True)
    _, act_for_minors = filed((*REGISTER, child), OURS, act("utente Z.O.", "affido familiare"))
    assert (holder_names(act_for_minors), act_for_minors.reasons) == (["ZANI OLGA"], (Reason.INITIALS_ALONE,))


@pytest.mark.parametrize(
    ("who", "home", "meant"),
    [
        ("Z.O., residente a Soncino", "Soncino", "ZANI OLGA"),
        ("Z.O., residente a Soncino", None, "ZANI OLGA"),
        ("Z.O., residente a Crema", "Soncino", "ZUCCA ORESTE"),
    ],
)
def test_initials_mean_first_who_lives_where_the_paper_says(who: str, home: str | None, meant: str) -> None:
    other = replace(person("ZANI", "OLGA", "1944-09-02", female=True), residence=home)
    found = proposal((*REGISTER, other), act(who, body="COMUNITÀ SOCIALE CREMASCA\nvia Goldaniga, 11 - 26013 Crema"))
    assert (holder_names(found), found.reasons) == ([meant], (Reason.INITIALS_ALONE,))


def test_initials_mean_first_whom_an_office_writes_so_surname_before_name() -> None:
    other = person("ORSI", "ZOE", "1944-09-02", female=True)
    assert holder_names(proposal((*REGISTER, other), act("sig. Z.O."))) == ["ZUCCA ORESTE"]
    assert holder_names(proposal((*REGISTER, other), act("sig. O.Z."))) == ["ORSI ZOE"]


def test_the_address_of_a_body_says_nothing_of_where_its_users_live() -> None:
    other = replace(person("ZANI", "OLGA", "1944-09-02", female=True), residence="Soncino")
    seat = "COMUNITÀ SOCIALE CREMASCA\nvia Goldaniga, 11 - 26013 Crema"
    assert proposal((*REGISTER, other), act("sig. Z.O.", body=seat)).holders[0].value.person is None
    assert holder_names(proposal((*REGISTER, other), act("sig. Z.O.", body="COMUNE DI CREMA"))) == ["ZUCCA ORESTE"]


def test_a_pupil_s_service_is_for_those_who_may_be_at_school() -> None:
    pupil = person("ZANI", "OLGA", "2001-09-02", female=True)
    found = proposal((*REGISTER, pupil), act("sig. Z.O.", "servizio SAAP - assistenza ad personam"))
    assert holder_names(found) == ["ZANI OLGA"]


def test_what_a_share_of_the_register_is() -> None:
    register = MemoryPersonRegister((*CROWD[:3], numbered(ZUCCA, "1", SMALL)))
    assert register.share_of() == 1.0
    assert register.share_of(residence=SMALL) == 0.25
    assert register.share_of(born=(1950, 1950)) == 0.25
    assert register.share_of(residence="Crema", born=(1940, 1949)) == 0.75 * 0.75
