"""Step 4: pages become words with boxes, once. What was read before is never read again."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from faldone.catalog.records import Page
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import PageId
from faldone.domain.likeness import keys
from faldone.domain.look import Mark
from faldone.domain.reasons import Reason
from faldone.errors import InputError, OcrError
from faldone.ocr.options import OcrOptions
from faldone.pipeline.intake.look import note_sheet
from faldone.pipeline.intake.opened import opened
from faldone.pipeline.intake.quarantine import to_be_read_otherwise
from faldone.pipeline.ports import Ports
from faldone.pipeline.recognition.reading import (
    Read,
    ToRead,
    beside,
    known_or_to_read,
    layer_of,
    mark_by_words,
    read_all,
)
from faldone.pipeline.recognition.recollect import seen_page
from faldone.pipeline.unforeseen import next_try, tell

_Outcome = Read | Reason | dt.datetime | None
"""What came of a page: its text, a reason for quarantine, or nothing yet: it is tried again, at once or then."""


def recognise(page_ids: Sequence[PageId], ports: Ports) -> None:
    """Reads pages, or quarantines them with their reason while their documents go on with a visible gap.

    A few pages at a time share one start of the engine. When it fails on them together, they are read one by one,
    so that one bad page costs the others nothing but time.
    """
    now = ports.clock()
    with ports.catalog.begin() as work:
        claims = [work.claim_page(page, now, now + ports.options.claim(len(page_ids))) for page in page_ids]
    pages = [page for page in claims if page is not None]
    outcomes: dict[PageId, _Outcome] = {}
    waiting: defaultdict[OcrOptions, dict[PageId, ToRead]] = defaultdict(dict)
    otherwise = to_be_read_otherwise([page.id for page in pages], ports)
    for page in pages:
        options = ports.options.ocr.otherwise() if page.id in otherwise else ports.options.ocr
        try:
            found = _look(page, options, ports)
        except Exception as error:  # noqa: BLE001 - it is to hurt this page alone
            outcomes[page.id] = _unforeseen(page, error, ports)
            continue
        if isinstance(found, ToRead):
            waiting[options][page.id] = found
        else:
            outcomes[page.id] = found
    read: dict[PageId, Read | OcrError] = {}
    for options, together in waiting.items():
        try:
            read |= read_all(together, options, ports)
        except Exception as error:  # noqa: BLE001 - whichever page it was: each is begun again alone
            outcomes |= {page.id: _unforeseen(page, error, ports) for page in pages if page.id in together}
    for page in pages:
        if page.id in read:
            outcomes[page.id] = _settled(page, read[page.id], ports)
    _put_on_record(pages, outcomes, ports)


def _unforeseen(page: Page, error: Exception, ports: Ports) -> _Outcome:
    tell("recognise", error)
    return next_try(error, page.attempts, ports) or Reason.WORKER_DIED


def _look(page: Page, options: OcrOptions, ports: Ports) -> Read | ToRead | Reason:
    """What is known of a page without the engine: an honest text layer, an earlier reading, or its pixels."""
    if ports.options.gives_up(page.attempts):
        # The attempts were counted before the work began: whoever did it died of it.
        return Reason.WORKER_DIED
    try:
        seen = ports.at_hand.take(page.id)
        image, found = (seen.image, seen.found) if seen is not None else (None, None)
        with opened(page.source, ports) as source:
            return layer_of(page, source) or known_or_to_read(
                source.image(page.index, image), options, ports, beside(page, ports), found
            )
    except InputError:
        return Reason.PAGE_UNREADABLE


def _settled(page: Page, read: Read | OcrError, ports: Ports) -> _Outcome:
    if isinstance(read, Read):
        return read
    return Reason(read.reason) if page.attempts >= ports.options.attempts else None


def _put_on_record(pages: Sequence[Page], outcomes: dict[PageId, _Outcome], ports: Ports) -> None:
    texts = {page.id: outcome.text for page in pages if isinstance(outcome := outcomes[page.id], Read)}
    marks = {page.id: mark_by_words(page, texts[page.id], ports) for page in pages if page.id in texts}
    looks = {page.id: ports.catalog.look(page.id) for page in pages}
    with ports.catalog.begin() as work:
        for page in pages:
            outcome = outcomes[page.id]
            if isinstance(outcome, Read):
                digest = work.save_text(page.id, outcome.key, outcome.text)
                mark = marks[page.id]
                if mark is not None:
                    work.mark_page(page.id, mark)
                    note_sheet(mark, page.id, work, ports)
                elif page.mark is None:
                    work.save_keys(page.id, keys(seen_page(outcome.text, looks[page.id])))
                work.record(_recognised(page, outcome, digest, mark or page.mark, ports))
            elif isinstance(outcome, Reason):
                work.quarantine_page(page.id, outcome)
                work.record(_quarantined(page, outcome, ports))
            else:
                work.free_page(page.id, outcome)


def _recognised(page: Page, read: Read, digest: Digest, mark: Mark | None, ports: Ports) -> Event:
    text = read.text
    return Event(
        type=EventType.PAGE_RECOGNISED,
        subject=page.id,
        at=ports.clock(),
        agent=f"{text.engine.name}/{text.engine.version}",
        detail={
            "key": str(read.key),
            "text": str(digest),
            "settings": text.engine.settings,
            "source": text.source.value,
            "rotation": text.rotation,
            "words": len(text.words),
            "confidence": round(text.confidence, 3),
            "blank": text.blank,
            "separator": mark.separator.value if mark is not None else None,
            "sheet": mark.token if mark is not None else None,
            "attempt": page.attempts,
        },
    )


def _quarantined(page: Page, reason: Reason, ports: Ports) -> Event:
    return Event(
        type=EventType.PAGE_QUARANTINED,
        subject=page.id,
        at=ports.clock(),
        agent=AGENT,
        outcome=Outcome.FAILURE,
        detail={"reason": reason.value, "attempt": page.attempts},
    )
