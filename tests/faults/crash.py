"""faldone in this process, killed by itself (SIGKILL) at one named point of taking in.

    python -m tests.faults.crash --home HOME [--point NAME] [--call N] [--door]

Without ``--door`` it is the whole of `faldone run`; with it the watcher and the workers that take in, nothing else,
which starts in a fraction of the time.
"""

from __future__ import annotations

import argparse
import itertools
import os
import pkgutil
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import dramatiq

from faldone.bootstrap import open_archive
from faldone.cli.main import main as faldone
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.inbox import Inbox, Originals
from faldone.ingest.watch import Watcher, WatchOptions
from faldone.pipeline.intake.take_in import has_room
from faldone.settings import load
from faldone.workers.actors import declare
from faldone.workers.broker import make_broker


@dataclass(frozen=True)
class Point:
    """A moment: before or after a call of a function, those calls that ``when`` is true of.

    ``originals`` and ``across`` (the done folder on another file system) are what it takes to come by there.
    """

    function: str
    after: bool = False
    when: Callable[..., bool] = lambda *_, **__: True
    originals: Originals = Originals.MOVE
    across: bool = False


def _into_store(source: object, target: object) -> bool:
    return "/sha256/" in str(target)


def _in_inbox(path: Path, *_: object, **__: object) -> bool:
    return "inbox" in path.parts


def _half_moved(path: Path, *_: object) -> bool:
    return path.name.endswith(".part")


def _takes_in(work: Any) -> bool:
    return any(event.type is EventType.FILE_SEALED for event in work._events)


_DELETE: dict[str, Any] = {"originals": Originals.DELETE}

POINTS = {
    "before the copy": Point("faldone.pipeline.intake.take_in:seal"),
    "in the middle of the copy": Point("faldone.storage.local:_copy", after=True),  # after half of it
    "before the sync": Point("faldone.storage.local:_sync_file"),
    "before the rename": Point("os:rename", when=_into_store),
    "after the rename": Point("os:rename", when=_into_store, after=True),
    "before the commit": Point("faldone.catalog.sql.work:SqlWork.seal", when=_takes_in),
    "after the commit": Point("faldone.pipeline.intake.take_in:_put_on_record", after=True),
    "before the move": Point("faldone.pipeline.intake.take_in:move_away"),
    "after the move": Point("faldone.pipeline.intake.take_in:move_away", after=True),
    "between copy and name on another disk": Point("shutil:copy2", after=True, across=True),
    "between copy and unlink on another disk": Point("pathlib:Path.rename", when=_half_moved, after=True, across=True),
    "before the delete": Point("pathlib:Path.unlink", when=_in_inbox, **_DELETE),
    "after the delete": Point("pathlib:Path.unlink", when=_in_inbox, after=True, **_DELETE),
    "before the release": Point("faldone.catalog.sql.work:SqlWork.release_intakes"),
    "after the release": Point("faldone.pipeline.intake.take_in:_send_away", after=True),
}


def arm(name: str, call: int) -> None:
    """Lays the mine: the process dies at the ``call``-th time that it comes by the point."""
    point = POINTS[name]
    module, _, path = point.function.partition(":")
    *owners, attribute = path.split(".")
    owner = pkgutil.resolve_name(":".join(filter(None, (module, ".".join(owners)))))
    real, times = getattr(owner, attribute), itertools.count(1)

    def mined(*arguments: Any, **named: Any) -> Any:
        if not point.when(*arguments, **named) or next(times) != call:
            return real(*arguments, **named)
        if point.after:
            (_half if attribute == "_copy" else real)(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, attribute, mined)


def _half(stream: Any, target: Any) -> tuple[Digest, int]:
    size = os.fstat(stream.fileno()).st_size
    target.write(stream.read(size // 2))
    os.fsync(target.fileno())
    return Digest.of(b""), 0


def door(home: Path, environment: Mapping[str, str] = MappingProxyType({}), log: Path | None = None) -> None:
    """Watches and takes in until it is killed or told to end; what it says goes to the file ``log``."""
    os.environ.update(environment)
    if log is not None:
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), sys.stderr.fileno())
    signal.signal(signal.SIGIO, signal.SIG_IGN)  # as the command line does: see faldone.ingest.seal
    settings = load(home)
    with open_archive(settings) as ports:
        broker = make_broker(None)
        actors = declare(broker, ports, settings.inboxes)

        def offer(inbox: Inbox, paths: Any) -> None:
            actors.take_in.send([str(path) for path in paths], str(inbox.path))

        intake = settings.intake
        options = WatchOptions(intake.quiet_s, intake.sweep_s, intake.ignore, intake.share_quiet_s)
        watcher = Watcher(settings.inboxes, offer, options, lambda: has_room(ports))
        worker = dramatiq.Worker(broker, queues={"take_in"}, worker_threads=2, worker_timeout=50)
        worker.start()
        threading.Thread(target=watcher.run, daemon=True).start()
        signal.sigwait({signal.SIGTERM})
        watcher.stop()
        worker.stop()
        broker.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--point", choices=POINTS)
    parser.add_argument("--call", type=int, default=1)
    parser.add_argument("--door", action="store_true")
    args = parser.parse_args()
    if args.point is not None:
        arm(args.point, args.call)
    if not args.door:
        return faldone(["run", "--home", str(args.home)])
    door(args.home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
