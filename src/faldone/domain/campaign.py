"""A campaign of re-reading: which pages, said in a small language, and what came of each.

    engine < 5.3 or confidence < 0.6
    motore = pytesseract e non illeggibile
    (parole < 5 o illeggibile) e lotto = "scatola 12"

``engine`` is a version or a name, ``confidence`` goes from 0 to 1, ``words`` counts, ``unread`` is a page with marks of
which next to nothing could be read, ``batch`` is a batch's code. They are joined by ``and``, ``or``, ``not`` and
parentheses.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NewType, TypeAlias

from faldone.domain.ids import PageId
from faldone.domain.page import PageText, TextSource
from faldone.errors import QuerySyntaxError

_DEEPEST = 50
"""So many parentheses and negations inside each other nobody types by hand."""


CampaignId = NewType("CampaignId", str)
RereadingId = NewType("RereadingId", str)


def rereading_id(campaign: CampaignId, page: PageId) -> RereadingId:
    """The re-reading of a page in a campaign: ``c-…/p-…``."""
    return RereadingId(f"{campaign}/{page}")


class RereadState(StrEnum):
    """What came of a page in a campaign.

    PROMOTED: the new text is in force. KEPT: it was not better, and lies beside the old one. SAME: nothing else was
    read, or there was nothing to read anew. FAILED: it could not be read, and keeps its old text.
    """

    DUE = "due"
    PROMOTED = "promoted"
    KEPT = "kept"
    SAME = "same"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Grade:
    """How good a reading is by the page's own measures: characters expected to be right, and legibility (0–1)."""

    characters: float
    legibility: float


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What a condition asks of a page: its text, and the batches that its file came in."""

    text: PageText
    batches: frozenset[str] = frozenset()


def is_unread(text: PageText) -> bool:
    """Whether there are marks on the page of which next to nothing could be read."""
    return not text.blank and ("unread" in text.steps or not text.words)


# ---- conditions


class Subject(StrEnum):
    """What a comparison is about, as it is written in English."""

    ENGINE = "engine"
    CONFIDENCE = "confidence"
    WORDS = "words"
    UNREAD = "unread"
    BATCH = "batch"


Value: TypeAlias = tuple[int, ...] | str | float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing asked of a page; ``unread`` is one with True. Its ``str()`` parses to the same.

    The engine's value is a version, whose missing parts match any (``5.3`` is every 5.3.x), or a name in any case.
    """

    subject: Subject
    sign: str
    value: Value

    def __str__(self) -> str:
        match self.value:
            case tuple(parts):
                said = ".".join(map(str, parts))
            case str(name):
                said = name if _BARE.fullmatch(name) else f"«{name}»" if '"' in name else f'"{name}"'
            case number:
                said = f"{number:.9f}".rstrip("0").rstrip(".")
        return self.subject.value if self.subject is Subject.UNREAD else f"{self.subject} {self.sign} {said}"


@dataclass(frozen=True, slots=True)
class Not:
    """What does not hold of a page."""

    of: Condition

    def __str__(self) -> str:
        return f"not {self.of}"


@dataclass(frozen=True, slots=True)
class Joined:
    """Two or more conditions that hold all (``word`` is *and*) or any (*or*)."""

    word: str
    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return "(" + f" {self.word} ".join(map(str, self.parts)) + ")"


Condition: TypeAlias = Comparison | Not | Joined

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


def holds(condition: Condition, page: ReadPage) -> bool:
    """Whether the page is one of those that are meant.

    A blank page has no confidence and a text layer no engine version: no comparison with them holds.
    """
    match condition:
        case Not(of):
            return not holds(of, page)
        case Joined("and", parts):
            return all(holds(part, page) for part in parts)
        case Joined(_, parts):
            return any(holds(part, page) for part in parts)
    text, compare = page.text, _OPERATORS[condition.sign]
    match condition.subject, condition.value:
        case Subject.ENGINE, tuple(wanted):
            version = re.match(r"v?(\d+(?:\.\d+)*)", text.engine.version)
            if version is None or text.source is TextSource.TEXT_LAYER:
                return False
            found = [*map(int, version[1].split(".")), *[0] * len(wanted)]
            return compare(tuple(found[: len(wanted)]), wanted)
        case Subject.ENGINE, str(name):
            return compare(text.engine.name.casefold(), name.casefold())
        case Subject.CONFIDENCE, wanted:
            return not text.blank and compare(text.confidence, wanted)
        case Subject.WORDS, wanted:
            return compare(len(text.words), wanted)
        case Subject.BATCH, wanted:
            return (wanted in page.batches) is (condition.sign == "=")
    return is_unread(text)


def batches_in(condition: Condition) -> frozenset[str]:
    """The batches that a condition names."""
    match condition:
        case Comparison(Subject.BATCH, _, str(batch)):
            return frozenset({batch})
        case Not(of):
            return batches_in(of)
        case Joined(_, parts):
            return frozenset().union(*map(batches_in, parts))
    return frozenset()


def with_batches(condition: Condition, names: Mapping[str, str]) -> Condition:
    """The condition with other names for its batches: their ids, where people's words must not stand."""
    match condition:
        case Comparison(Subject.BATCH, _, str(batch)):
            return replace(condition, value=names[batch])
        case Not(of):
            return Not(with_batches(of, names))
        case Joined(word, parts):
            return Joined(word, tuple(with_batches(part, names) for part in parts))
    return condition


# ---- the language

_SUBJECTS = {
    "engine": Subject.ENGINE,
    "motore": Subject.ENGINE,
    "confidence": Subject.CONFIDENCE,
    "confidenza": Subject.CONFIDENCE,
    "words": Subject.WORDS,
    "parole": Subject.WORDS,
    "unread": Subject.UNREAD,
    "illeggibile": Subject.UNREAD,
    "batch": Subject.BATCH,
    "lotto": Subject.BATCH,
}
_AND, _OR, _NOT = frozenset({"and", "e", "ed"}), frozenset({"or", "o", "od"}), frozenset({"not", "non"})
_TOKEN = re.compile(
    r"""\s*(?:(?P<sign><=|>=|!=|[<>=()])|"(?P<quoted>[^"]*)"|«(?P<caporali>[^»]*)»|(?P<word>[^\s<>=!()"«»]+))"""
)
_BARE = re.compile(r"""[^\s<>=!()"«»]+""")
_VERSION = re.compile(r"v?\d{1,9}(?:\.\d{1,9})*")
_ENGINE = re.compile(r"[A-Za-z][A-Za-z0-9._+-]*")
_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?")
_ASKED = "motore, confidenza, parole, illeggibile, lotto, non, ("
_ASKED_ENGLISH = "engine, confidence, words, unread, batch, not, ("


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of the text: ``at`` is 0-based, ``kind`` is sign, word, quoted or end."""

    kind: str
    text: str
    at: int


def parse(text: str) -> Condition:
    """The condition that a person typed, in Italian or English.

    Raises:
        QuerySyntaxError: says at which character, counted from 1, and what is expected there.
    """
    parser = _Parser(_tokens(text))
    condition = parser.any_of(0)
    if parser.next.kind != "end":
        raise _expected(parser.next, "e, o, oppure la fine", "and, or, or the end")
    return condition


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            lost = _Token("word", text[at], at)
            raise _expected(lost, "una parola, un segno, virgolette chiuse", "a word, a sign, closed quotes")
        kind = "quoted" if found.lastgroup == "caporali" else found.lastgroup
        tokens.append(_Token(kind, found[found.lastgroup], found.start(found.lastgroup)))
        at = found.end()
    return [*tokens, _Token("end", "", end)]


class _Parser:
    """Recursive descent: ``or`` binds least, ``not`` most. ``depth`` counts what it is inside of."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    @property
    def next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self.next
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _took(self, words: frozenset[str]) -> bool:
        if self.next.kind == "word" and self.next.text.lower() in words:
            self._take()
            return True
        return False

    def any_of(self, depth: int) -> Condition:
        parts = [self._all_of(depth)]
        while self._took(_OR):
            parts.append(self._all_of(depth))
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))

    def _all_of(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while self._took(_AND):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))

    def _one(self, depth: int) -> Condition:
        if depth > _DEEPEST:
            raise _expected(self.next, "una condizione meno annidata", "a condition that is nested less deeply")
        if self._took(_NOT):
            return Not(self._one(depth + 1))
        token = self._take()
        if (token.kind, token.text) == ("sign", "("):
            inside = self.any_of(depth + 1)
            closing = self._take()
            if (closing.kind, closing.text) != ("sign", ")"):
                raise _expected(closing, "e, o, )", "and, or, )")
            return inside
        subject = _SUBJECTS.get(token.text.lower()) if token.kind == "word" else None
        if subject is None:
            raise _expected(token, _ASKED, _ASKED_ENGLISH)
        if subject is Subject.UNREAD:
            return Comparison(subject, "=", True)
        return self._comparison(subject)

    def _comparison(self, subject: Subject) -> Comparison:
        sign = self._take()
        if sign.kind != "sign" or sign.text not in _OPERATORS:
            raise _expected(sign, "< <= = != >= >", "< <= = != >= >")
        value = _value(subject, self._take())
        if isinstance(value, str) and sign.text not in ("=", "!="):
            raise _expected(sign, "= o !=, perché un nome non è più grande di un altro", "= or !=: names have no order")
        return Comparison(subject, sign.text, value)


def _value(subject: Subject, token: _Token) -> Value:
    said = token.text if token.kind in ("word", "quoted") and token.text.strip() else None
    match subject:
        case Subject.CONFIDENCE:
            if said is not None and _NUMBER.fullmatch(said) and float(said.replace(",", ".")) <= 1:
                return float(said.replace(",", "."))
            raise _expected(token, "un numero da 0 a 1, come 0.6", "a number from 0 to 1, like 0.6")
        case Subject.WORDS:
            if said is not None and said.isascii() and said.isdecimal() and len(said) <= 9:
                return int(said)
            raise _expected(token, "un numero intero, come 5", "a whole number, like 5")
        case Subject.BATCH:
            if said is not None:
                return said
            raise _expected(token, "il codice di un lotto", "the code of a batch")
    if said is not None and _VERSION.fullmatch(said):
        return tuple(map(int, said.removeprefix("v").split(".")))
    if said is not None and _ENGINE.fullmatch(said):
        return said
    raise _expected(token, "una versione come 5.3 o il nome di un motore", "a version like 5.3 or an engine's name")


def _expected(token: _Token, italian: str, english: str) -> QuerySyntaxError:
    if token.kind == "end":
        found, found_english = "la condizione finisce", "the condition ends"
    else:
        found, found_english = f"c'è «{token.text}»", f"there is “{token.text}”"
    return QuerySyntaxError(
        f"Al carattere {token.at + 1} {found}; ci si aspetta: {italian}. / "
        f"At character {token.at + 1} {found_english}; expected: {english}.",
        column=token.at + 1,
        hint="--where 'motore < 5.3 o confidenza < 0.6'",
    )
