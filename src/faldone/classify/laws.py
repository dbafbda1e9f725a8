"""Citations of laws. They look like dates and protocol numbers, so they are found first and masked.

«L. 8 novembre 2000 n. 328», «D.Lgs. 30 giugno 2003, n. 196», «DPCM 159/2013», «legge 104 del 5 febbraio 1992»:
the largest class of false dates on these papers (domain notes §2.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTH = r"(?:gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic)[a-z]*\.?"
_DAY_DATE = (
    r"(?:[0-3]?[0-9ol][°]?\s*[./-]\s*[01]?[0-9ol]\s*[./-]\s*[0-9ol]{2,4}(?![0-9ol])"
    rf"|[0-3]?[0-9ol][°]?\s+{_MONTH}\s*'?[0-9ol]{{2,4}}(?![0-9ol]))"
)
_KINDS = (
    ("dlgs", r"d\.?\s?l(?:egis)?\.?\s?(?:vo|gs|g\s?s|g\.vo)\.?|decreto\s+legislativo"),
    ("dpr", r"d\.?\s?p\.?\s?r\.?|decreto\s+del\s+presidente\s+della\s+repubblica"),
    ("dpcm", r"d\.?\s?p\.?\s?c\.?\s?m\.?"),
    ("dgr", r"d\.?\s?g\.?\s?r\.?|delibera(?:zione)?\s+(?:di\s+|della\s+)?giunta\s+regionale"),
    ("dm", r"d\.?\s?m\.?|decreto\s+ministeriale"),
    ("dl", r"d\.\s?l\.?|dl|decreto[\s-]+legge"),
    ("rd", r"r\.\s?d\.?|regio\s+decreto"),
    ("lr", r"l\.\s?r\.?|lr|legge\s+reg(?:ionale|\.)"),
    ("reg", r"reg(?:olamento|\.)\s*(?:generale\s*)?\(?(?:ue|ce|u\.e\.)\)?"),
    ("cost", r"legge\s+costituzionale"),
    ("l", r"legge|l\.|l(?=\s+[0-9]{1,4}\s*/\s*[0-9]{2,4})"),
)
_KIND = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _KINDS)
# A year alone is no citation («la legge 2000»), nor is «legge» followed by words: a number is always there.
_CITATION = re.compile(
    rf"(?<![a-z0-9.])(?:{_KIND})\s*(?:lombardia\s*)?(?:,\s*)?(?:(?:n|nr|num)\.?\s*°?\s*)?(?:[ivx]{{1,5}}\s*/\s*)?"
    rf"(?:(?P<date>(?:del(?:l')?\s*)?{_DAY_DATE})\s*,?\s*(?:n|nr|num)?\.?\s*°?\s*(?:[ivx]{{1,5}}\s*/\s*)?)?"
    rf"(?P<number>[0-9]{{1,5}})(?![0-9])(?:\s*/\s*(?P<year>[0-9]{{2,4}})(?![0-9]))?(?!\s*[./-]\s*[0-9])(?!\s+{_MONTH}\s*[0-9])"
    rf"(?:\s*,?\s+del(?:l')?\s*(?P<after>{_DAY_DATE}|(?:19|20)[0-9]{{2}}))?"
)
# «D.M. 26.09.2016»: the date alone, without a number.
_DATED_ONLY = re.compile(rf"(?<![a-z0-9.])(?:{_KIND})\s*(?:del(?:l')?\s*)?(?:{_DAY_DATE})")
# «art. 330 c.c.», «artt. 46 e 47», «art. 9 comma 2»: numbers that are neither dates nor protocols.
_ARTICLE = re.compile(r"\bart(?:t|icol[oi])?\.?\s*[0-9]{1,4}(?:\s*(?:,|e|bis|ter|-|/)\s*[0-9]{1,4})*")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}|[0-9]{2}(?![0-9])")


@dataclass(frozen=True, slots=True)
class LawCitation:
    """A cited act: ``key`` is ``<kind>/<number>/<four-digit year or 0>``, for example ``dlgs/147/2017``."""

    key: str
    start: int
    end: int


def _full_year(text: str) -> int:
    year = int(text)
    if year >= 100:
        return year
    return 1900 + year if year > 30 else 2000 + year


def find_laws(folded: str) -> tuple[LawCitation, ...]:
    """The citations in a folded text, in reading order."""
    found = []
    for match in _CITATION.finditer(folded):
        kind = next(name for name, _ in _KINDS if match[name] is not None)
        year = 0
        if match["year"]:
            year = _full_year(match["year"])
        else:
            for dated in (match["date"], match["after"]):
                years = _YEAR.findall(dated) if dated else []
                if years:
                    year = _full_year(years[-1])
                    break
        found.append(LawCitation(f"{kind}/{int(match['number'])}/{year}", match.start(), match.end()))
    return tuple(found)


def law_key(phrase: str) -> str | None:
    """The key of a phrase that is a citation and nothing else («l. 328/2000»), or ``None``."""
    found = find_laws(phrase)
    if len(found) == 1 and found[0].start == 0 and found[0].end == len(phrase.rstrip()):
        return found[0].key
    return None


def mask_laws(folded: str) -> str:
    """``folded`` with every citation of a law or an article blanked out; offsets do not move."""
    masked = folded
    for pattern in (_CITATION, _DATED_ONLY, _ARTICLE):
        masked = pattern.sub(lambda match: " " * (match.end() - match.start()), masked)
    return masked
