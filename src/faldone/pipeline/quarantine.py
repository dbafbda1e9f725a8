"""The way back out of quarantine: once a cause is mended, everything that it stopped is tried again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from faldone.catalog.catalog import FileState, PageState
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.reasons import Reason
from faldone.pipeline.ports import Ports


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A file, or a page of it by 0-based index, that was taken out of the flow, and why."""

    file: str
    page: int | None
    reason: Reason


def quarantined(ports: Ports) -> Iterator[Quarantined]:
    """Everything in quarantine, in the order of arrival."""
    for report in ports.catalog.files():
        if report.state is FileState.QUARANTINED:
            yield Quarantined(report.intake.path, None, report.reasons[0])
        elif report.source is not None and report.state is not FileState.DUPLICATE:
            for page in ports.catalog.pages(report.source.digest):
                if page.state is PageState.QUARANTINED and page.reason is not None:
                    yield Quarantined(report.intake.path, page.index, page.reason)


def retry(reason: Reason | None, ports: Ports) -> tuple[int, int]:
    """Sends files and pages, those with this reason or all, on their way again; returns how many of each.

    A file that was refused at the door never left its inbox: it is offered again without being asked.
    """
    with ports.catalog.begin() as work:
        files, pages = work.retry_sources(reason), work.retry_pages(reason)
        for subject, event in [(str(file), EventType.FILE_RETRIED) for file in files] + [
            (str(page), EventType.PAGE_RETRIED) for page in pages
        ]:
            work.record(
                Event(event, subject, ports.clock(), AGENT, detail={"reason": reason.value if reason else None})
            )
    return len(files), len(pages)
