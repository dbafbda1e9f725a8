"""The measurements, a line of print for each."""

from __future__ import annotations

import dataclasses
import multiprocessing
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.synchronize import Event
from pathlib import Path

from faldone.catalog.codec import view_text
from faldone.domain.access import EVERYTHING, Access
from faldone.domain.ids import DocumentId
from faldone.errors import FaldoneError
from faldone.search.index import Facet, IndexWriter, SearchIndex
from faldone.search.marking import mark
from faldone.search.query import Query
from tests.bench.search.archive import MadeUpArchive, encoded_pages
from tests.bench.search.questions import questions

_AT_ONCE = 2_000
_WARM_UP = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is measured; ``rebuild`` opens the index once more, in the process that makes it again meanwhile."""

    queries: int
    facets: bool
    rebuild: Callable[[], SearchIndex] | None


@dataclass(slots=True)
class Times:
    """Seconds that answers took: of the engine with its adapter, and of the ten hits' snippets and boxes.

    ``core`` are those that all threads of this process had a core for: more than the whole on a machine with nothing
    else to do, where an engine in this process finds and counts at once.
    """

    engine: list[float] = field(default_factory=list)
    marking: list[float] = field(default_factory=list)
    core: list[float] = field(default_factory=list)
    hits: int = 0

    @property
    def whole(self) -> list[float]:
        return [engine + marking for engine, marking in zip(self.engine, self.marking, strict=True)]


def measure(index: SearchIndex, archive: MadeUpArchive, wanted: Wanted, folder: Path | None) -> Iterator[str]:
    """The lines of the report; ``folder`` is where the index lies, if it is one of ours."""
    characters = sum(len(page) for at in range(0, archive.size, 97) for page in archive.document(at).pages)
    text = characters * archive.size / len(range(0, archive.size, 97))
    if index.health().documents != archive.size:  # none, another one, or one in a form that is no longer read
        started = time.perf_counter(), time.process_time()
        with index.rebuilding() as writer:
            making = fill(writer, archive)
        clock, cpu = time.perf_counter() - started[0], time.process_time() - started[1] - making
        yield (
            f"indexing   {archive.size} documents: {archive.size / cpu:,.0f}/s a core of this process; "
            f"{archive.size / clock:,.0f}/s by the clock, making them up included"
        )
    yield f"found      {_freshness(index, archive):.3f} s after filing"
    if folder is not None:
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        yield f"size       {size / 1e9:.2f} GB, {size / text:.2f} of the text ({text / 1e9:.2f} GB)"
    facets = tuple(Facet) if wanted.facets else ()
    asked = list(questions(archive, wanted.queries + _WARM_UP))
    for _, query in asked[:_WARM_UP]:
        index.search(query, EVERYTHING, facets)
    kinds: dict[str, Times] = defaultdict(Times)
    everything, clerk = Times(), Times()
    for kind, query in asked[_WARM_UP:]:
        for access, times in ((EVERYTHING, everything), (archive.clerk(), clerk)):
            _ask(index, archive, query, access, facets, times)
        kinds[kind].engine.append(everything.engine[-1])
        kinds[kind].marking.append(everything.marking[-1])
    yield line("everything", everything.whole)
    yield line("  with a core", everything.core)
    yield line("  engine", everything.engine)
    yield line("  marking", everything.marking) + f"; {sum(everything.marking) / everything.hits * 1000:.2f} ms a hit"
    for kind, times in sorted(kinds.items()):
        yield line(f"  {kind}", times.whole)
    yield line("a clerk", clerk.whole) + _beside(clerk.whole, everything.whole)
    yield line("  with a core", clerk.core) + _beside(clerk.core, everything.core)
    if wanted.rebuild is not None:
        during, failed = _while_rebuilding(index, wanted.rebuild, archive, [query for _, query in asked], facets)
        ratio = share(during.whole, 0.95) / share(everything.whole, 0.95)
        yield line("rebuilding", during.whole) + f"; p95 x{ratio:.2f}, {len(during.engine)} asked, {failed} failed"


def share(times: Sequence[float], part: float) -> float:
    """The time that this part of the answers did not take longer than."""
    return sorted(times)[min(int(len(times) * part), len(times) - 1)]


def line(what: str, times: Sequence[float]) -> str:
    """How long something took, in a line of the report."""
    p50, p95, p99 = (share(times, part) * 1000 for part in (0.5, 0.95, 0.99))
    return f"{what:21} p50 {p50:7.1f} ms  p95 {p95:7.1f}  p99 {p99:7.1f}"


def _beside(times: Sequence[float], others: Sequence[float]) -> str:
    p50, p95 = (share(times, part) / share(others, part) for part in (0.5, 0.95))
    return f"; p50 x{p50:.2f}, p95 x{p95:.2f} of everything"


def fill(writer: IndexWriter, archive: MadeUpArchive) -> float:
    """Writes all documents; the seconds of a core that making them up took.

    An engine may work on in threads of its own while documents are made up and until the last commit, so all of that is
    to be counted, and only the making left out.
    """
    documents = archive.documents()
    making = 0.0
    while True:
        started = time.thread_time()
        some = list(islice(documents, _AT_ONCE))
        making += time.thread_time() - started
        if not some:
            return making
        writer.upsert(some)


def _freshness(index: SearchIndex, archive: MadeUpArchive) -> float:
    """Seconds from filing a document until it is found; it is taken out again."""
    fresh = dataclasses.replace(archive.document(0), id=DocumentId("fresh"), pages=("xylofonorum",))
    started = time.perf_counter()
    index.upsert([fresh])
    while not index.search(Query(words=("xylofonorum",)), EVERYTHING).total:
        time.sleep(0.01)
    took = time.perf_counter() - started
    index.delete([fresh.id])
    return took


def _ask(
    index: SearchIndex, archive: MadeUpArchive, query: Query, access: Access, facets: Sequence[Facet], times: Times
) -> None:
    started, core = time.perf_counter(), time.process_time()
    hits = index.search(query, access, facets).hits
    times.engine.append(time.perf_counter() - started)
    core = time.process_time() - core
    packed = [encoded_pages(archive.document(int(hit.id[1:]))) for hit in hits]
    started, marking = time.perf_counter(), time.process_time()
    for pages in packed:
        mark(query, {number: view_text(page) for number, page in pages.items()}, most=1)
    times.marking.append(time.perf_counter() - started)
    times.core.append(core + time.process_time() - marking)
    times.hits += len(hits)


def _while_rebuilding(
    index: SearchIndex,
    another: Callable[[], SearchIndex],
    archive: MadeUpArchive,
    queries: Sequence[Query],
    facets: Sequence[Facet],
) -> tuple[Times, int]:
    """The times of questions while another process makes the index again, and how many of them failed."""
    spawning = multiprocessing.get_context("spawn")
    begun = spawning.Event()
    rebuilding = spawning.Process(target=_rebuild, args=(another, archive, begun))
    rebuilding.start()
    while not begun.wait(0.1) and rebuilding.is_alive():
        pass
    times, failed, at = Times(), 0, 0
    while rebuilding.is_alive():
        try:
            _ask(index, archive, queries[at % len(queries)], EVERYTHING, facets, times)
        except FaldoneError:
            failed += 1
        at += 1
        time.sleep(0.05)
    rebuilding.join()
    if rebuilding.exitcode:
        raise RuntimeError(f"the rebuild ended with {rebuilding.exitcode}")
    return times, failed


def _rebuild(another: Callable[[], SearchIndex], archive: MadeUpArchive, begun: Event) -> None:
    """Makes the index again, as ``faldone index rebuild`` does beside an archive that is served."""
    index = another()
    begun.set()
    with index.rebuilding() as writer:
        fill(writer, archive)
    index.close()
