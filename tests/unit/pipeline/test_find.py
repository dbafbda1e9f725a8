"""A question is answered from what the asker may see, by the catalog as it is now."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from faldone.domain.access import EVERYTHING, NOTHING, Access, Sensitivity
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.errors import DocumentNotFoundError, NotFoundError, QuerySyntaxError
from faldone.pipeline.search import result_list as listing
from faldone.pipeline.search.find import all_hits, ask, find, suggestions
from faldone.pipeline.search.index import index_pending
from faldone.pipeline.search.like import like
from faldone.pipeline.search.result_list import note_export, result_list, write_csv
from faldone.pipeline.search.searches import delete_search, save_search, saved_search
from faldone.search.index import Facet
from faldone.search.query import Query, parse
from tests.small_archive import Paper, proposal, put
from tests.twins import Archive

ROSSI = Person(PersonId("u-000000000001"), "Rossi", "Maria", "RSSMRA80A41D142X", residence="Crema")
BIANCHI = Person(PersonId("u-000000000002"), "Bianchi", "Luca", residence="Lodi")
MINORS = Access(frozenset({"TUM"}), None, Sensitivity.GIUDIZIARI)
BASE = Access(None, None, Sensitivity.BASE)
PAPERS = [
    Paper(
        ["prima pagina senza nulla", "affidamento del minore", "ancora affidamento e affidamento"],
        [ROSSI],
        "TUM",
        "relazione_sociale",
        dt.date(2014, 3, 12),
        "1234/2014",
    ),
    Paper("affidamento del servizio mensa", [BIANCHI], "SEG", date=dt.date(2015, 1, 1)),
    Paper("affidamento senza servizio"),
]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    with made.catalog.begin() as work:
        work.save_persons([ROSSI, BIANCHI])
    yield made
    made.close()


@pytest.fixture
def documents(archive: Archive) -> list[DocumentId]:
    made = put(archive, PAPERS)
    index_pending(archive.ports)
    return made


def test_the_best_page_comes_first_with_snippet_and_boxes(archive: Archive, documents: list[DocumentId]) -> None:
    found = find(parse("affidamento minore"), MINORS, archive.ports).found[0]
    assert found.document.id == documents[0]
    assert found.pages[0].index == 1
    assert "«affidamento»" in found.pages[0].snippet
    assert found.pages[0].boxes
    assert found.sizes[1] == (900, 1200)


def test_hits_counts_and_facets_are_of_what_may_be_seen(archive: Archive, documents: list[DocumentId]) -> None:
    query = parse("affidamento")
    facets = (Facet.SERVICE, Facet.PERSON)
    assert find(query, EVERYTHING, archive.ports).total == 3
    assert find(query, NOTHING, archive.ports).total == 0
    answer = find(query, MINORS, archive.ports, facets)
    assert answer.total == 1
    assert {facet: [bucket.value for bucket in buckets] for facet, buckets in answer.facets.items()} == {
        Facet.SERVICE: ["tum"],
        Facet.PERSON: [ROSSI.id],
    }


def test_what_was_moved_out_of_sight_a_moment_ago_is_not_shown(archive: Archive, documents: list[DocumentId]) -> None:
    source = archive.catalog.document(documents[0]).source
    with archive.catalog.begin() as work:
        work.save_proposals(source, [proposal(replace(PAPERS[0], service="ADO"))], archive.clock())
    answer = find(parse("affidamento"), MINORS, archive.ports)
    assert (answer.total, answer.found) == (0, ())
    assert list(result_list(parse("affidamento"), MINORS, archive.ports)) == []


def test_all_hits_go_through_the_document_page_by_page(archive: Archive, documents: list[DocumentId]) -> None:
    found = all_hits(documents[0], parse("affidamento"), MINORS, archive.ports)
    assert [(page.index, len(page.boxes)) for page in found.pages] == [(1, 1), (2, 2)]


@pytest.mark.parametrize("what", ["all_hits", "like"])
def test_a_document_out_of_sight_is_as_one_that_is_not_there(
    archive: Archive, documents: list[DocumentId], what: str
) -> None:
    def asked(document: DocumentId) -> str:
        with pytest.raises(DocumentNotFoundError) as error:
            if what == "like":
                like(document, BASE, archive.ports)
            else:
                all_hits(document, parse("affidamento"), BASE, archive.ports)
        return error.value.message.replace(document, "ID")

    assert asked(documents[0]) == asked(DocumentId("d-nothing"))


def test_a_batch_is_asked_for_by_its_code(archive: Archive, documents: list[DocumentId]) -> None:
    code = archive.catalog.batches()[0].code
    assert find(ask(Query(batch=code), archive.ports), EVERYTHING, archive.ports).total == 3


def test_a_misspelt_word_brings_those_of_visible_documents_alone(archive: Archive) -> None:
    put(archive, [Paper("zampogna suonata in cortile", [ROSSI], "TUM"), Paper("zampa del gatto", [ROSSI], "SEG")])
    index_pending(archive.ports)
    query = parse("zampognna")

    def offered(access: Access) -> set[str]:
        answer = find(query, access, archive.ports)
        return {one.instead for one in suggestions(query, answer, access, archive.ports)}

    assert offered(EVERYTHING) == {"zampogna"}
    assert offered(BASE) == set()


def test_documents_like_another_share_its_telling_words_and_not_its_persons(archive: Archive) -> None:
    alike = "contributo economico per il pagamento delle bollette arretrate Rossi Maria"
    asked, twin, _dossier, *_ = put(
        archive,
        [
            Paper(alike, [ROSSI], "ECA"),
            Paper("contributo economico bollette arretrate pagamento respinto", [BIANCHI], "ECA"),
            Paper("verbale di visita domiciliare Rossi Maria", [ROSSI], "ECA"),
            *(Paper(f"lettera di accompagnamento protocollo {number}", [BIANCHI], "ECA") for number in range(8)),
        ],
    )
    index_pending(archive.ports)
    answer = like(asked, EVERYTHING, archive.ports)
    assert [found.document.id for found in answer.found] == [twin]
    assert answer.total == 1
    assert "«contributo»" in answer.found[0].pages[0].snippet
    assert like(asked, Access(None, frozenset({"crema"}), Sensitivity.RAFFORZATA), archive.ports).found == ()


def test_a_list_is_told_in_full_however_few_are_fetched_at_once(
    archive: Archive, documents: list[DocumentId], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_AT_ONCE", 2)
    rows = list(result_list(parse("affidamento"), EVERYTHING, archive.ports))
    assert {row.id for row in rows} == set(documents)
    row = next(row for row in rows if row.id == documents[0])
    assert (row.file, row.pages, row.holder, row.cf) == ("carta-0000.tif", "1-3", "ROSSI MARIA", ROSSI.cf)
    assert (row.type, row.service, row.date, row.protocol) == (
        "relazione_sociale",
        "TUM",
        dt.date(2014, 3, 12),
        "1234/2014",
    )
    out = StringIO()
    assert write_csv(rows, out) == 3
    read = list(csv.DictReader(StringIO(out.getvalue())))
    assert [line["id"] for line in read] == [row.id for row in rows]
    assert ",".join(read[0]) == "id,file,pages,holder,cf,type,service,date,protocol,band,score"


def test_a_spreadsheet_does_not_take_a_name_for_a_formula(archive: Archive) -> None:
    row = listing.Row("d-1", "=cmd()", "1-1", "", "", "", "", None, "", "auto", -1.5)
    out = StringIO()
    write_csv([row], out)
    assert out.getvalue().splitlines()[1] == "d-1,'=cmd(),1-1,,,,,,,auto,-1.5"


def test_an_export_is_on_the_ledger_without_a_word_of_the_question(archive: Archive) -> None:
    note_export(3, "csv", "anna", archive.ports)
    (entry,) = archive.catalog.events(["search"])
    assert entry.record.type == EventType.SEARCH_EXPORTED
    assert entry.record.agent == "user:anna"


def test_a_kept_search_is_the_account_s_own_and_can_be_replaced_and_deleted(archive: Archive) -> None:
    first = save_search("scaduti", "affidamento dal:2014", "anna", archive.ports)
    again = save_search("scaduti", "affidamento dal:2015", "anna", archive.ports)
    save_search("altro", "mensa", "bruno", archive.ports)
    assert again.id == first.id
    assert saved_search("scaduti", "anna", archive.ports).text == "affidamento dal:2015"
    assert [search.name for search in archive.catalog.saved_searches("anna")] == ["scaduti"]
    with pytest.raises(NotFoundError):
        saved_search("altro", "anna", archive.ports)
    delete_search("scaduti", "anna", archive.ports)
    assert archive.catalog.saved_searches("anna") == ()
    said = "".join(entry.record.detail for entry in archive.catalog.ledger())
    assert "affidamento" not in said
    assert "scaduti" not in said


def test_what_is_no_query_is_not_kept(archive: Archive) -> None:
    with pytest.raises(QuerySyntaxError):
        save_search("rotta", '"aperta', "anna", archive.ports)
