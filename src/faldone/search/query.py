"""What a person asks, as a value, and the small language in which it is typed.

    affidamento minori            all the words, in any order, in any form
    "assegno di cura"             these words, one after the other
    -bozza   -"minuta di lettera" not these
    utente:rossi   cf:RSSMRA80A01F205X   servizio:TUM   tipo:decreto   prot:1234/2014
    dal:2014   al:31/12/2015      by the document's date; a year or a month stands for its first or last day

The English names person:, service:, type:, from: and to: mean the same. A value with spaces is quoted:
``utente:"rossi maria"``.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from faldone.errors import QuerySyntaxError
from faldone.search import analysis
from faldone.search.document import code_key


@dataclass(frozen=True, slots=True)
class Query:
    """One question to the index.

    ``words``, ``phrases`` and ``excluded`` are as typed; an excluded text of several words is excluded as a phrase.
    ``person`` is words of a name or a codice fiscale, all of which must be a person's of the document; ``service``
    and ``type`` are a code or words of its name. ``date_from`` and ``date_to`` are inclusive, and leave out documents
    without a date. ``offset`` and ``limit`` count documents.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    person: str | None = None
    cf: str | None = None
    protocol: str | None = None
    service: str | None = None
    type: str | None = None
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    limit: int = 20
    offset: int = 0

    def __post_init__(self) -> None:
        if self.limit < 0 or self.offset < 0:
            raise ValueError(f"limit and offset cannot be negative: {self.limit}, {self.offset}")
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValueError(f"the period ends before it begins: {self.date_from}…{self.date_to}")


_PREFIXES = {
    "utente": "person",
    "person": "person",
    "cf": "cf",
    "prot": "protocol",
    "servizio": "service",
    "service": "service",
    "tipo": "type",
    "type": "type",
    "dal": "date_from",
    "from": "date_from",
    "al": "date_to",
    "to": "date_to",
}
_QUOTES = {'"': '"', "“": "”", "«": "»"}
_PREFIX = re.compile(r"([^\W\d_]+):")
_VALUE = re.compile(r"\S+")
_CF_FORM = re.compile(r"[a-z]{6}[0-9a-z]{9}[a-z]|[0-9]{11}", re.ASCII)


def parse(text: str, *, limit: int = 20, offset: int = 0) -> Query:
    """The query that a person typed.

    Raises:
        QuerySyntaxError: a quote is not closed, a value is missing, repeated or not understood, or a name before a
            colon is unknown; ``column`` is 1-based.
    """
    words: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    named: dict[str, str] = {}
    dates: dict[str, dt.date] = {}
    at = _skip(text, 0)
    while at < len(text):
        start = at
        negative = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
        at += negative
        prefix = _PREFIX.match(text, at)
        if prefix is None or not _names_a_filter(text, prefix):
            value, at, quoted = _value(text, at)
            if not analysis.spell(value):
                if quoted:
                    raise _error(
                        "Fra le virgolette non c'è nulla da cercare", "there is nothing inside the quotes", start
                    )
            elif negative:
                excluded.append(value)
            else:
                (phrases if quoted else words).append(value)
        else:
            if negative:
                raise _error("Solo le parole si escludono con «-»", "only words can be excluded with «-»", start)
            key = _PREFIXES[prefix[1].lower()]
            at = _skip(text, prefix.end())
            if at == len(text):
                raise _error(f"Manca il valore dopo «{prefix[0]}»", f"a value is missing after «{prefix[0]}»", start)
            if key in named or key in dates:
                raise _error(f"«{prefix[0]}» compare due volte", f"«{prefix[0]}» stands twice", start)
            where = at
            value, at, _ = _value(text, at)
            if key.startswith("date_"):
                dates[key] = _date(value, key == "date_to", where)
            else:
                named[key] = _checked(key, value, where)
        at = _skip(text, at)
    if len(dates) == 2 and dates["date_from"] > dates["date_to"]:
        raise _error("Il periodo finisce prima di cominciare", "the period ends before it begins", 0)
    return Query(
        words=tuple(words),
        phrases=tuple(phrases),
        excluded=tuple(excluded),
        person=named.get("person"),
        cf=named.get("cf"),
        protocol=named.get("protocol"),
        service=named.get("service"),
        type=named.get("type"),
        date_from=dates.get("date_from"),
        date_to=dates.get("date_to"),
        limit=limit,
        offset=offset,
    )


def period(text: str) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of a date as people write it; ``None`` when it is not one.

    2014-03-12, 12/03/2014, 12.3.2014, 2014-03, 03/2014 and 2014 are understood.
    """
    for form in (
        r"(?P<y>\d{4})(?:-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?)?",
        r"(?:(?:(?P<d>\d{1,2})[/.-])?(?P<m>\d{1,2})[/.-])(?P<y>\d{4})",
    ):
        found = re.fullmatch(form, text.strip(), re.ASCII)
        if found is None:
            continue
        year, month, day = int(found["y"]), found["m"], found["d"]
        try:
            first = dt.date(year, int(month or 1), int(day or 1))
        except ValueError:
            return None
        if day:
            return first, first
        last_month = int(month or 12)
        return first, dt.date(year, last_month, calendar.monthrange(year, last_month)[1])
    return None


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _names_a_filter(text: str, prefix: re.Match[str]) -> bool:
    if prefix[1].lower() in _PREFIXES:
        return True
    if prefix.end() == len(text) or not text[prefix.end()].isalnum():
        return False  # «Oggetto: relazione» pasted from a letter is text
    known = "utente: cf: servizio: tipo: dal: al: prot:"
    raise QuerySyntaxError(
        f"Filtro sconosciuto «{prefix[0]}» / unknown filter «{prefix[0]}»",
        column=prefix.start() + 1,
        hint=f"I filtri sono {known} — per cercarlo come testo, tra virgolette / the filters are {known}; "
        "quote it to search for it as text",
    )


def _value(text: str, at: int) -> tuple[str, int, bool]:
    closing = _QUOTES.get(text[at])
    if closing is None:
        found = _VALUE.match(text, at)
        return (found[0], found.end(), False) if found else ("", at + 1, False)
    end = text.find(closing, at + 1)
    if end < 0:
        raise _error("Le virgolette aperte qui non vengono chiuse", "the quote opened here is not closed", at)
    return text[at + 1 : end], end + 1, True


def _date(value: str, last: bool, at: int) -> dt.date:
    found = period(value)
    if found is None:
        raise _error(f"«{value}» non è una data", f"«{value}» is not a date", at, hint="2014 · 03/2014 · 12/03/2014")
    return found[last]


def _checked(key: str, value: str, at: int) -> str:
    if not analysis.spell(value):
        raise _error("Il valore è vuoto", "the value is empty", at)
    if key == "cf" and not _CF_FORM.fullmatch(code_key(value)):
        raise _error(f"«{value}» non è un codice fiscale", f"«{value}» is not a codice fiscale", at)
    return value


def _error(italian: str, english: str, at: int, *, hint: str = "") -> QuerySyntaxError:
    return QuerySyntaxError(f"{italian} / {english}", column=at + 1, hint=hint)
