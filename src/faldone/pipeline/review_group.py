"""Documents that one answer settles, side by side with their proofs, so that the odd one out is seen before it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from faldone.catalog.catalog import Document
from faldone.domain.attribution import Band, DocumentProposal, Evidence
from faldone.domain.decision import ALONE
from faldone.domain.ids import DocumentId
from faldone.pipeline.bench import Bench
from faldone.pipeline.bench_words import Words
from faldone.pipeline.ports import Ports
from faldone.pipeline.review_queue import Item

MOST_TOGETHER: Final = 50
"""Nobody looks at more proofs than that before one key."""

_QUOTES: Final = 3

_OTHER_BATCH: Final[Words] = ("altro lotto", "another batch")
_OTHER_TYPE: Final[Words] = ("altro tipo di documento", "another type of document")
_OTHER_PROOF: Final[Words] = ("la persona è provata in un altro modo", "the person is told in another way")
_OTHER_DOUBTS: Final[Words] = ("ha anche altri dubbi", "has other doubts too")


@dataclass(frozen=True, slots=True)
class Member:
    """One of the documents: its proofs, and in what it differs; one that differs in something is not ticked."""

    document: Document
    quotes: tuple[Evidence, ...]
    differs: tuple[Words, ...]

    @property
    def ticked(self) -> bool:
        """Whether it is settled with the others unless somebody says otherwise."""
        return not self.differs


def may_group(bench: Bench, item: Item | None) -> bool:
    """Whether one answer may go to many.

    Never where two persons are possible or little was read, nor while a second doubt is open on the document that
    stands for all.
    """
    return (
        item is not None
        and item.together > 1
        and not item.held
        and not item.question.endswith(f":{ALONE}")
        and bench.stop is None
        and len(bench.doubts) == 1
    )


def group_of(bench: Bench, item: Item, items: Sequence[Item], ports: Ports) -> tuple[Member, ...]:
    """The other documents that ask the same, outliers first.

    Args:
        bench: the document that stands for all.
        item: its place in the queue.
        items: the queue as the asker may see it: no other document becomes part of the group.
        ports: the archive.
    """
    if not may_group(bench, item):
        return ()
    same = [one.document for one in items if one.question == item.question and not one.held]
    # The asker's own batch first: where there are more than can be looked at, these are the ones.
    batches = {one.document: one.batch for one in items}
    same.sort(key=lambda one: batches[one] != item.batch)
    wanted: list[DocumentId] = [one for one in same if one != item.document][: MOST_TOGETHER - 1]
    found = ports.catalog.documents_with(wanted)
    members = [
        _member(found[one], bench.document.proposal, other_batch=batches[one] != item.batch)
        for one in wanted
        if one in found and found[one].proposal.band is Band.REVIEW
    ]
    return tuple(sorted(members, key=lambda member: member.ticked))


def _member(document: Document, model: DocumentProposal, *, other_batch: bool) -> Member:
    proposal = document.proposal
    differs: list[Words] = []
    if other_batch:
        differs.append(_OTHER_BATCH)
    if _type(proposal) != _type(model):
        differs.append(_OTHER_TYPE)
    if [one.method for one in proposal.holders] != [one.method for one in model.holders]:
        differs.append(_OTHER_PROOF)
    if set(proposal.reasons) - set(model.reasons):
        differs.append(_OTHER_DOUBTS)
    proofs = [proof for holder in proposal.holders for proof in holder.evidence]
    if not proofs and proposal.type is not None:
        proofs = list(proposal.type.evidence)
    return Member(document, tuple(proofs[:_QUOTES]), tuple(differs))


def _type(proposal: DocumentProposal) -> str | None:
    return proposal.type.value if proposal.type is not None else None
