"""Batches: opened, described, counted to the unit, and closed only when they add up."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from faldone.catalog.board import BatchFile, BatchPage
from faldone.catalog.catalog import Batch, Catalog, IntakeState, PageState, PrintedSheet, SourceState
from faldone.domain.attribution import Band
from faldone.domain.batch import Account, BatchFacts, CountedPage, Despite, PageFate, Shortfall, shortfalls
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import PageId
from faldone.domain.look import Separator
from faldone.domain.verdict import Verdict
from faldone.errors import BatchGapsError, ConfigError, UndecidableError
from faldone.pipeline.ports import Ports

_AT_ONCE = 1_000
_FATES = {Band.AUTO: PageFate.FILED, Band.REVIEW: PageFate.REVIEW, Band.HOLD: PageFate.HELD}


class Judgement(StrEnum):
    """What a person says of a page whose scan is bad: it will do, or its sheet went through the scanner once more."""

    AS_IS = "as-is"
    FED_AGAIN = "fed-again"


@dataclass(frozen=True, slots=True)
class BatchReport:
    """A batch with its count, and what stands against closing it; ``judged`` are bad scans of which a person spoke."""

    batch: Batch
    account: Account
    shortfalls: tuple[Shortfall, ...]
    judged: Mapping[PageId, Judgement] = field(default_factory=dict)

    def count_judged(self, judgement: Judgement) -> int:
        """Of how many pages this was said."""
        return sum(one is judgement for one in self.judged.values())


def open_batch(code: str, inbox: str, facts: BatchFacts, ports: Ports, agent: str = AGENT) -> Batch:
    """Opens a batch by hand: until it is closed, loose files of the inbox (of any, when empty) belong to it.

    Raises:
        ConfigError: there is a batch with this code, the code is none, or another open batch takes those files.
    """
    if not code.strip() or not code.isprintable() or "/" in code or code.startswith("."):
        raise ConfigError(
            f"«{code}» non può essere il codice di un lotto. / “{code}” cannot be the code of a batch.",
            hint="Lettere, cifre, trattini. / Letters, digits, dashes.",
        )
    _demand_known_service(facts, ports)
    for other in ports.catalog.batches():
        if other.by_hand and other.closed_at is None and (not inbox or not other.inbox or inbox == other.inbox):
            raise ConfigError(
                f"È aperto il lotto «{other.code}», che prende gli stessi file. / "
                f"Batch “{other.code}” is open and takes the same files.",
                hint=f"faldone batch close {other.code}",
            )
    with ports.catalog.begin() as work:
        batch = work.open_batch(code, inbox, facts, ports.clock())
        work.record(_event(EventType.BATCH_OPENED, batch, ports, agent))
    return batch


def describe_batch(
    batch: Batch, facts: BatchFacts, ports: Ports, agent: str = AGENT, because: Despite | None = None
) -> Batch:
    """Puts on record what is said of a batch, in the place of what was said before.

    ``because`` says why another number of sheets is declared than before.

    Raises:
        ConfigError: its service is not known.
    """
    _demand_known_service(facts, ports)
    with ports.catalog.begin() as work:
        described = work.describe_batch(batch.id, facts)
        if because is None:
            work.record(_event(EventType.BATCH_DESCRIBED, described, ports, agent))
        else:
            detail = {"declared": facts.sheets, "because": because.value}
            work.record(_event(EventType.BATCH_RECOUNTED, described, ports, agent, detail))
    return described


def _demand_known_service(facts: BatchFacts, ports: Ports) -> None:
    if facts.service is not None and facts.service not in ports.lexicon.services:
        raise ConfigError(
            f"Nessun servizio ha il codice «{facts.service}». / No service has the code “{facts.service}”.",
            hint="faldone services list",
        )


def close_batch(batch: Batch, despite: Despite | None, ports: Ports, agent: str = AGENT) -> BatchReport:
    """Closes a batch that adds up, or one that does not for a reason that goes on record.

    Raises:
        BatchGapsError: something stands against it, and no reason was given. Work under way is no matter of reasons.
    """
    report = count_batch(batch, ports)
    underway = report.account.underway or report.account.count(PageFate.UNDERWAY)
    if report.shortfalls and (despite is None or underway):
        raise BatchGapsError(
            f"Il lotto «{batch.code}» non si chiude: quel che non torna è a rapporto ({len(report.shortfalls)}). / "
            f"Batch “{batch.code}” does not close: the report says what does not add up ({len(report.shortfalls)}).",
            hint=f"faldone batch report {batch.code}",
        )
    with ports.catalog.begin() as work:
        closed = work.close_batch(batch.id, ports.clock())
        detail: dict[str, str | int | None] = {fate.value: report.account.count(fate) for fate in PageFate}
        detail |= {"gaps": len(report.shortfalls), "despite": despite.value if despite else None}
        work.record(_event(EventType.BATCH_CLOSED, closed, ports, agent, detail, warning=bool(report.shortfalls)))
    return BatchReport(closed, report.account, report.shortfalls, report.judged)


def judge_page(page: PageId, judgement: Judgement | None, ports: Ports, agent: str) -> Batch:
    """Puts on record what a person says of a bad scan, or takes it back; the batch that the page is of.

    Raises:
        PageNotFoundError: there is no such page.
        ConfigError: its batch is closed.
        UndecidableError: its scan is not bad, or does not even open.
    """
    batch, found = ports.catalog.batch_of(page), ports.catalog.page(page)
    if batch.closed_at is not None:
        raise ConfigError("Il lotto è chiuso. / The batch is closed.")
    if found.verdict is not Verdict.BAD or found.state is PageState.QUARANTINED:
        raise UndecidableError("Questa pagina non è da rifare. / This page is none to be scanned again.")
    if judged_pages([page], ports).get(page) is not judgement:
        judged = judgement.value if judgement is not None else None
        now = ports.clock()
        with ports.catalog.begin() as work:
            work.record(Event(EventType.PAGE_JUDGED, page, now, agent, detail={"batch": batch.id, "judged": judged}))
    return batch


def judged_pages(pages: Collection[PageId], ports: Ports) -> dict[PageId, Judgement]:
    """What people said of these bad scans, as the ledger has it: the last word on each."""
    said: dict[PageId, Judgement | None] = {}
    after = 0
    while some := ports.catalog.events_of({EventType.PAGE_JUDGED}, subjects=pages, after=after, limit=_AT_ONCE):
        for entry in some:
            judged = json.loads(entry.record.detail).get("judged")
            said[PageId(entry.record.subject)] = Judgement(judged) if judged is not None else None
        after = some[-1].sequence
    return {page: judgement for page, judgement in said.items() if judgement is not None}


def count_batch(batch: Batch, ports: Ports) -> BatchReport:
    """Counts a batch: every page that came in, and what became of it, from the rows of the catalog as they are."""
    return count_files(batch, ports.catalog.batch_contents(batch.id), ports)


def count_files(batch: Batch, files: Sequence[BatchFile], ports: Ports) -> BatchReport:
    """The count of a batch whose files are at hand."""
    came = (file for file in files if file.arrival is not IntakeState.DUPLICATE)
    red = [page.id for file in came for page in file.pages if page.verdict is Verdict.BAD]
    judged = judged_pages(red, ports) if red else {}
    pages: list[CountedPage] = []
    rejected: list[str] = []
    underway: list[str] = []
    for file in files:
        if file.arrival is IntakeState.DUPLICATE:
            # The pages of a file that came before are counted where it came first, and named here.
            pages += [CountedPage(file.path, index, PageFate.DUPLICATE) for index in range(file.pages_in or 0)]
        elif file.state in (None, SourceState.QUARANTINED):
            rejected.append(file.path)
        elif file.state is SourceState.SEALED:
            underway.append(file.path)
        else:
            pages += page_fates(file, batch, judged)
    account = Account(tuple(pages), tuple(rejected), tuple(underway), tuple(_missing(batch, ports.catalog)))
    return BatchReport(batch, account, shortfalls(account, batch.facts), judged)


def page_fates(file: BatchFile, batch: Batch, judged: Mapping[PageId, Judgement]) -> tuple[CountedPage, ...]:
    """What became of each page of a file; a bad scan of which a person spoke counts as any other page."""
    return tuple(_fates(file, batch, judged))


def _fates(file: BatchFile, batch: Batch, judged: Mapping[PageId, Judgement]) -> Iterator[CountedPage]:
    filed: dict[int, PageFate] = {}
    for span, band in file.documents:
        for index in span:
            # A page in two documents is as wrong as one in none.
            filed[index] = PageFate.UNACCOUNTED if index in filed else _FATES[band]
    for page in file.pages:
        fate = _fate(page, filed, settled=file.state is SourceState.PROPOSED)
        doubtful = page.mark is not None and page.mark.separator is Separator.DOUBTFUL
        bad = page.verdict is Verdict.BAD and fate is not PageFate.REJECTED and page.id not in judged
        elsewhere = page.printed_for not in (None, batch.id)
        yield CountedPage(file.path, page.index, fate, bad, doubtful, elsewhere)


def _fate(page: BatchPage, filed: Mapping[int, PageFate], *, settled: bool) -> PageFate:
    if page.state in (PageState.PENDING, PageState.CHECKED):
        return PageFate.UNDERWAY
    if page.state is PageState.QUARANTINED:
        return PageFate.REJECTED
    if page.mark is not None and page.mark.separator is not Separator.DOUBTFUL:
        return PageFate.SEPARATOR if page.index not in filed else PageFate.UNACCOUNTED
    if page.blank:
        return PageFate.BLANK
    if not settled:
        return PageFate.UNDERWAY
    return filed.get(page.index, PageFate.UNACCOUNTED)


def _missing(batch: Batch, catalog: Catalog) -> Iterator[str]:
    """Printed sheets that should be here: those made for this batch, and those between two that came."""
    runs: dict[str, list[PrintedSheet]] = {}
    for printed in catalog.batch_sheets(batch.id):
        runs.setdefault(printed.sheet.run, []).append(printed)
    for sheets in runs.values():
        came = [one.sheet.number for one in sheets if one.page is not None]
        for one in sheets:
            due = one.batch == batch.id or (came and min(came) < one.sheet.number < max(came))
            if one.page is None and due:
                yield f"{one.sheet.number} di {one.sheet.of} ({one.sheet.token})"


def _event(
    kind: EventType,
    batch: Batch,
    ports: Ports,
    agent: str,
    detail: Mapping[str, str | int | None] | None = None,
    *,
    warning: bool = False,
) -> Event:
    outcome = Outcome.WARNING if warning else Outcome.SUCCESS
    engine = ports.engine.stamp(ports.options.ocr)
    said = {"standing": str(batch.digest), "software": f"{engine.name}/{engine.version}"} | dict(detail or {})
    return Event(kind, batch.id, ports.clock(), agent, outcome, said)
