"""One sheet scanned twice is known again; the same form for somebody else is not."""

from __future__ import annotations

from cmath import exp
from dataclasses import replace
from math import radians
from random import Random

import pytest

from faldone.domain.digest import Digest
from faldone.domain.likeness import Likeness, LikenessKind, Look, SeenPage, compare, keys
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word

LETTER = (
    "COMUNE DI CASTELLEONE Servizio Sociale",
    "via Roma 12 tel 0374 356311 prot 4471/2009",
    "Oggetto: domanda di assistenza domiciliare",
    "La sottoscritta FERRARI Giovanna nata a Crema il 12/03/1931",
    "codice fiscale FRRGNN31C52D142B residente in vicolo Chiuso",
    "chiede di essere ammessa al servizio per tre ore settimanali",
    "allega certificato del medico curante in data 28/02/2009",
    "importo mensile previsto 1.234,50 euro salvo conguaglio",
    "Castelleone 04/03/2009 Firma del richiedente",
)
FORM = (
    "COMUNE DI CASTELLEONE Servizio Sociale",
    "Modulo di consenso al trattamento dei dati personali",
    "Il sottoscritto dichiara di avere ricevuto informazioni",
    "ai sensi del regolamento e della normativa vigente",
    "Cognome Nome Residenza Telefono Firma",
    "Acconsente alla comunicazione verso altri servizi pubblici",
)


def page(
    *lines: str, dpi: int = 300, skew_deg: float = 0.0, shift_mm: complex = 0, confidence: float = 0.95, jitter: int = 0
) -> PageText:
    """A page with these lines, 8 mm apart, as a scanner saw it."""
    rng, words = Random(jitter), []
    turned = exp(1j * radians(skew_deg))
    for number, line in enumerate(lines):
        x = 20.0
        for text in line.split():
            width = 2.2 * len(text)
            at = turned * complex(x + width / 2, 30 + 8 * number) + shift_mm
            left, top = at.real - width / 2 + rng.uniform(-0.1, 0.1), at.imag - 1.5 + rng.uniform(-0.1, 0.1)
            box = Box(*(round(edge * dpi / 25.4) for edge in (left, top, width, 3.0)))
            words.append(Word(text, box, confidence, number))
            x += width + 2.5
    size = (round(210 * dpi / 25.4), round(297 * dpi / 25.4))
    return PageText(tuple(words), *size, dpi, 0, TextSource.OCR, EngineStamp("made-up", "1", ""))


def again(*lines: str) -> PageText:
    """The same lines from another scanner: askew, elsewhere, coarser."""
    return page(*lines, dpi=200, skew_deg=1.3, shift_mm=-2 + 4j, jitter=1)


def changed(lines: tuple[str, ...], *swaps: tuple[str, str]) -> tuple[str, ...]:
    text = "\n".join(lines)
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    return tuple(text.split("\n"))


def kind(one: PageText, other: PageText) -> LikenessKind | None:
    found = compare(SeenPage(one), SeenPage(other))
    return found and found.kind


def test_a_sheet_scanned_askew_at_another_resolution_is_the_same_sheet() -> None:
    assert compare(SeenPage(page(*LETTER)), SeenPage(again(*LETTER))) == Likeness(LikenessKind.SAME_SHEET, 1.0)


def test_a_sheet_is_the_same_when_the_engine_made_mistakes_on_it() -> None:
    misread = changed(LETTER, ("sottoscritta", "sott0scrilta"), ("assistenza", "assistcnza"), ("4471", "447l"))
    found = compare(SeenPage(page(*LETTER)), SeenPage(again(*misread)))
    assert found is not None
    assert found.kind is LikenessKind.SAME_SHEET


def test_a_sheet_is_the_same_after_it_was_stamped() -> None:
    assert kind(page(*LETTER), again(*LETTER, "", "ARRIVATO", "ufficio protocollo")) is LikenessKind.SAME_SHEET


@pytest.mark.parametrize(
    "swaps",
    [
        (
            ("FERRARI Giovanna", "BIANCHI Federica"),
            ("FRRGNN31C52D142B", "BNCFRC44T61D142Z"),
            ("12/03/1931", "21/12/1944"),
        ),
        (("04/03/2009", "15/10/2011"),),
        (("1.234,50", "2.816,75"),),
        (("FERRARI Giovanna", "BIANCHI Federica"),),
        (("settimanali", "giornaliere"),),
    ],
    ids=["other person", "other date", "other amount", "other name", "other word"],
)
def test_a_letter_of_the_same_template_is_another_sheet(swaps: tuple[tuple[str, str], ...]) -> None:
    assert kind(page(*LETTER), again(*changed(LETTER, *swaps))) is None


def test_lines_broken_elsewhere_are_another_sheet() -> None:
    words = " ".join(LETTER).split()
    broken = [" ".join(words[start : start + 5]) for start in range(0, len(words), 5)]
    assert kind(page(*LETTER), again(*broken)) is None


def test_an_empty_form_and_the_form_filled_in_are_two_sheets() -> None:
    values = ("02/06/1950", "RSSMRA50H02D142K", "0373-256001", "26013-CREMA")
    filled = tuple(f"{line} {value}" for line, value in zip(FORM[1:5], values, strict=True))
    assert kind(page(*FORM), again(FORM[0], *filled, FORM[5])) is None


def test_what_is_printed_on_every_copy_of_a_form_links_nothing() -> None:
    assert kind(page(*FORM), again(*FORM)) is None


def test_where_a_form_alone_is_printed_the_ink_decides() -> None:
    one, other = SeenPage(page(*FORM)), SeenPage(again(*FORM))
    assert compare(one, other, lambda _: True) == Likeness(LikenessKind.SAME_SHEET, 1.0)
    assert compare(one, other, lambda _: False) is None


def test_the_ink_is_told_where_the_first_page_lies_on_the_second() -> None:
    asked: list[tuple[float, float, float, float]] = []
    compare(SeenPage(page(*LETTER)), SeenPage(again(*LETTER)), lambda placing: not asked.append(placing))
    (a, b, c, d), turned = asked[0], exp(1j * radians(1.3))
    assert complex(a, b) == pytest.approx(turned, abs=0.003)
    assert complex(c, d) == pytest.approx(-2 + 4j, abs=0.5)


def test_ink_that_differs_overrules_the_text() -> None:
    assert compare(SeenPage(page(*LETTER)), SeenPage(again(*LETTER)), lambda _: False) is None


def test_unsure_words_contradict_nothing() -> None:
    unsure = again(*changed(LETTER, ("settimanali", "giornaliere")))
    words = tuple(replace(word, confidence=0.3) if word.text == "giornaliere" else word for word in unsure.words)
    assert kind(page(*LETTER), replace(unsure, words=words)) is LikenessKind.SAME_SHEET


def test_equal_pixels_are_the_same_scan() -> None:
    digest, empty = Digest.of(b"pixels"), page()
    assert compare(SeenPage(empty, digest), SeenPage(empty, digest)) == Likeness(LikenessKind.SAME_SCAN, 1.0)
    assert compare(SeenPage(empty, digest), SeenPage(empty, Digest.of(b"other"))) is None


def test_blank_pages_are_never_linked() -> None:
    blank, digest = replace(page(), blank=True), Digest.of(b"white")
    assert compare(SeenPage(blank, digest, Look(1)), SeenPage(blank, digest, Look(1))) is None
    assert keys(SeenPage(blank, digest, Look(1))) == ()


def test_equal_pixels_of_what_a_program_drew_are_not_a_scan() -> None:
    drawn = replace(page(*FORM), source=TextSource.TEXT_LAYER)
    assert compare(SeenPage(drawn, Digest.of(b"form")), SeenPage(drawn, Digest.of(b"form"))) is None


def test_a_scan_saved_again_keeps_its_frame_and_look() -> None:
    one = SeenPage(page(*LETTER), None, Look(0b1011 << 100))
    other = SeenPage(page(*LETTER, dpi=150), None, Look(0b1001 << 100))
    found = compare(one, other)
    assert found is not None
    assert found.kind is LikenessKind.SAME_SCAN


@pytest.mark.parametrize(("look", "linked"), [(Look(0b1011 << 100), True), (Look((1 << 99) - 1), False)])
def test_a_page_of_few_words_is_linked_only_by_its_look(look: Look, linked: bool) -> None:
    one, other = (
        SeenPage(page("Fascicolo FERRARI"), None, Look(0b1010 << 100)),
        SeenPage(page("Fascicolo FERRARI"), None, look),
    )
    assert (compare(one, other) is not None) is linked


def test_few_words_that_differ_are_not_linked_however_alike_the_pages_look() -> None:
    look = Look(0b1010 << 100)
    assert (
        compare(SeenPage(page("Fascicolo FERRARI"), None, look), SeenPage(page("Fascicolo BIANCHI"), None, look))
        is None
    )


def test_pages_without_ink_look_like_nothing() -> None:
    assert compare(SeenPage(page("uno"), None, Look(0)), SeenPage(page("uno"), None, Look(0))) is None


def test_both_scans_of_a_sheet_have_keys_in_common_and_another_letter_has_few() -> None:
    one = set(keys(SeenPage(page(*LETTER))))
    misread = changed(LETTER, ("FERRARI", "FERRARl"), ("4471", "4411"), ("Oggetto:", "0ggetto"))
    other = changed(LETTER, ("FERRARI", "BIANCHI"), ("4471/2009", "12/2011"), ("12/03/1931", "21/12/1944"),
                    ("28/02/2009", "01/10/2011"), ("04/03/2009", "15/10/2011"), ("1.234,50", "816,75"),
                    ("FRRGNN31C52D142B", "BNCFRC44T61D142Z"))  # fmt: skip
    assert len(one & set(keys(SeenPage(again(*misread))))) >= 8
    assert len(one & set(keys(SeenPage(page(*other))))) <= 6


def test_keys_are_few_and_short() -> None:
    made = keys(SeenPage(page(*LETTER * 5), None, Look(1 << 200)))
    assert len(made) <= 28
    assert sum(map(len, made)) < 600


def test_a_look_upside_down_is_at_no_distance_and_has_the_same_keys() -> None:
    odd = sum(1 << (16 * row + column) for row in range(16) for column in range(16) if (row + column) % 2)
    bits = Random(5).getrandbits(256)
    look, turned = Look(bits), Look(bits ^ odd)
    assert look.distance(turned) == 0
    assert keys(SeenPage(page(), None, look)) == keys(SeenPage(page(), None, turned))
    assert look.distance(Look(bits ^ 0b111)) == 3


def test_a_look_is_written_and_read_back() -> None:
    look = Look(Random(1).getrandbits(200))
    assert Look.parse(str(look)) == look
    assert len(str(look)) == 64
    with pytest.raises(ValueError, match="256 bits"):
        Look(1 << 256)
