"""A person's word on the order in which the pages of a document are read, where a sheet was fed before another.

The scan is not touched, and its pages keep their numbers: in addresses, in proofs and in what is found.
"""

from __future__ import annotations

from collections.abc import Sequence

from faldone.catalog.records import Document
from faldone.domain.events import Event, EventType, user_agent
from faldone.domain.ids import DocumentId, page_id
from faldone.errors import UndecidableError
from faldone.pipeline.papers.reading_order import places_after, reading_order
from faldone.pipeline.ports import Ports
from faldone.pipeline.review.stale import demand_current


def order_pages(
    document: DocumentId, numbers: Sequence[int], by: str, ports: Ports, *, version: int | None = None
) -> None:
    """The pages of a document are read in this order from now on; nothing is put on record where they are already.

    Args:
        document: whose pages they are.
        numbers: all of its pages once, by their 1-based numbers in the scan of the document.
        by: the account of who says so.
        ports: the archive.
        version: of the proposal that was looked at; None: whatever is there.

    Raises:
        UndecidableError: a page is missing, or named twice, or not of the document.
        StaleError: the document is not at the ``version`` that was looked at.
    """
    found = ports.catalog.document(document)
    demand_current(found, found.version if version is None else version, ports)
    if sorted(numbers) != list(range(1, len(found.span) + 1)):
        raise UndecidableError(
            f"Scrivi ogni pagina una volta sola, da 1 a {len(found.span)}, nell'ordine in cui si legge. / "
            f"Name each page once, from 1 to {len(found.span)}, in the order in which they are read."
        )
    put_in_order(found, [found.span[number - 1] for number in numbers], by, ports)


def put_in_order(document: Document, order: Sequence[int], by: str, ports: Ports) -> None:
    """The same for pages by their 0-based indices in the file.

    Raises:
        StaleError: the document is not as it was given.
    """
    with ports.catalog.begin() as work:
        demand_current(ports.catalog.document(document.id), document.version, ports)
        before = reading_order(document, ports)
        if tuple(order) == before:
            return
        now = ports.clock()
        places = places_after(order, ports.catalog.page_places(document.source))
        work.place_pages(document.id, places, by, now)
        work.record(
            Event(
                EventType.PAGES_REORDERED,
                page_id(document.source, document.span.start),  # a cut or a join may end the document
                now,
                user_agent(by),
                detail={"source": str(document.source), "before": _numbers(before), "after": _numbers(order)},
            )
        )


def _numbers(order: Sequence[int]) -> str:
    """Pages of the file as people number them, from 1."""
    return " ".join(str(index + 1) for index in order)
