"""A verification of the whole archive that somebody asked for, and that stands on the ledger when it is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from faldone.domain.events import Event, EventType, Outcome, user_agent
from faldone.pipeline.audit import AuditReport, verify
from faldone.pipeline.ports import Ports
from faldone.pipeline.sentences import Pair, counted, number

ARCHIVE: Final = "archive"
"""The subject of what is about the archive as a whole."""

_LEDGER: Final = "ledger:"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found, when it was begun and ended, and by whom."""

    report: AuditReport
    by: str
    begun_at: dt.datetime
    ended_at: dt.datetime

    @property
    def holds(self) -> bool:
        """Whether all is what it was."""
        return not self.report.findings

    @property
    def sentence(self) -> Pair:
        """What came of it, as it is told to people."""
        return result_words(self.report)


def verify_archive(account: str, ports: Ports, on_progress: Callable[[int, int], None]) -> Verification:
    """Replays the ledger, reads every sealed file and every row again, and puts on record what came of it.

    Args:
        account: who asks.
        ports: the archive.
        on_progress: told (events and files done, events and files in all); what it raises ends the verification,
            of which nothing is then on record.
    """
    begun = ports.clock()
    entries = ports.catalog.ledger_tail().length
    files = sum(1 for _ in ports.catalog.sources())
    report = verify(
        ports,
        on_entry=lambda done: on_progress(min(done, entries), entries + files),
        on_file=lambda done, _: on_progress(min(entries + done, entries + files), entries + files),
    )
    made = Verification(report, account, begun, ports.clock())
    with ports.catalog.begin() as work:
        work.record(_event(made))
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


def _event(made: Verification) -> Event:
    return Event(
        EventType.ARCHIVE_VERIFIED,
        ARCHIVE,
        made.ended_at,
        user_agent(made.by),
        Outcome.SUCCESS if made.holds else Outcome.FAILURE,
        {
            "entries": made.report.entries,
            "files": made.report.files,
            "findings": len(made.report.findings),
            "head": made.report.head,
        },
    )
