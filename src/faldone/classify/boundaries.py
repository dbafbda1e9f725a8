"""Where one document ends and the next begins among the pages of a file.

«Page 2 without a header belongs to page 1; use "pag. x di y", continuity of protocol, signature block, letterhead»
(domain notes §6.15). Each page is weighed against the document before it by a small logistic model: what it says is how
likely the page starts a document. A page where it is not sure makes both neighbours unsure, and unsure documents are
never filed by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from faldone.classify.page_signs import PageSigns

# Two persons' papers in one document are worse than one paper in two: a start is said below one half.
START: Final = 0.4
_SURE: Final = 0.9
_SHORT: Final = 0.86
_OTHER_LETTER: Final = 0.14
_OTHER_MARGIN: Final = 0.035

WEIGHTS: Final[Mapping[str, float]] = {
    "bias": -1.56,
    "title": 1.65,
    "title_again": 0.32,
    "letterhead": 1.76,
    "letterhead_again": 0.14,
    "subject": 1.11,
    "addressed": 0.84,
    "introduces": 1.67,
    "protocol": 1.09,
    "protocol_again": -2.00,
    "first_number": 3.01,
    "next_number": -3.05,
    "inner_number": -1.52,
    "after_last_number": 1.52,
    "after_inner_number": -1.55,
    "after_end": 0.77,
    "after_short_page": 2.04,
    "after_open_sentence": -0.46,
    "starts_small": -1.65,
    "capitals": 0.89,
    "goes_on": -1.58,
    "other_holder": 1.40,
    "same_holder": 0.43,
    "cover": 2.00,
    "after_cover": 2.00,
    "other_letter": 0.64,
    "other_margin": 0.41,
    "blank_before": 0.34,
    "bare": -1.80,
}
"""Fitted by ``python -m tests.bench.boundaries``; a sign that hardly occurs there keeps the weight it was judged."""


@dataclass(frozen=True, slots=True)
class Span:
    """A document's pages, as 0-based inclusive indices; ``sure`` is false when one of its ends is doubtful.

    ``confidence`` (0.0–1.0) is that of the least sure of the decisions that made it: start here, go on there.
    """

    first: int
    last: int
    sure: bool
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class SoFar:
    """A document as far as it has been read: its last page, and what its pages said together."""

    last: PageSigns
    title: str
    letterhead: str
    protocols: frozenset[str]
    holders: frozenset[str]

    @classmethod
    def opened(cls, page: PageSigns) -> SoFar:
        """A document that starts with this page."""
        return cls(page, page.title, page.letterhead, page.protocols, page.holders)

    def with_page(self, page: PageSigns) -> SoFar:
        """The same with one more page."""
        return replace(self, last=page, protocols=self.protocols | page.protocols, holders=self.holders | page.holders)


def evidence(page: PageSigns, before: SoFar) -> dict[str, float]:
    """What speaks for and against a start here, by the names of :data:`WEIGHTS` (each 0.0–1.0)."""
    last = before.last
    follows = (
        page.number is not None
        and last.number is not None
        and page.number == last.number + 1
        and (page.of is None or last.of in (None, page.of))
    )
    shared = page.protocols & before.protocols
    same_head = bool(page.letterhead) and page.letterhead == before.letterhead
    next_item = page.first_item > 1 and page.first_item == last.last_item + 1
    return {
        name: value if isinstance(value, float) else 1.0
        for name, value in {
            "title": page.title and page.title != before.title,
            "title_again": page.title and page.title == before.title,
            "letterhead": page.letterhead and not same_head,
            "letterhead_again": same_head,
            "subject": page.subject,
            "addressed": page.addressed,
            "introduces": page.introduces,
            "protocol": page.protocols and not shared,
            "protocol_again": bool(shared),
            "first_number": page.number == 1,
            "next_number": follows,
            "inner_number": page.number is not None and page.number > 1 and not follows,
            "after_last_number": last.number is not None and last.number == last.of,
            "after_inner_number": last.number is not None and last.of is not None and last.number < last.of,
            "after_end": last.closes,
            "after_short_page": min(max(_SHORT - last.filled, 0.0) / 0.3, 1.0),
            "after_open_sentence": not last.ends_sentence and not last.closes,
            "starts_small": page.starts_small,
            "capitals": page.capitals,
            "goes_on": page.goes_on or next_item,
            "other_holder": page.holders and before.holders and not page.holders & before.holders,
            "same_holder": page.holders & before.holders,
            "cover": page.cover,
            "after_cover": last.cover,
            "other_letter": _differs(page.letter, last.letter) > _OTHER_LETTER,
            "other_margin": abs(page.margin - last.margin) > _OTHER_MARGIN,
            "blank_before": page.blank_before,
            "bare": not (page.title or page.letterhead or page.subject or page.addressed or page.introduces),
        }.items()
        if value
    } | {"bias": 1.0}


def _differs(one: float, other: float) -> float:
    return abs(math.log(one / other)) if one > 0 and other > 0 else 0.0


def likely_start(page: PageSigns, before: SoFar) -> float:
    """How likely (0.0–1.0) the page starts a document rather than going on with ``before``."""
    score = sum(WEIGHTS[name] * value for name, value in evidence(page, before).items())
    return 1 / (1 + math.exp(-score))


def split(signs: Sequence[PageSigns | None], decided: Mapping[int, bool] | None = None) -> tuple[Span, ...]:
    """The documents of a file. ``None`` is a page that cannot be read: it stays with what precedes it, unsure.

    Pages are numbered as given (blank pages have been left out by the caller). ``decided`` holds what people said:
    by index whether a document starts there.
    """
    spans: list[Span] = []
    first, sure, confidence = 0, True, 1.0
    before = SoFar.opened(signs[0]) if signs and signs[0] is not None else None
    for index in range(1, len(signs)):
        page = signs[index]
        said = decided.get(index) if decided is not None else None
        if page is None and said is None:
            sure, confidence = False, min(confidence, 0.5)
            continue
        if said is not None:
            starts, likely, doubtful = said, float(said), False
        else:
            assert page is not None
            likely = likely_start(page, before if before is not None else SoFar.opened(PageSigns()))
            starts = likely >= START
            # What lies beyond a page that could not be read may hang together with it.
            doubtful = 1 - _SURE < likely < _SURE or signs[index - 1] is None
        certainty = round(likely if starts else 1 - likely, 3)
        if starts:
            spans.append(Span(first, index - 1, sure and not doubtful, min(confidence, certainty)))
            first, sure, confidence, before = index, not doubtful, certainty, None
        else:
            sure, confidence = sure and not doubtful, min(confidence, certainty)
        if page is not None:
            before = before.with_page(page) if before is not None else SoFar.opened(page)
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
