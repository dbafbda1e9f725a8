"""``faldone index``: the search index held against the catalog, put right, or made anew from it."""

from __future__ import annotations

import argparse

from rich.progress import Progress

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, emit, err, out, say, settings_of
from faldone.errors import IntegrityError
from faldone.pipeline.search.index import rebuild
from faldone.pipeline.search.index_check import IndexReport, verify_index

_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")
    words = "rifà l'indice dal catalogo · make the index anew from the catalog"
    made = verbs.add_parser("rebuild", help=words, description=words)
    add_home(made)
    words = "confronta l'indice con il catalogo · hold the index against the catalog"
    checked = verbs.add_parser("verify", help=words, description=words)
    checked.add_argument("--sample", type=int, metavar="N", help="parola per parola solo N · only N to the word")
    checked.add_argument("--seed", type=int, default=0, metavar="N", help="quali · which ones")
    checked.add_argument("--repair", action="store_true", help="corregge quel che non torna · puts right what differs")
    checked.add_argument("--json", action="store_true", help="un oggetto JSON · one JSON object")
    add_home(checked)


def run(args: argparse.Namespace) -> int:
    """Writes the index again, or says in what it differs: exit code 76 when a difference is left."""
    settings = settings_of(args)
    with open_archive(settings) as ports, Progress(console=err, transient=True) as bar:
        task = bar.add_task("Indice · index", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if args.verb == "rebuild":
            documents = rebuild(ports, progress)
        else:
            report = verify_index(ports, sample=args.sample, seed=args.seed, repair=args.repair, progress=progress)
    if args.verb == "rebuild":
        say(f"{documents} documenti in indice", f"{documents} documents indexed")
        return 0
    if args.json:
        emit(_json(report))
    else:
        _print(report)
    return IntegrityError.exit_code if report.wrong else 0


def _print(report: IndexReport) -> None:
    out.print(
        f"Documenti: {report.documents}, in indice: {report.indexed}, confrontati per intero: {report.compared}, "
        f"in arrivo: {report.behind} [dim]· documents, indexed, compared to the word, on their way[/dim]"
    )
    for finding in report.findings[:_SHOWN]:
        out.print(
            f"[bold red]✗[/bold red] [bold]{finding.document}[/bold] {finding.difference.italian} "
            f"[dim]· {finding.difference.english}[/dim]"
        )
    if len(report.findings) > _SHOWN:
        out.print(f"  … e altri {len(report.findings) - _SHOWN} [dim]· and more[/dim]")
    if report.repaired:
        say(f"{report.repaired} corretti", f"{report.repaired} repaired")
    elif report.findings:
        say("Per correggere: faldone index verify --repair", "to put it right")
    else:
        out.print("[green]✓[/green] L'indice dice quel che dice il catalogo [dim]· index and catalog agree[/dim]")


def _json(report: IndexReport) -> dict[str, object]:
    return {
        "ok": report.wrong == 0,
        "documents": report.documents,
        "indexed": report.indexed,
        "compared": report.compared,
        "behind": report.behind,
        "repaired": report.repaired,
        "findings": [
            {
                "document": finding.document,
                "difference": finding.difference.value,
                "it": finding.difference.italian,
                "en": finding.difference.english,
            }
            for finding in report.findings
        ],
    }
