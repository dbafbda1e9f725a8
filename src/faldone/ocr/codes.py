"""Codici fiscali that came out wrong: where to look again, and which of several readings stands on the paper. Pure.

A codice fiscale proves itself by its form and its check character (D.M. 23 December 1976). Where words look like one
but are none, or a label has none behind it, the place is read again, enlarged and on its own. A reading that is valid
takes the place of the words; failing that, only what the form decides alone is put right (a stroke where a letter has
to be is an I) and a doubled look-alike (``0O``, ``1I``) is made single, when just one valid code comes of it. Freer
repairs are for filing, which knows that they are guesses: here a guess would pass for what was read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby

from rapidfuzz.distance import Levenshtein

from faldone.domain.codice_fiscale import LENGTH, is_code
from faldone.domain.page import Box
from faldone.ocr.engine import ReadWord

_DIGITS = (6, 7, 9, 10, 12, 13, 14)
_AS_LETTER = str.maketrans("015826|!$€", "OISBZGIISE")
_AS_DIGIT = str.maketrans("OQDILSBZG|!$", "000115826115")
_TWINS = ("0O", "0Q", "0D", "1I", "1L", "1J", "IJ", "5S", "8B", "2Z", "6G", "IL", "OQ", "CG")

_LABEL = re.compile(r"(?:c\.?f\.?|cod(?:ice)?\.?fisc(?:ale)?\.?)\W*", re.IGNORECASE)
_CODE = re.compile(r"[A-Z0-9|!$€]+")
_NOT_OF_A_PERSON = re.compile(r"[0-9]{11}|p\W?iva|partita", re.IGNORECASE)
_OF_A_FIRM = re.compile(r"[0-9]{11}")
"""A word of its own; in a person's code are letters."""

_RUN = (14, 19)
"""Characters of a run of words that may be a code badly read."""

_LEAST_DIGITS, _FEW_SMALL = 4, 2
"""Digits that a damaged code has left, and small letters that it may have got."""

_STRIP_INCHES, _BEYOND = 4.2, 0.45
"""How far a strip goes to the right of a label, and beyond its line in heights of it."""

_NEAR_EDITS = 7
"""Over a line of dots a code was read with six wrong characters; the codes of two persons differ in eleven or so."""


@dataclass(frozen=True, slots=True)
class DoubtfulCode:
    """A place that should hold a codice fiscale.

    Attributes:
        words: the indices of the words that were read there; none where a label has nothing legible behind it.
        text: what was read there, joined, upper case.
        line: the index of a word of the line that it stands on.
        box: the strip to be read again, in pixels of the prepared page; the line runs through its middle.
        tall: the height of what stands there.
    """

    words: tuple[int, ...]
    text: str
    line: int
    box: Box
    tall: int


def doubtful_codes(words: Sequence[ReadWord], dpi: int) -> tuple[DoubtfulCode, ...]:
    """The places on a page where a codice fiscale should stand and none was read.

    Args:
        words: in reading order, line by line.
        dpi: the resolution of the page that their boxes are on.
    """
    found: list[DoubtfulCode] = []
    for _, group in groupby(range(len(words)), key=lambda index: words[index].line):
        line = list(group)
        texts = [_plain(words[index].text) for index in line]
        taken = -1
        for at in range(len(line)):
            if at <= taken:
                continue
            label = _label_end(texts, at)
            start = at if label is None else label
            run = _run(texts, start)
            if run is not None and _is_of_no_person(words[index].text for index in line[start:run]):
                run = None
            if run is None and label is None:
                continue
            end = start if run is None else run
            text = "".join(texts[start:end])
            taken = max(end, start) - 1
            if is_code(text) and end - start == 1:
                continue
            behind = "".join(words[index].text for index in line[start : start + 3])
            if label is not None and _NOT_OF_A_PERSON.search(behind):
                continue
            if run is None and len("".join(texts[start:])) > LENGTH + 4:
                continue  # running text behind a label («cod. fisc. e partita IVA»)
            inside = tuple(line[start:end])
            near = [words[index].box for index in (inside or line[start - 1 : start])]
            tall = sorted(one.height for one in near)[len(near) // 2]
            box = _strip(near, tall, dpi, behind=not inside)
            found.append(DoubtfulCode(inside, text, line[at], box, tall))
    return tuple(found)


def _is_of_no_person(run: Iterable[str]) -> bool:
    """Whether words that stand about as a code does are prose, or the number of a firm («(CR) - P.IVA 00312780198»)."""
    texts = tuple(run)
    small = sum(char.islower() for text in texts for char in text)
    return small > _FEW_SMALL or any(_OF_A_FIRM.fullmatch(_plain(text)) for text in texts)


def _plain(text: str) -> str:
    return text.strip(".,;:_-'\"‘’“”()«»").lstrip("[").replace("]", "J").upper()


def _label_end(texts: Sequence[str], at: int) -> int | None:
    """The place behind a label that begins at ``at`` («C.F.», «Codice fiscale»), or ``None``."""
    for length in (2, 1):
        if at + length <= len(texts) and _LABEL.fullmatch("".join(texts[at : at + length])):
            return at + length
    return None


def _run(texts: Sequence[str], start: int) -> int | None:
    """The end of a run of words from ``start`` that may be one code, or ``None``."""
    size = 0
    for end in range(start, len(texts)):
        if texts[end] and not _CODE.fullmatch(texts[end].replace(".", "")):
            break
        size += len(texts[end])
        if size > _RUN[1]:
            break
        if size >= _RUN[0] and _resembles("".join(texts[start : end + 1])):
            rest = texts[end + 1 : end + 2]
            if rest and size + len(rest[0]) <= LENGTH + 1 and rest[0] and _CODE.fullmatch(rest[0]):
                continue
            return end + 1
    return None


def _resembles(text: str) -> bool:
    """Whether letters and digits stand about where a code has them: six letters, then digits among letters."""
    text = text.replace(".", "")
    head, rest = text[:6], text[6:]
    return sum(char.isdigit() for char in head) <= 1 and sum(char.isdigit() for char in rest) >= _LEAST_DIGITS


def _strip(near: Sequence[Box], tall: int, dpi: int, *, behind: bool) -> Box:
    """The strip around boxes, or from their right end on."""
    box = near[0]
    for other in near[1:]:
        box = box.union(other)
    middle = box.y + box.height / 2
    top, bottom = max(0, round(middle - (0.5 + _BEYOND) * tall)), round(middle + (0.5 + _BEYOND) * tall)
    left, right = max(0, box.x - tall // 2), box.right + tall // 2
    if behind:
        left, right = box.right, box.right + round(_STRIP_INCHES * dpi)
    return Box(left, top, right - left, bottom - top)


def code_in(texts: Sequence[str]) -> str | None:
    """The valid codice fiscale that a line of words holds, alone or joined from neighbours; ``None`` without."""
    plain = [piece for text in texts if (piece := re.sub(r"[^A-Z0-9]", "", _plain(text)))]
    for start in range(len(plain)):
        joined = ""
        for piece in plain[start:]:
            joined += piece
            if len(joined) >= LENGTH:
                break
        if is_code(joined):
            return joined
    return None


def forced(text: str, *, strokes: bool = False) -> str | None:
    """The one valid code that its form alone makes of a text of 16 to 18 characters; ``None`` when there is none.

    Args:
        text: what was read.
        strokes: whether upright strokes that are too many are taken away as well, wherever they stand: what is left
            of the bars between boxes is read as I and 1.
    """
    text = re.sub(r"[^A-Z0-9|!$€]", "", _plain(text))
    texts = {text, text.strip("|")}  # a frame's side, or an I
    shorter = _unbarred if strokes else _singled
    found = {code for one in texts for made in shorter(one) if is_code(code := _in_class(made))}
    return found.pop() if len(found) == 1 else None


def _unbarred(text: str) -> Iterator[str]:
    """The text without as many of its upright strokes as make it too long."""
    places = [place for place, char in enumerate(text) if char in "I1L|!"]
    if 0 < len(text) - LENGTH <= 3:
        for gone in combinations(places, len(text) - LENGTH):
            yield "".join(char for place, char in enumerate(text) if place not in gone)


def _singled(text: str) -> Iterator[str]:
    """The text with look-alike twins made single until it has the length of a code: up to two of them."""
    if len(text) == LENGTH:
        yield text
    elif LENGTH < len(text) <= LENGTH + 2:
        for place in range(len(text) - 1):
            pair = text[place : place + 2]
            if pair in _TWINS or pair[::-1] in _TWINS:
                yield from _singled(text[:place] + text[place + 1 :])
                yield from _singled(text[: place + 1] + text[place + 2 :])


def _in_class(text: str) -> str:
    """Letters where letters stand and digits where digits stand; letters of omocodia are left alone."""
    made = []
    for place, char in enumerate(text):
        if place not in _DIGITS:
            made.append(char.translate(_AS_LETTER))
        else:
            made.append(char if char in "LMNPQRSTUV" else char.translate(_AS_DIGIT))
    return "".join(made)


def settled(first: str, again: Sequence[Sequence[str]]) -> tuple[str, bool] | None:
    """The code that stands there, and whether it was read so (and not put right); ``None`` when that is not sure.

    Readings that say different codes are counted, one that is valid as read like one put right: with B taken for R
    twice, once as the check character, a code is valid again, while the two readings beside it miss a stroke.

    Args:
        first: what was read in its place at first; empty when nothing was.
        again: the words of each further reading.
    """
    readings = [[first], *again]
    said = [way for texts in readings if (way := _code_said(texts)) is not None and _near(first, way[0])]
    if said:
        (code, times), *others = Counter(code for code, _ in said).most_common(2)
        if others and times == others[0][1]:
            return None
        return code, (code, True) in said
    made = [one for texts in readings if (one := forced("".join(texts), strokes=True)) and _near(first, one)]
    return (made[0], False) if len(made) > 1 and len(set(made)) == 1 else None


def _code_said(texts: Sequence[str]) -> tuple[str, bool] | None:
    """The code that one reading holds, and whether it is valid as read."""
    if code := code_in(texts):
        return code, True
    code = forced("".join(texts))
    return None if code is None else (code, False)


def agreed(first: str, again: Sequence[Sequence[str]]) -> str | None:
    """What all further readings have in the place of what was read first, when it is no code as it stands.

    Of a Q over a line of dots the first reading made a 9, the others a 0: what it is, is for filing to tell.
    """
    texts = {re.sub(r"[^A-Z0-9]", "", _plain("".join(words))) for words in again}
    text = texts.pop()
    if texts or len(text) != LENGTH or text == first or not first or not _near(first, text):
        return None
    return text


def _near(first: str, code: str) -> bool:
    """Whether the code can be what was read first: not one from the line above."""
    return len(first) < _RUN[0] or Levenshtein.distance(first.replace(".", ""), code) <= _NEAR_EDITS


def with_code(words: Sequence[ReadWord], doubt: DoubtfulCode, code: str, confidence: float) -> tuple[ReadWord, ...]:
    """The words with the code in place of those that were read there."""
    made: list[ReadWord] = []
    gone = set(doubt.words)
    model = words[doubt.words[0] if doubt.words else doubt.line]
    box = doubt.box
    if doubt.words:
        box = words[doubt.words[0]].box
        for index in doubt.words[1:]:
            box = box.union(words[index].box)
    word = replace(model, text=code, box=box, confidence=confidence)
    last = max(index for index, one in enumerate(words) if one.line == words[doubt.line].line)
    for index, one in enumerate(words):
        if index not in gone:
            made.append(one)
        elif index == doubt.words[0]:
            made.append(word)
        if not doubt.words and index == last:
            made.append(word)
    return tuple(made)
