"""What states and codes are called in front of people: Italian, English."""

from __future__ import annotations

from faldone.catalog.catalog import FileState
from faldone.classify.lexicon import Lexicon
from faldone.domain.attribution import Band, Role
from faldone.domain.batch import PageFate
from faldone.domain.events import EventType
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
    Role.GUARDIAN: ("tutore", "guardian"),
    Role.CITED: ("citato", "cited"),
}

ORIGINS: dict[Origin, tuple[str, str]] = {
    Origin.REGISTER: ("dall'anagrafe", "from the register"),
    Origin.FOUND: ("trovata sui documenti", "found on papers"),
    Origin.CONFIRMED: ("confermata", "confirmed"),
}

PAGE_FATES: dict[PageFate, tuple[str, str]] = {
    PageFate.FILED: ("archiviate", "filed"),
    PageFate.REVIEW: ("da rivedere", "to review"),
    PageFate.HELD: ("trattenute", "held"),
    PageFate.SEPARATOR: ("separatori", "separators"),
    PageFate.BLANK: ("bianche", "blank"),
    PageFate.REJECTED: ("non leggibili", "not readable"),
    PageFate.DUPLICATE: ("di file già in archivio", "of files in the archive already"),
    PageFate.UNDERWAY: ("in lavorazione", "in progress"),
    PageFate.UNACCOUNTED: ("senza sorte", "unaccounted for"),
}

EVENTS: dict[EventType, tuple[str, str]] = {
    EventType.ARCHIVE_CREATED: ("archivio creato", "archive created"),
    EventType.PERSONS_IMPORTED: ("anagrafe importata", "register imported"),
    EventType.PERSON_FOUND: ("persona trovata su un documento", "person found on a paper"),
    EventType.PERSON_DOUBTED: ("conferma della persona annullata", "confirmation of a person taken back"),
    EventType.PERSON_CONFIRMED: ("persona confermata", "person confirmed"),
    EventType.PERSON_ADOPTED: ("persona trovata entrata in anagrafe", "found person now in the register"),
    EventType.PERSON_MERGED: ("persona unita a un'altra", "person merged into another"),
    EventType.PERSON_UNMERGED: ("unione annullata", "merge undone"),
    EventType.FILE_SEALED: ("file sigillato", "file sealed"),
    EventType.FILE_DUPLICATE: ("arrivato di nuovo, identico", "arrived again, identical"),
    EventType.FILE_OPENED: ("file aperto", "file opened"),
    EventType.FILE_UNPACKED: ("contenitore aperto", "container unpacked"),
    EventType.FILE_NOTED: ("dati di accompagnamento letti", "sidecar read"),
    EventType.FILE_QUARANTINED: ("file in quarantena", "file quarantined"),
    EventType.FILE_RETRIED: ("file rimesso in lavorazione", "file tried again"),
    EventType.PAGE_CHECKED: ("scansione controllata", "scan checked"),
    EventType.PAGE_LINKED: ("stesso foglio di un'altra scansione", "same sheet as another scan"),
    EventType.PAGE_RETRIED: ("pagina rimessa in lavorazione", "page tried again"),
    EventType.PAGE_RECOGNISED: ("pagina letta", "page read"),
    EventType.PAGE_QUARANTINED: ("pagina in quarantena", "page quarantined"),
    EventType.PAGE_REREAD: ("pagina riletta", "page read again"),
    EventType.CAMPAIGN_OPENED: ("rilettura aperta", "re-reading opened"),
    EventType.DOCUMENT_PROPOSED: ("documento attribuito", "document attributed"),
    EventType.DOCUMENT_RETIRED: ("documento ritirato", "document retired"),
    EventType.DOCUMENT_INDEXED: ("documento indicizzato", "document indexed"),
    EventType.INDEX_REBUILT: ("indice rifatto dal catalogo", "index made anew from the catalog"),
    EventType.INDEX_REPAIRED: ("indice corretto", "index repaired"),
    EventType.SEARCH_SAVED: ("ricerca salvata", "search kept"),
    EventType.SEARCH_DELETED: ("ricerca salvata cancellata", "kept search deleted"),
    EventType.SEARCH_EXPORTED: ("elenco di documenti esportato", "list of documents exported"),
    EventType.DOCUMENT_COPIED: ("copia PDF/A scritta", "PDF/A copy written"),
    EventType.DOCUMENT_DECIDED: ("documento deciso da una persona", "document decided by a person"),
    EventType.MODEL_TRAINED: ("modello addestrato sulle decisioni", "model trained on the decisions"),
    EventType.BOUNDARY_DECIDED: ("inizio di documento corretto", "document start corrected"),
    EventType.BATCH_OPENED: ("lotto aperto", "batch opened"),
    EventType.BATCH_DESCRIBED: ("lotto descritto", "batch described"),
    EventType.BATCH_CLOSED: ("lotto chiuso", "batch closed"),
    EventType.SHEETS_PRINTED: ("fogli stampati", "sheets printed"),
    EventType.SHEET_SEEN: ("foglio tornato", "sheet came back"),
}


def type_name(lexicon: Lexicon, code: str) -> str:
    """What people call a type of document; an unknown code is its own name."""
    return lexicon.types[code].name if code in lexicon.types else code


def service_name(lexicon: Lexicon, code: str) -> str:
    """What people call a service; an unknown code is its own name."""
    return lexicon.services[code].name if code in lexicon.services else code
