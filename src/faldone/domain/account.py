"""Accounts: who works with the archive, what their role lets them do, and what their rights let them see.

A role says what somebody may *do* (:class:`Ability`), rights say which papers somebody may *see*
(:class:`faldone.domain.access.Access`). Both fail closed: an unknown role does nothing, rights out of their dates open
nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from faldone.domain.access import NOTHING, Access, Sensitivity
from faldone.domain.digest import Digest
from faldone.domain.ids import PersonId


class AccountRole(StrEnum):
    """What somebody is in the office."""

    ARCHIVIST = "archivista"
    OPERATOR = "operatore"
    AUDITOR = "revisore"
    MANAGER = "responsabile"
    ADMINISTRATOR = "amministratore"


class Ability(StrEnum):
    """One thing that a role lets somebody do; every page and every call of the API asks for one."""

    INTAKE = "intake"  # batches, uploads, quarantine, cover sheets
    REVIEW = "review"  # settle what the machine is not sure of, correct what it was wrong about
    SEARCH = "search"  # search, and read documents and dossiers
    EXPORT = "export"  # take copies out of the archive
    AUDIT = "audit"  # read the ledger, verify it
    STATISTICS = "statistics"
    PERSONS = "persons"  # the register: merge, unmerge, import
    ACCOUNTS = "accounts"  # accounts and their rights
    HEALTH = "health"  # inboxes, services, types, the state of the machine
    BREAK_GLASS = "break-glass"  # open one person's papers in an emergency


_ABILITIES: Mapping[AccountRole, frozenset[Ability]] = {
    AccountRole.ARCHIVIST: frozenset(
        {Ability.INTAKE, Ability.REVIEW, Ability.SEARCH, Ability.EXPORT, Ability.PERSONS, Ability.HEALTH}
    ),
    AccountRole.OPERATOR: frozenset({Ability.SEARCH, Ability.EXPORT, Ability.BREAK_GLASS}),
    AccountRole.AUDITOR: frozenset({Ability.AUDIT, Ability.STATISTICS}),
    AccountRole.MANAGER: frozenset(set(Ability) - {Ability.ACCOUNTS}),
    # Whoever hands out rights reads no papers by it.
    AccountRole.ADMINISTRATOR: frozenset({Ability.ACCOUNTS, Ability.HEALTH, Ability.STATISTICS}),
}

GIVEABLE: Final = frozenset({Ability.REVIEW, Ability.SEARCH, Ability.EXPORT, Ability.STATISTICS, Ability.BREAK_GLASS})
"""What an administrator may give an account beyond its role."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Which papers an account sees, and from when to when (both days included); ``None`` as in :class:`Access`."""

    services: frozenset[str] | None = frozenset()
    comuni: frozenset[str] | None = frozenset()
    sensitivity: Sensitivity = Sensitivity.BASE
    intake: bool = False
    since: dt.date | None = None
    until: dt.date | None = None

    def on(self, day: dt.date) -> Access:
        """What they open on a day: nothing out of their dates."""
        if (self.since is not None and day < self.since) or (self.until is not None and day > self.until):
            return NOTHING
        return Access(self.services, self.comuni, self.sensitivity, self.intake)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may enter. ``name`` is what is typed and stands in the ledger, ``full_name`` what people read.

    ``also`` are abilities beyond the role; a ``disabled`` account may do nothing.
    """

    name: str
    full_name: str
    role: AccountRole
    rights: Rights = Rights()
    also: frozenset[Ability] = frozenset()
    disabled: bool = False

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it may do."""
        return frozenset() if self.disabled else _ABILITIES.get(self.role, frozenset()) | (self.also & GIVEABLE)

    def access(self, day: dt.date) -> Access:
        """What it may see on a day."""
        return NOTHING if self.disabled else self.rights.on(day)

    @property
    def digest(self) -> Digest:
        """Over all that decides what the account may do and see; the full name is not part of it."""
        rights = self.rights
        said = [
            self.name,
            self.role.value,
            str(self.disabled),
            *sorted(self.also),
            "services:" + ("*" if rights.services is None else ",".join(sorted(rights.services))),
            "comuni:" + ("*" if rights.comuni is None else ",".join(sorted(rights.comuni))),
            f"{rights.sensitivity.name} {rights.intake} {rights.since} {rights.until}",
        ]
        return Digest.of("\0".join(said).encode())


@dataclass(frozen=True, slots=True)
class Credentials:
    """How an account proves itself.

    ``password`` is an Argon2 hash, ``totp`` the sealed secret of the second factor, ``subject`` the account's id at the
    OpenID provider; ``failures`` counts wrong tries from places where the account never was, and until ``locked_until``
    none is heard from such a place.
    ``totp_step`` is the time step of the last code taken: none serves twice.
    """

    password: str | None = None
    totp: str | None = None
    subject: str | None = None
    failures: int = 0
    locked_until: dt.datetime | None = None
    totp_step: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has entered. ``key`` is the digest of the cookie, which is kept nowhere.

    ``until`` ends it whatever happens; ``pinned`` is the one person that may appear in counter mode.
    """

    key: Digest
    account: str
    opened_at: dt.datetime
    seen_at: dt.datetime
    until: dt.datetime
    pinned: PersonId | None = None


class InvitationKind(StrEnum):
    """What a link that is handed to somebody lets them do, once."""

    FIRST_ADMINISTRATOR = "first-administrator"
    PASSWORD = "password"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link to set a password with: ``key`` is the digest of its secret; ``account`` is empty for the first one."""

    key: Digest
    kind: InvitationKind
    account: str
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A secret by which a program acts for an account; ``key`` is the digest of it, ``label`` what it is for."""

    key: Digest
    account: str
    label: str
    made_at: dt.datetime
    until: dt.datetime


class Purpose(StrEnum):
    """Why somebody opens a reinforced dossier. A closed list: the words beside it stay out of the ledger."""

    INTERVIEW = "colloquio"
    CASE_WORK = "istruttoria"
    AUTHORITY = "autorita"
    REQUEST = "richiesta"
    QUALITY = "controllo"
    SCAN = "scansione"
    URGENCY = "urgenza"


@dataclass(frozen=True, slots=True)
class GivenReason:
    """Why an account opened what it opened: a document's or person's id, for a while; ``glass`` in an emergency.

    ``note`` is what was typed: it stays in the catalog, the ledger has its digest alone.
    """

    id: str
    account: str
    subject: str
    purpose: Purpose
    note: str
    at: dt.datetime
    until: dt.datetime
    glass: bool = False


@dataclass(frozen=True, slots=True)
class AskedSearch:
    """A search as it was typed, for the account that asked it and for a while: no word of it is in an address."""

    id: str
    account: str
    text: str
    at: dt.datetime
