"""The review bench in a real browser, beyond a day: sheets, groups, what is fetched ahead, two windows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from faldone.domain.attribution import Band
from faldone.domain.decision import Settled
from faldone.domain.reasons import Reason
from faldone.pipeline.filing.persons import find_person
from faldone.pipeline.papers.page_images import stand
from faldone.pipeline.review.sheets import page_at
from tests.browser.conftest import Open
from tests.browser.days import Hands, scan
from tests.browser.harness import axe
from tests.browser.test_day_of_archivista import BORN, GOES_ON, bench, item, one_page, wait_for_next
from tests.review_papers import import_register, report
from tests.twins import Archive

pytestmark = pytest.mark.slow

HEARD = 150
"""A key within 120 ms of a change is not heard."""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    made.ports = replace(made.ports, options=replace(made.ports.options, recheck_one_in=1))
    made.engine.default = report("FERRARI ANNA")
    import_register(made)
    yield made
    made.close()


def test_a_blank_and_a_turned_sheet_are_saved_with_four_keys_and_taken_back_with_one(
    open_screen: Open, archive: Archive
) -> None:
    (paper,) = scan(archive, "B-12/tre.tif", report("FERRARI ANNA"), GOES_ON, GOES_ON, seed=1)
    with archive.ports.store.path(paper.source) as sealed:
        content = sealed.read_bytes()
    page, hands = bench(open_screen)
    hands.press("f")
    expect(page.locator("#striscia")).to_be_focused()
    page.wait_for_timeout(HEARD)
    hands.groups = 0
    hands.press("r", "ArrowRight", "b")
    expect(page.locator(".strip-sheet img.turn-90")).to_have_count(1)
    expect(page.locator("#bianca-1")).to_be_checked()
    assert archive.catalog.blank_pages(paper.source) == frozenset()  # nothing before it is saved
    assert axe(page) == []
    hands.press("Enter")
    expect(page.locator("#messaggi")).to_contain_text("Fogli salvati: 2 modifiche.")
    assert hands.groups == 4
    assert hands.clicks == 0
    assert archive.catalog.blank_pages(paper.source) == {1}
    assert stand(page_at(paper.source, 0, archive.ports), archive.ports).turn == 90
    with archive.ports.store.path(paper.source) as sealed:
        assert sealed.read_bytes() == content
    page.wait_for_timeout(HEARD)
    hands.press("z")
    expect(page.locator("#messaggi")).to_contain_text("Annullato:")
    assert archive.catalog.blank_pages(paper.source) == frozenset()
    assert stand(page_at(paper.source, 0, archive.ports), archive.ports).turn == 0


def test_a_group_shows_crops_and_is_ticked_by_the_keyboard(open_screen: Open, archive: Archive) -> None:
    papers = one_page(archive, [report("FERRARI ANNA")] * 4, 1)
    page, hands = bench(open_screen)
    first = item(page)
    hands.press("g")
    expect(page.locator("#gruppo-lista")).to_be_focused()
    crops = page.locator(".crop img")
    expect(crops).to_have_count(4)
    expect(page.locator("#gruppo-modello .crop img")).to_be_visible()  # the paper that stands for all
    page.wait_for_function("() => [...document.querySelectorAll('.crop img')].every((one) => one.naturalWidth > 40)")
    assert axe(page) == []
    page.wait_for_timeout(HEARD)
    hands.press("ArrowDown", "ArrowDown", "Space")
    left_out = page.locator("input[name=con]").nth(1)
    expect(left_out).to_be_focused()
    expect(left_out).not_to_be_checked()
    name = left_out.input_value().partition(":")[0]  # the version stands behind it
    hands.press("Enter")
    wait_for_next(page, first)
    assert item(page) == name
    filed = {one.id for one in papers if archive.catalog.document(one.id).proposal.band is Band.AUTO}
    assert filed == {one.id for one in papers} - {name}
    assert hands.groups == 5
    assert hands.clicks == 0


def test_a_name_that_is_nobodys_stays_in_the_dialog_with_who_may_be_meant(open_screen: Open, archive: Archive) -> None:
    (paper,) = one_page(archive, [report("MORONI PIA")], 1)
    anna = find_person("FERRARI ANNA", archive.ports)
    page, hands = bench(open_screen)
    hands.press("a")
    expect(page.locator("#f-persona")).to_be_focused()
    hands.type("xyzxyz")
    hands.press("Enter")
    refusal = page.locator("#d-persona .refusal")
    expect(refusal).to_contain_text("Nessun nome in anagrafe gli somiglia")
    expect(page.locator("#f-persona")).to_have_value("xyzxyz")
    expect(page.locator("#f-persona")).to_be_focused()
    page.locator("#f-persona").fill("")
    hands.type("ferari")
    hands.press("Enter")
    expect(refusal.get_by_role("button")).to_have_count(1)
    assert axe(page) == []
    refusal.get_by_role("button").press("Enter")
    expect(page.locator("#messaggi, #banco").first).to_contain_text("FERRARI ANNA")
    assert archive.catalog.document(paper.id).proposal.holders[0].value.person == anna.id


def test_what_a_dialog_typed_is_refused_in_it(open_screen: Open, archive: Archive) -> None:
    one_page(archive, [report("MORONI PIA")], 1)
    page, hands = bench(open_screen)
    hands.press("c")
    page.locator("#d-nuova input[name=cf]").fill("XXXXXX00X00X000X")
    hands.press("Enter")
    expect(page.locator("#d-nuova .refusal")).to_contain_text("non è valido")
    expect(page.locator("#d-nuova input[name=cognome]")).to_be_focused()
    assert archive.catalog.decisions(next(iter(archive.catalog.sources())).digest) == {}


def test_the_next_doubt_of_a_paper_takes_the_place_of_the_one_that_was_answered(
    open_screen: Open, archive: Archive
) -> None:
    (paper,) = one_page(archive, [report("FERRARI ANNA")], 1)
    with archive.catalog.begin() as work:
        unsure = replace(paper.proposal, type=None, reasons=(*paper.proposal.reasons, Reason.TYPE_UNSURE))
        work.save_proposals(paper.source, [unsure], archive.clock())
    page, hands = bench(open_screen)
    doubt = page.locator(".callout-line", has_text=Reason.NAME_ALONE.italian)
    expect(page.locator("#domanda")).to_contain_text("Di chi è?")
    expect(doubt).to_have_count(1)
    hands.press("Enter")
    expect(page.locator("#domanda")).to_contain_text("Che tipo di documento è?")
    expect(doubt).to_have_count(0)
    expect(page.locator("#risposte")).to_be_focused()
    page.wait_for_timeout(HEARD)
    hands.press("Enter")  # nothing is proposed: it says what to do
    expect(page.locator("#messaggi")).to_contain_text("Nessuna proposta da accettare: premi T")
    assert axe(page) == []
    hands.press("t")
    expect(page.locator("#f-tipo")).to_be_focused()
    assert archive.catalog.decisions(paper.source) == {}
    assert hands.clicks == 0


def test_a_paper_that_filed_itself_is_checked_again_blind_by_the_keyboard(open_screen: Open, archive: Archive) -> None:
    (paper,) = one_page(archive, [report("ROSSI MARIO", "nato a Pisa il 10 dicembre 1985, C.F. RSSMRA85T10A562S")], 1)
    assert paper.proposal.band is Band.AUTO
    screen = open_screen("archivista")
    hands = Hands(screen.page)
    page = screen.goto("/revisione/ricontrollo")
    expect(page.locator("#f-persona")).to_be_focused()
    expect(page.locator("#foglio .evidence g")).to_have_count(0)
    expect(page.locator("aside")).not_to_contain_text("ROSSI")
    assert axe(page) == []
    hands.type("ferrari")
    expect(page.get_by_role("option", name=re.compile("FERRARI ANNA"))).to_be_visible()
    hands.press("ArrowDown", "Enter")
    expect(page.locator("#f-persona")).to_have_value("FERRARI ANNA")
    page.locator("#f-tipo").focus()
    hands.type("Relazione sociale")
    page.locator("#f-servizio").focus()
    hands.type("Tutela")
    page.get_by_role("button", name="Confronta con l'archivio").press("Enter")
    expect(page.locator("#domanda")).to_contain_text("Tu e l'archivio non dite lo stesso")
    right = page.get_by_role("radio", name="Ha ragione l'archivio: ROSSI MARIO")
    expect(right).not_to_be_checked()
    assert axe(page) == []
    page.wait_for_timeout(HEARD)
    page.locator("#differenze input").first.focus()
    hands.press("ArrowDown")
    expect(right).to_be_checked()
    hands.press("Enter")
    expect(page.locator("#messaggi")).to_contain_text("Ricontrollato: aveva ragione l'archivio.")
    (said,) = archive.catalog.decisions(paper.source).values()
    assert said.blind is not None
    assert said.settled == Settled()
    assert screen.complaints == []


def test_the_next_three_papers_are_there_before_the_key_is_pressed(open_screen: Open, archive: Archive) -> None:
    names = ("VERDI CARLO", "NERI PAOLO", "GALLI ANNA", "CONTI IDA", "MORONI PIA")
    papers = one_page(archive, [report(name, BORN) for name in names], 1)
    screen = open_screen("archivista")
    asked: list[str] = []

    def note(request: Request) -> None:
        if "w=1240" in request.url:
            asked.append(request.url.split("/documenti/")[1].split("/")[0])

    screen.page.on("requestfinished", note)
    page = screen.goto("/revisione")
    first = item(page)
    page.wait_for_function("() => document.querySelector('#foglio img').complete")
    for _ in range(100):
        if len(asked) >= 4:
            break
        page.wait_for_timeout(50)
    assert asked[0] == first  # what is looked at comes first
    assert len(asked) == len(set(asked)) == 4
    page.locator("#risposte").press("Enter")
    wait_for_next(page, first)
    assert item(page) == asked[1]
    page.wait_for_function("() => document.querySelector('#foglio img').complete")
    page.wait_for_timeout(500)
    assert asked.count(asked[1]) == 1  # it was there already
    assert {one.id for one in papers} == set(asked)
    assert screen.complaints == []


def test_a_key_in_a_window_that_was_left_behind_falls_on_no_other_paper(open_screen: Open, archive: Archive) -> None:
    papers = one_page(archive, [report(name, BORN) for name in ("VERDI CARLO", "NERI PAOLO")], 1)
    screen = open_screen("archivista")
    ahead = screen.goto("/revisione")
    first = item(ahead)
    behind: Page = screen.context.new_page()
    behind.goto(f"/revisione/{first}")
    expect(behind.locator("#risposte")).to_be_focused()
    ahead.locator("#risposte").press("Enter")
    wait_for_next(ahead, first)
    second = item(ahead)
    behind.keyboard.press("Enter")
    expect(behind.locator("#messaggi")).to_contain_text(
        re.compile(r"ha già deciso su questo documento alle \d\d:\d\d\. La tua scelta non è stata applicata\.")
    )
    expect(behind.get_by_role("link", name="Vedi il documento")).to_have_attribute("href", f"/revisione/{first}")
    assert item(behind) == first
    expect(behind.locator("#risposte")).to_be_focused()
    assert archive.catalog.document(second).proposal.band is Band.REVIEW
    assert {one.id for one in papers} == {first, second}
