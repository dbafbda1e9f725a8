"""The form of a codice fiscale and its check character."""

import pytest
from codicefiscale import codicefiscale as rules

from faldone.domain.codice_fiscale import check_character, is_code

CODE = "FRNMRA60M64I827I"


def test_the_check_character_is_that_of_the_decree():
    assert check_character("RSSMRA85T10A562") == "S"


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (CODE, True),
        ("FRNLSN83R10LQLLU", True),  # omocodia
        ("FRNMRA60M64I827L", False),
        ("FRNMRA60M84I827I", False),  # no such day
        ("FRNMRA60M6418271", False),
        ("FRNMRA60M64I827", False),
    ],
)
def test_a_code_proves_itself(text, valid):
    assert is_code(text) is valid


@pytest.mark.parametrize("place", range(15))
def test_every_character_weighs_what_an_independent_implementation_gives_it(place):
    for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789":
        changed = CODE[:place] + char + CODE[place + 1 : 15]
        assert check_character(changed) == rules.encode_cin(changed)
