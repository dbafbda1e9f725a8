"""The person first: cards of those who answer to a name, and what may be seen of one over all services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from faldone.domain.access import EVERYTHING, NOTHING, Access, Sensitivity
from faldone.domain.attribution import PersonMention, Role
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.errors import NotFoundError
from faldone.pipeline.search.dossier import PersonCard, persons, timeline
from faldone.pipeline.search.index import index_pending
from faldone.search.query import parse
from tests.small_archive import Paper, put
from tests.twins import Archive

OLDER = Person(PersonId("u-00000000000a"), "Rossi", "Mario", "RSSMRA50A01D142X", dt.date(1950, 1, 1), residence="Crema")
YOUNGER = Person(
    PersonId("u-00000000000b"), "Rossi", "Mario", "RSSMRA80A01D142X", dt.date(1980, 1, 1), residence="Lodi"
)
ALIAS = Person(PersonId("u-00000000000c"), "D'Angelo", "Anna", "DNGNNA70A41D142X", aliases=("VERDI ANNA",))
NOBODY = Person(PersonId("u-00000000000d"), "Rossi", "Carla", "RSSCRL50A41D142X")
MINORS = Access(frozenset({"TUM"}), None, Sensitivity.GIUDIZIARI)
PAPERS = [
    Paper("decreto", [OLDER], "TUM", date=dt.date(2012, 1, 1)),
    Paper("relazione", [OLDER], "TUM", date=dt.date(2014, 1, 1)),
    Paper("contributo affitto", [OLDER], "ECA", date=dt.date(2016, 1, 1)),
    Paper("contributo mensa", [YOUNGER], "ECA", date=dt.date(2018, 1, 1)),
    Paper("lettera", [ALIAS], "ECA", others=[PersonMention(Role.CITED, "ROSSI MARIO")]),
    Paper("appunto", others=[PersonMention(Role.HOLDER, "NERI UGO")]),
]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    with made.catalog.begin() as work:
        work.save_persons([OLDER, YOUNGER, ALIAS, NOBODY])
    put(made, PAPERS)
    index_pending(made.ports)
    yield made
    made.close()


def cards(archive: Archive, text: str, access: Access = EVERYTHING) -> list[PersonCard]:
    return list(persons(parse(text), access, archive.ports))


@pytest.mark.parametrize("typed", ["rossi mario", "Mario Rossi", "rossi", "utente:rossi", "mario contributo rossi"])
def test_namesakes_are_shown_apart_with_what_tells_them(archive: Archive, typed: str) -> None:
    found = cards(archive, typed)
    assert [(card.id, card.birth_date, card.comune, card.namesakes) for card in found] == [
        (OLDER.id, dt.date(1950, 1, 1), "Crema", True),
        (YOUNGER.id, dt.date(1980, 1, 1), "Lodi", True),
    ]
    assert [card.documents for card in found] == [3, 1]
    assert [(bucket.value, bucket.count) for bucket in found[0].services] == [("tum", 2), ("eca", 1)]
    assert found[0].years == (2012, 2016)


@pytest.mark.parametrize("typed", ["d'angelo anna", "dangelo", "verdi anna", "cf:DNGNNA70A41D142X", "DNGNNA70A41D142X"])
def test_a_person_is_found_by_other_names_and_by_code(archive: Archive, typed: str) -> None:
    assert [card.id for card in cards(archive, typed)] == [ALIAS.id]


def test_the_beginning_of_a_code_is_enough(archive: Archive) -> None:
    assert {card.id for card in cards(archive, "RSSMRA")} == {OLDER.id, YOUNGER.id}
    assert [card.id for card in cards(archive, "rssmra80")] == [YOUNGER.id]


def test_the_beginning_of_a_name_is_enough(archive: Archive) -> None:
    assert {card.id for card in cards(archive, "mario ros*")} == {OLDER.id, YOUNGER.id}


def test_who_is_on_record_without_a_document_has_no_card(archive: Archive) -> None:
    assert cards(archive, "rossi carla") == []


def test_cards_tell_of_permitted_documents_alone(archive: Archive) -> None:
    (card,) = cards(archive, "rossi mario", MINORS)
    assert (card.id, card.documents, card.years, card.namesakes) == (OLDER.id, 2, (2012, 2014), False)
    assert [bucket.value for bucket in card.services] == ["tum"]
    assert cards(archive, "rossi mario", NOTHING) == []


def test_who_is_named_on_papers_only_has_a_card_too(archive: Archive) -> None:
    (card,) = cards(archive, "neri ugo")
    assert (card.id, card.name, card.documents) == (None, "NERI UGO", 1)


def test_words_that_are_no_name_bring_nobody(archive: Archive) -> None:
    assert cards(archive, "contributo mensa") == []
    assert cards(archive, "anno:2014") == []


def test_a_timeline_goes_through_all_services_oldest_first(archive: Archive) -> None:
    told = timeline(OLDER.id, EVERYTHING, archive.ports)
    dates = [entry.document.proposal.date for entry in told.entries]
    assert [date.value.year for date in dates if date] == [2012, 2014, 2016]
    assert {service: len(entries) for service, entries in told.by_service().items()} == {"TUM": 2, "ECA": 1}
    assert (told.card.documents, told.after) == (3, None)


def test_a_timeline_goes_on_from_its_cursor(archive: Archive) -> None:
    seen: list[DocumentId] = []
    after = None
    for _ in range(3):
        told = timeline(OLDER.id, EVERYTHING, archive.ports, limit=1, after=after)
        seen += [entry.document.id for entry in told.entries]
        after = told.after
    assert len(set(seen)) == 3
    assert after is None


def test_a_timeline_has_permitted_documents_alone(archive: Archive) -> None:
    told = timeline(OLDER.id, MINORS, archive.ports)
    assert (len(told.entries), told.card.documents) == (2, 2)


def test_a_person_out_of_sight_is_as_one_who_is_not_there(archive: Archive) -> None:
    def asked(person: PersonId) -> str:
        with pytest.raises(NotFoundError) as error:
            timeline(person, MINORS, archive.ports)
        return error.value.message.replace(person, "ID")

    assert asked(YOUNGER.id) == asked(NOBODY.id) == asked(PersonId("u-ffffffffffff"))
