"""From scores to a choice: how sure the best is, how far the next is behind, and when to choose nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from faldone.domain.attribution import Attribution, Evidence

# By taxonomy, pairs (raw, true): of the choices of about this raw value the share that was right, made monotone.
# Generated papers all have a known type; a real one may have none, so thin proof (the second point of «type», set by
# hand) claims no more than its raw value.
# Printed by `python -m tests.bench.calibration --home ... --truth ... --seeds 2 3` (generated papers, two generators).
_CALIBRATION: Final[Mapping[str, Sequence[tuple[float, float]]]] = {
    "type": (
        (0.0, 0.0),
        (0.48, 0.48),
        (0.52, 0.89),
        (0.66, 0.921),
        (0.79, 0.98),
        (0.88, 0.989),
        (0.93, 0.997),
        (0.97, 0.999),
    ),
    "service": (
        (0.0, 0.0),
        (0.29, 0.071),
        (0.45, 0.389),
        (0.61, 0.715),
        (0.75, 0.794),
        (0.83, 0.845),
        (0.88, 0.957),
        (0.93, 0.989),
        (0.98, 0.998),
    ),
}


def choose(
    scores: Mapping[str, tuple[float, Sequence[Evidence]]], *, method: str, version: str, floor: float
) -> Attribution[str] | None:
    """The best code if its confidence reaches ``floor``; otherwise ``None``: unsure is unknown, not the most frequent.

    The raw value grows with the proof and falls with a rival's: ``(1 - e^-s1) * s1² / (s1² + s2²)``; the confidence is
    how often choices of that raw value were right. ``method`` begins with the taxonomy's name («type-lexicon»).
    """
    curve = _CALIBRATION.get(method.partition("-")[0], ())
    ranked = sorted(
        ((score, code) for code, (score, _) in scores.items() if score > 0), key=lambda item: (-item[0], item[1])
    )
    if not ranked:
        return None
    first = ranked[0]
    second = ranked[1] if len(ranked) > 1 else (0.0, None)
    confidence = calibrated(raw_confidence(first[0], second[0]), curve)
    if confidence < floor or first[0] == second[0]:
        return None
    margin = confidence - calibrated(raw_confidence(second[0], first[0]), curve) if second[1] else 1.0
    proofs = sorted(scores[first[1]][1], key=lambda proof: -proof.weight)[:4]
    return Attribution(first[1], round(confidence, 3), method, version, tuple(proofs), round(margin, 3), second[1])


def calibrated(raw: float, curve: Sequence[tuple[float, float]]) -> float:
    """The value of ``raw`` on a rising curve of (raw, true) points, straight between them; ``raw`` without one."""
    if not curve:
        return raw
    before = curve[0]
    for point in curve:
        if raw <= point[0]:
            width = point[0] - before[0]
            return point[1] if width <= 0 else before[1] + (point[1] - before[1]) * (raw - before[0]) / width
        before = point
    return before[1]


def raw_confidence(score: float, rival: float) -> float:
    """How much a score stands out from the next one, from 0.0 to 0.99; not yet a probability."""
    if score <= 0:
        return 0.0
    return min((1 - math.exp(-score)) * score * score / (score * score + max(rival, 0.0) ** 2), 0.99)
