"""What somebody may see of a commit, worked out once for all of their questions.

Who may see a document follows from three things: its level, its service and its comune. An archive of any size has four
of the first and some dozen of the others. A document is written with each of them, as a term and as a number in a
column. A rule of access is asked once of all terms that a commit has; from then on it is a set of terms that are looked
up together, or of numbers that hits are held against. What is not told open is closed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import tantivy
from tantivy import Occur

from faldone.domain.access import Access, Sensitivity
from faldone.search.document import code_key

SIGHT = "sight"
"""The field of the terms: one for all kinds, so that whatever is closed is looked up as one set."""

LEVEL, SERVICE, TOWN = "l", "s", "t"
"""The kinds of terms: what they begin with."""

NUMBERS: Final = {LEVEL: "level_number", SERVICE: "service_number", TOWN: "town_number"}
"""The columns with the numbers of the terms of each kind."""

_CACHED: Final = 4096
_MOST: Final = 0.5
"""From which share on a side is told by what is closed."""

_MANY: Final = 8
"""Terms from which on noting all of their documents takes less time than looking for each beside the question."""

_Number = float | None  # what a column is read as
_Hit = tuple[Any, tantivy.DocAddress]


@dataclass(frozen=True, slots=True)
class Side:
    """What a rule opens of the terms of one kind.

    ``opened`` are the open terms by their numbers and ``closed`` the others that the commit has; ``share`` is which
    part of the documents has one that is open.
    """

    column: str
    opened: Mapping[_Number, str]
    closed: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Sight:
    """What of a commit is open to somebody: the documents that find themselves open on all three sides.

    ``clauses`` say so beside a query, each side by the fewer documents: those that are open, or those to be left out.
    """

    access: Access
    sides: tuple[Side, Side, Side]
    clauses: tuple[tuple[Occur, tantivy.Query], ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is closed."""
        return not self.clauses

    @property
    def share(self) -> float:
        """About which part of the documents is open."""
        return math.prod(side.share for side in self.sides)

    def of(self, native: tantivy.Query) -> tantivy.Query:
        """What a query finds of the open documents, with the same scores."""
        return tantivy.Query.boolean_query([(Occur.Must, native), *self.clauses]) if self.clauses else native

    def among(self, found: Sequence[_Hit], searcher: tantivy.Searcher) -> list[_Hit]:
        """The hits that are open."""
        if self.whole:
            return list(found)
        addresses = [address for _, address in found]
        columns = (searcher.fast_field_values(side.column, addresses) for side in self.sides)
        levels, services, towns = (side.opened for side in self.sides)
        return [
            hit
            for hit, level, service, town in zip(found, *columns, strict=True)
            if level in levels and service in services and town in towns
        ]


def terms(level: Sensitivity, service: Iterable[str], comune: Iterable[str]) -> dict[str, str]:
    """The terms of documents of this level with these keys of a service and a comune, if known, by kind."""
    return {
        LEVEL: f"{LEVEL}{level.value}",
        SERVICE: f"{SERVICE}{_written(service)}",
        TOWN: f"{TOWN}{_written(comune)}",
    }


@lru_cache(_CACHED)
def number(term: str) -> int:
    """The number of a term: 64 bits of its digest."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest())


def sight(access: Access, searcher: tantivy.Searcher, schema: tantivy.Schema) -> Sight:
    """What a rule opens of a commit."""
    held = dict(searcher.terms_with_prefix(SIGHT, ""))
    keys = None if access.services is None else frozenset(map(code_key, access.services))
    level = replace(access, services=None, comuni=None)
    service, town = replace(access, services=keys, comuni=None), replace(access, services=None)
    sides = (
        _side(held, LEVEL, lambda value: level.permits("", None, Sensitivity(int(value)))),
        _side(held, SERVICE, lambda value: service.permits(_read(value), None, min(Sensitivity))),
        _side(held, TOWN, lambda value: town.permits("", _read(value), min(Sensitivity))),
    )
    clauses = [
        (Occur.Must, tantivy.Query.const_score_query(_any(schema, side.opened.values()), 0.0))
        for side in sides
        if side.share <= _MOST
    ]
    without = [term for side in sides if side.share > _MOST for term in side.closed]
    if without:
        clauses.append((Occur.MustNot, _any(schema, without)))
    return Sight(access, sides, tuple(clauses))


def _side(held: Mapping[str, int], kind: str, is_open: Callable[[str], bool]) -> Side:
    own = {term: documents for term, documents in held.items() if term.startswith(kind)}
    opened: dict[_Number, str] = {number(term): term for term in own if is_open(term.removeprefix(kind))}
    closed = tuple(term for term in own if opened.get(number(term)) != term)
    share = sum(own[term] for term in opened.values()) / max(sum(own.values()), 1)
    return Side(NUMBERS[kind], opened, closed, share if closed else 1.0)


def _any(schema: tantivy.Schema, some: Collection[str]) -> tantivy.Query:
    """Documents with any of these terms."""
    if len(some) >= _MANY:
        return tantivy.Query.term_set_query(schema, SIGHT, list(some))
    each = [(Occur.Should, tantivy.Query.term_query(schema, SIGHT, term, "basic")) for term in some]
    return tantivy.Query.boolean_query(each)


def _written(keys: Iterable[str]) -> str:
    return "".join(f"={key}" for key in keys)


def _read(written: str) -> str | None:
    return written[1:] if written else None
