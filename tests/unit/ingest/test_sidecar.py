"""What an office writes beside its scans."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from faldone.domain.batch import BatchFacts
from faldone.domain.declared import Declared
from faldone.errors import InvalidSidecarError
from faldone.ingest.sidecar import is_sidecar, merged, read_sidecar


def test_a_json_beside_a_scan_speaks_of_that_scan() -> None:
    body = {"codice_fiscale": "RSSMRA85T50A562S", "servizio": "SAD", "data": "2014-03-12", "nota": "qualunque"}
    found = read_sidecar("0007.json", json.dumps(body).encode())
    assert found.files == {"0007": Declared(cf="RSSMRA85T50A562S", service="SAD", date=dt.date(2014, 3, 12))}
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


def test_only_tables_and_json_are_sidecars() -> None:
    assert is_sidecar("lotto-1/0007.JSON")
    assert is_sidecar("a.csv")
    assert not is_sidecar("a.pdf")
