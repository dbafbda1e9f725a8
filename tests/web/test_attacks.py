"""What somebody with an account, or without one, tried against the app and got: each was open once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.requests import Request

from faldone.domain.access import Sensitivity
from faldone.domain.account import ApiToken, GivenReason, Purpose, Rights
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.pipeline.accounts.entering import close_session, resume
from faldone.pipeline.search.index import index_pending
from faldone.web.app import create_app
from faldone.web.caller import NotEnteredError, caller_of, key_of
from faldone.web.pages.counter import pin
from faldone.web.rules import COOKIE
from faldone.web.site import Site
from tests.small_archive import Paper, put
from tests.twins import Archive
from tests.web.conftest import OWN, URL, Enter

OPEN = Person(PersonId("u-000000000001"), "Aperti", "Aldo", residence="Crema")
HIDDEN = Person(PersonId("u-000000000002"), "Nascosti", "Norma", residence="Crema")
PAPERS = [
    Paper("domanda di mensa", [OPEN], "SAD", "relazione_sociale", dt.date(2018, 1, 1)),
    Paper("percorso protetto e mensa", [HIDDEN], "CAV", "relazione_sociale", dt.date(2015, 6, 7)),
    Paper("altra domanda di mensa", [OPEN], "SAD", "relazione_sociale", dt.date(2010, 1, 1)),
]
REINFORCED = Rights(None, None, Sensitivity.RAFFORZATA, intake=True)
IMPORT = "/amministrazione/persone/importa"


@pytest.fixture
def documents(archive: Archive) -> list[DocumentId]:
    with archive.catalog.begin() as work:
        work.save_persons([OPEN, HIDDEN])
    made = put(archive, PAPERS)
    index_pending(archive.ports)
    return made


def subjects(archive: Archive) -> str:
    return " ".join(one.record.subject for one in archive.catalog.events_of(set(EventType), limit=1_000))


# ---- the ledger


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("GET", "/ricerca/simili/norma-nascosti", None),
        ("GET", "/revisione/norma-nascosti", None),
        ("POST", "/revisione/norma-nascosti/poi", {}),
        ("GET", "/api/v1/review/norma-nascosti", None),
        ("POST", "/sportello", {"person": "norma-nascosti"}),
    ],
)
def test_what_is_typed_in_the_place_of_an_id_stays_out_of_the_ledger(
    enter: Enter, archive: Archive, method: str, path: str, data: dict[str, str] | None
) -> None:
    client = enter("responsabile", rights=REINFORCED)
    assert client.request(method, path, data=data).status_code == 404
    assert "nascosti" not in subjects(archive)


def test_an_id_that_nobody_has_is_refused_on_record(enter: Enter, archive: Archive) -> None:
    client = enter("responsabile", rights=REINFORCED)
    assert client.get("/documenti/d-00000000dead").status_code == 404
    assert "d-00000000dead" in subjects(archive)


def test_each_program_that_says_it_saw_a_page_is_on_record(
    enter: Enter, app: FastAPI, archive: Archive, documents: list[DocumentId]
) -> None:
    now = archive.ports.clock()
    for name in ("ada", "bea"):
        enter("operatore", name=name)
        with archive.catalog.begin() as work:
            work.put_token(ApiToken(key_of(f"token-{name}"), name, "prova", now, now + dt.timedelta(days=1)))
        program = TestClient(app, base_url=URL, headers={"authorization": f"Bearer token-{name}"})
        assert program.post(f"/documenti/{documents[0]}/pagine/1/vista").status_code == 204
    agents = {one.record.agent for one in archive.catalog.events_of({EventType.PAGE_SEEN})}
    assert agents == {"user:ada", "user:bea"}


def test_a_page_of_the_review_is_on_record_before_its_text_is_shown(
    enter: Enter, archive: Archive, documents: list[DocumentId]
) -> None:
    client = enter("archivista", rights=REINFORCED)
    shown = client.get(f"/revisione/{documents[0]}/foglio?p=1", headers={"hx-request": "true"})
    assert "mensa" in shown.text
    assert _seen_of(documents[0], archive) == [EventType.PAGE_DELIVERED]
    told = len(archive.catalog.events_of({EventType.LEDGER_READ}))
    assert client.get(f"/api/v1/documents/{documents[0]}/trail").status_code == 200
    assert len(archive.catalog.events_of({EventType.LEDGER_READ})) == told + 1


def test_the_question_before_an_export_is_on_record(
    enter: Enter, archive: Archive, documents: list[DocumentId]
) -> None:
    assert documents
    assert "APERTI" in enter("operatore").get(f"/fascicoli/{OPEN.id}/esporta").text
    assert [one.record.subject for one in archive.catalog.events_of({EventType.DOSSIER_VIEWED})] == [OPEN.id]


def _seen_of(document: DocumentId, archive: Archive) -> list[EventType]:
    found = archive.catalog.events_of({EventType.DOCUMENT_VIEWED, EventType.PAGE_DELIVERED})
    return [EventType(one.record.type) for one in found if document in one.record.subject + one.record.detail]


# ---- reinforced papers


@pytest.mark.parametrize("sort", ["newest", "oldest", "dossier"])
def test_the_place_behind_a_closed_document_tells_neither_its_date_nor_its_name(
    enter: Enter, archive: Archive, sort: str
) -> None:
    with archive.catalog.begin() as work:
        work.save_persons([OPEN])
    put(archive, [replace(one, holders=[OPEN]) for one in PAPERS])
    index_pending(archive.ports)
    client = enter("operatore", rights=REINFORCED)
    after, found = "", []
    for _ in PAPERS:
        said = client.post("/api/v1/search", json={"q": "aperti", "sort": sort, "limit": 1, "after": after}).json()
        found += [one["id"] for one in said["documents"]]
        after = said["after"] or ""
        assert after.isdecimal() or not after
    assert len(set(found)) == len(PAPERS)
    assert not after


@pytest.mark.usefixtures("documents")
def test_the_register_counts_no_paper_that_may_not_be_told_of(enter: Enter, archive: Archive) -> None:
    client = enter("responsabile", name="rosa", rights=REINFORCED)
    assert "CAV" not in client.get(f"/amministrazione/persone/{HIDDEN.id}").text
    assert "SAD: 2" in client.get(f"/amministrazione/persone/{OPEN.id}").text
    merge = {"other": HIDDEN.id}
    assert "1 documenti" not in client.post(f"/amministrazione/persone/{OPEN.id}/unisci", data=merge).text
    now = archive.ports.clock()
    reason = GivenReason("r-1", "rosa", HIDDEN.id, Purpose.CASE_WORK, "", now, now + dt.timedelta(hours=8))
    with archive.catalog.begin() as work:
        work.give_reason(reason)
    assert "CAV: 1" in client.get(f"/amministrazione/persone/{HIDDEN.id}").text


@pytest.mark.usefixtures("documents")
def test_the_audit_names_nobody_whose_dossier_could_not_be_opened_as_things_stand(enter: Enter) -> None:
    client = enter("responsabile", rights=REINFORCED)
    assert "APERTI" in client.get(f"/verifica/persone/{OPEN.id}").text
    assert "NASCOSTI" not in client.get(f"/verifica/persone/{HIDDEN.id}").text


@pytest.mark.usefixtures("documents")
def test_the_register_is_closed_at_the_counter(enter: Enter) -> None:
    client = enter("responsabile", rights=REINFORCED)
    client.post("/sportello", data={"person": OPEN.id})
    answers = [
        client.get(f"/amministrazione/persone/{HIDDEN.id}"),
        client.post("/amministrazione/persone", data={"q": "nascosti"}),
        client.post(f"/amministrazione/persone/{OPEN.id}/unisci", data={"other": HIDDEN.id}),
        client.get("/amministrazione/persone/doppie"),
        client.post(IMPORT, files={"file": ("p.csv", b"cognome,nome\n")}),
    ]
    assert [one.status_code for one in answers] == [403] * len(answers)
    assert not any("NORMA" in one.text.upper() for one in answers)


# ---- sessions


@pytest.mark.usefixtures("documents")
def test_a_session_that_was_ended_meanwhile_does_not_come_back_by_pinning(enter: Enter, site: Site) -> None:
    enter("operatore", name="ada")
    found = resume("secret-of-ada", site.ports)
    assert found is not None
    account, session = found
    caller = caller_of(site, account, session, "", site.ports.clock())
    close_session(session, site.ports)
    with pytest.raises(NotEnteredError):
        pin(caller, OPEN.id)
    assert resume("secret-of-ada", site.ports) is None


# ---- the door of the app


def test_an_origin_that_is_no_address_is_refused(app: FastAPI) -> None:
    with TestClient(app, base_url=URL, headers={"origin": "http://["}, follow_redirects=False) as client:
        assert client.post("/esci").status_code == 403


def test_nobody_is_somebody_else_to_the_limit_of_rates_by_what_they_send_along(site: Site, enter: Enter) -> None:
    enter("operatore", name="ada")
    client = TestClient(create_app(site, per_second=0.001, burst=3), base_url=URL, headers=OWN, follow_redirects=False)
    tricks: list[list[tuple[str, str]]] = [
        [("cookie", f"{COOKIE}=secret-of-ada")],
        [("cookie", f"x=1; {COOKIE}=secret-of-ada")],
        [("cookie", f"{COOKIE}=secret-of-ada"), ("authorization", "Basic 1")],
        [("cookie", f"x=2; {COOKIE}=secret-of-ada"), ("authorization", "Basic 2")],
    ]
    assert [client.get("/profilo", headers=one).status_code for one in tricks] == [200, 200, 200, 429]
    client = TestClient(create_app(site, per_second=0.001, burst=2), base_url=URL, follow_redirects=False)
    tokens: list[list[tuple[str, str]]] = [
        [("authorization", "Bearer t")],
        [("authorization", "bearer  t")],
        [("authorization", "BEARER t"), ("authorization", "Bearer other")],
    ]
    assert [client.get("/api/v1/searches", headers=one).status_code for one in tokens] == [401, 401, 429]


def test_nothing_of_an_import_is_read_before_it_is_known_who_sends_it(
    door: TestClient, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("the form was read")

    monkeypatch.setattr(Request, "form", fail)
    files = {"file": ("p.csv", b"cognome,nome\n")}
    assert door.post(IMPORT, files=files).headers["location"].startswith("/accedi")
    assert enter("operatore").post(IMPORT, files=files).status_code == 403


def test_an_import_has_an_end(enter: Enter) -> None:
    client = enter("archivista")
    assert client.post(IMPORT, content=b"", headers={"content-length": "50000001"}).status_code == 413
    assert client.post(IMPORT, data={"apply": "true"}).status_code == 409


def test_a_form_of_parts_without_end_is_broken_off(enter: Enter) -> None:
    client = enter("archivista")
    part = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\nx\r\n'
    headers = {"content-type": "multipart/form-data; boundary=x"}
    some = client.post("/api/v1/upload", content=part * 210 + b"--x--\r\n", headers=headers)
    assert (some.status_code, len(some.json())) == (200, 210)
    many = client.post("/api/v1/upload", content=part * 500 + b"--x--\r\n", headers=headers)
    assert many.json()["error"]["code"] == "not-a-form"
