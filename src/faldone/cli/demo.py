"""``faldone demo``: a box of made-up scans goes through the whole archive, and the person is told what to try."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import time
from collections import Counter
from pathlib import Path

from rich.markup import escape
from rich.progress import Progress

from faldone.bootstrap import init_home, open_archive
from faldone.catalog.records import FileState
from faldone.cli.console import add_home, err, out, say, settings_of, table
from faldone.cli.words import FILE_STATES
from faldone.cli.working import running, until_at_rest
from faldone.demo.generate import generate
from faldone.domain.attribution import Band
from faldone.errors import ConfigError
from faldone.pipeline.filing.import_persons import import_persons
from faldone.pipeline.ports import Ports
from faldone.settings import Settings

_MARK = "demo.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument(
        "--pages", type=int, default=60, metavar="N", help="quante pagine, circa · about how many pages"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="lo stesso seme dà le stesse carte")
    parser.add_argument(
        "--only-make",
        action="store_true",
        help="prepara solo la scatola, in «scatola» · only make the box, in “scatola”",
    )


def run(args: argparse.Namespace) -> int:
    """Makes the box once, processes what is not yet processed, prints the summary."""
    settings = settings_of(args)
    if args.pages < 1:
        raise ConfigError("Le pagine sono almeno una. / There is at least one page.")
    box = settings.home / "scatola"
    if args.only_make:
        _make(box, args.pages, args.seed)
        return 0
    filled = _is_filled(settings)
    init_home(settings)
    with open_archive(settings) as ports:
        if not filled:
            _fill(settings, box, args, ports)
        elif (made := json.loads((settings.home / _MARK).read_text()))["pages"] != args.pages:
            say(
                f"La scatola di questa cartella ha {made['pages']} pagine: per un'altra usare un'altra cartella",
                f"this home's box has {made['pages']} pages: use another home for another box",
            )
        before = ports.catalog.progress()
        started = time.monotonic()
        with running(settings, ports, watch=True) as service:
            until_at_rest(ports, service)
        seconds = time.monotonic() - started
        _summary(ports, ports.catalog.progress().pages_done - before.pages_done, seconds)
        _what_to_try(ports, settings.home)
    return 0


def _is_filled(settings: Settings) -> bool:
    """Whether the box went into this home before; marks a new home as the demo's before anything is in it.

    Raises:
        ConfigError: there is a real archive here, and made-up papers must never be mixed with real ones.
    """
    mark = settings.home / _MARK
    if mark.exists():
        return bool(json.loads(mark.read_text())["filled"])
    if (settings.home / "catalog.sqlite").exists():
        raise ConfigError(
            f"In {settings.home} c'è già un archivio vero. / There is a real archive in {settings.home} already.",
            hint="faldone demo --home demo-home",
        )
    settings.home.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps({"filled": False}))
    return False


def _make(box: Path, pages: int, seed: int) -> None:
    shutil.rmtree(box, ignore_errors=True)
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("Si preparano le scansioni finte · making the made-up scans", total=pages)
        generate(box, pages=pages, seed=seed, on_page=lambda done: bar.update(task, completed=done))
    say(f"Scatola di scansioni finte in {box}", "a box of made-up scans")


def _fill(settings: Settings, box: Path, args: argparse.Namespace, ports: Ports) -> None:
    _make(box, args.pages, args.seed)
    import_persons((box / "persone.csv").read_bytes(), ports)
    inbox = settings.inboxes[0].path
    for folder in sorted((box / "inbox").iterdir()):
        if not (inbox / folder.name).exists():  # else a fill that was interrupted put it there
            folder.rename(inbox / folder.name)
    (settings.home / _MARK).write_text(json.dumps({"filled": True, "pages": args.pages, "seed": args.seed}))


def _summary(ports: Ports, pages: int, seconds: float) -> None:
    states = Counter(report.state for report in ports.catalog.files())
    progress = ports.catalog.progress()
    bands = Counter(
        None if document.proposal.band is Band.AUTO and document.proposal.confirmed else document.proposal.band
        for source in ports.catalog.sources()
        for document in ports.catalog.documents(source.digest)
    )
    rows = table("", "", "")
    rows.add_row("File", "[dim]files[/dim]", str(progress.files))
    rows.add_row("Pagine", "[dim]pages[/dim]", str(progress.pages))
    rows.add_row("Documenti", "[dim]documents[/dim]", str(progress.documents))
    rows.add_row("  archiviati da soli", "[dim]  filed by themselves[/dim]", str(bands[Band.AUTO]))
    if bands[None]:
        rows.add_row("  decisi da qualcuno", "[dim]  decided by somebody[/dim]", str(bands[None]))
    rows.add_row("  da rivedere", "[dim]  to review[/dim]", str(bands[Band.REVIEW]))
    rows.add_row("  trattenuti", "[dim]  held[/dim]", str(bands[Band.HOLD]))
    for state in (FileState.QUARANTINED, FileState.DUPLICATE):
        italian, english = FILE_STATES[state]
        rows.add_row(f"File {italian}", f"[dim]files {english}[/dim]", str(states[state]))
    if pages:
        rows.add_row("Pagine al secondo", "[dim]pages per second[/dim]", f"{pages / seconds:.2f}")
    out.print()
    out.print(rows)
    if not progress.files:
        say("Non è entrato nessun file: «faldone status» dice perché", "no file came in: “faldone status” says why")
    elif not pages:
        say("Era già tutto archiviato: non si è rifatto nulla", "all was done already: nothing was repeated")


def _what_to_try(ports: Ports, home: Path) -> None:
    # Of one box always the same, whichever file came first: it stands in the README.
    filed = min(
        (
            document
            for source in ports.catalog.sources()
            for document in ports.catalog.documents(source.digest)
            if document.proposal.band is Band.AUTO and document.proposal.service is not None
        ),
        key=lambda document: document.id,
        default=None,
    )
    where = f"--home {shlex.quote(str(home))}"
    commands = [f"faldone status {where}", f"faldone verify {where}"]
    if filed is not None and filed.proposal.service is not None:
        name = filed.proposal.holders[0].value.name
        surname = shlex.quote(name.split()[0] if len(name.split()[0]) > 3 else name)
        commands = [
            f"faldone search {surname} --service {filed.proposal.service.value} {where}",
            f"faldone show {filed.id} {where}",
            f"faldone trail {filed.id} {where}",
            *commands,
        ]
    out.print("\nDa provare [dim]· try[/dim]:")
    for command in commands:
        out.print(f"  .venv/bin/{escape(command)}" if Path(".venv/bin/faldone").exists() else f"  {escape(command)}")
