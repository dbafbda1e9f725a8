"""``faldone quarantine``: what was taken out of the flow, why, and the way back once the cause is mended."""

from __future__ import annotations

import argparse
from collections import defaultdict

from faldone.bootstrap import open_archive
from faldone.cli.console import add_home, emit, out, plain, say, settings_of
from faldone.domain.reasons import Reason
from faldone.pipeline.intake.quarantine import Quarantined, quarantined, retry
from faldone.pipeline.intake.sidecars import fault_in
from faldone.pipeline.intake.words import AT_THE_DOOR


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs of the command and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")
    listed = verbs.add_parser("list", help="che cosa c'è, e perché · what is there, and why")
    listed.add_argument("--json", action="store_true", help="un oggetto JSON a riga · one JSON object a line")
    again = verbs.add_parser("retry", help="riprova tutto quel che ha un motivo · try again all that has a reason")
    again.add_argument(
        "--reason",
        type=_reason,
        metavar="MOTIVO",
        help="solo questo motivo (il codice che dà «list») · only this reason (the code that “list” gives)",
    )
    again.add_argument(
        "--other-settings",
        action="store_true",
        help="le pagine solo con le altre impostazioni di lettura · pages with the other settings of reading alone",
    )
    for verb in (listed, again):
        add_home(verb)


def _reason(text: str) -> Reason:
    try:
        return Reason(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"motivo sconosciuto · unknown reason: {text}") from error


def run(args: argparse.Namespace) -> int:
    """Lists what is in quarantine, or sends it on its way again."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        if args.verb == "retry":
            files, pages = retry(args.reason, ports, otherwise=args.other_settings)
            say(
                f"Si riprovano {files} file e {pages} pagine (al lavoro è «faldone run»)",
                f"{files} files and {pages} pages are tried again (“faldone run” does the work)",
            )
            return 0
        found = list(quarantined(ports))
        faults = {one: fault for one in found if (fault := fault_in(one.file, one.source, one.reason, ports))}
    if args.json:
        for one in found:
            told = {"file": one.file, "page": one.page, "reason": one.reason.value, "it": one.reason.italian}
            emit(told | {"refused": one.refused, "fault": faults.get(one)})
        return 0
    if not found:
        say("La quarantena è vuota", "nothing is in quarantine")
    by_reason: dict[Reason, list[Quarantined]] = defaultdict(list)
    for one in found:
        by_reason[one.reason].append(one)
    for reason, stopped in by_reason.items():
        out.print(f"[bold]{reason.value}[/bold] ({len(stopped)}) — {reason.italian}\n  [dim]{reason.english}[/dim]")
        for one in stopped:
            page = f", pagina {one.page + 1}" if one.page is not None else ""
            out.print(f"    {plain(one.file)}{page}" + (f": {plain(faults[one])}" if one in faults else ""))
        if any(one.refused for one in stopped):
            out.print(f"    → {AT_THE_DOOR[0]} (faldone batch exclude)\n      [dim]{AT_THE_DOOR[1]}[/dim]")
        if not all(one.refused for one in stopped):
            out.print(f"    → faldone quarantine retry --reason {reason.value}")
    return 0
