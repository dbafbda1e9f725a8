"""Step 3: a first look at each page: is the scan good while the paper is still on the table, and is it a separator?"""

from __future__ import annotations

import datetime as dt
import logging
from collections import deque
from collections.abc import Sequence

from faldone.catalog.catalog import Work
from faldone.catalog.records import Page
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import PageId
from faldone.domain.look import Mark, PageLook, Separator
from faldone.domain.reasons import Reason
from faldone.domain.sheet import SheetKind
from faldone.domain.verdict import PageMeasures, Verdict, judge
from faldone.errors import InputError
from faldone.ocr.fingerprint import fingerprint
from faldone.ocr.fingerprint import look as look_at
from faldone.ocr.gate import LOOK_DPI, is_bilevel, measure, reduced
from faldone.ocr.image import Gray
from faldone.ocr.prepare import in_full, statistics
from faldone.ocr.source import Source, is_as_scanned
from faldone.pipeline.at_hand import Seen
from faldone.pipeline.intake.opened import opened
from faldone.pipeline.ports import Ports
from faldone.pipeline.unforeseen import next_try, tell
from faldone.sheets.reader import PageCodes, read_codes

log = logging.getLogger(__name__)

_Found = PageLook | Reason | dt.datetime
"""What came of a look: what was seen, a reason for quarantine, or when to look again."""

_OUTCOMES = {Verdict.GOOD: Outcome.SUCCESS, Verdict.DOUBTFUL: Outcome.WARNING, Verdict.BAD: Outcome.FAILURE}


def look(page_ids: Sequence[PageId], ports: Ports) -> None:
    """Looks at pages that have just arrived; one that does not open is quarantined at once, and named.

    Each page is claimed when its turn comes, in the transaction that puts the one before it on record: should the
    worker die, only the page that it was looking at is charged with an attempt.
    """
    waiting = deque(page_ids)
    page = _settle(None, waiting, ports)
    while page is not None:
        if ports.options.gives_up(page.attempts):
            page = _settle((page, Reason.WORKER_DIED), waiting, ports)
        else:
            page = _look_at_file(page, waiting, ports)


def _look_at_file(first: Page, waiting: deque[PageId], ports: Ports) -> Page | None:
    """Looks at a page and at those of the same file behind it, with one opening; returns the next page of another."""
    page: Page | None = first
    siblings: list[PageMeasures] = []
    try:
        with opened(first.source, ports, drawn_at_dpi=LOOK_DPI) as source:
            while page is not None and page.source == first.source and not ports.options.gives_up(page.attempts):
                found = _look(page, source, siblings, ports)
                if isinstance(found, PageLook):
                    siblings.append(found.measures)
                page = _settle((page, found), waiting, ports)
    except InputError as error:  # only opening raises it: a page that fails is told by its look
        return _settle((first, Reason(error.reason)), waiting, ports)
    return page


def _look(page: Page, source: Source, siblings: Sequence[PageMeasures], ports: Ports) -> _Found:
    """What is seen of a page; when to look again, where that went wrong in a way that nobody foresaw."""
    try:
        return _see(page, source, siblings, ports)
    except InputError:
        return Reason.PAGE_UNREADABLE
    except Exception as error:  # noqa: BLE001 - it is to hurt this page alone, and not those behind it
        tell("look", error)
        return next_try(error, page.attempts, ports) or Reason.WORKER_DIED


def _settle(done: tuple[Page, _Found] | None, waiting: deque[PageId], ports: Ports) -> Page | None:
    """Puts a page on record and claims the next one that is to be had."""
    now = ports.clock()
    with ports.catalog.begin() as work:
        if done is not None:
            _put_on_record(*done, work, ports)
        while waiting:
            claimed = work.claim_page(waiting.popleft(), now, now + ports.options.claim())
            if claimed is not None:
                return claimed
    return None


def _see(page: Page, source: Source, siblings: Sequence[PageMeasures], ports: Ports) -> PageLook:
    image = source.image(page.index)
    drawn = source.is_drawn(page.index)
    pixels, dpi = reduced(image.pixels, image.dpi)
    found = statistics(pixels, dpi)
    measures = measure(
        pixels, dpi, found, scan_dpi=image.scan_dpi, declared=image.declared, bilevel=is_bilevel(image.pixels)
    )
    # A page that a program drew has no flaws of a scan, whatever lies at its edges.
    verdict, flaws = (Verdict.GOOD, ()) if drawn else judge(measures, siblings)
    mark, persons = _said_by_codes(pixels, dpi, ports)
    if is_as_scanned(image):
        ports.at_hand.lay(page.id, Seen(image, in_full(found, image.dpi)))
    return PageLook(verdict, flaws, measures, str(fingerprint(pixels)), str(look_at(found)), mark, persons)


def _said_by_codes(pixels: Gray, dpi: int, ports: Ports) -> tuple[Mark | None, tuple[str, ...]]:
    """Whether the codes on a page make it a separator, and the codici fiscali that they hold."""
    try:
        codes = read_codes(pixels, dpi, patch_texts=ports.options.patch_texts)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong, a stretch is never silently left unsplit
        log.warning("reading codes failed: %s", type(error).__name__)
        return Mark(Separator.DOUBTFUL), ()
    return _mark(codes, ports), codes.persons


def _mark(codes: PageCodes, ports: Ports) -> Mark | None:
    tokens = [sheet.token for sheet in codes.sheets]
    if codes.doubtful or len(tokens) > 1:
        return Mark(Separator.DOUBTFUL, tokens[0] if len(tokens) == 1 else None)
    if tokens:
        return mark_of(tokens[0], ports)
    return Mark(Separator.PATCH) if codes.patch else None


def mark_of(token: str, ports: Ports) -> Mark:
    """What a printed sheet says; one that this archive did not print is not believed, but not ignored either."""
    printed = ports.catalog.sheet(token)
    if printed is None:
        return Mark(Separator.DOUBTFUL, token)
    return Mark(Separator.COVER if printed.sheet.kind is SheetKind.COVER else Separator.DOCUMENT, token)


def _put_on_record(page: Page, found: _Found, work: Work, ports: Ports) -> None:
    if isinstance(found, dt.datetime):
        work.free_page(page.id, found)
        return
    if isinstance(found, Reason):
        work.quarantine_page(page.id, found)
        work.record(
            Event(
                type=EventType.PAGE_QUARANTINED,
                subject=page.id,
                at=ports.clock(),
                agent=AGENT,
                outcome=Outcome.FAILURE,
                detail={"reason": found.value, "attempt": page.attempts},
            )
        )
        return
    digest = work.save_look(page.id, found)
    work.record(
        Event(
            type=EventType.PAGE_CHECKED,
            subject=page.id,
            at=ports.clock(),
            agent=AGENT,
            outcome=_OUTCOMES[found.verdict],
            detail={
                "look": str(digest),
                "verdict": found.verdict.value,
                "flaws": " ".join(flaw.value for flaw in found.flaws),
                "separator": found.mark.separator.value if found.mark is not None else None,
                "sheet": found.mark.token if found.mark is not None else None,
            },
        )
    )
    if found.mark is not None:
        note_sheet(found.mark, page.id, work, ports)


def note_sheet(mark: Mark, page: PageId, work: Work, ports: Ports) -> None:
    """Puts on record that a printed sheet came back, the first time that it does."""
    printed = work.see_sheet(mark.token, page) if mark.token is not None else None
    if printed is not None:
        work.record(
            Event(
                type=EventType.SHEET_SEEN,
                subject=printed.sheet.run,
                at=ports.clock(),
                agent=AGENT,
                detail={"page": page, "number": printed.sheet.number, "of": printed.sheet.of},
            )
        )
