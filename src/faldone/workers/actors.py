"""The actors: each carries one step of the pipeline to a worker. Messages hold ids or, at the door, one path."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dramatiq

from faldone.domain.digest import Digest
from faldone.domain.ids import PageId
from faldone.errors import FaldoneError, UnsafePathError
from faldone.pipeline.attribute import attribute
from faldone.pipeline.index import index_pending
from faldone.pipeline.open_source import open_source
from faldone.pipeline.ports import Ports
from faldone.pipeline.recognise import recognise
from faldone.pipeline.take_in import take_in

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Actors:
    """The declared actors; ``send`` of each puts one message on its queue."""

    take_in: dramatiq.Actor[..., None]
    open_source: dramatiq.Actor[..., None]
    recognise: dramatiq.Actor[..., None]
    attribute: dramatiq.Actor[..., None]
    index: dramatiq.Actor[..., None]


def declare(broker: dramatiq.Broker, ports: Ports, inboxes: Collection[Path]) -> Actors:
    """Declares the actors on a broker. What has come farthest goes first, so that nothing is left half done.

    Only files of the ``inboxes`` are taken in: whoever can write to a shared broker could name any other.
    """

    def actor(name: str, priority: int, step: Callable[..., object]) -> dramatiq.Actor[..., None]:
        declared: dramatiq.Actor[..., None] = dramatiq.actor(
            actor_name=name, queue_name=name, priority=priority, broker=broker
        )(_guarded(name, step))
        return declared

    return Actors(
        take_in=actor("take_in", 40, lambda path, inbox: _take_in(Path(path), Path(inbox), ports, inboxes)),
        open_source=actor("open_source", 30, lambda digest: open_source(Digest.parse(digest), ports)),
        recognise=actor("recognise", 50, lambda *pages: recognise([PageId(page) for page in pages], ports)),
        attribute=actor("attribute", 20, lambda digest: attribute(Digest.parse(digest), ports)),
        index=actor("index", 10, lambda: index_pending(ports)),
    )


def _take_in(path: Path, inbox: Path, ports: Ports, inboxes: Collection[Path]) -> None:
    if inbox not in inboxes or not path.is_relative_to(inbox) or ".." in path.parts:
        raise UnsafePathError("Non è un file di una cartella di arrivo. / Not a file of an inbox.")
    take_in(path, inbox, ports, release=True)


def _guarded(name: str, step: Callable[..., object]) -> Callable[..., None]:
    """The worker's edge: nothing that one message brings may end the worker or reach dramatiq's dead letters.

    A step that failed left the catalog saying that its work is unfinished, and the dispatcher sends it again; the
    attempts that the catalog counts put an end to it.
    """

    def carry(*arguments: Any) -> None:
        try:
            step(*arguments)
        except FaldoneError as error:
            log.warning("%s: %s", name, error.reference)
        except Exception as error:  # noqa: BLE001 - the outermost edge of a worker
            # Type and place, not the message: it may quote a page.
            frame = error.__traceback__
            while frame is not None and frame.tb_next is not None:
                frame = frame.tb_next
            place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame is not None else "?"
            log.error("%s: %s at %s", name, type(error).__name__, place)

    return carry
