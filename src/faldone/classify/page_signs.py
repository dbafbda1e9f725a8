"""What a page says about its place among others: whether it opens a paper, goes on with one, or closes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from faldone.classify.document_type import TOP_THIRD
from faldone.classify.lexicon import Lexicon
from faldone.classify.normalise import digits_from
from faldone.classify.phrases import Hit
from faldone.classify.protocol import FoundProtocol
from faldone.classify.reading import Reading

# «pag. 2 di 5» as engines read it: «pag.ldil», «pag. 1dit», «Pag 2/ 5».
_N: Final = r"[0-9oil|!\]]"
_NUMBERED = re.compile(
    rf"\b(?:pag(?:ina|g?\.)?|foglio|fg\.|p\.)\s*[.,]?\s*(?:n\.?\s*)?(?P<page>{_N}{{1,3}})\s*(?:d[i1l|]|/|su|-)\s*(?P<of>{_N}{{1,3}})?(?![a-z0-9]{{4}})"
)
_BARE_NUMBERED = re.compile(r"^\s*-?\s*(?P<page>[0-9]{1,2})\s*(?:/|di)\s*(?P<of>[0-9]{1,2})\s*-?\s*$")
_PAGE_ONLY = re.compile(r"^\s*(?:pag(?:ina|\.)?\s*|-\s*)(?P<page>[0-9]{1,3})\s*-?\s*$")
_SUBJECT = re.compile(r"(?:^|\n)\s*ogg(?:etto|\.)\s*:?")
_ADDRESSED = re.compile(
    r"(?:^|\n)\s*(?:spett\.?\s*(?:le|li|abile)?|egr\.|egregi|gent\.|gentil|alla?\s+(?:cortese|c\.a\.)|al\s+(?:sig|tribunale|comune|servizio|responsabile|dott)|alla\s+(?:sig|procura|dott))"
)
_INTRODUCED = re.compile(
    r"(?:^|\n)\s*(?:(?:il|la|i)?[/l]?(?:la)?\s*sottoscritt|utente\b|beneficiari|cognome\b|intestatari|cartella\s+di|assistit|paziente\b|ospite\b|per:|nominativo)"
    r"|\bnat[oa](?:/[oa])?\s+(?:a|il|in)\b|\bluogo\s+(?:e\s+data\s+)?di\s+nascita"
)
_CLOSING = re.compile(
    r"distinti\s+saluti|cordiali\s+saluti|cordialmente|\bfirma\b|in\s+fede|letto,?\s+confermato|il\s+cancelliere|firmato|f\.to|l'assistente\s+sociale\s*(?:$|\n)|l'educator|il\s+responsabile|il\s+sindaco|il\s+dirigente|il\s+coordinatore|il\s+medico|l'ufficiale|depositato\s+in\s+cancelleria|il\s+dichiarante|timbro\s+e\s+firma"
)
_SIGNED = re.compile(r"(?:^|\n)\s*(?:il|la|l'|f\.to|dott|avv|prof|a\.s\.|\(?firma)[^\n]{0,60}$")
_TERMINAL = re.compile(r"[.:;!?)»\"]\s*$")
_SPOKEN = re.compile(r"\b(?:al|alla|del|della|dal|dalla|vs|vostra|visto|vista|presso|allegat[oa])\s*$")
_ARTICLE = re.compile(r"^\s*(?:il|lo|la|i|gli|le|l'|un|una)\s*$")
# «Comprensivo «Fulvio Testi»: presenti la dirigente …» is text; a letterhead has no colon but a telephone's.
_SENTENCE = re.compile(r"(?<!tel)(?<!fax)(?<!mail)(?<!pec)[:;](?:\s+[a-z]|\s*$)|[a-z]{4,}\.\s+[a-z]")
_WORD = re.compile(r"(?<!\w)[^\W\d_]{2,}(?!\w)")
_GOES_ON = re.compile(r"^\W*(?:p\.?\s?q\.?\s?m\b|segue\b|\.\.\.|omissis|continua\b)")
_ITEM = re.compile(r"^\s*(?P<mark>[0-9]{1,2}|[a-z])\s?[.)]\s")
_WORDS_OF_A_SENTENCE: Final = 3
_FOOT: Final = 0.93
_HEADING_LETTERS: Final = 8
_BOTTOM_LINES: Final = 6


@dataclass(frozen=True, slots=True)
class PageSigns:
    """The signs on one page.

    Attributes:
        number, of: the printed page number and total, ``None`` where it says none.
        title: the code of the type whose title stands on top, else ``""``.
        letterhead: the line of an office on top, else ``""``.
        subject, addressed, introduces: «Oggetto:», an addressee, a person introduced (name and birth) near the top.
        protocols: the registrations in its heading, the other party's left out.
        holders: keys of the persons that it is about.
        closes: there are a greeting, a signature or a seal near its end.
        ends_sentence, starts_small, goes_on: how its text ends, and whether it starts in the middle of one.
        capitals: its first line is in capitals.
        first_item, last_item: the number of a list's item that it starts with, and of the last it has (0: none).
        cover: it is the cover of a folder.
        filled: how far down the page its text goes, page number left out (0.0–1.0).
        letter, margin: the height of its letters and its left margin, as shares of the page's height and width.
        blank_before: a blank page lies between it and the written page before it.
    """

    number: int | None = None
    of: int | None = None
    title: str = ""
    letterhead: str = ""
    subject: bool = False
    addressed: bool = False
    introduces: bool = False
    protocols: frozenset[str] = frozenset()
    holders: frozenset[str] = frozenset()
    closes: bool = False
    ends_sentence: bool = True
    starts_small: bool = False
    capitals: bool = False
    goes_on: bool = False
    first_item: int = 0
    last_item: int = 0
    cover: bool = False
    filled: float = 1.0
    letter: float = 0.0
    margin: float = 0.0
    blank_before: bool = False


def page_signs(
    reading: Reading, hits: Sequence[Hit], protocols: Sequence[FoundProtocol], holders: frozenset[str], lexicon: Lexicon
) -> PageSigns:
    """The signs on one page. ``holders`` are keys of the persons the page is about, for the change of holder."""
    folded = reading.folded
    head = _upto(reading, 0.45)
    number, of = _printed_number(reading)
    title, cover = _title(reading, hits, lexicon)
    first_word = _WORD.search(reading.raw)
    first_line = "".join(filter(str.isalpha, reading.raw.split("\n", 1)[0]))
    items = [_item(reading, line) for line in range(reading.line_count)]
    body = [line for line in range(reading.line_count) if reading.depth(reading.line_span(line)[0]) < _FOOT] or [0]
    last = reading.line_span(body[-1])[0]
    bottom = folded[reading.line_span(body[max(len(body) - _BOTTOM_LINES, 0)])[0] :]
    text_end = reading.line_span(body[-1])[1]
    return PageSigns(
        number=number,
        of=of,
        title=title,
        letterhead=_letterhead(reading, hits),
        subject=bool(_SUBJECT.search(head)),
        addressed=bool(_ADDRESSED.search(head)),
        introduces=bool(_INTRODUCED.search(_upto(reading, 0.36))),
        protocols=frozenset(
            item.value.number for item in protocols if not item.other_party and reading.depth(item.start) < 0.4
        ),
        holders=holders,
        closes=bool(_CLOSING.search(bottom) or _SIGNED.search(folded[:text_end].rstrip())),
        ends_sentence=bool(_TERMINAL.search(folded[:text_end])),
        starts_small=first_word is not None and first_word.group()[0].islower(),
        capitals=len(first_line) >= _HEADING_LETTERS and first_line.isupper(),
        goes_on=bool(_GOES_ON.search(folded)),
        first_item=next((item for item in items[:2] if item), 0),
        last_item=next((item for item in reversed(items) if item), 0),
        cover=cover,
        filled=reading.depth(last),
        letter=median(word.box.height for word in reading.words) / max(reading.height, 1) if reading.words else 0.0,
        margin=_margin(reading),
    )


def _title(reading: Reading, hits: Sequence[Hit], lexicon: Lexicon) -> tuple[str, bool]:
    """The type whose title stands on top, and whether it is a cover's."""
    title, cover = "", False
    for hit in hits:
        if (
            hit.entry.family != "type"
            or hit.entry.kind not in ("header", "addressee", "acronym")
            or reading.depth(hit.start) > TOP_THIRD
        ):
            continue
        kind = lexicon.types[hit.entry.code]
        start, end = reading.line_span(reading.line_of(hit.start))
        share = (hit.end - hit.start) / max(len(reading.folded[start:end].strip()), 1)
        before = reading.folded[start : hit.start]
        if kind.generic or _SPOKEN.search(before):
            continue
        # «L'attestazione ISEE in corso di validità riporta …» and «incarica il servizio di inviare una relazione» are
        # sentences.
        within = len(_WORD.findall(before)) >= _WORDS_OF_A_SENTENCE
        told = not hit.upper and (within or (_ARTICLE.match(before) is not None and share < 0.6))
        if not told and (share >= 0.4 or (hit.upper and share >= 0.2) or (hit.start - start <= 3 and share >= 0.25)):
            title = title or hit.entry.code
            cover |= kind.cover and share >= 0.4
    return title, cover


def _letterhead(reading: Reading, hits: Sequence[Hit]) -> str:
    for hit in hits:
        start, end = reading.line_span(reading.line_of(hit.start))
        if hit.entry.family == "org" and reading.depth(hit.start) < 0.22 and hit.start - start <= 12:
            line = " ".join(reading.folded[start:end].split())
            led = _ARTICLE.match(reading.folded[start : hit.start] or "-") and not hit.upper
            if not led and not _SENTENCE.search(reading.folded[start:end]):
                return line
    return ""


def _item(reading: Reading, line: int) -> int:
    """The place in its list of an item («3.», «c)») that starts the line; 0 where none does."""
    start, end = reading.line_span(line)
    match = _ITEM.match(reading.folded[start:end])
    if match is None:
        return 0
    mark = match["mark"]
    return int(mark) if mark.isdigit() else ord(mark) - ord("a") + 1


def _margin(reading: Reading) -> float:
    firsts = sorted(
        words[0].box.x for line in range(reading.line_count) if (words := reading.words_in(*reading.line_span(line)))
    )
    return firsts[len(firsts) // 4] / max(reading.width, 1) if firsts else 0.0


def _upto(reading: Reading, depth: float) -> str:
    for line in range(reading.line_count):
        start, _ = reading.line_span(line)
        if reading.depth(start) > depth:
            return reading.folded[:start]
    return reading.folded


def _printed_number(reading: Reading) -> tuple[int | None, int | None]:
    """The page's printed number («pag. 2 di 5», «2/5» or «- 2 -» alone on its line), in the first or last lines."""
    count = reading.line_count
    for line in [*range(min(4, count)), *range(max(count - 3, 4), count)]:
        start, end = reading.line_span(line)
        text = reading.folded[start:end].rstrip()
        match = _NUMBERED.search(text) or _BARE_NUMBERED.match(text)
        if match:
            page, of = _figure(match["page"]), _figure(match["of"] or "")
            if page and of and 1 <= page <= of:
                return page, of
            if page and match["of"] is None and "di" in text:
                return page, None
        alone = _PAGE_ONLY.match(text)
        if alone and 1 <= int(alone["page"]) <= 60:
            return int(alone["page"]), None
    return None, None


def _figure(text: str) -> int | None:
    """The number; a letter for a figure is believed only where it stands alone («ldil»), not beside one («1di1l»)."""
    if text.isdigit():
        return int(text)
    digits = digits_from(text.replace("]", "1"))
    return int(digits) if len(text) == 1 and digits.isdigit() else None
