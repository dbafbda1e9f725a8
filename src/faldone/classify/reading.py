"""A page's words as one string to match rules on, with the way back from characters to words and boxes."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from faldone.classify.normalise import expand, fold_aligned
from faldone.domain.attribution import Evidence
from faldone.domain.page import Box, PageText, Word

# A dotted acronym is one token («S.A.D.» = «sad», «p.q.m.» = «pqm»); anything else is a run of letters and digits.
_TOKEN = re.compile(r"(?<![a-z0-9])(?:[a-z]\.)+[a-z]\.?(?![a-z0-9'])|[a-z0-9]+")
_HYPHENATED = re.compile(r"[a-z]{2}[-¬]$")
# «minoriFederica», «diROSSI»: a lost space before a name, common where the type face changes.
_GLUED = re.compile(r"(?<=[a-zà-ù]{2})(?=[A-ZÀ-Ù][A-Za-zà-ù])")
_QUOTE_LIMIT = 160


@dataclass(frozen=True, slots=True)
class Token:
    """A folded run of letters and digits; ``start`` and ``end`` are offsets in the reading, ``upper`` is its case."""

    text: str
    start: int
    end: int
    upper: bool
    line: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One page laid out as text. ``raw`` and ``folded`` have the same length, so a span fits both.

    ``page`` is the 0-based index of the page in its file. A word cut by a hyphen at the end of a line is whole
    in ``raw``. ``placed`` says whether words stand where their boxes are: of what a person typed nobody knows.
    """

    page: int
    raw: str
    folded: str
    words: tuple[Word, ...]
    starts: tuple[int, ...]
    line_starts: tuple[int, ...]
    tokens: tuple[Token, ...]
    height: int
    width: int
    placed: bool

    def words_in(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that the span touches."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        return self.words[first : max(bisect_left(self.starts, end), first + 1)]

    def box(self, start: int, end: int) -> Box | None:
        """The smallest box around the words of the span, in pixels."""
        words = self.words_in(start, end)
        if not words:
            return None
        box = words[0].box
        for word in words[1:]:
            box = box.union(word.box)
        return box

    def evidence(self, kind: str, start: int, end: int, weight: float = 1.0) -> Evidence:
        """The proof that quotes the span as read."""
        quote = " ".join(self.raw[start:end].split())[:_QUOTE_LIMIT]
        box = self.box(start, end) if self.placed else None
        return Evidence(kind, self.page, quote, box, round(min(max(weight, 0.0), 1.0), 3))

    def confidence(self, start: int, end: int) -> float:
        """The least confidence among the words of the span; 1.0 for an empty page."""
        return min((word.confidence for word in self.words_in(start, end)), default=1.0)

    def depth(self, offset: int) -> float:
        """How far down the page the character stands: 0.0 top, 1.0 bottom."""
        if not self.words:
            return 0.0
        word = self.words[max(bisect_right(self.starts, offset) - 1, 0)]
        return min(max((word.box.y + word.box.height / 2) / max(self.height, 1), 0.0), 1.0)

    def line_of(self, offset: int) -> int:
        """The 0-based line (as laid out here) of the character."""
        return max(bisect_right(self.line_starts, offset) - 1, 0)

    def line_span(self, line: int) -> tuple[int, int]:
        """Where the line starts and ends in ``raw``."""
        start = self.line_starts[line]
        end = self.line_starts[line + 1] if line + 1 < len(self.line_starts) else len(self.raw)
        return start, end

    @property
    def line_count(self) -> int:
        """How many lines the page has."""
        return len(self.line_starts)


def read(page: int, text: PageText) -> Reading:
    """The reading of ``text``, the page at the 0-based index ``page`` of its file."""
    parts: list[str] = []
    starts: list[int] = []
    words: list[Word] = []
    line_starts: list[int] = []
    position = 0
    glue = ""
    for line in text.lines():
        first = True
        for word in line:
            shown = _GLUED.sub(" ", expand(word.text).replace("\n", " ")).strip()
            if not shown:
                continue
            if first and parts:
                before = parts[-1]
                # «proce- / dimento» is one word; «SOCIO- / EDUCATIVO» and «12- / 03» are left as they stand.
                if _HYPHENATED.search(before) and shown[0].islower():
                    parts[-1] = before[:-1]
                    position -= 1
                    glue = ""
                else:
                    glue = "\n"
            elif parts:
                glue = " "
            if glue:
                parts.append(glue)
                position += 1
            if first and (glue == "\n" or not line_starts):
                line_starts.append(position)
            first = False
            starts.append(position)
            words.append(word)
            parts.append(shown)
            position += len(shown)
    raw = "".join(parts)
    folded = fold_aligned(raw)
    starts_of_lines = tuple(line_starts) or (0,)
    return Reading(
        page,
        raw,
        folded,
        tuple(words),
        tuple(starts),
        starts_of_lines,
        _tokens(raw, folded, starts_of_lines),
        text.height,
        text.width,
        not text.transcribed,
    )


def _tokens(raw: str, folded: str, line_starts: tuple[int, ...]) -> tuple[Token, ...]:
    found: list[Token] = []
    for match in _TOKEN.finditer(folded):
        start, end = match.span()
        text = match.group().replace(".", "")
        if text == "1" and folded[end : end + 1] == "'":
            text = "l"  # «1'assistente»: the elided article read as a one
        shown = raw[start:end]
        found.append(
            Token(text, start, end, shown.upper() == shown and not text.isdigit(), bisect_right(line_starts, start) - 1)
        )
    return tuple(_join_spaced(found, folded))


def _join_spaced(tokens: list[Token], folded: str) -> list[Token]:
    """Letter-spaced titles become words again: acts write «D E C R E T A», stamps «S. A. D.»."""
    joined: list[Token] = []
    index = 0
    while index < len(tokens):
        last = index
        while (
            last + 1 < len(tokens)
            and len(tokens[last].text) == 1
            and len(tokens[last + 1].text) == 1
            and tokens[last].text.isalpha()
            and tokens[last + 1].text.isalpha()
            and tokens[last].upper
            and tokens[last + 1].upper
            and folded[tokens[last].end : tokens[last + 1].start].strip(".") == " "
        ):
            last += 1
        if last - index >= 2:
            run = tokens[index : last + 1]
            joined.append(Token("".join(token.text for token in run), run[0].start, run[-1].end, True, run[0].line))
            index = last + 1
        else:
            joined.append(tokens[index])
            index += 1
    return joined


def tokenise(text: str) -> tuple[Token, ...]:
    """The tokens of a phrase, cut by the same rules as a page."""
    shown = expand(text)
    return _tokens(shown, fold_aligned(shown), (0,))
