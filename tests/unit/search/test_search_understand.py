from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldone.search.query import Query, Reading, parse
from faldone.search.understand import NameBook, sound, suggest, understand

BOOK = NameBook(
    ["Severgnini Luisa", "Bianchi Chiara", "Guglielmi Iacopo", "Maffezzoni Mario", "Mussa Muhammad", "D'Angelo Anna"]
)


def readings(text: str) -> tuple[Reading, ...]:
    return understand(parse(text)).readings


def days(first: str, last: str) -> tuple[dt.date, dt.date]:
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rossi rssmra80a01f205x", Reading(1, 2, code="rssmra80a01f205x")),
        ("RSS MRA 80A01 F205 X", Reading(0, 5, code="rssmra80a01f205x")),
        ("RSSMRA80A01F205X,", Reading(0, 1, code="rssmra80a01f205x")),
        ("RSSMRA8OAO1F2O5X", None),  # three look-alikes: too many to believe it
        ("RSSMRA8OA01F205X", Reading(0, 1, code="rssmra80a01f205x")),
        ("R5SMRA80A01F205X", Reading(0, 1, code="rssmra80a01f205x")),
        ("RSSMRAULALMFNLRX", None),  # omocodia leaves no digit; nobody types such a word
        ("rssmra", Reading(0, 1, code="rssmra", begins=True)),
        ("RSSMRA80A0", Reading(0, 1, code="rssmra80a0", begins=True)),
        ("RSS MRA 80", Reading(0, 3, code="rssmra80", begins=True)),
        ("RSSMRA80A01F20", Reading(0, 1, code="rssmra80a01f20", begins=True)),
        ("rssmra8x", None),
        ("tutela", None),
        ("casa minori", None),
    ],
)
def test_a_codice_fiscale_whole_or_begun(text: str, expected: Reading | None) -> None:
    assert readings(text) == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234/2014", Reading(0, 1, protocol="1234/2014")),
        ("0001234/14", Reading(0, 1, protocol="1234/2014")),
        ("1234-14", Reading(0, 1, protocol="1234/2014")),
        ("nota prot. n. 0001234/2014", Reading(1, 4, protocol="1234/2014")),
        ("Prot. 0001234", Reading(0, 2, protocol="1234")),
        ("protocollo numero 12-14", Reading(0, 3, protocol="12/2014")),
        ("12-14", None),
        ("1234", None),
        ("prot. sanitario", None),
    ],
)
def test_a_protocol(text: str, expected: Reading | None) -> None:
    assert readings(text) == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("12/03/2014", (0, 1), days("2014-03-12", "2014-03-12")),
        ("12.3.14", (0, 1), days("2014-03-12", "2014-03-12")),
        ("2014-03-12", (0, 1), days("2014-03-12", "2014-03-12")),
        ("rossi 2014", (1, 2), days("2014-01-01", "2014-12-31")),
        ("del 12 marzo 2014", (1, 4), days("2014-03-12", "2014-03-12")),
        ("1° Marzo 2014", (0, 3), days("2014-03-01", "2014-03-01")),
        ("feb. 2016", (0, 2), days("2016-02-01", "2016-02-29")),
        ("FEBBRAIO 2015", (0, 2), days("2015-02-01", "2015-02-28")),
    ],
)
def test_a_date(text: str, span: tuple[int, int], expected: tuple[dt.date, dt.date]) -> None:
    assert readings(text) == (Reading(*span, days=expected),)


@pytest.mark.parametrize("text", ["31/02/2014", "marzo", "1400", "40 marzo 2014 bis", "12 marzo"])
def test_no_date(text: str) -> None:
    assert all(reading.first or reading.days is None for reading in readings(text))


def test_a_month_that_may_be_a_number_is_both() -> None:
    assert {(one.protocol, one.days is not None) for one in readings("3/2014")} == {("3/2014", False), (None, True)}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("severnini", "severgnini"),
        ("bianki", "bianchi"),
        ("kiara", "chiara"),
        ("gulielmi", "guglielmi"),
        ("jacopo", "iacopo"),
        ("yacopo", "iacopo"),
        ("mafezoni", "maffezzoni"),
        ("maffezoini", "maffezzoni"),
        ("mohamed", "muhammad"),
        ("d'angello", "d'angelo"),
    ],
)
def test_a_misspelt_name_is_like_the_name(typed: str, name: str) -> None:
    from_book = {word for reading in understand(parse(typed.replace("'", "")), BOOK).readings for word in reading.alike}
    assert name.replace("'", "") in from_book


@pytest.mark.parametrize("typed", ["severgnini", "casa", "relazione", "ann", "12345"])
def test_a_right_name_and_other_words_are_like_none(typed: str) -> None:
    assert BOOK.alike(typed) == ()


@pytest.mark.parametrize(
    ("one", "other"), [("maria", "mario"), ("rossi", "russi"), ("bianchi", "banchi"), ("ghezzi", "cezzi")]
)
def test_names_that_are_heard_apart_do_not_sound_alike(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@given(st.text(st.sampled_from("ab12/.-°pro t.nmarzo2014rssmra80"), max_size=40))
def test_readings_stay_within_the_words(text: str) -> None:
    words = tuple(text.split())
    query = understand(Query(words=words), BOOK)
    assert query.words == words
    assert all(0 <= one.first < one.last <= len(words) for one in query.readings)


@pytest.mark.parametrize(
    ("typed", "seen", "expected"),
    [
        ("severnini luisa", {"severgnini": 4, "luisa": 9, "severini": 2}, ["severgnini luisa", "severini luisa"]),
        ("afidamneto", {"affidamento": 7, "casa": 9}, ["affidamento"]),
        ("affidamento", {"affidamento": 3, "affidamenti": 9}, []),
        ("affidamenti", {"affidamento": 9}, []),  # the stem finds it anyway
        ("casa", {"caso": 5, "cassa": 4, "strada": 8}, ["cassa"]),
        ("2014 rss", {"2015": 5, "rssi": 4}, []),
    ],
)
def test_what_was_perhaps_meant(typed: str, seen: dict[str, int], expected: list[str]) -> None:
    assert [" ".join(one.query.words) for one in suggest(parse(typed), seen)] == expected


def test_a_suggestion_keeps_everything_else_of_the_query() -> None:
    (one,) = suggest(parse('relazione utente:"severnini luisa" servizio:TUM'), {"severgnini": 4, "luisa": 4})
    assert one.query == parse('relazione utente:"severgnini luisa" servizio:TUM')
    assert (one.typed, one.instead) == ("severnini", "severgnini")
