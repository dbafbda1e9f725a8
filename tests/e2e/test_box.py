"""A box of made-up dossiers from the inbox to the answer, as the three kinds of user meet it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.processes import faldone

pytestmark = pytest.mark.slow
PAGES = 14


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo") / "home"
    faldone(home, "demo", "--pages", str(PAGES))
    return home


@pytest.fixture(scope="module")
def results(demo: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in faldone(demo, "export", "results", "--json").splitlines()]


def truth(home: Path) -> dict[str, dict[str, Any]]:
    lines = (home / "scatola" / "verita.jsonl").read_text().splitlines()
    return {told["file"]: told for told in map(json.loads, lines)}


def test_every_page_of_the_box_is_in_the_archive(demo: Path, results: list[dict[str, Any]]) -> None:
    expected = {name: len(told["pages"]) for name, told in truth(demo).items()}
    assert {told["file"]: len(told["pages"]) for told in results} == expected
    assert all(page["text"] is not None for told in results for page in told["pages"])


def test_pages_are_read_and_turned_upright(demo: Path, results: list[dict[str, Any]]) -> None:
    told = truth(demo)
    right = total = 0
    for file in results:
        for page, true in zip(file["pages"], told[file["file"]]["pages"], strict=True):
            if true["blank"]:
                assert len(page["text"]) < 20, page
                continue
            right += page["rotation"] == true["rotation"]
            total += 1
    assert right >= total - 1


def test_nothing_is_filed_by_itself_under_the_wrong_person(demo: Path, results: list[dict[str, Any]]) -> None:
    told = truth(demo)
    for file in results:
        for document in file["documents"]:
            if document["band"] != "auto":
                continue
            found = {person["cf"] for person in document["persons"] if person["role"] == "holder"}
            true = [
                {person["cf"] for person in one["persons"] if person["role"] == "holder"}
                for one in told[file["file"]]["documents"]
                if one["first_page"] == document["first_page"]
            ]
            assert [found] == true, file["file"]


def test_the_person_of_a_filed_paper_is_found_by_name(demo: Path, results: list[dict[str, Any]]) -> None:
    filed = [
        document
        for file in results
        for document in file["documents"]
        if document["band"] == "auto" and any(person["role"] == "holder" for person in document["persons"])
    ]
    assert filed
    for document in filed:
        name = next(person["name"] for person in document["persons"] if person["role"] == "holder")
        hits = faldone(demo, "search", name, "--json", "--limit", "50").splitlines()
        assert document["id"] in [json.loads(hit)["document"] for hit in hits], name


def test_a_hit_says_page_snippet_and_boxes(demo: Path) -> None:
    hits = [json.loads(hit) for hit in faldone(demo, "search", "servizio", "--json").splitlines()]
    marked = [page for hit in hits for page in hit["pages"] if page["boxes"]]
    assert marked
    assert all("«" in page["snippet"] and all(len(box) == 4 for box in page["boxes"]) for page in marked)


def test_a_second_demo_repeats_nothing(demo: Path) -> None:
    before = json.loads(faldone(demo, "verify", "--json"))["ledger_entries"]
    told = faldone(demo, "demo", "--pages", str(PAGES))
    # the first verification itself is on record, and nothing else
    assert json.loads(faldone(demo, "verify", "--json"))["ledger_entries"] == before + 1
    assert "Da provare" in told


def test_the_commands_that_the_demo_offers_work(demo: Path, results: list[dict[str, Any]]) -> None:
    told = faldone(demo, "demo", "--pages", str(PAGES))
    filed = [one["id"] for file in results for one in file["documents"] if one["band"] == "auto" and one["service"]]
    assert f"show {min(filed)} " in told  # of the same box the same, whichever file came first
    offered = [line.strip() for line in told[told.index("Da provare") :].splitlines()[1:] if line.strip()]
    assert len(offered) == 5
    for command in offered:
        words = next(csv.reader([command], delimiter=" ", quotechar="'"))
        arguments = words[words.index(next(w for w in words if w.endswith("faldone"))) + 1 :]
        home = arguments.index("--home")
        assert arguments[home + 1] == str(demo)
        assert faldone(demo, *arguments[:home]).strip(), command


def test_the_picture_of_a_page_is_where_it_was_wanted(
    demo: Path, results: list[dict[str, Any]], tmp_path: Path
) -> None:
    page, target = f"{results[0]['documents'][0]['id']}/1", tmp_path / "pagina.png"
    told = json.loads(faldone(demo, "page", page, "--explain", "--output", str(target), "--json"))
    assert told["picture"] == str(target)
    assert target.stat().st_size > 0


def test_the_auditor_reads_a_whole_history(demo: Path, results: list[dict[str, Any]]) -> None:
    document = next(document for file in results for document in file["documents"])
    events = [json.loads(line) for line in faldone(demo, "trail", document["id"], "--json").splitlines()]
    assert events[0]["type"] == "intake:file:sealed"
    assert events[-1]["type"] == "document:index:written"
    assert any(event["agent"].startswith(("tesserocr/", "pypdfium2/")) for event in events)


def test_the_index_can_be_lost(demo: Path) -> None:
    def found() -> set[str]:
        hits = faldone(demo, "search", "servizio", "--json", "--limit", "50").splitlines()
        return {json.loads(hit)["document"] for hit in hits}

    before = found()
    faldone(demo, "index", "rebuild")
    assert found() == before
    assert before
