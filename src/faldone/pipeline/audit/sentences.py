"""What an entry of the ledger says, as a sentence: Italian and English, of ids, digests and counts alone.

The ledger holds no name and no word of a page, and so neither does a sentence. An entry that was altered since it was
written still has one: an auditor has to see what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from faldone.domain.account import Purpose
from faldone.domain.batch import Despite
from faldone.domain.events import EventType
from faldone.domain.reasons import Reason
from faldone.pipeline.intake.batches import Judgement
from faldone.pipeline.intake.board import FATES, FLAWS

Scalar = str | int | float | bool | None
Detail = Mapping[str, Scalar]


class Pair(NamedTuple):
    """The same in Italian and in English."""

    italian: str
    english: str


PURPOSES: Final[Mapping[str, Pair]] = {
    Purpose.INTERVIEW.value: Pair("colloquio", "interview"),
    Purpose.CASE_WORK.value: Pair("istruttoria", "case work"),
    Purpose.AUTHORITY.value: Pair("richiesta dell'autorità giudiziaria", "request of a court"),
    Purpose.REQUEST.value: Pair("richiesta dell'interessato", "request of the person concerned"),
    Purpose.QUALITY.value: Pair("controllo", "quality check"),
    Purpose.URGENCY.value: Pair("urgenza", "urgency"),
}

_BANDS: Final[Mapping[str, Pair]] = {
    "auto": Pair("archiviato da solo", "filed by itself"),
    "review": Pair("da rivedere", "to be reviewed"),
    "hold": Pair("trattenuto", "held back"),
}
_FLAWS: Final[Mapping[str, Pair]] = {flaw.value: Pair(*words) for flaw, words in FLAWS.items()}
_VERDICTS: Final[Mapping[str, Pair]] = {
    "good": Pair("buona", "good"),
    "doubtful": Pair("dubbia", "doubtful"),
    "bad": Pair("da rifare", "bad, to be scanned again"),
}
_REREADINGS: Final[Mapping[str, Pair]] = {
    "promoted": Pair("vale il testo nuovo", "the new text is in force"),
    "kept": Pair("resta il testo di prima", "the earlier text stays"),
    "same": Pair("il testo è lo stesso", "the text is the same"),
    "failed": Pair("non riuscita", "it failed"),
}
_DOORS: Final[Mapping[str, Pair]] = {
    "search": Pair("suggerimenti della ricerca", "suggestions of the search"),
    "review": Pair("suggerimenti dell'anagrafe", "suggestions of the register"),
    "find": Pair("ricerca in anagrafe", "search in the register"),
    "record": Pair("scheda dell'anagrafe", "record of the register"),
    "alike": Pair("persone forse doppie", "persons perhaps recorded twice"),
    "merge": Pair("confronto prima di un'unione", "comparison before a merge"),
    "import": Pair("prova di un'importazione", "trial of an import"),
}
_JUDGEMENTS: Final[Mapping[str, Pair]] = {
    Judgement.AS_IS.value: Pair("{0} accettata così", "{0} accepted as it is"),
    Judgement.FED_AGAIN.value: Pair("{0}: il foglio è stato ripassato", "{0}: the sheet was fed again"),
}
_DESPITE: Final[Mapping[str, Pair]] = {
    Despite.RESCANNED.value: Pair("i fogli sono stati ripassati", "the sheets were fed again"),
    Despite.COUNTED_WRONG.value: Pair("erano stati contati male", "they had been counted wrong"),
    Despite.PAPER_DAMAGED.value: Pair("la carta è rovinata", "the paper is damaged"),
    Despite.PAPER_MISSING.value: Pair("la carta non si trova", "the paper cannot be found"),
    Despite.LOOKED_AT.value: Pair("le pagine sono state guardate", "the pages were looked at"),
}
_PROOFS: Final[Mapping[str, Pair]] = {
    "invited": Pair("invito mandato", "invitation sent"),
    "password": Pair("password nuova", "new password"),
    "rehashed": Pair("impronta della password rifatta", "hash of the password made anew"),
    "second-factor-set": Pair("secondo fattore attivato", "second factor set"),
    "second-factor-removed": Pair("secondo fattore tolto", "second factor removed"),
    "second-factor-sealed": Pair("segreto del secondo fattore messo sotto chiave", "second factor put under the key"),
    "linked": Pair("collegato al fornitore d'identità", "linked to the identity provider"),
    "unlinked": Pair("scollegato dal fornitore d'identità", "unlinked from the identity provider"),
    "token-made": Pair("token creato", "token made"),
    "token-dropped": Pair("token ritirato", "token dropped"),
}
_ENTRIES_REFUSED: Final[Mapping[str, Pair]] = {
    "password": Pair("password sbagliata", "wrong password"),
    "code": Pair("codice sbagliato", "wrong code"),
    "code-used": Pair("codice già usato", "code used before"),
    "ticket": Pair("codice dato troppo tardi", "too late with the code"),
    "locked": Pair("troppi tentativi", "too many tries"),
    "disabled": Pair("account disattivato", "account disabled"),
    "provider": Pair("il fornitore d'identità indica qualcun altro", "the identity provider names somebody else"),
    "no-key": Pair("manca la chiave dei secondi fattori", "the key of second factors is missing"),
    "unknown": Pair("nessun account ha questo nome", "no account has this name"),
}
_DIGEST_KEYS: Final = (
    "text",
    "read",
    "proposal",
    "decision",
    "record",
    "look",
    "copy",
    "register",
    "sheets",
    "standing",
)
_LONGEST: Final = 200

_TRANSCRIPTION: Final = "transcription"
"""In the place of an engine's settings where a person typed what stands on a page."""


def purpose_words(code: str) -> Pair:
    """A purpose as people call it; an unknown one is its own name."""
    return PURPOSES.get(code, Pair(code, code))


def agent_words(agent: str) -> Pair:
    """Who did it: «faldone», «operatore anna», an engine with its version."""
    kind, separator, name = agent.partition(":")
    if separator and kind == "user":
        return Pair(f"operatore {name}", f"operator {name}")
    program, _, version = agent.partition("/")
    if program == "faldone":
        return Pair("faldone", "faldone")
    words = f"{program} {version}".strip()
    return Pair(words, words)


def digest_of(subject: str, detail: Detail) -> str | None:
    """The digest an entry vouches for: of what was made or decided, else of the file it is about."""
    for key in _DIGEST_KEYS:
        value = detail.get(key)
        if isinstance(value, str) and value.startswith("sha256:"):
            return value
    return subject if subject.startswith("sha256:") else None


def number(value: Scalar) -> Pair:
    """A count with its thousands apart, as each language writes it; what is no number stays as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Pair(f"{value:,}".replace(",", "."), f"{value:,}")
    text = "?" if value is None else str(value)[:_LONGEST]
    return Pair(text, text)


def counted(value: Scalar, one: tuple[str, str], many: tuple[str, str]) -> Pair:
    """A count with its noun: «1 pagina», «3 pagine»."""
    words = one if value == 1 and not isinstance(value, bool) else many
    said = number(value)
    return Pair(f"{said.italian} {words[0]}", f"{said.english} {words[1]}")


_KINDS: Final[Mapping[str, Pair]] = {
    "d-": Pair("il documento", "document"),
    "u-": Pair("la persona", "person"),
    "i-": Pair("l'arrivo", "arrival"),
    "b-": Pair("il lotto", "batch"),
    "c-": Pair("la rilettura", "re-reading"),
    "s-": Pair("la ricerca", "search"),
}
_PAGE: Final = re.compile(r"p-[0-9a-z]+-([0-9]{1,9})", re.ASCII)


def page_number(subject: str) -> int | None:
    """Which page of its file an id names, counted from 1; None when it names none."""
    found = _PAGE.fullmatch(subject)
    return int(found[1]) + 1 if found is not None else None


def subject_words(subject: str) -> Pair:
    """What an entry is about, by the kind of its id: «la pagina 3 del file», «il documento d-…»."""
    page = page_number(subject)
    if page is not None:
        return Pair(f"la pagina {page} del file", f"page {page} of the file")
    if subject.startswith("sha256:"):
        return Pair(f"il file {subject[7:19]}…", f"file {subject[7:19]}…")
    shown = subject[:_LONGEST]
    kind = _KINDS.get(subject[:2])
    return Pair(f"{kind.italian} {shown}", f"{kind.english} {shown}") if kind is not None else Pair(shown, shown)


def sentence(type_: str, subject: str, detail: Detail, *, withheld: bool = False) -> Pair:
    """The sentence of an entry; a type that this version does not know is told by its code.

    ``withheld`` tells that a document was filed or decided, and not as what.
    """
    known = None
    with suppress(ValueError):
        kind = EventType(type_)
        known = WITHHELD[kind] if withheld and kind in WITHHELD else _SENTENCES.get(kind)
    if known is None:
        return Pair(f"Evento «{type_}», che questa versione non conosce.", f"Event “{type_}”, unknown to this version.")
    if isinstance(known, Pair):
        italian = {name: number(value).italian for name, value in detail.items()} | {"subject": subject[:_LONGEST]}
        english = {name: number(value).english for name, value in detail.items()} | {"subject": subject[:_LONGEST]}
        return Pair(known.italian.format_map(_Known(italian)), known.english.format_map(_Known(english)))
    return known(subject, detail)


class _Known(dict[str, str]):
    """What is known; the rest is «?»."""

    def __missing__(self, key: str) -> str:
        return "?"


def _text(detail: Detail, key: str) -> str:
    value = detail.get(key)
    return "" if value is None else str(value)[:_LONGEST]


def _worded(words: Mapping[str, Pair], code: str) -> Pair:
    return words.get(code, Pair(code or "?", code or "?"))


def _why(detail: Detail, key: str = "reason") -> Pair:
    """The reason in words with a colon before it; nothing when there is none."""
    code = _text(detail, key)
    if not code:
        return Pair("", "")
    with suppress(ValueError):
        reason = Reason(code)
        return Pair(f": {_lower(reason.italian)}", f": {_lower(reason.english)}")
    return Pair(f": {code}", f": {code}")


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:].rstrip(".")


def _said(italian: str, english: str, *parts: Pair) -> Pair:
    """A pair with the parts put into it, each in its language."""
    return Pair(italian.format(*(part.italian for part in parts)), english.format(*(part.english for part in parts)))


def _capital(pair: Pair) -> Pair:
    return Pair(pair.italian[:1].upper() + pair.italian[1:], pair.english[:1].upper() + pair.english[1:])


def _register_imported(_: str, detail: Detail) -> Pair:
    return _said(
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
    door = _DOORS.get(_text(detail, "door"), Pair(_text(detail, "door") or "?", _text(detail, "door") or "?"))
    if subject.startswith("u-"):
        return _said("Mostrata {0} ({1}).", "Shown: {0} ({1}).", subject_words(subject), door)
    shown = counted(detail.get("shown"), ("persona", "person"), ("persone", "persons"))
    return _said("Mostrati nomi di {0} ({1}).", "Names shown of {0} ({1}).", shown, door)


def _handed_in(subject: str, detail: Detail) -> Pair:
    if detail.get("reason"):
        return _said(
            "Caricamento non riuscito: {0}{1}.", "Handing in failed: {0}{1}.", subject_words(subject), _why(detail)
        )
    return _said(
        "Caricato dal browser: {0}, {1}.", "Handed in by browser: {0}, {1}.", subject_words(subject), _bytes(detail)
    )


def _sealed(subject: str, detail: Detail) -> Pair:
    inside = detail.get("container")
    return _said(
        "Sigillato: {0}, {1}, lotto {2}" + (", uscito da un contenitore." if inside else "."),
        "Sealed: {0}, {1}, batch {2}" + (", out of a container." if inside else "."),
        subject_words(subject),
        _bytes(detail),
        number(detail.get("batch")),
    )


def _bytes(detail: Detail) -> Pair:
    return counted(detail.get("size"), ("byte", "byte"), ("byte", "bytes"))


def _pages(detail: Detail, key: str = "pages") -> Pair:
    return counted(detail.get(key), ("pagina", "page"), ("pagine", "pages"))


def _opened(_: str, detail: Detail) -> Pair:
    return _said("Aperto: {0}, {1}.", "Opened: {0}, {1}.", number(detail.get("media_type")), _pages(detail))


def _quarantined(subject: str, detail: Detail) -> Pair:
    return _said(
        "{0}: messo in quarantena{1}.", "{0}: put into quarantine{1}.", _capital(subject_words(subject)), _why(detail)
    )


def _unpacked(_: str, detail: Detail) -> Pair:
    said = _said(
        "Contenitore aperto: {0}",
        "Container unpacked: {0}",
        counted(detail.get("parts"), ("file", "file"), ("file", "files")),
    )
    if detail.get("signers") is None:
        return Pair(f"{said.italian}.", f"{said.english}.")
    holds = detail.get("intact")
    return _said(
        "{0}; {1}, " + ("integre." if holds else "NON integre o non calcolabili."),
        "{0}; {1} that " + ("hold." if holds else "do NOT hold or could not be computed."),
        said,
        counted(detail.get("signers"), ("firma", "signature"), ("firme", "signatures")),
    )


def _noted(_: str, detail: Detail) -> Pair:
    return _said(
        "Letti i dati di accompagnamento di {0}.",
        "Sidecar read, about {0}.",
        counted(detail.get("files"), ("file", "file"), ("file", "files")),
    )


def _retried(subject: str, detail: Detail) -> Pair:
    return _said(
        "{0}: rimesso in lavorazione{1}.", "{0}: tried again{1}.", _capital(subject_words(subject)), _why(detail)
    )


def _checked(subject: str, detail: Detail) -> Pair:
    said = _said(
        "Scansione controllata, {0}: {1}",
        "Scan checked, {0}: {1}",
        subject_words(subject),
        _worded(_VERDICTS, _text(detail, "verdict")),
    )
    flaws = [_worded(_FLAWS, flaw) for flaw in _text(detail, "flaws").split()]
    if detail.get("separator"):
        said = Pair(f"{said.italian}, foglio separatore", f"{said.english}, a separator sheet")
    if flaws:
        italian, english = (", ".join(words) for words in zip(*flaws, strict=True))
        return Pair(f"{said.italian} ({italian}).", f"{said.english} ({english}).")
    return Pair(f"{said.italian}.", f"{said.english}.")


def _linked(subject: str, detail: Detail) -> Pair:
    return _said(
        "{0} è lo stesso foglio di {1}; nulla è cancellato.",
        "{0} is the same sheet as {1}; nothing is deleted.",
        _capital(subject_words(subject)),
        number(detail.get("earlier")),
    )


def _recognised(subject: str, detail: Detail) -> Pair:
    if "key" in detail and "attempt" not in detail:
        return _said_of_reading(subject, detail)
    if detail.get("blank"):
        return _said("Letto: {0} è bianca.", "Read: {0} is blank.", subject_words(subject))
    from_layer = detail.get("source") == "text-layer"
    return _said(
        "Letto: {0}, {1}, fiducia {2}" + (", dal testo che il file porta con sé." if from_layer else "."),
        "Read: {0}, {1}, confidence {2}" + (", from the text that the file carries." if from_layer else "."),
        subject_words(subject),
        counted(detail.get("words"), ("parola", "word"), ("parole", "words")),
        _share(detail.get("confidence")),
    )


def _said_of_reading(subject: str, detail: Detail) -> Pair:
    """What a person said of a page's reading, which no machine tried: ``settings`` are those of who read it."""
    page, words = subject_words(subject), counted(detail.get("words"), ("parola", "word"), ("parole", "words"))
    settings = _text(detail, "settings")
    if settings == _TRANSCRIPTION:
        return _said("Trascritta {0}, {1}.", "Transcribed: {0}, {1}.", page, words)
    if settings:
        return _said(
            "{0}: vale di nuovo una lettura di prima, {1}.",
            "{0}: an earlier reading is in force again, {1}.",
            _capital(page),
            words,
        )
    if detail.get("blank"):
        return _said("Segnata bianca {0}.", "Marked blank: {0}.", page)
    return _said("Segnata non bianca {0}.", "Marked not blank: {0}.", page)


def _judged(subject: str, detail: Detail) -> Pair:
    said, page = _text(detail, "judged"), _capital(subject_words(subject))
    words = _JUDGEMENTS.get(said)
    if words is not None:
        return _said(f"{words.italian}.", f"{words.english}.", page)
    if not said:
        return _said("{0}: annullato quel che se ne era detto.", "{0}: what was said of it was taken back.", page)
    return _said("{0} giudicata: {1}.", "{0} judged: {1}.", page, Pair(said, said))


def _share(value: Scalar) -> Pair:
    """A share between 0 and 1 with two places."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Pair(f"{value:.2f}".replace(".", ","), f"{value:.2f}")
    return number(value)


def _page_quarantined(subject: str, detail: Detail) -> Pair:
    return _said(
        "{0} non si è potuta leggere ed è da parte{1}.",
        "{0} could not be read and is set aside{1}.",
        _capital(subject_words(subject)),
        _why(detail),
    )


def _page_retried(subject: str, _: Detail) -> Pair:
    return _said("{0} rimessa in lavorazione.", "{0} tried again.", _capital(subject_words(subject)))


def _reread(subject: str, detail: Detail) -> Pair:
    return _said(
        "Riletta {0}: {1}{2}.",
        "Read again, {0}: {1}{2}.",
        subject_words(subject),
        _worded(_REREADINGS, _text(detail, "outcome")),
        _why(detail),
    )


def _campaign(subject: str, detail: Detail) -> Pair:
    return _said("Rilettura {0} aperta su {1}.", "Re-reading {0} opened on {1}.", number(subject), _pages(detail))


def _span(detail: Detail) -> Pair:
    first, last = detail.get("first_page"), detail.get("last_page")
    if not (isinstance(first, int) and isinstance(last, int)):
        return Pair("pagine ?", "pages ?")
    if first == last:
        return Pair(f"pagina {first + 1}", f"page {first + 1}")
    return Pair(f"pagine {first + 1}-{last + 1}", f"pages {first + 1}-{last + 1}")


def _holders(detail: Detail) -> Pair:
    """The holders by id; «?» stands for one who is not in the register."""
    persons = _text(detail, "holders").split()
    if not persons:
        return Pair("nessuno", "nobody")
    italian = [one if one != "?" else "una persona non in anagrafe" for one in persons]
    english = [one if one != "?" else "a person not in the register" for one in persons]
    return Pair(", ".join(italian), ", ".join(english))


def _filed(detail: Detail) -> Pair:
    """Where the document went; one of which a person said anything was not filed by itself."""
    if detail.get("confirmed") is True and _text(detail, "band") == "auto":
        return Pair("archiviato come deciso", "filed as decided")
    return _worded(_BANDS, _text(detail, "band"))


def _proposed(subject: str, detail: Detail) -> Pair:
    reasons = _text(detail, "reasons").split()
    said = _said(
        "Documento {0} ({1}): intestatario {2}, tipo {3}, servizio {4}: {5}",
        "Document {0} ({1}): holder {2}, type {3}, service {4}: {5}",
        number(subject),
        _span(detail),
        _holders(detail),
        number(_text(detail, "type") or "—"),
        number(_text(detail, "service") or "—"),
        _filed(detail),
    )
    why = f" ({', '.join(reasons)})" if reasons else ""
    return Pair(f"{said.italian}{why}.", f"{said.english}{why}.")


def _proposed_withheld(subject: str, detail: Detail) -> Pair:
    return _said(
        "Documento {0} ({1}) attribuito: {2}.",
        "Document {0} ({1}) attributed: {2}.",
        number(subject),
        _span(detail),
        _filed(detail),
    )


def _retired(subject: str, detail: Detail) -> Pair:
    return _said(
        "Documento {0} ({1}) ritirato: il file si divide ora altrimenti. Le versioni restano.",
        "Document {0} ({1}) retired: its file is divided otherwise now. Its versions are kept.",
        number(subject),
        _span(detail),
    )


def _indexed(_: str, detail: Detail) -> Pair:
    if detail.get("retired"):
        return Pair("Tolto dall'indice di ricerca.", "Taken out of the search index.")
    return _said(
        "Messo nell'indice di ricerca, versione {0}.",
        "Put into the search index, version {0}.",
        number(detail.get("version")),
    )


def _copied(_: str, detail: Detail) -> Pair:
    if detail.get("copy") is None:
        return _said(
            "La copia PDF/A non si è potuta scrivere{0}.", "The PDF/A copy could not be written{0}.", _why(detail)
        )
    return _said(
        "Scritta la copia PDF/A ricercabile: {0}, {1}.",
        "Searchable PDF/A copy written: {0}, {1}.",
        _pages(detail),
        _bytes(detail),
    )


def _decided(subject: str, detail: Detail) -> Pair:
    if detail.get("undone"):
        return Pair(
            f"Annullata l'ultima decisione sul documento {subject}.",
            f"The last decision on document {subject} was taken back.",
        )
    italian, english = [], []
    if detail.get("whole"):
        italian.append("confermato per intero")
        english.append("confirmed as a whole")
    if detail.get("holders"):
        holders = _holders(detail)
        italian.append(f"intestatario {holders.italian}")
        english.append(f"holder {holders.english}")
    if detail.get("not_of"):
        italian.append(f"non è di {_text(detail, 'not_of')}")
        english.append(f"not of {_text(detail, 'not_of')}")
    for key, word in (("type", ("tipo", "type")), ("service", ("servizio", "service"))):
        if detail.get(key):
            italian.append(f"{word[0]} {_text(detail, key)}")
            english.append(f"{word[1]} {_text(detail, key)}")
    return Pair(
        f"Deciso sul documento {subject}: {', '.join(italian) or 'nulla di nuovo'}.",
        f"Decided on document {subject}: {', '.join(english) or 'nothing new'}.",
    )


def _decided_withheld(subject: str, detail: Detail) -> Pair:
    """Which fields were decided, and not as what."""
    if detail.get("undone"):
        return _decided(subject, detail)
    fields = {
        "whole": ("tutto confermato", "confirmed as a whole"),
        "holders": ("intestatario", "holder"),
        "not_of": ("non è di chi sembrava", "not of whom it seemed"),
        "type": ("tipo", "type"),
        "service": ("servizio", "service"),
    }
    told = [words for key, words in fields.items() if detail.get(key)]
    return Pair(
        f"Deciso sul documento {subject}: {', '.join(words[0] for words in told) or 'nulla di nuovo'}.",
        f"Decided on document {subject}: {', '.join(words[1] for words in told) or 'nothing new'}.",
    )


def _boundary(subject: str, detail: Detail) -> Pair:
    if detail.get("undone"):
        return _said("Annullata la correzione su {0}.", "The correction on {0} was taken back.", subject_words(subject))
    if detail.get("starts"):
        return _said("Su {0} comincia un documento.", "A document starts on {0}.", subject_words(subject))
    return _said("Su {0} non comincia alcun documento.", "No document starts on {0}.", subject_words(subject))


def _recounted(subject: str, detail: Detail) -> Pair:
    return _said(
        "Fogli dichiarati del lotto {0}: ora {1}, {2}.",
        "Declared sheets of batch {0}: now {1}, {2}.",
        number(subject),
        number(detail.get("declared")),
        _worded(_DESPITE, _text(detail, "because")),
    )


def _batch_closed(subject: str, detail: Detail) -> Pair:
    told = [(number(detail[fate]), words) for fate, words in FATES.items() if detail.get(fate)]
    italian = [f"{count.italian} {words[0]}" for count, words in told]
    english = [f"{count.english} {words[1]}" for count, words in told]
    said = Pair(
        f"Lotto {subject} chiuso: pagine {', '.join(italian) or '0'}",
        f"Batch {subject} closed: pages {', '.join(english) or '0'}",
    )
    if not detail.get("gaps"):
        return Pair(f"{said.italian}; torna all'unità.", f"{said.english}; it adds up to the unit.")
    return _said(
        "{0}; con {1}, motivo «{2}».",
        "{0}; with {1}, because of “{2}”.",
        said,
        counted(detail.get("gaps"), ("cosa che non torna", "gap"), ("cose che non tornano", "gaps")),
        number(detail.get("despite")),
    )


def _sheets(_: str, detail: Detail) -> Pair:
    return _said(
        "Stampati {0} ({1}).",
        "Printed {0} ({1}).",
        counted(detail.get("count"), ("foglio", "sheet"), ("fogli", "sheets")),
        number(detail.get("kind")),
    )


def _sheet_seen(_: str, detail: Detail) -> Pair:
    return _said(
        "Tornato il foglio {0} di {1}: è {2}.",
        "Sheet {0} of {1} came back: it is {2}.",
        number(detail.get("number")),
        number(detail.get("of")),
        subject_words(_text(detail, "page")),
    )


def _repaired(_: str, detail: Detail) -> Pair:
    return _said(
        "Indice di ricerca corretto: {0} differenze, {1} messe a posto.",
        "Search index repaired: {0} differences, {1} put right.",
        number(detail.get("differences")),
        number(detail.get("repaired")),
    )


def _rebuilt(_: str, detail: Detail) -> Pair:
    return _said(
        "Indice di ricerca rifatto dal catalogo: {0}, {1} rifiutati.",
        "Search index made anew from the catalog: {0}, {1} refused.",
        counted(detail.get("documents"), ("documento", "document"), ("documenti", "documents")),
        number(detail.get("refused")),
    )


def _exported(_: str, detail: Detail) -> Pair:
    return _said(
        "Elenco di {0} portato fuori dall'archivio ({1}).",
        "A list of {0} taken out of the archive ({1}).",
        counted(detail.get("documents"), ("documento", "document"), ("documenti", "documents")),
        number(detail.get("form")),
    )


# ---- who came, who looked


def _account(subject: str) -> str:
    return subject.removeprefix("user:").removeprefix("account:")[:_LONGEST]


def _account_changed(subject: str, detail: Detail) -> Pair:
    name = _account(subject)
    what = Pair("creato", "made") if detail.get("created") or detail.get("new") else Pair("cambiato", "changed")
    role = _text(detail, "role")
    by_role = Pair(f", ruolo {role}", f", role {role}") if role else Pair("", "")
    off = Pair(", disattivato", ", disabled") if detail.get("disabled") else Pair("", "")
    return _said("Account {0} {1}{2}{3}.", "Account {0} {1}{2}{3}.", Pair(name, name), what, by_role, off)


def _credentials(subject: str, detail: Detail) -> Pair:
    what, name = _text(detail, "what"), Pair(_account(subject), _account(subject))
    if what == "tokens-ended":
        ended = counted(detail.get("tokens"), ("token ritirato", "token ended"), ("token ritirati", "tokens ended"))
    else:
        ended = _worded(_PROOFS, what)
    return _said(
        "Cambiate le credenziali dell'account {0}: {1}.", "Credentials of account {0} changed: {1}.", name, ended
    )


def _session_refused(subject: str, detail: Detail) -> Pair:
    name = Pair(_account(subject), _account(subject))
    why = _worded(_ENTRIES_REFUSED, _text(detail, "reason"))
    return _said("Ingresso rifiutato all'account {0}: {1}.", "Entry refused to account {0}: {1}.", name, why)


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
    why = refusal_words(_text(detail, "rule"))
    return _said("Accesso rifiutato: {0}, {1}.", "Access refused: {0}, {1}.", subject_words(subject), why)


def _for_purpose(detail: Detail) -> Pair:
    code = _text(detail, "purpose")
    if not code:
        return Pair("", "")
    words = purpose_words(code)
    return Pair(f", motivo «{words.italian}»", f", purpose “{words.english}”")


def _reason_given(subject: str, detail: Detail) -> Pair:
    return _said(
        "Motivo dato per aprire {0}{1}.", "Reason given to open {0}{1}.", subject_words(subject), _for_purpose(detail)
    )


def _glass(subject: str, detail: Detail) -> Pair:
    return _said(
        "Accesso d'urgenza: aperto {0}{1}.",
        "Emergency access: {0} opened{1}.",
        subject_words(subject),
        _for_purpose(detail),
    )


def _search_run(_: str, detail: Detail) -> Pair:
    for key in ("hits", "documents", "total", "found"):
        if key in detail:
            return _said(
                "Ricerca fatta: {0}.",
                "Search run: {0}.",
                counted(detail[key], ("documento trovato", "document found"), ("documenti trovati", "documents found")),
            )
    return Pair("Ricerca fatta.", "Search run.")


def _looked(italian: str, english: str) -> Callable[[str, Detail], Pair]:
    """A sentence of looking: at what, and for what purpose."""

    def say(subject: str, detail: Detail) -> Pair:
        return _said(f"{italian}{{1}}.", f"{english}{{1}}.", _looked_at(subject, detail), _for_purpose(detail))

    return say


def _looked_at(subject: str, detail: Detail) -> Pair:
    """A page by its number and document where both are told, anything else by its id."""
    document, page = _text(detail, "document"), detail.get("page")
    if subject.startswith("p-"):
        of_document = Pair(f" (documento {document})", f" (document {document})") if document else Pair("", "")
        return _said("{0}{1}", "{0}{1}", subject_words(subject), of_document)
    if subject.startswith("d-") and isinstance(page, int):
        return Pair(f"la pagina {page} del documento {subject}", f"page {page} of document {subject}")
    return subject_words(subject)


def _downloaded(subject: str, detail: Detail) -> Pair:
    if subject.startswith("u-"):
        return _said("Scaricato il fascicolo: {0}.", "Dossier downloaded: {0}.", subject_words(subject))
    return _looked("Scaricato {0}", "Downloaded: {0}")(subject, detail)


def _verified(_: str, detail: Detail) -> Pair:
    entries = counted(detail.get("entries"), ("evento", "event"), ("eventi", "events"))
    if detail.get("quick"):
        entries = _said("solo registro e file, {0}", "ledger and files alone, {0}", entries)
    if detail.get("resumed"):
        entries = _said("{0}, ripresa dopo un'interruzione", "{0}, resumed after it broke off", entries)
    if detail.get("findings") == 0:
        return _said("Verifica riuscita: {0}, nessuna differenza.", "Verified: {0}, no difference.", entries)
    return _said(
        "Verifica NON riuscita: {0}, {1}.",
        "Verification FAILED: {0}, {1}.",
        entries,
        counted(detail.get("findings"), ("differenza", "difference"), ("differenze", "differences")),
    )


def _report(_: str, detail: Detail) -> Pair:
    return _said(
        "Rapporto di verifica portato fuori ({0}, {1}, {2}).",
        "Audit report taken out ({0}, {1}, {2}).",
        number(detail.get("report")),
        number(detail.get("form")),
        counted(detail.get("rows"), ("riga", "row"), ("righe", "rows")),
    )


_SENTENCES: Final[Mapping[EventType, Pair | Callable[[str, Detail], Pair]]] = {
    EventType.ARCHIVE_CREATED: Pair("Archivio creato.", "Archive created."),
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
    EventType.PAGE_CHECKED: _checked,
    EventType.PAGE_LINKED: _linked,
    EventType.PAGE_JUDGED: _judged,
    EventType.PAGE_RETRIED: _page_retried,
    EventType.PAGE_RECOGNISED: _recognised,
    EventType.PAGE_QUARANTINED: _page_quarantined,
    EventType.PAGE_REREAD: _reread,
    EventType.CAMPAIGN_OPENED: _campaign,
    EventType.DOCUMENT_PROPOSED: _proposed,
    EventType.DOCUMENT_RETIRED: _retired,
    EventType.DOCUMENT_INDEXED: _indexed,
    EventType.INDEX_REBUILT: _rebuilt,
    EventType.INDEX_REPAIRED: _repaired,
    EventType.SEARCH_SAVED: Pair("Ricerca {subject} salvata.", "Search {subject} kept."),
    EventType.SEARCH_DELETED: Pair("Ricerca salvata {subject} cancellata.", "Kept search {subject} deleted."),
    EventType.SEARCH_EXPORTED: _exported,
    EventType.DOCUMENT_COPIED: _copied,
    EventType.DOCUMENT_DECIDED: _decided,
    EventType.BOUNDARY_DECIDED: _boundary,
    EventType.MODEL_TRAINED: Pair(
        "Modello {model} addestrato su {documents} documenti confermati.",
        "Model {model} trained on {documents} confirmed documents.",
    ),
    EventType.BATCH_OPENED: Pair("Lotto {subject} aperto.", "Batch {subject} opened."),
    EventType.BATCH_DESCRIBED: Pair(
        "Cambiato quel che si sa del lotto {subject}.", "What is known of batch {subject} was changed."
    ),
    EventType.BATCH_RECOUNTED: _recounted,
    EventType.BATCH_CLOSED: _batch_closed,
    EventType.SHEETS_PRINTED: _sheets,
    EventType.SHEET_SEEN: _sheet_seen,
    EventType.ACCOUNT_CHANGED: _account_changed,
    EventType.CREDENTIALS_CHANGED: _credentials,
    EventType.SESSION_OPENED: lambda subject, _: Pair(
        f"Entrato l'account {_account(subject)}.", f"Account {_account(subject)} entered."
    ),
    EventType.SESSION_REFUSED: _session_refused,
    EventType.SESSION_CLOSED: lambda subject, _: Pair(
        f"Uscito l'account {_account(subject)}.", f"Account {_account(subject)} left."
    ),
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
    EventType.PAGE_TURNED: lambda subject, detail: _said(
        "Girata di {1}° {0}.", "{0} turned by {1}°.", subject_words(subject), number(detail.get("turn"))
    ),
    EventType.LEDGER_READ: lambda subject, _: _said(
        "Letto il registro: {0}.", "Ledger read: {0}.", subject_words(subject)
    ),
    EventType.ARCHIVE_VERIFIED: _verified,
    EventType.REPORT_EXPORTED: _report,
    EventType.STATISTICS_EXPORTED: Pair("Statistiche portate fuori ({kind}).", "Statistics taken out ({kind})."),
}

WITHHELD: Final[Mapping[EventType, Callable[[str, Detail], Pair]]] = {
    EventType.DOCUMENT_PROPOSED: _proposed_withheld,
    EventType.DOCUMENT_DECIDED: _decided_withheld,
}
"""The types that say as what a document is filed, with what is told of them to who may not open it."""
