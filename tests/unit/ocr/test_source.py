"""Every way in which a page can lie in a file, and what its pixels are."""

import threading
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from faldone.errors import EncryptedFileError, ImageTooLargeError, UnreadableFileError
from faldone.ocr.image import PageImage
from faldone.ocr.source import PDF, RasterOptions, is_as_scanned, open_source, page_image, plausible_dpi
from tests.photographs import photograph, turned

A4 = (595.2, 841.68)
TIFF, JPEG, PNG = "image/tiff", "image/jpeg", "image/png"
WEBP, AVIF, HEIC = "image/webp", "image/avif", "image/heic"


def sheet(dpi: int = 100, text: str = "In alto a sinistra") -> Image.Image:
    """An A4 page that looks different whichever way it is turned or mirrored."""
    image = Image.new("L", (round(8.2667 * dpi), round(11.69 * dpi)), 245)
    draw = ImageDraw.Draw(image)
    draw.text((dpi, dpi), text, fill=10, font=ImageFont.load_default(dpi // 3))
    draw.rectangle((dpi, 3 * dpi, 3 * dpi, 4 * dpi), fill=60)
    draw.rectangle((6 * dpi, 9 * dpi, 7 * dpi, 11 * dpi), fill=120)
    return image


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L"))


def difference(one: np.ndarray, other: np.ndarray) -> float:
    other = cv2.resize(other, one.shape[::-1], interpolation=cv2.INTER_AREA)
    return float(cv2.absdiff(one, other).mean())


def save(image: Image.Image, path: Path, **options) -> Path:
    image.save(path, **options)
    return path


def placed(path: Path, image: Image.Image, matrix: tuple[float, ...], rotate: int = 0, **options) -> Path:
    """A PDF page of one image laid on by ``matrix``."""
    pdf = canvas.Canvas(str(path), pagesize=A4[::-1] if rotate % 180 else A4)  # reportlab swaps the sides
    pdf.setPageRotation(rotate)
    pdf.saveState()
    pdf.transform(*matrix)
    pdf.drawImage(ImageReader(image), 0, 0, 1, 1, **options)
    pdf.restoreState()
    pdf.showPage()
    pdf.save()
    return path


def rendered(path: Path, dpi: int = 300, index: int = 0) -> np.ndarray:
    with pypdfium2.PdfDocument(path) as document:
        return np.array(document[index].render(scale=dpi / 72, grayscale=True).to_numpy())


# --- PDF: one picture a page


@pytest.mark.parametrize("mode", ["1", "L", "RGB"], ids=["g4", "gray-jpeg", "colour-jpeg"])
def test_a_scanned_pdf_gives_the_scanners_own_pixels(tmp_path, mode):
    scan = sheet(150)
    image = page_image(save(scan.convert(mode), tmp_path / "scan.pdf", resolution=150), PDF, 0)
    assert image.steps == ("embedded",)
    assert image.dpi == 150
    assert image.pixels.shape == (scan.height, scan.width)
    assert difference(image.pixels, pixels(scan.convert(mode))) < 3


W, H = A4
LAYINGS = {
    "upright": (W, 0, 0, H, 0, 0),
    "mirrored": (-W, 0, 0, H, W, 0),
    "upside down": (-W, 0, 0, -H, W, H),
    "flipped": (W, 0, 0, -H, 0, H),
    "quarter left": (0, H, -W, 0, W, 0),
    "quarter right": (0, -H, W, 0, 0, H),
    "transposed": (0, H, W, 0, 0, 0),
    "anti-transposed": (0, -H, -W, 0, W, H),
}


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("laying", LAYINGS)
def test_a_picture_is_taken_as_it_lies_on_the_page(tmp_path, laying, rotate):
    scan = sheet()
    if LAYINGS[laying][0] == 0:
        scan = scan.rotate(90, expand=True)
    path = placed(tmp_path / "scan.pdf", scan, LAYINGS[laying], rotate)
    image = page_image(path, PDF, 0)
    assert image.steps[0] == "embedded"
    assert difference(image.pixels, rendered(path, 100)) < 1.5


def test_a_picture_with_text_over_it_is_rendered(tmp_path):
    pdf = canvas.Canvas(str(tmp_path / "timbro.pdf"), pagesize=A4)
    pdf.drawImage(ImageReader(sheet()), 0, 0, *A4)
    pdf.drawString(300, 500, "PROTOCOLLO 12345")
    pdf.save()
    assert page_image(tmp_path / "timbro.pdf", PDF, 0).steps == ("rendered 300 dpi",)


def test_the_invisible_text_of_a_scanners_own_recognition_does_not_matter(tmp_path):
    pdf = canvas.Canvas(str(tmp_path / "ocr.pdf"), pagesize=A4)
    pdf.drawImage(ImageReader(sheet()), 0, 0, *A4)
    text = pdf.beginText(72, 700)
    text.setTextRenderMode(3)
    text.textLine("Riconoscimento dello scanner, sbaqliato")
    pdf.drawText(text)
    pdf.save()
    assert page_image(tmp_path / "ocr.pdf", PDF, 0).steps == ("embedded",)


def test_a_picture_in_strips_is_rendered(tmp_path):
    scan, pdf = sheet(), canvas.Canvas(str(tmp_path / "strisce.pdf"), pagesize=A4)
    half = scan.height // 2
    pdf.drawImage(ImageReader(scan.crop((0, 0, scan.width, half))), 0, A4[1] / 2, A4[0], A4[1] / 2)
    pdf.drawImage(ImageReader(scan.crop((0, half, scan.width, 2 * half))), 0, 0, A4[0], A4[1] / 2)
    pdf.save()
    image = page_image(tmp_path / "strisce.pdf", PDF, 0)
    assert image.steps == ("rendered 300 dpi",)
    assert difference(image.pixels, rendered(tmp_path / "strisce.pdf")) == 0


def test_a_picture_that_does_not_fill_the_page_is_rendered(tmp_path):
    path = placed(tmp_path / "piccola.pdf", sheet(), (W / 2, 0, 0, H / 2, 100, 100))
    assert page_image(path, PDF, 0).steps == ("rendered 300 dpi",)


def test_a_slanted_picture_is_rendered(tmp_path):
    path = placed(tmp_path / "storta.pdf", sheet(), (W, 20, -20, H, 10, -10))
    assert page_image(path, PDF, 0).steps == ("rendered 300 dpi",)


def test_a_picture_with_a_mask_is_rendered(tmp_path):
    masked = sheet().convert("RGBA")
    masked.putalpha(Image.new("L", masked.size, 128))
    path = placed(tmp_path / "maschera.pdf", masked, LAYINGS["upright"], mask="auto")
    image = page_image(path, PDF, 0)
    assert image.steps == ("rendered 300 dpi",)
    assert difference(image.pixels, rendered(path)) == 0


def inverted_by_decode(path: Path, scan: Image.Image, extra: bytes, colour: bytes = b"/ColorSpace /DeviceGray") -> Path:
    """A hand-made PDF whose image dictionary says ``extra``."""
    import zlib

    bits = zlib.compress(scan.convert("1").tobytes())
    content = b"q %.1f 0 0 %.1f 0 0 cm /Im0 Do Q" % A4
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.1f %.1f] /Contents 4 0 R "
        b"/Resources << /XObject << /Im0 5 0 R >> >> >>" % A4,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d %s /BitsPerComponent 1 %s "
        b"/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
        % (scan.width, scan.height, colour, extra, len(bits), bits),
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets)
    out += b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    path.write_bytes(out)
    return path


@pytest.mark.parametrize(
    ("extra", "colour"),
    [(b"", b"/ColorSpace /DeviceGray"), (b"/Decode [1 0]", b"/ColorSpace /DeviceGray"), (b"/ImageMask true", b"")],
    ids=["plain", "inverted by decode", "stencil mask"],
)
def test_a_bilevel_picture_looks_as_the_page_does(tmp_path, extra, colour):
    path = inverted_by_decode(tmp_path / "g4.pdf", sheet(), extra, colour)
    image = page_image(path, PDF, 0)
    assert difference(rendered(path, 72), image.pixels) < 4


def test_an_inverted_jpeg_is_not_taken_as_it_is(tmp_path):
    path = save(sheet(), tmp_path / "scan.pdf", resolution=100)
    data = path.read_bytes()
    at = data.index(b"/ColorSpace /DeviceGray")
    wrong = data[:at] + b"/Decode [1 0]" + b"   " + data[at:]
    path.write_bytes(wrong)  # offsets move: pdfium repairs the cross reference
    assert difference(rendered(path, 72), page_image(path, PDF, 0).pixels) < 4


def test_a_cropped_picture_shows_no_more_than_the_page(tmp_path):
    path = save(sheet(), tmp_path / "scan.pdf", resolution=100)
    with pypdfium2.PdfDocument(path) as document:
        document[0].set_cropbox(100, 100, 400, 700)
        document.save(tmp_path / "crop.pdf")
    image = page_image(tmp_path / "crop.pdf", PDF, 0)
    assert image.steps == ("rendered 300 dpi",)
    assert image.pixels.shape == (2500, 1250)


def test_a_filled_form_field_is_drawn(tmp_path):
    pdf = canvas.Canvas(str(tmp_path / "modulo.pdf"), pagesize=A4)
    pdf.drawString(72, 720, "Cognome")
    pdf.acroForm.textfield(name="cognome", value="FERRARIS", x=150, y=700, width=200, height=30, borderStyle="solid")
    pdf.save()
    image = page_image(tmp_path / "modulo.pdf", PDF, 0)
    field = image.pixels[round((842 - 728) / 72 * 300) : round((842 - 702) / 72 * 300), round(155 / 72 * 300) : 1200]
    assert (field < 100).sum() > 500


def test_a_pdf_page_of_words_is_rendered_at_300_dpi(tmp_path):
    pdf = canvas.Canvas(str(tmp_path / "testo.pdf"), pagesize=A4)
    pdf.drawString(72, 700, "Relazione sociale")
    pdf.save()
    image = page_image(tmp_path / "testo.pdf", PDF, 0)
    assert (image.dpi, image.pixels.shape) == (300, (3507, 2481))


def test_a_picture_at_600_dpi_is_reduced_to_300(tmp_path):
    image = page_image(save(sheet(600).convert("1"), tmp_path / "scan.pdf", resolution=600), PDF, 0)
    assert (image.dpi, image.pixels.shape) == (300, (3507, 2480))
    assert image.steps == ("embedded", "reduced 600 to 300 dpi")


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (2, 800), (1, 5000), (5000, 1), (31, 400), (40, 2100)])
def test_a_picture_that_can_be_no_sheet_is_unreadable(tmp_path, size):
    path = tmp_path / "riga.png"
    Image.new("L", size, 255).save(path)
    with pytest.raises(UnreadableFileError):
        page_image(path, "image/png", 0)
    with pytest.raises(UnreadableFileError):
        page_image(save(Image.new("L", size, 255), tmp_path / "riga.pdf", resolution=150), PDF, 0)


def test_a_till_receipt_is_a_page(tmp_path):
    path = tmp_path / "scontrino.png"
    Image.new("L", (240, 3100), 255).save(path)
    assert page_image(path, "image/png", 0).pixels.shape[1] > 1


@pytest.mark.parametrize("index", [3, 100])
def test_a_page_that_a_pdf_does_not_have_is_unreadable(tmp_path, index):
    path = save(sheet(), tmp_path / "scan.pdf", resolution=100)
    with open_source(path, PDF) as source:
        with pytest.raises(UnreadableFileError):
            source.image(index)
        assert source.image(0).dpi == 100, "the others are still there"


def test_a_pdf_with_a_password_says_so(tmp_path):
    pdf = canvas.Canvas(str(tmp_path / "chiuso.pdf"), encrypt="segreta")
    pdf.drawString(72, 700, "x")
    pdf.save()
    with pytest.raises(EncryptedFileError), open_source(tmp_path / "chiuso.pdf", PDF):
        pass


def test_a_pdf_whose_password_is_known_is_read_and_drawn(tmp_path):
    pdf = canvas.Canvas(str(tmp_path / "chiuso.pdf"), encrypt="segreta")
    for line in range(20):
        pdf.drawString(72, 750 - 20 * line, "Si comunica che la signora è stata sentita dal servizio sociale.")
    pdf.save()
    options = RasterOptions(pdf_passwords=("sbagliata", "segreta"))
    assert "segreta" not in repr(options)
    with open_source(tmp_path / "chiuso.pdf", PDF, options) as source:
        text = source.text(0)
        assert text is not None
        assert text.words[0].text == "Si"
        assert source.image(0).pixels.min() < 50


def test_too_many_pixels_inside_a_pdf_are_refused_before_they_are_decoded(tmp_path):
    path = save(Image.new("1", (9000, 12000), 1), tmp_path / "grande.pdf", resolution=1000)
    with pytest.raises(ImageTooLargeError):
        page_image(path, PDF, 0, RasterOptions(max_pixels=100_000_000))


def test_threads_may_ask_at_the_same_time(tmp_path):
    path = tmp_path / "scan.pdf"
    first, *rest = [sheet(text=f"Pagina {number}") for number in range(4)]
    first.save(path, save_all=True, append_images=rest, resolution=100)
    expected = [page_image(path, PDF, index).digest for index in range(4)]
    found: dict[int, object] = {}

    def work(index: int) -> None:
        found[index] = page_image(path, PDF, index % 4).digest

    threads = [threading.Thread(target=work, args=(index,)) for index in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[index] for index in range(12)] == expected * 3


# --- pictures


@pytest.mark.parametrize("compression", ["raw", "group4", "tiff_lzw", "jpeg", "tiff_adobe_deflate", "packbits"])
def test_each_page_of_a_tiff_is_its_own(tmp_path, compression):
    mode = "1" if compression == "group4" else "L"
    frames = [sheet(text=f"Pagina {number}").convert(mode) for number in range(3)]
    path = tmp_path / "scan.tif"
    frames[0].save(path, save_all=True, append_images=frames[1:], compression=compression, dpi=(100, 100))
    with open_source(path, TIFF) as source:
        for index in (2, 0, 1):
            image = source.image(index)
            assert difference(image.pixels, pixels(frames[index])) < 3
            assert image.dpi == 100
        assert source.text(0) is None
        with pytest.raises(UnreadableFileError):
            source.image(3)


def test_a_bilevel_tiff_that_is_stored_inverted_is_black_on_white(tmp_path):
    path = save(sheet().convert("1"), tmp_path / "scan.tif", compression="group4", tiffinfo={262: 0})
    assert page_image(path, TIFF, 0).pixels.mean() > 200


def test_the_broken_page_of_a_tiff_fails_alone(tmp_path):
    import struct

    path = tmp_path / "scan.tif"
    frames = [sheet(text=str(number)) for number in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:], dpi=(100, 100))
    data = bytearray(path.read_bytes())
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    (second,) = struct.unpack_from("<I", data, first + 2 + 12 * entries)
    for entry in range(second + 2, second + 2 + 12 * entries, 12):
        if struct.unpack_from("<H", data, entry)[0] == 273:
            struct.pack_into("<HII", data, entry + 2, 4, 1, len(data) - 10)
    path.write_bytes(data)
    with open_source(path, TIFF) as source:
        assert source.image(0).dpi == source.image(2).dpi == 100
        with pytest.raises(UnreadableFileError):
            source.image(1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpeg", "tiff", "webp", "avif"])
def test_the_orientation_tag_is_obeyed(tmp_path, kind, orientation):
    scan = sheet()
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = scan.transpose(back[orientation]) if orientation > 1 else scan
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(stored, tmp_path / f"scan.{kind}", exif=exif)
    assert difference(page_image(path, f"image/{kind}", 0).pixels, pixels(scan)) < 3


def test_transparency_lies_on_white_paper(tmp_path):
    clear = Image.new("RGBA", (400, 500), (0, 0, 0, 0))
    ImageDraw.Draw(clear).rectangle((100, 100, 200, 200), fill=(0, 0, 0, 255))
    found = page_image(save(clear, tmp_path / "a.png"), PNG, 0).pixels
    assert (found[0, 0], found[150, 150]) == (255, 0)


def test_a_palette_with_a_transparent_colour_lies_on_white_paper(tmp_path):
    image = Image.new("P", (400, 500), 0)
    image.putpalette([0, 0, 0, 30, 30, 30])
    image.paste(1, (100, 100, 200, 200))
    found = page_image(save(image, tmp_path / "p.png", transparency=0), PNG, 0).pixels
    assert (found[0, 0], found[150, 150]) == (255, 30)


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_sixteen_bits_become_eight(tmp_path, name):
    deep = (pixels(sheet()).astype(np.uint16)) * 257
    path = save(Image.fromarray(deep), tmp_path / name)
    found = page_image(path, PNG if name.endswith("png") else TIFF, 0).pixels
    assert (found == pixels(sheet())).all()


def test_a_cmyk_jpeg_is_not_inverted(tmp_path):
    path = save(sheet().convert("RGB").convert("CMYK"), tmp_path / "cmyk.jpg")
    assert difference(page_image(path, JPEG, 0).pixels, pixels(sheet())) < 5


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif"])
def test_a_truncated_image_fails_and_is_never_half_grey(tmp_path, kind):
    path = save(sheet(), tmp_path / "scan", format=kind)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(UnreadableFileError):
        page_image(path, f"image/{kind}", 0)


def test_too_many_pixels_are_refused_before_they_are_decoded_and_without_a_warning(tmp_path):
    path = save(Image.new("1", (14000, 14000), 1), tmp_path / "bomba.png")
    with pytest.raises(ImageTooLargeError):
        page_image(path, PNG, 0, RasterOptions(max_pixels=100_000_000))


@pytest.mark.parametrize("media_type", [WEBP, AVIF])
def test_too_many_pixels_of_a_photograph_are_refused(tmp_path, media_type):
    path = save(sheet(), tmp_path / "foto", format=media_type.removeprefix("image/"))
    with pytest.raises(ImageTooLargeError):
        page_image(path, media_type, 0, RasterOptions(max_pixels=10_000))


@pytest.mark.parametrize("quarters", range(4))
def test_a_photograph_of_a_telephone_is_turned_once(tmp_path, quarters):
    scan = sheet().resize((826, 1168))  # an odd side would be stored as a grid of tiles
    path = tmp_path / "foto"
    path.write_bytes(turned(photograph(tmp_path, scan), quarters))
    image = page_image(path, HEIC, 0)
    expected = pixels(scan.rotate(90 * quarters, expand=True))
    assert image.pixels.shape == expected.shape
    assert difference(image.pixels, expected) < 3
    assert image.steps == ("decoded", "dpi estimated 100")


def test_each_picture_of_a_heic_is_a_page(tmp_path):
    frames = [sheet(text=f"Foto {number}") for number in range(2)]
    path = tmp_path / "foto"
    path.write_bytes(photograph(tmp_path, *frames))
    with open_source(path, HEIC) as source:
        for index in (1, 0):
            assert difference(source.image(index).pixels, pixels(frames[index])) < 3
        with pytest.raises(UnreadableFileError):
            source.image(2)


def test_a_photograph_of_a_telephone_is_refused_when_it_is_too_large_or_cut_short(tmp_path):
    path = tmp_path / "foto"
    path.write_bytes(photograph(tmp_path, sheet()))
    with pytest.raises(ImageTooLargeError):
        page_image(path, HEIC, 0, RasterOptions(max_pixels=10_000))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnreadableFileError):
        page_image(path, HEIC, 0)


def test_a_fax_gets_square_pixels(tmp_path):
    fax = sheet(204).resize((1688, 1146)).convert("1")
    image = page_image(save(fax, tmp_path / "fax.tif", dpi=(204, 98), compression="group4"), TIFF, 0)
    assert image.dpi == 204
    assert image.pixels.shape == (2386, 1688)


@pytest.mark.parametrize(
    ("width", "height", "declared", "expected"),
    [
        (2480, 3508, 300, (300, False)),
        (3508, 2480, 300, (300, False)),
        (2480, 3508, None, (300, True)),
        (2480, 3508, 72, (300, True)),
        (3000, 4000, 72, (342, True)),
        (595, 842, 72, (72, False)),
        (2480, 3508, 2400, (300, True)),
        (1240, 1754, 150, (150, False)),
        (4961, 3508, 300, (300, False)),
    ],
)
def test_an_absurd_resolution_is_not_believed(width, height, declared, expected):
    assert plausible_dpi(width, height, declared) == expected


def test_a_photograph_of_a_sheet_is_reduced_by_the_size_of_a4(tmp_path):
    image = page_image(save(sheet(500), tmp_path / "telefono.jpg", dpi=(72, 72)), JPEG, 0)
    assert image.dpi == 300
    assert image.steps == ("decoded", "dpi estimated 500", "reduced 500 to 300 dpi")


def test_the_same_picture_in_another_container_has_the_same_digest(tmp_path):
    scan = sheet()
    digests = {
        page_image(save(scan, tmp_path / "a.png", dpi=(100, 100)), PNG, 0).digest,
        page_image(save(scan, tmp_path / "a.tif", dpi=(100, 100)), TIFF, 0).digest,
        page_image(save(scan, tmp_path / "b.tif", compression="tiff_lzw"), TIFF, 0).digest,
    }
    assert len(digests) == 1


def test_the_digest_knows_the_shape():
    one, other = np.zeros((10, 20), np.uint8), np.zeros((20, 10), np.uint8)
    assert PageImage.of(one, 300).digest != PageImage.of(other, 300).digest


def test_a_page_whose_text_layer_was_refused_says_so_in_its_steps(tmp_path):
    path = tmp_path / "foglio.pdf"
    drawn = canvas.Canvas(str(path))
    drawn.drawString(72, 700, "xqz wrtk plmn bcdf ghjk vrtz " * 3)
    drawn.save()
    with open_source(path, PDF) as source:
        assert source.text(0) is None
        assert source.image(0).steps[0].startswith("text layer refused ")


def test_a_page_that_was_seen_before_is_not_decoded_again_but_still_says_why_its_text_was_refused(tmp_path):
    pdf = canvas.Canvas(str(tmp_path / "ocr.pdf"), pagesize=A4)
    pdf.drawImage(ImageReader(sheet()), 0, 0, *A4)
    text = pdf.beginText(72, 700)
    text.setTextRenderMode(3)
    text.textLine("xqz wrtk plmn bcdf ghjk vrtz " * 3)
    pdf.drawText(text)
    pdf.save()
    with open_source(tmp_path / "ocr.pdf", PDF, RasterOptions(dpi=150)) as source:
        before = source.image(0)
    with open_source(tmp_path / "ocr.pdf", PDF) as source:
        assert source.text(0) is None
        again, anew = source.image(0, before), source.image(0)
    assert again.pixels is before.pixels
    assert (again.steps, again.digest, again.dpi) == (anew.steps, anew.digest, anew.dpi)
    assert [step[:18] for step in again.steps] == ["text layer refused", "embedded"]


def test_a_page_is_as_scanned_unless_its_resolution_was_for_the_options_to_say(tmp_path):
    written = canvas.Canvas(str(tmp_path / "scritto.pdf"))
    written.drawString(72, 700, "Si comunica")
    written.save()
    assert not is_as_scanned(page_image(tmp_path / "scritto.pdf", PDF, 0))
    for dpi, as_scanned in ((200, True), (600, False)):
        path = save(sheet(dpi), tmp_path / f"{dpi}.tif", dpi=(dpi, dpi))
        assert is_as_scanned(page_image(path, TIFF, 0)) == as_scanned
