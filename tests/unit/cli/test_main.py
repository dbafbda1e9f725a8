"""The command line's manners."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faldone.bootstrap import open_archive
from faldone.cli.main import COMMANDS, main
from faldone.domain.events import AGENT, EventType
from faldone.settings import load


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert command in capsys.readouterr().out


def test_without_a_home_the_person_is_told_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 78
    assert "FALDONE_HOME" in capsys.readouterr().err


def test_a_home_without_an_archive_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--home", str(home)]) == 78
    assert "faldone init" in capsys.readouterr().err
    assert not home.exists()


def test_init_twice_changes_nothing(home: Path) -> None:
    assert main(["init", "--home", str(home)]) == 0
    (home / "faldone.toml").write_text("# mio\n")
    assert main(["init", "--home", str(home)]) == 0
    assert (home / "faldone.toml").read_text() == "# mio\n"


def test_an_empty_archive_answers_everything(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "--home", str(home)])
    capsys.readouterr()
    for command in (
        ["status", "--json"],
        ["search", "rossi", "--json"],
        ["export", "results", "--json"],
        ["verify", "--json"],
    ):
        assert main([*command, "--home", str(home)]) == 0, command
        for line in capsys.readouterr().out.splitlines():
            json.loads(line)


@pytest.mark.parametrize(
    "wrong",
    [[], [""], ["*"], ["rossi", "--limit", "0"], ["rossi", "--from", "2020-01-01", "--to", "2019-01-01"], ['"rossi']],
)
def test_a_search_that_makes_no_sense_is_told(home: Path, wrong: list[str]) -> None:
    main(["init", "--home", str(home)])
    assert main(["search", *wrong, "--home", str(home)]) == 64


def test_a_search_may_have_no_words_but_a_person(home: Path) -> None:
    main(["init", "--home", str(home)])
    assert main(["search", "--person", "rossi", "--home", str(home)]) == 0


@pytest.mark.parametrize("command", [["run"], ["ingest", "/tmp"], ["status"], ["search", "x"], ["verify"]])
def test_only_init_makes_an_archive(home: Path, command: list[str]) -> None:
    assert main([*command, "--home", str(home)]) == 78
    assert not home.exists()


def test_a_home_whose_catalog_was_lost_is_not_made_anew(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "--home", str(home)])
    (home / "store/sha256/ab").mkdir(parents=True)
    (home / "store/sha256/ab" / ("ab" * 32)).write_bytes(b"carta")
    (home / "catalog.sqlite").unlink()
    for command in (["init"], ["run"], ["verify"]):
        assert main([*command, "--home", str(home)]) == 78
        assert "copia di sicurezza" in capsys.readouterr().err


def test_an_inbox_that_is_not_there_is_missed_and_not_made(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["init", "--home", str(home)])
    (home / "faldone.toml").write_text(f'[[inbox]]\npath = "{tmp_path / "share"}"\n')
    main(["status", "--home", str(home)])
    told = capsys.readouterr().out
    assert "non si raggiunge" in told
    assert not (tmp_path / "share").exists()


@pytest.mark.parametrize("given", [".", "..", "work", "faldone.toml", "done"])
def test_what_the_archive_writes_is_not_taken_in(home: Path, given: str) -> None:
    main(["init", "--home", str(home)])
    assert main(["ingest", str(home / given), "--home", str(home)]) == 78


@pytest.mark.parametrize("paths", [("inbox", "inbox/sotto"), ("inbox", "inbox")])
def test_inboxes_may_not_overlap(home: Path, paths: tuple[str, str]) -> None:
    main(["init", "--home", str(home)])
    (home / "faldone.toml").write_text("".join(f'[[inbox]]\npath = "{path}"\n' for path in paths))
    assert main(["status", "--home", str(home)]) == 78


def test_a_damaged_catalog_is_told_in_a_sentence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "--home", str(home)])
    (home / "catalog.sqlite").write_bytes(b"non e' un catalogo" * 1000)
    for extra in ("-wal", "-shm"):
        (home / f"catalog.sqlite{extra}").unlink(missing_ok=True)
    assert main(["verify", "--home", str(home)]) == 76
    told = capsys.readouterr().err
    assert "danneggiato" in told
    assert "Traceback" not in told


def test_an_unknown_code_is_told_and_does_not_read_as_nothing_found(home: Path) -> None:
    main(["init", "--home", str(home)])
    assert main(["search", "rossi", "--service", "XXX", "--home", str(home)]) == 64
    assert main(["search", "rossi", "--service", "TUM", "--home", str(home)]) == 0


def test_what_is_written_is_for_the_account_alone(home: Path) -> None:
    main(["init", "--home", str(home)])
    assert home.stat().st_mode & 0o077 == 0
    assert (home / "catalog.sqlite").stat().st_mode & 0o077 == 0


def test_an_unknown_document_is_an_error_with_a_hint(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "--home", str(home)])
    assert main(["trail", "d-nessuno", "--home", str(home)]) == 66
    assert "faldone search" in capsys.readouterr().err


def test_persons_are_imported_with_a_report_of_what_was_left_out(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "persone.csv"
    file.write_text(
        "codice_fiscale;cognome;nome;data_nascita;telefono\n"
        "RSSMRA85T10A562S;Rossi;Mario;10/12/1985;123\n"
        "RSSMRA85T10A562X;Rossi;Mario;1985-12-10;\n"
        ";De Luca;Anna;1950-02-31;\n"
        ";D'Angelo;Nicolò;;\n",
        encoding="utf-8-sig",
    )
    main(["init", "--home", str(home)])
    assert main(["persons", "import", str(file), "--home", str(home)]) == 0
    told = capsys.readouterr().err
    assert "2 aggiunte" in told
    assert "riga 3" in told
    assert "riga 4" in told
    assert main(["persons", "import", str(file), "--home", str(home)]) == 0
    assert "0 aggiunte, 0 cambiate, 2 invariate" in capsys.readouterr().err


def test_a_file_that_is_no_register_is_refused(home: Path, tmp_path: Path) -> None:
    main(["init", "--home", str(home)])
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    assert main(["persons", "import", str(tmp_path / "x.csv"), "--home", str(home)]) == 65
    (tmp_path / "foglio.csv").write_bytes(b"PK\x03\x04" + bytes(40))
    assert main(["persons", "import", str(tmp_path / "foglio.csv"), "--home", str(home)]) == 65


def test_half_of_the_service_without_a_shared_broker_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker", "--home", str(home)]) == 78
    assert "FALDONE_BROKER__URL" in capsys.readouterr().err


def test_config_show_names_every_setting(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "--home", str(home)])
    assert main(["config", "show", "--home", str(home)]) == 0
    assert "ocr.timeout_s" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (["campaign", "--where", "motore < 5.3 o confidenza < 0,6"], 0),
        (["campaign", "--where", "confidence <"], 64),
        (["campaign", "--where", "lotto = mai-visto"], 66),
        (["campaigns", "--json"], 0),
        (["show", "c-nessuna"], 66),
    ],
)
def test_re_reading_an_empty_archive(
    home: Path, typed: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["init", "--home", str(home)])
    capsys.readouterr()
    assert main(["ocr", *typed, "--home", str(home)]) == code
    assert capsys.readouterr().out == ""


def test_what_a_verification_found_is_on_record(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", "--home", str(home)])
    for option in ([], ["--quick"]):
        assert main(["verify", *option, "--home", str(home)]) == 0
    with open_archive(load(home)) as ports:
        entries = ports.catalog.last_events(EventType.ARCHIVE_VERIFIED, 9)
    told = [json.loads(entry.record.detail) for entry in entries]
    assert [(one["findings"], one["quick"], one["entries"]) for one in told] == [(0, True, 2), (0, False, 1)]
    assert {(entry.record.agent, entry.record.outcome) for entry in entries} == {(AGENT, "success")}


def test_config_check_says_what_cannot_hold_and_what_is_odd(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.mkdir(parents=True)
    (home / "faldone.toml").write_text("inbox = []\n")
    assert main(["config", "check", "--home", str(home)]) == 0
    assert "Attenzione: nessuna cartella di arrivo" in capsys.readouterr().err
    (home / "faldone.toml").write_text('[limits]\npdf_passwords = "manca.txt"\n')
    assert main(["config", "check", "--home", str(home)]) == 78


def test_bytes_on_the_command_line_that_are_no_text_are_told_and_no_fault_of_ours(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["init", "--home", str(home)])
    capsys.readouterr()
    assert main(["batch", "show", "lotto\udce8", "--home", str(home)]) == 66
    assert r"Nessun lotto «lotto\xe8»" in capsys.readouterr().err
    assert main(["search", "--saved", "ricerca\udce8", "--home", str(home)]) != 0
    assert "imprevisto" not in capsys.readouterr().err


def test_more_sheets_than_a_ream_are_refused_before_they_are_on_record(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["init", "--home", str(home)])
    target = tmp_path / "separatori.pdf"
    assert main(["sheets", "--separators", "100000", "--out", str(target), "--home", str(home)]) == 78
    assert "al massimo 500 fogli alla volta, non 100000" in capsys.readouterr().err
    assert list(target.parent.glob("*separatori*")) == []
    with open_archive(load(home)) as ports:
        assert ports.catalog.sheets() == ()
