from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldone.search import analysis
from faldone.search.analysis import Token, analyse, codes, compounds, fold, prepare, spell, variants


def spelled(text: str) -> list[str]:
    return [token.term for token in spell(text)]


def terms(text: str) -> list[str]:
    return [token.term for token in analyse(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dell'intervento", ["dell", "intervento"]),
        ("L’Aquila", ["l", "aquila"]),
        ("COMUNITA'", ["comunita"]),
        ("Comunità", ["comunita"]),
        ("comunita\u0300", ["comunita"]),
        ("1234/2014", ["1234", "2014"]),
        ("RSSMRA80A01F205X", ["rssmra80a01f205x"]),
        ("INPS-ISEE-2019-01234567A-00", ["inps", "isee", "2019", "01234567a", "00"]),
        ("S.A.D. e A.D.M", ["sad", "e", "adm"]),
        ("art. 3", ["art", "3"]),
        ("n.º 5 e 1ª", ["n", "5", "e", "1"]),
        ("affida-\nmento", ["affidamento"]),
        ("affida-\r\n  mento", ["affidamento"]),
        ("affida\u00ad\nmento", ["affidamento"]),
        ("Rossi-\nBianchi", ["rossi", "bianchi"]),
        ("2014-\n15", ["2014", "15"]),
        ("zero\u200bwidth soft\u00adhyphen", ["zerowidth", "softhyphen"]),
        ("Straße Łódź İstanbul", ["strasse", "lodz", "istanbul"]),
        ("_a_b_", ["a", "b"]),
        ("", []),
        ("…—«»", []),
    ],
)
def test_spelled_terms(text: str, expected: list[str]) -> None:
    assert spelled(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("decreto", "decreti"),
        ("comunità", "COMUNITA'"),
        ("dell'intervento", "interventi"),
        ("perché", "perche"),
        ("relazione sociale", "le relazioni sociali"),
        ("servizio", "servizi"),
        ("obbligo", "obblighi"),
    ],
)
def test_forms_that_become_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("anziano", "anziani"), ("referto", "referti"), ("beneficio", "benefici"), ("carabiniere", "carabinieri")],
)
def test_forms_that_the_stemmer_parts_are_variants(one: str, other: str) -> None:
    assert terms(one) != terms(other)
    assert other in variants(one)
    assert one in variants(other)


def test_names_codes_and_stop_words_have_no_variants() -> None:
    assert variants("rssmra80a01f205x") == variants("della") == variants("zio") == variants("comandò") == ()


def test_offsets_are_those_of_the_text_as_given() -> None:
    text = "a\u0300 S.A.D. affida-\nmento 1º!"
    assert [text[token.start : token.end] for token in spell(text)] == ["a\u0300", "S.A.D.", "affida-\nmento", "1"]


@pytest.mark.parametrize("apostrophe", analysis.APOSTROPHES)
def test_a_word_with_an_apostrophe_is_also_one_word(apostrophe: str) -> None:
    assert [token.term for token in compounds(f"D{apostrophe}ANGELO e Dell{apostrophe}Orto")] == ["dangelo", "dellorto"]


def test_an_apostrophe_for_an_accent_joins_nothing() -> None:
    assert compounds("COMUNITA' minori e citta' NICOLO' MARIO po' di") == []


def test_an_elided_article_joins_over_a_space() -> None:
    assert [token.term for token in compounds("DELL' ORTO, D' Angelo")] == ["dellorto", "dangelo"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prot. n. 001234/2014", ["1234/2014"]),
        ("1234/14", ["1234/2014"]),
        ("1234/98,", ["1234/1998"]),
        ("del 12/03/2014", []),
        ("12/03/14", []),
        ("0/2014", []),
        ("1234/2014/A", []),
        ("3,5/2014", []),
        ("fine 77/2014.", ["77/2014"]),
        ("C.F. RSSMRA80A01F205X.", ["rssmra80a01f205x"]),
        ("RSS MRA 80A01 F205 X", ["rssmra80a01f205x"]),
        ("rssmralmamlfnlpx", ["rssmralmamlfnlpx"]),
        ("rssmra8za01f205x", []),
        ("RSSMRA80A01F205XX", []),
    ],
)
def test_codes(text: str, expected: list[str]) -> None:
    assert [token.term for token in codes(text)] == expected


def test_runs_of_noise_are_cut() -> None:
    assert [len(term) for term in spelled("x" * 250)] == [100, 100, 50]
    assert spell("x" * 101)[1] == Token("x", 100, 101)


@given(st.text())
def test_terms_are_folded_words_in_order(text: str) -> None:
    tokens = spell(text)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
        assert token.term == fold(token.term)
        assert len(token.term) <= analysis.LONGEST_WORD * 4


@given(st.text("aàeèioìu'’ .-\nABÀS\u0300\u00ad1", max_size=40))
def test_origin_points_at_what_was_kept(text: str) -> None:
    prepared = prepare(text)
    if prepared.origin is None:
        assert prepared.text == text
    else:
        assert len(prepared.origin) == len(prepared.text)
        assert list(prepared.origin) == sorted(prepared.origin)


@given(st.text())
def test_case_does_not_count_for_latin_text(text: str) -> None:
    latin = "".join(character for character in text if character.isascii() and character != "-")  # it joins lower case
    assert spelled(latin.upper()) == spelled(latin.lower())
