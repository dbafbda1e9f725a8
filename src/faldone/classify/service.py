"""Which service the paper belongs to: the lexicon's phrases, the letterhead, the type, and the paper's own date.

Measures follow each other in time (SIA, REI, RdC, ADI): the date of a paper decides which of them it can be about.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from faldone.classify.laws import LawCitation
from faldone.classify.learned import SERVICE, LearnedModel, choose_with
from faldone.classify.lexicon import Lexicon, Service
from faldone.classify.phrases import Hit
from faldone.classify.reading import Reading
from faldone.domain.attribution import Attribution, Evidence

SERVICE_FLOOR: Final = 0.5
_STRONG: Final = 1.3
_ALIAS: Final = 1.1
_ACRONYM: Final = 1.2
_ACRONYM_IN_CAPITALS: Final = 0.3
_WEAK: Final = 0.25
_WEAK_AT_MOST: Final = 1.0
_NOT: Final = -1.8
_LAW: Final = 0.5
_CORE: Final = 1.6
_USUAL: Final = 0.3
_HEAD: Final = 1.6
_TOP: Final = 0.3
# What a form or a subject says the paper is about outweighs what its text mentions («frequentava il centro diurno»).
_NAMED: Final = 2.4
_LATER_PAGE: Final = 0.8
# Of the voices of a form with boxes to tick only one was meant; which box has a mark is not read.
_OPTION: Final = 0.35
_OPTION_LINES: Final = 14
_LABEL = re.compile(
    r"^\W*(?:[a-z]?\W{0,2})(?:serviz(?:io|i)|intervent[oi]|prestazion[ei]|misura|tipologia|struttura|unita d'offerta"
    r"|progetto|oggetto|ogg\.|0ggetto|beneficio|area)\b"
)
_NAMING = re.compile(r"\b(?:riguarda l'intervento|(?:servizio|intervento) richiesto)\W*[^\n]{0,30}$")
_VOICE: Final = re.compile(r"\W*(?:servizio|misura|intervento|progetto|prestazione|assegnazione di)[^\w:]*")
_SECOND_FIELD: Final = re.compile(r"([A-Za-zÀ-ù']+)[\s_.·]+Servizio[\s_.·:]*$")
_BEFORE_A_NOUN: Final = frozenset(
    {
        "il",
        "del",
        "al",
        "dal",
        "nel",
        "sul",
        "col",
        "un",
        "di",
        "per",
        "questo",
        "presso",
        "lo",
        "e",
        "con",
        "tra",
        "da",
    }
)
_SUBJECT = re.compile(r"^\W*[o0]gg(?:[ec]tt[o0]|\.)")
_OPTIONS = re.compile(r"\bbarrare\b|\bsegnare con\b|\bcrocetta\b")
_TICKED = re.compile(r"^\W*(?:[xk]|rx|kx|rk|bx|lx|\[x\]|\(x\))\b\W*$")
_OUT_OF_TIME: Final = 0.05
_NAMES: Final = frozenset({"strong", "alias", "acronym", "ambiguous"})
_NAMED_ALONE: Final = 0.9
"""Of 332 papers that name one service and were unsure of it 330 were of that one (sets by two hands)."""


def score_services(
    pages: Sequence[Reading],
    hits: Sequence[Sequence[Hit]],
    laws: Sequence[Sequence[LawCitation]],
    lexicon: Lexicon,
    *,
    kind: str | None,
    date: dt.date | None,
    scanned_on: dt.date,
) -> dict[str, tuple[float, list[Evidence]]]:
    """The score and the proofs of every service that the pages speak of.

    Args:
        pages: the readings of the document's pages.
        hits: the phrase hits of each page.
        laws: the citations of each page.
        lexicon: the taxonomies.
        kind: the document's type; it is a prior, strong where the type belongs to one service.
        date: the document's date; without it a measure is only known to have begun before the scan.
        scanned_on: the day of the scan.
    """
    strong: dict[str, dict[tuple[str, ...], list[tuple[float, Evidence]]]] = {}
    weak: dict[str, dict[tuple[str, ...], Evidence]] = {}
    against: dict[str, float] = {}
    for number, (reading, page_hits, page_laws) in enumerate(zip(pages, hits, laws, strict=True)):
        voices = _voices(reading, page_hits)
        ends: dict[str, int] = {}
        for hit in page_hits:
            if hit.entry.family != "service" or hit.entry.kind == "mention":
                continue
            code = hit.entry.code
            if hit.entry.kind in _NAMES:
                if hit.start < ends.get(code, 0):
                    continue  # «scheda di [segretariato] sociale» names one service once
                ends[code] = hit.end
            if hit.entry.kind == "weak":
                weak.setdefault(code, {}).setdefault(
                    hit.entry.tokens, reading.evidence("service-weak", hit.start, hit.end, _WEAK)
                )
            elif hit.entry.kind == "not":
                against[code] = _NOT
            else:
                score = _phrase(reading, hit) * _place(reading, hit, first_page=number == 0, voices=voices)
                proof = reading.evidence("service-" + hit.entry.kind, hit.start, hit.end, min(score / 2, 1.0))
                strong.setdefault(code, {}).setdefault(hit.entry.tokens, []).append((score, proof))
        for law in page_laws:
            for family, code, law_kind in lexicon.laws.get(law.key, ()):
                if family == "service":
                    weight = _LAW if law_kind == "strong" else _WEAK
                    strong.setdefault(code, {}).setdefault((law.key,), []).append(
                        (weight, reading.evidence("service-law", law.start, law.end, weight))
                    )
    scores: dict[str, tuple[float, list[Evidence]]] = {}
    for code, service in lexicon.services.items():
        total, proofs = 0.0, []
        for found in strong.get(code, {}).values():
            best = max(found, key=lambda item: item[0])
            # Said again and again counts a little more each time, never twice as much.
            total += best[0] * (1 + 0.25 * math.log(len(found)))
            proofs.append(best[1])
        small = weak.get(code, {})
        total += min(_WEAK * len(small), _WEAK_AT_MOST)
        proofs.extend(small.values())
        total += against.get(code, 0.0) if total else 0.0
        if kind is not None and kind in service.core:
            total += _CORE
            if not proofs and pages:
                proofs.append(Evidence("service-by-type", pages[0].page, kind, None, 0.8))
        elif kind is not None and kind in service.documents and total > 0:
            total += _USUAL
        total *= _time_factor(service, date, scanned_on)
        if total > 0:
            scores[code] = total, proofs
    return scores


def _option_lines(reading: Reading) -> range:
    """The lines below «barrare la voce», where a form lists everything one may ask for."""
    asked = _OPTIONS.search(reading.folded)
    if asked is None:
        return range(0)
    line = reading.line_of(asked.start())
    return range(line + 1, line + 1 + _OPTION_LINES)


def _voices(reading: Reading, hits: Sequence[Hit]) -> dict[int, float]:
    """The lines that are voices of a list to choose from, and by how much the services on them count.

    A voice begins with a service's name, or with «servizio» and the like in front of it: «misura Nidi Gratis - asilo
    nido» is one voice and names one service. Behind a colon it is a field of its own.
    """
    options = _option_lines(reading)
    voices: dict[int, float] = {}
    for hit in hits:
        line = reading.line_of(hit.start)
        if hit.entry.family != "service" or line not in options or line in voices:
            continue
        start, _ = reading.line_span(line)
        before = reading.folded[start : hit.start]
        if _TICKED.match(before):
            voices[line] = 1.0
        elif not any(char.isalpha() for char in before) or _VOICE.fullmatch(before) is not None:
            voices[line] = _OPTION
    return voices


def _place(reading: Reading, hit: Hit, *, first_page: bool, voices: Mapping[int, float]) -> float:
    """By how much a phrase counts where it stands: in a field or a subject, at the head, in the text, among voices."""
    line = reading.line_of(hit.start)
    start, _ = reading.line_span(line)
    before = reading.folded[start : hit.start]
    if line in voices:
        return voices[line]
    raw = reading.raw[start : hit.start]
    named = _LABEL.match(before) is not None or _NAMING.search(before) is not None or _is_a_field(raw)
    if not named and line > 0:
        above, _ = reading.line_span(line - 1)
        # A subject runs over two lines, and so does a field.
        named = _SUBJECT.match(reading.folded[above:start]) is not None
    if named:
        return _NAMED if first_page else 1.0
    if first_page and reading.depth(hit.start) < _TOP:
        return _HEAD
    return 1.0 if first_page else _LATER_PAGE


def _is_a_field(before: str) -> bool:
    """Whether «Servizio» is the label of a form's second field: in a sentence an article or «di» stands before it."""
    label = _SECOND_FIELD.search(before)
    return label is not None and label[1].lower() not in _BEFORE_A_NOUN


def _phrase(reading: Reading, hit: Hit) -> float:
    kind = hit.entry.kind
    if kind in ("acronym", "ambiguous"):
        start, end = reading.line_span(reading.line_of(hit.start))
        line = reading.raw[start:end]
        # In a line of capitals an acronym is also a word: «CHE SIA», «CAV. ROSSI».
        if line.upper() == line and len(line.split()) >= 4:
            return _ACRONYM_IN_CAPITALS
        return _ACRONYM if kind == "acronym" else 0.9
    return _ALIAS if kind == "alias" else _STRONG


def _time_factor(service: Service, date: dt.date | None, scanned_on: dt.date) -> float:
    if date is not None:
        return 1.0 if service.existed(date) else _OUT_OF_TIME
    if service.valid_from is not None and service.valid_from > scanned_on:
        return _OUT_OF_TIME
    return 1.0


def service(
    pages: Sequence[Reading],
    hits: Sequence[Sequence[Hit]],
    laws: Sequence[Sequence[LawCitation]],
    lexicon: Lexicon,
    *,
    kind: str | None,
    date: dt.date | None,
    scanned_on: dt.date,
    learned: LearnedModel | None = None,
) -> Attribution[str] | None:
    """The service of the document, or ``None`` when the proofs are thin or divided.

    Arguments as :func:`score_services`; ``learned`` votes beside the lexicon.
    """
    scores = score_services(pages, hits, laws, lexicon, kind=kind, date=date, scanned_on=scanned_on)
    factor = vote_factor(lexicon, kind=kind, date=date, scanned_on=scanned_on)
    found = choose_with(learned, SERVICE, scores, pages, lexicon, floor=SERVICE_FLOOR, factor=factor)
    if found is None or found.confidence >= _NAMED_ALONE or kind is None or kind in lexicon.services[found.value].core:
        return found
    # What stands against it is only what papers of the type are usually about.
    return replace(found, confidence=_NAMED_ALONE) if _named(pages, hits) == {found.value} else found


def _named(pages: Sequence[Reading], hits: Sequence[Sequence[Hit]]) -> set[str]:
    """The services that the pages call by name, the voices of a form with boxes to tick left out."""
    return {
        hit.entry.code
        for reading, page_hits in zip(pages, hits, strict=True)
        for hit in page_hits
        if hit.entry.family == "service"
        and hit.entry.kind in _NAMES
        and reading.line_of(hit.start) not in _option_lines(reading)
    }


def vote_factor(
    lexicon: Lexicon, *, kind: str | None, date: dt.date | None, scanned_on: dt.date
) -> Callable[[str], float]:
    """By how much a learned vote for a service counts on a paper of this type and date.

    A person's own papers belong to no service in particular: there the model has no vote.
    """
    if kind is not None and lexicon.types[kind].personal:
        return lambda _: 0.0
    return lambda code: _time_factor(lexicon.services[code], date, scanned_on)
