"""Confidence as a probability."""

from itertools import pairwise

import pytest

from faldone.ocr.confidence import KNOTS, calibrated, said_of


def test_the_table_rises_in_both_columns():
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(KNOTS))


@pytest.mark.parametrize("said", [0.0, 0.3, 0.6, 0.7, 0.88, 0.93, 0.96, 1.0])
def test_what_the_engine_said_can_be_had_back(said):
    assert said_of(calibrated(said)) == pytest.approx(said)
    assert 0.0 <= calibrated(said) <= 1.0


def test_low_values_are_not_raised():
    assert [calibrated(said) for said in (0.0, 0.2, 0.5, 0.6)] == [0.0, 0.2, 0.5, pytest.approx(0.6)]
