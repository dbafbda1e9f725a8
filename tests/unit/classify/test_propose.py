# ruff: noqa: E501 - lines of papers stay whole
"""The traps of the domain notes, §2 and §3, on whole pages."""

import datetime as dt

import pytest

from faldone.classify.lexicon import default_lexicon
from faldone.classify.propose import Context, propose
from faldone.classify.register import MemoryPersonRegister
from faldone.domain.attribution import Band, Role
from faldone.domain.reasons import Reason
from tests.unit.classify.pages import SCANNED, code, holder_names, noisy, page_text, person, proposal, proposals, views

LUCA = person("ROSSI", "LUCA", "2008-05-12")
ANNA = person("ROSSI", "ANNA", "2011-02-03", female=True)
ELENA = person("BIANCHI", "ELENA", "1978-05-04", female=True)
VERDI = person("VERDI", "GIUSEPPE", "1940-03-03")
MARIA_1950 = person("FERRARI", "MARIA", "1950-07-07", female=True)
MARIA_1962 = person("FERRARI", "MARIA", "1962-01-09", female=True)
GALLI = person("GALLI", "FRANCESCA", "1985-10-10", female=True, aliases=("COLOMBO FRANCESCA",))
BEGUM = person("BEGUM", "XXX", "1974-09-26", "Z249", female=True)
REGISTER = (LUCA, ANNA, ELENA, VERDI, MARIA_1950, MARIA_1962, GALLI, BEGUM)

DECREE = """
TRIBUNALE PER I MINORENNI DI BRESCIA
N. 456/13 R.G.V.G.      Cron. n. 1234
DECRETO
Il Tribunale per i minorenni, riunito in camera di consiglio in data 10 marzo 2014, composto dai magistrati
dott.ssa Maria Carla Gatti Presidente
dott. Stefano Neri Giudice relatore
nel procedimento relativo al minore ROSSI LUCA, nato a Crema il 12.05.2008,
figlio di ROSSI MARIO, nato a Crema il 3.2.1975 e di BIANCHI ELENA, nata a Crema il 4.5.1978, difesi dall'avv. Giuseppe Verdi
visto l'art. 333 c.c. e la L. 4 maggio 1983 n. 184
P.Q.M.
affida il minore al Comune di Crema e incarica il servizio sociale di vigilare
sulla responsabilità genitoriale dei genitori.
Si comunichi
Brescia, 10 marzo 2014
Depositato in cancelleria il 14 marzo 2014
"""
SIBLINGS = DECREE.replace(
    "al minore ROSSI LUCA, nato a Crema il 12.05.2008,\nfiglio di",
    "ai minori ROSSI LUCA, nato a Crema il 12.05.2008, e ROSSI ANNA, nata a Crema il 3.2.2011,\nfigli di",
).replace("affida il minore", "affida i minori")
APPLICATION = f"""
COMUNE DI CREMA
Servizi Sociali
DOMANDA DI ACCESSO AL SERVIZIO DI ASSISTENZA DOMICILIARE (SAD)
Prot. n. 0012345 del 15/03/2012
Il/La sottoscritto/a VERDI GIUSEPPE nato/a a Crema il 03/03/1940
C.F. {VERDI.cf} residente a Crema in Via Elena Bianchi 3
chiede
l'attivazione del servizio di assistenza domiciliare
ai sensi degli artt. 46 e 47 del D.P.R. 28 dicembre 2000 n. 445
dichiara sotto la propria responsabilità
Crema, 12 marzo 2012
Firma
Verdi Giuseppe
"""


def letter(
    to: str, subject: str = "contributo economico straordinario", signed: str = "dott.ssa Laura Pedretti"
) -> str:
    return f"""
COMUNE DI CREMA
Settore Servizi Sociali
Prot. n. 4521/2015
Crema, 3 aprile 2015
Gent.ma Sig.ra {to}
Oggetto: {subject}
Con la presente si comunica che e' stato concesso il contributo economico straordinario richiesto.
Distinti saluti
L'assistente sociale
{signed}
"""


def roles(document):
    return {item.value.name: item.value.role for item in document.persons}


def test_a_decree_goes_to_the_child_and_to_nobody_else_named():
    found = proposal(REGISTER, DECREE)
    assert found.band is Band.AUTO
    assert holder_names(found) == ["ROSSI LUCA"]
    assert found.holders[0].value.person == LUCA.id
    assert roles(found)["BIANCHI ELENA"] is Role.PARENT
    assert roles(found)["ROSSI MARIO"] is Role.PARENT
    assert roles(found)["VERDI GIUSEPPE"] is Role.LAWYER
    assert roles(found)["Stefano Neri"] is Role.JUDGE
    assert (found.type.value, found.service.value) == ("decreto_tm", "TUM")
    assert found.date.value == dt.date(2014, 3, 14)
    assert found.type.version == default_lexicon().version


def test_siblings_are_both_holders():
    found = proposal(REGISTER, SIBLINGS)
    assert holder_names(found) == ["ROSSI LUCA", "ROSSI ANNA"]
    assert found.band is Band.AUTO


@pytest.mark.parametrize("label", ["C.F.", "cod.\nfisc.", "codice\nfiscale"])
def test_a_label_of_a_code_at_the_end_of_a_line_ends_no_sentence_about_siblings(label: str):
    born = "ROSSI LUCA, nato a Crema il 12.05.2008, {label}\n{cf}; ROSSI ANNA"
    found = proposal(
        REGISTER,
        SIBLINGS.replace("ROSSI LUCA, nato a Crema il 12.05.2008, e ROSSI ANNA", born.format(label=label, cf=LUCA.cf)),
    )
    assert holder_names(found) == ["ROSSI LUCA", "ROSSI ANNA"]


def test_siblings_of_whom_one_is_lost_are_not_filed():
    found = proposal((LUCA, ELENA), SIBLINGS.replace("ROSSI ANNA", "R0#$! @NN4"))
    assert found.band is Band.REVIEW
    assert Reason.SEVERAL_HOLDERS in found.reasons


@pytest.mark.parametrize("lost", [", C.F.: RSSNN41OH47D14|2Q", ", noto a Crema il 7 giugno 2010"])
def test_siblings_of_whom_one_has_a_code_or_a_birth_and_no_name_that_was_read_are_not_filed(lost: str):
    named = f"ROSSI LUCA, nato a Crema il 12.05.2008, C.F. {LUCA.cf} e ROSSI ANNA, C.F. {ANNA.cf} e R0#$! @NN4{lost}"
    found = proposal(REGISTER, SIBLINGS.replace("ROSSI LUCA, nato a Crema il 12.05.2008, e ROSSI ANNA", named))
    assert Reason.SEVERAL_HOLDERS in found.reasons


def test_parents_after_the_siblings_are_not_carried_along():
    text = SIBLINGS.replace(
        "figli di ROSSI MARIO, nato a Crema il 3.2.1975 e di BIANCHI ELENA",
        "figli dei signori ROSSI MARIO e BIANCHI ELENA",
    )
    assert holder_names(proposal(REGISTER, text)) == ["ROSSI LUCA", "ROSSI ANNA"]


def test_an_application_with_a_code():
    found = proposal(REGISTER, APPLICATION)
    assert found.band is Band.AUTO
    assert holder_names(found) == ["VERDI GIUSEPPE"]
    assert found.holders[0].method == "person-cf"
    assert [item.value.name for item in found.persons] == ["VERDI GIUSEPPE"]  # the street is nobody
    assert (found.type.value, found.service.value) == ("domanda_accesso", "SAD")
    assert found.date.value == dt.date(2012, 3, 12)
    assert found.protocol.value.number == "12345"
    for item in (*found.holders, found.type, found.service, found.date, found.protocol):
        assert item.evidence
        assert item.evidence[0].page == 0


def test_a_parent_who_asks_for_a_child_is_not_the_holder():
    text = (
        APPLICATION.replace(
            "VERDI GIUSEPPE nato/a a Crema il 03/03/1940",
            "BIANCHI ELENA nata a Crema il 04/05/1978, in qualità di genitore",
        )
        .replace(f"C.F. {VERDI.cf} ", "")
        .replace("\nchiede", "\nchiede per il figlio ROSSI LUCA nato a Crema il 12/05/2008")
        .replace("Verdi Giuseppe", "Bianchi Elena")
    )
    found = proposal(REGISTER, text)
    assert holder_names(found) == ["ROSSI LUCA"]
    assert roles(found)["BIANCHI ELENA"] is Role.PARENT


@pytest.mark.parametrize("seed", range(1, 9))
@pytest.mark.parametrize(
    ("text", "right"),
    [(DECREE, {"ROSSI LUCA"}), (APPLICATION, {"VERDI GIUSEPPE"}), (SIBLINGS, {"ROSSI LUCA", "ROSSI ANNA"})],
)
def test_bad_scans_are_never_filed_wrong(text, right, seed):
    for rate in (0.02, 0.05, 0.1):
        for found in proposals(REGISTER, noisy(text, rate, seed)):
            if found.band is Band.AUTO:
                assert set(holder_names(found)) == right


def test_a_fair_scan_is_still_filed():
    filed = sum(
        proposal(REGISTER, noisy(text, 0.015, seed)).band is Band.AUTO
        for text in (DECREE, APPLICATION)
        for seed in range(10)
    )
    assert filed >= 12


def test_homonyms_need_a_birth_date_or_a_code():
    unsure = proposal(REGISTER, letter("FERRARI MARIA", "utente FERRARI MARIA - contributo economico"))
    assert unsure.band is Band.REVIEW
    assert Reason.HOLDER_UNSURE in unsure.reasons
    assert unsure.holders[0].value.person is None
    sure = proposal(
        REGISTER, letter("FERRARI MARIA", "utente FERRARI MARIA nata a Crema il 09/01/1962 - contributo economico")
    )
    assert sure.holders[0].value.person == MARIA_1962.id
    coded = proposal(
        REGISTER, letter("FERRARI MARIA", f"utente FERRARI MARIA C.F. {MARIA_1950.cf} - contributo economico")
    )
    assert coded.holders[0].value.person == MARIA_1950.id
    assert {sure.band, coded.band} == {Band.AUTO}


def test_a_homonym_who_is_not_in_the_register_is_not_taken_for_the_one_who_is():
    found = proposal(REGISTER, DECREE.replace("12.05.2008", "01.01.2001"))
    assert found.band is Band.REVIEW
    assert all(item.value.person is None for item in found.holders)
    other = code("VERDI", "GIUSEPPE", dt.date(1951, 6, 6))
    stranger = proposal(REGISTER, APPLICATION.replace(VERDI.cf, other).replace("03/03/1940", "06/06/1951"))
    assert stranger.band is Band.REVIEW
    assert Reason.HOLDER_NOT_IN_REGISTER in stranger.reasons
    assert stranger.holders[0].value.cf == other


def test_a_longer_name_is_somebody_else():
    found = proposal((VERDI,), letter("X", "utente VERDI GIUSEPPE ANTONIO - contributo economico"))
    assert found.band is Band.REVIEW


def test_a_married_name_finds_the_person_under_the_birth_surname():
    found = proposal(REGISTER, letter("Colombo Francesca", "utente Colombo Francesca in Galli - contributo economico"))
    assert found.holders[0].value.person == GALLI.id


def test_a_one_word_name():
    text = (
        APPLICATION.replace("VERDI GIUSEPPE", "BEGUM")
        .replace("03/03/1940", "26/09/1974")
        .replace(VERDI.cf, BEGUM.cf)
        .replace("Verdi Giuseppe", "Begum")
    )
    found = proposal(REGISTER, text)
    assert found.holders[0].value.person == BEGUM.id
    assert found.band is Band.AUTO


def test_an_omocodic_code_is_its_own_person():
    plain = VERDI.cf
    from faldone.classify.codice_fiscale import check_character

    fifteen = plain[:14] + "LMNPQRSTUV"[int(plain[14])]
    twin = person("VERDI", "GIUSEPPE", "1940-03-03", cf=fifteen + check_character(fifteen))
    found = proposal((twin,), APPLICATION.replace(plain, twin.cf))
    assert found.band is Band.AUTO
    assert found.holders[0].value.cf == twin.cf
    # The plain code is somebody else's, though name and birth date agree.
    other = proposal((twin,), APPLICATION)
    assert other.band is Band.REVIEW


def test_a_repaired_code_needs_a_witness():
    damaged = VERDI.cf.replace("0", "O", 1)
    assert damaged != VERDI.cf
    witnessed = proposal(REGISTER, APPLICATION.replace(VERDI.cf, damaged))
    assert witnessed.holders[0].value.person == VERDI.id
    assert witnessed.band is Band.AUTO
    alone = (
        APPLICATION.replace("VERDI GIUSEPPE nato/a a Crema il 03/03/1940", "")
        .replace("Verdi Giuseppe", "")
        .replace(VERDI.cf, damaged)
    )
    found = proposal(REGISTER, alone)
    assert found.band is not Band.AUTO


def test_a_list_is_nobodys():
    rows = "\n".join(
        f"{index} {name} 01/01/19{40 + index} {index * 7}"
        for index, name in enumerate(
            ("ROSSI LUCA", "VERDI GIUSEPPE", "FERRARI MARIA", "BIANCHI ELENA", "GALLI FRANCESCA", "NERI CARLO"), 1
        )
    )
    found = proposal(REGISTER, f"GRADUATORIA MISURA B2\nCognome Nome Data di nascita Punteggio\n{rows}\n")
    assert found.band is Band.REVIEW
    assert found.reasons[0] is Reason.COLLECTIVE_DOCUMENT
    assert found.holders == ()
    untitled = proposal(REGISTER, f"Servizi domiciliari\n{rows}\n")
    assert Reason.COLLECTIVE_DOCUMENT in untitled.reasons


def test_initials_name_nobody():
    text = "DETERMINAZIONE N. 123 del 12/03/2015\nvisto richiamato considerato impegno di spesa\ncontributo economico straordinario a favore dell'utente R.L. (utente n. 1234)\n"
    found = proposal(REGISTER, text)
    assert found.holders == ()
    assert found.band is not Band.AUTO


def test_a_social_worker_with_a_users_name_is_no_holder():
    found = proposal((GALLI,), letter("NERI CARLA", "comunicazione", signed="dott.ssa Francesca Galli"))
    assert all(item.value.person != GALLI.id for item in found.holders)
    assert found.band is Band.REVIEW


def test_two_plausible_holders_are_for_a_person():
    found = proposal(REGISTER, letter("X", "utente VERDI GIUSEPPE e paziente GALLI FRANCESCA - contributo economico"))
    assert found.band is Band.REVIEW
    assert Reason.SEVERAL_HOLDERS in found.reasons


def test_names_one_letter_apart_need_well_read_letters():
    mario, maria = person("NERI", "MARIO", "1950-01-01"), person("NERI", "MARIA", "1951-01-01", female=True)
    text = letter("X", "utente NERI MARIA - contributo economico")
    well = proposal((mario, maria), page_text(text, confidence=0.95))
    badly = proposal((mario, maria), page_text(text, confidence=0.7))
    assert well.holders[0].value.person == maria.id
    assert badly.band is Band.REVIEW


def test_the_same_pages_give_the_same_proposals():
    register, lexicon, context = MemoryPersonRegister(REGISTER), default_lexicon(), Context(SCANNED, "a.pdf")
    pages = views(DECREE, "", APPLICATION)
    assert propose(pages, register, lexicon, context) == propose(pages, register, lexicon, context)


def test_without_a_register_only_who_is_proved_twice_on_the_paper_is_filed():
    assert proposal((), DECREE).holders[0].method == "person-name-birth-alone"
    assert proposal((), DECREE.replace(", nato a Crema il 12.05.2008,", ",")).band is Band.REVIEW


def test_a_poorly_read_page_is_not_filed():
    (found,) = propose(
        views(DECREE, legible=False), MemoryPersonRegister(REGISTER), default_lexicon(), Context(SCANNED, "a.pdf")
    )
    assert found.band is Band.REVIEW
    assert Reason.LOW_LEGIBILITY in found.reasons


def test_a_cover_lends_its_service_and_its_doubts():
    cover = (
        f"FASCICOLO PERSONALE\nServizio di assistenza domiciliare (SAD)\nCognome VERDI Nome GIUSEPPE\nC.F. {VERDI.cf}\n"
    )
    own = "CERTIFICATO MEDICO\nsi certifica che il sig. VERDI GIUSEPPE nato a Crema il 03/03/1940\ne' affetto da ipertensione, terapia in atto\nCrema, 5 maggio 2013\n"
    first, second = proposals(REGISTER, cover, own)
    assert first.type.value == "separatore"
    assert second.service.value == "SAD"
    assert second.service.method == "service-cover"
    _, other = proposals(
        REGISTER,
        cover,
        own.replace("VERDI GIUSEPPE nato a Crema il 03/03/1940", "GALLI FRANCESCA nata a Crema il 10/10/1985"),
    )
    assert other.band is Band.REVIEW
    assert Reason.HOLDER_UNSURE in other.reasons


def test_a_word_behind_a_name_in_a_table_says_nothing_of_the_next_row():
    text = "SCHEDA DI ACCESSO\nsegretariato sociale\nCognome BIANCHI Nome ELENA\nComposizione del nucleo\nBIANCHI Elena intestatario 1978\nROSSI Luca figlio 2008\nmotivo dell'accesso\n"
    found = proposal(REGISTER, text)
    assert holder_names(found) == ["BIANCHI ELENA"]


def test_a_parent_is_not_filed_when_the_childs_name_was_lost():
    text = (
        "Al Tribunale per i minorenni di Brescia\nOGGETTO: relazione sul nucleo di R0#$! L@C4\nsi relaziona quanto segue\n"
        "- pa dr3: BIANCHI Elena, nata a Crema (CR) il 04/05/1978\nin ottemperanza al decreto\nCrema, 12 marzo 2014\n"
    )
    assert proposal(REGISTER, text).band is Band.REVIEW


def test_a_document_of_hundreds_of_pages_is_proposed_and_left_to_a_person():
    rossi = person("Rossi", "Maria", "1985-12-10", female=True)
    first = f"RELAZIONE SOCIALE\nOggetto: sig.ra Rossi Maria, C.F. {rossi.cf}, nata il 10/12/1985"
    more = "segue il racconto degli incontri con la famiglia e degli interventi del servizio sociale"
    found = proposals([rossi], first, *[more] * 119)
    assert [(one.first_page, one.last_page) for one in found] == [(0, 119)]
    assert found[0].band is not Band.AUTO
    assert Reason.BOUNDARY_UNSURE in found[0].reasons
    assert holder_names(found[0]) == holder_names(proposals([rossi], first, more)[0])
