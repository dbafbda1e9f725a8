"""The people of a made-up district: families, staff, namesakes, and the office's register of some of them."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from random import Random

from codicefiscale import codicefiscale

from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from tests.bench.otherhand import names

_OMOCODIC, _FOREIGN_FAMILY, _NAMESAKE = 0.02, 0.16, 0.06


@dataclass(frozen=True, slots=True)
class Human:
    """A person as the anagrafe knows them; ``name`` is empty for one-word names, ``married`` a husband's surname."""

    surname: str
    name: str
    sex: str
    born: dt.date
    place: str
    province: str
    cf: str
    town: str
    street: str
    married: str | None = None

    @property
    def full(self) -> str:
        """Surname first in capitals, as the truth and registers have it."""
        return f"{self.surname} {self.name}".strip().upper()

    def age(self, on: dt.date) -> int:
        """Whole years on that day."""
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))


@dataclass(frozen=True, slots=True)
class Family:
    """Who lives or lived together."""

    adults: tuple[Human, ...]
    children: tuple[Human, ...] = ()
    elders: tuple[Human, ...] = ()

    @property
    def members(self) -> tuple[Human, ...]:
        """Everybody, adults first."""
        return self.adults + self.children + self.elders


@dataclass(frozen=True, slots=True)
class Population:
    """The families, those who work in the offices, and the persons in the office's register."""

    families: tuple[Family, ...]
    staff: tuple[Human, ...]
    register: tuple[Person, ...]
    by_cf: dict[str, Human] = field(repr=False)


def population(rng: Random, size: int) -> Population:
    """About ``size`` persons in families, and the register. The same ``rng`` state gives the same people."""
    families: list[Family] = []
    used: set[str] = set()
    count = 0
    while count < size:
        family = _family(rng, used)
        families.append(family)
        count += len(family.members)
    for family in rng.sample(families, max(int(len(families) * _NAMESAKE), 1)):
        twin = _namesake(rng, rng.choice(family.members), used)
        families.append(Family((twin,)) if twin.born.year < 1996 else Family((), (twin,)))
    people = [person for family in families for person in family.members]
    staff = [_human(rng, used, rng.choice("MF"), rng.randint(1948, 1985), foreign=None) for _ in range(60)]
    # Offices are staffed by the same valley: some share a name with a user.
    staff += [_namesake(rng, rng.choice([p for p in people if p.born.year < 1980]), used, exact=True) for _ in range(5)]
    register = [_entry(rng, person) for person in people if rng.random() < 0.78]
    others = [_human(rng, used, rng.choice("MF"), rng.randint(1925, 2018), foreign=None) for _ in range(size // 4)]
    register += [_entry(rng, person) for person in others]
    rng.shuffle(register)
    return Population(tuple(families), tuple(staff), tuple(register), {person.cf: person for person in people})


def _family(rng: Random, used: set[str]) -> Family:
    foreign = rng.choice(list(names.FOREIGN)) if rng.random() < _FOREIGN_FAMILY else None
    roll = rng.random()
    if roll < 0.22 and foreign is None:
        return Family(
            (), (), tuple(_human(rng, used, sex, rng.randint(1908, 1955)) for sex in rng.choice(["F", "F", "MF", "M"]))
        )
    if roll < 0.4:
        return Family((_human(rng, used, rng.choice("MF"), rng.randint(1945, 1998), foreign=foreign),))
    year = rng.randint(1950, 1990)
    father = _human(rng, used, "M", year, foreign=foreign)
    mother = _human(rng, used, "F", year + rng.randint(-6, 5), foreign=foreign, like=father, married=father.surname)
    first = mother.born.year + rng.randint(20, 32)
    years = sorted({min(first + gap, 2022) for gap in rng.choices(range(9), k=rng.choice([1, 2, 2, 3, 3, 4]))})
    at_home = foreign if rng.random() < 0.4 else None
    born: list[Human] = []
    for child_year in years:
        child = _human(
            rng, used, rng.choice("MF"), child_year, surname=father.surname, foreign=at_home, like=father, of=foreign
        )
        if child.name and all(
            child.name.split()[0] != other.name.partition(" ")[0] for other in (father, mother, *born)
        ):
            born.append(child)
    children = tuple(born)
    adults = (father, mother) if rng.random() < 0.85 else (mother,)
    elders: tuple[Human, ...] = ()
    if foreign is None and rng.random() < 0.25:
        elders = (_human(rng, used, rng.choice("MF"), year - rng.randint(22, 34), surname=father.surname, like=father),)
    return Family(adults, children, elders)


def _human(
    rng: Random,
    used: set[str],
    sex: str,
    year: int,
    *,
    surname: str | None = None,
    foreign: str | None = None,
    of: str | None = None,
    like: Human | None = None,
    married: str | None = None,
) -> Human:
    """One person. ``foreign`` is the country of birth, ``of`` the one whose given names the family uses."""
    country = foreign or of
    if country is not None:
        _, surnames, men, women = names.FOREIGN[country]
        name = rng.choice(men if sex == "M" else women)
        surname = surname or rng.choice(surnames)
    else:
        name = rng.choice(names.MEN if sex == "M" else names.WOMEN)
        if rng.random() < 0.12:
            name = f"{name} {rng.choice([n for n in names.SECOND[sex] if n != name])}"
        surname = surname or rng.choice(names.COMPOUND if rng.random() < 0.09 else names.SURNAMES)
    if foreign is not None:
        place, province, code = foreign, "EE", names.FOREIGN[foreign][0]
    elif rng.random() < 0.75:
        place = rng.choice([*names.HERE, "Crema", "Crema", "Crema"])
        province, code = "CR", names.HERE[place]
    else:
        place = rng.choice(list(names.PROVINCES))
        code, province = names.PROVINCES[place]
    while True:
        born = dt.date(year, 1, 1) + dt.timedelta(rng.randrange(365))
        cf = _code(surname, name, sex, born, code)
        if rng.random() < _OMOCODIC:
            cf = _omocodic(rng, cf)
        if cf not in used:
            used.add(cf)
            break
    town = like.town if like else rng.choice(names.TOWNS)
    street = like.street if like else f"{rng.choice(names.STREETS)}, {rng.randint(1, 120)}"
    return Human(surname, name, sex, born, place, province, cf, town, street, married)


def _code(surname: str, name: str, sex: str, born: dt.date, code: str) -> str:
    # The place is appended here, for the library maps some codes of comuni by name only.
    base = str(codicefiscale.encode_lastname(_ascii(surname))) + str(
        codicefiscale.encode_firstname(_ascii(name) or "X")
    )
    base += str(codicefiscale.encode_birthdate(born.isoformat(), sex)) + code
    return base + str(codicefiscale.encode_cin(base))


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _omocodic(rng: Random, cf: str) -> str:
    letters = list(cf[:15])
    for place in [14, 13, 12, 10, 9, 7, 6][: rng.choice([1, 1, 2])]:
        letters[place] = "LMNPQRSTUV"[int(letters[place])]
    base = "".join(letters)
    return base + str(codicefiscale.encode_cin(base))


def _namesake(rng: Random, person: Human, used: set[str], *, exact: bool = False) -> Human:
    """Somebody of the same name born on another day, or of a name one letter away."""
    surname, name, sex = person.surname, person.name, person.sex
    if not exact and rng.random() < 0.45:
        swapped = {"o": "a", "a": "o"}.get(name[-1:] or "-")
        other = name[:-1] + swapped if swapped else ""
        if other in names.MEN or other in names.WOMEN:
            name, sex = other, "M" if other in names.MEN else "F"
        elif len(surname) > 4:
            place = next((i for i, letter in enumerate(surname) if i > 0 and letter in "aeiou"), 1)
            surname = (
                surname[:place]
                + {"o": "u", "u": "o", "a": "e", "e": "i", "i": "e"}.get(surname[place], "a")
                + surname[place + 1 :]
            )
    plain = person.cf[12:15].isdigit()
    place, province = (person.place, person.province) if plain else ("Crema", "CR")
    code = person.cf[11:15] if plain else "D142"
    while True:
        born = dt.date(person.born.year + rng.randint(-12, 12), 1, 1) + dt.timedelta(rng.randrange(365))
        born = min(born, dt.date(2022, 12, 31))
        cf = _code(surname, name, sex, born, code)
        if cf not in used and born != person.born:
            used.add(cf)
            return Human(surname, name, sex, born, place, province, cf, rng.choice(names.TOWNS), person.street, None)


def _entry(rng: Random, person: Human) -> Person:
    """How the register has a person: mostly whole, now and then without code or birth date."""
    aliases = (f"{person.married} {person.name}",) if person.married and rng.random() < 0.3 else ()
    return Person(
        PersonId("u-" + person.cf.lower()),
        person.surname.upper(),
        person.name.upper() or "XXX",
        person.cf if rng.random() < 0.95 else None,
        person.born if rng.random() < 0.97 else None,
        person.place,
        person.town,
        aliases,
    )
