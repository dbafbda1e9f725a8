"""Reading pages: once, and never for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from faldone.catalog.records import PageState
from faldone.domain.events import EventType
from faldone.domain.ids import page_id
from faldone.domain.reasons import Reason
from faldone.errors import OcrCrashedError, OcrTimeoutError
from faldone.ocr.fake import FakeEngine
from faldone.ocr.options import OcrOptions
from faldone.pipeline.intake.quarantine import retry_these
from faldone.pipeline.recognition import reading
from faldone.pipeline.recognition.recognise import recognise
from tests.backs import back, front
from tests.papers import noise, tiff
from tests.twins import Archive

TEXT = "Relazione sociale sulla famiglia e sui minori presenti nella casa del padre"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=TEXT))
    yield made
    made.close()


def arrive(archive: Archive, name: str, *seeds: int) -> None:
    archive.take(name, tiff(*map(noise, seeds)))


def test_a_page_is_read_once_and_the_reading_is_an_event(archive: Archive) -> None:
    arrive(archive, "a.tif", 1)
    archive.work_off()
    (source,) = archive.catalog.sources()
    page = page_id(source.digest, 0)
    before = dict(archive.engine.reads)
    recognise([page], archive.ports)  # a second message
    assert archive.engine.reads == before != {}
    (event,) = (e for e in archive.catalog.events([page]) if e.record.type == EventType.PAGE_RECOGNISED)
    assert event.record.agent == "fake/1"
    assert archive.catalog.page_texts(source.digest)[0].text == TEXT


def test_the_same_pixels_in_another_file_are_not_read_again(archive: Archive) -> None:
    arrive(archive, "a.tif", 1)
    archive.work_off()
    (first,) = before = dict(archive.engine.reads)
    arrive(archive, "b.tif", 1, 2)
    archive.work_off()
    assert len(archive.engine.reads) == 2
    assert archive.engine.reads[first] == before[first]
    assert archive.catalog.progress().pages_done == 3


@pytest.mark.parametrize("failure", [OcrCrashedError, OcrTimeoutError])
def test_a_page_on_which_the_engine_fails_is_read_otherwise_at_once(
    archive: Archive, failure: type[OcrCrashedError]
) -> None:
    arrive(archive, "a.tif", 1)
    archive.engine.fail_next(failure, times=1)
    archive.work_off()
    (source,) = archive.catalog.sources()
    (page,) = archive.catalog.pages(source.digest)
    assert (page.state, page.attempts) == (PageState.RECOGNISED, 1)
    text = archive.catalog.page_texts(source.digest)[0]
    assert text.engine.settings == str(OcrOptions().otherwise().digest())
    assert "psm 6" in text.steps


def test_a_page_that_fails_both_ways_is_tried_as_often_as_the_settings_say(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "patient", attempts=2)
    arrive(archive, "a.tif", 1)
    archive.engine.fail_next(OcrTimeoutError, times=2)
    archive.work_off()
    (source,) = archive.catalog.sources()
    (page,) = archive.catalog.pages(source.digest)
    assert (page.state, page.attempts) == (PageState.RECOGNISED, 2)
    assert "psm 3" in archive.catalog.page_texts(source.digest)[0].steps
    archive.close()


def test_a_page_that_always_fails_is_quarantined_and_its_file_goes_on(archive: Archive) -> None:
    arrive(archive, "a.tif", 1, 2, 3)
    archive.engine.fail_next(OcrTimeoutError, times=3)  # together, then the first one alone, both ways
    archive.work_off()
    (source,) = archive.catalog.sources()
    states = [page.state for page in archive.catalog.pages(source.digest)]
    assert sorted(states) == [PageState.QUARANTINED, PageState.RECOGNISED, PageState.RECOGNISED]
    (report,) = archive.catalog.files()
    assert Reason.OCR_TIMEOUT in report.reasons
    assert archive.catalog.progress().at_rest


@pytest.mark.slow
def test_a_page_is_tried_again_with_the_other_settings_alone_when_somebody_says_so(archive: Archive) -> None:
    arrive(archive, "a.tif", 1, 2)
    archive.engine.fail_next(OcrTimeoutError, times=5)  # together, then each alone, both ways
    archive.work_off()
    (source,) = archive.catalog.sources()
    first, second = archive.catalog.pages(source.digest)
    assert {first.state, second.state} == {PageState.QUARANTINED}
    retry_these([first.id], archive.ports, "user:anna", otherwise=True)
    retry_these([second.id], archive.ports, "user:anna")
    archive.work_off()
    texts = archive.catalog.page_texts(source.digest)
    assert texts[0].engine.settings == str(OcrOptions().otherwise().digest())
    assert texts[1].engine.settings == str(OcrOptions().digest())
    retried = [one.record for one in archive.catalog.events([first.id]) if one.record.type == EventType.PAGE_RETRIED]
    assert [json.loads(one.detail)["otherwise"] for one in retried] == [True]


def test_pages_that_fail_together_are_read_one_by_one(archive: Archive) -> None:
    arrive(archive, "a.tif", 1, 2, 3)
    archive.engine.fail_next(OcrCrashedError, times=1)
    archive.work_off()
    (source,) = archive.catalog.sources()
    assert [(p.state, p.attempts) for p in archive.catalog.pages(source.digest)] == [(PageState.RECOGNISED, 1)] * 3


def test_a_page_that_kills_its_worker_is_given_up_after_some_tries(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **_named: object) -> None:
        raise Killed

    arrive(archive, "a.tif", 1)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_images", die)
        for _ in range(2 * archive.attempts + 4):
            with pytest.raises(Killed):
                archive.work_off()
            archive.clock.pass_by(hours=1)  # the claim of the dead worker runs out
        archive.work_off()
    (source,) = archive.catalog.sources()
    (page,) = archive.catalog.pages(source.digest)
    assert (page.state, page.reason) == (PageState.QUARANTINED, Reason.WORKER_DIED)
    assert archive.catalog.progress().at_rest


def test_a_damaged_page_is_a_gap_and_the_others_are_read(archive: Archive) -> None:
    whole = tiff(noise(1), noise(2))
    with Image.open(BytesIO(whole)) as image:
        image.seek(1)
        strips = list(zip(image.tag_v2[273], image.tag_v2[279], strict=True))  # type: ignore[attr-defined]
    data = bytearray(whole)
    for offset, length in strips:
        data[offset : offset + length] = b"\xff" * length
    archive.take("a.tif", bytes(data))
    archive.work_off()
    (source,) = archive.catalog.sources()
    assert [page.reason for page in archive.catalog.pages(source.digest)] == [None, Reason.PAGE_UNREADABLE]
    (report,) = archive.catalog.files()
    assert Reason.PAGE_UNREADABLE in report.reasons
    assert archive.catalog.progress().at_rest


@pytest.mark.slow
def test_a_back_is_explained_by_the_page_before_it_or_after_it_in_its_file(archive: Archive) -> None:
    first, last = (back(0.2, noise=8, degrees=degrees) for degrees in (0.8, -0.4))
    archive.take("a.tif", tiff(*map(Image.fromarray, (first, front().pixels, last))))
    archive.work_off()
    (source,) = archive.catalog.sources()
    texts = archive.catalog.page_texts(source.digest)
    before, after = texts[0], texts[2]
    assert [text.blank for text in (before, after)] == [True, True]
    assert before.steps[-1].endswith("page after shows through")
    assert after.steps[-1].endswith("page before shows through")
