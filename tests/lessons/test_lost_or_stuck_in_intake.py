"""What other programs lost, doubled or got stuck on at the door. Each test's name says what happened to somebody."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import dramatiq
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from faldone.catalog.records import IntakeState
from faldone.domain.inbox import Inbox, Originals
from faldone.ingest import watch as watching
from faldone.ingest.watch import Watcher, WatchOptions
from faldone.pipeline.intake import take_in as step
from faldone.pipeline.intake.take_in import has_room, take_in
from faldone.workers.actors import declare
from faldone.workers.broker import make_broker
from tests.papers import page, png, tiff
from tests.twins import Archive

pytestmark = pytest.mark.slow

QUIET_S, SWEEP_S = 0.05, 0.1


class Door:
    """A watched inbox and what takes in behind it, with or without workers of their own."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.archive = Archive(folder)
        ports = self.archive.ports
        self.ports = replace(ports, options=replace(ports.options, **options))  # type: ignore[arg-type]
        self.offers: list[str] = []
        self._running: list[threading.Thread] = []
        self.watcher: Watcher | None = None

    def start(self, *, polling: bool = False) -> None:
        """As `faldone run` does: watcher, queue and workers."""
        inbox = Inbox(self.archive.inbox, polling=polling)
        self.broker = make_broker(None)
        actors = declare(self.broker, self.ports, [inbox])

        def offer(_: Inbox, paths: Sequence[Path]) -> None:
            self.offers += [path.name for path in paths]
            actors.take_in.send([str(path) for path in paths], str(inbox.path))

        options = WatchOptions(QUIET_S, SWEEP_S, (".*",), QUIET_S)
        self.watcher = Watcher([inbox], offer, options, lambda: has_room(self.ports))
        self.worker = dramatiq.Worker(self.broker, worker_threads=2, worker_timeout=50)
        self.worker.start()
        self._thread = threading.Thread(target=self.watcher.run)
        self._thread.start()

    def stop(self) -> None:
        if self.watcher is not None:
            self.watcher.stop()
            self._thread.join()
            self.worker.stop()
            self.broker.close()
            self.watcher = None

    def states(self) -> dict[str, IntakeState]:
        return {report.intake.path: report.intake.state for report in self.archive.catalog.files()}

    def sealed(self) -> Counter[str]:
        return Counter(str(report.intake.source) for report in self.archive.catalog.files() if report.intake.source)

    def until_taken(self, *names: str, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not set(names) <= self.states().keys() or any((self.archive.inbox / name).exists() for name in names):
            assert time.monotonic() < deadline, self.states()
            time.sleep(0.02)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    made = Door(tmp_path)
    yield made
    made.stop()
    made.archive.close()


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offers again soon, so that a test need not wait."""
    monkeypatch.setattr(watching, "_FIRST_PAUSE_S", 0.2)


def scan(name: str) -> bytes:
    return tiff(page(name, size=(200, 280)))


def pdf(password: str | None = None) -> bytes:
    data = BytesIO()
    encrypt = StandardEncryption(password) if password else None
    canvas = Canvas(data, encrypt=encrypt)
    for number in range(3):
        canvas.drawString(100, 700, f"Relazione, pagina {number}")
        canvas.showPage()
    canvas.save()
    return data.getvalue()


class Killed(BaseException):
    """Stands for a kill at one point."""


def killed(*_: object, **__: object) -> None:
    raise Killed


def test_a_file_never_leaves_the_inbox_before_it_is_stored_and_on_record(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, path = door.archive, door.archive.drop("a.tif", scan("a"))
    move = step.move_away

    def checked(path: Path, *arguments: object, **named: object) -> None:
        (source,) = archive.catalog.sources()  # committed: another connection sees it
        archive.ports.store.verify(source.digest)
        move(path, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(step, "move_away", checked)
    take_in([path], Inbox(archive.inbox), door.ports)
    assert not path.exists()


def test_a_file_that_was_underway_when_memory_ran_out_is_taken_at_the_next_start(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = door.archive.drop("a.tif", scan("a"))
    with monkeypatch.context() as patch:
        patch.setattr(step, "_put_on_record", killed)
        with pytest.raises(Killed):
            take_in([path], Inbox(door.archive.inbox), door.ports)
    door.start()
    door.until_taken("a.tif")
    assert door.sealed().total() == 1


def test_a_file_that_met_a_full_disk_is_taken_without_touching_it_once_there_is_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door(tmp_path, min_free_bytes=1000)
    free = SimpleNamespace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    names = [f"{number}.tif" for number in range(5)]
    for name in names:
        door.archive.drop(name, scan(name))
    door.start()
    try:
        time.sleep(1)
        assert door.states() == {}
        free.free = 10**9
        door.until_taken(*names, seconds=5)  # sooner than the pause between two offers
        assert door.sealed().total() == 5
    finally:
        door.stop()
        door.archive.close()


@pytest.mark.usefixtures("often")
def test_a_file_that_a_full_disk_refused_in_the_middle_is_taken_without_touching_it(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    full = threading.Event()
    full.set()
    sync = os.fsync

    def limited(descriptor: int) -> None:
        if full.is_set():
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", limited)
    names = [f"{number}.tif" for number in range(5)]
    for name in names:
        door.archive.drop(name, scan(name))
    door.start()
    time.sleep(1)
    assert door.states() == {}
    assert sum("no free space" in record.message for record in caplog.records) == 1
    full.clear()
    door.until_taken(*names)


def test_a_file_that_grows_for_long_is_taken_when_it_is_whole(door: Door) -> None:
    content = scan("lento")
    path = door.archive.inbox / "lento.tif"
    door.start()
    with path.open("wb") as scanner:  # a scanner that keeps its file open and pauses longer than any quiet time
        for start in range(0, len(content), len(content) // 6):
            scanner.write(content[start : start + len(content) // 6])
            scanner.flush()
            time.sleep(4 * QUIET_S)
        assert door.states() == {}
    os.utime(path)
    door.until_taken("lento.tif")
    (source,) = door.archive.catalog.sources()
    assert source.size == len(content)


def test_a_file_rewritten_several_times_over_a_slow_share_is_taken_once_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldone.ingest.seal._is_written_elsewhere", lambda _: False)  # shares give no leases
    monkeypatch.setattr(watching, "_FIRST_PAUSE_S", 0.2)
    door = Door(tmp_path, patience_s=60.0)
    content = png(page("Relazione sociale"))
    path = door.archive.inbox / "a.png"
    door.start(polling=True)
    try:
        for part in (2, 3, 4):  # each time from the start, each time a little more
            path.write_bytes(content[: len(content) * part // 5])
            time.sleep(4 * QUIET_S)
        assert door.states() == {}
        path.write_bytes(content)
        door.until_taken("a.png")
        (source,) = door.archive.catalog.sources()
        assert source.size == len(content)
    finally:
        door.stop()
        door.archive.close()


def test_files_that_come_one_by_one_in_a_polled_inbox_are_all_taken(door: Door) -> None:
    door.start(polling=True)
    names = [f"{number:02d}.tif" for number in range(40)]
    for name in names:
        door.archive.drop(name, scan(name))
        time.sleep(QUIET_S / 3)
    door.until_taken(*names)
    assert set(door.sealed().values()) == {1}
    assert len(door.sealed()) == 40


def test_after_four_files_the_watch_goes_on(door: Door) -> None:
    door.start()
    for turn in range(4):
        names = [f"{turn}-{number}.tif" for number in range(4)]
        for name in names:
            door.archive.drop(name, scan(name))
        door.until_taken(*names)
    assert len(door.sealed()) == 16


def test_a_file_queued_twice_is_no_error_and_one_document(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    path = door.archive.drop("a.tif", scan("a"))
    broker = make_broker(None)
    inbox = Inbox(door.archive.inbox)
    actors = declare(broker, door.ports, [inbox])
    for _ in range(6):
        actors.take_in.send([str(path)], str(inbox.path))
    worker = dramatiq.Worker(broker, worker_threads=4, worker_timeout=50)
    worker.start()
    broker.join("take_in")
    worker.join()
    worker.stop()
    broker.close()
    assert door.states() == {"a.tif": IntakeState.TAKEN}
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]


def test_a_half_written_pdf_is_not_taken_and_the_whole_one_is(tmp_path: Path) -> None:
    door = Door(tmp_path, patience_s=60.0)
    content = pdf()
    path = door.archive.drop("a.pdf", content[: len(content) // 2])
    assert take_in([path], Inbox(door.archive.inbox), door.ports) == [step.Arrival.GROWING]
    assert door.states() == {}
    path.write_bytes(content)
    assert take_in([path], Inbox(door.archive.inbox), door.ports) == [step.Arrival.TAKEN]
    door.archive.close()


def test_a_pdf_with_a_password_does_not_stop_the_watch(tmp_path: Path) -> None:
    door = Door(tmp_path, patience_s=60.0)
    door.archive.drop("a.pdf", pdf("segreto"))
    door.archive.drop("b.pdf", pdf())
    door.start()
    try:
        door.until_taken("a.pdf", "b.pdf")  # both are safe; opening the first says why it cannot be read
        door.archive.drop("c.tif", scan("c"))
        door.until_taken("c.tif")
    finally:
        door.stop()
        door.archive.close()


def test_an_old_file_moved_in_is_seen(door: Door, tmp_path: Path) -> None:
    door.start()
    old = tmp_path / "vecchio.tif"
    old.write_bytes(scan("vecchio"))
    os.utime(old, (1_000_000_000, 1_000_000_000))
    old.rename(door.archive.inbox / "vecchio.tif")
    door.until_taken("vecchio.tif")


def test_a_folder_moved_in_is_seen_with_all_its_files(door: Door, tmp_path: Path) -> None:
    door.start()
    for number in range(5):
        (tmp_path / "lotto/dentro").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"lotto/dentro/{number}.tif").write_bytes(scan(str(number)))
    (tmp_path / "lotto").rename(door.archive.inbox / "lotto")
    door.until_taken(*(f"lotto/dentro/{number}.tif" for number in range(5)))


def test_one_bad_file_does_not_stop_the_others(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    (door.archive.inbox / "via.tif").symlink_to("/etc/hostname")
    os.mkfifo(door.archive.inbox / "tubo.tif")
    for name in ("a.tif", "m.tif", "z.tif"):
        door.archive.drop(name, scan(name))
    sealing = step.seal

    def unforeseen(path: Path, *arguments: object) -> object:
        if path.name == "m.tif":
            raise ZeroDivisionError
        return sealing(path, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(step, "seal", unforeseen)
        door.start()
        door.until_taken("a.tif", "z.tif")
        assert door.states()["via.tif"] is door.states()["tubo.tif"] is IntakeState.REFUSED
        assert (door.archive.inbox / "m.tif").exists()


def test_a_restart_does_not_start_over(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.ports = replace(door.ports, options=replace(door.ports.options, originals=Originals.STAY))
    names = [f"{number}.tif" for number in range(10)]
    paths = [door.archive.drop(name, scan(name)) for name in names]
    door.start()
    deadline = time.monotonic() + 10
    while set(names) != door.states().keys():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    door.stop()
    read: list[str] = []
    sealing = step.seal
    monkeypatch.setattr(step, "seal", lambda path, copies: (read.append(path.name), sealing(path, copies))[1])
    door.offers.clear()
    door.archive.drop("nuovo.tif", scan("nuovo"))
    door.start()
    while "nuovo.tif" not in door.states():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert set(door.offers) == {*names, "nuovo.tif"}
    assert read == ["nuovo.tif"]
    assert all(path.exists() for path in paths)
