"""The pages of an answer by columns, as the catalog gives them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from faldone.catalog.sql.catalog import SqlCatalog
from faldone.domain.digest import Digest
from faldone.domain.ids import page_id
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word

NOW = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
ONE, OTHER = Digest.of(b"un file"), Digest.of(b"un altro")


def text(word: str) -> PageText:
    words = (Word(word, Box(1, 2, 3, 4), 0.9, 0),)
    return PageText(words, 100, 200, 300, 0, TextSource.OCR, EngineStamp("fake", "1", "s"))


def test_stretches_of_several_files_come_in_their_order_and_unread_pages_are_left_out(tmp_path: Path) -> None:
    catalog = SqlCatalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    catalog.migrate()
    with catalog.begin() as work:
        work.add_sources([(ONE, 7), (OTHER, 7)], NOW)
        for source, pages in ((ONE, 4), (OTHER, 2)):
            work.open_source(source, "application/pdf", pages)
        for source, index in ((ONE, 0), (ONE, 2), (OTHER, 1)):
            name = f"{source}{index}"
            work.save_text(page_id(source, index), Digest.of(name.encode()), text(name))
    asked = [(OTHER, range(2)), (ONE, range(1, 4)), (ONE, range(3, 4))]
    views = catalog.page_views(asked)
    assert [{index: view.texts[0] for index, view in pages.items()} for pages in views] == [
        {1: f"{OTHER}1"},
        {2: f"{ONE}2"},
        {},
    ]
    assert views[0][1].boxes([0]) == [Box(1, 2, 3, 4)]
    assert catalog.page_views([]) == []
    catalog.close()
