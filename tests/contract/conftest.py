"""Servers for the contract suites. A missing one skips on a laptop and fails where ``CI`` is set."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from elasticsearch_node.node import Node, missing_tools


@pytest.fixture(scope="session")
def elasticsearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Elasticsearch node, which this session starts and ends."""
    missing = missing_tools()
    if missing:
        reason = f"no Elasticsearch node without {', '.join(missing)}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with Node(tmp_path_factory.mktemp("elasticsearch"), heap=os.environ.get("ES_HEAP", "512m")) as node:
        yield node.url
