# ruff: noqa: E501 - lines of papers stay whole
import datetime as dt

import pytest

from tests.unit.classify.pages import person, proposal

VERDI = person("VERDI", "GIUSEPPE", "1940-03-03")


def paper(date, body, head="COMUNE DI CREMA"):
    return f"{head}\nCrema, {date}\nOggetto: utente VERDI GIUSEPPE nato il 03/03/1940\nCon la presente si comunica\n{body}\nDistinti saluti\n"


@pytest.mark.parametrize(
    ("date", "body", "expected"),
    [
        ("10/11/2016", "beneficiario della misura SIA, carta SIA, patto", "SIA"),
        ("10/05/2018", "beneficiario del REI, analisi preliminare", "REI"),
        ("10/05/2020", "percettore di RdC, patto per l'inclusione sociale", "RDC"),
        ("10/05/2024", "percettore di ADI, iscritto al SIISL, GePI, assegno di inclusione", "ADIN"),
        ("10/05/2010", "attivazione ADI con infermiere e fisioterapista, voucher sociosanitario", "ADIS"),
        ("10/05/2014", "SERVIZIO DI ASSISTENZA DOMICILIARE voucher SAD", "SAD"),
        ("10/05/2014", "assistenza domiciliare minori, educatore domiciliare, A.D.M.", "ADM"),
        ("10/05/1995", "assistenza domiciliare handicap per il portatore di handicap", "SADH"),
        ("10/05/1999", "decadenza dalla patria potestà, tutela minori", "TUM"),
    ],
)
def test_measures_and_acronyms_by_the_papers_date(date, body, expected):
    service = proposal([VERDI], paper(date, body)).service
    assert service is not None
    assert service.value == expected


@pytest.mark.parametrize(
    ("date", "body", "never"),
    [
        ("10/05/2010", "assegno di inclusione ADI", "ADIN"),
        ("10/05/2012", "che la domanda sia accolta e i redditi siano rei confessi", "SIA"),
        ("10/05/2015", "affidamento diretto del servizio, CIG 1234567890", "AFF"),
        ("10/05/2015", "SI CHIEDE CHE LA PRATICA SIA ACCOLTA DAL CAV. ROSSI", "SIA"),
    ],
)
def test_what_only_looks_like_a_service(date, body, never):
    service = proposal([VERDI], paper(date, body)).service
    assert service is None or service.value != never


def test_unsure_is_unknown():
    assert proposal([VERDI], paper("10/05/2010", "Le inviamo i nostri auguri")).service is None


@pytest.mark.parametrize(
    "head", ["U.S.S.L. N. 53 DI CREMA", "A.S.L. della Provincia di Cremona", "ATS Val Padana", "ASST di Crema"]
)
def test_bodies_of_the_past_and_present_head_a_letter(head):
    from faldone.classify.lexicon import default_lexicon
    from tests.unit.classify.pages import reading

    hits = default_lexicon().book.find(reading(paper("3 maggio 1993", "presa in carico", head)))
    assert any(hit.entry.family == "org" for hit in hits)


def test_a_service_that_came_later_than_the_paper_is_not_chosen():
    service = proposal([VERDI], paper("10/05/2011", "progetto dopo di noi"), scanned=dt.date(2024, 1, 1)).service
    assert service is None or service.value != "DDN"


@pytest.mark.parametrize(
    ("date", "body", "expected"),
    [
        ("10/02/2017", "Servizio: SIA, sostegno per l'inclusione attiva", "SIA"),
        ("10/02/2019", "Servizio: REI, reddito di inclusione", "REI"),
        ("10/02/2023", "Servizio: Rdc, patto per l'inclusione sociale", "RDC"),
        ("10/02/2025", "ADI, cure domiciliari con infermiere, prelievi e medicazioni", "ADIS"),
        ("10/02/2025", "ADI, percettore, nucleo beneficiario, carta di inclusione", "ADIN"),
        ("10/02/2008", "tirocinio di inclusione finanziato dal Fondo sociale europeo (FSE)", "SIL"),
        ("10/02/2008", "minore in affido, famiglia affidataria", "AFF"),
        ("10/02/1994", "assistenza agli alunni handicappati, minore handicappato", "SAAP"),
    ],
)
def test_shared_acronyms_go_by_context_and_date(date, body, expected):
    service = proposal([VERDI], paper(date, body)).service
    assert service is not None
    assert service.value == expected


@pytest.mark.parametrize(
    ("date", "body", "never"),
    [
        ("10/02/2019", "consenso alla consultazione del FSE, fascicolo sanitario elettronico", "SIL"),
        ("10/02/2019", "procedura negoziata per l'affidamento del servizio di pulizia, CIG 1234567890", "AFF"),
        ("10/02/2015", "percettore di SIA, carta SIA", "SIA"),
        ("10/02/2021", "domanda di REI", "REI"),
        ("10/02/2020", "firma di chi esercita la responsabilità genitoriale", "TUM"),
    ],
)
def test_words_outside_their_time_or_sense_name_no_service(date, body, never):
    service = proposal([VERDI], paper(date, body)).service
    assert service is None or service.value != never


def test_two_services_under_one_acronym_and_no_context_are_not_chosen_between():
    assert proposal([VERDI], paper("10/02/2025", "utente in carico ADI")).service is None


def test_a_field_outweighs_what_the_text_mentions():
    body = "Servizio: Centro Diurno Disabili\nGli incontri si tengono presso lo spazio neutro, alloggio popolare"
    service = proposal([VERDI], paper("10/02/2015", body)).service
    assert service is not None
    assert service.value == "CDD"


def test_a_paper_that_names_one_service_is_of_that_one_whatever_its_type_is_usually_about():
    bill = "FATTURA N. 12\nretta di frequenza utente VERDI GIUSEPPE\nservizio di assistenza domiciliare anziani"
    service = proposal([VERDI], paper("10/02/2015", bill, head="Cooperativa Sociale La Filanda")).service
    assert service is not None
    assert (service.value, service.confidence >= 0.9) == ("SAD", True)
    two = bill + "\ncentro diurno disabili"
    unsure = proposal([VERDI], paper("10/02/2015", two, head="Cooperativa Sociale La Filanda")).service
    assert unsure is None or unsure.confidence < 0.9


def test_the_boxes_of_a_form_that_were_not_meant_count_little():
    body = "DOMANDA DI ACCESSO - centro socio educativo\nbarrare la voce\ntelesoccorso\npasti a domicilio\nassegno di maternità"
    service = proposal([VERDI], paper("10/02/2015", body)).service
    assert service is not None
    assert service.value == "CSE"


def test_a_voice_of_a_list_names_one_service_by_all_its_words():
    voices = "misura Nidi Gratis - asilo nido\nCentro Diurno Disabili (CDD)\nservizio di assistenza domiciliare anziani"
    body = f"Richiesta di attivazione - servizio di assistenza domiciliare anziani\nbarrare la voce\n{voices}"
    service = proposal([VERDI], paper("10/02/2015", body)).service
    assert (service.value, service.confidence >= 0.9) == ("SAD", True)


def test_a_service_in_the_second_field_of_a_row_outweighs_the_name_of_the_form():
    form = "SCHEDA DI SEGRETARIATO SOCIALE\nInviato da parrocchia {} Sostegno per l'inclusione attiva (SIA)\nmotivo dell'accesso"
    asked = proposal([VERDI], paper("11/09/2017", form.format("Servizio"))).service
    assert (asked.value, asked.confidence >= 0.8) == ("SIA", True)
    told = proposal([VERDI], paper("11/09/2017", form.format("e seguito dal Servizio"))).service
    assert told is None or (told.value, told.confidence >= 0.8) != ("SIA", True)
