"""The running numbers of a list that the engine lost."""

import numpy as np
import pytest

from faldone.domain.page import Box
from faldone.ocr.columns import NumberColumn, number_column, on_one_line, with_numbers
from faldone.ocr.engine import ReadWord
from faldone.ocr.image import IDENTITY
from faldone.ocr.prepare import PageStatistics

ROWS = 6
NUMBERS = [Box(50, 100 + 40 * row, 10, 18) for row in range(ROWS)]
NAMES = [ReadWord("ROSSI", Box(150, 98 + 40 * row, 90, 22), 0.95, 1, row + 1) for row in range(ROWS)]
DOWN = [ReadWord("Oa", Box(50, 100 + 80 * row, 10, 60), 0.8, 0, 0) for row in range(3)]
COLUMN = NumberColumn(tuple(NUMBERS), (0, 1, 2))


def found(*boxes: Box) -> PageStatistics:
    """A page at 150 dpi with letters in these boxes."""
    rows = np.array([(box.x, box.y, box.width, box.height) for box in boxes], np.int32)
    return PageStatistics(len(rows), 0.0, 0.0, 0.0, 0.0, 1.5, rows, np.full((900, 900), 255, np.uint8), 1.0)


PRINT = [Box(150 + 18 * letter, 100 + 40 * row, 14, 18) for row in range(ROWS) for letter in range(5)]


def test_numbers_before_the_rows_of_a_list_are_found_and_what_stands_for_them():
    column = number_column([*DOWN, *NAMES], found(*NUMBERS, *PRINT), IDENTITY, 150)
    assert column == COLUMN


def test_the_digits_of_one_number_are_one_cell():
    digits = [Box(62, box.y, 10, 18) for box in NUMBERS]
    column = number_column(NAMES, found(*NUMBERS, *digits, *PRINT), IDENTITY, 150)
    assert column is not None
    assert column.cells == tuple(Box(50, box.y, 22, 18) for box in NUMBERS)


@pytest.mark.parametrize(
    ("words", "boxes"),
    [
        ([*(ReadWord("7", box, 0.95, 0, box.y) for box in NUMBERS), *NAMES], NUMBERS),
        (NAMES, NUMBERS[:2]),
        (NAMES, [Box(30 + 17 * row, box.y, 10, 18) for row, box in enumerate(NUMBERS)]),
        (NAMES, [Box(50, 500 + 40 * row, 10, 18) for row in range(ROWS)]),
        (NAMES, [Box(600, box.y, 10, 18) for box in NUMBERS]),
        (NAMES, [Box(50 + 13 * letter, box.y, 10, 18) for box in NUMBERS for letter in range(3)]),
    ],
    ids=["surely read", "too few", "not aligned", "beside no row", "behind the rows", "a good part of the page"],
)
def test_other_letters_are_no_running_numbers(words, boxes):
    assert number_column(words, found(*boxes, *PRINT), IDENTITY, 150) is None


def test_cells_are_set_side_by_side():
    pixels = np.full((400, 300), 240, np.uint8)
    for number, box in enumerate(NUMBERS):
        pixels[box.y : box.bottom, box.x : box.right] = 10 + number
    line, ends = on_one_line(pixels, NUMBERS)
    starts = (0, *ends[:-1])
    assert line.shape == (36, ends[-1])
    assert [int(line[:, start:end].min()) for start, end in zip(starts, ends, strict=True)] == [10, 11, 12, 13, 14, 15]


def read(*texts: tuple[str, int, int]) -> list[ReadWord]:
    """Words on the line: text, the first and the last cell that it covers."""
    _, ends = on_one_line(np.full((400, 300), 240, np.uint8), NUMBERS)
    size = ends[1] - ends[0]
    return [
        ReadWord(text, Box(ends[0] - size + size * first + 2, 5, size * (last - first) + 20, 20), 0.9, 0, 0)
        for text, first, last in texts
    ]


def numbered(line: list[ReadWord]) -> tuple[list[tuple[str, Box]], int]:
    _, ends = on_one_line(np.full((400, 300), 240, np.uint8), NUMBERS)
    words, count = with_numbers([*DOWN, *NAMES], COLUMN, ends, line)
    return [(word.text, word.box) for word in words if word.text != "ROSSI"], count


def test_numbers_take_the_place_of_what_was_read_down_the_page():
    made, count = numbered(read(("N.", 0, 0), ("1", 1, 1), ("2", 2, 2), ("3", 3, 3), ("4", 4, 4), ("5", 5, 5)))
    assert count == ROWS
    assert made == list(zip(("N.", "1", "2", "3", "4", "5"), NUMBERS, strict=True))


def test_numbers_that_were_read_as_one_are_taken_apart():
    made, _ = numbered(read(("1", 0, 0), ("2345", 1, 4), ("6", 5, 5)))
    assert made == list(zip("123456", NUMBERS, strict=True))


@pytest.mark.parametrize(
    "line",
    [
        read(("a", 0, 0), ("b", 1, 1), ("c", 2, 2), ("d", 3, 3), ("e", 4, 4), ("f", 5, 5)),
        read(("nnn", 0, 2), ("nnn", 3, 5)),
        read(("12", 0, 5)),
        read(("1", 0, 0), ("2", 1, 1)),
        [],
    ],
    ids=["letters", "letters that look like a head", "too few digits", "two numbers", "nothing"],
)
def test_what_is_not_read_as_numbers_changes_nothing(line):
    made, count = numbered(line)
    assert (made, count) == ([(word.text, word.box) for word in DOWN], 0)
