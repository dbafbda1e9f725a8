"""What an engine makes of a scan: look-alikes, words split, joined or lost, and less sure of what it misread.

Character error rates on a page are about 0.3, 1 and 3 per cent; codes and dates are hit like everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from tests.bench.otherhand.paper import DPI, HEIGHT, WIDTH, Placed

_STAMP: Final = EngineStamp("otherhand", "1", "0")
_ALIKE: Final = {
    "0": "OO8o", "O": "00QD", "1": "lI7", "I": "1l", "l": "1I", "5": "S6", "S": "5", "8": "B3", "B": "8", "2": "Z7",
    "Z": "2", "6": "G5", "G": "6C", "9": "g4", "4": "A", "3": "8", "7": "1", "c": "eo", "e": "co", "o": "0a", "a": "o",
    "n": "ru", "u": "n", "t": "fr", "f": "t", "i": "l1", "h": "b", "ì": "i", "à": "a", "è": "e", "ò": "o", "ù": "u",
    "é": "è", "M": "N", "N": "H", "D": "O0", "C": "GO", "E": "F", "U": "V", "V": "U", "R": "P", "s": "5", "'": "`,",
    ".": ",", ",": ".", ":": ".;", "/": "1I", "g": "q9", "r": "n",
}  # fmt: skip
_PAIRS: Final = {"rn": "m", "m": "rn", "cl": "d", "li": "h", "fi": "ñ", "vv": "w", "nn": "m", "ii": "u"}
_SPECKS: Final = ("-", ".", "'", "|", "_", ",", "~")


@dataclass(frozen=True, slots=True)
class Level:
    """How bad a scan is. ``error`` is the chance a character is hit, ``lost`` that a whole line is."""

    name: str
    share: float
    error: float
    lost: float
    confidence: float


LEVELS: Final = (
    Level("clean", 0.55, 0.0038, 0.0, 0.95),
    Level("medium", 0.30, 0.0092, 0.001, 0.90),
    Level("hard", 0.15, 0.026, 0.006, 0.82),
)


def draw_level(rng: Random) -> Level:
    """A level by its share."""
    return rng.choices(LEVELS, [level.share for level in LEVELS])[0]


def blank_page() -> PageText:
    """The empty back of a sheet."""
    return PageText((), WIDTH, HEIGHT, DPI, 0, TextSource.OCR, _STAMP, blank=True)


def recognised(page: Sequence[Placed], rng: Random, level: Level) -> PageText:
    """The page as an engine hands it over."""
    words: list[Word] = []
    number = 0
    for line in page:
        if rng.random() < level.lost:
            continue
        before = len(words)
        for left, text in line.pieces:
            _piece(words, text, left, line, number, rng, level)
        number += len(words) > before
    return PageText(tuple(words), WIDTH, HEIGHT, DPI, 0, TextSource.OCR, _STAMP)


def _piece(words: list[Word], text: str, left: int, line: Placed, number: int, rng: Random, level: Level) -> None:
    x = float(left)
    joined = ""
    for token in text.split():
        width = len(token) * line.letter
        read, hit = _token(token, rng, level)
        if rng.random() < level.error * 0.4:
            joined += read
            x += width + line.letter
            continue
        read, hit, joined = joined + read, hit or bool(joined), ""
        parts = [read]
        if len(read) > 4 and rng.random() < level.error * 0.6:
            cut = rng.randint(1, len(read) - 1)
            parts, hit = [read[:cut], read[cut:]], True
        if rng.random() < level.error * 0.25:
            parts.append(rng.choice(_SPECKS))
        part_x = x
        for part in parts:
            sure = min(
                max(level.confidence + rng.gauss(0, 0.025) - (rng.uniform(0.1, 0.4) if hit else 0.0), 0.05), 0.99
            )
            if part:
                box = Box(int(part_x), line.y, max(int(len(part) * line.letter), 4), int(line.letter * 1.9))
                words.append(Word(part, box, round(sure, 3), number))
            part_x += len(part) * line.letter + 3
        x += width + line.letter
    if joined:
        words.append(
            Word(joined, Box(int(x), line.y, int(len(joined) * line.letter), int(line.letter * 1.9)), 0.5, number)
        )


def _token(token: str, rng: Random, level: Level) -> tuple[str, bool]:
    out: list[str] = []
    hit, index = False, 0
    while index < len(token):
        letter = token[index]
        index += 1
        if rng.random() >= level.error:
            out.append(letter)
            continue
        hit = True
        pair = token[index - 1 : index + 1]
        roll = rng.random()
        if roll < 0.10 and len(token) > 3:
            continue
        if roll < 0.16:
            out.append(letter + rng.choice(_SPECKS))
        elif pair in _PAIRS and roll < 0.5:
            out.append(_PAIRS[pair])
            index += 1
        elif letter == "m" and roll < 0.6:
            out.append("rn")
        else:
            out.append(rng.choice(_ALIKE.get(letter, letter)))
    return "".join(out), hit
