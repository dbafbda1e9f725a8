"""A document as one searchable PDF/A: on demand, and kept beside the archive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from faldone.catalog.records import Document
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.errors import UnreadableFileError
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.papers import copy_document as module
from faldone.pipeline.papers.copy_document import copy_document, keep_copy
from tests.papers import page, tiff
from tests.twins import Archive

TEXT = "Relazione sociale sulla famiglia e sui minori presenti nella casa del padre"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=TEXT), copies=True)
    made.take("a.tif", tiff(page("prima"), page("seconda")))
    made.work_off()
    yield made
    made.close()


def only_document(archive: Archive) -> Document:
    (source,) = archive.catalog.sources()
    (document,) = archive.catalog.documents(source.digest)
    return document


def text_of(file: Path) -> str:
    document = pypdfium2.PdfDocument(file)
    try:
        return " ".join(found.get_textpage().get_text_range() for found in document)
    finally:
        document.close()


def outcomes(archive: Archive, document: Document) -> list[str]:
    found = archive.catalog.events([document.id])
    return [one.record.outcome for one in found if one.record.type == EventType.DOCUMENT_COPIED.value]


def test_a_copy_holds_the_words_and_is_on_record(archive: Archive, tmp_path: Path) -> None:
    document = only_document(archive)
    copy = copy_document(document, tmp_path / "copia.pdf", archive.ports)
    content = (tmp_path / "copia.pdf").read_bytes()
    assert (copy.digest, copy.size, copy.pages) == (Digest.of(content), len(content), 2)
    assert text_of(tmp_path / "copia.pdf").count("Relazione sociale") == 2
    assert outcomes(archive, document) == ["success"]
    assert verify(archive.ports).findings == ()


def test_a_copy_that_fails_leaves_nothing_behind(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise UnreadableFileError("Non si apre / It does not open")

    monkeypatch.setattr(module, "write_pdf_a", fail)
    with pytest.raises(UnreadableFileError):
        copy_document(only_document(archive), tmp_path / "copia.pdf", archive.ports)
    assert not list(tmp_path.glob("*copia*"))


def test_copies_are_kept_once_and_made_anew_when_the_document_changes(archive: Archive) -> None:
    document = only_document(archive)
    kept = archive.folder / "pdf" / f"{document.id}.pdf"
    assert [unit.id for unit in archive.catalog.behind_copies(10, 3)] == [document.id]
    keep_copy(document.id, archive.ports)
    assert text_of(kept).count("Relazione sociale") == 2
    assert archive.catalog.behind_copies(10, 3) == ()
    with archive.catalog.begin() as work:
        work.decide_boundary(document.source, 1, True, archive.clock())
    archive.work_off()
    assert len(archive.catalog.documents(document.source)) == 2
    for unit in archive.catalog.behind_copies(10, 3):
        keep_copy(unit.id, archive.ports)  # type: ignore[arg-type]
    assert text_of(kept).count("Relazione sociale") == 1
    assert len(list((archive.folder / "pdf").iterdir())) == 2


def test_a_document_that_is_no_more_loses_its_copy(archive: Archive) -> None:
    document = only_document(archive)
    with archive.catalog.begin() as work:
        work.decide_boundary(document.source, 1, True, archive.clock())
    archive.work_off()
    for unit in archive.catalog.behind_copies(10, 3):
        keep_copy(unit.id, archive.ports)  # type: ignore[arg-type]
    with archive.catalog.begin() as work:
        work.undo_boundary(document.source)
    archive.work_off()
    for unit in archive.catalog.behind_copies(10, 3):
        keep_copy(unit.id, archive.ports)  # type: ignore[arg-type]
    assert [path.stem for path in (archive.folder / "pdf").iterdir()] == [document.id]


def test_a_document_of_which_no_copy_can_be_made_is_given_up_and_says_so(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise UnreadableFileError("Non si apre / It does not open")

    monkeypatch.setattr(module, "write_pdf_a", fail)
    document = only_document(archive)
    tries = 0
    while archive.catalog.behind_copies(10, 3):
        keep_copy(document.id, archive.ports)
        tries += 1
    assert tries == 3
    assert outcomes(archive, document) == ["failure"] * 3
