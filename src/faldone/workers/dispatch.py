"""Asks the catalog what is due and sends it: the usual way of work and the way back after a crash are one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from faldone.catalog.records import Unit
from faldone.errors import FaldoneError
from faldone.pipeline.ports import Ports
from faldone.workers.actors import Actors

log = logging.getLogger(__name__)

_TICK_S, _BREATH_S = 0.2, 0.03
"""How often the catalog is asked, which takes 2.5 ms, and how often at most while files come in."""

_SPREAD = 8
"""Of the pages that are left eight groups are made at least, so that all cores stay busy to the end; with fewer left
what follows on a step is sent as soon as it ends."""

_OPENED_TOGETHER = 4
"""Files that wait to be opened where nobody waits at a scanner: the pages of those before are looked at first."""

_LOOKED_AT_TOGETHER = 4
"""Pages that share one opening of their file, which is slow for files of thousands of pages. No more wait to be looked
at, since what arrives next goes before them: its paper is still on the table."""

_COPY_TRIES = 3
_ATTRIBUTE_LEASE_S, _ATTRIBUTE_ALONE_S = 10.0, 0.5
"""A file that another file's attribution, or a decision, sends back as soon as its own is done looks between two ticks
as if it had never been begun: its message is taken for lost soon, and at once where nothing else is to be done. One too
many finds it claimed, and does nothing."""

_INDEX_EVERY_S, _INDEX_SOON_S = 1.0, 0.05
"""A document is to be found within two seconds of being filed; a commit of the index costs tens of milliseconds. About
as soon as the one before it is through when nothing waits to be read or filed: no other will come to share it."""


@dataclass(slots=True)
class Outstanding:
    """The tries that were sent and not yet begun.

    A try is (id, attempts so far). When a worker begins it, the catalog counts an attempt, so a failed or abandoned
    piece of work comes back as another try and is sent at once; one whose message was lost is sent again after
    ``lease_s``.
    """

    length: int
    lease_s: float
    _sent: dict[Unit, float] = field(default_factory=dict)

    def due(self, units: Iterable[Unit], now_s: float, lease_s: float | None = None) -> Iterator[Unit]:
        """Of the unfinished ``units``, those to send now, so that at most ``length`` wait in the queue."""
        units, lease_s = tuple(units), self.lease_s if lease_s is None else lease_s
        self._sent = {unit: self._sent[unit] for unit in units if unit in self._sent}
        for unit in units:
            sent = self._sent.get(unit)
            if (sent is None and len(self._sent) < self.length) or (sent is not None and now_s - sent > lease_s):
                self._sent[unit] = now_s
                yield unit


class Dispatcher:
    """Keeps the queue topped up from the catalog. One an archive.

    Args:
        ports: the archive.
        actors: where to send.
        length: most messages of a kind in the queue.
        lease_s: after how long a message that nobody began is taken for lost.
        ahead: while so many pages wait to be read no more are looked at, so that each is still at hand when its turn
            comes, and while fewer do no more files are opened; None where somebody at a scanner waits for what is said
            of each.

    Attributes:
        few_left: whether so little waited to be opened, looked at or read, when it was asked last, that a worker may
            have nothing to do until the next tick.
    """

    def __init__(self, ports: Ports, actors: Actors, *, length: int, lease_s: float, ahead: int | None = None) -> None:
        self._ports = ports
        self._actors = actors
        self._limit = 2 * length
        self._ahead = ahead
        self._open = Outstanding(length if ahead is None else _OPENED_TOGETHER, lease_s)
        self._look = Outstanding(_LOOKED_AT_TOGETHER, lease_s)
        self._recognise = Outstanding(length, lease_s)
        self._attribute = Outstanding(length, min(lease_s, _ATTRIBUTE_LEASE_S))
        self._reread = Outstanding(length, lease_s)
        self._copy = Outstanding(length, lease_s)
        self._indexed_s = 0.0
        self.few_left = True
        self._awake = threading.Event()
        self._stopped = False

    def tick(self) -> None:
        """Sends what is due now."""
        now_s = time.monotonic()
        unfinished = self._ports.catalog.unfinished(self._ports.clock(), self._limit)
        idle = self._ahead is not None and len(unfinished.recognise) < self._ahead
        if not (idle and unfinished.look):  # of a thousand files the first is read before the last is opened
            for unit in self._open.due(unfinished.open, now_s):
                self._actors.open_source.send(unit.id)
        if self._ahead is None or idle:
            for names in by_file(self._look.due(unfinished.look, now_s)):
                self._actors.look.send(*names)
        left = len(unfinished.open) + len(unfinished.look) + len(unfinished.recognise)
        quiet, self.few_left = left == 0, left < _SPREAD
        for unit in self._attribute.due(unfinished.attribute, now_s, _ATTRIBUTE_ALONE_S if quiet else None):
            self._actors.attribute.send(unit.id)
        for pages in self._together(self._recognise.due(unfinished.recognise, now_s), len(unfinished.recognise)):
            self._actors.recognise.send(*(page.id for page in pages))
        if quiet:  # nobody waits for what was read before
            for pages in self._together(self._reread.due(unfinished.reread, now_s), len(unfinished.reread)):
                self._actors.reread.send(*(page.id for page in pages))
            self._send_copies(now_s)
        alone = quiet and not unfinished.attribute
        if unfinished.index and now_s - self._indexed_s >= (_INDEX_SOON_S if alone else _INDEX_EVERY_S):
            self._indexed_s = now_s
            self._actors.index.send()

    def _send_copies(self, now_s: float) -> None:
        options = self._ports.options
        if options.copies is not None:
            for unit in self._copy.due(self._ports.catalog.behind_copies(self._limit, _COPY_TRIES), now_s):
                self._actors.copy.send(unit.id)

    def _together(self, pages: Iterable[Unit], unfinished: int) -> Iterator[list[Unit]]:
        return together(pages, unfinished, self._ports.engine.pages_a_start)

    def run(self) -> None:
        """Ticks until :meth:`stop`; a part that is away for a while ends nothing."""
        while True:
            self._awake.wait(_TICK_S)
            if self._stopped:
                return
            self._awake.clear()
            time.sleep(_BREATH_S)
            try:
                self.tick()
            except FaldoneError as error:
                log.warning("dispatch: %s", error.reference)
            except Exception as error:  # noqa: BLE001 - the broker's client has errors of its own
                log.warning("dispatch: %s, trying again", type(error).__name__)

    def wake(self) -> None:
        """Lets :meth:`run` tick at once: whoever calls knows that something became due."""
        self._awake.set()

    def stop(self) -> None:
        """Ends :meth:`run` soon."""
        self._stopped = True
        self._awake.set()


def together(pages: Iterable[Unit], unfinished: int, most: int) -> Iterator[list[Unit]]:
    """Pages in groups of at most ``most`` that share one start of the engine: smaller ones as the end comes near.

    The fewer are left (``unfinished``), the more it counts that all cores stay busy.
    """
    return in_groups(pages, max(1, min(most, unfinished // _SPREAD)))


def by_file(pages: Iterable[Unit]) -> Iterator[list[str]]:
    """The ids of pages that stand together and are of one file, in the file's order."""
    for _, group in groupby(pages, key=lambda page: page.id.rpartition("-")[0]):
        yield sorted((page.id for page in group), key=lambda name: int(name.rpartition("-")[2]))


def in_groups(pages: Iterable[Unit], size: int) -> Iterator[list[Unit]]:
    """Pages in groups of ``size``. One that was begun before goes alone: it may be one that hurts others."""
    group: list[Unit] = []
    for page in pages:
        if page.attempts:
            yield [page]
            continue
        group.append(page)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
