"""What people settle: a decision on a document, kept beside what the machine proposed and obeyed from then on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from faldone.domain.attribution import DocumentProposal, Protocol
from faldone.domain.ids import DocumentId, PersonId

ALONE = "-"
"""The end of a question that no other document shares."""

RECHECK = f"recheck:{ALONE}"
"""The question of a document that was filed by itself and is asked again, blind."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a waiting document asks a person.

    ``question`` is the same on all documents that one answer settles; ``keys`` name the persons on the document, so
    that it is found again when one of them becomes known.
    """

    question: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Settled:
    """The fields that a person settled; ``None`` is not spoken of. No ``holders`` at all says: nobody's paper.

    ``not_of`` are persons whose paper it is not, though it may not be known whose it is.
    """

    holders: tuple[PersonId, ...] | None = None
    type: str | None = None
    service: str | None = None
    date: dt.date | None = None
    protocol: Protocol | None = None
    not_of: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on a document.

    Attributes:
        document: the document.
        by: who decided, as the account is called.
        at: when, aware UTC.
        judged: the version of the proposal that was looked at.
        settled: the fields that were said.
        whole: the document as it stands from now on when everything in it was confirmed; it never changes by itself.
            ``None`` when only ``settled`` was spoken of, as in a decision over many documents.
        made_known: the persons that were only found on papers, or on no record at all, until this decision.
        together: the same on decisions that were made at one stroke, and can be taken back so.
        blind: of a re-check what was said before the proposal was shown; ``None`` on every other decision.
    """

    document: DocumentId
    by: str
    at: dt.datetime
    judged: int
    settled: Settled
    whole: DocumentProposal | None = None
    together: str | None = None
    made_known: tuple[PersonId, ...] = ()
    blind: Settled | None = None
