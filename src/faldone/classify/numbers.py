"""Numbers that name a paper or a case and are no registration: DSU, general roll of a court, acts, repertories.

They stand where a protocol number might, so they are found by their own shapes; the numbers of cited acts are left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Final

from faldone.classify.normalise import digits_from
from faldone.classify.reading import Reading
from faldone.domain.attribution import Attribution, DocumentNumber, NumberKind

_D: Final = r"[0-9oilszb]"
# «INPS-ISEE-2016-05005492G-00»: eight digits, a letter, two digits (domain notes §2), from 2015 on.
_DSU = re.compile(
    rf"\b[il1]np[s5]\s?-\s?[il1][s5]ee\s?-\s?(?P<year>20[0-9]{{2}})\s?-\s?(?P<number>{_D}{{8}}[a-z])\s?-\s?(?P<end>{_D}{{2}})\b"
)
# The rolls' names, by how much they say: «456/13 R.G.V.G.», «R.G.N.R. n. 12/2009», «proc. n. 1234/2014 V.G.»
_ROLL: Final = (
    r"(?:r\.?\s?g\.?\s?v\.?\s?g\.?|r\.?\s?g\.?\s?n\.?\s?r\.?"
    r"|r\.?\s?g\.?\s?a\.?\s?d\.?\s?s\.?|v\.\s?g\.?|a\.\s?d\.\s?s\.?|r\.\s?g\.?(?!\s?n\b))"
)
_RG = re.compile(
    rf"\b(?P<number>[0-9]{{1,6}})\s?/\s?(?P<year>(?:19|20)?[0-9]{{2}})\s*(?P<roll>{_ROLL})"
    rf"|(?<![a-z0-9])(?P<roll2>{_ROLL})\s*(?:n\.?\s*°?)?\s*(?P<number2>[0-9]{{1,6}})\s?/\s?(?P<year2>(?:19|20)?[0-9]{{2}})(?![0-9])"
)
_ACT = re.compile(
    r"\b(?P<kind>determin(?:azione|a)|deliberazione|delibera)\b(?:\s+(?:dirigenziale|del?l?\w*|responsabile|servizio|settore|direttore|area|giunta|consiglio|comunale|g\.?\s?c\.?|c\.?\s?c\.?|c\.?d\.?a\.?)){0,6}"
    r"\s*\n?\s*n(?:\.|°|r\.?|um(?:ero|\.)?)?\s*°?\s*(?P<number>[0-9]{1,5})(?![0-9.])(?:\s?/\s?(?P<year>(?:19|20)?[0-9]{2})(?![0-9/]))?"
)
_SERIES = re.compile(
    r"\b(?P<kind>cron(?:ologico|\.)?|rep(?:ertorio|\.))\s*(?:n(?:\.|°|um(?:ero|\.)?)?\s*°?)?\s*[:.]?\s*(?P<number>[0-9]{1,6})(?![0-9])(?:\s?/\s?(?P<year>(?:19|20)?[0-9]{2})(?![0-9/]))?"
)
_CITED = re.compile(
    r"\b(?:vist[aoie]|richiamat[aoie]|con|della|alla|dalla|del|nella|propri[ao]|precedente|suddett[ao]|giusta|presente)\s+(?:la\s+|il\s+|propria\s+)?$"
)
_TOP: Final = 0.45


def own_numbers(pages: Sequence[Reading], *, latest: dt.date, version: str) -> tuple[Attribution[DocumentNumber], ...]:
    """The numbers that a document bears as its own or its case's, each once, in reading order.

    Args:
        pages: the readings of the document's pages; acts' numbers count in the heading of the first alone.
        latest: the day of the scan: it decides the century of two-digit years.
        version: the lexicon's version.
    """
    found: dict[DocumentNumber, Attribution[DocumentNumber]] = {}
    for place, reading in enumerate(pages):
        for value, start, end, confidence in sorted(
            _on_page(reading, latest, first=place == 0), key=lambda item: item[1]
        ):
            if value not in found:
                proof = reading.evidence("number", start, end, confidence)
                found[value] = Attribution(value, confidence, f"number-{value.kind.value}", version, (proof,))
    return tuple(found.values())


def _on_page(reading: Reading, latest: dt.date, *, first: bool) -> list[tuple[DocumentNumber, int, int, float]]:
    found: list[tuple[DocumentNumber, int, int, float]] = []

    def keep(
        kind: NumberKind, number: str, year: int | None, span: tuple[int, int], register: str | None = None
    ) -> None:
        top = first and reading.depth(span[0]) < _TOP
        if top or kind not in (NumberKind.DETERMINATION, NumberKind.DELIBERATION):
            found.append((DocumentNumber(kind, number, year, register), *span, 0.9 if top else 0.7))

    folded = reading.folded
    for match in _DSU.finditer(folded):
        digits, letter = digits_from(match["number"][:8]), match["number"][8].upper()
        if digits.isdigit():
            code = f"INPS-ISEE-{match['year']}-{digits}{letter}-{digits_from(match['end'])}"
            keep(NumberKind.DSU, code, int(match["year"]), match.span())
    for match in _RG.finditer(folded):
        roll = re.sub(r"[^a-z]", "", match["roll"] or match["roll2"]).upper()
        number, year = match["number"] or match["number2"], match["year"] or match["year2"]
        keep(NumberKind.RG, number.lstrip("0"), _year(year, latest), match.span(), roll)
    for match in _ACT.finditer(folded):
        if not _CITED.search(folded[max(match.start() - 30, 0) : match.start()]):
            kind = NumberKind.DELIBERATION if match["kind"].startswith("delib") else NumberKind.DETERMINATION
            keep(kind, match["number"].lstrip("0"), _year(match["year"], latest), match.span())
    for match in _SERIES.finditer(folded):
        kind = NumberKind.CHRONOLOGICAL if match["kind"].startswith("cron") else NumberKind.REPERTORY
        keep(kind, match["number"].lstrip("0"), _year(match["year"], latest), match.span())
    return [item for item in found if item[0].number]


def _year(text: str | None, latest: dt.date) -> int | None:
    if text is None:
        return None
    if len(text) == 4:
        return int(text)
    year = latest.year // 100 * 100 + int(text)
    return year - 100 if year > latest.year else year
