"""The office's register, in the forms that offices hand tables over in."""

from __future__ import annotations

import datetime as dt

import pytest

from faldone.domain.person import Person
from faldone.errors import UnreadableFileError
from faldone.pipeline.filing.register_file import Rejected, read_register
from tests.unit.classify.pages import code

BORN = dt.date(1950, 4, 3)
CODE = code("Nicolò", "Noè", BORN)


def lines(data: bytes) -> list[tuple[int, Person | Rejected]]:
    return list(read_register(data).persons)


def only(data: bytes) -> Person:
    ((_, found),) = lines(data)
    assert isinstance(found, Person)
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_letters_and_separators_are_those_of_any_spreadsheet(encoding: str, delimiter: str) -> None:
    table = f"codice_fiscale,cognome,nome,data_nascita\r\n{CODE},NICOLÒ,NOÈ,03/04/1950\r\n".replace(",", delimiter)
    person = only(table.encode(encoding))
    assert (person.surname, person.name, person.cf, person.birth_date) == ("NICOLÒ", "NOÈ", CODE, BORN)


def test_columns_are_known_by_the_names_that_offices_give_them() -> None:
    titles = "Cod. Fiscale;COGNOME;Nome;Data di nascita;Comune di nascita;N. Utente;Telefono"
    file = read_register(f"{titles}\n{CODE};Nicolò;Noè;03.04.1950;Crema;0042;1\n".encode("cp1252"))
    assert file.understood == ("codice_fiscale", "cognome", "nome", "data_nascita", "luogo_nascita")
    assert file.kept == ("numero_utente", "telefono")
    ((number, person),) = file.persons
    assert isinstance(person, Person)
    assert (number, person.cf, person.birth_date, person.birth_place) == (2, CODE, BORN, "Crema")
    assert person.extra == (("numero_utente", "0042"), ("telefono", "1"))


@pytest.mark.parametrize("titles", ["CF,codice_fiscale", "codice_fiscale,CF"])
def test_of_two_columns_that_say_the_same_ours_counts_and_the_other_is_kept(titles: str) -> None:
    file = read_register(f"{titles},cognome,nome\n,,Rossi,Eva\n".encode())
    assert (file.understood, file.kept) == (("codice_fiscale", "cognome", "nome"), ("cf",))


@pytest.mark.parametrize(
    "written", ["1950-04-03", "03/04/1950", "3/4/1950", "03-04-1950", "03.04.1950", "1950-04-03 00:00:00"]
)
def test_a_day_of_birth_is_understood_as_programs_write_it(written: str) -> None:
    assert only(f"cognome,nome,data_nascita\nRossi,Eva,{written}\n".encode()).birth_date == BORN


@pytest.mark.parametrize("written", ["03/04/50", "18356", "1950", "31/02/1950", "04/13/1950", "03/04/1950 10:30"])
def test_a_day_that_could_be_another_is_refused(written: str) -> None:
    ((_, found),) = lines(f"cognome,nome,data_nascita\nRossi,Eva,{written}\n".encode())
    assert isinstance(found, Rejected)


@pytest.mark.parametrize("data", [b"PK\3\4" + bytes(40), b"\xff\xfe\0\xd8", b"\x81\x8d\x81", b"", b"a,b\n1,2\n"])
def test_what_is_no_table_of_persons_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read_register(data)
