"""Accounts, sessions, links, tokens, reasons and asked searches in the catalog's tables."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from faldone.catalog.sql import tables as t
from faldone.catalog.sql.base import SqlRead, SqlWrite
from faldone.catalog.sql.rows import Row, time_text
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

_MANY_SUBJECTS = 500


class AccountsWork(SqlWrite):
    """The part of one transaction that is about accounts; see :class:`faldone.catalog.accounts.AccountsWork`."""

    def put_account(self, account: Account) -> None:
        """See :meth:`AccountsWork.put_account`."""
        values = {
            "full_name": account.full_name,
            "role": account.role.value,
            "rights": _encode_rights(account.rights),
            "also": json.dumps(sorted(account.also)),
            "disabled": account.disabled,
        }
        same = t.accounts.c.name == account.name
        if not self._connection.execute(sa.update(t.accounts).where(same).values(**values)).rowcount:
            self._connection.execute(sa.insert(t.accounts).values(name=account.name, **values))

    def put_credentials(self, name: str, credentials: Credentials) -> None:
        """See :meth:`AccountsWork.put_credentials`."""
        values = {
            "password": credentials.password,
            "totp": credentials.totp,
            "subject": credentials.subject,
            "failures": credentials.failures,
            "locked_until": time_text(credentials.locked_until) if credentials.locked_until is not None else None,
            "totp_step": credentials.totp_step,
        }
        same = t.accounts.c.name == name
        if not self._connection.execute(sa.update(t.accounts).where(same).values(**values)).rowcount:
            raise _no_account(name)

    def put_session(self, session: Session) -> None:
        """See :meth:`AccountsWork.put_session`."""
        values = {
            "account": session.account,
            "opened_at": time_text(session.opened_at),
            "seen_at": time_text(session.seen_at),
            "until": time_text(session.until),
            "pinned": session.pinned,
        }
        same = t.sessions.c.key == str(session.key)
        if not self._connection.execute(sa.update(t.sessions).where(same).values(**values)).rowcount:
            self._connection.execute(sa.insert(t.sessions).values(key=str(session.key), **values))

    def end_sessions(
        self, account: str | None = None, key: Digest | None = None, before: dt.datetime | None = None
    ) -> int:
        """See :meth:`AccountsWork.end_sessions`."""
        s = t.sessions.c
        which = sa.delete(t.sessions)
        if account is not None:
            which = which.where(s.account == account)
        if key is not None:
            which = which.where(s.key == str(key))
        if before is not None:
            which = which.where(s.until < time_text(before))
        return self._connection.execute(which).rowcount

    def put_invitation(self, invitation: Invitation) -> None:
        """See :meth:`AccountsWork.put_invitation`."""
        i = t.invitations.c
        self._connection.execute(sa.delete(t.invitations).where(i.account == invitation.account))
        row = {"key": str(invitation.key), "kind": invitation.kind.value, "account": invitation.account}
        self._connection.execute(sa.insert(t.invitations).values(until=time_text(invitation.until), **row))

    def use_invitation(self, key: Digest, now: dt.datetime) -> Invitation | None:
        """See :meth:`AccountsWork.use_invitation`."""
        row = self._connection.execute(_open_invitation(key, now).with_for_update()).first()
        if row is None:
            return None
        self._connection.execute(sa.delete(t.invitations).where(t.invitations.c.key == str(key)))
        return _to_invitation(row)

    def put_token(self, token: ApiToken) -> None:
        """See :meth:`AccountsWork.put_token`."""
        row = {"key": str(token.key), "account": token.account, "label": token.label}
        times = {"made_at": time_text(token.made_at), "until": time_text(token.until)}
        self._connection.execute(sa.insert(t.tokens).values(**row, **times))

    def delete_token(self, account: str, key: Digest) -> None:
        """See :meth:`AccountsWork.delete_token`."""
        c = t.tokens.c
        self._connection.execute(sa.delete(t.tokens).where(c.account == account, c.key == str(key)))

    def give_reason(self, reason: GivenReason) -> None:
        """See :meth:`AccountsWork.give_reason`."""
        row = {
            "id": reason.id,
            "account": reason.account,
            "subject": reason.subject,
            "purpose": reason.purpose.value,
            "note": reason.note,
            "at": time_text(reason.at),
            "until": time_text(reason.until),
            "glass": reason.glass,
        }
        self._connection.execute(sa.insert(t.access_reasons).values(**row))

    def keep_asked(self, asked: AskedSearch, forget_before: dt.datetime) -> None:
        """See :meth:`AccountsWork.keep_asked`."""
        old = t.asked_searches.c.at < time_text(forget_before)
        self._connection.execute(sa.delete(t.asked_searches).where(old))
        row = {"id": asked.id, "account": asked.account, "text": asked.text, "at": time_text(asked.at)}
        self._connection.execute(sa.insert(t.asked_searches).values(**row))


class AccountsRead(SqlRead):
    """What the catalog tells of accounts; see :class:`faldone.catalog.accounts.AccountsRead`."""

    def account(self, name: str) -> Account:
        """See :meth:`AccountsRead.account`."""
        row = self._first(sa.select(t.accounts).where(t.accounts.c.name == name))
        if row is None:
            raise _no_account(name)
        return _to_account(row)

    def accounts(self) -> tuple[Account, ...]:
        """See :meth:`AccountsRead.accounts`."""
        return tuple(map(_to_account, self._all(sa.select(t.accounts).order_by(t.accounts.c.name))))

    def credentials(self, name: str) -> Credentials:
        """See :meth:`AccountsRead.credentials`."""
        row = self._first(sa.select(t.accounts).where(t.accounts.c.name == name))
        if row is None:
            return Credentials()
        locked = _time(row.locked_until) if row.locked_until is not None else None
        return Credentials(row.password, row.totp, row.subject, row.failures, locked, row.totp_step)

    def account_of_subject(self, subject: str) -> Account | None:
        """See :meth:`AccountsRead.account_of_subject`."""
        row = self._first(sa.select(t.accounts).where(t.accounts.c.subject == subject))
        return _to_account(row) if row is not None else None

    def session(self, key: Digest, now: dt.datetime) -> Session | None:
        """See :meth:`AccountsRead.session`."""
        s = t.sessions.c
        row = self._first(sa.select(t.sessions).where(s.key == str(key), s.until > time_text(now)))
        return _to_session(row) if row is not None else None

    def sessions(self, account: str, now: dt.datetime) -> tuple[Session, ...]:
        """See :meth:`AccountsRead.sessions`."""
        s = t.sessions.c
        query = sa.select(t.sessions).where(s.account == account, s.until > time_text(now))
        return tuple(map(_to_session, self._all(query.order_by(s.opened_at.desc(), s.key))))

    def invitation(self, key: Digest, now: dt.datetime) -> Invitation | None:
        """See :meth:`AccountsRead.invitation`."""
        row = self._first(_open_invitation(key, now))
        return _to_invitation(row) if row is not None else None

    def token(self, key: Digest, now: dt.datetime) -> ApiToken | None:
        """See :meth:`AccountsRead.token`."""
        c = t.tokens.c
        row = self._first(sa.select(t.tokens).where(c.key == str(key), c.until > time_text(now)))
        return _to_token(row) if row is not None else None

    def tokens(self, account: str) -> tuple[ApiToken, ...]:
        """See :meth:`AccountsRead.tokens`."""
        c = t.tokens.c
        query = sa.select(t.tokens).where(c.account == account).order_by(c.made_at.desc(), c.key)
        return tuple(map(_to_token, self._all(query)))

    def reasons(self, account: str, now: dt.datetime) -> tuple[GivenReason, ...]:
        """See :meth:`AccountsRead.reasons`."""
        r, moment = t.access_reasons.c, time_text(now)
        query = sa.select(t.access_reasons).where(r.account == account, r.at <= moment, r.until > moment)
        return tuple(map(_to_reason, self._all(query.order_by(r.number))))

    def reasons_given(
        self, subjects: frozenset[str] | None, since: dt.datetime, until: dt.datetime
    ) -> Iterator[GivenReason]:
        """See :meth:`AccountsRead.reasons_given`."""
        r = t.access_reasons.c
        query = sa.select(t.access_reasons).where(r.at >= time_text(since), r.at < time_text(until))
        if subjects is not None and len(subjects) <= _MANY_SUBJECTS:
            query = query.where(r.subject.in_(subjects))
        for row in self._stream(query.order_by(r.at, r.number)):
            if subjects is None or row.subject in subjects:
                yield _to_reason(row)

    def asked_search(self, id_: str, account: str) -> AskedSearch | None:
        """See :meth:`AccountsRead.asked_search`."""
        a = t.asked_searches.c
        row = self._first(sa.select(t.asked_searches).where(a.id == id_, a.account == account))
        return _to_asked(row) if row is not None else None

    def asked_searches(self, account: str, limit: int) -> tuple[AskedSearch, ...]:
        """See :meth:`AccountsRead.asked_searches`."""
        a = t.asked_searches.c
        query = sa.select(t.asked_searches).where(a.account == account)
        return tuple(map(_to_asked, self._all(query.order_by(a.at.desc(), a.number.desc()).limit(limit))))

    def account_digests(self) -> Iterator[tuple[str, Digest]]:
        """See :meth:`AccountsRead.account_digests`."""
        for row in self._stream(sa.select(t.accounts).order_by(t.accounts.c.name)):
            try:
                yield row.name, _to_account(row).digest
            except (ValueError, LookupError, TypeError):  # nobody of ours wrote it: it equals nothing in the ledger
                yield row.name, Digest.of(b"")

    def _first(self, query: sa.Select[Any]) -> Row | None:
        with self._engine.connect() as connection:
            return connection.execute(query).first()

    def _all(self, query: sa.Select[Any]) -> list[Row]:
        with self._engine.connect() as connection:
            return list(connection.execute(query))


def _no_account(name: str) -> NotFoundError:
    return NotFoundError(f"Nessun operatore «{name}». / No account “{name}”.")


def _open_invitation(key: Digest, now: dt.datetime) -> sa.Select[Any]:
    i = t.invitations.c
    return sa.select(t.invitations).where(i.key == str(key), i.until > time_text(now))


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _encode_rights(rights: Rights) -> str:
    return json.dumps(
        {
            "services": sorted(rights.services) if rights.services is not None else None,
            "comuni": sorted(rights.comuni) if rights.comuni is not None else None,
            "sensitivity": rights.sensitivity.name,
            "intake": rights.intake,
            "since": rights.since.isoformat() if rights.since is not None else None,
            "until": rights.until.isoformat() if rights.until is not None else None,
        },
        ensure_ascii=False,
    )


def _decode_rights(text: str) -> Rights:
    said = json.loads(text)
    return Rights(
        services=frozenset(said["services"]) if said["services"] is not None else None,
        comuni=frozenset(said["comuni"]) if said["comuni"] is not None else None,
        sensitivity=Sensitivity[said["sensitivity"]],
        intake=said["intake"],
        since=dt.date.fromisoformat(said["since"]) if said["since"] is not None else None,
        until=dt.date.fromisoformat(said["until"]) if said["until"] is not None else None,
    )


def _to_account(row: Row) -> Account:
    also = frozenset(map(Ability, json.loads(row.also)))
    return Account(
        row.name, row.full_name, AccountRole(row.role), _decode_rights(row.rights), also, disabled=row.disabled
    )


def _to_session(row: Row) -> Session:
    return Session(
        key=Digest.parse(row.key),
        account=row.account,
        opened_at=_time(row.opened_at),
        seen_at=_time(row.seen_at),
        until=_time(row.until),
        pinned=PersonId(row.pinned) if row.pinned is not None else None,
    )


def _to_invitation(row: Row) -> Invitation:
    return Invitation(Digest.parse(row.key), InvitationKind(row.kind), row.account, _time(row.until))


def _to_token(row: Row) -> ApiToken:
    return ApiToken(Digest.parse(row.key), row.account, row.label, _time(row.made_at), _time(row.until))


def _to_reason(row: Row) -> GivenReason:
    return GivenReason(
        id=row.id,
        account=row.account,
        subject=row.subject,
        purpose=Purpose(row.purpose),
        note=row.note,
        at=_time(row.at),
        until=_time(row.until),
        glass=row.glass,
    )


def _to_asked(row: Row) -> AskedSearch:
    return AskedSearch(row.id, row.account, row.text, _time(row.at))
