"""``faldone config``: are the settings right, and where does each come from?"""

from __future__ import annotations

import argparse

from faldone.bootstrap import check
from faldone.cli.console import add_home, out, plain, say, settings_of, table
from faldone.settings import origins


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")
    for verb, words in (
        ("check", "controlla le impostazioni · check the settings"),
        ("show", "ogni impostazione e da dove viene · every setting and where it comes from"),
    ):
        add_home(verbs.add_parser(verb, help=words, description=words))


def run(args: argparse.Namespace) -> int:
    """Loading the settings is most of the check; ``show`` prints them."""
    settings = settings_of(args)
    if args.verb == "check":
        odd = check(settings)
        for italian, english in odd:
            say(f"[bold]Attenzione:[/bold] {plain(italian)}", plain(english))
        say("Impostazioni valide", "the settings are valid")
        return 0
    rows = table("impostazione · setting", "valore · value", "da · from")
    for name, (value, origin) in origins(settings).items():
        rows.add_row(name, plain(str(value)), plain(origin))
    out.print(rows)
    return 0
