"""The office's register as it is handed over: a table of persons, in the forms that offices save tables in."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from faldone.classify.codice_fiscale import birth_dates, fits_name, is_valid
from faldone.classify.normalise import fold, name_words
from faldone.domain.ids import new_person_id
from faldone.domain.person import Person
from faldone.errors import UnreadableFileError
from faldone.ingest.text_file import text_of

_REQUIRED: Final = ("cognome", "nome")
_KNOWN: Final = (
    *_REQUIRED,
    "codice_fiscale",
    "data_nascita",
    "luogo_nascita",
    "comune_residenza",
    "cognome_coniugale",
    "alias",
)
_TITLES: Final[Mapping[str, str]] = {
    **{name.replace("_", ""): name for name in (*_KNOWN, "numero_utente", "codice_utente")},
    **dict.fromkeys(("cf", "codfiscale", "codfisc", "cfiscale"), "codice_fiscale"),
    **dict.fromkeys(("datadinascita", "dtnascita", "natoil", "natoail"), "data_nascita"),
    **dict.fromkeys(("luogodinascita", "comunenascita", "comunedinascita"), "luogo_nascita"),
    "comunediresidenza": "comune_residenza",
    "cognomedaconiugata": "cognome_coniugale",
    **dict.fromkeys(("nutente", "numutente", "numerodiutente"), "numero_utente"),
}
"""What offices call the columns, without accents, spaces and points. «Residenza» may be a street: it is not guessed."""

_DATE: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_MIDNIGHT: Final = re.compile(r"[ T]0?0[:.]00([:.]00)?(\.0+)?$")
"""What databases write behind a day."""

_WORKBOOK: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line of the file (1-based, the header is line 1) that was left out, and why."""

    line: int
    italian: str
    english: str


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A register as it was handed over: what its columns were taken for, and its lines.

    Attributes:
        understood: the columns that say who somebody is, by our names.
        kept: the others, which are kept as they are.
        persons: a person, or why there is none, for each line that says anything, with its number.
    """

    understood: tuple[str, ...]
    kept: tuple[str, ...]
    persons: Iterator[tuple[int, Person | Rejected]]


def read_register(data: bytes) -> RegisterFile:
    """A register from the bytes of its file.

    Only ``cognome`` and ``nome`` must be filled in; ``alias`` holds further full names between semicolons,
    ``cognome_coniugale`` a married surname; other columns are kept. The separator may be a comma, a semicolon or a
    tab, the letters UTF-8, UTF-16 or Windows-1252. Dates are ISO or ``gg/mm/aaaa``, also with points or dashes.

    Raises:
        UnreadableFileError: the file is no table of text, or has no header with the required columns.
    """
    if data.startswith(_WORKBOOK):
        raise UnreadableFileError(
            "È una cartella di lavoro, non un CSV. / This is a workbook, no CSV.",
            hint="Aprirla e salvarla come «CSV UTF-8». / Open it and save it as “CSV UTF-8”.",
        )
    try:
        stream = io.StringIO(text_of(data), newline="")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            "Il file non è un testo che si possa leggere. / The file is no text that can be read.",
            hint="Salvarlo come «CSV UTF-8». / Save it as “CSV UTF-8”.",
        ) from error
    header = stream.readline()
    delimiter = max(",;\t", key=header.count)
    names = _columns(next(csv.reader([header], delimiter=delimiter), []))
    if not set(_REQUIRED) <= set(names):
        raise UnreadableFileError(
            "Il file delle persone non ha le colonne «cognome» e «nome». / "
            "The file of persons lacks the columns “cognome” and “nome”.",
            hint=",".join(("codice_fiscale", *_REQUIRED, "data_nascita", "luogo_nascita", "comune_residenza")),
        )
    return RegisterFile(
        understood=tuple(name for name in names if name in _KNOWN),
        kept=tuple(name for name in names if name and name not in _KNOWN),
        persons=((line, _person(line, row)) for line, row in _rows(stream, delimiter, names)),
    )


def _columns(titles: Sequence[str]) -> list[str]:
    """Our names for the columns with these titles; a title that says what another says already keeps its own."""
    own = [title.strip().lower() for title in titles]
    names: list[str] = []
    for title in own:
        meant = _TITLES.get(re.sub(r"[^a-z0-9]", "", fold(title)), title)
        names.append(title if meant in own or meant in names else meant)
    return names


def _rows(stream: io.StringIO, delimiter: str, names: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(stream, delimiter=delimiter)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num + 1, dict(zip(names, (cell.strip() for cell in cells), strict=False))


def _person(line: int, row: dict[str, str]) -> Person | Rejected:
    surname, name = row.get("cognome", ""), row.get("nome", "")
    if not surname and not name:
        return Rejected(line, "mancano cognome e nome", "surname and name are missing")
    cf = row.get("codice_fiscale", "").upper().replace(" ", "") or None
    if cf is not None and not is_valid(cf):
        return Rejected(line, "il codice fiscale non è valido", "the codice fiscale is not valid")
    try:
        birth_date = _date(row.get("data_nascita", ""))
    except ValueError:
        return Rejected(line, "la data di nascita non si capisce", "the date of birth cannot be understood")
    if cf is not None and birth_date is not None and _is_somebody_else(cf, surname, name, birth_date):
        return Rejected(
            line, "nome e nascita non sono quelli del codice fiscale", "name and birth are not those of the code"
        )
    aliases = [alias.strip() for alias in row.get("alias", "").split(";") if alias.strip()]
    if row.get("cognome_coniugale"):
        aliases.append(f"{row['cognome_coniugale']} {name}".strip())
    return Person(
        id=new_person_id(),
        surname=surname,
        name=name,
        cf=cf,
        birth_date=birth_date,
        birth_place=row.get("luogo_nascita") or None,
        residence=row.get("comune_residenza") or None,
        aliases=tuple(dict.fromkeys(aliases)),
        extra=tuple((column, value) for column, value in row.items() if column not in _KNOWN and value),
    )


def _is_somebody_else(cf: str, surname: str, name: str, birth_date: dt.date) -> bool:
    """Whether a code says neither the name nor the day of birth beside it: a line slipped, or a code of another.

    One of them alone may be a birth that was corrected later, or a name as the family writes it.
    """
    words = (*name_words(surname), *name_words(name))
    return birth_date not in birth_dates(cf) and not fits_name(cf, words)


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    text = _MIDNIGHT.sub("", text)
    written = _DATE.fullmatch(text)
    if written is None:
        return dt.date.fromisoformat(text)
    day, month, year = map(int, written.groups())
    return dt.date(year, month, day)
