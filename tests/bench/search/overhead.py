"""What faldone adds to the question that a node of Elasticsearch is asked in the end.

Each question goes through faldone, and the last request that it led to is sent again over a plain connection: the
difference is what understanding, counting words, the client and taking the answer apart add. Core time is that of the
asking thread and of the node's threads (compiling and collecting garbage left out), so it holds on a machine with other
work too; the clock does not. Snippets and boxes of ten hits are told apart and are in the sum.

    python -m tests.bench.search.overhead [--documents 60000] [--queries 600] [--folder F]

An index of this size that ``--folder`` already holds is asked as it is.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

from elastic_transport import HttpHeaders, Urllib3HttpNode

from faldone.catalog.codec import view_text
from faldone.domain.access import EVERYTHING
from faldone.search.elasticsearch import ElasticsearchIndex
from faldone.search.index import Facet, Hit
from faldone.search.marking import mark
from faldone.search.query import Query
from tests.bench.search.archive import MadeUpArchive, encoded_pages
from tests.bench.search.measure import fill, line
from tests.bench.search.questions import questions
from tests.elasticsearch_node.node import Node

_WARM_UP = 200
HEAP = "1g"


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent to the node, and how many bytes came back."""

    method: str
    target: str
    body: bytes
    headers: dict[str, str]
    got: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, of a core in this thread, and of a core in the node."""

    clock: float
    ours: float
    node: float

    @property
    def core(self) -> float:
        return self.ours + self.node


class Meter:
    """Reads the three clocks of :class:`Cost`; ``pid`` is the node's process."""

    def __init__(self, pid: int) -> None:
        tasks = Path(f"/proc/{pid}/task")
        # Threads that work on requests; those of the virtual machine itself bear other names.
        self._threads = [task for task in tasks.iterdir() if (task / "comm").read_text().startswith("elasticsearch[")]

    def now(self) -> tuple[float, float, float]:
        ran = sum(int((task / "schedstat").read_text().split()[0]) for task in self._threads)
        return time.perf_counter(), time.thread_time(), ran / 1e9

    def since(self, then: tuple[float, float, float]) -> Cost:
        return Cost(*(now - before for now, before in zip(self.now(), then, strict=True)))


@contextlib.contextmanager
def overheard() -> Iterator[list[Request]]:
    """The requests that any client makes in the block."""
    heard: list[Request] = []
    perform = Urllib3HttpNode.perform_request

    def listening(
        self: Urllib3HttpNode,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: float | None = None,
    ) -> object:
        response = perform(self, method, target, body, headers, request_timeout)
        heard.append(Request(method, target, body or b"", dict(headers or {}), len(response.body)))
        return response

    with mock.patch.object(Urllib3HttpNode, "perform_request", listening):
        yield heard


def send(request: Request, connection: http.client.HTTPConnection) -> bytes:
    """The request once more, with nothing around it."""
    connection.request(request.method, request.target, request.body, request.headers)
    return connection.getresponse().read()


def marked(hits: Sequence[Hit], query: Query, archive: MadeUpArchive, meter: Meter) -> Cost:
    """What snippets and boxes take; making the pages up is left out."""
    packed = [encoded_pages(archive.document(int(hit.id[1:]))) for hit in hits]
    then = meter.now()
    for pages in packed:
        mark(query, {number: view_text(page) for number, page in pages.items()}, most=1)
    return meter.since(then)


def measure(node: Node, archive: MadeUpArchive, count: int) -> Iterator[str]:
    """The lines of the report."""
    index = ElasticsearchIndex(node.url, alias="faldone-bench")
    if index.health().documents != archive.size:
        with index.rebuilding() as writer:
            fill(writer, archive)
    asked = [query for _, query in questions(archive, count + _WARM_UP)]
    for query in asked[:_WARM_UP]:
        index.search(query, EVERYTHING, tuple(Facet))
    meter, address = Meter(node.pid), urlsplit(node.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    requests: list[Request] = []
    costs: list[tuple[Cost, Cost, Cost]] = []
    for query in asked[_WARM_UP:]:
        with overheard() as heard:
            then = meter.now()
            hits = index.search(query, EVERYTHING, tuple(Facet)).hits
            whole = meter.since(then)
        then = meter.now()
        send(heard[-1], connection)
        bare = meter.since(then)
        costs.append((whole, bare, marked(hits, query, archive, meter)))
        requests += heard
    index.close()
    connection.close()
    sent, got = sum(len(one.body) for one in requests), sum(one.got for one in requests)
    told = f"{len(requests) / count:.2f} a question, {sent / count / 1e3:.1f} KB sent and {got / count / 1e3:.1f} got"
    yield f"{'requests':21} {told}"
    yield line("bare question, core", [bare.core for _, bare, _ in costs])
    yield line("added, core", [whole.core - bare.core for whole, bare, _ in costs])
    yield line("  of this process", [whole.ours - bare.ours for whole, bare, _ in costs])
    yield line("  of the node", [whole.node - bare.node for whole, bare, _ in costs])
    yield line("snippets, core", [marking.ours for _, _, marking in costs])
    yield line("all added, core", [whole.core - bare.core + marking.ours for whole, bare, marking in costs])
    yield line("bare question, clock", [bare.clock for _, bare, _ in costs])
    yield line("all added, clock", [whole.clock - bare.clock + marking.clock for whole, bare, marking in costs])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=int, default=60_000)
    parser.add_argument("--queries", type=int, default=600)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faldone-bench-")))
        node = stack.enter_context(Node(folder / "node", heap=HEAP))
        for text in measure(node, MadeUpArchive(asked.documents), asked.queries):
            print(text, flush=True)


if __name__ == "__main__":
    main()
