"""What a typist wrote otherwise than a printer would."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from faldone.domain.page import Box
from faldone.ocr.engine import ReadWord
from faldone.ocr.typist import as_meant, with_hyphens, with_marks

PAPER = np.full((300, 1000), 250, np.uint8)
PITCH, TALL = 30, 40
"""Of a typewriter at 300 dpi, in pixels."""


def typed(*lines: str, confidence: float = 0.9) -> list[ReadWord]:
    """Lines of a typewriter: a character a pitch, spaces too."""
    made = []
    for number, text in enumerate(lines):
        at = 0
        for word in text.split(" "):
            if word:
                box = Box(20 + PITCH * at, 50 + 100 * number, PITCH * len(word), TALL)
                made.append(ReadWord(word, box, confidence, 0, number))
            at += len(word) + 1
    return made


def texts(words: tuple[ReadWord, ...]) -> str:
    return " ".join(word.text for word in words)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ('risposto al Papa ! "', 'risposto al Papa!"'),
        ('- " Che dite, sorella ? ".', '- "Che dite, sorella?".'),
        ('esclama: " Gli Inglesi', 'esclama: "Gli Inglesi'),
        ("di Siracusa. = Due barche", "di Siracusa.= Due barche"),
        ("BAMBINI = 13 UOMINI", "BAMBINI = 13 UOMINI"),
        ("sorella      ! nulla", "sorella ! nulla"),
    ],
)
def test_a_mark_that_stands_alone_is_joined_to_its_word(read, meant):
    assert texts(with_marks(typed(read))) == meant


def test_a_doubtful_mark_is_not_joined_for_it_may_be_dust():
    assert texts(with_marks(typed("della casa ! nulla", confidence=0.5))) == "della casa ! nulla"


def test_a_joined_mark_is_inside_the_box_of_its_word():
    (word,) = with_marks(typed("Papa !"))
    assert word.box == Box(20, 50, 6 * PITCH, TALL)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Tripoli I4 marzo I944.", "Tripoli 14 marzo 1944."),
        ("il I5-3-I946 alle", "il 15-3-1946 alle"),
        ("dal Vescovo,=", "dal Vescovo.="),
        ("alle II, Vittorio Emanuele III", "alle II, Vittorio Emanuele III"),
        ("nata a H50I in B2I", "nata a H50I in B2I"),
        ("vale 0 euro", "vale 0 euro"),
    ],
)
def test_figures_and_signs_are_as_the_typist_meant_them(read, meant):
    made, changed = as_meant(typed(read))
    assert texts(made) == meant
    assert changed == sum(old != new for old, new in zip(read.split(), meant.split(), strict=True))


def test_a_nought_no_taller_than_small_letters_is_an_o():
    parte, nought, meglio = typed("parte 0 meglio")
    low = replace(nought, box=Box(nought.box.x, nought.box.y + 12, nought.box.width, nought.box.height - 12))
    assert texts(as_meant([parte, low, meglio])[0]) == "parte o meglio"


@pytest.mark.parametrize(
    ("end", "start", "hyphened"),
    [("com=", "mensali", "com-"), ("ora.=", "Gli", "ora.="), ("com=", "Mensali", "com="), ("1945=", "siamo", "1945=")],
)
def test_the_equals_sign_of_a_typist_who_breaks_a_word_is_a_hyphen(end, start, hyphened):
    assert texts(with_hyphens(typed(f"i pochi {end}", start), PAPER)) == f"i pochi {hyphened} {start}"


def test_an_equals_sign_before_a_space_stays_and_one_between_letters_is_a_hyphen():
    assert texts(with_hyphens(typed("com= mensali"), PAPER)) == "com= mensali"
    assert texts(with_hyphens(typed("di foot=ball."), PAPER)) == "di foot-ball."


def struck(words: list[ReadWord], start: float, end: float, *, tall: int = 7) -> np.ndarray:
    """The paper with a stroke under the last word of the first line, from and to so many pitches before its end."""
    last = [word for word in words if word.line == 0][-1].box
    pixels = PAPER.copy()
    x0, x1 = round(last.right - start * PITCH), round(last.right - end * PITCH)
    cv2.rectangle(pixels, (x0, last.bottom + 6), (x1, last.bottom + 5 + tall), 40, -1)
    return pixels


def test_a_stroke_under_the_last_letter_of_a_full_line_is_a_hyphen():
    words = typed("stazza di cir", "ca due tonnellate")
    assert texts(with_hyphens(words, struck(words, 1.1, -0.1))) == "stazza di cir- ca due tonnellate"


@pytest.mark.parametrize(
    ("start", "end", "tall"),
    [(3.1, -0.1, 7), (1.1, -6, 7), (0.9, 0.0, 7), (2.1, 0.9, 7), (1.1, -0.1, 2)],
    ids=["under the word", "a line to write on", "the feet of a letter", "under another letter", "a scratch"],
)
def test_another_stroke_is_no_hyphen(start, end, tall):
    words = typed("stazza di cir", "ca due tonnellate")
    assert texts(with_hyphens(words, struck(words, start, end, tall=tall))) == "stazza di cir ca due tonnellate"


def test_a_stroke_under_the_last_letter_of_a_sentence_is_no_hyphen():
    words = typed("stazza di cir", "Due tonnellate")
    assert texts(with_hyphens(words, struck(words, 1.1, -0.1))) == "stazza di cir Due tonnellate"
