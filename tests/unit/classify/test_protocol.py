# ruff: noqa: E501 - lines of papers stay whole
import datetime as dt

import pytest

from faldone.classify.dates import find_dates
from faldone.classify.lexicon import default_lexicon
from faldone.classify.protocol import dated_by_letter, find_protocols, own_protocol
from faldone.domain.attribution import Attribution, Direction
from tests.unit.classify.pages import reading

LATEST = dt.date(2024, 6, 1)


def protocols(text):
    page = reading(text)
    return page, find_protocols(page, find_dates(page.folded, latest=LATEST), latest=LATEST)


@pytest.mark.parametrize(
    ("text", "number", "year"),
    [
        ("Prot. n. 12345 del 12/03/2014", "12345", 2014),
        ("Prot. n. 12345/2014", "12345", 2014),
        ("Prot. gen. n. 0012345", "12345", None),
        ("PROTOCOLLO N° 4521/14", "4521", 2014),
        ("Protocollo 2014/0012345", "12345", 2014),
        ("c_d142|protocollo|2014/0012345|12/03/2014", "12345", 2014),
        ("PROTOCOLLO GENERALE\nN. 43109\n23/09/2000", "43109", 2000),
        ("Prot. 9.011 del 3 maggio 2012", "9011", 2012),
        ("N. 1234 di prot.", "1234", None),
        ("P.G. 31784/2008", "31784", 2008),
        ("P.G. 317841 2008".replace(" ", ""), "31784", 2008),
        ("PROT. 2077/2016", "2077", 2016),
        ("Pro:. n. 33038", "33038", None),
        ("Prot. n, 51072", "51072", None),
        ("Prot. N. 57 121", "57121", None),
        ("Protocollo in ar rivo n. 10257 del 23/01/1991", "10257", 1991),
        ("c_d142.c_d142.REGISTRO UFFICIALE.U.0012345.12-03-2014", "12345", 2014),
        ("c_d142|REG_01|200A/0063905|13/08/2004", "63905", 2004),
    ],
)
def test_numbers_years_and_dates(text, number, year):
    _, found = protocols(text)
    assert [(item.value.number, item.value.year) for item in found] == [(number, year)]


@pytest.mark.parametrize(
    "text", ["Vs. prot. n. 998 del 20/03/2015", "Rif. prot. 998/2015", "in riscontro alla nota prot. n. 998"]
)
def test_the_other_partys_number_is_not_the_documents(text):
    page, found = protocols(text)
    assert all(item.other_party for item in found)
    assert own_protocol([page], [found], "v") is None


def test_the_arrival_stamp_comes_before_the_senders_number():
    page, found = protocols(
        "ISTITUTO COMPRENSIVO\nProt. n. 777/2015 del 01/04/2015\nCOMUNE DI CREMA PROTOCOLLO n. 0004521 del 03/04/2015 ARRIVO\nVs. prot. 12/2015"
    )
    own = own_protocol([page], [found], default_lexicon().version)
    assert own is not None
    assert own.value.number == "4521"
    assert own.value.direction is Direction.INCOMING
    assert own.value.date == dt.date(2015, 4, 3)
    assert own.runner_up == "777"


def test_a_citation_is_no_protocol():
    assert protocols("ai sensi della L. 8 novembre 2000 n. 328")[1] == ()


def own(text):
    page, found = protocols(text)
    return own_protocol([page], [found], default_lexicon().version)


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("COMUNE DI CREMA\nARRIVO 16/06/2005\nPROT. 58120/2005", Direction.INCOMING),
        ("c_d142.c_d142.REGISTRO UFFICIALE.E.0012345.12-03-2014", Direction.INCOMING),
        ("c_d142.c_d142.REGISTRO UFFICIALE.U.0012345.12-03-2014", Direction.OUTGOING),
        ("Prot. in partenza n. 123 del 12/03/2014", Direction.OUTGOING),
        ("Prot. n. 123 del 12/03/2014", None),
    ],
)
def test_the_direction_is_said_or_unknown(text, direction):
    assert own(text).value.direction is direction


def test_of_two_registrations_the_later_one_is_the_receivers():
    chosen = own(
        "A.S.L. DI CREMONA\nProtocollo n. 3256 del 22-11-2013\nCOMUNITÀ SOCIALE CREMASCA\nProt. n. 15470\ndel 29/11/2013\nAl Servizio Sociale"
    )
    assert (chosen.value.number, chosen.value.date, chosen.value.direction) == (
        "15470",
        dt.date(2013, 11, 29),
        Direction.INCOMING,
    )


def test_the_date_of_an_arrival_is_not_the_senders():
    _, found = protocols("Prot. 29981\nARRIVO 16/06/2005\nPROT. 58120/2005")
    assert [(item.value.number, item.value.date) for item in found] == [
        ("29981", None),
        ("58120", dt.date(2005, 6, 16)),
    ]


def test_a_number_with_a_letter_in_it_is_no_number():
    assert own("PROT. 1017A/2018\nARRIVO") is None


def test_the_number_of_a_heading_has_the_date_of_its_letter_unless_its_year_is_another():
    letter = Attribution(dt.date(2021, 2, 19), 0.9, "date-place", "1")
    dated = dated_by_letter(own("COMUNE DI CREMA\nProt. n. 59146\nAl Tribunale"), letter)
    assert (dated.value.date, dated.value.year, dated.method) == (
        dt.date(2021, 2, 19),
        2021,
        "protocol-heading-letter-date",
    )
    assert dated_by_letter(own("COMUNE DI CREMA\nProt. n. 59146/2020\nAl Tribunale"), letter).value.date is None
    assert dated_by_letter(own("COMUNE DI CREMA\nPROTOCOLLO GENERALE\nN. 59146\nCat. VII"), letter).value.date is None
