"""A batch adds up to the unit, or names what does not."""

from __future__ import annotations

from faldone.domain.batch import Account, BatchFacts, CountedPage, Gap, PageFate, shortfalls


def pages(*fates: PageFate) -> tuple[CountedPage, ...]:
    return tuple(CountedPage("lotto/a.tif", index, fate) for index, fate in enumerate(fates))


def gaps(account: Account, facts: BatchFacts | None = None) -> list[tuple[Gap, str]]:
    return [(one.gap, one.where) for one in shortfalls(account, facts or BatchFacts())]


def test_pages_that_are_filed_separators_or_blank_leave_nothing_to_say() -> None:
    fates = (PageFate.FILED, PageFate.REVIEW, PageFate.HELD, PageFate.SEPARATOR, PageFate.BLANK, PageFate.DUPLICATE)
    assert gaps(Account(pages(*fates))) == []


def test_a_page_without_a_fate_is_named() -> None:
    assert gaps(Account(pages(PageFate.FILED, PageFate.UNACCOUNTED))) == [(Gap.UNACCOUNTED, "lotto/a.tif, pagina 2")]


def test_what_wants_the_paper_again_is_named() -> None:
    account = Account(pages(PageFate.REJECTED), rejected=("lotto/b.pdf",))
    assert gaps(account) == [(Gap.FILE_REJECTED, "lotto/b.pdf"), (Gap.PAGE_REJECTED, "lotto/a.tif, pagina 1")]


def test_a_red_scan_stands_against_closing_although_its_page_is_filed() -> None:
    red = CountedPage("lotto/a.tif", 4, PageFate.FILED, bad=True)
    assert gaps(Account((red,))) == [(Gap.PAGE_BAD, "lotto/a.tif, pagina 5")]


def test_declared_sheets_are_counted_by_sides() -> None:
    account = Account(pages(*[PageFate.FILED] * 7))
    assert gaps(account, BatchFacts(sheets=7)) == []
    assert gaps(account, BatchFacts(sheets=4, sides=2)) == [(Gap.SHEETS_DIFFER, "7 ≠ 4 × 2")]


def test_the_same_scan_sent_twice_does_not_make_up_for_a_sheet_that_was_skipped() -> None:
    account = Account(pages(PageFate.FILED, PageFate.DUPLICATE))
    assert gaps(account, BatchFacts(sheets=2)) == [(Gap.SHEETS_DIFFER, "1 ≠ 2 × 1")]


def test_a_printed_sheet_that_never_came_is_named() -> None:
    assert gaps(Account(pages(PageFate.FILED), missing=("3 di 12",))) == [(Gap.SHEET_MISSING, "3 di 12")]


def test_every_gap_has_its_sentences() -> None:
    for gap in Gap:
        assert gap.italian
        assert gap.english


def test_a_blank_side_that_is_no_back_is_named_where_it_is_known_how_the_sheets_were_scanned() -> None:
    account = Account(pages(PageFate.FILED, PageFate.BLANK, PageFate.BLANK, PageFate.FILED))
    assert gaps(account) == []
    assert gaps(account, BatchFacts(sheets=2, sides=2)) == [(Gap.BLANK_FRONT, "lotto/a.tif, pagina 3")]
    assert [gap for gap, _ in gaps(account, BatchFacts(sheets=4))] == [Gap.BLANK_FRONT] * 2


def test_a_sheet_of_another_batch_is_named() -> None:
    stray = CountedPage("lotto/a.tif", 0, PageFate.SEPARATOR, elsewhere=True)
    assert gaps(Account((stray,))) == [(Gap.SHEET_ELSEWHERE, "lotto/a.tif, pagina 1")]
