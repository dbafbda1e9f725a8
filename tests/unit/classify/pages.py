"""Pages for the tests: lines of text laid out into words with boxes, A4 at 300 dpi, and a small register."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from faldone.classify.codice_fiscale import check_character, name_code, surname_code
from faldone.classify.lexicon import default_lexicon
from faldone.classify.propose import Context, PageView, propose
from faldone.classify.reading import Reading, read
from faldone.classify.register import MemoryPersonRegister
from faldone.domain.attribution import DocumentProposal
from faldone.domain.ids import PersonId
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.domain.person import Person

WIDTH, HEIGHT, DPI = 2480, 3508, 300
_TOP, _LINE, _LEFT, _CHAR = 200, 64, 220, 22
STAMP = EngineStamp("test", "1", "0")
SCANNED = dt.date(2024, 6, 1)


def page_text(text: str, *, confidence: float = 0.95, blank: bool = False) -> PageText:
    """The page with this text: a line a line; an empty line leaves room, ``\\f`` jumps to the foot of the page."""
    words = []
    y, line_number = _TOP, 0
    for line in text.strip("\n").split("\n"):
        if line.strip() == "\f":
            y = HEIGHT - 700
            continue
        x = _LEFT
        any_word = False
        for piece in line.strip().split():
            words.append(Word(piece, Box(x, y, _CHAR * len(piece), 44), confidence, line_number))
            x += _CHAR * (len(piece) + 1)
            any_word = True
        line_number += any_word
        y = min(y + _LINE, HEIGHT - 80)
    return PageText(tuple(words), WIDTH, HEIGHT, DPI, 0, TextSource.OCR, STAMP, blank=blank)


def reading(text: str, page: int = 0) -> Reading:
    return read(page, page_text(text))


def code(surname: str, name: str, birth: dt.date, place: str = "D142", *, female: bool = False) -> str:
    base = surname_code(surname) + name_code(name) + f"{birth.year % 100:02d}" + "ABCDEHLMPRST"[birth.month - 1]
    base += f"{birth.day + (40 if female else 0):02d}{place}"
    return base + check_character(base)


def person(
    surname: str,
    name: str,
    birth: str,
    place: str = "D142",
    *,
    female: bool = False,
    cf: str | None = "",
    aliases: tuple[str, ...] = (),
) -> Person:
    born = dt.date.fromisoformat(birth)
    chosen = code(surname, name, born, place, female=female) if cf == "" else cf
    return Person(PersonId(f"u-{surname}-{name}-{birth}"), surname, name, chosen, born, "Crema", "Crema", aliases)


def views(*texts: str | PageText | None, legible: bool = True) -> list[PageView]:
    """Page views: text, a ready page, ``""`` for a blank page, ``None`` for one that could not be read."""
    made = []
    for index, text in enumerate(texts):
        if text is None:
            made.append(PageView(index, None, False))
        elif isinstance(text, PageText):
            made.append(PageView(index, text, legible))
        elif not text:
            made.append(PageView(index, page_text("", blank=True), True))
        else:
            made.append(PageView(index, page_text(text), legible))
    return made


def proposals(
    register: Sequence[Person], *texts: str | PageText | None, scanned: dt.date = SCANNED
) -> tuple[DocumentProposal, ...]:
    return propose(
        views(*texts), MemoryPersonRegister(register), default_lexicon(), Context(scanned, "lotto-1/0001.pdf")
    )


def proposal(register: Sequence[Person], *texts: str | PageText | None, scanned: dt.date = SCANNED) -> DocumentProposal:
    found = proposals(register, *texts, scanned=scanned)
    assert len(found) == 1, [(item.first_page, item.last_page) for item in found]
    return found[0]


_CONFUSIONS = {
    "o": "0",
    "i": "1",
    "l": "1",
    "s": "5",
    "b": "8",
    "e": "c",
    "à": "a",
    "è": "e",
    "ù": "u",
    "m": "rn",
    "n": "ri",
    "t": "f",
    "a": "o",
}


def noisy(text: str, rate: float, seed: int = 1) -> str:
    """``text`` as a bad scan gives it: look-alikes, lost accents, split words."""
    chance = random.Random(seed)
    out = []
    for char in text:
        roll = chance.random()
        if char.lower() in _CONFUSIONS and roll < rate:
            out.append(_CONFUSIONS[char.lower()])
        elif char.isalpha() and roll > 1 - rate / 8:
            out.append(char + " ")
        else:
            out.append(char)
    return "".join(out)


def holder_names(document: DocumentProposal) -> list[str]:
    return [item.value.name for item in document.holders]
