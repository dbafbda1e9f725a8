"""Pages that are hard to read are read three times; the others once."""

from dataclasses import replace

import numpy as np
import pytest

from faldone.domain.page import Box
from faldone.ocr.engine import ReadWord
from faldone.ocr.fake import FakeEngine
from faldone.ocr.image import PageImage, PreparedPage
from faldone.ocr.options import OcrOptions
from faldone.ocr.prepare import statistics
from faldone.ocr.reading import Reading
from faldone.ocr.vote import voted, voted_on

OPTIONS = OcrOptions()
LINE = "nel corso del primo colloquio con quella famiglia numerosa"
TEXT = "\n".join([LINE] * 4)


def words(*texts: str, confidence: float = 0.8, moved: int = 0) -> list[ReadWord]:
    return [ReadWord(text, Box(100 * place + moved, 50, 80, 30), confidence, 0, 0) for place, text in enumerate(texts)]


def test_what_two_of_three_readings_say_stands_and_keeps_its_place():
    made, changed = voted(words("Proclana", "medesimo"), [words("Proclama", "nedesimo", moved=3)] * 2)
    assert ([word.text for word in made], changed) == (["Proclama", "nedesimo"], 2)
    assert [word.box for word in made] == [word.box for word in words("", "")]


def test_where_all_readings_differ_the_surest_has_it():
    further = [words("nare", confidence=0.5), words("mare", confidence=0.9)]
    made, _ = voted(words("mere", confidence=0.7), further)
    assert [(word.text, word.confidence) for word in made] == [("mare", 0.9)]


def test_words_that_only_a_further_reading_has_are_not_taken_over():
    made, changed = voted(words("mare"), [words("mare", "|||")] * 2)
    assert ([word.text for word in made], changed) == (["mare"], 0)


def test_a_speck_between_two_words_is_outvoted():
    (one,) = words("mesi-e")
    said = [ReadWord("mesi", Box(1, 50, 50, 30), 0.9, 3, 7), ReadWord("e", Box(70, 50, 9, 30), 0.7, 3, 7)]
    made, changed = voted([one], [said, said])
    assert ([word.text for word in made], changed) == (["mesi", "e"], 1)
    assert [(word.box, word.line, word.block) for word in made] == [(word.box, 0, 0) for word in said]
    assert voted([one], [said[1:], said[1:]])[0] == (one,), "a part of the word is no word"


def test_a_word_elsewhere_has_no_vote():
    made, _ = voted(words("mare"), [words("terra", confidence=1.0, moved=60)] * 2)
    assert [word.text for word in made] == ["mare"]


def reading(confidence: float, dpi: int = 300, text: str = TEXT) -> tuple[Reading, FakeEngine]:
    image = PageImage.of(np.full((1200, 900), 255, np.uint8), dpi)
    engine = FakeEngine(texts={image.digest: text}, confidence=confidence)
    page = PreparedPage(image.pixels, dpi, image.digest)
    (read,) = engine.read([page], OPTIONS)
    return Reading(page, statistics(image.pixels, dpi), read), engine


def test_a_page_that_was_surely_read_is_not_read_again():
    one, engine = reading(0.97)
    assert voted_on([one], engine, OPTIONS) == (one,)
    assert engine.reads == {one.page.master: 1}


def test_a_doubtful_page_is_read_twice_more_and_says_so():
    one, engine = reading(0.8)
    wrong = replace(one, words=tuple(replace(word, text="x" * len(word.text)) for word in one.words))
    (made,) = voted_on([wrong], engine, OPTIONS)
    assert [word.text for word in made.words] == TEXT.split()
    assert [word.box for word in made.words] == [word.box for word in one.words]
    assert made.page.steps == (f"read three times, {len(TEXT.split())} words outvoted",)
    assert engine.reads == {one.page.master: 3}


@pytest.mark.parametrize(("lines", "times"), [(1, 1), (4, 3)])
def test_a_signature_makes_no_page_of_a_few_words_doubtful(lines, times):
    one, engine = reading(0.97, text="\n".join([LINE] * lines))
    scrawls = [replace(word, confidence=0.0) for word in one.words[: len(one.words) // 3]]
    signed = replace(one, words=(*scrawls, *one.words[len(scrawls) :]))
    voted_on([signed], engine, OPTIONS)
    assert engine.reads == {one.page.master: times}


def test_a_few_words_in_worn_type_are_read_twice_more():
    one, engine = reading(0.8, text=LINE)
    voted_on([one], engine, OPTIONS)
    assert engine.reads == {one.page.master: 3}


def test_a_coarse_page_is_not_read_smaller():
    one, engine = reading(0.8, dpi=200)
    assert voted_on([one], engine, OPTIONS) == (one,)


def test_noise_is_not_voted_on():
    one, engine = reading(0.3)
    assert voted_on([one], engine, OPTIONS) == (one,)
