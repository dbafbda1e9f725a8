"""Entering and leaving: passwords, codes of a second factor, the office's provider, sessions, tokens.

Whoever is refused is told one and the same thing, whatever the cause, and it takes as long: nobody learns from outside
which accounts there are, which are locked, or which part was right. The ledger has the cause.

Errors are counted by account and place (:mod:`faldone.pipeline.tries`), so that nobody shuts somebody else
out by typing their name: a lock of the account itself would be a switch that anybody can press. Only guesses from many
places at once have a bound on the account: 100 in an hour, as OWASP's ASVS (2.2.1) has it, and then for an hour
nothing is heard from places that the account was never at. An hour without an error forgets those before it. The
account's own browsers keep a mark by which they are heard all the same (OWASP, «Slow Down Online Guessing Attacks with
Device Cookies»). A wrong code counts for ten wrong passwords: whoever is asked for one knows the password already, and
is no passer-by.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import pyotp

from faldone.catalog.catalog import Work
from faldone.domain.account import Account, Credentials, Session
from faldone.domain.digest import Digest
from faldone.domain.events import AGENT, Event, EventType, Outcome, user_agent
from faldone.errors import FaldoneError, NotFoundError
from faldone.pipeline.accounts.accounts import put_proof
from faldone.pipeline.accounts.factor_key import FactorUnreadableError, is_sealed, open_secret, seal_secret
from faldone.pipeline.accounts.passwords import LONGEST, fits, hash_password, is_outdated
from faldone.pipeline.ports import Ports
from faldone.pipeline.tries import Place

IDLE: Final = dt.timedelta(minutes=30)
"""After so long without a request a session is over."""

LONGEST_SESSION: Final = dt.timedelta(hours=10)
"""After so long it is over whatever happens."""

_TOUCH = dt.timedelta(minutes=1)
_BETWEEN_STEPS = dt.timedelta(minutes=5)
_MOST_FAILURES = 100
_LOCK = dt.timedelta(hours=1)
_FORGOTTEN = dt.timedelta(hours=1)
_OF_PASSWORD, _OF_CODE = 1, 10
_NO_KEY = "no-key"
_UNCOUNTED = frozenset({"locked", "disabled", _NO_KEY})
_CODE_S = 30
_UNKNOWN = "unknown"
_NOWHERE = Place()
_LONGEST_MARK = 200

_T = TypeVar("_T")


class _RefusedError(Exception):
    """A try that is refused; its text is what the ledger says of it."""


class NotRecognisedError(FaldoneError):
    """Whoever wants to enter is not let in; why is for the ledger alone."""

    reference = "not-recognised"

    def __init__(self) -> None:
        super().__init__(
            "Non riconosciuto: controlla nome e password. Dopo cinque errori di fila l'accesso da qui resta fermo un "
            "minuto, poi sempre di più. / "
            "Not recognised: check name and password. After five errors in a row nothing is heard from here for a "
            "minute, then for longer."
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


def enter_with_password(
    name: str, password: str, ports: Ports, *, place: Place = _NOWHERE, cookie: str | None = None
) -> Entry | CodeNeeded:
    """Lets somebody in by a password, or to the second factor where one is set.

    Args:
        name: as typed.
        password: as typed.
        ports: the archive.
        place: where from; see :func:`place_of`.
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
        return _open(account, _forgiven(account, credentials, place, ports), "password", cookie, work, ports)

    return _try(account, place, step, ports)


def enter_with_code(
    ticket: str, code: str, ports: Ports, *, place: Place = _NOWHERE, cookie: str | None = None
) -> Entry:
    """Lets somebody in whose password was right, by the code of their second factor. A code serves once.

    Raises:
        NotRecognisedError: for whatever reason; the ticket may have run out.
        FactorUnreadableError: the second factor cannot be checked: only who knows the password is told.
    """
    account = _account(ticket.partition(":")[0], ports)
    if account is None:
        raise NotRecognisedError

    def step(credentials: Credentials, work: Work) -> Entry:
        if credentials.totp is None or not _is_ticket(ticket, account.name, credentials, ports.clock()):
            raise _RefusedError("ticket")
        try:
            secret = open_secret(credentials.totp, account.name, ports.options.factor_key)
        except FactorUnreadableError as error:
            raise _RefusedError(_NO_KEY) from error
        used = step_of(code, secret, ports.clock())
        if used is None:
            raise _RefusedError("code")
        if used <= credentials.totp_step:
            raise _RefusedError("code-used")
        spent = replace(_forgiven(account, credentials, place, ports), totp_step=used)
        if not is_sealed(credentials.totp):
            spent = replace(spent, totp=seal_secret(secret, account.name, ports.options.factor_key))
            put_proof(account.name, spent, "second-factor-sealed", ports.clock(), AGENT, work)
        return _open(account, spent, "password-and-code", cookie, work, ports)

    return _try(account, place, step, ports, weight=_OF_CODE)


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


def prove(account: Account, session: Session | None, password: str, ports: Ports) -> None:
    """Whoever has entered shows once more that it is them; errors are counted by the session they are in.

    Raises:
        NotRecognisedError: it is not their password, or nothing is heard at the moment.
    """
    place = Place(known=f"session:{session.key.hex}" if session is not None else "token")
    kept = ports.catalog.credentials(account.name).password
    right = fits(password, kept) and len(password) <= LONGEST

    def step(credentials: Credentials, work: Work) -> None:
        if not right or credentials.password != kept:
            raise _RefusedError("password")
        ports.locks.forgive(account.name, place)

    _try(account, place, step, ports)


def prove_by_subject(account: Account, subject: str, ports: Ports) -> None:
    """Whoever has entered shows once more that it is them, by the office's provider.

    Raises:
        NotRecognisedError: the provider has recognised somebody else.
    """
    if ports.catalog.credentials(account.name).subject != subject:
        _refuse(account.name, "provider", ports)
        raise NotRecognisedError


def _try(
    account: Account,
    place: Place,
    step: Callable[[Credentials, Work], _T],
    ports: Ports,
    *,
    weight: int = _OF_PASSWORD,
) -> _T:
    """One try, counted: many at once wait for each other here, so that none of them goes uncounted."""
    with ports.catalog.begin() as work:
        now = ports.clock()  # in here: of two at once, the later one to be counted is later by the clock
        credentials = ports.catalog.credentials(account.name)
        try:
            if ports.locks.hold(account.name, place, now) or (not place.known and _is_shut(credentials, now)):
                raise _RefusedError("locked")
            if ports.catalog.account(account.name).disabled:
                raise _RefusedError("disabled")
            return step(credentials, work)
        except _RefusedError as refused:
            reason = str(refused)
        if reason not in _UNCOUNTED:
            ports.locks.failed(account.name, place, now)
            if not place.known:
                work.put_credentials(account.name, _counted(credentials, weight, now))
        work.record(_refusal(account.name, reason, now))
    if reason == _NO_KEY:
        raise FactorUnreadableError
    raise NotRecognisedError


def _is_shut(credentials: Credentials, now: dt.datetime) -> bool:
    return credentials.locked_until is not None and now < credentials.locked_until


def _counted(credentials: Credentials, weight: int, now: dt.datetime) -> Credentials:
    # Shut until the moment of the last error is not shut at all: it is kept to know how long ago that was.
    last = credentials.locked_until
    failures = weight + (credentials.failures if last is not None and now - last < _FORGOTTEN else 0)
    if failures < _MOST_FAILURES:
        return replace(credentials, failures=failures, locked_until=now)
    return replace(credentials, failures=0, locked_until=now + _LOCK)


def _forgiven(account: Account, credentials: Credentials, place: Place, ports: Ports) -> Credentials:
    ports.locks.forgive(account.name, place)
    # Who enters where they were before says nothing of those who guess from elsewhere.
    return credentials if place.known else replace(credentials, failures=0, locked_until=None)


# ---- places


def place_of(name: str, address: str, mark: str, ports: Ports) -> Place:
    """Where a try comes from: ``mark`` is what the browser shows of an earlier entry of this account, if anything."""
    name = name.strip().lower()
    nonce, _, seal = mark.partition(":")
    if not nonce or len(mark) > _LONGEST_MARK:
        return Place(address)
    kept = ports.catalog.credentials(name).password  # nothing where there is no such account: it takes as long
    expected = _mark_seal(name, nonce, kept or secrets.token_hex(16))
    is_ours = hmac.compare_digest(seal.encode("utf-8", "surrogatepass"), expected.encode())
    return Place(address, nonce if is_ours else "")


def new_mark(account: Account, ports: Ports) -> str | None:
    """A mark for the browser of who has entered with a password; a new password voids all that were given."""
    kept = ports.catalog.credentials(account.name).password
    if kept is None:
        return None
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}:{_mark_seal(account.name, nonce, kept)}"


def _mark_seal(name: str, nonce: str, kept: str) -> str:
    said = f"place\0{name}\0{nonce}".encode("utf-8", "surrogatepass")
    return hmac.new(kept.encode(), said, hashlib.sha256).hexdigest()


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
