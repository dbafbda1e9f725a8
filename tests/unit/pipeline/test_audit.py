"""What an auditor is told: everything holds, or exactly what does not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from faldone.domain.events import EventType
from faldone.domain.ids import page_id
from faldone.errors import DocumentNotFoundError, NotFoundError
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.audit.audit import trail, verify
from faldone.pipeline.filing.import_persons import import_persons
from faldone.pipeline.review.boundaries import merge, split, undo_boundary
from tests.papers import noise, tiff
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default="Relazione sociale sulla famiglia e sul minore affidato al servizio"))
    for seed in (1, 2, 3):
        made.take(f"{seed}.tif", tiff(noise(seed)))
    made.work_off()
    yield made
    made.close()


def edit(archive: Archive, statement: str) -> None:
    with sqlite3.connect(archive.folder / "catalog.sqlite") as connection:
        assert connection.execute(statement).rowcount == 1
    connection.close()


def test_an_untouched_archive_holds(archive: Archive) -> None:
    report = verify(archive.ports)
    assert report.findings == ()
    assert report.files == 3
    assert report.entries == archive.catalog.ledger_tail().length > 9


def test_a_flipped_byte_in_the_store_is_named_with_its_file(archive: Archive) -> None:
    second = list(archive.catalog.sources())[1].digest
    with archive.ports.store.path(second) as path:
        path.chmod(0o640)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    (finding,) = verify(archive.ports, quick=True).findings
    assert finding.object == str(second)
    assert "«2.tif»" in finding.italian


def test_a_missing_file_is_named(archive: Archive) -> None:
    first = next(archive.catalog.sources()).digest
    with archive.ports.store.path(first) as path:
        path.unlink()
    (finding,) = verify(archive.ports, quick=True).findings
    assert finding.object == str(first)
    assert "manca" in finding.italian


@pytest.mark.parametrize(
    "change",
    [
        "subject = 'altro'",
        "detail = replace(detail, '1', '2')",
        "detail = '{'",
        "type = 'mai:visto:prima'",
        "at = 'ieri'",
        "agent = 'un altro'",
        "outcome = 'failure'",
        "hash = 'x'",
    ],
)
def test_an_edited_ledger_row_is_named(archive: Archive, change: str) -> None:
    edit(archive, f"update ledger set {change} where sequence = 5")
    assert "ledger:5" in [finding.object for finding in verify(archive.ports).findings]


def test_a_removed_ledger_row_is_named(archive: Archive) -> None:
    edit(archive, "delete from ledger where sequence = 4")
    assert "ledger:4" in [finding.object for finding in verify(archive.ports, quick=True).findings]


def test_the_last_ledger_row_cannot_be_cut_off(archive: Archive) -> None:
    last = archive.catalog.ledger_tail().length
    edit(archive, f"delete from ledger where sequence = {last}")
    assert f"ledger:{last}" in [finding.object for finding in verify(archive.ports, quick=True).findings]


def test_a_changed_text_is_named(archive: Archive) -> None:
    source = next(archive.catalog.sources()).digest
    key = archive.catalog.pages(source)[0].text
    edit(archive, f"update texts set body = x'00' where key = '{key}'")
    (finding,) = verify(archive.ports).findings
    assert finding.object == page_id(source, 0)


@pytest.mark.parametrize(
    "change",
    [
        "documents set band = 'auto' where number = 1",
        "documents set retired = 1 where number = 1",
        "intakes set path = 'altro.pdf' where number = 1",
        "intakes set raw_path = x'00' where number = 1",
        "sources set state = 'quarantined' where number = 1",
        "pages set state = 'quarantined' where number = 1",
    ],
)
def test_a_state_or_arrival_changed_behind_our_back_is_named(archive: Archive, change: str) -> None:
    edit(archive, f"update {change}")
    assert len(verify(archive.ports).findings) == 1


def test_an_arrival_removed_from_the_catalog_is_named(archive: Archive) -> None:
    edit(archive, "delete from intakes where number = 1")
    assert [finding.object[:2] for finding in verify(archive.ports).findings] == ["i-"]


def test_bytes_that_were_slipped_into_the_store_are_named(archive: Archive) -> None:
    digest, _ = archive.ports.store.put(BytesIO(b"mai arrivato"))
    (finding,) = verify(archive.ports, quick=True).findings
    assert finding.object == str(digest)


def test_a_page_whose_text_was_taken_away_is_named(archive: Archive) -> None:
    source = next(archive.catalog.sources()).digest
    edit(archive, f"update pages set text = null, state = 'quarantined' where source = '{source}'")
    assert {finding.object for finding in verify(archive.ports).findings} == {page_id(source, 0)}


def test_a_document_moved_to_another_person_behind_our_back_is_named(archive: Archive) -> None:
    (document,) = archive.catalog.documents(next(archive.catalog.sources()).digest)
    edit(archive, f"update proposals set body = replace(body, 'review', 'auto') where document = '{document.id}'")
    (finding,) = verify(archive.ports).findings
    assert finding.object == document.id


def test_a_register_changed_behind_our_back_is_named(archive: Archive) -> None:
    import_persons(b"cognome,nome\nRossi,Maria\n", archive.ports)
    archive.work_off()
    assert verify(archive.ports).findings == ()
    edit(archive, "update persons set name = 'Mario'")
    (finding,) = verify(archive.ports).findings
    assert finding.object == "register"


def test_a_ledger_cut_at_its_end_with_its_count_set_right_is_noticed(archive: Archive) -> None:
    last = archive.catalog.ledger_tail().length
    edit(archive, f"delete from ledger where sequence = {last}")
    edit(archive, f"update state set ledger_length = {last - 1}")
    assert f"ledger:{last - 1}" in [finding.object for finding in verify(archive.ports, quick=True).findings]


def test_the_trail_of_a_document_goes_from_the_sealed_file_to_the_index(archive: Archive) -> None:
    source = next(archive.catalog.sources()).digest
    (document,) = archive.catalog.documents(source)
    types = [entry.record.type for entry in trail(document.id, archive.ports)]
    assert types == [
        EventType.FILE_SEALED,
        EventType.FILE_OPENED,
        EventType.PAGE_CHECKED,
        EventType.PAGE_RECOGNISED,
        EventType.DOCUMENT_PROPOSED,
        EventType.DOCUMENT_INDEXED,
    ]


def test_the_trail_of_no_document_is_an_error(archive: Archive) -> None:
    with pytest.raises(DocumentNotFoundError):
        trail(page_id(next(archive.catalog.sources()).digest, 0), archive.ports)  # type: ignore[arg-type]


def test_nobody_is_named_in_the_ledger(archive: Archive) -> None:
    written = " ".join(str(entry.record) for entry in archive.catalog.ledger())
    assert "famiglia" not in written
    assert ".tif" not in written


def test_a_verdict_or_separator_changed_behind_the_ledgers_back_is_found(archive: Archive) -> None:
    with sa.create_engine(f"sqlite:///{archive.folder / 'catalog.sqlite'}").begin() as connection:
        connection.execute(sa.text("UPDATE pages SET verdict = 'bad' WHERE number = 1"))
        connection.execute(sa.text("UPDATE pages SET separator = 'patch' WHERE number = 2"))
    assert len(verify(archive.ports).findings) == 2


def test_a_correction_of_boundaries_is_held_against_the_ledger_and_so_is_its_undoing(archive: Archive) -> None:
    source = next(archive.catalog.sources()).digest
    (document,) = archive.catalog.documents(source)
    archive.take("lungo.tif", tiff(noise(21), noise(22), noise(23)))
    archive.work_off()
    long = next(found for found in archive.catalog.sources() if found.pages == 3)

    def spans() -> list[tuple[int, int]]:
        return [(found.span.start, found.span.stop) for found in archive.catalog.documents(long.digest)]

    first, second, _ = archive.catalog.documents(long.digest)
    merge(second.id, "anna", archive.ports)
    archive.work_off()
    assert spans() == [(0, 2), (2, 3)]
    assert verify(archive.ports).findings == ()
    split(first.id, 1, "anna", archive.ports)
    archive.work_off()
    assert spans() == [(0, 1), (1, 2), (2, 3)]
    for _ in range(2):
        undo_boundary(long.digest, "anna", archive.ports)
    archive.work_off()
    assert len(spans()) == 3
    assert verify(archive.ports).findings == ()
    merge(second.id, "anna", archive.ports)
    with sa.create_engine(f"sqlite:///{archive.folder / 'catalog.sqlite'}").begin() as connection:
        connection.execute(sa.text("UPDATE boundaries SET starts = 1 WHERE undone = 0"))
    assert verify(archive.ports).findings
    with pytest.raises(NotFoundError):
        merge(document.id, "anna", archive.ports)
