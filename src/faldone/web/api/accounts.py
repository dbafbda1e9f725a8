"""Accounts and their rights as JSON: the same calls as the pages of the administrator."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from faldone.domain.access import Sensitivity
from faldone.domain.account import Ability, Account, AccountRole, Rights
from faldone.pipeline.accounts.accounts import (
    LINK,
    LONGEST_FULL_NAME,
    LONGEST_SUBJECT,
    change_account,
    create_account,
    invite,
    link_subject,
    reach,
    remove_second_factor,
)
from faldone.pipeline.accounts.say_rights import say_rights
from faldone.web.caller import Caller
from faldone.web.rules import Requires

router = APIRouter(prefix="/accounts", tags=["accounts"])

Administrator = Annotated[Caller, Depends(Requires(Ability.ACCOUNTS))]
Name = Annotated[str, Path(max_length=64, description="The name of the account: what is typed to enter")]
_Code = Annotated[str, Field(max_length=40)]
_Comune = Annotated[str, Field(max_length=LONGEST_FULL_NAME)]
_LEVELS = "|".join(level.name for level in Sensitivity)


class RightsBody(BaseModel):
    """Which papers an account sees, and from when to when."""

    model_config = ConfigDict(extra="forbid")

    services: list[_Code] | None = Field([], max_length=400, description="Codes of services; null is all of them")
    comuni: list[_Comune] | None = Field([], max_length=400, description="Names of comuni; null is all of them")
    sensitivity: Annotated[str, Field(pattern=f"^({_LEVELS})$")] = Field(
        Sensitivity.BASE.name, description=f"The highest level that is open: {_LEVELS}"
    )
    intake: bool = Field(False, description="Also papers that no service, or no comune, is known of yet")
    since: dt.date | None = Field(None, description="The first day")
    until: dt.date | None = Field(None, description="The last day")

    def rights(self) -> Rights:
        """As the domain has them."""
        return Rights(
            None if self.services is None else frozenset(self.services),
            None if self.comuni is None else frozenset(self.comuni),
            Sensitivity[self.sensitivity],
            self.intake,
            self.since,
            self.until,
        )

    @classmethod
    def of(cls, rights: Rights) -> RightsBody:
        """As JSON has them."""
        return cls(
            services=None if rights.services is None else sorted(rights.services),
            comuni=None if rights.comuni is None else sorted(rights.comuni),
            sensitivity=rights.sensitivity.name,
            intake=rights.intake,
            since=rights.since,
            until=rights.until,
        )


class AccountBody(BaseModel):
    """What an account is, and may do and see."""

    model_config = ConfigDict(extra="forbid")

    full_name: str = Field(max_length=LONGEST_FULL_NAME, description="Name and surname; it never enters the ledger")
    role: AccountRole = Field(description="What they are in the office: it says what they may do")
    rights: RightsBody = Field(description="Which papers they may see")
    also: list[Ability] = Field([], max_length=20, description="Abilities beyond the role, as far as they can be given")
    disabled: bool = Field(False, description="A disabled account may do nothing; its sessions end at once")

    def account(self, name: str) -> Account:
        """As the domain has it."""
        return Account(name, self.full_name, self.role, self.rights.rights(), frozenset(self.also), self.disabled)


class NewAccountBody(AccountBody):
    """An account to be made."""

    name: str = Field(max_length=64, description="What is typed to enter: a-z 0-9 . _ @ -; it can never be changed")


class AccountSaid(AccountBody):
    """An account."""

    name: str = Field(description="What is typed to enter")
    abilities: list[Ability] = Field(description="All that it may do")
    sentence: str = Field(description="Its rights as people read them, in Italian")
    has_password: bool = Field(description="Whether a password is set")
    has_second_factor: bool = Field(description="Whether a second factor is set")
    linked: bool = Field(description="Whether it enters by the office's provider")


class LinkSaid(BaseModel):
    """A link with which an account sets its password, told once."""

    link: str = Field(description="The address; it serves once")
    until: dt.datetime = Field(description="When it runs out")


class SubjectBody(BaseModel):
    """An account's id at the office's OpenID provider."""

    model_config = ConfigDict(extra="forbid")

    subject: str | None = Field(max_length=LONGEST_SUBJECT, description="The provider's «sub»; null unlinks")


class ReachSaid(BaseModel):
    """How many documents an account would find today."""

    total: int = Field(description="In all")
    by_service: dict[str, int] = Field(description="By code of service")
    elsewhere: int = Field(description="Of no service")


@router.get("", summary="All accounts")
def listed(caller: Administrator) -> list[AccountSaid]:
    """All accounts, by name."""
    return [_said(caller, account) for account in caller.site.ports.catalog.accounts()]


@router.post("", status_code=201, summary="Makes an account")
def create(caller: Administrator, body: NewAccountBody) -> AccountSaid:
    """Makes an account; it enters once its password is set by a link."""
    return _said(caller, create_account(body.account(body.name), caller.account.name, caller.site.ports))


@router.get("/{name}", summary="One account")
def show(caller: Administrator, name: Name) -> AccountSaid:
    """One account."""
    return _said(caller, caller.site.ports.catalog.account(name))


@router.put("/{name}", summary="Changes an account")
def change(caller: Administrator, name: Name, body: AccountBody) -> AccountSaid:
    """Puts all that is said in the place of what was; when rights change, its sessions end."""
    ports = caller.site.ports
    ports.catalog.account(name)
    return _said(caller, change_account(body.account(name), caller.account.name, ports))


@router.post("/{name}/invitation", status_code=201, summary="Makes a link to set the password with")
def invitation(caller: Administrator, name: Name) -> LinkSaid:
    """Makes a link; the one before serves no more."""
    ports = caller.site.ports
    until = ports.clock() + LINK
    secret = invite(name, caller.account.name, ports)
    return LinkSaid(link=f"{caller.site.options.url}/invito/{secret}", until=until)


@router.delete("/{name}/second-factor", status_code=204, summary="Removes the second factor")
def second_factor(caller: Administrator, name: Name) -> Response:
    """For somebody who has lost their telephone."""
    remove_second_factor(name, caller.account.name, caller.site.ports)
    return Response(status_code=204)


@router.put("/{name}/subject", summary="Links the account to the office's provider")
def subject(caller: Administrator, name: Name, body: SubjectBody) -> AccountSaid:
    """Says which id the account has at the provider."""
    link_subject(name, body.subject, caller.account.name, caller.site.ports)
    return _said(caller, caller.site.ports.catalog.account(name))


@router.get("/{name}/reach", summary="What the account would see")
def would_see(caller: Administrator, name: Name) -> ReachSaid:
    """Counts by service, no paper."""
    ports = caller.site.ports
    seen = reach(ports.catalog.account(name), ports)
    return ReachSaid(total=seen.total, by_service=dict(seen.by_service), elsewhere=seen.elsewhere)


def _said(caller: Caller, account: Account) -> AccountSaid:
    ports = caller.site.ports
    credentials = ports.catalog.credentials(account.name)
    today = ports.clock().astimezone().date()
    return AccountSaid(
        name=account.name,
        full_name=account.full_name,
        role=account.role,
        rights=RightsBody.of(account.rights),
        also=sorted(account.also),
        disabled=account.disabled,
        abilities=sorted(account.abilities),
        sentence=say_rights(account, ports.lexicon, today)[0],
        has_password=credentials.password is not None,
        has_second_factor=credentials.totp is not None,
        linked=credentials.subject is not None,
    )
