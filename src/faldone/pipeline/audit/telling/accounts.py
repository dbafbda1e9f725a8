"""Sentences of accounts: what they may do, how they prove themselves, who was not let in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from faldone.domain.events import EventType
from faldone.pipeline.audit.telling.words import LONGEST, Detail, Pair, Sentences, counted, filled, text_of, worded

_PROOFS: Final[Mapping[str, Pair]] = {
    "invited": Pair("invito mandato", "invitation sent"),
    "password": Pair("password nuova", "new password"),
    "rehashed": Pair("impronta della password rifatta", "hash of the password made anew"),
    "second-factor-set": Pair("secondo fattore attivato", "second factor set"),
    "second-factor-removed": Pair("secondo fattore tolto", "second factor removed"),
    "second-factor-sealed": Pair("segreto del secondo fattore messo sotto chiave", "second factor put under the key"),
    "linked": Pair("collegato al fornitore d'identità", "linked to the identity provider"),
    "unlinked": Pair("scollegato dal fornitore d'identità", "unlinked from the identity provider"),
    "token-made": Pair("token creato", "token made"),
    "token-dropped": Pair("token ritirato", "token dropped"),
}
_ENTRIES_REFUSED: Final[Mapping[str, Pair]] = {
    "password": Pair("password sbagliata", "wrong password"),
    "code": Pair("codice sbagliato", "wrong code"),
    "code-used": Pair("codice già usato", "code used before"),
    "ticket": Pair("codice dato troppo tardi", "too late with the code"),
    "locked": Pair("troppi tentativi", "too many tries"),
    "disabled": Pair("account disattivato", "account disabled"),
    "provider": Pair("il fornitore d'identità indica qualcun altro", "the identity provider names somebody else"),
    "no-key": Pair("manca la chiave dei secondi fattori", "the key of second factors is missing"),
    "unknown": Pair("nessun account ha questo nome", "no account has this name"),
}


def _account(subject: str) -> str:
    return subject.removeprefix("user:").removeprefix("account:")[:LONGEST]


def _account_changed(subject: str, detail: Detail) -> Pair:
    name = _account(subject)
    what = Pair("creato", "made") if detail.get("created") or detail.get("new") else Pair("cambiato", "changed")
    role = text_of(detail, "role")
    by_role = Pair(f", ruolo {role}", f", role {role}") if role else Pair("", "")
    off = Pair(", disattivato", ", disabled") if detail.get("disabled") else Pair("", "")
    return filled("Account {0} {1}{2}{3}.", "Account {0} {1}{2}{3}.", Pair(name, name), what, by_role, off)


def _credentials(subject: str, detail: Detail) -> Pair:
    what, name = text_of(detail, "what"), Pair(_account(subject), _account(subject))
    if what == "tokens-ended":
        ended = counted(detail.get("tokens"), ("token ritirato", "token ended"), ("token ritirati", "tokens ended"))
    else:
        ended = worded(_PROOFS, what)
    return filled(
        "Cambiate le credenziali dell'account {0}: {1}.", "Credentials of account {0} changed: {1}.", name, ended
    )


def _session_refused(subject: str, detail: Detail) -> Pair:
    name = Pair(_account(subject), _account(subject))
    why = worded(_ENTRIES_REFUSED, text_of(detail, "reason"))
    return filled("Ingresso rifiutato all'account {0}: {1}.", "Entry refused to account {0}: {1}.", name, why)


SENTENCES: Final[Sentences] = {
    EventType.ACCOUNT_CHANGED: _account_changed,
    EventType.CREDENTIALS_CHANGED: _credentials,
    EventType.SESSION_OPENED: lambda subject, _: Pair(
        f"Entrato l'account {_account(subject)}.", f"Account {_account(subject)} entered."
    ),
    EventType.SESSION_REFUSED: _session_refused,
    EventType.SESSION_CLOSED: lambda subject, _: Pair(
        f"Uscito l'account {_account(subject)}.", f"Account {_account(subject)} left."
    ),
}
