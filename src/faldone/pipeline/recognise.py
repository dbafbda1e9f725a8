"""Step 4: pages become words with boxes, once. What was read before is never read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from faldone.catalog.catalog import Page
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import PageId
from faldone.domain.likeness import keys
from faldone.domain.look import Mark, Separator
from faldone.domain.page import EngineStamp, PageText
from faldone.domain.reasons import Reason
from faldone.errors import InputError, OcrError
from faldone.ocr.image import PageImage
from faldone.ocr.recognise import recognise as read_images
from faldone.pipeline.look import mark_of, note_sheet
from faldone.pipeline.opened import opened
from faldone.pipeline.ports import Ports
from faldone.pipeline.recollect import seen_page
from faldone.sheets.code import looks_like_sheet, tokens_in_words


@dataclass(frozen=True, slots=True)
class _Read:
    """A page's text and the recognition key that it is kept under."""

    key: Digest
    text: PageText


@dataclass(frozen=True, slots=True)
class _ToRead:
    """A page's pixels, and the key that their text will be kept under."""

    key: Digest
    image: PageImage


_Outcome = _Read | Reason | None
"""What came of a page: its text, a reason for quarantine, or nothing yet (it is tried again)."""


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
    waiting: dict[PageId, _ToRead] = {}
    for page in pages:
        found = _look(page, ports)
        if isinstance(found, _ToRead):
            waiting[page.id] = found
        else:
            outcomes[page.id] = found
    outcomes |= _read(pages, waiting, ports)
    _put_on_record(pages, outcomes, ports)


def _look(page: Page, ports: Ports) -> _Read | _ToRead | Reason:
    """What is known of a page without the engine: an honest text layer, an earlier reading, or its pixels."""
    if ports.options.gives_up(page.attempts):
        # The attempts were counted before the work began: whoever did it died of it.
        return Reason.WORKER_DIED
    try:
        with opened(page.source, ports) as source:
            text = source.text(page.index)
            if text is not None:
                return _Read(_key(f"{page.source}/{page.index}", text.engine), text)
            image = source.image(page.index)
    except InputError:
        return Reason.PAGE_UNREADABLE
    key = _key(str(image.digest), ports.engine.stamp(ports.options.ocr))
    known = ports.catalog.recognition(key)
    return _Read(key, known) if known is not None else _ToRead(key, image)


def _key(content: str, engine: EngineStamp) -> Digest:
    """What a reading depends on: the pixels (or the text layer's place), the engine and its settings."""
    return Digest.of(f"{content} {engine.name} {engine.version} {engine.settings}".encode())


def _read(pages: Sequence[Page], waiting: dict[PageId, _ToRead], ports: Ports) -> dict[PageId, _Outcome]:
    if len(waiting) > 1:
        try:
            texts = read_images([one.image for one in waiting.values()], ports.engine, ports.options.ocr)
        except OcrError:
            pass  # one of them is at fault: below each is on its own
        else:
            return {page: _Read(one.key, text) for (page, one), text in zip(waiting.items(), texts, strict=True)}
    return {page.id: _read_alone(page, waiting[page.id], ports) for page in pages if page.id in waiting}


def _read_alone(page: Page, one: _ToRead, ports: Ports) -> _Outcome:
    try:
        (text,) = read_images([one.image], ports.engine, ports.options.ocr)
    except OcrError as error:
        return Reason(error.reason) if page.attempts >= ports.options.attempts else None
    return _Read(one.key, text)


def _put_on_record(pages: Sequence[Page], outcomes: dict[PageId, _Outcome], ports: Ports) -> None:
    marks = {page.id: _mark_by_words(page, outcomes[page.id], ports) for page in pages}
    looks = {page.id: ports.catalog.look(page.id) for page in pages}
    with ports.catalog.begin() as work:
        for page in pages:
            outcome = outcomes[page.id]
            if isinstance(outcome, _Read):
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
                work.free_page(page.id)


def _mark_by_words(page: Page, outcome: _Outcome, ports: Ports) -> Mark | None:
    """The third witness of a printed sheet: its words, where no code of it could be read."""
    if not isinstance(outcome, _Read) or (page.mark is not None and page.mark.separator is not Separator.DOUBTFUL):
        return None
    text = outcome.text.text
    for token in tokens_in_words(text):
        mark = mark_of(token, ports)
        if mark.separator is not Separator.DOUBTFUL:
            return mark
    return Mark(Separator.DOUBTFUL) if page.mark is None and looks_like_sheet(text) else None


def _recognised(page: Page, read: _Read, digest: Digest, mark: Mark | None, ports: Ports) -> Event:
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
