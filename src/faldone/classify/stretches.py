"""A file between its separators: each stretch is split by itself, and nothing reaches across a sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from faldone.classify.boundaries import PageSigns, Span, lacks_pages, split
from faldone.domain.look import Mark, Separator


@dataclass(frozen=True, slots=True)
class Stretch:
    """The pages ``first``…``last`` of a file between two separators; ``written`` are those with something on them.

    ``opened_by`` is the separator before it, ``doubtful`` that a page of it may be one.
    """

    first: int
    last: int
    written: tuple[int, ...]
    opened_by: Mark | None
    doubtful: bool


@dataclass(frozen=True, slots=True)
class DocumentSpan:
    """A document: pages ``first``…``last`` of the file, of which ``places`` have something on them.

    ``sure`` is false when one of its ends is doubtful, ``separator_unsure`` when that is because of a sheet that could
    not be read; ``lacks_pages`` says that by their printed numbers a page is missing.
    """

    first: int
    last: int
    places: tuple[int, ...]
    sure: bool
    confidence: float
    separator_unsure: bool
    lacks_pages: bool = False


def is_certain(mark: Mark | None) -> TypeGuard[Mark]:
    """Whether the page is a separator, and not only perhaps."""
    return mark is not None and mark.separator is not Separator.DOUBTFUL


def stretches(pages: int, written: Sequence[int], marks: Mapping[int, Mark]) -> Iterator[Stretch]:
    """The stretches of a file of so many ``pages`` that have something written on them, in order."""
    fences = [index for index in sorted(marks) if is_certain(marks[index])]
    for before, after in zip([-1, *fences], [*fences, pages], strict=True):
        places = tuple(place for place in written if before < place < after)
        if places:
            doubtful = any(before < index < after and not is_certain(marks[index]) for index in marks)
            yield Stretch(before + 1, after - 1, places, marks.get(before), doubtful)


def spans_of(
    stretch: Stretch, signs: Mapping[int, PageSigns | None], decided: Mapping[int, bool]
) -> Iterator[DocumentSpan]:
    """The documents of a stretch.

    What a document separator opens is one document: that is what the sheet says. When the pages themselves surely say
    otherwise, a person decides.
    """
    places = stretch.written
    said = {places.index(page): starts for page, starts in decided.items() if page in places}
    spans = split([signs[place] for place in places], said)
    if stretch.opened_by is not None and stretch.opened_by.separator is not Separator.COVER and not said:
        contradicted = any(span.sure for span in spans[1:])
        spans = (Span(0, len(places) - 1, not contradicted, 1.0 if not contradicted else 0.5),)
    for number, span in enumerate(spans):
        # Blank pages go with what precedes them; a blank right behind a sheet is the sheet's own back.
        leading = number == 0 and stretch.opened_by is None
        last = stretch.last if number + 1 == len(spans) else places[spans[number + 1].first] - 1
        yield DocumentSpan(
            first=stretch.first if leading else places[span.first],
            last=last,
            places=places[span.first : span.last + 1],
            sure=span.sure,
            confidence=span.confidence if not stretch.doubtful else min(span.confidence, 0.5),
            separator_unsure=stretch.doubtful,
            lacks_pages=lacks_pages([signs[place] for place in places[span.first : span.last + 1]]),
        )
