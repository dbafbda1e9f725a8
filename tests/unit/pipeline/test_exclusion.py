"""What can never come in is excluded with a reason: the count goes up, nothing is deleted, and it can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from faldone.catalog.records import Batch
from faldone.domain.access import EVERYTHING
from faldone.domain.batch import BatchFacts, Despite, Exclusion, Gap, PageFate
from faldone.domain.events import EventType, user_agent
from faldone.domain.ids import IntakeId, PageId
from faldone.domain.inbox import Inbox
from faldone.domain.reasons import Reason
from faldone.errors import BatchGapsError, ConfigError, NotFoundError, UndecidableError
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.audit.story import batch_story, to_line
from faldone.pipeline.intake.batches import (
    BatchReport,
    close_batch,
    count_batch,
    describe_batch,
    exclude,
    find_in_batch,
)
from faldone.pipeline.intake.board import Board
from faldone.pipeline.intake.quarantine import quarantine, quarantined, retry, retry_class, retry_these
from faldone.pipeline.intake.take_in import take_in
from faldone.pipeline.review.blank_page import say_blank
from tests.papers import noise, page, tiff
from tests.twins import Archive

TEXT = "Relazione sociale sulla famiglia e sui minori presenti nella casa del padre"
MARA = user_agent("mara")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=TEXT))
    yield made
    made.close()


def batch(archive: Archive) -> Batch:
    return archive.catalog.batch("lotto-1")


def report(archive: Archive) -> BatchReport:
    return count_batch(batch(archive), archive.ports)


def gaps(archive: Archive) -> list[Gap]:
    return [one.gap for one in report(archive).shortfalls]


def at(archive: Archive, path: str, index: int | None = None) -> PageId | IntakeId:
    return find_in_batch(batch(archive), path, index, archive.ports)


def put_out(archive: Archive, what: PageId | IntakeId, because: Exclusion | None = Exclusion.SCANNED_AGAIN) -> None:
    exclude(batch(archive), what, because, archive.ports, MARA)


def test_a_broken_file_whose_paper_was_scanned_again_no_longer_stands_against_closing(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", b"non un'immagine")
    archive.take("lotto-1/b.tif", tiff(noise(1)))
    archive.work_off()
    describe_batch(batch(archive), BatchFacts(sheets=1), archive.ports)
    assert gaps(archive) == [Gap.FILE_REJECTED]
    broken = at(archive, "lotto-1/a.tif")

    put_out(archive, broken)

    counted = report(archive)
    assert counted.shortfalls == ()
    assert counted.account.excluded == (("lotto-1/a.tif", Exclusion.SCANNED_AGAIN),)
    assert counted.account.rejected == ()
    (entry,) = archive.catalog.events_of({EventType.FILE_EXCLUDED})
    assert (entry.record.subject, entry.record.agent) == (broken, MARA)
    detail = json.loads(entry.record.detail)
    assert (detail["batch"], detail["because"]) == (batch(archive).id, "scanned-again")
    assert "la carta è stata scansionata di nuovo" in to_line(entry).italian
    assert EventType.FILE_EXCLUDED in [line.type for line in batch_story(batch(archive), archive.ports).lines]
    closed = close_batch(batch(archive), None, archive.ports)
    assert closed.shortfalls == ()
    assert verify(archive.ports).findings == ()


def test_a_file_that_was_refused_at_the_door_is_excluded_too(archive: Archive) -> None:
    real = archive.drop("fuori.tif", tiff(noise(1)))
    (archive.inbox / "lotto-1").mkdir()
    (archive.inbox / "lotto-1" / "a.tif").symlink_to(real)
    take_in([archive.inbox / "lotto-1" / "a.tif"], Inbox(archive.inbox), archive.ports)
    assert gaps(archive) == [Gap.FILE_REJECTED]
    put_out(archive, at(archive, "lotto-1/a.tif"), Exclusion.WRONG_PAPER)
    assert gaps(archive) == []


def unread(archive: Archive) -> PageId:
    """A batch of two pages of which the second cannot be read."""
    archive.engine.fail_next(times=3)
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    (lost,) = (page for file in archive.catalog.batch_contents(batch(archive).id) for page in file.pages if page.reason)
    return lost.id


def test_a_page_that_cannot_be_read_is_excluded_alone_and_is_no_sheet_of_the_batch(archive: Archive) -> None:
    lost = unread(archive)
    describe_batch(batch(archive), BatchFacts(sheets=1), archive.ports)
    assert gaps(archive) == [Gap.PAGE_REJECTED, Gap.SHEETS_DIFFER]
    put_out(archive, lost, Exclusion.PRIVATE_PAPER)
    counted = report(archive)
    assert counted.shortfalls == ()
    assert counted.account.count(PageFate.EXCLUDED) == 1
    assert counted.account.count(PageFate.REJECTED) == 0
    assert len(counted.account.pages) == 2  # it is still among those that came


def test_a_damaged_paper_was_a_sheet_of_the_batch_all_the_same(archive: Archive) -> None:
    lost = unread(archive)
    describe_batch(batch(archive), BatchFacts(sheets=2), archive.ports)
    put_out(archive, lost, Exclusion.PAPER_DAMAGED)
    assert gaps(archive) == []


def test_an_exclusion_is_taken_back_and_said_twice_is_on_record_once(archive: Archive) -> None:
    lost = unread(archive)
    for because in (Exclusion.TEST_SHEET, Exclusion.TEST_SHEET, None, None):
        put_out(archive, lost, because)
    assert gaps(archive) == [Gap.PAGE_REJECTED]
    told = [to_line(one).italian for one in archive.catalog.events_of({EventType.PAGE_EXCLUDED})]
    assert len(told) == 2
    assert "foglio di prova" in told[0]
    assert "annullata" in told[1]


def test_a_page_that_came_in_after_all_is_counted_as_what_it_is(archive: Archive) -> None:
    lost = unread(archive)
    put_out(archive, lost)
    assert retry_these([lost], archive.ports) == 1
    archive.work_off()
    account = report(archive).account
    assert account.count(PageFate.EXCLUDED) == 0
    assert sum(account.count(fate) for fate in (PageFate.FILED, PageFate.REVIEW, PageFate.HELD)) == 2


def test_what_came_in_is_not_excluded_nor_what_is_still_under_way(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    with pytest.raises(UndecidableError):
        put_out(archive, at(archive, "lotto-1/a.tif"))
    archive.work_off()
    for index in (None, 0):
        with pytest.raises(UndecidableError):
            put_out(archive, at(archive, "lotto-1/a.tif", index))
    with pytest.raises(NotFoundError):
        put_out(archive, PageId("p-0000000000000000-0"))
    with pytest.raises(NotFoundError):
        at(archive, "lotto-1/a.tif", 7)
    assert archive.catalog.events_of({EventType.PAGE_EXCLUDED, EventType.FILE_EXCLUDED}) == ()


def test_a_blank_page_that_is_in_no_document_may_be_excluded(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(page(), noise(1)))
    archive.work_off()
    describe_batch(batch(archive), BatchFacts(sheets=1), archive.ports)
    assert gaps(archive) == [Gap.BLANK_FRONT, Gap.SHEETS_DIFFER]  # a sheet too many went through
    put_out(archive, at(archive, "lotto-1/a.tif", 0), Exclusion.TEST_SHEET)
    assert gaps(archive) == []


def test_a_sheet_that_was_read_well_is_first_said_to_be_blank_and_then_excluded(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    what = find_in_batch(batch(archive), "lotto-1/a.tif", 1, archive.ports)
    private = archive.catalog.page(PageId(what))
    (document,) = (one for one in archive.catalog.documents(private.source) if 1 in one.span)
    say_blank(private, True, document.id, "mara", archive.ports)
    archive.work_off()
    put_out(archive, what, Exclusion.PRIVATE_PAPER)
    assert report(archive).account.count(PageFate.EXCLUDED) == 1
    assert report(archive).account.arrived == 1


def test_nothing_is_excluded_from_a_batch_that_is_closed(archive: Archive) -> None:
    lost = unread(archive)
    close_batch(batch(archive), Despite.PAPER_DAMAGED, archive.ports)
    with pytest.raises(ConfigError):
        put_out(archive, lost)


def test_what_never_comes_in_is_no_longer_in_quarantine_s_lists_and_is_not_tried_again(archive: Archive) -> None:
    archive.take("lotto-1/rotto.tif", b"non un'immagine")
    lost = unread(archive)
    broken = at(archive, "lotto-1/rotto.tif")
    assert sum(one.count for one in quarantine(EVERYTHING, archive.ports)) == 2
    assert len(list(quarantined(archive.ports))) == 2
    for what in (lost, broken):
        put_out(archive, what, Exclusion.PRIVATE_PAPER)
    assert quarantine(EVERYTHING, archive.ports) == ()
    assert list(quarantined(archive.ports)) == []
    assert Board(archive.ports).look().standing.stopped == ()
    assert retry(None, archive.ports) == (0, 0)
    for reason in Reason:
        assert retry_class(reason, EVERYTHING, archive.ports, MARA) == 0
    for what in (lost, broken):
        put_out(archive, what, None)
    assert retry(None, archive.ports) == (1, 1)


# ---- closing with gaps


def test_the_ledger_says_with_which_gaps_a_batch_was_closed_and_how_many_files_were_rejected(archive: Archive) -> None:
    for name in ("a", "b", "c"):
        archive.take(f"lotto-1/{name}.tif", b"non un'immagine " + name.encode())
    archive.take("lotto-1/d.tif", tiff(noise(1)))
    archive.work_off()
    describe_batch(batch(archive), BatchFacts(sheets=3), archive.ports)
    put_out(archive, at(archive, "lotto-1/c.tif"))
    with pytest.raises(BatchGapsError):
        close_batch(batch(archive), None, archive.ports)
    with pytest.raises(UndecidableError, match="file rifiutati"):
        close_batch(batch(archive), Despite.LOOKED_AT, archive.ports)
    assert report(archive).despite is None
    close_batch(batch(archive), Despite.PAPER_MISSING, archive.ports)
    (entry,) = archive.catalog.events_of({EventType.BATCH_CLOSED})
    detail = json.loads(entry.record.detail)
    assert (detail["files_rejected"], detail["files_excluded"], detail["gaps"]) == (2, 1, 3)
    assert detail["kinds"] == "file-rejected:2 sheets-differ:1"
    said = to_line(entry)
    assert "2 file rifiutati; 1 file escluso" in said.italian
    assert "2 × file rifiutato: scansionarlo di nuovo" in said.italian
    assert said.italian.endswith("Motivo: la carta non si trova.")
    assert "2 × file rejected: scan it again" in said.english
    assert report(archive).despite is Despite.PAPER_MISSING


def test_a_batch_that_adds_up_is_closed_for_no_reason_even_when_one_was_given(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    archive.work_off()
    assert close_batch(batch(archive), Despite.LOOKED_AT, archive.ports).despite is None
    assert report(archive).despite is None
