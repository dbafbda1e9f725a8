"""The contact sheet of a group: of each paper the place that proves it, cut out of its page by the server."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from faldone.domain.decision import Asked
from faldone.domain.events import EventType
from faldone.domain.page import Box
from faldone.pipeline.review.group import around
from tests.papers import noise, tiff
from tests.review_papers import import_register, report, take_papers
from tests.twins import Archive

HTMX = {"HX-Request": "true"}
Enter = Callable[..., TestClient]
PAGE = (900, 1200)


@pytest.mark.parametrize(
    ("proof", "wanted"),
    [
        (Box(400, 600, 100, 30), Box(225, 559, 450, 112)),
        (Box(0, 0, 100, 30), Box(0, 0, 450, 112)),
        (Box(850, 1190, 50, 10), Box(450, 1088, 450, 112)),
        (Box(100, 500, 700, 30), Box(30, 410, 840, 210)),
        (Box(0, 0, 900, 1200), Box(0, 0, 900, 1200)),
    ],
)
def test_a_crop_has_its_proof_in_the_middle_and_stays_on_the_page(proof: Box, wanted: Box) -> None:
    assert around(proof, *PAGE) == wanted
    assert wanted.x <= proof.x
    assert proof.right <= wanted.right
    assert wanted.y <= proof.y
    assert proof.bottom <= wanted.bottom


def test_every_paper_of_a_group_shows_the_place_that_proves_it(enter: Enter, archive: Archive) -> None:
    import_register(archive)
    archive.engine.default = report("FERRARI ANNA")
    for number in range(3):
        archive.take(f"B-12/{number}.tif", tiff(noise(number)))
    archive.work_off()
    papers = [archive.catalog.documents(one.digest)[0] for one in archive.catalog.sources()]
    client = enter("archivista")
    first = client.get("/revisione").headers["location"].split("/")[-1]
    shown = client.get(f"/revisione/{first}/gruppo", headers=HTMX).text
    crops = re.findall(r'<img src="([^"]+region=[^"]+)"', shown)
    assert f"/documenti/{first}/" in crops[0]  # what one was looking at stands beside the others
    assert len(crops) == len(papers) == 3
    for crop in crops:
        address = crop.replace("&amp;", "&")
        answer = client.get(address)
        assert answer.status_code == 200
        wide, high = map(int, re.findall(r"region=\d+,\d+,(\d+),(\d+)", address)[0])
        picture = Image.open(io.BytesIO(answer.content))
        assert picture.width / picture.height == pytest.approx(wide / high, rel=0.05)
        assert len(answer.content) < 150_000
    given = [one.record for one in archive.catalog.ledger() if one.record.type == EventType.PAGE_DELIVERED.value]
    assert len(given) == 3  # what left the archive is on record


def test_a_paper_whose_proof_has_no_place_is_told_by_its_words(enter: Enter, archive: Archive) -> None:
    import_register(archive)
    papers = take_papers(archive, *[report("FERRARI ANNA")] * 2)
    for paper in papers:
        proposal = paper.proposal
        persons = tuple(
            replace(one, evidence=tuple(replace(proof, box=None) for proof in one.evidence)) for one in proposal.persons
        )
        with archive.catalog.begin() as work:
            again = replace(proposal, persons=persons)
            work.save_proposals(paper.source, [again], archive.clock(), {0: Asked("holder:anna", frozenset())})
    client = enter("archivista")
    first = client.get("/revisione").headers["location"].split("/")[-1]
    shown = client.get(f"/revisione/{first}/gruppo", headers=HTMX).text
    assert "region=" not in shown
    assert "«FERRARI ANNA»" in shown
