"""The register of persons as the rules ask it: by code, by damaged code, by name. Port and in-memory form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from rapidfuzz.distance import OSA

from faldone.classify.codice_fiscale import LENGTH, differences
from faldone.classify.normalise import name_words, sound_of, with_tilde
from faldone.domain.ids import PersonId
from faldone.domain.person import Origin, Person

_PLACEHOLDERS: Final = frozenset({"", "x", "xx", "xxx"})
_MIN_FUZZY: Final = 4
_MAX_WORDS: Final = 6
_MIN_SOUND: Final = 3
_MAX_ALIKE: Final = 8
"""Initials or a sound that more persons share than this name nobody."""

_USER_NUMBERS: Final = frozenset({"numero_utente", "codice_utente"})


@dataclass(frozen=True, slots=True)
class NameMatch:
    """The persons who bear a name; ``partial`` when the page has fewer given names («Maria» for «Maria Teresa»)."""

    persons: tuple[Person, ...]
    partial: bool = False


class PersonRegister(Protocol):
    """What the rules ask of a register. Every answer is in the register's own order, so runs repeat.

    A person whom others were merged into answers to their ids, codes and names too.
    """

    @property
    def imported(self) -> bool:
        """Whether the office gave a register at all, or everybody in here was found on papers."""
        ...

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

    def namesakes_expected(
        self, person: Person, *, residence: bool = False, birth_place: bool = False, family: int = 1
    ) -> float:
        """How many others of this surname and first given name to expect among as many persons again as it holds.

        Only those who live, or were born, where this person was are counted with ``residence`` or ``birth_place``. So
        many of the surname who live there are the person and its ``family``.
        """
        ...

    def share_of(self, *, residence: str | None = None, born: tuple[int, int] | None = None) -> float:
        """The share (0.0–1.0) of the persons who live there and were born in these years, the last one included.

        What is ``None`` is not asked; the two are taken as independent.
        """
        ...

    def near_namesakes(self, person: Person) -> bool:
        """Whether another person's name is one letter away (Mario and Maria): one misread letter would swap them."""
        ...

    def by_sound(self, words: Sequence[str]) -> tuple[Person, ...]:
        """Those of another spelling of the same sound (Mohamed, Muhammad): weak evidence; none if there are many."""
        ...

    def by_user_number(self, number: str) -> tuple[Person, ...]:
        """The persons with this number in the register's column «numero_utente» or «codice_utente»."""
        ...

    def by_birth(self, day: dt.date) -> tuple[Person, ...]:
        """The persons born on that day."""
        ...

    def by_initials(self, letters: str) -> tuple[Person, ...]:
        """The persons with these folded initials, surname or given name first."""
        ...

    def is_staff(self, words: Sequence[str]) -> bool:
        """Whether the folded words are the name of somebody who works at the office, in either order."""
        ...

    def is_staff_code(self, cf: str) -> bool:
        """Whether the code is of the office or of somebody who works there: it is never a holder's."""
        ...


_Slot = int | list[int]
_Key = TypeVar("_Key", str, dt.date)


@dataclass(frozen=True, slots=True)
class Staff:
    """Those who sign papers and are not their holders: names as folded words in order of the alphabet, and codes."""

    names: frozenset[tuple[str, ...]] = frozenset()
    codes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, lines: Iterable[str]) -> Staff:
        """The list as an office writes it: a name or a code a line («ROSSI MARIA», «RSSMRA85T50A562S»)."""
        names: set[tuple[str, ...]] = set()
        codes: set[str] = set()
        for line in lines:
            text = line.strip()
            if any(char.isdigit() for char in text):
                codes.add(text.upper())
            elif text:
                names.add(tuple(sorted(name_words(text))))
        return cls(frozenset(names), frozenset(codes))


NO_STAFF: Final = Staff()


class MemoryPersonRegister:
    """The register in memory, built once. Every lookup is a handful of dictionary reads; nothing scans all persons.

    Codes are cut in three (name, date, place and check): by the pigeonhole principle a code with two misread
    characters keeps one part whole, and that part finds it.
    """

    def __init__(self, persons: Iterable[Person], staff: Staff = NO_STAFF) -> None:
        self._persons: tuple[Person, ...] = tuple(persons)
        self.imported = any(person.origin is Origin.REGISTER for person in self._persons)
        self._by_id = {name: index for index, one in enumerate(self._persons) for name in (one.id, *one.absorbed)}
        self._by_cf: dict[str, _Slot] = {}
        self._parts: tuple[dict[str, _Slot], dict[str, _Slot], dict[str, _Slot]] = ({}, {}, {})
        self._by_name: dict[str, _Slot] = {}
        self._by_first_given: dict[str, _Slot] = {}
        self._by_sound: dict[str, _Slot] = {}
        self._by_initials: dict[str, _Slot] = {}
        self._by_user_number: dict[str, _Slot] = {}
        self._by_birth: dict[dt.date, _Slot] = {}
        self._staff = staff
        self._surnames: dict[str, int] = {}
        self._givens: dict[str, int] = {}
        self._residences: dict[str, int] = {}
        self._relatives: dict[tuple[str, str], int] = {}
        self._birth_places: dict[str, int] = {}
        self._birth_years: dict[int, int] = {}
        words: set[str] = set()
        for index, person in enumerate(self._persons):
            for code in _codes(person):
                _put(self._by_cf, code, index)
                if len(code) == LENGTH:
                    for part, (start, end) in zip(self._parts, _CUTS, strict=True):
                        _put(part, code[start:end], index)
            if person.birth_date is not None:
                _put(self._by_birth, person.birth_date, index)
                year = person.birth_date.year
                self._birth_years[year] = self._birth_years.get(year, 0) + 1
            surname = name_words(person.surname)
            given = tuple(word for word in name_words(person.name) if word not in _PLACEHOLDERS)
            words.update(surname)
            words.update(given)
            _put(self._by_name, "".join(surname + given), index)
            if surname:
                key = "".join(surname)
                self._surnames[key] = self._surnames.get(key, 0) + 1
                if person.residence:
                    home = (key, person.residence)
                    self._relatives[home] = self._relatives.get(home, 0) + 1
            if given:
                self._givens[given[0]] = self._givens.get(given[0], 0) + 1
            for places, place in ((self._residences, person.residence), (self._birth_places, person.birth_place)):
                places[place or ""] = places.get(place or "", 0) + 1
            if surname and given:
                _put(self._by_sound, _sound_key(surname, given), index)
            _put(self._by_initials, "".join(sorted(word[0] for word in surname + given)), index)
            if surname and given and len(surname) + len(given) > 2:
                _put(self._by_initials, "".join(sorted(surname[0][0] + given[0][0])), index)
            for column, value in person.extra:
                if column in _USER_NUMBERS and value.strip():
                    _put(self._by_user_number, value.strip().lstrip("0"), index)
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
            counts = (differences(read, code) for code in _codes(person) if len(code) == LENGTH)
            nearest = min((count for count in counts if count is not None), default=LENGTH)
            if nearest <= limit:
                found.append((person, nearest))
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
        found = tuple(other for other in near if OSA.distance(word, other, score_cutoff=1) <= 1)[:4]
        return found or tuple(other for other in with_tilde(word) if other in self._words)

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

    def namesakes_expected(
        self, person: Person, *, residence: bool = False, birth_place: bool = False, family: int = 1
    ) -> float:
        """See :meth:`PersonRegister.namesakes_expected`.

        By the shares of the surname, the first given name and the places, as if they were independent; but families
        live together, so that of one comune at least the others of the surname count who are known there. Who has a
        surname alone is one of all who have it.
        """
        whole = max(len(self._persons), 1)
        share = (self._residences.get(person.residence or "", 1) / whole if residence else 1.0) * (
            self._birth_places.get(person.birth_place or "", 1) / whole if birth_place else 1.0
        )
        surname = "".join(name_words(person.surname))
        given = next((word for word in name_words(person.name) if word not in _PLACEHOLDERS), None)
        bearers = self._surnames.get(surname, 1)
        if given is None:
            return bearers * share
        expected = bearers * share
        if residence and not birth_place:
            expected = max(expected, self._relatives.get((surname, person.residence or ""), 0) - family)
        return expected * self._givens.get(given, 1) / whole

    def share_of(self, *, residence: str | None = None, born: tuple[int, int] | None = None) -> float:
        """See :meth:`PersonRegister.share_of`."""
        whole = max(len(self._persons), 1)
        share = 1.0 if residence is None else self._residences.get(residence, 0) / whole
        if born is not None:
            share *= sum(count for year, count in self._birth_years.items() if born[0] <= year <= born[1]) / whole
        return share

    def by_sound(self, words: Sequence[str]) -> tuple[Person, ...]:
        """See :meth:`PersonRegister.by_sound`."""
        return few(self.all_of_sound(words))

    def all_of_sound(self, words: Sequence[str]) -> tuple[Person, ...]:
        """Those of :meth:`by_sound`, however many."""
        indices: set[int] = set()
        for cut in range(1, min(len(words), _MAX_WORDS)):
            for surname, given in ((words[:cut], words[cut:]), (words[cut:], words[:cut])):
                key = _sound_key(surname, given)
                if all(len(part) >= _MIN_SOUND for part in key.split(" ")):
                    indices.update(_slots(self._by_sound, key))
        return tuple(self._persons[index] for index in sorted(indices))

    def by_birth(self, day: dt.date) -> tuple[Person, ...]:
        """See :meth:`PersonRegister.by_birth`."""
        return self._get(self._by_birth, day)

    def by_user_number(self, number: str) -> tuple[Person, ...]:
        """See :meth:`PersonRegister.by_user_number`."""
        return self._get(self._by_user_number, number.strip().lstrip("0"))

    def by_initials(self, letters: str) -> tuple[Person, ...]:
        """See :meth:`PersonRegister.by_initials`."""
        if len(letters) > 1:
            orders = {letters[cut:] + letters[:cut] for cut in range(len(letters))}
            found = [
                index
                for index in _slots(self._by_initials, "".join(sorted(letters)))
                if not orders.isdisjoint(self._initials(index))
            ]
        else:
            found = list(_slots(self._by_initials, letters))
        return tuple(self._persons[index] for index in sorted(found))

    def is_staff(self, words: Sequence[str]) -> bool:
        """See :meth:`PersonRegister.is_staff`."""
        return tuple(sorted(words)) in self._staff.names

    def is_staff_code(self, cf: str) -> bool:
        """See :meth:`PersonRegister.is_staff_code`."""
        return cf in self._staff.codes

    def _initials(self, index: int) -> tuple[str, ...]:
        """All initials of a person, and those of the first surname and the first given name."""
        person = self._persons[index]
        surname = name_words(person.surname)
        given = tuple(word for word in name_words(person.name) if word not in _PLACEHOLDERS)
        whole = "".join(word[0] for word in surname + given)
        return (whole, surname[0][0] + given[0][0]) if surname and given else (whole,)

    def _get(self, table: Mapping[_Key, _Slot], key: _Key) -> tuple[Person, ...]:
        return tuple(self._persons[index] for index in _slots(table, key))


_CUTS: Final = ((0, 6), (6, 11), (11, 16))


def few(persons: tuple[Person, ...]) -> tuple[Person, ...]:
    """The persons, or none if they are so many that what they share names nobody."""
    return persons if len(persons) <= _MAX_ALIKE else ()


def _codes(person: Person) -> list[str]:
    return [code.strip().upper() for code in (person.cf, *person.other_codes) if code]


def _put(table: dict[_Key, _Slot], key: _Key, index: int) -> None:
    """One person is stored bare, several as a list: a list for each of 200 000 keys would double the memory."""
    held = table.get(key)
    if held is None:
        table[key] = index
    elif isinstance(held, list):
        if held[-1] != index:
            held.append(index)
    elif held != index:
        table[key] = [held, index]


def _slots(table: Mapping[_Key, _Slot], key: _Key) -> Sequence[int]:
    held = table.get(key)
    if held is None:
        return ()
    return held if isinstance(held, list) else (held,)


def _sound_key(surname: Sequence[str], given: Sequence[str]) -> str:
    """The sounds of the surname and of the first given name."""
    return f"{sound_of(''.join(surname))} {sound_of(given[0])}"


def _one_letter_out(word: str) -> set[str]:
    """The word and what is left of it with one letter out."""
    return {word, *(word[:index] + word[index + 1 :] for index in range(len(word)))}
