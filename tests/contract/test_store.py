"""What every store promises."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from faldone.domain.digest import Digest
from faldone.errors import DigestMismatchError, NotFoundError
from faldone.storage.local import LocalStore
from faldone.storage.memory import MemoryStore
from faldone.storage.store import Store


@pytest.fixture(params=["memory", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else LocalStore(tmp_path)


def test_what_was_put_is_there_under_its_digest(store: Store) -> None:
    digest, size = store.put(io.BytesIO(b"carta"))
    assert (digest, size) == (Digest.of(b"carta"), 5)
    with store.path(digest) as path:
        assert path.read_bytes() == b"carta"
    store.verify(digest)


def test_the_same_bytes_are_kept_once(store: Store) -> None:
    for _ in range(2):
        store.put(io.BytesIO(b"carta"))
    assert list(store.digests()) == [Digest.of(b"carta")]


def test_no_bytes_at_all_are_bytes_too(store: Store) -> None:
    digest, size = store.put(io.BytesIO(b""))
    assert size == 0
    store.verify(digest)


def test_what_was_never_put_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError):
        store.verify(Digest.of(b"altro"))
    with pytest.raises(NotFoundError), store.path(Digest.of(b"altro")):
        pass


def test_a_put_that_fails_leaves_nothing(store: Store) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the share went away")

    with pytest.raises(OSError, match="share"):
        store.put(Torn())
    assert list(store.digests()) == []


def test_bytes_that_are_not_agreed_to_do_not_count(store: Store) -> None:
    told: list[int] = []

    def refuse(size: int) -> None:
        told.append(size)
        raise RuntimeError("it grew")

    with pytest.raises(RuntimeError):
        store.put(io.BytesIO(b"carta"), refuse)
    assert told == [5]
    assert list(store.digests()) == []


def test_a_flipped_bit_on_disk_is_noticed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    digest, _ = store.put(io.BytesIO(b"carta"))
    with store.path(digest) as path:
        path.chmod(0o640)
        path.write_bytes(b"caria")
    with pytest.raises(DigestMismatchError):
        store.verify(digest)


def test_a_sealed_file_is_not_writable(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    digest, _ = store.put(io.BytesIO(b"carta"))
    with store.path(digest) as path:
        assert path.stat().st_mode & 0o222 == 0


def test_a_writer_that_died_leaves_nothing_that_counts(tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir(parents=True)
    (tmp_path / "incoming" / "half").write_bytes(b"met")
    assert list(LocalStore(tmp_path).digests()) == []
