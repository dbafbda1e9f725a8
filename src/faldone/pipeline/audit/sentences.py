"""What an entry of the ledger says, as a sentence: Italian and English, of ids, digests and counts alone.

The ledger holds no name and no word of a page, and so neither does a sentence. An entry that was altered since it was
written still has one: an auditor has to see what stands there.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from faldone.domain.events import EventType
from faldone.pipeline.audit.telling import accounts, arrivals, documents, looks, pages, persons
from faldone.pipeline.audit.telling.documents import WITHHELD
from faldone.pipeline.audit.telling.words import LONGEST, Detail, Pair, Sentences, number


def sentence(type_: str, subject: str, detail: Detail, *, withheld: bool = False) -> Pair:
    """The sentence of an entry; a type that this version does not know is told by its code.

    ``withheld`` tells that a document was filed or decided, and not as what.
    """
    known = None
    with suppress(ValueError):
        kind = EventType(type_)
        known = WITHHELD[kind] if withheld and kind in WITHHELD else _ALL.get(kind)
    if known is None:
        return Pair(f"Evento «{type_}», che questa versione non conosce.", f"Event “{type_}”, unknown to this version.")
    if isinstance(known, Pair):
        italian = {name: number(value).italian for name, value in detail.items()} | {"subject": subject[:LONGEST]}
        english = {name: number(value).english for name, value in detail.items()} | {"subject": subject[:LONGEST]}
        return Pair(known.italian.format_map(_Known(italian)), known.english.format_map(_Known(english)))
    return known(subject, detail)


class _Known(dict[str, str]):
    """What is known; the rest is «?»."""

    def __missing__(self, key: str) -> str:
        return "?"


_ALL: Final[Sentences] = {
    **persons.SENTENCES,
    **arrivals.SENTENCES,
    **pages.SENTENCES,
    **documents.SENTENCES,
    **accounts.SENTENCES,
    **looks.SENTENCES,
}
