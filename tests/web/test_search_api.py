"""The API of the search tells what the page tells."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from fastapi.testclient import TestClient

from faldone.domain.access import Sensitivity
from faldone.domain.account import Rights
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.pipeline.search.index import index_pending
from tests.small_archive import Paper, put
from tests.twins import Archive
from tests.web.conftest import Enter

ROSSI = Person(PersonId("u-000000000001"), "Rossi", "Maria", residence="Crema")
BROTHER = Person(PersonId("u-000000000002"), "Rossi", "Dario", residence="Crema")
PAPERS = [
    Paper(
        ["foglio bianco", "affidamento del minore"],
        [ROSSI, BROTHER],
        "TUM",
        "relazione_sociale",
        dt.date(2014, 3, 12),
        box="B-12",
    ),
    Paper("affidamento e contributo", [BROTHER], "SAD", "relazione_sociale", dt.date(2015, 3, 12)),
    Paper("affidamento protetto", [BROTHER], "CAV", "relazione_sociale", dt.date(2016, 3, 12)),
]
HOME_CARE = Rights(frozenset({"SAD"}), None, Sensitivity.GIUDIZIARI)
REINFORCED = Rights(None, None, Sensitivity.RAFFORZATA)


@pytest.fixture
def documents(archive: Archive) -> list[DocumentId]:
    with archive.catalog.begin() as work:
        work.save_persons([ROSSI, BROTHER])
    made = put(archive, PAPERS)
    index_pending(archive.ports)
    return made


def asked(client: TestClient, **question: Any) -> Any:
    answer = client.post("/api/v1/search", json=question)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_answer_has_pages_snippets_boxes_facets_and_persons(enter: Enter, documents: list[DocumentId]) -> None:
    told = asked(enter("operatore", rights=REINFORCED), q="minore rossi")
    (found,) = told["documents"]
    assert (found["id"], found["pages"], found["box"], found["holders"]) == (
        documents[0],
        2,
        "B-12",
        ["ROSSI MARIA", "ROSSI DARIO"],
    )
    (hit,) = found["hits"]
    assert (hit["page"], hit["snippet"], hit["width"]) == (2, "affidamento del «minore»", 900)
    assert len(hit["boxes"]) == 1
    assert {one["id"] for one in told["persons"]} == {ROSSI.id, BROTHER.id}
    assert told["facets"]["service"] == [{"value": "tum", "label": told["facets"]["service"][0]["label"], "count": 1}]


def test_a_closed_document_is_its_id_alone(enter: Enter, documents: list[DocumentId]) -> None:
    told = asked(enter("operatore", rights=REINFORCED), q="rossi dario")
    (*_, found) = told["documents"]
    assert found["closed"]
    assert told["total"] == len(told["documents"]) == 3
    assert {name for name, value in found.items() if value} == {"id", "closed"}
    assert told["closed"] == 1
    assert "cav" not in str(told["facets"])


def test_rights_hold_and_a_cursor_goes_on(enter: Enter, documents: list[DocumentId]) -> None:
    assert [one["id"] for one in asked(enter("operatore", rights=HOME_CARE), q="affidamento")["documents"]] == [
        documents[1]
    ]
    client = enter("operatore", rights=REINFORCED)
    first = asked(client, q="rossi dario", sort="dossier", limit=2)
    rest = asked(client, q="rossi dario", sort="dossier", limit=2, after=first["after"])
    assert rest["after"] is None
    assert {one["id"] for one in (*first["documents"], *rest["documents"])} == set(documents)


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ({"q": 'affidamento "mensa'}, 400),
        ({"q": "   "}, 400),
        ({"q": "x" * 1001}, 422),
        ({"q": "affidamento", "after": "rubbish"}, 400),
        ({"q": "affidamento", "limit": 0}, 422),
        ({"q": "affidamento", "filters": {"colour": ["red"]}}, 422),
        ({"q": "affidamento", "filters": {"year": ["2014"] * 21}}, 422),
        ({"q": "\x00\ud800".encode("utf-8", "replace").decode()}, 400),
        ({"q": "affidamento", "more": 1}, 422),
    ],
)
def test_what_is_no_question_is_refused(
    enter: Enter, documents: list[DocumentId], question: dict[str, Any], status: int
) -> None:
    answer = enter("operatore", rights=REINFORCED).post("/api/v1/search", json=question)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message", "hint"}


def test_who_may_not_search_asks_nothing(enter: Enter, door: TestClient, documents: list[DocumentId]) -> None:
    assert door.post("/api/v1/search", json={"q": "rossi"}).status_code == 401
    assert enter("amministratore").post("/api/v1/search", json={"q": "rossi"}).status_code == 403


def test_kept_searches_are_of_one_account(enter: Enter, documents: list[DocumentId]) -> None:
    mine, other = enter("operatore", rights=HOME_CARE), enter("operatore", rights=HOME_CARE)
    made = mine.post("/api/v1/searches", json={"name": "mense", "text": "mensa scolastica"})
    assert made.status_code == 201
    assert [one["name"] for one in mine.get("/api/v1/searches").json()] == ["mense"]
    assert other.get("/api/v1/searches").json() == []
    address = f"/api/v1/searches/{made.json()['id']}"
    assert other.delete(address).status_code == 404
    assert mine.delete(address).status_code == 204
    assert mine.get("/api/v1/searches").json() == []
    assert mine.post("/api/v1/searches", json={"name": "x", "text": 'aperta "'}).status_code == 400


def test_at_the_counter_others_are_initials(enter: Enter, documents: list[DocumentId]) -> None:
    client = enter("operatore", rights=REINFORCED)
    client.post("/sportello", data={"person": ROSSI.id})
    told = asked(client, q="affidamento")
    assert [(one["id"], one["holders"]) for one in told["documents"]] == [(documents[0], ["ROSSI MARIA", "R. D."])]
    assert [one["id"] for one in told["persons"]] == [ROSSI.id]
    assert asked(client, q="affidamento", filters={"person": [BROTHER.id]})["total"] == 0
    assert client.get(f"/api/v1/documents/{documents[1]}/similar").status_code == 404


def test_documents_like_one_are_told(enter: Enter, documents: list[DocumentId]) -> None:
    answer = enter("operatore", rights=HOME_CARE).get(f"/api/v1/documents/{documents[1]}/similar")
    assert answer.json() == {"documents": []}
