"""The rights of an account as sentences: what people read instead of a table of flags."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from faldone.classify.lexicon import Lexicon
from faldone.domain.access import Sensitivity
from faldone.domain.account import Ability, Account, AccountRole

ROLES: Mapping[AccountRole, tuple[str, str]] = {
    AccountRole.ARCHIVIST: ("archivista", "archivist"),
    AccountRole.OPERATOR: ("operatore", "operator"),
    AccountRole.AUDITOR: ("revisore (DPO)", "auditor (DPO)"),
    AccountRole.MANAGER: ("responsabile", "manager"),
    AccountRole.ADMINISTRATOR: ("amministratore", "administrator"),
}

SENSITIVITIES: Mapping[Sensitivity, tuple[str, str]] = {
    Sensitivity.BASE: ("solo le carte ordinarie", "ordinary papers only"),
    Sensitivity.PARTICOLARI: ("fino ai dati particolari (salute, povertà)", "up to special data (health, poverty)"),
    Sensitivity.GIUDIZIARI: ("fino ai dati giudiziari", "up to judicial data"),
    Sensitivity.RAFFORZATA: ("anche le carte a tutela rafforzata", "reinforced papers too"),
}

ABILITIES: Mapping[Ability, tuple[str, str]] = {
    Ability.INTAKE: ("acquisire i lotti", "take batches in"),
    Ability.REVIEW: ("decidere su quel che è da rivedere", "settle what is to review"),
    Ability.SEARCH: ("cercare e leggere", "search and read"),
    Ability.EXPORT: ("portare fuori copie", "take copies out"),
    Ability.AUDIT: ("leggere e verificare il registro", "read and verify the ledger"),
    Ability.STATISTICS: ("vedere le statistiche", "see statistics"),
    Ability.PERSONS: ("curare l'anagrafe", "keep the register"),
    Ability.ACCOUNTS: ("gestire gli operatori", "manage accounts"),
    Ability.HEALTH: ("curare la macchina", "look after the machine"),
    Ability.BREAK_GLASS: ("aprire in urgenza", "open in an emergency"),
}


AREAS: Mapping[str, tuple[str, str]] = {
    "ACC": ("Accesso e servizio sociale di base", "Access and basic social service"),
    "MIN": ("Famiglia e minori", "Families and minors"),
    "DIS": ("Disabilità", "Disability"),
    "ANZ": ("Anziani e non autosufficienza", "The old and the dependent"),
    "POV": ("Povertà e inclusione", "Poverty and inclusion"),
    "ABI": ("Abitare", "Housing"),
    "FRA": ("Fragilità specifiche", "Specific frailties"),
    "GIU": ("Protezione giuridica", "Legal protection"),
}
"""The areas of the services that ship with faldone; an office's own are called by their code."""

_OPENS = frozenset({Ability.INTAKE, Ability.REVIEW, Ability.SEARCH, Ability.EXPORT, Ability.BREAK_GLASS})
"""The abilities by which somebody comes to papers; without any of them rights open nothing."""


def say_rights(account: Account, lexicon: Lexicon, today: dt.date) -> tuple[str, str]:
    """What an account may see and until when, in Italian and in English."""
    rights = account.rights
    if account.disabled:
        return "Sospeso: non può entrare.", "Disabled: it cannot enter."
    if rights.services is not None and not rights.services:
        return "Non può vedere alcun documento.", "It may see no document."
    if account.abilities.isdisjoint(_OPENS):
        return (
            "Il suo ruolo non apre documenti, quali che siano i permessi.",
            "Its role opens no document, whatever its rights.",
        )
    names = sorted(lexicon.services[code].name if code in lexicon.services else code for code in rights.services or ())
    services = ", ".join(names)
    italian = f"Può vedere {services or 'tutti i servizi'}"
    english = f"It may see {services or 'all services'}"
    if rights.comuni is None:
        italian, english = f"{italian}, in tutti i comuni", f"{english}, in all comuni"
    elif rights.comuni:
        comuni = ", ".join(sorted(comune.title() for comune in rights.comuni))
        italian, english = f"{italian}, nei comuni di {comuni}", f"{english}, in {comuni}"
    else:
        italian, english = f"{italian}, in nessun comune", f"{english}, in no comune"
    level = SENSITIVITIES[rights.sensitivity]
    italian, english = f"{italian}; {level[0]}", f"{english}; {level[1]}"
    if rights.intake:
        italian = f"{italian}; anche quel che non ha ancora un servizio"
        english = f"{english}; also what has no service yet"
    if rights.since is not None:
        italian, english = f"{italian}; dal {rights.since:%d/%m/%Y}", f"{english}; from {rights.since:%d/%m/%Y}"
    if rights.until is not None:
        italian, english = f"{italian}; fino al {rights.until:%d/%m/%Y}", f"{english}; until {rights.until:%d/%m/%Y}"
    if rights.until is not None and rights.until < today:
        italian, english = f"{italian} (scaduto)", f"{english} (over)"
    return f"{italian}.", f"{english}."
