"""A codice fiscale in a bar code, from the page through the catalog to the person of the document."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import zxingcpp
from PIL import Image

from faldone.domain.ids import PersonId
from faldone.domain.person import Person
from faldone.ocr.fake import FakeEngine
from tests.papers import page, tiff
from tests.twins import Archive

CF = "RSSMRA85T10A562S"
TEXT = "TESSERA SANITARIA\nTESSERA EUROPEA DI ASSICURAZIONE MALATTIA\nData di scadenza 12/03/2026"


def test_the_bars_of_a_health_card_name_the_holder(tmp_path: Path) -> None:
    archive = Archive(tmp_path, FakeEngine(default=TEXT))
    with archive.catalog.begin() as work:
        work.save_persons([Person(PersonId("u-1"), "Rossi", "Mario", CF)])
    bars = np.array(zxingcpp.create_barcode(CF, zxingcpp.BarcodeFormat.Code39).to_image(scale=2))
    pixels = np.array(page("TESSERA SANITARIA", "TESSERA EUROPEA", "Data di scadenza"))
    pixels[400 : 400 + bars.shape[0], 100 : 100 + bars.shape[1]] = bars
    archive.take("lotto-1/a.tif", tiff(Image.fromarray(pixels)))
    archive.work_off()
    (source,) = archive.catalog.sources()
    assert archive.catalog.person_codes(source.digest) == {0: (CF,)}
    (document,) = archive.catalog.documents(source.digest)
    assert [holder.value.person for holder in document.proposal.holders] == ["u-1"]
    archive.close()
