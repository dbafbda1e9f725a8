"""Batches: opened, described, counted to the unit, and closed only when they add up."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from faldone.catalog.board import BatchFile, BatchPage
from faldone.catalog.catalog import Catalog
from faldone.catalog.records import Batch, IntakeState, PageState, PrintedSheet, SourceState
from faldone.domain.attribution import Band
from faldone.domain.batch import (
    Account,
    BatchFacts,
    CountedPage,
    Despite,
    Exclusion,
    Gap,
    PageFate,
    Shortfall,
    by_gap,
    shortfalls,
)
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import IntakeId, PageId
from faldone.domain.look import Separator
from faldone.domain.names import goes_by, shown
from faldone.domain.verdict import Verdict
from faldone.errors import BatchGapsError, ConfigError, NotFoundError, UndecidableError
from faldone.pipeline.ports import Ports

_AT_ONCE = 1_000
_FATES = {Band.AUTO: PageFate.FILED, Band.REVIEW: PageFate.REVIEW, Band.HOLD: PageFate.HELD}


class Judgement(StrEnum):
    """What a person says of a page whose scan is bad: it will do, or its sheet went through the scanner once more."""

    AS_IS = "as-is"
    FED_AGAIN = "fed-again"


@dataclass(frozen=True, slots=True)
class BatchReport:
    """A batch with its count, and what stands against closing it; ``judged`` are bad scans of which a person spoke.

    ``excluded`` are the pages and files that never come in; ``despite`` is why it was closed although it had gaps.
    """

    batch: Batch
    account: Account
    shortfalls: tuple[Shortfall, ...]
    judged: Mapping[PageId, Judgement] = field(default_factory=dict)
    excluded: Mapping[PageId | IntakeId, Exclusion] = field(default_factory=dict)
    despite: Despite | None = None

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
        ConfigError: its service is not known, or the batch is closed.
    """
    _demand_known_service(facts, ports)
    with ports.catalog.begin() as work:
        _demand_open(ports.catalog.batch(batch.id))
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
        ConfigError: it is closed.
        UndecidableError: the reason is that its pages were looked at, and files of it were rejected.
    """
    with ports.catalog.begin() as work:
        # Counted behind the one writer's door: what is excluded, described or closed meanwhile waits, or is told.
        batch = ports.catalog.batch(batch.id)
        _demand_open(batch)
        report = count_batch(batch, ports)
        underway = report.account.underway or report.account.count(PageFate.UNDERWAY)
        if report.shortfalls and (despite is None or underway):
            raise BatchGapsError(
                f"Il lotto «{batch.code}» non si chiude: quel che non torna è a rapporto ({len(report.shortfalls)}). / "
                f"Batch “{batch.code}” does not close: the report says what does not add up "
                f"({len(report.shortfalls)}).",
                hint=f"faldone batch report {batch.code}",
            )
        if despite is Despite.LOOKED_AT and any(one.gap is Gap.FILE_REJECTED for one in report.shortfalls):
            raise UndecidableError(
                "«Le pagine sono state guardate» non vale per file rifiutati, che nessuno ha visto: escludili, "
                "o scegli un altro motivo. / “The pages were looked at” does not go for rejected files, which nobody "
                "saw: exclude them, or choose another reason."
            )
        closed = work.close_batch(batch.id, ports.clock())
        detail: dict[str, str | int | None] = {fate.value: report.account.count(fate) for fate in PageFate}
        detail |= {"files_rejected": len(report.account.rejected), "files_excluded": len(report.account.excluded)}
        kinds = " ".join(f"{gap.value}:{len(where)}" for gap, where in by_gap(report.shortfalls).items())
        because = despite if report.shortfalls else None  # what adds up is closed for no reason
        detail |= {"gaps": len(report.shortfalls), "kinds": kinds, "despite": because.value if because else None}
        work.record(_event(EventType.BATCH_CLOSED, closed, ports, agent, detail, warning=bool(report.shortfalls)))
    return replace(report, batch=closed, despite=because)


def judge_page(page: PageId, judgement: Judgement | None, ports: Ports, agent: str) -> Batch:
    """Puts on record what a person says of a bad scan, or takes it back; the batch that the page is of.

    Raises:
        PageNotFoundError: there is no such page.
        ConfigError: its batch is closed.
        UndecidableError: its scan is not bad, or does not even open.
    """
    with ports.catalog.begin() as work:
        batch, found = ports.catalog.batch_of(page), ports.catalog.page(page)
        _demand_open(batch)
        if found.verdict is not Verdict.BAD or found.state is PageState.QUARANTINED:
            raise UndecidableError("Questa pagina non è da rifare. / This page is none to be scanned again.")
        if judged_pages([page], ports).get(page) is not judgement:
            judged, now = judgement.value if judgement is not None else None, ports.clock()
            work.record(Event(EventType.PAGE_JUDGED, page, now, agent, detail={"batch": batch.id, "judged": judged}))
    return batch


def exclude(batch: Batch, what: PageId | IntakeId, because: Exclusion | None, ports: Ports, agent: str) -> None:
    """Puts on record that a page or a file of a batch never comes in, or takes it back.

    Nothing is deleted and no text leaves a document by it: what is excluded is a page that gives none to a document,
    or a file of which no page could be had.

    Raises:
        NotFoundError: nothing in the batch has this id.
        ConfigError: the batch is closed.
        UndecidableError: it came in, or is still under way.
    """
    with ports.catalog.begin() as work:
        # Read behind the one writer's door: of two who speak at once the second is told.
        _demand_open(ports.catalog.batch(batch.id))
        files = ports.catalog.batch_contents(batch.id)
        if what not in {file.intake for file in files} | {page.id for file in files for page in file.pages}:
            raise NotFoundError(f"Nel lotto «{batch.code}» non c'è {what}. / Batch “{batch.code}” has no {what}.")
        if because is not None and what not in excludable(files):
            raise UndecidableError(
                "Si esclude solo quel che non è entrato: una pagina di un documento prima si dice bianca in "
                "«Da rivedere». / "
                "Only what did not come in is excluded: of a page of a document it is first said in review that it is "
                "blank."
            )
        if said_to_be_out(ports, batch).get(what) is because:
            return
        work.record(
            Event(
                EventType.PAGE_EXCLUDED if what.startswith("p-") else EventType.FILE_EXCLUDED,
                what,
                ports.clock(),
                agent,
                detail={"batch": batch.id, "because": because.value if because is not None else None},
            )
        )


def find_batch(typed: str, ports: Ports) -> Batch:
    """The batch of this id or code; a code that is no plain line may be given as it is printed.

    Raises:
        NotFoundError: there is none.
    """
    try:
        return ports.catalog.batch(shown(typed))
    except NotFoundError:
        for batch in ports.catalog.batches():
            if goes_by(batch.code, typed):
                return batch
        raise


def find_in_batch(batch: Batch, path: str, index: int | None, ports: Ports) -> PageId | IntakeId:
    """What a batch has under this name, as it is or as it is printed: a file, or its page of this 0-based index.

    Of several arrivals of the name it is the one that did not come in, if one did not.

    Raises:
        NotFoundError: there is no such file or page in it.
    """
    files = [file for file in ports.catalog.batch_contents(batch.id) if goes_by(file.path, path)]
    if index is None:
        found: list[PageId | IntakeId] = [file.intake for file in files]
    else:
        found = [page.id for file in files for page in file.pages if page.index == index]
    out = excludable(files)
    for one in sorted(found, key=lambda one: one not in out):
        return one
    page = f", pagina {index + 1}" if index is not None else ""
    raise NotFoundError(f"Nel lotto «{batch.code}» non c'è {path}{page}. / Batch “{batch.code}” has no {path}{page}.")


def excludable(files: Iterable[BatchFile]) -> frozenset[PageId | IntakeId]:
    """What of a batch did not come in: files of which no page could be had, and pages without a text in a document."""
    found: set[PageId | IntakeId] = set()
    for file in _without_resent(files):
        if file.state in (None, SourceState.QUARANTINED):
            found.add(file.intake)
        elif file.arrival is not IntakeState.DUPLICATE:
            filed, settled = _filed(file), file.state is SourceState.PROPOSED
            fates = ((page, _fate(page, filed, settled=settled)) for page in file.pages)
            # A page in two documents has no fate either, but its text is in both.
            found.update(page.id for page, fate in fates if fate in _NOT_IN and filed.get(page.index) is not fate)
    return frozenset(found)


def _without_resent(files: Iterable[BatchFile]) -> Iterator[BatchFile]:
    """The files but for broken ones that were put there again under their own names: no second file to be explained."""
    seen: set[tuple[str, Digest | None]] = set()
    for file in files:
        which = file.path, file.source
        resent = file.arrival is IntakeState.DUPLICATE and file.state is SourceState.QUARANTINED and which in seen
        seen.add(which)
        if not resent:
            yield file


_NOT_IN = frozenset({PageFate.REJECTED, PageFate.BLANK, PageFate.SEPARATOR, PageFate.UNACCOUNTED})


def said_to_be_out(ports: Ports, batch: Batch | None = None) -> dict[str, Exclusion]:
    """What people said never to come in, in a batch or in all, as the ledger has it: the last word on each."""
    said: dict[str, str | None] = {}
    after, kinds = 0, {EventType.PAGE_EXCLUDED, EventType.FILE_EXCLUDED}
    since = batch.opened_at if batch is not None else None
    while some := ports.catalog.events_of(kinds, since=since, after=after, limit=_AT_ONCE):
        for entry in some:
            detail = json.loads(entry.record.detail)
            if batch is None or detail.get("batch") == batch.id:
                said[entry.record.subject] = detail.get("because")
        after = some[-1].sequence
    return {what: Exclusion(because) for what, because in said.items() if because is not None}


def _despite_of(batch: Batch, ports: Ports) -> Despite | None:
    """Why a batch was closed although it had gaps."""
    for entry in reversed(ports.catalog.events_of({EventType.BATCH_CLOSED}, subjects=[batch.id])):
        because = json.loads(entry.record.detail).get("despite")
        return Despite(because) if because is not None else None
    return None


def _demand_open(batch: Batch) -> None:
    if batch.closed_at is not None:
        raise ConfigError("Il lotto è chiuso. / The batch is closed.")


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
    said = said_to_be_out(ports, batch)
    # What came in after all, because it was tried again, is counted as what it is now.
    out = {what: said[what] for what in excludable(files) if what in said} if said else {}
    pages: list[CountedPage] = []
    rejected: list[str] = []
    excluded: list[tuple[str, Exclusion]] = []
    underway: list[str] = []
    for file in _without_resent(files):
        if file.intake in out:
            excluded.append((file.path, out[file.intake]))
        elif file.state in (None, SourceState.QUARANTINED):
            # Also of bytes that came before: all empty files are alike, and each was to be a sheet of its own.
            rejected.append(file.path)
        elif file.state is SourceState.SEALED:
            underway.append(file.path)
        elif file.arrival is IntakeState.DUPLICATE:
            # The pages of a file that came before are counted where it came first, and named here.
            pages += [CountedPage(file.path, index, PageFate.DUPLICATE) for index in range(file.pages_in or 0)]
        else:
            pages += page_fates(file, batch, judged, out)
    missing = tuple(_missing(batch, ports.catalog))
    account = Account(tuple(pages), tuple(rejected), tuple(underway), missing, tuple(excluded))
    despite = _despite_of(batch, ports) if batch.closed_at is not None else None
    return BatchReport(batch, account, shortfalls(account, batch.facts), judged, out, despite)


def page_fates(
    file: BatchFile,
    batch: Batch,
    judged: Mapping[PageId, Judgement],
    out: Mapping[PageId | IntakeId, Exclusion],
) -> tuple[CountedPage, ...]:
    """What became of each page of a file; a bad scan of which a person spoke counts as any other page."""
    return tuple(_fates(file, batch, judged, out))


def _fates(
    file: BatchFile,
    batch: Batch,
    judged: Mapping[PageId, Judgement],
    out: Mapping[PageId | IntakeId, Exclusion],
) -> Iterator[CountedPage]:
    filed = _filed(file)
    for page in file.pages:
        if page.id in out:
            yield CountedPage(file.path, page.index, PageFate.EXCLUDED, excluded=out[page.id])
            continue
        fate = _fate(page, filed, settled=file.state is SourceState.PROPOSED)
        doubtful = page.mark is not None and page.mark.separator is Separator.DOUBTFUL
        bad = page.verdict is Verdict.BAD and fate is not PageFate.REJECTED and page.id not in judged
        elsewhere = page.printed_for not in (None, batch.id)
        yield CountedPage(file.path, page.index, fate, bad, doubtful, elsewhere)


def _filed(file: BatchFile) -> dict[int, PageFate]:
    filed: dict[int, PageFate] = {}
    for span, band in file.documents:
        for index in span:
            # A page in two documents is as wrong as one in none.
            filed[index] = PageFate.UNACCOUNTED if index in filed else _FATES[band]
    return filed


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
