"""Acquisizione: red at once, sums to the unit, nothing lost or overwritten by an upload, nothing shown to the wrong."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from fastapi.testclient import TestClient
from PIL import Image, ImageFilter

from faldone.catalog.records import SourceState
from faldone.domain.access import Sensitivity
from faldone.domain.account import Account, AccountRole, Rights
from faldone.domain.batch import BatchFacts
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.ids import PageId, PersonId, page_id
from faldone.domain.inbox import Inbox
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.domain.verdict import Flaw, Verdict
from faldone.ingest.inspect import Limits
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.audit.audit import trail, verify
from faldone.pipeline.audit.story import detail_of, to_line
from faldone.pipeline.intake.batches import describe_batch, open_batch
from faldone.pipeline.intake.inbox_doors import InboxDoors
from faldone.pipeline.intake.look import look
from faldone.pipeline.intake.open_source import open_source
from faldone.pipeline.intake.quarantine import to_be_read_otherwise
from faldone.pipeline.intake.take_in import Arrival, take_in
from faldone.pipeline.intake.upload import safe_name
from faldone.web.caller import caller_of
from faldone.web.pages import intake
from faldone.web.site import Site
from faldone.web.stopping import stopping
from tests.dossiers import fill
from tests.papers import noise, png, tiff
from tests.twins import Archive
from tests.web.conftest import ALL, Enter

TEXT = "Relazione sociale sulla famiglia e sui minori presenti nella casa del padre"
REINFORCED_NO_INTAKE = Rights(None, None, Sensitivity.RAFFORZATA)
CREMA = Rights(None, frozenset({"crema"}), Sensitivity.GIUDIZIARI, intake=True)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=TEXT), limits=Limits(max_bytes=2_000_000))
    yield made
    made.close()


def blurred(seed: int) -> Image.Image:
    return noise(seed).filter(ImageFilter.GaussianBlur(2))


def gate(archive: Archive) -> None:
    """Opens files and looks at their pages, as far as it goes while the paper is on the table."""
    for unit in archive.catalog.unfinished(archive.clock(), 100).open:
        open_source(Digest.parse(unit.id), archive.ports)
    look([PageId(unit.id) for unit in archive.catalog.unfinished(archive.clock(), 100).look], archive.ports)


def pages_of(archive: Archive, code: str) -> list[PageId]:
    return [page.id for file in archive.catalog.batch_contents(archive.catalog.batch(code).id) for page in file.pages]


def in_inbox(archive: Archive) -> list[str]:
    return sorted(path.name for path in archive.inbox.rglob("*"))


def hand_in(client: TestClient, *files: tuple[str, bytes], address: str = "/api/v1/upload") -> list[dict[str, object]]:
    answer = client.post(address, files=[("file", (name, content)) for name, content in files])
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert isinstance(made, list)
    return made


# ---- the board


def test_the_first_red_page_is_named_with_its_cause_and_what_to_do(archive: Archive, enter: Enter) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2), blurred(3), noise(4)))
    gate(archive)
    page = enter("archivista").get("/acquisizione").text
    assert "Lotto lotto-1, pagina 3: sfocata. Ripassa il foglio." in re.sub(r"\s+", " ", page)
    assert 'aria-label="Pagina 3, sfocata"' in page
    assert "thumb-bad" in page
    assert "thumb-done" in page


def fateful(client: TestClient, code: str) -> list[str]:
    """What stands against closing a batch, by kind."""
    return [gap["gap"] for gap in client.get(f"/api/v1/batches/{code}").json()["shortfalls"]]


@pytest.mark.parametrize(("said", "word"), [("as-is", "accettata così"), ("fed-again", "ripassata")])
def test_a_bad_scan_of_which_a_person_spoke_is_red_no_more_and_it_can_be_taken_back(
    archive: Archive, enter: Enter, said: str, word: str
) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), blurred(3)))
    archive.work_off()
    client = enter("archivista", name="mara")
    page = pages_of(archive, "lotto-1")[1]
    address = f"/acquisizione/pagine/{page}"
    assert fateful(client, "lotto-1") == ["page-bad"]
    assert f'action="{address}/giudizio"' in client.get("/acquisizione").text

    answer = client.post(f"{address}/giudizio", data={"detto": said, "dove": "tabellone"})

    assert answer.headers["location"] == "/acquisizione"
    assert fateful(client, "lotto-1") == []
    assert client.get("/api/v1/batches/lotto-1").json()["judged"][said] == 1
    until = time.monotonic() + 10  # a batch that took long to count rests before it is counted again
    while "data-red" in client.get("/acquisizione").text and time.monotonic() < until:
        time.sleep(0.2)
    assert "data-red" not in client.get("/acquisizione").text
    assert word in client.get(address).text
    (judged,) = (one for one in archive.catalog.ledger() if '"judged"' in one.record.detail)
    entry = judged.record
    assert (entry.type, entry.subject, entry.agent) == (EventType.PAGE_JUDGED, page, "user:mara")
    assert detail_of(judged) == {"batch": archive.catalog.batch("lotto-1").id, "judged": said}
    client.post(f"{address}/giudizio", data={"detto": said})
    assert len([one for one in archive.catalog.ledger() if '"judged"' in one.record.detail]) == 1

    client.post(f"{address}/giudizio", data={"detto": "annulla"})

    assert fateful(client, "lotto-1") == ["page-bad"]
    assert "Accetta così" in client.get(address).text
    assert not [one for one in verify(archive.ports).findings if one.object != "mara"]


def test_what_a_person_said_of_a_bad_scan_is_in_the_story_of_its_paper(archive: Archive, enter: Enter) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), blurred(3)))
    archive.work_off()
    page = pages_of(archive, "lotto-1")[1]
    (document,) = (one for one in archive.catalog.documents(archive.catalog.page(page).source) if 1 in one.span)
    client = enter("archivista", name="mara")
    for said in ("fed-again", "as-is", "annulla"):
        client.post(f"/acquisizione/pagine/{page}/giudizio", data={"detto": said})
    told = [to_line(one) for one in trail(document.id, archive.ports) if one.record.type == EventType.PAGE_JUDGED]
    assert [(line.italian, line.english) for line in told] == [
        ("La pagina 2 del file: il foglio è stato ripassato.", "Page 2 of the file: the sheet was fed again."),
        ("La pagina 2 del file accettata così.", "Page 2 of the file accepted as it is."),
        (
            "La pagina 2 del file: annullato quel che se ne era detto.",
            "Page 2 of the file: what was said of it was taken back.",
        ),
    ]


def test_only_a_bad_scan_of_an_open_batch_of_one_s_own_is_spoken_of(archive: Archive, enter: Enter) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), blurred(3)))
    archive.work_off()
    describe_batch(archive.catalog.batch("lotto-1"), BatchFacts(comune="Lodi"), archive.ports)
    good, bad = pages_of(archive, "lotto-1")
    client, program = enter("archivista", rights=CREMA), enter("archivista")
    for page in (bad, "p-0000000000000000-0"):
        assert client.post(f"/acquisizione/pagine/{page}/giudizio", data={"detto": "as-is"}).status_code == 404
        assert client.post(f"/api/v1/scans/{page}/judgement", json={"judgement": "as-is"}).status_code == 404
    assert enter("operatore").post(f"/acquisizione/pagine/{bad}/giudizio", data={"detto": "as-is"}).status_code == 403
    assert program.post(f"/api/v1/scans/{good}/judgement", json={"judgement": "as-is"}).status_code == 409
    assert program.post(f"/api/v1/scans/{bad}/judgement", json={"judgement": "x"}).status_code == 422

    close_batch_by_force(archive, "lotto-1")

    assert program.post(f"/api/v1/scans/{bad}/judgement", json={"judgement": "as-is"}).status_code == 409
    assert not [one for one in archive.catalog.ledger() if '"judged"' in one.record.detail]


def test_the_board_says_the_sum_to_the_unit(archive: Archive, enter: Enter) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2), noise(3)))
    archive.work_off()
    describe_batch(archive.catalog.batch("lotto-1"), BatchFacts(sheets=2, sides=2), archive.ports)
    client = enter("archivista")
    said = client.get("/api/v1/batches/lotto-1").json()
    assert said["pages_in"] == sum(said["pages"].values()) == 3
    assert [gap["gap"] for gap in said["shortfalls"]] == ["sheets-differ"]
    assert "2 / 2" in re.sub(r"\s+", " ", client.get("/acquisizione").text)


def test_who_is_no_archivist_sees_nothing_of_what_comes_in(archive: Archive, enter: Enter) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    gate(archive)
    (page,) = pages_of(archive, "lotto-1")
    client = enter("operatore")
    for path in ("", "/lotti/lotto-1", "/quarantena", "/carica", f"/pagine/{page}/miniatura", "/eventi"):
        assert client.get(f"/acquisizione{path}").status_code == 403


def test_batches_of_another_comune_are_not_there_for_who_may_not_see_them(archive: Archive, enter: Enter) -> None:
    for code in ("crema", "lodi"):
        open_batch(code, str(archive.inbox), BatchFacts(comune=code.title()), archive.ports)
        archive.clock.pass_by(seconds=1)
        archive.take(f"{code}.tif", tiff(noise(len(code))))
        close_batch_by_force(archive, code)
    gate(archive)
    client = enter("archivista", rights=CREMA)
    board = client.get("/acquisizione").text
    assert "crema" in board
    assert "lodi" not in board
    assert client.get("/acquisizione/lotti/crema").status_code == 200
    assert client.get("/acquisizione/lotti/lodi").status_code == 404
    assert client.get("/api/v1/batches/lodi").status_code == 404
    assert [one["code"] for one in client.get("/api/v1/batches").json()] == ["crema"]
    (own,) = pages_of(archive, "crema")
    (other,) = pages_of(archive, "lodi")
    assert client.get(f"/acquisizione/pagine/{own}/miniatura").status_code == 200
    for end in ("", "/miniatura", "/immagine"):
        assert client.get(f"/acquisizione/pagine/{other}{end}").status_code == 404
    assert client.post("/acquisizione/lotti/lodi/chiudi").status_code == 404
    refused = client.post("/api/v1/batches", json={"code": "nuovo", "facts": {"comune": "Lodi"}})
    assert refused.status_code == 409


def close_batch_by_force(archive: Archive, code: str) -> None:
    with archive.catalog.begin() as work:
        work.close_batch(archive.catalog.batch(code).id, archive.clock())


def test_without_the_right_to_unfiled_papers_there_is_no_batch_and_no_picture(archive: Archive, enter: Enter) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    gate(archive)
    (page,) = pages_of(archive, "lotto-1")
    client = enter("archivista", rights=Rights(None, None, Sensitivity.RAFFORZATA, intake=False))
    assert "lotto-1" not in client.get("/acquisizione").text
    assert client.get(f"/acquisizione/pagine/{page}/miniatura").status_code == 404


def test_a_page_filed_where_it_is_not_just_shown_is_a_closed_leaf_on_the_board_and_no_broken_picture(
    archive: Archive, enter: Enter
) -> None:
    papers = fill(archive)
    (page,) = pages_of(archive, "lotto 5")  # filed as the papers that are reinforced
    at_most = enter("archivista", rights=ALL)
    owing = enter("archivista", rights=Rights(None, None, Sensitivity.RAFFORZATA, intake=True))
    before = archive.catalog.ledger_tail().length
    for client in (at_most, owing):
        answer = client.get(f"/acquisizione/pagine/{page}/miniatura")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
        assert answer.headers["cache-control"] == "no-store"  # a reason opens it at once
        assert client.get(f"/acquisizione/pagine/{page}/immagine").status_code in (403, 404)
    told = {EventType.PAGE_DELIVERED, EventType.PAGE_SEEN, EventType.DOCUMENT_VIEWED}
    assert archive.catalog.events_of(told, after=before) == ()
    owing.post("/motivo", data={"subject": papers[5], "purpose": "istruttoria"})
    assert owing.get(f"/acquisizione/pagine/{page}/miniatura").headers["content-type"] == "image/webp"
    for rights in (Rights(None, frozenset({"lodi"}), Sensitivity.RAFFORZATA, intake=True), REINFORCED_NO_INTAKE):
        assert enter("archivista", rights=rights).get(f"/acquisizione/pagine/{page}/miniatura").status_code == 404


def test_a_page_that_goes_out_is_on_record_once_a_session(archive: Archive, enter: Enter) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    gate(archive)
    (page,) = pages_of(archive, "lotto-1")
    client = enter("archivista")
    for _ in range(3):
        assert client.get(f"/acquisizione/pagine/{page}/immagine").headers["content-type"] == "image/jpeg"
    told = [e for e in archive.catalog.events([page]) if e.record.type == EventType.PAGE_DELIVERED]
    assert [json.loads(e.record.detail)["size"] for e in told] == ["page"]


# ---- the stream


async def _heard(stream: AsyncIterator[str], wanted: int, seconds: float, word: str = "") -> list[str]:
    """The first events of a stream: so many, or up to the one that has a word in it."""
    found: list[str] = []
    try:
        async with asyncio.timeout(seconds):
            async for event in stream:
                if "event: " in event:
                    found.append(event)
                if len(found) == wanted or (word and word in event):
                    break
    except TimeoutError:
        pass
    return found


class _Request:
    """As much of a request as the stream asks of one."""

    def __init__(self, app: object) -> None:
        self.app = app
        self.headers = {"cookie": ""}
        self.cookies: dict[str, str] = {}
        self.url = type("Url", (), {"path": "/acquisizione/eventi"})()

    async def is_disconnected(self) -> bool:
        return False


def _stream(site: Site, app: object, last: str, rights: Rights = ALL) -> AsyncIterator[str]:
    caller = caller_of(site, Account("prova", "Prova", AccountRole.ARCHIVIST, rights), None, "", site.ports.clock())
    return intake._stream(_Request(app), caller, last)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_red_page_reaches_the_screen_within_two_seconds_of_being_looked_at(
    archive: Archive, site: Site, app: object, enter: Enter
) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    gate(archive)
    mark = re.search(r'data-mark="([^"]+)"', enter("archivista").get("/acquisizione").text)
    assert mark is not None

    async def scan() -> list[str]:
        heard = asyncio.create_task(_heard(_stream(site, app, mark[1]), 99, 8.0, "Ripassa il foglio"))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(archive.take, "lotto-1/b.tif", tiff(noise(7), blurred(8)))
        await asyncio.to_thread(gate, archive)
        began = asyncio.get_running_loop().time()
        found = await heard
        assert asyncio.get_running_loop().time() - began < 2.0
        return found

    found = asyncio.run(scan())
    assert "event: avviso" in found[-1]
    assert "pagina 3: sfocata. Ripassa il foglio." in found[-1]
    batch = archive.catalog.batch("lotto-1").id
    more = "".join(asyncio.run(_heard(_stream(site, app, mark[1]), 3, 3.0)))
    assert f"event: pagine-{batch}" in more
    assert f"event: lotto-{batch}" in more


@pytest.mark.slow
def test_a_stream_goes_on_where_it_was_and_says_nothing_twice(archive: Archive, site: Site, app: object) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    gate(archive)
    all_of_it = asyncio.run(_heard(_stream(site, app, ""), 4, 4.0))
    assert len(all_of_it) == 4
    (last,) = re.findall(r"id: (\S+)", "".join(all_of_it))[-1:]
    assert asyncio.run(_heard(_stream(site, app, last), 1, 1.5)) == []
    archive.clock.pass_by(seconds=1)
    archive.take("lotto-2/b.tif", tiff(noise(2)))
    new = asyncio.run(_heard(_stream(site, app, last), 4, 4.0))
    assert [re.findall(r"event: ([a-z]+)", event)[0] for event in new] == ["avviso", "pagine", "nuovo", "piede"]


@pytest.mark.slow
def test_a_stream_tells_nobody_of_batches_that_they_may_not_see(archive: Archive, site: Site, app: object) -> None:
    open_batch("lodi", "", BatchFacts(comune="Lodi"), archive.ports)
    archive.take("b.tif", tiff(blurred(2)))
    gate(archive)
    told = "".join(asyncio.run(_heard(_stream(site, app, "", CREMA), 5, 1.5)))
    assert "lodi" not in told
    assert "sfocata" not in told
    assert "lodi" in "".join(asyncio.run(_heard(_stream(site, app, ""), 4, 2.0)))


def test_a_stream_ends_when_the_app_stops(site: Site, app: object) -> None:
    stopping(site).set()

    async def to_the_end() -> list[str]:
        async with asyncio.timeout(2.0):
            return [event async for event in _stream(site, app, "")]

    assert asyncio.run(to_the_end()) == ["retry: 1000\n\n"]


# ---- closing


def test_a_batch_that_lacks_sheets_is_refused_by_name_and_closes_when_they_came(archive: Archive, enter: Enter) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    describe_batch(archive.catalog.batch("lotto-1"), BatchFacts(sheets=4), archive.ports)
    client = enter("archivista", name="mb")
    refused = client.post("/acquisizione/lotti/lotto-1/chiudi")
    assert refused.status_code == 409
    words = re.sub(r"\s+", " ", refused.text)
    assert "Fogli dichiarati: 4, arrivati: 2 (ne mancano 2)" in words
    assert 'value="counted-wrong"' in words
    assert archive.catalog.batch("lotto-1").closed_at is None
    archive.take("lotto-1/b.tif", tiff(noise(3), noise(4)))
    archive.work_off()
    done = client.post("/acquisizione/lotti/lotto-1/chiudi")
    assert done.status_code == 303
    batch = archive.catalog.batch("lotto-1")
    assert batch.closed_at is not None
    closed = [e for e in archive.catalog.events([batch.id]) if e.record.type == EventType.BATCH_CLOSED]
    assert [e.record.agent for e in closed] == ["user:mb"]
    again = client.post("/acquisizione/lotti/lotto-1/chiudi")
    assert again.status_code == 409
    assert archive.catalog.batch("lotto-1").closed_at == batch.closed_at


def test_a_batch_closes_for_a_reason_but_never_with_work_under_way(archive: Archive, enter: Enter) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    client = enter("archivista")
    moving = client.post("/acquisizione/lotti/lotto-1/chiudi", data={"motivo": "looked-at"})
    assert moving.status_code == 409
    assert "ancora in lavorazione" in moving.text
    archive.work_off()
    describe_batch(archive.catalog.batch("lotto-1"), BatchFacts(sheets=9), archive.ports)
    said = client.post("/api/v1/batches/lotto-1/close", json={"despite": "counted-wrong"}).json()
    assert (said["complete"], said["closed_at"] is not None) == (False, True)


def test_a_batch_is_opened_and_described_by_form(archive: Archive, enter: Enter) -> None:
    client = enter("archivista", name="mb")
    made = client.post("/acquisizione/lotti", data={"code": "2026-014", "sheets": "120", "duplex": "1", "box": "B-12"})
    assert made.status_code == 303
    batch = archive.catalog.batch("2026-014")
    assert made.headers["location"] == f"/acquisizione/lotti/{batch.id}"
    assert (batch.facts.sheets, batch.facts.sides, batch.facts.box) == (120, 2, "B-12")
    client.post(f"/acquisizione/lotti/{batch.id}/dati", data={"sheets": "118", "duplex": "1"})
    assert archive.catalog.batch("2026-014").facts == BatchFacts(sheets=118, sides=2)
    assert client.get(f"/acquisizione/lotti/{batch.id}?problemi=true").status_code == 200
    assert client.post("/acquisizione/lotti", data={"code": "../x"}).status_code == 409
    unknown = client.post(f"/acquisizione/lotti/{batch.id}/dati", data={"service": "NIENTE"})
    assert unknown.status_code == 409
    assert "NIENTE" in unknown.text


# ---- handing files in


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\atto.tif", "atto.tif"),
        ("/etc/crontab", "crontab"),
        ("a\0b.pdf", "ab.pdf"),
        ("riga\nnuova.pdf", "riganuova.pdf"),
        ("\u202egpj.exe.pdf", "gpj.exe.pdf"),
        ("..", "senza nome"),
        ("", "senza nome"),
        (".nascosto.pdf", "nascosto.pdf"),
        ("~$atto.docx", "atto.docx"),
        ("a<b>:c?.png", "a_b__c_.png"),
        ("scansione.part", "scansione.part.caricato"),
        ("finisce. . ", "finisce"),
        ("città.pdf", "città.pdf"),
    ],
)
def test_a_name_loses_what_hides_or_harms(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_a_name_is_never_longer_than_a_disk_takes_and_keeps_its_ending() -> None:
    for name in ("à" * 300 + ".pdf", "x" * 300, "y." + "z" * 300, "😀" * 300 + ".tiff"):
        made = safe_name(name)
        assert 0 < len(made.encode()) <= 130
        assert "/" not in made
    assert safe_name("à" * 300 + ".pdf").endswith(".pdf")


@pytest.mark.parametrize("name", ["../../fuori.png", "..\\fuori.png", "/tmp/fuori.png", "n" * 300 + ".png"])
def test_a_hostile_name_stays_in_the_inbox(archive: Archive, enter: Enter, name: str) -> None:
    before = {path for path in archive.folder.rglob("*") if not path.is_relative_to(archive.inbox)}
    (said,) = hand_in(enter("archivista"), (name, png(noise(1))))
    assert in_inbox(archive) == [said["stored"]]
    outside = {path for path in archive.folder.rglob("*") if not path.is_relative_to(archive.inbox)}
    assert {path for path in outside - before if "fuori" in path.name} == set()


def test_two_files_of_one_name_both_arrive_and_nothing_is_overwritten(archive: Archive, enter: Enter) -> None:
    archive.drop("atto.png", b"era qui")
    client = enter("archivista")
    said = hand_in(client, ("atto.png", png(noise(1))), ("atto.png", png(noise(2))))
    assert [one["stored"] for one in said] == ["atto (2).png", "atto (3).png"]
    assert (archive.inbox / "atto.png").read_bytes() == b"era qui"
    paths = [archive.inbox / str(one["stored"]) for one in said]
    assert paths[0].read_bytes() != paths[1].read_bytes()
    assert take_in(paths, Inbox(archive.inbox), archive.ports) == [Arrival.TAKEN, Arrival.TAKEN]


def test_bytes_arrive_as_they_were_sent(archive: Archive, enter: Enter) -> None:
    content = tiff(*(noise(seed) for seed in range(3)))
    assert len(content) > 70_000  # more than one piece of a request
    hand_in(enter("archivista"), ("a.tif", content))
    assert (archive.inbox / "a.tif").read_bytes() == content


def test_what_faldone_does_not_open_says_why_and_leaves_nothing(archive: Archive, enter: Enter) -> None:
    said = hand_in(
        enter("archivista"),
        ("a.pub", b"\xd0\xcf\x11\xe0 niente"),
        ("vuoto.pdf", b""),
        ("grande.png", png(noise(1)) + b"0" * 2_500_000),
        ("buono.png", png(noise(2))),
    )
    assert [one["stored"] for one in said] == [None, None, None, "buono.png"]
    assert all(one["it"] for one in said[:3])
    assert "vuoto" in str(said[1]["it"])
    assert in_inbox(archive) == ["buono.png"]


def test_a_full_disk_is_said_and_nothing_is_half_written(
    archive: Archive, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldone.pipeline.intake.upload.has_room", lambda ports: False)
    (said,) = hand_in(enter("archivista"), ("a.png", png(noise(1))))
    assert str(said["it"]).startswith("Disco pieno: acquisizione ferma.")
    assert in_inbox(archive) == []


def test_the_form_works_without_script_and_hides_from_watching_while_it_writes(
    archive: Archive, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr("faldone.pipeline.intake.upload.os.fsync", lambda _: seen.extend(in_inbox(archive)))
    page = enter("archivista").post(
        "/acquisizione/carica", data={"inbox": "0"}, files=[("file", ("<b>a</b>.png", png(noise(1))))]
    )
    assert page.status_code == 200
    assert "<b>a" not in page.text
    (unfinished,) = seen
    assert unfinished.startswith(".")
    assert unfinished.endswith(".part")


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "text/plain"}, b"ciao"),
        ({"content-type": "multipart/form-data"}, b""),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--y\r\nciao"),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x\r\nA: " + b"b" * 40_000),
        ({}, b""),
    ],
)
def test_what_is_no_form_is_refused_and_harms_nothing(
    archive: Archive, enter: Enter, headers: dict[str, str], body: bytes
) -> None:
    answer = enter("archivista").post("/api/v1/upload", headers=headers, content=body)
    assert answer.status_code == 422
    assert in_inbox(archive) == []


def test_a_form_that_breaks_off_leaves_no_half_file(archive: Archive, enter: Enter) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    headers = {"content-type": "multipart/form-data; boundary=x"}
    enter("archivista").post("/api/v1/upload", headers=headers, content=head + png(noise(1)))
    assert in_inbox(archive) == []


# ---- quarantine and sheets


def test_quarantine_says_why_by_class_and_tries_again_what_is_one_s_own(archive: Archive, enter: Enter) -> None:
    archive.take("crema/a.tif", b"niente")
    archive.take("lodi/b.tif", b"niente di niente")
    archive.work_off()
    for code in ("crema", "lodi"):
        describe_batch(archive.catalog.batch(code), BatchFacts(comune=code.title()), archive.ports)
    (own,) = (f.source for f in archive.catalog.batch_contents(archive.catalog.batch("crema").id))
    (other,) = (f.source for f in archive.catalog.batch_contents(archive.catalog.batch("lodi").id))
    client = enter("archivista", rights=CREMA)
    (found,) = client.get("/api/v1/quarantine").json()
    assert [thing["source"] for thing in found["some"]] == [str(own)]
    page = client.get("/acquisizione/quarantena").text
    assert found["it"] in page
    assert "lodi/b.tif" not in page
    assert client.post("/api/v1/quarantine/retry", json={"source": str(other)}).json() == {"count": 0}
    assert client.post("/api/v1/quarantine/retry", json={"reason": found["reason"]}).json() == {"count": 1}
    assert client.get("/acquisizione/quarantena?riprovati=1").status_code == 200
    assert client.get("/api/v1/quarantine").json() == []
    everybody = enter("archivista")
    assert len(everybody.get("/api/v1/quarantine").json()) == 1
    tried = everybody.post("/acquisizione/quarantena/riprova", data={"file": str(other)})
    assert tried.headers["location"].endswith("riprovati=1")
    # The fixture's accounts are made without a word in the ledger.
    assert [one for one in verify(archive.ports).findings if not one.object.startswith("archivista")] == []


def test_pages_that_stopped_recognition_are_tried_with_other_settings_one_by_one_or_all(
    archive: Archive, enter: Enter
) -> None:
    archive.take("a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    (source,) = archive.catalog.sources()
    pages = [page.id for page in archive.catalog.pages(source.digest)]
    client, address = enter("archivista"), "/acquisizione/quarantena/riprova"
    answers = [
        lambda: client.post(address, data={"foglio": pages[0], "altre": "true"}),
        lambda: client.post(address, data={"motivo": Reason.OCR_CRASHED.value, "altre": "true"}),
        lambda: client.post("/api/v1/quarantine/retry", json={"page": pages[0], "otherwise": True}),
        lambda: client.post(address, data={"foglio": pages[0]}),
    ]
    told = []
    for answer in answers:
        with archive.catalog.begin() as work:
            work.quarantine_page(pages[0], Reason.OCR_CRASHED)
        assert client.get("/acquisizione/quarantena").text.count("Riprova con altre impostazioni") == 2
        assert answer().status_code in (200, 303)
        told.append(to_be_read_otherwise(pages, archive.ports) == {pages[0]})
    assert told == [True, True, True, False]


def test_an_inbox_that_is_gone_is_named_on_the_board_and_in_the_stream(
    archive: Archive, enter: Enter, site: Site, app: object
) -> None:
    client = enter("archivista")
    assert "non risponde dalle" not in client.get("/acquisizione").text
    archive.inbox.rename(archive.inbox.with_name("spostata"))
    site.part(InboxDoors, lambda _: InboxDoors((), archive.clock))._doors[0].asked_s = float("-inf")

    words = re.sub(r"\s+", " ", client.get("/acquisizione").text)
    assert f"La cartella «{archive.inbox.name}» non risponde dalle" in words
    assert (
        archive.inbox.name
        not in enter("archivista", rights=Rights(None, None, Sensitivity.BASE))
        .get("/acquisizione")
        .text.partition("avviso")[2]
        .partition("lotti")[0]
    )
    (heard,) = asyncio.run(_heard(_stream(site, app, "x-0"), 1, 5.0, "non risponde"))
    assert heard.count("non risponde dalle") == 1

    archive.inbox.with_name("spostata").rename(archive.inbox)


def test_the_same_file_again_leads_to_the_first_one(archive: Archive, enter: Enter) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    archive.work_off()
    describe_batch(archive.catalog.batch("lotto-1"), BatchFacts(comune="Crema"), archive.ports)
    archive.take("lotto-2/b.tif", tiff(noise(1)))
    archive.work_off()
    (page,) = pages_of(archive, "lotto-1")
    shown = enter("archivista").get("/acquisizione/lotti/lotto-2").text
    assert "è lo stesso file del lotto lotto-1, entrato il" in shown
    assert f'href="/acquisizione/pagine/{page}">Vedi l' in shown

    lodi = Rights(None, frozenset({"lodi"}), Sensitivity.GIUDIZIARI, intake=True)
    hidden = enter("archivista", rights=lodi).get("/acquisizione/lotti/lotto-2").text
    assert "è lo stesso file di un altro lotto." in hidden
    assert "lotto-1" not in hidden
    assert page not in hidden


def test_a_batch_that_lacks_sheets_shows_where_and_its_number_is_put_right_for_a_reason(
    archive: Archive, enter: Enter
) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    stuck = pages_of(archive, "lotto-1")[1]
    found = archive.catalog.look(stuck)
    assert found is not None
    with archive.catalog.begin() as work:
        work.save_look(stuck, replace(found, verdict=Verdict.DOUBTFUL, flaws=(Flaw.DOUBLE_FEED,)))
    archive.work_off()
    describe_batch(archive.catalog.batch("lotto-1"), BatchFacts(sheets=4, box="B-12"), archive.ports)
    client = enter("archivista", name="mara")
    words = re.sub(r"\s+", " ", client.get("/acquisizione/lotti/lotto-1").text)
    assert "Mancano 2 fogli: 4 dichiarati, 2 arrivati. Possibile salto alla pagina 2." in words
    assert f'href="/acquisizione/pagine/{stuck}">Vedi il punto' in words

    address = "/acquisizione/lotti/lotto-1/fogli"
    assert client.post(address, data={"sheets": "2"}).status_code == 422
    assert client.post(address, data={"sheets": "2", "motivo": "perché sì"}).status_code == 422
    assert archive.catalog.batch("lotto-1").facts.sheets == 4
    assert client.post(address, data={"sheets": "2", "motivo": "counted-wrong"}).status_code == 303

    facts = archive.catalog.batch("lotto-1").facts
    assert (facts.sheets, facts.box) == (2, "B-12")
    assert "sheets-differ" not in fateful(client, "lotto-1")
    (last,) = archive.catalog.events_of({EventType.BATCH_RECOUNTED})
    detail = json.loads(last.record.detail)
    assert (last.record.agent, detail["because"], detail["declared"]) == ("user:mara", "counted-wrong", 2)
    batch = archive.catalog.batch("lotto-1")
    assert to_line(last).italian == f"Fogli dichiarati del lotto {batch.id}: ora 2, i fogli erano stati contati male."


PASSWORD = "Segreta-2014"


def locked_pdf(password: str = PASSWORD) -> bytes:
    made = BytesIO()
    noise(5).save(made, "PDF", resolution=150)
    target = BytesIO()
    with pikepdf.open(made) as document:
        document.save(target, encryption=pikepdf.Encryption(owner="padrona", user=password))
    return target.getvalue()


def test_a_pdf_is_opened_with_its_password_which_is_kept_nowhere(
    archive: Archive, enter: Enter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    sealed = locked_pdf()
    archive.take("lotto-1/protetto.pdf", sealed)
    archive.work_off()
    client = enter("archivista", name="mara")
    (source,) = archive.catalog.sources()
    form = {"file": str(source.digest), "password": PASSWORD}
    assert "Inserisci password" in client.get("/acquisizione/quarantena").text

    wrong = client.post("/acquisizione/quarantena/password", data=form | {"password": "sbagliata"})
    assert wrong.status_code == 409
    assert "La password non apre il file." in wrong.text
    assert "sbagliata" not in wrong.text
    assert archive.catalog.source(source.digest).state is SourceState.QUARANTINED

    answer = client.post("/acquisizione/quarantena/password", data=form)
    archive.work_off()

    assert answer.headers["location"] == "/acquisizione/quarantena?riprovati=1"
    outer, inner = archive.catalog.sources()
    assert (outer.state, inner.state) == (SourceState.UNPACKED, SourceState.PROPOSED)
    with archive.ports.store.path(outer.digest) as path:
        assert path.read_bytes() == sealed
    assert archive.catalog.intakes(inner.digest)[0].container == outer.digest
    assert len(pages_of(archive, "lotto-1")) == 1
    assert fateful(client, "lotto-1") == []
    retried = [one.record for one in archive.catalog.ledger() if one.record.type == EventType.FILE_RETRIED.value]
    assert [(one.subject, one.agent) for one in retried] == [(str(outer.digest), "user:mara")]
    assert not [one for one in verify(archive.ports).findings if one.object != "mara"]
    assert PASSWORD not in caplog.text
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file
    assert client.post("/acquisizione/quarantena/password", data=form).status_code == 404


def test_only_who_sees_the_batch_gives_the_password_of_its_files(archive: Archive, enter: Enter) -> None:
    archive.take("lotto-1/protetto.pdf", locked_pdf())
    archive.take("lotto-1/foto.tif", tiff(noise(1)))
    archive.work_off()
    describe_batch(archive.catalog.batch("lotto-1"), BatchFacts(comune="Lodi"), archive.ports)
    protected, picture = archive.catalog.sources()
    said = {"source": str(protected.digest), "password": PASSWORD}
    client = enter("archivista")

    assert enter("archivista", rights=CREMA).post("/api/v1/quarantine/unlock", json=said).status_code == 404
    assert enter("operatore").post("/api/v1/quarantine/unlock", json=said).status_code == 403
    for other in (str(picture.digest), f"sha256:{'0' * 64}"):
        assert client.post("/api/v1/quarantine/unlock", json=said | {"source": other}).status_code == 404
    long = client.post("/api/v1/quarantine/unlock", json=said | {"password": PASSWORD * 20})
    assert long.status_code == 422
    assert PASSWORD not in long.text
    assert client.post("/api/v1/quarantine/unlock", json=said).json() == {"count": 1}


def test_covers_and_separators_are_printed_under_a_name_that_names_nobody(archive: Archive, enter: Enter) -> None:
    person = Person(PersonId("u-000000000001"), "BIANCHI", "LUCA", cf="BNCLCU03E01D142X")
    with archive.catalog.begin() as work:
        work.save_persons([person])
    client = enter("archivista", name="mb")
    for form in ({"persona": person.id}, {"codici": "bnclcu03e01d142x"}, {"separatori": "3"}):
        answer = client.post("/acquisizione/copertine", data=form)
        assert answer.status_code == 200, answer.text
        assert answer.content.startswith(b"%PDF-")
        assert re.fullmatch(r'attachment; filename="fogli-[0-9A-Z]{16}\.pdf"', answer.headers["content-disposition"])
    assert len(archive.catalog.sheets()) == 5
    nowhere = client.post("/acquisizione/copertine", data={"separatori": "3", "lotto": "mai visto"})
    assert nowhere.status_code == 409
    assert "Campo «Lotto in cui devono tornare»" in nowhere.text
    for form in ({}, {"separatori": "999"}, {"persona": "u-nessuno"}, {"persona": person.id, "separatori": "2"}):
        assert client.post("/acquisizione/copertine", data=form).status_code == 409 or "separatori" not in form
    assert len(archive.catalog.sheets()) == 5
    pdf = client.post("/api/v1/sheets", json={"separators": 2})
    assert pdf.headers["content-type"] == "application/pdf"


def test_an_empty_quarantine_leads_back_to_intake(enter: Enter) -> None:
    main = enter("archivista").get("/acquisizione/quarantena").text.partition("La quarantena è vuota.")[2]
    assert '<a href="/acquisizione">Torna ad Acquisizione</a>' in main


def test_names_of_files_are_text_on_every_page(archive: Archive, enter: Enter) -> None:
    archive.take("<script>alert(1)</script>/<img src=x>.tif", b"niente")
    archive.work_off()
    client = enter("archivista")
    (batch,) = archive.catalog.batches()
    for path in ("", "/quarantena", f"/lotti/{batch.id}"):
        page = client.get(f"/acquisizione{path}").text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_pages_that_are_not_there_are_not_found(archive: Archive, enter: Enter) -> None:
    client = enter("archivista")
    missing = page_id(Digest.of(b"mai"), 0)
    for path in (f"/pagine/{missing}", f"/pagine/{missing}/miniatura", f"/pagine/{missing}/immagine", "/lotti/mai"):
        assert client.get(f"/acquisizione{path}").status_code == 404
    assert client.get("/acquisizione/pagine/p-x/immagine").status_code == 422


def test_what_was_refused_at_the_door_is_told_what_helps_and_has_no_button_that_does_nothing(
    archive: Archive, enter: Enter
) -> None:
    link = archive.inbox / "lotto-1/via.pdf"
    link.parent.mkdir()
    link.symlink_to("altrove")
    take_in([link], Inbox(archive.inbox), archive.ports)
    page = enter("archivista").get("/acquisizione/quarantena").text
    assert "il file si ripresenta da solo" in page
    assert "Riprova" not in page


def test_a_wrong_line_of_a_data_file_and_a_file_that_never_came_are_told_where_they_are_listed(
    archive: Archive, enter: Enter
) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    archive.take("lotto-1/errato.csv", b"file;data\na.tif;31/02/2012\n")
    archive.take("lotto-1/dati.csv", b"file;servizio\na.tif;SAD\nmanca.tif;SAD\n")
    archive.work_off()
    client = enter("archivista")
    assert "lotto-1/errato.csv: riga 2: data 31/02/2012 non esiste" in client.get("/acquisizione/quarantena").text
    batch = client.get(f"/acquisizione/lotti/{archive.catalog.batch('lotto-1').id}").text
    assert "riga 2: data 31/02/2012 non esiste" in batch
    assert "parla di «manca.tif», che non è mai arrivato" in batch
