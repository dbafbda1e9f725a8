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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import PurePosixPath
from typing import Any, Final

from faldone.domain.batch import BatchFacts
from faldone.domain.declared import Declared
from faldone.errors import InvalidSidecarError

CSV, JSON = "text/csv", "application/json"
_ENDINGS: Final = {".csv": CSV, ".json": JSON}
_WHOLE_BATCH: Final = frozenset({"lotto", "batch", "lot"})
_MAX_BYTES: Final = 20_000_000

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


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What a sidecar says: of files by name, and of the batch when it speaks of the whole of it."""

    media_type: str
    files: Mapping[str, Declared]
    facts: BatchFacts | None


def is_sidecar(name: str) -> bool:
    """Whether a file of this name is taken for a sidecar: bytes cannot tell a table of people from one of scans."""
    return PurePosixPath(name.lower()).suffix in _ENDINGS


def read_sidecar(name: str, data: bytes) -> Sidecar:
    """What the sidecar called ``name`` says.

    Raises:
        InvalidSidecarError: it is no table and no JSON of this form, or a value does not fit its column.
    """
    path = PurePosixPath(name)
    if len(data) > _MAX_BYTES:
        raise _invalid("è troppo grande", "it is too large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what older spreadsheets save
    rows = list(_rows(path.suffix.lower(), text))
    whole = path.stem.lower() in _WHOLE_BATCH
    files: dict[str, Declared] = {}
    for row in rows:
        target = next((str(row[column]) for column in _FILE if row.get(column)), None)
        if target is None:
            if len(rows) > 1:
                raise _invalid("una riga non dice di quale file parla", "a row does not say which file it speaks of")
            target = "" if whole else path.stem
        files[target.replace("\\", "/")] = _declared(row)
    if not files:
        raise _invalid("non contiene nulla", "there is nothing in it")
    return Sidecar(_ENDINGS[path.suffix.lower()], files, _facts(rows[0]) if "" in files else None)


def merged(before: BatchFacts, said: BatchFacts) -> BatchFacts:
    """What is known of a batch after a sidecar spoke: what it does not mention stays."""
    given = {f.name: value for f in fields(BatchFacts) if (value := getattr(said, f.name)) is not None}
    kept = {f.name: getattr(before, f.name) for f in fields(BatchFacts)}
    return BatchFacts(**kept | given)


def _rows(suffix: str, text: str) -> Iterator[Mapping[str, Any]]:
    if suffix == ".json":
        try:
            found = json.loads(text)
        except ValueError as error:
            raise _invalid("non è JSON", "it is no JSON") from error
        found = found if isinstance(found, list) else [found]
        if not all(isinstance(row, dict) for row in found):
            raise _invalid("non è un elenco di oggetti", "it is no list of objects")
        yield from ({str(key).strip().lower(): value for key, value in row.items()} for row in found)
        return
    first = text.split("\n", 1)[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    known = {name.strip().lower() for name in table.fieldnames or ()}
    if not known & (_DECLARED.keys() | _FACTS.keys()):
        raise _invalid("nessuna colonna è tra quelle note", "no column is one of those known")
    try:
        for row in table:
            yield {name.strip().lower(): value for name, value in row.items() if name is not None}
    except csv.Error as error:
        raise _invalid("non è una tabella", "it is no table") from error


def _declared(row: Mapping[str, Any]) -> Declared:
    values: dict[str, Any] = {}
    for column, field in _DECLARED.items():
        value = _text(row.get(column))
        if value is not None and field not in values:
            values[field] = _date(value) if field in ("date", "birth_date") else value
    return Declared(**values)


def _facts(row: Mapping[str, Any]) -> BatchFacts:
    values: dict[str, Any] = {}
    for column, field in _FACTS.items():
        value = _text(row.get(column))
        if value is not None and field not in values:
            values[field] = _number(value) if field in ("sheets", "sides") else value
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
    raise _invalid("una data non si capisce (2014-03-12)", "a date cannot be understood (2014-03-12)")


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise _invalid("un numero di fogli non si capisce", "a number of sheets cannot be understood")
    return int(text)


def _invalid(italian: str, english: str) -> InvalidSidecarError:
    return InvalidSidecarError(f"Il file di dati non si usa: {italian} / The data file is not used: {english}")
