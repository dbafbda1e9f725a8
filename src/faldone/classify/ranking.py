"""From scores to a choice: how sure the best is, how far the next is behind, and when to choose nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from faldone.domain.attribution import Attribution, Evidence


def choose(
    scores: Mapping[str, tuple[float, Sequence[Evidence]]], *, method: str, version: str, floor: float
) -> Attribution[str] | None:
    """The best code if its confidence reaches ``floor``; otherwise ``None``: unsure is unknown, not the most frequent.

    Confidence grows with the proof and falls with a rival's: ``(1 - e^-s1) * s1² / (s1² + s2²)``. Two rivals of equal
    weight give at most one half, so they are never chosen between.
    """
    ranked = sorted(
        ((score, code) for code, (score, _) in scores.items() if score > 0), key=lambda item: (-item[0], item[1])
    )
    if not ranked:
        return None
    first = ranked[0]
    second = ranked[1] if len(ranked) > 1 else (0.0, None)
    confidence = _confidence(first[0], second[0])
    if confidence < floor:
        return None
    margin = confidence - _confidence(second[0], first[0]) if second[1] else 1.0
    proofs = sorted(scores[first[1]][1], key=lambda proof: -proof.weight)[:4]
    return Attribution(first[1], round(confidence, 3), method, version, tuple(proofs), round(margin, 3), second[1])


def _confidence(score: float, rival: float) -> float:
    if score <= 0:
        return 0.0
    return min((1 - math.exp(-score)) * score * score / (score * score + max(rival, 0.0) ** 2), 0.99)
