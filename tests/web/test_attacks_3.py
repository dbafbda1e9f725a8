"""What somebody tried against the order of pages and against exclusions, and got: each was mended with its test."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from threading import Barrier

import pytest
from fastapi.testclient import TestClient

from faldone.catalog.records import Batch, Document
from faldone.domain.access import Sensitivity
from faldone.domain.account import Rights
from faldone.domain.batch import BatchFacts, Despite, Exclusion
from faldone.domain.events import Event, EventType, user_agent
from faldone.domain.ids import IntakeId, PageId, PersonId
from faldone.domain.person import Person
from faldone.errors import ConfigError, FaldoneError
from faldone.pipeline.audit.access_report import AccessQuestion, access_page, access_rows
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.filing.attribute import attribute
from faldone.pipeline.intake.batches import (
    close_batch,
    count_batch,
    describe_batch,
    exclude,
    find_in_batch,
    open_batch,
)
from faldone.pipeline.papers.reading_order import reading_order
from faldone.pipeline.review.blank_page import say_blank
from faldone.pipeline.review.boundaries import merge, split, undo_boundary
from faldone.pipeline.review.order_pages import order_pages
from faldone.pipeline.review.sheets import page_at
from faldone.pipeline.search.index import index_pending
from tests.papers import noise, tiff
from tests.review_papers import import_register, report, take_papers
from tests.small_archive import Paper, put
from tests.twins import Archive
from tests.web.conftest import Enter

MARA = user_agent("mara")
ALDO = Person(PersonId("u-000000000001"), "Aperti", "Aldo", "PRTLDA03E01D142T", residence="Crema")


def whole(archive: Archive, pages: int) -> Document:
    """One document of so many pages, which is all of its file."""
    import_register(archive)
    source = take_papers(archive, report("FERRARI ANNA"), pages=pages)[0].source
    while len(found := archive.catalog.documents(source)) > 1:
        merge(found[-1].id, "anna", archive.ports)
    return found[0]


def orders(archive: Archive, document: Document) -> list[tuple[int, ...]]:
    return [reading_order(one, archive.ports) for one in archive.catalog.documents(document.source)]


# ---- the order of pages


@pytest.mark.parametrize(
    ("half", "said", "joined"), [(0, (1, 2), (0, 1, 3, 2)), (1, (1, 2), (1, 0, 2, 3))], ids=["first", "second"]
)
def test_a_half_put_in_order_after_a_cut_is_not_shuffled_into_the_other_when_they_are_joined(
    archive: Archive, half: int, said: Sequence[int], joined: tuple[int, ...]
) -> None:
    found = whole(archive, 4)
    order_pages(found.id, (4, 3, 2, 1), "anna", archive.ports)
    split(found.id, 2, "anna", archive.ports)
    assert orders(archive, found) == [(1, 0), (3, 2)]
    order_pages(archive.catalog.documents(found.source)[half].id, said, "anna", archive.ports)
    undo_boundary(found.source, "anna", archive.ports)
    assert orders(archive, found) == [joined]


def test_of_two_who_put_the_same_pages_in_order_at_once_one_is_told(archive: Archive, enter: Enter) -> None:
    found = whole(archive, 3)
    clients, ready = [enter("archivista"), enter("archivista")], Barrier(2)

    def say(client: TestClient, pages: list[int]) -> int:
        ready.wait(10)
        body = {"version": found.version, "pages": pages}
        return client.post(f"/api/v1/review/{found.id}/order", json=body).status_code

    with ThreadPoolExecutor(2) as both:
        told = list(both.map(say, clients, ([3, 2, 1], [2, 1, 3])))
    assert sorted(told) == [200, 409]
    assert orders(archive, found) == [[(2, 1, 0), (1, 0, 2)][told.index(200)]]
    assert len(archive.catalog.events_of({EventType.PAGES_REORDERED})) == 1


# ---- exclusions


@pytest.fixture
def lot(archive: Archive) -> tuple[Batch, IntakeId | PageId]:
    """A batch of a broken file and a good one, and the id of the broken."""
    archive.take("lotto-1/a.tif", b"non un'immagine")
    archive.take("lotto-1/b.tif", tiff(noise(1)))
    archive.work_off()
    batch = archive.catalog.batch("lotto-1")
    return batch, find_in_batch(batch, "lotto-1/a.tif", None, archive.ports)


def test_nothing_is_excluded_by_who_looked_at_the_batch_before_it_was_closed(
    archive: Archive, lot: tuple[Batch, IntakeId]
) -> None:
    batch, broken = lot  # as a second browser has it
    close_batch(batch, Despite.PAPER_DAMAGED, archive.ports)
    with pytest.raises(ConfigError):
        exclude(batch, broken, Exclusion.TEST_SHEET, archive.ports, MARA)
    assert count_batch(archive.catalog.batch("lotto-1"), archive.ports).account.excluded == ()


def test_a_batch_is_closed_once_for_one_reason(archive: Archive, lot: tuple[Batch, IntakeId]) -> None:
    batch, _ = lot
    close_batch(batch, Despite.PAPER_DAMAGED, archive.ports)
    closed = archive.catalog.batch("lotto-1")
    for stale in (batch, closed):
        with pytest.raises(ConfigError):
            close_batch(stale, Despite.COUNTED_WRONG, archive.ports)
    assert archive.catalog.batch("lotto-1") == closed
    assert len(archive.catalog.events_of({EventType.BATCH_CLOSED})) == 1
    assert count_batch(closed, archive.ports).despite is Despite.PAPER_DAMAGED


def test_a_batch_that_is_called_as_another_s_id_does_not_stand_in_its_way(
    archive: Archive, lot: tuple[Batch, IntakeId]
) -> None:
    batch, _ = lot
    archive.take(f"{batch.id}/c.tif", tiff(noise(2)))
    other = next(one for one in archive.catalog.batches() if one.code == batch.id)
    assert archive.catalog.batch(batch.id).id == batch.id
    assert archive.catalog.batch(other.id).id == other.id


CREMA = Rights(None, frozenset({"crema"}), Sensitivity.GIUDIZIARI, intake=True)
LODI = Rights(None, frozenset({"lodi"}), Sensitivity.GIUDIZIARI, intake=True)


def test_nobody_excludes_of_another_comune_nor_is_told_whether_it_is_there(
    archive: Archive, enter: Enter, lot: tuple[Batch, IntakeId]
) -> None:
    batch, broken = lot
    describe_batch(batch, BatchFacts(comune="Crema"), archive.ports)
    good = find_in_batch(batch, "lotto-1/b.tif", 0, archive.ports)
    stranger, auditor = enter("archivista", rights=LODI), enter("revisore")
    body = {"what": broken, "because": "test-sheet"}
    for client in (stranger, auditor, enter("operatore", rights=replace(CREMA, intake=False))):
        for code in ("lotto-1", batch.id):
            assert client.post(f"/api/v1/batches/{code}/exclusions", json=body).status_code in (403, 404)
            made = client.post(f"/acquisizione/lotti/{code}/esclusioni", data={"cosa": broken, "perche": "test-sheet"})
            assert made.status_code in (403, 404)
            assert "a.tif" not in made.text
            assert client.post(f"/api/v1/batches/{code}/close", json={"despite": "looked-at"}).status_code in (403, 404)
    assert archive.catalog.events_of({EventType.FILE_EXCLUDED, EventType.BATCH_CLOSED}) == ()
    # By a batch of one's own nobody reaches into another.
    own = open_batch("mio", "/altrove", BatchFacts(comune="Lodi"), archive.ports)
    for what in (broken, good):
        said = {"what": what, "because": "test-sheet"}
        assert stranger.post(f"/api/v1/batches/{own.id}/exclusions", json=said).status_code == 404


@pytest.mark.parametrize(
    "what",
    ["p-0000000000000000-0", "i-000000000000", "p-0000000000000000-000001", "<script>", "", "p-x-1", "i-" + "0" * 99],
)
def test_what_is_not_of_the_batch_is_answered_without_an_error_of_the_server(
    enter: Enter, lot: tuple[Batch, IntakeId], what: str
) -> None:
    client = enter("archivista")
    for because in ("test-sheet", None):
        made = client.post("/api/v1/batches/lotto-1/exclusions", json={"what": what, "because": because})
        assert made.status_code in (404, 422)
    for perche in ("test-sheet", "annulla", "<b>"):
        made = client.post("/acquisizione/lotti/lotto-1/esclusioni", data={"cosa": what, "perche": perche})
        assert made.status_code in (404, 422)
        assert "<script>" not in made.text.replace('<script type="module"', "")


def test_a_hostile_name_of_an_excluded_file_is_text_wherever_it_is_told(archive: Archive, enter: Enter) -> None:
    name = 'lotto-1/"><img src=x onerror=alert(1)>.tif'
    archive.take(name, b"non un'immagine")
    archive.work_off()
    batch, client = archive.catalog.batch("lotto-1"), enter("archivista")
    broken = find_in_batch(batch, name, None, archive.ports)
    exclude(batch, broken, Exclusion.PRIVATE_PAPER, archive.ports, MARA)
    for path in ("/acquisizione", "/acquisizione/lotti/lotto-1", "/acquisizione/quarantena"):
        assert "<img src=x" not in client.get(path).text
    told = [one.record for one in archive.catalog.events_of({EventType.FILE_EXCLUDED})]
    assert all("img" not in one.detail + one.subject for one in told)


def test_the_count_adds_up_whatever_is_said_of_a_file_in_which_order(
    archive: Archive, lot: tuple[Batch, IntakeId], enter: Enter
) -> None:
    batch, broken = lot
    client = enter("archivista")

    def counted() -> tuple[list[str], list[str], int]:
        account = count_batch(archive.catalog.batch("lotto-1"), archive.ports).account
        told = client.get("/api/v1/batches/lotto-1").json()
        assert told["pages_in"] == sum(told["pages"].values()) == len(account.pages)
        assert verify(archive.ports).findings == ()
        return list(account.rejected), [file for file, _ in account.excluded], account.arrived

    name = "lotto-1/a.tif"
    assert counted() == ([name], [], 1)
    exclude(batch, broken, Exclusion.SCANNED_AGAIN, archive.ports, MARA)
    exclude(batch, broken, Exclusion.PRIVATE_PAPER, archive.ports, MARA)  # another reason takes its place
    assert counted() == ([], [name], 1)
    # The same bytes again are no second file to be explained under the same name, and one under another.
    archive.take(name, b"non un'immagine")
    archive.work_off()
    assert counted() == ([], [name], 1)
    archive.take("lotto-1/c.tif", b"non un'immagine")
    archive.work_off()
    assert counted() == (["lotto-1/c.tif"], [name], 1)
    exclude(batch, broken, None, archive.ports, MARA)
    assert counted() == ([name, "lotto-1/c.tif"], [], 1)
    exclude(batch, broken, Exclusion.PRIVATE_PAPER, archive.ports, MARA)
    again = find_in_batch(batch, "lotto-1/c.tif", None, archive.ports)
    exclude(batch, again, Exclusion.PRIVATE_PAPER, archive.ports, MARA)
    # Tried again by its own name it fails again, and stays what was said of it.
    source = archive.catalog.batch_contents(batch.id)[0].source
    assert source is not None
    assert client.post("/api/v1/quarantine/retry", json={"source": str(source)}).json()["count"] == 1
    archive.work_off()
    assert counted() == ([], [name, "lotto-1/c.tif"], 1)
    # Another scan of the paper under the same name is a file like any other.
    archive.take(name, tiff(noise(9)))
    archive.work_off()
    assert counted() == ([], [name, "lotto-1/c.tif"], 2)
    assert find_in_batch(batch, name, None, archive.ports) == broken


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_said_of_a_file_s_pages_each_is_read_once_and_halves_stay_whole(
    archive: Archive, seed: int
) -> None:
    dice, found = random.Random(seed), whole(archive, 6)
    for _ in range(25):
        there = archive.catalog.documents(found.source)
        one = dice.choice(there)
        with suppress(FaldoneError):
            match dice.choice(["order", "order", "split", "merge", "undo", "blank"]):
                case "order":
                    numbers = dice.sample(range(1, len(one.span) + 1), len(one.span))
                    others = {other.id: reading_order(other, archive.ports) for other in there if other != one}
                    order_pages(one.id, numbers, "anna", archive.ports)
                    assert reading_order(one, archive.ports) == tuple(one.span[number - 1] for number in numbers)
                    assert others == {other.id: reading_order(other, archive.ports) for other in there if other != one}
                case "split":
                    split(one.id, dice.choice(one.span), "anna", archive.ports)
                case "merge":
                    merge(one.id, "anna", archive.ports)
                case "undo":
                    undo_boundary(one.source, "anna", archive.ports)
                case "blank":
                    page = page_at(one.source, dice.choice(one.span), archive.ports)
                    say_blank(page, dice.random() < 0.5, one.id, "anna", archive.ports)
        places = archive.catalog.page_places(found.source)
        assert sorted(places) == sorted(places.values())
        read = [index for order in orders(archive, found) for index in order]
        assert len(set(read)) == len(read)
    assert [one for one in verify(archive.ports).findings if "ordine" in one.italian] == []


# ---- thumbnails in the report of accesses


def test_no_thumbnail_is_lost_or_counted_twice_however_the_rows_are_leafed_through(archive: Archive) -> None:
    found = whole(archive, 4)
    dice = random.Random(7)
    with archive.catalog.begin() as work:
        for number in range(60):
            thumbnail = number < 9 or number > 55 or dice.random() < 0.6  # at both ends, too
            size = "thumbnail" if thumbnail else "page"
            said = {"document": found.id, "size": size}
            work.record(Event(EventType.PAGE_DELIVERED, f"p-0-{number}", archive.clock(), MARA, detail=said))
    every = access_page(AccessQuestion(), archive.ports, limit=1_000).rows
    small = sum(row.thumbnail for row in every)
    question = AccessQuestion(thumbnails=False)
    large = [row.sequence for row in every if not row.thumbnail]
    assert [row.sequence for row in access_rows(question, archive.ports)] == large
    for limit in (1, 2, 7, len(large), len(large) + 1, 1_000):
        rows, left_out, after = [], 0, 0
        while True:
            found_page = access_page(question, archive.ports, after=after, limit=limit)
            rows += [row.sequence for row in found_page.rows]
            left_out += found_page.left_out
            if found_page.after is None:
                break
            after = found_page.after
        assert (rows, left_out) == (large, small)


# ---- undone whole


def test_what_cannot_be_undone_at_this_moment_is_undone_whole_a_moment_later(archive: Archive, enter: Enter) -> None:
    found, client = whole(archive, 3), enter("archivista")
    address = f"/revisione/{found.id}/fogli"
    strip = client.get(address).text
    said = {
        "versioni": re.findall(r'name="versioni" value="([^"]+)"', strip),
        "inizi": re.findall(r'name="inizi" value="(\d+)" checked', strip),
        "letti": re.findall(r'name="letti" value="([^"]+)"', strip),
        "posti": ["1", "3", "2"],
        "bianche": ["1"],
    }
    assert client.post(address, data=said).status_code == 200
    before = orders(archive, found), archive.catalog.blank_pages(found.source)
    assert before == ([(0, 2, 1)], frozenset({1}))
    with archive.catalog.begin() as work:
        assert work.attribute_again([found.id])  # a worker has the file before it
    refused = client.post("/revisione/annulla", headers={"HX-Request": "true"})
    assert refused.status_code == 409
    assert "riprova tra poco" in refused.text
    assert (orders(archive, found), archive.catalog.blank_pages(found.source)) == before
    attribute(found.source, archive.ports)
    assert client.post("/revisione/annulla", headers={"HX-Request": "true"}).status_code == 200
    assert (orders(archive, found), archive.catalog.blank_pages(found.source)) == ([(0, 1, 2)], frozenset())


def test_a_result_opens_on_the_page_that_it_shows(archive: Archive, enter: Enter) -> None:
    with archive.catalog.begin() as work:
        work.save_persons([ALDO])
    paper = Paper(["affido chiesto", "altro", "affido affido affido deciso"], [ALDO], "TUM", "relazione_sociale")
    (document,) = put(archive, [paper])
    order_pages(document, (3, 2, 1), "anna", archive.ports)
    index_pending(archive.ports)
    client = enter("operatore")
    for query in ("chiesto affido", "affido"):
        found = client.post("/ricerca", data={"q": query}, follow_redirects=True).text
        (shown,) = set(re.findall(rf"/documenti/{document}/pagine/(\d)/immagine\?w=200", found))
        opened = html.unescape(re.findall(rf'href="(/documenti/{document}\?[^"]*)"', found)[0])
        text = client.get(opened).text
        assert text.partition('id="pagina"')[2][:80].partition('data-page="')[2][:1] == shown, opened
