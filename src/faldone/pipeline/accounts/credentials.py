"""What an account changes of how it proves itself: its password, its second factor, the tokens of its programs."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import replace
from typing import Final

import pyotp

from faldone.domain.account import Account, ApiToken, Session
from faldone.domain.digest import Digest
from faldone.domain.events import user_agent
from faldone.errors import NotFoundError, UndecidableError
from faldone.pipeline.accounts.accounts import credentials_event, put_proof, set_password, shut_out
from faldone.pipeline.accounts.entering import Entry, NotRecognisedError, open_session, prove, step_of
from faldone.pipeline.accounts.factor_key import seal_secret
from faldone.pipeline.accounts.passwords import demand_good, hash_password
from faldone.pipeline.ports import Ports

TOKEN_PREFIX: Final = "fal_"
"""By which programs that look for secrets in the wrong places know one of ours."""

LONGEST_TOKEN_DAYS: Final = 365
LONGEST_LABEL: Final = 80
_MOST_TOKENS = 20
_FRESH = dt.timedelta(minutes=10)
_ISSUER = "faldone"


def change_password(account: Account, session: Session, old: str, new: str, ports: Ports) -> Entry:
    """Changes one's own password: all sessions and tokens end, and a new session is opened.

    Raises:
        UndecidableError: the old one is wrong, or the new one is too weak or the same.
    """
    demand_good(new, account.name)
    if new == old:
        raise UndecidableError("La nuova password è quella di prima. / The new password is the old one.")
    _demand_password(account, session, old, ports)
    kept, now = hash_password(new), ports.clock()
    with ports.catalog.begin() as work:
        set_password(account.name, kept, now, user_agent(account.name), work, ports)
        return open_session(account, "password-changed", work, ports)


def leave_elsewhere(account: Account, ports: Ports) -> Entry:
    """Ends all of one's own sessions and tokens, and opens a new session."""
    now = ports.clock()
    with ports.catalog.begin() as work:
        shut_out(account.name, now, user_agent(account.name), work, ports)
        return open_session(account, "left-elsewhere", work, ports)


def new_second_factor() -> str:
    """A secret for a second factor; it counts once a code made of it was shown."""
    return pyotp.random_base32()


def second_factor_address(account: Account, secret: str) -> str:
    """What the QR code holds that an authenticator reads (the Key URI Format)."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name=_ISSUER)


def set_second_factor(account: Account, session: Session, secret: str, code: str, password: str, ports: Ports) -> Entry:
    """Sets one's own second factor: all sessions and tokens end, and a new session is opened.

    A token may have been made by whoever knew the password alone.

    Raises:
        UndecidableError: the code is not of this secret, or the password is wrong.
        FactorUnreadableError: there is no key to keep it under, and none can be made.
    """
    step = step_of(code, secret, ports.clock()) if is_secret(secret) else None
    if step is None:
        raise UndecidableError(
            "Il codice non corrisponde: controlla che l'ora del telefono sia giusta. / "
            "The code does not match: check that the telephone's clock is right."
        )
    demand_fresh(account, session, password, ports)
    return _put_second_factor(account, secret, step, "second-factor-set", ports)


def drop_second_factor(account: Account, session: Session, password: str, ports: Ports) -> Entry:
    """Removes one's own second factor: all sessions and tokens end, and a new session is opened.

    Raises:
        UndecidableError: the password is wrong.
    """
    demand_fresh(account, session, password, ports)
    return _put_second_factor(account, None, None, "second-factor-removed", ports)


def _put_second_factor(account: Account, secret: str | None, step: int | None, what: str, ports: Ports) -> Entry:
    now = ports.clock()
    with ports.catalog.begin() as work:
        known = ports.catalog.credentials(account.name)
        # The step of the last code stays when the factor goes: were it set again, no code of before would serve.
        used = max(known.totp_step, step or 0)
        sealed = seal_secret(secret, account.name, ports.options.factor_key) if secret is not None else None
        renewed = replace(known, totp=sealed, totp_step=used)
        put_proof(account.name, renewed, what, now, user_agent(account.name), work)
        shut_out(account.name, now, user_agent(account.name), work, ports)
        return open_session(account, what, work, ports)


def make_token(account: Account, session: Session, label: str, days: int, password: str, ports: Ports) -> str:
    """The secret of a token by which a program acts for the account; it is told once.

    Raises:
        UndecidableError: the label or the days will not do, there are too many, or the password is wrong.
    """
    label = " ".join(label.split())
    if not label or len(label) > LONGEST_LABEL or not label.isprintable():
        raise UndecidableError("A che cosa serve il token? Al massimo 80 caratteri. / What is the token for?")
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise UndecidableError(
            f"Un token vale da 1 a {LONGEST_TOKEN_DAYS} giorni. / A token serves 1 to {LONGEST_TOKEN_DAYS} days."
        )
    demand_fresh(account, session, password, ports)
    secret, now = TOKEN_PREFIX + secrets.token_urlsafe(32), ports.clock()
    token = ApiToken(Digest.of(secret.encode()), account.name, label, now, now + dt.timedelta(days=days))
    with ports.catalog.begin() as work:
        for old in ports.catalog.tokens(account.name):
            if old.until <= now:
                work.delete_token(account.name, old.key)
        if sum(old.until > now for old in ports.catalog.tokens(account.name)) >= _MOST_TOKENS:
            raise UndecidableError(f"Al massimo {_MOST_TOKENS} token. / At most {_MOST_TOKENS} tokens.")
        work.put_token(token)
        event = credentials_event(account.name, "token-made", now, user_agent(account.name), token=str(token.key))
        work.record(event)
    return secret


def drop_token(account: Account, key: Digest, ports: Ports) -> None:
    """Takes a token back.

    Raises:
        NotFoundError: the account has none with this key.
    """
    if not any(token.key == key for token in ports.catalog.tokens(account.name)):
        raise NotFoundError("Nessun token così. / No such token.")
    with ports.catalog.begin() as work:
        work.delete_token(account.name, key)
        agent = user_agent(account.name)
        work.record(credentials_event(account.name, "token-dropped", ports.clock(), agent, token=str(key)))


def demand_fresh(account: Account, session: Session, password: str, ports: Ports) -> None:
    """Demands the password once more; of who has none, that they have entered just now.

    Raises:
        UndecidableError: the password is wrong, or the session is too old.
    """
    if ports.catalog.credentials(account.name).password is not None:
        _demand_password(account, session, password, ports)
    elif ports.clock() - session.opened_at > _FRESH:
        raise UndecidableError("Esci ed entra di nuovo, poi riprova. / Leave and enter again, then try again.")


def _demand_password(account: Account, session: Session, password: str, ports: Ports) -> None:
    try:
        prove(account, session, password, ports)
    except NotRecognisedError as error:
        raise UndecidableError(
            "La password attuale non è giusta. Dopo cinque errori non si ascolta più nulla per un minuto. / "
            "The present password is wrong. After five errors nothing is heard for a minute."
        ) from error


def is_secret(secret: str) -> bool:
    """Whether a text can be the secret of a second factor."""
    return 16 <= len(secret) <= 64 and set(secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
