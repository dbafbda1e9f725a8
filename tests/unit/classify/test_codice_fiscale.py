import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faldone.classify import codice_fiscale as cf
from faldone.classify.normalise import LOOK_ALIKES
from tests.unit.classify.pages import code, reading

MARIO = "RSSMRA85T10A562S"
_OMO = str.maketrans("0123456789", "LMNPQRSTUV")


def omocodic(plain: str, positions: tuple[int, ...] = (14,)) -> str:
    chars = list(plain[:15])
    for position in positions:
        chars[position] = chars[position].translate(_OMO)
    return "".join(chars) + cf.check_character("".join(chars))


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (MARIO, True),
        ("RSSMRA85T10A562T", False),  # check character
        ("RSSMRA85T32A562S", False),
        ("RSSMRA85T10Z999" + cf.check_character("RSSMRA85T10Z999"), False),  # no such place
        ("RSSMRA85T10M418" + cf.check_character("RSSMRA85T10M418"), False),  # Piadena Drizzona exists from 2019
        ("RSSMRA50T10D370" + cf.check_character("RSSMRA50T10D370"), True),  # Drizzona did in 1950
    ],
)
def test_a_code_is_valid_by_check_day_and_place_at_birth(text, valid):
    assert cf.is_valid(text) is valid


def test_omocodia_is_kept_and_decoded_beside():
    twin = omocodic(MARIO)
    assert twin != MARIO
    assert cf.is_valid(twin)
    assert cf.is_omocodic(twin)
    assert cf.decoded(twin) == MARIO[:15]
    assert cf.birth_dates(twin) == cf.birth_dates(MARIO)
    (found,) = cf.find_codes(reading(f"C.F. {twin}"))
    assert found.code == twin
    assert found.exact


@pytest.mark.parametrize(
    ("surname", "name", "expected"),
    [
        ("Rossi", "Mario", "RSSMRA"),
        ("Fo", "Al", "FOXLAX"),
        ("D'Angelo", "Nicolò", "DNGNCL"),
        ("De Luca", "Francesca", "DLCFNC"),
        ("Rahman", "", "RHMXXX"),
    ],
)
def test_name_letters(surname, name, expected):
    assert cf.surname_code(surname) + cf.name_code(name) == expected


def test_consonants_settle_the_order_of_a_name():
    assert cf.name_order(MARIO, ("mario", "rossi")) == ("rossi", "mario")
    assert cf.name_order(MARIO, ("rossi", "mario")) == ("rossi", "mario")
    assert cf.name_order(MARIO, ("bianchi", "mario")) is None


@pytest.mark.parametrize(
    "line",
    [
        "C.F. RSSMRA85T10A562S",
        "C.F.:RSSMRA85T10A562S",
        "cod. fisc. RSSMRA 85T10 A562S",
        "rssmra85t10a562s",
        "R S S M R A 8 5 T 1 0 A 5 6 2 S",
    ],
)
def test_codes_are_found_however_they_are_spaced(line):
    assert [found.code for found in cf.find_codes(reading(line))] == [MARIO]


@pytest.mark.parametrize("damaged", ["RSSMRA85TIOA562S", "R55MRA85T10A562S", "RSSMRA8ST10A562S"])
def test_look_alikes_are_undone_and_counted(damaged):
    (found,) = cf.find_codes(reading(f"C.F. {damaged}"))
    assert MARIO in (found.code, *found.alternatives)
    assert found.changes >= 1
    assert not found.exact


@pytest.mark.parametrize(
    "line",
    [
        "a Crema il 03/03/1940",
        "MISURA B2 - ANNO 2016",
        "TERESA 01/01/1939 33",
        "INPS-ISEE-2016-05005492G-00",
        "IBAN IT60X0542811101000000123456",
    ],
)
def test_words_and_dates_are_no_codes(line):
    assert cf.find_codes(reading(line)) == ()


@pytest.mark.parametrize(
    ("on", "minor", "expected"),
    [
        (dt.date(2005, 1, 1), None, dt.date(1910, 12, 10)),
        (dt.date(2024, 1, 1), True, dt.date(2010, 12, 10)),
        (dt.date(2024, 1, 1), None, None),
    ],
)
def test_the_century_is_chosen_or_left_open(on, minor, expected):
    ten = "RSSMRA10T10A562" + cf.check_character("RSSMRA10T10A562")
    assert cf.choose_birth_date(ten, on=on, minor=minor) == expected


def test_a_written_birth_date_settles_the_century():
    ten = "RSSMRA10T10A562" + cf.check_character("RSSMRA10T10A562")
    assert cf.choose_birth_date(ten, on=dt.date(2024, 1, 1), written=frozenset({dt.date(1910, 12, 10)})) == dt.date(
        1910, 12, 10
    )


births = st.dates(dt.date(1930, 1, 1), dt.date(2015, 12, 31))
names = st.text("ABCDEFGILMNOPRSTUVZ", min_size=3, max_size=9)


@settings(max_examples=150, deadline=None)
@given(
    names,
    names,
    births,
    st.sampled_from(["D142", "D150", "F205", "C153"]),
    st.integers(0, 15),
    st.randoms(use_true_random=False),
)
def test_a_damaged_code_never_passes_as_read_unless_it_is_the_code(
    surname, name, birth, place, position, chance: random.Random
):
    true = code(surname, name, birth, place)
    swaps = sorted(LOOK_ALIKES.get(true[position], ()))
    damaged = true[:position] + chance.choice(swaps) + true[position + 1 :] if swaps else true
    for found in cf.find_codes(reading(f"C.F. {damaged}")):
        # One wrong character never keeps the check character right, so what is called exact is the code itself.
        assert not found.exact or found.code == damaged
        if found.exact and damaged != true:
            assert cf.is_valid(damaged)
        if not found.exact:
            assert true in (found.code, *found.alternatives)


@settings(max_examples=100, deadline=None)
@given(names, names, births)
def test_a_built_code_is_valid_and_fits_its_name(surname, name, birth):
    built = code(surname, name, birth)
    assert cf.is_valid(built)
    assert cf.fits_name(built, (surname.lower(), name.lower()))
    assert birth in cf.birth_dates(built)
