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
