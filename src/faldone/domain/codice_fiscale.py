"""The form of a codice fiscale and its check character (D.M. 23 December 1976): what a code proves by itself.

Whether its birthplace was in being on that day is for filing to ask: see :mod:`faldone.classify.codice_fiscale`.
"""

from __future__ import annotations

import re
from typing import Final

LENGTH: Final = 16

_SHAPE = re.compile(
    r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST](?:[04LQ][1-9MNPQRSTUV]|[1256MNRS][0-9LMNPQRSTUV]|[37PT][01LM])"
    r"[A-Z][0-9LMNPQRSTUV]{3}[A-Z]"
)
"""Day: 01–31, for women 41–71, the letters of omocodia among the digits."""

_ODD: Final = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""Weight of A–Z (and 0–9, as A–J) in the 1st, 3rd, … place; in the others it is the place in the alphabet."""


def check_character(first_fifteen: str) -> str:
    """The check character of fifteen letters and digits (upper case)."""
    total = 0
    for place, char in enumerate(first_fifteen):
        value = ord(char) - (48 if char.isdigit() else 65)
        total += _ODD[value] if place % 2 == 0 else value
    return chr(65 + total % 26)


def is_code(text: str) -> bool:
    """Whether the text has a codice fiscale's form, a day that is, and the right check character."""
    return _SHAPE.fullmatch(text) is not None and check_character(text[:15]) == text[15]
