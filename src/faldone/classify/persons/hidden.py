"""Persons whom a published act hides behind initials («sig. A.B.») or a number («utente n. 1234»).

Only the office's register can say who is meant; without it, or where two fit, nobody is (domain notes §2.6).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from faldone.classify.normalise import compact_name
from faldone.classify.persons.mention import Mention
from faldone.classify.phrases import Hit
from faldone.classify.reading import Reading
from faldone.classify.register import PersonRegister
from faldone.domain.attribution import Role
from faldone.domain.person import Person

_SCORE: Final = 0.6
_NUMBER: Final = re.compile(
    r"\b(?:utente|assistit[oa]|ospite|minore|beneficiari[oa]|cod(?:ice)?\.?\s*utente)\s*(?:n\.?[°ro]?|nr\.?|numero|cod\.?)?"
    r"\s*:?\s*([0-9]{2,8})\b"
)
_INITIALS: Final = re.compile(
    r"(?:(?:\b[Ss]ig(?:\.?\s?ra|\.?\s?na|nora?|\.)?|[Uu]tente|[Mm]inor[ei]|[Bb]eneficiari[oa]|[Aa]ssistit[oa]|"
    r"[Aa]lunn[oa]|[Oo]spite|[Nn]ucleo|[Cc]ittadin[oa])\s(?:[A-Z]\.\s?){1,4}|[-–—:]\s(?:[A-Z]\.\s?){2,4}|[-–—:]\s[A-Z]\.(?=,\s*residente))(?=[.\s,;)\-–—]|$)"
)
_DOTTED: Final = re.compile(r"(?:[A-Z]\.\s?)+$")
_LIVES: Final = re.compile(r"[\s,;]{0,4}(?:residente|res\.|abitante|domiciliat[oa])\s+(?:nel comune di|ad?|in)\s+")
_COMUNE: Final = re.compile(r"\bcomune di ([^\n]{3,40})")
_PLACE_CHARS: Final = 48
_MOST: Final = 20
"""Initials that more persons have than this name nobody, whatever else is said."""

_NUMBERED: Final = re.compile(r"\s*(?:n\.?\s*)?[0-9]")
_SUBJECT: Final = re.compile(r"^\s*ogg(?:et{1,2}[o0]|\.)\s*:?", re.MULTILINE)
_SUBJECT_CHARS: Final = 260


def hidden_names(reading: Reading, hits: Sequence[Hit], register: PersonRegister) -> tuple[Mention, ...]:
    """The numbers and initials that the subject of the page gives, with the persons whom the register has for them."""
    subject = _SUBJECT.search(reading.folded)
    if subject is None or not len(register):
        return ()
    end = min(subject.end() + _SUBJECT_CHARS, len(reading.raw))
    found = []
    number = _NUMBER.search(reading.folded, subject.end(), end)
    if number is not None:
        start, stop = number.span(1)
        found.append(_hidden(reading, start, stop, register.by_user_number(number[1])))
    for match in _INITIALS.finditer(reading.raw, subject.end(), end):
        dotted = _DOTTED.search(match.group())
        assert dotted is not None
        start, stop = match.start() + dotted.start(), match.start() + dotted.end()
        if any(hit.start < stop and start < hit.end for hit in hits):
            continue  # «S.A.D.» is a service
        if _NUMBERED.match(reading.folded, stop):
            continue  # «D.L. 48/2023» is a law
        letters = "".join(char for char in dotted.group().lower() if char.isalpha())
        persons = _of_the_place(register.by_initials(letters), reading, stop)
        found.append(_hidden(reading, start, stop, persons if len(persons) <= _MOST else ()))
    return tuple(mention for mention in found if mention.persons)


def _of_the_place(persons: tuple[Person, ...], reading: Reading, stop: int) -> tuple[Person, ...]:
    """Of several persons with the same initials those who live where the paper says behind them that they do.

    Else those of whom nobody knows where they live; and where nothing is said, those of the comune that the page is of.
    A body's own address says nothing of its users.
    """
    lives = _LIVES.match(reading.folded, stop)
    if lives is not None:
        said = compact_name(reading.folded[lives.end() : lives.end() + _PLACE_CHARS])
        there = tuple(one for one in persons if one.residence and said.startswith(compact_name(one.residence)))
        return there or tuple(one for one in persons if not one.residence) or persons
    named = [compact_name(found[1]) for found in _COMUNE.finditer(reading.folded)]
    of_it = (
        one
        for one in persons
        if one.residence and any(place.startswith(compact_name(one.residence)) for place in named)
    )
    return tuple(of_it) or persons


def _hidden(reading: Reading, start: int, end: int, persons: tuple[Person, ...]) -> Mention:
    return Mention(
        reading,
        start,
        end,
        reading.raw[start:end].strip(),
        (),
        persons,
        role=Role.HOLDER,
        score=_SCORE,
        cue="oggetto",
        hidden=True,
    )
