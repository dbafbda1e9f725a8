"""The workers' edge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faldone.domain.inbox import Inbox
from faldone.workers.actors import declare
from faldone.workers.broker import make_broker
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    yield made
    made.close()


def test_only_files_of_the_inboxes_are_taken_whatever_a_message_says(archive: Archive, tmp_path: Path) -> None:
    actors = declare(make_broker(None), archive.ports, [Inbox(archive.inbox)])
    secret = tmp_path / "segreto.txt"
    secret.write_text("x")
    for path, inbox in (
        (secret, tmp_path),
        (secret, archive.inbox),
        (archive.inbox / ".." / "segreto.txt", archive.inbox),
    ):
        actors.take_in.fn([str(path)], str(inbox))
    assert secret.exists()
    assert list(archive.catalog.files()) == []
    inside = archive.drop("a.pdf", b"carta")
    actors.take_in.fn([str(inside)], str(archive.inbox))
    assert [report.intake.path for report in archive.catalog.files()] == ["a.pdf"]


def test_what_goes_wrong_with_one_message_does_not_end_the_worker(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    actors = declare(make_broker(None), archive.ports, [Inbox(archive.inbox)])
    actors.open_source.fn("this is no digest of ROSSI MARIA")
    assert "ValueError" in caplog.text
    assert "ROSSI" not in caplog.text
