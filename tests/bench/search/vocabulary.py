"""The words of the made-up pages: those of the demo's sentences by how often they stand there, and forms made by rule.

Ranks follow Zipf and Mandelbrot as running Italian does: half of the page is a hundred words, and a third of the
vocabulary stands on one page in a thousand.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from random import Random

import numpy as np

from faldone.demo.lexis import sentences, table

_WORD = re.compile(r"[^\W\d_]+(?:['’](?=[^\W\d_])[^\W\d_]+)?")
_ENDINGS = ("o", "a", "i", "e", "are", "ato", "ata", "ati", "ate", "azione", "azioni", "ante", "mento", "menti",
            "abile", "ando", "ava", "erà", "ità", "ivo", "iva", "ore", "ori", "ista", "ale", "ali")  # fmt: skip
_SURNAME_ENDINGS = ("ini", "etti", "oni", "elli", "ucci", "ato", "aro", "ardi", "ani", "enghi", "otti", "acchi", "isi")
_TAKEN_FOR = {"o": "0c", "l": "1i", "i": "l1", "s": "5", "b": "h", "e": "c", "c": "e", "u": "n", "n": "u", "m": "n",
              "t": "f", "f": "t", "a": "o", "r": "n", "v": "y", "d": "cl", "g": "q"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words, most frequent first, and how often each is used (sum 1)."""

    words: tuple[str, ...]
    weights: np.ndarray


@cache
def vocabulary() -> Vocabulary:
    """The words of running text."""
    counted: Counter[str] = Counter()
    for patterns in sentences().values():
        for pattern in patterns:
            counted.update(_WORD.findall(re.sub(r"\{[^}]*\}", " ", pattern)))
    plain = [word for word, _ in counted.most_common()]
    roots = [word[:-1].lower() for word in plain[60:] if word.isalpha() and len(word) >= 6]
    made = [root + ending for root in roots for ending in _ENDINGS]
    Random(1).shuffle(made)
    words = tuple(dict.fromkeys([*plain, *made]))
    weights = 1.0 / (np.arange(len(words)) + 2.7) ** 1.07
    return Vocabulary(words, weights / weights.sum())


@cache
def surnames() -> Vocabulary:
    """Surnames: the most frequent one is of 1 % of the people, most of them are of a family or two."""
    italian = table("names")["italian"]
    known = [*italian["surnames"], *italian["compound"], *italian["accented"]]
    roots = dict.fromkeys(
        surname[:-1] if len(surname) < 7 else surname[:5] for surname in italian["surnames"] if surname.isalpha()
    )
    made = [root + ending for root in roots for ending in _SURNAME_ENDINGS]
    Random(2).shuffle(made)
    words = tuple(dict.fromkeys([*known, *made]))
    weights = 1.0 / (np.arange(len(words)) + 12.0) ** 0.8
    return Vocabulary(words, weights / weights.sum())


@cache
def given_names() -> Vocabulary:
    """First names, women's and men's."""
    italian = table("names")["italian"]
    groups = (italian["women"], italian["men"], italian["women_old"], italian["men_old"])
    words = tuple(dict.fromkeys(name for names in groups for name in names))
    weights = 1.0 / (np.arange(len(words)) + 8.0) ** 0.7
    return Vocabulary(words, weights / weights.sum())


def misread(word: str, rng: Random) -> str:
    """A word as a scan is read when a letter of it goes wrong."""
    at = int(rng.random() * len(word))
    taken = _TAKEN_FOR.get(word[at], "")
    return word[:at] + (taken[int(rng.random() * len(taken))] if taken else "") + word[at + 1 :]
