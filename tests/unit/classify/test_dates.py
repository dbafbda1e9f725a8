# ruff: noqa: E501 - lines of papers stay whole
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldone.classify.dates import find_dates, italian_number
from faldone.classify.laws import find_laws, law_key
from faldone.classify.normalise import fold
from tests.unit.classify.pages import person, proposal

LATEST = dt.date(2024, 6, 1)


def found(text):
    return [item.value.isoformat() for item in find_dates(fold(text), latest=LATEST)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Crema, 12 marzo 2014", "2014-03-12"),
        ("12/03/2014", "2014-03-12"),
        ("12.3.14", "2014-03-12"),
        ("12.3.'14", "2014-03-12"),
        ("12-III-2014", "2014-03-12"),
        ("lì 12 III 2014", "2014-03-12"),
        ("1° aprile 2010", "2010-04-01"),
        ("12 MAR. 2014", "2014-03-12"),
        ("12 MAR 2014", "2014-03-12"),
        ("L'anno duemiladiciannove, addì due del mese di Ottobre", "2019-10-02"),
        ("ventitré maggio duemiladieci".replace("é", "e"), "2010-05-23"),
        ("lO/O3/2Ol4", "2014-03-10"),
        ("12/o3/2014", "2014-03-12"),
        ("12 rnarzo 2014", "2014-03-12"),
        ("12 / 03 / 2014", "2014-03-12"),
        ("3.4.88", "1988-04-03"),
    ],
)
def test_forms_day_first(text, expected):
    assert found(text) == [expected]


@pytest.mark.parametrize("text", ["marzo 2014", "31/02/2014", "2014", "tel. 12.34.56", "N. 12/03/2014/5", "13/13/2013"])
def test_what_is_no_full_date_is_none(text):
    assert found(text) == []


LAWS = [
    "L. 8 novembre 2000 n. 328",
    "D.Lgs. 30 giugno 2003, n. 196",
    "D.P.R. 28/12/2000 n. 445",
    "legge 104 del 5 febbraio 1992",
    "L. n. 184 del 4/5/1983",
    "legge n. 328 dell'8 novembre 2000",
    "D.P.C.M. 5 dicembre 2013, n. 159",
    "D.M. 26.09.2016",
    "L.R. 12 marzo 2008, n. 3",
    "D.G.R. n. X/5499 del 2 agosto 2016",
    "regio decreto 16 marzo 1942 n. 262",
    "D.L.vo 18 agosto 2000, n. 267",
]


@pytest.mark.parametrize("law", LAWS)
def test_citations_of_laws_give_no_date(law):
    assert found(f"ai sensi della {law} e successive") == []


days = st.dates(dt.date(1930, 1, 1), dt.date(2024, 1, 1))
MONTHS = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
]


@given(
    days,
    st.integers(1, 999),
    st.sampled_from(["L.", "legge", "D.Lgs.", "D.P.R.", "D.L.", "L.R.", "D.M.", "decreto legislativo", "D.P.C.M."]),
    st.integers(0, 3),
)
def test_no_date_ever_comes_out_of_a_citation(day, number, act, form):
    long = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    short = f"{day.day:02d}/{day.month:02d}/{day.year}"
    text = [
        f"{act} {long}, n. {number}",
        f"{act} {short} n. {number}",
        f"{act} n. {number} del {short}",
        f"{act} {number} del {long}",
    ][form]
    assert found(f"visto l'art. 3 {text} e ritenuto") == []
    assert find_laws(fold(text))


@given(days)
def test_every_day_is_read_back(day):
    assert found(f"Crema, lì {day.day} {MONTHS[day.month - 1]} {day.year}") == [day.isoformat()]
    assert found(f"Crema, lì {day.day:02d}.{day.month:02d}.{day.year}") == [day.isoformat()]


def test_law_keys_are_one_for_all_forms():
    assert {
        law_key(fold(text))
        for text in ("l. 328/2000", "L. 8 novembre 2000 n. 328", "legge n. 328 dell'8 novembre 2000")
    } == {"l/328/2000"}


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("duemiladiciannove", 2019),
        ("millenovecentonovantotto", 1998),
        ("ventuno", 21),
        ("duemila", 2000),
        ("xyz", None),
    ],
)
def test_numbers_in_words(word, number):
    assert italian_number(word) == number


LUCA = person("ROSSI", "LUCA", "2008-05-12")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (  # ISEE: presentation of the DSU, not the issue
            "ATTESTAZIONE ISEE\nIndicatore della Situazione Economica Equivalente\nDSU presentata in data 10/02/2016 da ROSSI LUCA\n"
            "nucleo familiare scala di equivalenza patrimonio mobiliare\nData di rilascio 25/02/2016\nValida fino al 15/01/2017",
            "2016-02-10",
        ),
        (  # invalidity: definition, not visit, not application
            "VERBALE DI ACCERTAMENTO\nCommissione medica per l'accertamento dell'invalidità civile\nROSSI LUCA nato a Crema il 12/05/2008\n"
            "domanda presentata il 03/01/2015\nvisita del 20/03/2015\ngiudizio medico-legale indennità di accompagnamento\nData di definizione 15/04/2015",
            "2015-04-15",
        ),
        (  # decree: deposit, not hearing, not the chamber
            "TRIBUNALE PER I MINORENNI DI BRESCIA\nDECRETO\nriunito in camera di consiglio il 10/03/2014\nudienza del 05/03/2014\n"
            "nel procedimento relativo al minore ROSSI LUCA\np.q.m. dispone\nDepositato in cancelleria il 14/03/2014",
            "2014-03-14",
        ),
        (  # letter: its own date, not the stamp's
            "COMUNE DI CREMA\nPROTOCOLLO GENERALE N. 0012345 DEL 18/03/2014 ARRIVO\nCrema, 12 marzo 2014\nSpett.le Comune\nOggetto: utente ROSSI LUCA\n"
            "con la presente si comunica\nin riferimento alla vostra del 01/03/2014\ndistinti saluti",
            "2014-03-12",
        ),
    ],
)
def test_the_date_that_counts_for_the_type(text, expected):
    date = proposal([LUCA], text).date
    assert date is not None
    assert date.value.isoformat() == expected
    assert date.evidence[0].box is not None


def test_neither_a_birth_nor_a_future_day_is_the_documents_date():
    assert (
        proposal(
            [LUCA], "CERTIFICATO MEDICO\nROSSI LUCA nato il 12/05/2008\nsi certifica che\nscadenza 12/05/2031"
        ).date
        is None
    )


def test_nothing_is_dated_before_its_holder_was_born():
    text = "RELAZIONE SOCIALE\nminore ROSSI LUCA nato a Crema il 12/05/2008\nstoria familiare\nCrema, 12 marzo 1999"
    assert proposal([LUCA], text).date is None
