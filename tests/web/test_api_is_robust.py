"""Whatever a program sends, the API answers with an answer: made-up calls by its own description, no server error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import Case

from faldone.domain.access import Sensitivity
from faldone.domain.account import Account, AccountRole, ApiToken, Rights
from faldone.domain.inbox import Inbox
from faldone.pipeline.search.index import index_pending
from faldone.web.app import create_app
from faldone.web.caller import key_of
from faldone.web.site import Site, SiteOptions
from tests.small_archive import Paper, put
from tests.twins import Archive

_EXAMPLES = 15


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """An app with some documents, and for each role a token that is called like it."""
    folder = tmp_path_factory.mktemp("api")
    archive = Archive(folder)
    put(archive, [Paper(f"carta numero {n}", service="TUM", comune="Crema") for n in range(6)])
    index_pending(archive.ports)
    now = archive.clock()
    with archive.catalog.begin() as work:
        for role in AccountRole:
            rights = Rights(None, None, Sensitivity.RAFFORZATA, intake=True)
            work.put_account(Account(role.value, role.value, role, rights))
            work.put_token(ApiToken(key_of(f"fal_{role.value}"), role.value, "test", now, now + dt.timedelta(days=1)))
    options = SiteOptions(
        url="http://testserver", office="x", views=folder / "views", home=folder, inboxes=(Inbox(archive.inbox),)
    )
    yield create_app(Site.of(archive.ports, options), per_second=100_000, burst=100_000)
    archive.close()


@pytest.mark.slow
@pytest.mark.parametrize("role", [AccountRole.MANAGER, AccountRole.ADMINISTRATOR])
def test_no_call_is_a_server_error(api: FastAPI, role: AccountRole) -> None:
    described = schemathesis.openapi.from_asgi("/api/openapi.json", api)
    tried = set()
    for found in described.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=_EXAMPLES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        )
        @given(case=operation.as_strategy())
        def call(case: Case) -> None:
            answer = case.call(headers={"authorization": f"Bearer fal_{role.value}"}, timeout=120)
            tried.add((case.method, case.path))
            assert answer.status_code < 500, f"{case.method} {case.formatted_path}: {answer.text[:300]}"

        call()
    assert len(tried) > 40


def test_every_call_is_described(api: FastAPI) -> None:
    paths = api.openapi()["paths"]
    assert len(paths) > 30
    for path, calls in paths.items():
        for method, call in calls.items():
            assert call.get("description"), f"{method} {path}"
