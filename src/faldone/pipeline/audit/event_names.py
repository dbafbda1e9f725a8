"""What each type of event is called in a word or two, where a sentence would be too long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from faldone.domain.events import EventType
from faldone.pipeline.audit.telling.words import Pair

EVENT_NAMES: Final[Mapping[EventType, Pair]] = {
    EventType.ARCHIVE_CREATED: Pair("archivio creato", "archive created"),
    EventType.PERSONS_IMPORTED: Pair("anagrafe importata", "register imported"),
    EventType.REGISTER_READ: Pair("nomi di persone mostrati", "names of persons shown"),
    EventType.PERSON_FOUND: Pair("persona trovata su un documento", "person found on a paper"),
    EventType.PERSON_DOUBTED: Pair("conferma della persona annullata", "confirmation of a person taken back"),
    EventType.PERSON_CONFIRMED: Pair("persona confermata", "person confirmed"),
    EventType.PERSON_ADOPTED: Pair("persona trovata entrata in anagrafe", "found person now in the register"),
    EventType.PERSON_MERGED: Pair("persona unita a un'altra", "person merged into another"),
    EventType.PERSON_UNMERGED: Pair("unione annullata", "merge undone"),
    EventType.FILE_HANDED_IN: Pair("file caricato da un operatore", "file handed in by an operator"),
    EventType.FILE_SEALED: Pair("file sigillato", "file sealed"),
    EventType.FILE_DUPLICATE: Pair("arrivato di nuovo, identico", "arrived again, identical"),
    EventType.FILE_OPENED: Pair("file aperto", "file opened"),
    EventType.FILE_UNPACKED: Pair("contenitore aperto", "container unpacked"),
    EventType.FILE_NOTED: Pair("dati di accompagnamento letti", "sidecar read"),
    EventType.FILE_QUARANTINED: Pair("file in quarantena", "file quarantined"),
    EventType.FILE_RETRIED: Pair("file rimesso in lavorazione", "file tried again"),
    EventType.PAGE_CHECKED: Pair("scansione controllata", "scan checked"),
    EventType.PAGE_LINKED: Pair("stesso foglio di un'altra scansione", "same sheet as another scan"),
    EventType.PAGE_JUDGED: Pair("scansione giudicata da una persona", "scan judged by a person"),
    EventType.FILE_EXCLUDED: Pair("file escluso dal lotto", "file excluded from its batch"),
    EventType.REFUSAL_LIFTED: Pair("rifiuto all'ingresso tolto", "refusal at the door lifted"),
    EventType.PAGE_EXCLUDED: Pair("pagina esclusa dal lotto", "page excluded from its batch"),
    EventType.PAGE_RETRIED: Pair("pagina rimessa in lavorazione", "page tried again"),
    EventType.PAGE_RECOGNISED: Pair("pagina letta", "page read"),
    EventType.PAGE_QUARANTINED: Pair("pagina in quarantena", "page quarantined"),
    EventType.PAGE_REREAD: Pair("pagina riletta", "page read again"),
    EventType.CAMPAIGN_OPENED: Pair("rilettura aperta", "re-reading opened"),
    EventType.DOCUMENT_PROPOSED: Pair("documento attribuito", "document attributed"),
    EventType.DOCUMENT_RETIRED: Pair("documento ritirato", "document retired"),
    EventType.DOCUMENT_INDEXED: Pair("documento indicizzato", "document indexed"),
    EventType.INDEX_REBUILT: Pair("indice rifatto dal catalogo", "index made anew from the catalog"),
    EventType.INDEX_REPAIRED: Pair("indice corretto", "index repaired"),
    EventType.SEARCH_SAVED: Pair("ricerca salvata", "search kept"),
    EventType.SEARCH_DELETED: Pair("ricerca salvata cancellata", "kept search deleted"),
    EventType.SEARCH_EXPORTED: Pair("elenco di documenti esportato", "list of documents exported"),
    EventType.DOCUMENT_COPIED: Pair("copia PDF/A scritta", "PDF/A copy written"),
    EventType.DOCUMENT_DECIDED: Pair("documento deciso da una persona", "document decided by a person"),
    EventType.MODEL_TRAINED: Pair("modello addestrato sulle decisioni", "model trained on the decisions"),
    EventType.BOUNDARY_DECIDED: Pair("inizio di documento corretto", "document start corrected"),
    EventType.BATCH_OPENED: Pair("lotto aperto", "batch opened"),
    EventType.BATCH_DESCRIBED: Pair("lotto descritto", "batch described"),
    EventType.BATCH_RECOUNTED: Pair("fogli dichiarati corretti", "declared sheets put right"),
    EventType.BATCH_CLOSED: Pair("lotto chiuso", "batch closed"),
    EventType.SHEETS_PRINTED: Pair("fogli stampati", "sheets printed"),
    EventType.SHEET_SEEN: Pair("foglio tornato", "sheet came back"),
    EventType.ACCOUNT_CHANGED: Pair("account cambiato", "account changed"),
    EventType.CREDENTIALS_CHANGED: Pair("credenziali cambiate", "credentials changed"),
    EventType.SESSION_OPENED: Pair("ingresso", "entry"),
    EventType.SESSION_REFUSED: Pair("ingresso rifiutato", "entry refused"),
    EventType.SESSION_CLOSED: Pair("uscita", "exit"),
    EventType.ACCESS_REFUSED: Pair("accesso rifiutato", "access refused"),
    EventType.REASON_GIVEN: Pair("motivo dato", "reason given"),
    EventType.GLASS_BROKEN: Pair("accesso d'urgenza", "emergency access"),
    EventType.SEARCH_RUN: Pair("ricerca", "search"),
    EventType.DOSSIER_VIEWED: Pair("fascicolo aperto", "dossier opened"),
    EventType.DOSSIER_EXPORTED: Pair("fascicolo portato fuori", "dossier taken out"),
    EventType.DOCUMENT_VIEWED: Pair("documento aperto", "document opened"),
    EventType.DOCUMENT_DOWNLOADED: Pair("documento scaricato", "document downloaded"),
    EventType.PAGE_DELIVERED: Pair("pagina consegnata", "page delivered"),
    EventType.PAGE_SEEN: Pair("pagina vista", "page seen"),
    EventType.PAGE_TURNED: Pair("verso della pagina cambiato", "page turned"),
    EventType.PAGES_REORDERED: Pair("ordine delle pagine cambiato", "pages reordered"),
    EventType.LEDGER_READ: Pair("registro letto", "ledger read"),
    EventType.ARCHIVE_VERIFIED: Pair("archivio verificato", "archive verified"),
    EventType.REPORT_EXPORTED: Pair("rapporto portato fuori", "report taken out"),
    EventType.STATISTICS_EXPORTED: Pair("statistiche portate fuori", "statistics taken out"),
}


def event_name(type_: str) -> Pair:
    """The name of a type; one that this version does not know is its own name."""
    try:
        return EVENT_NAMES[EventType(type_)]
    except ValueError:
        return Pair(type_, type_)
