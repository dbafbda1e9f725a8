"""Port: the part of the record of truth that is about accounts; see :mod:`faldone.catalog.catalog`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Protocol

from faldone.domain.account import Account, ApiToken, AskedSearch, Credentials, GivenReason, Invitation, Session
from faldone.domain.digest import Digest


class AccountsWork(Protocol):
    """The part of one transaction that is about accounts."""

    def put_account(self, account: Account) -> None:
        """Adds an account, or puts it in the place of the one with its name; credentials stay as they are."""
        ...

    def put_credentials(self, name: str, credentials: Credentials) -> None:
        """Sets how an account proves itself. Raises NotFoundError."""
        ...

    def put_session(self, session: Session) -> None:
        """Opens a session, or puts it in the place of the one with its key."""
        ...

    def end_sessions(
        self, account: str | None = None, key: Digest | None = None, before: dt.datetime | None = None
    ) -> int:
        """Ends the sessions of an account, the one with a key, those that ran out before a moment; counts them.

        All that is said must hold of a session; when nothing is said, everybody's end.
        """
        ...

    def put_invitation(self, invitation: Invitation) -> None:
        """Keeps a link that may be used once; an earlier one of the same account serves no more."""
        ...

    def use_invitation(self, key: Digest, now: dt.datetime) -> Invitation | None:
        """Takes a link that has not run out, so that nobody can use it again; None when there is none."""
        ...

    def put_token(self, token: ApiToken) -> None:
        """Keeps a token of a program."""
        ...

    def delete_token(self, account: str, key: Digest) -> None:
        """Keeps a token of an account no longer."""
        ...

    def give_reason(self, reason: GivenReason) -> None:
        """Keeps why somebody opened something."""
        ...

    def keep_asked(self, asked: AskedSearch, forget_before: dt.datetime) -> None:
        """Keeps a search for who asked it, and forgets all that were asked before a moment."""
        ...


class AccountsRead(Protocol):
    """What the catalog tells of accounts."""

    def account(self, name: str) -> Account:
        """The account with this name. Raises NotFoundError."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """All accounts, by name."""
        ...

    def credentials(self, name: str) -> Credentials:
        """How an account proves itself: nothing at all when nothing is set or there is no such account."""
        ...

    def account_of_subject(self, subject: str) -> Account | None:
        """The account that the OpenID provider knows by this id."""
        ...

    def session(self, key: Digest, now: dt.datetime) -> Session | None:
        """The session with this key, if it has not run out."""
        ...

    def sessions(self, account: str, now: dt.datetime) -> tuple[Session, ...]:
        """The sessions of an account that have not run out, the newest first."""
        ...

    def invitation(self, key: Digest, now: dt.datetime) -> Invitation | None:
        """The link with this key, if it was not used and has not run out."""
        ...

    def token(self, key: Digest, now: dt.datetime) -> ApiToken | None:
        """The token with this key, if it has not run out."""
        ...

    def tokens(self, account: str) -> tuple[ApiToken, ...]:
        """The tokens of an account, the newest first."""
        ...

    def reasons(self, account: str, now: dt.datetime) -> tuple[GivenReason, ...]:
        """The reasons of an account that hold at this moment."""
        ...

    def reasons_given(
        self, subjects: frozenset[str] | None, since: dt.datetime, until: dt.datetime
    ) -> Iterator[GivenReason]:
        """All reasons about these subjects (None: any) that were given in a stretch of time, oldest first."""
        ...

    def asked_search(self, id_: str, account: str) -> AskedSearch | None:
        """A search that this account asked."""
        ...

    def asked_searches(self, account: str, limit: int) -> tuple[AskedSearch, ...]:
        """The searches that this account asked last, the newest first."""
        ...

    def account_digests(self) -> Iterator[tuple[str, Digest]]:
        """For every account the digest of what it may do and see now, to be held against the ledger."""
        ...
