"""What the review command takes, and what it refuses before anything is decided."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from faldone.cli import classify, review
from faldone.cli.console import account
from faldone.errors import NotFoundError, UndecidableError, UnreadableFileError
from faldone.pipeline.filing.evaluate import read_truth
from faldone.pipeline.papers.reading_order import reading_order
from faldone.pipeline.ports import Ports
from tests.review_papers import import_register, report, take_papers
from tests.small_archive import Paper, put
from tests.twins import Archive


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Archive]:
    """The archive that the commands open."""
    made = Archive(tmp_path)

    @contextmanager
    def opened(_: object) -> Iterator[Ports]:
        yield made.ports

    for command in (review, classify):
        monkeypatch.setattr(command, "open_archive", opened)
        monkeypatch.setattr(command, "settings_of", lambda _: None)
    yield made
    made.close()


def parsed(module: object, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)  # type: ignore[attr-defined]
    return parser.parse_args(words)


@pytest.mark.parametrize("said", ["ab\ncd", "D'Angelo Anna", "", "🙂", "a" * 65])
def test_what_stands_in_the_ledger_as_who_decided_is_the_name_of_an_account(said: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        account(said)
    assert account("anna.rossi@ente") == "anna.rossi@ente"


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--limit", "0"),
        ("list", "--limit", "-3"),
        ("assign", "d-1", "--date", "9999-01-01"),
        ("assign", "d-1", "--born", "1980-02-30", "--new-person", "ROSSI, ANNA"),
        ("accept", "d-1", "--by", "ab\ncd"),
        ("order", "d-1"),
        ("order", "d-1", "1", "due"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_archive_is_opened(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        parsed(review, *words)


def test_pages_are_put_in_the_order_that_is_named(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    (document,) = put(archive, [Paper(["uno", "due", "tre"])])
    assert review.run(parsed(review, "order", document, "1", "3", "2", "--by", "anna")) == 0
    assert "Le pagine si leggono in quest'ordine" in capsys.readouterr().err
    assert reading_order(archive.catalog.document(document), archive.ports) == (0, 2, 1)
    with pytest.raises(UndecidableError):
        review.run(parsed(review, "order", document, "1", "3", "--by", "anna"))


def test_a_wanted_error_is_a_share(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(classify, "evaluate", "--error", "7")
    assert "quota" in capsys.readouterr().err
    assert parsed(classify, "evaluate", "--error", "0.005").error == 0.005


def test_undo_says_where_the_paper_went(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    import_register(archive)
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    assert review.run(parsed(review, "accept", paper.id, "--by", "anna")) == 0
    capsys.readouterr()
    assert review.run(parsed(review, "undo", paper.id, "--by", "anna")) == 0
    assert "Annullato: 1 torna da rivedere" in capsys.readouterr().err


def test_whose_decision_is_replaced_is_told_and_undo_brings_it_back(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    import_register(archive)
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    assert review.run(parsed(review, "assign", paper.id, "--service", "SAD", "--by", "anna")) == 0
    assert review.run(parsed(review, "assign", paper.id, "--service", "SAD", "--by", "anna")) == 0
    assert "Sostituisce" not in capsys.readouterr().err
    assert review.run(parsed(review, "assign", paper.id, "--service", "TUM", "--by", "bice")) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "Sostituisce quel che anna aveva deciso" in said
    assert review.run(parsed(review, "undo", paper.id, "--by", "bice")) == 0
    assert "1 non torna: è archiviato" in capsys.readouterr().err
    service = archive.catalog.document(paper.id).proposal.service
    assert service is not None
    assert service.value == "SAD"


def test_of_a_file_that_another_has_it_is_said_that_the_decision_holds_shortly(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import_register(archive)
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    monkeypatch.setattr("faldone.pipeline.filing.attribute._MOMENT_S", 0.0)
    with archive.catalog.begin() as work:
        work.attribute_again([paper.id])
        work.claim_source(paper.source, archive.clock(), archive.clock() + dt.timedelta(minutes=9))
    assert review.run(parsed(review, "accept", paper.id, "--by", "anna")) == 0
    said = capsys.readouterr().err
    assert "1 tra poco: il loro file è in lavorazione" in " ".join(said.split())
    assert "altra ragione" not in said


RESULT: dict[str, Any] = {
    "file": "a.tif",
    "documents": [
        {
            "first_page": 0,
            "last_page": 0,
            "type": None,
            "service": "TUM",
            "persons": [{"role": "holder", "name": "FERRARI ANNA", "birth_date": "2010-01-02"}],
            "protocol": None,
            "date": "2019-03-12",
        }
    ],
}


@pytest.mark.parametrize("verb", ["train", "evaluate"])
@pytest.mark.parametrize(
    "said",
    [
        [],
        7,
        {"file": "a.tif"},
        RESULT | {"file": 1},
        RESULT | {"pages": [1]},
        RESULT | {"documents": 3},
        RESULT | {"documents": [{"first_page": 0}]},
        RESULT | {"documents": [["first_page"]]},
        RESULT | {"documents": [{**RESULT["documents"][0], "last_page": "0"}]},
        RESULT | {"documents": [{**RESULT["documents"][0], "date": 2019}]},
        RESULT | {"documents": [{**RESULT["documents"][0], "date": "marzo"}]},
        RESULT | {"documents": [{**RESULT["documents"][0], "persons": [{"name": "FERRARI ANNA"}]}]},
        RESULT | {"documents": [{**RESULT["documents"][0], "protocol": "12"}]},
    ],
)
def test_a_truth_in_another_form_is_refused_with_its_line(
    verb: str, said: object, archive: Archive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(classify, "model_file", lambda _: tmp_path / "model")
    truth = tmp_path / "truth.jsonl"
    truth.write_text(f"{json.dumps(RESULT)}\n{json.dumps(said)}\n", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="riga 2"):
        classify.run(parsed(classify, verb, "--truth", str(truth)))


@pytest.mark.parametrize("said", ["", json.dumps(RESULT | {"file": "mai-arrivato.tif"})])
def test_a_truth_of_which_nothing_is_in_the_archive_is_no_measure(said: str, archive: Archive, tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    truth.write_text(said, encoding="utf-8")
    with pytest.raises(NotFoundError):
        classify.run(parsed(classify, "evaluate", "--truth", str(truth)))


def test_a_truth_in_the_results_form_is_read_with_all_that_it_says(tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    truth.write_text(json.dumps(RESULT | {"more": 1}), encoding="utf-8")
    assert read_truth(truth) == {"a.tif": RESULT | {"more": 1, "pages": ()}}


@pytest.mark.parametrize("said", [(), ("--new-person", "FANTASMA,UGO", "--born", "1950-01-02", "--type", "nessuno")])
def test_an_answer_that_is_refused_decides_nothing_and_makes_nobody_known(
    said: tuple[str, ...], archive: Archive
) -> None:
    import_register(archive)
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    known = list(archive.catalog.persons())
    with pytest.raises(UndecidableError):
        review.run(parsed(review, "assign", paper.id, *said, "--by", "anna"))
    assert list(archive.catalog.persons()) == known
    assert not archive.catalog.decisions(paper.source)
