"""What becomes of a document: filed by itself, shown to a person, or held back. Precision first.

A paper in the wrong person's dossier is the worst error, so every doubt sends it to review; the thresholds can only
make review larger or smaller, no rule files an unknown holder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from faldone.classify.holders import AUTO_HOLDER
from faldone.domain.attribution import Band
from faldone.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The least confidences (0.0–1.0) for filing without a person's look.

    ``words`` is the mean confidence of the words below which a page counts as hard to read.
    """

    holder: float = AUTO_HOLDER
    type: float = 0.85
    service: float = 0.8
    words: float = 0.55


DEFAULT_THRESHOLDS = Thresholds()
_ORDER = (
    Reason.PAGE_UNREADABLE,
    Reason.ALL_BLANK,
    Reason.NO_TEXT,
    Reason.COLLECTIVE_DOCUMENT,
    Reason.NO_HOLDER,
    Reason.SEVERAL_HOLDERS,
    Reason.HOLDER_NOT_IN_REGISTER,
    Reason.CF_REPAIRED,
    Reason.HOLDER_UNSURE,
    Reason.NAME_ALONE,
    Reason.INITIALS_ALONE,
    Reason.SEPARATOR_UNSURE,
    Reason.PAGE_MISSING,
    Reason.BLANK_INSIDE,
    Reason.SCAN_BAD,
    Reason.SIGNATURE_BROKEN,
    Reason.BOUNDARY_UNSURE,
    Reason.DATE_IMPOSSIBLE,
    Reason.TYPE_UNSURE,
    Reason.SERVICE_UNSURE,
    Reason.LOW_LEGIBILITY,
)
_SAID_OF_HOLDER = frozenset({Reason.NO_HOLDER, Reason.COLLECTIVE_DOCUMENT, Reason.INITIALS_ALONE})
_HELD = frozenset({Reason.NO_TEXT, Reason.ALL_BLANK})


def decide(
    reasons: Iterable[Reason],
    *,
    holder: float,
    type_confidence: float | None,
    service_confidence: float | None,
    nothing_read: bool,
    service_needed: bool = True,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> tuple[Band, tuple[Reason, ...]]:
    """The band and the reasons that keep the document from being filed, most important first.

    Args:
        reasons: what the rules found amiss.
        holder: the least confidence among the holders, 0.0 without one.
        type_confidence: confidence of the type, ``None`` when it is unknown.
        service_confidence: confidence of the service, ``None`` when it is unknown.
        nothing_read: no page of the document gave any text: there is nothing to review yet.
        service_needed: false for the person's own papers, which no service is named on.
        thresholds: the least confidences.
    """
    found = set(reasons)
    if type_confidence is None or type_confidence < thresholds.type:
        found.add(Reason.TYPE_UNSURE)
    if service_confidence is None and not service_needed:
        pass  # a card or a certificate: it goes to the person, and a service takes it up later
    elif service_confidence is None or service_confidence < thresholds.service:
        # A paper without a service is seen by intake staff alone: filing it so would lose it for everybody else.
        found.add(Reason.SERVICE_UNSURE)
    if holder < thresholds.holder and not found & _SAID_OF_HOLDER:
        found.add(Reason.HOLDER_UNSURE)
    if nothing_read:
        return Band.HOLD, tuple(reason for reason in _ORDER if reason in found & (_HELD | {Reason.PAGE_UNREADABLE}))
    ordered = tuple(reason for reason in _ORDER if reason in found) + tuple(sorted(found - set(_ORDER)))
    if found & _HELD:
        return Band.HOLD, ordered
    return (Band.REVIEW, ordered) if ordered else (Band.AUTO, ())
