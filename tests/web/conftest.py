"""A site on an archive of twins, and clients that have entered it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from faldone.domain.access import Sensitivity
from faldone.domain.account import Ability, Account, AccountRole, Rights, Session
from faldone.domain.inbox import Inbox
from faldone.pipeline.accounts.accounts import account_event
from faldone.web.app import create_app
from faldone.web.caller import key_of
from faldone.web.rules import COOKIE
from faldone.web.site import Site, SiteOptions
from tests.twins import Archive

URL = "http://testserver"
OWN = {"sec-fetch-site": "same-origin"}
ALL = Rights(None, None, Sensitivity.GIUDIZIARI, intake=True)

Enter = Callable[..., TestClient]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(tmp_path)
    yield archive
    archive.close()


@pytest.fixture
def site(archive: Archive, tmp_path: Path) -> Iterator[Site]:
    options = SiteOptions(
        url=URL, office="Ente di prova", views=tmp_path / "views", home=tmp_path, inboxes=(Inbox(archive.inbox),)
    )
    site = Site.of(archive.ports, options)
    yield site
    site.close()


@pytest.fixture
def app(site: Site) -> FastAPI:
    return create_app(site, per_second=10_000, burst=10_000)


@pytest.fixture
def door(app: FastAPI) -> Iterator[TestClient]:
    """A browser whose user has not entered."""
    with TestClient(app, base_url=URL, headers=OWN, follow_redirects=False, raise_server_exceptions=True) as client:
        yield client


@pytest.fixture
def enter(app: FastAPI, site: Site) -> Iterator[Enter]:
    """Makes an account and gives a browser that has entered with it: ``enter("operatore", rights=…)``."""
    clients: list[TestClient] = []

    def make(
        role: AccountRole | str,
        *,
        name: str | None = None,
        rights: Rights = ALL,
        also: frozenset[Ability] = frozenset(),
    ) -> TestClient:
        role = AccountRole(role)
        account = Account(name or f"{role.value}{len(clients)}", f"Prova {role.value}", role, rights, also)
        secret = f"secret-of-{account.name}"
        now = site.ports.clock()
        with site.ports.catalog.begin() as work:
            work.put_account(account)
            work.record(account_event(account, now, "user:prova"))
            work.put_session(Session(key_of(secret), account.name, now, now, now + dt.timedelta(hours=8)))
        client = TestClient(
            app,
            base_url=URL,
            headers=OWN,
            cookies={COOKIE: secret},
            follow_redirects=False,
            raise_server_exceptions=True,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()
