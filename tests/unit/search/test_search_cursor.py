"""Cursors: what was written is read back, and anything else is refused."""

from __future__ import annotations

import pytest

from faldone.errors import QuerySyntaxError
from faldone.search import cursor
from faldone.search.query import Sort


@pytest.mark.parametrize("key", ["", "arossi0mario00", 0, 5 << 58])
@pytest.mark.parametrize("sort", list(Sort))
def test_a_cursor_is_read_back(sort: Sort, key: str | int) -> None:
    assert cursor.decode(cursor.encode(sort, key, 7), sort) == (key, 7)


def test_one_of_another_order_is_refused() -> None:
    with pytest.raises(QuerySyntaxError):
        cursor.decode(cursor.encode(Sort.NEWEST, 1, 0), Sort.OLDEST)


@pytest.mark.parametrize(
    ("key", "skip"), [("a TO *} OR id:{a", 0), ("è", 0), (-1, 0), (1 << 63, 0), (1, -1), (1, 1 << 63), (True, "1")]
)
def test_what_no_index_wrote_is_refused(key: str | int, skip: int) -> None:
    with pytest.raises(QuerySyntaxError):
        cursor.decode(cursor.encode(Sort.DOSSIER, key, skip), Sort.DOSSIER)
