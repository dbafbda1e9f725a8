"""Where a query stands on the pages of a hit: which page to open, what to show of it, which words to mark.

It works on the words that recognition stored and on nothing of the index, so it is the same for every engine, and it
goes by the forms in which :mod:`faldone.search.plan` looks for words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz.distance import OSA

from faldone.domain.page import Box, PageText, Word
from faldone.search import analysis
from faldone.search.analysis import Token
from faldone.search.document import code_key, protocol_keys
from faldone.search.plan import Unit, wanted
from faldone.search.query import Query

SNIPPET_CHARACTERS = 160
"""About this many characters of the page are shown, marks not counted."""

_EXACT, _STEM, _FUZZY = 4, 2, 1


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


def mark(query: Query, pages: Mapping[int, PageText]) -> list[PageHit]:
    """The pages on which the query stands, best first: those with most of its words, in their best form.

    ``pages`` are the pages of one document by their 0-based index in the file. A misspelling is marked only where no
    page has the word itself. When the query stands on none of the pages (it met the document's person, type or
    protocol), the answer is the first page, unmarked; without pages it is empty.
    """
    layouts = {index: _Layout.of(page) for index, page in sorted(pages.items())}
    found: dict[int, list[_Match]] = {index: [] for index in layouts}
    for key, part in enumerate(_parts(query)):
        matches = {index: list(part.find(layout, key)) for index, layout in layouts.items()}
        best = max((match.tier for page in matches.values() for match in page), default=0)
        for index, page in matches.items():
            found[index] += [match for match in page if match.tier > _FUZZY or best == _FUZZY]
    ranked = sorted((index for index in found if found[index]), key=lambda index: (-_worth(found[index]), index))
    if not ranked:
        return [PageHit(index, layout.snippet([])) for index, layout in list(layouts.items())[:1]]
    return [layouts[index].hit(index, found[index]) for index in ranked]


def _worth(matches: list[_Match]) -> float:
    best: dict[int, int] = {}
    for match in matches:
        best[match.key] = max(best.get(match.key, 0), match.tier)
    return sum(best.values()) + min(len(matches), 50) / 100


@dataclass(frozen=True, slots=True)
class _Layout:
    """A page as text, with the places of its words in that text and the tokens that are matched."""

    text: str
    words: tuple[Word, ...]
    starts: tuple[int, ...]
    tokens: tuple[Token, ...]
    whole: tuple[Token, ...]

    @classmethod
    def of(cls, page: PageText) -> _Layout:
        pieces: list[str] = []
        words: list[Word] = []
        starts: list[int] = []
        at = 0
        for line in page.lines():
            for word in line:
                starts.append(at)
                words.append(word)
                pieces.append(word.text)
                at += len(word.text) + 1
                pieces.append(" ")
            pieces[-1] = "\n"
        text = "".join(pieces)
        whole = (*analysis.compounds(text), *analysis.codes(text))
        return cls(text, tuple(words), tuple(starts), tuple(analysis.spell(text)), whole)

    def hit(self, index: int, matches: list[_Match]) -> PageHit:
        boxes: list[Box] = []
        for start, end in _merged(matches):
            for _, line in groupby(self._touched(start, end), key=lambda word: word.line):
                box, *rest = (word.box for word in line)
                for other in rest:
                    box = box.union(other)
                boxes.append(box)
        return PageHit(index, self.snippet(matches), tuple(dict.fromkeys(boxes)))

    def _touched(self, start: int, end: int) -> Iterator[Word]:
        for position in range(max(bisect_right(self.starts, start) - 1, 0), len(self.words)):
            if self.starts[position] >= end:
                return
            if self.starts[position] + len(self.words[position].text) > start:
                yield self.words[position]

    def snippet(self, matches: list[_Match]) -> str:
        start, end = self._window(matches)
        shown: list[str] = []
        at = start
        for first, last in _merged(matches):
            if first < start or last > end:
                continue
            shown += [_quiet(self.text[at:first]), "«", _quiet(self.text[first:last]), "»"]
            at = last
        shown.append(_quiet(self.text[at:end]))
        text = " ".join("".join(shown).split())
        cut_left = "… " if self.text[:start].strip() else ""
        cut_right = " …" if self.text[end:].strip() else ""
        return f"{cut_left}{text}{cut_right}"

    def _window(self, matches: list[_Match]) -> tuple[int, int]:
        """The stretch of the text to show: the one with most of the query, its matches in the middle."""
        size = len(self.text)
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
        while 0 < start < span[0] and not self.text[start - 1].isspace():
            start += 1
        while span[1] < end < size and not self.text[end].isspace():
            end -= 1
        return start, end


@dataclass(frozen=True, slots=True)
class _Spelled:
    """Words one after the other, as spelled."""

    terms: tuple[str, ...]

    def find(self, layout: _Layout, key: int) -> Iterator[_Match]:
        wide = len(self.terms)
        for at in range(len(layout.tokens) - wide + 1):
            run = layout.tokens[at : at + wide]
            if all(token.term == term for token, term in zip(run, self.terms, strict=True)):
                yield _Match(run[0].start, run[-1].end, key, _EXACT)


@dataclass(frozen=True, slots=True)
class _Whole:
    """A code, or a word with an apostrophe written as one."""

    term: str

    def find(self, layout: _Layout, key: int) -> Iterator[_Match]:
        for token in (*layout.whole, *layout.tokens):
            if token.term == self.term:
                yield _Match(token.start, token.end, key, _EXACT)


@dataclass(frozen=True, slots=True)
class _Single:
    """A word in any of its forms."""

    unit: Unit

    def find(self, layout: _Layout, key: int) -> Iterator[_Match]:
        for token in (*layout.tokens, *layout.whole):
            tier = self._tier(token.term)
            if tier:
                yield _Match(token.start, token.end, key, tier)

    def _tier(self, term: str) -> int:
        unit = self.unit
        if term == unit.word or (unit.word.isdigit() and term == (unit.word.lstrip("0") or unit.word)):
            return _EXACT
        if unit.stem is not None and (analysis.stem(term) == unit.stem or term in unit.variants):
            return _STEM
        if unit.fuzzy and OSA.distance(term, unit.word, score_cutoff=1) <= 1:
            return _FUZZY
        return 0


def _parts(query: Query) -> list[_Spelled | _Whole | _Single]:
    """What of the query may stand on a page; filters other than persons and numbers do not."""
    parts: list[_Spelled | _Whole | _Single] = []
    for phrase in query.phrases:
        parts.append(_Spelled(tuple(token.term for token in analysis.spell(phrase))))
        parts += [_Whole(token.term) for token in analysis.codes(phrase)]
    parts += _words(query.words)
    if query.person is not None:
        parts += _words(query.person.split())
    if query.cf is not None:
        parts.append(_Whole(code_key(query.cf)))
    if query.protocol is not None:
        parts.append(_Whole(protocol_keys(query.protocol)[-1]))
    return parts


def _words(texts: Iterable[str]) -> list[_Spelled | _Whole | _Single]:
    words = wanted(texts)
    only_stop_words = all(unit.stem is None for word in words for unit in word.units)
    parts: list[_Spelled | _Whole | _Single] = []
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
