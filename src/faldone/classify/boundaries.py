"""Where one document ends and the next begins among the pages of a file.

«Page 2 without a header belongs to page 1; use "pag. x di y", continuity of protocol, signature block, letterhead»
(domain notes §6.15). A page starts a document when enough first-page signs meet; a page between the two thresholds
makes both neighbours unsure, and unsure documents are never filed by themselves.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from faldone.classify.document_type import TOP_THIRD
from faldone.classify.lexicon import Lexicon
from faldone.classify.phrases import Hit
from faldone.classify.protocol import FoundProtocol
from faldone.classify.reading import Reading

_START: Final = 1.5
_UNSURE_FROM: Final = 0.75
_SURE_START: Final = 1.9
_NUMBERED = re.compile(
    r"\b(?:pag(?:ina|g?\.)?|foglio|p\.)\s*(?:n\.?\s*)?(?P<page>[0-9]{1,3})\s*(?:di|/|su|-)\s*(?P<of>[0-9]{1,3})\b"
)
_BARE_NUMBERED = re.compile(r"^\s*-?\s*(?P<page>[0-9]{1,2})\s*(?:/|di)\s*(?P<of>[0-9]{1,2})\s*-?\s*$")
_PAGE_ONLY = re.compile(r"^\s*(?:pag(?:ina|\.)?\s*|-\s*)(?P<page>[0-9]{1,3})\s*-?\s*$")
_SUBJECT = re.compile(r"(?:^|\n)\s*ogg(?:etto|\.)\s*:?")
_ADDRESSED = re.compile(
    r"(?:^|\n)\s*(?:spett\.?\s*(?:le|li|abile)?|egr\.|egregi|gent\.|gentil|alla?\s+(?:cortese|c\.a\.)|al\s+(?:sig|tribunale|comune|servizio|responsabile|dott)|alla\s+(?:sig|procura|dott))"
)
_CLOSING = re.compile(
    r"distinti\s+saluti|cordiali\s+saluti|\bfirma\b|in\s+fede|letto,?\s+confermato|il\s+cancelliere|firmato|f\.to|l'assistente\s+sociale\s*$|il\s+responsabile|il\s+sindaco|il\s+dirigente|depositato\s+in\s+cancelleria"
)
_TERMINAL = re.compile(r"[.:;!?)»\"]\s*$")
_SPOKEN = re.compile(r"\b(?:al|alla|del|della|dal|dalla|vs|vostra|visto|vista|presso|allegat[oa])\s*$")


@dataclass(frozen=True, slots=True)
class PageSigns:
    """What a page says about its place: signs of a first page, its number if printed, and how it ends."""

    score: float
    number: int | None
    of: int | None
    title: bool
    letterhead: str
    protocols: frozenset[str]
    holders: frozenset[str]
    closes: bool
    ends_sentence: bool
    starts_small: bool
    cover: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A document's pages, as 0-based inclusive indices; ``sure`` is false when one of its ends is doubtful.

    ``confidence`` (0.0–1.0) is that of the least sure of the decisions that made it: start here, go on there.
    """

    first: int
    last: int
    sure: bool
    confidence: float = 1.0


def page_signs(
    reading: Reading, hits: Sequence[Hit], protocols: Sequence[FoundProtocol], holders: frozenset[str], lexicon: Lexicon
) -> PageSigns:
    """The signs on one page. ``holders`` are keys of the persons the page is about, for the change of holder."""
    folded = reading.folded
    head = _upto(reading, 0.45)
    number, of = _printed_number(reading)
    score = 0.0
    title = cover = False
    for hit in hits:
        if (
            hit.entry.family != "type"
            or hit.entry.kind not in ("header", "addressee", "acronym")
            or reading.depth(hit.start) > TOP_THIRD
        ):
            continue
        kind = lexicon.types[hit.entry.code]
        start, end = reading.line_span(reading.line_of(hit.start))
        share = (hit.end - hit.start) / max(len(folded[start:end].strip()), 1)
        if kind.generic or _SPOKEN.search(folded[start : hit.start]):
            continue
        if share >= 0.4 or (hit.upper and share >= 0.2) or (hit.start - start <= 3 and share >= 0.25):
            title = True
            cover |= kind.cover and share >= 0.4
    score += 1.5 if title else 0.0
    letterhead = ""
    for hit in hits:
        if (
            hit.entry.family == "org"
            and reading.depth(hit.start) < 0.22
            and hit.start - reading.line_span(reading.line_of(hit.start))[0] <= 12
        ):
            line = reading.line_span(reading.line_of(hit.start))
            letterhead = " ".join(folded[line[0] : line[1]].split())
            break
    score += 0.8 if letterhead else 0.0
    score += 0.8 if _SUBJECT.search(head) else 0.0
    score += 0.5 if _ADDRESSED.search(head) else 0.0
    score += 0.7 if any(not item.other_party and reading.depth(item.start) < 0.4 for item in protocols) else 0.0
    first_letters = next((char for char in reading.raw if char.isalpha()), "A")
    return PageSigns(
        score,
        number,
        of,
        title,
        letterhead,
        frozenset(item.value.number for item in protocols if not item.other_party),
        holders,
        bool(_CLOSING.search(folded[-max(len(folded) // 3, 200) :])),
        bool(_TERMINAL.search(folded)) or len(folded) < 400,
        first_letters.islower(),
        cover,
    )


def _upto(reading: Reading, depth: float) -> str:
    for line in range(reading.line_count):
        start, _ = reading.line_span(line)
        if reading.depth(start) > depth:
            return reading.folded[:start]
    return reading.folded


def _printed_number(reading: Reading) -> tuple[int | None, int | None]:
    """The page's printed number («pag. 2 di 5», «2/5» or «- 2 -» alone on its line), in the first or last lines."""
    count = reading.line_count
    for line in [*range(min(4, count)), *range(max(count - 3, 4), count)]:
        start, end = reading.line_span(line)
        text = reading.folded[start:end]
        match = _NUMBERED.search(text) or _BARE_NUMBERED.match(text)
        if match:
            page, of = int(match["page"]), int(match["of"])
            if 1 <= page <= of:
                return page, of
        alone = _PAGE_ONLY.match(text)
        if alone and 1 <= int(alone["page"]) <= 60:
            return int(alone["page"]), None
    return None, None


def start_score(signs: PageSigns, previous: PageSigns) -> float:
    """How much a page that follows ``previous`` looks like a first page; 1.5 and more starts a document."""
    score = signs.score
    if signs.number is not None:
        if signs.number > 1:
            follows = previous.number is None or previous.number == signs.number - 1
            return -3.0 if follows and (signs.of is None or previous.of in (None, signs.of)) else 0.9
        if signs.of is not None:
            return max(score, 0.0) + 3.0
        score += 0.6
    if previous.number is not None and previous.of is not None:
        if previous.number == previous.of:
            score += 1.6
        else:
            score -= 1.6
    if previous.cover:
        score += 1.5
    if signs.cover:
        score += 1.5
    shared = signs.protocols & previous.protocols
    if shared:
        score -= 1.5  # the registration is printed on every page of one letter
    if signs.letterhead and signs.letterhead == previous.letterhead and not signs.title:
        score -= 0.4
    if previous.closes:
        score += 0.35
    if signs.starts_small:
        score -= 1.2
    if not previous.ends_sentence:
        score -= 0.5
    if signs.holders and previous.holders and not signs.holders & previous.holders:
        score += 0.8
    return score


def split(signs: Sequence[PageSigns | None], decided: Mapping[int, bool] | None = None) -> tuple[Span, ...]:
    """The documents of a file. ``None`` is a page that cannot be read: it stays with what precedes it, unsure.

    Pages are numbered as given (blank pages have been left out by the caller). ``decided`` holds what people said:
    by index whether a document starts there.
    """
    spans: list[Span] = []
    first, sure, confidence = 0, True, 1.0
    last_read: PageSigns | None = signs[0] if signs else None
    holders: frozenset[str] = last_read.holders if last_read else frozenset()
    for index in range(1, len(signs)):
        current = signs[index]
        said = decided.get(index) if decided is not None else None
        if said is not None:
            if said:
                spans.append(Span(first, index - 1, sure, confidence))
                first, sure, confidence, holders = index, True, 1.0, frozenset()
            if current is not None:
                holders = holders | current.holders
                last_read = current
            continue
        if current is None:
            sure, confidence = False, min(confidence, 0.5)
            continue
        if last_read is None:
            # Nothing could be read so far: a plain first page starts anew, anything else goes along.
            starts, doubtful = current.score >= _SURE_START, True
            likely = _likely_start(current.score)
        else:
            previous = replace(last_read, holders=holders)
            score = start_score(current, previous)
            starts = score >= _START
            likely = _likely_start(score)
            doubtful = _UNSURE_FROM <= score < _SURE_START and not (current.number == 1 and current.of is not None)
            # A page that is taken along though it has a letterhead or a title of its own may be another's first page.
            doubtful |= not starts and current.number is None and current.score >= _UNSURE_FROM
        if signs[index - 1] is None:
            doubtful = True
        if starts:
            spans.append(Span(first, index - 1, sure and not doubtful, min(confidence, likely)))
            first, sure, confidence, holders = index, not doubtful, likely, current.holders
        else:
            sure, confidence = sure and not doubtful, min(confidence, round(1 - likely, 3))
            holders = holders | current.holders
        last_read = current
    if signs:
        spans.append(Span(first, len(signs) - 1, sure, confidence))
    return tuple(spans)


def lacks_pages(signs: Sequence[PageSigns | None]) -> bool:
    """Whether the printed numbers of a document's pages say that one is missing: the feeder may have taken two sheets.

    Pages that cannot be read count as there.
    """
    totals = {sign.of for sign in signs if sign is not None and sign.of is not None}
    if len(totals) != 1:
        return False  # no numbers, or a misread one among them
    return len(signs) < totals.pop()


def _likely_start(score: float) -> float:
    """How likely a page of this score starts a document: even half-way between the two thresholds.

    A judgement, not yet calibrated on decisions of an office.
    """
    return round(1 / (1 + math.exp(-3 * (score - (_UNSURE_FROM + _SURE_START) / 2))), 3)
