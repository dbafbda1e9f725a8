"""What people settle: a decision on a document, kept beside what the machine proposed and obeyed from then on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from faldone.domain.attribution import DocumentProposal, Protocol
from faldone.domain.ids import DocumentId, PersonId


@dataclass(frozen=True, slots=True)
class Settled:
    """The fields that a person settled; ``None`` is not spoken of. No ``holders`` at all says: nobody's paper."""

    holders: tuple[PersonId, ...] | None = None
    type: str | None = None
    service: str | None = None
    date: dt.date | None = None
    protocol: Protocol | None = None


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
    """

    document: DocumentId
    by: str
    at: dt.datetime
    judged: int
    settled: Settled
    whole: DocumentProposal | None = None
