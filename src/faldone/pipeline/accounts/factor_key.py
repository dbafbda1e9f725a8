"""The secrets of second factors as they are kept: sealed under a key that lies beside the catalog, not in it.

Whoever comes by a copy of the catalog alone can make no code of anybody. The key is a file of the home that its owner
alone may read, made when the first second factor is set. Where it is lost no second factor can be checked: nobody is
let in without one, and an administrator removes those that are set.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from faldone.errors import FaldoneError
from faldone.pipeline.ports import FACTOR_KEY

_MARK: Final = "gcm1:"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class FactorUnreadableError(FaldoneError):
    """The second factor that is set cannot be checked: its key is gone, or is another. Nobody enters without it."""

    reference = "second-factor-unreadable"
    exit_code = 76

    def __init__(self) -> None:
        super().__init__(
            "Il secondo fattore ora non si può usare: la sua chiave manca o non si apre. Chi l'ha attivo non entra "
            "senza: l'amministratore può toglierlo, poi si attiva di nuovo dal Profilo. / "
            "Second factors cannot be used now: their key is missing or does not open. Who has one set does not enter "
            "without it: the administrator can remove it, then it is set again in Profile.",
            hint=f"Rimettere {FACTOR_KEY} dalla copia di sicurezza. / Put {FACTOR_KEY} back from its backup.",
        )


def is_sealed(kept: str) -> bool:
    """Whether a secret is kept sealed; those of before this module are not."""
    return kept.startswith(_MARK)


def seal_secret(secret: str, account: str, key_file: Path) -> str:
    """What is kept of the secret of an account's second factor; the key is made when there is none.

    Raises:
        FactorUnreadableError: the key's file cannot be read, or cannot be made.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    # The name is part of the seal: put into another account's row, the secret opens nothing.
    sealed = AESGCM(_key(key_file, make=True)).encrypt(nonce, secret.encode(), account.encode())
    return _MARK + base64.b64encode(nonce + sealed).decode()


def open_secret(kept: str, account: str, key_file: Path) -> str:
    """The secret that was kept.

    Raises:
        FactorUnreadableError: the key is missing or another, or what is kept was altered.
    """
    if not is_sealed(kept):
        return kept
    try:
        sealed = base64.b64decode(kept.removeprefix(_MARK), validate=True)
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return AESGCM(_key(key_file)).decrypt(nonce, rest, account.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise FactorUnreadableError from error


def _key(file: Path, *, make: bool = False) -> bytes:
    try:
        if make and not file.exists():
            _make(file)
        key = file.read_bytes()
    except OSError as error:
        raise FactorUnreadableError from error
    if len(key) != _KEY_BYTES:
        raise FactorUnreadableError
    return key


def _make(file: Path) -> None:
    """Puts a new key there, whole or not at all; of two who do so at once the first one's stays."""
    new = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(_KEY_BYTES))
            out.flush()
            os.fsync(out.fileno())
        os.link(new, file)
    except FileExistsError:
        return
    finally:
        new.unlink()
