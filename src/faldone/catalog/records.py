"""The values that the record of truth speaks in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from faldone.domain.attribution import Band, DocumentProposal
from faldone.domain.batch import BatchFacts
from faldone.domain.campaign import CampaignId, Grade, RereadingId, RereadState
from faldone.domain.digest import Digest
from faldone.domain.ids import BatchId, DocumentId, IntakeId, PageId, PersonId
from faldone.domain.look import Mark
from faldone.domain.reasons import Reason
from faldone.domain.sheet import Sheet
from faldone.domain.signature import SignatureFacts
from faldone.domain.verdict import Verdict


class IntakeState(StrEnum):
    """What became of one arrival of a file."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class SourceState(StrEnum):
    """How far the bytes of a sealed file have come.

    An UNPACKED file is a container whose parts are files of their own; a NOTED one says something about others.
    """

    SEALED = "sealed"
    OPENED = "opened"
    PROPOSED = "proposed"
    UNPACKED = "unpacked"
    NOTED = "noted"
    QUARANTINED = "quarantined"


class PageState(StrEnum):
    """How far a page has come: PENDING waits for the first look, CHECKED for its text to be read."""

    PENDING = "pending"
    CHECKED = "checked"
    RECOGNISED = "recognised"
    QUARANTINED = "quarantined"


class FileState(StrEnum):
    """What a person is told of a file: the one word of `status` and of the exported results."""

    PROCESSING = "processing"
    FILED = "filed"
    REVIEW = "review"
    HELD = "held"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Batch:
    """Papers scanned together. ``code`` is what people call it, unique; closed when ``closed_at`` is set.

    ``inbox`` is the folder that its files come through, empty for any; ``by_hand`` tells one that somebody opened from
    one that a folder or a day opened by itself.
    """

    id: BatchId
    code: str
    inbox: str
    by_hand: bool
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    facts: BatchFacts

    @property
    def digest(self) -> Digest:
        """Over everything that is on record of it."""
        said = [self.id, self.code, self.inbox, str(self.by_hand), self.opened_at.isoformat(), str(self.closed_at)]
        return Digest.of("\0".join([*said, repr(self.facts)]).encode())


@dataclass(frozen=True, slots=True)
class Intake:
    """One arrival of a file. ``path`` is for people (odd bytes escaped), ``raw_path`` is the name to the byte.

    ``stamp`` is inode, size and time of change of the original, to know it again where it stays in the inbox.
    ``container`` is the file that it came in, for the parts of mails, archives and signed envelopes.
    """

    id: IntakeId
    batch: BatchId
    path: str
    raw_path: bytes
    source: Digest | None
    size: int
    arrived_at: dt.datetime
    state: IntakeState
    reason: Reason | None
    released: bool
    stamp: str = ""
    container: Digest | None = None

    @property
    def digest(self) -> Digest:
        """Over all that will not change: name to the byte, batch, bytes, time, state, reason and container."""
        said = [self.id, self.batch, self.raw_path.hex(), str(self.source), self.arrived_at.isoformat(), self.path]
        if self.container is not None:
            said.append(str(self.container))
        return Digest.of("\0".join([*said, str(self.size), self.state, str(self.reason)]).encode())


@dataclass(frozen=True, slots=True)
class Source:
    """The sealed bytes of a file. ``pages`` is unknown until the file was opened."""

    digest: Digest
    size: int
    media_type: str | None
    pages: int | None
    state: SourceState
    reason: Reason | None
    attempts: int
    sealed_at: dt.datetime
    signature: SignatureFacts | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page image of a sealed file; ``text`` names its recognition once there is one.

    ``verdict`` and ``mark`` are what the first look said; words read later may still tell a separator.
    """

    id: PageId
    source: Digest
    index: int
    state: PageState
    reason: Reason | None
    attempts: int
    text: Digest | None
    verdict: Verdict | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Two pages that are the same sheet; ``earlier`` came first. ``kind`` is that of :mod:`faldone.domain.likeness`."""

    page: PageId
    earlier: PageId
    kind: str
    score: float


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """A sheet that faldone printed: for which batch, if that was said, and the page on which it came back."""

    sheet: Sheet
    batch: BatchId | None
    printed_at: dt.datetime
    page: PageId | None


@dataclass(frozen=True, slots=True)
class Boundary:
    """What a person said of the 0-based page of a file: that a document starts there, or that none does."""

    number: int
    page: int
    starts: bool


@dataclass(frozen=True, slots=True)
class Campaign:
    """Pages that are read again: ``where`` says which, as it was typed; ``pages`` counts them by what came of them."""

    id: CampaignId
    where: str
    opened_at: dt.datetime
    pages: Mapping[RereadState, int]

    @property
    def due(self) -> int:
        """How many pages are still to be read again."""
        return self.pages.get(RereadState.DUE, 0)


@dataclass(frozen=True, slots=True)
class Rereading:
    """A page of a campaign.

    ``old`` and ``new`` are recognition keys, ``before`` and ``after`` the grades of their texts: what is not known
    (yet) is None.
    """

    id: RereadingId
    campaign: CampaignId
    page: PageId
    state: RereadState
    attempts: int
    reason: Reason | None = None
    old: Digest | None = None
    new: Digest | None = None
    before: Grade | None = None
    after: Grade | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A range of pages with the proposal in force; ``retired`` when a later proposal no longer has it.

    ``refused`` says that the index did not take it as it is.
    """

    id: DocumentId
    source: Digest
    version: int
    indexed_version: int
    retired: bool
    proposal: DocumentProposal
    refused: bool = False

    @property
    def span(self) -> range:
        """Its 0-based page indices in the file."""
        return self.proposal.span


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that waits for a person; ``together`` counts the documents that the same answer settles."""

    document: Document
    question: str
    together: int


@dataclass(frozen=True, slots=True)
class WaitingKey:
    """What tells that a document waits, without what is proposed for it: thousands of them are looked through at once.

    ``number`` rises in the order in which documents came to be; ``held`` is whether nothing could be read on it.
    """

    document: DocumentId
    number: int
    version: int
    held: bool
    question: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A document and where its paper lies: its batch, and the place of its file among all that came."""

    document: Document
    batch: BatchId
    file: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of unfinished work. ``attempts`` were begun so far, so (id, attempts) names one try of it."""

    id: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is to be done next, by step; ``index`` counts documents whose projection is behind.

    ``reread`` names re-readings of files that are attributed; nobody waits for them, so they come last.
    """

    open: tuple[Unit, ...]
    look: tuple[Unit, ...]
    recognise: tuple[Unit, ...]
    attribute: tuple[Unit, ...]
    reread: tuple[Unit, ...]
    index: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How much is in the archive and how much of it is done.

    ``files`` counts arrivals, duplicates included; ``unfinished`` counts sealed files on their way; ``behind_index``
    counts documents that the index does not hold as they are.
    """

    files: int
    pages: int
    pages_done: int
    documents: int
    unfinished: int
    behind_index: int

    @property
    def at_rest(self) -> bool:
        """Nothing is left to do but what waits for a person."""
        return not self.unfinished and not self.behind_index


@dataclass(frozen=True, slots=True)
class IndexLag:
    """How far the index is behind: how many documents, and since when the oldest of them is as it is now.

    ``refused`` counts documents that the index did not take; they wait for a change or a rebuild.
    """

    documents: int
    since: dt.datetime | None
    refused: int


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that somebody keeps: ``text`` as it is typed, ``by`` the account; a name is unique among one's own."""

    id: str
    name: str
    by: str
    text: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class FileReport:
    """One arrival as people are told of it; ``doubtful`` and ``bad`` count its pages with an amber or a red scan."""

    intake: Intake
    source: Source | None
    state: FileState
    reasons: tuple[Reason, ...]
    doubtful: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class LedgerTail:
    """The number of entries ever written and the hash of the last one."""

    length: int
    hash: str


@dataclass(frozen=True, slots=True)
class SavedProposal:
    """A proposal that changed what is said of a document; ``digest`` is that of its stored form."""

    document: DocumentId
    proposal: DocumentProposal
    digest: Digest
    retired: bool


class Change(StrEnum):
    """What an import made of a person; REFUSED when two on record are alike and nothing tells which one is meant."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a record before and after, empty where there was or is nothing; no name stands for the whole."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What an import made of one person."""

    person: PersonId
    what: Change
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import of persons changed, and the digest of the register after it.

    ``adopted`` are those who were known from papers only, and are in the register from now on.
    """

    added: int
    changed: int
    unchanged: int
    register: Digest
    refused: int = 0
    adopted: tuple[PersonId, ...] = ()


BAND_STATES: Mapping[Band, FileState] = {
    Band.AUTO: FileState.FILED,
    Band.REVIEW: FileState.REVIEW,
    Band.HOLD: FileState.HELD,
}
"""What a document's band makes of its file; the most doubtful document decides."""
