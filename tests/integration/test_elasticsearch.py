"""The whole archive with a real Elasticsearch by one setting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.papers import noise, page, tiff
from tests.processes import faldone, status

pytestmark = [pytest.mark.slow, pytest.mark.elasticsearch]


def test_a_file_is_found_through_elasticsearch(home: Path, tmp_path: Path, elasticsearch_url: str) -> None:
    search = {"FALDONE_SEARCH__URL": elasticsearch_url, "FALDONE_SEARCH__INDEX": "faldone-prova"}
    scans = tmp_path / "scans"
    scans.mkdir()
    letter = page("Comune di Crema", "Relazione sociale", "dell'intervento presso la comunità di accoglienza")
    (scans / "a.tif").write_bytes(tiff(letter))
    (scans / "b.tif").write_bytes(tiff(noise(1)))
    faldone(home, "init")
    faldone(home, "ingest", str(scans), "--wait", **search)
    assert status(home, **search)["not_indexed"] == 0
    (hit,) = map(json.loads, faldone(home, "search", "interventi", "comunita", "--json", **search).splitlines())
    assert hit["file"] == "a.tif"
    assert "«intervento»" in hit["pages"][0]["snippet"]
    faldone(home, "index", "rebuild", **search)
    assert faldone(home, "search", "interventi", "--json", **search).count("\n") == 1


def test_an_index_that_is_away_stops_nothing_but_the_search(home: Path, tmp_path: Path) -> None:
    away = {"FALDONE_SEARCH__URL": "http://127.0.0.1:9"}
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "b.tif").write_bytes(tiff(noise(1)))
    faldone(home, "init")
    faldone(home, "ingest", str(tmp_path / "scans"), **away)
    assert status(home, **away)["files"] == 1
    faldone(home, "search", "parola", code=75, **away)
