"""Marking looks at few words of a page and still finds what looking at all of them finds."""

from __future__ import annotations

from random import Random

import pytest

from faldone.catalog.codec import decode_text, encode_text, view_text
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.search import analysis
from faldone.search.marking import mark
from faldone.search.page_blocks import PageBlocks
from faldone.search.query import Query, Reading, parse

ENDINGS = ("", "a", "o", "i", "e", "enza", "enze", "ente", "uzione", "amente", "logia", "iva", "ando", "issimo", "chi",
           "ghe", "mente", "abile", "atore", "erebbero", "assimo")  # fmt: skip
ROOTS = ("pres", "affid", "compet", "tut", "ass", "istit", "socio", "psico", "am", "part", "bianc", "figl", "quot",
         "ai", "uscir", "gioch", "anzian", "beneficio", "referto", "resid", "dipend", "udi", "tv")  # fmt: skip
WORDS = (
    "di", "la", "affidamento", "minori", "Rossi", "Rosi", "Orssi", "bianchi", "Bianchl", "S.A.D.", "C.F.", "RSS", "MRA",
    "80A01", "F205X", "RSSMRA80A01F205X", "D'Angelo", "D'", "Angelo", "d’an-", "gelo", "dell’intervento", "comunita'",
    "COMUNITÀ", "001234/14", "1234/2014", "1º", "affida-", "mento", "fine.S.A.D.", "anzia'no", "anziani", "Straße",
    "ﬁglio", "«casa»", "x" * 130, "bian-", "chi", "2014", "R.O.S.S.I", "presenza", "presente", "e`", "-", "'", "...",
)  # fmt: skip
RARE = ("sof\xadt", "a\u0300", "due\xa0parole", "con spazio")
ASKED = (
    "bianchi", "rossi affidamento", "presenza", "d'angelo", "dangelo", '"di la"', '"la s.a.d."', "anziano", "sad",
    "1234/2014", "cf:RSSMRA80A01F205X", "prot:1234", "2014", "la", "comunita", "rssmra80a01f205x", "strasse figlio",
    "intervento", "soft", "parole", '"c.f. rssmra80a01f205x"', "biancih", "rossy",
)  # fmt: skip


def page(*lines: str) -> PageText:
    return of(list(line.split()) for line in lines)


def of(lines) -> PageText:
    words = tuple(
        Word(text, Box(column * 100, number * 20, 90, 20), 0.9, number)
        for number, line in enumerate(lines)
        for column, text in enumerate(line)
    )
    return PageText(words, 2000, 3000, 300, 0, TextSource.OCR, EngineStamp("test", "1", "x"))


def any_page(rng: Random) -> PageText:
    words = WORDS + RARE if rng.random() < 0.2 else WORDS
    return of([rng.choice(words) for _ in range(rng.randrange(1, 9))] for _ in range(rng.randrange(0, 12)))


@pytest.mark.parametrize("asked", ASKED)
def test_few_words_looked_at_give_what_the_whole_page_gives(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random(asked)
    documents = [{number: any_page(rng) for number in range(rng.randrange(1, 4))} for _ in range(30)]
    query = parse(asked)
    quick = [mark(query, pages) for pages in documents]
    assert any(hit.boxes for hits in quick for hit in hits)
    monkeypatch.setattr(PageBlocks, "_is_plain", lambda self: False)
    assert quick == [mark(query, pages) for pages in documents]


@pytest.mark.parametrize("root", ROOTS)
def test_words_begin_with_most_of_their_stem(root: str) -> None:
    for word in (root + ending for ending in ENDINGS):
        stem = analysis.stem(word)
        assert stem is None or word.startswith(stem[: max(3, len(stem) - 2)]), (word, stem)


def test_page_by_columns_says_what_the_whole_one_says() -> None:
    words = ['"', "],", '],"box":[[', '","text":', "\\", "è", "\\u00e8", "[1,2],[3,4]", '"confidence":', '"line":']
    data = encode_text(of([words, ["fine"]]))
    whole, view = decode_text(data), view_text(data)
    assert list(view.texts) == [word.text for word in whole.words]
    assert list(view.line_numbers) == [word.line for word in whole.words]
    assert view.boxes([0, 9, 10]) == [whole.words[at].box for at in (0, 9, 10)]
    assert (view.width, view.height) == (whole.width, whole.height)
    assert list(view_text(encode_text(page())).texts) == []


def test_page_by_columns_is_marked_as_the_whole_one_is() -> None:
    pages = {4: page("relazione sociale", "del minore"), 7: page("minore affidato")}
    assert mark(parse("minore sociale"), {at: view_text(encode_text(text)) for at, text in pages.items()}) == mark(
        parse("minore sociale"), pages
    )


def test_only_as_many_pages_as_are_wanted_are_given() -> None:
    pages = {4: page("minore"), 5: page("minore affidato")}
    assert [hit.index for hit in mark(parse("minore affidato"), pages, most=1)] == [5]
    assert [hit.index for hit in mark(parse("tutela"), pages, most=1)] == [4]


def test_beginning_of_a_word_is_marked_where_it_begins_one() -> None:
    assert mark(Query(prefixes=("affid",)), {0: page("riaffido e Affidata")})[0].snippet == "riaffido e «Affidata»"


def test_beginning_of_a_codice_fiscale_marks_the_code() -> None:
    pages = {0: page("RSSMRA e RSS MRA 80A01 F205X")}
    assert mark(Query(cf="RSSMRA80"), pages)[0].snippet == "RSSMRA e «RSS MRA 80A01 F205X»"


def test_what_words_are_understood_as_is_marked_too() -> None:
    alike = Query(words=("mohamed",), readings=(Reading(0, 1, alike=("muhammad",)),))
    assert mark(alike, {0: page("il sig. Muhammad")})[0].snippet == "il sig. «Muhammad»"
    protocol = Query(words=("1234-14",), readings=(Reading(0, 1, protocol="1234/2014"),))
    assert mark(protocol, {0: page("prot. n. 1234/2014")})[0].snippet == "prot. n. «1234/2014»"
