"""``faldone classify``: how well papers are filed, measured, and learning from the office's own decisions."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from faldone.bootstrap import model_file, open_archive
from faldone.classify.measure import (
    FIELDS,
    Judged,
    Share,
    Tally,
    f1,
    fields_right,
    reliability,
    share,
    threshold_for,
)
from faldone.cli.console import add_by, add_home, emit, err, out, plain, say, settings_of, table
from faldone.domain.attribution import Band
from faldone.errors import NotFoundError
from faldone.pipeline.filing.evaluate import evaluate, judge_decisions, read_truth
from faldone.pipeline.filing.learn import learn
from faldone.pipeline.filing.rerun import differences, rerun
from faldone.pipeline.filing.results import Json, document_json
from faldone.pipeline.ports import Ports

_SHOWN = 40
_ERRORS = (0.0005, 0.005, 0.01, 0.02)
_NAMES = {
    "holder": "intestatario · holder",
    "type": "tipo · type",
    "service": "servizio · service",
    "date": "data · date",
    "protocol": "protocollo e data · protocol and date",
    "cf": "codice fiscale stampato · code on the page",
    "last_page": "ultima pagina · last page",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs of the command and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")
    words = "quanto è giusto quel che si archivia · how right the filing is"
    judged = verbs.add_parser("evaluate", help=words, description=words)
    judged.add_argument(
        "--truth", type=Path, metavar="FILE", help="i documenti giusti, nella forma dei risultati · the labelled set"
    )
    judged.add_argument("--without-register", action="store_true", help="senza anagrafe · as without a register")
    judged.add_argument("--error", type=_share, metavar="QUOTA", help="l'errore voluto, p.es. 0.005 · the wanted error")
    judged.add_argument("--show", action="store_true", help="nomina ogni documento sbagliato · names every wrong one")
    judged.add_argument("--json", action="store_true", help="un oggetto JSON · one JSON object")
    words = "impara da quel che è stato confermato · learns from what was confirmed"
    taught = verbs.add_parser("train", help=words, description=words)
    taught.add_argument(
        "--truth", type=Path, metavar="FILE", help="anche da documenti giusti · from a labelled set too"
    )
    add_by(taught, "chi lo chiede · who asks for it")
    words = "che cosa cambierebbe con le regole di adesso · what would change with the rules of today"
    again = verbs.add_parser("rerun", help=words, description=words)
    again.add_argument("--dry-run", action="store_true", help="mostra soltanto · only shows")
    again.add_argument("--json", action="store_true", help="un oggetto JSON a riga · one JSON object a line")
    for verb in (judged, taught, again):
        add_home(verb)


def _share(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 < found < 1:
        raise argparse.ArgumentTypeError(f"«{text}» non è una quota tra 0 e 1 · is no share between 0 and 1")
    return found


def run(args: argparse.Namespace) -> int:
    """Carries out one verb."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        if args.verb == "rerun":
            return _rerun(args, ports)
        if args.verb == "train":
            return _train(args, model_file(settings), ports)
        if args.truth is None:
            return _report(judge_decisions(ports), args)
        truth = _truth(args.truth)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=err, transient=True) as bar:
            task = bar.add_task("Documenti · files", total=len(truth))
            tally = evaluate(
                truth,
                ports,
                with_register=not args.without_register,
                progress=lambda done: bar.update(task, completed=done),
            )
        if not tally.judged:
            raise NotFoundError(
                f"Nessun file di {args.truth} è nell'archivio. / No file of {args.truth} is in the archive.",
                hint="I nomi sono quelli di «faldone export results». / Names are those of that command.",
            )
    return _report(tally, args)


def _report(tally: Tally, args: argparse.Namespace) -> int:
    if not tally.judged:
        say(
            "Nessun documento su cui misurare: nessuno è stato confermato",
            "nothing to measure on: none was confirmed",
        )
        return 0
    errors = (args.error,) if args.error is not None else _ERRORS
    if args.json:
        emit(_as_json(tally, errors))
    else:
        _print(tally, errors)
    if args.show:
        _name_wrong(tally.judged)
    return 0


def _train(args: argparse.Namespace, path: Path, ports: Ports) -> int:
    """Trains and says where what was learnt counts: only where it is measured to be better than the lexicon alone."""
    model, report = learn(path, args.by, ports, _truth(args.truth) if args.truth is not None else None)
    say(
        f"Imparato da {report.documents} documenti di {report.persons} persone (versione {model.version})",
        "learnt from so many documents and persons",
    )
    rows = table("", "lessico · lexicon", "modello · model", "insieme · blend", "peso · weight", "vale · counts")
    for part in (report.types, report.services):
        shares = [f"{one.right}/{one.papers}" for one in (part.lexicon, part.model, part.blend)]
        rows.add_row(_NAMES[part.name], *shares, f"{part.weight:.1f}", "sì" if part.promoted else "no")
    out.print(rows)
    for part in (report.types, report.services):
        err.print(f"  {part.why[0]} [dim]· {part.why[1]}[/dim]")
    say("faldone classify rerun --dry-run dice che cosa cambierebbe", "says what would change")
    return 0


def _rerun(args: argparse.Namespace, ports: Ports) -> int:
    """Shows every document that would change, those that would move first; without ``--dry-run`` changes them."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("Riesame · looking again", total=sum(1 for _ in ports.catalog.sources()))
        found = list(differences(ports, lambda done: bar.update(task, completed=done)))
    found.sort(key=lambda difference: not difference.moves)
    for difference in found if args.json else ():
        emit(
            {
                "document": difference.document,
                "moves": difference.moves,
                "fields": list(difference.fields),
                "before": document_json(difference.document, difference.before) if difference.before else None,
                "after": document_json(difference.document, difference.after) if difference.after else None,
            }
        )
    if found and not args.json:
        rows = table("documento", "cambia · changes", "fascia · band", "sposta · moves")
        for difference in found[:_SHOWN]:
            bands = [said.band.value if said else "—" for said in (difference.before, difference.after)]
            moves = "sì" if difference.moves else ""
            rows.add_row(difference.document, ", ".join(difference.fields), " → ".join(bands), moves)
        out.print(rows)
    moved = sum(difference.moves for difference in found)
    say(f"{len(found)} documenti cambierebbero, {moved} uscirebbero dal loro fascicolo", f"would change, {moved} move")
    if found and not args.dry_run:
        files = rerun(iter(found), ports)
        say(f"{files} file saranno riesaminati da «faldone run»", "files are looked at again by “faldone run”")
    return 0


def _truth(path: Path) -> dict[str, Json]:
    try:
        return read_truth(path)
    except FileNotFoundError as error:
        raise NotFoundError(f"{path} non esiste. / {path} does not exist.") from error


def _of_band(judged: list[Judged], band: Band) -> list[Judged]:
    return [item for item in judged if item.band is band]


def _print(tally: Tally, errors: tuple[float, ...]) -> None:
    judged = tally.judged
    shown = table("", "giusti · right", "[95 %]")
    for name, part in fields_right(judged).items():
        low, high = part.interval
        if part.of:
            shown.add_row(_NAMES[name], f"{part.hits}/{part.of} = {part.value:.2%}", f"{low:.2%}–{high:.2%}")
        else:  # nothing was asked: that is not «all right»
            shown.add_row(_NAMES[name], "—", "—")
    inner = f1(tally.starts_same, tally.starts_said, tally.starts_true)
    shown.add_row(
        "inizi dentro i file, F1 · starts inside files, F1",
        f"{inner:.4f}",
        f"{tally.starts_same} giusti di {tally.starts_true}, {tally.starts_said} detti",
    )
    out.print(shown)
    bands = table("fascia · band", "copertura · coverage", "intestatario giusto · holder right", "[95 %]")
    for band in Band:
        inside = _of_band(judged, band)
        right = share(inside, lambda item: item.right["holder"])
        low, high = right.interval
        bands.add_row(
            band.value,
            f"{len(inside)}/{len(judged)} = {len(inside) / len(judged):.2%}",
            f"{right.hits}/{right.of} = {right.value:.2%}",
            f"{low:.2%}–{high:.2%}",
        )
    out.print(bands)
    minors = sum(item.wrong_minor for item in judged)
    codes = sum(item.wrong_cf for item in judged)
    out.print(
        f"auto: minori nel fascicolo sbagliato · minors misfiled {minors}; codici sbagliati · wrong codes {codes}"
    )
    claims = table("affidabilità · reliability", "da · from", "a · to", "dichiarato · claimed", "vero · true", "n")
    for name in ("holder", "type", "service", "date"):
        for row in reliability(judged, name):
            claims.add_row(
                name,
                f"{row.low:.2f}",
                f"{row.high:.2f}",
                f"{row.claimed:.3f}",
                f"{row.right.value:.3f}",
                f"{row.right.of}",
            )
    out.print(claims)
    limits = table(
        "errore voluto · wanted error",
        "",
        "soglia · threshold",
        "passano · pass",
        "sbagliati · wrong",
        "provato · proven",
    )
    for error in errors:
        for name in ("holder", "type", "service"):
            found = threshold_for(judged, name, error)
            least = "—" if found.least is None else f"{found.least:.3f}"
            limits.add_row(
                f"{error:.2%}",
                name,
                least,
                f"{found.passed.value:.1%}",
                f"{found.wrong.hits}",
                "sì" if found.proven else "no",
            )
    out.print(limits)


def _as_json(tally: Tally, errors: tuple[float, ...]) -> Json:
    judged = tally.judged

    def one(part: Share) -> Json:
        low, high = part.interval
        return {
            "hits": part.hits,
            "of": part.of,
            "value": round(part.value, 5),
            "low": round(low, 5),
            "high": round(high, 5),
        }

    return {
        "documents": len(judged),
        "fields": {name: one(part) for name, part in fields_right(judged).items()},
        "starts_f1": round(f1(tally.starts_same, tally.starts_said, tally.starts_true), 5),
        "bands": {
            band.value: {
                "coverage": one(share(judged, lambda item, band=band: item.band is band)),  # type: ignore[misc]
                "holder_right": one(share(_of_band(judged, band), lambda item: item.right["holder"])),
            }
            for band in Band
        },
        "wrong_minors": sum(item.wrong_minor for item in judged),
        "wrong_codes": sum(item.wrong_cf for item in judged),
        "reliability": {
            name: [
                {"from": row.low, "to": row.high, "claimed": round(row.claimed, 4), "true": one(row.right)}
                for row in reliability(judged, name)
            ]
            for name in ("holder", "type", "service", "date")
        },
        "thresholds": [
            {
                "error": error,
                "field": name,
                "least": found.least,
                "passed": one(found.passed),
                "wrong": one(found.wrong),
                "proven": found.proven,
            }
            for error in errors
            for name in ("holder", "type", "service")
            for found in (threshold_for(judged, name, error),)
        ],
    }


def _name_wrong(judged: list[Judged]) -> None:
    for item in judged:
        wrong = [name for name in FIELDS if item.right.get(name) is False]
        if wrong:
            band = item.band.value if item.band is not None else "—"
            reasons = " ".join(item.said["reasons"]) if item.said is not None else "non trovato · not found"
            out.print(f"{plain(item.file)} p. {item.first_page + 1} {band}: {', '.join(wrong)} ({reasons})")
            if item.said is not None:
                for name in wrong:
                    key = {"holder": "persons", "cf": "persons"}.get(name, name)
                    out.print(f"    {name}: {_brief(item.said[key])} ≠ {_brief(item.true[key])}")


def _brief(value: object) -> str:
    if isinstance(value, list):
        return (
            "; ".join(f"{person.get('cf') or '—'} {person['name']}" for person in value if person["role"] == "holder")
            or "—"
        )
    return str(value)
