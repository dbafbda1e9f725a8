"""What the free words of a query are besides words: a codice fiscale, a protocol, a date, a name that is misspelt.

A reading never takes anything away: :mod:`faldone.search.plan` puts what is so first, and what only has the words
behind it. Names are the ones that somebody hands in; that a name is known shows in no answer, because an answer is
made of permitted documents alone.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA

from faldone.search import analysis
from faldone.search.document import protocol_keys
from faldone.search.query import MONTHS, Query, Reading, days

_MONTH = {**{name: number for number, name in enumerate(MONTHS, 1)}, **{m[:3]: n for n, m in enumerate(MONTHS, 1)}}
_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"((?:19|20)\d\d)-(\d{1,2})(?:-(\d{1,2}))?", re.ASCII)
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.-]((?:19|20)\d\d)", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_DAY = re.compile(r"(\d{1,2})[°ºª.]?", re.ASCII)
_NUMBER_YEAR = re.compile(r"0*(\d{1,9})([/-])((?:19|20)?\d\d)", re.ASCII)
_NUMBER = re.compile(r"0*\d{1,9}", re.ASCII)
_SAYS_PROTOCOL = frozenset({"prot", "protocollo", "pg"})
_SAYS_NUMBER = frozenset({"n", "nr", "num", "numero"})

_WHOLE_CODE = 16
_FEWEST_OF_CODE = 6
_CODE_PARTS = 5  # «RSS MRA 80A01 F205 X»
_SHAPE = "LLLLLLDDLDDLDDDL"
_AS_DIGIT = str.maketrans("oqdiljtzsb", "0001111258")
_AS_LETTER = str.maketrans("0123456789", "oizbasgtbg")
_OMOCODIA = "lmnpqrstuv"
_TRIPLE = "(?:[bcdfghjklmnpqrstvwxyz]{0,3}[aeiou]{0,3}x{0,2})"
_BEGINNING = re.compile(
    rf"(?=.{{6}})(?=(?P<surname>{_TRIPLE})).{{3}}(?=(?P<name>{_TRIPLE})).{{3}}"
    r"(?:[0-9lmnpqrstuv](?:[0-9lmnpqrstuv](?:[abcdehlmprst](?:[0-9lmnpqrstuv](?:[0-9lmnpqrstuv]"
    r"(?:[a-z][0-9lmnpqrstuv]{0,3})?)?)?)?)?)?",
    re.ASCII,
)

_SHORTEST_NAME = 4
_TWO_WRONG_FROM = 8
_MOST_ALIKE = 12
_WRITTEN_ALIKE = (
    "mohamed mohammed muhammad mohammad muhammed mohamad muhamed mohamud mamadou",
    "ahmed ahmad hamed",
    "youssef yusuf yousef youssouf yosef iusuf",
    "hussein hussain husain hossain houssein hossein",
    "abdel abdul abd abdal",
    "khadija khadijah kadija hadija cadigia",
    "mustafa mostafa moustafa mustapha mostapha moustapha",
    "fatima fatma fatimah fatema",
    "singh sing",
    "oleksandr aleksandr alexander alexandr",
)


class Names(Protocol):
    """The words of the names of persons."""

    def alike(self, word: str) -> tuple[str, ...]:
        """Folded words of names that the folded word may be meant for, itself left out, the likeliest first."""
        ...


class NameBook:
    """Words of names by how they sound, made once from whole names: those on record with their aliases.

    About 3 ms a word that is no name, for 30 000 words of names; some microseconds for one that is.
    """

    def __init__(self, names: Iterable[str]) -> None:
        counts = Counter(token.term for name in names for token in (*analysis.spell(name), *analysis.compounds(name)))
        self._counts = {word: count for word, count in counts.items() if len(word) >= _SHORTEST_NAME}
        by_sound: defaultdict[str, list[str]] = defaultdict(list)
        for word, _ in counts.most_common():
            if word in self._counts:
                by_sound[sound(word)].append(word)
        self._by_sound: Mapping[str, list[str]] = by_sound
        self._sounds = list(by_sound)

    def alike(self, word: str) -> tuple[str, ...]:
        """See :meth:`Names.alike`: the same sound; for a word that is no name and sounds like none, a near one."""
        if len(word) < _SHORTEST_NAME or not word.isalpha():
            return ()
        key = sound(word)
        sounds = [key] if key in self._by_sound else []
        if not sounds and len(key) >= _SHORTEST_NAME:
            errors = 1 if len(word) < _TWO_WRONG_FROM else 2
            near = process.extract(key, self._sounds, scorer=OSA.distance, score_cutoff=errors, limit=_MOST_ALIKE)
            sounds = [sound_ for sound_, distance, _ in near if sound_[:1] == key[:1] or distance == 1]
        found = [name for key in sounds for name in self._by_sound[key] if name != word]
        return tuple(found[:_MOST_ALIKE])


def sound(word: str) -> str:
    """How a folded word of a name sounds to somebody who writes it down in Italian.

    Double letters are one, a silent *h* is left out, *ch*, *k*, *q* and *c* before *a*, *o*, *u* or a consonant are
    one, so are *j*, *y* and *i*, *w* and *v*, *ph* and *f*, *gn* and *n*, *gl* and *l*. Names that are written in many
    ways in our letters (*Mohamed*, *Muhammad*) have one sound by a list.
    """
    known = _FAMILIES.get(word)
    if known is not None:
        return known
    said = word
    for pattern, letters in _SOUNDS:
        said = pattern.sub(letters, said)
    return said


_SOUNDS = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        (r"[jy]", "i"),
        (r"ph", "f"),
        (r"w", "v"),
        (r"sch(?![ei])|sh", "s"),
        (r"c?kh?|c[hq]|q|c(?![eih])", "k"),
        (r"gh", "g"),
        (r"h", ""),
        (r"gn", "n"),
        (r"gl(?=i)", "l"),
        (r"(?<=[cgs])i(?=[aou])", ""),
        (r"x", "s"),
        (r"(.)\1+", r"\1"),
    )
)
_FAMILIES = {word: family.split()[0] for family in _WRITTEN_ALIKE for word in family.split()}


def understand(query: Query, names: Names | None = None) -> Query:
    """The query with what its free words are understood as; the words stay as they are."""
    words = query.words
    readings = [*_codes(words), *_protocols(words), *_dates(words)]
    taken = {index for reading in readings if not reading.begins for index in range(reading.first, reading.last)}
    if names is not None:
        readings += _alike(words, names, taken)
    return dataclasses.replace(query, readings=tuple(readings))


def _codes(words: Sequence[str]) -> Iterator[Reading]:
    """Whole codici fiscali, also in pieces and with look-alikes in place, and their first characters."""
    at = 0
    while at < len(words):
        for last in range(min(len(words), at + _CODE_PARTS), at, -1):
            key = _key(words[at:last])
            code = _whole(key)
            if code is not None:
                yield Reading(at, last, code=code)
                break
            if _FEWEST_OF_CODE <= len(key) < _WHOLE_CODE and (last == at + 1 or len(words[at]) == 3) and _begins(key):
                yield Reading(at, last, code=key, begins=True)
                break
        else:
            last = at + 1
        at = last


def _key(words: Sequence[str]) -> str:
    joined = analysis.fold("".join(words).strip(".,;:()"))
    return joined if joined.isascii() and joined.isalnum() else ""


def _whole(key: str) -> str | None:
    """The code that sixteen characters are, with letters and digits put right by look-alikes where the form wants it.

    Of a common word of sixteen letters it would make a code as well: three digits at least must be there.
    """
    if len(key) != _WHOLE_CODE or sum(character.isdigit() for character in key) < 3:
        return None
    right = "".join(
        character
        if (kind == "L") == character.isalpha() or (kind == "D" and character in _OMOCODIA)
        else character.translate(_AS_LETTER if kind == "L" else _AS_DIGIT)
        for character, kind in zip(key, _SHAPE, strict=True)
    )
    wrong = sum(before != after for before, after in zip(key, right, strict=True))
    fits = all(
        c.isalpha() if kind == "L" else c.isdigit() or c in _OMOCODIA for c, kind in zip(right, _SHAPE, strict=True)
    )
    return right if fits and wrong <= 2 else None


def _begins(key: str) -> bool:
    """Whether it is the beginning of a code: consonants come before vowels, which no *tutela* does."""
    found = _BEGINNING.fullmatch(key)
    return found is not None and len(found["surname"]) >= 3 and len(found["name"]) >= 3


def _protocols(words: Sequence[str]) -> Iterator[Reading]:
    at = 0
    while at < len(words):
        number = at
        said = _bare(words[at]) in _SAYS_PROTOCOL
        if said:
            number += 1
        while number < len(words) and _bare(words[number]) in _SAYS_NUMBER:
            number += 1
        if number < len(words):
            found = _protocol(words[number].strip(".,;:()"), said)
            if found is not None:
                yield Reading(at if said else number, number + 1, protocol=found)
        at = number + 1


def _protocol(text: str, said: bool) -> str | None:
    found = _NUMBER_YEAR.fullmatch(text)
    if found is not None:
        if found[2] == "-" and not said and int(found[1]) <= 31:
            return None  # «12-14» is a span or a day
        return protocol_keys(f"{found[1]}/{found[3]}")[-1]
    return protocol_keys(text)[-1] if said and _NUMBER.fullmatch(text) else None


def _bare(word: str) -> str:
    tokens = analysis.spell(word)
    return tokens[0].term if len(tokens) == 1 else ""


def _dates(words: Sequence[str]) -> Iterator[Reading]:
    at = 0
    while at < len(words):
        last = at + 1
        found = _date(words[at].strip(",;:()").rstrip("."))
        for length in (3, 2):
            if found is None and at + length <= len(words):
                found = _spoken([word.strip(",;()") for word in words[at : at + length]])
                last = at + (length if found else 1)
        if found is not None:
            yield Reading(at, last, days=found)
        at = last


def _date(text: str) -> tuple[dt.date, dt.date] | None:
    if day := _DAY_FIRST.fullmatch(text):
        return days(analysis.full_year(day[4]), day[3], day[1])
    if day := _YEAR_FIRST.fullmatch(text):
        return days(day[1], day[2], day[3])
    if day := _MONTH_YEAR.fullmatch(text):
        return days(day[2], day[1], None)
    return days(text, None, None) if _YEAR.fullmatch(text) else None


def _spoken(words: Sequence[str]) -> tuple[dt.date, dt.date] | None:
    """«12 marzo 2014» and «marzo 2014»."""
    month = _MONTH.get(analysis.fold(words[-2]).rstrip("."))
    if month is None or not _YEAR.fullmatch(words[-1].rstrip(".")):
        return None
    if len(words) == 2:
        return days(words[-1].rstrip("."), str(month), None)
    day = _DAY.fullmatch(words[0])
    return days(words[-1].rstrip("."), str(month), day[1]) if day else None


def _alike(words: Sequence[str], names: Names, taken: set[int]) -> Iterator[Reading]:
    for at, word in enumerate(words):
        tokens = [] if at in taken else analysis.spell(word)
        if len(tokens) == 1 and analysis.stem(tokens[0].term) is not None:
            found = names.alike(tokens[0].term)
            if found:
                yield Reading(at, at + 1, alike=found)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """«Forse cercavi…»: the query with ``instead`` in the place of the word ``typed``."""

    query: Query
    typed: str
    instead: str


_ENOUGH = 3  # documents with a word: then it was typed rightly
_MOST_SUGGESTED = 3


def suggest(query: Query, seen: Mapping[str, int]) -> tuple[Suggestion, ...]:
    """Other words that may have been meant, where an answer is empty or thin.

    Args:
        query: as it was parsed; its free words and those of ``person`` are looked at.
        seen: folded words and how many documents have each. They must come from documents that the asker may see
            (their texts and the names on them) and from the names of services and types, which everybody knows;
            never from the index's own dictionary, which knows the words of all documents.

    Returns:
        The likeliest first, three at most; words that enough documents have are left as they are. The readings of
        the query are not taken over.
    """
    plain = dataclasses.replace(query, readings=(), after=None, offset=0)
    found: list[tuple[float, int, Suggestion]] = []
    for at, word in enumerate(query.words):
        for other, distance in _meant(word, seen):
            words = (*query.words[:at], other, *query.words[at + 1 :])
            found.append((distance, -seen[other], Suggestion(dataclasses.replace(plain, words=words), word, other)))
    persons = (query.person or "").split()
    for at, word in enumerate(persons):
        for other, distance in _meant(word, seen):
            person = " ".join((*persons[:at], other, *persons[at + 1 :]))
            found.append((distance, -seen[other], Suggestion(dataclasses.replace(plain, person=person), word, other)))
    found.sort(key=lambda one: one[:2])
    return tuple(suggestion for _, _, suggestion in found[:_MOST_SUGGESTED])


def _meant(word: str, seen: Mapping[str, int]) -> Iterator[tuple[str, float]]:
    """Words that more documents have, and how far they are; one that sounds the same is nearer than one letter."""
    typed = _bare(word)
    if len(typed) < _SHORTEST_NAME or not typed.isalpha() or seen.get(typed, 0) >= _ENOUGH:
        return
    errors = 1 if len(typed) < _TWO_WRONG_FROM else 2
    near = process.extract(typed, list(seen), scorer=OSA.distance, score_cutoff=errors, limit=None)
    ways = {other: float(distance) for other, distance, _ in near}
    ways |= {other: 0.5 for other in seen if sound(other) == sound(typed)}
    for other, distance in ways.items():
        if other != typed and seen[other] > seen.get(typed, 0) and analysis.stem(other) != analysis.stem(typed):
            yield other, distance
