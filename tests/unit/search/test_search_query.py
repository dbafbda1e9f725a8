from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from faldone.errors import QuerySyntaxError
from faldone.search import analysis
from faldone.search.query import FILTERS, MOST_TYPED, Query, Sort, check, parse, period, write


@dataclass(frozen=True)
class Item:
    name: str
    sensitivity: str = "base"


@dataclass(frozen=True)
class Names:
    services: dict[str, Item] = field(
        default_factory=lambda: {"TUM": Item("Tutela minori"), "SAD": Item("Domiciliare")}
    )
    types: dict[str, Item] = field(
        default_factory=lambda: {
            "decreto_tm": Item("Provvedimento del Tribunale per i minorenni"),
            "relazione_sociale": Item("Relazione sociale"),
            "elenco_anziani": Item("Elenco di anziani"),
        }
    )


LEXICON = Names()


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
        ("anno:2014", Query(date_from=dt.date(2014, 1, 1), date_to=dt.date(2014, 12, 31))),
        ("year:2014-2016", Query(date_from=dt.date(2014, 1, 1), date_to=dt.date(2016, 12, 31))),
        ("lotto:2014-07 comune:Crema scatola:12", Query(batch="2014-07", comune="Crema", box="12")),
        ("batch:b town:Crema box:12", Query(batch="b", comune="Crema", box="12")),
        ('fascia:"da rivedere" ordina:recenti', Query(band="review", sort=Sort.NEWEST)),
        ("band:hold sort:dossier", Query(band="hold", sort=Sort.DOSSIER)),
        ("fascia:ARCHIVIATO ordina:vecchi", Query(band="auto", sort=Sort.OLDEST)),
        ("persona:rossi protocollo:12", Query(person="rossi", protocol="12")),
        ("affid* Crem*", Query(prefixes=("affid", "Crem"))),
        ("dell'affid*", Query(words=("dell'",), prefixes=("affid",))),
        ("cf:rssmra80", Query(cf="rssmra80")),
        ("„assegno di cura”", Query(phrases=("assegno di cura",))),
        ('tubo da 5" di', Query(words=("tubo", "da", '5"', "di"))),
        ("a OR b AND (c) ~ ^ ? [d] {e} \\ /f/", Query(words=("a", "OR", "b", "AND", "(c)", "[d]", "{e}", "/f/"))),
        ("😀 rossi", Query(words=("rossi",))),
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
        ("cf:RSSMR", 4),
        ("cf:1234", 4),
        ('a ""', 3),
        ("servizio:--", 10),
        ("dal:2015 al:2014", 1),
        ("anno:14", 6),
        ("anno:2016-2014", 6),
        ("anno:2014 dal:2013", 11),
        ("dal:2013 anno:2014", 10),
        ("fascia:verde", 8),
        ("ordina:caso", 8),
        ("x ab*", 3),
        ("x -affid*", 3),
        ('utente:"rossi', 8),
        ("???", 1),
        ("  😀", 3),
        ("*", 1),
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


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("serivzio:TUM", "servizio:"),
        ("utnete:rossi", "utente:"),
        ('scatla:"12"', "scatola:"),
        ("yaer:2014", "year:"),
        ("fascia:verde", "da rivedere"),
        ("servizio:TMU", "TUM (Tutela minori)"),
        ("servizio:tutelaminori", "TUM (Tutela minori)"),
        ("tipo:decreto_tn", "decreto_tm"),
        ("tipo:relasione", "relazione_sociale"),
    ],
)
def test_what_was_likely_meant_is_offered(text: str, offered: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text, lexicon=LEXICON)
    assert offered in caught.value.hint


@pytest.mark.parametrize("value", ["TUM", "tum", "tutela", "Minori", '"minori tutela"', "minore"])
def test_a_code_or_words_of_a_name_are_known(value: str) -> None:
    assert parse(f"servizio:{value}", lexicon=LEXICON).service == value.strip('"')


def test_an_unknown_code_is_told_at_its_column() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("rossi servizio: XXL", lexicon=LEXICON)
    assert caught.value.column == 17


def test_a_query_put_together_by_options_is_checked_alike() -> None:
    check(Query(service="SAD", type="elenco_anziani"), LEXICON)
    check(Query(type="anziano"), LEXICON)
    with pytest.raises(QuerySyntaxError):
        check(Query(type="bolletta"), LEXICON)


def test_a_pasted_passage_is_too_many_words_unless_it_is_quoted() -> None:
    passage = " ".join(["parola"] * (MOST_TYPED + 1))
    with pytest.raises(QuerySyntaxError) as caught:
        parse(passage)
    assert caught.value.column == 7 * MOST_TYPED + 1
    assert parse(f'"{passage}"').phrases == (passage,)


@pytest.mark.parametrize("name", [name for names in FILTERS.values() for name in names])
def test_every_filter_sets_one_thing_in_either_language(name: str) -> None:
    values = {"band": "hold", "fascia": "hold", "sort": "newest", "ordina": "newest", "cf": "RSSMRA"}
    query = parse(f"{name}:{values.get(name, '2014')}")
    assert query != Query()
    assert query.words == ()


_TYPED = st.text(st.sampled_from("ab\"«»“”„:-' ’12/.*~^?()[]{}\\|&!+=<>@#utentecfdalno:😀\n\t"), max_size=60)


@given(_TYPED)
@example("OR AND NOT")
@example("D'Angelo Dell’Orto NICOLO' `x´")
@example("x" * 10_000)
@example("a " * 5_000)
@example('"' + "a " * 5_000 + '"')
@example("utente:" * 50)
def test_any_text_gives_a_query_or_a_column(text: str) -> None:
    column = 1
    try:
        asks = not text.strip() or parse(text, lexicon=LEXICON) != Query()
    except QuerySyntaxError as error:
        asks, column = True, error.column
    assert asks
    assert 1 <= column <= len(text) + 1


@given(st.text(max_size=60))
def test_any_text_in_quotes_is_searched_for_as_it_is(text: str) -> None:
    quoted = f"«{text}»"
    if "»" in text or not analysis.spell(text):
        return
    assert parse(quoted) == Query(phrases=(text,))


@given(_TYPED)
def test_what_is_written_is_read_as_the_same_query(text: str) -> None:
    try:
        query = parse(text)
    except QuerySyntaxError:
        return
    assert parse(write(query)) == query


def test_all_filters_are_written() -> None:
    query = parse(
        'casa -"una bozza" -x affid* "assegno di cura" utente:"Rossi Maria" cf:RSSMRA servizio:TUM tipo:decreto_tm '
        "dal:2014 al:03/2015 prot:12/2014 lotto:7 comune:Crema scatola:3 fascia:fermo ordina:vecchi"
    )
    assert parse(write(query)) == query
