"""The measurement of tests/bench/sheets.py in its short form."""

from __future__ import annotations

import pytest

from tests.bench.sheets import run


@pytest.mark.slow
def test_sheets_are_read_from_bad_scans_and_ordinary_pages_pass_quietly():
    count = run(60, 60, seed=1).count

    assert count["sheets"] == count["read"] == 60
    assert count["wrong"] == 0
    assert count["pages"] == 60
    assert count["false"] == count["doubtful pages"] == 0
