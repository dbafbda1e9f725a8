"""A sheet that was fed before another is put in its place in sheets mode: by keys, by the mouse, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from faldone.catalog.records import Document
from faldone.pipeline.papers.reading_order import reading_order
from tests.browser.conftest import Open
from tests.browser.days import Hands, scan
from tests.browser.harness import axe
from tests.browser.test_day_of_archivista import GOES_ON, bench
from tests.review_papers import import_register, report
from tests.twins import Archive

pytestmark = pytest.mark.slow

HEARD = 150
"""A key within 120 ms of a change is not heard."""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    made.engine.default = report("FERRARI ANNA")
    import_register(made)
    yield made
    made.close()


@pytest.fixture
def paper(archive: Archive) -> Document:
    """A document of three pages, which is all of its file."""
    (made,) = scan(archive, "B-12/tre.tif", report("FERRARI ANNA"), GOES_ON, GOES_ON, seed=1)
    return made


def strip(open_screen: Open) -> tuple[Page, Hands]:
    """The sheets of the first item."""
    page, hands = bench(open_screen)
    hands.press("f")
    expect(page.locator("#striscia")).to_be_focused()
    page.wait_for_timeout(HEARD)
    return page, hands


def lying(page: Page) -> list[str | None]:
    """Pages of the file in the order in which the sheets lie."""
    return [sheet.get_attribute("data-page") for sheet in page.locator(".strip-sheet").all()]


def test_a_sheet_is_moved_with_two_keys_saved_with_one_and_taken_back_with_one(
    open_screen: Open, archive: Archive, paper: Document
) -> None:
    page, hands = strip(open_screen)
    hands.press("ArrowRight", "Alt+ArrowRight")
    expect(page.locator("#spostato")).to_have_text("Foglio 2 spostato al posto 3")
    assert lying(page) == ["0", "2", "1"]
    expect(page.locator("#posto-1")).to_have_value("3")
    expect(page.locator("#posto-2")).to_have_value("2")
    expect(page.locator("#striscia")).to_be_focused()
    assert page.url.endswith("/fogli")  # it is no key of the browser's here
    hands.press("Alt+ArrowRight")
    expect(page.locator("#spostato")).to_contain_text("È l'ultimo foglio")
    assert reading_order(paper, archive.ports) == (0, 1, 2)  # nothing before it is saved
    assert axe(page) == []
    hands.press("Enter")
    expect(page.locator("#messaggi")).to_contain_text("Fogli salvati: 1 modifica.")
    assert hands.clicks == 0
    assert reading_order(paper, archive.ports) == (0, 2, 1)
    assert [one.get_attribute("data-sheet") for one in page.locator("[data-sheet]").all()] == ["1", "3", "2"]
    page.wait_for_timeout(HEARD)
    hands.press("z")
    expect(page.locator("#messaggi")).to_contain_text("Annullato:")
    assert reading_order(paper, archive.ports) == (0, 1, 2)


def test_the_first_sheet_goes_behind_and_the_document_starts_with_the_second(
    open_screen: Open, archive: Archive, paper: Document
) -> None:
    page, hands = strip(open_screen)
    hands.press("Alt+ArrowRight", "Alt+ArrowRight", "Alt+ArrowLeft")
    assert lying(page) == ["1", "0", "2"]
    expect(page.locator("#inizio-1")).to_be_checked()
    expect(page.locator("#inizio-0")).not_to_be_checked()
    expect(page.locator("#pile")).to_have_text("Documenti: 1. Fogli: 3")
    hands.press("Enter")
    expect(page.locator("#messaggi")).to_contain_text("Fogli salvati: 1 modifica.")
    (whole,) = archive.catalog.documents(paper.source)
    assert reading_order(whole, archive.ports) == (1, 0, 2)


def test_the_mouse_and_a_typed_place_move_a_sheet_within_its_document_alone(
    open_screen: Open, archive: Archive, paper: Document
) -> None:
    page, hands = strip(open_screen)
    hands.press("ArrowRight", "x")
    expect(page.locator("#pile")).to_have_text("Documenti: 2. Fogli: 1 + 2")
    sheets = page.locator(".strip-sheet")
    sheets.nth(2).locator("img").drag_to(sheets.nth(1).locator("img"))
    expect(page.locator("#spostato")).to_have_text("Foglio 3 spostato al posto 2")
    assert lying(page) == ["0", "2", "1"]
    sheets.nth(2).locator("img").drag_to(sheets.nth(0).locator("img"))
    expect(page.locator("#spostato")).to_contain_text("unisci prima i documenti")
    assert lying(page) == ["0", "2", "1"]
    page.locator("#posto-2").fill("3")
    page.locator("#posto-2").press("Tab")
    expect(page.locator("#spostato")).to_have_text("Foglio 3 spostato al posto 3")
    assert lying(page) == ["0", "1", "2"]
    page.locator("#posto-2").fill("1")
    page.locator("#posto-2").press("Tab")
    expect(page.locator("#posto-2")).to_have_value("3")
    assert lying(page) == ["0", "1", "2"]
    sheets.nth(1).locator("img").drag_to(sheets.nth(2).locator("img"))
    page.locator("#salva-fogli").click()
    expect(page.locator("#messaggi")).to_contain_text("Fogli salvati: 2 modifiche.")
    spans = [reading_order(one, archive.ports) for one in archive.catalog.documents(paper.source)]
    assert spans == [(0,), (2, 1)]
