"""``faldone status``: how many files are in which state, and why each that is stuck is stuck."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faldone.bootstrap import open_archive
from faldone.catalog.records import FileReport, FileState
from faldone.cli.console import add_home, emit, out, plain, settings_of, table
from faldone.cli.words import FILE_STATES
from faldone.domain.ids import IntakeId
from faldone.domain.look import PageLook
from faldone.domain.verdict import Verdict
from faldone.pipeline.intake.sidecars import fault_in
from faldone.pipeline.intake.take_in import has_room
from faldone.pipeline.ports import Ports
from faldone.settings import Settings

_STUCK = (FileState.QUARANTINED, FileState.HELD, FileState.REVIEW)
_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument("--json", action="store_true", help="un oggetto JSON · one JSON object")
    parser.add_argument("--all", action="store_true", help="tutti i file fermi · all stuck files")


def run(args: argparse.Namespace) -> int:
    """Prints counts, then the files that wait for a person, worst first."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        reports = list(ports.catalog.files())
        progress = ports.catalog.progress()
        lag = ports.catalog.index_lag()
        now = ports.clock()
        room = has_room(ports)
        flawed = list(_flawed(reports, ports))
        faults = {report.intake.id: fault for report in reports if (fault := _fault(report, ports))}
    states = Counter(report.state for report in reports)
    stuck = sorted(
        (report for report in reports if report.state in _STUCK), key=lambda report: _STUCK.index(report.state)
    )
    if args.json:
        emit(
            {
                "files": len(reports),
                "states": {state.value: states[state] for state in FileState},
                "pages": progress.pages,
                "pages_done": progress.pages_done,
                "documents": progress.documents,
                "not_indexed": progress.behind_index,
                "index_lag": {
                    "documents": lag.documents,
                    "oldest_s": round((now - lag.since).total_seconds()) if lag.since else None,
                    "refused": lag.refused,
                },
                "scans": {"doubtful": sum(r.doubtful for r in reports), "bad": sum(r.bad for r in reports)},
                "unreachable": [str(inbox) for inbox in _unreachable(settings)],
                "free_space": room,
                "stuck": [_stuck_json(report) for report in stuck],
            }
        )
        return 0
    counts = table("", "", "")
    counts.add_row("File ricevuti", "[dim]files received[/dim]", str(len(reports)))
    for state, (italian, english) in FILE_STATES.items():
        counts.add_row(f"  {italian}", f"[dim]  {english}[/dim]", str(states[state]))
    counts.add_row("Pagine lette", "[dim]pages read[/dim]", f"{progress.pages_done}/{progress.pages}")
    counts.add_row("Documenti", "[dim]documents[/dim]", str(progress.documents))
    if lag.since is not None:
        counts.add_row("  non ancora in indice", "[dim]  not indexed yet[/dim]", str(lag.documents))
        minutes = (now - lag.since).total_seconds() / 60
        counts.add_row("  il più vecchio da minuti", "[dim]  the oldest for minutes[/dim]", f"{minutes:.0f}")
    if lag.refused:
        counts.add_row("  rifiutati dall'indice", "[dim]  refused by the index[/dim]", str(lag.refused))
    out.print(counts)
    if not room:
        out.print("[bold red]Spazio su disco quasi finito: non si prende nulla finché non se ne libera.[/bold red]")
        out.print("[dim]Hardly any disk space left: nothing is taken in until there is more.[/dim]")
    for inbox in _unreachable(settings):
        out.print(f"[bold red]La cartella {plain(str(inbox))} non si raggiunge.[/bold red] [dim]· not reachable[/dim]")
    _print_flawed(flawed if args.all else flawed[:_SHOWN])
    if len(flawed) > _SHOWN and not args.all:
        out.print(f"… e altre {len(flawed) - _SHOWN} pagine: faldone status --all [dim]· and more pages[/dim]")
    _print_stuck(stuck if args.all else stuck[:_SHOWN], faults)
    if args.all:
        _print_stuck([report for report in reports if report.state is FileState.DUPLICATE], faults)
    if len(stuck) > _SHOWN and not args.all:
        out.print(f"… e altri {len(stuck) - _SHOWN}: faldone status --all [dim]· and more[/dim]")
    return 0


def _unreachable(settings: Settings) -> list[Path]:
    return [inbox.path for inbox in settings.inboxes if not inbox.path.is_dir()]


@dataclass(frozen=True, slots=True)
class _FlawedPage:
    """A page whose scan is amber or red, and why."""

    file: str
    index: int
    look: PageLook


def _flawed(reports: list[FileReport], ports: Ports) -> list[_FlawedPage]:
    """Pages with an amber or red scan, red ones first; those of duplicates are named where they came first."""
    found = []
    for report in reports:
        if report.source is None or report.state is FileState.DUPLICATE or not (report.doubtful or report.bad):
            continue
        for page in ports.catalog.pages(report.source.digest):
            look = ports.catalog.look(page.id) if page.verdict in (Verdict.DOUBTFUL, Verdict.BAD) else None
            if look is not None:
                found.append(_FlawedPage(report.intake.path, page.index, look))
    return sorted(found, key=lambda page: page.look.verdict is not Verdict.BAD)


def _print_flawed(pages: list[_FlawedPage]) -> None:
    if not pages:
        return
    out.print("\nScansioni da guardare [dim]· scans to look at[/dim]")
    for page in pages:
        colour = "bold red" if page.look.verdict is Verdict.BAD else "yellow"
        said = "; ".join(flaw.italian for flaw in page.look.flaws)
        out.print(f"[{colour}]●[/{colour}] {plain(page.file)} p. {page.index + 1} — {said}")


def _fault(report: FileReport, ports: Ports) -> str:
    """What is wrong with a file that is stopped as a data file beside the scans."""
    if report.state is not FileState.QUARANTINED:
        return ""
    return fault_in(report.intake.path, report.intake.source, report.reasons[0], ports)


def _print_stuck(stuck: list[FileReport], faults: Mapping[IntakeId, str]) -> None:
    if not stuck:
        return
    out.print()
    for report in stuck:
        italian, _ = FILE_STATES[report.state]
        out.print(f"[bold]{plain(report.intake.path)}[/bold] — {italian}")
        for reason in report.reasons:
            out.print(f"    {reason.italian}\n    [dim]{reason.english}[/dim]")
        if report.intake.id in faults:
            out.print(f"    {plain(faults[report.intake.id])}")


def _stuck_json(report: FileReport) -> dict[str, object]:
    return {
        "file": report.intake.path,
        "state": report.state.value,
        "reasons": [{"reason": reason.value, "it": reason.italian, "en": reason.english} for reason in report.reasons],
    }
