"""Text documents: LibreOffice makes a PDF of them, alone in the dark; spreadsheets are refused with their way out."""

import io
import os
import stat
import struct
import subprocess
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from faldone.domain.reasons import Reason
from faldone.errors import (
    ConversionFailedError,
    ConverterMissingError,
    EncryptedFileError,
    ExportNeededError,
    InputError,
    OpenTimeoutError,
    UnreadableFileError,
    UnsupportedFormatError,
)
from faldone.ingest.inspect import inspect
from faldone.ingest.limits import Limits
from faldone.ingest.media import DOC, DOCX, ODT, PDF, RTF
from faldone.ingest.unpack import unpack
from tests.conftest import demand

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"


def zipped(members: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def docx(body: str = "<w:p><w:r><w:t>Relazione sociale di prova</w:t></w:r></w:p>", relations: str = "") -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return zipped(
        {
            "[Content_Types].xml": f'{head}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
            "_rels/.rels": f'{head}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/document.xml": f'{head}<w:document xmlns:w="{_W}" xmlns:r="{_OFFICE}" '
            f'xmlns:wp="{_DRAWING}/wordprocessingDrawing" xmlns:a="{_DRAWING}/main" '
            f'xmlns:pic="{_DRAWING}/picture"><w:body>{body}</w:body></w:document>',
            "word/_rels/document.xml.rels": f'{head}<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
            "</Relationships>",
        }
    )


def linked_picture(target: str) -> bytes:
    """A document that shows a picture which lies elsewhere."""
    size = '<a:off x="0" y="0"/><a:ext cx="3000000" cy="3000000"/>'
    body = (
        '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="3000000" cy="3000000"/><wp:docPr id="1" name="x"/><a:graphic>'
        f'<a:graphicData uri="{_DRAWING}/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="x"/><pic:cNvPicPr/>'
        '</pic:nvPicPr><pic:blipFill><a:blip r:link="rId5"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm>{size}</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p><w:p><w:r><w:t>Testo</w:t></w:r></w:p>"
    )
    return docx(body, f'<Relationship Id="rId5" Type="{_OFFICE}/image" Target="{target}" TargetMode="External"/>')


def odt(body: str = "<text:p>Relazione sociale di prova</text:p>", mimetype: str = ODT, manifest: str = "") -> bytes:
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    return zipped(
        {
            "mimetype": mimetype,
            "content.xml": f'<?xml version="1.0"?><office:document-content office:version="1.2" '
            f'xmlns:office="{oasis}:office:1.0" xmlns:text="{oasis}:text:1.0"><office:body><office:text>{body}'
            "</office:text></office:body></office:document-content>",
            "META-INF/manifest.xml": f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{oasis}:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mimetype}"/>'
            f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{manifest}'
            "</manifest:file-entry></manifest:manifest>",
        }
    )


def rtf(body: str = "Relazione sociale di prova") -> bytes:
    return rb"{\rtf1\ansi\deff0{\fonttbl{\f0 Times New Roman;}}\f0\fs24 " + body.encode() + rb"\par}"


def compound(*streams: str, flags: int = 0) -> bytes:
    """The shell of an Office 97–2003 file, with these streams in its root, each of eight sectors."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    sectors, table = [], [fat, end]
    entries = [("Root Entry", 5, free, free, 1 if streams else free, end, 0)]
    for number, name in enumerate(streams):
        first = len(table)
        table += [*range(first + 1, first + 8), end]
        sectors.append(struct.pack("<HHHHHH", 0xA5EC, 0xC1, 0, 0, 0, flags).ljust(512 * 8, b"x"))
        right = number + 2 if number + 1 < len(streams) else free
        entries.append((name, 2, free, right, free, first, 512 * 8))
    directory = b"".join(
        struct.pack(
            "<64sHBBIII16sIQQIQ",
            name.encode("utf-16-le"), 2 * len(name) + 2, kind, 1, left, right, child, b"", 0, 0, 0, start, size,
        )
        for name, kind, left, right, child, start, size in entries
    ).ljust(512, b"\0")  # fmt: skip
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
        0, 1, 1, 0, 4096, end, 0, end, 0,
    )  # fmt: skip
    header += struct.pack("<109I", 0, *[free] * 108)
    sheet = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return header + sheet + directory + b"".join(sectors)


@pytest.fixture
def write(tmp_path: Path):
    def _write(data: bytes) -> Path:
        path = tmp_path / "lettera.bin"
        path.write_bytes(data)
        return path

    return _write


def converted(path: Path, media_type: str, limits: Limits | None = None) -> bytes:
    with unpack(path, media_type, limits or Limits(), path.parent / "work", name="a/Lettera.vera.docx") as unpacked:
        (part,) = unpacked.parts
        assert part.name == "Lettera.vera.pdf"
        assert inspect(part.path).media_type == PDF
        return part.path.read_bytes()


def words(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(sheet.get_textpage().get_text_range() for sheet in document)


# --- what it is


@pytest.mark.parametrize(
    ("data", "media_type"), [(docx(), DOCX), (odt(), ODT), (rtf(), RTF), (compound("WordDocument", "1Table"), DOC)]
)
def test_a_text_document_is_a_container_of_one_rendition(write, data, media_type):
    found = inspect(write(data))
    assert (found.media_type, found.pages, found.is_container) == (media_type, 0, True)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "xlsx"),
        (zipped({"[Content_Types].xml": "", "ppt/presentation.xml": ""}), "pptx"),
        (odt(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "ods"),
        (odt(mimetype="application/vnd.oasis.opendocument.presentation"), "odp"),
        (compound("Workbook"), "xls"),
        (compound("PowerPoint Document"), "ppt"),
    ],
)
def test_a_spreadsheet_or_slides_are_refused_with_the_way_out(write, data, word):
    with pytest.raises(ExportNeededError) as caught:
        inspect(write(data))
    assert word in caught.value.message
    assert "PDF" in caught.value.hint
    assert "PDF" in Reason(caught.value.reason).italian


@pytest.mark.parametrize(
    "data",
    [
        zipped({"[Content_Types].xml": "", "visio/document.xml": ""}),
        zipped({"mimetype": "application/epub+zip"}),
        compound("__properties_version1.0"),
        compound("Contents"),
    ],
)
def test_other_documents_in_the_same_shells_are_refused(write, data):
    with pytest.raises(UnsupportedFormatError):
        inspect(write(data))


@pytest.mark.parametrize(
    "data",
    [
        compound("EncryptedPackage", "EncryptionInfo"),
        compound("WordDocument", flags=0x0100),
        odt(manifest='<manifest:encryption-data manifest:checksum-type="SHA1"/>'),
    ],
    ids=["docx", "doc", "odt"],
)
def test_a_document_with_a_password_is_refused_as_one(write, data):
    with pytest.raises(EncryptedFileError):
        inspect(write(data))


@pytest.mark.parametrize(
    "data",
    [rtf()[:-1], compound("WordDocument", "1Table")[:-600], compound("WordDocument")[:700], docx()[:-30]],
    ids=["rtf", "doc", "doc-head", "docx"],
)
def test_a_document_cut_short_is_refused_at_a_look(write, data):
    with pytest.raises(UnreadableFileError):
        inspect(write(data))


def test_a_compound_file_that_bites_its_tail_is_refused(write):
    data = bytearray(compound("WordDocument"))
    struct.pack_into("<I", data, 512 + 4, 1)  # the directory follows itself
    with pytest.raises(UnreadableFileError):
        inspect(write(bytes(data)))


# --- what comes out


def test_without_libreoffice_the_document_waits_with_its_reason(write, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConverterMissingError) as caught:
        converted(write(docx()), DOCX)
    assert isinstance(caught.value, InputError)
    assert Reason(caught.value.reason) is Reason.CONVERTER_MISSING


def impostor(folder: Path, script: str) -> None:
    """A program called soffice that does something else."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_a_converter_that_hangs_is_killed_with_its_children(write, monkeypatch, tmp_path):
    impostor(tmp_path, f"sleep 97 & echo $! > {tmp_path}/child; wait")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    begun = time.monotonic()
    with pytest.raises(OpenTimeoutError):
        converted(write(docx()), DOCX, Limits(open_timeout_s=0.5))
    assert time.monotonic() - begun < 5
    child = Path("/proc") / (tmp_path / "child").read_text().strip() / "stat"
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_a_converter_that_makes_nothing_has_failed(write, monkeypatch, tmp_path):
    impostor(tmp_path, "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ConversionFailedError):
        converted(write(docx()), DOCX)


def test_a_damaged_document_is_refused_before_libreoffice_repairs_it(write, monkeypatch, tmp_path):
    impostor(tmp_path, "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    data = bytearray(docx())
    data[data.index(b"word/document.xml") + 40] ^= 0xFF
    with pytest.raises(UnreadableFileError):
        converted(write(bytes(data)), DOCX)


@pytest.mark.slow
@pytest.mark.parametrize(("data", "media_type"), [(docx(), DOCX), (odt(), ODT), (rtf(), RTF)])
def test_the_same_document_gives_the_same_pdf_at_another_moment(write, data, media_type):
    demand("LibreOffice", "soffice")
    path = write(data)
    first = converted(path, media_type)
    assert "Relazione sociale di prova" in words(first)
    assert b"/CreationDate(D:20000101000000Z')" in first
    assert converted(path, media_type) == first


@pytest.mark.slow
def test_a_word_97_document_becomes_a_pdf(write, tmp_path):
    demand("LibreOffice", "soffice")
    source = tmp_path / "vecchia.rtf"
    source.write_bytes(rtf())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "doc", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    path = tmp_path / "vecchia.doc"
    assert inspect(path).media_type == DOC
    assert "Relazione sociale di prova" in words(converted(path, DOC))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (
            docx(
                '<w:p><w:r><w:t xml:space="preserve">Crema, </w:t></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
                '<w:r><w:instrText> DATE \\@ "dd/MM/yyyy" </w:instrText></w:r><w:r><w:fldChar '
                'w:fldCharType="separate"/></w:r><w:r><w:t>01/02/2019</w:t></w:r><w:r><w:fldChar '
                'w:fldCharType="end"/></w:r></w:p>'
            ),
            DOCX,
        ),
        (
            docx(
                '<w:p><w:r><w:t xml:space="preserve">Crema, </w:t></w:r><w:fldSimple w:instr=" DATE ">'
                "<w:r><w:t>01/02/2019</w:t></w:r></w:fldSimple></w:p>"
            ),
            DOCX,
        ),
        (odt('<text:p>Crema, <text:date text:date-value="2019-02-01">01/02/2019</text:date></text:p>'), ODT),
        (rtf(r"Crema, {\field{\*\fldinst DATE \\@ " "dd/MM/yyyy" "}{\fldrslt 01/02/2019}}"), RTF),
    ],
    ids=["docx", "docx-simple", "odt", "rtf"],
)
def test_a_date_field_shows_the_day_of_the_letter_and_not_today(write, data, media_type):
    demand("LibreOffice", "soffice")
    assert "01/02/2019" in words(converted(write(data), media_type))


@pytest.mark.slow
def test_a_document_reaches_no_network(write):
    demand("LibreOffice", "soffice")
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def parse_request(self) -> bool:
            asked.append(str(self.raw_requestline))
            return False

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        made = converted(write(linked_picture(f"http://127.0.0.1:{server.server_port}/spia.png")), DOCX)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert "Testo" in words(made)
    assert asked == []


@pytest.mark.slow
def test_a_document_does_not_get_files_of_this_machine(write, tmp_path):
    demand("LibreOffice", "soffice")
    secret = tmp_path / "segreto.png"
    Image.new("RGB", (300, 300), (200, 0, 0)).save(secret)
    made = converted(write(linked_picture(secret.as_uri())), DOCX)
    with pypdfium2.PdfDocument(made) as document:
        assert (document[0].render(scale=1).to_numpy() == 255).mean() > 0.9
        assert not [item for item in document[0].get_objects() if item.type == 3]


@pytest.mark.slow
def test_a_document_that_is_none_inside_is_a_failed_conversion(write):
    demand("LibreOffice", "soffice")
    with pytest.raises(ConversionFailedError):
        converted(write(docx("<w:p><w:r>")), DOCX)
