"""Accounts: made, changed, invited. Whoever changes an account says so in the ledger, in the same transaction."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from faldone.catalog.catalog import Work
from faldone.domain.account import (
    GIVEABLE,
    Ability,
    Account,
    AccountRole,
    Credentials,
    Invitation,
    InvitationKind,
    Rights,
)
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, user_agent
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.accounts.known_names import known_rights
from faldone.pipeline.accounts.passwords import demand_good, hash_password
from faldone.pipeline.ports import Ports
from faldone.search.document import code_key
from faldone.search.index import Facet
from faldone.search.query import Query

FIRST_LINK: Final = dt.timedelta(hours=24)
"""How long the link for the first administrator serves."""

LINK: Final = dt.timedelta(hours=72)
"""How long a link to set a password serves: over a weekend."""

NAME: Final = r"[a-z0-9][a-z0-9._@-]{1,63}"
"""The name of an account: it stands in the ledger for ever."""

LONGEST_FULL_NAME: Final = 120
LONGEST_SUBJECT: Final = 255
"""Of an id at an OpenID provider (OpenID Connect Core 1.0, section 2)."""

_RESERVED = frozenset({"unknown", "faldone", "nuovo"})
_MOST_COMUNI = 200


def account_event(account: Account, at: dt.datetime, agent: str) -> Event:
    """What the ledger says of an account: the digest is what a verification holds its row against."""
    detail = {"account": str(account.digest), "role": account.role.value, "disabled": account.disabled}
    return Event(EventType.ACCOUNT_CHANGED, account.name, at, agent, detail=detail)


def credentials_event(name: str, what: str, at: dt.datetime, agent: str, **detail: str | int | None) -> Event:
    """What the ledger says of a change in how an account proves itself: never the proof."""
    return Event(EventType.CREDENTIALS_CHANGED, name, at, agent, detail={"what": what, **detail})


def proof_digest(credentials: Credentials) -> Digest | None:
    """Over all by which an account proves itself; None when that is nothing.

    It tells nothing of them: hashes of passwords are salted, the secrets of second factors are drawn by lot.
    """
    proofs = (credentials.password, credentials.totp, credentials.subject)
    return Digest.of("\0".join(proof or "" for proof in proofs).encode()) if any(proofs) else None


def put_proof(
    name: str, credentials: Credentials, what: str, at: dt.datetime, agent: str, work: Work, **detail: str | None
) -> None:
    """Changes how an account proves itself, and says in the ledger what a verification holds its row against."""
    digest = proof_digest(credentials)
    work.put_credentials(name, credentials)
    proof = str(digest) if digest is not None else None
    work.record(credentials_event(name, what, at, agent, proof=proof, **detail))


def account_name(typed: str) -> str:
    """The name of an account as it is kept.

    Raises:
        UndecidableError: it is none.
    """
    name = typed.strip().lower()
    if not re.fullmatch(NAME, name) or name in _RESERVED:
        raise UndecidableError(
            "Il nome dell'operatore non va bene: da 2 a 64 fra lettere, cifre e . _ @ - / "
            "The account's name will not do: 2 to 64 letters, digits and . _ @ -"
        )
    return name


def create_account(account: Account, by: str, ports: Ports) -> Account:
    """Makes an account; it can enter once its password is set.

    Raises:
        UndecidableError: the name is taken or is none, or the rights contradict themselves.
    """
    account = _checked(replace(account, name=account_name(account.name)), ports)
    now = ports.clock()
    with ports.catalog.begin() as work:
        if any(known.name == account.name for known in ports.catalog.accounts()):
            raise UndecidableError(
                f"C'è già un operatore «{account.name}». / There is an account “{account.name}” already."
            )
        work.put_account(account)
        work.record(account_event(account, now, user_agent(by)))
    return account


def change_account(account: Account, by: str, ports: Ports) -> Account:
    """Changes what an account is, may do and see. When that changes, its sessions end.

    Raises:
        NotFoundError: there is no such account.
        UndecidableError: it is one's own, it is the last administrator, or the rights contradict themselves.
    """
    now = ports.clock()
    with ports.catalog.begin() as work:
        before = ports.catalog.account(account.name)
        account = _checked(account, ports, before.rights)
        if account == before:
            return account
        if account.digest != before.digest:
            if by == account.name:
                raise UndecidableError(
                    "Nessuno cambia i propri permessi: lo fa un altro amministratore. / "
                    "Nobody changes their own rights: another administrator does."
                )
            _demand_an_administrator(before, account, ports)
            work.end_sessions(account.name)
            work.record(account_event(account, now, user_agent(by)))
        if account.disabled:  # enabled again, it begins anew
            shut_out(account.name, now, user_agent(by), work, ports)
        work.put_account(account)
    return account


def _demand_an_administrator(before: Account, after: Account, ports: Ports) -> None:
    if not _administers(before) or _administers(after):
        return
    if not any(_administers(other) for other in ports.catalog.accounts() if other.name != before.name):
        raise UndecidableError(
            "È l'ultimo amministratore attivo: prima se ne nomina un altro. / "
            "This is the last enabled administrator: another one is made first."
        )


def _administers(account: Account) -> bool:
    return Ability.ACCOUNTS in account.abilities


def _checked(account: Account, ports: Ports, before: Rights | None = None) -> Account:
    rights, full_name = account.rights, " ".join(account.full_name.split())
    if not full_name or len(full_name) > LONGEST_FULL_NAME or not full_name.isprintable():
        raise UndecidableError("Manca nome e cognome, o è troppo lungo. / The full name is missing or too long.")
    if rights.since is not None and rights.until is not None and rights.since > rights.until:
        raise UndecidableError("I permessi finiscono prima di cominciare. / The rights end before they begin.")
    if len(rights.comuni or ()) > _MOST_COMUNI:
        raise UndecidableError("Troppi comuni. / Too many comuni.")
    rights = known_rights(rights, before, ports)
    return replace(account, full_name=full_name, rights=rights, also=account.also & GIVEABLE)


# ---- links


def invite_first_administrator(ports: Ports) -> str:
    """The secret of a link with which the first administrator makes their account; the one before serves no more.

    Raises:
        UndecidableError: there is an account already.
    """
    secret, now = secrets.token_urlsafe(32), ports.clock()
    with ports.catalog.begin() as work:
        if ports.catalog.accounts():
            raise UndecidableError("C'è già chi può entrare. / There is an account already.")
        kind = InvitationKind.FIRST_ADMINISTRATOR
        work.put_invitation(Invitation(Digest.of(secret.encode()), kind, "", now + FIRST_LINK))
        work.record(credentials_event("first-administrator", "invited", now, AGENT))
    return secret


def invite(name: str, by: str, ports: Ports) -> str:
    """The secret of a link with which an account sets its password, once; the one before serves no more.

    Raises:
        NotFoundError: there is no such account.
        UndecidableError: it is disabled.
    """
    secret, now = secrets.token_urlsafe(32), ports.clock()
    with ports.catalog.begin() as work:
        if ports.catalog.account(name).disabled:
            raise UndecidableError("L'operatore è sospeso: prima si riattiva. / The account is disabled.")
        work.put_invitation(Invitation(Digest.of(secret.encode()), InvitationKind.PASSWORD, name, now + LINK))
        work.record(credentials_event(name, "invited", now, user_agent(by)))
    return secret


def invitation(secret: str, ports: Ports) -> Invitation:
    """The link with this secret.

    Raises:
        NotFoundError: there is none, it was used, or it has run out: which of them is not told.
    """
    found = ports.catalog.invitation(Digest.of(secret.encode()), ports.clock())
    if found is None or not _serves(found, ports):
        raise _no_link()
    return found


def accept_invitation(secret: str, password: str, ports: Ports, *, name: str = "", full_name: str = "") -> Account:
    """Sets the password of the account that a link is for; ``name`` and ``full_name`` are the first administrator's.

    Raises:
        NotFoundError: there is no such link, it was used, or it has run out.
        UndecidableError: the password is too weak, or the name will not do. The link still serves.
    """
    found = invitation(secret, ports)
    is_first = found.kind is InvitationKind.FIRST_ADMINISTRATOR
    if is_first:
        account = _checked(
            Account(account_name(name), full_name, AccountRole.ADMINISTRATOR, Rights()),
            ports,
        )
    else:
        account = ports.catalog.account(found.account)
    demand_good(password, account.name)
    kept, now = hash_password(password), ports.clock()
    with ports.catalog.begin() as work:
        if work.use_invitation(found.key, now) is None or not _serves(found, ports):
            raise _no_link()
        if is_first:
            work.put_account(account)
            work.record(account_event(account, now, user_agent(account.name)))
        set_password(account.name, kept, now, user_agent(account.name), work, ports)
    return account


def set_password(name: str, kept: str, now: dt.datetime, agent: str, work: Work, ports: Ports) -> None:
    """Puts a new password in the place of an account's old one; its sessions and tokens end.

    Who knew the old password may have made a token with it, which no new password would take from them.
    """
    known = ports.catalog.credentials(name)
    renewed = replace(known, password=kept, failures=0, locked_until=None)
    put_proof(name, renewed, "password", now, agent, work)
    shut_out(name, now, agent, work, ports)
    ports.locks.forgive(name)


def shut_out(name: str, now: dt.datetime, agent: str, work: Work, ports: Ports) -> None:
    """Ends all sessions of an account and all tokens of its programs: who comes again shows who they are."""
    work.end_sessions(name)
    tokens = ports.catalog.tokens(name)
    for token in tokens:
        work.delete_token(name, token.key)
    if tokens:
        work.record(credentials_event(name, "tokens-ended", now, agent, tokens=len(tokens)))


def _serves(found: Invitation, ports: Ports) -> bool:
    if found.kind is InvitationKind.FIRST_ADMINISTRATOR:
        return not ports.catalog.accounts()
    return not ports.catalog.account(found.account).disabled


def _no_link() -> NotFoundError:
    return NotFoundError(
        "Questo collegamento non vale più: è già stato usato, è scaduto, o ce n'è uno più nuovo. / "
        "This link serves no more: it was used, it ran out, or there is a newer one.",
        hint="Chiedine un altro all'amministratore. / Ask the administrator for another.",
    )


# ---- what an administrator does to how an account proves itself


def remove_second_factor(name: str, by: str, ports: Ports) -> None:
    """Somebody has lost their telephone: the password alone lets them in until they set a new second factor.

    Raises:
        NotFoundError: there is no such account.
        UndecidableError: it is one's own: that is done in the profile, with the password.
    """
    if name == by:
        raise UndecidableError("Il proprio secondo fattore si toglie dal Profilo. / Your own is removed in Profile.")
    ports.catalog.account(name)
    now = ports.clock()
    with ports.catalog.begin() as work:
        known = ports.catalog.credentials(name)
        if known.totp is not None:
            put_proof(name, replace(known, totp=None), "second-factor-removed", now, user_agent(by), work)
            shut_out(name, now, user_agent(by), work, ports)


def link_subject(name: str, subject: str | None, by: str, ports: Ports) -> None:
    """Says which id an account has at the office's OpenID provider; None: it does not enter by it.

    Raises:
        NotFoundError: there is no such account.
        UndecidableError: another account has the id, it is one's own account, or the id is none.
    """
    subject = (subject or "").strip() or None
    if subject is not None and (len(subject) > LONGEST_SUBJECT or not subject.isprintable()):
        raise UndecidableError("Il codice presso l'ente non va bene. / The id at the provider will not do.")
    ports.catalog.account(name)
    now = ports.clock()
    with ports.catalog.begin() as work:
        known = ports.catalog.credentials(name)
        if known.subject == subject:
            return
        if name == by:
            raise UndecidableError(
                "Il proprio collegamento all'ente lo cambia un altro amministratore. / "
                "Another administrator changes your link to the provider."
            )
        other = ports.catalog.account_of_subject(subject) if subject is not None else None
        if other is not None:
            raise UndecidableError(f"È già di «{other.name}». / It is that of “{other.name}”.")
        what = "linked" if subject is not None else "unlinked"
        put_proof(name, replace(known, subject=subject), what, now, user_agent(by), work)
        shut_out(name, now, user_agent(by), work, ports)


# ---- what somebody would see


@dataclass(frozen=True, slots=True)
class Reach:
    """How many documents an account opens: in all, by service, and those that no service is known of."""

    total: int
    by_service: Mapping[str, int]

    @property
    def elsewhere(self) -> int:
        """How many are of no service, or of one beyond those that are told."""
        return self.total - sum(self.by_service.values())


def reach(account: Account, ports: Ports) -> Reach:
    """What an account would find today if it searched for everything: counts alone, no paper."""
    if Ability.SEARCH not in account.abilities:
        return Reach(0, {})
    today = ports.clock().astimezone().date()
    hits = ports.index.search(Query(limit=0), account.access(today), (Facet.SERVICE,))
    codes = {code_key(code): code for code in ports.lexicon.services}
    buckets = hits.facets[Facet.SERVICE]
    return Reach(hits.total, {codes.get(bucket.value, bucket.value): bucket.count for bucket in buckets})
