"""What stands on a page that no machine reads, typed by somebody who looks at it: another reading of the page.

The reading that was in force before is kept, and is in force again when the transcription is taken back. The ledger
holds digests and counts of what was typed, never a word of it.

Nobody says where on the page a typed word stands. So that what works on words has boxes, each line gets a strip of the
page's height, all equally high, and each word its share of the strip: an order, not a place. Whoever shows the page
marks no single word on its image, and what they prove is proved by the page as a whole.
"""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from faldone.catalog.records import Page
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId
from faldone.domain.page import BY_PERSON, TRANSCRIBED, Box, PageText, Word
from faldone.errors import StaleError, UndecidableError
from faldone.ocr.quality import is_legible
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.blank_page import put_reading, restore_reading

MOST_CHARACTERS: Final = 10_000
MOST_LINES: Final = 300
"""A page densely written by hand has a third of either."""

_TYPED: Final = TRANSCRIBED.settings

_FEW_WORDS: Final = 3
"""Of a page with so few words the rest may be handwriting, however well they were read."""

_UNREAD: Final = "unread"


@dataclass(frozen=True, slots=True)
class Transcription:
    """Who typed what stands on a page, and when."""

    by: str
    at: dt.datetime


def is_transcribable(text: PageText) -> bool:
    """Whether typing may take the place of a reading: it was typed itself, or a machine read next to nothing well."""
    return not text.blank and (text.transcribed or len(text.words) <= _FEW_WORDS or not is_legible(text))


def transcription_of(page: Page, ports: Ports) -> Transcription | None:
    """Who typed the words in force on a page; None when nobody did."""
    found = None
    for entry in ports.catalog.events([page.id]):
        record = entry.record
        if record.type == EventType.PAGE_RECOGNISED.value:
            detail = json.loads(record.detail)
            if detail.get("settings") == _TYPED and detail.get("key") == str(page.text):
                found = Transcription(record.agent.removeprefix("user:"), dt.datetime.fromisoformat(record.at))
    return found


def transcribe(page: Page, typed: str, seen: Digest, document: DocumentId, by: str, ports: Ports) -> None:
    """Puts what somebody typed in the place of a page's reading; its document is proposed anew, its index follows.

    Args:
        page: a page that was read.
        typed: what stands on it, a line a line.
        seen: the key of the reading that was looked at.
        document: the document that the page is of now.
        by: the account of who typed.
        ports: the archive.

    Raises:
        UndecidableError: nothing was typed, or too much, or the page is not one to be typed.
        StaleError: the page was read otherwise since, or the file is being worked on at this moment.
    """
    text = _in_force(page, seen, ports)
    if not is_transcribable(text):
        raise UndecidableError(
            "La macchina legge questa pagina: non c'è nulla da trascrivere. / "
            "This page is read by machine: there is nothing to transcribe."
        )
    lines = typed_lines(typed)
    if [[word.text for word in line] for line in text.lines()] == lines and text.transcribed:
        return
    steps = tuple(step for step in text.steps if step != _UNREAD)
    said = replace(text, words=tuple(_placed(lines, text.width, text.height)), engine=TRANSCRIBED, steps=steps)
    key = Digest.of(f"{seen}\0{BY_PERSON}\0{_TYPED}\0{said.text}".encode())
    put_reading(page, seen, key, said, document, by, ports)


def take_back_transcription(page: Page, seen: Digest, document: DocumentId, by: str, ports: Ports) -> None:
    """Puts the reading that a transcription took the place of in force again. Arguments and errors as above."""
    text = _in_force(page, seen, ports)
    before = _reading_before(page, ports)
    if not text.transcribed or before is None:
        raise UndecidableError("La pagina non è trascritta da nessuno. / Nobody transcribed the page.")
    restore_reading(page, before, document, by, ports)


def typed_lines(typed: str) -> list[list[str]]:
    """What was typed as words by line: composed letters, no empty lines, nothing that is not seen.

    Raises:
        UndecidableError: that is nothing, or too much.
    """
    seen = "".join(char for char in unicodedata.normalize("NFC", typed) if char.isspace() or _is_seen(char))
    if len(seen) > MOST_CHARACTERS or len(seen.splitlines()) > MOST_LINES:
        raise UndecidableError(
            f"Troppo testo per una pagina: al massimo {MOST_CHARACTERS} caratteri e {MOST_LINES} righe. / "
            f"Too much text for a page: at most {MOST_CHARACTERS} characters and {MOST_LINES} lines."
        )
    lines = [words for line in seen.splitlines() if (words := line.split())]
    if not lines:
        raise UndecidableError("Scrivi che cosa si legge sulla pagina. / Type what the page says.")
    return lines


def _is_seen(char: str) -> bool:
    # Controls, marks that turn the direction of text, halves of characters and what Unicode has not given out.
    return not unicodedata.category(char).startswith("C")


def _placed(lines: Sequence[Sequence[str]], width: int, height: int) -> Iterator[Word]:
    """The words in strips over the page."""
    for number, words in enumerate(lines):
        top, bottom = (height * place // len(lines) for place in (number, number + 1))
        # A blank behind each word but the last.
        long, start = sum(map(len, words)) + len(words) - 1, 0
        for word in words:
            left, right = (width * place // long for place in (start, start + len(word)))
            yield Word(word, Box(left, top, right - left, bottom - top), 1.0, number)
            start += len(word) + 1


def _in_force(page: Page, seen: Digest, ports: Ports) -> PageText:
    text = ports.catalog.recognition(page.text) if page.text is not None else None
    if text is None:
        raise UndecidableError(
            "La pagina non è ancora letta: aspetta che lo sia. / The page was not read yet: wait until it is."
        )
    if page.text != seen:
        raise StaleError(
            "Il testo di questa pagina è cambiato mentre la guardavi: riguardala. Nulla è stato applicato. / "
            "The text of this page changed while you looked at it: look again. Nothing was applied."
        )
    return text


def _reading_before(page: Page, ports: Ports) -> Digest | None:
    """The last reading of a page that nobody typed."""
    last = None
    for entry in ports.catalog.events([page.id]):
        detail = json.loads(entry.record.detail)
        if entry.record.type == EventType.PAGE_RECOGNISED.value and detail.get("settings") != _TYPED:
            last = detail.get("key")
        elif entry.record.type == EventType.PAGE_REREAD.value and detail.get("text") is not None:
            last = detail.get("new")
    return Digest.parse(str(last)) if last is not None else None
