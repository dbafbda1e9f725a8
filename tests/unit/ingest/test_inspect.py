"""Every way in which a file can be something else than it says, and how it is refused."""

import io
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas

from faldone.errors import (
    EmptyFileError,
    EncryptedFileError,
    ImageTooLargeError,
    OpenTimeoutError,
    UnreadableFileError,
    UnsafePathError,
    UnsupportedFormatError,
)
from faldone.ingest.inspect import Inspection, Limits, inspect
from tests.photographs import photograph


def picture(width: int = 300, height: int = 400) -> Image.Image:
    noise = np.random.default_rng(7).integers(0, 255, (height, width), np.uint8)
    return Image.fromarray(noise)


def encoded(kind: str, **options) -> bytes:
    out = io.BytesIO()
    picture().save(out, kind, **options)
    return out.getvalue()


def pdf(pages: int = 3, *, size: tuple[float, float] = (595, 842), encrypt: object = None) -> bytes:
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=size, encrypt=encrypt)
    for number in range(pages):
        sheet.drawString(72, 700, f"Pagina {number + 1}: relazione sociale")
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def tiff(pages: int = 3, compression: str = "raw") -> bytes:
    out = io.BytesIO()
    frames = [picture(200, 100 + number) for number in range(pages)]
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression=compression)
    return out.getvalue()


def directories(data: bytes) -> list[int]:
    """Offsets of a little-endian TIFF's directories."""
    found, (offset,) = [], struct.unpack_from("<I", data, 4)
    while offset:
        found.append(offset)
        (entries,) = struct.unpack_from("<H", data, offset)
        (offset,) = struct.unpack_from("<I", data, offset + 2 + 12 * entries)
    return found


def next_pointer(data: bytes, directory: int) -> int:
    (entries,) = struct.unpack_from("<H", data, directory)
    return directory + 2 + 12 * entries


@pytest.fixture
def write(tmp_path: Path):
    def _write(data: bytes, name: str = "scan.bin") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return _write


def refused(error: type[Exception], path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(error) as caught:
        inspect(path, limits)
    message = caught.value.message  # type: ignore[attr-defined]
    assert " / " in message, "Italian and English"
    return message


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (pdf(3), ("application/pdf", 3)),
        (tiff(3), ("image/tiff", 3)),
        (tiff(2, "group4" if False else "tiff_lzw"), ("image/tiff", 2)),
        (encoded("JPEG"), ("image/jpeg", 1)),
        (encoded("JPEG", progressive=True), ("image/jpeg", 1)),
        (encoded("PNG"), ("image/png", 1)),
        (encoded("TIFF", big_tiff=True), ("image/tiff", 1)),
        (encoded("WEBP"), ("image/webp", 1)),
        (encoded("WEBP", lossless=True, exif=b"Exif\0\0"), ("image/webp", 1)),
        (encoded("AVIF"), ("image/avif", 1)),
    ],
    ids=[
        "pdf",
        "tiff",
        "tiff-lzw",
        "jpeg",
        "jpeg-progressive",
        "png",
        "bigtiff",
        "webp",
        "webp-lossless",
        "avif",
    ],
)
def test_a_good_file_is_known_by_its_bytes(write, data, expected):
    assert inspect(write(data)) == Inspection(*expected, len(data))


@pytest.mark.parametrize("name", ["foto.jpg", "senza-estensione", "lettera.docx"])
def test_a_pdf_under_another_name_is_a_pdf(write, name):
    assert inspect(write(pdf(1), name)).media_type == "application/pdf"


def test_a_pdf_behind_foreign_bytes_is_a_pdf(write):
    assert inspect(write(b"\xef\xbb\xbf\r\n" + pdf(2))).pages == 2


def test_an_archive_named_pdf_is_taken_for_what_it_is(write):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("scan.pdf", "%PDF-1.4 non inganna")
    assert inspect(write(out.getvalue(), "lettera.pdf")) == Inspection("application/zip", 0, len(out.getvalue()))


@pytest.mark.parametrize(
    "data",
    [
        b"Gentile signora,",
        b"GIF89a" + bytes(50),
        b"\0" * 4096,
        b"MZ\x90\0" + bytes(60),
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(60),
        b"RIFF\x24\0\0\0AVI LIST" + bytes(40),
        b"\x78\x9f\x3e\x22" + bytes(60),
    ],
    ids=["text", "gif", "zeros", "exe", "film", "avi", "tnef"],
)
def test_any_other_format_is_refused(write, data):
    refused(UnsupportedFormatError, write(data, "scan.tif"))


def test_zero_bytes_is_an_empty_file(write):
    refused(EmptyFileError, write(b"", "scan.pdf"))


def test_a_pdf_with_a_password_is_refused_as_encrypted(write):
    refused(EncryptedFileError, write(pdf(encrypt=StandardEncryption("segreta", "padrona"))))


@pytest.mark.parametrize("passwords", [("segreta",), ("sbagliata", "segreta"), ("padrona",)])
def test_a_pdf_whose_password_is_known_opens(write, passwords):
    path = write(pdf(2, encrypt=StandardEncryption("segreta", "padrona")))
    assert inspect(path, Limits(pdf_passwords=passwords)).pages == 2
    refused(EncryptedFileError, path, Limits(pdf_passwords=("sbagliata",)))


@pytest.mark.parametrize("passwords", [(), ("sbagliata",)])
def test_a_pdf_without_pages_is_unreadable_also_after_one_that_wants_a_password(write, passwords):
    empty = io.BytesIO()
    pikepdf.new().save(empty)
    limits = Limits(pdf_passwords=passwords)
    protected = write(pdf(encrypt=StandardEncryption("segreta", "padrona")), "protetto.pdf")
    refused(EncryptedFileError, protected, limits)
    refused(UnreadableFileError, write(empty.getvalue(), "vuoto.pdf"), limits)


def test_a_pdf_whose_owner_forbids_printing_still_opens(write):
    assert inspect(write(pdf(2, encrypt=StandardEncryption("", "padrona", canPrint=0)))).pages == 2


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_pdf_cut_short_is_refused_rather_than_losing_pages(write, share):
    data = pdf(8)
    refused(UnreadableFileError, write(data[: int(len(data) * share)]))


def test_a_pdf_cut_in_an_incremental_update_is_refused(write):
    data = pdf(2)
    refused(UnreadableFileError, write(data + b"\n12 0 obj\n<< /Type /Page"))


def test_a_linearized_pdf_shorter_than_it_says_is_refused(write):
    data = pdf(2)
    lie = b"%PDF-1.4\n1 0 obj\n<< /Linearized 1 /L 999999 /N 2 >>\nendobj\n"
    refused(UnreadableFileError, write(lie + data[data.index(b"\n") + 1 :]))


def test_a_pdf_with_a_wrong_cross_reference_is_repaired(write):
    data = pdf(3)
    at = data.rindex(b"startxref")
    wrong = data[:at] + b"startxref\n7\n%%EOF\n"
    assert inspect(write(wrong)).pages == 3


def test_a_pdf_followed_by_zeros_still_opens(write):
    assert inspect(write(pdf(2) + bytes(4096))).pages == 2


def test_a_pdf_of_noise_with_a_good_beginning_and_end_is_refused(write):
    refused(UnreadableFileError, write(b"%PDF-1.4\n" + os.urandom(2000) + b"\nstartxref\n9\n%%EOF\n"))


@pytest.mark.parametrize("share", [0.3, 0.7, 0.97])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_an_image_cut_short_is_refused_rather_than_half_grey(write, kind, share):
    data = encoded(kind)
    refused(UnreadableFileError, write(data[: int(len(data) * share)]))


def test_a_jpeg_whose_thumbnail_has_an_end_is_still_cut_short(write):
    thumbnail = encoded("JPEG")[:20000]
    application = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 4) + thumbnail + b"\xff\xd9"
    data = encoded("JPEG")
    refused(UnreadableFileError, write(data[:2] + application + data[2 : len(data) // 2]))


def test_a_jpeg_with_bytes_behind_its_end_opens(write):
    assert inspect(write(encoded("JPEG") + b"\0" * 100)).pages == 1


def test_a_png_with_a_flipped_byte_is_refused(write):
    data = bytearray(encoded("PNG"))
    data[len(data) // 2] ^= 0xFF
    refused(UnreadableFileError, write(bytes(data)))


def test_a_tiff_whose_second_page_is_broken_still_opens_with_all_its_pages(write):
    data = bytearray(tiff(3))
    second = directories(bytes(data))[1]
    for entry in range(second + 2, next_pointer(bytes(data), second), 12):
        if struct.unpack_from("<H", data, entry)[0] == 273:
            struct.pack_into("<HI", data, entry + 2, 4, 1)
            struct.pack_into("<I", data, entry + 8, 0x7FFFFFFF)
    assert inspect(write(bytes(data))).pages == 3


def test_a_tiff_chain_that_points_into_nothing_counts_the_missing_page(write):
    data = bytearray(tiff(3))
    struct.pack_into("<I", data, next_pointer(bytes(data), directories(bytes(data))[1]), len(data) + 1000)
    assert inspect(write(bytes(data))).pages == 3


def test_a_tiff_chain_that_bites_its_tail_ends(write):
    data = bytearray(tiff(2))
    first, last = directories(bytes(data))
    struct.pack_into("<I", data, next_pointer(bytes(data), last), first)
    assert inspect(write(bytes(data))).pages == 3


@pytest.mark.parametrize("keep", [4, 8, 60, 5000])
def test_a_tiff_cut_short_is_refused(write, keep):
    refused(UnreadableFileError, write(tiff(1)[:keep]))


def test_more_bytes_than_allowed_are_refused(write):
    refused(ImageTooLargeError, write(pdf(1)), Limits(max_bytes=100))


@pytest.mark.parametrize("data", [pdf(4), tiff(4)], ids=["pdf", "tiff"])
def test_more_pages_than_allowed_are_refused(write, data):
    refused(ImageTooLargeError, write(data), Limits(max_pages=3))


@pytest.mark.parametrize(
    "data",
    [encoded("JPEG"), encoded("PNG"), tiff(1), encoded("WEBP"), encoded("WEBP", lossless=True), encoded("AVIF")],
    ids=["jpeg", "png", "tiff", "webp", "webp-lossless", "avif"],
)
def test_more_pixels_than_allowed_are_refused(write, data):
    refused(ImageTooLargeError, write(data), Limits(max_pixels=1000))


@pytest.mark.parametrize("data", [pdf(2), tiff(2)], ids=["pdf", "tiff"])
def test_looking_into_a_file_ends_at_the_deadline(write, data):
    refused(OpenTimeoutError, write(data), Limits(open_timeout_s=0))


def test_an_animated_webp_is_no_paper(write):
    refused(
        UnsupportedFormatError, write(encoded("WEBP", save_all=True, append_images=[picture().rotate(90)], duration=40))
    )


def test_a_photograph_of_a_telephone_is_known_and_may_have_a_trailer(write, tmp_path):
    data = photograph(tmp_path, picture())
    assert inspect(write(data)) == Inspection("image/heic", 1, len(data))
    assert inspect(write(data + b"\0\x01 SEFT trailer")).pages == 1
    refused(ImageTooLargeError, write(data), Limits(max_pixels=1000))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.97])
def test_a_photograph_of_a_telephone_cut_short_is_refused(write, tmp_path, share):
    data = photograph(tmp_path, picture())
    refused(UnreadableFileError, write(data[: int(len(data) * share)]))


def test_a_decompression_bomb_is_refused_from_its_header(write):
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 1, 0, 0, 0, 0)
    data = bytearray(encoded("PNG"))
    data[16 : 16 + len(header)] = header
    import zlib

    struct.pack_into(">I", data, 29, zlib.crc32(bytes(data[12:29])))
    refused(ImageTooLargeError, write(bytes(data)))


def test_a_pdf_page_the_size_of_a_wall_is_refused(write):
    refused(ImageTooLargeError, write(pdf(1, size=(14400, 14400))))


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "scan.pdf")
    refused(UnsafePathError, tmp_path / "scan.pdf")


def test_a_link_is_refused(tmp_path, write):
    (tmp_path / "link.pdf").symlink_to(write(pdf(1)))
    refused(UnsafePathError, tmp_path / "link.pdf")


def test_a_file_that_is_gone_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "sparito.pdf")
