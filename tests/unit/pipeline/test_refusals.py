"""Refusals at the door: told as long as they stand, and in the trail for good."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from faldone.domain.events import EventType
from faldone.domain.inbox import Inbox
from faldone.domain.reasons import Reason
from faldone.errors import NotPermittedError
from faldone.ingest.sweep import sweep
from faldone.pipeline.audit.story import batch_story
from faldone.pipeline.intake.quarantine import quarantined
from faldone.pipeline.intake.refusals import lift_refusals
from faldone.pipeline.intake.take_in import Arrival, take_in
from tests.papers import noise, tiff
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    yield made
    made.close()


def refuse(archive: Archive, path: Path) -> None:
    assert take_in([path], Inbox(archive.inbox), archive.ports) == [Arrival.REFUSED]


def look_again(archive: Archive) -> int:
    return lift_refusals(Inbox(archive.inbox), dict(sweep(archive.inbox, ())), archive.ports)


def lifted(archive: Archive) -> list[str]:
    return [json.loads(e.record.detail)["because"] for e in archive.catalog.events_of({EventType.REFUSAL_LIFTED})]


def test_the_refusal_of_a_link_is_lifted_when_the_link_is_removed_and_not_before(archive: Archive) -> None:
    link = archive.inbox / "lotto-1/via.pdf"
    link.parent.mkdir()
    link.symlink_to("altrove")
    refuse(archive, link)
    assert look_again(archive) == 0
    (one,) = quarantined(archive.ports)
    assert (one.reason, one.refused) == (Reason.UNSAFE_PATH, True)
    link.unlink()
    assert look_again(archive) == 1
    assert list(quarantined(archive.ports)) == []
    assert look_again(archive) == 0
    assert lifted(archive) == ["gone"]
    told = batch_story(archive.catalog.batch("lotto-1"), archive.ports).lines
    assert any("nella cartella di arrivo non c'è più nulla" in line.italian for line in told)


def test_the_refusal_of_a_folder_is_lifted_when_it_may_be_entered(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = archive.inbox / "chiusa"
    closed.mkdir()
    (closed / "a.tif").write_bytes(tiff(noise(1)))
    refuse(archive, closed)  # what a sweep offers of a folder that it may not list
    scandir = os.scandir

    def may_not(path: str) -> object:
        if path == str(closed):
            raise PermissionError(13, "no")
        return scandir(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", may_not)
        assert look_again(archive) == 0
    assert look_again(archive) == 1
    assert lifted(archive) == ["mended"]


def test_a_file_that_nobody_could_read_and_that_is_gone_stands_against_closing(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive.drop("lotto-1/chiuso.tif", tiff(noise(1)))

    def may_not(*_: object) -> None:
        raise NotPermittedError("no")

    with monkeypatch.context() as patched:
        patched.setattr("faldone.pipeline.intake.take_in.seal", may_not)
        refuse(archive, path)
    path.unlink()
    assert look_again(archive) == 0
    (one,) = quarantined(archive.ports)
    assert one.reason is Reason.NOT_PERMITTED


def test_a_file_that_may_be_taken_after_all_lifts_its_own_refusal_on_record(archive: Archive) -> None:
    path = archive.inbox / "via.tif"
    path.symlink_to("altrove")
    refuse(archive, path)
    path.unlink()
    assert archive.take("via.tif", tiff(noise(1))) is Arrival.TAKEN
    assert lifted(archive) == ["mended"]
    assert list(quarantined(archive.ports)) == []


def test_the_refusals_of_another_inbox_are_left_alone(archive: Archive) -> None:
    link = archive.inbox / "via.pdf"
    link.symlink_to("altrove")
    refuse(archive, link)
    assert lift_refusals(Inbox(archive.folder / "inb"), {}, archive.ports) == 0
    assert len(list(quarantined(archive.ports))) == 1
