"""What cannot come in: excluded with a reason, named before a batch is closed, and said while it still waits."""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from faldone.domain.access import Sensitivity
from faldone.domain.account import Rights
from faldone.domain.batch import BatchFacts, Despite
from faldone.domain.decision import Asked
from faldone.domain.events import EventType
from faldone.domain.ids import PageId, page_id
from faldone.domain.inbox import Inbox
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.intake.batches import close_batch, count_batch, describe_batch, find_in_batch
from faldone.pipeline.intake.inbox_doors import InboxDoors
from faldone.pipeline.intake.take_in import take_in
from faldone.web.site import Site
from tests.dossiers import fill
from tests.papers import noise, png, tiff
from tests.review_papers import take_papers
from tests.twins import Archive
from tests.web.conftest import Enter
from tests.web.test_intake import CREMA, _heard, _stream, pages_of

TEXT = "Relazione sociale sulla famiglia e sui minori presenti nella casa del padre"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=TEXT), patience_s=60.0)
    yield made
    made.close()


def drop_old(archive: Archive, name: str, content: bytes, age_s: float = 3_600) -> Path:
    """Puts a file into the inbox that did not change for so long."""
    path = archive.drop(name, content)
    then = time.time() - age_s
    os.utime(path, (then, then))
    return path


def take(archive: Archive, name: str, content: bytes) -> None:
    take_in([drop_old(archive, name, content)], Inbox(archive.inbox), archive.ports)


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def broken_batch(archive: Archive) -> tuple[str, PageId]:
    """A batch of a broken file, a page that cannot be read and one that can; ids of the first two."""
    archive.engine.fail_next(times=3)
    take(archive, "lotto-1/a.tif", b"non un'immagine")
    take(archive, "lotto-1/b.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    batch = archive.catalog.batch("lotto-1")
    (lost,) = (page.id for file in archive.catalog.batch_contents(batch.id) for page in file.pages if page.reason)
    return find_in_batch(batch, "lotto-1/a.tif", None, archive.ports), lost


def gaps(archive: Archive) -> list[str]:
    report = count_batch(archive.catalog.batch("lotto-1"), archive.ports)
    return [one.gap.value for one in report.shortfalls]


def test_a_file_and_a_page_are_excluded_by_form_and_the_batch_closes(archive: Archive, enter: Enter) -> None:
    file, page = broken_batch(archive)
    client = enter("archivista", name="mara")
    assert gaps(archive) == ["file-rejected", "page-rejected"]
    shown = client.get("/acquisizione/lotti/lotto-1").text
    assert "Il file è danneggiato" in words(shown) or "Il formato del file" in words(shown)
    assert f'value="{file}"' in shown
    address = "/acquisizione/lotti/lotto-1/esclusioni"

    assert client.post(address, data={"cosa": file}).status_code == 422
    assert client.post(address, data={"cosa": file, "perche": "perché sì"}).status_code == 422
    done = client.post(address, data={"cosa": file, "perche": "scanned-again"})
    assert done.status_code == 303
    assert "Escludi dal lotto" in client.get(f"/acquisizione/pagine/{page}").text
    back = client.post(address, data={"cosa": page, "perche": "private-paper", "dove": "pagina"})

    assert back.headers["location"] == f"/acquisizione/pagine/{page}"
    assert gaps(archive) == []
    seen = words(client.get(f"/acquisizione/pagine/{page}").text)
    assert "esclusa" in seen
    assert "foglio privato: non è una carta dell'ufficio".replace("'", "&#39;") in seen
    shown = words(client.get("/acquisizione/lotti/lotto-1").text)
    assert "escluso dal lotto, la carta è stata scansionata di nuovo." in shown
    assert "I conti tornano" in shown
    assert "File esclusi: 1" in words(client.get("/acquisizione").text)
    told = archive.catalog.events_of({EventType.FILE_EXCLUDED, EventType.PAGE_EXCLUDED})
    assert {one.record.agent for one in told} == {"user:mara"}

    client.post(address, data={"cosa": file, "perche": "annulla"})
    assert gaps(archive) == ["file-rejected"]


def test_the_api_excludes_and_says_what_did_not_come_in(archive: Archive, enter: Enter) -> None:
    file, page = broken_batch(archive)
    client = enter("archivista")
    left = client.get("/api/v1/batches/lotto-1").json()["left_out"]
    assert [(one["id"], one["because"]) for one in left] == [(file, None), (page, None)]
    address = "/api/v1/batches/lotto-1/exclusions"
    for what in (file, page):
        said = client.post(address, json={"what": what, "because": "test-sheet"}).json()
    assert said["complete"]
    assert [one["because"] for one in said["left_out"]] == ["test-sheet", "test-sheet"]
    good = next(one for one in pages_of(archive, "lotto-1") if one != page)
    assert client.post(address, json={"what": good, "because": "test-sheet"}).status_code == 409
    assert client.post(address, json={"what": "p-0000000000000000-0", "because": None}).status_code == 404
    assert client.post(address, json={"what": "x", "because": None}).status_code == 422


def test_who_may_not_see_a_batch_excludes_nothing_from_it(archive: Archive, enter: Enter) -> None:
    file, _ = broken_batch(archive)
    describe_batch(archive.catalog.batch("lotto-1"), BatchFacts(comune="Lodi"), archive.ports)
    form, said = {"cosa": file, "perche": "test-sheet"}, {"what": file, "because": "test-sheet"}
    for client, status in ((enter("archivista", rights=CREMA), 404), (enter("operatore"), 403)):
        assert client.post("/acquisizione/lotti/lotto-1/esclusioni", data=form).status_code == status
        assert client.post("/api/v1/batches/lotto-1/exclusions", json=said).status_code == status
    assert archive.catalog.events_of({EventType.FILE_EXCLUDED}) == ()


def test_closing_with_gaps_lists_every_one_and_says_afterwards_why_it_was_done(archive: Archive, enter: Enter) -> None:
    file, page = broken_batch(archive)
    describe_batch(archive.catalog.batch("lotto-1"), BatchFacts(sheets=5), archive.ports)
    client = enter("archivista")
    refused = client.post("/acquisizione/lotti/lotto-1/chiudi")
    assert refused.status_code == 409
    listed = words(refused.text.partition('id="da-chiudere"')[2].partition("<fieldset")[0])
    for told in (
        "1 × file rifiutato",
        "lotto-1/a.tif",
        "1 × pagina non leggibile",
        "lotto-1/b.tif, pagina",
        "2 ≠ 5 × 1",
    ):
        assert told in listed, told
    assert client.post("/acquisizione/lotti/lotto-1/chiudi", data={"motivo": "paper-missing"}).status_code == 303
    after = words(client.get("/acquisizione/lotti/lotto-1").text)
    assert "con cose che non tornano. Motivo: la carta non si trova." in after
    assert client.get("/api/v1/batches/lotto-1").json()["despite"] == "paper-missing"
    (closed,) = archive.catalog.events_of({EventType.BATCH_CLOSED})
    assert json.loads(closed.record.detail)["files_rejected"] == 1
    late = client.post("/acquisizione/lotti/lotto-1/esclusioni", data={"cosa": file, "perche": "test-sheet"})
    assert late.status_code == 409
    assert "Il lotto è chiuso." in late.text
    assert f'value="{page}"' not in late.text


def test_a_batch_that_added_up_is_shown_closed_without_a_reason(archive: Archive, enter: Enter) -> None:
    take(archive, "lotto-1/a.tif", tiff(noise(1)))
    archive.work_off()
    close_batch(archive.catalog.batch("lotto-1"), Despite.LOOKED_AT, archive.ports)
    shown = enter("archivista").get("/acquisizione/lotti/lotto-1").text
    assert "Lotto chiuso il" in shown
    assert "Motivo:" not in shown


# ---- what waits because it looks damaged


def look_again(site: Site) -> None:
    """Lets the inboxes be asked now, whenever they were asked last."""
    for door in site.part(InboxDoors, lambda _: InboxDoors((), site.ports.clock))._doors:
        door.asked_s = float("-inf")


def suspected(client: TestClient, site: Site) -> str:
    """The board's words of suspect files, once the inboxes were looked into."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        text = client.get("/acquisizione").text
        if 'id="sospetti"' in text:
            return words(text.partition('id="sospetti"')[2].partition("</ul>")[0])
        look_again(site)
        time.sleep(0.1)
    return ""


def test_files_that_look_damaged_are_named_with_their_reason_while_they_wait(
    archive: Archive, site: Site, enter: Enter
) -> None:
    drop_old(archive, "lotto-1/intera.png", png(noise(1)), age_s=20)
    client = enter("archivista")
    assert 'id="sospetti"' not in client.get("/acquisizione").text
    drop_old(archive, "lotto-1/rotta.png", png(noise(1))[:5_000], age_s=20)
    drop_old(archive, "lotto-1/vuota.pdf", b"", age_s=20)
    drop_old(archive, "lotto-1/.nascosta.pdf", b"", age_s=20)
    drop_old(archive, "lotto-1/adesso.pdf", b"", age_s=0)
    drop_old(archive, "lotto-1/vecchia.pdf", b"", age_s=3_600)
    said = suspected(client, site)
    assert "2 file sospetti: se non arriva il resto, si riprova alle" in said
    assert "lotto-1/rotta.png : Il file è danneggiato o incompleto" in said
    assert "lotto-1/vuota.pdf : Il file è vuoto" in said
    for name in ("intera", "nascosta", "adesso", "vecchia"):
        assert name not in said
    nobody = enter("archivista", rights=Rights(None, None, Sensitivity.BASE))
    assert "rotta.png" not in nobody.get("/acquisizione").text


@pytest.mark.slow
def test_the_stream_tells_of_a_suspect_file_though_no_batch_changed(archive: Archive, site: Site, app: object) -> None:
    drop_old(archive, "lotto-1/rotta.png", png(noise(1))[:5_000], age_s=20)
    heard = "".join(asyncio.run(_heard(_stream(site, app, "x-0"), 9, 9.0, "rotta.png")))
    assert "event: avviso" in heard
    assert "1 file sospetto" in words(heard.replace("data: ", ""))


# ---- a scan that may not be seen large


def test_a_scan_filed_where_a_reason_is_owed_asks_for_it_and_shows_the_picture_afterwards(
    archive: Archive, enter: Enter
) -> None:
    papers = fill(archive)
    (page,) = pages_of(archive, "lotto 5")
    address = f"/acquisizione/pagine/{page}"
    before = archive.catalog.ledger_tail().length
    client = enter("archivista", rights=Rights(None, None, Sensitivity.RAFFORZATA, intake=True))
    asked = client.get(address)
    assert asked.status_code == 200
    assert f"{address}/immagine" not in asked.text
    assert f'name="subject" value="{papers[5]}"' in asked.text
    assert f'name="next" value="{address}"' in asked.text
    assert archive.catalog.events_of({EventType.ACCESS_REFUSED}, after=before) == ()
    given = client.post("/motivo", data={"subject": papers[5], "purpose": "istruttoria", "next": address})
    assert given.headers["location"] == address
    assert f"{address}/immagine" in client.get(address).text


def test_a_scan_of_which_nobody_knows_what_it_is_says_so_and_that_a_reason_opens_it(
    archive: Archive, enter: Enter
) -> None:
    (paper,) = take_papers(archive, "fattura n. 12")
    with archive.catalog.begin() as work:
        unknown = replace(paper.proposal, type=None, service=None)
        work.save_proposals(paper.source, [unknown], archive.clock(), {0: Asked("holder:-", frozenset())})
    page = page_id(paper.source, 0)
    client = enter("archivista", rights=Rights(None, None, Sensitivity.RAFFORZATA, intake=True))
    shown = client.get(f"/acquisizione/pagine/{page}").text
    assert "Chiede un motivo: non si sa ancora che cos" in shown
    assert "controllo della scansione" in shown
    assert "Fascicolo a tutela rafforzata" not in shown
    assert f"{page}/immagine" not in shown
    batch = archive.catalog.batch_of(page)
    for path in ("", f"/lotti/{batch.id}"):
        assert "Il lucchetto al posto di una pagina: chiede un motivo" in client.get(f"/acquisizione{path}").text
    client.post("/motivo", data={"subject": paper.id, "purpose": "scansione"})
    assert f"{page}/immagine" in client.get(f"/acquisizione/pagine/{page}").text


def test_a_scan_filed_where_rights_do_not_reach_says_so_in_the_place_of_its_picture(
    archive: Archive, enter: Enter
) -> None:
    papers = fill(archive)
    (page,) = pages_of(archive, "lotto 5")
    shown = enter("archivista").get(f"/acquisizione/pagine/{page}").text
    assert "i tuoi permessi non arrivano" in shown
    assert f"{page}/immagine" not in shown
    assert papers[5] not in shown
