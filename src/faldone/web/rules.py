"""The rule of a route: who may call it. Each route has exactly one, or the app does not start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from faldone.domain.account import Ability, Account, Session
from faldone.domain.events import Event, EventType, Outcome, user_agent
from faldone.pipeline.accounts.entering import account_of_token, resume
from faldone.web.caller import Caller, ForbiddenError, NotEnteredError, Visitor, caller_of
from faldone.web.site import Site

COOKIE = "faldone"
"""The cookie of a session; behind https it has the prefix that ties it to this host."""


def cookie_name(site: Site) -> str:
    """What the cookie of a session is called: behind https a browser takes it from this host alone."""
    return f"__Host-{COOKIE}" if site.options.secure else COOKIE


@dataclass(frozen=True, slots=True)
class Anybody:
    """No account is needed."""

    def __call__(self, request: Request) -> Visitor:
        """Who is at the door."""
        return _visitor(request)


@dataclass(frozen=True, slots=True)
class Entered:
    """Any account that has entered."""

    def __call__(self, request: Request) -> Caller:
        """Who asks. Raises NotEnteredError."""
        return _caller(request)


@dataclass(frozen=True, slots=True)
class Requires:
    """An account that has entered and whose role lets it do this."""

    ability: Ability

    def __call__(self, request: Request) -> Caller:
        """Who asks. Raises NotEnteredError and ForbiddenError."""
        caller = _caller(request)
        if not caller.may(self.ability):
            route = request.scope["route"].path
            event = Event(
                EventType.ACCESS_REFUSED,
                f"route:{route}",
                caller.site.ports.clock(),
                user_agent(caller.account.name),
                Outcome.FAILURE,
                {"rule": self.ability.value},
            )
            caller.site.journal.record(event)
            raise ForbiddenError(
                "Il tuo ruolo non può farlo. Se ti serve, chiedi all'amministratore. / "
                "Your role may not do this. If you need it, ask the administrator."
            )
        return caller


Rule = Anybody | Entered | Requires


def rule_of(route: APIRoute) -> Rule:
    """The rule of a route.

    Raises:
        RuntimeError: it has none, or more than one: nobody knows who may call it.
    """
    rules = list(_rules(route.dependant))
    if len(rules) != 1:
        raise RuntimeError(f"the route {route.path} has {len(rules)} rules, not one")
    return rules[0]


def _rules(dependant: Dependant) -> Iterator[Rule]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Anybody | Entered | Requires):
            yield inner.call
        yield from _rules(inner)


def _visitor(request: Request) -> Visitor:
    site: Site = request.app.state.site
    address = request.client.host if request.client is not None else ""
    account, session = _account(request, site)
    request.state.recognised = account is not None  # for the limit of rates
    return Visitor(site, account, session, address)


def _caller(request: Request) -> Caller:
    visitor = _visitor(request)
    if visitor.account is None:
        raise NotEnteredError(
            "Sessione scaduta: entra di nuovo, ritrovi la pagina. / Your session has ended: enter again."
        )
    caller = caller_of(visitor.site, visitor.account, visitor.session, visitor.address, visitor.site.ports.clock())
    request.state.caller = caller  # for the page of an error, which has the same frame
    return caller


def _account(request: Request, site: Site) -> tuple[Account | None, Session | None]:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return account_of_token(secret.strip(), site.ports), None
    cookie = request.cookies.get(cookie_name(site))
    return (resume(cookie, site.ports) if cookie else None) or (None, None)
