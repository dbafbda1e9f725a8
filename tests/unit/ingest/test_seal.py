"""From a file to sealed bytes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from faldone.domain.digest import Digest
from faldone.errors import NotPermittedError, UnsafePathError
from faldone.ingest.seal import StillGrowingError, move_away, seal, stamp
from faldone.storage.memory import MemoryStore


def test_bytes_are_sealed_and_the_file_stays(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"carta")
    store = MemoryStore()
    sealed = seal(tmp_path / "a.pdf", store)
    assert (sealed.digest, sealed.size) == (Digest.of(b"carta"), 5)
    assert sealed.is_still_at(tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").exists()


def test_a_link_is_refused_even_to_an_ordinary_file(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"carta")
    (tmp_path / "link.pdf").symlink_to(tmp_path / "a.pdf")
    with pytest.raises(UnsafePathError):
        seal(tmp_path / "link.pdf", MemoryStore())


def test_a_fifo_is_refused_without_waiting_for_its_other_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tubo.pdf")
    with pytest.raises(UnsafePathError):
        seal(tmp_path / "tubo.pdf", MemoryStore())


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)  # root, who runs the tests, may read everything
    with pytest.raises(NotPermittedError):
        seal(tmp_path / "a.pdf", MemoryStore())


def test_a_file_that_somebody_has_open_for_writing_is_not_taken(tmp_path: Path) -> None:
    with (tmp_path / "a.pdf").open("wb") as writer:
        writer.write(b"prima parte")
        writer.flush()
        with pytest.raises(StillGrowingError):
            seal(tmp_path / "a.pdf", MemoryStore())
    assert seal(tmp_path / "a.pdf", MemoryStore()).size == 11


def test_a_file_that_changes_while_it_is_copied_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"prima parte")

    class Meanwhile(MemoryStore):
        def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
            with path.open("ab") as more:
                more.write(b" seconda")
            return super().put(stream, agreed)

    store = Meanwhile()
    with pytest.raises(StillGrowingError):
        seal(path, store)
    assert store.objects == {}


def test_an_original_moves_away_and_keeps_what_stood_there(tmp_path: Path) -> None:
    done = tmp_path / "done" / "a.pdf"
    for content in (b"uno", b"due"):
        (tmp_path / "a.pdf").write_bytes(content)
        move_away(tmp_path / "a.pdf", done, Digest.of(content))
    assert sorted(path.read_bytes() for path in done.parent.iterdir()) == [b"due", b"uno"]
    assert done.read_bytes() == b"uno"


def test_the_reader_is_closed_when_the_store_fails(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"x")
    seen: list[BinaryIO] = []

    class Full(MemoryStore):
        def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
            seen.append(stream)
            raise OSError(28, "no space left on device")

    with pytest.raises(OSError, match="no space"):
        seal(tmp_path / "a.pdf", Full())
    assert seen[0].closed
    assert (tmp_path / "a.pdf").exists()


def test_a_file_replaced_between_look_and_open_is_sealed_as_what_it_is_then(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"vecchio")
    path.unlink()
    path.write_bytes(b"nuovo")
    assert seal(path, MemoryStore()).digest == Digest.of(b"nuovo")


def test_another_file_under_the_same_name_is_not_the_sealed_one(tmp_path: Path) -> None:
    path, other = tmp_path / "a.pdf", tmp_path / "b.pdf"
    path.write_bytes(b"carta")
    sealed = seal(path, MemoryStore())
    other.write_bytes(b"altra")
    other.rename(path)
    assert not sealed.is_still_at(path)
    assert stamp(path) != sealed.stamp


def test_a_hard_link_is_a_file_like_any(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"carta")
    os.link(tmp_path / "a.pdf", tmp_path / "b.pdf")
    assert seal(tmp_path / "b.pdf", MemoryStore()).digest == Digest.of(b"carta")


@pytest.mark.parametrize("name", [b"x" * 251 + b".pdf", "à".encode() * 127, b"\xff" * 255])
def test_a_name_as_long_as_names_go_finds_another_beside_its_twin(tmp_path: Path, name: bytes) -> None:
    path, done = tmp_path / os.fsdecode(name), tmp_path / "done" / os.fsdecode(name)
    for content in (b"uno", b"due", b"tre"):
        path.write_bytes(content)
        move_away(path, done, Digest.of(content))
    assert sorted(path.read_bytes() for path in done.parent.iterdir()) == [b"due", b"tre", b"uno"]
    for path in done.parent.iterdir():
        path.name.encode("utf-8", "surrogateescape")


def test_an_original_too_deep_for_the_done_folder_is_kept_higher_up(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"carta")
    done = tmp_path / "done"
    done.mkdir()
    move_away(tmp_path / "a.pdf", done.joinpath(*["f" * 200] * 22, "a.pdf"), Digest.of(b"carta"))
    (kept,) = (path for path in done.rglob("*") if path.is_file())
    assert kept.read_bytes() == b"carta"
    assert kept.name.endswith("-a.pdf")


def test_a_move_that_died_half_way_to_another_disk_is_finished_and_leaves_one_original(tmp_path: Path) -> None:
    done = tmp_path / "done" / "a.pdf"
    done.parent.mkdir()
    for place in (tmp_path / "a.pdf", done):
        place.write_bytes(b"carta")
    move_away(tmp_path / "a.pdf", done, Digest.of(b"carta"), again=True)
    assert not (tmp_path / "a.pdf").exists()
    assert [path.name for path in done.parent.iterdir()] == ["a.pdf"]


def test_a_copy_to_a_full_disk_leaves_the_original_and_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, done = tmp_path / "a.pdf", tmp_path / "done" / "a.pdf"
    path.write_bytes(b"carta")

    def across(self: Path, target: Path) -> Path:
        raise OSError(18, "Invalid cross-device link")

    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"car")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", across)
    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(OSError, match="No space"):
        move_away(path, done, Digest.of(b"carta"))
    assert path.exists()
    assert list(done.parent.iterdir()) == []
