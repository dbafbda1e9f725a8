"""What kind of paper it is: headers count double in the top third of the first page, phrases and laws add up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from faldone.classify.laws import LawCitation
from faldone.classify.lexicon import Lexicon
from faldone.classify.phrases import Hit
from faldone.classify.ranking import choose
from faldone.classify.reading import Reading
from faldone.domain.attribution import Attribution, Evidence

TOP_THIRD: Final = 0.36
_FLOOR: Final = 0.5
_TOP_HEADER: Final = 2.0
_TOP_HEADER_INSIDE: Final = 1.0
_HEADER: Final = 1.0
_HEADER_IN_TEXT: Final = 0.3
_CITED_HEADER: Final = 0.25
_ADDRESSEE: Final = 1.5
_PHRASE: Final = 0.35
_PHRASES_AT_MOST: Final = 1.75
_LAW: Final = 0.3
_NOT: Final = -2.0
_GENERIC_AT_MOST: Final = 1.6
_SECOND_HEADER: Final = 0.4
# A title after one of these words is spoken of, not born: «visto il decreto», «in riscontro alla segnalazione».
_SPOKEN_OF: Final = frozenset(
    [
        "al",
        "alla",
        "allo",
        "ai",
        "agli",
        "alle",
        "del",
        "dello",
        "della",
        "dei",
        "degli",
        "delle",
        "dal",
        "dalla",
        "dai",
        "dalle",
        "vostra",
        "vostro",
        "vs",
        "nostra",
        "nostro",
        "presso",
        "visto",
        "vista",
        "visti",
        "viste",
        "con",
        "come",
        "col",
        "nel",
        "nella",
        "copia",
        "allegata",
        "allegato",
        "allegati",
        "suddetta",
        "citata",
        "predetta",
        "seguito",
        "sulla",
        "sul",
        "mediante",
        "tramite",
        "presente",
        "per",
    ]
)
_FORWARDING = re.compile(
    r"\b(?:trasmission\w*|invio|inoltro|riscontro|sollecito|aggiornamento|convocazion\w*|comunicazion\w*|rich(?:iesta|\.)\s+(?:di\s+)?(?:copia|invio|relazione|documentazione|informazioni))\b"
)
_OPENING = re.compile(r"\s*(?:con\b|si\b|la presente|in \w|il sottoscritt|vist|egregi|gentil|spett)")
_SUBJECT = re.compile(r"^\s*ogg(?:etto|\.)")


def score_types(
    pages: Sequence[Reading], hits: Sequence[Sequence[Hit]], laws: Sequence[Sequence[LawCitation]], lexicon: Lexicon
) -> dict[str, tuple[float, list[Evidence]]]:
    """The score and the proofs of every type that the pages speak of."""
    parts: dict[str, dict[str, list[tuple[float, Evidence, tuple[str, ...]]]]] = {}

    def add(code: str, kind: str, score: float, proof: Evidence, words: tuple[str, ...]) -> None:
        parts.setdefault(code, {}).setdefault(kind, []).append((score, proof, words))

    for number, (reading, page_hits, page_laws) in enumerate(zip(pages, hits, laws, strict=True)):
        for hit in page_hits:
            if hit.entry.family != "type":
                continue
            kind = hit.entry.kind
            if kind in ("header", "acronym"):
                score = _header(reading, hit, first_page=number == 0, generic=lexicon.types[hit.entry.code].generic)
                kind = "header"
            elif kind == "addressee":
                score = (
                    _ADDRESSEE
                    if number == 0 and reading.depth(hit.start) < 0.42 and _starts_line(reading, hit)
                    else 0.2
                )
            elif kind == "not":
                score = _NOT if number == 0 and reading.depth(hit.start) < 0.42 else 0.0
            else:
                score = _PHRASE + (0.1 if hit.words >= 4 else 0.0)
            add(
                hit.entry.code,
                kind,
                score,
                reading.evidence("type-" + kind, hit.start, hit.end, min(max(score / 2, 0.1), 1.0)),
                hit.entry.tokens,
            )
        for law in page_laws:
            for family, code, _ in lexicon.laws.get(law.key, ()):
                if family == "type":
                    add(code, "law", _LAW, reading.evidence("type-law", law.start, law.end, 0.2), (law.key,))
    return {code: _sum(kinds, generic=lexicon.types[code].generic) for code, kinds in parts.items()}


def _sum(
    kinds: dict[str, list[tuple[float, Evidence, tuple[str, ...]]]], *, generic: bool
) -> tuple[float, list[Evidence]]:
    total = 0.0
    proofs: list[Evidence] = []
    for kind, found in kinds.items():
        best: dict[tuple[str, ...], tuple[float, Evidence]] = {}
        for score, proof, words in found:
            if words not in best or score > best[words][0]:
                best[words] = score, proof
        ranked = sorted(best.values(), key=lambda item: -item[0])
        if kind == "header":
            total += ranked[0][0] + sum(score * _SECOND_HEADER for score, _ in ranked[1:3])
        elif kind in ("addressee", "not"):
            total += ranked[0][0]
        elif kind == "law":
            total += min(sum(score for score, _ in ranked), 2 * _LAW)
        else:
            total += min(sum(score for score, _ in ranked), _PHRASES_AT_MOST)
        proofs.extend(proof for score, proof in ranked[:3] if score > 0)
    return (min(total, _GENERIC_AT_MOST) if generic else total), proofs


def _starts_line(reading: Reading, hit: Hit) -> bool:
    start, _ = reading.line_span(reading.line_of(hit.start))
    return sum(char.isalnum() for char in reading.folded[start : hit.start]) <= 3


def _goes_on_from_subject(reading: Reading, line: int) -> bool:
    """Whether the line is the second of a subject: the first one was full and this one does not open the letter."""
    if line == 0:
        return False
    previous_start, start = reading.line_span(line - 1)
    words = reading.words_in(previous_start, start - 1)
    full = bool(words) and words[-1].box.right > 0.72 * reading.width
    opening = _OPENING.match(reading.folded[start : start + 24])
    return full and opening is None and _SUBJECT.match(reading.folded[previous_start:start]) is not None


def _header(reading: Reading, hit: Hit, *, first_page: bool, generic: bool) -> float:
    """What a header phrase weighs where it stands."""
    if generic:
        return 0.45
    line = reading.line_of(hit.start)
    start, end = reading.line_span(line)
    before = reading.folded[start : hit.start]
    previous = re.findall(r"[a-z0-9]+", reading.folded[max(hit.start - 20, 0) : hit.start])
    starts = _starts_line(reading, hit)
    letters = sum(char.isalnum() for char in reading.folded[start:end])
    covers = sum(char.isalnum() for char in reading.folded[hit.start : hit.end]) / max(letters, 1)
    if _SUBJECT.match(before) or _goes_on_from_subject(reading, line):
        if _FORWARDING.search(before):
            return _HEADER_IN_TEXT
        spoken = bool(previous) and previous[-1] in _SPOKEN_OF
        return 0.5 if spoken else 1.8
    if previous and previous[-1] in _SPOKEN_OF and not (starts and hit.upper):
        return _CITED_HEADER
    if first_page and reading.depth(hit.start) < TOP_THIRD:
        if starts or covers >= 0.6:
            # A line of running text that begins with the word is weaker than a title of its own.
            return _TOP_HEADER if covers >= 0.4 or hit.upper else 1.4
        return 1.3 if hit.upper else _TOP_HEADER_INSIDE
    if covers >= 0.6 or (starts and hit.upper):
        return _HEADER
    return _HEADER_IN_TEXT


def document_type(
    pages: Sequence[Reading], hits: Sequence[Sequence[Hit]], laws: Sequence[Sequence[LawCitation]], lexicon: Lexicon
) -> Attribution[str] | None:
    """The type of the document, or ``None`` when the proofs are thin or divided."""
    scores: dict[str, tuple[float, list[Evidence]]] = score_types(pages, hits, laws, lexicon)
    special = max((score for code, (score, _) in scores.items() if not lexicon.types[code].generic), default=0.0)
    if special >= 1.2:
        # Every letter has a subject and greetings: the generic type gives way to a special one.
        scores = {code: value for code, value in scores.items() if not lexicon.types[code].generic}
    return choose(scores, method="type-lexicon", version=lexicon.version, floor=_FLOOR)
