"""Measures what the one chain with a locked tail costs (docs/adr/0003): python docs/adr/measure_0003.py [FOLDER].

Each transaction does what reading a page does: it changes one row and, in the second column, appends one event. The
difference between the columns is all that any other way of chaining could save. The folder must be on the disk in
question: what a commit costs is mostly its fsync.
"""

# ruff: noqa: T201 - a script that prints its figures

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

from faldone.catalog.sql.catalog import SqlCatalog
from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType
from faldone.domain.ids import page_id
from faldone.provenance.chain import verify_chain

_TRANSACTIONS = 800
_ROUNDS = 9
_REPLAYED = 50_000


def _page_read(source: Digest, index: int) -> Event:
    digest = str(Digest.of(b"%d" % index))
    return Event(
        type=EventType.PAGE_RECOGNISED,
        subject=page_id(source, index),
        at=dt.datetime.now(dt.UTC),
        agent="tesseract/5.3.0",
        detail={"key": digest, "text": digest, "settings": digest, "source": "ocr", "rotation": 0, "words": 312,
                "confidence": 0.931, "blank": False, "attempt": 1},
    )  # fmt: skip


def _catalog(folder: Path, pages: int) -> tuple[SqlCatalog, Digest]:
    catalog, source = SqlCatalog(f"sqlite:///{folder / 'catalog.sqlite'}"), Digest.of(b"measured")
    catalog.migrate()
    with catalog.begin() as work:
        work.add_source(source, 1, dt.datetime.now(dt.UTC))
        work.open_source(source, "image/tiff", pages)
    return catalog, source


def _rate(parent: Path, *, threads: int, events: bool) -> float:
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        catalog, source = _catalog(Path(folder), _TRANSACTIONS)

        def work_on(first: int) -> None:
            for index in range(first, _TRANSACTIONS, threads):
                now = dt.datetime.now(dt.UTC)
                with catalog.begin() as work:
                    work.claim_page(page_id(source, index), now, now)
                    if events:
                        work.record(_page_read(source, index))

        workers = [threading.Thread(target=work_on, args=(first,)) for first in range(threads)]
        started = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        seconds = time.perf_counter() - started
        catalog.close()
    return _TRANSACTIONS / seconds


def _replay_rate(parent: Path) -> float:
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        catalog, source = _catalog(Path(folder), 1)
        with catalog.begin() as work:
            for index in range(_REPLAYED):
                work.record(_page_read(source, index))
        started = time.perf_counter()
        report = verify_chain(catalog.ledger(), length=catalog.ledger_tail().length)
        seconds = time.perf_counter() - started
        catalog.close()
    assert not report.faults
    return report.entries / seconds


def main() -> None:
    """Prints transactions a second by number of threads, and entries replayed a second."""
    parent = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.gettempdir())
    print("threads   without events   with events   ratio   (transactions a second, medians; ratio within a round)")
    for threads in (1, 4):
        rounds = [[_rate(parent, threads=threads, events=events) for events in (False, True)] for _ in range(_ROUNDS)]
        without, with_events = (median(column) for column in zip(*rounds, strict=True))
        ratio = median(chained / plain for plain, chained in rounds)
        print(f"{threads:>7}   {without:>14.0f}   {with_events:>11.0f}   {ratio:.2f}")
    print(f"replayed: {_replay_rate(parent):.0f} entries a second")


if __name__ == "__main__":
    main()
