from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import pytest

from faldone.domain.access import EVERYTHING, Access, Sensitivity
from faldone.domain.attribution import Role
from faldone.domain.ids import DocumentId
from faldone.search import plan as rules
from faldone.search.document import Field, SearchDocument, SearchPerson
from faldone.search.memory import MemoryIndex
from faldone.search.plan import (
    FREQUENT,
    All,
    Dates,
    Fuzzy,
    Node,
    Phrase,
    Plan,
    Prefix,
    Some,
    Term,
    doubted,
    wanted,
)
from faldone.search.query import Query, parse
from faldone.search.understand import NameBook, understand


def plan(query: Query, frequencies: Mapping[str, int] | None = None) -> Plan:
    return rules.plan(query, EVERYTHING, frequencies)


@pytest.mark.parametrize("services", [None, frozenset({"TUM", "SAD"})])
@pytest.mark.parametrize("comuni", [None, frozenset({"crema"})])
@pytest.mark.parametrize("intake", [True, False])
def test_a_rule_of_access_is_terms_of_what_is_open(
    services: frozenset[str] | None, comuni: frozenset[str] | None, *, intake: bool
) -> None:
    for rule in rules.permitted(Access(services, comuni, Sensitivity.GIUDIZIARI, intake=intake)):
        assert all(isinstance(one, Term) for one in (rule.of if isinstance(rule, Some) else [rule]))
    assert rules.permitted(EVERYTHING) == ()


def nodes(node: object) -> Iterator[Node]:
    """A node and all below it."""
    if isinstance(node, tuple):
        for part in node:
            yield from nodes(part)
    elif isinstance(node, Node):
        yield node
        for name in ("must", "filter", "without", "bonus", "of"):
            yield from nodes(getattr(node, name, ()))


def root(node: Node) -> All:
    assert isinstance(node, All)
    return node


def test_filters_stand_beside_the_words_and_stay_when_relaxed() -> None:
    steps = plan(parse("alfa beta gamma servizio:TUM dal:2014 -bozza"))
    strict = root(steps.strict)
    assert len(strict.must) == 3
    assert len(strict.filter) == 2
    assert Dates(20140101, 99991231) in strict.filter
    assert len(strict.without) == 1
    assert steps.relaxed is not None
    relaxed = root(steps.relaxed)
    assert (relaxed.filter, relaxed.without) == (strict.filter, strict.without)
    assert isinstance(relaxed.must[0], Some)
    assert relaxed.must[0].minimum == 2


def test_two_words_are_both_needed() -> None:
    assert plan(parse("alfa beta")).relaxed is None


def test_nothing_to_score_goes_by_date() -> None:
    assert plan(Query()).by_date
    assert plan(parse("servizio:TUM -bozza")).by_date
    assert not plan(parse("relazione")).by_date
    assert not plan(parse("prot:12/2014")).by_date


def test_fuzzy_is_for_words_of_five_letters() -> None:
    fuzzy = {word: wanted([word])[0].units[0].fuzzy for word in ("riva", "rossi", "12345", "a1b2c3", "della")}
    assert fuzzy == {"riva": False, "rossi": True, "12345": False, "a1b2c3": False, "della": False}


def test_words_before_a_number_say_nothing() -> None:
    assert [word.units[0].word for word in wanted(["nota", "prot.", "n.", "1234/2014"])] == ["nota", "1234"]
    assert [word.units[0].word for word in wanted(["protocollo", "sanitario"])] == ["protocollo", "sanitario"]


def test_person_words_must_all_be_names_or_the_code() -> None:
    filters = root(plan(parse('utente:"rossi maria"')).strict).filter
    assert len(filters) == 2
    assert all(isinstance(part, Some) for part in filters)
    assert Term(Field.CF, "rossi") in filters[0].of  # type: ignore[union-attr]


def test_the_filters_of_place_and_state_are_terms() -> None:
    filters = root(plan(parse('lotto:L7 comune:"Spino d\'Adda" scatola:A12 fascia:fermo')).strict).filter
    assert set(filters) == {
        Term(Field.BATCH, "L7"),
        Term(Field.COMUNE, "spino d'adda"),
        Term(Field.BOX, "a12"),
        Term(Field.BAND, "hold"),
    }


def test_a_frequent_word_is_searched_as_it_is_and_a_rare_one_with_errors() -> None:
    query = parse("affidamento provinciale")
    assert doubted(query) == ("affidamento", "provinciale")
    steps = plan(query, {"affidamento": FREQUENT, "provinciale": FREQUENT - 1})
    assert {node.value for node in nodes(steps.strict) if isinstance(node, Fuzzy)} == {"provinciale"}
    cut = {node.terms for node in nodes(steps.strict) if isinstance(node, Phrase) and node.field is Field.WORDS}
    assert ("provin", "ciale") in cut
    assert ("affida", "mento") not in cut


def test_what_is_not_known_to_be_frequent_is_searched_with_errors() -> None:
    fuzzy = {node.value for node in nodes(plan(parse("affidamento")).strict) if isinstance(node, Fuzzy)}
    assert fuzzy == {"affidamento"}


def test_no_node_begins_with_a_wildcard_and_clauses_stay_few() -> None:
    words = "relazione sociale severgnini luisa affidamento"
    steps = plan(understand(parse(words), NameBook(["Severgnini Luisa"])), {})
    assert len(list(nodes(steps.strict))) < 300
    assert not [node for node in nodes(steps.strict) if isinstance(node, Prefix)]


def test_a_code_in_relaxed_questions_is_never_given_up() -> None:
    steps = plan(understand(parse("rssmra80a01f205x relazione inventata")))
    relaxed = root(steps.relaxed or steps.strict)
    assert len(relaxed.must) == 1
    assert Term(Field.CF, "rssmra80a01f205x") in set(nodes(relaxed.must))


@pytest.mark.parametrize("text", ["rssmra nota casa lunga", "3/2014 nota casa lunga"])
def test_what_may_be_something_else_is_given_up_like_any_word(text: str) -> None:
    steps = plan(understand(parse(text)))
    relaxed = root(steps.relaxed or steps.strict)
    assert isinstance(relaxed.must[0], Some)
    assert relaxed.must[0].minimum == 3


def test_of_a_pasted_page_the_beginning_is_looked_for() -> None:
    steps = plan(parse(f'"{"parola " * 900}"'))
    assert max(len(node.terms) for node in nodes(steps.strict) if isinstance(node, Phrase)) == rules.LONGEST_PHRASE


def held(number: int, page: str, *persons: str, date: str = "2014-03-12", **more: object) -> SearchDocument:
    return SearchDocument(
        id=DocumentId(f"d{number}"),
        version=1,
        file=f"{number}.pdf",
        first_page=0,
        last_page=0,
        pages=(page,),
        persons=tuple(SearchPerson(Role.HOLDER, name, cf) for name, _, cf in (p.partition("|") for p in persons)),
        date=dt.date.fromisoformat(date),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def archive() -> MemoryIndex:
    index = MemoryIndex()
    index.upsert(
        [
            held(1, "Relazione sulla casa", "Severgnini Luisa|SVRLSU80A41D142X"),
            held(2, "La signora Severnini riferisce", "Rossi Mario|RSSMRA80A01F205X", date="2015-06-30"),
            held(
                3, "Progetto di affida mento del minore", "Muhammad Ali", date="2016-01-10", protocol_number="1234/2014"
            ),
            held(4, "Si cita il prot. 1234/2014 del 12 marzo 2014", "De Luca Anna", date="2013-05-05"),
            held(5, "Servizio tutelaminori del comune nel 2016", "D'Angelo Maria", date="2012-05-05"),
            held(6, "Nota", "Bianchi Chiara", date="2011-01-01", protocol_number="777"),
        ]
    )
    return index


BOOK = NameBook(["Severgnini Luisa", "Rossi Mario", "Muhammad Ali", "De Luca Anna", "D'Angelo Maria", "Bianchi Chiara"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("severgnini", ["d1", "d2"]),
        ("luisa severgnini", ["d1"]),
        ("Severnini", ["d1", "d2"]),  # the person whose name sounds so, then who is written so on a page
        ("severgnin", ["d1"]),
        ("mohamed", ["d3"]),
        ("bianki kiara", ["d6"]),
        ("deluca", ["d4"]),
        ("dangelo", ["d5"]),
        ("d’angelo", ["d5"]),
        ("D' Angelo", ["d5"]),
        ("affidamento", ["d3"]),
        ("tutela minori", ["d5"]),
        ("rssmra80a01f205x", ["d2"]),
        ("RSS MRA 80A01 F205X", ["d2"]),
        ("rssmra80", ["d2"]),
        ("RSSMRA8OA01F205X", ["d2"]),
        ("RSSMRA80A01F205Z", ["d2"]),
        ("cf:rssmra80", ["d2"]),
        ("1234/2014", ["d3", "d4"]),
        ("prot. n. 0001234/2014", ["d3", "d4"]),
        ("1234-14", ["d3", "d4"]),
        ("prot. 1234", ["d3", "d4"]),
        ("777/2011", ["d6"]),
        ("12/03/2014", ["d1", "d4"]),
        ("marzo 2014", ["d1", "d4"]),
        ("2016", ["d3", "d5"]),
        ("severg*", ["d1"]),
        ("Affid*", ["d3"]),
    ],
)
def test_documents_come_as_people_mean_them(archive: MemoryIndex, text: str, expected: list[str]) -> None:
    query = understand(parse(text), BOOK)
    steps = plan(query, archive.frequencies(doubted(query)))
    found = archive._run(steps.strict)
    assert sorted(found, key=lambda key: -found[key]) == expected


def test_words_by_which_a_document_is_known_find_those_like_it(archive: MemoryIndex) -> None:
    steps = plan(Query(like=("progetto", "minore", "casa", "strada", "ponte")))
    assert set(archive._run(steps.strict)) == {"d3"}
