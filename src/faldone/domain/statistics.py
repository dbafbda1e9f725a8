"""Tables of counts that may be shown: a cell so small that it could point at somebody is withheld, for good.

Withholding the small cells alone is not enough: with the totals beside them they can be worked out. A withheld cell of
a table with totals can be worked out exactly when, in the graph whose vertices are rows and columns and whose edges are
the withheld cells, it is a bridge (D. Gusfield, «A graph theoretic approach to statistical data security», SIAM J.
Comput. 17(3), 1988). Further cells are withheld until there is none. All of them bear the same mark: one that told the
small from the others would narrow the small ones down again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

LEAST: Final = 5
"""Counts under this are withheld, but for 0: nobody is in it."""

TOTAL: Final = "Totale"
"""What the last row and the last column are called."""

_Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CountTable:
    """Counts by two things. The last row and the last column are totals; a withheld count is None."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]

    @property
    def withheld(self) -> int:
        """How many cells are withheld."""
        return sum(cell is None for row in self.cells for cell in row)


def count_table(rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]) -> CountTable:
    """A table that may be shown, with its totals.

    Args:
        rows: what the rows are called.
        columns: what the columns are called.
        counts: for each row a count for each column, without totals.
    """
    full = [[*row, sum(row)] for row in counts]
    full.append([sum(column) for column in zip(*full, strict=True)] if full else [0] * (len(columns) + 1))
    hidden = {(r, c) for r, row in enumerate(full) for c, count in enumerate(row) if 0 < count < LEAST}
    while (more := _next_to_hide(full, hidden)) is not None:
        hidden.add(more)
    cells = tuple(
        tuple(None if (r, c) in hidden else count for c, count in enumerate(row)) for r, row in enumerate(full)
    )
    return CountTable((*rows, TOTAL), (*columns, TOTAL), cells)


def withhold_small(counts: Sequence[int]) -> list[int | None]:
    """A list of counts that is shown without its total: only the small ones are withheld."""
    return [None if 0 < count < LEAST else count for count in counts]


def _next_to_hide(full: Sequence[Sequence[int]], hidden: set[_Cell]) -> _Cell | None:
    """The smallest count whose withholding protects a cell that can still be worked out."""
    for cell in sorted(hidden):
        if _is_bridge(cell, hidden):
            near = [one for one in _in_line(cell, full) if one not in hidden and full[one[0]][one[1]] > 0]
            if near:
                return min(near, key=lambda one: (full[one[0]][one[1]], one))
    return None


def _in_line(cell: _Cell, full: Sequence[Sequence[int]]) -> Iterator[_Cell]:
    row, column = cell
    yield from ((row, c) for c in range(len(full[row])))
    yield from ((r, column) for r in range(len(full)))


def _is_bridge(cell: _Cell, hidden: set[_Cell]) -> bool:
    """Whether a row and a column hang together by this cell alone."""
    rows, columns = {cell[0]}, set[int]()
    rest = hidden - {cell}
    while True:
        reached = {c for r, c in rest if r in rows} - columns
        columns |= reached
        if cell[1] in columns:
            return False
        further = {r for r, c in rest if c in columns} - rows
        rows |= further
        if not reached and not further:
            return True
