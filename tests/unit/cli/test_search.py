"""``faldone search`` as a person and as a script uses it, and the commands about the index."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from faldone.cli import export, index, search, status
from faldone.cli.main import main
from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.index import index_pending
from tests.small_archive import Paper, put
from tests.twins import Archive

ROSSI = Person(PersonId("u-000000000001"), "Rossi", "Maria", "RSSMRA80A41D142X", residence="Crema")
PAPERS = [
    Paper("affidamento del minore", [ROSSI], "TUM", "relazione_sociale"),
    Paper("affidamento del servizio mensa", [ROSSI], "SEG"),
    Paper("affidamento di un incarico", [], "SEG"),
]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """An archive of three papers that the commands open in the place of a home's."""
    made = Archive(tmp_path)
    with made.catalog.begin() as work:
        work.save_persons([ROSSI])
    put(made, PAPERS)
    index_pending(made.ports)

    @contextmanager
    def opened(_settings: object) -> Iterator[Ports]:
        yield made.ports

    for command in (search, export, index, status):
        monkeypatch.setattr(command, "open_archive", opened)
    monkeypatch.setenv("FALDONE_HOME", str(tmp_path))
    yield made
    made.close()


def lines(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_persons_come_before_documents(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "rossi", "--facets"]) == 0
    shown = capsys.readouterr().out
    assert shown.index("2 documenti (SEG 1, TUM 1)") < shown.index("1. ROSSI MARIA")
    assert "Servizi · services: Segretariato sociale 1, Tutela minori 1" in shown


def test_json_is_one_document_a_line_and_with_facets_one_summary_more(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["search", "affidamento", "--json"])
    plain = lines(capsys)
    main(["search", "affidamento", "--json", "--facets", "--limit", "2"])
    *documents, summary = lines(capsys)
    assert len(plain) == 3
    assert [one["document"] for one in documents] == [one["document"] for one in plain[:2]]
    assert summary["total"] == 3
    assert {one["value"]: one["count"] for one in summary["facets"]["service"]} == {"seg": 2, "tum": 1}
    main(["search", "affidamento", "--json", "--limit", "2", "--next", summary["next"]])
    assert [one["document"] for one in lines(capsys)] == [plain[2]["document"]]
    main(["search", "affidamento", "--json", "--limit", "2", "--page", "2"])
    assert [one["document"] for one in lines(capsys)] == [plain[2]["document"]]


@pytest.mark.parametrize(
    ("rights", "found"),
    [
        ([], 3),
        (["--services", "tum"], 1),
        (["--services", "SEG,TUM", "--sensitivity", "base"], 2),
        (["--comuni", "Crema"], 2),
        (["--comuni", "Lodi"], 0),
    ],
)
def test_a_search_can_be_tried_with_fewer_rights(
    archive: Archive, capsys: pytest.CaptureFixture[str], rights: list[str], found: int
) -> None:
    assert main(["search", "affidamento", "--json", *rights]) == 0
    assert len(lines(capsys)) == found


def test_all_hits_of_a_document_and_those_like_it(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    main(["search", "minore", "--json"])
    (document,) = (one["document"] for one in lines(capsys))
    main(["search", "affidamento", "--all", document, "--json"])
    (found,) = lines(capsys)
    assert [page["index"] for page in found["pages"]] == [0]
    main(["search", "--like", document, "--json"])
    assert document not in [one["document"] for one in lines(capsys)]


def test_a_search_is_kept_run_listed_and_forgotten(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "affidamento", "--service", "SEG", "--save", "seg", "--by", "anna", "--json"]) == 0
    first = lines(capsys)
    assert main(["search", "--saved", "seg", "--by", "anna", "--json"]) == 0
    assert lines(capsys) == first
    assert main(["search", "--saved", "--by", "anna", "--json"]) == 0
    assert [one["query"] for one in lines(capsys)] == ['affidamento servizio:"SEG"']
    assert main(["search", "--saved", "seg", "--by", "bruno"]) == 66
    assert main(["search", "--forget", "seg", "--by", "anna"]) == 0
    assert main(["search", "--saved", "seg", "--by", "anna"]) == 66


def test_the_whole_list_goes_to_a_file(archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "elenco.csv"
    assert main(["search", "affidamento", "--limit", "1", "--csv", str(file)]) == 0
    with file.open(encoding="utf-8") as read:
        assert len(list(csv.DictReader(read))) == 3
    capsys.readouterr()
    assert main(["export", "search", "affidamento", "--json", "--services", "SEG"]) == 0
    assert {one["service"] for one in lines(capsys)} == {"SEG"}


def test_index_verify_fails_until_it_is_repaired(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "verify", "--json"]) == 0
    archive.ports.index.delete([held.id for held in archive.ports.index.held()][:1])
    capsys.readouterr()
    assert main(["index", "verify", "--json"]) == 76
    (told,) = lines(capsys)
    assert [one["difference"] for one in told["findings"]] == ["missing"]
    assert main(["index", "verify", "--repair"]) == 0
    assert main(["index", "verify"]) == 0
    archive.ports.index.reset()
    assert main(["index", "rebuild"]) == 0
    assert archive.ports.index.count() == 3


def test_status_tells_how_far_the_index_is_behind(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    put(archive, [Paper("nuovo")], first=5)
    archive.clock.pass_by(minutes=3)
    assert main(["status", "--json"]) == 0
    (told,) = lines(capsys)
    assert told["index_lag"] == {"documents": 1, "oldest_s": 180, "refused": 0}


def test_a_misspelt_name_is_said_as_what_it_was_read(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "rosssi"]) == 0
    captured = capsys.readouterr()
    assert "«rosssi» cercato come «rossi»" in captured.out + captured.err
    assert "ROSSI MARIA" in captured.out
