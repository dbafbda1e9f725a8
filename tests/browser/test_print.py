"""What leaves the screen on paper: black on white, nothing to press, no address with ids at its foot."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from faldone.domain.account import AccountRole
from faldone.domain.ids import DocumentId
from tests.browser.conftest import Open
from tests.browser.days import accounts_on_record, served_archive
from tests.browser.harness import Screen, Served
from tests.dossiers import LUCA, fill
from tests.twins import Archive

pytestmark = pytest.mark.slow

PAPERS = {
    "dossier": "/fascicoli/{person}",
    "list": "/fascicoli/{person}?vista=elenco",
    "story": "/verifica/documenti/{document}",
    "accesses": "/verifica/accessi?persona={person}",
    "numbers": "/statistiche",
}

HIDDEN = ("header", "footer", "#menu", "form", "input", "button", ".btn", ".breadcrumb", ".side-list", ".skiplinks")

_COLOURED = """() => {
    const plain = (colour, most) => {
        const [red, green, blue, alpha = 1] = colour.match(/[\\d.]+/g).map(Number)
        return alpha === 0 || (most ? red + green + blue <= 0 : red + green + blue >= 3 * 255)
    }
    return [...document.querySelectorAll('body, body *')].filter((one) => {
        if (one.closest('svg') || !one.checkVisibility()) return false
        const look = getComputedStyle(one)
        const says = [...one.childNodes].some((part) => part.nodeType === Node.TEXT_NODE && part.data.trim())
        return (says && !plain(look.color, true)) || !plain(look.backgroundColor, false)
    }).map((one) => one.outerHTML.slice(0, 120))
}"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    made = Archive(tmp_path_factory.mktemp("print"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def papers(archive: Archive) -> list[DocumentId]:
    return fill(archive)


@pytest.fixture(scope="module")
def served(archive: Archive, papers: list[DocumentId]) -> Iterator[Served]:
    with served_archive(archive) as served:
        yield served


def _printed(page: Page) -> str:
    """What stands on the paper, with the lines that a browser puts into the margins unless a page forbids it."""
    document = pypdfium2.PdfDocument(page.pdf(format="A4", display_header_footer=True, prefer_css_page_size=True))
    try:
        return "\n".join(one.get_textpage().get_text_bounded() for one in document)
    finally:
        document.close()


def _on_paper(screen: Screen) -> str:
    page = screen.page
    page.emulate_media(media="print")
    for hidden in HIDDEN:
        for one in page.locator(hidden).all():
            expect(one).to_be_hidden()
    assert page.evaluate(_COLOURED) == []
    return _printed(page)


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_has_what_was_asked_for_and_nothing_to_press(
    open_screen: Open, papers: list[DocumentId], paper: str
) -> None:
    screen = open_screen(AccountRole.MANAGER, reduced_motion="reduce")
    page = screen.goto(PAPERS[paper].format(person=LUCA.id, document=papers[0]))
    heading = page.locator("h1").inner_text()
    text = _on_paper(screen)
    assert heading in re.sub(r"\s+", " ", text)
    assert re.search(r"Stampato da responsabile\d+ il \d\d/\d\d/\d{4}", text)
    assert "1 / " in text
    for word in ("http", "127.0.0.1", "Blocca", "Modalità sportello", "Esporta", "Filtra", "Scarica", "Accessibilità"):
        assert word not in text, word


def test_a_service_of_a_dossier_says_on_paper_which_one_it_is(open_screen: Open) -> None:
    screen = open_screen(AccountRole.MANAGER, reduced_motion="reduce")
    screen.goto(f"/fascicoli/{LUCA.id}/ECA")
    chosen = screen.page.locator(".nav-tabs [aria-current]").inner_text()
    others = screen.page.locator(".nav-tabs a:not([aria-current])").all_inner_texts()
    text = _on_paper(screen)
    assert re.sub(r"\s+\d+$", "", chosen) in text
    assert others
    assert not any(re.sub(r"\s+\d+$", "", one) + " " in text.splitlines()[0] for one in others)


def test_a_report_of_a_verification_is_a_paper_too(open_screen: Open, archive: Archive) -> None:
    accounts_on_record(archive)
    screen = open_screen(AccountRole.AUDITOR, reduced_motion="reduce")
    page = screen.goto("/verifica/prove")
    page.get_by_role("button", name="Verifica l'archivio ora").press("Enter")
    expect(page.locator("#prova .alert")).to_be_visible(timeout=20_000)
    text = _on_paper(screen)
    assert "Eventi riletti" in text
    assert "127.0.0.1" not in text


def test_what_is_in_colour_on_paper_is_found(open_screen: Open) -> None:
    page = open_screen(AccountRole.OPERATOR).goto("/aiuto/tasti")
    found: list[str] = page.evaluate(_COLOURED)
    assert any("it-header" in one for one in found)
