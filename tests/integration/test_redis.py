"""The same actors on a real Redis: watchers in one process, workers in others."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from tests.papers import noise, tiff
from tests.processes import faldone, started, status, until

pytestmark = [pytest.mark.slow, pytest.mark.redis]


def test_watchers_and_workers_in_processes_of_their_own(home: Path, tmp_path: Path, redis_url: str) -> None:
    broker = {"FALDONE_BROKER__URL": redis_url}
    faldone(home, "init")
    for number in range(6):
        (home / "inbox" / f"{number}.tif").write_bytes(tiff(noise(number)))
    log = tmp_path / "log"
    with (
        started(home, "watch", log, **broker),
        started(home, "worker", log, **broker),
        started(home, "worker", log, **broker),
    ):
        until(lambda: status(home, **broker)["pages_done"] == 6, log.read_text())
        until(lambda: not status(home, **broker)["not_indexed"], log.read_text())
    assert faldone(home, "search", "parola", "--json").count("\n") == 6


def test_losing_all_of_redis_loses_nothing(home: Path, tmp_path: Path, redis_url: str) -> None:
    # Given work that was sent while no worker runs
    broker = {"FALDONE_BROKER__URL": redis_url}
    faldone(home, "init")
    faldone(home, "ingest", str(_folder(tmp_path, 4)))
    log = tmp_path / "log"
    client = redis.Redis.from_url(redis_url)
    with started(home, "watch", log, **broker):
        until(lambda: int(client.dbsize()) > 0, "messages are sent")  # type: ignore[arg-type]
    # When Redis forgets everything and the parts are started again
    client.flushall()
    client.close()
    with started(home, "watch", log, **broker), started(home, "worker", log, **broker):
        # I expect everything done all the same
        until(lambda: status(home, **broker)["pages_done"] == 4, log.read_text())


def _folder(tmp_path: Path, files: int) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(files):
        (folder / f"{number}.tif").write_bytes(tiff(noise(100 + number)))
    return folder
