"""The registration of a paper (*protocollo*): number, year, date and direction.

Numbers are yearly: a number without its year names nothing (domain notes §5). «Vs. prot.» and «rif.» are the other
party's. Where a page has the sender's number and the receiver's arrival stamp, the stamp is this archive's own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from faldone.classify.dates import FoundDate
from faldone.classify.laws import mask_laws
from faldone.classify.normalise import digits_from
from faldone.classify.reading import Reading
from faldone.domain.attribution import Attribution, Direction, Protocol

_N = r"[0-9oOlISB]"
_NUMBER = re.compile(
    rf"\bpr[o0]t(?:[o0]c[o0]ll[o0]|[.,])?\s*(?:gen(?:erale|\.)?|informatico|interno)?\s*(?:in\s+(?:arrivo|entrata|partenza|uscita)|entrata|uscita|arrivo|partenza|e|u|a)?"
    rf"\s*(?:[-:.]\s*)?(?:n(?:\.|r\.?|um(?:ero|\.)?|°)?\s*°?)?\s*[:.]?\s*(?P<number>[0-9](?:{_N}|\.(?=[0-9]{{3}})){{0,8}})(?![0-9]*[.-][0-9]{{1,2}}[./-][0-9]{{2}})"
    rf"(?:\s*[/-]\s*(?P<year>(?:19|20)?[0-9]{{2}})(?![0-9/.-]))?"
)
_YEAR_FIRST = re.compile(
    r"\bpr[o0]t[a-z0.]*\s*(?:n\.?\s*)?[:.]?\s*(?P<year>(?:19|20)[0-9]{2})\s*/\s*(?P<number>[0-9]{3,7})\b"
)
# Segnatura: «<AOO or IPA code>|<register>|<year/number>|<date>».
_SEGNATURA = re.compile(
    r"[a-z]_[a-z][0-9]{3}\s*[|l/]\s*[a-z0-9_]+\s*[|l/]\s*(?P<year>(?:19|20)[0-9]{2})\s*/\s*(?P<number>[0-9]{3,7})"
)
_OTHER_PARTY = re.compile(
    r"(?:\bvs|\bv\.?s\.?|\bvostr[oa]|\brif(?:\.|erimento)?|\brispost[ao]|\briscontr[oa]|\bnota|\bscheda\s+prot|\bisee|\bdsu|\binps|\bcon\s+lettera|\bdi\s+cui\s+al(?:la)?|\bdomanda\s+di)[\s.:,a-z]{0,30}$"
)
_INCOMING = re.compile(r"\b(?:arrivo|entrata|pervenut[oa]|ricevut[oa]|in\s+arrivo)\b|\|\s*[ae]\b|\b\(?[ae]\)\s*$")
_OUTGOING = re.compile(r"\b(?:partenza|uscita|in\s+partenza|spedit[oa])\b|\|\s*[pu]\b")
_INTERNAL = re.compile(r"\bintern[oa]\b")
_PLACE_BEFORE = re.compile(r"[a-z]{3,}\s*,\s*(?:li'?|il|addi'?)?\s*$")
# A stamp's own words («Cat./Titolo/Classe/Fascicolo below», domain notes §5).
_STAMP = re.compile(
    r"ufficio\s+protocollo|protocollo\s+generale|\bcat\.\s*[ivx0-9]|\btit(?:olo|\.)\s*[ivx0-9]|\bcl(?:asse|\.)\s*[0-9]"
)
_STAMP_REACH = 120


@dataclass(frozen=True, slots=True)
class FoundProtocol:
    """A registration on a page, with its span; ``other_party`` marks a number that the other side gave."""

    value: Protocol
    start: int
    end: int
    other_party: bool


def find_protocols(reading: Reading, dates: Sequence[FoundDate], *, latest: dt.date) -> tuple[FoundProtocol, ...]:
    """The registrations on a page in reading order; leading zeros are dropped (``0012345`` is 12345)."""
    folded = reading.folded
    masked = mask_laws(folded)
    found: list[FoundProtocol] = []
    taken: list[tuple[int, int]] = []
    for pattern in (_SEGNATURA, _YEAR_FIRST, _NUMBER):
        for match in pattern.finditer(masked):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            # The number must not be the day of a date («Prot. del 12/03/2014»).
            if any(date.start <= match.start("number") < date.end for date in dates):
                continue
            number = digits_from(match["number"]).replace(".", "").lstrip("0")
            if not number.isdigit() or len(number) > 9:
                continue
            taken.append((start, end))
            found.append(_describe(reading, number, match["year"], start, end, dates, latest))
    return tuple(sorted(found, key=lambda item: item.start))


def _describe(
    reading: Reading,
    number: str,
    year_text: str | None,
    start: int,
    end: int,
    dates: Sequence[FoundDate],
    latest: dt.date,
) -> FoundProtocol:
    folded = reading.folded
    nearby = folded[end : end + _STAMP_REACH]
    date = None
    for candidate in dates:
        gap = folded[end : candidate.start] if candidate.start >= end else None
        if (
            gap is not None
            and len(gap) <= 45
            and gap.count("\n") <= 2
            and not re.search(r"pr[o0]t|nat[oa]|oggetto", gap)
        ):
            if not candidate.birth and candidate.value <= latest and not _PLACE_BEFORE.search(gap):
                date, nearby = candidate.value, folded[end : candidate.end + 50]
            break
    if date is None:
        # «17/06/2010  Prot. 6138»: on one line of a stamp the date comes first.
        beside = [item for item in dates if item.end <= start and not folded[item.end : start].strip(" -|")]
        if beside and start - beside[-1].end <= 6 and not beside[-1].birth and beside[-1].value <= latest:
            date = beside[-1].value
    if date is None:
        # A stamp may have its date on the line above the number.
        above = [
            item for item in dates if item.end <= start and start - item.end <= 30 and "\n" in folded[item.end : start]
        ]
        around = folded[max(start - 80, 0) : end + 60]
        if (
            above
            and not above[-1].birth
            and above[-1].value <= latest
            and (_INCOMING.search(around) or "timbro" in around)
        ):
            date = above[-1].value
    year = date.year if date else None
    if year_text:
        year = int(year_text) if len(year_text) == 4 else latest.year // 100 * 100 + int(year_text)
        if year > latest.year:
            year -= 100
    before = folded[max(start - 60, 0) : start]
    line_before = before.rsplit("\n", 1)[-1]
    around = folded[max(start - 45, 0) : start] + folded[start:end] + " " + nearby[:70]
    direction = None
    if _INCOMING.search(around):
        direction = Direction.INCOMING
    elif _OUTGOING.search(around):
        direction = Direction.OUTGOING
    elif _INTERNAL.search(folded[start:end]):
        direction = Direction.INTERNAL
    return FoundProtocol(Protocol(number, date, year, direction), start, end, bool(_OTHER_PARTY.search(line_before)))


def own_protocol(
    pages: Sequence[Reading], found: Sequence[Sequence[FoundProtocol]], version: str
) -> Attribution[Protocol] | None:
    """The document's own registration: the arrival stamp, else the number in the heading, never the other party's."""
    ranked: list[tuple[float, int, int, FoundProtocol]] = []
    for number, (reading, protocols) in enumerate(zip(pages, found, strict=True)):
        for position, item in enumerate(protocols):
            if item.other_party:
                continue
            depth = reading.depth(item.start)
            score = 0.6 + (0.12 if number == 0 else -0.15) + (0.1 if depth < 0.4 else 0.0 if depth > 0.85 else -0.12)
            score += 0.08 if item.value.date else 0.0
            score += 0.05 if item.value.year else 0.0
            # A stamp stands on several short lines or in capitals: the receiver's, hence this archive's.
            shown = reading.raw[item.start : item.end]
            around = reading.folded[max(item.start - 60, 0) : item.end + 50]
            stamped = "\n" in shown or shown[:5] == "PROTO" or _STAMP.search(around) is not None
            score += 0.12 if item.value.direction is Direction.INCOMING or stamped else 0.0
            ranked.append((score, -number, -position, item))
    if not ranked:
        return None
    ranked.sort(key=lambda entry: entry[:3], reverse=True)
    score, page, _, best = ranked[0]
    rival = next((entry for entry in ranked if entry[3].value.number != best.value.number), None)
    margin = 1.0 if rival is None else score - rival[0]
    confidence = min(score, 0.97) - (0.15 if margin < 0.05 else 0.0)
    if confidence < 0.5:
        return None
    return Attribution(
        best.value,
        round(confidence, 3),
        "protocol-stamp" if best.value.direction is Direction.INCOMING else "protocol-heading",
        version,
        (pages[-page].evidence("protocol", best.start, best.end, confidence),),
        round(min(margin, 1.0), 3),
        rival[3].value.number if rival else None,
    )
