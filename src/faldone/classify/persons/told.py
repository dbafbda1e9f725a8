"""What is said of a person beside the name: on the paper, by the papers it lies with, and by the folder's name.

None of it proves who somebody is. Beside a full name it tells one person of that name from another, and says how few
others the paper can mean.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from faldone.classify.lexicon import Service
from faldone.classify.normalise import compact_name, name_words
from faldone.classify.persons.candidates import Candidate
from faldone.classify.persons.mention import Mention
from faldone.classify.reading import Reading
from faldone.classify.register import PersonRegister
from faldone.domain.ids import PersonId
from faldone.domain.person import Person

_REACH_CHARS: Final = 240
_PLACE_CHARS: Final = 48
_SUBJECT_CHARS: Final = 24
_LIVES: Final = re.compile(
    r"\b(?:residen(?:te|za)|res\.|abitante|domiciliat[oa])(?:[\W_]|nel|comune|[dn]i|a|ad|in|(?<=/)[aei])*"
)
_BORN: Final = re.compile(r"\b(?:nat[oa](?:/[oa])?|luogo di nascita|n\.(?=\W?(?:ad?|in)\b))(?:[\W_]|a|ad|in)*")
_ADDRESS: Final = re.compile(
    r"\W*\n\W*(?:via|viale|vicolo|p\.?\s?zza|piazza|corso|largo|strada|loc\w*|cascina)\b[^\n]{3,60}\n\W*(?:[0-9]{5}\W+)?"
)
"""The rows of a letter's address, from the name to the comune."""

_AGE: Final = re.compile(r"\bha (?:compiuto )?([0-9]{1,3}) anni\b")
_COMUNE: Final = re.compile(r"\bcomune di ([^\n]{3,40})")
_THE_USER: Final = frozenset(
    {
        "utente",
        "minore",
        "bambino",
        "bambina",
        "alunno",
        "alunna",
        "assistito",
        "assistita",
        "beneficiario",
        "beneficiaria",
    }
)
"""What a paper calls whom it is about."""

_ROW_OF_A_YEAR: Final = re.compile(r"\W*(?:[a-z]+\W+){0,2}((?:19|20)[0-9]{2})\W*$")


_YEAR_DAYS: Final = 365.25
_LIFE_YEARS: Final = 120
_ANY_AGE: Final = (0, _LIFE_YEARS)
_NO_CHANCE: Final = 0.05
"""What so small a share of the register has in common bears out a number: with a misread digit it would not fit."""

_AGES_SERVED: Final = {
    "MIN": (0, 21),
    "ANZ": (60, _LIFE_YEARS),
    "POV": (18, _LIFE_YEARS),
    "ABI": (18, _LIFE_YEARS),
}
"""Ages of the users of the areas that are for some ages only: minors may stay in care until they are twenty-one."""

_FOR_PUPILS: Final = frozenset({"SAAP"})
_AGES_OF_PUPILS: Final = (2, 22)
"""A disabled pupil may stay at school longer than others."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was said beside a name, as far as it can be held against a record: ``None`` is not said.

    ``lives`` and ``born`` are the compact beginnings of what follows «residente a» and «nato a»; ``years`` are those in
    one of which the person was born, by the end of the name's row in a table of the household or by «Anna ha 7 anni».
    """

    lives: tuple[str, ...] = ()
    born: tuple[str, ...] = ()
    years: frozenset[int] = frozenset()

    def lives_there(self, person: Person) -> bool | None:
        """Whether the paper says that the person lives where the record has it; ``None`` when it does not tell."""
        return _agrees(self.lives, person.residence)

    def born_there(self, person: Person) -> bool | None:
        """Whether the paper says that the person was born where the record has it; ``None`` when it does not tell."""
        return _agrees(self.born, person.birth_place)

    def born_then(self, person: Person) -> bool | None:
        """Whether the year is that of the person's birth; ``None`` when either is not known."""
        return None if not self.years or person.birth_date is None else person.birth_date.year in self.years

    def witnesses(self, person: Person) -> tuple[bool | None, ...]:
        """All three."""
        return (self.lives_there(person), self.born_there(person), self.born_then(person))


@dataclass(frozen=True, slots=True)
class Beside:
    """What a paper lies with.

    ``persons`` are those whom other papers of its file prove, ``named`` also those whom one names for sure, ``served``
    the services that papers which prove somebody name, and ``strangers`` says that one is of somebody else, or perhaps
    is; ``words`` are those of its folder.
    """

    persons: frozenset[PersonId] = frozenset()
    words: frozenset[str] = frozenset()
    named: frozenset[PersonId] = frozenset()
    served: frozenset[tuple[PersonId, str]] = frozenset()
    strangers: bool = False

    def vouches_for(self, person: Person) -> bool:
        """Whether another paper proves the person, or the folder bears the whole name."""
        words = name_words(person.display_name)
        return person.id in self.persons or (len(words) > 1 and self.words.issuperset(words))


NOTHING_BESIDE: Final = Beside()


def tell_apart(
    candidate: Candidate, beside: Beside, on: dt.date, service: Service | None, register: PersonRegister
) -> None:
    """Makes of a bare name that several bear the one person whom what is said beside it fits; notes who is vouched for.

    Args:
        candidate: known by a name, initials or a number alone; any other stays as it is.
        beside: what the paper lies with.
        on: the day of the paper.
        service: the paper's service, if known.
        register: asked how many others what is said fits.
    """
    person = candidate.person
    if person is not None:
        if candidate.how in ("name", "name-respelt") and beside.vouches_for(person):
            candidate.vouched, candidate.how = True, "name"
        elif candidate.how == "user-number":
            candidate.vouched = _is_borne_out(candidate, person, beside, on, service, register)
        elif candidate.how == "initials":
            candidate.vouched = _lies_with_the_same(person, beside, on, service)
        return
    if candidate.how != "ambiguous" or candidate.cf_raw is not None or candidate.birth is not None:
        return
    hidden = all(mention.hidden for mention in candidate.mentions)
    if not hidden and not any(mention.exact and not mention.trimmed for mention in candidate.mentions):
        return
    person = _beside_or_fitting(candidate, beside, on, service, hidden=hidden)
    if person is not None:
        candidate.person, candidate.name, candidate.cf = person, person.display_name, person.cf
        candidate.how = "initials" if hidden else "name"
        candidate.vouched = _lies_with_the_same(person, beside, on, service) if hidden else person.id in beside.persons
        candidate.namesakes = tuple(other for other in candidate.namesakes if other is not person)


def _beside_or_fitting(
    candidate: Candidate, beside: Beside, on: dt.date, service: Service | None, *, hidden: bool
) -> Person | None:
    meant = candidate.namesakes
    if hidden:
        meant = tuple(person for person in meant if _may_be_served(person, service, on))
    proved = [person for person in meant if person.id in beside.persons]
    if proved:
        return proved[0] if len(proved) == 1 else None
    if hidden:
        ordered = [person for person in meant if any(_surname_first(person, at.name) for at in candidate.mentions)]
        meant = tuple(ordered) or meant
        return meant[0] if len(meant) == 1 else None
    return one_fitting(candidate.namesakes, told_of(candidate.mentions, on), on)


def _surname_first(person: Person, initials: str) -> bool:
    """Whether the initials are the person's in the order in which offices write a name: a hint to propose by."""
    said = "".join(char for char in initials.lower() if char.isalpha())
    surname, given = ([word[0] for word in name_words(part)] for part in (person.surname, person.name))
    return said in ("".join(surname + given), "".join(surname[:1] + given[:1]), "".join(surname))


def _may_be_served(person: Person, service: Service | None, on: dt.date) -> bool:
    """Whether the person was born by then, and is of an age that the services of the area are for."""
    youngest, oldest = _ages_served(service)
    return person.birth_date is None or youngest <= (on - person.birth_date).days / _YEAR_DAYS < oldest


def _ages_served(service: Service | None) -> tuple[int, int]:
    if service is None:
        return _ANY_AGE
    return _AGES_OF_PUPILS if service.code in _FOR_PUPILS else _AGES_SERVED.get(service.area, _ANY_AGE)


def _is_borne_out(
    candidate: Candidate, person: Person, beside: Beside, on: dt.date, service: Service | None, register: PersonRegister
) -> bool:
    """Whether a second witness says that the number of a user is that person's: one digit misread is another's.

    The other papers of the file, or its folder, prove the person; or the comune that the act is of, and the age that
    the service is for, are the person's and of so few others that it is no chance.
    """
    if not _may_be_served(person, service, on):
        return False
    if beside.vouches_for(person):
        return True
    home = person.residence if is_of_the_comune_in_charge(candidate, person) else None
    ages = _ages_served(service)
    born = (on.year - ages[1], on.year - ages[0]) if ages != _ANY_AGE and person.birth_date is not None else None
    told = home is not None or born is not None
    return told and register.share_of(residence=home, born=born) <= _NO_CHANCE


def _lies_with_the_same(person: Person, beside: Beside, on: dt.date, service: Service | None) -> bool:
    """Whether the papers of a file are all of the one whose initials a paper gives, and one is of the same service."""
    return (
        service is not None
        and beside.named == {person.id}
        and not beside.strangers
        and (person.id, service.code) in beside.served
        and _may_be_served(person, service, on)
    )


def told_of(mentions: Sequence[Mention], on: dt.date) -> Told:
    """What the paper of the day ``on`` says beside the places where a person is named."""
    named = [mention for mention in mentions if mention.words]
    lives = tuple(place for mention in named for place in (*_places(mention, _LIVES), *_address(mention)))
    born = tuple(place for mention in named for place in _places(mention, _BORN))
    years = {year for mention in named if (year := _year(mention)) is not None}
    return Told(lives, born, frozenset(years) if years else _by_age(named, on))


def is_of_the_comune_in_charge(candidate: Candidate, person: Person) -> bool:
    """Whether the one comune that a page speaks as, or to, is where the person lives.

    The comune of residence is in charge of its people and bears what they cost (L. 328/2000, art. 6).
    """
    home = compact_name(person.residence or "")
    if not home:
        return False
    readings = {id(mention.reading): mention.reading for mention in candidate.mentions}
    named = [compact_name(found[1]) for one in readings.values() for found in _COMUNE.finditer(one.folded)]
    return bool(named) and all(name.startswith(home) for name in named)


def one_fitting(persons: Sequence[Person], told: Told, on: dt.date) -> Person | None:
    """The one of several namesakes whom what was said fits: something speaks for that one, and against all others.

    Who was not yet born on the day ``on`` of the paper is none of them.
    """
    living = [person for person in persons if person.birth_date is None or person.birth_date <= on]
    fitting = [person for person in living if False not in told.witnesses(person)]
    if len(fitting) != 1 or True not in told.witnesses(fitting[0]):
        return None
    return fitting[0]


def _places(mention: Mention, label: re.Pattern[str]) -> list[str]:
    """The compact text behind the first such label after a name, before the next name's."""
    text = mention.reading.folded
    found = label.search(text, mention.end, mention.end + _REACH_CHARS)
    if found is None:
        return []
    place = compact_name(text[found.end() : found.end() + _PLACE_CHARS])
    return [place] if place else []


def _address(mention: Mention) -> list[str]:
    """The compact text of the row of a letter's address that has the comune."""
    rows = _ADDRESS.match(mention.reading.folded, mention.end, mention.end + _REACH_CHARS)
    if rows is None:
        return []
    place = compact_name(mention.reading.folded[rows.end() : rows.end() + _PLACE_CHARS])
    return [place] if place else []


def _year(mention: Mention) -> int | None:
    _, end = mention.reading.line_span(mention.reading.line_of(mention.start))
    row = _ROW_OF_A_YEAR.match(mention.reading.folded, mention.end, end)
    return int(row[1]) if row else None


def _by_age(named: Sequence[Mention], on: dt.date) -> frozenset[int]:
    """The years in which somebody was born who is so many years old, give or take one, by «Anna ha 7 anni».

    «L'utente ha 87 anni» is said of the holder, who is the one that is asked about.
    """
    words = _THE_USER.union(*(mention.words for mention in named))
    ages = {
        int(found[1])
        for reading in {id(mention.reading): mention.reading for mention in named}.values()
        for found in _AGE.finditer(reading.folded)
        if (before := _words_before(reading, found.start())) and before[-1] in words
    }
    if len(ages) != 1:
        return frozenset()
    year = on.year - ages.pop()
    return frozenset({year - 1, year, year + 1})


def _words_before(reading: Reading, offset: int) -> list[str]:
    return re.findall(r"[a-z0-9]+", reading.folded[max(offset - _SUBJECT_CHARS, 0) : offset])


def _agrees(said: Sequence[str], known: str | None) -> bool | None:
    key = compact_name(known or "")
    if not said or not key:
        return None
    return any(place.startswith(key) for place in said)
