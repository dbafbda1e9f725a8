"""The words that may stand between a cue and the name it speaks of, or between parts of what is said of a name."""

from __future__ import annotations

import re
from typing import Final

_FILLERS: Final = frozenset(
    [
        "sig",
        "sigra",
        "ra",
        "signor",
        "signora",
        "sigg",
        "signori",
        "cognome",
        "nome",
        "e",
        "ed",
        "il",
        "la",
        "lo",
        "i",
        "gli",
        "le",
        "l",
        "di",
        "del",
        "della",
        "dello",
        "dei",
        "delle",
        "d",
        "a",
        "al",
        "alla",
        "ai",
        "alle",
        "dott",
        "dottssa",
        "ssa",
        "dr",
        "c",
        "o",
        "quale",
        "tale",
        "ns",
        "nostro",
        "nostra",
        "vostro",
        "vostra",
        "suo",
        "sua",
        "proprio",
        "propria",
        "suoi",
        "figlio",
        "figlia",
        "figli",
        "generalita",
        "nominativo",
        "n",
        "nr",
        "denominato",
    ]
)


def only_fillers(gap: str, allowed: int) -> bool:
    """Whether at most ``allowed`` words other than titles and articles stand in the folded gap."""
    if ";" in gap:
        return False
    return sum(token not in _FILLERS for token in re.findall(r"[a-z0-9]+", gap)) <= allowed
