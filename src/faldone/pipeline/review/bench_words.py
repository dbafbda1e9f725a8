"""What is said on the review bench, Italian and English: how a person was told, and what is missing."""

from __future__ import annotations

from typing import Final

from faldone.domain.attribution import Role

Words = tuple[str, str]
"""Italian and English."""

HOW: Final[dict[str, Words]] = {
    "cf": ("codice fiscale letto sul foglio", "code read on the paper"),
    "name-birth": ("nome e data di nascita; manca il codice fiscale", "name and day of birth; the code is missing"),
    "cf-repaired": ("codice fiscale letto con una correzione", "code read with a correction"),
    "code-name": ("codice fiscale e nome vanno d'accordo", "code and name agree"),
    "name": ("solo il nome; mancano data di nascita e codice fiscale", "name alone; day of birth and code are missing"),
    "name-birth-alone": (
        "nome e data di nascita; manca il codice fiscale",
        "name and day of birth; the code is missing",
    ),
    "user-number": ("numero utente; manca il codice fiscale", "user number; the code is missing"),
    "name-respelt": (
        "nome scritto in altro modo; mancano data di nascita e codice fiscale",
        "name spelled otherwise; day of birth and code are missing",
    ),
    "birth-name": (
        "nome letto in parte e data di nascita di una persona in anagrafe",
        "part of a name, and the day of birth of somebody in the register",
    ),
    "likely": ("l'unica persona certa sul foglio, che non dice di chi è", "the one person proved on a paper of nobody"),
    "initials": ("solo le iniziali; manca tutto il resto", "initials alone; all else is missing"),
    "ambiguous": ("può essere più di una persona", "may be more than one person"),
    "conflict": ("i dati sul foglio non vanno d'accordo tra loro", "what the paper says does not agree"),
    "unknown": ("nome letto sul foglio, non in anagrafe", "name on the paper, not in the register"),
    "sheet": ("dalla copertina stampata", "from the printed cover"),
    "sidecar": ("dal file che accompagna le scansioni", "from the file beside the scans"),
    "cover": ("dalla copertina del fascicolo", "from the cover of the dossier"),
    "neighbours": ("dai documenti vicini nello stesso file", "from the documents beside it in the file"),
}
"""How the holder was told, by the method's name without its «person-»."""

SAME_NAME: Final[Words] = (
    "in anagrafe con lo stesso nome; non confermata dal foglio",
    "of the same name in the register; not confirmed by the paper",
)
OTHER_BIRTH: Final[Words] = (
    "in anagrafe con lo stesso nome, ma il foglio dice un altro giorno di nascita",
    "of the same name in the register, but the paper says another day of birth",
)
LIKE_CODE: Final[Words] = ("in anagrafe con un codice simile a quello letto", "in the register with a code like it")
SAID_ALREADY: Final[Words] = ("già indicata da un operatore", "said by somebody already")
UNPROVEN: Final[Words] = (
    "Sul foglio non c'è abbastanza per metterla in anagrafe: usa «Nuova persona».",
    "The paper does not say enough to put this person on record: use «New person».",
)

ROLES: Final[dict[Role, Words]] = {
    Role.HOLDER: ("intestatario", "holder"),
    Role.PARENT: ("genitore", "parent"),
    Role.SIBLING: ("fratello o sorella", "sibling"),
    Role.GUARDIAN: ("tutore", "guardian"),
    Role.CITED: ("citato sul foglio", "named on the paper"),
}
"""What those on a paper are who may be its holder; who works on it is left out."""

TWO_PERSONS: Final[Words] = (
    "Due persone possibili con lo stesso nome. Scegli con il numero: Invio da solo non conferma.",
    "Two possible persons of the same name. Choose by number: Enter alone does not confirm.",
)
SEVERAL: Final[Words] = (
    "Più persone possibili. Scegli con il numero: Invio da solo non conferma.",
    "Several possible persons. Choose by number: Enter alone does not confirm.",
)
GUESSED: Final[Words] = (
    "È solo un'ipotesi: il foglio non dice per intero di chi è. Scegli con il numero: Invio da solo non conferma.",
    "A guess alone: the paper does not say in full whose it is. Choose by number: Enter alone does not confirm.",
)
HELD: Final[Words] = (
    "Si è letto poco o niente: guarda il foglio e scegli con il numero. Invio da solo non conferma.",
    "Little or nothing could be read: look at the paper and choose by number. Enter alone does not confirm.",
)
REPAIRED: Final[Words] = (
    "Codice fiscale letto con una correzione. Confrontalo con l'immagine prima di confermare.",
    "The code was read with a correction. Compare it with the image before you confirm.",
)
NOTHING_PROPOSED: Final[dict[str, Words]] = {
    "intestatario": (
        "Nessuna proposta da accettare: premi A per un'altra persona, C per una nuova.",
        "No proposal to accept: press A for another person, C for a new one.",
    ),
    "tipo": (
        "Nessuna proposta da accettare: premi T per dire il tipo.",
        "No proposal to accept: press T for the type.",
    ),
    "servizio": (
        "Nessuna proposta da accettare: premi V per dire il servizio.",
        "No proposal to accept: press V for the service.",
    ),
}
"""What to do where no answer can be chosen, by what is asked."""
ALL_DOSSIERS: Final[Words] = ("in tutti questi fascicoli", "in all these dossiers")
ONE_DOSSIER: Final[Words] = (
    "Il documento può riguardare più persone: un numero lo mette nel fascicolo di quella sola.",
    "The document may be about several persons: a number puts it into the dossier of that one alone.",
)
OR_ALL: Final[Words] = (" Con {0} va in tutti i loro fascicoli.", " With {0} it goes into all their dossiers.")
NOBODYS: Final[Words] = ("Di nessuno in particolare: un elenco", "Nobody's in particular: a list")
PAGES_RIGHT: Final[Words] = (
    "I fogli sono questi, niente da dividere o unire",
    "These are its sheets: nothing to cut or join",
)
RIGHT_AS_IT_IS: Final[Words] = ("È giusto così", "It is right as it is")
NO_DATE: Final[Words] = ("Senza data sicura: lascia com'è", "No sure date: leave it as it is")
SECOND_BEST: Final[Words] = ("la seconda più probabile", "the second likeliest")
PROPOSED: Final[Words] = ("proposto", "proposed")
