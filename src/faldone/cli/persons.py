"""``faldone persons import``: the register of persons from a CSV file."""

from __future__ import annotations

import argparse
from pathlib import Path

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, say, settings_of
from faldone.errors import NotFoundError, UnreadableFileError
from faldone.pipeline.import_persons import import_persons


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")
    words = "aggiunge e aggiorna le persone da un CSV · add and update persons from a CSV file"
    imports = verbs.add_parser("import", help=words, description=words)
    add_home(imports)
    imports.add_argument("file", type=Path, metavar="FILE.csv")


def run(args: argparse.Namespace) -> int:
    """Imports the file; a line that cannot be used is named and left out."""
    settings = settings_of(args)
    try:
        with args.file.open(encoding="utf-8-sig", newline="") as stream, open_archive(settings) as ports:
            done = import_persons(stream, ports)
    except FileNotFoundError as error:
        raise NotFoundError(f"{args.file} non esiste. / {args.file} does not exist.") from error
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{args.file} non è scritto in UTF-8. / {args.file} is not UTF-8.",
            hint="Salvarlo come «CSV UTF-8». / Save it as “CSV UTF-8”.",
        ) from error
    report = done.report
    say(
        f"Persone: {report.added} aggiunte, {report.changed} cambiate, {report.unchanged} invariate",
        f"persons: {report.added} added, {report.changed} changed, {report.unchanged} unchanged",
    )
    for rejected in done.rejected:
        say(f"  riga {rejected.line}: {rejected.italian}", f"line {rejected.line}: {rejected.english}")
    if done.reconsidered:
        say(
            f"{done.reconsidered} file incerti saranno riesaminati",
            f"{done.reconsidered} unsure files will be looked at again",
        )
    return 0
