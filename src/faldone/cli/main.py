"""``faldone``: one verb a file of this folder."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from rich.markup import escape

from faldone import __version__
from faldone.cli.console import err
from faldone.errors import FaldoneError

COMMANDS = {
    "init": "prepara un archivio nuovo · make a new archive",
    "run": "sorveglia, legge, archivia (tutto in un processo) · watch, read and file, in one process",
    "watch": "solo la sorveglianza delle cartelle · watch the inboxes only",
    "worker": "solo la lettura e l'archiviazione · read and file only",
    "ingest": "prende file o cartelle · take in files or folders",
    "status": "a che punto è ogni file, e perché · how far each file is, and why",
    "search": "cerca documenti · find documents",
    "show": "mostra un documento con le sue prove · show a document with its proofs",
    "trail": "la storia di un documento · the history of a document",
    "verify": "controlla che nulla sia cambiato · check that nothing was altered",
    "persons": "l'anagrafe delle persone · the register of persons",
    "services": "i servizi e i loro codici · the services and their codes",
    "export": "esporta i risultati · export results",
    "index": "l'indice di ricerca · the search index",
    "demo": "una scatola di scansioni finte, dall'inizio alla fine · a box of made-up scans, end to end",
    "doctor": "controlla che ci sia tutto · check that everything is there",
    "config": "le impostazioni · the settings",
}
"""The commands in the order of the help, each in ``faldone.cli.<name>``."""


def parser() -> argparse.ArgumentParser:
    """The first word of the command line; each command adds the rest of its own."""
    top = argparse.ArgumentParser(
        prog="faldone",
        description="Fascicoli di carta che si trovano in pochi secondi · paper dossiers, found in seconds",
    )
    top.add_argument("--version", action="version", version=f"faldone {__version__}")
    verbs = top.add_subparsers(dest="command", required=True, metavar="COMANDO")
    for name, words in COMMANDS.items():
        verbs.add_parser(name, help=words, description=words, add_help=False)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; the exit code is 0 or that of the error (docs/reference/commands.md)."""
    known, rest = parser().parse_known_args(arguments)
    # A module is loaded when its command is the one typed: a search does not wait for the imports of the OCR.
    module = importlib.import_module(f"faldone.cli.{known.command}")
    verb = argparse.ArgumentParser(prog=f"faldone {known.command}", description=COMMANDS[known.command])
    module.add_arguments(verb)
    args = verb.parse_args(rest)
    try:
        return int(module.run(args))
    except FaldoneError as error:
        err.print(f"[bold red]faldone {known.command}:[/bold red] {escape(error.message)}")
        if error.hint:
            err.print(f"  → {escape(error.hint)}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output closed it («| head»): no more is wanted, and nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
