"""``faldone batch``: what is excluded, and with what a batch is closed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pypdfium2
import pytest

from faldone.cli import batch
from faldone.domain.batch import BatchFacts
from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from faldone.errors import BatchGapsError, NotFoundError, UndecidableError
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.intake.batches import describe_batch
from faldone.pipeline.intake.print_sheets import print_covers
from tests.papers import noise, tiff
from tests.twins import Archive

TEXT = "Relazione sociale sulla famiglia e sui minori presenti nella casa del padre"

Do = Callable[..., str]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=TEXT))
    made.take("lotto-1/a.tif", b"non un'immagine")
    made.take("lotto-1/b.tif", tiff(noise(1)))
    made.work_off()
    describe_batch(made.catalog.batch("lotto-1"), BatchFacts(sheets=3, operator="Bianchi Mara"), made.ports)
    yield made
    made.close()


@pytest.fixture
def do(archive: Archive, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Do:
    """Runs a verb; gives what it printed on stdout."""
    monkeypatch.setattr(batch, "settings_of", lambda _: None)
    monkeypatch.setattr(batch, "open_archive", lambda _: nullcontext(archive.ports))
    parser = argparse.ArgumentParser()
    batch.add_arguments(parser)

    def run(*words: str) -> str:
        batch.run(parser.parse_args(words))
        return " ".join(capsys.readouterr().out.split())

    return run


def test_a_batch_that_does_not_close_lists_every_gap_and_one_closed_for_a_reason_says_it(
    do: Do, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BatchGapsError):
        do("close", "lotto-1")
    listed = " ".join(capsys.readouterr().out.split())
    for told in ("1 × file rifiutato", "lotto-1/a.tif", "1 × le pagine arrivate non sono", "1 ≠ 3 × 1"):
        assert told in listed
    for said in (do("close", "lotto-1", "--despite", "paper-missing"), do("show", "lotto-1"), do("report", "lotto-1")):
        assert "lotto-1/a.tif" in said
        assert "Chiuso lo stesso, motivo: la carta non si trova" in said
    assert json.loads(do("show", "lotto-1", "--json"))["despite"] == "paper-missing"


def test_a_file_is_excluded_by_its_name_and_taken_back(do: Do) -> None:
    do("exclude", "lotto-1", "lotto-1/a.tif", "--because", "scanned-again")
    told = json.loads(do("report", "lotto-1", "--json"))
    assert told["files_excluded"] == [{"file": "lotto-1/a.tif", "because": "scanned-again"}]
    assert told["files_rejected"] == []
    assert "lotto-1/a.tif: escluso, la carta è stata scansionata di nuovo" in do("report", "lotto-1")
    do("include", "lotto-1", "lotto-1/a.tif")
    assert json.loads(do("show", "lotto-1", "--json"))["files_rejected"] == ["lotto-1/a.tif"]


def test_what_came_in_or_is_not_there_is_not_excluded(do: Do) -> None:
    with pytest.raises(UndecidableError):
        do("exclude", "lotto-1", "lotto-1/b.tif", "--page", "1", "--because", "test-sheet")
    for words in (("lotto-1/c.tif",), ("lotto-1/b.tif", "--page", "2")):
        with pytest.raises(NotFoundError):
            do("exclude", "lotto-1", *words, "--because", "test-sheet")


def test_names_of_persons_are_written_in_one_way_however_they_were_typed(
    do: Do, archive: Archive, tmp_path: Path
) -> None:
    assert "BIANCHI MARA" in do("show", "lotto-1")
    person = Person(PersonId("u-000000000001"), "Rossi", "mario")
    with (tmp_path / "copertina.pdf").open("wb") as target:
        print_covers([person], None, None, target, archive.ports)
    document = pypdfium2.PdfDocument(tmp_path / "copertina.pdf")
    assert "ROSSI MARIO" in document[0].get_textpage().get_text_bounded()
    document.close()


HOSTILE = "riga\nnuova\x1b[31m\u202efdp.tif"
HOSTILE_SHOWN = r"riga\nnuova\x1b[31m\u202efdp.tif"


def test_a_name_that_would_steer_the_terminal_is_spelt_out_wherever_a_batch_is_told(archive: Archive, do: Do) -> None:
    archive.take(f"cartella\nè/{HOSTILE}", b"non un'immagine")
    archive.work_off()
    for told in (do("list"), do("show", "cartella\nè"), do("report", "cartella\nè")):
        assert r"cartella\nè" in told
        assert told.isprintable()
    assert HOSTILE_SHOWN in do("report", "cartella\nè")


def test_a_batch_and_a_file_are_found_by_the_name_that_was_printed_and_by_the_bytes_of_the_disk(
    archive: Archive, do: Do
) -> None:
    archive.take(f"cartella\nè\udce8/{HOSTILE}", b"non un'immagine")
    archive.work_off()
    printed = r"cartella\nè\xe8"
    do("exclude", printed, f"{printed}/{HOSTILE_SHOWN}", "--because", "scanned-again")
    typed = "cartella\nè\udce8"  # as the shell completes it
    assert len(json.loads(do("show", typed, "--json"))["files_excluded"]) == 1
    do("include", typed, f"{typed}/{HOSTILE}")
    assert json.loads(do("show", printed, "--json"))["files_excluded"] == []


def test_the_report_says_what_is_wrong_with_a_data_file_and_which_file_it_names_in_vain(
    archive: Archive, do: Do
) -> None:
    archive.take("lotto-1/errato.csv", b"file;servizio\nb.tif;NOPE\n")
    archive.take("lotto-1/dati.csv", b"file;servizio\nb.tif;SAD\nmanca.tif;SAD\n")
    archive.work_off()
    told = do("report", "lotto-1")
    assert "lotto-1/errato.csv: riga 2: nessun servizio ha il codice NOPE" in told
    assert "lotto-1/dati.csv: parla di «manca.tif», che non è mai arrivato" in told
    assert len(json.loads(do("report", "lotto-1", "--json"))["notes"]) == 2
