"""What somebody may see of a commit, worked out once for all of their questions.

Who may see a document follows from two things: its level with its service, and its comune. An archive of any size has
some hundred of the first and some dozen of the second. A document is written with both, each as a term and as a number
in a column. A rule of access is asked once of all terms that a commit has; from then on it is a set of terms that are
looked up together, or of numbers that hits are held against. What is not told open is closed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import tantivy
from tantivy import Occur

from faldone.domain.access import Access, Sensitivity
from faldone.search.document import code_key

KEPT, TOWN = "kept", "town"
"""The fields of a document's terms: its level with its service, and its comune."""

NUMBERS: Final = {KEPT: "kept_number", TOWN: "town_number"}
"""The columns with the numbers of those terms."""

_CACHED: Final = 4096
_MOST: Final = 0.5
"""From which share on a side is told by what is closed."""

_Number = float | None  # what a column is read as
_Hit = tuple[Any, tantivy.DocAddress]


@dataclass(frozen=True, slots=True)
class Side:
    """What a rule opens of one of the two fields.

    ``opened`` are the open terms by their numbers and ``closed`` the others that the commit has; ``share`` is which
    part of the documents has one that is open.
    """

    field: str
    opened: Mapping[_Number, str]
    closed: tuple[str, ...]
    share: float


@dataclass(frozen=True, slots=True)
class Sight:
    """What of a commit is open to somebody: the documents that find themselves open on both sides.

    ``clauses`` say so beside a query, each side by the fewer documents: those that are open, or those to be left out.
    """

    access: Access
    schema: tantivy.Schema
    kept: Side
    town: Side
    clauses: tuple[tuple[Occur, tantivy.Query], ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is closed."""
        return not self.clauses

    @property
    def share(self) -> float:
        """About which part of the documents is open."""
        return self.kept.share * self.town.share

    def of(self, native: tantivy.Query) -> tantivy.Query:
        """What a query finds of the open documents, with the same scores."""
        return tantivy.Query.boolean_query([(Occur.Must, native), *self.clauses]) if self.clauses else native

    def among(self, found: Sequence[_Hit], searcher: tantivy.Searcher) -> list[_Hit]:
        """The hits that are open."""
        if self.whole:
            return list(found)
        addresses = [address for _, address in found]
        kept, town = (searcher.fast_field_values(NUMBERS[side.field], addresses) for side in (self.kept, self.town))
        return [
            hit
            for hit, one, other in zip(found, kept, town, strict=True)
            if one in self.kept.opened and other in self.town.opened
        ]


def terms(level: Sensitivity, service: Iterable[str], comune: Iterable[str]) -> dict[str, str]:
    """The terms of documents of this level with these keys of a service and a comune: one each, or none known."""
    return {KEPT: f"{level.value}{_written(service)}", TOWN: _written(comune)}


@lru_cache(_CACHED)
def number(term: str) -> int:
    """The number of a term: 64 bits of its digest."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest())


def sight(access: Access, searcher: tantivy.Searcher, schema: tantivy.Schema) -> Sight:
    """What a rule opens of a commit."""
    keys = None if access.services is None else frozenset(map(code_key, access.services))
    keeping, placing = replace(access, services=keys, comuni=None), replace(access, services=None)
    kept = _side(searcher, KEPT, lambda term: keeping.permits(_read(term[1:]), None, Sensitivity(int(term[0]))))
    town = _side(searcher, TOWN, lambda term: placing.permits("", _read(term), min(Sensitivity)))
    without = [side for side in (kept, town) if side.closed and side.share > _MOST]
    clauses = [_must(schema, side.field, side.opened.values()) for side in (kept, town) if side.share <= _MOST]
    if without:
        terms = [_term(schema, side.field, term) for side in without for term in side.closed]
        clauses.append((Occur.MustNot, tantivy.Query.boolean_query(terms)))
    return Sight(access, schema, kept, town, tuple(clauses))


def _side(searcher: tantivy.Searcher, field: str, is_open: Callable[[str], bool]) -> Side:
    held = dict(searcher.terms_with_prefix(field, ""))
    opened: dict[_Number, str] = {number(term): term for term in held if is_open(term)}
    closed = tuple(term for term in held if opened.get(number(term)) != term)
    share = sum(held[term] for term in opened.values()) / max(sum(held.values()), 1)
    return Side(field, opened, closed, share if closed else 1.0)


def _must(schema: tantivy.Schema, field: str, some: Iterable[str]) -> tuple[Occur, tantivy.Query]:
    choices = tantivy.Query.boolean_query([_term(schema, field, term) for term in some])
    return Occur.Must, tantivy.Query.const_score_query(choices, 0.0)


def _term(schema: tantivy.Schema, field: str, term: str) -> tuple[Occur, tantivy.Query]:
    return Occur.Should, tantivy.Query.term_query(schema, field, term, "basic")


def _written(keys: Iterable[str]) -> str:
    return "".join(f"={key}" for key in keys)


def _read(written: str) -> str | None:
    return written[1:] if written else None
