"""Tables that leave the archive: CSV for programs, ODS for people. A cell is never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

Cell = str | int | float | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
WITHHELD = "*"
"""What stands for a count that is withheld."""


def safe(value: Cell) -> Cell:
    """The cell, with what a spreadsheet would calculate made into text."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def as_csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV as Italian spreadsheets open it: UTF-8 with a mark, semicolons."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe(cell) for cell in head])
    writer.writerows([safe(cell) if cell is not None else WITHHELD for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_ods(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """An OpenDocument spreadsheet with one sheet."""
    document = OpenDocumentSpreadsheet()
    sheet = Table(name=name)
    for row in (head, *rows):
        line = TableRow()
        for cell in row:
            line.addElement(_cell(cell))
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    made = io.BytesIO()
    document.write(made)
    return made.getvalue()


def _cell(value: Cell) -> TableCell:
    if isinstance(value, int | float):
        cell = TableCell(valuetype="float", value=value)
        cell.addElement(P(text=str(value)))
    else:
        cell = TableCell(valuetype="string")
        cell.addElement(P(text=str(value) if value is not None else WITHHELD))
    return cell
