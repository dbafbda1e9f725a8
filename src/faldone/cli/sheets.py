"""``faldone sheets``: covers and separators to print and lay between the papers before they are scanned."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from faldone.bootstrap import open_archive
from faldone.classify.normalise import name_words
from faldone.cli.console import add_home, emit, err, out, plain, say, settings_of, table
from faldone.domain.person import Person
from faldone.domain.sheet import in_groups
from faldone.errors import ConfigError, NotFoundError
from faldone.pipeline.intake.batches import find_batch
from faldone.pipeline.intake.print_sheets import print_covers, print_separators
from faldone.pipeline.ports import Ports


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_home(parser)
    parser.add_argument(
        "--persons",
        nargs="+",
        default=[],
        metavar="PERSONA",
        help="una copertina a persona: codici fiscali, «cognome nome», o un CSV come quello dell'anagrafe · "
        "a cover a person: codes, “surname name”, or a CSV like that of the register",
    )
    parser.add_argument("--service", metavar="CODICE", help="il servizio del fascicolo · the dossier's service")
    parser.add_argument("--separators", type=int, default=0, metavar="N", help="N separatori · N separators")
    parser.add_argument("--batch", metavar="LOTTO", help="il lotto in cui devono tornare · where they must come back")
    parser.add_argument("--out", type=Path, metavar="FILE.pdf", help="il PDF da stampare · the PDF to print")
    parser.add_argument("--missing", action="store_true", help="i fogli mai tornati · the sheets that never came back")
    parser.add_argument("--json", action="store_true", help="con --missing: un oggetto JSON a riga · one object a line")


def run(args: argparse.Namespace) -> int:
    """Makes the PDF, or lists the sheets that are still out."""
    settings = settings_of(args)
    with open_archive(settings) as ports:
        if args.missing:
            _missing(ports, as_json=args.json)
            return 0
        if args.out is None or bool(args.persons) == bool(args.separators) or args.separators < 0:
            raise ConfigError(
                "Dire che cosa stampare e dove. / Say what to print and where.",
                hint="faldone sheets --persons «ROSSI MARIA» --service SAD --out copertine.pdf · "
                "faldone sheets --separators 20 --out separatori.pdf",
            )
        if not args.out.absolute().parent.is_dir():
            raise NotFoundError(
                f"La cartella di {args.out} non esiste. / The folder of {args.out} does not exist.",
            )
        batch = find_batch(args.batch, ports).id if args.batch else None
        persons = list(_persons(args.persons, ports))
        # Whatever goes wrong while it is written, a half PDF must not be taken to the printer.
        unfinished = args.out.with_name(f".{args.out.name}.part")
        try:
            with unfinished.open("wb") as target:
                if persons:
                    sheets = print_covers(persons, args.service, batch, target, ports)
                else:
                    sheets = print_separators(args.separators, batch, target, ports)
            unfinished.replace(args.out)
        finally:
            unfinished.unlink(missing_ok=True)
    say(f"{len(sheets)} fogli da stampare in {plain(str(args.out))}", f"{len(sheets)} sheets to print")
    return 0


def _persons(given: Sequence[str], ports: Ports) -> Iterator[Person]:
    """The persons of the register who are meant, each once.

    Raises:
        NotFoundError: somebody is not in the register, or it could be more than one.
    """
    seen: set[str] = set()
    for one in given:
        for wanted in _wanted(one):
            person = _person(wanted, ports)
            if person.id not in seen:
                seen.add(person.id)
                yield person


def _wanted(given: str) -> Iterator[tuple[str, str]]:
    """(codice fiscale, name) of each person meant: from a CSV, or as typed."""
    file = Path(given)
    if file.suffix.lower() != ".csv":
        yield given, given
        return
    if not file.is_file():
        raise NotFoundError(f"{file} non esiste. / {file} does not exist.")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            yield row.get("codice_fiscale") or "", f"{row.get('cognome') or ''} {row.get('nome') or ''}"


def _person(wanted: tuple[str, str], ports: Ports) -> Person:
    cf, name = wanted
    register = ports.register()
    words = [word for word in name_words(name) if word != "xxx"]  # what registers write where there is one name only
    found = register.by_cf(cf.strip().upper()) or register.by_name(words).persons
    if not found:
        raise NotFoundError(
            f"«{name.strip() or cf}» non è in anagrafe. / “{name.strip() or cf}” is not in the register.",
            hint="faldone persons import FILE.csv",
        )
    if len(found) > 1:
        raise NotFoundError(
            f"«{name.strip()}»: in anagrafe sono {len(found)}; indicare il codice fiscale. / "
            f"“{name.strip()}”: there are {len(found)} in the register; give the codice fiscale."
        )
    return found[0]


def _missing(ports: Ports, *, as_json: bool) -> None:
    codes = {batch.id: batch.code for batch in ports.catalog.batches()}
    rows = table("foglio · sheet", "codice · code", "stampato · printed", "lotto · batch")
    count = 0
    for printed in ports.catalog.sheets():
        if printed.page is not None:
            continue
        count += 1
        sheet, batch = printed.sheet, codes.get(printed.batch) if printed.batch is not None else None
        if as_json:
            emit(
                {"token": sheet.token, "kind": sheet.kind.value, "number": sheet.number, "of": sheet.of, "batch": batch}
            )
        else:
            day = printed.printed_at.astimezone().strftime("%d/%m/%Y")
            rows.add_row(f"{sheet.number} di {sheet.of}", in_groups(sheet.token), day, plain(batch or ""))
    if as_json:
        return
    if count:
        out.print(rows)
    else:
        err.print("Tutti i fogli stampati sono tornati [dim]· all printed sheets came back[/dim]")
