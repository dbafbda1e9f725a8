"""A page cut into blocks, words mostly, that can be analysed each on its own, so that few of them have to be.

Cutting a page into words by the rules of :mod:`faldone.search.analysis` takes most of a millisecond, and an answer
shows some thirty pages. So the page is first made into one string without anything that those rules join words over,
and a word that is looked for is sought in it as a plain run of letters: what is not there is not on the page. Blocks
where it is are then analysed exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from itertools import accumulate, count, groupby
from operator import add

from faldone.domain.page_view import PageView
from faldone.search import analysis
from faldone.search.analysis import APOSTROPHES, Token

_HYPHENS = "-‐¬"

# Characters that the rules treat one at a time, in whatever company: anything else may be a mark that belongs to its
# neighbour, or white space of another kind. Such pages are rare and are analysed whole.
_PLAIN = re.compile("[\n -~\xa1-\xac\xae-\u02ff‐-\u2027\u2030-\u205e\u20a0-\u20bf\ufb00-\ufb06]*")
_JOIN = re.compile(rf"[{APOSTROPHES}][ \n]|[{_HYPHENS}]\n")
_FOREIGN = re.compile(r"[^\x00-\x7f]")


class PageBlocks:
    """The text of a page, ``text``: words of a line apart by a space, every line ended by a line feed.

    A block is a word, together with the next one where an apostrophe, or a hyphen at the end of the line, may make
    one of the two.
    """

    def __init__(self, page: PageView) -> None:
        self._texts = page.texts
        rows = []
        at = 0
        for _, run in groupby(page.line_numbers):
            end = at + len(tuple(run))
            rows.append(" ".join(page.texts[at:end]))
            at = end
        rows.append("")
        self.text = "\n".join(rows)
        self._squashed = _squashed(self.text) if self._is_plain() else None
        self._tokens: dict[int, list[Token]] = {}

    @cached_property
    def starts(self) -> list[int]:
        """The offset of each word in the text, and the length of the text."""
        return [0, *map(add, accumulate(map(len, self._texts)), count(1))]

    def having(self, needles: Iterable[str]) -> list[int]:
        """The numbers of all blocks with a token that has one of these runs of letters in it, and perhaps of others.

        ``needles`` are folded; one with white space or a dot in it is found nowhere.
        """
        squashed = self._squashed
        if squashed is None:
            return [0]
        found = set()
        for needle in needles:
            at = squashed.find(needle)
            while at >= 0:
                found.add(squashed.count(" ", 0, at))
                end = squashed.find(" ", at)
                at = squashed.find(needle, end) if end >= 0 else -1
        if found and len(self._bounds) == 2:
            return [0]
        return sorted(found)

    def may_have(self, needle: str) -> bool:
        """Whether a token of the page may have this run of letters in it."""
        return self._squashed is None or needle in self._squashed

    def tokens(self, block: int) -> list[Token]:
        """The spelled words of a block."""
        if block not in self._tokens:
            self._tokens[block] = _moved(analysis.spell(self._text_of(block)), self._bounds[block])
        return self._tokens[block]

    def compounds(self, block: int) -> list[Token]:
        """The words of a block with an apostrophe, written as one."""
        text = self._text_of(block)
        return [] if text.isalnum() else _moved(analysis.compounds(text), self._bounds[block])

    def codes(self, blocks: Iterable[int]) -> list[Token]:
        """The codes in the lines of these blocks; the parts of a code may be apart."""
        lines: dict[int, int] = {}
        for block in blocks:
            at, last = self._bounds[block : block + 2]
            while at < last:
                start = self.text.rfind("\n", 0, at) + 1
                lines[start] = at = self.text.find("\n", at) + 1
        return [token for start, end in lines.items() for token in _moved(analysis.codes(self.text[start:end]), start)]

    def around(self, block: int, words: int) -> list[Token]:
        """The spelled words of a block with at least so many before and after it, as far as the page has them."""
        before: list[Token] = []
        first = block
        while first > 0 and len(before) < words:
            first -= 1
            before = self.tokens(first) + before
        after: list[Token] = []
        last = block
        while last < len(self._bounds) - 2 and len(after) < words:
            last += 1
            after = after + self.tokens(last)
        return [*before, *self.tokens(block), *after]

    def _text_of(self, block: int) -> str:
        """A block without what parts it from the next: most are then a plain word, which is its own analysis."""
        start, end = self._bounds[block : block + 2]
        return self.text[start:end].rstrip(" \n")

    def _is_plain(self) -> bool:
        text = self.text
        return (
            _PLAIN.fullmatch(text) is not None
            and text.count(" ") + text.count("\n") == len(self._texts)
            and "" not in self._texts
        )

    @cached_property
    def _bounds(self) -> list[int]:
        """Where each block starts in the text, and its length; one block where words cannot be told apart."""
        if self._squashed is None:
            return [0, len(self.text)]
        bounds = self.starts
        separators = self._squashed.count(" ")
        if separators != len(bounds) - 1:
            joined = {join.end() for join in _JOIN.finditer(self.text)}
            bounds = [*(start for start in bounds[:-1] if start not in joined), len(self.text)]
        blocks = separators + (not self._squashed.endswith(" "))
        return bounds if len(bounds) - 1 == blocks else [0, len(self.text)]


def _moved(tokens: Iterable[Token], by: int) -> list[Token]:
    return [Token(token.term, token.start + by, token.end + by) for token in tokens]


def _squashed(text: str) -> str:
    """The text in which every token is a run without gaps: folded, and what analysis takes out of words taken out."""
    if not text.isascii():
        for character in set(_FOREIGN.findall(text)):
            text = text.replace(character, _simple(character))
    text = text.lower().replace("`", "'")
    text = text.replace("-\n", "").replace("\n", " ").replace("' ", "")
    return text.replace("'", "").replace(".", "")


@lru_cache(maxsize=4096)
def _simple(character: str) -> str:
    if character in APOSTROPHES:
        return "'"
    return "-" if character in _HYPHENS else analysis.fold(character)
