"""A day of who checks: who opened a paper and why, alike in table, ledger and both files; a proof that ends."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, expect

from faldone.catalog.records import Document
from faldone.domain.account import Rights
from faldone.domain.events import EventType
from faldone.pipeline.audit.story import READING
from tests.browser.conftest import Open
from tests.browser.days import Hands, accounts_on_record, downloaded, scan, served_archive
from tests.browser.harness import ALL, Served
from tests.review_papers import import_register, report
from tests.twins import Archive

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    made = Archive(tmp_path_factory.mktemp("revisore"))
    import_register(made)
    yield made
    made.close()


@pytest.fixture(scope="module")
def paper(archive: Archive) -> Document:
    return scan(archive, "B-12/a.tif", report("ROSSI MARIO"), "segue la relazione del servizio", seed=1)[0]


@pytest.fixture(scope="module")
def served(archive: Archive) -> Iterator[Served]:
    with served_archive(archive) as served:
        yield served


@pytest.fixture(scope="module")
def opened(browser: Browser, served: Served, archive: Archive, paper: Document) -> Document:
    """The paper, when an operator has looked at its first page and the browser has fetched the second ahead."""
    screen = served.enter(browser, "operatore", rights=ALL)
    page = screen.goto(f"/documenti/{paper.id}?p=1")
    expect(page.locator("#pagina")).to_be_visible()
    for _ in range(60):
        if archive.catalog.last_events(EventType.PAGE_SEEN, 1) and len(looks(archive)) >= 4:
            break
        page.wait_for_timeout(100)
    screen.close()
    return paper


def looks(archive: Archive) -> list[int]:
    """The numbers of the events of looking at anything."""
    return [entry.sequence for entry in archive.catalog.events_of(READING)]


def numbers(text: str) -> list[int]:
    return [int(found.replace(".", "")) for found in re.findall(r"#([0-9.]+)", text)]


def test_who_opened_a_paper_is_the_same_on_the_page_in_the_ledger_and_in_both_files(
    open_screen: Open, archive: Archive, opened: Document, tmp_path: Path
) -> None:
    screen = open_screen("revisore", rights=Rights())
    hands = Hands(screen.page)
    page = screen.goto("/")
    expect(page).to_have_url("/verifica")
    page.locator("#porta").focus()
    hands.type(opened.id)
    hands.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(opened.id)
    page.get_by_role("link", name="Chi ha visto che cosa, e perché").focus()
    hands.press("Enter")
    rows = page.locator("#accessi tbody tr")
    expect(rows.first).to_be_visible()
    assert hands.groups <= 8
    pages = {str(one.id) for one in archive.catalog.pages(opened.source, opened.span)}
    ledger = [
        entry.sequence
        for entry in archive.catalog.ledger()
        if entry.record.type in READING and entry.record.subject in {opened.id, *pages}
    ]
    assert len(ledger) >= 4
    assert [numbers(row)[0] for row in rows.all_inner_texts()] == ledger
    assert all("operatore" in row for row in rows.all_inner_texts())
    first, second = (rows.filter(has_text=f"pagina {number} del file") for number in (1, 2))
    expect(first.filter(has_text="vista").first).to_be_visible()
    expect(second.filter(has_text="solo consegnata").first).to_be_visible()
    expect(second.filter(has_text=re.compile(r"\bvista\b"))).to_have_count(0)
    expect(first.filter(has_text="solo consegnata")).to_have_count(0)
    as_csv = downloaded(page, "Scarica rapporto CSV", tmp_path).decode("utf-8-sig")
    as_pdf = downloaded(page, "Scarica rapporto PDF", tmp_path)
    table = list(csv.reader(io.StringIO(as_csv), delimiter=";" if ";" in as_csv.splitlines()[0] else ","))
    told = pypdfium2.PdfDocument(as_pdf)
    text = "\n".join(told[number].get_textpage().get_text_bounded() for number in range(len(told)))
    told.close()
    for sequence in ledger:
        assert any(str(sequence) in (cell.lstrip("#").replace(".", "") for cell in row) for row in table), sequence
        assert re.search(rf"(?<!\d){sequence}(?!\d)", text.replace(".", "")), sequence
    assert text.count("solo consegnata") == as_csv.count("solo consegnata") >= 1
    assert "ROSSI" not in page.locator("body").inner_text()
    assert screen.complaints == []


def test_a_verification_is_begun_seen_and_seen_to_end(open_screen: Open, archive: Archive, opened: Document) -> None:
    screen = open_screen("revisore", rights=Rights())
    accounts_on_record(archive)
    page = screen.goto("/verifica")
    page.get_by_role("button", name="Verifica l'archivio ora").press("Enter")
    expect(page).to_have_url(re.compile("/verifica/prove/[^/]+$"))
    page.evaluate("window.stays = true")
    expect(page.locator("#prova")).to_contain_text("Verifica riuscita", timeout=20_000)
    expect(page.locator("#prova")).to_contain_text("nessuna differenza")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert page.evaluate("window.stays")
    (entry,) = archive.catalog.last_events(EventType.ARCHIVE_VERIFIED, 9)
    expect(page.locator("#prova dd").first).to_have_text(f"{entry.sequence - 1}")
    page.goto("/verifica")
    expect(page.locator("main")).to_contain_text("Verifica riuscita")
    assert screen.complaints == []
