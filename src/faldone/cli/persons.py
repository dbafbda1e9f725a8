"""``faldone persons``: the persons on record: imported, found on papers, confirmed, merged."""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from faldone.bootstrap import open_archive
from faldone.classify.alike import alike
from faldone.cli.console import add_by, add_home, emit, out, plain, say, settings_of, table
from faldone.cli.words import ORIGINS, service_name
from faldone.domain.person import Origin, Person
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.filing.import_persons import PersonsImport, Told, import_persons
from faldone.pipeline.filing.persons import Merge, compare, confirm, documents_by_service, find_person, merge, unmerge
from faldone.pipeline.ports import Ports

_SHOWN = 20
_COLUMNS = ("line", "id", "what", "field", "before", "after")
_WHAT = {
    "added": "aggiunta · added",
    "changed": "cambiata · changed",
    "unchanged": "invariata · unchanged",
    "rejected": "scartata · rejected",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verbs of the command and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="AZIONE")

    def verb(name: str, words: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=words, description=words)
        add_home(made)
        made.set_defaults(action=_ACTIONS[name])
        return made

    imports = verb("import", "aggiunge e aggiorna le persone da un CSV · add and update persons from a CSV file")
    imports.add_argument("file", type=Path, metavar="FILE.csv")
    imports.add_argument(
        "--dry-run", action="store_true", help="dice che cosa cambierebbe · only tells what would change"
    )
    imports.add_argument(
        "--report", type=Path, metavar="FILE.csv", help="che cosa cambia, riga per riga · every change"
    )
    listed = verb("list", "le persone · the persons on record")
    listed.add_argument(
        "--found", action="store_true", help="solo quelle trovate sui documenti · only those found on papers"
    )
    shown = verb("show", "una persona e i suoi documenti · a person and how many documents there are")
    confirms = verb("confirm", "una persona trovata è proprio lei · somebody found is who the papers say")
    merges = verb("merge", "due persone sono una sola · two persons are one")
    merges.add_argument("keep", metavar="RESTA", help="chi resta: id o codice · who stays: id or code")
    merges.add_argument("gone", metavar="VA", help="chi si unisce: id o codice · who is merged: id or code")
    merges.add_argument("--because", default="", metavar="PERCHÉ", help="perché · why")
    merges.add_argument("--show", action="store_true", help="dice che cosa si unirebbe · only tells what would move")
    unmerges = verb("unmerge", "annulla un'unione · take a merge back")
    unmerges.add_argument("gone", metavar="PERSONA", help="chi era stata unita: id · who was merged: id")
    proposals = verb("proposals", "persone che forse sono una sola · persons who may be one")
    for one in (shown, confirms):
        one.add_argument("person", metavar="PERSONA", help="id, codice fiscale o nome · id, code or name")
    for one in (imports, listed, shown, proposals):
        one.add_argument("--json", action="store_true", help="un oggetto JSON per riga · one JSON object a line")
    for one in (confirms, merges, unmerges):
        add_by(one, "chi decide · who decides")


def run(args: argparse.Namespace) -> int:
    """Carries out one verb."""
    with open_archive(settings_of(args)) as ports:
        args.action(args, ports)
    return 0


def _import(args: argparse.Namespace, ports: Ports) -> None:
    """Imports the file; what changed is told once it stands."""
    # A report may be longer than the memory, and must not tell what is rolled back.
    if args.report is not None:
        args.report.touch()  # whoever wants a report wants no import without one
    ports.options.work.mkdir(parents=True, exist_ok=True)  # a backup may leave it out
    with tempfile.TemporaryFile("w+", encoding="utf-8", dir=ports.options.work) as told:
        try:
            data = args.file.read_bytes()
        except FileNotFoundError as error:
            raise NotFoundError(f"{args.file} non esiste. / {args.file} does not exist.") from error
        done = import_persons(
            data, ports, dry_run=args.dry_run, tell=lambda one: print(json.dumps(asdict(one)), file=told)
        )
        if args.report is not None:
            with args.report.open("w", encoding="utf-8", newline="") as target:
                writer = csv.writer(target)
                writer.writerow(_COLUMNS)
                writer.writerows(_cells(one) for one in _told(told))
        if args.json:
            for one in _told(told):
                emit(dict(zip(_COLUMNS, _cells(one), strict=True)))
        else:
            _print_changes(told, done)
    _say_import(done, dry_run=args.dry_run)


def _told(told: TextIO) -> Iterator[Told]:
    told.seek(0)
    for line in told:
        yield Told(**json.loads(line))


def _cells(one: Told) -> tuple[int, str | None, str, str, str, str]:
    return one.line, one.person, one.what, one.field, one.before, one.after


def _print_changes(told: TextIO, done: PersonsImport) -> None:
    rejected = (one for one in _told(told) if one.what == "rejected")
    for one in islice(rejected, _SHOWN):
        say(f"  riga {one.line}: {plain(one.after)}", f"line {one.line}")
    changes = (one for one in _told(told) if one.what not in ("unchanged", "rejected"))
    rows = table("riga · line", "che cosa · what", "campo · field", "prima · before", "dopo · after")
    for one in islice(changes, _SHOWN):
        cells = (str(one.line), _WHAT[one.what], one.field, one.before, one.after)
        rows.add_row(*map(plain, cells))
    if rows.row_count:
        out.print(rows)
    rest = sum(1 for _ in changes)
    if rest:
        say(f"e altri {rest} (--report FILE.csv li dice tutti)", f"and {rest} more (--report tells all)")


def _say_import(done: PersonsImport, *, dry_run: bool) -> None:
    report = done.report
    kept = (f"; conservate come sono: {', '.join(done.kept)}", f"; kept as they are: {', '.join(done.kept)}")
    italian, english = kept if done.kept else ("", "")
    columns = ", ".join(done.understood)
    say(f"Colonne riconosciute: {plain(columns + italian)}", plain(f"columns understood: {columns}{english}"))
    if dry_run:
        say("Nulla è cambiato: era una prova.", "nothing was changed: it was a trial.")
    say(
        f"Persone: {report.added} aggiunte, {report.changed} cambiate, {report.unchanged} invariate, "
        f"{done.rejected} righe scartate",
        f"persons: {report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{done.rejected} lines rejected",
    )
    if report.adopted:
        say(
            f"{len(report.adopted)} erano note solo dai documenti",
            f"{len(report.adopted)} were known from papers only",
        )
    if done.reconsidered and not dry_run:
        say(
            f"{done.reconsidered} file incerti saranno riesaminati",
            f"{done.reconsidered} unsure files will be looked at again",
        )


def _list(args: argparse.Namespace, ports: Ports) -> None:
    persons = (person for person in ports.catalog.persons() if not args.found or person.origin is Origin.FOUND)
    if args.json:
        for person in persons:
            emit(_as_json(person))
        return
    for person in persons:  # a table would hold 200 000 of them
        out.print(plain(f"{person.id}  {_brief(person)}  {' · '.join(ORIGINS[person.origin])}"))


def _show(args: argparse.Namespace, ports: Ports) -> None:
    person = find_person(args.person, ports)
    counts = documents_by_service(person, ports)
    services = {code or "": count for code, count in sorted(counts.items(), key=lambda item: item[0] or "")}
    if args.json:
        emit(_as_json(person) | {"documents": services})
        return
    rows = table("", "")
    for name, value in (
        ("id", person.id),
        ("cognome · surname", person.surname),
        ("nome · name", person.name),
        ("codice fiscale · code", person.cf),
        ("altri codici · other codes", " ".join(person.other_codes)),
        ("nascita · born", f"{person.birth_date or ''} {person.birth_place or ''}".strip()),
        ("residenza · residence", person.residence),
        ("altri nomi · other names", "; ".join(person.aliases)),
        ("origine · origin", " · ".join(ORIGINS[person.origin])),
        ("unite a questa · merged into it", " ".join(person.absorbed)),
        *person.extra,
    ):
        if value:
            rows.add_row(plain(name), plain(value))
    for code, count in services.items():
        name = service_name(ports.lexicon, code) if code else "servizio ignoto · service unknown"
        rows.add_row(plain(name), f"{count} documenti · documents")
    out.print(rows)


def _confirm(args: argparse.Namespace, ports: Ports) -> None:
    person, again = confirm(args.person, args.by, ports)
    say(
        f"{person.id} è confermata; {again} file saranno riesaminati",
        f"confirmed; {again} files will be looked at again",
    )


def _merge(args: argparse.Namespace, ports: Ports) -> None:
    if args.show:
        _say_merge(compare(args.keep, args.gone, ports))
        return
    if not args.because.strip():
        raise UndecidableError("Manca il perché. / The reason is missing.", hint="--because «…»")
    _say_merge(merge(args.keep, args.gone, args.because, args.by, ports))
    say("Unite: i loro documenti saranno riesaminati", "merged: their documents will be looked at again")


def _unmerge(args: argparse.Namespace, ports: Ports) -> None:
    _say_merge(unmerge(args.gone, args.by, ports))
    say("Divise: i loro documenti saranno riesaminati", "apart again: their documents will be looked at again")


def _say_merge(merged: Merge) -> None:
    rows = table("", "id", "", "documenti · documents")
    rows.add_row("resta · stays", merged.keep.id, plain(_brief(merged.keep)), str(merged.documents_of_keep))
    rows.add_row("si unisce · goes", merged.gone.id, plain(_brief(merged.gone)), str(merged.documents_of_gone))
    out.print(rows)


def _propose(args: argparse.Namespace, ports: Ports) -> None:
    pairs = alike(ports.catalog.persons())
    if args.json:
        for pair in pairs:
            emit({"found": pair.found.id, "other": pair.other.id, "why": pair.why.name.lower().replace("_", "-")})
        return
    if not pairs:
        say("Nessuna persona trovata somiglia a un'altra", "nobody found is like anybody else")
    for pair in pairs:
        out.print(plain(f"{pair.why.italian} · {pair.why.english}"))
        for person in (pair.other, pair.found):
            out.print(plain(f"    {person.id}  {_brief(person)}  {' · '.join(ORIGINS[person.origin])}"))


def _brief(person: Person) -> str:
    born = person.birth_date.strftime("%d/%m/%Y") if person.birth_date else ""
    return " ".join(filter(None, (person.display_name, person.cf, born)))


def _as_json(person: Person) -> dict[str, Any]:
    return asdict(person) | {
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "extra": dict(person.extra),
    }


_ACTIONS = {
    "import": _import,
    "list": _list,
    "show": _show,
    "confirm": _confirm,
    "merge": _merge,
    "unmerge": _unmerge,
    "proposals": _propose,
}
