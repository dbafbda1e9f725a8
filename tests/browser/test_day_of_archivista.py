"""A day beside the scanner: red at once, closed when it adds up, twenty papers by the keyboard, a mistake undone."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Page, expect

from faldone.catalog.records import Document
from faldone.domain.attribution import Band
from faldone.domain.batch import BatchFacts
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PageId
from faldone.pipeline.filing.persons import find_person
from faldone.pipeline.intake.batches import describe_batch
from faldone.pipeline.intake.look import look
from faldone.pipeline.intake.open_source import open_source
from faldone.pipeline.review.boundaries import merge
from tests.browser.conftest import Open
from tests.browser.days import BRIEF_S, Hands, feed, scan, told
from tests.papers import noise, tiff
from tests.review_papers import import_register, report
from tests.twins import Archive

pytestmark = pytest.mark.slow

HEAD = "Servizio Tutela Minori relazione sociale"
GOES_ON = "Il minore frequenta la scuola con regolarità e segue il percorso previsto dal servizio"
BORN = "nato a Crema il 3 maggio 2009"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    made.engine.default = report("FERRARI ANNA")
    import_register(made)
    yield made
    made.close()


def blurred(seed: int) -> Image.Image:
    return noise(seed).filter(ImageFilter.GaussianBlur(2))


def gate(archive: Archive) -> None:
    """Opens files and looks at their pages, as far as it goes while the paper is on the table."""
    for unit in archive.catalog.unfinished(archive.clock(), 100).open:
        open_source(Digest.parse(unit.id), archive.ports)
    look([PageId(unit.id) for unit in archive.catalog.unfinished(archive.clock(), 100).look], archive.ports)


def test_a_blurred_page_among_twenty_turns_red_on_the_screen_by_itself(open_screen: Open, archive: Archive) -> None:
    screen = open_screen("archivista")
    page = screen.goto("/")
    expect(page).to_have_url("/acquisizione")
    hands = Hands(page)
    texts = [f"{HEAD} " + " ".join(f"parola{n}x{word}" for word in range(30)) for n in range(20)]
    feed(archive, "lotto-1/a.tif", [blurred(n) if n == 6 else noise(n) for n in range(20)], texts)
    gate(archive)
    looked_at = time.monotonic()
    alert = page.locator("#avviso [role=alert], #avviso .alert")
    expect(alert).to_contain_text("Lotto lotto-1, pagina 7: sfocata. Ripassa il foglio.", timeout=10_000)
    waited = time.monotonic() - looked_at
    tile = page.get_by_role("link", name="Pagina 7, sfocata", exact=True)
    expect(tile).to_have_class("thumb thumb-bad")
    expect(page.locator("[data-tiles] > li")).to_have_count(20)
    row = page.locator("#lotti tr")
    expect(row).to_contain_text("Da rifare 1")
    archive.work_off()
    batch = archive.catalog.batch("lotto-1")
    expect(page.locator(f"#lotto-{batch.id} td.num").nth(1)).to_have_text("20")
    expect(page.locator("[data-tiles] .thumb-reading")).to_have_count(0)
    hands.press("j")
    expect(tile).to_be_focused()
    hands.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("7")
    page.go_back()
    assert hands.groups == 2
    print(f"red on the screen {1000 * waited:.0f} ms after the page was looked at")
    assert waited < 2 * BRIEF_S
    assert screen.complaints == []


def test_the_board_changes_without_being_loaded_again(open_screen: Open, archive: Archive) -> None:
    page = open_screen("archivista").goto("/acquisizione")
    page.evaluate("window.stays = true")
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    expect(page.locator("#lotti tr")).to_have_count(1)
    expect(page.locator("[data-tiles] > li")).to_have_count(2)
    expect(page.locator("#lotti")).to_contain_text("Pronto da chiudere")
    assert page.evaluate("window.stays")


def test_a_batch_that_lacks_two_sheets_names_them_and_closes_when_they_came(
    open_screen: Open, archive: Archive
) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    describe_batch(archive.catalog.batch("lotto-1"), BatchFacts(sheets=4), archive.ports)
    page = open_screen("archivista").goto("/acquisizione")
    hands = Hands(page)
    expect(page.locator("#lotti")).to_contain_text("4 / 2")
    expect(page.get_by_role("button", name="Chiudi lotto")).to_have_count(0)
    page.get_by_role("link", name="lotto-1", exact=True).focus()
    hands.press("Enter")
    page.get_by_role("button", name="Chiudi lotto").focus()
    hands.press("Enter")
    refusal = page.locator("#rifiuto")
    expect(refusal).to_contain_text("Fogli dichiarati: 4, arrivati: 2 (ne mancano 2).")
    assert archive.catalog.batch("lotto-1").closed_at is None
    archive.take("lotto-1/b.tif", tiff(noise(3), noise(4)))
    archive.work_off()
    page.get_by_role("link", name="Acquisizione", exact=True).first.focus()
    hands.press("Enter")
    expect(page.locator("#lotti")).to_contain_text("4 / 4")
    page.get_by_role("link", name="Chiudi lotto lotto-1").focus()
    hands.press("Enter")
    page.get_by_role("button", name="Chiudi lotto").focus()  # what is closed stays so: its count is seen first
    hands.press("Enter")
    expect(page.get_by_text("Lotto chiuso il")).to_be_visible()
    assert archive.catalog.batch("lotto-1").closed_at is not None
    sums = [int(one) for one in page.locator("#conti ~ .table-frame td.num, #conti ~ table td.num").all_inner_texts()]
    assert sums[0] == 4
    assert hands.groups <= 6


# ---- Da rivedere


def item(page: Page) -> DocumentId:
    """The document before the reader."""
    action = page.locator("#risposta").get_attribute("action") or ""
    return DocumentId(action.split("/")[2])


def wait_for_next(page: Page, before: str) -> None:
    """Until another item stands there, or none, and the keys are heard again."""
    page.wait_for_function(
        """(before) => {
            const now = document.querySelector('#risposta')?.getAttribute('action').split('/')[2] ?? ''
            return now !== before && !document.querySelector('#contenuto').ariaBusy
        }""",
        arg=before,
    )
    page.wait_for_timeout(150)  # a key within 120 ms of a change is not heard


def bench(open_screen: Open) -> tuple[Page, Hands]:
    """The bench with the first item on it."""
    screen = open_screen("archivista")
    hands = Hands(screen.page)
    page = screen.goto("/revisione")
    expect(page.locator("#risposte")).to_be_focused()
    page.evaluate("window.stays = true")
    return page, hands


def one_page(archive: Archive, texts: list[str], first: int) -> list[Document]:
    return [scan(archive, f"B-12/{seed}.tif", text, seed=seed)[0] for seed, text in enumerate(texts, first)]


def holders(archive: Archive, papers: list[Document]) -> list[str]:
    return [archive.catalog.document(one.id).proposal.holders[0].value.name for one in papers]


def test_twenty_papers_are_reviewed_by_the_keyboard_alone(open_screen: Open, archive: Archive) -> None:
    names = [
        f"{surname} {name}" for surname in ("VERDI", "NERI", "GALLI") for name in ("CARLO", "PAOLO", "ANNA", "IDA")
    ]
    right = one_page(archive, [report("FERRARI ANNA")] * 2 + [report(name, BORN) for name in names], 1)
    second = one_page(archive, [report("BIANCHI LUCA")] * 4, 30)
    other = one_page(archive, [report("MORONI PIA")] * 2, 40)
    page, hands = bench(open_screen)
    wanted: dict[DocumentId, str | None] = {}
    for _ in range(20):
        document = item(page)
        if document in {one.id for one in second}:
            hands.press("Enter")
            expect(page.locator("#annuncio")).to_contain_text("Invio da solo non conferma")
            hands.groups -= 1  # tried to show that it does nothing
            wanted[document] = page.locator("#risposta-2").get_attribute("data-value")
            hands.press("2")
        elif document in {one.id for one in other}:
            hands.press("a")
            expect(page.locator("#f-persona")).to_be_focused()
            hands.type("rossi mar")
            expect(page.locator("#d-persona [role=option]")).to_have_count(1)
            hands.press("ArrowDown", "Enter")
        else:
            hands.press("Enter")
        wait_for_next(page, document)
    expect(page.locator("#banco")).to_contain_text("Niente da rivedere.")
    expect(page.locator("#banco")).to_be_focused()
    bands = Counter(archive.catalog.document(one.id).proposal.band for one in (*right, *second, *other))
    assert bands == {Band.AUTO: 20}
    assert holders(archive, right) == ["FERRARI ANNA"] * 2 + names
    rossi = find_person("ROSSI MARIO", archive.ports).id
    assert {archive.catalog.document(one.id).proposal.holders[0].value.person for one in other} == {rossi}
    for one in second:
        person = archive.catalog.document(one.id).proposal.holders[0].value.person
        assert person is not None
        assert person in str(wanted[one.id])
    assert page.evaluate("window.stays")
    assert hands.clicks == 0
    assert hands.frames_without_focus == 0
    assert hands.groups <= 24 + 2
    told("next paper of twenty", hands.waits_ms)
    assert len(hands.waits_ms) == 20
    assert median(hands.waits_ms) < 1000 * BRIEF_S


def test_a_wrong_answer_for_a_group_is_taken_back_two_papers_later(open_screen: Open, archive: Archive) -> None:
    group = one_page(archive, [report("FERRARI ANNA")] * 3, 1)
    alone = one_page(archive, [report(name, BORN) for name in ("VERDI CARLO", "GALLI PAOLO")], 10)
    before = {one.id: archive.catalog.document(one.id).proposal for one in (*group, *alone)}
    page, hands = bench(open_screen)
    first = item(page)
    assert first in {one.id for one in group}
    hands.press("g")
    expect(page.locator("#gruppo-lista")).to_be_focused()
    page.wait_for_timeout(150)
    hands.press("Enter")
    wait_for_next(page, first)
    for _ in range(2):
        document = item(page)
        hands.press("Enter")
        wait_for_next(page, document)
    expect(page.locator("#banco")).to_contain_text("Niente da rivedere.")
    hands.groups = 0
    back = ""
    for _ in range(2):
        hands.press("z")
        wait_for_next(page, back)
        expect(page.locator("#messaggi")).to_contain_text("Annullato:")
        back = item(page)
        assert back in {one.id for one in alone}
        expect(page.locator("#risposte")).to_be_focused()
    hands.press("z")
    wait_for_next(page, back)
    expect(page.locator("#messaggi")).to_contain_text("2 documenti simili compresi")
    assert item(page) == first
    assert page.locator(".evidence g").count() >= 1
    assert {key: archive.catalog.document(key).proposal for key in before} == before
    page.wait_for_timeout(150)
    hands.press("Enter")
    wait_for_next(page, first)
    assert hands.groups <= 6
    assert archive.catalog.document(first).proposal.band is Band.AUTO
    trail = Counter(entry.record.type for entry in archive.catalog.events([first]))
    assert trail[EventType.DOCUMENT_DECIDED] == 3  # decided, taken back, decided again
    assert hands.frames_without_focus == 0
    assert hands.clicks == 0


def test_a_stretch_is_cut_in_three_and_one_joined_again_with_the_scan_untouched(
    open_screen: Open, archive: Archive
) -> None:
    head = report("FERRARI ANNA")
    cut = scan(archive, "B-12/lungo.tif", head, GOES_ON, head, GOES_ON, head, GOES_ON, GOES_ON, seed=1)
    for document in cut[:0:-1]:
        merge(document.id, "somebody", archive.ports)  # by mistake: it is three papers
    (whole,) = archive.catalog.documents(cut[0].source)
    with archive.ports.store.path(whole.source) as sealed:
        content = sealed.read_bytes()
    page, hands = bench(open_screen)
    assert item(page) == whole.id

    def spans() -> list[list[int]]:
        return [list(one.span) for one in archive.catalog.documents(whole.source)]

    hands.press("f")
    expect(page.locator("#striscia")).to_be_focused()
    page.wait_for_timeout(150)
    hands.press("ArrowRight", "ArrowRight", "x", "ArrowRight", "ArrowRight", "x")
    expect(page.locator("#pile")).to_have_text("Documenti: 3. Fogli: 2 + 2 + 3")
    assert spans() == [[0, 1, 2, 3, 4, 5, 6]]
    hands.press("Enter")
    expect(page.locator("#messaggi")).to_contain_text("Fogli salvati: 2 modifiche.")
    assert spans() == [[0, 1], [2, 3], [4, 5, 6]]
    page.wait_for_timeout(150)
    hands.press("f")
    expect(page.locator("#striscia")).to_be_focused()
    page.wait_for_timeout(150)
    hands.press("ArrowRight", "ArrowRight", "u")
    expect(page.locator("#pile")).to_have_text("Documenti: 1. Fogli: 4")
    hands.press("Enter")
    expect(page.locator("#messaggi")).to_contain_text("Fogli salvati: 1 modifica.")
    assert spans() == [[0, 1, 2, 3], [4, 5, 6]]
    assert hands.groups <= 14
    assert hands.clicks == 0
    with archive.ports.store.path(whole.source) as sealed:
        assert sealed.read_bytes() == content
    assert Digest.of(content) == whole.source
