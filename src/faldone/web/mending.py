"""How a document is put right, for pages and programs alike."""

from __future__ import annotations

from typing import Final

from faldone.catalog.records import Document
from faldone.domain.digest import Digest
from faldone.domain.ids import PersonId
from faldone.pipeline.papers.open_document import Field as Said
from faldone.pipeline.review.correct import correction
from faldone.pipeline.review.settle import assign
from faldone.pipeline.review.transcribe import take_back_transcription, transcribe
from faldone.web.caller import Caller, ForbiddenError
from faldone.web.sending import page_of

READING: Final = r"^sha256:[0-9a-f]{64}$"
"""The key of a page's reading, which is what was looked at."""


def put_right(
    caller: Caller,
    document: Document,
    field: Said,
    value: str,
    *,
    version: int,
    direction: str = "",
    instead_of: PersonId | None = None,
) -> None:
    """Puts one value of a document right, for pages and programs alike.

    Raises:
        UndecidableError: it is no value of that field, or something else is missing.
        StaleError: the document is not the one that was looked at.
        ForbiddenError: somebody sits at the counter.
    """
    if field is Said.HOLDER:
        not_at_the_counter(caller)
    ports = caller.site.ports
    said = correction(document, field, value, ports, direction=direction, instead_of=instead_of)
    assign(document.id, said, caller.account.name, ports, version=version)


def put_transcription(caller: Caller, document: Document, number: int, typed: str | None, seen: str) -> None:
    """Puts on record what somebody typed of a page, or takes that back (None), for pages and programs alike.

    Raises:
        PageNotFoundError: the document has no such page.
        UndecidableError: nothing was typed, or too much, or it is not a page to be typed.
        StaleError: the page was read otherwise since ``seen``.
        ForbiddenError: somebody sits at the counter.
    """
    ports, by = caller.site.ports, caller.account.name
    leaf = page_of(document, number, ports)
    if caller.pinned is not None:
        raise ForbiddenError(
            "Allo sportello non si trascrive: rilascia prima la persona. / "
            "At the counter nothing is transcribed: release the person first."
        )
    if typed is None:
        take_back_transcription(leaf, Digest.parse(seen), document.id, by, ports)
    else:
        transcribe(leaf, typed, Digest.parse(seen), document.id, by, ports)


def not_at_the_counter(caller: Caller) -> None:
    """Refuses to change whose a paper is while somebody looks on. Raises ForbiddenError."""
    if caller.pinned is not None:
        raise ForbiddenError(
            "Allo sportello non si cambia l'intestatario: rilascia prima la persona. / "
            "At the counter no holder is changed: release the person first."
        )
