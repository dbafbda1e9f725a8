"""The printed PDF: a page a sheet, the same bytes twice, nothing personal beside the page."""

from __future__ import annotations

import datetime as dt
import io
from random import Random

import pypdfium2
import pytest

from faldone.domain.ids import PersonId
from faldone.domain.sheet import SheetKind, in_groups, make_sheets
from faldone.sheets.print import SheetLabel, print_sheets

SHEETS = make_sheets(SheetKind.COVER, [(PersonId("u-1a2b3c4d5e6f"), "TUM")], copies=2, draw=Random(5).randrange)
LABEL = SheetLabel("NUȚĂ-ŁUKASZ NICCOLÒ", dt.date(1987, 3, 4), "Tutela minori", "Ufficio di piano")


def printed(sheets, labels) -> bytes:
    out = io.BytesIO()
    print_sheets(sheets, labels, out)
    return out.getvalue()


def words(data: bytes, page: int = 0) -> str:
    document = pypdfium2.PdfDocument(data)
    opened = document[page]
    text = opened.get_textpage()
    said = str(text.get_text_range())
    text.close()
    opened.close()
    document.close()
    return said


def test_the_same_sheets_give_the_same_bytes():
    assert printed(SHEETS, [LABEL] * 2) == printed(SHEETS, [LABEL] * 2)


def test_a_cover_says_in_words_whose_it_is_and_which():
    said = words(printed(SHEETS, [LABEL] * 2), 1)
    for part in (
        "COPERTINA DI FASCICOLO / cover",
        "NUTA-LUKASZ NICCOLÒ",
        "04/03/1987",
        "Tutela minori",
        "Ufficio di piano",
        "foglio 2 di 2",
        in_groups(SHEETS[1].token),
    ):
        assert part in said


def test_a_separator_names_nobody():
    sheets = make_sheets(SheetKind.SEPARATOR, [(None, None)], draw=Random(2).randrange)
    said = words(printed(sheets, [SheetLabel()]))
    assert "SEPARATORE DI DOCUMENTO / separator" in said
    assert "nato" not in said


def test_the_pdfs_own_data_name_nobody():
    data = printed(SHEETS, [LABEL] * 2)
    document = pypdfium2.PdfDocument(data)
    told = " ".join(document.get_metadata_dict().values())
    document.close()
    assert "NICCOL" not in told
    assert "LUKASZ" not in told
    assert "u-1a2b3c4d5e6f" not in told


def test_a_long_name_keeps_to_the_page():
    label = SheetLabel("DELLA CHIESA DI SAN BARTOLOMEO AL MARE MARIA ADDOLORATA IMMACOLATA CONCETTA")
    assert "CONCETTA" in words(printed(SHEETS[:1], [label]))


def test_as_many_labels_as_sheets_are_asked_for():
    with pytest.raises(ValueError, match="zip"):
        printed(SHEETS, [LABEL])
