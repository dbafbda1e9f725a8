"""Batches are counted to the unit, and do not close with a page unaccounted for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from faldone.catalog.records import Batch, FileState
from faldone.domain.access import EVERYTHING
from faldone.domain.batch import BatchFacts, Despite, Exclusion, Gap, PageFate
from faldone.domain.events import AGENT, EventType
from faldone.domain.ids import BatchId
from faldone.domain.reasons import Reason
from faldone.domain.sheet import Sheet
from faldone.errors import BatchGapsError, ConfigError
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.intake.batches import close_batch, count_batch, describe_batch, exclude, find_in_batch, open_batch
from faldone.pipeline.intake.print_sheets import print_separators
from faldone.pipeline.intake.quarantine import quarantine, quarantined
from tests.papers import noise, page, tiff
from tests.twins import Archive

TEXT = "Relazione sociale sulla famiglia e sui minori presenti nella casa del padre"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=TEXT))
    yield made
    made.close()


def printed(archive: Archive, count: int, batch: BatchId | None = None) -> tuple[tuple[Sheet, ...], list[Image.Image]]:
    """Separators and their images as a scanner would bring them back."""
    target = BytesIO()
    sheets = print_separators(count, batch, target, archive.ports)
    document = pypdfium2.PdfDocument(target.getvalue())
    images = [
        Image.fromarray(np.array(document[index].render(scale=150 / 72, grayscale=True).to_numpy(), dtype=np.uint8))
        for index in range(count)
    ]
    document.close()
    return sheets, images


def batch(archive: Archive, code: str = "lotto-1") -> Batch:
    return archive.catalog.batch(code)


def gaps(archive: Archive, code: str = "lotto-1") -> list[Gap]:
    return [one.gap for one in count_batch(batch(archive, code), archive.ports).shortfalls]


def test_every_page_of_a_batch_has_one_fate(archive: Archive) -> None:
    _, (sheet,) = printed(archive, 1)
    archive.take("lotto-1/a.tif", tiff(noise(1), page(), sheet, noise(2)))
    archive.take("lotto-1/b.tif", tiff(noise(1), page(), sheet, noise(2)))
    archive.work_off()
    account = count_batch(batch(archive), archive.ports).account
    counts = {fate: account.count(fate) for fate in PageFate if account.count(fate)}
    filed = sum(counts.get(fate, 0) for fate in (PageFate.FILED, PageFate.REVIEW, PageFate.HELD))
    assert (filed, counts[PageFate.BLANK], counts[PageFate.SEPARATOR], counts[PageFate.DUPLICATE]) == (2, 1, 1, 4)
    assert len(account.pages) == 8


def test_a_batch_that_adds_up_closes_and_the_ledger_says_with_which_numbers(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    describe_batch(batch(archive), BatchFacts(sheets=2), archive.ports)
    close_batch(batch(archive), None, archive.ports)
    closed = batch(archive)
    assert closed.closed_at is not None
    (event,) = (e for e in archive.catalog.events([closed.id]) if e.record.type == EventType.BATCH_CLOSED)
    assert json.loads(event.record.detail)["gaps"] == 0
    assert verify(archive.ports).findings == ()


def test_a_recount_is_an_event_of_its_own_and_the_batch_stays_provable(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    described = describe_batch(batch(archive), BatchFacts(sheets=3), archive.ports)
    describe_batch(described, BatchFacts(sheets=2), archive.ports, because=Despite.COUNTED_WRONG)
    events = [one.record for one in archive.catalog.events([described.id])]
    assert [one.type for one in events[-2:]] == [EventType.BATCH_DESCRIBED, EventType.BATCH_RECOUNTED]
    assert verify(archive.ports).findings == ()


def test_a_batch_with_work_under_way_does_not_close_whatever_reason_is_given(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    with pytest.raises(BatchGapsError):
        close_batch(batch(archive), Despite.LOOKED_AT, archive.ports)
    assert gaps(archive) == [Gap.UNDERWAY]


def test_sheets_that_the_feeder_took_together_are_missed(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1), noise(2)))
    archive.work_off()
    describe_batch(batch(archive), BatchFacts(sheets=3), archive.ports)
    with pytest.raises(BatchGapsError):
        close_batch(batch(archive), None, archive.ports)
    report = close_batch(batch(archive), Despite.COUNTED_WRONG, archive.ports)
    assert [one.gap for one in report.shortfalls] == [Gap.SHEETS_DIFFER]
    assert batch(archive).closed_at is not None


def test_a_file_that_does_not_open_is_named_until_it_is_tried_again(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", b"non un'immagine")
    archive.work_off()
    (shortfall,) = count_batch(batch(archive), archive.ports).shortfalls
    assert (shortfall.gap, shortfall.where) == (Gap.FILE_REJECTED, "lotto-1/a.tif")


def test_an_empty_file_whose_bytes_came_before_is_a_gap_of_its_own_batch(archive: Archive) -> None:
    archive.take("lotto-1/0001.tif", b"")
    archive.work_off()
    archive.take("lotto-2/0007.tif", b"")
    archive.take("lotto-2/0008.tif", tiff(noise(1)))
    archive.work_off()

    shortfalls = count_batch(batch(archive, "lotto-2"), archive.ports).shortfalls

    assert [(one.gap, one.where) for one in shortfalls] == [(Gap.FILE_REJECTED, "lotto-2/0007.tif")]
    with pytest.raises(BatchGapsError):
        close_batch(batch(archive, "lotto-2"), None, archive.ports)
    assert [one.file for one in quarantined(archive.ports)] == ["lotto-1/0001.tif", "lotto-2/0007.tif"]
    states = {report.intake.path: report.state for report in archive.catalog.files()}
    assert states["lotto-2/0007.tif"] is FileState.QUARANTINED
    (stopped,) = quarantine(EVERYTHING, archive.ports)
    assert (stopped.reason, stopped.count) == (Reason.EMPTY_FILE, 2)


def test_a_batch_with_a_copy_of_what_is_still_being_opened_does_not_close(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    archive.take("lotto-2/b.tif", tiff(noise(1)))
    assert gaps(archive, "lotto-2") == [Gap.UNDERWAY]
    archive.work_off()
    assert gaps(archive, "lotto-2") == []


def test_a_broken_file_that_came_twice_is_excluded_in_each_batch_by_itself(archive: Archive) -> None:
    for code in ("lotto-1", "lotto-2"):
        archive.take(f"{code}/a.tif", b"non un'immagine")
    archive.work_off()
    second = find_in_batch(batch(archive, "lotto-2"), "lotto-2/a.tif", None, archive.ports)
    exclude(batch(archive, "lotto-2"), second, Exclusion.SCANNED_AGAIN, archive.ports, AGENT)
    assert gaps(archive, "lotto-1") == [Gap.FILE_REJECTED]
    assert gaps(archive, "lotto-2") == []


def test_a_sheet_printed_for_the_batch_that_never_came_raises_an_alarm(archive: Archive) -> None:
    opened = open_batch("lotto-1", "", BatchFacts(), archive.ports)
    sheets, images = printed(archive, 2, opened.id)
    archive.take("lotto-1/a.tif", tiff(images[0], noise(1)))
    archive.work_off()
    (shortfall,) = count_batch(batch(archive), archive.ports).shortfalls
    assert shortfall.gap is Gap.SHEET_MISSING
    assert sheets[1].token in shortfall.where


def test_a_sheet_missing_between_two_that_came_raises_an_alarm(archive: Archive) -> None:
    _, images = printed(archive, 5)
    archive.take("lotto-1/a.tif", tiff(images[0], noise(1), images[2], noise(2)))
    archive.work_off()
    (shortfall,) = count_batch(batch(archive), archive.ports).shortfalls
    assert shortfall.gap is Gap.SHEET_MISSING
    assert shortfall.where.startswith("2 di 5")


def test_a_sheet_of_another_archive_is_a_doubt_and_not_a_separator(archive: Archive, tmp_path: Path) -> None:
    other = Archive(tmp_path / "altro")
    _, (stranger,) = printed(other, 1)
    archive.take("lotto-1/a.tif", tiff(noise(1), stranger, noise(2)))
    archive.work_off()
    assert gaps(archive) == [Gap.SHEET_DOUBTFUL]
    other.close()


def test_what_comes_after_a_batch_was_closed_opens_another(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    archive.work_off()
    close_batch(batch(archive), None, archive.ports)
    archive.take("lotto-1/b.tif", tiff(noise(2)))
    archive.work_off()
    assert len(count_batch(batch(archive), archive.ports).account.pages) == 1
    assert len(count_batch(batch(archive, "lotto-1.2"), archive.ports).account.pages) == 1


def test_loose_files_belong_to_the_batch_that_is_open(archive: Archive) -> None:
    open_batch("B12", "", BatchFacts(box="12"), archive.ports)
    archive.take("a.tif", tiff(noise(1)))
    archive.work_off()
    close_batch(batch(archive, "B12"), None, archive.ports)
    archive.take("b.tif", tiff(noise(2)))
    assert {one.code for one in archive.catalog.batches()} == {"B12", "2026-03-04"}


def test_a_sidecar_of_the_batch_is_no_page_and_describes_it(archive: Archive) -> None:
    archive.take("lotto-1/lotto.json", b'{"scatola": "12", "fogli": 1}')
    archive.take("lotto-1/a.tif", tiff(noise(1)))
    archive.work_off()
    assert batch(archive).facts == BatchFacts(box="12", sheets=1)
    report = close_batch(batch(archive), None, archive.ports)
    assert len(report.account.pages) == 1
    assert verify(archive.ports).findings == ()


def test_a_second_batch_does_not_silently_take_the_files_of_the_one_that_is_open(archive: Archive) -> None:
    open_batch("B12", "", BatchFacts(), archive.ports)
    with pytest.raises(ConfigError, match="B12"):
        open_batch("B13", "", BatchFacts(), archive.ports)
    close_batch(batch(archive, "B12"), None, archive.ports)
    open_batch("B13", "/altrove", BatchFacts(), archive.ports)
    open_batch("B14", "/qui", BatchFacts(), archive.ports)


@pytest.mark.parametrize("code", ["", "  ", "../x", ".nascosto", "riga\nnuova"])
def test_a_batch_has_a_code_that_people_can_write(archive: Archive, code: str) -> None:
    with pytest.raises(ConfigError):
        open_batch(code, "", BatchFacts(), archive.ports)


def test_a_sheet_printed_for_another_batch_is_named_where_it_came(archive: Archive) -> None:
    other = open_batch("B12", "/altrove", BatchFacts(), archive.ports)
    _, (sheet,) = printed(archive, 1, other.id)
    archive.take("lotto-1/a.tif", tiff(sheet, noise(1)))
    archive.work_off()
    assert gaps(archive) == [Gap.SHEET_ELSEWHERE]


def test_a_batch_of_a_service_that_nobody_knows_is_refused(archive: Archive) -> None:
    with pytest.raises(ConfigError, match="IGNOTO"):
        open_batch("B12", "", BatchFacts(service="IGNOTO"), archive.ports)
