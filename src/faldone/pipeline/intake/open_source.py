"""Step 2: sealed bytes are looked into: pages to be read, parts that are files, or why they cannot be used."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from pathlib import Path

from faldone.catalog.catalog import Work
from faldone.catalog.records import Intake, IntakeState, Source
from faldone.domain.batch import BatchFacts
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import IntakeId
from faldone.domain.reasons import Reason
from faldone.errors import InputError, InvalidSidecarError, UnsupportedFormatError
from faldone.ingest import pdf_attachments
from faldone.ingest.inspect import inspect
from faldone.ingest.media import PDF
from faldone.ingest.parts import Unpacked
from faldone.ingest.sidecar import Sidecar, is_sidecar, merged, read_sidecar
from faldone.ingest.unpack import unpack
from faldone.pipeline.ports import Ports
from faldone.pipeline.unforeseen import next_try


def open_source(digest: Digest, ports: Ports) -> None:
    """Opens a sealed file, or quarantines it with its reason."""
    now = ports.clock()
    with ports.catalog.begin() as work:
        source = work.claim_source(digest, now, now + ports.options.claim())
    if source is None or source.pages is not None:
        return
    if ports.options.gives_up(source.attempts):
        _quarantine(digest, Reason.WORKER_DIED, ports)
        return
    try:
        with ports.store.path(digest) as path:
            _look_into(path, source, ports.catalog.intakes(digest)[0], ports)
    except InvalidSidecarError as error:
        _quarantine(digest, Reason(error.reason), ports, error.fault, error.line)
    except InputError as error:
        _quarantine(digest, Reason(error.reason), ports)
    except Exception as error:
        again = next_try(error, source.attempts, ports)
        if again is None:
            _quarantine(digest, Reason.WORKER_DIED, ports)
        else:
            with ports.catalog.begin() as work:
                work.free_source(digest, again)
        raise


def _look_into(path: Path, source: Source, intake: Intake, ports: Ports) -> None:
    try:
        inspection = inspect(path, ports.options.limits)
    except UnsupportedFormatError:
        if not is_sidecar(intake.path):
            raise
        _note(source.digest, intake, read_sidecar(intake.path, path.read_bytes(), ports.lexicon.services), ports)
        return
    options, media_type = ports.options, inspection.media_type
    if inspection.is_container or (media_type == PDF and pdf_attachments.may_have(path)):
        depth = _depth(intake, ports)
        with unpack(path, media_type, options.limits, options.work, name=intake.path, depth=depth) as unpacked:
            if unpacked.parts or inspection.is_container:
                take_parts(source.digest, media_type, intake, unpacked, ports, pages=inspection.pages)
                return
    with ports.catalog.begin() as work:
        _open(source.digest, media_type, inspection.pages, work, ports)


def _depth(intake: Intake, ports: Ports) -> int:
    """How many containers lie inside each other when this one is opened."""
    depth = 1
    while intake.container is not None:
        intake = ports.catalog.intakes(intake.container)[0]
        depth += 1
    return depth


def _open(digest: Digest, media_type: str, pages: int, work: Work, ports: Ports) -> None:
    work.open_source(digest, media_type, pages)
    work.record(
        Event(
            type=EventType.FILE_OPENED,
            subject=str(digest),
            at=ports.clock(),
            agent=AGENT,
            detail={"media_type": media_type, "pages": pages},
        )
    )


def take_parts(
    digest: Digest, media_type: str, container: Intake, unpacked: Unpacked, ports: Ports, *, pages: int = 0
) -> None:
    """Seals the parts and puts them on record together with their container: all of them, or none yet.

    A PDF with files attached has ``pages`` of its own to be read, too.
    """
    with ports.store.batch() as copies:
        sealed: list[tuple[str, Digest, int]] = []
        for part in unpacked.parts:
            with part.path.open("rb") as stream:
                sealed.append((part.name, *copies.put(stream)))
        with ports.catalog.begin() as work:
            known = set(work.known_sources([found for _, found, _ in sealed]))
            new: dict[Digest, int] = {}
            intakes: list[Intake] = []
            for name, found, size in sealed:
                before = found in known
                if not before:
                    known.add(found)
                    new[found] = size
                intakes.append(_part_intake(name, found, size, container, digest, ports, known=before))
            copies.keep(list(new))
            work.add_sources(list(new.items()), ports.clock())
            work.add_intakes(intakes)
            work.unpack_source(digest, media_type, unpacked.signature)
            work.record(_unpacked(digest, media_type, unpacked, ports))
            for intake in intakes:
                work.record(_sealed(intake, ports))
            if pages:
                _open(digest, media_type, pages, work, ports)


def _part_intake(
    name: str, digest: Digest, size: int, container: Intake, inside: Digest, ports: Ports, *, known: bool
) -> Intake:
    path = f"{container.path}/{name}"
    return Intake(
        id=IntakeId(f"i-{uuid.uuid4().hex[:12]}"),
        batch=container.batch,
        path=path,
        raw_path=container.raw_path + b"/" + os.fsencode(name),
        source=digest,
        size=size,
        arrived_at=ports.clock(),
        state=IntakeState.DUPLICATE if known else IntakeState.TAKEN,
        reason=Reason.SAME_BYTES if known else None,
        released=True,
        container=inside,
    )


def _sealed(intake: Intake, ports: Ports) -> Event:
    return Event(
        type=EventType.FILE_DUPLICATE if intake.state is IntakeState.DUPLICATE else EventType.FILE_SEALED,
        subject=str(intake.source),
        at=ports.clock(),
        agent=AGENT,
        detail={
            "intake": intake.id,
            "batch": intake.batch,
            "size": intake.size,
            "arrival": str(intake.digest),
            "container": str(intake.container),
        },
    )


def _unpacked(digest: Digest, media_type: str, unpacked: Unpacked, ports: Ports) -> Event:
    """What came out; of a signature only whether it holds, since its signers are named in the catalog alone."""
    signature = unpacked.signature
    held = signature is None or signature.intact
    return Event(
        type=EventType.FILE_UNPACKED,
        subject=str(digest),
        at=ports.clock(),
        agent=AGENT,
        outcome=Outcome.SUCCESS if held else Outcome.WARNING,
        detail={
            "media_type": media_type,
            "parts": len(unpacked.parts),
            "ignored": " ".join(_reasons(unpacked)),
            "signers": len(signature.signers) if signature is not None else None,
            "intact": signature.intact if signature is not None else None,
        },
    )


def _reasons(unpacked: Unpacked) -> Sequence[str]:
    return [ignored.reason.value for ignored in unpacked.ignored]


def _note(digest: Digest, intake: Intake, sidecar: Sidecar, ports: Ports) -> None:
    """Keeps what a sidecar says; of a whole batch, also what it says of the batch itself."""
    batch = ports.catalog.batch(intake.batch)
    with ports.catalog.begin() as work:
        work.note_source(digest, sidecar.media_type, sidecar.files)
        work.record(
            Event(
                type=EventType.FILE_NOTED,
                subject=str(digest),
                at=ports.clock(),
                agent=AGENT,
                detail={"media_type": sidecar.media_type, "files": len(sidecar.files)},
            )
        )
        if sidecar.facts is not None and sidecar.facts != BatchFacts():
            described = work.describe_batch(batch.id, merged(batch.facts, sidecar.facts))
            work.record(
                Event(
                    EventType.BATCH_DESCRIBED,
                    batch.id,
                    ports.clock(),
                    AGENT,
                    detail={"standing": str(described.digest)},
                )
            )


def _quarantine(
    digest: Digest, reason: Reason, ports: Ports, fault: str | None = None, line: int | None = None
) -> None:
    with ports.catalog.begin() as work:
        work.quarantine_source(digest, reason)
        work.record(
            Event(
                type=EventType.FILE_QUARANTINED,
                subject=str(digest),
                at=ports.clock(),
                agent=AGENT,
                outcome=Outcome.FAILURE,
                detail={"reason": reason.value, "fault": fault, "line": line},
            )
        )
