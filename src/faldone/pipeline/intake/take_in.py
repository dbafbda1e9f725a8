"""Step 1: files of an inbox are sealed, put on record and taken out of the way, in this order.

They come in groups, because what a file costs beside its bytes is paid once for the group: a transaction, the syncs of
folders, a message. A crash at any point leaves each file of a group either untouched or on record.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from faldone.catalog.catalog import Work
from faldone.catalog.records import Intake, IntakeState
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import IntakeId
from faldone.domain.inbox import Inbox, Originals
from faldone.domain.names import shown
from faldone.domain.reasons import Reason
from faldone.errors import (
    CatalogUnavailableError,
    EmptyFileError,
    InputError,
    UnreadableFileError,
    UnsupportedFormatError,
)
from faldone.ingest.inspect import inspect
from faldone.ingest.seal import Sealed, StillGrowingError, move_away, seal, stamp
from faldone.ingest.sidecar import is_sidecar
from faldone.pipeline.intake.refusals import lift
from faldone.pipeline.ports import Options, Ports
from faldone.storage.store import Copies

log = logging.getLogger(__name__)

_TABLE_QUIET_S = 5.0

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Arrival(StrEnum):
    """What came of offering a file."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    KNOWN = "known"
    REFUSED = "refused"
    GONE = "gone"
    GROWING = "growing"
    NO_SPACE = "no-space"
    FAILED = "failed"


def has_room(ports: Ports) -> bool:
    """Whether there is the free space without which nothing is taken in."""
    asked = ports.options.min_free_bytes
    return asked == 0 or ports.store.free_bytes() >= asked


@dataclass(slots=True)
class _File:
    """One file of a group and what came of it so far; ``arrival`` is None while it is on its way.

    ``intake`` is on record and waits for the original to be away; ``again`` says that it was on record before.
    """

    path: Path
    raw_path: bytes
    arrival: Arrival | None = None
    sealed: Sealed | None = None
    refusal: Reason | None = None
    intake: Intake | None = None
    again: bool = False


def take_in(paths: Sequence[Path], inbox: Inbox, ports: Ports) -> list[Arrival]:
    """Takes a group of files in. Offered twice, at once or after a crash at any point, each is on record once.

    Args:
        paths: files below the inbox.
        inbox: where they arrived; names on record are relative to it.
        ports: where they go; ``options.originals`` says what becomes of the originals.

    Returns:
        What came of each, in the order of ``paths``. What is GROWING, FAILED (a share that went away) or met NO_SPACE
        is untouched and to be offered again.

    Raises:
        CatalogUnavailableError: nothing of the group is on record; all of it is to be offered again.
        OSError: the store fails, likewise.
    """
    files = {path: _File(path, os.fsencode(path)) for path in paths}
    group, place = list(files.values()), _place(inbox.path)
    if ports.options.originals is Originals.STAY:
        _pass_over_stayed(group, ports)
    try:
        with ports.store.batch() as copies:
            _seal_all(group, inbox, copies, ports)
            _put_on_record(group, inbox, copies, ports)
    except (OSError, CatalogUnavailableError) as error:
        if not _is_full(error):
            raise
        for file in group:
            if file.sealed is not None or file.refusal is not None:
                file.arrival, file.intake = Arrival.NO_SPACE, None
    if ports.options.originals is not Originals.STAY:
        _send_away(group, inbox, place, ports)
    return [files[path].arrival or Arrival.GONE for path in paths]


def _pass_over_stayed(group: Sequence[_File], ports: Ports) -> None:
    """Originals that stay are offered for ever: one transaction looks them up, and nobody reads their bytes."""
    stamps = {}
    for file in group:
        with suppress(OSError):  # for sealing to say
            stamps[file.path] = stamp(file.path)
    with ports.catalog.begin() as work:
        for file in group:
            if file.path in stamps and work.stayed(file.raw_path, stamps[file.path]):
                file.arrival = Arrival.KNOWN


def _seal_all(group: Sequence[_File], inbox: Inbox, copies: Copies, ports: Ports) -> None:
    asked = ports.options.min_free_bytes
    room = ports.store.free_bytes() - asked if asked else sys.maxsize
    folders = {os.path.dirname(file.path) for file in group}  # noqa: PTH120 - a Path for each file costs more than it
    outside = {folder for folder in folders if _leads_out(Path(folder), inbox.path)}
    for file in group:
        if file.arrival is not None:
            continue
        if outside and os.path.dirname(file.path) in outside:  # noqa: PTH120
            file.refusal = Reason.UNSAFE_PATH
            continue
        try:
            status = file.path.lstat()
            if status.st_size > room:
                file.arrival = Arrival.NO_SPACE
            elif why_it_waits(file.path, status.st_mtime, ports.options) is not None:
                file.arrival = Arrival.GROWING
            else:
                file.sealed = seal(file.path, copies)
                room -= status.st_size
        except (FileNotFoundError, NotADirectoryError):
            file.arrival = Arrival.GONE
        except StillGrowingError:
            file.arrival = Arrival.GROWING
        except InputError as error:
            file.refusal = Reason(error.reason)
        except OSError as error:
            if _is_full(error):
                file.arrival, room = Arrival.NO_SPACE, 0
            elif error.errno == errno.ENAMETOOLONG:
                file.refusal = Reason.UNSAFE_PATH
            else:
                log.warning("a file could not be taken in (%s): it is tried again", _kind(error))
                file.arrival = Arrival.FAILED
    for file in group:
        if file.sealed is not None and not file.sealed.is_still_at(file.path):  # changed while others were copied
            file.sealed, file.arrival = None, Arrival.GONE if _is_gone(file.path) else Arrival.GROWING


def _put_on_record(group: Sequence[_File], inbox: Inbox, copies: Copies, ports: Ports) -> None:
    """One transaction for the group. When it commits, bytes and names are durable."""
    if not any(file.sealed is not None or file.refusal is not None for file in group):
        return
    copies.sync()  # before the transaction: nobody else is to wait for it
    with ports.catalog.begin() as work:
        record = _Record(work, inbox, ports)
        new = record.sealed([file for file in group if file.sealed is not None])
        record.refused([file for file in group if file.refusal is not None])
        copies.keep([digest for digest, _ in new])
        work.add_sources(new, record.now)
        work.add_intakes([file.intake for file in group if file.intake is not None and not file.again])


class _Record:
    """What one transaction says of a group."""

    def __init__(self, work: Work, inbox: Inbox, ports: Ports) -> None:
        self._work = work
        self._inbox = inbox
        self._ports = ports
        self._stays = ports.options.originals is Originals.STAY
        self.now = ports.clock()
        self._batch = cache(lambda folder: work.arrival_batch(inbox, folder, self.now))

    def sealed(self, files: Sequence[_File]) -> list[tuple[Digest, int]]:
        """Says what each sealed file is, new or known; returns the bytes that are new, by digest and size."""
        work, raw_paths = self._work, [file.raw_path for file in files]
        unreleased = {(intake.raw_path, intake.source): intake for intake in work.unreleased_intakes(raw_paths)}
        refused = work.refused_intakes(raw_paths)
        known = set(work.known_sources({file.sealed.digest for file in files if file.sealed is not None}))
        new: list[tuple[Digest, int]] = []
        for file in files:
            if (sealed := file.sealed) is None:
                continue
            before = unreleased.get((file.raw_path, sealed.digest))
            if before is not None or (sealed.digest in known and work.stayed(file.raw_path, sealed.stamp)):
                # The same file, not yet out of the way: a crash or a second message came in between, or it stayed.
                file.arrival, file.intake, file.again = Arrival.KNOWN, before, True
            elif sealed.digest in known and not sealed.is_still_at(file.path):
                # Another message was quicker, moved the file away and is done with it: this is that same file.
                file.arrival = Arrival.GONE
            elif sealed.digest in known:
                file.arrival = Arrival.DUPLICATE
                file.intake = self._intake(file, sealed, IntakeState.DUPLICATE, Reason.SAME_BYTES)
            else:
                known.add(sealed.digest)
                new.append((sealed.digest, sealed.size))
                file.arrival = Arrival.TAKEN
                file.intake = self._intake(file, sealed, IntakeState.TAKEN, None)
        if refused:
            lift(refused, work, self._ports)
        if self._stays:
            work.release_intakes([file.intake.id for file in files if file.intake is not None and file.again])
        return new

    def refused(self, files: Sequence[_File]) -> None:
        """Says why files are not taken in; a refusal that stands is not repeated."""
        standing = {intake.raw_path for intake in self._work.refused_intakes([file.raw_path for file in files])}
        for file in files:
            file.arrival = Arrival.REFUSED
            if file.raw_path not in standing:
                file.intake = self._intake(file, None, IntakeState.REFUSED, file.refusal)

    def _intake(self, file: _File, sealed: Sealed | None, state: IntakeState, reason: Reason | None) -> Intake:
        """An arrival, of which the ledger is told."""
        relative = shown(_below(file.path, self._inbox.path))
        folder, _, rest = relative.partition("/")
        by_folder = self._inbox.batch == "folder" and rest
        intake = Intake(
            id=IntakeId(f"i-{uuid.uuid4().hex[:12]}"),
            batch=self._batch(folder if by_folder else None),
            path=relative,
            raw_path=file.raw_path,
            source=sealed.digest if sealed is not None else None,
            size=sealed.size if sealed is not None else 0,
            arrived_at=self.now,
            state=state,
            reason=reason,
            released=sealed is not None and self._stays,
            stamp=sealed.stamp if sealed is not None else "",
        )
        refused = sealed is None
        own: dict[str, str | int] = {"reason": str(reason)} if refused else {"intake": intake.id, "size": intake.size}
        self._work.record(
            Event(
                type=_EVENTS[state],
                subject=intake.id if refused else str(intake.source),
                at=self.now,
                agent=AGENT,
                outcome=Outcome.FAILURE if refused else Outcome.SUCCESS,
                detail=own | {"batch": intake.batch, "arrival": str(intake.digest)},
            )
        )
        return intake


_EVENTS = {
    IntakeState.TAKEN: EventType.FILE_SEALED,
    IntakeState.DUPLICATE: EventType.FILE_DUPLICATE,
    IntakeState.REFUSED: EventType.FILE_QUARANTINED,
}


def _send_away(group: Sequence[_File], inbox: Inbox, place: _Place, ports: Ports) -> None:
    """Takes the originals of what is on record out of the inbox, then notes that they are."""
    away = []
    for file in group:
        if file.sealed is not None and file.arrival in _ON_RECORD and _is_away(file, file.sealed, inbox, place, ports):
            away.append(file)
    released = [file.intake.id for file in away if file.intake is not None]
    if released:
        with ports.catalog.begin() as work:
            work.release_intakes(released)


_ON_RECORD = frozenset({Arrival.TAKEN, Arrival.DUPLICATE, Arrival.KNOWN})


def _is_away(file: _File, sealed: Sealed, inbox: Inbox, place: _Place, ports: Ports) -> bool:
    options = ports.options
    try:
        if sealed.is_still_at(file.path):  # or else changed since: then it is sealed again as what it has become
            if options.originals is Originals.DELETE:
                file.path.unlink()
            else:
                done = options.done / inbox.path.name / _below(file.path, inbox.path)
                move_away(file.path, done, sealed.digest, again=file.again)
            return True
    except FileNotFoundError:
        pass
    except OSError as error:
        log.warning("an original could not be taken out of the inbox (%s): it is tried again", _kind(error))
        return False
    # A second message was quicker; or the whole share went away, and its files will be back.
    return _is_gone(file.path) and _place(inbox.path) == place


_Place = tuple[int, int] | None
"""Device and inode of a folder, to know it again; None when it cannot be reached."""


def _place(folder: Path) -> _Place:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_gone(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False  # who knows
    return False


def _leads_out(folder: Path, root: Path) -> bool:
    """Whether a folder was made a link since it was listed, or is not below the inbox at all."""
    if folder == root:
        return False
    return not folder.is_relative_to(root) or folder.resolve() != root.resolve() / folder.relative_to(root)


def _below(path: Path, root: Path) -> str:
    """The path relative to ``root``; as text, being asked of every file."""
    name, prefix = str(path), f"{root}/"
    return name.removeprefix(prefix) if name.startswith(prefix) else str(path.relative_to(root))


def why_it_waits(path: Path, changed_at: float, options: Options) -> Reason | None:
    """Why a young file is not taken yet: it is empty, or ends before its format does; None when it is.

    On a network share that is all there is to see of whether it still grows.
    """
    # A share's clock may be ahead of ours: a file from the future is not young for ever.
    age = abs(time.time() - changed_at)
    if age > options.patience_s:
        return None
    try:
        return None if inspect(path, options.limits).complete else Reason.UNREADABLE
    except (EmptyFileError, UnreadableFileError) as error:
        return Reason(error.reason)
    except UnsupportedFormatError as error:
        # A table has no end to be seen: it is given a moment more.
        still = is_sidecar(path.name) and age < min(options.patience_s, _TABLE_QUIET_S)
        return Reason(error.reason) if still else None
    except (InputError, OSError):
        return None  # for sealing to say


def _is_full(error: BaseException | None) -> bool:
    """Whether a disk or a quota was full, in the words of the system, of SQLite or of PostgreSQL."""
    while error is not None:
        database = getattr(error, "orig", None)
        if (
            (isinstance(error, OSError) and error.errno in _FULL)
            or getattr(database, "sqlite_errorname", "") == "SQLITE_FULL"
            or getattr(database, "sqlstate", "") == "53100"
        ):
            return True
        error = error.__cause__
    return False


def _kind(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
