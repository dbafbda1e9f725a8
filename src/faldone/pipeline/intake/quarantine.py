"""The way back out of quarantine: once a cause is mended, everything that it stopped is tried again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from faldone.catalog.catalog import FileState, PageState
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.ids import PageId
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


def retry(reason: Reason | None, ports: Ports, agent: str = AGENT) -> tuple[int, int]:
    """Sends files and pages, those with this reason or all, on their way again; returns how many of each.

    A file that was refused at the door never left its inbox: it is offered again without being asked.
    """
    with ports.catalog.begin() as work:
        files, pages = work.retry_sources(reason), work.retry_pages(reason)
        said = {"reason": reason.value if reason else None}
        for file in files:
            work.record(Event(EventType.FILE_RETRIED, str(file), ports.clock(), agent, detail=said))
        for page in pages:
            work.record(Event(EventType.PAGE_RETRIED, page, ports.clock(), agent, detail=said))
    return len(files), len(pages)


def retry_these(what: Iterable[Digest | PageId], ports: Ports, agent: str = AGENT) -> int:
    """Sends these files and pages on their way again; how many of them were still in quarantine."""
    done = 0
    with ports.catalog.begin() as work:
        for one in what:
            if isinstance(one, Digest):
                kind, again = EventType.FILE_RETRIED, work.retry_source(one)
            else:
                kind, again = EventType.PAGE_RETRIED, work.retry_page(one)
            if again:
                work.record(Event(kind, str(one), ports.clock(), agent, detail={"reason": None}))
                done += 1
    return done
