"""The full look at an inbox."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from faldone.ingest.sweep import sweep
from faldone.settings import IntakeSettings

IGNORE = IntakeSettings().ignore


def names(inbox: Path) -> list[str]:
    return [os.path.relpath(path, inbox) for path, _ in sweep(inbox, IGNORE)]


def test_files_of_all_folders_are_seen_in_order(tmp_path: Path) -> None:
    for name in ("b/2.pdf", "a.pdf", "b/1.pdf", "b/c/3.tif"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert names(tmp_path) == ["a.pdf", "b/1.pdf", "b/2.pdf", "b/c/3.tif"]


def test_what_systems_and_programs_leave_about_is_passed_over(tmp_path: Path) -> None:
    for name in ("Thumbs.db", ".~lock", "~$lettera.docx", "scan.tmp", "scan.pdf.part", "@eaDir/x.jpg", ".hidden/x.pdf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert names(tmp_path) == []


def test_a_file_older_than_the_last_look_is_seen(tmp_path: Path) -> None:
    list(sweep(tmp_path, IGNORE))
    (tmp_path / "vecchio.pdf").touch()
    os.utime(tmp_path / "vecchio.pdf", (0, 0))
    assert names(tmp_path) == ["vecchio.pdf"]


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    inbox, outside = tmp_path / "in", tmp_path / "out"
    inbox.mkdir()
    outside.mkdir()
    (outside / "segreto.pdf").touch()
    (inbox / "via").symlink_to(outside)
    assert names(inbox) == ["via"]


def test_an_inbox_that_went_away_is_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(sweep(tmp_path / "share", IGNORE))


def test_a_folder_that_may_not_be_entered_is_seen_as_one_thing_to_refuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "chiusa").mkdir()
    (tmp_path / "a.pdf").touch()
    listed = os.scandir

    def denied(path: str) -> object:
        if path.endswith("chiusa"):  # root, who runs the tests, may enter everywhere
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", denied)
    assert names(tmp_path) == ["a.pdf", "chiusa"]


def test_folders_deeper_than_the_system_names_are_seen_as_one_thing_to_refuse(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").touch()
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("f" * 200, dir_fd=here)
        below = os.open("f" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    seen = names(tmp_path)
    assert len(seen) == 2
    assert seen[1].startswith("fff")


def test_ignoring_nothing_sees_everything(tmp_path: Path) -> None:
    (tmp_path / ".nascosto").touch()
    assert [os.path.basename(path) for path, _ in sweep(tmp_path, ())] == [".nascosto"]
