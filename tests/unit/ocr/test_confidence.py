"""Confidence as a probability."""

from itertools import pairwise

import pytest

from faldone.ocr.confidence import KNOTS, calibrated


def test_the_table_rises_in_both_columns():
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(KNOTS))


def test_what_stands_in_the_table_is_said_and_between_it_the_line():
    assert [calibrated(said) for said, _ in KNOTS] == pytest.approx([worth for _, worth in KNOTS])
    (low, below), (high, above) = KNOTS[1:3]
    assert calibrated((low + high) / 2) == pytest.approx((below + above) / 2)


def test_low_values_are_not_raised():
    assert [calibrated(said) for said in (0.0, 0.2, 0.5, 0.6)] == [0.0, 0.2, 0.5, pytest.approx(0.6)]
