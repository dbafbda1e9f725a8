"""Many phrases looked for on a page in one pass, tolerant of what scanners do to words.

Tokens of the page are first led back to the lexicon's own words: exactly, by undoing digits read for letters, by
joining a word that was split, or by one wrong letter (two in long words). Then phrases match token by token, so
spaces, line ends, full stops and commas do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from faldone.classify.normalise import letters_from
from faldone.classify.reading import Reading, Token, tokenise

# Below five letters one wrong letter makes another Italian word too often (tutore/tutere is safe, «dal/del» is not).
_FUZZY_FROM: Final = 6
_FUZZY_TWO_FROM: Final = 11
_GLUED_FROM: Final = 9
_CACHE_LIMIT: Final = 50_000
# A phrase's own small words may be lost or misread without loss of meaning only in long phrases: not done here.
_ACRONYM_LONGEST: Final = 6


@dataclass(frozen=True, slots=True)
class Entry:
    """One phrase of the lexicon: whose it is and what it says.

    ``family`` is «type», «service», «cue», «date» or «org»; ``code`` the owner inside the family; ``kind`` what the
    phrase does there. An acronym is matched by case too (``spellings``), because «SIA» is also a verb.
    """

    family: str
    code: str
    kind: str
    tokens: tuple[str, ...]
    spellings: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: its entry, its span in the page's reading, and the indices of its first and last token."""

    entry: Entry
    start: int
    end: int
    first: int
    last: int
    upper: bool

    @property
    def words(self) -> int:
        """How many words the phrase has."""
        return len(self.entry.tokens)


def is_acronym(alias: str) -> bool:
    """Whether an alias is an acronym («SAD», «RdC», «C-DOM») and not a phrase."""
    letters = [char for char in alias if char.isalpha()]
    return (
        len(alias.split()) == 1
        and 2 <= len(letters) <= _ACRONYM_LONGEST
        and sum(char.isupper() for char in letters) >= 2
    )


def make_entry(family: str, code: str, kind: str, phrase: str) -> Entry:
    """The entry for a phrase as written in the lexicon's files."""
    tokens = tuple(token.text for token in tokenise(phrase))
    if not tokens:
        raise ValueError(f"a phrase without words: {phrase!r} ({family} {code})")
    if is_acronym(phrase):
        plain = "".join(char for char in phrase if char.isalnum())
        return Entry(family, code, "acronym" if kind == "alias" else kind, tokens, frozenset({plain, plain.upper()}))
    return Entry(family, code, kind, tokens)


class PhraseBook:
    """An index over the entries by first word, with the vocabulary they are made of.

    ``names`` are given names: they are never led back to a word of the lexicon («Mario» is not «marito»).
    """

    def __init__(self, entries: Iterable[Entry], *, names: frozenset[str] = frozenset()) -> None:
        self._by_first: dict[str, list[Entry]] = {}
        vocabulary: set[str] = set()
        for entry in entries:
            self._by_first.setdefault(entry.tokens[0], []).append(entry)
            vocabulary.update(entry.tokens)
        self.vocabulary: frozenset[str] = frozenset(vocabulary)
        self._near: dict[str, set[str]] = {}
        for word in vocabulary:
            if word.isalpha() and len(word) >= _FUZZY_FROM:
                for key in _deletions(word):
                    self._near.setdefault(key, set()).add(word)
        self._canonical: dict[str, str] = {}
        self._names = names

    def canonical(self, token: str) -> str:
        """The lexicon's word that ``token`` was, as far as it can be told; otherwise ``token`` itself."""
        if token in self.vocabulary or token in self._names or token.isdigit():
            return token
        known = self._canonical.get(token)
        if known is None:
            known = self._nearest(token)
            if len(self._canonical) < _CACHE_LIMIT:
                self._canonical[token] = known
        return known

    def _nearest(self, token: str) -> str:
        repaired = letters_from(token) if any(char.isdigit() for char in token) and len(token) >= 4 else token
        if repaired in self.vocabulary:
            return repaired
        if len(repaired) < _FUZZY_FROM - 1 or not repaired.isalpha():
            return token
        limit = 2 if len(repaired) >= _FUZZY_TWO_FROM else 1
        near = {word for key in _deletions(repaired) for word in self._near.get(key, ())}
        ranked = sorted((OSA.distance(repaired, word, score_cutoff=limit), word) for word in near)
        ranked = [
            (distance, word)
            for distance, word in ranked
            if distance <= limit and (word[0] == repaired[0] or _same_but_for_the_first(repaired, word))
        ]
        if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
            return token
        return ranked[0][1]

    def _apart(self, token: str) -> tuple[str, str] | None:
        """The two words of the lexicon that ``token`` is without the space between them, if it is."""
        if len(token) < _GLUED_FROM or token in self.vocabulary or token in self._names or not token.isalpha():
            return None
        for cut in range(2, len(token) - 1):
            left, right = token[:cut], token[cut:]
            if max(len(left), len(right)) >= _FUZZY_FROM and left in self.vocabulary and right in self.vocabulary:
                return left, right
        return None

    def _words(self, tokens: Sequence[Token]) -> list[tuple[str, int, int]]:
        """Canonical words, each with the indices of the first and last token it stands for."""
        words: list[tuple[str, int, int]] = []
        index = 0
        while index < len(tokens):
            text = tokens[index].text
            if index + 1 < len(tokens) and tokens[index].line == tokens[index + 1].line:
                following = tokens[index + 1].text
                joined = text + following
                if following[0] == "i" and text not in self.vocabulary:
                    joined = self.canonical(joined)  # «reIazione»: a capital for an l looks like a lost space
                if (
                    len(joined) >= _FUZZY_FROM
                    and joined in self.vocabulary
                    and (text not in self.vocabulary or following not in self.vocabulary)
                ):
                    words.append((joined, index, index + 1))
                    index += 2
                    continue
            word = self.canonical(text)
            parts = self._apart(word)
            words.extend((part, index, index) for part in parts or (word,))
            index += 1
        return words

    def find(self, reading: Reading) -> tuple[Hit, ...]:
        """Every phrase on the page. One that stands wholly inside a longer one of its family is not told.

        So «al tribunale per i minorenni» (an addressee) is not also «tribunale per i minorenni» (a court's header).
        """
        tokens = reading.tokens
        words = self._words(tokens)
        read = tuple(word for word, _, _ in words)
        hits: list[Hit] = []
        for index, (word, first, _) in enumerate(words):
            for entry in self._by_first.get(word, ()):
                size = len(entry.tokens)
                if read[index : index + size] != entry.tokens:
                    continue
                last = words[index + size - 1][2]
                start, end = tokens[first].start, tokens[last].end
                if entry.spellings and "".join(filter(str.isalnum, reading.raw[start:end])) not in entry.spellings:
                    continue
                hits.append(Hit(entry, start, end, first, last, all(token.upper for token in tokens[first : last + 1])))
        return _longest(hits)


def _same_but_for_the_first(read: str, word: str) -> bool:
    """Whether only the first letter is wrong, or a ruled line before the word was read as one more letter.

    Otherwise a word that begins differently is another word: «riabilitazione» is not «inabilitazione».
    """
    return read[1:] == word[1:] or (read[1:] == word and read[0] in "lijtf")


def _longest(hits: list[Hit]) -> tuple[Hit, ...]:
    """Drops the hits that lie inside a longer hit of the same family."""
    kept: list[Hit] = []
    reach: dict[str, list[Hit]] = {}
    for hit in sorted(
        hits, key=lambda item: (item.start, -item.end, item.entry.family, item.entry.code, item.entry.kind)
    ):
        longer = reach.setdefault(hit.entry.family, [])
        if any(
            other.start <= hit.start and hit.end <= other.end and (other.end - other.start) > (hit.end - hit.start)
            for other in longer[-8:]
        ):
            continue
        longer.append(hit)
        kept.append(hit)
    return tuple(kept)


def _deletions(word: str) -> set[str]:
    """The word and all that is left of it with one letter, or in long words two, taken out (SymSpell's key set)."""
    keys = {word}
    once = {word[:index] + word[index + 1 :] for index in range(len(word))}
    keys |= once
    if len(word) >= _FUZZY_TWO_FROM:
        for shorter in once:
            keys.update(shorter[:index] + shorter[index + 1 :] for index in range(len(shorter)))
    return keys
