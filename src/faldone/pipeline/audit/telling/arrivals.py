"""Sentences of what arrives: files, batches, printed sheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from faldone.domain.batch import Exclusion, Gap
from faldone.domain.events import EventType
from faldone.domain.sheet import SheetKind
from faldone.pipeline.audit.telling.words import (
    LONGEST,
    Detail,
    Pair,
    Sentences,
    byte_words,
    capital,
    counted,
    filled,
    number,
    page_words,
    subject_words,
    text_of,
    why_words,
    worded,
)
from faldone.pipeline.intake.refusals import Lifted
from faldone.pipeline.intake.words import DESPITE, FATES

_DESPITE: Final[Mapping[str, Pair]] = {one.value: Pair(*words) for one, words in DESPITE.items()}
_EXCLUSIONS: Final[Mapping[str, Pair]] = {one.value: Pair(one.italian, one.english) for one in Exclusion}
_LIFTED: Final[Mapping[str, Pair]] = {
    Lifted.GONE.value: Pair(
        "nella cartella di arrivo non c'è più nulla con quel nome", "nothing of its name is in the inbox"
    ),
    Lifted.MENDED.value: Pair("ora si può prendere in carico", "it may be taken in now"),
}
_GAPS: Final[Mapping[str, Pair]] = {gap.value: Pair(gap.italian, gap.english) for gap in Gap}
_SHEETS: Final[Mapping[str, Pair]] = {
    SheetKind.COVER.value: Pair("copertine", "covers"),
    SheetKind.SEPARATOR.value: Pair("separatori", "separators"),
}


def _handed_in(subject: str, detail: Detail) -> Pair:
    if detail.get("reason"):
        return filled(
            "Caricamento non riuscito: {0}{1}.", "Handing in failed: {0}{1}.", subject_words(subject), why_words(detail)
        )
    return filled(
        "Caricato dal browser: {0}, {1}.", "Handed in by browser: {0}, {1}.", subject_words(subject), byte_words(detail)
    )


def _sealed(subject: str, detail: Detail) -> Pair:
    inside = detail.get("container")
    return filled(
        "Sigillato: {0}, {1}, lotto {2}" + (", uscito da un contenitore." if inside else "."),
        "Sealed: {0}, {1}, batch {2}" + (", out of a container." if inside else "."),
        subject_words(subject),
        byte_words(detail),
        number(detail.get("batch")),
    )


def _opened(_: str, detail: Detail) -> Pair:
    return filled("Aperto: {0}, {1}.", "Opened: {0}, {1}.", number(detail.get("media_type")), page_words(detail))


def _quarantined(subject: str, detail: Detail) -> Pair:
    return filled(
        "{0}: messo in quarantena{1}{2}.",
        "{0}: put into quarantine{1}{2}.",
        capital(subject_words(subject)),
        why_words(detail),
        filled(" (riga {0})", " (line {0})", number(line)) if (line := detail.get("line")) else Pair("", ""),
    )


def _unpacked(_: str, detail: Detail) -> Pair:
    said = filled(
        "Contenitore aperto: {0}",
        "Container unpacked: {0}",
        counted(detail.get("parts"), ("file", "file"), ("file", "files")),
    )
    if detail.get("signers") is None:
        return Pair(f"{said.italian}.", f"{said.english}.")
    holds = detail.get("intact")
    return filled(
        "{0}; {1}, " + ("integre." if holds else "NON integre o non calcolabili."),
        "{0}; {1} that " + ("hold." if holds else "do NOT hold or could not be computed."),
        said,
        counted(detail.get("signers"), ("firma", "signature"), ("firme", "signatures")),
    )


def _noted(_: str, detail: Detail) -> Pair:
    return filled(
        "Letti i dati di accompagnamento di {0}.",
        "Sidecar read, about {0}.",
        counted(detail.get("files"), ("file", "file"), ("file", "files")),
    )


def _retried(subject: str, detail: Detail) -> Pair:
    return filled(
        "{0}: rimesso in lavorazione{1}.", "{0}: tried again{1}.", capital(subject_words(subject)), why_words(detail)
    )


def _excluded(subject: str, detail: Detail) -> Pair:
    """Of a page or of a file."""
    said, thing = text_of(detail, "because"), capital(subject_words(subject))
    if not said:
        return filled("{0}: l'esclusione dal lotto è annullata.", "{0}: no longer excluded from its batch.", thing)
    return filled("{0}: fuori dal lotto, {1}.", "{0}: out of its batch, {1}.", thing, worded(_EXCLUSIONS, said))


def _lifted(subject: str, detail: Detail) -> Pair:
    return filled(
        "{0}: il rifiuto è tolto, {1}.",
        "{0}: no longer refused, {1}.",
        capital(subject_words(subject)),
        worded(_LIFTED, text_of(detail, "because")),
    )


def _recounted(subject: str, detail: Detail) -> Pair:
    return filled(
        "Fogli dichiarati del lotto {0}: ora {1}, {2}.",
        "Declared sheets of batch {0}: now {1}, {2}.",
        number(subject),
        number(detail.get("declared")),
        worded(_DESPITE, text_of(detail, "because")),
    )


def _batch_closed(subject: str, detail: Detail) -> Pair:
    told = [(number(detail[fate]), words) for fate, words in FATES.items() if detail.get(fate)]
    italian = [f"{count.italian} {words[0]}" for count, words in told]
    english = [f"{count.english} {words[1]}" for count, words in told]
    said = Pair(
        f"Lotto {subject} chiuso: pagine {', '.join(italian) or '0'}",
        f"Batch {subject} closed: pages {', '.join(english) or '0'}",
    )
    for key, one, many in _WHOLE_FILES:
        if detail.get(key):
            said = filled("{0}; {1}", "{0}; {1}", said, counted(detail[key], one, many))
    if not detail.get("gaps"):
        return Pair(f"{said.italian}; torna all'unità.", f"{said.english}; it adds up to the unit.")
    return filled(
        "{0}; con {1}{2}. Motivo: {3}.",
        "{0}; with {1}{2}. Because {3}.",
        said,
        counted(detail.get("gaps"), ("cosa che non torna", "gap"), ("cose che non tornano", "gaps")),
        _gap_kinds(detail),
        worded(_DESPITE, text_of(detail, "despite")),
    )


_WHOLE_FILES: Final = (
    ("files_rejected", ("file rifiutato", "file rejected"), ("file rifiutati", "files rejected")),
    ("files_excluded", ("file escluso", "file excluded"), ("file esclusi", "files excluded")),
)


def _gap_kinds(detail: Detail) -> Pair:
    """Of which kinds the gaps are, and how many of each, in brackets."""
    kinds = [kind.partition(":") for kind in str(detail.get("kinds") or "").split()]
    if not kinds:
        return Pair("", "")
    told = [(number[:LONGEST], worded(_GAPS, code)) for code, _, number in kinds]
    italian, english = ("; ".join(f"{count} × {words[which]}" for count, words in told) for which in (0, 1))
    return Pair(f" ({italian})", f" ({english})")


def _sheets(_: str, detail: Detail) -> Pair:
    return filled(
        "Stampati {0} ({1}).",
        "Printed {0} ({1}).",
        counted(detail.get("count"), ("foglio", "sheet"), ("fogli", "sheets")),
        worded(_SHEETS, text_of(detail, "kind")),
    )


def _sheet_seen(_: str, detail: Detail) -> Pair:
    return filled(
        "Tornato il foglio {0} di {1}: è {2}.",
        "Sheet {0} of {1} came back: it is {2}.",
        number(detail.get("number")),
        number(detail.get("of")),
        subject_words(text_of(detail, "page")),
    )


SENTENCES: Final[Sentences] = {
    EventType.ARCHIVE_CREATED: Pair("Archivio creato.", "Archive created."),
    EventType.FILE_HANDED_IN: _handed_in,
    EventType.FILE_SEALED: _sealed,
    EventType.FILE_DUPLICATE: Pair(
        "Arrivato di nuovo, identico, nel lotto {batch}; non viene lavorato due volte.",
        "Arrived again, identical, in batch {batch}; it is not processed twice.",
    ),
    EventType.FILE_OPENED: _opened,
    EventType.FILE_UNPACKED: _unpacked,
    EventType.FILE_NOTED: _noted,
    EventType.FILE_QUARANTINED: _quarantined,
    EventType.FILE_RETRIED: _retried,
    EventType.FILE_EXCLUDED: _excluded,
    EventType.PAGE_EXCLUDED: _excluded,
    EventType.REFUSAL_LIFTED: _lifted,
    EventType.BATCH_OPENED: Pair("Lotto {subject} aperto.", "Batch {subject} opened."),
    EventType.BATCH_DESCRIBED: Pair(
        "Cambiato quel che si sa del lotto {subject}.", "What is known of batch {subject} was changed."
    ),
    EventType.BATCH_RECOUNTED: _recounted,
    EventType.BATCH_CLOSED: _batch_closed,
    EventType.SHEETS_PRINTED: _sheets,
    EventType.SHEET_SEEN: _sheet_seen,
}
