"""What a person asks, as a value, and the small language in which it is typed.

    affidamento minori            all the words, in any order, in any form
    "assegno di cura"             these words, one after the other; «…» and “…” as well
    -bozza   -"minuta di lettera" not these
    affid*                        words that begin so
    utente:rossi   cf:RSSMRA80    servizio:TUM   tipo:decreto   prot:1234/2014
    anno:2014   anno:2014-2016    dal:2014   al:31/12/2015    by the document's own date
    lotto:…   comune:crema   scatola:12   fascia:"da rivedere"   ordina:recenti

Every name has an English one beside it (:data:`FILTERS`). A value with spaces is quoted: ``utente:"rossi maria"``.
Nothing else has a meaning of its own: whatever other signs a text has, it is searched for by its words.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from faldone.domain.attribution import Band
from faldone.errors import QuerySyntaxError
from faldone.search import analysis
from faldone.search.document import Field, Labels, Named, code_key

MOST_TYPED = 32
"""Free words of one query: more is a pasted passage, which is searched for between quotes."""

SHORTEST_BEGINNING = 3
"""Letters before a «*»: fewer are the beginning of too many words."""


class Sort(StrEnum):
    """In which order the documents come."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    DOSSIER = "dossier"
    """By the holder's name, then the latest date first."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the free words ``first`` to ``last`` (exclusive) are understood as, besides text; one of these.

    ``code`` is a codice fiscale or, with ``begins``, its first characters; ``protocol`` is a number, with its year
    when it is known (:func:`faldone.search.document.protocol_keys`); ``days`` are the first and the last day of a
    date; ``alike`` are words of names that sound like the one word.
    """

    first: int
    last: int
    code: str | None = None
    begins: bool = False
    protocol: str | None = None
    days: tuple[dt.date, dt.date] | None = None
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """One question to the index.

    ``words``, ``phrases`` and ``excluded`` are as typed; an excluded text of several words is excluded as a phrase.
    ``person`` is words of a name or a codice fiscale, all of which must be a person's of the document; ``cf`` is a
    codice fiscale or its first six characters at least; ``service`` and ``type`` are a code or words of its name.
    ``date_from`` and ``date_to`` are inclusive, and leave out documents without a date. ``offset`` and ``limit`` count
    documents; ``after`` is the cursor of an earlier answer, from which this one goes on whatever the offset.
    ``prefixes`` are beginnings of words. ``like`` are words of which a good part is wanted: those by which another
    document is recognised. ``begun`` are those of ``words`` that count where a word begins so, too. ``readings`` come
    from :func:`faldone.search.understand.understand`. ``only`` are fields by which answers are counted, each with the
    values, just as they are told there, of which a document must have one.
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
    prefixes: tuple[str, ...] = ()
    batch: str | None = None
    comune: str | None = None
    box: str | None = None
    band: str | None = None
    like: tuple[str, ...] = ()
    sort: Sort = Sort.RELEVANCE
    after: str | None = None
    readings: tuple[Reading, ...] = ()
    only: tuple[tuple[Field, tuple[str, ...]], ...] = ()
    begun: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.limit < 0 or self.offset < 0:
            raise ValueError(f"limit and offset cannot be negative: {self.limit}, {self.offset}")
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValueError(f"the period ends before it begins: {self.date_from}…{self.date_to}")


FILTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("utente", "persona", "person"),
    "cf": ("cf",),
    "service": ("servizio", "service"),
    "type": ("tipo", "type"),
    "year": ("anno", "year"),
    "date_from": ("dal", "from"),
    "date_to": ("al", "to"),
    "protocol": ("prot", "protocollo", "protocol"),
    "batch": ("lotto", "batch"),
    "comune": ("comune", "town"),
    "box": ("scatola", "box"),
    "band": ("fascia", "band"),
    "sort": ("ordina", "sort"),
}
"""What stands before a colon, by what it means; the first is the one that is offered."""

BANDS: Final[Mapping[str, Band]] = {
    "archiviato": Band.AUTO, "auto": Band.AUTO, "filed": Band.AUTO,
    "da rivedere": Band.REVIEW, "rivedere": Band.REVIEW, "review": Band.REVIEW, "to review": Band.REVIEW,
    "fermo": Band.HOLD, "trattenuto": Band.HOLD, "hold": Band.HOLD, "held": Band.HOLD,
}  # fmt: skip

SORTS: Final[Mapping[str, Sort]] = {
    "pertinenza": Sort.RELEVANCE, "relevance": Sort.RELEVANCE,
    "recenti": Sort.NEWEST, "newest": Sort.NEWEST,
    "vecchi": Sort.OLDEST, "oldest": Sort.OLDEST,
    "fascicolo": Sort.DOSSIER, "dossier": Sort.DOSSIER,
}  # fmt: skip

MONTHS: Final = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
    "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip
"""As dates are written out."""

_MEANING = {name: key for key, names in FILTERS.items() for name in names}
_QUOTES = {'"': '"', "“": "”", "„": "”", "«": "»"}
_FILTER = re.compile(r"([^\W\d_]+):")
_VALUE = re.compile(r"\S+")
_CF_FORM = re.compile(r"[a-z]{6}[0-9a-z]{0,9}|[a-z]{6}[0-9a-z]{9}[a-z]|[0-9]{11}", re.ASCII)
_YEARS = re.compile(r"(\d{4})(?:\s*[-–/]\s*(\d{4}))?", re.ASCII)
_NEAR = 0.6  # share of letters in place; «serivzio» has 0.88 of «servizio», «oggetto» 0.43 of «lotto»


@dataclass(slots=True)
class _Typed:
    """What was read of a query so far."""

    words: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    dates: dict[str, dt.date] = field(default_factory=dict)


def parse(text: str, *, lexicon: Labels | None = None, limit: int = 20, offset: int = 0) -> Query:
    """The query that a person typed. With a ``lexicon``, services and types must be of it.

    Raises:
        QuerySyntaxError: a quote is not closed, a value is missing, repeated or not understood, a name before a colon
            is unknown, or there is nothing to search for in the text; ``column`` is 1-based and ``hint`` says what
            may have been meant.
    """
    typed = _Typed()
    at = _skip(text, 0)
    start = at
    while at < len(text):
        negative = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
        name = _FILTER.match(text, at + negative)
        if name is not None and _names_a_filter(text, name):
            if negative:
                raise _error("Solo le parole si escludono con «-»", "only words can be excluded with «-»", at)
            at = _read_filter(text, name, lexicon, typed)
        else:
            at = _read_words(text, at, negative, typed)
        at = _skip(text, at)
    if len(typed.dates) == 2 and typed.dates["date_from"] > typed.dates["date_to"]:
        raise _error("Il periodo finisce prima di cominciare", "the period ends before it begins", 0)
    if start < len(text) and typed == _Typed():
        raise _error("Non c'è nulla da cercare", "there is nothing to search for", start)
    named = typed.named
    return Query(
        words=tuple(typed.words),
        phrases=tuple(typed.phrases),
        excluded=tuple(typed.excluded),
        person=named.get("person"),
        cf=named.get("cf"),
        protocol=named.get("protocol"),
        service=named.get("service"),
        type=named.get("type"),
        date_from=typed.dates.get("date_from"),
        date_to=typed.dates.get("date_to"),
        limit=limit,
        offset=offset,
        prefixes=tuple(typed.prefixes),
        batch=named.get("batch"),
        comune=named.get("comune"),
        box=named.get("box"),
        band=named.get("band"),
        sort=Sort(named.get("sort", Sort.RELEVANCE)),
    )


def write(query: Query) -> str:
    """The text from which :func:`parse` makes the query again, for a link or a search that is kept."""
    named = {
        "person": query.person, "cf": query.cf, "service": query.service, "type": query.type,
        "date_from": query.date_from and query.date_from.isoformat(),
        "date_to": query.date_to and query.date_to.isoformat(),
        "protocol": query.protocol, "batch": query.batch, "comune": query.comune, "box": query.box, "band": query.band,
        "sort": None if query.sort is Sort.RELEVANCE else query.sort.value,
    }  # fmt: skip
    parts = [*query.words, *(_quoted(phrase) for phrase in query.phrases)]
    parts += [f"-{_quoted(text) if _spaced(text) else text}" for text in query.excluded]
    parts += [f"{prefix}*" for prefix in query.prefixes]
    parts += [
        f"{FILTERS[key][0]}:{_quoted(value) if _spaced(value) else value}" for key, value in named.items() if value
    ]
    return " ".join(parts)


def check(query: Query, lexicon: Labels) -> None:
    """Whether service and type of a query are known: a code that is not finds nothing, which reads as «nothing there».

    Raises:
        QuerySyntaxError: one is not; the hint has the nearest.
    """
    for value, known in ((query.service, lexicon.services), (query.type, lexicon.types)):
        if value is not None:
            _known(value, known, 0)


def period(text: str) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of a date as people write it; ``None`` when it is not one.

    2014-03-12, 12/03/2014, 12.3.2014, 2014-03, 03/2014 and 2014 are understood.
    """
    for form in (
        r"(?P<y>\d{4})(?:-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?)?",
        r"(?:(?:(?P<d>\d{1,2})[/.-])?(?P<m>\d{1,2})[/.-])(?P<y>\d{4})",
    ):
        found = re.fullmatch(form, text.strip(), re.ASCII)
        if found is not None:
            return days(found["y"], found["m"], found["d"])
    return None


def days(year: str, month: str | None, day: str | None) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of a year, a month of it or a day of that, in digits; ``None`` where there is none."""
    try:
        first = dt.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if day:
        return first, first
    last_month = int(month or 12)
    return first, dt.date(first.year, last_month, calendar.monthrange(first.year, last_month)[1])


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _names_a_filter(text: str, name: re.Match[str]) -> bool:
    typed = name[1].lower()
    if typed in _MEANING:
        return True
    if name.end() == len(text) or not (text[name.end()].isalnum() or text[name.end()] in _QUOTES):
        return False  # «Oggetto: relazione» pasted from a letter is text
    near = process.extractOne(typed, list(_MEANING), scorer=OSA.normalized_similarity, score_cutoff=_NEAR)
    if near is not None:
        italian, english = f"Forse «{near[0]}:»", f"did you mean «{near[0]}:»?"
    else:
        offered = " ".join(f"{names[0]}:" for names in FILTERS.values())
        italian, english = f"I filtri sono {offered}", f"the filters are {offered}"
    raise QuerySyntaxError(
        f"Filtro sconosciuto «{name[0]}» / unknown filter «{name[0]}»",
        column=name.start() + 1,
        hint=f"{italian} — per cercarlo come testo, tra virgolette / {english} — quote it to search for it as text",
    )


def _read_words(text: str, at: int, negative: bool, typed: _Typed) -> int:
    start = at
    value, at, quoted = _value(text, at + negative)
    if not analysis.spell(value):
        if quoted:
            raise _error("Fra le virgolette non c'è nulla da cercare", "there is nothing inside the quotes", start)
        return at
    if not quoted and value.endswith("*"):
        beginning = analysis.spell(value.rstrip("*"))[-1]
        if beginning.end == len(value.rstrip("*")):
            if negative or len(beginning.term) < SHORTEST_BEGINNING:
                raise _error(
                    f"Prima di «*» ci vogliono almeno {SHORTEST_BEGINNING} lettere, e «-» vuole una parola intera",
                    f"«*» needs {SHORTEST_BEGINNING} letters before it, and «-» a whole word",
                    start,
                )
            typed.prefixes.append(value[beginning.start : beginning.end])
            value = value[: beginning.start]
            if not analysis.spell(value):
                return at
    if negative:
        typed.excluded.append(value)
    elif quoted:
        typed.phrases.append(value)
    elif len(typed.words) == MOST_TYPED:
        raise QuerySyntaxError(
            f"Più di {MOST_TYPED} parole / more than {MOST_TYPED} words",
            column=start + 1,
            hint="Un brano si cerca fra virgolette / quote a passage to search for it",
        )
    else:
        typed.words.append(value)
    return at


def _read_filter(text: str, name: re.Match[str], lexicon: Labels | None, typed: _Typed) -> int:
    key, start = _MEANING[name[1].lower()], name.start()
    where = _skip(text, name.end())
    if where == len(text):
        raise _error(f"Manca il valore dopo «{name[0]}»", f"a value is missing after «{name[0]}»", start)
    clashes = ("date_from", "date_to") if key == "year" else (key,)
    if key in typed.named or any(other in typed.dates for other in clashes):
        raise _error(f"«{name[0]}» compare due volte", f"«{name[0]}» stands twice", start)
    value, end, _ = _value(text, where)
    if key == "year":
        typed.dates["date_from"], typed.dates["date_to"] = _years(value, where)
    elif key in ("date_from", "date_to"):
        typed.dates[key] = _date(value, key == "date_to", where)
    else:
        typed.named[key] = _checked(key, value, lexicon, where)
    return end


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


def _years(value: str, at: int) -> tuple[dt.date, dt.date]:
    found = _YEARS.fullmatch(value.strip())
    first = found and days(found[1], None, None)
    last = found and days(found[2] or found[1], None, None)
    if not first or not last or last < first:
        raise _error(f"«{value}» non è un anno", f"«{value}» is not a year", at, hint="2014 · 2014-2016")
    return first[0], last[1]


def _checked(key: str, value: str, lexicon: Labels | None, at: int) -> str:
    if not analysis.spell(value):
        raise _error("Il valore è vuoto", "the value is empty", at)
    if key == "cf" and not _CF_FORM.fullmatch(code_key(value)):
        raise _error(
            f"«{value}» non è un codice fiscale né il suo inizio",
            f"«{value}» is neither a codice fiscale nor its beginning",
            at,
        )
    if key == "band":
        return _choice(value, BANDS, at)
    if key == "sort":
        return _choice(value, SORTS, at)
    if lexicon is not None and key in ("service", "type"):
        _known(value, lexicon.services if key == "service" else lexicon.types, at)
    return value


def _choice(value: str, choices: Mapping[str, StrEnum], at: int) -> str:
    chosen = choices.get(" ".join(analysis.fold(value).replace("-", " ").split()))
    if chosen is None:
        raise _error(f"Non esiste «{value}»", f"there is no «{value}»", at, hint=" · ".join(choices))
    return chosen.value


def _known(value: str, names: Mapping[str, Named], at: int) -> None:
    key = code_key(value)
    words = [_stems(token.term) for token in analysis.spell(value) if analysis.stem(token.term) is not None]
    for code, item in names.items():
        own = {token.term for token in analysis.analyse(item.name)}
        if code_key(code) == key or (words and all(own & forms for forms in words)):
            return
    ways = {way: code for code, item in names.items() for way in (code, item.name)}
    near = process.extract(value, list(ways), scorer=fuzz.WRatio, processor=analysis.fold, limit=6)
    codes = list(dict.fromkeys(ways[way] for way, _, _ in near))[:3]
    offered = " · ".join(f"{code} ({names[code].name})" for code in codes)
    raise _error(
        f"«{value}» non è né il codice né il nome di alcuno",
        f"«{value}» is neither a code nor a name of any",
        at,
        hint=f"Forse / perhaps: {offered}" if offered else "",
    )


def _spaced(text: str) -> bool:
    return text[0] in _QUOTES or any(character.isspace() for character in text)


def _quoted(text: str) -> str:
    return f'"{text}"' if '"' not in text else f"«{text}»"


def _stems(word: str) -> set[str | None]:
    return {analysis.stem(form) for form in (word, *analysis.variants(word))} - {None}


def _error(italian: str, english: str, at: int, *, hint: str = "") -> QuerySyntaxError:
    return QuerySyntaxError(f"{italian} / {english}", column=at + 1, hint=hint)
