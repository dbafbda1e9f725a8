"""Fascicolo: what is shown of a person, to whom, what goes on record, and the export."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from fastapi.testclient import TestClient

from faldone.domain.access import EVERYTHING, Sensitivity
from faldone.domain.account import Rights, Session
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.reasons import Reason
from faldone.errors import NotFoundError, UnavailableError
from faldone.pipeline.papers.dossier_papers import permitted_papers
from faldone.web.caller import key_of
from faldone.web.dossiers import jobs_of
from faldone.web.jobs import KEPT, BusyError, Desk, Jobs, JobState, Made
from faldone.web.pages import dossiers as module
from faldone.web.rules import COOKIE
from faldone.web.site import Site
from tests.dossiers import BROTHER, CLOSE, LUCA, NAMESAKE, doubt, fill, scan
from tests.small_archive import Paper
from tests.twins import Archive

Enter = Callable[..., TestClient]
ECONOMIC = Rights(frozenset({"ECA"}), None, Sensitivity.GIUDIZIARI)
HX = {"HX-Request": "true"}


@pytest.fixture
def papers(archive: Archive) -> list[DocumentId]:
    return fill(archive)


def events(archive: Archive, *types: EventType) -> list[tuple[str, dict[str, Any]]]:
    return [(one.record.subject, json.loads(one.record.detail)) for one in archive.catalog.events_of(set(types))]


def pin(client: TestClient, site: Site, person: PersonId) -> None:
    secret = client.cookies[COOKIE]
    session = site.ports.catalog.session(key_of(secret), site.ports.clock())
    assert session is not None
    pinned = Session(session.key, session.account, session.opened_at, session.seen_at, session.until, person)
    with site.ports.catalog.begin() as work:
        work.put_session(pinned)


def exported(client: TestClient, site: Site, person: str = LUCA.id, service: str = "") -> str:
    """Asks for an export and waits for its end; the address of its progress."""
    answer = client.post(f"/fascicoli/{person}/esporta", data={"servizio": service})
    assert answer.status_code == 303
    where = answer.headers["location"]
    jobs = jobs_of(site)
    job = jobs.get(where.rpartition("/")[2], "operatore0")
    while not job.ended:
        job = jobs.wait(job, 10)
    assert job.state is JobState.DONE, job.error
    return where


@pytest.mark.usefixtures("papers")
def test_a_dossier_shows_who_it_is_of_and_its_papers_by_year(enter: Enter) -> None:
    text = enter("operatore").get(f"/fascicoli/{LUCA.id}").text
    for said in (
        "BIANCHI LUCA", "01/05/2003", "Crema", "BIANCHI LUCHINO", "<h2>2014</h2>", "12 marzo 2014",
        "Provvedimento del Tribunale per i minorenni", "prot. 12345/2014", "scatola B-12", "Senza data",
        "4 documenti, 7 pagine", "Tutela minori",
    ):  # fmt: skip
        assert said in text, said
    assert text.index("<h2>2012") < text.index("<h2>2014") < text.index("<h2>2016") < text.index("Senza data")


def test_a_paper_in_doubt_says_so_and_is_not_shown_at_the_counter(
    enter: Enter, site: Site, archive: Archive, papers: list[DocumentId]
) -> None:
    client = enter("operatore")
    whole = client.get(f"/fascicoli/{LUCA.id}").text
    assert "Da rivedere" not in whole
    (unsure,) = [one.document.id for one in permitted_papers(LUCA, EVERYTHING, archive.ports) if one.year == 2014]
    doubt(archive, unsure, Reason.HOLDER_UNSURE)
    for view in ("", "?vista=elenco"):
        assert "Da rivedere: non è certo di chi sia" in client.get(f"/fascicoli/{LUCA.id}{view}").text
    pin(client, site, LUCA.id)
    text = client.get(f"/fascicoli/{LUCA.id}").text
    assert "3 documenti" in text
    assert unsure not in text
    assert client.get(f"/documenti/{unsure}").status_code == 404


@pytest.mark.usefixtures("papers")
def test_no_name_is_in_the_title_or_in_an_address(enter: Enter) -> None:
    text = enter("operatore").get(f"/fascicoli/{LUCA.id}").text
    title = text[text.index("<title>") : text.index("</title>")]
    assert LUCA.id in title
    assert "BIANCHI" not in title.upper()
    addresses = [part.partition('"')[0] for part in text.split('href="')[1:]]
    assert not [one for one in addresses if "bianchi" in one.lower() or "luca" in one.lower()]


@pytest.mark.usefixtures("papers")
def test_a_namesake_is_told_apart_with_the_day_of_birth(enter: Enter) -> None:
    text = enter("operatore").get(f"/fascicoli/{LUCA.id}").text
    assert "lo stesso nome" in text
    assert "11/05/2003" in text
    assert NAMESAKE.id in text
    economic = enter("operatore", rights=ECONOMIC).get(f"/fascicoli/{LUCA.id}").text
    assert "lo stesso nome" not in economic  # nothing of the other may be seen
    assert NAMESAKE.id not in economic


@pytest.mark.usefixtures("papers")
def test_tabs_counts_and_papers_are_of_what_may_be_seen_alone(enter: Enter) -> None:
    client = enter("operatore", rights=ECONOMIC)
    text = client.get(f"/fascicoli/{LUCA.id}").text
    assert "1 documento, 1 pagina" in text
    assert "Tutela" not in text
    assert "Tribunale" not in text
    assert client.get(f"/fascicoli/{LUCA.id}/TUM").status_code == 404
    assert "Tutela" not in client.get(f"/fascicoli/{LUCA.id}?anno=2014").text


@pytest.mark.usefixtures("papers")
def test_year_type_and_service_narrow_what_is_listed(enter: Enter) -> None:
    client = enter("operatore")
    assert "3 documenti, 6 pagine" in client.get(f"/fascicoli/{LUCA.id}/TUM").text
    assert "1 documento, 2 pagine" in client.get(f"/fascicoli/{LUCA.id}/TUM?anno=2014").text
    listed = client.get(f"/fascicoli/{LUCA.id}?tipo=relazione_sociale&vista=elenco").text
    assert "1 documento, 3 pagine" in listed
    assert "<table" in listed
    assert "Nessun documento" in client.get(f"/fascicoli/{LUCA.id}?anno=1999").text
    assert client.get(f"/fascicoli/{LUCA.id}?anno=x&da=99999").status_code == 200


@pytest.mark.usefixtures("papers")
def test_without_right_the_words_are_those_for_nobody(enter: Enter, archive: Archive) -> None:
    client = enter("operatore", rights=Rights(frozenset({"SAD"}), None, Sensitivity.RAFFORZATA))
    forbidden, missing = client.get(f"/fascicoli/{LUCA.id}"), client.get("/fascicoli/u-00000000ffff")
    assert (forbidden.status_code, missing.status_code) == (404, 404)
    assert forbidden.text.replace(LUCA.id, "") == missing.text.replace("u-00000000ffff", "")
    assert "Non trovato, o non visibile con i tuoi permessi" in forbidden.text
    assert "BIANCHI" not in forbidden.text
    refused = [subject for subject, _ in events(archive, EventType.ACCESS_REFUSED)]
    assert refused == [LUCA.id, "u-00000000ffff"]
    assert events(archive, EventType.DOSSIER_VIEWED) == []
    assert client.get(f"/api/v1/persons/{LUCA.id}").json() == client.get("/api/v1/persons/u-00000000ffff").json()


def test_what_is_no_id_is_on_no_record(enter: Enter, archive: Archive, papers: list[DocumentId]) -> None:
    assert enter("operatore").get("/fascicoli/bianchi%20luca").status_code == 404
    assert events(archive, EventType.ACCESS_REFUSED) == []
    assert papers


@pytest.mark.usefixtures("papers")
def test_each_opening_is_on_record_before_it_is_shown(enter: Enter, archive: Archive) -> None:
    client = enter("operatore")
    client.get(f"/fascicoli/{LUCA.id}")
    client.get(f"/fascicoli/{LUCA.id}/ECA")
    said = [(subject, one["service"], one["shown"]) for subject, one in events(archive, EventType.DOSSIER_VIEWED)]
    assert said == [(LUCA.id, None, 4), (LUCA.id, "ECA", 1)]


@pytest.mark.usefixtures("papers")
def test_a_word_in_the_place_of_a_service_is_on_no_record(enter: Enter, archive: Archive) -> None:
    client = enter("operatore")
    assert client.get(f"/api/v1/persons/{LUCA.id}/documents?service=Rossi").json()["total"] == 0
    assert client.get(f"/fascicoli/{LUCA.id}/Rossi").status_code == 404
    assert "Rossi" not in json.dumps(events(archive, *EventType))


@pytest.mark.usefixtures("papers")
def test_every_page_has_its_english(enter: Enter, site: Site) -> None:
    client = enter("operatore")
    client.cookies.set("faldone-lang", "en")
    where = exported(client, site)
    said = {
        f"/fascicoli/{LUCA.id}": "12 March 2014",
        f"/fascicoli/{LUCA.id}?vista=elenco": "also in the dossier of:",
        "/fascicoli": "Dossiers opened today",
        f"/fascicoli/{LUCA.id}/esporta": "leaves the archive",
        where: "The PDF is ready",
        "/urgenza": "Emergency access",
    }
    for path, words in said.items():
        assert words in client.get(path).text, path


@pytest.mark.usefixtures("papers")
def test_nothing_is_shown_when_it_cannot_be_put_on_record(
    enter: Enter, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter("operatore")

    def away(*_: object) -> None:
        raise UnavailableError("Il registro non risponde. / The ledger does not answer.")

    monkeypatch.setattr(type(site.journal), "record", away)
    answer = client.get(f"/fascicoli/{LUCA.id}")
    assert answer.status_code == 503
    assert "BIANCHI" not in answer.text


@pytest.mark.usefixtures("papers")
def test_another_holder_is_named_only_to_who_may_open_that_dossier(enter: Enter, site: Site) -> None:
    client = enter("operatore")
    text = client.get(f"/fascicoli/{LUCA.id}").text
    assert f'<a href="/fascicoli/{BROTHER.id}">' in text
    pin(client, site, LUCA.id)
    pinned = client.get(f"/fascicoli/{LUCA.id}").text
    assert "anche nel fascicolo di un&#39;altra persona" in pinned or "nel fascicolo di un'altra persona" in pinned
    assert BROTHER.id not in pinned
    assert "ERBAN" not in pinned
    assert "lo stesso nome" not in pinned


@pytest.mark.usefixtures("papers")
def test_while_a_person_is_pinned_nobody_else_can_be_opened_or_seen(enter: Enter, site: Site) -> None:
    client = enter("operatore")
    client.get(f"/fascicoli/{LUCA.id}")
    client.get(f"/fascicoli/{BROTHER.id}")
    where = exported(client, site, BROTHER.id)
    pin(client, site, LUCA.id)
    assert client.get(f"/fascicoli/{BROTHER.id}").status_code == 404
    assert client.get(where).status_code == 404
    assert client.get(f"{where}/file").status_code == 404
    assert client.get(f"/api/v1/persons/{BROTHER.id}/documents").status_code == 404
    opened = client.get("/fascicoli").text
    assert LUCA.id in opened
    assert BROTHER.id not in opened


@pytest.mark.usefixtures("papers")
def test_open_dossiers_are_those_of_the_account_of_today(enter: Enter, archive: Archive) -> None:
    client, other = enter("operatore"), enter("operatore")
    other.get(f"/fascicoli/{NAMESAKE.id}")
    client.get(f"/fascicoli/{BROTHER.id}")
    archive.clock.pass_by(minutes=20)
    client.get(f"/fascicoli/{LUCA.id}")
    text = client.get("/fascicoli").text
    assert text.index(LUCA.id) < text.index(BROTHER.id)
    assert NAMESAKE.id not in text
    archive.clock.pass_by(hours=2)
    archive.clock.now = archive.clock.now + dt.timedelta(days=1)
    late = enter("operatore", name="operatore0")
    assert LUCA.id not in late.get("/fascicoli").text


@pytest.mark.usefixtures("papers")
def test_papers_beyond_the_first_come_on_request(
    enter: Enter, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 3)
    scan(archive, [Paper(f"n {n}", [LUCA], "TUM", date=dt.date(2020, 1, 1 + n)) for n in range(4)], first=50)
    client = enter("operatore")
    first = client.get(f"/fascicoli/{LUCA.id}")
    assert "Carica altre carte" in first.text
    assert f'hx-get="/fascicoli/{LUCA.id}?da=3"' in first.text
    part = client.get(f"/fascicoli/{LUCA.id}?da=3", headers=HX)
    assert "<html" not in part.text
    assert part.text.count("/documenti/d-") == 3
    last = client.get(f"/fascicoli/{LUCA.id}?da=6", headers=HX).text
    assert "2020 (segue)" in last
    assert "Carica altre" not in last
    seen = [one for text in (first.text, part.text, last) for one in text.split('href="/documenti/')[1:]]
    assert len({one[:14] for one in seen}) == 8


@pytest.mark.usefixtures("papers")
def test_an_export_asks_first_shows_its_progress_and_gives_the_file_to_its_account(
    enter: Enter, site: Site, archive: Archive
) -> None:
    client, other = enter("operatore"), enter("operatore")
    asked = client.get(f"/fascicoli/{LUCA.id}/esporta?servizio=TUM").text
    assert "3 documenti, 6 pagine" in asked
    assert "Esporta PDF" in asked
    where = exported(client, site, service="TUM")
    shown = client.get(where).text
    assert "Il PDF è pronto" in shown
    assert "<html" not in client.get(where, headers=HX).text
    file = client.get(f"{where}/file")
    assert file.headers["content-disposition"] == f'attachment; filename="fascicolo-{LUCA.id}.pdf"'
    assert file.headers["cache-control"] == "no-store"
    document = pypdfium2.PdfDocument(io.BytesIO(file.content))
    assert len(document) == 7
    document.close()
    assert other.get(where).status_code == 404
    assert other.get(f"{where}/file").status_code == 404
    assert client.get(where.replace(LUCA.id, BROTHER.id)).status_code == 404
    ((subject, said),) = events(archive, EventType.DOSSIER_EXPORTED)
    assert (subject, said["service"], said["documents"], said["pages"]) == (LUCA.id, "TUM", 3, 6)
    ((subject, fetched),) = events(archive, EventType.DOCUMENT_DOWNLOADED)
    assert (subject, fetched["copy"]) == (LUCA.id, said["copy"])


@pytest.mark.usefixtures("papers")
def test_a_file_with_a_paper_that_may_not_be_seen_any_more_is_not_given(enter: Enter, site: Site) -> None:
    client = enter("operatore")
    where = exported(client, site)
    enter("operatore", name="operatore0", rights=ECONOMIC)
    assert client.get(f"/fascicoli/{LUCA.id}").status_code == 200
    assert client.get(f"{where}/file").status_code == 404


@pytest.mark.usefixtures("papers")
def test_who_may_not_export_is_not_offered_it(enter: Enter) -> None:
    auditor = enter("revisore")
    assert auditor.get(f"/fascicoli/{LUCA.id}").status_code == 403
    assert auditor.post(f"/fascicoli/{LUCA.id}/esporta").status_code == 403


@pytest.mark.usefixtures("papers")
def test_the_api_says_the_same_as_the_page(enter: Enter, site: Site) -> None:
    client = enter("operatore")
    said = client.get(f"/api/v1/persons/{LUCA.id}").json()
    assert (said["documents"], said["pages"]) == (4, 7)
    assert said["services"] == [{"code": "TUM", "documents": 3}, {"code": "ECA", "documents": 1}]
    listed = client.get(f"/api/v1/persons/{LUCA.id}/documents?service=TUM&limit=2").json()
    assert listed["total"] == 3
    assert [one["date"] for one in listed["documents"]] == ["2014-03-12", "2016-01-01"]
    assert listed["documents"][1]["others"] == [BROTHER.id]
    job = client.post(f"/api/v1/persons/{LUCA.id}/export?service=ECA").json()
    found = jobs_of(site).get(job["id"], "operatore0")
    while not found.ended:
        found = jobs_of(site).wait(found, 10)
    base = f"/api/v1/persons/{LUCA.id}/export/{job['id']}"
    assert client.get(base).json()["state"] == "done"
    assert client.get(f"{base}/result").content.startswith(b"%PDF")
    assert client.get(f"/api/v1/persons/{LUCA.id}/export/nobody").status_code == 404
    assert client.get(f"/api/v1/persons/{CLOSE.id}/documents").status_code == 404
    assert client.post(f"/api/v1/persons/{LUCA.id}/export?service=XXX").status_code == 404


def test_a_job_is_its_accounts_alone_and_gone_after_an_hour(archive: Archive) -> None:
    jobs = Jobs(archive.folder / "jobs", archive.clock)

    def work(desk: Desk) -> Made:
        desk.progress(1, 2)
        (desk.folder / "a").write_text("x")
        return Made(desk.folder / "a")

    job = jobs.start("a", "kind", "s", work)
    while not job.ended:
        job = jobs.wait(job, 10)
    assert (job.state, job.done, job.total) == (JobState.DONE, 1, 2)
    assert job.made is not None
    assert job.made.file is not None
    assert job.made.file.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(NotFoundError):
        jobs.get(job.id, "b")
    with pytest.raises(NotFoundError):
        jobs.get(job.id, "a", "other")
    archive.clock.now += KEPT
    with pytest.raises(NotFoundError):
        jobs.get(job.id, "a")
    assert not job.made.file.exists()
    jobs.close()


def test_a_job_that_fails_says_what_and_leaves_nothing(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    jobs = Jobs(archive.folder / "jobs", archive.clock)

    def breaks(desk: Desk) -> Made:
        (desk.folder / "half").write_text("x")
        raise RuntimeError("ROSSI MARIA")

    job = jobs.start("a", "kind", "s", breaks)
    while not job.ended:
        job = jobs.wait(job, 10)
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert "ROSSI" not in caplog.text + job.error.message
    assert list((archive.folder / "jobs").glob("*")) == []
    jobs.close()


def test_an_account_has_few_jobs_at_once_and_the_end_of_the_server_stops_them(archive: Archive) -> None:
    jobs = Jobs(archive.folder / "jobs", archive.clock)
    count = 0

    def endless(desk: Desk) -> Made:
        nonlocal count
        while True:
            count += 1
            desk.progress(count, 0)

    started = [jobs.start("a", "kind", str(n), endless) for n in range(3)]
    assert jobs.start("a", "kind", "0", endless).id == started[0].id
    with pytest.raises(BusyError):
        jobs.start("a", "kind", "4", endless)
    assert jobs.stop(started[2].id, "a").state is JobState.STOPPED
    jobs.close()
    assert not (archive.folder / "jobs").exists()
