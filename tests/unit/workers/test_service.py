"""The parts of a running archive, stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import dramatiq
import pytest
from PIL import Image

from faldone.domain.inbox import Inbox
from faldone.ingest.watch import WatchOptions
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.intake.take_in import take_in
from faldone.workers.broker import make_broker
from faldone.workers.service import Service
from tests.papers import png
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine())
    yield made
    made.close()


def test_all_workers_are_stopped_at_the_same_time(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    met = threading.Barrier(2)
    monkeypatch.setattr(dramatiq.Worker, "stop", lambda *_, **__: met.wait(10.0))
    Service(make_broker(None), archive.ports, threads=1, queue_length=8, dispatch=False, inboxes=(), watch=None).stop()
    assert not met.broken


def test_a_running_archive_forgets_the_refusal_of_what_was_removed(archive: Archive) -> None:
    link, inbox = archive.inbox / "via.pdf", Inbox(archive.inbox)
    link.symlink_to("altrove")
    take_in([link], inbox, archive.ports)
    link.unlink()
    watch = WatchOptions(quiet_s=0.01, sweep_s=0.02, ignore=())
    service = Service(
        make_broker(None), archive.ports, threads=0, queue_length=8, dispatch=False, inboxes=[inbox], watch=watch
    )
    service.start()
    try:
        until = time.monotonic() + 10.0
        while list(archive.catalog.files()) and time.monotonic() < until:
            time.sleep(0.01)
    finally:
        service.stop()
    assert list(archive.catalog.files()) == []


def service_of(archive: Archive, threads: int = 1) -> Service:
    return Service(
        make_broker(None), archive.ports, threads=threads, queue_length=8, dispatch=True, inboxes=(), watch=None
    )


def test_the_last_steps_of_a_file_do_not_wait_for_the_next_tick(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldone.workers.dispatch._TICK_S", 60.0)
    service = service_of(archive)
    service.start()
    try:
        take_in([archive.drop("a.png", png(Image.new("L", (620, 877), 255)))], Inbox(archive.inbox), archive.ports)
        service.arrived()
        until = time.monotonic() + 20.0
        while not archive.catalog.progress().pages_done and time.monotonic() < until:
            time.sleep(0.01)
        while not archive.catalog.progress().at_rest and time.monotonic() < until:
            service.wait(20.0)
        assert archive.catalog.progress().at_rest
        assert time.monotonic() < until
    finally:
        service.stop()


@pytest.mark.parametrize("threads", [0, 3])
def test_the_engine_is_started_for_as_many_pages_as_are_read_at_a_time(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    started: list[int] = []
    monkeypatch.setattr(FakeEngine, "start", lambda _, pages_at_a_time, __: started.append(pages_at_a_time))
    service = service_of(archive, threads)
    service.start()
    service.stop()
    assert started == [threads] * bool(threads)
