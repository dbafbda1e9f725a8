"""Who may not be asked about while somebody sits at the counter: the others whose papers are that person's too.

A decree of two siblings is found by either's name. Whoever sits at the counter sees the screen: that a sister's name
finds one of his papers would tell him what her papers are, and her that he was asked about. A question that may mean
another is therefore answered with nothing, however it is written: nothing found for an innocent word costs little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from faldone.domain.access import Access
from faldone.domain.attribution import Role
from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.projection import permitted
from faldone.search import analysis
from faldone.search.document import code_key
from faldone.search.query import Query
from faldone.search.understand import sound

_SHORTEST_MISSPELT = 4
_TWO_WRONG_FROM = 8
_SHORTEST_PART = 5
_SHORTEST_MISTYPED = 14
_MOST_PIECES = 5
"""Words beside each other that are read as one: a code is written in so many pieces."""

_LOOK_ALIKE = str.maketrans("oqdiljtzsbg", "00011112589")


@dataclass(frozen=True, slots=True)
class _Called:
    """By what somebody is asked for: words of names, folded, also written as one, and codes, lower case."""

    names: Set[str]
    codes: Set[str]


def names_another(query: Query, pinned: PersonId, access: Access, ports: Ports) -> bool:
    """Whether a question may name somebody else whose papers are also those of the person at the counter.

    Names, codes and parts of them count, misspelt ones, such in pieces and such that are to be left out too: a paper
    that is missing tells as much as one that is found. What both are called is nobody else's.
    """
    own = ports.catalog.persons_with([pinned]).get(pinned)
    ids = {pinned} if own is None else {pinned, own.id, *own.absorbed}
    papers = {document.id: document for one in ids for document in ports.catalog.documents_of(one)}
    shown = permitted(list(papers.values()), access, ports)
    others = [one for _, paper in shown for one in paper.persons if one.role is Role.HOLDER and one.id not in ids]
    if not others:
        return False
    known = ports.catalog.persons_with({PersonId(one.id) for one in others if one.id is not None})
    ours = _called([own] if own is not None else [], ids)
    theirs = _called(known.values(), (one.key for one in others if one.id is not None))
    names = theirs.names | _names(name for one in others for name in (one.name, *one.aliases))
    codes = theirs.codes | {code_key(one.cf) for one in others if one.cf}
    return _asks_for(query, _Called(names - ours.names, codes - ours.codes), ours)


def _called(persons: Iterable[Person], ids: Iterable[str]) -> _Called:
    records = list(persons)
    return _Called(
        _names(name for one in records for name in (one.display_name, *one.aliases)),
        {code_key(code) for one in records for code in (one.cf, *one.other_codes) if code}
        | {"".join(_terms(id_)) for id_ in ids},
    )


def _names(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        found |= {token.term for token in analysis.compounds(name)} | set(_as_one(_terms(name)))
    return found


def _asks_for(query: Query, theirs: _Called, ours: _Called) -> bool:
    typed = [" ".join((*query.words, *query.prefixes, query.cf or "")), query.person or ""]
    typed += [*query.phrases, *query.excluded]
    asked = {text for one in typed for text in _as_one(_terms(one), set(ours.names))}
    asked |= {token.term for one in typed for token in analysis.compounds(one)}
    asked |= {text for reading in query.readings for text in (*reading.alike, reading.code or "") if text}
    if any(
        called.startswith(start)
        for prefix in (*query.prefixes, *query.begun)
        for start in {*_terms(prefix), code_key(prefix)}
        for called in (*theirs.names, *theirs.codes)
    ):
        return True
    asked = {text for text in asked - ours.names if not any(text in code for code in ours.codes)}
    return _any_name(asked, theirs.names) or any(_is_code(text, code) for text in asked for code in theirs.codes)


def _any_name(asked: Set[str], names: Set[str]) -> bool:
    """Whether any of the words is a name, sounds like one, has the stem of one or is one with wrong letters."""
    if asked & names:
        return True
    said = {name: (sound(name), analysis.stem(name)) for name in names if len(name) >= _SHORTEST_MISSPELT}
    for word in (one for one in asked if len(one) >= _SHORTEST_MISSPELT):
        key, stem, wrong = sound(word), analysis.stem(word), 1 if len(word) < _TWO_WRONG_FROM else 2
        for name, (sounds, stem_of_it) in said.items():
            if (stem is not None and stem == stem_of_it) or OSA.distance(word, name, score_cutoff=1) <= 1:
                return True
            near = wrong if min(len(key), len(sounds)) >= _SHORTEST_MISSPELT else 0
            if OSA.distance(key, sounds, score_cutoff=near) <= near:
                return True
    return False


def _is_code(text: str, code: str) -> bool:
    """Whether a text is a part of a code, or the whole with a wrong character, one that looks like it set right."""
    if len(text) < _SHORTEST_PART:
        return False
    typed, right = text.translate(_LOOK_ALIKE), code.translate(_LOOK_ALIKE)
    return typed in right or (
        min(len(typed), len(right)) >= _SHORTEST_MISTYPED and OSA.distance(typed, right, score_cutoff=2) <= 2
    )


def _as_one(terms: list[str], own: Set[str] = frozenset()) -> Iterator[str]:
    """The words, and those beside each other written as one, two of them either way round; not such as are all own."""
    for first in range(len(terms)):
        for last in range(first + 1, min(len(terms), first + _MOST_PIECES) + 1):
            pieces = terms[first:last]
            if not own >= set(pieces):
                yield "".join(pieces)
                if len(pieces) == 2:
                    yield "".join(reversed(pieces))


def _terms(text: str) -> list[str]:
    return [token.term for token in analysis.spell(text)]
