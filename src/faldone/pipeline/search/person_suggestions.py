"""Persons by the beginnings of what is typed, over the whole register: for those who say whom a paper is of."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from faldone.catalog.catalog import Catalog
from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from faldone.pipeline.ports import Ports
from faldone.search import analysis
from faldone.search.document import code_key, day
from faldone.search.query import period
from faldone.search.understand import NameBook

FEWEST_LETTERS = 3
"""Letters or digits that are typed before anybody is suggested."""

_MOST_OVERLAY = 2_000
"""More changed persons than this are not kept apart: the whole is read again."""

_MOST_SPELLINGS = 16
"""So many ways to spell what was typed are tried at most: each is looked up by itself."""

_END = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class PersonSuggestion:
    """Somebody on record; ``namesake`` says that another suggestion has the same name."""

    person: Person
    namesake: bool


class PersonBook:
    """The beginnings of names and codes of everybody on record, in memory: read whole once, then what changed since.

    A question takes some milliseconds with 200 000 persons; reading them takes seconds, and :meth:`read` does it before
    anybody asks.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._base: tuple[int, _Shelf] | None = None
        self._held: tuple[int, tuple[_Shelf, ...], frozenset[str]] | None = None

    def read(self) -> None:
        """Reads what is not in memory yet, and makes the book of sounds that misspelt names are looked up in."""
        self.alike("")

    def begin(self, text: str, limit: int) -> tuple[PersonId, ...]:
        """Those to whom everything typed fits: beginnings of words of a name or of a code, a day or year of birth.

        Those whose surname begins with the first word come first.
        """
        asked = _Asked.of(text)
        if asked is None:
            return ()
        shelves, hidden = self._shelves()
        found = sorted(
            (rank, person)
            for number, shelf in enumerate(shelves)
            for rank, person in shelf.find(asked, limit + (len(hidden) if not number else 0))
            if number or person not in hidden
        )
        return tuple(person for _, person in found[:limit])

    def begin_alike(self, text: str, limit: int) -> tuple[PersonId, ...]:
        """The same as :meth:`begin` for what is misspelt: each word may be a name that sounds like it."""
        words = [(word, *self.alike(analysis.fold(word))) for word in text.split()]
        tried = islice(product(*words), 1, _MOST_SPELLINGS)  # the first is what was typed
        found = dict.fromkeys(person for spelt in tried for person in self.begin(" ".join(spelt), limit))
        return tuple(found)[:limit]

    def alike(self, word: str) -> tuple[str, ...]:
        """See :class:`faldone.search.understand.Names`."""
        shelves, _ = self._shelves()
        return tuple(dict.fromkeys(name for shelf in shelves for name in shelf.names.alike(word)))

    def _shelves(self) -> tuple[tuple[_Shelf, ...], frozenset[str]]:
        """Everybody, then those who changed since; and whom of the first the second hide."""
        with self._lock:
            now = self._catalog.register_version()
            if self._held is None or self._held[0] != now:
                self._held = self._layered(now) or self._whole(now)
            return self._held[1:]

    def _layered(self, now: int) -> tuple[int, tuple[_Shelf, ...], frozenset[str]] | None:
        if self._base is None:
            return None
        changed = tuple(islice(self._catalog.persons(self._base[0]), _MOST_OVERLAY + 1))
        if len(changed) > _MOST_OVERLAY:
            return None
        hidden = frozenset(str(name) for person in changed for name in (person.id, *person.absorbed))
        return now, (self._base[1], _Shelf(changed)), hidden

    def _whole(self, now: int) -> tuple[int, tuple[_Shelf, ...], frozenset[str]]:
        # The version was asked first: who changes meanwhile is read again with what changed.
        self._base = now, _Shelf(self._catalog.persons())
        return now, (self._base[1],), frozenset()


def suggest_persons(
    text: str, book: PersonBook, ports: Ports, limit: int = 12, only: PersonId | None = None
) -> tuple[PersonSuggestion, ...]:
    """Those on record to whom what was typed may fit, by what the catalog says of them now.

    Where it fits nobody, those whose names sound like it. With ``only``, nobody but that person is suggested.
    """
    most = limit if only is None else 1_000
    ids = book.begin(text, most) or book.begin_alike(text, most)
    known = ports.catalog.persons_with([one for one in ids if only in (None, one)])
    found = list({person.id: person for person in (known.get(one) for one in ids) if person is not None}.values())
    names = [analysis.fold(person.display_name) for person in found]
    return tuple(PersonSuggestion(person, names.count(name) > 1) for person, name in zip(found, names, strict=True))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was typed: beginnings of words or codes, and days of birth as numbers, the first and the last."""

    beginnings: tuple[str, ...]
    born: tuple[int, int] | None

    @classmethod
    def of(cls, text: str) -> _Asked | None:
        """What is in the text; None when it is too little to ask by."""
        beginnings: list[str] = []
        born = None
        for piece in text.split():
            days = period(piece.strip(".,;()")) if piece[:1].isdigit() else None
            if days is not None:
                born = day(days[0]), day(days[1])
            else:
                beginnings += [token.term for token in analysis.spell(piece)]
        if not beginnings or sum(map(len, beginnings)) < FEWEST_LETTERS:
            return None
        return cls(tuple(beginnings), born)


class _Shelf:
    """Persons in the order of their names, and the words and codes by which they are found."""

    def __init__(self, persons: Iterable[Person]) -> None:
        held = sorted(
            (
                (_words(person.surname), _words(person.name, *person.aliases), _born(person), person.id, _codes(person))
                for person in persons
            ),
            key=lambda one: one[:4],
        )
        self._ids = [one[3] for one in held]
        self._surnames = [one[0] for one in held]
        self._others = [one[1] for one in held]
        self._born = array("I", (one[2] for one in held))
        by_word: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        codes: list[tuple[str, int]] = []
        for at, (surname, others, _, _, own) in enumerate(held):
            for word in {*surname, *others}:
                by_word[word].append(at)
            codes += ((code, at) for code in own)
        self._by_word = by_word
        self._vocabulary = sorted(by_word)
        codes.sort()
        self._codes = [code for code, _ in codes]
        self._coded = array("I", (at for _, at in codes))
        self._lock = threading.Lock()
        self._names: NameBook | None = None

    @property
    def names(self) -> NameBook:
        """The words of the names by their sound; made when first asked for."""
        with self._lock:
            if self._names is None:
                self._names = NameBook(
                    " ".join((*own, *others)) for own, others in zip(self._surnames, self._others, strict=True)
                )
            return self._names

    def find(self, asked: _Asked, limit: int) -> Iterator[tuple[tuple[bool, tuple[str, ...], int], PersonId]]:
        """Who fits, at most so many, each with its rank: lower comes first."""
        fitting = set[int].intersection(*map(self._beginning, asked.beginnings))
        if asked.born is not None:
            first, last = asked.born
            fitting = {at for at in fitting if first <= self._born[at] <= last}
        start = asked.beginnings[0]
        by_surname = sorted(at for at in fitting if any(word.startswith(start) for word in self._surnames[at]))[:limit]
        others = sorted(fitting.difference(by_surname))[: limit - len(by_surname)] if len(by_surname) < limit else []
        for late, places in ((False, by_surname), (True, others)):
            for at in places:
                yield (late, (*self._surnames[at], *self._others[at]), self._born[at]), self._ids[at]

    def _beginning(self, start: str) -> set[int]:
        found: set[int] = set()
        for word in _from(self._vocabulary, start):
            found.update(self._by_word[word])
        first = bisect_left(self._codes, start)
        last = bisect_left(self._codes, start + _END, first)
        found.update(self._coded[first:last])
        return found


def _from(ordered: Sequence[str], start: str) -> Sequence[str]:
    first = bisect_left(ordered, start)
    return ordered[first : bisect_left(ordered, start + _END, first)]


def _words(*names: str) -> tuple[str, ...]:
    tokens = (token.term for name in names for token in (*analysis.spell(name), *analysis.compounds(name)))
    return tuple(dict.fromkeys(tokens))


def _codes(person: Person) -> tuple[str, ...]:
    return tuple(code_key(code) for code in (person.cf, *person.other_codes) if code)


def _born(person: Person) -> int:
    return day(person.birth_date) if person.birth_date is not None else 0
