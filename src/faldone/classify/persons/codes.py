"""Codes on a page, and which name each code and each birth date belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rapidfuzz.distance import OSA

from faldone.classify import codice_fiscale as cf
from faldone.classify.dates import FoundDate
from faldone.classify.normalise import name_words
from faldone.classify.persons.mention import CodeReading, Mention
from faldone.classify.reading import Reading
from faldone.classify.register import PersonRegister

_CODE_REACH_CHARS: Final = 220
_BIRTH_REACH_CHARS: Final = 150
_BESIDE_CHARS: Final = 90
"""A code this near behind a name is that name's, even where a married name hides the surname it was made of."""

_LABEL = re.compile(r"\b(?:c\.?\s?f\b|cod(?:ice)?\.?\s*fisc(?:ale)?)[\s.:;\-]{0,6}")
_HOUSEHOLD_HEADING: Final = re.compile(
    r"\n\W*(?:(?:composizione|componenti) |(?:nucleo|rete) famil|familiari\b)[^\n]*\n"
)
_BIRTH_CUE: Final = re.compile(r"\bna[tsf][a-z]{1,5}|\bn\.")
_OTHER_FIELD: Final = re.compile(r"\n[^\n:]{2,30}:")
_DAMAGED_CHARS: Final = 24
_MIN_TO_TRIM: Final = 3
_MAX_DAMAGE: Final = 4
_APART: Final = 3
"""So many characters worse must another namesake's code fit, to say that the damaged code is not theirs."""


def read_codes(reading: Reading, register: PersonRegister) -> tuple[CodeReading, ...]:
    """The codes of a page: as read when valid, else the register's look-alike, else repaired by the rules alone."""
    found = []
    for token in cf.code_tokens(reading):
        raw = reading.raw[token.start : token.end]
        if cf.is_valid(token.text):
            found.append(CodeReading(raw, token.text, token.start, token.end, 0, register.by_cf(token.text)))
            continue
        # Omocodic codes have fewer digits than the gate asks; only the register may vouch for them, and closely.
        near = register.near_cf(token.text, 3 if cf.looks_damaged(token.text) else 1)
        fewest = min((count for _, count in near), default=0)
        near = tuple(item for item in near if item[1] == fewest)
        if near:
            persons = tuple(person for person, _ in near)
            codes = sorted({(person.cf or "").upper() for person in persons})
            found.append(CodeReading(raw, codes[0], token.start, token.end, max(fewest, 1), persons, tuple(codes[1:])))
            continue
        candidates = cf.repair(token.text) if token.whole else ()
        if candidates:
            code, changes = candidates[0]
            found.append(
                CodeReading(
                    raw,
                    code,
                    token.start,
                    token.end,
                    changes,
                    register.by_cf(code),
                    tuple(other for other, _ in candidates[1:]),
                )
            )
    for match in re.finditer(r"(?<![0-9])[0-9]{11}(?![0-9])", reading.raw):
        # Eleven digits are a firm's number unless the register has them as somebody's provisional code.
        persons = register.by_cf(match.group())
        if persons:
            found.append(CodeReading(match.group(), match.group(), match.start(), match.end(), 0, persons))
    return tuple(sorted(found, key=lambda code: code.start))


def bind_codes(reading: Reading, mentions: Sequence[Mention], codes: Sequence[CodeReading]) -> list[Mention]:
    """Each code goes to the nearest name whose consonants it has; a code without one is a mention of its own."""
    bound = [_trimmed_by(mention, codes) for mention in mentions]
    for code in codes:
        best: tuple[int, int, CodeReading] | None = None
        for index, mention in enumerate(bound):
            if mention.code is not None:
                continue
            distance = code.start - mention.end if code.start >= mention.end else mention.start - code.end
            if not 0 <= distance <= _CODE_REACH_CHARS:
                continue
            fitting = _fitting(code, mention)
            if fitting is not None and (best is None or distance < best[0]):
                best = distance, index, fitting
        owner = best[1] if best is not None else _married(code, bound)
        if owner is None:
            bound.append(Mention(reading, code.start, code.end, "", (), code=code))
        else:
            bound[owner] = replace(bound[owner], code=best[2] if best is not None else code)
    bound.sort(key=lambda mention: (mention.start, mention.end))
    return [_with_damaged_code(mention, bound) for mention in bound]


def _trimmed_by(mention: Mention, codes: Sequence[CodeReading]) -> Mention:
    """The mention without a word of the form that was read into the name («FONTANA PAOLINA Cod»), as a code tells."""
    parts = mention.name.split()
    if mention.persons or len(mention.words) < _MIN_TO_TRIM or len(parts) != len(mention.words):
        return mention
    near = [
        code.code
        for code in codes
        if not code.changes and len(code.code) == cf.LENGTH and abs(code.start - mention.end) <= _CODE_REACH_CHARS
    ]
    if any(cf.fits_name(code, mention.words) for code in near):
        return mention
    for first, last in ((0, -1), (0, -2), (1, len(parts))):
        words = mention.words[first:last]
        if len(words) >= 2 and any(cf.fits_name(code, words) for code in near):
            return replace(mention, words=words, name=" ".join(parts[first:last]))
    return mention


def _fitting(code: CodeReading, mention: Mention) -> CodeReading | None:
    """The code as the name allows it: the name may settle which of several repaired readings is right."""
    fits = (
        [
            candidate
            for candidate in (code.code, *code.alternatives)
            if cf.fits_name(candidate, mention.words)
            or any((person.cf or "").upper() == candidate for person in mention.persons)
        ]
        if len(code.code) == cf.LENGTH
        else [code.code] * any(person in mention.persons for person in code.persons)
    )
    return _only(code, fits) if fits else None


def _only(code: CodeReading, fits: Sequence[str]) -> CodeReading:
    """The code with no other readings than ``fits``, of which there is one at least."""
    if fits[0] == code.code and len(fits) == len(code.alternatives) + 1:
        return code
    persons = tuple(person for person in code.persons if (person.cf or "").upper() == fits[0])
    return replace(code, code=fits[0], persons=persons, alternatives=tuple(fits[1:]))


def _married(code: CodeReading, mentions: Sequence[Mention]) -> int | None:
    """The name that a code as read follows and nearly fits: one letter of it was misread, or it is a married name.

    «BIANCHI Maria … C.F. RSSMRA…» is née Rossi: the code keeps the surname of birth. «KOUALENKO … C.F. KVL…» bears the
    name that the register spells so, and the code says whether it is that person or a namesake.
    """
    before = [index for index, mention in enumerate(mentions) if mention.end <= code.start]
    if len(code.code) != cf.LENGTH or code.changes or not before:
        return None
    index = before[-1]
    mention = mentions[index]
    if mention.code is not None or not mention.words or code.start - mention.end > _CODE_REACH_CHARS:
        return None
    beside = code.start - mention.end <= _BESIDE_CHARS
    married = beside and cf.is_female(code.code) and cf.fits_given_name(code.code, mention.words)
    respelt = any(cf.fits_name(code.code, name_words(person.display_name)) for person in mention.persons)
    return index if married or respelt or cf.nearly_fits_name(code.code, mention.words) else None


def _with_damaged_code(mention: Mention, mentions: Sequence[Mention]) -> Mention:
    """The mention with what stands behind «C.F.», if it is like the code of one person who bears the name.

    A code too damaged for the rules still tells two namesakes apart, and the name vouches for the code.
    """
    if mention.code is not None or not mention.persons:
        return mention
    folded = mention.reading.folded
    following = [other.start for other in mentions if other.start >= mention.end]
    limit = min([mention.end + _CODE_REACH_CHARS, *following])
    label = _LABEL.search(folded, mention.end, limit)
    if label is None:
        return mention
    end = min(label.end() + _DAMAGED_CHARS, len(folded))
    read, stop = _squeezed(mention.reading, label.end(), end)
    if not cf.LENGTH - 2 <= len(read) <= cf.LENGTH + 2 or cf.is_valid(read):
        return mention  # a valid code is no damaged one of another person
    damage = sorted(
        (OSA.distance(read, person.cf.upper()), person.id, person)
        for person in mention.persons
        if person.cf is not None and len(person.cf) == cf.LENGTH
    )
    if not damage or damage[0][0] > _MAX_DAMAGE:
        return mention
    if len(damage) > 1 and damage[1][0] < damage[0][0] + _APART:
        return mention
    distance, _, person = damage[0]
    raw = mention.reading.raw[label.end() : stop]
    code = CodeReading(raw, (person.cf or "").upper(), label.end(), stop, max(distance, 1), (person,))
    return replace(mention, code=code)


def _squeezed(reading: Reading, start: int, end: int) -> tuple[str, int]:
    """The letters and digits of the line up to about a code's length, in capitals, and where they end."""
    read = ""
    for piece in re.finditer(r"[A-Za-z0-9]+|\n", reading.raw[start:end]):
        if piece.group() == "\n" or len(read) + len(piece.group()) > cf.LENGTH + 2:
            break
        read += piece.group().upper()
        end = start + piece.end()
    return read, end


def bind_births(mentions: Sequence[Mention], dates: Sequence[FoundDate]) -> list[Mention]:
    """Each birth date goes to the name before it; it settles between the readings of a repaired code."""
    bound = []
    for index, mention in enumerate(mentions):
        following = mentions[index + 1].start if index + 1 < len(mentions) else len(mention.reading.raw)
        limit = min(following, mention.end + _BIRTH_REACH_CHARS)
        behind = [found for found in dates if mention.end <= found.start < limit]
        stated = next((found for found in behind if found.birth and not _of_another(mention, found)), None)
        stated = stated or _known_birth(mention, behind)
        birth = stated.value if stated is not None else None
        sureness = mention.reading.confidence(stated.start, stated.end) if stated is not None else 0.0
        code = mention.code
        if code is not None and len(code.code) == cf.LENGTH and birth is not None:
            born_then = [one for one in (code.code, *code.alternatives) if birth in cf.birth_dates(one)]
            if born_then:
                code = _only(code, born_then)
            elif not mention.words:
                birth = None  # the next person's, whose name was lost
        others = tuple(found.value for found in behind if found is not stated)
        bound.append(replace(mention, birth=birth, birth_sureness=sureness, code=code, dates=others))
    return bound


def _of_another(mention: Mention, found: FoundDate) -> bool:
    """Whether a birth date stands in the rows of the household, or behind another field than that of «nato».

    «ROSSI ANNA / Composizione del nucleo / T~m~so ROSSI, nato il …» is the father's, whose name was lost, and in «nata
    il 4 aprile 1~8 / Servizio: … / 30 dicembre 2003 Telefonata …» her own was.
    """
    gap = mention.reading.folded[mention.end : found.start]
    if _HOUSEHOLD_HEADING.search(gap) is not None:
        return True
    told = gap[max((cue.end() for cue in _BIRTH_CUE.finditer(gap)), default=0) :]
    return _OTHER_FIELD.search(told) is not None


def _known_birth(mention: Mention, dates: Sequence[FoundDate]) -> FoundDate | None:
    """The date that is the birth date of a register's person of this name, where «nato» was not read as such."""
    known = {person.birth_date for person in mention.persons if person.birth_date is not None}
    return next((found for found in dates if found.value in known), None)


def rebuild_codes(mentions: Sequence[Mention]) -> list[Mention]:
    """Codes too damaged to be repaired alone, made whole from the name and the birth date beside them.

    Eleven of the sixteen characters follow from these two; the rest is checked by the place and the check character.
    """
    rebuilt = list(mentions)
    spent: set[int] = set()
    for index, mention in enumerate(mentions):
        known = mention.code is not None and (not mention.code.changes or mention.code.persons)
        if known or not mention.words or mention.birth is None:
            continue
        for start, end, read, owner in _readings_near(mentions, index):
            code = cf.rebuild(read, mention.words, mention.birth)
            if code is not None:
                raw = mention.reading.raw[start:end]
                changes = max(sum(one != two for one, two in zip(read, code, strict=True)), 1)
                rebuilt[index] = replace(mention, code=CodeReading(raw, code, start, end, changes, ()))
                spent.update(() if owner is None or owner == index else (owner,))
                break
    return [mention for index, mention in enumerate(rebuilt) if index not in spent]


def _readings_near(mentions: Sequence[Mention], index: int) -> list[tuple[int, int, str, int | None]]:
    """What may be the code of a mention: its own reading, a nameless one behind it, or what follows «C.F.»."""
    mention = mentions[index]
    found: list[tuple[int, int, str, int | None]] = []
    for other_index, other in enumerate(mentions[index : index + 2], start=index):
        code = other.code
        if code is not None and (other_index == index or (not other.words and code.changes)):
            found.append((code.start, code.end, _alone(code.raw), other_index))
    following = [other.start for other in mentions[index + 1 :] if other.words]
    limit = min([mention.end + _CODE_REACH_CHARS, *following])
    label = _LABEL.search(mention.reading.folded, mention.end, limit)
    if label is not None:
        end = min(label.end() + _DAMAGED_CHARS, len(mention.reading.folded))
        read, stop = _squeezed(mention.reading, label.end(), end)
        found.append((label.end(), stop, read, None))
    return [item for item in found if len(item[2]) == cf.LENGTH]


def _alone(raw: str) -> str:
    return "".join(char for char in raw.upper() if char.isascii() and char.isalnum())
