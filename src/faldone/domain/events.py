"""Events: what was done to what, when, by whom, with which outcome.

The vocabulary is that of PREMIS events in the grammar ``subject:object:action``. An event holds ids, digests,
codes and versions, **never a name or a word of a page**: the ledger cannot forget, and erasure must stay possible.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from faldone import __version__

AGENT = f"faldone/{__version__}"
"""The PREMIS agent of what faldone itself does."""


def user_agent(account: str) -> str:
    """The PREMIS agent of what a person does: the name of the account, which is an id, not the person's name."""
    return f"user:{account}"


class EventType(StrEnum):
    """The types of events; the comment names the PREMIS event type each one stands for."""

    ARCHIVE_CREATED = "archive:home:created"  # creation
    PERSONS_IMPORTED = "register:persons:imported"  # metadata modification
    REGISTER_READ = "register:persons:read"  # access
    PERSON_FOUND = "register:person:found"  # metadata extraction
    PERSON_CONFIRMED = "register:person:confirmed"  # validation
    PERSON_DOUBTED = "register:person:doubted"  # validation
    PERSON_ADOPTED = "register:person:adopted"  # metadata modification
    PERSON_MERGED = "register:person:merged"  # metadata modification
    PERSON_UNMERGED = "register:person:unmerged"  # metadata modification
    FILE_HANDED_IN = "intake:file:handed-in"  # transfer
    FILE_SEALED = "intake:file:sealed"  # capture, message digest calculation
    FILE_DUPLICATE = "intake:file:duplicate"  # capture (same bytes met again)
    FILE_OPENED = "source:file:opened"  # format identification, validation
    FILE_UNPACKED = "source:file:unpacked"  # unpacking, digital signature validation
    FILE_NOTED = "source:file:noted"  # metadata extraction
    FILE_QUARANTINED = "source:file:quarantined"  # quarantine
    FILE_RETRIED = "source:file:retried"  # metadata modification
    FILE_EXCLUDED = "intake:file:excluded"  # quality review
    REFUSAL_LIFTED = "intake:refusal:lifted"  # quality review
    PAGE_CHECKED = "page:scan:checked"  # quality review
    PAGE_LINKED = "page:scan:linked"  # metadata extraction
    PAGE_JUDGED = "page:scan:judged"  # quality review
    PAGE_EXCLUDED = "page:scan:excluded"  # quality review
    PAGE_RETRIED = "page:image:retried"  # metadata modification
    PAGE_RECOGNISED = "page:text:recognised"  # transcription
    PAGE_QUARANTINED = "page:image:quarantined"  # quarantine
    PAGE_REREAD = "page:text:reread"  # transcription
    CAMPAIGN_OPENED = "ocr:campaign:opened"  # creation
    DOCUMENT_PROPOSED = "document:attribution:proposed"  # metadata extraction
    DOCUMENT_RETIRED = "document:attribution:retired"  # metadata modification
    DOCUMENT_INDEXED = "document:index:written"  # dissemination
    INDEX_REBUILT = "index:documents:rebuilt"  # dissemination
    INDEX_REPAIRED = "index:documents:repaired"  # dissemination
    SEARCH_SAVED = "search:query:saved"  # creation
    SEARCH_DELETED = "search:query:deleted"  # deletion
    SEARCH_EXPORTED = "search:results:exported"  # dissemination
    DOCUMENT_COPIED = "document:copy:written"  # normalization
    DOCUMENT_DECIDED = "document:attribution:decided"  # metadata modification
    BOUNDARY_DECIDED = "document:boundary:decided"  # metadata modification
    MODEL_TRAINED = "classify:model:trained"  # creation
    BATCH_OPENED = "intake:batch:opened"  # creation
    BATCH_DESCRIBED = "intake:batch:described"  # metadata modification
    BATCH_RECOUNTED = "intake:batch:recounted"  # metadata modification
    BATCH_CLOSED = "intake:batch:closed"  # validation
    SHEETS_PRINTED = "sheet:run:printed"  # creation
    SHEET_SEEN = "sheet:paper:seen"  # metadata extraction
    ACCOUNT_CHANGED = "account:user:changed"  # policy assignment
    CREDENTIALS_CHANGED = "account:credentials:changed"  # policy assignment
    SESSION_OPENED = "account:session:opened"  # access
    SESSION_REFUSED = "account:session:refused"  # access
    SESSION_CLOSED = "account:session:closed"  # access
    ACCESS_REFUSED = "access:subject:refused"  # access
    REASON_GIVEN = "access:reason:given"  # access
    GLASS_BROKEN = "access:glass:broken"  # access
    SEARCH_RUN = "search:query:run"  # access
    DOSSIER_VIEWED = "dossier:view:opened"  # access
    DOSSIER_EXPORTED = "dossier:copy:exported"  # dissemination
    DOCUMENT_VIEWED = "document:view:opened"  # access
    DOCUMENT_DOWNLOADED = "document:file:downloaded"  # dissemination
    PAGE_DELIVERED = "page:view:delivered"  # access
    PAGE_SEEN = "page:view:seen"  # access
    PAGE_TURNED = "page:view:turned"  # metadata modification
    PAGES_REORDERED = "document:pages:reordered"  # metadata modification
    LEDGER_READ = "audit:ledger:read"  # access
    ARCHIVE_VERIFIED = "audit:archive:verified"  # fixity check
    REPORT_EXPORTED = "audit:report:exported"  # dissemination
    STATISTICS_EXPORTED = "statistics:table:exported"  # dissemination


class Outcome(StrEnum):
    """How an event ended."""

    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``at`` is aware UTC; ``detail`` holds JSON scalars only (ids, digests, codes, versions, counts)."""

    type: EventType
    subject: str
    at: dt.datetime
    agent: str
    outcome: Outcome = Outcome.SUCCESS
    detail: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an event's time must be aware")
