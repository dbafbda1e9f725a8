"""A batch counted at one moment, and its pages as they are shown while they come in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from faldone.catalog.board import BatchFile, BatchPage
from faldone.catalog.records import Batch, IntakeState, PageState
from faldone.domain.batch import CountedPage, Exclusion, PageFate
from faldone.domain.ids import PageId
from faldone.domain.look import Separator
from faldone.domain.reasons import Reason
from faldone.domain.verdict import Flaw, Verdict
from faldone.pipeline.intake.batches import BatchReport, Judgement, count_files, page_fates
from faldone.pipeline.intake.words import FLAWS, Words
from faldone.pipeline.ports import Ports


class Light(StrEnum):
    """The colour of a page at the scanner: nothing to do, look at it, feed it again, no paper of a dossier, wait."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"
    WAITING = "waiting"


NEWEST = 60
"""So many of the newest pages are shown of a batch."""
_SEPARATORS: Mapping[Separator, Words] = {
    Separator.COVER: ("copertina", "cover"),
    Separator.DOCUMENT: ("separatore", "separator"),
    Separator.PATCH: ("separatore", "separator"),
    Separator.DOUBTFUL: ("separatore?", "separator?"),
}
_FEED_AGAIN: Words = ("Ripassa il foglio.", "Feed the sheet again.")
_TRY_AGAIN: Words = ("Riprova dalla quarantena.", "Try again from quarantine.")
_LOOK_AT_IT: Words = ("Guarda la pagina.", "Look at the page.")
_JUDGED: Mapping[Judgement, Words] = {
    Judgement.AS_IS: ("accettata così", "accepted as it is"),
    Judgement.FED_AGAIN: ("ripassata", "fed again"),
}
_OF_THE_MACHINE = frozenset({Reason.OCR_FAILED, Reason.OCR_TIMEOUT, Reason.OCR_CRASHED, Reason.WORKER_DIED})


@dataclass(frozen=True, slots=True)
class Tile:
    """A page as it is shown while it comes in.

    Attributes:
        page: its id.
        number: its 1-based place among the pages of the batch.
        index: its 0-based place in its file.
        file: the file's name, for people; it may hold a person's name.
        light: its colour.
        word: what is to be said of it in a word.
        cause: the sentences that say more, if anything is wrong.
        action: what to do now, if anything.
        fate: what became of it.
        judged: what a person said of its bad scan, if one did.
        to_judge: whether its scan is bad, and nothing was said of it yet.
        excluded: why it never comes in, if somebody said so.
        may_go: whether it may be said of it that it never comes in.
    """

    page: PageId
    number: int
    index: int
    file: str
    light: Light
    word: Words
    fate: PageFate
    cause: tuple[Words, ...] = ()
    action: Words | None = None
    judged: Judgement | None = None
    to_judge: bool = False
    excluded: Exclusion | None = None
    may_go: bool = False

    @property
    def is_problem(self) -> bool:
        """Whether somebody has to look."""
        return self.light in (Light.RED, Light.AMBER)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch on the screen. ``pages`` counts those that came by fate; files are ``rejected`` or ``underway``.

    ``judged`` counts bad scans by what a person said of them, ``red`` those to be fed again; ``newest`` are the last
    pages, the newest first. ``arrived`` pages are held against the declared sheets. ``version`` is that of the board
    when the row became what it is, ``first_version`` when there was a row for the batch at all.
    """

    batch: Batch
    pages: Mapping[PageFate, int]
    rejected: int
    excluded: int
    underway: int
    gaps: int
    judged: Mapping[Judgement, int]
    red: int
    first_red: Tile | None
    newest: tuple[Tile, ...]
    arrived_at: dt.datetime | None
    version: int = 0
    first_version: int = 0
    arrived: int = 0

    @property
    def total(self) -> int:
        """How many pages came."""
        return sum(self.pages.values())

    @property
    def declared(self) -> int | None:
        """How many pages were declared: sheets, times the sides that are scanned of each."""
        facts = self.batch.facts
        return facts.sheets * (facts.sides or 1) if facts.sheets is not None else None

    @property
    def arrived_sheets(self) -> int:
        """How many sheets the pages make."""
        return -(-self.arrived // (self.batch.facts.sides or 1))

    @property
    def ready(self) -> bool:
        """Whether it may be closed as it is."""
        return self.batch.closed_at is None and not self.gaps and self.total > 0


_Numbered = tuple[int, BatchFile, BatchPage, CountedPage]


@dataclass(frozen=True, slots=True)
class Counts:
    """All that is known of a batch at one moment.

    ``said`` is what is known of bad scans: their sheets came again, as was found or as a person says, or they will do.
    """

    batch: Batch
    files: tuple[BatchFile, ...]
    report: BatchReport
    pages: list[_Numbered]
    said: Mapping[PageId, Judgement]

    @classmethod
    def of(cls, batch: Batch, ports: Ports) -> Counts:
        """A batch as it is now."""
        files = ports.catalog.batch_contents(batch.id)
        report = count_files(batch, files, ports)
        pages = _numbered(files, report)
        red = any(page.verdict is Verdict.BAD for _, _, page, _ in pages)
        again = ports.catalog.scanned_again(batch.id) if red else frozenset()
        said = dict.fromkeys(again, Judgement.FED_AGAIN) | dict(report.judged)
        return cls(batch, files, report, pages, said)

    def light(self, one: _Numbered) -> Light:
        """The colour of one of its pages."""
        return _light(one[2], one[3].fate, self.said.get(one[2].id))

    def tiles(self, pages: Sequence[_Numbered], ports: Ports) -> tuple[Tile, ...]:
        """Some of its pages as they are shown, in their order."""
        wanted = [page.id for _, _, page, _ in pages if page.verdict in (Verdict.BAD, Verdict.DOUBTFUL)]
        flaws = ports.catalog.flaws(wanted) if wanted else {}
        return tuple(self._tile(one, flaws.get(one[2].id, ())) for one in pages)

    def _tile(self, one: _Numbered, flaws: Sequence[Flaw]) -> Tile:
        page, judged = one[2], self.report.judged.get(one[2].id)
        bad = page.verdict is Verdict.BAD and page.state is not PageState.QUARANTINED
        bad = bad and one[3].fate is not PageFate.EXCLUDED
        tile = _tile(one, flaws, self.said.get(page.id))
        return replace(tile, judged=judged if bad else None, to_judge=bad and judged is None)

    def row(self, ports: Ports) -> BatchRow:
        """The batch in a line of the board."""
        account = self.report.account
        red = [one for one in self.pages if self.light(one) is Light.RED]
        first = self.tiles(red[:1], ports)
        return BatchRow(
            batch=self.batch,
            pages={fate: count for fate in PageFate if (count := account.count(fate))},
            rejected=len(account.rejected),
            excluded=len(account.excluded),
            underway=len(account.underway),
            gaps=len(self.report.shortfalls),
            judged={one: count for one in Judgement if (count := self.report.count_judged(one))},
            red=len(red),
            first_red=first[0] if first else None,
            newest=self.tiles(self.pages[: -NEWEST - 1 : -1], ports),
            arrived_at=max((file.arrived_at for file in self.files), default=None),
            arrived=account.arrived,
        )


def _numbered(files: Sequence[BatchFile], report: BatchReport) -> list[_Numbered]:
    """The pages of a batch with their places in it. A file that is not open yet counts for one page."""
    found: list[_Numbered] = []
    behind = 0
    for file in files:
        if file.arrival is not IntakeState.TAKEN:
            continue
        fates = page_fates(file, report.batch, report.judged, report.excluded)
        found += [(behind + page.index + 1, file, page, fate) for page, fate in zip(file.pages, fates, strict=True)]
        behind += 1 if file.pages_in is None else file.pages_in
    return found


def _tile(one: _Numbered, flaws: Sequence[Flaw], said: Judgement | None) -> Tile:
    number, file, page, counted = one
    light = _light(page, counted.fate, said)
    plain = Tile(page.id, number, page.index, file.path, light, ("", ""), counted.fate)
    told = [flaw for flaw in flaws if flaw in FLAWS]
    cause = tuple((flaw.italian, flaw.english) for flaw in told)
    if counted.excluded is not None:
        why = ((counted.excluded.italian, counted.excluded.english),)
        return replace(plain, word=("esclusa", "excluded"), cause=why, excluded=counted.excluded)
    if page.state is PageState.QUARANTINED:
        reason = page.reason or Reason.PAGE_UNREADABLE
        stuck = reason in _OF_THE_MACHINE
        word = ("lettura fermata", "reading stopped") if stuck else ("non si apre", "does not open")
        why = ((reason.italian, reason.english),)
        return replace(plain, word=word, cause=why, action=_TRY_AGAIN if stuck else _FEED_AGAIN)
    if page.verdict is Verdict.BAD:
        if said is not None:
            return replace(plain, word=_JUDGED[said], cause=cause)
        return replace(plain, word=FLAWS[told[0]] if told else ("difettosa", "bad"), cause=cause, action=_FEED_AGAIN)
    if page.mark is not None and (light is Light.GREY or page.mark.separator is Separator.DOUBTFUL):
        doubt = page.mark.separator is Separator.DOUBTFUL
        return replace(plain, word=_SEPARATORS[page.mark.separator], action=_LOOK_AT_IT if doubt else None)
    if page.verdict is Verdict.DOUBTFUL:
        word = FLAWS[told[0]] if told else ("da guardare", "look at it")
        return replace(plain, word=word, cause=cause, action=_LOOK_AT_IT)
    return replace(plain, word=_PLAIN[light, counted.fate] if (light, counted.fate) in _PLAIN else _LIGHTS[light])


_LIGHTS: Mapping[Light, Words] = {
    Light.GREEN: ("ok", "ok"),
    Light.AMBER: ("da guardare", "look at it"),
    Light.RED: ("da rifare", "scan again"),
    Light.GREY: ("bianca", "blank"),
    Light.WAITING: ("in arrivo", "coming in"),
}


_PLAIN: Mapping[tuple[Light, PageFate], Words] = {
    (Light.AMBER, PageFate.REVIEW): ("da rivedere", "to review"),
    (Light.AMBER, PageFate.HELD): ("trattenuta", "held"),
    (Light.AMBER, PageFate.UNACCOUNTED): ("senza sorte", "unaccounted for"),
}


def _light(page: BatchPage, fate: PageFate, said: Judgement | None) -> Light:
    if fate is PageFate.EXCLUDED:
        return Light.GREY
    if page.state is PageState.QUARANTINED or (page.verdict is Verdict.BAD and said is None):
        return Light.RED
    if page.verdict is Verdict.BAD and said is Judgement.FED_AGAIN:
        return Light.GREY
    if page.verdict is Verdict.DOUBTFUL or (page.mark is not None and page.mark.separator is Separator.DOUBTFUL):
        return Light.AMBER
    if fate in (PageFate.REVIEW, PageFate.HELD, PageFate.UNACCOUNTED):
        return Light.AMBER
    if fate in (PageFate.BLANK, PageFate.SEPARATOR) or page.mark is not None:
        return Light.GREY
    return Light.WAITING if page.verdict is None and page.state is PageState.PENDING else Light.GREEN
