"""Codici fiscali read wrongly: where they are looked for again, and what is believed."""

import pytest

from faldone.domain.codice_fiscale import is_code
from faldone.domain.page import Box
from faldone.ocr.codes import (
    DoubtfulCode,
    agreed,
    code_in,
    doubtful_codes,
    forced,
    settled,
    with_code,
)
from faldone.ocr.engine import ReadWord

CODE = "FRNMRA60M64I827I"


def words(*lines: str) -> list[ReadWord]:
    """Lines of words, 20 pixels a character and 40 tall, 100 apart."""
    made, x = [], 0
    for number, line in enumerate(lines):
        x = 100
        for text in line.split():
            made.append(ReadWord(text, Box(x, 100 * number, 20 * len(text), 40), 0.9, 0, number))
            x += 20 * len(text) + 20
    return made


@pytest.mark.parametrize(
    ("read", "code"),
    [
        ("FRNMRA60M6418271", CODE),
        ("RJISSVN96S18D142L", "RJSSVN96S18D142L"),
        ("FRNLSN83RI10LQLLU", "FRNLSN83R10LQLLU"),
        ("DSNDNL925S121849Q", "DSNDNL92S12I849Q"),
        ("HXHSRA11R68F839]", "HXHSRA11R68F839J"),
        ("FRNNRA60M64I827I", None),  # a free change would be a guess
        ("FRNMRA60M64I827", None),
        ("12345678901", None),
    ],
)
def test_only_what_the_form_decides_is_put_right(read, code):
    assert forced(read) == code


def test_strokes_left_of_bars_go_only_when_two_readings_agree():
    barred = "GDUNDRI99B28E6481I"
    assert forced(barred) is None
    assert forced(barred, strokes=True) == "GDUNDR99B28E648I"
    assert settled(barred, [["nulla"]]) is None
    assert settled(barred, [["GDUNDR99BI28E648II"]]) == ("GDUNDR99B28E648I", False)


def test_a_code_behind_its_label_is_doubted_unless_it_is_valid():
    assert doubtful_codes(words(f"Codice fiscale {CODE} nato"), 300) == ()
    (doubt,) = doubtful_codes(words("Codice fiscale FRNMRA60M6418271 nato"), 300)
    assert (doubt.text, doubt.words) == ("FRNMRA60M6418271", (2,))
    (doubt,) = doubtful_codes(words("C.F. FRN MRA 60M64 I827I"), 300)
    assert doubt.words == (1, 2, 3, 4)


def test_a_label_with_nothing_behind_it_is_looked_at_to_its_right():
    (doubt,) = doubtful_codes(words("Cognome ROSSI", "COD. FISC.", "Telefono"), 300)
    assert (doubt.words, doubt.text) == ((), "")
    assert doubt.box.x >= words("COD. FISC.")[1].box.right


@pytest.mark.parametrize(
    "line",
    [
        "C.F. 00312780198",
        "P.IVA 00312780198",
        "26013 Crema (CR) - P.IVA 00312780198 - tel. 0373 79542",
        "nel mese di maggio 2024",
        "Telefono 0373 79542",
        "cod. fisc. e partita IVA della cooperativa sociale",
        "Prot. 24285 Cat. VII",
    ],
)
def test_what_is_no_persons_code_is_not_looked_at_again(line):
    assert doubtful_codes(words(line), 300) == ()


def test_a_valid_second_reading_is_believed_and_two_different_ones_are_not():
    assert settled("ENNMRA60N64I82ZI", [["|", CODE], ["garbled"]]) == (CODE, True)
    assert settled("", [[CODE], ["FRNLSN83R10LQLLU"]]) is None


def test_readings_that_say_different_codes_are_counted():
    missed, cut = "SRRBRC57P541827B", "SRRRRC57P54I827R"  # an I taken for 1; B for R, twice, and valid again
    code = "SRRBRC57P54I827B"
    assert is_code(cut)
    assert settled("SRRBRC57P54L827B", [[missed], [missed], [cut]]) == (code, False)
    assert settled("", [[missed], [code], [cut]]) == (code, True)
    assert settled("", [[missed], [cut]]) is None


def test_what_all_further_readings_have_is_taken_for_filing_to_repair():
    over_dots, again = "BSLGNI37D03H3579", "BSLGNI37D03H3570"
    assert settled(over_dots, [[again]] * 3) is None
    assert agreed(over_dots, [[again], ["|", again], [again]]) == again
    assert agreed(over_dots, [[again], [again], ["BSLGNI37D03H3578"]]) is None
    assert agreed(over_dots, [["nulla"]] * 3) is None
    assert agreed("", [[again]] * 3) is None, "nothing was read there"
    assert agreed(CODE[:-1] + "1", [[again]] * 3) is None, "another person's"


def test_a_code_of_another_person_in_the_strip_is_not_put_in_the_place_of_what_was_read():
    assert settled("LNZDRD89S16D1425", [[CODE]]) == ("LNZDRD89S16D142S", False)


def test_a_code_split_into_words_is_found_whole():
    assert code_in(["(FRNMRA60", "M64I827I)"]) == CODE
    assert code_in(["FRNMRA60", "nato", "M64I827I"]) is None


def test_the_code_takes_the_place_of_its_words():
    before = words("C.F. FRN MRA60M64 I827I nato")
    doubt = DoubtfulCode((1, 2, 3), "FRNMRA60M64I827I", 1, Box(0, 0, 9, 9), 40)
    after = with_code(before, doubt, CODE, 0.97)
    assert [word.text for word in after] == ["C.F.", CODE, "nato"]
    assert after[1].box == before[1].box.union(before[3].box)
    assert after[1].confidence == 0.97


def test_a_code_that_was_not_read_at_all_ends_its_line():
    before = words("C.F.", "nato a Crema")
    doubt = DoubtfulCode((), "", 0, Box(200, 0, 300, 40), 40)
    assert [word.text for word in with_code(before, doubt, CODE, 0.97)] == ["C.F.", CODE, "nato", "a", "Crema"]
