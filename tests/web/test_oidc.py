"""Signing in at the office's OpenID provider, with a certified provider as the other side."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from faldone.domain.account import Account, AccountRole, Rights
from faldone.pipeline.accounts.accounts import create_account, link_subject
from faldone.pipeline.audit.story import detail_of
from faldone.web import oidc
from faldone.web.app import create_app
from faldone.web.site import Provider, Site
from tests.web.conftest import OWN, URL

BACK = f"{URL}/accedi/oidc/ritorno"
SERVER = Path(__file__).parents[1] / "oidc_server"
COOKIE = "faldone-oidc"
PROVIDER = Provider("https://ente.example", "faldone", "segreto-di-prova", "Accesso dell'ente · Office sign-in")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider that lets in whom the test names."""
    node = shutil.which("node")
    if node is None or not (SERVER / "node_modules").is_dir():
        if os.environ.get("CI"):
            pytest.fail("node, or npm ci in tests/oidc_server, is missing in CI")
        pytest.skip("needs node, and npm ci in tests/oidc_server")
    process = subprocess.Popen(
        [node, "server.mjs", BACK],
        cwd=SERVER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["issuer"]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def browser(site: Site) -> Iterator[Callable[[str], TestClient]]:
    """Browsers of a site that has this issuer; Anna is linked to it."""
    create_account(Account("anna", "Anna Prova", AccountRole.OPERATOR, Rights(None, None)), "prova", site.ports)
    link_subject("anna", "ente-7", "prova", site.ports)
    open_: list[TestClient] = []

    def make(issuer: str) -> TestClient:
        provider = replace(PROVIDER, issuer=issuer)
        app = create_app(replace(site, options=replace(site.options, provider=provider)))
        client = TestClient(app, base_url=URL, headers=OWN, follow_redirects=False)
        open_.append(client)
        return client

    yield make
    for client in open_:
        client.close()


def sent(client: TestClient, onwards: str = "/profilo") -> str:
    """Goes to the provider's door; gives its address."""
    answer = client.get("/accedi/oidc", params={"next": onwards})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def through(address: str, subject: str) -> str:
    """What somebody does at the provider; gives the path by which they come back."""
    with httpx2.Client(base_url=f"{urlsplit(address).scheme}://{urlsplit(address).netloc}") as client:
        asked = client.get(address).headers["location"]
        onwards = client.get(f"{asked}/login/{subject}").headers["location"]
        back = client.get(onwards).headers["location"]
    assert back.startswith(BACK), back
    return str(back.removeprefix(URL))


def kept(client: TestClient) -> list[str]:
    return list(json.loads(base64.urlsafe_b64decode(client.cookies[COOKIE])))


def keep(client: TestClient, values: list[str]) -> None:
    client.cookies.clear()
    client.cookies.set(COOKIE, base64.urlsafe_b64encode(json.dumps(values).encode()).decode())


def is_in(client: TestClient) -> bool:
    return bool(client.get("/profilo").status_code == 200)


def test_whom_the_provider_knows_and_an_administrator_linked_is_let_in(
    issuer: str, browser: Callable[[str], TestClient], site: Site
) -> None:
    client = browser(issuer)
    assert "Accesso dell&#39;ente" in client.get("/accedi").text
    address = sent(client)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid"]
    assert asked["nonce"] != asked["state"]
    answer = client.get(through(address, "ente-7"))
    assert answer.headers["location"] == "/profilo"
    assert COOKIE not in client.cookies
    assert "Anna Prova" in client.get("/profilo").text
    opened = site.ports.catalog.events(["anna"])[-1].record
    assert (opened.type, json.loads(opened.detail)["how"]) == ("account:session:opened", "provider")


def test_who_enters_by_the_provider_opens_the_blank_screen_by_it_and_stays_in_their_session(
    issuer: str, browser: Callable[[str], TestClient]
) -> None:
    client = browser(issuer)
    client.get(through(sent(client), "ente-7"))
    before = client.cookies["faldone"]
    assert client.get("/sblocca").json() == {"password": False, "provider": "Accesso dell'ente"}
    answer = client.get("/accedi/oidc", params={"sblocca": 1})
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    shown = client.get(through(answer.headers["location"], "ente-7"))
    assert shown.status_code == 200
    assert "data-unlocks" in shown.text
    assert client.cookies["faldone"] == before
    assert is_in(client)


def test_somebody_else_at_the_provider_does_not_open_the_blank_screen(
    issuer: str, browser: Callable[[str], TestClient], site: Site
) -> None:
    client = browser(issuer)
    create_account(Account("bruno", "Bruno Prova", AccountRole.OPERATOR, Rights(None, None)), "prova", site.ports)
    link_subject("bruno", "ente-9", "prova", site.ports)
    client.get(through(sent(client), "ente-7"))
    for stranger in ("ente-9", "ente-10"):
        address = client.get("/accedi/oidc", params={"sblocca": 1}).headers["location"]
        shown = client.get(through(address, stranger))
        assert shown.status_code == 403
        assert "data-unlocks" not in shown.text
    assert "Anna Prova" in client.get("/profilo").text
    assert detail_of(site.ports.catalog.events(["anna"])[-1]) == {"reason": "provider"}


def test_whom_nobody_linked_is_not_let_in_and_gets_no_account(
    issuer: str, browser: Callable[[str], TestClient], site: Site
) -> None:
    client = browser(issuer)
    answer = client.get(through(sent(client), "ente-8"))
    assert answer.status_code == 403
    assert "<code>ente-8</code>" in answer.text
    assert not is_in(client)
    assert [account.name for account in site.ports.catalog.accounts()] == ["anna"]


def test_whom_the_provider_refuses_is_not_let_in(issuer: str, browser: Callable[[str], TestClient]) -> None:
    client = browser(issuer)
    path = through(sent(client), "rifiuta")
    assert "error=access_denied" in path
    assert client.get(path).status_code == 403
    assert not is_in(client)


def test_the_way_back_serves_once(issuer: str, browser: Callable[[str], TestClient]) -> None:
    client = browser(issuer)
    address = sent(client)
    values, path = kept(client), through(address, "ente-7")
    assert client.get(path).status_code == 303
    client.cookies.clear()
    assert client.get(path).status_code == 403
    keep(client, values)  # even with what the browser had kept, the provider gives nothing for a code twice
    assert client.get(path).status_code == 403
    assert not is_in(client)


@pytest.mark.parametrize("place", [0, 1, 2], ids=["state", "nonce", "verifier"])
def test_an_answer_that_is_for_somebody_else_is_refused(
    place: int, issuer: str, browser: Callable[[str], TestClient]
) -> None:
    client = browser(issuer)
    address = sent(client)
    values, path = kept(client), through(address, "ente-7")
    values[place] = "x" * 64
    keep(client, values)
    assert client.get(path).status_code == 403
    assert not is_in(client)


def test_an_answer_that_another_provider_gives_is_refused(issuer: str, browser: Callable[[str], TestClient]) -> None:
    client = browser(issuer)
    path = through(sent(client), "ente-7")
    assert "iss=" in path
    assert client.get(path.replace("iss=", "iss=https%3A%2F%2Faltri.example&x=")).status_code == 403


def test_whoever_asks_for_another_site_comes_back_to_this_one(
    issuer: str, browser: Callable[[str], TestClient]
) -> None:
    client = browser(issuer)
    answer = client.get(through(sent(client, "//evil.example"), "ente-7"))
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9", "http://ente.example", "https://127.0.0.1:9"])
def test_a_provider_that_is_away_or_not_safe_is_told_at_the_door(
    issuer: str, browser: Callable[[str], TestClient]
) -> None:
    answer = browser(issuer).get("/accedi/oidc")
    assert answer.status_code == 503
    assert "nome e password" in answer.text


def test_without_a_provider_there_is_no_such_door(door: TestClient) -> None:
    assert door.get("/accedi/oidc").status_code == 404
    assert door.get("/accedi/oidc/ritorno?code=x&state=y").status_code == 404


@pytest.mark.parametrize("cookie", ["", "x", "bnVsbA==", "W10=", "e30=", "é"])
def test_coming_back_with_a_cookie_that_is_none_is_refused(cookie: str, browser: Callable[[str], TestClient]) -> None:
    client = browser("http://127.0.0.1:9")
    header = {"cookie": f"{COOKIE}={cookie}".encode()}
    assert client.get("/accedi/oidc/ritorno?code=x&state=y", headers=header).status_code == 403  # type: ignore[arg-type]


def test_the_provider_is_not_asked_about_itself_for_each_who_comes(
    monkeypatch: pytest.MonkeyPatch, browser: Callable[[str], TestClient]
) -> None:
    asked: list[str] = []

    def fetch(address: str) -> dict[str, str]:
        asked.append(address)
        if len(asked) == 1:
            raise httpx2.ConnectTimeout("away")
        return {"issuer": PROVIDER.issuer, "authorization_endpoint": f"{PROVIDER.issuer}/auth"}

    monkeypatch.setattr(oidc, "_fetch", fetch)
    client = browser(PROVIDER.issuer)
    assert client.get("/accedi/oidc").status_code == 503
    for _ in range(3):  # what it did not say is asked for again, what it said is kept
        assert sent(client).startswith(f"{PROVIDER.issuer}/auth?")
    assert len(asked) == 2
    since = time.monotonic()
    monkeypatch.setattr(oidc, "time", SimpleNamespace(monotonic=lambda: since + 301))
    sent(client)
    assert len(asked) == 3


# ---- what the provider's word has to be


KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
METADATA = {"issuer": PROVIDER.issuer, "jwks_uri": f"{PROVIDER.issuer}/jwks"}
# Read when the tests are collected, which may be half an hour before they run.
NOW = int(time.time())
DAY = 86_400
CLAIMS = {
    "iss": PROVIDER.issuer,
    "aud": "faldone",
    "sub": "ente-7",
    "nonce": "n",
    "iat": NOW,
    "exp": NOW + DAY,
}


def word(claims: dict[str, Any], key: Any = KEY, algorithm: str = "RS256") -> str:
    return jwt.encode({"alg": algorithm, "kid": "k1"}, claims, key, algorithms=[algorithm])


@pytest.fixture
def jwks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "_fetch", lambda address: KeySet([KEY]).as_dict(private=False))


def test_a_word_that_holds_names_the_subject(jwks: None) -> None:
    assert oidc._subject(PROVIDER, METADATA, "n", word(CLAIMS)) == "ente-7"


def test_who_was_to_show_anew_who_they_are_has_to_have_done_so(jwks: None) -> None:
    since = dt.datetime.fromtimestamp(NOW, dt.UTC)
    assert oidc._subject(PROVIDER, METADATA, "n", word(CLAIMS | {"auth_time": NOW + 1}), since) == "ente-7"
    for claims in (CLAIMS, CLAIMS | {"auth_time": NOW - 3600}, CLAIMS | {"auth_time": None}):
        with pytest.raises((oidc.ProviderError, *oidc._FAILURES)):
            oidc._subject(PROVIDER, METADATA, "n", word(claims), since)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://altri.example"},
        {"aud": "altri"},
        {"nonce": "m"},
        {"nonce": None},
        {"exp": NOW - 300},
        {"exp": None},
        {"sub": None},
        {"iat": NOW + DAY},
        {"aud": ["faldone", "altri"], "azp": "altri"},
    ],
)
def test_a_word_that_does_not_hold_is_refused(changed: dict[str, Any], jwks: None) -> None:
    claims = {name: value for name, value in (CLAIMS | changed).items() if value is not None}
    with pytest.raises((oidc.ProviderError, *oidc._FAILURES)):
        oidc._subject(PROVIDER, METADATA, "n", word(claims))


def test_a_word_that_another_key_signed_or_none_is_refused(jwks: None) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "k1"})
    shared = OctKey.import_key(PROVIDER.client_secret.encode() * 4)
    head, body, _ = word(CLAIMS).split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for forged in (
        word(CLAIMS, stranger),
        word(CLAIMS, shared, "HS256"),
        f"{unsigned}.{body}.",
        f"{head}.{body}.",
        "nonsense",
    ):
        with pytest.raises((oidc.ProviderError, *oidc._FAILURES)):
            oidc._subject(PROVIDER, METADATA, "n", forged)
