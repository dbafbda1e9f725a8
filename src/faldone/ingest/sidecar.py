"""What an office writes beside its scans: a CSV or JSON that says whose papers they are and where the paper stands.

``0007.json`` or ``0007.tif.json`` speaks of the scan 0007; a CSV, or a JSON list, has a row a file and names it in
``file``; ``lotto.json`` or ``lotto.csv`` without file names speaks of the whole batch. Columns are in Italian or
English; those that are not known are left alone, and stay in the sealed bytes.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, Final

from faldone.domain.batch import BatchFacts
from faldone.domain.codice_fiscale import is_code
from faldone.domain.declared import Declared
from faldone.errors import InvalidSidecarError
from faldone.ingest.text_file import text_of

CSV, JSON = "text/csv", "application/json"
_ENDINGS: Final = {".csv": CSV, ".json": JSON}
_WHOLE_BATCH: Final = frozenset({"lotto", "batch", "lot"})
_PLACES: Final = {".csv": ("riga", "line"), ".json": ("elemento", "item")}
_MAX_BYTES: Final = 20_000_000
_QUOTED: Final = 40

_DECLARED: Final = {
    "codice_fiscale": "cf", "cf": "cf", "cognome": "surname", "surname": "surname", "nome": "name", "name": "name",
    "data_nascita": "birth_date", "birth_date": "birth_date", "servizio": "service", "service": "service",
    "tipo": "type", "type": "type", "data": "date", "date": "date",
}  # fmt: skip
_FACTS: Final = {
    "servizio": "service", "service": "service", "comune": "comune", "scatola": "box", "box": "box",
    "faldone": "folder", "folder": "folder", "scaffale": "shelf", "shelf": "shelf", "sede": "place", "place": "place",
    "operatore": "operator", "operator": "operator", "scanner": "scanner", "impostazioni": "settings",
    "settings": "settings", "fogli": "sheets", "sheets": "sheets", "facciate": "sides", "sides": "sides",
}  # fmt: skip
_FILE: Final = ("file", "nome_file", "filename")


class Fault(StrEnum):
    """What is wrong with a sidecar."""

    TOO_LARGE = "too-large"
    NOT_JSON = "not-json"
    NOT_OBJECTS = "not-objects"
    NOT_TABLE = "not-table"
    NO_COLUMN = "no-column"
    EMPTY = "empty"
    NO_FILE = "no-file"
    NO_DATE = "no-date"
    NO_NUMBER = "no-number"
    NO_SERVICE = "no-service"
    NO_CF = "no-cf"


_FAULTS: Final[Mapping[Fault, tuple[str, str]]] = {
    Fault.TOO_LARGE: ("è troppo grande", "it is too large"),
    Fault.NOT_JSON: ("non è JSON", "it is no JSON"),
    Fault.NOT_OBJECTS: ("non è un elenco di oggetti", "it is no list of objects"),
    Fault.NOT_TABLE: ("non è una tabella", "it is no table"),
    Fault.NO_COLUMN: ("nessuna colonna è tra quelle note", "no column is one of those known"),
    Fault.EMPTY: ("non contiene nulla", "there is nothing in it"),
    Fault.NO_FILE: ("non dice di quale file parla", "it does not say which file it speaks of"),
    Fault.NO_DATE: ("data {} non esiste o non si capisce (2014-03-12)", "no date is, or reads, {} (2014-03-12)"),
    Fault.NO_NUMBER: ("numero {} non si capisce", "no number is {}"),
    Fault.NO_SERVICE: ("nessun servizio ha il codice {} (faldone services list)", "no service has the code {}"),
    Fault.NO_CF: ("{} non è un codice fiscale", "{} is no codice fiscale"),
}


class _WrongError(Exception):
    """A value or a row that does not fit; ``quoted`` is what stands there."""

    def __init__(self, fault: Fault, quoted: str = "") -> None:
        super().__init__(fault)
        self.fault = fault
        self.quoted = quoted


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a sidecar says: of files by name, and of the batch when it speaks of the whole of it."""

    media_type: str
    files: Mapping[str, Declared]
    facts: BatchFacts | None


def is_sidecar(name: str) -> bool:
    """Whether a file of this name is taken for a sidecar: bytes cannot tell a table of people from one of scans."""
    return PurePosixPath(name.lower()).suffix in _ENDINGS


def read_sidecar(name: str, data: bytes, services: Collection[str]) -> Sidecar:
    """What the sidecar called ``name`` says, by the codes of these services.

    Raises:
        InvalidSidecarError: it is no table and no JSON of this form, or a value does not fit its column.
    """
    path = PurePosixPath(name)
    if len(data) > _MAX_BYTES:
        raise _invalid(Fault.TOO_LARGE)
    codes = {code.casefold(): code for code in services}
    try:
        read = _rows(path.suffix.lower(), text_of(data, errors="replace"))
        rows = [(line, row) for line, row in read if any(map(_text, row.values()))]
    except _WrongError as error:
        raise _invalid(error.fault) from error
    whole = path.stem.lower() in _WHOLE_BATCH
    files: dict[str, Declared] = {}
    facts: BatchFacts | None = None
    for line, row in rows:
        try:
            target = next((said for column in _FILE if (said := _text(row.get(column)))), None)
            if target is None and len(rows) > 1:
                raise _WrongError(Fault.NO_FILE)
            if target is None:
                target = "" if whole else path.stem
            files[target.replace("\\", "/")] = _declared(row, codes)
            if not target:
                facts = _facts(row, codes)
        except _WrongError as error:
            raise _invalid(error.fault, error.quoted, line, _PLACES[path.suffix.lower()]) from error
    if not files:
        raise _invalid(Fault.EMPTY)
    return Sidecar(_ENDINGS[path.suffix.lower()], files, facts)


def merged(before: BatchFacts, said: BatchFacts) -> BatchFacts:
    """What is known of a batch after a sidecar spoke: what it does not mention stays."""
    given = {f.name: value for f in fields(BatchFacts) if (value := getattr(said, f.name)) is not None}
    kept = {f.name: getattr(before, f.name) for f in fields(BatchFacts)}
    return BatchFacts(**kept | given)


def _rows(suffix: str, text: str) -> Iterator[tuple[int | None, Mapping[str, Any]]]:
    """Rows with the number of their line, objects with their place in the list."""
    if suffix == ".json":
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _WrongError(Fault.NOT_JSON) from error
        alone = not isinstance(found, list)
        found = [found] if alone else found
        if not all(isinstance(row, dict) for row in found):
            raise _WrongError(Fault.NOT_OBJECTS)
        for number, row in enumerate(found, 1):
            yield None if alone else number, {str(key).strip().lower(): value for key, value in row.items()}
        return
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    known = {name.strip().lower() for name in table.fieldnames or ()}
    if not known & (_DECLARED.keys() | _FACTS.keys()):
        raise _WrongError(Fault.NO_COLUMN)
    try:
        for row in table:
            yield table.line_num, {name.strip().lower(): value for name, value in row.items() if name is not None}
    except csv.Error as error:
        raise _WrongError(Fault.NOT_TABLE) from error


def _declared(row: Mapping[str, Any], services: Mapping[str, str]) -> Declared:
    values: dict[str, Any] = {}
    for column, field in _DECLARED.items():
        value = _text(row.get(column))
        if value is not None and field not in values:
            match field:
                case "date" | "birth_date":
                    values[field] = _date(value)
                case "service":
                    values[field] = _service(value, services)
                case "cf":
                    values[field] = _cf(value)
                case _:
                    values[field] = value
    return Declared(**values)


def _facts(row: Mapping[str, Any], services: Mapping[str, str]) -> BatchFacts:
    values: dict[str, Any] = {}
    for column, field in _FACTS.items():
        value = _text(row.get(column))
        if value is not None and field not in values:
            match field:
                case "sheets" | "sides":
                    values[field] = _number(value)
                case "service":
                    values[field] = _service(value, services)
                case _:
                    values[field] = value
    return BatchFacts(**values)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, dict | list | bool):
        return None
    return str(value).strip() or None


def _date(text: str) -> dt.date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
    raise _WrongError(Fault.NO_DATE, text)


def _service(text: str, services: Mapping[str, str]) -> str:
    if text.casefold() not in services:
        raise _WrongError(Fault.NO_SERVICE, text)
    return services[text.casefold()]


def _cf(text: str) -> str:
    code = "".join(text.split()).upper()
    if not is_code(code):
        raise _WrongError(Fault.NO_CF, text)
    return code


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise _WrongError(Fault.NO_NUMBER, text)
    return int(text)


def _invalid(
    fault: Fault, quoted: str = "", line: int | None = None, place: tuple[str, str] = ("", "")
) -> InvalidSidecarError:
    shown = quoted[:_QUOTED].replace(" / ", "/")  # " / " stands between the languages
    italian, english = (words.replace("{}", shown) for words in _FAULTS[fault])
    if line is not None:
        italian, english = f"{place[0]} {line}: {italian}", f"{place[1]} {line}: {english}"
    return InvalidSidecarError(f"{italian} / {english}", fault=fault.value, line=line)
