"""A file between its separators."""

from __future__ import annotations

from dataclasses import replace

from faldone.classify.boundaries import lacks_pages
from faldone.classify.page_signs import PageSigns
from faldone.classify.stretches import blank_inside, is_certain, spans_of, stretches, with_blanks
from faldone.domain.look import Mark, Separator

COVER, DOCUMENT, DOUBTFUL = Mark(Separator.COVER, "T"), Mark(Separator.DOCUMENT, "U"), Mark(Separator.DOUBTFUL)


PLAIN = PageSigns()
FIRST = PageSigns(title="determina", letterhead="comune di crema", subject=True, introduces=True, capitals=True)


def ranges(pages: int, blank: set[int], marks: dict[int, Mark], first: set[int] = frozenset()) -> list[tuple[int, int]]:  # type: ignore[assignment]
    written = [page for page in range(pages) if page not in blank and not is_certain(marks.get(page))]
    told = {page: FIRST if page in first else PLAIN for page in written}
    return [
        (span.first, span.last) for stretch in stretches(pages, written, marks) for span in spans_of(stretch, told, {})
    ]


def test_without_separators_a_file_is_one_stretch() -> None:
    assert ranges(4, set(), {}) == [(0, 3)]


def test_a_separator_belongs_to_no_document() -> None:
    assert ranges(5, set(), {2: DOCUMENT}) == [(0, 1), (3, 4)]


def test_the_blank_back_of_a_separator_belongs_to_no_document_and_other_backs_to_theirs() -> None:
    assert ranges(8, {1, 3, 5, 7}, {0: COVER, 4: DOCUMENT}) == [(2, 3), (6, 7)]


def test_two_sheets_behind_each_other_make_no_empty_document() -> None:
    assert ranges(4, set(), {0: COVER, 1: DOCUMENT}) == [(2, 3)]
    assert ranges(2, set(), {0: COVER, 1: DOCUMENT}) == []


def test_behind_a_cover_documents_are_still_told_apart() -> None:
    assert ranges(5, set(), {0: COVER}, first={1, 3}) == [(1, 2), (3, 4)]


def test_behind_a_document_separator_there_is_one_document_and_signs_to_the_contrary_are_a_doubt() -> None:
    pages = list(range(1, 5))
    (stretch,) = stretches(5, pages, {0: DOCUMENT})
    (plain,) = spans_of(stretch, dict.fromkeys(pages, PLAIN), {})
    (doubted,) = spans_of(stretch, {1: FIRST, 2: PLAIN, 3: FIRST, 4: PLAIN}, {})
    assert (plain.first, plain.last, plain.sure) == (1, 4, True)
    assert (doubted.first, doubted.last, doubted.sure) == (1, 4, False)


def test_a_doubtful_sheet_sends_its_stretch_to_a_person_and_no_other() -> None:
    marks = {1: DOUBTFUL, 3: DOCUMENT}
    found = list(stretches(6, [0, 1, 2, 4, 5], marks))
    assert [stretch.doubtful for stretch in found] == [True, False]
    assert all(span.separator_unsure for span in spans_of(found[0], dict.fromkeys([0, 1, 2], PLAIN), {}))


def test_a_persons_word_is_stronger_than_signs_and_sheets() -> None:
    (stretch,) = stretches(4, [1, 2, 3], {0: DOCUMENT})
    told = dict.fromkeys([1, 2, 3], PLAIN)
    assert [(span.first, span.sure) for span in spans_of(stretch, told, {2: True})] == [(1, True), (2, True)]
    (whole,) = stretches(4, [0, 1, 2, 3], {})
    assert len(list(spans_of(whole, {0: FIRST, 1: PLAIN, 2: FIRST, 3: PLAIN}, {2: False}))) == 1


def numbered(*pages: tuple[int, int] | None) -> list[PageSigns | None]:
    return [None if page is None else replace(PLAIN, number=page[0], of=page[1]) for page in pages]


def test_printed_numbers_tell_that_the_feeder_took_two_sheets() -> None:
    assert lacks_pages(numbered((1, 3), (3, 3)))
    assert not lacks_pages(numbered((1, 3), (2, 3), (3, 3)))
    assert not lacks_pages(numbered((1, 3), None, (3, 3))), "a page that cannot be read is there"
    assert not lacks_pages(numbered((1, 2), (2, 3))), "one of the two was misread"
    assert not lacks_pages([PLAIN, PLAIN])


def test_a_cover_with_a_separator_behind_it_opens_one_stretch_that_knows_both() -> None:
    (stretch,) = stretches(4, [3], {0: COVER, 2: DOCUMENT})
    assert stretch.opened_by == {0: COVER, 2: DOCUMENT}
    assert stretch.is_one_document


def test_a_blank_page_among_written_ones_is_told_unless_every_sheet_has_a_blank_back() -> None:
    assert blank_inside([0, 3])
    assert blank_inside([0, 1, 3])
    assert not blank_inside([0, 2, 4])
    assert not blank_inside([0, 1, 2])
    assert not blank_inside([5])


def test_a_blank_before_a_page_is_a_sign_unless_every_sheet_has_a_blank_back() -> None:
    told = with_blanks([0, 1, 3], dict.fromkeys([0, 1, 3], PLAIN))
    assert [page.blank_before for page in told.values() if page is not None] == [False, False, True]
    backs = with_blanks([0, 2, 4], {0: PLAIN, 2: PLAIN, 4: None})
    assert [page.blank_before for page in backs.values() if page is not None] == [False, False]
