"""Step 1: a file of an inbox is sealed, put on record and taken out of the way, in this order."""

from __future__ import annotations

import os
import time
import uuid
from enum import StrEnum
from pathlib import Path

from faldone.catalog.catalog import Intake, IntakeState, Work
from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, Outcome
from faldone.domain.ids import IntakeId
from faldone.domain.reasons import Reason
from faldone.errors import EmptyFileError, InputError, UnreadableFileError
from faldone.ingest.inspect import inspect
from faldone.ingest.seal import Sealed, StillGrowingError, move_away, seal
from faldone.pipeline.ports import AGENT, Options, Ports


class Arrival(StrEnum):
    """What came of offering a file."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    KNOWN = "known"
    REFUSED = "refused"
    GONE = "gone"
    GROWING = "growing"


def take_in(path: Path, root: Path, ports: Ports, *, release: bool) -> Arrival:
    """Takes one file in. Offered twice, at once or after a crash at any point, it is on record once.

    Args:
        path: the file.
        root: the inbox or folder that its name on record is relative to.
        ports: where it goes.
        release: whether the original is moved to the done folder afterwards.
    """
    if release and _may_still_grow(path, ports.options):
        return Arrival.GROWING
    try:
        sealed = seal(path, ports.store)
    except FileNotFoundError:
        return Arrival.GONE
    except StillGrowingError:
        return Arrival.GROWING
    except InputError as error:
        return _refuse(path, root, Reason(error.reason), ports)
    arrival, intake = _put_on_record(path, root, sealed, ports)
    if intake is None:
        return arrival
    if release:
        _release(path, root, sealed, intake, ports)
    elif not intake.released:
        with ports.catalog.begin() as work:
            work.release_intake(intake.id)
    return arrival


def _put_on_record(path: Path, root: Path, sealed: Sealed, ports: Ports) -> tuple[Arrival, Intake | None]:
    raw_path, digest, size = os.fsencode(path), sealed.digest, sealed.size
    with ports.catalog.begin() as work:
        # The same name with the same bytes, not yet moved away: a crash or a second message came in between.
        before = work.unreleased_intake(raw_path, digest)
        if before is not None:
            return Arrival.KNOWN, before
        # Another message was quicker, moved the file away and is done with it: what we copied is that same file.
        if not sealed.is_still_at(path):
            return Arrival.GONE, None
        refused = work.refused_intake(raw_path)
        if refused is not None:
            work.release_intake(refused.id)
        known = work.source(digest) is not None
        if not known:
            work.add_source(digest, size, ports.clock())
        intake = _intake(
            work,
            path,
            root,
            ports,
            digest,
            size,
            IntakeState.DUPLICATE if known else IntakeState.TAKEN,
            Reason.SAME_BYTES if known else None,
        )
        work.add_intake(intake)
        work.record(
            Event(
                type=EventType.FILE_DUPLICATE if known else EventType.FILE_SEALED,
                subject=str(digest),
                at=intake.arrived_at,
                agent=AGENT,
                detail={"intake": intake.id, "batch": intake.batch, "size": size, "arrival": str(intake.digest)},
            )
        )
    return Arrival.DUPLICATE if known else Arrival.TAKEN, intake


def _refuse(path: Path, root: Path, reason: Reason, ports: Ports) -> Arrival:
    with ports.catalog.begin() as work:
        if work.refused_intake(os.fsencode(path)) is None:
            intake = _intake(work, path, root, ports, None, 0, IntakeState.REFUSED, reason)
            work.add_intake(intake)
            work.record(
                Event(
                    type=EventType.FILE_QUARANTINED,
                    subject=intake.id,
                    at=intake.arrived_at,
                    agent=AGENT,
                    outcome=Outcome.FAILURE,
                    detail={"reason": reason.value, "batch": intake.batch, "arrival": str(intake.digest)},
                )
            )
    return Arrival.REFUSED


def _intake(
    work: Work,
    path: Path,
    root: Path,
    ports: Ports,
    digest: Digest | None,
    size: int,
    state: IntakeState,
    reason: Reason | None,
) -> Intake:
    now, relative = ports.clock(), path.relative_to(root)
    batch = relative.parts[0] if len(relative.parts) > 1 else now.date().isoformat()
    return Intake(
        id=IntakeId(f"i-{uuid.uuid4().hex[:12]}"),
        batch=work.batch(shown(Path(batch)), now),
        path=shown(relative),
        raw_path=os.fsencode(path),
        source=digest,
        size=size,
        arrived_at=now,
        state=state,
        reason=reason,
        released=False,
    )


def shown(path: Path) -> str:
    r"""A path as text that any database and any screen can hold: bytes that are not UTF-8 become ``\xNN``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _may_still_grow(path: Path, options: Options) -> bool:
    """Whether a young file is empty or ends before its format does: on a network share that is all there is to see."""
    try:
        if time.time() - path.lstat().st_mtime > options.patience_s:
            return False
        inspect(path, options.limits)
    except (EmptyFileError, UnreadableFileError):
        return True
    except (InputError, OSError):
        return False  # for sealing to say
    return False


def _release(path: Path, root: Path, sealed: Sealed, intake: Intake, ports: Ports) -> None:
    try:
        if not sealed.is_still_at(path) and path.exists():
            return  # changed since: it stays, is offered again and sealed as what it has become
        move_away(path, ports.options.done / root.name / path.relative_to(root), sealed.digest)
    except FileNotFoundError:
        pass  # a second message was quicker
    except PermissionError:
        return  # it stays, still offered; the bytes are safe and on record
    with ports.catalog.begin() as work:
        work.release_intake(intake.id)
