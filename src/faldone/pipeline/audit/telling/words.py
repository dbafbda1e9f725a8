"""What sentences of the ledger are made of: pairs of both languages, counts, ids and people in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from faldone.classify.lexicon import DocumentType, Lexicon, Service
from faldone.domain.account import Purpose
from faldone.domain.events import EventType
from faldone.domain.reasons import Reason

Scalar = str | int | float | bool | None
Detail = Mapping[str, Scalar]


class Pair(NamedTuple):
    """The same in Italian and in English."""

    italian: str
    english: str


Sentences = Mapping[EventType, Pair | Callable[[str, Detail], Pair]]
"""Of types of events: the sentence, or what makes it of the subject and the details."""

PURPOSES: Final[Mapping[str, Pair]] = {
    Purpose.INTERVIEW.value: Pair("colloquio", "interview"),
    Purpose.CASE_WORK.value: Pair("istruttoria", "case work"),
    Purpose.AUTHORITY.value: Pair("richiesta dell'autorità giudiziaria", "request of a court"),
    Purpose.REQUEST.value: Pair("richiesta dell'interessato", "request of the person concerned"),
    Purpose.QUALITY.value: Pair("controllo", "quality check"),
    Purpose.SCAN.value: Pair("controllo della scansione", "checking the scan"),
    Purpose.URGENCY.value: Pair("urgenza", "urgency"),
}
_SUBJECTS: Final = {"register": Pair("anagrafe", "register of persons")}
_DIGEST_KEYS: Final = (
    "text",
    "read",
    "proposal",
    "decision",
    "record",
    "look",
    "copy",
    "register",
    "sheets",
    "standing",
)
LONGEST: Final = 200
"""Characters of a detail that are told: an altered one may be of any length."""


def subject_name(subject: str) -> Pair:
    """What an entry is about where that is no id: the register of persons as a whole; all else is its own name."""
    return _SUBJECTS.get(subject, Pair(subject, subject))


def purpose_words(code: str) -> Pair:
    """A purpose as people call it; an unknown one is its own name."""
    return PURPOSES.get(code, Pair(code, code))


def agent_words(agent: str) -> Pair:
    """Who did it: «faldone», «operatore anna», an engine with its version."""
    kind, separator, name = agent.partition(":")
    if separator and kind == "user":
        return Pair(f"operatore {name}", f"operator {name}")
    program, _, version = agent.partition("/")
    if program == "faldone":
        return Pair("faldone", "faldone")
    words = f"{program} {version}".strip()
    return Pair(words, words)


def digest_of(subject: str, detail: Detail) -> str | None:
    """The digest an entry vouches for: of what was made or decided, else of the file it is about."""
    for key in _DIGEST_KEYS:
        value = detail.get(key)
        if isinstance(value, str) and value.startswith("sha256:"):
            return value
    return subject if subject.startswith("sha256:") else None


def named(detail: Detail, lexicon: Lexicon) -> Detail:
    """The details with a document's type and service by their names; what the lexicon does not know stays a code."""
    named_by: tuple[tuple[str, Mapping[str, DocumentType | Service]], ...] = (
        ("type", lexicon.types),
        ("service", lexicon.services),
    )
    names = {
        key: known[code].name for key, known in named_by if isinstance(code := detail.get(key), str) and code in known
    }
    return {**detail, **names}


def number(value: Scalar) -> Pair:
    """A count with its thousands apart, as each language writes it; what is no number stays as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Pair(f"{value:,}".replace(",", "."), f"{value:,}")
    text = "?" if value is None else str(value)[:LONGEST]
    return Pair(text, text)


def counted(value: Scalar, one: tuple[str, str], many: tuple[str, str]) -> Pair:
    """A count with its noun: «1 pagina», «3 pagine»."""
    words = one if value == 1 and not isinstance(value, bool) else many
    said = number(value)
    return Pair(f"{said.italian} {words[0]}", f"{said.english} {words[1]}")


_KINDS: Final[Mapping[str, Pair]] = {
    "d-": Pair("il documento", "document"),
    "u-": Pair("la persona", "person"),
    "i-": Pair("l'arrivo", "arrival"),
    "b-": Pair("il lotto", "batch"),
    "c-": Pair("la rilettura", "re-reading"),
    "s-": Pair("la ricerca", "search"),
}
_PAGE: Final = re.compile(r"p-[0-9a-z]+-([0-9]{1,9})", re.ASCII)


def page_number(subject: str) -> int | None:
    """Which page of its file an id names, counted from 1; None when it names none."""
    found = _PAGE.fullmatch(subject)
    return int(found[1]) + 1 if found is not None else None


def subject_words(subject: str) -> Pair:
    """What an entry is about, by the kind of its id: «la pagina 3 del file», «il documento d-…»."""
    page = page_number(subject)
    if page is not None:
        return Pair(f"la pagina {page} del file", f"page {page} of the file")
    if subject.startswith("sha256:"):
        return Pair(f"il file {subject[7:19]}…", f"file {subject[7:19]}…")
    shown = subject[:LONGEST]
    kind = _KINDS.get(subject[:2])
    return Pair(f"{kind.italian} {shown}", f"{kind.english} {shown}") if kind is not None else Pair(shown, shown)


def text_of(detail: Detail, key: str) -> str:
    """A detail as text, cut where it was made too long; empty when there is none."""
    value = detail.get(key)
    return "" if value is None else str(value)[:LONGEST]


def worded(words: Mapping[str, Pair], code: str) -> Pair:
    """A code in words; one that this version does not know is itself."""
    return words.get(code, Pair(code or "?", code or "?"))


def why_words(detail: Detail, key: str = "reason") -> Pair:
    """The reason in words with a colon before it; nothing when there is none."""
    code = text_of(detail, key)
    return filled(": {0}", ": {0}", reason_words(code)) if code else Pair("", "")


def reason_words(code: str) -> Pair:
    """The words of a reason within a sentence; one that this version does not know is its code."""
    with suppress(ValueError):
        reason = Reason(code)
        return Pair(_lower(reason.italian), _lower(reason.english))
    return Pair(code, code)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:].rstrip(".")


def filled(italian: str, english: str, *parts: Pair) -> Pair:
    """A pair with the parts put into it, each in its language."""
    return Pair(italian.format(*(part.italian for part in parts)), english.format(*(part.english for part in parts)))


def capital(pair: Pair) -> Pair:
    """With a capital at its beginning."""
    return Pair(pair.italian[:1].upper() + pair.italian[1:], pair.english[:1].upper() + pair.english[1:])


def byte_words(detail: Detail) -> Pair:
    """A size in bytes."""
    return counted(detail.get("size"), ("byte", "byte"), ("byte", "bytes"))


def page_words(detail: Detail, key: str = "pages") -> Pair:
    """A number of pages."""
    return counted(detail.get(key), ("pagina", "page"), ("pagine", "pages"))
