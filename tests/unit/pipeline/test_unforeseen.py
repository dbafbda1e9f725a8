"""What nobody foresaw hurts one page or file for a few tries, and is then put aside with a reason and a way back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from faldone.catalog.records import PageState, SourceState
from faldone.domain.attribution import Band
from faldone.domain.events import EventType
from faldone.domain.ids import PageId
from faldone.domain.reasons import Reason
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.filing import attribute as filing
from faldone.pipeline.intake import look as looking
from faldone.pipeline.intake import open_source as opening
from faldone.pipeline.intake.quarantine import retry
from faldone.pipeline.recognition import recognise as reading
from tests.papers import noise, tiff
from tests.twins import Archive

TEXT = "Relazione sociale sulla famiglia e sui minori presenti nella casa del padre"
TRIES = 3


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=TEXT))
    yield made
    made.close()


def work_off_for(archive: Archive, seconds: int) -> None:
    """As time goes by: what is tried again later is tried."""
    for _ in range(seconds):
        archive.work_off()
        archive.clock.pass_by(seconds=1)


def test_a_page_on_which_looking_goes_wrong_is_put_aside_soon_and_the_others_go_on(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    see, seen = looking._see, []

    def fail_on_the_second(page: object, *rest: object) -> object:
        seen.append(page.index)  # type: ignore[attr-defined]
        if page.index == 1:  # type: ignore[attr-defined]
            raise RecursionError
        return see(page, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(looking, "_see", fail_on_the_second)
    archive.take("a.tif", tiff(noise(1), noise(2), noise(3)))
    archive.work_off()
    (source,) = archive.catalog.sources()
    states = [page.state for page in archive.catalog.pages(source.digest)]
    assert states == [PageState.RECOGNISED, PageState.PENDING, PageState.RECOGNISED]

    work_off_for(archive, 30)

    assert seen.count(1) == TRIES
    page = archive.catalog.pages(source.digest)[1]
    assert (page.state, page.reason) == (PageState.QUARANTINED, Reason.WORKER_DIED)
    assert archive.catalog.source(source.digest).state is SourceState.PROPOSED
    monkeypatch.setattr(looking, "_see", see)
    assert retry(Reason.WORKER_DIED, archive.ports) == (0, 1)
    archive.work_off()
    assert archive.catalog.pages(source.digest)[1].state is PageState.RECOGNISED


def test_a_file_on_which_opening_goes_wrong_is_put_aside_soon(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(opening, "inspect", fail)
    archive.take("a.json", b"[" * 100_000)
    (source,) = archive.catalog.sources()
    for _ in range(TRIES):
        with pytest.raises(RecursionError):
            archive.work_off()
        archive.work_off()  # nothing is due before its time
        archive.clock.pass_by(seconds=30)
    archive.work_off()
    found = archive.catalog.source(source.digest)
    assert (found.state, found.reason, found.attempts) == (SourceState.QUARANTINED, Reason.WORKER_DIED, TRIES)


def test_a_disk_that_is_away_is_waited_for(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(opening, "inspect", away)
    archive.take("a.tif", tiff(noise(1)))
    (source,) = archive.catalog.sources()
    for _ in range(TRIES + 1):
        with pytest.raises(OSError, match="Input/output"):
            archive.work_off()
        archive.clock.pass_by(minutes=5)
    assert archive.catalog.source(source.digest).state is SourceState.SEALED
    monkeypatch.undo()
    archive.work_off()
    assert archive.catalog.source(source.digest).state is SourceState.PROPOSED


def test_of_pages_read_together_the_one_that_goes_wrong_is_put_aside_and_the_others_are_read(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_all = reading.read_all
    bad = noise(2).convert("L").tobytes()

    def fail_on_one(waiting: dict[object, object], *rest: object) -> object:
        if any(one.image.pixels.tobytes() == bad for one in waiting.values()):  # type: ignore[attr-defined]
            raise ZeroDivisionError
        return read_all(waiting, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "read_all", fail_on_one)
    archive.take("a.tif", tiff(noise(1), noise(2), noise(3)))
    (source,) = archive.catalog.sources()

    archive.work_off()
    for _ in range(TRIES):
        archive.clock.pass_by(seconds=30)
        for unit in archive.catalog.unfinished(archive.clock(), 10).recognise:
            reading.recognise([PageId(unit.id)], archive.ports)  # what was begun before goes alone

    states = [page.state for page in archive.catalog.pages(source.digest)]
    assert states == [PageState.RECOGNISED, PageState.QUARANTINED, PageState.RECOGNISED]


def test_a_file_on_which_filing_goes_wrong_waits_for_a_person(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr(filing, "proposals_of", fail)
    archive.take("a.tif", tiff(noise(1)))
    (source,) = archive.catalog.sources()
    for _ in range(TRIES - 1):
        with pytest.raises(LookupError):
            archive.work_off()
        archive.clock.pass_by(seconds=30)
    archive.work_off()
    (document,) = archive.catalog.documents(source.digest)
    assert (document.proposal.band, document.proposal.reasons) == (Band.HOLD, (Reason.WORKER_DIED,))


def test_what_happened_is_told_without_a_word_of_the_page(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("Bianchi Mario, nato a Roveto")

    monkeypatch.setattr(looking, "_see", fail)
    archive.take("a.tif", tiff(noise(1)))
    archive.work_off()
    assert "look: ValueError at " in caplog.text
    assert "Bianchi" not in caplog.text
    events = [json.loads(entry.record.detail) for entry in archive.catalog.ledger()]
    assert not any("Bianchi" in str(detail) for detail in events)
    assert EventType.PAGE_QUARANTINED not in [entry.record.type for entry in archive.catalog.ledger()]
