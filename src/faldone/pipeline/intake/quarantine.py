"""The way back out of quarantine: once a cause is mended, everything that it stopped is tried again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from faldone.catalog.board import Stopped
from faldone.catalog.records import Batch, FileState, PageState
from faldone.domain.access import Access
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.ids import PageId
from faldone.domain.reasons import Reason
from faldone.errors import PageNotFoundError
from faldone.pipeline.intake.batches import said_to_be_out
from faldone.pipeline.intake.rights import sees
from faldone.pipeline.ports import Ports

_WHOLE_CLASS = 100_000


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A file, or a page of it by 0-based index, that was taken out of the flow, and why.

    A file that was ``refused`` at the door never left its inbox. ``source`` are the bytes of a whole file.
    """

    file: str
    page: int | None
    reason: Reason
    source: Digest | None = None
    refused: bool = False


def quarantined(ports: Ports) -> Iterator[Quarantined]:
    """Everything in quarantine but what was said never to come in, in the order of arrival."""
    out = said_to_be_out(ports)
    for report in ports.catalog.files():
        if report.intake.id in out:
            continue
        if report.state is FileState.QUARANTINED:
            source = report.intake.source
            yield Quarantined(report.intake.path, None, report.reasons[0], source, refused=source is None)
        elif report.source is not None and report.state is not FileState.DUPLICATE:
            for page in ports.catalog.pages(report.source.digest):
                if page.state is PageState.QUARANTINED and page.reason is not None and page.id not in out:
                    yield Quarantined(report.intake.path, page.index, page.reason)


def retry(reason: Reason | None, ports: Ports, agent: str = AGENT, *, otherwise: bool = False) -> tuple[int, int]:
    """Sends files and pages, those with this reason or all, on their way again; returns how many of each.

    A file that was refused at the door never left its inbox: it is offered again without being asked. What was said
    never to come in stays where it is. With
    ``otherwise`` the pages are read with the other settings of recognition alone: the usual ones stopped them.
    """
    out = said_to_be_out(ports)
    with ports.catalog.begin() as work:
        files, pages = work.retry_sources(reason, out), work.retry_pages(reason, out)
        said = {"reason": reason.value if reason else None}
        for file in files:
            work.record(Event(EventType.FILE_RETRIED, str(file), ports.clock(), agent, detail=said))
        for page in pages:
            work.record(_page_retried(page, reason, ports, agent, otherwise=otherwise))
    return len(files), len(pages)


def retry_these(what: Iterable[Digest | PageId], ports: Ports, agent: str = AGENT, *, otherwise: bool = False) -> int:
    """Sends these files and pages on their way again; how many of them were still in quarantine.

    ``otherwise`` as with :func:`retry`.
    """
    done = 0
    with ports.catalog.begin() as work:
        for one in what:
            if isinstance(one, Digest):
                again = work.retry_source(one)
                event = Event(EventType.FILE_RETRIED, str(one), ports.clock(), agent, detail={"reason": None})
            else:
                again = work.retry_page(one)
                event = _page_retried(one, None, ports, agent, otherwise=otherwise)
            if again:
                work.record(event)
                done += 1
    return done


def to_be_read_otherwise(pages: Collection[PageId], ports: Ports) -> frozenset[PageId]:
    """Those of the pages that somebody last sent back to be read with the other settings of recognition."""
    last: dict[PageId, bool] = {}
    for entry in ports.catalog.events(list(pages)):
        if entry.record.type == EventType.PAGE_RETRIED.value:
            last[PageId(entry.record.subject)] = json.loads(entry.record.detail).get("otherwise", False)
    return frozenset(page for page, otherwise in last.items() if otherwise)


def _page_retried(page: PageId, reason: Reason | None, ports: Ports, agent: str, *, otherwise: bool) -> Event:
    detail = {"reason": reason.value if reason else None, "otherwise": otherwise}
    return Event(EventType.PAGE_RETRIED, page, ports.clock(), agent, detail=detail)


# ---- as somebody may see it


@dataclass(frozen=True, slots=True)
class StoppedClass:
    """What is in quarantine for one reason: how much, and some of it, the newest first."""

    reason: Reason
    count: int
    some: tuple[Stopped, ...]


def stopped_counts(stopped: Iterable[tuple[Batch, Mapping[Reason, int]]], access: Access) -> dict[Reason, int]:
    """How much is in quarantine of the batches that somebody may see, by reason, the most first."""
    total: Counter[Reason] = Counter()
    for batch, counts in stopped:
        if sees(batch, access):
            total.update(counts)
    return dict(sorted(total.items(), key=lambda one: (-one[1], one[0])))


def quarantine(access: Access, ports: Ports, limit: int = 20, offset: int = 0) -> tuple[StoppedClass, ...]:
    """What is in quarantine of the batches that somebody may see, by reason, the largest class first.

    What was said never to come in is not told of: nobody has to do anything about it.
    """
    out = said_to_be_out(ports)
    counted = ports.catalog.count_stopped(out)
    stopped = [(batch, counted[batch.id]) for batch in ports.catalog.batches() if batch.id in counted]
    seen = [batch.id for batch, _ in stopped if sees(batch, access)]
    return tuple(
        StoppedClass(reason, count, ports.catalog.stopped(reason, seen, limit, offset, out))
        for reason, count in stopped_counts(stopped, access).items()
    )


def retry_class(reason: Reason, access: Access, ports: Ports, agent: str, *, otherwise: bool = False) -> int:
    """Sends what is in quarantine for a reason on its way again, of the batches that somebody may see; how much.

    A file that was refused at the door is offered again without being asked. ``otherwise`` as with :func:`retry_these`.
    """
    batches = [batch.id for batch in ports.catalog.batches() if sees(batch, access)]
    stopped = ports.catalog.stopped(reason, batches, _WHOLE_CLASS, 0, said_to_be_out(ports))
    what = [one.page or one.source for one in stopped if one.source is not None]
    return retry_these(what, ports, agent, otherwise=otherwise)


def retry_own(what: Digest | PageId, access: Access, ports: Ports, agent: str, *, otherwise: bool = False) -> int:
    """Sends one file or page on its way again, if it is in quarantine and somebody may see its batch; 1 or 0."""
    if isinstance(what, Digest):
        batches = {intake.batch for intake in ports.catalog.intakes(what)}
        seen = any(sees(ports.catalog.batch(batch), access) for batch in batches)
    else:
        try:
            seen = sees(ports.catalog.batch_of(what), access)
        except PageNotFoundError:
            seen = False
    return retry_these([what], ports, agent, otherwise=otherwise) if seen else 0
