"""How legible a recognised page is. Pure."""

from __future__ import annotations

import re
from statistics import fmean

from faldone.domain.page import PageText

LEGIBLE = 0.60
"""From this value on a page's text can be relied on; below, a person should look at the image.

A judgement, not yet measured.
"""

_FUNCTION_WORDS = """
a ad al allo alla ai agli alle all anche avendo avere c che chi ci ciò come con così cui d da dal dallo dalla dai
dagli dalle dall dei degli del dell della delle dello di dopo dove due e è ed essere fino fra gli ha hanno i il in
io l la le lei li lo loro lui ma nei negli nel nell nella nelle nello noi non o ogni oltre ove per perché più poi
presso prima può qual quale quali quanto quel quella quelle quello questa queste questi questo s se sé senza si sia
sono sta stata stati stato su sua sue sugli sui sul sull sulla sulle sullo suo suoi tale tali tra tutte tutti tutto
un una uno vi viene

"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Articles, prepositions (articulated and elided), pronouns and auxiliaries: a third of any Italian prose."""

_TOKEN = re.compile(r"[^\W\d_]+")
_CONSONANT_FINALS = "con per non il in del nel al dal sul col un ed ad nord sud est ex art tel cod fisc prot"
_CONSONANT_ENDINGS = frozenset(_CONSONANT_FINALS.split())
_VOWELS = frozenset("aeiouyàèéìíòóùú")
_CONSONANT_RUN = re.compile(r"[bcdfghjklmnpqrstvwxz]{4,}")
_REPEATED = re.compile(r"(.)\1\1")


def plausible_word(token: str) -> bool:
    """Whether ``token`` (letters only) has the shape of an Italian word or name.

    No word list is needed for that: Italian words end in a vowel save for a few, and do not pile up consonants.
    Surnames that end otherwise (Martin, Hassan, Conti is no trouble) pass when their inside is regular.
    """
    word = token.lower()
    if word in FUNCTION_WORDS or word in _CONSONANT_ENDINGS:
        return True
    if len(word) < 3 or _REPEATED.search(word) or _CONSONANT_RUN.search(word):
        return False
    if not token.isupper() and any(letter.isupper() for letter in token[1:]):
        return False
    vowels = sum(letter in _VOWELS for letter in word)
    return 0.25 <= vowels / len(word) <= 0.8 and (word[-1] in _VOWELS or word[-1] in "nrlsmt")


def plausible_share(text: str) -> float:
    """The share of letters of ``text`` that stand in plausible words; 0.0 without letters."""
    tokens = _TOKEN.findall(text)
    letters = sum(map(len, tokens))
    return sum(len(token) for token in tokens if plausible_word(token)) / letters if letters else 0.0


def function_word_share(text: str) -> float:
    """The share of the words of ``text`` that are Italian function words; 0.0 without words."""
    tokens = _TOKEN.findall(text.lower())
    return sum(token in FUNCTION_WORDS for token in tokens) / len(tokens) if tokens else 0.0


def legibility(page: PageText) -> float:
    """How far the text of ``page`` can be relied on, 0.0 (not at all) to 1.0.

    Half the engine's confidence, half the share of letters in words of Italian shape: an engine may be sure of
    nonsense, and a register of numbers has no words. A blank page has nothing to be relied on and gives 0.0.
    Words count by their length: a page is not legible for its full stops.
    """
    if page.blank or not page.words:
        return 0.0
    weights = [len(word.text) for word in page.words]
    confidence = sum(word.confidence * weight for word, weight in zip(page.words, weights, strict=True)) / sum(weights)
    letters = sum(letter.isalpha() for word in page.words for letter in word.text)
    if letters < sum(weights) / 4:  # a table of figures: only the confidence can tell
        return confidence
    return fmean((confidence, plausible_share(page.text)))


def is_legible(page: PageText) -> bool:
    """Whether :meth:`legibility` reaches :data:`LEGIBLE`."""
    return legibility(page) >= LEGIBLE
