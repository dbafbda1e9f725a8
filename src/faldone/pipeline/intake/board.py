"""What is seen at the scanner: batches counted to the unit, their pages as they come, and which sheet to feed again.

A look at an archive that stands still costs two small questions; of one that moves, only the batches that changed are
counted anew.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from faldone.catalog.board import BatchFile, BatchPage, Stopped
from faldone.catalog.records import Batch, Intake, IntakeState, PageState
from faldone.domain.access import Access, Sensitivity
from faldone.domain.batch import CountedPage, Despite, Exclusion, PageFate, Shortfall, place
from faldone.domain.digest import Digest
from faldone.domain.ids import BatchId, IntakeId, PageId, page_id
from faldone.domain.inbox import Inbox
from faldone.domain.look import Separator
from faldone.domain.reasons import Reason
from faldone.domain.verdict import Flaw, Verdict
from faldone.errors import NotFoundError, PageNotFoundError, UndecidableError
from faldone.pipeline.intake.batches import (
    BatchReport,
    Judgement,
    count_files,
    excludable,
    page_fates,
    said_to_be_out,
)
from faldone.pipeline.intake.quarantine import retry_these
from faldone.pipeline.intake.take_in import has_room
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.projection import comune_key

NEWEST = 60
"""So many of the newest pages are shown of a batch."""

_BATCHES = 30
_WHOLE_CLASS = 100_000
_REST = 4.0
"""A batch that took long to count rests so many times as long before it is counted again."""

_SPACE_STEP = 1_000_000_000
"""Free space is told in steps of this, so that it is no news every second."""


class Light(StrEnum):
    """The colour of a page at the scanner: nothing to do, look at it, feed it again, no paper of a dossier, wait."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"
    WAITING = "waiting"


Words = tuple[str, str]
"""In Italian and in English."""

FLAWS: Mapping[Flaw, Words] = {
    Flaw.BLANK: ("bianca", "blank"),
    Flaw.SKEWED: ("storta", "askew"),
    Flaw.SIDEWAYS: ("di traverso", "sideways"),
    Flaw.UPSIDE_DOWN: ("capovolta", "upside down"),
    Flaw.BLURRED: ("sfocata", "blurred"),
    Flaw.FAINT: ("troppo chiara", "too faint"),
    Flaw.DARK: ("troppo scura", "too dark"),
    Flaw.LOW_RESOLUTION: ("risoluzione bassa", "too coarse"),
    Flaw.CUT_EDGE: ("tagliata", "cut"),
    Flaw.DOUBLE_FEED: ("due fogli?", "two sheets?"),
}
"""What is wrong with a page, in a word under its picture."""

FATES: Mapping[PageFate, Words] = {
    PageFate.FILED: ("archiviate", "filed"),
    PageFate.REVIEW: ("da rivedere", "to review"),
    PageFate.HELD: ("trattenute", "held"),
    PageFate.UNDERWAY: ("in lettura", "being read"),
    PageFate.BLANK: ("bianche", "blank"),
    PageFate.SEPARATOR: ("separatori", "separators"),
    PageFate.DUPLICATE: ("doppie", "duplicates"),
    PageFate.REJECTED: ("non leggibili", "not readable"),
    PageFate.EXCLUDED: ("escluse", "excluded"),
    PageFate.UNACCOUNTED: ("senza sorte", "unaccounted for"),
}
"""What became of pages, as the sum of a batch says it, in that order."""

DESPITE: Mapping[Despite, Words] = {
    Despite.RESCANNED: ("i fogli sono stati ripassati", "the sheets were fed again"),
    Despite.COUNTED_WRONG: ("i fogli erano stati contati male", "the sheets had been counted wrong"),
    Despite.PAPER_DAMAGED: ("la carta è rovinata: meglio di così non viene", "the paper is damaged: it gets no better"),
    Despite.PAPER_MISSING: ("la carta non si trova", "the paper cannot be found"),
    Despite.LOOKED_AT: ("le pagine sono state guardate: vanno bene così", "the pages were looked at and are fine"),
}
"""Why a batch is closed although it has gaps, or its declared sheets are put right."""

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


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for the whole place: what is in quarantine, free space, and when a file came last."""

    stopped: tuple[tuple[Batch, Mapping[Reason, int]], ...]
    free_bytes: int
    has_room: bool
    last_arrival: dt.datetime | None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The board at one moment. ``version`` grows with every change, ``run`` tells the versions of two boards apart."""

    run: str
    version: int
    rows: tuple[BatchRow, ...]
    standing: Standing


@dataclass(slots=True)
class _Counted:
    """A row as it was counted last, what it cost, and when it may be counted again."""

    row: BatchRow
    due: bool
    not_before_s: float


@dataclass(slots=True)
class Board:
    """The board of an archive; asked by many at once, it looks once."""

    ports: Ports
    _run: str = field(default_factory=lambda: secrets.token_hex(4))
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _counted: dict[BatchId, _Counted] = field(default_factory=dict)
    _unsettled: Mapping[BatchId, str] = field(default_factory=dict)
    _length: int = -1
    _version: int = 0
    _standing: Standing | None = None

    def look(self) -> Snapshot:
        """How things stand now."""
        with self._guard:
            return self._look()

    def _look(self) -> Snapshot:
        catalog = self.ports.catalog
        length = catalog.ledger_tail().length
        batches = catalog.newest_batches(_BATCHES)
        moved = length != self._length
        unsettled = catalog.unsettled_batches([batch.id for batch in batches])
        touched = catalog.touched_batches(self._length) if moved and self._length >= 0 else frozenset()
        rows = tuple(self._row(batch, batch.id in touched, unsettled) for batch in batches)
        shown = {batch.id for batch in batches}
        self._counted = {id_: counted for id_, counted in self._counted.items() if id_ in shown}
        standing = self._stand(touched, moved=moved)
        self._length, self._unsettled = length, unsettled
        return Snapshot(self._run, self._version, rows, standing)

    def _row(self, batch: Batch, touched: bool, unsettled: Mapping[BatchId, str]) -> BatchRow:
        before = self._counted.get(batch.id)
        # Work may end without an event: a file is attributed again, and nothing changes.
        settled = unsettled.get(batch.id) != self._unsettled.get(batch.id)
        if before is not None:
            before.due = before.due or touched or settled or before.row.batch != batch
            if not before.due or time.monotonic() < before.not_before_s:
                return before.row
        began_s = time.monotonic()
        row = _Counts.of(batch, self.ports).row(self.ports)
        if before is not None and replace(before.row, version=0, first_version=0) == row:
            row = before.row
        else:
            self._version += 1
            first = before.row.first_version if before is not None else self._version
            row = replace(row, version=self._version, first_version=first)
        now_s = time.monotonic()
        self._counted[batch.id] = _Counted(row, due=False, not_before_s=now_s + _REST * (now_s - began_s))
        return row

    def _stand(self, touched: frozenset[BatchId], *, moved: bool) -> Standing:
        catalog, before = self.ports.catalog, self._standing
        free = self.ports.store.free_bytes()
        now = Standing(
            stopped=self._stopped(touched) if moved or before is None else before.stopped,
            free_bytes=free - free % _SPACE_STEP,
            has_room=has_room(self.ports),
            last_arrival=catalog.last_arrival() if moved or before is None else before.last_arrival,
        )
        if before is None or replace(before, version=0) != now:
            self._version += 1
            self._standing = before = replace(now, version=self._version)
        return before

    def _stopped(self, touched: frozenset[BatchId]) -> tuple[tuple[Batch, Mapping[Reason, int]], ...]:
        catalog = self.ports.catalog
        known = {batch.id: batch for batch, _ in self._standing.stopped} if self._standing is not None else {}
        return tuple(
            (known[id_] if id_ in known and id_ not in touched else catalog.batch(id_), counts)
            for id_, counts in catalog.count_stopped(said_to_be_out(self.ports)).items()
        )


@dataclass(frozen=True, slots=True)
class _Counts:
    """All that is known of a batch at one moment.

    ``said`` is what is known of bad scans: their sheets came again, as was found or as a person says, or they will do.
    """

    batch: Batch
    files: tuple[BatchFile, ...]
    report: BatchReport
    pages: list[_Numbered]
    said: Mapping[PageId, Judgement]

    @classmethod
    def of(cls, batch: Batch, ports: Ports) -> _Counts:
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


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or a page of a batch that did not come in, and why; ``because`` is why it never will, if one said so."""

    id: PageId | IntakeId
    where: str
    reason: Reason | None
    because: Exclusion | None


@dataclass(frozen=True, slots=True)
class Double:
    """A file of a batch whose bytes had come before: ``first`` is that arrival, in ``batch``; ``page`` its page 1."""

    path: str
    first: Intake
    batch: Batch
    page: PageId | None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch in full: its row, what stands against closing it, and some of its pages, in order.

    ``before`` and ``behind`` count the pages that are not shown. ``doubles`` are files that had come before. ``skip``
    is the page at which sheets may have stuck together, where fewer came than were declared. ``left_out`` is what did
    not come in; ``despite`` is why the batch was closed with gaps.
    """

    row: BatchRow
    shortfalls: tuple[Shortfall, ...]
    tiles: tuple[Tile, ...]
    before: int
    behind: int
    doubles: tuple[Double, ...] = ()
    skip: Tile | None = None
    left_out: tuple[LeftOut, ...] = ()
    despite: Despite | None = None


def view_batch(batch: Batch, ports: Ports, *, offset: int = 0, limit: int = 120, problems: bool = False) -> BatchView:
    """A batch with ``limit`` of its pages from the ``offset``-th on: of all, or only of ``problems``."""
    counts = _Counts.of(batch, ports)
    pages = counts.pages
    if problems:
        pages = [one for one in pages if counts.light(one) in (Light.RED, Light.AMBER)]
    shown = pages[offset : offset + limit]
    row = counts.row(ports)
    return BatchView(
        row=row,
        shortfalls=counts.report.shortfalls,
        tiles=counts.tiles(shown, ports),
        before=min(offset, len(pages)),
        behind=max(0, len(pages) - offset - len(shown)),
        doubles=_doubles(counts.files, ports),
        skip=_skip(counts, ports) if row.declared is not None and row.arrived < row.declared else None,
        left_out=left_out(counts.report, counts.files),
        despite=counts.report.despite,
    )


def left_out(report: BatchReport, files: Iterable[BatchFile]) -> tuple[LeftOut, ...]:
    """What of a batch did not come in, for want of a readable file or page, and what never will, in its order."""
    found: list[LeftOut] = []
    for file in files:
        may_go, out = excludable([file]), report.excluded
        if file.intake in may_go:
            found.append(LeftOut(file.intake, file.path, file.reason, out.get(file.intake)))
        for page in file.pages:
            if page.id in out or (page.id in may_go and page.state is PageState.QUARANTINED):
                at = place(CountedPage(file.path, page.index, PageFate.EXCLUDED))
                found.append(LeftOut(page.id, at, page.reason, out.get(page.id)))
    return tuple(found)


def _doubles(files: Iterable[BatchFile], ports: Ports) -> tuple[Double, ...]:
    came = [(file, file.source) for file in files if file.arrival is IntakeState.DUPLICATE and file.source is not None]
    first = ports.catalog.first_arrivals([source for _, source in came]) if came else {}
    return tuple(
        Double(file.path, *first[source], page_id(source, 0) if file.pages_in else None)
        for file, source in came
        if source in first
    )


def _skip(counts: _Counts, ports: Ports) -> Tile | None:
    """The first page that may be two sheets."""
    doubtful = [one for one in counts.pages if one[2].verdict in (Verdict.BAD, Verdict.DOUBTFUL)]
    flaws = ports.catalog.flaws([one[2].id for one in doubtful]) if doubtful else {}
    stuck = [one for one in doubtful if Flaw.DOUBLE_FEED in flaws.get(one[2].id, ())]
    return counts.tiles(stuck[:1], ports)[0] if stuck else None


@dataclass(frozen=True, slots=True)
class PageView:
    """A page of a batch by itself, with the ids of those before and behind it."""

    batch: Batch
    tile: Tile
    previous: PageId | None
    following: PageId | None


def view_page(page: PageId, ports: Ports) -> PageView:
    """A page with what is to be said of it. Raises PageNotFoundError."""
    counts = _Counts.of(ports.catalog.batch_of(page), ports)
    at = next(at for at, one in enumerate(counts.pages) if one[2].id == page)
    around = {step: counts.pages[at + step][2].id for step in (-1, 1) if 0 <= at + step < len(counts.pages)}
    (tile,) = counts.tiles([counts.pages[at]], ports)
    tile = replace(tile, may_go=tile.excluded is None and page in excludable(counts.files))
    return PageView(counts.batch, tile, around.get(-1), around.get(1))


_Numbered = tuple[int, BatchFile, BatchPage, CountedPage]


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


# ---- who may see what


def sees(batch: Batch, access: Access) -> bool:
    """Whether a batch may be seen: by those who take papers in, of their services and comuni alone."""
    comune = comune_key(batch.facts.comune) if batch.facts.comune else None
    return access.intake and access.permits(batch.facts.service, comune, Sensitivity.BASE)


def seen_batch(name: str, access: Access, ports: Ports) -> Batch:
    """The batch with this code or id.

    Raises:
        NotFoundError: there is none, or it may not be seen: which of the two is not told.
    """
    try:
        found = ports.catalog.batch(name)
    except NotFoundError:
        found = None
    if found is None or not sees(found, access):
        raise NotFoundError(
            "Non trovato, o non visibile con i tuoi permessi. / Not found, or not visible with your rights."
        )
    return found


def seen_by(snapshot: Snapshot, access: Access) -> Snapshot:
    """The board as somebody may see it."""
    rows = tuple(row for row in snapshot.rows if sees(row.batch, access))
    return replace(snapshot, rows=rows)


# ---- quarantine


@dataclass(frozen=True, slots=True)
class StoppedClass:
    """What is in quarantine for one reason: how much, and some of it, the newest first."""

    reason: Reason
    count: int
    some: tuple[Stopped, ...]


def stopped_counts(stopped: Iterable[tuple[Batch, Mapping[Reason, int]]], access: Access) -> dict[Reason, int]:
    """How much is in quarantine of the batches that somebody may see, by reason, the most first."""
    total: Counter[Reason] = Counter()
    for batch, counts in stopped:
        if sees(batch, access):
            total.update(counts)
    return dict(sorted(total.items(), key=lambda one: (-one[1], one[0])))


def quarantine(access: Access, ports: Ports, limit: int = 20, offset: int = 0) -> tuple[StoppedClass, ...]:
    """What is in quarantine of the batches that somebody may see, by reason, the largest class first.

    What was said never to come in is not told of: nobody has to do anything about it.
    """
    out = said_to_be_out(ports)
    counted = ports.catalog.count_stopped(out)
    stopped = [(batch, counted[batch.id]) for batch in ports.catalog.batches() if batch.id in counted]
    seen = [batch.id for batch, _ in stopped if sees(batch, access)]
    return tuple(
        StoppedClass(reason, count, ports.catalog.stopped(reason, seen, limit, offset, out))
        for reason, count in stopped_counts(stopped, access).items()
    )


def newest_row(snapshot: Snapshot) -> BatchRow | None:
    """The batch whose pages came last."""
    came = [(row.arrived_at, row) for row in snapshot.rows if row.arrived_at is not None]
    return max(came, key=lambda one: one[0])[1] if came else None


def first_alarm(snapshot: Snapshot) -> BatchRow | None:
    """The open batch with a sheet to be fed again, the one that came last first: its paper is still on the table."""
    red = [(row.arrived_at, row) for row in snapshot.rows if row.first_red is not None and row.arrived_at is not None]
    red = [one for one in red if one[1].batch.closed_at is None]
    return max(red, key=lambda one: one[0])[1] if red else None


def may_feed(inbox: Inbox, access: Access) -> bool:
    """Whether somebody may put files into an inbox."""
    comune = comune_key(inbox.comune) if inbox.comune else None
    return access.intake and access.permits(inbox.service, comune, Sensitivity.BASE)


def demand_own(service: str | None, comune: str | None, access: Access) -> None:
    """Nobody takes papers in for a service or a comune that they may not see.

    Raises:
        UndecidableError: they may not.
    """
    if not access.intake or not access.permits(service, comune_key(comune) if comune else None, Sensitivity.BASE):
        raise UndecidableError(
            "Il servizio o il comune non è tra quelli che puoi vedere. / "
            "The service or the comune is not among those that you may see."
        )


def retry_class(reason: Reason, access: Access, ports: Ports, agent: str, *, otherwise: bool = False) -> int:
    """Sends what is in quarantine for a reason on its way again, of the batches that somebody may see; how much.

    A file that was refused at the door is offered again without being asked. ``otherwise`` as with :func:`retry_these`.
    """
    batches = [batch.id for batch in ports.catalog.batches() if sees(batch, access)]
    stopped = ports.catalog.stopped(reason, batches, _WHOLE_CLASS, 0, said_to_be_out(ports))
    what = [one.page or one.source for one in stopped if one.source is not None]
    return retry_these(what, ports, agent, otherwise=otherwise)


def retry_own(what: Digest | PageId, access: Access, ports: Ports, agent: str, *, otherwise: bool = False) -> int:
    """Sends one file or page on its way again, if it is in quarantine and somebody may see its batch; 1 or 0."""
    if isinstance(what, Digest):
        batches = {intake.batch for intake in ports.catalog.intakes(what)}
        seen = any(sees(ports.catalog.batch(batch), access) for batch in batches)
    else:
        try:
            seen = sees(ports.catalog.batch_of(what), access)
        except PageNotFoundError:
            seen = False
    return retry_these([what], ports, agent, otherwise=otherwise) if seen else 0
