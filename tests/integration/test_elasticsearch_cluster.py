"""Three Elasticsearch nodes, of which one at a time is killed: nothing is lost, and no search fails."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from elasticsearch import Elasticsearch

from faldone.domain.access import EVERYTHING
from faldone.domain.ids import DocumentId
from faldone.errors import FaldoneError
from faldone.search.document import SearchDocument
from faldone.search.elasticsearch import ElasticsearchIndex
from faldone.search.query import parse
from tests.conftest import free_port
from tests.elasticsearch_node.node import Node, missing_tools

pytestmark = [pytest.mark.slow, pytest.mark.elasticsearch]

NAMES = ("uno", "due", "tre")


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[list[Node]]:
    if missing_tools():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no Elasticsearch node without {missing_tools()}")
    ports = [free_port() for _ in NAMES]
    common = {
        "discovery.type": "multi-node",
        "discovery.seed_hosts": ",".join(f"127.0.0.1:{port}" for port in ports),
        "cluster.initial_master_nodes": ",".join(NAMES),
        "node.processors": "1",
    }
    made = [
        Node(tmp_path / name, heap="256m", settings={**common, "node.name": name, "transport.port": str(port)})
        for name, port in zip(NAMES, ports, strict=True)
    ]
    with ThreadPoolExecutor(len(made)) as together:
        try:
            list(together.map(Node.start, made))
            yield made
        finally:
            list(together.map(Node.stop, made))


def documents(first: int, last: int) -> list[SearchDocument]:
    return [
        SearchDocument(
            id=DocumentId(f"d-{number:05}"),
            version=1,
            file="f.tif",
            first_page=0,
            last_page=0,
            pages=("relazione sociale " * 40,),
        )
        for number in range(first, last)
    ]


def settled(node: Node, *, nodes: int) -> None:
    """Waits until the cluster has so many nodes and all copies."""
    with Elasticsearch(node.url) as client:
        client.options(request_timeout=100).cluster.health(
            wait_for_nodes=str(nodes), wait_for_status="green", timeout="90s"
        )


def kill(node: Node) -> None:
    os.kill(node.pid, signal.SIGKILL)
    node.stop()


def holder_of_the_primary(nodes: list[Node]) -> int:
    with Elasticsearch(nodes[0].url) as client:
        shards = cast("list[dict[str, Any]]", client.cat.shards(index="lost-v*", format="json", h="prirep,node").body)
    (name,) = [shard["node"] for shard in shards if shard["prirep"] == "p"]
    return NAMES.index(name)


def test_a_node_killed_while_writing_and_one_while_searching(nodes: list[Node]) -> None:
    settled(nodes[0], nodes=3)
    index = ElasticsearchIndex([node.url for node in nodes], alias="lost", patience_s=60, bulk_documents=50)
    index.upsert(documents(0, 200))
    settled(nodes[0], nodes=3)
    first = holder_of_the_primary(nodes)

    # Given a writer at work, the node that holds the shard which is written is killed.
    written = threading.Event()

    def write() -> None:
        for start in range(200, 2000, 200):
            index.upsert(documents(start, start + 200))
            written.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert written.wait(60)
        kill(nodes[first])
        writing.result(timeout=180)
    assert index.count() == 2000
    assert [one.id for one in index.held()] == [one.id for one in documents(0, 2000)]

    nodes[first].start()
    settled(nodes[first], nodes=3)

    # Given readers at work, the node that holds the primary now is killed.
    second = holder_of_the_primary(nodes)
    over, wrong, answered = threading.Event(), [], []

    def read() -> None:
        while not over.is_set():
            try:
                answered.append(index.search(parse("relazione sociale"), EVERYTHING).total)
            except FaldoneError as error:
                wrong.append(error)

    with ThreadPoolExecutor(2) as pool:
        reading = [pool.submit(read) for _ in range(2)]
        time.sleep(1)
        kill(nodes[second])
        time.sleep(10)
        over.set()
        for one in reading:
            one.result(timeout=60)
    index.close()
    assert not wrong
    assert len(answered) > 20
    assert set(answered) == {2000}


def test_a_rebuild_survives_the_loss_of_a_node_that_holds_none_of_it(nodes: list[Node]) -> None:
    settled(nodes[0], nodes=3)
    index = ElasticsearchIndex([node.url for node in nodes], alias="lost", patience_s=60)
    index.upsert(documents(0, 100))
    with index.rebuilding() as fresh:
        fresh.upsert(documents(0, 500))
        with Elasticsearch(nodes[0].url) as client:
            told = client.cat.shards(index="lost-v*", format="json", h="index,node")
            shards = cast("list[dict[str, Any]]", told.body)
        (filling,) = [shard["node"] for shard in shards if shard["index"].endswith("-2")]
        lost = next(number for number, name in enumerate(NAMES) if name != filling)
        kill(nodes[lost])
        fresh.upsert(documents(500, 1000))
    assert index.count() == 1000
    index.close()
