"""The doors of the web app, the profile, and the administrator's pages of accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pyotp
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from faldone.domain.access import Sensitivity
from faldone.domain.account import Account, AccountRole, Rights
from faldone.pipeline.accounts import passwords
from faldone.pipeline.accounts.accounts import (
    accept_invitation,
    change_account,
    create_account,
    invite,
    invite_first_administrator,
)
from faldone.pipeline.search.index import index_pending
from faldone.web.rules import COOKIE
from faldone.web.site import Site
from tests.small_archive import Paper, put
from tests.twins import Archive
from tests.web.conftest import OWN, URL, Enter

PASSWORD = "quattro parole a caso"
OTHER = "un'altra buona password"
ANNA = Account("anna", "Anna Prova", AccountRole.OPERATOR, Rights(None, None))


@pytest.fixture(autouse=True)
def _fast_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    # What a hash costs is not what is tested here.
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(1, 64, 1))


@pytest.fixture
def anna(site: Site) -> Account:
    """An operator with a password."""
    create_account(ANNA, "prova", site.ports)
    return accept_invitation(invite("anna", "prova", site.ports), PASSWORD, site.ports)


@pytest.fixture
def second(app: FastAPI) -> Iterator[TestClient]:
    """Another browser."""
    with TestClient(app, base_url=URL, headers=OWN, follow_redirects=False) as client:
        yield client


def come_in(client: TestClient, password: str = PASSWORD, **more: str) -> str:
    """Enters, and gives the cookie."""
    answer = client.post("/accedi", data={"name": "anna", "password": password} | more)
    assert answer.status_code == 303, answer.text
    return str(client.cookies[COOKIE])


def is_in(client: TestClient) -> bool:
    return bool(client.get("/profilo").status_code == 200)


# ---- the door


def test_whoever_is_not_in_is_sent_to_the_door_and_back_to_where_they_wanted(door: TestClient, anna: Account) -> None:
    sent = door.get("/profilo")
    assert sent.headers["location"] == "/accedi?next=/profilo"
    assert 'value="/profilo"' in door.get(sent.headers["location"]).text
    answer = door.post("/accedi", data={"name": "anna", "password": PASSWORD, "next": "/profilo"})
    assert answer.headers["location"] == "/profilo"
    assert "Anna Prova" in door.get("/profilo").text
    assert door.get("/accedi").status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(door: TestClient, anna: Account) -> None:
    answer = door.post("/accedi", data={"name": "anna", "password": PASSWORD})
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=lax" in said
    assert "Path=/" in said


@pytest.mark.parametrize(
    "away", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_the_door_leads_nowhere_but_into_the_site(away: str, door: TestClient, anna: Account) -> None:
    assert "evil" not in door.get("/accedi", params={"next": away}).text
    answer = door.post("/accedi", data={"name": "anna", "password": PASSWORD, "next": away})
    assert answer.headers["location"] == "/"


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(door: TestClient, anna: Account, site: Site) -> None:
    def answer(name: str) -> tuple[int, str]:
        got = door.post("/accedi", data={"name": name, "password": "sbagliata davvero"})
        return got.status_code, got.text.replace(name, "")

    unlike = answer("nessuno")
    assert unlike[0] == 401
    assert answer("anna") == unlike
    change_account(replace(ANNA, disabled=True), "prova", site.ports)
    assert answer("anna") == unlike


def test_a_place_that_is_locked_is_told_nothing_else_even_with_the_right_password(
    door: TestClient, anna: Account, archive: Archive
) -> None:
    for _ in range(5):
        door.post("/accedi", data={"name": "anna", "password": "sbagliata davvero"})
    assert door.post("/accedi", data={"name": "anna", "password": PASSWORD}).status_code == 401
    archive.clock.pass_by(minutes=1)
    come_in(door)


def test_too_many_tries_are_not_heard_whether_there_is_an_account_or_not(door: TestClient, anna: Account) -> None:
    for name in ("anna", "nessuno"):
        answers = [door.post("/accedi", data={"name": name, "password": "sbagliata davvero"}) for _ in range(21)]
        assert [answer.status_code for answer in answers] == [401] * 20 + [429]


def test_a_stranger_at_the_same_address_does_not_shut_out_who_was_here_before(
    door: TestClient, second: TestClient, anna: Account
) -> None:
    come_in(door)
    door.post("/esci")
    for _ in range(30):  # past the locks, and past what is heard from the address
        second.post("/accedi", data={"name": "anna", "password": "sbagliata davvero"})
    for number in range(60):
        second.post("/accedi", data={"name": f"nessuno{number}", "password": "sbagliata davvero"})
    assert second.post("/accedi", data={"name": "anna", "password": PASSWORD}).status_code == 429
    come_in(door)
    marks = [cookie for cookie in door.cookies.jar if cookie.name.startswith("faldone-mark-")]
    assert [cookie.path for cookie in marks] == ["/accedi"]
    assert "anna" not in marks[0].name + str(marks[0].value)


def test_a_changed_password_leaves_the_browser_one_that_is_known(
    door: TestClient, second: TestClient, anna: Account
) -> None:
    come_in(door)
    assert door.post("/profilo/password", data={"old": PASSWORD, "new": OTHER, "again": OTHER}).status_code == 303
    for _ in range(21):
        second.post("/accedi", data={"name": "anna", "password": "sbagliata davvero"})
    come_in(door, OTHER)


def test_a_second_factor_whose_key_is_gone_lets_nobody_in_and_says_who_helps(
    door: TestClient, anna: Account, site: Site, archive: Archive, enter: Enter
) -> None:
    come_in(door)
    secret = re.search(r'name="secret" value="([A-Z2-7]+)"', door.get("/profilo/secondo-fattore").text)
    assert secret is not None
    totp = pyotp.TOTP(secret[1])
    form = {"secret": secret[1], "password": PASSWORD, "code": totp.at(archive.clock())}
    door.post("/profilo/secondo-fattore", data=form)
    door.post("/esci")
    archive.clock.pass_by(minutes=1)
    (archive.folder / "second-factors.key").unlink()
    door.post("/accedi", data={"name": "anna", "password": PASSWORD})
    answer = door.post("/accedi/codice", data={"code": totp.at(archive.clock())})
    assert answer.status_code == 503
    assert "amministratore può toglierlo" in answer.text
    assert not is_in(door)
    enter("amministratore").post("/amministrazione/utenti/anna/togli-secondo-fattore")
    come_in(door)


def test_a_cookie_that_was_planted_is_worth_nothing_after_entering(door: TestClient, anna: Account) -> None:
    door.cookies.set(COOKIE, "piantato", domain="testserver.local", path="/")
    door.post("/accedi", data={"name": "anna", "password": PASSWORD})
    secrets = [cookie.value for cookie in door.cookies.jar if cookie.name == COOKIE]
    assert any(secret != "piantato" for secret in secrets)
    door.cookies.clear()
    door.cookies.set(COOKIE, "piantato")
    assert not is_in(door)


def test_entering_again_ends_the_session_of_before(door: TestClient, second: TestClient, anna: Account) -> None:
    before = come_in(door)
    come_in(door)
    second.cookies.set(COOKIE, before)
    assert not is_in(second)
    assert is_in(door)


def test_leaving_ends_the_session_and_empties_the_browser(door: TestClient, second: TestClient, anna: Account) -> None:
    secret = come_in(door)
    answer = door.post("/esci")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert answer.headers["location"] == "/accedi"
    assert COOKIE not in door.cookies
    second.cookies.set(COOKIE, secret)
    assert not is_in(second)
    assert second.post("/esci").status_code == 303


def test_another_site_can_neither_enter_nor_leave_for_somebody(door: TestClient, anna: Account) -> None:
    come_in(door)
    for path in ("/esci", "/accedi", "/profilo/password", "/lingua"):
        assert door.post(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert is_in(door)


def test_a_disabled_account_is_out_at_once(door: TestClient, anna: Account, site: Site) -> None:
    come_in(door)
    change_account(replace(ANNA, disabled=True), "prova", site.ports)
    assert not is_in(door)


def test_changed_rights_hold_from_the_next_request(door: TestClient, anna: Account, site: Site) -> None:
    come_in(door)
    change_account(replace(ANNA, role=AccountRole.AUDITOR), "prova", site.ports)
    assert not is_in(door)


def test_a_session_that_nobody_used_for_half_an_hour_is_over(door: TestClient, anna: Account, archive: Archive) -> None:
    come_in(door)
    for _ in range(2):
        archive.clock.pass_by(minutes=29)
        assert is_in(door)
    archive.clock.pass_by(minutes=30)
    assert not is_in(door)


def test_every_form_of_the_profile_has_a_label_for_each_field(door: TestClient, anna: Account) -> None:
    come_in(door)
    for path in ("/profilo", "/profilo/secondo-fattore", "/accessibilita"):
        shown = door.get(path).text
        fields = re.findall(r'<input class="form-control" id="([^"]+)"', shown)
        assert len(fields) == len(set(fields))
        assert all(f'for="{field}"' in shown for field in fields)
    assert 'id="f-password-token"' in door.get("/profilo").text


# ---- links


def test_the_first_administrator_makes_their_account_by_the_link_once(door: TestClient, site: Site) -> None:
    path = f"/invito/{invite_first_administrator(site.ports)}"
    form = {"name": "capo", "full_name": "Capo Prova", "password": PASSWORD, "again": PASSWORD}
    assert "primo amministratore" in door.get(path).text
    wrong = door.post(path, data=form | {"again": OTHER})
    assert wrong.status_code == 422
    assert "Capo Prova" in wrong.text  # what was typed is not lost
    assert PASSWORD not in wrong.text
    assert door.post(path, data=form).status_code == 200
    assert site.ports.catalog.account("capo").role is AccountRole.ADMINISTRATOR
    assert door.get(path).status_code == door.post(path, data=form).status_code == 404
    assert door.post("/accedi", data={"name": "capo", "password": PASSWORD}).status_code == 303


def test_a_link_that_never_was_is_not_found(door: TestClient) -> None:
    assert door.get("/invito/inventato").status_code == 404
    assert door.post("/invito/inventato", data={"password": PASSWORD, "again": PASSWORD}).status_code == 404


def test_a_password_that_is_too_weak_is_told_why_and_the_link_still_serves(
    door: TestClient, anna: Account, site: Site
) -> None:
    path = f"/invito/{invite('anna', 'capo', site.ports)}"
    weak = door.post(path, data={"password": "corta", "again": "corta"})
    assert "ne servono almeno 12" in weak.text
    assert door.post(path, data={"password": OTHER, "again": OTHER}).status_code == 200
    come_in(door, OTHER)


# ---- the second factor


def test_a_second_factor_is_set_in_the_profile_and_asked_for_at_the_door(
    door: TestClient, second: TestClient, anna: Account, archive: Archive
) -> None:
    come_in(door)
    shown = door.get("/profilo/secondo-fattore")
    assert "<svg" in shown.text
    assert " style=" not in shown.text
    secret = re.search(r'name="secret" value="([A-Z2-7]+)"', shown.text)
    assert secret is not None
    totp = pyotp.TOTP(secret[1])
    form = {"secret": secret[1], "password": PASSWORD}
    wrong = door.post("/profilo/secondo-fattore", data=form | {"code": "000000"})
    assert wrong.status_code == 422
    assert secret[1] in wrong.text
    first = totp.at(archive.clock())
    assert door.post("/profilo/secondo-fattore", data=form | {"code": first}).status_code == 303
    assert is_in(door)

    asked = second.post("/accedi", data={"name": "anna", "password": PASSWORD, "next": "/profilo"})
    assert asked.headers["location"] == "/accedi/codice?next=/profilo"
    assert not is_in(second)
    assert second.get("/accedi/codice?next=/profilo").status_code == 200
    again = second.post("/accedi/codice", data={"code": first, "next": "/profilo"})
    assert again.status_code == 401  # it set the factor, and serves no more
    archive.clock.pass_by(seconds=30)
    code = {"code": totp.at(archive.clock()), "next": "/profilo"}
    assert second.post("/accedi/codice", data=code).headers["location"] == "/profilo"
    assert is_in(second)

    door.cookies.clear()
    door.post("/accedi", data={"name": "anna", "password": PASSWORD})
    assert door.post("/accedi/codice", data=code).status_code == 401
    assert not is_in(door)


def test_there_is_no_code_without_a_password_first(door: TestClient, anna: Account) -> None:
    assert door.get("/accedi/codice").headers["location"] == "/accedi"
    assert door.post("/accedi/codice", data={"code": "123456"}).status_code == 401


# ---- the profile


def test_changing_the_password_keeps_this_browser_in_and_puts_the_others_out(
    door: TestClient, second: TestClient, anna: Account
) -> None:
    come_in(door)
    come_in(second)
    form = {"old": PASSWORD, "new": OTHER, "again": OTHER}
    assert door.post("/profilo/password", data=form | {"old": "sbagliata davvero"}).status_code == 422
    assert door.post("/profilo/password", data=form | {"again": "diversa ancora"}).status_code == 422
    assert is_in(second)
    before = door.cookies[COOKIE]
    assert door.post("/profilo/password", data=form).status_code == 303
    assert door.cookies[COOKIE] != before
    assert is_in(door)
    assert not is_in(second)


def test_one_ends_ones_own_sessions_and_nobody_elses(
    door: TestClient, second: TestClient, anna: Account, site: Site, enter: Enter
) -> None:
    come_in(door)
    come_in(second)
    other = enter("archivista")
    keys = re.findall(r"/profilo/sessioni/([0-9a-f]{64})/chiudi", door.get("/profilo").text)
    assert len(keys) == 1
    assert other.post(f"/profilo/sessioni/{keys[0]}/chiudi").status_code == 404
    assert is_in(second)
    assert door.post(f"/profilo/sessioni/{keys[0]}/chiudi").status_code == 303
    assert not is_in(second)
    assert is_in(door)


def test_a_token_is_shown_once_serves_the_api_and_can_be_taken_back(
    door: TestClient, second: TestClient, anna: Account, site: Site
) -> None:
    change_account(replace(ANNA, role=AccountRole.ADMINISTRATOR), "prova", site.ports)
    come_in(door)
    form = {"label": "orario", "days": "30", "password": PASSWORD}
    assert door.post("/profilo/token", data=form | {"password": "sbagliata davvero"}).status_code == 422
    made = door.post("/profilo/token", data=form)
    secret = re.search(r"fal_[\w-]{43}", made.text)
    assert secret is not None
    assert "fal_" not in door.get("/profilo").text
    bearer = {"authorization": f"Bearer {secret[0]}"}
    assert second.get("/api/v1/accounts", headers=bearer).json()[0]["name"] == "anna"
    assert second.post("/profilo/token", data=form, headers=bearer).status_code == 403
    key = re.search(r"/profilo/token/([0-9a-f]{64})/togli", made.text)
    assert key is not None
    assert door.post(f"/profilo/token/{key[1]}/togli").status_code == 303
    assert second.get("/api/v1/accounts", headers=bearer).status_code == 401
    assert door.post("/profilo/token/nessuno/togli").status_code == 404


def test_a_new_password_by_a_link_ends_the_tokens_and_says_so(
    door: TestClient, second: TestClient, anna: Account, site: Site
) -> None:
    come_in(door)
    made = door.post("/profilo/token", data={"label": "orario", "days": "30", "password": PASSWORD})
    secret = re.search(r"fal_[\w-]{43}", made.text)
    assert secret is not None
    bearer = {"authorization": f"Bearer {secret[0]}"}
    assert second.get("/api/v1/searches", headers=bearer).status_code == 200
    path = f"/invito/{invite('anna', 'capo', site.ports)}"
    assert "i token dei programmi" in second.get(path).text
    assert "i token di prima non valgono più" in second.post(path, data={"password": OTHER, "again": OTHER}).text
    assert second.get("/api/v1/searches", headers=bearer).status_code == 401


def test_one_ends_all_other_sessions_and_the_tokens_at_once(
    door: TestClient, second: TestClient, anna: Account, site: Site
) -> None:
    come_in(door)
    come_in(second)
    door.post("/profilo/token", data={"label": "orario", "days": "30", "password": PASSWORD})
    answer = door.post("/profilo/sessioni/chiudi-altrove")
    assert "token non valgono più" in door.get(answer.headers["location"]).text
    assert is_in(door)
    assert not is_in(second)
    assert site.ports.catalog.tokens("anna") == ()


def test_the_blank_screen_asks_who_has_no_password_for_none(
    door: TestClient, anna: Account, site: Site, enter: Enter
) -> None:
    come_in(door)
    assert door.get("/sblocca").json() == {"password": True, "provider": None}
    assert enter("operatore").get("/sblocca").json() == {"password": False, "provider": None}


def test_only_the_door_of_who_is_out_lifts_the_blank_screen(door: TestClient, anna: Account) -> None:
    assert "data-unlocks" in door.get("/accedi").text
    come_in(door)
    wrong = door.post("/accedi", data={"name": "anna", "password": "sbagliata davvero"})
    assert wrong.status_code == 401
    assert "data-unlocks" not in wrong.text
    assert "data-unlocks" not in door.get("/non-esiste").text


def test_language_and_keys_are_kept_in_the_browser(door: TestClient, anna: Account) -> None:
    come_in(door)
    assert door.post("/lingua", data={"lingua": "en", "next": "//evil.example"}).headers["location"] == "/"
    assert "Second factor" in door.get("/profilo").text
    assert 'data-keys="off"' not in door.get("/profilo").text
    door.post("/profilo/tasti", data={"on": "off"})
    assert 'data-keys="off"' in door.get("/profilo").text
    door.post("/profilo/tasti", data={"on": "on"})
    assert 'data-keys="off"' not in door.get("/profilo").text


# ---- the administrator


def test_only_an_administrator_reaches_the_accounts(enter: Enter) -> None:
    for role in AccountRole:
        expected = 200 if role is AccountRole.ADMINISTRATOR else 403
        client = enter(role)
        assert client.get("/amministrazione/utenti").status_code == expected
        assert client.get("/api/v1/accounts").status_code == expected


def test_an_administrator_makes_an_account_and_hands_its_link_over(enter: Enter, door: TestClient, site: Site) -> None:
    admin = enter("amministratore")
    form = {"name": "Bruno", "full_name": "Bruno Prova", "role": "operatore", "sensitivity": "GIUDIZIARI"}
    rights = {"services": ["SAD", "ADM"], "comuni": "Crema, Offanengo", "until": "2030-12-31", "also": ["review"]}
    bad = admin.post("/amministrazione/utenti/nuovo", data=form | rights | {"until": "domani"})
    assert bad.status_code == 422
    assert 'value="SAD" checked' in bad.text
    strange = admin.post("/amministrazione/utenti/nuovo", data=form | rights | {"comuni": "Crema, Ofanengo"})
    assert strange.status_code == 422
    assert strange.text.count("Comuni sconosciuti: ofanengo (forse Offanengo?)") == 2  # on top, and beside its field
    assert 'aria-describedby="f-comuni-errore" aria-invalid="true"' in strange.text
    made = admin.post("/amministrazione/utenti/nuovo", data=form | rights)
    assert made.status_code == 200
    account = site.ports.catalog.account("bruno")
    assert account.rights.services == frozenset({"SAD", "ADM"})
    assert account.rights.comuni == frozenset({"crema", "offanengo"})
    assert account.rights.sensitivity is Sensitivity.GIUDIZIARI
    path = re.search(rf"{URL}(/invito/[\w-]+)", made.text)
    assert path is not None
    assert path[1] not in admin.get("/amministrazione/utenti/bruno").text
    assert door.post(path[1], data={"password": PASSWORD, "again": PASSWORD}).status_code == 200
    assert door.post("/accedi", data={"name": "bruno", "password": PASSWORD}).status_code == 303
    assert "fino al 31/12/2030" in admin.get("/amministrazione/utenti").text


def test_an_administrator_changes_suspends_and_enables_but_not_themselves(
    enter: Enter, anna: Account, site: Site
) -> None:
    admin = enter("amministratore", name="capo")
    admin.post("/amministrazione/utenti/anna/sospendi")
    assert site.ports.catalog.account("anna").disabled
    admin.post("/amministrazione/utenti/anna/riattiva")
    assert not site.ports.catalog.account("anna").disabled
    form = {"full_name": "Anna Prova", "role": "archivista", "sensitivity": "BASE", "all_services": "true"}
    assert admin.get("/amministrazione/utenti/anna/modifica").status_code == 200
    assert admin.post("/amministrazione/utenti/anna/modifica", data=form).status_code == 303
    assert site.ports.catalog.account("anna").role is AccountRole.ARCHIVIST
    own = admin.post("/amministrazione/utenti/capo/modifica", data=form)
    assert own.status_code == 422
    assert "propri permessi" in own.text
    assert admin.post("/amministrazione/utenti/capo/sospendi").status_code == 409
    assert admin.get("/amministrazione/utenti/nessuno").status_code == 404


def test_trying_an_account_out_shows_counts_and_no_paper(
    enter: Enter, anna: Account, archive: Archive, site: Site
) -> None:
    put(archive, [Paper("parola segreta", service="SAD"), Paper("altra parola", service="ADM")])
    index_pending(archive.ports)
    every = Rights(frozenset({"SAD"}), None, Sensitivity.RAFFORZATA, intake=True)
    change_account(replace(ANNA, rights=every), "prova", site.ports)
    shown = enter("amministratore").post("/amministrazione/utenti/anna/prova").text
    assert "Oggi: 1 documenti" in shown
    assert "segreta" not in shown


def test_what_somebody_typed_is_shown_as_text(enter: Enter, site: Site) -> None:
    admin = enter("amministratore")
    form = {"name": "bruno", "full_name": "<script>x</script>", "role": "operatore", "sensitivity": "BASE"}
    made = admin.post("/amministrazione/utenti/nuovo", data=form)
    assert "<script>x" not in made.text
    assert "&lt;script&gt;x" in made.text


# ---- the API


def test_the_api_says_and_changes_the_same(enter: Enter, site: Site) -> None:
    admin = enter("amministratore", name="capo")
    rights = {"services": ["SAD"], "comuni": None, "sensitivity": "PARTICOLARI", "intake": False, "until": "2030-12-31"}
    body = {"name": "bruno", "full_name": "Bruno Prova", "role": "operatore", "rights": rights, "also": ["review"]}
    made = admin.post("/api/v1/accounts", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["rights"]["services"] == ["SAD"]
    assert admin.get("/api/v1/accounts/bruno").json() == made.json()
    assert admin.post("/api/v1/accounts", json=body).status_code == 409
    changed = {key: body[key] for key in ("full_name", "rights")} | {"role": "archivista", "disabled": True}
    assert admin.put("/api/v1/accounts/bruno", json=changed).json()["disabled"] is True
    assert admin.post("/api/v1/accounts/bruno/invitation").status_code == 409
    assert admin.put("/api/v1/accounts/bruno", json=changed | {"disabled": False}).status_code == 200
    assert admin.post("/api/v1/accounts/bruno/invitation").json()["link"].startswith(f"{URL}/invito/")
    assert admin.put("/api/v1/accounts/bruno/subject", json={"subject": "x"}).json()["linked"] is True
    assert admin.delete("/api/v1/accounts/bruno/second-factor").status_code == 204
    assert admin.get("/api/v1/accounts/bruno/reach").json() == {"total": 0, "by_service": {}, "elsewhere": 0}
    assert admin.get("/api/v1/accounts/nessuno").status_code == 404
    assert admin.put("/api/v1/accounts/capo", json=changed).status_code == 409
