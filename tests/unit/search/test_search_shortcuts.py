"""Shorter trees: they lead to what the whole tree leads to."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from faldone.domain.access import EVERYTHING, Access, Sensitivity
from faldone.domain.attribution import Role
from faldone.domain.ids import DocumentId
from faldone.errors import IndexUnavailableError
from faldone.search import plan as rules
from faldone.search.document import Field, SearchDocument, SearchPerson
from faldone.search.index import Facet
from faldone.search.memory import MemoryIndex
from faldone.search.plan import AS_TYPED, HOLDER, All, Best, Fixed, Node, Phrase, Plan, Some, Term
from faldone.search.query import Query, parse
from faldone.search.shortcuts import NOTHING, ahead, breadths, living, matching, spread
from faldone.search.tantivy import TantivyIndex, asking, schema
from tests.unit.search.test_search_plan import nodes

WORDS = ("affido", "affidi", "minore", "minori", "scuola", "casa", "assistenza", "assistente", "rossi", "bianca")
NAMES = ("Rossi Bianca", "Rossi Mario", "Verdi Bianca", "Minori Anna", "Casa Luigi")
QUESTIONS = (
    "affido",
    "minori",
    "rossi",
    "rossi bianca",
    "bianca rossi affido",
    "minore scuola casa",
    "affidi assistenza",
    "assistenze scuole",
    "rossi 2003",
    "casa servizio:SAD",
    "scuola -casa",
    '"casa scuola"',
    "asistenza",
    "l'affido minore",
    "xylofono",
    "rossi xylofono affido",
)


def plan(query: Query) -> Plan:
    return rules.plan(query, EVERYTHING)


def paper(number: int) -> SearchDocument:
    chance = random.Random(number)
    return SearchDocument(
        id=DocumentId(f"d{number:04}"),
        version=1,
        file="f.tif",
        first_page=0,
        last_page=0,
        service=chance.choice(["SAD", "TUM"]),
        type_name=chance.choice(["Relazione di affido", "Verbale"]),
        type=chance.choice(["relazione", "verbale"]),
        date=dt.date(2000, 1, 1) + dt.timedelta(days=number * 7 % 5000),
        persons=(SearchPerson(Role.HOLDER, chance.choice(NAMES)), SearchPerson(Role.PARENT, chance.choice(NAMES))),
        pages=(" ".join(chance.choices(WORDS, range(1, 11), k=chance.randrange(3, 30))),),
    )


@pytest.fixture(scope="module")
def papers() -> list[SearchDocument]:
    return [paper(number) for number in range(300)]


@pytest.fixture(scope="module")
def memory(papers: list[SearchDocument]) -> MemoryIndex:
    made = MemoryIndex()
    made.upsert(papers)
    return made


@pytest.fixture(scope="module")
def index(papers: list[SearchDocument], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TantivyIndex]:
    made = TantivyIndex(tmp_path_factory.mktemp("shortcuts"))
    made.upsert(papers[:180])
    made.upsert(papers[180:])
    yield made
    made.close()


def test_to_count_documents_nothing_is_looked_for_twice() -> None:
    strict = plan(parse("relazioni servizio:TUM -bozza")).strict
    counted = matching(strict)
    found = list(nodes(counted))
    assert not any(isinstance(node, Fixed | Best) for node in found)
    assert len(found) == len(set(found)), "each once"
    assert Term(Field.NAMES, "relazioni") in found
    assert Term(Field.HOLDERS, "relazioni") not in found, "a holder is one of those named"
    assert Term(Field.TEXT, "relazion") in found
    assert Term(Field.WORDS, "relazioni") not in found, "the word has its stem"
    assert Term(Field.WORDS, "della") in list(nodes(matching(plan(parse("della")).strict))), "which a stop word has not"


@pytest.mark.parametrize("text", QUESTIONS)
def test_what_stands_nowhere_is_left_out_and_changes_nothing(memory: MemoryIndex, text: str) -> None:
    steps = plan(parse(text))
    for tree in filter(None, (steps.strict, steps.relaxed)):
        lives = living(tree, memory._documents_with)
        assert memory._run(lives) == memory._run(tree)
        terms = [node for node in nodes(lives) if isinstance(node, Term)]
        assert all(memory._documents_with(term.field, term.value) for term in terms)


def test_a_word_that_stands_nowhere_leaves_nothing(memory: MemoryIndex) -> None:
    dead, alive = Term(Field.WORDS, "xylofono"), Term(Field.WORDS, "affido")
    assert living(All(must=(alive, Fixed(dead, 3.0))), memory._documents_with) == NOTHING
    assert living(All(must=(alive,), without=(dead,)), memory._documents_with) == All(must=(alive,))
    assert living(Phrase(Field.WORDS, ("affido", "xylofono")), memory._documents_with) == NOTHING
    assert living(Some((alive, dead, dead), 2), memory._documents_with) == NOTHING
    assert living(Best((dead, alive)), memory._documents_with) == alive


@pytest.mark.parametrize("text", QUESTIONS)
def test_whoever_is_not_found_ahead_scores_less_than_is_said(memory: MemoryIndex, text: str) -> None:
    def most(field: Field, value: str) -> float:
        return max((entry_score(memory, Term(field, value), key) for key in memory._entries), default=0.0)

    tree = living(plan(parse(text)).strict, memory._documents_with)
    whole = memory._run(tree)
    for first in filter(None, (ahead(tree, least, most) for least in (HOLDER, AS_TYPED))):
        found = memory._run(first.node)
        assert found.items() <= whole.items()
        assert all(score <= first.beyond for key, score in whole.items() if key not in found)


def entry_score(memory: MemoryIndex, node: Node, key: DocumentId) -> float:
    return memory._score(node, memory._entries[key]) or 0.0


def test_names_are_looked_at_before_words_and_words_before_their_stems(memory: MemoryIndex) -> None:
    tree = living(plan(parse("rossi affido")).strict, memory._documents_with)
    names, words = (ahead(tree, least, lambda field, value: 1.0) for least in (HOLDER, AS_TYPED))
    assert names is not None
    assert words is not None
    assert Term(Field.HOLDERS, "rossi") in list(nodes(names.node))
    assert Term(Field.WORDS, "rossi") not in list(nodes(names.node))
    assert Term(Field.WORDS, "rossi") in list(nodes(words.node))
    assert Term(Field.TEXT, "affid") not in list(nodes(words.node))


@pytest.mark.parametrize("text", QUESTIONS)
def test_each_way_through_the_forms_of_words_leads_to_the_same(memory: MemoryIndex, text: str) -> None:
    tree = living(plan(parse(text)).strict, memory._documents_with)
    assert memory._run(spread(tree, memory._documents_with)) == memory._run(tree)


def test_frequent_forms_are_ways_of_their_own(memory: MemoryIndex) -> None:
    affido, minore, rare = (Term(Field.WORDS, word) for word in ("affido", "minore", "bianca"))
    stands = {affido: 100, minore: 90, rare: 10}
    tree = All(must=(Best((affido, Fixed(rare, 12.0))), minore))
    ways = spread(tree, lambda field, word: stands[Term(field, word)])
    assert ways == All(must=(Best((All(must=(affido, minore)), All(must=(Fixed(rare, 12.0), minore)))),))
    many = All(must=tuple(Best((affido, minore)) for _ in range(4)))
    (best,) = spread(many, lambda field, word: stands[Term(field, word)]).must  # type: ignore[union-attr]
    assert len(best.of) == 8, "not more, however many words"
    one = All(must=(Best((affido, rare)),))
    assert spread(one, lambda field, word: stands[Term(field, word)]) == one


def test_how_many_a_tree_finds_is_guessed_from_its_terms(memory: MemoryIndex) -> None:
    affido, rossi = Term(Field.WORDS, "affido"), Term(Field.NAMES, "rossi")
    many, few = (memory._documents_with(term.field, term.value) for term in (affido, rossi))
    assert breadths(All(must=(Fixed(affido, 1.0),), filter=(rossi,)), memory._documents_with) == [many, few]
    assert breadths(Best((affido, rossi)), memory._documents_with) == [many + few]
    assert breadths(All(must=(All(must=(affido, rossi)),)), memory._documents_with) == [min(many, few)]
    assert breadths(rules.Everything(), memory._documents_with) == []


@pytest.mark.parametrize("text", QUESTIONS)
def test_the_first_documents_are_the_same_whether_all_are_scored_or_not(
    index: TantivyIndex, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def walk() -> list[tuple[str, float]]:
        index._current().snapshot().told.clear()
        found, answer = [], index.search(query, EVERYTHING)
        while True:
            found += [(hit.id, hit.score) for hit in answer.hits]
            if answer.after is None:
                return found
            answer = index.search(replace(query, after=answer.after), EVERYTHING)

    query = parse(text, limit=4)
    monkeypatch.setattr(asking, "ahead", lambda *_: None)
    whole = walk()
    monkeypatch.setattr(asking, "ahead", ahead)
    monkeypatch.setattr(asking, "_FEW", 0)
    monkeypatch.setattr(asking, "_COMMON", 0)
    assert walk() == whole


def test_a_question_of_frequent_words_is_answered_without_scoring_all(
    index: TantivyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_FEW", 0)
    monkeypatch.setattr(asking, "_COMMON", 0)
    query = parse("assistenza", limit=4)
    expected = index.search(query, EVERYTHING)
    index._current().snapshot().told.clear()
    monkeypatch.setattr(asking, "_stretch", None)  # what scores all
    assert index.search(query, EVERYTHING) == expected


@pytest.mark.parametrize("text", QUESTIONS)
def test_many_documents_are_counted_beside_the_finding_of_the_first(
    index: TantivyIndex, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def counting(*asked: object) -> int:
        threads.append(threading.current_thread())
        return count(*asked)  # type: ignore[arg-type]

    count = asking._count
    query = parse(text, limit=4)
    index._current().snapshot().told.clear()
    expected = index.search(query, EVERYTHING, tuple(Facet))
    index._current().snapshot().told.clear()
    monkeypatch.setattr(asking, "_FEW", 0)
    monkeypatch.setattr(asking, "_count", counting)
    assert index.search(query, EVERYTHING, tuple(Facet)) == expected
    if text in ("affido", "minori"):
        assert threading.current_thread() not in threads
        index.search(query, EVERYTHING, tuple(Facet))
        assert threads[-1] is threading.current_thread(), "what is known needs no other"


def test_documents_are_counted_beside_for_all_that_are_looked_through(
    index: TantivyIndex, papers: list[SearchDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    def counting(*asked: object) -> int:
        threads.append(threading.current_thread())
        return count(*asked)  # type: ignore[arg-type]

    threads: list[threading.Thread] = []
    count = asking._count
    clerk = Access(frozenset({"SAD"}), None, Sensitivity.RAFFORZATA)
    found = sum("casa" in one.pages[0].split() for one in papers)
    monkeypatch.setattr(asking, "_FEW", found - 1)  # fewer of them are open
    monkeypatch.setattr(asking, "_count", counting)
    index.search(parse("casa", limit=4), clerk, tuple(Facet))
    assert threading.current_thread() not in threads


def test_what_was_found_once_is_not_looked_up_again_to_be_counted(
    index: TantivyIndex, memory: MemoryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = parse("rossi casa", limit=4)
    assert index.search(query, EVERYTHING).total > 4
    monkeypatch.setattr(asking, "matching", None)  # what finds all for counting
    monkeypatch.setattr(asking, "_id", None)  # what is read of the store
    counted = index.search(replace(query, limit=0), EVERYTHING, tuple(Facet))
    assert counted == memory.search(replace(query, limit=0), EVERYTHING, tuple(Facet))


def test_a_phrase_of_frequent_words_is_found_once(
    index: TantivyIndex, memory: MemoryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = parse('"casa scuola"', limit=4)
    expected = memory.search(query, EVERYTHING, tuple(Facet))
    assert expected.total > 30
    monkeypatch.setattr(asking, "_LOOKED_AT", (5, 30))
    monkeypatch.setattr(asking, "_LONG", 1)
    monkeypatch.setattr(asking, "matching", None)  # what finds all for counting
    found = index.search(query, EVERYTHING, tuple(Facet))
    assert (found.total, found.facets) == (expected.total, expected.facets)


def test_where_no_hit_is_wanted_nothing_is_scored(
    index: TantivyIndex, memory: MemoryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "WEIGHT", "nowhere")
    with pytest.raises(IndexUnavailableError):
        index.search(parse("rossi casa"), EVERYTHING)
    query = parse("rossi casa", limit=0)
    assert index.search(query, EVERYTHING).total == memory.search(query, EVERYTHING).total > 0
