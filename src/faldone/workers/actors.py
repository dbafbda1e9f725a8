"""The actors: each carries one step of the pipeline to a worker. Messages hold ids or, at the door, paths."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dramatiq

from faldone.domain.campaign import RereadingId
from faldone.domain.digest import Digest
from faldone.domain.ids import DocumentId, PageId
from faldone.domain.inbox import Inbox
from faldone.errors import FaldoneError, UnsafePathError
from faldone.pipeline.filing.attribute import attribute
from faldone.pipeline.intake.look import look
from faldone.pipeline.intake.open_source import open_source
from faldone.pipeline.intake.take_in import Arrival, take_in
from faldone.pipeline.ports import Ports
from faldone.pipeline.recognition.recognise import recognise
from faldone.pipeline.recognition.reread import reread
from faldone.pipeline.search.index import index_pending
from faldone.pipeline.unforeseen import tell

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Actors:
    """The declared actors; ``send`` of each puts one message on its queue."""

    take_in: dramatiq.Actor[..., None]
    open_source: dramatiq.Actor[..., None]
    look: dramatiq.Actor[..., None]
    recognise: dramatiq.Actor[..., None]
    attribute: dramatiq.Actor[..., None]
    index: dramatiq.Actor[..., None]
    reread: dramatiq.Actor[..., None]
    copy: dramatiq.Actor[..., None]


def declare(
    broker: dramatiq.Broker,
    ports: Ports,
    inboxes: Collection[Inbox],
    arrived: Callable[[], None] = lambda: None,
    ended: Callable[[], None] = lambda: None,
) -> Actors:
    """Declares the actors on a broker. What has come farthest goes first, so that nothing is left half done.

    What arrives is an exception: it is taken in before older pages are looked at, to be looked at before them.

    Only files of the ``inboxes`` are taken in: whoever can write to a shared broker could name any other. ``arrived``
    is called when a file came in or was opened, because somebody at a scanner waits for what follows; ``ended`` when
    any other step of a file's way did.
    """

    def actor(
        name: str, priority: int, step: Callable[..., object], after: Callable[[], None] | None = None
    ) -> dramatiq.Actor[..., None]:
        declared: dramatiq.Actor[..., None] = dramatiq.actor(
            actor_name=name, queue_name=name, priority=priority, broker=broker
        )(_guarded(name, step, after))
        return declared

    return Actors(
        take_in=actor("take_in", 32, _Door(ports, inboxes).take_in, arrived),
        open_source=actor("open_source", 30, lambda digest: open_source(Digest.parse(digest), ports), arrived),
        look=actor("look", 35, lambda *pages: look([PageId(page) for page in pages], ports), ended),
        recognise=actor("recognise", 50, lambda *pages: recognise([PageId(page) for page in pages], ports), ended),
        attribute=actor("attribute", 20, lambda digest: attribute(Digest.parse(digest), ports), ended),
        index=actor("index", 10, lambda: index_pending(ports), ended),
        reread=actor("reread", 60, lambda *units: reread([RereadingId(unit) for unit in units], ports)),
        copy=actor("copy", 70, lambda document: _keep_copy(DocumentId(document), ports)),
    )


def _keep_copy(document: DocumentId, ports: Ports) -> None:
    # Imported by the archives that keep copies: it brings half a second of libraries.
    from faldone.pipeline.papers.copy_document import keep_copy

    keep_copy(document, ports)


class _Door:
    """Takes groups of files in; says once that there is no space for them, and once that there is again."""

    def __init__(self, ports: Ports, inboxes: Collection[Inbox]) -> None:
        self._ports = ports
        self._inboxes = {str(inbox.path): inbox for inbox in inboxes}
        self._full = False

    def take_in(self, paths: Sequence[str], inbox: str) -> None:
        known, files = self._inboxes.get(inbox), [Path(path) for path in paths]
        if known is None or not all(path.is_relative_to(known.path) and ".." not in path.parts for path in files):
            raise UnsafePathError("Non è un file di una cartella di arrivo. / Not a file of an inbox.")
        try:
            self._tell(take_in(files, known, self._ports))
        except FaldoneError:
            raise
        except Exception:
            if len(files) == 1:
                raise
            # One of them is bad in a way that nobody foresaw: it is to hurt itself alone.
            for path in paths:
                _guarded("take_in", self.take_in)([path], inbox)

    def _tell(self, arrivals: Collection[Arrival]) -> None:
        if Arrival.NO_SPACE in arrivals and not self._full:
            self._full = True
            log.error("take_in: no free space, intake waits until there is more")
        elif self._full and (Arrival.TAKEN in arrivals or Arrival.DUPLICATE in arrivals):
            self._full = False
            log.info("take_in: there is free space again")


def _guarded(name: str, step: Callable[..., object], after: Callable[[], None] | None = None) -> Callable[..., None]:
    """The worker's edge: nothing that one message brings may end the worker or reach dramatiq's dead letters.

    A step that failed left the catalog saying that its work is unfinished, and the dispatcher sends it again; the
    attempts that the catalog counts put an end to it.
    """

    def carry(*arguments: Any) -> None:
        try:
            step(*arguments)
        except Exception as error:  # noqa: BLE001 - the outermost edge of a worker
            tell(name, error)
        if after is not None:
            after()

    return carry
