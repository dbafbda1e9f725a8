"""The engine's confidence as a probability: of a hundred words said to be 0.9 sure, ninety are right. Pure.

The table follows what ``python -m tests.bench.reading --fit`` prints for the demo's pages (15 000 words, all damages):
of words of which the engine says 0.96 no more than two in 1 000 are wrong, at 0.92 four in 100. Below 0.6 its own
number stays: there the demo's words are right in 54-66 % of cases, those of real typescripts in 42 %, and who asks
whether a word is sure had better hear the lower one.
"""

from __future__ import annotations

import numpy as np

KNOTS = ((0.0, 0.0), (0.60, 0.60), (0.75, 0.77), (0.85, 0.89), (0.92, 0.962), (0.95, 0.993), (1.0, 0.999))
"""What the engine says and what it is worth, strictly rising; linear in between."""


def calibrated(said: float) -> float:
    """The probability (0–1) that a word is right of which the engine says this confidence (0–1)."""
    return float(np.interp(said, [knot[0] for knot in KNOTS], [knot[1] for knot in KNOTS]))
