from __future__ import annotations

from faldone.search.document import Field
from faldone.search.plan import All, Dates, Node, Some, Term, plan, wanted
from faldone.search.query import Query, parse


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
