"""What the other documents of a file and the file's own name say of a holder: a bare name needs one of them.

People put a person's papers into one folder and write the name on it. That is no proof of whose a paper is, but beside
a paper that bears the same name and nothing more it is the second witness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from faldone.classify.normalise import name_words
from faldone.classify.prior import PROVED_METHODS, is_sure, person_key
from faldone.domain.attribution import Attribution, Band, DocumentProposal, PersonMention
from faldone.domain.reasons import Reason

_NEIGHBOUR: Final = 0.5


def with_neighbours(proposals: Sequence[DocumentProposal], file: str) -> tuple[DocumentProposal, ...]:
    """The documents of one file, each with what its neighbours and the file's name say of its holder.

    Args:
        proposals: the documents, in order.
        file: its name with its folders.
    """
    return tuple(_vouched(proposal, proposals, file) for proposal in _between(proposals))


def _between(proposals: Sequence[DocumentProposal]) -> list[DocumentProposal]:
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
    return found


def _sure_holder(proposal: DocumentProposal) -> Attribution[PersonMention] | None:
    """The one proved holder of a document, or nobody."""
    if len(proposal.holders) != 1 or not is_sure(proposal.holders[0]):
        return None
    return proposal.holders[0] if proposal.holders[0].method in PROVED_METHODS else None


def _vouched(paper: DocumentProposal, proposals: Sequence[DocumentProposal], file: str) -> DocumentProposal:
    """A paper whose holder is known by the bare name alone, filed when a neighbour or the folder's name vouches."""
    if Reason.NAME_ALONE not in paper.reasons or len(paper.holders) != 1:
        return paper
    holder = paper.holders[0].value
    known = (_sure_holder(other) for other in proposals if other is not paper)
    proved = any(other is not None and person_key(other.value) == person_key(holder) for other in known)
    words = name_words(holder.name)
    on_folder = len(words) > 1 and set(words) <= set(name_words(file.replace("/", " ").replace("_", " ")))
    if not proved and not on_folder:
        return paper
    reasons = tuple(reason for reason in paper.reasons if reason is not Reason.NAME_ALONE)
    return replace(paper, reasons=reasons, band=paper.band if reasons else Band.AUTO)
