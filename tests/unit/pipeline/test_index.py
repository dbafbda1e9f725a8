"""The index follows the catalog, is made anew from it alone, and is held against it from both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from faldone.domain.access import EVERYTHING, Sensitivity
from faldone.domain.batch import BatchFacts
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.errors import BulkRejectedError
from faldone.pipeline.search.index import index_pending, needs_rebuild, rebuild
from faldone.pipeline.search.index_check import Difference, verify_index
from faldone.pipeline.search.projection import project_all
from faldone.search.document import SearchDocument
from faldone.search.index import IndexWriter
from faldone.search.memory import MemoryIndex
from faldone.search.query import Query
from tests.small_archive import Paper, proposal, put
from tests.twins import Archive

ROSSI = Person(PersonId("u-000000000001"), "Rossi", "Maria", "RSSMRA80A41D142X", residence="Crema")
PAPERS = [
    Paper("relazione sociale sul minore", [ROSSI], "TUM", "relazione_sociale", box="12"),
    Paper("domanda di contributo economico", [ROSSI], "ECA", comune="Lodi"),
    Paper("verbale senza persona"),
]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    with made.catalog.begin() as work:
        work.save_persons([ROSSI])
    yield made
    made.close()


def projected(archive: Archive, documents: Sequence[DocumentId]) -> list[SearchDocument]:
    found = archive.catalog.documents_with(documents)
    return project_all([found[document] for document in documents], archive.ports)


def findings(archive: Archive) -> set[tuple[DocumentId, Difference]]:
    return {(finding.document, finding.difference) for finding in verify_index(archive.ports).findings}


def test_a_document_belongs_to_the_comune_of_its_batch_else_to_that_of_its_holder(archive: Archive) -> None:
    of_holder, of_batch, of_nobody = projected(archive, put(archive, PAPERS))
    assert (of_holder.comune, of_batch.comune, of_nobody.comune) == ("Crema", "Lodi", None)
    assert of_holder.box == "12"
    assert [person.id for person in of_holder.persons] == [ROSSI.id]


def test_a_document_that_nothing_is_known_of_is_kept_most_closely(archive: Archive) -> None:
    judicial, base, unknown = projected(archive, put(archive, PAPERS))
    assert judicial.sensitivity is Sensitivity.GIUDIZIARI
    assert base.sensitivity < Sensitivity.GIUDIZIARI
    assert unknown.sensitivity is Sensitivity.RAFFORZATA


def test_of_merged_persons_the_index_names_the_one_who_stands_for_both(archive: Archive) -> None:
    (document, *_) = put(archive, PAPERS)
    other = Person(PersonId("u-000000000002"), "Rossi", "Mariella", "RSSMLL80A41D142X")
    with archive.catalog.begin() as work:
        work.save_persons([other])
        work.merge_persons(other.id, ROSSI.id, "same", archive.clock(), "test")
    (merged,) = projected(archive, [document])
    assert [person.id for person in merged.persons] == [other.id]


def test_what_is_said_of_a_batch_later_reaches_the_index(archive: Archive) -> None:
    put(archive, PAPERS)
    index_pending(archive.ports)
    batch = archive.catalog.batch("Lodi")
    with archive.catalog.begin() as work:
        work.describe_batch(batch.id, BatchFacts(comune="Pandino"))
    assert archive.catalog.index_lag().documents == 1
    index_pending(archive.ports)
    assert archive.ports.index.search(Query(comune="Pandino"), EVERYTHING).total == 1
    assert findings(archive) == set()


def test_an_index_that_was_lost_is_made_anew_from_the_catalog_alone(archive: Archive) -> None:
    documents = put(archive, PAPERS)
    index_pending(archive.ports)
    archive.ports.index.reset()
    assert needs_rebuild(archive.ports)
    steps: list[tuple[int, int]] = []
    assert rebuild(archive.ports, lambda done, total: steps.append((done, total))) == 3
    assert steps == [(3, 3)]
    assert {held.id for held in archive.ports.index.held()} == set(documents)
    assert findings(archive) == set()
    assert archive.catalog.index_lag().documents == 0


class SlowIndex(MemoryIndex):
    """An index during whose rebuild something happens, before it takes the old one's place or just after."""

    def __init__(self) -> None:
        super().__init__()
        self.before = self.after = lambda: None

    @contextmanager
    def rebuilding(self) -> Iterator[IndexWriter]:
        with super().rebuilding() as fresh:
            yield fresh
            self.before()
        self.after()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_changes_during_a_rebuild_is_in_the_new_index_too(archive: Archive, moment: str) -> None:
    index = SlowIndex()
    ports = replace(archive.ports, index=index)
    old, gone, *_ = put(archive, PAPERS)
    index_pending(ports)

    def change() -> None:
        assert index.search(Query(words=("domanda",)), EVERYTHING).total == (moment == "before")
        source = archive.catalog.document(old).source
        retired = archive.catalog.document(gone).source
        with archive.catalog.begin() as work:
            work.save_proposals(source, [proposal(PAPERS[1])], archive.clock())
            work.save_proposals(retired, [], archive.clock())
        put(archive, [Paper("nuova lettera arrivata")], first=9)
        index_pending(ports)

    if moment == "after":
        with archive.catalog.begin() as work:  # so that only the new index lacks it
            work.save_proposals(archive.catalog.document(gone).source, [], archive.clock())
    setattr(index, moment, change)
    rebuild(ports)
    assert {held.id for held in index.held()} == {
        document.id for document in archive.catalog.documents_by_id() if not document.retired
    }
    assert index.search(Query(words=("lettera",)), EVERYTHING).total == 1
    assert verify_index(ports).findings == []


def test_a_rebuild_that_fails_leaves_the_old_index(archive: Archive) -> None:
    put(archive, PAPERS)
    index_pending(archive.ports)

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(archive.ports, stop)
    assert archive.ports.index.count() == 3
    assert archive.catalog.index_lag().documents == 0


class Refusing(MemoryIndex):
    """An index that refuses one document for as long as it is told to."""

    refused: DocumentId | None = None

    def upsert(self, documents: Sequence[SearchDocument]) -> None:
        super().upsert([document for document in documents if document.id != self.refused])
        if any(document.id == self.refused for document in documents):
            raise BulkRejectedError("refused", items={str(self.refused): "too long"})


def test_a_refused_document_is_counted_named_and_offered_again_by_a_repair(archive: Archive) -> None:
    index = Refusing()
    ports = replace(archive.ports, index=index)
    first, *_ = put(archive, PAPERS)
    index.refused = first
    index_pending(ports)
    assert archive.catalog.index_lag().refused == 1
    report = verify_index(ports, repair=True)
    assert [(one.document, one.difference) for one in report.findings] == [(first, Difference.REFUSED)]
    assert report.wrong == 1
    index.refused = None
    assert verify_index(ports, repair=True).wrong == 0
    assert verify_index(ports).findings == []
    assert archive.catalog.index_lag().refused == 0


def test_index_and_catalog_that_agree_have_no_findings(archive: Archive) -> None:
    put(archive, PAPERS)
    index_pending(archive.ports)
    report = verify_index(archive.ports)
    assert (report.documents, report.indexed, report.compared, report.behind) == (3, 3, 3, 0)
    assert report.findings == []


def test_a_document_on_its_way_to_the_index_is_no_difference(archive: Archive) -> None:
    put(archive, PAPERS)
    report = verify_index(archive.ports)
    assert (report.behind, report.findings) == (3, [])


def test_every_damage_to_the_index_is_named_and_repaired(archive: Archive) -> None:
    missing, older, content = put(archive, PAPERS)
    newer, retired = put(archive, [Paper("una versione nuova"), Paper("ritirato")], first=7)
    index_pending(archive.ports)
    index = archive.ports.index
    now = {document.id: document for document in projected(archive, [missing, older, content, newer, retired])}
    with archive.catalog.begin() as work:
        work.save_proposals(archive.catalog.document(older).source, [proposal(PAPERS[0])], archive.clock())
        work.save_proposals(archive.catalog.document(retired).source, [], archive.clock())
    index_pending(archive.ports)
    index.delete([missing, older])
    index.upsert(
        [
            now[older],
            now[retired],
            replace(now[content], pages=("tutt'altro",)),
            replace(now[newer], version=9),
            replace(now[newer], id=DocumentId("d-sconosciuto")),
        ]
    )
    damage = {
        (missing, Difference.MISSING),
        (older, Difference.OLDER),
        (content, Difference.CONTENT),
        (newer, Difference.NEWER),
        (retired, Difference.ORPHAN),
        (DocumentId("d-sconosciuto"), Difference.ORPHAN),
    }
    assert findings(archive) == damage
    report = verify_index(archive.ports, repair=True)
    assert (len(report.findings), report.repaired) == (6, 6)
    assert findings(archive) == set()
    assert [entry.record.type for entry in archive.catalog.events(["index"])] == [EventType.INDEX_REPAIRED]


def test_a_sample_compares_some_to_the_word_and_all_by_version(archive: Archive) -> None:
    put(archive, [Paper(f"carta numero {number}") for number in range(60)])
    index_pending(archive.ports)
    report = verify_index(archive.ports, sample=20)
    assert 8 <= report.compared <= 34
    assert report.indexed == 60
    assert verify_index(archive.ports, sample=20).compared == report.compared


def test_the_lag_tells_how_many_and_since_when(archive: Archive) -> None:
    assert archive.catalog.index_lag().since is None
    at = archive.clock()
    put(archive, PAPERS)
    archive.clock.pass_by(minutes=5)
    put(archive, [Paper("più tardi")], first=8)
    lag = archive.catalog.index_lag()
    assert (lag.documents, lag.since, lag.refused) == (4, at, 0)
