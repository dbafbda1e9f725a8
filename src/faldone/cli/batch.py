"""``faldone batch``: batches are opened, described, counted and closed."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from faldone.bootstrap import open_archive
from faldone.catalog.records import Batch
from faldone.cli.console import add_home, emit, out, plain, say, settings_of, table
from faldone.domain.batch import BatchFacts, Despite, Exclusion, PageFate, by_gap
from faldone.domain.events import AGENT
from faldone.errors import BatchGapsError
from faldone.pipeline.intake.batches import (
    BatchReport,
    close_batch,
    count_batch,
    describe_batch,
    exclude,
    find_batch,
    find_in_batch,
    open_batch,
)
from faldone.pipeline.intake.sidecars import SidecarNote, sidecar_notes
from faldone.pipeline.intake.words import DESPITE, FATES
from faldone.pipeline.ports import Ports

_FACTS = {
    "box": ("--box", "scatola · box"),
    "folder": ("--folder", "faldone o cartella nella scatola · folder in the box"),
    "shelf": ("--shelf", "scaffale · shelf"),
    "place": ("--place", "sede dove sta la carta · where the paper stands"),
    "operator": ("--operator", "chi scansiona · who scans"),
    "scanner": ("--scanner", "lo scanner · the scanner"),
    "settings": ("--settings", "impostazioni dello scanner · settings of the scanner"),
    "comune": ("--comune", "comune · municipality"),
    "service": ("--service", "servizio di tutte le carte, per codice · service of all papers, by its code"),
}
_FACT_WORDS = {
    "box": "scatola · box",
    "folder": "faldone · folder",
    "shelf": "scaffale · shelf",
    "place": "sede · place",
    "operator": "operatore · operator",
    "scanner": "scanner",
    "settings": "impostazioni · settings",
    "comune": "comune",
    "service": "servizio · service",
    "sheets": "fogli · sheets",
    "sides": "facciate a foglio · sides a sheet",
}
_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs of the command and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")
    listed = verbs.add_parser("list", help="tutti i lotti · all batches")
    add_home(listed)
    listed.add_argument("--json", action="store_true", help="un oggetto JSON a riga · one JSON object a line")
    for name, words in (
        ("open", "apre un lotto: i file sciolti vi entrano finché è aperto · opens a batch for loose files"),
        ("describe", "corregge quel che si sa di un lotto · corrects what is known of a batch"),
    ):
        verb = verbs.add_parser(name, help=words)
        verb.add_argument("code", metavar="LOTTO")
        _add_facts(verb)
        if name == "open":
            verb.add_argument(
                "--inbox",
                default="",
                metavar="CARTELLA",
                help="solo per questa cartella · for this inbox only",
            )
        add_home(verb)
    for name, words in (
        ("show", "un lotto e i suoi numeri · a batch and its numbers"),
        ("report", "il conto pagina per pagina · the count, page by page"),
        ("close", "chiude un lotto che torna · closes a batch that adds up"),
    ):
        verb = verbs.add_parser(name, help=words)
        verb.add_argument("code", metavar="LOTTO")
        if name == "close":
            verb.add_argument(
                "--despite",
                choices=[reason.value for reason in Despite],
                metavar="MOTIVO",
                help="chiude comunque, e il motivo resta a registro · closes anyway: "
                + ", ".join(reason.value for reason in Despite),
            )
        verb.add_argument("--json", action="store_true", help="un oggetto JSON · one JSON object")
        add_home(verb)
    for name, words in (
        ("exclude", "dice che un file o una pagina non entrerà mai · says that a file or a page never comes in"),
        ("include", "annulla un'esclusione · takes an exclusion back"),
    ):
        verb = verbs.add_parser(name, help=words)
        verb.add_argument("code", metavar="LOTTO")
        verb.add_argument("file", metavar="FILE", help="come lo chiama «report» · as “report” calls it")
        verb.add_argument("--page", type=_positive, metavar="N", help="solo questa pagina · this page alone")
        if name == "exclude":
            verb.add_argument(
                "--because",
                required=True,
                choices=[reason.value for reason in Exclusion],
                metavar="MOTIVO",
                help="il motivo resta a registro · the reason stays on record: "
                + ", ".join(reason.value for reason in Exclusion),
            )
        add_home(verb)


def _add_facts(parser: argparse.ArgumentParser) -> None:
    for field, (option, words) in _FACTS.items():
        parser.add_argument(option, dest=field, metavar="TESTO", help=words)
    parser.add_argument("--sheets", type=_positive, metavar="N", help="fogli di carta dichiarati · declared sheets")
    parser.add_argument("--duplex", action="store_true", help="ogni foglio fa due pagine · two pages a sheet")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("un numero da 1 in su · a number from 1")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Carries out one verb."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        if args.verb == "list":
            _list(ports, as_json=args.json)
            return 0
        if args.verb == "open":
            inbox = str(settings.inside(args.inbox)) if args.inbox else ""
            batch = open_batch(args.code, inbox, _facts(args, BatchFacts()), ports)
            say(f"Lotto «{plain(batch.code)}» aperto", "batch opened: loose files of the inbox belong to it")
            return 0
        batch = find_batch(args.code, ports)
        if args.verb == "describe":
            describe_batch(batch, _facts(args, batch.facts), ports)
            say(f"Lotto «{plain(batch.code)}» aggiornato", "batch described")
            return 0
        if args.verb in ("exclude", "include"):
            _exclude(args, batch, ports)
        elif args.verb == "close":
            _close(args, batch, ports)
        else:
            _tell(count_batch(batch, ports), args, sidecar_notes(batch, ports) if args.verb == "report" else ())
    return 0


def _exclude(args: argparse.Namespace, batch: Batch, ports: Ports) -> None:
    what = find_in_batch(batch, args.file, args.page - 1 if args.page else None, ports)
    because = Exclusion(args.because) if args.verb == "exclude" else None
    exclude(batch, what, because, ports, AGENT)
    if because is None:
        say(f"Di nuovo nei conti del lotto «{plain(batch.code)}»", "back in the batch's count")
    else:
        say(f"Fuori dai conti del lotto «{plain(batch.code)}»: {because.italian}", f"excluded: {because.english}")


def _close(args: argparse.Namespace, batch: Batch, ports: Ports) -> None:
    try:
        report = close_batch(batch, Despite(args.despite) if args.despite else None, ports)
    except BatchGapsError:
        _tell(count_batch(batch, ports), args)
        raise
    _tell(report, args)


def _tell(report: BatchReport, args: argparse.Namespace, notes: Sequence[SidecarNote] = ()) -> None:
    if args.json:
        told = _json(report, pages=args.verb == "report")
        emit(told | ({"notes": [asdict(note) for note in notes]} if args.verb == "report" else {}))
        return
    _print(report, pages=args.verb == "report", all_gaps=args.verb != "show")
    for note in notes:
        out.print(f"Dati di accompagnamento [dim]· data file[/dim]: {plain(f'{note.path}: {note.message}')}")


def _facts(args: argparse.Namespace, before: BatchFacts) -> BatchFacts:
    given = {name: value for name in _FACTS if (value := getattr(args, name)) is not None}
    if args.sheets is not None:
        given["sheets"] = args.sheets
    if args.duplex:
        given["sides"] = 2
    return replace(before, **given)


def _list(ports: Ports, *, as_json: bool) -> None:
    rows = table("lotto · batch", "aperto · opened", "stato · state", "file", "scatola · box")
    for batch in ports.catalog.batches():
        files = sum(1 for _ in ports.catalog.batch_files(batch.id))
        if as_json:
            emit(_batch_json(batch) | {"files": files})
        else:
            state = "chiuso · closed" if batch.closed_at else "aperto · open"
            day = batch.opened_at.astimezone().strftime("%d/%m/%Y")
            rows.add_row(plain(batch.code), day, state, str(files), plain(batch.facts.box or ""))
    if not as_json:
        out.print(rows)


def _batch_json(batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch.code,
        "id": batch.id,
        "inbox": batch.inbox,
        "opened_at": batch.opened_at.isoformat(),
        "closed_at": batch.closed_at.isoformat() if batch.closed_at else None,
        "facts": {field.name: getattr(batch.facts, field.name) for field in fields(BatchFacts)},
    }


def _json(report: BatchReport, *, pages: bool) -> dict[str, Any]:
    account = report.account
    told = _batch_json(report.batch) | {
        "pages": {fate.value: account.count(fate) for fate in PageFate},
        "pages_in": len(account.pages),
        "files_rejected": list(account.rejected),
        "files_excluded": [{"file": file, "because": because.value} for file, because in account.excluded],
        "complete": not report.shortfalls,
        "despite": report.despite.value if report.despite else None,
        "shortfalls": [
            {"gap": one.gap.value, "where": one.where, "it": one.gap.italian, "en": one.gap.english}
            for one in report.shortfalls
        ],
    }
    if pages:
        told["each"] = [
            {
                "file": page.file,
                "index": page.index,
                "fate": page.fate.value,
                "because": page.excluded.value if page.excluded else None,
            }
            for page in account.pages
        ]
    return told


def _print(report: BatchReport, *, pages: bool, all_gaps: bool) -> None:
    batch, account = report.batch, report.account
    state = "chiuso · closed" if batch.closed_at else "aperto · open"
    out.print(f"[bold]{plain(batch.code)}[/bold] — {state}")
    rows = table("", "")
    for field, words in _FACT_WORDS.items():
        value = getattr(batch.facts, field)
        if value is not None:
            # Names of persons are written in one way wherever they are shown, however they were typed.
            rows.add_row(words, plain(value.upper() if field == "operator" else str(value)))
    rows.add_row("pagine arrivate · pages in", str(len(account.pages)))
    counts = Counter(page.fate for page in account.pages)
    for fate in PageFate:
        if counts[fate]:
            rows.add_row("  " + " · ".join(FATES[fate]), str(counts[fate]))
    for files, words in (
        (len(account.rejected), "file rifiutati · files rejected"),
        (len(account.excluded), "file esclusi · files excluded"),
    ):
        if files:
            rows.add_row(words, str(files))
    out.print(rows)
    if pages:
        for page in account.pages:
            why = f", {page.excluded.italian}" if page.excluded else ""
            out.print(f"{plain(page.file)} p. {page.index + 1}: {FATES[page.fate][0]}{why}")
        for file, because in account.excluded:
            out.print(f"{plain(file)}: escluso, {because.italian}")
    again = list(dict.fromkeys(page.file for page in account.pages if page.fate is PageFate.DUPLICATE))
    if again and not pages:
        named = ", ".join(again[:_SHOWN]) + (f" … e altri {len(again) - _SHOWN}" if len(again) > _SHOWN else "")
        out.print(f"File già arrivati, identici [dim]· files that had come before[/dim]: {plain(named)}")
    blank = [page for page in account.pages if page.fate is PageFate.BLANK]
    if blank and not pages:
        named = ", ".join(f"{page.file} p. {page.index + 1}" for page in blank[:_SHOWN])
        more = f" … e altre {len(blank) - _SHOWN}" if len(blank) > _SHOWN else ""
        out.print(f"Bianche, da guardare prima di chiudere [dim]· blank, to look at[/dim]: {plain(named)}{more}")
    if not report.shortfalls:
        out.print("[green]✓[/green] I conti tornano [dim]· it adds up[/dim]")
        return
    out.print(f"[bold red]✗[/bold red] Quel che non torna: {len(report.shortfalls)} [dim]· what does not add up[/dim]")
    for gap, where in by_gap(report.shortfalls).items():
        out.print(f"  [bold]{len(where)}[/bold] × {gap.italian} [dim]· {gap.english}[/dim]")
        shown = where if all_gaps else where[:_SHOWN]
        for one in shown:
            out.print(f"      {plain(one)}")
        if len(shown) < len(where):
            out.print(f"      … e altre {len(where) - len(shown)}: faldone batch report {plain(batch.code)}")
    if report.despite:
        it, en = DESPITE[report.despite]
        out.print(f"Chiuso lo stesso, motivo: {it} [dim]· closed all the same: {en}[/dim]")
