"""The embedded index: Tantivy in a folder, no server.

Many processes may read while one writes. The writer's lock is taken for each call and released with it; it is a lock
of the operating system, so a killed process leaves none behind, and a commit that was cut short never happened.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import tantivy
from tantivy import Filter, Occur, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from faldone.domain.ids import DocumentId
from faldone.errors import IndexUnavailableError
from faldone.search import analysis
from faldone.search.document import KEYWORDS, SPELLED, STEMMED, SearchDocument, day, fields
from faldone.search.index import Hit, Hits, IndexHealth
from faldone.search.plan import All, Best, Dates, Everything, Fixed, Fuzzy, Node, Phrase, Some, Term, plan
from faldone.search.query import Query

SCHEMA_VERSION = 1
"""Rises with every change of the fields."""

_SIDECAR = "faldone.json"
_ID, _VERSION, _DATE = "id", "version", "date"
_HEAP_BYTES = 32_000_000
_RETRY_S = 0.05
_TIES = 2000
"""How many hits beyond the wanted ones are looked at to put equal scores in the order of their dates."""


def spelled_analyzer() -> TextAnalyzer:
    """The native chain of :func:`faldone.search.analysis.spell`."""
    return _words().build()


def stemmed_analyzer() -> TextAnalyzer:
    """The native chain of :func:`faldone.search.analysis.analyse`."""
    return (
        _words().filter(Filter.custom_stopword(sorted(analysis.stop_words()))).filter(Filter.stemmer("italian")).build()
    )


def _words() -> TextAnalyzerBuilder:
    words = TextAnalyzerBuilder(Tokenizer.regex(r"[\p{L}\p{N}]+"))
    return words.filter(Filter.ascii_fold()).filter(Filter.lowercase())


@dataclass(frozen=True, slots=True)
class _Opened:
    index: tantivy.Index
    schema: tantivy.Schema


class TantivyIndex:
    """A :class:`faldone.search.index.SearchIndex` in ``folder``, which is made when missing.

    Args:
        folder: belongs to the index alone; losing it loses nothing that a rebuild does not bring back.
        lock_wait_s: how long to wait, in seconds, for another process that is writing.
    """

    name = "tantivy"

    def __init__(self, folder: Path, *, lock_wait_s: float = 10.0) -> None:
        self._folder = folder
        self._lock_wait_s = lock_wait_s
        self._mutex = threading.RLock()
        self._state: _Opened | None = None

    def upsert(self, documents: Sequence[SearchDocument]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.upsert`."""
        newest: dict[DocumentId, SearchDocument] = {}
        for document in documents:
            if document.id not in newest or newest[document.id].version <= document.version:
                newest[document.id] = document
        if not newest:
            return
        with self._writing() as (state, writer):
            known = _versions(state, list(newest))
            for document in newest.values():
                if known.get(document.id, -1) <= document.version:
                    writer.delete_documents_by_term(_ID, document.id)
                    writer.add_document(_native(document))
            writer.commit()

    def delete(self, ids: Iterable[DocumentId]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.delete`."""
        wanted = list(ids)
        if not wanted:
            return
        with self._writing() as (_, writer):
            for document_id in wanted:
                writer.delete_documents_by_term(_ID, document_id)
            writer.commit()

    def search(self, query: Query) -> Hits:
        """See :meth:`faldone.search.index.SearchIndex.search`."""
        steps = plan(query)
        state = self._opened()
        with _translated():
            state.index.reload()
            searcher = state.index.searcher()
            hits = _run(state, searcher, steps.strict, query, by_date=steps.by_date)
            if hits.total == 0 and steps.relaxed is not None:
                hits = _run(state, searcher, steps.relaxed, query, by_date=False)
                return Hits(hits.total, hits.hits, relaxed=hits.total > 0)
            return hits

    def count(self) -> int:
        """See :meth:`faldone.search.index.SearchIndex.count`."""
        state = self._opened()
        with _translated():
            state.index.reload()
            return int(state.index.searcher().num_docs)

    def reset(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.reset`."""
        with self._mutex:
            try:
                self._opened()
            except IndexUnavailableError:
                # Another schema, another Tantivy or damage: nothing in the folder can be used.
                self._state = None
                shutil.rmtree(self._folder, ignore_errors=True)
                self._opened()
                return
            with self._writing() as (_, writer):
                writer.delete_all_documents()
                writer.commit()

    def health(self) -> IndexHealth:
        """See :meth:`faldone.search.index.SearchIndex.health`."""
        try:
            return IndexHealth(self.name, ready=True, documents=self.count(), detail=f"tantivy {version('tantivy')}")
        except IndexUnavailableError as error:
            stale = self._folder.exists() and _sidecar(self._folder) != _expected()
            return IndexHealth(self.name, ready=False, documents=None, stale=stale, detail=error.message)

    def close(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.close`."""
        with self._mutex:
            self._state = None

    def _opened(self) -> _Opened:
        with self._mutex:
            if self._state is None:
                self._state = self._open()
            return self._state

    def _open(self) -> _Opened:
        with _translated():
            schema = _schema()
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = not tantivy.Index.exists(str(self._folder))
            written = _sidecar(self._folder)
            if not fresh and written not in (None, _expected()):
                raise _stale()
            index = tantivy.Index(schema, path=str(self._folder), reuse=True)
            index.register_tokenizer("spelled", spelled_analyzer())
            index.register_tokenizer("stemmed", stemmed_analyzer())
            index.config_reader(reload_policy="manual")
            if written != _expected():
                # Killed between making the index and writing the sidecar: it is empty, or it is not ours.
                index.reload()
                if index.searcher().num_docs:
                    raise _stale()
                _write_sidecar(self._folder)
            return _Opened(index, schema)

    @contextmanager
    def _writing(self) -> Iterator[tuple[_Opened, tantivy.IndexWriter]]:
        with self._mutex:
            state = self._opened()
            writer = self._locked(state)
            try:
                with _translated():
                    yield state, writer
            except BaseException:
                with _translated():
                    writer.rollback()
                raise
            finally:
                # Only this gives the lock back at once; dropping the object waits for the garbage collector.
                with _translated():
                    writer.wait_merging_threads()

    def _locked(self, state: _Opened) -> tantivy.IndexWriter:
        deadline = time.monotonic() + self._lock_wait_s
        while True:
            try:
                return state.index.writer(heap_size=_HEAP_BYTES, num_threads=1)
            except ValueError as error:
                if "lock" not in str(error).lower():
                    raise _unavailable(error) from error
                if time.monotonic() >= deadline:
                    raise IndexUnavailableError(
                        "L'indice è occupato da un altro processo che scrive. / Another process is writing the index.",
                        hint="Riprovare fra poco / try again in a moment",
                    ) from error
            time.sleep(_RETRY_S)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(_ID, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field(_VERSION, stored=True)
    builder.add_integer_field(_DATE, indexed=True, fast=True)
    for field in sorted(SPELLED):
        builder.add_text_field(field, tokenizer_name="spelled", index_option="position")
    for field in sorted(STEMMED):
        builder.add_text_field(field, tokenizer_name="stemmed", index_option="freq")
    for field in sorted(KEYWORDS):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _native(document: SearchDocument) -> tantivy.Document:
    native = tantivy.Document()
    native.add_text(_ID, document.id)
    native.add_integer(_VERSION, document.version)
    native.add_integer(_DATE, 0 if document.date is None else day(document.date))
    for field, values in fields(document).items():
        for value in values:
            native.add_text(field, value)
    return native


def _versions(state: _Opened, ids: list[DocumentId]) -> dict[str, int]:
    state.index.reload()
    searcher = state.index.searcher()
    query = tantivy.Query.term_set_query(state.schema, _ID, list(ids))
    found = searcher.search(query, limit=len(ids), count=False).hits
    stored = [searcher.doc(address) for _, address in found]
    return {str(document.get_first(_ID)): int(document.get_first(_VERSION) or 0) for document in stored}


def _run(state: _Opened, searcher: tantivy.Searcher, node: Node, query: Query, *, by_date: bool) -> Hits:
    native = _translate(node, state.schema)
    end = query.offset + query.limit
    if by_date:
        found = searcher.search(native, limit=max(end, 1), order_by_field=_DATE)
        ranked = [(0.0, address) for _, address in found.hits]
    else:
        found = searcher.search(native, limit=max(end, 1) + _TIES)
        ranked = _latest_first(searcher, [(float(score or 0.0), address) for score, address in found.hits])
    hits = tuple(
        Hit(DocumentId(str(searcher.doc(address).get_first(_ID))), score)
        for score, address in ranked[query.offset : end]
    )
    total: int | None = found.count  # type: ignore[attr-defined]  # the stub leaves it out
    return Hits(total or 0, hits)


def _latest_first(
    searcher: tantivy.Searcher, hits: list[tuple[float, tantivy.DocAddress]]
) -> list[tuple[float, tantivy.DocAddress]]:
    """Hits of equal score by date, which Tantivy cannot do beside the score."""
    dates = searcher.fast_field_values(_DATE, [address for _, address in hits])
    order = sorted(range(len(hits)), key=lambda at: (-hits[at][0], -int(dates[at] or 0)))
    return [hits[at] for at in order]


def _translate(node: Node, schema: tantivy.Schema) -> tantivy.Query:
    match node:
        case Term(field, value):
            return tantivy.Query.term_query(schema, field, value, "freq")
        case Phrase(field, terms):
            return tantivy.Query.phrase_query(schema, field, list(terms))
        case Fuzzy(field, value):
            return tantivy.Query.fuzzy_term_query(schema, field, value, distance=1, transposition_cost_one=True)
        case Dates(first, last):
            return tantivy.Query.range_query(schema, _DATE, tantivy.FieldType.Integer, first, last)
        case Everything():
            return tantivy.Query.all_query()
        case Fixed(of, score):
            return tantivy.Query.const_score_query(_translate(of, schema), score)
        case Best(of):
            return tantivy.Query.disjunction_max_query([_translate(choice, schema) for choice in of])
        case Some(of, minimum):
            choices = [(Occur.Should, _translate(choice, schema)) for choice in of]
            return tantivy.Query.boolean_query(choices, minimum_number_should_match=minimum)
        case All(must, filters, without, bonus):
            clauses = [(Occur.Must, _translate(part, schema)) for part in must]
            clauses += [
                (Occur.Must, tantivy.Query.const_score_query(_translate(part, schema), 0.0)) for part in filters
            ]
            if not clauses:
                clauses = [(Occur.Must, tantivy.Query.all_query())]
            clauses += [(Occur.MustNot, _translate(part, schema)) for part in without]
            clauses += [(Occur.Should, _translate(part, schema)) for part in bonus]
            return tantivy.Query.boolean_query(clauses)


def _expected() -> dict[str, int]:
    return {"schema": SCHEMA_VERSION, "analysis": analysis.ANALYSIS_VERSION}


def _sidecar(folder: Path) -> dict[str, int] | None:
    try:
        read = json.loads((folder / _SIDECAR).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _write_sidecar(folder: Path) -> None:
    part = folder / (_SIDECAR + ".part")
    part.write_text(json.dumps(_expected()), encoding="utf-8")
    part.replace(folder / _SIDECAR)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:  # all that tantivy raises
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> IndexUnavailableError:
    return IndexUnavailableError(
        f"L'indice di ricerca non si può usare: {error} / The search index cannot be used: {error}",
        hint="faldone index rebuild",
    )


def _stale() -> IndexUnavailableError:
    return IndexUnavailableError(
        "L'indice è di un'altra versione e va ricostruito. / The index is of another version and has to be rebuilt.",
        hint="faldone index rebuild",
    )
