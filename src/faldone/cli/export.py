"""``faldone export results``: what the archive made of every file, one JSON object a line."""

from __future__ import annotations

import argparse

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, emit, settings_of
from faldone.pipeline.results import results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COSA")
    words = "che cosa è stato letto e deciso di ogni file · what was read and decided of every file"
    made = verbs.add_parser("results", help=words, description=words)
    add_home(made)
    made.add_argument("--json", action="store_true", help="un oggetto JSON per file (così sempre) · always so")


def run(args: argparse.Namespace) -> int:
    """Prints one line a source file (docs/reference/results.md)."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        for line in results(ports.catalog):
            emit(line)
    return 0
