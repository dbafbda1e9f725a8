"""Where a query stands on the pages of a hit: which page to open, what to show of it, which words to mark.

It works on the words that recognition stored and on nothing of the index, so it is the same for every engine, and it
goes by the forms in which :mod:`faldone.search.plan` looks for words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import groupby, islice

from rapidfuzz.distance import OSA

from faldone.domain.page import Box, PageText
from faldone.domain.page_view import PageView, WholePage
from faldone.search import analysis
from faldone.search.analysis import Token
from faldone.search.document import code_key, protocol_keys
from faldone.search.page_blocks import PageBlocks
from faldone.search.plan import Unit, wanted
from faldone.search.query import Query, Reading

SNIPPET_CHARACTERS = 160
"""About this many characters of the page are shown, marks not counted."""

_EXACT, _STEM, _FUZZY = 4, 2, 1
_CF_LETTERS, _CF_DIGITS = 16, 11
_STEMMED_CF_LETTERS = 13  # the stemmer may take the end off a word that is nearly a codice fiscale


@dataclass(frozen=True, slots=True)
class PageHit:
    """A page of a hit.

    ``index`` is the 0-based page of the file. ``snippet`` is a stretch of the page in one line, matched words between
    « and », a cut shown by …; guillemets of the page itself are given as “ and ”. ``boxes`` are those of the matched
    words in reading order, in pixels of the page's image; words that match as one have one box a line.
    """

    index: int
    snippet: str
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class _Match:
    """A stretch of the page's text that answers part ``key`` of the query; a higher ``tier`` is a better answer."""

    start: int
    end: int
    key: int
    tier: int


def mark(query: Query, pages: Mapping[int, PageText | PageView], most: int | None = None) -> list[PageHit]:
    """The pages on which the query stands, best first: those with most of its words, in their best form.

    ``pages`` are the pages of one document by their 0-based index in the file; ``most`` is how many are wanted at
    most, ``None`` all of them. A misspelling is marked only where no page has the word itself. When the query stands
    on none of the pages (it met the document's person, type or protocol), the answer is the first page, unmarked;
    without pages it is empty.
    """
    views = {index: WholePage(page) if isinstance(page, PageText) else page for index, page in sorted(pages.items())}
    blocks = {index: PageBlocks(view) for index, view in views.items()}
    found: dict[int, list[_Match]] = {index: [] for index in views}
    for key, part in enumerate(_parts(query)):
        matches = {index: list(part.find(page, key)) for index, page in blocks.items()}
        if isinstance(part, _Single) and part.unit.fuzzy and not any(matches.values()):
            matches = {index: list(part.find_misspelled(page, key)) for index, page in blocks.items()}
        for index, more in matches.items():
            found[index] += more
    ranked = sorted((index for index in found if found[index]), key=lambda index: (-_worth(found[index]), index))
    return [
        PageHit(
            index, _snippet(blocks[index].text, found[index]), _boxes(views[index], blocks[index].starts, found[index])
        )
        for index in (ranked or list(views)[:1])[:most]
    ]


def _worth(matches: list[_Match]) -> float:
    best: dict[int, int] = {}
    for match in matches:
        best[match.key] = max(best.get(match.key, 0), match.tier)
    return sum(best.values()) + min(len(matches), 50) / 100


def _boxes(page: PageView, starts: list[int], matches: list[_Match]) -> tuple[Box, ...]:
    lines = [
        tuple(line)
        for start, end in _merged(matches)
        for _, line in groupby(_touched(page, starts, start, end), key=lambda word: page.line_numbers[word])
    ]
    boxes = iter(page.boxes(word for line in lines for word in line))
    return tuple(dict.fromkeys(reduce(Box.union, islice(boxes, len(line))) for line in lines))


def _touched(page: PageView, starts: list[int], start: int, end: int) -> Iterator[int]:
    """The positions of the words that a stretch of the text lies in."""
    for position in range(max(bisect_right(starts, start) - 1, 0), len(page.texts)):
        if starts[position] >= end:
            return
        if starts[position] + len(page.texts[position]) > start:
            yield position


def _snippet(text: str, matches: list[_Match]) -> str:
    start, end = _window(text, matches)
    shown: list[str] = []
    at = start
    for first, last in _merged(matches):
        if first < start or last > end:
            continue
        shown += [_quiet(text[at:first]), "«", _quiet(text[first:last]), "»"]
        at = last
    shown.append(_quiet(text[at:end]))
    line = " ".join("".join(shown).split())
    cut_left = "… " if text[:start].strip() else ""
    cut_right = " …" if text[end:].strip() else ""
    return f"{cut_left}{line}{cut_right}"


def _window(text: str, matches: list[_Match]) -> tuple[int, int]:
    """The stretch of the text to show: the one with most of the query, its matches in the middle."""
    size = len(text)
    ordered = sorted(matches, key=lambda match: (match.start, match.end))
    best, span = -1.0, (0, 0)
    for position, first in enumerate(ordered):
        inside = [match for match in ordered[position:] if match.end <= first.start + SNIPPET_CHARACTERS] or [first]
        worth = _worth(inside)
        if worth > best:
            best, span = worth, (first.start, max(match.end for match in inside))
    spare = max(SNIPPET_CHARACTERS - (span[1] - span[0]), 0)
    start = max(0, min(span[0] - spare // 2, size - SNIPPET_CHARACTERS))
    end = min(size, max(start + SNIPPET_CHARACTERS, span[1]))
    while 0 < start < span[0] and not text[start - 1].isspace():
        start += 1
    while span[1] < end < size and not text[end].isspace():
        end -= 1
    return start, end


@dataclass(frozen=True, slots=True)
class _Spelled:
    """Words one after the other, as spelled."""

    terms: tuple[str, ...]

    def find(self, page: PageBlocks, key: int) -> Iterator[_Match]:
        if not all(page.may_have(term) for term in self.terms):
            return
        wide = len(self.terms)
        starts: set[int] = set()
        for block in page.having([max(self.terms, key=len)]):
            tokens = page.around(block, wide - 1)
            for at in range(len(tokens) - wide + 1):
                run = tokens[at : at + wide]
                if run[0].start not in starts and all(
                    token.term == term for token, term in zip(run, self.terms, strict=True)
                ):
                    starts.add(run[0].start)
                    yield _Match(run[0].start, run[-1].end, key, _EXACT)


@dataclass(frozen=True, slots=True)
class _Whole:
    """A code, or a word with an apostrophe written as one."""

    term: str

    def find(self, page: PageBlocks, key: int) -> Iterator[_Match]:
        blocks = page.having([self._needle()])
        of_blocks = (token for block in blocks for token in (*page.tokens(block), *page.compounds(block)))
        for token in (*page.codes(blocks), *of_blocks):
            if token.term == self.term:
                yield _Match(token.start, token.end, key, _EXACT)

    def _needle(self) -> str:
        if len(self.term) == _CF_LETTERS:
            return self.term[:3]  # codici fiscali are printed in groups too
        number, stroke, _ = self.term.partition("/")
        return number + stroke  # the year may be printed in two digits


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Words that begin so."""

    prefix: str

    def find(self, page: PageBlocks, key: int) -> Iterator[_Match]:
        for block in page.having([self.prefix]):
            for token in page.tokens(block):
                if token.term.startswith(self.prefix):
                    yield _Match(token.start, token.end, key, _EXACT)


@dataclass(frozen=True, slots=True)
class _BeginningOfCode:
    """A codice fiscale of which only the first characters are known."""

    prefix: str

    def find(self, page: PageBlocks, key: int) -> Iterator[_Match]:
        for token in page.codes(page.having([self.prefix[:3]])):
            if token.term.startswith(self.prefix):
                yield _Match(token.start, token.end, key, _EXACT)


@dataclass(frozen=True, slots=True)
class _Alike:
    """Names that one of the query may be meant for."""

    terms: tuple[str, ...]

    def find(self, page: PageBlocks, key: int) -> Iterator[_Match]:
        for block in page.having(self.terms):
            for token in (*page.tokens(block), *page.compounds(block)):
                if token.term in self.terms:
                    yield _Match(token.start, token.end, key, _STEM)


@dataclass(frozen=True, slots=True)
class _Single:
    """A word in any of its forms."""

    unit: Unit

    def find(self, page: PageBlocks, key: int) -> Iterator[_Match]:
        """The word itself and other forms of it."""
        blocks = page.having([self._needle()])
        for token in self._tokens(page, blocks):
            tier = self._tier(token.term)
            if tier:
                yield _Match(token.start, token.end, key, tier)

    def find_misspelled(self, page: PageBlocks, key: int) -> Iterator[_Match]:
        """The word with one letter wrong."""
        word = self.unit.word
        middle = (len(word) + 1) // 2
        # One error leaves one half as it is, unless the letters where they meet are swapped.
        swapped = word[: middle - 1] + word[middle] + word[middle - 1]
        for token in self._tokens(page, page.having([word[:middle], word[middle:], swapped])):
            if OSA.distance(token.term, word, score_cutoff=1) <= 1:
                yield _Match(token.start, token.end, key, _FUZZY)

    def _tokens(self, page: PageBlocks, blocks: list[int]) -> Iterator[Token]:
        for block in blocks:
            yield from page.tokens(block)
            yield from page.compounds(block)
        if len(self.unit.word) >= _STEMMED_CF_LETTERS:
            yield from page.codes(blocks)

    def _tier(self, term: str) -> int:
        unit = self.unit
        if term == unit.word or (unit.word.isdigit() and term == (unit.word.lstrip("0") or unit.word)):
            return _EXACT
        if unit.stem is not None and (analysis.stem(term) == unit.stem or term in unit.variants):
            return _STEM
        return 0

    def _needle(self) -> str:
        """What all forms begin with."""
        word, stem = self.unit.word, self.unit.stem
        if word.isdigit():
            return word.lstrip("0") or word
        if stem is None:
            return word
        # The stemmer leaves three letters alone, and of what it leaves it changes the last two at most (-enza, -ente).
        return stem[:3] if len(word) >= _STEMMED_CF_LETTERS else stem[: max(3, len(stem) - 2)]


_Part = _Spelled | _Whole | _Beginning | _BeginningOfCode | _Alike | _Single


@lru_cache(maxsize=64)
def _parts(query: Query) -> tuple[_Part, ...]:
    """What of the query may stand on a page; filters other than persons and numbers do not."""
    parts: list[_Part] = []
    for phrase in query.phrases:
        parts.append(_Spelled(tuple(token.term for token in analysis.spell(phrase))))
        parts += [_Whole(token.term) for token in analysis.codes(phrase)]
    parts += _words(query.words)
    parts += [_Beginning(analysis.spell(prefix)[0].term) for prefix in (*query.prefixes, *query.begun)]
    if query.person is not None:
        parts += _words(query.person.split())
    if query.cf is not None:
        parts.append(_code(code_key(query.cf)))
    if query.protocol is not None:
        parts.append(_Whole(protocol_keys(query.protocol)[-1]))
    parts += [part for reading in query.readings for part in _read(reading) if part not in parts]
    return tuple(parts)


def _code(code: str) -> _Part:
    return _Whole(code) if len(code) in (_CF_LETTERS, _CF_DIGITS) else _BeginningOfCode(code)


def _read(reading: Reading) -> Iterator[_Part]:
    """What free words are understood as; a date is found by its words."""
    if reading.code is not None:
        yield _BeginningOfCode(reading.code) if reading.begins else _Whole(reading.code)
    if reading.protocol is not None:
        yield _Whole(reading.protocol)
    if reading.alike:
        yield _Alike(reading.alike)


def _words(texts: Iterable[str]) -> list[_Part]:
    words = wanted(texts)
    only_stop_words = all(unit.stem is None for word in words for unit in word.units)
    parts: list[_Part] = []
    for word in words:
        parts += [_Whole(term) for term in (*word.codes, *word.joined)]
        if word.whole:
            parts.append(_Spelled(tuple(unit.word for unit in word.units)))
        else:
            parts += [_Single(unit) for unit in word.units if unit.stem is not None or only_stop_words]
    return parts


def _merged(matches: list[_Match]) -> list[tuple[int, int]]:
    """The stretches that matches cover, overlapping ones as one, in reading order."""
    merged: list[tuple[int, int]] = []
    for match in sorted(matches, key=lambda match: (match.start, match.end)):
        if merged and match.start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], match.end))
        else:
            merged.append((match.start, match.end))
    return merged


def _quiet(text: str) -> str:
    return text.replace("«", "“").replace("»", "”")
