"""Who may see what: rules that are part of every question, and are asked again when a page is served. They fail closed.

A document is seen through its service, its comune and its sensitivity. One without a service is for those who take
papers in alone, until somebody says where it belongs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Sensitivity(IntEnum):
    """How closely a paper is kept, in rising order: the levels of the taxonomies (``sens``)."""

    BASE = 0
    PARTICOLARI = 1
    GIUDIZIARI = 2
    RAFFORZATA = 3

    @classmethod
    def of(cls, *levels: str | None) -> Sensitivity:
        """The highest of the levels by name; one that is unknown counts as the highest, no level at all as well."""
        named = [cls.__members__.get((level or "").upper(), cls.RAFFORZATA) for level in levels if level is not None]
        return max(named, default=cls.RAFFORZATA)


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody may see.

    Attributes:
        services: codes of the services; ``None`` is all of them, the empty set none.
        comuni: names of the comuni, folded; ``None`` is all of them.
        sensitivity: the highest that is open.
        intake: also papers that no service, or no comune, is known of yet.
    """

    services: frozenset[str] | None = frozenset()
    comuni: frozenset[str] | None = frozenset()
    sensitivity: Sensitivity = Sensitivity.BASE
    intake: bool = False

    def permits(self, service: str | None, comune: str | None, sensitivity: Sensitivity) -> bool:
        """Whether a document may be seen."""
        if sensitivity > self.sensitivity:
            return False
        return self._open(self.services, service) and (self.comuni is None or self._open(self.comuni, comune))

    def _open(self, allowed: frozenset[str] | None, value: str | None) -> bool:
        if value is None:
            return self.intake
        return allowed is None or value in allowed


EVERYTHING: Final = Access(None, None, Sensitivity.RAFFORZATA, intake=True)
"""What the archive's own machine may see: whoever runs its commands reads its files anyway."""

NOTHING: Final = Access()
"""What somebody without any right may see."""
