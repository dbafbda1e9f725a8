"""What the learned model sees of a paper: hashed words and pieces of words of its first page, never a person's own.

Names, codes and numbers are masked before anything is hashed. Training further drops every feature that comes from the
papers of fewer than :data:`LEAST_PERSONS` persons, so that what is not caught here (a misread surname, a nickname, the
name of a village) cannot be learnt either, and cannot be read out of a model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from faldone.classify.reading import Reading

Buckets = NDArray[np.uint32]
"""Places in the hashed space, ascending, each once."""

BUCKETS: Final = 1 << 20
LEAST_PERSONS: Final = 5
"""Cells of fewer persons are what statistical offices do not publish."""

WORDS: Final = 400
TOP_WORDS: Final = 40
_PIECE: Final = 4
OPTIONS: Final = {
    "buckets": BUCKETS,
    "words": WORDS,
    "top_words": TOP_WORDS,
    "word_ngrams": [1, 2],
    "char_wb_ngrams": [_PIECE, _PIECE],
    "hash": "crc32",
    "least_persons": LEAST_PERSONS,
}
"""What a model must have been trained with to be used with this code."""

_LONGEST = 24
_MASKED = ""
_DIGIT = re.compile(r"[0-9]")


def masked_words(
    reading: Reading, keep: Collection[str], is_name: Callable[[str], bool]
) -> tuple[tuple[str, int, int], ...]:
    """The first words of the page, each with its span in ``reading``; an empty word stands where one was masked.

    Args:
        reading: the page.
        keep: words of the lexicon, which are no secret even where somebody is called so.
        is_name: whether a folded word is part of a person's name.
    """
    return tuple((_masked(token.text, keep, is_name), token.start, token.end) for token in reading.tokens[:WORDS])


def _masked(word: str, keep: Collection[str], is_name: Callable[[str], bool]) -> str:
    if word.isdigit():
        return "0" * min(len(word), 4)
    if len(word) < 2 or len(word) > _LONGEST or _DIGIT.search(word):
        return _MASKED
    return _MASKED if word not in keep and is_name(word) else word


def buckets(words: Sequence[str]) -> Buckets:
    """The features of a page with these masked words. Nothing is made of a masked word or across one."""
    parts = [word_buckets(word) for word in dict.fromkeys(words) if word]
    pairs = [crc32(f"{first} {second}".encode()) for first, second in pairwise(words) if first and second]
    top = [crc32(f"^{word}".encode()) for word in words[:TOP_WORDS] if word]
    parts.append(np.array(pairs + top, dtype=np.uint32) % BUCKETS)
    return np.unique(np.concatenate(parts))


@lru_cache(maxsize=1 << 16)
def word_buckets(word: str) -> Buckets:
    """The features of one word wherever it stands: itself, and its pieces of four letters."""
    framed = f" {word} "
    pieces = {framed[start : start + _PIECE] for start in range(len(framed) - _PIECE + 1)}
    hashed = [crc32(f"={word}".encode()), *(crc32(f"~{piece}".encode()) for piece in sorted(pieces))]
    return np.unique(np.array(hashed, dtype=np.uint32) % BUCKETS)
