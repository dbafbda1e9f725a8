"""Passwords: which are good enough, and what is kept of them."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from faldone.errors import UndecidableError

SHORTEST: Final = 12
LONGEST: Final = 200
"""Longer ones are not heard: hashing is made to be slow."""

_FEW_SIGNS = 5
_BESIDE_THE_NAME = 8

_KNOWN: Final = frozenset(
    [
        "123456789012",
        "1234567890123",
        "0123456789012",
        "123456123456",
        "123123123123",
        "password1234",
        "password12345",
        "password123456",
        "passwordpassword",
        "passw0rd1234",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopas",
        "qwertyuiopasdf",
        "qwerty123456",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "qazwsxedcrfv",
        "abcdefghijkl",
        "abcdefghijklm",
        "abcd12345678",
        "abc123abc123",
        "administrator",
        "administrator1",
        "amministratore",
        "amministratore1",
        "amministrazione",
        "benvenuto1234",
        "benvenuta1234",
        "assistenzasociale",
        "assistentesociale",
        "servizisociali",
        "servizisociali1",
        "serviziosociale",
        "comunedicrema",
        "changeme1234",
        "cambiami1234",
        "cambialapassword",
        "provaprova12",
        "provaprovaprova",
        "lapassword12",
        "lamiapassword",
        "juventusjuventus",
        "forzamilan12",
        "forzajuve1234",
        "forzainter12",
        "napolinapoli",
        "francescofrancesco",
        "alessandroalessandro",
        "welcome12345",
        "iloveyou1234",
        "letmein12345",
        "tiamotiamotiamo",
        "faldonefaldone",
        "faldone12345",
        "archivioarchivio",
        "archivio1234",
    ]
)
"""What people type when twelve signs are asked for: the first that anybody tries."""

# Each hash takes 64 MB for as long as it lasts: many at once would take all there is.
_AT_ONCE = threading.BoundedSemaphore(2)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    return hash_password("nessuno ha questa password")


def demand_good(password: str, name: str) -> None:
    """Demands a password that is worth the name for the account ``name``.

    Raises:
        UndecidableError: it is not, and this is why.
    """
    folded = password.casefold()
    if len(password) < SHORTEST:
        raise UndecidableError(
            f"La password ha {len(password)} caratteri: ne servono almeno {SHORTEST}. / "
            f"The password has {len(password)} characters: at least {SHORTEST} are needed.",
            hint="Quattro parole a caso sono facili da ricordare. / Four words at random are easy to remember.",
        )
    if len(password) > LONGEST:
        raise UndecidableError(
            f"La password è troppo lunga: al massimo {LONGEST} caratteri. / "
            f"The password is too long: at most {LONGEST} characters."
        )
    if name and len(folded.replace(name.casefold(), "")) < _BESIDE_THE_NAME:
        raise UndecidableError(
            "La password è quasi uguale al nome dell'operatore. / The password is much like the account's name."
        )
    if folded in _KNOWN:
        raise UndecidableError(
            "La password è fra le più usate, e fra le prime che si provano. / "
            "The password is among the most used, and the first to be tried."
        )
    if len(set(folded)) < _FEW_SIGNS:
        raise UndecidableError(
            "La password ripete sempre gli stessi caratteri. / The password repeats the same few characters."
        )


def hash_password(password: str) -> str:
    """What is kept of a password: Argon2id, with its salt and parameters."""
    with _AT_ONCE:
        return _hasher().hash(_plain(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether this is the password that ``kept`` was made of; it takes as long when there is none."""
    nobodys = _nobodys()  # in any case: whoever comes first waits for it, whatever they typed
    against = kept if kept is not None else nobodys
    try:
        with _AT_ONCE:
            _hasher().verify(against, _plain(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether today's parameters are others than those that it was hashed with."""
    return _hasher().check_needs_rehash(kept)


def _plain(password: str) -> bytes:
    # One keyboard writes «è» as one sign, another as two.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
