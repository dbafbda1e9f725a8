"""Step 3: one page becomes words with boxes, once. What was read before is never read again."""

from __future__ import annotations

from faldone.catalog.catalog import Page
from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, Outcome
from faldone.domain.ids import PageId
from faldone.domain.page import EngineStamp, PageText
from faldone.domain.reasons import Reason
from faldone.errors import InputError, OcrError
from faldone.ocr.recognise import recognise as read_image
from faldone.ocr.source import RasterOptions
from faldone.ocr.source import open_source as open_pages
from faldone.pipeline.ports import AGENT, Ports


def recognise(page_id: PageId, ports: Ports) -> None:
    """Reads a page, or quarantines it with its reason while its document goes on with a visible gap."""
    now = ports.clock()
    with ports.catalog.begin() as work:
        page = work.claim_page(page_id, now, now + ports.options.claim)
    if page is None:
        return
    if page.attempts > ports.options.attempts:
        # The attempts were counted before the work began: whoever did it died of it.
        _quarantine(page, Reason.WORKER_DIED, ports)
        return
    try:
        key, text = _read(page, ports)
    except InputError:
        _quarantine(page, Reason.PAGE_UNREADABLE, ports)
    except OcrError as error:
        if page.attempts == ports.options.attempts:
            _quarantine(page, Reason(error.reason), ports)
        else:
            with ports.catalog.begin() as work:
                work.free_page(page.id)
    else:
        _save(page, key, text, ports)


def _read(page: Page, ports: Ports) -> tuple[Digest, PageText]:
    media_type = ports.catalog.source(page.source).media_type
    if media_type is None:
        raise ValueError(f"{page.id} belongs to a file that was never opened")
    raster = RasterOptions(max_pixels=ports.options.limits.max_pixels)
    with ports.store.path(page.source) as path, open_pages(path, media_type, raster) as pages:
        text = pages.text(page.index)
        if text is not None:
            return _key(f"{page.source}/{page.index}", text.engine), text
        image = pages.image(page.index)
    key = _key(str(image.digest), ports.engine.stamp(ports.options.ocr))
    known = ports.catalog.recognition(key)
    return key, known if known is not None else read_image(image, ports.engine, ports.options.ocr)


def _key(content: str, engine: EngineStamp) -> Digest:
    """What a reading depends on: the pixels (or the text layer's place), the engine and its settings."""
    return Digest.of(f"{content} {engine.name} {engine.version} {engine.settings}".encode())


def _save(page: Page, key: Digest, text: PageText, ports: Ports) -> None:
    with ports.catalog.begin() as work:
        digest = work.save_text(page.id, key, text)
        work.record(
            Event(
                type=EventType.PAGE_RECOGNISED,
                subject=page.id,
                at=ports.clock(),
                agent=f"{text.engine.name}/{text.engine.version}",
                detail={
                    "key": str(key),
                    "text": str(digest),
                    "settings": text.engine.settings,
                    "source": text.source.value,
                    "rotation": text.rotation,
                    "words": len(text.words),
                    "confidence": round(text.confidence, 3),
                    "blank": text.blank,
                    "attempt": page.attempts,
                },
            )
        )


def _quarantine(page: Page, reason: Reason, ports: Ports) -> None:
    with ports.catalog.begin() as work:
        work.quarantine_page(page.id, reason)
        work.record(
            Event(
                type=EventType.PAGE_QUARANTINED,
                subject=page.id,
                at=ports.clock(),
                agent=AGENT,
                outcome=Outcome.FAILURE,
                detail={"reason": reason.value, "attempt": page.attempts},
            )
        )
