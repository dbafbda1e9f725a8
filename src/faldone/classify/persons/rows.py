"""Minutes about several users, a numbered point each: «1) Caso Rossi Anna: … 2) Minore Verdi Luca: …»."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from faldone.classify.persons.mention import Mention
from faldone.classify.reading import Reading
from faldone.domain.attribution import Role

_POINT: Final = re.compile(r"([0-9]{1,2}|[il|])\s?\)")
_LEAD: Final = re.compile(r"(?:[0-9]{1,2}|[il|])\s?\)\s*(?:[a-z.]{2,14}\s+){0,2}")
_ONE_OF_MANY: Final = re.compile(
    r"(?:[0-9]{1,2}|[il|])\s?\)\s*(?:ca[s5]o|[s5]i?t[a-z]{4,8}|minore|nucleo|utente|famiglia|sig\S*)\s"
)
_CASE: Final = "caso"
_SCORE: Final = 0.93


def with_points(reading: Reading, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions with those who open a numbered point as holders together; ``points`` says how many there are."""
    lines = [_line(reading, line) for line in range(reading.line_count)]
    if not any(_ONE_OF_MANY.match(line) for line in lines):
        return list(mentions)
    opened = [match for line in lines if (match := _POINT.match(line))]
    # The highest number counts too: of the points between, the scanner may have lost one.
    points = max(len(opened), *(int(match[1]) for match in opened if match[1].isdigit()), 0)
    return [
        replace(mention, role=Role.HOLDER, score=_SCORE, group=0, points=points)
        if _opens(reading, mention)
        else mention
        for mention in mentions
    ]


def is_word_of_a_point(reading: Reading, start: int, text: str) -> bool:
    """Whether a word is the «Caso» of «2) Caso ROSSI ANNA»: a surname too, but not in front of another name."""
    line, _ = reading.line_span(reading.line_of(start))
    return text == _CASE and _POINT.fullmatch(reading.folded[line:start].strip()) is not None


def _line(reading: Reading, line: int) -> str:
    start, end = reading.line_span(line)
    return reading.folded[start:end].lstrip()


def _opens(reading: Reading, mention: Mention) -> bool:
    start, _ = reading.line_span(reading.line_of(mention.start))
    return bool(mention.words) and _LEAD.fullmatch(reading.folded[start : mention.start].lstrip()) is not None
