"""The office in figures: what is in the archive, how the work goes, how right the machine is. Nobody can be told apart.

Counts are over the whole archive, whoever asks: a small cell is withheld from everybody (:mod:`domain.statistics`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from faldone.catalog.records import Progress
from faldone.classify.measure import Judged, Share, share
from faldone.domain.access import EVERYTHING
from faldone.domain.attribution import Band
from faldone.domain.events import EventType, user_agent
from faldone.domain.statistics import CountTable, count_table
from faldone.domain.verdict import Verdict
from faldone.pipeline.filing.evaluate import ASKED_BLIND, agrees, judge_decisions
from faldone.pipeline.ports import Ports
from faldone.search.document import Field
from faldone.search.index import Bucket, Facet
from faldone.search.query import Query

_DAYS = 30
_AT_ONCE = 1_000


class Theme(StrEnum):
    """By what documents are counted."""

    SERVICE = "servizio"
    TYPE = "tipo"
    YEAR = "anno"
    COMUNE = "comune"
    SUB_AMBITO = "sub-ambito"


_FACETS: Mapping[Theme, Facet] = {
    Theme.SERVICE: Facet.SERVICE,
    Theme.TYPE: Facet.TYPE,
    Theme.YEAR: Facet.YEAR,
    Theme.COMUNE: Facet.COMUNE,
    Theme.SUB_AMBITO: Facet.COMUNE,
}

NOT_SAID = "non noto"
"""The row of documents of which this is not known."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which documents are counted: those of a service and of the years from … to, where these are given."""

    service: str | None = None
    first_year: int | None = None
    last_year: int | None = None

    def query(self) -> Query:
        """The same as a question to the index."""
        return Query(
            limit=0,
            only=((Field.SERVICE, (self.service.lower(),)),) if self.service else (),
            date_from=dt.date(self.first_year, 1, 1) if self.first_year else None,
            date_to=dt.date(self.last_year, 12, 31) if self.last_year else None,
        )


@dataclass(frozen=True, slots=True)
class Work:
    """How the work goes: what waits, and for each of the last days what was read and decided."""

    progress: Progress
    waiting: int
    days: tuple[dt.date, ...]
    pages_read: tuple[int, ...]
    files_taken: tuple[int, ...]
    decisions: tuple[int, ...]
    verdicts: Mapping[Verdict | None, int]

    @property
    def backlog_days(self) -> float | None:
        """In how many working days what waits is decided at the pace of these days; None without any decision."""
        worked = [count for count in self.decisions if count]
        return self.waiting / (sum(worked) / len(worked)) if worked else None


@dataclass(frozen=True, slots=True)
class Rightness:
    """How often what the machine proposed for a band was confirmed by people, field by field.

    ``blind`` are the re-checks alone, drawn by lot, of which the error rate holds for all that files itself; ``agreed``
    is how often they were answered at once as the archive has it.
    """

    band: Band
    fields: Mapping[str, Share]
    blind: bool = False
    agreed: Share | None = None


def documents_by(
    rows: Theme, columns: Theme, within: Narrowed, sub_ambiti: Mapping[str, frozenset[str]], ports: Ports
) -> CountTable:
    """How many documents there are, by two things, in a form that may be shown.

    Args:
        rows: what makes a row.
        columns: what makes a column.
        within: which documents are counted.
        sub_ambiti: the comuni of each part of the district, folded.
        ports: the archive.

    Raises:
        IndexUnavailableError: the index does not answer, or has to be rebuilt.
    """
    whole = within.query()
    row_counts, _ = _grouped(rows, whole, sub_ambiti, ports)
    column_counts, _ = _grouped(columns, whole, sub_ambiti, ports)
    names = sorted(column_counts) if columns is Theme.YEAR else list(column_counts)
    lines: dict[str, Mapping[str, int]] = {}
    for name, values in _values(rows, row_counts, sub_ambiti, whole, ports).items():
        narrowed = Query(
            limit=0,
            only=(*whole.only, (Field(_FACETS[rows].value), values)),
            date_from=whole.date_from,
            date_to=whole.date_to,
        )
        lines[name], _ = _grouped(columns, narrowed, sub_ambiti, ports)
    columns_all = [*(name for name in names if name != NOT_SAID), NOT_SAID]
    unknown = {
        name: column_counts.get(name, 0) - sum(line.get(name, 0) for line in lines.values()) for name in columns_all
    }
    if any(unknown.values()):
        lines[NOT_SAID] = unknown
    ordered = sorted(lines) if rows is Theme.YEAR else list(lines)
    if not column_counts.get(NOT_SAID):
        columns_all.remove(NOT_SAID)
    return count_table(ordered, columns_all, [[lines[name].get(one, 0) for one in columns_all] for name in ordered])


def work(ports: Ports) -> Work:
    """How the work goes."""
    today = ports.clock().date()
    days = tuple(today - dt.timedelta(days=back) for back in reversed(range(_DAYS)))
    since = dt.datetime.combine(days[0], dt.time(), dt.UTC)
    kinds = (EventType.PAGE_RECOGNISED, EventType.FILE_SEALED, EventType.DOCUMENT_DECIDED)
    by_people = _said_of_readings(since, ports)  # before the rest, which then holds all of them
    counts = ports.catalog.events_a_day(kinds, since)
    pages, files, decisions = (tuple(counts.get(kind, {}).get(day, 0) for day in days) for kind in kinds)
    return Work(
        progress=ports.catalog.progress(),
        waiting=ports.catalog.count_waiting(),
        days=days,
        pages_read=tuple(count - by_people[day] for count, day in zip(pages, days, strict=True)),
        files_taken=files,
        decisions=decisions,
        verdicts=ports.catalog.pages_by_verdict(),
    )


def _said_of_readings(since: dt.datetime, ports: Ports) -> Counter[dt.date]:
    """How often on each day a person said what stands on a page: on record as a reading, and no page was read."""
    kinds, said = {EventType.PAGE_RECOGNISED}, Counter[dt.date]()
    for agent, _ in ports.catalog.count_events(kinds, since):
        if not agent.startswith(user_agent("")):
            continue
        after = 0
        while some := ports.catalog.events_of(kinds, agent=agent, since=since, after=after, limit=_AT_ONCE):
            said.update(dt.datetime.fromisoformat(one.record.at).date() for one in some)
            after = some[-1].sequence
    return said


def rightness(ports: Ports) -> tuple[Rightness, ...]:
    """How right the machine was, on the papers that people confirmed: the office's own sample; then on re-checks."""
    judged = judge_decisions(ports).judged
    made = [
        Rightness(band, _by_field([one for one in judged if one.band is band], (*ASKED_BLIND, "date")))
        for band in Band
        if any(one.band is band for one in judged)
    ]
    rechecks = {one.document: agrees(one) for one in ports.catalog.standing_decisions() if one.blind is not None}
    if rechecks:
        agreed = Share(sum(rechecks.values()), len(rechecks))
        again = [one for one in judged if one.file in rechecks]
        made.append(Rightness(Band.AUTO, _by_field(again, ASKED_BLIND), blind=True, agreed=agreed))
    return tuple(made)


def _by_field(judged: Sequence[Judged], names: Sequence[str]) -> dict[str, Share]:
    return {
        name: share(
            (one for one in judged if name in one.right),
            lambda one, name=name: one.right[name],  # type: ignore[misc]
        )
        for name in names
    }


def _grouped(
    theme: Theme, query: Query, sub_ambiti: Mapping[str, frozenset[str]], ports: Ports
) -> tuple[dict[str, int], int]:
    """Counts by what people call it, the most frequent first; what is not known under :data:`NOT_SAID`."""
    facet = _FACETS[theme]
    hits = ports.index.search(query, EVERYTHING, (facet,))
    buckets = hits.facets.get(facet, ())
    counts: dict[str, int] = {}
    for bucket in buckets:
        name = _name(theme, bucket, sub_ambiti, ports)
        counts[name] = counts.get(name, 0) + bucket.count
    rest = hits.total - sum(bucket.count for bucket in buckets)
    if rest > 0:
        counts[NOT_SAID] = counts.get(NOT_SAID, 0) + rest
    return counts, hits.total


def _values(
    theme: Theme,
    counts: Mapping[str, int],
    sub_ambiti: Mapping[str, frozenset[str]],
    query: Query,
    ports: Ports,
) -> dict[str, tuple[str, ...]]:
    """The values of the index that make each row."""
    facet = _FACETS[theme]
    buckets: Sequence[Bucket] = ports.index.search(query, EVERYTHING, (facet,)).facets.get(facet, ())
    made: dict[str, tuple[str, ...]] = {name: () for name in counts if name != NOT_SAID}
    for bucket in buckets:
        name = _name(theme, bucket, sub_ambiti, ports)
        if name != NOT_SAID:
            made[name] += (bucket.value,)
    return made


def _name(theme: Theme, bucket: Bucket, sub_ambiti: Mapping[str, frozenset[str]], ports: Ports) -> str:
    match theme:
        case Theme.SERVICE:
            code = bucket.value.upper()
            return code if code in ports.lexicon.services else bucket.value
        case Theme.TYPE:
            known = ports.lexicon.types.get(bucket.value)
            return known.name if known is not None else bucket.value.replace("_", " ").capitalize()
        case Theme.COMUNE:
            return bucket.value.title()
        case Theme.SUB_AMBITO:
            return next((name for name, comuni in sub_ambiti.items() if bucket.value in comuni), NOT_SAID)
        case Theme.YEAR:
            return bucket.value
