"""Who is named on the pages, and what each person is to the paper.

The holder is a role, not the first codice fiscale met: every decree names parents, siblings, judges and lawyers,
every letter its author (domain notes §2.4). Persons are found by code, by the register's names, and by cue words;
two with one name are told apart by code or birth date only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from typing import Final

from codicefiscale import data as place_data
from rapidfuzz.distance import OSA

from faldone.classify import codice_fiscale as cf
from faldone.classify.dates import FoundDate
from faldone.classify.lexicon import NOT_A_CUE, Lexicon, RoleCue, given_names
from faldone.classify.normalise import compact_name, fold, letters_from, name_words
from faldone.classify.phrases import Hit
from faldone.classify.reading import Reading
from faldone.classify.register import NameMatch, PersonRegister
from faldone.domain.attribution import Evidence, Role
from faldone.domain.person import Person

_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ž0-9|][A-Za-zÀ-ÖØ-öø-ž0-9|'’`´]*")
_GAP = re.compile(r"[ \n:_.·•*|\-]{0,8}")
_PARTICLES: Final = frozenset(
    [
        "de",
        "di",
        "del",
        "della",
        "dello",
        "dei",
        "degli",
        "da",
        "dal",
        "dalla",
        "dalle",
        "lo",
        "la",
        "li",
        "le",
        "el",
        "al",
        "ben",
        "bin",
        "van",
        "von",
        "der",
        "d",
    ]
)
_ELIDED: Final = re.compile(r"^(?:l|un|all|dall|dell|nell|sull|quell)['’`´](?=[A-ZÀ-Ö])")
_LABELS: Final = frozenset({"cognome", "nome", "cognomenome"})
_FILLERS: Final = frozenset(
    [
        "sig",
        "sigra",
        "ra",
        "signor",
        "signora",
        "sigg",
        "signori",
        "cognome",
        "nome",
        "e",
        "ed",
        "il",
        "la",
        "lo",
        "i",
        "gli",
        "le",
        "l",
        "di",
        "del",
        "della",
        "dello",
        "dei",
        "delle",
        "d",
        "a",
        "al",
        "alla",
        "ai",
        "alle",
        "dott",
        "dottssa",
        "ssa",
        "dr",
        "c",
        "o",
        "quale",
        "tale",
        "ns",
        "nostro",
        "nostra",
        "vostro",
        "vostra",
        "suo",
        "sua",
        "proprio",
        "propria",
        "suoi",
        "figlio",
        "figlia",
        "figli",
        "generalita",
        "nominativo",
        "n",
        "nr",
        "denominato",
    ]
)
_MAX_NAME_WORDS: Final = 5
_MAX_SPELLINGS: Final = 8
_CUE_REACH_TOKENS: Final = 1
_CUE_REACH_CHARS: Final = 60
_AFTER_REACH_CHARS: Final = 10
_CARRY_CHARS: Final = 170
_CODE_REACH_CHARS: Final = 220
_BIRTH_REACH_CHARS: Final = 150
_AFTER_NAME = re.compile(
    r"[\s,;(:\-]{0,4}(?:di anni|nat[oaie]\b|n\.\s?(?:a|il)\b|c\.?\s?f\b|cod(?:ice)?\.?\s*fisc|residente|res\.|d\.?n\.)"
)
_SUBJECT = re.compile(r"^\s*ogg(?:etto|\.)\s*:?")
_SUBJECT_ENDS = re.compile(
    r"^\s*(?:egregi|gentil|spett|il sottoscritt|la sottoscritt|con la presente|con riferimento|in riferimento|"
    r"vist[oai]\b|premess|si \w+|la presente|prot)"
)
_BORN_CUE_SCORE: Final = 0.5
_BARE_SCORE: Final = 0.3
_LABELLED_SCORE: Final = 0.74
_SUBJECT_SCORE: Final = 0.82


@dataclass(frozen=True, slots=True)
class NameWord:
    """A word that may be part of a name: folded letters, span, and whether it starts with a capital."""

    text: str
    start: int
    end: int
    capital: bool
    upper: bool
    labelled: bool = False


@dataclass(frozen=True, slots=True)
class CodeReading:
    """A code on the page and the register's persons it names; ``alternatives`` are the other readings of a repair."""

    raw: str
    code: str
    start: int
    end: int
    changes: int
    persons: tuple[Person, ...]
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a person is named.

    ``persons`` are the register's candidates by the name; ``exact`` is false when the name was respelt or cut;
    ``score`` is how strongly this place makes a holder; ``group`` numbers the names joined under one plural cue.
    """

    reading: Reading
    start: int
    end: int
    name: str
    words: tuple[str, ...]
    persons: tuple[Person, ...] = ()
    exact: bool = True
    trimmed: bool = False
    labelled: bool = False
    code: CodeReading | None = None
    birth: dt.date | None = None
    role: Role | None = None
    score: float = _BARE_SCORE
    group: int | None = None
    cue: str = ""

    @property
    def evidence(self) -> Evidence:
        """The proof: the name or code as read."""
        return self.reading.evidence("cf" if not self.words else "name", self.start, self.end, self.score)


@dataclass(slots=True)
class Candidate:
    """A person of the document, with every mention.

    ``how`` says by what the identity is known:

    ``cf``, ``cf-repaired``, ``name-birth``, ``name``, ``name-respelt``, ``ambiguous``, ``conflict`` or ``unknown``.
    """

    how: str
    name: str
    person: Person | None
    cf: str | None = None
    cf_raw: str | None = None
    birth: dt.date | None = None
    mentions: list[Mention] = field(default_factory=list)
    namesakes: tuple[Person, ...] = ()
    score: float = 0.0
    role: Role = Role.CITED
    group: int | None = None

    @property
    def words(self) -> frozenset[str]:
        """The folded words of the name."""
        return frozenset(name_words(self.name))


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


def find_mentions(
    reading: Reading, hits: Sequence[Hit], dates: Sequence[FoundDate], register: PersonRegister, lexicon: Lexicon
) -> tuple[Mention, ...]:
    """Every place of the page where a person is named, each with its role cue, code and birth date."""
    hits = [hit for hit in hits if hit.entry.code != NOT_A_CUE and not _is_a_name(reading, hit, register)]
    codes = read_codes(reading, register)
    words = _name_words(reading, codes)
    mentions = _by_register(reading, words, register, lexicon)
    mentions += _by_shape(reading, words, mentions, hits, codes, register, lexicon)
    mentions.sort(key=lambda mention: (mention.start, mention.end))
    mentions = _bind_codes(reading, mentions, codes)
    mentions = _bind_births(mentions, dates)
    return tuple(_with_roles(reading, mentions, hits, dates, lexicon))


def _is_a_name(reading: Reading, hit: Hit, register: PersonRegister) -> bool:
    """Whether a cue of one word was read into a name of the register («MINORI» is a cue, «MINORA» a surname)."""
    if hit.first != hit.last or not hit.entry.family.startswith("cue"):
        return False
    text = reading.tokens[hit.first].text
    return text != hit.entry.tokens[0] and register.is_name_word(text)


def _name_words(reading: Reading, codes: Sequence[CodeReading]) -> list[NameWord]:
    words: list[NameWord] = []
    labelled = False
    for match in _WORD.finditer(reading.raw):
        shown = match.group()
        start, end = match.span()
        if any(code.start <= start < code.end for code in codes):
            continue
        elided = _ELIDED.match(shown)
        if elided:
            start += elided.end()
            shown = shown[elided.end() :]
        letters = "".join(char for char in letters_from(fold(shown)) if "a" <= char <= "z")
        if not letters or sum(char.isdigit() for char in shown) * 2 >= len(shown):
            continue
        if letters in _LABELS:
            labelled = True
            continue
        if labelled and letters == "e":
            continue
        words.append(
            NameWord(letters, start, end, shown[0].isupper() or shown[0].isdigit(), shown.upper() == shown, labelled)
        )
        labelled = False
    return words


def _joined(reading: Reading, left: NameWord, right: NameWord) -> bool:
    """Whether two words may belong to one name: nothing but spaces, a label or one line end stands between."""
    gap = reading.folded[left.end : right.start]
    for label in ("cognome", "nome"):
        gap = gap.replace(label, "")
    return (
        _GAP.fullmatch(gap) is not None
        and gap.count("\n") <= 1
        and (right.labelled or not re.search(r"[:.|]|-\s|\s-", gap))
    )


def _runs(reading: Reading, words: Sequence[NameWord]) -> list[list[NameWord]]:
    """Stretches of words that start with capitals, with the small particles between them."""
    runs: list[list[NameWord]] = []
    current: list[NameWord] = []
    for word in words:
        if current and not ((word.capital or word.text in _PARTICLES) and _joined(reading, current[-1], word)):
            runs.append(current)
            current = []
        if current or word.capital:
            current.append(word)
    runs.append(current)
    for run in runs:
        while run and not run[-1].capital:
            run.pop()
    return [run for run in runs if run]


def _in_place_name(run: Sequence[NameWord], index: int, reading: Reading, lexicon: Lexicon) -> bool:
    """Whether the word before is a street, school or body: «Via Giuseppe Verdi» is nobody."""
    before = reading.folded[max(run[index].start - 28, 0) : run[index].start]
    previous = re.findall(r"[a-z0-9.]+", before.rsplit("\n", 1)[-1])[-2:]
    tokens = [word.replace(".", "") for word in previous]
    if not tokens:
        return False
    return tokens[-1] in lexicon.place_words or (
        tokens[-1] in _PARTICLES and len(tokens) > 1 and tokens[-2] in lexicon.place_words
    )


def _by_register(
    reading: Reading, words: Sequence[NameWord], register: PersonRegister, lexicon: Lexicon
) -> list[Mention]:
    mentions: list[Mention] = []
    for run in _runs(reading, words):
        index = 0
        while index < len(run):
            found = _longest_match(run, index, register)
            if found is None or _in_place_name(run, index, reading, lexicon):
                index += 1
                continue
            size, match = found
            part = run[index : index + size]
            mentions.append(
                Mention(
                    reading,
                    part[0].start,
                    part[-1].end,
                    _shown(reading, part),
                    tuple(word.text for word in part),
                    match.persons,
                    exact=not match.partial,
                    trimmed=_has_more(run, index, size, register, lexicon),
                    labelled=part[0].labelled,
                )
            )
            index += size
    return mentions


def _shown(reading: Reading, part: Sequence[NameWord]) -> str:
    """The name as read, without the form's labels between its words."""
    return " ".join(reading.raw[word.start : word.end] for word in part)


def _longest_match(run: Sequence[NameWord], index: int, register: PersonRegister) -> tuple[int, NameMatch] | None:
    partial: tuple[int, NameMatch] | None = None
    for size in range(min(_MAX_NAME_WORDS, len(run) - index), 1, -1):
        match = register.by_name([word.text for word in run[index : index + size]])
        if match.persons and not match.partial:
            return size, match
        if match.persons and partial is None:
            partial = size, match
    return partial


def _has_more(run: Sequence[NameWord], index: int, size: int, register: PersonRegister, lexicon: Lexicon) -> bool:
    """Whether the name goes on beyond the match: «Rossi Maria Teresa» is not the register's «Rossi Maria»."""
    for neighbour, touching in ((index - 1, index), (index + size, index + size - 1)):
        if 0 <= neighbour < len(run):
            word = run[neighbour]
            inside = run[min(neighbour, touching)]
            outside = run[max(neighbour, touching)]
            same_line = outside.start - inside.end <= 2
            named = word.text in given_names() or register.is_name_word(word.text) or word.text in _PARTICLES
            if same_line and named and word.text not in lexicon.not_names and not word.labelled:
                return True
    return False


def _by_shape(
    reading: Reading,
    words: Sequence[NameWord],
    known: Sequence[Mention],
    hits: Sequence[Hit],
    codes: Sequence[CodeReading],
    register: PersonRegister,
    lexicon: Lexicon,
) -> list[Mention]:
    """Names that the register has not as written: respelt ones, and strangers shown by a cue, a code or a birth."""
    free = [word for word in words if not any(mention.start <= word.start < mention.end for mention in known)]
    free = [
        word
        for word in free
        if word.labelled or not _no_name(word.text, lexicon) or (word.upper and word.text in _PARTICLES)
    ]
    cue_ends = [hit.end for hit in hits if hit.entry.family == "cue"]
    found: list[Mention] = []
    for run in _runs(reading, free):
        for part in _pieces(run):
            texts = tuple(word.text for word in part)
            start, end = part[0].start, part[-1].end
            if _is_comune(texts) or _in_place_name(part, 0, reading, lexicon) or all(len(text) < 3 for text in texts):
                continue
            cued = any(
                0 <= start - cue_end <= 24 and _only_fillers(reading.folded[cue_end:start], 0) for cue_end in cue_ends
            )
            followed = _AFTER_NAME.match(reading.folded, end) is not None
            coded = any(abs(code.start - end) <= _CODE_REACH_CHARS and cf.fits_name(code.code, texts) for code in codes)
            if len(texts) == 1:
                # One-word names (Bangladesh, India) are names only beside a cue or their own code.
                match = register.by_name(texts)
                if (match.persons and (cued or followed)) or coded:
                    found.append(_mention(reading, part, match.persons, exact=True))
                continue
            vocabulary = sum(text in lexicon.book.vocabulary for text in texts)
            given = any(text in given_names() for text in texts)
            surely = coded or part[0].labelled or ((cued or followed) and vocabulary < len(texts))
            respelt = _respelt(texts, register) if surely or (len(texts) <= 4 and vocabulary == 0) else ()
            if (
                respelt
                or surely
                or (
                    given
                    and vocabulary == 0
                    and len(texts) <= 3
                    and not any(word.upper and len(word.text) == 1 for word in part)
                )
            ):
                found.append(_mention(reading, part, respelt, exact=False))
    return found


@lru_cache(maxsize=1)
def _comuni() -> frozenset[str]:
    """The names of all comuni, past ones too, as compact keys."""
    return frozenset(compact_name(row["name"]) for row in place_data.get_municipalities_data())


def _is_comune(words: Sequence[str]) -> bool:
    """Whether the words are a comune («Vaiano Cremasco»), perhaps behind a particle («DI BRESCIA»)."""
    if words[0] in _PARTICLES and len(words) == 2 and words[1] in _comuni():
        return True
    return len(words) > 1 and "".join(words) in _comuni()


def _no_name(text: str, lexicon: Lexicon) -> bool:
    """Whether the word is one of those that are no names, also with one letter misread in it («BRESC1A»)."""
    if text in lexicon.not_names:
        return True
    if len(text) < 6 or text in given_names():
        return False
    return any(
        abs(len(text) - len(other)) <= 1 and OSA.distance(text, other, score_cutoff=1) <= 1
        for other in lexicon.not_names
        if other[:2] == text[:2]
    )


def _pieces(run: list[NameWord]) -> list[list[NameWord]]:
    """A run cut where a line ends if it is too long for one name, and to at most four words."""
    if len(run) <= 4:
        return [run]
    pieces: list[list[NameWord]] = [[]]
    for previous, word in zip([None, *run], run, strict=False):
        if previous is not None and word.start - previous.end > 1:
            pieces.append([])
        pieces[-1].append(word)
    return [piece[:4] for piece in pieces if piece]


def _mention(reading: Reading, part: Sequence[NameWord], persons: tuple[Person, ...], *, exact: bool) -> Mention:
    start, end = part[0].start, part[-1].end
    shown = _shown(reading, part)
    return Mention(
        reading, start, end, shown, tuple(word.text for word in part), persons, exact=exact, labelled=part[0].labelled
    )


def _respelt(words: tuple[str, ...], register: PersonRegister) -> tuple[Person, ...]:
    """The register's persons one misread letter away. A word that is a name already is never respelt (Mario, Maria)."""
    options: list[tuple[str, ...]] = []
    changed = False
    for word in words:
        if register.is_name_word(word) or word in given_names():
            options.append((word,))
            continue
        near = register.spellings(word)
        if not near:
            return ()
        changed = True
        options.append(near)
    if not changed:
        return ()
    persons: dict[str, Person] = {}
    for tried, combination in enumerate(product(*options)):
        if tried >= _MAX_SPELLINGS:
            break
        match = register.by_name(combination)
        if not match.partial:
            persons.update((person.id, person) for person in match.persons)
    return tuple(persons.values())


def _bind_codes(reading: Reading, mentions: list[Mention], codes: Sequence[CodeReading]) -> list[Mention]:
    """Each code goes to the nearest name whose consonants it has; a code without one is a mention of its own."""
    bound = list(mentions)
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
        if best is not None:
            bound[best[1]] = replace(bound[best[1]], code=best[2])
        else:
            bound.append(Mention(reading, code.start, code.end, "", (), code=code))
    bound.sort(key=lambda mention: (mention.start, mention.end))
    return bound


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
    if not fits:
        return None
    if fits[0] == code.code and len(fits) == len(code.alternatives) + 1:
        return code
    chosen = fits[0]
    persons = tuple(person for person in code.persons if (person.cf or "").upper() == chosen)
    return replace(code, code=chosen, persons=persons, alternatives=tuple(fits[1:]))


def _bind_births(mentions: list[Mention], dates: Sequence[FoundDate]) -> list[Mention]:
    bound = []
    for index, mention in enumerate(mentions):
        following = mentions[index + 1].start if index + 1 < len(mentions) else len(mention.reading.raw)
        limit = min(following, mention.end + _BIRTH_REACH_CHARS)
        birth = next((found.value for found in dates if found.birth and mention.end <= found.start < limit), None)
        bound.append(replace(mention, birth=birth))
    return bound


def _only_fillers(gap: str, allowed: int) -> bool:
    """Whether at most ``allowed`` words other than titles and articles stand in the gap."""
    if ";" in gap:
        return False
    return sum(token not in _FILLERS for token in re.findall(r"[a-z0-9]+", gap)) <= allowed


def _subject_span(reading: Reading) -> tuple[int, int] | None:
    """The span of the subject («Oggetto: …») with its following lines."""
    for line in range(reading.line_count):
        start, end = reading.line_span(line)
        if _SUBJECT.match(reading.folded[start:end]):
            for following in range(line + 1, min(line + 4, reading.line_count)):
                next_start, next_end = reading.line_span(following)
                if _SUBJECT_ENDS.match(reading.folded[next_start:next_end]):
                    break
                end = next_end
            return start, end
    return None


def _with_roles(
    reading: Reading, mentions: list[Mention], hits: Sequence[Hit], dates: Sequence[FoundDate], lexicon: Lexicon
) -> list[Mention]:
    before = sorted((hit for hit in hits if hit.entry.family == "cue"), key=lambda hit: (hit.end, hit.end - hit.start))
    after = sorted(
        (hit for hit in hits if hit.entry.family == "cue-after"), key=lambda hit: (hit.start, hit.start - hit.end)
    )
    headers = [
        hit
        for hit in hits
        if hit.entry.family == "type" and hit.entry.kind == "header" and reading.depth(hit.start) < 0.4
    ]
    subject = _subject_span(reading)
    named: list[Mention] = []
    group = 0
    carried: RoleCue | None = None
    for index, mention in enumerate(mentions):
        floor = mentions[index - 1].end if index else 0
        ceiling = mentions[index + 1].start if index + 1 < len(mentions) else len(reading.raw)
        leading = next(
            (
                hit
                for hit in reversed(before)
                if floor <= hit.start
                and hit.end <= mention.start
                and mention.start - hit.end <= _CUE_REACH_CHARS
                and _only_fillers(reading.folded[hit.end : mention.start], _CUE_REACH_TOKENS)
                and not _says_of_previous(reading, mentions[index - 1] if index else None, hit, mention)
            ),
            None,
        )
        own_end = _end_of_details(mention, dates, ceiling)
        trailing = next(
            (
                hit
                for hit in after
                for end in (mention.end, own_end)
                if end <= hit.start < ceiling
                and hit.start - end <= _AFTER_REACH_CHARS
                and not re.search(r"[.;]\s", reading.folded[end : hit.start])
                and _only_fillers(reading.folded[end : hit.start], 0)
                and (
                    lexicon.cues[int(hit.entry.code)].role is not Role.HOLDER
                    or (
                        reading.line_of(hit.start) == reading.line_of(mention.start)
                        and reading.folded[hit.end : hit.end + 2].strip(" ")[:1] != ":"
                    )
                )
            ),
            None,
        )
        role: Role | None = None
        score = _BARE_SCORE
        cue_text = ""
        mention_group: int | None = None
        cue = lexicon.cues[int(leading.entry.code)] if leading else None
        if cue is None and carried is not None and index and _carries(reading, mentions[index - 1], mention, before):
            cue, mention_group, cue_text = carried, group, mentions[index - 1].cue or "e"
        if leading is not None:
            cue_text = reading.raw[leading.start : leading.end]
            if cue is not None and cue.plural:
                group += 1
                mention_group = group
        carried = cue if cue is not None and cue.plural else None
        if cue is not None:
            role, score = cue.role, cue.score
        tail = lexicon.cues[int(trailing.entry.code)] if trailing else None
        if tail is not None and not (tail.role is not Role.HOLDER and role is Role.HOLDER and score >= 0.9):
            # «ROSSI MARIA, madre del minore LUCA»: the words after the name say more than «sig.ra» before it.
            role, score = tail.role, tail.score
            cue_text = reading.raw[trailing.start : trailing.end] if trailing else cue_text
        if role is None or (role is Role.HOLDER and score < _SUBJECT_SCORE):
            title = any(
                0 <= mention.start - hit.end <= 40 and _only_fillers(reading.folded[hit.end : mention.start], 0)
                for hit in headers
            )
            if (subject and subject[0] <= mention.start < subject[1]) or title:
                role, score, cue_text = Role.HOLDER, _SUBJECT_SCORE, cue_text or "oggetto"
            elif mention.labelled and score < _LABELLED_SCORE:
                role, score = Role.HOLDER, _LABELLED_SCORE
            elif role is None and (mention.birth is not None or mention.code is not None):
                score = _BORN_CUE_SCORE
            elif role is None and reading.depth(mention.start) > 0.66 and _alone(reading, mention):
                role, score = Role.AUTHOR, 0.0
        named.append(replace(mention, role=role, score=score, group=mention_group, cue=cue_text))
    return named


def _says_of_previous(reading: Reading, previous: Mention | None, cue: Hit, mention: Mention) -> bool:
    """Whether a word stands behind a name in its row of a table and so says nothing of the name on the next row.

    «GHIDINI Elena  intestatario  1975 / RUGGERI Mattia  figlio  1984»: the household tables of forms read so.
    """
    if previous is None:
        return False
    row = reading.line_of(cue.start)
    return reading.line_of(previous.end - 1) == row and reading.line_of(mention.start) > row


def _end_of_details(mention: Mention, dates: Sequence[FoundDate], ceiling: int) -> int:
    """Where the name's own birth date and code end: «ROSSI ANNA nata a Crema il 4.5.1978, in qualità di genitore»."""
    end = mention.end
    if mention.birth is not None:
        end = next((found.end for found in dates if found.birth and mention.end <= found.start < ceiling), end)
    if mention.code is not None and mention.code.start >= end:
        end = mention.code.end
    return end


def _alone(reading: Reading, mention: Mention) -> bool:
    """Whether the name has its line to itself, as in a block of signatures."""
    start, end = reading.line_span(reading.line_of(mention.start))
    rest = reading.folded[start : mention.start] + reading.folded[mention.end : end]
    return _only_fillers(rest, 1)


def _carries(reading: Reading, previous: Mention, mention: Mention, cues: Iterable[Hit]) -> bool:
    """Whether a plural cue goes on from one name to the next: «i minori A, nato il…, e B, nata il…»."""
    gap = mention.start - previous.end
    if gap > _CARRY_CHARS:
        return False
    between = reading.folded[previous.end : mention.start]
    if any(previous.end <= hit.start < mention.start and hit.end - hit.start > 3 for hit in cues):
        return False
    if re.search(r"\bfigli[oae]?\b|\bgenitor|\bsignori\b|\bconiugi\b", between):
        return False
    return re.search(r"\.\s*\n|\.\s+[a-z]{4,}\s", between) is None


# ---- from mentions to persons of the document


def gather(mentions: Sequence[Mention]) -> list[Candidate]:
    """The persons behind the mentions, in order of first mention, each with the best proof of who it is."""
    candidates: list[Candidate] = []
    keys: dict[str, Candidate] = {}
    pending: list[Mention] = []
    for mention in mentions:
        resolved = _resolve(mention)
        if resolved is None:
            pending.append(mention)
            continue
        key = _key(resolved)
        if key in keys:
            _merge(keys[key], resolved)
        else:
            keys[key] = resolved
            candidates.append(resolved)
    for mention in pending:
        owner = next((item for item in candidates if _same(item, mention)), None)
        if owner is not None:
            owner.mentions.append(mention)
            continue
        resolved = _by_name_only(mention)
        key = _key(resolved)
        if key in keys:
            _merge(keys[key], resolved)
        else:
            keys[key] = resolved
            candidates.append(resolved)
    candidates.sort(key=lambda item: min((m.reading.page, m.start) for m in item.mentions))
    return candidates


def _key(candidate: Candidate) -> str:
    if candidate.person is not None:
        return f"person:{candidate.person.id}"
    if candidate.cf:
        return f"cf:{candidate.cf}"
    return f"name:{' '.join(sorted(candidate.words))}:{candidate.birth if candidate.how == 'conflict' else ''}"


_PROOF_ORDER: Final = ("cf", "name-birth", "cf-repaired", "name", "name-respelt", "ambiguous", "conflict", "unknown")


def _merge(held: Candidate, more: Candidate) -> None:
    held.mentions.extend(more.mentions)
    if _PROOF_ORDER.index(more.how) < _PROOF_ORDER.index(held.how):
        held.how = more.how
    held.cf, held.cf_raw = held.cf or more.cf, held.cf_raw or more.cf_raw
    held.birth = held.birth or more.birth
    held.name = held.name or more.name


def fits_birth(person: Person, birth: dt.date) -> bool | None:
    """Whether the register's person was born on that day; ``None`` when the register cannot tell."""
    if person.birth_date is not None:
        return person.birth_date == birth
    if person.cf and len(person.cf) == cf.LENGTH:
        return birth in cf.birth_dates(person.cf.upper())
    return None


def _resolve(mention: Mention) -> Candidate | None:
    """The person of a mention that has a code or a birth date of its own; ``None`` when there is only a name."""
    code = mention.code
    if code is not None:
        how = "cf" if code.changes == 0 else "cf-repaired"
        persons = code.persons
        if len(persons) == 1 and not code.alternatives:
            person = persons[0]
            if code.changes and not _witnessed(person, mention):
                how = "cf-repaired-alone"
            if how == "cf-repaired-alone":
                return Candidate(
                    "ambiguous",
                    mention.name or person.display_name,
                    None,
                    None,
                    code.raw,
                    mention.birth,
                    [mention],
                    (person,),
                )
            return Candidate(
                how, person.display_name, person, person.cf, code.raw, mention.birth or person.birth_date, [mention]
            )
        if len(persons) > 1:
            return Candidate(
                "ambiguous",
                mention.name or persons[0].display_name,
                None,
                None,
                code.raw,
                mention.birth,
                [mention],
                persons,
            )
        birth = mention.birth or _single(cf.birth_dates(code.code))
        if code.changes and (code.alternatives or not mention.words):
            return Candidate("ambiguous", mention.name, None, None, code.raw, mention.birth, [mention])
        # A valid code that the register does not have is somebody else, even where the name is in the register.
        return Candidate("unknown", mention.name, None, code.code, code.raw, birth, [mention], mention.persons)
    if mention.birth is not None and mention.persons:
        fitting = [person for person in mention.persons if fits_birth(person, mention.birth)]
        untold = [person for person in mention.persons if fits_birth(person, mention.birth) is None]
        if len(fitting) == 1:
            person = fitting[0]
            return Candidate("name-birth", person.display_name, person, person.cf, None, mention.birth, [mention])
        if len(fitting) > 1 or untold:
            return Candidate(
                "ambiguous", mention.name, None, None, None, mention.birth, [mention], tuple(fitting or untold)
            )
        return Candidate("conflict", mention.name, None, None, None, mention.birth, [mention], mention.persons)
    return None


def _witnessed(person: Person, mention: Mention) -> bool:
    """Whether the name or the birth date on the page bears out a repaired code."""
    if mention.birth is not None and fits_birth(person, mention.birth):
        return True
    return bool(mention.words) and (
        person in mention.persons or bool(set(mention.words) & set(name_words(person.surname)))
    )


def _single(dates: Sequence[dt.date]) -> dt.date | None:
    past = [day for day in dates if day.year < 2100]
    return past[0] if len(past) == 1 else None


def _same(candidate: Candidate, mention: Mention) -> bool:
    """Whether a bare name is the person found elsewhere in the document with a better proof."""
    if not mention.words or (
        mention.birth is not None and candidate.birth is not None and mention.birth != candidate.birth
    ):
        return False
    if candidate.person is not None and any(person.id == candidate.person.id for person in mention.persons):
        return True
    words = set(mention.words)
    known = set(candidate.words).union(*(other.words for other in candidate.mentions))
    return bool(known) and words <= known and len(words) >= 2


def _by_name_only(mention: Mention) -> Candidate:
    persons = mention.persons
    if len(persons) == 1 and not mention.trimmed:
        person = persons[0]
        how = "name" if mention.exact else "name-respelt"
        return Candidate(how, person.display_name, person, person.cf, None, person.birth_date, [mention], ())
    if persons:
        return Candidate("ambiguous", mention.name, None, None, None, mention.birth, [mention], persons)
    return Candidate("unknown", mention.name, None, None, None, mention.birth, [mention])
