"""Inboxes as a service meets them: bursts, a share that goes and comes, a disk that fills up, originals that stay."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faldone.catalog.sql.catalog import SqlCatalog
from faldone.domain.digest import Digest
from faldone.storage.local import LocalStore
from tests.bench.burst import compare
from tests.faults.points import crashing
from tests.papers import page, tiff
from tests.processes import faldone, until

pytestmark = pytest.mark.slow

TMPFS_MB = 24


def scan(number: int, padding: int = 0) -> bytes:
    return tiff(page(f"foglio {number}", size=(300, 120))) + os.urandom(padding)


def arrivals(home: Path) -> Counter[str]:
    """How often each name is on record."""
    catalog = SqlCatalog(f"sqlite:///{home / 'catalog.sqlite'}")
    try:
        return Counter(report.intake.path for report in catalog.files())
    finally:
        catalog.close()


def test_a_burst_is_taken_whole_and_once_with_events_and_without(tmp_path: Path) -> None:
    for one in compare(500, tmp_path):
        assert (one.outcome.missed, one.outcome.twice) == (0, 0), one.name
        # Loosely, and with the quiet time and a start taken off: 500 files are over in a moment.
        assert one.outcome.seconds - 1.5 <= 4 * max(one.loops), one.name


def test_a_share_that_goes_away_and_comes_back_is_watched_again_and_finished(home: Path) -> None:
    faldone(home, "init")
    share, other = home / "inbox", home / "due"
    other.mkdir()
    (home / "faldone.toml").write_text('[[inbox]]\npath = "inbox"\n\n[[inbox]]\npath = "due"\npolling = true\n')
    away = home.parent / "staccata"
    share.rename(away)  # away at the start
    with crashing(home, "--door"):
        (other / "a.tif").write_bytes(scan(1))
        until(lambda: arrivals(home)["a.tif"] == 1, "the other inbox goes on", 20)
        (away / "b.tif").write_bytes(scan(2))
        away.rename(share)
        until(lambda: arrivals(home)["b.tif"] == 1, "the share is watched when it comes", 20)
        for turn in range(3):
            for number in range(20):
                (share / f"{turn}-{number}.tif").write_bytes(scan(100 * turn + number + 10))
            share.rename(away)  # in the middle of the work
            time.sleep(0.3)
            away.rename(share)
        until(lambda: not list(share.iterdir()) and sum(arrivals(home).values()) == 62, "all are taken", 60)
    assert set(arrivals(home).values()) == {1}


def test_originals_that_stay_are_taken_once_whatever_restarts(home: Path) -> None:
    stay = {"FALDONE_INTAKE__ORIGINALS": "stay"}
    faldone(home, "init", **stay)
    for number in range(10):
        (home / "inbox" / f"{number}.tif").write_bytes(scan(number))
    for turn in range(3):
        with crashing(home, "--door", **stay):
            (home / "inbox" / f"dopo-{turn}.tif").write_bytes(scan(100 + turn))
            until(lambda turn=turn: arrivals(home)[f"dopo-{turn}.tif"] == 1, "the new one is taken", 20)  # type: ignore[misc]
    (home / "inbox/0.tif").write_bytes(scan(1000))
    with crashing(home, "--door", **stay):
        until(lambda: arrivals(home)["0.tif"] == 2, "the changed one is taken as what it has become", 20)
    assert Counter(arrivals(home).values()) == {1: 12, 2: 1}
    assert len(list((home / "inbox").iterdir())) == 13
    assert not list((home / "done").rglob("*"))


def test_files_taken_by_hand_are_not_read_twice(home: Path, tmp_path: Path) -> None:
    faldone(home, "init")
    (tmp_path / "carte").mkdir()
    for number in range(3):
        (tmp_path / "carte" / f"{number}.tif").write_bytes(scan(number))
    for _ in range(2):
        faldone(home, "ingest", str(tmp_path / "carte"))
    assert set(arrivals(home).values()) == {1}
    assert len(list((tmp_path / "carte").iterdir())) == 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of a few megabytes."""
    place = tmp_path / "disco"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_MB}m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("min_free_mb", ["2", "0"])
def test_a_disk_that_fills_up_stops_intake_cleanly_and_space_starts_it_again(
    small_disk: Path, tmp_path: Path, min_free_mb: str
) -> None:
    home, inbox = small_disk / "home", tmp_path / "arrivi"
    settings: dict[str, Any] = {"FALDONE_INTAKE__MIN_FREE_MB": min_free_mb, "FALDONE_INTAKE__DONE": f"{tmp_path}/done"}
    inbox.mkdir()
    faldone(home, "init", **settings)
    (home / "faldone.toml").write_text(f'[[inbox]]\npath = "{inbox}"\n')
    ballast = small_disk / "altro"
    ballast.write_bytes(bytes((TMPFS_MB - 10) << 20))
    contents = {f"{number}.tif": scan(number, 1 << 20) for number in range(14)}
    for name, content in contents.items():
        (inbox / name).write_bytes(content)
    log = small_disk.parent / "log"
    with crashing(home, "--door", **settings):
        until(lambda: "free space" in _read(small_disk / "log") + _read(log), "it says that there is no space", 30)
        time.sleep(2)
        left = len(list(inbox.iterdir()))
        assert 0 < left < 14
        half = [path for path in (home / "store/incoming").rglob("*") if path.is_file()]
        assert not half
        ballast.unlink()
        until(lambda: not list(inbox.iterdir()), "the rest is taken without touching it", 60)
    assert arrivals(home) == Counter(contents.keys())
    assert set(LocalStore(home / "store").digests()) == {Digest.of(content) for content in contents.values()}


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""
