"""Bad files among good ones: each gets a state and a sentence, the originals stay safe, the rest goes on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from faldone.demo.troubles import write_troubles
from faldone.domain.names import shown
from faldone.domain.reasons import Reason
from tests.processes import faldone, started, status, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of a folder of troubles that arrived in the inbox: by file name, and what was expected."""
    folder = tmp_path_factory.mktemp("bad")
    home = folder / "home"
    faldone(home, "init")
    expected = write_troubles(folder / "guai")
    originals = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "guai").iterdir()}
    (folder / "guai").rename(home / "inbox" / "guai")
    with started(home, "run", folder / "log"):
        until(lambda: status(home)["files"] == len(expected), "all files arrive")
        until(lambda: not status(home)["states"]["processing"], "all files are settled")
    lines = [json.loads(line) for line in faldone(home, "export", "results", "--json").splitlines()]
    return {
        "home": home,
        "expected": expected,
        "originals": originals,
        "status": status(home),
        "files": {line["file"].removeprefix("guai/"): line for line in lines},
    }


def test_every_file_has_the_state_and_reason_that_it_deserves(results: dict[str, Any]) -> None:
    for name, reason in results["expected"].items():
        told = results["files"][shown(Path(name))]
        if reason == "ok":
            assert told["state"] in ("filed", "review", "held"), told
            assert any(page["text"] for page in told["pages"]), told
        elif reason == Reason.SAME_BYTES:
            continue  # which of the two came first is the file system's affair: see below
        elif reason == Reason.PAGE_UNREADABLE:
            assert told["state"] in ("review", "held"), told
            assert Reason.PAGE_UNREADABLE in [page["reason"] for page in told["pages"]], told
            assert any(page["text"] for page in told["pages"]), told
        else:
            assert (told["state"], told["reason"]) == ("quarantined", reason), told


def test_the_same_bytes_under_two_names_are_one_file_and_a_duplicate(results: dict[str, Any]) -> None:
    duplicates = [told for told in results["files"].values() if told["state"] == "duplicate"]
    assert len(duplicates) == list(results["expected"].values()).count(Reason.SAME_BYTES)
    for duplicate in duplicates:
        assert sum(told["sha256"] == duplicate["sha256"] for told in results["files"].values()) == 2


def test_each_stuck_file_has_a_sentence_in_italian_and_english(results: dict[str, Any]) -> None:
    for stuck in results["status"]["stuck"]:
        assert stuck["reasons"], stuck
        assert all(reason["it"] and reason["en"] for reason in stuck["reasons"])


def test_every_original_is_safe(results: dict[str, Any]) -> None:
    assert {told["sha256"] for told in results["files"].values()} == results["originals"]
    assert json.loads(faldone(results["home"], "verify", "--data", "--json"))["ok"]
    assert not [path for path in (results["home"] / "inbox").rglob("*") if path.is_file()]
