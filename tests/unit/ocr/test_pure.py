"""Rows, TSV, quality and options: values in, values out."""

import pytest

from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.errors import OcrOutputError
from faldone.ocr import tsv
from faldone.ocr.engine import ReadWord
from faldone.ocr.options import OcrOptions
from faldone.ocr.quality import LEGIBLE, is_legible, legibility, plausible_share, plausible_word
from faldone.ocr.rows import in_rows

HEADER = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
PAGE = "1\t1\t0\t0\t0\t0\t0\t0\t100\t100\t-1\t\n"


def row(text: str, *, block: int = 1, line: int = 1, conf: float = 96.5) -> str:
    return f"5\t1\t{block}\t1\t{line}\t1\t10\t20\t30\t40\t{conf}\t{text}\n"


def word(text: str, x: int, y: int, block: int = 0, line: int = 0, width: int = 60, height: int = 20) -> ReadWord:
    return ReadWord(text, Box(x, y, width, height), 0.9, block, line)


def lines(words) -> list[str]:
    found: dict[int, list[str]] = {}
    for read in words:
        found.setdefault(read.line, []).append(read.text)
    return [" ".join(line) for line in found.values()]


class TestTsv:
    def test_words_have_boxes_confidence_and_lines(self):
        (found,) = tsv.parse((HEADER + PAGE + row("città") + row('"l\'uno"', line=2, conf=12)).encode(), 1)
        assert found == (
            ReadWord("città", Box(10, 20, 30, 40), 0.965, 0, 0),
            ReadWord('"l\'uno"', Box(10, 20, 30, 40), 0.12, 0, 1),
        )

    def test_an_empty_page_has_no_words(self):
        assert tsv.parse((HEADER + PAGE).encode(), 1) == ((),)

    def test_boxes_of_blanks_are_left_out(self):
        assert tsv.parse((HEADER + PAGE + row(" ", conf=95)).encode(), 1) == ((),)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"nonsense\n",
            HEADER.encode(),
            (HEADER + PAGE + "5\t1\t1\t1\t1\t1\t10\t20\n").encode(),
            (HEADER + PAGE + row("ciao")[:-1]).encode(),
            (HEADER + PAGE + PAGE).encode(),
            (HEADER + PAGE + row("ciao").replace("30", "-30")).encode(),
            (HEADER + PAGE).encode() + b"5\t1\t1\t1\t1\t1\t1\t2\t3\t4\t90\t\xff\xfe\n",
        ],
        ids=["nothing", "nonsense", "no page", "short row", "cut", "two pages", "negative", "not UTF-8"],
    )
    def test_a_damaged_output_is_an_error_and_never_an_empty_page(self, data):
        with pytest.raises(OcrOutputError):
            tsv.parse(data, 1)


class TestRows:
    def test_labels_and_values_of_two_blocks_are_joined(self):
        words = [
            word("Cognome", 0, 0, 0, 0),
            word("Nome", 0, 50, 0, 1),
            word("Rossi", 200, 3, 1, 2),
            word("Mario", 200, 47, 1, 3),
        ]
        assert lines(in_rows(words)) == ["Cognome Rossi", "Nome Mario"]

    def test_two_columns_of_prose_are_not_mixed(self):
        words = [
            word(f"{column}{line}{number}", 400 * column + 70 * number, 30 * line, column, 10 * column + line)
            for column in range(2)
            for line in range(8)
            for number in range(5)
        ]
        assert lines(in_rows(words))[1] == "010 011 012 013 014"

    def test_a_header_above_two_columns_stays_first(self):
        words = [word("Titolo", 0, 0)] + [
            word(
                f"{column}{line}{number}",
                400 * column + 70 * number,
                60 + 30 * line,
                1 + column,
                1 + 10 * column + line,
            )
            for column in range(2)
            for line in range(8)
            for number in range(5)
        ]
        assert lines(in_rows(words))[0] == "Titolo"

    def test_lines_that_overlap_sideways_stay_apart(self):
        words = [word("sopra", 0, 0, 0, 0), word("sotto", 20, 5, 0, 1)]
        assert lines(in_rows(words)) == ["sopra", "sotto"]

    def test_words_within_a_line_keep_the_engines_order(self):
        words = [word("uno", 0, 0), word("due", 70, 0), word("tre", 140, 0)]
        assert lines(in_rows(words)) == ["uno due tre"]

    def test_nothing_gives_nothing(self):
        assert in_rows(()) == ()


def page(text: str, confidence: float, *, blank: bool = False) -> PageText:
    words = tuple(Word(part, Box(0, 0, 9, 9), confidence, 0) for part in text.split())
    return PageText(words, 100, 100, 300, 0, TextSource.OCR, EngineStamp("fake", "1", "x"), blank)


class TestQuality:
    @pytest.mark.parametrize("token", ["relazione", "della", "Ferraris", "MINORI", "perché", "sud", "Hassan"])
    def test_italian_words_and_names_are_plausible(self, token):
        assert plausible_word(token)

    @pytest.mark.parametrize("token", ["xkqzt", "rrrelaz", "IlIlI", "sstrngth", "aeiouaei", "q"])
    def test_noise_is_not(self, token):
        assert not plausible_word(token)

    def test_the_share_is_of_letters(self):
        assert plausible_share("relazione xkqztwrpl") == 0.5
        assert plausible_share("12/03") == 0.0

    def test_a_well_read_page_is_legible(self):
        assert is_legible(page("Il servizio sociale relaziona quanto segue sulla famiglia", 0.92))

    def test_noise_read_with_confidence_is_not_legible(self):
        assert not is_legible(page("xkqz wrtp bcdf ghjk lmnp qrst", 0.85))

    def test_words_read_without_confidence_are_not_legible(self):
        assert not is_legible(page("il servizio sociale", 0.15))

    def test_a_register_of_figures_is_judged_by_its_confidence(self):
        assert legibility(page("12,50 13,70 2014 0161/257890", 0.9)) == pytest.approx(0.9)

    @pytest.mark.parametrize("nothing", [page("", 0.0), page("bianca", 0.9, blank=True)])
    def test_nothing_is_not_legible(self, nothing):
        assert legibility(nothing) == 0.0 < LEGIBLE


class TestOptions:
    def test_what_changes_a_result_changes_the_digest(self):
        base = OcrOptions().digest()
        assert OcrOptions(language="ita+deu").digest() != base != OcrOptions(psm=6).digest()

    def test_the_time_limit_does_not(self):
        assert OcrOptions(timeout_s=5).digest() == OcrOptions().digest()
