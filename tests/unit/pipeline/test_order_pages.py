"""A misfed sheet is put right: the order of reading is a person's word, proven, undone, and obeyed everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldone.catalog.records import Document
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.errors import PageNotFoundError, StaleError, UndecidableError
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.audit.story import document_story
from faldone.pipeline.papers.copy_document import keep_copy
from faldone.pipeline.papers.open_document import open_document, open_page
from faldone.pipeline.papers.reading_order import in_reading_order, reading_order
from faldone.pipeline.review.boundaries import merge, split
from faldone.pipeline.review.desk import Deed, Stroke
from faldone.pipeline.review.order_pages import order_pages
from faldone.pipeline.review.sheets import Changed, Move, Said, save_sheets, strip_of
from faldone.pipeline.review.undo import take_back
from tests.papers import page, tiff
from tests.review_papers import import_register, report, take_papers
from tests.twins import Archive

GOES_ON = "segue la relazione senza altro in questa pagina e nella prossima del documento"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(tmp_path)
    import_register(archive)
    yield archive
    archive.close()


def whole(archive: Archive, pages: int = 3) -> Document:
    """One document of so many pages, which is all of its file."""
    source = take_papers(archive, report("FERRARI ANNA"), pages=pages)[0].source
    while len(found := archive.catalog.documents(source)) > 1:
        merge(found[-1].id, "anna", archive.ports)
    return found[0]


def told(archive: Archive) -> list[tuple[str, str]]:
    """What the story of the archive's only document says of orders, and who said so."""
    (source,) = (one.digest for one in archive.catalog.sources())
    lines = document_story(archive.catalog.documents(source)[0].id, archive.ports).lines
    return [(line.italian, line.account or "") for line in lines if line.type == EventType.PAGES_REORDERED.value]


# ---- the rule


@pytest.mark.parametrize(
    ("places", "span", "order"),
    [
        ({}, range(2, 5), (2, 3, 4)),
        ({2: 2, 3: 4, 4: 3}, range(2, 5), (2, 4, 3)),
        ({2: 3, 3: 4, 4: 2}, range(2, 5), (4, 2, 3)),
        # Cut between the two that had changed places: each half is what it was, in its order.
        ({1: 2, 2: 1}, range(2), (0, 1)),
        ({1: 2, 2: 1}, range(2, 4), (2, 3)),
        # Joined to what lies behind it, of which nobody said anything.
        ({0: 1, 1: 0}, range(4), (1, 0, 2, 3)),
    ],
)
def test_pages_are_read_where_somebody_said_and_else_where_they_lie(
    places: Mapping[int, int], span: range, order: tuple[int, ...]
) -> None:
    assert in_reading_order(span, places) == order


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 30)), st.integers(0, 20), st.integers(0, 12))
def test_whatever_was_said_each_page_is_read_once(places: Mapping[int, int], start: int, count: int) -> None:
    span = range(start, start + count)
    assert sorted(in_reading_order(span, places)) == list(span)


@given(st.permutations(range(8)), st.integers(1, 7))
def test_what_a_cut_leaves_of_an_order_comes_back_with_the_join(order: Sequence[int], cut: int) -> None:
    places = {index: place for place, index in enumerate(order)}
    for part in (range(cut), range(cut, 8)):
        assert in_reading_order(part, places) == tuple(index for index in order if index in part)
    assert in_reading_order(range(8), places) == tuple(order)


# ---- said of a document


def test_the_order_is_on_record_by_whom_and_what_it_was(archive: Archive) -> None:
    found = whole(archive)
    order_pages(found.id, (1, 3, 2), "anna", archive.ports)
    assert reading_order(found, archive.ports) == (0, 2, 1)
    assert told(archive) == [("Le pagine 1, 2, 3 del file si leggono in quest'ordine: 1, 3, 2.", "anna")]
    order_pages(found.id, (1, 3, 2), "anna", archive.ports)  # as they are read already
    assert len(told(archive)) == 1
    order_pages(found.id, (1, 2, 3), "maria", archive.ports)
    assert reading_order(found, archive.ports) == (0, 1, 2)
    assert told(archive)[-1] == ("Le pagine 1, 3, 2 del file si leggono in quest'ordine: 1, 2, 3.", "maria")


@pytest.mark.parametrize("numbers", [(), (1, 2), (1, 2, 2), (1, 2, 4), (0, 1, 2), (1, 2, 3, 3), (-1, 2, 3)])
def test_an_order_that_does_not_name_each_page_once_is_refused(archive: Archive, numbers: tuple[int, ...]) -> None:
    found = whole(archive)
    with pytest.raises(UndecidableError):
        order_pages(found.id, numbers, "anna", archive.ports)
    assert archive.catalog.page_places(found.source) == {}


def test_an_order_of_what_has_changed_since_is_refused(archive: Archive) -> None:
    found = whole(archive)
    order_pages(found.id, (2, 1, 3), "maria", archive.ports, version=found.version)
    with pytest.raises(StaleError):
        order_pages(found.id, (1, 3, 2), "anna", archive.ports, version=found.version)
    assert reading_order(found, archive.ports) == (1, 0, 2)


def test_an_order_stays_when_the_document_is_cut_and_joined_again(archive: Archive) -> None:
    found = whole(archive, 4)
    order_pages(found.id, (2, 1, 4, 3), "anna", archive.ports)
    split(found.id, 2, "anna", archive.ports)
    first, second = archive.catalog.documents(found.source)
    assert [reading_order(one, archive.ports) for one in (first, second)] == [(1, 0), (3, 2)]
    merge(second.id, "anna", archive.ports)
    assert reading_order(archive.catalog.documents(found.source)[0], archive.ports) == (1, 0, 3, 2)
    assert len(told(archive)) == 1


def test_pages_keep_their_numbers_and_are_turned_over_as_they_are_read(archive: Archive) -> None:
    found = whole(archive)
    order_pages(found.id, (3, 1, 2), "anna", archive.ports)
    opened = open_document(archive.catalog.document(found.id), archive.ports)
    assert [(leaf.number, leaf.position, leaf.page.index) for leaf in opened.leaves] == [
        (3, 1, 2),
        (1, 2, 0),
        (2, 3, 1),
    ]
    assert open_page(opened, 1, archive.ports).leaf.page.index == 0
    assert opened.page_of_hit(99) == 3  # the first that is read
    beside = [opened.beside(opened.leaf(1), by) for by in (-1, 1)]
    assert [leaf.number if leaf is not None else None for leaf in beside] == [3, 2]
    assert opened.beside(opened.leaf(3), -1) is None
    for number in (0, 4):
        with pytest.raises(PageNotFoundError):
            open_page(opened, number, archive.ports)


@pytest.mark.slow
def test_an_order_that_somebody_changed_in_the_tables_is_found(tmp_path: Path) -> None:
    made = Archive(tmp_path, FakeEngine(default=GOES_ON))
    made.take("a.tif", tiff(page("prima"), page("seconda")))
    made.work_off()
    (source,) = made.catalog.sources()
    while len(found := made.catalog.documents(source.digest)) > 1:
        merge(found[-1].id, "anna", made.ports)
    order_pages(found[0].id, (2, 1), "anna", made.ports)
    made.work_off()
    assert verify(made.ports).findings == ()
    with made.catalog.begin() as work:
        work.place_pages(found[0].id, {0: 0, 1: 1}, "nobody", made.clock())
    assert any("l'ordine delle pagine" in finding.italian for finding in verify(made.ports).findings)
    made.close()


@pytest.mark.slow
def test_the_copy_is_made_anew_in_the_new_order(tmp_path: Path) -> None:
    archive = Archive(tmp_path, FakeEngine(default=GOES_ON), copies=True)
    archive.take("a.tif", tiff(page("prima", size=(874, 1240)), page("seconda", size=(1240, 874))))
    archive.work_off()
    (source,) = archive.catalog.sources()
    while len(found := archive.catalog.documents(source.digest)) > 1:
        merge(found[-1].id, "anna", archive.ports)

    def upright() -> list[bool]:
        copy = pypdfium2.PdfDocument(tmp_path / "pdf" / f"{found[0].id}.pdf")
        try:
            return [sheet.get_height() > sheet.get_width() for sheet in copy]
        finally:
            copy.close()

    keep_copy(found[0].id, archive.ports)
    assert upright() == [True, False]
    assert archive.catalog.behind_copies(10, 3) == ()
    order_pages(found[0].id, (2, 1), "anna", archive.ports)
    assert [unit.id for unit in archive.catalog.behind_copies(10, 3)] == [found[0].id]
    keep_copy(found[0].id, archive.ports)
    assert upright() == [False, True]
    archive.close()


# ---- in sheets mode


def save(
    archive: Archive, source: Digest, *moves: Move, starts: set[int] | None = None, blanks: frozenset[int] = frozenset()
) -> Changed:
    there = archive.catalog.documents(source)
    now = strip_of(there[min(1, len(there) - 1)], list, archive.ports)
    kept = {sheet.place for sheet in now.sheets if sheet.starts}
    said = Said(kept if starts is None else starts, blanks, (), moves)
    return save_sheets(now, said, now.versions, "anna", archive.ports)


def swap(one: int, other: int) -> tuple[Move, Move]:
    return Move(one, other, one), Move(other, one, other)


def stroke(archive: Archive, source: Digest, changed: Changed) -> Stroke:
    first, now = archive.catalog.documents(source)[0].id, archive.clock()
    return Stroke(Deed.BOUNDARIES, first, now, source=source, times=changed.boundaries, orders=changed.orders)


def test_a_moved_sheet_is_shown_where_it_is_read_and_comes_back_with_one_undo(archive: Archive) -> None:
    found = whole(archive)
    changed = save(archive, found.source, *swap(1, 2))
    assert (changed.count, changed.orders) == (1, (((0, 1, 2), (0, 2, 1)),))
    strip = strip_of(archive.catalog.document(found.id), list, archive.ports)
    assert [(one.page, one.place, one.number) for one in strip.sheets] == [(0, 0, 1), (2, 1, 3), (1, 2, 2)]
    assert [one.starts for one in strip.sheets] == [True, False, False]
    assert take_back(stroke(archive, found.source, changed), "anna", archive.ports) == (found.id,)
    assert reading_order(found, archive.ports) == (0, 1, 2)


def test_the_first_sheet_may_be_read_last_and_the_document_starts_where_it_did(archive: Archive) -> None:
    found = whole(archive)
    save(archive, found.source, Move(0, 2, 0), Move(1, 0, 1), Move(2, 1, 2))
    strip = strip_of(archive.catalog.document(found.id), list, archive.ports)
    assert [(one.page, one.starts) for one in strip.sheets] == [(1, True), (2, False), (0, False)]
    assert [tuple(one.span) for one in archive.catalog.documents(found.source)] == [(0, 1, 2)]


def test_cut_and_order_are_saved_together_and_taken_back_together(archive: Archive) -> None:
    found = whole(archive, 4)
    changed = save(archive, found.source, *swap(2, 3), starts={0, 2})
    documents = archive.catalog.documents(found.source)
    assert [reading_order(one, archive.ports) for one in documents] == [(0, 1), (3, 2)]
    assert changed.count == 2
    take_back(stroke(archive, found.source, changed), "anna", archive.ports)
    (again,) = archive.catalog.documents(found.source)
    assert reading_order(again, archive.ports) == (0, 1, 2, 3)


def test_documents_are_joined_and_a_sheet_moved_across_where_they_parted(archive: Archive) -> None:
    found = whole(archive, 4)
    split(found.id, 2, "anna", archive.ports)
    with pytest.raises(UndecidableError):
        save(archive, found.source, *swap(1, 2))
    assert archive.catalog.page_places(found.source) == {}
    save(archive, found.source, *swap(1, 2), starts={0})
    (joined,) = archive.catalog.documents(found.source)
    assert reading_order(joined, archive.ports) == (0, 2, 1, 3)
    # Cut where it was, each half would hold a sheet of the other: the scan has no such stretch.
    with pytest.raises(UndecidableError):
        save(archive, found.source, starts={0, 2})
    save(archive, found.source, starts={0, 3})
    first, second = archive.catalog.documents(found.source)
    assert [reading_order(one, archive.ports) for one in (first, second)] == [(0, 2, 1), (3,)]


@pytest.mark.parametrize(
    ("moves", "error"),
    [
        ((Move(1, 2, 1),), UndecidableError),  # two at one place
        ((Move(1, 7, 1),), UndecidableError),
        ((Move(7, 1, 7),), PageNotFoundError),
        ((Move(1, 2, 2), Move(2, 1, 1)), StaleError),  # looked at before somebody else moved them
    ],
)
def test_a_move_that_makes_no_sense_changes_nothing(
    archive: Archive, moves: tuple[Move, ...], error: type[Exception]
) -> None:
    found = whole(archive)
    with pytest.raises(error):
        save(archive, found.source, *moves, starts={0, 2}, blanks=frozenset({1}))
    assert archive.catalog.page_places(found.source) == {}
    assert archive.catalog.blank_pages(found.source) == frozenset()
    assert len(archive.catalog.documents(found.source)) == 1


def test_an_order_that_a_colleague_changed_since_is_not_taken_back(archive: Archive) -> None:
    found = whole(archive)
    changed = save(archive, found.source, *swap(1, 2))
    order_pages(found.id, (3, 2, 1), "maria", archive.ports)
    with pytest.raises(StaleError):
        take_back(stroke(archive, found.source, changed), "anna", archive.ports)
    assert reading_order(found, archive.ports) == (2, 1, 0)
