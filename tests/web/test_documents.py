"""The viewer: what is shown of a document, to whom, and what the ledger says of it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from faldone.catalog.records import Document, PageState
from faldone.domain.access import Sensitivity
from faldone.domain.account import Ability, AskedSearch, GivenReason, Purpose, Rights
from faldone.domain.attribution import Evidence
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PersonId, page_id
from faldone.domain.page import Box
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.errors import IndexUnavailableError
from faldone.pipeline.audit.receipt import receipt
from faldone.pipeline.audit.reports import Tongue
from faldone.pipeline.intake.quarantine import to_be_read_otherwise
from faldone.pipeline.review.order_pages import order_pages
from faldone.pipeline.search.index import index_pending
from faldone.web.app import routes
from faldone.web.caller import key_of
from tests.papers import noise, tiff
from tests.small_archive import Paper, proposal, put
from tests.twins import Archive
from tests.web.conftest import Enter

BIANCHI = Person(PersonId("u-0123456789ab"), "Bianchi", "Luca", birth_date=dt.date(2003, 5, 1))
HOSTILE = '<script>alert("1")</script>'


def events(archive: Archive, kind: EventType) -> list[dict[str, Any]]:
    return [
        {"subject": entry.record.subject, "agent": entry.record.agent} | json.loads(entry.record.detail)
        for entry in archive.catalog.ledger()
        if entry.record.type == kind.value
    ]


def file_as(archive: Archive, document: Document, service: str) -> Document:
    """Files a scanned document whole as a letter of Bianchi's in a service."""
    proof = (Evidence("word", document.span.start, "parola numero 1", Box(80, 100, 200, 30)),)
    pages = len(archive.catalog.pages(document.source))
    made = proposal(Paper(["x"] * pages, [BIANCHI], service=service, type="corrispondenza", date=dt.date(2014, 3, 12)))
    assert made.type is not None
    assert made.date is not None
    assert made.service is not None
    made = replace(
        made,
        type=replace(made.type, evidence=proof),
        date=replace(made.date, evidence=proof),
        persons=tuple(replace(person, evidence=proof) for person in made.persons),
    )
    with archive.catalog.begin() as work:
        work.save_persons([BIANCHI])
        work.save_proposals(document.source, [made], archive.clock())
    return archive.catalog.documents(document.source)[0]


def scan(archive: Archive, name: str = "lettera.tif") -> Document:
    archive.take(name, tiff(noise(1), noise(2)))
    archive.work_off()
    (source,) = archive.catalog.sources()
    return archive.catalog.documents(source.digest)[0]


@pytest.fixture
def scanned(archive: Archive) -> Document:
    """A letter of two pages whose scan is there."""
    return file_as(archive, scan(archive), "ADM")


@pytest.fixture
def decree(archive: Archive) -> DocumentId:
    """A document of three pages that is filed; only its words are there."""
    with archive.catalog.begin() as work:
        work.save_persons([BIANCHI])
    pages = ("Tribunale per i minorenni decreto", "dispone l'affidamento al servizio", f"fine {HOSTILE} affidamento")
    (made,) = put(
        archive, [Paper(pages, [BIANCHI], service="TUM", type="decreto_tm", date=dt.date(2014, 3, 12), comune="crema")]
    )
    return made


def test_a_page_is_shown_with_its_words_and_its_picture(enter: Enter, decree: DocumentId) -> None:
    answer = enter("operatore").get(f"/documenti/{decree}?p=2")

    assert answer.status_code == 200
    assert "affidamento" in answer.text
    assert f"/documenti/{decree}/pagine/2/immagine?w=1240" in answer.text


def test_a_value_is_shown_with_its_proof_and_no_value_without_one(enter: Enter, scanned: Document) -> None:
    text = enter("operatore").get(f"/documenti/{scanned.id}").text

    assert "BIANCHI LUCA" in text
    assert "BIANCHI" not in text.partition("</title>")[0]
    assert "<title>Lettera protocollata · 12/03/2014 · faldone</title>" in text
    assert "parola numero 1" in text
    assert 'data-b="80,100,200,30"' in text
    assert "12/03/2014" in text
    assert "nessuna prova" in text


def test_words_of_a_page_come_out_as_words_and_never_as_markup(enter: Enter, decree: DocumentId) -> None:
    answer = enter("operatore").get(f"/documenti/{decree}?p=3")

    assert "&lt;script&gt;alert" in answer.text
    assert "<script>alert" not in answer.text


def test_a_hostile_file_name_comes_out_escaped(archive: Archive, enter: Enter) -> None:
    document = file_as(archive, scan(archive, '"><img src=x onerror=alert(1)>.tif'), "ADM")

    answer = enter("responsabile").get(f"/documenti/{document.id}")

    assert "<img src=x" not in answer.text
    assert "&lt;img src=x" in answer.text


def test_nothing_in_the_page_breaks_the_content_policy(enter: Enter, decree: DocumentId) -> None:
    client = enter("archivista", also=frozenset({Ability.AUDIT}))
    for address in ("", "?tab=tracciabilita", "?tab=versioni", "?modifica=tipo", "?modifica=intestatario"):
        text = client.get(f"/documenti/{decree}{address}").text
        assert " style=" not in text
        assert " onclick=" not in text
        assert "hx-on" not in text
        assert "<script>" not in text


ROUTES = (
    ("GET", "/documenti/{}"),
    ("GET", "/documenti/{}/pagine/1/immagine?w=200"),
    ("GET", "/documenti/{}/pagine/1/immagine"),
    ("POST", "/documenti/{}/pagine/1/vista"),
    ("GET", "/documenti/{}/originale"),
    ("GET", "/documenti/{}/pdf"),
    ("GET", "/documenti/{}/ricevuta"),
    ("GET", "/api/v1/documents/{}/receipt"),
    ("POST", "/documenti/{}/pagine/1/rotazione"),
    ("POST", "/documenti/{}/pagine/1/riprova"),
    ("POST", "/documenti/{}/pagine/1/trascrizione"),
    ("POST", "/documenti/{}/pagine/1/trascrizione/annulla"),
    ("POST", "/documenti/{}/correggi"),
    ("POST", "/documenti/{}/non-suo"),
    ("POST", "/documenti/{}/annulla"),
    ("POST", "/api/v1/documents/{}/disown"),
    ("GET", "/api/v1/documents/{}"),
    ("GET", "/api/v1/documents/{}/trail"),
    ("GET", "/api/v1/documents/{}/similar"),
    ("GET", "/api/v1/documents/{}/pages/1"),
    ("GET", "/api/v1/documents/{}/pages/1/image"),
    ("GET", "/api/v1/documents/{}/original"),
    ("GET", "/api/v1/documents/{}/pdf"),
    ("POST", "/api/v1/documents/{}/corrections"),
    ("POST", "/api/v1/documents/{}/pages/1/turn"),
    ("POST", "/api/v1/documents/{}/pages/1/transcription"),
    ("POST", "/api/v1/documents/{}/pages/1/transcription/undo"),
    ("POST", "/api/v1/documents/{}/undo"),
)
READING = f"sha256:{64 * '0'}"
FORM = {"turn": "90", "campo": "data", "valore": "2014-01-01", "versione": "1", "persona": BIANCHI.id}
FORM |= {"testo": "Scritto a mano", "lettura": READING}
BODIES = {
    "corrections": {"field": "date", "value": "2014-01-01", "version": 1},
    "turn": {"turn": 90},
    "disown": {"person": BIANCHI.id, "version": 1},
    "transcription": {"text": "Scritto a mano", "reading": READING},
    "undo": {"version": 1, "reading": READING},
}


def call(client: TestClient, method: str, path: str) -> Any:
    if method == "GET":
        return client.get(path)
    if path.startswith("/api/"):
        return client.post(path, json=BODIES[path.rpartition("/")[2]])
    return client.post(path, data=FORM)


def test_a_document_of_another_service_is_nowhere_to_be_found(
    archive: Archive, enter: Enter, decree: DocumentId
) -> None:
    client = enter("archivista", rights=Rights(frozenset({"ADM"}), None, Sensitivity.GIUDIZIARI))

    for method, path in ROUTES:
        there, nowhere = (call(client, method, path.format(id_)) for id_ in (decree, "d-000000000000"))
        assert there.status_code == nowhere.status_code == 404, path
        assert there.text.replace(decree, "") == nowhere.text.replace("d-000000000000", ""), path

    refused = events(archive, EventType.ACCESS_REFUSED)
    assert [event["subject"] for event in refused] == [decree, "d-000000000000"] * len(ROUTES)
    for kind in (EventType.PAGE_DELIVERED, EventType.PAGE_SEEN, EventType.DOCUMENT_VIEWED, EventType.DOCUMENT_DECIDED):
        assert not events(archive, kind)


def test_every_route_of_a_document_is_tried_for_leaks() -> None:
    tried = {(method, re.sub(r"\?.*", "", path)) for method, path in ROUTES}
    there = {
        (route.method, route.path.replace("{document_id}", "{}").replace("{number}", "1"))
        for route in routes()
        if "{document_id}" in route.path and route.path.startswith(("/documenti/", "/api/v1/documents/"))
    }
    assert there == tried


def test_who_has_not_entered_gets_nothing(door: TestClient, decree: DocumentId) -> None:
    for method, path in ROUTES:
        assert call(door, method, path.format(decree)).status_code in (303, 401), path


def test_who_may_only_read_changes_nothing(archive: Archive, enter: Enter, decree: DocumentId) -> None:
    client = enter("operatore")
    for method, path in ROUTES:
        if method == "POST" and not path.endswith("vista"):
            assert call(client, method, path.format(decree)).status_code == 403, path
    assert not events(archive, EventType.DOCUMENT_DECIDED)
    assert not events(archive, EventType.PAGE_TURNED)


NONE_SUCH = (
    "/documenti/..%2f..%2fetc%2fpasswd",
    "/documenti/d-0123456789ab%00",
    "/documenti/{}/pagine/0/immagine",
    "/documenti/{}/pagine/-1/immagine",
    "/documenti/{}/pagine/99999999999/immagine",
    "/documenti/{}/pagine/..%2f1/immagine",
    "/documenti/{}/pagine/4/immagine",
    "/documenti/{}/pagine/1/immagine?w=1",
    "/documenti/{}/pagine/1/immagine?w=100000",
    "/documenti/{}/pagine/1/immagine?w=../..",
    "/documenti/{}/pagine/1/immagine?region=1,2,3",
    "/documenti/{}/pagine/1/immagine?region=0,0,0,0",
    "/documenti/{}/pagine/1/immagine?k=../../x",
    "/documenti/{}?p=0",
    "/documenti/{}?p=4",
    "/documenti/{}?r=../x",
    "/documenti/{}?tab=x",
)


def test_what_is_no_page_or_size_is_refused(enter: Enter, decree: DocumentId) -> None:
    client = enter("archivista")
    for path in NONE_SUCH:
        assert client.get(path.format(decree)).status_code in (404, 409, 422), path


# ---- pictures


def test_a_picture_is_of_the_wanted_width_and_may_be_kept_for_ten_minutes(enter: Enter, scanned: Document) -> None:
    client = enter("responsabile")
    text = client.get(f"/documenti/{scanned.id}").text
    key = text.partition("pagine/1/immagine?w=200&amp;k=")[2][:12]

    small = client.get(f"/documenti/{scanned.id}/pagine/1/immagine?w=200&k={key}")
    large = client.get(f"/documenti/{scanned.id}/pagine/1/immagine?w=full")

    assert small.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(small.content)).width == pytest.approx(200, rel=0.15)
    assert small.headers["cache-control"] == "private, max-age=600, immutable"
    assert Image.open(io.BytesIO(large.content)).size == noise(1).size
    assert large.headers["cache-control"] == "private, no-cache"
    known = {"If-None-Match": large.headers["etag"]}
    again = client.get(f"/documenti/{scanned.id}/pagine/1/immagine?w=full", headers=known)
    assert again.status_code == 304


def test_reinforced_papers_want_a_reason_first_and_are_kept_nowhere(
    archive: Archive, enter: Enter, tmp_path: Path
) -> None:
    document = file_as(archive, scan(archive), "AFF")
    client = enter("responsabile", name="lia", rights=Rights(None, None, Sensitivity.RAFFORZATA))
    address = f"/documenti/{document.id}/pagine/1/immagine"
    assert client.get(address).status_code == 403
    assert not events(archive, EventType.PAGE_DELIVERED)

    now = archive.clock()
    reason = GivenReason("g-1", "lia", document.id, Purpose.INTERVIEW, "", now, now + dt.timedelta(hours=1))
    with archive.catalog.begin() as work:
        work.give_reason(reason)
    answer = client.get(address)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    assert not list((tmp_path / "views").glob("*/*"))
    assert "data-ahead" not in client.get(f"/documenti/{document.id}").text


def test_a_page_that_goes_out_is_on_record_once_a_session(archive: Archive, enter: Enter, scanned: Document) -> None:
    client = enter("responsabile", name="lia")
    for _ in range(3):
        client.get(f"/documenti/{scanned.id}/pagine/1/immagine?w=1240")
        client.get(f"/documenti/{scanned.id}/pagine/1/immagine?w=200")
        client.post(f"/documenti/{scanned.id}/pagine/1/vista")

    delivered = events(archive, EventType.PAGE_DELIVERED)
    assert [(event["subject"], event["page"], event["size"]) for event in delivered] == [
        (page_id(scanned.source, 0), 1, "page")
    ]
    assert delivered[0]["agent"] == "user:lia"
    assert len(events(archive, EventType.PAGE_SEEN)) == 1

    enter("responsabile").get(f"/documenti/{scanned.id}/pagine/1/immagine?w=1240")
    assert len(events(archive, EventType.PAGE_DELIVERED)) == 2


def test_a_small_picture_in_a_list_is_on_record(archive: Archive, enter: Enter, scanned: Document) -> None:
    client = enter("responsabile")
    client.get(f"/documenti/{scanned.id}/pagine/2/immagine?w=200")

    assert [event["size"] for event in events(archive, EventType.PAGE_DELIVERED)] == ["thumbnail"]


def test_opening_is_one_event_and_turning_the_page_none(archive: Archive, enter: Enter, decree: DocumentId) -> None:
    client = enter("operatore")
    client.get(f"/documenti/{decree}")
    for number in (2, 3):
        part = client.get(f"/documenti/{decree}?p={number}", headers={"HX-Request": "true", "HX-Target": "pagina"})
        assert part.text.lstrip().startswith("<section")

    assert len(events(archive, EventType.DOCUMENT_VIEWED)) == 1
    assert [event["page"] for event in events(archive, EventType.PAGE_DELIVERED)] == [1, 2, 3]


def test_a_part_of_a_document_that_was_not_opened_counts_as_opening(
    archive: Archive, enter: Enter, decree: DocumentId
) -> None:
    enter("operatore").get(f"/documenti/{decree}", headers={"HX-Request": "true", "HX-Target": "pagina"})

    assert len(events(archive, EventType.DOCUMENT_VIEWED)) == 1


# ---- marks


def test_hits_of_a_search_are_marked_and_gone_through(archive: Archive, enter: Enter, decree: DocumentId) -> None:
    client = enter("operatore", name="gina")
    with archive.catalog.begin() as work:
        work.keep_asked(AskedSearch("q-1", "gina", "affidamento", archive.clock()), archive.clock())

    first = client.get(f"/documenti/{decree}?r=q-1").text
    second = client.get(f"/documenti/{decree}?r=q-1&h=2").text

    assert 'id="corrispondenza"' in first
    assert 'data-page="2"' in first.partition('id="pagina"')[2][:80]
    assert 'data-page="3"' in second.partition('id="pagina"')[2][:80]
    assert f"/documenti/{decree}?p=2&amp;r=q-1&amp;h=2" in first
    assert f'href="/ricerca/q-1#{decree}"' in first
    assert "<mark>affidamento</mark>" in second
    assert "affidamento" not in "".join(part.partition('"')[0] for part in first.split('href="')[1:])


def test_pages_and_hits_are_gone_through_as_they_are_read(archive: Archive, enter: Enter, decree: DocumentId) -> None:
    client = enter("operatore", name="gina")
    with archive.catalog.begin() as work:
        work.keep_asked(AskedSearch("q-1", "gina", "affidamento", archive.clock()), archive.clock())
    order_pages(decree, (3, 1, 2), "anna", archive.ports)

    plain = client.get(f"/documenti/{decree}").text
    hits = [client.get(f"/documenti/{decree}?r=q-1&h={hit}").text for hit in (1, 2)]

    assert re.findall(r'data-page="(\d)"', plain.partition('id="pagine"')[2].partition("</ol>")[0]) == ["3", "1", "2"]
    assert 'data-page="3"' in plain.partition('id="pagina"')[2][:80]
    assert 'aria-label="Pagina 1 di 3, foglio 3 della scansione"' in plain
    assert f'href="/documenti/{decree}?p=1"' in plain.partition('data-key="."')[0].rpartition("<a")[2]
    shown = [text.partition('id="pagina"')[2][:80].partition('data-page="')[2][:1] for text in hits]
    assert shown == ["3", "2"]
    assert "disabled" in hits[1].partition('data-key="n"')[0].rpartition('"Corrispondenze"')[2]
    # The one in between holds no match, and the last has none behind it.
    assert "pagina successiva" not in hits[1]


def test_a_page_that_was_found_is_called_by_its_place(archive: Archive, enter: Enter, decree: DocumentId) -> None:
    order_pages(decree, (2, 3, 1), "anna", archive.ports)
    archive.work_off()
    client = enter("operatore", name="gina")
    found = client.post("/ricerca", data={"q": "dispone"}, follow_redirects=True).text
    assert "pag. 1 di 3:" in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found))
    assert f"/documenti/{decree}?p=2" in found


def test_the_search_of_somebody_else_marks_nothing(archive: Archive, enter: Enter, decree: DocumentId) -> None:
    with archive.catalog.begin() as work:
        work.keep_asked(AskedSearch("q-1", "gina", "affidamento", archive.clock()), archive.clock())

    text = enter("operatore", name="ugo").get(f"/documenti/{decree}?r=q-1").text

    assert 'id="corrispondenza"' not in text
    assert "scaduta" in text


# ---- what is put right


def test_a_date_is_put_right_in_place_and_taken_back(archive: Archive, enter: Enter, decree: DocumentId) -> None:
    client = enter("archivista", name="mara")
    form = client.get(f"/documenti/{decree}?modifica=data").text
    assert 'name="valore"' in form
    version = archive.catalog.document(decree).version

    said = {"campo": "data", "valore": "2014-03-21", "versione": version}
    done = client.post(f"/documenti/{decree}/correggi", data=said)
    assert done.status_code == 303
    standing = archive.catalog.decisions(archive.catalog.document(decree).source)[decree]
    assert standing.settled.date == dt.date(2014, 3, 21)
    assert standing.by == "mara"

    version = archive.catalog.document(decree).version
    client.post(f"/documenti/{decree}/annulla", data={"versione": version})
    assert decree not in archive.catalog.decisions(archive.catalog.document(decree).source)


def test_a_correction_of_what_has_changed_meanwhile_is_not_applied(
    archive: Archive, enter: Enter, decree: DocumentId
) -> None:
    answer = enter("archivista").post(
        f"/documenti/{decree}/correggi", data={"campo": "data", "valore": "2014-03-21", "versione": 99}
    )

    assert answer.status_code == 409
    assert not events(archive, EventType.DOCUMENT_DECIDED)


def test_a_value_that_is_none_is_refused(archive: Archive, enter: Enter, decree: DocumentId) -> None:
    client = enter("archivista")
    for field, value in (
        ("tipo", "nessuno"),
        ("servizio", "X"),
        ("data", "ieri"),
        ("protocollo", "//"),
        ("intestatario", "?"),
    ):
        said = {"campo": field, "valore": value, "versione": 1}
        assert client.post(f"/documenti/{decree}/correggi", data=said).status_code == 409, field
    assert not events(archive, EventType.DOCUMENT_DECIDED)


def test_a_document_leaves_the_wrong_dossier_at_once_and_can_come_back(
    archive: Archive, enter: Enter, decree: DocumentId
) -> None:
    source = archive.catalog.document(decree).source
    client = enter("archivista", name="mara")
    said = {"persona": BIANCHI.id, "versione": archive.catalog.document(decree).version}

    assert client.post(f"/documenti/{decree}/non-suo", data=said).status_code == 303

    assert archive.catalog.decisions(source)[decree].settled.not_of == (BIANCHI.id,)
    assert not list(archive.catalog.documents_of(BIANCHI.id))
    assert [event["not_of"] for event in events(archive, EventType.DOCUMENT_DECIDED)] == [BIANCHI.id]


def test_a_saved_turn_is_obeyed_and_on_record(archive: Archive, enter: Enter, scanned: Document) -> None:
    client = enter("responsabile")
    upright = client.get(f"/documenti/{scanned.id}/pagine/1/immagine?w=full")
    client.post(f"/documenti/{scanned.id}/pagine/1/rotazione", data={"turn": "90"})
    turned = client.get(f"/documenti/{scanned.id}/pagine/1/immagine?w=full")

    width, height = Image.open(io.BytesIO(upright.content)).size
    assert Image.open(io.BytesIO(turned.content)).size == (height, width)
    assert turned.headers["etag"] != upright.headers["etag"]
    assert [event["turn"] for event in events(archive, EventType.PAGE_TURNED)] == [90]


def runs(text: str) -> list[tuple[int, ...]]:
    """Where the words of the text over the image begin, how long and how high they are."""
    return [tuple(map(int, found.split(","))) for found in re.findall(r'data-run="([\d,]+)"', text)]


def test_the_text_over_the_image_follows_a_page_that_was_turned(enter: Enter, decree: DocumentId) -> None:
    client = enter("responsabile")
    before = client.get(f"/documenti/{decree}?p=2").text
    width, height = map(int, re.findall(r'data-width="(\d+)" data-height="(\d+)"', before)[0])

    client.post(f"/documenti/{decree}/pagine/2/rotazione", data={"turn": "90"})
    after = client.get(f"/documenti/{decree}?p=2").text

    assert 'data-lean="0"' in before
    assert 'data-lean="90"' in after
    assert f'data-width="{height}" data-height="{width}"' in after
    assert len(runs(before)) == 4  # «dispone l'affidamento al servizio»
    assert runs(after) == [(height - y, x, length, high) for x, y, length, high in runs(before)]


def test_a_page_that_was_put_aside_is_tried_again(archive: Archive, enter: Enter, scanned: Document) -> None:
    page = archive.catalog.pages(scanned.source)[0].id
    with archive.catalog.begin() as work:
        work.quarantine_page(page, Reason.OCR_CRASHED)
    client, address = enter("archivista", name="mara"), f"/documenti/{scanned.id}/pagine/1/riprova"
    assert f'action="{address}"' in client.get(f"/documenti/{scanned.id}").text
    assert f'action="{address}"' not in enter("operatore").get(f"/documenti/{scanned.id}").text

    shown = client.post(address, headers={"HX-Request": "true"})

    assert shown.status_code == 200
    assert f'action="{address}"' not in shown.text
    assert archive.catalog.page(page).state is PageState.PENDING
    told = events(archive, EventType.PAGE_RETRIED)
    assert [(event["subject"], event["agent"]) for event in told] == [(page, "user:mara")]
    client.post(address)
    assert len(events(archive, EventType.PAGE_RETRIED)) == 1


def test_a_page_that_was_put_aside_is_offered_other_settings(archive: Archive, enter: Enter, scanned: Document) -> None:
    page = archive.catalog.pages(scanned.source)[0].id
    with archive.catalog.begin() as work:
        work.quarantine_page(page, Reason.OCR_CRASHED)
    client = enter("archivista")
    assert "Riprova con altre impostazioni" in client.get(f"/documenti/{scanned.id}").text

    client.post(f"/documenti/{scanned.id}/pagine/1/riprova", data={"altre": "true"})

    assert to_be_read_otherwise([page], archive.ports) == {page}


# ---- the list that it was opened from


@pytest.fixture
def listed(archive: Archive) -> list[DocumentId]:
    """Documents that one search finds, in the order of their dates, the latest first: 23 letters and a report."""
    with archive.catalog.begin() as work:
        work.save_persons([BIANCHI])
    letters = [
        Paper("domanda di contributo", [BIANCHI], "ADM", "corrispondenza", dt.date(2014, 1, 31) - dt.timedelta(number))
        for number in range(23)
    ]
    report = Paper("domanda di contributo", [BIANCHI], "ADM", "relazione_sociale", dt.date(2014, 1, 30))
    made = list(put(archive, [*letters, report]))
    index_pending(archive.ports)
    return made


def results(client: TestClient, more: str = "") -> tuple[str, list[str]]:
    """The id of a search for them, and the addresses of its documents as the list has them."""
    where = client.post("/ricerca", data={"q": "domanda"}).headers["location"]
    shown = client.get(where + more).text
    hrefs = re.findall(r'href="(/documenti/[^"]*)" data-row', shown)
    return where.rpartition("/")[2], [href.replace("&amp;", "&") for href in hrefs]


def link(text: str, what: str) -> str | None:
    found = re.search(rf'<a [^>]*{what}[^>]*href="([^"]*)"', text)
    return found[1].replace("&amp;", "&") if found else None


def test_a_document_says_its_place_among_the_results_and_leads_to_those_beside_it(
    enter: Enter, listed: list[DocumentId]
) -> None:
    client = enter("operatore")
    search, hrefs = results(client, "?tipo=corrispondenza&ordine=newest")

    first, third = client.get(hrefs[0]).text, client.get(hrefs[2]).text

    assert "(1 di 23)" in first
    assert link(first, 'rel="prev"') is None
    assert "(3 di 23)" in third
    following, previous = link(third, 'rel="next"'), link(third, 'rel="prev"')
    assert following is not None
    assert previous is not None
    assert following.startswith(f"/documenti/{listed[3]}?")
    assert previous.startswith(f"/documenti/{listed[1]}?")
    assert "(4 di 23)" in client.get(following).text
    assert "(2 di 23)" in client.get(previous).text
    back = link(third, 'id="ai-risultati"')
    assert back == f"/ricerca/{search}?tipo=corrispondenza&ordine=newest#{listed[2]}"


def test_the_way_back_is_to_the_row_however_far_one_went_on(enter: Enter, listed: list[DocumentId]) -> None:
    client = enter("operatore")
    _, hrefs = results(client, "?tipo=corrispondenza&ordine=newest")
    address = hrefs[19]
    for _ in range(3):
        address = link(client.get(address).text, 'rel="next"') or ""
    shown = client.get(address).text

    assert "(23 di 23)" in shown
    assert link(shown, 'rel="next"') is None
    back = link(shown, 'id="ai-risultati"') or ""
    assert f'<li id="{listed[22]}">' in client.get(back).text


def test_a_place_that_is_not_told_or_told_wrongly_is_looked_for(enter: Enter, listed: list[DocumentId]) -> None:
    client = enter("operatore")
    search, _ = results(client)
    for told in ("", "n%3D1", "n%3D999999", "n%3Dx", "n%3D%C2%B2", "tipo%3D%22%3E%3Cb%3E"):
        said = f"{told}%26ordine%3Dnewest"
        shown = client.get(f"/documenti/{listed[4]}?r={search}&l={said}")
        assert "(6 di 24)" in shown.text, told  # the report lies between
        assert "<b>" not in shown.text


def test_the_place_is_kept_through_pages_and_corrections_and_others_are_not_told_it(
    enter: Enter, listed: list[DocumentId], archive: Archive
) -> None:
    client = enter("archivista")
    search, hrefs = results(client, "?ordine=newest")
    shown = client.get(hrefs[1]).text
    assert 'name="l" value="n=2&amp;ordine=newest"' in shown

    document = DocumentId(hrefs[1].partition("?")[0].rpartition("/")[2])
    said = {"campo": "tipo", "valore": "relazione_sociale", "versione": archive.catalog.document(document).version}
    answer = client.post(f"/documenti/{document}/correggi", data=said | {"r": search, "l": "n=2&ordine=newest"})

    assert "l=n%3D2%26ordine%3Dnewest" in answer.headers["location"]
    assert "di 24)" not in enter("operatore").get(hrefs[1]).text


def test_a_document_is_shown_without_its_place_when_the_index_does_not_answer(
    enter: Enter, listed: list[DocumentId], archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter("operatore")
    _, hrefs = results(client)

    def away(*_: object) -> None:
        raise IndexUnavailableError("L'indice non risponde. / The index does not answer.")

    monkeypatch.setattr(type(archive.ports.index), "search", away)
    shown = client.get(hrefs[0])

    assert shown.status_code == 200
    assert "ai-risultati" in shown.text


# ---- what leaves


def test_a_receipt_has_the_seal_and_each_event_and_names_nobody(
    archive: Archive, enter: Enter, scanned: Document
) -> None:
    client = enter("responsabile", name="lia")
    assert "Scarica ricevuta" in client.get(f"/documenti/{scanned.id}?tab=tracciabilita").text

    answer = client.get(f"/documenti/{scanned.id}/ricevuta?forma=csv")
    pdf = client.get(f"/documenti/{scanned.id}/ricevuta")

    assert pdf.content.startswith(b"%PDF-")
    assert pdf.headers["content-disposition"] == f'attachment; filename="ricevuta-{scanned.id}.pdf"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))[1:]
    sealed = [entry for entry in archive.catalog.ledger() if entry.record.type == EventType.FILE_SEALED.value]
    assert str(sealed[0].sequence) in {row[0] for row in rows}
    made = receipt(scanned, archive.ports, Tongue())
    assert str(scanned.source) in made.asked[0]
    assert "lettera" not in str(made)
    assert "bianchi" not in str(made).lower()
    exported = events(archive, EventType.REPORT_EXPORTED)
    assert [(event["subject"], event["agent"], event["form"]) for event in exported] == [
        (scanned.id, "user:lia", "csv"),
        (scanned.id, "user:lia", "pdf"),
    ]


def test_the_original_comes_as_it_arrived_under_a_name_that_says_nothing(
    archive: Archive, enter: Enter, scanned: Document
) -> None:
    answer = enter("responsabile").get(f"/documenti/{scanned.id}/originale")

    assert answer.content == tiff(noise(1), noise(2))
    assert answer.headers["content-disposition"] == f'attachment; filename="{scanned.id}-originale.tif"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert [event["form"] for event in events(archive, EventType.DOCUMENT_DOWNLOADED)] == ["original"]


def test_the_searchable_copy_is_a_pdf_and_leaves_nothing_behind(
    archive: Archive, enter: Enter, scanned: Document
) -> None:
    answer = enter("responsabile").get(f"/documenti/{scanned.id}/pdf")

    assert answer.content.startswith(b"%PDF-")
    assert [event["form"] for event in events(archive, EventType.DOCUMENT_DOWNLOADED)] == ["pdf"]
    assert not list(archive.ports.options.work.glob("pdf-*"))


def test_who_may_take_nothing_out_gets_no_file(enter: Enter, scanned: Document) -> None:
    client = enter("revisore", also=frozenset({Ability.SEARCH}))

    assert client.get(f"/documenti/{scanned.id}").status_code == 200
    assert client.get(f"/documenti/{scanned.id}/originale").status_code == 403
    assert client.get(f"/documenti/{scanned.id}/pdf").status_code == 403


# ---- programs


def test_a_program_gets_values_with_proofs_and_words_with_boxes(
    archive: Archive, enter: Enter, scanned: Document
) -> None:
    client = enter("responsabile")
    said = client.get(f"/api/v1/documents/{scanned.id}").json()
    page = client.get(f"/api/v1/documents/{scanned.id}/pages/1").json()

    (holder,) = [value for value in said["values"] if value["field"] == "holder"]
    assert (holder["text"], holder["code"], holder["proven"]) == ("BIANCHI LUCA", BIANCHI.id, True)
    assert holder["proofs"][0]["box"] == {"x": 80, "y": 100, "width": 200, "height": 30}
    assert len(said["pages"]) == 2
    assert (page["width"], page["height"]) == noise(1).size
    assert client.get(f"/api/v1/documents/{scanned.id}/trail").json()["events"]
    assert len(events(archive, EventType.DOCUMENT_VIEWED)) == 1
    assert [event["page"] for event in events(archive, EventType.PAGE_DELIVERED)] == [1]


def test_at_the_counter_nobody_else_appears(archive: Archive, enter: Enter, scanned: Document) -> None:
    client = enter("operatore", name="gina")
    key = key_of("secret-of-gina")
    session = archive.catalog.session(key, archive.clock())
    assert session is not None
    other = PersonId("u-0000000000ff")
    with archive.catalog.begin() as work:
        work.save_persons([Person(other, "Verdi", "Anna")])
        work.put_session(replace(session, pinned=other))
    assert client.get(f"/documenti/{scanned.id}").status_code == 404
    with archive.catalog.begin() as work:
        work.put_session(replace(session, pinned=BIANCHI.id))
    assert "BIANCHI LUCA" in client.get(f"/documenti/{scanned.id}").text
