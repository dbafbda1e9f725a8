"""What states and codes are called in front of people: Italian, English."""

from __future__ import annotations

from faldone.catalog.records import FileState
from faldone.classify.lexicon import Lexicon
from faldone.domain.attribution import Band, Role
from faldone.domain.person import Origin
from faldone.search.index import Facet

FILE_STATES: dict[FileState, tuple[str, str]] = {
    FileState.PROCESSING: ("in lavorazione", "in progress"),
    FileState.FILED: ("archiviati", "filed"),
    FileState.REVIEW: ("da rivedere", "to review"),
    FileState.HELD: ("trattenuti", "held"),
    FileState.QUARANTINED: ("in quarantena", "quarantined"),
    FileState.DUPLICATE: ("doppioni", "duplicates"),
}

BANDS: dict[Band, tuple[str, str]] = {
    Band.AUTO: ("archiviato", "filed"),
    Band.REVIEW: ("da rivedere", "to review"),
    Band.HOLD: ("trattenuto", "held"),
}

FACETS: dict[Facet, tuple[str, str]] = {
    Facet.PERSON: ("Persone", "persons"),
    Facet.SERVICE: ("Servizi", "services"),
    Facet.TYPE: ("Tipi", "types"),
    Facet.YEAR: ("Anni", "years"),
    Facet.COMUNE: ("Comuni", "comuni"),
    Facet.BATCH: ("Lotti", "batches"),
    Facet.BAND: ("Stato", "state"),
}

ROLES: dict[Role, tuple[str, str]] = {
    Role.HOLDER: ("intestatario", "holder"),
    Role.PARENT: ("genitore", "parent"),
    Role.SIBLING: ("fratello o sorella", "sibling"),
    Role.AUTHOR: ("autore", "author"),
    Role.SOCIAL_WORKER: ("assistente sociale", "social worker"),
    Role.JUDGE: ("giudice", "judge"),
    Role.LAWYER: ("avvocato", "lawyer"),
    Role.DOCTOR: ("medico", "doctor"),
    Role.PROFESSIONAL: ("professionista", "professional"),
    Role.GUARDIAN: ("tutore", "guardian"),
    Role.CITED: ("citato", "cited"),
}

ORIGINS: dict[Origin, tuple[str, str]] = {
    Origin.REGISTER: ("dall'anagrafe", "from the register"),
    Origin.FOUND: ("trovata sui documenti", "found on papers"),
    Origin.CONFIRMED: ("confermata", "confirmed"),
}


def type_name(lexicon: Lexicon, code: str) -> str:
    """What people call a type of document; an unknown code is its own name."""
    return lexicon.types[code].name if code in lexicon.types else code


def service_name(lexicon: Lexicon, code: str) -> str:
    """What people call a service; an unknown code is its own name."""
    return lexicon.services[code].name if code in lexicon.services else code
