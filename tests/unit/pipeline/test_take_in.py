"""Taking files in: on record once, whatever happens in between."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from faldone.catalog.catalog import FileState
from faldone.domain.events import EventType
from faldone.domain.reasons import Reason
from faldone.ingest import seal as sealing
from faldone.pipeline import take_in as step
from faldone.pipeline.take_in import Arrival, take_in
from faldone.storage.local import LocalStore
from tests.papers import page, png, tiff
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    yield made
    made.close()


def take(archive: Archive, path: Path, *, release: bool = True) -> Arrival:
    return take_in(path, archive.inbox, archive.ports, release=release)


def on_record(archive: Archive) -> list[tuple[str, FileState]]:
    return [(report.intake.path, report.state) for report in archive.catalog.files()]


def test_a_file_is_sealed_recorded_and_moved(archive: Archive) -> None:
    path = archive.drop("lotto-1/a.pdf", b"carta")
    assert take(archive, path) is Arrival.TAKEN
    assert not path.exists()
    assert (archive.folder / "done/inbox/lotto-1/a.pdf").read_bytes() == b"carta"
    (source,) = archive.catalog.sources()
    archive.ports.store.verify(source.digest)
    assert [entry.record.type for entry in archive.catalog.ledger()] == [EventType.FILE_SEALED]


def test_the_first_folder_is_the_batch_and_loose_files_are_a_batch_a_day(archive: Archive) -> None:
    take(archive, archive.drop("lotto-1/x/a.pdf", b"1"))
    take(archive, archive.drop("lotto-1/b.pdf", b"2"))
    take(archive, archive.drop("c.pdf", b"3"))
    a, b, c = (report.intake.batch for report in archive.catalog.files())
    assert a == b != c


def test_the_same_bytes_under_two_names_are_two_arrivals_of_one_file(archive: Archive) -> None:
    take(archive, archive.drop("a.pdf", b"carta"))
    assert take(archive, archive.drop("b.pdf", b"carta")) is Arrival.DUPLICATE
    assert on_record(archive) == [("a.pdf", FileState.PROCESSING), ("b.pdf", FileState.DUPLICATE)]
    assert len(list(archive.catalog.sources())) == 1


def test_the_same_file_put_in_again_later_is_a_duplicate(archive: Archive) -> None:
    take(archive, archive.drop("a.pdf", b"carta"))
    assert take(archive, archive.drop("a.pdf", b"carta")) is Arrival.DUPLICATE
    assert sorted(path.name for path in (archive.folder / "done/inbox").iterdir())[-1].endswith("a.pdf")
    assert len(list((archive.folder / "done/inbox").iterdir())) == 2


def test_a_file_that_is_gone_is_no_error(archive: Archive) -> None:
    assert take(archive, archive.inbox / "a.pdf") is Arrival.GONE


def test_two_messages_for_one_file_put_it_on_record_once(archive: Archive) -> None:
    path = archive.drop("a.pdf", b"carta" * 100_000)
    threads = [threading.Thread(target=take, args=(archive, path)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert on_record(archive) == [("a.pdf", FileState.PROCESSING)]


def test_a_file_taken_where_it_lies_stays(archive: Archive) -> None:
    path = archive.drop("a.pdf", b"carta")
    assert take(archive, path, release=False) is Arrival.TAKEN
    assert path.exists()


@pytest.mark.parametrize(
    "name",
    [b"riga\nnuova.pdf", b"\"virgolette\" e 'apici'.pdf", "📁 fascicolo.pdf".encode(), b"-rf.pdf", b"\xff\xfe.pdf"],
)
def test_any_file_name_is_taken(archive: Archive, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(archive.inbox) + b"/" + name))
    path.write_bytes(b"carta")
    assert take(archive, path) is Arrival.TAKEN
    (report,) = archive.catalog.files()
    assert os.path.basename(report.intake.raw_path) == name
    report.intake.path.encode()  # can be printed and stored anywhere
    assert list((archive.folder / "done/inbox").iterdir())


def test_a_link_is_refused_once_and_told(archive: Archive) -> None:
    (archive.folder / "segreto").write_bytes(b"x")
    link = archive.inbox / "via.pdf"
    link.symlink_to(archive.folder / "segreto")
    for _ in range(3):
        assert take(archive, link) is Arrival.REFUSED
    (report,) = archive.catalog.files()
    assert report.reasons == (Reason.UNSAFE_PATH,)
    assert list(archive.catalog.sources()) == []
    link.unlink()
    link.write_bytes(b"il file vero")
    assert take(archive, link) is Arrival.TAKEN
    assert on_record(archive) == [("via.pdf", FileState.PROCESSING)]


class Killed(BaseException):
    """Stands for kill -9 at one point."""


def die(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize("point", ["after copy", "before rename", "before commit", "before move", "after move"])
def test_a_crash_at_any_point_of_taking_in_loses_nothing_and_doubles_nothing(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    path = archive.drop("a.pdf", b"carta")
    with monkeypatch.context() as patch:
        if point == "after copy":
            patch.setattr(step, "_put_on_record", die)
        elif point == "before rename":
            patch.setattr(LocalStore, "_settle", die)
        elif point == "before commit":
            patch.setattr("faldone.catalog.sql.SqlWork.seal", die)
        elif point == "before move":
            patch.setattr(step, "move_away", die)
        else:
            patch.setattr("faldone.catalog.sql.SqlWork.release_intake", die)
        with pytest.raises(Killed):
            take(archive, path)
    if point != "after move":
        assert path.exists()
        assert take(archive, path) in (Arrival.TAKEN, Arrival.KNOWN)
    assert on_record(archive) == [("a.pdf", FileState.PROCESSING)]
    assert not path.exists()
    assert len(list(archive.ports.store.digests())) == 1


def test_a_full_disk_leaves_the_file_in_the_inbox(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive.drop("a.pdf", b"carta")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            take(archive, path)
    assert path.exists()
    assert on_record(archive) == []
    assert take(archive, path) is Arrival.TAKEN


def test_a_move_across_file_systems_copies_and_removes(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive.drop("a.pdf", b"carta")

    def across(self: Path, target: Path) -> Path:
        raise OSError(18, "Invalid cross-device link")

    with monkeypatch.context() as patch:
        patch.setattr(sealing.Path, "rename", across)
        patch.setattr(LocalStore, "_settle", lambda self, incoming, digest: os.replace(incoming, self._place(digest)))
        (archive.folder / "store/sha256" / "00").mkdir(exist_ok=True)
        for two in range(256):
            (archive.folder / f"store/sha256/{two:02x}").mkdir(exist_ok=True)
        assert take(archive, path) is Arrival.TAKEN
    assert not path.exists()
    assert (archive.folder / "done/inbox/a.pdf").read_bytes() == b"carta"


def test_a_young_file_that_looks_cut_short_is_given_time_to_grow(tmp_path: Path) -> None:
    archive = Archive(tmp_path, patience_s=60)
    whole = tiff(page("Relazione sociale"))
    path = archive.drop("a.png", png(page("Relazione"))[:500])
    assert take(archive, path) is Arrival.GROWING
    assert take(archive, archive.drop("vuoto.pdf", b"")) is Arrival.GROWING
    path.write_bytes(whole)
    assert take(archive, path) is Arrival.TAKEN
    old = archive.drop("b.png", png(page("Relazione"))[:500])
    os.utime(old, (0, 0))
    assert take(archive, old) is Arrival.TAKEN
    archive.close()


def test_a_file_that_changes_after_it_was_sealed_stays_and_is_taken_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive.drop("a.pdf", b"prima parte")
    record = step._put_on_record

    def meanwhile(*arguments: object) -> object:
        done = record(*arguments)  # type: ignore[arg-type]
        path.write_bytes(b"prima parte e seconda")
        return done

    with monkeypatch.context() as patch:
        patch.setattr(step, "_put_on_record", meanwhile)
        assert take(archive, path) is Arrival.TAKEN
    assert path.exists()
    assert take(archive, path) is Arrival.TAKEN
    assert (archive.folder / "done/inbox/a.pdf").read_bytes() == b"prima parte e seconda"
    assert len(list(archive.catalog.sources())) == 2
