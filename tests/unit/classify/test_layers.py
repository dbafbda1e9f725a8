"""A register that grows answers as one that is read anew would."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from faldone.classify.layers import GrowingRegister, LayeredRegister
from faldone.classify.register import MemoryPersonRegister, PersonRegister
from faldone.domain.ids import PersonId
from faldone.domain.person import Origin, Person
from tests.unit.classify.pages import code

BORN = dt.date(1950, 4, 3)
SURNAMES = ("Rossi", "Rosso", "Russi", "Bianchi")
NAMES = ("Mario", "Maria", "Mario Piero", "Eva")


def made(number: int, surname: str, name: str, **more: object) -> Person:
    born = BORN + dt.timedelta(days=number % 7)
    extra = (("numero_utente", str(number % 10)),)
    person = Person(PersonId(f"u-{number:03}"), surname, name, code(surname, name, born), born, extra=extra)
    return replace(person, **more)  # type: ignore[arg-type]


def answers(register: PersonRegister, everybody: Iterable[Person]) -> list[object]:
    """Everything that the rules may ask about these persons."""
    said: list[object] = [len(register), register.imported]
    for person in everybody:
        words = tuple(f"{person.surname} {person.name}".casefold().split())
        misread = (person.cf or "").replace("0", "O")
        said += [register.by_id(person.id), register.by_cf(person.cf or ""), register.near_cf(misread)]
        said += [register.by_name(words), register.by_name(words[:2]), register.near_namesakes(person)]
        said += [register.by_sound(words), register.by_user_number("7")]
        said += [register.by_initials("".join(word[0] for word in words)), register.by_initials(words[0][0])]
        assert person.birth_date is not None
        said.append(register.by_birth(person.birth_date))
        for word in words:
            said += [register.is_name_word(word), register.spellings(word), register.spellings(word[:-1] + "x")]
    return said


@pytest.mark.parametrize("seed", range(20))
def test_layers_answer_as_one_register_does(seed: int) -> None:
    chance = random.Random(seed)
    people = [made(number, chance.choice(SURNAMES), chance.choice(NAMES)) for number in range(30)]
    new = people[20:]
    completed = [replace(person, aliases=("Neri Ugo",)) for person in people[:3]]
    survivor = replace(
        people[5],
        aliases=(f"{people[6].surname} {people[6].name}",),
        other_codes=(people[6].cf or "",),
        absorbed=(people[6].id,),
    )
    overlay = [*completed, survivor, *new]
    gone = {person.id for person in overlay} | {people[6].id}
    whole = sorted([*(person for person in people if person.id not in gone), *overlay], key=lambda person: person.id)
    layered = LayeredRegister(MemoryPersonRegister(people[:20]), overlay)
    assert answers(layered, people) == answers(MemoryPersonRegister(whole), people)


def test_who_was_merged_answers_to_ids_codes_and_damaged_codes() -> None:
    keep, gone = made(1, "Rossi", "Mario"), made(2, "Bianchi", "Eva")
    both = replace(keep, absorbed=(gone.id,), other_codes=(gone.cf or "",))
    register = LayeredRegister(MemoryPersonRegister([keep, gone]), [both])
    assert len(register) == 1
    assert register.by_id(gone.id) == both
    assert register.by_cf(gone.cf or "") == (both,)
    assert register.near_cf((gone.cf or "").replace("0", "O", 1)) == ((both, 1),)
    apart = LayeredRegister(MemoryPersonRegister([both]), [keep, gone])
    assert (apart.by_id(gone.id), apart.by_id(keep.id), len(apart)) == (gone, keep, 2)


def test_a_register_of_found_persons_alone_was_not_imported() -> None:
    found = made(1, "Rossi", "Mario", origin=Origin.FOUND)
    assert not MemoryPersonRegister([found]).imported
    assert not LayeredRegister(MemoryPersonRegister([]), [found]).imported
    assert LayeredRegister(MemoryPersonRegister([found]), [made(2, "Verdi", "Ugo")]).imported


class Source:
    """A catalog's side of the register."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[int, Person]] = {}
        self.now = 0
        self.asked: list[int | None] = []

    def put(self, *persons: Person) -> None:
        self.now += 1
        self.rows |= {person.id: (self.now, person) for person in persons}

    def version(self) -> int:
        return self.now

    def persons(self, since: int | None) -> list[Person]:
        self.asked.append(since)
        return [person for _, (at, person) in sorted(self.rows.items()) if since is None or at > since]


def test_only_what_changed_is_read_again() -> None:
    source = Source()
    source.put(*(made(number, "Rossi", "Mario") for number in range(50)))
    register = GrowingRegister(source.version, source.persons)
    assert register() is register()
    source.put(made(60, "Verdi", "Ugo"))
    assert len(register()) == 51
    source.put(made(61, "Verdi", "Ada"))
    assert len(register()) == 52
    assert source.asked == [None, 1, 1]


def test_a_name_that_somebody_loses_is_read_from_scratch() -> None:
    source = Source()
    source.put(made(1, "Rossi", "Mario"), made(2, "Rossi", "Mario Piero"))
    register = GrowingRegister(source.version, source.persons)
    register()
    source.put(made(1, "Verdi", "Mario"))
    assert [person.id for person in register().by_name(("rossi", "mario")).persons] == ["u-002"]
    assert source.asked == [None, 1, None]


def test_too_much_that_is_new_is_read_from_scratch() -> None:
    source = Source()
    source.put(made(1, "Rossi", "Mario"))
    register = GrowingRegister(source.version, source.persons)
    register()
    source.put(*(Person(PersonId(f"v-{number}"), "Verdi", "Ugo") for number in range(2_001)))
    assert len(register()) == 2_002
    assert source.asked == [None, 1, None]
