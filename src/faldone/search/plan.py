"""The rules of matching and ranking, as a tree that every engine carries out alike.

A :class:`Plan` is made of few kinds of node with the plain meaning of boolean retrieval; an adapter translates each
kind once and knows nothing of names, words or stems. A rule of access is one more node in ``All.filter``: the count,
the hits and the pages all come from the one tree, so nothing can leak past it.

Scores are set so that the order of the tiers cannot be upset by how rare a word is: a word in running text gives its
tier's floor and what BM25 adds, at most 2.2 · ln(1 + N), 31 for a million documents, which stays under the tier of
names.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from faldone.search import analysis
from faldone.search.document import Field, code_key, day, protocol_keys
from faldone.search.query import Query

MOST_WORDS = 0.6
"""Share of the free words that a document must have when none has all of them."""

FUZZY_FROM = 5
"""Letters. Shorter words are not searched with an error: too many others are one letter away."""

_HOLDER, _PERSON, _PROTOCOL, _CODE = 100.0, 60.0, 80.0, 45.0
_SPELLED, _TITLE, _STEM, _LABEL, _FUZZY_NAME, _FUZZY_WORD = 10.0, 12.0, 5.0, 7.0, 2.0, 1.0
_STOP_WORD, _TOGETHER = 1.0, 25.0


@dataclass(frozen=True, slots=True)
class Term:
    """Documents with this term in the field; scored by BM25."""

    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Documents with these terms (two or more) one after the other in one value of the field; scored by BM25."""

    field: Field
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Documents with a term that is the value or one edit away from it. Any score.

    An edit is a letter changed, added or left out, or two neighbours swapped (optimal string alignment distance).
    """

    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class Dates:
    """Documents with a date in ``first``…``last``, inclusive, as YYYYMMDD. Any score."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Everything:
    """All documents. Any score."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What ``of`` finds, each with this score."""

    of: Node
    score: float


@dataclass(frozen=True, slots=True)
class Best:
    """What any of these finds, with the highest of their scores."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """What at least ``minimum`` of these find, with the sum of their scores."""

    of: tuple[Node, ...]
    minimum: int = 1


@dataclass(frozen=True, slots=True)
class All:
    """What all of ``must`` and of ``filter`` find and none of ``without``.

    The score is the sum over ``must`` and over those of ``bonus`` that find the document. With neither must nor filter
    it starts from all documents.
    """

    must: tuple[Node, ...] = ()
    filter: tuple[Node, ...] = ()
    without: tuple[Node, ...] = ()
    bonus: tuple[Node, ...] = ()


Node = Term | Phrase | Fuzzy | Dates | Everything | Fixed | Best | Some | All


@dataclass(frozen=True, slots=True)
class Plan:
    """How to answer a query.

    ``relaxed`` is asked when ``strict`` finds nothing, if it is there. ``by_date`` says that nothing gives a score
    and that the latest date comes first.
    """

    strict: Node
    relaxed: Node | None = None
    by_date: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A word of a query in the forms in which it is looked for.

    ``stem`` is ``None`` for stop words; ``variants`` are spelled forms that count as the stem
    (:func:`faldone.search.analysis.variants`); ``fuzzy`` says whether one wrong letter is forgiven.
    """

    word: str
    stem: str | None
    fuzzy: bool
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One free word as typed: its units, the whole written as one word when it has an apostrophe, and its code.

    A word of several parts with a digit in it (a DSU number, *lotto-3*) is looked for as it stands: ``whole``.
    """

    units: tuple[Unit, ...]
    joined: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    whole: bool = False


_BEFORE_A_NUMBER = frozenset({"n", "nr", "num", "numero", "prot", "protocollo", "cf"})


def unit(word: str) -> Unit:
    """The forms of a spelled word."""
    stem = analysis.stem(word)
    fuzzy = stem is not None and len(word) >= FUZZY_FROM and word.isalpha()
    return Unit(word, stem, fuzzy, analysis.variants(word))


def wanted(words: Iterable[str]) -> list[Wanted]:
    """The free words of a query as they are looked for; *prot. n.* before a number says nothing and is left out."""
    found: list[Wanted] = []
    for text in words:
        units = tuple(unit(token.term) for token in analysis.spell(text))
        if not units:
            continue
        codes = tuple(token.term for token in analysis.codes(text))
        whole = len(units) > 1 and any(character.isdigit() for character in text)
        joined = () if whole else tuple(token.term for token in analysis.compounds(text))
        if codes or (len(units) == 1 and units[0].word.isdigit()):
            while len(found) > 0 and [part.word for part in found[-1].units] in [[word] for word in _BEFORE_A_NUMBER]:
                found.pop()
        found.append(Wanted(units, joined, codes, whole))
    return found


def plan(query: Query) -> Plan:
    """How to answer ``query``."""
    words = wanted(query.words)
    meaningful = [word for word in words if word.whole or word.codes or any(part.stem for part in word.units)]
    required = [_wanted(word) for word in meaningful or words]
    bonus: list[Node] = [
        Fixed(Term(Field.NAMES, part.word), _STOP_WORD)
        for word in words
        if meaningful and word not in meaningful
        for part in word.units
    ]
    bonus += _side_by_side(words)
    always = tuple(_phrase(phrase) for phrase in query.phrases) + tuple(_identifiers(query))
    filters = tuple(_filters(query))
    without = tuple(_excluded(text) for text in query.excluded)

    def tree(words: tuple[Node, ...]) -> Node:
        return All(must=(*words, *always), filter=filters, without=without, bonus=tuple(bonus))

    minimum = math.ceil(MOST_WORDS * len(required))
    return Plan(
        strict=tree(tuple(required)),
        relaxed=tree((Some(tuple(required), minimum),)) if minimum < len(required) else None,
        by_date=not required and not always,
    )


def _wanted(word: Wanted) -> Node:
    """A free word: every part of it, or all of it as one."""
    choices: list[Node] = [_code(code) for code in word.codes]
    if word.whole:
        terms = tuple(part.word for part in word.units)
        choices += [_scored(Phrase(Field.WORDS, terms), _SPELLED), Fixed(Phrase(Field.TITLE, terms), _TITLE)]
        return Best(tuple(choices))
    parts = [_unit(part) for part in word.units if part.stem is not None] or [_unit(part) for part in word.units]
    choices.append(parts[0] if len(parts) == 1 else All(must=tuple(parts)))
    choices += [_unit(unit(joined)) for joined in word.joined]
    return choices[0] if len(choices) == 1 else Some(tuple(choices))


def _unit(part: Unit) -> Node:
    word = part.word
    tiers: list[Node] = [
        Fixed(Term(Field.HOLDERS, word), _HOLDER),
        Fixed(Term(Field.NAMES, word), _PERSON),
        Fixed(Term(Field.TITLE, word), _TITLE),
        _scored(Term(Field.WORDS, word), _SPELLED),
    ]
    if any(character.isdigit() for character in word):
        tiers.append(Fixed(Term(Field.CF, word), _HOLDER))
        tiers.append(Fixed(Term(Field.CODES, word), _CODE))
    if word.isdigit():
        tiers.append(Fixed(Term(Field.PROTOCOL, word.lstrip("0") or word), _PROTOCOL))
    if part.stem is not None:
        tiers.append(_scored(Term(Field.TEXT, part.stem), _STEM))
        tiers.append(Fixed(Term(Field.TYPE_LABEL, part.stem), _LABEL))
        tiers.append(Fixed(Term(Field.SERVICE_LABEL, part.stem), _LABEL))
    for variant in part.variants:
        tiers.append(_scored(Term(Field.WORDS, variant), _STEM))
        tiers.append(Fixed(Term(Field.TITLE, variant), _LABEL))
    if part.fuzzy:
        tiers.append(Fixed(Fuzzy(Field.NAMES, word), _FUZZY_NAME))
        tiers.append(Fixed(Fuzzy(Field.WORDS, word), _FUZZY_WORD))
    return Best(tuple(tiers))


def _code(code: str) -> Node:
    return Best(
        (
            Fixed(Term(Field.CF, code), _HOLDER),
            Fixed(Term(Field.PROTOCOL, code), _PROTOCOL),
            Fixed(Term(Field.CODES, code), _CODE),
        )
    )


def _scored(node: Node, floor: float) -> Node:
    return All(must=(Fixed(node, floor), node))


def _spelled(field: Field, terms: tuple[str, ...]) -> Node:
    return Term(field, terms[0]) if len(terms) == 1 else Phrase(field, terms)


def _phrase(text: str) -> Node:
    terms = tuple(token.term for token in analysis.spell(text))
    return Best(
        (
            Fixed(_spelled(Field.HOLDERS, terms), _HOLDER),
            Fixed(_spelled(Field.NAMES, terms), _PERSON),
            Fixed(_spelled(Field.TITLE, terms), _TITLE),
            _scored(_spelled(Field.WORDS, terms), _SPELLED),
            *(_code(token.term) for token in analysis.codes(text)),
        )
    )


def _side_by_side(words: list[Wanted]) -> list[Node]:
    """A bonus for two words of the query that are neighbours in one name, in either order: *rossi mario*."""
    singles = [word.units[0].word if len(word.units) == 1 else None for word in words]
    pairs = [(a, b) for a, b in pairwise(singles) if a and b]
    return [
        Fixed(Some((Phrase(Field.NAMES, (a, b)), Phrase(Field.NAMES, (b, a)))), _TOGETHER)
        for a, b in pairs
        if a.isalpha() and b.isalpha()
    ]


def _excluded(text: str) -> Node:
    terms = tuple(token.term for token in analysis.spell(text))
    choices = [_spelled(field, terms) for field in (Field.WORDS, Field.NAMES, Field.TITLE)]
    choices += [Term(field, token.term) for token in analysis.codes(text) for field in _CODE_FIELDS]
    if len(terms) == 1:
        choices += [Term(field, terms[0]) for field in _CODE_FIELDS]
        stem = analysis.stem(terms[0])
        if stem is not None:
            choices += [Term(field, stem) for field in (Field.TEXT, Field.TYPE_LABEL, Field.SERVICE_LABEL)]
        for variant in analysis.variants(terms[0]):
            choices += [Term(Field.WORDS, variant), Term(Field.TITLE, variant)]
    return Some(tuple(choices))


_CODE_FIELDS = (Field.CF, Field.PROTOCOL, Field.CODES)


def _identifiers(query: Query) -> Iterable[Node]:
    """Codes named as such: the document that bears one comes before those that cite it."""
    if query.cf is not None:
        code = code_key(query.cf)
        yield Best((Fixed(Term(Field.CF, code), _HOLDER), Fixed(Term(Field.CODES, code), _CODE)))
    if query.protocol is not None:
        key = protocol_keys(query.protocol)[-1]
        yield Best((Fixed(Term(Field.PROTOCOL, key), _PROTOCOL), Fixed(Term(Field.CODES, key), _CODE)))


def _filters(query: Query) -> Iterable[Node]:
    if query.person is not None:
        for text in query.person.split():
            terms = tuple(token.term for token in analysis.spell(text))
            choices: list[Node] = [Term(Field.CF, code_key(text))]
            if terms:
                choices.append(All(must=tuple(Term(Field.NAMES, term) for term in terms)))
            choices += [Term(Field.NAMES, token.term) for token in analysis.compounds(text)]
            yield Some(tuple(choices))
    if query.service is not None:
        yield _coded(query.service, Field.SERVICE, Field.SERVICE_LABEL)
    if query.type is not None:
        yield _coded(query.type, Field.TYPE, Field.TYPE_LABEL)
    if query.date_from is not None or query.date_to is not None:
        yield Dates(
            day(query.date_from) if query.date_from else 1_01_01,
            day(query.date_to) if query.date_to else 9999_12_31,
        )


def _coded(text: str, code: Field, label: Field) -> Node:
    choices: list[Node] = [Term(code, code_key(text))]
    words = []
    for token in analysis.spell(text):
        stems = (analysis.stem(form) for form in (token.term, *analysis.variants(token.term)))
        forms = tuple(Term(label, stem) for stem in stems if stem is not None)
        if forms:
            words.append(Some(forms))
    if words:
        choices.append(All(must=tuple(words)))
    return Some(tuple(choices))
