"""Settings: what is known, what is refused, and where a value comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from faldone.bootstrap import check
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[intake]\nquiet_s = 0\n", "intake.quiet_s: deve essere maggiore di 0"),
        ('[intake]\nquiet_s = "x"\n', "intake.quiet_s: deve essere un numero"),
        ('[intake]\noriginals = "x"\n', "intake.originals: deve essere 'move', 'stay' o 'delete'"),
        ('[intake]\nignore = "*"\n', "intake.ignore: deve essere un elenco"),
        ('[ocr]\nengine = "x"\n', "ocr.engine: deve essere 'tesserocr' o 'pytesseract'"),
        ("[ocr]\nfoo = 1\n", "ocr.foo: non è un'impostazione di faldone"),
        ("ocr = 3\n", "ocr: deve essere una tabella"),
        ("[web]\nport = 70000\n", "web.port: deve essere minore di 65536"),
        ("[web]\nport = 1.5\n", "web.port: deve essere un numero intero"),
        ("[web]\nthreads = 1\n", "web.threads: deve essere almeno 2"),
        ("[review]\nrecheck_one_in = 9999999\n", "review.recheck_one_in: può essere al massimo 1000000"),
        ("[filing]\nholder = 2\n", "filing.holder: può essere al massimo 1"),
        ('[[inbox]]\npolling = "boh"\n', "inbox.0.polling: deve essere true o false"),
        ("[[inbox]]\npath = 3\n", "inbox.0.path: deve essere un percorso"),
        ("[[inbox]]\nservice = 3\n", "inbox.0.service: deve essere un testo"),
        ('[search]\nindex = "A B"\n', "search.index: ha una forma che non va"),
        ('[intake]\ndone = "store"\n', "intake.done: gli originali non possono andare"),
        ('[intake]\ndone = "work/done"\n', "intake.done: gli originali non possono andare"),
        ('[intake]\nignore = ["*.tmp", "*"]\n', "intake.ignore: «*» passa sopra a ogni scansione"),
        ('[intake]\nignore = ["*.*"]\n', "intake.ignore: «*.*» passa sopra a ogni scansione"),
    ],
)
def test_what_is_wrong_is_said_in_italian_before_english(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, {})
    italian, _, english = refused.value.message.partition(" / ")
    assert said in italian
    assert "Input should" not in italian
    assert english


def test_a_check_also_looks_at_what_the_settings_name(tmp_path: Path) -> None:
    odd = '[[inbox]]\ncomune = "Altrove"\n[[inbox]]\npath = "in2"\ncomune = "crema"\n'
    (tmp_path / FILE_NAME).write_text(odd + '[district]\nsub_ambiti.Crema = ["Crema"]\n')
    (told,) = check(load(tmp_path, {}))
    assert "«Altrove»" in told[0]
    (tmp_path / FILE_NAME).write_text("inbox = []\n")
    (told,) = check(load(tmp_path, {}))
    assert "nessuna cartella di arrivo" in told[0]
    for wrong in (
        '[[inbox]]\nservice = "NOPE"\n',
        '[limits]\npdf_passwords = "manca.txt"\n',
        '[filing]\nstaff = "x"\n',
    ):
        (tmp_path / FILE_NAME).write_text(wrong)
        with pytest.raises(ConfigError):
            check(load(tmp_path, {}))
    (tmp_path / FILE_NAME).write_text("")
    assert check(load(tmp_path, {})) == ()
