"""Accounts made, changed and invited; entering, being refused, sessions, second factors and tokens."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pyotp
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from faldone.domain.access import Sensitivity
from faldone.domain.account import Ability, Account, AccountRole, Credentials, Rights
from faldone.domain.batch import BatchFacts
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.accounts import accounts, credentials, entering, passwords
from faldone.pipeline.accounts.accounts import accept_invitation, change_account, create_account, invite
from faldone.pipeline.accounts.entering import (
    CodeNeeded,
    Entry,
    NoAccountAtProviderError,
    NotRecognisedError,
    enter_with_code,
    enter_with_password,
    enter_with_subject,
    resume,
)
from faldone.pipeline.accounts.factor_key import FactorUnreadableError, is_sealed, open_secret, seal_secret
from faldone.pipeline.accounts.say_rights import say_rights
from faldone.pipeline.audit.audit import verify
from faldone.pipeline.audit.story import detail_of
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.index import index_pending
from faldone.pipeline.search.projection import comune_key
from faldone.pipeline.tries import Place, Tries, line_of
from tests.small_archive import Paper, put
from tests.twins import Archive

PASSWORD = "quattro parole a caso"
ADMIN = Account("capo", "Capo Prova", AccountRole.ADMINISTRATOR)
ANNA = Account("anna", "Anna Prova", AccountRole.OPERATOR, Rights(None, None))


@pytest.fixture(autouse=True)
def _fast_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    # What a hash costs is not what is tested here.
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(1, 64, 1))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    yield made
    made.close()


@pytest.fixture
def ports(archive: Archive) -> Ports:
    """An archive with an administrator and an operator, both with a password."""
    for account in (ADMIN, ANNA):
        create_account(account, "prova", archive.ports)
        accept_invitation(invite(account.name, "prova", archive.ports), PASSWORD, archive.ports)
    return archive.ports


def said(ports: Ports, subject: str) -> list[tuple[str, dict[str, object]]]:
    """What the ledger says of a subject, without the digests."""
    entries = ports.catalog.events([subject])
    return [(one.record.type.rpartition(":")[2], dict(detail_of(one))) for one in entries]


def refusals(ports: Ports, subject: str = "anna") -> list[object]:
    return [detail["reason"] for what, detail in said(ports, subject) if what == "refused"]


def enter(ports: Ports, name: str = "anna", password: str = PASSWORD) -> Entry:
    entered = enter_with_password(name, password, ports)
    assert isinstance(entered, Entry)
    return entered


def fail(ports: Ports, times: int = 1, password: str = "sbagliata davvero") -> None:
    for _ in range(times):
        with pytest.raises(NotRecognisedError):
            enter_with_password("anna", password, ports)


def with_factor(ports: Ports) -> tuple[str, Entry]:
    """Anna with a second factor; the code that set it is of the present step."""
    secret = credentials.new_second_factor()
    before = enter(ports)
    code = pyotp.TOTP(secret).at(ports.clock())
    return secret, credentials.set_second_factor(ANNA, before.session, secret, code, PASSWORD, ports)


# ---- accounts


def test_an_account_that_is_made_stands_in_the_ledger_without_its_full_name(ports: Ports) -> None:
    (made, *_) = said(ports, "anna")
    assert made == ("changed", {"account": str(ANNA.digest), "role": "operatore", "disabled": False})
    assert not any("Anna Prova" in entry.record.detail for entry in ports.catalog.ledger())


@pytest.mark.parametrize("name", ["", "a", "Anna Rossi", "../x", "nuovo", "unknown", "a" * 65, "anna\n", ".anna"])
def test_a_name_that_is_none_is_refused(name: str, ports: Ports) -> None:
    with pytest.raises(UndecidableError):
        create_account(replace(ANNA, name=name), "capo", ports)


def test_a_name_is_taken_once_however_it_is_written(ports: Ports) -> None:
    with pytest.raises(UndecidableError):
        create_account(replace(ANNA, name=" Anna "), "capo", ports)


@pytest.mark.parametrize(
    "rights",
    [
        Rights(frozenset({"servizio-inventato"})),
        Rights(since=dt.date(2026, 5, 1), until=dt.date(2026, 4, 1)),
        Rights(None, frozenset(f"comune {number}" for number in range(300))),
    ],
)
def test_rights_that_mean_nothing_are_refused(rights: Rights, ports: Ports) -> None:
    with pytest.raises(UndecidableError):
        change_account(replace(ANNA, rights=rights), "capo", ports)
    assert ports.catalog.account("anna") == ANNA


@pytest.mark.parametrize(
    ("rights", "told"),
    [
        (Rights(frozenset({"SAD", "sda"})), "Servizi sconosciuti: sda (forse SAD, "),
        (Rights(frozenset({"servizio inventato"})), "Servizi sconosciuti: servizio inventato. /"),
        (Rights(None, frozenset({"Crema", "offanego"})), "Comuni sconosciuti: offanego (forse Offanengo?). /"),
        (Rights(None, frozenset({"xyzzy"})), "Comuni sconosciuti: xyzzy. / Unknown comuni: xyzzy."),
    ],
)
def test_a_name_that_is_none_is_refused_with_the_likely_one(rights: Rights, told: str, ports: Ports) -> None:
    with pytest.raises(UndecidableError) as error:
        change_account(replace(ANNA, rights=rights), "capo", ports)
    assert told in error.value.message


def test_a_comune_is_known_however_it_is_written_and_when_a_batch_or_the_account_has_it(ports: Ports) -> None:
    with ports.catalog.begin() as work:
        work.open_batch("scatola", "", BatchFacts(comune="Vattelapesca"), ports.clock())
        work.put_account(replace(ANNA, rights=Rights(None, frozenset({"di una volta"}))))
    typed = frozenset({"CANTU'", "sant angelo lodigiano", "vattelapesca", "di una volta"})
    changed = change_account(replace(ANNA, rights=Rights(None, typed)), "capo", ports)
    keys = frozenset(map(comune_key, ("Cantù", "Sant'Angelo Lodigiano", "Vattelapesca", "di una volta")))
    assert changed.rights.comuni == keys


def test_comuni_are_kept_as_rules_have_them_and_only_what_may_be_given_is_given(ports: Ports) -> None:
    also = frozenset({Ability.REVIEW, Ability.ACCOUNTS})
    changed = change_account(replace(ANNA, rights=Rights(None, frozenset({" CREMA "})), also=also), "capo", ports)
    assert changed.rights.comuni == frozenset({"crema"})
    assert changed.also == frozenset({Ability.REVIEW})


def test_changed_rights_end_the_sessions_and_the_same_rights_change_nothing(ports: Ports) -> None:
    entry = enter(ports)
    length = ports.catalog.ledger_tail().length
    change_account(ANNA, "capo", ports)
    assert ports.catalog.ledger_tail().length == length
    change_account(replace(ANNA, full_name="Anna Nuova"), "capo", ports)
    assert resume(entry.secret, ports) is not None
    change_account(replace(ANNA, rights=Rights(None, None, Sensitivity.RAFFORZATA)), "capo", ports)
    assert resume(entry.secret, ports) is None


def test_a_disabled_account_is_out_at_once_and_its_tokens_do_not_come_back(ports: Ports) -> None:
    entry = enter(ports)
    token = credentials.make_token(ANNA, entry.session, "orario", 30, PASSWORD, ports)
    change_account(replace(ANNA, disabled=True), "capo", ports)
    assert resume(entry.secret, ports) is None
    assert entering.account_of_token(token, ports) is None
    fail(ports, password=PASSWORD)
    assert refusals(ports) == ["disabled"]
    change_account(ANNA, "capo", ports)
    assert entering.account_of_token(token, ports) is None
    enter(ports)


def test_the_last_administrator_stays(ports: Ports) -> None:
    for changed in (replace(ADMIN, disabled=True), replace(ADMIN, role=AccountRole.OPERATOR)):
        with pytest.raises(UndecidableError):
            change_account(changed, "prova", ports)
    create_account(replace(ADMIN, name="vice"), "capo", ports)
    change_account(replace(ADMIN, disabled=True), "vice", ports)
    with pytest.raises(UndecidableError):  # a disabled one does not count
        change_account(replace(ADMIN, name="vice", role=AccountRole.OPERATOR), "prova", ports)


def test_nobody_changes_their_own_rights_but_may_mend_their_name(ports: Ports) -> None:
    with pytest.raises(UndecidableError):
        change_account(replace(ADMIN, rights=Rights(None, None)), "capo", ports)
    with pytest.raises(UndecidableError):
        accounts.link_subject("capo", "me", "capo", ports)
    with pytest.raises(UndecidableError):
        accounts.remove_second_factor("capo", "capo", ports)
    assert change_account(replace(ADMIN, full_name="Capo Nuovo"), "capo", ports).full_name == "Capo Nuovo"


def test_a_verification_names_an_account_that_was_changed_behind_the_ledger(archive: Archive, ports: Ports) -> None:
    assert verify(ports).findings == ()
    with archive.catalog._engine.execution_options(writes=True).begin() as connection:
        connection.execute(sa.text("UPDATE accounts SET role = 'amministratore' WHERE name = 'anna'"))
    assert [finding.object for finding in verify(ports).findings] == ["anna"]


def test_a_verification_names_an_account_that_nobody_made_and_one_that_is_gone(archive: Archive, ports: Ports) -> None:
    with archive.catalog._engine.execution_options(writes=True).begin() as connection:
        connection.execute(sa.text("UPDATE accounts SET name = 'intruso' WHERE name = 'capo'"))
    assert {finding.object for finding in verify(ports).findings} == {"capo", "intruso"}


def test_a_verification_names_an_account_whose_proof_was_put_in_its_row(archive: Archive, ports: Ports) -> None:
    with_factor(ports)
    accounts.link_subject("anna", "ente-7", "capo", ports)
    accounts.remove_second_factor("anna", "capo", ports)
    accounts.link_subject("anna", None, "capo", ports)
    fail(ports, 3)
    assert verify(ports).findings == ()
    for column in ("password", "totp", "subject"):
        before = getattr(ports.catalog.credentials("anna"), column)
        change = sa.text(f"UPDATE accounts SET {column} = :value WHERE name = 'anna'")
        for value, found in (("altro", ["anna"]), (before, [])):
            with archive.catalog._engine.execution_options(writes=True).begin() as connection:
                connection.execute(change, {"value": value})
            assert [finding.object for finding in verify(ports).findings] == found


# ---- links


def test_the_first_administrator_comes_in_by_a_link_that_serves_once(archive: Archive) -> None:
    ports = archive.ports
    secret = accounts.invite_first_administrator(ports)
    account = accept_invitation(secret, PASSWORD, ports, name="Prima", full_name="Prima Prova")
    assert account == Account("prima", "Prima Prova", AccountRole.ADMINISTRATOR)
    assert enter(ports, "prima").account == account
    with pytest.raises(NotFoundError):
        accept_invitation(secret, PASSWORD, ports, name="seconda", full_name="Seconda Prova")
    with pytest.raises(UndecidableError):
        accounts.invite_first_administrator(ports)
    assert verify(ports).findings == ()
    assert not any(secret in entry.record.detail + entry.record.subject for entry in ports.catalog.ledger())


def test_the_first_link_runs_out_after_a_day_and_a_newer_one_replaces_it(archive: Archive) -> None:
    old = accounts.invite_first_administrator(archive.ports)
    new = accounts.invite_first_administrator(archive.ports)
    with pytest.raises(NotFoundError):
        accounts.invitation(old, archive.ports)
    archive.clock.pass_by(hours=23, minutes=59)
    accounts.invitation(new, archive.ports)
    archive.clock.pass_by(minutes=1)
    with pytest.raises(NotFoundError):
        accounts.invitation(new, archive.ports)


def test_the_first_link_serves_no_more_once_somebody_has_an_account(archive: Archive) -> None:
    secret = accounts.invite_first_administrator(archive.ports)
    create_account(ADMIN, "prova", archive.ports)
    with pytest.raises(NotFoundError):
        accept_invitation(secret, PASSWORD, archive.ports, name="altra", full_name="Altra Prova")


def test_a_weak_password_does_not_use_the_link_up(ports: Ports) -> None:
    secret = invite("anna", "capo", ports)
    with pytest.raises(UndecidableError):
        accept_invitation(secret, "corta", ports)
    accept_invitation(secret, "un'altra buona password", ports)
    fail(ports, password=PASSWORD)
    enter(ports, password="un'altra buona password")


def test_a_new_password_by_a_link_ends_sessions_and_locks(ports: Ports) -> None:
    entry = enter(ports)
    fail(ports, 5)
    accept_invitation(invite("anna", "capo", ports), "un'altra buona password", ports)
    assert resume(entry.secret, ports) is None
    enter(ports, password="un'altra buona password")


def test_a_disabled_account_gets_no_link_and_its_link_does_not_serve(ports: Ports) -> None:
    secret = invite("anna", "capo", ports)
    change_account(replace(ANNA, disabled=True), "capo", ports)
    with pytest.raises(NotFoundError):
        accept_invitation(secret, PASSWORD, ports)
    with pytest.raises(UndecidableError):
        invite("anna", "capo", ports)


# ---- passwords


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("corta", "almeno 12"),
        ("x" * 201, "troppo lunga"),
        ("anna.prova12", "nome"),
        ("ANNA.PROVAanna.prova", "nome"),
        ("password1234", "più usate"),
        ("Amministratore", "più usate"),
        ("abababababab", "ripete"),
    ],
)
def test_a_password_that_is_too_weak_is_told_why(password: str, why: str) -> None:
    with pytest.raises(UndecidableError, match=why):
        passwords.demand_good(password, "anna.prova")


def test_a_password_is_the_same_from_every_keyboard() -> None:
    kept = passwords.hash_password("perch\u00e9 no? certo")
    assert passwords.fits("perche\u0301 no? certo", kept)
    assert not passwords.fits("perche no? certo", kept)
    assert not passwords.fits("perch\u00e9 no? certo", None)
    assert not passwords.fits("perch\u00e9 no? certo", "no hash at all")


def test_a_hash_of_other_parameters_is_made_anew_at_the_next_login(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ports.catalog.credentials("anna").password
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(2, 128, 1))
    enter(ports)
    after = ports.catalog.credentials("anna").password
    assert before != after
    enter(ports)
    assert ports.catalog.credentials("anna").password == after
    assert verify(ports).findings == ()


def test_a_name_that_nobody_has_takes_as_many_hashes_as_one_that_somebody_has(
    ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - its name there
            verified.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", lambda: Counting(1, 64, 1))
    create_account(replace(ANNA, name="senza"), "capo", ports)
    for name in ("anna", "nessuno", "senza", "", "x" * 5000):
        verified.clear()
        with pytest.raises(NotRecognisedError):
            enter_with_password(name, "sbagliata davvero", ports)
        assert len(verified) == 1


# ---- entering and being refused


def test_entering_opens_a_session_whose_secret_is_kept_nowhere(archive: Archive, ports: Ports) -> None:
    entry = enter(ports, " ANNA ")
    assert resume(entry.secret, ports) == (ANNA, entry.session)
    assert said(ports, "anna")[-1] == ("opened", {"session": str(entry.session.key), "how": "password"})
    with archive.catalog._engine.connect() as connection:
        kept = str(connection.execute(sa.text("SELECT * FROM sessions")).all())
    assert entry.secret not in kept


def test_an_unknown_name_is_not_written_down(ports: Ports) -> None:
    with pytest.raises(NotRecognisedError):
        enter_with_password("mario.rossi", "la mia password segreta", ports)
    assert refusals(ports, "unknown") == ["unknown"]
    assert not any("mario" in entry.record.subject + entry.record.detail for entry in ports.catalog.ledger())


def test_after_five_errors_nothing_is_heard_for_a_minute_then_for_two(archive: Archive, ports: Ports) -> None:
    fail(ports, 5)
    fail(ports, password=PASSWORD)
    assert refusals(ports) == ["password"] * 5 + ["locked"]
    archive.clock.pass_by(seconds=60)
    fail(ports)
    archive.clock.pass_by(seconds=119)
    fail(ports, password=PASSWORD)
    archive.clock.pass_by(seconds=1)
    enter(ports)
    assert ports.catalog.credentials("anna").failures == 0


def test_a_lock_is_never_longer_than_an_hour(archive: Archive, ports: Ports) -> None:
    for _ in range(20):
        fail(ports)
        archive.clock.pass_by(hours=1)
    enter(ports)


def fail_from(ports: Ports, place: Place, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(NotRecognisedError):
            enter_with_password("anna", "sbagliata davvero", ports, place=place)


def mark_of(ports: Ports) -> str:
    mark = entering.new_mark(ANNA, ports)
    assert mark is not None
    return mark


def test_errors_from_one_place_do_not_lock_another(ports: Ports) -> None:
    fail_from(ports, Place("stranger"), 5)
    with pytest.raises(NotRecognisedError):
        enter_with_password("anna", PASSWORD, ports, place=Place("stranger"))
    assert isinstance(enter_with_password("anna", PASSWORD, ports, place=Place("office")), Entry)
    assert refusals(ports) == ["password"] * 5 + ["locked"]


def test_guesses_from_everywhere_stop_at_a_hundred_an_hour_but_not_where_the_account_was_before(
    archive: Archive, ports: Ports
) -> None:
    desk = entering.place_of(" Anna", "office", mark_of(ports), ports)
    assert desk.known
    for number in range(100):
        fail_from(ports, Place(f"stranger {number}"))
    for place in (Place("another stranger"), Place("office")):
        with pytest.raises(NotRecognisedError):
            enter_with_password("anna", PASSWORD, ports, place=place)
    assert refusals(ports)[100:] == ["locked", "locked"]
    assert isinstance(enter_with_password("anna", PASSWORD, ports, place=desk), Entry)
    fail_from(ports, Place("a third"))  # that she entered opens nothing to them
    assert refusals(ports)[-1] == "locked"
    archive.clock.pass_by(hours=1)
    assert isinstance(enter_with_password("anna", PASSWORD, ports, place=Place("office")), Entry)


def test_errors_are_forgotten_after_an_hour_without_one_and_not_before(archive: Archive, ports: Ports) -> None:
    for minutes, counted in ((0, 1), (59, 2), (59, 3), (60, 1)):
        archive.clock.pass_by(minutes=minutes)
        fail_from(ports, Place(f"stranger {minutes}"))
        assert ports.catalog.credentials("anna").failures == counted
    assert refusals(ports) == ["password"] * 4


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("2001:DB8:0:1:ffff::2", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::1", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),  # as a socket for both tells it: not one line for the whole of IPv4
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_the_line_of_an_address_is_what_one_subscriber_has(address: str, line: str) -> None:
    assert line_of(address) == line


def test_a_place_where_the_account_was_before_is_locked_by_its_own_errors(ports: Ports) -> None:
    desk = entering.place_of("anna", "office", mark_of(ports), ports)
    fail_from(ports, desk, 5)
    with pytest.raises(NotRecognisedError):
        enter_with_password("anna", PASSWORD, ports, place=desk)
    assert ports.catalog.credentials("anna").failures == 0


def test_a_mark_is_of_one_account_and_dies_with_its_password(ports: Ports) -> None:
    mark = mark_of(ports)
    nonce, _, seal = mark.partition(":")
    for name, shown in (
        ("capo", mark),
        ("nessuno", mark),
        ("anna", f"{nonce}x:{seal}"),
        ("anna", f"{nonce}:{seal}à"),
        ("anna", f":{seal}"),
        ("anna", ""),
        ("anna", "x" * 5000),
    ):
        assert entering.place_of(name, "office", shown, ports) == Place("office")
    accept_invitation(invite("anna", "capo", ports), "un'altra buona password", ports)
    assert entering.place_of("anna", "office", mark, ports) == Place("office")


def test_errors_that_are_not_in_a_row_do_not_lock(ports: Ports) -> None:
    for _ in range(3):
        fail(ports, 4)
        enter(ports)


def test_many_guesses_at_once_are_counted_one_by_one(ports: Ports) -> None:
    threads = [threading.Thread(target=fail, args=(ports,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, refusals(ports))) == ["locked"] * 7 + ["password"] * 5


def test_the_session_that_a_browser_had_ends_when_somebody_enters(ports: Ports) -> None:
    planted = enter(ports, "capo")
    entered = enter_with_password("anna", PASSWORD, ports, cookie=planted.secret)
    assert isinstance(entered, Entry)
    assert entered.secret != planted.secret
    assert resume(planted.secret, ports) is None


def test_a_session_is_over_after_half_an_hour_without_a_request(archive: Archive, ports: Ports) -> None:
    entry = enter(ports)
    for _ in range(3):
        archive.clock.pass_by(minutes=29)
        assert resume(entry.secret, ports) is not None
    archive.clock.pass_by(minutes=30)
    assert entering.open_sessions("anna", ports) == ()
    assert resume(entry.secret, ports) is None
    assert said(ports, "anna")[-1][1]["why"] == "idle"


def test_a_session_is_over_after_ten_hours_whatever_happens(archive: Archive, ports: Ports) -> None:
    entry = enter(ports)
    for _ in range(40):
        archive.clock.pass_by(minutes=14, seconds=59)
        assert resume(entry.secret, ports) is not None
    archive.clock.pass_by(minutes=1)
    assert resume(entry.secret, ports) is None


def test_leaving_ends_the_session_once(ports: Ports) -> None:
    entry = enter(ports)
    entering.close_session(entry.session, ports)
    entering.close_session(entry.session, ports)
    assert resume(entry.secret, ports) is None
    assert [what for what, _ in said(ports, "anna")].count("closed") == 1


# ---- the second factor


def test_with_a_second_factor_a_password_alone_does_not_enter(archive: Archive, ports: Ports) -> None:
    secret, _ = with_factor(ports)
    archive.clock.pass_by(minutes=2)
    needed = enter_with_password("anna", PASSWORD, ports)
    assert isinstance(needed, CodeNeeded)
    entry = enter_with_code(needed.ticket, pyotp.TOTP(secret).at(ports.clock()), ports)
    assert resume(entry.secret, ports) is not None


def test_a_code_never_serves_twice_and_neither_does_a_ticket(archive: Archive, ports: Ports) -> None:
    secret, _ = with_factor(ports)
    code = pyotp.TOTP(secret).at(ports.clock())  # the one that set it
    needed = enter_with_password("anna", PASSWORD, ports)
    assert isinstance(needed, CodeNeeded)
    with pytest.raises(NotRecognisedError):
        enter_with_code(needed.ticket, code, ports)
    archive.clock.pass_by(minutes=1)
    enter_with_code(needed.ticket, pyotp.TOTP(secret).at(ports.clock()), ports)
    archive.clock.pass_by(minutes=1)
    with pytest.raises(NotRecognisedError):
        enter_with_code(needed.ticket, pyotp.TOTP(secret).at(ports.clock()), ports)
    assert refusals(ports) == ["code-used", "ticket"]


def test_a_ticket_runs_out_and_cannot_be_made_up(archive: Archive, ports: Ports) -> None:
    secret, _ = with_factor(ports)
    needed = enter_with_password("anna", PASSWORD, ports)
    assert isinstance(needed, CodeNeeded)
    name, stamp, seal = needed.ticket.split(":")
    forged = (f"{name}:{int(stamp) + 999}:{seal}", f"capo:{stamp}:{seal}", f"{name}:x:{seal}", "anna", "", "anna:1:à")
    for ticket in forged:
        with pytest.raises(NotRecognisedError):
            enter_with_code(ticket, pyotp.TOTP(secret).at(ports.clock()), ports)
    archive.clock.pass_by(minutes=5)
    with pytest.raises(NotRecognisedError):
        enter_with_code(needed.ticket, pyotp.TOTP(secret).at(ports.clock()), ports)


def test_wrong_codes_lock_as_wrong_passwords_do(archive: Archive, ports: Ports) -> None:
    secret, _ = with_factor(ports)
    archive.clock.pass_by(minutes=1)
    ticket = ""
    for _ in range(5):
        needed = enter_with_password("anna", PASSWORD, ports)  # a right password does not wipe the count
        assert isinstance(needed, CodeNeeded)
        ticket = needed.ticket
        with pytest.raises(NotRecognisedError):
            enter_with_code(ticket, "è0000", ports)
    with pytest.raises(NotRecognisedError):
        enter_with_code(ticket, pyotp.TOTP(secret).at(ports.clock()), ports)
    assert refusals(ports) == ["code"] * 5 + ["locked"]


def test_a_few_wrong_codes_from_many_places_shut_the_account_to_strangers(archive: Archive, ports: Ports) -> None:
    with_factor(ports)
    archive.clock.pass_by(minutes=1)
    for number in range(10):
        place = Place(f"stranger {number}")
        needed = enter_with_password("anna", PASSWORD, ports, place=place)
        assert isinstance(needed, CodeNeeded)
        with pytest.raises(NotRecognisedError):
            enter_with_code(needed.ticket, "è0000", ports, place=place)
    with pytest.raises(NotRecognisedError):
        enter_with_password("anna", PASSWORD, ports, place=Place("one more"))
    assert refusals(ports) == ["code"] * 10 + ["locked"]


def test_the_secret_of_a_second_factor_is_not_in_the_catalog(archive: Archive, ports: Ports) -> None:
    secret, _ = with_factor(ports)
    kept = ports.catalog.credentials("anna").totp
    assert kept is not None
    assert secret not in kept
    key = archive.folder / "second-factors.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in archive.folder.glob("second-factors*")] == [key.name]
    assert secret.encode() not in b"".join(file.read_bytes() for file in archive.folder.glob("catalog.sqlite*"))


def test_a_secret_of_before_is_still_read_and_kept_sealed_from_then_on(archive: Archive, ports: Ports) -> None:
    secret = credentials.new_second_factor()
    with ports.catalog.begin() as work:
        plain = replace(ports.catalog.credentials("anna"), totp=secret)
        accounts.put_proof("anna", plain, "second-factor-set", ports.clock(), "user:anna", work)
    for _ in range(2):
        archive.clock.pass_by(minutes=1)
        needed = enter_with_password("anna", PASSWORD, ports)
        assert isinstance(needed, CodeNeeded)
        enter_with_code(needed.ticket, pyotp.TOTP(secret).at(ports.clock()), ports)
    assert is_sealed(ports.catalog.credentials("anna").totp or "")
    assert [detail.get("what") for _, detail in said(ports, "anna")].count("second-factor-sealed") == 1
    assert verify(ports).findings == ()


@pytest.mark.parametrize("key", [None, b"", bytes(32)], ids=["gone", "cut", "another"])
def test_without_its_key_a_second_factor_lets_nobody_in_until_an_administrator_removes_it(
    key: bytes | None, archive: Archive, ports: Ports
) -> None:
    secret, _ = with_factor(ports)
    archive.clock.pass_by(minutes=1)
    file = archive.folder / "second-factors.key"
    file.unlink() if key is None else file.write_bytes(key)
    for _ in range(7):  # it is no error of whoever tries
        needed = enter_with_password("anna", PASSWORD, ports)
        assert isinstance(needed, CodeNeeded)
        with pytest.raises(FactorUnreadableError, match="amministratore può toglierlo"):
            enter_with_code(needed.ticket, pyotp.TOTP(secret).at(ports.clock()), ports)
    assert refusals(ports) == ["no-key"] * 7
    accounts.remove_second_factor("anna", "capo", ports)
    enter(ports)


def test_a_sealed_secret_opens_in_its_own_account_alone(archive: Archive) -> None:
    key = archive.folder / "second-factors.key"
    kept = seal_secret("A" * 32, "anna", key)
    assert open_secret(kept, "anna", key) == "A" * 32
    assert seal_secret("A" * 32, "anna", key) != kept
    for name, said_ in (("capo", kept), ("anna", kept[:-4]), ("anna", "gcm1:"), ("anna", "gcm1:à")):
        with pytest.raises(FactorUnreadableError):
            open_secret(said_, name, key)


def test_a_key_that_cannot_be_made_keeps_no_secret_in_the_open(archive: Archive) -> None:
    with pytest.raises(FactorUnreadableError):
        seal_secret("A" * 32, "anna", archive.folder / "nowhere" / "second-factors.key")


def test_a_second_factor_is_set_with_a_code_of_it_and_the_password(ports: Ports) -> None:
    entry, secret = enter(ports), credentials.new_second_factor()
    code = pyotp.TOTP(secret).at(ports.clock())
    for typed, password, key in (
        ("000000", PASSWORD, secret),
        (code, "sbagliata davvero", secret),
        (code, PASSWORD, "%"),
    ):
        with pytest.raises(UndecidableError):
            credentials.set_second_factor(ANNA, entry.session, key, typed, password, ports)
    assert ports.catalog.credentials("anna").totp is None
    renewed = credentials.set_second_factor(ANNA, entry.session, secret, code, PASSWORD, ports)
    assert resume(entry.secret, ports) is None
    assert resume(renewed.secret, ports) is not None
    assert secret in credentials.second_factor_address(ANNA, secret)


def test_a_second_factor_goes_with_the_password_or_by_an_administrator(archive: Archive, ports: Ports) -> None:
    _, entry = with_factor(ports)
    with pytest.raises(UndecidableError):
        credentials.drop_second_factor(ANNA, entry.session, "sbagliata davvero", ports)
    entry = credentials.drop_second_factor(ANNA, entry.session, PASSWORD, ports)
    archive.clock.pass_by(minutes=1)
    _, entry = with_factor(ports)
    accounts.remove_second_factor("anna", "capo", ports)
    assert resume(entry.secret, ports) is None
    enter(ports)  # by the password alone


# ---- what somebody changes by themselves


def test_a_changed_password_ends_all_sessions_but_the_new_one(ports: Ports) -> None:
    here, there = enter(ports), enter(ports)
    with pytest.raises(UndecidableError):
        credentials.change_password(ANNA, here.session, "sbagliata davvero", "un'altra buona password", ports)
    with pytest.raises(UndecidableError):
        credentials.change_password(ANNA, here.session, PASSWORD, PASSWORD, ports)
    renewed = credentials.change_password(ANNA, here.session, PASSWORD, "un'altra buona password", ports)
    assert resume(here.secret, ports) is resume(there.secret, ports) is None
    assert resume(renewed.secret, ports) is not None
    fail(ports, password=PASSWORD)


def test_a_stolen_session_cannot_guess_the_password(ports: Ports) -> None:
    entry = enter(ports)
    for _ in range(5):
        with pytest.raises(UndecidableError):
            credentials.make_token(ANNA, entry.session, "orario", 30, "sbagliata davvero", ports)
    with pytest.raises(UndecidableError):
        credentials.make_token(ANNA, entry.session, "orario", 30, PASSWORD, ports)
    assert refusals(ports) == ["password"] * 5 + ["locked"]


def test_a_token_acts_for_its_account_until_it_runs_out_or_is_dropped(archive: Archive, ports: Ports) -> None:
    entry = enter(ports)
    secret = credentials.make_token(ANNA, entry.session, "orario", 30, PASSWORD, ports)
    assert secret.startswith("fal_")
    assert entering.account_of_token(secret, ports) == ANNA
    assert entering.account_of_token(secret + "x", ports) is None
    (token,) = ports.catalog.tokens("anna")
    with pytest.raises(NotFoundError):
        credentials.drop_token(ADMIN, token.key, ports)
    credentials.drop_token(ANNA, token.key, ports)
    assert entering.account_of_token(secret, ports) is None
    other = credentials.make_token(ANNA, entry.session, "orario", 1, PASSWORD, ports)
    archive.clock.pass_by(days=1)
    assert entering.account_of_token(other, ports) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda ports, entry: accept_invitation(invite("anna", "capo", ports), "un'altra buona password", ports),
        lambda ports, entry: credentials.change_password(
            ANNA, entry.session, PASSWORD, "un'altra buona password", ports
        ),
        lambda ports, entry: credentials.leave_elsewhere(ANNA, ports),
        lambda ports, entry: accounts.link_subject("anna", "ente-7", "capo", ports),
        lambda ports, entry: change_account(replace(ANNA, disabled=True), "capo", ports),
        lambda ports, entry: with_factor(ports),
        lambda ports, entry: credentials.drop_second_factor(ANNA, entry.session, PASSWORD, ports),
    ],
    ids=["reset", "changed", "left-elsewhere", "linked", "disabled", "factor-set", "factor-dropped"],
)
def test_what_ends_all_sessions_ends_the_tokens_too_and_says_how_many(
    change: Callable[[Ports, Entry], object], ports: Ports
) -> None:
    entry, other = enter(ports), enter(ports)
    tokens = [credentials.make_token(ANNA, entry.session, "orario", 30, PASSWORD, ports) for _ in range(2)]
    change(ports, entry)
    assert all(entering.account_of_token(token, ports) is None for token in tokens)
    assert resume(entry.secret, ports) is resume(other.secret, ports) is None
    (ended,) = [detail for _, detail in said(ports, "anna") if detail.get("what") == "tokens-ended"]
    assert ended["tokens"] == 2
    assert verify(ports).findings == ()


def test_a_second_factor_that_an_administrator_removes_ends_the_tokens(ports: Ports) -> None:
    _, entry = with_factor(ports)
    token = credentials.make_token(ANNA, entry.session, "orario", 30, PASSWORD, ports)
    accounts.remove_second_factor("anna", "capo", ports)
    assert entering.account_of_token(token, ports) is None


@pytest.mark.parametrize(("label", "days"), [("", 1), ("x" * 81, 1), ("orario", 0), ("orario", 366)])
def test_a_token_has_a_label_and_at_most_a_year(label: str, days: int, ports: Ports) -> None:
    with pytest.raises(UndecidableError):
        credentials.make_token(ANNA, enter(ports).session, label, days, PASSWORD, ports)


# ---- the office's provider


def test_the_provider_lets_in_whom_an_administrator_linked_and_makes_nobody(ports: Ports) -> None:
    with pytest.raises(NoAccountAtProviderError):
        enter_with_subject("ente-7", ports)
    assert len(ports.catalog.accounts()) == 2
    accounts.link_subject("anna", " ente-7 ", "capo", ports)
    assert enter_with_subject("ente-7", ports).account == ANNA
    with pytest.raises(UndecidableError):
        accounts.link_subject("capo", "ente-7", "prova", ports)
    change_account(replace(ANNA, disabled=True), "capo", ports)
    with pytest.raises(NotRecognisedError):
        enter_with_subject("ente-7", ports)
    assert not any("ente-7" in entry.record.detail for entry in ports.catalog.ledger())


def test_who_enters_by_the_provider_alone_proves_it_by_having_entered_just_now(archive: Archive, ports: Ports) -> None:
    create_account(replace(ANNA, name="carla"), "capo", ports)
    accounts.link_subject("carla", "ente-8", "capo", ports)
    entry = enter_with_subject("ente-8", ports)
    credentials.make_token(entry.account, entry.session, "orario", 30, "", ports)
    archive.clock.pass_by(minutes=11)
    with pytest.raises(UndecidableError):
        credentials.make_token(entry.account, entry.session, "orario", 30, "", ports)


# ---- how often, and what is seen


def test_too_many_tries_at_a_name_from_a_place_or_from_an_address_are_not_heard_for_a_while() -> None:
    now = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    tries = Tries(by_name=3, by_address=5, span=dt.timedelta(minutes=1))
    here, there, desk = Place("a"), Place("b"), Place("a", "mark")
    for _ in range(3):
        tries.failed("Anna ", here, now)
    assert not tries.allows("anna", here, now)
    assert tries.allows("anna", there, now)
    assert tries.allows("bruno", here, now)
    tries.failed("bruno", here, now)
    tries.failed("carla", here, now)
    assert not tries.allows("dario", here, now)
    assert tries.allows("dario", desk, now)  # their own browser, in the same office
    assert tries.allows("dario", here, now + dt.timedelta(minutes=1))


def test_what_somebody_would_see_is_counted_by_service(archive: Archive, ports: Ports) -> None:
    put(archive, [Paper("uno", service="SAD"), Paper("due", service="SAD"), Paper("tre", service="ADM")])
    index_pending(ports)
    everything = accounts.reach(replace(ANNA, rights=Rights(None, None, Sensitivity.RAFFORZATA, intake=True)), ports)
    assert (everything.total, dict(everything.by_service)) == (3, {"SAD": 2, "ADM": 1})
    some = accounts.reach(replace(ANNA, rights=Rights(frozenset({"SAD"}), None, Sensitivity.RAFFORZATA, True)), ports)
    assert (some.total, some.elsewhere) == (2, 0)
    assert accounts.reach(ADMIN, ports).total == 0


def test_rights_are_read_as_a_sentence(ports: Ports) -> None:
    today = dt.date(2026, 3, 4)
    until = Rights(frozenset({"SAD"}), frozenset({"crema"}), until=dt.date(2026, 2, 1))
    italian, english = say_rights(replace(ANNA, rights=until), ports.lexicon, today)
    assert "nei comuni di Crema" in italian
    assert italian.endswith("fino al 01/02/2026 (scaduto).")
    assert english.endswith("until 01/02/2026 (over).")
    assert say_rights(ADMIN, ports.lexicon, today)[0] == "Non può vedere alcun documento."
    assert say_rights(replace(ANNA, disabled=True), ports.lexicon, today)[0].startswith("Sospeso")
    assert "tutti i servizi" in say_rights(ANNA, ports.lexicon, today)[0]
    dpo = replace(ANNA, role=AccountRole.AUDITOR)
    assert say_rights(dpo, ports.lexicon, today)[0] == "Il suo ruolo non apre documenti, quali che siano i permessi."
    reads = replace(dpo, also=frozenset({Ability.SEARCH}))
    assert "tutti i servizi" in say_rights(reads, ports.lexicon, today)[0]


def test_credentials_of_an_account_without_any_open_nothing(ports: Ports) -> None:
    create_account(replace(ANNA, name="senza"), "capo", ports)
    assert ports.catalog.credentials("senza") == Credentials()
    with pytest.raises(NotRecognisedError):
        enter_with_password("senza", "", ports)
