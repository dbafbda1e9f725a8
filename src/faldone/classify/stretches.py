"""A file between its separators: each stretch is split by itself, and nothing reaches across a sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeGuard

from faldone.classify.boundaries import Span, lacks_pages, split
from faldone.classify.page_signs import PageSigns
from faldone.domain.look import Mark, Separator


@dataclass(frozen=True, slots=True)
class Stretch:
    """The pages ``first``…``last`` of a file between two separators; ``written`` are those with something on them.

    ``opened_by`` are the separators since the stretch before it, by page: a cover and a document separator may lie
    behind each other. ``doubtful`` says that a page of it may be one.
    """

    first: int
    last: int
    written: tuple[int, ...]
    opened_by: Mapping[int, Mark]
    doubtful: bool

    @property
    def is_one_document(self) -> bool:
        """Whether a sheet says that a document starts here; a cover alone says whose papers follow."""
        return any(mark.separator is not Separator.COVER for mark in self.opened_by.values())


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
    opened_by: dict[int, Mark] = {}
    for before, after in zip([-1, *fences], [*fences, pages], strict=True):
        if before >= 0:
            opened_by[before] = marks[before]
        places = tuple(place for place in written if before < place < after)
        if places:
            doubtful = any(before < index < after and not is_certain(marks[index]) for index in marks)
            yield Stretch(before + 1, after - 1, places, opened_by, doubtful)
            opened_by = {}


def blank_inside(places: Sequence[int]) -> bool:
    """Whether a blank page lies between the written ones of a document, and is not the back of every sheet.

    Sheets printed on one side and scanned on both have a blank back each. A single blank page among written ones may
    be a sheet that lay the wrong way round, or a scan so poor that nothing is seen on it.
    """
    steps = {after - before for before, after in pairwise(places)}
    return bool(steps) and steps not in ({1}, {2})


def spans_of(
    stretch: Stretch, signs: Mapping[int, PageSigns | None], decided: Mapping[int, bool]
) -> Iterator[DocumentSpan]:
    """The documents of a stretch.

    What a document separator opens is one document: that is what the sheet says. When the pages themselves surely say
    otherwise, a person decides.
    """
    places = stretch.written
    signs = with_blanks(places, signs)
    said = {places.index(page): starts for page, starts in decided.items() if page in places}
    spans = split([signs[place] for place in places], said)
    if stretch.is_one_document and not said:
        contradicted = any(span.sure for span in spans[1:])
        spans = (Span(0, len(places) - 1, not contradicted, 1.0 if not contradicted else 0.5),)
    for number, span in enumerate(spans):
        # Blank pages go with what precedes them; a blank right behind a sheet is the sheet's own back.
        leading = number == 0 and not stretch.opened_by
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


def with_blanks(places: Sequence[int], signs: Mapping[int, PageSigns | None]) -> dict[int, PageSigns | None]:
    """The signs of these pages, told of the blank pages before them.

    Where every sheet has a blank back, a blank says nothing.
    """
    told = {place: signs[place] for place in places}
    steps = [after - before for before, after in pairwise(places)]
    usual = min(steps, default=1)
    for place, step in zip(places[1:], steps, strict=True):
        page = told[place]
        if page is not None and step > usual:
            told[place] = replace(page, blank_before=True)
    return told
