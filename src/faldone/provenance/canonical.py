"""The one byte form of a ledger entry, which the chain hashes (docs/adr/0004).

JSON with sorted keys, no white space, UTF-8; the format's version stands inside the bytes, so that a later form can
never be mistaken for this one. Every field goes in as the text that is stored, the detail too: whatever a stored row
was changed to, it still has canonical bytes, and they are not those that were hashed.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from faldone.domain.events import Event

FORMAT = 1
"""Version of the canonical form; a change of the form is a new number, never a new meaning of an old one."""

SALT = "salt"
"""The key of the salt in a detail."""


@dataclass(frozen=True, slots=True)
class Record:
    """An event as it is stored: text fields only. ``detail`` is JSON with sorted keys, ``at`` ISO 8601 in UTC."""

    type: str
    subject: str
    at: str
    agent: str
    outcome: str
    detail: str

    @classmethod
    def of(cls, event: Event, salt: str | None = None) -> Record:
        """The stored form of ``event``.

        Args:
            event: what happened.
            salt: what nobody can guess, kept with the detail: whoever is shown an entry's hash and not its detail
                could else try the few details that it may have. Entries of earlier versions have none.
        """
        detail = dict(event.detail) if salt is None else {**event.detail, SALT: salt}
        return cls(
            type=event.type.value,
            subject=event.subject,
            at=event.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            agent=event.agent,
            outcome=event.outcome.value,
            detail=json.dumps(detail, sort_keys=True, ensure_ascii=False),
        )


def encode(sequence: int, record: Record) -> bytes:
    """The canonical bytes of ``record`` at its place ``sequence`` (1-based) in the ledger."""
    return json.dumps(
        {
            "agent": record.agent,
            "at": record.at,
            "detail": record.detail,
            "format": FORMAT,
            "outcome": record.outcome,
            "sequence": sequence,
            "subject": record.subject,
            "type": record.type,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode("utf-8", "surrogatepass")
