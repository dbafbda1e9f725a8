"""Step 2: sealed bytes are looked into: what they are, how many pages, or why they cannot be used."""

from __future__ import annotations

from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, Outcome
from faldone.domain.reasons import Reason
from faldone.errors import InputError
from faldone.ingest.inspect import Inspection, inspect
from faldone.pipeline.ports import AGENT, Ports


def open_source(digest: Digest, ports: Ports) -> None:
    """Opens a sealed file: its pages become work, or the file is quarantined with its reason."""
    now = ports.clock()
    with ports.catalog.begin() as work:
        source = work.claim_source(digest, now, now + ports.options.claim())
    if source is None or source.pages is not None:
        return
    if source.attempts > ports.options.attempts:
        _quarantine(digest, Reason.WORKER_DIED, ports)
        return
    try:
        with ports.store.path(digest) as path:
            inspection = inspect(path, ports.options.limits)
    except InputError as error:
        _quarantine(digest, Reason(error.reason), ports)
    else:
        _open(digest, inspection, ports)


def _open(digest: Digest, inspection: Inspection, ports: Ports) -> None:
    with ports.catalog.begin() as work:
        work.open_source(digest, inspection.media_type, inspection.pages)
        work.record(
            Event(
                type=EventType.FILE_OPENED,
                subject=str(digest),
                at=ports.clock(),
                agent=AGENT,
                detail={"media_type": inspection.media_type, "pages": inspection.pages},
            )
        )


def _quarantine(digest: Digest, reason: Reason, ports: Ports) -> None:
    with ports.catalog.begin() as work:
        work.quarantine_source(digest, reason)
        work.record(
            Event(
                type=EventType.FILE_QUARANTINED,
                subject=str(digest),
                at=ports.clock(),
                agent=AGENT,
                outcome=Outcome.FAILURE,
                detail={"reason": reason.value},
            )
        )
