"""What speaks against the likeliest holder: a subject of another name, a child without a role, a code by chance."""

from __future__ import annotations

import datetime as dt

import pytest

from faldone.classify import codice_fiscale as cf
from faldone.domain.attribution import Band, DocumentProposal
from faldone.domain.codice_fiscale import check_character
from faldone.domain.reasons import Reason
from tests.unit.classify.pages import code, holder_names, person, proposal
from tests.unit.classify.test_holder_proofs import REGISTER, ZUCCA

CHILD = person("SERRA", "LUCA", "2004-05-12")
MOTHER = person("MORI", "PAOLA", "1972-02-09", female=True)
FAMILY = (*REGISTER, CHILD, MOTHER)


def paper(title: str, body: str) -> DocumentProposal:
    return proposal(
        FAMILY,
        f"""
COMUNE DI CREMA
Servizi Sociali
{title}
{body}
Servizio di assistenza domiciliare (SAD)
Le condizioni sono stazionarie e si propone di proseguire l'intervento.
Crema, 12 marzo 2012
""",
    )


def test_the_title_above_the_subject_does_not_make_its_person_the_social_worker() -> None:
    found = paper(
        "RELAZIONE DELL'ASSISTENTE SOCIALE",
        f"Oggetto: Serra Luca, nato il 12 maggio 2004\nNucleo familiare:\nMori Paola, C.F. {MOTHER.cf}",
    )
    assert holder_names(found) == ["SERRA LUCA"]


def test_a_heading_below_the_subject_ends_it() -> None:
    family = f"Altri familiari:\nMori Paola, C.F. {MOTHER.cf}"
    found = paper("RELAZIONE SOCIALE", f"Oggetto: situazione di Belli Rosa\n{family}")
    assert Reason.SEVERAL_HOLDERS not in found.reasons, "she is of the family, not of the subject"


def test_a_paper_whose_subject_names_somebody_else_is_not_filed() -> None:
    body = "Oggetto: relazione su {name}\nCon la presente si riferisce.\nUtente: MORI PAOLA, C.F. {cf}"
    other = paper("RELAZIONE SOCIALE", body.format(name="medico curante dott. Serra Luca", cf=MOTHER.cf))
    assert (holder_names(other), other.band) == (["MORI PAOLA"], Band.REVIEW)
    same = paper("RELAZIONE SOCIALE", body.format(name="Mori Paola", cf=MOTHER.cf))
    assert (holder_names(same), same.band) == (["MORI PAOLA"], Band.AUTO)


def declared(rest: str) -> DocumentProposal:
    return paper(
        "DOMANDA DI ACCESSO AL SERVIZIO DI ASSISTENZA DOMICILIARE (SAD)",
        f"La sottoscritta MORI PAOLA, nata a Crema (CR) il 09.02.1972, {rest}\nchiede l'attivazione",
    )


def test_who_declares_for_a_child_whose_line_was_lost_is_not_filed() -> None:
    assert declared("residente a Crema").band is Band.AUTO
    lost = declared(f"in qualità di\nR,ivolta d'Adda il 12.05.2004 (CF {CHILD.cf}), letta l'informativa,")
    assert lost.band is Band.REVIEW


def test_a_relation_whose_preposition_was_torn_apart_still_speaks_of_somebody_else() -> None:
    torn = declared(f"in qualità di familiare d el/la\nsig./sig.ra Oreste Zucca - c.f. {ZUCCA.cf},")
    assert torn.band is Band.REVIEW


def test_a_married_name_is_not_the_husband_who_is_delegated() -> None:
    husband = person("DE VECCHI", "EMANUELE", "1960-06-13")
    text = """
ATTO DI DELEGA
Il/La sottoscritto/a PAOLA MORI in DE VECCHI, residente a Crema in via Roma, 4,
delega Sig EMANUELE DE VECCHI, nato a Crema il 13 giugno 1960 a ritirare la documentazione
Crema, 12 marzo 2012
"""
    assert "DE VECCHI EMANUELE" not in holder_names(proposal((*FAMILY, husband), text))


def test_a_child_that_is_proved_without_a_word_of_what_it_is_keeps_a_grown_holder_from_being_filed() -> None:
    assert declared(f"residente a Crema\n(CF {CHILD.cf})").band is Band.REVIEW
    assert declared(f"residente a Crema\nfratello: Serra Luca (CF {CHILD.cf})").band is Band.AUTO


BARE_REPORT = """
COMUNE DI CREMA
Servizi Sociali
RELAZIONE SOCIALE
Servizio di assistenza domiciliare (SAD)
Utente: ZUCCA ORESTE{said}
12 marzo 2012
Le condizioni sono stazionarie e si propone di proseguire l'intervento.
"""


def test_a_child_whose_row_of_the_household_says_what_it_is_keeps_nobody_from_being_filed() -> None:
    rows = "Composizione del nucleo\nCognome e nome Relazione Data di nascita\nMORI PAOLA intestatario 09/02/1972\n"
    card = f"Cognome e nome MORI PAOLA\nNata a Crema il 09/02/1972, C.F. {MOTHER.cf}\n" + rows
    assert paper("SCHEDA DI ACCESSO", card + "SERRA LUCA figlio 12/05/2004").band is Band.AUTO
    assert paper("SCHEDA DI ACCESSO", card + f"SERRA LUCA {CHILD.cf}").band is Band.REVIEW


def stranger(cf: str, name: str = "BARONE SIMONA") -> DocumentProposal:
    return paper("RELAZIONE SOCIALE", f"Utente: {name}, C.F. {cf}")


def omocodic(plain: str, *places: int) -> str:
    letters = list(plain[:15])
    for place in places:
        letters[place] = "LMNPQRSTUV"[int(letters[place])]
    return "".join(letters) + check_character("".join(letters))


PLAIN = code("BARONE", "SIMONA", dt.date(1972, 2, 9), female=True)


@pytest.mark.parametrize(("places", "issued"), [((), True), ((14,), True), ((13, 14), True), ((10,), False)])
def test_letters_are_issued_for_the_last_digits_first(places: tuple[int, ...], issued: bool) -> None:
    assert cf.is_as_issued(omocodic(PLAIN, *places)) is issued


def test_a_valid_code_that_nobody_issues_makes_no_person() -> None:
    assert stranger(PLAIN).band is Band.AUTO
    assert stranger(omocodic(PLAIN, 14)).band is Band.AUTO
    assert Reason.HOLDER_UNSURE in stranger(omocodic(PLAIN, 10)).reasons


def test_a_code_whose_first_letters_were_changed_to_fit_a_name_proves_nobody() -> None:
    # The G that was read as a C in the name is what makes a woman's code of his pass the check.
    body = "Utente: ROJAS MENDOZA {given}, nato a Crema il 07/01/1950, C.F. RJSJRG5AA07D142R"
    assert paper("RELAZIONE SOCIALE", body.format(given="JORGE")).band is Band.AUTO
    assert paper("RELAZIONE SOCIALE", body.format(given="JORCE")).band is Band.REVIEW


def test_a_code_whose_check_character_was_changed_too_proves_nobody() -> None:
    body = "Utente: PAOLO RINALDI, nato il 10 agosto 1953 - c.f. RNLPLA53M10{}"
    assert paper("RELAZIONE SOCIALE", body.format("H508P")).band is Band.AUTO
    assert paper("RELAZIONE SOCIALE", body.format("H608P")).band is Band.REVIEW


def test_the_word_of_a_numbered_point_is_no_part_of_the_name() -> None:
    found = paper("VERBALE DI EQUIPE", "1) Caso BARONE SIMONA, n. il 09/02/1972: stabile.\n2) Minore SERRA LUCA")
    assert set(holder_names(found)) == {"BARONE SIMONA", "SERRA LUCA"}


def test_a_birth_date_among_the_household_is_not_that_of_the_name_above() -> None:
    found = paper(
        "RELAZIONE SOCIALE",
        "Cognome e nome BELLI ROSA\nComposizione del nucleo\nTo~~~so , nato il 17 novembre 1961",
    )
    assert {item.value.birth_date for item in found.persons} == {None}


def test_a_date_in_a_field_further_down_is_not_the_birth_date_that_was_lost() -> None:
    found = paper(
        "REGISTRO DEI CONTATTI",
        "Caso: BELLI ROSA, nata a Crema il 4 aprile 168\nServizio: S.I.L.\n30 dicembre 2003 Telefonata al figlio",
    )
    assert {item.value.birth_date for item in found.persons} == {None}


def test_a_bare_name_beside_another_year_of_birth_is_not_filed() -> None:
    assert paper("RELAZIONE SOCIALE", "Utente: ZUCCA ORESTE, nato a Crema 1950").band is Band.AUTO
    found = paper("RELAZIONE SOCIALE", "Utente: ZUCCA ORESTE, nato il 09.0.1993")
    assert (holder_names(found), found.band) == (["ZUCCA ORESTE"], Band.REVIEW)


def test_a_bare_name_of_which_nothing_is_told_is_filed_only_where_many_others_have_another_one() -> None:
    body = BARE_REPORT.format(said="")
    assert Reason.NAME_ALONE in proposal(REGISTER, body).reasons
    assert proposal(REGISTER, BARE_REPORT.format(said=", residente a Crema")).band is Band.AUTO
    others = tuple(
        person(f"{first}{second}ANDRI", "DARIO", "1960-02-03") for first in "BCDFGLMNPRSTVZ" for second in "AEIOU" * 3
    )
    assert proposal((*REGISTER, *others), body).band is Band.AUTO


def test_a_stranger_is_known_by_two_surnames_only_where_the_given_name_was_lost() -> None:
    body = "Utente: {}, nato il 22/1/1940\nIl sig. {} accetta il confronto"
    assert paper_without_register(body.format("LODI RIZZINI RICCARDO", "LODI RIZZINI RICCARDO")).band is Band.AUTO
    found = paper_without_register(body.format("LODI RIZZINI", "LODI RIZZINI"))
    assert (found.band, found.reasons) == (Band.REVIEW, (Reason.HOLDER_UNSURE,))


def paper_without_register(body: str) -> DocumentProposal:
    text = f"COMUNE DI CREMA\nServizi Sociali\nRELAZIONE SOCIALE\n{body}\nServizio di assistenza domiciliare (SAD)\n"
    return proposal((), text + "Crema, 12 marzo 2012")


def test_a_repaired_code_of_another_comune_needs_the_comune_on_the_paper() -> None:
    # MARCO and MRC were read as NARCO and NRC: with another comune the check character comes out all the same.
    body = "Utente: DE VECCHI NARCO, nato a {} il 16/01/1993, C.F. DVCNRC93A16C153G"
    assert paper_without_register(body.format("Castelleone")).band is Band.REVIEW
    assert paper_without_register(body.format("Breganze")).reasons == paper_without_register(body.format("")).reasons
    place = cf.birthplaces("DVCNRC93A16B153G")[0].title()
    assert paper_without_register(body.format(place)).band is Band.AUTO


def test_a_valid_code_is_no_damaged_one_of_somebody_of_a_like_name() -> None:
    other = person("KOVALENKO", "TARAS", "1969-03-26", "Z138")
    own = code("KOVALENKO", "TARAS", dt.date(1961, 7, 22), "Z138")
    body = f"""
COMUNE DI CREMA
DOMANDA DI ACCESSO AL SERVIZIO DI ASSISTENZA DOMICILIARE (SAD)
Cognome e nome KOUALENKO TARAS
Codice fiscale {own}
Crema, 12 marzo 2012
"""
    found = proposal((*REGISTER, other), body)
    assert found.band is Band.REVIEW
    assert [holder.value.cf for holder in found.holders] == [own]


def test_a_bare_name_in_a_form_whose_birth_field_has_another_year_is_not_filed() -> None:
    form = "Cognome e nome: ZUCCA ORESTE\nLuogo di nascita: Crema\nData di nascita: 19.0B.{}\nResidente a: Crema"
    assert paper("SCHEDA DI ACCESSO", form.format(1950)).band is Band.AUTO
    found = paper("SCHEDA DI ACCESSO", form.format(1954))
    assert (holder_names(found), found.band) == (["ZUCCA ORESTE"], Band.REVIEW)


DECREE = """
TRIBUNALE PER I MINORENNI DI BRESCIA
N. 213/1992 R.G.V.G. Cron. n. 3524
DECRETO
nel procedimento ex artt. 330-333 c.c. a tutela dei minori {}
figli di Serra Omar e di Mancini Giovanna
Visto il ricorso del Pubblico Ministero; affida i minori al Comune di Crema
Così deciso in Brescia, 23 ottobre 2012
"""


def test_a_child_behind_a_brother_whose_name_was_lost_is_not_filed_alone() -> None:
    sister = person("SERRA", "ANNA", "2006-03-01", female=True)
    second = person("SERRA", "EVA", "2008-04-02", female=True)
    register = (*FAMILY, sister, second)
    whole = proposal(register, DECREE.format("Serra Luca, nato a Crema il 12.5.2004, e Serra Anna, nata il 1.3.2006"))
    assert (sorted(holder_names(whole)), whole.band) == (["SERRA ANNA", "SERRA LUCA"], Band.AUTO)
    lost = proposal(register, DECREE.format("Se-rra Lu-ca. nato a Crema il 12.5.2004, e Serra Anna, nata il 1.3.2006"))
    assert Reason.SEVERAL_HOLDERS in lost.reasons
    three = "Se-rra Lu-ca, nato a Crema, e Serra Anna, nata il 1.3.2006, e Serra Eva, nata il 2.4.2008"
    assert Reason.SEVERAL_HOLDERS in proposal(register, DECREE.format(three)).reasons


def test_a_child_whose_code_does_not_tell_the_century_keeps_a_grown_holder_from_being_filed() -> None:
    unknown = code("SERRA", "NORA", dt.date(2007, 9, 30), female=True)
    assert len(cf.birth_dates(unknown)) > 1
    assert declared(f"residente a Crema\n(CF {unknown})").band is Band.REVIEW


def test_a_compound_surname_alone_is_nobody_of_the_family() -> None:
    father = person("LODI RIZZINI", "CARLO", "1965-09-09")
    text = """
INPS
ISEE - INDICATORE DELLA SITUAZIONE ECONOMICA EQUIVALENTE
Dichiarante: LODI RIZZINI CARLO
Codice fiscale: {code}
Data presentazione DSU: 17/10/2020
ISEE minorenni - beneficiario: LODI RIZZINI{given}
"""
    lost = proposal((*REGISTER, father), text.format(code=father.cf, given=" - 1ACQUEL1NE"))
    assert lost.band is Band.REVIEW
    whole = proposal((*REGISTER, father), text.format(code=father.cf, given=" CARLO"))
    assert (holder_names(whole), whole.band) == (["LODI RIZZINI CARLO"], Band.AUTO)


def test_a_parent_of_sixteen_is_a_parent() -> None:
    report = """
COMUNE DI CREMA
Servizio Tutela Minori
Al Tribunale per i minorenni di Brescia
OGGETTO: relazione di aggiornamento sul minore Serra Luca, nato a Crema il 12 maggio 2004
COMPOSIZIONE DEL NUCLEO
- {who}: Belli Anna, nata a Lodi il 14/07/1996
Il minore frequenta la scuola dell'infanzia.
Crema, 12 marzo 2012
"""
    found = proposal(FAMILY, report.format(who="madre"))
    assert (holder_names(found), found.band) == (["SERRA LUCA"], Band.AUTO), found.reasons
    assert Reason.SEVERAL_HOLDERS in proposal(FAMILY, report.format(who="convivente")).reasons


@pytest.mark.parametrize("other", ["SERRA LUIGI", "MORI LUCA", "SERRA LINO"])
def test_a_code_beside_a_name_that_is_another_files_nothing(other: str) -> None:
    twin = person("SERRA", "LUIGI", "2004-05-12")
    body = "Oggetto: {name}, nato il 12 maggio 2004, C.F. {cf}"

    def filed(name: str) -> DocumentProposal:
        text = f"COMUNE DI CREMA\nRELAZIONE SOCIALE\n{body.format(name=name, cf=CHILD.cf)}\nServizio SAD\n12 marzo 2012"
        return proposal((*FAMILY, twin), text)

    assert filed("LUCA SERRA").band is filed("SERRA L UCA").band is Band.AUTO, "however it was written or read"
    assert (filed(other).band, Reason.HOLDER_UNSURE in filed(other).reasons) == (Band.REVIEW, True)


def test_a_stranger_born_on_the_day_of_one_of_the_surname_is_not_filed() -> None:
    girl = person("SERRA", "LUCIA", "2004-05-12", female=True)
    body = "Oggetto: SERRA LUCIO, nato a Crema il 12 maggio 2004, C.F. {cf}"
    unknown = code("SERRA", "LUCIO", dt.date(2004, 5, 12))
    text = f"COMUNE DI CREMA\nRELAZIONE SOCIALE\n{body.format(cf=unknown)}\nServizio di assistenza domiciliare (SAD)"
    assert proposal(REGISTER, text + "\nCrema, 12 marzo 2012").band is Band.AUTO
    assert proposal((*REGISTER, girl), text + "\nCrema, 12 marzo 2012").band is Band.REVIEW


@pytest.mark.parametrize("kin", ["il nipote di", "il figlio minore di", "il marito della sig.ra", "nascituro di"])
def test_whose_relative_a_paper_is_about_is_not_its_holder(kin: str) -> None:
    found = paper("RELAZIONE SOCIALE", f"Oggetto: relazione su {kin} MORI PAOLA, nata il 09/02/1972, C.F. {MOTHER.cf}")
    assert (holder_names(found), found.band) == (["MORI PAOLA"], Band.REVIEW)


@pytest.mark.parametrize(
    ("asked", "band"),
    [
        ("il servizio di assistenza domiciliare (SAD)", Band.AUTO),
        ("in favore della moglie il servizio", Band.REVIEW),
        ("il servizio per la propria madre", Band.REVIEW),
        ("i pasti della zia", Band.REVIEW),
        ("in qualità di madre il servizio", Band.REVIEW),
    ],
)
def test_what_somebody_asks_for_a_relative_is_not_filed_under_who_asks(asked: str, band: Band) -> None:
    title = "DOMANDA DI ACCESSO AL SERVIZIO DI ASSISTENZA DOMICILIARE (SAD)"
    body = f"La sottoscritta MORI PAOLA, nata a Crema (CR) il 09.02.1972, residente a Crema\nchiede {asked}"
    assert paper(title, body).band is band


def test_a_commission_s_record_with_a_bare_name_lost_the_birth_that_it_always_gives() -> None:
    report = paper("VERBALE DI ACCERTAMENTO DELL'INVALIDITÀ CIVILE", "Cognome e nome: ZUCCA ORESTE\nResidente a Crema")
    assert report.type is not None
    assert report.type.value == "verbale_invalidita"
    assert (holder_names(report), report.band) == (["ZUCCA ORESTE"], Band.REVIEW)
    whole = paper(
        "VERBALE DI ACCERTAMENTO DELL'INVALIDITÀ CIVILE",
        f"Cognome e nome: ZUCCA ORESTE\nNato il {ZUCCA.birth_date:%d/%m/%Y}\nResidente a Crema",
    )
    assert whole.band is Band.AUTO
