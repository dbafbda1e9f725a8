"""A page that no machine reads, typed in the viewer and by programs: who may, what is shown, what is on record."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from faldone.catalog.records import Document
from faldone.domain.access import Sensitivity
from faldone.domain.account import Rights
from faldone.pipeline.review.settle import accept
from faldone.pipeline.review.transcribe import MOST_CHARACTERS
from faldone.pipeline.search.index import index_pending
from faldone.web.caller import key_of
from tests.twins import Archive
from tests.web.conftest import Enter
from tests.web.test_documents import BIANCHI, HOSTILE, file_as, scan

TYPED = f"Il melograno in giardino\nsecondo rigo {HOSTILE}"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def letter(archive: Archive) -> Document:
    """A letter of two pages written by hand, confirmed as Bianchi's."""
    letter = file_as(archive, scan(archive), "ADM")
    accept(letter.id, "capo", archive.ports)
    return archive.catalog.document(letter.id)


def reading(client: TestClient, letter: Document, number: int = 1) -> str:
    return str(client.get(f"/api/v1/documents/{letter.id}/pages/{number}").json()["reading"])


def save(client: TestClient, letter: Document, text: str = TYPED, **changed: str) -> int:
    form = {"testo": text, "lettura": reading(client, letter), "p": "1", **changed}
    return client.post(f"/documenti/{letter.id}/pagine/1/trascrizione", data=form).status_code


def test_a_reviewer_is_offered_the_form_and_reaches_it_without_script(enter: Enter, letter: Document) -> None:
    client = enter("archivista")
    text = client.get(f"/documenti/{letter.id}?p=1").text
    assert "Testo non leggibile (scrittura a mano)." in text
    assert "<textarea" not in text
    address = re.search(r'id="trascrivi" href="([^"]+)"', text)
    assert address is not None

    form = client.get(address[1].replace("&amp;", "&")).text
    assert '<label for="f-testo">Testo della pagina 1' in form
    assert f'maxlength="{MOST_CHARACTERS}"' in form
    assert 'spellcheck="false"' in form  # some browsers send what they check to their makers
    assert 'data-focus="#f-testo"' in form
    part = client.get(address[1].replace("&amp;", "&"), headers={**HTMX, "HX-Target": "pagina"}).text
    assert part.lstrip().startswith("<section")
    assert '<textarea class="form-control" id="f-testo"' in part


def test_who_may_only_read_sees_the_message_alone(enter: Enter, letter: Document) -> None:
    text = enter("operatore").get(f"/documenti/{letter.id}?p=1&trascrivi=1").text
    assert "Testo non leggibile (scrittura a mano)." in text
    assert "Trascrivi" not in text
    assert "<textarea" not in text


def test_what_was_typed_is_shown_as_words_in_its_lines_with_who_typed_it(enter: Enter, letter: Document) -> None:
    client = enter("archivista", name="rita")
    assert save(client, letter) == 303
    text = client.get(f"/documenti/{letter.id}?p=1").text
    assert "Trascritta da Prova A." in text
    assert "trascritto da Prova A." in text
    assert "<p>Il melograno in giardino</p>" in text
    assert "secondo rigo &lt;script&gt;alert" in text
    assert "<script>alert" not in text
    again = client.get(f"/documenti/{letter.id}?p=1&trascrivi=1").text
    assert "Il melograno in giardino\nsecondo rigo &lt;script&gt;" in again
    assert "<script>alert" not in again
    versions = client.get(f"/documenti/{letter.id}?tab=versioni").text
    assert "operatore rita" in versions


def test_no_word_that_was_typed_is_marked_on_the_image(archive: Archive, enter: Enter, letter: Document) -> None:
    client = enter("archivista")
    assert 'class="text-layer"' in client.get(f"/documenti/{letter.id}?p=1").text
    save(client, letter)
    index_pending(archive.ports)
    search = client.post("/ricerca", data={"q": "melograno"}).headers["location"].rpartition("/")[2]
    text = client.get(f"/documenti/{letter.id}?r={search}").text
    assert "<mark>melograno</mark>" in text
    assert "<rect" not in text.partition('id="vista"')[2].partition("<article")[0]
    assert 'class="text-layer"' not in text
    assert 'id="prove"' not in text


def test_a_search_finds_what_was_typed(archive: Archive, enter: Enter, letter: Document) -> None:
    client = enter("archivista")
    assert client.post("/api/v1/search", json={"q": "melograno"}).json()["total"] == 0
    save(client, letter)
    index_pending(archive.ports)
    assert client.post("/api/v1/search", json={"q": "melograno"}).json()["total"] == 1


def test_it_is_taken_back_in_the_viewer(enter: Enter, letter: Document) -> None:
    client = enter("archivista")
    before = reading(client, letter)
    save(client, letter)
    assert "Annulla trascrizione" in client.get(f"/documenti/{letter.id}?p=1").text
    form = {"lettura": reading(client, letter)}
    done = client.post(f"/documenti/{letter.id}/pagine/1/trascrizione/annulla", data=form, headers=HTMX)
    assert (done.status_code, done.headers["hx-redirect"]) == (204, f"/documenti/{letter.id}?p=1")
    assert reading(client, letter) == before
    assert "Testo non leggibile" in client.get(f"/documenti/{letter.id}?p=1").text


def test_of_two_who_type_the_second_is_told_and_nothing_is_lost(enter: Enter, letter: Document) -> None:
    client = enter("archivista")
    seen = reading(client, letter)
    assert save(client, letter) == 303
    form = {"testo": "Tutt'altro", "lettura": seen}
    answer = client.post(f"/documenti/{letter.id}/pagine/1/trascrizione", data=form, headers=HTMX)
    assert answer.status_code == 409
    assert answer.headers["hx-retarget"] == "#messaggi"
    assert "melograno" in client.get(f"/documenti/{letter.id}?p=1").text


def test_too_much_too_little_and_no_reading_are_refused(enter: Enter, letter: Document) -> None:
    client = enter("archivista")
    assert save(client, letter, " \n ") == 409
    assert save(client, letter, "x" * (MOST_CHARACTERS + 1)) == 409
    assert save(client, letter, "x" * (2 * MOST_CHARACTERS + 1)) == 422
    assert save(client, letter, lettura="sha256:../../x") == 422


def test_at_the_counter_nothing_is_typed(archive: Archive, enter: Enter, letter: Document) -> None:
    client = enter("archivista", name="rita")
    session = archive.catalog.session(key_of("secret-of-rita"), archive.clock())
    assert session is not None
    with archive.catalog.begin() as work:
        work.put_session(replace(session, pinned=BIANCHI.id))
    assert "Trascrivi" not in client.get(f"/documenti/{letter.id}?p=1&trascrivi=1").text
    before = reading(client, letter)
    assert save(client, letter) == 403
    body = {"text": TYPED, "reading": before}
    assert client.post(f"/api/v1/documents/{letter.id}/pages/1/transcription", json=body).status_code == 403
    assert reading(client, letter) == before


def test_a_reinforced_paper_wants_a_reason_before_anybody_types(archive: Archive, enter: Enter) -> None:
    document = file_as(archive, scan(archive), "AFF")
    client = enter("archivista", rights=Rights(None, None, Sensitivity.RAFFORZATA))
    before = archive.catalog.pages(document.source)[0].text
    body = {"text": TYPED, "reading": str(before)}
    assert client.post(f"/api/v1/documents/{document.id}/pages/1/transcription", json=body).status_code == 403
    assert archive.catalog.pages(document.source)[0].text == before


def test_programs_type_and_take_back_the_same_way(enter: Enter, letter: Document) -> None:
    client = enter("archivista")
    address = f"/api/v1/documents/{letter.id}/pages/1"
    before = client.get(address).json()
    assert (before["unreadable"], before["transcribed"]) == (True, False)
    body = {"text": "due parole", "reading": before["reading"]}
    assert client.post(f"{address}/transcription", json=body).status_code == 200
    typed = client.get(address).json()
    assert (typed["text"], typed["unreadable"], typed["transcribed"]) == ("due parole", False, True)
    back = client.post(f"{address}/transcription/undo", json={"reading": typed["reading"]})
    assert back.status_code == 200
    assert client.get(address).json() == before
    nothing = client.post(f"{address}/transcription/undo", json={"reading": before["reading"]})
    assert nothing.status_code == 409


def test_half_letters_and_controls_from_a_program_harm_nothing(enter: Enter, letter: Document) -> None:
    client = enter("archivista")
    address = f"/api/v1/documents/{letter.id}/pages/1"
    said = r"buona\u0000 \ud800sera\u202e"
    body = f'{{"text": "{said}", "reading": "{reading(client, letter)}"}}'
    answer = client.post(f"{address}/transcription", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        assert client.get(address).json()["text"] == "buona sera"


def test_neither_the_ledger_nor_a_log_repeats_what_was_typed(
    archive: Archive, enter: Enter, letter: Document, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    client = enter("archivista")
    assert save(client, letter, "melograno") == 303
    assert save(client, letter, "melograno" * MOST_CHARACTERS) == 422
    assert save(client, letter, "melograno " * (MOST_CHARACTERS // 9)) == 409
    told = " ".join(f"{one.record.subject} {one.record.detail}" for one in archive.catalog.ledger())
    assert "melograno" not in told + caplog.text
