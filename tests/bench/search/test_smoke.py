"""The benchmark in small: that it runs, and that its archive is what it says."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from faldone.search.tantivy import TantivyIndex
from tests.bench.search.archive import MadeUpArchive, encoded_pages
from tests.bench.search.measure import Wanted, measure
from tests.bench.search.overhead import measure as measure_overhead
from tests.elasticsearch_node.node import Node, missing_tools


def test_a_document_is_made_from_its_number_alone() -> None:
    one, other = MadeUpArchive(500), MadeUpArchive(500)
    assert one.document(321) == other.document(321) != one.document(322)
    assert set(encoded_pages(one.document(321))) == set(range(len(one.document(321).pages)))


@pytest.mark.slow
def test_five_thousand_documents_are_indexed_searched_and_rebuilt(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    wanted = Wanted(queries=100, facets=True, rebuild=partial(TantivyIndex, tmp_path))
    lines = list(measure(index, MadeUpArchive(5_000), wanted, tmp_path))
    index.close()
    told = {line.split()[0] for line in lines}
    assert {"indexing", "found", "size", "everything", "engine", "marking", "a", "rebuilding"} <= told
    assert lines[-1].endswith(" 0 failed")


@pytest.mark.slow
@pytest.mark.elasticsearch
def test_what_faldone_adds_to_a_question_of_elasticsearch_is_told(tmp_path: Path) -> None:
    if missing_tools():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no Elasticsearch node without {missing_tools()}")
    with Node(tmp_path) as node:
        lines = list(measure_overhead(node, MadeUpArchive(500), 20))
    told = {line.partition(" p50")[0].strip() for line in lines}
    assert {"bare question, core", "snippets, core", "all added, core"} <= told
