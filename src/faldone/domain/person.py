"""Persons as the register knows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from faldone.domain.ids import PersonId


@dataclass(frozen=True, slots=True)
class Person:
    """A person (*utente*) of the register. Only surname and name are sure to be there.

    ``cf`` is the codice fiscale as issued (an omocodic one stays so). ``aliases`` are further full names,
    surname first: married names, other spellings. ``extra`` are further columns of the imported register, kept as
    they came.
    """

    id: PersonId
    surname: str
    name: str
    cf: str | None = None
    birth_date: dt.date | None = None
    birth_place: str | None = None
    residence: str | None = None
    aliases: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def display_name(self) -> str:
        """Surname first in capitals, as registers write it: ``ROSSI MARIA``."""
        return f"{self.surname} {self.name}".upper()
