"""Every route as every role: what a role may not do is refused, whatever the route; what nobody may do is not there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from faldone.domain.account import Ability, Account, AccountRole, Rights
from faldone.domain.events import EventType
from faldone.web.app import RuledRoute, routes
from faldone.web.rules import Anybody, Requires
from faldone.web.site import Site
from tests.twins import Archive

ROUTES = tuple(routes())
_OWN_REFUSALS = frozenset({"/sblocca"})
"""What a wrong password is answered with."""
_ENDLESS = frozenset({"/acquisizione/eventi"})
_EXAMPLES = {
    "person": "u-000000000000", "document": "d-000000000000", "page_id": "p-0000000000000000-0", "kind": "csv",
    "n": "1", "number": "1", "page": "1",
}  # fmt: skip


def address(route: RuledRoute) -> str:
    """The route's address with an example in the place of each name."""
    return re.sub(r"{(\w+)(?::\w+)?}", lambda name: _EXAMPLES.get(name[1], "x-000000000000"), route.path)


def name_of(route: RuledRoute) -> str:
    return f"{route.method} {route.path}"


def call(client: TestClient, route: RuledRoute) -> int:
    with client.stream(route.method, address(route)) as answer:
        return answer.status_code


CLOSED = [route for route in ROUTES if not isinstance(route.rule, Anybody)]


def test_there_are_routes_of_every_part_of_the_app() -> None:
    assert len(ROUTES) > 60


def test_nobody_reaches_a_closed_route_without_entering(door: TestClient) -> None:
    for route in CLOSED:
        assert call(door, route) == (401 if route.path.startswith("/api/") else 303), name_of(route)


@pytest.mark.slow
@pytest.mark.parametrize("role", AccountRole)
def test_a_role_reaches_what_it_may_do_and_nothing_else(
    role: AccountRole, enter: Callable[..., TestClient], archive: Archive
) -> None:
    client = enter(role)
    abilities = Account("x", "x", role).abilities
    for route in CLOSED:
        if route.path in _ENDLESS and (not isinstance(route.rule, Requires) or route.rule.ability in abilities):
            continue
        if route.path in ("/esci", "/sportello") or "sessioni" in route.path:
            continue  # they end or change the session that this test is in
        refused = isinstance(route.rule, Requires) and route.rule.ability not in abilities
        status = call(client, route)
        if refused:
            assert status == 403, name_of(route)
        else:
            assert status not in (401, 500), name_of(route)
            assert status != 403 or route.path in _OWN_REFUSALS, name_of(route)


def test_a_disabled_account_does_nothing(enter: Callable[..., TestClient], site: Site) -> None:
    client = enter(AccountRole.MANAGER, name="anna")
    assert client.get("/statistiche").status_code == 200
    with site.ports.catalog.begin() as work:
        work.put_account(Account("anna", "Anna", AccountRole.MANAGER, disabled=True))
    assert client.get("/statistiche").status_code == 303


def test_a_refused_attempt_is_on_record(enter: Callable[..., TestClient], archive: Archive) -> None:
    enter(AccountRole.OPERATOR, name="piero").get("/amministrazione")
    (entry,) = archive.catalog.last_events(EventType.ACCESS_REFUSED, 5)
    assert entry.record.agent == "user:piero"
    assert entry.record.subject == "route:/amministrazione"


def test_rights_out_of_their_dates_open_nothing() -> None:
    import datetime as dt

    rights = Rights(None, None, until=dt.date(2026, 1, 31))
    assert rights.on(dt.date(2026, 1, 31)).services is None
    assert rights.on(dt.date(2026, 2, 1)).services == frozenset()


def test_an_ability_that_may_not_be_given_is_not_had() -> None:
    account = Account("x", "x", AccountRole.OPERATOR, also=frozenset({Ability.ACCOUNTS, Ability.REVIEW}))
    assert Ability.ACCOUNTS not in account.abilities
    assert Ability.REVIEW in account.abilities


def test_another_site_changes_nothing(enter: Callable[..., TestClient]) -> None:
    client = enter(AccountRole.MANAGER)
    for route in CLOSED:
        if route.method in ("POST", "PUT", "PATCH", "DELETE"):
            for said in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
                assert client.request(route.method, address(route), headers=said).status_code == 403, name_of(route)
    plain = {"sec-fetch-site": "", "origin": "https://altrove.example"}
    assert client.post("/ricerca", headers=plain).status_code == 403


def test_every_answer_has_the_headers_that_guard_it(enter: Callable[..., TestClient], door: TestClient) -> None:
    for answer in (door.get("/accedi"), enter(AccountRole.AUDITOR).get("/statistiche"), door.get("/non-esiste")):
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
