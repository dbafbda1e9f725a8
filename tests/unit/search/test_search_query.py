from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldone.errors import QuerySyntaxError
from faldone.search.query import Query, parse, period


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Query()),
        ("  affidamento   minori ", Query(words=("affidamento", "minori"))),
        ('"assegno di cura"', Query(phrases=("assegno di cura",))),
        ("«assegno di cura» “di zona”", Query(phrases=("assegno di cura", "di zona"))),
        ('relazione -bozza -"minuta di lettera"', Query(words=("relazione",), excluded=("bozza", "minuta di lettera"))),
        ("rossi - bianchi & c", Query(words=("rossi", "bianchi", "c"))),
        ("utente:rossi", Query(person="rossi")),
        ('person: "Rossi Maria"', Query(person="Rossi Maria")),
        ("CF:RSSMRA80A01F205X", Query(cf="RSSMRA80A01F205X")),
        ("servizio:TUM tipo:decreto_tm", Query(service="TUM", type="decreto_tm")),
        ("service:TUM type:decreto_tm", Query(service="TUM", type="decreto_tm")),
        ("prot:001234/2014", Query(protocol="001234/2014")),
        ("dal:2014 al:2014", Query(date_from=dt.date(2014, 1, 1), date_to=dt.date(2014, 12, 31))),
        ("from:02/2016 to:2/2016", Query(date_from=dt.date(2016, 2, 1), date_to=dt.date(2016, 2, 29))),
        ("d'angelo 1234/2014", Query(words=("d'angelo", "1234/2014"))),
        ("Oggetto: relazione ore 10:30", Query(words=("Oggetto:", "relazione", "ore", "10:30"))),
        ("dal cortile al cancello", Query(words=("dal", "cortile", "al", "cancello"))),
    ],
)
def test_parse(text: str, expected: Query) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ('relazione "assegno di cura', 11),
        ("utente:", 1),
        ("a utente:  ", 3),
        ("utnete:rossi", 1),
        ("x -tipo:decreto", 3),
        ("dal:ieri", 5),
        ("dal:31/02/2014", 5),
        ("tipo:a tipo:b", 8),
        ("cf:RSSMRA80", 4),
        ('a ""', 3),
        ("servizio:--", 10),
        ("dal:2015 al:2014", 1),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_column(text: str, column: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert caught.value.column == column
    assert " / " in caught.value.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2014", (dt.date(2014, 1, 1), dt.date(2014, 12, 31))),
        ("2014-02", (dt.date(2014, 2, 1), dt.date(2014, 2, 28))),
        ("2014-03-12", (dt.date(2014, 3, 12), dt.date(2014, 3, 12))),
        ("12.3.2014", (dt.date(2014, 3, 12), dt.date(2014, 3, 12))),
        ("3/2014", (dt.date(2014, 3, 1), dt.date(2014, 3, 31))),
        ("0000", None),
        ("12/03/14", None),
        ("9999", (dt.date(9999, 1, 1), dt.date(9999, 12, 31))),
    ],
)
def test_period(text: str, expected: tuple[dt.date, dt.date] | None) -> None:
    assert period(text) == expected


def test_limit_and_offset_pass_through() -> None:
    assert parse("a", limit=5, offset=10) == Query(words=("a",), limit=5, offset=10)


@pytest.mark.parametrize(
    "given_", [{"limit": -1}, {"offset": -1}, {"date_from": dt.date(2015, 1, 1), "date_to": dt.date(2014, 1, 1)}]
)
def test_a_query_that_makes_no_sense_cannot_be_made(given_: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"negative|ends"):
        Query(**given_)  # type: ignore[arg-type]


@given(st.text(st.sampled_from("ab\"«»:-' 12/.utentecfdal\n"), max_size=40))
def test_any_text_gives_a_query_or_a_column(text: str) -> None:
    try:
        column = int(bool(parse(text)))
    except QuerySyntaxError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1
