"""The history of a document at a terminal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from faldone.cli import trail
from faldone.domain.events import AGENT, Event, EventType
from faldone.pipeline.ports import Ports
from tests.small_archive import Paper, put
from tests.twins import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("width", [40, 80])
def test_the_story_of_a_document_is_whole_and_no_wider_than_the_terminal(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    (document,) = put(archive, [Paper("uno")])
    detail: dict[str, str | int] = {"first_page": 0, "last_page": 0, "type": "isee", "service": "TUM", "holders": "u-1"}
    said = detail | {"band": "review", "reasons": "name-alone type-unsure", "proposal": "sha256:" + "a" * 64}
    with archive.catalog.begin() as work:
        work.record(Event(EventType.DOCUMENT_PROPOSED, document, archive.clock(), AGENT, detail=said))

    @contextmanager
    def opened(_: object) -> Iterator[Ports]:
        yield archive.ports

    monkeypatch.setattr(trail, "open_archive", opened)
    monkeypatch.setattr(trail, "settings_of", lambda _: None)
    monkeypatch.setattr(trail, "out", Console(highlight=False, soft_wrap=True, width=width))
    assert trail.run(argparse.Namespace(document=document, json=False)) == 0
    lines = capsys.readouterr().out.splitlines()
    told = " ".join(" ".join(lines).split())
    assert "04/03/2026 05:06:07 UTC faldone sha256:aaaaaaaaaaaa…" in told
    assert "tipo «Attestazione ISEE / DSU», servizio «Tutela minori»: da rivedere" in told
    assert "type “Attestazione ISEE / DSU”, service “Tutela minori”: to be reviewed" in told
    assert told.endswith("the type of document is unsure: choose it).")
    assert all(len(line) <= width for line in lines if line.startswith(" "))
