"""Kills faldone at every named point of taking in, then at random moments under load, and counts what is left.

After each named point: nothing lost, nothing doubled, inbox, done folder, store and catalog at one, `faldone verify`
content, no half copy left. Then files keep arriving while the door is killed again and again.

    python -m tests.faults.points [--random 300] [--seed 1] [--calls 2]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from faldone.catalog.records import IntakeState
from faldone.catalog.sql.catalog import SqlCatalog
from faldone.domain.digest import Digest
from faldone.domain.inbox import Originals
from faldone.storage.local import LocalStore
from tests.faults.crash import POINTS, Point, door
from tests.papers import page, tiff
from tests.processes import QUICK, faldone

OTHER_DISK = Path("/dev/shm")
WAIT_S = 60.0


def scan(number: int) -> bytes:
    """A small scan unlike any other number's."""
    return tiff(page(f"foglio {number}", size=(300, 120)))


@contextmanager
def crashing(home: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """The driver on this home; ended with the block."""
    command = [sys.executable, "-m", "tests.faults.crash", "--home", str(home), *arguments]
    with (home.parent / "log").open("ab") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log, env=os.environ | QUICK | environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(120)
        finally:
            process.kill()
            process.wait()


def can_be_met(point: Point, folder: Path) -> bool:
    """Whether this machine has what the point takes: a second file system."""
    return not point.across or (OTHER_DISK.is_dir() and OTHER_DISK.stat().st_dev != folder.stat().st_dev)


def kill_at(name: str, folder: Path, *, call: int = 1, whole: bool = True) -> list[str]:
    """Kills at one point, starts again, and says what is wrong then; nothing when all is well."""
    point, home = POINTS[name], folder / "home"
    with tempfile.TemporaryDirectory(dir=OTHER_DISK if point.across else folder) as away:
        environment = {"FALDONE_INTAKE__ORIGINALS": point.originals.value, "FALDONE_INTAKE__DONE": f"{away}/done"}
        faldone(home, "init", **environment)
        contents = {f"{number}.tif": scan(number) for number in range(3)}
        contents |= {"gemello.tif": contents["1.tif"], "lotto-1/9.tif": scan(9)}
        for path, content in contents.items():
            (home / "inbox" / path).parent.mkdir(exist_ok=True)
            (home / "inbox" / path).write_bytes(content)
        contents["cresce.tif"] = scan(7)
        only = [] if whole else ["--door"]
        with (home / "inbox/cresce.tif").open("wb") as scanner:
            scanner.write(contents["cresce.tif"][:500])
            scanner.flush()
            with crashing(home, "--point", name, "--call", str(call), *only, **environment) as process:
                try:
                    code = process.wait(WAIT_S)
                except subprocess.TimeoutExpired:
                    return ["it never came by this point"]
            if code != -signal.SIGKILL:
                return [f"it ended by itself with {code}"]
            scanner.write(contents["cresce.tif"][500:])
        with crashing(home, *only, **environment):
            _wait_until_empty(home, len(contents))
        return faults(home, contents, Path(away, "done"), point.originals, once=not point.across, **environment)


def _wait_until_empty(home: Path, arrivals: int) -> None:
    """Returns when the inbox is empty and so many arrivals are on record, or after a while: the count tells."""
    catalog = SqlCatalog(f"sqlite:///{home / 'catalog.sqlite'}")
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if not _files(home / "inbox") and catalog.progress().files >= arrivals:
            break
        time.sleep(0.1)
    catalog.close()


def faults(
    home: Path,
    contents: Mapping[str, bytes],
    done: Path,
    originals: Originals,
    *,
    once: bool = True,
    **environment: str,
) -> list[str]:
    """What is not as it must be, now that everything of ``contents`` (by name) arrived and was taken in.

    ``once``: an original that moved is in the done folder once; across file systems a crash may leave it twice.
    """
    found: list[str] = []

    def demand(true: bool, what: str) -> None:
        if not true:
            found.append(what)

    expected = Counter(Digest.of(content) for content in contents.values())
    catalog = SqlCatalog(f"sqlite:///{home / 'catalog.sqlite'}")
    store = LocalStore(home / "store")
    sources = Counter(source.digest for source in catalog.sources())
    intakes = [report.intake for report in catalog.files()]
    catalog.close()
    demand(sources == Counter(expected.keys()), "the files on record are not those that came")
    demand(set(store.digests()) == expected.keys(), "the files in the store are not those that came")
    demand(Counter(intake.path for intake in intakes) == Counter(contents.keys()), "a name came in twice or never")
    taken = Counter(intake.source for intake in intakes if intake.state is IntakeState.TAKEN)
    demand(taken == Counter(expected.keys()), "a file was not taken exactly once")
    demand(Counter(intake.source for intake in intakes) == expected, "arrivals and bytes do not belong together")
    demand(not _files(home / "inbox"), "something is left in the inbox")
    left = Counter(Digest.of(path.read_bytes()) for path in _files(done))
    if originals is Originals.MOVE:
        demand(left.keys() == expected.keys(), "an original is not in the done folder")
        demand(not once or left == expected, "the done folder does not hold each original once")
    else:
        demand(not left, "a deleted original is in the done folder")
    demand(not _files(home / "store/incoming"), "a half copy is left")
    told = faldone(home, "verify", "--json", **environment)
    demand(json.loads(told)["ok"], f"verify: {told}")
    return found


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class Feeder(threading.Thread):
    """Scanners that go on: files renamed in, written in pieces, and now and then one that was there before."""

    def __init__(self, inbox: Path, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.contents: dict[str, bytes] = {}
        self._inbox = inbox
        self._chance = chance
        self._stop_now = threading.Event()

    def run(self) -> None:
        chance, number = self._chance, 0
        while not self._stop_now.wait(chance.expovariate(20)):
            number += 1
            again = self.contents and chance.random() < 0.1
            content = chance.choice(list(self.contents.values())) if again else scan(1000 + number)
            name = f"lotto-{number // 50}/{number}.tif" if number % 3 else f"{number}.tif"
            path = self._inbox / name
            path.parent.mkdir(exist_ok=True)
            if number % 2:
                beside = self._inbox.parent / "arriving.tif"
                beside.write_bytes(content)
                beside.rename(path)
            else:
                with path.open("wb") as scanner:
                    for start in range(0, len(content), 1500):
                        scanner.write(content[start : start + 1500])
                        scanner.flush()
                        time.sleep(chance.uniform(0, 0.02))
            self.contents[name] = content

    def stop(self) -> None:
        self._stop_now.set()
        self.join()


def kill_at_random(folder: Path, times: int, seed: int, originals: Originals = Originals.MOVE) -> tuple[int, list[str]]:
    """Kills the door so many times while files keep arriving; returns how many came, and what is wrong then."""
    home, chance = folder / "home", random.Random(seed)
    environment = QUICK | {"FALDONE_INTAKE__ORIGINALS": originals.value, "FALDONE_INTAKE__QUIET_S": "0.05"}
    # A server that imported everything forks each door: what is killed is taking in, not starting up.
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["tests.faults.crash"])
    faldone(home, "init", **environment)
    feeder = Feeder(home / "inbox", random.Random(seed + 1))
    feeder.start()
    for _ in range(times):
        before = time.time()
        process = forks.Process(target=door, args=(home, environment, folder / "log"))
        process.start()
        while not _has_begun(home, before) and process.is_alive():
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.4))
        process.kill()
        process.join()
        if process.exitcode != -signal.SIGKILL:
            return len(feeder.contents), [f"the door ended by itself with {process.exitcode}"]
    feeder.stop()
    with crashing(home, "--door", **environment):
        _wait_until_empty(home, len(feeder.contents))
    return len(feeder.contents), faults(home, feeder.contents, home / "done", originals, **environment)


def _has_begun(home: Path, since: float) -> bool:
    """Whether the store was opened for copying since: start-up is not what is to be killed."""
    return (home / "store/incoming").is_dir() and (home / "store/incoming").stat().st_mtime > since


_ONCE_A_GROUP = ("_put_on_record", "SqlWork.seal", "release_intakes", "_send_away")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--random", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calls", type=int, default=1, help="kill at the first, second, … time at each point")
    parser.add_argument("--door", action="store_true", help="watcher and take-in only, also at the named points")
    args = parser.parse_args()
    wrong = met = 0
    for name, point in POINTS.items():
        for call in range(1, args.calls + 1):
            if call > 1 and point.function.endswith(_ONCE_A_GROUP):
                continue  # and the files make one group
            with tempfile.TemporaryDirectory() as folder:
                if not can_be_met(point, Path(folder)):
                    print(f"skipped  {name}: no second file system", flush=True)
                    continue
                found = kill_at(name, Path(folder), call=call, whole=not args.door)
            met += 1
            wrong += bool(found)
            print(f"{'WRONG' if found else 'ok':8} {name}, call {call} {'; '.join(found)}", flush=True)
    print(f"{met} kills at named points, {wrong} with something lost, doubled or at odds")
    if args.random:
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            files, found = kill_at_random(Path(folder), args.random, args.seed)
        print(
            f"{args.random} kills at random moments, {files} files arriving meanwhile, "
            f"{time.monotonic() - started:.0f} s: {'; '.join(found) or '0 lost, 0 doubled'}"
        )
        wrong += bool(found)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
