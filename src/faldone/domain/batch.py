"""A batch (*lotto*): what was scanned together, where the paper stands, and whether every sheet of it is accounted for.

The count is the archive's promise: the pages that came in are filed, separators, blank or rejected, to the unit, and
a batch that does not add up does not close but names what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """What the people who scan say of a batch. ``sheets`` of paper were fed, ``sides`` of each were scanned.

    ``box``, ``folder`` and ``shelf`` are the paper's place in ``place``; ``scanner`` and ``settings`` how it was
    scanned. ``operator`` is a name: it stays in the catalog and never enters the ledger.
    """

    service: str | None = None
    comune: str | None = None
    box: str | None = None
    folder: str | None = None
    shelf: str | None = None
    place: str | None = None
    operator: str | None = None
    scanner: str | None = None
    settings: str | None = None
    sheets: int | None = None
    sides: int | None = None


class PageFate(StrEnum):
    """What became of a page that came in."""

    FILED = "filed"
    REVIEW = "review"
    HELD = "held"
    SEPARATOR = "separator"
    BLANK = "blank"
    REJECTED = "rejected"
    EXCLUDED = "excluded"
    DUPLICATE = "duplicate"
    UNDERWAY = "underway"
    UNACCOUNTED = "unaccounted"


class Gap(StrEnum):
    """Why a batch cannot be closed as it is."""

    UNDERWAY = "underway"
    UNACCOUNTED = "unaccounted"
    FILE_REJECTED = "file-rejected"
    PAGE_REJECTED = "page-rejected"
    PAGE_BAD = "page-bad"
    SHEETS_DIFFER = "sheets-differ"
    SHEET_MISSING = "sheet-missing"
    SHEET_DOUBTFUL = "sheet-doubtful"
    SHEET_ELSEWHERE = "sheet-elsewhere"
    BLANK_FRONT = "blank-front"

    @property
    def italian(self) -> str:
        """The sentence that a clerk reads."""
        return _GAPS[self][0]

    @property
    def english(self) -> str:
        """The same in English."""
        return _GAPS[self][1]


_GAPS: dict[Gap, tuple[str, str]] = {
    Gap.UNDERWAY: ("ancora in lavorazione: aspettare", "still in progress: wait"),
    Gap.UNACCOUNTED: ("pagina di cui non risulta la sorte", "a page whose fate is not on record"),
    Gap.FILE_REJECTED: ("file rifiutato: scansionarlo di nuovo", "file rejected: scan it again"),
    Gap.PAGE_REJECTED: ("pagina non leggibile: scansionarla di nuovo", "page not readable: scan it again"),
    Gap.PAGE_BAD: ("scansione difettosa: scansionare di nuovo il foglio", "a bad scan: scan the sheet again"),
    Gap.SHEETS_DIFFER: (
        "le pagine arrivate non sono quelle dei fogli dichiarati",
        "the pages that came are not those of the declared sheets",
    ),
    Gap.SHEET_MISSING: (
        "foglio stampato da faldone mai arrivato: cercarlo tra le carte",
        "a sheet printed by faldone never came: look for it among the papers",
    ),
    Gap.SHEET_ELSEWHERE: (
        "foglio stampato per un altro lotto: le carte sono nel lotto giusto?",
        "a sheet printed for another batch: are the papers in the right one?",
    ),
    Gap.BLANK_FRONT: (
        "facciata bianca dove ci si aspetta testo: foglio girato, o scansione illeggibile? Guardare il foglio",
        "a blank side where text is expected: a sheet turned over, or a scan too poor to see? Look at the sheet",
    ),
    Gap.SHEET_DOUBTFUL: (
        "forse un separatore, ma i codici non si leggono: guardare la pagina",
        "perhaps a separator, but its codes cannot be read: look at the page",
    ),
}


class Despite(StrEnum):
    """Why a batch is closed although it has gaps. A closed list: a free text would bring names into the ledger."""

    RESCANNED = "rescanned"
    COUNTED_WRONG = "counted-wrong"
    PAPER_DAMAGED = "paper-damaged"
    PAPER_MISSING = "paper-missing"
    LOOKED_AT = "looked-at"


class Exclusion(StrEnum):
    """Why a page or a file never comes in. A closed list, as :class:`Despite` and for the same reason."""

    SCANNED_AGAIN = "scanned-again"
    WRONG_PAPER = "wrong-paper"
    PRIVATE_PAPER = "private-paper"
    TEST_SHEET = "test-sheet"
    PAPER_DAMAGED = "paper-damaged"

    @property
    def italian(self) -> str:
        """The words that a clerk chooses."""
        return _EXCLUSIONS[self][0]

    @property
    def english(self) -> str:
        """The same in English."""
        return _EXCLUSIONS[self][1]


_EXCLUSIONS: dict[Exclusion, tuple[str, str]] = {
    Exclusion.SCANNED_AGAIN: ("la carta è stata scansionata di nuovo", "the paper was scanned again"),
    Exclusion.WRONG_PAPER: ("carta sbagliata: non è di questo lotto", "the wrong paper: it is not of this batch"),
    Exclusion.PRIVATE_PAPER: ("foglio privato: non è una carta dell'ufficio", "a private sheet, none of the office"),
    Exclusion.TEST_SHEET: ("foglio di prova o di pulizia dello scanner", "a sheet that tests or cleans the scanner"),
    Exclusion.PAPER_DAMAGED: ("la carta è rovinata: non si legge", "the paper is damaged: it cannot be read"),
}


@dataclass(frozen=True, slots=True)
class CountedPage:
    """A page of a batch: where it is (file and 0-based index), what became of it, and whether its scan is bad.

    ``doubtful`` is a page that may be a separator, ``elsewhere`` a separator that was printed for another batch;
    ``excluded`` says why a page never comes in.
    """

    file: str
    index: int
    fate: PageFate
    bad: bool = False
    doubtful: bool = False
    elsewhere: bool = False
    excluded: Exclusion | None = None


_OF_THE_BATCH = (None, Exclusion.PAPER_DAMAGED)


@dataclass(frozen=True, slots=True)
class Account:
    """A batch counted: ``pages`` with their fate, files ``rejected`` whole or ``underway``, and what never came.

    Files ``excluded`` whole are rejected no more: somebody said why they never come in.

    ``missing`` are sheets printed by faldone, as «n di m» of their run.
    """

    pages: tuple[CountedPage, ...]
    rejected: tuple[str, ...] = ()
    underway: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    excluded: tuple[tuple[str, Exclusion], ...] = ()

    def count(self, fate: PageFate) -> int:
        """How many pages had this fate."""
        return sum(page.fate is fate for page in self.pages)

    @property
    def arrived(self) -> int:
        """How many pages came of the batch's own sheets, which is held against those that were declared.

        The same scan sent twice is no second sheet, and what does not belong here is none; a page scanned again is,
        and whoever closes says so.
        """
        own = (page.fate is not PageFate.DUPLICATE and page.excluded in _OF_THE_BATCH for page in self.pages)
        return sum(own)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One thing that stands against closing; ``where`` names it: a file, «file, page n», a sheet, a count."""

    gap: Gap
    where: str


def shortfalls(account: Account, facts: BatchFacts) -> tuple[Shortfall, ...]:
    """Everything that stands against closing the batch, worst first; nothing when it is accounted for to the unit."""
    return tuple(_shortfalls(account, facts))


def by_gap(found: Sequence[Shortfall]) -> Mapping[Gap, tuple[str, ...]]:
    """Where each kind of thing stands against closing, in the order of :func:`shortfalls`."""
    return {gap: tuple(one.where for one in found if one.gap is gap) for gap in dict.fromkeys(o.gap for o in found)}


def _shortfalls(account: Account, facts: BatchFacts) -> Iterator[Shortfall]:
    yield from (Shortfall(Gap.UNDERWAY, file) for file in account.underway)
    yield from (Shortfall(Gap.UNDERWAY, at) for at in _places(account.pages, PageFate.UNDERWAY))
    yield from (Shortfall(Gap.UNACCOUNTED, at) for at in _places(account.pages, PageFate.UNACCOUNTED))
    yield from (Shortfall(Gap.FILE_REJECTED, file) for file in account.rejected)
    yield from (Shortfall(Gap.PAGE_REJECTED, at) for at in _places(account.pages, PageFate.REJECTED))
    yield from (Shortfall(Gap.PAGE_BAD, place(page)) for page in account.pages if page.bad)
    yield from (Shortfall(Gap.SHEET_DOUBTFUL, place(page)) for page in account.pages if page.doubtful)
    yield from (Shortfall(Gap.SHEET_ELSEWHERE, place(page)) for page in account.pages if page.elsewhere)
    yield from (Shortfall(Gap.BLANK_FRONT, place(page)) for page in account.pages if _is_blank_front(page, facts))
    yield from (Shortfall(Gap.SHEET_MISSING, sheet) for sheet in account.missing)
    if facts.sheets is not None:
        came = account.arrived
        expected = facts.sheets * (facts.sides or 1)
        if came != expected:
            yield Shortfall(Gap.SHEETS_DIFFER, f"{came} ≠ {facts.sheets} × {facts.sides or 1}")


def _is_blank_front(page: CountedPage, facts: BatchFacts) -> bool:
    """Whether a page is blank though it is no back. Known only where somebody said how the sheets were scanned."""
    if page.fate is not PageFate.BLANK or facts.sheets is None:
        return False
    return facts.sides != 2 or page.index % 2 == 0


def _places(pages: Sequence[CountedPage], fate: PageFate) -> Iterator[str]:
    return (place(page) for page in pages if page.fate is fate)


def place(page: CountedPage) -> str:
    """Where a page is, for people: «lotto-3/0007.tif, pagina 2»."""
    return f"{page.file}, pagina {page.index + 1}"
