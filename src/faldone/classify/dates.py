"""Dates on Italian papers, day first, in every form they are written in; and which of them is the document's own.

Citations of laws are masked first. What is no full date (a month and a year) is no date: a day is never made up.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from faldone.classify.laws import mask_laws
from faldone.classify.lexicon import DocumentType
from faldone.classify.normalise import digits_from
from faldone.classify.phrases import Hit
from faldone.classify.reading import Reading
from faldone.domain.attribution import Attribution

_FIRST_YEAR: Final = 1900
_MONTH_NAMES: Final = (
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
_D: Final = "[0-9oOilI|zZsSB]"
_NUMERIC = re.compile(
    rf"(?<![0-9a-zA-Z/.,-])({_D}{{1,2}})\s?([./-])\s?({_D}{{1,2}})\s?\2\s?'?({_D}{{4}}|{_D}{{2}})(?![0-9a-zA-Z]|[/-][0-9]|[.,][0-9])"
)
_NAMED = re.compile(
    rf"(?<![0-9a-zA-Z/])({_D}{{1,2}})\s?°?[\s.-]{{0,3}}((?:gen|feb|mar|rna[rg]|apr|mag|giu|lug|ago|set|ott|nov|dic)[a-z0-9]{{0,8}})\.?[\s.,-]{{0,3}}'?({_D}{{4}}|[0-9]{{2}})(?![0-9a-zA-Z])"
)
_ROMAN_DATE = re.compile(
    r"(?<![0-9a-zA-Z/])([0-9]{1,2})\s?[\s./-]\s?([ivx]{1,4})\s?[\s./-]\s?((?:19|20)[0-9]{2}|'[0-9]{2}|(?<=[./-])[0-9]{2})(?![0-9a-zA-Z])"
)
_WORDS_DATE = re.compile(
    r"l'anno\s+([a-z]+)\s*,?\s*(?:addi'?|il\s+giorno|il|li'?|e\s+questo\s+di'?)?\s*,?\s*([a-z]+|[0-9]{1,2})\s*,?\s*(?:del\s+mese\s+di|di|del)?\s*,?\s*"
    r"(gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre)"
)
_DAY_IN_WORDS = re.compile(
    r"\b(primo|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|tredici|quattordici|quindici|sedici|diciassette|diciotto|diciannove|venti[a-z]*|trenta|trentuno)"
    r"\s+(gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre)\s+((?:mille|due\s?mila)[a-z]*|(?:19|20)[0-9]{2})"
)
_BIRTH = re.compile(r"\b(?:nat[oaie]|nasc\w*|n\.\s*(?:a|il)\b|n\.[ao]\b|nascita|data\s+(?:di\s+)?nasc\w*|d\.\s?n\.)")
_OTHER_EVENT = re.compile(
    r"\b(?:scadenza|scade|udienz\w*|decorrenza|a\s+decorrere|decorrere|fino\s+al|sino\s+al|entro\s+(?:il|e\s+non\s+oltre)|dal(?:l')?|dall'|periodo|pervenut\w*|arrivo|ricevut\w*|"
    r"vs\.?|vostr[ao]|rif\.?|riferimento|riscontro|nota\s+(?:prot|del)|prossim\w*|deced\w*|mort[oa]|matrimonio|coniugat[io]|separat[io]|ricoverat[oa]|visto|vista|visti|richiamat\w*|decesso|validita|"
    r"valid[ao]|convocat\w*|appuntamento|giuramento)\b"
)
_OWN = re.compile(
    r"(?:\b(?:li'?|addi'?|oggi)|\bdata|\bdata\s+[a-z' ]{3,28}|"
    r"\bdata\s*(?:e\s+firma|documento)?\s*:|\bin\s+data|\bluogo\s+e\s+data\s*:?|\bil\s+giorno)[\s:,_.]*$"
)
_PLACE = re.compile(
    r"(?:^|\n|\s{1,2})[a-z][a-z' ]{2,28}(?:\([a-z]{2}\))?\s*[,.]\s*"
    r"(?:li'?\s*|il\s+|addi'?\s+|data\s+)?$|\bli'?\s*[,.]?\s*$"
)
_PROTOCOL = re.compile(r"\bprot(?:ocollo|\.|\s)?[^\n]{0,40}$")
_ACT_NUMBER = re.compile(r"\b(?:n|nr|num)?[.°\s]*[0-9]{1,6}(?:\s?/\s?[0-9]{2,4})?\s+(?:del|in\s+data)\s*$")
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
    digits = digits_from(text)
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


def _small(text: str, highest: int) -> int | None:
    digits = digits_from(text)
    return int(digits) if digits.isdigit() and 1 <= int(digits) <= highest else None


def _month(word: str) -> int | None:
    stem = word.replace("0", "o").replace("1", "l").replace("rn", "m").rstrip(".")
    for index, name in enumerate(_MONTH_NAMES, 1):
        if name.startswith(stem) or (len(stem) >= 5 and stem[:3] == name[:3] and abs(len(stem) - len(name)) <= 1):
            return index
    if stem[:4] == "sett":
        return 9
    return next((index for index, name in enumerate(_MONTH_NAMES, 1) if stem[:3] == name[:3] and len(stem) <= 4), None)


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

    for match in _WORDS_DATE.finditer(masked):
        day = int(match[2]) if match[2].isdigit() else _BELOW_HUNDRED.get(match[2])
        keep(*match.span(), _date(day or 0, _MONTH_NAMES.index(match[3]) + 1, italian_number(match[1])))
    for match in _DAY_IN_WORDS.finditer(masked):
        year = int(match[3]) if match[3].isdigit() else italian_number(match[3])
        keep(*match.span(), _date(_BELOW_HUNDRED.get(match[1], 0), _MONTH_NAMES.index(match[2]) + 1, year))
    for match in _NAMED.finditer(masked):
        month = _month(match[2])
        if month and _mostly_digits(match[1] + match[3]):
            keep(*match.span(), _date(_small(match[1], 31) or 0, month, _year(match[3], latest)))
    for match in _NUMERIC.finditer(masked):
        if _mostly_digits(match[1] + match[3] + match[4]):
            keep(*match.span(), _date(_small(match[1], 31) or 0, _small(match[3], 12) or 0, _year(match[4], latest)))
    for match in _ROMAN_DATE.finditer(masked):
        month = _ROMAN.get(match[2])
        if month:
            keep(*match.span(), _date(int(match[1]), month, _year(match[3].strip("'"), latest)))
    found: list[FoundDate] = []
    previous_end = 0
    for (start, end), value in sorted(spans.items()):
        before = text[max(previous_end, start - 70) : start]
        found.append(FoundDate(value, start, end, bool(_BIRTH.search(before)) or _is_second_birth(text, found, start)))
        previous_end = end
    return tuple(found)


def _is_second_birth(text: str, found: Sequence[FoundDate], start: int) -> bool:
    """«nati rispettivamente il 3.4.2001 e il 5.6.2003»: the second date is a birth too."""
    if not found or not found[-1].birth:
        return False
    return re.fullmatch(r"\s*(?:,|e|ed)?\s*(?:il|l')?\s*", text[found[-1].end : start]) is not None


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
    version: str,
) -> Attribution[dt.date] | None:
    """The document's date by its type's own rule, or ``None`` when no date is sure enough.

    Args:
        pages: the readings of the document's pages.
        dates: the dates of each page.
        hits: the phrase hits of each page; those of family «date» are the types' cues.
        kind: the type, if known: it says which date counts (deposit of a decree, presentation of a DSU…).
        scanned_on: nothing is dated later.
        born: the holders' days of birth: nothing is dated earlier, and no birth date is a document's.
        protocol_dates: dates that belong to a registration; they count only when there is nothing else.
        version: the lexicon's version.
    """
    if kind is not None and not kind.dated:
        return None
    births = set(born)
    births.update(found.value for page in dates for found in page if found.birth)
    earliest = max(set(born), default=dt.date.min)
    scored: list[tuple[float, int, int, FoundDate, str]] = []
    cue_met = False
    for number, (reading, page_dates, page_hits) in enumerate(zip(pages, dates, hits, strict=True)):
        for position, found in enumerate(page_dates):
            if found.birth or found.value > scanned_on or found.value < earliest or found.value in births:
                continue
            floor = page_dates[position - 1].end if position else 0
            score, why = _score(reading, found, floor, page_hits, kind, number, len(pages), protocol_dates)
            cue_met |= why == "cue"
            scored.append((score, -number, -position, found, why))
    if not scored:
        return None
    if kind is not None and kind.has_date_cues and not cue_met:
        scored = [(score - 0.05, page, position, found, why) for score, page, position, found, why in scored]
    scored.sort(key=lambda item: item[:3], reverse=True)
    score, page, _, best, why = scored[0]
    rival = next((item for item in scored if item[3].value != best.value), None)
    margin = 1.0 if rival is None else max(score - rival[0], 0.0)
    confidence = min(score, 0.97) - (0.12 if margin < 0.1 else 0.0)
    if confidence < _DATE_FLOOR:
        return None
    reading = pages[-page]
    return Attribution(
        best.value,
        round(confidence, 3),
        f"date-{why}",
        version,
        (reading.evidence("date", best.start, best.end, confidence),),
        round(min(margin, 1.0), 3),
        rival[3].value.isoformat() if rival else None,
    )


_DATE_FLOOR: Final = 0.5


def _score(
    reading: Reading,
    found: FoundDate,
    floor: int,
    hits: Sequence[Hit],
    kind: DocumentType | None,
    number: int,
    count: int,
    protocol_dates: frozenset[dt.date],
) -> tuple[float, str]:
    """How likely this is the document's own date, and by which rule."""
    before = reading.folded[max(floor, found.start - 60) : found.start]
    tail = before.rsplit("\n", 1)[-1]
    depth = reading.depth(found.start)
    line_start, line_end = reading.line_span(reading.line_of(found.start))
    score, why = 0.35, "bare"
    if kind is not None:
        cue = next(
            (
                hit
                for hit in sorted(hits, key=lambda item: (-item.end, item.start))
                if hit.entry.family == "date"
                and hit.entry.code == kind.code
                and floor <= hit.start
                and 0 <= found.start - hit.end <= 45
            ),
            None,
        )
        if cue is not None:
            if cue.entry.kind == "avoid" or _CITED_ACT.search(reading.folded[max(cue.start - 24, 0) : cue.start]):
                return 0.1, "avoided"
            near = 0.1 if found.start - cue.end <= 20 else 0.0
            score, why = 0.8 + near + min(0.02 * cue.words, 0.06), "cue"
    if why != "cue" and kind is not None and number == 0 and depth < 0.5:
        numbered = _ACT_NUMBER.search(before)
        if numbered is not None:
            act = found.start - len(before) + numbered.start()
            if any(
                hit.entry.family == "type"
                and hit.entry.kind == "header"
                and hit.entry.code == kind.code
                and -2 <= act - hit.end <= 30
                and not _CITED_ACT.search(reading.folded[max(hit.start - 24, 0) : hit.start])
                for hit in hits
            ):
                score, why = 0.9, "cue"  # «DETERMINAZIONE N. 45 DEL …», «Fattura n. 12 del …»
    if why != "cue":
        placed = _PLACE.search(before[-45:]) is not None
        if not placed and (_PROTOCOL.search(before) or found.value in protocol_dates):
            score, why = (0.3 if _ARRIVAL.search(reading.folded[line_start:line_end]) else 0.55), "protocol"
        elif _OTHER_EVENT.search(tail[-40:]) and not placed:
            return 0.2, "other"
        elif placed:
            score, why = 0.86, "place"
        elif _OWN.search(before):
            score, why = 0.78, "own"
        elif line_end - line_start <= 24:
            score, why = 0.62, "alone"
        elif _OTHER_EVENT.search(before):
            return 0.2, "other"
    at_top = number == 0 and depth < 0.36
    at_end = number == count - 1 and depth > 0.6
    if why != "protocol" and (at_top or at_end):
        score += 0.06
    return score, why
