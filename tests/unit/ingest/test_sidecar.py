"""What an office writes beside its scans."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from faldone.domain.batch import BatchFacts
from faldone.domain.declared import Declared
from faldone.errors import InvalidSidecarError
from faldone.ingest import sidecar
from faldone.ingest.sidecar import Sidecar, is_sidecar, merged


def read_sidecar(name: str, data: bytes) -> Sidecar:
    return sidecar.read_sidecar(name, data, ("SAD", "TUM"))


def test_a_json_beside_a_scan_speaks_of_that_scan() -> None:
    body = {"codice_fiscale": "RSSMRA85T10A562S", "servizio": "SAD", "data": "2014-03-12", "nota": "qualunque"}
    found = read_sidecar("0007.json", json.dumps(body).encode())
    assert found.files == {"0007": Declared(cf="RSSMRA85T10A562S", service="SAD", date=dt.date(2014, 3, 12))}
    assert read_sidecar("0007.tif.json", json.dumps(body).encode()).files.keys() == {"0007.tif"}
    assert found.facts is None


def test_a_table_has_a_row_a_file_with_commas_or_semicolons_and_a_spreadsheets_byte_order_mark() -> None:
    for separator in ",;":
        rows = ["file,cognome,nome,data_nascita", "0001.tif,Rossi,Maria,10/12/1985", "0002.tif,Verdì,Ugo,"]
        table = "\r\n".join(rows).replace(",", separator)
        found = read_sidecar("elenco.csv", b"\xef\xbb\xbf" + table.encode())
        assert found.files == {
            "0001.tif": Declared(surname="Rossi", name="Maria", birth_date=dt.date(1985, 12, 10)),
            "0002.tif": Declared(surname="Verdì", name="Ugo"),
        }


def test_a_lotto_file_speaks_of_the_whole_batch() -> None:
    said = b'{"scatola": 12, "comune": "Nuoro", "fogli": 40, "facciate": 2, "servizio": "SAD"}'
    found = read_sidecar("lotto.json", said)
    assert found.files == {"": Declared(service="SAD")}
    assert found.facts == BatchFacts(box="12", comune="Nuoro", sheets=40, sides=2, service="SAD")


def test_what_a_sidecar_does_not_mention_stays() -> None:
    before = BatchFacts(box="3", operator="Anna")
    assert merged(before, BatchFacts(box="4")) == BatchFacts(box="4", operator="Anna")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", b"{"),
        ("a.json", b"[1, 2]"),
        ("a.json", b"[]"),
        ("a.csv", b"colonna,altra\n1,2\n"),
        ("a.csv", b""),
        ("elenco.csv", b"cognome,nome\nRossi,Maria\nVerdi,Ugo\n"),
        ("a.json", b'{"data": "ieri"}'),
        ("lotto.json", b'{"fogli": "molti"}'),
        ("lotto.json", b'{"fogli": 0}'),
    ],
)
def test_what_cannot_be_understood_is_refused_and_not_half_believed(name: str, data: bytes) -> None:
    with pytest.raises(InvalidSidecarError):
        read_sidecar(name, data)


def wrong(name: str, data: str) -> tuple[str, int | None, str]:
    with pytest.raises(InvalidSidecarError) as refused:
        read_sidecar(name, data.encode())
    error = refused.value
    return error.fault, error.line, error.message.partition(" / ")[0]


def test_the_refusal_names_the_line_and_what_is_wrong_with_it() -> None:
    head = "file;codice_fiscale;servizio;data\n0001.pdf;;SAD;12/03/2014\n"
    assert wrong("dati.csv", f"{head}0002.pdf;;SAD;31/02/2012\n") == (
        "no-date",
        3,
        "riga 3: data 31/02/2012 non esiste o non si capisce (2014-03-12)",
    )
    assert wrong("dati.csv", f"{head}\n0002.pdf;;NOPE;\n") == (
        "no-service",
        4,
        "riga 4: nessun servizio ha il codice NOPE (faldone services list)",
    )
    assert wrong("dati.csv", f"{head}0002.pdf;XXX;;\n") == ("no-cf", 3, "riga 3: XXX non è un codice fiscale")
    assert wrong("dati.csv", f"{head};;SAD;\n")[:2] == ("no-file", 3)
    assert wrong("lista.json", '[{"file": "a.pdf"}, {"file": "b.pdf", "servizio": "NOPE"}]') == (
        "no-service",
        2,
        "elemento 2: nessun servizio ha il codice NOPE (faldone services list)",
    )
    assert wrong("0007.json", '{"servizio": "NOPE"}')[:2] == ("no-service", None)
    assert wrong("a.json", "[" * 100_000 + "]" * 100_000)[0] == "not-json"
    assert wrong("a.csv", "file;servizio\n")[:2] == ("empty", None)


def test_blank_rows_are_passed_over_and_a_code_may_be_written_small() -> None:
    found = read_sidecar("dati.csv", b"file;servizio\n;\n0001.pdf;sad\n \n;\n")
    assert found.files == {"0001.pdf": Declared(service="SAD")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_accents_are_read_however_the_office_saved_them(encoding: str) -> None:
    for separator in ";\t":  # «testo Unicode» of spreadsheets has tabs
        table = "file;cognome;nome\n0001.pdf;ROSSÌ;ANNÀ\n".replace(";", separator)
        found = read_sidecar("dati.csv", table.encode(encoding))
        assert found.files == {"0001.pdf": Declared(surname="ROSSÌ", name="ANNÀ")}


def test_only_tables_and_json_are_sidecars() -> None:
    assert is_sidecar("lotto-1/0007.JSON")
    assert is_sidecar("a.csv")
    assert not is_sidecar("a.pdf")
