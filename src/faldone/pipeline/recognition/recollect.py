"""The same sheet scanned twice is linked and shown, never deleted: a person may have meant it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from faldone.catalog.records import Link, Page
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.likeness import Look, Placing, SeenPage, compare
from faldone.domain.look import PageLook
from faldone.domain.page import PageText
from faldone.errors import InputError
from faldone.ocr.fingerprint import same_ink
from faldone.ocr.gate import reduced
from faldone.ocr.image import Gray
from faldone.ocr.prepare import statistics, turn
from faldone.pipeline.intake.opened import opened
from faldone.pipeline.ports import Ports


def seen_page(text: PageText, look: PageLook | None) -> SeenPage:
    """A page as likeness asks for it."""
    if look is None:
        return SeenPage(text)
    return SeenPage(text, Digest.parse(look.fingerprint), Look.parse(look.image_hash))


def recollect(source: Digest, ports: Ports) -> None:
    """Links the pages of a file, all of them read, to earlier pages that are the same sheets."""
    for page in ports.catalog.pages(source):
        links = tuple(_links(page, ports))
        if links:
            _put_on_record(links, ports)


def _put_on_record(links: Sequence[Link], ports: Ports) -> None:
    with ports.catalog.begin() as work:
        for link in work.add_links(links):
            work.record(
                Event(
                    type=EventType.PAGE_LINKED,
                    subject=link.page,
                    at=ports.clock(),
                    agent=AGENT,
                    detail={"earlier": link.earlier, "kind": link.kind, "score": round(link.score, 3)},
                )
            )


def _links(page: Page, ports: Ports) -> Iterator[Link]:
    alike = ports.catalog.alike(page.id)
    found = _seen(page, ports) if alike else None
    if found is None:
        return
    ink = cache(lambda: _ink(page, found, ports))
    for earlier in map(ports.catalog.page, alike):
        other = _seen(earlier, ports)
        if other is None:
            continue

        def same(placing: Placing, earlier: Page = earlier, other: SeenPage = other) -> bool:
            try:
                return same_ink(*ink(), *_ink(earlier, other, ports), placing)
            except InputError:
                return False  # one of them does not open any more: no link, and no harm to the attribution

        likeness = compare(found, other, same)
        if likeness is not None:
            yield Link(page.id, earlier.id, likeness.kind.value, likeness.score)


def _seen(page: Page, ports: Ports) -> SeenPage | None:
    text = ports.catalog.recognition(page.text) if page.text is not None else None
    return seen_page(text, ports.catalog.look(page.id)) if text is not None else None


def _ink(page: Page, seen: SeenPage, ports: Ports) -> tuple[Gray, float]:
    """The page upright and without its background, and its resolution: asked only where words agree already."""
    with opened(page.source, ports) as source:
        image = source.image(page.index)
    pixels, dpi = reduced(image.pixels, image.dpi)
    found = statistics(pixels, dpi)
    return turn(found.look, seen.text.rotation), dpi * found.scale
