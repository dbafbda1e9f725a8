"""Watchers, dispatcher and workers together, as threads of one process or each part alone."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import dramatiq

from faldone.ingest.watch import WatchedFolder, Watcher, WatchOptions
from faldone.pipeline.ports import Ports
from faldone.workers.actors import declare
from faldone.workers.dispatch import Dispatcher

_LEASE_S = 300.0
_STOP_MS = 30_000


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
        inboxes: Sequence[WatchedFolder],
        watch: WatchOptions | None,
    ) -> None:
        actors = declare(broker, ports, frozenset(inbox.path for inbox in inboxes))
        self._broker = broker
        self._parts: list[Watcher | Dispatcher] = []
        self._watcher: Watcher | None = None
        if watch is not None:
            self._watcher = Watcher(
                inboxes, lambda inbox, path: _ignore(actors.take_in.send(str(path), str(inbox))), watch
            )
            self._parts.append(self._watcher)
        if dispatch:
            self._parts.append(Dispatcher(ports, actors, length=queue_length, lease_s=_LEASE_S))
        self._worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=200) if threads else None
        self._threads: list[threading.Thread] = []

    @property
    def arriving(self) -> int:
        """How many files the watcher saw in the inboxes at its last look."""
        return self._watcher.waiting if self._watcher is not None else 0

    @property
    def looked(self) -> bool:
        """Whether the watcher has looked at the inboxes since the start; True without a watcher."""
        return self._watcher is None or self._watcher.looked

    def start(self) -> None:
        """Starts everything; returns at once."""
        if self._worker is not None:
            self._worker.start()
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
        if self._worker is not None:
            self._worker.stop(timeout=_STOP_MS)
        self._broker.close()


def _ignore(_: object) -> None:
    return
