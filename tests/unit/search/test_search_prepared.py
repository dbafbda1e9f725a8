"""The quick ways through a page find what the plain ones do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from faldone.search import analysis
from faldone.search.analysis import codes, prepare, prepared, spell, spelled

_PIECES = (
    "RSSMRA80A01H501U", "RSS MRA 80A01 H501 U", "rssmra8lalmhrlnx", "RSSMRALMLAMLHRLNRX", "80A01", "H501", "ABCDEF",
    "1234/2014", "0012/14", "12/3/2015", "1.234/14", "/", "99", "C.F.", "S.A.D.", "s.a", "-\n", "‐ \r\n", "¬\n",
    "ª", "º", "a" * 101, "b" * 250, "mento", "Mento", "è", "e\u0301", "\u00ad", "\u00ad\n", "’", "\u200b", "Ⓐ", "₤",
    "A.", "B", " ", "\n", ".", "_", "città", "PERCHÉ", "Straße", "Æ", "½", "²", "\0", "Łódź", "⑴", "“così”", "\xa0",
)  # fmt: skip
_texts = st.lists(st.sampled_from(_PIECES), max_size=14).map("".join)


@given(_texts)
def test_the_text_alone_is_the_text_with_its_origins(text: str) -> None:
    assert prepared(text) == prepare(text).text


@given(_texts)
def test_codes_are_found_as_by_looking_at_every_letter(text: str) -> None:
    plain = [found.span() for found in analysis._CF.finditer(text)]
    plain += [found.span() for found in analysis._PROTOCOL.finditer(text)]
    assert [(token.start, token.end) for token in codes(text)] == plain


def test_a_page_in_usual_letters_and_marks_is_left_as_it_is() -> None:
    page = "L’assegno è di 10,50 € – «così» disse l'anziano…"
    assert prepared(page) is page
    assert prepared("città\u00ad di «Crema» S.A.D.") == "città di «Crema» SAD"


@given(_texts)
def test_the_words_of_a_page_are_those_of_a_query(text: str) -> None:
    assert spelled(prepared(text)).split() == [token.term for token in spell(text)]
