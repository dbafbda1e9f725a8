"""The font without shapes, and where words are written."""

from __future__ import annotations

import io

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.searchable import layer


def text(*words: Word, width: int = 1000, height: int = 2000) -> PageText:
    return PageText(words, width, height, 300, 0, TextSource.OCR, EngineStamp("test", "1", ""))


def word(letters: str, x: int = 0, y: int = 0, line: int = 0) -> Word:
    return Word(letters, Box(x, y, 100, 40), 0.9, line)


def test_the_font_is_one_that_others_read() -> None:
    font = TTFont(io.BytesIO(layer.font_program()), checkChecksums=2)
    assert font["maxp"].numGlyphs == 2
    assert font["hmtx"].metrics[font.getGlyphOrder()[1]] == (layer.ADVANCE, 0)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_corners_of_the_image_are_the_corners_of_the_page(turned: int) -> None:
    page = (10.0, 20.0, 210.0, 420.0)
    width, height = (1000, 2000) if turned % 180 == 0 else (2000, 1000)
    a, b, c, d, e, f = layer.placed(page, turned, width, height)
    corners = [(a * x + c * y + e, b * x + d * y + f) for x, y in ((0, 0), (width, 0), (width, height), (0, height))]
    unturned = [(10.0, 20.0), (210.0, 20.0), (210.0, 420.0), (10.0, 420.0)]  # anticlockwise from the lower left
    first = turned // 90
    for number, corner in enumerate(corners):
        assert corner == pytest.approx(unturned[(first + number) % 4])


def test_words_without_characters_are_left_out() -> None:
    empty = text(word("  "), word("\x00\x07"), word("\ud800"), word("\ufeff"))
    assert layer.content(empty, (0, 0, 100, 200), 0, layer.Alphabet()) == b""


def test_words_are_written_invisibly_in_their_order() -> None:
    made = layer.content(
        text(word("due", 500, 0, 0), word("uno", 10, 0, 0), word("tre", 10, 100, 1)),
        (0, 0, 100, 200),
        0,
        layer.Alphabet(),
    )
    assert b"3 Tr" in made
    shown = [made.find(letters.encode("utf-16-be")) for letters in ("due", "uno", "tre")]
    assert shown == sorted(shown)
    assert -1 not in shown


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20))
def test_what_is_written_can_be_read_again(letters: str) -> None:
    """By a PDF parser, through the table that the font carries."""
    alphabet = layer.Alphabet()
    made = layer.content(text(word(letters)), (0, 0, 100, 200), 0, alphabet)
    document = pikepdf.new()
    strings = [
        bytes(instruction.operands[0])
        for instruction in pikepdf.parse_content_stream(document.make_stream(made))
        if str(instruction.operator) == "Tj"
    ]
    table = {}
    for line in alphabet.to_unicode().decode().splitlines():
        if line.startswith("<") and line.count("<") == 2:
            code, characters = (part.strip("<>") for part in line.split())
            table[code] = bytes.fromhex(characters).decode("utf-16-be")
    del table["0000"]  # the range of codes, at the head
    read = "".join(table[string[at : at + 2].hex().upper()] for string in strings for at in range(0, len(string), 2))
    expected = "".join(char for char in letters.strip() if char in table.values())
    assert read.rstrip(" ") == expected.rstrip(" ")
