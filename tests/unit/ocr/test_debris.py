"""What is read where there is no print, and lines that were not read where there is."""

from dataclasses import replace

import numpy as np
import pytest

from faldone.domain.page import Box
from faldone.ocr.debris import without_debris
from faldone.ocr.engine import ReadWord
from faldone.ocr.image import IDENTITY
from faldone.ocr.prepare import PageStatistics
from faldone.ocr.uncovered import uncovered_strips


def found(*boxes: tuple[int, int, int, int]) -> PageStatistics:
    """A page at 150 dpi with letters in these boxes."""
    rows = np.array(boxes, np.int32).reshape(-1, 4)
    return PageStatistics(len(rows), 0.0, 0.0, 0.0, 0.0, 1.5, rows, np.full((900, 900), 255, np.uint8), 1.0)


def line(text: str, y: int = 100, *, height: int = 20, confidence: float = 0.9, number: int = 0) -> list[ReadWord]:
    made, x = [], 50
    for word in text.split():
        made.append(ReadWord(word, Box(x, y, 10 * len(word), height), confidence, 0, number))
        x += 10 * len(word) + 8
    return made


def letters_of(words: list[ReadWord]) -> list[tuple[int, int, int, int]]:
    return [(word.box.x + 10 * n, word.box.y, 8, 18) for word in words for n in range(len(word.text))]


def kept(words: list[ReadWord], page: PageStatistics, *, form: bool = False) -> list[str]:
    return [word.text for word in without_debris(words, page, IDENTITY, form=form)[0]]


PRINT = line("il servizio sociale relaziona quanto segue")


def test_print_is_kept_as_it_is():
    words, illegible = without_debris(PRINT, found(*letters_of(PRINT)), IDENTITY)
    assert (words, illegible) == (tuple(PRINT), 0)


@pytest.mark.parametrize("confidence", [0.1, 0.8])
def test_a_signature_is_left_out_and_counted(confidence):
    scrawl = line("VUNLSSS=", 300, height=50, confidence=confidence, number=1)
    words, illegible = without_debris([*PRINT, *scrawl], found(*letters_of(PRINT)), IDENTITY)
    assert (words, illegible) == (tuple(PRINT), 1)


def test_a_large_title_is_no_signature():
    title = line("RISERVATO", 300, height=60, confidence=0.96, number=1)
    assert "RISERVATO" in kept([*PRINT, *title], found(*letters_of(PRINT)))


@pytest.mark.parametrize("dust", [".", "‘", "°", ":", "_", "©", "]"])
def test_dust_is_no_word(dust):
    speck = ReadWord(dust, Box(500, 110, 3, 3), 0.9, 0, 0)
    assert dust not in kept([*PRINT, speck], found(*letters_of(PRINT)))


@pytest.mark.parametrize("mark", ["-", "€", "•", "&", "n.", "1"])
def test_short_words_of_print_are_no_dust(mark):
    words = line(f"il servizio {mark} sociale")
    assert kept(words, found(*letters_of(words))) == ["il", "servizio", mark, "sociale"]


def test_an_upright_stroke_among_words_is_an_i_and_beside_a_frame_nothing():
    words = line("TRIBUNALE PER | MINORENNI")
    assert kept(words, found(*letters_of(words))) == ["TRIBUNALE", "PER", "I", "MINORENNI"]
    words = line("TRIBUNALE PER MINORENNI |")
    assert kept(words, found(*letters_of(words))) == ["TRIBUNALE", "PER", "MINORENNI"]


def test_left_overs_of_leaders_go_on_a_form_and_stay_in_prose():
    words = line(".ROSSI..MARIA... nata")
    assert kept(words, found(*letters_of(words)), form=True) == ["ROSSI", "MARIA", "nata"]
    words = line("forse... domani")
    assert kept(words, found(*letters_of(words))) == ["forse...", "domani"]


def test_the_number_at_the_foot_is_three_words_again():
    words = line("pag.1di3 Andi2 12di")
    assert kept(words, found(*letters_of(words))) == ["pag.", "1", "di", "3", "Andi2", "12di"]


# --- ink that no word covers

ROWS = [line("il servizio sociale relaziona", 100 + 60 * n, number=n) for n in range(5)]
ALL = [letter for row in ROWS for letter in letters_of(row)]


def test_a_line_that_was_dropped_is_a_strip_to_read():
    read = [word for row in (*ROWS[:2], *ROWS[3:]) for word in row]
    (strip,) = uncovered_strips(read, found(*ALL), IDENTITY, 150)
    dropped = ROWS[2][0].box.union(ROWS[2][-1].box)
    assert strip.x <= dropped.x
    assert strip.y <= dropped.y
    assert strip.right >= dropped.right - 4
    assert dropped.bottom <= strip.bottom < ROWS[3][0].box.y


def test_nothing_is_left_when_all_is_read():
    assert uncovered_strips([word for row in ROWS for word in row], found(*ALL), IDENTITY, 150) == ()


def test_a_page_of_which_most_was_not_read_is_no_dropped_line():
    assert uncovered_strips(ROWS[0], found(*ALL), IDENTITY, 150) == ()


def test_a_box_as_large_as_the_page_covers_nothing():
    whole = ReadWord("E", Box(0, 0, 900, 900), 0.9, 9, 9)
    read = [word for row in ROWS[:4] for word in row]
    assert len(uncovered_strips([*read, whole], found(*ALL), IDENTITY, 150)) == 1


def test_the_ends_of_the_next_pages_lines_are_no_text():
    text = [word for row in range(8) for word in line("servizio sociale della comunità", 40 * row, number=row)]
    beside = [
        ReadWord(end, Box(600, 40 * row, 30, 20), 0.5, 1, row) for row, end in enumerate(("im", "rei", "se", "ui", "n"))
    ]
    words = sorted([*text, *beside], key=lambda word: word.line)
    page = found(*letters_of(words))
    assert without_debris(words, page, IDENTITY) == (tuple(text), 5)
    sums = [replace(word, text="12") for word in beside]
    yes = [replace(word, text="sì", confidence=0.9) for word in beside]
    for column in (sums, yes):
        table = sorted([*text, *column], key=lambda word: word.line)
        assert without_debris(table, page, IDENTITY) == (tuple(table), 0), "a table's last column"
