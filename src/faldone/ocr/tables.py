"""Ruled tables: the cells of a row are read as one line, and a text that wraps stays within its cell. Pure.

Without it, a row whose address takes two lines is read as two rows, the second one being half an address between
two other cells. The grid is found by pdfplumber's own rules, from the ruled lines.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from faldone.ocr.engine import ReadWord

Line = tuple[float, float, float, float]
"""A ruled line in pixels: x0, top, x1, bottom, with x0 = x1 or top = bottom."""

Cell = tuple[float, float, float, float]

_SNAP_EM, _SHORT_EM = 0.25, 0.6
_GUTTER_EM = 0.6
"""Between columns without a line there is at least this much white, in every row. A word space is 0.25 em."""

_WIDE_EM, _ROW_EM = 8, 6
"""The least width of a table, and the most height of a row, that has ruled rows only."""

_MAX_CELL_LINES = 4
"""A row with a longer cell is a frame around prose: its cells are read one after the other, lines and all."""

_MAX_LINES, _MAX_CROSSINGS = 600, 2500
"""More of them are not looked at: finding the grid takes longer than the square of their number. A table of 60 rows
and 20 columns has 1 281 crossings and takes 40 ms."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row of a table, from left to right."""

    cells: tuple[Cell, ...]


def tables(lines: Sequence[Line], words: Sequence[ReadWord]) -> tuple[tuple[Row, ...], ...]:
    """The tables that ``lines`` make around ``words``: at least two rows of two cells each.

    Where rows are ruled and columns are not, columns are where no word stands in any row.
    """
    if not words or not 3 <= len(lines) <= _MAX_LINES:
        return ()
    em = median(word.box.height for word in words)
    edges = [_edge(line) for line in lines if max(line[2] - line[0], line[3] - line[1]) > _SHORT_EM * em]
    edges += [_edge(line) for line in _gutters(edges, words, em)]
    snap = _SNAP_EM * em
    merged = merge_edges(edges, snap, snap, snap, snap)
    if len(merged) > _MAX_LINES:
        return ()
    crossings = edges_to_intersections(merged, snap, snap)
    if len(crossings) > _MAX_CROSSINGS:
        return ()
    cells = intersections_to_cells(crossings)
    found = (_rows(group, snap) for group in cells_to_tables(cells))
    return tuple(rows for rows in found if sum(len(row.cells) > 1 for row in rows) > 1)


def in_cells(words: Sequence[ReadWord], found: Sequence[Sequence[Row]]) -> tuple[ReadWord, ...]:
    """The words with those of the ``found`` tables put in order: a line a row, cell after cell.

    Lines and blocks are numbered anew; words outside of tables keep their order. A table stands where its first
    word stood.
    """
    if not found:
        return tuple(words)
    homes = _homes(words, [row for rows in found for row in rows])
    blocks = [number for number, rows in enumerate(found) for _ in rows]
    by_table: dict[int, dict[int, dict[int, list[ReadWord]]]] = {}
    for word, home in zip(words, homes, strict=True):
        if home is not None:
            row, cell = home
            by_table.setdefault(blocks[row], {}).setdefault(row, {}).setdefault(cell, []).append(word)
    lines: list[list[ReadWord]] = []
    told: set[int] = set()
    block = max(word.block for word in words)
    before: tuple[int, int] | None = None
    for word, home in zip(words, homes, strict=True):
        if home is not None:
            table = blocks[home[0]]
            if table not in told:
                told.add(table)
                for row in sorted(by_table[table]):
                    for group in _groups(by_table[table][row]):
                        block += 1
                        lines += [[replace(each, block=block) for each in line] for line in group]
            before = None
        elif before == (word.block, word.line):
            lines[-1].append(word)
        else:
            lines.append([word])
            before = (word.block, word.line)
    return tuple(replace(word, line=number) for number, line in enumerate(lines) for word in line)


def _edge(line: Line) -> dict[str, Any]:
    x0, top, x1, bottom = line
    return {
        "x0": x0, "x1": x1, "top": top, "bottom": bottom, "width": x1 - x0, "height": bottom - top,
        "orientation": "h" if x1 - x0 > bottom - top else "v", "object_type": "line",
    }  # fmt: skip


def _gutters(edges: Sequence[dict[str, Any]], words: Sequence[ReadWord], em: float) -> list[Line]:
    """Lines between the columns of tables that have ruled rows only."""
    stacks: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for edge in edges:
        if edge["orientation"] == "h" and edge["width"] > _WIDE_EM * em:
            stacks.setdefault((round(edge["x0"] / em), round(edge["x1"] / em)), []).append(edge)
    uprights = [edge for edge in edges if edge["orientation"] == "v"]
    found: list[Line] = []
    for stack in stacks.values():
        left, right = min(edge["x0"] for edge in stack), max(edge["x1"] for edge in stack)
        for levels in _runs(sorted({edge["top"] for edge in stack}), em):
            top, bottom = levels[0], levels[-1]
            if any(up["bottom"] > top and up["top"] < bottom and left - em < up["x0"] < right + em for up in uprights):
                continue
            inside = [word for word in words if _within(word, left, top, right, bottom)]
            gaps = _white([(word.box.x, word.box.right) for word in inside], em)
            if gaps and _full_rows(inside, levels, gaps):
                found += [(x, top, x, bottom) for x in (left, *gaps, right)]
    return found


def _runs(levels: Sequence[float], em: float) -> list[list[float]]:
    """Levels of at least three rules that follow each other as closely as the rows of a table."""
    runs: list[list[float]] = []
    for level in levels:
        if runs and level - runs[-1][-1] <= _ROW_EM * em:
            runs[-1].append(level)
        else:
            runs.append([level])
    return [run for run in runs if len(run) > 2]


def _within(word: ReadWord, left: float, top: float, right: float, bottom: float) -> bool:
    x, y = word.box.x + word.box.width / 2, word.box.y + word.box.height / 2
    return left <= x <= right and top < y < bottom


def _full_rows(words: Sequence[ReadWord], levels: Sequence[float], gaps: Sequence[float]) -> bool:
    """Whether every row has words in two columns at least: rules between headings and prose are no table."""
    columns: dict[int, set[int]] = {row: set() for row in range(1, len(levels))}
    for word in words:
        row = bisect(levels, word.box.y + word.box.height / 2)
        columns[row].add(bisect(gaps, word.box.x + word.box.width / 2))
    return all(len(found) > 1 for found in columns.values())


def _white(spans: Iterable[tuple[int, int]], em: float) -> list[float]:
    """The middles of what no span covers, between the first and the last."""
    gaps: list[float] = []
    reach: float | None = None
    for x0, x1 in sorted(spans):
        if reach is not None and x0 - reach > _GUTTER_EM * em:
            gaps.append((x0 + reach) / 2)
        reach = x1 if reach is None else max(reach, x1)
    return gaps


def _rows(cells: Sequence[Cell], snap: float) -> tuple[Row, ...]:
    """Rows by where cells begin; a cell that spans several rows belongs to the first of them."""
    rows: list[list[Cell]] = []
    for cell in sorted(cells, key=lambda cell: (cell[1], cell[0])):
        if rows and abs(rows[-1][0][1] - cell[1]) <= snap:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return tuple(Row(tuple(sorted(row))) for row in rows)


def _homes(words: Sequence[ReadWord], rows: Sequence[Row]) -> list[tuple[int, int] | None]:
    """For each word the numbers of its row and cell, when its middle stands in one."""
    cells = [(row, number, cell) for row, one in enumerate(rows) for number, cell in enumerate(one.cells)]
    if not cells:
        return [None] * len(words)
    x0, top, x1, bottom = np.array([cell for _, _, cell in cells]).T
    homes: list[tuple[int, int] | None] = []
    for word in words:
        x, y = word.box.x + word.box.width / 2, word.box.y + word.box.height / 2
        inside = np.flatnonzero((x0 <= x) & (x < x1) & (top <= y) & (y < bottom))
        homes.append(cells[int(inside[0])][:2] if len(inside) else None)
    return homes


def _groups(row: dict[int, list[ReadWord]]) -> list[list[list[ReadWord]]]:
    """The row as one group of one line; or, when a cell of it is prose, a group of lines for each cell."""
    cells = [_cell_lines(row[number]) for number in sorted(row)]
    if len(cells) == 1 or max(map(len, cells)) > _MAX_CELL_LINES:
        return cells
    return [[[word for cell in cells for line in cell for word in line]]]


def _cell_lines(words: Sequence[ReadWord]) -> list[list[ReadWord]]:
    """A cell's words, line by line from the top."""
    ordered = sorted(words, key=lambda word: word.box.y + word.box.height / 2)
    lines: list[list[ReadWord]] = [[ordered[0]]]
    for before, word in pairwise(ordered):
        drop = (word.box.y + word.box.height / 2) - (before.box.y + before.box.height / 2)
        if drop > 0.45 * min(word.box.height, before.box.height):
            lines.append([])
        lines[-1].append(word)
    return [sorted(line, key=lambda word: word.box.x) for line in lines]
