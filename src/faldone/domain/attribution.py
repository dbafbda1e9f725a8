"""Claims about a document, each with its proof: what it says, where on which page, by which rule, how sure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from faldone.domain.ids import PersonId
from faldone.domain.page import Box
from faldone.domain.reasons import Reason

T = TypeVar("T")


class Band(StrEnum):
    """What becomes of a document: filed by itself, shown to a person, or held back."""

    AUTO = "auto"
    REVIEW = "review"
    HOLD = "hold"


class Role(StrEnum):
    """What a person is to a document."""

    HOLDER = "holder"
    PARENT = "parent"
    SIBLING = "sibling"
    AUTHOR = "author"
    SOCIAL_WORKER = "social_worker"
    JUDGE = "judge"
    LAWYER = "lawyer"
    DOCTOR = "doctor"
    PROFESSIONAL = "professional"
    GUARDIAN = "guardian"
    CITED = "cited"


class Direction(StrEnum):
    """Which way a registered letter went."""

    INCOMING = "entrata"
    OUTGOING = "uscita"
    INTERNAL = "interno"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One proof: the words as read, on the 0-based page of the file, and what they weigh (0.0–1.0)."""

    kind: str
    page: int
    quote: str
    box: Box | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Attribution(Generic[T]):
    """A value with its proof.

    ``method`` names the rule and ``version`` the rule set; ``margin`` is the distance to ``runner_up`` in
    confidence (1.0 when there was no other candidate); ``confirmed_by`` is the person who settled it, if one did.
    """

    value: T
    confidence: float
    method: str
    version: str
    evidence: tuple[Evidence, ...] = ()
    margin: float = 1.0
    runner_up: str | None = None
    confirmed_by: str | None = None


@dataclass(frozen=True, slots=True)
class PersonMention:
    """A person as named on a document, matched to the register or not.

    ``cf`` is the code as it is in the register or, failing that, as read and checked; ``cf_raw`` is what stood
    on the page; ``person`` is the register's id when the match is sure enough to name one.
    """

    role: Role
    name: str
    cf: str | None = None
    cf_raw: str | None = None
    birth_date: dt.date | None = None
    person: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """A registration number (*protocollo*): unique only with its year; the date may be missing."""

    number: str
    date: dt.date | None = None
    year: int | None = None
    direction: Direction | None = None


class NumberKind(StrEnum):
    """What a number is that names a paper or its case and is no registration."""

    DSU = "dsu"
    RG = "rg"
    DETERMINATION = "determinazione"
    DELIBERATION = "deliberazione"
    CHRONOLOGICAL = "cronologico"
    REPERTORY = "repertorio"


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """Such a number: «R.G.V.G. 456/13» is 456 of 2013 in the register RGVG; a DSU's is its whole code."""

    kind: NumberKind
    number: str
    year: int | None = None
    register: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentProposal:
    """What the classifier says of the pages ``first_page``…``last_page`` (0-based, inclusive) of one file.

    ``None`` means unknown: an unsure value is never filled in with the most frequent one. ``reasons`` say why
    the band is not AUTO, most important first. The first mention with role HOLDER is the main holder. ``boundary`` is
    how sure it is (0.0–1.0) that the document starts and ends where it does; 1.0 where a sheet or a person says so.
    """

    first_page: int
    last_page: int
    type: Attribution[str] | None
    service: Attribution[str] | None
    persons: tuple[Attribution[PersonMention], ...]
    date: Attribution[dt.date] | None
    protocol: Attribution[Protocol] | None
    band: Band
    reasons: tuple[Reason, ...] = ()
    boundary: float = 1.0
    numbers: tuple[Attribution[DocumentNumber], ...] = ()

    @property
    def span(self) -> range:
        """Its 0-based page indices in the file."""
        return range(self.first_page, self.last_page + 1)

    @property
    def confirmed(self) -> bool:
        """Whether a person said any of it."""
        values = (self.type, self.service, self.date, self.protocol, *self.persons)
        return any(value is not None and value.confirmed_by is not None for value in values)

    @property
    def holders(self) -> tuple[Attribution[PersonMention], ...]:
        """The mentions whose dossier this document goes into."""
        return tuple(person for person in self.persons if person.value.role is Role.HOLDER)
