"""What people are told of the data files beside the scans, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faldone.domain.events import EventType
from faldone.domain.reasons import Reason
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.audit.story import batch_story
from faldone.pipeline.intake.quarantine import quarantined
from faldone.pipeline.intake.sidecars import fault_in, sidecar_notes
from tests.papers import noise, tiff
from tests.twins import Archive

TEXT = "Relazione sociale sulla famiglia e sui minori presenti nella casa del padre"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=TEXT))
    yield made
    made.close()


def told(archive: Archive) -> list[tuple[str, str]]:
    notes = sidecar_notes(archive.catalog.batch("lotto-1"), archive.ports)
    return [(note.path, note.message.partition(" / ")[0]) for note in notes]


def test_a_wrong_line_is_told_in_words_and_stands_in_the_ledger_as_a_number_and_a_kind(archive: Archive) -> None:
    archive.take("lotto-1/dati.csv", b"file;cognome;data\n;\n0001.tif;Xyzzo;31/02/2012\n")
    archive.work_off()
    said = "riga 3: data 31/02/2012 non esiste o non si capisce (2014-03-12)"
    (one,) = quarantined(archive.ports)
    assert fault_in(one.file, one.source, one.reason, archive.ports).partition(" / ")[0] == said
    assert told(archive) == [("lotto-1/dati.csv", said)]
    (entry,) = archive.catalog.events_of({EventType.FILE_QUARANTINED})
    assert '"fault":"no-date"' in entry.record.detail.replace(" ", "")
    assert '"line":3' in entry.record.detail.replace(" ", "")
    assert "31/02" not in entry.record.detail
    lines = batch_story(archive.catalog.batch("lotto-1"), archive.ports).lines
    assert any("(riga 3)" in line.italian for line in lines)


def test_a_file_that_is_stopped_for_another_reason_is_not_read_as_a_sidecar(archive: Archive) -> None:
    archive.take("lotto-1/a.tif", b"non un'immagine")
    archive.work_off()
    (one,) = quarantined(archive.ports)
    assert one.reason is not Reason.SIDECAR_INVALID
    assert fault_in(one.file, one.source, one.reason, archive.ports) == ""


def test_a_file_that_a_sidecar_names_and_that_never_came_is_told_until_it_comes_or_the_sidecar_is_corrected(
    archive: Archive,
) -> None:
    archive.take("lotto-1/0001.tif", tiff(noise(1)))
    archive.take("lotto-1/dati.csv", b"file;servizio\n0001.tif;SAD\nmanca.tif;SAD\n0003;SAD\n")
    archive.work_off()
    never = "parla di «{}», che non è mai arrivato"
    assert told(archive) == [("lotto-1/dati.csv", never.format(name)) for name in ("manca.tif", "0003")]
    archive.take("lotto-1/0003.tif", tiff(noise(3)))
    archive.work_off()
    assert told(archive) == [("lotto-1/dati.csv", never.format("manca.tif"))]
    archive.take("lotto-1/dati.csv", b"file;servizio\n0001.tif;SAD\n0003.tif;SAD\n")
    archive.work_off()
    assert told(archive) == []
