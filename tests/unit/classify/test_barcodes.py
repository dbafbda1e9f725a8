"""Codici fiscali in bar codes as proof: bound to names, put over damaged readings, and the holders of cards."""

from __future__ import annotations

import datetime as dt

import pytest

from faldone.classify.barcodes import with_bar_codes, with_card_holder
from faldone.classify.dates import find_dates
from faldone.classify.lexicon import default_lexicon
from faldone.classify.persons.candidates import gather
from faldone.classify.persons.find import find_mentions
from faldone.classify.persons.mention import Mention
from faldone.classify.propose import Context, propose
from faldone.classify.register import MemoryPersonRegister
from faldone.domain.attribution import Band, Role
from faldone.domain.page import Box
from tests.unit.classify.pages import HEIGHT, SCANNED, WIDTH, code, person, reading, views

MARIA = person("ROSSI", "MARIA", "1985-04-10", female=True)
MARA = person("ROSSI", "MARA", "1985-04-10", "D150", female=True)
LUCA = person("VERDI", "LUCA", "2008-05-12")
STRANGER = code("BIANCHI", "ELENA", dt.date(1978, 5, 4), female=True)
LETTER = "COMUNE DI CREMA\nOggetto: contributo economico della signora {}\nDistinti saluti"
CARD = "TESSERA SANITARIA\nTESSERA EUROPEA DI ASSICURAZIONE MALATTIA\n80380001200123456789\nData di scadenza 12/03/2026"
REGISTER = MemoryPersonRegister((MARIA, MARA, LUCA))


def mentions(text: str, *codes: str, register: MemoryPersonRegister = REGISTER) -> tuple[Mention, ...]:
    page = reading(text)
    hits = default_lexicon().book.find(page)
    found = find_mentions(page, hits, find_dates(page.folded, latest=SCANNED), register, default_lexicon())
    return with_bar_codes(found, page, codes, register)


def coded(found: tuple[Mention, ...]) -> list[tuple[str, str]]:
    return [(mention.name, mention.code.code) for mention in found if mention.code is not None]


def test_bars_prove_the_name_that_fits_them():
    assert coded(mentions(LETTER.format("ROSSI MARIA"), MARIA.cf)) == [("ROSSI MARIA", MARIA.cf)]


def test_bars_that_fit_no_name_are_a_mention_of_their_own():
    (found,) = mentions(CARD, MARIA.cf)
    (candidate,) = gather([found])
    assert (candidate.how, candidate.person) == ("cf", MARIA)


def test_the_proof_quotes_the_code_and_has_the_page_for_its_place():
    (found,) = mentions(CARD, MARIA.cf)
    assert found.evidence.quote == MARIA.cf
    assert found.evidence.box == Box(0, 0, WIDTH, HEIGHT)


def test_a_code_that_was_read_is_not_told_twice():
    text = LETTER.format(f"ROSSI MARIA C.F. {MARIA.cf}")
    assert mentions(text, MARIA.cf) == mentions(text)


@pytest.mark.parametrize("wrong", [1, 2, 3])
def test_the_bars_win_over_a_damaged_reading(wrong):
    damaged = MARIA.cf
    for right, read in [("0", "O"), ("1", "I"), ("5", "S")][:wrong]:
        damaged = damaged.replace(right, read, 1)
    assert damaged != MARIA.cf
    found = mentions(LETTER.format(f"ROSSI MARIA C.F. {damaged}"), MARIA.cf)
    assert [(item.code.code, item.code.changes) for item in found if item.code] == [(MARIA.cf, 0)]


def test_a_repaired_code_of_another_person_of_the_register_stays():
    found = mentions(LETTER.format(f"VERDI LUCA C.F. {LUCA.cf.replace('0', 'O', 1)}"), MARIA.cf)
    assert sorted(coded(found)) == [("", MARIA.cf), ("VERDI LUCA", LUCA.cf)]


def test_a_namesake_by_letters_does_not_get_the_code_of_another():
    assert coded(mentions(LETTER.format("ROSSI MARA"), MARIA.cf)) == [("", MARIA.cf)]


def test_two_names_that_fit_leave_the_code_alone():
    both = LETTER.format("ROSSI MARIA e della signora ROSSI MARA")
    stranger = code("ROSSI", "MARIA", dt.date(1950, 7, 7), female=True)
    assert coded(mentions(both, stranger)) == [("", stranger)]


def test_a_code_that_cannot_have_been_issued_counts_only_by_the_register():
    nowhere = code("NERI", "ANNA", dt.date(1990, 1, 1), "Z999", female=True)
    assert mentions(CARD, nowhere) == ()
    known = MemoryPersonRegister((person("NERI", "ANNA", "1990-01-01", "Z999", female=True),))
    assert coded(mentions(CARD, nowhere, register=known)) == [("", nowhere)]


def test_a_signature_alone_becomes_a_coded_name():
    (found,) = mentions("Si chiede il contributo\n\f\nROSSI MARIA", MARIA.cf)
    assert (found.role, found.code.code) == (None, MARIA.cf)


@pytest.mark.parametrize("kind", ["tessera_sanitaria", "documento_identita"])
def test_the_person_of_a_cards_bars_is_its_holder(kind):
    (found,) = with_card_holder(mentions(CARD, MARIA.cf), kind, {0: (MARIA.cf,)})
    assert found.role is Role.HOLDER
    assert found.score >= 0.9


def test_bars_make_no_holder_of_other_papers():
    found = mentions(CARD, MARIA.cf)
    assert with_card_holder(found, "corrispondenza", {0: (MARIA.cf,)}) == found


def test_two_codes_on_a_card_make_no_holder():
    found = mentions(CARD, MARIA.cf, STRANGER)
    assert with_card_holder(found, "tessera_sanitaria", {0: (MARIA.cf, STRANGER)}) == found


def test_a_code_in_words_alone_makes_no_holder():
    found = mentions(f"{CARD}\nC.F. {MARIA.cf}")
    assert with_card_holder(found, "tessera_sanitaria", {}) == found


def test_another_holder_by_a_label_stands_against_the_bars():
    found = mentions(f"{CARD}\nCognome: VERDI\nNome: LUCA", MARIA.cf)
    assert any(mention.role is Role.HOLDER for mention in found)
    assert with_card_holder(found, "tessera_sanitaria", {0: (MARIA.cf,)}) == found


def test_a_cue_that_makes_the_person_something_else_stands_against_the_bars():
    found = mentions(f"{CARD}\nMadre: ROSSI MARIA", MARIA.cf)
    assert [mention.role for mention in found if mention.code] == [Role.PARENT]
    assert with_card_holder(found, "tessera_sanitaria", {0: (MARIA.cf,)}) == found


def proposed(codes: dict[int, tuple[str, ...]], *texts: str):
    context = Context(SCANNED, "lotto-1/0001.pdf", codes=codes)
    return propose(views(*texts), REGISTER, default_lexicon(), context)


def test_a_card_whose_name_was_lost_is_filed_by_its_bars():
    (without,) = proposed({}, CARD)
    (document,) = proposed({0: (MARIA.cf,)}, CARD)
    assert without.band is not Band.AUTO
    assert [holder.value.person for holder in document.holders] == [MARIA.id]
    assert document.band is Band.AUTO
    assert document.holders[0].evidence[0].quote == MARIA.cf


def test_two_cards_on_a_page_are_for_a_person():
    (document,) = proposed({0: (MARIA.cf, LUCA.cf)}, CARD)
    assert document.band is not Band.AUTO
