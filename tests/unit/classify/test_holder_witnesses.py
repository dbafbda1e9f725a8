"""What stands beside a name on papers as they are: addresses, parents, the comune in charge, what lies in the file."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from faldone.classify.register import MemoryPersonRegister
from faldone.domain.attribution import Band
from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from tests.unit.classify.pages import holder_names, person, proposal
from tests.unit.classify.test_holder_proofs import BARE, CROWD, PROVING, REGISTER, ZUCCA, filed

HOME = "Offanengo"
AWAY = replace(CROWD[0], residence=HOME)
HERE = (*CROWD[1:], AWAY, ZUCCA)
"""A register where one of a common name lives in a small comune."""

REPORT = """
Servizi Sociali
{head}
RELAZIONE SOCIALE
Oggetto: {name}
Servizio di assistenza domiciliare (SAD)
{place}, 12 marzo 2012
Le condizioni sono stazionarie e si propone di proseguire l'intervento.
"""


def test_the_address_of_a_letter_says_where_its_reader_lives() -> None:
    letter = BARE.format(name="contributo per BIANCHI ALDO") + "Gent.mo\nALDO BIANCHI\nvia Ghisleri, 65\n26010 {}"
    assert filed(HERE, letter.format(HOME))[0].band is Band.AUTO
    assert Reason.NAME_ALONE in filed(HERE, letter.format("Pandino"))[0].reasons


def _of_many(rows: int) -> tuple[Person, ...]:
    """Others of other surnames, among whom a name of few is rarer."""
    return tuple(
        person(f"{chr(65 + row % 26)}{chr(65 + row // 26)}ANDRI", "DARIO", "1960-02-03") for row in range(rows)
    )


def test_the_comune_that_a_paper_speaks_as_or_to_is_that_of_its_person() -> None:
    register = (*HERE, *_of_many(140))
    ours = REPORT.format(head=f"COMUNE DI {HOME.upper()}", name="BIANCHI ALDO", place=HOME)
    assert filed(register, ours)[0].band is Band.AUTO
    firm = REPORT.format(head="Cooperativa Il Sentiero", name="BIANCHI ALDO", place=HOME)
    assert Reason.NAME_ALONE in filed(register, firm)[0].reasons, "a place in the date says where the writer sits"
    both = ours + f"e p.c. al Comune di Soncino\ne p.c. al Comune di {HOME}"
    assert Reason.NAME_ALONE in filed(register, both)[0].reasons


def test_the_comune_in_charge_is_too_little_for_a_child() -> None:
    child = replace(person("BIANCHI", "ALDO", "1996-06-05"), residence=HOME)
    register = (*CROWD[1:], child, ZUCCA, *_of_many(140))
    ours = REPORT.format(head=f"COMUNE DI {HOME.upper()}", name="BIANCHI ALDO", place=HOME)
    assert Reason.NAME_ALONE in filed(register, ours)[0].reasons, "sixteen years old then"
    grown = replace(child, birth_date=dt.date(1990, 6, 5))
    assert filed((*CROWD[1:], grown, ZUCCA, *_of_many(140)), ours)[0].band is Band.AUTO


def test_a_birth_date_without_its_year_speaks_against_another_day() -> None:
    said = BARE.format(name="BIANCHI ALDO, {born}, residente a " + HOME)
    for born, band in (
        ("nato a Crema il 10 gennaio 194", Band.AUTO),
        ("nato a Crema il 10.01", Band.AUTO),
        ("nato a Crema il 3 giugno 198", Band.REVIEW),
        ("nato a Crema il 3/06", Band.REVIEW),
    ):
        assert filed(HERE, said.format(born=born))[0].band is band, born


def test_a_bare_name_beside_a_paper_that_proves_a_stranger_of_that_name_is_not_filed() -> None:
    bare = BARE.format(name="BIANCHI ALDO, residente a " + HOME)
    code = person("BIANCHI", "ALDO", "1971-05-02").cf
    stranger = PROVING.replace("nato a Crema il 10/01/1940", f"C.F. {code}")
    assert filed(HERE, bare)[0].band is Band.AUTO
    _, beside = filed(HERE, stranger, bare)
    assert (beside.band, beside.reasons) == (Band.REVIEW, (Reason.NAME_ALONE,))


def test_a_child_lives_with_the_parent_whom_its_paper_names() -> None:
    child = replace(person("BIANCHI", "ALDO", "2006-06-05"), residence=HOME)
    father = replace(person("BIANCHI", "DARIO", "1975-02-03"), residence=HOME, id=PersonId("u-father"))
    crowd = (*REGISTER, *_of_many(60))
    others = tuple(one for one in crowd if one.display_name not in ("BIANCHI ALDO", "BIANCHI DARIO"))
    report = REPORT.format(head="", name="minore BIANCHI ALDO", place=HOME) + "Padre: BIANCHI DARIO, recapito agli atti"
    assert filed((*others, child, father), report)[0].band is Band.AUTO
    elsewhere = replace(father, residence="Pandino")
    assert filed((*others, child, elsewhere), report)[0].band is Band.REVIEW
    too_young = replace(father, birth_date=dt.date(1999, 2, 3))
    assert filed((*others, child, too_young), report)[0].band is Band.REVIEW


def test_the_age_of_the_user_tells_two_of_one_name_apart() -> None:
    one = person("BELLI", "IRENE", "1950-03-04", female=True)
    other = person("BELLI", "IRENE", "1978-06-05", female=True)
    aged = BARE.format(name="BELLI IRENE") + "\nL'utente ha compiuto 62 anni ed è affetta da diabete."
    assert filed((*REGISTER, one, other), aged)[0].holders[0].value.birth_date == dt.date(1950, 3, 4)


def test_families_live_together_so_that_a_village_has_more_of_a_surname() -> None:
    family = [replace(person("ZANI", name, "1960-01-01"), residence=HOME) for name in ("UGO", "ALDO", "DARIO", "BRUNO")]
    strangers = [replace(one, residence=f"Comune {row}") for row, one in enumerate(_of_many(200))]
    together = MemoryPersonRegister([*family, *strangers])
    apart = [family[0], *(replace(one, residence="Comune 1") for one in family[1:])]
    scattered = MemoryPersonRegister([*apart, *strangers])
    expected = [register.namesakes_expected(family[0], residence=True) for register in (together, scattered)]
    assert expected[0] > 10 * expected[1]


def test_a_street_named_after_somebody_at_the_end_of_a_line_is_nobody() -> None:
    text = f"""
COMUNE DI CREMA
DELEGA
Io sottoscritto/a ZUCCA Oreste, nato a Crema (CR) il 09.04.1950, residente a Crema in via
Leonardo da Vinci, 98, cod. fisc. {ZUCCA.cf}
delega
il sig. RIVA Alberto, vicino di casa, al ritiro della documentazione di assistenza domiciliare (SAD)
Crema, 12 marzo 2012
"""
    found = proposal(REGISTER, text)
    assert (holder_names(found), found.band) == (["ZUCCA ORESTE"], Band.AUTO)


def test_a_surname_with_a_particle_is_no_whole_name() -> None:
    married = person("LUPI", "GINEVRA", "1944-09-02", female=True)
    text = BARE.format(name="LUPI Ginevra in De Vecchi, nata a Crema (CR) il 02/09/1944")
    (found,) = filed((*CROWD, married), text + "La signora De Vecchi chiede un incontro.")
    assert (found.holders[0].method, found.band) == ("person-name-birth", Band.AUTO)
    assert len(found.persons) == 1


def test_a_speck_behind_the_particle_of_a_surname_does_not_cut_it() -> None:
    (found,) = filed(REGISTER, BARE.format(name="DE.VECCHI Caterina, nata a Crema (CR) il 22 agosto 1928"))
    assert found.persons[0].value.name == "DE VECCHI Caterina"


def test_a_heading_about_the_family_makes_nobody_a_relative() -> None:
    text = BARE.format(name="ZUCCA Oreste, nato a Crema il 09/04/1950") + "STORIA FAMILIARE\n{} non ha parenti vicini."
    (found,) = filed(REGISTER, text.format("Zucca Oreste"))
    assert (holder_names(found), found.band) == (["ZUCCA ORESTE"], Band.AUTO)
    (relative,) = filed(REGISTER, BARE.format(name="LUPI GINEVRA") + "Familiare: ZUCCA Oreste")
    assert holder_names(relative) == ["LUPI GINEVRA"]


def test_rows_under_the_family_nucleus_say_what_the_children_are() -> None:
    mother = person("LUPI", "GINEVRA", "1974-09-02", female=True)
    child = person("ZANI", "LUCA", "2006-11-12")
    card = f"""
COMUNE DI CREMA
Servizi Sociali
SCHEDA DI ACCESSO
Data del colloquio 12/03/2012
Cognome e nome LUPI Ginevra, nata a Crema il 02/09/1974
Servizio di assistenza domiciliare (SAD)
Codice fiscale {mother.cf}
Nucleo familiare
Cognome e nome Relazione Anno
ZANI Luca figlio 2006
LUPI Ginevra intestatario 1974
"""
    assert proposal((*CROWD, mother, child), card).band is Band.AUTO
    assert proposal((*CROWD, mother, child), card.replace("figlio ", "")).band is Band.REVIEW


COVER = """
FASCICOLO PERSONALE
Servizio di assistenza domiciliare (SAD)
Cognome e nome {name}
nato/a il {born} a Crema
C.F. {cf}
"""
OURS = PROVING.replace("BIANCHI ALDO, nato a Crema il 10/01/1940", "ZUCCA ORESTE, nato a Crema il 09/04/1950")


def test_two_papers_of_one_person_behind_the_cover_of_another_are_filed_and_a_single_one_is_not() -> None:
    wrong = COVER.format(name="BIANCHI ALDO", born="10/01/1940", cf=CROWD[0].cf)
    _, alone = filed(REGISTER, wrong, OURS)
    assert (holder_names(alone), alone.reasons) == (["ZUCCA ORESTE"], (Reason.HOLDER_UNSURE,))
    _, first, second = filed(REGISTER, wrong, OURS, OURS.replace("10 marzo 2012", "11 aprile 2013"))
    assert [(holder_names(one), one.band) for one in (first, second)] == [(["ZUCCA ORESTE"], Band.AUTO)] * 2


def test_a_paper_that_names_whom_another_of_the_file_proves_is_filed_behind_the_cover_of_somebody_else() -> None:
    wrong = COVER.format(name="BIANCHI ALDO", born="10/01/1940", cf=CROWD[0].cf)
    named = OURS.replace(", nato a Crema il 09/04/1950", "").replace("10 marzo 2012", "11 aprile 2013")
    _, proved, bare = filed(REGISTER, wrong, OURS, named)
    assert [(holder_names(one), one.band) for one in (proved, bare)] == [(["ZUCCA ORESTE"], Band.AUTO)] * 2
    _, alone = filed(REGISTER, wrong, named)
    assert (holder_names(alone), alone.band) == (["ZUCCA ORESTE"], Band.REVIEW)


def test_a_cover_whose_code_was_misread_agrees_by_name_and_day_of_birth() -> None:
    stranger = person("DE SANTIS", "PIERINA", "1926-04-22", female=True)
    assert stranger.cf is not None
    own = PROVING.replace(
        "BIANCHI ALDO, nato a Crema il 10/01/1940", f"DE SANTIS Pierina, nata a Crema il 22/04/1926, C.F. {stranger.cf}"
    )
    misread = COVER.format(name="DE SANTIS PIERINA", born="22/04/1926", cf=f"{stranger.cf[:-2]}?@")
    _, paper = filed((), misread, own)
    assert (paper.band, paper.reasons) == (Band.AUTO, ())


ACT = """
COMUNE DI CREMA
DETERMINAZIONE N. 12 DEL 10/03/2012
OGGETTO: impegno di spesa per {service} - {who}
DETERMINA
di impegnare la somma di euro 300,00
"""


def test_initials_of_several_mean_first_whom_the_service_is_for_and_are_never_filed() -> None:
    old = person("ZANI", "UGO", "1940-03-25")
    young = person("ZUCCHI", "URSULA", "2001-07-03", female=True)
    for service, meant in (("Centro Diurno Integrato (CDI)", old), ("Servizio Tutela Minori", young)):
        found = proposal((*CROWD, old, young), ACT.format(service=service, who="sig. Z.U."))
        assert (holder_names(found), found.reasons) == ([meant.display_name], (Reason.INITIALS_ALONE,))


def test_one_letter_hides_who_has_one_name_where_a_residence_stands_beside_it() -> None:
    one = replace(person("BEGUM", "", "1988-11-06", "Z249", female=True), residence="Madignano")
    act = ACT.format(service="Servizio Inserimento Lavorativo (SIL)", who="B., {}residente a Madignano")
    found = proposal((*CROWD, one), act.format(""))
    assert ([holder.value.person for holder in found.holders], found.band) == ([one.id], Band.REVIEW)
    assert proposal((*CROWD, one), act.format("non ")).holders == ()


def test_a_household_of_one_is_not_filed_under_its_row_where_the_declarant_was_lost() -> None:
    form = f"""
DICHIARAZIONE SOSTITUTIVA UNICA
Attestazione ISEE
{{who}} residente in Crema, via Roma, 4, dichiara che il nucleo familiare è così composto:
ZUCCA ORESTE {ZUCCA.cf} 09.04.1950
ISEE: 9868,15
Data di presentazione 24.11.2011
"""
    own = proposal(REGISTER, form.format(who="Il sottoscritto ZUCCA ORESTE, n. a Crema il 09.04.1950,"))
    assert (holder_names(own), own.band) == (["ZUCCA ORESTE"], Band.AUTO)
    lost = proposal(REGISTER, form.format(who="Il/La sottoscritto/aPel-legrino V~leria, n. a Cas~~lleone,"))
    assert (lost.band, Reason.HOLDER_UNSURE in lost.reasons) == (Band.REVIEW, True)


REQUEST = """
COMUNE DI CREMA
Servizi Sociali
DOMANDA DI ACCESSO all'asilo nido comunale
La sottoscritta Yolanda BASSI
in qualità di madre del minore
Cognome ZANI Nome LUCA
nato a Crema il 12/11/2006
Codice fiscale {cf}
chiede {asked}
Crema, 12 marzo 2008
"""


def test_what_a_mother_asks_for_her_child_may_speak_of_the_mother_but_not_ask_for_another() -> None:
    child = person("ZANI", "LUCA", "2006-11-12")
    for asked, band in (
        ("il posto a tempo pieno. Note: nel nucleo è entrato il compagno della madre", Band.AUTO),
        ("il posto a tempo pieno per la madre", Band.REVIEW),
        ("il posto a tempo pieno della nonna", Band.REVIEW),
    ):
        found = proposal((*REGISTER, child), REQUEST.format(cf=child.cf, asked=asked))
        assert (holder_names(found), found.band) == (["ZANI LUCA"], band), asked


def test_a_digit_of_the_birth_date_that_a_code_as_read_denies_was_misread() -> None:
    said = PROVING.replace("BIANCHI ALDO, nato a Crema il 10/01/1940", "ZUCCA ORESTE, nato a Crema il {}, C.F. {}")
    assert filed(REGISTER, said.format("09/04/1980", ZUCCA.cf))[0].band is Band.AUTO
    assert filed(REGISTER, said.format("19/04/1980", ZUCCA.cf))[0].reasons == (Reason.HOLDER_UNSURE,)
    son = person("ZUCCA", "ORESTE", "1980-04-09")
    assert filed((*REGISTER, son), said.format("09/04/1980", ZUCCA.cf))[0].band is Band.REVIEW, "perhaps his son's"


def test_a_name_read_whole_in_one_place_and_in_part_beside_its_birth_date_in_another_is_proved() -> None:
    letter = """
COMUNE DI CREMA
Crema, 12 marzo 2012
Egregio signore
{whole}
via Roma, 4
Crema
OGGETTO: assistenza domiciliare (SAD) - 0reste ZVCXA, nato a Crema il 09/04/1950
Con la presente si comunica che il servizio prosegue.
"""
    assert filed(REGISTER, letter.format(whole="ZUCCA ORESTE"))[0].holders[0].method == "person-name-birth"
    assert filed(REGISTER, letter.format(whole="all'indirizzo"))[0].holders[0].method != "person-name-birth"
