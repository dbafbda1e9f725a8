"""A day of who answers for the archive: the backlog first, and emergencies until somebody knows of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from faldone.domain.account import Rights
from faldone.domain.events import EventType
from tests.browser.conftest import Open
from tests.browser.days import scan as scan_file
from tests.browser.days import served_archive
from tests.browser.harness import Served
from tests.dossiers import CLOSE, fill
from tests.review_papers import report
from tests.twins import Archive

pytestmark = pytest.mark.slow

WHY = "il bambino è in pericolo adesso"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    made = Archive(tmp_path_factory.mktemp("responsabile"))
    fill(made)
    scan_file(made, "B-12/a.tif", report("VERDI CARLO"), seed=1)
    yield made
    made.close()


@pytest.fixture(scope="module")
def served(archive: Archive) -> Iterator[Served]:
    with served_archive(archive) as served:
        yield served


def test_an_emergency_is_told_to_who_answers_for_it_until_they_know_of_it(
    open_screen: Open, browser: Browser, archive: Archive
) -> None:
    operator = open_screen("operatore", rights=Rights(frozenset({"SAD"}), None))
    page = operator.goto("/urgenza")
    page.locator("[name=surname]").fill(CLOSE.surname)
    page.locator("[name=name]").fill(CLOSE.name)
    page.get_by_label("Data di nascita").fill("2010-07-08")
    page.get_by_label("Motivo, in parole").fill(WHY)
    page.get_by_role("button", name="Chiedi accesso d'urgenza").press("Enter")
    expect(page.locator("main")).to_contain_text("Accesso d'urgenza per 60 minuti")
    assert archive.catalog.last_events(EventType.GLASS_BROKEN, 1) == ()
    page.get_by_role("button", name="Conferma e apri").press("Enter")
    expect(page).to_have_url(re.compile(f"/fascicoli/{CLOSE.id}$"))
    expect(page.locator("main")).to_contain_text("NERI ADA")

    manager, auditor = open_screen("responsabile"), open_screen("revisore")
    page = manager.goto("/")
    expect(page).to_have_url("/statistiche")
    notice = page.locator("#avvisi")
    expect(notice).to_contain_text("Prova operatore")
    expect(notice).to_contain_text(CLOSE.id)
    assert "NERI" not in page.locator("main").inner_text()
    notice.locator("summary").press("Enter")
    expect(notice).to_contain_text(WHY)
    notice.get_by_role("button", name="Segna l'avviso come visto").press("Enter")
    expect(page.locator("#avvisi")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Statistiche")
    expect(page.locator("#avvisi")).to_have_count(0)
    (entry,) = archive.catalog.last_events(EventType.GLASS_BROKEN, 9)
    (known,) = archive.catalog.events([f"notice:{entry.sequence}"])
    assert known.record.agent.startswith("user:responsabile")
    expect(auditor.goto("/verifica").locator("#avvisi")).to_contain_text(
        CLOSE.id
    )  # one who knows does not stand for all
    assert [*operator.complaints, *manager.complaints, *auditor.complaints] == []


def test_the_numbers_say_what_the_archive_holds_and_leave_as_a_table(open_screen: Open, archive: Archive) -> None:
    screen = open_screen("responsabile")
    page = screen.goto("/statistiche")
    facts = page.locator("#lavoro ~ dl")
    waiting = int((facts.locator("dd").first.inner_text()).split()[0])
    assert waiting == 1
    expect(page.get_by_role("img").first).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("link", name="Scarica CSV").press("Enter")
    lines = coming.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("servizio")
    assert len(lines) == page.locator("#documenti ~ .table-frame tbody tr, #documenti ~ table tbody tr").count() + 1
    assert screen.complaints == []


def test_another_table_is_asked_for_by_the_form(open_screen: Open) -> None:
    page = open_screen("responsabile").goto("/statistiche")
    page.get_by_label("Righe").select_option("anno")
    page.get_by_role("button", name="Mostra tabella").press("Enter")
    expect(page).to_have_url(re.compile(r"/statistiche\?.*rows=anno"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Statistiche")


def test_a_drawing_is_whole_and_can_be_read_on_a_narrow_screen(open_screen: Open) -> None:
    page = open_screen("responsabile", width=320).goto("/statistiche")
    frame = page.locator(".chart-frame").first
    assert frame.evaluate("one => one.scrollWidth <= one.clientWidth")
    tall = frame.locator("text").first.evaluate("one => one.getBoundingClientRect().height")
    assert tall >= 10
