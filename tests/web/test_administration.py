from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from faldone.domain.account import AccountRole
from faldone.domain.events import Event, EventType, user_agent
from faldone.domain.ids import PersonId
from faldone.errors import CatalogUnavailableError
from faldone.pipeline.audit.journal import Journal
from tests.twins import Archive

Enter = Callable[..., TestClient]
CSV = "cognome,nome,data_nascita\nBIANCHI,LUCA,2003-05-01\nBIANCHI,LUKA,2003-05-01\nROSSI,ADA,1950-01-01\n"


def ids(archive: Archive) -> dict[str, PersonId]:
    return {person.display_name: person.id for person in archive.catalog.persons()}


def bring_in(client: TestClient, text: str, *, apply: bool) -> str:
    answer = client.post(
        "/amministrazione/persone/importa", files={"file": ("p.csv", text.encode())}, data={"apply": str(apply).lower()}
    )
    assert answer.status_code == 200
    return answer.text


def test_an_import_is_tried_before_it_changes_anything(archive: Archive, enter: Enter) -> None:
    client = enter(AccountRole.ARCHIVIST)
    assert "Solo una prova" in bring_in(client, CSV, apply=False)
    assert not ids(archive)
    assert "Applicata" in bring_in(client, CSV, apply=True)
    assert len(ids(archive)) == 3


def test_a_file_that_is_no_list_is_refused_in_words(archive: Archive, enter: Enter) -> None:
    client = enter(AccountRole.ARCHIVIST)
    for body in (b"\xff\xfe\x00", b"", b"a,b\n1,2\n"):
        answer = client.post("/amministrazione/persone/importa", files={"file": ("p.csv", body)})
        assert answer.status_code in (409, 422), body
    assert not ids(archive)


def test_a_person_is_found_without_a_name_in_the_address(archive: Archive, enter: Enter) -> None:
    client = enter(AccountRole.ARCHIVIST)
    bring_in(client, CSV, apply=True)
    page = client.post("/amministrazione/persone", data={"q": "bianchi"}).text
    assert "BIANCHI LUCA" in page
    assert "ROSSI ADA" not in page


def test_who_brought_the_register_in_is_on_record(archive: Archive, enter: Enter) -> None:
    bring_in(enter(AccountRole.ARCHIVIST, name="ada"), CSV, apply=True)
    (entry,) = archive.catalog.last_events(EventType.PERSONS_IMPORTED, 9)
    assert entry.record.agent == user_agent("ada")


def shown(archive: Archive) -> list[tuple[str, str, str, int]]:
    """By whom, of what, through which door, and how many persons were shown."""
    made = []
    for entry in archive.catalog.events_of({EventType.REGISTER_READ}):
        detail = json.loads(entry.record.detail)
        made.append((entry.record.agent, entry.record.subject, detail["door"], detail["shown"]))
    return made


def test_names_of_the_register_are_on_record_and_nothing_that_was_typed(archive: Archive, enter: Enter) -> None:
    client, agent = enter(AccountRole.ARCHIVIST, name="ada"), user_agent("ada")
    bring_in(client, CSV, apply=True)
    luca, luka = ids(archive)["BIANCHI LUCA"], ids(archive)["BIANCHI LUKA"]
    assert shown(archive) == []
    client.post("/amministrazione/persone", data={"q": "bianchi"})
    client.post("/amministrazione/persone", data={"q": "nessuno"})
    client.get(f"/amministrazione/persone/{luca}")
    client.post(f"/amministrazione/persone/{luca}/unisci", data={"other": luka})
    changed = CSV.replace("data_nascita", "data_nascita,luogo_nascita").replace("01\n", "01,Crema\n")
    bring_in(client, changed, apply=False)
    assert shown(archive) == [
        (agent, "register", "find", 2),
        (agent, luca, "record", 1),
        (agent, luca, "merge", 2),
        (agent, "register", "import", 3),
    ]
    assert not any("bianchi" in entry.record.detail.lower() for entry in archive.catalog.ledger())


def test_names_that_the_ledger_cannot_take_are_not_shown(
    archive: Archive, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter(AccountRole.ARCHIVIST)
    bring_in(client, CSV, apply=True)

    def refuse(*_: object) -> None:
        raise CatalogUnavailableError("no")

    monkeypatch.setattr(Journal, "record", refuse)
    for path in ("/amministrazione/persone", "/persone/suggerimenti"):
        answer = client.post(path, data={"q": "bianchi"})
        assert answer.status_code == 503
        assert "BIANCHI" not in answer.text


def test_persons_are_merged_after_a_look_and_taken_apart_again(archive: Archive, enter: Enter) -> None:
    client = enter(AccountRole.ARCHIVIST)
    bring_in(client, CSV, apply=True)
    luca, luka = ids(archive)["BIANCHI LUCA"], ids(archive)["BIANCHI LUKA"]
    path = f"/amministrazione/persone/{luca}/unisci"
    assert "Anteprima" in client.post(path, data={"other": luka}).text
    assert len(ids(archive)) == 3
    assert client.post(path, data={"other": luka, "apply": "true"}).status_code == 409  # nobody said why
    assert client.post(path, data={"other": luka, "apply": "true", "because": "stessa nascita"}).status_code == 303
    assert len(ids(archive)) == 2
    assert client.post(f"/amministrazione/persone/{luka}/dividi").status_code == 303
    assert len(ids(archive)) == 3


def test_an_administrator_sees_no_persons(archive: Archive, enter: Enter) -> None:
    client = enter(AccountRole.ADMINISTRATOR)
    assert client.get("/amministrazione").status_code == 200
    assert client.get("/amministrazione/persone").status_code == 403


@pytest.mark.parametrize("path", ["/amministrazione", "/amministrazione/servizi", "/amministrazione/caselle"])
def test_the_archive_tells_of_its_parts(path: str, enter: Enter) -> None:
    assert enter(AccountRole.ADMINISTRATOR).get(path).status_code == 200


def test_the_last_verification_has_its_day_and_hour_as_everywhere(archive: Archive, enter: Enter) -> None:
    now = archive.clock()
    with archive.catalog.begin() as work:
        work.record(Event(EventType.ARCHIVE_VERIFIED, "archive", now, user_agent("ada"), detail={"entries": 7}))
    shown = enter(AccountRole.ADMINISTRATOR).get("/amministrazione").text
    assert f"{now.astimezone():%d/%m/%Y %H:%M}: 7 eventi" in shown


def test_the_api_tells_of_the_same_parts(enter: Enter) -> None:
    said = enter(AccountRole.ADMINISTRATOR).get("/api/v1/health").json()
    assert {"disk", "index", "inbox", "engine", "queue"} <= {part["part"] for part in said}
