"""Watches inboxes: the system's events say «look now», the sweep says what is there.

Each inbox is watched by a thread of its own: a share that hangs, hangs alone.
"""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)

from faldone.domain.inbox import Inbox
from faldone.ingest.settle import Settling, Stamp
from faldone.ingest.sweep import sweep

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

log = logging.getLogger(__name__)

# A folder that is moved in while it is read is registered twice. That is harmless, the sweep is the truth; the warning
# would write the folder's name, which may be a person's, where logs are kept.
warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 15.0, 600.0
"""A settled file that is still there so long after it was offered is offered again, then after twice as long, and so
on: its message may be lost, or it was still being written, or it is an original that stays."""

_TOGETHER, _TOGETHER_BYTES = 256, 64 << 20
"""So many files, or so many bytes, go in one offer: a crash in the middle of it has the group copied again, and each
of its files stays open until all are copied."""

_HANGS_S = 60.0
"""A look that takes longer is a share that does not answer."""

_PARTING_S = 3.0

_REST_UNOFFERED, _REST_OFFERED = 1.0, 19.0
"""For every second that a look took, so many without one, by what it found: nothing is gained by reading an inbox over
and over while what was offered is taken in, but a rest before anything is offered keeps everybody waiting."""

_REST_TOLD = 50.0
"""The same for what is told of a look: it asks the record, and nobody waits for it."""

_STIR = 500
"""With so many files coming and going from one look to the next, looking is cheaper than hearing of each (an event
takes 60 µs of this process, a look 10 µs a file), and what is heard says nothing that the next look does not."""

_NEWS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,  # the inbox itself
]
"""Events of arriving. The others (of our own reading and moving away) are not even asked of the system."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """When a file counts as arrived (sooner on a disk than on a share), and how often to look without being told.

    ``patience_s`` after its last change a file that looks cut short is taken as it is: it is offered again then.
    """

    quiet_s: float
    sweep_s: float
    ignore: tuple[str, ...]
    share_quiet_s: float = 3.0
    patience_s: float = 0.0


class Watcher:
    """Offers every settled file of the inboxes, in groups, to ``on_arrival(inbox, paths)``.

    ``on_arrival`` must be idempotent: a file is offered again, after growing pauses, until it is gone from the inbox.

    Args:
        inboxes: what to watch.
        on_arrival: is told of settled files; called from the threads of several inboxes.
        options: when and how often.
        has_room: while it says no nothing is offered; everything is as soon as it says yes again.
        on_looked: is told of all that a full look at an inbox saw, settled or not; not after every look.
    """

    def __init__(
        self,
        inboxes: Sequence[Inbox],
        on_arrival: Callable[[Inbox, Sequence[Path]], None],
        options: WatchOptions,
        has_room: Callable[[], bool] = lambda: True,
        on_looked: Callable[[Inbox, Container[str]], None] = lambda inbox, seen: None,
    ) -> None:
        self._posts = tuple(_Post(inbox, on_arrival, options, has_room, on_looked) for inbox in inboxes)
        self._stop = threading.Event()

    @property
    def waiting(self) -> int:
        """How many files were in the inboxes at the last look."""
        return sum(post.waiting for post in self._posts)

    @property
    def looked(self) -> bool:
        """Whether there was a first look at every inbox that can be reached."""
        return all(post.looked for post in self._posts)

    @property
    def unreachable(self) -> tuple[Path, ...]:
        """The inboxes that could not be listed at the last look, or hang."""
        return tuple(post.inbox.path for post in self._posts if not post.is_reachable(time.monotonic()))

    def look(self) -> None:
        """One full look at every inbox: offers what is settled."""
        for post in self._posts:
            post.look()

    def run(self) -> None:
        """Looks until :meth:`stop`. Nothing that goes wrong with an inbox ends its watch or touches another's."""
        threads = [threading.Thread(target=post.run, name="inbox", daemon=True) for post in self._posts]
        for thread in threads:
            thread.start()
        self._stop.wait()
        for thread in threads:
            thread.join(_PARTING_S)

    def stop(self) -> None:
        """Ends :meth:`run` soon; a look at a share that hangs is not waited for."""
        for post in self._posts:
            post.stop()
        self._stop.set()


class _Post:
    """One inbox and what was seen of it."""

    def __init__(
        self,
        inbox: Inbox,
        on_arrival: Callable[[Inbox, Sequence[Path]], None],
        options: WatchOptions,
        has_room: Callable[[], bool],
        on_looked: Callable[[Inbox, Container[str]], None],
    ) -> None:
        self.inbox = inbox
        self.waiting = 0
        self.looked = False
        self._on_arrival = on_arrival
        self._options = options
        self._has_room = has_room
        self._on_looked = on_looked
        self._tells_at_s = 0.0
        self._had_room = True
        self._quiet_s = options.share_quiet_s if inbox.polling else options.quiet_s
        self._settling = Settling(self._quiet_s)
        self._offers: dict[str, _Offer] = {}
        self._unsettled = 0
        self._stirs = False
        self._answers = True
        self._looking_since: float | None = None
        self._ear = _Ear(inbox.path) if not inbox.polling else None
        self._stop = threading.Event()

    def is_reachable(self, now_s: float) -> bool:
        since = self._looking_since
        return self._answers and (since is None or now_s - since < _HANGS_S)

    def look(self) -> None:
        now_s = self._looking_since = time.monotonic()
        try:
            seen = dict(sweep(self.inbox.path, self._options.ignore))
        except OSError as error:
            # What was seen before is not taken for gone: nothing is known now.
            if self._answers:
                log.warning("an inbox cannot be reached (%s), looking again", type(error).__name__)
            self._answers, self.looked, self._unsettled, self._stirs = False, True, 0, False
            return
        finally:
            self._looking_since = None
        if not self._answers:
            log.info("an inbox can be reached again")
            self._offers.clear()
        self._answers, self.waiting = True, len(seen)
        settled = self._settling.settled(seen, now_s)
        self._unsettled = len(seen) - len(settled)
        offered = len(self._offers)
        self._offers = {path: offer for path, offer in self._offers.items() if path in seen}
        stir = self._unsettled + offered - len(self._offers)
        if self._finds_room():
            due = [path for path in settled if self._is_due(path, seen[path], now_s)]
            stir += len(due)
            for group in _groups(due, seen):
                self._on_arrival(self.inbox, [Path(path) for path in group])
                for path in group:
                    before = self._offers.get(path)
                    times = before.times + 1 if before is not None and before.stamp == seen[path] else 1
                    self._offers[path] = _Offer(seen[path], now_s, times, self._is_young(seen[path]))
        self._stirs = stir >= _STIR
        self.looked = True
        if now_s >= self._tells_at_s:
            began_s = time.monotonic()
            self._on_looked(self.inbox, seen)
            ended_s = time.monotonic()
            self._tells_at_s = ended_s + (ended_s - began_s) * _REST_TOLD

    def _is_due(self, path: str, stamp: Stamp, now_s: float) -> bool:
        offer = self._offers.get(path)
        if offer is None or offer.stamp != stamp or now_s - offer.at_s >= offer.pause_s:
            return True
        return offer.young and not self._is_young(stamp)

    def _is_young(self, stamp: Stamp) -> bool:
        return abs(time.time() - stamp.mtime_ns / 1e9) <= self._options.patience_s

    def _finds_room(self) -> bool:
        room = self._has_room()
        if room and not self._had_room:
            log.info("there is free space again: intake goes on")
            self._offers.clear()
        elif not room and self._had_room:
            log.error("too little free space: intake waits until there is more")
        self._had_room = room
        return room

    def run(self) -> None:
        while not self._stop.is_set():
            began_s = time.monotonic()
            stirred = self._stirs
            try:
                if self._ear is not None and stirred:
                    self._ear.close()
                elif self._ear is not None:
                    self._ear.listen()  # before the look: what comes after it is heard
                self.look()
            except Exception as error:  # noqa: BLE001 - the broker's client has errors of its own
                log.warning("looking at an inbox failed (%s), trying again", type(error).__name__)
            # Nobody listened during a stir: when it is over, one more look sees what came last.
            soon = stirred or self._stirs or self._unsettled > 0
            self._rest(time.monotonic() - began_s, soon=soon)
        if self._ear is not None:
            self._ear.close()

    def _rest(self, took_s: float, *, soon: bool) -> None:
        rest_s = took_s * _rest_factor(len(self._offers), self.waiting)
        if soon:
            self._stop.wait(max(rest_s, self._quiet_s / 2))
        elif self._ear is None:
            self._stop.wait(max(rest_s, self._options.sweep_s))
        elif not self._stop.wait(rest_s):
            self._ear.wait(self._options.sweep_s)

    def stop(self) -> None:
        self._stop.set()
        if self._ear is not None:
            self._ear.heard.set()


@dataclass(frozen=True, slots=True)
class _Offer:
    stamp: Stamp
    at_s: float
    times: int
    young: bool

    @property
    def pause_s(self) -> float:
        return min(_FIRST_PAUSE_S * 2.0 ** min(self.times - 1, 10), _LONGEST_PAUSE_S)


def _rest_factor(offered: int, waiting: int) -> float:
    """Seconds to rest for every second of a look that found so many ``waiting``, some of them ``offered``."""
    return _REST_UNOFFERED + (_REST_OFFERED - _REST_UNOFFERED) * (offered / waiting if waiting else 0.0)


def _groups(due: Sequence[str], seen: dict[str, Stamp]) -> Iterator[list[str]]:
    group: list[str] = []
    total = 0
    for path in due:
        size = seen[path].size
        if group and (len(group) == _TOGETHER or total + size > _TOGETHER_BYTES):
            yield group
            group, total = [], 0
        group.append(path)
        total += size
    if group:
        yield group


class _Ear(FileSystemEventHandler):
    """Hears of changes in one folder, also when it went away and another stands in its place (a share)."""

    def __init__(self, folder: Path) -> None:
        self.heard = threading.Event()
        self._folder = folder
        self._observer: BaseObserver | None = None
        self._at: tuple[int, int] | None = None
        self._deaf = False

    def listen(self) -> None:
        """Listens to the folder that stands there now."""
        try:
            status = self._folder.stat()
        except OSError:
            self.close()
            return
        at = (status.st_dev, status.st_ino)
        if self._observer is not None and self._at == at:
            return
        self.close()
        from watchdog.observers import Observer  # asks the linker for the C library: a tenth of a second of a core

        observer = Observer()
        try:
            observer.schedule(self, str(self._folder), recursive=True, event_filter=_NEWS)
            observer.start()
        except OSError as error:
            # No inotify watches left: the sweep alone goes on.
            if not self._deaf:
                log.warning("no events for an inbox (%s): looking at it from time to time", type(error).__name__)
            self._deaf = True
            return
        self._observer, self._at, self._deaf = observer, at, False

    def wait(self, seconds: float) -> None:
        """Until something is heard, or so long."""
        self.heard.wait(seconds)
        self.heard.clear()

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type == "deleted":
            if str(event.src_path) != str(self._folder):
                return
            self._at = None  # whatever comes in its place may even have its number
        self.heard.set()

    def close(self) -> None:
        """Listens no more."""
        observer, self._observer, self._at = self._observer, None, None
        if observer is not None:
            observer.stop()
            observer.join()
