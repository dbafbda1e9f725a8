"""``faldone quarantine`` and ``faldone status``: what helps is said for what each thing needs."""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from faldone.cli import quarantine, status
from faldone.domain.inbox import Inbox
from faldone.pipeline.intake.take_in import take_in
from tests.twins import Archive


def test_what_was_refused_at_the_door_is_not_told_to_be_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(tmp_path)
    monkeypatch.setattr(quarantine, "settings_of", lambda _: None)
    monkeypatch.setattr(quarantine, "open_archive", lambda _: nullcontext(archive.ports))
    parser = argparse.ArgumentParser()
    quarantine.add_arguments(parser)
    link = archive.inbox / "via\n\x1b[31m.pdf"
    link.symlink_to("altrove")
    take_in([link], Inbox(archive.inbox), archive.ports)
    quarantine.run(parser.parse_args(["list"]))
    told = capsys.readouterr().out
    assert "si ripresenta da solo" in told
    assert "faldone batch exclude" in told
    assert "retry" not in told
    assert r"via\n\x1b[31m.pdf" in told
    quarantine.run(parser.parse_args(["list", "--json"]))
    assert json.loads(capsys.readouterr().out)["refused"] is True
    archive.take("guasto.tif", b"non un'immagine")
    archive.work_off()
    quarantine.run(parser.parse_args(["list"]))
    assert "retry --reason unsupported-format" in capsys.readouterr().out
    archive.take("dati.csv", b"file;servizio\na.tif;NOPE\n")
    archive.work_off()
    quarantine.run(parser.parse_args(["list"]))
    assert "dati.csv: riga 2: nessun servizio ha il codice NOPE" in capsys.readouterr().out
    archive.close()


def test_the_status_says_which_line_of_a_data_file_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(tmp_path)
    monkeypatch.setattr(status, "settings_of", lambda _: SimpleNamespace(inboxes=()))
    monkeypatch.setattr(status, "open_archive", lambda _: nullcontext(archive.ports))
    archive.take("dati.csv", b"file;servizio\na.tif;NOPE\n")
    archive.work_off()
    status.run(argparse.Namespace(json=False, all=False))
    assert "riga 2: nessun servizio ha il codice NOPE" in capsys.readouterr().out
    archive.close()
