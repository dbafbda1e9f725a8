"""The register of persons as the rules ask it: by code, by damaged code, by name. Port and in-memory form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from rapidfuzz.distance import OSA

from faldone.classify.codice_fiscale import LENGTH, differences
from faldone.classify.normalise import name_words
from faldone.domain.ids import PersonId
from faldone.domain.person import Person

_PLACEHOLDERS: Final = frozenset({"", "x", "xx", "xxx"})
_MIN_FUZZY: Final = 4
_MAX_WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class NameMatch:
    """The persons who bear a name; ``partial`` when the page has fewer given names («Maria» for «Maria Teresa»)."""

    persons: tuple[Person, ...]
    partial: bool = False


class PersonRegister(Protocol):
    """What the rules ask of a register. Every answer is in the register's own order, so runs repeat."""

    def __len__(self) -> int:
        """How many persons it holds."""
        ...

    def by_id(self, person: PersonId) -> Person | None:
        """The person with this id."""
        ...

    def by_cf(self, cf: str) -> tuple[Person, ...]:
        """The persons with exactly this code (more than one is an error of the register)."""
        ...

    def near_cf(self, read: str, limit: int = 2) -> tuple[tuple[Person, int], ...]:
        """Those whose code differs from the sixteen characters read by ``limit`` look-alikes at most, and the count."""
        ...

    def by_name(self, words: Sequence[str]) -> NameMatch:
        """The persons whose name or alias is these folded words, surname first or given name first."""
        ...

    def is_name_word(self, word: str) -> bool:
        """Whether a person's name holds this folded word."""
        ...

    def spellings(self, word: str) -> tuple[str, ...]:
        """Name words of the register one misread letter away from ``word``, best first."""
        ...

    def near_namesakes(self, person: Person) -> bool:
        """Whether another person's name is one letter away (Mario and Maria): one misread letter would swap them."""
        ...


_Slot = int | list[int]


class MemoryPersonRegister:
    """The register in memory, built once. Every lookup is a handful of dictionary reads; nothing scans all persons.

    Codes are cut in three (name, date, place and check): by the pigeonhole principle a code with two misread
    characters keeps one part whole, and that part finds it.
    """

    def __init__(self, persons: Iterable[Person]) -> None:
        self._persons: tuple[Person, ...] = tuple(persons)
        self._by_id = {person.id: index for index, person in enumerate(self._persons)}
        self._by_cf: dict[str, _Slot] = {}
        self._parts: tuple[dict[str, _Slot], dict[str, _Slot], dict[str, _Slot]] = ({}, {}, {})
        self._by_name: dict[str, _Slot] = {}
        self._by_first_given: dict[str, _Slot] = {}
        words: set[str] = set()
        for index, person in enumerate(self._persons):
            if person.cf:
                code = person.cf.strip().upper()
                _put(self._by_cf, code, index)
                if len(code) == LENGTH:
                    for part, (start, end) in zip(self._parts, _CUTS, strict=True):
                        _put(part, code[start:end], index)
            surname = name_words(person.surname)
            given = tuple(word for word in name_words(person.name) if word not in _PLACEHOLDERS)
            words.update(surname)
            words.update(given)
            _put(self._by_name, "".join(surname + given), index)
            if len(given) > 1:
                _put(self._by_first_given, "".join(surname) + given[0], index)
            for alias in person.aliases:
                alias_words = name_words(alias)
                if alias_words:
                    words.update(alias_words)
                    _put(self._by_name, "".join(alias_words), index)
        self._words = frozenset(words)
        self._near: dict[str, _Slot] = {}
        self._ordered: tuple[str, ...] = tuple(sorted(words))
        for position, word in enumerate(self._ordered):
            if len(word) >= _MIN_FUZZY:
                for key in _one_letter_out(word):
                    _put(self._near, key, position)

    def __len__(self) -> int:
        return len(self._persons)

    def by_id(self, person: PersonId) -> Person | None:
        """See :meth:`PersonRegister.by_id`."""
        index = self._by_id.get(person)
        return self._persons[index] if index is not None else None

    def by_cf(self, cf: str) -> tuple[Person, ...]:
        """See :meth:`PersonRegister.by_cf`."""
        return self._get(self._by_cf, cf)

    def near_cf(self, read: str, limit: int = 2) -> tuple[tuple[Person, int], ...]:
        """See :meth:`PersonRegister.near_cf`."""
        if len(read) != LENGTH:
            return ()
        indices: set[int] = set()
        for part, (start, end) in zip(self._parts, _CUTS, strict=True):
            indices.update(_slots(part, read[start:end]))
        found = []
        for index in sorted(indices):
            person = self._persons[index]
            count = differences(read, (person.cf or "").strip().upper())
            if count is not None and count <= limit:
                found.append((person, count))
        return tuple(found)

    def by_name(self, words: Sequence[str]) -> NameMatch:
        """See :meth:`PersonRegister.by_name`."""
        if not 1 <= len(words) <= _MAX_WORDS:
            return NameMatch(())
        for table, partial in ((self._by_name, False), (self._by_first_given, True)):
            indices: set[int] = set()
            for cut in range(len(words)):
                indices.update(_slots(table, "".join((*words[cut:], *words[:cut]))))
            if indices:
                return NameMatch(tuple(self._persons[index] for index in sorted(indices)), partial)
        return NameMatch(())

    def is_name_word(self, word: str) -> bool:
        """See :meth:`PersonRegister.is_name_word`."""
        return word in self._words

    def spellings(self, word: str) -> tuple[str, ...]:
        """See :meth:`PersonRegister.spellings`."""
        if word in self._words:
            return (word,)
        if len(word) < _MIN_FUZZY:
            return ()
        positions = {position for key in _one_letter_out(word) for position in _slots(self._near, key)}
        near = (self._ordered[position] for position in sorted(positions))
        return tuple(other for other in near if OSA.distance(word, other, score_cutoff=1) <= 1)[:4]

    def near_namesakes(self, person: Person) -> bool:
        """See :meth:`PersonRegister.near_namesakes`."""
        surname, given = name_words(person.surname), name_words(person.name)
        words = surname + given
        for position, word in enumerate(words):
            if len(word) < _MIN_FUZZY:
                continue
            keys = {near for key in _one_letter_out(word) for near in _slots(self._near, key)}
            for near in keys:
                other = self._ordered[near]
                if other != word and OSA.distance(word, other, score_cutoff=1) <= 1:
                    swapped = (*words[:position], other, *words[position + 1 :])
                    if any(index != -1 for index in _slots(self._by_name, "".join(swapped))):
                        return True
        return False

    def _get(self, table: Mapping[str, _Slot], key: str) -> tuple[Person, ...]:
        return tuple(self._persons[index] for index in _slots(table, key))


_CUTS: Final = ((0, 6), (6, 11), (11, 16))


def _put(table: dict[str, _Slot], key: str, index: int) -> None:
    """One person is stored bare, several as a list: a list for each of 200 000 keys would double the memory."""
    held = table.get(key)
    if held is None:
        table[key] = index
    elif isinstance(held, list):
        if held[-1] != index:
            held.append(index)
    elif held != index:
        table[key] = [held, index]


def _slots(table: Mapping[str, _Slot], key: str) -> Sequence[int]:
    held = table.get(key)
    if held is None:
        return ()
    return held if isinstance(held, list) else (held,)


def _one_letter_out(word: str) -> set[str]:
    """The word and what is left of it with one letter out."""
    return {word, *(word[:index] + word[index + 1 :] for index in range(len(word)))}
