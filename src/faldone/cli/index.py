"""``faldone index rebuild``: the search index anew, from the catalog alone."""

from __future__ import annotations

import argparse

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, err, say, settings_of
from faldone.pipeline.index import rebuild


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")
    words = "rifà l'indice dal catalogo · make the index anew from the catalog"
    made = verbs.add_parser("rebuild", help=words, description=words)
    add_home(made)


def run(args: argparse.Namespace) -> int:
    """Empties the index and writes it again."""
    settings = settings_of(args)
    with open_archive(settings) as ports, err.status("Indice · index"):
        documents = rebuild(ports)
    say(f"{documents} documenti in indice", f"{documents} documents indexed")
    return 0
