"""``faldone ingest``: takes in files that do not come through an inbox; the originals stay where they are."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from rich.progress import track

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, err, say, settings_of
from faldone.cli.working import running, until_at_rest
from faldone.domain.inbox import Inbox, Originals
from faldone.errors import ConfigError, HomeBusyError, NotFoundError
from faldone.ingest.sweep import sweep
from faldone.pipeline.intake.take_in import Arrival, take_in
from faldone.pipeline.ports import Ports
from faldone.settings import Settings
from faldone.workers.service import Service

_ARRIVALS = {
    Arrival.TAKEN: ("presi in carico", "taken in"),
    Arrival.DUPLICATE: ("identici a file arrivati prima", "identical to files that came before"),
    Arrival.KNOWN: ("già presi in carico", "taken in before"),
    Arrival.REFUSED: ("rifiutati (si veda «faldone status»)", "refused (see “faldone status”)"),
    Arrival.GONE: ("spariti nel frattempo", "gone meanwhile"),
    Arrival.GROWING: ("ancora in scrittura, da riprovare", "still being written, to be tried again"),
    Arrival.NO_SPACE: ("senza spazio su disco, da riprovare", "without disk space, to be tried again"),
    Arrival.FAILED: ("non leggibili per ora, da riprovare", "not to be read for now, to be tried again"),
}

_TOGETHER = 16
"""Files in one transaction: enough to be quick, few enough for a bar that moves."""


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
        _refuse_own(path.resolve(), settings)
    with open_archive(settings) as ports:
        # Given by hand: they are whole, and they are not ours to move.
        given = replace(ports, options=replace(ports.options, originals=Originals.STAY, patience_s=0.0))
        groups = list(_groups(args.paths, settings.intake.ignore))
        if args.wait:
            with _reading(settings, ports) as service:  # from the first file on, while the others are taken in
                _take_in(groups, given, service.arrived if service is not None else lambda: None)
                until_at_rest(ports, service)
        else:
            _take_in(groups, given, lambda: None)
            say("Saranno letti da «faldone run»", "“faldone run” will read them")
    return 0


def _take_in(groups: Sequence[tuple[Path, list[Path]]], ports: Ports, arrived: Callable[[], None]) -> None:
    outcomes: Counter[Arrival] = Counter()
    for root, files in track(groups, "File · files", console=err, transient=True):
        outcomes.update(take_in(files, Inbox(root), ports))
        arrived()
    for arrival, number in outcomes.items():
        say(f"{number} {_ARRIVALS[arrival][0]}", _ARRIVALS[arrival][1])


def _refuse_own(path: Path, settings: Settings) -> None:
    """What the archive itself writes is not to be taken in as what has arrived."""
    home = settings.home.resolve()
    own = [home / name for name in ("store", "index", "work")] + [settings.inside(settings.intake.done).resolve()]
    inside = any(path.is_relative_to(folder) for folder in own) or (path.parent == home and path.is_file())
    if inside or home.is_relative_to(path):
        raise ConfigError(
            f"{path} fa parte dell'archivio o lo contiene. / {path} is part of the archive or holds it.",
            hint="Indicare la cartella delle scansioni. / Name the folder of the scans.",
        )


def _groups(paths: Sequence[Path], ignore: Sequence[str]) -> Iterator[tuple[Path, list[Path]]]:
    """Files in groups, each with the folder that their names on record are relative to."""
    for path in (given.absolute() for given in paths):
        if path.is_dir() and not path.is_symlink():
            files = [Path(found) for found, _ in sweep(path, ignore)]
            for start in range(0, len(files), _TOGETHER):
                yield path, files[start : start + _TOGETHER]
        else:
            yield path.parent, [path]


@contextmanager
def _reading(settings: Settings, ports: Ports) -> Iterator[Service | None]:
    """The service for as long as the block lasts; ``None`` where another process runs this home and does the work."""
    with ExitStack() as stack:
        try:
            service = stack.enter_context(running(settings, ports, watch=False))
        except HomeBusyError:
            service = None
        yield service
