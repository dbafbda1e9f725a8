"""Tokens and print runs: what is misread is never another valid token."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faldone.domain.ids import PersonId
from faldone.domain.sheet import (
    ALPHABET,
    TOKEN_LENGTH,
    Sheet,
    SheetKind,
    in_groups,
    is_token,
    make_sheets,
    new_token,
    plain,
)

TOKENS = st.integers(0, 2**64).map(lambda seed: new_token(Random(seed).randrange))
PERSON = PersonId("u-1a2b3c4d5e6f")


@given(TOKENS, st.data())
def test_one_to_five_wrong_characters_are_always_noticed(token, data):
    places = data.draw(st.sets(st.integers(0, TOKEN_LENGTH - 1), min_size=1, max_size=5))
    wrong = list(token)
    for place in places:
        wrong[place] = data.draw(st.sampled_from(ALPHABET.replace(token[place], "")))
    assert not is_token("".join(wrong))


@given(TOKENS, st.sampled_from(ALPHABET))
def test_a_token_read_one_place_off_is_no_token(token, char):
    assert not is_token(token[1:] + char) or token[1:] + char == token
    assert not is_token(char + token[:-1]) or char + token[:-1] == token


def test_neighbours_that_changed_places_are_noticed():
    token = new_token(Random(3).randrange)
    swapped = [token[:at] + token[at + 1] + token[at] + token[at + 2 :] for at in range(TOKEN_LENGTH - 1)]
    assert not any(is_token(text) for text in swapped if text != token)


@given(TOKENS)
def test_what_is_printed_for_eyes_is_read_back(token):
    written = in_groups(token)
    assert written.startswith("FLD-")
    assert is_token(token)
    assert plain(written.removeprefix("FLD-").lower().replace("-", " ").replace("0", "o").replace("1", "l")) == token


def test_tokens_drawn_without_a_seed_differ():
    assert len({new_token() for _ in range(200)}) == 200


def test_a_print_run_numbers_its_sheets_and_shares_its_name():
    sheets = make_sheets(SheetKind.COVER, [(PERSON, "TUM"), (PERSON, None)], copies=2, draw=Random(1).randrange)
    assert [(sheet.number, sheet.of, sheet.service) for sheet in sheets] == [
        (1, 4, "TUM"),
        (2, 4, "TUM"),
        (3, 4, None),
        (4, 4, None),
    ]
    assert len({sheet.run for sheet in sheets}) == 1
    assert len({sheet.token for sheet in sheets} | {sheets[0].run}) == 5


def test_the_same_draw_makes_the_same_sheets():
    one, two = (make_sheets(SheetKind.SEPARATOR, [(None, None)], draw=Random(9).randrange) for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("kind", "dossiers", "copies"),
    [
        (SheetKind.COVER, [(None, None)], 1),
        (SheetKind.SEPARATOR, [(PERSON, None)], 1),
        (SheetKind.SEPARATOR, [(None, "TUM")], 1),
        (SheetKind.PATCH, [(None, None)], 1),
        (SheetKind.COVER, [], 1),
        (SheetKind.COVER, [(PERSON, "TUM")], 0),
    ],
)
def test_sheets_that_make_no_sense_are_refused(kind, dossiers, copies):
    with pytest.raises(ValueError, match=r"."):
        make_sheets(kind, dossiers, copies=copies)


def test_a_sheet_refuses_a_wrong_token_and_a_wrong_number():
    token = new_token(Random(1).randrange)
    with pytest.raises(ValueError, match="not tokens"):
        Sheet("0" * TOKEN_LENGTH, SheetKind.SEPARATOR, 1, 1, token)
    with pytest.raises(ValueError, match="sheet 3 of 2"):
        Sheet(token, SheetKind.SEPARATOR, 3, 2, token)
