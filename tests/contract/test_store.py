"""What every store promises."""

from __future__ import annotations

import io
import os
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


def test_a_batch_counts_when_it_is_kept_and_not_before(store: Store) -> None:
    with store.batch() as copies:
        one, _ = copies.put(io.BytesIO(b"uno"))
        two, _ = copies.put(io.BytesIO(b"due"))
        copies.put(io.BytesIO(b"uno"))
        copies.sync()
        assert list(store.digests()) == []
        copies.keep([one])
        store.verify(one)
    assert list(store.digests()) == [one]
    with pytest.raises(NotFoundError):
        store.verify(two)


def test_only_what_was_put_can_be_kept(store: Store) -> None:
    with store.batch() as copies, pytest.raises(KeyError):
        copies.keep([Digest.of(b"mai visto")])


def test_bytes_that_are_there_already_are_kept_again_without_harm(store: Store) -> None:
    digest, _ = store.put(io.BytesIO(b"carta"))
    with store.batch() as copies:
        copies.put(io.BytesIO(b"carta"))
        copies.keep([digest])
    store.verify(digest)


def test_a_put_that_fails_does_not_harm_the_others_of_its_batch(store: Store) -> None:
    def refuse(_: int) -> None:
        raise RuntimeError("it grew")

    with store.batch() as copies:
        digest, _ = copies.put(io.BytesIO(b"uno"))
        with pytest.raises(RuntimeError):
            copies.put(io.BytesIO(b"due"), refuse)
        copies.keep([digest])
    assert list(store.digests()) == [digest]


def test_there_is_space(store: Store) -> None:
    assert store.free_bytes() > 0


def test_nothing_is_left_of_a_batch_that_was_not_kept(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    with pytest.raises(RuntimeError), store.batch() as copies:
        copies.put(io.BytesIO(b"carta"))
        raise RuntimeError
    assert not [path for path in (tmp_path / "incoming").rglob("*") if path.is_file()]


def test_names_are_durable_before_keep_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    rename, sync = os.rename, os.fsync
    monkeypatch.setattr(os, "rename", lambda *names: (rename(*names), done.append("rename"))[1])
    monkeypatch.setattr(
        os, "fsync", lambda fd: (sync(fd), done.append(os.path.basename(os.readlink(f"/proc/self/fd/{fd}"))))[1]
    )
    store = LocalStore(tmp_path)
    with store.batch() as copies:
        digest, _ = copies.put(io.BytesIO(b"carta"))
        copies.sync()
        assert len(done) == 1  # the copy itself
        copies.keep([digest])
    assert done[1:] == ["sha256", "rename", digest.hex[:2]]


def test_bytes_are_durable_before_they_have_a_name_also_when_nobody_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    rename, sync = os.rename, os.fsync
    monkeypatch.setattr(os, "rename", lambda *names: (rename(*names), done.append("rename"))[1])
    monkeypatch.setattr(os, "fsync", lambda fd: (sync(fd), done.append("sync"))[1])
    store = LocalStore(tmp_path)
    with store.batch() as copies:
        copies.keep([copies.put(io.BytesIO(b"%d" % number))[0] for number in range(5)])
    assert done.index("rename") >= 5


def test_what_a_dead_process_was_copying_is_removed_and_what_a_living_one_copies_is_not(tmp_path: Path) -> None:
    living = LocalStore(tmp_path)
    with living.batch() as copies:
        digest, _ = copies.put(io.BytesIO(b"carta"))
        (tmp_path / "incoming/morto").mkdir()
        (tmp_path / "incoming/morto/half").write_bytes(b"met")
        LocalStore(tmp_path).put(io.BytesIO(b"altro"))
        assert not (tmp_path / "incoming/morto").exists()
        copies.keep([digest])
    living.verify(digest)


def test_a_writer_that_died_leaves_nothing_that_counts(tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir(parents=True)
    (tmp_path / "incoming" / "half").write_bytes(b"met")
    assert list(LocalStore(tmp_path).digests()) == []
