"""What the catalog tells many at once, and counts without reading it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType
from faldone.domain.verdict import Verdict
from tests.papers import page, tiff
from tests.small_archive import Paper, put
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(tmp_path)
    yield archive
    archive.close()


def test_the_first_arrivals_of_files_come_with_their_batches(archive: Archive) -> None:
    put(archive, [Paper("una", comune="Crema"), Paper("due", comune="Soncino")])
    sources = [source.digest for source in archive.catalog.sources()]
    found = archive.catalog.first_arrivals([*sources, Digest.of(b"never seen")])
    assert {found[source][0].path for source in sources} == {"carta-0000.tif", "carta-0001.tif"}
    assert [found[source][1].facts.comune for source in sources] == ["Crema", "Soncino"]
    assert len(found) == 2
    assert archive.catalog.first_arrivals([]) == {}


def test_events_are_counted_by_day_and_type(archive: Archive) -> None:
    days = [dt.datetime(2026, 1, day, 23, 59, tzinfo=dt.UTC) for day in (1, 2, 2)]
    with archive.catalog.begin() as work:
        for at in days:
            work.record(Event(EventType.SEARCH_RUN, "q", at, AGENT))
        work.record(Event(EventType.LEDGER_READ, "q", days[0], AGENT))
    counted = archive.catalog.events_a_day({EventType.SEARCH_RUN}, dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    assert counted == {EventType.SEARCH_RUN: {dt.date(2026, 1, 2): 2}}


def test_pages_are_counted_by_what_the_first_look_said(archive: Archive) -> None:
    put(archive, [Paper("mai guardata")])
    archive.take("una.tif", tiff(page("una carta letta")))
    archive.work_off()
    counted = archive.catalog.pages_by_verdict()
    assert counted[None] == 1
    assert sum(count for verdict, count in counted.items() if isinstance(verdict, Verdict)) == 1
