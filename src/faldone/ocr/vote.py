"""Three readings of a page that is hard to read, and the words on which most of them agree.

Worn type, a dry ribbon, a bad copy: the engine takes one letter for another, and at another size another one. Where its
own doubts say so, a page is read twice more: as fine as it was scanned, and small and smoothed, when specks go that
pass for full stops and hyphens, and gaps in strokes close. An ordinary page pays nothing.

Of seven real typescripts 5.8 % of the letters and 22.8 % of the words were wrong after one reading, 5.2 % and 20.2 %
after three. Single readings at other sizes, thresholds (global, Sauvola), thinned, thickened, with stretched levels and
in other modes of the engine came to 5.4-13 %, other pairs to 5.2-5.5 %, five readings to 5.2 %. The pair was chosen on
these same pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from statistics import fmean, median

import cv2
import numpy as np

from faldone.domain.page import Box
from faldone.ocr.confidence import calibrated
from faldone.ocr.engine import OcrEngine, ReadWord
from faldone.ocr.image import PreparedPage
from faldone.ocr.options import OcrOptions
from faldone.ocr.prepare import is_filled_in
from faldone.ocr.reading import Reading
from faldone.ocr.sized import read_sized
from faldone.ocr.typist import as_meant, with_marks

_DOUBTFUL, _LEAST_LETTERS = 0.955, 3
"""Mean calibrated confidence of a page's words of so many letters, below which it is read again. Forms are not: what is
doubtful there lies over leaders and frames, which are no better smaller."""

_FEW_WORDS = 30
"""With fewer such words, some three lines, the middle one is asked instead of the mean: a signature or a stamp that was
read as letters is no worn type. Of five such pages among 89 (10 to 32 words) three readings put no word right; of a
title page of a real typescript (20 words) they did."""

_SCALES, _SMOOTHED_INCHES = (1.0, 0.5), 1 / 150
"""How large the page is in the further readings, and how far the smaller one is smoothed."""

_LEAST_DPI = 250
"""Print of coarser scans is too small to be read smaller."""

_SAME_PLACE, _SAME_WIDTH = 0.5, 0.8
"""Boxes of one word in two readings share at least so much of the larger one; several that were one word, with a speck
taken for a hyphen between them, are together so wide."""


def voted_on(readings: Sequence[Reading], engine: OcrEngine, options: OcrOptions) -> tuple[Reading, ...]:
    """The readings, the doubtful ones put right by two more: one run of the engine over all of them."""
    doubtful = [number for number, one in enumerate(readings) if _is_doubtful(one, options)]
    if not doubtful:
        return tuple(readings)
    pages = [page for number in doubtful for page in _seen_otherwise(readings[number].page)]
    again = iter(read_sized(pages, _SCALES * len(doubtful), engine, options))
    made = list(readings)
    for number in doubtful:
        further = [next(again) for _ in _SCALES]
        one = readings[number]
        words, changed = voted(one.words, further)
        words, meant = as_meant(with_marks(words))
        steps = (
            f"read three times, {changed} words outvoted",
            *([f"as the typist meant {meant} words"] if meant else ()),
        )
        page = replace(one.page, steps=(*one.page.steps, *steps))
        made[number] = replace(one, page=page, words=words)
    return tuple(made)


def _seen_otherwise(page: PreparedPage) -> tuple[PreparedPage, PreparedPage]:
    """The page for each of the further readings."""
    smooth = cv2.GaussianBlur(page.pixels, (0, 0), _SMOOTHED_INCHES * page.dpi)
    return page, replace(page, pixels=np.asarray(smooth, np.uint8))


def _is_doubtful(reading: Reading, options: OcrOptions) -> bool:
    if reading.page.dpi < _LEAST_DPI or reading.is_noise(options) or is_filled_in(reading.page):
        return False
    sure = [
        calibrated(word.confidence)
        for word in reading.words
        if sum(character.isalpha() for character in word.text) >= _LEAST_LETTERS
    ]
    return bool(sure) and (fmean(sure) if len(sure) >= _FEW_WORDS else median(sure)) < _DOUBTFUL


def voted(first: Sequence[ReadWord], further: Sequence[Sequence[ReadWord]]) -> tuple[tuple[ReadWord, ...], int]:
    """The words of the first reading as most readings have them, and how many that changed.

    Where all differ the surest has it. Words that stand in a further reading only are not taken over: they may be
    dust, or parts of a word.
    """
    lines = [_lines(other) for other in further]
    made: list[ReadWord] = []
    changed = 0
    for word in first:
        said: dict[str, list[Sequence[ReadWord]]] = {word.text: [(word,)]}
        for other in lines:
            twins = _twins(word, other)
            if twins:
                said.setdefault(" ".join(one.text for one in twins), []).append(twins)
        text = max(said, key=lambda text: (len(said[text]), max(map(_confidence, said[text]))))
        words = said[text][0] if " " in text else (replace(word, text=text),)
        sure = fmean(map(_confidence, said[text]))
        made += [replace(one, confidence=sure, block=word.block, line=word.line) for one in words]
        changed += text != word.text
    return tuple(made), changed


def _confidence(words: Sequence[ReadWord]) -> float:
    return fmean(word.confidence for word in words)


def _lines(words: Sequence[ReadWord]) -> list[tuple[int, int, list[ReadWord]]]:
    """The words by line, with the top and the bottom of each."""
    lines = (list(group) for _, group in groupby(words, key=lambda word: word.line))
    return [(min(word.box.y for word in line), max(word.box.bottom for word in line), line) for line in lines]


def _twins(word: ReadWord, lines: Sequence[tuple[int, int, list[ReadWord]]]) -> tuple[ReadWord, ...]:
    """The word of another reading that stands in the same place, or the several that it is there."""
    other = [one for top, bottom, line in lines if top < word.box.bottom and word.box.y < bottom for one in line]
    width = _SAME_WIDTH * word.box.width
    twin = next((one for one in other if _in_same_place(word.box, one.box)), None)
    if twin is not None and twin.box.width >= width:
        return (twin,)
    inside = [one for one in other if _lies_in(one.box, word.box)]
    if len({one.line for one in inside}) == 1 and inside[-1].box.right - inside[0].box.x >= width:
        return tuple(inside)
    return () if twin is None else (twin,)


def _lies_in(one: Box, other: Box) -> bool:
    across = other.x <= one.x + one.width / 2 <= other.right
    return across and one.y < other.bottom and other.y < one.bottom


def _in_same_place(one: Box, other: Box) -> bool:
    across = min(one.right, other.right) - max(one.x, other.x)
    down = min(one.bottom, other.bottom) - max(one.y, other.y)
    larger = max(one.width * one.height, other.width * other.height)
    return across > 0 and down > 0 and across * down > _SAME_PLACE * larger
