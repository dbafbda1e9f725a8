"""What `faldone ocr` tells of campaigns."""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from faldone.catalog.records import Intake, IntakeState
from faldone.catalog.sql.catalog import SqlCatalog
from faldone.cli.main import main
from faldone.domain.campaign import CampaignId, Grade, RereadState, rereading_id
from faldone.domain.digest import Digest
from faldone.domain.ids import IntakeId, page_id
from faldone.domain.inbox import Inbox
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.domain.reasons import Reason

NOW = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
FILE, OLD, NEW = (Digest.of(name) for name in (b"file", b"old", b"new"))
PAGES = 25


@pytest.fixture
def filled(home: Path) -> Path:
    """An archive with one file of pages that were read poorly."""
    main(["init", "--home", str(home)])
    catalog = SqlCatalog(f"sqlite:///{home / 'catalog.sqlite'}")
    word = Word("parola", Box(0, 0, 9, 9), 0.5, 0)
    text = PageText((word,), 99, 99, 300, 0, TextSource.OCR, EngineStamp("tesseract", "5.2 ita", "s"))
    with catalog.begin() as work:
        batch = work.arrival_batch(Inbox(home / "inbox"), "lotto", NOW)
        name = "lotto/a.tif"
        work.add_sources([(FILE, 7)], NOW)
        work.add_intakes(
            [Intake(IntakeId("i-1"), batch, name, os.fsencode(name), FILE, 7, NOW, IntakeState.TAKEN, None, True)]
        )
        work.open_source(FILE, "image/tiff", PAGES)
        for index in range(PAGES):
            work.save_text(page_id(FILE, index), OLD, text)
        work.save_reading(NEW, text)
        work.save_proposals(FILE, [], NOW)
    catalog.close()
    return home


def settle(home: Path, campaign: str) -> None:
    """The first page is promoted, the second fails, the others are due."""
    catalog = SqlCatalog(f"sqlite:///{home / 'catalog.sqlite'}")
    name = CampaignId(campaign)
    with catalog.begin() as work:
        first, second = (work.claim_rereading(rereading_id(name, page_id(FILE, index)), NOW, NOW) for index in range(2))
        assert first is not None
        assert second is not None
        done = replace(first, state=RereadState.PROMOTED, old=OLD, new=NEW, before=Grade(3, 0.5), after=Grade(5, 0.75))
        work.end_rereading(done)
        work.end_rereading(replace(second, state=RereadState.FAILED, old=OLD, reason=Reason.OCR_CRASHED))
    catalog.close()


def test_a_dry_run_counts_and_opens_nothing(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ocr", "campaign", "--where", "motore < 5.3", "--dry-run", "--home", str(filled)]) == 0
    assert f"{PAGES} pagine" in capsys.readouterr().err
    assert main(["ocr", "campaigns", "--json", "--home", str(filled)]) == 0
    assert capsys.readouterr().out == ""


def test_a_condition_that_no_page_meets_opens_nothing(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ocr", "campaign", "--where", "illeggibile", "--home", str(filled)]) == 0
    assert capsys.readouterr().out == ""


def test_a_campaign_is_told_with_what_came_of_each_page(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ocr", "campaign", "--where", "lotto = lotto", "--home", str(filled)]) == 0
    campaign = capsys.readouterr().out.strip()
    settle(filled, campaign)
    assert main(["ocr", "campaigns", "--json", "--home", str(filled)]) == 0
    (told,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert told["campaign"] == campaign
    assert told["pages"] == {"due": PAGES - 2, "promoted": 1, "kept": 0, "same": 0, "failed": 1}
    assert main(["ocr", "show", campaign, "--json", "--home", str(filled)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [one["state"] for one in shown["each"][:3]] == ["promoted", "failed", "due"]
    assert (shown["each"][0]["right_before"], shown["each"][0]["right_after"]) == (3, 5)
    assert (shown["each"][1]["file"], shown["each"][1]["index"]) == ("lotto/a.tif", 1)
    assert main(["ocr", "show", campaign, "--home", str(filled)]) == 0
    seen = capsys.readouterr().out
    assert "3 → 5" in seen
    assert Reason.OCR_CRASHED.italian in seen
    assert "altre 5 pagine" in seen
    assert main(["ocr", "show", campaign, "--all", "--home", str(filled)]) == 0
    assert f"p. {PAGES} " in capsys.readouterr().out
