"""The bad files are bad in the way they say."""

from __future__ import annotations

import os
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from faldone.demo.troubles import OK, write_troubles
from faldone.domain.reasons import Reason


@pytest.fixture(scope="module")
def troubles(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("guai")
    return folder, write_troubles(folder)


def test_every_file_is_there_with_a_known_reason(troubles):
    folder, expected = troubles

    assert {os.fsencode(name) for name in expected} == set(os.listdir(os.fsencode(folder)))
    assert set(expected.values()) <= {OK, *map(str, Reason)}


def test_the_second_page_of_the_broken_tiff_does_not_open(troubles):
    with Image.open(troubles[0] / "seconda-pagina-rotta.tif") as image:
        assert image.n_frames == 2
        image.load()
        image.seek(1)
        with pytest.raises(OSError, match="decoder error"):
            image.load()


def test_the_huge_images_are_small_files(troubles, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    for name in ("enorme.tif", "enorme.png"):
        path = troubles[0] / name
        assert path.stat().st_size < 10_000
        with Image.open(path) as image:
            assert image.size == (30_000, 30_000)


def test_the_protected_pdf_wants_its_password(troubles):
    path = troubles[0] / "protetto.pdf"
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(path)
    with pypdfium2.PdfDocument(path, password="segreta") as pdf:
        assert len(pdf) == 3


def test_the_twins_have_the_same_bytes(troubles):
    folder, expected = troubles

    assert (folder / "uguale-a.png").read_bytes() == (folder / "uguale-b.png").read_bytes()
    assert expected["uguale-b.png"] == Reason.SAME_BYTES
