from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest

from faldone.domain.access import Sensitivity
from faldone.domain.attribution import Attribution, Band, DocumentProposal, PersonMention, Protocol, Role
from faldone.domain.ids import DocumentId, PersonId
from faldone.search.document import Field, SearchDocument, SearchPerson, day, fields, filed, project, protocol_keys


@pytest.mark.parametrize(
    ("number", "date", "expected"),
    [
        (None, None, ()),
        ("", None, ()),
        ("1234", None, ("1234",)),
        ("001234", dt.date(2014, 3, 12), ("1234", "1234/2014")),
        ("1234/14", None, ("1234", "1234/2014")),
        ("1234/2014", dt.date(2015, 1, 2), ("1234", "1234/2014")),
        ("1234/A", dt.date(2014, 3, 12), ("1234/a", "1234/a/2014")),
        ("000", None, ("000",)),
    ],
)
def test_protocol_keys(number: str | None, date: dt.date | None, expected: tuple[str, ...]) -> None:
    assert protocol_keys(number, date) == expected


def test_day_sorts_as_dates_do() -> None:
    assert day(dt.date(2014, 3, 12)) == 20140312


def test_fields() -> None:
    values = fields(
        SearchDocument(
            id=DocumentId("d"),
            version=1,
            file="lotto/0007.tif",
            first_page=0,
            last_page=1,
            type="decreto_tm",
            type_name="Decreto",
            service="TUM",
            persons=(
                SearchPerson(Role.HOLDER, "D'ANGELO RITA", "DNGRTI80A41F205X", ("ROSSI RITA",)),
                SearchPerson(Role.JUDGE, "FERRI LAURA"),
            ),
            band=Band.AUTO,
            pages=("prot. 001234/2014", "affida-\nmento"),
        )
    )
    assert set(values) == set(Field)
    assert values[Field.HOLDERS] == ("D'ANGELO RITA dangelo", "ROSSI RITA")
    assert values[Field.NAMES] == ("D'ANGELO RITA dangelo", "ROSSI RITA", "FERRI LAURA")
    assert values[Field.CF] == ("dngrti80a41f205x",)
    assert values[Field.CODES] == ("1234/2014",)
    assert values[Field.WORDS] == values[Field.TEXT] == ("prot. 001234/2014", "affidamento")
    assert values[Field.SERVICE] == ("tum",)
    assert values[Field.TITLE] == ("TUM", "decreto_tm", "Decreto", "lotto/0007.tif")
    assert values[Field.BATCH] == values[Field.PROTOCOL] == ()
    assert values[Field.FILED] == (filed(Field.SERVICE, known=True), filed(Field.COMUNE, known=False))


def test_a_document_is_open_to_its_own_level_and_the_higher() -> None:
    def levels(**given: Sensitivity) -> tuple[str, ...]:
        document = SearchDocument(id=DocumentId("d"), version=1, file="f", first_page=0, last_page=0, **given)
        return fields(document)[Field.SENSITIVITY]

    assert levels(sensitivity=Sensitivity.BASE) == ("0", "1", "2", "3")
    assert levels(sensitivity=Sensitivity.GIUDIZIARI) == ("2", "3")
    assert levels() == ("3",), "what nobody said anything of is for the highest alone"


@pytest.mark.parametrize("wrong", [{"id": ""}, {"version": -1}, {"first_page": 2}, {"first_page": -1}])
def test_a_document_that_makes_no_sense_cannot_be_made(wrong: dict[str, object]) -> None:
    values: dict[str, object] = {"id": "d", "version": 1, "file": "f", "first_page": 0, "last_page": 1, **wrong}
    with pytest.raises(ValueError, match=r"id|negative|pages"):
        SearchDocument(**values)  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Named:
    name: str
    sensitivity: str = "base"


class _Lexicon:
    services = {"TUM": _Named("Tutela minori")}
    types = {"decreto_tm": _Named("Decreto")}


def _claim(value: object) -> Attribution:  # type: ignore[type-arg]
    return Attribution(value, 1.0, "test", "1")


def test_project() -> None:
    mention = PersonMention(Role.HOLDER, "ROSSI MARIA", cf="RSSMRA80A41F205B", person=PersonId("u-1"))
    proposal = DocumentProposal(
        first_page=2,
        last_page=3,
        type=_claim("decreto_tm"),
        service=_claim("unknown"),
        persons=(_claim(mention),),
        date=_claim(dt.date(2014, 3, 12)),
        protocol=_claim(Protocol("1234", year=2014)),
        band=Band.AUTO,
    )
    projected = project(
        document_id=DocumentId("d"),
        version=3,
        file="f.tif",
        batch="lotto",
        proposal=proposal,
        texts=["uno", "due"],
        lexicon=_Lexicon(),
        aliases={"u-1": ("BIANCHI MARIA",)},
    )
    assert (projected.type_name, projected.service, projected.service_name) == ("Decreto", "unknown", None)
    assert projected.persons == (
        SearchPerson(Role.HOLDER, "ROSSI MARIA", "RSSMRA80A41F205B", ("BIANCHI MARIA",), "u-1"),
    )
    assert fields(projected)[Field.PROTOCOL] == ("1234", "1234/2014")
    assert (projected.first_page, projected.last_page, projected.pages) == (2, 3, ("uno", "due"))
