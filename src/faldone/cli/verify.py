"""``faldone verify``: is everything still what it was?"""

from __future__ import annotations

import argparse

from rich.progress import Progress

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, emit, err, out, plain, settings_of
from faldone.domain.events import AGENT
from faldone.errors import IntegrityError
from faldone.pipeline.audit.audit import AuditReport
from faldone.pipeline.audit.verification import verify_archive


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument(
        "--data", action="store_true", help="tutto, come senza opzioni · everything, as without options (for scripts)"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="solo registro e file sigillati · ledger and sealed files only",
    )
    parser.add_argument("--json", action="store_true", help="un oggetto JSON · one JSON object")


def run(args: argparse.Namespace) -> int:
    """Replays the ledger and hashes every sealed file again; exit code 76 when something was altered.

    What came of it is on record afterwards.
    """
    settings = settings_of(args)
    quick = args.quick and not args.data
    with open_archive(settings) as ports, Progress(console=err, transient=True) as bar:
        task = bar.add_task("Verifica · verifying", total=None)
        made = verify_archive(
            AGENT, ports, lambda far: bar.update(task, completed=far.done, total=far.total), quick=quick
        )
    report = made.report
    if args.json:
        emit(_json(report))
    else:
        _print(report, quick=quick)
    if not made.recorded:
        err.print(
            "[yellow]![/yellow] Il risultato non è nel registro: il catalogo non si può scrivere."
            " [dim]· the result is not on the ledger: the catalog cannot be written[/dim]"
        )
    return IntegrityError.exit_code if report.findings else 0


def _print(report: AuditReport, *, quick: bool) -> None:
    out.print(
        f"Registro: {report.entries} righe, testa {report.head[:16]}… · file sigillati: {report.files}"
        + " [dim]· ledger entries, head, sealed files[/dim]"
    )
    for finding in report.findings:
        out.print(f"[bold red]✗[/bold red] [bold]{plain(finding.object)}[/bold]")
        out.print(f"    {plain(finding.italian)} [dim]· {plain(finding.english)}[/dim]")
    if not report.findings:
        what = ("Registro e file sigillati sono intatti", "ledger and sealed files are intact")
        if not quick:
            what = ("Nulla è stato alterato", "nothing was altered")
        out.print(f"[green]✓[/green] {what[0]} [dim]· {what[1]}[/dim]")


def _json(report: AuditReport) -> dict[str, object]:
    return {
        "ok": not report.findings,
        "ledger_entries": report.entries,
        "head": report.head,
        "files": report.files,
        "findings": [
            {"object": finding.object, "it": finding.italian, "en": finding.english} for finding in report.findings
        ],
    }
