"""What search engines do to those who use them: busy, away, killed, of another version, refusing a part."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import tantivy
from elasticsearch import BadRequestError, Elasticsearch

from faldone.domain.access import EVERYTHING, NOTHING
from faldone.domain.ids import DocumentId
from faldone.errors import BulkRejectedError, ConfigError, FaldoneError, IndexUnavailableError, QuerySyntaxError
from faldone.search.analysis import ANALYSIS_VERSION
from faldone.search.document import SearchDocument
from faldone.search.elasticsearch import ElasticsearchIndex
from faldone.search.elasticsearch.indices import SCHEMA_VERSION
from faldone.search.index import Facet, Hits
from faldone.search.query import Query, Sort, parse
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
    return {str(hit.id) for hit in index.search(parse(text), EVERYTHING).hits}


WRITER = """
import sys
from pathlib import Path
from faldone.domain.access import EVERYTHING, NOTHING
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
        index.close()
        other = tantivy.Index.open(str(tmp_path / "index" / "g-000001"))
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
            assert "after" in {str(hit.id) for hit in index.search(parse("relazione", limit=10_000), EVERYTHING).hits}
            index.reset()

    def test_another_version_is_refused_until_it_is_reset(self, tmp_path: Path) -> None:
        folder = tmp_path / "index"
        first = TantivyIndex(folder)
        first.upsert([document("d")])
        first.close()
        (folder / "faldone.json").write_text('{"schema": 0, "analysis": 1}', encoding="utf-8")
        index = TantivyIndex(folder)
        with pytest.raises(IndexUnavailableError):
            index.search(parse("relazione"), EVERYTHING)
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
        (folder / "g-000001" / "meta.json").write_text("{", encoding="utf-8")
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


META = {"schema": SCHEMA_VERSION, "analysis": ANALYSIS_VERSION}
INDEX = f"documents-v{SCHEMA_VERSION}-1"


REBUILDER = """
import sys, time
from faldone.domain.ids import DocumentId
from faldone.search.document import SearchDocument
from faldone.search.elasticsearch import ElasticsearchIndex

index = ElasticsearchIndex(sys.argv[1], alias="rebuilt")
with index.rebuilding() as fresh:
    fresh.upsert([SearchDocument(id=DocumentId("half"), version=1, file="f", first_page=0, last_page=0)])
    print("filling", flush=True)
    time.sleep(60)
"""


class Server:
    """A stand-in for a cluster in trouble: answers what the test says, path by path."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.bulk: list[tuple[int, object]] = []
        self.status: dict[str, list[int]] = {}
        """What each path answers, one after the other; then all is well."""
        self.sizes: list[int] = []
        self.questions: list[dict[str, Any]] = []
        self.hold: threading.Barrier | None = None
        """Questions are answered when so many are there."""
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
        if self.status.get(path):
            status = self.status[path].pop(0)
            if status != 200:
                return status, {"error": {"type": "trouble", "reason": "as told"}, "status": status}
        if path.startswith("/_alias/"):
            return 200, {INDEX: {"aliases": {"documents": {}, "documents-write": {}}}}
        if path.endswith("/_mapping"):
            return 200, {INDEX: {"mappings": {"_meta": {"faldone": META}}}}
        if path == "/_cluster/health":
            return 200, {"status": "green"}
        if path == "/_nodes":
            return 200, {"nodes": {"n": {"version": "8.19.9"}}}
        if path.endswith("/_mget"):
            wanted = json.loads(body)["ids"]
            return 200, {"docs": [{"_id": key, "found": False} for key in wanted]}
        if path.endswith("/_bulk"):
            self.sizes.append(len(body))
            return self.bulk.pop(0)
        if path.endswith("/_search"):
            question = json.loads(body)
            self.questions.append(question)
            if self.hold is not None:
                self.hold.wait(30)
            hits = {"total": {"value": 0, "relation": "eq"}, "hits": []}
            words = question.get("aggs", {}).get("words", {}).get("filters", {}).get("filters", [])
            counted = {"words": {"buckets": [{"doc_count": 1} for _ in words]}}
            shards = {"total": 1, "failed": 0}
            return 200, {"timed_out": False, "_shards": shards, "hits": hits, "aggregations": counted}
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
    made = ElasticsearchIndex(server.url, alias="documents", patience_s=1, timeout_s=5)
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
        server.bulk = [(200, {"errors": True, "items": [item("a", 429, "queue is full")]})] * 20
        with pytest.raises(IndexUnavailableError, match="queue is full"):
            cluster.upsert([document("a")])
        assert 3 <= 20 - len(server.bulk) <= 6

    def test_only_what_was_refused_is_sent_again(self, server: Server, cluster: ElasticsearchIndex) -> None:
        server.bulk = [
            (200, {"errors": True, "items": [item("a", 201), item("b", 503, "shard is away"), item("c", 400, "bad")]}),
            (200, {"errors": False, "items": [item("b", 201)]}),
        ]
        with pytest.raises(BulkRejectedError) as caught:
            cluster.upsert([document("a"), document("b"), document("c")])
        assert list(caught.value.items) == ["c"]
        assert server.sizes[1] < server.sizes[0] / 2

    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    def test_whole_request_refused_and_taken_later(
        self, server: Server, cluster: ElasticsearchIndex, status: int
    ) -> None:
        server.status["/documents/_search"] = [status, status]
        assert cluster.search(parse("casa"), EVERYTHING).total == 0
        assert server.asked.count("/documents/_search") == 3
        server.status["/documents-write/_bulk"] = [status]
        server.bulk = [(200, {"errors": False, "items": [item("a", 201)]})]
        cluster.upsert([document("a")])

    def test_whole_request_refused_to_the_end(self, server: Server, cluster: ElasticsearchIndex) -> None:
        server.status["/documents/_search"] = [429] * 20
        with pytest.raises(IndexUnavailableError):
            cluster.search(parse("casa"), EVERYTHING)
        assert 3 <= server.asked.count("/documents/_search") <= 6

    def test_a_request_that_is_too_large_is_halved(self, server: Server, cluster: ElasticsearchIndex) -> None:
        server.status["/documents-write/_bulk"] = [413, 200, 413, 413, 200]
        server.bulk = [(200, {"errors": False, "items": [item("a", 201)]})]
        server.bulk += [(200, {"errors": False, "items": [item("c", 201)]})]
        with pytest.raises(BulkRejectedError) as caught:
            cluster.upsert([document("a"), document("b"), document("c")])
        assert list(caught.value.items) == ["b"]
        assert server.bulk == []

    def test_many_documents_are_refreshed_once(self, server: Server) -> None:
        many = ElasticsearchIndex(server.url, alias="documents", bulk_documents=2)
        server.bulk = [(200, {"errors": False, "items": []})] * 3
        many.upsert([document(f"d-{number}") for number in range(6)])
        assert server.asked.count("/documents-write/_refresh") == 1
        server.bulk = [(200, {"errors": False, "items": []})]
        many.upsert([document("one")])
        assert server.asked.count("/documents-write/_refresh") == 1
        many.close()

    def test_a_lost_race_is_run_again(self, server: Server, cluster: ElasticsearchIndex) -> None:
        server.bulk = [
            (200, {"errors": True, "items": [item("a", 409, "version conflict")]}),
            (200, {"errors": False, "items": [item("a", 201)]}),
        ]
        cluster.upsert([document("a")])
        assert server.asked.count("/documents-write/_mget") == 2

    def test_the_words_of_a_question_are_counted_once_for_all_its_searches(
        self, server: Server, cluster: ElasticsearchIndex
    ) -> None:
        def counted() -> list[list[str]]:
            filters = [one["aggs"]["words"]["filters"]["filters"] for one in server.questions if "aggs" in one]
            return [[word["term"]["words"] for word in words] for words in filters]

        for text in ("relazione sociale", "relazione sociale", "sociale tribunale"):
            cluster.search(parse(text), EVERYTHING)
        assert counted() == [["relazione", "sociale"], ["tribunale"]]
        server.bulk = [(200, {"errors": False, "items": [item("a", 201)]})]
        cluster.upsert([document("a")])
        cluster.search(parse("relazione"), EVERYTHING)
        assert counted()[2:] == [["relazione"]]

    def test_words_counted_a_while_ago_are_counted_again(
        self, server: Server, cluster: ElasticsearchIndex, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("faldone.search.elasticsearch.remembered._FOR_S", 0.0)
        for _ in range(2):
            cluster.frequencies(["relazione"])
        assert len(server.questions) == 2

    def test_counting_alone_asks_for_nothing_that_is_scored(self, server: Server, cluster: ElasticsearchIndex) -> None:
        cluster.search(parse("casa", limit=0), EVERYTHING)
        (asked,) = server.questions
        assert list(asked["query"]) == ["bool"]
        assert list(asked["query"]["bool"]) == ["filter"]
        assert "sort" not in asked

    def test_twelve_who_ask_at_once_do_not_wait_for_one_another(
        self, server: Server, cluster: ElasticsearchIndex
    ) -> None:
        server.hold = threading.Barrier(12)
        with ThreadPoolExecutor(12) as together:
            told = list(together.map(cluster.search, [Query(limit=0)] * 12, [EVERYTHING] * 12))
        assert told == [Hits(0)] * 12

    def test_a_key_without_rights_is_a_matter_of_settings(self, server: Server, cluster: ElasticsearchIndex) -> None:
        server.status["/_alias/documents"] = [403] * 3
        with pytest.raises(ConfigError):
            cluster.count()
        assert not cluster.health().ready

    def test_nobody_answers(self) -> None:
        index = ElasticsearchIndex("http://127.0.0.1:9", timeout_s=1)
        with pytest.raises(IndexUnavailableError):
            index.search(parse("relazione"), EVERYTHING)
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
        assert after[0].startswith(f"fault-documents-v{SCHEMA_VERSION}-")
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
        monkeypatch.setattr("faldone.search.elasticsearch.engine._WINDOW", 4)
        index = ElasticsearchIndex(elasticsearch_url, alias="fault-window")
        index.reset()
        index.upsert([document(f"d-{number:02}") for number in range(15)])
        seen = [
            hit.id
            for offset in range(0, 15, 3)
            for hit in index.search(parse("relazione", limit=3, offset=offset), EVERYTHING).hits
        ]
        assert seen == [f"d-{number:02}" for number in range(15)]
        assert index.search(parse("relazione", limit=3, offset=20), EVERYTHING).total == 15
        index.close()

    def test_filed_documents_are_found_within_two_seconds(self, index: ElasticsearchIndex) -> None:
        for number in range(5):
            started = time.monotonic()
            index.upsert([document(f"d-{number}", f"parola{number}")])
            assert ids(index, f"parola{number}") == {f"d-{number}"}
            assert time.monotonic() - started < 2

    def test_who_may_see_nothing_finds_nothing(self, index: ElasticsearchIndex) -> None:
        index.upsert([document("d", service="TUM"), document("e")])
        for text in ("relazione", "", "-bozza"):
            assert index.search(parse(text), NOTHING, tuple(Facet)) == Hits(0, facets=dict.fromkeys(Facet, ()))

    def test_a_cursor_outlives_client_and_rebuild(self, index: ElasticsearchIndex, elasticsearch_url: str) -> None:
        documents = [document(f"d-{number:02}", "relazione " * (number % 4 + 1)) for number in range(23)]
        index.upsert(documents)
        whole = [hit.id for hit in index.search(parse("relazione", limit=100), EVERYTHING).hits]
        seen: list[str] = []
        query: Query | None = parse("relazione", limit=5)
        while query is not None:
            other = ElasticsearchIndex(elasticsearch_url, alias="fault-documents")
            answer = other.search(query, EVERYTHING)
            other.close()
            assert answer.total == 23
            seen += [hit.id for hit in answer.hits]
            with index.rebuilding() as fresh:
                fresh.upsert(documents)
            query = None if answer.after is None else replace(query, after=answer.after)
        assert seen == whole

    @pytest.mark.parametrize("cursor", ["", "x", "!!!", "W10", "WyJyZWxldmFuY2UiLGZhbHNlXQ", "e30"])
    def test_a_cursor_that_is_none(self, index: ElasticsearchIndex, cursor: str) -> None:
        with pytest.raises(QuerySyntaxError):
            index.search(replace(parse("relazione"), after=cursor), EVERYTHING)

    def test_a_cursor_of_another_order(self, index: ElasticsearchIndex) -> None:
        index.upsert([document(f"d-{number}") for number in range(3)])
        after = index.search(parse("relazione", limit=1), EVERYTHING).after
        with pytest.raises(QuerySyntaxError):
            index.search(replace(parse("relazione"), sort=Sort.OLDEST, after=after), EVERYTHING)

    def test_an_index_that_was_taken_away_comes_back_empty(
        self, index: ElasticsearchIndex, client: Elasticsearch
    ) -> None:
        index.upsert([document("d")])
        client.indices.delete(index=next(iter(client.indices.get_alias(name="fault-documents"))))
        with pytest.raises(IndexUnavailableError):
            index.upsert([document("e")])
        index.upsert([document("e")])
        assert ids(index, "relazione") == {"e"}


def behind(client: Elasticsearch, alias: str) -> list[str]:
    return list(client.indices.get_alias(name=alias).body)


@pytest.mark.elasticsearch
class TestElasticsearchRebuilt:
    @pytest.fixture
    def index(self, elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[ElasticsearchIndex]:
        monkeypatch.setattr("faldone.search.elasticsearch.lease.LASTS_S", 2.0)
        monkeypatch.setattr("faldone.search.elasticsearch.lease._RENEWED_EVERY_S", 0.3)
        monkeypatch.setattr("faldone.search.elasticsearch.lease._LOOK_EVERY_S", 0.1)
        made = ElasticsearchIndex(elasticsearch_url, alias="rebuilt", patience_s=5)
        made.reset()
        yield made
        made.close()

    @pytest.fixture
    def client(self, elasticsearch_url: str) -> Iterator[Elasticsearch]:
        with Elasticsearch(elasticsearch_url) as made:
            yield made

    def test_searches_go_on_in_the_old_one(self, index: ElasticsearchIndex, client: Elasticsearch) -> None:
        index.upsert([document("old")])
        before = behind(client, "rebuilt")
        with index.rebuilding() as fresh:
            fresh.upsert([document("new")])
            assert ids(index, "relazione") == {"old"}
            index.upsert([document("meanwhile")])
            assert ids(index, "relazione") == {"old", "meanwhile"}
        assert ids(index, "relazione") == {"new"}
        after = behind(client, "rebuilt")
        assert behind(client, "rebuilt-write") == after != before
        assert not client.indices.exists(index=before[0])
        assert set(client.indices.get_alias(index="rebuilt-v*").body) == set(after)
        assert client.indices.get_alias(index=after[0])[after[0]]["aliases"].keys() == {"rebuilt", "rebuilt-write"}
        settings = client.indices.get_settings(index=after[0])[after[0]]["settings"]["index"]
        assert (settings["refresh_interval"], settings["auto_expand_replicas"]) == ("1s", "0-1")
        index.upsert([document("later")])
        assert ids(index, "relazione") == {"new", "later"}

    def test_while_it_is_filled_it_is_neither_refreshed_nor_copied(
        self, index: ElasticsearchIndex, client: Elasticsearch
    ) -> None:
        with index.rebuilding() as fresh:
            fresh.upsert([document("new")])
            (filling,) = set(client.indices.get_alias(index="rebuilt-v*").body) - set(behind(client, "rebuilt"))
            settings = client.indices.get_settings(index=filling)[filling]["settings"]["index"]
            assert (settings["refresh_interval"], settings["number_of_replicas"]) == ("-1", "0")
            assert client.count(index=filling)["count"] == 0

    def test_an_older_version_does_not_replace_a_newer_one(self, index: ElasticsearchIndex) -> None:
        newer = replace(document("d", "nuova"), version=3)
        with index.rebuilding() as fresh:
            fresh.upsert([newer])
            fresh.upsert([document("d", "vecchia")])
            fresh.upsert([newer])
        assert ids(index, "nuova") == {"d"}
        index.upsert([document("d", "vecchia")])
        index.upsert([replace(document("d", "nuovissima"), version=3)])
        assert ids(index, "nuovissima") == {"d"}
        assert [(one.id, one.version) for one in index.held()] == [("d", 3)]

    def test_an_exception_leaves_all_as_it_was(self, index: ElasticsearchIndex, client: Elasticsearch) -> None:
        index.upsert([document("old")])
        before = behind(client, "rebuilt")
        with pytest.raises(KeyError), index.rebuilding() as fresh:
            fresh.upsert([document("new")])
            raise KeyError
        assert set(client.indices.get_alias(index="rebuilt-v*").body) == set(before)
        assert ids(index, "relazione") == {"old"}
        with index.rebuilding():
            pass
        assert index.count() == 0

    def test_refused_documents_are_named_and_the_rest_is_kept(self, index: ElasticsearchIndex) -> None:
        with index.rebuilding() as fresh, pytest.raises(BulkRejectedError) as caught:
            fresh.upsert([document("good"), document("bad", type="x" * 40_000)])
        assert list(caught.value.items) == ["bad"]
        assert ids(index, "relazione") == {"good"}

    def test_no_search_fails_while_the_indices_change_places(
        self, index: ElasticsearchIndex, elasticsearch_url: str
    ) -> None:
        index.upsert([document("d")])
        reader = ElasticsearchIndex(elasticsearch_url, alias="rebuilt")
        over, wrong, asked = threading.Event(), [], []

        def read() -> None:
            while not over.is_set():
                try:
                    asked.append(ids(reader, "relazione"))
                except FaldoneError as error:
                    wrong.append(error)

        threads = [threading.Thread(target=read) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(4):
            with index.rebuilding() as fresh:
                fresh.upsert([document("d")])
        over.set()
        for thread in threads:
            thread.join()
        reader.close()
        assert not wrong
        assert len(asked) > 10
        assert all(found == {"d"} for found in asked)

    def test_one_at_a_time(self, index: ElasticsearchIndex, elasticsearch_url: str) -> None:
        other = ElasticsearchIndex(elasticsearch_url, alias="rebuilt")
        with index.rebuilding() as fresh:
            with pytest.raises(IndexUnavailableError, match="ricostruzione"), other.rebuilding():
                pytest.fail("a second rebuild began")
            fresh.upsert([document("d")])
        assert ids(index, "relazione") == {"d"}
        with other.rebuilding():
            pass
        other.close()

    def test_what_a_killed_rebuild_leaves_is_gone_after_the_next(
        self, index: ElasticsearchIndex, elasticsearch_url: str, client: Elasticsearch
    ) -> None:
        index.upsert([document("old")])
        command = [sys.executable, "-c", REBUILDER, elasticsearch_url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
            assert killed.stdout is not None
            killed.stdout.readline()
            killed.kill()
        left = set(client.indices.get_alias(index="rebuilt-v*").body)
        assert len(left) == 2
        assert ids(index, "relazione") == {"old"}
        started = time.monotonic()
        with index.rebuilding() as fresh:
            fresh.upsert([document("new")])
        assert time.monotonic() - started > 2
        assert ids(index, "relazione") == {"new"}
        (now,) = client.indices.get_alias(index="rebuilt-v*").body
        assert now not in left

    def test_who_lost_the_lease_does_not_take_the_place(self, index: ElasticsearchIndex, client: Elasticsearch) -> None:
        index.upsert([document("old")])
        with pytest.raises(IndexUnavailableError), index.rebuilding() as fresh:
            client.index(index="rebuilt-lock", id="rebuild", document={"holder": "somebody else", "renewals": 0})
            fresh.upsert([document("new")])
        assert ids(index, "relazione") == {"old"}
        client.delete(index="rebuilt-lock", id="rebuild")

    def test_a_fresh_index_that_was_taken_away_is_not_made_by_guessing(
        self, index: ElasticsearchIndex, client: Elasticsearch
    ) -> None:
        index.upsert([document("old")])
        with pytest.raises(IndexUnavailableError), index.rebuilding() as fresh:
            (filling,) = set(client.indices.get_alias(index="rebuilt-v*").body) - set(behind(client, "rebuilt"))
            client.indices.delete(index=filling)
            fresh.upsert([document("new")])
        assert ids(index, "relazione") == {"old"}

    def test_a_stale_index_is_rebuilt_in_place(self, index: ElasticsearchIndex, client: Elasticsearch) -> None:
        (old,) = behind(client, "rebuilt")
        client.indices.delete(index=old)
        client.indices.create(
            index="rebuilt-v1-7", aliases={"rebuilt": {}}, mappings={"_meta": {"faldone": {"schema": 1, "analysis": 1}}}
        )
        stale = ElasticsearchIndex(str(next(iter(client.transport.node_pool.all())).base_url), alias="rebuilt")
        assert stale.health().stale
        with stale.rebuilding() as fresh:
            fresh.upsert([document("new")])
        assert not stale.health().stale
        assert behind(client, "rebuilt") == [f"rebuilt-v{SCHEMA_VERSION}-8"]
        assert ids(stale, "relazione") == {"new"}
        stale.close()
