"""Cover and separator sheets: which there are, and the tokens that name them.

A sheet is printed, laid between stacks of paper, and read back from the scans. Its token goes through print, dirt and
a reader's eyes, so it is made to be noticed when it is misread: sixteen characters of Crockford's base 32, eleven
drawn by lot (55 bits) and five of a Reed-Solomon code over GF(32). Any one to five wrong characters are noticed for
certain, anything else but once in 2^25.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from faldone.domain.ids import PersonId

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""

TOKEN_LENGTH: Final = 16
CHECK_LENGTH: Final = 5
_DRAWN: Final = TOKEN_LENGTH - CHECK_LENGTH
_VALUES: Final = {char: value for value, char in enumerate(ALPHABET)}
_LOOK_ALIKES: Final = str.maketrans("OIL", "011")
_MASK: Final = (15, 10, 19, 13, 0)
"""Added to the check, so that a token read one character too far left or right is no token: a plain Reed-Solomon
code is closed under shifts."""


class SheetKind(StrEnum):
    """What a sheet between the papers says.

    ``COVER``: what follows belongs to the dossier of a person and a service. ``SEPARATOR``: a new document starts.
    ``PATCH``: the same, on a plain patch sheet that is not ours and bears a text agreed on in the settings.
    """

    COVER = "cover"
    SEPARATOR = "separator"
    PATCH = "patch"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One printed sheet.

    Attributes:
        token: names this sheet alone.
        kind: ``COVER`` or ``SEPARATOR``: a patch sheet has no token.
        number: the place in its print run, from 1.
        of: how many sheets the print run has.
        run: names the print run; made like a token.
        person: whose dossier a cover opens; a separator names nobody.
        service: the code of the service of that dossier.
    """

    token: str
    kind: SheetKind
    number: int
    of: int
    run: str
    person: PersonId | None = None
    service: str | None = None

    def __post_init__(self) -> None:
        if not (is_token(self.token) and is_token(self.run)):
            raise ValueError(f"not tokens: {self.token!r}, {self.run!r}")
        if not 1 <= self.number <= self.of:
            raise ValueError(f"sheet {self.number} of {self.of}")
        if self.kind is SheetKind.PATCH:
            raise ValueError("a patch sheet has no token")
        named = self.person is not None or self.service is not None
        if named != (self.kind is SheetKind.COVER):
            raise ValueError(f"a {self.kind} with person {self.person!r} and service {self.service!r}")


def new_token(draw: Callable[[int], int] = secrets.randbelow) -> str:
    """A token that nobody can guess. ``draw(n)`` gives a number from 0 to n - 1 by lot."""
    drawn = [draw(len(ALPHABET)) for _ in range(_DRAWN)]
    return "".join(ALPHABET[value] for value in (*drawn, *_check(drawn)))


def new_run(draw: Callable[[int], int] = secrets.randbelow) -> str:
    """The name of a print run: made like a token, and never printed in the place of one."""
    return new_token(draw)


def is_token(text: str) -> bool:
    """Whether the text is a token as :func:`new_token` makes them: plain, in capitals, its check right."""
    if len(text) != TOKEN_LENGTH or not set(text) <= _VALUES.keys():
        return False
    values = [_VALUES[char] for char in text]
    return tuple(values[_DRAWN:]) == _check(values[:_DRAWN])


def in_groups(token: str) -> str:
    """The token as it is printed for eyes: ``FLD-7K3M-Q9TX-…``."""
    return "-".join(("FLD", *(token[start : start + 4] for start in range(0, TOKEN_LENGTH, 4))))


def plain(text: str) -> str:
    """A token that a person or an engine wrote, in its plain form: capitals, no gaps, O as 0, I and L as 1.

    Nothing is checked: :func:`is_token` does.
    """
    return "".join(char for char in text.upper() if char.isalnum()).translate(_LOOK_ALIKES)


def make_sheets(
    kind: SheetKind,
    dossiers: Sequence[tuple[PersonId | None, str | None]],
    *,
    copies: int = 1,
    draw: Callable[[int], int] = secrets.randbelow,
) -> tuple[Sheet, ...]:
    """The sheets of one print run, numbered from 1; the copies of a dossier lie together, each with its own token.

    Args:
        kind: ``COVER``, or ``SEPARATOR`` for dossiers of ``(None, None)``.
        dossiers: person and service code of each dossier.
        copies: how many sheets for each of them.
        draw: ``draw(n)`` gives a number from 0 to n - 1 by lot.

    Raises:
        ValueError: there is nothing to print, or a dossier does not fit the kind.
    """
    if copies < 1 or not dossiers:
        raise ValueError(f"nothing to print: {len(dossiers)} dossiers, {copies} copies")
    run = new_run(draw)
    wanted = [dossier for dossier in dossiers for _ in range(copies)]
    return tuple(
        Sheet(new_token(draw), kind, number, len(wanted), run, person, service)
        for number, (person, service) in enumerate(wanted, start=1)
    )


# --- Reed-Solomon over GF(32) ------------------------------------------------------------------------------------


def _product(one: int, two: int) -> int:
    """In GF(32) with x^5 + x^2 + 1."""
    product = 0
    while two:
        if two & 1:
            product ^= one
        one <<= 1
        if one & 0b100000:
            one ^= 0b100101
        two >>= 1
    return product


def _generator() -> tuple[int, ...]:
    """(x - a)(x - a^2)…(x - a^5), highest power first and without it: tokens differ in six places or more."""
    found, power = [1], 1
    for _ in range(CHECK_LENGTH):
        power = _product(power, 2)
        found = [left ^ _product(right, power) for left, right in zip([*found, 0], [0, *found], strict=True)]
    return tuple(found[1:])


_GENERATOR: Final = _generator()


def _check(values: Iterable[int]) -> tuple[int, ...]:
    rest = [0] * CHECK_LENGTH
    for value in values:
        lead = value ^ rest[0]
        rest = [after ^ _product(lead, factor) for after, factor in zip([*rest[1:], 0], _GENERATOR, strict=True)]
    return tuple(value ^ added for value, added in zip(rest, _MASK, strict=True))
