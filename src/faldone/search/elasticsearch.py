"""The index on an Elasticsearch cluster (servers 8.19 and 9.x).

Everything goes through an alias over one index ``<alias>-v<schema>-<n>``; a reset makes the next ``n`` and moves the
alias in one step, so that searches never meet a half-made index.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    ConflictError,
    Elasticsearch,
    NotFoundError,
    TransportError,
)
from elasticsearch.helpers import streaming_bulk

from faldone.domain.ids import DocumentId
from faldone.errors import BulkRejectedError, ConfigError, IndexUnavailableError, SearchError
from faldone.search import analysis
from faldone.search.document import Field, SearchDocument, day, fields
from faldone.search.index import Hit, Hits, IndexHealth
from faldone.search.plan import All, Best, Dates, Everything, Fixed, Fuzzy, Node, Phrase, Some, Term, plan
from faldone.search.query import Query

SCHEMA_VERSION = 1
"""Rises with every change of ``mappings/documents.json``."""

_WINDOW = 10_000
"""``index.max_result_window``: beyond it hits are walked to with search_after."""

_AWAY = frozenset({408, 429, 502, 503, 504})
_CONFLICT = 409
_CONFLICT_ROUNDS = 5

_Json = dict[str, Any]
T = TypeVar("T")


class ElasticsearchIndex:
    """A :class:`faldone.search.index.SearchIndex` on a cluster. Nothing is asked of the server before the first call.

    Args:
        url: of a node, or several.
        alias: the name under which the index is found; its indices are ``<alias>-v…``.
        api_key: in the encoded form that Kibana shows.
        basic_auth: user and password.
        ca_file: the certificate authority that signed the server's certificate, PEM.
        timeout_s: for one request, in seconds.
        retries: how often a request that met a busy or absent server is made again.
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
        timeout_s: float = 30.0,
        retries: int = 3,
        bulk_documents: int = 500,
        bulk_bytes: int = 10 * 1024 * 1024,
    ) -> None:
        options: dict[str, Any] = {}
        if ca_file is not None:
            options["ca_certs"] = str(ca_file)
        try:
            self._client = Elasticsearch(
                [url] if isinstance(url, str) else list(url),
                api_key=api_key,
                basic_auth=basic_auth,
                request_timeout=timeout_s,
                max_retries=retries,
                retry_on_timeout=True,
                retry_on_status=sorted(_AWAY - {429}),  # 429 needs a pause, which the client does not make
                **options,
            )
        except (ValueError, OSError) as error:
            raise ConfigError(
                f"Indirizzo o certificato di Elasticsearch non validi: {error} / Elasticsearch settings: {error}",
                hint="faldone config check",
            ) from error
        self._alias = alias
        self._retries = retries
        self._bulk_documents = bulk_documents
        self._bulk_bytes = bulk_bytes
        self._ensured = False

    def upsert(self, documents: Sequence[SearchDocument]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.upsert`."""
        newest: dict[str, SearchDocument] = {}
        for document in documents:
            if document.id not in newest or newest[document.id].version <= document.version:
                newest[document.id] = document
        if not newest:
            return
        with _translated():
            self._ensure()
            rejected: dict[str, str] = {}
            for start in range(0, len(newest), self._bulk_documents):
                part = dict(list(newest.items())[start : start + self._bulk_documents])
                rejected |= self._write(part)
            self._again(lambda: self._client.indices.refresh(index=self._alias))
        if rejected:
            raise BulkRejectedError(
                f"L'indice ha rifiutato {len(rejected)} documenti. / The index refused {len(rejected)} documents.",
                items=rejected,
            )

    def delete(self, ids: Iterable[DocumentId]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.delete`."""
        actions = [{"_op_type": "delete", "_id": document_id} for document_id in ids]
        if not actions:
            return
        with _translated():
            self._ensure()
            rejected = {key: reason for key, status, reason in self._bulk(actions) if status != 404}
            self._again(lambda: self._client.indices.refresh(index=self._alias))
        if rejected:
            raise BulkRejectedError(
                f"L'indice ha rifiutato {len(rejected)} cancellazioni. / The index refused {len(rejected)} deletions.",
                items=rejected,
            )

    def search(self, query: Query) -> Hits:
        """See :meth:`faldone.search.index.SearchIndex.search`."""
        steps = plan(query)
        with _translated():
            self._ensure()
            hits = self._ask(steps.strict, query, by_date=steps.by_date)
            if hits.total == 0 and steps.relaxed is not None:
                hits = self._ask(steps.relaxed, query, by_date=False)
                return Hits(hits.total, hits.hits, relaxed=hits.total > 0)
            return hits

    def count(self) -> int:
        """See :meth:`faldone.search.index.SearchIndex.count`."""
        with _translated():
            self._ensure()
            return int(self._again(lambda: self._client.count(index=self._alias))["count"])

    def reset(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.reset`."""
        with _translated():
            old = self._indices()
            made = self._next(old)
            self._client.indices.create(index=made, **_definition())
            actions: list[Mapping[str, Any]] = [
                {"add": {"index": made, "alias": self._alias, "is_write_index": True}},
                *({"remove_index": {"index": name}} for name in old),
            ]
            self._again(lambda: self._client.indices.update_aliases(actions=actions))
            self._ensured = True

    def health(self) -> IndexHealth:
        """See :meth:`faldone.search.index.SearchIndex.health`."""
        try:
            with _translated():
                # GET / is not asked: it is closed to some keys, and a node without its module does not answer it.
                cluster = self._again(lambda: self._client.cluster.health(timeout="5s"))
                nodes = self._again(lambda: self._client.nodes.info(filter_path="nodes.*.version"))
                versions = sorted({str(node["version"]) for node in nodes.get("nodes", {}).values()})
                detail = f"elasticsearch {', '.join(versions)}, {cluster['status']}"
                if cluster["status"] == "red":
                    return IndexHealth(self.name, ready=False, documents=None, detail=detail)
            return IndexHealth(self.name, ready=True, documents=self.count(), detail=detail)
        except _StaleIndexError as error:
            return IndexHealth(self.name, ready=False, documents=None, stale=True, detail=error.message)
        except (IndexUnavailableError, SearchError, ConfigError) as error:
            return IndexHealth(self.name, ready=False, documents=None, detail=error.message)

    def close(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.close`."""
        self._client.close()

    def _ensure(self) -> None:
        """Sees to it, once, that the alias leads to an index of this schema and this analysis."""
        if self._ensured:
            return
        indices = self._indices()
        if not indices:
            made = self._next([])
            try:
                aliases = {self._alias: {"is_write_index": True}}
                self._client.indices.create(index=made, aliases=aliases, **_definition())
            except ApiError as error:
                if error.error != "resource_already_exists_exception":  # another process was faster
                    raise
            indices = [made]
        mapping = self._again(lambda: self._client.indices.get_mapping(index=self._alias))
        written = [index["mappings"].get("_meta", {}) for index in mapping.body.values()]
        if written != [_meta()]:
            raise _StaleIndexError(
                "L'indice è di un'altra versione e va ricostruito. / "
                "The index is of another version and has to be rebuilt.",
                hint="faldone index rebuild",
            )
        self._ensured = True

    def _indices(self) -> list[str]:
        try:
            return sorted(self._again(lambda: self._client.indices.get_alias(name=self._alias)).body)
        except NotFoundError:
            return []

    def _next(self, old: Sequence[str]) -> str:
        numbers = [int(name.rpartition("-")[2]) for name in old if name.rpartition("-")[2].isdigit()]
        return f"{self._alias}-v{SCHEMA_VERSION}-{max(numbers, default=0) + 1}"

    def _write(self, documents: dict[str, SearchDocument]) -> dict[str, str]:
        """Writes a bulk and returns what was refused, by id.

        A document is written on condition that nobody wrote it since its version was read; who loses that race reads
        again. (The engine's own external versions are no help: a deletion keeps its version for a while, and the
        document could not come back.)
        """
        rejected: dict[str, str] = {}
        left = documents
        for _ in range(_CONFLICT_ROUNDS):
            actions = self._conditional(left)
            outcomes = list(self._bulk(actions))
            rejected |= {key: reason for key, status, reason in outcomes if status != _CONFLICT}
            left = {key: left[key] for key, status, _ in outcomes if status == _CONFLICT}
            if not left:
                return rejected
        return rejected | dict.fromkeys(left, "version conflict")

    def _conditional(self, documents: dict[str, SearchDocument]) -> list[_Json]:
        known = self._again(
            lambda: self._client.mget(index=self._alias, ids=list(documents), source_includes=["version"])
        )
        actions: list[_Json] = []
        for found in known["docs"]:
            document = documents[found["_id"]]
            if not found.get("found"):
                actions.append({"_op_type": "create", "_id": document.id, "_source": _source(document)})
            elif found["_source"]["version"] <= document.version:
                condition = {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]}
                actions.append({"_op_type": "index", "_id": document.id, "_source": _source(document), **condition})
        return actions

    def _bulk(self, actions: list[_Json]) -> Iterator[tuple[str, int, str]]:
        """Sends actions and gives (id, status, reason) of each that failed for good.

        Raises:
            IndexUnavailableError: items were still refused as too many after the retries.
        """
        outcomes = streaming_bulk(
            self._client,
            actions,
            index=self._alias,
            require_alias=True,  # a missing alias must not become an index with guessed fields
            chunk_size=self._bulk_documents,
            max_chunk_bytes=self._bulk_bytes,
            max_retries=self._retries,
            initial_backoff=0.2,
            max_backoff=5,
            raise_on_error=False,
        )
        for succeeded, item in outcomes:
            if succeeded:
                continue
            result = next(iter(item.values()))
            status = int(result.get("status", 0))
            if status in _AWAY:
                raise _away(f"HTTP {status}")
            yield str(result["_id"]), status, _reason(result)

    def _ask(self, node: Node, query: Query, *, by_date: bool) -> Hits:
        newest = {"date": {"order": "desc", "missing": "_last"}}
        sort: list[Any] = [newest, {"id": "asc"}] if by_date else [{"_score": "desc"}, newest, {"id": "asc"}]
        native = _translate(node)
        if query.offset + query.limit <= _WINDOW:
            page = self._page(native, sort, size=query.limit, start=query.offset)
            return Hits(int(page["total"]["value"]), tuple(_hit(found) for found in page["hits"]))
        total, at, after = 0, 0, None
        hits: list[Hit] = []
        while len(hits) < query.limit:
            step = min(query.offset - at if at < query.offset else query.limit - len(hits), _WINDOW)
            page = self._page(native, sort, size=step, after=after)
            total = int(page["total"]["value"])
            if at >= query.offset:
                hits += [_hit(found) for found in page["hits"]]
            if len(page["hits"]) < step:
                break
            at += step
            after = page["hits"][-1]["sort"]
        return Hits(total, tuple(hits))

    def _page(
        self, native: _Json, sort: list[Any], *, size: int, after: list[Any] | None = None, start: int = 0
    ) -> _Json:
        answer = self._again(
            lambda: self._client.search(
                index=self._alias,
                query=native,
                sort=sort,
                size=size,
                from_=start if after is None else 0,
                search_after=after,
                source=False,
                track_total_hits=True,
            )
        )
        shards = answer["_shards"]
        if shards["failed"] or answer["timed_out"]:  # a part of the hits is no answer
            raise _away(f"{shards['failed']} of {shards['total']} shards failed")
        found: _Json = answer["hits"]
        return found

    def _again(self, ask: Callable[[], T]) -> T:
        """Asks, and asks again after a pause while the server says that it has too much to do."""
        for attempt in range(self._retries + 1):
            try:
                return ask()
            except ApiError as error:
                if error.status_code != 429 or attempt == self._retries:
                    raise
                time.sleep(min(0.2 * 2**attempt, 5.0))
        raise AssertionError("unreachable")


class _StaleIndexError(IndexUnavailableError):
    """The index was written with another schema or analysis."""


def _hit(found: _Json) -> Hit:
    return Hit(DocumentId(found["_id"]), float(found.get("_score") or 0.0))


def _source(document: SearchDocument) -> _Json:
    values: _Json = {field.value: list(texts) for field, texts in fields(document).items() if field is not Field.TEXT}
    date = None if document.date is None else day(document.date)
    return {"id": document.id, "version": document.version, "date": date, **values}


def _path(field: Field) -> str:
    return "words.stemmed" if field is Field.TEXT else field.value


def _translate(node: Node) -> _Json:
    match node:
        case Term(field, value):
            return {"term": {_path(field): {"value": value}}}
        case Phrase(field, terms):
            # match_phrase would analyse the terms again
            clauses = [{"span_term": {_path(field): term}} for term in terms]
            return {"span_near": {"clauses": clauses, "slop": 0, "in_order": True}}
        case Fuzzy(field, value):
            options = {"value": value, "fuzziness": 1, "transpositions": True, "rewrite": "constant_score"}
            return {"fuzzy": {_path(field): options}}
        case Dates(first, last):
            return {"range": {"date": {"gte": first, "lte": last}}}
        case Everything():
            return {"match_all": {}}
        case Fixed(of, score):
            return {"constant_score": {"filter": _translate(of), "boost": score}}
        case Best(of):
            return {"dis_max": {"queries": [_translate(choice) for choice in of]}}
        case Some(of, minimum):
            return {"bool": {"should": [_translate(choice) for choice in of], "minimum_should_match": minimum}}
        case All(must, filters, without, bonus):
            start = must if must or filters else (Everything(),)
            return {
                "bool": {
                    "must": [_translate(part) for part in start],
                    "filter": [_translate(part) for part in filters],
                    "must_not": [_translate(part) for part in without],
                    "should": [_translate(part) for part in bonus],
                    "minimum_should_match": 0,
                }
            }


def _definition() -> _Json:
    """Settings and mappings of a new index."""
    definition: _Json = json.loads(_mapping_file())
    definition["settings"]["analysis"]["filter"]["faldone_stop"]["stopwords"] = sorted(analysis.stop_words())
    definition["mappings"]["_meta"] = _meta()
    return definition


def _meta() -> _Json:
    return {"faldone": {"schema": SCHEMA_VERSION, "analysis": analysis.ANALYSIS_VERSION}}


@cache
def _mapping_file() -> str:
    return (resources.files("faldone.search") / "mappings" / "documents.json").read_text(encoding="utf-8")


def _reason(result: _Json) -> str:
    error = result.get("error", {})
    if not isinstance(error, dict):
        return str(error)
    cause = error.get("caused_by", {})
    parts = [error.get("type"), error.get("reason"), cause.get("reason") if isinstance(cause, dict) else None]
    return ": ".join(str(part) for part in parts if part)


@contextmanager
def _translated() -> Iterator[None]:
    """Foreign errors become ours: away, forbidden, or refused."""
    try:
        yield
    except (AuthenticationException, AuthorizationException) as error:
        raise ConfigError(
            f"Elasticsearch nega l'accesso: {error} / Elasticsearch denies access: {error}",
            hint="faldone config show",
        ) from error
    except (TransportError, ConflictError) as error:
        raise _away(str(error)) from error
    except ApiError as error:
        if error.status_code in _AWAY or error.status_code == 404:
            raise _away(str(error)) from error
        raise SearchError(f"Elasticsearch rifiuta la richiesta: {error} / refused: {error}") from error


def _away(detail: str) -> IndexUnavailableError:
    return IndexUnavailableError(
        f"Elasticsearch non risponde ({detail}). / Elasticsearch does not answer ({detail}).",
        hint="faldone doctor",
    )
