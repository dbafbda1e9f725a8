"""Sentences of pages: how good their scans are, and how they were read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from faldone.domain.events import EventType
from faldone.pipeline.audit.telling.words import (
    Detail,
    Pair,
    Scalar,
    Sentences,
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
from faldone.pipeline.intake.batches import Judgement
from faldone.pipeline.intake.words import FLAWS

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
_JUDGEMENTS: Final[Mapping[str, Pair]] = {
    Judgement.AS_IS.value: Pair("{0} accettata così", "{0} accepted as it is"),
    Judgement.FED_AGAIN.value: Pair("{0}: il foglio è stato ripassato", "{0}: the sheet was fed again"),
}

_TRANSCRIPTION: Final = "transcription"
"""In the place of an engine's settings where a person typed what stands on a page."""


def _checked(subject: str, detail: Detail) -> Pair:
    said = filled(
        "Scansione controllata, {0}: {1}",
        "Scan checked, {0}: {1}",
        subject_words(subject),
        worded(_VERDICTS, text_of(detail, "verdict")),
    )
    flaws = [worded(_FLAWS, flaw) for flaw in text_of(detail, "flaws").split()]
    if detail.get("separator"):
        said = Pair(f"{said.italian}, foglio separatore", f"{said.english}, a separator sheet")
    if flaws:
        italian, english = (", ".join(words) for words in zip(*flaws, strict=True))
        return Pair(f"{said.italian} ({italian}).", f"{said.english} ({english}).")
    return Pair(f"{said.italian}.", f"{said.english}.")


def _linked(subject: str, detail: Detail) -> Pair:
    return filled(
        "{0} è lo stesso foglio di {1}; nulla è cancellato.",
        "{0} is the same sheet as {1}; nothing is deleted.",
        capital(subject_words(subject)),
        number(detail.get("earlier")),
    )


def _recognised(subject: str, detail: Detail) -> Pair:
    if "key" in detail and "attempt" not in detail:
        return _said_of_reading(subject, detail)
    if detail.get("blank"):
        return filled("Letto: {0} è bianca.", "Read: {0} is blank.", subject_words(subject))
    from_layer = detail.get("source") == "text-layer"
    return filled(
        "Letto: {0}, {1}, fiducia {2}" + (", dal testo che il file porta con sé." if from_layer else "."),
        "Read: {0}, {1}, confidence {2}" + (", from the text that the file carries." if from_layer else "."),
        subject_words(subject),
        counted(detail.get("words"), ("parola", "word"), ("parole", "words")),
        _share(detail.get("confidence")),
    )


def _said_of_reading(subject: str, detail: Detail) -> Pair:
    """What a person said of a page's reading, which no machine tried: ``settings`` are those of who read it."""
    page, words = subject_words(subject), counted(detail.get("words"), ("parola", "word"), ("parole", "words"))
    settings = text_of(detail, "settings")
    if settings == _TRANSCRIPTION:
        return filled("Trascritta {0}, {1}.", "Transcribed: {0}, {1}.", page, words)
    if settings:
        return filled(
            "{0}: vale di nuovo una lettura di prima, {1}.",
            "{0}: an earlier reading is in force again, {1}.",
            capital(page),
            words,
        )
    if detail.get("blank"):
        return filled("Segnata bianca {0}.", "Marked blank: {0}.", page)
    return filled("Segnata non bianca {0}.", "Marked not blank: {0}.", page)


def _judged(subject: str, detail: Detail) -> Pair:
    said, page = text_of(detail, "judged"), capital(subject_words(subject))
    words = _JUDGEMENTS.get(said)
    if words is not None:
        return filled(f"{words.italian}.", f"{words.english}.", page)
    if not said:
        return filled("{0}: annullato quel che se ne era detto.", "{0}: what was said of it was taken back.", page)
    return filled("{0} giudicata: {1}.", "{0} judged: {1}.", page, Pair(said, said))


def _share(value: Scalar) -> Pair:
    """A share between 0 and 1 in hundredths."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Pair(f"{100 * value:.0f} %", f"{value:.0%}")
    return number(value)


def _page_quarantined(subject: str, detail: Detail) -> Pair:
    return filled(
        "{0} non si è potuta leggere ed è da parte{1}.",
        "{0} could not be read and is set aside{1}.",
        capital(subject_words(subject)),
        why_words(detail),
    )


def _page_retried(subject: str, detail: Detail) -> Pair:
    how = Pair(" con altre impostazioni", " with other settings") if detail.get("otherwise") else Pair("", "")
    return filled("{0} rimessa in lavorazione{1}.", "{0} tried again{1}.", capital(subject_words(subject)), how)


def _reread(subject: str, detail: Detail) -> Pair:
    return filled(
        "Riletta {0}: {1}{2}.",
        "Read again, {0}: {1}{2}.",
        subject_words(subject),
        worded(_REREADINGS, text_of(detail, "outcome")),
        why_words(detail),
    )


def _campaign(subject: str, detail: Detail) -> Pair:
    return filled("Rilettura {0} aperta su {1}.", "Re-reading {0} opened on {1}.", number(subject), page_words(detail))


SENTENCES: Final[Sentences] = {
    EventType.PAGE_CHECKED: _checked,
    EventType.PAGE_LINKED: _linked,
    EventType.PAGE_JUDGED: _judged,
    EventType.PAGE_RETRIED: _page_retried,
    EventType.PAGE_RECOGNISED: _recognised,
    EventType.PAGE_QUARANTINED: _page_quarantined,
    EventType.PAGE_REREAD: _reread,
    EventType.CAMPAIGN_OPENED: _campaign,
    EventType.PAGE_TURNED: lambda subject, detail: filled(
        "Girata di {1}° {0}.", "{0} turned by {1}°.", subject_words(subject), number(detail.get("turn"))
    ),
}
