"""``faldone services list``: the services that documents are filed under."""

from __future__ import annotations

import argparse

from faldone.classify.lexicon import default_lexicon
from faldone.cli.console import emit, out, table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")
    words = "i servizi e i loro codici · the services and their codes"
    lists = verbs.add_parser("list", help=words, description=words)
    lists.add_argument("--json", action="store_true", help="un oggetto JSON per servizio · one JSON object a service")


def run(args: argparse.Namespace) -> int:
    """Prints code and name of each service."""
    lexicon = default_lexicon()
    if args.json:
        for service in lexicon.services.values():
            emit({"code": service.code, "name": service.name})
        return 0
    rows = table("codice · code", "servizio · service")
    for service in lexicon.services.values():
        rows.add_row(service.code, service.name)
    out.print(rows)
    return 0
