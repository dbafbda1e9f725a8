"""What the review command takes, and what it refuses before anything is decided."""

from __future__ import annotations

import argparse

import pytest

from faldone.cli import classify, review
from faldone.cli.console import account


def parsed(module: object, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)  # type: ignore[attr-defined]
    return parser.parse_args(words)


@pytest.mark.parametrize("said", ["ab\ncd", "D'Angelo Anna", "", "🙂", "a" * 65])
def test_what_stands_in_the_ledger_as_who_decided_is_the_name_of_an_account(said: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        account(said)
    assert account("anna.rossi@ente") == "anna.rossi@ente"


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--limit", "0"),
        ("list", "--limit", "-3"),
        ("assign", "d-1", "--date", "9999-01-01"),
        ("assign", "d-1", "--born", "1980-02-30", "--new-person", "ROSSI, ANNA"),
        ("accept", "d-1", "--by", "ab\ncd"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_archive_is_opened(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        parsed(review, *words)


def test_a_wanted_error_is_a_share(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(classify, "evaluate", "--error", "7")
    assert "quota" in capsys.readouterr().err
    assert parsed(classify, "evaluate", "--error", "0.005").error == 0.005
