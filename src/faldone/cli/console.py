"""How the command line speaks: data on stdout, words for people on stderr, Italian first with English beside."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import re
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from faldone import log
from faldone.domain.names import one_line
from faldone.errors import ConfigError
from faldone.settings import Settings, load

out = Console(highlight=False, soft_wrap=True)
"""Data: may be piped."""

err = Console(stderr=True, highlight=False, soft_wrap=True)
"""Words for the person at the terminal."""

_ACCOUNT = re.compile(r"[A-Za-z0-9._@$+\\-]{1,64}")  # «ENTE\anna» too: accounts of a domain


def say(italian: str, english: str) -> None:
    """Tells the person something."""
    err.print(f"{italian} [dim]· {english}[/dim]", markup=True)


def emit(value: Any) -> None:
    """Prints one JSON object on one line of stdout. Half a surrogate pair (an odd file name) stays escaped."""
    line = json.dumps(value, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        line = json.dumps(value)
    print(line)


def plain(text: str) -> str:
    """A name, or what else others wrote, for one line of the terminal: it steers nothing there, nor our own markup."""
    return escape(one_line(text))


def table(*columns: str) -> Table:
    """A plain table, without frames that a screen reader would spell out."""
    made = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def add_home(parser: argparse.ArgumentParser) -> None:
    """The option that says which archive."""
    parser.add_argument(
        "--home", type=Path, metavar="CARTELLA", help="l'archivio (o FALDONE_HOME) · which archive (or FALDONE_HOME)"
    )


def add_by(parser: argparse.ArgumentParser, words: str) -> None:
    """The option that says who does it; without it the user of the machine."""
    parser.add_argument("--by", type=account, default=getpass.getuser(), metavar="CHI", help=words)


def account(text: str) -> str:
    """The name of an account: it stands in the ledger for ever, so it is no sentence and no name with spaces."""
    if not _ACCOUNT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"«{text}» non è un nome d'utente · is no account: a-z 0-9 . _ @ -")
    return text


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings of the archive that the command line or ``FALDONE_HOME`` names; also sets up the log.

    Raises:
        ConfigError: no archive is named, or its settings are wrong.
    """
    named = args.home or os.environ.get("FALDONE_HOME")
    if not named:
        raise ConfigError(
            "Non è detto quale archivio usare. / No archive is named.",
            hint="--home CARTELLA, oppure / or: export FALDONE_HOME=CARTELLA",
        )
    settings = load(Path(named))
    log.configure(settings.log.level, settings.log.form)
    return settings
