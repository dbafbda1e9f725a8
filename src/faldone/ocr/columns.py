"""The running numbers of a list: a column so narrow that the engine takes it for text that runs down the page. Pure.

Of ten made-up lists four lost it, or got a few letters for it. Digits that no sure word covers, one below the other and
each beside a row of words, are set side by side on one line, which the engine reads without a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

import numpy as np

from faldone.domain.page import Box
from faldone.ocr.engine import ReadWord
from faldone.ocr.image import Affine, Gray
from faldone.ocr.prepare import PageStatistics
from faldone.ocr.uncovered import letters_on_page

_SURE, _FEW_CHARACTERS = 0.6, 3
"""Words of so few characters that are less sure than this may be a number badly read."""

_LEAST_CELLS = 3
"""Fewer numbers make no list."""

_LETTER_INCHES, _GAP_INCHES, _CELL_INCHES = (0.045, 0.16), 0.06, 0.4
"""How tall digits are, how far apart those of one number at most, and how wide it is at most."""

_ALIGNED_INCHES = 0.08
"""How far the left or the right ends of the numbers of one column lie apart."""

_MOST_SHARE = 0.3
"""With more of the page's letters left over it is no column that was lost."""

_APART = 2
"""How wide the gaps between numbers on one line are, in heights of a digit."""

_NUMBER = re.compile(r"\d{1,3}[.)°]?|[Nn][.°r]{0,2}")
_LEAST_CONFIDENCE = 0.45


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Places of running numbers, top to bottom.

    Attributes:
        cells: where they stand, in pixels of the prepared page.
        replaced: the indices of the words that were read in their place.
    """

    cells: tuple[Box, ...]
    replaced: tuple[int, ...]


def number_column(words: Sequence[ReadWord], found: PageStatistics, to_master: Affine, dpi: int) -> NumberColumn | None:
    """The longest column of what may be running numbers that were not read; ``None`` without one.

    Args:
        words: what was read, in the engine's order, boxes in pixels of the prepared page.
        found: the statistics of the upright page.
        to_master: from the prepared page to the upright one.
        dpi: the resolution of both.
    """
    doubtful = set(_doubtful(words))
    sure = [word.box for index, word in enumerate(words) if index not in doubtful]
    if len(sure) < _LEAST_CELLS:
        return None
    left, top, right, bottom = np.array([(box.x, box.y, box.right, box.bottom) for box in sure], np.float64).T
    x, y = (centres / found.scale for centres in letters_on_page(found, to_master))
    wide, tall = found.boxes[:, 2] / found.scale, found.boxes[:, 3] / found.scale
    low, high = (size * dpi for size in _LETTER_INCHES)
    digits = (tall >= low) & (tall <= high) & (x < np.median(left))
    x, y, wide, tall = x[digits], y[digits], wide[digits], tall[digits]
    in_row = (y[:, None] > top) & (y[:, None] < bottom)
    covered = (in_row & (x[:, None] > left) & (x[:, None] < right)).any(axis=1)
    if np.count_nonzero(~covered) > _MOST_SHARE * len(found.boxes):
        return None
    alone = ~covered & (in_row & (x[:, None] < left)).any(axis=1)
    boxes = [
        Box(round(at_x - w / 2), round(at_y - h / 2), round(w), round(h))
        for at_x, at_y, w, h in zip(x[alone], y[alone], wide[alone], tall[alone], strict=True)
    ]
    cells = _longest(_numbers(boxes, dpi), dpi)
    if len(cells) < _LEAST_CELLS:
        return None
    return NumberColumn(
        tuple(cells),
        tuple(index for index in sorted(doubtful) if any(_overlap(words[index].box, cell) for cell in cells)),
    )


def on_one_line(pixels: Gray, cells: Sequence[Box]) -> tuple[Gray, tuple[int, ...]]:
    """The cells of a page side by side with gaps between them, and where in that each one and the gap behind it end."""
    tall = round(median(cell.height for cell in cells))
    paper, height = int(np.percentile(pixels[::16, ::16], 75)), 2 * tall
    gap = np.full((height, _APART * tall), paper, np.uint8)
    parts, ends, end = [gap], [], gap.shape[1]
    for cell in cells:
        top = max(0, cell.bottom + tall // 2 - height)
        part = pixels[top : top + height, max(0, cell.x - tall // 4) : cell.right + tall // 2]
        part = np.pad(part, ((0, height - part.shape[0]), (0, 0)), constant_values=paper)
        parts += [part, gap]
        end += part.shape[1] + gap.shape[1]
        ends.append(end)
    return np.ascontiguousarray(np.hstack(parts)), tuple(ends)


def with_numbers(
    words: Sequence[ReadWord], column: NumberColumn, ends: Sequence[int], line: Sequence[ReadWord]
) -> tuple[tuple[ReadWord, ...], int]:
    """The words with the numbers that were read on one line, and how many these are.

    Args:
        words: those that the column was found among.
        column: where the numbers stand.
        ends: where on the line each of them and the gap behind it end.
        line: what was read there.
    """
    numbers: list[tuple[Box, ReadWord]] = []
    gap = _APART * round(median(cell.height for cell in column.cells))
    starts = (gap, *ends[:-1])
    for word in line:
        inside = [
            cell
            for cell, start, end in zip(column.cells, starts, ends, strict=True)
            if word.box.x < (start + end - gap) / 2 < word.box.right
        ]
        if len(inside) == 1:
            numbers.append((inside[0], word))
        elif len(inside) == len(word.text) and word.text.isdigit():  # read as one number, digit by digit
            numbers += [(cell, replace(word, text=digit)) for cell, digit in zip(inside, word.text, strict=True)]
    numbers = [
        (cell, word) for cell, word in numbers if _NUMBER.fullmatch(word.text) and word.confidence >= _LEAST_CONFIDENCE
    ]
    if sum(word.text[0].isdigit() for _, word in numbers) < max(_LEAST_CELLS, len(column.cells) / 2):
        return tuple(words), 0
    kept = [word for index, word in enumerate(words) if index not in column.replaced]
    block, number = max(word.block for word in words) + 1, max(word.line for word in words) + 1
    kept += [replace(word, box=cell, block=block, line=number + place) for place, (cell, word) in enumerate(numbers)]
    return tuple(kept), len(numbers)


def _doubtful(words: Sequence[ReadWord]) -> Iterator[int]:
    """The indices of the words of lines that run down the page, and of short ones that are not sure."""
    for _, group in groupby(range(len(words)), key=lambda index: words[index].line):
        line = list(group)
        box = words[line[0]].box
        for index in line[1:]:
            box = box.union(words[index].box)
        runs_down = len(line) >= _LEAST_CELLS and box.height > 3 * box.width
        for index in line:
            word = words[index]
            if runs_down or (word.confidence < _SURE and len(word.text) <= _FEW_CHARACTERS):
                yield index


def _numbers(digits: Sequence[Box], dpi: int) -> list[Box]:
    """Digits that stand close together on one row, joined."""
    joined: list[Box] = []
    for digit in sorted(digits, key=lambda box: box.x):
        for place, cell in enumerate(joined):
            beside = 0 <= digit.x - cell.right + 2 <= _GAP_INCHES * dpi
            if beside and abs(digit.bottom - cell.bottom) < 0.4 * cell.height:
                joined[place] = cell.union(digit)
                break
        else:
            joined.append(digit)
    return [cell for cell in joined if cell.width <= _CELL_INCHES * dpi]


def _longest(cells: Sequence[Box], dpi: int) -> list[Box]:
    """The most cells that stand below each other, top to bottom."""
    reach = _ALIGNED_INCHES * dpi
    columns = []
    for model in cells:
        near = [
            cell
            for cell in cells
            if min(
                abs(cell.x - model.x),
                abs(cell.right - model.right),
                abs(cell.x + cell.right - model.x - model.right) / 2,
            )
            <= reach
        ]
        columns.append(sorted(near, key=lambda cell: cell.y))
    return max(columns, key=len, default=[])


def _overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom
