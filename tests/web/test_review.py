"""Da rivedere over HTTP: twenty documents by keys, nobody's choice on another item, and every choice undone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from faldone.catalog.records import Document
from faldone.domain.access import Sensitivity
from faldone.domain.account import Ability, Account, AccountRole, Purpose, Rights
from faldone.domain.attribution import Band
from faldone.domain.decision import Asked
from faldone.domain.events import EventType
from faldone.domain.ids import DocumentId
from faldone.pipeline.filing.persons import find_person
from faldone.pipeline.review.settle import accept
from faldone.web.caller import key_of
from tests.review_papers import REGISTER, import_register, report, take_papers
from tests.twins import Archive

HTMX = {"HX-Request": "true"}
Enter = Callable[..., TestClient]


@pytest.fixture
def archive(archive: Archive) -> Archive:
    import_register(archive)
    return archive


def bands(archive: Archive, documents: Iterable[Document]) -> list[Band]:
    return [archive.catalog.document(document.id).proposal.band for document in documents]


def holder(archive: Archive, document: DocumentId) -> str | None:
    (only,) = archive.catalog.document(document).proposal.holders
    return only.value.person


def first_item(client: TestClient) -> Response:
    """The bench of the next item, as the page has it."""
    answer = client.get("/revisione")
    assert answer.status_code == 303
    return client.get(answer.headers["location"], headers=HTMX)


def shown(answer: Response) -> DocumentId:
    """The document before the reader."""
    found = re.search(r'action="/revisione/(d-[0-9a-f]+)/decidi"', answer.text)
    assert found is not None, answer.text[:2000]
    return DocumentId(found[1])


def fields(answer: Response) -> dict[str, str]:
    """What the form of answers sends along."""
    form = answer.text[answer.text.index('id="risposta"') :].split("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)"[^>]*? value="([^"]*)"', form))


def press(client: TestClient, before: Response, **answer: str) -> Response:
    """An answer to what is shown: Enter takes what is selected, ``option`` what a digit is for."""
    said = fields(before) | answer
    return client.post(f"/revisione/{shown(before)}/decidi", data=said, headers=HTMX)


def digit(answer: Response, number: int) -> str:
    """What a digit is for."""
    return re.findall(r'<li role="option" id="risposta-\d+" data-value="([^"]+)"', answer.text)[number - 1]


def test_twenty_documents_are_settled_without_a_click(enter: Enter, archive: Archive) -> None:
    luca_of = {"03/05/2009": 0, "11/05/2009": 0}
    names = [
        f"{surname} {name}" for surname in ("VERDI", "NERI", "GALLI", "CONTI") for name in ("CARLO", "PAOLO", "ANNA")
    ]
    born = "nato a Crema il 3 maggio 2009"
    right = take_papers(archive, *[report("FERRARI ANNA")] * 2, *[report(name, born) for name in names])
    second = take_papers(archive, *[report("BIANCHI LUCA")] * 4, first=30)
    other = take_papers(archive, *[report("MORONI PIA")] * 2, first=40)
    rossi = find_person("ROSSI MARIO", archive.ports)
    client = enter("archivista")
    answer, count = first_item(client), 0
    while 'id="risposta"' in answer.text:
        count += 1
        assert count <= 20
        document = shown(answer)
        assert 'data-focus="#risposte"' in answer.text
        if document in {paper.id for paper in second}:
            assert "Invio da solo non conferma" in answer.text
            assert fields(answer)["option"] == ""
            title = re.findall(r"<strong>BIANCHI LUCA</strong> <span>(\d\d/\d\d/\d{4})", answer.text)[1]
            luca_of[title] += 1
            answer = press(client, answer, option=digit(answer, 2))
        elif document in {paper.id for paper in other}:
            answer = press(client, answer, option="", persona=rossi.id)
        else:
            assert fields(answer)["option"] == "as-proposed"
            answer = press(client, answer)
        assert answer.status_code == 200
    # Who becomes known by one answer is known on the other papers at the next attribution; here each was asked.
    assert "Niente da rivedere" in answer.text
    assert set(bands(archive, [*right, *second, *other])) == {Band.AUTO}
    assert {holder(archive, paper.id) for paper in other} == {rossi.id}
    assert sum(luca_of.values()) == 4
    for paper in right:
        (only,) = archive.catalog.document(paper.id).proposal.holders
        assert only.value.name.split() == paper.proposal.holders[0].value.name.split()
        assert only.confirmed_by is not None


def test_enter_alone_decides_nothing_between_two_persons(enter: Enter, archive: Archive) -> None:
    (paper,) = take_papers(archive, report("BIANCHI LUCA"))
    client = enter("archivista")
    answer = press(client, first_item(client))
    assert answer.status_code == 409
    assert bands(archive, [paper]) == [Band.REVIEW]


def test_somebody_was_first_and_the_key_is_applied_to_nothing(enter: Enter, archive: Archive) -> None:
    papers = take_papers(archive, report("FERRARI ANNA"), report("VERDI CARLO", "nato a Crema il 3 maggio 2009"))
    with archive.catalog.begin() as work:
        work.put_account(Account("maria", "Maria Bianchi", AccountRole.ARCHIVIST))
    client = enter("archivista")
    before = first_item(client)
    accept(shown(before), "maria", archive.ports)
    other = next(paper for paper in papers if paper.id != shown(before))
    answer = press(client, before)
    assert answer.status_code == 409
    assert "Maria B. ha già deciso su questo documento alle" in answer.text
    assert "La tua scelta non è stata applicata" in answer.text
    assert bands(archive, [other]) == [Band.REVIEW]
    assert archive.catalog.decisions(other.source) == {}


def test_two_persons_are_given_two_items(enter: Enter, archive: Archive) -> None:
    take_papers(archive, report("FERRARI ANNA"), report("VERDI CARLO", "nato a Crema il 3 maggio 2009"))
    one, other = enter("archivista", name="anna"), enter("archivista", name="maria")
    assert shown(first_item(one)) != shown(first_item(other))


def test_one_answer_for_the_ticked_ones_and_one_undo_for_all(enter: Enter, archive: Archive) -> None:
    papers = take_papers(archive, *[report("FERRARI ANNA")] * 4)
    client = enter("archivista")
    before = first_item(client)
    document = shown(before)
    sheet = client.get(f"/revisione/{document}/gruppo", params=fields(before), headers=HTMX)
    offered = re.findall(r'name="con" value="(d-[0-9a-f]+:[0-9]+)" checked', sheet.text)
    assert len(offered) == 3
    assert sheet.text.count("«FERRARI ANNA»") == 4  # with the one that stands for all
    said = fields(before) | {"con": offered[:2]}
    answer = client.post(f"/revisione/{document}/gruppo", data=said, headers=HTMX)
    assert answer.status_code == 200
    settled = {document, *(one.partition(":")[0] for one in offered[:2])}
    left = next(paper.id for paper in papers if paper.id not in settled)
    assert shown(answer) == left
    assert "E altri 2 simili" in answer.text
    assert sorted(bands(archive, papers)) == [Band.AUTO] * 3 + [Band.REVIEW]
    undone = client.post("/revisione/annulla", headers=HTMX)
    assert shown(undone) == document
    assert "2 documenti simili compresi" in undone.text
    assert bands(archive, papers) == [Band.REVIEW] * 4


def test_nobody_is_settled_together_who_was_not_shown(enter: Enter, archive: Archive) -> None:
    first, hidden = take_papers(archive, report("FERRARI ANNA"), report("FERRARI ANNA", service="ADM"))
    also = take_papers(archive, report("FERRARI ANNA"), first=5)[0]
    client = enter("archivista", rights=Rights(frozenset({"TUM"}), None, Sensitivity.GIUDIZIARI))
    before = client.get(f"/revisione/{first.id}", headers=HTMX)
    said = fields(before) | {"con": [f"{one.id}:{one.version}" for one in (hidden, also)]}
    assert client.post(f"/revisione/{first.id}/gruppo", data=said, headers=HTMX).status_code == 200
    assert bands(archive, [first, also, hidden]) == [Band.AUTO, Band.AUTO, Band.REVIEW]


def test_an_undo_says_when_the_paper_files_itself_now(enter: Enter, archive: Archive) -> None:
    born = "nato a Crema il 3 maggio 2009"
    (paper,) = take_papers(archive, report("VERDI CARLO", born))
    assert bands(archive, [paper]) == [Band.REVIEW]
    rossi = find_person("ROSSI MARIO", archive.ports)
    client = enter("archivista")
    press(client, first_item(client), option="", persona=rossi.id)
    import_register(archive, REGISTER + ",VERDI,CARLO,2009-05-03,Crema,Crema\n")
    said = client.post("/revisione/annulla", headers=HTMX).text
    assert "non torna da rivedere: è archiviato, fascicolo di VERDI CARLO" in said
    assert bands(archive, [paper]) == [Band.AUTO]


def test_an_answer_says_how_many_files_are_looked_at_again_for_it(enter: Enter, archive: Archive) -> None:
    take_papers(archive, *[report("VERDI CARLO", "nato a Crema il 3 maggio 2009")] * 3)
    client = enter("archivista")
    said = press(client, first_item(client)).text
    assert "2 file che nominano la persona si riesaminano" in said


def test_a_program_is_told_what_waits_and_what_is_filed(enter: Enter, archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    client = enter("archivista")
    done = client.post(f"/api/v1/review/{paper.id}/accept", json={"version": paper.version}).json()
    assert (done["waiting"], done["filed"]) == ([], [paper.id])
    version = archive.catalog.document(paper.id).version
    back = client.post(f"/api/v1/review/{paper.id}/undo", json={"version": version}).json()
    assert (back["waiting"], back["filed"]) == ([paper.id], [])


def test_a_name_that_is_nobodys_is_asked_again_with_those_that_sound_like_it(enter: Enter, archive: Archive) -> None:
    (paper,) = take_papers(archive, report("MORONI PIA"))
    anna = find_person("FERRARI ANNA", archive.ports)
    client = enter("archivista")
    before = first_item(client)
    answer = press(client, before, option="", persona="ferari")
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#d-persona .refusal"
    assert "faldone persons" not in answer.text
    assert f'name="chi" value="{anna.id}"' in answer.text
    assert EventType.REGISTER_READ in {one.record.type for one in archive.catalog.ledger()}
    answer = press(client, before, option="", persona="ferari", chi=anna.id)
    assert answer.status_code == 200
    assert holder(archive, paper.id) == anna.id


def test_what_is_typed_in_a_terminal_is_told_to_programs_and_not_on_pages(enter: Enter, archive: Archive) -> None:
    (paper,) = take_papers(archive, report("MORONI PIA"))
    client = enter("archivista")
    said = {"version": str(paper.version), "persona": "xyzxyz"}
    whole = client.post(f"/revisione/{paper.id}/decidi", data=said)
    assert whole.status_code == 404
    assert "Nessuna persona" in whole.text
    assert "faldone persons" not in whole.text


def test_what_cannot_be_chosen_has_no_number(enter: Enter, archive: Archive) -> None:
    take_papers(archive, report("MORONI PIA"))
    page = first_item(enter("archivista")).text
    (option,) = re.findall(r'<li role="option".*?</li>', page, re.DOTALL)
    assert "MORONI PIA" in option
    assert "<kbd" not in option


def test_strokes_are_taken_back_one_by_one_to_the_first(enter: Enter, archive: Archive) -> None:
    papers = take_papers(archive, *[report("FERRARI ANNA")] * 3)
    client = enter("archivista")
    answer, order = first_item(client), []
    for _ in range(2):
        order.append(shown(answer))
        answer = press(client, answer)
    put_off = shown(answer)
    client.post(f"/revisione/{put_off}/poi", headers=HTMX)
    for expected in (put_off, *reversed(order)):
        answer = client.post("/revisione/annulla", headers=HTMX)
        assert answer.status_code == 200
        assert shown(answer) == expected
    assert bands(archive, papers) == [Band.REVIEW] * 3
    assert {archive.catalog.document(paper.id).proposal for paper in papers} == {paper.proposal for paper in papers}
    assert "Non c'è niente da annullare" in client.post("/revisione/annulla", headers=HTMX).text.replace("&#39;", "'")


def test_papers_of_another_service_never_appear_and_are_not_counted(enter: Enter, archive: Archive) -> None:
    mine, other = take_papers(archive, report("FERRARI ANNA"), report("VERDI CARLO", service="ADM"))
    client = enter("archivista", rights=Rights(frozenset({"TUM"}), None, Sensitivity.GIUDIZIARI))
    answer = first_item(client)
    assert shown(answer) == mine.id
    assert '<span class="count">1</span>' in answer.text
    assert other.id not in answer.text
    assert client.get(f"/revisione/{other.id}").status_code == 404
    for way in ("decidi", "poi", "sospendi", "gruppo", "fogli"):
        assert client.post(f"/revisione/{other.id}/{way}", data={"version": "1"}, headers=HTMX).status_code == 404
    assert "Niente da rivedere" in press(client, answer).text
    listed = client.get("/api/v1/review").json()
    assert listed == {"count": 0, "reason_needed": 0, "items": []}


def test_a_reinforced_paper_waits_for_a_reason_and_is_not_shown_before(enter: Enter, archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    services = archive.ports.lexicon.services.values()
    closest = next(one.code for one in services if Sensitivity.of(one.sensitivity) is Sensitivity.RAFFORZATA)
    found = paper.proposal.service
    assert found is not None
    changed = replace(paper.proposal, service=replace(found, value=closest))
    with archive.catalog.begin() as work:
        work.save_proposals(paper.source, [changed], archive.clock(), {0: Asked("holder:-", frozenset())})
    client = enter("archivista", rights=Rights(None, None, Sensitivity.RAFFORZATA, intake=True))
    answer = client.get("/revisione")
    assert answer.status_code == 200
    assert f"/revisione/{paper.id}" in answer.text
    assert "FERRARI" not in answer.text
    assert "FERRARI" not in client.get(f"/revisione/{paper.id}").text
    assert Purpose.CASE_WORK.value in client.get(f"/revisione/{paper.id}").text
    assert "Niente da rivedere senza un motivo" in answer.text


def test_what_asks_for_a_reason_is_counted_beside_what_does_not(enter: Enter, archive: Archive) -> None:
    papers = take_papers(archive, *[report("FERRARI ANNA")] * 3)
    services = archive.ports.lexicon.services.values()
    closest = next(one.code for one in services if Sensitivity.of(one.sensitivity) is Sensitivity.RAFFORZATA)
    with archive.catalog.begin() as work:
        for paper in papers[1:]:
            assert paper.proposal.service is not None
            changed = replace(paper.proposal, service=replace(paper.proposal.service, value=closest))
            work.save_proposals(paper.source, [changed], archive.clock(), {0: Asked("holder:-", frozenset())})
    client = enter("archivista", rights=Rights(None, None, Sensitivity.RAFFORZATA, intake=True))
    answer = first_item(client)
    assert shown(answer) == papers[0].id
    (address,) = re.findall(r'href="(/revisione/d-[0-9a-f]+)">più 2 che chiedono il motivo</a>', answer.text)
    assert "serve" in client.get(address).text
    later = client.post(f"/revisione/{papers[0].id}/poi", headers=HTMX)
    assert shown(later) == papers[0].id
    assert "è l&#39;ultimo che si apre senza motivo: torna subito" in later.text


def test_a_suspended_item_keeps_its_note_and_comes_back(enter: Enter, archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    client = enter("archivista")
    first_item(client)
    answer = client.post(f"/revisione/{paper.id}/sospendi", data={"nota": "manca il <b>foglio</b> 2"}, headers=HTMX)
    assert "Niente da rivedere" in answer.text
    assert 'Un documento è sospeso. <a href="/revisione/sospesi">Mostra i sospesi</a>' in answer.text
    aside = client.get("/revisione/sospesi").text
    assert "manca il &lt;b&gt;foglio&lt;/b&gt; 2" in aside
    client.post(f"/revisione/{paper.id}/riprendi")
    assert shown(first_item(client)) == paper.id


@pytest.mark.parametrize(
    ("role", "step"),
    [
        ("archivista", '<a href="/acquisizione">Vai ad Acquisizione</a>'),
        ("operatore", '<a href="/ricerca">Cerca un documento</a>'),
    ],
)
def test_a_queue_with_nothing_in_it_says_where_to_go_on(enter: Enter, role: str, step: str) -> None:
    client = enter(role, also=frozenset({Ability.REVIEW}))
    for headers in ({}, HTMX):
        assert step in client.get("/revisione", headers=headers).text.partition('id="banco"')[2]


def test_what_is_put_off_comes_last_and_never_gets_lost(enter: Enter, archive: Archive) -> None:
    take_papers(archive, *[report("FERRARI ANNA")] * 2)
    client = enter("archivista")
    first = first_item(client)
    second = client.post(f"/revisione/{shown(first)}/poi", headers=HTMX)
    assert shown(second) != shown(first)
    assert shown(press(client, second)) == shown(first)


def test_a_new_person_is_made_from_the_form_and_given_the_paper(enter: Enter, archive: Archive) -> None:
    (paper,) = take_papers(archive, report("MORONI PIA"))
    client = enter("archivista")
    before = first_item(client)
    answer = press(client, before, option="", cognome="Moroni", nome="Pia", nascita="2011-02-03")
    assert answer.status_code == 200
    assert bands(archive, [paper]) == [Band.AUTO]
    assert holder(archive, paper.id) == find_person("MORONI PIA", archive.ports).id


@pytest.mark.parametrize(
    "said",
    [
        {"tipo": "nessuno"},
        {"data": "2999-01-01"},
        {"data": "ieri"},
        {"protocollo": "<script>"},
        {"persona": "u-000000000000"},
        {"option": "person:u-000000000000"},
        {"cognome": "X", "nascita": "3 maggio"},
        {"g_persone": "u-000000000000"},
    ],
)
def test_what_is_no_answer_changes_nothing(enter: Enter, archive: Archive, said: dict[str, str]) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    client = enter("archivista")
    answer = press(client, first_item(client), **({"option": ""} | said))
    assert answer.status_code in (404, 409, 422)
    assert archive.catalog.document(paper.id) == paper


def test_sheets_are_cut_by_ticks_and_undone_by_one_key(enter: Enter, archive: Archive) -> None:
    papers = take_papers(archive, report("FERRARI ANNA"), pages=3)
    client = enter("archivista")
    source = papers[0].source
    strip = client.get(f"/revisione/{papers[0].id}/fogli", headers=HTMX).text
    versions = re.findall(r'name="versioni" value="([^"]+)"', strip)
    before = [tuple(one.span) for one in archive.catalog.documents(source)]
    starts = [str(page) for page in range(3) if page not in {span[0] for span in before}] + ["0"]
    posted = client.post(f"/revisione/{papers[0].id}/fogli", data={"versioni": versions, "inizi": starts}, headers=HTMX)
    assert posted.status_code == 200
    assert [tuple(one.span) for one in archive.catalog.documents(source)] != before
    again = client.post(f"/revisione/{papers[0].id}/fogli", data={"versioni": versions, "inizi": ["0"]}, headers=HTMX)
    assert again.status_code == 409
    client.post("/revisione/annulla", headers=HTMX)
    assert [tuple(one.span) for one in archive.catalog.documents(source)] == before


def test_a_document_that_was_joined_to_the_one_before_comes_back_by_one_key(enter: Enter, archive: Archive) -> None:
    source = take_papers(archive, report("FERRARI ANNA"), pages=2)[0].source
    client = enter("archivista")
    if len(archive.catalog.documents(source)) == 1:
        (whole,) = archive.catalog.documents(source)
        client.post(f"/api/v1/review/{whole.id}/split", json={"version": whole.version, "page": 2})
    first, second = archive.catalog.documents(source)
    versions = [f"{one.id}:{one.version}" for one in (first, second)]
    joined = client.post(f"/revisione/{second.id}/fogli", data={"versioni": versions, "inizi": ["0"]}, headers=HTMX)
    assert shown(joined) == first.id
    assert len(archive.catalog.documents(source)) == 1
    assert shown(client.post("/revisione/annulla", headers=HTMX)) == second.id
    assert [tuple(one.span) for one in archive.catalog.documents(source)] == [(0,), (1,)]


def test_without_script_an_answer_leads_to_the_next_page(enter: Enter, archive: Archive) -> None:
    take_papers(archive, *[report("FERRARI ANNA")] * 2)
    client = enter("archivista")
    before = client.get(client.get("/revisione").headers["location"])
    assert "<noscript>" in before.text
    answer = client.post(f"/revisione/{shown(before)}/decidi", data=fields(before))
    assert answer.status_code == 303
    assert answer.headers["location"] != f"/revisione/{shown(before)}"


def test_no_name_is_in_title_address_or_ledger(enter: Enter, archive: Archive) -> None:
    take_papers(archive, *[report("FERRARI ANNA")] * 2)
    client = enter("archivista")
    before = first_item(client)
    answer = press(client, before)
    assert "FERRARI" not in answer.headers["hx-push-url"]
    title = re.search(r"<title>(.*?)</title>", answer.text)
    assert title is not None
    assert "FERRARI" not in title[1]
    viewed = [entry for entry in archive.catalog.ledger() if entry.record.type == EventType.DOCUMENT_VIEWED.value]
    assert {entry.record.subject for entry in viewed} == {shown(before), shown(answer)}
    assert not any("FERRARI" in entry.record.detail for entry in archive.catalog.ledger())


def test_hostile_words_of_a_paper_stay_words(enter: Enter, archive: Archive) -> None:
    take_papers(archive, report("FERRARI ANNA").replace("Distinti", "<script>alert(1)</script> Distinti"))
    client = enter("archivista")
    text = first_item(client).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_the_order_of_the_box_is_kept_for_the_session(enter: Enter, archive: Archive) -> None:
    alone = take_papers(archive, report("BIANCHI LUCA"))[0]
    take_papers(archive, *[report("FERRARI ANNA")] * 3, first=5)
    client = enter("archivista")
    assert shown(first_item(client)) != alone.id
    client.post("/revisione/ordine", data={"ordine": "scatola"})
    assert shown(first_item(client)) == alone.id


def test_the_review_is_closed_while_somebody_sits_at_the_counter(enter: Enter, archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    client = enter("archivista", name="anna")
    session = archive.catalog.session(key_of("secret-of-anna"), archive.clock())
    assert session is not None
    with archive.catalog.begin() as work:
        work.put_session(replace(session, pinned=find_person("ROSSI MARIO", archive.ports).id))
    assert client.get("/revisione").status_code == 409
    assert client.get(f"/api/v1/review/{paper.id}").status_code == 409


# ---- the API


def test_the_api_lists_pages_and_decides_with_a_version(enter: Enter, archive: Archive) -> None:
    papers = take_papers(archive, *[report("FERRARI ANNA")] * 3)
    client = enter("archivista")
    listed = client.get("/api/v1/review", params={"limit": 2}).json()
    assert (listed["count"], len(listed["items"])) == (3, 2)
    assert listed["items"][0]["together"] == 3
    rest = client.get("/api/v1/review", params={"after": listed["items"][1]["id"]}).json()["items"]
    assert len(rest) == 1
    item = client.get(f"/api/v1/review/{papers[0].id}").json()
    assert (item["doubts"], item["selected"]) == (["intestatario"], "as-proposed")
    done = client.post(f"/api/v1/review/{papers[0].id}/accept", json={"version": item["version"], "together": True})
    assert len(done.json()["documents"]) == 3
    stale = client.post(f"/api/v1/review/{papers[0].id}/accept", json={"version": item["version"]})
    assert stale.status_code == 409
    assert stale.json()["error"]["code"] == "stale"
    now = archive.catalog.document(papers[0].id).version
    undone = client.post(f"/api/v1/review/{papers[0].id}/undo", json={"version": now, "together": True})
    assert len(undone.json()["documents"]) == 3
    assert bands(archive, papers) == [Band.REVIEW] * 3


def test_the_api_assigns_cuts_and_joins(enter: Enter, archive: Archive) -> None:
    papers = take_papers(archive, report("FERRARI ANNA"), pages=2)
    client = enter("archivista")
    source = papers[0].source
    if len(archive.catalog.documents(source)) == 2:
        second = archive.catalog.documents(source)[1]
        joined = client.post(f"/api/v1/review/{second.id}/merge", json={"version": second.version})
        assert joined.status_code == 200
    (whole,) = archive.catalog.documents(source)
    cut = client.post(f"/api/v1/review/{whole.id}/split", json={"version": whole.version, "page": 2})
    assert len(cut.json()["documents"]) == 2
    first = archive.catalog.documents(source)[0]
    rossi = find_person("ROSSI MARIO", archive.ports)
    said = {"version": first.version, "holders": [rossi.id], "protocol": "1234/2014"}
    assert client.post(f"/api/v1/review/{first.id}/assign", json=said).status_code == 200
    settled = archive.catalog.document(first.id).proposal
    assert settled.holders[0].value.person == rossi.id
    assert settled.protocol is not None
    assert (settled.protocol.value.number, settled.protocol.value.year) == ("1234", 2014)


def test_the_api_settles_nothing_together_between_namesakes(enter: Enter, archive: Archive) -> None:
    papers = take_papers(archive, *[report("BIANCHI LUCA")] * 2)
    client = enter("archivista")
    said = {"version": papers[0].version, "together": True, "holders": [find_person("ROSSI MARIO", archive.ports).id]}
    assert client.post(f"/api/v1/review/{papers[0].id}/assign", json=said).status_code == 409
    assert bands(archive, papers) == [Band.REVIEW] * 2


def test_who_may_not_review_is_refused(enter: Enter, archive: Archive) -> None:
    (paper,) = take_papers(archive, report("FERRARI ANNA"))
    client = enter("operatore")
    assert client.get("/revisione").status_code == 403
    assert client.post(f"/api/v1/review/{paper.id}/accept", json={"version": 1}).status_code == 403
