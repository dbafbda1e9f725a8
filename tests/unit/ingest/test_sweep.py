"""The full look at an inbox."""

from __future__ import annotations

import os
from pathlib import Path

from faldone.ingest.sweep import sweep
from faldone.settings import IntakeSettings

IGNORE = IntakeSettings().ignore


def names(inbox: Path) -> list[str]:
    return [str(path.relative_to(inbox)) for path, _ in sweep(inbox, IGNORE)]


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


def test_an_inbox_that_went_away_is_empty_for_now(tmp_path: Path) -> None:
    assert list(sweep(tmp_path / "share", IGNORE)) == []
