"""What kind of paper it is: headers count double in the top third of the first page, phrases and laws add up."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from faldone.classify.laws import LawCitation
from faldone.classify.learned import TYPE, LearnedModel, choose_with
from faldone.classify.lexicon import Lexicon
from faldone.classify.phrases import Hit
from faldone.classify.reading import Reading
from faldone.domain.attribution import Attribution, Evidence

TOP_THIRD: Final = 0.36
TYPE_FLOOR: Final = 0.5
_TOP_HEADER: Final = 2.0
_TOP_HEADER_INSIDE: Final = 1.0
_HEADER: Final = 1.0
_HEADER_IN_TEXT: Final = 0.3
_CITED_HEADER: Final = 0.25
_ADDRESSEE: Final = 1.5
_STRONG: Final = 0.8
_PHRASE: Final = 0.35
# A phrase of one word («diagnosi», «obiettivi») stands on papers of every type.
_WORD: Final = 0.2
_PHRASES_AT_MOST: Final = 1.75
_LAW: Final = 0.3
_NOT: Final = -2.0
_GENERIC_AT_MOST: Final = 1.6
_RUNNING_HEADER: Final = 0.8
_COURTS: Final = frozenset({"tribunale", "pretura", "giudice"})
_SECOND_HEADER: Final = 0.4
_FIRST_TITLE: Final = 0.4
_TITLE: Final = 1.3
# A cover carries a name and little else: a page full of words is none.
_COVER_WORDS: Final = 120
_NO_COVER: Final = 0.25
# Without a title a letter with a subject and a formula of courtesy is a letter, whatever its text speaks of.
_LETTER: Final = 0.8
_SPECIAL: Final = 1.2
_UNTITLED: Final = 0.4
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
_SUBJECT = re.compile(r"^\W*[o0]gg(?:[ec]tt[o0]|\.)")
_TO = re.compile(r"^\W*(?:al?[li1]?|alla|all'|spett|ill|on)\b")
_FULL_LINE: Final = 0.72


def score_types(
    pages: Sequence[Reading], hits: Sequence[Sequence[Hit]], laws: Sequence[Sequence[LawCitation]], lexicon: Lexicon
) -> dict[str, tuple[float, list[Evidence]]]:
    """The score and the proofs of every type that the pages speak of."""
    parts: dict[str, dict[str, list[tuple[float, Evidence, tuple[str, ...]]]]] = {}

    def add(code: str, kind: str, score: float, proof: Evidence, words: tuple[str, ...]) -> None:
        parts.setdefault(code, {}).setdefault(kind, []).append((score, proof, words))

    titled = False
    for number, (reading, page_hits, page_laws) in enumerate(zip(pages, hits, laws, strict=True)):
        for hit in page_hits:
            kind = hit.entry.kind
            if hit.entry.family != "type" or kind == "mention":
                continue
            if kind in ("header", "acronym"):
                generic = lexicon.types[hit.entry.code].generic
                score = _header(reading, hit, first_page=number == 0, generic=generic)
                kind = "header"
                if number == 0 and not titled and not generic and score >= _TITLE:
                    # What stands first is the title; what comes after it are parts of the paper.
                    score += _FIRST_TITLE
                    titled = True
            elif kind == "addressee":
                score = (
                    _ADDRESSEE
                    if number == 0 and reading.depth(hit.start) < 0.42 and _starts_line(reading, hit)
                    else 0.2
                )
            elif kind == "not":
                score = _NOT if number == 0 and reading.depth(hit.start) < 0.42 else 0.0
            elif kind == "strong":
                score = _STRONG
            elif hit.words == 1:
                score = _WORD
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
    scores = {code: _sum(kinds, generic=lexicon.types[code].generic) for code, kinds in parts.items()}
    if sum(len(reading.words) for reading in pages) > _COVER_WORDS:
        for code, (score, proofs) in scores.items():
            if lexicon.types[code].cover:
                scores[code] = score * _NO_COVER, proofs
    return scores


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
        elif kind == "strong":
            total += min(sum(score for score, _ in ranked), 2 * _STRONG)
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
    full = _is_full(reading, line - 1)
    opening = _OPENING.match(reading.folded[start : start + 24])
    return full and opening is None and _SUBJECT.match(reading.folded[previous_start:start]) is not None


def _is_full(reading: Reading, line: int) -> bool:
    """Whether the line reaches the right margin, as running text does."""
    start, end = reading.line_span(line)
    words = reading.words_in(start, end - 1)
    return bool(words) and words[-1].box.right > _FULL_LINE * reading.width


def _goes_on(reading: Reading, line: int) -> bool:
    """Whether the line is the middle of a sentence: the one before is full and does not end one."""
    if line == 0:
        return False
    start, _ = reading.line_span(line)
    previous_start, _ = reading.line_span(line - 1)
    before = reading.raw[previous_start:start].rstrip()
    return _is_full(reading, line - 1) and reading.raw[start : start + 1].islower() and before[-1:] not in ".:;"


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
    if starts and not hit.upper and _goes_on(reading, line):
        return _HEADER_IN_TEXT
    if hit.entry.tokens[0] in _COURTS and line > 0:
        above, _ = reading.line_span(line - 1)
        if _TO.match(reading.folded[above:start]):
            return _CITED_HEADER  # the second line of an address: «Al Giudice Tutelare / Tribunale di Cremona»
    if hit.words == 1 and covers < 0.4 and not (starts and hit.upper):
        return _HEADER_IN_TEXT
    if first_page and reading.depth(hit.start) < TOP_THIRD:
        if starts or covers >= 0.6:
            # A line of running text that begins with the word is weaker than a title of its own.
            if covers >= 0.4 or hit.upper:
                return _TOP_HEADER
            return _RUNNING_HEADER if _is_full(reading, line) else 1.4
        return 1.3 if hit.upper else _TOP_HEADER_INSIDE
    if covers >= 0.6 or (starts and hit.upper):
        return _HEADER
    return _HEADER_IN_TEXT


def special_first(
    scores: dict[str, tuple[float, list[Evidence]]], lexicon: Lexicon
) -> dict[str, tuple[float, list[Evidence]]]:
    """The scores without the generic types where a special one has a good one."""
    special = max((score for code, (score, _) in scores.items() if not lexicon.types[code].generic), default=0.0)
    if special >= _SPECIAL:
        # Every letter has a subject and greetings: the generic type gives way to a special one.
        return {code: value for code, value in scores.items() if not lexicon.types[code].generic}
    if any(lexicon.types[code].generic and score >= _LETTER for code, (score, _) in scores.items()):
        return {
            code: (score if lexicon.types[code].generic else score * _UNTITLED, proofs)
            for code, (score, proofs) in scores.items()
        }
    return scores


def document_type(
    pages: Sequence[Reading],
    hits: Sequence[Sequence[Hit]],
    laws: Sequence[Sequence[LawCitation]],
    lexicon: Lexicon,
    learned: LearnedModel | None = None,
) -> Attribution[str] | None:
    """The type of the document, or ``None`` when the proofs are thin or divided."""
    scores = special_first(score_types(pages, hits, laws, lexicon), lexicon)
    factor = vote_factor({code: score for code, (score, _) in scores.items()}, lexicon)
    return choose_with(learned, TYPE, scores, pages, lexicon, floor=TYPE_FLOOR, factor=factor)


def vote_factor(scores: Mapping[str, float], lexicon: Lexicon) -> Callable[[str], float]:
    """By how much a learned vote for a type counts (0.0 or 1.0).

    Whether a paper is about many persons, or is the cover of what follows, decides whose dossiers are touched: that is
    read from the paper and never guessed.
    """
    best = max(scores, key=lambda code: (scores[code], code), default=None)
    if best is not None and (lexicon.types[best].collective or lexicon.types[best].cover):
        return lambda _: 0.0
    return lambda code: 0.0 if lexicon.types[code].cover else 1.0
