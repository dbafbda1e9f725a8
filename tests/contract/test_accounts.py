"""What the catalog promises of accounts, sessions, links, tokens, reasons and asked searches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from faldone.catalog.sql.catalog import SqlCatalog
from faldone.domain.access import Sensitivity
from faldone.domain.account import (
    Ability,
    Account,
    AccountRole,
    ApiToken,
    AskedSearch,
    Credentials,
    GivenReason,
    Invitation,
    InvitationKind,
    Purpose,
    Rights,
    Session,
)
from faldone.domain.digest import Digest
from faldone.domain.ids import PersonId
from faldone.errors import NotFoundError

NOW = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ANNA = Account(
    "anna",
    "Anna Prova",
    AccountRole.OPERATOR,
    Rights(
        frozenset({"minori", "adulti"}),
        frozenset({"crema"}),
        Sensitivity.GIUDIZIARI,
        intake=True,
        since=dt.date(2026, 1, 1),
        until=dt.date(2026, 12, 31),
    ),
    also=frozenset({Ability.REVIEW}),
)
BRUNO = Account("bruno", "Bruno Prova", AccountRole.ARCHIVIST, Rights(None, None, Sensitivity.RAFFORZATA))


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqlCatalog]:
    made = SqlCatalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    made.migrate()
    with made.begin() as work:
        work.put_account(ANNA)
        work.put_account(BRUNO)
    yield made
    made.close()


def key(word: str) -> Digest:
    return Digest.of(word.encode())


def session(word: str, account: str = "anna", opened: dt.datetime = NOW) -> Session:
    return Session(key(word), account, opened, opened, opened + 10 * HOUR)


def reason(id_: str, at: dt.datetime = NOW, subject: str = "u-1", account: str = "anna") -> GivenReason:
    return GivenReason(id_, account, subject, Purpose.CASE_WORK, "perché", at, at + HOUR)


def test_an_account_comes_back_as_it_was_put(catalog: SqlCatalog) -> None:
    assert catalog.account("anna") == ANNA
    assert catalog.accounts() == (ANNA, BRUNO)
    with pytest.raises(NotFoundError):
        catalog.account("carla")


def test_no_service_and_every_service_are_not_confused(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        work.put_account(replace(ANNA, rights=Rights(frozenset(), None)))
    assert catalog.account("anna").rights == Rights(frozenset(), None)


def test_changing_an_account_leaves_its_credentials(catalog: SqlCatalog) -> None:
    proof = Credentials("hash", "secret", "subject", 3, NOW, 57)
    with catalog.begin() as work:
        work.put_credentials("anna", proof)
        work.put_account(replace(ANNA, disabled=True))
    assert catalog.credentials("anna") == proof
    assert catalog.account("anna").disabled
    assert catalog.credentials("carla") == Credentials()
    assert catalog.account_of_subject("subject") == replace(ANNA, disabled=True)
    assert catalog.account_of_subject("another") is None


def test_credentials_of_nobody_are_refused(catalog: SqlCatalog) -> None:
    with pytest.raises(NotFoundError), catalog.begin() as work:
        work.put_credentials("carla", Credentials("hash"))


def test_a_session_ends_when_its_time_is_over(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        work.put_session(session("a"))
    assert catalog.session(key("a"), NOW + 9 * HOUR) == session("a")
    assert catalog.session(key("a"), NOW + 10 * HOUR) is None
    assert catalog.session(key("b"), NOW) is None


def test_a_session_is_put_again_with_whom_it_is_pinned_to(catalog: SqlCatalog) -> None:
    pinned = replace(session("a"), pinned=PersonId("u-1"), seen_at=NOW + HOUR)
    with catalog.begin() as work:
        work.put_session(session("a"))
        work.put_session(pinned)
    assert catalog.session(key("a"), NOW) == pinned


def test_sessions_are_listed_newest_first_and_end_by_account_key_or_time(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        for one in (session("a"), session("b", opened=NOW + HOUR), session("c", "bruno"), session("d", "bruno")):
            work.put_session(one)
    assert [one.key for one in catalog.sessions("anna", NOW)] == [key("b"), key("a")]
    with catalog.begin() as work:
        assert work.end_sessions(key=key("c")) == 1
        assert work.end_sessions("anna", key("d")) == 0  # it is not hers
        assert work.end_sessions(before=NOW + 10 * HOUR + HOUR / 2) == 2
    assert [one.key for one in catalog.sessions("anna", NOW)] == [key("b")]
    assert catalog.sessions("bruno", NOW) == ()
    with catalog.begin() as work:
        assert work.end_sessions("anna") == 1


def test_a_link_serves_once_and_in_its_time(catalog: SqlCatalog) -> None:
    link = Invitation(key("a"), InvitationKind.PASSWORD, "anna", NOW + HOUR)
    with catalog.begin() as work:
        work.put_invitation(link)
    assert catalog.invitation(key("a"), NOW) == link
    assert catalog.invitation(key("a"), NOW + HOUR) is None
    with catalog.begin() as work:
        assert work.use_invitation(key("a"), NOW + HOUR) is None
        assert work.use_invitation(key("a"), NOW) == link
        assert work.use_invitation(key("a"), NOW) is None
    assert catalog.invitation(key("a"), NOW) is None


def test_a_new_link_makes_the_earlier_one_of_the_account_useless(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        work.put_invitation(Invitation(key("a"), InvitationKind.PASSWORD, "anna", NOW + HOUR))
        work.put_invitation(Invitation(key("b"), InvitationKind.FIRST_ADMINISTRATOR, "", NOW + HOUR))
        work.put_invitation(Invitation(key("c"), InvitationKind.PASSWORD, "anna", NOW + HOUR))
    assert catalog.invitation(key("a"), NOW) is None
    assert catalog.invitation(key("b"), NOW) is not None
    assert catalog.invitation(key("c"), NOW) is not None


def test_a_token_serves_until_it_runs_out_or_is_taken_back(catalog: SqlCatalog) -> None:
    first = ApiToken(key("a"), "anna", "orario", NOW, NOW + HOUR)
    second = ApiToken(key("b"), "anna", "copia", NOW + HOUR, NOW + 2 * HOUR)
    with catalog.begin() as work:
        work.put_token(first)
        work.put_token(second)
    assert catalog.token(key("a"), NOW) == first
    assert catalog.token(key("a"), NOW + HOUR) is None
    assert catalog.tokens("anna") == (second, first)
    with catalog.begin() as work:
        work.delete_token("bruno", key("b"))
    assert catalog.token(key("b"), NOW) == second
    with catalog.begin() as work:
        work.delete_token("anna", key("b"))
    assert catalog.token(key("b"), NOW) is None


def test_reasons_hold_for_their_account_and_time(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        work.give_reason(reason("r1"))
        work.give_reason(replace(reason("r2", NOW + HOUR / 2), glass=True, purpose=Purpose.URGENCY))
        work.give_reason(reason("r3", account="bruno"))
    assert [one.id for one in catalog.reasons("anna", NOW)] == ["r1"]
    assert [one.id for one in catalog.reasons("anna", NOW + HOUR / 2)] == ["r1", "r2"]
    assert [one.glass for one in catalog.reasons("anna", NOW + HOUR)] == [True]
    assert catalog.reasons("bruno", NOW) == (reason("r3", account="bruno"),)


def test_reasons_are_told_oldest_first_for_some_subjects_or_all(catalog: SqlCatalog) -> None:
    with catalog.begin() as work:
        work.give_reason(reason("late", NOW + HOUR))
        work.give_reason(reason("early"))
        work.give_reason(reason("other", NOW, "u-2"))

    def told(subjects: frozenset[str] | None, until: dt.datetime = NOW + 2 * HOUR) -> list[str]:
        return [one.id for one in catalog.reasons_given(subjects, NOW, until)]

    assert told(None) == ["early", "other", "late"]
    assert told(frozenset({"u-1"})) == ["early", "late"]
    assert told(frozenset({"u-1"}), NOW + HOUR) == ["early"]
    assert told(frozenset()) == []
    assert told(frozenset({"u-1", *map(str, range(40_000))})) == ["early", "late"]


def test_a_search_is_kept_for_who_asked_it_and_for_a_while(catalog: SqlCatalog) -> None:
    old = AskedSearch("s1", "anna", "rossi", NOW)
    new = AskedSearch("s2", "anna", "bianchi", NOW + HOUR)
    with catalog.begin() as work:
        work.keep_asked(old, NOW)
        work.keep_asked(AskedSearch("s3", "bruno", "verdi", NOW + HOUR), NOW)
        work.keep_asked(new, NOW)
    assert catalog.asked_search("s1", "anna") == old
    assert catalog.asked_search("s1", "bruno") is None
    assert catalog.asked_searches("anna", 5) == (new, old)
    assert catalog.asked_searches("anna", 1) == (new,)
    with catalog.begin() as work:
        work.keep_asked(AskedSearch("s4", "anna", "neri", NOW + 2 * HOUR), NOW + HOUR)
    assert catalog.asked_search("s1", "anna") is None
    assert catalog.asked_search("s3", "bruno") is not None


def test_the_digest_of_an_account_follows_what_its_row_says(catalog: SqlCatalog) -> None:
    assert dict(catalog.account_digests()) == {"anna": ANNA.digest, "bruno": BRUNO.digest}
    with catalog._engine.execution_options(writes=True).begin() as connection:
        connection.execute(sa.text("UPDATE accounts SET role = 'padrone' WHERE name = 'anna'"))
    assert dict(catalog.account_digests())["anna"] != ANNA.digest
