"""Sentences of the register of persons, and of who was shown names of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from faldone.domain.events import EventType
from faldone.pipeline.audit.telling.words import (
    Detail,
    Pair,
    Sentences,
    counted,
    filled,
    number,
    subject_words,
    text_of,
)

_DOORS: Final[Mapping[str, Pair]] = {
    "search": Pair("suggerimenti della ricerca", "suggestions of the search"),
    "review": Pair("banco di revisione", "review bench"),
    "find": Pair("ricerca in anagrafe", "search in the register"),
    "record": Pair("scheda dell'anagrafe", "record of the register"),
    "alike": Pair("persone forse doppie", "persons perhaps recorded twice"),
    "merge": Pair("confronto prima di un'unione", "comparison before a merge"),
    "import": Pair("prova di un'importazione", "trial of an import"),
}


def _register_imported(_: str, detail: Detail) -> Pair:
    return filled(
        "Anagrafe importata: {0} nuove, {1} cambiate, {2} come prima, {3} righe lasciate fuori.",
        "Register imported: {0} new, {1} changed, {2} as before, {3} lines left out.",
        *(number(detail.get(key)) for key in ("added", "changed", "unchanged", "rejected")),
    )


def _person_found(subject: str, detail: Detail) -> Pair:
    if detail.get("completed"):
        return Pair(
            f"La scheda della persona {subject} è stata completata con quel che dice un documento.",
            f"The record of person {subject} was completed by what a paper says.",
        )
    return Pair(f"Persona {subject} trovata su un documento.", f"Person {subject} found on a paper.")


def _register_read(subject: str, detail: Detail) -> Pair:
    door = _DOORS.get(text_of(detail, "door"), Pair(text_of(detail, "door") or "?", text_of(detail, "door") or "?"))
    if subject.startswith("u-"):
        return filled("Mostrata {0} ({1}).", "Shown: {0} ({1}).", subject_words(subject), door)
    shown = counted(detail.get("shown"), ("persona", "person"), ("persone", "persons"))
    return filled("Mostrati nomi di {0} ({1}).", "Names shown of {0} ({1}).", shown, door)


SENTENCES: Final[Sentences] = {
    EventType.PERSONS_IMPORTED: _register_imported,
    EventType.REGISTER_READ: _register_read,
    EventType.PERSON_FOUND: _person_found,
    EventType.PERSON_CONFIRMED: Pair(
        "Persona {subject} confermata da chi ha guardato.", "Person {subject} confirmed by who looked."
    ),
    EventType.PERSON_DOUBTED: Pair(
        "Conferma della persona {subject} annullata.", "Confirmation of person {subject} taken back."
    ),
    EventType.PERSON_ADOPTED: Pair(
        "Persona {subject}, nota dai documenti, entrata in anagrafe.",
        "Person {subject}, known from papers, is in the register now.",
    ),
    EventType.PERSON_MERGED: Pair(
        "Persona {subject} unita alla persona {into}.", "Person {subject} merged into person {into}."
    ),
    EventType.PERSON_UNMERGED: Pair(
        "Unione della persona {subject} con {from} annullata.", "Merge of person {subject} with {from} taken back."
    ),
}
