"""When a file counts as arrived."""

from __future__ import annotations

from faldone.ingest.settle import Settling, Stamp

A, B = "/in/a.pdf", "/in/b.pdf"


def stamp(size: int, mtime_ns: int = 0, inode: int = 1) -> Stamp:
    return Stamp(size, mtime_ns, inode, 0)


def test_a_file_is_taken_only_after_it_stood_still() -> None:
    settling = Settling(quiet_s=2)
    assert settling.settled({A: stamp(5)}, 0.0) == []
    assert settling.settled({A: stamp(5)}, 1.9) == []
    assert settling.settled({A: stamp(5)}, 2.0) == [A]


def test_a_growing_file_starts_anew_each_time() -> None:
    settling = Settling(quiet_s=2)
    for second in range(10):
        assert settling.settled({A: stamp(second)}, float(second)) == []
    assert settling.settled({A: stamp(9)}, 11.5) == [A]


def test_a_file_written_in_place_without_growing_is_not_settled() -> None:
    settling = Settling(quiet_s=1)
    settling.settled({A: stamp(5, mtime_ns=1)}, 0.0)
    assert settling.settled({A: stamp(5, mtime_ns=2)}, 5.0) == []


def test_another_file_under_the_same_name_starts_anew() -> None:
    settling = Settling(quiet_s=1)
    settling.settled({A: stamp(5, inode=1)}, 0.0)
    assert settling.settled({A: stamp(5, inode=2)}, 5.0) == []


def test_an_old_file_moved_in_is_seen_like_a_new_one() -> None:
    settling = Settling(quiet_s=1)
    settling.settled({A: stamp(5, mtime_ns=1)}, 100.0)
    assert settling.settled({A: stamp(5, mtime_ns=1)}, 101.0) == [A]


def test_files_settle_each_by_itself() -> None:
    settling = Settling(quiet_s=1)
    settling.settled({A: stamp(5)}, 0.0)
    assert settling.settled({A: stamp(5), B: stamp(1)}, 1.0) == [A]


def test_a_file_that_went_is_forgotten() -> None:
    settling = Settling(quiet_s=1)
    settling.settled({A: stamp(5)}, 0.0)
    settling.settled({}, 1.0)
    assert settling.settled({A: stamp(5)}, 5.0) == []
