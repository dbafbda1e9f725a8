from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from faldone.domain.statistics import LEAST, count_table, withhold_small

_COUNTS = st.integers(1, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.one_of(st.integers(0, 6), st.integers(0, 60)), min_size=columns, max_size=columns),
        min_size=1,
        max_size=5,
    )
)


def test_a_small_count_and_what_would_give_it_away_are_withheld() -> None:
    table = count_table(["a", "b"], ["x", "y"], [[3, 20], [40, 50]])
    assert table.cells[0][0] is None
    assert table.withheld >= 4  # one cell alone could be had from any of its two totals


def test_a_table_without_small_counts_is_whole() -> None:
    table = count_table(["a", "b"], ["x", "y"], [[5, 0], [7, 12]])
    assert table.cells == ((5, 0, 5), (7, 12, 19), (12, 12, 24))


def test_an_empty_table_has_its_totals() -> None:
    assert count_table([], ["x"], []).cells == ((0, 0),)


def test_a_list_withholds_small_counts_only() -> None:
    assert withhold_small([0, 1, 4, 5]) == [0, None, None, 5]


@settings(max_examples=120, deadline=None)
@given(_COUNTS)
def test_no_small_count_can_be_worked_out_from_what_is_shown(counts: list[list[int]]) -> None:
    rows, columns = len(counts), len(counts[0])
    table = count_table([str(r) for r in range(rows)], [str(c) for c in range(columns)], counts)
    full = np.zeros((rows + 1, columns + 1), dtype=int)
    full[:rows, :columns] = counts
    full[rows, :] = full[:rows].sum(axis=0)
    full[:, columns] = full[:, :columns].sum(axis=1)
    index = {(r, c): r * (columns + 1) + c for r in range(rows + 1) for c in range(columns + 1)}
    equations, values = [], []
    for r in range(rows + 1):
        line = np.zeros(len(index))
        for c in range(columns):
            line[index[r, c]] = 1
        line[index[r, columns]] = -1
        equations.append(line), values.append(0)
    for c in range(columns + 1):
        line = np.zeros(len(index))
        for r in range(rows):
            line[index[r, c]] = 1
        line[index[rows, c]] = -1
        equations.append(line), values.append(0)
    for (r, c), place in index.items():
        shown = table.cells[r][c]
        if shown is not None:
            assert shown == full[r, c]
            line = np.zeros(len(index))
            line[place] = 1
            equations.append(line), values.append(shown)
    for (r, c), place in index.items():
        if 0 < full[r, c] < LEAST:
            aim = np.zeros(len(index))
            aim[place] = 1
            least = linprog(aim, A_eq=np.array(equations), b_eq=values, bounds=(0, None))
            most = linprog(-aim, A_eq=np.array(equations), b_eq=values, bounds=(0, 1000))
            assert -most.fun - least.fun > 0.5, (counts, r, c)
