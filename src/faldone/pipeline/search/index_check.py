"""Whether the search index holds just what the catalog says, asked from both sides; and what is wrong put right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from faldone.catalog.records import Document
from faldone.domain.events import AGENT, Event, EventType, Outcome
from faldone.domain.ids import DocumentId
from faldone.pipeline.ports import Ports
from faldone.pipeline.search.index import Progress, in_bulks, write
from faldone.pipeline.search.projection import project_all
from faldone.search.document import fingerprint
from faldone.search.index import Held


class Difference(StrEnum):
    """In what the index differs from the catalog."""

    MISSING = "missing"
    ORPHAN = "orphan"
    OLDER = "older"
    NEWER = "newer"
    CONTENT = "content"
    REFUSED = "refused"

    @property
    def italian(self) -> str:
        """The sentence that a person reads."""
        return _SENTENCES[self][0]

    @property
    def english(self) -> str:
        """The same in English."""
        return _SENTENCES[self][1]


_SENTENCES: dict[Difference, tuple[str, str]] = {
    Difference.MISSING: ("manca nell'indice", "is not in the index"),
    Difference.ORPHAN: ("è nell'indice ma non più in archivio", "is in the index and no longer in the archive"),
    Difference.OLDER: ("l'indice ne ha una versione vecchia", "the index has an older version"),
    Difference.NEWER: ("l'indice ne ha una versione che l'archivio non ha", "the index has a version nobody knows"),
    Difference.CONTENT: ("l'indice ne dice altro che l'archivio", "the index says something else of it"),
    Difference.REFUSED: ("l'indice non lo ha preso", "the index did not take it"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A document of which index and catalog differ."""

    document: DocumentId
    difference: Difference


@dataclass(slots=True)
class IndexReport:
    """What came of holding the index against the catalog.

    ``documents`` are those of the catalog that are in force, ``indexed`` those in the index, ``compared`` those whose
    whole content was; ``behind`` are on their way to the index, which is no difference. ``repaired`` of the
    ``findings`` were put right.
    """

    documents: int = 0
    indexed: int = 0
    compared: int = 0
    behind: int = 0
    repaired: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many differences are left."""
        return len(self.findings) - self.repaired


@dataclass(frozen=True, slots=True)
class _Pair:
    """What catalog and index hold under one id; one of the two may hold nothing."""

    id: DocumentId
    document: Document | None
    held: Held | None

    @property
    def behind(self) -> bool:
        """Whether the document is on its way to the index."""
        document = self.document
        return document is not None and document.version > document.indexed_version and not document.refused

    def difference(self) -> Difference | None:
        """In what the two differ by presence and version."""
        document, held = self.document, self.held
        if document is None:
            return Difference.ORPHAN
        if self.behind:
            return None
        if document.retired:
            return Difference.ORPHAN if held is not None else None
        if document.refused:
            return Difference.REFUSED
        if held is None:
            return Difference.MISSING
        if held.version == document.version:
            return None
        return Difference.OLDER if held.version < document.version else Difference.NEWER


def verify_index(
    ports: Ports,
    *,
    sample: int | None = None,
    seed: int = 0,
    repair: bool = False,
    progress: Progress = lambda _done, _all: None,
) -> IndexReport:
    """Holds the index against the catalog, both read once in the order of the ids.

    Args:
        ports: the archive.
        sample: about so many documents are compared to the word, the others by presence and version; None for all.
        seed: which documents are in the sample.
        repair: whether to write and delete what is wrong.
        progress: told how far it is.

    Raises:
        IndexUnavailableError: the index is away, or has to be rebuilt.
    """
    begun = ports.catalog.ledger_tail().length
    expected = ports.catalog.progress().documents
    share = 1.0 if sample is None else sample / max(expected, 1)
    report = IndexReport()
    for pairs in in_bulks(_pairs(ports)):
        report.documents += sum(pair.document is not None and not pair.document.retired for pair in pairs)
        report.indexed += sum(pair.held is not None for pair in pairs)
        report.behind += sum(pair.behind for pair in pairs)
        found = {pair.id: difference for pair in pairs if (difference := pair.difference()) is not None}
        settled = [pair for pair in pairs if pair.id not in found and not pair.behind]
        chosen = [pair for pair in settled if pair.held is not None and _in_sample(pair.id, share, seed)]
        report.compared += len(chosen)
        found |= dict.fromkeys(_altered(chosen, ports), Difference.CONTENT)
        report.findings += [Finding(document, found[document]) for document in sorted(found)]
        progress(report.documents, max(expected, report.documents))
    # What was written meanwhile was read from the one side before and from the other after.
    changed = set(ports.catalog.changed_since(begun)) if report.findings else set()
    report.findings = [finding for finding in report.findings if finding.document not in changed]
    if repair and report.findings:
        report.repaired = sum(_repair(some, ports) for some in in_bulks(report.findings))
        _record(report, ports)
    return report


def _pairs(ports: Ports) -> Iterator[_Pair]:
    """Catalog and index side by side, as two sorted lists are merged."""
    documents, held = ports.catalog.documents_by_id(), iter(ports.index.held())
    left, right = next(documents, None), next(held, None)
    while left is not None or right is not None:
        if left is not None and (right is None or left.id < right.id):
            yield _Pair(left.id, left, None)
            left = next(documents, None)
        elif right is not None and (left is None or right.id < left.id):
            yield _Pair(right.id, None, right)
            right = next(held, None)
        elif left is not None:
            yield _Pair(left.id, left, right)
            left, right = next(documents, None), next(held, None)


def _in_sample(document: DocumentId, share: float, seed: int) -> bool:
    drawn = hashlib.sha256(f"{seed}:{document}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") < share * 2**64


def _altered(pairs: Sequence[_Pair], ports: Ports) -> list[DocumentId]:
    """Those of which the index says something else than the catalog would write now."""
    now = project_all([pair.document for pair in pairs if pair.document is not None], ports)
    digests = {pair.id: pair.held.digest for pair in pairs if pair.held is not None}
    return [document.id for document in now if fingerprint(document) != digests[document.id]]


def _repair(findings: Sequence[Finding], ports: Ports) -> int:
    """Writes and deletes what is wrong; how many are right now."""
    known = ports.catalog.documents_with([finding.document for finding in findings])
    # An index keeps the higher version of a document, so that one goes first.
    gone = [one.document for one in findings if one.difference is Difference.NEWER or one.document not in known]
    if gone:
        ports.index.delete(gone)
    if known:
        write(list(known.values()), ports)
    refused = sum(document.refused for document in ports.catalog.documents_with(list(known)).values())
    return len(findings) - refused


def _record(report: IndexReport, ports: Ports) -> None:
    with ports.catalog.begin() as work:
        work.record(
            Event(
                type=EventType.INDEX_REPAIRED,
                subject="index",
                at=ports.clock(),
                agent=AGENT,
                outcome=Outcome.WARNING if report.wrong else Outcome.SUCCESS,
                detail={
                    "index": ports.index.name,
                    "differences": len(report.findings),
                    "repaired": report.repaired,
                },
            )
        )
