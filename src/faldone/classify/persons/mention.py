"""What is found on a page: a code with the persons it names, and a place where a person is named."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from faldone.classify.reading import Reading
from faldone.domain.attribution import Evidence, Role
from faldone.domain.person import Person

BARE_SCORE: Final = 0.3
"""How strongly a name makes a holder where no word says what it is to the paper."""


@dataclass(frozen=True, slots=True)
class CodeReading:
    """A code on the page and the register's persons it names; ``alternatives`` are the other readings of a repair."""

    raw: str
    code: str
    start: int
    end: int
    changes: int
    persons: tuple[Person, ...]
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a person is named.

    ``persons`` are the register's candidates by the name; ``exact`` is false when the name was respelt or cut;
    ``score`` is how strongly this place makes a holder; ``group`` numbers the names joined under one plural cue;
    ``birth_sureness`` is the least confidence of the date's words; ``dates`` are those
    behind the name that nothing calls a birth date; ``hidden`` says that the paper
    gives initials or a number only; ``points`` is the number of users whom the page of
    minutes speaks of, where this is one of them; ``by_birth`` says that the persons are those of a like name who were
    born on the day beside it.
    """

    reading: Reading
    start: int
    end: int
    name: str
    words: tuple[str, ...]
    persons: tuple[Person, ...] = ()
    exact: bool = True
    trimmed: bool = False
    labelled: bool = False
    code: CodeReading | None = None
    birth: dt.date | None = None
    birth_sureness: float = 0.0
    dates: tuple[dt.date, ...] = ()
    role: Role | None = None
    score: float = BARE_SCORE
    group: int | None = None
    cue: str = ""
    hidden: bool = False
    points: int = 0
    by_birth: bool = False

    @property
    def evidence(self) -> Evidence:
        """The proof: the name or code as read."""
        return self.reading.evidence("cf" if not self.words else "name", self.start, self.end, self.score)

    @property
    def sureness(self) -> float:
        """The least confidence (0.0–1.0) with which the words of the name were read."""
        return self.reading.confidence(self.start, self.end)
