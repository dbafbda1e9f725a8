"""Files that no scanner should deliver, and some do: for tests of what faldone says about each."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path

from PIL import Image, ImageDraw
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from faldone.demo import fonts
from faldone.domain.reasons import Reason

OK = "ok"
_NAMES = (
    "con\na capo.png",
    'l\'«atto» "urgente".png',
    "foto 📎 allegata.png",
    "-rf.png",
    os.fsdecode(b"perch\xe9.png"),
)
_HUGE = 30_000


def write_troubles(folder: Path) -> dict[str, str]:
    """Writes one file of each bad kind into ``folder``.

    Returns:
        file name -> the value of the :class:`Reason` to expect, or ``"ok"``. A name that is not UTF-8 has surrogate
        escapes, as :func:`os.fsdecode` makes them. Of the two files with the same bytes, the one that sorts first
        is ``"ok"``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pdf = _pdf()
    made: list[tuple[str, bytes, str]] = [
        ("vuoto.pdf", b"", Reason.EMPTY_FILE),
        ("troncato.pdf", pdf[: len(pdf) // 3], Reason.UNREADABLE),
        ("protetto.pdf", _pdf(password="segreta"), Reason.ENCRYPTED),
        ("in-realta-pdf.jpg", _pdf("Questo file si chiama jpg ma e' un PDF"), OK),
        ("in-realta-excel.pdf", _xlsx(), Reason.EXPORT_NEEDED),
        ("seconda-pagina-rotta.tif", _broken_tiff(), Reason.PAGE_UNREADABLE),
        ("enorme.tif", _huge_tiff(), Reason.TOO_LARGE),
        ("enorme.png", _huge_png(), Reason.TOO_LARGE),
        ("uguale-a.png", _small_page("Due nomi, gli stessi byte"), OK),
        ("uguale-b.png", _small_page("Due nomi, gli stessi byte"), Reason.SAME_BYTES),
    ]
    made += [(name, _small_page(f"Nome insolito n. {number}"), OK) for number, name in enumerate(_NAMES, start=1)]
    for name, data, _reason in made:
        (folder / name).write_bytes(data)
    return {name: str(reason) for name, _data, reason in made}


def _pdf(words: str = "Relazione sociale di prova", password: str = "") -> bytes:
    out = io.BytesIO()
    encryption = StandardEncryption(password, ownerPassword="padrona", canPrint=0) if password else None
    canvas = Canvas(out, invariant=1, encrypt=encryption)
    for number in range(1, 4):
        canvas.drawString(72, 770, f"{words}, pagina {number}")
        for line in range(30):
            canvas.drawString(72, 740 - 18 * line, f"Riga {line + 1}: il servizio sociale ha incontrato la famiglia.")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _xlsx() -> bytes:
    out = io.BytesIO()
    types = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    body = '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("[Content_Types].xml", types), ("xl/workbook.xml", body)):
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def _page_image(words: str) -> Image.Image:
    image = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(image)
    font = fonts.face("serif", 34)
    for number, line in enumerate((words, "Comune di Crema - Servizi sociali", "Si trasmette quanto richiesto.")):
        draw.text((140, 200 + 70 * number), line, 0, font)
    return image


def _small_page(words: str) -> bytes:
    out = io.BytesIO()
    _page_image(words).save(out, "PNG", dpi=(150, 150))
    return out.getvalue()


def _broken_tiff() -> bytes:
    """Two LZW pages; the strips of the second are overwritten, its directory is left whole."""
    out = io.BytesIO()
    pages = [_page_image("Prima pagina, leggibile"), _page_image("Seconda pagina, rovinata")]
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw", dpi=(150, 150))
    data = bytearray(out.getvalue())
    with Image.open(io.BytesIO(bytes(data))) as image:
        image.seek(1)
        tags = image.tag_v2  # type: ignore[attr-defined]  # a TIFF has tags
        starts, sizes = tags[273], tags[279]
    for start, size in zip(starts, sizes, strict=True):
        data[start : start + size] = b"\xff" * size
    return bytes(data)


def _huge_tiff() -> bytes:
    """A bilevel A0-and-more page, all white: a few kilobytes of fax code for 900 million pixels."""
    rows = 100
    out = io.BytesIO()
    Image.new("1", (_HUGE, rows), 1).save(out, "TIFF", compression="group4")
    with Image.open(io.BytesIO(out.getvalue())) as image:
        tags = image.tag_v2  # type: ignore[attr-defined]  # a TIFF has tags
        start, size = tags[273][0], tags[279][0]
    strip = out.getvalue()[start : start + size]
    count = _HUGE // rows
    head = struct.pack("<2sHI", b"II", 42, 8)
    entries = 10
    after = 8 + 2 + entries * 12 + 4
    offsets, lengths = after, after + 4 * count
    body = lengths + 4 * count
    directory = struct.pack("<H", entries)
    for tag, kind, number, value in (
        (256, 4, 1, _HUGE), (257, 4, 1, _HUGE), (258, 3, 1, 1), (259, 3, 1, 4), (262, 3, 1, 0),
        (273, 4, count, offsets), (277, 3, 1, 1), (278, 4, 1, rows), (279, 4, count, lengths), (296, 3, 1, 2),
    ):  # fmt: skip
        directory += struct.pack("<HHII", tag, kind, number, value)
    directory += struct.pack("<I", 0)
    # every strip is the same, so all point to one
    return head + directory + struct.pack("<I", body) * count + struct.pack("<I", len(strip)) * count + strip


def _huge_png() -> bytes:
    out = io.BytesIO()
    Image.new("1", (1, 1), 1).save(out, "PNG")
    data = bytearray(out.getvalue())
    data[16:24] = struct.pack(">II", _HUGE, _HUGE)
    from zlib import crc32

    data[29:33] = struct.pack(">I", crc32(bytes(data[12:29])))
    return bytes(data)
