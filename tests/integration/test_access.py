"""Every answer is made of what the asker may see: no word, name, id or count of any other document comes out."""

from __future__ import annotations

import csv
import datetime as dt
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from faldone.domain.access import EVERYTHING, NOTHING, Access, Sensitivity
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.errors import NotFoundError
from faldone.pipeline.search.dossier import persons, timeline
from faldone.pipeline.search.find import all_hits, find, suggestions
from faldone.pipeline.search.index import index_pending
from faldone.pipeline.search.like import like
from faldone.pipeline.search.projection import comune_key, project_all
from faldone.pipeline.search.result_list import result_list, write_csv
from faldone.pipeline.search.searches import save_search, saved_search
from faldone.search.document import SearchDocument
from faldone.search.index import Facet, SearchIndex
from faldone.search.memory import MemoryIndex
from faldone.search.query import Query, parse
from faldone.search.tantivy import TantivyIndex
from tests.small_archive import Paper, put
from tests.twins import Archive

SEED = 20261123
SERVICES = ["SEG", "ECA", "TUM", "AFF", "DIP", "SAD", None]
COMUNI = ["Crema", "Lodi", "Sant'Angelo Lodigiano", None]
TYPES = ["relazione_sociale", "decreto_tm", None]
RULES = {
    "everything": EVERYTHING,
    "nothing": NOTHING,
    "one service": Access(frozenset({"TUM"}), None, Sensitivity.RAFFORZATA),
    "base papers": Access(None, None, Sensitivity.BASE),
    "judicial papers": Access(None, None, Sensitivity.GIUDIZIARI),
    "one comune": Access(None, frozenset({comune_key("Sant'Angelo Lodigiano")}), Sensitivity.RAFFORZATA),
    "two services in a comune": Access(frozenset({"ECA", "SAD"}), frozenset({"crema"}), Sensitivity.PARTICOLARI),
    "intake of a service": Access(frozenset({"AFF"}), None, Sensitivity.RAFFORZATA, intake=True),
    "no service": Access(frozenset(), None, Sensitivity.RAFFORZATA),
    "no comune": Access(None, frozenset(), Sensitivity.RAFFORZATA),
}
SHARED = [
    "relazione",
    "contributo",
    "minore",
    "famiglia",
    "domanda",
    "servizio",
    "visita",
    "lettera",
    "verbale",
    "aiuto",
]


def letters(number: int) -> str:
    """A number as letters, so that it stays one word for every analysis."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")


@dataclass
class World:
    """A small archive, and what the catalog says of each of its documents."""

    archive: Archive
    index: SearchIndex
    documents: dict[DocumentId, SearchDocument]

    @property
    def ports(self) -> Any:
        return replace(self.archive.ports, index=self.index)

    def visible(self, access: Access) -> dict[DocumentId, SearchDocument]:
        """The documents that a rule permits, told without any of the code that is tested."""
        return {
            key: one
            for key, one in self.documents.items()
            if access.permits(one.service, comune_key(one.comune) if one.comune else None, one.sensitivity)
            and not (one.service is None and access.comuni is not None and not access.intake)
        }


def papers(chance: random.Random) -> tuple[list[Person], list[Paper]]:
    people = [
        Person(
            PersonId(f"u-{number:012x}"),
            f"Cognome{letters(number)}" if number % 3 else "Omonimi",
            f"Nome{letters(number)}" if number % 3 else "Mario",
            birth_date=dt.date(1950 + number, 1, 1),
            residence=chance.choice(COMUNI),
        )
        for number in range(24)
    ]
    made = []
    for number in range(70):
        words = [f"segreto{letters(number)}", *chance.choices(SHARED, k=12), f"parola{letters(number)}"]
        made.append(
            Paper(
                [" ".join(words), " ".join(chance.choices(SHARED, k=6))],
                chance.sample(people, chance.choice([0, 1, 1, 1, 2])),
                chance.choice(SERVICES),
                chance.choice(TYPES),
                dt.date(chance.randrange(2000, 2020), 5, 5) if chance.random() < 0.8 else None,
                f"{number + 1000}",
                chance.choice(COMUNI),
                f"scatola{letters(number)}",
            )
        )
    return people, made


@pytest.fixture(scope="module", params=["memory", "tantivy"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("access")
    archive = Archive(folder)
    index: SearchIndex = MemoryIndex() if request.param == "memory" else TantivyIndex(folder / "index")
    people, made = papers(random.Random(SEED))
    with archive.catalog.begin() as work:
        work.save_persons(people)
    documents = put(archive, made)
    ports = replace(archive.ports, index=index)
    index_pending(ports)
    known = archive.catalog.documents_with(documents)
    projected = project_all(list(known.values()), ports)
    yield World(archive, index, {one.id: one for one in projected})
    index.close()
    archive.close()


@pytest.fixture(params=RULES)
def access(request: pytest.FixtureRequest) -> Access:
    return RULES[request.param]


def assert_no_leak(world: World, access: Access, told: object) -> None:
    """Nothing that only forbidden documents have stands in what was told."""
    seen = world.visible(access)
    hidden = {key: one for key, one in world.documents.items() if key not in seen}
    text = repr(told).lower()

    def marks(documents: dict[DocumentId, SearchDocument]) -> set[str]:
        found = set()
        for one in documents.values():
            found |= {one.id, one.file, f"'{one.protocol_number}'", one.box or ""}
            found |= set(re.findall(r"(?:segreto|parola)\w+", one.pages[0]))
            found |= {part for person in one.persons for part in (person.id, *person.name.split()) if part}
        return {mark.lower() for mark in found if mark}

    leaked = {mark for mark in marks(hidden) - marks(seen) if mark in text}
    assert leaked == set()


QUERIES = [
    "relazione",
    "contributo famiglia minore domanda",
    "segretoaaaa",
    "omonimi mario",
    "-visita lettera",
    '"relazione contributo"',
    "cogno*",
    "servizio:TUM",
    "comune:crema",
    "dal:2010 al:2015",
    "prot:1003",
    "contrbuto",
]


@pytest.mark.parametrize("text", QUERIES)
def test_hits_counts_and_facets(world: World, access: Access, text: str) -> None:
    query = replace(parse(text), limit=200)
    seen = world.visible(access)
    everything = find(query, EVERYTHING, world.ports)
    answer = find(query, access, world.ports, tuple(Facet))
    assert_no_leak(world, access, answer)
    shown = {one.document.id for one in answer.found}
    assert shown <= seen.keys()
    assert answer.total == len(shown)
    if not answer.relaxed and not everything.relaxed:
        assert shown == {one.document.id for one in everything.found} & seen.keys()
    of_shown = [seen[document] for document in shown]
    told = {facet: {bucket.value: bucket.count for bucket in buckets} for facet, buckets in answer.facets.items()}
    assert told[Facet.SERVICE] == Counter(one.service.lower() for one in of_shown if one.service)
    assert told[Facet.YEAR] == Counter(str(one.date.year) for one in of_shown if one.date)
    assert told[Facet.COMUNE] == Counter(comune_key(one.comune) for one in of_shown if one.comune)
    assert told[Facet.PERSON] == Counter(person.id for one in of_shown for person in one.persons)


def test_everything_that_is_permitted_is_found(world: World, access: Access) -> None:
    query = Query(limit=200)
    assert {one.document.id for one in find(query, access, world.ports).found} == world.visible(access).keys()


def test_pages_of_a_list_end_where_the_permitted_documents_do(world: World, access: Access) -> None:
    query, told = replace(parse("relazione"), limit=3), []
    while True:
        answer = find(query, access, world.ports)
        told += [one.document.id for one in answer.found]
        if answer.after is None:
            break
        query = replace(query, after=answer.after)
    whole = find(replace(parse("relazione"), limit=200), access, world.ports)
    assert told == [one.document.id for one in whole.found]


@pytest.mark.parametrize("typed", ["segretoaaab", "segrettoaaac", "parolaaabb", "cognomeaaaab", "relazzione"])
def test_suggestions(world: World, access: Access, typed: str) -> None:
    query = parse(typed)
    offered = suggestions(query, find(query, access, world.ports), access, world.ports)
    assert_no_leak(world, access, [one.instead for one in offered])


@pytest.mark.parametrize("typed", ["omonimi", "mario omonimi", "cogno*", "cognomeaaab nomeaaab", "relazione omonimi"])
def test_person_cards(world: World, access: Access, typed: str) -> None:
    seen = world.visible(access).values()
    cards = persons(parse(typed), access, world.ports, limit=100)
    assert_no_leak(world, access, [(card.id, card.name) for card in cards])
    for card in cards:
        own = [one for one in seen if card.id in {person.id for person in one.persons}]
        assert card.documents == len(own) > 0
        assert {bucket.value: bucket.count for bucket in card.services} == Counter(
            one.service.lower() for one in own if one.service
        )
        years = [one.date.year for one in own if one.date]
        assert card.years == ((min(years), max(years)) if years else None)


def test_timelines(world: World, access: Access) -> None:
    seen = world.visible(access)
    for person in world.archive.catalog.persons():
        own = {key for key, one in seen.items() if person.id in {named.id for named in one.persons}}
        if not own:
            with pytest.raises(NotFoundError):
                timeline(person.id, access, world.ports)
            continue
        told = timeline(person.id, access, world.ports)
        assert {entry.document.id for entry in told.entries} == own
        assert told.card.documents == len(own)
        assert_no_leak(world, access, told.entries)


def test_documents_like_another_and_all_hits_in_one(world: World, access: Access) -> None:
    seen = world.visible(access)
    asked: list[Callable[[DocumentId], object]] = [
        lambda document: like(document, access, world.ports, limit=50),
        lambda document: all_hits(document, parse("relazione"), access, world.ports),
    ]
    for document in list(world.documents)[::7]:
        for ask_for in asked:
            if document in seen:
                assert_no_leak(world, access, ask_for(document))
            else:
                with pytest.raises(NotFoundError):
                    ask_for(document)


def test_lists_that_are_taken_elsewhere(world: World, access: Access) -> None:
    rows = list(result_list(Query(), access, world.ports))
    assert {row.id for row in rows} == world.visible(access).keys()
    assert_no_leak(world, access, [asdict(row) for row in rows])
    out = StringIO()
    write_csv(rows, out)
    assert len(list(csv.reader(StringIO(out.getvalue())))) == len(rows) + 1


def test_a_kept_search_shows_what_the_one_who_runs_it_may_see(world: World, access: Access) -> None:
    save_search("tutti", "relazione", "capo", world.ports)
    kept = saved_search("tutti", "capo", world.ports)
    with pytest.raises(NotFoundError):
        saved_search("tutti", "altro", world.ports)
    answer = find(replace(parse(kept.text), limit=200), access, world.ports)
    assert {one.document.id for one in answer.found} <= world.visible(access).keys()
    assert_no_leak(world, access, answer)


def test_the_check_can_fail(world: World) -> None:
    answer = find(Query(limit=200), EVERYTHING, world.ports)
    with pytest.raises(AssertionError):
        assert_no_leak(world, RULES["base papers"], answer)
