"""A verification of the whole archive that somebody asked for, and that stands on the ledger when it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from faldone.domain.events import Event, EventType, Outcome
from faldone.errors import CatalogUnavailableError
from faldone.pipeline.audit.audit import AuditReport, Proved, verify
from faldone.pipeline.audit.telling.words import Pair, counted, number
from faldone.pipeline.ports import Ports

ARCHIVE: Final = "archive"
"""The subject of what is about the archive as a whole."""

NOT_RECORDED: Final = Pair(
    "L'esito non è nel registro: il catalogo non si poteva scrivere. Scarica il rapporto e conservalo.",
    "The result is not on the ledger: the catalog could not be written. Download the report and keep it.",
)
"""What is said of a verification whose record could not be written."""

_LEDGER: Final = "ledger:"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found, when it was begun and ended, and by whom (as the ledger names them).

    ``recorded`` says whether it stands on the ledger: a catalog that cannot be written is verified all the same.
    """

    report: AuditReport
    by: str
    begun_at: dt.datetime
    ended_at: dt.datetime
    recorded: bool = True

    @property
    def holds(self) -> bool:
        """Whether all is what it was."""
        return not self.report.findings

    @property
    def sentence(self) -> Pair:
        """What came of it, as it is told to people."""
        return result_words(self.report)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a verification is: ``done`` of ``total`` events and files, and what it has proved."""

    proved: Proved
    done: int
    total: int


def verify_archive(
    agent: str,
    ports: Ports,
    on_progress: Callable[[Progress], None] = lambda _: None,
    *,
    quick: bool = False,
    since: Proved | None = None,
    begun: dt.datetime | None = None,
) -> Verification:
    """Replays the ledger, reads every sealed file and every row again, and puts on record what came of it.

    Args:
        agent: who asks, as the ledger names them.
        ports: the archive.
        on_progress: told how far it is; what it raises ends the verification, of which nothing is then on record.
        quick: the ledger and the sealed files alone.
        since: how far an earlier one came that broke off, and which this one goes on from.
        begun: when that one was begun.
    """
    started = begun or ports.clock()
    resumed = since is not None
    total = ports.catalog.ledger_tail().length + sum(1 for _ in ports.catalog.sources())

    def tell(proved: Proved) -> None:
        done = proved.entries + proved.files
        on_progress(Progress(proved, min(done, total), total))

    report = verify(ports, quick=quick, since=since or Proved(), on_step=tell)
    made = Verification(report, agent, started, ports.clock())
    try:
        with ports.catalog.begin() as work:
            work.record(_event(made, quick=quick, resumed=resumed))
    except CatalogUnavailableError:
        # The verdict is worth more than its record.
        return replace(made, recorded=False)
    return made


def result_words(report: AuditReport) -> Pair:
    """The sentence of a result. One that found something says so, and what not to do, before all else."""
    if not report.findings:
        events = counted(report.entries, ("evento", "event"), ("eventi", "events"))
        return Pair(
            f"Verifica riuscita: {events.italian}, nessuna differenza.",
            f"Verified: {events.english}, no difference.",
        )
    warning = Pair("Non modificare nulla: avvisa il responsabile.", "Change nothing: tell the person in charge.")
    broken = [one.object.removeprefix(_LEDGER) for one in report.findings if one.object.startswith(_LEDGER)]
    if broken and broken[0].isdecimal():
        first = number(int(broken[0]))
        return Pair(
            f"L'evento {first.italian} non corrisponde al sigillo. {warning.italian}",
            f"Event {first.english} does not match its seal. {warning.english}",
        )
    many = counted(len(report.findings), ("differenza", "difference"), ("differenze", "differences"))
    return Pair(
        f"Verifica NON riuscita: {many.italian}. {warning.italian}",
        f"Verification FAILED: {many.english}. {warning.english}",
    )


def _event(made: Verification, *, quick: bool, resumed: bool) -> Event:
    return Event(
        EventType.ARCHIVE_VERIFIED,
        ARCHIVE,
        made.ended_at,
        made.by,
        Outcome.SUCCESS if made.holds else Outcome.FAILURE,
        {
            "entries": made.report.entries,
            "files": made.report.files,
            "findings": len(made.report.findings),
            "head": made.report.head,
            "quick": quick,
            "resumed": resumed,
        },
    )
