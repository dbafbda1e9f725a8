"""What a page was found to be when it was looked at is not found out again when it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faldone.domain.ids import PageId
from faldone.domain.page import PageText
from faldone.ocr import recognise, source
from faldone.ocr.fake import FakeEngine
from faldone.ocr.image import PageImage
from faldone.ocr.prepare import statistics
from faldone.pipeline.at_hand import AtHand, Seen
from tests.papers import noise, tiff
from tests.twins import Archive

ONE, OTHER = PageId("p-a-0"), PageId("p-a-1")


def seen(side: int = 200) -> Seen:
    image = PageImage.of(np.full((side, side), 255, np.uint8), 150)
    return Seen(image, statistics(image.pixels, 150))


def fine(seed: int) -> bytes:
    """A scan at 600 dpi."""
    data, scan = BytesIO(), noise(seed)
    scan.resize((scan.width * 4, scan.height * 4)).save(data, "TIFF", compression="tiff_lzw", dpi=(600, 600))
    return data.getvalue()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, FakeEngine(default="Relazione sociale sulla famiglia e sui minori presenti nella casa"))
    yield made
    made.close()


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often pages are decoded, and looked at by who reads them."""
    done: Counter[str] = Counter()

    def counted(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def count(*arguments: Any) -> Any:
            done[name] += 1
            return step(*arguments)

        return count

    monkeypatch.setattr(source, "_gray_of_pillow", counted("decoded", source._gray_of_pillow))
    monkeypatch.setattr(recognise, "statistics", counted("looked at", recognise.statistics))
    return done


def text_of(archive: Archive) -> PageText:
    (file,) = archive.catalog.sources()
    return archive.catalog.page_texts(file.digest)[0]


def test_a_page_that_is_read_after_its_look_is_decoded_and_looked_at_once(archive: Archive, done: Counter[str]) -> None:
    archive.take("a.tif", tiff(noise(1), noise(2), noise(3)))
    archive.work_off()
    assert done == {"decoded": 3}


def test_a_page_reads_the_same_whether_or_not_it_is_at_hand(
    archive: Archive, tmp_path: Path, done: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.take("a.tif", tiff(noise(1)))
    archive.work_off()
    forgetful = Archive(tmp_path / "other", archive.engine)
    monkeypatch.setattr(AtHand, "take", lambda *_: None)
    forgetful.take("a.tif", tiff(noise(1)))
    forgetful.work_off()
    assert done == {"decoded": 3, "looked at": 1}
    assert text_of(forgetful) == text_of(archive)
    forgetful.close()


def test_a_scan_that_was_reduced_for_its_look_is_read_in_full(archive: Archive, done: Counter[str]) -> None:
    archive.take("a.tif", fine(1))
    archive.work_off()
    assert text_of(archive).dpi == 300
    assert done["decoded"] == 2


def test_a_page_is_taken_once() -> None:
    hand = AtHand()
    hand.lay(ONE, page := seen())
    assert hand.take(OTHER) is None
    assert hand.take(ONE) is page
    assert hand.take(ONE) is None


def test_when_there_are_too_many_the_oldest_goes() -> None:
    hand = AtHand(most_bytes=2 * seen().size)
    for page in (ONE, OTHER, ONE, PageId("p-b-0")):
        hand.lay(page, seen())
    assert hand.take(OTHER) is None
    assert hand.take(ONE) is not None
    assert hand.take(PageId("p-b-0")) is not None


def test_a_page_that_is_larger_than_all_may_be_is_not_kept() -> None:
    hand = AtHand(most_bytes=seen().size)
    hand.lay(ONE, seen(300))
    assert hand.take(ONE) is None
    hand.lay(ONE, seen())
    assert hand.take(ONE) is not None
