"""Reports that leave the archive: a CSV, and a PDF of the same rows that names its digest and the ledger's head."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from faldone.catalog.records import LedgerTail
from faldone.domain.digest import Digest
from faldone.ingest.letter import representable
from faldone.pipeline.office.tables import as_csv

_PAGE: Final = landscape(A4)
_MARGIN: Final = 12 * mm
_FOOT: Final = 24 * mm
_SIZE: Final = 8.0
_LEADING: Final = 10.0
_FONT, _BOLD = "Helvetica", "Helvetica-Bold"
_GAP: Final = 6.0


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a report; ``share`` is its part of the page's width."""

    name: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Report:
    """A table with what it is about. ``name`` is what its files are called, of ids alone; ``asked`` says which rows."""

    name: str
    title: str
    asked: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Seal:
    """What stands under a report: who had it made and when, and the ledger it was made from."""

    by: str
    at: dt.datetime
    tail: LedgerTail


def report_csv(report: Report) -> bytes:
    """The rows as a CSV; no cell is a formula."""
    return as_csv([column.name for column in report.columns], report.rows)


def report_pdf(report: Report, seal: Seal) -> bytes:
    """The same rows on A4; every page names the digest of the CSV. The same report and seal give the same bytes."""
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=_PAGE, invariant=1, pageCompression=1)
    canvas.setTitle(_written(report.title))
    canvas.setAuthor("")
    canvas.setCreator("faldone")
    canvas.setProducer("faldone")
    widths = _widths(report.columns)
    foot = _foot_lines(report, seal)
    pages = list(_pages(report, widths))
    for number, lines in enumerate(pages, 1):
        top = _PAGE[1] - _MARGIN
        for bold, size, cells in lines:
            canvas.setFont(_BOLD if bold else _FONT, size)
            for x, text in cells:
                canvas.drawString(_MARGIN + x, top - size, text)
            top -= _LEADING if size == _SIZE else size * 1.6
        canvas.setFont(_FONT, _SIZE)
        for place, text in enumerate((*foot, f"{number} / {len(pages)}")):
            canvas.drawString(_MARGIN, _FOOT - _GAP - _LEADING * (place + 1), text)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


_Line = tuple[bool, float, list[tuple[float, str]]]


def _pages(report: Report, widths: Sequence[float]) -> Iterator[list[_Line]]:
    """The lines of each page; a row that does not fit goes to the next as a whole, under the names of the columns."""
    head = [*_cells([column.name for column in report.columns], widths, bold=True)]
    title = [(True, 14.0, [(0.0, _written(report.title))])]
    title += [(False, _SIZE, [(0.0, line)]) for text in report.asked for line in _wrapped(text, sum(widths))]
    most = int((_PAGE[1] - _MARGIN - _FOOT) / _LEADING) - 2
    page: list[_Line] = [*title, *head]
    first = len(page)
    for row in report.rows:
        lines = list(_cells(row, widths))
        if len(page) + len(lines) > most and len(page) > first:
            yield page
            page = list(head)
            first = len(page)
        while len(page) + len(lines) > most:  # a row longer than a page
            room = most - len(page)
            yield [*page, *lines[:room]]
            page, lines = list(head), lines[room:]
        page += lines
    yield page


def _cells(row: Sequence[str], widths: Sequence[float], *, bold: bool = False) -> Iterator[_Line]:
    columns = [list(_wrapped(text, width - _GAP, bold=bold)) for text, width in zip(row, widths, strict=True)]
    for line in range(max(len(column) for column in columns)):
        cells = [(sum(widths[:place]), column[line]) for place, column in enumerate(columns) if line < len(column)]
        yield bold, _SIZE, cells


def _widths(columns: Sequence[Column]) -> list[float]:
    whole = sum(column.share for column in columns)
    return [(_PAGE[0] - 2 * _MARGIN) * column.share / whole for column in columns]


def _foot_lines(report: Report, seal: Seal) -> tuple[str, ...]:
    return (
        _written(f"{len(report.rows)} righe / rows - {seal.by} - {seal.at.astimezone(dt.UTC):%d/%m/%Y %H:%M:%S} UTC"),
        f"CSV {Digest.of(report_csv(report))}",
        f"Registro / ledger: {seal.tail.length} - {seal.tail.hash}",
    )


def _written(text: str) -> str:
    return representable(text)[0]


def _wrapped(text: str, width: float, *, bold: bool = False) -> Iterator[str]:
    """The text in lines of the width; a word that is too long is broken."""
    font = _BOLD if bold else _FONT
    line = ""
    for word in _written(text).split(" "):
        longer = f"{line} {word}" if line else word
        if stringWidth(longer, font, _SIZE) <= width:
            line = longer
            continue
        if line:
            yield line
        line = word
        while stringWidth(line, font, _SIZE) > width and len(line) > 1:
            fits = max(1, int(len(line) * width / stringWidth(line, font, _SIZE)))
            yield line[:fits]
            line = line[fits:]
    yield line
