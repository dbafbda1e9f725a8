"""The one Italian analysis: from a text to the words by which it is found.

Three engines must agree on it: Tantivy and Elasticsearch index with their own native chains, and this module makes
the terms of every query and marks the words of a hit on the page. The chain, in this order everywhere:

1. :func:`prepare`, in Python, before any engine sees a text: what no native chain can do;
2. words: runs of Unicode letters and digits. An apostrophe (' ’ `) separates, so *dell'intervento* is *dell* and
   *intervento*, and *COMUNITA'* is *comunita*;
3. folding of accents and other variants to ASCII, then lower case. Folding comes **before** the stemmer, because
   capitals and typewriters lose accents: *comunità*, *COMUNITA'* and *comunita* must be one term;
4. for the stemmed form only: stop words out, then the Snowball stemmer for Italian.

*Spelled* terms (1–3) serve names, exact words, phrases and numbers; *stemmed* terms (1–4) serve running text.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import Stemmer

ANALYSIS_VERSION = 3
"""Rises with every change that gives other terms: an index that was written with another one is rebuilt."""

LONGEST_WORD = 100
"""Characters. Longer runs are noise of recognition and are cut, because Lucene refuses terms of over 32 766 bytes."""

APOSTROPHES = "'’‘`´ʼ′"
"""What stands for an apostrophe in typed, printed and recognised text."""

_WORD = re.compile(r"[^\W_]+")
_LETTER = r"[^\W\d_]"
_EDITS = re.compile(
    # Each part begins with a rare character, which is looked for in C: whatever is to stand before it comes behind.
    rf"-(?<={_LETTER}-)[ \t]*\r?\n[ \t]*(?={_LETTER})"
    rf"|‐(?<={_LETTER}‐)[ \t]*\r?\n[ \t]*(?={_LETTER})"
    rf"|¬(?<={_LETTER}¬)[ \t]*\r?\n[ \t]*(?={_LETTER})"
    rf"|\.(?<=(?<![^\W_]){_LETTER}\.)(?:{_LETTER}\.)+(?:{_LETTER}(?![^\W_]))?"
    r"|ª"
    r"|º"
)
_EDITS_AND_CUTS = re.compile(rf"{_EDITS.pattern}|[^\W_]{{{LONGEST_WORD + 1},}}")
_ENCLOSED = re.compile("[\u24b6-\u24e9\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189]")
"""Letters in circles and squares: symbols here, letters for Tantivy's tokenizer of words, which is five times as fast
as one by a regular expression."""

_COMPOUND = re.compile(rf"(?<![^\W_])([^\W\d_]+)[{APOSTROPHES}](\s?)([^\W\d_]{{2,}})(?![^\W_])")
_ENDINGS = "oaie"
_SOFT_HYPHEN = "\u00ad"
_TYPOGRAPHIC = "’‘“”–—…€"
_UNUSUAL = b"\0"


@dataclass(frozen=True, slots=True)
class Token:
    """A term and where it stands: ``start`` and ``end`` (exclusive) are character offsets in the text as given."""

    term: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text made ready for an engine; ``origin[i]`` is the offset in the given text of ``text[i]``.

    ``origin`` is ``None`` when nothing was moved; ``length`` is that of the given text.
    """

    text: str
    length: int
    origin: tuple[int, ...] | None = None

    def token(self, term: str, start: int, end: int) -> Token:
        """A token with the offsets of the prepared text turned into those of the given one."""
        if self.origin is None:
            return Token(term, start, end)
        # What was dropped after the word is still its own: the mark of an accent, the last dot of an acronym.
        following = self.origin[end] if end < len(self.origin) else self.length
        return Token(term, self.origin[start], max(self.origin[end - 1] + 1, following))


def prepare(text: str) -> Prepared:
    """What has to be done before words are cut, the same for each engine.

    Accents written as separate marks are composed (NFC), remaining marks and invisible characters are dropped; a word
    broken at the end of a line is joined (*affida-⏎mento*, when the next line goes on in lower case); dotted acronyms
    lose their dots (*S.A.D.* is *SAD*); ordinal signs separate (*1º*); runs over :data:`LONGEST_WORD` are cut.
    """
    composed, origin = _composed(text)
    pieces: list[str] = []
    places: list[int] = []
    done = 0
    for edit in _edits(composed):
        made = _made(edit)
        pieces += [composed[done : edit.start()], *(character for _, character in made)]
        places += [*range(done, edit.start()), *(at for at, _ in made)]
        done = edit.end()
    if not done:
        return Prepared(composed, len(text), None if origin is None else tuple(origin))
    pieces.append(composed[done:])
    places += range(done, len(composed))
    return Prepared("".join(pieces), len(text), tuple(places if origin is None else [origin[at] for at in places]))


def prepared(text: str) -> str:
    """The text of :func:`prepare` alone, for an engine that takes whole texts: a third of the time."""
    composed, _ = _composed(text)
    pieces: list[str] = []
    done = 0
    for edit in _edits(composed):
        pieces += [composed[done : edit.start()], *(character for _, character in _made(edit))]
        done = edit.end()
    return "".join([*pieces, composed[done:]]) if done else composed


def _edits(text: str) -> Iterator[re.Match[str]]:
    cuts = any(
        len(line) > LONGEST_WORD and max(map(len, line.split()), default=0) > LONGEST_WORD for line in text.split("\n")
    )
    return (_EDITS_AND_CUTS if cuts else _EDITS).finditer(text)


def _made(edit: re.Match[str]) -> list[tuple[int, str]]:
    """What takes the place of an edit, a character at a time, each with the offset from which it comes."""
    kept = [(at, edit.string[at]) for at in range(*edit.span())]
    match edit[0][0]:
        case ".":
            return [(at, character) for at, character in kept if character != "."]
        case "ª" | "º":
            return [(edit.start(), " ")]
        case "-" | "‐" | "¬":
            return [] if edit.string[edit.end()].islower() else kept
    cut = []
    for first in range(0, len(kept), LONGEST_WORD):
        piece = kept[first : first + LONGEST_WORD]
        cut += [*piece, (piece[-1][0], " ")]
    return cut


def _composed(text: str) -> tuple[str, list[int] | None]:
    if _is_plain(text):
        return text, None
    composed, origin = _compose(text)
    return composed if composed.isascii() else _ENCLOSED.sub(" ", composed), origin


def _is_plain(text: str) -> bool:
    """Whether a text surely has nothing to compose, to drop or to replace: Latin-1 and the usual marks, told in C."""
    if text.isascii():
        return True
    for mark in _TYPOGRAPHIC:
        text = text.replace(mark, " ")
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return _SOFT_HYPHEN not in text


def _compose(text: str) -> tuple[str, list[int] | None]:
    if unicodedata.is_normalized("NFC", text) and not any(_is_dropped(character) for character in set(text)):
        return text, None
    pieces: list[str] = []
    places: list[int] = []
    cluster, at = "", 0

    def flush() -> None:
        for character in unicodedata.normalize("NFC", cluster):
            if not _is_dropped(character):
                pieces.append(character)
                places.append(at)

    for index, character in enumerate(text):
        if character == _SOFT_HYPHEN and text[index + 1 : index + 2] in ("\n", "\r"):
            flush()
            cluster, at = "-", index
        elif unicodedata.category(character) == "Cf":
            continue
        elif cluster and unicodedata.category(character).startswith("M"):
            cluster += character
        else:
            flush()
            cluster, at = character, index
    flush()
    return "".join(pieces), places


def _is_dropped(character: str) -> bool:
    category = unicodedata.category(character)
    return category.startswith("M") or category == "Cf"


def fold(text: str) -> str:
    """Letters and digits without accents and variants, in lower case: *Città* is *citta*, *Straße* is *strasse*.

    Case is mapped a character at a time, as the engines do it (no final sigma, no expansion).
    """
    if text.isascii():
        return text.lower()
    return "".join(character.lower() for character in text.translate(_folding()))


def stem(word: str) -> str | None:
    """The stem of a folded word; ``None`` for a stop word."""
    return None if word in stop_words() else _snowball(word)


def variants(word: str) -> tuple[str, ...]:
    """Forms of a folded word with another gender or number that the stemmer does not bring together with it.

    Snowball takes some endings of nouns for those of verbs: *anziano* is *anzi*, *anziani* is *anzian*; *referto* is
    *refert*, *referti* is *ref*; *beneficio* is *benefic*, *benefici* is *benef*. That concerns 3 % of the pairs of
    singular and plural in a dictionary of 107 000 words. The forms are guessed by their endings and looked for as
    spelled, so those that are no words find nothing.
    """
    if len(word) < 5 or word[-1] not in _ENDINGS or not word.isalpha() or not word.isascii():
        return ()
    own = stem(word)
    forms = [word[:-1] + ending for ending in _ENDINGS if ending != word[-1]]
    if word.endswith("io"):
        forms.append(word[:-1])
    elif word.endswith("i"):
        forms.append(word + "o")
    return () if own is None else tuple(dict.fromkeys(form for form in forms if stem(form) not in (own, None)))


def spell(text: str) -> list[Token]:
    """The words of a text, folded, with nothing left out: what exact matching and phrases go by."""
    if len(text) <= LONGEST_WORD and text.isascii() and text.isalnum():
        return [Token(text.lower(), 0, len(text))]  # as most words on a page are: there is nothing to make ready
    prepared = prepare(text)
    return [prepared.token(fold(word.group()), *word.span()) for word in _WORD.finditer(prepared.text)]


def analyse(text: str) -> list[Token]:
    """The stemmed terms of a text, stop words left out: what running text is found by."""
    tokens = []
    for token in spell(text):
        term = stem(token.term)
        if term is not None:
            tokens.append(Token(term, token.start, token.end))
    return tokens


def spelled(text: str) -> str:
    """The spelled words of a text of :func:`prepared`, a space or more between them, for whole pages.

    Latin-1 and the usual marks are cut and folded in C, where each of their letters makes one.
    """
    usual = text
    if not text.isascii():
        for mark in _TYPOGRAPHIC:
            usual = usual.replace(mark, " ")
    try:
        folded = usual.encode("latin-1").translate(_folded_bytes())
    except UnicodeEncodeError:
        folded = _UNUSUAL
    if _UNUSUAL in folded:
        return " ".join(fold(word) for word in _WORD.findall(text))
    return folded.decode("ascii")


def compounds(text: str) -> list[Token]:
    """Words with an apostrophe written as one: *D'Angelo* gives *dangelo*, *Dell’Orto* gives *dellorto*.

    Registers, forms and recognised pages write such names either way, so names are indexed in both. Over a space only
    an elided article joins (*D' Angelo*): elsewhere the apostrophe is an accent (*NICOLO' MARIO*).
    """
    prepared = prepare(text)
    return [
        prepared.token(fold(found[1] + found[3]), *found.span())
        for found in _COMPOUND.finditer(prepared.text)
        if not found[2] or fold(found[1]) in stop_words()
    ]


_CF = re.compile(
    r"(?<![^\W_])([A-Z]{3}) ?([A-Z]{3}) ?([0-9LMNPQRSTUV]{2}[A-EHLMPR-T][0-9LMNPQRSTUV]{2}) ?"
    r"([A-Z][0-9LMNPQRSTUV]{3}) ?([A-Z])(?![^\W_])",
    re.IGNORECASE | re.ASCII,
)
_CF_CLASSES = bytes(
    ord(" ") if byte == ord(" ")
    else ord("9") if chr(byte) in "0123456789LMNPQRSTUVlmnpqrstuv"
    else ord("a") if chr(byte).isascii() and chr(byte).isalpha()
    else ord(".")
    for byte in range(256)
)  # fmt: skip
_CF_MIDDLE = re.compile(rb"99[9a]99 ?[9a]999 ?[9a](?![9a])")
"""Day, month and place of a code, with each character replaced by its class: few other words have so many consonants
and digits beside each other, and a page's classes are made and looked through in C."""

_PROTOCOL = re.compile(r"(?<![\w/,-])(?<!\d\.)0*([1-9][0-9]{0,8})/((?:19|20)?[0-9]{2})(?![/\w]|[.,-][0-9])", re.ASCII)


def codes(text: str) -> list[Token]:
    """The codes of a text in the one form in which they are compared.

    A codice fiscale in lower case without inner spaces, and a protocol number with its year, leading zeros dropped
    and the year in four digits (*001234/14* is *1234/2014*; years 00–49 are of this century).
    """
    found = [Token("".join(cf.groups()).lower(), *cf.span()) for cf in _fiscal_codes(text)]
    found += [Token(f"{protocol[1]}/{full_year(protocol[2])}", *protocol.span()) for protocol in _protocols(text)]
    return found


def _fiscal_codes(text: str) -> Iterator[re.Match[str]]:
    """All matches of ``_CF``."""
    classes = text.encode("ascii", "replace").translate(_CF_CLASSES)
    middle = _CF_MIDDLE.search(classes)
    while middle is not None:
        at = middle.start()
        for spaces in range(3):  # surname and name are six letters, up to two spaces among and after them
            start = at - 6 - spaces
            if start >= 0 and (cf := _CF.match(text, start)) is not None and cf.start(3) == at:
                yield cf
                at = cf.end()
                break
        middle = _CF_MIDDLE.search(classes, at + 1)


def _protocols(text: str) -> Iterator[re.Match[str]]:
    """All matches of ``_PROTOCOL``."""
    slash = text.find("/")
    while slash >= 0:
        start = slash
        while start and text[start - 1] in "0123456789":
            start -= 1
        if (protocol := _PROTOCOL.match(text, start)) is not None:
            yield protocol
        slash = text.find("/", slash + 1)


def full_year(digits: str) -> str:
    """A year in four digits: 00–49 are of this century, 50–99 of the last."""
    return digits if len(digits) == 4 else ("20" if digits < "50" else "19") + digits


@cache
def stop_words() -> frozenset[str]:
    """The folded words that stemmed text leaves out."""
    return frozenset(word for line in _lines("stopwords.txt") for word in line.split())


@cache
def _folding() -> dict[int, str]:
    table: dict[int, str] = {}
    for line in _lines("folding.txt"):
        target, _, letters = line.partition(" ")
        table.update((ord(letter), target) for letter in letters)
    return table


@cache
def _folded_bytes() -> bytes:
    """What the characters of Latin-1 are folded to: a letter or digit, a space, or the mark of what is unusual."""
    table = bytearray()
    for character in map(chr, range(256)):
        folded = fold(character) if _WORD.fullmatch(character) else " "
        table += folded.encode() if len(folded) == 1 and folded.isascii() else _UNUSUAL
    return bytes(table)


def _lines(name: str) -> list[str]:
    text = (resources.files("faldone.search") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line and not line.startswith("#")]


_local = threading.local()


@lru_cache(maxsize=65536)
def _snowball(word: str) -> str:
    stemmer = getattr(_local, "stemmer", None)  # a PyStemmer object must not be shared between threads
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("italian")
    return str(stemmer.stemWord(word))
