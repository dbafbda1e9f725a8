"""Reading order: lines that stand beside each other are one row. Pure.

On a form or a table the engine finds blocks («Cognome», «Nome» on the left, their values on the right) and reads
one block after the other; a person reads across. On a page set in two columns of prose it is the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

from faldone.domain.page import Box
from faldone.ocr.engine import ReadWord

_SAME_ROW = 0.45
"""Centres nearer than this share of the median word height are on one row (measured, 55 forms and tables)."""

_COLUMN_LINES, _COLUMN_WORDS = 6, 4
"""A block with this many lines of this many words is a column of prose."""


@dataclass(slots=True)
class _Line:
    words: list[ReadWord]
    box: Box

    @property
    def centre(self) -> float:
        return self.box.y + self.box.height / 2


def in_rows(words: Sequence[ReadWord]) -> tuple[ReadWord, ...]:
    """The words in the order in which a person reads them, their lines counted anew from 0.

    Args:
        words: in the engine's order, with its blocks and lines.
    """
    lines = [_line(list(group)) for _, group in groupby(words, key=lambda word: word.line)]
    if not _has_columns(lines):
        lines = _merged(lines)
    return tuple(replace(word, line=number) for number, line in enumerate(lines) for word in line.words)


def _line(words: list[ReadWord]) -> _Line:
    box = words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    return _Line(words, box)


def _has_columns(lines: Sequence[_Line]) -> bool:
    prose: list[Box] = []
    by_block: dict[int, list[_Line]] = {}
    for line in lines:
        by_block.setdefault(line.words[0].block, []).append(line)
    for block in by_block.values():
        long = [line for line in block if len(line.words) >= _COLUMN_WORDS]
        if len(long) >= _COLUMN_LINES:
            box = long[0].box
            for line in long[1:]:
                box = box.union(line.box)
            prose.append(box)
    return any(
        (one.right <= other.x or other.right <= one.x)
        and min(one.bottom, other.bottom) - max(one.y, other.y) > 0.3 * min(one.height, other.height)
        for number, one in enumerate(prose)
        for other in prose[number + 1 :]
    )


def _merged(lines: list[_Line]) -> list[_Line]:
    """Joins what stands on one row, top to bottom, left to right."""
    heights = [word.box.height for line in lines for word in line.words]
    if not heights:
        return []
    reach = _SAME_ROW * median(heights)
    rows: list[list[_Line]] = []
    for line in sorted(lines, key=lambda line: line.centre):
        for row in reversed(rows[-4:]):
            if _fits(line, row, reach):
                row.append(line)
                break
        else:
            rows.append([line])
    rows.sort(key=lambda row: min(line.centre for line in row))
    merged: list[_Line] = []
    for row in rows:
        row.sort(key=lambda line: line.box.x)
        merged.append(_line([word for line in row for word in line.words]))
    return merged


def _fits(line: _Line, row: list[_Line], reach: float) -> bool:
    nearest = min(row, key=lambda other: abs(other.centre - line.centre))
    return abs(nearest.centre - line.centre) < reach and all(
        line.box.right <= other.box.x or other.box.right <= line.box.x for other in row
    )
