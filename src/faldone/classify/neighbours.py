"""What the other documents of a file and the file's own name say of a paper's holder and of its service.

People put a person's papers into one folder and write the name on it. That is no proof of whose a paper is, but beside
a paper that bears the same name and nothing more it is the second witness.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from faldone.classify.doubts import PROVED_ALONE
from faldone.classify.normalise import name_words
from faldone.classify.persons.told import Beside
from faldone.classify.prior import PROVED_METHODS, is_sure, person_key
from faldone.domain.attribution import Attribution, Band, DocumentProposal, PersonMention
from faldone.domain.reasons import Reason

_BY_NAME: Final = frozenset({"person-name", "person-name-respelt", "person-ambiguous"})
_HIDDEN: Final = frozenset({"person-user-number", "person-initials"})
_BY_LITTLE: Final = _BY_NAME | _HIDDEN
_PROVING: Final = frozenset(f"person-{how}" for how in PROVED_ALONE)


def on_folder(file: str) -> Beside:
    """What the name of a file, with its folders, says."""
    return Beside(words=frozenset(name_words(file.replace("/", " ").replace("_", " "))))


def beside(proposals: Sequence[DocumentProposal], index: int, file: str) -> Beside:
    """What the document at this place lies with: whom the others of its file prove, and the folder's name."""
    others = [(other, holder) for place, other in enumerate(proposals) if place != index for holder in other.holders]
    proved = [(other, holder.value.person) for other, holder in others if holder.value.person and _is_proved(holder)]
    named = [holder.value.person for _, holder in others if holder.value.person and _is_named(holder)]
    return replace(
        on_folder(file),
        persons=frozenset(person for _, person in proved),
        named=frozenset(person for _, person in proved) | frozenset(named),
        served=frozenset((person, other.service.value) for other, person in proved if other.service is not None),
        strangers=any(
            not _is_proved(holder) and not _is_named(holder) and holder.method not in _HIDDEN for _, holder in others
        ),
    )


def is_known_by_little(proposal: DocumentProposal) -> bool:
    """Whether a holder is known by a name, a number or initials alone: what the paper lies with may say more."""
    return any(holder.method in _BY_LITTLE for holder in proposal.holders)


def with_namesakes_told(proposals: Sequence[DocumentProposal]) -> list[DocumentProposal]:
    """A bare name is not filed where another paper of the file proves somebody of that name who is not on record."""
    strangers = {
        frozenset(name_words(holder.value.name))
        for other in proposals
        for holder in other.holders
        if holder.value.person is None and holder.method in _PROVING
    }
    return [_told(paper, strangers) for paper in proposals]


def _told(paper: DocumentProposal, strangers: Collection[frozenset[str]]) -> DocumentProposal:
    bare = any(
        holder.method in _BY_NAME and frozenset(name_words(holder.value.name)) in strangers for holder in paper.holders
    )
    if not bare or Reason.NAME_ALONE in paper.reasons:
        return paper
    band = Band.REVIEW if paper.band is Band.AUTO else paper.band
    return replace(paper, reasons=(*paper.reasons, Reason.NAME_ALONE), band=band)


def _is_named(holder: Attribution[PersonMention]) -> bool:
    return is_sure(holder) and holder.method == "person-name"


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
