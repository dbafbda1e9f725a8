"""When a PDF's own text is believed, and every way in which it lies."""

import itertools
import math
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from faldone.domain.page import TextSource
from faldone.ocr import textlayer
from faldone.ocr.pdf import opened
from faldone.ocr.source import PDF, open_source, page_image
from faldone.ocr.textlayer import SENTENCES, LayerDoubt, dishonesty, layer, read

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
        pdf = canvas.Canvas(str(path), **{"pagesize": A4} | options)
        paint(pdf)
        pdf.save()
        return path

    return _page


def test_born_digital_text_is_read_without_recognition(page):
    found = read(page(draw), 0)
    assert found is not None
    assert found.text.splitlines() == PROSE
    assert (found.source, found.confidence, found.rotation, found.dpi) == (TextSource.TEXT_LAYER, 1.0, 0, 300)
    assert found.engine.name == "pypdfium2"


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
    assert dishonesty(words) is not None


def test_a_bullet_from_a_symbol_font_does_not_condemn_a_page():
    assert dishonesty([*" ".join(PROSE).split(), "\uf0b7"]) is None


def test_an_honest_layer_of_a_form_is_believed():
    words = [
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
    assert dishonesty(words) is None


# --- text that is laid otherwise than straight across


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_turned_page_is_read_as_it_is_shown(page, rotation):
    def turned(pdf):
        pdf.setPageRotation(rotation)
        pdf.translate(300, 400)
        pdf.rotate(rotation)
        draw(pdf, x=-200, y=0)

    path = page(turned, pagesize=(600, 800))
    found, image = read(path, 0), page_image(path, PDF, 0)
    assert found is not None
    assert found.text.splitlines() == PROSE
    assert found.engine.name == "pypdfium2"
    assert (found.height, found.width) == image.pixels.shape
    for word in found.words:
        box = word.box
        assert (image.pixels[box.y : box.bottom, box.x : box.right] < 128).any(), word.text


def test_a_protocol_up_the_margin_is_read_after_the_page(page):
    def stamped(pdf):
        draw(pdf)
        pdf.translate(30, 300)
        pdf.rotate(90)
        pdf.drawString(0, 0, "Protocollo numero 1234")

    found = read(page(stamped), 0)
    assert found is not None
    assert found.text.splitlines() == [*PROSE, "Protocollo numero 1234"]


def test_letters_set_twice_for_a_bold_look_are_read_once(page):
    def bold(pdf):
        draw(pdf)
        draw(pdf, x=72.3)

    found = read(page(bold), 0)
    assert found is not None
    assert found.text.splitlines() == PROSE


def test_words_set_wide_are_not_torn_and_words_set_close_are_not_joined(page):
    def spaced(pdf):
        draw(pdf)
        text = pdf.beginText(72, 500)
        text.setCharSpace(1.2)
        text.textLine("RELAZIONE SOCIALE")
        text.setCharSpace(0)
        pdf.drawText(text)
        width = pdf.stringWidth("Cremona", "Helvetica", 12)
        pdf.drawString(72, 450, "Cremona")
        pdf.drawString(72 + width + 2.5, 450, "Crema")

    found = read(page(spaced), 0)
    assert found is not None
    assert found.text.splitlines()[-2:] == ["RELAZIONE SOCIALE", "Cremona Crema"]


def test_a_hyphen_at_the_end_of_a_line_is_kept(page):
    found = read(page(lambda pdf: draw(pdf, [*PROSE, "si propone una valuta-", "zione del caso"])), 0)
    assert found is not None
    assert found.text.splitlines()[-2:] == ["si propone una valuta-", "zione del caso"]


def test_what_lies_outside_of_the_page_is_not_read(page):
    def strayed(pdf):
        draw(pdf)
        draw(pdf, ["Fuori dal foglio"], x=700)

    found = read(page(strayed), 0)
    assert found is not None
    assert found.text.splitlines() == PROSE


# --- lies


def doubt(path: Path) -> LayerDoubt | None:
    with opened(path) as document:
        return layer(document, 0).doubt


def writing(text: str, scale: float = 2.0) -> Image.Image:
    """Print as a scanner sees it."""
    image = Image.new("L", (round(len(text) * 7 * scale), round(20 * scale)), 245)
    ImageDraw.Draw(image).text((5, 3), text, fill=20, font=ImageFont.load_default(round(11 * scale)))
    return image


@pytest.mark.parametrize("lines", [PROSE, PROSE[:1]], ids=["all", "one line"])
def test_words_that_are_white_on_white_send_a_page_to_recognition(page, lines):
    def white(pdf):
        draw(pdf, y=500)
        pdf.setFillColorRGB(1, 1, 1)
        draw(pdf, lines)

    assert doubt(page(white)) is LayerDoubt.UNSEEN_WORDS


def test_white_words_on_a_dark_heading_are_seen(page):
    def heading(pdf):
        draw(pdf, y=500)
        pdf.setFillColorRGB(0.1, 0.2, 0.4)
        pdf.rect(60, 690, 400, 40, stroke=0, fill=1)
        pdf.setFillColorRGB(1, 1, 1)
        pdf.drawString(72, 705, "RELAZIONE SOCIALE SUL NUCLEO")

    found = read(page(heading), 0)
    assert found is not None
    assert "RELAZIONE SOCIALE SUL NUCLEO" in found.text


@pytest.mark.parametrize("colour", [0, 1], ids=["black", "white"])
def test_a_name_under_a_bar_is_not_read_from_the_layer(page, colour):
    def covered(pdf):
        draw(pdf)
        pdf.setFillGray(colour)
        pdf.rect(70, 668, 120, 13, stroke=0, fill=1)

    assert doubt(page(covered)) is LayerDoubt.UNSEEN_WORDS


def test_words_under_a_picture_send_a_page_to_recognition(page):
    def under(pdf):
        draw(pdf)
        pdf.drawImage(ImageReader(Image.new("L", (80, 80), 90)), 60, 660, 100, 60)

    assert doubt(page(under)) is LayerDoubt.WORDS_ON_PICTURE


def test_a_pasted_stamp_is_not_lost(page):
    def stamped(pdf):
        draw(pdf)
        pdf.drawImage(ImageReader(writing("PERVENUTO 12 MAR 2014")), 300, 500, 150, 20)

    assert doubt(page(stamped)) is LayerDoubt.LOOSE_LETTERS


def test_a_pasted_stamp_in_white_on_blue_is_not_lost(page):
    def stamped(pdf):
        draw(pdf)
        pdf.drawImage(ImageReader(ImageOps.invert(writing("PERVENUTO 12 MAR 2014"))), 300, 500, 150, 20)

    assert doubt(page(stamped)) is LayerDoubt.LOOSE_LETTERS


def test_letters_drawn_as_shapes_are_not_lost(page):
    ink = np.asarray(writing("Si dispone la presa in carico della minore", 1.0)) < 128

    def shapes(pdf):
        draw(pdf)
        for y, x in np.argwhere(ink):
            pdf.rect(72 + int(x), 500 - int(y), 1, 1, stroke=0, fill=1)

    assert doubt(page(shapes)) is LayerDoubt.LOOSE_LETTERS


def test_rules_ticks_and_a_signature_are_no_letters(page):
    def form(pdf):
        draw(pdf)
        for row in range(8):
            pdf.line(72, 600 - 20 * row, 500, 600 - 20 * row)
            pdf.rect(520, 600 - 20 * row, 9, 9)
        for column in range(17):
            pdf.line(72 + 14 * column, 400, 72 + 14 * column, 416)
        points = [(300 + t, 300 + 14 * math.sin(t / 4)) for t in range(120)]
        pdf.lines([(*one, *two) for one, two in itertools.pairwise(points)])

    assert doubt(page(form)) is None


def test_a_shadow_of_words_over_others_sends_a_page_to_recognition(page):
    def shadow(pdf):
        draw(pdf)
        draw(pdf, ["Altro testo scritto sopra quello che si legge"], y=699)

    assert doubt(page(shadow)) is LayerDoubt.OVERLAPPING


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_page_whose_words_run_sideways_goes_to_recognition(page, angle):
    def sideways(pdf):
        pdf.translate(300, 400)
        pdf.rotate(angle)
        draw(pdf, x=-200, y=0)

    assert doubt(page(sideways)) is LayerDoubt.SLOPING


def test_a_map_that_swaps_letters_for_plausible_ones_is_found_out():
    swap = str.maketrans("aeioulnrtscd", "uoaeisrdncltd"[:12])
    words = " ".join(PROSE * 3).translate(swap).split()
    assert dishonesty(words) is LayerDoubt.NOT_ITALIAN
    assert dishonesty((" ".join(PROSE * 3)).split()) is None


def test_an_oversized_page_goes_to_recognition(page):
    assert doubt(page(draw, pagesize=(9000, 9000))) is LayerDoubt.TOO_LARGE


def test_a_page_with_far_too_many_letters_goes_to_recognition(page, monkeypatch):
    monkeypatch.setattr(textlayer, "_MAX_CHARACTERS", 100)
    assert doubt(page(draw)) is LayerDoubt.TOO_LARGE


def test_every_doubt_is_told_in_both_languages():
    assert set(SENTENCES) == set(LayerDoubt)
    assert all(italian and english and italian != english for italian, english in SENTENCES.values())


def test_the_pages_of_a_mixed_pdf_are_judged_each_on_its_own(page):
    def mixed(pdf):
        draw(pdf)
        pdf.showPage()
        pdf.drawImage(ImageReader(writing("Verbale della seduta").resize((800, 1100))), 0, 0, *A4)

    with opened(page(mixed)) as document:
        first, second = layer(document, 0), layer(document, 1)
    assert first.text is not None
    assert first.text.text.splitlines() == PROSE
    assert (second.text, second.doubt) == (None, LayerDoubt.NO_TEXT)


# --- the second reader


def raw_pdf(path: Path, font: str, content: bytes, *others: str) -> Path:
    """A PDF of one page, written by hand; readers mend its missing cross reference."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content.decode('latin-1')}\nendstream",
        font,
        *others,
    ]
    body = "".join(f"{number} 0 obj\n{each}\nendobj\n" for number, each in enumerate(objects, 1))
    path.write_bytes(f"%PDF-1.7\n{body}trailer << /Root 1 0 R /Size {len(objects) + 1} >>\n%%EOF".encode("latin-1"))
    return path


HELVETICA = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def lines_of(*lines: str) -> bytes:
    return b"BT /F 12 Tf 14 TL 72 700 Td " + b" ".join(f"({line}) Tj T*".encode("latin-1") for line in lines) + b" ET"


def test_a_text_to_be_read_in_place_of_what_is_shown_is_not_believed(tmp_path):
    spoken = b"/Span << /ActualText (Il minore risiede altrove) >> BDC " + lines_of(*PROSE) + b" EMC"
    with opened(raw_pdf(tmp_path / "a.pdf", HELVETICA, spoken)) as document:
        found = layer(document, 0).text
    assert found is not None
    assert found.text.splitlines() == PROSE
    assert found.engine.name == "pdfplumber"


def test_glyphs_without_a_map_to_letters_are_not_believed(tmp_path):
    names = " ".join(f"/g{code}" for code in range(32, 127))
    font = HELVETICA[:-2] + f"/FontDescriptor 6 0 R /Encoding << /Differences [32 {names}] >> >>"
    path = raw_pdf(tmp_path / "a.pdf", font, lines_of(*PROSE), "<< /Type /FontDescriptor /Flags 4 /FontName /X >>")
    assert doubt(path) is not None


def test_the_shapes_of_a_type_3_font_are_not_letters(tmp_path):
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 750 750] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 97 "
        "/LastChar 98 /Widths [1000 1000] /CharProcs << /q 6 0 R /t 7 0 R >> "
        "/Encoding << /Type /Encoding /Differences [97 /q /t] >> >>"
    )
    shapes = [
        f"<< /Length {len(body)} >>\nstream\n{body}\nendstream"
        for body in ("1000 0 0 0 750 750 d1 0 0 750 750 re f", "1000 0 0 0 750 750 d1 0 0 m 375 750 l 750 0 l f")
    ]
    path = raw_pdf(tmp_path / "a.pdf", font, lines_of("abab abba baba", "abba bbab aabab"), *shapes)
    assert doubt(path) is not None


@pytest.mark.parametrize("error", [TypeError("int()"), RecursionError(), MemoryError()], ids=lambda e: type(e).__name__)
def test_a_page_that_pdfminer_cannot_parse_goes_to_recognition(tmp_path, monkeypatch, error):
    def broken(*_args, **_options):
        raise error

    monkeypatch.setattr("faldone.ocr.textlayer.pdfplumber.open", broken)
    spoken = b"/Span << /ActualText (x) >> BDC " + lines_of(*PROSE) + b" EMC"
    assert doubt(raw_pdf(tmp_path / "a.pdf", HELVETICA, spoken)) is LayerDoubt.UNPARSABLE
