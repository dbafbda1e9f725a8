"""Files given by hand: what is read meanwhile, and what is not waited for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from faldone.cli import ingest
from faldone.cli.main import main
from faldone.errors import HomeBusyError
from tests.papers import noise, tiff

COSTLY = ("redis", "watchdog.observers", "reportlab", "sklearn", "fastapi")
"""What other commands need, and takes long to import."""


@pytest.fixture
def files(home: Path, tmp_path: Path) -> Path:
    main(["init", "--home", str(home)])
    folder = tmp_path / "scansioni"
    folder.mkdir()
    (folder / "a.tif").write_bytes(tiff(noise(1)))
    return folder


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done, in its order; nothing is read."""
    done: list[str] = []
    take_in = ingest.take_in

    @contextmanager
    def running(*_: Any, **__: Any) -> Iterator[None]:
        done.append("reading begins")
        yield
        done.append("reading ends")

    def taken_in(*arguments: Any) -> Any:
        done.append("taken in")
        return take_in(*arguments)

    monkeypatch.setattr(ingest, "running", running)
    monkeypatch.setattr(ingest, "take_in", taken_in)
    monkeypatch.setattr(ingest, "until_at_rest", lambda *_: done.append("at rest"))
    return done


def test_pages_are_read_while_further_files_are_taken_in(files: Path, home: Path, done: list[str]) -> None:
    assert main(["ingest", "--home", str(home), "--wait", str(files)]) == 0
    assert done == ["reading begins", "taken in", "at rest", "reading ends"]


def test_without_a_wait_nothing_is_read(files: Path, home: Path, done: list[str]) -> None:
    assert main(["ingest", "--home", str(home), str(files)]) == 0
    assert done == ["taken in"]


def test_where_another_process_reads_its_end_is_waited_for(
    files: Path, home: Path, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise HomeBusyError("occupato / busy")

    monkeypatch.setattr(ingest, "running", busy)
    assert main(["ingest", "--home", str(home), "--wait", str(files)]) == 0
    assert done == ["taken in", "at rest"]


@pytest.mark.slow
def test_garbage_is_not_looked_for_in_what_was_imported(tmp_path: Path) -> None:
    asked = "from faldone.cli import main; main.main(['ingest', sys.argv[1]]); print(gc.get_freeze_count())"
    told = subprocess.run(
        [sys.executable, "-c", f"import gc, sys; {asked}", tmp_path / "manca"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(told.stdout.splitlines()[-1]) > 10_000
    assert "nanobind" not in told.stderr, "libraries clear up at the end"


@pytest.mark.slow
def test_what_other_commands_need_is_not_imported() -> None:
    asked = f"import sys, faldone.cli.ingest; print([name for name in {COSTLY!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
