"""How soon is a bad scan red? A scanner delivers sheets while the archive is busy reading what came before.

Sheets come one a file, as a scanner writes them (a temporary name, then the right one); the time of a page is from
that moment to the event that holds its verdict, by the clock of the machine. Settings are the defaults.

    python -m tests.bench.verdict [--pages 40] [--every 1.5] [--busy 40]
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from faldone.demo.generate import generate

_WITHIN_S = 2.0
_FALDONE = [sys.executable, "-m", "faldone.cli.main"]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from arrival to verdict, by page."""

    seconds: tuple[float, ...]

    @property
    def late(self) -> int:
        return sum(value > _WITHIN_S for value in self.seconds)


def measure(pages: int, every_s: float, busy: int, folder: Path) -> Times:
    """Delivers ``pages`` files at this pace after a box of ``busy`` pages that keeps the engine at work."""
    home, box = folder / "home", folder / "box"
    generate(box, pages=busy + 2 * pages, seed=17)
    files = sorted(path for path in (box / "inbox").rglob("*") if path.is_file())
    single = [path for path in files if path.suffix in (".jpg", ".png", ".tif", ".tiff")][:pages]
    subprocess.run([*_FALDONE, "init", "--home", str(home)], check=True, stderr=subprocess.DEVNULL)
    load = home / "inbox" / "carico"
    load.mkdir()
    for path in [path for path in files if path not in single][:busy]:
        path.rename(load / path.name)
    arrived: dict[str, float] = {}
    with subprocess.Popen([*_FALDONE, "run", "--home", str(home)], stderr=subprocess.DEVNULL) as process:
        _wait_for_reading(home)
        for number, path in enumerate(single):
            name = f"sheet-{number:03}{path.suffix}"
            part = home / "inbox" / f".{name}.part"
            part.write_bytes(path.read_bytes())
            part.rename(home / "inbox" / name)
            arrived[name] = time.time()
            time.sleep(every_s)
        time.sleep(4)
        verdicts = _verdicts(home)
        process.kill()
    return Times(tuple(verdicts[name] - at for name, at in arrived.items()))


def _wait_for_reading(home: Path) -> None:
    """Until the engine is at work on the box."""
    from faldone.bootstrap import open_archive
    from faldone.settings import load

    with open_archive(load(home)) as ports:
        while not ports.catalog.progress().pages_done:
            time.sleep(0.2)


def _verdicts(home: Path) -> dict[str, float]:
    """When the first page of each file had its verdict."""
    from faldone.bootstrap import open_archive
    from faldone.domain.events import EventType
    from faldone.settings import load

    found: dict[str, float] = {}
    with open_archive(load(home)) as ports:
        names = {
            intake.id: intake for source in ports.catalog.sources() for intake in ports.catalog.intakes(source.digest)
        }
        by_source = {str(intake.source): intake.path for intake in names.values()}
        pages = {
            page.id: digest
            for digest in (source.digest for source in ports.catalog.sources())
            for page in ports.catalog.pages(digest)
        }
        for entry in ports.catalog.ledger():
            if entry.record.type == EventType.PAGE_CHECKED.value:
                path = by_source[str(pages[entry.record.subject])]  # type: ignore[index]
                found.setdefault(path, dt.datetime.fromisoformat(entry.record.at).timestamp())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--every", type=float, default=1.5)
    parser.add_argument("--busy", type=int, default=40)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = measure(args.pages, args.every, args.busy, Path(folder))
    ordered = sorted(times.seconds)
    print(
        f"{len(ordered)} sheets while reading: verdict after {median(ordered):.2f} s in the middle, "
        f"95 % within {ordered[int(0.95 * (len(ordered) - 1))]:.2f} s, the last {ordered[-1]:.2f} s; "
        f"later than {_WITHIN_S:g} s: {times.late}"
    )


if __name__ == "__main__":
    main()
