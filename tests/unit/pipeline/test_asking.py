"""One question and all that is told in return, the same for the page, the API and the command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from faldone.domain.access import EVERYTHING, Access, Sensitivity
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.errors import NotFoundError, QuerySyntaxError
from faldone.pipeline.search.asking import (
    Asker,
    Question,
    ReadAs,
    Reply,
    as_answered,
    asked_text,
    initials,
    keep_asked,
    kept_text,
    only_as_typed,
    query_of,
    reply,
    why,
)
from faldone.pipeline.search.find import find
from faldone.pipeline.search.index import index_pending
from faldone.pipeline.search.person_suggestions import PersonBook
from faldone.pipeline.search.type_ahead import type_ahead
from faldone.search.index import Facet
from faldone.search.query import Sort
from tests.small_archive import Paper, put
from tests.twins import Archive

BIANCHI = Person(PersonId("u-000000000001"), "Bianchi", "Luca", "BNCLCU03E01D142T", residence="Crema")
VERDI = Person(PersonId("u-000000000002"), "Verdi", "Ugo", residence="Lodi")
PAPERS = [
    Paper("affidamento del minore", [BIANCHI], "TUM", "relazione_sociale", dt.date(2014, 3, 12), "12345/2014"),
    Paper("contributo mensa", [BIANCHI, VERDI], "SAD", "relazione_sociale", dt.date(2015, 1, 1)),
    Paper("percorso mensa protetto", [VERDI], "CAV", "relazione_sociale", dt.date(2016, 1, 1)),
]
ALL = Asker.of(EVERYTHING)
RESERVED = Asker.reserved(EVERYTHING)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    with made.catalog.begin() as work:
        work.save_persons([BIANCHI, VERDI])
    yield made
    made.close()


@pytest.fixture
def documents(archive: Archive) -> list[DocumentId]:
    made = put(archive, PAPERS)
    index_pending(archive.ports)
    return made


def told(archive: Archive, question: str | Question, asker: Asker = ALL) -> Reply:
    asked = Question(question) if isinstance(question, str) else question
    query = query_of(asked, asker, archive.ports)
    return reply(query, asker, archive.ports, lambda: PersonBook(archive.catalog), tuple(Facet))


def counts(answer: Reply, facet: Facet) -> dict[str, int]:
    return {bucket.value: bucket.count for bucket in answer.facets.get(facet, ())}


@pytest.mark.parametrize("text", ["", "   ", "x" * 1_001, '"open', "servizio:nonesuch"])
def test_what_is_no_question_says_where(archive: Archive, text: str) -> None:
    with pytest.raises(QuerySyntaxError) as error:
        query_of(Question(text), ALL, archive.ports)
    assert error.value.column >= 1


def test_values_of_one_facet_are_either_and_of_two_both(archive: Archive, documents: list[DocumentId]) -> None:
    either = told(archive, Question("relazione", {Facet.SERVICE: ("tum", "sad")}))
    assert either.answer.total == 2
    assert counts(either, Facet.SERVICE) == {"tum": 1, "sad": 1, "cav": 1}
    assert counts(either, Facet.YEAR) == {"2014": 1, "2015": 1}
    both = told(archive, Question("relazione", {Facet.SERVICE: ("tum", "sad"), Facet.YEAR: ("2015",)}))
    assert [one.document.id for one in both.answer.found] == [documents[1]]


def test_what_is_reserved_is_found_but_not_counted_by_name(archive: Archive, documents: list[DocumentId]) -> None:
    answer = told(archive, "verdi", RESERVED)
    assert (answer.answer.total, answer.closed) == (2, 1)
    assert [one.document.id for one in answer.answer.found] == documents[1:]
    assert counts(answer, Facet.SERVICE) == {"sad": 1}
    assert told(archive, "verdi").closed == 0


@pytest.mark.parametrize("text", ["mensa", "protetto", "verdi protetto", '"ugo verdi"', "verdi -mensa", "verd*"])
def test_what_is_closed_answers_to_no_word_of_it(archive: Archive, documents: list[DocumentId], text: str) -> None:
    answer = told(archive, text, RESERVED)
    assert answer.closed == 0
    assert documents[2] not in {one.document.id for one in answer.answer.found}


def test_what_is_closed_comes_last_one_place_after_the_other(archive: Archive, documents: list[DocumentId]) -> None:
    first = told(archive, Question("verdi", limit=1), RESERVED).answer
    assert (first.total, [one.document.id for one in first.found]) == (2, [documents[1]])
    assert first.after is not None
    rest = told(archive, Question("verdi", limit=1, offset=1), RESERVED).answer
    assert (rest.total, [one.document.id for one in rest.found], rest.after) == (2, [documents[2]], None)


@pytest.mark.parametrize("subject", ["document", "holder"])
def test_what_was_opened_with_a_reason_answers_to_its_words(
    archive: Archive, documents: list[DocumentId], subject: str
) -> None:
    opened = Asker.reserved(EVERYTHING, opened=frozenset({documents[2] if subject == "document" else VERDI.id}))
    answer = told(archive, "protetto", opened)
    assert [one.document.id for one in answer.answer.found] == [documents[2]]
    assert told(archive, "verdi", opened).answer.total == 2


def test_a_word_found_in_another_form_is_told_and_its_bearer_too(archive: Archive, documents: list[DocumentId]) -> None:
    answer = told(archive, "bianki affidamento")
    assert answer.read_as == (ReadAs("bianki", ("bianchi",)),)
    assert [card.id for card in answer.cards] == [BIANCHI.id]
    assert told(archive, "bianchi affidamento").read_as == ()
    assert told(archive, "minori").read_as == ()


def test_the_beginning_of_a_name_finds_its_papers_and_says_so(archive: Archive, documents: list[DocumentId]) -> None:
    answer = told(archive, "bia mensa")
    assert [one.document.id for one in answer.answer.found] == [documents[1]]
    assert (answer.query.begun, answer.read_as, answer.answer.relaxed) == (("bia",), (), False)
    assert [card.id for card in told(archive, "bia").cards] == [BIANCHI.id]
    assert "name" in why(answer.query, answer.answer.found[0])
    assert counts(answer, Facet.SERVICE) == {"sad": 1}


def test_a_name_that_begins_so_comes_before_a_word_spelled_nearly_so(archive: Archive) -> None:
    put(archive, [Paper("foglio bianco senza nome"), Paper("domanda di contributo", [BIANCHI])])
    index_pending(archive.ports)
    answer = told(archive, "bianc")
    assert [[person.name for person in one.record.persons] for one in answer.answer.found] == [["BIANCHI LUCA"], []]
    assert answer.query.begun == ("bianc",)
    assert [card.id for card in answer.cards] == [BIANCHI.id]
    assert told(archive, "bianco").query.begun == ()


@pytest.mark.parametrize("text", ["protet", "verd protet", "ver", "prot"])
def test_a_beginning_is_answered_from_what_may_be_told_alone(
    archive: Archive, documents: list[DocumentId], text: str
) -> None:
    answer = told(archive, text, RESERVED)
    assert documents[2] not in {one.document.id for one in answer.answer.found}
    assert not {"protet", "prot"} & set(answer.query.begun)
    home_care = Asker.of(Access(frozenset({"TUM"}), None, Sensitivity.RAFFORZATA))
    assert told(archive, text, home_care).query.begun == ()


@pytest.mark.parametrize("text", ["ve", "verx", "mensa", "del", "BNCLCU03", "2014", "12345/2014", "verdi ugo"])
def test_what_is_found_or_too_little_to_ask_by_is_no_beginning(
    archive: Archive, documents: list[DocumentId], text: str
) -> None:
    assert told(archive, text).query.begun == ()


def test_the_whole_list_of_a_beginning_is_that_of_its_answer(archive: Archive, documents: list[DocumentId]) -> None:
    query = query_of(Question("bia"), ALL, archive.ports)
    listed = as_answered(query, ALL, archive.ports, lambda: PersonBook(archive.catalog))
    assert find(listed, EVERYTHING, archive.ports).total == told(archive, "bia").answer.total == 2


def test_what_is_closed_gives_away_no_word(archive: Archive, documents: list[DocumentId]) -> None:
    answer = told(archive, "protettto", RESERVED)
    assert answer.answer.total == 0
    assert answer.read_as == ()
    assert "protetto" not in {one.instead for one in answer.meant}
    assert "protetto" in {one.instead for one in told(archive, "protettto").meant}


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("bianchi", {"name"}),
        ("minore", {"text", "service"}),
        ("BNCLCU03E01D142T", {"code"}),
        ("prot 12345/2014", {"protocol"}),
        ("12/03/2014", {"date"}),
        ("servizio:TUM bianchi", {"name", "service"}),
    ],
)
def test_it_is_told_by_what_a_document_answers(
    archive: Archive, documents: list[DocumentId], text: str, because: set[str]
) -> None:
    answer = told(archive, text)
    (first, *_) = (one for one in answer.answer.found if one.document.id == documents[0])
    assert set(why(answer.query, first)) == because


def test_at_the_counter_there_is_one_person(archive: Archive, documents: list[DocumentId]) -> None:
    counter = replace(ALL, pinned=BIANCHI.id)
    answer = told(archive, "mensa", counter)
    assert [one.document.id for one in answer.answer.found] == [documents[1]]
    assert [card.id for card in answer.cards] == [BIANCHI.id]
    assert Facet.PERSON not in answer.facets
    assert told(archive, Question("mensa", {Facet.PERSON: (VERDI.id,)}), counter).answer.total == 0
    assert type_ahead("verd", counter, archive.ports).cards == ()
    assert type_ahead("bian", counter, archive.ports).cards[0].id == BIANCHI.id
    assert "mensa" not in type_ahead("men", counter, archive.ports).texts


@pytest.mark.parametrize(
    "text",
    [
        "mensa verdi",
        "verdl",
        "utente:verdi",
        "ver*",
        "mensa -verdi",
        '"verdi ugo"',
        "ver di",
        "verdiugo",
        "ver",
        f"utente:{VERDI.id}",
    ],
)
def test_at_the_counter_a_paper_of_both_does_not_answer_to_the_others_name(
    archive: Archive, documents: list[DocumentId], text: str
) -> None:
    counter = replace(ALL, pinned=BIANCHI.id)
    answer = told(archive, text, counter)
    assert (answer.answer.total, answer.closed, answer.facets) == (0, 0, {})
    for own in ("bianchi luca mensa", "bian* mensa", "contributo -affidamento", f"utente:{BIANCHI.id} mensa"):
        assert told(archive, own, counter).answer.total == 1, own
    assert told(archive, "BNC LCU 03E01 D142T", counter).answer.total == 2


def test_what_goes_on_a_text_comes_from_what_may_be_told(archive: Archive, documents: list[DocumentId]) -> None:
    assert "luca mensa" in type_ahead("luca men", ALL, archive.ports).texts
    assert "protetto" in type_ahead("prot", ALL, archive.ports).texts
    assert "protetto" not in type_ahead("prot", RESERVED, archive.ports).texts
    minors = Asker.of(Access(frozenset({"TUM"}), None, Sensitivity.GIUDIZIARI))
    assert type_ahead("verd", minors, archive.ports).cards == ()


def test_a_question_is_kept_with_what_it_was_narrowed_to(archive: Archive, documents: list[DocumentId]) -> None:
    narrowed = Question("relazione", {Facet.SERVICE: ("tum",), Facet.YEAR: ("2014",), Facet.PERSON: (BIANCHI.id,)})
    text = kept_text(narrowed, query_of(narrowed, ALL, archive.ports))
    assert text == f'relazione servizio:"tum" anno:"2014" utente:"{BIANCHI.id}"'
    assert [one.document.id for one in told(archive, text).answer.found] == [documents[0]]
    typed = Question("relazione servizio:SAD", {Facet.SERVICE: ("sad",), Facet.YEAR: ("2014", "2015")})
    assert kept_text(typed, query_of(typed, ALL, archive.ports)) == "relazione servizio:SAD"


def test_a_word_is_asked_for_as_typed(archive: Archive, documents: list[DocumentId]) -> None:
    text = only_as_typed(told(archive, "bianki affidamento").query, "bianki")
    assert text == 'affidamento "bianki"'
    assert told(archive, text).answer.total == 0


def test_order_and_place_are_those_that_were_asked_for(archive: Archive, documents: list[DocumentId]) -> None:
    oldest = Question("relazione ordina:recenti", sort=Sort.OLDEST, limit=1)
    first = told(archive, oldest)
    assert [one.document.id for one in first.answer.found] == [documents[0]]
    second = told(archive, replace(oldest, after=first.answer.after))
    third = told(archive, replace(oldest, offset=2))
    assert [one.document.id for one in (*second.answer.found, *third.answer.found)] == documents[1:]


def test_a_search_is_known_to_who_asked_it_for_eight_hours(archive: Archive) -> None:
    asked = keep_asked("bianchi", "rossi.g", ALL, archive.ports)
    assert asked_text(asked, "rossi.g", ALL, archive.ports) == "bianchi"
    for account, asker in (("verdi.u", ALL), ("rossi.g", replace(ALL, pinned=BIANCHI.id))):
        with pytest.raises(NotFoundError):
            asked_text(asked, account, asker, archive.ports)
    at_counter = keep_asked("mensa", "rossi.g", replace(ALL, pinned=BIANCHI.id), archive.ports)
    assert asked_text(at_counter, "rossi.g", replace(ALL, pinned=BIANCHI.id), archive.ports) == "mensa"
    with pytest.raises(NotFoundError):
        asked_text(at_counter, "rossi.g", replace(ALL, pinned=VERDI.id), archive.ports)
    archive.clock.pass_by(hours=8, seconds=1)
    with pytest.raises(NotFoundError):
        asked_text(asked, "rossi.g", ALL, archive.ports)


def test_initials_stand_for_a_name() -> None:
    assert initials("DE ROSSI Maria") == "D. R. M."
