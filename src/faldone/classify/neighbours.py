"""What the other documents of a file and the file's own name say of a paper's holder and of its service.

People put a person's papers into one folder and write the name on it. That is no proof of whose a paper is, but beside
a paper that bears the same name and nothing more it is the second witness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from faldone.classify.normalise import name_words
from faldone.classify.persons.told import Beside
from faldone.classify.prior import PROVED_METHODS, is_sure, person_key
from faldone.domain.attribution import Attribution, Band, DocumentProposal, PersonMention
from faldone.domain.reasons import Reason

_NEIGHBOUR: Final = 0.5
_BY_NAME: Final = frozenset({"person-name", "person-name-respelt", "person-ambiguous"})


def on_folder(file: str) -> Beside:
    """What the name of a file, with its folders, says."""
    return Beside(words=frozenset(name_words(file.replace("/", " ").replace("_", " "))))


def beside(proposals: Sequence[DocumentProposal], index: int, file: str) -> Beside:
    """What the document at this place lies with: whom the others of its file prove, and the folder's name."""
    persons = frozenset(
        holder.value.person
        for place, other in enumerate(proposals)
        for holder in other.holders
        if place != index and holder.value.person is not None and _is_proved(holder)
    )
    return replace(on_folder(file), persons=persons)


def is_known_by_name(proposal: DocumentProposal) -> bool:
    """Whether one of the holders is known by a name alone, so that what the paper lies with may say more."""
    return any(holder.method in _BY_NAME for holder in proposal.holders)


def between_two(proposals: Sequence[DocumentProposal]) -> tuple[DocumentProposal, ...]:
    """Where a document that names nobody lies between two of one person, that person is proposed.

    Only a guess for the reviewer: it is never filed by it. Pages left out between two documents are a separator, and
    what lies behind one is not of the person before it.
    """
    found = list(proposals)
    for index in range(1, len(proposals) - 1):
        before, paper, after = proposals[index - 1 : index + 2]
        if Reason.NO_HOLDER not in paper.reasons or paper.holders or paper.band is not Band.REVIEW:
            continue
        touching = before.last_page + 1 == paper.first_page and paper.last_page + 1 == after.first_page
        sure = _sure_holder(before)
        other = _sure_holder(after)
        if touching and sure is not None and other is not None and person_key(sure.value) == person_key(other.value):
            guess = replace(
                sure, confidence=_NEIGHBOUR, method="person-neighbours", evidence=(), margin=1.0, runner_up=None
            )
            found[index] = replace(paper, persons=(guess, *paper.persons))
    return tuple(found)


def _sure_holder(proposal: DocumentProposal) -> Attribution[PersonMention] | None:
    """The one proved holder of a document, or nobody."""
    if len(proposal.holders) != 1 or not _is_proved(proposal.holders[0]):
        return None
    return proposal.holders[0]


def _is_proved(holder: Attribution[PersonMention]) -> bool:
    return is_sure(holder) and holder.method in PROVED_METHODS


def with_agreed_service(proposals: Sequence[DocumentProposal], firm: float) -> list[DocumentProposal]:
    """A service that a paper only hints at is sure where the others of the same person in the file all name it.

    Args:
        proposals: the documents of the file.
        firm: the least confidence of a service for filing.
    """
    return [_agreed(paper, proposals, firm) for paper in proposals]


def _agreed(paper: DocumentProposal, proposals: Sequence[DocumentProposal], firm: float) -> DocumentProposal:
    hint = paper.service
    if hint is None or hint.confidence >= firm or Reason.SERVICE_UNSURE not in paper.reasons:
        return paper
    mine = {person_key(holder.value) for holder in paper.holders}
    named = {
        other.service.value
        for other in proposals
        if other.service is not None
        and other.service.confidence >= firm
        and mine & {person_key(holder.value) for holder in other.holders}
    }
    if named != {hint.value}:
        return paper
    reasons = tuple(reason for reason in paper.reasons if reason is not Reason.SERVICE_UNSURE)
    band = paper.band if reasons else Band.AUTO
    return replace(paper, service=replace(hint, confidence=firm), reasons=reasons, band=band)
