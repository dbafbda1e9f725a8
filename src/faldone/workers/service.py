"""Watchers, dispatcher and workers together, as threads of one process or each part alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import dramatiq

from faldone.domain.inbox import Inbox
from faldone.ingest.watch import Watcher, WatchOptions
from faldone.pipeline.intake.refusals import lift_refusals
from faldone.pipeline.intake.take_in import has_room
from faldone.pipeline.ports import Ports
from faldone.workers.actors import declare
from faldone.workers.dispatch import Dispatcher

_LEASE_S = 300.0
_STOP_MS = 30_000
_POLL_MS = 200

_QUICK = frozenset({"take_in", "open_source", "look"})
"""The queues of the steps that somebody at a scanner waits for."""


class Service:
    """The running parts of an archive: start, stop, and what they wait for.

    Args:
        broker: where messages travel.
        ports: the archive.
        threads: how many pages are read at a time; 0 starts no worker.
        queue_length: most messages of a kind that wait.
        dispatch: whether this process sends what is due.
        inboxes: the folders that files may come from.
        watch: how to watch them; None for a worker alone.
    """

    def __init__(
        self,
        broker: dramatiq.Broker,
        ports: Ports,
        *,
        threads: int,
        queue_length: int,
        dispatch: bool,
        inboxes: Sequence[Inbox],
        watch: WatchOptions | None,
    ) -> None:
        actors = declare(broker, ports, inboxes, self.arrived, self._ended)
        self._broker = broker
        self._parts: list[Watcher | Dispatcher] = []
        self._watcher: Watcher | None = None
        if watch is not None:
            self._watcher = Watcher(
                inboxes,
                lambda inbox, paths: _ignore(actors.take_in.send([str(path) for path in paths], str(inbox.path))),
                watch,
                lambda: has_room(ports),
                lambda inbox, seen: _ignore(lift_refusals(inbox, seen, ports)),
            )
            self._parts.append(self._watcher)
        self._dispatcher: Dispatcher | None = None
        if dispatch:
            ahead = threads if watch is None else None  # what is given by hand waits for its reading, not for a verdict
            self._dispatcher = Dispatcher(ports, actors, length=queue_length, lease_s=_LEASE_S, ahead=ahead)
            self._parts.append(self._dispatcher)
        self._workers = _workers(broker, threads) if threads else ()
        self._get_ready = partial(ports.engine.start, threads, ports.options.ocr)
        self._stirred = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def arriving(self) -> int:
        """How many files the watcher saw in the inboxes at its last look."""
        return self._watcher.waiting if self._watcher is not None else 0

    @property
    def looked(self) -> bool:
        """Whether the watcher has looked at the inboxes since the start; True without a watcher."""
        return self._watcher is None or self._watcher.looked

    def arrived(self) -> None:
        """Says that files came in: what follows is sent at once."""
        if self._dispatcher is not None:
            self._dispatcher.wake()

    def wait(self, timeout_s: float) -> None:
        """Waits until a step ends with little left to be read, or for so long."""
        self._stirred.wait(timeout_s)
        self._stirred.clear()

    def _ended(self) -> None:
        if self._dispatcher is not None and self._dispatcher.few_left:
            self._dispatcher.wake()
            self._stirred.set()

    def start(self) -> None:
        """Starts everything; returns at once."""
        if self._workers:
            self._get_ready()
        for worker in self._workers:
            worker.start()
        for part in self._parts:
            thread = threading.Thread(target=part.run, name=type(part).__name__, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stops taking work on, lets begun pages end, and returns when all is quiet."""
        for part in self._parts:
            part.stop()
        for thread in self._threads:
            thread.join()
        with ThreadPoolExecutor(max(1, len(self._workers))) as pool:  # each waits for threads that look up now and then
            list(pool.map(lambda worker: worker.stop(timeout=_STOP_MS), self._workers))
        self._broker.close()


def _workers(broker: dramatiq.Broker, threads: int) -> tuple[dramatiq.Worker, ...]:
    """One for the reading, and one thread that only takes in and looks: a verdict must not wait for recognition."""
    slow = broker.get_declared_queues() - _QUICK
    return (
        dramatiq.Worker(broker, queues=set(_QUICK), worker_threads=1, worker_timeout=_POLL_MS),
        dramatiq.Worker(broker, queues=slow, worker_threads=threads, worker_timeout=_POLL_MS),
    )


def _ignore(_: object) -> None:
    return
