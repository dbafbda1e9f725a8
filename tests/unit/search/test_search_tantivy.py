"""The embedded index as files: generations, other processes, crashes, what is kept for a moment."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import tantivy

from faldone.domain.access import EVERYTHING
from faldone.domain.attribution import Role
from faldone.domain.ids import DocumentId
from faldone.errors import IndexUnavailableError
from faldone.search.document import SearchDocument, SearchPerson
from faldone.search.index import Facet
from faldone.search.query import Query, Sort, parse
from faldone.search.tantivy import TantivyIndex, adapter, generation, schema
from faldone.search.tantivy import asking as asking_module


def document(key: str, text: str = "relazione", *, version: int = 1, **given: object) -> SearchDocument:
    values = {"file": "f.tif", "first_page": 0, "last_page": 0, "pages": (text,), **given}
    return SearchDocument(id=DocumentId(key), version=version, **values)  # type: ignore[arg-type]


def ids(index: TantivyIndex, text: str = "relazione") -> set[str]:
    return {str(hit.id) for hit in index.search(parse(text, limit=1000), EVERYTHING).hits}


def generations(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("g-*"))


def test_a_reader_notices_a_rebuild_by_another(tmp_path: Path) -> None:
    writer, reader = TantivyIndex(tmp_path / "index"), TantivyIndex(tmp_path / "index")
    writer.upsert([document("old")])
    assert ids(reader) == {"old"}
    with writer.rebuilding() as fresh:
        fresh.upsert([document("new")])
        assert ids(reader) == {"old"}
        reader.upsert([document("meanwhile")])
        assert ids(writer) == {"old", "meanwhile"}
    assert ids(reader) == {"new"}
    reader.upsert([document("later")])
    assert ids(writer) == {"new", "later"}
    assert len(generations(tmp_path / "index")) == 1


def test_the_threads_of_a_rebuild_give_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "_REBUILD_COMMIT", 2)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    tasks = Path("/proc/self/task")
    others = {task.name for task in tasks.iterdir()}  # an index of another test may still have its own

    def niceness() -> set[int]:
        """Of the threads that write and merge."""
        found = set()
        for task in tasks.iterdir():
            with contextlib.suppress(OSError):  # it has ended meanwhile
                if task.name not in others and (task / "comm").read_text().startswith(("thrd-tantivy", "merge_thread")):
                    found.add(os.getpriority(os.PRIO_PROCESS, int(task.name)))
        return found

    def settled(expected: int) -> bool:
        """Whether all of them come to it: a thread names itself after it has begun, and others have yet to end."""
        until = time.monotonic() + 10
        while niceness() != {expected} and time.monotonic() < until:
            time.sleep(0.01)
        return niceness() == {expected}

    index = TantivyIndex(tmp_path / "index")
    with index.rebuilding() as fresh:
        for number in range(5):  # commits make the threads anew
            fresh.upsert([document(f"d-{number}")])
            assert settled(min(own + 10, 19))
    assert os.getpriority(os.PRIO_PROCESS, 0) == own
    index.upsert([document("later")])
    assert settled(own)
    index.close()


def test_only_one_rebuilds(tmp_path: Path) -> None:
    first, second = TantivyIndex(tmp_path / "index"), TantivyIndex(tmp_path / "index")
    with first.rebuilding(), pytest.raises(IndexUnavailableError) as caught, second.rebuilding():
        pass
    assert caught.value.retryable


KILLED = """
import sys
from pathlib import Path
from faldone.domain.ids import DocumentId
from faldone.search.document import SearchDocument
from faldone.search.tantivy import TantivyIndex

with TantivyIndex(Path(sys.argv[1])).rebuilding() as fresh:
    fresh.upsert([SearchDocument(id=DocumentId("new"), version=1, file="f", first_page=0, last_page=0)])
    print("filling", flush=True)
    sys.stdin.read()
"""


def test_a_rebuild_that_is_killed_leaves_the_old_one_and_is_swept(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    index = TantivyIndex(folder)
    index.upsert([document("old")])
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "filling\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    process.stdin.close()
    assert ids(index) == ids(TantivyIndex(folder)) == {"old"}
    assert len(generations(folder)) == 2
    with index.rebuilding() as fresh:
        fresh.upsert([document("new")])
        assert len(generations(folder)) == 2
    assert ids(index) == {"new"}
    assert len(generations(folder)) == 1


def test_an_index_directly_in_the_folder_is_of_another_version(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True)
    old = tantivy.Index(builder.build(), path=str(folder))
    writer = old.writer(heap_size=15_000_000, num_threads=1)
    made = tantivy.Document()
    made.add_text("id", "d")
    writer.add_document(made)
    writer.commit()
    writer.wait_merging_threads()
    for sidecar in ('{"schema": 1, "analysis": 1}', None):
        path = folder / "faldone.json"
        path.unlink() if sidecar is None else path.write_text(sidecar, encoding="utf-8")
        index = TantivyIndex(folder)
        assert (index.health().ready, index.health().stale) == (False, True)
        with pytest.raises(IndexUnavailableError):
            index.upsert([document("d")])
    with index.rebuilding() as fresh:
        fresh.upsert([document("new")])
    assert ids(index) == {"new"}
    assert {path.name for path in folder.iterdir()} == {"faldone.json", "rebuild.lock", *generations(folder)}


def test_a_lost_pointer_is_not_an_empty_archive(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index")
    index.upsert([document("d")])
    index.close()
    (tmp_path / "index" / "faldone.json").unlink()
    again = TantivyIndex(tmp_path / "index")
    assert again.health().stale
    again.reset()
    assert again.count() == 0


def test_a_lost_generation_is_told(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index")
    index.upsert([document("d")])
    index.close()
    for path in (tmp_path / "index" / "g-000001").iterdir():
        path.unlink()
    with pytest.raises(IndexUnavailableError):
        ids(TantivyIndex(tmp_path / "index"))


def test_a_write_that_waited_while_a_rebuild_ended_goes_to_the_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    index, other = TantivyIndex(folder), TantivyIndex(folder)
    index.upsert([document("old")])
    index.close()
    writer = tantivy.Index.open(str(folder / "g-000001")).writer(heap_size=15_000_000, num_threads=1)
    waiting = threading.Thread(target=other.upsert, args=([document("late")],), daemon=True)
    waiting.start()
    adapter._point(folder, generation.Generation(folder / "g-000002", lock_wait_s=1, make=True))
    shutil.rmtree(folder / "g-000001")
    waiting.join(timeout=5)
    del writer
    assert not waiting.is_alive()
    assert ids(index) == {"late"}


def test_the_lock_is_given_back_a_moment_after_the_last_write(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index")
    index.upsert([document("d")])
    assert index._current()._writer is not None
    deadline = time.monotonic() + 10
    while index._current()._writer is not None and time.monotonic() < deadline:
        threading.Event().wait(generation.IDLE_S / 4)
    assert index._current()._writer is None
    index.upsert([document("e")])
    assert ids(index) == {"d", "e"}


def test_writing_the_same_again_writes_nothing(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index")
    index.upsert([document("d"), document("e")])
    segments = {path.name for path in (tmp_path / "index" / "g-000001").glob("*.idx")}
    index.upsert([document("d"), document("e")])
    index.close()
    assert {path.name for path in (tmp_path / "index" / "g-000001").glob("*.idx")} == segments
    index.upsert([document("d", "decreto")])
    assert ids(index, "decreto") == {"d"}


def test_many_small_writes_are_found_at_once(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index")
    for number in range(20):
        index.upsert([document(f"d-{number}")])
        assert index.search(parse("relazione"), EVERYTHING).total == number + 1


@pytest.mark.parametrize("few", [0, 10_000])
def test_facets_are_true_whether_segments_leave_values_out_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(asking_module, "_BUCKETS", 210)
    monkeypatch.setattr(asking_module, "_FEW", few)
    index = TantivyIndex(tmp_path / "index")
    for part in range(2):
        index.upsert(
            [document(f"many-{part}-{number}", batch="often") for number in range(3 + part)]
            + [document(f"few-{part}-{number}", batch=f"b-{number:03}") for number in range(400)]
            + [document(f"some-{part}", batch="b-399")]
        )
    buckets = index.search(Query(), EVERYTHING, [Facet.BATCH]).facets[Facet.BATCH]
    assert [(one.value, one.count) for one in buckets[:2]] == [("often", 7), ("b-399", 4)]
    assert {one.count for one in buckets[2:]} == {2}


def test_held_is_told_in_stretches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking_module, "_WALK", 7)
    index = TantivyIndex(tmp_path / "index")
    keys = [f"d-{number * 7919 % 1000:03}" for number in range(70)]
    index.upsert([document(key) for key in keys[:40]])
    index.upsert([document(key) for key in keys[40:]])
    held = index.held()
    first = next(held)
    index.delete([DocumentId(key) for key in keys])
    assert [first.id, *(one.id for one in held)] == sorted(keys), "what is being told stays as it was"


@pytest.mark.parametrize("name", ["rossi mario", "o'neill", "ωμεγα", "d’angelo", "x 0 1"])
def test_keys_of_dossiers_are_letters_and_digits(tmp_path: Path, name: str) -> None:
    index = TantivyIndex(tmp_path / "index")
    person = SearchPerson(Role.HOLDER, name)
    days = [dt.date(2014, 1, day) for day in (1, 2, 3)]
    index.upsert([document(f"d-{day.day}", persons=(person,), date=day) for day in days])
    query, seen = Query(sort=Sort.DOSSIER, limit=1), []
    while True:
        answer = index.search(query, EVERYTHING)
        seen += [hit.id for hit in answer.hits]
        if answer.after is None:
            break
        query = Query(sort=Sort.DOSSIER, limit=1, after=answer.after)
    assert seen == ["d-3", "d-2", "d-1"]


def test_places_keep_the_order_of_ids() -> None:
    keys = ["d", "d-", "d-0", "d-9", "d-a", "D", "è", "漢", "", "d-00", "~"]
    assert sorted(keys, key=schema.place) == sorted(keys)
    assert [schema.placed(schema.place(key)) for key in keys] == keys
