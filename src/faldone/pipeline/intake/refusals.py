"""Refusals at the door: they stand as long as what was refused lies in its inbox."""

from __future__ import annotations

import os
from collections.abc import Collection, Container
from enum import StrEnum

from faldone.catalog.catalog import Work
from faldone.catalog.records import Intake
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.inbox import Inbox
from faldone.domain.reasons import Reason
from faldone.pipeline.ports import Ports


class Lifted(StrEnum):
    """Why a refusal stands no more: nothing is there now, or what is there may be taken in."""

    GONE = "gone"
    MENDED = "mended"


def lift_refusals(inbox: Inbox, seen: Container[str], ports: Ports) -> int:
    """Lifts the refusals of what a full look at an inbox did not see; how many.

    A link that was removed is gone, and a folder that may be entered now is none of its files. A file that may be taken
    now is seen, and its refusal is lifted when it is taken in. What might have been a scan and is gone, nobody having
    read it, stands against closing until somebody says what became of it.
    """
    below = os.fsencode(inbox.path) + b"/"
    unseen = [
        intake.raw_path
        for intake in ports.catalog.refused_intakes()
        if intake.raw_path.startswith(below)
        and os.fsdecode(intake.raw_path) not in seen
        and (intake.reason is Reason.UNSAFE_PATH or os.path.lexists(intake.raw_path))
    ]
    if not unseen:
        return 0
    with ports.catalog.begin() as work:
        refused = work.refused_intakes(unseen)
        lift(refused, work, ports)
    return len(refused)


def lift(refused: Collection[Intake], work: Work, ports: Ports) -> None:
    """Lifts these refusals, of which the ledger is told."""
    work.release_intakes([intake.id for intake in refused])
    for intake in refused:
        why = Lifted.MENDED if os.path.lexists(intake.raw_path) else Lifted.GONE
        work.record(
            Event(
                EventType.REFUSAL_LIFTED,
                intake.id,
                ports.clock(),
                AGENT,
                detail={"batch": intake.batch, "because": why.value},
            )
        )
