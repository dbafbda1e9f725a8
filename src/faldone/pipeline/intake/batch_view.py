"""A batch in full, and one page of it by itself: what stands against closing it, and what did not come in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from faldone.catalog.board import BatchFile
from faldone.catalog.records import Batch, Intake, IntakeState, PageState, SourceState
from faldone.domain.batch import CountedPage, Despite, Exclusion, PageFate, Shortfall, place
from faldone.domain.ids import IntakeId, PageId, page_id
from faldone.domain.reasons import Reason
from faldone.domain.verdict import Flaw, Verdict
from faldone.pipeline.intake.batches import BatchReport, excludable
from faldone.pipeline.intake.tiles import BatchRow, Counts, Light, Tile
from faldone.pipeline.ports import Ports


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or a page of a batch that did not come in, and why; ``because`` is why it never will, if one said so."""

    id: PageId | IntakeId
    where: str
    reason: Reason | None
    because: Exclusion | None


@dataclass(frozen=True, slots=True)
class Double:
    """A file of a batch whose bytes had come before: ``first`` is that arrival, in ``batch``; ``page`` its page 1."""

    path: str
    first: Intake
    batch: Batch
    page: PageId | None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch in full: its row, what stands against closing it, and some of its pages, in order.

    ``before`` and ``behind`` count the pages that are not shown. ``doubles`` are files that had come before. ``skip``
    is the page at which sheets may have stuck together, where fewer came than were declared. ``left_out`` is what did
    not come in; ``despite`` is why the batch was closed with gaps.
    """

    row: BatchRow
    shortfalls: tuple[Shortfall, ...]
    tiles: tuple[Tile, ...]
    before: int
    behind: int
    doubles: tuple[Double, ...] = ()
    skip: Tile | None = None
    left_out: tuple[LeftOut, ...] = ()
    despite: Despite | None = None


def view_batch(batch: Batch, ports: Ports, *, offset: int = 0, limit: int = 120, problems: bool = False) -> BatchView:
    """A batch with ``limit`` of its pages from the ``offset``-th on: of all, or only of ``problems``."""
    counts = Counts.of(batch, ports)
    pages = counts.pages
    if problems:
        pages = [one for one in pages if counts.light(one) in (Light.RED, Light.AMBER)]
    shown = pages[offset : offset + limit]
    row = counts.row(ports)
    return BatchView(
        row=row,
        shortfalls=counts.report.shortfalls,
        tiles=counts.tiles(shown, ports),
        before=min(offset, len(pages)),
        behind=max(0, len(pages) - offset - len(shown)),
        doubles=_doubles(counts.files, ports),
        skip=_skip(counts, ports) if row.declared is not None and row.arrived < row.declared else None,
        left_out=left_out(counts.report, counts.files),
        despite=counts.report.despite,
    )


def left_out(report: BatchReport, files: Iterable[BatchFile]) -> tuple[LeftOut, ...]:
    """What of a batch did not come in, for want of a readable file or page, and what never will, in its order."""
    found: list[LeftOut] = []
    for file in files:
        may_go, out = excludable([file]), report.excluded
        if file.intake in may_go:
            found.append(LeftOut(file.intake, file.path, file.reason, out.get(file.intake)))
        for page in file.pages:
            if page.id in out or (page.id in may_go and page.state is PageState.QUARANTINED):
                at = place(CountedPage(file.path, page.index, PageFate.EXCLUDED))
                found.append(LeftOut(page.id, at, page.reason, out.get(page.id)))
    return tuple(found)


def _doubles(files: Iterable[BatchFile], ports: Ports) -> tuple[Double, ...]:
    came = [
        (file, file.source)
        for file in files
        if file.arrival is IntakeState.DUPLICATE
        and file.source is not None
        and file.state is not SourceState.QUARANTINED
    ]
    first = ports.catalog.first_arrivals([source for _, source in came]) if came else {}
    return tuple(
        Double(file.path, *first[source], page_id(source, 0) if file.pages_in else None)
        for file, source in came
        if source in first
    )


def _skip(counts: Counts, ports: Ports) -> Tile | None:
    """The first page that may be two sheets."""
    doubtful = [one for one in counts.pages if one[2].verdict in (Verdict.BAD, Verdict.DOUBTFUL)]
    flaws = ports.catalog.flaws([one[2].id for one in doubtful]) if doubtful else {}
    stuck = [one for one in doubtful if Flaw.DOUBLE_FEED in flaws.get(one[2].id, ())]
    return counts.tiles(stuck[:1], ports)[0] if stuck else None


@dataclass(frozen=True, slots=True)
class PageView:
    """A page of a batch by itself, with the ids of those before and behind it."""

    batch: Batch
    tile: Tile
    previous: PageId | None
    following: PageId | None


def view_page(page: PageId, ports: Ports) -> PageView:
    """A page with what is to be said of it. Raises PageNotFoundError."""
    counts = Counts.of(ports.catalog.batch_of(page), ports)
    at = next(at for at, one in enumerate(counts.pages) if one[2].id == page)
    around = {step: counts.pages[at + step][2].id for step in (-1, 1) if 0 <= at + step < len(counts.pages)}
    (tile,) = counts.tiles([counts.pages[at]], ports)
    tile = replace(tile, may_go=tile.excluded is None and page in excludable(counts.files))
    return PageView(counts.batch, tile, around.get(-1), around.get(1))
