"""What codes say, and tokens in words."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldone.domain.ids import PersonId, new_person_id
from faldone.domain.sheet import ALPHABET, SheetKind, in_groups, make_sheets
from faldone.sheets.code import (
    Damaged,
    Decoded,
    Witness,
    decode,
    line_payload,
    looks_like_sheet,
    mend,
    qr_payload,
    small_qr_payload,
    tokens_in_words,
)

PERSON = PersonId("u-1a2b3c4d5e6f")
COVER, OTHER = make_sheets(SheetKind.COVER, [(PERSON, "TUM")], copies=2, draw=Random(5).randrange)
(SEPARATOR,) = make_sheets(SheetKind.SEPARATOR, [(None, None)], draw=Random(6).randrange)


@pytest.mark.parametrize("sheet", [COVER, SEPARATOR], ids=["cover", "separator"])
def test_all_codes_are_read_back(sheet):
    assert decode(qr_payload(sheet)) == Decoded(
        Witness.QR, sheet.kind, sheet.token, sheet.number, sheet.of, sheet.run, sheet.person, sheet.service
    )
    assert decode(small_qr_payload(sheet)) == Decoded(Witness.SMALL_QR, sheet.kind, sheet.token)
    assert decode(line_payload(sheet)) == Decoded(Witness.CODE128, sheet.kind, sheet.token)


@given(st.from_regex(r"\A[A-Za-z0-9./:-]{1,12}\Z"))
def test_ids_and_service_codes_keep_their_capitals(name):
    (sheet,) = make_sheets(SheetKind.COVER, [(PersonId(name), name.upper())], draw=Random(1).randrange)
    said = decode(qr_payload(sheet))
    assert isinstance(said, Decoded)
    assert (said.person, said.service) == (name, name.upper())


def test_a_qr_code_holds_the_archives_own_ids_in_its_large_modules():
    sheets = make_sheets(SheetKind.COVER, [(new_person_id(), "SAAPSADHADIS")] * 9)
    assert all(set(qr_payload(sheet)) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:") for sheet in sheets)


@pytest.mark.parametrize("service", ["A*B", "città", "A|B", "X" * 60])
def test_what_cannot_stand_in_a_code_is_refused(service):
    (sheet,) = make_sheets(SheetKind.COVER, [(PERSON, service)], draw=Random(1).randrange)
    with pytest.raises(ValueError, match=r"cannot stand|signs"):
        qr_payload(sheet)


@pytest.mark.parametrize("payload", [qr_payload, small_qr_payload, line_payload])
@pytest.mark.parametrize("sheet", [COVER, SEPARATOR], ids=["cover", "separator"])
def test_any_change_to_a_code_of_ours_is_noticed(payload, sheet):
    text = payload(sheet)
    changed = [text[:at] + char + text[at + 1 :] for at in range(4, len(text)) for char in ALPHABET if char != text[at]]
    cut = [text[:length] for length in range(4, len(text))]
    assert {type(decode(one)) for one in (*changed, *cut, text + "0")} == {Damaged}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "RA123456785IT",
        "PAGOPA|002|301|001|100",
        "RSSMRA85T10A562S",
        "FLD12345",
        "fld:1C",
        "https://faldone.example",
    ],
)
def test_other_peoples_codes_are_not_ours(text):
    assert decode(text) is None


def test_a_line_code_read_with_one_sign_wrong_is_mended():
    text = line_payload(COVER)
    for at in range(5, len(text)):
        assert mend(text[:at] + "?" + text[at + 1 :]) == decode(text)


def test_a_line_code_read_with_two_signs_wrong_is_not_guessed():
    text = line_payload(COVER)
    assert mend("FLD:1C??" + text[8:]) is None
    assert mend(text[:-1]) is None
    assert mend("RA123456785IT") is None


def test_a_misread_code_is_told_from_another_sheets():
    damaged = decode(line_payload(COVER)[:-1] + "?")
    assert isinstance(damaged, Damaged)
    assert damaged.may_be_of(COVER.token)
    assert not damaged.may_be_of(OTHER.token)


def misread(token: str) -> str:
    """The token with two characters taken for their look-alikes, and one misread that :func:`plain` undoes."""
    pairs = str.maketrans("B8S5Z2G6", "8B5S2Z6G")
    found = [at for at, char in enumerate(token) if char in "B8S5Z2G6"][:2]
    return "".join(char.translate(pairs) if at in found else char for at, char in enumerate(token)).replace("0", "O")


class TestWords:
    def test_a_token_is_found_as_printed(self):
        assert tokens_in_words(f"foglio 1 di 2\n{in_groups(COVER.token)}\nResto") == (COVER.token,)

    @pytest.mark.parametrize("gap", ["", " ", " - ", "–", ". ", "\n"])
    def test_gaps_do_not_matter(self, gap):
        assert tokens_in_words("x FLD " + gap.join(in_groups(COVER.token)[4:].split("-"))) == (COVER.token,)

    def test_look_alikes_are_seen_through(self):
        for seed in range(30):
            (sheet,) = make_sheets(SheetKind.SEPARATOR, [(None, None)], draw=Random(seed).randrange)
            assert tokens_in_words(f"F1D-{misread(sheet.token)}") == (sheet.token,)

    def test_two_tokens_are_both_told_and_each_once(self):
        words = f"{in_groups(COVER.token)} {in_groups(OTHER.token)} {in_groups(COVER.token)}"
        assert tokens_in_words(words) == (COVER.token, OTHER.token)

    def test_a_wrong_character_makes_no_token_but_a_doubt(self):
        wrong = in_groups(COVER.token)[:-1] + ("A" if COVER.token[-1] != "A" else "C")
        assert tokens_in_words(wrong) == ()
        assert looks_like_sheet(wrong)

    @pytest.mark.parametrize(
        "text",
        [
            "COPERTINA DI FASCICOLO / cover\nROSSI MARIA",
            "C0PERTINA Dl FASCICOLO / cover",
            "SEPARATORE DI DOCUMENT0 / separator",
            "SEPARATORE DI DOCUMENTO\nFLD-1RV0-",
        ],
    )
    def test_our_title_is_recognised(self, text):
        assert looks_like_sheet(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "COPERTINA DI FASCICOLO\nCognome e nome: Rossi Maria\nFaldone 12",
            "FASCICOLO PERSONALE N. 12",
            "Il documento è un separatore di fascicoli",
            "fld 12 riunione del 3 maggio presso la comunità",
            "cover della relazione",
        ],
    )
    def test_ordinary_papers_are_not(self, text):
        assert not looks_like_sheet(text)
        assert tokens_in_words(text) == ()
