"""One Tantivy index in one folder: reading what is newest, and writing with the writer kept warm for a moment.

Tantivy merges segments behind the writer's back. Who lets go of the writer has to wait for the merges or lose their
work, so a writer is kept for :data:`IDLE_S` after each call: a stream of small writes never waits for a merge, and
another process gets the lock soon after the last one.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import tantivy

from faldone.domain.access import Access
from faldone.domain.ids import DocumentId
from faldone.search.document import Field, SearchDocument, fingerprint
from faldone.search.index import Bucket, Facet
from faldone.search.plan import Node
from faldone.search.tantivy import schema
from faldone.search.tantivy.sight import Sight, sight
from faldone.search.tantivy.trouble import busy, translated, unavailable

T = TypeVar("T")

IDLE_S: Final = 0.2
"""How long the lock is kept after a write, in seconds."""

_HEAP_BYTES: Final = 64_000_000
_RETRY_S: Final = 0.05
_NICENESS: Final = 10
_RULES: Final = 256
_TERMS: Final = 20_000
_REBUILD_COMMIT: Final = 50_000
"""Documents between two commits of a rebuild: how many versions are kept in mind."""


@dataclass(slots=True)
class Told:
    """What is known by now of somebody's question to a commit: ``every`` is all that answers, where that is few."""

    total: int | None = None
    every: list[tantivy.DocAddress] | None = None
    facets: dict[Facet, tuple[Bucket, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The index as it was at one commit.

    ``told`` keeps what was found in it, ``opened`` what rules open of it, ``having`` and ``highest`` how many documents
    terms have and how high they score.
    """

    index: tantivy.Index
    schema: tantivy.Schema
    searcher: tantivy.Searcher
    told: dict[tuple[Node, Access], Told] = field(default_factory=dict)
    opened: dict[Access, Sight] = field(default_factory=dict)
    having: dict[tuple[Field, str], int] = field(default_factory=dict)
    highest: dict[tuple[Field, str], float] = field(default_factory=dict)

    def open_to(self, access: Access) -> Sight:
        """What of it a rule of access opens."""
        found = self.opened.get(access)
        if found is None:
            if len(self.opened) >= _RULES:
                self.opened.clear()
            found = self.opened[access] = sight(access, self.searcher, self.schema)
        return found

    def stands(self, field: Field, term: str) -> int:
        """In how many documents a term stands; one that was taken out counts until its segment is merged."""
        found = self.having.get((field, term))
        if found is None:
            if len(self.having) >= _TERMS:
                self.having.clear()
            found = self.having[field, term] = int(self.searcher.doc_freq(field, term))
        return found

    def most(self, field: Field, term: str) -> float:
        """The highest score that a term by itself gives to any document: Tantivy finds the one without the others."""
        found = self.highest.get((field, term))
        if found is None:
            if len(self.highest) >= _TERMS:
                self.highest.clear()
            native = tantivy.Query.term_query(self.schema, field, term, "freq")
            hits = self.searcher.search(native, limit=1, count=False).hits
            found = self.highest[field, term] = float(hits[0][0]) if hits else 0.0
        return found


class Generation:
    """The index in ``folder``.

    Args:
        folder: has to hold an index unless ``make`` is true.
        lock_wait_s: how long to wait, in seconds, for another process that is writing.
        make: whether a missing one is made.
        gives_way: whether the threads that write it leave the cores to whoever else wants them.

    Raises:
        IndexUnavailableError: there is none, or it cannot be read.
    """

    def __init__(self, folder: Path, *, lock_wait_s: float, make: bool = False, gives_way: bool = False) -> None:
        self.folder = folder
        self._gives_way = gives_way
        self._lock_wait_s = lock_wait_s
        self._mutex = threading.RLock()
        self._reading = threading.Lock()
        self._writer: tantivy.IndexWriter | None = None
        self._timer: threading.Timer | None = None
        self._stamp: tuple[int, int] | None = None
        with translated():
            if make:
                folder.mkdir(parents=True, exist_ok=True)
            elif not (folder / "meta.json").exists():
                raise FileNotFoundError(folder.name)
            self._schema = schema.schema()
            self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
            for name, analyzer in schema.analyzers().items():
                self._index.register_tokenizer(name, analyzer)
            self._index.config_reader(reload_policy="manual")
        self._snapshot = Snapshot(self._index, self._schema, self._index.searcher())

    def snapshot(self) -> Snapshot:
        """What was committed last, by whichever process."""
        with translated(), self._reading:
            found = (self.folder / "meta.json").stat()
            stamp = (found.st_ino, found.st_mtime_ns)
            if stamp != self._stamp:
                self._index.reload()
                self._snapshot = Snapshot(self._index, self._schema, self._index.searcher())
                self._stamp = stamp
            return self._snapshot

    @contextmanager
    def writing(self) -> Iterator[tantivy.IndexWriter]:
        """The writer, for the caller alone; what is not committed at the end of the block is undone by an exception."""
        with self._mutex:
            writer = self._writer = self._writer or self._locked()
            if self._timer is not None:
                self._timer.cancel()
            try:
                with translated():
                    yield writer
            except BaseException:
                with translated():
                    writer.rollback()
                self.release()
                raise
            self._timer = threading.Timer(IDLE_S, self._release_idle)
            self._timer.daemon = True
            self._timer.start()

    def release(self) -> None:
        """Gives the lock back, after the merges that are under way."""
        with self._mutex:
            if self._timer is not None:
                self._timer.cancel()
            writer, self._writer, self._timer = self._writer, None, None
            if writer is not None:
                # Only this gives the lock back at once; dropping the object waits for the garbage collector.
                with translated():
                    writer.wait_merging_threads()

    def commit(self, writer: tantivy.IndexWriter) -> None:
        """Commits; Tantivy makes the threads anew that write what follows."""
        self._making_threads(writer.commit)

    def write(self, writer: tantivy.IndexWriter, documents: Sequence[SearchDocument]) -> None:
        """Upserts and commits."""
        newest = _newest(documents)
        known = self._known(list(newest))
        for document in newest.values():
            version, digest = known.get(document.id, (-1, 0))
            if version > document.version:
                continue
            if version >= 0:
                if version == document.version and digest == int(fingerprint(document), 16):
                    continue
                writer.delete_documents_by_term(schema.ID, document.id)
            writer.add_document(schema.native(document))
        writer.commit()

    def delete(self, writer: tantivy.IndexWriter, ids: Iterable[DocumentId]) -> None:
        """Takes documents out and commits."""
        for document_id in ids:
            writer.delete_documents_by_term(schema.ID, document_id)
        writer.commit()

    def _known(self, ids: list[DocumentId]) -> dict[str, tuple[int, int]]:
        """Versions and digests of those that were committed."""
        snapshot = self.snapshot()
        searcher = snapshot.searcher
        if not searcher.num_docs:
            return {}
        query = tantivy.Query.term_set_query(snapshot.schema, schema.ID, list(ids))
        addresses = [address for _, address in searcher.search(query, limit=len(ids), count=False).hits]
        versions = searcher.fast_field_values(schema.VERSION, addresses)
        digests = searcher.fast_field_values(schema.DIGEST, addresses)
        return {
            str(searcher.doc(address).get_first(schema.ID)): (int(version or 0), int(digest or 0))
            for address, version, digest in zip(addresses, versions, digests, strict=True)
        }

    def _locked(self) -> tantivy.IndexWriter:
        deadline = time.monotonic() + self._lock_wait_s
        while True:
            try:
                return self._making_threads(lambda: self._index.writer(heap_size=_HEAP_BYTES, num_threads=1))
            except ValueError as error:
                replaced = not (self.folder / "meta.json").exists()
                if replaced or "lock" not in str(error).lower():
                    raise unavailable(error) from error
                if time.monotonic() >= deadline:
                    raise busy() from error
            time.sleep(_RETRY_S)

    def _making_threads(self, call: Callable[[], T]) -> T:
        """What a call gives that has Tantivy make threads: those have the niceness of the thread that makes them."""
        if not self._gives_way:
            return call()
        with ThreadPoolExecutor(1, initializer=os.nice, initargs=(_NICENESS,)) as aside:
            return aside.submit(call).result()

    def _release_idle(self) -> None:
        # All is committed: a merge that fails here, because the folder is gone, is made again or not needed.
        with self._mutex, contextlib.suppress(Exception):
            if self._timer is threading.current_thread():
                self.release()


class Filling:
    """Writes a fresh generation, with a commit once in a while: nobody reads it before the end."""

    def __init__(self, generation: Generation, writer: tantivy.IndexWriter) -> None:
        self._generation = generation
        self._writer = writer
        self._uncommitted: dict[DocumentId, int] = {}

    def upsert(self, documents: Sequence[SearchDocument]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.upsert`."""
        with translated():
            newest = _newest(documents)
            known = self._generation._known(list(newest))
            for document in newest.values():
                version = self._uncommitted.get(document.id, known.get(document.id, (-1, 0))[0])
                if version > document.version:
                    continue
                if version >= 0:
                    self._writer.delete_documents_by_term(schema.ID, document.id)
                self._writer.add_document(schema.native(document))
                self._uncommitted[document.id] = document.version
            if len(self._uncommitted) >= _REBUILD_COMMIT:
                self._generation.commit(self._writer)
                self._uncommitted.clear()


def _newest(documents: Sequence[SearchDocument]) -> dict[DocumentId, SearchDocument]:
    newest: dict[DocumentId, SearchDocument] = {}
    for document in documents:
        if document.id not in newest or newest[document.id].version <= document.version:
            newest[document.id] = document
    return newest
