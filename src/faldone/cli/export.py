"""``faldone export``: what the archive made of every file, or the list of what a search finds."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict

from faldone.bootstrap import open_archive
from faldone.cli.asking import access_of, add_query, query_of
from faldone.cli.console import add_home, emit, settings_of
from faldone.pipeline.filing.results import results
from faldone.pipeline.search.result_list import Row, note_export, result_list, write_csv


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COSA")
    words = "che cosa è stato letto e deciso di ogni file · what was read and decided of every file"
    made = verbs.add_parser("results", help=words, description=words)
    add_home(made)
    made.add_argument("--json", action="store_true", help="un oggetto JSON per file (così sempre) · always so")
    words = "tutti i documenti che una ricerca trova · all documents that a search finds"
    listed = verbs.add_parser("search", help=words, description=words)
    add_home(listed)
    add_query(listed)
    listed.add_argument("--json", action="store_true", help="un oggetto JSON per riga, non CSV · JSON lines, not CSV")


def run(args: argparse.Namespace) -> int:
    """Prints one line a source file (docs/reference/results.md), or one a document."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        if args.verb == "results":
            for line in results(ports.catalog):
                emit(line)
            return 0
        rows = result_list(query_of(args, ports), access_of(args), ports)
        written = _emit(rows) if args.json else write_csv(rows, sys.stdout)
        note_export(written, "json" if args.json else "csv", args.by, ports)
    return 0


def _emit(rows: Iterator[Row]) -> int:
    written = 0
    for row in rows:
        emit(asdict(row) | {"date": row.date.isoformat() if row.date else None})
        written += 1
    return written
