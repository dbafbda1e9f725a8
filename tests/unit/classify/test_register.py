import pytest

from faldone.classify.register import MemoryPersonRegister
from tests.unit.classify.pages import person

MARIO = person("ROSSI", "MARIO", "1985-12-10")
MARIA = person("ROSSI", "MARIA TERESA", "1980-01-01", female=True)
NICOLO = person("D'ANGELO", "NICOLÒ", "1990-02-02", aliases=("BIANCHI NICOLO'",))
ONE = person("RAHMAN", "", "1988-03-03", "Z249")
REGISTER = MemoryPersonRegister([MARIO, MARIA, NICOLO, ONE])


@pytest.mark.parametrize(
    ("words", "expected", "partial"),
    [
        (("rossi", "mario"), (MARIO,), False),
        (("mario", "rossi"), (MARIO,), False),
        (("rossi", "maria", "teresa"), (MARIA,), False),
        (("maria", "teresa", "rossi"), (MARIA,), False),
        (("rossi", "maria"), (MARIA,), True),
        (("dangelo", "nicolo"), (NICOLO,), False),
        (("bianchi", "nicolo"), (NICOLO,), False),
        (("nicolo", "bianchi"), (NICOLO,), False),
        (("rahman",), (ONE,), False),
        (("ros", "si", "mario"), (MARIO,), False),  # a word split by the scanner
        (("rossi",), (), False),
    ],
)
def test_names_in_both_orders(words, expected, partial):
    match = REGISTER.by_name(words)
    assert match.persons == expected
    assert match.partial is partial


def test_codes():
    assert REGISTER.by_cf(MARIO.cf) == (MARIO,)
    assert REGISTER.near_cf(MARIO.cf.replace("S", "5", 1)) == ((MARIO, 1),)
    assert REGISTER.near_cf("X" * 16) == ()


def test_a_name_word_is_never_respelt():
    assert REGISTER.spellings("mario") == ("mario",)
    assert REGISTER.spellings("rassi") == ("rossi",)
    assert REGISTER.spellings("zzzzzz") == ()


def test_namesakes_one_letter_apart():
    mario, maria = person("VERDI", "MARIO", "1950-01-01"), person("VERDI", "MARIA", "1951-01-01", female=True)
    assert MemoryPersonRegister([mario, maria]).near_namesakes(mario)
    assert not REGISTER.near_namesakes(MARIO)
    assert len(REGISTER) == 4
