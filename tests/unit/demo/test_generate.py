"""The generator of synthetic dossiers: a small box is representative, exact and repeatable."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pdfplumber
import pypdfium2
import pytest
import yaml
from PIL import Image

import faldone.classify
from faldone.demo.generate import generate
from faldone.demo.truth import Truth

LEXICON = Path(faldone.classify.__file__).parent / "lexicon"


@pytest.fixture(scope="module")
def box(tmp_path_factory) -> Truth:
    return generate(tmp_path_factory.mktemp("scatola"), pages=12, seed=1)


def lines(box: Truth) -> list[dict]:
    return [json.loads(line) for line in box.lines.read_text(encoding="utf-8").splitlines()]


def digests(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_a_small_box_holds_every_kind_of_file(box):
    files = lines(box)
    formats = {file["format"] for file in files}
    pages = [page for file in files for page in file["pages"]]

    assert len(pages) == box.pages == 12
    assert {"tiff-g4", "pdf-jpeg", "pdf-text", "pdf-mixed"} <= formats
    assert any(file["format"] == "tiff-g4" and len(file["pages"]) > 1 for file in files)
    assert any(page["rotation"] == 270 for page in pages)
    assert any(page["blank"] for page in pages)
    assert {page["source"] for page in pages} == {"ocr", "text-layer"}


def test_truth_agrees_with_the_files(box):
    for file in lines(box):
        path = box.inbox / file["file"]
        data = path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
        if path.suffix == ".pdf":
            with pypdfium2.PdfDocument(data) as pdf:
                assert len(pdf) == len(file["pages"])
        else:
            with Image.open(io.BytesIO(data)) as image:
                assert getattr(image, "n_frames", 1) == len(file["pages"])


def test_nothing_but_the_promised_files_is_left(box):
    assert {path.name for path in box.target.iterdir()} == {"inbox", "persone.csv", "verita.jsonl"}
    assert {str(path.relative_to(box.inbox)) for path in box.inbox.rglob("*") if path.is_file()} == {
        file["file"] for file in lines(box)
    }


def test_every_page_belongs_to_one_document_or_is_blank_or_separates(box):
    for file in lines(box):
        owners = [0] * len(file["pages"])
        for document in file["documents"]:
            for index in range(document["first_page"], document["last_page"] + 1):
                owners[index] += 1
        for page, count in zip(file["pages"], owners, strict=True):
            assert count == (0 if page["separator"] else 1) or page["blank"]


def test_codes_of_types_and_services_are_the_lexicons(tmp_path):
    types = {row["code"] for row in yaml.safe_load((LEXICON / "document_types.yaml").read_text())["types"]}
    services = {row["code"] for row in yaml.safe_load((LEXICON / "services.yaml").read_text())["services"]}
    from faldone.demo.lexis import table
    from faldone.demo.papers.catalogue import MAKERS, PAPERS_OF

    assert set(MAKERS) <= types
    assert set(table("services")) <= services
    assert set(PAPERS_OF) <= set(table("services"))
    assert {kind for papers in PAPERS_OF.values() for kind in papers} <= set(MAKERS)


def test_a_code_said_to_be_on_the_page_is(box):
    for file in lines(box):
        for document in file["documents"]:
            holders = [person for person in document["persons"] if person["role"] == "holder"]
            text = " ".join(page["text"] for page in file["pages"][document["first_page"] : document["last_page"] + 1])
            if document["cf_on_page"]:
                assert holders[0]["cf"] in text
            elif holders:
                assert all(holder["cf"] not in text for holder in holders)


def test_the_text_layer_of_a_born_digital_page_is_the_truth(box):
    checked = 0
    for file in lines(box):
        for page in file["pages"]:
            if page["source"] == "text-layer":
                with pdfplumber.open(box.inbox / file["file"]) as pdf:
                    found = pdf.pages[page["index"]].extract_text()
                assert re.sub(r"\W+", " ", found).split() == re.sub(r"\W+", " ", page["text"]).split()
                checked += 1
    assert checked >= 2


def test_the_register_holds_users_and_no_staff(box):
    with box.register.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {f"{row['cognome']} {row['nome']}".upper() for row in rows}

    assert len(rows) == box.persons >= 25
    assert len({row["codice_fiscale"] for row in rows}) == len(rows)
    for document in (document for file in lines(box) for document in file["documents"]):
        for person in document["persons"]:
            if person["role"] in ("judge", "lawyer", "doctor", "social_worker", "author", "guardian"):
                assert person["name"] not in names
                assert person["cf"] is None


def test_the_same_seed_gives_the_same_bytes_in_another_process_and_with_workers(tmp_path, box):
    script = (
        "import sys; from pathlib import Path; from faldone.demo.generate import generate\n"
        "if __name__ == '__main__': generate(Path(sys.argv[1]), pages=12, seed=1, workers=2)\n"
    )
    program = tmp_path / "program.py"
    program.write_text(script)
    again = tmp_path / "again"
    subprocess.run(
        [sys.executable, str(program), str(again)], check=True, env={"PYTHONHASHSEED": "77", "PATH": "/usr/bin:/bin"}
    )

    assert digests(again) == digests(box.target)


def test_another_seed_gives_other_persons(tmp_path, box):
    other = generate(tmp_path, pages=1, seed=2)

    assert other.pages == 1
    assert other.register.read_bytes() != box.register.read_bytes()


def test_pages_are_reported_one_by_one(tmp_path):
    seen: list[int] = []
    generate(tmp_path, pages=3, seed=5, on_page=seen.append)

    assert seen == [1, 2, 3]


def test_no_pages_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one page"):
        generate(tmp_path, pages=0)
