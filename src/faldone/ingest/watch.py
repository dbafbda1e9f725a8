"""Watches inboxes: the system's events say «look now», the sweep says what is there."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from faldone.ingest.settle import Settling, Stamp
from faldone.ingest.sweep import sweep

log = logging.getLogger(__name__)

_OFFER_AGAIN_S = 15.0
"""A settled file that is still there so long after it was offered is offered again: its message may be lost, or it
was still being written."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """When a file counts as arrived, and how often to look without being told."""

    quiet_s: float
    sweep_s: float
    ignore: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """An inbox; ``polling`` when the system says nothing of changes in it (a network share)."""

    path: Path
    polling: bool = False


class Watcher:
    """Offers every settled file of the inboxes to ``on_arrival(inbox, path)``.

    ``on_arrival`` must be idempotent: a file is offered again until it is gone from the inbox.
    """

    def __init__(
        self, inboxes: Sequence[WatchedFolder], on_arrival: Callable[[Path, Path], None], options: WatchOptions
    ) -> None:
        self._inboxes = tuple(inboxes)
        self._on_arrival = on_arrival
        self._options = options
        self._settling = Settling(options.quiet_s)
        self._offered: dict[Path, tuple[Stamp, float]] = {}
        self._look = threading.Event()
        self._stop = threading.Event()
        self.looked = False
        """Whether there was a first full look."""

    @property
    def waiting(self) -> int:
        """How many files were in the inboxes at the last look."""
        return self._settling.waiting

    def look(self) -> None:
        """One full look: offers what is settled."""
        now_s = time.monotonic()
        seen = {path: stamp for inbox in self._inboxes for path, stamp in sweep(inbox.path, self._options.ignore)}
        self._offered = {path: offer for path, offer in self._offered.items() if path in seen}
        for path in self._settling.settled(seen, now_s):
            offer = self._offered.get(path)
            if offer is None or offer[0] != seen[path] or now_s - offer[1] >= _OFFER_AGAIN_S:
                self._offered[path] = (seen[path], now_s)
                self._on_arrival(self._inbox_of(path), path)
        self.looked = True

    def run(self) -> None:
        """Looks until :meth:`stop`. Nothing that goes wrong with a look ends the watch."""
        observer = self._observe()
        try:
            while not self._stop.is_set():
                try:
                    self.look()
                except OSError as error:
                    log.warning("looking at the inboxes failed (%s), trying again", type(error).__name__)
                unsettled = self._settling.waiting > len(self._offered)
                self._look.wait(self._options.quiet_s / 2 if unsettled else self._options.sweep_s)
                self._look.clear()
        finally:
            if observer is not None:
                observer.stop()
                observer.join()

    def stop(self) -> None:
        """Ends :meth:`run` soon."""
        self._stop.set()
        self._look.set()

    def _inbox_of(self, path: Path) -> Path:
        return next(inbox.path for inbox in self._inboxes if path.is_relative_to(inbox.path))

    def _observe(self) -> BaseObserver | None:
        observer = Observer()
        try:
            for inbox in self._inboxes:
                if not inbox.polling:
                    observer.schedule(_Hint(self._look), str(inbox.path), recursive=True)
            observer.start()
        except OSError as error:
            # No inotify watches left, or a share: the sweep alone goes on.
            log.warning(
                "no events for the inboxes (%s): looking every %.0f s", type(error).__name__, self._options.sweep_s
            )
            return None
        return observer


class _Hint(FileSystemEventHandler):
    def __init__(self, look: threading.Event) -> None:
        self._look = look

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in ("opened", "closed_no_write"):  # our own reading is no news
            self._look.set()
