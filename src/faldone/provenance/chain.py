"""The hash chain of the ledger: the rule that appends, and the rule that an auditor replays.

    hash(n) = sha256(0x00 ‖ hash(n-1) ‖ canonical(n, event))        hash(0) = 32 zero bytes

The leading 0x00 keeps the hash of an entry apart from that of a tree's inner node (RFC 6962, section 2.1).
What the chain proves and what it does not is told in docs/explanation/threat-model.md: whoever owns the database
can rewrite the whole chain; only a head that was kept elsewhere shows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from faldone.provenance.canonical import Record, encode

GENESIS = "0" * 64
"""The hash before the first entry. Hashes of the chain are SHA-256 in lower-case hex."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One event at its 1-based place, tied to the entry before it."""

    sequence: int
    record: Record
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainFault:
    """One thing wrong with the ledger, at the entry ``sequence``."""

    sequence: int
    italian: str
    english: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a replay of the ledger found. ``head`` is the last entry's stored hash."""

    entries: int
    head: str
    faults: tuple[ChainFault, ...]


def link(sequence: int, previous: str, record: Record) -> LedgerEntry:
    """The entry that ``record`` becomes after the entry whose hash is ``previous``."""
    return LedgerEntry(sequence, record, previous, _hash(sequence, previous, record))


def _hash(sequence: int, previous: str, record: Record) -> str:
    return hashlib.sha256(b"\x00" + bytes.fromhex(previous) + encode(sequence, record)).hexdigest()


def _holds(entry: LedgerEntry) -> bool:
    try:
        return _hash(entry.sequence, entry.previous, entry.record) == entry.hash
    except ValueError:  # `previous` was changed into something that is no hash at all
        return False


def verify_chain(
    entries: Iterable[LedgerEntry],
    *,
    start: tuple[int, str] = (0, GENESIS),
    length: int | None = None,
    head: str | None = None,
) -> ChainReport:
    """Replays the ledger, in order of sequence, and names every entry that does not follow.

    A fault does not hide the next: after an edited entry the replay goes on from its stored hash.

    Args:
        entries: the ledger as stored, ordered by sequence.
        start: after which entry they come: its number and its hash.
        length: how many entries there must be, where that is known; a shorter ledger was cut at its end.
        head: the hash that the last entry must have, where that is known.
    """
    faults: list[ChainFault] = []
    last, tip = start
    for entry in entries:
        if entry.sequence != last + 1:
            faults.append(
                ChainFault(
                    last + 1,
                    f"mancano le righe del registro da {last + 1} a {entry.sequence - 1}",
                    f"ledger entries {last + 1} to {entry.sequence - 1} are missing",
                )
            )
        elif entry.previous != tip:
            faults.append(
                ChainFault(
                    entry.sequence,
                    f"la riga {entry.sequence} del registro non segue la precedente",
                    f"ledger entry {entry.sequence} does not follow the one before it",
                )
            )
        if not _holds(entry):
            faults.append(
                ChainFault(
                    entry.sequence,
                    f"la riga {entry.sequence} del registro è stata modificata dopo la scrittura",
                    f"ledger entry {entry.sequence} was changed after it was written",
                )
            )
        tip, last = entry.hash, entry.sequence
    if length is not None and last < length:
        faults.append(
            ChainFault(
                last + 1,
                f"il registro finisce alla riga {last}, ma ne sono state scritte {length}",
                f"the ledger ends at entry {last}, but {length} were written",
            )
        )
    elif head is not None and tip != head:
        faults.append(
            ChainFault(
                last,
                f"l'ultima riga del registro ({last}) non è quella che è stata scritta per ultima",
                f"the last ledger entry ({last}) is not the one that was written last",
            )
        )
    return ChainReport(entries=last, head=tip, faults=tuple(faults))
