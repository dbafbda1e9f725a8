# ruff: noqa: E501 - lines of papers stay whole
import datetime as dt

import pytest

from faldone.classify.dates import find_dates
from faldone.classify.lexicon import default_lexicon
from faldone.classify.protocol import find_protocols, own_protocol
from faldone.domain.attribution import Direction
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
