"""The port over generations of an index in one folder.

    faldone.json   which generation is in use, and the schema and analysis that it was written with
    g-000001/      a generation
    rebuild.lock   held by whoever makes the next generation

Many processes may read while one writes. A rebuild fills the next generation beside the one in use and replaces
``faldone.json`` at the end, in one step; readers look at that file before each question. The threads that fill it give
way to whoever asks meanwhile. All locks are locks of the operating system, so a killed process leaves none behind; what
it leaves of a rebuild is swept by the next.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

import tantivy

from faldone.domain.access import EVERYTHING, Access
from faldone.domain.ids import DocumentId
from faldone.errors import IndexUnavailableError
from faldone.search import analysis
from faldone.search.document import SearchDocument
from faldone.search.index import Facet, Held, Hits, IndexHealth, IndexWriter
from faldone.search.plan import doubted, plan
from faldone.search.query import Query
from faldone.search.tantivy import asking
from faldone.search.tantivy.generation import Filling, Generation
from faldone.search.tantivy.schema import SCHEMA_VERSION
from faldone.search.tantivy.trouble import BusyError, busy, stale, translated

_POINTER, _LOCK = "faldone.json", "rebuild.lock"
_SWAP_WAIT: Final = 30
"""How many times as long as any other call a finished rebuild waits for whoever is writing the old generation."""


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
        self._generation: Generation | None = None
        self._stamp: tuple[int, int] | None = None

    def upsert(self, documents: Sequence[SearchDocument]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.upsert`."""
        if documents:
            self._write(lambda generation, writer: generation.write(writer, documents))

    def delete(self, ids: Iterable[DocumentId]) -> None:
        """See :meth:`faldone.search.index.SearchIndex.delete`."""
        wanted = list(ids)
        if wanted:
            self._write(lambda generation, writer: generation.delete(writer, wanted))

    def search(self, query: Query, access: Access, facets: Sequence[Facet] = ()) -> Hits:
        """See :meth:`faldone.search.index.SearchIndex.search`."""
        snapshot = self._current().snapshot()
        with translated():
            steps = plan(query, EVERYTHING, asking.frequencies(snapshot, doubted(query)))
            return asking.answer(snapshot, steps, query, snapshot.open_to(access), facets)

    def held(self) -> Iterator[Held]:
        """See :meth:`faldone.search.index.SearchIndex.held`."""
        snapshot = self._current().snapshot()
        with translated():
            yield from asking.held(snapshot)

    @contextmanager
    def rebuilding(self) -> Iterator[IndexWriter]:
        """See :meth:`faldone.search.index.SearchIndex.rebuilding`."""
        with self._alone():
            self._sweep(keep=_read(self._folder).get("generation"))
            fresh = self._made(self._next(), gives_way=True)
            try:
                with fresh.writing() as writer:
                    yield Filling(fresh, writer)
                    writer.commit()
                fresh.release()
                self._swap(fresh)
            except BaseException:
                fresh.release()
                shutil.rmtree(fresh.folder, ignore_errors=True)
                raise
            self._sweep(keep=fresh.folder.name)

    def frequencies(self, words: Sequence[str]) -> Mapping[str, int]:
        """See :meth:`faldone.search.index.SearchIndex.frequencies`."""
        snapshot = self._current().snapshot()
        with translated():
            return asking.frequencies(snapshot, words)

    def count(self) -> int:
        """See :meth:`faldone.search.index.SearchIndex.count`."""
        return int(self._current().snapshot().searcher.num_docs)

    def reset(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.reset`."""
        with self.rebuilding():
            pass

    def health(self) -> IndexHealth:
        """See :meth:`faldone.search.index.SearchIndex.health`."""
        try:
            return IndexHealth(self.name, ready=True, documents=self.count(), detail=f"tantivy {version('tantivy')}")
        except IndexUnavailableError as error:
            return IndexHealth(self.name, ready=False, documents=None, stale=self._is_stale(), detail=error.message)

    def close(self) -> None:
        """See :meth:`faldone.search.index.SearchIndex.close`."""
        with self._mutex:
            generation, self._generation, self._stamp = self._generation, None, None
        if generation is not None:
            generation.release()

    def _write(self, write: Callable[[Generation, tantivy.IndexWriter], None]) -> None:
        """Writes to the generation that is in use when the lock is had: it may have been replaced while waiting."""
        while True:
            generation = self._current()
            try:
                with generation.writing() as writer:
                    if self._current() is generation:
                        write(generation, writer)
                        return
            except IndexUnavailableError:
                if self._current() is generation:
                    raise

    def _current(self) -> Generation:
        with self._mutex:
            stamp = _stamp(self._folder)
            if self._generation is None or stamp is None or stamp != self._stamp:
                if self._is_stale():
                    raise stale()
                if stamp is None:
                    with self._alone():
                        if _stamp(self._folder) is None:
                            _point(self._folder, self._made(self._next()))
                name = str(_read(self._folder)["generation"])
                self._stamp = _stamp(self._folder)
                self._generation = Generation(self._folder / name, lock_wait_s=self._lock_wait_s)
            return self._generation

    def _is_stale(self) -> bool:
        read = _read(self._folder)
        if read:
            return {key: read.get(key) for key in _expected()} != _expected() or not read.get("generation")
        # Made by a process that was killed before it wrote the pointer, and empty; or the pointer was lost.
        for folder in (self._folder, *self._folder.glob("g-*")):
            try:
                if (folder / "meta.json").exists() and tantivy.Index.open(str(folder)).searcher().num_docs:
                    return True
            except (ValueError, OSError):
                return True
        return _stamp(self._folder) is not None

    def _made(self, name: str, *, gives_way: bool = False) -> Generation:
        return Generation(self._folder / name, lock_wait_s=self._lock_wait_s, make=True, gives_way=gives_way)

    def _next(self) -> str:
        numbers = [int(folder.name[2:]) for folder in self._folder.glob("g-*") if folder.name[2:].isdigit()]
        return f"g-{max(numbers, default=0) + 1:06}"

    def _swap(self, fresh: Generation) -> None:
        """Puts a generation in use, while nobody writes the one that it follows."""
        with self._mutex:
            old, self._generation = self._generation, None
        if old is not None:
            old.release()
        try:
            name = str(_read(self._folder)["generation"])
            last = Generation(self._folder / name, lock_wait_s=self._lock_wait_s * _SWAP_WAIT)
            with last.writing():
                _point(self._folder, fresh)
            last.release()
        except BusyError:
            raise
        except (KeyError, IndexUnavailableError):
            _point(self._folder, fresh)  # nothing, or what nobody can write

    def _sweep(self, keep: object) -> None:
        for path in self._folder.iterdir() if isinstance(keep, str) else ():
            if path.name in (keep, _POINTER, _LOCK):
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with translated():
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = (self._folder / _LOCK).open("wb")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise busy() from error
            yield


def _expected() -> dict[str, int]:
    return {"schema": SCHEMA_VERSION, "analysis": analysis.ANALYSIS_VERSION}


def _read(folder: Path) -> dict[str, object]:
    """What the pointer says; empty when there is none or it says nothing."""
    try:
        read = json.loads((folder / _POINTER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _stamp(folder: Path) -> tuple[int, int] | None:
    try:
        found = (folder / _POINTER).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _point(folder: Path, generation: Generation) -> None:
    part = folder / (_POINTER + ".part")
    part.write_text(json.dumps(_expected() | {"generation": generation.folder.name}), encoding="utf-8")
    part.replace(folder / _POINTER)
