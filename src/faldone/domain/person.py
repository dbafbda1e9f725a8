"""Persons as the register knows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from faldone.domain.ids import PersonId


class Origin(StrEnum):
    """How a person came on record: imported with the office's register, found on papers, or confirmed by somebody."""

    REGISTER = "register"
    FOUND = "found"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Person:
    """A person (*utente*) on record. Only surname and name are sure to be there.

    ``cf`` is the codice fiscale as issued (an omocodic one stays so). ``aliases`` are further full names,
    surname first: married names, other spellings. ``extra`` are further columns of the imported register, kept as
    they came. ``origin`` says how far the record can be trusted. ``other_codes`` and ``absorbed`` are the codes and ids
    of records that were merged into this one.
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
    origin: Origin = Origin.REGISTER
    other_codes: tuple[str, ...] = ()
    absorbed: tuple[PersonId, ...] = ()

    @property
    def display_name(self) -> str:
        """Surname first in capitals, as registers write it: ``ROSSI MARIA``."""
        return f"{self.surname} {self.name}".upper()
