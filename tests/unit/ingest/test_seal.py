"""From a file to sealed bytes."""

from __future__ import annotations

import os
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


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"x")
    (tmp_path / "a.pdf").chmod(0)
    with pytest.raises(NotPermittedError):
        seal(tmp_path / "a.pdf", MemoryStore())


def test_a_file_that_changes_while_it_is_copied_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"prima parte")

    class Meanwhile(MemoryStore):
        def put(self, stream: BinaryIO) -> tuple[Digest, int]:
            found = super().put(stream)
            with path.open("ab") as more:
                more.write(b" seconda")
            return found

    with pytest.raises(StillGrowingError):
        seal(path, Meanwhile())


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
        def put(self, stream: BinaryIO) -> tuple[Digest, int]:
            assert isinstance(stream, BufferedReader)
            seen.append(stream)
            raise OSError(28, "no space left on device")

    with pytest.raises(OSError, match="no space"):
        seal(tmp_path / "a.pdf", Full())
    assert seen[0].closed
    assert (tmp_path / "a.pdf").exists()
