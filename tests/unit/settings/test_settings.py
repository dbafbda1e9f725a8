"""Settings: what is known, what is refused, and where a value comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from faldone.domain.inbox import Inbox
from faldone.errors import ConfigError
from faldone.settings import FILE_NAME, load, origins


def test_a_home_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert settings.inboxes == (Inbox(tmp_path / "inbox"),)
    assert settings.search.url is None


def test_the_environment_is_stronger_than_the_file_and_keeps_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / FILE_NAME).write_text("[ocr]\ntimeout_s = 30\nattempts = 5\n")
    monkeypatch.setenv("FALDONE_OCR__TIMEOUT_S", "60")
    settings = load(tmp_path)
    assert (settings.ocr.timeout_s, settings.ocr.attempts) == (60, 5)
    shown = origins(settings)
    assert shown["ocr.timeout_s"] == (60, "FALDONE_OCR__TIMEOUT_S")
    assert shown["ocr.attempts"] == (5, FILE_NAME)
    assert shown["ocr.language"] == ("ita", "default")


@pytest.mark.parametrize("name", ["FALDONE_ORC__TIMEOUT_S", "FALDONE_SERCH__URL"])
def test_a_mistyped_part_in_the_environment_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load(tmp_path, {name: "1"})


def test_a_mistyped_name_in_the_environment_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALDONE_OCR__TIMEUOT_S", "1")
    with pytest.raises(ConfigError, match="timeuot"):
        load(tmp_path)


@pytest.mark.parametrize("text", ["[ocr]\ntimeuot_s = 1\n", "[orc]\n", "ocr = [\n", "[ocr]\nattempts = 0\n"])
def test_a_mistake_in_the_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(ConfigError):
        load(tmp_path, {})


@pytest.mark.parametrize("path", [".", "store", "store/in", "/"])
def test_an_inbox_that_overlaps_the_archive_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / FILE_NAME).write_text(f'[[inbox]]\npath = "{path}"\n')
    with pytest.raises(ConfigError):
        load(tmp_path, {})


@pytest.mark.parametrize("path", ["inbox", "../scansioni", "deep/../in"])
def test_a_home_or_inbox_written_with_dots_is_the_folder_that_is_meant(tmp_path: Path, path: str) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "home" / FILE_NAME).write_text(f'[[inbox]]\npath = "{path}"\n')
    settings = load(tmp_path / "other" / ".." / "home", {})
    assert settings.home == tmp_path / "home"
    (inbox,) = settings.inboxes
    assert inbox.path == (tmp_path / "home" / path).resolve()  # a file below another name for it is refused


def test_secrets_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALDONE_SEARCH__PASSWORD", "segretissima")
    assert "segretissima" not in str(origins(load(tmp_path)))
