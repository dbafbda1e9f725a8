"""Separators missed: what users of other products complain of, each as a test that says it (lessons, section 3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from faldone.classify.lexicon import default_lexicon
from faldone.demo.damage import Damage, scan
from faldone.domain.attribution import Band
from faldone.domain.batch import Gap
from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from faldone.domain.reasons import Reason
from faldone.ocr.fake import FakeEngine
from faldone.pipeline.intake.batches import count_batch
from faldone.pipeline.intake.look import look as look_step
from faldone.pipeline.intake.print_sheets import print_covers, print_separators
from tests.papers import noise, page, tiff
from tests.twins import Archive

TEXT = "Relazione sociale\nCrema, 12 marzo 2012\nSi relaziona sulla situazione dell'utente in carico al SAD"
MARIA = Person(PersonId("u-1"), "Rossi", "Maria")
UGO = Person(PersonId("u-2"), "Verdi", "Ugo")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default=TEXT))
    with made.catalog.begin() as work:
        work.save_persons([MARIA, UGO])
    yield made
    made.close()


def pictures(pdf: bytes, dpi: int = 150) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    found = [
        Image.fromarray(np.array(document[index].render(scale=dpi / 72, grayscale=True).to_numpy(), dtype=np.uint8))
        for index in range(len(document))
    ]
    document.close()
    return found


def separators(archive: Archive, count: int) -> list[Image.Image]:
    target = BytesIO()
    print_separators(count, None, target, archive.ports)
    return pictures(target.getvalue())


def covers(archive: Archive, *persons: Person) -> list[Image.Image]:
    target = BytesIO()
    print_covers(persons, "SAD", None, target, archive.ports)
    return pictures(target.getvalue())


def spans(archive: Archive) -> list[tuple[int, int]]:
    (source,) = archive.catalog.sources()
    documents = archive.catalog.documents(source.digest)
    return [(document.proposal.first_page, document.proposal.last_page) for document in documents]


def scanned(archive: Archive, *pages: Image.Image, name: str = "lotto-1/a.tif") -> None:
    archive.take(name, tiff(*pages))
    archive.work_off()


def holders(archive: Archive) -> list[list[str]]:
    return [
        [holder.value.name for holder in document.proposal.holders]
        for source in archive.catalog.sources()
        for document in archive.catalog.documents(source.digest)
    ]


def test_seven_separators_of_seven_are_found(archive: Archive) -> None:
    sheets = separators(archive, 7)
    pages: list[Image.Image] = [noise(0)]
    for number, sheet in enumerate(sheets, start=1):
        pages += [sheet, noise(number)]
    scanned(archive, *pages)
    assert spans(archive) == [(2 * number, 2 * number) for number in range(8)]


def test_separators_are_found_skewed_pale_upside_down_and_sideways(archive: Archive) -> None:
    sheets = separators(archive, 4)
    skewed, pale, reversed_, sideways = (np.array(sheet) for sheet in sheets)
    skewed = scan(skewed, Damage("hard", skew=7.0, paper=220, noise=10, seed=1), 150)
    pale = np.asarray(cv2.convertScaleAbs(pale, alpha=0.25, beta=170))
    pages = [noise(0)]
    turned = [skewed, pale, np.rot90(reversed_, 2).copy(), np.rot90(sideways).copy()]
    for number, pixels in enumerate(turned, start=1):
        pages += [Image.fromarray(pixels), noise(number)]
    scanned(archive, *pages)
    assert len(spans(archive)) == 5


def test_an_ordinary_page_with_a_bar_code_of_somebody_else_is_no_separator(archive: Archive) -> None:
    label = page("Raccomandata")
    code = zxingcpp.create_barcode("RA123456785IT", zxingcpp.BarcodeFormat.Code128).to_image(scale=2)
    pixels = np.array(label)
    height, width = np.array(code).shape[:2]
    pixels[300 : 300 + height, 100 : 100 + width] = np.array(code)
    scanned(archive, noise(0), Image.fromarray(pixels), noise(1))
    (source,) = archive.catalog.sources()
    assert archive.catalog.marks(source.digest) == {}
    assert count_batch(archive.catalog.batch("lotto-1"), archive.ports).shortfalls == ()


def test_a_plain_patch_sheet_starts_a_document(archive: Archive) -> None:
    code = np.array(zxingcpp.create_barcode("PATCH-T", zxingcpp.BarcodeFormat.Code128).to_image(scale=4))
    sheet = np.array(page())
    sheet[400 : 400 + code.shape[0], 100 : 100 + code.shape[1]] = code
    scanned(archive, noise(0), Image.fromarray(sheet), noise(1))
    assert spans(archive) == [(0, 0), (2, 2)]


def test_when_reading_codes_fails_the_file_goes_to_a_person_and_is_never_silently_left_unsplit(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the reader of codes failed")

    monkeypatch.setattr(look_step.__module__ + ".read_codes", broken)
    scanned(archive, noise(0), noise(1))
    (source,) = archive.catalog.sources()
    for document in archive.catalog.documents(source.digest):
        assert document.proposal.band is not Band.AUTO
        assert Reason.SEPARATOR_UNSURE in document.proposal.reasons
    gaps = count_batch(archive.catalog.batch("lotto-1"), archive.ports).shortfalls
    assert [gap.gap for gap in gaps] == [Gap.SHEET_DOUBTFUL, Gap.SHEET_DOUBTFUL]


def test_what_a_cover_says_lands_on_what_lies_behind_it_and_on_nothing_before(archive: Archive) -> None:
    first, second = covers(archive, MARIA, UGO)
    scanned(archive, noise(0), first, noise(1), second, noise(2))
    assert holders(archive) == [[], ["Rossi Maria"], ["Verdi Ugo"]]


def test_what_a_cover_says_is_not_lost_when_what_lies_behind_it_is_split(archive: Archive) -> None:
    (cover,) = covers(archive, MARIA)
    one, two = separators(archive, 2)
    scanned(archive, cover, noise(1), one, noise(2), two, noise(3))
    assert holders(archive) == [["Rossi Maria"]] * 3


def test_what_a_sidecar_says_is_not_lost_when_its_file_is_split(archive: Archive) -> None:
    (sheet,) = separators(archive, 1)
    archive.take("lotto-1/a.json", b'{"cognome": "Rossi", "nome": "Maria"}')
    scanned(archive, noise(1), sheet, noise(2))
    found = [
        [holder.value.name for holder in document.proposal.holders]
        for source in archive.catalog.sources()
        for document in archive.catalog.documents(source.digest)
    ]
    assert found == [["Rossi Maria"]] * 2


def test_the_blank_back_of_a_separator_goes_with_the_separator(archive: Archive) -> None:
    (sheet,) = separators(archive, 1)
    scanned(archive, noise(0), page(), sheet, page(), noise(1), page())
    assert spans(archive) == [(0, 1), (4, 5)]


def test_a_separator_whose_codes_are_gone_is_known_by_its_words(archive: Archive) -> None:
    target = BytesIO()
    (sheet,) = print_separators(1, None, target, archive.ports)
    (picture,) = pictures(target.getvalue())
    bare = np.array(page("SEPARATORE DI DOCUMENTO / separator", size=picture.size))
    words = f"SEPARATORE DI DOCUMENTO / separator\nfoglio 1 di 1\nFLD-{'-'.join(_fours(sheet.token))}"
    archive.engine.texts = {_digest(archive, bare): words}
    scanned(archive, noise(0), Image.fromarray(bare), noise(1))
    assert spans(archive) == [(0, 0), (2, 2)]


def test_a_printed_sheet_that_never_arrives_raises_an_alarm(archive: Archive) -> None:
    one, _, three = separators(archive, 3)
    scanned(archive, noise(0), one, noise(1), three, noise(2))
    (gap,) = count_batch(archive.catalog.batch("lotto-1"), archive.ports).shortfalls
    assert gap.gap is Gap.SHEET_MISSING


def test_every_service_of_the_lexicon_fits_on_a_cover(archive: Archive) -> None:
    for service in default_lexicon().services:
        print_covers([MARIA], service, None, BytesIO(), archive.ports)


def _fours(token: str) -> Sequence[str]:
    return [token[start : start + 4] for start in range(0, len(token), 4)]


def _digest(archive: Archive, pixels: np.ndarray) -> object:
    """The digest under which the engine meets a page of these pixels."""
    from faldone.ocr.image import PageImage

    return PageImage.of(pixels, 150).digest
