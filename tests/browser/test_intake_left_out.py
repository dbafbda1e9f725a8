"""At the board: what cannot come in is excluded, gaps are listed before a batch is closed, what waits is named."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from faldone.domain.batch import BatchFacts
from faldone.domain.inbox import Inbox
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.intake.batches import describe_batch
from faldone.pipeline.intake.take_in import take_in
from tests.browser.conftest import Open
from tests.browser.harness import axe
from tests.papers import noise, png, tiff
from tests.twins import Archive

pytestmark = pytest.mark.slow

TEXT = "Relazione sociale sulla famiglia e sui minori presenti nella casa del padre"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=TEXT), patience_s=60.0)
    yield made
    made.close()


def drop(archive: Archive, name: str, content: bytes, age_s: float) -> Path:
    """Puts a file into the inbox that did not change for so long."""
    path = archive.drop(name, content)
    then = time.time() - age_s
    os.utime(path, (then, then))
    return path


def scan(archive: Archive) -> None:
    """A batch of a broken file and a page; three sheets were declared."""
    files = [drop(archive, "lotto-1/a.tif", b"rotto", 999), drop(archive, "lotto-1/b.tif", tiff(noise(1)), 999)]
    take_in(files, Inbox(archive.inbox), archive.ports)
    archive.work_off()
    describe_batch(archive.catalog.batch("lotto-1"), BatchFacts(sheets=3), archive.ports)


def test_a_broken_file_is_excluded_by_the_keyboard_and_its_exclusion_taken_back(
    open_screen: Open, archive: Archive
) -> None:
    scan(archive)
    screen = open_screen("archivista")
    page = screen.goto("/acquisizione/lotti/lotto-1")
    left = page.locator("section", has=page.locator("#non-entrati")).last
    expect(left).to_contain_text("lotto-1/a.tif")
    left.locator("summary").focus()
    page.keyboard.press("Enter")
    assert axe(page) == []
    left.get_by_label("La carta è stata scansionata di nuovo").check()
    left.get_by_role("button", name=re.compile("^Escludi dal lotto")).press("Enter")
    expect(page.get_by_text("escluso dal lotto, la carta è stata scansionata di nuovo.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("File esclusi"))).to_contain_text("1")
    expect(page.locator(".intake-gaps").first).not_to_contain_text("file rifiutato")
    assert axe(page) == []
    page.get_by_role("button", name=re.compile("^Annulla l'esclusione")).press("Enter")
    expect(page.locator(".intake-gaps").first).to_contain_text("1 × file rifiutato")
    assert screen.complaints == []


def test_closing_with_gaps_lists_each_of_them_and_the_reason_stays_on_the_page(
    open_screen: Open, archive: Archive
) -> None:
    scan(archive)
    page = open_screen("archivista").goto("/acquisizione/lotti/lotto-1")
    page.get_by_role("button", name="Chiudi lotto").press("Enter")
    gaps = page.locator("#da-chiudere")
    expect(gaps).to_contain_text("1 × file rifiutato: scansionarlo di nuovo")
    expect(gaps).to_contain_text("lotto-1/a.tif")
    expect(gaps).to_contain_text("1 ≠ 3 × 1")
    assert axe(page) == []
    page.get_by_label("La carta non si trova", exact=True).last.check()
    page.get_by_role("button", name="Chiudi lotto con il motivo scelto").press("Enter")
    expect(page.locator("#motivo-chiusura")).to_contain_text("Motivo: la carta non si trova.")
    page.goto("/acquisizione")
    expect(page.locator("#lotti")).to_contain_text("con motivo")


def test_a_damaged_file_is_named_on_the_board_while_it_waits_and_no_more_when_the_rest_came(
    open_screen: Open, archive: Archive
) -> None:
    page = open_screen("archivista").goto("/acquisizione")
    expect(page.locator("#sospetti")).to_have_count(0)
    drop(archive, "lotto-1/rotta.png", png(noise(1))[:5_000], 20)
    waits = page.locator("#sospetti")
    expect(waits).to_contain_text("1 file sospetto: se non arriva il resto, si riprova alle", timeout=12_000)
    expect(waits).to_contain_text("lotto-1/rotta.png: Il file è danneggiato o incompleto")
    assert axe(page) == []
    drop(archive, "lotto-1/rotta.png", png(noise(1)), 10)
    expect(page.locator("#sospetti")).to_have_count(0, timeout=12_000)


def test_a_live_view_that_was_refused_says_so_and_is_taken_up_again_by_itself(
    open_screen: Open, archive: Archive
) -> None:
    screen = open_screen("archivista")
    stream = re.compile("/acquisizione/eventi")
    asked: list[float] = []

    def refuse(route: Route) -> None:
        asked.append(time.monotonic())
        route.fulfill(status=503)

    screen.page.route(stream, refuse)
    page = screen.goto("/acquisizione")
    paused = page.locator("#diretta")
    expect(paused).to_be_visible()
    expect(page.locator("#annuncio")).to_contain_text("La diretta si è interrotta")
    assert axe(page) == []
    page.wait_for_timeout(7_000)
    assert 2 <= len(asked) <= 3  # after two seconds, then after four
    page.unroute(stream)
    expect(paused).to_be_hidden(timeout=10_000)
    archive.clock.pass_by(seconds=1)
    scan(archive)
    expect(page.locator("#lotti")).to_contain_text("lotto-1", timeout=4_000)
