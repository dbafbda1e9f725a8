"""Sentences of who looked, who asked, and what was taken out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from faldone.domain.events import EventType
from faldone.pipeline.audit.telling.words import (
    Detail,
    Pair,
    Sentences,
    counted,
    filled,
    number,
    purpose_words,
    subject_words,
    text_of,
)


def _exported(_: str, detail: Detail) -> Pair:
    return filled(
        "Elenco di {0} portato fuori dall'archivio ({1}).",
        "A list of {0} taken out of the archive ({1}).",
        counted(detail.get("documents"), ("documento", "document"), ("documenti", "documents")),
        number(detail.get("form")),
    )


_RULES: Final[Mapping[str, Pair]] = {
    "document": Pair("non c'è, o i diritti non bastano", "it is not there, or the rights do not suffice"),
    "person": Pair("non c'è, o i diritti non bastano", "nobody is there, or the rights do not suffice"),
    "reason": Pair("prima serve un motivo", "a reason is owed first"),
    "original": Pair("il file contiene altre carte", "the file holds other papers"),
    "glass": Pair("l'urgenza non porta a una persona sola", "the emergency does not lead to one person"),
}


def refusal_words(rule: str) -> Pair:
    """What stood against somebody who asked for something."""
    return _RULES.get(rule, Pair(f"il ruolo non può farlo ({rule})", f"the role may not do this ({rule})"))


def _access_refused(subject: str, detail: Detail) -> Pair:
    why = refusal_words(text_of(detail, "rule"))
    return filled("Accesso rifiutato: {0}, {1}.", "Access refused: {0}, {1}.", subject_words(subject), why)


def _for_purpose(detail: Detail) -> Pair:
    code = text_of(detail, "purpose")
    if not code:
        return Pair("", "")
    words = purpose_words(code)
    return Pair(f", motivo «{words.italian}»", f", purpose “{words.english}”")


def _reason_given(subject: str, detail: Detail) -> Pair:
    return filled(
        "Motivo dato per aprire {0}{1}.", "Reason given to open {0}{1}.", subject_words(subject), _for_purpose(detail)
    )


def _glass(subject: str, detail: Detail) -> Pair:
    return filled(
        "Accesso d'urgenza: aperto {0}{1}.",
        "Emergency access: {0} opened{1}.",
        subject_words(subject),
        _for_purpose(detail),
    )


def _search_run(_: str, detail: Detail) -> Pair:
    for key in ("hits", "documents", "total", "found"):
        if key in detail:
            return filled(
                "Ricerca fatta: {0}.",
                "Search run: {0}.",
                counted(detail[key], ("documento trovato", "document found"), ("documenti trovati", "documents found")),
            )
    return Pair("Ricerca fatta.", "Search run.")


def _looked(italian: str, english: str) -> Callable[[str, Detail], Pair]:
    """A sentence of looking: at what, and for what purpose."""

    def say(subject: str, detail: Detail) -> Pair:
        return filled(f"{italian}{{1}}.", f"{english}{{1}}.", _looked_at(subject, detail), _for_purpose(detail))

    return say


def _looked_at(subject: str, detail: Detail) -> Pair:
    """A page by its number and document where both are told, anything else by its id."""
    document, page = text_of(detail, "document"), detail.get("page")
    if subject.startswith("p-"):
        of_document = Pair(f" (documento {document})", f" (document {document})") if document else Pair("", "")
        return filled("{0}{1}", "{0}{1}", subject_words(subject), of_document)
    if subject.startswith("d-") and isinstance(page, int):
        return Pair(f"la pagina {page} del documento {subject}", f"page {page} of document {subject}")
    return subject_words(subject)


def _downloaded(subject: str, detail: Detail) -> Pair:
    if subject.startswith("u-"):
        return filled("Scaricato il fascicolo: {0}.", "Dossier downloaded: {0}.", subject_words(subject))
    return _looked("Scaricato {0}", "Downloaded: {0}")(subject, detail)


def _verified(_: str, detail: Detail) -> Pair:
    entries = counted(detail.get("entries"), ("evento", "event"), ("eventi", "events"))
    if detail.get("quick"):
        entries = filled("solo registro e file, {0}", "ledger and files alone, {0}", entries)
    if detail.get("resumed"):
        entries = filled("{0}, ripresa dopo un'interruzione", "{0}, resumed after it broke off", entries)
    if detail.get("findings") == 0:
        return filled("Verifica riuscita: {0}, nessuna differenza.", "Verified: {0}, no difference.", entries)
    return filled(
        "Verifica NON riuscita: {0}, {1}.",
        "Verification FAILED: {0}, {1}.",
        entries,
        counted(detail.get("findings"), ("differenza", "difference"), ("differenze", "differences")),
    )


def _report(_: str, detail: Detail) -> Pair:
    return filled(
        "Rapporto di verifica portato fuori ({0}, {1}, {2}).",
        "Audit report taken out ({0}, {1}, {2}).",
        number(detail.get("report")),
        number(detail.get("form")),
        counted(detail.get("rows"), ("riga", "row"), ("righe", "rows")),
    )


SENTENCES: Final[Sentences] = {
    EventType.SEARCH_SAVED: Pair("Ricerca {subject} salvata.", "Search {subject} kept."),
    EventType.SEARCH_DELETED: Pair("Ricerca salvata {subject} cancellata.", "Kept search {subject} deleted."),
    EventType.SEARCH_EXPORTED: _exported,
    EventType.ACCESS_REFUSED: _access_refused,
    EventType.REASON_GIVEN: _reason_given,
    EventType.GLASS_BROKEN: _glass,
    EventType.SEARCH_RUN: _search_run,
    EventType.DOSSIER_VIEWED: _looked("Aperto il fascicolo: {0}", "Dossier opened: {0}"),
    EventType.DOSSIER_EXPORTED: _looked(
        "Fascicolo portato fuori dall'archivio: {0}", "Dossier taken out of the archive: {0}"
    ),
    EventType.DOCUMENT_VIEWED: _looked("Aperto {0}", "Opened: {0}"),
    EventType.DOCUMENT_DOWNLOADED: _downloaded,
    EventType.PAGE_DELIVERED: _looked("Consegnata {0}", "Delivered: {0}"),
    EventType.PAGE_SEEN: _looked("Vista {0}", "Seen: {0}"),
    EventType.LEDGER_READ: lambda subject, _: filled(
        "Letto il registro: {0}.", "Ledger read: {0}.", subject_words(subject)
    ),
    EventType.ARCHIVE_VERIFIED: _verified,
    EventType.REPORT_EXPORTED: _report,
    EventType.STATISTICS_EXPORTED: Pair("Statistiche portate fuori ({kind}).", "Statistics taken out ({kind})."),
}
