"""``faldone doctor``: is everything there that the archive needs, and what to do about what is not?"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from faldone.bootstrap import open_archive, probe_engine
from faldone.cli.console import add_home, out, plain, settings_of
from faldone.errors import DependencyError, FaldoneError
from faldone.ingest.office import converter
from faldone.settings import Settings
from faldone.workers.broker import demand_answer

_LEAST_FREE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. ``hint`` is what to type or do when it is not well."""

    name: str
    well: bool
    found: str
    hint: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)


def run(args: argparse.Namespace) -> int:
    """Looks at everything, then tells; exit code 69 when something is missing."""
    settings = settings_of(args)
    checks = list(_checks(settings))
    for check in checks:
        mark = "[green]✓[/green]" if check.well else "[bold red]✗[/bold red]"
        out.print(f"{mark} {check.name}: {plain(check.found)}")
        if not check.well and check.hint:
            out.print(f"    → {plain(check.hint)}")
    return 0 if all(check.well for check in checks) else DependencyError.exit_code


def _checks(settings: Settings) -> Iterator[Check]:
    yield _tried("lettura · recognition (Tesseract)", lambda: _tesseract(settings))
    yield _disk(settings)
    for inbox in (inbox.path for inbox in settings.inboxes):
        there = inbox.is_dir() and os.access(inbox, os.R_OK | os.W_OK | os.X_OK)
        yield Check(
            "cartella di arrivo · inbox",
            there,
            str(inbox),
            "Crearla o darne i permessi di lettura e scrittura. / Create it or grant read and write.",
        )
    yield _office()
    yield _tried("archivio e indice · archive and index", lambda: _archive(settings))
    yield _tried("coda · broker", lambda: _broker(settings))


def _tried(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except FaldoneError as error:
        return Check(name, False, error.message, error.hint)


def _tesseract(settings: Settings) -> str:
    stamp = probe_engine(settings)
    return f"{stamp.name} {stamp.version}, {settings.ocr.language}"


def _office() -> Check:
    """LibreOffice is wanted, not needed: without it office documents are quarantined, and can be tried again."""
    program = converter()
    absent = "manca: .docx e .odt vanno in quarantena · missing: .docx and .odt are quarantined"
    return Check("documenti d'ufficio · office documents (LibreOffice)", True, str(program or absent))


def _disk(settings: Settings) -> Check:
    place = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    return Check(
        "spazio su disco · disk space",
        free > _LEAST_FREE_BYTES,
        f"{free / 1e9:.1f} GB",
        "Liberare spazio: sotto 1 GB non si lavora. / Free some space: below 1 GB nothing works well.",
    )


def _archive(settings: Settings) -> str:
    with open_archive(settings) as ports:
        health = ports.index.health()
        return (
            f"{ports.catalog.progress().documents} documenti, {sum(1 for _ in ports.catalog.persons())} persone; "
            f"{ports.index.name} {health.detail}"
        )


def _broker(settings: Settings) -> str:
    if settings.broker.url is None:
        return "in questo processo · within the process"
    demand_answer(settings.broker.url)
    return "risponde · answers"
