"""Whom a reviewer is shown first where a paper does not say clearly whose it is, and that nothing is filed by it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from faldone.classify.guesses import with_guesses
from faldone.classify.persons.damaged import is_like
from faldone.domain.attribution import Attribution, Band, DocumentProposal, PersonMention, Role
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from tests.unit.classify.pages import holder_names, proposal
from tests.unit.classify.test_holder_proofs import CROWD, LUPI, REGISTER, ZUCCA


def known(who: Person, method: str = "person-cf", sure: float = 0.99) -> Attribution[PersonMention]:
    mention = PersonMention(Role.HOLDER, who.display_name, who.cf, None, who.birth_date, who.id)
    return Attribution(mention, sure, method, "1")


def read(name: str, method: str = "person-unknown", birth: dt.date | None = None) -> Attribution[PersonMention]:
    return Attribution(PersonMention(Role.HOLDER, name, birth_date=birth), 0.7, method, "1")


def paper(first: int, *holders: Attribution[PersonMention], service: str | None = None) -> DocumentProposal:
    """One page: filed where a person of the register holds it, else in review."""
    filed = any(holder.value.person for holder in holders)
    reasons = () if filed else (Reason.HOLDER_NOT_IN_REGISTER,) if holders else (Reason.NO_HOLDER,)
    said = Attribution(service, 0.95, "service-lexicon", "1") if service else None
    kind = Attribution("determina", 0.99, "type-lexicon", "1")
    return DocumentProposal(first, first, kind, said, holders, None, None, Band.AUTO if filed else Band.REVIEW, reasons)


def second_of(*papers: DocumentProposal) -> DocumentProposal:
    return with_guesses(papers)[1]


def test_a_nameless_paper_between_two_of_one_person_is_proposed_and_never_filed() -> None:
    found = second_of(paper(0, known(ZUCCA)), paper(1), paper(2, known(ZUCCA, "person-name-birth")))
    assert holder_names(found) == ["ZUCCA ORESTE"]
    assert found.holders[0].value.person == ZUCCA.id
    assert (found.holders[0].method, found.holders[0].confidence) == ("person-neighbours", 0.5)
    assert (found.band, found.reasons) == (Band.REVIEW, (Reason.NO_HOLDER,))


def test_a_nameless_paper_behind_a_separator_or_between_two_persons_stays_nobodys() -> None:
    assert second_of(paper(0, known(ZUCCA)), paper(2), paper(3, known(ZUCCA))).holders == ()
    assert second_of(paper(0, known(ZUCCA)), paper(1), paper(2, known(LUPI))).holders == ()
    unsure = replace(paper(0, known(ZUCCA, "person-name", 0.6)), band=Band.REVIEW)
    assert second_of(unsure, paper(1)).holders == ()


def test_beside_one_paper_alone_a_nameless_one_has_to_be_of_the_same_service() -> None:
    other = paper(0, known(ZUCCA), service="SAD")
    assert holder_names(second_of(other, paper(1, service="SAD"))) == ["ZUCCA ORESTE"]
    assert second_of(other, paper(1, service="RSA")).holders == ()
    assert second_of(other, paper(1)).holders == ()
    assert holder_names(second_of(other, replace(paper(1), type=None))) == ["ZUCCA ORESTE"], "a page of letterhead"


@pytest.mark.parametrize("name", ["ZUCOA ORESTE", "ZUC CA ORESTE", "ZUCCA ORESTE Cod", "Z.O.", "Zucca Or"])
def test_a_name_read_badly_is_that_of_the_person_whom_the_file_proves(name: str) -> None:
    found = second_of(paper(0, known(ZUCCA)), paper(1, read(name)))
    assert holder_names(found) == ["ZUCCA ORESTE"]
    assert (found.band, found.reasons) == (Band.REVIEW, (Reason.HOLDER_UNSURE,)), "the person is on record"


@pytest.mark.parametrize("name", ["ZUCCA BRUNO", "Neri Oreste", "Oreste", "Z.", "L.G.", "LUPI GINEVRA"])
def test_another_name_of_the_family_or_a_given_name_alone_is_nobodys_of_the_file(name: str) -> None:
    assert holder_names(second_of(paper(0, known(ZUCCA)), paper(1, read(name)))) == [name]


def test_another_day_of_birth_is_another_person() -> None:
    born = read("ZUCOA ORESTE", "person-name-birth-alone", dt.date(1981, 7, 3))
    assert holder_names(second_of(paper(0, known(ZUCCA)), paper(1, born))) == ["ZUCOA ORESTE"]
    slip = read("ZUCOA ORESTE", "person-name-birth-alone", dt.date(1950, 4, 8))
    assert holder_names(second_of(paper(0, known(ZUCCA)), paper(1, slip))) == ["ZUCCA ORESTE"]


def test_two_persons_of_the_file_whom_the_name_fits_are_not_chosen_between() -> None:
    brother = replace(LUPI, surname="ZUCCA", name="OTTAVIO")
    found = with_guesses((paper(0, known(ZUCCA)), paper(1, read("Z.O.")), paper(2, known(brother))))[1]
    assert holder_names(found) == ["Z.O."]


def test_a_list_of_many_and_a_paper_that_was_filed_are_left_alone() -> None:
    listed = replace(paper(1), reasons=(Reason.COLLECTIVE_DOCUMENT,))
    assert second_of(paper(0, known(ZUCCA)), listed, paper(2, known(ZUCCA))).holders == ()
    filed = paper(1, known(LUPI))
    assert second_of(paper(0, known(ZUCCA)), filed, paper(2, known(ZUCCA))) == filed


REPORT = """
COMUNE DI CREMA
Servizi Sociali
RELAZIONE SOCIALE
{body}
Servizio di assistenza domiciliare (SAD)
Crema, 12 marzo 2012
"""
EVICTION = """
ATTO DI INTIMAZIONE DI SFRATTO PER MOROSITA' E CITAZIONE PER LA CONVALIDA
Il sig. Marta Pagano, rappresentato e difeso dall'avv. Desirè Barone, premesso di aver concesso
in locazione con contratto del 04/09/2008 l'unità immobiliare sita in Crema,
a ZUCCA ORESTE, nato il 09/04/1950, codice fiscale {cf};
che il conduttore non ha corrisposto i canoni, INTIMA sfratto per morosità
Crema, 12 marzo 2012
"""


def test_the_one_whom_a_paper_proves_without_saying_whose_it_is_is_proposed() -> None:
    found = proposal(REGISTER, EVICTION.format(cf=ZUCCA.cf))
    assert holder_names(found) == ["ZUCCA ORESTE"]
    assert (found.holders[0].method, found.band) == ("person-likely", Band.REVIEW)
    assert Reason.NO_HOLDER in found.reasons


def test_a_surname_alone_with_a_day_of_birth_means_the_one_of_the_register_born_then() -> None:
    found = proposal(REGISTER, REPORT.format(body="Utente: ZUCCA, nato il 09/04/1950"))
    assert holder_names(found) == ["ZUCCA ORESTE"]
    assert (found.holders[0].method, found.band) == ("person-birth-name", Band.REVIEW)


def test_the_same_day_of_birth_with_another_surname_means_nobody_of_the_register() -> None:
    found = proposal(REGISTER, REPORT.format(body="Utente: D'AMICO Ginevra, nata il 02/09/1944"))
    assert holder_names(found) == ["D'AMICO Ginevra"]
    assert found.band is Band.REVIEW, "perhaps her married name"


def test_initials_that_several_have_are_told_by_where_they_live_but_never_filed() -> None:
    elsewhere = replace(LUPI, id=CROWD[0].id, surname="ZANI", name="OLGA", residence="Soncino", cf=None)
    act = "COMUNE DI CREMA\nDETERMINA n. 12 del 12/03/2012\nOGGETTO: concessione SAD - utente Z.O., residente a Crema\n"
    found = proposal((*CROWD[1:], ZUCCA, elsewhere), act)
    assert holder_names(found) == ["ZUCCA ORESTE"]
    assert (found.band, found.reasons) == (Band.REVIEW, (Reason.INITIALS_ALONE,))


def test_a_decree_law_is_nobodys_initials() -> None:
    law = "COMUNE DI CREMA\nDETERMINA n. 12 del 12/03/2024\nOGGETTO: assegno di inclusione - {law} - utente Z.O.\n"
    dario = replace(LUPI, surname="LANDI", name="DARIO", cf=None)
    found = proposal((*CROWD, ZUCCA, dario), law.format(law="D.L. 48/2023"))
    assert holder_names(found) == ["ZUCCA ORESTE"]


def test_the_name_of_a_service_is_no_person() -> None:
    form = "COMUNE DI CREMA\nDOMANDA\nUtente: {name}\nCognome e nome ZUCCA ORESTE\nCrema, 12 marzo 2019\n"
    assert "Reddito di Inclusione" not in holder_names(proposal(REGISTER, form.format(name="Reddito di Inclusione")))


def test_dots_of_the_line_between_surname_and_given_name_do_not_part_them() -> None:
    form = "COMUNE DI CREMA\nDOMANDA DI ACCESSO AL SERVIZIO\nIl sottoscritto\nCognome e nome ZUCCA. ORESTE.\nCHIEDE\n"
    assert holder_names(proposal(REGISTER, form)) == ["ZUCCA ORESTE"]


def test_a_given_name_that_is_read_whole_is_no_misread_one_of_a_twin():
    assert not is_like(("verdi", "paolo"), ("verdi", "carlo"))
    assert not is_like(("verdi", "paolo"), ("verdi", "carlo"), loosely=True)
    assert is_like(("verdi", "anna"), ("verdi", "anna", "maria"))
    assert is_like(("verdi", "paolc"), ("verdi", "paolo"))


def test_broken_and_short_readings_of_a_name_are_like_it_and_another_name_is_not() -> None:
    assert is_like(("zuc", "ca", "oreste"), ("zucca", "oreste"))
    assert is_like(("zucca",), ("zucca", "oreste"))
    assert not is_like(("zucca", "cod"), ("zucca", "oreste"))
    assert is_like(("zucca", "cod"), ("zucca", "oreste"), loosely=True)
    assert not is_like(("zucca", "bruno"), ("zucca", "oreste"), loosely=True)
    assert not is_like(("zara",), ("zucca", "oreste"))
