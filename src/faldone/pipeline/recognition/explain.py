"""What was measured, chosen and read on a page, put together for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass

from faldone.catalog.records import Intake, Page
from faldone.domain.ids import DocumentId, PageId
from faldone.domain.look import PageLook
from faldone.domain.page import PageText
from faldone.errors import NotFoundError
from faldone.ocr.explain import Picture, before_and_after
from faldone.ocr.quality import legibility
from faldone.pipeline.intake.opened import opened
from faldone.pipeline.ports import Ports


@dataclass(frozen=True, slots=True)
class Explanation:
    """A page with all that is known of how it was read; ``legibility`` is 0.0–1.0."""

    page: Page
    intake: Intake
    look: PageLook | None
    text: PageText | None
    legibility: float | None


def find_page(name: str, ports: Ports) -> Page:
    """The page with this id, or the n-th page of a document, written ``DOCUMENT/n`` from 1.

    Raises:
        NotFoundError: there is no such page.
    """
    document, slash, number = name.partition("/")
    if not slash:
        return ports.catalog.page(PageId(name))
    span = ports.catalog.document(DocumentId(document)).span
    if not number.isdecimal() or not 1 <= int(number) <= len(span):
        raise NotFoundError(
            f"Il documento {document} ha le pagine da 1 a {len(span)}. / "
            f"Document {document} has the pages 1 to {len(span)}."
        )
    source = ports.catalog.document(DocumentId(document)).source
    index = span[int(number) - 1]
    return ports.catalog.pages(source, range(index, index + 1))[0]


def explain(page: Page, ports: Ports) -> Explanation:
    """What is on record of a page."""
    text = ports.catalog.recognition(page.text) if page.text is not None else None
    return Explanation(
        page=page,
        intake=ports.catalog.intakes(page.source)[0],
        look=ports.catalog.look(page.id),
        text=text,
        legibility=legibility(text) if text is not None else None,
    )


def picture(explanation: Explanation, ports: Ports) -> Picture:
    """The page before and after, made anew from the sealed file.

    Raises:
        InputError: the sealed file or the page does not open.
    """
    page = explanation.page
    with opened(page.source, ports) as source:
        return before_and_after(source.image(page.index), explanation.text)
