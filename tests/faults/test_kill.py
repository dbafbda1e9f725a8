"""kill -9 in the middle of work: nothing lost, nothing twice."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from faldone.domain.digest import Digest
from faldone.domain.inbox import Originals
from tests.faults.crash import POINTS
from tests.faults.points import can_be_met, kill_at, kill_at_random
from tests.papers import noise, tiff
from tests.processes import faldone, started, status, until

FILES, PAGES = 12, 2


def _is_done(told: dict[str, Any]) -> bool:
    filed = told["files"] == FILES and told["pages_done"] == FILES * PAGES and not told["states"]["processing"]
    return filed and not told["not_indexed"]


@pytest.mark.slow
def test_killed_again_and_again_every_page_is_there_once(home: Path, tmp_path: Path) -> None:
    # Given a box of files that keeps arriving, and a faldone that is killed at random moments
    faldone(home, "init")
    chance = random.Random(1)
    contents = [tiff(*(noise(PAGES * number + page) for page in range(PAGES))) for number in range(FILES)]
    for number, content in enumerate(contents):
        (home / "inbox" / f"{number}.tif").write_bytes(content)
        if number % 2:
            with started(home, "run", tmp_path / "log") as process:
                time.sleep(chance.uniform(0.8, 3.0))
                process.kill()
    # When it is left to finish
    with started(home, "run", tmp_path / "log"):
        until(lambda: _is_done(status(home)), "all read, filed and indexed")
    # I expect each file once, every page read, inbox and catalog at one, and a ledger that holds
    results = [json.loads(line) for line in faldone(home, "export", "results", "--json").splitlines()]
    assert Counter(result["sha256"] for result in results) == Counter(Digest.of(content).hex for content in contents)
    assert all(len(result["pages"]) == PAGES and all(page["text"] for page in result["pages"]) for result in results)
    assert not list((home / "inbox").iterdir())
    assert len(list((home / "done").rglob("*.tif"))) == FILES
    assert json.loads(faldone(home, "verify", "--data", "--json"))["ok"]
    found = [json.loads(line) for line in faldone(home, "search", "parola", "--json", "--limit", "100").splitlines()]
    assert len({hit["document"] for hit in found}) == len(found) >= FILES


@pytest.mark.slow
@pytest.mark.parametrize(
    "point", ["in the middle of the copy", "after the rename", "after the commit", "before the release"]
)
def test_killed_at_a_named_point_nothing_is_lost_and_nothing_is_twice(tmp_path: Path, point: str) -> None:
    assert kill_at(point, tmp_path) == []  # `make faults` goes through all of them


@pytest.mark.slow
def test_killed_in_the_middle_of_a_move_to_another_disk_nothing_is_lost(tmp_path: Path) -> None:
    point = "between copy and unlink on another disk"
    if not can_be_met(POINTS[point], tmp_path):
        pytest.skip("no second file system")
    assert kill_at(point, tmp_path, whole=False) == []


@pytest.mark.slow
@pytest.mark.parametrize("originals", [Originals.MOVE, Originals.DELETE])
def test_killed_at_random_while_files_keep_arriving_nothing_is_lost(tmp_path: Path, originals: Originals) -> None:
    files, found = kill_at_random(tmp_path, 10, seed=3, originals=originals)
    assert found == []
    assert files > 10
