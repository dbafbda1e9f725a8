# ruff: noqa: E501 - lines of papers stay whole
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldone.classify.dates import find_dates, italian_number
from faldone.classify.laws import find_laws, law_key
from faldone.classify.normalise import fold
from faldone.domain.reasons import Reason
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
        ("addì due del mese di ottobre dell'anno duemiladiciannove", "2019-10-02"),
        ("il giorno 2 (due) del mese di ottobre dell'anno 2019", "2019-10-02"),
        ("L'anno 2019 il giorno 2 del mese di ottobre", "2019-10-02"),
        ("Crema, 24 morzo 2014", "2014-03-24"),
        ("6 ott9ohbre 1998", "1998-10-06"),
        ("12-lll-2014", "2014-03-12"),
        ("ARRIVO 20 OTT. 20221", "2022-10-20"),
        ("28/06/2 007", "2007-06-28"),
        ("Crema, lì 12I01/2000", "2000-01-12"),
        ("05/0812016", "2016-08-05"),
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


@pytest.mark.parametrize(
    "text",
    ["Crema, il marzo 2014", "5 settembre 20.30", "2 giorni 2014", "10 persone 1998", "via XXIII, 2. 1. Il canone"],
)
def test_a_day_or_a_year_is_never_made_up(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "DETERMINA DIRIGENZIALE N. 147 Data 16.09.2020\nIL RESPONSABILE\nDETERMINA\ndi impegnare la spesa\nVisto di regolarità contabile, 20.09.2020",
            "2020-09-16",
        ),
        (
            "NOTA DI DEBITO N. 165/20 - 07.01.2020\nretta mese di dicembre 2019\nTotale documento euro 120,00\nPagamento entro 18.01.2020",
            "2020-01-07",
        ),
        (
            "ELENCO UTENTI\naggiornato al 18 febbraio 2019\n1 GALLI SILVIA 28/03/1981\n2 FARINA CATERINA 05/01/1936",
            "2019-02-18",
        ),
        (
            "PROGETTO INDIVIDUALE\nobiettivi e azioni, case manager\nVerifica prevista ogni sei mesi\nCrema, 5 giugno 2013",
            "2013-06-05",
        ),
        (
            "VERBALE UVM\nesito della valutazione\nLetto e sottoscritto in data 4 aprile 2007\nprofilo di autonomia\nprogetto proposto",
            "2007-04-04",
        ),
    ],
)
def test_the_papers_own_date_and_not_one_beside_it(text, expected):
    dated = proposal([], text).date
    assert dated is not None
    assert dated.value.isoformat() == expected


def test_a_diary_has_the_date_of_its_last_entry_and_proves_the_first():
    dated = proposal(
        [],
        "DIARIO SOCIALE\nUtente: ROSSI MARIA, nata a Crema il 12/03/1970\n10/05/2013 Visita domiciliare: nessuno in casa.\n07/06/2013 La signora non si è presentata; nuovo appuntamento il\n20/07/2013.\n22/06/2013 T.c. con la madre.",
    ).date
    assert dated is not None
    assert (dated.value, dated.runner_up) == (dt.date(2013, 6, 22), "2013-05-10")


def test_an_arrival_stamp_does_not_date_a_letter():
    assert (
        proposal(
            [],
            "COMUNE DI CREMA\nARRIVO 16/06/2005\nPROT. 58120/2005\nSEGNALAZIONE\nsi segnala la situazione del minore",
        ).date
        is None
    )


def test_a_date_that_cannot_be_is_refused_with_its_reason():
    future = proposal(
        [], "RELAZIONE SOCIALE\nstoria familiare e situazione abitativa\nCrema, 12 marzo 2031\nL'assistente sociale"
    )
    assert future.date is None
    assert Reason.DATE_IMPOSSIBLE in future.reasons
    fine = proposal(
        [], "RELAZIONE SOCIALE\nstoria familiare e situazione abitativa\nCrema, 12 marzo 2021\nL'assistente sociale"
    )
    assert Reason.DATE_IMPOSSIBLE not in fine.reasons


def test_a_health_card_has_the_day_it_expires_even_after_the_scan():
    card = proposal(
        [], "TESSERA SANITARIA\nCognome ROSSI\nNome MARIA\nData di nascita 12/03/1970\nData di scadenza 25/10/2027"
    )
    assert card.date is not None
    assert card.date.value == dt.date(2027, 10, 25)
    assert Reason.DATE_IMPOSSIBLE not in card.reasons


def test_a_word_cut_in_the_middle_is_no_birth() -> None:
    # Seventy characters before the date begin within «esaminata».
    text = "vista e esaminata la relazione del servizio tutela minori di trescore cremasco del 10/02/1985"
    assert [found.birth for found in find_dates(text, latest=dt.date(2026, 1, 1))] == [False]
