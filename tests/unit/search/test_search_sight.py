"""Rules of access in the embedded index: whichever way the open hits are found, they are those that the rule opens."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from faldone.domain.access import EVERYTHING, NOTHING, Access, Sensitivity
from faldone.domain.ids import DocumentId
from faldone.search import cursor
from faldone.search.document import SearchDocument
from faldone.search.index import Facet, Hits
from faldone.search.query import Query, Sort
from faldone.search.tantivy import TantivyIndex, asking, sight

SERVICES, TOWNS = ("SAD", "TUM", "adm", None), ("Crema", "Castel Leone", None)

RULES = (
    EVERYTHING,
    NOTHING,
    Access(None, None, Sensitivity.GIUDIZIARI, intake=True),
    Access(None, None, Sensitivity.RAFFORZATA),
    Access(frozenset({"SAD"}), None, Sensitivity.RAFFORZATA),
    Access(frozenset({"sad", "ADM", "TUM"}), frozenset({"crema"}), Sensitivity.PARTICOLARI),
    Access(frozenset({"SAD", "TUM"}), frozenset({"crema", "castel leone"}), Sensitivity.GIUDIZIARI, intake=True),
    Access(frozenset({"SAD", "TUM", "ADM"}), frozenset({"crema", "castel leone"}), Sensitivity.RAFFORZATA),
    Access(None, frozenset({"castel leone"}), Sensitivity.BASE, intake=True),
    Access(frozenset(), None, Sensitivity.RAFFORZATA, intake=True),
    Access(frozenset({"elsewhere"}), frozenset({"nowhere"}), Sensitivity.RAFFORZATA),
)


def paper(number: int, service: str | None, town: str | None, level: Sensitivity) -> SearchDocument:
    chance = random.Random(number)
    return SearchDocument(
        id=DocumentId(f"d{number:04}"),
        version=1,
        file="f.tif",
        first_page=0,
        last_page=0,
        type=chance.choice(["relazione", "verbale"]),
        service=service,
        date=dt.date(2000, 1, 1) + dt.timedelta(days=number * 7 % 5000),
        pages=(" ".join(chance.choices(["affido", "minore", "scuola", "casa"], k=4)),),
        comune=town,
        sensitivity=level,
    )


@pytest.fixture(scope="module")
def papers() -> list[SearchDocument]:
    chance = random.Random(7)
    kinds = list(itertools.product(SERVICES, TOWNS, Sensitivity))
    return [paper(number, *kind) for number, kind in enumerate(chance.choices(kinds, k=200) + kinds)]


@pytest.fixture(scope="module")
def index(papers: list[SearchDocument], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TantivyIndex]:
    made = TantivyIndex(tmp_path_factory.mktemp("sight"))
    for at in range(0, len(papers), 90):  # several segments
        made.upsert(papers[at : at + 200])
    yield made
    made.close()


def permits(access: Access, one: SearchDocument) -> bool:
    keyed = access if access.services is None else replace(access, services=frozenset(map(str.lower, access.services)))
    service, town = (value and value.lower() for value in (one.service, one.comune))
    return keyed.permits(service, town, one.sensitivity)


QUERIES = tuple(
    Query(words=words, sort=sort, limit=limit)
    for words in ((), ("affido",), ("minore", "scuola", "zzzz"), ("casa",))
    for sort in (Sort.RELEVANCE, Sort.NEWEST, Sort.DOSSIER)
    for limit in (0, 3, 40)
)


@pytest.mark.parametrize("looked_at", [(0, 0), (1, 30), (40, 400), (5_000, 5_000)])
@pytest.mark.parametrize("access", RULES)
def test_whoever_asks_gets_what_everybody_gets_less_what_is_closed(
    access: Access,
    looked_at: tuple[int, int],
    index: TantivyIndex,
    papers: list[SearchDocument],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "_LOOKED_AT", looked_at)
    known = {one.id: one for one in papers}
    for query in QUERIES:
        index._current().snapshot().told.clear()
        answer = index.search(query, access, tuple(Facet))
        everything = index.search(replace(query, limit=1_000), EVERYTHING)
        assert all(permits(access, known[hit.id]) for hit in answer.hits), query
        assert sum(one.count for one in answer.facets[Facet.YEAR]) == answer.total, query
        if answer.relaxed != everything.relaxed:
            continue  # what has all the words is closed: others answer
        expected = [hit for hit in everything.hits if permits(access, known[hit.id])]
        assert (answer.total, list(answer.hits)) == (len(expected), expected[: query.limit]), query
        towns = Counter(known[hit.id].comune for hit in expected)
        counted = {one.value: one.count for one in answer.facets[Facet.COMUNE]}
        assert counted == {town.lower(): count for town, count in towns.items() if town}, query
        assert (answer.after is not None) is (len(expected) > query.limit) or not query.limit, query
        if query.limit == 40:
            assert walk(index, query, access) == [hit.id for hit in expected], query


def walk(index: TantivyIndex, query: Query, access: Access) -> list[str]:
    """All that is found, page after page."""
    found: list[str] = []
    answer: Hits = index.search(query, access)
    while True:
        found += [hit.id for hit in answer.hits]
        if answer.after is None:
            return found
        answer = index.search(replace(query, after=answer.after), access)
    return found


@pytest.mark.parametrize("access", RULES)
def test_terms_are_looked_up_one_by_one_or_as_a_set(
    access: Access, index: TantivyIndex, papers: list[SearchDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = index._current().snapshot()
    for many in (1, 100):
        monkeypatch.setattr(sight, "_MANY", many)
        snapshot.opened.clear()
        snapshot.told.clear()
        answer = index.search(Query(words=("affido",), limit=0), access, tuple(Facet))
        seen = [one for one in papers if "affido" in one.pages[0] and permits(access, one)]
        assert answer.total == sum(one.count for one in answer.facets[Facet.YEAR]) == len(seen)
    snapshot.opened.clear()


def test_where_the_first_are_closed_the_first_open_ones_are_told_without_scoring_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = TantivyIndex(tmp_path)
    closed = [replace(paper(number, "TUM", None, Sensitivity.BASE), pages=("casa casa",)) for number in range(40)]
    others = [replace(paper(number, "SAD", None, Sensitivity.BASE), pages=("case",)) for number in range(40, 50)]
    opened = [replace(paper(number, "SAD", None, Sensitivity.BASE), pages=("casa e no",)) for number in range(50, 80)]
    index.upsert(closed + others + opened)
    clerk, query = Access(frozenset({"SAD"}), None, intake=True), Query(words=("casa",), limit=2)
    expected = index.search(query, clerk)
    assert expected.total == 40
    index._current().snapshot().told.clear()
    monkeypatch.setattr(asking, "_FEW", 0)
    monkeypatch.setattr(asking, "_COMMON", 0)
    monkeypatch.setattr(asking, "_stretch", None)  # what scores all
    assert index.search(query, clerk) == expected
    index.close()


def test_what_was_counted_for_one_is_not_told_to_another(index: TantivyIndex, papers: list[SearchDocument]) -> None:
    query = Query(words=("affido",), limit=5)
    for access in (*RULES, *reversed(RULES)):
        answer = index.search(query, access, (Facet.SERVICE,))
        seen = [one for one in papers if "affido" in one.pages[0] and permits(access, one)]
        assert answer.total == len(seen)
        services = Counter(one.service.lower() for one in seen if one.service)
        assert {one.value: one.count for one in answer.facets[Facet.SERVICE]} == services


def test_a_cursor_from_elsewhere_does_not_change_what_is_counted(index: TantivyIndex) -> None:
    access, facets = RULES[2], tuple(Facet)
    query = Query(words=("affido",), sort=Sort.OLDEST, limit=5)
    whole = index.search(query, access, facets)
    index._current().snapshot().told.clear()
    days = dt.date(2011, 1, 1).toordinal() << 40
    later = index.search(replace(query, after=cursor.encode(Sort.OLDEST, days, 0)), access, facets)
    assert later.hits != whole.hits
    assert (later.total, later.facets) == (whole.total, whole.facets)


def test_a_service_that_no_paper_had_before_is_closed_to_whom_it_was_not_given(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    clerk = Access(frozenset({"SAD"}), None, Sensitivity.RAFFORZATA)
    index.upsert([paper(1, "SAD", None, Sensitivity.BASE)])
    assert index.search(Query(), clerk).total == 1  # all there is is open
    index.upsert([paper(2, "TUM", None, Sensitivity.BASE), paper(3, None, None, Sensitivity.BASE)])
    assert [hit.id for hit in index.search(Query(), clerk).hits] == ["d0001"]
    assert index.search(Query(), EVERYTHING).total == 3
    index.upsert([replace(paper(1, "TUM", None, Sensitivity.BASE), version=2)])
    assert index.search(Query(), clerk) == Hits(0)
    index.close()
