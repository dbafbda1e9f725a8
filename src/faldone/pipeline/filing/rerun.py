"""What new rules, a new model or a new register would change, shown before anything moves; then done on request.

What people confirmed is laid over every proposal, so it is the same before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from faldone.catalog.records import SourceState
from faldone.domain.attribution import Attribution, Band, DocumentProposal
from faldone.domain.digest import Digest
from faldone.domain.ids import DocumentId, document_id
from faldone.pipeline.filing.attribute import proposals_of
from faldone.pipeline.ports import Ports

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Difference:
    """A document as it is and as it would be; ``None`` where there is none. ``fields`` are those that would change."""

    document: DocumentId
    source: Digest
    before: DocumentProposal | None
    after: DocumentProposal | None
    fields: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether a paper that is filed by itself would lie in another dossier, or in none."""
        filed = self.before is not None and self.before.band is Band.AUTO
        return filed and bool({"holder", "service", "band", "document"} & set(self.fields))


def differences(ports: Ports, progress: Callable[[int], None] = lambda _: None) -> Iterator[Difference]:
    """Every document that would change, file by file; nothing is saved.

    Args:
        ports: the archive.
        progress: told how many files were looked at.
    """
    for done, source in enumerate(ports.catalog.sources(), start=1):
        if source.state is SourceState.PROPOSED and source.pages:
            now = {document.id: document.proposal for document in ports.catalog.documents(source.digest)}
            then = {
                document_id(source.digest, proposal.first_page): proposal
                for proposal in proposals_of(source, ports.register(), ports)
            }
            for document in sorted(now.keys() | then.keys()):
                before, after = now.get(document), then.get(document)
                fields = changed_fields(before, after)
                if fields:
                    yield Difference(document, source.digest, before, after, fields)
        progress(done)


def rerun(changed: Iterator[Difference], ports: Ports) -> int:
    """Sends the files of changed documents to attribution again; how many."""
    sources = {difference.source for difference in changed}
    documents = [document.id for source in sources for document in ports.catalog.documents(source)]
    with ports.catalog.begin() as work:
        return work.attribute_again(documents)


def changed_fields(before: DocumentProposal | None, after: DocumentProposal | None) -> tuple[str, ...]:
    """The names of the fields whose value differs; ``("document",)`` when it is new or gone."""
    if before is None or after is None:
        return ("document",)
    pairs = {
        "holder": (_holders(before), _holders(after)),
        "type": (_value(before.type), _value(after.type)),
        "service": (_value(before.service), _value(after.service)),
        "date": (_value(before.date), _value(after.date)),
        "protocol": (_value(before.protocol), _value(after.protocol)),
        "last_page": (before.last_page, after.last_page),
        "band": (before.band, after.band),
    }
    return tuple(name for name, (one, other) in pairs.items() if one != other)


def _value(attribution: Attribution[T] | None) -> T | None:
    return attribution.value if attribution is not None else None


def _holders(proposal: DocumentProposal) -> frozenset[str]:
    return frozenset(holder.value.person or holder.value.cf or holder.value.name for holder in proposal.holders)
