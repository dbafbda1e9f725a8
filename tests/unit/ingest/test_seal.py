"""From a file to sealed bytes."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

import pytest

from faldone.domain.digest import Digest
from faldone.errors import NotPermittedError, UnsafePathError
from faldone.ingest.seal import StillGrowingError, move_away, seal
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
    seen: list[BufferedReader] = []

    class Full(MemoryStore):
        def put(self, stream: BinaryIO, agreed: Callable[[int], None] | None = None) -> tuple[Digest, int]:
            assert isinstance(stream, BufferedReader)
            seen.append(stream)
            raise OSError(28, "no space left on device")

    with pytest.raises(OSError, match="no space"):
        seal(tmp_path / "a.pdf", Full())
    assert seen[0].closed
    assert (tmp_path / "a.pdf").exists()
