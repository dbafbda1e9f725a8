"""Verifica: the stories, who saw what, and the verification of the whole archive."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pypdfium2
import pytest
from fastapi.testclient import TestClient

from faldone.domain.access import Sensitivity
from faldone.domain.account import Ability, Purpose, Rights
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, Outcome, user_agent
from faldone.domain.ids import DocumentId, PersonId, page_id
from faldone.domain.person import Person
from faldone.pipeline.accounts.access_reasons import give
from faldone.pipeline.accounts.accounts import account_event
from faldone.pipeline.audit.audit import Proved
from faldone.pipeline.audit.story import READING
from faldone.pipeline.audit.verification import Progress, Verification
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.index import index_pending
from faldone.web import auditing
from faldone.web.dossiers import jobs_of
from faldone.web.site import Site
from tests.small_archive import Paper, put
from tests.twins import Archive
from tests.web.conftest import ALL, Enter

ROSSI = Person(PersonId("u-00000000000a"), "Rossi", "Mario", "RSSMRA50A01D142G")
VERDI = Person(PersonId("u-00000000000b"), "Verdi", "Anna", "VRDNNA70A41D142X")


@pytest.fixture
def papers(archive: Archive) -> list[DocumentId]:
    """Two documents of Rossi, the first of two pages, and one of Verdi."""
    with archive.catalog.begin() as work:
        work.save_persons([ROSSI, VERDI])
    made = put(
        archive,
        [
            Paper(["uno", "due"], [ROSSI], "anziani", "relazione_sociale", comune="Crema"),
            Paper("tre", [ROSSI], "anziani", comune="Crema"),
            Paper("quattro", [VERDI], "anziani", comune="Crema"),
        ],
    )
    index_pending(archive.ports)
    return made


@pytest.fixture
def auditor(enter: Enter, papers: list[DocumentId]) -> TestClient:
    return enter("revisore", name="vera", rights=Rights())


@pytest.fixture(autouse=True)
def no_jobs_left(site: Site) -> Iterator[None]:
    yield
    jobs_of(site).close()


def look(archive: Archive, kind: EventType, subject: str, by: str = "anna", **detail: str | int | None) -> None:
    with archive.catalog.begin() as work:
        work.record(Event(kind, subject, archive.clock(), user_agent(by), Outcome.SUCCESS, detail))
    archive.clock.pass_by(seconds=1)


def numbers(html: str) -> list[int]:
    """The numbers of the events that a table tells of."""
    return [int(found.replace(".", "")) for found in re.findall(r"#([0-9.]+)</td>", html)]


def recorded(archive: Archive, kind: EventType) -> list[tuple[str, str]]:
    return [(one.record.agent, one.record.subject) for one in reversed(archive.catalog.last_events(kind, 99))]


def on_record(archive: Archive) -> None:
    """Puts on the ledger what it should say of the accounts that the test made."""
    with archive.catalog.begin() as work:
        for account in archive.catalog.accounts():
            work.record(account_event(account, archive.clock(), AGENT))


def finished(client: TestClient, path: str) -> str:
    """The page of a run when it has ended."""
    for _ in range(200):
        page = client.get(path).text
        if "progressbar" not in page:
            return page
        time.sleep(0.05)
    raise AssertionError("the verification does not end")


@pytest.mark.parametrize("role", ["operatore", "archivista", "amministratore"])
def test_only_who_audits_comes_in(enter: Enter, role: str) -> None:
    client = enter(role)
    for path in ("", "/accessi", "/prove", "/utenti/anna", "/persone/u-1", "/accessi/rapporto", "/prove/x/rapporto"):
        assert client.get(f"/verifica{path}").status_code == 403
    for path in ("access", "persons/u-1", "documents/d-1", "batches/x", "accounts/x", "verifications/x"):
        assert client.get(f"/api/v1/audit/{path}").status_code == 403
    assert client.post("/api/v1/audit/verifications").status_code == 403
    assert client.post("/verifica/prove").status_code == 403


def test_one_box_has_four_doors(auditor: TestClient, archive: Archive, papers: list[DocumentId]) -> None:
    (batch,) = archive.catalog.batches()
    page = page_id(archive.catalog.document(papers[0]).source, 1)
    for typed, path in (
        (papers[0], f"documenti/{papers[0]}"),
        (page, f"documenti/{papers[0]}"),
        (" Crema ", f"lotti/{batch.id}"),
        (batch.id, f"lotti/{batch.id}"),
        (ROSSI.id, f"persone/{ROSSI.id}"),
        (str(ROSSI.cf).lower(), f"persone/{ROSSI.id}"),
        ("vera", "utenti/vera"),
    ):
        answer = auditor.post("/verifica", data={"q": typed})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/verifica/{path}")
        assert auditor.get(answer.headers["location"]).status_code == 200


def test_what_was_typed_is_in_no_address_and_a_name_opens_no_door(auditor: TestClient) -> None:
    answer = auditor.post("/verifica", data={"q": "Rossi Mario"})
    assert answer.status_code == 404
    assert "Nessun documento, lotto, persona o operatore" in answer.text


def test_a_story_tells_the_ledger_and_reading_it_is_on_record(
    auditor: TestClient, archive: Archive, papers: list[DocumentId]
) -> None:
    look(archive, EventType.DOCUMENT_DECIDED, papers[0], type="relazione_sociale")
    look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    page = auditor.get(f"/verifica/documenti/{papers[0]}")
    expected = [one.sequence for one in archive.catalog.events([papers[0]])]
    assert numbers(page.text) == expected[:-1]
    assert recorded(archive, EventType.LEDGER_READ)[-1] == (user_agent("vera"), papers[0])
    assert f"Aperto il documento {papers[0]}." in page.text


def test_an_auditor_without_rights_reads_no_name_and_no_title(
    auditor: TestClient, papers: list[DocumentId], archive: Archive
) -> None:
    look(archive, EventType.DOSSIER_VIEWED, ROSSI.id)
    page = auditor.get(f"/verifica/persone/{ROSSI.id}").text
    assert "la persona cercata" in page
    assert "rossi" not in page.lower()
    assert "RSSMRA" not in page
    assert "rossi" not in auditor.get(f"/verifica/documenti/{papers[0]}").text.lower()


def test_an_auditor_with_rights_reads_the_name_on_the_page_and_not_in_its_title(
    enter: Enter, papers: list[DocumentId]
) -> None:
    client = enter("revisore", name="dora", rights=ALL, also=frozenset({Ability.SEARCH}))
    page = client.get(f"/verifica/persone/{ROSSI.id}").text
    assert "ROSSI MARIO" in page
    title = re.search("<title>(.*?)</title>", page)
    assert title is not None
    assert "ROSSI" not in title[1]
    none = enter(
        "revisore", name="nora", rights=Rights(frozenset(), None, Sensitivity.BASE), also=frozenset({Ability.SEARCH})
    )
    assert "ROSSI" not in none.get(f"/verifica/persone/{ROSSI.id}").text


def test_what_is_not_there_is_not_found(auditor: TestClient) -> None:
    for path in ("documenti/d-000000000000", "lotti/nessuno", "persone/u-nessuno", "utenti/nessuno"):
        assert auditor.get(f"/verifica/{path}").status_code == 404
        assert auditor.get(f"/verifica/{path}/rapporto").status_code == 404


def test_an_account_has_its_story_page_by_page_and_by_days(
    auditor: TestClient, archive: Archive, papers: list[DocumentId], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldone.web.pages.audit._LINES", 2)
    for _ in range(3):
        look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    first = auditor.get("/verifica/utenti/anna").text
    (more,) = re.findall(r'href="(/verifica/utenti/anna\?dopo=[^"]*)"', first)
    second = auditor.get(more).text
    expected = [one.sequence for one in archive.catalog.events_by(user_agent("anna"))]
    assert numbers(first) + numbers(second) == expected
    tomorrow = (archive.clock() + dt.timedelta(days=2)).date()
    assert numbers(auditor.get(f"/verifica/utenti/anna?dal={tomorrow}&al=").text) == []


def test_the_table_of_accesses_is_the_ledger_and_csv_and_pdf_agree_with_it(
    auditor: TestClient, archive: Archive, papers: list[DocumentId]
) -> None:
    source = archive.catalog.document(papers[0]).source
    give("anna", ROSSI.id, Purpose.INTERVIEW, "con Mario Rossi", archive.ports)
    archive.clock.pass_by(seconds=1)
    look(archive, EventType.DOSSIER_VIEWED, ROSSI.id)
    look(archive, EventType.PAGE_DELIVERED, page_id(source, 0), document=papers[0])
    look(archive, EventType.PAGE_DELIVERED, page_id(source, 1), document=papers[0])
    look(archive, EventType.PAGE_SEEN, page_id(source, 0), document=papers[0])
    look(archive, EventType.DOCUMENT_VIEWED, papers[2])
    today = archive.clock().astimezone().date()
    answer = auditor.post("/verifica/accessi", data={"persona": ROSSI.id, "dal": str(today), "al": str(today)})
    assert answer.status_code == 303
    path = answer.headers["location"]
    table = auditor.get(path).text
    subjects = [ROSSI.id, papers[0], papers[1], page_id(source, 0), page_id(source, 1)]
    ledger = [one for one in archive.catalog.events(subjects) if EventType(one.record.type) in READING]
    assert numbers(table) == [one.sequence for one in ledger]
    assert table.count(">solo consegnata<") == 1
    assert table.count(">vista<") == 2
    assert table.count("<td>colloquio</td>") == 5
    assert "Mario" not in table

    query = urlsplit(path).query
    made = auditor.get(f"/verifica/accessi/rapporto?{query}&forma=csv")
    rows = list(csv.reader(io.StringIO(made.content.decode("utf-8-sig")), delimiter=";"))[1:]
    assert [int(row[0]) for row in rows] == numbers(table)
    assert [row[8] for row in rows] == ["", "", "vista", "solo consegnata", "vista"]
    file = auditor.get(f"/verifica/accessi/rapporto?{query}&forma=pdf")
    document = pypdfium2.PdfDocument(file.content)
    text = "\n".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
    assert all(row[1] in text and row[0] in text for row in rows)
    assert "solo consegnata" in text
    assert Digest.of(made.content).hex in text
    assert file.headers["content-disposition"] == 'attachment; filename="accessi-senza-miniature.pdf"'
    assert recorded(archive, EventType.REPORT_EXPORTED) == [(user_agent("vera"), ROSSI.id)] * 2


def test_thumbnails_are_not_among_the_accesses_until_they_are_asked_for(
    auditor: TestClient, archive: Archive, papers: list[DocumentId]
) -> None:
    shown = page_id(archive.catalog.document(papers[0]).source, 0)
    look(archive, EventType.PAGE_DELIVERED, shown, document=papers[0], size="thumbnail")
    look(archive, EventType.PAGE_DELIVERED, shown, document=papers[0], size="page")
    path = f"/verifica/accessi?documento={papers[0]}"
    few = auditor.get(path).text
    assert "Miniature mandate, qui non elencate: 1." in few
    assert few.count("pagina consegnata") == 1
    assert "(miniatura)" not in few
    (more,) = re.findall(r'href="(/verifica/accessi[^"]*miniature=1)"', few)
    whole = auditor.get(more.replace("&amp;", "&")).text
    assert whole.count("pagina consegnata") == 2
    assert "(miniatura)" in whole
    assert "qui non elencate" not in whole
    ticked = auditor.post("/verifica/accessi", data={"documento": papers[0], "miniature": "1"})
    assert ticked.headers["location"] == f"{path}&miniature=1"
    for query, name, count in (("", "accessi-senza-miniature", 1), ("&miniature=1", "accessi", 2)):
        file = auditor.get(f"/verifica/accessi/rapporto?documento={papers[0]}{query}&forma=csv")
        assert file.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
        assert len(file.text.splitlines()) == 1 + count
    assert len(auditor.get(f"/api/v1/audit/access?document={papers[0]}").json()["rows"]) == 2
    told = auditor.get(f"/api/v1/audit/access?document={papers[0]}&thumbnails=false").json()
    assert (len(told["rows"]), told["left_out"]) == (1, 1)


def test_who_may_not_search_is_not_sent_to_the_search(enter: Enter, papers: list[DocumentId]) -> None:
    for role, said, unsaid in (
        ("revisore", "Qui non si cerca per nome", "si cercano in Ricerca"),
        ("responsabile", "si cercano in Ricerca", "Qui non si cerca per nome"),
    ):
        page = enter(role, name=f"di-{role}").post("/verifica", data={"q": "Bianchi"}).text
        assert said in page
        assert unsaid not in page


def test_times_are_written_in_one_form_and_with_seconds_where_their_order_matters(
    auditor: TestClient, archive: Archive, papers: list[DocumentId]
) -> None:
    look(archive, EventType.ARCHIVE_VERIFIED, "archive", entries=1, findings=0)
    at = archive.clock().astimezone()
    look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    for path in (f"/verifica/documenti/{papers[0]}", f"/verifica/accessi?documento={papers[0]}"):
        assert f">{at:%d/%m/%Y %H:%M:%S}<" in auditor.get(path).text
    assert re.search(r">\d\d/\d\d/\d{4} \d\d:\d\d</time>, operatore", auditor.get("/verifica").text)
    made = auditor.get(f"/verifica/accessi/rapporto?documento={papers[0]}&forma=csv").text
    assert f"{at.astimezone(dt.UTC):%d/%m/%Y %H:%M:%S}" in made


def test_a_person_may_be_asked_for_by_code_without_the_code_in_the_address(
    auditor: TestClient, papers: list[DocumentId]
) -> None:
    answer = auditor.post("/verifica/accessi", data={"persona": ROSSI.cf})
    assert answer.headers["location"] == f"/verifica/accessi?persona={ROSSI.id}"
    for field in ("persona", "documento", "operatore"):
        assert auditor.post("/verifica/accessi", data={field: "Rossi"}).status_code == 404


def test_an_address_with_a_code_means_what_the_form_means_by_it(
    auditor: TestClient, archive: Archive, papers: list[DocumentId]
) -> None:
    for path, more in (("/verifica/accessi", ""), ("/verifica/accessi/rapporto", "&forma=csv")):
        answer = auditor.get(f"{path}?persona={ROSSI.cf}{more}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?persona={ROSSI.id}{more}")
    # The ledger knows of papers that are no more.
    assert auditor.get("/verifica/accessi?documento=d-000000000000").status_code == 200


def test_a_field_that_means_nothing_says_so_beside_it_and_the_form_is_kept(
    auditor: TestClient, papers: list[DocumentId]
) -> None:
    typed = {"persona": "Rossi", "documento": papers[0], "dal": "2024-01-02", "motivo": "colloquio"}
    query = "&".join(f"{field}={text}" for field, text in typed.items())
    for answer in (auditor.post("/verifica/accessi", data=typed), auditor.get(f"/verifica/accessi?{query}")):
        assert answer.status_code == 404
        assert re.search(r'id="f-persona-errore">.*?Nessuna persona ha questo', answer.text, re.DOTALL)
        assert 'aria-describedby="f-persona-errore f-persona-aiuto" aria-invalid="true"' in answer.text
        assert 'id="f-documento-errore"' not in answer.text
        for text in typed.values():
            assert f'value="{text}"' in answer.text
        assert 'value="colloquio" selected' in answer.text
        assert "Nessun accesso" not in answer.text


def test_who_was_shown_names_of_the_register_is_told_in_words(auditor: TestClient, archive: Archive) -> None:
    look(archive, EventType.REGISTER_READ, "register", door="find", shown=2)
    page = auditor.get("/verifica/accessi").text
    assert "anagrafe</td>" in page
    assert "register</td>" not in page


def test_what_is_asked_for_by_a_name_leaves_no_name_in_the_ledger(
    auditor: TestClient, archive: Archive, papers: list[DocumentId]
) -> None:
    for path in ("/verifica/accessi", "/verifica/accessi/rapporto"):
        for field in ("persona", "documento", "operatore"):
            assert auditor.get(f"{path}?{field}=Rossi").status_code == 404
    assert auditor.get("/api/v1/audit/access?account=Rossi").status_code == 200
    auditor.post("/verifica", data={"q": "Rossi"})
    assert not any("Rossi" in one.record.subject + one.record.detail for one in archive.catalog.ledger())


def test_accesses_are_shown_page_by_page_without_a_gap(
    auditor: TestClient, archive: Archive, papers: list[DocumentId], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldone.web.pages.audit_access._ROWS", 2)
    for _ in range(5):
        look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    path, found = f"/verifica/accessi?documento={papers[0]}", []
    while path:
        page = auditor.get(path).text
        found += numbers(page)
        more = re.findall(r'href="(/verifica/accessi\?[^"]*dopo=[^"]*)"', page)
        path = more[0].replace("&amp;", "&") if more else ""
    assert found == [one.sequence for one in archive.catalog.events_of({EventType.DOCUMENT_VIEWED})]


def test_a_question_that_cannot_be_is_refused(auditor: TestClient) -> None:
    for query in ("dal=0001-01-01", "al=9999-12-31", "dal=x", "dopo=-1", "motivo=x", "persona=%00"):
        assert auditor.get(f"/verifica/accessi?{query}").status_code == 422
    assert auditor.get("/verifica/accessi?dal=&al=&motivo=&persona=&documento=&operatore=").status_code == 200


def test_a_batch_is_counted_and_its_report_names_no_file(auditor: TestClient, archive: Archive, papers: object) -> None:
    (batch,) = archive.catalog.batches()
    assert "archiviate" in auditor.get(f"/verifica/lotti/{batch.id}").text
    made = auditor.get(f"/verifica/lotti/{batch.id}/rapporto?forma=csv").content.decode("utf-8-sig")
    assert "pagine;archiviate;4" in made
    assert "carta-" not in made


def test_what_was_opened_today_is_on_the_first_page(
    auditor: TestClient, archive: Archive, papers: list[DocumentId]
) -> None:
    look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    look(archive, EventType.DOCUMENT_VIEWED, papers[1])
    page = auditor.get("/verifica").text
    assert "documento aperto 2" in page
    assert "mai stato verificato" in page


def test_an_emergency_is_on_the_first_page_until_it_is_taken_note_of(
    auditor: TestClient, archive: Archive, papers: list[DocumentId]
) -> None:
    assert "urgenza" not in auditor.get("/verifica").text
    look(archive, EventType.GLASS_BROKEN, ROSSI.id, purpose="urgenza")
    page = auditor.get("/verifica").text
    assert "urgenza" in page
    assert ROSSI.id in page
    assert "ROSSI" not in page


def test_a_verification_runs_beside_the_pages_and_is_found_again(
    auditor: TestClient, archive: Archive, enter: Enter
) -> None:
    on_record(archive)
    archive.take("uno.txt", b"niente")
    answer = auditor.post("/verifica/prove")
    assert answer.status_code == 303
    path = answer.headers["location"]
    page = finished(auditor, path)
    assert "faldone verify --home" in page
    assert f'href="{path}"' in auditor.get("/verifica/prove").text
    (entry,) = archive.catalog.last_events(EventType.ARCHIVE_VERIFIED, 9)
    assert entry.record.agent == user_agent("vera")
    assert enter("revisore", name="altro").get(path).status_code == 404


def test_a_whole_archive_is_told_so(enter: Enter, archive: Archive) -> None:
    client = enter("revisore", name="vera")
    on_record(archive)
    archive.take("uno.txt", b"niente")
    page = finished(client, client.post("/verifica/prove").headers["location"])
    assert "Verifica riuscita: " in page
    assert "nessuna differenza" in page
    assert "Verifica riuscita: " in client.get("/verifica").text


def test_a_verification_that_could_not_be_put_on_record_says_so_everywhere(
    enter: Enter, archive: Archive, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter("revisore", name="vera")
    on_record(archive)
    archive.take("uno.txt", b"niente")
    real = auditing.verify_archive

    def unwritten(*given: Any, **more: Any) -> Verification:
        return replace(real(*given, **more), recorded=False)

    monkeypatch.setattr(auditing, "verify_archive", unwritten)
    path = client.post("/verifica/prove").headers["location"]
    finished(client, path)
    jobs_of(site).close()
    site._parts.clear()  # it is told after the server was gone, too
    page = client.get(path).text
    assert "Verifica riuscita" in page
    assert "Scarica il rapporto e conservalo." in page
    told = client.get(f"/api/v1/audit/verifications/{path.rpartition('/')[2]}").json()["result"]
    assert (told["holds"], told["recorded"]) == (True, False)
    file = pypdfium2.PdfDocument(client.get(f"{path}/rapporto?forma=pdf").content)
    assert "non è nel registro" in file[0].get_textpage().get_text_range()

    monkeypatch.undo()
    page = finished(client, client.post("/verifica/prove").headers["location"])
    assert "Verifica riuscita" in page
    assert "Scarica il rapporto e conservalo." not in page


def test_a_changed_byte_is_said_and_never_softly(enter: Enter, archive: Archive) -> None:
    client = enter("revisore", name="vera")
    on_record(archive)
    archive.take("uno.txt", b"niente")
    source = next(archive.catalog.sources())
    (sealed,) = [path for path in (archive.folder / "store").rglob("*") if path.name.startswith(source.digest.hex[:8])]
    sealed.chmod(0o600)
    sealed.write_bytes(b"altro!")
    path = client.post("/verifica/prove").headers["location"]
    page = finished(client, path)
    assert "Non modificare nulla: avvisa il responsabile." in page
    assert "Verifica riuscita" not in page
    assert str(source.digest) in page
    assert "i suoi byte sono cambiati" in page
    assert "Verifica NON riuscita" in client.get("/verifica").text
    made = client.get(f"{path}/rapporto?forma=csv").content.decode("utf-8-sig")
    assert str(source.digest) in made
    assert client.get(f"{path}/rapporto?forma=pdf").content.startswith(b"%PDF")


def test_a_run_streams_its_state_and_ends(enter: Enter, archive: Archive) -> None:
    client = enter("revisore", name="vera")
    on_record(archive)
    archive.take("uno.txt", b"niente")
    path = client.post("/verifica/prove").headers["location"]
    with client.stream("GET", f"{path}/eventi") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text())
    assert "event: stato" in text
    assert text.rstrip().endswith("data:")
    assert "event: fine" in text
    assert "Verifica riuscita" in text
    assert "Verifica riuscita" in client.get(f"{path}/stato").text
    assert "<html" not in client.get(f"{path}/stato").text


def test_a_run_can_be_stopped_and_resumed_after_the_server_was(
    enter: Enter, archive: Archive, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter("revisore", name="vera")
    on_record(archive)
    archive.take("uno.txt", b"niente")
    real = auditing.verify_archive

    def slow(agent: str, ports: Ports, on_progress: Callable[[Progress], None], **_: object) -> None:
        for step in range(1000):
            on_progress(Progress(Proved(entries=2, head=ledger[1].hash), step, 1000))
            time.sleep(0.01)

    ledger = list(archive.catalog.ledger())
    monkeypatch.setattr(auditing, "verify_archive", slow)
    path = client.post("/verifica/prove").headers["location"]
    assert client.post("/verifica/prove").headers["location"] == path
    assert 'role="progressbar"' in client.get(path).text
    assert client.get(f"{path}/rapporto").status_code == 409
    client.post(f"{path}/ferma")
    page = finished(client, path)
    assert "Interrotta: provato fino all&#39;evento 2" in page
    assert archive.catalog.last_events(EventType.ARCHIVE_VERIFIED, 1) == ()

    jobs_of(site).close()  # the server ends
    site._parts.clear()
    began: list[Proved | None] = []

    def watched(agent: str, ports: Ports, on_progress: Callable[[Progress], None], **more: Any) -> Verification:
        began.append(more["since"])
        return real(agent, ports, on_progress, **more)

    monkeypatch.setattr(auditing, "verify_archive", watched)
    assert "Interrotta: provato fino all&#39;evento 2" in client.get(path).text
    assert enter("revisore", name="altro").post(f"{path}/riprendi").status_code == 404
    assert client.post(f"{path}/riprendi").headers["location"] == path
    page = finished(client, path)
    assert "Verifica riuscita" in page
    assert [one.entries for one in began if one is not None] == [2]
    assert client.post(f"{path}/riprendi").status_code == 409
    assert client.post(f"/api/v1/audit/verifications/{path.rpartition('/')[2]}/resume").status_code == 409

    jobs_of(site).close()
    site._parts.clear()
    assert "Verifica riuscita" in client.get(path).text  # and the result is there after the server was gone
    assert client.get(f"{path}/rapporto?forma=csv").status_code == 200
    assert f'href="{path}"' in client.get("/verifica/prove").text


def test_who_may_not_open_a_paper_reads_what_happened_and_not_as_what_it_is_filed(
    enter: Enter, archive: Archive, papers: list[DocumentId]
) -> None:
    (closed,) = put(archive, [Paper("percorso protetto", [ROSSI], "CAV", "relazione_sociale")], first=len(papers))
    index_pending(archive.ports)
    digest = str(Digest.of(b"decision"))
    look(archive, EventType.DOCUMENT_DECIDED, closed, holders=ROSSI.id, type="isee", service="TUM", decision=digest)
    entry = archive.catalog.events([closed])[-1]
    values = re.compile(rf"(?i:isee)|TUM|Tutela minori|intestatario u-|{digest.removeprefix('sha256:')}")
    reader = {"rights": Rights(None, None, Sensitivity.RAFFORZATA, intake=True), "also": frozenset({Ability.SEARCH})}
    vera, dora = enter("revisore", name="vera", rights=Rights()), enter("revisore", name="dora", **reader)
    paths = (f"documenti/{closed}", f"persone/{ROSSI.id}", "utenti/anna")
    for client in (vera, dora):
        for path in paths:
            page = client.get(f"/verifica/{path}").text
            assert f"Deciso sul documento {closed}: intestatario, tipo, servizio." in page
            assert "Intestatario, tipo e servizio si dicono solo" in page
            assert not values.search(page), path
            made = client.get(f"/verifica/{path}/rapporto?forma=csv").content.decode("utf-8-sig")
            assert digest not in made  # who guesses what was decided could make it too
            assert entry.hash in made  # what was decided can be proved all the same
            assert not values.search(made), path
        for call in (f"documents/{closed}", f"persons/{ROSSI.id}", "accounts/anna"):
            lines = client.get(f"/api/v1/audit/{call}").json()["lines"]
            assert [line["withheld"] for line in lines if line["type"] == EventType.DOCUMENT_DECIDED.value] == [True]
            assert not values.search(str(lines))
    give("dora", closed, Purpose.QUALITY, "", archive.ports)
    for path in paths:
        assert "tipo «Attestazione ISEE / DSU»" in dora.get(f"/verifica/{path}").text
        assert "servizio «Tutela minori»" in dora.get(f"/verifica/{path}").text
        assert not values.search(vera.get(f"/verifica/{path}").text)


def test_pages_that_were_not_shown_and_refused_looks_are_told_apart_everywhere(
    auditor: TestClient, archive: Archive, papers: list[DocumentId]
) -> None:
    source = archive.catalog.document(papers[0]).source
    for number in range(2):
        look(archive, EventType.PAGE_DELIVERED, page_id(source, number), document=papers[0])
    look(archive, EventType.PAGE_SEEN, page_id(source, 0), document=papers[0])
    look(archive, EventType.ACCESS_REFUSED, papers[0], by="bruno", rule="reason")
    story = auditor.get(f"/verifica/documenti/{papers[0]}").text
    assert (story.count("(vista)"), story.count("(solo consegnata)")) == (2, 1)
    assert "Accesso rifiutato" in story
    made = auditor.get(f"/verifica/documenti/{papers[0]}/rapporto?forma=csv").content.decode("utf-8-sig")
    assert [row[4] for row in csv.reader(io.StringIO(made), delimiter=";")][-4:] == [
        "vista",
        "solo consegnata",
        "vista",
        "",
    ]
    assert "(solo consegnata)" in auditor.get("/verifica/utenti/anna").text
    shown = [line["shown"] for line in auditor.get(f"/api/v1/audit/documents/{papers[0]}").json()["readings"]]
    assert shown == ["seen", "delivered", "seen", None]
    refused = "prima serve un motivo"
    assert refused in auditor.get(f"/verifica/accessi?documento={papers[0]}").text
    made = auditor.get(f"/verifica/accessi/rapporto?documento={papers[0]}&forma=csv").content.decode("utf-8-sig")
    assert f"rifiutato: {refused}" in made
    file = pypdfium2.PdfDocument(auditor.get(f"/verifica/accessi/rapporto?documento={papers[0]}&forma=pdf").content)
    text = " ".join(file[0].get_textpage().get_text_range().split())
    assert "rifiutato" in text
    assert "solo consegnata" in text
    rules = [row["rule"] for row in auditor.get(f"/api/v1/audit/access?document={papers[0]}").json()["rows"]]
    assert rules == [None, None, None, "reason"]


def test_who_was_refused_at_the_door_stands_in_the_story_of_the_account(auditor: TestClient, archive: Archive) -> None:
    with archive.catalog.begin() as work:
        work.record(
            Event(EventType.SESSION_REFUSED, "vera", archive.clock(), AGENT, Outcome.FAILURE, {"reason": "password"})
        )
    assert "Ingresso rifiutato all&#39;account vera" in auditor.get("/verifica/utenti/vera").text


def test_pages_hold_no_inline_script_or_style(auditor: TestClient, papers: list[DocumentId]) -> None:
    for path in ("/verifica", "/verifica/accessi", "/verifica/prove", f"/verifica/documenti/{papers[0]}"):
        page = auditor.get(path).text
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page


def test_programs_get_the_same_and_no_name(auditor: TestClient, archive: Archive, papers: list[DocumentId]) -> None:
    (batch,) = archive.catalog.batches()
    look(archive, EventType.DOCUMENT_VIEWED, papers[0])
    look(archive, EventType.DOSSIER_VIEWED, ROSSI.id)
    story = auditor.get(f"/api/v1/audit/documents/{papers[0]}").json()
    assert [line["sentence"]["it"] for line in story["readings"]] == [f"Aperto il documento {papers[0]}."]
    assert auditor.get(f"/api/v1/audit/batches/{batch.id}").json()["pages"]["filed"] == 4
    dossier = auditor.get(f"/api/v1/audit/persons/{ROSSI.id}")
    assert "rossi" not in dossier.text.lower()
    assert len(dossier.json()["readings"]) == 1
    first = auditor.get("/api/v1/audit/accounts/anna?limit=1").json()
    second = auditor.get(f"/api/v1/audit/accounts/anna?limit=1&after={first['after']}").json()
    assert second["after"] is None
    assert [one["lines"][0]["type"] for one in (first, second)] == ["document:view:opened", "dossier:view:opened"]
    rows = auditor.get(f"/api/v1/audit/access?person={ROSSI.id}").json()["rows"]
    page = auditor.get(f"/verifica/accessi?persona={ROSSI.id}").text
    assert [row["sequence"] for row in rows] == numbers(page)


def test_a_program_starts_a_verification_and_reads_its_result(enter: Enter, archive: Archive) -> None:
    client = enter("revisore", name="vera")
    on_record(archive)
    archive.take("uno.txt", b"niente")
    begun = client.post("/api/v1/audit/verifications")
    assert begun.status_code == 202
    for _ in range(200):
        answer = client.get(f"/api/v1/audit/verifications/{begun.json()['id']}").json()
        if answer["state"] == "done":
            break
        time.sleep(0.05)
    assert answer["result"]["holds"]
    assert answer["done"] == answer["total"] > 0
    assert client.get("/api/v1/audit/verifications/nessuna").status_code == 404
