"""Persons on record who may be one: proposed with the reason, and never put together by themselves."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from rapidfuzz.distance import OSA

from faldone.classify.codice_fiscale import birth_dates, decoded
from faldone.classify.normalise import name_words
from faldone.domain.person import Origin, Person

_MIN_LETTERS = 4


class Likeness(Enum):
    """Why two persons may be one, the strongest first."""

    OTHER_CODE = ("stesso nome e stessa nascita, altro codice", "same name and day of birth, another code")
    NO_BIRTH = ("stesso nome, di uno non si sa la nascita", "same name, no day of birth of one")
    ONE_LETTER = ("stessa nascita, una lettera di differenza", "same day of birth, one letter apart")
    SAME_PLACE = ("stesso cognome, nascita e luogo di nascita", "same surname, day and place of birth")

    @property
    def italian(self) -> str:
        """Said to people."""
        return self.value[0]

    @property
    def english(self) -> str:
        """Said to people."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Alike:
    """Two persons who may be one; ``found`` came on record from papers."""

    found: Person
    other: Person
    why: Likeness


def alike(persons: Iterable[Person]) -> tuple[Alike, ...]:
    """The pairs among the persons, of whom one at least was found on papers and is not confirmed, that may be one.

    Twins have surname, day and place in common, so a pair is a question and no answer.
    """
    everybody = tuple(persons)
    found = [person for person in everybody if person.origin is Origin.FOUND]
    days = {day for person in found for day in births(person)}
    names = {_name(person) for person in found}
    by_day: dict[dt.date, list[Person]] = defaultdict(list)
    undated: dict[tuple[str, ...], list[Person]] = defaultdict(list)
    for person in everybody:
        born = births(person)
        for day in born & days:
            by_day[day].append(person)
        if not born and _name(person) in names:
            undated[_name(person)].append(person)
    pairs: dict[frozenset[str], Alike] = {}
    for person in found:
        near = (other for day in sorted(births(person)) for other in by_day[day])
        for pair in (
            *_of_one_day(person, near),
            *(Alike(person, other, Likeness.NO_BIRTH) for other in undated[_name(person)]),
        ):
            pairs.setdefault(frozenset({pair.found.id, pair.other.id}), pair)
    order = list(Likeness)
    return tuple(sorted(pairs.values(), key=lambda pair: (order.index(pair.why), pair.found.id, pair.other.id)))


def births(person: Person) -> frozenset[dt.date]:
    """The days on which the person may have been born, by the record or else by the code."""
    if person.birth_date is not None:
        return frozenset({person.birth_date})
    return frozenset(birth_dates(person.cf)) if person.cf is not None else frozenset()


def _of_one_day(person: Person, others: Iterable[Person]) -> Iterator[Alike]:
    for other in others:
        if other.id == person.id:
            continue
        if _name(person) == _name(other):
            yield Alike(person, other, Likeness.OTHER_CODE)
        elif _one_letter_apart(_name(person), _name(other)):
            yield Alike(person, other, Likeness.ONE_LETTER)
        elif name_words(person.surname) == name_words(other.surname) and _same_place(person, other):
            yield Alike(person, other, Likeness.SAME_PLACE)


def _name(person: Person) -> tuple[str, ...]:
    return tuple(sorted(name_words(f"{person.surname} {person.name}")))


def _one_letter_apart(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    mine, theirs = list((Counter(one) - Counter(other)).elements()), list((Counter(other) - Counter(one)).elements())
    if len(mine) != 1 or len(theirs) != 1 or min(len(mine[0]), len(theirs[0])) < _MIN_LETTERS:
        return False
    return OSA.distance(mine[0], theirs[0], score_cutoff=1) <= 1


def _same_place(one: Person, other: Person) -> bool:
    if one.cf is not None and other.cf is not None:
        return decoded(one.cf)[11:] == decoded(other.cf)[11:]
    place = name_words(one.birth_place or "")
    return bool(place) and place == name_words(other.birth_place or "")
