"""The command line of accounts: whom it makes, what it shows, and the links that it prints once."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from faldone.cli import users
from faldone.domain.access import Sensitivity
from faldone.domain.account import Ability, AccountRole
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.accounts.accounts import invitation, put_proof
from tests.twins import Archive

URL = "https://archivio.example"

Do = Callable[..., str]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    yield made
    made.close()


@pytest.fixture
def do(archive: Archive, capsys: pytest.CaptureFixture[str]) -> Do:
    """Runs a verb; gives what it printed on stdout."""

    def run(*words: str) -> str:
        args = parsed(*words)
        args.action(args, archive.ports, URL)
        return capsys.readouterr().out

    return run


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    users.add_arguments(parser)
    return parser.parse_args(words)


def add(do: Do, *more: str) -> str:
    return do("add", "Anna", "--full-name", "Anna Prova", "--role", "operatore", "--by", "prova", *more)


def test_an_account_that_is_added_has_the_rights_that_were_said_and_a_link(do: Do, archive: Archive) -> None:
    rights = ("--services", "SAD, ADM", "--comuni", "Crema", "--sensitivity", "giudiziari", "--until", "2030-12-31")
    printed = add(do, *rights, "--also", "review")
    account = archive.catalog.account("anna")
    assert account.role is AccountRole.OPERATOR
    assert account.rights.services == frozenset({"SAD", "ADM"})
    assert account.rights.comuni == frozenset({"crema"})
    assert account.rights.sensitivity is Sensitivity.GIUDIZIARI
    assert account.also == frozenset({Ability.REVIEW})
    secret = printed.strip().removeprefix(f"{URL}/invito/")
    assert invitation(secret, archive.ports).account == "anna"


@pytest.mark.parametrize("typed", [("--comuni", "Cremaa"), ("--services", "SDA")])
def test_an_unknown_name_makes_no_account(do: Do, archive: Archive, typed: tuple[str, str]) -> None:
    with pytest.raises(UndecidableError, match="forse"):
        add(do, *typed)
    assert not archive.catalog.accounts()


def test_without_a_word_on_services_nothing_is_seen(do: Do, archive: Archive) -> None:
    add(do)
    assert archive.catalog.account("anna").rights.services == frozenset()


def test_who_adds_somebody_before_the_first_administrator_is_told_how_to_have_one(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--full-name", "Prova", "--by", "prova")
    for name, role in (("anna", "operatore"), ("capo", "amministratore"), ("ugo", "operatore")):
        args = parsed("add", name, "--role", role, *words)
        args.action(args, archive.ports, URL)
        told = "--role amministratore" in " ".join(capsys.readouterr().err.split())
        assert told == (name == "anna")


@pytest.mark.parametrize("ability", ["accounts", "audit"])
def test_an_ability_that_no_administrator_can_give_is_refused(ability: str) -> None:
    with pytest.raises(SystemExit):
        parsed("add", "anna", "--full-name", "Anna", "--role", "operatore", "--also", ability)


def test_everything_is_said_in_a_word(do: Do, archive: Archive) -> None:
    add(do, "--services", "tutti")
    assert archive.catalog.account("anna").rights.services is None


def test_accounts_are_listed_suspended_and_enabled(do: Do) -> None:
    add(do)
    do("disable", "ANNA", "--by", "prova")
    assert json.loads(do("list", "--json"))["disabled"] is True
    do("enable", "anna", "--by", "prova")
    shown = json.loads(do("show", "anna", "--json"))
    assert (shown["disabled"], shown["password"]) == (False, False)
    assert "Anna Prova" in do("list") + do("show", "anna")


def test_the_first_link_is_printed_while_nobody_has_an_account(do: Do, archive: Archive) -> None:
    printed = do("invite", "--by", "prova")
    assert invitation(printed.strip().removeprefix(f"{URL}/invito/"), archive.ports).account == ""
    add(do)
    with pytest.raises(UndecidableError):
        do("invite", "--by", "prova")
    with pytest.raises(NotFoundError):
        do("invite", "bruno", "--by", "prova")
    assert do("invite", "anna", "--by", "prova").startswith(f"{URL}/invito/")


@pytest.mark.parametrize(
    "more",
    [("--role", "padrone"), ("--until", "domani"), ("--sensitivity", "alta"), ("--also", "tutto")],
)
def test_what_makes_no_sense_is_refused_before_the_archive_is_opened(more: tuple[str, str]) -> None:
    with pytest.raises(SystemExit):
        parsed("add", "anna", "--full-name", "Anna Prova", "--role", "operatore", *more)


def test_a_second_factor_that_was_lost_is_removed_at_the_machine(do: Do, archive: Archive) -> None:
    add(do)
    with archive.catalog.begin() as work:
        known = replace(archive.catalog.credentials("anna"), totp="gcm1:x")
        put_proof("anna", known, "second-factor-set", archive.clock(), "user:anna", work)
    do("drop-factor", "ANNA", "--by", "prova")
    assert archive.catalog.credentials("anna").totp is None
    assert archive.catalog.events(["anna"])[-1].record.agent == "user:prova"
    with pytest.raises(NotFoundError):
        do("drop-factor", "nessuno", "--by", "prova")
