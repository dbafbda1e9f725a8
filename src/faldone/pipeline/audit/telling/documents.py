"""Sentences of documents: as what they are filed, what was decided, where they are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from faldone.domain.events import EventType
from faldone.pipeline.audit.telling.words import (
    Detail,
    Pair,
    Sentences,
    byte_words,
    counted,
    filled,
    number,
    page_words,
    reason_words,
    subject_words,
    text_of,
    why_words,
    worded,
)

_BANDS: Final[Mapping[str, Pair]] = {
    "auto": Pair("archiviato da solo", "filed by itself"),
    "review": Pair("da rivedere", "to be reviewed"),
    "hold": Pair("trattenuto", "held back"),
}


def _span(detail: Detail) -> Pair:
    first, last = detail.get("first_page"), detail.get("last_page")
    if not (isinstance(first, int) and isinstance(last, int)):
        return Pair("pagine ?", "pages ?")
    if first == last:
        return Pair(f"pagina {first + 1}", f"page {first + 1}")
    return Pair(f"pagine {first + 1}-{last + 1}", f"pages {first + 1}-{last + 1}")


def _holders(detail: Detail) -> Pair:
    """The holders by id; «?» stands for one who is not in the register."""
    persons = text_of(detail, "holders").split()
    if not persons:
        return Pair("nessuno", "nobody")
    italian = [one if one != "?" else "una persona non in anagrafe" for one in persons]
    english = [one if one != "?" else "a person not in the register" for one in persons]
    return Pair(", ".join(italian), ", ".join(english))


def _filed(detail: Detail) -> Pair:
    """Where the document went; one of which a person said anything was not filed by itself."""
    if detail.get("confirmed") is True and text_of(detail, "band") == "auto":
        return Pair("archiviato come deciso", "filed as decided")
    return worded(_BANDS, text_of(detail, "band"))


def _proposed(subject: str, detail: Detail) -> Pair:
    reasons = text_of(detail, "reasons").split()
    said = filled(
        "Documento {0} ({1}): intestatario {2}, tipo {3}, servizio {4}: {5}",
        "Document {0} ({1}): holder {2}, type {3}, service {4}: {5}",
        number(subject),
        _span(detail),
        _holders(detail),
        _quoted(text_of(detail, "type")),
        _quoted(text_of(detail, "service")),
        _filed(detail),
    )
    if not reasons:
        return Pair(f"{said.italian}.", f"{said.english}.")
    italian, english = ("; ".join(words) for words in zip(*map(reason_words, reasons), strict=True))
    return Pair(f"{said.italian} ({italian}).", f"{said.english} ({english}).")


def _quoted(name: str) -> Pair:
    """A type or service between quotation marks; a dash where there is none."""
    return Pair(f"«{name}»", f"“{name}”") if name else Pair("—", "—")


def _proposed_withheld(subject: str, detail: Detail) -> Pair:
    return filled(
        "Documento {0} ({1}) attribuito: {2}.",
        "Document {0} ({1}) attributed: {2}.",
        number(subject),
        _span(detail),
        _filed(detail),
    )


def _retired(subject: str, detail: Detail) -> Pair:
    return filled(
        "Documento {0} ({1}) ritirato: il file si divide ora altrimenti. Le versioni restano.",
        "Document {0} ({1}) retired: its file is divided otherwise now. Its versions are kept.",
        number(subject),
        _span(detail),
    )


def _indexed(_: str, detail: Detail) -> Pair:
    if detail.get("retired"):
        return Pair("Tolto dall'indice di ricerca.", "Taken out of the search index.")
    return filled(
        "Messo nell'indice di ricerca, versione {0}.",
        "Put into the search index, version {0}.",
        number(detail.get("version")),
    )


def _copied(_: str, detail: Detail) -> Pair:
    if detail.get("copy") is None:
        return filled(
            "La copia PDF/A non si è potuta scrivere{0}.", "The PDF/A copy could not be written{0}.", why_words(detail)
        )
    return filled(
        "Scritta la copia PDF/A ricercabile: {0}, {1}.",
        "Searchable PDF/A copy written: {0}, {1}.",
        page_words(detail),
        byte_words(detail),
    )


def _decided(subject: str, detail: Detail) -> Pair:
    if detail.get("undone"):
        return Pair(
            f"Annullata l'ultima decisione sul documento {subject}.",
            f"The last decision on document {subject} was taken back.",
        )
    told = []
    if detail.get("holders") or _is_nobodys("holders", detail):
        holders = _holders(detail)
        told.append(Pair(f"intestatario {holders.italian}", f"holder {holders.english}"))
    if detail.get("not_of"):
        told.append(Pair(f"non è di {text_of(detail, 'not_of')}", f"not of {text_of(detail, 'not_of')}"))
    for key, word in (("type", ("tipo", "type")), ("service", ("servizio", "service"))):
        if detail.get(key):
            name = _quoted(text_of(detail, key))
            told.append(Pair(f"{word[0]} {name.italian}", f"{word[1]} {name.english}"))
    return _as_decided(subject, told, detail, Pair("confermato per intero", "confirmed as a whole"))


def _decided_withheld(subject: str, detail: Detail) -> Pair:
    """Which fields were decided, and not as what."""
    if detail.get("undone"):
        return _decided(subject, detail)
    fields = {
        "holders": ("intestatario", "holder"),
        "not_of": ("non è di chi sembrava", "not of whom it seemed"),
        "type": ("tipo", "type"),
        "service": ("servizio", "service"),
    }
    told = [Pair(*words) for key, words in fields.items() if detail.get(key) or _is_nobodys(key, detail)]
    return _as_decided(subject, told, detail, Pair("tutto confermato", "confirmed as a whole"))


def _is_nobodys(key: str, detail: Detail) -> bool:
    """Whether it was said that the paper is nobody's: that is said too."""
    return key == "holders" and detail.get(key) == ""


def _as_decided(subject: str, told: Sequence[Pair], detail: Detail, whole: Pair) -> Pair:
    """What was decided: the fields that somebody changed, and whether the rest was confirmed with them."""
    parts = list(told)
    if detail.get("blind"):  # what was not asked stands as it stood
        parts.insert(0, Pair("ricontrollato alla cieca", "checked again blind"))
    elif detail.get("whole") and told:
        parts[0] = Pair(f"cambiato a mano: {told[0].italian}", f"changed by hand: {told[0].english}")
        parts.append(Pair("il resto confermato", "the rest confirmed"))
    elif detail.get("whole"):
        parts = [whole]
    return Pair(
        f"Deciso sul documento {subject}: {', '.join(one.italian for one in parts) or 'nulla di nuovo'}.",
        f"Decided on document {subject}: {', '.join(one.english for one in parts) or 'nothing new'}.",
    )


def _boundary(subject: str, detail: Detail) -> Pair:
    if detail.get("undone"):
        return filled(
            "Annullata la correzione su {0}.", "The correction on {0} was taken back.", subject_words(subject)
        )
    if detail.get("starts"):
        return filled("Su {0} comincia un documento.", "A document starts on {0}.", subject_words(subject))
    return filled("Su {0} non comincia alcun documento.", "No document starts on {0}.", subject_words(subject))


def _listed(detail: Detail, key: str) -> Pair:
    """Pages in the order in which they are read: «3, 5, 4»."""
    return number(", ".join(text_of(detail, key).split()))


def _repaired(_: str, detail: Detail) -> Pair:
    return filled(
        "Indice di ricerca corretto: {0} differenze, {1} messe a posto.",
        "Search index repaired: {0} differences, {1} put right.",
        number(detail.get("differences")),
        number(detail.get("repaired")),
    )


def _rebuilt(_: str, detail: Detail) -> Pair:
    return filled(
        "Indice di ricerca rifatto dal catalogo: {0}, {1} rifiutati.",
        "Search index made anew from the catalog: {0}, {1} refused.",
        counted(detail.get("documents"), ("documento", "document"), ("documenti", "documents")),
        number(detail.get("refused")),
    )


WITHHELD: Final[Mapping[EventType, Callable[[str, Detail], Pair]]] = {
    EventType.DOCUMENT_PROPOSED: _proposed_withheld,
    EventType.DOCUMENT_DECIDED: _decided_withheld,
    EventType.DOCUMENT_RETIRED: _retired,
}
"""The types that say as what a document is filed, with what is told of them to who may not open it."""


SENTENCES: Final[Sentences] = {
    EventType.DOCUMENT_PROPOSED: _proposed,
    EventType.DOCUMENT_RETIRED: _retired,
    EventType.DOCUMENT_INDEXED: _indexed,
    EventType.INDEX_REBUILT: _rebuilt,
    EventType.INDEX_REPAIRED: _repaired,
    EventType.DOCUMENT_COPIED: _copied,
    EventType.DOCUMENT_DECIDED: _decided,
    EventType.BOUNDARY_DECIDED: _boundary,
    EventType.MODEL_TRAINED: Pair(
        "Modello {model} addestrato su {documents} documenti confermati.",
        "Model {model} trained on {documents} confirmed documents.",
    ),
    EventType.PAGES_REORDERED: lambda _, detail: filled(
        "Le pagine {0} del file si leggono in quest'ordine: {1}.",
        "Pages {0} of the file are read in this order: {1}.",
        _listed(detail, "before"),
        _listed(detail, "after"),
    ),
}
