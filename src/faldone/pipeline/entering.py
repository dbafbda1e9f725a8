"""Entering and leaving: passwords, codes of a second factor, the office's provider, sessions, tokens.

Whoever is refused is told one and the same thing, whatever the cause, and it takes as long: nobody learns from outside
which accounts there are, which are locked, or which part was right. The ledger has the cause.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import pyotp

from faldone.catalog.catalog import Work
from faldone.domain.account import Account, Credentials, Session
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, Outcome, user_agent
from faldone.errors import FaldoneError, NotFoundError
from faldone.pipeline.accounts import put_proof
from faldone.pipeline.passwords import LONGEST, fits, hash_password, is_outdated
from faldone.pipeline.ports import Ports

IDLE: Final = dt.timedelta(minutes=30)
"""After so long without a request a session is over."""

LONGEST_SESSION: Final = dt.timedelta(hours=10)
"""After so long it is over whatever happens."""

_TOUCH = dt.timedelta(minutes=1)
_BETWEEN_STEPS = dt.timedelta(minutes=5)
_FREE_FAILURES = 5
_LOCK_MINUTES_MOST = 60
_CODE_S = 30
_UNKNOWN = "unknown"

_T = TypeVar("_T")


class _RefusedError(Exception):
    """A try that is refused; its text is what the ledger says of it."""


class NotRecognisedError(FaldoneError):
    """Whoever wants to enter is not let in; why is for the ledger alone."""

    reference = "not-recognised"

    def __init__(self) -> None:
        super().__init__(
            "Non riconosciuto: controlla nome e password. Dopo cinque errori di fila l'accesso resta fermo un minuto, "
            "poi sempre di più. / "
            "Not recognised: check name and password. After five errors in a row nothing is heard for a minute, then "
            "for longer."
        )


class NoAccountAtProviderError(FaldoneError):
    """The provider knows who this is, and no account is linked to it. ``subject`` is the provider's id of them."""

    reference = "no-account-at-provider"

    def __init__(self, subject: str) -> None:
        super().__init__(
            "L'ente ti riconosce, ma nessun operatore è collegato a te. / "
            "The provider knows you, but no account is linked to you."
        )
        self.subject = subject


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody has entered; ``secret`` is for the cookie and is kept nowhere else."""

    account: Account
    session: Session
    secret: str


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The password was right, and a second factor is set: ``ticket`` is to be shown with the code, for five minutes."""

    ticket: str


# ---- the doors


def enter_with_password(name: str, password: str, ports: Ports, *, cookie: str | None = None) -> Entry | CodeNeeded:
    """Lets somebody in by a password, or to the second factor where one is set.

    Args:
        name: as typed.
        password: as typed.
        ports: the archive.
        cookie: the secret of the session that the browser has already: it ends, so that nobody who planted it enters.

    Raises:
        NotRecognisedError: for whatever reason.
    """
    account = _account(name.strip().lower(), ports)
    kept = ports.catalog.credentials(account.name).password if account is not None else None
    right = fits(password, kept) and len(password) <= LONGEST
    if account is None:
        _refuse(_UNKNOWN, _UNKNOWN, ports)
        raise NotRecognisedError
    renewed = hash_password(password) if right and kept is not None and is_outdated(kept) else None

    def step(credentials: Credentials, work: Work) -> Entry | CodeNeeded:
        # Somebody may have changed the password while it was being compared.
        if not right or credentials.password != kept:
            raise _RefusedError("password")
        if renewed is not None:
            credentials = replace(credentials, password=renewed)
            put_proof(account.name, credentials, "rehashed", ports.clock(), AGENT, work)
        if credentials.totp is not None:
            return CodeNeeded(_ticket(account.name, credentials, ports.clock() + _BETWEEN_STEPS))
        return _open(account, _forgiven(credentials), "password", cookie, work, ports)

    return _try(account, step, ports)


def enter_with_code(ticket: str, code: str, ports: Ports, *, cookie: str | None = None) -> Entry:
    """Lets somebody in whose password was right, by the code of their second factor. A code serves once.

    Raises:
        NotRecognisedError: for whatever reason; the ticket may have run out.
    """
    account = _account(ticket.partition(":")[0], ports)
    if account is None:
        raise NotRecognisedError

    def step(credentials: Credentials, work: Work) -> Entry:
        if credentials.totp is None or not _is_ticket(ticket, account.name, credentials, ports.clock()):
            raise _RefusedError("ticket")
        used = step_of(code, credentials.totp, ports.clock())
        if used is None:
            raise _RefusedError("code")
        if used <= credentials.totp_step:
            raise _RefusedError("code-used")
        spent = replace(_forgiven(credentials), totp_step=used)
        return _open(account, spent, "password-and-code", cookie, work, ports)

    return _try(account, step, ports)


def enter_with_subject(subject: str, ports: Ports, *, cookie: str | None = None) -> Entry:
    """Lets somebody in whom the office's provider has recognised. No account is ever made by it.

    Raises:
        NoAccountAtProviderError: no account is linked to this id.
        NotRecognisedError: the account is disabled.
    """
    account = ports.catalog.account_of_subject(subject)
    if account is None:
        _refuse(_UNKNOWN, "provider", ports)
        raise NoAccountAtProviderError(subject)
    if account.disabled:
        _refuse(account.name, "disabled", ports)
        raise NotRecognisedError
    with ports.catalog.begin() as work:
        return _open(account, ports.catalog.credentials(account.name), "provider", cookie, work, ports)


def _account(name: str, ports: Ports) -> Account | None:
    try:
        return ports.catalog.account(name)
    except NotFoundError:
        return None


def prove(account: Account, password: str, ports: Ports) -> None:
    """Whoever has entered shows once more that it is them; wrong tries count as at the door.

    Raises:
        NotRecognisedError: it is not their password, or nothing is heard at the moment.
    """
    kept = ports.catalog.credentials(account.name).password
    right = fits(password, kept) and len(password) <= LONGEST

    def step(credentials: Credentials, work: Work) -> None:
        if not right or credentials.password != kept:
            raise _RefusedError("password")
        work.put_credentials(account.name, _forgiven(credentials))

    _try(account, step, ports)


def _try(account: Account, step: Callable[[Credentials, Work], _T], ports: Ports) -> _T:
    """One try, counted: many at once wait for each other here, so that none of them goes uncounted."""
    now = ports.clock()
    with ports.catalog.begin() as work:
        credentials = ports.catalog.credentials(account.name)
        try:
            if credentials.locked_until is not None and now < credentials.locked_until:
                raise _RefusedError("locked")
            if ports.catalog.account(account.name).disabled:
                raise _RefusedError("disabled")
            return step(credentials, work)
        except _RefusedError as refused:
            reason = str(refused)
        if reason not in ("locked", "disabled"):
            failures = credentials.failures + 1
            locked = now + _lock(failures) if failures >= _FREE_FAILURES else None
            work.put_credentials(account.name, replace(credentials, failures=failures, locked_until=locked))
        work.record(_refusal(account.name, reason, now))
    raise NotRecognisedError


def _lock(failures: int) -> dt.timedelta:
    doublings = min(failures - _FREE_FAILURES, _LOCK_MINUTES_MOST.bit_length())
    return dt.timedelta(minutes=min(2**doublings, _LOCK_MINUTES_MOST))


def _forgiven(credentials: Credentials) -> Credentials:
    return replace(credentials, failures=0, locked_until=None)


def _refuse(subject: str, reason: str, ports: Ports) -> None:
    with ports.catalog.begin() as work:
        work.record(_refusal(subject, reason, ports.clock()))


def _refusal(subject: str, reason: str, at: dt.datetime) -> Event:
    return Event(EventType.SESSION_REFUSED, subject, at, AGENT, Outcome.FAILURE, {"reason": reason})


# ---- the second factor


def step_of(code: str, secret: str, now: dt.datetime) -> int | None:
    """The time step (RFC 6238) that a code is of: this one, or a neighbour, for clocks that are not quite right."""
    typed = "".join(code.split())
    current = int(now.timestamp()) // _CODE_S
    totp = pyotp.TOTP(secret, interval=_CODE_S)
    found = None
    for step in (current - 1, current, current + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode("utf-8", "surrogatepass")):
            found = step
    return found


def _ticket(name: str, credentials: Credentials, until: dt.datetime) -> str:
    """Says that the password was right, so that it need not be kept until the code comes."""
    stamp = int(until.timestamp())
    return f"{name}:{stamp}:{_seal(name, stamp, credentials)}"


def _is_ticket(ticket: str, name: str, credentials: Credentials, now: dt.datetime) -> bool:
    said, _, rest = ticket.partition(":")
    stamp, _, seal = rest.partition(":")
    if said != name or not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12:
        return False
    expected = _seal(name, int(stamp), credentials)
    is_ours = hmac.compare_digest(seal.encode("utf-8", "surrogatepass"), expected.encode())
    return is_ours and int(stamp) > now.timestamp()


def _seal(name: str, stamp: int, credentials: Credentials) -> str:
    # Made of what only the catalog has, and of the last code taken: it dies with the password, and with its use.
    key = f"{credentials.password}\0{credentials.totp}\0{credentials.totp_step}".encode()
    return hmac.new(key, f"second factor\0{name}\0{stamp}".encode(), hashlib.sha256).hexdigest()


# ---- sessions


def open_session(account: Account, how: str, work: Work, ports: Ports) -> Entry:
    """Opens a session and says so in the ledger."""
    secret, now = secrets.token_urlsafe(32), ports.clock()
    session = Session(Digest.of(secret.encode()), account.name, now, now, now + LONGEST_SESSION)
    work.end_sessions(before=now)
    work.put_session(session)
    detail = {"session": str(session.key), "how": how}
    work.record(Event(EventType.SESSION_OPENED, account.name, now, user_agent(account.name), detail=detail))
    return Entry(account, session, secret)


def _open(account: Account, credentials: Credentials, how: str, cookie: str | None, work: Work, ports: Ports) -> Entry:
    work.put_credentials(account.name, credentials)
    if cookie:
        work.end_sessions(key=Digest.of(cookie.encode("utf-8", "surrogatepass")))
    return open_session(account, how, work, ports)


def resume(cookie: str, ports: Ports) -> tuple[Account, Session] | None:
    """Who a session's cookie is of, if the session goes on; each minute it is noted that it does."""
    now = ports.clock()
    session = ports.catalog.session(Digest.of(cookie.encode("utf-8", "surrogatepass")), now)
    if session is None:
        return None
    if now - session.seen_at >= IDLE:
        close_session(session, ports, why="idle")
        return None
    account = _account(session.account, ports)
    if account is None or account.disabled:
        return None
    if now - session.seen_at >= _TOUCH:
        with ports.catalog.begin() as work:
            current = ports.catalog.session(session.key, now)  # it may have been ended, or pinned, meanwhile
            if current is None:
                return None
            session = replace(current, seen_at=now)
            work.put_session(session)
    return account, session


def close_session(session: Session, ports: Ports, *, why: str = "left") -> None:
    """Ends a session."""
    now = ports.clock()
    with ports.catalog.begin() as work:
        if work.end_sessions(key=session.key):
            detail = {"session": str(session.key), "why": why}
            event = Event(EventType.SESSION_CLOSED, session.account, now, user_agent(session.account), detail=detail)
            work.record(event)


def open_sessions(account: str, ports: Ports) -> tuple[Session, ...]:
    """The sessions of an account that go on, the newest first."""
    now = ports.clock()
    return tuple(one for one in ports.catalog.sessions(account, now) if now - one.seen_at < IDLE)


def account_of_token(secret: str, ports: Ports) -> Account | None:
    """The account that a program acts for."""
    token = ports.catalog.token(Digest.of(secret.encode("utf-8", "surrogatepass")), ports.clock())
    account = _account(token.account, ports) if token is not None else None
    return account if account is not None and not account.disabled else None


# ---- how often somebody may try


class Tries:
    """A sliding window over failed tries, by name and by address, in the memory of the process.

    The lock of an account stops guesses at one account; this one also stops those that try a few words at each of
    many, and treats names that exist and names that do not alike.
    """

    def __init__(
        self, by_name: int = 20, by_address: int = 60, span: dt.timedelta = dt.timedelta(minutes=10), kept: int = 10_000
    ) -> None:
        self._most = {"name": by_name, "address": by_address}
        self._span = span
        self._kept = kept
        self._failed: OrderedDict[tuple[str, str], deque[dt.datetime]] = OrderedDict()
        self._guard = threading.Lock()

    def allows(self, name: str, address: str, now: dt.datetime) -> bool:
        """Whether this try is heard."""
        with self._guard:
            return all(len(self._recent(key, now)) < self._most[key[0]] for key in _keys(name, address))

    def failed(self, name: str, address: str, now: dt.datetime) -> None:
        """Counts a try that was refused."""
        with self._guard:
            for key in _keys(name, address):
                tries = self._recent(key, now)
                tries.append(now)
                self._failed[key] = tries
                self._failed.move_to_end(key)
            while len(self._failed) > self._kept:
                self._failed.popitem(last=False)

    def _recent(self, key: tuple[str, str], now: dt.datetime) -> deque[dt.datetime]:
        tries = self._failed.get(key, deque())
        while tries and now - tries[0] >= self._span:
            tries.popleft()
        return tries


def _keys(name: str, address: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("name", Digest.of(name.strip().lower().encode("utf-8", "surrogatepass")).hex), ("address", address)
