"""Searchable PDF/A-2b of every kind of scan: veraPDF finds nothing against it, and a reader finds the words."""

from __future__ import annotations

import datetime as dt
import io
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pdfplumber
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from faldone.domain.digest import Digest
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.searchable.metadata import About
from faldone.searchable.pictures import Kept
from faldone.searchable.write import PageToWrite, WriteOptions, Written, write_pdf_a
from tests import papers, verapdf

PDF, TIFF, JPEG, PNG = "application/pdf", "image/tiff", "image/jpeg", "image/png"
LINES = (
    "Relazione sociale: perché è già così, più giù",
    "La signora «Però» percepisce € 1.250,00 (Art. 3)",
    r"barra \ rovescia e trattino fi-",
    "ne della pagina 😀 ăș",
)
ABOUT = About("doc-1", Digest.of(b"source"), dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "Titolo <è> & altro")
PASSWORD = "segreta"


def words_of(
    size: tuple[int, int], *, rotation: int = 0, dpi: int = 150, source: TextSource = TextSource.OCR
) -> PageText:
    """The lines where ``papers.page`` draws them, as an engine reads them."""
    words = []
    for number, line in enumerate(LINES):
        left = 80
        for text in line.split():
            words.append(Word(text, Box(left, 100 + 45 * number, 13 * len(text), 28), 0.9, number))
            left += 13 * len(text) + 12
    return PageText(tuple(words), *size, dpi, rotation, source, EngineStamp("test", "1", ""))


def sheet(mode: str = "L") -> Image.Image:
    return papers.page(*LINES[:1], "Servizio sociale", size=papers.A5_PX).convert(mode)


def coded(image: Image.Image, form: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, form, dpi=(150, 150), **options)
    return target.getvalue()


@cache
def photograph(size: tuple[int, int] = papers.A5_PX) -> Image.Image:
    """Colours that change softly, with a little grain."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    grain = np.random.default_rng(3).normal(0, 4, (height, width))
    planes = [128 + 80 * np.sin(x / 90 + shift) + 40 * np.cos(y / 70) + grain for shift in (0, 1, 2)]
    return Image.fromarray(np.clip(np.dstack(planes), 0, 255).astype(np.uint8))


def jpeg_turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[274] = orientation
    return coded(photograph((1240, 875)), "JPEG", quality=80, exif=exif)


def striped_jpeg_tiff() -> bytes:
    return coded(photograph(), "TIFF", compression="jpeg", quality=80, strip_size=papers.A5_PX[0] * 3 * 64)


def png_16_bit() -> bytes:
    deep = np.linspace(0, 65535, 300 * 400, dtype=np.uint16).reshape(400, 300)
    return bytes(cv2.imencode(".png", deep)[1])


def png_with_alpha() -> bytes:
    layer = photograph().convert("RGBA")
    layer.putalpha(Image.linear_gradient("L").resize(layer.size))
    return coded(layer, "PNG")


def pdf(draw: Callable[[Canvas], None], pages: int = 1) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(420, 595.2), invariant=1)
    for _ in range(pages):
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def scan_page(canvas: Canvas) -> None:
    picture = ImageReader(io.BytesIO(coded(photograph(), "JPEG", quality=80)))
    canvas.drawImage(picture, 0, 0, 420, 595.2)


def scan_page_with_hidden_text(canvas: Canvas) -> None:
    scan_page(canvas)
    text = canvas.beginText(50, 500)
    text.setTextRenderMode(3)
    text.setFont("Helvetica", 12)
    text.textLine("letto dallo scanner")
    canvas.drawText(text)


def born_without_fonts(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 14)
    canvas.drawString(50, 500, "Nessun carattere è incorporato")


def born_with_fonts(canvas: Canvas) -> None:
    registerFont(TTFont("DejaVu", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"))
    canvas.setFont("DejaVu", 12)
    for number, line in enumerate(LINES[:2]):
        canvas.drawString(40, 520 - 21.6 * number, line)
    canvas.line(40, 100, 300, 100)


def mixed() -> bytes:
    joined = pikepdf.new()
    for one in (scan_page, born_with_fonts, born_without_fonts):
        with pikepdf.open(io.BytesIO(pdf(one))) as part:
            joined.pages.extend(part.pages)
    return saved(joined)


def saved(document: pikepdf.Pdf, **options: object) -> bytes:
    target = io.BytesIO()
    document.save(target, **options)
    return target.getvalue()


def changed(data: bytes, change: Callable[[pikepdf.Pdf], None], **options: object) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as document:
        change(document)
        return saved(document, **options)


def encrypted() -> bytes:
    lock = pikepdf.Encryption(owner=PASSWORD, user=PASSWORD)
    return changed(pdf(scan_page), lambda document: None, encryption=lock)


def with_script_and_attachment(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('ciao')")
    document.attachments["conti.txt"] = b"1"
    document.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="x"))


def with_filled_field(document: pikepdf.Pdf) -> None:
    """A stamp whose looks are in the file."""
    looks = document.make_stream(
        b"1 0 0 rg 0 0 100 40 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 100, 40]
    )
    stamp = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Stamp,
        Rect=[100, 100, 200, 140],
        F=4,
        AP=pikepdf.Dictionary(N=looks),
    )
    document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(stamp)])


def with_square(document: pikepdf.Pdf) -> None:
    """An annotation that every viewer draws in its own way."""
    square = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Square, Rect=[100, 100, 200, 140], F=4, C=[1, 0, 0]
    )
    document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(square)])


def turned_page(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.Rotate = 90


def saves_left_open(document: pikepdf.Pdf) -> None:
    page = document.pages[0]
    page.contents_add(b"q q 0.5 0 0 0.5 100 100 cm", prepend=True)


def cmyk_picture(document: pikepdf.Pdf) -> None:
    image = next(iter(document.pages[0].obj.Resources.XObject.values()))
    image.write(coded(photograph().convert("CMYK"), "JPEG", quality=80), filter=pikepdf.Name.DCTDecode)
    image.ColorSpace = pikepdf.Name.DeviceCMYK


def lzw_picture() -> bytes:
    """An LZW stream, which PDF/A forbids: codes of nine bits, no longer than until the table grows."""
    bits = "".join(f"{code:09b}" for code in (256, *([0, 255] * 100), 257))
    data = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")

    def change(document: pikepdf.Pdf) -> None:
        image = next(iter(document.pages[0].obj.Resources.XObject.values()))
        image.write(data, filter=pikepdf.Name.LZWDecode)
        image.ColorSpace, image.Width, image.Height = pikepdf.Name.DeviceGray, 20, 10

    return changed(pdf(scan_page), change, stream_decode_level=pikepdf.StreamDecodeLevel.none)


@dataclass(frozen=True)
class Case:
    data: Callable[[], bytes]
    media_type: str
    kept: tuple[Kept, ...] = (Kept.AS_IS,)
    size: tuple[int, int] = papers.A5_PX
    rotation: int = 0
    source: TextSource = TextSource.OCR
    ratio: float | None = 1.15

    @property
    def pages(self) -> list[PageToWrite]:
        text = words_of(self.size, rotation=self.rotation, source=self.source)
        return [PageToWrite(index, text) for index in range(len(self.kept))]


A5, LYING = papers.A5_PX, papers.A5_PX[::-1]
G4 = "group4"
CASES = {
    "jpeg": Case(lambda: coded(photograph(), "JPEG", quality=80), JPEG),
    "jpeg gray": Case(lambda: coded(photograph().convert("L"), "JPEG", quality=80), JPEG),
    "jpeg progressive": Case(lambda: coded(photograph(), "JPEG", quality=80, progressive=True), JPEG),
    "jpeg cmyk": Case(lambda: coded(photograph().convert("CMYK"), "JPEG", quality=90), JPEG, (Kept.RECODED,)),
    **{f"jpeg exif {number}": Case(lambda n=number: jpeg_turned(n), JPEG, size=LYING) for number in (2, 3, 4)},
    **{f"jpeg exif {number}": Case(lambda n=number: jpeg_turned(n), JPEG) for number in (5, 6, 7, 8)},
    "jpeg turned 90": Case(lambda: coded(photograph(LYING), "JPEG", quality=80), JPEG, rotation=90),
    "jpeg turned 180": Case(lambda: coded(photograph(), "JPEG", quality=80), JPEG, rotation=180),
    "jpeg turned 270": Case(lambda: coded(photograph(LYING), "JPEG", quality=80), JPEG, rotation=270),
    "tiff g4": Case(
        lambda: coded(
            sheet("1"), "TIFF", compression=G4, strip_size=10**6, save_all=True, append_images=[sheet("1")] * 2
        ),
        TIFF,
        (Kept.AS_IS,) * 3,
        ratio=None,
    ),
    "tiff g4 strips": Case(
        lambda: coded(sheet("1"), "TIFF", compression=G4, strip_size=110 * 100), TIFF, (Kept.SAME_PIXELS,), ratio=None
    ),
    "tiff g3": Case(lambda: coded(sheet("1"), "TIFF", compression="group3"), TIFF, (Kept.SAME_PIXELS,), ratio=None),
    "tiff gray lzw": Case(lambda: coded(papers.noise(1), "TIFF", compression="tiff_lzw"), TIFF, (Kept.SAME_PIXELS,)),
    "tiff colour plain": Case(lambda: coded(photograph(), "TIFF"), TIFF, (Kept.SAME_PIXELS,)),
    "tiff 16 bit": Case(
        lambda: bytes(cv2.imencode(".tif", np.full((400, 300), 40000, np.uint16))[1]),
        TIFF,
        (Kept.SAME_PIXELS,),
        ratio=None,
    ),
    "tiff cmyk": Case(lambda: coded(photograph().convert("CMYK"), "TIFF"), TIFF, (Kept.RECODED,)),
    "tiff jpeg": Case(lambda: coded(photograph(), "TIFF", compression="jpeg", strip_size=10**8), TIFF),
    "tiff jpeg strips": Case(striped_jpeg_tiff, TIFF),
    "tiff lying": Case(
        lambda: coded(photograph(LYING), "TIFF", compression="tiff_lzw", tiffinfo={274: 6}), TIFF, (Kept.SAME_PIXELS,)
    ),
    "png": Case(lambda: coded(photograph(), "PNG"), PNG),
    "png gray": Case(lambda: coded(photograph().convert("L"), "PNG"), PNG),
    "png alpha": Case(png_with_alpha, PNG, (Kept.RECODED,)),
    "png 16 bit": Case(png_16_bit, PNG, size=(300, 400)),
    "png bilevel": Case(lambda: coded(sheet("1"), "PNG"), PNG, ratio=None),
    "png palette": Case(lambda: coded(photograph().quantize(64), "PNG"), PNG),
    "pdf scan": Case(lambda: pdf(scan_page, 2), PDF, (Kept.AS_IS,) * 2),
    "pdf scan read": Case(lambda: pdf(scan_page_with_hidden_text), PDF),
    "pdf scan turned": Case(lambda: changed(pdf(scan_page), turned_page), PDF, size=LYING, rotation=180),
    "pdf scan encrypted": Case(encrypted, PDF),
    "pdf scan cmyk": Case(lambda: changed(pdf(scan_page), cmyk_picture), PDF, (Kept.DRAWN,), ratio=None),
    "pdf scan lzw": Case(lzw_picture, PDF, ratio=None),
    "pdf scan stamped": Case(lambda: changed(pdf(scan_page), with_filled_field), PDF),
    "pdf scan marked": Case(lambda: changed(pdf(scan_page), with_square), PDF, (Kept.DRAWN,), ratio=None),
    "pdf scan open saves": Case(lambda: changed(pdf(scan_page), saves_left_open), PDF),
    "pdf scripts": Case(lambda: changed(pdf(scan_page), with_script_and_attachment), PDF),
    "pdf born bare": Case(
        lambda: pdf(born_without_fonts), PDF, (Kept.DRAWN,), source=TextSource.TEXT_LAYER, ratio=None
    ),
    "pdf born": Case(lambda: pdf(born_with_fonts), PDF, source=TextSource.TEXT_LAYER),
    "pdf mixed": Case(mixed, PDF, (Kept.AS_IS, Kept.AS_IS, Kept.DRAWN)),
}


def write(case: Case, folder: Path, name: str) -> tuple[Path, Path, Written]:
    source, made = folder / f"{name}.source", folder / f"{name}.pdf"
    source.write_bytes(case.data())
    with made.open("wb") as target:
        written = write_pdf_a(
            source, case.media_type, case.pages, target, ABOUT, WriteOptions(pdf_passwords=("altra", PASSWORD))
        )
    return source, made, written


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path, Written]]:
    folder = tmp_path_factory.mktemp("pdf-a")
    return {name: write(case, folder, name.replace(" ", "-")) for name, case in CASES.items()}


@pytest.fixture(scope="module")
def verdicts(made: dict[str, tuple[Path, Path, Written]]) -> dict[str, list[str]]:
    if missing := verapdf.missing_tools():
        reason = f"no veraPDF without {', '.join(missing)}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return verapdf.findings([path for _, path, _ in made.values()])


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_verapdf_finds_nothing_against_it(verdicts: dict[str, list[str]], name: str) -> None:
    assert verdicts[f"{name.replace(' ', '-')}.pdf"] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_each_page_is_kept_as_promised(made: dict[str, tuple[Path, Path, Written]], name: str) -> None:
    _, _, written = made[name]
    assert [(page.index, page.kept) for page in written.pages] == list(enumerate(CASES[name].kept))
    assert all(bool(page.why) == (page.kept is Kept.DRAWN) for page in written.pages)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.ratio])
def test_it_is_hardly_larger_than_the_scan(made: dict[str, tuple[Path, Path, Written]], name: str) -> None:
    source, path, _ = made[name]
    assert path.stat().st_size <= (CASES[name].ratio or 0) * source.stat().st_size


def read(page: pypdfium2.PdfPage) -> list[str]:
    """What a reader copies. pdfium takes the hyphen off a line's end, and joins the parts of the word."""
    text: str = page.get_textpage().get_text_range()
    return text.replace("\ufffe", "- ").split()


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_pdfium_and_pdfplumber_read_the_words_in_order(made: dict[str, tuple[Path, Path, Written]], name: str) -> None:
    _, path, _ = made[name]
    expected = " ".join(LINES).split()
    if name == "pdf born":  # its own text is kept, and nothing is laid over it
        expected = " ".join(LINES[:2]).split()
    with pypdfium2.PdfDocument(path) as document:
        text = [read(page) for page in document]
    with pdfplumber.open(path) as document:
        plumbed = [
            [word["text"] for word in page.extract_words(use_text_flow=True, x_tolerance=2)] for page in document.pages
        ]
    for page in range(len(text)):
        assert text[page][-len(expected) :] == expected
        assert plumbed[page][-len(expected) :] == expected


def upright(path: Path, index: int, rotation: int) -> Image.Image:
    """The scan as a person sees it."""
    with Image.open(path) as image:
        image.seek(index)
        image.load()
        seen = ImageOps.exif_transpose(image)
        if seen.mode == "I;16":
            seen = Image.fromarray((np.asarray(seen) // 257).astype(np.uint8))
        if seen.mode == "RGBA":
            seen = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
        return seen.convert("RGB").rotate(-rotation, expand=True)


def rendered(path: Path, index: int, size: tuple[int, int]) -> Image.Image:
    with pypdfium2.PdfDocument(path) as document:
        page = document[index]
        bitmap = page.render(scale=size[0] / page.get_width())
        seen: Image.Image = bitmap.to_pil().convert("RGB").resize(size)
        return seen


PICTURES = [name for name, case in CASES.items() if case.media_type != PDF]


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_a_reader_shows_the_page_upright_as_it_was_scanned(
    made: dict[str, tuple[Path, Path, Written]], name: str
) -> None:
    source, path, written = made[name]
    for number in range(len(written.pages)):
        expected = upright(source, number, CASES[name].rotation)
        small = (expected.width // 4, expected.height // 4)
        shown = np.asarray(rendered(path, number, small), np.int16)
        assert np.abs(shown - np.asarray(expected.resize(small, Image.Resampling.BOX), np.int16)).mean() < 5


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PICTURES if Kept.RECODED not in CASES[name].kept])
def test_the_pixels_are_those_of_the_scan(made: dict[str, tuple[Path, Path, Written]], name: str) -> None:
    source, path, _ = made[name]
    with pikepdf.open(path) as document:
        for number, page in enumerate(document.pages):
            image = next(iter(page.obj.Resources.XObject.values()))
            with Image.open(source) as scan:
                scan.seek(number)
                lies = 6 <= scan.getexif().get(274, 1) <= 8 and scan.format == "TIFF"
                scan.load()
                if name.startswith("jpeg"):
                    assert image.read_raw_bytes() in source.read_bytes()
                elif scan.mode != "I;16":
                    taken = pikepdf.PdfImage(image).as_pil_image()
                    assert taken.size == scan.size or lies
                    assert np.array_equal(np.asarray(taken.convert("RGB")), np.asarray(scan.convert("RGB")))
                else:
                    taken = np.frombuffer(image.read_bytes(), ">u2").reshape(scan.height, scan.width)
                    assert np.array_equal(taken, np.asarray(scan))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [f"pdf {kind}" for kind in ("scan", "scan turned", "scan stamped", "scan open saves", "mixed")]
)
def test_a_kept_page_of_a_pdf_looks_as_it_did(made: dict[str, tuple[Path, Path, Written]], name: str) -> None:
    source, path, written = made[name]
    for number in range(len(written.pages)):
        with pypdfium2.PdfDocument(source) as document:
            width, height = (round(side) for side in document[number].get_size())
        turned = CASES[name].rotation
        before = rendered(source, number, (width, height)).rotate(-turned, expand=True)
        after = rendered(path, number, before.size)
        assert np.abs(np.asarray(before, np.int16) - np.asarray(after, np.int16)).mean() < 1.0


@pytest.mark.slow
def test_the_picture_of_a_scanned_pdf_is_taken_as_it_is(made: dict[str, tuple[Path, Path, Written]]) -> None:
    source, path, _ = made["pdf scan"]
    taken = []
    for one in (source, path):
        with pikepdf.open(one) as document:
            image = next(iter(document.pages[0].obj.Resources.XObject.values()))
            taken.append(image.read_raw_bytes())
    assert taken[0] == taken[1]


@pytest.mark.slow
def test_what_acts_or_is_attached_is_left_out(made: dict[str, tuple[Path, Path, Written]]) -> None:
    with pikepdf.open(made["pdf scripts"][1]) as document:
        assert set(document.Root.keys()) <= {
            "/Type", "/Pages", "/Lang", "/Metadata", "/OutputIntents", "/ViewerPreferences"
        }  # fmt: skip
        assert "/AA" not in document.pages[0].obj


@pytest.mark.slow
def test_a_page_of_dense_bilevel_text_grows_by_less_than_fifteen_percent(tmp_path: Path) -> None:
    made, words = Image.new("L", (2480, 3508), 255), []
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(44)
    choose = random.Random(1)
    for line in range(40):
        left = 250
        while left < 2000:
            text = "".join(choose.choices("aeiorntlscdpumvgàè", k=choose.randint(2, 11)))
            x, y, right, bottom = map(round, draw.textbbox((left, 300 + 70 * line), text, font=font))
            draw.text((left, 300 + 70 * line), text, font=font, fill=0)
            words.append(Word(text, Box(x, y, right - x, bottom - y), 0.9, line))
            left = right + choose.randint(10, 20)
    pixels = np.asarray(made).astype(float)
    pixels += np.random.default_rng(1).normal(0, 60, pixels.shape) * (np.abs(pixels - 128) < 120)
    source = tmp_path / "dense.tif"
    source.write_bytes(coded(Image.fromarray(pixels > 128), "TIFF", compression=G4, strip_size=10**8))
    text = PageText(tuple(words), 2480, 3508, 300, 0, TextSource.OCR, EngineStamp("test", "1", ""))
    target = io.BytesIO()
    write_pdf_a(source, TIFF, [PageToWrite(0, text)], target, ABOUT)
    assert len(target.getvalue()) <= 1.15 * source.stat().st_size
