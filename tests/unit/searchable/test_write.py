"""What a searchable PDF says of itself, that it is the same each time, and how it fails."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path

import pikepdf
import pytest
from PIL import ImageCms

from faldone.domain.digest import Digest
from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.errors import EncryptedFileError, ImageTooLargeError, UnreadableFileError
from faldone.searchable import profile
from faldone.searchable.metadata import About
from faldone.searchable.write import PageToWrite, WriteOptions, write_pdf_a
from tests import papers

ABOUT = About("doc-7", Digest.of(b"x"), dt.datetime(2026, 3, 4, 5, 6, tzinfo=dt.UTC), "Relazione <1> & altro")
WORDS = (Word("perché", Box(80, 100, 90, 30), 0.9, 0), Word("sì", Box(200, 100, 30, 30), 0.9, 0))
TEXT = PageText(WORDS, *papers.A5_PX, 150, 0, TextSource.OCR, EngineStamp("test", "1", ""))


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan"
    path.write_bytes(papers.tiff(papers.page("uno"), papers.page("due")))
    return path


def written(path: Path, *pages: PageToWrite, media_type: str = "image/tiff", **options: object) -> bytes:
    target = io.BytesIO()
    write_pdf_a(path, media_type, pages or [PageToWrite(0, TEXT)], target, ABOUT, WriteOptions(**options))
    return target.getvalue()


def test_it_names_its_language_its_document_and_its_source(scan: Path) -> None:
    with pikepdf.open(io.BytesIO(written(scan))) as document:
        assert str(document.Root.Lang) == "it-IT"
        assert "/Info" not in document.trailer
        with document.open_metadata() as about:
            assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("2", "B")
            assert about["dc:title"] == "Relazione <1> & altro"
            assert about["dc:identifier"] == "doc-7"
            assert about["dc:source"] == str(ABOUT.source)
            assert about["xmp:CreateDate"] == "2026-03-04T05:06:00Z"


def test_the_same_inputs_give_the_same_bytes(scan: Path) -> None:
    assert written(scan) == written(scan)


def test_pages_stand_in_the_order_in_which_they_are_given(scan: Path) -> None:
    with pikepdf.open(io.BytesIO(written(scan, PageToWrite(1, None, 90), PageToWrite(0, TEXT)))) as document:
        assert [int(page.obj.Rotate) for page in document.pages] == [90, 0]
        assert [b"3 Tr" in page.obj.Contents.read_bytes() for page in document.pages] == [False, True]


def test_the_sheet_has_the_size_at_which_its_words_were_read(scan: Path) -> None:
    with pikepdf.open(io.BytesIO(written(scan))) as document:
        assert [float(side) for side in document.pages[0].mediabox] == pytest.approx([0, 0, 420, 595.2])


def test_a_page_that_is_not_there_is_refused(scan: Path) -> None:
    with pytest.raises(UnreadableFileError):
        written(scan, PageToWrite(2, TEXT))


def test_a_page_of_too_many_pixels_is_refused(scan: Path) -> None:
    with pytest.raises(ImageTooLargeError):
        written(scan, max_pixels=1000)


def test_a_document_of_no_pages_is_refused(scan: Path) -> None:
    with pytest.raises(ValueError, match="no pages"):
        write_pdf_a(scan, "image/tiff", [], io.BytesIO(), ABOUT)


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_torn_scan_is_refused(tmp_path: Path, form: str) -> None:
    whole = io.BytesIO()
    papers.page("uno").save(whole, form)
    path = tmp_path / "torn"
    path.write_bytes(whole.getvalue()[:-500])
    with pytest.raises(UnreadableFileError):
        written(path, media_type=f"image/{form.lower()}")


def test_a_pdf_whose_password_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    document = pikepdf.new()
    document.add_blank_page()
    document.save(path, encryption=pikepdf.Encryption(owner="a", user="a"))
    with pytest.raises(EncryptedFileError):
        written(path, PageToWrite(0), media_type="application/pdf", pdf_passwords=("b",))
    assert written(path, PageToWrite(0), media_type="application/pdf", pdf_passwords=("b", "a"))


def test_a_page_that_a_pdf_has_not_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.pdf"
    document = pikepdf.new()
    document.add_blank_page()
    document.save(path)
    with pytest.raises(UnreadableFileError):
        written(path, PageToWrite(1), media_type="application/pdf")


def test_rubbish_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rubbish"
    path.write_bytes(b"%PDF-1.4 rubbish")
    for media_type in ("application/pdf", "image/jpeg", "image/png", "image/tiff"):
        with pytest.raises(UnreadableFileError):
            written(path, media_type=media_type)


def test_a_date_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        About("doc", Digest.of(b""), dt.datetime(2026, 1, 1))  # noqa: DTZ001 - what is tested


def test_the_profile_is_srgb() -> None:
    data = profile.srgb()
    theirs = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).profile
    ours = ImageCms.ImageCmsProfile(io.BytesIO(data)).profile
    assert profile.channels(data) == 3
    for name in ("red_colorant", "green_colorant", "blue_colorant"):
        assert getattr(ours, name)[0] == pytest.approx(getattr(theirs, name)[0], abs=0.001)


def test_a_profile_of_other_colours_is_not_let_through() -> None:
    data = profile.srgb()
    assert profile.channels(data[:16] + b"CMYK" + data[20:]) is None
    assert profile.channels(data[:-1]) is None
    assert profile.channels(b"") is None


def test_nothing_of_the_machine_is_in_it(scan: Path) -> None:
    assert not re.search(rb"/tmp|/work|/home", written(scan))
