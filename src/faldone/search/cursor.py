"""Cursors: where an answer ended, as a word that means something to the index alone."""

from __future__ import annotations

import base64
import binascii
import json

from faldone.errors import QuerySyntaxError
from faldone.search.query import Sort

_FAR = 1 << 63


def encode(sort: Sort, key: str | int, skip: int) -> str:
    """The cursor behind the ``skip`` documents that share the key of the last one."""
    said = json.dumps([sort.value, key, skip], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def decode(cursor: str, sort: Sort) -> tuple[str | int, int]:
    """The key and the number of documents to pass over from there.

    Raises:
        QuerySyntaxError: the cursor is not of an answer in this order.
    """
    try:
        said = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        said = None
    match said:
        case [sort.value, str() | int() as key, int() as skip] if 0 <= skip < _FAR and _sound(key):
            return key, skip
    raise foreign()


def foreign() -> QuerySyntaxError:
    """The cursor is not of this kind of answer."""
    return QuerySyntaxError(
        "Il segno di pagina non è di questa ricerca / the cursor does not belong to this search", column=1
    )


def _sound(key: str | int) -> bool:
    return 0 <= key < _FAR if isinstance(key, int) else key.isascii() and (key.isalnum() or not key)
