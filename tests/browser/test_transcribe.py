"""A page written by hand, typed in the viewer with the keyboard alone, and taken back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from faldone.pipeline.review.settle import accept
from tests.browser.conftest import Open
from tests.browser.days import nameless, unreachable
from tests.browser.harness import axe
from tests.twins import Archive
from tests.web.test_documents import file_as, scan

pytestmark = pytest.mark.slow

MOBILE = 320
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("width", [MOBILE, 1280])
def test_a_page_is_typed_and_taken_back_by_the_keyboard(archive: Archive, open_screen: Open, width: int) -> None:
    letter = file_as(archive, scan(archive), "ADM")
    accept(letter.id, "capo", archive.ports)
    screen = open_screen("archivista", width=width)
    page = screen.page
    screen.goto(f"/documenti/{letter.id}?p=2")
    expect(page.locator("#vista")).to_be_focused()
    if width > MOBILE:
        expect(page.locator("#trascrivi")).to_be_in_viewport()
    page.locator("#trascrivi").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Testo della pagina 2", exact=True)
    expect(field).to_be_focused()
    assert axe(page) == []
    assert nameless(page) == []
    assert unreachable(page) == []

    page.keyboard.type("rxn melograno\n")  # letters that are keys of the viewer elsewhere
    page.keyboard.type(HOSTILE)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Trascritta da")).to_be_visible()
    if width > MOBILE:
        expect(page.get_by_text("Trascritta da")).to_be_in_viewport()
    expect(page).to_have_url(re.compile(rf"/documenti/{letter.id}\?p=2$"))
    assert page.locator("#testo p").all_text_contents() == ["rxn melograno", HOSTILE]
    assert page.locator("#strato, #prove").count() == 0
    assert axe(page) == []

    page.get_by_role("button", name="Annulla trascrizione").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Trascrivi")).to_be_visible()
