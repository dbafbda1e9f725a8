"""Accounts and their rights: read as sentences, tried out before anybody relies on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from faldone.domain.access import Sensitivity
from faldone.domain.account import GIVEABLE, Ability, Account, AccountRole, Rights
from faldone.errors import FaldoneError, UndecidableError
from faldone.pipeline.accounts.accounts import (
    LONGEST_FULL_NAME,
    LONGEST_SUBJECT,
    change_account,
    create_account,
    invite,
    link_subject,
    reach,
    remove_second_factor,
)
from faldone.pipeline.accounts.known_names import UnknownComuneError
from faldone.pipeline.accounts.say_rights import ABILITIES, AREAS, ROLES, SENSITIVITIES, say_rights
from faldone.pipeline.ports import Ports
from faldone.web.caller import Caller
from faldone.web.render import page, spoken
from faldone.web.rules import Requires

router = APIRouter(prefix="/amministrazione/utenti")

Administrator = Annotated[Caller, Depends(Requires(Ability.ACCOUNTS))]
Name = Annotated[str, Path(max_length=64)]
_Line = Annotated[str, Form(max_length=400)]
_Tick = Annotated[bool, Form()]
_Codes = Annotated[list[Annotated[str, Form(max_length=40)]], Form(max_length=400)]


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was typed: what is wrong with it is told beside it, and nothing of it is lost."""

    name: str = ""
    full_name: str = ""
    role: str = AccountRole.OPERATOR.value
    all_services: bool = False
    services: frozenset[str] = frozenset()
    all_comuni: bool = True
    comuni: str = ""
    sensitivity: str = Sensitivity.BASE.name
    intake: bool = False
    since: str = ""
    until: str = ""
    also: frozenset[str] = frozenset()
    subject: str = ""

    @classmethod
    def of(cls, account: Account, subject: str | None) -> Typed:
        """The form as an account fills it."""
        rights = account.rights
        return cls(
            name=account.name,
            full_name=account.full_name,
            role=account.role.value,
            all_services=rights.services is None,
            services=rights.services or frozenset(),
            all_comuni=rights.comuni is None,
            comuni=", ".join(sorted(comune.title() for comune in rights.comuni or ())),
            sensitivity=rights.sensitivity.name,
            intake=rights.intake,
            since=rights.since.isoformat() if rights.since is not None else "",
            until=rights.until.isoformat() if rights.until is not None else "",
            also=frozenset(ability.value for ability in account.also),
            subject=subject or "",
        )

    def account(self, *, disabled: bool = False) -> Account:
        """The account that is meant. Raises UndecidableError."""
        try:
            role, sensitivity = AccountRole(self.role), Sensitivity[self.sensitivity]
            also = frozenset(Ability(one) for one in self.also)
        except (ValueError, KeyError) as error:
            raise UndecidableError("Ruolo o livello sconosciuto. / Unknown role or level.") from error
        comuni = frozenset(one.strip() for one in self.comuni.split(",") if one.strip())
        rights = Rights(
            services=None if self.all_services else self.services,
            comuni=None if self.all_comuni else comuni,
            sensitivity=sensitivity,
            intake=self.intake,
            since=_day(self.since),
            until=_day(self.until),
        )
        return Account(self.name, self.full_name, role, rights, also, disabled)


def _typed(
    name: _Line = "",
    full_name: _Line = "",
    role: _Line = "",
    all_services: _Tick = False,
    services: _Codes = [],  # noqa: B006 - FastAPI copies it
    all_comuni: _Tick = False,
    comuni: Annotated[str, Form(max_length=10_000)] = "",
    sensitivity: _Line = "",
    intake: _Tick = False,
    since: _Line = "",
    until: _Line = "",
    also: _Codes = [],  # noqa: B006 - FastAPI copies it
    subject: _Line = "",
) -> Typed:
    return Typed(
        name,
        full_name,
        role,
        all_services,
        frozenset(services),
        all_comuni,
        comuni,
        sensitivity,
        intake,
        since,
        until,
        frozenset(also),
        subject,
    )


Filled = Annotated[Typed, Depends(_typed)]


@router.get("")
def listed(request: Request, caller: Administrator) -> Response:
    """All accounts, each with its rights as a sentence."""
    ports = caller.site.ports
    today = ports.clock().astimezone().date()
    rows = [
        (account, ROLES[account.role], say_rights(account, ports.lexicon, today), _has_credentials(account, ports))
        for account in ports.catalog.accounts()
    ]
    return page(request, caller, "administration/accounts.html", rows=rows)


@router.get("/nuovo")
def new(request: Request, caller: Administrator) -> Response:
    """The form of a new account."""
    return _form(request, caller, Typed())


@router.post("/nuovo")
def create(request: Request, caller: Administrator, typed: Filled) -> Response:
    """Makes an account, and shows the link with which it sets its password."""
    ports, by = caller.site.ports, caller.account.name
    try:
        account = create_account(typed.account(), by, ports)
    except UndecidableError as error:
        return _form(request, caller, typed, problem=error)
    try:
        link_subject(account.name, typed.subject, by, ports)
    except UndecidableError as error:
        return _form(request, caller, typed, account=account, problem=error)
    return _show(request, caller, account, link=invite(account.name, by, ports))


@router.get("/{account_name}")
def show(request: Request, caller: Administrator, account_name: Name) -> Response:
    """One account: its rights, and what it would see."""
    return _show(request, caller, caller.site.ports.catalog.account(account_name))


@router.get("/{account_name}/modifica")
def edit(request: Request, caller: Administrator, account_name: Name) -> Response:
    """The form of an account."""
    ports = caller.site.ports
    account = ports.catalog.account(account_name)
    return _form(request, caller, Typed.of(account, ports.catalog.credentials(account_name).subject), account=account)


@router.post("/{account_name}/modifica")
def change(request: Request, caller: Administrator, account_name: Name, typed: Filled) -> Response:
    """Changes what an account is, may do and see."""
    ports, by = caller.site.ports, caller.account.name
    before = ports.catalog.account(account_name)
    try:
        change_account(replace(typed.account(disabled=before.disabled), name=account_name), by, ports)
        link_subject(account_name, typed.subject, by, ports)
    except UndecidableError as error:
        return _form(request, caller, typed, account=before, problem=error)
    return RedirectResponse(f"/amministrazione/utenti/{account_name}", 303)


@router.post("/{account_name}/prova")
def try_out(request: Request, caller: Administrator, account_name: Name) -> Response:
    """What the account would see today: counts by service, no paper."""
    ports = caller.site.ports
    account = ports.catalog.account(account_name)
    return _show(request, caller, account, seen=reach(account, ports))


@router.post("/{account_name}/sospendi")
def disable(caller: Administrator, account_name: Name) -> Response:
    """Lets an account enter no more; its sessions end at once."""
    return _enable(caller, account_name, disabled=True)


@router.post("/{account_name}/riattiva")
def enable(caller: Administrator, account_name: Name) -> Response:
    """Lets an account enter again."""
    return _enable(caller, account_name, disabled=False)


@router.post("/{account_name}/collegamento")
def link(request: Request, caller: Administrator, account_name: Name) -> Response:
    """A link with which the account sets a new password; it is shown this once."""
    ports = caller.site.ports
    secret = invite(account_name, caller.account.name, ports)
    return _show(request, caller, ports.catalog.account(account_name), link=secret)


@router.post("/{account_name}/togli-secondo-fattore")
def drop_factor(caller: Administrator, account_name: Name) -> Response:
    """Removes the second factor of somebody who has lost their telephone."""
    remove_second_factor(account_name, caller.account.name, caller.site.ports)
    return RedirectResponse(f"/amministrazione/utenti/{account_name}", 303)


def _enable(caller: Caller, name: str, *, disabled: bool) -> Response:
    ports = caller.site.ports
    change_account(replace(ports.catalog.account(name), disabled=disabled), caller.account.name, ports)
    return RedirectResponse(f"/amministrazione/utenti/{name}", 303)


def _has_credentials(account: Account, ports: Ports) -> bool:
    credentials = ports.catalog.credentials(account.name)
    return credentials.password is not None or credentials.subject is not None


def _show(request: Request, caller: Caller, account: Account, *, link: str = "", seen: Any = None) -> Response:
    ports = caller.site.ports
    now = ports.clock()
    return page(
        request,
        caller,
        "administration/account.html",
        account=account,
        role=ROLES[account.role],
        rights=say_rights(account, ports.lexicon, now.astimezone().date()),
        abilities=[ABILITIES[ability] for ability in ABILITIES if ability in account.abilities],
        credentials=ports.catalog.credentials(account.name),
        sessions=len(ports.catalog.sessions(account.name, now)),
        now=now,
        is_self=account.name == caller.account.name,
        link=f"{caller.site.options.url}/invito/{link}" if link else "",
        seen=seen,
        service_names=_service_names(ports),
    )


def _form(
    request: Request,
    caller: Caller,
    typed: Typed,
    *,
    account: Account | None = None,
    problem: FaldoneError | None = None,
) -> Response:
    ports = caller.site.ports
    services = sorted(ports.lexicon.services.values(), key=lambda one: (one.area, one.name))
    return page(
        request,
        caller,
        "administration/account_form.html",
        status=422 if problem is not None else 200,
        typed=typed,
        account=account,
        problem=spoken(request, problem.message) if problem is not None else "",
        comune_problem=isinstance(problem, UnknownComuneError),
        roles=[(role.value, words) for role, words in ROLES.items()],
        levels=[(level.name, words) for level, words in SENSITIVITIES.items()],
        giveable=[(ability.value, ABILITIES[ability]) for ability in ABILITIES if ability in GIVEABLE],
        areas=[
            (AREAS.get(area, (area, area)), list(some)) for area, some in groupby(services, key=lambda one: one.area)
        ],
        longest_full_name=LONGEST_FULL_NAME,
        longest_subject=LONGEST_SUBJECT,
        has_provider=caller.site.options.provider is not None,
    )


def _service_names(ports: Ports) -> Mapping[str, str]:
    return {code: service.name for code, service in ports.lexicon.services.items()}


def _day(text: str) -> dt.date | None:
    if not text.strip():
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise UndecidableError("Una data non si capisce: anno-mese-giorno. / A date is not understood.") from error
