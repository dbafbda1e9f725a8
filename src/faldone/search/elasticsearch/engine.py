"""The port, carried out on a cluster."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from elasticsearch import Elasticsearch

from faldone.domain.access import Access
from faldone.domain.ids import DocumentId
from faldone.errors import BulkRejectedError, ConfigError, IndexUnavailableError, SearchError
from faldone.search.cursor import foreign
from faldone.search.document import Field, SearchDocument
from faldone.search.elasticsearch.bulk import CONFLICT, NOT_FOUND, Action, Bulk, Refresh, Refusal
from faldone.search.elasticsearch.client import MOVED, Cluster, Json, away, translated
from faldone.search.elasticsearch.indices import Fresh, Indices, StaleIndexError
from faldone.search.elasticsearch.query import (
    Cursor,
    aggregations,
    buckets_of,
    hits_of,
    order_of,
    ranked,
    source_of,
    unscored,
)
from faldone.search.elasticsearch.remembered import Remembered
from faldone.search.index import Facet, Held, Hits, IndexHealth, IndexWriter
from faldone.search.plan import Node, doubted, plan
from faldone.search.query import Query, Sort
from faldone.search.shortcuts import matching

_WINDOW: Final = 10_000
"""``index.max_result_window``: beyond it hits are walked to with search_after."""

_HELD_AT_A_TIME: Final = 5_000
_WORDS_AT_A_TIME: Final = 500
_CONFLICT_ROUNDS: Final = 5
_REFRESHED_EVERY_S: Final = 1.0


class ElasticsearchIndex:
    """A :class:`faldone.search.index.SearchIndex` on a cluster. Nothing is asked of the server before the first call.

    Args:
        url: of a node, or several: a request that meets a dead one goes to the next.
        alias: the name under which the index is found; everything that is made on the cluster begins with it.
        api_key: in the encoded form that Kibana shows.
        basic_auth: user and password.
        ca_file: the certificate authority that signed the servers' certificates, PEM.
        shards: primary shards of the index; a change counts from the next rebuild on.
        replicas: copies of each; ``None`` is one as soon as there is a second node.
        timeout_s: for one request, in seconds.
        patience_s: how long a busy cluster is asked again, in seconds.
        bulk_documents: upper bound of documents in one bulk request.
        bulk_bytes: upper bound of its size in bytes.
    """

    name = "elasticsearch"

    def __init__(
        self,
        url: str | Sequence[str],
        *,
        alias: str = "faldone-documents",
        api_key: str | None = None,
        basic_auth: tuple[str, str] | None = None,
        ca_file: Path | None = None,
        shards: int = 1,
        replicas: int | None = None,
        timeout_s: float = 30.0,
        patience_s: float = 30.0,
        bulk_documents: int = 500,
        bulk_bytes: int = 10 * 1024 * 1024,
    ) -> None:
        self._cluster = Cluster(
            [url] if isinstance(url, str) else url,
            api_key=api_key,
            basic_auth=basic_auth,
            ca_file=ca_file,
            timeout_s=timeout_s,
            patience_s=patience_s,
        )
        self._indices = Indices(self._cluster, alias, shards=shards, replicas=replicas)
        self._bulk = Bulk(self._cluster, self._indices.write, bulk_documents, bulk_bytes)
        self._refreshes = _Refreshes()
        self._remembered = Remembered()

    def upsert(self, documents: Sequence[SearchDocument]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.upsert`."""
        newest = _newest(documents)
        if not newest:
            return
        with self._using(), self._remembered.changing():
            rejected = self._write(newest)
        if rejected:
            raise _rejected(rejected)

    def delete(self, ids: Iterable[DocumentId]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.delete`."""
        actions = [Action.of("delete", document_id) for document_id in ids]
        if not actions:
            return
        with self._using(), self._remembered.changing():
            refused = list(self._bulk.send(actions, self._refreshes.next()))
            _demand_the_alias(refused)
        if refused:
            raise _rejected({one.id: one.reason for one in refused})

    def search(self, query: Query, access: Access, facets: Sequence[Facet] = ()) -> Hits:
        """See :meth:`faldone.search.index.SearchIndex.search`."""
        start = None if query.after is None else Cursor.read(query.after, query.sort)
        unsure = doubted(query)
        steps = plan(query, access, self.frequencies(unsure) if unsure else {})
        with self._using():
            if start is None or not start.relaxed:
                hits = self._answer(steps.strict, query, facets, start, by_date=steps.by_date)
                if hits.total or steps.relaxed is None or start is not None:
                    return hits
            if steps.relaxed is None:
                raise foreign()
            return self._answer(steps.relaxed, query, facets, start, by_date=False, relaxed=True)

    def held(self) -> Iterator[Held]:
        """See :meth:`faldone.search.index.SearchIndex.held`."""
        after: list[Any] | None = None
        while True:
            with self._using():
                page = self._search(
                    query={"match_all": {}},
                    sort=[{"id": "asc"}],
                    size=_HELD_AT_A_TIME,
                    search_after=after,
                    docvalue_fields=["version", "digest"],
                    track_total_hits=False,
                )["hits"]["hits"]
            for one in page:
                (key,), said = one["sort"], one["fields"]
                yield Held(DocumentId(key), int(said["version"][0]), str(said["digest"][0]))
            if len(page) < _HELD_AT_A_TIME:
                return
            after = page[-1]["sort"]

    @contextmanager
    def rebuilding(self) -> Iterator[IndexWriter]:
        """See :meth:`faldone.search.index.SearchIndex.rebuilding`."""
        with self._remembered.changing(), self._indices.refilled() as fresh:
            yield _Filling(fresh, self._cluster, self._bulk)

    def frequencies(self, words: Sequence[str]) -> Mapping[str, int]:
        """See :meth:`faldone.search.index.SearchIndex.frequencies`."""
        state, counts = self._remembered.of(words)
        wanted = [word for word in dict.fromkeys(words) if word not in counts]
        for start in range(0, len(wanted), _WORDS_AT_A_TIME):
            part = wanted[start : start + _WORDS_AT_A_TIME]
            # With nothing else in the query the engine reads these counts off its dictionary of terms.
            filters = [{"term": {Field.WORDS.value: word}} for word in part]
            with self._using():
                answer = self._search(
                    query={"match_all": {}},
                    size=0,
                    track_total_hits=False,
                    aggs={"words": {"filters": {"filters": filters}}},
                )
            told = answer["aggregations"]["words"]["buckets"]
            counted = {word: int(one["doc_count"]) for word, one in zip(part, told, strict=True)}
            self._remembered.add(counted, state)
            counts |= counted
        return counts

    def count(self) -> int:
        """See :meth:`faldone.search.index.SearchIndex.count`."""
        with self._using():
            return int(self._cluster.ask(lambda client: client.count(index=self._indices.read), again=MOVED)["count"])

    def reset(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.reset`."""
        with translated(), self._remembered.changing():
            self._indices.reset()

    def health(self) -> IndexHealth:
        """See :meth:`faldone.search.index.SearchIndex.health`."""
        try:
            with translated():
                # GET / is not asked: it is closed to some keys, and a node without its module does not answer it.
                cluster = self._cluster.ask(lambda client: client.cluster.health(timeout="5s"))
                nodes = self._cluster.ask(lambda client: client.nodes.info(filter_path="nodes.*.version"))
                versions = sorted({str(node["version"]) for node in nodes.get("nodes", {}).values()})
                detail = f"elasticsearch {', '.join(versions)}, {cluster['status']}"
                if cluster["status"] == "red":
                    return IndexHealth(self.name, ready=False, documents=None, detail=detail)
            return IndexHealth(self.name, ready=True, documents=self.count(), detail=detail)
        except StaleIndexError as error:
            return IndexHealth(self.name, ready=False, documents=None, stale=True, detail=error.message)
        except (IndexUnavailableError, SearchError, ConfigError) as error:
            return IndexHealth(self.name, ready=False, documents=None, detail=error.message)

    def close(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.close`."""
        self._cluster.close()

    @contextmanager
    def _using(self) -> Iterator[None]:
        """The aliases are there and lead to an index of this version; after trouble that is looked at again."""
        with translated():
            self._indices.ensure()
            try:
                yield
            except BaseException:
                self._indices.forget()
                raise

    def _write(self, documents: dict[str, SearchDocument]) -> dict[str, str]:
        """Writes and returns what was refused, by id.

        A document is written on condition that nobody wrote it since its version was read; who loses that race reads
        again. (The engine's own external versions are no help: a deletion keeps its version for a while, and the
        document could not come back.)
        """
        rejected: dict[str, str] = {}
        left = documents
        for _ in range(_CONFLICT_ROUNDS):
            refused = list(self._bulk.send(self._conditional(left), self._refreshes.next()))
            _demand_the_alias(refused)
            rejected |= {one.id: one.reason for one in refused if one.status != CONFLICT}
            left = {one.id: left[one.id] for one in refused if one.status == CONFLICT}
            if not left:
                return rejected
        return rejected | dict.fromkeys(left, "version conflict")

    def _conditional(self, documents: dict[str, SearchDocument]) -> Iterator[Action]:
        ids = list(documents)
        for start in range(0, len(ids), self._bulk.documents):
            yield from self._conditions(ids[start : start + self._bulk.documents], documents)

    def _conditions(self, ids: list[str], documents: dict[str, SearchDocument]) -> Iterator[Action]:
        known = self._cluster.ask(
            lambda client: client.mget(index=self._indices.write, ids=ids, source_includes=["version"])
        )
        for found in known["docs"]:
            document = documents[found["_id"]]
            if "error" in found:
                raise away(str(found["error"].get("reason", "")))
            if not found.get("found"):
                yield Action.of("create", document.id, source_of(document))
            elif found["_source"]["version"] <= document.version:
                condition = {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]}
                yield Action.of("index", document.id, source_of(document), **condition)

    def _answer(
        self,
        node: Node,
        query: Query,
        facets: Sequence[Facet],
        start: Cursor | None,
        *,
        by_date: bool,
        relaxed: bool = False,
    ) -> Hits:
        if not query.limit:
            return self._counted(node, facets, relaxed=relaxed)
        scored = query.sort is Sort.RELEVANCE and not by_date
        asked = {
            "query": ranked(node) if scored else unscored(node),
            "sort": order_of(query.sort, by_date=by_date),
            "track_total_hits": True,
        }
        # One more than wanted tells whether anything is behind; what lies beyond the window is walked to.
        after = None if start is None else list(start.values)
        skip = query.offset if start is None else 0
        wanted = query.limit + 1
        first: Json | None = None
        found: list[Json] = []
        while first is None or len(found) < wanted:
            direct = after is None and skip + wanted <= _WINDOW
            size = wanted - len(found) if direct or not skip else skip
            page = self._search(
                **asked,
                size=min(size, _WINDOW),
                from_=skip if direct else 0,
                search_after=after,
                aggs=aggregations(facets) if first is None else None,
            )
            first = first or page
            part = page["hits"]["hits"]
            if direct or not skip:
                found += part
            else:
                skip -= len(part)
            if direct or len(part) < min(size, _WINDOW) or not part:
                break
            after = part[-1]["sort"]
        total = int(first["hits"]["total"]["value"])
        shown = found[: query.limit]
        more = len(found) > query.limit
        return Hits(
            total,
            hits_of(shown),
            relaxed=relaxed and total > 0,
            facets=buckets_of(facets, first.get("aggregations", {})),
            after=str(Cursor(query.sort, relaxed, tuple(shown[-1]["sort"]))) if more else None,
        )

    def _counted(self, node: Node, facets: Sequence[Facet], *, relaxed: bool) -> Hits:
        """The number of hits and the facets alone: less is looked up, and the engine keeps such answers itself."""
        answer = self._search(query=unscored(matching(node)), size=0, track_total_hits=True, aggs=aggregations(facets))
        total = int(answer["hits"]["total"]["value"])
        counted = buckets_of(facets, answer.get("aggregations", {}))
        return Hits(total, relaxed=relaxed and total > 0, facets=counted)

    def _search(self, **asked: Any) -> Json:
        """Asks a question of all shards: a part of the hits is no answer."""
        # Copies of a shard weigh words slightly differently; the pages of one answer come from the same ones.
        same = hashlib.sha256(json.dumps(asked["query"], sort_keys=True).encode()).hexdigest()[:16]

        def request(client: Elasticsearch) -> Any:
            return client.search(
                index=self._indices.read,
                source=False,
                stored_fields="_none_",
                preference=same,
                allow_partial_search_results=False,
                **asked,
            )

        answer: Json = self._cluster.ask(request, again=MOVED).body
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise away(f"{answer['_shards']['failed']} of {answer['_shards']['total']} shards failed")
        return answer


class _Filling:
    """Writes into a fresh index, which nobody else writes into: the engine's own versions keep the older away."""

    def __init__(self, fresh: Fresh, cluster: Cluster, bulk: Bulk) -> None:
        self._fresh = fresh
        self._bulk = Bulk(cluster, fresh.alias, bulk.documents, bulk.size, persistent=True)

    def upsert(self, documents: Sequence[SearchDocument]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.upsert`; found by searches when the rebuild is over."""
        self._fresh.lease.check()
        actions = (
            Action.of("index", one.id, source_of(one), version=one.version, version_type="external_gte")
            for one in _newest(documents).values()
        )
        with translated():
            refused = [one for one in self._bulk.send(actions) if one.status != CONFLICT]
            _demand_the_alias(refused)
        if refused:
            raise _rejected({one.id: one.reason for one in refused})


class _Refreshes:
    """How a write is made visible: at once, or, where writes follow one another, with the refresh that is due anyway.

    Each refresh of its own makes a segment, and many small segments make searches slow.
    """

    def __init__(self) -> None:
        self._last = -_REFRESHED_EVERY_S
        self._mutex = threading.Lock()

    def next(self) -> Refresh:
        """For the write that is made now."""
        now = time.monotonic()
        with self._mutex:
            due, self._last = now - self._last >= _REFRESHED_EVERY_S, now
        return True if due else "wait_for"


def _newest(documents: Iterable[SearchDocument]) -> dict[str, SearchDocument]:
    newest: dict[str, SearchDocument] = {}
    for document in documents:
        if document.id not in newest or newest[document.id].version <= document.version:
            newest[document.id] = document
    return newest


def _demand_the_alias(refused: Sequence[Refusal]) -> None:
    for one in refused:
        if one.status == NOT_FOUND:
            raise away(one.reason)


def _rejected(items: dict[str, str]) -> BulkRejectedError:
    return BulkRejectedError(
        f"L'indice ha rifiutato {len(items)} documenti. / The index refused {len(items)} documents.", items=items
    )
