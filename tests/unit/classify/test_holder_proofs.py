"""Whose paper it is when somebody acts for somebody else, and when a bare name is not enough to file by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest

from faldone.classify.codice_fiscale import choose_birth_date
from faldone.classify.lexicon import default_lexicon
from faldone.classify.neighbours import with_agreed_service
from faldone.classify.prior import Prior, with_prior_holder
from faldone.classify.propose import Context, propose
from faldone.classify.register import MemoryPersonRegister
from faldone.domain.attribution import Attribution, Band, DocumentProposal, PersonMention, Role
from faldone.domain.codice_fiscale import check_character
from faldone.domain.ids import PersonId
from faldone.domain.page import PageText
from faldone.domain.person import Origin, Person
from faldone.domain.reasons import Reason
from tests.unit.classify.pages import SCANNED, holder_names, page_text, person, proposal, views

# Sixty others, so that the shares of surnames and given names mean something.
_SURNAMES = ("BIANCHI", "FERRARI", "GALLI", "LONGO", "MARINI", "NEGRI", "PARISI", "RIZZI", "SANNA", "TESTA")
_NAMES = ("ALDO", "BRUNO", "CARLA", "DARIO", "ELISA", "FRANCA")
CROWD = tuple(
    person(surname, name, f"19{40 + row:02d}-0{column + 1}-1{column}", female=name in ("CARLA", "ELISA", "FRANCA"))
    for row, surname in enumerate(_SURNAMES)
    for column, name in enumerate(_NAMES)
)
ZUCCA = person("ZUCCA", "ORESTE", "1950-04-09")
LUPI = person("LUPI", "GINEVRA", "1944-09-02", female=True)
REGISTER = (*CROWD, ZUCCA, LUPI)


def application(opening: str) -> DocumentProposal:
    return proposal(
        REGISTER,
        f"""
COMUNE DI CREMA
Servizi Sociali
DOMANDA DI ACCESSO AL SERVIZIO DI ASSISTENZA DOMICILIARE (SAD)
{opening}
residente a Crema in via Roma, 4
chiede
l'attivazione del servizio di assistenza domiciliare (SAD)
Crema, 12 marzo 2012
""",
    )


@pytest.mark.parametrize(
    "acting",
    [
        "in qualità di caregiver a favore di",
        "in qualità di familiare del/la sig./sig.ra",
        "in qnalità di persora di riferimento di",
        "in quaIità di coregiver del/la sig./sig.ra",
        "amministratore di sostegno di",
        "in qualità di A.d.S. dl",
    ],
)
def test_who_acts_for_somebody_is_not_the_holder(acting: str) -> None:
    found = application(f"Il sottoscritto ZUCCA ORESTE, C.F. {ZUCCA.cf}, {acting} LUPI GINEVRA, C.F. {LUPI.cf}")
    assert holder_names(found) == ["LUPI GINEVRA"]


def test_who_acts_for_somebody_whose_name_was_lost_is_not_filed() -> None:
    found = application(f"Il sottoscritto ZUCCA ORESTE, C.F. {ZUCCA.cf}, in qualità di familiare di l~~i g1n..a")
    assert "ZUCCA ORESTE" not in holder_names(found)
    assert found.band is Band.REVIEW


@pytest.mark.parametrize("office", ["amministratore di sostegno", "amministratore di sostegna"])
def test_who_is_made_an_administrator_is_not_the_one_he_is_made_for(office: str) -> None:
    decree = proposal(
        REGISTER,
        f"""
TRIBUNALE DI CREMONA
DECRETO DI NOMINA DI AMMINISTRATORE DI SOSTEGNO
visto il ricorso in favore di Gincvra Lopi, C.F. {LUPI.cf}, residente a Crema
NOMINA
quale {office} il sig. ZUCCA ORESTE, C.F. {ZUCCA.cf}
Cremona, 12 marzo 2012
""",
    )
    assert "ZUCCA ORESTE" not in holder_names(decree)


def test_who_asks_for_herself_in_a_quality_of_her_own_is_the_holder() -> None:
    found = application(f"La sottoscritta LUPI GINEVRA, C.F. {LUPI.cf}, in qualità di diretta interessata")
    assert holder_names(found) == ["LUPI GINEVRA"]
    assert found.band is Band.AUTO, found.reasons


def test_who_gives_a_proxy_holds_the_paper_under_its_title_too() -> None:
    found = proposal(
        REGISTER,
        f"""
ATTO DI DELEGA
Il/La sottoscritto/a LUPI GINEVRA, nata il 02/09/1944, C.F. {LUPI.cf}, residente
a Crema in via Roma, DELEGA sig. Oreste Zucca a ritirare la documentazione.
Crema, 12 marzo 2012
""",
    )
    assert holder_names(found) == ["LUPI GINEVRA"]


def minutes(second: str) -> DocumentProposal:
    return proposal(
        REGISTER,
        f"""
COMUNE DI CREMA
Servizio di assistenza domiciliare (SAD)
VERBALE DI EQUIPE
Crema, 14 giugno 2008
Ordine del giorno: aggiornamento situazioni in carico
1) Caso ZUCCA ORESTE, C.F. {ZUCCA.cf}: la rete parentale è presente ma stanca.
2) {second}: le entrate mensili sono poche.
Si concorda di aggiornarsi.
""",
    )


def test_minutes_about_two_users_are_of_both() -> None:
    found = minutes(f"Situazione LUPI GINEVRA, C.F. {LUPI.cf}")
    assert holder_names(found) == ["ZUCCA ORESTE", "LUPI GINEVRA"]


def test_minutes_with_a_point_whose_user_was_not_read_are_not_filed() -> None:
    found = minutes("Situazione l~~i g1n..a")
    assert found.band is Band.REVIEW
    assert Reason.SEVERAL_HOLDERS in found.reasons


def report(line: str, *, place: str = "CREMA", head: str = "RELAZIONE SOCIALE") -> DocumentProposal:
    return proposal(
        REGISTER,
        f"""
COMUNE DI {place}
Servizi Sociali
{head}
Servizio di assistenza domiciliare (SAD)
{line}
12 marzo 2012
Le condizioni sono stazionarie e si propone di proseguire l'intervento.
""",
    )


def test_a_rare_name_is_filed_where_its_person_lives() -> None:
    assert report("Utente: ZUCCA ORESTE, residente a Crema").band is Band.AUTO
    elsewhere = report("Utente: ZUCCA ORESTE", place="OFFANENGO")
    assert holder_names(elsewhere) == ["ZUCCA ORESTE"]
    assert Reason.NAME_ALONE in elsewhere.reasons


def test_a_name_that_others_outside_the_register_may_bear_is_not_filed() -> None:
    found = report("Utente: BIANCHI ALDO")
    assert holder_names(found) == ["BIANCHI ALDO"]
    assert Reason.NAME_ALONE in found.reasons


def test_namesakes_are_expected_by_the_shares_of_surname_and_given_name() -> None:
    register = MemoryPersonRegister(REGISTER)
    common, rare = register.namesakes_expected(CROWD[0]), register.namesakes_expected(ZUCCA)
    assert common == pytest.approx(6 * 10 / 62)
    assert rare == pytest.approx(1 / 62)


@pytest.mark.parametrize(
    "line", ["Utente: ZUCCA ORESTE ato il 05/10/2001", "Minore: ZUCCA ORESTE", "Alunno ZUCCA ORESTE"]
)
def test_a_name_that_does_not_fit_its_persons_age_is_not_filed(line: str) -> None:
    assert report(line).band is Band.REVIEW


def test_the_registers_birth_date_behind_a_name_proves_even_where_nato_was_misread() -> None:
    found = report("Utente: BIANCHI ALDO Hato il 10/01/1940")
    assert found.holders[0].method == "person-name-birth"


def test_a_father_of_two_given_names_is_not_his_child_of_one() -> None:
    found = report("Minore: INZOLI CARLO\nPadre: INZOLI DARIO CARLO, nato il 13/03/1971")
    assert holder_names(found) == ["INZOLI CARLO"]


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("PATENTE DI GUIDA\n1. ZUCCA\n2. ORESTE\n3. 09/04/1950 CREMA (CR)", "ZUCCA ORESTE"),
        ("CARTA D'IDENTITA'\nCognome ZUCCA .,..\nNome ORESTE ....\nnato il 09.04.1950", "ZUCCA ORESTE"),
        ("CARTA DI IDENTITA'\nCOGNOME / SURNAME: ZUCCA\nNOME / NAME: ORESTE\nNATO IL 09.04.1950", "ZUCCA ORESTE"),
        ("SCHEDA\nCoguome\nZUCCA\nNome\nORESTE\nnato il 09.04.1950", "ZUCCA ORESTE"),
    ],
)
def test_the_boxes_of_cards_and_forms_give_the_name(page: str, name: str) -> None:
    assert holder_names(proposal(REGISTER, page)) == [name]


def test_surnames_with_an_apostrophe_are_names() -> None:
    assert holder_names(report("Utente: D'AMICO Ginevra, nata il 02/09/1944")) == ["D'AMICO Ginevra"]


def test_a_word_of_the_form_behind_a_name_is_cut_off_by_the_code() -> None:
    code = "FNTPLN50D49D142" + check_character("FNTPLN50D49D142")
    found = report(f"Utente: FONTANA PAOLINA Cod {code}")
    assert holder_names(found) == ["FONTANA PAOLINA"]
    assert found.holders[0].value.cf == code


def test_initials_alone_never_file() -> None:
    found = proposal(
        REGISTER,
        "COMUNE DI CREMA\nDETERMINA n. 12 del 12/03/2012\nOGGETTO: concessione SAD - utente Z.O.\nDETERMINA",
    )
    assert holder_names(found) == ["ZUCCA ORESTE"]
    assert found.band is Band.REVIEW
    assert found.reasons == (Reason.INITIALS_ALONE,)


def test_a_provisional_code_of_eleven_digits_is_somebodys_only_by_the_register() -> None:
    known = replace(ZUCCA, cf="12345678903")
    text = "COMUNE DI CREMA\nRELAZIONE SOCIALE\nUtente: ZUCCA ORESTE C.F. 12345678903\n12 marzo 2012"
    assert proposal((*CROWD, known), text).holders[0].method == "person-cf"
    assert all(item.method != "person-cf" for item in proposal(REGISTER, text).holders)


def test_the_century_of_a_code_follows_the_papers_date() -> None:
    code = "ZCCRST12D09D142" + check_character("ZCCRST12D09D142")
    assert choose_birth_date(code, on=dt.date(1990, 1, 1)) == dt.date(1912, 4, 9)


def _held(who: Person, method: str, sure: float) -> Attribution[PersonMention]:
    mention = PersonMention(Role.HOLDER, who.display_name, who.cf, None, who.birth_date, who.id)
    return Attribution(mention, sure, method, "1", ())


def test_a_cover_read_badly_raises_no_doubt_against_a_proven_holder_but_a_sure_one_does() -> None:
    persons = (_held(ZUCCA, "person-cf", 0.95),)
    stranger = PersonMention(Role.HOLDER, "LVPI GINEVRA", None, None, None, None)
    unsure = Prior((Attribution(stranger, 0.6, "person-unknown", "1", ()),))
    assert with_prior_holder(unsure, persons, 0.95, collective=False).doubts == ()
    sure = Prior((_held(LUPI, "person-cf", 0.99),))
    assert with_prior_holder(sure, persons, 0.999, collective=False).doubts == (Reason.HOLDER_UNSURE,)


def test_a_sister_in_the_folder_of_her_brother_is_filed() -> None:
    sister = person("ZUCCA", "ELISA", "1955-04-09", female=True)
    persons = (_held(sister, "person-cf", 0.99),)
    assert with_prior_holder(Prior((_held(ZUCCA, "person-cf", 0.99),)), persons, 0.99, collective=False).doubts == ()


def _paper(first: int, *holders: Attribution[PersonMention]) -> DocumentProposal:
    band, reasons = (Band.AUTO, ()) if holders else (Band.REVIEW, (Reason.NO_HOLDER,))
    return DocumentProposal(first, first, None, None, holders, None, None, band, reasons)


PROVING = """
COMUNE DI CREMA
Servizi Sociali
RELAZIONE SOCIALE
Oggetto: BIANCHI ALDO, nato a Crema il 10/01/1940
Servizio di assistenza domiciliare (SAD)
Crema, 10 marzo 2012
Le condizioni sono stazionarie e si propone di proseguire l'intervento.
"""
BARE = """
COMUNE DI CREMA
Servizi Sociali
RELAZIONE SOCIALE
Oggetto: {name}
Servizio di assistenza domiciliare (SAD)
Crema, 12 marzo 2012
Le condizioni sono stazionarie e si propone di proseguire l'intervento.
"""


def filed(
    register: Sequence[Person], *pages: str | PageText, file: str = "lotto/1.tif"
) -> tuple[DocumentProposal, ...]:
    """What is proposed for a file."""
    lexicon = default_lexicon()
    return propose(views(*pages), MemoryPersonRegister(register), lexicon, Context(SCANNED, file))


def test_a_bare_name_is_vouched_for_by_a_paper_of_the_same_file_that_proves_the_person() -> None:
    _, bare = filed(REGISTER, PROVING, BARE.format(name="BIANCHI ALDO"))
    assert (bare.holders[0].method, bare.band) == ("person-name", Band.AUTO)
    for other in (
        filed(REGISTER, PROVING, BARE.format(name="BIANCHI BRUNO"))[1],
        filed(REGISTER, BARE.format(name="BIANCHI ALDO"))[0],
    ):
        assert Reason.NAME_ALONE in other.reasons


def test_of_two_of_one_name_the_one_is_proposed_whom_another_paper_of_the_file_proves() -> None:
    namesake = replace(CROWD[0], id=PersonId("u-other"), cf=None, birth_date=dt.date(1971, 5, 2))
    _, bare = filed((*REGISTER, namesake), PROVING, BARE.format(name="BIANCHI ALDO"))
    # Papers of namesakes are put into each other's folders.
    assert (bare.holders[0].value.person, bare.reasons) == (CROWD[0].id, (Reason.NAME_ALONE,))
    (alone,) = filed((*REGISTER, namesake), BARE.format(name="BIANCHI ALDO"))
    assert alone.holders[0].value.person is None


def test_a_bare_name_is_vouched_for_by_the_name_on_the_folder() -> None:
    bare = BARE.format(name="BIANCHI ALDO")
    assert filed(REGISTER, bare, file="Bianchi Aldo 1940/1.tif")[0].band is Band.AUTO
    assert filed(REGISTER, bare, file="Bianchi Bruno/1.tif")[0].band is Band.REVIEW


def _namesakes() -> tuple[Person, ...]:
    """Two of one name: in Offanengo and in Pandino, where few others live."""
    one = replace(person("BELLI", "IRENE", "1950-03-04", female=True), residence="Offanengo")
    other = replace(person("BELLI", "IRENE", "1978-06-05", female=True), residence="Pandino", birth_place="Lodi")
    return (*REGISTER, one, other)


def test_of_two_of_one_name_the_one_is_meant_who_lives_where_the_paper_says() -> None:
    (found,) = filed(_namesakes(), BARE.format(name="BELLI IRENE, residente a Pandino in via Roma, 4"))
    assert (found.holders[0].value.birth_date, found.band) == (dt.date(1978, 6, 5), Band.AUTO)
    assert found.holders[0].runner_up == "BELLI IRENE"
    (elsewhere,) = filed(_namesakes(), BARE.format(name="BELLI IRENE, residente a Soncino in via Roma, 4"))
    assert elsewhere.holders[0].value.person is None


def test_of_two_of_one_name_the_one_is_meant_who_is_as_old_as_the_paper_says() -> None:
    (found,) = filed(_namesakes(), BARE.format(name="BELLI IRENE") + "\nIrene ha 61 anni e vive da sola.")
    assert found.holders[0].value.birth_date == dt.date(1950, 3, 4)


def test_who_was_not_yet_born_is_not_meant_and_a_child_is_not_filed_by_where_it_lives() -> None:
    child = replace(person("BELLI", "IRENE", "2006-06-05", female=True), residence="Pandino")
    adult = replace(person("BELLI", "IRENE", "1950-03-04", female=True), residence="Offanengo")
    bare = BARE.format(name="BELLI IRENE, residente a Pandino in via Roma, 4")
    (found,) = filed((*REGISTER, adult, child), bare)
    assert (found.holders[0].value.person, found.band) == (child.id, Band.REVIEW)
    unborn = replace(child, birth_date=dt.date(2013, 6, 5))
    assert filed((*REGISTER, adult, unborn), bare)[0].holders[0].value.person is None


def test_a_common_name_is_filed_where_few_live_and_its_person_lives() -> None:
    away = replace(CROWD[0], residence="Offanengo")
    register = (*CROWD[1:], away, ZUCCA, LUPI)
    told, bare = "BIANCHI ALDO, residente in Offanengo via Roma, 4", "BIANCHI ALDO del SAD di Offanengo"
    assert filed(register, BARE.format(name=told))[0].band is Band.AUTO
    assert Reason.NAME_ALONE in filed(register, BARE.format(name=bare))[0].reasons


def test_a_hint_at_a_service_is_sure_where_another_paper_of_the_person_names_it() -> None:
    def paper(first: int, who: Person, service: str, sure: float) -> DocumentProposal:
        named = Attribution(service, sure, "service-lexicon", "1")
        said = replace(_paper(first, _held(who, "person-cf", 0.99)), service=named)
        return said if sure >= 0.8 else replace(said, band=Band.REVIEW, reasons=(Reason.SERVICE_UNSURE,))

    hint = paper(1, ZUCCA, "SAD", 0.6)
    agreed = with_agreed_service((paper(0, ZUCCA, "SAD", 0.9), hint), 0.8)[1]
    assert (agreed.band, agreed.reasons, agreed.service and agreed.service.confidence) == (Band.AUTO, (), 0.8)
    for other in (paper(0, LUPI, "SAD", 0.9), paper(0, ZUCCA, "TUM", 0.9), paper(0, ZUCCA, "SAD", 0.7)):
        assert with_agreed_service((other, hint), 0.8)[1] == hint
    unsure = replace(hint, reasons=(Reason.SERVICE_UNSURE, Reason.TYPE_UNSURE))
    still = with_agreed_service((paper(0, ZUCCA, "SAD", 0.9), unsure), 0.8)[1]
    assert (still.band, still.reasons) == (Band.REVIEW, (Reason.TYPE_UNSURE,))


HOUSEHOLD = """
COMUNE DI CREMA
Ufficio Anagrafe
STATO DI FAMIGLIA
certifica che nella famiglia di BIANCHI ALDO, nato a Crema il 10/01/1940,
abitante in via Roma, 4, {rows}
Crema, 12 marzo 2012
"""


def test_the_certificate_of_a_household_of_one_is_that_persons() -> None:
    (alone,) = filed(REGISTER, HOUSEHOLD.format(rows="risulta iscritto:\n1 BIANCHI ALDO Crema 10/01/1940"))
    assert (alone.holders[0].value.person, alone.band) == (CROWD[0].id, Band.AUTO)
    (several,) = filed(REGISTER, HOUSEHOLD.format(rows="risultano iscritti:\n1 BIANCHI ALDO Crema 10/01/1940"))
    assert several.band is Band.REVIEW


def test_who_was_found_by_a_valid_code_is_known_again_by_name_and_birth() -> None:
    known = replace(CROWD[0], origin=Origin.FOUND)
    once = page_text(PROVING, confidence=0.9)
    assert filed((known,), once)[0].band is Band.AUTO
    assert filed((replace(known, cf=None),), once)[0].band is Band.REVIEW


@pytest.mark.parametrize("name", ["MARIO PIO", "DELLA GIOVANNA"])
def test_a_name_that_lacks_its_surname_makes_nobody_known(name: str) -> None:
    (found,) = filed((), PROVING.replace("BIANCHI ALDO", name))
    assert found.band is Band.REVIEW
