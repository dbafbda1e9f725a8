"""When a PDF's own text is believed, and every way in which it lies."""

from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from faldone.domain.page import TextSource
from faldone.ocr.source import PDF, open_source, page_image
from faldone.ocr.textlayer import is_honest, read

A4 = (595.2, 841.68)
PROSE = [
    "Il Servizio sociale professionale, in riferimento alla richiesta",
    "pervenuta in data 12 marzo 2014, relaziona quanto segue sulla",
    "situazione del nucleo familiare della signora Ferraris Annamaria.",
]


def draw(pdf: canvas.Canvas, lines=PROSE, x: float = 72, y: float = 700, mode: int = 0) -> None:
    text = pdf.beginText(x, y)
    text.setTextRenderMode(mode)
    for line in lines:
        text.textLine(line)
    pdf.drawText(text)


@pytest.fixture
def page(tmp_path: Path):
    """Makes a one-page PDF with whatever ``paint`` draws."""

    def _page(paint, **options) -> Path:
        path = tmp_path / "pagina.pdf"
        pdf = canvas.Canvas(str(path), pagesize=A4, **options)
        paint(pdf)
        pdf.save()
        return path

    return _page


def test_born_digital_text_is_read_without_recognition(page):
    found = read(page(draw), 0)
    assert found is not None
    assert found.text.splitlines() == PROSE
    assert (found.source, found.confidence, found.rotation, found.dpi) == (TextSource.TEXT_LAYER, 1.0, 0, 300)
    assert found.engine.name == "pdfplumber"


def test_boxes_lie_on_the_ink_of_the_rendered_page(page):
    path = page(draw)
    found, image = read(path, 0), page_image(path, PDF, 0)
    assert found is not None
    assert (found.height, found.width) == image.pixels.shape
    ink = image.pixels < 128
    for word in found.words:
        box = word.box
        assert ink[box.y : box.bottom, box.x : box.right].any(), word.text
    covered = np.zeros_like(ink)
    for word in found.words:
        covered[word.box.y - 3 : word.box.bottom + 3, word.box.x - 3 : word.box.right + 3] = True
    assert not (ink & ~covered).any()


def test_boxes_of_a_cropped_page_lie_on_its_ink(page, tmp_path):
    with pypdfium2.PdfDocument(page(draw)) as document:
        document[0].set_cropbox(60, 600, 500, 800)
        document.save(tmp_path / "crop.pdf")
    found, image = read(tmp_path / "crop.pdf", 0), page_image(tmp_path / "crop.pdf", PDF, 0)
    assert found is not None
    assert (found.height, found.width) == image.pixels.shape
    first = found.words[0].box
    assert (image.pixels[first.y : first.bottom, first.x : first.right] < 128).any()


def test_labels_and_values_are_read_across(page):
    def form(pdf):
        draw(pdf, ["Cognome e nome", "Luogo di nascita", "Comune di residenza"])
        draw(pdf, ["FERRARIS ANNAMARIA", "VERCELLI", "BORGO SAN DALMAZZO"], x=300)

    found = read(page(form), 0)
    assert found is not None
    assert found.text.splitlines()[0] == "Cognome e nome FERRARIS ANNAMARIA"


def test_a_page_of_a_long_file_is_the_one_asked_for(page):
    def many(pdf):
        for number in range(5):
            draw(pdf, [f"Pagina numero {number} della relazione sociale sul minore"])
            pdf.showPage()

    path = page(many)
    with open_source(path, PDF) as source:
        for index in (3, 0, 4):
            found = source.text(index)
            assert found is not None
            assert f"numero {index}" in found.text


def test_a_scan_has_no_text_layer(page):
    assert read(page(lambda pdf: pdf.drawImage(ImageReader(Image.new("L", (800, 1100), 200)), 0, 0, *A4)), 0) is None


def test_a_scanners_own_recognition_is_not_trusted(page):
    def scan(pdf):
        pdf.drawImage(ImageReader(Image.new("L", (800, 1100), 200)), 0, 0, *A4)
        draw(pdf, mode=3)

    assert read(page(scan), 0) is None


def test_visible_text_over_a_full_page_picture_is_not_trusted(page):
    def scan(pdf):
        pdf.drawImage(ImageReader(Image.new("L", (800, 1100), 200)), 0, 0, *A4)
        draw(pdf)

    assert read(page(scan), 0) is None


def test_a_pasted_half_page_is_read_from_the_image(page):
    def pasted(pdf):
        draw(pdf)
        pdf.drawImage(ImageReader(Image.new("L", (800, 500), 200)), 0, 0, A4[0], 380)

    assert read(page(pasted), 0) is None


def test_a_logo_does_not_matter(page):
    def letter(pdf):
        draw(pdf)
        pdf.drawImage(ImageReader(Image.new("L", (80, 80), 90)), 50, 750, 60, 60)

    assert read(page(letter), 0) is not None


def test_a_filled_form_is_read_from_the_image_because_values_are_in_no_layer(page):
    def form(pdf):
        draw(pdf)
        pdf.acroForm.textfield(name="cognome", value="FERRARIS", x=150, y=500, width=200, height=30)

    assert read(page(form), 0) is None


def test_a_page_without_text_and_a_page_with_three_words_go_to_recognition(page):
    assert read(page(lambda pdf: pdf.rect(50, 50, 100, 100)), 0) is None
    assert read(page(lambda pdf: draw(pdf, ["Pagina bianca"])), 0) is None


@pytest.mark.parametrize(
    "words",
    [
        ["(cid:12)(cid:33)(cid:7)"] * 30,
        ["relazi\N{REPLACEMENT CHARACTER}ne", "s\N{REPLACEMENT CHARACTER}ciale"] * 20,
        ["".join(chr(0xE000 + ord(letter)) for letter in "relazione")] * 20,
        "".join(chr(ord(letter) + 3) if letter != " " else " " for letter in " ".join(PROSE)).split(),
        ["xkqz", "wrtp", "bcdf", "ghjk"] * 20,
        ["Отчёт", "социальной", "службы"] * 20,
        ["12,50", "14/03", "2014"] * 50,
        ["Sì"],
    ],
    ids=["cid", "replacement", "private-use", "shifted", "noise", "another alphabet", "numbers only", "too little"],
)
def test_a_dishonest_layer_is_refused(words):
    assert not is_honest(words)


def test_a_bullet_from_a_symbol_font_does_not_condemn_a_page():
    assert is_honest([*" ".join(PROSE).split(), "\uf0b7"])


def test_an_honest_layer_of_a_form_is_believed():
    assert is_honest(
        [
            "COGNOME",
            "ROSSI",
            "NOME",
            "MARIO",
            "NATO",
            "A",
            "VERCELLI",
            "RESIDENTE",
            "IN",
            "VIA",
            "MAZZINI",
            "CODICE",
            "FISCALE",
        ]
    )


def test_a_pdf_that_pdfminer_cannot_parse_goes_to_recognition(page, monkeypatch):
    def broken(*_args, **_options):
        raise TypeError("int() argument must be a string")

    monkeypatch.setattr("faldone.ocr.textlayer.pdfplumber.open", broken)
    assert read(page(draw), 0) is None
