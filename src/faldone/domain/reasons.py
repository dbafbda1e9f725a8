"""Why something is not simply done: a code for machines and a sentence for a clerk, in Italian and English."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The code of a reason; :meth:`italian` and :meth:`english` are its sentences."""

    EMPTY_FILE = "empty-file"
    UNSUPPORTED_FORMAT = "unsupported-format"
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too-large"
    UNSAFE_PATH = "unsafe-path"
    NOT_PERMITTED = "not-permitted"
    EXPORT_NEEDED = "export-needed"
    EMPTY_CONTAINER = "empty-container"
    TOO_EXPANDED = "too-expanded"
    TOO_DEEP = "too-deep"
    OPEN_TIMEOUT = "open-timeout"
    DETACHED_SIGNATURE = "detached-signature"
    CONVERTER_MISSING = "converter-missing"
    CONVERSION_FAILED = "conversion-failed"
    SYSTEM_FILE = "system-file"
    PEC_DATA = "pec-data"
    SAME_TEXT = "same-text"
    ORNAMENT = "ornament"
    PAGE_UNREADABLE = "page-unreadable"
    OCR_FAILED = "ocr-failed"
    OCR_TIMEOUT = "ocr-timeout"
    OCR_CRASHED = "ocr-crashed"
    WORKER_DIED = "worker-died"
    SAME_BYTES = "same-bytes"
    ALL_BLANK = "all-blank"
    NO_TEXT = "no-text"
    NO_HOLDER = "no-holder"
    HOLDER_UNSURE = "holder-unsure"
    NAME_ALONE = "name-alone"
    INITIALS_ALONE = "initials-alone"
    SEVERAL_HOLDERS = "several-holders"
    HOLDER_NOT_IN_REGISTER = "holder-not-in-register"
    CF_REPAIRED = "cf-repaired"
    COLLECTIVE_DOCUMENT = "collective-document"
    TYPE_UNSURE = "type-unsure"
    SERVICE_UNSURE = "service-unsure"
    BOUNDARY_UNSURE = "boundary-unsure"
    SEPARATOR_UNSURE = "separator-unsure"
    DATE_IMPOSSIBLE = "date-impossible"
    PAGE_MISSING = "page-missing"
    BLANK_INSIDE = "blank-inside"
    SCAN_BAD = "scan-bad"
    SIGNATURE_BROKEN = "signature-broken"
    SIDECAR_INVALID = "sidecar-invalid"
    LOW_LEGIBILITY = "low-legibility"

    @property
    def italian(self) -> str:
        """The sentence that a clerk reads."""
        return _SENTENCES[self][0]

    @property
    def english(self) -> str:
        """The same in English."""
        return _SENTENCES[self][1]


_SENTENCES: dict[Reason, tuple[str, str]] = {
    Reason.EMPTY_FILE: (
        "Il file è vuoto (zero byte): rifare la scansione.",
        "The file is empty (zero bytes): scan it again.",
    ),
    Reason.UNSUPPORTED_FORMAT: (
        "Il formato del file non è tra quelli che faldone apre (PDF, immagini ferme, messaggi, zip, p7m, docx, odt): convertirlo in PDF o scansionarlo di nuovo.",
        "faldone does not open this format (it opens PDF, still images, mails, zip, p7m, docx, odt): convert it to PDF or scan it again.",
    ),
    Reason.UNREADABLE: (
        "Il file è danneggiato o incompleto: rifare la scansione.",
        "The file is damaged or cut short: scan it again.",
    ),
    Reason.ENCRYPTED: (
        "Il file è protetto da password: chiedere al mittente una copia senza, o metterla nell'elenco delle password e riprovare.",
        "The file is protected by a password: ask its sender for a copy without one, or put it on the list of passwords and try again.",
    ),
    Reason.TOO_LARGE: (
        "L'immagine o il file supera i limiti fissati nelle impostazioni: scansionare a risoluzione più bassa o alzare il limite.",
        "The image or file is larger than the limits in the settings: scan at a lower resolution or raise the limit.",
    ),
    Reason.UNSAFE_PATH: (
        "Non è un normale file della cartella di arrivo (collegamento o dispositivo): copiare il file vero.",
        "This is not an ordinary file of the inbox (a link or a device): copy the real file.",
    ),
    Reason.NOT_PERMITTED: (
        "Il file non si può leggere o spostare (mancano i permessi): chiedere a chi amministra il computer.",
        "The file cannot be read or moved (permissions are missing): ask whoever runs the machine.",
    ),
    Reason.EXPORT_NEEDED: (
        "È un foglio di calcolo o una presentazione: esportarlo in PDF e consegnare il PDF.",
        "This is a spreadsheet or a set of slides: export it to PDF and deliver the PDF.",
    ),
    Reason.EMPTY_CONTAINER: (
        "L'archivio o il messaggio non contiene nulla di utilizzabile: controllare con chi lo ha mandato.",
        "Nothing in the archive or message can be used: check with whoever sent it.",
    ),
    Reason.TOO_EXPANDED: (
        "Il contenuto si espande oltre il limite (troppe parti o troppi byte): dividerlo o alzare il limite.",
        "What is inside expands beyond the limit (too many parts or bytes): split it or raise the limit.",
    ),
    Reason.TOO_DEEP: (
        "Archivi, buste o messaggi sono uno dentro l'altro oltre il limite: estrarre il contenuto a mano.",
        "Archives, envelopes or messages lie inside each other beyond the limit: take the contents out by hand.",
    ),
    Reason.OPEN_TIMEOUT: (
        "L'apertura del file ha superato il tempo massimo ed è stata fermata: l'originale è al sicuro.",
        "Opening the file took longer than allowed and was stopped: the original is safe.",
    ),
    Reason.DETACHED_SIGNATURE: (
        "È una firma staccata, senza il documento firmato: serve il documento.",
        "This is a detached signature without the document that was signed: the document is needed.",
    ),
    Reason.CONVERTER_MISSING: (
        "Serve LibreOffice per aprire questo documento: installarlo o convertire il file in PDF.",
        "LibreOffice is needed to open this document: install it or convert the file to PDF.",
    ),
    Reason.CONVERSION_FAILED: (
        "Il documento non si lascia convertire in PDF: esportarlo in PDF con il programma che lo ha scritto.",
        "The document cannot be turned into a PDF: export it to PDF with the program that wrote it.",
    ),
    Reason.SYSTEM_FILE: (
        "È un file di servizio del computer (o un collegamento), non un documento.",
        "This is a housekeeping file of the computer (or a link), not a document.",
    ),
    Reason.PEC_DATA: (
        "Sono i dati di servizio della posta certificata (daticert.xml): restano nel messaggio originale.",
        "These are the certified mail's own data (daticert.xml): they stay in the original message.",
    ),
    Reason.SAME_TEXT: (
        "È lo stesso testo del messaggio in un'altra forma.",
        "This is the text of the message in another form.",
    ),
    Reason.ORNAMENT: (
        "È un'immagine ornamentale del messaggio (un logo), troppo piccola per essere un foglio.",
        "This is an ornament of the message (a logo), too small to be a sheet.",
    ),
    Reason.PAGE_UNREADABLE: (
        "Una pagina del file è danneggiata e non si apre: le altre sono state lette; rifare la scansione di quella.",
        "One page of the file is damaged and does not open: the others were read; scan that one again.",
    ),
    Reason.OCR_FAILED: (
        "La lettura del testo di una pagina non è riuscita: l'immagine è al sicuro, la pagina va riprovata.",
        "Reading the text of a page failed: its image is safe, the page is to be tried again.",
    ),
    Reason.OCR_TIMEOUT: (
        "La lettura di una pagina ha superato il tempo massimo ed è stata fermata: l'immagine è al sicuro.",
        "Reading a page took longer than allowed and was stopped: its image is safe.",
    ),
    Reason.OCR_CRASHED: (
        "Il programma di lettura si è interrotto su una pagina: l'immagine è al sicuro.",
        "The reading program died on a page: its image is safe.",
    ),
    Reason.WORKER_DIED: (
        "Il lavoro si è interrotto più volte su questo elemento e non viene più ritentato da solo: l'originale è al sicuro.",
        "Work died on this item several times and is not tried again by itself: the original is safe.",
    ),
    Reason.SAME_BYTES: (
        "Lo stesso file è già arrivato, identico fino all'ultimo byte: non è stato elaborato di nuovo.",
        "The same file has come before, identical to the last byte: it was not processed again.",
    ),
    Reason.ALL_BLANK: (
        "Tutte le pagine del file sono bianche: controllare il verso dei fogli nello scanner.",
        "All pages of the file are blank: check which way the sheets lie in the scanner.",
    ),
    Reason.NO_TEXT: (
        "Sulla pagina non si legge alcun testo (manoscritto, fotografia o scansione troppo chiara): va vista da una persona.",
        "No text can be read on the page (handwriting, a photograph or too faint a scan): a person has to look at it.",
    ),
    Reason.NO_HOLDER: (
        "Non si capisce a chi si riferisce il documento: indicare la persona.",
        "It is not clear whom the document is about: name the person.",
    ),
    Reason.NAME_ALONE: (
        "Della persona c'è solo il nome, che anche altri possono portare: confermarla o indicarne un'altra.",
        "Only the name of the person is given, and others may bear it: confirm it or name another person.",
    ),
    Reason.INITIALS_ALONE: (
        "Della persona ci sono solo le iniziali, che anche altri hanno: confermarla o indicarne un'altra.",
        "Only the initials of the person are given, and others share them: confirm it or name another person.",
    ),
    Reason.HOLDER_UNSURE: (
        "La persona intestataria è probabile ma non certa: confermarla o indicarne un'altra.",
        "The holder is likely but not sure: confirm it or name another person.",
    ),
    Reason.SEVERAL_HOLDERS: (
        "Il documento può riguardare più persone: scegliere in quali fascicoli va.",
        "The document may be about several persons: choose the dossiers it goes into.",
    ),
    Reason.HOLDER_NOT_IN_REGISTER: (
        "La persona non è nell'anagrafe importata: aggiungerla o indicarne un'altra.",
        "The person is not in the imported register: add the person or name another.",
    ),
    Reason.CF_REPAIRED: (
        "Il codice fiscale è stato ricostruito da una lettura incerta: confermarlo.",
        "The codice fiscale was restored from an uncertain reading: confirm it.",
    ),
    Reason.COLLECTIVE_DOCUMENT: (
        "È un elenco o un atto che riguarda molte persone: non va in un fascicolo personale senza una decisione.",
        "This is a list or an act about many persons: it does not go into a personal dossier without a decision.",
    ),
    Reason.TYPE_UNSURE: ("Il tipo di documento è incerto: sceglierlo.", "The type of document is unsure: choose it."),
    Reason.SERVICE_UNSURE: ("Il servizio è incerto: sceglierlo.", "The service is unsure: choose it."),
    Reason.BOUNDARY_UNSURE: (
        "Non è certo dove finisce un documento e ne comincia un altro: controllare le pagine.",
        "It is not sure where one document ends and the next begins: check the pages.",
    ),
    Reason.SEPARATOR_UNSURE: (
        "Tra queste pagine c'è forse un foglio separatore che non si legge: controllare dove comincia ogni documento.",
        "Among these pages there may be a separator sheet that cannot be read: check where each document starts.",
    ),
    Reason.DATE_IMPOSSIBLE: (
        "La data che il documento porta non è possibile (dopo la scansione o prima della nascita dell'intestatario): controllare la data e la persona.",
        "The date on the document cannot be (after the scan, or before the holder was born): check the date and the person.",
    ),
    Reason.PAGE_MISSING: (
        "La numerazione stampata dice che manca una pagina: forse lo scanner ha preso due fogli insieme. Controllare la carta.",
        "The printed page numbers say that a page is missing: perhaps the scanner took two sheets together. Check the paper.",
    ),
    Reason.BLANK_INSIDE: (
        "Tra le pagine scritte ce n'è una bianca: controllare che non sia un foglio girato o una scansione illeggibile.",
        "Among the written pages there is a blank one: check that it is no sheet laid the wrong way round, or a scan too poor to see.",
    ),
    Reason.SCAN_BAD: (
        "La scansione di una pagina è difettosa: scansionare di nuovo il foglio, o confermare i dati guardandola.",
        "The scan of a page is bad: scan the sheet again, or confirm the data by looking at it.",
    ),
    Reason.SIGNATURE_BROKEN: (
        "La firma digitale della busta non è integra: il documento può essere stato cambiato dopo la firma.",
        "The digital signature of the envelope does not hold: the document may have been changed after it was signed.",
    ),
    Reason.SIDECAR_INVALID: (
        "Il file di dati che accompagna le scansioni non si capisce: correggerlo e rimetterlo nella cartella.",
        "The data file beside the scans cannot be understood: correct it and put it into the folder again.",
    ),
    Reason.LOW_LEGIBILITY: (
        "Il testo si legge male: controllare i dati riconosciuti sull'immagine.",
        "The text is hard to read: check the recognised values on the image.",
    ),
}
