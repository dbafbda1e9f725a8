"""Who is named and what each is to the paper: the points of the domain notes, §3, one by one."""

import datetime as dt
from dataclasses import replace

import pytest

from faldone.classify.lexicon import default_lexicon
from faldone.classify.propose import Context, propose
from faldone.classify.register import MemoryPersonRegister, Staff
from faldone.domain.attribution import Band, Role
from faldone.domain.ids import PersonId
from faldone.domain.person import Origin, Person
from faldone.domain.reasons import Reason
from tests.unit.classify.pages import SCANNED, code, holder_names, page_text, person, proposal, views

ELENA = person("BIANCHI", "ELENA", "1978-05-04", female=True)
LUCA = person("ROSSI", "LUCA", "2008-05-12")
AGOSTI = person("DEGLI AGOSTI", "ANNA", "1985-07-03", female=True)
AHMED = person("EL IDRISSI", "MOHAMED", "1980-02-03", "Z330")
BEGUM = person("BEGUM", "XXX", "1974-09-26", "Z249", female=True)
BEGUM_2 = person("BEGUM", "XXX", "1970-07-29", "Z249", female=True)
REGISTER = (ELENA, LUCA, AGOSTI, AHMED, BEGUM, BEGUM_2)


def determination(subject: str, signed: str = "RIVA Ginevra") -> str:
    return f"""
COMUNE DI CREMA
Settore Servizi Sociali
Determinazione n. 158 del 7 marzo 2022
OGGETTO: impegno di spesa per contributo economico straordinario - {subject}
IL DIRETTORE
Vista la legge 8 novembre 2000 n. 328;
DETERMINA
di concedere un contributo economico straordinario di euro 90,00;
Il direttore
{signed}
"""


def report(who: str, foot: str = "") -> str:
    return f"""
COMUNE DI CREMA
Servizi Sociali
RELAZIONE SOCIALE
{who}
Servizio: assistenza domiciliare (SAD)
La situazione abitativa è adeguata e il servizio prosegue con regolarità.
{foot}
Crema, 3 aprile 2015
L'assistente sociale
dott.ssa Laura Pedretti
"""


def filed(document, who: Person) -> bool:
    return [item.value.person for item in document.holders] == [who.id]


def test_a_heading_below_the_subject_does_not_make_its_person_the_director():
    found = proposal(REGISTER, determination(f"BIANCHI Elena, nata a Crema il 4.5.1978, C.F. {ELENA.cf}"))
    assert filed(found, ELENA)
    assert found.band is Band.AUTO


def test_a_running_head_above_a_signature_does_not_make_its_person_the_signer():
    second = "segue: BIANCHI Elena\nL'assistente sociale\ndott.ssa Laura Pedretti"
    found = proposal(REGISTER, report(f"Utente: BIANCHI Elena, nata il 4.5.1978, C.F. {ELENA.cf}"), second)
    assert filed(found, ELENA)
    assert {item.value.role for item in found.persons if item.value.person is None} == {Role.SOCIAL_WORKER}


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ("dott. Paolo Neri", Role.PROFESSIONAL),
        ("Prof. Paolo Neri", Role.PROFESSIONAL),
        ("il medico dott. Paolo Neri", Role.DOCTOR),
        ("il medico Paolo Neri", Role.DOCTOR),
    ],
)
def test_a_degree_before_a_name_makes_nobody_a_doctor(words: str, role: Role):
    who = f"Utente: BIANCHI Elena, nata il 4.5.1978, C.F. {ELENA.cf}"
    found = proposal(REGISTER, report(f"{who}\nIncontro con {words}"))
    assert [one.value.role for one in found.persons if "neri" in one.value.name.lower()] == [role]


def test_the_mother_on_the_next_line_is_not_the_child():
    text = """
RELAZIONE SOCIALE
COGNOME ROSSI
NOME LUCA
Luogo di nascita Crema data di nascita 12/05/2008
Madre: BIANCHI Elena
"""
    found = proposal(REGISTER, text)
    assert filed(found, LUCA)


def test_a_surname_that_looks_like_a_month_is_a_name_still():
    found = proposal((), report("Cognome e nome DEGLI AGOSTI Anna\nnata a Crema il 3.7.1985"))
    assert holder_names(found) == ["DEGLI AGOSTI Anna"]


@pytest.mark.parametrize(
    "line", ["Operatore CATTANEO Monica\nCOGNOME BIANCHI\nNOME ELENA", "Operatore Neri Anna Cognome BIANCHI Nome ELENA"]
)
def test_a_label_begins_a_new_name(line):
    found = proposal((), report(f"{line}\nnata a Crema il 4.5.1978"))
    assert holder_names(found) == ["BIANCHI ELENA"]


def test_an_empty_box_is_not_filled_with_the_next_label():
    found = proposal(REGISTER, report("Cognome BEGUM Nome\nNata a Bangladesh il 29/07/1970"))
    assert filed(found, BEGUM_2)


def test_a_one_word_name_needs_its_birth_date_to_be_told_from_its_namesakes():
    assert filed(proposal(REGISTER, report("Cognome e nome BEGUM\nData di nascita 26/09/1974")), BEGUM)
    nobody = proposal(REGISTER, report("Cognome e nome BEGUM"))
    assert nobody.band is Band.REVIEW
    assert [item.value.person for item in nobody.holders] == [None]


def test_another_spelling_of_one_sound_counts_with_the_birth_date_only():
    spelt = "EL IDRISSI Muhammed"
    assert filed(proposal(REGISTER, report(f"Utente: {spelt}, nato il 3.2.1980")), AHMED)
    alone = proposal(REGISTER, report(f"Utente: {spelt}"))
    assert alone.band is Band.REVIEW


def test_a_married_name_follows_its_code():
    found = proposal(REGISTER, report(f"Utente: COLOMBO Elena, C.F. {ELENA.cf}"))
    assert filed(found, ELENA)


def test_a_code_read_badly_does_not_undo_a_name_and_a_birth_date():
    damaged = ELENA.cf[:6] + "0" + ELENA.cf[7:]
    assert damaged != ELENA.cf
    assert filed(proposal(REGISTER, report(f"Utente: BIANCHI Elena, nata il 4.5.1978, C.F. {damaged}")), ELENA)


def test_a_damaged_code_tells_two_namesakes_apart():
    twin = person("BIANCHI", "ELENA", "1951-11-20", "F205", female=True)
    # One character is lost: neither the register's look-alikes nor the rules can repair that.
    found = proposal((ELENA, twin), report(f"Utente: BIANCHI Elena, C.F. {ELENA.cf[:9] + ELENA.cf[10:]}"))
    assert filed(found, ELENA)


def test_one_digit_of_the_birth_date_misread_goes_to_a_person_with_the_right_proposal():
    found = proposal(REGISTER, report("Utente: BIANCHI Elena, nata il 4.5.1973"))
    assert found.band is Band.REVIEW
    assert Reason.HOLDER_UNSURE in found.reasons
    assert filed(found, ELENA)


def test_a_namesake_with_another_birth_date_is_somebody_else():
    found = proposal(REGISTER, report("Utente: BIANCHI Elena, nata il 19.11.1934"))
    assert found.band is Band.REVIEW
    assert [item.value.person for item in found.holders] == [None]


def test_who_gives_a_proxy_holds_the_paper_not_who_gets_it():
    text = f"""
DELEGA
Io sottoscritto/a BIANCHI Elena, nata a Crema il 4.5.1978, C.F. {ELENA.cf}
DELEGA
il/la sig. RUGGERI Emanuele, conoscente, al ritiro della documentazione.
Crema, 3 aprile 2015
"""
    assert filed(proposal(REGISTER, text), ELENA)


# ---- without a register


def test_without_a_register_a_code_with_its_name_is_a_person():
    found = proposal((), report(f"Utente: BIANCHI Elena, nata il 4.5.1978, C.F. {ELENA.cf}"))
    assert found.band is Band.AUTO
    assert found.holders[0].method == "person-code-name"
    assert found.holders[0].value.cf == ELENA.cf


def test_without_a_register_a_name_and_a_birth_date_read_surely_are_a_person():
    text = report("Utente: BIANCHI Elena, nata il 4.5.1978")
    sure = propose(
        views(page_text(text, confidence=0.97)), MemoryPersonRegister(()), default_lexicon(), Context(SCANNED, "a.pdf")
    )[0]
    unsure = propose(
        views(page_text(text, confidence=0.7)), MemoryPersonRegister(()), default_lexicon(), Context(SCANNED, "a.pdf")
    )[0]
    assert (sure.band, sure.holders[0].method) == (Band.AUTO, "person-name-birth-alone")
    assert unsure.band is Band.REVIEW


def test_without_a_register_a_name_alone_is_for_a_person_to_confirm():
    found = proposal((), report("Utente: BIANCHI Elena"))
    assert found.band is Band.REVIEW
    assert holder_names(found) == ["BIANCHI Elena"]


def test_with_a_register_a_stranger_is_filed_by_a_code_or_a_birth_that_is_like_nobodys():
    paper = f"Utente: BIANCHI Elena, nata il 4.5.1978, C.F. {ELENA.cf}"
    assert proposal((LUCA,), report(paper)).band is Band.AUTO
    born = report("Utente: BIANCHI Elena, nata il 4.5.1978")
    assert proposal((LUCA,), born).band is Band.AUTO
    child = proposal((LUCA,), born.replace("1978", "2009"))
    assert Reason.HOLDER_NOT_IN_REGISTER in child.reasons, "a child is made known by a code or by a person"
    assert proposal((LUCA,), born.replace("BIANCHI Elena", "LODI RIZZINI")).band is Band.REVIEW, "two surnames"
    married = replace(ELENA, id=PersonId("u-married"), cf=None, surname="VOLPI")
    assert Reason.HOLDER_NOT_IN_REGISTER in proposal((LUCA, married), born).reasons
    context = Context(SCANNED, "a.pdf")
    faint = propose(views(page_text(born, confidence=0.7)), MemoryPersonRegister((LUCA,)), default_lexicon(), context)
    assert faint[0].band is Band.REVIEW
    namesake = replace(ELENA, id=PersonId("u-namesake"), cf=None, birth_date=dt.date(1931, 1, 2))
    assert Reason.HOLDER_NOT_IN_REGISTER in proposal((LUCA, namesake), report(paper)).reasons


def test_a_stranger_whom_an_earlier_paper_put_on_record_is_filed_by_birth_again():
    found = replace(ELENA, id=PersonId("u-found"), cf=None, origin=Origin.FOUND)
    assert proposal((LUCA, found), report("Utente: BIANCHI Elena, nata il 4.5.1978")).band is Band.AUTO
    also = replace(ELENA, id=PersonId("u-other"), cf=None, birth_date=dt.date(1931, 1, 2))
    waits = proposal((LUCA, found, also), report("Utente: BIANCHI Elena, nata il 4.5.1978"))
    assert Reason.HOLDER_NOT_IN_REGISTER in waits.reasons


def test_a_code_is_rebuilt_from_name_and_birth_date_but_never_from_a_misread_name():
    damaged = ELENA.cf[:6] + "6" + ELENA.cf[7:]
    found = proposal((), report(f"Utente: BIANCHI Elena, nata il 4.5.1978, C.F. {damaged}"))
    assert found.holders[0].value.cf == ELENA.cf
    misread = proposal((), report(f"Utente: BIANGHI Elena, nata il 4.5.1978, C.F. {damaged}"))
    assert misread.holders[0].value.cf in (None, ELENA.cf)


# ---- acts that hide the person


def numbered(who: Person, number: str) -> Person:
    return Person(who.id, who.surname, who.name, who.cf, who.birth_date, extra=(("numero_utente", number),))


def test_a_user_number_is_resolved_by_the_register_and_confirmed_by_a_person():
    register = (numbered(ELENA, "01234"), LUCA)
    found = proposal(register, determination("utente n. 1234"))
    assert filed(found, ELENA)
    assert found.band is Band.REVIEW
    assert not proposal((LUCA,), determination("utente n. 1234")).holders


def test_initials_name_somebody_only_where_one_person_of_the_register_has_them():
    assert filed(proposal((ELENA, LUCA), determination("sig.ra B.E.")), ELENA)
    assert proposal((ELENA, LUCA), determination("sig.ra B.E.")).band is Band.REVIEW
    both = (ELENA, person("BONETTI", "EMMA", "1990-01-01", female=True))
    assert [item.value.person for item in proposal(both, determination("sig.ra B.E.")).holders] == [None]
    assert not proposal((), determination("sig.ra B.E.")).holders


def test_a_services_acronym_is_nobodys_initials():
    sad = person("SALA", "ADA DARIA", "1960-01-01", female=True)
    assert not proposal((sad, ELENA), determination("concessione di S.A.D. - assistenza domiciliare")).holders


# ---- those who work at the office


def staffed(*lines: str) -> MemoryPersonRegister:
    return MemoryPersonRegister((ELENA, LUCA), Staff.of(lines))


def test_a_colleague_is_no_holder_by_name_but_is_by_code():
    text = report("La pratica è di BIANCHI Elena.\nUtente: ROSSI Luca, nato il 12.5.2008")
    found = propose(views(text), staffed("Elena Bianchi"), default_lexicon(), Context(SCANNED, "a.pdf"))[0]
    assert filed(found, LUCA)
    own = propose(
        views(report(f"Utente: BIANCHI Elena, C.F. {ELENA.cf}")),
        staffed("Elena Bianchi"),
        default_lexicon(),
        Context(SCANNED, "a.pdf"),
    )[0]
    assert filed(own, ELENA)


def test_a_code_of_the_office_is_never_a_holders():
    office = code("COMUNE", "CREMA", dt.date(1990, 1, 1))
    text = report(f"C.F. {office}\nUtente: ROSSI Luca, nato il 12.5.2008")
    found = propose(views(text), staffed(office), default_lexicon(), Context(SCANNED, "a.pdf"))[0]
    assert filed(found, LUCA)
    assert all(item.value.cf != office for item in found.persons)
