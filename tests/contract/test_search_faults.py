"""What search engines do to those who use them: busy, away, killed, of another version, refusing a part."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import tantivy
from elasticsearch import BadRequestError, Elasticsearch

from faldone.domain.ids import DocumentId
from faldone.errors import BulkRejectedError, ConfigError, IndexUnavailableError
from faldone.search.document import SearchDocument
from faldone.search.elasticsearch import ElasticsearchIndex
from faldone.search.query import parse
from faldone.search.tantivy import TantivyIndex


def document(key: str, text: str = "relazione", **given: str) -> SearchDocument:
    values = {"file": "f.tif", **given}
    return SearchDocument(
        id=DocumentId(key),
        version=1,
        first_page=0,
        last_page=0,
        pages=(text,),
        **values,  # type: ignore[arg-type]
    )


def ids(index: TantivyIndex | ElasticsearchIndex, text: str) -> set[str]:
    return {str(hit.id) for hit in index.search(parse(text)).hits}


WRITER = """
import sys
from pathlib import Path
from faldone.domain.ids import DocumentId
from faldone.search.document import SearchDocument
from faldone.search.tantivy import TantivyIndex

index = TantivyIndex(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    index.upsert([
        SearchDocument(id=DocumentId(f"d-{number}-{part}"), version=1, file="f", first_page=0, last_page=0,
                       pages=("relazione sociale",))
        for part in range(20)
    ])
    print(number, flush=True)
"""


class TestTantivy:
    def test_another_writer_makes_it_busy_and_readers_go_on(self, tmp_path: Path) -> None:
        index = TantivyIndex(tmp_path / "index", lock_wait_s=0.1)
        index.upsert([document("d")])
        other = tantivy.Index.open(str(tmp_path / "index"))
        writer = other.writer(heap_size=15_000_000, num_threads=1)
        with pytest.raises(IndexUnavailableError) as caught:
            index.upsert([document("e")])
        assert caught.value.retryable
        assert caught.value.hint
        assert ids(index, "relazione") == {"d"}
        writer.wait_merging_threads()
        index.upsert([document("e")])
        assert ids(index, "relazione") == {"d", "e"}

    def test_a_reader_sees_what_another_instance_wrote(self, tmp_path: Path) -> None:
        reader, writer = TantivyIndex(tmp_path / "index"), TantivyIndex(tmp_path / "index")
        assert reader.count() == 0
        writer.upsert([document("d")])
        assert ids(reader, "relazione") == {"d"}
        writer.reset()
        assert reader.count() == 0

    def test_threads_of_one_process_take_turns(self, tmp_path: Path) -> None:
        index = TantivyIndex(tmp_path / "index")
        threads = [
            threading.Thread(target=index.upsert, args=([document(f"d-{number}")],), daemon=True) for number in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert index.count() == 8

    def test_killed_while_writing(self, tmp_path: Path) -> None:
        folder = tmp_path / "index"
        for _ in range(3):
            writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
            assert writer.stdout is not None
            said = [writer.stdout.readline() for _ in range(4)]
            writer.send_signal(signal.SIGKILL)
            said += list(writer.stdout)
            writer.wait()
            writer.stdout.close()
            index = TantivyIndex(folder, lock_wait_s=1.0)
            # Each call whose end was told is there whole; the one that was cut is there whole or not at all.
            told = int([line for line in said if line.strip()][-1])
            assert index.count() % 20 == 0
            assert index.count() >= told * 20
            index.upsert([document("after")])
            assert "after" in {str(hit.id) for hit in index.search(parse("relazione", limit=10_000)).hits}
            index.reset()

    def test_another_version_is_refused_until_it_is_reset(self, tmp_path: Path) -> None:
        folder = tmp_path / "index"
        first = TantivyIndex(folder)
        first.upsert([document("d")])
        first.close()
        (folder / "faldone.json").write_text('{"schema": 0, "analysis": 1}', encoding="utf-8")
        index = TantivyIndex(folder)
        with pytest.raises(IndexUnavailableError):
            index.search(parse("relazione"))
        health = index.health()
        assert (health.ready, health.stale) == (False, True)
        index.reset()
        assert index.count() == 0
        index.upsert([document("d")])
        assert ids(index, "relazione") == {"d"}

    def test_damage_is_told_and_repaired_by_reset(self, tmp_path: Path) -> None:
        folder = tmp_path / "index"
        first = TantivyIndex(folder)
        first.upsert([document("d")])
        first.close()
        (folder / "meta.json").write_text("{", encoding="utf-8")
        index = TantivyIndex(folder)
        assert not index.health().ready
        with pytest.raises(IndexUnavailableError):
            index.count()
        index.reset()
        index.upsert([document("d")])
        assert ids(index, "relazione") == {"d"}

    def test_killed_between_index_and_sidecar(self, tmp_path: Path) -> None:
        folder = tmp_path / "index"
        TantivyIndex(folder).count()
        (folder / "faldone.json").unlink()
        index = TantivyIndex(folder)
        index.upsert([document("d")])
        assert index.health().ready


class Server:
    """A stand-in for a cluster in trouble: answers what the test says, path by path."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.bulk: list[tuple[int, object]] = []
        self.status: dict[str, int] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = self.path.partition("?")[0]
                outer.asked.append(path)
                status, reply = outer.reply(path, body)
                raw = json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("X-Elastic-Product", "Elasticsearch")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def reply(self, path: str, body: bytes) -> tuple[int, object]:
        if path in self.status:
            return self.status[path], {"error": {"type": "trouble", "reason": "as told"}, "status": self.status[path]}
        if path.startswith("/_alias/"):
            return 200, {"documents-v1-1": {"aliases": {"documents": {}}}}
        if path.endswith("/_mapping"):
            return 200, {"documents-v1-1": {"mappings": {"_meta": {"faldone": {"schema": 1, "analysis": 1}}}}}
        if path == "/_cluster/health":
            return 200, {"status": "green"}
        if path == "/_nodes":
            return 200, {"nodes": {"n": {"version": "8.19.9"}}}
        if path.endswith("/_mget"):
            wanted = json.loads(body)["ids"]
            return 200, {"docs": [{"_id": key, "found": False} for key in wanted]}
        if path.endswith("/_bulk"):
            return self.bulk.pop(0)
        return 200, {"_shards": {"total": 1, "successful": 1, "failed": 0}}


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()
    thread.join()


@pytest.fixture
def cluster(server: Server) -> Iterator[ElasticsearchIndex]:
    made = ElasticsearchIndex(server.url, alias="documents", retries=2, timeout_s=5)
    yield made
    made.close()


def item(key: str, status: int, reason: str | None = None) -> dict[str, object]:
    error = {} if reason is None else {"error": {"type": "mapper_parsing_exception", "reason": reason}}
    return {"create": {"_id": key, "status": status, **error}}


class TestElasticsearchInTrouble:
    def test_each_refused_item_is_named_with_its_reason(self, server: Server, cluster: ElasticsearchIndex) -> None:
        server.bulk = [(200, {"errors": True, "items": [item("good", 201), item("bad", 400, "field too long")]})]
        with pytest.raises(BulkRejectedError) as caught:
            cluster.upsert([document("good"), document("bad")])
        assert list(caught.value.items) == ["bad"]
        assert "field too long" in caught.value.items["bad"]

    def test_item_refused_as_too_many_is_sent_again(self, server: Server, cluster: ElasticsearchIndex) -> None:
        server.bulk = [
            (200, {"errors": True, "items": [item("a", 201), item("b", 429, "queue is full")]}),
            (200, {"errors": False, "items": [item("b", 201)]}),
        ]
        cluster.upsert([document("a"), document("b")])
        assert server.bulk == []

    def test_items_refused_as_too_many_to_the_end(self, server: Server, cluster: ElasticsearchIndex) -> None:
        server.bulk = [(200, {"errors": True, "items": [item("a", 429, "queue is full")]})] * 3
        with pytest.raises(IndexUnavailableError):
            cluster.upsert([document("a")])

    def test_whole_request_refused_as_too_many(self, server: Server, cluster: ElasticsearchIndex) -> None:
        server.status["/documents/_search"] = 429
        with pytest.raises(IndexUnavailableError):
            cluster.search(parse("relazione"))
        assert server.asked.count("/documents/_search") == 3

    def test_a_lost_race_is_run_again(self, server: Server, cluster: ElasticsearchIndex) -> None:
        server.bulk = [
            (200, {"errors": True, "items": [item("a", 409, "version conflict")]}),
            (200, {"errors": False, "items": [item("a", 201)]}),
        ]
        cluster.upsert([document("a")])
        assert server.asked.count("/documents/_mget") == 2

    def test_a_key_without_rights_is_a_matter_of_settings(self, server: Server, cluster: ElasticsearchIndex) -> None:
        server.status["/_alias/documents"] = 403
        with pytest.raises(ConfigError):
            cluster.count()
        assert not cluster.health().ready

    def test_nobody_answers(self) -> None:
        index = ElasticsearchIndex("http://127.0.0.1:9", retries=1, timeout_s=1)
        with pytest.raises(IndexUnavailableError):
            index.search(parse("relazione"))
        health = index.health()
        assert (health.ready, health.documents) == (False, None)
        index.close()

    def test_settings_that_make_no_sense(self) -> None:
        with pytest.raises(ConfigError):
            ElasticsearchIndex("no address")


@pytest.mark.elasticsearch
class TestElasticsearchNode:
    @pytest.fixture
    def index(self, elasticsearch_url: str) -> Iterator[ElasticsearchIndex]:
        made = ElasticsearchIndex(elasticsearch_url, alias="fault-documents", bulk_documents=3, bulk_bytes=4000)
        made.reset()
        yield made
        made.close()

    @pytest.fixture
    def client(self, elasticsearch_url: str) -> Iterator[Elasticsearch]:
        with Elasticsearch(elasticsearch_url) as made:
            yield made

    def test_many_small_bulks_are_one_upsert(self, index: ElasticsearchIndex) -> None:
        index.upsert([document(f"d-{number}", "relazione " * 60) for number in range(20)])
        assert index.count() == 20

    def test_the_others_are_written_when_one_is_refused(self, index: ElasticsearchIndex) -> None:
        with pytest.raises(BulkRejectedError) as caught:
            index.upsert([document("good"), document("bad", type="x" * 40_000)])
        assert list(caught.value.items) == ["bad"]
        assert "immense term" in caught.value.items["bad"]
        assert ids(index, "relazione") == {"good"}

    def test_unknown_fields_are_refused(self, index: ElasticsearchIndex, client: Elasticsearch) -> None:
        with pytest.raises(BadRequestError, match="strict_dynamic_mapping_exception"):
            client.index(index="fault-documents", document={"surprise": "2014-01-01"})

    def test_reset_leaves_one_index_behind_the_alias(self, index: ElasticsearchIndex, client: Elasticsearch) -> None:
        before = list(client.indices.get_alias(name="fault-documents"))
        index.reset()
        after = list(client.indices.get_alias(name="fault-documents"))
        assert len(before) == len(after) == 1
        assert before != after
        assert after[0].startswith("fault-documents-v1-")
        assert not client.indices.exists(index=before[0])

    def test_first_use_makes_the_index(self, elasticsearch_url: str, client: Elasticsearch) -> None:
        for name in client.indices.get(index="fault-first-*"):
            client.indices.delete(index=name)
        index = ElasticsearchIndex(elasticsearch_url, alias="fault-first")
        index.upsert([document("d")])
        assert ids(index, "relazione") == {"d"}
        index.close()

    def test_another_version_is_refused_until_it_is_reset(
        self, index: ElasticsearchIndex, client: Elasticsearch
    ) -> None:
        client.indices.put_mapping(index="fault-documents", meta={"faldone": {"schema": 0, "analysis": 1}})
        again = ElasticsearchIndex(str(next(iter(client.transport.node_pool.all())).base_url), alias="fault-documents")
        with pytest.raises(IndexUnavailableError):
            again.upsert([document("d")])
        health = again.health()
        assert (health.ready, health.stale) == (False, True)
        again.reset()
        assert again.health().ready
        again.close()

    def test_hits_beyond_the_window(self, elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("faldone.search.elasticsearch._WINDOW", 4)
        index = ElasticsearchIndex(elasticsearch_url, alias="fault-window")
        index.reset()
        index.upsert([document(f"d-{number:02}") for number in range(15)])
        seen = [
            hit.id
            for offset in range(0, 15, 3)
            for hit in index.search(parse("relazione", limit=3, offset=offset)).hits
        ]
        assert seen == [f"d-{number:02}" for number in range(15)]
        assert index.search(parse("relazione", limit=3, offset=20)).total == 15
        index.close()
