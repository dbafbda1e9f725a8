"""Persons found on papers, and the one rule that tells whether somebody found is already on record."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from faldone.domain.person import Origin, Person


@dataclass(frozen=True, slots=True)
class Found:
    """A person that a paper proves by itself: by a code as read, or by name and date of birth.

    Attributes:
        surname: as read, in capitals.
        name: the given names, likewise.
        cf: the code, valid as read.
        birth_date: the day of birth, if it is known with its century.
        days: the days of birth that are possible: the one above, or those that the code allows.
        code_days: the five characters in which a code would write them, for a woman and for a man.
    """

    surname: str
    name: str
    cf: str | None = None
    birth_date: dt.date | None = None
    days: tuple[dt.date, ...] = ()
    code_days: tuple[str, ...] = ()


class SeveralAlikeError(ValueError):
    """Two persons on record bear the name and the day of birth that were found, and no code tells which one it is."""


def spoken(*names: str) -> tuple[str, ...]:
    """The words of a name in order, folded: «D'Angelo Nicolò» and «D'ANGELO NICOLO'» are the same."""
    plain = " ".join(names).casefold().replace("-", " ")
    if plain.isascii() and plain.replace(" ", "").isalpha():
        return tuple(plain.split())
    plain = unicodedata.normalize("NFKD", plain)
    words = ("".join(char for char in word if "a" <= char <= "z") for word in plain.split())
    return tuple(word for word in words if word)


def same_name(found: Found, person: Person) -> bool:
    """Whether the words of both names are the same, whichever of them is the surname; an alias counts."""
    words = sorted(spoken(found.surname, found.name))
    names = (f"{person.surname} {person.name}", *person.aliases)
    return bool(words) and any(words == sorted(spoken(name)) for name in names)


def on_record(found: Found, of_code: Iterable[Person], of_day: Iterable[Person]) -> Person | None:
    """The person on record that somebody found is, or ``None`` when nobody on record is that person.

    The same code is the same person. Failing that, the same name and day of birth are, unless both have a code: two
    codes are two persons, and so are two days of birth.

    Args:
        found: somebody found on a paper.
        of_code: who has the code.
        of_day: who was, or may have been, born on that day.

    Raises:
        SeveralAlikeError: several are alike and there is no code to tell.
    """
    for person in of_code:
        return person
    alike = [
        person
        for person in of_day
        if same_name(found, person) and not (found.cf and person.cf and person.cf != found.cf)
    ]
    if len(alike) > 1 and found.cf is None:
        raise SeveralAlikeError
    return alike[0] if len(alike) == 1 else None


def completed(person: Person, found: Found) -> Person:
    """The person with what the paper adds: only one who was found is completed, others are as people put them."""
    if person.origin is not Origin.FOUND:
        return person
    return replace(person, cf=person.cf or found.cf, birth_date=person.birth_date or found.birth_date)
