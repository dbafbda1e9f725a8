"""The strip of sheets over HTTP: blank and turned are saved with the starts, and undone by one key."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from faldone.catalog.records import Document
from faldone.pipeline.papers.page_images import stand
from faldone.pipeline.papers.reading_order import reading_order
from faldone.pipeline.review.boundaries import merge
from faldone.pipeline.review.order_pages import order_pages
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


def joined(archive: Archive, paper: Document) -> Document:
    """The paper's whole file as one document."""
    while len(found := archive.catalog.documents(paper.source)) > 1:
        merge(found[-1].id, "anna", archive.ports)
    return found[0]


def sent(strip: str, *posti: str) -> dict[str, list[str]]:
    """The strip's form with these places typed, one a sheet, as it goes without script."""
    return {
        "versioni": re.findall(r'name="versioni" value="([^"]+)"', strip),
        "inizi": ticked(strip, "inizi"),
        "letti": re.findall(r'name="letti" value="([^"]+)"', strip),
        "posti": list(posti),
    }


def shown_pages(text: str) -> list[str]:
    return re.findall(r'<li class="strip-sheet[^"]*" data-page="(\d+)"', text)


def test_a_misfed_sheet_is_put_in_its_place_and_comes_back_with_one_undo(
    enter: Enter, archive: Archive, paper: Document
) -> None:
    whole, client = joined(archive, paper), enter("archivista")
    address = f"/revisione/{whole.id}/fogli"
    strip = client.get(address, headers=HTMX).text
    assert re.findall(r'name="posti" value="(\d+)"', strip) == ["1", "2", "3"]
    saved = client.post(address, data=sent(strip, "1", "3", "2"), headers=HTMX)
    assert "Fogli salvati: 1 modifica." in saved.text
    assert reading_order(whole, archive.ports) == (0, 2, 1)
    assert shown_pages(client.get(address, headers=HTMX).text) == ["0", "2", "1"]
    # The same form again: it was looked at before.
    assert client.post(address, data=sent(strip, "2", "1", "3"), headers=HTMX).status_code == 409
    assert client.post("/revisione/annulla", headers=HTMX).status_code == 200
    assert reading_order(whole, archive.ports) == (0, 1, 2)


def test_the_bench_turns_pages_over_as_they_are_read(enter: Enter, archive: Archive, paper: Document) -> None:
    whole, client = joined(archive, paper), enter("archivista")
    order_pages(whole.id, (3, 1, 2), "anna", archive.ports)
    bench = client.get(f"/revisione/{whole.id}", headers=HTMX).text
    assert re.findall(r'data-sheet="(\d)"', bench) == ["3", "1", "2"]
    assert "pagina 1 di 3" in bench
    assert 'title="foglio 3 della scansione"' in bench
    assert f"/revisione/{whole.id}/foglio?p=1" in bench.partition('data-key="."')[0].rpartition("<a")[2]
    first = client.get(f"/revisione/{whole.id}/foglio?p=1", headers=HTMX).text
    assert "pagina 2 di 3" in first
    assert "foglio?p=3" in first.partition('data-key=","')[0].rpartition("<a")[2]


@pytest.mark.parametrize(
    ("letti", "posti"),
    [
        (["0:0", "1:1", "2:2"], ["1", "2"]),
        (["0:0", "1:1", "2:2"], ["1", "1", "2"]),
        (["0:0", "1:1", "2:2"], ["1", "2", "9"]),
        (["0:0", "1:1", "2:2"], ["1", "2", "0"]),
        (["0:0", "1:1", "2:2"], ["1", "2", "x"]),
        (["0:0", "1", "2:1"], ["1", "2", "3"]),
        (["0:0", "<b>:1", "2:1"], ["1", "2", "3"]),
    ],
)
def test_places_that_make_no_sense_change_nothing(
    enter: Enter, archive: Archive, paper: Document, letti: list[str], posti: list[str]
) -> None:
    whole, client = joined(archive, paper), enter("archivista")
    strip = client.get(f"/revisione/{whole.id}/fogli", headers=HTMX).text
    data = sent(strip, *posti) | {"letti": letti}
    assert client.post(f"/revisione/{whole.id}/fogli", data=data, headers=HTMX).status_code in (409, 422)
    assert archive.catalog.page_places(whole.source) == {}


def test_a_program_puts_pages_in_order_of_what_it_looked_at(enter: Enter, archive: Archive, paper: Document) -> None:
    whole, client = joined(archive, paper), enter("archivista")
    door = f"/api/v1/review/{whole.id}/order"
    done = client.post(door, json={"version": whole.version, "pages": [1, 3, 2]})
    assert (done.status_code, done.json()["documents"]) == (200, [whole.id])
    said = client.get(f"/api/v1/documents/{whole.id}").json()
    assert [(page["number"], page["position"]) for page in said["pages"]] == [(1, 1), (3, 2), (2, 3)]
    assert said["version"] == whole.version + 1
    assert client.post(door, json={"version": whole.version, "pages": [1, 2, 3]}).status_code == 409
    again = {"version": said["version"], "pages": [1, 2]}
    assert client.post(door, json=again).status_code in (409, 422)
    assert reading_order(whole, archive.ports) == (0, 2, 1)


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
