"""The strip of sheets over HTTP: blank and turned are saved with the starts, and undone by one key."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from faldone.catalog.catalog import Document
from faldone.pipeline.papers.page_images import stand
from faldone.pipeline.review.sheets import page_at
from tests.review_papers import import_register, report, take_papers
from tests.twins import Archive

HTMX = {"HX-Request": "true"}
Enter = Callable[..., TestClient]


@pytest.fixture
def paper(archive: Archive) -> Document:
    """The first document of a file of three pages."""
    import_register(archive)
    return take_papers(archive, report("FERRARI ANNA"), pages=3)[0]


def ticked(strip: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="(\d+)" checked', strip)


def test_a_blank_and_a_turned_sheet_are_saved_together_and_undone_together(
    enter: Enter, archive: Archive, paper: Document
) -> None:
    client = enter("archivista")
    strip = client.get(f"/revisione/{paper.id}/fogli", headers=HTMX).text
    assert ticked(strip, "bianche") == []
    said = {
        "versioni": re.findall(r'name="versioni" value="([^"]+)"', strip),
        "inizi": ticked(strip, "inizi"),
        "bianche": ["1"],
        "girati": ["0:90:-"],
    }
    saved = client.post(f"/revisione/{paper.id}/fogli", data=said, headers=HTMX)
    assert "Fogli salvati: 2 modifiche." in saved.text
    assert archive.catalog.blank_pages(paper.source) == {1}
    assert stand(page_at(paper.source, 0, archive.ports), archive.ports).turn == 90
    # The marks of the bench stand on the picture as it is shown now: it lies on its side.
    assert 'viewBox="0 0 1200 900"' in saved.text
    assert client.post("/revisione/annulla", headers=HTMX).status_code == 200
    assert archive.catalog.blank_pages(paper.source) == frozenset()
    assert stand(page_at(paper.source, 0, archive.ports), archive.ports).turn == 0


@pytest.mark.parametrize("said", ["0:45:-", "x", "0:90", "0:90:91", "-1:90:-", "<b>:90:-"])
def test_what_is_no_quarter_turn_changes_nothing(enter: Enter, archive: Archive, paper: Document, said: str) -> None:
    client = enter("archivista")
    strip = client.get(f"/revisione/{paper.id}/fogli", headers=HTMX).text
    versions = re.findall(r'name="versioni" value="([^"]+)"', strip)
    before = archive.catalog.documents(paper.source)
    data = {"versioni": versions, "inizi": ticked(strip, "inizi"), "girati": [said]}
    assert client.post(f"/revisione/{paper.id}/fogli", data=data, headers=HTMX).status_code in (409, 422)
    assert archive.catalog.page_turns(paper.source) == {}
    assert archive.catalog.documents(paper.source) == before
