"""Python, Tantivy and Elasticsearch must cut, fold and stem a text into the same terms."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from faldone.search import analysis
from faldone.search.elasticsearch import ElasticsearchIndex
from faldone.search.tantivy import spelled_analyzer, stemmed_analyzer
from faldone.search.tantivy.schema import analyzers

Native = Callable[[str], list[str]]

TRICKY = (
    """
dell'intervento l’affido un`altra D'Angelo DELL'ORTO dell´Acqua COMUNITA' comunità perché più già po' c'è
divano divani anziano anziani referto referti beneficio benefici comando essere avere della degli
RSSMRA80A01F205X 1234/2014 001234/14 INPS-ISEE-2019-01234567A-00 S.A.D. a.s. D.P.R. n.º 1ª 3° art.12 c.1-bis
Straße Ærø Œuvre Łódź Şükrü İstanbul ıslak Đorđe Nguyễn Ωμέγα Σίσυφος Иванов ﬁne ² ⑴ ㈠ Ⅳ １２３ Ａｌｆａ ½
e\u0301cole cittA\u0300 affida-\nmento italo-\nFrancese soft\u00adhyphen zero\u200bwidth _under_score_ email@example.it
naïve œ ŉ ǆ ﷽ 漢字 قطة देवनागरी 𝒳 😀 \u0000 \ufffd
"""
    + "x" * 250
)

ALPHABET = st.one_of(
    st.sampled_from("aeiouàèéìòùAEIOUÀÈ'’` .,-/\n0123456789bcdfglmnprstvz"),
    # Engines carry tables of different Unicode versions: what was assigned long ago is what can be compared.
    st.characters(codec="utf-8", max_codepoint=0x04FF, exclude_categories=("Cs",)),
    st.characters(codec="utf-8", min_codepoint=0x1E00, max_codepoint=0x2BFF, exclude_categories=("Cs", "Cn")),
)
ITALIAN = st.lists(
    st.tuples(
        st.text("abcdefghilmnopqrstuvzàèéìòù", min_size=1, max_size=8),
        st.sampled_from(
            ["ano", "ani", "ità", "zione", "zioni", "mente", "ando", "erti", "ivano", "issimo", "iere", "io", "o"]
        ),
    ).map("".join),
    max_size=12,
).map(" ".join)


def known(text: str) -> bool:
    return all(unicodedata.ucd_3_2_0.category(character) != "Cn" for character in text)


class Chains:
    """The native chains of one engine, spelled and stemmed, fed with prepared text as adapters feed them."""

    def __init__(self, spelled: Native, stemmed: Native) -> None:
        self._spelled, self._stemmed = spelled, stemmed

    def check(self, text: str) -> None:
        prepared = analysis.prepare(text).text
        assert self._spelled(prepared) == [token.term for token in analysis.spell(text)]
        assert self._stemmed(prepared) == [token.term for token in analysis.analyse(text)]


@pytest.fixture(
    scope="module",
    params=["tantivy", "tantivy pages", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)],
)
def chains(request: pytest.FixtureRequest) -> Iterator[Chains]:
    if request.param == "tantivy":
        yield Chains(spelled_analyzer().analyze, stemmed_analyzer().analyze)
        return
    if request.param == "tantivy pages":
        cut, stems = (analyzers()[name] for name in ("cut", "cut-stemmed"))
        yield Chains(
            lambda text: cut.analyze(analysis.spelled(text)), lambda text: stems.analyze(analysis.spelled(text))
        )
        return
    url = request.getfixturevalue("elasticsearch_url")
    index = ElasticsearchIndex(url, alias="contract-analysis")
    index.reset()
    client = Elasticsearch(url)

    def native(analyzer: str) -> Native:
        def terms(text: str) -> list[str]:
            found = client.indices.analyze(index="contract-analysis", analyzer=analyzer, text=text)
            return [str(token["token"]) for token in found["tokens"]]

        return terms

    yield Chains(native("faldone_spelled"), native("faldone_stemmed"))
    client.close()
    index.close()


@pytest.mark.parametrize("line", TRICKY.strip().split("\n"))
def test_tricky_words(chains: Chains, line: str) -> None:
    chains.check(line)


def test_tricky_text(chains: Chains) -> None:
    chains.check(TRICKY)


def test_each_letter_that_folds(chains: Chains) -> None:
    letters = [chr(code) for code in range(0x80, 0x10000) if analysis.fold(chr(code)) != chr(code).lower()]
    assert len(letters) > 800
    chains.check(" ".join(letter for letter in letters if known(letter)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(ALPHABET, max_size=80).filter(known))
@example(text="ΑΣ İI ß ŉ")
def test_any_text(chains: Chains, text: str) -> None:
    chains.check(text)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ITALIAN)
def test_words_like_italian_ones(chains: Chains, text: str) -> None:
    chains.check(text)
