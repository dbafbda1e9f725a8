"""``faldone status``: how many files are in which state, and why each that is stuck is stuck."""

from __future__ import annotations

import argparse
from collections import Counter

from rich.markup import escape

from faldone.bootstrap import open_archive
from faldone.catalog.catalog import FileReport, FileState
from faldone.cli.console import add_home, emit, out, settings_of, table
from faldone.cli.words import FILE_STATES

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
    if progress.behind_index:
        counts.add_row("  non ancora in indice", "[dim]  not indexed yet[/dim]", str(progress.behind_index))
    out.print(counts)
    _print_stuck(stuck if args.all else stuck[:_SHOWN])
    if args.all:
        _print_stuck([report for report in reports if report.state is FileState.DUPLICATE])
    if len(stuck) > _SHOWN and not args.all:
        out.print(f"… e altri {len(stuck) - _SHOWN}: faldone status --all [dim]· and more[/dim]")
    return 0


def _print_stuck(stuck: list[FileReport]) -> None:
    if not stuck:
        return
    out.print()
    for report in stuck:
        italian, _ = FILE_STATES[report.state]
        out.print(f"[bold]{escape(_one_line(report.intake.path))}[/bold] — {italian}")
        for reason in report.reasons:
            out.print(f"    {reason.italian}\n    [dim]{reason.english}[/dim]")


def _one_line(name: str) -> str:
    return name.encode("unicode_escape").decode() if not name.isprintable() else name


def _stuck_json(report: FileReport) -> dict[str, object]:
    return {
        "file": report.intake.path,
        "state": report.state.value,
        "reasons": [{"reason": reason.value, "it": reason.italian, "en": reason.english} for reason in report.reasons],
    }
