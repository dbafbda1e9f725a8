"""A reason comes before anything is shown, an emergency ends by itself, and those who answer for it are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from faldone.domain.access import Sensitivity
from faldone.domain.account import Rights
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId
from faldone.pipeline.audit.notices import notices
from faldone.pipeline.audit.story import detail_of
from faldone.web.site import Site
from tests.dossiers import CLOSE, LUCA, fill
from tests.twins import Archive
from tests.web.test_dossiers import pin

Enter = Callable[..., TestClient]
REINFORCED = Rights(None, None, Sensitivity.RAFFORZATA)
NONE = Rights(frozenset({"SAD"}), None, Sensitivity.BASE)
HX = {"HX-Request": "true"}
WHY = "il bambino è in pericolo adesso"


@pytest.fixture(autouse=True)
def papers(archive: Archive) -> list[DocumentId]:
    return fill(archive)


def events(archive: Archive, *types: EventType) -> list[tuple[str, str, dict[str, Any]]]:
    found = archive.catalog.events_of(set(types))
    return [(one.record.agent, one.record.subject, dict(detail_of(one))) for one in found]


def break_glass(client: TestClient, **said: str) -> Any:
    return client.post("/urgenza", data={"note": WHY, "confirmed": "1", **said})


def test_a_reinforced_dossier_asks_for_a_reason_before_anything_of_it_is_shown(enter: Enter, archive: Archive) -> None:
    client = enter("operatore", rights=REINFORCED)
    asked = client.get(f"/fascicoli/{CLOSE.id}?anno=2019")
    assert asked.status_code == 403
    assert "Fascicolo a tutela rafforzata. Scrivi perché ti serve: il motivo resta nel registro." in asked.text
    for hidden in ("NERI", "ADA", "Affido", "affido", "2010", "Tutela minori"):
        assert hidden not in asked.text, hidden
    assert events(archive, EventType.DOSSIER_VIEWED) == []
    given = client.post(
        "/motivo",
        data={"subject": CLOSE.id, "purpose": "colloquio", "note": "Neri", "next": f"/fascicoli/{CLOSE.id}?anno=2019"},
    )
    assert (given.status_code, given.headers["location"]) == (303, f"/fascicoli/{CLOSE.id}?anno=2019")
    ((agent, subject, said),) = events(archive, EventType.REASON_GIVEN)
    assert (agent, subject, said["purpose"]) == ("user:operatore0", CLOSE.id, "colloquio")
    assert said["note"].startswith("sha256:")
    assert "Neri" not in json.dumps(said)
    shown = client.get(given.headers["location"])
    assert "NERI ADA" in shown.text
    assert "Progetto o patto di affido" in shown.text
    ((_, _, viewed),) = events(archive, EventType.DOSSIER_VIEWED)
    assert (viewed["reason"], viewed["purpose"]) == (said["reason"], "colloquio")


def test_over_a_page_the_question_is_a_dialog(enter: Enter) -> None:
    client = enter("operatore", rights=REINFORCED)
    asked = client.get(f"/fascicoli/{CLOSE.id}", headers=HX)
    assert asked.status_code == 403
    assert asked.headers["hx-retarget"] == "#messaggi"
    assert "<dialog" in asked.text
    assert "<html" not in asked.text


def test_a_reason_is_the_accounts_own_and_ends_after_eight_hours(enter: Enter, archive: Archive) -> None:
    client, other = enter("operatore", rights=REINFORCED), enter("operatore", rights=REINFORCED)
    client.post("/motivo", data={"subject": CLOSE.id, "purpose": "istruttoria"})
    assert client.get(f"/fascicoli/{CLOSE.id}").status_code == 200
    assert other.get(f"/fascicoli/{CLOSE.id}").status_code == 403
    archive.clock.pass_by(hours=8, seconds=1)
    again = enter("operatore", name="operatore0", rights=REINFORCED)
    assert again.get(f"/fascicoli/{CLOSE.id}").status_code == 403


def test_a_reason_for_the_person_opens_the_documents_and_one_for_a_document_that_alone(
    enter: Enter, archive: Archive, papers: list[DocumentId]
) -> None:
    client = enter("operatore", rights=REINFORCED)
    client.post("/motivo", data={"subject": papers[5], "purpose": "istruttoria"})
    ((_, subject, _),) = events(archive, EventType.REASON_GIVEN)
    assert subject == papers[5]
    assert client.get(f"/fascicoli/{CLOSE.id}").status_code == 403


def test_no_reason_opens_what_there_is_no_right_to(enter: Enter, archive: Archive, papers: list[DocumentId]) -> None:
    client = enter("operatore")  # GIUDIZIARI at most
    for subject in (CLOSE.id, papers[5], "u-00000000ffff", "d-00000000ffff", "altro", "u-x"):
        answer = client.post("/motivo", data={"subject": subject, "purpose": "istruttoria"})
        assert answer.status_code == 404, subject
        assert "Non trovato, o non visibile con i tuoi permessi" in answer.text
    assert events(archive, EventType.REASON_GIVEN) == []
    seen, unknown = client.get(f"/fascicoli/{CLOSE.id}"), client.get("/fascicoli/u-00000000ffff")
    assert seen.text.replace(CLOSE.id, "") == unknown.text.replace("u-00000000ffff", "")


def test_the_check_of_a_scan_is_a_reason_of_who_takes_papers_in(enter: Enter, archive: Archive) -> None:
    words = "controllo della scansione"
    for role, offered in (("archivista", True), ("operatore", False)):
        client = enter(role, rights=REINFORCED)
        assert (words in client.get(f"/fascicoli/{CLOSE.id}").text) is offered, role
        said = {"subject": CLOSE.id, "purpose": "scansione"}
        assert client.post("/motivo", data=said).status_code == (303 if offered else 422)
        assert client.post("/api/v1/reasons", json=said).status_code == (201 if offered else 409)
    assert len(events(archive, EventType.REASON_GIVEN)) == 2


@pytest.mark.parametrize("purpose", ["", "curiosità", "COLLOQUIO"])
def test_a_reason_that_is_not_of_the_list_is_asked_again(enter: Enter, archive: Archive, purpose: str) -> None:
    client = enter("operatore", rights=REINFORCED)
    answer = client.post("/motivo", data={"subject": CLOSE.id, "purpose": purpose, "note": "perché sì"})
    assert answer.status_code == 422
    assert "Scegli un motivo" in answer.text
    assert "perché sì" in answer.text
    assert events(archive, EventType.REASON_GIVEN) == []


@pytest.mark.parametrize("away", ["https://evil.example/x", "//evil.example", "/\\evil.example", "javascript:x"])
def test_the_way_back_never_leads_out_of_the_site(enter: Enter, away: str) -> None:
    client = enter("operatore", rights=REINFORCED)
    answer = client.post("/motivo", data={"subject": CLOSE.id, "purpose": "colloquio", "next": away})
    assert answer.headers["location"] == f"/fascicoli/{CLOSE.id}"


def test_the_api_takes_a_reason_too(enter: Enter) -> None:
    client = enter("operatore", rights=REINFORCED)
    asked = client.get(f"/api/v1/persons/{CLOSE.id}")
    assert (asked.status_code, asked.json()["error"]["code"]) == (403, "reason-needed")
    given = client.post("/api/v1/reasons", json={"subject": CLOSE.id, "purpose": "autorita", "note": ""})
    assert given.status_code == 201
    assert client.get(f"/api/v1/persons/{CLOSE.id}").json()["surname"] == "Neri"
    assert client.post("/api/v1/reasons", json={"subject": CLOSE.id, "purpose": "x"}).status_code == 422


def test_an_emergency_is_asked_twice_and_says_nothing_of_anybody_before(enter: Enter, archive: Archive) -> None:
    client = enter("operatore", rights=NONE)
    there = client.post("/urgenza", data={"cf": LUCA.cf or "", "note": WHY})
    assert there.status_code == 200
    assert "Accesso d'urgenza per 60 minuti" in there.text.replace("&#39;", "'")
    nobody = client.post("/urgenza", data={"cf": "RSSMRA80A01D142X", "note": WHY})
    assert there.text.replace(str(LUCA.cf), "") == nobody.text.replace("RSSMRA80A01D142X", "")
    assert events(archive, EventType.GLASS_BROKEN, EventType.ACCESS_REFUSED) == []


def test_the_glass_opens_one_persons_papers_for_an_hour(enter: Enter, archive: Archive) -> None:
    client = enter("operatore", rights=NONE)
    assert client.get(f"/fascicoli/{CLOSE.id}").status_code == 404
    answer = break_glass(client, surname="neri", name="Ada", birth_date="2010-07-08")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/fascicoli/{CLOSE.id}")
    assert "NERI ADA" in client.get(f"/fascicoli/{CLOSE.id}").text
    assert client.get(f"/fascicoli/{LUCA.id}").status_code == 404
    ((agent, subject, said),) = events(archive, EventType.GLASS_BROKEN)
    assert (agent, subject, said["purpose"]) == ("user:operatore0", CLOSE.id, "urgenza")
    assert WHY not in json.dumps(said)
    archive.clock.pass_by(minutes=29)
    client.get("/fascicoli")  # who does nothing for half an hour has to enter again
    archive.clock.pass_by(minutes=29)
    assert client.get(f"/fascicoli/{CLOSE.id}").status_code == 200
    archive.clock.pass_by(minutes=2)
    assert client.get(f"/fascicoli/{CLOSE.id}").status_code == 404


@pytest.mark.parametrize(
    "said",
    [
        {"cf": "RSSMRA80A01D142X"},
        {"cf": "u-0000000000a4"},
        {"surname": "Neri", "name": "Ada", "birth_date": "2010-07-09"},
        {"surname": "Neri", "name": "A", "birth_date": "2010-07-08"},
    ],
)
def test_whom_the_data_do_not_prove_is_not_opened(enter: Enter, archive: Archive, said: dict[str, str]) -> None:
    answer = break_glass(enter("operatore", rights=NONE), **said)
    assert answer.status_code == 404
    assert "u-0000000000a4" not in answer.text.replace(said.get("cf", "-"), "")
    assert events(archive, EventType.GLASS_BROKEN) == []
    ((_, subject, detail),) = events(archive, EventType.ACCESS_REFUSED)
    assert (subject, detail) == ("glass", {"rule": "glass"})


def test_an_emergency_without_a_reason_or_a_whole_name_is_no_try(enter: Enter, archive: Archive) -> None:
    client = enter("operatore", rights=NONE)
    assert break_glass(client, cf=str(LUCA.cf), note="  ").status_code == 409
    assert break_glass(client, surname="Neri", name="Ada").status_code == 409
    assert break_glass(client, surname="Neri", name="Ada", birth_date="8 luglio").status_code == 409
    assert events(archive, EventType.GLASS_BROKEN, EventType.ACCESS_REFUSED) == []


def test_after_five_tries_within_an_hour_nothing_is_opened(enter: Enter, archive: Archive) -> None:
    client, other = enter("operatore", rights=NONE), enter("operatore", rights=NONE)
    for _ in range(4):
        assert break_glass(client, cf="RSSMRA80A01D142X").status_code == 404
    assert break_glass(client, cf=str(LUCA.cf)).status_code == 303
    assert break_glass(client, cf=str(LUCA.cf)).status_code == 429
    assert break_glass(other, cf=str(LUCA.cf)).status_code == 303
    archive.clock.pass_by(hours=1, seconds=1)
    client = enter("operatore", name="operatore0", rights=NONE)
    assert break_glass(client, cf=str(LUCA.cf)).status_code == 303


def test_only_those_with_the_ability_and_nobody_at_the_counter_break_the_glass(enter: Enter, site: Site) -> None:
    assert enter("archivista", rights=NONE).get("/urgenza").status_code == 403
    client = enter("operatore", name="sportello", rights=Rights(None, None, Sensitivity.GIUDIZIARI))
    pin(client, site, LUCA.id)
    assert break_glass(client, surname="Neri", name="Ada", birth_date="2010-07-08").status_code == 409
    assert client.get(f"/fascicoli/{CLOSE.id}").status_code == 404


def test_those_who_answer_for_the_archive_are_told_until_each_takes_note(
    enter: Enter, site: Site, archive: Archive
) -> None:
    break_glass(enter("operatore", rights=NONE), cf=str(LUCA.cf))
    manager, auditor = enter("responsabile"), enter("revisore")
    accounts = {one.role.value: one for one in archive.catalog.accounts()}
    (told,) = notices(accounts["revisore"], site.ports)
    assert (told.account, told.full_name, told.person, told.note) == ("operatore0", "Prova operatore", LUCA.id, WHY)
    assert notices(accounts["operatore"], site.ports) == ()
    path = f"/urgenza/avvisi/{told.number}/visto"
    assert enter("operatore", name="altro").post(path).status_code == 403
    assert auditor.post(path, data={"next": "/verifica"}).headers["location"] == "/verifica"
    assert notices(accounts["revisore"], site.ports) == ()
    assert len(notices(accounts["responsabile"], site.ports)) == 1
    manager.post(path)
    manager.post(path)
    assert notices(accounts["responsabile"], site.ports) == ()
    noted = [agent for agent, subject, _ in events(archive, EventType.LEDGER_READ) if subject == told.subject]
    assert noted == ["user:revisore2", "user:responsabile1"]
    assert auditor.post("/urgenza/avvisi/1/visto").status_code == 404


def test_the_notice_says_who_and_when_and_takes_no_name_of_the_person(enter: Enter, app: Any, site: Site) -> None:
    from fastapi import Request

    from faldone.web.render import page

    break_glass(enter("operatore", rights=NONE), cf=str(LUCA.cf))
    enter("revisore")
    auditor = next(one for one in site.ports.catalog.accounts() if one.role.value == "revisore")
    scope = {"type": "http", "app": app, "method": "GET", "path": "/verifica", "headers": [], "query_string": b""}
    shown = page(Request(scope), None, "reasons/_notices.html", notices=notices(auditor, site.ports))
    text = bytes(shown.body).decode()
    assert "Prova operatore" in text
    assert LUCA.id in text
    assert "BIANCHI" not in text
