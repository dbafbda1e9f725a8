"""Made-up persons in made-up households, with valid codici fiscali. Nobody real."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from codicefiscale import codicefiscale

from faldone.demo.lexis import table

Sex = Literal["M", "F"]
_SEXES: tuple[Sex, Sex] = ("M", "F")

_OMOCODE = str.maketrans("0123456789", "LMNPQRSTUV")
_OMOCODIC_POSITIONS = (14, 13, 12, 10, 9, 7, 6)  # digits give way from the right (D.M. 23 Dec 1976, art. 6)
NO_NAME = "XXX"  # what registers write for a person who has one name only
_FIRST_NUMBER = 1001


@dataclass(frozen=True, slots=True)
class Individual:
    """A made-up person. ``key`` is unique; ``registered`` says whether the office's register has the person."""

    key: int
    surname: str
    name: str
    sex: Sex
    birth_date: dt.date
    birth_place: str
    birth_code: str
    cf: str
    town: str
    street: str
    registered: bool = True
    married_surname: str | None = None
    foreign: bool = False

    @property
    def number(self) -> str:
        """The number under which the office keeps the person's file, which published acts give instead of a name."""
        return str(_FIRST_NUMBER + self.key)

    @property
    def register_name(self) -> str:
        """Surname first in capitals, as the register shows it."""
        return f"{self.surname} {self.name}".upper()

    @property
    def plain_name(self) -> str:
        """Name first, as letters write it."""
        return self.surname if self.name == NO_NAME else f"{self.name} {self.surname}"

    def age(self, on: dt.date) -> int:
        """Completed years on a day."""
        return on.year - self.birth_date.year - ((on.month, on.day) < (self.birth_date.month, self.birth_date.day))


@dataclass(frozen=True, slots=True)
class Household:
    """Persons who live together. ``kind`` is family, elder, disabled or adult; the holders are those with a dossier."""

    kind: str
    members: tuple[Individual, ...]
    children: tuple[Individual, ...] = ()
    mother: Individual | None = None
    father: Individual | None = None

    @property
    def main(self) -> Individual:
        """The person whose dossier an adult household has."""
        return self.members[0]


@dataclass(frozen=True, slots=True)
class Professional:
    """Somebody who signs papers and is never in the register."""

    surname: str
    name: str
    sex: Sex

    @property
    def plain_name(self) -> str:
        """Name first."""
        return f"{self.name} {self.surname}"

    @property
    def register_name(self) -> str:
        """Surname first in capitals."""
        return f"{self.surname} {self.name}".upper()


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody the papers may name. ``namesakes`` are surname-and-name pairs borne by more than one person."""

    households: tuple[Household, ...]
    social_workers: tuple[Professional, ...]
    educators: tuple[Professional, ...]
    judges: tuple[Professional, ...]
    lawyers: tuple[Professional, ...]
    doctors: tuple[Professional, ...]
    officers: tuple[Professional, ...]
    namesakes: frozenset[str]

    @property
    def individuals(self) -> tuple[Individual, ...]:
        """All members of all households, in order of key."""
        return tuple(sorted((one for home in self.households for one in home.members), key=lambda one: one.key))

    @property
    def registered(self) -> tuple[Individual, ...]:
        """Those whom the office's register has."""
        return tuple(one for one in self.individuals if one.registered)


def omocodic(cf: str, letters: int) -> str:
    """The code that the tax office issues when ``cf`` is taken: ``letters`` digits replaced, check letter anew."""
    chars = list(cf[:15])
    for position in _OMOCODIC_POSITIONS[:letters]:
        chars[position] = chars[position].translate(_OMOCODE)
    body = "".join(chars)
    return body + str(codicefiscale.encode_cin(body))


@dataclass(slots=True)
class _Maker:
    rng: Random
    people: list[Individual] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    names: dict[str, Any] = field(default_factory=lambda: table("names"))
    places: dict[str, Any] = field(default_factory=lambda: table("places"))

    def birth(self, first: int, last: int) -> dt.date:
        start = dt.date(first, 1, 1)
        return start + dt.timedelta(days=self.rng.randrange((dt.date(last, 12, 31) - start).days + 1))

    def weighted(self, key: str) -> dict[str, Any]:
        rows: list[dict[str, Any]] = self.places[key]
        return self.rng.choices(rows, weights=[row["weight"] for row in rows])[0]

    def person(
        self,
        surname: str,
        name: str,
        sex: Sex,
        born: dt.date,
        *,
        place: tuple[str, str] | None = None,
        home: tuple[str, str] | None = None,
        omocode: int = 0,
        registered: bool = True,
        married: str | None = None,
    ) -> Individual:
        """A new person whose code nobody else has."""
        if place is None:
            row = self.weighted("births")
            place_name, code = f"{row['name']} ({row['prov']})", row["code"]
        else:
            place_name, code = place
        town, street = home or self.home()
        cf = str(codicefiscale.encode(surname, name, sex, born.isoformat(), code))
        while omocode or cf in self.codes:
            cf = omocodic(cf, max(1, omocode))
            omocode = 0
        self.codes.add(cf)
        one = Individual(
            len(self.people), surname, name, sex, born, place_name, code, cf, town, street,
            registered=registered, married_surname=married, foreign=str(code).startswith("Z"),
        )  # fmt: skip
        self.people.append(one)
        return one

    def home(self) -> tuple[str, str]:
        row = self.weighted("home")
        return str(row["name"]), f"{self.rng.choice(self.places['streets'])}, {self.rng.randrange(1, 120)}"

    def surname(self, kind: str = "surnames") -> str:
        return str(self.rng.choice(self.names["italian"][kind]))

    def first(self, sex: Sex, old: bool = False) -> str:
        key = ("women" if sex == "F" else "men") + ("_old" if old else "")
        return str(self.rng.choice(self.names["italian"][key]))

    def first_names(self, count: int) -> list[tuple[str, Sex]]:
        """Different first names for siblings."""
        found: dict[str, Sex] = {}
        while len(found) < count:
            sex: Sex = self.rng.choice(("M", "F"))
            found.setdefault(self.first(sex), sex)
        return list(found.items())

    def family(self, surname: str, mother_surname: str, count: int) -> Household:
        rng, home = self.rng, self.home()
        mother = self.person(
            mother_surname, self.first("F"), "F", self.birth(1966, 1985), home=home,
            registered=rng.random() < 0.75, married=surname if rng.random() < 0.3 else None,
        )  # fmt: skip
        father = self.person(
            surname, self.first("M"), "M", self.birth(1960, 1984), home=home if rng.random() < 0.6 else None,
            registered=rng.random() < 0.5,
        )  # fmt: skip
        children, year = [], max(mother.birth_date.year + 20, 1990)
        for name, sex in self.first_names(count):
            year = min(year + rng.randrange(1, 5), 2018)
            born = self.birth(year, year)
            children.append(self.person(surname, name, sex, born, home=home, omocode=rng.choice((0,) * 9 + (1,))))
        return Household("family", (*children, mother, father), tuple(children), mother, father)

    def migrant_family(self, origin: dict[str, Any]) -> Household:
        rng, home, place = self.rng, self.home(), (origin["place"], origin["code"])
        surname, other = rng.sample(origin["surnames"], 2)
        mother = self.person(other, rng.choice(origin["women"]), "F", self.birth(1972, 1990), place=place, home=home)
        father = self.person(
            surname, rng.choice(origin["men"]), "M", self.birth(1965, 1986), place=place, home=home,
            registered=rng.random() < 0.7,
        )  # fmt: skip
        children = []
        for index, name in enumerate(rng.sample(origin["children"], rng.choice((1, 2)))):
            year = min(mother.birth_date.year + 22 + 3 * index, 2018)
            sex: Sex = "F" if name[-1] in "ae" or name in ("Jasleen", "Simran", "Nusrat", "Aya") else "M"
            children.append(
                self.person(surname, name, sex, self.birth(year, year), place=rng.choice((place, None)), home=home)
            )
        return Household("family", (*children, mother, father), tuple(children), mother, father)

    def ibero_family(self) -> Household:
        rng, home = self.rng, self.home()
        row = rng.choice(self.names["ibero"])
        place = (row["place"], row["code"])
        one, two, three = rng.sample(self.names["ibero_surnames"], 3)
        mother = self.person(
            f"{one} {two}", rng.choice(self.names["ibero_women"]), "F", self.birth(1970, 1990), place=place, home=home
        )
        name = rng.choice(self.names["ibero_children"])
        year = min(mother.birth_date.year + 23, 2018)
        sex: Sex = "F" if name in ("Kimberly", "Camila", "Daniela") else "M"
        child = self.person(f"{three} {one}", name, sex, self.birth(year, year), home=home)
        return Household("family", (child, mother), (child,), mother, None)

    def elder(self, *, surname: str | None = None, married: bool = False, registered: bool = True) -> Household:
        sex: Sex = "F" if married or self.rng.random() < 0.6 else "M"
        one = self.person(
            surname or self.surname(), self.first(sex, old=True), sex, self.birth(1925, 1942),
            married=self.surname() if married else None, omocode=self.rng.choice((0,) * 11 + (2,)),
            registered=registered,
        )  # fmt: skip
        return Household("elder", (one,))

    def single(self, kind: str, first: int, last: int, *, surname: str | None = None) -> Household:
        sex: Sex = self.rng.choice(("M", "F"))
        one = self.person(
            surname or self.surname(), self.first(sex), sex, self.birth(first, last),
            omocode=self.rng.choice((0,) * 11 + (3,)),
        )  # fmt: skip
        return Household(kind, (one,))

    def one_word(self) -> Household:
        row = self.rng.choice(self.names["one_word"])
        one = self.person(
            row["name"], NO_NAME, row["sex"], self.birth(1968, 1992), place=(row["place"], row["code"])
        )  # fmt: skip
        return Household("adult", (one,))

    def namesakes(self) -> list[Household]:
        """Two unrelated persons of the same name, born on different days."""
        surname, sex = self.surname(), self.rng.choice(_SEXES)
        name = self.first(sex)
        made = []
        for kind, first, last in (("adult", 1955, 1978), ("disabled", 1972, 1990)):
            one = self.person(surname, name, sex, self.birth(first, last))
            made.append(Household(kind, (one,)))
        return made

    def staff(self, count: int, taken: set[tuple[str, str]]) -> tuple[Professional, ...]:
        found: list[Professional] = []
        while len(found) < count:
            sex: Sex = "F" if self.rng.random() < 0.6 else "M"
            one = Professional(self.surname(), self.first(sex), sex)
            if (one.surname, one.name) not in taken:
                taken.add((one.surname, one.name))
                found.append(one)
        return tuple(found)


def populate(count: int, seed: int) -> Population:
    """A population of at least ``count`` persons (never fewer than 25), the same for the same seed."""
    maker = _Maker(Random(f"faldone/persons/{seed}"))
    rng, names = maker.rng, maker.names
    origins = list(names["origins"].values())
    rng.shuffle(origins)
    households: list[Household] = []
    turn = 0
    while len(maker.people) < max(25, count):
        origin = origins[turn % len(origins)]
        households.append(maker.family(maker.surname("compound"), maker.surname(), rng.choice((1, 2, 3))))
        households.append(maker.elder(married=True))
        households.append(maker.single("disabled", 1960, 1994, surname=maker.surname("accented")))
        households.append(maker.migrant_family(origin))
        households.append(maker.single("adult", 1955, 1990))
        households.extend(maker.namesakes())
        households.append(maker.ibero_family())
        households.append(maker.elder(registered=turn % 2 == 1, surname=maker.surname("compound")))
        households.append(maker.one_word())
        households.append(maker.family(maker.surname(), maker.surname(), rng.choice((2, 2, 3))))
        households.append(maker.elder())
        households.append(maker.single("disabled", 1965, 1996))
        turn += 1
    taken = {(one.surname, one.name) for one in maker.people}
    seen: set[str] = set()
    doubled: set[str] = set()
    for one in maker.people:
        (doubled if one.register_name in seen else seen).add(one.register_name)
    return Population(
        tuple(households),
        social_workers=maker.staff(8, taken),
        educators=maker.staff(6, taken),
        judges=maker.staff(6, taken),
        lawyers=maker.staff(8, taken),
        doctors=maker.staff(9, taken),
        officers=maker.staff(6, taken),
        namesakes=frozenset(doubled),
    )
