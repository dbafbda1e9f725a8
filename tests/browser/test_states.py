"""Screens with nothing on them, and screens whose server does not answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from faldone.domain.account import AccountRole
from tests.browser.conftest import Open
from tests.browser.days import scan
from tests.browser.harness import axe
from tests.dossiers import fill
from tests.papers import noise, tiff
from tests.review_papers import report
from tests.twins import Archive

pytestmark = pytest.mark.slow

EMPTY = {
    "/acquisizione": "Nessun lotto aperto. Metti i fogli nello scanner: il lotto si apre da solo, oppure aprilo tu.",
    "/acquisizione/quarantena": "La quarantena è vuota.",
    "/revisione": "Niente da rivedere.",
    "/revisione/sospesi": "Nessun documento è sospeso.",
    "/ricerca": "Per esempio",
    "/ricerca/salvate": "Ancora nessuna ricerca salvata. Si salvano dalla pagina dei risultati.",
    "/fascicoli": "Oggi non hai ancora aperto fascicoli. Cerca una persona per aprirne uno.",
    "/verifica": "Oggi nessuno ha aperto nulla.",
    "/verifica/accessi": "Nessun accesso risponde a questa domanda.",
    "/verifica/prove": "Ancora nessuna verifica.",
    "/statistiche": "Nessun documento in questa scelta.",
    "/amministrazione/persone/doppie": "Nessuna persona trovata sulle carte somiglia a un'altra.",
}
LOST = re.compile(r"Connessione persa alle \d\d:\d\d: i dati qui sono fermi a quell'ora\. Riprova\.")
STILL = re.compile(r"^Connessione persa alle \d\d:\d\d: i dati qui sono fermi a quell'ora\.$")
REFUSED = '<div class="alert alert-danger" role="alert">Qualcosa non va</div>'


def test_an_archive_without_a_paper_says_so_on_every_screen(open_screen: Open) -> None:
    screen = open_screen(AccountRole.MANAGER)
    for path, words in EMPTY.items():
        page = screen.goto(path)
        expect(page.locator("main")).to_contain_text(words)
        assert axe(page) == [], path
        assert screen.complaints == [], path


def test_a_search_that_finds_nothing_says_what_to_try(open_screen: Open) -> None:
    page = open_screen(AccountRole.OPERATOR).goto("/ricerca")
    page.locator("#cerca").fill("rosi mrio")
    page.locator("#cerca").press("Enter")
    expect(page.locator("main")).to_contain_text("Nessun documento visibile per «rosi mrio». Prova con meno parole")
    expect(page.locator("#cerca")).to_have_value("rosi mrio")
    expect(page.get_by_role("button", name="Cerca solo «rosi»")).to_be_visible()
    assert axe(page) == []


def _failing(page: Page, address: re.Pattern[str], status: int | None) -> None:
    """From now on the server refuses what is asked for there, or does not answer at all."""

    def answer(route: Route) -> None:
        if status is None:
            route.abort()
        else:
            route.fulfill(status=status, body=REFUSED, content_type="text/html")

    page.route(address, answer)


def _said(page: Page, status: int | None) -> None:
    expect(page.locator("#messaggi [role=alert]")).to_have_text(LOST if status is None else "Qualcosa non va")
    assert axe(page) == []


@pytest.mark.parametrize("status", [None, 500])
def test_a_filter_that_gets_no_answer_leaves_the_results_and_can_be_tried_again(
    open_screen: Open, archive: Archive, status: int | None
) -> None:
    fill(archive)
    page = open_screen(AccountRole.OPERATOR).goto("/ricerca")
    page.locator("#cerca").fill("bianchi")
    page.locator("#cerca").press("Enter")
    expect(page.locator("#conteggio")).to_be_focused()
    rows = page.locator(".results a[data-row]").count()
    counted = page.locator("#conteggio").inner_text()
    found = re.compile(r"/ricerca/[^/?]+\?")
    _failing(page, found, status)
    page.get_by_role("checkbox").first.press("Space")
    _said(page, status)
    expect(page.locator("#cerca")).to_have_value("bianchi")
    expect(page.locator("#conteggio")).to_have_text(counted)
    expect(page.locator(".results a[data-row]")).to_have_count(rows)
    page.unroute(found)
    page.get_by_role("checkbox").nth(1).press("Space")
    expect(page.locator(".chips")).to_be_visible()


@pytest.mark.parametrize("status", [None, 500])
def test_proposals_that_do_not_come_leave_what_is_typed_and_the_search_itself(
    open_screen: Open, archive: Archive, status: int | None
) -> None:
    fill(archive)
    page = open_screen(AccountRole.OPERATOR).goto("/fascicoli")
    _failing(page, re.compile("/ricerca/suggerimenti"), status)
    # A refusal has come with its head: nobody reads its body, so that Chromium may never call it finished.
    with page.expect_event("response" if status else "requestfailed"):
        page.locator("#cerca").press_sequentially("bianchi")
    expect(page.get_by_role("option")).to_have_count(0)
    page.locator("#cerca").press("Enter")
    expect(page.locator("#conteggio")).to_be_focused()
    expect(page.locator("#cerca")).to_have_value("bianchi")


@pytest.mark.parametrize("status", [None, 500])
def test_an_answer_that_does_not_arrive_leaves_the_paper_and_what_was_typed(
    open_screen: Open, archive: Archive, status: int | None
) -> None:
    (waiting,) = scan(archive, "B-12/a.tif", report("VERDI CARLO"), seed=1)
    page = open_screen(AccountRole.ARCHIVIST).goto("/revisione")
    _failing(page, re.compile("/decidi$"), status)
    page.get_by_role("button", name="Nuova persona…").press("Enter")
    page.locator("#d-nuova [name=cognome]").fill("Verdi Bianchi")
    page.locator("#d-nuova [name=cognome]").press("Enter")
    if status is None:
        _said(page, status)
        expect(page.locator("dialog[open]")).to_have_count(0)
    else:
        expect(page.locator("#d-nuova [role=alert]")).to_have_text("Qualcosa non va")
        assert axe(page) == []
    expect(page).to_have_url(re.compile(f"/revisione/{waiting.id}"))
    assert page.evaluate("document.activeElement !== document.body")
    assert archive.catalog.document(waiting.id).version == waiting.version
    if status is None:
        page.get_by_role("button", name="Nuova persona…").press("Enter")
    expect(page.locator("#d-nuova [name=cognome]")).to_have_value("Verdi Bianchi")


@pytest.mark.parametrize("status", [None, 500])
def test_intake_that_hears_nothing_any_more_says_since_when_and_goes_on_by_itself(
    open_screen: Open, archive: Archive, status: int | None
) -> None:
    screen = open_screen(AccountRole.ARCHIVIST)
    stream, board = re.compile("/acquisizione/eventi"), re.compile("/acquisizione$")
    _failing(screen.page, stream, status)
    page = screen.goto("/acquisizione")
    lost = page.locator("#connessione")
    expect(lost).to_be_hidden()
    _failing(page, board, status)
    expect(lost).to_be_visible(timeout=10_000)
    expect(lost.locator("p").first).to_have_text(STILL)
    assert axe(page) == []
    again = lost.get_by_role("button", name="Riprova")
    again.focus()
    again.press("Enter")
    expect(page.locator("#annuncio")).to_have_text("Ancora nessuna risposta.")
    expect(again).to_be_focused()
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    page.unroute(board)
    again.press("Enter")
    expect(lost).to_be_hidden()
    expect(page.locator("#acquisizione")).to_be_focused()
    expect(page.locator("#lotti")).to_contain_text("lotto-1")


@pytest.mark.parametrize("status", [None, 500])
def test_a_file_that_does_not_get_through_is_named_with_its_reason(
    open_screen: Open, tmp_path: Path, status: int | None
) -> None:
    page = open_screen(AccountRole.ARCHIVIST).goto("/acquisizione/carica")
    _failing(page, re.compile("/acquisizione/carica$"), status)
    scan = tmp_path / "scansione.pdf"
    scan.write_bytes(b"%PDF-1.4")
    page.locator("#f-file").set_input_files(scan)
    page.get_by_role("button", name="Carica file").press("Enter")
    reason = "connessione persa: riprova." if status is None else "Qualcosa non va"
    expect(page.locator("#caricati li")).to_have_text(f"Rifiutato: scansione.pdf {reason}")
    expect(page.locator("#annuncio")).to_contain_text("Caricamento finito")
    assert axe(page) == []
