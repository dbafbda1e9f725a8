"""The words of a page that may be parts of a name, and the runs of them that may be one name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from codicefiscale import data as place_data
from rapidfuzz.distance import OSA

from faldone.classify.normalise import compact_name, fold, letters_from
from faldone.classify.persons.mention import CodeReading
from faldone.classify.reading import Reading

_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ž0-9|][A-Za-zÀ-ÖØ-öø-ž0-9|'’`´]*")
_GAP = re.compile(r"[ \n:_.·•*|\-]{0,8}")
_ELIDED: Final = re.compile(r"^(?:l|un|all|dall|dell|nell|sull|quell)['’`´](?=[A-ZÀ-Ö])")
_ELIDED_WORD: Final = re.compile(r"^(?i:l|un|all|dall|dell|nell|sull|quell|d)['’`´](?=[a-zà-öø-ž])")
_ELIDED_FORM_WORD: Final = re.compile(
    r"^(?:l|un|all|dall|dell|nell|sull)['’`´](?:alunn|utent|assist|interess|uffici|amminist|affid|educ|istit|ent[ei]|att)",
    re.IGNORECASE,
)
_BORN: Final = re.compile(r"nat[oaie]{1,3}")
"""«nato», also with the «a» of its place glued to it («Natoa Crema»)."""

PARTICLES: Final = frozenset(
    [
        "de",
        "di",
        "del",
        "della",
        "dello",
        "dei",
        "degli",
        "da",
        "dal",
        "dalla",
        "dalle",
        "lo",
        "la",
        "li",
        "le",
        "el",
        "al",
        "ben",
        "bin",
        "van",
        "von",
        "der",
        "d",
    ]
)
_FORM_WORDS: Final = frozenset(
    [
        "codice",
        "fiscale",
        "cf",
        "data",
        "luogo",
        "nascita",
        "residenza",
        "residente",
        "relazione",
        "parentela",
        "grado",
        "indirizzo",
        "firma",
        "sesso",
        "comune",
        "telefono",
        "tel",
        "qualita",
        "stato",
        "cittadinanza",
        "via",
        "provincia",
        "utente",
        "minore",
        "richiedente",
        "padre",
        "madre",
        "genitore",
        "figlio",
        "servizio",
        "documento",
        "note",
        "importo",
    ]
)
"""The labels that stand behind «cognome» and «nome» on forms and heads of tables."""

_WHOLE_NAME: Final = frozenset({"cognome nome", "nome cognome"})
_LABELS_IN_ENGLISH: Final = frozenset({"surname", "name", "names", "given"})
_GLUED_LABEL: Final = re.compile(r"(Cognome|COGNOME|Nome|NOME)(?=[A-Z]{3})")
_LICENCE: Final = re.compile(r"\bpate[a-z]te\b|\bdi guida\b")
_LICENCE_NUMBER: Final = re.compile(r"\s*([1il2])\s?[.,]\s*")
_BETWEEN_BOXES: Final = re.compile(r"(?:[\W\d_]|cognome|nome|surname|name)*")
_BOX_GAP_CHARS: Final = 30
_ARTICLES_AFTER_LABEL: Final = frozenset({"e", "ed"})


@dataclass(frozen=True, slots=True)
class NameWord:
    """A word that may be part of a name.

    ``text`` is folded; ``label`` is the form's own word before it: «cognome», «nome», both («cognome nome») or none.
    """

    text: str
    start: int
    end: int
    capital: bool
    upper: bool
    label: str = ""

    @property
    def opens(self) -> bool:
        """Whether the form says that a name begins here."""
        return self.label.startswith("cognome") or self.label == "nome cognome"


def name_words(reading: Reading, codes: Sequence[CodeReading]) -> list[NameWord]:
    """Every word of letters outside the codes, with the form's label that stands right before it."""
    words: list[NameWord] = []
    label = ""
    label_line = 0
    licence = _LICENCE.search(reading.folded) is not None
    for match in _WORD.finditer(reading.raw):
        shown = match.group()
        start, end = match.span()
        if any(code.start <= start < code.end for code in codes):
            continue
        elided = _ELIDED.match(shown)
        if elided:
            start += elided.end()
            shown = shown[elided.end() :]
        glued = _GLUED_LABEL.match(shown)
        if glued is not None:
            label = f"{label} {glued[1].lower()}".strip() if label == "cognome" else glued[1].lower()
            label_line = reading.line_of(start)
            start += glued.end()
            shown = shown[glued.end() :]
        letters = "".join(char for char in letters_from(fold(shown)) if "a" <= char <= "z")
        if not letters or sum(char.isdigit() for char in shown) * 2 >= len(shown):
            continue
        if label and letters in _LABELS_IN_ENGLISH and reading.line_of(start) == label_line:
            continue
        if letters != "cognome" and len(letters) == len("cognome") and OSA.distance(letters, "cognome") == 1:
            letters = "cognome"
        if licence and (number := _licence_field(reading, start)):
            label, label_line = number, reading.line_of(start)
        if letters in ("cognome", "nome"):
            label = f"{label} {letters}".strip() if label else letters
            label_line = reading.line_of(start)
            continue
        if letters == "cognomenome":
            label, label_line = "cognome nome", reading.line_of(start)
            continue
        if label and letters in _ARTICLES_AFTER_LABEL:
            continue
        if label and (letters in _FORM_WORDS or is_born(letters) or reading.line_of(start) > label_line + 1):
            # An empty box: what comes next is the form's own next word («Nome ______ / Nato a …»).
            label = ""
        # «L'igiene», «Dell'alunno»: the capital is the article's.
        capital = not (_ELIDED_WORD.match(shown) or _ELIDED_FORM_WORD.match(shown)) and (
            shown[0].isupper() or shown[0].isdigit()
        )
        words.append(NameWord(letters, start, end, capital, shown.upper() == shown, label if capital else ""))
        if capital or reading.line_of(start) > label_line:
            label = ""  # «Nome e cognome del richiedente ROSSI …»: small words stand between
    return words


def _licence_field(reading: Reading, start: int) -> str:
    """What a driving licence has behind the number that opens the word's line: 1 is the surname, 2 the given name."""
    line_start, _ = reading.line_span(reading.line_of(start))
    number = _LICENCE_NUMBER.fullmatch(reading.folded[line_start:start])
    return "" if number is None else "nome" if number[1] == "2" else "cognome"


@lru_cache(maxsize=1)
def comune_names() -> Mapping[str, str]:
    """The names of all comuni, past ones too, by their compact keys."""
    return {compact_name(row["name"]): row["name"] for row in place_data.get_municipalities_data()}


@lru_cache(maxsize=1)
def comuni() -> frozenset[str]:
    """The compact keys of all comuni, past ones too."""
    return frozenset(comune_names())


def is_born(text: str) -> bool:
    """Whether the word is «nato», perhaps with its «a» glued on."""
    return _BORN.fullmatch(text) is not None


def joined(reading: Reading, left: NameWord, right: NameWord) -> bool:
    """Whether two words may belong to one name: nothing but spaces, a label or one line end stands between."""
    gap = reading.folded[left.end : right.start]
    if right.label:
        # Dots of an empty rest, the label in two languages or its number: what a form puts between two boxes.
        return len(gap) <= _BOX_GAP_CHARS and gap.count("\n") <= 2 and _BETWEEN_BOXES.fullmatch(gap) is not None
    if left.label and gap == "." and left.end - left.start == 1:
        return True  # a speck in the box: «P.IRAS»
    if gap == "." and left.capital and left.text in PARTICLES:
        return True  # a speck behind a surname's particle: «DE.VECCHI Caterina»
    if left.label in _WHOLE_NAME and gap.rstrip() == ".":
        return True  # a dot of the dotted line: «Cognome e nome STANGA. LUCIA»
    return _GAP.fullmatch(gap) is not None and gap.count("\n") <= 1 and not re.search(r"[:.|]|-\s|\s-", gap)


def runs(reading: Reading, words: Sequence[NameWord]) -> list[list[NameWord]]:
    """Stretches of words that start with capitals, with the small particles between them.

    A form's «cognome» starts a new name; its «nome» goes on with the surname only that a label brought.
    """
    found: list[list[NameWord]] = []
    current: list[NameWord] = []
    for word in words:
        if current and (
            word.opens
            or (word.label == "nome" and not current[0].label)
            or not ((word.capital or word.text in PARTICLES) and joined(reading, current[-1], word))
        ):
            found.append(current)
            current = []
        if current or word.capital:
            current.append(word)
    found.append(current)
    for run in found:
        while run and not run[-1].capital:
            run.pop()
    return [run for run in found if run]


def shown(reading: Reading, part: Sequence[NameWord]) -> str:
    """The name as read, without the form's labels between its words."""
    return " ".join(reading.raw[word.start : word.end] for word in part)
