"""What is offered while somebody types, and who handed a file in: on the ledger, without a word of what was typed."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, Outcome, user_agent
from faldone.domain.ids import DocumentId, PersonId, page_id
from faldone.domain.person import Person
from faldone.errors import CatalogUnavailableError
from faldone.pipeline.audit.journal import Journal
from faldone.pipeline.audit.shown import SHOWN, Shown
from faldone.pipeline.audit.story import detail_of, document_story
from faldone.pipeline.search.index import index_pending
from tests.papers import noise, png
from tests.small_archive import Paper, put
from tests.twins import Archive
from tests.web.conftest import ALL, Enter

ROSSI = Person(PersonId("u-00000000000a"), "Rossi", "Mario", "RSSMRA50A01D142G")


@pytest.fixture
def papers(archive: Archive) -> list[DocumentId]:
    with archive.catalog.begin() as work:
        work.save_persons([ROSSI])
    made = put(archive, [Paper("uno", [ROSSI], "SAD", "relazione_sociale", comune="Crema")])
    index_pending(archive.ports)
    return made


def test_the_trail_of_a_paper_says_which_pages_were_seen_and_which_went_out_ahead(
    enter: Enter, archive: Archive, papers: list[DocumentId]
) -> None:
    (document,) = papers
    page = page_id(archive.catalog.document(document).source, 0)
    for kind, by in (
        (EventType.PAGE_DELIVERED, "anna"),
        (EventType.PAGE_DELIVERED, "bruno"),
        (EventType.PAGE_SEEN, "bruno"),
    ):
        with archive.catalog.begin() as work:
            work.record(Event(kind, page, archive.clock(), user_agent(by), detail={"document": document, "page": 1}))
    client = enter("responsabile", rights=ALL)
    side = unescape(client.get(f"/documenti/{document}?tab=tracciabilita").text).partition("Chi l'ha visto")[2]
    lines = [re.sub(r"<[^>]+>|\s+", " ", line) for line in side.split("<li>")[1:]]
    (ahead,) = (line for line in lines if "operatore anna" in line)
    seen = [line for line in lines if "operatore bruno" in line]
    assert f"({SHOWN[Shown.DELIVERED].italian})" in ahead
    assert len(seen) == 2
    assert all(f"({SHOWN[Shown.SEEN].italian})" in line for line in seen)
    assert not any("(vista)" in line or "(solo" in line for line in lines if "Aperto il documento" in line)


def test_the_trail_of_a_paper_calls_types_and_services_by_their_names(
    enter: Enter, archive: Archive, papers: list[DocumentId]
) -> None:
    (document,) = papers
    detail = {"type": "relazione_sociale", "service": "SAD"}
    with archive.catalog.begin() as work:
        work.record(
            Event(EventType.DOCUMENT_DECIDED, document, archive.clock(), user_agent("anna"), Outcome.SUCCESS, detail)
        )
    lexicon = archive.ports.lexicon
    page = unescape(enter("responsabile", rights=ALL).get(f"/documenti/{document}?tab=tracciabilita").text)
    names = lexicon.types["relazione_sociale"].name, lexicon.services["SAD"].name
    assert f"Deciso sul documento {document}: tipo «{names[0]}», servizio «{names[1]}»." in page
    assert "relazione_sociale" not in page.partition('class="story"')[2].partition("</ol>")[0]


def shown(archive: Archive) -> list[tuple[str, str, int]]:
    made = []
    for entry in archive.catalog.events_of({EventType.REGISTER_READ}):
        detail = json.loads(entry.record.detail)
        made.append((entry.record.agent, detail["door"], detail["shown"]))
    return made


@pytest.mark.parametrize(("path", "door"), [("/ricerca/suggerimenti", "search"), ("/persone/suggerimenti", "review")])
def test_names_offered_while_typing_are_on_record_once_a_minute(
    enter: Enter, archive: Archive, papers: object, path: str, door: str
) -> None:
    anna, bruno = (enter("responsabile", name=name, rights=ALL) for name in ("anna", "bruno"))
    assert "ROSSI" not in anna.post(path, data={"q": "verdi"}).text
    assert shown(archive) == []  # nobody was shown
    for typed in ("ros", "ross", "rossi"):
        assert "ROSSI" in anna.post(path, data={"q": typed}).text
    assert shown(archive) == [(user_agent("anna"), door, 1)]
    assert "ROSSI" in bruno.post(path, data={"q": "rossi"}).text
    archive.clock.pass_by(minutes=1)
    assert "ROSSI" in anna.post(path, data={"q": "rossi"}).text
    assert [agent for agent, _, _ in shown(archive)] == [user_agent(name) for name in ("anna", "bruno", "anna")]
    assert not any("ross" in (one.record.subject + one.record.detail).lower() for one in archive.catalog.ledger())


@pytest.mark.parametrize("path", ["/ricerca/suggerimenti", "/persone/suggerimenti"])
def test_no_name_is_offered_that_could_not_be_put_on_record(
    enter: Enter, papers: object, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = enter("responsabile", rights=ALL)

    def refuse(*_: object) -> None:
        raise CatalogUnavailableError("no")

    with monkeypatch.context() as broken:
        broken.setattr(Journal, "record", refuse)
        answer = anna.post(path, data={"q": "rossi"})
        assert answer.status_code == 503
        assert "ROSSI" not in answer.text
    assert "ROSSI" in anna.post(path, data={"q": "rossi"}).text


def test_who_handed_a_file_in_stands_in_its_story(enter: Enter, archive: Archive) -> None:
    content = png(noise(1))
    client = enter("archivista", name="ada")
    assert client.post("/api/v1/upload", files=[("file", ("Rossi Mario.png", content))]).status_code == 200
    (entry,) = archive.catalog.last_events(EventType.FILE_HANDED_IN, 9)
    assert (entry.record.agent, entry.record.subject) == (user_agent("ada"), str(Digest.of(content)))
    assert detail_of(entry) == {"size": len(content), "reason": None}
    assert archive.catalog.ledger_tail().length == entry.sequence  # on record before it came in
    archive.take("Rossi Mario.png", content)
    archive.work_off()
    (document,) = archive.catalog.documents(Digest.of(content))
    first = document_story(document.id, archive.ports).lines[0]
    assert first.italian.startswith("Caricato dal browser: il file ")
    assert first.account == "ada"


def test_a_file_that_does_not_arrive_is_told_so(
    enter: Enter, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "full")

    client = enter("archivista")
    monkeypatch.setattr("faldone.pipeline.intake.upload._move", refuse)
    (said,) = client.post("/api/v1/upload", files=[("file", ("a.png", png(noise(1))))]).json()
    assert said["stored"] is None
    outcomes = [one.record.outcome for one in archive.catalog.events_of({EventType.FILE_HANDED_IN})]
    assert outcomes == [Outcome.SUCCESS.value, Outcome.FAILURE.value]
    assert [path.name for path in archive.inbox.iterdir()] == []


def test_a_file_does_not_arrive_of_which_the_ledger_cannot_tell(
    enter: Enter, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter("archivista")

    def refuse(*_: object) -> None:
        raise CatalogUnavailableError("no / no")

    monkeypatch.setattr("faldone.pipeline.intake.upload.Upload._record", refuse)
    (said,) = client.post("/api/v1/upload", files=[("file", ("a.png", png(noise(1))))]).json()
    assert said["stored"] is None
    assert [path.name for path in archive.inbox.iterdir()] == []
