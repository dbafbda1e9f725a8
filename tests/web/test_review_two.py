"""Two people, or two windows, on one paper: who comes too late is told who was first and when, and nothing is lost."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from faldone.catalog.records import Document
from faldone.domain.attribution import Band
from faldone.domain.ids import DocumentId
from tests.review_papers import import_register, report, take_papers
from tests.twins import Archive

HTMX = {"HX-Request": "true"}
Enter = Callable[..., TestClient]


@pytest.fixture
def papers(archive: Archive) -> list[Document]:
    import_register(archive)
    return take_papers(archive, report("FERRARI ANNA"), report("VERDI CARLO", "nato a Crema il 3 maggio 2009"))


def bench(client: TestClient, document: DocumentId | None = None) -> Response:
    where = f"/revisione/{document}" if document is not None else client.get("/revisione").headers["location"]
    return client.get(where, headers=HTMX)


def press_enter(client: TestClient, before: Response) -> Response:
    form = before.text[before.text.index('id="risposta"') :].split("</form>")[0]
    action = re.search(r'action="([^"]+)"', before.text[before.text.index('id="risposta"') :])
    assert action is not None
    said = dict(re.findall(r'<input type="hidden" name="([^"]+)"[^>]*? value="([^"]*)"', form))
    return client.post(action[1], data=said, headers=HTMX)


def shown(answer: Response) -> DocumentId:
    found = re.search(r'action="/revisione/(d-[0-9a-f]+)/decidi"', answer.text)
    assert found is not None
    return DocumentId(found[1])


def clock(archive: Archive) -> str:
    return f"{archive.clock().astimezone():%H:%M}"


def test_who_comes_second_is_told_who_was_first_and_when(
    enter: Enter, archive: Archive, papers: list[Document]
) -> None:
    anna, maria = enter("archivista", name="anna"), enter("archivista", name="maria")
    before = bench(anna)
    first, second = shown(before), next(one.id for one in papers if one.id != shown(before))
    press_enter(maria, bench(maria, first))
    at = clock(archive)
    archive.clock.pass_by(minutes=3)
    late = press_enter(anna, before)
    assert late.status_code == 409
    assert f"Prova A. ha già deciso su questo documento alle {at}. La tua scelta non è stata applicata." in late.text
    assert f'href="/revisione/{first}"' in late.text
    assert late.headers["hx-retarget"] == "#messaggi"
    assert archive.catalog.document(second).proposal.band is Band.REVIEW


def test_what_was_left_for_too_long_and_is_before_somebody_else_is_not_decided_blindly(
    enter: Enter, archive: Archive, papers: list[Document]
) -> None:
    anna, maria = enter("archivista", name="anna"), enter("archivista", name="maria")
    before = bench(anna)
    first = shown(before)
    archive.clock.pass_by(minutes=6)
    assert shown(bench(maria)) == first
    at = clock(archive)
    archive.clock.pass_by(minutes=1)
    late = press_enter(anna, before)
    assert late.status_code == 409
    assert f"dalle {at} Prova A. lo ha davanti. La tua scelta non è stata applicata." in late.text
    assert all(archive.catalog.document(one.id).proposal.band is Band.REVIEW for one in papers)
    # Seen once more, with the colleague's name beside it, it may be decided all the same.
    again = bench(anna, first)
    assert f"Dalle {at} questo documento è anche davanti a Prova A.: vale chi decide prima." in again.text
    assert press_enter(anna, again).status_code == 200
    assert archive.catalog.document(first).proposal.band is Band.AUTO


def test_what_was_left_for_long_and_nobody_took_is_still_ones_own(
    enter: Enter, archive: Archive, papers: list[Document]
) -> None:
    anna = enter("archivista", name="anna")
    before = bench(anna)
    archive.clock.pass_by(minutes=8)
    assert press_enter(anna, before).status_code == 200
    assert archive.catalog.document(shown(before)).proposal.band is Band.AUTO


def test_a_decision_on_a_file_that_is_being_worked_on_is_told_as_what_it_is(
    enter: Enter, archive: Archive, papers: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faldone.pipeline.filing.attribute._MOMENT_S", 0.0)
    anna = enter("archivista", name="anna")
    before = bench(anna)
    paper = archive.catalog.document(shown(before))
    with archive.catalog.begin() as work:
        work.attribute_again([paper.id])
        work.claim_source(paper.source, archive.clock(), archive.clock() + dt.timedelta(minutes=9))
    told = press_enter(anna, before)
    assert told.status_code == 200
    assert "deciso. Il suo file è in lavorazione: si archivia appena è finita." in told.text
    with archive.catalog.begin() as work:
        work.save_proposals(paper.source, [paper.proposal], archive.clock())
    archive.work_off()
    assert archive.catalog.document(paper.id).proposal.band is Band.AUTO


def test_a_key_in_another_window_of_the_same_desk_falls_on_no_other_paper(
    enter: Enter, archive: Archive, papers: list[Document]
) -> None:
    anna = enter("archivista", name="anna")
    one_window = bench(anna)
    other_window = bench(anna, shown(one_window))
    next_one = press_enter(anna, other_window)
    assert shown(next_one) != shown(one_window)
    late = press_enter(anna, one_window)
    assert late.status_code == 409
    assert "ha già deciso su questo documento" in late.text
    assert archive.catalog.document(shown(next_one)).proposal.band is Band.REVIEW


def test_an_undo_that_comes_too_late_says_who_decided_and_when(
    enter: Enter, archive: Archive, papers: list[Document]
) -> None:
    anna, maria = enter("archivista", name="anna"), enter("archivista", name="maria")
    before = bench(anna)
    first = shown(before)
    press_enter(anna, before)
    archive.clock.pass_by(minutes=2)
    version = archive.catalog.document(first).version
    assert maria.post(f"/api/v1/review/{first}/undo", json={"version": version}).status_code == 200
    press_enter(maria, bench(maria, first))
    answer = anna.post("/revisione/annulla", headers=HTMX)
    assert answer.status_code == 409
    assert f"nel frattempo ha deciso Prova A. alle {clock(archive)}" in answer.text
