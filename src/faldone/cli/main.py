"""``faldone``: one verb a file of this folder."""

from __future__ import annotations

import argparse
import atexit
import gc
import importlib
import os
import signal
import sqlite3
import sys
import warnings
from collections.abc import Sequence
from types import ModuleType

from faldone import __version__
from faldone.cli.console import err, plain
from faldone.domain.names import shown
from faldone.errors import FaldoneError, IntegrityError, NotFoundError

_EX_SOFTWARE = 70

COMMANDS = {
    "init": "prepara un archivio nuovo · make a new archive",
    "run": "sorveglia, legge, archivia, serve le pagine web · watch, read, file and serve, in one process",
    "watch": "solo la sorveglianza delle cartelle · watch the inboxes only",
    "worker": "solo la lettura e l'archiviazione · read and file only",
    "web": "solo le pagine web · the web app only",
    "users": "chi può entrare, e che cosa vede · who may enter, and what they see",
    "ingest": "prende file o cartelle · take in files or folders",
    "batch": "lotti: aperti, contati, chiusi · batches: opened, counted, closed",
    "sheets": "copertine e separatori da stampare · covers and separators to print",
    "status": "a che punto è ogni file, e perché · how far each file is, and why",
    "quarantine": "quel che è fermo, e come riprovarlo · what is stopped, and how to try again",
    "ocr": "rileggere pagine già lette, tenendo il meglio · read pages again, keeping what is better",
    "review": "quel che aspetta una persona: confermare, correggere, dividere · what waits for a person",
    "search": "cerca documenti · find documents",
    "show": "mostra un documento con le sue prove · show a document with its proofs",
    "page": "come è stata letta una pagina · how a page was read",
    "pdf": "un documento come PDF/A ricercabile · a document as a searchable PDF/A",
    "trail": "la storia di un documento · the history of a document",
    "verify": "controlla che nulla sia cambiato · check that nothing was altered",
    "classify": "quanto è giusta l'archiviazione, e come impara · how right the filing is, and how it learns",
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
    os.umask(0o077)  # what is written about people is for the account that writes it
    warnings.filterwarnings("ignore", module=r"PIL\.")  # damaged files are told in our words, by name
    signal.signal(signal.SIGIO, signal.SIG_IGN)  # see ingest.seal: a broken lease must not end the process
    given = sys.argv[1:] if arguments is None else arguments
    if not given:
        parser().print_help()
        return 0
    known, rest = parser().parse_known_args(given)
    # A module is loaded when its command is the one typed: a search does not wait for the imports of the OCR.
    module = _imported(known.command)
    verb = argparse.ArgumentParser(prog=f"faldone {known.command}", description=COMMANDS[known.command])
    module.add_arguments(verb)
    args = verb.parse_args(rest)
    try:
        return int(module.run(args))
    except FaldoneError as error:
        err.print(f"[bold red]faldone {known.command}:[/bold red] {plain(error.message)}")
        if error.hint:
            err.print(f"  → {plain(error.hint)}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output closed it («| head»): no more is wanted, and nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the outermost edge of the command line
        return _unforeseen(error, given)


def _imported(command: str) -> ModuleType:
    """The module of a command. Garbage is not looked for meanwhile: there is none, and it took a fifth of the time.

    Nor is it among what was imported, later: that stays, and each look at all of it took a tenth of a second.
    """
    gc.disable()
    try:
        return importlib.import_module(f"faldone.cli.{command}")
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
            atexit.register(gc.unfreeze)  # libraries clear themselves away at the end
        gc.enable()


def _unforeseen(error: Exception, given: Sequence[str]) -> int:
    """One sentence instead of a traceback, which may quote names; ``FALDONE_DEBUG=1`` shows the traceback."""
    if os.environ.get("FALDONE_DEBUG"):
        raise error
    if isinstance(getattr(error, "orig", error), sqlite3.DatabaseError):
        err.print(
            "[bold red]Il catalogo è danneggiato o non è un catalogo: rimettere la copia di sicurezza.[/bold red] "
            "/ The catalog is damaged or is no catalog: put the backup back."
        )
        return IntegrityError.exit_code
    if isinstance(error, OSError) and error.filename is not None:
        err.print(
            f"[bold red]{plain(str(error.filename))}: non si può usare ({plain(error.strerror or '')}).[/bold red] "
            "/ It cannot be used."
        )
        return NotFoundError.exit_code
    if isinstance(error, UnicodeEncodeError) and any(shown(word) != word for word in given):
        err.print(
            "[bold red]Quel che è scritto sulla riga di comando ha byte che non sono testo: scriverlo come lo mostra "
            "faldone, per esempio «caff\\xe8.pdf».[/bold red] / The command line has bytes that are no text: type "
            "the name as faldone shows it."
        )
        return NotFoundError.exit_code
    what = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    err.print(
        f"[bold red]Errore imprevisto: {plain(what)}.[/bold red] / Unforeseen error. "
        "(FALDONE_DEBUG=1 dice dove · says where)"
    )
    return _EX_SOFTWARE


if __name__ == "__main__":
    sys.exit(main())
