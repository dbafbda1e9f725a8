"""``faldone ingest``: takes in files that do not come through an inbox; the originals stay where they are."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.progress import track

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, err, say, settings_of
from faldone.cli.working import running, until_at_rest
from faldone.errors import HomeBusyError, NotFoundError
from faldone.ingest.sweep import sweep
from faldone.pipeline.ports import Ports
from faldone.pipeline.take_in import Arrival, take_in
from faldone.settings import Settings

_ARRIVALS = {
    Arrival.TAKEN: ("presi in carico", "taken in"),
    Arrival.DUPLICATE: ("già in archivio, identici", "in the archive already, identical"),
    Arrival.KNOWN: ("già presi in carico", "taken in before"),
    Arrival.REFUSED: ("rifiutati (si veda «faldone status»)", "refused (see “faldone status”)"),
    Arrival.GONE: ("spariti nel frattempo", "gone meanwhile"),
    Arrival.GROWING: ("ancora in scrittura, da riprovare", "still being written, to be tried again"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PERCORSO", help="file o cartelle · files or folders")
    parser.add_argument(
        "--wait", action="store_true", help="aspetta che tutto sia archiviato · wait until everything is filed"
    )


def run(args: argparse.Namespace) -> int:
    """Seals the files at once; reading them is the work of ``faldone run``, or of this command with ``--wait``."""
    settings = settings_of(args)
    for path in args.paths:
        if not os.path.lexists(path):
            raise NotFoundError(f"{path} non esiste. / {path} does not exist.")
    with open_archive(settings) as ports:
        files = list(_files(args.paths, settings.intake.ignore))
        outcomes = Counter(
            take_in(path, root, ports, release=False)
            for path, root in track(files, "File · files", console=err, transient=True)
        )
        for arrival, number in outcomes.items():
            say(f"{number} {_ARRIVALS[arrival][0]}", _ARRIVALS[arrival][1])
        if args.wait:
            _finish(settings, ports)
        else:
            say("Saranno letti da «faldone run»", "“faldone run” will read them")
    return 0


def _files(paths: Sequence[Path], ignore: Sequence[str]) -> Iterator[tuple[Path, Path]]:
    """Each file with the folder that its name on record is relative to."""
    for path in (given.absolute() for given in paths):
        if path.is_dir() and not path.is_symlink():
            yield from ((found, path) for found, _ in sweep(path, ignore))
        else:
            yield path, path.parent


def _finish(settings: Settings, ports: Ports) -> None:
    try:
        with running(settings, ports, watch=False) as service:
            until_at_rest(ports, service)
    except HomeBusyError:
        until_at_rest(ports, None)  # the process that runs this home does the work
