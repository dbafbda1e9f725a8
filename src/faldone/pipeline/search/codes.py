"""Codes that people copy from screens, reports and the command line into the search: of a document, a page, a batch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from faldone.domain.ids import BatchId, DocumentId, PageId
from faldone.errors import NotFoundError
from faldone.pipeline.ports import Ports

_DOCUMENT: Final = re.compile(r"(d-[0-9a-f]{12})(?:/([1-9][0-9]{0,4}))?", re.ASCII)
_PAGE: Final = re.compile(r"p-[0-9a-f]{16}-[0-9]{1,9}", re.ASCII)
_BATCH: Final = re.compile(r"b-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A document, at a page of it counted from 1; that it is there, or may be seen, is not said."""

    document: DocumentId
    page: int = 1


def place_meant(text: str, ports: Ports) -> Place | None:
    """The place that a text is the code of: ``d-…``, ``d-…/3`` or ``p-…``; None where it is none."""
    typed = text.strip().lower()
    found = _DOCUMENT.fullmatch(typed)
    if found is not None:
        return Place(DocumentId(found[1]), int(found[2] or 1))
    if _PAGE.fullmatch(typed) is None:
        return None
    try:
        page = ports.catalog.page(PageId(typed))
    except NotFoundError:
        return None
    for document in ports.catalog.documents(page.source):
        if page.index in document.span:
            return Place(document.id, document.span.index(page.index) + 1)
    return None


def is_place(text: str) -> bool:
    """Whether a text has the form of a document's or page's code; that there is such a one is not said."""
    typed = text.strip().lower()
    return _DOCUMENT.fullmatch(typed) is not None or _PAGE.fullmatch(typed) is not None


def batch_meant(text: str) -> BatchId | None:
    """The batch that a text is the code of: ``b-…``."""
    typed = text.strip().lower()
    return BatchId(typed) if _BATCH.fullmatch(typed) else None
