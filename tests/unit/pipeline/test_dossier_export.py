"""A dossier as one PDF: every page in order, an index that leads to each paper, and nothing that may not be seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from faldone.catalog.records import Document
from faldone.domain.access import EVERYTHING, NOTHING, Access, Sensitivity
from faldone.domain.digest import Digest
from faldone.domain.events import EventType
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.errors import NotFoundError, UnreadableFileError
from faldone.pipeline.audit.story import detail_of
from faldone.pipeline.papers import dossier_export as module
from faldone.pipeline.papers.copy_document import Copy, copy_document, keep_copy
from faldone.pipeline.papers.dossier_export import Exported, export_dossier
from faldone.pipeline.papers.dossier_papers import Paper, permitted_papers
from faldone.pipeline.ports import Ports
from tests.dossiers import BROTHER, LUCA, doubt, fill, scan
from tests.small_archive import Paper as Written
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, copies=True)
    fill(made)
    yield made
    made.close()


def papers_of(archive: Archive, person: Person = LUCA, access: Access = EVERYTHING) -> tuple[Paper, ...]:
    return permitted_papers(person, access, archive.ports)


def export(archive: Archive, target: Path, papers: tuple[Paper, ...] | None = None, person: Person = LUCA) -> Exported:
    wanted = papers_of(archive, person) if papers is None else papers
    return export_dossier(person, wanted, target, "m.rossi", archive.ports)


def texts(file: Path) -> list[str]:
    document = pypdfium2.PdfDocument(file)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def exports_on_record(archive: Archive) -> list[dict[str, Any]]:
    found = archive.catalog.events_of({EventType.DOSSIER_EXPORTED})
    return [dict(detail_of(entry)) | {"outcome": entry.record.outcome} for entry in found]


def test_the_papers_come_oldest_first_each_whole_and_the_undated_last(archive: Archive, tmp_path: Path) -> None:
    made = export(archive, tmp_path / "out.pdf")
    pages = texts(tmp_path / "out.pdf")
    assert pages[made.index_pages :] == [
        "contributo affitto", "decreto uno", "decreto due",
        "relazione prima", "relazione seconda", "relazione terza", "appunto senza giorno",
    ]  # fmt: skip
    assert (made.documents, made.pages, made.missing) == (4, 8, 0)


def test_the_index_says_of_each_paper_when_what_and_where_it_lies(archive: Archive, tmp_path: Path) -> None:
    export(archive, tmp_path / "out.pdf")
    index = texts(tmp_path / "out.pdf")[0]
    for said in (
        "BIANCHI LUCA", "1 maggio 2003", "4 documenti / documents · 7 pagine / pages",
        "12 marzo 2014 · Provvedimento del Tribunale per i minorenni", "Tutela minori · prot. 12345/2014",
        "scatola B-12, cartella 0", "1º gennaio 2016", "senza data", "3 pag. · p. 5",
        "prodotto da / made by m.rossi il / on 04/03/2026", "pagina / page 1 di / of 8",
    ):  # fmt: skip
        assert said in index, said


def test_links_and_bookmarks_lead_to_the_first_page_of_each_paper(archive: Archive, tmp_path: Path) -> None:
    export(archive, tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as made:
        numbers = {page.objgen: number for number, page in enumerate(made.pages)}
        notes: Any = made.pages[0].obj.Annots
        assert [numbers[note.Dest[0].objgen] for note in notes] == [1, 2, 4, 7]
        tops = [float(note.Rect[3]) for note in notes]
        assert tops == sorted(tops, reverse=True)
        with made.open_outline() as outline:
            titles = [item.title for item in outline.root]
            leaves: list[Any] = [leaf.destination for item in outline.root for leaf in item.children]
        assert titles == ["Indice / Index", "2012", "2014", "2016", "Senza data / no date"]
        assert [numbers[target[0].objgen] for target in leaves] == [1, 2, 4, 7]
        assert str(made.Root.Lang) == "it-IT"


def test_nothing_that_the_file_says_of_itself_names_the_person(archive: Archive, tmp_path: Path) -> None:
    export(archive, tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as made:
        said = made.Root.Metadata.read_bytes().decode() + str(made.docinfo)
    assert LUCA.id in said
    assert "BIANCHI" not in said.upper()


def test_an_index_of_many_papers_goes_on_over_pages_and_its_links_stay_right(archive: Archive, tmp_path: Path) -> None:
    many = papers_of(archive) * 18
    for paper in many[:4]:
        keep_copy(paper.document.id, archive.ports)
    made = export(archive, tmp_path / "out.pdf", many)
    assert (made.index_pages, made.documents) == (4, 72)
    pages = texts(tmp_path / "out.pdf")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        numbers = {page.objgen: number for number, page in enumerate(pdf.pages)}
        notes: list[Any] = [note for page in list(pdf.pages)[:4] for note in page.obj.Annots]
        targets = [numbers[note.Dest[0].objgen] for note in notes]
    assert [pages[target] for target in targets] == [
        "contributo affitto", "decreto uno", "relazione prima", "appunto senza giorno"
    ] * 18  # fmt: skip
    assert targets == sorted(set(targets))
    assert f"pagina / page 4 di / of {len(pages)}" in pages[3]


@pytest.mark.slow
def test_a_dossier_of_more_files_than_are_opened_at_once_loses_no_page(archive: Archive, tmp_path: Path) -> None:
    scan(archive, [Written(f"numero {n}", [LUCA], "ECA") for n in range(9)], first=50)
    papers = papers_of(archive)
    for paper in papers:
        keep_copy(paper.document.id, archive.ports)
    made = export(archive, tmp_path / "out.pdf", papers * 20)
    pages = texts(tmp_path / "out.pdf")[made.index_pages :]
    assert made.documents == 260
    assert pages == pages[:16] * 20
    assert len(set(pages[:16])) == 16


def test_only_what_may_be_seen_is_in_it(archive: Archive, tmp_path: Path) -> None:
    economic = Access(frozenset({"ECA"}), None, Sensitivity.RAFFORZATA)
    assert export(archive, tmp_path / "out.pdf", papers_of(archive, access=economic)).documents == 1
    text = " ".join(texts(tmp_path / "out.pdf"))
    assert "contributo affitto" in text
    assert "decreto" not in text
    assert "Tutela" not in text
    assert papers_of(archive, access=NOTHING) == ()
    assert papers_of(archive, access=replace(economic, services=None, sensitivity=Sensitivity.BASE)) == ()
    with pytest.raises(NotFoundError):
        export(archive, tmp_path / "none.pdf", ())
    assert not (tmp_path / "none.pdf").exists()


def test_a_paper_that_may_be_somebody_elses_does_not_leave_the_archive(archive: Archive, tmp_path: Path) -> None:
    first, second, *_ = papers_of(archive)
    doubt(archive, first.document.id, Reason.HOLDER_UNSURE)
    doubt(archive, second.document.id, Reason.TYPE_UNSURE)  # whose it is, is not in doubt
    made = export(archive, tmp_path / "out.pdf")
    assert (made.documents, made.left_out, made.missing) == (len(papers_of(archive)) - 1, 1, 0)
    assert "1 da rivedere, non compresi" in texts(tmp_path / "out.pdf")[0]
    with pytest.raises(NotFoundError, match="per certo"):
        export(archive, tmp_path / "none.pdf", papers_of(archive)[:1])


def test_a_paper_of_two_persons_is_in_the_dossier_of_each(archive: Archive, tmp_path: Path) -> None:
    export(archive, tmp_path / "out.pdf", person=BROTHER)
    pages = texts(tmp_path / "out.pdf")
    assert pages[1:] == ["relazione prima", "relazione seconda", "relazione terza"]
    assert "BIANCHI SERBAN" in pages[0]  # the font has no Ș: its letter without the sign, never a hole
    assert "Luca" not in pages[0]
    assert "LUCA" not in pages[0]


def test_the_export_is_on_record_with_what_left_the_archive(archive: Archive, tmp_path: Path) -> None:
    export_dossier(
        LUCA, papers_of(archive), tmp_path / "out.pdf", "m.rossi", archive.ports, service="TUM", purpose="colloquio"
    )
    content = (tmp_path / "out.pdf").read_bytes()
    assert exports_on_record(archive) == [
        {
            "outcome": "success", "service": "TUM", "purpose": "colloquio", "documents": 4, "missing": 0, "pages": 7,
            "copy": str(Digest.of(content)), "size": len(content),
        }
    ]  # fmt: skip
    (entry,) = archive.catalog.events_of({EventType.DOSSIER_EXPORTED})
    assert (entry.record.agent, entry.record.subject) == ("user:m.rossi", LUCA.id)


def test_a_paper_that_cannot_be_copied_is_named_on_the_index_and_not_passed_over(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = papers_of(archive)[1].document.id

    def fails(document: Document, target: Path, ports: Ports) -> Copy:
        if document.id == broken:
            raise UnreadableFileError("Il PDF non si apre / The PDF does not open")
        return copy_document(document, target, ports)

    monkeypatch.setattr(module, "copy_document", fails)
    made = export(archive, tmp_path / "out.pdf")
    assert (made.documents, made.missing) == (3, 1)
    index = texts(tmp_path / "out.pdf")[0]
    assert "NON COPIATO" in index
    assert "1 mancano / missing" in index
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert len(list(pdf.pages[0].obj.Annots)) == 3
    assert exports_on_record(archive)[0]["outcome"] == "warning"


def test_a_copy_that_is_kept_is_used_as_it_is_unless_it_was_changed(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = papers_of(archive)
    for paper in papers:
        keep_copy(paper.document.id, archive.ports)
    assert archive.ports.options.copies is not None
    made_anew: list[str] = []

    def noticed(document: Document, target: Path, ports: Ports) -> Copy:
        made_anew.append(document.id)
        return copy_document(document, target, ports)

    monkeypatch.setattr(module, "copy_document", noticed)
    export(archive, tmp_path / "out.pdf")
    assert made_anew == []
    changed = papers[0].document.id
    kept = archive.ports.options.copies / f"{changed}.pdf"
    kept.write_bytes((archive.ports.options.copies / f"{papers[1].document.id}.pdf").read_bytes())
    export(archive, tmp_path / "again.pdf")
    assert made_anew == [changed]
    assert texts(tmp_path / "again.pdf") == texts(tmp_path / "out.pdf")


def test_an_export_that_is_broken_off_leaves_nothing_behind(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "private"
    folder.mkdir()

    def stop(done: int, total: int) -> None:
        assert total == 4
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_dossier(LUCA, papers_of(archive), folder / "out.pdf", "m.rossi", archive.ports, progress=stop)
    assert list(folder.iterdir()) == []
    assert exports_on_record(archive) == []
