"""Where in a list of results an open document stands: its number, the ones beside it, and the way back to its row.

The list is asked for anew: it is kept nowhere but as the text of the search, under its id. What it was narrowed to and
how it was put in order travel in the addresses of its documents, as codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qs, urlencode

from fastapi import Request

from faldone.catalog.records import Document
from faldone.domain.access import Access
from faldone.domain.ids import DocumentId
from faldone.errors import FaldoneError
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.asking import as_answered, asked_text, query_of
from faldone.pipeline.search.find import seen
from faldone.search.index import Hits
from faldone.search.query import Query
from faldone.web.asking import asker_of, place
from faldone.web.caller import Caller
from faldone.web.pages.result_lines import Asked, Line

LONGEST: Final = 2_000
"""Characters of what an address says of a list."""

_AT_ONCE = 500
_FARTHEST = 2_000
"""A document that lies farther behind the place that its address tells is not looked for."""

_ROWS = 20


@dataclass(frozen=True, slots=True)
class ResultPlace:
    """Where a document stands in a list of results: 1-based ``number`` of ``total``, if it could be found there.

    ``back`` is the address of its row; ``previous`` and ``following`` are those of the documents beside it.
    """

    back: str
    number: int | None = None
    total: int = 0
    previous: str | None = None
    following: str | None = None


def in_list(lines: Sequence[Line], asked: Asked) -> list[Line]:
    """The lines of a list, their addresses saying which one it is."""
    after, before = place(asked.after)
    return [
        replace(line, href=f"{line.href}&{urlencode({'l': _written(asked, None if after else before + at)})}")
        for at, line in enumerate(lines, 1)
    ]


def place_of(document: Document, search: str, told: str, caller: Caller) -> ResultPlace | None:
    """Where a document stands in the list of a search, of which its address told ``told``.

    None where it cannot be said, because the search has run out or the index does not answer: a document is shown all
    the same.
    """
    asked, near = _read(search, told)
    asker, ports = asker_of(caller), caller.site.ports
    try:
        text = asked_text(search, caller.account.name, asker, ports)
        query = query_of(replace(asked, after="").question(text), asker, ports)
        query = as_answered(query, asker, ports, lambda: caller.site.book)
        return _place(document, query, asked, near or 1, caller)
    except FaldoneError:
        return None


def _place(document: Document, query: Query, asked: Asked, near: int, caller: Caller) -> ResultPlace:
    access, ports = asker_of(caller).access, caller.site.ports

    def around(number: int) -> Hits:
        return ports.index.search(replace(query, offset=max(0, number - 2), limit=3), access)

    hits = around(near)
    ids = [hit.id for hit in hits.hits]
    if document.id in ids:
        number = max(0, near - 2) + ids.index(document.id) + 1
    else:
        found = _looked_for(document.id, query, access, ports)
        if found is None:
            return ResultPlace(f"{asked.href(after=asked.after)}#{document.id}", None, hits.total)
        number = found
    beside = hits if number == near else around(number)
    shown = {one.document.id for one in seen(beside, access, ports)}
    first = max(0, number - 2) + 1
    hrefs = {
        first + at: f"/documenti/{hit.id}?{urlencode({'r': asked.id, 'l': _written(asked, first + at)})}"
        for at, hit in enumerate(beside.hits)
        if hit.id in shown
    }
    rows = (number - 1) // _ROWS * _ROWS
    return ResultPlace(
        back=f"{asked.href(after=str(rows) if rows else '')}#{document.id}",
        number=number,
        total=beside.total,
        previous=hrefs.get(number - 1),
        following=hrefs.get(number + 1),
    )


def _looked_for(document: DocumentId, query: Query, access: Access, ports: Ports) -> int | None:
    """The number of a document in an answer, looked for from the beginning on."""
    for offset in range(0, _FARTHEST, _AT_ONCE):
        hits = ports.index.search(replace(query, offset=offset, limit=_AT_ONCE), access)
        for number, hit in enumerate(hits.hits, offset + 1):
            if hit.id == document:
                return number
        if len(hits.hits) < _AT_ONCE:
            break
    return None


def _written(asked: Asked, number: int | None) -> str:
    """A list and a place in it, as addresses tell it."""
    said = asked.href(after=asked.after if number is None else "").partition("?")[2]
    return "&".join(part for part in (f"n={number}" if number is not None else "", said) if part)


def _read(search: str, told: str) -> tuple[Asked, int | None]:
    """What an address tells of a list: what is none of the values of a list is passed over."""
    made = Request({"type": "http", "query_string": told.encode(), "headers": []})
    number = parse_qs(told).get("n", [""])[0]
    counted = number.isascii() and number.isdecimal() and 0 < len(number) <= 6 and int(number) > 0
    return Asked.of(search, made), int(number) if counted else None
