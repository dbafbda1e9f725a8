"""Names that were read badly or in part, held against whole ones, and whom of the register they may mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from rapidfuzz.distance import OSA

from faldone.classify.lexicon import given_names
from faldone.classify.normalise import name_words
from faldone.classify.persons.mention import Mention
from faldone.classify.register import PersonRegister

_SHORT_WORD: Final = 4
_LETTERS_A_SLIP: Final = 4
"""One letter of so many may be a misread one."""


def with_born_then(mentions: Sequence[Mention], register: PersonRegister) -> list[Mention]:
    """The mentions with a birth date and a name that the register has not, with those of such a name born that day.

    «SANNA, nata il 22.7.1985» whose given name was lost, and «Invemizzi» for Invernizzi, mean somebody whom the day
    tells from all others of the name.
    """
    return [_with_born_then(mention, register) for mention in mentions]


def _with_born_then(mention: Mention, register: PersonRegister) -> Mention:
    if mention.birth is None or mention.persons or mention.code is not None or not mention.words:
        return mention
    alike = tuple(
        person for person in register.by_birth(mention.birth) if is_like(mention.words, name_words(person.display_name))
    )
    return replace(mention, persons=alike, exact=False, by_birth=True) if alike else mention


def is_like(read: Sequence[str], known: Collection[str], *, loosely: bool = False) -> bool:
    """Whether words read badly or in part may be the known name: each of them a word of it, as far as it was read.

    A word is the known one with a misread letter for every few of its letters; broken words are put together. A given
    name that the known name has not is no misread one: PAOLO is two letters from CARLO, and his twin.
    ``loosely`` lets one word beside the surname be something else.
    """
    if any(word in given_names() and word not in known for word in read):
        return False
    if _alike("".join(read), "".join(known)) or _alike("".join(reversed(read)), "".join(known)):
        return True
    found = [word for word in read if any(_alike(word, other) for other in known)]
    others = [word for word in read if word not in found]
    if not loosely:
        return not others and any(len(word) >= _SHORT_WORD for word in found)
    if len(others) > 1:
        return False
    return any(len(word) >= _SHORT_WORD and word not in given_names() for word in found)


def _alike(read: str, known: str) -> bool:
    slips = len(known) // _LETTERS_A_SLIP
    return OSA.distance(read, known, score_cutoff=slips) <= slips
