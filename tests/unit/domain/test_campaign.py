"""The language in which pages are named that are to be read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldone.domain.campaign import (
    Comparison,
    Condition,
    Joined,
    Not,
    ReadPage,
    Subject,
    batches_in,
    holds,
    parse,
    with_batches,
)
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.errors import QuerySyntaxError


def page(
    *confidences: float,
    engine: str = "tesseract",
    version: str = "5.3.0 ita",
    source: TextSource = TextSource.OCR,
    blank: bool = False,
    steps: tuple[str, ...] = (),
    batches: frozenset[str] = frozenset(),
) -> ReadPage:
    words = tuple(Word("parola", Box(0, 0, 9, 9), confidence, 0) for confidence in confidences)
    text = PageText(words, 100, 100, 300, 0, source, EngineStamp(engine, version, "s"), blank=blank, steps=steps)
    return ReadPage(text, batches)


@pytest.mark.parametrize(
    ("where", "asked", "expected"),
    [
        ("engine < 5.3", page(0.9, version="5.2.9 ita"), True),
        ("engine < 5.3", page(0.9, version="5.3.0 ita"), False),
        ("engine < 5.10", page(0.9, version="5.9"), True),
        ("engine <= 5.3", page(0.9, version="5.3.4"), True),
        ("engine > 5.3", page(0.9, version="5.3.4"), False),
        ("engine < 5.3.1", page(0.9, version="5.3"), True),
        ("engine = 5.3", page(0.9, version="v5.3.0-rc1"), True),
        ("engine = 5.3", page(0.9, version="unknown"), False),
        ("engine < 99", page(0.9, source=TextSource.TEXT_LAYER), False),
        ("engine = Tesseract", page(0.9), True),
        ("motore != pytesseract", page(0.9), True),
        ("confidence<0.6", page(0.5, 0.6), True),
        ("confidenza < 0,6", page(0.6, 0.6), False),
        ("confidence < 0.6", page(), True),
        ("confidence < 0.6", page(blank=True), False),
        ("parole < 2", page(0.9), True),
        ("words >= 2", page(0.9), False),
        ("unread", page(0.9, steps=("unread",)), True),
        ("illeggibile", page(), True),
        ("unread", page(blank=True), False),
        ("batch = b-1", page(0.9, batches=frozenset({"b-1"})), True),
        ('lotto != "b 1"', page(0.9, batches=frozenset({"b 1"})), False),
    ],
)
def test_a_comparison_means_what_it_says(where: str, asked: ReadPage, expected: bool) -> None:
    assert holds(parse(where), asked) is expected


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("engine<5.3 or confidence<0.6", "(engine < 5.3 or confidence < 0.6)"),
        ("MOTORE < 5.3 O CONFIDENZA < 0,6", "(engine < 5.3 or confidence < 0.6)"),
        ("unread and words<5 or confidence<0.5", "((unread and words < 5) or confidence < 0.5)"),
        ("illeggibile e (parole<5 o confidenza<0.5)", "(unread and (words < 5 or confidence < 0.5))"),
        ("non illeggibile ed engine=fake", "(not unread and engine = fake)"),
        ("not (unread or words=0)", "not (unread or words = 0)"),
        ('lotto = «scatola "12"»', 'batch = «scatola "12"»'),
        ('batch = "e"', "batch = e"),
    ],
)
def test_and_binds_more_than_or_and_italian_is_english(where: str, told: str) -> None:
    assert str(parse(where)) == told
    assert parse(told) == parse(where)


@pytest.mark.parametrize(
    ("where", "column", "expected"),
    [
        ("", 1, "motore"),
        ("colore = rosso", 1, "motore"),
        ("engine 5", 8, "<"),
        ("engine < tesseract", 8, "= o !="),
        ("engine = «due parole»", 11, "versione"),
        ("confidence < 60", 14, "da 0 a 1"),
        ("confidence < metà", 14, "da 0 a 1"),
        ("words < 2.5", 9, "numero intero"),
        ("words < 5 unread", 11, "e, o"),
        ("(words < 5", 11, ")"),
        ("words < 5)", 10, "fine"),
        ("unread and", 11, "motore"),
        ('batch = "aperto', 9, "virgolette"),
        ("batch = ()", 9, "lotto"),
    ],
)
def test_an_error_says_where_it_is_and_what_is_expected(where: str, column: int, expected: str) -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        parse(where)
    assert raised.value.column == column
    assert f"Al carattere {column} " in raised.value.message
    assert expected in raised.value.message
    assert f"At character {column} " in raised.value.message


@pytest.mark.parametrize("deep", ["(" * 5000, "not " * 5000])
def test_what_nobody_types_by_hand_is_refused_and_does_not_break(deep: str) -> None:
    with pytest.raises(QuerySyntaxError):
        parse(f"{deep}unread")


comparisons = st.one_of(
    st.builds(Comparison, st.just(Subject.WORDS), st.sampled_from("<>="), st.integers(0, 10**9 - 1)),
    st.builds(Comparison, st.just(Subject.CONFIDENCE), st.sampled_from("<>="), st.sampled_from([0.0, 0.6, 0.125, 1.0])),
    st.builds(
        Comparison,
        st.just(Subject.ENGINE),
        st.sampled_from("<>="),
        st.lists(st.integers(0, 99), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        Comparison,
        st.just(Subject.BATCH),
        st.just("!="),
        st.text(st.characters(exclude_characters='»"', exclude_categories=["C"]), min_size=1).filter(str.strip),
    ),
    st.just(Comparison(Subject.UNREAD, "=", True)),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(Joined, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)


@given(conditions)
def test_what_a_condition_says_of_itself_is_understood_as_the_same(condition: Condition) -> None:
    assert parse(str(condition)) == condition


def test_batches_are_called_by_other_names_wherever_they_stand() -> None:
    condition = parse('not (batch = "ROSSI MARIA" or unread and lotto != b)')
    assert batches_in(condition) == {"ROSSI MARIA", "b"}
    renamed = with_batches(condition, {"ROSSI MARIA": "b-1", "b": "b-2"})
    assert str(renamed) == "not (batch = b-1 or (unread and batch != b-2))"
