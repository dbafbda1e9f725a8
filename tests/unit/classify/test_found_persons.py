"""Who was found on papers and on no list: what may have been misread makes nobody known, and nothing is filed by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faldone.domain.attribution import Band
from faldone.domain.ids import PersonId
from faldone.domain.person import Origin
from faldone.domain.reasons import Reason
from tests.unit.classify.pages import holder_names, person
from tests.unit.classify.test_holder_proofs import BARE, CROWD, PROVING, filed

KIMBERLY = replace(person("CEDEÑO LOOR", "KIMBERLY", "1996-09-13", female=True), origin=Origin.FOUND)
SAID = PROVING.replace("BIANCHI ALDO, nato a Crema il 10/01/1940", "{}, nata a Lodi il 13/09/1996")
SURE = SAID + "Riferita a: {}\n"


@pytest.mark.parametrize("name", ["CEDEFIO LOOR Kimberly", "CEDETIO LOOR Kimberly", "CEDENIO LOOR Kimberly"])
def test_a_name_whose_letter_was_perhaps_read_as_two_makes_nobody_known(name: str) -> None:
    assert filed((), SURE.format(name, name))[0].reasons == (Reason.HOLDER_UNSURE,)
    assert filed((), SURE.format("LODI LOOR Kimberly", "LODI LOOR Kimberly"))[0].band is Band.AUTO


def test_who_was_found_by_a_name_alone_is_perhaps_another_of_that_day_whose_name_was_misread() -> None:
    misread = replace(KIMBERLY, id=PersonId("u-misread"), surname="CEDEGO LOOR", cf=None)
    (paper,) = filed((KIMBERLY, misread), SURE.format("CEDEGO LOOR Kimberly", "CEDEGO LOOR Kimberly"))
    assert Reason.HOLDER_UNSURE in paper.reasons
    twin = replace(misread, surname="CEDEÑO LOOR", name="DANIELA")
    (hers,) = filed((KIMBERLY, twin), SURE.format("CEDEGO LOOR Daniela", "CEDEGO LOOR Daniela").replace("GO", "NO"))
    assert (holder_names(hers), hers.band) == (["CEDEÑO LOOR DANIELA"], Band.AUTO)


def test_a_bare_name_beside_a_paper_of_one_who_was_found_is_not_filed_where_two_of_the_name_were() -> None:
    one = replace(CROWD[0], origin=Origin.FOUND)
    bare = BARE.format(name="BIANCHI ALDO")
    _, filed_beside = filed((one,), PROVING, bare)
    assert filed_beside.band is Band.AUTO
    other = replace(person("BIANCHI", "ALDO", "1971-05-02"), origin=Origin.FOUND)
    _, held = filed((one, other), PROVING, bare)
    assert (held.holders[0].value.person, held.reasons) == (one.id, (Reason.NAME_ALONE,))
