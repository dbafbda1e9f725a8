"""The picture that shows what recognition made of a page."""

from __future__ import annotations

import numpy as np

from faldone.domain.page import Box, EngineStamp, PageText, TextSource, Word
from faldone.ocr.explain import before_and_after
from faldone.ocr.image import PageImage
from tests.papers import page


def page_text(image: PageImage, *words: Word, blank: bool = False, source: TextSource = TextSource.OCR) -> PageText:
    height, width = image.pixels.shape
    return PageText(words, width, height, image.dpi, 0, source, EngineStamp("e", "1", "s"), blank=blank)


def colours(picture: np.ndarray) -> set[str]:
    red, green, blue = (picture[..., channel].astype(int) for channel in range(3))
    found = set()
    if ((green > red + 60) & (green > blue + 40)).any():
        found.add("green")
    if ((red > green + 120) & (red > blue + 120)).any():
        found.add("red")
    return found


def test_a_page_that_was_read_has_three_panels_with_sure_words_green_and_doubtful_ones_red() -> None:
    image = PageImage.of(np.asarray(page("Il servizio sociale").convert("L")), 200)
    words = (Word("sure", Box(100, 100, 300, 60), 0.95, 0), Word("guess", Box(100, 300, 300, 60), 0.3, 1))
    shown = before_and_after(image, page_text(image, *words))
    one = before_and_after(image, None)
    assert shown.shape[1] > 2.9 * one.shape[1] - 100
    assert colours(shown) == {"green", "red"}
    assert colours(one) == set()


def test_a_blank_page_and_one_with_its_own_text_were_not_shown_to_the_engine() -> None:
    image = PageImage.of(np.full((1000, 700), 250, np.uint8), 100)
    blank = before_and_after(image, page_text(image, blank=True))
    layer = before_and_after(image, page_text(image, source=TextSource.TEXT_LAYER))
    assert blank.shape == layer.shape
    assert blank.shape[1] < 2.2 * before_and_after(image, None).shape[1]
