"""What holds for every request: how refusals, errors and live pages are answered, and how the API describes it."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import socket
import threading
from collections.abc import Iterator, MutableMapping
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import faldone
from faldone.domain.account import AccountRole
from faldone.errors import ConfigError, FaldoneError
from faldone.web.app import create_app, routes
from faldone.web.problems import status_of
from faldone.web.rate import Rates
from faldone.web.rules import COOKIE, Anybody
from faldone.web.serve import serving
from faldone.web.site import Site
from faldone.web.stopping import MOST_STREAMS, Streams
from tests.web.conftest import OWN, URL, Enter

# ---- errors


def kinds(of: type[FaldoneError] = FaldoneError) -> Iterator[type[FaldoneError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_error_that_faldone_raises_has_a_status() -> None:
    for module in pkgutil.walk_packages(faldone.__path__, "faldone."):
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)
    found = {kind for kind in kinds() if kind.__module__.startswith("faldone.")}
    assert len(found) > 40
    assert {kind.__name__ for kind in found if status_of(kind) is None} == set()
    # What the archive is not any more is the one fault that nobody who asks can do anything about.
    assert {kind.__name__ for kind in found if status_of(kind) == 500} == {"IntegrityError", "DigestMismatchError"}


# ---- refusals


def test_too_many_requests_are_told_in_the_form_of_the_api_under_the_api_and_in_words_elsewhere(site: Site) -> None:
    with TestClient(create_app(site, per_second=0.001, burst=2), base_url=URL, headers=OWN) as client:
        assert client.get("/api/v1/alive").status_code == 200
        client.get("/api/v1/alive")
        refused = client.get("/api/v1/alive")
        page = client.get("/accedi")
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/json")
    assert int(refused.headers["retry-after"]) > 0
    error = refused.json()["error"]
    assert error["code"] == "too-often"
    assert error["message"].startswith("Troppe richieste")
    assert error["hint"] == ""
    assert page.status_code == 429
    assert page.text.startswith("Troppe richieste")
    assert int(page.headers["retry-after"]) > 0


def test_who_was_let_in_once_is_not_held_back_by_what_others_send_from_the_same_line(site: Site, enter: Enter) -> None:
    enter("operatore", name="ada")
    app = create_app(site, per_second=0.001, burst=3)
    ada = TestClient(app, base_url=URL, headers=OWN, cookies={COOKIE: "secret-of-ada"}, follow_redirects=False)
    others = TestClient(app, base_url=URL, headers=OWN, follow_redirects=False)
    assert ada.get("/profilo").status_code == 200
    sent = [others.get("/accedi", headers={"cookie": f"{COOKIE}=inventato-{number}"}) for number in range(4)]
    assert [one.status_code for one in sent] == [200, 200, 429, 429]
    assert ada.get("/profilo").status_code == 200


def test_a_cookie_that_reads_like_an_address_takes_nothing_from_it() -> None:
    rates = Rates(per_second=0.001, burst=1)
    rates.knows("10.0.0.1")
    assert rates.allows("10.0.0.1", "10.0.0.2")
    assert rates.allows("", "10.0.0.1")


def test_another_site_is_refused_in_the_form_of_the_api(door: TestClient) -> None:
    refused = door.post("/api/v1/search", json={}, headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "other-site"
    assert "retry-after" not in refused.headers
    large = door.post("/api/v1/search", content=b"x" * 1_000_001)
    assert (large.status_code, large.json()["error"]["code"]) == (413, "too-large")


# ---- the description


def test_the_description_names_the_token_and_every_answer_that_is_an_error(app: FastAPI, door: TestClient) -> None:
    said = app.openapi()
    assert said == door.get("/api/openapi.json").json()
    scheme = said["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    open_ = {(route.path, route.method.lower()) for route in routes() if isinstance(route.rule, Anybody)}
    for path, calls in said["paths"].items():
        for method, call in calls.items():
            is_open = (path, method) in open_
            assert ("security" not in call) == is_open, path
            expected = {"404", "409", "422", "429"} | (set() if is_open else {"401", "403"})
            assert expected <= call["responses"].keys(), f"{method} {path}"
            for status, answer in call["responses"].items():
                if int(status) >= 400:
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorSaid"}, f"{method} {path} {status}"
    assert "Retry-After" in said["paths"]["/api/v1/search"]["post"]["responses"]["429"]["headers"]


def test_errors_look_as_the_description_says(door: TestClient, app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    assert schemas["ErrorSaid"]["required"] == ["error"]
    error = door.get("/api/v1/accounts").json()["error"]
    assert set(error) == set(schemas["Problem"]["required"])


# ---- live pages


def test_the_seventh_live_page_of_an_account_ends_the_oldest_and_nobody_elses() -> None:
    streams = Streams(most=2)
    made = [streams.one() for _ in range(4)]
    one, two, three, other = [context.__enter__() for context in made]
    for stream in (one, two):
        streams.opened(stream, "anna")
    streams.opened(other, "bruno")
    assert not any(stream.is_shut for stream in (one, two, other))
    streams.opened(three, "anna")
    assert [stream.is_shut for stream in (one, two, three, other)] == [True, False, False, False]
    made[0].__exit__(None, None, None)
    assert streams.count("anna") == 2
    for context in made[1:]:
        context.__exit__(None, None, None)
    assert streams.count("anna") == streams.count("bruno") == 0


def test_a_live_page_that_is_shut_hears_that_its_reader_is_gone_and_tells_it_to_come_again_later() -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    class Anna:
        class account:
            name = "anna"

    async def run() -> None:
        streams = Streams(most=1)
        start = {"type": "http.response.start", "headers": [(b"Content-Type", b"text/event-stream; charset=utf-8")]}
        with streams.one() as old, streams.one() as new, streams.one() as page:
            scope = {"state": {"caller": Anna()}}
            await old.tells(scope, send)(dict(start))
            assert (await old.hears(receive)())["type"] == "http.request"
            html = {"type": "http.response.start", "headers": [(b"content-type", b"text/html")]}
            await page.tells(scope, send)(html)
            assert not old.is_shut
            await new.tells(scope, send)(dict(start))
            assert (await old.hears(receive)())["type"] == "http.disconnect"
            put = old.tells(scope, send)
            await put({"type": "http.response.body", "body": b"data: x\n\n", "more_body": True})
            await put({"type": "http.response.body", "body": b"", "more_body": False})

    asyncio.run(run())
    assert [message["body"] for message in sent if "body" in message] == [b"data: x\n\nretry: 30000\n\n", b""]


@pytest.mark.slow
def test_a_browser_with_too_many_live_pages_keeps_the_newest(app: FastAPI, enter: Enter) -> None:
    cookie = enter(AccountRole.ARCHIVIST).cookies[COOKIE]
    ended: list[int] = []

    def read(number: int, began: threading.Event) -> None:
        with httpx2.stream("GET", address, cookies={COOKIE: cookie}, timeout=60) as answer:
            assert answer.status_code == 200
            for _ in answer.iter_raw():
                began.set()
            ended.append(number)

    with serving(app, "127.0.0.1", 0) as port:
        address = f"http://127.0.0.1:{port}/acquisizione/eventi"
        readers = []
        for number in range(MOST_STREAMS + 1):
            began = threading.Event()
            readers.append(threading.Thread(target=read, args=(number, began), daemon=True))
            readers[-1].start()
            assert began.wait(20)
        readers[0].join(20)
        assert ended == [0]
    for reader in readers:
        reader.join(20)


# ---- the port


def test_a_port_that_is_taken_is_told_in_words(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = f"La porta {port} su 127.0.0.1 non si apre"
        with pytest.raises(ConfigError, match=words) as told, serving(create_app(site), "127.0.0.1", port):
            pytest.fail("it was served on a port that is taken")
    assert (told.value.exit_code, told.value.hint) == (78, "web.port")
    assert not any(thread.name == "web" for thread in threading.enumerate())


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("non esiste.invalid", 0)])
def test_an_address_that_is_not_this_machines_is_told_in_words(host: str, port: int, site: Site) -> None:
    with pytest.raises(ConfigError, match="non si apre"), serving(create_app(site), host, port):
        pytest.fail("it was served where nobody can")
