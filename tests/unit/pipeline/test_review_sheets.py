"""Sheets mode beyond cut and join: what is blank and how a sheet stands is said by a person, proven and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.page import BY_PERSON
from faldone.errors import PageNotFoundError, StaleError
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.papers.page_images import stand
from faldone.pipeline.recognition.reread import better
from faldone.pipeline.recognition.turn_page import turn_page
from faldone.pipeline.review.desk import Deed, Stroke
from faldone.pipeline.review.settle import accept
from faldone.pipeline.review.sheets import Changed, Said, Strip, Turn, page_at, save_sheets, strip_of
from faldone.pipeline.review.undo import take_back
from tests.papers import noise, tiff
from tests.review_papers import import_register, page_text, report, take_papers
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(tmp_path)
    import_register(archive)
    yield archive
    archive.close()


@pytest.fixture
def source(archive: Archive) -> Digest:
    """A file of three pages."""
    return take_papers(archive, report("FERRARI ANNA"), pages=3)[0].source


def strip(archive: Archive, source: Digest) -> Strip:
    there = archive.catalog.documents(source)
    return strip_of(there[min(1, len(there) - 1)], list, archive.ports)


def save(archive: Archive, source: Digest, *, blanks: set[int] = frozenset(), turns: tuple[Turn, ...] = ()) -> Changed:  # type: ignore[assignment]
    now = strip(archive, source)
    starts = {sheet.page for sheet in now.sheets if sheet.starts}
    return save_sheets(now, Said(starts, blanks, turns), now.versions, "anna", archive.ports)


def stroke(archive: Archive, source: Digest, changed: Changed) -> Stroke:
    return Stroke(
        Deed.BOUNDARIES,
        archive.catalog.documents(source)[0].id,
        archive.clock(),
        source=source,
        times=changed.boundaries,
        turns=changed.turns,
        readings=changed.readings,
    )


def test_a_page_that_somebody_calls_blank_loses_its_words_and_gets_them_back(archive: Archive, source: Digest) -> None:
    before = archive.catalog.page_texts(source)
    spans = [tuple(one.span) for one in archive.catalog.documents(source)]
    changed = save(archive, source, blanks={2})
    assert changed.count == 1
    assert archive.catalog.blank_pages(source) == {2}
    assert archive.catalog.page_texts(source)[2].text == ""
    assert len(take_back(stroke(archive, source, changed), "anna", archive.ports)) == 1
    assert archive.catalog.blank_pages(source) == frozenset()
    assert archive.catalog.page_texts(source) == before
    assert [tuple(one.span) for one in archive.catalog.documents(source)] == spans
    said = [one.record.agent for one in archive.catalog.events([page_at(source, 2, archive.ports).id])]
    assert said.count("user:anna") == 2


def test_a_scan_stays_provable_while_its_pages_are_blank_turned_and_put_back(archive: Archive) -> None:
    archive.engine.default = report("FERRARI ANNA")
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2), noise(3)))
    archive.work_off()
    (source,) = (one.digest for one in archive.catalog.sources())
    before = archive.catalog.page_texts(source)
    changed = save(archive, source, blanks={1}, turns=(Turn(0, 180, None),))
    assert changed.count == 2
    assert verify(archive.ports).findings == ()
    # Another day, with nothing to take back: it is said to be written after all, and reads as the machine read it.
    assert save(archive, source).count == 1
    assert archive.catalog.page_texts(source) == before
    assert verify(archive.ports).findings == ()


def test_what_a_person_said_of_a_page_is_replaced_by_no_machine(archive: Archive, source: Digest) -> None:
    save(archive, source, blanks={1})
    said = archive.catalog.page_texts(source)[1]
    assert said.engine.name == BY_PERSON
    assert not better(page_text(report("FERRARI ANNA")), said)


def test_a_blank_page_is_no_document_of_its_own(archive: Archive, source: Digest) -> None:
    alone = [one for one in archive.catalog.documents(source) if len(one.span) == 1]
    last = alone[-1].span.start if alone else 2
    if last == 0:
        pytest.skip("the file is one document")
    save(archive, source, blanks={last})
    assert all(one.span.start != last for one in archive.catalog.documents(source))


def test_a_turned_sheet_stands_so_until_it_is_taken_back(archive: Archive, source: Digest) -> None:
    changed = save(archive, source, turns=(Turn(1, 90, None),))
    assert changed.turns == ((1, 0, 90),)
    assert stand(page_at(source, 1, archive.ports), archive.ports).turn == 90
    with pytest.raises(StaleError):
        save(archive, source, turns=(Turn(1, 90, None),))  # looked at before
    again = save(archive, source, turns=(Turn(1, 270, 90),))
    assert stand(page_at(source, 1, archive.ports), archive.ports).turn == 0
    take_back(stroke(archive, source, again), "anna", archive.ports)
    take_back(stroke(archive, source, changed), "anna", archive.ports)
    assert stand(page_at(source, 1, archive.ports), archive.ports).turn == 0
    turned = [one for one in archive.catalog.ledger() if one.record.type == EventType.PAGE_TURNED.value]
    assert len(turned) == 4


def test_what_a_colleague_said_of_a_sheet_since_is_not_taken_back(archive: Archive, source: Digest) -> None:
    changed = save(archive, source, blanks={1}, turns=(Turn(2, 90, None),))
    turn_page(page_at(source, 2, archive.ports), 180, "maria", archive.ports)
    with pytest.raises(StaleError):
        take_back(stroke(archive, source, changed), "anna", archive.ports)
    assert archive.catalog.blank_pages(source) == {1}


def test_of_a_filed_document_nobody_says_that_its_pages_are_blank(archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    accept(paper.id, "anna", archive.ports)
    now = strip(archive, paper.source)
    assert [sheet.closed for sheet in now.sheets] == [True]
    assert save(archive, paper.source, blanks={0}).count == 0
    assert archive.catalog.blank_pages(paper.source) == frozenset()


def test_a_page_of_another_document_is_not_reached(archive: Archive, source: Digest) -> None:
    for blanks, turns in (({9}, ()), (set(), (Turn(9, 90, None),))):
        with pytest.raises(PageNotFoundError):
            save(archive, source, blanks=blanks, turns=turns)
