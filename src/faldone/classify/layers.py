"""The register in memory while it grows: what changed lies over what was read before, and is laid in now and then."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from faldone.classify.normalise import name_words
from faldone.classify.register import NO_STAFF, MemoryPersonRegister, NameMatch, PersonRegister, Staff, few
from faldone.domain.ids import PersonId
from faldone.domain.person import Person

_MAX_OVERLAY = 2_000
"""More persons than this are not laid over: each question would be asked twice for long."""

_MAX_SPELLINGS = 4


class LayeredRegister:
    """Two registers as one: who is in the overlay hides the same person below, and whoever was merged into it.

    Answers come in the order of ids, as from one register that was read in that order.
    """

    def __init__(self, base: MemoryPersonRegister, overlay: Iterable[Person]) -> None:
        self._base = base
        persons = tuple(overlay)
        self._overlay = MemoryPersonRegister(persons)
        hidden = {name for person in persons for name in (person.id, *person.absorbed)}
        # Of those who were merged before, the base knows one who stands for them, and by that one's own id.
        self._hidden = {found.id for name in hidden if (found := base.by_id(name)) is not None}

    @property
    def imported(self) -> bool:
        """See :attr:`PersonRegister.imported`."""
        return self._base.imported or self._overlay.imported

    def __len__(self) -> int:
        return len(self._base) - len(self._hidden) + len(self._overlay)

    def by_id(self, person: PersonId) -> Person | None:
        """See :meth:`PersonRegister.by_id`."""
        found = self._overlay.by_id(person) or self._base.by_id(person)
        # Below, somebody else may still stand for the person.
        return found if found is None or found.id not in self._hidden else self._overlay.by_id(found.id)

    def by_cf(self, cf: str) -> tuple[Person, ...]:
        """See :meth:`PersonRegister.by_cf`."""
        return self._together(self._base.by_cf(cf), self._overlay.by_cf(cf))

    def near_cf(self, read: str, limit: int = 2) -> tuple[tuple[Person, int], ...]:
        """See :meth:`PersonRegister.near_cf`."""
        below = [found for found in self._base.near_cf(read, limit) if found[0].id not in self._hidden]
        return tuple(sorted((*below, *self._overlay.near_cf(read, limit)), key=lambda found: found[0].id))

    def by_name(self, words: Sequence[str]) -> NameMatch:
        """See :meth:`PersonRegister.by_name`."""
        below, above = self._base.by_name(words), self._overlay.by_name(words)
        visible = self._visible(below.persons)
        if above.persons and (not visible or (below.partial and not above.partial)):
            return above
        if not above.persons or (above.partial and not below.partial):
            return NameMatch(visible, below.partial and bool(visible))
        return NameMatch(self._together(visible, above.persons), above.partial)

    def is_name_word(self, word: str) -> bool:
        """See :meth:`PersonRegister.is_name_word`."""
        return self._overlay.is_name_word(word) or self._base.is_name_word(word)

    def spellings(self, word: str) -> tuple[str, ...]:
        """See :meth:`PersonRegister.spellings`."""
        if self.is_name_word(word):
            return (word,)
        return tuple(sorted({*self._base.spellings(word), *self._overlay.spellings(word)}))[:_MAX_SPELLINGS]

    def near_namesakes(self, person: Person) -> bool:
        """See :meth:`PersonRegister.near_namesakes`."""
        return self._overlay.near_namesakes(person) or self._base.near_namesakes(person)

    def namesakes_expected(
        self, person: Person, *, residence: bool = False, birth_place: bool = False, family: int = 1
    ) -> float:
        """See :meth:`PersonRegister.namesakes_expected`; what was found since is too little to change it."""
        return self._base.namesakes_expected(person, residence=residence, birth_place=birth_place, family=family)

    def share_of(self, *, residence: str | None = None, born: tuple[int, int] | None = None) -> float:
        """See :meth:`PersonRegister.share_of`; what was found since is too little to change it."""
        return self._base.share_of(residence=residence, born=born)

    def by_sound(self, words: Sequence[str]) -> tuple[Person, ...]:
        """See :meth:`PersonRegister.by_sound`."""
        return few(self._together(self._base.all_of_sound(words), self._overlay.all_of_sound(words)))

    def by_birth(self, day: dt.date) -> tuple[Person, ...]:
        """See :meth:`PersonRegister.by_birth`."""
        return self._together(self._base.by_birth(day), self._overlay.by_birth(day))

    def by_user_number(self, number: str) -> tuple[Person, ...]:
        """See :meth:`PersonRegister.by_user_number`."""
        return self._together(self._base.by_user_number(number), self._overlay.by_user_number(number))

    def by_initials(self, letters: str) -> tuple[Person, ...]:
        """See :meth:`PersonRegister.by_initials`."""
        return self._together(self._base.by_initials(letters), self._overlay.by_initials(letters))

    def is_staff(self, words: Sequence[str]) -> bool:
        """See :meth:`PersonRegister.is_staff`."""
        return self._base.is_staff(words)

    def is_staff_code(self, cf: str) -> bool:
        """See :meth:`PersonRegister.is_staff_code`."""
        return self._base.is_staff_code(cf)

    def _visible(self, persons: Iterable[Person]) -> tuple[Person, ...]:
        return tuple(person for person in persons if person.id not in self._hidden)

    def _together(self, below: Iterable[Person], above: Iterable[Person]) -> tuple[Person, ...]:
        return tuple(sorted((*self._visible(below), *above), key=lambda person: person.id))


class GrowingRegister:
    """The register as it is now: read whole once, then only what changed since.

    Args:
        version: a number that grows with every change.
        persons: the persons that changed after a version, or all of them.
        staff: those who work at the office.
    """

    def __init__(
        self,
        version: Callable[[], int],
        persons: Callable[[int | None], Iterable[Person]],
        staff: Staff = NO_STAFF,
    ) -> None:
        self._version = version
        self._persons = persons
        self._staff = staff
        self._lock = threading.Lock()
        self._read: tuple[int, MemoryPersonRegister] | None = None
        self._held: tuple[int, PersonRegister] | None = None

    def __call__(self) -> PersonRegister:
        """The register with everything that is on record now."""
        with self._lock:
            now = self._version()
            if self._held is None or self._held[0] != now:
                self._held = now, self._layered() or self._whole(now)
            return self._held[1]

    def _layered(self) -> PersonRegister | None:
        """What changed over what was read, unless it is too much or takes a name away that somebody had."""
        if self._read is None:
            return None
        version, base = self._read
        changed = tuple(islice(self._persons(version), _MAX_OVERLAY + 1))
        if len(changed) > _MAX_OVERLAY or any(_lost_a_name(base.by_id(person.id), person) for person in changed):
            return None
        return LayeredRegister(base, changed)

    def _whole(self, version: int) -> PersonRegister:
        # The version was asked first: what changes while this is read is read again with the next layer.
        self._read = version, MemoryPersonRegister(self._persons(None), self._staff)
        return self._read[1]


def _lost_a_name(before: Person | None, after: Person) -> bool:
    """Whether the base would answer for a name that the person no longer bears, and hide whom it is like in part."""
    return before is not None and before.id == after.id and not _names(before) <= _names(after)


def _names(person: Person) -> set[tuple[str, ...]]:
    return {name_words(name) for name in (f"{person.surname} {person.name}", *person.aliases)}
