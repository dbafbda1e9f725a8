"""Dates on Italian papers, day first, in every form they are written in; and which of them is the document's own.

Citations of laws are masked first. What is no full date (a month and a year) is no date: a day is never made up.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from faldone.classify.laws import mask_laws
from faldone.classify.lexicon import DocumentType
from faldone.classify.normalise import digits_from, letters_from
from faldone.classify.phrases import Hit
from faldone.classify.reading import Reading
from faldone.domain.attribution import Attribution

_FIRST_YEAR: Final = 1900
MONTH_NAMES: Final = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
    "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip
_ROMAN: Final = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}
_D: Final = "[0-9oOilI|zZsSBg]"
# «28/06/2 007»: a year torn after its first or third figure is no other year.
_YEAR: Final = rf"(?:2[ .]?0{_D}{{2}}|20[0-9]\.[0-9]|{_D}{{4}}|[0-9]{_D}|{_D}[0-9])"
_NUMERIC = re.compile(
    rf"(?<![0-9a-zA-Z/.,-])({_D}{{1,2}}) ?([./-]) ?({_D}{{1,2}}) ?\2 ?'?({_YEAR})(?![0-9a-zA-Z]|[/-][0-9]|[.,][0-9])"
)
# «12/01I2000», «05/0812016»: a stroke read as a figure, where the century still shows the year.
_WORN = re.compile(
    r"(?<![0-9a-zA-Z/.,-])(?:([0-9]{2})/([0-9]{2})[1il|!]((?:19|20)[0-9]{2})|([0-9]{2})[1il|!]([0-9]{2})/((?:19|20)[0-9]{2}))(?![0-9a-zA-Z/])"
)
# The frame of a stamp may be read as a fifth figure of the year («20 OTT. 20221»): no year has five.
_NAMED = re.compile(
    rf"(?<![0-9a-zA-Z/])({_D}{{1,2}}|[1l])\s?(°?)[\s.-]{{0,3}}([a-z][a-z0-9|]{{2,10}})\.?[\s.,-]{{0,3}}'?"
    rf"(?:((?:19|2[0o]){_D}{{2}})[1il|!\]]?|({_D}{{4}}|[0-9]{{2}}))(?![0-9a-zA-Z]|[.:][0-9])"
)
_DAY_AND_MONTH: Final = re.compile(r"(?<![0-9a-z])([0-9]{1,2})°?[\s./-]{1,3}([a-z]{3,10}|[0-9]{1,2})(?![0-9a-z])")
_ROMAN_DATE = re.compile(
    r"(?<![0-9a-zA-Z/])([0-9]{1,2})\s?[\s./-]\s?([ivxl|]{1,4})\s?[\s./-]\s?((?:19|20)[0-9]{2}|'[0-9]{2}|(?<=[./-])[0-9]{2})(?![0-9a-zA-Z])"
)
_MONTHS: Final = "|".join(MONTH_NAMES)
_IN_WORDS: Final = r"(?:[a-z]+|[0-9]{1,2}°?(?:\s*\([a-z]+\))?)"
_YEAR_IN_WORDS: Final = r"(?:(?:mille|due\s?mila)\s?[a-z]*(?:\s[a-z]+)??|(?:19|20)[0-9]{2}(?:\s*\([a-z ]+\))?)"
# «L'anno duemiladiciannove, addì due del mese di ottobre» and «il giorno 2 (due) del mese di ottobre dell'anno 2019».
_WORDS_DATE = re.compile(
    rf"l'anno\s+(?P<year>{_YEAR_IN_WORDS})\s*,?\s*(?:addi'?|il\s+giorno|il|li'?|e\s+questo\s+di'?)?\s*,?\s*(?P<day>{_IN_WORDS})"
    rf"\s*,?\s*(?:del\s+mese\s+di|di|del)?\s*,?\s*(?P<month>{_MONTHS})"
)
_DAY_IN_WORDS = re.compile(
    rf"\b(?P<day>{_IN_WORDS})\s+(?:del\s+mese\s+di\s+)?(?P<month>{_MONTHS})\s+(?:(?:dell')?anno\s+)?(?P<year>{_YEAR_IN_WORDS})"
)
_BIRTH = re.compile(
    r"\b(?:nat[oaie]|nasc\w*|n\.\s*(?:a|il)\b|n\.[ao]\b|nascita|data\s+(?:di\s+)?nasc\w*|d\.\s?n\.)"
    r"|\bn\.\s*$"  # «ROSSI EGIDIO n. 07/04/1991»: no number is a date
    r"|\bdata\s+e\s+luogo\s+di\s*$|\bluogo\s+e\s+data\s+di\s*$"  # the label goes on below, behind the value
)
_OTHER_EVENT = re.compile(
    r"\b(?:scadenza|scade|udienz\w*|decorrenza|a\s+decorrere|decorrere|fino\s+al|sino\s+al|entro\s+(?:il|e\s+non\s+oltre)|dal(?:l')?|dall'|periodo|pervenut\w*|arrivo|ricevut\w*|"
    r"vs\.?|vostr[ao]|rif\.?|riferimento|riscontro|nota\s+(?:prot|del)|prossim\w*|deced\w*|mort[oa]|matrimonio|coniugat[io]|separat[io]|ricoverat[oa]|visto|vista|visti|richiamat\w*|decesso|validita|"
    r"valid[ao]|revision\w*|rivedibil\w*|visita|visitat[oa]|convocat\w*|appuntamento|giuramento)\b"
)
_OWN = re.compile(
    r"(?:\b(?:li'?|addi'?|oggi)|(?<!in )\bdata|(?<!in )\bdata\s+[a-z' ]{3,28}|\baggiornat[oaie]\s+al|\bsituazione\s+al|"
    r"\bdata\s*(?:e\s+firma|documento)?\s*:|\bluogo\s+e\s+data\s*:?)[\s:,_.]*$"
)
_THEN = re.compile(r"(?:^|\n)\W*(?:in\s+data|(?:il\s+)?giorno)[\s:,_.]*$")
_DONE = re.compile(
    r"\b(?:riunit\w+|tenut\w+|svolt\w+|sottoscritt\w+|redatt\w+|rilasciat\w+|chius[oa]|definit[oa])\b[^.;\n]{0,24}(?:in\s+data|(?:il\s+|del\s+)?giorno|\b[i1]l)[\s:,_.]*$"
)
# «Crema, lì 12 marzo 2014»: a place has a capital letter wherever it stands, or starts the line.
_PLACE = re.compile(
    r"(?:(?:^|\n)\s*(?-i:[A-Za-zÀ-ù])|\s(?-i:[A-ZÀ-Ù]))[a-zà-ù'’]{2,}(?:\s[a-zà-ù'’,]{1,12}){0,3}(?:\s*\([a-z]{2}\))?\s*[,.;][\s_|~-]*"
    r"(?:[l1][iìl]['’]?|il|add[iì]['’]?|data)?[\s_|~-]*$|\b[l1][iì]['’]?\s*[,.]?[\s_|~-]*$",
    re.IGNORECASE,
)
_PROTOCOL = re.compile(r"\bprot(?:ocollo|\.|\s)?[^\n]{0,40}$")
# «DETERMINAZIONE N. 45 DEL …», «N. 45 Data: …», «Nota di debito n. 12/09 - …».
_ACT_NUMBER = re.compile(
    r"\b(?:n|nr|num|reg)?[.°\s]*[~,]*\s*[0-9][0-9a-z]{0,5}(?:\s?/\s?[0-9a-z]{2,4})?(?:\s+(?:del|di\s+data|in\s+data|data)\s*:?|\s*[-,])\s*$"
)
_LABELLED = re.compile(r"[a-z]{4,}\s*[:.]")  # «Revisione: 18/11/1994»: what the label says, and it says not «data»
_BREAK = re.compile(r"[.;:]\s+[a-z]{4}|\bdel(?:la)?\s+[0-9]")
_NEVER_OWN = re.compile(r"\b(?:vist[oaie]|regolarita|esecutiv\w+|pubblicat\w+|pubblicazione)\b")
_SAME_LABEL = re.compile(r"[\s:.,_-]*(?:il|del|al|dal|in\s+data|lo|li)?[\s:._]*")
# «vista la determinazione n. 12 del …»: the act that is cited has a date of its own.
_CITED_ACT = re.compile(
    r"\b(?:vist\w|richiamat\w|propri\w|precedente|con|della|alla|dalla|suddett\w|predett\w|present\w)\s+"
    r"(?:la\s+|il\s+|propria\s+|precedente\s+)?$|\b(?:ricorso|istanza|nota|relazione|memoria|reclamo)\s+$"
)
_ARRIVAL = re.compile(r"\b(?:arrivo|entrata|pervenut\w*|ricevut\w*)\b")


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A full date on a page, with its span; ``birth`` says that it is somebody's day of birth."""

    value: dt.date
    start: int
    end: int
    birth: bool = False


@dataclass(frozen=True, slots=True)
class Dating:
    """A document's date, if one is sure enough.

    ``impossible`` says that the date which the paper gives as its own cannot be: it is after the scan or before the
    holder's birth, so it was misread or the paper is somebody else's.
    """

    date: Attribution[dt.date] | None
    impossible: bool = False


def italian_number(word: str) -> int | None:
    """The number (1–2999) that an Italian word says: ``duemiladiciannove`` is 2019."""
    text = word.replace(" ", "").replace("'", "")
    total = 0
    for prefix, value in (("duemila", 2000), ("mille", 1000)):
        if text.startswith(prefix):
            total, text = value, text[len(prefix) :].removeprefix("e")
            break
    hundreds = re.match(r"(due|tre|quattro|cinque|sei|sette|otto|nove)?cento?", text)
    if hundreds and hundreds.group():
        total += 100 * (_UNITS[hundreds[1]] if hundreds[1] else 1)
        text = text[hundreds.end() :]
    if not text:
        return total or None
    small = _BELOW_HUNDRED.get(text)
    return total + small if small is not None else None


_UNITS: Final = {"uno": 1, "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "sette": 7, "otto": 8, "nove": 9}
_TENS: Final = ("venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta")


def _below_hundred() -> dict[str, int]:
    numbers = dict(_UNITS) | {"un": 1, "primo": 1}
    for value, word in enumerate(
        (
            "dieci",
            "undici",
            "dodici",
            "tredici",
            "quattordici",
            "quindici",
            "sedici",
            "diciassette",
            "diciotto",
            "diciannove",
        ),
        10,
    ):
        numbers[word] = value
    for ten, word in enumerate(_TENS, 2):
        numbers[word] = ten * 10
        for unit, value in _UNITS.items():
            numbers[(word[:-1] if unit[0] in "uo" else word) + unit] = ten * 10 + value
    return numbers


_BELOW_HUNDRED: Final = _below_hundred()


def _year(text: str, latest: dt.date) -> int | None:
    digits = digits_from(text.replace(" ", "").replace(".", ""))
    if not digits.isdigit():
        return None
    year = int(digits)
    if len(digits) == 2:
        # Two digits: the latest such year that is not after the scan (domain notes §5: «window by scan date»).
        year += latest.year // 100 * 100
        if year > latest.year:
            year -= 100
    return year if year >= _FIRST_YEAR else None


def _date(day: int, month: int, year: int | None) -> dt.date | None:
    if year is None:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def day_and_month(text: str) -> tuple[int, int] | None:
    """The day and the month of the first date of a folded text, whether its year was read or not."""
    for found in _DAY_AND_MONTH.finditer(text):
        day, month = _small(found[1], 31), _small(found[2], 12) if found[2].isdigit() else _month(found[2], guess=True)
        if day and month:
            return day, month
    return None


def _small(text: str, highest: int) -> int | None:
    digits = digits_from(text)
    return int(digits) if digits.isdigit() and 1 <= int(digits) <= highest else None


def _month(word: str, *, guess: bool = False) -> int | None:
    """The month that a word says; ``guess`` takes a misread one too («rnarzo», «febhraio»), if no other is as near."""
    stem = letters_from(word).replace("rn", "m").rstrip(".")
    for index, name in enumerate(MONTH_NAMES, 1):
        if name.startswith(stem):
            return index
    if stem[:4] == "sett" and len(stem) <= 5:
        return 9
    if len(stem) == 4 and stem[:3] != "mar":  # «genn.», «magg.»
        short = [index for index, name in enumerate(MONTH_NAMES, 1) if name[:3] == stem[:3]]
        if short:
            return short[0]
    if not guess or len(stem) < 4:
        return None
    near = sorted((OSA.distance(stem, name, score_cutoff=3), index) for index, name in enumerate(MONTH_NAMES, 1))
    (distance, best), (second, _) = near[:2]
    return best if distance <= (1 if len(MONTH_NAMES[best - 1]) <= 5 else 2) and distance < second else None


def _is_day(text: str, ordinal: str) -> bool:
    """Whether it is written as a number: «il marzo 2014» has no day, «lO marzo» has."""
    return any(char.isdigit() for char in text) or text in ("lo", "io", "ll") or (text == "l" and bool(ordinal))


def _said(text: str) -> int | None:
    """A number in figures («2 (due)»: the figures count) or in words."""
    figures = re.match(r"[0-9]+", text)
    if figures:
        return int(figures.group())
    return italian_number(" ".join(text.split()))


def find_dates(text: str, *, latest: dt.date) -> tuple[FoundDate, ...]:
    """The full dates in a folded text, in reading order, none of them out of a citation of a law.

    Args:
        text: a folded text; citations may still be in it.
        latest: the day of the scan; it decides the century of two-digit years (a later date is still returned).
    """
    masked = mask_laws(text)
    spans: dict[tuple[int, int], dt.date] = {}

    def keep(start: int, end: int, value: dt.date | None) -> None:
        if value is not None and not any(start < other_end and other_start < end for other_start, other_end in spans):
            spans[start, end] = value

    for pattern in (_WORDS_DATE, _DAY_IN_WORDS):
        for match in pattern.finditer(masked):
            named = MONTH_NAMES.index(match["month"]) + 1
            keep(*match.span(), _date(_said(match["day"]) or 0, named, _said(match["year"])))
    for match in _NAMED.finditer(masked):
        year = match[4] or match[5]
        month = _month(match[3], guess=len(year) == 4)
        if month and _is_day(match[1], match[2]) and _mostly_digits(match[1] + year):
            keep(*match.span(), _date(_small(match[1], 31) or 0, month, _year(year, latest)))
    for match in _NUMERIC.finditer(masked):
        if _mostly_digits(match[1] + match[3] + match[4]):
            keep(*match.span(), _date(_small(match[1], 31) or 0, _small(match[3], 12) or 0, _year(match[4], latest)))
    for match in _WORN.finditer(masked):
        keep(*match.span(), _date(*(int(part) for part in match.groups() if part)))
    for match in _ROMAN_DATE.finditer(masked):
        roman = _ROMAN.get(match[2].replace("l", "i").replace("|", "i"))
        if roman:
            keep(*match.span(), _date(int(match[1]), roman, _year(match[3].strip("'"), latest)))
    found: list[FoundDate] = []
    previous_end = 0
    for (start, end), value in sorted(spans.items()):
        birth = _is_birth(text, max(previous_end, start - 70), start) or _is_second_birth(text, found, start)
        found.append(FoundDate(value, start, end, birth))
        previous_end = end
    return tuple(found)


def _is_birth(text: str, first: int, start: int) -> bool:
    """Whether the words before a date say that somebody was born then, and no label of another date stands between.

    They are whole words, also where ``first`` cuts one: the «nata» of «esaminata la relazione del …» is no birth.
    """
    cues = list(_BIRTH.finditer(text, first, start))
    if not cues:
        return False
    rest = text[cues[-1].end() : start]
    above, newline, line = rest.rpartition("\n")
    return not (newline and len(above) > 3 and (_OWN.search(line) or _PLACE.search(line)))


def _is_second_birth(text: str, found: Sequence[FoundDate], start: int) -> bool:
    """«nati rispettivamente il 3.4.2001 e il 5.6.2003»: the second date is a birth too."""
    if not found or not found[-1].birth:
        return False
    return re.fullmatch(r"\s*(?:,|e|ed)\s*(?:il|l')?\s*", text[found[-1].end : start]) is not None


def _mostly_digits(text: str) -> bool:
    return sum(char.isdigit() for char in text) * 3 >= len(text)  # «lO/O3/2Ol4» keeps three of eight


def document_date(
    pages: Sequence[Reading],
    dates: Sequence[Sequence[FoundDate]],
    hits: Sequence[Sequence[Hit]],
    kind: DocumentType | None,
    *,
    scanned_on: dt.date,
    born: Iterable[dt.date],
    protocol_dates: frozenset[dt.date],
    arrival_dates: frozenset[dt.date] = frozenset(),
    version: str,
) -> Dating:
    """The document's date by its type's own rule; no date when none is sure enough.

    Args:
        pages: the readings of the document's pages.
        dates: the dates of each page.
        hits: the phrase hits of each page; those of family «date» are the types' cues.
        kind: the type, if known: it says which date counts (deposit of a decree, presentation of a DSU…).
        scanned_on: nothing is dated later.
        born: the holders' days of birth: nothing is dated earlier, and no birth date is a document's.
        protocol_dates: dates that belong to a registration; they count only when there is nothing else.
        arrival_dates: those of them that are an arrival stamp's: when a paper came is not when it was written.
        version: the lexicon's version.
    """
    if kind is not None and kind.dated_by_entries:
        return Dating(_last_entry(pages, dates, scanned_on, version))
    if kind is not None and not kind.dated:
        return Dating(None)
    births = set(born)
    births.update(found.value for page in dates for found in page if found.birth)
    earliest = max(set(born), default=dt.date.min)
    scored: list[tuple[float, int, int, FoundDate, str]] = []
    refused = 0.0
    cue_met = False
    for number, (reading, page_dates, page_hits) in enumerate(zip(pages, dates, hits, strict=True)):
        for position, found in enumerate(page_dates):
            if found.birth or found.value in births:
                continue
            floor = page_dates[position - 1].end if position else 0
            score, why = _score(
                reading, found, floor, page_hits, kind, number, len(pages), protocol_dates, arrival_dates
            )
            expires = kind is not None and kind.dated_by_expiry and why == "cue"
            if (found.value > scanned_on and not expires) or found.value < earliest:
                refused = max(refused, score if why in ("cue", "place", "own") else 0.0)
                continue
            cue_met |= why == "cue"
            scored.append((score, -number, -position, found, why))
    if not scored:
        return Dating(None, refused >= _SAID)
    if kind is not None and kind.has_date_cues and not cue_met:
        scored = [(score - 0.05, page, position, found, why) for score, page, position, found, why in scored]
    scored.sort(key=lambda item: item[:3], reverse=True)
    score, page, _, best, why = scored[0]
    rival = next((item for item in scored if item[3].value != best.value), None)
    margin = 1.0 if rival is None else max(score - rival[0], 0.0)
    confidence = min(score, 0.97) - (0.12 if margin < 0.1 else 0.0)
    impossible = refused >= _SAID and refused > score
    if impossible or confidence < _DATE_FLOOR:
        return Dating(None, impossible)
    reading = pages[-page]
    return Dating(
        Attribution(
            best.value,
            round(confidence, 3),
            f"date-{why}",
            version,
            (reading.evidence("date", best.start, best.end, confidence),),
            round(min(margin, 1.0), 3),
            rival[3].value.isoformat() if rival else None,
        )
    )


_DATE_FLOOR: Final = 0.5
_SAID: Final = 0.75
_ENTRIES: Final = 2


def _last_entry(
    pages: Sequence[Reading], dates: Sequence[Sequence[FoundDate]], scanned_on: dt.date, version: str
) -> Attribution[dt.date] | None:
    """The date of a paper that is written entry by entry: the last one's; the first is proved beside it.

    An entry starts its line. Entries follow each other in time, so one that is out of order is a misread one.
    """
    entries: list[tuple[Reading, FoundDate]] = []
    for reading, page_dates in zip(pages, dates, strict=True):
        for found in page_dates:
            start, _ = reading.line_span(reading.line_of(found.start))
            opens = not reading.folded[start : found.start].strip(" -|*[(")
            told = reading.folded[found.end : found.end + 1] in (".", ",", ";")  # «appuntamento il / 20/07/2004.»
            if opens and not told and not found.birth and found.value <= scanned_on:
                entries.append((reading, found))
    if len(entries) < _ENTRIES:
        return None
    (opened, first), (closed, last) = entries[0], entries[-1]
    in_order = last.value == max(found.value for _, found in entries)
    if not in_order:
        return None
    return Attribution(
        last.value,
        0.85,
        "date-last-entry",
        version,
        (closed.evidence("date", last.start, last.end, 0.85), opened.evidence("date", first.start, first.end, 0.85)),
        1.0,
        first.value.isoformat(),
    )


def _score(
    reading: Reading,
    found: FoundDate,
    floor: int,
    hits: Sequence[Hit],
    kind: DocumentType | None,
    number: int,
    count: int,
    protocol_dates: frozenset[dt.date],
    arrival_dates: frozenset[dt.date],
) -> tuple[float, str]:
    """How likely this is the document's own date, and by which rule."""
    before = reading.folded[max(floor, found.start - 60) : found.start]
    tail = before.rsplit("\n", 1)[-1]
    depth = reading.depth(found.start)
    line_start, line_end = reading.line_span(reading.line_of(found.start))
    score, why = 0.35, "bare"
    at_top = number == 0 and depth < 0.36
    at_end = number == count - 1 and depth > 0.6
    shown = reading.raw[max(floor, found.start - 45) : found.start]
    placed = _PLACE.search(shown) is not None and not _NEVER_OWN.search(reading.folded[line_start : found.start])
    cue = _cue(reading, found, floor, hits, kind) if kind is not None else None
    if cue is not None:
        if cue.entry.kind != "avoid" and not _CITED_ACT.search(reading.folded[max(cue.start - 24, 0) : cue.start]):
            near = 0.1 if found.start - cue.end <= 20 else 0.0
            score, why = 0.8 + near + min(0.02 * cue.words, 0.06), "cue"
        elif not placed:
            return 0.1, "avoided"
    if why != "cue" and kind is not None and number == 0 and depth < 0.5:
        numbered = _ACT_NUMBER.search(before)
        if numbered is not None:
            act = found.start - len(before) + numbered.start()
            if any(
                hit.entry.family == "type"
                and hit.entry.kind == "header"
                and hit.entry.code == kind.code
                and -2 <= act - hit.end <= 45
                and not _BREAK.search(reading.folded[hit.end : max(act, hit.end)])
                and not _CITED_ACT.search(reading.folded[max(hit.start - 24, 0) : hit.start])
                for hit in hits
            ):
                score, why = 0.9, "cue"
    if why != "cue":
        if not placed and (_PROTOCOL.search(before) or found.value in protocol_dates):
            arrived = found.value in arrival_dates or _ARRIVAL.search(reading.folded[line_start:line_end])
            # What came from outside was registered here on another day than it was written.
            foreign = kind is not None and kind.origin == "entrata"
            score, why = (0.3 if arrived or foreign else 0.55), "protocol"
        elif not placed and (_OTHER_EVENT.search(tail[-40:]) or _NEVER_OWN.search(tail)):
            return 0.2, "other"
        elif placed:
            score, why = 0.86, "place"
        elif _OWN.search(before) or _DONE.search(before):
            score, why = 0.78, "own"
        elif _THEN.search(before):
            # «in data …» opens minutes and closes forms; in the middle of a text it tells of something else.
            score, why = (0.78, "own") if at_top or at_end else (0.4, "other")
        elif line_end - line_start <= 24 and not _LABELLED.search(tail):
            score, why = 0.62, "alone"
        elif _OTHER_EVENT.search(before):
            return 0.2, "other"
        if kind is not None and kind.collective and why in ("alone", "bare"):
            return 0.3, "other"  # a column of a list: births, deadlines, dates of applications
    if why != "protocol" and (at_top or at_end):
        score += 0.06
    return score, why


def _cue(reading: Reading, found: FoundDate, floor: int, hits: Sequence[Hit], kind: DocumentType) -> Hit | None:
    """The type's own words before a date, the nearest; words to avoid on the line above count only as its label."""
    for hit in sorted(hits, key=lambda item: (-item.end, item.start)):
        if hit.entry.family != "date" or hit.entry.code != kind.code:
            continue
        if not (floor <= hit.start and 0 <= found.start - hit.end <= 45):
            continue
        between = reading.folded[hit.end : found.start]
        if hit.entry.kind == "avoid" and "\n" in between and not _SAME_LABEL.fullmatch(between):
            continue  # «… verifica prevista / Crema, 5 giugno 2013»
        return hit
    return None
