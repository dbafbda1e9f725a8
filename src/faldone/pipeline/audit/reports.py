"""The auditor's reports as tables: accesses, a story, a batch's count, a verification. They hold ids, not names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from faldone.domain.batch import PageFate
from faldone.errors import UndecidableError
from faldone.pipeline.audit.access_report import AccessQuestion, AccessRow, access_rows
from faldone.pipeline.audit.event_names import event_name
from faldone.pipeline.audit.report_files import Column, Report
from faldone.pipeline.audit.shown import SHOWN, Shown
from faldone.pipeline.audit.story import Line
from faldone.pipeline.audit.telling.looks import refusal_words
from faldone.pipeline.audit.telling.words import Pair, number, purpose_words
from faldone.pipeline.audit.verification import NOT_RECORDED, Verification
from faldone.pipeline.intake.batches import BatchReport
from faldone.pipeline.intake.words import FATES
from faldone.pipeline.ports import Ports

MOST_ROWS: Final = 20_000
"""More than that nobody reads on paper, and a narrower question is asked instead."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language that a report is written in."""

    english: bool = False

    def __call__(self, pair: tuple[str, str]) -> str:
        """The half of a pair."""
        return pair[self.english]


def access_report(question: AccessQuestion, ports: Ports, say: Tongue) -> Report:
    """Who saw what and why, as a table.

    Raises:
        UndecidableError: there are too many rows for one report.
    """
    rows = tuple(islice(access_rows(question, ports), MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        most = number(MOST_ROWS)
        raise UndecidableError(
            f"Più di {most.italian} righe: restringi il periodo. / More than {most.english} rows: narrow the period."
        )
    columns = (
        Column(say(("evento", "event")), 0.7),
        Column(say(("quando (UTC)", "when (UTC)")), 1.5),
        Column(say(("operatore", "operator")), 1.3),
        Column(say(("che cosa", "what")), 1.6),
        Column(say(("documento", "document")), 1.3),
        Column(say(("pagina del file", "page of the file")), 0.8),
        Column(say(("persona", "person")), 1.3),
        Column(say(("oggetto", "subject")), 1.6),
        Column(say(("vista", "seen")), 1.3),
        Column(say(("motivo", "purpose")), 1.3),
        Column(say(("esito", "outcome")), 1.3),
    )
    title = say(("Chi ha visto che cosa, e perché", "Who saw what, and why"))
    name = "accessi" if question.thumbnails else "accessi-senza-miniature"
    return Report(name, title, tuple(_asked(question, say)), columns, tuple(_access_cells(row, say) for row in rows))


def _access_cells(row: AccessRow, say: Tongue) -> tuple[str, ...]:
    return (
        str(row.sequence),
        utc(row.at),
        row.account,
        say(event_name(row.type)) + (f" ({say(MINIATURE)})" if row.thumbnail else ""),
        row.document or "",
        str(row.page) if row.page is not None else "",
        row.person or "",
        row.subject,
        _shown(row.shown, say),
        say(purpose_words(row.purpose)) if row.purpose is not None else "",
        _ended(row, say),
    )


def _shown(shown: Shown | None, say: Tongue) -> str:
    return say(SHOWN[shown]) if shown is not None else ""


def _ended(row: AccessRow, say: Tongue) -> str:
    if row.rule is not None:
        return f"{say(('rifiutato', 'refused'))}: {say(refusal_words(row.rule))}"
    return say(OUTCOMES.get(row.outcome, Pair(row.outcome, row.outcome)))


MINIATURE: Final = Pair("miniatura", "thumbnail")
"""What is said of a delivery of a small picture."""

OUTCOMES: Final[dict[str, Pair]] = {
    "success": Pair("riuscito", "done"),
    "warning": Pair("da guardare", "to look at"),
    "failure": Pair("non riuscito", "not done"),
}


def _asked(question: AccessQuestion, say: Tongue) -> Iterable[str]:
    """The question in words, a line each."""
    for words, value in (
        (("persona", "person"), question.person),
        (("documento", "document"), question.document),
        (("operatore", "operator"), question.account),
        (("dal (UTC)", "from (UTC)"), utc(question.since)),
        (("fino a prima di (UTC)", "to before (UTC)"), utc(question.until)),
        (("motivo", "purpose"), say(purpose_words(question.purpose.value)) if question.purpose is not None else None),
    ):
        if value:
            yield f"{say(words)}: {value}"
    yield say(WITH_THUMBNAILS if question.thumbnails else WITHOUT_THUMBNAILS)


WITH_THUMBNAILS: Final = Pair("anche le miniature mandate", "with the thumbnails that were sent")
WITHOUT_THUMBNAILS: Final = Pair("senza le miniature mandate", "without the thumbnails that were sent")


def story_report(name: str, title: str, lines: Iterable[Line], say: Tongue) -> Report:
    """The story of a thing as a table; ``name`` and ``title`` hold ids alone."""
    columns = (
        Column(say(("evento", "event")), 0.5),
        Column(say(("quando (UTC)", "when (UTC)")), 1.1),
        Column(say(("chi", "who")), 1.0),
        Column(say(("che cosa", "what")), 4.0),
        Column(say(("vista", "seen")), 0.7),
        Column(say(("impronta", "digest")), 2.6),
    )
    rows = tuple(
        (
            str(line.sequence),
            utc(line.at),
            say(line.agent),
            say(line.sentence),
            _shown(line.shown, say),
            line.proof or "",
        )
        for line in lines
    )
    return Report(name, title, (), columns, rows)


def batch_report(counted: BatchReport, say: Tongue, *, places: bool) -> Report:
    """A batch counted to the unit, and what does not add up.

    ``places`` names the files and pages of what does not: names of files may be those of persons.
    """
    batch, account = counted.batch, counted.account
    rows = [(say(("pagine", "pages")), say(FATES[fate]), str(account.count(fate))) for fate in PageFate]
    rows.append((say(("pagine", "pages")), say(("in tutto", "in all")), str(len(account.pages))))
    rows.append((say(("file", "files")), say(("rifiutati", "rejected")), str(len(account.rejected))))
    rows.append((say(("fogli stampati", "printed sheets")), say(("mancanti", "missing")), str(len(account.missing))))
    if places:
        rows += [(say(GAP), say((one.gap.italian, one.gap.english)), one.where) for one in counted.shortfalls]
    else:
        gaps = {one.gap for one in counted.shortfalls}
        for gap in sorted(gaps, key=lambda one: one.value):
            count = sum(one.gap is gap for one in counted.shortfalls)
            rows.append((say(GAP), say((gap.italian, gap.english)), str(count)))
    columns = (
        Column(say(("voce", "item")), 1.0),
        Column(say(("che cosa", "what")), 4.0),
        Column(say(("quanti o dove", "how many or where")), 2.5),
    )
    state = say(("chiuso", "closed")) if batch.closed_at is not None else say(("aperto", "open"))
    return Report(f"lotto-{batch.id}", f"{say(('Lotto', 'Batch'))} {batch.code}", (state,), columns, tuple(rows))


GAP: Final = Pair("non torna", "does not add up")


def verification_report(made: Verification, say: Tongue) -> Report:
    """What a verification found, in full."""
    columns = (Column(say(("oggetto", "object")), 2.0), Column(say(("che cosa non torna", "what is wrong")), 4.0))
    rows = tuple((one.object, say((one.italian, one.english))) for one in made.report.findings)
    files = number(made.report.files)
    asked: tuple[str, ...] = (
        say(made.sentence),
        f"{say(('file sigillati riletti', 'sealed files read again'))}: {say(files)}",
        f"{say(('testa del registro', 'head of the ledger'))}: {made.report.head}",
        f"{say(('dal (UTC)', 'from (UTC)'))}: {utc(made.begun_at)} - {utc(made.ended_at)}",
    )
    if not made.recorded:
        asked = (*asked, say(NOT_RECORDED))
    return Report("verifica", say(("Verifica dell'archivio", "Verification of the archive")), asked, columns, rows)


def utc(moment: dt.datetime | None) -> str:
    """A time as reports write it."""
    return f"{moment.astimezone(dt.UTC):%d/%m/%Y %H:%M:%S}" if moment is not None else ""
