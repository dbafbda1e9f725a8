"""Thousands of small files in one burst, taken in by faldone and by a plain loop, in the same run and on one disk.

The loop hashes each file, copies it into a flat folder and syncs it: what the least promise costs. faldone watches,
settles, seals, records and moves the originals away: the real watcher, message queue, worker thread, store and
catalog, with file events on and off. The clock runs from the first file's arrival to the moment when the inbox is
empty and every original released. The quiet time (0.3 s here) is in it.

A disk that others use changes its speed within minutes, so a round is: loop, events on, loop, events off, loop; each
burst is compared with the mean of the loops before and after it, and what the system has still to write is written
before each of the five. With several rounds the median of the ratios is printed too.

    python -m tests.bench.burst [--files 10000] [--rounds 1]
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median

import dramatiq
import numpy as np

from faldone.catalog.records import IntakeState
from faldone.domain.inbox import Inbox
from faldone.ingest.watch import Watcher, WatchOptions
from faldone.workers.actors import declare
from faldone.workers.broker import make_broker
from tests.papers import page, tiff
from tests.twins import Archive

WORKERS = 1  # as the service has for the steps that somebody waits for
QUIET_S = 0.3
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Outcome:
    """Seconds from the first file to the last released; how many files are not on record, or more than once."""

    seconds: float
    missed: int
    twice: int


def fill(folder: Path, files: int) -> None:
    """Small TIFFs of 20 to 40 kB, all different, in folders of a thousand."""
    draw = np.random.default_rng(1)
    sheet = tiff(page("Relazione sociale", size=(400, 560)))
    for number in range(files):
        path = folder / f"lotto-{number // 1000}" / f"{number:05d}.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        # Bytes behind the page belong to nobody and make the file one of its own.
        path.write_bytes(sheet + draw.bytes(int(draw.integers(20_000, 40_000)) - len(sheet) % 20_000))


def loop(files: Path, target: Path) -> float:
    """Seconds of the plain loop."""
    target.mkdir()
    started = time.perf_counter()
    for number, path in enumerate(sorted(path for path in files.rglob("*") if path.is_file())):
        content = path.read_bytes()
        name = hashlib.sha256(content).hexdigest()
        with (target / f"{number}-{name}").open("wb") as copy:
            copy.write(content)
            copy.flush()
            os.fsync(copy.fileno())
    return time.perf_counter() - started


def burst(files: Path, home: Path, *, events: bool, limit_s: float = 600) -> Outcome:
    """Drops the files of a folder into an inbox that is watched, and waits until they are away."""
    archive = Archive(home)
    archive.ports = replace(archive.ports, options=replace(archive.ports.options, patience_s=PATIENCE_S))
    inbox = Inbox(archive.inbox, polling=not events)
    broker = make_broker(None)
    actors = declare(broker, archive.ports, [inbox])

    def offer(_: Inbox, paths: object) -> None:
        actors.take_in.send([str(path) for path in paths], str(inbox.path))  # type: ignore[attr-defined]

    watcher = Watcher([inbox], offer, WatchOptions(QUIET_S, 0.5, (".*",), QUIET_S))
    worker = dramatiq.Worker(broker, worker_threads=WORKERS, worker_timeout=200)
    worker.start()
    watching = threading.Thread(target=watcher.run)
    watching.start()
    sent = [path for path in sorted(files.rglob("*")) if path.is_file()]
    expected = Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in sent)
    for path in sent:
        os.utime(path)  # young: each is looked into for its end
        (archive.inbox / path.relative_to(files)).parent.mkdir(exist_ok=True)
    started = time.perf_counter()
    try:
        for path in sent:
            path.rename(archive.inbox / path.relative_to(files))
        last = archive.inbox / sent[-1].relative_to(files)
        while not _done(archive, last, len(sent)):
            if time.perf_counter() - started > limit_s:
                break
            time.sleep(0.1)
        seconds = time.perf_counter() - started
    finally:
        watcher.stop()
        watching.join()
        worker.stop()
        broker.close()
    found = Counter(report.intake.source.hex for report in archive.catalog.files() if report.intake.source is not None)
    assert all(report.intake.state is IntakeState.TAKEN for report in archive.catalog.files())
    assert {digest.hex for digest in archive.ports.store.digests()} == set(found)
    left = [path for path in archive.inbox.rglob("*") if path.is_file()]
    away = Counter(path.name for path in (home / "done").rglob("*") if path.is_file())
    archive.close()
    missed = len(expected - found) + len(left)
    twice = sum((found - expected).values()) + sum(number - 1 for number in away.values())
    return Outcome(seconds, missed, twice)


def _done(archive: Archive, last: Path, files: int) -> bool:
    # Cheaply, with the cheapest first and the folders last: this process is being measured.
    if last.exists():
        return False
    return archive.catalog.progress().files >= files and not any(names for _, _, names in os.walk(archive.inbox))


@dataclass(frozen=True)
class Comparison:
    """A burst, and the seconds of the loop before and after it."""

    name: str
    loops: tuple[float, float]
    outcome: Outcome

    @property
    def ratio(self) -> float:
        """How many times as long as the loop the burst took."""
        return self.outcome.seconds / mean(self.loops)


def compare(files: int, folder: Path) -> list[Comparison]:
    """One round, with events and without."""
    fill(folder / "files", files)

    def looped(number: int) -> float:
        os.sync()
        seconds = loop(folder / "files", folder / "flat")
        (folder / "flat").rename(folder / f"flat {number}")  # removed later: that is work for the disk, too
        return seconds

    before, compared = looped(0), []
    for number, (name, events) in enumerate((("events on", True), ("events off", False)), 1):
        shutil.copytree(folder / "files", folder / name, copy_function=os.link)
        os.sync()
        outcome = burst(folder / name, folder / f"home {name}", events=events)
        after = looped(number)
        compared.append(Comparison(name, (before, after), outcome))
        before = after
    return compared


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    args = parser.parse_args()
    signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the command line does: see faldone.ingest.seal
    logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # likewise: see faldone.log
    ratios: dict[str, list[float]] = {}
    for _ in range(args.rounds):
        with tempfile.TemporaryDirectory() as folder:
            compared = compare(args.files, Path(folder))
        for one in compared:
            ratios.setdefault(one.name, []).append(one.ratio)
            print(
                f"{args.files} files, {one.name}: plain loop {one.loops[0]:.2f} s before, {one.loops[1]:.2f} s after · "
                f"faldone {one.outcome.seconds:.2f} s · ratio {one.ratio:.2f} (asked: at most 2.5) · "
                f"missed {one.outcome.missed} · twice {one.outcome.twice}",
                flush=True,
            )
    if args.rounds > 1:
        for name, found in ratios.items():
            print(f"{name}: median ratio {median(found):.2f}, highest {max(found):.2f}, of {args.rounds} rounds")


if __name__ == "__main__":
    main()
