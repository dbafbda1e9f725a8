"""In which order the pages of a document are read: that of the scan, but where somebody said otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from faldone.catalog.records import Document
from faldone.pipeline.ports import Ports


def in_reading_order(span: range, places: Mapping[int, int]) -> tuple[int, ...]:
    """The pages of a stretch of a file as they are read.

    A page of which nothing was said keeps the place that it has in the scan. Places are those of the file, so that
    what is left of an order after a cut or a join is the order that was meant.

    Args:
        span: 0-based indices in the file.
        places: by index the place, from 0 in the file, that a page takes.
    """
    return tuple(sorted(span, key=lambda index: (places.get(index, index), index)))


def places_after(order: Sequence[int], places: Mapping[int, int]) -> dict[int, int]:
    """The places that change, or are said anew, when the pages of a document are read in this order from now on.

    Pages of other documents that had places within this one, or beyond it, since they were cut from it, come back to
    their side of it as they are read among themselves: joined again, no page of the one is read between the other's.

    Args:
        order: all pages of the document, 0-based in the file.
        places: what was said until now, of the whole file.
    """
    said = dict(zip(order, sorted(order), strict=True))
    first, last = min(order), max(order)
    for side in ([page for page in places if page < first], [page for page in places if page > last]):
        as_read = sorted(side, key=lambda page: (places[page], page))
        moved = zip(as_read, sorted(side), strict=True)
        said |= {page: place for page, place in moved if place != places[page]}
    return said


def reading_order(document: Document, ports: Ports) -> tuple[int, ...]:
    """The pages of a document, 0-based in its file, as they are read."""
    if len(document.span) == 1:  # a list of results asks for each of its lines
        return tuple(document.span)
    return in_reading_order(document.span, ports.catalog.page_places(document.source))
