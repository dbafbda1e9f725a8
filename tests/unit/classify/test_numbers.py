"""Numbers that are no registration."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from faldone.catalog.codec import decode_proposal, encode_proposal
from faldone.classify.dates import find_dates
from faldone.classify.numbers import own_numbers
from faldone.classify.protocol import find_protocols
from faldone.domain.attribution import NumberKind
from tests.unit.classify.pages import proposal, reading

LATEST = dt.date(2024, 6, 1)


def numbers(text: str) -> list[tuple[str, str, int | None, str | None]]:
    found = own_numbers([reading(text)], latest=LATEST, version="1")
    return [(item.value.kind.value, item.value.number, item.value.year, item.value.register) for item in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Numero di protocollo DSU INPS-ISEE-2018-86093727K-00", ("dsu", "INPS-ISEE-2018-86093727K-00", 2018, None)),
        ("N. 337/24 R.G.V.G.", ("rg", "337", 2024, "RGVG")),
        ("Proc. n. 1234/2014 V.G.", ("rg", "1234", 2014, "VG")),
        ("R.G.N.R. n. 646/1994", ("rg", "646", 1994, "RGNR")),
        ("Cron. 6555/2024", ("cronologico", "6555", 2024, None)),
        ("Rep. n. 812", ("repertorio", "812", None, None)),
        ("DETERMINAZIONE DEL RESPONSABILE DEL SERVIZIO n. 866 del 25.05.2013", ("determinazione", "866", None, None)),
        ("DELIBERAZIONE DELLA GIUNTA COMUNALE N. 45/2019", ("deliberazione", "45", 2019, None)),
    ],
)
def test_a_number_is_known_for_what_it_is_and_for_no_registration(
    text: str, expected: tuple[str, str, int | None, str | None]
) -> None:
    assert numbers(text) == [expected]
    page = reading(text)
    assert find_protocols(page, find_dates(page.folded, latest=LATEST), latest=LATEST) == ()


def test_an_act_that_is_cited_is_not_the_papers_own() -> None:
    assert numbers("Richiamata la deliberazione n. 299 del 02.07.2020 di approvazione del bilancio") == []
    assert numbers("RELAZIONE" + "\n" * 40 + "Determina n. 12") == []


def test_a_proposal_keeps_its_numbers_and_an_older_one_has_none() -> None:
    made = proposal([], "TRIBUNALE PER I MINORENNI DI BRESCIA\nN. 337/24 R.G.V.G.\nDECRETO\nP.Q.M. dispone l'affido")
    assert [item.value.kind for item in made.numbers] == [NumberKind.RG]
    body = encode_proposal(made)
    assert decode_proposal(body) == made
    older = json.loads(body)
    del older["numbers"]
    assert decode_proposal(json.dumps(older)).numbers == ()
