"""Sheets on paper: a PDF of A4 pages with every sheet said four times: a QR code, a smaller one, a Code128, words.

The codes stand far apart, so that no stamp or tear takes more than one or two, and so that what spoils one kind leaves
another: a fold may run through the corner that a QR code is found by, or along a bar. The large QR stands in the upper
third and right of the middle, the small one left of the first third and below the half, their corners away from where
letters are folded; the Code128 in the lower third. They are large: a module of the QRs is 1.3 mm, 8 pixels at 150
dpi, and one of the Code128 0.46 mm, near 3 pixels. The bars are tall enough (40 mm of 148) for a straight line to cross
them all on a sheet that lies 15 degrees askew.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from faldone.domain.sheet import Sheet, SheetKind, in_groups
from faldone.sheets.code import (
    QR_MM,
    QR_VERSION,
    SMALL_QR_MM,
    SMALL_QR_VERSION,
    TITLES,
    line_payload,
    qr_payload,
    small_qr_payload,
)

BAR_MM: Final = 0.46
LINE_HEIGHT_MM: Final = 40.0

_LEFT, _RIGHT = 22 * mm, 188 * mm  # clear of punch holes and of what printers cannot reach
_WIDTH = _RIGHT - _LEFT
_QR_TOP_MM, _QR_LEFT_MM = 34.0, 116.0
_SMALL_QR_TOP_MM, _SMALL_QR_LEFT_MM = 150.0, 22.0
_LINE_TOP_MM = 216.0
_TOKEN_SIZE: Final = 30.0
_SPELLINGS: Final = str.maketrans("łŁđĐħĦıŋØøÞþ", "lLdDhHinOoTt")


@dataclass(frozen=True, slots=True)
class SheetLabel:
    """The words on one sheet; what is empty is left out. A separator needs none but ``office``.

    ``person`` is whose dossier a cover is of, written as on every screen: surname first, in capitals.
    """

    person: str = ""
    birth_date: dt.date | None = None
    service: str = ""
    office: str = ""


def print_sheets(sheets: Sequence[Sheet], labels: Sequence[SheetLabel], target: BinaryIO) -> None:
    """Writes a PDF with a page for each sheet. The same sheets and labels give the same bytes.

    Nothing personal stands in the PDF's own data, and its fonts are those that every reader has.

    Raises:
        ValueError: there are not as many labels as sheets, or what is to stand in a code is too long for it.
    """
    canvas = Canvas(target, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle("Fogli separatori / separator sheets")
    canvas.setAuthor("")
    canvas.setSubject("")
    canvas.setCreator("faldone")
    canvas.setProducer("faldone")
    for sheet, label in zip(sheets, labels, strict=True):
        _draw(canvas, sheet, label)
        canvas.showPage()
    canvas.save()


def _draw(canvas: Canvas, sheet: Sheet, label: SheetLabel) -> None:
    cover = sheet.kind is SheetKind.COVER
    italian, english = TITLES[sheet.kind]
    _line(canvas, f"{italian} / {english}", 24, size=24, bold=True)
    _qr(canvas, qr_payload(sheet), QR_VERSION, QR_MM, (_QR_LEFT_MM, _QR_TOP_MM))
    _qr(canvas, small_qr_payload(sheet), SMALL_QR_VERSION, SMALL_QR_MM, (_SMALL_QR_LEFT_MM, _SMALL_QR_TOP_MM))
    _beside_qr(canvas, sheet, label)
    if cover:
        _line(canvas, label.person, 112, size=30, bold=True)
        if label.birth_date is not None:
            _line(canvas, f"nato/a il {label.birth_date:%d/%m/%Y} / born", 124, size=16)
        _line(canvas, label.service, 138, size=22, bold=True)
    canvas.setFont("Courier-Bold", _TOKEN_SIZE)
    canvas.drawCentredString(A4[0] / 2, _up(207), in_groups(sheet.token))
    bars = Code128(
        line_payload(sheet), barWidth=BAR_MM * mm, barHeight=LINE_HEIGHT_MM * mm, quiet=False, humanReadable=False
    )
    bars.drawOn(canvas, (A4[0] - bars.width) / 2, _up(_LINE_TOP_MM + LINE_HEIGHT_MM))
    _line(
        canvas, "Foglio di scansione: non fa parte delle carte / scanning sheet, not part of the papers", 276, size=10
    )


def _beside_qr(canvas: Canvas, sheet: Sheet, label: SheetLabel) -> None:
    width = (_QR_LEFT_MM - 8) * mm - _LEFT
    following = (
        ("Le carte che seguono vanno in questo fascicolo.", "The papers that follow belong to this dossier.")
        if sheet.kind is SheetKind.COVER
        else ("Qui comincia un altro documento.", "A new document starts here.")
    )
    _line(canvas, f"foglio {sheet.number} di {sheet.of} / sheet", 44, size=18, bold=True, width=width)
    _line(canvas, following[0], 58, size=12, width=width)
    _line(canvas, following[1], 64, size=12, width=width)
    _line(canvas, "Non piegare, non timbrare sui codici.", 76, size=10, width=width)
    _line(canvas, "Do not fold, do not stamp the codes.", 81, size=10, width=width)
    _line(canvas, label.office, 93, size=10, width=width)


def _qr(canvas: Canvas, text: str, version: int, side_mm: float, corner_mm: tuple[float, float]) -> None:
    """A QR code with its upper left corner so far from the left and from the head of the page."""
    side = side_mm * mm
    drawing = Drawing(side, side)
    drawing.add(QrCodeWidget(text, qrVersion=version, barLevel="H", barBorder=0, barWidth=side, barHeight=side))
    renderPDF.draw(drawing, canvas, corner_mm[0] * mm, _up(corner_mm[1] + side_mm))


def _line(canvas: Canvas, text: str, top_mm: float, *, size: float, bold: bool = False, width: float = _WIDTH) -> None:
    """A line of text with its feet at ``top_mm``, as large as ``size`` and the width allow."""
    font = "Helvetica-Bold" if bold else "Helvetica"
    written = _latin(text)
    size = min(size, size * width / max(1.0, stringWidth(written, font, size)))
    canvas.setFont(font, size)
    canvas.drawString(_LEFT, _up(top_mm), written)


def _up(top_mm: float) -> float:
    """Points from the foot of the page to ``top_mm`` millimetres below its head."""
    return A4[1] - top_mm * mm


def _latin(text: str) -> str:
    """The text in letters that the standard fonts have (Windows-1252): others lose their accents, or become ``?``."""
    return "".join(char if _has(char) else _bare(char) for char in unicodedata.normalize("NFC", text))


def _bare(char: str) -> str:
    spelt = unicodedata.normalize("NFKD", char.translate(_SPELLINGS))
    return "".join(part if _has(part) else "?" for part in spelt if not unicodedata.combining(part))


def _has(char: str) -> bool:
    try:
        return bool(char.encode("cp1252"))
    except UnicodeEncodeError:
        return False
