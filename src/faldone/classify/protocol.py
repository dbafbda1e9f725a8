"""The registration of a paper (*protocollo*): number, year, date and direction.

Numbers are yearly: a number without its year names nothing (domain notes §5). «Vs. prot.» and «rif.» are the other
party's. Where a page has the sender's number and the receiver's arrival stamp, the stamp is this archive's own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from faldone.classify.dates import FoundDate
from faldone.classify.laws import mask_laws
from faldone.classify.normalise import digits_from
from faldone.classify.reading import Reading
from faldone.domain.attribution import Attribution, Direction, Protocol

_N = r"[0-9oOlISB]"
# «Pro:. n. 33038», «PRDT.», «PROTOOOLLO»: worn letters.
_PROT = r"\bpr[o0d](?:t(?:[o0][a-z0]ll[o0]|[o0]{2}[a-z0]ll[o0]|[o0][a-z0]{3,4}[o0]|[.,:;])?|[:;1]\.|r[o0]c[o0]ll[o0])"
_NO = r"[nh](?:[.,]|r\.?|um(?:ero|\.)?|°)?\s*°?(?:\s*\|)?"
_NUMBER = re.compile(
    rf"(?:{_PROT}|\bp\.\s?g\.)\s*(?:gen(?:erale|\.)?|informatico|interno|sez\.?)?\s*"
    rf"(?:\(?\b(?:i[nu]\W{{1,4}})?(?:entrata|uscita|ar\s?r[a-z]vo|partenza|[euai])\b\)?)?"
    rf"\s*(?:[-:.]\s*)?(?:{_NO})?\s*[:.]?\s*"
    # «9.011», and «57 121» where nothing but the date can follow; a letter in it makes it no number.
    rf"(?P<number>[0-9](?:{_N}|\.(?=[0-9]{{3}})| (?=[0-9]{{1,4}}\s*(?:\n|$|del\b|/(?:19|20)))){{0,10}})"
    rf"(?![0-9a-z]|[0-9]*[.-][0-9]{{1,2}}[./-][0-9]{{2}})"
    rf"(?:\s*[/-]\s*(?P<year>(?:19|20)?[0-9]{{2}})(?![0-9/.-]))?"
)
# «N. 1234 di prot.», «n. 456/2003 prot.»
_NUMBER_BEFORE = re.compile(
    r"(?:^|\n)\s*n[.,°]?\s*°?\s*(?P<number>[0-9]{1,7})(?:\s*/\s*(?P<year>(?:19|20)?[0-9]{2})(?![0-9/]))?\s+(?:di\s+|del\s+)?prot(?:ocollo|\.)?(?=\s|$)"
)
_YEAR_FIRST = re.compile(
    rf"(?:{_PROT}|\bp\.\s?g\.)\s*(?:gen(?:erale|\.)?)?\s*(?:{_NO})?\s*[:.]?\s*(?P<year>(?:19|20)[0-9]{{2}})\s*/\s*(?P<number>[0-9]{{3,7}})\b"
)
# Segnatura: «<AOO or IPA code>|<register>|<year/number>|<date>».
_SEGNATURA = re.compile(
    r"[a-z]_[a-z][0-9][0-9a-z]{2}\s*[|l/]\s*[a-z0-9_]+\s*[|l/]\s*(?P<year>[12z][09o][0-9o][0-9oa])\s*/\s*(?P<number>[0-9o]{3,7})(?:\s*[|l/])?"
)
# «c_d142.c_d142.REGISTRO UFFICIALE.U.0012345.12-03-2014»: code, register, direction, number, date.
_OFFICIAL = re.compile(
    r"registro\s+(?:ufficiale|di\s+protocollo)\s*[.(|]?\s*(?P<flow>[euia])?\s*[.)|]\s*(?P<number>[0-9]{4,7})\s*[.|]\s*"
    r"(?P<day>[0-9]{2})[-/](?P<month>[0-9]{2})[-/](?P<year>(?:19|20)[0-9]{2})"
)
_JOINED = re.compile(r"(?P<number>[0-9]{3,6})1(?P<year>(?:19|20)[0-9]{2})")  # «254511996»: the stroke read as a one
_FIRST_YEAR: Final = 1950
_OTHER_PARTY = re.compile(
    r"(?:\bvs|\bv\.?s\.?|\bvostr[oa]|\brif(?:\.|erimento)?|\brispost[ao]|\briscontr[oa]|\bnota|\bscheda\s+prot|\bisee|\bdsu|\binps|\bcon\s+lettera|\bdi\s+cui\s+al(?:la)?|\bdomanda\s+di)[\s.:,a-z]{0,30}$"
    r"|(?:\bvs\.?|\bvostr[oa]|\briscontr[oa]|\bseguito|\bnota|\blettera|\brichiesta|\bcomunicazione|\bfoglio|\bfax)\b[^;:]{0,40}$"
)
_INCOMING = re.compile(
    r"\b(?:arrivo|entrata|pervenut[oa]|ricevut[oa]|in\s+arrivo)\b|\|\s*[ae]\b|\b\(?[ae]\)\s*$|pr[o0]t[a-z.]*\s*\(?[ea]\)?\s*[-:]?\s*n?[.°]?\s*[0-9]|[0-9]\s+-?\s*\(?e\)?\s*(?:\n|$)"
)
_OUTGOING = re.compile(
    r"\b(?:partenza|uscita|in\s+partenza|spedit[oa])\b|\|\s*[pu]\b|pr[o0]t[a-z.]*\s*\(?u\)?\s*[-:]?\s*n?[.°]?\s*[0-9]|[0-9]\s+-?\s*\(?u\)?\s*(?:\n|$)"
)
_FLOW = {"e": Direction.INCOMING, "a": Direction.INCOMING, "u": Direction.OUTGOING, "i": Direction.INTERNAL}
# A line that tells of a registration: «con nota prot. 12 si è chiesto»; in a heading it stands alone or behind a place.
_WORD = re.compile(r"[a-z]{3,}")
_WORDS_OF_TEXT = 5
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


_Ranked = tuple[float, int, int, FoundProtocol]
HEADING: Final = "protocol-heading"
_STAMPED: Final = "protocol-stamp"
_WAY_DAYS: Final = 60
"""A letter is registered by its receiver within so many days, or something else is meant."""


def find_protocols(reading: Reading, dates: Sequence[FoundDate], *, latest: dt.date) -> tuple[FoundProtocol, ...]:
    """The registrations on a page in reading order; leading zeros are dropped (``0012345`` is 12345)."""
    folded = reading.folded
    masked = mask_laws(folded)
    found: list[FoundProtocol] = []
    taken: list[tuple[int, int]] = []
    for match in _OFFICIAL.finditer(folded):
        official = _official(match, latest)
        if official is not None:
            taken.append(match.span())
            found.append(official)
    for pattern in (_SEGNATURA, _YEAR_FIRST, _NUMBER, _NUMBER_BEFORE):
        for match in pattern.finditer(masked):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            # The number must not be the day of a date («Prot. del 12/03/2014»).
            if any(date.start <= match.start("number") < date.end for date in dates):
                continue
            number = digits_from(match["number"]).replace(".", "").replace(" ", "").lstrip("0")
            year = match["year"]
            if pattern is _YEAR_FIRST and not _FIRST_YEAR <= int(year) <= latest.year:
                continue  # «PROT. 2077/2016»: number, then year
            if pattern is _SEGNATURA:
                year = digits_from(year).replace("a", "4")  # its shape leaves no other reading
                if not _FIRST_YEAR <= int(year) <= latest.year:
                    continue
            joined = _JOINED.fullmatch(number) if year is None else None
            if joined is not None:
                number, year = joined["number"], joined["year"]
            if not number.isdigit() or len(number) > 9:
                continue
            taken.append((start, end))
            found.append(_describe(reading, number, year, start, end, dates, latest))
    return tuple(sorted(found, key=lambda item: item.start))


def _official(match: re.Match[str], latest: dt.date) -> FoundProtocol | None:
    try:
        date = dt.date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
    number = match["number"].lstrip("0")
    if date > latest or not number:
        return None
    value = Protocol(number, date, date.year, _FLOW.get(match["flow"] or ""))
    return FoundProtocol(value, match.start(), match.end(), False)


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
            and not re.search(r"pr[o0]t|nat[oa]|oggetto|arrivo|entrata|pervenut|ricevut", gap)
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
            year = year - 100 if len(year_text) == 2 else None
    before = folded[max(start - 60, 0) : start]
    line_before = before.rsplit("\n", 1)[-1]
    line_start, _ = reading.line_span(reading.line_of(start))
    told = len(_WORD.findall(folded[line_start:start])) >= _WORDS_OF_TEXT
    around = folded[max(start - 45, 0) : start] + folded[start:end] + " " + nearby[:70]
    direction = None
    if _INCOMING.search(around):
        direction = Direction.INCOMING
    elif _OUTGOING.search(around):
        direction = Direction.OUTGOING
    elif _INTERNAL.search(folded[start:end]):
        direction = Direction.INTERNAL
    return FoundProtocol(
        Protocol(number, date, year, direction), start, end, told or bool(_OTHER_PARTY.search(line_before))
    )


def own_protocol(
    pages: Sequence[Reading], found: Sequence[Sequence[FoundProtocol]], version: str
) -> Attribution[Protocol] | None:
    """The document's own registration: the arrival stamp, else the number in the heading, never the other party's."""
    ranked: list[_Ranked] = []
    for number, (reading, protocols) in enumerate(zip(pages, found, strict=True)):
        for position, item in enumerate(protocols):
            if item.other_party:
                continue
            depth = reading.depth(item.start)
            score = 0.6 + (0.12 if number == 0 else -0.15) + (0.1 if depth < 0.4 else 0.0 if depth > 0.85 else -0.12)
            score += 0.08 if item.value.date else 0.0
            score += 0.05 if item.value.year else 0.0
            # A stamp stands on several short lines or in capitals: the receiver's, hence this archive's.
            score += 0.12 if item.value.direction is Direction.INCOMING or _stamped(reading, item) else 0.0
            ranked.append((score, -number, -position, item))
    if not ranked:
        return None
    ranked.sort(key=lambda entry: entry[:3], reverse=True)
    score, page, position, best = ranked[0]
    later = _receivers(ranked, best)
    if later is not None:
        page, position, best = later[1:]
    rival = next((entry for entry in ranked if entry[3].value.number != best.value.number), None)
    margin = 1.0 if rival is None else score - rival[0]
    confidence = min(score, 0.97) - (0.15 if margin < 0.05 else 0.0)
    if confidence < 0.5:
        return None
    return Attribution(
        best.value,
        round(confidence, 3),
        _STAMPED
        if best.value.direction is Direction.INCOMING or _stamped(pages[-page], found[-page][-position])
        else HEADING,
        version,
        (pages[-page].evidence("protocol", best.start, best.end, confidence),),
        round(min(margin, 1.0), 3),
        rival[3].value.number if rival else None,
    )


def _stamped(reading: Reading, item: FoundProtocol) -> bool:
    """Whether it looks like a stamp: on several short lines, in capitals, with a stamp's own words."""
    shown = reading.raw[item.start : item.end]
    around = reading.folded[max(item.start - 60, 0) : item.end + 50]
    return "\n" in shown or shown[:5] == "PROTO" or _STAMP.search(around) is not None


def _receivers(ranked: Sequence[_Ranked], best: FoundProtocol) -> _Ranked | None:
    """The receiver's registration, when the heading's came out first though another is dated later.

    A paper is registered where it is written, then where it arrives: of two registrations on one page the later one is
    the receiver's. One that says of itself that it is an arrival is not doubted.
    """
    if best.value.direction is Direction.INCOMING or best.value.date is None:
        return None
    for entry in ranked[1:]:
        item = entry[3]
        if (
            entry[1] == ranked[0][1]
            and item.value.number != best.value.number
            and item.value.date is not None
            and 0 <= (item.value.date - best.value.date).days <= _WAY_DAYS
            and (item.value.date > best.value.date or item.start > best.start)
            and item.value.direction is not Direction.OUTGOING
        ):
            value = replace(item.value, direction=Direction.INCOMING)
            return entry[0], entry[1], entry[2], replace(item, value=value)
    return None


def dated_by_letter(
    protocol: Attribution[Protocol] | None, date: Attribution[dt.date] | None
) -> Attribution[Protocol] | None:
    """The registration with the letter's date, where it has none of its own.

    «Prot. n. 1234» in a heading is the writer's own number, given on the day of the letter. An arrival keeps its date
    unknown, and so does a number whose printed year is another.
    """
    if protocol is None or date is None or protocol.value.date is not None or protocol.method != HEADING:
        return protocol
    if protocol.value.year not in (None, date.value.year) or date.method == "date-last-entry":
        return protocol
    return replace(
        protocol,
        value=replace(protocol.value, date=date.value, year=date.value.year),
        method=f"{HEADING}-letter-date",
        confidence=min(protocol.confidence, date.confidence),
        evidence=protocol.evidence + date.evidence,
    )
