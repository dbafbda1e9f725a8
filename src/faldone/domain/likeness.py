"""Whether two pages are one sheet of paper scanned twice. Pure.

Offices live on forms: what is printed on one page is printed on a thousand, and two letters of one template differ in
a name and a date. So nothing is concluded from how much two pages have in common. Keys made of the words that tell
pages apart propose earlier pages; each is then laid over the new one by the words that both have, and what stands at
the same place is compared: on one sheet, the engine's mistakes apart, the same word stands at every place.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import TypeAlias

from faldone.domain.digest import Digest
from faldone.domain.page import PageText, TextSource

LOOK_SIDE = 16
"""A look has this many rows and columns of frequencies."""

_LOOK_BITS = LOOK_SIDE * LOOK_SIDE

_ODD = sum(
    1 << (LOOK_SIDE * row + column) for row in range(LOOK_SIDE) for column in range(LOOK_SIDE) if (row + column) % 2
)
"""The frequencies that change their sign when the page is turned by half."""

_SURE = 0.6
"""From this confidence on a word is compared: of 36 misread numbers tesseract was sure of 13, of 820 right ones of 812
(80 scans of made-up papers)."""

_KEYS, _KEYS_OF_NUMBERS = 24, 20
"""How many keys a page has at most, and how many of them have a number in them. With 3–6 % of the characters wrong, 16
keys find 93.4 % of the sheets among 6 000 pages, 24 find 97.5 %."""

_LOOK_KEYS = 4
"""A look is cut into so many keys: one of them stays whole as long as fewer bits than this have changed."""

_SAME_LOOK, _ALIKE_LOOK = 3, 24
"""Most bits by which looks differ where there is little text to compare, and where the text and the frame agree. Of 40
pages saved again at 90 % of their size and JPEG quality 40 the looks of 37 were at most 12 apart, of pages scanned
again 5 to 116, of the same form for another person 7 to 101: a look alone tells nothing of sheets."""

_LEAST_SHARED = 6
_IN_PLACE_MM, _IN_PLACE_SHARE = 1.5, 0.85
"""Of the words that stand once on each of two scans of a sheet, 94 % or more lay within 1.5 mm (80 scans, the mean
within 0.4 mm); lines that were broken otherwise scatter them."""

_SAMPLE, _GUESSES, _APART_MM = 60, 60, 20.0
"""How many shared words and how many pairs of them are tried to place a page, and how far apart a pair stands."""

_READ_SHARE = 0.6
"""Of the words of the page on which fewer were read, so many have to be met on the other."""

_SURPRISE = 5.5
"""Differences less probable than e to the power of -5.5 were not made by reading: see ``_Laid.surprise``."""

_MISTAKES, _NUMBERS_WORSE, _DOUBTFUL_MISTAKES = 0.0005, 1.5, 0.15
"""Edits per character: at least in sure words; how much more in numbers, which no dictionary helps; in unsure ones."""

_PART = 3
"""A word of so many characters may be found inside a longer one."""

_ANCHOR_DIGITS, _LEAST_ANCHORS = 5, 2
"""Dates, codes, amounts and telephones have so many digits, the articles of laws do not; a page needs so many."""

_SAME_FRAME = 0.0015
"""Share of the diagonal (0.5 mm of A4): no sheet lies in a scanner twice as exactly."""

Placing: TypeAlias = tuple[float, float, float, float]
"""(a, b, c, d): x' = a·x - b·y + c, y' = b·x + a·y + d, in millimetres of the upright pages."""


class LikenessKind(StrEnum):
    """In what way two pages are one: one picture saved twice, or one sheet scanned twice."""

    SAME_SCAN = "same-scan"
    SAME_SHEET = "same-sheet"


@dataclass(frozen=True, slots=True)
class Likeness:
    """That two pages are one; ``score`` is the share (0.0–1.0) of the surely read words that agree in their place."""

    kind: LikenessKind
    score: float


@dataclass(frozen=True, slots=True)
class Look:
    """How the ink lies on a page: the signs of its 16 by 16 lowest cosine frequencies, bit ``16 · row + column``.

    0 is the look of a page without ink.
    """

    bits: int

    def __post_init__(self) -> None:
        if not 0 <= self.bits < 1 << _LOOK_BITS:
            raise ValueError(f"a look has {_LOOK_BITS} bits, not {self.bits.bit_length()}")

    def __str__(self) -> str:
        return f"{self.bits:0{_LOOK_BITS // 4}x}"

    @classmethod
    def parse(cls, text: str) -> Look:
        """The look written as 64 hexadecimal digits.

        Raises:
            ValueError: the text has another form.
        """
        return cls(int(text, 16))

    def distance(self, other: Look) -> int:
        """How many bits differ, whichever of the two is upside down: 0 to 128; 256 where there is no ink."""
        if not self.bits or not other.bits:
            return _LOOK_BITS
        apart = self.bits ^ other.bits
        return min(apart.bit_count(), (apart ^ _ODD).bit_count())


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page as it was seen: its words, the digest of its pixels and its look; ``None`` where it was not looked at."""

    text: PageText
    pixels: Digest | None = None
    look: Look | None = None


def keys(page: SeenPage) -> tuple[str, ...]:
    """The keys under which a page is found again: two pages that may be one share at least one of them.

    At most 28, of 16 hexadecimal digits each and a letter for what they are made of: ``t`` of the text, ``l`` of the
    look. A key that many pages have (a letterhead's) tells nothing and should be passed over. Blank pages have none.
    """
    if page.text.blank:
        return ()
    found = [f"t{key}" for key in _text_keys(page.text)]
    if page.look is not None and page.look.bits:
        found += [f"l{key}" for key in _look_keys(page.look)]
    return tuple(found)


def compare(one: SeenPage, other: SeenPage, same_ink: Callable[[Placing], bool] | None = None) -> Likeness | None:
    """Whether two pages are one; ``None`` when they are not, or when too little tells.

    A page that differs from another by a stamp is the same sheet; one filled in, or for somebody else, is not.

    Args:
        one: a page.
        other: another page.
        same_ink: asked of pages whose words agree: whether their ink does when the first is placed so on the second.
            Without it, words in the same places are not enough where only a template's stand on the page.
    """
    if one.text.blank or other.text.blank:
        return None
    scans = one.text.source is other.text.source is TextSource.OCR  # what a program drew is equal on every copy
    if scans and one.pixels is not None and one.pixels == other.pixels:
        return Likeness(LikenessKind.SAME_SCAN, 1.0)
    ones, others = _words(one.text), _words(other.text)
    apart = _LOOK_BITS if one.look is None or other.look is None else one.look.distance(other.look)
    placing = _placing(ones, others)
    if placing is None:
        same = scans and apart <= _SAME_LOOK and [word.key for word in ones] == [word.key for word in others]
        return Likeness(LikenessKind.SAME_SCAN, 1.0) if same else None
    laid = _laid_over(ones, others, placing)
    if not laid.agrees:
        return None
    if scans and apart <= _ALIKE_LOOK and _one_frame(one.text, other.text, placing):
        return Likeness(LikenessKind.SAME_SCAN, laid.score)
    a, b = placing
    sure = laid.anchored if same_ink is None else same_ink((a.real, a.imag, b.real, b.imag))
    return Likeness(LikenessKind.SAME_SHEET, laid.score) if sure else None


# --- words -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """A word as read; ``at`` is its centre, x + i·y, and all lengths are in millimetres."""

    key: str
    sure: bool
    at: complex
    width: float
    height: float
    digits: int

    @property
    def anchors(self) -> bool:
        """Whether this is a date, a code, an amount: a number that a template does not print on every copy."""
        return self.digits >= _ANCHOR_DIGITS


_LOOK_ALIKE = str.maketrans("oqdiljtzsbg", "00011112589")
"""Letters that scanners take for digits and for one another; no two digits become one."""


@lru_cache(maxsize=65536)
def _folded(text: str) -> str:
    """The letters and digits of a word, without case and accents."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    return "".join(char for char in text.lower() if char.isalnum())


def _words(page: PageText) -> list[_Read]:
    mm = 25.4 / page.dpi
    found = []
    for word in page.words:
        folded = _folded(word.text)
        if len(folded) < 2:
            continue
        box = word.box
        centre = complex(box.x + box.width / 2, box.y + box.height / 2)
        digits = sum(map(str.isdigit, folded))
        key, sure = folded.translate(_LOOK_ALIKE), word.confidence >= _SURE
        found.append(_Read(key, sure, centre * mm, box.width * mm, box.height * mm, digits))
    return found


# --- keys --------------------------------------------------------------------------------------------------------


def _text_keys(page: PageText) -> list[str]:
    """Pairs of neighbours among the words that tell pages apart, those with a number first."""
    telling = []
    for word in page.words:
        key = _folded(word.text)
        digits = sum(map(str.isdigit, key))
        name = not digits and len(key) >= 4 and (word.text[0].isupper() or len(key) >= 9)
        if word.confidence >= _SURE and (digits >= 3 or name):
            telling.append((key.translate(_LOOK_ALIKE), digits))
    numbers: set[str] = set()
    names: set[str] = set()
    for first, second in (*pairwise(telling), *zip(telling, telling[2:], strict=False)):  # one word may be misread
        made = hashlib.blake2b(f"{first[0]}|{second[0]}".encode(), digest_size=8).hexdigest()
        (numbers if first[1] + second[1] >= _ANCHOR_DIGITS else names).add(made)
    chosen = sorted(numbers)[:_KEYS_OF_NUMBERS]  # the lowest: both readings choose the same of what they share
    return chosen + sorted(names)[: _KEYS - len(chosen)]


def _look_keys(look: Look) -> list[str]:
    """The look in parts, each written so that the page upside down gives the same."""
    size = _LOOK_BITS // _LOOK_KEYS
    part = (1 << size) - 1
    found = []
    for number in range(_LOOK_KEYS):
        bits, odd = look.bits >> number * size & part, _ODD >> number * size & part
        found.append(f"{number}{min(bits, bits ^ odd):0{size // 4}x}")
    return found


# --- laying one page over the other ------------------------------------------------------------------------------


def _placing(ones: Sequence[_Read], others: Sequence[_Read]) -> tuple[complex, complex] | None:
    """(a, b) of z' = a·z + b that carries the words that stand once on each page onto one another.

    ``None`` when there are few of them, or many do not fall into place: then the lines were broken otherwise.
    """
    mine, theirs = _standing_once(ones), _standing_once(others)
    pairs = [(at, theirs[key]) for key, at in mine.items() if key in theirs]
    if len(pairs) < _LEAST_SHARED:
        return None
    rng = Random(0)  # the same pages give the same answer
    sample = pairs if len(pairs) <= _SAMPLE else rng.sample(pairs, _SAMPLE)
    best: list[tuple[complex, complex]] = []
    for _ in range(_GUESSES):
        (p, q), (r, s) = rng.sample(sample, 2)
        if abs(p - r) < _APART_MM or q == s:
            continue
        a = (q - s) / (p - r)
        fitting = _fitting(sample, a, q - a * p)
        if len(fitting) > len(best):
            best = fitting
            if len(best) > 0.9 * len(sample):
                break
    if len(best) < 3:
        return None
    a, b = _least_squares(best)
    fitting = _fitting(pairs, a, b)
    if len(fitting) < max(_LEAST_SHARED, _IN_PLACE_SHARE * len(pairs)):
        return None
    return _least_squares(fitting)


def _standing_once(words: Sequence[_Read]) -> dict[str, complex]:
    counts = Counter(word.key for word in words)
    return {word.key: word.at for word in words if word.sure and counts[word.key] == 1 and len(word.key) >= 4}


_Pairs: TypeAlias = list[tuple[complex, complex]]


def _fitting(pairs: _Pairs, a: complex, b: complex) -> _Pairs:
    return [(x, y) for x, y in pairs if abs(a * x + b - y) < _IN_PLACE_MM]


def _least_squares(pairs: _Pairs) -> tuple[complex, complex]:
    x0, y0 = sum(x for x, _ in pairs) / len(pairs), sum(y for _, y in pairs) / len(pairs)
    spread = sum(abs(x - x0) ** 2 for x, _ in pairs)
    a = sum((y - y0) * (x - x0).conjugate() for x, y in pairs) / spread
    return a, y0 - a * x0


def _one_frame(one: PageText, other: PageText, placing: tuple[complex, complex]) -> bool:
    """Whether the corners of the first image fall on those of the second: a sheet never lies so twice."""
    a, b = placing
    mm = 25.4 / other.dpi
    end = complex(one.width, one.height) * 25.4 / one.dpi
    beyond = complex(other.width, other.height) * mm
    return max(abs(b), abs(a * end + b - beyond)) < _SAME_FRAME * abs(beyond)


@dataclass(slots=True)
class _Laid:
    """What was found when one page was laid over the other: for each compared word its edits and its length."""

    least: int
    words: list[tuple[int, int]] = field(default_factory=list)
    numbers: list[tuple[int, int]] = field(default_factory=list)
    doubtful: list[tuple[int, int]] = field(default_factory=list)
    anchors: int = 0
    anchors_alone: int = 0

    @property
    def compared(self) -> int:
        return len(self.words) + len(self.numbers)

    @property
    def score(self) -> float:
        agree = sum(_near(edits, length) for edits, length in (*self.words, *self.numbers))
        return agree / max(1, self.compared)

    @property
    def surprise(self) -> float:
        """How improbable it is that mistakes of reading made the differences, as a negative natural logarithm.

        Mistakes as frequent as they are in the words that agree; and a difference may stand anywhere on the page.
        """
        agreeing = [(edits, length) for edits, length in self.words if _near(edits, length)]
        edits, characters = (sum(column) for column in zip((0, 0), *agreeing, strict=True))
        rate = max(_MISTAKES, (edits + 0.5) / (characters + 50))
        numbers = _NUMBERS_WORSE * rate
        return (
            _surprise(self.words, rate)
            + _surprise(self.numbers, numbers)
            + _surprise(self.doubtful, max(_DOUBTFUL_MISTAKES, numbers))
        )

    @property
    def agrees(self) -> bool:
        """Whether nothing says that these are two sheets."""
        return self.compared >= _READ_SHARE * self.least and self.surprise <= _SURPRISE

    @property
    def anchored(self) -> bool:
        """Whether there are numbers that agree, and not more that one page lacks: a filled form over an empty one."""
        return self.anchors >= max(_LEAST_ANCHORS, self.anchors_alone)


def _near(edits: int, length: int) -> bool:
    return edits <= max(1, length // 3)


def _surprise(compared: Sequence[tuple[int, int]], rate: float) -> float:
    anywhere = math.log(max(1, len(compared)))
    return sum(max(0.0, _improbable(edits, length, rate) - anywhere) for edits, length in compared if edits)


def _improbable(events: int, chances: int, rate: float) -> float:
    """-log of the probability of at least so many events."""
    if events <= 0:
        return 0.0
    rate = min(rate, 0.5)
    more = sum(math.comb(chances, k) * rate**k * (1 - rate) ** (chances - k) for k in range(events, chances + 1))
    return -math.log(max(more, 1e-300))


def _laid_over(ones: Sequence[_Read], others: Sequence[_Read], placing: tuple[complex, complex]) -> _Laid:
    a, b = placing
    back = abs(a) / a
    others = sorted(others, key=lambda word: word.at.imag)
    rows = [word.at.imag for word in others]
    laid = _Laid(min(sum(word.sure for word in words) for words in (ones, others)))
    met: set[int] = set()
    for word in ones:
        at = a * word.at + b
        reach = max(1.2, 0.6 * word.height)
        here = [
            number
            for number in range(bisect_left(rows, at.imag - reach), bisect_right(rows, at.imag + reach))
            if (word.width + others[number].width) / 2 - abs(others[number].at.real - at.real)
            > 0.35 * min(word.width, others[number].width)
        ]
        met.update(here)
        here.sort(key=lambda number: (others[number].at * back).real)
        _judge(word, [others[number] for number in here], laid)
    laid.anchors_alone += sum(word.sure and word.anchors for number, word in enumerate(others) if number not in met)
    return laid


def _judge(word: _Read, here: Sequence[_Read], laid: _Laid) -> None:
    """Counts one word with what stands in its place, which the engine may have cut or joined otherwise."""
    if not here:
        laid.anchors_alone += word.sure and word.anchors
        return
    joined, length = "".join(other.key for other in here), len(word.key)
    if length < _PART < len(joined):
        return  # the engine joined it to a neighbour, or did not
    shorter, longer = sorted((word.key, joined), key=len)
    inside = shorter == longer or (len(shorter) >= _PART and shorter in longer)
    edits = 0 if inside else min(length, *(_edits(word.key, key) for key in {joined, *(one.key for one in here)}))
    laid.anchors += word.anchors and _near(edits, length)
    sure = (word.sure, all(other.sure for other in here))
    if all(sure):
        (laid.numbers if word.digits >= 2 else laid.words).append((edits, length))
    elif any(sure) and word.digits >= 2:
        laid.doubtful.append((edits, length))


def _edits(one: str, other: str) -> int:
    """The Levenshtein distance."""
    before = list(range(len(other) + 1))
    for number, char in enumerate(one, 1):
        row = [number]
        for column, against in enumerate(other, 1):
            row.append(min(before[column] + 1, row[-1] + 1, before[column - 1] + (char != against)))
        before = row
    return before[-1]
