"""One way to write letters down, so that what a register says and what a scanner read can be compared.

Folding keeps lengths apart from display: the page keeps its accents, only the comparison loses them
(«Accents appear as apostrophes (NICOLO'), fold for matching, keep for display», domain notes §3).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LIGATURES = {
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ß": "ss",
}
_LIGATURE = re.compile("|".join(_LIGATURES))
_SAME_SIGN = {
    "’": "'",
    "‘": "'",
    "`": "'",
    "´": "'",
    "ʼ": "'",
    "′": "'",
    "º": "°",
    "–": "-",
    "—": "-",
    "‐": "-",
    "\xad": "-",
}
_SPACE = {"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\t": " "}

# Characters that scanners take for one another; measured list of the domain notes, §3 «Look-alikes».
_LOOK_ALIKE_GROUPS = (
    "0OQDCU",
    "1ILJT7",
    "2Z7",
    "38B",
    "4A",
    "5S",
    "6GCB",
    "8BR",
    "9GP",
    "MNH",
    "UV",
    "EF",
    "PR",
    "CGO",
)


def _look_alikes() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for group in _LOOK_ALIKE_GROUPS:
        for char in group:
            table.setdefault(char, set()).update(set(group) - {char})
    return {char: frozenset(others) for char, others in table.items()}


LOOK_ALIKES: dict[str, frozenset[str]] = _look_alikes()

_AS_DIGIT = str.maketrans("oOQDIl|!iZzSsBGgb", "00001111122558996")
_AS_LETTER = str.maketrans("01|!58$€", "oliisbse")


def expand(text: str) -> str:
    """``text`` composed, with ligatures taken apart and stray combining marks dropped; signs keep their case."""
    if text.isascii():
        return text
    composed = _LIGATURE.sub(lambda found: _LIGATURES[found.group()], unicodedata.normalize("NFC", text))
    return "".join(char for char in composed if unicodedata.category(char) != "Mn")


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    char = _SPACE.get(char, _SAME_SIGN.get(char, char))
    if "\u00c0" <= char <= "\u024f" or "\u1e00" <= char <= "\u1eff":
        char = unicodedata.normalize("NFD", char)[0]
        char = _LIGATURES.get(char, char)[0]  # «ǣ» is a long «æ»
    return char.lower()[0]


def fold_aligned(text: str) -> str:
    """Lower case without accents, one character for each of ``text`` (which must have gone through :func:`expand`)."""
    if text.isascii():
        return text.lower().replace("`", "'").replace("\t", " ")
    return "".join(map(_fold_char, text))


def fold(text: str) -> str:
    """Lower case, no accents, one kind of apostrophe and dash. Idempotent."""
    return fold_aligned(expand(text))


_NOT_LETTERS = re.compile(r"[^a-z ]+")
_BREAK = re.compile(r"[\s\-./,;:()]+")


def name_words(text: str) -> tuple[str, ...]:
    """The words of a person's name, folded: ``D'Angelo Nicolò`` and ``D'ANGELO NICOLO'`` give the same two words."""
    words = (_NOT_LETTERS.sub("", word) for word in _BREAK.split(fold(text)))
    return tuple(word for word in words if word)


def compact_name(text: str) -> str:
    """The letters of a name with nothing between them: «De Luca», «DELUCA» and «de luca» are one key."""
    return "".join(name_words(text))


def digits_from(text: str) -> str:
    """``text`` with the letters that scanners write for digits (O, I, l, S, B…) turned into those digits."""
    return text.translate(_AS_DIGIT)


def letters_from(text: str) -> str:
    """``text`` with the digits that scanners write for letters (0, 1, 5, 8…) turned into those letters."""
    return text.translate(_AS_LETTER)


_TILDE = re.compile(r"(?<=[aeiou])(?:fi|ni|ti|fl|tl|ii|fii)(?=[aeiou])")


def with_tilde(word: str) -> tuple[str, ...]:
    """What a folded word may have been before its «ñ» was read as two letters: «cedefio», «cedenio» for Cedeño.

    An engine that reads Italian knows no such letter.
    """
    return tuple(dict.fromkeys(f"{word[: at.start()]}n{word[at.end() :]}" for at in _TILDE.finditer(word)))


_SOUNDS = (
    ("ph", "f"),
    ("kh", "h"),
    ("gh", "g"),
    ("dj", "g"),
    ("j", "g"),
    ("ou", "u"),
    ("oo", "u"),
    ("ee", "i"),
    ("ck", "k"),
    ("q", "k"),
    ("ch", "c"),
    ("sh", "s"),
    ("th", "t"),
    ("dh", "d"),
    ("w", "u"),
    ("y", "i"),
    ("x", "ks"),
    ("z", "s"),
)
_VOWELS = re.compile(r"(?<=.)[aeiou]")
_TWICE = re.compile(r"(.)\1+")


def sound_of(word: str) -> str:
    """The consonants of a folded name word as transliterations share them: Mohamed, Muhammad and Mohammed are one.

    Many different names sound alike too, so it is weak evidence only.
    """
    for written, meant in _SOUNDS:
        word = word.replace(written, meant)
    return _TWICE.sub(r"\1", _VOWELS.sub("", word))
