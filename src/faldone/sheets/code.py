"""What the codes on a sheet say, and the token in the words that an engine read. Pure.

    QR        FLD:1C<token><run><number>*<of>*<person>*<service>*<seal>
    small QR  FLD:1C<token>*<seal>
    Code128   FLD:1C<token><seal>

``1`` is the version of the form, ``C`` a cover and ``S`` a separator. A seal is the beginning of the SHA-256 of all
that stands before it, so that nothing on a sheet can be changed, or read half, without being noticed. The QRs keep to
the 45 signs of their alphanumeric mode (ISO/IEC 18004), which makes their modules a quarter larger than bytes would.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from typing import Final

from rapidfuzz import fuzz

from faldone.domain.ids import PersonId
from faldone.domain.sheet import ALPHABET, TOKEN_LENGTH, Sheet, SheetKind, is_token, plain

QR_VERSION: Final = 7
QR_MM: Final = 60.0
"""Side of a sheet's QR code, without its quiet zone."""
SMALL_QR_VERSION: Final = 4
SMALL_QR_MM: Final = 44.0
"""Side of its small QR code: the modules are as large as the other's, and codes of forms and bills are smaller."""
_QR_CAPACITY: Final = 93
"""Alphanumeric signs in a QR code of that version at the highest level of correction, H (ISO/IEC 18004)."""

_TAG: Final = "FLD:"
_VERSION: Final = "1"
_FORM: Final = _TAG + _VERSION
_LETTERS: Final = {SheetKind.COVER: "C", SheetKind.SEPARATOR: "S"}
_KINDS: Final = {letter: kind for kind, letter in _LETTERS.items()}
_QR_SEAL: Final = 6
"""Also the small one's."""
_LINE_SEAL: Final = 4
_TOKEN_START: Final = len(_FORM) + 1
_LINE_LENGTH: Final = _TOKEN_START + TOKEN_LENGTH + _LINE_SEAL
_SAME_SHEET: Final = 10
_LINE = re.compile(rf"{_FORM}([CS])([^*]{{{TOKEN_LENGTH}}})")
_SMALL_QR = re.compile(rf"{_FORM}([CS])([^*]{{{TOKEN_LENGTH}}})\*")
_QR = re.compile(rf"{_FORM}([CS])([^*]{{{TOKEN_LENGTH}}})([^*]{{{TOKEN_LENGTH}}})(\d+)\*(\d+)\*([^*]*)\*([^*]*)\*")
_CAPITAL: Final = "$"
_WRITABLE = re.compile(r"[A-Za-z0-9./:-]*")

TITLES: Final = {
    SheetKind.COVER: ("COPERTINA DI FASCICOLO", "cover"),
    SheetKind.SEPARATOR: ("SEPARATORE DI DOCUMENTO", "separator"),
}
"""Italian and English."""

_TITLE_LIKENESS: Final = 85.0
"""Of 100: two or three wrong letters in a title's 22."""

_LEAD = re.compile(r"(?<![^\W_])[FE]\s?[L1I|]\s?[D0O](?=[\W_])")
_GAP: Final = r"[\s\-\u2010-\u2015_.,:·~]{0,4}"
_SPELT = re.compile(rf"{_GAP}((?:[^\W_]{_GAP}){{{TOKEN_LENGTH}}})(?![^\W_])")
_CONFUSED: Final = {
    char: "".join(pair).replace(char, "") for pair in ("B8", "S5", "Z2", "G6", "D0", "T7", "VY") for char in pair
}
_MAX_SWAPS: Final = 2
"""Tokens differ in six places: a token with three wrong characters is still never made into another one."""


class Witness(StrEnum):
    """Which code on the sheet was read."""

    QR = "qr"
    SMALL_QR = "small-qr"
    CODE128 = "code128"


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a code said. Only the large QR says more than kind and token; the archive knows the rest by the token."""

    witness: Witness
    kind: SheetKind
    token: str
    number: int | None = None
    of: int | None = None
    run: str | None = None
    person: PersonId | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Damaged:
    """A code that bears our tag but not its right seal: a sheet of ours stood here, and which one is not known."""

    text: str

    def may_be_of(self, token: str) -> bool:
        """Whether it may be that sheet's other code, misread in few places: two tokens agree in none or one."""
        there = self.text[_TOKEN_START : _TOKEN_START + TOKEN_LENGTH]
        return sum(one == two for one, two in zip(there, token, strict=False)) >= _SAME_SHEET


def _seal(text: str, length: int) -> str:
    bits = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(length))


def qr_payload(sheet: Sheet) -> str:
    """The text of a sheet's QR code: all of it.

    Raises:
        ValueError: person or service have signs that cannot be written in it, or are too long.
    """
    person, service = _small(sheet.person or ""), _small((sheet.service or "").swapcase())
    head = f"{_FORM}{_LETTERS[sheet.kind]}{sheet.token}{sheet.run}"
    text = f"{head}{sheet.number}*{sheet.of}*{person}*{service}*"
    if len(text) + _QR_SEAL > _QR_CAPACITY:
        raise ValueError(f"{len(text) + _QR_SEAL} signs, where a sheet's code holds {_QR_CAPACITY}")
    return text + _seal(text, _QR_SEAL)


def small_qr_payload(sheet: Sheet) -> str:
    """The text of a sheet's small QR code."""
    text = f"{_FORM}{_LETTERS[sheet.kind]}{sheet.token}*"
    return text + _seal(text, _QR_SEAL)


def line_payload(sheet: Sheet) -> str:
    """The text of a sheet's Code128."""
    text = f"{_FORM}{_LETTERS[sheet.kind]}{sheet.token}"
    return text + _seal(text, _LINE_SEAL)


def bears_tag(text: str) -> bool:
    """Whether a code's text begins as all of ours do."""
    return text.startswith(_TAG)


def decode(text: str) -> Decoded | Damaged | None:
    """What a code found on a page says; ``None`` when it is not one of ours."""
    if not bears_tag(text):
        return None
    try:
        if "*" not in text:
            return _from_short(_LINE, text, _LINE_SEAL, Witness.CODE128)
        if text.count("*") == 1:
            return _from_short(_SMALL_QR, text, _QR_SEAL, Witness.SMALL_QR)
        return _from_qr(text)
    except ValueError:
        return Damaged(text)


def mend(text: str) -> Decoded | None:
    """What a sheet's Code128 said that was read with one sign wrong, and whose own check therefore failed.

    Of some 700 texts that one sign makes, a wrong one passes the checks of token and seal, 45 bits, once in 5 * 10^10.
    """
    if len(text) != _LINE_LENGTH or not text.startswith(_FORM):
        return None
    for place in range(len(_FORM), _LINE_LENGTH):
        for char in ALPHABET:
            said = decode(text[:place] + char + text[place + 1 :])
            if isinstance(said, Decoded):
                return said
    return None


def _small(text: str) -> str:
    """The text in signs of the alphanumeric mode, which has no small letters: capitals get a mark instead."""
    if not _WRITABLE.fullmatch(text):
        raise ValueError(f"{text!r} cannot stand in a sheet's code")
    return "".join(_CAPITAL + char if char.isupper() else char.upper() for char in text)


def _unsmall(text: str) -> str:
    first, *marked = text.split(_CAPITAL)
    return first.lower() + "".join(part[:1] + part[1:].lower() for part in marked)


def _unsealed(form: re.Pattern[str], text: str, seal: int) -> re.Match[str]:
    found = form.fullmatch(text[:-seal])
    if found is None or text[-seal:] != _seal(text[:-seal], seal):
        raise ValueError("not a sheet's code")
    return found


def _from_short(form: re.Pattern[str], text: str, seal: int, witness: Witness) -> Decoded:
    letter, token = _unsealed(form, text, seal).groups()
    if not is_token(token):
        raise ValueError("not a token")
    return Decoded(witness, _KINDS[letter], token)


def _from_qr(text: str) -> Decoded:
    letter, token, run, number, of, person, service = _unsealed(_QR, text, _QR_SEAL).groups()
    sheet = Sheet(
        token,
        _KINDS[letter],
        int(number),
        int(of),
        run,
        PersonId(_unsmall(person)) if person else None,
        _unsmall(service).swapcase() or None,
    )
    return Decoded(Witness.QR, sheet.kind, sheet.token, sheet.number, sheet.of, sheet.run, sheet.person, sheet.service)


# --- the last witness: words -------------------------------------------------------------------------------------


def tokens_in_words(text: str) -> tuple[str, ...]:
    """The tokens that stand in text an engine read, in order, each once.

    A token is looked for after ``FLD``; gaps and dashes may be anywhere, and look-alikes (O and 0, I, L and 1, B and
    8, …) are tried, but what is told has its check right.
    """
    found = (_read_token(spelt) for spelt in _spelt(text))
    return tuple(dict.fromkeys(token for token in found if token is not None))


def looks_like_sheet(text: str) -> bool:
    """Whether an engine read our title, or something spelt like our token, on a page.

    When :func:`tokens_in_words` then finds no token, the page may be a sheet of ours that nobody could read: a doubt
    that a person has to settle. The Italian title alone is not enough: offices print covers of their own.
    """
    if any(True for _ in _spelt(text)):
        return True
    folded = _folded(text)
    words = frozenset(re.findall(r"\w+", folded))
    led = _LEAD.search(text.upper()) is not None
    return any(
        (english in words or led) and fuzz.partial_ratio(_folded(italian), folded) >= _TITLE_LIKENESS
        for italian, english in TITLES.values()
    )


def _spelt(text: str) -> Iterator[str]:
    upper = text.upper()
    for lead in _LEAD.finditer(upper):
        following = _SPELT.match(upper, lead.end())
        if following is not None:
            yield plain(following[1])


def _read_token(spelt: str) -> str | None:
    if is_token(spelt):
        return spelt
    doubtful = [place for place, char in enumerate(spelt) if char in _CONFUSED]
    for count in range(1, _MAX_SWAPS + 1):
        for places in combinations(doubtful, count):
            for swaps in product(*(_CONFUSED[spelt[place]] for place in places)):
                chars = list(spelt)
                for place, char in zip(places, swaps, strict=True):
                    chars[place] = char
                if is_token(token := "".join(chars)):
                    return token
    return None


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())
