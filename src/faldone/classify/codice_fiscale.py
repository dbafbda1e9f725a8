"""The codice fiscale: found in words, checked, read back into date and place, repaired from scanners' mistakes.

Rules from D.M. 23 December 1976 as summed up in the domain notes §3. The check character alone is no proof: a code
with two wrong characters passes unrepaired in 0.6–0.7 % of cases, so a valid code also has a real day and a
birthplace code in being at birth, and a *repaired* code files nothing without a second witness.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from typing import Final

from codicefiscale import data as _places

from faldone.classify.normalise import LOOK_ALIKES, compact_name, fold
from faldone.classify.reading import Reading
from faldone.domain.codice_fiscale import check_character

LENGTH: Final = 16
_DIGIT_POSITIONS: Final = (6, 7, 9, 10, 12, 13, 14)
_LETTER_POSITIONS: Final = (0, 1, 2, 3, 4, 5, 8, 11, 15)
_MONTHS: Final = "ABCDEHLMPRST"
_OMOCODIA: Final = str.maketrans("LMNPQRSTUV", "0123456789")
_SHAPE = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]")
# Gates of the repair: a run of text of sixteen characters is no damaged code unless most of it stands already.
_MIN_DIGITS: Final = 4
_MIN_LETTERS: Final = 6
_MAX_CHANGES: Final = 3
_MAX_FREE_CHANGES: Final = 1
_CANDIDATE_LIMIT: Final = 4096
_MAX_MISREAD_HEAD: Final = 4
_GENDER_SHIFT: Final = 40
# Strokes that are neither letter nor digit but stand for one in a damaged code.
_STROKES = str.maketrans("|!$€£", "IISEE")
_PIECE = re.compile(r"[A-Za-z0-9|!$€£]+")
_BETWEEN = re.compile(r"[ .\-_]{1,3}")
_LABEL = re.compile(r"(?:c\.?\s?f\.?|cod(?:ice)?\.?\s*fisc(?:ale|\.)?)\W{0,6}$")
_MAX_PIECES: Final = 6


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A codice fiscale on a page. ``raw`` is what stood there, ``code`` what it says; ``changes`` counts repairs.

    ``alternatives`` are the other readings that the rules allow; a code with any is not sure.
    """

    raw: str
    code: str
    start: int
    end: int
    changes: int = 0
    alternatives: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the code is valid as read."""
        return self.changes == 0


def decoded(code: str) -> str:
    """The fifteen characters with omocodia undone, for date and place only: the code itself stays as issued."""
    chars = list(code[:15])
    for position in _DIGIT_POSITIONS:
        chars[position] = chars[position].translate(_OMOCODIA)
    return "".join(chars)


def is_omocodic(code: str) -> bool:
    """Whether letters stand for digits because two persons shared the plain code."""
    return any(code[position].isalpha() for position in _DIGIT_POSITIONS)


def is_as_issued(code: str) -> bool:
    """Whether no letter stands for a digit, or only for the last ones, as they are issued from the right."""
    letters = "".join("l" if code[position].isalpha() else "d" for position in _DIGIT_POSITIONS)
    return "ld" not in letters


@lru_cache(maxsize=1)
def _birthplaces() -> Mapping[str, tuple[tuple[dt.date, dt.date], ...]]:
    """The days on which each Belfiore code (comune or foreign state) was in being: ANPR's, by python-codicefiscale."""
    spans: dict[str, list[tuple[dt.date, dt.date]]] = {}
    for row in (*_places.get_municipalities_data(), *_places.get_countries_data()):
        created, deleted = row["date_created"], row["date_deleted"]
        spans.setdefault(row["code"], []).append(
            (
                dt.date.fromisoformat(created[:10]) if created else dt.date.min,
                dt.date.fromisoformat(deleted[:10]) if deleted else dt.date.max,
            )
        )
    # Between two rows of one code the data has short holes (a comune renamed, its new row dated later): a code
    # counts as being from its first day to its last. Codes of before 1900 rows begin with the unification's dates.
    return {code: ((min(start for start, _ in rows), max(end for _, end in rows)),) for code, rows in spans.items()}


@lru_cache(maxsize=1)
def _horizon() -> dt.date:
    """No code is of somebody born more than ten years after the newest row of the data: «85» is not 2085.

    The rules have no clock; the data's own age stands in for it.
    """
    newest = max(start for spans in _birthplaces().values() for start, _ in spans)
    return dt.date(newest.year + 10, 12, 31)


def place_existed(belfiore: str, on: dt.date) -> bool:
    """Whether the comune or state of that code was in being on the day.

    Foreign states keep no trustworthy start and end in the data (a code may be given after a birth): known is enough.
    """
    spans = _birthplaces().get(belfiore)
    if spans is None:
        return False
    return belfiore.startswith("Z") or any(start <= on <= end for start, end in spans)


@lru_cache(maxsize=1)
def _names_of_places() -> Mapping[str, tuple[str, ...]]:
    names: dict[str, list[str]] = {}
    for row in (*_places.get_municipalities_data(), *_places.get_countries_data()):
        names.setdefault(row["code"], []).append(compact_name(row["name"]))
    return {code: tuple(dict.fromkeys(found)) for code, found in names.items()}


def birthplaces(code: str) -> tuple[str, ...]:
    """What the place of birth in a code is or was called, by compact names: «crema»; none if it is no place."""
    return _names_of_places().get(decoded(code)[11:15], ())


def birth_dates(code: str) -> tuple[dt.date, ...]:
    """The days of birth that the code allows, earlier century first: the year has two digits only."""
    plain = decoded(code)
    try:
        year, month, day = int(plain[6:8]), _MONTHS.index(plain[8]) + 1, int(plain[9:11])
    except ValueError:
        return ()
    day -= _GENDER_SHIFT if day > _GENDER_SHIFT else 0
    found = []
    for century in (1900, 2000):
        try:
            found.append(dt.date(century + year, month, day))
        except ValueError:
            continue
    return tuple(born for born in found if born <= _horizon())


def is_female(code: str) -> bool:
    """Whether the day of birth is written with 40 added."""
    return int(decoded(code)[9:11]) > _GENDER_SHIFT


def choose_birth_date(
    code: str, *, on: dt.date, written: frozenset[dt.date] = frozenset(), minor: bool | None = None
) -> dt.date | None:
    """The day of birth, if the century can be told; otherwise ``None``.

    Args:
        code: a valid code.
        on: the day of the paper (or of the scan): nobody was born after it.
        written: birth dates that stand on the page.
        minor: whether the paper says that the person was a minor, or an adult; ``None`` when it says nothing.
    """
    possible = [day for day in birth_dates(code) if day <= on]
    stated = [day for day in possible if day in written]
    if len(stated) == 1:
        return stated[0]
    if minor is not None:
        possible = [day for day in possible if ((on - day).days < 18 * 366) is minor]
    return possible[0] if len(possible) == 1 else None


def is_valid(code: str) -> bool:
    """Whether the code has the right shape and check character, a real day, and a birthplace in being on that day."""
    if not _SHAPE.fullmatch(code) or check_character(code[:15]) != code[15]:
        return False
    place = decoded(code)[11:15]
    return any(place_existed(place, day) for day in birth_dates(code))


def surname_code(surname: str) -> str:
    """The three letters of a surname: its consonants, then its vowels, then X."""
    return _three("".join(char for char in fold(surname) if "a" <= char <= "z"), skip_second=False)


def name_code(name: str) -> str:
    """The three letters of a given name: the first, third and fourth consonant when there are four or more."""
    return _three("".join(char for char in fold(name) if "a" <= char <= "z"), skip_second=True)


def _three(letters: str, *, skip_second: bool) -> str:
    consonants = [char for char in letters if char not in "aeiou"]
    if skip_second and len(consonants) > 3:
        del consonants[1]
    vowels = [char for char in letters if char in "aeiou"]
    return ("".join(consonants[:3] + vowels[:3]) + "xxx")[:3].upper()


def fits_name(code: str, words: tuple[str, ...]) -> bool:
    """Whether the code's six letters are those of the name, with the surname first or last and cut anywhere.

    ``words`` are folded name words in the order of the page; the consonants settle which part is the surname. Given
    names beyond the first are optional: papers drop them («Maria Teresa» signs «Maria»).
    """
    return name_order(code, words) is not None


def name_order(code: str, words: tuple[str, ...]) -> tuple[str, str] | None:
    """The surname and the given name in ``words`` that make the code's letters, or ``None``."""
    surname, name = code[:3], code[3:6]
    if len(words) == 1:
        return (words[0], "") if surname_code(words[0]) == surname and name == "XXX" else None
    for cut in range(1, len(words)):
        for family, given in ((words[:cut], words[cut:]), (words[cut:], words[:cut])):
            if surname_code("".join(family)) == surname and name_code("".join(given)) == name:
                return " ".join(family), " ".join(given)
    return None


def fits_given_name(code: str, words: tuple[str, ...]) -> bool:
    """Whether the code's given name is the first or the last of ``words``, whatever the surname.

    A married woman is written under her husband's surname, her code keeps the one she was born with.
    """
    parts = (words[:cut] for cut in range(1, len(words))), (words[cut:] for cut in range(1, len(words)))
    return any(name_code("".join(part)) == code[3:6] for side in parts for part in side)


def nearly_fits_name(code: str, words: tuple[str, ...]) -> bool:
    """Whether five at least of the code's six letters are those of the name: one letter of the name was misread."""
    for cut in range(1, len(words)):
        for family, given in ((words[:cut], words[cut:]), (words[cut:], words[:cut])):
            letters = surname_code("".join(family)) + name_code("".join(given))
            if sum(one != two for one, two in zip(letters, code[:6], strict=True)) <= 1:
                return True
    return False


def rebuild(read: str, words: tuple[str, ...], birth: dt.date) -> str | None:
    """The one valid code of that name and birth date that the sixteen characters read may have been, or ``None``.

    Args:
        read: sixteen letters and digits, of which the first eleven may be misread in four places.
        words: folded name words in either order.
        birth: the day of birth as written beside the code.
    """
    found: set[str] = set()
    for cut in range(1, len(words)):
        for family, given in ((words[:cut], words[cut:]), (words[cut:], words[:cut])):
            for shift in (0, _GENDER_SHIFT):
                head = surname_code("".join(family)) + name_code("".join(given))
                head += f"{birth.year % 100:02d}{_MONTHS[birth.month - 1]}{birth.day + shift:02d}"
                changed = [place for place in range(len(head)) if head[place] != read[place]]
                if len(changed) > _MAX_MISREAD_HEAD or not _name_letters_alike(read, head):
                    continue  # the name beside it may be the misread one
                whole = head + read[len(head) :]
                if is_valid(whole):
                    found.add(whole)
                elif not changed:
                    found.update(code for code, _ in repair(whole) if code.startswith(head))
    return found.pop() if len(found) == 1 else None


def _name_letters_alike(read: str, head: str) -> bool:
    return all(one == two or two in LOOK_ALIKES.get(one, ()) for one, two in zip(read[:6], head[:6], strict=True))


def _position_fits(char: str, position: int) -> bool:
    if position in _DIGIT_POSITIONS:
        return char in "0123456789LMNPQRSTUV"
    if position == 8:
        return char in _MONTHS
    return "A" <= char <= "Z"


def looks_damaged(text: str) -> bool:
    """Whether sixteen characters may be a damaged code: at least 4 of 7 digits and 6 of 9 letters in place."""
    if len(text) != LENGTH or not text.isascii():
        return False
    digits = sum(text[position].isdigit() for position in _DIGIT_POSITIONS)
    letters = sum("A" <= text[position] <= "Z" for position in _LETTER_POSITIONS)
    return digits >= _MIN_DIGITS and letters >= _MIN_LETTERS


def differences(read: str, code: str) -> int | None:
    """How many characters of ``read`` differ from ``code``, or ``None`` when one is no look-alike of the other."""
    count = 0
    for char, wanted in zip(read, code, strict=True):
        if char != wanted:
            if wanted not in LOOK_ALIKES.get(char, ()):
                return None
            count += 1
    return count


def repair(read: str) -> tuple[tuple[str, int], ...]:
    """The valid codes that ``read`` (sixteen characters, upper case) may have been, each with its number of changes.

    Positions of the wrong class take look-alikes of the right class; then up to one further swap. Only the
    candidates with the fewest changes are given: more than one means that the code is ambiguous.
    """
    if not looks_damaged(read):
        return ()
    choices: list[str] = []
    forced = 0
    for position, char in enumerate(read):
        fitting = [char] if _position_fits(char, position) else []
        if not fitting:
            forced += 1
            fitting = sorted(other for other in LOOK_ALIKES.get(char, ()) if _digit_or_letter(other, position))
            if not fitting or forced > _MAX_CHANGES:
                return ()
        choices.append("".join(fitting))
    for free in range(min(_MAX_FREE_CHANGES + (0 < forced <= 1), _MAX_CHANGES - forced) + 1):
        found: dict[str, int] = {}
        for positions in combinations(range(LENGTH), free):
            for candidate in _swapped(read, choices, positions):
                if candidate not in found and is_valid(candidate):
                    found[candidate] = forced + free
        if found:
            return tuple(sorted(found.items()))
    return ()


def _digit_or_letter(char: str, position: int) -> bool:
    """Repairs put digits, not omocodic letters, in digit positions: omocodia is rare, misreading is not."""
    if position in _DIGIT_POSITIONS:
        return char.isdigit()
    return _position_fits(char, position)


def _swapped(read: str, choices: list[str], positions: tuple[int, ...]) -> Iterator[str]:
    options = list(choices)
    for position in positions:
        if len(choices[position]) != 1 or choices[position] != read[position]:
            return
        options[position] = "".join(
            sorted(char for char in LOOK_ALIKES.get(read[position], ()) if _digit_or_letter(char, position))
        )
        if not options[position]:
            return
    # The check character is computed, not tried: sixteen positions with many look-alikes stay cheap.
    size = 1
    for option in options:
        size *= len(option)
    if size > _CANDIDATE_LIMIT:
        return
    for chars in product(*options):
        candidate = "".join(chars)
        if check_character(candidate[:15]) == candidate[15]:
            yield candidate


@dataclass(frozen=True, slots=True)
class CodeToken:
    """Sixteen characters that may be a code: upper case, with their span on the page.

    ``whole``: one word, or pieces behind a label («C.F.»). Other pieces put together are too often dates and words:
    the rules alone never repair them.
    """

    text: str
    start: int
    end: int
    whole: bool = True


def code_tokens(reading: Reading) -> tuple[CodeToken, ...]:
    """The whole tokens of sixteen characters on the page, joined from up to six neighbours on a line.

    Scanners split codes at every gap of a form's boxes («RSSMRA 85T10 A562S», «R S S M R A …»).
    """
    pieces = [
        (match.group().translate(_STROKES).upper(), match.start(), match.end())
        for match in _PIECE.finditer(reading.raw)
    ]
    found: list[CodeToken] = []
    taken = -1
    for index, (text, start, _) in enumerate(pieces):
        if start < taken:
            continue
        size, last = len(text), index
        while size < LENGTH and last + 1 < len(pieces):
            gap = reading.raw[pieces[last][2] : pieces[last + 1][1]]
            # One-letter boxes need sixteen pieces; otherwise six are enough.
            boxed = all(len(piece[0]) == 1 for piece in pieces[index : last + 2])
            if not _BETWEEN.fullmatch(gap) or (last + 1 - index >= _MAX_PIECES and not boxed):
                break
            last += 1
            size += len(pieces[last][0])
        if size == LENGTH:
            joined = "".join(piece[0] for piece in pieces[index : last + 1])
            if joined.isascii() and joined.isalnum() and looks_like(joined):
                whole = last == index or _LABEL.search(reading.folded[max(start - 24, 0) : start]) is not None
                found.append(CodeToken(joined, start, pieces[last][2], whole))
                taken = pieces[last][2]
    return tuple(found)


def looks_like(text: str) -> bool:
    """Whether the text has a code's shape already, or is near enough for a repair."""
    return _SHAPE.fullmatch(text) is not None or looks_damaged(text)


def find_codes(reading: Reading) -> tuple[FoundCode, ...]:
    """The codes on a page: valid as read, or repaired by the rules alone (ambiguous ones with their alternatives)."""
    found = []
    for token in code_tokens(reading):
        raw = reading.raw[token.start : token.end]
        if is_valid(token.text):
            found.append(FoundCode(raw, token.text, token.start, token.end))
            continue
        candidates = repair(token.text) if token.whole else ()
        if candidates:
            code, changes = candidates[0]
            found.append(
                FoundCode(raw, code, token.start, token.end, changes, tuple(other for other, _ in candidates[1:]))
            )
    return tuple(found)
