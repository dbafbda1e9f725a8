"""What somebody tried against the app in a second round and got: each is marked until it is mended."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import itertools
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from inspect import iscoroutinefunction
from typing import Any, NoReturn

import httpx2
import pyotp
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from faldone.domain.access import Sensitivity
from faldone.domain.account import Account, AccountRole, Credentials, Purpose, Rights
from faldone.domain.batch import BatchFacts
from faldone.domain.decision import Asked, Decision, Settled
from faldone.domain.digest import Digest
from faldone.domain.events import Event, EventType, user_agent
from faldone.domain.ids import DocumentId, PersonId
from faldone.domain.person import Person
from faldone.errors import UndecidableError
from faldone.pipeline.accounts import entering
from faldone.pipeline.accounts.credentials import make_token, new_second_factor, set_second_factor
from faldone.pipeline.accounts.entering import NotRecognisedError, enter_with_password
from faldone.pipeline.accounts.passwords import hash_password
from faldone.pipeline.intake.batches import describe_batch
from faldone.pipeline.intake.upload import Upload
from faldone.pipeline.search.index import index_pending
from faldone.pipeline.tries import Place, Tries
from faldone.provenance.canonical import Record, encode
from faldone.web.app import create_app
from faldone.web.lanes import narrow
from faldone.web.pages import administration
from faldone.web.pages import entering as doors
from faldone.web.rules import COOKIE
from faldone.web.site import Provider, Site
from tests.review_papers import import_register, report, take_papers
from tests.small_archive import Paper, put
from tests.twins import Archive
from tests.web.conftest import OWN, URL, Enter

HTMX = {"HX-Request": "true"}
ALDO = Person(PersonId("u-000000000001"), "Aperti", "Aldo", "PRTLDA03E01D142T", residence="Crema")
SISTER = Person(PersonId("u-000000000002"), "De Luca", "Serafina", "DLCSFN05E41D142X", residence="Crema")
COUSIN = Person(PersonId("u-000000000003"), "Mohamed", "Giuseppina", residence="Crema")
ALONE = Person(PersonId("u-000000000004"), "Verdi", "Anna", "VRDNNA70A41D142X", residence="Crema")
REINFORCED = Rights(None, None, Sensitivity.RAFFORZATA, intake=True)
OPEN = Rights(None, None, Sensitivity.GIUDIZIARI, intake=True)


@pytest.fixture
def documents(archive: Archive) -> list[DocumentId]:
    """A paper of three persons, one of the first alone, one of somebody else alone and one that is reinforced."""
    with archive.catalog.begin() as work:
        work.save_persons([ALDO, SISTER, COUSIN, ALONE])
    made = put(
        archive,
        [
            Paper("decreto sui tre cugini", [ALDO, SISTER, COUSIN], "TUM", "relazione_sociale", dt.date(2014, 3, 12)),
            Paper("domanda di mensa", [ALDO], "SAD", "relazione_sociale", dt.date(2018, 1, 1)),
            Paper("contributo per la mensa", [ALONE], "SAD", "relazione_sociale", dt.date(2016, 1, 1)),
            Paper("percosse denunciate in questura", [ALONE], "CAV", "relazione_sociale", dt.date(2015, 6, 7)),
        ],
    )
    index_pending(archive.ports)
    return made


def at_the_counter(enter: Enter, role: str = "responsabile") -> TestClient:
    client = enter(role, rights=OPEN)
    assert client.post("/sportello", data={"person": ALDO.id}).status_code == 303
    return client


def found(client: TestClient, text: str, **more: object) -> Any:
    answer = client.post("/api/v1/search", json={"q": text, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


# ---- the counter


@pytest.mark.parametrize(
    "text",
    [
        '"DLCSFN05E41D142X"',
        "DLC SFN 05E41 D142X",
        "DLCSFN05E41D142Y",
        "DLCSFNO5E41D142X",
        "deluca",
        "sera fina",
        "mamadou",
        "jiuseppyna",
    ],
)
@pytest.mark.usefixtures("documents")
def test_at_the_counter_no_way_of_writing_another_finds_a_shared_paper(enter: Enter, text: str) -> None:
    assert found(at_the_counter(enter), text)["total"] == 0


@pytest.mark.usefixtures("documents")
def test_at_the_counter_a_code_that_is_left_out_takes_no_shared_paper_away(enter: Enter) -> None:
    client = at_the_counter(enter)
    assert found(client, "aperti -ZZZZZZ05E41D142X")["total"] == 2
    assert found(client, "aperti -serafina")["total"] == 0  # what is missing tells as much as what is found
    assert found(client, "aperti -DLCSFN05E41D142X")["total"] == 0


def test_at_the_counter_the_hundred_and_first_of_a_list_is_hidden_as_the_first(enter: Enter, archive: Archive) -> None:
    letters = itertools.islice(itertools.product("bcdfghlmnprst", repeat=2), 120)
    others = [
        Person(PersonId(f"u-0000000001{number:02x}"), f"{3 * one}a{3 * two}a".title(), "Pia")
        for number, (one, two) in enumerate(letters)
    ]
    with archive.catalog.begin() as work:
        work.save_persons([ALDO, *others])
    put(archive, [Paper("graduatoria della mensa", [ALDO, *others], "SAD", "relazione_sociale")])
    index_pending(archive.ports)
    client = at_the_counter(enter)
    assert found(client, others[0].surname)["total"] == 0
    assert found(client, others[-1].surname)["total"] == 0


def test_at_the_counter_the_ledger_tells_nothing_of_others(enter: Enter, documents: list[DocumentId]) -> None:
    client = at_the_counter(enter)
    for path in (
        f"/api/v1/audit/persons/{ALONE.id}",
        f"/api/v1/audit/access?person={ALONE.id}",
        f"/api/v1/audit/documents/{documents[2]}",
        f"/verifica/persone/{ALONE.id}",
        f"/verifica/accessi?persona={ALONE.id}",
    ):
        assert client.get(path).status_code in (403, 404, 409), path
    assert client.post("/verifica", data={"q": str(ALONE.cf)}).status_code in (403, 404, 409)


@pytest.mark.parametrize("path", ["receipt?form=csv", "trail"])
def test_at_the_counter_the_story_of_a_shared_paper_names_no_other_id(
    enter: Enter, archive: Archive, documents: list[DocumentId], path: str
) -> None:
    detail = {"holders": f"{ALDO.id} {SISTER.id}", "type": "relazione_sociale"}
    with archive.catalog.begin() as work:
        work.record(Event(EventType.DOCUMENT_DECIDED, documents[0], archive.clock(), user_agent("anna"), detail=detail))
    shown = at_the_counter(enter).get(f"/api/v1/documents/{documents[0]}/{path}")
    assert shown.status_code == 200
    assert ALDO.id in shown.text
    assert SISTER.id not in shown.text


# ---- reinforced papers


@pytest.mark.parametrize(("there", "absent"), [("percosse", "furto"), ("verdi percosse", "verdi furto")])
@pytest.mark.usefixtures("documents")
def test_what_a_closed_paper_says_is_not_to_be_asked_word_by_word(enter: Enter, there: str, absent: str) -> None:
    client = enter("operatore", rights=REINFORCED)
    assert found(client, there)["closed"] == found(client, absent)["closed"]


@pytest.mark.parametrize(("facet", "right", "wrong"), [("service", "cav", "tum"), ("year", "2015", "2011")])
@pytest.mark.usefixtures("documents")
def test_a_closed_paper_is_not_found_out_by_narrowing(enter: Enter, facet: str, right: str, wrong: str) -> None:
    client = enter("operatore", rights=REINFORCED)
    told = [found(client, "verdi", filters={facet: [value]})["closed"] for value in (right, wrong)]
    assert told[0] == told[1]


# ---- the auditor without a right to papers


def test_the_hash_of_an_entry_does_not_prove_a_guess_at_what_it_withholds(
    enter: Enter, archive: Archive, documents: list[DocumentId]
) -> None:
    at, body = archive.clock(), TypeAdapter(Decision)

    def decision(person: PersonId, service: str) -> Decision:
        return Decision(documents[3], "anna", at, 1, Settled((person,), "relazione_sociale", service))

    def detail(person: PersonId, service: str, digest: Digest) -> dict[str, str | int | bool | None]:
        said = {"source": None, "decision": str(digest), "judged": 1, "whole": False, "holders": str(person)}
        return said | {"type": "relazione_sociale", "service": service, "together": None, "undone": False}

    with archive.catalog.begin() as work:
        work.record(Event(EventType.DOCUMENT_VIEWED, documents[3], at, user_agent("anna")))
        said = detail(ALONE.id, "CAV", work.decide(decision(ALONE.id, "CAV")))
        work.record(Event(EventType.DOCUMENT_DECIDED, documents[3], at, user_agent("anna"), detail=said))
    client = enter("revisore", rights=Rights())
    answer = client.get(f"/api/v1/audit/documents/{documents[3]}")
    path = f"/verifica/documenti/{documents[3]}"
    pages = [client.get(path).text, client.get(f"{path}/rapporto?forma=csv").text]
    shown = set(re.findall(r"[0-9a-f]{32,64}", " ".join([answer.text, *pages]).replace(" ", "")))
    before, decided = answer.json()["readings"][-1], answer.json()["lines"][-1]
    assert decided["withheld"]
    assert before["sequence"] + 1 == decided["sequence"]

    def guessed() -> Iterator[tuple[str, str]]:
        told = dt.datetime.fromisoformat(decided["at"]).astimezone(dt.UTC).isoformat(timespec="microseconds")
        previous = b"\x00" + bytes.fromhex(before["hash"])
        for person, service in itertools.product([ALDO.id, SISTER.id, ALONE.id], ["SAD", "TUM", "CAV"]):
            digest = Digest.of(body.dump_json(decision(person, service)))
            if str(digest).removeprefix("sha256:") in shown:
                yield person, service
            for salt in (None, "", *shown):
                guess = detail(person, service, digest) | ({} if salt is None else {"salt": salt})
                kept = json.dumps(guess, sort_keys=True, ensure_ascii=False)
                record = Record(decided["type"], decided["subject"], told, user_agent("anna"), decided["outcome"], kept)
                link = hashlib.sha256(previous + encode(decided["sequence"], record))
                if link.hexdigest() == decided["hash"]:
                    yield person, service

    assert decided["hash"] in shown
    assert not list(guessed())


def test_the_count_of_a_batch_names_no_file_to_who_may_not_see_the_batch(enter: Enter, archive: Archive) -> None:
    archive.take("lodi-1/rossi mario decreto.tif", b"this is no picture")
    archive.work_off()
    batch = archive.catalog.batch("lodi-1")
    describe_batch(batch, BatchFacts(comune="lodi"), archive.ports)
    own = Rights(frozenset({"SAD"}), frozenset({"crema"}), Sensitivity.BASE)
    client = enter("responsabile", rights=own)
    assert client.get(f"/api/v1/batches/{batch.id}").status_code == 404
    report = client.get(f"/verifica/lotti/{batch.id}/rapporto?forma=csv")
    assert report.status_code == 200
    assert "rossi" not in report.text


# ---- the doors


def a_password(archive: Archive, name: str = "ada") -> None:
    with archive.catalog.begin() as work:
        work.put_account(Account(name, "Ada Prova", AccountRole.OPERATOR, OPEN))
        work.put_credentials(name, Credentials(password=hash_password("una frase lunga e buona")))


def test_a_hundred_errors_in_a_hundred_days_are_no_guessing(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    a_password(archive)
    monkeypatch.setattr(entering, "fits", lambda password, _: password == "giusta")  # a hundred hashes take long
    for number in range(100):
        archive.clock.pass_by(days=1)
        with pytest.raises(NotRecognisedError):
            enter_with_password("ada", "sbagliata", archive.ports, place=Place(f"10.0.0.{number}"))
    entered = enter_with_password("ada", "giusta", archive.ports, place=Place("10.0.1.1"))
    assert isinstance(entered, entering.Entry)


def test_the_addresses_of_one_line_count_as_one() -> None:
    tries, now = Tries(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for number in range(200):
        tries.failed(f"utente{number}", Place(f"2001:db8:0:1::{number:x}"), now)
    assert not tries.allows("ada", Place("2001:db8:0:1::ffff"), now)


@pytest.mark.slow
def test_a_second_factor_ends_the_tokens_that_were_made_without_it(archive: Archive) -> None:
    a_password(archive)
    entered = enter_with_password("ada", "una frase lunga e buona", archive.ports)
    assert isinstance(entered, entering.Entry)
    word = "una frase lunga e buona"
    token = make_token(entered.account, entered.session, "prova", 30, word, archive.ports)
    secret = new_second_factor()
    code = pyotp.TOTP(secret).at(archive.clock())
    set_second_factor(entered.account, entered.session, secret, code, word, archive.ports)
    assert entering.account_of_token(token, archive.ports) is None


def test_a_cookie_that_is_nobodys_gives_no_fresh_allowance(site: Site) -> None:
    client = TestClient(create_app(site, per_second=0.001, burst=3), base_url=URL, headers=OWN, follow_redirects=False)
    sent = [client.get("/accedi", headers={"cookie": f"faldone=inventato-{number}"}) for number in range(12)]
    assert 429 in [one.status_code for one in sent]


def test_a_token_that_is_nobodys_gives_no_fresh_allowance(site: Site) -> None:
    client = TestClient(create_app(site, per_second=0.001, burst=3), base_url=URL, follow_redirects=False)
    sent = [client.get("/api/v1/searches", headers={"authorization": f"Bearer x{number}"}) for number in range(12)]
    assert 429 in [one.status_code for one in sent]


# ---- lanes


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/documents/{document_id}/receipt"),
        ("POST", "/revisione/{document}/fogli"),
        ("POST", "/revisione/annulla"),
        ("POST", "/api/v1/review/{document}/accept"),
        ("POST", "/api/v1/review/{document}/assign"),
        ("POST", "/api/v1/review/{document}/undo"),
    ],
)
def test_what_may_take_seconds_has_a_lane_of_its_own(app: FastAPI, method: str, path: str) -> None:
    (endpoint,) = [
        one.original_route.endpoint
        for one in iter_route_contexts(app.routes)
        if isinstance(one.original_route, APIRoute)
        and one.path == path
        and method in (one.original_route.methods or ())
    ]
    assert iscoroutinefunction(endpoint)


@pytest.mark.slow
def test_imports_of_the_register_leave_the_lane_of_all_others_free(
    app: FastAPI, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter("archivista", name="ada")
    slow = Slow()
    monkeypatch.setattr(administration, "import_persons", slow)
    files = {"file": ("p.csv", b"cognome,nome\n")}
    ask = {"method": "POST", "url": "/amministrazione/persone/importa", "files": files}
    assert beside(app, slow, [ask | {"cookies": {COOKIE: "secret-of-ada"}}], {"method": "GET", "url": "/accedi"}) == 200


@pytest.mark.slow
def test_files_for_a_share_that_is_gone_leave_the_lane_of_all_others_free(
    app: FastAPI, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter("archivista", name="ada")
    slow = Slow()
    monkeypatch.setattr(Upload, "write", slow)
    ask = {"method": "POST", "url": "/api/v1/upload", "files": {"file": ("a.pdf", b"%PDF-1.7 x")}}
    assert beside(app, slow, [ask | {"cookies": {COOKIE: "secret-of-ada"}}], {"method": "GET", "url": "/accedi"}) == 200


@pytest.mark.slow
def test_a_provider_that_does_not_answer_leaves_the_long_lane_to_those_who_have_entered(
    site: Site, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter("revisore", name="vera")
    provider = Provider("http://localhost:9", "faldone", "", "Ente · Office")
    app = create_app(replace(site, options=replace(site.options, provider=provider)))
    slow = Slow()
    monkeypatch.setattr(doors, "ask", slow)
    nobody = {"method": "GET", "url": "/accedi/oidc"}
    vera = {"method": "GET", "url": "/statistiche", "cookies": {COOKIE: "secret-of-vera"}}
    assert beside(app, slow, [nobody] * 4, vera) == 200


class Slow:
    """Something that does not answer while the test looks what else still does."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = threading.Event()

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        self.begun += 1
        self.ended.wait(10)
        raise UndecidableError("x / x")


def beside(app: FastAPI, slow: Slow, first: list[dict[str, Any]], then: dict[str, Any]) -> int | None:
    """How a request is answered while others are at something slow; None where it is not."""

    async def day() -> int | None:
        narrow(1)
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url=URL, headers=OWN) as client:
            waiting = [asyncio.create_task(_send(client, one)) for one in first]
            try:
                async with asyncio.timeout(5):
                    while slow.begun < len(first):
                        await asyncio.sleep(0.01)
                async with asyncio.timeout(3):
                    return await _send(client, then)
            except TimeoutError:
                return None
            finally:
                slow.ended.set()
                await asyncio.gather(*waiting)

    return asyncio.run(day())


async def _send(client: httpx2.AsyncClient, said: dict[str, Any]) -> int:
    cookies = "; ".join(f"{name}={value}" for name, value in said.get("cookies", {}).items())
    others = {name: value for name, value in said.items() if name != "cookies"}
    return (await client.request(**others, headers={"cookie": cookies} if cookies else {})).status_code


# ---- the review


def test_a_group_settles_no_paper_that_changed_since_it_was_shown(enter: Enter, archive: Archive) -> None:
    import_register(archive)
    papers = take_papers(archive, *[report("FERRARI ANNA")] * 3)
    client = enter("archivista")
    first = client.get("/revisione").headers["location"].split("/")[-1]
    shown = client.get(f"/revisione/{first}/gruppo", headers=HTMX).text
    others = [one.id for one in papers if one.id != first]
    assert all(one in shown for one in others)
    changed = archive.catalog.document(others[0])
    waiting = next(iter(archive.catalog.waiting_documents(1, document=changed.id)))
    with archive.catalog.begin() as work:
        persons = tuple(replace(one, confidence=one.confidence / 2) for one in changed.proposal.persons)
        asked = {0: Asked(waiting.question, frozenset())}
        work.save_proposals(changed.source, [replace(changed.proposal, persons=persons)], archive.clock(), asked)
    assert archive.catalog.document(changed.id).version > changed.version
    form = re.findall(r'name="version" value="(\d+)"', shown)
    key = re.findall(r'name="option"[^>]* value="([^"]+)"', shown)
    ticked = re.findall(r'name="con" value="([^"]+)"', shown)
    assert [one.partition(":")[0] for one in sorted(ticked)] == sorted(others)
    data = {"version": form[0], "option": key[0], "con": ticked}
    answer = client.post(f"/revisione/{first}/gruppo", data=data, headers=HTMX)
    assert "E altri 1 simili. 1 no: nel frattempo sono cambiati" in answer.text
    assert archive.catalog.decisions(archive.catalog.document(DocumentId(first)).source)
    assert archive.catalog.decisions(archive.catalog.document(others[1]).source)
    assert not archive.catalog.decisions(changed.source)


@pytest.mark.parametrize("door", ["/api/v1/review/{0}/undo", "/api/v1/documents/{0}/undo", "/documenti/{0}/annulla"])
def test_a_program_takes_no_cut_of_a_colleague_back(enter: Enter, archive: Archive, door: str) -> None:
    import_register(archive)
    first, *_ = take_papers(archive, report("FERRARI ANNA"), pages=3)
    cuts = len(archive.catalog.documents(first.source))
    last = archive.catalog.documents(first.source)[-1]
    joined = enter("archivista", name="ada").post(f"/api/v1/review/{last.id}/merge", json={"version": last.version})
    assert joined.status_code == 200
    assert len(archive.catalog.documents(first.source)) == cuts - 1
    client = enter("archivista", name="bea")

    def undo() -> int:
        version = archive.catalog.document(first.id).version  # another document than those that were joined
        said: dict[str, Any] = {"data": {"versione": version}} if "annulla" in door else {"json": {"version": version}}
        return client.post(door.format(first.id), **said).status_code

    assert undo() == 409
    assert len(archive.catalog.documents(first.source)) == cuts - 1
    # A word of one's own is taken back, and what was said before it is a colleague's again.
    second = archive.catalog.documents(first.source)[1]
    assert client.post(f"/api/v1/review/{second.id}/merge", json={"version": second.version}).status_code == 200
    assert undo() in (200, 303)
    assert undo() == 409
    assert len(archive.catalog.documents(first.source)) == cuts - 1


@pytest.mark.parametrize("rights", [OPEN, REINFORCED])
def test_sheets_that_take_a_document_out_of_sight_can_be_taken_back(
    enter: Enter, archive: Archive, rights: Rights
) -> None:
    import_register(archive)
    before, paper = take_papers(archive, *[report("FERRARI ANNA")] * 2)
    client = enter("archivista", rights=rights)
    shown = client.get(f"/revisione/{before.id}", headers=HTMX).text
    assert "FERRARI" in shown
    version = {"version": str(before.version), "option": "as-proposed"}
    assert client.post(f"/revisione/{before.id}/decidi", data=version, headers=HTMX).status_code == 200
    decided = set(archive.catalog.decisions(before.source))
    strip = client.get(f"/revisione/{paper.id}/fogli", headers=HTMX).text
    versions = re.findall(r'name="versioni" value="([^"]+)"', strip)
    # All blank, it is of no known type any more, and those are kept most closely.
    blank = {"versioni": versions, "inizi": ["0"], "bianche": ["0"]}
    saved = client.post(f"/revisione/{paper.id}/fogli", data=blank, headers=HTMX)
    assert "Fogli salvati: 1 modifica. Ora il documento si apre solo con un motivo" in saved.text
    assert archive.catalog.blank_pages(paper.source) == {0}
    assert client.post("/revisione/annulla", headers=HTMX).status_code == 200
    assert set(archive.catalog.decisions(before.source)) == decided  # not the stroke before
    assert archive.catalog.blank_pages(paper.source) == frozenset()


def test_a_code_typed_at_the_bench_shows_no_name_of_the_register_off_the_record(enter: Enter, archive: Archive) -> None:
    import_register(archive)
    (paper,) = take_papers(archive, "COMUNE DI CREMA\nuna carta qualunque del mese di marzo\nDistinti saluti")
    client = enter("archivista", rights=REINFORCED)
    given = client.post("/motivo", data={"subject": paper.id, "purpose": Purpose.QUALITY.value})
    assert given.status_code == 303
    assert "ROSSI" not in client.get(f"/revisione/{paper.id}", headers=HTMX).text
    said = {"version": str(paper.version), "persona": "RSSMRA85T10A562S"}
    shown = client.post(f"/revisione/{paper.id}/decidi", data=said, headers=HTMX).text
    assert "ROSSI MARIO" in shown.upper()
    assert not archive.catalog.decisions(paper.source)  # a second doubt is open: nothing is on record by itself
    assert [one for one in archive.catalog.ledger() if one.record.type == EventType.REGISTER_READ.value]


# ---- passwords of files, places in lists


@pytest.mark.parametrize("password", ["x" * 201, "\x00", "è€😀", "%s{0}"])
def test_a_password_is_in_no_answer(enter: Enter, password: str, caplog: pytest.LogCaptureFixture) -> None:
    client = enter("archivista")
    for sent in (
        client.post("/api/v1/quarantine/unlock", json={"source": f"sha256:{'0' * 64}", "password": password}),
        client.post("/api/v1/quarantine/unlock", json={"source": "no", "password": password}),
        client.post("/acquisizione/quarantena/apri", data={"source": f"sha256:{'0' * 64}", "password": password}),
    ):
        assert sent.status_code in (404, 405, 422)
        assert password not in sent.text
    assert password not in caplog.text


@pytest.mark.parametrize(
    "told", ["n=0", "n=999999", "n=5&dopo=%ff", "dopo=-1", "n=1&ordine=x", "servizio=" + "a" * 900]
)
def test_no_place_in_a_list_breaks_a_document(enter: Enter, documents: list[DocumentId], told: str) -> None:
    client = enter("operatore", rights=OPEN)
    search = client.post("/ricerca", data={"q": "mensa"}).headers["location"].rpartition("/")[2]
    shown = client.get(f"/documenti/{documents[1]}", params={"r": search, "l": told})
    assert shown.status_code == 200
