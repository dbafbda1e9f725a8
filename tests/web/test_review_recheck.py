"""The blind re-check: one in so many of what filed itself is asked again, and what comes of it is measured."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from faldone.catalog.records import Document
from faldone.classify.measure import reliability
from faldone.domain.access import EVERYTHING, Access, Sensitivity
from faldone.domain.attribution import Band
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId, document_id_below
from faldone.pipeline.audit.sentences import sentence
from faldone.pipeline.filing.evaluate import judge_decisions
from faldone.pipeline.filing.persons import find_person
from faldone.pipeline.office.statistics import rightness
from faldone.pipeline.review.queue import Order, ReviewQueue
from faldone.pipeline.review.recheck import BETWEEN
from faldone.pipeline.review.settle import accept
from tests.review_papers import import_register, report, take_papers
from tests.twins import Archive

HTMX = {"HX-Request": "true"}
Enter = Callable[..., TestClient]
SURE = report("ROSSI MARIO", "nato a Pisa il 10 dicembre 1985, C.F. RSSMRA85T10A562S")


def asking(archive: Archive, one_in: int) -> Archive:
    """The archive with another share of documents that are asked again."""
    archive.ports = replace(archive.ports, options=replace(archive.ports.options, recheck_one_in=one_in))
    import_register(archive)
    return archive


@pytest.fixture
def archive(archive: Archive) -> Archive:
    return asking(archive, 1)


@pytest.fixture
def paper(archive: Archive) -> Document:
    """A document that was filed by itself."""
    (paper,) = take_papers(archive, SURE)
    assert paper.proposal.band is Band.AUTO
    return paper


def told(paper: Document, archive: Archive, **other: str) -> dict[str, str]:
    """What somebody says who reads the paper as the archive does, but for ``other``."""
    (holder,) = paper.proposal.holders
    assert paper.proposal.type is not None
    assert paper.proposal.service is not None
    return {
        "version": str(archive.catalog.document(paper.id).version),
        "persona": str(holder.value.person),
        "tipo": paper.proposal.type.value,
        "servizio": paper.proposal.service.value,
    } | other


def decided(archive: Archive) -> list[dict[str, object]]:
    """The details of all decisions in the ledger."""
    return [
        json.loads(one.record.detail)
        for one in archive.catalog.ledger()
        if one.record.type == EventType.DOCUMENT_DECIDED.value
    ]


def test_the_same_papers_are_drawn_each_time_and_about_so_many_as_was_asked() -> None:
    ids = [DocumentId(f"d-{(2 * number + 1) * 16**12 // 2000:012x}") for number in range(1000)]
    drawn = [one for one in ids if one < document_id_below(50)]
    assert len(drawn) == 20
    assert all(one < document_id_below(1) for one in ids)
    assert set(drawn) < {one for one in ids if one < document_id_below(10)}


def test_what_filed_itself_is_asked_again_without_what_is_proposed(
    enter: Enter, archive: Archive, paper: Document
) -> None:
    client = enter("archivista")
    empty = client.get("/revisione")
    assert "Un documento archiviato da solo è da ricontrollare." in empty.text
    address = client.get("/revisione/ricontrollo").headers["location"]
    assert address == f"/revisione/{paper.id}/ricontrollo"
    shown = client.get(address).text
    before, _, after = shown.partition('<article class="page-text"')
    assert "ROSSI" not in before + after.partition("</article>")[2]  # only the paper itself says it
    assert 'id="segno-' not in shown
    assert "selected" not in shown.partition('id="ricontrollo"')[2].partition("</form>")[0]
    sheet = client.get(f"/revisione/{paper.id}/foglio?cieco=true&p=1", headers=HTMX).text
    assert 'id="segno-' not in sheet
    assert 'id="segno-' in client.get(f"/revisione/{paper.id}/foglio?p=1", headers=HTMX).text


def test_an_answer_like_the_archives_is_on_record_and_confirms_what_was_asked(
    enter: Enter, archive: Archive, paper: Document
) -> None:
    client = enter("archivista", name="mara")
    client.get(f"/revisione/{paper.id}/ricontrollo")
    done = client.post(f"/revisione/{paper.id}/ricontrollo", data=told(paper, archive), headers=HTMX)
    assert "Come l'archivio." in done.text or "Come l&#39;archivio." in done.text
    (event,) = decided(archive)
    assert event["blind"]
    assert "ricontrollato alla cieca" in sentence(EventType.DOCUMENT_DECIDED, paper.id, event).italian
    judged = judge_decisions(archive.ports).judged  # «faldone classify evaluate» measures on these
    assert [set(one.right) for one in judged] == [{"holder", "type", "service"}]
    assert reliability(judged, "date") == []
    now = archive.catalog.document(paper.id).proposal
    assert (now.holders[0].confirmed_by, now.type and now.type.confirmed_by) == ("mara", "mara")
    assert now.date is not None
    assert now.date.confirmed_by is None  # nobody was asked
    assert now.holders[0].evidence == paper.proposal.holders[0].evidence
    assert client.get(f"/revisione/{paper.id}/ricontrollo").status_code == 303  # asked once


@pytest.mark.slow
def test_another_answer_is_shown_beside_the_archives_and_who_is_right_is_asked(
    enter: Enter, archive: Archive, paper: Document
) -> None:
    anna = find_person("FERRARI ANNA", archive.ports)
    client = enter("archivista")
    address, said = f"/revisione/{paper.id}/ricontrollo", told(paper, archive, persona="FERRARI ANNA")
    both = client.post(address, data=said, headers=HTMX).text
    assert "Ho ragione io: FERRARI ANNA" in both
    assert re.search(r"Ha ragione l(?:'|&#39;)archivio: ROSSI MARIO", both)
    assert "giusto_tipo" not in both  # that is the same
    assert decided(archive) == []
    done = client.post(address, data={**said, "giusto_intestatario": "io"}, headers=HTMX)
    assert "corretto nell" in done.text
    (holder,) = archive.catalog.document(paper.id).proposal.holders
    assert holder.value.person == anna.id
    undone = client.post("/revisione/annulla", headers=HTMX)
    assert "non torna da rivedere: è archiviato" in undone.text
    (holder,) = archive.catalog.document(paper.id).proposal.holders
    assert holder.value.name == "ROSSI MARIO"
    assert client.get(address).status_code == 200  # asked again


def test_where_the_archive_was_right_nothing_is_changed_and_the_difference_is_counted(
    enter: Enter, archive: Archive, paper: Document
) -> None:
    client = enter("archivista")
    said = told(paper, archive, servizio="ADM", giusto_servizio="archivio")
    done = client.post(f"/revisione/{paper.id}/ricontrollo", data=said, headers=HTMX)
    assert "aveva ragione l" in done.text
    now = archive.catalog.document(paper.id).proposal
    assert (now.service and now.service.value) == "TUM"
    (measured,) = [one for one in rightness(archive.ports) if one.blind]
    assert (measured.fields["service"].hits, measured.fields["service"].of) == (1, 1)
    assert measured.agreed is not None
    assert (measured.agreed.hits, measured.agreed.of) == (0, 1)


@pytest.mark.slow
def test_statistics_tell_the_measured_error_rate_of_what_files_itself(enter: Enter, archive: Archive) -> None:
    papers = take_papers(archive, *[SURE] * 3)
    client = enter("archivista")
    for paper, persona in zip(papers, ("ROSSI MARIO", "ROSSI MARIO", "FERRARI ANNA"), strict=True):
        said = told(paper, archive, persona=persona, giusto_intestatario="io")
        assert client.post(f"/revisione/{paper.id}/ricontrollo", data=said, headers=HTMX).status_code == 200
    (measured,) = [one for one in rightness(archive.ports) if one.blind]
    assert measured.band is Band.AUTO
    assert set(measured.fields) == {"holder", "type", "service"}  # nobody was asked for the date
    assert (measured.fields["holder"].hits, measured.fields["holder"].of) == (2, 3)
    text = enter("responsabile").get("/statistiche").text
    assert "ricontrollati alla cieca" in text
    assert "33,3 %" in text


def test_a_half_answer_is_refused_and_shows_nothing_of_the_archives(
    enter: Enter, archive: Archive, paper: Document
) -> None:
    said = told(paper, archive, persona="", tipo="")
    refused = enter("archivista").post(f"/revisione/{paper.id}/ricontrollo", data=said, headers=HTMX)
    assert refused.status_code == 409
    assert "ROSSI" not in refused.text
    assert decided(archive) == []


@pytest.mark.slow
def test_a_recheck_comes_between_papers_that_wait_and_counts_with_none_of_them(
    enter: Enter, archive: Archive, paper: Document
) -> None:
    take_papers(archive, *[report("FERRARI ANNA")] * (BETWEEN + 1), first=10)
    client = enter("archivista")
    assert f'<span class="count">{BETWEEN + 1}</span>' in client.get("/revisione", follow_redirects=True).text
    met = []
    for _ in range(BETWEEN + 1):
        address = client.get("/revisione").headers["location"]
        met.append(address.endswith("/ricontrollo"))
        document = address.split("/")[2]
        said = {"version": str(archive.catalog.document(DocumentId(document)).version), "option": "as-proposed"}
        if not met[-1]:
            client.post(f"/revisione/{document}/decidi", data=said, headers=HTMX)
    assert met == [False] * BETWEEN + [True]
    after = client.post(f"/revisione/{paper.id}/poi", headers=HTMX).text
    assert 'id="risposte"' in after  # who puts it off goes on with what waits


def test_only_what_somebody_may_see_without_a_reason_is_asked_again(archive: Archive) -> None:
    services = archive.ports.lexicon.services.values()
    closest = next(one.code for one in services if Sensitivity.of(one.sensitivity) is Sensitivity.RAFFORZATA)
    plain, close = take_papers(archive, SURE, SURE)
    assert close.proposal.service is not None
    with archive.catalog.begin() as work:
        service = replace(close.proposal.service, value=closest)
        work.save_proposals(close.source, [replace(close.proposal, service=service)], archive.clock())

    def asked(access: Access) -> list[DocumentId]:
        return [one.document for one in ReviewQueue().waiting(access, Order.USEFUL, archive.ports).rechecks]

    assert asked(EVERYTHING) == [plain.id]
    assert asked(Access(frozenset({"TUM"}), None, Sensitivity.RAFFORZATA)) == [plain.id]
    assert asked(Access(frozenset({"ADM"}), None, Sensitivity.RAFFORZATA)) == []


def test_nobody_is_asked_where_the_share_is_none_nor_what_somebody_settled(archive: Archive) -> None:
    first, second = take_papers(archive, SURE, SURE)
    accept(first.id, "mara", archive.ports)
    waiting = ReviewQueue().waiting(EVERYTHING, Order.USEFUL, archive.ports)
    assert [item.document for item in waiting.rechecks] == [second.id]
    assert waiting.items == ()
    asking(archive, 0)
    assert ReviewQueue().waiting(EVERYTHING, Order.USEFUL, archive.ports).rechecks == ()
