"""Taking files in: on record once, whatever happens in between."""

from __future__ import annotations

import errno
import os
import pkgutil
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from faldone.catalog.records import FileState
from faldone.domain.events import EventType
from faldone.domain.inbox import Inbox, Originals
from faldone.domain.reasons import Reason
from faldone.ingest import seal as sealing
from faldone.ingest.seal import Copier
from faldone.pipeline.intake import take_in as step
from faldone.pipeline.intake.take_in import Arrival, has_room, take_in
from faldone.pipeline.ports import Ports
from faldone.storage.local import LocalStore
from tests.papers import page, png, tiff
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    yield made
    made.close()


def take(archive: Archive, path: Path, originals: Originals = Originals.MOVE) -> Arrival:
    (arrival,) = take_all(archive, [path], originals)
    return arrival


def take_all(archive: Archive, paths: Sequence[Path], originals: Originals = Originals.MOVE) -> list[Arrival]:
    ports = replace(archive.ports, options=replace(archive.ports.options, originals=originals))
    return take_in(paths, Inbox(archive.inbox), ports)


def with_options(archive: Archive, **options: object) -> Ports:
    return replace(archive.ports, options=replace(archive.ports.options, **options))  # type: ignore[arg-type]


def on_record(archive: Archive) -> list[tuple[str, FileState]]:
    return [(report.intake.path, report.state) for report in archive.catalog.files()]


def test_a_file_is_sealed_recorded_and_moved(archive: Archive) -> None:
    path = archive.drop("lotto-1/a.pdf", b"carta")
    assert take(archive, path) is Arrival.TAKEN
    assert not path.exists()
    assert (archive.folder / "done/inbox/lotto-1/a.pdf").read_bytes() == b"carta"
    (source,) = archive.catalog.sources()
    archive.ports.store.verify(source.digest)
    assert [entry.record.type for entry in archive.catalog.ledger()] == [EventType.BATCH_OPENED, EventType.FILE_SEALED]


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
    assert take(archive, path, Originals.STAY) is Arrival.TAKEN
    assert path.exists()
    assert on_record(archive) == [("a.pdf", FileState.PROCESSING)]


def test_a_file_that_stays_is_not_read_again(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [archive.drop(f"{number}.pdf", b"carta %d" % number) for number in range(3)]
    take_all(archive, paths, Originals.STAY)
    monkeypatch.setattr(step, "seal", lambda *_: pytest.fail("it was read"))
    assert take_all(archive, paths, Originals.STAY) == [Arrival.KNOWN] * 3
    assert len(on_record(archive)) == 3


def test_a_file_that_stays_and_changes_is_taken_as_what_it_has_become(archive: Archive) -> None:
    path = archive.drop("a.pdf", b"prima")
    take(archive, path, Originals.STAY)
    path.write_bytes(b"dopo, un poco diversa")
    assert take(archive, path, Originals.STAY) is Arrival.TAKEN
    assert take(archive, path, Originals.STAY) is Arrival.KNOWN
    assert len(list(archive.catalog.sources())) == 2


def test_originals_that_stayed_leave_without_a_new_arrival_when_they_are_to_move(archive: Archive) -> None:
    path = archive.drop("a.pdf", b"carta")
    take(archive, path, Originals.STAY)
    assert take(archive, path, Originals.MOVE) is Arrival.KNOWN
    assert not path.exists()
    assert on_record(archive) == [("a.pdf", FileState.PROCESSING)]


def test_an_original_is_deleted_once_it_is_on_record(archive: Archive) -> None:
    path = archive.drop("a.pdf", b"carta")
    assert take(archive, path, Originals.DELETE) is Arrival.TAKEN
    assert not path.exists()
    assert not (archive.folder / "done").exists()
    (source,) = archive.catalog.sources()
    archive.ports.store.verify(source.digest)


def test_an_original_that_changed_after_it_was_sealed_is_not_deleted(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive.drop("a.pdf", b"prima parte")
    record = step._put_on_record

    def meanwhile(*arguments: object) -> None:
        record(*arguments)  # type: ignore[arg-type]
        path.write_bytes(b"prima parte e seconda")

    with monkeypatch.context() as patch:
        patch.setattr(step, "_put_on_record", meanwhile)
        assert take(archive, path, Originals.DELETE) is Arrival.TAKEN
    assert path.read_bytes() == b"prima parte e seconda"
    assert take(archive, path, Originals.DELETE) is Arrival.TAKEN
    assert not path.exists()


def test_a_group_is_on_record_in_two_transactions(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    begin = archive.catalog.begin
    monkeypatch.setattr(archive.catalog, "begin", lambda: (begun.append(1), begin())[1])
    paths = [archive.drop(f"lotto-{number % 2}/{number}.pdf", b"%d" % number) for number in range(20)]
    assert take_all(archive, paths) == [Arrival.TAKEN] * 20
    assert len(begun) == 2
    assert not any(path.exists() for path in paths)
    assert len({report.intake.batch for report in archive.catalog.files()}) == 2


def test_twins_in_one_group_are_one_file_and_a_duplicate(archive: Archive) -> None:
    paths = [archive.drop(name, b"carta") for name in ("a.pdf", "b.pdf")]
    assert take_all(archive, [*paths, paths[0]]) == [Arrival.TAKEN, Arrival.DUPLICATE, Arrival.TAKEN]
    assert len(list(archive.catalog.sources())) == 1
    assert len(on_record(archive)) == 2


def test_a_bad_file_in_a_group_does_not_hurt_the_others(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    good = [archive.drop(f"{number}.pdf", b"%d" % number) for number in range(3)]
    (archive.inbox / "via.pdf").symlink_to(good[0])
    os.mkfifo(archive.inbox / "tubo.pdf")
    torn = archive.drop("rotto.pdf", b"x")
    sealing_one = step.seal

    def failing(path: Path, copies: Copier) -> sealing.Sealed:
        if path == torn:
            raise OSError(errno.EIO, "Input/output error")
        return sealing_one(path, copies)

    monkeypatch.setattr(step, "seal", failing)
    bad = [archive.inbox / "via.pdf", archive.inbox / "tubo.pdf", archive.inbox / "gone.pdf", torn]
    assert take_all(archive, [bad[0], good[0], bad[1], good[1], bad[2], good[2], bad[3]]) == [
        Arrival.REFUSED,
        Arrival.TAKEN,
        Arrival.REFUSED,
        Arrival.TAKEN,
        Arrival.GONE,
        Arrival.TAKEN,
        Arrival.FAILED,
    ]
    assert torn.exists()


def test_a_folder_that_became_a_link_out_of_the_inbox_is_not_followed(archive: Archive) -> None:
    (archive.folder / "fuori").mkdir()
    (archive.folder / "fuori/segreto.pdf").write_bytes(b"x")
    (archive.inbox / "lotto").symlink_to(archive.folder / "fuori")
    assert take(archive, archive.inbox / "lotto/segreto.pdf") is Arrival.REFUSED
    assert (archive.folder / "fuori/segreto.pdf").exists()
    assert list(archive.catalog.sources()) == []


def test_an_inbox_that_is_a_link_itself_is_meant(archive: Archive) -> None:
    path = archive.drop("lotto/a.pdf", b"carta")
    (archive.folder / "via").symlink_to(archive.inbox)
    through = archive.folder / "via/lotto/a.pdf"
    assert take_in([through], Inbox(archive.folder / "via"), archive.ports) == [Arrival.TAKEN]
    assert not path.exists()


def test_a_path_longer_than_the_system_opens_is_refused_and_told(archive: Archive) -> None:
    deep = archive.inbox.joinpath(*["f" * 200] * 25, "a.pdf")
    assert take(archive, deep) is Arrival.REFUSED
    assert [report.reasons for report in archive.catalog.files()] == [(Reason.UNSAFE_PATH,)]


def test_an_inbox_by_day_makes_no_batches_of_folders(archive: Archive) -> None:
    paths = [archive.drop("x/a.pdf", b"1"), archive.drop("y/b.pdf", b"2")]
    take_in(paths, Inbox(archive.inbox, batch="day"), archive.ports)
    assert len({report.intake.batch for report in archive.catalog.files()}) == 1


def test_an_original_whose_share_goes_away_before_the_move_is_finished_when_it_is_back(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive.drop("a.pdf", b"carta")
    away = archive.folder / "staccata"
    record = step._put_on_record

    def meanwhile(*arguments: object) -> None:
        record(*arguments)  # type: ignore[arg-type]
        archive.inbox.rename(away)
        archive.inbox.mkdir()  # the empty folder that a share was mounted on

    with monkeypatch.context() as patch:
        patch.setattr(step, "_put_on_record", meanwhile)
        assert take(archive, path) is Arrival.TAKEN
    archive.inbox.rmdir()
    away.rename(archive.inbox)
    assert take(archive, path) is Arrival.KNOWN
    assert not path.exists()
    assert on_record(archive) == [("a.pdf", FileState.PROCESSING)]


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


POINTS = {
    "before copy": ("faldone.pipeline.intake.take_in.seal", False),
    "in the middle of the copy": ("faldone.storage.local._copy", False),
    "before the sync": ("faldone.storage.local._sync_file", False),
    "before the rename": ("faldone.storage.local.LocalStore.move_in", False),
    "after the rename": ("faldone.storage.local.LocalCopies.keep", True),
    "before the commit": ("faldone.catalog.sql.work.SqlWork.seal", False),
    "after the commit": ("faldone.pipeline.intake.take_in._put_on_record", True),
    "before the move": ("faldone.pipeline.intake.take_in.move_away", False),
    "after the move": ("faldone.pipeline.intake.take_in.move_away", True),
    "before the release": ("faldone.catalog.sql.work.SqlWork.release_intakes", False),
    "after the release": ("faldone.pipeline.intake.take_in._send_away", True),
}
"""Where the process dies: a function, and whether it dies before or after it. tests/faults kills it in earnest."""


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_any_point_of_taking_in_loses_nothing_and_doubles_nothing(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    paths = [archive.drop(name, content) for name, content in (("a.pdf", b"uno"), ("b.pdf", b"due"), ("c.pdf", b"uno"))]
    name, after = POINTS[point]
    real = pkgutil.resolve_name(
        name.replace(".LocalStore", ":LocalStore")
        .replace(".LocalCopies", ":LocalCopies")
        .replace(".SqlWork", ":SqlWork")
    )

    def dying(*arguments: object, **named: object) -> None:
        if after:
            real(*arguments, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(name, dying)
        with pytest.raises(Killed):
            take_all(archive, paths)
    take_all(archive, paths)
    reports = list(archive.catalog.files())
    assert sorted((report.intake.path, report.intake.state) for report in reports) == [
        ("a.pdf", "taken"),
        ("b.pdf", "taken"),
        ("c.pdf", "duplicate"),
    ]
    assert not any(path.exists() for path in paths)
    assert sorted(path.name for path in (archive.folder / "done/inbox").iterdir()) == ["a.pdf", "b.pdf", "c.pdf"]
    assert {source.digest for source in archive.catalog.sources()} == set(archive.ports.store.digests())
    assert not [path for path in (archive.folder / "store/incoming").rglob("*") if path.is_file()]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_the_files_in_the_inbox(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    paths = [archive.drop(f"{number}.pdf", b"%d" % number) for number in range(3)]

    def full(_: int) -> None:
        raise OSError(code, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert take_all(archive, paths) == [Arrival.NO_SPACE] * 3
    assert all(path.exists() for path in paths)
    assert on_record(archive) == []
    assert not [path for path in (archive.folder / "store/incoming").rglob("*") if path.is_file()]
    assert take_all(archive, paths) == [Arrival.TAKEN] * 3


def test_a_disk_that_fills_up_while_names_are_given_leaves_the_files_in_the_inbox(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive.drop("a.pdf", b"carta")
    link = archive.inbox / "via.pdf"
    link.symlink_to(path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "move_in", full)
        assert take_all(archive, [path, link, archive.inbox / "gone"]) == [
            Arrival.NO_SPACE,
            Arrival.NO_SPACE,
            Arrival.GONE,
        ]
    assert on_record(archive) == []
    assert take(archive, path) is Arrival.TAKEN


def test_a_catalog_without_space_leaves_the_files_in_the_inbox(archive: Archive) -> None:
    path = archive.drop("a.pdf", b"carta")
    with archive.catalog._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

        @sa.event.listens_for(archive.catalog._engine, "begin")
        def limited(connection: sa.Connection) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    names = [archive.drop(f"{'n' * 200}{number}.pdf", b"%d" % number) for number in range(60)]
    assert take_all(archive, names) == [Arrival.NO_SPACE] * 60
    assert all(name.exists() for name in names)
    assert on_record(archive) == []
    sa.event.remove(archive.catalog._engine, "begin", limited)
    archive.catalog._engine.dispose()
    assert take_all(archive, [path, *names]) == [Arrival.TAKEN] * 61


def test_with_less_free_space_than_asked_nothing_is_begun(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = with_options(archive, min_free_bytes=1000)
    paths = [archive.drop("a.pdf", b"x" * 400), archive.drop("b.pdf", b"y" * 400), archive.drop("c.pdf", b"z" * 50)]
    free = 1500
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert has_room(ports)
    # What is taken must not bring the free space below the mark: the second does not fit, the third does.
    assert take_in(paths, Inbox(archive.inbox), ports) == [Arrival.TAKEN, Arrival.NO_SPACE, Arrival.TAKEN]
    free = 999
    assert not has_room(ports)
    assert take_in(paths, Inbox(archive.inbox), ports) == [Arrival.GONE, Arrival.NO_SPACE, Arrival.GONE]
    free = 10_000
    assert take_in(paths[1:2], Inbox(archive.inbox), ports) == [Arrival.TAKEN]


def test_the_demand_for_free_space_can_be_turned_off(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: pytest.fail("nobody asked"))
    assert has_room(with_options(archive, min_free_bytes=0))
    assert take(archive, archive.drop("a.pdf", b"carta")) is Arrival.TAKEN


def test_a_move_across_file_systems_copies_and_removes(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive.drop("a.pdf", b"carta")

    rename = Path.rename

    def across(self: Path, target: Path) -> Path:
        if archive.inbox in self.parents:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", across)
    assert take(archive, path) is Arrival.TAKEN
    assert not path.exists()
    assert (archive.folder / "done/inbox/a.pdf").read_bytes() == b"carta"
    assert len(list((archive.folder / "done/inbox").iterdir())) == 1


def test_a_young_file_that_looks_cut_short_is_given_time_to_grow(tmp_path: Path) -> None:
    archive = Archive(tmp_path, patience_s=60)
    whole = tiff(page("Relazione sociale"))
    path = archive.drop("a.png", png(page("Relazione"))[:500])
    assert take(archive, path) is Arrival.GROWING
    assert take(archive, archive.drop("vuoto.pdf", b"")) is Arrival.GROWING
    path.write_bytes(whole)
    assert take(archive, path) is Arrival.TAKEN
    for name, changed in (("b.png", 0), ("c.png", time.time() + 86_400)):  # years ago, or by a clock that is ahead
        old = archive.drop(name, png(page(name))[:500])
        os.utime(old, (changed, changed))
        assert take(archive, old) is Arrival.TAKEN
    archive.close()


def test_a_file_that_changes_after_it_was_sealed_stays_and_is_taken_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive.drop("a.pdf", b"prima parte")
    record = step._put_on_record

    def meanwhile(*arguments: object) -> None:
        record(*arguments)  # type: ignore[arg-type]
        path.write_bytes(b"prima parte e seconda")

    with monkeypatch.context() as patch:
        patch.setattr(step, "_put_on_record", meanwhile)
        assert take(archive, path) is Arrival.TAKEN
    assert path.exists()
    assert take(archive, path) is Arrival.TAKEN
    assert (archive.folder / "done/inbox/a.pdf").read_bytes() == b"prima parte e seconda"
    assert len(list(archive.catalog.sources())) == 2


def test_a_young_tiff_whose_later_pages_are_not_there_yet_is_given_time_to_grow(tmp_path: Path) -> None:
    archive = Archive(tmp_path, patience_s=60)
    whole = tiff(page("prima pagina"), page("seconda pagina"))
    for share in (60, 75, 90, 99):
        path = archive.drop(f"{share}.tif", whole[: len(whole) * share // 100])
        assert take(archive, path) is Arrival.GROWING
    path.write_bytes(whole)
    assert take(archive, path) is Arrival.TAKEN
    archive.close()


def test_a_young_table_is_given_a_moment_more(tmp_path: Path) -> None:
    archive = Archive(tmp_path, patience_s=60)
    path = archive.drop("elenco.csv", b"file,cognome\n0001.tif,Rossi\n")
    assert take(archive, path) is Arrival.GROWING
    os.utime(path, (0, 0))
    assert take(archive, path) is Arrival.TAKEN
    archive.close()
