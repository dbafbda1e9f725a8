"""Names on a page: those of the register, in both orders, and those of strangers, known by the words around them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import Final

from faldone.classify import codice_fiscale as cf
from faldone.classify.dates import MONTH_NAMES
from faldone.classify.lexicon import Lexicon, given_names
from faldone.classify.normalise import LOOK_ALIKES
from faldone.classify.normalise import name_words as name_words_of
from faldone.classify.persons.fillers import only_fillers
from faldone.classify.persons.mention import CodeReading, Mention
from faldone.classify.persons.rows import is_word_of_a_point
from faldone.classify.persons.words import PARTICLES, NameWord, comuni, is_born, runs, shown
from faldone.classify.phrases import Hit
from faldone.classify.reading import Reading
from faldone.classify.register import NameMatch, PersonRegister
from faldone.domain.attribution import Role
from faldone.domain.person import Person

_MAX_NAME_WORDS: Final = 5
_MAX_SPELLINGS: Final = 8
_CODE_REACH_CHARS: Final = 220
_CUE_CHARS: Final = 24
_PLACE_CHARS: Final = 28
_MIN_ONE_WORD: Final = 4
_AFTER_NAME = re.compile(
    r"[\s,;.(:\-]{0,4}(?:di anni|nat[oaie]\b|n\.\s?(?:a|il)\b|c\.?\s?f\b|cod(?:ice)?\.?\s*fisc|residente|res\.|d\.?n\.)"
)
_DAY_CHARS: Final = 8
_DAY_BEFORE: Final = re.compile(r"(?:[0-9°]|\bmes[ei])\W{0,3}$")
_YEAR_BEHIND: Final = re.compile(r"[^\w\n]{0,3}[0-9]")
_INFINITIVE: Final = re.compile(r"[a-z]{3,}(?:are|ere|ire)")
_STREET_ENDS: Final = re.compile(r"\b(?:in|alla) (?:via|viale|vicolo|piazza|corso|largo)\s*$")
_QUOTES: Final = '«“"„‹'


def names_of_register(
    reading: Reading, words: Sequence[NameWord], register: PersonRegister, lexicon: Lexicon
) -> list[Mention]:
    """Every place where a name of the register stands, the longest first."""
    mentions: list[Mention] = []
    for run in runs(reading, words):
        index = taken = 0
        while index < len(run):
            found = _longest_match(run, index, register)
            if found is None or in_place_name(run, index, reading, lexicon):
                index += 1
                continue
            size, match = found
            first, end = _with_given_names(run, index, index + size, taken, register, lexicon)
            part = run[first:end]
            mentions.append(
                Mention(
                    reading,
                    part[0].start,
                    part[-1].end,
                    shown(reading, part),
                    tuple(word.text for word in part),
                    match.persons,
                    exact=not match.partial,
                    trimmed=_has_more(run, index, size, register, lexicon),
                    labelled=bool(part[0].label),
                )
            )
            index = taken = end
    return mentions


def _longest_match(run: Sequence[NameWord], index: int, register: PersonRegister) -> tuple[int, NameMatch] | None:
    partial: tuple[int, NameMatch] | None = None
    for size in range(min(_MAX_NAME_WORDS, len(run) - index), 1, -1):
        match = register.by_name([word.text for word in run[index : index + size]])
        if match.persons and not match.partial:
            return size, match
        if match.persons and partial is None:
            partial = size, match
    return partial


def _with_given_names(
    run: Sequence[NameWord], first: int, end: int, taken: int, register: PersonRegister, lexicon: Lexicon
) -> tuple[int, int]:
    """The places of a name of the register and of the given names that the paper has beside its given names.

    «DAL POZZO Maria Teresa» is a name, and perhaps of somebody else than the register's «Dal Pozzo Maria». What is
    ``taken``, or begins another name of the register, is left.
    """

    def goes_on(inside: NameWord, outside: NameWord) -> bool:
        gap = max(inside.start, outside.start) - min(inside.end, outside.end)
        given = inside.text in given_names() and outside.text in given_names()
        return given and gap == 1 and outside.capital and not outside.label and outside.text not in lexicon.not_names

    while first > taken and goes_on(run[first], run[first - 1]):
        first -= 1
    while end < len(run) and goes_on(run[end - 1], run[end]) and _longest_match(run, end, register) is None:
        end += 1
    return first, end


def _has_more(run: Sequence[NameWord], index: int, size: int, register: PersonRegister, lexicon: Lexicon) -> bool:
    """Whether the name goes on beyond the match: «Rossi Maria Teresa» is not the register's «Rossi Maria»."""
    for neighbour, touching in ((index - 1, index), (index + size, index + size - 1)):
        if 0 <= neighbour < len(run):
            word = run[neighbour]
            inside = run[min(neighbour, touching)]
            outside = run[max(neighbour, touching)]
            same_line = outside.start - inside.end <= 2
            # «fascicolo di Maria Rossi»: a small particle before the name is a preposition.
            particle = word.text in PARTICLES and (word.capital or neighbour > index)
            named = word.text in given_names() or register.is_name_word(word.text)
            goes_on = particle or (named and word.text not in PARTICLES)
            if same_line and goes_on and word.text not in lexicon.not_names and not word.label:
                return True
    return False


def in_place_name(run: Sequence[NameWord], index: int, reading: Reading, lexicon: Lexicon) -> bool:
    """Whether the word before is a street, school or body: «Via Giuseppe Verdi» is nobody.

    Also where the line ends behind it: «residente a Crema in via / Leonardo da Vinci, 98».
    """
    before = reading.folded[max(run[index].start - _PLACE_CHARS, 0) : run[index].start]
    above, ends, line = before.rpartition("\n")
    if ends and not line.strip() and _STREET_ENDS.search(above) is not None:
        return True
    previous = re.findall(r"[a-z0-9.]+", line)[-2:]
    tokens = [word.replace(".", "") for word in previous]
    if not tokens:
        return False
    return tokens[-1] in lexicon.place_words or (
        tokens[-1] in PARTICLES and len(tokens) > 1 and tokens[-2] in lexicon.place_words
    )


def names_by_shape(
    reading: Reading,
    words: Sequence[NameWord],
    known: Sequence[Mention],
    hits: Sequence[Hit],
    codes: Sequence[CodeReading],
    register: PersonRegister,
    lexicon: Lexicon,
) -> list[Mention]:
    """Names that the register has not as written: respelt ones, and strangers shown by a cue, a code or a birth."""
    taken = [(mention.start, mention.end) for mention in known]
    free = [
        word
        for index, word in enumerate(words)
        if not any(start <= word.start < end for start, end in taken)
        and (
            word.label
            or not _no_name(word.text, lexicon)
            or _surname_particle(word)
            or _is_surname_of_a_month(words, index, reading)
        )
        and not is_word_of_a_point(reading, word.start, word.text)
    ]
    cue_ends = {hit.end: lexicon.cues[int(hit.entry.code)].role for hit in hits if hit.entry.family == "cue"}
    found: list[Mention] = []
    for run in runs(reading, free):
        for part in _pieces(run, reading):
            while part[-1].text in PARTICLES and len(part) > 1:
                part.pop()
            texts = tuple(word.text for word in part)
            if _is_comune(texts) or all(len(text) < 3 for text in texts) or in_place_name(part, 0, reading, lexicon):
                continue
            start, end = part[0].start, part[-1].end
            roles = {
                role
                for cue_end, role in cue_ends.items()
                if 0 <= start - cue_end <= _CUE_CHARS and only_fillers(reading.folded[cue_end:start], 0)
            }
            cued = bool(roles)
            followed = _AFTER_NAME.match(reading.folded, end) is not None
            coded = any(abs(code.start - end) <= _CODE_REACH_CHARS and cf.fits_name(code.code, texts) for code in codes)
            labelled = bool(part[0].label)
            if sum(text not in PARTICLES for text in texts) == 1:
                # One-word names (Bangladesh, India) are names only beside a cue or their own code; «De Vecchi» is a
                # surname like «Rossi».
                match = register.by_name(texts)
                alone = (labelled or Role.HOLDER in roles) and followed and _may_stand_alone(part)
                if coded or alone or (match.persons and (cued or labelled or followed)):
                    found.append(_mention(reading, part, match.persons, exact=True))
                continue
            if not (coded or labelled or followed) and (_is_a_title(part, reading) or _is_a_service(part, hits)):
                continue
            vocabulary = sum(text in lexicon.book.vocabulary and text not in PARTICLES for text in texts)
            given = any(text in given_names() for text in texts)
            surely = coded or labelled or ((cued or followed) and vocabulary < len(texts))
            respelt = _respelt(texts, register) if surely or (len(texts) <= 4 and vocabulary == 0) else ()
            bare = (
                given
                and vocabulary == 0
                and sum(text not in PARTICLES for text in texts) <= 3
                and not any(word.upper and len(word.text) == 1 for word in part)
                and not _INFINITIVE.fullmatch(texts[0])
                and not _is_of_somebody(part)
            )
            if respelt or surely or bare:
                found.append(_mention(reading, part, respelt, exact=False))
    return found


def _is_of_somebody(part: Sequence[NameWord]) -> bool:
    """«Mediche di Chiara»: a thing of somebody, not a surname."""
    return any(
        not word.capital and word.text in PARTICLES and following.text in given_names()
        for word, following in pairwise(part)
    )


def _may_stand_alone(part: Sequence[NameWord]) -> bool:
    """Whether one word may be the whole name of a stranger: long, and no comune («utente Crema, residente …»)."""
    return part[0].capital and any(len(word.text) >= _MIN_ONE_WORD and word.text not in comuni() for word in part)


def _surname_particle(word: NameWord) -> bool:
    """«DI STEFANO», «Degli Agosti»: a particle written as part of a surname."""
    return word.text in PARTICLES and word.capital


def _is_surname_of_a_month(words: Sequence[NameWord], index: int, reading: Reading) -> bool:
    """«Caterina DI MAGGIO», «Di Gennaro Luca»: a month behind the particle of a surname, and in no date."""
    word = words[index]
    if word.text not in MONTH_NAMES or not word.capital or not index:
        return False
    particle = words[index - 1]
    before = reading.folded[max(particle.start - _DAY_CHARS, 0) : particle.start]
    return (
        _surname_particle(particle)
        and reading.folded[particle.end : word.start] == " "
        and _DAY_BEFORE.search(before) is None
        and _YEAR_BEHIND.match(reading.folded, word.end) is None
    )


def _is_a_title(part: Sequence[NameWord], reading: Reading) -> bool:
    """Whether the words are of a title («Scuola «Dante Alighieri»», «AL RITIRO DI DOCUMENTI») and name nobody."""
    if reading.raw[part[0].start - 1 : part[0].start] in _QUOTES and part[0].start:
        return True
    capitals = part[0].text in PARTICLES and all(word.upper for word in part)
    return capitals and not any(word.text in given_names() for word in part)


def _is_a_service(part: Sequence[NameWord], hits: Sequence[Hit]) -> bool:
    """Whether the words are what a service is called («beneficiario del Reddito di Inclusione»)."""
    return any(
        hit.entry.family == "service" and hit.start <= part[0].start and part[-1].end <= hit.end for hit in hits
    ) and not any(word.text in given_names() for word in part)


def _is_comune(words: Sequence[str]) -> bool:
    """Whether the words are a comune («Vaiano Cremasco»), perhaps behind a particle («DI BRESCIA»)."""
    if words[0] in PARTICLES and len(words) == 2 and words[1] in comuni():
        return True
    return len(words) > 1 and "".join(words) in comuni()


def _no_name(text: str, lexicon: Lexicon) -> bool:
    """Whether the word is one of those that are no names, also with look-alikes read for its letters («Cornune»).

    Another letter altogether makes another word: «Agosti» is a surname, «agosto» a month.
    """
    if text in lexicon.not_names or is_born(text):
        return True
    if len(text) < 6 or text in given_names():
        return False
    begin_alike = _by_start(lexicon.not_names).get((len(text), text[:2]), ())
    return any(_look_alike(text, other) for other in begin_alike)


@lru_cache(maxsize=4)
def _by_start(words: frozenset[str]) -> Mapping[tuple[int, str], Sequence[str]]:
    """Words by their length and first two letters: every word of every page is held against them."""
    found: dict[tuple[int, str], list[str]] = {}
    for word in words:
        found.setdefault((len(word), word[:2]), []).append(word)
    return found


def _look_alike(text: str, other: str) -> bool:
    """Whether two words of one length differ in one letter that scanners take for the other's."""
    pairs = [(one, two) for one, two in zip(text, other, strict=True) if one != two]
    if len(pairs) != 1:
        return False
    one, two = pairs[0]
    return two.upper() in LOOK_ALIKES.get(one.upper(), frozenset()) or {one, two} in _SMALL_LOOK_ALIKES


_SMALL_LOOK_ALIKES: Final = (
    {"c", "e"},
    {"i", "l"},
    {"i", "t"},
    {"l", "t"},
    {"n", "u"},
    {"r", "n"},
    {"h", "b"},
    {"f", "t"},
)


def _pieces(run: list[NameWord], reading: Reading) -> list[list[NameWord]]:
    """A run cut where a line ends behind a whole name, and, if it is too long for one name, at every wide gap."""
    pieces: list[list[NameWord]] = [[]]
    for word in run:
        current = pieces[-1]
        if current:
            gap = reading.raw[current[-1].end : word.start]
            ended = "\n" in gap and not word.label and _ends_before(current, word, reading)
            if ended or (len(run) > 4 and len(gap) > 1 and not word.label):
                pieces.append([])
        pieces[-1].append(word)
    return [piece[:_MAX_NAME_WORDS] for piece in pieces if piece]


def _ends_before(part: Sequence[NameWord], word: NameWord, reading: Reading) -> bool:
    """Whether the name is whole, so that the next line begins something else («Anna NERI / Depositato»)."""
    if len(part) < 2 or part[-1].text in PARTICLES:
        return False
    if any(one.text in given_names() for one in (part[0], part[-1])):
        return True
    # «HUAMAN LOOR / Daniela, nata …» goes on; «QUISPE STEVEN / Salute» does not.
    goes_on = word.text in given_names() or _AFTER_NAME.match(reading.folded, word.end) is not None
    return not goes_on and part[-1].upper != word.upper


def _mention(reading: Reading, part: Sequence[NameWord], persons: tuple[Person, ...], *, exact: bool) -> Mention:
    return Mention(
        reading,
        part[0].start,
        part[-1].end,
        shown(reading, part),
        tuple(word.text for word in part),
        persons,
        exact=exact,
        labelled=bool(part[0].label),
    )


def _respelt(words: tuple[str, ...], register: PersonRegister) -> tuple[Person, ...]:
    """The register's persons one misread letter away, or of the same sound (Mohamed, Muhammad): weak evidence.

    A word that is a name already is never respelt (Mario, Maria).
    """
    options: list[tuple[str, ...]] = []
    changed = False
    for word in words:
        if register.is_name_word(word) or word in given_names():
            options.append((word,))
            continue
        near = register.spellings(word)
        if not near:
            return _sounding(words, register)
        changed = True
        options.append(near)
    persons: dict[str, Person] = {}
    for tried, combination in enumerate(product(*options) if changed else ()):
        if tried >= _MAX_SPELLINGS:
            break
        match = register.by_name(combination)
        if not match.partial:
            persons.update((person.id, person) for person in match.persons)
    return tuple(persons.values()) or _sounding(words, register)


def _sounding(words: tuple[str, ...], register: PersonRegister) -> tuple[Person, ...]:
    """Those of the same sound who keep every given name as written: Emanuela does not sound like Emanuele."""
    given = {word for word in words if word in given_names()}
    return tuple(
        person
        for person in register.by_sound(words)
        if given <= set(name_words_of(person.name)) | set(name_words_of(person.surname))
        or not any(word in given_names() for word in name_words_of(person.name))
    )
