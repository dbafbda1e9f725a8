"""Papers: every type composes, in several wordings, without leftovers of the grammar, true to its time."""

from __future__ import annotations

from random import Random

import pytest

from faldone.demo.layout import PAGE_HEIGHT, PAGE_WIDTH, paginate
from faldone.demo.lexis import sentences, table
from faldone.demo.papers.catalogue import MAKERS, PAPERS_OF, compose, draw_case, papers_of
from faldone.demo.persons import populate

POPULATION = populate(40, 1)


def service_of(kind: str, rng: Random) -> str:
    fitting = [code for code in table("services") if kind in papers_of(code)]
    return rng.choice(fitting or list(PAPERS_OF))


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_a_type_has_several_wordings_and_names_its_holder(kind):
    texts = set()
    for number in range(6):
        rng = Random(f"test/{kind}/{number}")
        case = draw_case(rng, POPULATION, service=service_of(kind, rng))
        paper = compose(case, kind)
        pages = paginate(paper.blocks, paper.style, running=paper.running)
        text = "\n".join(page.text for page in pages)
        texts.add(text)

        assert not set("[]{}|") & set(text)
        assert paper.type == kind
        holders = [person for person in paper.persons if person.role == "holder"]
        if kind != "elenco":
            assert holders
        if paper.shown == "cf" and holders:
            assert holders[0].cf in text
        for page in pages:
            for run in page.runs:
                assert 0 < run.x < PAGE_WIDTH
                assert 0 < run.y < PAGE_HEIGHT
    assert len(texts) == 6


def test_measures_follow_each_other_in_time():
    rng = Random("time")
    for code, first, last in (
        ("SIA", "2016-09", "2017-12"),
        ("REI", "2017-12", "2019-12"),
        ("RDC", "2019-04", "2023-12"),
    ):
        for _ in range(10):
            day = draw_case(rng, POPULATION, service=code).date.isoformat()
            assert first <= day <= last + "-99"


def test_the_sentence_bank_is_large():
    bank = [pattern for patterns in sentences().values() for pattern in patterns]

    assert len(bank) > 250
    assert len(set(bank)) == len(bank)


def test_old_papers_do_not_cite_young_laws_or_euros():
    rng = Random("old")
    old = 0
    while old < 25:
        case = draw_case(rng, POPULATION)
        if case.date.year >= 2000:
            continue
        old += 1
        paper = compose(case, rng.choice(("relazione_sociale", "determina", "domanda_accesso")))
        text = "\n".join(page.text for page in paginate(paper.blocks, paper.style))
        assert "€" not in text
        assert "328" not in text or "8 novembre 2000" not in text


def test_words_of_neighbouring_spans_stay_apart():
    from faldone.demo.elements import Para, Span, Style

    spans = (Span("a tutela di "), Span(""), Span("LOOR Camila", bold=True), Span(", nata"))
    (page,) = paginate((Para(spans),), Style("prose", "serif", "sans", footer="none"))

    assert page.text == "a tutela di LOOR Camila, nata"
